"""Week 6: the checks of its exercises, and what this lesson alone needs."""

import numpy as np

from ..judge import Check


def _to_corners(box):
    """The corners x1, y1, x2, y2 of a box given as row, column (of its centre), height, width."""
    row, column, height, width = box
    return np.array([column - width / 2, row - height / 2, column + width / 2, row + height / 2])


to_corners = Check(
    _to_corners,
    cases=[(np.array([20.0, 30, 10, 4]),), (np.array([7.0, 5, 6, 5]),)],
    mistakes={
        "x and y have changed places: x counts columns.": lambda box: _to_corners(box[[1, 0, 3, 2]]),
        "the height belongs to the row, and the width to the column. One pair of them has changed places.": [
            lambda box: _to_corners(box[[0, 1, 3, 2]]),
            lambda box: _to_corners(box[[1, 0, 2, 3]]),
        ],
        "half of the size lies on each side of the centre, and the centre itself stays where it is.": [
            lambda box: _to_corners(box + np.array([box[2], box[3], 0, 0]) / 2),
            lambda box: _to_corners(box * [1, 1, 2, 2]),
        ],
        "there is still a size among the numbers. x2 and y2 are the lower right corner.": (
            lambda box: np.append(_to_corners(box)[:2], box[[3, 2]])
        ),
    },
    praise="down is the row and y, across is the column and x.",
)


def _area(box):
    return (box[2] - box[0]) * (box[3] - box[1])


def _overlap(width, height):
    return max(0, width) * max(0, height)


def _iou(a, b, *, overlap=_overlap, area=_area, ratio=lambda both, a, b: both / (a + b - both)):
    """Intersection over union of two boxes x1, y1, x2, y2."""
    both = overlap(*np.minimum(a, b)[2:] - np.maximum(a, b)[:2])
    return ratio(both, area(a), area(b))


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
        "boxes that are apart share nothing. Here the gap between them counts as an area.": {"overlap": np.multiply},
        "apart in one direction is apart: neither the width nor the height that they share is less than 0.": [
            {"overlap": lambda width, height: max(0, width * height)},
            {"overlap": lambda width, height: max(0, width) * height},
            {"overlap": lambda width, height: width * max(0, height)},
        ],
        "the union counts what both share once. The sum of the areas counts it twice.": [
            {"ratio": lambda both, a, b: both / (a + b)},
            {"ratio": lambda both, a, b: 2 * both / (a + b)},
        ],
        "the intersection is right. Divide it by the union: all that the two boxes cover.": [
            {"ratio": lambda both, a, b: both},
            {"ratio": lambda both, a, b: both / a},
            {"ratio": lambda both, a, b: both / b},
        ],
        "x2 and y2 are where a box ends, not its width and height.": {"area": lambda box: box[2] * box[3]},
    },
    praise="`byhand.boxes.iou` does this for all pairs of two lists.",
)


def _four_measures(reference, proposal, *, outside=np.logical_not):
    """Recall, specificity, precision and IoU of two boolean masks."""
    both, neither = (reference & proposal).sum(), (~reference & ~proposal).sum()
    specificity = neither / outside(reference).sum()
    return both / reference.sum(), specificity, both / proposal.sum(), both / (reference | proposal).sum()


# In each column both masks have and lack something, and all counts differ, so that no two mistakes look alike.
_REFERENCE = np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]], bool)
_PROPOSAL = np.array([[0, 1, 1, 0], [0, 1, 1, 0], [0, 1, 0, 1], [1, 0, 0, 0]], bool)

four_measures = Check(
    _four_measures,
    cases=[(_REFERENCE, _PROPOSAL), (_REFERENCE[:3], ~_PROPOSAL[1:])],
    results=("recall", "specificity", "precision", "IoU"),
    mistakes={
        "specificity looks only outside the reference. Which fraction of that does the proposal leave alone?": {
            "outside": np.ones_like
        },
        "that is Dice in place of IoU: it counts twice what both have.": (
            lambda r, p: (*_four_measures(r, p)[:3], 2 * (r & p).sum() / (r.sum() + p.sum()))
        ),
    },
    praise="these four are the same for boxes and for any set of pixels.",
)


def _smooth_l1(d, *, near=lambda d: d**2 / 2, far=lambda d: np.abs(d) - 0.5, size=np.abs):
    """Smooth L1 of each difference."""
    return np.where(size(d) < 1, near(d), far(d))


smooth_l1 = Check(
    _smooth_l1,
    cases=[(np.array([0.0, 0.5, 1.0, 3.0]),), (np.array([-3.0, -1.0, -0.5, 0.2, 0.7, 2.0]),)],
    mistakes={
        "where the absolute value is below 1, half of its square is needed.": {"near": np.square},
        "where the absolute value is 1 or above, it is needed less a half.": [
            {"far": np.abs},
            {"far": lambda d: d - 0.5},
        ],
        "a large negative difference is large, too: its absolute value decides.": [
            {"size": np.asarray},
            {"size": np.asarray, "far": lambda d: d - 0.5},
        ],
        "one formula is used throughout. Each difference has its own, by its size.": [
            np.abs,
            np.square,
            lambda d: d**2 / 2,
        ],
        "the two formulas have changed places.": {"near": lambda d: np.abs(d) - 0.5, "far": lambda d: d**2 / 2},
    },
    praise="near the goal a square, far out a straight line.",
)


def _box_loss(there, true, predicted, *, mask=np.asarray, count=np.sum, none=0.0):
    """Squared error of the boxes, mean over pictures with an object."""
    number = count(there)
    return (mask(there) * ((true - predicted) ** 2).sum(axis=1)).sum() / number if number else none


_TRUE, _PREDICTED = np.random.default_rng(4).random((2, 5, 4))

box_loss = Check(
    _box_loss,
    cases=[
        (np.array([1.0, 0.0]), np.array([[1.0, 2, 3, 4], [0, 0, 0, 0]]), np.array([[1.0, 4, 3, 3], [1, 1, 2, 2]])),
        (np.array([1.0, 0, 1, 1, 0]), _TRUE, _PREDICTED),
        (np.zeros(2), _TRUE[:2], _PREDICTED[:2]),
    ],
    mistakes={
        "images without an object count, though their boxes mean nothing.": [
            {"mask": np.ones_like, "count": len},
            {"mask": np.ones_like, "count": lambda there: max(1, there.sum())},
        ],
        "the mean is over the images that have an object: divide by their number.": [
            {"count": len},
            {"count": lambda there: 1},
        ],
        "without any object the loss is 0. Zero divided by zero gives nan, which spoils all weights.": {"none": np.nan},
    },
    praise="an empty image has nothing to say about boxes.",
    tolerance=1e-5,
)
