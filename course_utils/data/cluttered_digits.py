"""Handwritten digits on pieces of photographs: a small target, hard to learn from few. See data/cluttered_digits.md."""

import numpy as np

from . import cache, clutter, digits
from .record import Part

RECIPE = 2  # counts up when the images change, so that an old cache is not used
COUNTS = {"train": 1_200, "validation": 300, "test": 600}
# No two parts share a photograph, and none shares one with letters.
PHOTOS = {"train": ("cell", "gravel", "rocket"), "validation": ("moon", "text"), "test": ("camera", "retina")}
SHIFT = 3  # at most, in pixels


def make() -> dict[str, np.ndarray]:
    """Make all three parts as 8-bit arrays."""
    from sklearn.datasets import load_digits

    originals = load_digits()
    made = {}
    for seed, (part, chosen) in enumerate(digits.originals_by_part(originals.target).items()):
        rng = np.random.default_rng([RECIPE, seed])
        which = np.resize(chosen, COUNTS[part])
        made[f"{part}_images"] = clutter.painted(_placed(originals.images[which] / 16, rng), PHOTOS[part], rng)
        made[f"{part}_labels"] = originals.target[which].astype(np.int64)
    return made


def _placed(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw each original once, somewhere near the middle of an image."""
    drawn = digits.draw(ink, np.arange(len(ink)), rng) / np.float32(255)
    margin = clutter.SIZE - digits.FRAME
    placed = np.pad(drawn, ((0, 0), (margin // 2, margin - margin // 2), (margin // 2, margin - margin // 2)))
    for picture, (down, right) in zip(placed, rng.integers(-SHIFT, SHIFT + 1, (len(ink), 2)), strict=True):
        picture[:] = np.roll(picture, (down, right), axis=(0, 1))
    return placed


def load() -> dict[str, Part]:
    """Load the digits, from the cache if they were made before."""
    return digits.parts_of(cache.made_once(f"cluttered_digits-{RECIPE}", make))
