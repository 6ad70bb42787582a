"""Week 6: the checks of its exercises, and what this lesson alone needs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np

from .. import losses, runtime, training
from ..judge import Check, as_in_training

ops = runtime.quiet_keras().ops


def example(truths: Sequence[Mapping], side: int) -> int:
    """Position of one of the first images, whose box covers about a sixth of it; of equal ones, the last."""
    with_box = [i for i, truth in enumerate(truths) if len(truth["boxes"])][12::-1]
    return min(with_box, key=lambda i: abs(_area(truths[i]["boxes"][0]) / side**2 - 1 / 6))


def largest_object(truth: Mapping) -> tuple[int, np.ndarray]:
    """Label and box of the largest object of an image."""
    largest = np.argmax([_area(box) for box in truth["boxes"]])
    return truth["labels"][largest], truth["boxes"][largest]


def batches(images: np.ndarray, targets: np.ndarray, recolour: bool, size: int = 32) -> Iterator[tuple]:
    """Endless random batches; `recolour` permutes the colour channels of each, and inverts half of them."""
    rng = np.random.default_rng(0)
    while True:
        chosen = rng.choice(len(images), min(size, len(images)), replace=False)
        batch = images[chosen]
        yield training.recoloured(batch, rng) if recolour else batch, targets[chosen]


def accuracies(boxes_of: Callable) -> list[Callable]:
    """Keras metrics of target vectors and outputs: objectness of all images, class and box (IoU > 0.5) of objects."""

    def fraction_of_objects(target, correct):
        return ops.sum(target[:, 0] * ops.cast(correct, "float32")) / ops.maximum(ops.sum(target[:, 0]), 1)

    def objectness_accuracy(target, output):
        return ops.mean(ops.cast((output[:, 0] > 0) == (target[:, 0] > 0.5), "float32"))

    def class_accuracy(target, output):
        return fraction_of_objects(target, ops.argmax(target[:, 1:-4], axis=1) == ops.argmax(output[:, 1:-4], axis=1))

    def box_accuracy(target, output):
        return fraction_of_objects(target, losses.pair_iou(boxes_of(target), boxes_of(output)) > 0.5)

    return [objectness_accuracy, class_accuracy, box_accuracy]


def _to_corners(row, column, height, width):
    """x1, y1, x2, y2 of a box with this centre and size."""
    return column - width / 2, row - height / 2, column + width / 2, row + height / 2


to_corners = Check(
    _to_corners,
    cases=[(20.0, 30.0, 10.0, 4.0), (np.array([7.0, 31]), np.array([5.0, 8]), np.array([6.0, 9]), np.array([5.0, 2]))],
    results=("x1", "y1", "x2", "y2"),
    mistakes={
        "the height belongs to the row, and the width to the column. One pair of them has changed places.": [
            lambda r, c, h, w: _to_corners(r, c, w, h),
            lambda r, c, h, w: _to_corners(c, r, h, w),
        ],
        "half of the size lies on each side of the centre, and the centre itself stays where it is.": [
            lambda r, c, h, w: (c, r, c + w, r + h),
            lambda r, c, h, w: (c - w, r - h, c + w, r + h),
        ],
        "there is still a size among the numbers. x2 and y2 are the lower right corner.": (
            lambda r, c, h, w: (c - w / 2, r - h / 2, w, h)
        ),
    },
    praise="down is the row and y, across is the column and x.",
    tolerance=1e-5,
    view=as_in_training,
)


def _area(box):
    return (box[2] - box[0]) * (box[3] - box[1])


def _iou(a, b, *, left=np.maximum, shared=lambda side: max(0, side), area=_area, union=lambda a, b, both: a + b - both):
    """Intersection over union of two boxes x1, y1, x2, y2."""
    width, height = np.minimum(a, b)[2:] - left(a, b)[:2]
    both = shared(width) * shared(height)
    return both / union(area(a), area(b), both)


_BOX = np.array([1.0, 3, 5, 6])

iou = Check(
    _iou,
    cases=[
        (_BOX, np.array([3.0, 4, 8, 9])),
        (_BOX, np.array([7.0, 8, 10, 10])),  # apart in both directions
        (_BOX, np.array([7.0, 4, 9, 6])),  # apart across
        (_BOX, np.array([2.0, 8, 4, 9])),  # apart down
        (np.array([0.5, 2, 4.5, 7.5]), np.array([1.0, 2.5, 4, 6.25])),  # one inside the other
    ],
    mistakes={
        "a negative overlap means 0, in width and in height: boxes with a gap between them share nothing.": [
            {"shared": lambda side: side},
            {"shared": abs},
        ],
        "the union counts the common area once. The sum of the areas counts it twice.": [
            {"union": lambda a, b, both: a + b},
            {"union": lambda a, b, both: a + b + both},
        ],
        "the intersection is right. Divide it by the union: all that the two boxes cover.": [
            {"union": lambda a, b, both: 1},
            {"union": lambda a, b, both: a},
        ],
        "the intersection begins at the larger left side and at the larger upper side.": {"left": np.minimum},
        "x2 and y2 are where a box ends, not its width and height.": {"area": lambda box: box[2] * box[3]},
    },
    praise="no useless box gets a high IoU.",
)


def _smooth_l1(d, *, near=lambda d: d**2 / 2, far=lambda d: ops.abs(d) - 0.5, size=ops.abs):
    """Smooth L1 of each difference: a tensor of the shape of d."""
    return ops.where(size(d) < 1, near(d), far(d))


smooth_l1 = Check(
    _smooth_l1,
    cases=[(np.array([0.0, 0.5, 1.0, 3.0]),), (np.array([[-3.0, -1.0, -0.5], [0.2, 0.7, 2.0]]),)],
    mistakes={
        "where the absolute value is below 1, half of its square is needed.": {"near": ops.square},
        "where the absolute value is 1 or above, subtract a half from it.": {"far": ops.abs},
        "a large negative difference is large, too: its absolute value decides.": [
            {"far": lambda d: d - 0.5},
            {"size": lambda d: d, "far": lambda d: d - 0.5},
        ],
    },
    praise="a square near zero, a straight line far out.",
    tolerance=1e-5,
    view=partial(as_in_training, cure="Choose between the two formulas with `ops.where`."),
)


def _total_loss(c0, objectness_loss, class_loss, box_loss):
    """Loss of a batch: objectness of all images, class and box of those with an object."""
    return ops.mean(objectness_loss) + ops.sum(c0 * (class_loss + box_loss)) / ops.maximum(ops.sum(c0), 1)


total_loss = Check(
    _total_loss,
    cases=[
        tuple(np.array([[1.0, 0], [0.2, 0.4], [1, 9], [2, 9]])),
        tuple(np.array([[1.0, 0, 1, 1], [0.5, 0.1, 0.3, 0.2], [2, 7, 1, 0.4], [1.5, 5, 0.3, 2]])),
        tuple(np.array([[0.0, 0], [0.3, 0.6], [3, 4], [5, 2]])),
    ],
    mistakes={
        "empty images count for class or box, though these entries mean nothing there.": (
            lambda c0, o, c, b: ops.mean(o) + ops.mean(c + b)
        ),
        "empty images must count for objectness: without them it is never pushed down.": (
            lambda c0, o, c, b: ops.sum(c0 * (o + c + b)) / ops.maximum(ops.sum(c0), 1)
        ),
        "class and box: divide by the number of images with an object, not by that of all images.": (
            lambda c0, o, c, b: ops.mean(o + c0 * (c + b))
        ),
        "these are sums. Each part is a mean over its own images.": [
            lambda c0, o, c, b: ops.sum(o + c0 * (c + b)),
            lambda c0, o, c, b: ops.mean(o) + ops.sum(c0 * (c + b)),
        ],
    },
    praise="each task counts only where the image can teach it.",
    tolerance=1e-5,
    view=partial(as_in_training, cure="Avoid a divisor of zero with `ops.maximum`."),
)
