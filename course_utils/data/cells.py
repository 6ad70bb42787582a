"""Cells under a microscope, invented: they touch, and their outlines are known. See data/cells.md."""

import numpy as np

from . import cache
from .record import MaskPart, unit_floats

RECIPE = 7  # counts up when the images change, so that an old cache is not used
SIDE = 128  # height and width of an image, in pixels
COUNTS = {"train": 200, "validation": 40, "test": 80}
CELLS = 5, 12  # in an image
COVERED = 0.35, 0.7  # fraction of an image that cells are to cover
SPREAD = 2  # of two cells in an image, how many times larger one may be, in diameter
SQUEEZED = 0.86  # distance of two cells' centres in a clump, as a fraction of the sum of their radii
SMALLEST = 60  # pixels; less of a cell, at the frame, is not shown
ROUGH = 5  # waves around an outline, at most
TRIES = 60  # to find a position for a cell, which is then left out


def make() -> dict[str, np.ndarray]:
    """Make all three parts: images of bytes, and maps of the cells' numbers."""
    made = {}
    for seed, (part, count) in enumerate(COUNTS.items()):
        rng = np.random.default_rng([RECIPE, seed])
        drawn = [_drawn(rng) for _ in range(count)]
        made[f"{part}_images"], made[f"{part}_instances"] = map(np.stack, zip(*drawn, strict=True))
    return made


def load() -> dict[str, MaskPart]:
    """Load the cells, from the cache if they were made before."""
    made = cache.made_once(f"cells-{RECIPE}", make)
    parts = {}
    for part in COUNTS:
        instances = made[f"{part}_instances"].astype(np.int32)
        images = unit_floats(made[f"{part}_images"])[..., None]
        parts[part] = MaskPart(images, (instances > 0).astype(np.uint8), instances)
    return parts


