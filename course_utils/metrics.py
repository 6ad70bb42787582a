"""How good detections, masks and generated pictures are.

Of boxes, of masks, of classes of pixels, of instances that come apart; and of sets of pictures compared with others.

What a picture with boxes shows is a dictionary, a truth: `boxes` (n, 4), rows x1, y1, x2, y2 in pixels, and `labels`
(n,), whole numbers. A prediction has `scores` (n,) besides. Pictures come as a list of truths and one of predictions.

The rules for boxes are those of COCO, without its crowds and sizes. Predictions choose in order of score, of equal
ones the first; each takes the truth of its class that it overlaps most, of those not yet taken, if its intersection
over union with it is at least `overlap`. Between truths that it overlaps equally it takes the last.
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
        for name, mask in (("reference", reference), ("prediction", prediction)):
            if mask.ndim < 2:
                raise ValueError(
                    f"{name}: expected a mask of two or more dimensions, or two boxes, got shape {mask.shape}"
                )
        r, p = _masks(reference, prediction)
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


def dice(reference: npt.ArrayLike, prediction: npt.ArrayLike) -> float:
    """Twice what two masks have in common, divided by the sum of their areas: the F1 score of their pixels.

    Parameters
    ----------
    reference, prediction : array
        Two masks of 0 and 1 (or bool), of one shape.

    Returns
    -------
    float
        From 0 to 1, or nan if both masks are empty.

    Examples
    --------
    >>> dice([[1, 1, 0, 0]], [[0, 1, 1, 1]])
    0.4
    """
    r, p = _masks(reference, prediction)
    return float(_ratio(2 * (r & p).sum(), r.sum() + p.sum()))


def pixel_confusion(reference: npt.ArrayLike, prediction: npt.ArrayLike, classes: int) -> np.ndarray:
    """Count how often each class is taken for each.

    Parameters
    ----------
    reference, prediction : array of int
        The class of each pixel, from 0 to ``classes - 1``; of one shape.
    classes : int
        How many classes there are.

    Returns
    -------
    array (classes, classes) of int
        A row for each class of the reference, a column for each that is predicted.

    Examples
    --------
    >>> pixel_confusion([[0, 0, 1, 2]], [[0, 1, 1, 1]], classes=3).tolist()
    [[1, 1, 0], [0, 1, 0], [0, 1, 0]]
    """
    classes = arguments.integer("classes", classes, at_least=1)
    return _counts(*_labels(reference, prediction, classes), (classes, classes))


def class_scores(reference: npt.ArrayLike, prediction: npt.ArrayLike, classes: int) -> dict[str, np.ndarray]:
    """Intersection over union, and Dice, of each class.

    Parameters
    ----------
    reference, prediction : array of int
        The class of each pixel, from 0 to ``classes - 1``; of one shape.
    classes : int
        How many classes there are.

    Returns
    -------
    dict of arrays (classes,)
        `iou` and `dice` by class, nan for a class that neither array has; ``np.nanmean`` of `iou` is the mean IoU.

    Examples
    --------
    >>> {name: scores.round(2).tolist() for name, scores in class_scores([[0, 0, 1]], [[0, 1, 1]], classes=3).items()}
    {'iou': [0.5, 0.5, nan], 'dice': [0.67, 0.67, nan]}
    """
    table = pixel_confusion(reference, prediction, classes)
    common, areas = np.diag(table), table.sum(axis=0) + table.sum(axis=1)
    return {"iou": _ratio(common, areas - common), "dice": _ratio(2 * common, areas)}


def separated(reference: npt.ArrayLike, prediction: npt.ArrayLike, overlap: float = 0.5) -> dict[str, float]:
    """Tell how many instances a prediction keeps apart as the reference does.

    Parameters
    ----------
    reference, prediction : array of int
        The instance of each pixel: 0 for the background, any other whole number for an instance; of one shape. Which
        number an instance has does not matter.
    overlap : float
        Two instances match if their intersection over union is above this. From 0.5 on, no instance has two matches.

    Returns
    -------
    dict of float
        `precision`, the share of the predicted instances that have a match; `recall`, the share of the reference's;
        and `f1`, twice the matches divided by all instances. What would be 0/0 is nan.

    Examples
    --------
    >>> separated([[1, 1, 1, 0, 2, 2]], [[5, 5, 5, 0, 5, 3]])  # 5 has 3 of 4 pixels of 1; 3 just half of 2
    {'precision': 0.5, 'recall': 0.5, 'f1': 0.5}
    """
    if isinstance(overlap, bool) or not isinstance(overlap, Real):
        raise TypeError(f"overlap: expected a share of at least 0.5, below 1, got {overlap!r}")
    if not 0.5 <= overlap < 1:
        raise ValueError(f"overlap: expected a share of at least 0.5, below 1, got {overlap}")
    # With the background in front, every table has its row and column 0.
    numbered = [np.unique(np.append(0, one), return_inverse=True) for one in _labels(reference, prediction)]
    (_, r), (_, p) = numbered
    table = _counts(r[1:], p[1:], tuple(len(names) for names, _ in numbered))
    union = table.sum(axis=1, keepdims=True) + table.sum(axis=0) - table
    matched = (_ratio(table, union)[1:, 1:] > overlap).sum()
    here, there = (len(names) - 1 for names, _ in numbered)
    shares = {"precision": (matched, there), "recall": (matched, here), "f1": (2 * matched, here + there)}
    return {name: float(_ratio(*share)) for name, share in shares.items()}


def frechet_distance(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Frechet distance of the Gaussians fitted to two sets of features; with those of Inception it is called FID.

    ``|m1 - m2|**2 + trace(C1 + C2 - 2 (C1 C2)**(1/2))`` with means m and covariances C. It looks at nothing else, so
    that sets with equal means and covariances have distance 0 however they differ; and it depends on how many samples
    there are: few are further from each other than many.

    Parameters
    ----------
    first, second : array (n, features)
        At least two samples each, one a row; they need not be equally many.

    Returns
    -------
    float
        0 or more.

    Examples
    --------
    >>> frechet_distance([[0.0], [2.0]], [[3.0], [5.0]])  # the same spread, and means 1 and 4
    9.0
    """
    first, second = _features("first", first), _features("second", second)
    if first.shape[1] != second.shape[1]:
        raise ValueError(f"second: expected {first.shape[1]} features, as in first, got {second.shape[1]}")
    (mean1, root1), (mean2, root2) = _gaussian(first), _gaussian(second)
    # The trace of (C1 C2)**(1/2) is that of (R1 C2 R1)**(1/2), R1 the root of C1. As C2 = R2 R2, the eigenvalues of
    # the latter are the singular values of R1 R2; taken from there they have not lost half their digits to a square.
    common = np.linalg.svd(root1 @ root2, compute_uv=False).sum()
    spread = (root1**2).sum() + (root2**2).sum() - 2 * common
    return float(((mean1 - mean2) ** 2).sum() + max(spread, 0.0))


