"""Week 8b: the checks of its exercises, its pictures, and the measures of five detectors."""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from skimage.segmentation import mark_boundaries

from .. import metrics, runtime
from ..data import boxed
from ..data.record import BoxedPart, DataSet
from ..judge import Check, as_in_training
from ..plots.look import COLOURS, grid, show

keras = runtime.quiet_keras()
ops = keras.ops


def _responsible(
    box, rows, columns, stride, reach, *, half=0.5, first=0.5, size=np.abs, join=np.maximum, near=np.less_equal
):
    """Which cells have their centre near that of a box: an array (rows, columns) of True and False."""
    x, y = first * box[:2] + 0.5 * box[2:]
    down = size((np.arange(rows) + half) * stride - y)[:, None] / stride
    right = size((np.arange(columns) + half) * stride - x)[None] / stride
    return near(join(down, right), reach)


responsible = Check(
    _responsible,
    cases=[
        (np.array([9.0, 1, 19, 9]), 3, 4, 8, 0.5),
        (np.array([9.0, 1, 19, 9]), 3, 4, 8, 1.0),
        (np.array([9.0, 1, 20, 8]), 3, 4, 8, 0.6875),  # just as far as the third column
        (np.array([40.0, 20, 47, 30]), 3, 4, 16, 1.6),
        (np.array([9.0, 1, 20, 8]), 3, 4, 8, 1.3),  # the first column is just too far
    ],
    mistakes={
        "centres lie half a cell beyond a cell's corner, and between a box's sides, not rounded.": [
            {"half": 0},
            {"first": -0.5},
            lambda box, *rest: _responsible(np.tile((box[:2] + box[2:]) // 2, 2), *rest),
        ],
        "distances are counted in cells, not in pixels.": lambda *a: _responsible(*a[:4], a[4] / a[3]),
        "rows lead down, as y does, and columns lead across. The two have changed places.": [
            lambda box, r, c, s, reach: _responsible(box[[1, 0, 3, 2]], r, c, s, reach),
            lambda box, r, c, s, reach: _responsible(box, r, c, s, reach).T,
        ],
        "a distance has no sign: it is as far up as down, and to the left as to the right.": {"size": np.positive},
        "a distance of just `reach` is small enough.": {"near": np.less},
        "both distances must be small enough: the cells make a square.": [{"join": np.minimum}, {"join": np.hypot}],
    },
    praise="from here on your function says which cell learns which object.",
)


def _decode(numbers, row, column, stride, *, half=0.5, power=2, unit=1, away=1, before=0.5, after=0.5):
    """The sides x1, y1, x2, y2 of the boxes that cells predict."""
    down, right, root_height, root_width = numbers
    y, x = stride * (row + half) + stride**away * down, stride * (column + half) + stride**away * right
    height, width = stride**unit * root_height**power, stride**unit * root_width**power
    return x - before * width, y - before * height, x + after * width, y + after * height


_CELLS = *np.random.default_rng(3).uniform(0.4, 1.9, (4, 2, 3)), *np.mgrid[:2, :3].astype(float)

decode = Check(
    _decode,
    cases=[((0.25, -0.5, 2.0, 1.5), 3.0, 5.0, 8), ((0.0, 0.5, 1.0, 1.5), 0.0, 2.0, 16), (_CELLS[:4], *_CELLS[4:], 8)],
    results=("x1", "y1", "x2", "y2"),
    mistakes={
        "`down` and `right` count from the cell's centre, which lies half a cell beyond its corner.": {"half": 0},
        "the last two numbers are square roots: square them.": {"power": 1},
        "height and width, too, are in cells: square, then multiply by the stride.": [{"unit": 0}, {"unit": 2}],
        "`down` and `right`, too, are in cells: multiply them by the stride.": {"away": 0},
        "half of the size lies on each side of the centre.": [{"before": 1, "after": 1}, {"before": 0, "after": 1}],
        "the row, `down` and the height go with y, the column, `right` and the width with x.": [
            lambda n, r, c, s: tuple(_decode(n, r, c, s)[i] for i in (1, 0, 3, 2)),
            lambda n, r, c, s: _decode((*n[:2], n[3], n[2]), r, c, s),
            lambda n, r, c, s: _decode(n, c, r, s),
        ],
    },
    praise="the loss and the detector both use your function now.",
    tolerance=1e-5,
    view=lambda answer: (
        lambda numbers, *rest: keras.tree.map_structure(
            lambda one: one if one.ndim else one.item(),  # to be printed as plain numbers
            as_in_training(lambda *all_: answer(all_[:4], *all_[4:]))(*numbers, *rest),
        )
    ),
)


def _masked_loss(is_object, confidence, class_loss, box_loss, *, empty=(1, 0, 0), weights=(1, 2, 1), count=ops.sum):
    """Loss of a batch for each responsible cell: confidence in all cells, class (twice) and box in responsible ones."""
    terms = zip(weights, empty, (confidence, class_loss, box_loss), strict=True)
    total = sum(weight * ops.sum((is_object + all_ * (1 - is_object)) * loss) for weight, all_, loss in terms)
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
        "empty cells count for class or box, but have neither.": [{"empty": (1, 1, 1)}, {"empty": (1, 0, 1)}],
        "empty cells must count for the confidence: without them it is never pushed down.": {"empty": (0, 0, 0)},
        "divide by the number of responsible cells, not by that of all cells.": [
            {"count": lambda m: ops.sum(0 * m + 1)},
            lambda m, confidence, *losses: ops.mean(confidence) + _masked_loss(m, 0 * confidence, *losses),
        ],
        "the sum is right. Divide it by the number of responsible cells.": {"count": ops.zeros_like},
        "the class loss counts twice, the box loss once.": [{"weights": (1, 1, 1)}, {"weights": (1, 2, 2)}],
        "without any object, divide by 1.": lambda m, *losses: _masked_loss(m, *losses) / ops.minimum(ops.sum(m), 1),
    },
    praise="the mask in it decides what each cell learns.",
    tolerance=1e-5,
    view=partial(as_in_training, cure="Use `ops`."),
)


