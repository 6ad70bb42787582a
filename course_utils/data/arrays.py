"""A reader's own arrays: NumPy's NPZ, and IDX, the format of MNIST."""

import gzip
import re
from pathlib import Path

import numpy as np

from .record import DataSet, Part, divided

# Names in an NPZ file that are understood: images and labels, and those of the test part where there is one.
NAMES = (("x_train", "y_train", "x_test", "y_test"), ("images", "labels"), ("x", "y"))


def load_npz(path: Path) -> DataSet:
    """Load an NPZ file of images and labels; Python objects in it are refused."""
    try:
        with open(path, "rb") as file:
            found = dict(np.load(file, allow_pickle=False))
    except Exception as error:  # a damaged file makes NumPy raise nearly anything
        raise ValueError(f"{path}: expected an NPZ file of plain arrays, got {error}") from error
    names = next((names for names in NAMES if set(names) <= set(found)), None)
    if names is None:
        raise ValueError(f"{path}: expected arrays {', '.join(NAMES[0])}, or images and labels; got {', '.join(found)}")
    return _divided(path, *(found[name] for name in names))


def is_idx(path: Path) -> bool:
    """Tell whether a file has the name of an IDX file."""
    return path.is_file() and re.search(r"idx\d|\.idx", path.name) is not None


def load_idx(path: Path) -> DataSet:
    """Load a file of images with its file of labels, or a folder of such pairs: "train", and "t10k" or "test"."""
    images = [path]
    if path.is_dir():
        files = [file for file in path.iterdir() if is_idx(file) and "images" in file.name]
        test = [file for file in files if re.search("t10k|test", file.name)]
        images = [*(file for file in files if file not in test), *test]
        if not 1 <= len(images) <= 1 + len(test) <= 2:
            found = ", ".join(file.name for file in images) or "none"
            raise ValueError(f"{path}: expected a file of training images and one of test images, got {found}")
    labels = [file.with_name(re.sub("idx[34]", "idx1", file.name.replace("images", "labels"))) for file in images]
    return _divided(path, *(read_idx(file) for pair in zip(images, labels, strict=True) for file in pair))


def read_idx(path: Path) -> np.ndarray:
    """Read one IDX file of bytes, also gzipped."""
    try:
        content = path.read_bytes()
        content = gzip.decompress(content) if path.suffix == ".gz" else content
        if content[:3] != b"\0\0\x08":
            raise ValueError(f"one that begins with {content[:3].hex(' ')} instead of 00 00 08")
        sizes = np.frombuffer(content, ">u4", content[3], offset=4)
        return np.frombuffer(content, np.uint8, offset=4 + 4 * content[3]).reshape(sizes.tolist())
    except Exception as error:  # a damaged file makes gzip and NumPy raise nearly anything
        raise ValueError(f"{path}: expected an IDX file of bytes, got {error}") from error


def _divided(path: Path, *arrays: np.ndarray) -> DataSet:
    """Divide images and labels, and perhaps test images and test labels."""
    parts = []
    for images, labels in zip(arrays[::2], arrays[1::2], strict=True):
        images = images[..., None] if images.ndim == 3 else images
        labels = labels.squeeze()
        if images.ndim != 4 or not images.size or labels.shape != images.shape[:1]:
            raise ValueError(
                f"{path}: expected images (n, height, width) or (n, height, width, channels) and n labels, "
                f"got {images.shape} and {labels.shape}"
            )
        low, high = images.min(), images.max()
        if labels.dtype.kind not in "ui" or not (low >= 0 and high <= 255):  # also where they are NaN
            raise ValueError(
                f"{path}: expected images in 0 to 1 or 0 to 255, and whole numbers as labels, "
                f"got {low} to {high} and {labels.dtype}"
            )
        parts.append(Part(images / 255 if images.dtype.kind == "f" and high > 1 else images, labels))
    return divided(path, *parts[0], *parts[1:])
