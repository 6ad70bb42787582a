"""Week 7: the checks of its exercises, and what this lesson alone needs."""

from itertools import permutations

import numpy as np

from ..byhand import boxes
from ..judge import Check


def _places(length, window, step, *, divide=np.floor_divide, first=1):
    """How many positions a window has along an axis."""
    return int(divide(length - window, step)) + first


places = Check(
    _places,
    # Room that is left over: none, none, most of a step, a third of one, and one pixel less than a step.
    cases=[(96, 48, 8), (48, 48, 8), (102, 48, 8), (33, 5, 3), (31, 5, 3)],
    mistakes={
        "the first position counts, too: an axis as long as the window has one.": [
            {"first": 0},
            lambda n, w, s: (n - w) / s,
        ],
        "a window may end exactly at the border: that last position is missing.": lambda n, w, s: -((w - n) // s),
        "what is left over at the border is too short for a window: round down to a whole number.": [
            {"divide": lambda room, step: -(-room // step)},
            {"divide": lambda room, step: round(room / step)},
            lambda n, w, s: (n - w) / s + 1,
        ],
        "the window must fit on the axis as a whole. Subtract its length first.": [
            lambda n, w, s: n // s,
            lambda n, w, s: n // s + 1,
            lambda n, w, s: -(-n // s),
        ],
        "the step divides only what the window leaves of the axis. Are the brackets right?": [
            lambda n, w, s: (n - w + 1) // s,
            lambda n, w, s: (n - w + 1) / s,
            lambda n, w, s: n - w // s + 1,
        ],
        "from one position to the next the window moves by the step.": [
            lambda n, w, s: n - w + 1,
            lambda n, w, s: n // w,
            lambda n, w, s: (n - w) // (w - s) + 1,
        ],
    },
    praise="the same formula holds for windows, for convolutions, and for a network's maps without padding.",
)


def _as_kernel(weights, rows, columns, channels, *, sizes=(0, 1, 2, 3), axes=(0, 1, 2, 3)):
    """A dense layer's weights as the kernel of a convolution."""
    lengths = rows, columns, channels, weights.shape[1]
    return weights.reshape([lengths[i] for i in sizes]).transpose(axes)


def _short_rows(weights, rows, columns, channels):
    row, column, channel = np.indices((rows, columns, channels))
    return weights[(row * rows + column) * channels + channel]


as_kernel = Check(
    _as_kernel,
    # All lengths differ. With more columns than rows, rows that are taken for too short stay within the array.
    cases=[
        (np.arange(24.0 * 5).reshape(24, 5), 2, 3, 4),
        (np.arange(10.0 * 3).reshape(10, 3) / 10, 2, 5, 1),
    ],
    mistakes={
        "your numbers are right, but the axes should be rows, columns, channels, units, in this order.": [
            {"axes": axes} for axes in permutations(range(4)) if axes != (0, 1, 2, 3)
        ],
        "the shape is right, but not the order within it: `Flatten` reads all channels of a pixel, then goes on along "
        "the row.": [
            {"sizes": (2, 0, 1, 3), "axes": (1, 2, 0, 3)},
            {"sizes": (1, 0, 2, 3), "axes": (1, 0, 2, 3)},
            lambda w, r, c, k: w.reshape((r, c, k, -1), order="F"),
        ],
        "the weights of different units are mixed: each unit's are one column of the array.": (
            lambda w, r, c, k: w.T.reshape(r, c, k, -1)
        ),
        "a convolution in Keras does not flip its kernel, so you need not either.": (
            lambda *given: _as_kernel(*given)[::-1, ::-1]
        ),
        "some weights come twice and others not at all. After how many numbers does the next row begin?": _short_rows,
    },
    praise="not one weight has changed.",
)


def _by_score(scores):
    return np.argsort(-scores, kind="stable")


def _suppress(
    boxes_of, scores, overlap, *, order=_by_score, drops=np.greater, rivals=lambda kept, before: kept, iou=boxes.iou
):
    """Positions of the boxes that non-maximum suppression keeps, the best first."""
    overlaps, kept, before = iou(boxes_of, boxes_of), [], []
    for i in order(scores):
        if not any(drops(overlaps[i, j], overlap) for j in rivals(kept, before)):
            kept.append(int(i))
        before.append(int(i))
    return kept


# The second box overlaps both its neighbours, which overlap each other only little.
_CHAIN = np.array([[0, 0, 10, 10], [3, 0, 13, 10], [6, 0, 16, 10], [40, 40, 50, 50], [41, 40, 51, 50.0]])
_CORNERS = np.random.default_rng(7).integers(0, 30, (12, 2))
_SIZES = np.random.default_rng(8).integers(8, 20, (12, 2))

suppress = Check(
    _suppress,
    cases=[
        (_CHAIN[:3], np.array([0.7, 0.8, 0.9]), 0.4),
        (_CHAIN, np.array([0.9, 0.8, 0.7, 0.6, 0.5]), 0.4),
        (_CHAIN, np.array([0.5, 0.9, 0.3, 0.2, 0.6]), 0.2),
        (np.array([[0, 0, 10, 10], [0, 0, 10, 5], [5, 0, 10, 10.0]]), np.array([0.4, 0.9, 0.7]), 0.5),
        # One within another, and one so far off that two negative sides make a large product.
        (np.array([[0, 0, 10, 10], [0, 0, 20, 20], [32, 32, 42, 42.0]]), np.array([0.7, 0.9, 0.8]), 0.3),
        (np.hstack([_CORNERS, _CORNERS + _SIZES]) * 1.0, np.random.default_rng(9).permutation(12) / 13, 0.3),
    ],
    mistakes={
        "a box that was dropped itself can drop no other. Compare with the kept boxes only.": {
            "rivals": lambda kept, before: before
        },
        "the box with the highest score goes first, the others follow by falling score.": [
            {"order": lambda scores: np.arange(len(scores))},
            {"order": np.argsort},
        ],
        "you kept the boxes that overlap and dropped the others.": [{"drops": np.less}, {"drops": np.less_equal}],
        "a box is dropped if it overlaps a kept one by more than the threshold, and stays if by just as much.": [
            {"drops": np.greater_equal},
            {"drops": lambda iou, threshold: iou > 0},
        ],
        "every kept box can drop another, not only the best one or the one before.": [
            {"rivals": lambda kept, before: kept[:1]},
            {"rivals": lambda kept, before: kept[-1:]},
            {"rivals": lambda kept, before: before[-1:]},
        ],
        "these are positions in a sorted list. Return positions in the list as it was given.": (
            lambda b, s, o: np.flatnonzero(np.isin(_by_score(s), _suppress(b, s, o))).tolist()
        ),
    },
    praise="`byhand.boxes.non_max_suppression` does the same, but faster.",
)


def _precision_recall(
    hits, objects, *, right=np.cumsum, count=lambda h, n: np.arange(1, len(h) + 1), all_objects=lambda h, n: n
):
    """Precision and recall down to each detection."""
    return right(hits) / count(hits, objects), right(hits) / all_objects(hits, objects)


precision_recall = Check(
    _precision_recall,
    # The first detection is right in each: a division by zero gives infinity, not nan.
    cases=[
        (np.array([True, False, True]), 4),
        (np.array([True, True, False, True, False, False, True]), 6),
        (np.array([True]), 2),
    ],
    results=("precision", "recall"),
    mistakes={
        "recall is a fraction of all objects, also of those that are never found.": [
            {"all_objects": lambda h, n: np.arange(1, len(h) + 1)},
            {"all_objects": lambda h, n: len(h)},
            {"all_objects": lambda h, n: h.sum()},
        ],
        "precision is a fraction of the detections so far: divide by their number.": [
            {"count": lambda h, n: len(h)},
            {"count": lambda h, n: n},
            {"count": lambda h, n: np.cumsum(~h)},
        ],
        "after the first detection there is exactly one, and it counts itself.": [
            {"count": lambda h, n: np.arange(len(h))},
            {"count": lambda h, n: np.arange(len(h)) + 2},
            {"right": lambda h: np.cumsum(h) - h},
        ],
        "that looks at each detection on its own. Add up the hits from the first one on.": {"right": np.asarray},
        "one number is needed after each detection, also after a wrong one, and none before the first.": [
            lambda h, n: tuple(values[h] for values in _precision_recall(h, n)),
            lambda h, n: tuple(np.append(start, v) for start, v in zip((1, 0), _precision_recall(h, n), strict=True)),
        ],
    },
    praise="precision may rise and fall; recall can only rise.",
)


def crop(image: np.ndarray, centre, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Crop a square window around a centre (x, y), and return it with its upper left corner, x and y.

    What lies beyond the image is mid-grey. Subtract the corner from a box to have the box in the window.

    Examples
    --------
    >>> window, corner = crop(np.zeros((4, 4, 1)), (0, 2), side=2)
    >>> window[..., 0].tolist(), corner.tolist()
    ([[0.5, 0.0], [0.5, 0.0]], [-1, 1])
    """
    x, y = (int(np.rint(position)) - side // 2 for position in centre)
    window = np.full((side, side, image.shape[2]), 0.5, np.float32)
    inside = image[max(0, y) : max(0, y + side), max(0, x) : max(0, x + side)]
    window[max(0, -y) :, max(0, -x) :][: inside.shape[0], : inside.shape[1]] = inside
    return window, np.array([x, y])


def halve(images: np.ndarray) -> np.ndarray:
    """Halve the size of images (n, height, width, channels): means of 2x2 pixels, without an odd last row or column.

    Examples
    --------
    >>> halve(np.arange(8.0).reshape(1, 2, 4, 1))[0, ..., 0].tolist()
    [[2.5, 4.5]]
    """
    count, height, width, channels = images.shape
    even = images[:, : height // 2 * 2, : width // 2 * 2]
    return even.reshape(count, height // 2, 2, width // 2, 2, channels).mean(axis=(2, 4))
