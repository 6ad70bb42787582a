"""A reader's own pictures, each with a mask that tells the class of every pixel."""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .. import arguments
from . import pictures
from .boxed import SUFFIXES
from .record import DataSet, MaskPart, resized, shares, unit_floats

PICTURES = ("image", "images", "imgs")
MASKS = ("label", "labels", "mask", "masks")
MOST = 32  # classes, where the reader does not say how many: higher numbers are rather shades of grey
LARGEST = 256  # classes that can be told


def is_masks(path: Path) -> bool:
    """Tell whether a path is that of a folder with a folder of pictures and one of masks."""
    return path.is_dir() and all(_named(path, names) for names in (PICTURES, MASKS))


def load(path: Path | Sequence[Path], size: tuple[int, int] | None = None, classes: int | None = None) -> DataSet:
    """Load pictures and their masks.

    A picture and its mask have the same name, up to the ending: image/1.tif and label/1.png. A mask is

    - black and white (0 and 255): white is class 1;
    - or grey, the value of a pixel being the number of its class: 0, 1, 2, ...;
    - or a PNG with a palette, the number of a pixel's colour in the palette being that of its class.

    All are read in one way: as soon as one of them has 255, they are black and white. Pairs are divided 70, 15 and 15
    to a hundred, always the same way. One picture in colour makes all of them colour. Nothing is written.

    Parameters
    ----------
    path : Path, or two of them
        A folder with a folder `image`, `images` or `imgs` and a folder `label`, `labels`, `mask` or `masks`; or
        the folder of pictures and that of masks.
    size : (height, width), optional
        Bring all pictures to this size, and masks with them, these without mixing classes. Without it, pictures of
        several sizes come as lists.
    classes : int, optional
        How many classes there are, the background included; default: as many as the masks' largest number tells.

    Returns
    -------
    DataSet
        Its parts are `MaskPart`, with instances None.

    Raises
    ------
    ValueError
        If a file has no partner or is no picture or leads out of its folder, a picture and its mask differ in size,
        a mask has colours or values that are no classes, or there are fewer than three pairs.
    """
    if size is not None:
        if len(size) != 2:
            raise ValueError(f"size: expected (height, width), got {size}")
        size = tuple(arguments.integer("size", side, at_least=1) for side in size)
    if classes is not None:
        classes = arguments.integer("classes", classes, at_least=2)
        if classes > LARGEST:
            raise ValueError(f"classes: expected at most {LARGEST}, got {classes}")
    folders = _folders(path)
    pairs = _pairs(*folders)
    images, masks = _read(pairs)
    masks = _numbered(masks, [pair[1] for pair in pairs], classes)
    if any(image.shape[2] == 3 for image in images):
        images = [np.broadcast_to(image, (*image.shape[:2], 3)) for image in images]
    if size is not None:
        images = [resized(image, *size) for image in images]
        masks = [_resized_mask(mask, *size) for mask in masks]

    count = classes or max(2, 1 + max(int(mask.max()) for mask in masks))
    alike = len({image.shape for image in images}) == 1
    parts = []
    for share in shares(np.zeros(len(images), int)):
        part = [images[i] for i in share], [masks[i] for i in share]
        parts.append(MaskPart(*map(np.stack, part)) if alike else MaskPart(*part))
    names = ("background", "object") if count == 2 else tuple(map(str, range(count)))
    one = isinstance(path, Path)
    name, source = (
        (folders[0].parent if one else folders[0]).absolute().name,
        path if one else ", ".join(map(str, path)),
    )
    return DataSet(name, *parts, class_names=names, licence="your own", source=str(source))


# Files ------------------------------------------------------------------------------------------------------------


def _named(folder: Path, names: Sequence[str]) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name.lower() in names and path.is_dir())


def _folders(path: Path | Sequence[Path]) -> tuple[Path, Path]:
    """Return the folder of pictures and that of masks."""
    if not isinstance(path, Path):
        for folder in path:
            if not folder.is_dir():
                raise ValueError(f"{folder}: expected a folder, got {'a file' if folder.exists() else 'nothing there'}")
        if path[0].samefile(path[1]):
            raise ValueError(f"{path[0]}: expected a folder of pictures and another one of masks, got one for both")
        return tuple(path)
    both = [_named(path, names) for names in (PICTURES, MASKS)]
    for found, names, what in zip(both, (PICTURES, MASKS), ("pictures", "masks"), strict=True):
        if len(found) != 1:
            got = " and ".join(folder.name for folder in found) or "none"
            raise ValueError(
                f"{path}: expected one folder of {what} ({', '.join(names)}), got {got}; "
                "load((folder of pictures, folder of masks)) says which"
            )
    return tuple(pictures.contained(found[0], path) for found in both)


def _by_stem(folder: Path, what: str) -> dict[str, Path]:
    found = {}
    for path in pictures.inside(folder, folder):
        if path.is_dir() or path.suffix.lower() not in SUFFIXES:
            came = "a folder" if path.is_dir() else f"a file {path.suffix or 'without ending'}"
            raise ValueError(f"{path}: expected only {what} here, got {came}")
        if path.stem in found:
            raise ValueError(f"{path}: expected one file named {path.stem}, got also {found[path.stem].name}")
        found[path.stem] = path
    if not found:
        raise ValueError(f"{folder}: expected {what}, got an empty folder")
    return found


