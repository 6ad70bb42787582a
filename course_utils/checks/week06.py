"""Answers to the exercises of week 6."""

import numpy as np

from ..byhand.boxes import iou as all_pairs
from .judge import Mistake, judge


def to_corners(answer):
    """From centre row, centre column, height, width to corners."""

    def corners(x, y, width, height):
        return np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2])

    return judge(
        answer,
        reference=lambda box: corners(box[1], box[0], box[3], box[2]),
        cases=[(np.array([20.0, 30.0, 10.0, 4.0]),), (np.array([7.0, 5.0, 6.0, 3.0]),)],
        mistakes=[
            Mistake(
                "x and y have changed places. x runs along the row: it is the COLUMN, and goes with the width.",
                lambda box: corners(box[0], box[1], box[2], box[3]),
            ),
            Mistake(
                "height and width have changed places: the height goes up and down from the row.",
                lambda box: corners(box[1], box[0], box[2], box[3]),
            ),
            Mistake(
                "row and column are those of the centre: go half the size to each side.",
                lambda box: np.array([box[1], box[0], box[1] + box[3], box[0] + box[2]]),
            ),
            Mistake(
                "that box is twice as large: go HALF the size to each side.",
                lambda box: corners(box[1], box[0], 2 * box[3], 2 * box[2]),
            ),
            Mistake(
                "that is centre and size in another order. Asked for are two corners.",
                lambda box: np.array([box[1], box[0], box[3], box[2]]),
            ),
            Mistake(
                "x1 and y1 are right; then come x2 and y2, the lower right corner, not the size.",
                lambda box: np.array([box[1] - box[3] / 2, box[0] - box[2] / 2, box[3], box[2]]),
            ),
            Mistake(
                "the order is x1, y1, x2, y2: first one corner, then the other.",
                lambda box: corners(box[1], box[0], box[3], box[2])[[0, 2, 1, 3]],
            ),
            Mistake(
                "// cuts off halves: a box of odd size has a corner between two pixels.",
                lambda box: np.array(
                    [box[1] - box[3] // 2, box[0] - box[2] // 2, box[1] + box[3] // 2, box[0] + box[2] // 2]
                ),
            ),
        ],
        praise="down is the row and y, across is the column and x.",
    )


def iou(answer):
    """Intersection over union of two boxes."""

    def parts(a, b, least=0.0, more=0.0):
        width = max(least, min(a[2], b[2]) - max(a[0], b[0]) + more)
        height = max(least, min(a[3], b[3]) - max(a[1], b[1]) + more)
        areas = [(box[2] - box[0] + more) * (box[3] - box[1] + more) for box in (a, b)]
        return width * height, *areas

    def of(formula, **how):
        return lambda a, b: formula(*parts(a, b, **how))

    def hull(a, b):
        common, *_ = parts(a, b)
        return common / ((max(a[2], b[2]) - min(a[0], b[0])) * (max(a[3], b[3]) - min(a[1], b[1])))

    def turned(a, b):
        width, height = max(a[2], b[2]) - min(a[0], b[0]), max(a[3], b[3]) - min(a[1], b[1])
        return width * height / (parts(a, b)[1] + parts(a, b)[2] - width * height)

    first, second = np.array([0.0, 0.0, 4.0, 3.0]), np.array([2.0, 1.0, 5.0, 5.0])
    return judge(
        answer,
        reference=lambda a, b: float(all_pairs(a[None], b[None])[0, 0]),
        cases=[
            (first, second),
            (first, np.array([6.0, 5.0, 9.0, 8.0])),  # apart in both directions
            (first, np.array([6.0, 0.0, 8.0, 2.0])),  # apart in one
            (first, first),
        ],
        mistakes=[
            Mistake(
                "boxes that are apart have no intersection, but negative width times negative height is positive. "
                "Clip both at zero.",
                of(lambda c, a, b: c / (a + b - c), least=-np.inf),
            ),
            Mistake(
                "clip width AND height at zero, each for itself: apart in one direction is apart.",
                lambda a, b: max(0.0, of(lambda c, p, q: c / (p + q - c), least=-np.inf)(a, b)),
            ),
            Mistake("the union counts what they share once, not twice: take it off.", of(lambda c, a, b: c / (a + b))),
            Mistake("that is the intersection as a share of the first box.", of(lambda c, a, b: c / a)),
            Mistake("that is the intersection as a share of the second box.", of(lambda c, a, b: c / b)),
            Mistake("that is the intersection as a share of the smaller box.", of(lambda c, a, b: c / min(a, b))),
            Mistake("that is the intersection alone.", of(lambda c, a, b: c)),
            Mistake("that is Dice: twice the intersection over the SUM.", of(lambda c, a, b: 2 * c / (a + b))),
            Mistake("that divides by the box around both. The union has no empty corners.", hull),
            Mistake("min and max have changed places: the intersection begins at the LARGER left side.", turned),
            Mistake(
                "+ 1 counts pixels, which old code does. Here x1 and x2 are sides: the width is x2 - x1.",
                of(lambda c, a, b: c / (a + b - c), more=1.0),
            ),
            Mistake("upside down: that is union over intersection.", of(lambda c, a, b: (a + b - c) / c if c else 0.0)),
        ],
        praise="`byhand.boxes.iou` does this for all pairs of two lists.",
        tolerance=1e-6,
    )


def four_measures(answer):
    """Recall, specificity, precision and IoU of two masks."""
    rng = np.random.default_rng(6)
    one, other = rng.random((2, 6, 8)) < np.array([0.3, 0.5])[:, None, None]
    thin = np.zeros((4, 5), bool)
    thin[1] = True
    spot = np.zeros((4, 5), bool)
    spot[1:3, 1:3] = True

    def reference(r, p):
        both = (r & p).sum()
        return both / r.sum(), (~r & ~p).sum() / (~r).sum(), both / p.sum(), both / (r | p).sum()

    def with_entry(number, formula):
        def compute(r, p):
            measures = list(reference(r, p))
            measures[number] = formula(r, p)
            return tuple(measures)

        return compute

    return judge(
        answer,
        reference,
        cases=[(one, other), (thin, spot)],
        mistakes=[
            Mistake(
                "recall and precision have changed places: recall divides by the REFERENCE.",
                lambda r, p: tuple(np.array(reference(r, p))[[2, 1, 0, 3]]),
            ),
            Mistake(
                "recall is divided by the proposal. It asks how much of the reference was found.",
                with_entry(0, lambda r, p: (r & p).sum() / p.sum()),
            ),
            Mistake(
                "precision is divided by the reference. It asks how much of the proposal is right.",
                with_entry(2, lambda r, p: (r & p).sum() / r.sum()),
            ),
            Mistake(
                "specificity is divided by the whole picture; only what is not in the reference counts.",
                with_entry(1, lambda r, p: (~r & ~p).mean()),
            ),
            Mistake(
                "specificity: what neither has, as a share of what the REFERENCE has not.",
                with_entry(1, lambda r, p: (~r & ~p).sum() / (~p).sum()),
            ),
            Mistake(
                "IoU divides by the sum of both: what they share counts once.",
                with_entry(3, lambda r, p: (r & p).sum() / (r.sum() + p.sum())),
            ),
            Mistake(
                "that is Dice in the place of IoU.",
                with_entry(3, lambda r, p: 2 * (r & p).sum() / (r.sum() + p.sum())),
            ),
            Mistake(
                "the last is the share of pixels on which both agree. IoU leaves out those that neither has.",
                with_entry(3, lambda r, p: (r == p).mean()),
            ),
        ],
        praise="these four are the same for boxes and for any set of pixels.",
        tolerance=1e-6,
    )


def smooth_l1(answer):
    """Squared near zero, straight beyond."""
    return judge(
        answer,
        reference=lambda d: np.where(np.abs(d) < 1, d**2 / 2, np.abs(d) - 0.5),
        cases=[(np.array([-3.0, -1.0, -0.5, 0.0, 0.2, 2.0]),), (np.array([0.9, -10.0]),)],
        mistakes=[
            Mistake(
                "below 1 the square is halved; otherwise the two pieces do not meet at 1.",
                lambda d: np.where(np.abs(d) < 1, d**2, np.abs(d) - 0.5),
            ),
            Mistake(
                "far out it is |d| minus a half; otherwise the two pieces do not meet at 1.",
                lambda d: np.where(np.abs(d) < 1, d**2 / 2, np.abs(d)),
            ),
            Mistake(
                "the two pieces meet at 1 but with different slopes: it is half the square, and |d| minus a half.",
                lambda d: np.where(np.abs(d) < 1, d**2, np.abs(d)),
            ),
            Mistake(
                "a large negative difference is large: take its absolute value.",
                lambda d: np.where(d < 1, d**2 / 2, d - 0.5),
            ),
            Mistake(
                "large negative differences give a negative loss: |d|, not d, minus a half.",
                lambda d: np.where(np.abs(d) < 1, d**2 / 2, d - 0.5),
            ),
            Mistake(
                "the two pieces have changed places.", lambda d: np.where(np.abs(d) < 1, np.abs(d) - 0.5, d**2 / 2)
            ),
            Mistake("that is L1 throughout.", np.abs),
            Mistake("that is half the square throughout: it grows without end.", lambda d: d**2 / 2),
            Mistake(
                "one value for each difference was asked for, not their sum or mean.",
                lambda d: np.where(np.abs(d) < 1, d**2 / 2, np.abs(d) - 0.5).sum(),
            ),
        ],
        praise="near the goal a square, far out a straight line.",
        tolerance=1e-6,
    )


def box_loss(answer):
    """Squared error where there is an object."""
    rng = np.random.default_rng(4)
    true, predicted = rng.random((2, 5, 4))
    there = np.array([1.0, 0.0, 1.0, 1.0, 0.0])

    def squared(true, predicted):
        return ((true - predicted) ** 2).sum(axis=1)

    def reference(there, true, predicted):
        return float((there * squared(true, predicted)).sum() / max(there.sum(), 1))

    return judge(
        answer,
        reference,
        cases=[(there, true, predicted), (np.zeros(5), true, predicted), (np.ones(3), true[:3], predicted[1:4])],
        mistakes=[
            Mistake(
                "pictures without an object count too: their boxes mean nothing.",
                lambda there, true, predicted: squared(true, predicted).mean(),
            ),
            Mistake(
                "divided by all pictures: the mean is over those with an object.",
                lambda there, true, predicted: (there * squared(true, predicted)).mean(),
            ),
            Mistake(
                "that is the sum over pictures. Divide by how many have an object.",
                lambda there, true, predicted: (there * squared(true, predicted)).sum(),
            ),
            Mistake(
                "the mean of the four numbers instead of their sum.",
                lambda there, true, predicted: reference(there, true, predicted) / 4,
            ),
            Mistake(
                "without any object the loss is 0. 0/0 gives nan, which spoils all weights.",
                lambda there, true, predicted: reference(there, true, predicted) if there.any() else float("nan"),
            ),
            Mistake(
                "absolute differences in place of squares.",
                lambda there, true, predicted: (
                    (there * np.abs(true - predicted).sum(axis=1)).sum() / max(there.sum(), 1)
                ),
            ),
            Mistake(
                "that counts the pictures WITHOUT an object.",
                lambda there, true, predicted: (
                    ((1 - there) * squared(true, predicted)).sum() / max((1 - there).sum(), 1)
                ),
            ),
            Mistake(
                "one number was asked for: average over the pictures with an object.",
                lambda there, true, predicted: there * squared(true, predicted),
            ),
        ],
        praise="an empty picture has nothing to say about boxes.",
        tolerance=1e-6,
    )
