"""Ears of wheat, drawn on pieces of photographs, with the tip and the base of each. See data/wheat.md."""

import numpy as np

from . import cache, clutter, photos
from .record import PointPart, unit_floats
from .scenes import Kind

RECIPE = 1  # counts up when the images change, so that an old cache is not used
LENGTHS = 16, 34  # of an ear from base to tip, in pixels: equal factors equally often
APART = 6  # pixels, at least, between the axes of two ears
FINE = 4  # ears are drawn this many times larger, then shrunk
GOLD, GREEN = np.array([[0.96, 0.80, 0.42], [0.60, 0.72, 0.34]])
KINDS = {
    "wheat": Kind(96, {"train": 1_000, "validation": 100, "test": 200}, (0, 1, 2, 3, 4, 5, 6, 7, 8)),
    "one_ear": Kind(64, {"train": 2_000, "validation": 200, "test": 400}, (1,)),
}


def make(kind: Kind) -> dict[str, np.ndarray]:
    """Make all three parts: images of bytes, the points of all ears (ears, 2, 2), and how many ears each image has."""
    made = {}
    for seed, (part, count) in enumerate(kind.counts.items()):
        rng = np.random.default_rng([RECIPE, kind.side, seed])
        pictures = clutter.backgrounds(photos.NAMES[part], count, rng, kind.side)
        axes = [_placed(kind, rng) for _ in range(count)]
        for picture, some in zip(pictures, axes, strict=True):
            drawn = _drawn(some, kind.side, rng)
            picture[:] = rng.uniform(0.3, 0.8) * picture * (1 - drawn[..., 3:]) + drawn[..., :3]
        made[f"{part}_images"] = clutter.noisy(pictures, rng)
        made[f"{part}_points"] = np.concatenate(axes)[:, [-1, 0]].astype(np.float32)
        made[f"{part}_counts"] = np.array([*map(len, axes)])
    return made


def load(name: str) -> dict[str, PointPart]:
    """Load one of KINDS, from the cache if it was made before."""
    made = cache.made_once(f"{name}-{RECIPE}", lambda: make(KINDS[name]))
    points = {part: np.split(made[f"{part}_points"], made[f"{part}_counts"].cumsum()[:-1]) for part in photos.NAMES}
    return {part: PointPart(unit_floats(made[f"{part}_images"]), some) for part, some in points.items()}


def _path(start, angles, length) -> np.ndarray:
    """Points (lines, n + 1, 2), x and y, of bent lines: a direction, 0 for upwards, for each of n equal pieces."""
    steps = np.stack([np.sin(angles), -np.cos(angles)], axis=-1) * np.reshape(length, (-1, 1, 1)) / angles.shape[-1]
    return np.reshape(start, (-1, 1, 2)) + np.cumsum(np.insert(steps, 0, 0, axis=-2), axis=-2)


def _placed(kind: Kind, rng: np.random.Generator) -> np.ndarray:
    """Find positions for ears: nine points (ears, 9, 2) on the axis of each, from base to tip."""
    axes, wanted = np.empty((0, 9, 2)), rng.choice(kind.objects)
    for _ in range(60 * wanted):
        angles = rng.uniform(-1.2, 1.2) + rng.normal(0, 0.25) * np.linspace(-1, 1, 8)
        axis = _path(rng.uniform(4, kind.side - 5, 2), angles[None], np.exp(rng.uniform(*np.log(LENGTHS))))
        free = (np.linalg.norm(axes[:, :, None] - axis[:, None], axis=-1) > APART).all()
        if axis.min() >= 4 and axis.max() <= kind.side - 5 and free:
            axes = np.concatenate([axes, axis])
        if len(axes) == wanted:
            break
    return axes


def _drawn(axes: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
    """Draw leaves, stems and ears: colours times how much of each pixel they cover, and that (side, side, 4)."""
    from PIL import Image, ImageDraw

    paper = Image.new("RGBA", (side * FINE, side * FINE))
    pen = ImageDraw.Draw(paper)

    def draw(paths, half_widths, ripe, light):
        along = np.gradient(paths, axis=1)
        across = along[..., ::-1] * [-1, 1] / np.linalg.norm(along, axis=2, keepdims=True) * half_widths[..., None]
        outlines = np.concatenate([paths + across, (paths - across)[:, ::-1]], axis=1) * FINE + (FINE - 1) / 2
        colours = 255 * np.clip(np.outer(np.resize(light, len(paths)), ripe * GOLD + (1 - ripe) * GREEN), 0, 1)
        for outline, colour in zip(outlines, colours.astype(int).tolist(), strict=True):
            pen.polygon(outline.ravel().tolist(), (*colour, 255))

    bend, taper, oval = np.linspace(0, 1, 12), np.linspace(1, 0, 13), np.sin(np.linspace(0, np.pi, 13)) ** 0.7
    for _ in range(rng.integers(0, 4)):  # leaves
        path = _path(rng.uniform(0, (side, 1.5 * side)), rng.uniform(-1, 1) + rng.normal(0, 1) * bend[None], side / 2)
        draw(path, rng.uniform(0.8, 2.5) * taper[None], 0.8 * rng.random(), rng.uniform(0.4, 0.9))
    looks = list(zip(axes, rng.random(len(axes)), rng.uniform(0.75, 1.1, len(axes)), strict=True))
    for axis, ripe, light in looks:  # stems, behind all ears
        angle = np.arctan2(*(axis[0] - axis[1]) * [1, -1])
        path = _path(axis[0], angle + np.sin(angle) * rng.uniform(0.3, 0.9) * bend[None], 2 * side)
        draw(path, np.full((1, 13), rng.uniform(0.5, 0.8)), 0.8 * ripe, 0.75 * light)
    t, turn = np.linspace(0, 0.74, 13), np.append((-1.0) ** np.arange(12), 0)[:, None]  # spikelets, left and right
    for axis, ripe, light in looks:
        start, end = (np.stack([np.interp(8 * u, range(9), column) for column in axis.T], 1) for u in (t, t + 0.26))
        angle, length = np.arctan2(*(end - start).T * [[1], [-1]])[:, None], np.linalg.norm(end - start, axis=1)
        spikelets = _path(start, angle + 0.45 * turn + 0 * bend, length)
        awns = angle + (0.25 + 0.2 * bend) * turn + rng.normal(0, 0.06, (13, 1))
        draw(_path(spikelets[:, -1], awns, length * rng.uniform(1, 2.7)), 0.3 * taper[None] + 0.08, ripe, 1.1 * light)
        light = light * (0.95 + 0.15 * turn) * rng.uniform(0.85, 1.1, (13, 1))
        draw(spikelets, 0.3 * length[:, None] * oval, ripe, light)
    return np.asarray(paper.convert("RGBa").reduce(FINE), np.float32) / 255
