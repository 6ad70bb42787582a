"""Week 6: the checks of its exercises, and what this lesson alone needs."""

import numpy as np

from ..judge import Check


def _to_corners(box):
    """The corners x1, y1, x2, y2 of a box given as row, column (of its centre), height, width."""
    row, column, height, width = box
    return np.array([column - width / 2, row - height / 2, column + width / 2, row + height / 2])


def _from_whole_halves(box):
    row, column, height, width = box
    return np.array([column - width // 2, row - height // 2, column + width // 2, row + height // 2])


to_corners = Check(
    _to_corners,
    cases=[(np.array([20.0, 30, 10, 4]),), (np.array([7.0, 5, 6, 5]),), (np.array([12.0, 40, 9, 15]),)],
    mistakes={
        "x and y have changed places: x counts columns, and the width goes with it.": (
            lambda box: _to_corners(box[[1, 0, 3, 2]])
        ),
        "the height belongs to the row, and the width to the column. One pair of them has changed places.": [
            lambda box: _to_corners(box[[0, 1, 3, 2]]),
            lambda box: _to_corners(box[[1, 0, 2, 3]]),
        ],
        "half of the size lies on each side of the centre, and the centre itself stays where it is.": [
            lambda box: _to_corners(box + np.array([box[2], box[3], 0, 0]) / 2),
            lambda box: _to_corners(box * [1, 1, 2, 2]),
            lambda box: _to_corners(box * [0.5, 0.5, 1, 1]),
        ],
        "a side may lie between two pixels: half of an odd size has a fraction.": _from_whole_halves,
        "there is still a size among the numbers. x2 and y2 are the lower right corner.": [
            lambda box: np.append(_to_corners(box)[:2], box[[3, 2]]),
            lambda box: box[[1, 0, 3, 2]],
        ],
        "the four numbers are right, in another order: first the upper left corner, and x before y.": [
            lambda box: _to_corners(box)[[0, 2, 1, 3]],
            lambda box: _to_corners(box)[[2, 3, 0, 1]],
            lambda box: _to_corners(box)[[0, 3, 2, 1]],
        ],
    },
    praise="down is the row and y, across is the column and x.",
)


def _area(width, height):
    return max(0, width) * max(0, height)


def _over_union(common, area_a, area_b):
    return common / (area_a + area_b - common)


def _iou(a, b, *, common=_area, ratio=_over_union, more=0):
    """Intersection over union of two boxes x1, y1, x2, y2."""
    width = min(a[2], b[2]) - max(a[0], b[0]) + more
    height = min(a[3], b[3]) - max(a[1], b[1]) + more
    area_a, area_b = ((box[2] - box[0] + more) * (box[3] - box[1] + more) for box in (a, b))
    return ratio(common(width, height), area_a, area_b)


def _over_hull(a, b):
    width, height = np.maximum(a, b)[2:] - np.minimum(a, b)[:2]
    return _iou(a, b, ratio=lambda common, *areas: common / (width * height))


def _read_as_size(box):
    return np.append(box[:2], box[:2] + box[2:])


_BOX = np.array([1.0, 3, 5, 6])

iou = Check(
    _iou,
    cases=[
        (_BOX, np.array([3.0, 4, 8, 9])),
        (_BOX, np.array([7.0, 8, 10, 10])),  # apart in both directions
        (_BOX, np.array([7.0, 4, 9, 6])),  # apart across
        (_BOX, np.array([2.0, 8, 4, 9])),  # apart down
        (_BOX, _BOX),
        (np.array([0.5, 2, 4.5, 7.5]), np.array([1.0, 2.5, 4, 6.25])),  # one inside the other
    ],
    mistakes={
        "boxes that are apart share nothing, and here the gap between them counts as an area.": [
            {"common": lambda width, height: width * height},
            {"common": lambda width, height: max(0, width * height)},
            {"common": lambda width, height: abs(width * height)},
        ],
        "apart in one direction is apart: neither the width nor the height that they share is less than 0.": [
            {"common": lambda width, height: max(0, width) * height},
            {"common": lambda width, height: width * max(0, height)},
            {"common": lambda width, height: width * height if width > 0 or height > 0 else 0},
        ],
        "the union counts what both share once. The sum of the areas counts it twice.": [
            {"ratio": lambda common, a, b: common / (a + b)},
            {"ratio": lambda common, a, b: 2 * common / (a + b)},
            {"ratio": lambda common, a, b: common / (a + b - 2 * common)},
        ],
        "the intersection is right. Divide it by the union: all that the two boxes cover.": [
            {"ratio": lambda common, a, b: common},
            {"ratio": lambda common, a, b: common / a},
            {"ratio": lambda common, a, b: common / b},
            {"ratio": lambda common, a, b: common / min(a, b)},
            {"ratio": lambda common, a, b: common / max(a, b)},
            _over_hull,
        ],
        "x2 and y2 are where a box ends, not its width and height.": [
            lambda a, b: _iou(_read_as_size(a), _read_as_size(b)),
            lambda a, b: _iou(a, b, ratio=lambda common, *_: _over_union(common, a[2] * a[3], b[2] * b[3])),
        ],
        "that counts pixels, and adds 1 to each side. Here the width is the difference of the two sides.": {"more": 1},
    },
    praise="`byhand.boxes.iou` does this for all pairs of two lists.",
)


def _fraction(part, whole):
    return part.sum() / whole.sum()


_MEASURES = {
    "recall": lambda reference, proposal: _fraction(reference & proposal, reference),
    "specificity": lambda reference, proposal: _fraction(~reference & ~proposal, ~reference),
    "precision": lambda reference, proposal: _fraction(reference & proposal, proposal),
    "IoU": lambda reference, proposal: _fraction(reference & proposal, reference | proposal),
}


def _four_measures(reference, proposal, **others):
    """Recall, specificity, precision and IoU of two boolean masks."""
    return tuple(measure(reference, proposal) for measure in (_MEASURES | others).values())


# In each column both masks have and lack something, and all counts differ, so that no two mistakes look alike.
_REFERENCE = np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]], bool)
_PROPOSAL = np.array([[0, 1, 1, 0], [0, 1, 1, 0], [0, 1, 0, 1], [1, 0, 0, 0]], bool)

