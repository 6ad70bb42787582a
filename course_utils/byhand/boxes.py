"""Boxes from scratch: how far two overlap, and which of many to keep (taught in weeks 6 and 7).

Boxes are rows x1, y1, x2, y2 in pixels ("xyxy"): the left, upper, right and lower side.
"""

import numpy as np
import numpy.typing as npt

_BLOCK = 128  # boxes that are decided at once


def iou(a: npt.ArrayLike, b: npt.ArrayLike) -> np.ndarray:
    """Intersection over union of each box of `a` with each of `b`.

    Parameters
    ----------
    a, b : array (n, 4) and (m, 4)

    Returns
    -------
    array (n, m)
        From 0, apart, to 1, the same. Two boxes without any area have 0.

    Raises
    ------
    ValueError
        If a shape is wrong, a number is not finite, or a right side lies left of the left one, a lower above the upper.

    Examples
    --------
    >>> iou([[0, 0, 2, 2]], [[1, 0, 3, 2], [0, 0, 2, 2]]).round(2)
    array([[0.33, 1.  ]])
    """
    return _iou(checked("a", a), checked("b", b))


def non_max_suppression(
    boxes: npt.ArrayLike, scores: npt.ArrayLike, overlap: float = 0.6, threshold: float = 0.0
) -> np.ndarray:
    """Keep the best box, drop what overlaps it by more than `overlap`, and so on with the rest (lecture A).

    Parameters
    ----------
    boxes : array (n, 4)
    scores : array (n,)
        How sure of each box; of equal ones the first goes first.
    overlap : float
        The largest intersection over union that two kept boxes may have.
    threshold : float
        Boxes with a lower score are dropped at once.

    Returns
    -------
    array of int
        The positions of the kept boxes, the best first.

    Examples
    --------
    >>> non_max_suppression([[0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 10]], [0.8, 0.9, 0.5])
    array([1, 2])
    """
    boxes, scores = checked("boxes", boxes), np.asarray(scores, float)
    if scores.shape != (len(boxes),):
        raise ValueError(f"scores: expected {len(boxes)}, one a box, got an array of shape {scores.shape}")
    for name, value in (("scores", scores), ("overlap", overlap), ("threshold", threshold)):
        if not np.isfinite(value).all():
            raise ValueError(f"{name}: expected finite numbers, got {value}")
    if not 0 <= overlap <= 1:
        raise ValueError(f"overlap: expected a share from 0 to 1, got {overlap}")

    order = np.argsort(-scores, kind="stable")
    order = order[scores[order] >= threshold]
    kept = []
    while len(order):
        # What survives of the best few is decided among themselves; then it clears all others in one go.
        best, order = order[:_BLOCK], order[_BLOCK:]
        clashes = _clash(boxes[best], boxes[best], overlap)
        stands = np.ones(len(best), bool)
        for i in range(len(best)):
            if stands[i]:
                stands[i + 1 :] &= ~clashes[i, i + 1 :]
        kept.append(best[stands])
        order = order[~_clash(boxes[order], boxes[best[stands]], overlap).any(axis=1)]
    return np.concatenate(kept) if kept else np.empty(0, np.intp)


def checked(name: str, boxes: npt.ArrayLike) -> np.ndarray:
    """Return boxes as an array of float (n, 4), or refuse them. No boxes at all are allowed.

    Examples
    --------
    >>> checked("boxes", [[3, 0, 1, 2]])
    Traceback (most recent call last):
    ...
    ValueError: boxes: expected x1 <= x2 and y1 <= y2, got [3.0, 0.0, 1.0, 2.0] at 0
    """
    try:
        boxes = np.asarray(boxes, float)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name}: expected numbers, got {boxes!r}") from error
    if boxes.shape == (0,):
        boxes = boxes.reshape(0, 4)
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(f"{name}: expected rows of x1, y1, x2, y2, got an array of shape {boxes.shape}")
    if not np.isfinite(boxes).all():
        first = int(np.flatnonzero(~np.isfinite(boxes).all(axis=1))[0])
        raise ValueError(f"{name}: expected finite numbers, got {boxes[first].tolist()} at {first}")
    turned = (boxes[:, 2:] < boxes[:, :2]).any(axis=1)
    if turned.any():
        first = int(np.flatnonzero(turned)[0])
        raise ValueError(f"{name}: expected x1 <= x2 and y1 <= y2, got {boxes[first].tolist()} at {first}")
    return boxes


def _iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    common, union = _common_and_union(a, b)
    return np.divide(common, union, out=np.zeros_like(common), where=union > 0)


def _clash(a: np.ndarray, b: np.ndarray, overlap: float) -> np.ndarray:
    """Tell which pairs overlap by more than `overlap`, without the division."""
    common, union = _common_and_union(a, b)
    union *= overlap
    return common > union


def _common_and_union(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    left, upper, right, lower = (a[:, None, i] for i in range(4))
    common = np.minimum(right, b[:, 2])
    common -= np.maximum(left, b[:, 0])
    np.maximum(common, 0, out=common)
    height = np.minimum(lower, b[:, 3])
    height -= np.maximum(upper, b[:, 1])
    common *= np.maximum(height, 0, out=height)
    union = (right - left) * (lower - upper) + (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
    union -= common
    return common, union
