"""Week 8a: the checks of its exercises, the samples it trains on, and where its detectors spend their time."""

import timeit
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from skimage.color import label2rgb
from skimage.segmentation import felzenszwalb

from .. import layers, plots, training
from ..data.record import BoxedPart
from ..judge import Check
from ..plots.look import COLOURS, HATCHES, figure, show


def _assign(overlaps, low, high, *, rescue=1, stands=None, nearest=np.argmax, between=-2, reaches=np.greater_equal):
    """For each region the object it stands for, -1 for background, -2 for neither."""
    value = overlaps.max(axis=1)
    result = np.where(value < low, -1, between)
    result = np.where(reaches(value, high), nearest(overlaps, axis=1), result)
    for number, region in enumerate(overlaps.argmax(axis=0)[: overlaps.shape[1] * rescue]):
        result[region] = stands(overlaps[region]) if stands else number
    return result


assign = Check(
    _assign,
    cases=[
        (np.array([[0.9, 0.0], [0.1, 0.2], [0.4, 0.35], [0.0, 0.6]]), 0.3, 0.5),
        (np.array([[0.7, 0.1, 0], [0.2, 0.1, 0], [0.4, 0, 0.05], [0.55, 0.6, 0], [0, 0.2, 0.45]]), 0.3, 0.5),
        (np.array([[0.5], [0.3], [0.29], [0.8]]), 0.3, 0.5),
        (np.array([[0.9, 0.1], [0.55, 0.6], [0.0, 0.8]]), 0.3, 0.5),
        (np.array([[0.6], [0.45], [0.9]]), 0.4, 0.7),
        (np.array([[0.6, 0.5], [0.9, 0.1]]), 0.3, 0.5),
        (np.array([[0.85, 0.8], [0.1, 0.6], [0.95, 0.0]]), 0.3, 0.5),
        (np.array([[0.1, 0.0], [0.2, 0.0], [0.0, 0.15]]), 0.3, 0.7),
    ],
    mistakes={
        "every object needs a region: the one that overlaps it most stands for it, however small their IoU is.": {
            "rescue": 0
        },
        "an IoU from `low` up to `high` is neither object nor background: -2.": {"between": -1},
        "the region that overlaps an object most stands for it, even if it overlaps another one more.": {
            "stands": np.argmax
        },
        "an IoU of exactly `high` is enough for an object.": {"reaches": np.greater},
        "a region stands for the object that it overlaps most, not for the first.": {
            "nearest": lambda overlaps, axis: (overlaps >= 0.5).argmax(axis=axis)
        },
    },
    praise="from here on your function says what each region has to learn.",
)


def _from_deltas(regions, deltas, *, unit=lambda size: size, grow=np.exp, half=2, moves=0):
    """Boxes (..., 4) from regions (..., 4) and their deltas (..., 4)."""
    size = regions[..., 2:] - regions[..., :2]
    centre = (regions[..., :2] + regions[..., 2:]) / 2 + deltas[..., :2] * unit(size)
    before, size = size, size * grow(deltas[..., 2:])
    centre = centre + moves * (size - before) / 2
    return np.concatenate([centre - size / half, centre + size / half], axis=-1)


from_deltas = Check(
    _from_deltas,
    cases=[
        (np.array([[10.0, 20, 30, 60]]), np.array([[0.5, 0.25, np.log(2), 0.0]])),
        (np.array([[4.0, 8, 16, 24], [0, 0, 10, 30]]), np.array([[0, 0, 0, 0], [-0.1, 0.2, 0.3, -0.4]])),
        (np.array([[[5.0, 5, 25, 15]], [[1, 2, 9, 22]]]), np.array([[[0.1, 0.2, -0.3, 0.5]], [[1, 0, 0, 1.0]]])),
    ],
    mistakes={
        "the centre moves by a fraction of the region's size, not by that many pixels.": {"unit": np.ones_like},
        "the last two numbers are logarithms of a factor: take their exponential.": [
            {"grow": lambda d: d},
            {"grow": lambda d: 1 + d},
        ],
        "the box reaches half of its size to each side of its centre.": {"half": 1},
        "the first two deltas move the centre. You move the corner.": {"moves": 1},
    },
    praise="the same four numbers mean the same for a small region and for a large one.",
)