four_measures = Check(
    _four_measures,
    cases=[
        (_REFERENCE, _PROPOSAL),
        tuple(np.random.default_rng(6).random((2, 12, 6)) < np.array([0.35, 0.5])[:, None, None]),
    ],
    results=tuple(_MEASURES),
    mistakes={
        "recall is a fraction of the reference, and precision one of the proposal.": [
            {"recall": _MEASURES["precision"], "precision": _MEASURES["recall"]},
            {"recall": _MEASURES["precision"]},
            {"precision": _MEASURES["recall"]},
        ],
        "specificity looks only outside the reference. Which fraction of that does the proposal leave alone?": [
            {"specificity": lambda r, p: (~r & ~p).mean()},
            {"specificity": lambda r, p: (r == p).mean()},
            {"specificity": lambda r, p: _fraction(~r & ~p, ~p)},
            {"specificity": lambda r, p: _fraction(~(r & p), ~r)},
        ],
        "the last is divided by something else than the union, which is what at least one of the masks has.": [
            {"IoU": lambda r, p: (r & p).sum() / (r.sum() + p.sum())},
            {"IoU": lambda r, p: (r & p).mean()},
            {"IoU": lambda r, p: _fraction(r & p, r ^ p)},
        ],
        "that is Dice in place of IoU: it counts twice what both have.": {
            "IoU": lambda r, p: 2 * (r & p).sum() / (r.sum() + p.sum())
        },
        "the last is the accuracy. IoU leaves out the pixels that neither mask has.": {
            "IoU": lambda r, p: (r == p).mean()
        },
        "those are counts. A fraction is one count divided by another.": [
            lambda r, p: tuple(mask.sum() for mask in (r & p, ~r & ~p, r & p, r | p)),
            lambda r, p: tuple(mask.sum() for mask in (r & p, ~r & ~p, r & p, r & p)),
        ],
    },
    praise="these four are the same for boxes and for any set of pixels.",
)


def _smooth_l1(d, *, near=lambda d: d**2 / 2, far=lambda d: np.abs(d) - 0.5, size=np.abs, bend=1):
    """Smooth L1 of each difference."""
    return np.where(size(d) < bend, near(d), far(d))


