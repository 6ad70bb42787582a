"""The photographs that scikit-image ships in its wheel. See data/photos.md."""

from collections.abc import Iterable

import numpy as np

from .record import DataSet, Part, unit_floats

# By part, so that what is cut from photographs for training never shares a photograph with what tests it.
NAMES = {
    "train": (
        "astronaut", "brick", "cat", "clock", "coffee", "coins", "grass", "hubble_deep_field",
        "immunohistochemistry", "page",
    ),
    "validation": ("gravel", "moon", "text"),
    "test": ("camera", "cell", "retina", "rocket"),
}  # fmt: skip
LICENCE = "CC0 or public domain (see data/photos.md)"
SOURCE = "scikit-image's shipped sample data"


def read(names: Iterable[str]) -> list[np.ndarray]:
    """Read photographs as float32 in 0 to 1, (height, width, 1 or 3)."""
    from skimage import data

    pictures = [getattr(data, name)() for name in names]
    return [unit_floats(np.atleast_3d(picture)[None, ..., :3])[0] for picture in pictures]


def load() -> DataSet:
    """Read all photographs; a photograph's class is its name."""
    names = sorted(sum(NAMES.values(), ()))
    parts = {}
    for part, chosen in NAMES.items():
        parts[part] = Part(read(chosen), np.array([names.index(name) for name in chosen]))
    return DataSet("photos", **parts, class_names=tuple(names), licence=LICENCE, source=SOURCE)