def _pairs(images: Path, masks: Path) -> list[tuple[Path, Path]]:
    by_stem = _by_stem(images, "pictures"), _by_stem(masks, "masks")
    for here, there, folder, what in ((*by_stem, masks, "a mask"), (*by_stem[::-1], images, "a picture")):
        alone = [path.name for stem, path in here.items() if stem not in there]
        if alone:
            more = ", ..." if len(alone) > 5 else ""
            raise ValueError(
                f"{folder}: expected {what} of the same name for each of {len(here):,} files, "
                f"got none for {len(alone):,}: {', '.join(alone[:5])}{more}"
            )
    if len(by_stem[0]) < 3:
        raise ValueError(f"{images}: expected at least 3 pictures with their masks, got {len(by_stem[0])}")
    return [(path, by_stem[1][stem]) for stem, path in by_stem[0].items()]


def _read(pairs: Sequence[tuple[Path, Path]]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    from tqdm import tqdm

    images, masks = [], []
    for path, mask_path in tqdm(pairs, "Reading pictures", disable=len(pairs) < 500, leave=False, file=sys.stdout):
        image, mask = unit_floats(pictures.read(path)[None])[0], _read_mask(mask_path)
        if image.shape[:2] != mask.shape:
            raise ValueError(
                f"{mask_path}: expected a mask of its picture's {image.shape[:2]} pixels (height, width), "
                f"got {mask.shape}"
            )
        images.append(image)
        masks.append(mask)
    return images, masks


# Masks ------------------------------------------------------------------------------------------------------------


def _read_mask(path: Path) -> np.ndarray:
    """Read a mask as the numbers that stand in the file, (height, width)."""
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as opened:
            picture = ImageOps.exif_transpose(opened)
            mode = picture.mode
            values = np.asarray(picture.convert("L") if mode == "1" else picture)
    except Exception as error:  # a damaged picture makes Pillow raise nearly anything
        raise ValueError(f"{path}: expected a mask, got {error}") from error
    if values.ndim == 3:
        values = _without_colour(path, values, mode)
    if values.dtype.kind not in "ui":
        raise ValueError(f"{path}: expected a mask of whole numbers, got {values.dtype} (read as {mode})")
    return values


def _without_colour(path: Path, values: np.ndarray, mode: str) -> np.ndarray:
    """Return the one channel of what is grey though saved in several."""
    if mode in ("LA", "RGB", "RGBA"):
        opaque = mode == "RGB" or (values[..., -1] == 255).all()
        shades = values[..., : 1 if mode == "LA" else 3]
        if opaque and (shades == shades[..., :1]).all():
            return shades[..., 0]
        coloured = np.argwhere((shades != shades[..., :1]).any(axis=2) if opaque else values[..., -1] < 255)
        example = tuple(values[tuple(coloured[0])].tolist())
    else:
        example = tuple(values[0, 0].tolist())
    raise ValueError(
        f"{path}: expected a mask in black and white (0 and 255), in grey with the numbers of classes (0, 1, 2, ...), "
        f"or a PNG with a palette; it was read as {mode}, in colour or transparent, with pixels such as {example}"
    )


def _few(values: Sequence[int]) -> str:
    listed = ", ".join(map(str, values[:3]))
    return listed + (f", ..., {values[-1]}" if len(values) > 4 else "".join(f", {value}" for value in values[3:]))


def _numbered(masks: list[np.ndarray], paths: Sequence[Path], classes: int | None) -> list[np.ndarray]:
    """Turn what stands in the files into numbers of classes."""
    values = [np.unique(mask).tolist() for mask in masks]
    # Only zeros tell nothing: the other masks say whether 0 means black or class 0.
    white = next((i for i, found in enumerate(values) if 255 in found and set(found) <= {0, 255}), None)
    limit = 2 if white is not None else classes or MOST
    for path, found in zip(paths, values, strict=True):
        if white is not None and not set(found) <= {0, 255}:
            raise ValueError(
                f"{path}: expected 0 and 255 (black and white) as in {paths[white].name}, got {_few(found)}"
                + _damage(found)
            )
        if white is None and (found[0] < 0 or found[-1] >= limit):
            told = f"classes={classes} allows 0 to {limit - 1}" if classes else "or classes= for more than that"
            raise ValueError(
                f"{path}: expected a mask of 0 and 255, or numbers of classes from 0 to {limit - 1} "
                f"({told}), got {_few(found)}" + _damage(found)
            )
    if white is not None:
        return [(mask > 0).astype(np.uint8) for mask in masks]
    return [mask.astype(np.uint8) for mask in masks]


def _damage(found: Sequence[int]) -> str:
    """Say what makes shades of grey out of black and white, where these values look like it."""
    if any(223 < value < 255 for value in found):  # nearly white, as no number of a class would be
        return "; saving as JPEG, or resizing, makes such shades of black and white: save masks as PNG"
    return "; 255 may stand for borders that belong to no class: give them the number of one" if 255 in found else ""


def _resized_mask(mask: np.ndarray, height: int, width: int) -> np.ndarray:
    from PIL import Image

    return np.asarray(Image.fromarray(mask).resize((width, height), Image.Resampling.NEAREST))