def _drawn(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return an image and its instances, of which there are enough."""
    instances = np.zeros(1, int)
    while instances.max() < CELLS[0]:
        instances = _separated(_grown(*_placed(rng), rng))
    return _seen(instances, rng), instances


# Shapes -----------------------------------------------------------------------------------------------------------


def _placed(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Place cells in clumps: each but a clump's first lies against one that is there already."""
    count = rng.integers(CELLS[0] + 1, CELLS[1] + 1)
    typical = np.sqrt(rng.uniform(*COVERED) * SIDE**2 / (np.pi * count))
    radii = typical * SPREAD ** rng.uniform(-0.5, 0.5, count)
    clumps = rng.integers(1, 4)
    centres: list[np.ndarray] = []
    kept: list[float] = []
    for radius in radii:
        for _ in range(TRIES):
            if len(centres) < clumps:
                centre = rng.uniform(0.15 * SIDE, 0.85 * SIDE, 2)
            else:
                beside, angle = rng.integers(len(centres)), rng.uniform(0, 2 * np.pi)
                distance = SQUEEZED * (radius + kept[beside])
                centre = centres[beside] + distance * np.array([np.sin(angle), np.cos(angle)])
            distances = np.hypot(*(np.array(centres).reshape(-1, 2) - centre).T)
            free = (distances >= 0.97 * SQUEEZED * (np.array(kept) + radius)).all()
            if free and (centre > -0.2 * radius).all() and (centre < SIDE + 0.2 * radius).all():
                centres.append(centre)
                kept.append(radius)
                break
    return np.array(centres), np.array(kept)


def _grown(centres: np.ndarray, radii: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Give each pixel to the cell that reaches it first, each growing at a speed that depends on the direction."""
    instances, first = np.zeros((SIDE, SIDE), np.uint8), np.ones((SIDE, SIDE), np.float32)
    angles = np.linspace(0, 2 * np.pi, 256, endpoint=False)
    waves = np.arange(2, ROUGH + 1)[:, None]
    for number, (centre, radius) in enumerate(zip(centres, radii, strict=True), 1):
        low = np.clip(centre - 1.8 * radius, 0, SIDE).astype(int)
        high = np.clip(centre + 1.8 * radius + 1, 0, SIDE).astype(int)
        rows, columns = np.ogrid[low[0] : high[0], low[1] : high[1]]
        rows, columns = rows - centre[0], columns - centre[1]
        # Higher waves are lower: the outline is smooth, and mostly longer than wide.
        strength = rng.normal(0, 0.28, waves.shape) / waves**0.75
        reach = np.exp((strength * np.cos(waves * angles + rng.uniform(0, 2 * np.pi, waves.shape))).sum(axis=0))
        reach = (1.12 * radius * reach.clip(0.6, 1.5)).astype(np.float32)
        direction = (np.arctan2(rows, columns) * (len(angles) / (2 * np.pi))).astype(int)  # of 256, below 0 too
        needed = np.hypot(rows, columns) / reach[direction]
        window = np.s_[low[0] : high[0], low[1] : high[1]]
        wins = needed < first[window]
        first[window][wins] = needed[wins]
        instances[window][wins] = number
    return instances


def _separated(instances: np.ndarray) -> np.ndarray:
    """Part cells that touch by a gap of background, and number them anew from 1."""
    from scipy import ndimage

    # Both of two neighbours, diagonal ones too, give way: a gap of two pixels.
    padded, gap = np.pad(instances, 1), np.zeros(instances.shape, bool)
    for down, across in np.ndindex(3, 3):
        other = padded[down : down + SIDE, across : across + SIDE]
        gap |= (other != instances) & (other > 0) & (instances > 0)
    pieces, _ = ndimage.label(np.where(gap, 0, instances) > 0)
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    owners = np.zeros(len(sizes), int)
    owners[pieces.ravel()] = instances.ravel()
    # What the gaps have cut off a cell is not a second cell.
    largest = [max(np.flatnonzero(owners == owner), key=sizes.__getitem__) for owner in np.unique(owners[1:])]
    renumbered = np.zeros(len(sizes), np.uint8)
    shown = [piece for piece in largest if sizes[piece] >= SMALLEST]
    renumbered[shown] = np.arange(1, len(shown) + 1)
    return renumbered[pieces]


# Light ------------------------------------------------------------------------------------------------------------


def _waves(most: int, rng: np.random.Generator) -> np.ndarray:
    """Return a smooth random field of mean 0 and standard deviation 1, with up to `most` half waves to a side."""
    waves = np.arange(most + 1)[:, None]
    # Cosines rather than an enlarged field: they cost a hundredth of the time.
    cosines = np.cos(np.pi * waves * (np.arange(SIDE) + 0.5) / SIDE)
    field = cosines.T @ (rng.standard_normal((most + 1, most + 1)) / (1 + waves + waves.T)) @ cosines
    return (field - field.mean()) / field.std()


def _seen(instances: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return what a microscope of moderate quality shows of the cells, in bytes."""
    from scipy import ndimage

    count, there = instances.max(), instances > 0
    grain = [ndimage.gaussian_filter(rng.standard_normal((SIDE, SIDE)).astype(np.float32), s) * s for s in (1, 2.2)]
    inward = ndimage.distance_transform_edt(there)
    outward, nearest = ndimage.distance_transform_edt(~there, return_indices=True)
    # Parts of outlines can hardly be seen.
    clear = np.clip(0.9 + 0.35 * _waves(9, rng), 0.5, 1.1)

    # Thickness, which the shadows of differential interference contrast come from.
    height = np.append(0, rng.uniform(0.6, 1.3, count))[instances]
    thick = height * (1 - np.exp(-inward / 3.5)) + 0.35 * _nuclei(instances, rng)
    thick += there * (0.35 * grain[0] + 0.6 * grain[1])
    down, across = np.gradient(ndimage.gaussian_filter(thick, 0.8))
    angle = rng.uniform(0, 2 * np.pi)
    shadow = np.sin(angle) * down + np.cos(angle) * across

    # Phase contrast has a rim, here brighter or darker than the rest, and a body that is hardly either.
    rim = np.append(0, rng.normal(rng.choice((-0.14, 0.17)), 0.05, count))
    halo = rim[instances[tuple(nearest)]] * np.exp(-((np.where(there, 1 - inward, outward) - 0.5) ** 2) / 2.5)
    body = np.append(0, rng.normal(rng.choice((-0.05, 0.07)), 0.03, count))[instances]

    picture = 0.5 + rng.uniform(0.4, 0.9) * clear * shadow + clear * halo + body * (1 - np.exp(-inward / 3))
    picture += 0.1 * there * (grain[0] - grain[1]) * rng.uniform(0.5, 1.5) + 0.05 * grain[1]
    picture += _debris(rng)
    rows, columns = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    slope = rng.uniform(0.03, 0.16) * (np.sin(angle) * rows + np.cos(angle) * columns)
    picture += slope + 0.025 * _waves(3, rng) - rng.uniform(0, 0.08) * (rows**2 + columns**2)
    picture = ndimage.gaussian_filter(picture, rng.uniform(0.5, 0.9))
    picture += rng.normal(0, rng.uniform(0.01, 0.025), picture.shape)
    return (picture.clip(0, 1) * 255).round().astype(np.uint8)


def _spots(places: np.ndarray, radii: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """Return a field of soft spots."""
    axis = np.arange(SIDE, dtype=np.float32)
    rows, columns = (np.exp(-(((axis - place[:, None]) / radii[:, None]) ** 2)) for place in places.T)
    return (heights[:, None] * rows).T @ columns


def _nuclei(instances: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a nucleus for each cell, off its centre, with a few grains around it; nothing outside the cells."""
    from scipy import ndimage

    numbers = np.arange(1, instances.max() + 1)
    centres = np.array(ndimage.center_of_mass(instances > 0, instances, numbers))
    radii = np.sqrt(np.bincount(instances.ravel())[1:] / np.pi)
    offset = rng.normal(0, 0.18, centres.shape) * radii[:, None]
    nuclei = _spots(centres + offset, 0.42 * radii, rng.uniform(0.3, 1.2, len(radii)))
    near = np.repeat(np.arange(len(radii)), 6)
    grains = centres[near] + rng.normal(0, 0.4, (len(near), 2)) * radii[near, None]
    return (instances > 0) * (nuclei + _spots(grains, rng.uniform(1, 2, len(near)), rng.uniform(-0.8, 1.6, len(near))))


def _debris(rng: np.random.Generator) -> np.ndarray:
    """Return specks, some in focus, some not, as rings: brighter or darker than the rest, and no cells."""
    count = rng.integers(2, 9)
    places, radii = rng.uniform(0, SIDE, (count, 2)), rng.uniform(1, 4, count)
    heights = rng.choice((-1, 1), count) * rng.uniform(0.08, 0.3, count)
    ring = rng.random(count) < 0.5
    return _spots(places, radii, heights) - _spots(places[ring], 0.6 * radii[ring], 1.5 * heights[ring])
