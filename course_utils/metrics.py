"""How good detections and masks are: matches, precision and recall, average precision, four measures of overlap.

What a picture shows is a dictionary, a truth: `boxes` (n, 4), rows x1, y1, x2, y2 in pixels, and `labels` (n,), whole
numbers. A prediction has `scores` (n,) besides. Pictures come as a list of truths and one of predictions.

The rules are those of COCO, without its crowds and sizes. Predictions choose in order of score, of equal ones the
first; each takes the truth of its class that it overlaps most, of those not yet taken, if its intersection over union
with it is at least `overlap`. Between truths that it overlaps equally it takes the last.
"""

from collections.abc import Mapping, Sequence
from numbers import Integral, Real

import numpy as np
import numpy.typing as npt

from . import arguments
from .byhand import boxes as byhand

_RECALLS = np.linspace(0, 1, 101)
_SURELY = 1 - 1e-10  # COCO's limit for an overlap of 1, which rounding could miss


def matches(
    truths: Sequence[Mapping], predictions: Sequence[Mapping], overlap: float = 0.5, by_class: bool = True
) -> list[np.ndarray]:
    """Tell which truth each prediction takes.

    Parameters
    ----------
    truths, predictions : list of dict
        One a picture.
    overlap : float
        The least intersection over union of a prediction and its truth.
    by_class : bool
        Whether both must have the same label. If not, this measures localisation alone.

    Returns
    -------
    list of arrays of int
        For each picture, and each prediction in the order given: the position of its truth, or -1.

    Examples
    --------
    >>> truth = {"boxes": [[0, 0, 10, 10]], "labels": [3]}
    >>> twice = {"boxes": [[0, 0, 10, 8], [0, 0, 10, 9]], "labels": [3, 3], "scores": [0.8, 0.9]}
    >>> matches([truth], [twice])
    [array([-1,  0])]
    """
    return _matches(*_checked(truths, predictions), _share(overlap), by_class)


