"""Week 8b: the checks of its exercises, its pictures, and the measures of five detectors."""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from .. import metrics, runtime
from ..data import boxed
from ..data.record import BoxedPart, DataSet
from ..judge import Check, as_in_training
from ..plots.look import COLOURS, MARKERS, figure, grid, legend_beside, show

ops = runtime.quiet_keras().ops


def _responsible(box, rows, columns, stride, reach, *, half=0.5, unit=1, near=None, join=np.logical_and):
    """Which cells have their centre near that of a box: an array (rows, columns) of True and False."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    down = np.abs((np.arange(rows) + half) * stride - y)[:, None] / stride * unit
    right = np.abs((np.arange(columns) + half) * stride - x)[None] / stride * unit
    return near(down, right, reach) if near else join(down <= reach, right <= reach)


responsible = Check(
    _responsible,
    cases=[
        (np.array([9.0, 1, 19, 9]), 3, 4, 8, 0.5),
        (np.array([9.0, 1, 19, 9]), 3, 4, 8, 1.0),
        (np.array([9.0, 1, 20, 8]), 3, 4, 8, 0.6875),  # just as far as the third column
        (np.array([40.0, 20, 47, 30]), 3, 4, 16, 1.6),
    ],
    mistakes={
        "a cell's centre lies half a cell beyond its upper left corner.": {"half": 0},
        "the distance is counted in cells, not in pixels.": {"unit": 8},
        "rows lead down, as y does, and columns lead across. The two have changed places.": [
            lambda box, r, c, s, reach: _responsible(box[[1, 0, 3, 2]], r, c, s, reach),
            lambda box, r, c, s, reach: _responsible(box, r, c, s, reach).T,
        ],
        "both distances must be small enough: down and across.": {"join": np.logical_or},
        "a distance of just `reach` is small enough.": {
            "near": lambda *away: (away[0] < away[2]) & (away[1] < away[2])
        },
        "each direction counts on its own here: the cells make a square, not a disc.": {
            "near": lambda down, right, reach: down**2 + right**2 <= reach**2
        },
    },
    praise="from here on your function says which cell learns which object.",
)


def _decode(numbers, row, column, stride, *, half=0.5, root=lambda value: value**2, unit=1, out=2):
    """The sides x1, y1, x2, y2 of the boxes that cells predict."""
    down, right, root_height, root_width = numbers
    y, x = stride * (row + half + down), stride * (column + half + right)
    height, width = stride**unit * root(root_height), stride**unit * root(root_width)
    return x - width / out, y - height / out, x + width / out, y + height / out


_CELLS = *np.random.default_rng(3).uniform(0.4, 1.9, (4, 2, 3)), *np.mgrid[:2, :3].astype(float)

decode = Check(
    _decode,
    cases=[((0.25, -0.5, 2.0, 1.5), 3.0, 5.0, 8), ((0.0, 0.5, 1.0, 1.5), 0.0, 2.0, 16), (_CELLS[:4], *_CELLS[4:], 8)],
    results=("x1", "y1", "x2", "y2"),
    mistakes={
        "`down` and `right` count from the cell's centre, which lies half a cell beyond its corner.": {"half": 0},
        "the last two numbers are square roots: square them.": {"root": lambda value: value},
        "height and width, too, are counted in cells: multiply them by the stride.": {"unit": 0},
        "half of the size lies on each side of the centre.": {"out": 1},
        "the row and `down` give y, the column and `right` give x.": (
            lambda n, r, c, s: tuple(_decode(n, r, c, s)[i] for i in (1, 0, 3, 2))
        ),
    },
    praise="the loss and the detector both use your function now.",
    tolerance=1e-5,
    view=lambda answer: (
        lambda numbers, *rest: as_in_training(lambda *all_: answer(all_[:4], *all_[4:]))(*numbers, *rest)
    ),
)


def _masked_loss(is_object, confidence, class_loss, box_loss, *, empty=1, mask=lambda m: m, twice=2, count=ops.sum):
    """Loss of a batch for each responsible cell: confidence in all cells, class (twice) and box in responsible ones."""
    total = ops.sum((is_object + empty * (1 - is_object)) * confidence)
    total += ops.sum(mask(is_object) * (twice * class_loss + box_loss))
    return total / ops.maximum(count(is_object), 1)


_LOSSES = np.random.default_rng(5).uniform(0.1, 3, (3, 2, 3, 3)).round(1)

masked_loss = Check(
    _masked_loss,
    cases=[
        tuple(np.array([[1.0, 0], [0.2, 0.4], [1, 9], [2, 9]])),
        (np.array([[[1.0, 0, 0], [0, 1, 1], [0, 0, 0]], np.eye(3)]), *_LOSSES),
        (np.zeros((2, 3, 3)), *_LOSSES),
    ],
    mistakes={
        "empty cells count for class or box, though these numbers mean nothing there.": {"mask": ops.ones_like},
        "empty cells must count for the confidence: without them it is never pushed down.": {"empty": 0},
        "divide by the number of responsible cells, not by that of all cells.": {"count": lambda m: ops.sum(0 * m + 1)},
        "the sum is right. Divide it by the number of responsible cells.": {"count": ops.zeros_like},
        "the class loss counts twice.": {"twice": 1},
        "without any object, divide by 1.": lambda m, *losses: _masked_loss(m, *losses) / ops.minimum(ops.sum(m), 1),
    },
    praise="the mask in it decides what each cell learns.",
    tolerance=1e-5,
    view=partial(as_in_training, cure="Use `ops`."),
)


def _paste(mask, box, height, width, *, shift=0.5, box_of=lambda box: box, outside=0):
    """A mask of any size in its box, in an image of zeros (height, width)."""
    x1, y1, x2, y2 = box_of(box)
    i = np.floor((np.arange(height) + shift - y1) / (y2 - y1) * mask.shape[0]).astype(int)
    j = np.floor((np.arange(width) + shift - x1) / (x2 - x1) * mask.shape[1]).astype(int)
    inside = ((i >= 0) & (i < mask.shape[0]))[:, None] & ((j >= 0) & (j < mask.shape[1]))
    return np.where(inside | (outside == 1), mask[np.ix_(i.clip(0, len(mask) - 1), j.clip(0, len(mask) - 1))], 0)


_MASK = np.random.default_rng(4).permutation(16).reshape(4, 4) / 16 + 0.01

paste = Check(
    _paste,
    cases=[
        (np.array([[0.1, 0.2], [0.3, 0.4]]), np.array([1.0, 0, 5, 2]), 4, 6),
        (_MASK, np.array([2.3, 1.4, 7.7, 8.2]), 9, 10),
        (_MASK, np.array([-1.7, 3.1, 5.2, 9.4]), 8, 7),
    ],
    mistakes={
        "a pixel's centre lies half a pixel beyond its corner.": {"shift": 0},
        "beyond the box there is nothing: 0.": {"outside": 1},
        "x leads across and y leads down. The two have changed places.": {"box_of": lambda box: box[[1, 0, 3, 2]]},
        "your image stayed empty. An index behind another index writes into a copy.": lambda m, b, h, w: np.zeros(
            (h, w)
        ),
        "the box is not rounded here: only the number of the mask's row and column is.": {"box_of": np.round},
    },
    praise="your function puts each outline where it belongs.",
)


def prepare(scenes: DataSet) -> tuple[BoxedPart, BoxedPart]:
    """Training and test images as in week 8a. Where masks are not known, an object's is its whole box."""
    parts = boxed.same_size(scenes)
    for truth in (truth for part in parts for truth in part.truths if "instances" not in truth):
        truth["instances"] = np.zeros(parts[0].images.shape[1:3], np.uint8)
        for k, (x1, y1, x2, y2) in enumerate(np.rint(truth["boxes"]).astype(int)):
            truth["instances"][y1:y2, x1:x2] = k + 1
    return parts