def class_coverage(labels: npt.ArrayLike, classes: int, at_least: float = 0.02) -> dict:
    """Tell how samples spread over classes: a generator that has forgotten some does not reach them all.

    Parameters
    ----------
    labels : array (n,) of int
        The class of each sample, from 0 to ``classes - 1``.
    classes : int
        How many classes there are, 2 or more.
    at_least : float
        The share of the samples from which on a class counts as covered.

    Returns
    -------
    dict
        `shares`, array (classes,), of each class; `covered`, how many classes have a share of at least `at_least`;
        `entropy` of the shares, from 0, all in one class, to 1, all classes equally often.

    Examples
    --------
    >>> scores = class_coverage([0, 0, 2, 2], classes=4)
    >>> scores["shares"], scores["covered"], scores["entropy"]
    (array([0.5, 0. , 0.5, 0. ]), 2, 0.5)
    """
    classes = arguments.integer("classes", classes, at_least=2)
    at_least = _share(at_least, "at_least")
    labels = _array("labels", labels)
    if labels.ndim != 1 or not len(labels):
        raise ValueError(f"labels: expected the classes of one or more samples, (n,), got shape {labels.shape}")
    right = (labels >= 0) & (labels < classes) & (labels == np.rint(labels))
    if not right.all():
        raise ValueError(f"labels: expected whole numbers of at least 0, below {classes}, got {labels[~right][0]}")
    shares = np.bincount(labels.astype(np.int64), minlength=classes) / len(labels)
    there = shares[shares > 0]
    entropy = abs((there * np.log(there)).sum()) / np.log(classes)
    return {"shares": shares, "covered": int((shares >= at_least).sum()), "entropy": min(float(entropy), 1.0)}