def precision_recall(
    truths: Sequence[Mapping], predictions: Sequence[Mapping], label: int | None = None, overlap: float = 0.5
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision and recall down to each prediction, nothing smoothed.

    Parameters
    ----------
    truths, predictions : list of dict
        One a picture.
    label : int, optional
        The class; without it, all classes in one ranking (a prediction still needs a truth of its own class).
    overlap : float
        The least intersection over union of a prediction and its truth.

    Returns
    -------
    precision, recall, scores : array (n,)
        One point for each prediction, in order of falling score; of equal scores, too, each has its own. The recall
        is nan where there is no truth to find.

    Examples
    --------
    >>> truth = {"boxes": [[0, 0, 10, 10], [20, 0, 30, 10]], "labels": [3, 3]}
    >>> found = {"boxes": [[0, 0, 10, 9], [50, 0, 60, 9]], "labels": [3, 3], "scores": [0.9, 0.4]}
    >>> precision_recall([truth], [found])
    (array([1. , 0.5]), array([0.5, 0.5]), array([0.9, 0.4]))
    """
    if label is not None and (isinstance(label, bool) or not isinstance(label, Integral)):
        raise TypeError(f"label: expected a whole number or None, got {label!r}")
    wanted, labels, scores, hits = _ranked(truths, predictions, overlap, None)
    if label is not None:
        wanted, scores, hits = wanted[wanted == label], scores[labels == label], hits[labels == label]
    precision, recall = _curve(hits, len(wanted))
    return precision, recall, scores


def average_precision(
    truths: Sequence[Mapping], predictions: Sequence[Mapping], overlap: float = 0.5, limit: int | None = 100
) -> dict[int, float]:
    """Average precision of each class as in COCO: the mean of the best precisions at recalls of 0, 0.01 ... 1 or more.

    Parameters
    ----------
    truths, predictions : list of dict
        One a picture.
    overlap : float
        The least intersection over union of a prediction and its truth. COCO's AP is a mean over 0.5, 0.55 ... 0.95.
    limit : int, optional
        How many predictions of a class count in a picture, the best ones; None for all, as in `matches` and
        `precision_recall`. COCO's figures have 100.

    Returns
    -------
    dict of float
        By label, for each class that has truths: 0 if nothing finds them. A class that is only predicted is left out.

    Examples
    --------
    >>> truth = {"boxes": [[0, 0, 10, 10], [20, 0, 30, 10]], "labels": [3, 5]}
    >>> found = {"boxes": [[0, 0, 10, 9], [50, 0, 60, 9]], "labels": [3, 7], "scores": [0.9, 0.4]}
    >>> average_precision([truth], [found])
    {3: 1.0, 5: 0.0}
    """
    wanted, labels, _, hits = _ranked(truths, predictions, overlap, limit)
    return {
        int(label): _interpolated(hits[labels == label], int(count))
        for label, count in zip(*np.unique(wanted, return_counts=True), strict=True)
    }


def mean_average_precision(
    truths: Sequence[Mapping], predictions: Sequence[Mapping], overlap: float = 0.5, limit: int | None = 100
) -> float:
    """Mean of `average_precision`, which has the same parameters, over all classes that have truths.

    Returns
    -------
    float
        From 0 to 1, or nan if there is no truth at all, where COCO's own program says -1.

    Examples
    --------
    >>> truth = {"boxes": [[0, 0, 10, 10], [20, 0, 30, 10]], "labels": [3, 5]}
    >>> found = {"boxes": [[0, 0, 10, 9], [50, 0, 60, 9]], "labels": [3, 7], "scores": [0.9, 0.4]}
    >>> mean_average_precision([truth], [found])
    0.5
    """
    each = average_precision(truths, predictions, overlap, limit)
    return float(np.mean(list(each.values()))) if each else float("nan")


def overlap_scores(
    reference: npt.ArrayLike, prediction: npt.ArrayLike, size: tuple[int, int] | None = None
) -> dict[str, float]:
    """Four measures of how a prediction covers its reference (lecture B).

    Parameters
    ----------
    reference, prediction : array
        Two masks of 0 and 1 (or bool), of one shape with two or more dimensions; or two boxes x1, y1, x2, y2.
    size : (int, int), optional
        Height and width of the boxes' picture.

    Returns
    -------
    dict of float
        `tpr`, the share of the reference that is predicted (recall, sensitivity); `tnr`, the share of the rest that
        is not (specificity); `ppv`, the share of the prediction that is right (precision); `iou`, the share of both
        together that they have in common (Tanimoto, Jaccard). What would be 0/0 is nan; so is the tnr of boxes
        without `size`. Areas of boxes are exact, not counted in pixels.

    Examples
    --------
    >>> overlap_scores([[1, 1, 0, 0]], [[0, 1, 1, 1]])
    {'tpr': 0.5, 'tnr': 0.0, 'ppv': 0.3333333333333333, 'iou': 0.25}
    >>> overlap_scores([0, 0, 2, 1], [1, 0, 2, 1], size=(2, 2))
    {'tpr': 0.5, 'tnr': 1.0, 'ppv': 1.0, 'iou': 0.5}
    """
    reference, prediction = _array("reference", reference), _array("prediction", prediction)
    if reference.shape == prediction.shape == (4,):
        r, p, common, everything = _box_areas(reference, prediction, size)
    else:
        if size is not None:
            raise ValueError(f"size: expected None, for masks have a size, got {size!r}")
        r, p = _mask("reference", reference), _mask("prediction", prediction)
        if r.shape != p.shape:
            raise ValueError(f"prediction: expected the shape of reference, {r.shape}, got {p.shape}")
        r, p, common, everything = r.sum(), p.sum(), (r & p).sum(), r.size
    union = r + p - common
    ratios = {
        "tpr": (common, r),
        # Rounding can make two boxes that fill the picture larger than it.
        "tnr": (max(everything - union, 0), everything - r),
        "ppv": (common, p),
        "iou": (common, union),
    }
    return {name: float(part / whole) if whole else float("nan") for name, (part, whole) in ratios.items()}


# Matching and ranking ---------------------------------------------------------------------------------------------


def _matches(truths: list[dict], predictions: list[dict], overlap: float, by_class: bool) -> list[np.ndarray]:
    result = []
    for truth, prediction in zip(truths, predictions, strict=True):
        near = byhand.iou(prediction["boxes"], truth["boxes"])
        if by_class:
            near[prediction["labels"][:, None] != truth["labels"]] = 0
        near[near < min(overlap, _SURELY)] = 0
        taken = np.full(len(near), -1)
        order = np.argsort(-prediction["scores"], kind="stable")
        for i in order[near[order].any(axis=1)]:
            best = near.shape[1] - 1 - near[i, ::-1].argmax()  # the last of equals
            if near[i, best]:
                taken[i] = best
                near[:, best] = 0
        result.append(taken)
    return result


def _ranked(truths, predictions, overlap: float, limit: int | None) -> tuple[np.ndarray, ...]:
    """Labels of all truths; then labels, scores and hits of the predictions of all pictures, by falling score."""
    truths, predictions = _checked(truths, predictions)
    if limit is not None:
        limit = arguments.integer("limit", limit, at_least=1)
        predictions = [_best(prediction, limit) for prediction in predictions]
    taken = _matches(truths, predictions, _share(overlap), by_class=True)

    def joined(arrays) -> np.ndarray:
        return np.concatenate([np.empty(0), *arrays])

    scores = joined(one["scores"] for one in predictions)
    order = np.argsort(-scores, kind="stable")
    labels = joined(one["labels"] for one in predictions)
    return joined(one["labels"] for one in truths), labels[order], scores[order], joined(taken)[order] >= 0


def _best(prediction: dict, limit: int) -> dict:
    """Leave of each class the best `limit` predictions."""
    order = np.argsort(-prediction["scores"], kind="stable")
    labels = prediction["labels"][order]
    kept = np.concatenate([np.empty(0, int), *(order[labels == label][:limit] for label in np.unique(labels))])
    return {key: values[kept] for key, values in prediction.items()}


def _curve(hits: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    found = np.cumsum(hits)
    return found / np.arange(1, len(hits) + 1), found / (count or np.nan)


def _interpolated(hits: np.ndarray, count: int) -> float:
    precision, recall = _curve(hits, count)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    # A recall that is never reached has precision 0.
    return float(np.append(best, 0.0)[np.searchsorted(recall, _RECALLS)].mean())


# Arguments --------------------------------------------------------------------------------------------------------


def _checked(truths, predictions) -> tuple[list[dict], list[dict]]:
    for name, pictures in (("truths", truths), ("predictions", predictions)):
        if not isinstance(pictures, list | tuple):
            raise TypeError(f"{name}: expected a list of dictionaries, one a picture, got {type(pictures).__name__}")
    if len(truths) != len(predictions):
        raise ValueError(f"predictions: expected {len(truths)}, one a picture as in truths, got {len(predictions)}")
    return (
        [_picture(f"truths[{i}]", one, ("boxes", "labels")) for i, one in enumerate(truths)],
        [_picture(f"predictions[{i}]", one, ("boxes", "labels", "scores")) for i, one in enumerate(predictions)],
    )


def _picture(name: str, picture, keys: tuple[str, ...]) -> dict[str, np.ndarray]:
    if not isinstance(picture, Mapping):
        raise TypeError(f"{name}: expected a dictionary with {', '.join(keys)}, got {type(picture).__name__}")
    missing = [key for key in keys if key not in picture]
    if missing:
        raise ValueError(f"{name}: expected {', '.join(keys)}, got no {' and no '.join(missing)}")
    checked = {"boxes": byhand.checked(f"{name}['boxes']", picture["boxes"])}
    for key in keys[1:]:
        checked[key] = _numbers(f"{name}['{key}']", picture[key], len(checked["boxes"]))
    labels = checked["labels"]
    if (labels != np.rint(labels)).any():
        raise ValueError(f"{name}['labels']: expected whole numbers, got {labels[labels != np.rint(labels)][0]}")
    return checked


def _numbers(name: str, values: npt.ArrayLike, count: int) -> np.ndarray:
    values = _array(name, values).astype(float)
    if values.shape != (count,):
        came = len(values) if values.ndim == 1 else f"an array of shape {values.shape}"
        raise ValueError(f"{name}: expected {count} numbers, one a box, got {came}")
    if not np.isfinite(values).all():
        raise ValueError(f"{name}: expected finite numbers, got {values[~np.isfinite(values)][0]}")
    return values


def _array(name: str, values: npt.ArrayLike) -> np.ndarray:
    try:
        array = np.asarray(values)
        return array if array.dtype.kind in "biuf" else array.astype(float)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name}: expected numbers, got {values!r}") from error


def _share(overlap: float) -> float:
    if isinstance(overlap, bool) or not isinstance(overlap, Real):
        raise TypeError(f"overlap: expected a share above 0, at most 1, got {overlap!r}")
    if not 0 < overlap <= 1:
        raise ValueError(f"overlap: expected a share above 0, at most 1, got {overlap}")
    return float(overlap)


def _mask(name: str, mask: np.ndarray) -> np.ndarray:
    if mask.ndim < 2:
        raise ValueError(f"{name}: expected a mask of two or more dimensions, or two boxes, got shape {mask.shape}")
    strange = (mask != 0) & (mask != 1)
    if strange.any():
        raise ValueError(f"{name}: expected a mask of 0 and 1, got {mask[strange][0]}")
    return mask == 1


def _box_areas(reference, prediction, size) -> tuple[float, float, float, float]:
    """Areas of the reference, of the prediction, of what they have in common, and of the picture."""
    r, p = byhand.checked("reference", [reference])[0], byhand.checked("prediction", [prediction])[0]
    everything = np.nan
    if size is not None:
        if not isinstance(size, list | tuple) or len(size) != 2:
            raise TypeError(f"size: expected a height and a width, got {size!r}")
        height, width = (arguments.integer("size", side, at_least=1) for side in size)
        for name, (x1, y1, x2, y2) in (("reference", r), ("prediction", p)):
            if min(x1, y1) < 0 or x2 > width or y2 > height:
                box = [float(side) for side in (x1, y1, x2, y2)]
                raise ValueError(f"{name}: expected a box within {height} x {width} pixels, got {box}")
        everything = height * width
    sides = np.maximum(np.minimum(r[2:], p[2:]) - np.maximum(r[:2], p[:2]), 0)
    return float(np.prod(r[2:] - r[:2])), float(np.prod(p[2:] - p[:2])), float(np.prod(sides)), everything
