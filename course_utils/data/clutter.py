"""Small coloured shapes on pieces of photographs: what letters and cluttered digits have in common."""

from collections.abc import Sequence

import numpy as np

from . import photos

SIZE = 32  # height and width of a picture, in pixels
SHRUNK = (1, 2, 4)  # a photograph is cut at these scales
CONTRAST = 0.30  # least difference in brightness between a shape and what lies around it
NOISE = 0.04  # largest standard deviation of a pixel's noise
LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)


def backgrounds(names: Sequence[str], count: int, rng: np.random.Generator) -> np.ndarray:
    """Cut pieces (count, SIZE, SIZE, 3) from photographs, at several scales, mirrored and turned.

    Parameters
    ----------
    names : sequence of str
        Of photographs.
    """
    from skimage.transform import downscale_local_mean

    sheets = [
        np.broadcast_to(sheet, (*sheet.shape[:2], 3))
        for photo in photos.read(names)
        for sheet in (downscale_local_mean(photo, (scale, scale, 1)).astype(np.float32) for scale in SHRUNK)
        if min(sheet.shape[:2]) > SIZE
    ]
    pieces = np.empty((count, SIZE, SIZE, 3), np.float32)
    for piece, which in zip(pieces, rng.integers(len(sheets), size=count), strict=True):
        height, width = sheets[which].shape[:2]
        row, column = rng.integers(height - SIZE), rng.integers(width - SIZE)
        cut = sheets[which][row : row + SIZE, column : column + SIZE]
        piece[:] = np.rot90(cut[:: rng.choice((-1, 1))], rng.integers(4))
    return pieces


def painted(shapes: np.ndarray, names: Sequence[str], rng: np.random.Generator) -> np.ndarray:
    """Paint each shape in a colour of its own on a piece of photograph.

    Parameters
    ----------
    shapes : array (count, SIZE, SIZE)
        How much of each pixel a shape covers, in 0 to 1.
    names : sequence of str
        Of photographs.

    Returns
    -------
    array of uint8, (count, SIZE, SIZE, 3)
    """
    count = len(shapes)
    picture = backgrounds(names, count, rng)
    covered = shapes.astype(np.float32)[..., None]

    # Dim or wash out the piece, so that there is room for a brighter or darker shape.
    low = rng.uniform(0, 0.5, (count, 1, 1, 1)).astype(np.float32)
    picture = low + picture * rng.uniform(0.4, 1.0, (count, 1, 1, 1)).astype(np.float32) * (1 - low)
    around = (picture @ LUMINANCE).mean(axis=(1, 2))

    colour = rng.uniform(0, 1, (count, 3)).astype(np.float32)
    step = rng.uniform(CONTRAST, 0.8, count)
    room_above, room_below = 1 - around > step, around > step
    brighter = np.where(room_above & room_below, rng.random(count) < 0.5, 1 - around > around)
    wanted = np.clip(np.where(brighter, around + step, around - step), 0, 1)
    colour = np.clip(colour - (colour @ LUMINANCE)[:, None] + wanted[:, None], 0, 1)

    picture = picture * (1 - covered) + colour[:, None, None].astype(np.float32) * covered
    noise = rng.standard_normal(picture.shape, dtype=np.float32)
    picture += noise * rng.uniform(0, NOISE, (count, 1, 1, 1)).astype(np.float32)
    return np.round(255 * np.clip(picture, 0, 1)).astype(np.uint8)
