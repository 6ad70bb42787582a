"""Answers to the exercises of week 6."""

from itertools import permutations

import numpy as np

from ..byhand.boxes import iou as all_pairs
from .judge import CORRECT, Mistake, Outcome, judge, kinder


def _one_yes_or_no(outcome: Outcome) -> Outcome:
    """Say what NumPy's own words about truth values leave out, and that its advice is not for here."""
    words = "Each entry has its own yes or no here, while `if`, `and`, `or`, `not`, `max` and `min` want a single one."
    return kinder(outcome, words, "truth value")


def _as(kind, mistakes):
    """Return the same mistakes in an answer of another kind, so that they get their own hint first."""
    return [Mistake(mistake.hint, lambda *case, m=mistake: kind(m.compute(*case))) for mistake in mistakes]


def to_corners(answer):
    """From centre row, centre column, height, width to corners."""

    def corners(x, y, width, height):
        return np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2])

    def reference(box):
        return corners(box[1], box[0], box[3], box[2])

    mistakes = [
        Mistake(
            "x and y have changed places. x runs along the row: it is the COLUMN, and goes with the width.",
            lambda box: corners(box[0], box[1], box[2], box[3]),
        ),
        Mistake(
            "height and width have changed places: the height goes up and down from the row.",
            lambda box: corners(box[1], box[0], box[2], box[3]),
        ),
        Mistake(
            "row and column have changed places: the width goes to both sides of the COLUMN.",
            lambda box: corners(box[0], box[1], box[3], box[2]),
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
            "that halves the place as well as the size: only the size is halved.",
            lambda box: reference(box) / 2 + reference(box * [0, 0, 1, 1]) / 2,
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
            lambda box: reference(box)[[0, 2, 1, 3]],
        ),
        Mistake("the upper left corner comes first, then the lower right.", lambda box: reference(box)[[2, 3, 0, 1]]),
        Mistake(
            "up and down have changed places: rows are counted from the top, so the upper side has the smaller number.",
            lambda box: reference(box)[[0, 3, 2, 1]],
        ),
        Mistake(
            "// cuts off halves: a box of odd size has a corner between two pixels.",
            lambda box: np.array(
                [box[1] - box[3] // 2, box[0] - box[2] // 2, box[1] + box[3] // 2, box[0] + box[2] // 2]
            ),
        ),
        Mistake("corners may lie between two pixels: keep what is behind the point.", lambda box: reference(box) // 1),
        Mistake(
            "corners may lie between two pixels: keep what is behind the point.", lambda box: reference(box).round()
        ),
        Mistake(
            "a pixel is missing: x2 and y2 are sides of the box here, not the last pixels in it.",
            lambda box: reference(box) - [0, 0, 1, 1],
        ),
    ]
    return judge(
        answer,
        reference,
        cases=[(np.array([20.0, 30.0, 10.0, 4.0]),), (np.array([7.0, 5.0, 6.0, 5.0]),)],
        mistakes=[
            *mistakes,
            *_as(tuple, mistakes),
            Mistake("the four numbers are right. They were asked for as an array.", lambda box: tuple(reference(box))),
        ],
        praise="down is the row and y, across is the column and x.",
    )


def iou(answer):
    """Intersection over union of two boxes."""

    def clipped(width, height):
        return max(0.0, width) * max(0.0, height)

    def of(formula, common=clipped, more=0.0, read=lambda box: box):
        """Compute from the intersection and the areas, both with a mistake or without."""

        def compute(a, b):
            a, b = read(a), read(b)
            width = min(a[2], b[2]) - max(a[0], b[0]) + more
            height = min(a[3], b[3]) - max(a[1], b[1]) + more
            areas = ((box[2] - box[0] + more) * (box[3] - box[1] + more) for box in (a, b))
            with np.errstate(all="ignore"):
                return formula(np.float64(common(width, height)), *areas)

        return compute

    def right(common, a, b):
        return common / (a + b - common)

    def hull(a, b):
        return of(lambda c, *_: c)(a, b) / (np.maximum(a, b)[2:] - np.minimum(a, b)[:2]).prod()

    def turned(a, b):
        width, height = np.maximum(a, b)[2:] - np.minimum(a, b)[:2]
        return of(right, lambda *_: width * height)(a, b)

    def sides_as_size(a, b):
        return of(lambda c, *_: c / (a[2] * a[3] + b[2] * b[3] - c))(a, b)

    apart = "apart in ONE direction is apart: width and height are each clipped at zero."
    as_size = "x2 and y2 are where a box ends, not its width and height."
    upside_down = "upside down: that is union over intersection."
    first, second = np.array([1.0, 3.0, 5.0, 6.0]), np.array([3.0, 4.0, 8.0, 9.0])
    outcome = judge(
        answer,
        reference=lambda a, b: float(all_pairs(a[None], b[None])[0, 0]),
        cases=[
            (first, second),
            (first, np.array([7.0, 8.0, 10.0, 10.0])),  # apart in both directions
            (first, np.array([7.0, 4.0, 9.0, 6.0])),  # apart across
            (first, np.array([2.0, 8.0, 4.0, 9.0])),  # apart down
            (first, first),
            (np.array([0.5, 2.0, 4.5, 7.5]), np.array([1.0, 2.5, 4.0, 6.25])),  # one inside the other
        ],
        mistakes=[
            Mistake(
                "boxes that are apart have no intersection, but negative width times negative height is positive. "
                "Clip both at zero.",
                of(right, lambda width, height: width * height),
            ),
            Mistake(
                "clip width AND height at zero, each for itself: the product of two negative numbers is positive.",
                of(right, lambda width, height: max(0.0, width * height)),
            ),
            Mistake(apart, of(right, lambda width, height: max(0.0, width) * height)),
            Mistake(apart, of(right, lambda width, height: width * max(0.0, height))),
            Mistake(apart, of(right, lambda width, height: width * height if width > 0 or height > 0 else 0.0)),
            Mistake(
                "a negative width says that there is a gap. Without its sign the gap counts as shared.",
                of(right, lambda width, height: abs(width * height)),
            ),
            *(
                Mistake(hint, of(formula, common))
                for hint, formula in {
                    "the union counts what they share once, not twice: take it off.": lambda c, a, b: c / (a + b),
                    "what they share is to be counted once in the union. You took it off twice.": (
                        lambda c, a, b: c / (a + b - 2 * c)
                    ),
                    "that is the intersection as a share of the first box.": lambda c, a, b: c / a,
                    "that is the intersection as a share of the second box.": lambda c, a, b: c / b,
                    "that is the intersection as a share of the smaller box.": lambda c, a, b: c / min(a, b),
                    "that is the intersection as a share of the larger box.": lambda c, a, b: c / max(a, b),
                    "that is the intersection alone.": lambda c, a, b: c,
                    "that is Dice: twice the intersection over the SUM.": lambda c, a, b: 2 * c / (a + b),
                    "// cuts off what is behind the point, and then nothing is left of a share.": (
                        lambda c, a, b: c // (a + b - c)
                    ),
                }.items()
                for common in (clipped, lambda width, height: width * height)
            ),
            Mistake("that is 1 minus IoU, which is a loss.", of(lambda c, a, b: 1 - right(c, a, b))),
            Mistake("that divides by the box around both. The union has no empty corners.", hull),
            Mistake("min and max have changed places: the intersection begins at the LARGER left side.", turned),
            Mistake(
                "+ 1 counts pixels, which old code does. Here x1 and x2 are sides: the width is x2 - x1.",
                of(right, more=1.0),
            ),
            Mistake(upside_down, of(lambda c, a, b: (a + b - c) / c)),
            Mistake(upside_down, of(lambda c, a, b: (a + b - c) / c if c else 0.0)),
            Mistake(as_size, sides_as_size),
            Mistake(as_size, of(right, read=lambda box: np.concatenate([box[:2], box[:2] + box[2:]]))),
            Mistake(
                "a box is x1, y1, x2, y2: first one corner, then the other.", of(right, read=lambda b: b[[0, 2, 1, 3]])
            ),
            Mistake(
                "sides may lie between two pixels: keep what is behind the point.", of(right, read=lambda b: b // 1)
            ),
        ],
        praise="`byhand.boxes.iou` does this for all pairs of two lists.",
        tolerance=1e-6,
    )
    return _one_yes_or_no(outcome)


def four_measures(answer):
    """Recall, specificity, precision and IoU of two masks."""
    rng = np.random.default_rng(6)
    # In each column both masks have and lack something, and all counts differ, so that no two mistakes look alike.
    small = np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]], bool)
    other = np.array([[0, 1, 1, 0], [0, 1, 1, 0], [0, 1, 0, 1], [1, 0, 0, 0]], bool)
    large, another = rng.random((2, 12, 6)) < np.array([0.35, 0.5])[:, None, None]

    def of(count):
        """Compute with another way to count what is true."""
        return lambda r, p: (
            count(r & p) / count(r), count(~r & ~p) / count(~r), count(r & p) / count(p), count(r & p) / count(r | p)
        )  # fmt: skip

    def reference(r, p):
        return tuple(float(measure) for measure in of(np.sum)(r, p))

    def with_entry(number, formula):
        def compute(r, p):
            measures = list(reference(r, p))
            measures[number] = formula(r, p)
            return tuple(measures)

        return compute

    def in_order(*order):
        return lambda r, p: tuple(np.array(reference(r, p))[list(order)])

    mistakes = [
        Mistake("recall and precision have changed places: recall divides by the REFERENCE.", in_order(2, 1, 0, 3)),
        *(
            Mistake("the four are right, but in another order: recall, specificity, precision, IoU.", in_order(*order))
            for order in permutations(range(4))
            if order not in ((0, 1, 2, 3), (2, 1, 0, 3))
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
            "specificity starts from what NEITHER has. `not both` also takes in what only one of them has.",
            with_entry(1, lambda r, p: (~(r & p)).sum() / (~r).sum()),
        ),
        Mistake(
            "that is the share that was NOT left alone: 1 minus specificity.",
            with_entry(1, lambda r, p: (~r & p).sum() / (~r).sum()),
        ),
        Mistake(
            "the second is the share of pixels on which both agree. Specificity looks only outside the reference.",
            with_entry(1, lambda r, p: (r == p).mean()),
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
        Mistake(
            "the last is divided by what only ONE of them has. The union also holds what they share.",
            with_entry(3, lambda r, p: (r & p).sum() / (r ^ p).sum()),
        ),
        Mistake(
            "the last is divided by the whole picture. The union is what at least one of them has.",
            with_entry(3, lambda r, p: (r & p).mean()),
        ),
        Mistake(
            "upside down: each is a share, and no share is above 1.", lambda r, p: tuple(1 / np.array(reference(r, p)))
        ),
        Mistake(
            "those are counts. A share is a count divided by another.",
            lambda r, p: tuple(m.sum() for m in (r & p, ~r & ~p, r & p, r | p)),
        ),
        Mistake(
            "those are counts. A share is a count divided by another.",
            lambda r, p: tuple(m.sum() for m in (r & p, ~r & ~p, r & p, r & p)),
        ),
        Mistake("// cuts off what is behind the point: a share becomes 0.", lambda r, p: (0, 0, 0, 0)),
    ]
    outcome = judge(
        answer,
        reference,
        cases=[(small, other), (large, another)],
        mistakes=[
            Mistake(
                "reference and proposal have changed places: the reference is what is right.",
                lambda r, p: reference(p, r),
            ),
            *mistakes,
            *_as(np.array, mistakes),
            Mistake("that counted each column for itself. Asked for are shares of all pixels.", of(sum)),
            Mistake(
                "the four are right, but in one array. They were asked for as four results.",
                lambda r, p: np.array(reference(r, p)),
            ),
        ],
        praise="these four are the same for boxes and for any set of pixels.",
        tolerance=1e-6,
    )
    return _one_yes_or_no(outcome)


def smooth_l1(answer):
    """Squared near zero, straight beyond."""

    def pieces(d, near, far):
        return np.where(np.abs(d) < 1, near, far)

    def reference(d):
        return pieces(d, d**2 / 2, np.abs(d) - 0.5)

    no_absolute = "a large negative difference is large: take its absolute value."
    one_each = "one value for each difference was asked for, not their sum or mean."
    outcome = judge(
        answer,
        reference,
        cases=[(np.array([-3.0, -1.0, -0.5, 0.0, 0.2, 2.0]),), (np.array([0.9, -10.0]),)],
        mistakes=[
            Mistake(
                "below 1 the square is halved; otherwise the two pieces do not meet at 1.",
                lambda d: pieces(d, d**2, np.abs(d) - 0.5),
            ),
            Mistake(
                "far out it is |d| minus a half; otherwise the two pieces do not meet at 1.",
                lambda d: pieces(d, d**2 / 2, np.abs(d)),
            ),
            Mistake(
                "the two pieces meet at 1 but with different slopes: it is half the square, and |d| minus a half.",
                lambda d: pieces(d, d**2, np.abs(d)),
            ),
            Mistake(
                "the half is squared, too: half of the square is asked for, not the square of the half.",
                lambda d: pieces(d, (d / 2) ** 2, np.abs(d) - 0.5),
            ),
            Mistake(no_absolute, lambda d: np.where(d < 1, d**2 / 2, d - 0.5)),
            Mistake(no_absolute, lambda d: np.where(d < 1, d**2 / 2, np.abs(d) - 0.5)),
            Mistake(
                "large negative differences give a negative loss: |d|, not d, minus a half.",
                lambda d: pieces(d, d**2 / 2, d - 0.5),
            ),
            Mistake(
                "the half goes off after the sign, not before: a loss is the same for d and for -d.",
                lambda d: pieces(d, d**2 / 2, np.abs(d - 0.5)),
            ),
            Mistake("the two pieces have changed places.", lambda d: pieces(d, np.abs(d) - 0.5, d**2 / 2)),
            Mistake(
                "where |d| is exactly 1, neither piece is taken. It belongs to one of them.",
                lambda d: np.where(np.abs(d) == 1, 0, reference(d)),
            ),
            Mistake(
                "where |d| is exactly 1, both pieces are taken. It belongs to one of them.",
                lambda d: np.where(np.abs(d) == 1, 1, reference(d)),
            ),
            Mistake("that is L1 throughout.", np.abs),
            Mistake(
                "that is the square throughout. Far out it is a straight line, and near zero half the square.",
                np.square,
            ),
            Mistake(
                "near zero it is half the SQUARE; that is half of the difference.",
                lambda d: pieces(d, d / 2, np.abs(d) - 0.5),
            ),
            Mistake(
                "near zero it is half the SQUARE; that is half of the difference.",
                lambda d: pieces(d, np.abs(d) / 2, np.abs(d) - 0.5),
            ),
            Mistake(
                "the square ends at a half already. The two pieces meet where |d| is 1.",
                lambda d: np.where(np.abs(d) < 0.5, d**2 / 2, np.abs(d) - 0.5),
            ),
            Mistake("that is half the square throughout: it grows without end.", lambda d: d**2 / 2),
            Mistake(
                "that is the straight line throughout, below zero where d is small. Each difference has its own piece.",
                lambda d: np.abs(d) - 0.5,
            ),
            Mistake(one_each, lambda d: reference(d).sum()),
            Mistake(one_each, lambda d: reference(d).mean()),
            Mistake("the numbers are right. They were asked for as an array.", lambda d: tuple(reference(d))),
        ],
        praise="near the goal a square, far out a straight line.",
        tolerance=1e-6,
    )
    return _one_yes_or_no(outcome)


def box_loss(answer):
    """Squared error where there is an object."""
    rng = np.random.default_rng(4)
    true, predicted = rng.random((2, 5, 4))
    there = np.array([1.0, 0.0, 1.0, 1.0, 0.0])

    def squared(true, predicted):
        return ((true - predicted) ** 2).sum(axis=1)

    def shared(error):
        """Take another error of each box, with the bracket and the mean as they should be."""
        return lambda there, true, predicted: float((there * error(true, predicted)).sum() / max(there.sum(), 1))

    reference = shared(squared)
    no_bracket = "pictures without an object count too: their boxes mean nothing."
    rooted = "that has a root. The squared error was asked for."
    mistakes = [
        Mistake(no_bracket, lambda there, true, predicted: squared(true, predicted).mean()),
        Mistake(no_bracket, lambda there, true, predicted: squared(true, predicted).sum()),
        Mistake(no_bracket, lambda there, true, predicted: squared(true, predicted).mean() / 4),
        Mistake(no_bracket, lambda there, true, predicted: squared(true, predicted).sum() / there.sum()),
        Mistake(
            "an empty picture's prediction is still in the sum: the bracket must take the whole difference away.",
            lambda there, true, predicted: squared(there[:, None] * true, predicted).sum() / there.sum(),
        ),
        Mistake(
            "divided by all pictures: the mean is over those with an object.",
            lambda there, true, predicted: (there * squared(true, predicted)).mean(),
        ),
        Mistake(
            "that is the mean over all numbers of all pictures. Four numbers are summed; pictures without an object "
            "are not counted.",
            lambda there, true, predicted: (there * squared(true, predicted)).mean() / 4,
        ),
        Mistake(
            "that is the sum over pictures. Divide by how many have an object.",
            lambda there, true, predicted: (there * squared(true, predicted)).sum(),
        ),
        Mistake("the mean of the four numbers instead of their sum.", shared(lambda t, p: squared(t, p) / 4)),
        Mistake("absolute differences in place of squares.", shared(lambda t, p: np.abs(t - p).sum(axis=1))),
        Mistake(
            "the differences are not squared: those above and below zero cancel.",
            shared(lambda t, p: (t - p).sum(axis=1)),
        ),
        Mistake(
            "squared after the sum: differences above and below zero have cancelled by then.",
            shared(lambda t, p: (t - p).sum(axis=1) ** 2),
        ),
        Mistake(rooted, shared(lambda t, p: np.sqrt(squared(t, p)))),
        Mistake(rooted, lambda *case: np.sqrt(reference(*case))),
        Mistake("half of it: no half was asked for.", lambda *case: reference(*case) / 2),
        Mistake(
            "that counts the pictures WITHOUT an object.",
            lambda there, true, predicted: reference(1 - there, true, predicted),
        ),
        Mistake(
            "that takes the pictures NUMBER 0 and 1 over and over: 0 and 1 in `there` mean no and yes.",
            lambda there, true, predicted: squared(true, predicted)[there.astype(int)].mean(),
        ),
        Mistake(
            "0 is for when NO picture has an object. Here some have one.",
            lambda there, true, predicted: reference(there, true, predicted) if there.all() else 0.0,
        ),
        Mistake(
            "one number was asked for: average over the pictures with an object.",
            lambda there, true, predicted: there * squared(true, predicted),
        ),
        Mistake(
            "one number was asked for: average over the pictures with an object.",
            lambda there, true, predicted: squared(true, predicted)[there == 1],
        ),
    ]
    praise = "an empty picture has nothing to say about boxes."
    some = [(there, true, predicted), (np.ones(3), true[:3], predicted[1:4]), (there[1:], true[1:], predicted[1:])]
    outcome = judge(answer, reference, some, mistakes, praise, tolerance=1e-5)
    if outcome.state != CORRECT:
        return _one_yes_or_no(outcome)
    # Last, and alone: whoever divides by zero there gets nan whatever else is wrong, and nan is like no mistake.
    outcome = judge(answer, reference, [(np.zeros(2), true[:2].round(1), predicted[:2].round(1))], praise=praise)
    for sign in ("nan", "ZeroDivisionError"):
        outcome = kinder(outcome, "Without any object the loss is 0. 0/0 gives nan, which spoils all weights.", sign)
    return outcome