def _paste(mask, box, height, width, *, shift=0.5, box_of=lambda box: box, outside=0, whole=np.floor, less=0):
    """A mask of any size in its box, in an image of zeros (height, width)."""
    x1, y1, x2, y2 = box_of(box)
    i = whole((np.arange(height) + shift - y1) / (y2 - y1) * (mask.shape[0] - less)).astype(int)
    j = whole((np.arange(width) + shift - x1) / (x2 - x1) * (mask.shape[1] - less)).astype(int)
    inside = ((i >= 0) & (i < mask.shape[0]))[:, None] & ((j >= 0) & (j < mask.shape[1]))
    return np.where(inside | (outside == 1), mask[np.ix_(i.clip(0, len(mask) - 1), j.clip(0, len(mask) - 1))], 0)


_MASK = np.random.default_rng(4).permutation(16).reshape(4, 4) / 16 + 0.01

paste = Check(
    _paste,
    cases=[
        (np.array([[0.1, 0.2], [0.3, 0.4]]), np.array([1.0, 0, 5, 2]), 4, 6),
        (_MASK, np.array([2.3, 1.4, 7.7, 8.2]), 9, 10),
        (_MASK, np.array([-1.7, 3.1, 5.2, 9.4]), 8, 7),
        (_MASK, np.array([1.5, 1.5, 4.5, 4.5]), 6, 6),  # its sides go through centres of pixels
    ],
    mistakes={
        "a pixel's centre lies half a pixel beyond its corner.": {"shift": 0},
        "beyond the box there is nothing: 0.": {"outside": 1},
        "x leads across and y leads down. The two have changed places.": {"box_of": lambda box: box[[1, 0, 3, 2]]},
        "your image stayed empty. An index behind another index writes into a copy.": lambda m, b, h, w: np.zeros(
            (h, w)
        ),
        "the box is not rounded here: only the number of the mask's row and column is.": {"box_of": np.round},
        "the mask's row is the fraction times n, rounded down. Cutting off decimals makes -0.3 a 0.": [
            {"whole": np.trunc},
            lambda m, b, h, w: _paste(m, b, h, w, whole=np.round, outside=1) * (_paste(m, b, h, w) > 0),
            lambda m, b, h, w: _paste(m, b, h, w, less=1) * (_paste(m, b, h, w) > 0),
        ],
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


def outline(image: np.ndarray, masks: Sequence[np.ndarray], scale: int = 4) -> np.ndarray:
    """An image enlarged, with an orange line around each mask."""
    large, orange = image.repeat(scale, axis=0).repeat(scale, axis=1), (0.9, 0.62, 0)
    for mask in masks:
        large = mark_boundaries(large, np.kron(mask, np.ones((scale, scale), int)), orange, (0, 0, 0), mode="thick")
    return large


def show_stages(image, boxes, confidence, classes, found: Mapping, names: Sequence[str], title: str) -> None:
    """A scene with its grid, all cells' boxes (rows, columns, 4), their likeliest classes, and the final detections."""
    made, axes = grid(4, 2, 4.1, title)
    (rows, columns), (height, width) = confidence.shape, image.shape[:2]
    stages = (
        "grid on input",
        "boxes (orange: confidence above 0.5)",
        "class map (orange: the same cells)",
        "final detections",
    )
    for axis, stage in zip(axes, stages, strict=True):
        axis.imshow(image * (0.4 if "map" in stage else 1), vmin=0, vmax=1)
        axis.set(title=stage, xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
    y, x = height / rows * np.arange(rows + 1) - 0.5, width / columns * np.arange(columns + 1) - 0.5
    for axis in (axes[0], axes[2]):
        axis.hlines(y, x[0], x[-1], "white", linewidth=0.6)
        axis.vlines(x, y[0], y[-1], "white", linewidth=0.6)

    def frame(axis, box, **look):
        axis.plot(np.asarray(box)[[0, 2, 2, 0, 0]] - 0.5, np.asarray(box)[[1, 1, 3, 3, 1]] - 0.5, **look)

    for i, j in np.ndindex(rows, columns):
        sure = confidence[i, j] > 0.5
        look = {"color": COLOURS[4] if sure else "#cccccc", "zorder": 2 + sure}
        frame(axes[1], boxes[i, j], linewidth=0.5 + 1.5 * confidence[i, j], **look)
        axes[2].text(
            x[j : j + 2].mean(), y[i : i + 2].mean(), names[classes[i, j]][:3], ha="center", va="center", **look
        )
    for box, label in zip(found["boxes"], found["labels"], strict=True):
        frame(axes[3], box, linewidth=2.4, color=COLOURS[4])
        axes[3].text(*box[:2], names[label], color="white", bbox={"facecolor": "black", "pad": 1.5, "linewidth": 0})
    detected = ", ".join(names[label] for label in found["labels"])
    show(made, f"{title}. {'; '.join(stages)}: {detected}. {np.sum(confidence > 0.5)} cells are above 0.5.")


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
