"""Metrics for detections and masks.

`truths` and `predictions` are lists with a dictionary for each image: `boxes` (n, 4), rows x1, y1, x2, y2 in pixels;
`labels` (n,), whole numbers; and, of predictions, `scores` (n,).

Boxes are matched as COCO does, without its crowds and sizes: detections choose in order of score, and each claims the
free object of its class that it overlaps most, if their intersection over union is at least `overlap`.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from .byhand import boxes


def matches(
    truths: Sequence[Mapping], predictions: Sequence[Mapping], overlap: float = 0.5, by_class: bool = True
) -> list[np.ndarray]:
    """For each image, and each detection in the order given: the position of the object that it claims, or -1.

    Without `by_class` labels need not agree, which tests localisation alone.

    Examples
    --------
    >>> truth = {"boxes": [[0, 0, 10, 10]], "labels": [3]}
    >>> duplicates = {"boxes": [[0, 0, 10, 8], [0, 0, 10, 9]], "labels": [3, 3], "scores": [0.8, 0.9]}
    >>> matches([truth], [duplicates])
    [array([-1,  0])]
    """
    if not 0 < overlap <= 1:
        raise ValueError(f"overlap: expected a number above 0, at most 1, got {overlap}")
    threshold = min(overlap, 1 - 1e-10)  # as in COCO, for rounding could miss an overlap of 1
    result = []
    for truth, prediction in zip(truths, predictions, strict=True):
        ious = boxes.iou(prediction["boxes"], truth["boxes"])
        if by_class:
            ious[np.not_equal.outer(prediction["labels"], truth["labels"])] = 0
        ious[ious < threshold] = 0
        claimed = np.full(len(ious), -1)
        order = _by_score(prediction["scores"])
        for i in order[ious[order].any(axis=1)]:
            best = ious.shape[1] - 1 - ious[i, ::-1].argmax()  # of equal ones the last, as in COCO
            if ious[i, best]:
                claimed[i] = best
                ious[:, best] = 0
        result.append(claimed)
    return result


def ranked_hits(truths: Sequence[Mapping], predictions: Sequence[Mapping], overlap: float = 0.5) -> np.ndarray:
    """Whether each detection of all images claims an object of its class, the highest score first.

    Examples
    --------
    >>> truth = {"boxes": [[0, 0, 10, 10], [20, 0, 30, 10]], "labels": [3, 3]}
    >>> detections = {"boxes": [[50, 0, 60, 9], [0, 0, 10, 9]], "labels": [3, 3], "scores": [0.4, 0.9]}
    >>> ranked_hits([truth], [detections])
    array([ True, False])
    """
    claimed = np.concatenate([np.empty(0, int), *matches(truths, predictions, overlap)])
    return claimed[_by_score(_joined(predictions, "scores"))] >= 0


def average_precision(
    truths: Sequence[Mapping], predictions: Sequence[Mapping], overlap: float = 0.5, limit: int | None = 100
) -> dict[int, float]:
    """COCO's average precision of each class that has objects: precision averaged over recalls of 0, 0.01 ... 1.

    Of each class, the best `limit` detections of an image count, or all if it is None.

    Examples
    --------
    >>> truth = {"boxes": [[0, 0, 10, 10], [20, 0, 30, 10]], "labels": [3, 5]}
    >>> detections = {"boxes": [[0, 0, 10, 9], [50, 0, 60, 9]], "labels": [3, 7], "scores": [0.9, 0.4]}
    >>> average_precision([truth], [detections])
    {3: 1.0, 5: 0.0}
    """
    if limit is not None:
        predictions = [_best_of_each_class(prediction, limit) for prediction in predictions]
    hits = ranked_hits(truths, predictions, overlap)
    labels = _joined(predictions, "labels")[_by_score(_joined(predictions, "scores"))]
    result = {}
    for label, count in zip(*np.unique(_joined(truths, "labels"), return_counts=True), strict=True):
        right = np.cumsum(hits[labels == label])
        precision, recall = right / np.arange(1, len(right) + 1), right / count
        best_from_here = np.maximum.accumulate(precision[::-1])[::-1]
        positions = np.searchsorted(recall, np.linspace(0, 1, 101))
        result[int(label)] = float(np.append(best_from_here, 0.0)[positions].mean())  # 0 where never reached
    return result


def mean_average_precision(
    truths: Sequence[Mapping], predictions: Sequence[Mapping], overlap: float = 0.5, limit: int | None = 100
) -> float:
    """Mean of `average_precision` over all classes that have objects; nan if there are none.

    Examples
    --------
    >>> truth = {"boxes": [[0, 0, 10, 10], [20, 0, 30, 10]], "labels": [3, 5]}
    >>> mean_average_precision([truth], [{"boxes": [[0, 0, 10, 9]], "labels": [3], "scores": [0.9]}])
    0.5
    """
    by_class = average_precision(truths, predictions, overlap, limit)
    return float(np.mean(list(by_class.values()))) if by_class else float("nan")


def overlap_scores(
    reference: npt.ArrayLike, prediction: npt.ArrayLike, size: tuple[int, int] | None = None
) -> dict[str, float]:
    """Recall (`tpr`), specificity (`tnr`), precision (`ppv`) and `iou` of masks or boxes. What would be 0/0 is nan.

    Parameters
    ----------
    reference, prediction : array
        Two masks of 0 and 1, of one shape; or two boxes x1, y1, x2, y2.
    size : (int, int), optional
        Height and width of the image, for the specificity of boxes.

    Examples
    --------
    >>> overlap_scores([[1, 1, 0, 0]], [[0, 1, 1, 1]])
    {'tpr': 0.5, 'tnr': 0.0, 'ppv': 0.3333333333333333, 'iou': 0.25}
    >>> overlap_scores([0, 0, 2, 1], [1, 0, 2, 1], size=(2, 2))
    {'tpr': 0.5, 'tnr': 1.0, 'ppv': 1.0, 'iou': 0.5}
    """
    r, p = np.asarray(reference, float), np.asarray(prediction, float)
    if r.shape != p.shape:
        raise ValueError(f"prediction: expected the shape of reference, {r.shape}, got {p.shape}")
    if r.shape == (4,):
        sides = np.maximum(np.minimum(r[2:], p[2:]) - np.maximum(r[:2], p[:2]), 0)
        common, r, p = np.prod(sides), np.prod(r[2:] - r[:2]), np.prod(p[2:] - p[:2])
        everything = np.nan if size is None else np.prod(size)
    else:
        for name, mask in (("reference", r), ("prediction", p)):
            if not np.isin(mask, (0, 1)).all():
                raise ValueError(f"{name}: expected a mask of 0 and 1, or a box, got values up to {mask.max()}")
        common, r, p, everything = (r * p).sum(), r.sum(), p.sum(), r.size
    union = r + p - common
    ratios = {
        "tpr": (common, r),
        "tnr": (max(everything - union, 0), everything - r),  # rounding could give less than 0
        "ppv": (common, p),
        "iou": (common, union),
    }
    return {name: float(part / whole) if whole else float("nan") for name, (part, whole) in ratios.items()}


def _joined(entries, key: str) -> np.ndarray:
    return np.concatenate([np.empty(0), *(entry[key] for entry in entries)])


def _by_score(scores: npt.ArrayLike) -> np.ndarray:
    return np.argsort(-np.asarray(scores, float), kind="stable")


def _best_of_each_class(prediction: Mapping, limit: int) -> dict[str, np.ndarray]:
    order = _by_score(prediction["scores"])
    labels = np.asarray(prediction["labels"])[order]
    kept = np.concatenate([np.empty(0, int), *(order[labels == label][:limit] for label in np.unique(labels))])
    return {key: np.asarray(prediction[key])[kept] for key in ("boxes", "labels", "scores")}