def shifted_objects(truth: Mapping, count: int, rng) -> tuple[np.ndarray, np.ndarray]:
    """Boxes of random objects of an image, shifted and resized a little as detections are, and their numbers."""
    if not len(truth["boxes"]):
        return np.tile([0.0, 0, 8, 8], (count, 1)), np.full(count, -2)
    boxes = truth["boxes"][numbers := rng.integers(len(truth["boxes"]), size=count)]
    return boxes + rng.uniform(-0.1, 0.1, boxes.shape) * np.tile(boxes[:, 2:] - boxes[:, :2], 2), numbers


def tint(image: np.ndarray, masks: Sequence[np.ndarray]) -> np.ndarray:
    """A dim image, with each mask in a colour of its own."""
    tinted, colours = 0.5 * image, np.array([list(bytes.fromhex(colour[1:])) for colour in COLOURS[:6]]) / 255
    for number, mask in enumerate(masks):
        tinted[mask > 0.5] = 0.35 * image[mask > 0.5] + 0.65 * colours[number % 6]
    return tinted


def show_stages(image, boxes, confidence, classes, found: Mapping, names: Sequence[str], title: str) -> None:
    """A scene with its grid, all cells' boxes (rows, columns, 4), their likeliest classes, and the final detections."""
    made, axes = grid(4, 2, 4.1, title)
    (rows, columns), (height, width) = confidence.shape, image.shape[:2]
    stages = "grid on input", "boxes + confidence", "class map", "final detections"
    for axis, stage in zip(axes, stages, strict=True):
        axis.imshow(image * (0.4 if stage == "class map" else 1), vmin=0, vmax=1)
        axis.set(title=stage, xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
    y, x = height / rows * np.arange(rows + 1) - 0.5, width / columns * np.arange(columns + 1) - 0.5
    for axis in (axes[0], axes[2]):
        axis.hlines(y, x[0], x[-1], "white", linewidth=0.6)
        axis.vlines(x, y[0], y[-1], "white", linewidth=0.6)

    def frame(axis, box, **look):
        x1, y1, x2, y2 = np.asarray(box) - 0.5
        axis.plot([x1, x2, x2, x1, x1], [y1, y1, y2, y2, y1], **look)

    for i, j in np.ndindex(rows, columns):
        sure = confidence[i, j] > 0.5
        look = {"color": COLOURS[4] if sure else "#cccccc", "zorder": 2 + sure}
        frame(axes[1], boxes[i, j], linewidth=0.5 + 1.5 * confidence[i, j], **look)
        look |= {"ha": "center", "va": "center", "fontsize": 11}
        axes[2].text(x[j : j + 2].mean(), y[i : i + 2].mean(), names[classes[i, j]][:3], **look)
    for box, label in zip(found["boxes"], found["labels"], strict=True):
        frame(axes[3], box, linewidth=2.4, color=COLOURS[4])
        axes[3].text(*box[:2], names[label], color="white", bbox={"facecolor": "black", "pad": 1.5, "linewidth": 0})
    detected = ", ".join(names[label] for label in found["labels"])
    show(
        made, f"{title}. {'; '.join(stages)}: {detected}. {np.sum(confidence > 0.5)} cells have a confidence above 0.5."
    )


def judged(truths: Sequence[Mapping], found: Sequence[Mapping]) -> dict[str, float]:
    """Three measures of a detector: mAP; AP with all classes taken as one; AP of the weakest class."""
    by_class = metrics.average_precision(truths, found).values()
    as_one = [[{**one, "labels": 0 * one["labels"]} for one in each] for each in (truths, found)]
    positions = metrics.mean_average_precision(*as_one)
    return {"mAP": float(np.mean([*by_class])), "positions alone": positions, "weakest class": min(by_class)}


def measurements() -> dict[str, dict]:
    """What tools/measure_detectors.py has measured of each detector, with three seeds."""
    package = Path(__file__).parents[1]
    installed = package / "shipped/detectors.json"  # by pip
    return json.loads((installed if installed.is_file() else package.parent / "data/detectors.json").read_text())


def show_ranges(values: Mapping[str, Mapping[str, Sequence[float]]], labels: tuple[str, str], title: str) -> None:
    """The median of several runs of each detector in each group, with a line from the lowest to the highest."""
    (made, [[axis]]), described = figure(height=3.6, title=title), []
    for number, (detector, groups) in enumerate(values.items()):
        x, runs = np.arange(len(groups)) + 0.13 * (number - (len(values) - 1) / 2), np.array([*groups.values()])
        middle, colour = np.median(runs, axis=1), COLOURS[number]
        axis.vlines(x, runs.min(axis=1), runs.max(axis=1), colour, linewidth=3)
        axis.plot(x, middle, MARKERS[number], color=colour, label=detector, markersize=8)
        described += [f"{detector}, {name} {value:.2f}" for name, value in zip(groups, middle, strict=True)]
    axis.set_xticks(range(len(groups)), groups)
    axis.set(xlabel=labels[0], ylabel=labels[1], ylim=(0, None))
    legend_beside(axis)
    show(made, f"{title}. Medians of {labels[1]} by {labels[0]}: {'; '.join(described)}.")