smooth_l1 = Check(
    _smooth_l1,
    cases=[
        (np.array([0.0, 0.5, 1.0, 3.0]),),
        (np.array([-3.0, -1.0, -0.5, 0.2, 0.7, 2.0]),),
        (np.array([0.9, -10.0]),),
    ],
    mistakes={
        "where the absolute value is below 1, half of its square is needed.": [
            {"near": np.square},
            {"near": np.square, "far": np.abs},
            {"near": lambda d: (d / 2) ** 2},
            {"near": lambda d: np.abs(d) / 2},
            {"near": lambda d: d / 2},
        ],
        "where the absolute value is 1 or above, it is needed less a half.": [
            {"far": np.abs},
            {"far": lambda d: d - 0.5},
            {"far": lambda d: np.abs(d - 0.5)},
        ],
        "a large negative difference is large, too: its absolute value decides.": [
            {"size": np.asarray},
            {"size": np.asarray, "far": lambda d: d - 0.5},
        ],
        "one formula is used throughout. Each difference has its own, by its size.": [
            np.abs,
            np.square,
            lambda d: d**2 / 2,
            lambda d: np.abs(d) - 0.5,
        ],
        "the two formulas have changed places.": {"near": lambda d: np.abs(d) - 0.5, "far": lambda d: d**2 / 2},
        "the formulas meet where the absolute value is 1, and there exactly one of them counts.": [
            {"bend": 0.5},
            lambda d: np.where(np.abs(d) == 1, 0, _smooth_l1(d)),
            lambda d: np.where(np.abs(d) == 1, 1, _smooth_l1(d)),
        ],
    },
    praise="near the goal a square, far out a straight line.",
)


def _squared(true, predicted):
    return ((true - predicted) ** 2).sum(axis=1)


def _box_loss(there, true, predicted, *, error=_squared, mask=np.asarray, count=np.sum, none=0.0):
    """Squared error of the boxes, mean over pictures with an object."""
    number = count(there)
    return (mask(there) * error(true, predicted)).sum() / number if number else none


def _either(**knobs):
    """The same mistake in two answers: that gives 0, or 0/0, where no image has an object."""
    return [knobs, {**knobs, "none": np.nan}]


_TRUE, _PREDICTED = np.random.default_rng(4).random((2, 5, 4))
_SOME = np.array([1.0, 0, 1, 1, 0])

box_loss = Check(
    _box_loss,
    cases=[
        (np.array([1.0, 0.0]), np.array([[1.0, 2, 3, 4], [0, 0, 0, 0]]), np.array([[1.0, 4, 3, 3], [1, 1, 2, 2]])),
        (_SOME, _TRUE, _PREDICTED),
        (np.ones(3), _TRUE[:3], _PREDICTED[1:4]),
        (_SOME[2:], _TRUE[2:], _PREDICTED[2:]),
        (np.zeros(2), _TRUE[:2], _PREDICTED[:2]),
    ],
    mistakes={
        "images without an object count, though their boxes mean nothing.": [
            {"mask": np.ones_like, "count": len},
            {"mask": np.ones_like, "count": lambda there: 4 * len(there)},
            {"mask": np.ones_like, "count": lambda there: 1},
            {"mask": np.ones_like, "count": lambda there: max(1, there.sum())},
            {"mask": lambda there: 1 - there, "count": lambda there: max(1, (1 - there).sum())},
        ],
        "the mean is over the images that have an object: divide by their number.": [
            {"count": len},
            {"count": lambda there: 4 * len(there)},
            {"count": lambda there: 1},
        ],
        "positive and negative differences cancel: each of the four is squared before the sum.": [
            *_either(error=lambda true, predicted: (true - predicted).sum(axis=1)),
            *_either(error=lambda true, predicted: (true - predicted).sum(axis=1) ** 2),
        ],
        "the error of an image is the sum of four squares. Absolute values or a root do not give that.": [
            *_either(error=lambda true, predicted: np.abs(true - predicted).sum(axis=1)),
            *_either(error=lambda true, predicted: np.linalg.norm(true - predicted, axis=1)),
        ],
        "the prediction for an empty image is still in the sum. The bracket removes the whole difference.": (
            lambda there, true, predicted: _squared(there[:, None] * true, predicted).sum() / there.sum()
        ),
        "without any object the loss is 0. Zero divided by zero gives nan, which spoils all weights.": {"none": np.nan},
    },
    praise="an empty image has nothing to say about boxes.",
    tolerance=1e-5,
)
