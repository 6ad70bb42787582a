"""A reader's own images, each with a mask that gives the class of every pixel."""

from pathlib import Path
from reprlib import repr as short

import numpy as np

from . import pictures
from .record import DataSet, MaskPart, progress, resized, split

FOLDERS = (("image", "label"), ("images", "masks"), ("imgs", "masks"))
MOST = 32  # classes, where the reader does not say how many: higher numbers are rather shades of grey


def folders(path: Path) -> tuple[Path, Path] | None:
    """Return the folders of images and of masks inside a folder, or None."""
    pairs = [(path / images, path / masks) for images, masks in FOLDERS]
    return next((pair for pair in pairs if pair[0].is_dir() and pair[1].is_dir()), None)


def load(
    images_folder: Path, masks_folder: Path, size: tuple[int, int] | None = None, classes: int | None = None
) -> DataSet:
    """Load images and their masks.

    An image and its mask have the same name, up to the ending: image/1.tif and label/1.png. A mask is

    - black and white (0 and 255): white is class 1;
    - or grey, the value of a pixel being the number of its class: 0, 1, 2, ...;
    - or has a palette, the number of a pixel's colour in the palette being that of its class.

    As soon as one mask has 255, all are black and white. Pairs are divided 70, 15 and 15 to a hundred, always the
    same way. One image in colour makes all of them colour.

    Parameters
    ----------
    size : (height, width), optional
        Resize all images and masks. Without it, images of several sizes come as lists.
    classes : int, optional
        How many classes there are, the background included; default: as many as the masks' largest number says.
    """
    from skimage.transform import resize

    files, mask_files = pictures.by_stem(images_folder), pictures.by_stem(masks_folder)
    alone = sorted(set(files) ^ set(mask_files))
    if alone:
        raise ValueError(
            f"{images_folder}, {masks_folder}: expected an image and a mask of each name, got only one of {alone[:5]}"
        )
    if len(files) < 3:
        raise ValueError(f"{images_folder}: expected at least 3 images with their masks, got {len(files)}")
    images, masks = [], []
    for name, path in progress(list(files.items()), "Reading images"):
        image, mask = pictures.read(path), read_mask(mask_files[name])
        if image.shape[:2] != mask.shape:
            raise ValueError(
                f"{mask_files[name]}: expected its image's {image.shape[:2]} pixels (height, width), got {mask.shape}"
            )
        if size:
            image = resized(image, *size)
            mask = resize(mask, size, order=0, preserve_range=True, anti_aliasing=False).astype(mask.dtype)
        images.append(image)
        masks.append(mask)
    white = max(mask.max() for mask in masks) == 255
    allowed = (0, 255) if white else range(min(classes or MOST, 256))
    for name, mask in zip(files, masks, strict=True):
        if not np.isin(mask, allowed).all():
            raise ValueError(
                f"{mask_files[name]}: expected a mask of 0 and 255 like all others, or of class numbers below "
                f"{classes or MOST} (classes= allows more), got {short(np.unique(mask).tolist())}. "
                "JPEG adds shades of grey: save masks as PNG. A border of 255 needs the number of a class."
            )
    masks = [(mask > 0 if white else mask).astype(np.uint8) for mask in masks]
    count = classes or max(2, 1 + max(int(mask.max()) for mask in masks))
    images = pictures.alike(images)
    together = np.stack if len({image.shape for image in images}) == 1 else list
    parts = []
    for chosen in split(np.zeros(len(images), int)):
        parts.append(MaskPart(together([images[i] for i in chosen]), together([masks[i] for i in chosen])))
    names = ("background", "object") if count == 2 else tuple(map(str, range(count)))
    return DataSet(images_folder.absolute().parent.name, *parts, class_names=names)


def read_mask(path: Path) -> np.ndarray:
    """Read a mask as the numbers in the file, (height, width)."""
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as opened:
            picture = ImageOps.exif_transpose(opened)
            mode = {"1": "L", "LA": "RGB", "RGBA": "RGB"}.get(picture.mode, picture.mode)
            values = np.asarray(picture.convert(mode))
    except Exception as error:  # a damaged image makes Pillow raise nearly anything
        raise ValueError(f"{path}: expected a mask, got {error}") from error
    if values.ndim == 3 and (values == values[..., :1]).all():  # grey, though saved in colour
        values = values[..., 0]
    if values.ndim != 2 or values.dtype.kind not in "ui":
        raise ValueError(
            f"{path}: expected a mask in black and white, in grey with class numbers, or with a palette; "
            f"got {mode}, in colour or in fractions"
        )
    return values