def _pool_region(features, region, size, *, value=np.max, more=None, swap=False):
    """The largest value of each of size x size bins of a region, for each channel."""
    x1, y1, x2, y2 = np.array(region)[[1, 0, 3, 2]] if swap else region
    more = size - 1 if more is None else more
    result = np.zeros((size, size, features.shape[-1]))
    for i, j in np.ndindex(size, size):
        top, bottom = y1 + i * (y2 - y1) // size, y1 + ((i + 1) * (y2 - y1) + more) // size
        left, right = x1 + j * (x2 - x1) // size, x1 + ((j + 1) * (x2 - x1) + more) // size
        result[i, j] = value(features[top:bottom, left:right], axis=(0, 1))
    return result


_FEATURES = np.random.default_rng(1).permutation(8 * 9 * 2).reshape(8, 9, 2) / 10

pool_region = Check(
    _pool_region,
    cases=[
        (np.arange(20.0).reshape(4, 5, 1)[::-1], (1, 0, 5, 4), 2),
        (_FEATURES, (2, 1, 7, 8), 3),  # 5 and 7 positions in 3 bins
        (_FEATURES, (0, 2, 3, 8), 4),  # bins overlap where a side has fewer positions than bins
        (_FEATURES - 20, (0, 0, 9, 8), 1),
    ],
    mistakes={
        "a bin ends at the next whole number *above* its end, so that no position of the region is lost.": {"more": 0},
        "the largest value of a bin is needed, not the mean.": {"value": np.mean},
        "a region is x1, y1, x2, y2, and x counts columns: it is the second index of `features`.": [
            {"swap": True},
            lambda f, r, size: _pool_region(f, r, size, swap=True).swapaxes(0, 1),
        ],
        "bins are counted from the region's corner, not from the map's.": (
            lambda f, r, size: _pool_region(f, (0, 0, r[2] - r[0], r[3] - r[1]), size)
        ),
        "each channel has a maximum of its own.": (
            lambda f, r, size: _pool_region(f, r, size).max(axis=-1, keepdims=True).repeat(f.shape[-1], axis=-1)
        ),
    },
    praise="whatever the region's size, its result has the same shape. So one dense layer fits all of them.",
)


def _anchors(rows, columns, stride, shapes, *, shift=0.5, by_shape=False, down=False, half=2, swap=False):
    """Boxes (rows * columns * len(shapes), 4): all shapes around each position, row by row."""
    y, x = np.meshgrid(np.arange(rows), np.arange(columns), indexing="xy" if down else "ij")
    centre = stride * (np.stack([y, x] if swap else [x, y], axis=-1).reshape(-1, 1, 2) + shift)
    reach = np.array(shapes, float)[None] / half
    result = np.concatenate(np.broadcast_arrays(centre - reach, centre + reach), axis=-1)
    return (result.swapaxes(0, 1) if by_shape else result).reshape(-1, 4)


anchors = Check(
    _anchors,
    cases=[(1, 2, 8, [(10, 20)]), (2, 3, 4, [(6, 10), (12, 8)]), (3, 2, 5, [(5, 7), (8, 6), (2, 10)])],
    mistakes={
        "the centre of a position lies half a stride further: that of the first is at stride / 2.": {"shift": 0},
        "a shape is (width, height). Half of the width lies to each side of the centre, half of the height above it.": [
            {"half": 1},
            lambda r, c, stride, shapes: _anchors(r, c, stride, [shape[::-1] for shape in shapes]),
        ],
        "list all shapes of a position, then go on to the next position.": {"by_shape": True},
        "go along a row first: the columns change faster than the rows.": {"down": True},
        "the column gives x and the row gives y.": {"swap": True},
    },
    praise="your anchors are where the region proposal network looks.",
)


