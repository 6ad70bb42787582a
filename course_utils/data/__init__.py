"""Every data set of the course in one form, and a reader's own beside them."""

from os import PathLike
from pathlib import Path
from typing import NamedTuple

from .. import arguments, runtime
from . import (
    arrays,
    boxed,
    cells,
    cluttered_digits,
    digits,
    downloads,
    heartbeats,
    masks,
    mnist_small,
    photos,
    pictures,
    scenes,
    wheat,
)
from .record import BoxedPart, DataSet, MaskPart, Part, PointPart

__all__ = ["BoxedPart", "DataSet", "Entry", "MaskPart", "Part", "PointPart", "catalogue", "load"]


class Entry(NamedTuple):
    """One line of the catalogue; `here` says that nothing must be downloaded."""

    name: str
    content: str
    licence: str
    source: str
    megabytes: int
    here: bool = True


_UCI = "E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits (UCI), by way of scikit-learn"
_ON_PHOTOS = "digits CC BY 4.0; photographs CC0 or public domain", f"{_UCI}; on photographs that scikit-image ships"
_PHOTOS = "CC0 or public domain (see data/photos.md)", "scikit-image's shipped sample data"
_WHEAT = "CC0 or public domain (see data/photos.md)", "drawn by the course, on photographs that scikit-image ships"
_COMPUTED = "CC0", "computed by the course; no image of a real cell or heart was used"
_MNIST = "CC BY-SA 3.0", "Y. LeCun, C. Cortes, C. Burges: MNIST"
_FASHION = "MIT", "H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST"
_ENTRIES = (
    Entry("digits", "14,000 handwritten digits, 28x28 grey", "CC BY 4.0", _UCI, 11),
    Entry("cluttered_digits", "2,100 handwritten digits on photographs, 32x32 in colour", *_ON_PHOTOS, 8),
    Entry("photos", "17 photographs, grey and colour", *_PHOTOS, 5),
    Entry("scenes", "2,600 photographs 96x96 with 1 to 8 digits in boxes", *_ON_PHOTOS, 72),
    Entry("one_digit", "7,500 photographs 48x48 with one digit in a box, or none", *_ON_PHOTOS, 52),
    Entry("cells", "320 images of cells 128x128 with their outlines", *_COMPUTED, 11),
    Entry("wheat", "1,300 photographs 96x96 with 0 to 8 drawn ears of wheat, tips and bases known", *_WHEAT, 36),
    Entry("one_ear", "2,600 photographs 64x64 with one drawn ear of wheat, tip and base known", *_WHEAT, 32),
    Entry("heartbeats", "340 beating hearts, each in 5 images 64x64, with masks and motion", *_COMPUTED, 42),
    Entry("mnist_small", "5,000 handwritten digits of MNIST, 28x28 grey", *_MNIST, 1),
    Entry("mnist", "70,000 handwritten digits, 28x28 grey", *_MNIST, 12),
    Entry("fashion_mnist", "70,000 pieces of clothing, 28x28 grey", *_FASHION, 30),
)
_DIGITS = tuple("0123456789")
_LOADERS = {
    "digits": (digits.load, _DIGITS),
    "cluttered_digits": (cluttered_digits.load, _DIGITS),
    "photos": (photos.load, photos.CLASS_NAMES),
    "scenes": (lambda: scenes.load("scenes"), _DIGITS),
    "one_digit": (lambda: scenes.load("one_digit"), _DIGITS),
    "cells": (cells.load, ("background", "cell")),
    "wheat": (lambda: wheat.load("wheat"), ("tip", "base")),
    "one_ear": (lambda: wheat.load("one_ear"), ("tip", "base")),
    "heartbeats": (heartbeats.load, heartbeats.CLASS_NAMES),
    "mnist_small": (mnist_small.load, _DIGITS),
    "mnist": (lambda: downloads.load("mnist"), _DIGITS),
    "fashion_mnist": (lambda: downloads.load("fashion_mnist"), downloads.CLOTHING),
}


def catalogue() -> list[Entry]:
    """List the data sets that `load` knows by name.

    Examples
    --------
    >>> [entry.name for entry in catalogue()][:5]
    ['digits', 'cluttered_digits', 'photos', 'scenes', 'one_digit']
    """
    return [entry._replace(here=downloads.is_here(entry.name)) for entry in _ENTRIES]


def load(
    name_or_path: str | PathLike | tuple[str | PathLike, str | PathLike],
    size: tuple[int, int] | None = None,
    at_least: int = 1,
    on_error: str = "raise",
    classes: int | None = None,
) -> DataSet:
    """Load a data set by its name, or your own by its path.

    Parameters
    ----------
    name_or_path : str or path, or two paths
        A name in `catalogue()`; or a folder with a folder of images for each class; or an NPZ file; or an
        IDX file of images beside its labels, or the folder of both; or images with boxes
        (`help(data.boxed.load)` has the forms), or with masks, in one folder or two (`help(data.masks.load)`).
    size : (height, width), optional
        Only for images in files: resize them all, those with boxes by `BoxedPart.fitted`.
    at_least : int
        Only for a folder of class folders: how many images each class must have. (It cannot be less than 3.)
    on_error : "raise" or "drop"
        Only for images with boxes: refuse boxes that are wrong, or leave them out and print how many.
    classes : int, optional
        Only for images with masks: how many classes there are, the background included.

    Returns
    -------
    DataSet
        With `train`, `validation` and `test`, each of images and labels, or truths (boxes), or masks (and, of
        "heartbeats", motion), or points; and `class_names`.
    """
    paths = name_or_path if isinstance(name_or_path, tuple | list) else [name_or_path]
    if len(paths) not in (1, 2) or not all(isinstance(path, str | PathLike) and str(path).strip() for path in paths):
        raise TypeError(f"name_or_path: expected a name, a path or two folders, got {name_or_path!r}")
    arguments.integer("at_least", at_least, at_least=1)
    arguments.one_of("on_error", on_error, ("raise", "drop"))
    if size is not None:
        height, width = size
        size = arguments.integer("height", height, at_least=1), arguments.integer("width", width, at_least=1)
    if classes is not None:
        arguments.integer("classes", classes, at_least=2)
    entry = next((entry for entry in _ENTRIES if entry.name == name_or_path), None)
    if entry is None or entry.name in downloads.SHA256:
        runtime.note_own_data(", ".join(map(str, paths)))
    if entry is None:
        return _load_own([Path(path).expanduser() for path in paths], size, at_least, on_error, classes)
    read, class_names = _LOADERS[entry.name]
    return DataSet(entry.name, **read(), class_names=class_names)


def _load_own(paths: list[Path], size, at_least: int, on_error: str, classes: int | None) -> DataSet:
    for path in paths:
        if not path.exists():
            names = ", ".join(entry.name for entry in _ENTRIES)
            raise ValueError(f"name_or_path: expected one of {names}, or the path of your own data, got {str(path)!r}")
    path = paths[0]
    if len(paths) == 2:
        return masks.load(*paths, size, classes)
    if path.suffix == ".npz":
        return arrays.load_npz(path)
    if boxed.is_boxed(path):
        return boxed.load(path, on_error, size)
    if arrays.is_idx(path) or (path.is_dir() and any(map(arrays.is_idx, path.iterdir()))):
        return arrays.load_idx(path)
    if path.is_dir():
        folders = masks.folders(path)
        return masks.load(*folders, size, classes) if folders else pictures.load(path, size, at_least)
    raise ValueError(
        f"{path}: expected a folder of class folders or of images with boxes or masks, "
        f"an NPZ, an IDX or a JSON file, got {path.suffix or 'a file'!r}"
    )
