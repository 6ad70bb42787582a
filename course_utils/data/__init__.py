"""Every data set of the course in one form, and a reader's own beside them."""

from os import PathLike
from pathlib import Path
from typing import NamedTuple

from .. import arguments, runtime
from . import boxed, cache, cells, cluttered_digits, digits, downloads, idx, masks, npz, photos, pictures, scenes
from .record import BoxedPart, DataSet, MaskPart, Part

__all__ = ["BoxedPart", "DataSet", "Entry", "MaskPart", "Part", "catalogue", "load"]

_SHIPPED = {
    "digits": lambda: digits.load(cache.made_once(f"digits-{digits.RECIPE}", digits.make)),
    "cluttered_digits": lambda: cluttered_digits.load(
        cache.made_once(f"cluttered_digits-{cluttered_digits.RECIPE}", cluttered_digits.make)
    ),
    "photos": photos.load,
    "scenes": lambda: scenes.load("scenes"),
    "one_digit": lambda: scenes.load("one_digit"),
    "cells": cells.load,
}


class Entry(NamedTuple):
    """One line of the catalogue."""

    name: str
    content: str
    licence: str
    source: str
    megabytes: int
    here: bool


def catalogue() -> list[Entry]:
    """List the data sets that `load` knows by name.

    Examples
    --------
    >>> [entry.name for entry in catalogue()]
    ['digits', 'cluttered_digits', 'photos', 'scenes', 'one_digit', 'cells', 'mnist', 'fashion_mnist']
    """
    entries = [
        Entry("digits", "14,000 handwritten digits, 28x28 grey", digits.LICENCE, digits.SOURCE, 11, True),
        Entry(
            "cluttered_digits",
            "2,100 handwritten digits on photographs, 32x32 in colour",
            cluttered_digits.LICENCE,
            cluttered_digits.SOURCE,
            8,
            True,
        ),
        Entry("photos", "17 photographs, grey and colour", photos.LICENCE, photos.SOURCE, 5, True),
        Entry("scenes", "2,600 photographs 96x96 with 1 to 8 digits in boxes", scenes.LICENCE, scenes.SOURCE, 72, True),
        Entry(
            "one_digit",
            "7,500 photographs 48x48 with one digit in a box, or none",
            scenes.LICENCE,
            scenes.SOURCE,
            52,
            True,
        ),
        Entry("cells", "320 pictures of cells 128x128 with their outlines", cells.LICENCE, cells.SOURCE, 11, True),
    ]
    for name, content in (("mnist", "handwritten digits"), ("fashion_mnist", "pieces of clothing")):
        about = downloads.SETS[name]
        content = f"70,000 {content}, 28x28 grey"
        entries.append(Entry(name, content, about.licence, about.source, about.megabytes, downloads.is_here(name)))
    return entries


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
        A name in `catalogue()`; or a folder with a folder of pictures for each class; or an NPZ file; or an
        IDX file of images beside its labels, or the folder of both; or, of pictures with boxes, a folder in the
        form of Pascal VOC or a JSON file in that of COCO (`help(course_utils.data.boxed.load)` has the forms);
        or, of pictures with masks, a folder with `image` and `label`, `images` and `masks`, or the like, or the two
        folders themselves (`help(course_utils.data.masks.load)`).
    size : (height, width), optional
        Only for pictures in files: bring them all to this size, those with boxes by `BoxedPart.fitted`.
    at_least : int
        Only for a folder of class folders: how many each class must have. (Below 3 a class cannot be divided.)
    on_error : "raise" or "drop"
        Only for pictures with boxes: refuse them for what is at fault, or leave that out and print how much it is.
    classes : int, optional
        Only for pictures with masks: how many classes there are, the background included.

    Returns
    -------
    DataSet
        With `train`, `validation` and `test`, each of images and labels, or truths (boxes), or masks; and
        `class_names`.

    Raises
    ------
    ValueError
        If there is no such data, or it is damaged; the message names the file.
    ConnectionError
        If the data must be fetched and cannot be.
    """
    if isinstance(name_or_path, tuple | list):
        return _load_pair(name_or_path, size, classes)
    if not isinstance(name_or_path, str | PathLike) or not str(name_or_path).strip():
        raise TypeError(f"name_or_path: expected the name of a data set or a path, got {name_or_path!r}")
    if name_or_path in _SHIPPED:
        return _SHIPPED[name_or_path]()
    arguments.integer("at_least", at_least, at_least=1)
    arguments.one_of("on_error", on_error, boxed.ON_ERROR)
    runtime.note_own_data(str(name_or_path))
    if name_or_path in downloads.SETS:
        return downloads.load(name_or_path)

    path = Path(name_or_path).expanduser()
    if not path.exists():
        names = ", ".join(entry.name for entry in catalogue())
        raise ValueError(f"name_or_path: expected one of {names}, or the path of your own data, got {str(path)!r}")
    if path.suffix == ".npz":
        return npz.load(path)
    if boxed.is_boxed(path):
        return boxed.load(path, on_error, size)
    if masks.is_masks(path):
        return masks.load(path, size, classes)
    if path.is_dir() and not any(map(idx.is_idx, path.iterdir())):
        return pictures.load(path, size, at_least)
    if path.is_dir() or idx.is_idx(path):
        return idx.load(path)
    raise ValueError(
        f"{path}: expected a folder of class folders or of pictures with boxes or masks, "
        f"an NPZ, an IDX or a JSON file, got {path.suffix or 'a file'!r}"
    )


def _load_pair(paths: tuple | list, size: tuple[int, int] | None, classes: int | None) -> DataSet:
    if len(paths) != 2 or not all(isinstance(path, str | PathLike) and str(path).strip() for path in paths):
        raise TypeError(f"name_or_path: expected the folder of pictures and that of masks, got {paths!r}")
    first, second = (Path(path).expanduser() for path in paths)
    runtime.note_own_data(f"{first}, {second}")
    return masks.load((first, second), size, classes)
