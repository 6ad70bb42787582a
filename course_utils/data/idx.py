"""IDX files, the format of MNIST: one of images and one of labels, also gzipped."""

import gzip
import math
import re
import zlib
from pathlib import Path

import numpy as np

from .record import DataSet, Part, divided

UNSIGNED_BYTES = 8  # the format's code for the one type that pictures come in


def is_idx(path: Path) -> bool:
    """Tell whether a file's name is one of an IDX file."""
    return path.is_file() and re.search(r"idx\d|\.idx", path.name) is not None


def load(path: Path) -> DataSet:
    """Load a file of images with its file of labels, or a folder with such pairs.

    In a folder, files named "train" are training data and those named "t10k" or "test" are test data.
    """
    if path.is_file():
        return divided(path, *_pair(path))
    images = sorted(file for file in path.iterdir() if is_idx(file) and "images" in file.name)
    test = [file for file in images if re.search("t10k|test", file.name)]
    train = [file for file in images if file not in test]
    if len(train) > 1 or len(test) > 1 or not images:
        found = ", ".join(file.name for file in images) or "none"
        raise ValueError(f"{path}: expected one IDX file of training images and one of test images, got {found}")
    if train and test:
        return divided(path, *_pair(train[0]), held_out=Part(*_pair(test[0])))
    return divided(path, *_pair(images[0]))


def read(path: Path) -> np.ndarray:
    """Read one IDX file of unsigned bytes.

    Raises
    ------
    ValueError
        If it is not such a file, or is shorter or longer than its head says.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
            head = file.read(4)
            if len(head) < 4 or head[:2] != b"\0\0" or head[2] != UNSIGNED_BYTES or not 1 <= head[3] <= 4:
                raise ValueError(
                    f"{path}: expected an IDX file of unsigned bytes (magic 00 00 08 0N), got {head.hex(' ')}"
                )
            sizes = [int.from_bytes(file.read(4), "big") for _ in range(head[3])]
            expected = math.prod(sizes)
            content = file.read(expected + 1)
    except (OSError, EOFError, zlib.error, MemoryError, OverflowError) as error:
        raise ValueError(f"{path}: expected a whole IDX file, got one that cannot be read ({error})") from error
    if len(content) != expected:
        came = "more" if len(content) > expected else f"{len(content)}"
        raise ValueError(f"{path}: expected {expected} bytes of content for sizes {sizes}, got {came}")
    return np.frombuffer(content, np.uint8).reshape(sizes)


def _pair(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read a file of images and the file of labels that goes with it."""
    name = path.name.replace("images", "labels").replace("idx3", "idx1").replace("idx4", "idx1")
    plain = name.removesuffix(".gz")
    partner = next((path.with_name(n) for n in (plain, f"{plain}.gz") if path.with_name(n).is_file()), None)
    if partner is None or partner == path:
        raise ValueError(f"{path}: expected its labels beside it in {name}, got no such file")
    images, labels = read(path), read(partner)
    if images.ndim not in (3, 4) or 0 in images.shape:
        raise ValueError(f"{path}: expected images (n, height, width[, channels]), got sizes {images.shape}")
    if labels.shape != images.shape[:1]:
        raise ValueError(f"{partner}: expected {len(images)} labels, one for each image, got sizes {labels.shape}")
    return images, labels
