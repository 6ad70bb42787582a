"""Beating hearts, invented: how every pixel moves is known. See data/heartbeats.md."""

from typing import NamedTuple

import numpy as np

from . import cache
from .record import MaskPart, unit_floats

RECIPE = 1  # counts up when the images change, so that an old cache is not used
SIDE, FRAMES = 64, 5  # height and width in pixels; frame 0 has the filled heart, the last one the contracted heart
COUNTS = {"train": 240, "validation": 40, "test": 60}
CLASS_NAMES = ("background", "muscle", "blood")
NOISE = 0.03  # standard deviation of a pixel's noise, new in each frame


class MotionPart(NamedTuple):
    """Sequences with the class and the motion of each pixel; unpacks as ``images, masks, motion = part``.

    Images (n, frames, height, width, 1) are float32 in 0 to 1, masks (n, frames, height, width) numbers of classes.
    Motion (n, frames, height, width, 2) says how many pixels farther down and to the right the same tissue was in
    frame 0. So each frame, but for its noise, is frame 0 warped by its motion.
    """

    images: np.ndarray
    masks: np.ndarray
    motion: np.ndarray
    __repr__ = MaskPart.__repr__


def make() -> dict[str, np.ndarray]:
    """Make all three parts: images of bytes, masks and motions."""
    made = {}
    for seed, (part, count) in enumerate(COUNTS.items()):
        rng = np.random.default_rng([RECIPE, seed])
        drawn = zip(*(_drawn(rng) for _ in range(count)), strict=True)
        made |= {f"{part}_{name}": np.stack(each) for name, each in zip(MotionPart._fields, drawn, strict=True)}
    return made


def load() -> dict[str, MotionPart]:
    """Load the hearts, from the cache if they were made before."""
    made = cache.made_once(f"heartbeats-{RECIPE}", make)
    parts = {part: [made[f"{part}_{name}"] for name in MotionPart._fields] for part in COUNTS}
    return {part: MotionPart(unit_floats(a)[..., None], b, np.float32(c)) for part, (a, b, c) in parts.items()}


def _drawn(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the images, masks and motions of one heart."""
    from scipy import ndimage

    grid = np.mgrid[:SIDE, :SIDE].astype(float)
    centre, shift = rng.uniform(27, 36, 2), rng.normal(0, 0.8, 2)  # pixels, as all lengths
    inner, thick = rng.uniform(8.5, 12), rng.uniform(6, 8.5)
    rough = rng.normal(0, 0.05, (2, 3, 1)) * [1, 0] + rng.uniform(0, 2 * np.pi, (2, 3, 1)) * [0, 1]  # of both walls
    squeeze, twist = rng.uniform(0.4, 0.7), rng.normal(0, 0.15)
    weak, weak_at = rng.choice([0.0, rng.uniform(0.5, 1)]), rng.uniform(-np.pi, np.pi)

    def placed(time):
        """For each pixel of a frame: its place in frame 0, how far that is from the centre, and both walls there."""
        down, right = grid - (centre + time * shift)[:, None, None]
        radius, angle = np.hypot(down, right), np.arctan2(down, right)
        fade = 1 / (1 + (radius / (inner + thick + 5)) ** 8)  # far away only the shift is left
        angle = angle + time * twist * fade
        waves = [sum(a * np.cos(k * angle + b) for k, (a, b) in enumerate(each, 1)) for each in rough]
        first, last = inner * (1 + waves[0]), inner * (1 + waves[0]) + thick * (1 + waves[1])
        # Muscle keeps its area. Where it is weak it moves less.
        area = time * squeeze * first**2 * (1 - weak * np.exp(2.5 * (np.cos(angle - weak_at) - 1)))
        near = np.maximum(radius, np.sqrt(first**2 - area))  # inside the inner wall of this frame, that wall
        radius = radius + fade * (np.sqrt(near**2 + area) - near) * radius / near
        return np.stack([np.sin(angle), np.cos(angle)]) * radius + centre[:, None, None], radius, first, last

    ring, blood = (1 / (1 + np.exp(2 * (placed(0)[1] - wall))) for wall in placed(0)[:1:-1])
    noise = [ndimage.gaussian_filter(rng.normal(size=(SIDE, SIDE)), size, mode="wrap") for size in (1.2, 6, 1.2, 2)]
    fine, coarse, of_ring, of_blood = (one / one.std() for one in noise)
    rest = rng.uniform(0.3, 0.55) + 0.09 * (fine + coarse)
    rest += ring * (rng.uniform(0.2, 0.4) + rng.uniform(0.03, 0.09) * of_ring - rest)
    rest += blood * (rng.uniform(0.55, 0.8) + 0.04 * of_blood - rest)
    for at in rng.uniform(-0.4, 0.4, (2, 2, 1, 1)) * inner + centre[:, None, None]:  # strands of muscle in the blood
        rest -= 0.3 * np.exp(-((grid - at) ** 2).sum(0) / 4)
    frames = []
    for place, radius, first, last in map(placed, np.linspace(0, 1, FRAMES)):
        seen = ndimage.map_coordinates(rest.clip(0.02, 0.98), place, order=3, mode="nearest")
        image = np.round(255 * (seen + NOISE * rng.normal(size=seen.shape)).clip(0, 1)).astype(np.uint8)
        mask = np.add(radius < last, radius < first, dtype=np.uint8)
        frames.append((image, mask, (place - grid).transpose(1, 2, 0).astype(np.float16)))
    return tuple(map(np.stack, zip(*frames, strict=True)))