def _ratio(part: npt.ArrayLike, whole: npt.ArrayLike) -> np.ndarray:
    """Divide, with nan for what has nothing to divide by."""
    whole = np.asarray(whole)
    return part / np.where(whole == 0, np.nan, whole)


def _features(name: str, values: npt.ArrayLike) -> np.ndarray:
    values = _array(name, values).astype(float)
    if values.ndim != 2 or len(values) < 2 or not values.shape[1]:
        raise ValueError(f"{name}: expected features of two or more samples, (n, features), got shape {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError(f"{name}: expected finite numbers, got {values[~np.isfinite(values)][0]}")
    return values


def _gaussian(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean, and symmetric root of the covariance."""
    values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(features, rowvar=False)))
    # What should be 0, with fewer samples than features, comes out a little beside it, and a root makes that large.
    values[values < values.max() * len(values) * np.finfo(float).eps] = 0
    return features.mean(axis=0), (vectors * np.sqrt(values)) @ vectors.T


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


def _share(value: float, name: str = "overlap") -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name}: expected a share above 0, at most 1, got {value!r}")
    if not 0 < value <= 1:
        raise ValueError(f"{name}: expected a share above 0, at most 1, got {value}")
    return float(value)


def _masks(reference: npt.ArrayLike, prediction: npt.ArrayLike) -> list[np.ndarray]:
    masks = []
    for name, mask in _alike(reference, prediction).items():
        strange = (mask != 0) & (mask != 1)
        if strange.any():
            raise ValueError(f"{name}: expected a mask of 0 and 1, got {mask[strange][0]}")
        masks.append(mask == 1)
    return masks


def _labels(reference: npt.ArrayLike, prediction: npt.ArrayLike, classes: int | None = None) -> list[np.ndarray]:
    """Both as flat arrays of int, once they are numbers of classes or, without `classes`, of instances."""
    expected = "whole numbers of at least 0" + ("" if classes is None else f", below {classes}")
    labels = []
    for name, values in _alike(reference, prediction).items():
        # Nothing compares with nan, so what is right is asked for, not what is wrong.
        right = (values >= 0) & (values == np.rint(values)) & (values < (np.inf if classes is None else classes))
        if not right.all():
            raise ValueError(f"{name}: expected {expected}, got {values[~right][0]}")
        labels.append(values.astype(np.int64).ravel())
    return labels


def _alike(reference: npt.ArrayLike, prediction: npt.ArrayLike) -> dict[str, np.ndarray]:
    both = {"reference": _array("reference", reference), "prediction": _array("prediction", prediction)}
    r, p = both["reference"].shape, both["prediction"].shape
    if r != p:
        raise ValueError(f"prediction: expected the shape of reference, {r}, got {p}")
    return both


def _counts(reference: np.ndarray, prediction: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    return np.bincount(reference * shape[1] + prediction, minlength=shape[0] * shape[1]).reshape(shape)


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
