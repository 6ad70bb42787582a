"""Printed letters on pieces of photographs: what the slim VGG learned from. See data/vgg16_slim.md."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from . import clutter

COUNTS = {"train": 30_000, "validation": 2_000, "test": 2_000}

# Capitals, and those small letters that are not a capital made smaller.
CLASSES = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghijlmnqrt")
# All come with Matplotlib, from 3.9 on. No two parts share a font or a photograph; none shares a photograph with
# cluttered_digits.
FONTS = {
    "train": """DejaVuSans DejaVuSans-Bold DejaVuSans-BoldOblique DejaVuSans-Oblique DejaVuSansMono
        DejaVuSansMono-Bold DejaVuSansMono-BoldOblique DejaVuSerif DejaVuSerif-Bold DejaVuSerif-BoldItalic
        STIXGeneral STIXGeneralBolIta STIXGeneralItalic cmb10 cmmi10 cmr10 cmtt10""",
    "validation": "DejaVuSerif-Italic cmss10",
    "test": "DejaVuSansMono-Oblique STIXGeneralBol",
}
PHOTOS = {
    "train": "astronaut cat coffee coins grass hubble_deep_field immunohistochemistry page",
    "validation": "brick",
    "test": "clock",
}
FONTS, PHOTOS = ({part: tuple(names.split()) for part, names in one.items()} for one in (FONTS, PHOTOS))

DRAWN = 48  # pixels: the height of a letter's box when it is drawn, before it is warped
HEIGHT = (14.0, 28.0)  # of that box in the image, in pixels
ROTATION, SHEAR, STRETCH, SHIFT = 15.0, 0.2, 0.2, 4.0  # at most: degrees, fractions, pixels


def make(counts: dict[str, int] = COUNTS) -> dict[str, np.ndarray]:
    """Make letters in colour as 8-bit arrays (count, 32, 32, 3), with their labels, numbers of `CLASSES`.

    Examples
    --------
    >>> sorted(make({"test": 5}))
    ['test_images', 'test_labels']
    """
    made = {}
    for part, count in counts.items():
        rng = np.random.default_rng(list(FONTS).index(part))
        labels = rng.permutation(np.resize(np.arange(len(CLASSES)), count))
        made[f"{part}_images"] = clutter.painted(shapes(labels, FONTS[part], rng), PHOTOS[part], rng)
        made[f"{part}_labels"] = labels
    return made


def shapes(labels: np.ndarray, fonts: Sequence[str], rng: np.random.Generator) -> np.ndarray:
    """Draw letters of any size, position and slant, each in one of the fonts: (count, SIZE, SIZE), in 0 to 1."""
    from PIL import Image

    drawn = [[_drawn(letter, font) for letter in CLASSES] for font in fonts]
    size = clutter.SIZE
    covered = np.empty((len(labels), size, size), np.float32)
    for shape, label in zip(covered, labels, strict=True):
        letter = drawn[rng.integers(len(fonts))][label]
        angle = np.radians(rng.uniform(-ROTATION, ROTATION))
        zoom = letter.height / rng.uniform(*HEIGHT) * (1 + rng.uniform(-STRETCH, STRETCH, 2))
        shear = rng.uniform(-SHEAR, SHEAR)
        # From a pixel of the image to a point of the drawn letter.
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        matrix = np.diag(zoom) @ np.array([[1, shear], [0, 1]]) @ turn
        centre = (size - 1) / 2 + rng.uniform(-SHIFT, SHIFT, 2)
        offset = np.array([letter.width / 2, letter.height / 2]) - matrix @ centre
        (a, b), (d, e) = matrix
        warped = letter.transform((size, size), Image.Transform.AFFINE, (a, b, offset[0], d, e, offset[1]), 2)
        shape[:] = np.asarray(warped, np.float32) / 255
    return covered


def _drawn(letter: str, font: str):
    """Draw a letter, white on black, with a margin."""
    from matplotlib import get_data_path
    from PIL import Image, ImageDraw, ImageFilter, ImageFont

    face = ImageFont.truetype(str(Path(get_data_path(), "fonts/ttf", f"{font}.ttf")), DRAWN)
    left, top, right, bottom = face.getbbox(letter)
    picture = Image.new("L", (right - left + 8, bottom - top + 8))
    ImageDraw.Draw(picture).text((4 - left, 4 - top), letter, fill=255, font=face)
    return picture.filter(ImageFilter.GaussianBlur(0.8))  # it is about to be made smaller