def samples(part: BoxedPart, proposals: np.ndarray, target: Callable, seed: int, recolour: bool, count=32) -> Iterator:
    """Endless batches of 16 scenes: their numbers, images, `count` regions of each, and the regions' targets.

    Regions are proposals and (shifted) true boxes, at most half of them objects. `recolour` exchanges colours.
    """
    rng = np.random.default_rng(seed)
    while True:
        numbers = rng.choice(len(proposals), 16, replace=len(proposals) < 16)
        chosen = [_sampled(proposals[i], part.truths[i], target, rng, count) for i in numbers]
        images = training.recoloured(part.images[numbers], rng) if recolour else part.images[numbers]
        yield numbers, images, *map(np.stack, zip(*chosen, strict=True))


def _sampled(proposals: np.ndarray, truth: Mapping, target: Callable, rng, count: int) -> tuple:
    boxes = truth["boxes"]
    shifted = boxes[rng.integers(max(1, len(boxes)), size=8 * bool(len(boxes)))]
    shifted = shifted + rng.uniform(-0.2, 0.2, shifted.shape) * np.tile(shifted[:, 2:] - shifted[:, :2], 2)
    regions = np.concatenate([proposals, boxes, shifted])
    wanted = target(regions, truth)
    objects, background = (np.flatnonzero(chosen) for chosen in (wanted[:, 1:-4].any(axis=1), wanted[:, 0] == 1))
    objects = rng.permutation(objects)[: count // 2]
    rest = rng.choice(background if len(background) else np.arange(len(regions)), count - len(objects))
    chosen = np.concatenate([objects, rest])
    return regions[chosen].astype("float32"), wanted[chosen]


def show_segments(image: np.ndarray, scales, title: str) -> None:
    """An image, and its segments at several scales in their mean colours."""
    segments = [felzenszwalb(image, scale=scale, sigma=0.5, min_size=40) for scale in scales]
    drawn = [label2rgb(one, image, kind="avg", bg_label=-1) for one in segments]
    titles = [f"scale {scale}: {one.max() + 1}" for scale, one in zip(scales, segments, strict=True)]
    plots.pictures([image, *drawn], ["image", *titles], title, columns=4)


def crops(images: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Each region (n, regions, 4) of each image, resized to 32x32 pixels: (n * regions, 32, 32, 3)."""
    made = layers.roi_align(images, regions, 32, samples=1)
    return np.array(made).reshape(-1, 32, 32, made.shape[-1])


def show_detections(images, truths: Sequence[Mapping], found: Sequence[Mapping], names, title: str) -> None:
    """The first four images with the ground truth and detections with a score above 0.5."""
    shown = [{key: values[one["scores"] > 0.5] for key, values in one.items()} for one in found[:4]]
    plots.boxes(images[:4], truths[:4], shown, names, title=title, columns=4, key=("ground truth", "detection"))


def milliseconds(call: Callable, repeats: int = 9) -> float:
    """The median time that a call takes, without the first, which prepares."""
    return 1000 * float(np.median(timeit.repeat(call, number=1, repeat=repeats + 1)[1:]))


def show_milliseconds(detectors: Mapping[str, Mapping[str, float]], title: str) -> None:
    """A bar for each detector, divided into its parts; of their names counts what is before a colon."""
    made, [[axis]] = figure(height=3.2, title=title)
    names = list(dict.fromkeys(part.split(":")[0] for parts in detectors.values() for part in parts))
    for row, parts in enumerate(detectors.values()):
        left = np.cumsum([0, *parts.values()])
        for part, begin in zip(parts, left, strict=False):
            number = names.index(part.split(":")[0])
            look = {"color": COLOURS[number], "hatch": HATCHES[number], "edgecolor": "white", "label": names[number]}
            axis.barh(row, parts[part], left=begin, height=0.6, **look)
        axis.text(left[-1], row, f" {left[-1]:.1f}", va="center")
    axis.set_yticks(range(len(detectors)), detectors)
    axis.margins(x=0.1)
    axis.grid(axis="y", visible=False)
    axis.set(xlabel="milliseconds a scene", ylim=(len(detectors) - 0.5, -0.5))
    handles = dict(zip(*axis.get_legend_handles_labels()[::-1], strict=True))
    made.legend(handles.values(), handles, loc="outside lower center", ncols=5, frameon=False)
    described = [f"{name}: {part} {value:.1f}" for name, parts in detectors.items() for part, value in parts.items()]
    show(made, f"{title}. Milliseconds a scene. {'; '.join(described)}.")
