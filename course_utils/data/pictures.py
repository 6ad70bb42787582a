"""A reader's own pictures: single files, and a folder with a folder of pictures for each class."""

from pathlib import Path

import numpy as np

from .record import DataSet, divided, progress, resized, unit_floats

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp")


def by_stem(folder: Path) -> dict[str, Path]:
    """Return the pictures in a folder, by their names without ending."""
    return {path.stem: path for path in sorted(folder.iterdir()) if path.suffix.lower() in SUFFIXES}


def load(folder: Path, size: tuple[int, int] | None = None, at_least: int = 1) -> DataSet:
    """Load every picture of every class folder; names that begin with a dot are passed over.

    Parameters
    ----------
    size : (height, width), optional
        Resize all pictures to this size. Without it they must all have one.
    at_least : int
        How many pictures each class must have.
    """
    classes = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    if not classes:
        raise ValueError(f"{folder}: expected a folder for each class with its pictures inside, got no folder")
    found = [sorted(file for file in path.iterdir() if not file.name.startswith(".")) for path in classes]
    for path, files in zip(classes, found, strict=True):
        if not files:
            raise ValueError(f"{path}: expected pictures of class {path.name!r}, got an empty folder")
    images = []
    for path in progress(sum(found, []), "Reading pictures"):
        image = read(path)
        images.append(resized(image, *size) if size else image)
        if images[-1].shape[:2] != images[0].shape[:2]:
            raise ValueError(
                f"{path}: expected {images[0].shape[:2]} pixels (height, width) like the first picture, "
                f"got {image.shape[:2]}; load(..., size=(height, width)) resizes all to one size"
            )
    labels = np.repeat(np.arange(len(classes)), [len(files) for files in found])
    return divided(folder, np.stack(alike(images)), labels, names=[path.name for path in classes], at_least=at_least)


def read(path: Path) -> np.ndarray:
    """Read a picture as float32 in 0 to 1, (height, width, 1 or 3), upright, transparent parts white."""
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as opened:
            picture = ImageOps.exif_transpose(opened)
            if picture.mode.startswith("I;16"):  # 16-bit grey
                return (np.asarray(picture) / np.float32(65535))[..., None]
            if picture.mode not in ("1", "L"):
                picture = picture.convert("RGBA")
                picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
            picture = picture.convert("L" if picture.mode in ("1", "L") else "RGB")
            return unit_floats(np.atleast_3d(np.asarray(picture)))
    except Exception as error:  # a damaged picture makes Pillow raise nearly anything
        raise ValueError(f"{path}: expected a picture, got {error}") from error


def alike(images: list[np.ndarray]) -> list[np.ndarray]:
    """Give all images three channels if one of them is in colour."""
    if all(image.shape[2] == 1 for image in images):
        return images
    return [np.broadcast_to(image, (*image.shape[:2], 3)) for image in images]
