"""Boxes from scratch: how much two overlap, and which of many to keep (taught in weeks 6 and 7).

Boxes are rows x1, y1, x2, y2 in pixels ("xyxy"): the left, upper, right and lower side.
"""

import numpy as np
import numpy.typing as npt

_BLOCK = 128  # boxes that are decided at once


def iou(a: npt.ArrayLike, b: npt.ArrayLike) -> np.ndarray:
    """Intersection over union of each box of `a` (n, 4) with each of `b` (m, 4), as an array (n, m).

    From 0, no common area, to 1, the same box. Two boxes without any area have 0.

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
        Of equal scores the first goes first.
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
    order = np.argsort(-scores, kind="stable")
    order = order[scores[order] >= threshold]
    kept = [order[:0]]
    while len(order):
        # The best few are decided among themselves; then those kept clear all others in one go.
        best, order = order[:_BLOCK], order[_BLOCK:]
        clashes = _iou(boxes[best], boxes[best]) > overlap
        stands = np.ones(len(best), bool)
        for i in range(len(best)):
            if stands[i]:
                stands[i + 1 :] &= ~clashes[i, i + 1 :]
        kept.append(best[stands])
        order = order[(_iou(boxes[order], boxes[best[stands]]) <= overlap).all(axis=1)]
    return np.concatenate(kept)


def checked(name: str, boxes: npt.ArrayLike) -> np.ndarray:
    """Return boxes as an array of float (n, 4), or refuse them. No boxes at all are allowed.

    Examples
    --------
    >>> checked("boxes", [[3, 0, 1, 2]])
    Traceback (most recent call last):
    ...
    ValueError: boxes: expected x1 <= x2 and y1 <= y2, got [3.0, 0.0, 1.0, 2.0] at 0
    """
    boxes = np.asarray(boxes, float)
    if boxes.shape == (0,):
        boxes = boxes.reshape(0, 4)
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(f"{name}: expected rows of x1, y1, x2, y2, got an array of shape {boxes.shape}")
    infinite = ~np.isfinite(boxes).all(axis=1)
    turned = (boxes[:, 2:] < boxes[:, :2]).any(axis=1)
    for wrong, expected in ((infinite, "finite numbers"), (turned, "x1 <= x2 and y1 <= y2")):
        if wrong.any():
            first = int(np.argmax(wrong))
            raise ValueError(f"{name}: expected {expected}, got {boxes[first].tolist()} at {first}")
    return boxes


def _iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    left, upper, right, lower = (a[:, None, side] for side in range(4))
    width = np.minimum(right, b[:, 2]) - np.maximum(left, b[:, 0])
    height = np.minimum(lower, b[:, 3]) - np.maximum(upper, b[:, 1])
    common = np.maximum(width, 0) * np.maximum(height, 0)
    union = (right - left) * (lower - upper) + (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1]) - common
    return np.divide(common, union, out=np.zeros_like(common), where=union > 0)
