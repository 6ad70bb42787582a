"""Handwritten digits that are always here, made from scikit-learn's 8x8 ones. See data/digits.md."""

import numpy as np

from . import cache
from .record import Part, split, unit_floats

RECIPE = 1  # counts up when the images change, so that an old cache is not used
COUNTS = {"train": 10_000, "validation": 2_000, "test": 2_000}

FRAME = 28  # pixels
HEIGHT = 20  # of the digit within the frame, in pixels
SLOPE, THRESHOLD = 12.0, 0.42  # of the logistic that makes a stroke's border crisp
ROTATION, SHIFT, SCALE = 10.0, 2.0, 0.10  # at most: degrees, pixels, and as a fraction (shear too)
ELASTIC, SMOOTHNESS = 0.7, 4.0  # pixels: size of the elastic displacement, and sigma of its smoothing


def make() -> dict[str, np.ndarray]:
    """Make all three parts as 8-bit arrays, about 4 seconds."""
    from sklearn.datasets import load_digits

    originals = load_digits()
    ink = originals.images / 16.0
    made = {}
    for seed, (part, chosen) in enumerate(originals_by_part(originals.target).items()):
        rng = np.random.default_rng([RECIPE, seed])
        which = np.resize(chosen, COUNTS[part])
        made[f"{part}_images"] = draw(ink, which, rng)
        made[f"{part}_labels"] = originals.target[which].astype(np.int64)
    return made


def originals_by_part(labels: np.ndarray) -> dict[str, np.ndarray]:
    """Say which of scikit-learn's originals each part is made of; no two parts share one."""
    total = sum(COUNTS.values())
    return dict(zip(COUNTS, split(labels, [count / total for count in COUNTS.values()]), strict=True))


def draw(ink: np.ndarray, which: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw originals, in 0 to 1, large, crisp and slightly varied: bytes (len(which), 28, 28).

    `which` says for each image which of the originals (n, 8, 8) it shows.
    """
    from scipy.ndimage import gaussian_filter, map_coordinates, spline_filter

    size = ink.shape[1]
    # Work in the coordinates of the original, whose centre is the origin, so that each image is one lookup.
    grid = (np.arange(FRAME) - (FRAME - 1) / 2) * size / HEIGHT
    pixels = size / HEIGHT  # one pixel of the image, in the original's coordinates

    count = len(which)
    angle = np.radians(rng.uniform(-ROTATION, ROTATION, count))
    scale = 1 + rng.uniform(-SCALE, SCALE, (count, 2))
    shear = rng.uniform(-SCALE, SCALE, count)
    shift = rng.uniform(-SHIFT, SHIFT, (count, 2)) * pixels
    bend = rng.standard_normal((2, count, FRAME, FRAME), dtype=np.float32)
    bend = gaussian_filter(bend, SMOOTHNESS, axes=(2, 3), mode="nearest", truncate=2.5)
    bend *= ELASTIC * pixels / bend.std()

    splines = np.pad(ink, ((0, 0), (2, 2), (2, 2)))  # blank paper around, so that strokes at the border end softly
    splines = np.stack([spline_filter(original, order=3, output=np.float64) for original in splines])
    pictures = np.empty((count, FRAME, FRAME), np.uint8)
    for i, original in enumerate(which):
        cos, sin = np.cos(angle[i]), np.sin(angle[i])
        rows, columns = grid[:, None] - shift[i, 0], grid[None, :] - shift[i, 1]
        rows, columns = cos * rows - sin * columns, sin * rows + cos * columns
        rows, columns = rows * scale[i, 0] + bend[0, i], (columns + shear[i] * rows) * scale[i, 1] + bend[1, i]
        centre = (size - 1) / 2 + 2
        values = map_coordinates(splines[original], [rows + centre, columns + centre], order=3, prefilter=False)
        pictures[i] = np.round(255 * crisp(values))
    return pictures


def crisp(values: np.ndarray) -> np.ndarray:
    """Sharpen a stroke's border with a logistic that leaves 0 (paper) at 0 and 1 (ink) at 1."""
    paper, ink, values = (1 / (1 + np.exp(-SLOPE * (value - THRESHOLD))) for value in (0.0, 1.0, values))
    return np.clip((values - paper) / (ink - paper), 0, 1)


def load() -> dict[str, Part]:
    """Load the digits, from the cache if they were made before."""
    return parts_of(cache.made_once(f"digits-{RECIPE}", make))


def parts_of(made: dict[str, np.ndarray]) -> dict[str, Part]:
    """Put images of bytes and their labels into the course's one form."""
    parts = {}
    for part in COUNTS:
        images = made[f"{part}_images"]
        images = images.reshape(*images.shape[:3], -1)  # grey ones have no channels yet
        parts[part] = Part(unit_floats(images), made[f"{part}_labels"])
    return parts
