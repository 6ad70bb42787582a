"""NumPy's NPZ files, as Keras and others ship data sets; pickled content is refused."""

import zipfile
from pathlib import Path

import numpy as np

from .record import DataSet, Part, divided

# Names of the arrays that are understood: images, labels, and those of the test part where there is one.
NAMES = (("x_train", "y_train", "x_test", "y_test"), ("train_images", "train_labels", "test_images", "test_labels"))
WHOLE = (("images", "labels"), ("x", "y"), ("data", "labels"), ("arr_0", "arr_1"))


def load(path: Path) -> DataSet:
    """Load an NPZ file.

    Raises
    ------
    ValueError
        If it is damaged, holds Python objects, lacks the arrays, or these are not images and labels.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            names = next((names for names in NAMES + WHOLE if set(names) <= set(file.files)), None)
            if names is None:
                raise ValueError(
                    f"{path}: expected arrays {', '.join(NAMES[0])}, or {' and '.join(WHOLE[0])}; "
                    f"got {', '.join(file.files)}"
                )
            arrays = [file[name] for name in names]
    except (OSError, EOFError, zipfile.BadZipFile, TypeError, AttributeError, KeyError) as error:
        raise ValueError(f"{path}: expected an NPZ file, got one that cannot be read ({error})") from error
    except ValueError as error:
        if str(path) in str(error):
            raise
        # NumPy's own: pickled objects, damaged arrays.
        raise ValueError(f"{path}: expected an NPZ file of plain arrays, got {error}") from error
    parts = [
        Part(_images(path, names[i], arrays[i]), _labels(path, names[i + 1], arrays[i + 1], len(arrays[i])))
        for i in range(0, len(arrays), 2)
    ]
    return divided(path, *parts[0], held_out=parts[1] if len(parts) > 1 else None)


def _images(path: Path, name: str, images: np.ndarray) -> np.ndarray:
    """Return images as 8-bit or as floats in 0 to 1."""
    where = f"{path}: {name}"
    if images.ndim not in (3, 4) or 0 in images.shape or (images.ndim == 4 and images.shape[3] not in (1, 3)):
        raise ValueError(
            f"{where}: expected shape (n, height, width) or (n, height, width, 1 or 3), got {images.shape}"
        )
    if images.dtype.kind not in "uif":
        raise ValueError(f"{where}: expected numbers, got {images.dtype}")
    low, high = images.min(), images.max()
    limit = 1 if images.dtype.kind == "f" and high <= 1 else 255
    if not (low >= 0 and high <= limit):  # also where they are NaN
        raise ValueError(f"{where}: expected values in 0 to 1, or 0 to 255, got {low} to {high}")
    return images if limit == 1 else (images / 255 if images.dtype.kind == "f" else images.astype(np.uint8))


def _labels(path: Path, name: str, labels: np.ndarray, count: int) -> np.ndarray:
    """Return labels as one whole number an image."""
    labels = labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels
    if labels.shape != (count,) or labels.dtype.kind not in "ui":
        raise ValueError(
            f"{path}: {name}: expected {count} whole numbers, one for each image, "
            f"got {labels.dtype} of shape {labels.shape}"
        )
    return labels
