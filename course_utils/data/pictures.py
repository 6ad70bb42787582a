"""A reader's own images: single files, and a folder with a folder of images for each class."""

from pathlib import Path

import numpy as np

from .record import DataSet, divided, progress, resized, unit_floats

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp")


def by_stem(folder: Path) -> dict[str, Path]:
    """Return the images in a folder, by their names without ending."""
    paths = [path for path in sorted(folder.glob("[!.]*")) if path.suffix.lower() in SUFFIXES]
    found = {path.stem: path for path in paths}
    if len(found) < len(paths):
        raise ValueError(f"{folder}: expected images of different names, got some that differ in the ending only")
    return found


def load(folder: Path, size: tuple[int, int] | None = None, at_least: int = 1) -> DataSet:
    """Load the images of all class folders, resized if a size (height, width) is given."""
    files = sorted(folder.glob("[!.]*/[!.]*"))
    if not files:
        raise ValueError(f"{folder}: expected a folder for each class with its images inside, got no such folder")
    images = []
    for path in progress(files, "Reading images"):
        image = read(path)
        images.append(resized(image, *size) if size else image)
        if images[-1].shape[:2] != images[0].shape[:2]:
            raise ValueError(
                f"{path}: expected {images[0].shape[:2]} pixels (height, width) like {files[0]}, "
                f"got {image.shape[:2]}; load(..., size=(height, width)) resizes all to one size"
            )
    labels = np.array([path.parent.name for path in files])
    return divided(folder, np.stack(alike(images)), labels, at_least=at_least)


def read(path: Path) -> np.ndarray:
    """Read an image as float32 in 0 to 1, (height, width, 1 or 3), held upright."""
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as opened:
            picture = ImageOps.exif_transpose(opened)
            if picture.mode.startswith("I;16"):  # 16-bit grey
                return (np.asarray(picture) / np.float32(65535))[..., None]
            picture = picture.convert("L" if picture.mode in ("1", "L") else "RGB")
            return unit_floats(np.atleast_3d(np.asarray(picture)))
    except Exception as error:  # a damaged image makes Pillow raise nearly anything
        raise ValueError(f"{path}: expected an image, got {error}") from error


def alike(images: list[np.ndarray]) -> list[np.ndarray]:
    """Give all images three channels if one of them is in colour."""
    if all(image.shape[2] == 1 for image in images):
        return images
    return [np.broadcast_to(image, (*image.shape[:2], 3)) for image in images]
