"""A folder with a folder of pictures for each class."""

import sys
from pathlib import Path

import numpy as np

from .. import arguments
from .record import DataSet, divided


def load(folder: Path, size: tuple[int, int] | None = None, at_least: int = 1) -> DataSet:
    """Load every picture of every class folder.

    Parameters
    ----------
    folder : Path
        Its folders' names are the classes. Names that begin with a dot are passed over.
    size : (height, width), optional
        Bring all pictures to this size. Without it they must all have one.
    at_least : int
        How many pictures each class must have.

    Raises
    ------
    ValueError
        If a class is empty or too small, a file is no picture or lies outside the folder, or sizes differ.
    """
    from tqdm import tqdm

    if size is not None:
        size = tuple(arguments.integer("size", side, at_least=1) for side in size)
    classes = [path for path in inside(folder, folder) if path.is_dir()]
    loose = [path for path in inside(folder, folder) if not path.is_dir()]
    if not classes:
        raise ValueError(f"{folder}: expected a folder for each class with its pictures inside, got no folder")
    if loose:
        raise ValueError(f"{loose[0]}: expected only class folders here, got a file")
    files, labels = [], []
    for number, path in enumerate(classes):
        found = inside(path, folder)
        if not found:
            raise ValueError(f"{path}: expected pictures of class {path.name!r}, got an empty folder")
        files += found
        labels += [number] * len(found)

    images = []
    for path in tqdm(files, desc="Reading pictures", disable=len(files) < 500, leave=False, file=sys.stdout):
        images.append(read(path, size))
        if images[-1].shape[:2] != images[0].shape[:2]:
            raise ValueError(
                f"{path}: expected {images[0].shape[:2]} pixels (height, width) like {files[0].name}, "
                f"got {images[-1].shape[:2]}; load(..., size=(height, width)) brings all to one size"
            )
    if any(image.ndim == 3 for image in images):  # one picture in colour makes all of them colour
        images = [image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2) for image in images]
    names = [path.name for path in classes]
    return divided(folder, np.stack(images), np.array(labels), names=names, at_least=at_least)


def inside(folder: Path, root: Path) -> list[Path]:
    """List a folder, in order, and refuse what leads out of the root."""
    return [contained(path, root) for path in sorted(folder.iterdir()) if not path.name.startswith(".")]


def contained(path: Path, root: Path) -> Path:
    """Return a path, or refuse it if it leads out of the root."""
    if not path.resolve().is_relative_to(root.resolve()):
        raise ValueError(f"{path}: expected a file inside {root}, got a link that leads out of it")
    return path


def read(path: Path, size: tuple[int, int] | None = None, upright: bool = True) -> np.ndarray:
    """Read a picture as 8-bit (height, width) or (height, width, 3), transparent parts white.

    Parameters
    ----------
    path : Path
    size : (height, width), optional
        Bring it to this size.
    upright : bool
        Turn it as the camera says it was held.

    Raises
    ------
    ValueError
        If it is none; the message names the file.
    """
    try:
        return _read(path, size, upright)
    except Exception as error:  # a damaged picture makes Pillow raise nearly anything
        raise ValueError(f"{path}: expected a picture, got {error}") from error


def _read(path: Path, size: tuple[int, int] | None, upright: bool) -> np.ndarray:
    from PIL import Image, ImageOps

    if not path.is_file():
        raise ValueError("a folder" if path.is_dir() else "no file")
    with Image.open(path) as opened:
        picture = ImageOps.exif_transpose(opened) if upright else opened
        if picture.mode.startswith("I;16"):  # 16-bit grey
            picture = Image.fromarray((np.asarray(picture) // 257).astype(np.uint8))
        elif picture.mode in ("1", "L"):
            picture = picture.convert("L")
        else:
            picture = picture.convert("RGBA")
            picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
        if size is not None:
            picture = picture.resize(size[::-1], Image.Resampling.BILINEAR, reducing_gap=3)
        return np.asarray(picture)
