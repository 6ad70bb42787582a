"""Small coloured shapes on pieces of photographs: what letters and cluttered digits have in common."""

from collections.abc import Sequence

import numpy as np

from . import photos

SIZE = 32  # height and width of an image, in pixels
SHRUNK = (1, 2, 4)  # a photograph is cut at these scales
CONTRAST = 0.30  # least difference in brightness between a shape and what lies around it
NOISE = 0.04  # largest standard deviation of a pixel's noise
LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)


def backgrounds(names: Sequence[str], count: int, rng: np.random.Generator, size: int = SIZE) -> np.ndarray:
    """Cut pieces (count, size, size, 3) from the named photographs, at several scales, mirrored and turned."""
    from skimage.transform import downscale_local_mean

    sheets = [
        np.broadcast_to(sheet, (*sheet.shape[:2], 3))
        for photo in photos.read(names)
        for sheet in (downscale_local_mean(photo, (scale, scale, 1)).astype(np.float32) for scale in SHRUNK)
        if min(sheet.shape[:2]) > size
    ]
    pieces = np.empty((count, size, size, 3), np.float32)
    for piece, which in zip(pieces, rng.integers(len(sheets), size=count), strict=True):
        height, width = sheets[which].shape[:2]
        row, column = rng.integers(height - size), rng.integers(width - size)
        cut = sheets[which][row : row + size, column : column + size]
        piece[:] = np.rot90(cut[:: rng.choice((-1, 1))], rng.integers(4))
    return pieces


def painted(shapes: np.ndarray, names: Sequence[str], rng: np.random.Generator) -> np.ndarray:
    """Paint each shape in a colour of its own on a piece of photograph: bytes (count, SIZE, SIZE, 3).

    Shapes (count, SIZE, SIZE) say how much of each pixel is covered, in 0 to 1.
    """
    picture = dimmed(backgrounds(names, len(shapes), rng), rng)
    colour = colours((picture @ LUMINANCE).mean(axis=(1, 2)), rng)
    covered = shapes.astype(np.float32)[..., None]
    return noisy(picture * (1 - covered) + colour[:, None, None] * covered, rng)


def dimmed(pieces: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Dim or wash out each piece, so that there is room for a brighter or darker shape."""
    low = rng.uniform(0, 0.5, (len(pieces), 1, 1, 1)).astype(np.float32)
    return low + pieces * rng.uniform(0.4, 1.0, (len(pieces), 1, 1, 1)).astype(np.float32) * (1 - low)


def colours(around: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw a colour (count, 3) for each shape, brighter or darker than what lies around it by CONTRAST or more."""
    count = len(around)
    colour = rng.uniform(0, 1, (count, 3)).astype(np.float32)
    step = rng.uniform(CONTRAST, 0.8, count)
    room_above, room_below = 1 - around > step, around > step
    brighter = np.where(room_above & room_below, rng.random(count) < 0.5, 1 - around > around)
    wanted = np.clip(np.where(brighter, around + step, around - step), 0, 1)
    return np.clip(colour - (colour @ LUMINANCE)[:, None] + wanted[:, None], 0, 1).astype(np.float32)


def noisy(pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Add each image's noise, and make it bytes."""
    noise = rng.standard_normal(pictures.shape, dtype=np.float32)
    noise *= rng.uniform(0, NOISE, (len(pictures), 1, 1, 1)).astype(np.float32)
    return np.round(255 * np.clip(pictures + noise, 0, 1)).astype(np.uint8)
