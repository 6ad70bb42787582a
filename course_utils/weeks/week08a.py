"""Week 8a: the checks of its exercises, the samples it trains on, and where its detectors spend their time."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from .. import metrics, plots, training
from ..data.record import BoxedPart
from ..judge import Check
from ..plots.look import COLOURS, HATCHES, figure, show


def _assign(overlaps, low, high, *, rescued=lambda *_: True, stands=None, between=-2, above=(0, 0), nearest=np.argmax):
    """For each region the object it stands for, -1 for background, -2 for neither."""
    value = overlaps.max(axis=1)
    result = np.where(value < low + above[0], -1, between)
    result = np.where(value >= high + above[1], nearest(overlaps, axis=1), result)
    for number, region in enumerate(overlaps.argmax(axis=0)):
        if rescued(number, result, overlaps[region, number], low):
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
        "every object needs a region: the one that overlaps it most stands for it, however small their IoU is.": [
            {"rescued": lambda *_: False},
            {"rescued": lambda number, result, most, low: most >= low},
        ],
        "an IoU from `low` up to `high` is neither object nor background: -2.": {"between": -1},
        "the region that overlaps an object most always stands for it, even if it overlaps another one more.": [
            {"stands": np.argmax},
            {"rescued": lambda number, result, most, low: number not in result},
        ],
        "an IoU of exactly `high` is enough for an object, and one of exactly `low` is not below it.": [
            {"above": above} for above in ((0, 1e-9), (1e-9, 0), (1e-9, 1e-9))
        ],
        "a region stands for the object that it overlaps most, not for the first.": {
            "nearest": lambda overlaps, axis: (overlaps >= 0.5).argmax(axis=axis)
        },
    },
    praise="from here on your function says what each region has to learn.",
)


def _with_sizes(boxes, part=0.5):
    """The same boxes, given by their centre (or with 0 their corner) and size."""
    size = boxes[..., 2:] - boxes[..., :2]
    return np.concatenate([boxes[..., :2] + part * size, size], axis=-1)


def _from_deltas(regions, deltas, *, unit=lambda before, size: before, grow=np.exp, half=2, moves=0, read=None):
    """Boxes (..., 4) from regions (..., 4) and their deltas (..., 4)."""
    centre, before = np.split((read or _with_sizes)(regions), 2, axis=-1)
    size = before * grow(deltas[..., 2:])
    centre = centre + deltas[..., :2] * unit(before, size) + moves * (size - before) / 2
    return np.concatenate([centre - size / half, centre + size / half], axis=-1)


from_deltas = Check(
    _from_deltas,
    cases=[
        (np.array([[10.0, 20, 30, 60]]), np.array([[0.5, 0.25, np.log(2), 0.0]])),
        (np.array([[4.0, 8, 16, 24], [0, 0, 11, 29]]), np.array([[0, 0, 0, 0], [-0.1, 0.2, 0.3, -0.4]])),
        (np.array([[[5.0, 5, 25, 15]], [[1, 2, 9, 22]]]), np.array([[[0.1, 0.2, -0.3, 0.5]], [[1, 0, 0, 1.0]]])),
    ],
    mistakes={
        "the centre moves by a fraction of the region's size: not by that many pixels, nor of the new size.": [
            {"unit": unit} for unit in (lambda before, size: 1, lambda before, size: size)
        ],
        "the last two numbers are natural logarithms of a factor: take their exponential.": [
            {"grow": grow} for grow in (lambda d: d, lambda d: 1 + d, np.exp2)
        ],
        "the box reaches half of its size to each side of its centre.": {"half": 1},
        "the first two deltas move the centre. You move the corner.": {"moves": 1},
        "regions and boxes are two corners, x1, y1, x2, y2: not a centre and a size.": [
            lambda regions, deltas: _with_sizes(_from_deltas(regions, deltas)),
            {"read": lambda regions: regions},
        ],
        "the *last* axis holds the four numbers. Before it there can be any number of axes: `...` stands for them.": [
            lambda r, d, last=last: _from_deltas(r, d) if r.ndim == 2 else np.zeros((2, 0, last)) for last in (4, 8)
        ],
    },
    praise="the same four numbers mean the same for a small region and for a large one.",
)


def bins(length, size, *, begin=np.floor, end=np.ceil, step=lambda i, length, size: i * length / size):
    """Where each of the bins of a side begins and ends: a list of two whole numbers each."""
    return [(int(begin(step(i, length, size))), int(end(step(i + 1, length, size)))) for i in range(size)]


def _pool_region(features, region, size, *, value=np.max, swap=False, same=None, **rounding):
    """The largest value of each of size x size bins of a region, for each channel."""
    x1, y1, x2, y2 = np.array(region)[[1, 0, 3, 2]] if swap else region
    lengths = [y2 - y1, x2 - x1] if same is None else [(y2 - y1, x2 - x1)[same]] * 2
    rows, columns = (bins(length, size, **rounding) for length in lengths)
    result = [[value(features[y1 + a : y1 + b, x1 + c : x1 + d], axis=(0, 1)) for c, d in columns] for a, b in rows]
    return np.array(result, float)


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
        "a bin begins at the whole number *below*, and ends at the one *above*: then none is empty.": [
            *({"end": np.floor}, {"begin": np.ceil}, {"begin": np.round, "end": np.round}),
            {"step": lambda i, length, size: i * (length // size)},
        ],
        "the largest value of a bin is needed, not the mean.": {"value": np.mean},
        "a region is x1, y1, x2, y2, and x counts columns: it is the second index of `features`.": [
            {"swap": True},
            lambda f, r, size: _pool_region(f, r, size, swap=True).swapaxes(0, 1),
        ],
        "`n` is the region's height for rows, but its width for columns.": [{"same": 0}, {"same": 1}],
        "bins are counted from the region's corner, not from the map's.": (
            lambda f, r, size: _pool_region(f, (0, 0, r[2] - r[0], r[3] - r[1]), size)
        ),
        "each channel has a maximum of its own.": {"value": lambda part, axis: np.full(part.shape[-1], part.max())},
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
        "a shape is (width, height). Half of each lies on either side of the centre.": [
            {"half": 1},
            lambda r, c, stride, shapes: _anchors(r, c, stride, np.array(shapes)[:, ::-1]),
            lambda *given: _anchors(*given) + np.tile(given[3], (given[0] * given[1], 2)) / 2,
        ],
        "list all shapes of a position, then go on to the next position.": {"by_shape": True},
        "go along a row first: the columns change faster than the rows.": {"down": True},
        "the column gives x and the row gives y.": {"swap": True},
        "a box is two corners, x1, y1, x2, y2: not a centre or a corner and a size.": [
            lambda *given: _with_sizes(_anchors(*given)),
            lambda *given: _with_sizes(_anchors(*given), 0),
        ],
    },
    praise="your anchors are where the region proposal network looks.",
)


def samples(part: BoxedPart, proposals: np.ndarray, target: Callable, seed: int, recolour: bool, count=32) -> Iterator:
    """Endless batches of 16 scenes: numbers, images, `count` regions of each, at most half objects, and targets."""
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


def show_detections(images, truths: Sequence[Mapping], found: Sequence[Mapping], names, title: str) -> None:
    """Two scenes with the ground truth and detections with a score above 0.5; the true class where it is another."""
    texts, shown, chosen = [], [], [0, 3]
    for truth, one in ((truths[k], found[k]) for k in chosen):
        sure = {key: values[one["scores"] > 0.5] for key, values in one.items()}
        claimed = metrics.matches([truth], [sure], by_class=False)[0]
        true = np.append(truth["labels"], len(names))[claimed]
        shown.append({**sure, "labels": len(texts) + np.arange(len(true))})
        pairs = zip(sure["labels"], true, strict=True)
        texts += [names[k] + f" ({[*names, 'none'][right]})" * bool(k != right) for k, right in pairs]
    key = "ground truth", "detection: class (true class, if another), score"
    true_boxes = [{"boxes": truths[k]["boxes"]} for k in chosen]
    plots.boxes(images[chosen], true_boxes, shown, texts, title=title, key=key)


def show_milliseconds(detectors: Mapping[str, Mapping[str, float]], title: str) -> None:
    """A bar for each detector, divided into its parts."""
    made, [[axis]] = figure(height=3.2, title=title)
    left = np.zeros(len(detectors))
    for number, part in enumerate(dict.fromkeys(part for parts in detectors.values() for part in parts)):
        widths = [parts.get(part, 0) for parts in detectors.values()]
        look = {"color": COLOURS[number], "hatch": HATCHES[number], "edgecolor": "white", "label": part}
        axis.barh(list(detectors), widths, left=left, height=0.6, **look)
        left += widths
    for row, total in enumerate(left):
        axis.text(total, row, f" {total:.1f}", va="center")
    axis.grid(axis="y", visible=False)
    axis.set(xlabel="milliseconds a scene", xlim=(0, 1.1 * left.max()), ylim=(len(detectors) - 0.5, -0.5))
    made.legend(loc="outside lower center", ncols=5, frameon=False)
    described = [f"{name}: {part} {value:.1f}" for name, parts in detectors.items() for part, value in parts.items()]
    show(made, f"{title}. Milliseconds a scene. {'; '.join(described)}.".replace("\n", " "))
