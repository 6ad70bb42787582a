"""Handwritten digits of several sizes on pieces of photographs, with their boxes. See data/scenes.md."""

from typing import NamedTuple

import numpy as np

from . import cache, clutter, digits, photos
from .record import BoxedPart, unit_floats

RECIPE = 1  # counts up when the images change, so that an old cache is not used
# No two parts share a photograph. The clock is left out: its face has numerals, which nobody has put boxes around.
PHOTOS = {part: tuple(name for name in names if name != "clock") for part, names in photos.NAMES.items()}
HEIGHTS = 14, 40  # of a digit, in pixels: from the smallest to the largest, equal factors equally often
INK = 100  # of 255: what of a drawn digit its box must hold
COMMON = 0.05  # largest fraction of a digit's box that may lie in another's
TRIES = 40  # to find a position for a digit; then it is left out


class Kind(NamedTuple):
    """What a set's images are like: their side in pixels, how many in each part, and how many digits in one."""

    side: int
    counts: dict[str, int]
    objects: tuple[int, ...]  # as often as each stands here


KINDS = {
    "scenes": Kind(96, {"train": 2_000, "validation": 200, "test": 400}, (1, 2, 3, 4, 5, 6, 7, 8)),
    "one_digit": Kind(48, {"train": 6_000, "validation": 500, "test": 1_000}, (0, 1, 1, 1)),
}


def make(kind: Kind) -> dict[str, np.ndarray]:
    """Make all three parts: images of bytes, the boxes of all, their labels, how many each image has, and its masks.

    The masks are a map: 0, or at a pixel that the image's first, second ... digit covers 1, 2 ...
    """
    from sklearn.datasets import load_digits

    originals = load_digits()
    made = {}
    for seed, (part, chosen) in enumerate(digits.originals_by_part(originals.target).items()):
        rng = np.random.default_rng([RECIPE, kind.side, seed])
        wanted = rng.choice(kind.objects, kind.counts[part])
        which = np.resize(rng.permutation(chosen), wanted.sum())
        shapes = _shapes(originals.images / 16, which, rng)
        picture = np.repeat(np.arange(len(wanted)), wanted)  # the one that each shape belongs to
        boxes = _boxes(shapes, picture, kind.side, rng)
        there = np.flatnonzero(boxes[:, 2] > 0)

        pictures = clutter.dimmed(clutter.backgrounds(PHOTOS[part], len(wanted), rng, kind.side), rng)
        areas = [(picture[i], slice(boxes[i, 1], boxes[i, 3]), slice(boxes[i, 0], boxes[i, 2])) for i in there]
        around = np.array([(pictures[area] @ clutter.LUMINANCE).mean() for area in areas])
        instances = np.zeros(pictures.shape[:3], np.uint8)
        number = 1 + np.arange(len(there)) - np.searchsorted(picture[there], picture[there])  # of a digit in its image
        for i, k, area, colour in zip(there, number, areas, clutter.colours(around, rng), strict=True):
            covered = shapes[i][..., None]
            pictures[area] = pictures[area] * (1 - covered) + colour * covered
            instances[area][shapes[i] > INK / 255] = k
        made[f"{part}_images"] = clutter.noisy(pictures, rng)
        made[f"{part}_boxes"] = boxes[there]
        made[f"{part}_labels"] = originals.target[which[there]]
        made[f"{part}_instances"] = instances
        made[f"{part}_counts"] = np.bincount(picture[there], minlength=len(wanted))
    return made


def _shapes(ink: np.ndarray, which: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """Draw each original once, cut out to its ink, in a size of its own; values in 0 to 1."""
    from PIL import Image

    heights = np.exp(rng.uniform(*np.log(HEIGHTS), len(which))).round().astype(int)
    shapes = []
    for drawn, height in zip(digits.draw(ink, which, rng), heights, strict=True):
        rows, columns = (np.flatnonzero((drawn > INK).any(axis=axis)) for axis in (1, 0))
        drawn = drawn[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        width = max(3, round(drawn.shape[1] * height / drawn.shape[0]))
        shape = Image.fromarray(drawn).resize((width, height), Image.Resampling.BICUBIC)
        shapes.append(np.asarray(shape, np.float32) / 255)
    return shapes


def _boxes(shapes: list[np.ndarray], picture: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
    """Find each shape a position in its image, the largest first; a row of zeros where there is none."""
    boxes = np.zeros((len(shapes), 4), int)
    areas = np.array([shape.size for shape in shapes])
    for number in np.unique(picture):
        members = np.flatnonzero(picture == number)
        members = members[np.argsort(-areas[members], kind="stable")]
        for i in members:
            height, width = shapes[i].shape
            x, y = rng.integers(0, [[side - width + 1], [side - height + 1]], (2, TRIES))
            tried = np.stack([x, y, x + width, y + height], axis=1)[:, None]
            common = np.minimum(tried[..., 2:], boxes[members, 2:]) - np.maximum(tried[..., :2], boxes[members, :2])
            common = common.clip(0).prod(axis=2) / np.minimum(areas[i], areas[members])
            free = np.flatnonzero((common <= COMMON).all(axis=1))
            if len(free):
                boxes[i] = tried[free[0], 0]
    return boxes


def load(name: str) -> dict[str, BoxedPart]:
    """Load one of KINDS, from the cache if it was made before. Truths also have "instances", a map of the objects."""
    made = cache.made_once(f"{name}-{RECIPE}-masks", lambda: make(KINDS[name]))
    parts = {}
    for part in photos.NAMES:
        ends = np.cumsum(made[f"{part}_counts"])[:-1]
        boxes = np.split(made[f"{part}_boxes"].astype(np.float32), ends)
        labels = np.split(made[f"{part}_labels"], ends)
        truths = [
            {"boxes": box, "labels": label, "instances": instances}
            for box, label, instances in zip(boxes, labels, made[f"{part}_instances"], strict=True)
        ]
        parts[part] = BoxedPart(unit_floats(made[f"{part}_images"]), truths)
    return parts
