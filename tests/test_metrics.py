"""Metrics against pycocotools, scikit-learn and brute force."""

import contextlib
import io
import math

import numpy as np
import pytest
import scipy.linalg
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from sklearn.metrics import (
    confusion_matrix,
    f1_score,
    jaccard_score,
    precision_recall_curve,
    precision_score,
    recall_score,
)

from course_utils import metrics

OVERLAPS = (0.05, 0.3, 0.5, 0.75, 0.95, 1.0)


def random_boxes(rng, count, whole):
    corner, size = rng.uniform(0, 40, (count, 2)), rng.uniform(0 if whole else 1, 30, (count, 2))
    boxes = np.concatenate([corner, corner + size], axis=1)
    return np.rint(boxes / 5) * 5 if whole else boxes


def random_case(rng, pictures=6, most_truths=6, most_predictions=16, whole=False):
    """Pictures with all that is awkward: empty ones, duplicates, classes without truths or without predictions.

    With `whole`, boxes lie on a coarse grid and scores are few, so that overlaps and scores are often equal.
    """
    truths, predictions = [], []
    for _ in range(pictures):
        n = int(rng.integers(0, most_truths + 1)) * int(rng.random() < 0.8)
        truth = {"boxes": random_boxes(rng, n, whole), "labels": rng.integers(1, 5, n)}
        if n > 1:
            truth["boxes"][1] = truth["boxes"][0]
        m = int(rng.integers(0, most_predictions + 1)) * int(rng.random() < 0.8)
        boxes, labels = random_boxes(rng, m, whole), rng.integers(3, 7, m)
        near = rng.random(m) < 0.7 * (n > 0)
        of = rng.integers(0, max(n, 1), m)[near]
        boxes[near], labels[near] = truth["boxes"][of], truth["labels"][of]
        labels[labels == 1] = 3  # class 1 is never predicted
        boxes[near, 2:] += (
            np.rint(rng.uniform(0, 2, (near.sum(), 1))) * 5 if whole else rng.uniform(0, 9, (near.sum(), 1))
        )
        scores = rng.integers(1, 5, m) / 4 if whole else rng.random(m)
        truths.append(truth)
        predictions.append({"boxes": boxes, "labels": labels, "scores": scores})
    return truths, predictions


def as_coco(pictures):
    annotations = []
    for image, picture in enumerate(pictures):
        for i, (x1, y1, x2, y2) in enumerate(picture["boxes"].tolist()):
            box, area = [x1, y1, x2 - x1, y2 - y1], (x2 - x1) * (y2 - y1)
            annotation = {"id": len(annotations) + 1, "image_id": image, "category_id": int(picture["labels"][i])}
            annotation |= {"bbox": box, "area": area, "iscrowd": 0, "position": i}
            if "scores" in picture:
                annotation["score"] = float(picture["scores"][i])
            annotations.append(annotation)
    coco = COCO()
    images, categories = [{"id": i} for i in range(len(pictures))], [{"id": i} for i in range(1, 7)]
    coco.dataset = {"images": images, "categories": categories, "annotations": annotations}
    coco.createIndex()
    return coco


def by_coco(truths, predictions, overlap, limit):
    """What pycocotools says: AP by class, its mean, and which truth each prediction takes."""
    with contextlib.redirect_stdout(io.StringIO()):
        there, found = as_coco(truths), as_coco(predictions)
        judge = COCOeval(there, found, "bbox")
        judge.params.iouThrs, judge.params.maxDets = np.array([overlap]), [limit]
        judge.params.areaRng, judge.params.areaRngLbl = [[0, 1e10]], ["all"]
        judge.evaluate()
        judge.accumulate()
    precision = judge.eval["precision"][0, :, :, 0, 0]
    each = {k + 1: column.mean() for k, column in enumerate(precision.T) if (column > -1).all()}
    mean = precision[precision > -1].mean() if each else math.nan
    taken = [np.full(len(one["boxes"]), -1) for one in predictions]
    for one in filter(None, judge.evalImgs):
        for identity, match in zip(one["dtIds"], one["dtMatches"][0], strict=True):
            if match:
                taken[one["image_id"]][found.anns[identity]["position"]] = there.anns[int(match)]["position"]
    return each, mean, taken


def same_as_coco(truths, predictions, overlap, limit=100):
    each, mean, taken = by_coco(truths, predictions, overlap, limit or 10**6)
    mine = metrics.average_precision(truths, predictions, overlap, limit)
    assert list(mine) == list(each)
    assert mine == pytest.approx(each, abs=1e-9)
    assert metrics.mean_average_precision(truths, predictions, overlap, limit) == pytest.approx(
        mean, abs=1e-9, nan_ok=True
    )
    return each, taken


# Average precision and matching against COCO's own program -----------------------------------------------------------


@pytest.mark.parametrize("whole", [False, True])
def test_average_precision_and_matches_are_those_of_coco(whole):
    rng = np.random.default_rng(int(whole))
    values = []
    for case in range(150):
        truths, predictions = random_case(rng, whole=whole)
        overlap = OVERLAPS[case % len(OVERLAPS)]
        each, taken = same_as_coco(truths, predictions, overlap)
        assert [t.tolist() for t in metrics.matches(truths, predictions, overlap)] == [t.tolist() for t in taken]
        values += each.values()
    assert sum(0.1 < value < 0.9 for value in values) > 100 and 0 in values


@pytest.mark.parametrize("limit", [1, 3, 100, None])
def test_more_predictions_than_the_limit(limit):
    rng = np.random.default_rng(3)
    for whole in (False, True):
        truths, predictions = random_case(rng, pictures=3, most_truths=30, most_predictions=20, whole=whole)
        boxes = random_boxes(rng, 250, whole)
        boxes[::2] = truths[0]["boxes"][rng.integers(0, len(truths[0]["boxes"]), 125)]
        labels = np.where(rng.random(250) < 0.7, 3, 4)
        truths[0]["labels"] = rng.integers(3, 5, len(truths[0]["boxes"]))
        predictions[0] = {"boxes": boxes, "labels": labels, "scores": np.round(rng.random(250), 2 if whole else 9)}
        same_as_coco(truths, predictions, 0.5, limit)


def test_limit_matters_above_it():
    truth = {"boxes": [[0, 0, 9, 9]], "labels": [1]}
    many = {"boxes": [[50, 0, 59, 9]] * 100 + [[0, 0, 9, 9]], "labels": [1] * 101, "scores": [0.5] * 101}
    assert metrics.average_precision([truth], [many]) == {1: 0.0}
    assert metrics.mean_average_precision([truth], [many]) == 0
    assert metrics.mean_average_precision([truth], [many], limit=None) == pytest.approx(1 / 101)
    assert metrics.matches([truth], [many])[0][100] == 0


def test_classes_that_are_only_in_one_list():
    box, nothing = [[0, 0, 9, 9]], {"boxes": [], "labels": [], "scores": []}
    truth, other = {"boxes": box, "labels": [1]}, {"boxes": box, "labels": [2], "scores": [1.0]}
    assert metrics.average_precision([truth], [nothing]) == {1: 0.0}
    assert metrics.average_precision([truth], [other]) == {1: 0.0}
    assert metrics.average_precision([nothing], [other]) == {}
    assert math.isnan(metrics.mean_average_precision([nothing], [other]))
    assert math.isnan(metrics.mean_average_precision([], []))


def test_of_truths_overlapped_equally_the_last_is_taken():
    truth = {"boxes": [[0, 0, 10, 10], [10, 0, 20, 10], [10, 0, 20, 10]], "labels": [1, 1, 1]}
    middle = {"boxes": [[5, 0, 15, 10]] * 4, "labels": [1] * 4, "scores": [0.5, 0.9, 0.9, 0.7]}
    assert metrics.matches([truth], [middle], overlap=1 / 3)[0].tolist() == [-1, 2, 1, 0]


def test_matches_without_classes_are_those_of_one_class():
    rng = np.random.default_rng(4)
    differ = 0
    for _ in range(40):
        truths, predictions = random_case(rng, whole=True)
        alike = [[one | {"labels": np.ones(len(one["labels"]))} for one in some] for some in (truths, predictions)]
        mine = [taken.tolist() for taken in metrics.matches(truths, predictions, by_class=False)]
        assert mine == [taken.tolist() for taken in metrics.matches(*alike)]
        differ += mine != [taken.tolist() for taken in metrics.matches(truths, predictions)]
    assert differ > 10


# Precision and recall ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", [None, 2, 3])
def test_precision_and_recall_are_those_of_scikit_learn(label):
    rng = np.random.default_rng(5)
    compared = 0
    for _ in range(40):
        truths, predictions = random_case(rng)
        _, _, taken = by_coco(truths, predictions, 0.5, 10**6)
        hits, scores = np.concatenate(taken) >= 0, np.concatenate([one["scores"] for one in predictions])
        labels, wanted = (np.concatenate([one["labels"] for one in some]) for some in (predictions, truths))
        if label is not None:
            hits, scores, wanted = hits[labels == label], scores[labels == label], wanted[wanted == label]
        precision, recall, falling = metrics.precision_recall(truths, predictions, label)
        assert len(precision) == len(recall) == len(falling) == len(hits)
        if hits.any():
            theirs = precision_recall_curve(hits, scores)
            np.testing.assert_allclose(precision, theirs[0][-2::-1])
            np.testing.assert_allclose(recall, theirs[1][-2::-1] * hits.sum() / len(wanted))
            np.testing.assert_allclose(falling, theirs[2][::-1])
            compared += 1
    assert compared > 20


def test_each_of_equal_scores_is_a_point():
    truths = [{"boxes": [[0, 0, 9, 9]], "labels": [1]}] * 2
    predictions = [{"boxes": [box], "labels": [1], "scores": [0.5]} for box in ([50, 0, 59, 9], [0, 0, 9, 9])]
    precision, recall, scores = metrics.precision_recall(truths, predictions)
    assert (precision.tolist(), recall.tolist(), scores.tolist()) == ([0, 0.5], [0, 0.5], [0.5, 0.5])


def test_precision_and_recall_of_nothing():
    truth = {"boxes": [[0, 0, 9, 9]], "labels": [1]}
    found = {"boxes": [[0, 0, 9, 9]], "labels": [2], "scores": [0.5]}
    assert [curve.tolist() for curve in metrics.precision_recall([truth], [found], label=1)] == [[], [], []]
    precision, recall, _ = metrics.precision_recall([truth], [found], label=np.int64(2))
    assert precision.tolist() == [0] and np.isnan(recall).all()
    assert [curve.tolist() for curve in metrics.precision_recall([], [])] == [[], [], []]


# Four measures of overlap -------------------------------------------------------------------------------------------

two_masks = arrays.array_shapes(min_dims=2, max_dims=3, max_side=4).flatmap(
    lambda shape: st.tuples(arrays.arrays(bool, shape), arrays.arrays(bool, shape))
)


@given(two_masks)
def test_overlap_of_masks_is_that_of_scikit_learn(masks):
    r, p = (mask.ravel() for mask in masks)
    (tn, fp), _ = confusion_matrix(r, p, labels=[False, True])
    expected = {
        "tpr": recall_score(r, p, zero_division=np.nan) if r.any() else math.nan,
        "tnr": tn / (tn + fp) if tn + fp else math.nan,
        "ppv": precision_score(r, p, zero_division=np.nan) if p.any() else math.nan,
        "iou": jaccard_score(r, p) if (r | p).any() else math.nan,
    }
    for kind in (bool, np.uint8, float):
        assert metrics.overlap_scores(*(mask.astype(kind) for mask in masks)) == pytest.approx(expected, nan_ok=True)


corners = st.integers(0, 6)
box = st.tuples(corners, corners, corners, corners).map(
    lambda c: [min(c[0], c[2]), min(c[1], c[3]), max(c[0], c[2]), max(c[1], c[3])]
)


@given(box, box)
def test_overlap_of_boxes_is_that_of_their_pixels(reference, prediction):
    drawn = np.zeros((2, 6, 7), bool)
    for mask, (x1, y1, x2, y2) in zip(drawn, (reference, prediction), strict=True):
        mask[y1:y2, x1:x2] = True
    expected = metrics.overlap_scores(*drawn)
    assert metrics.overlap_scores(reference, prediction, size=(6, 7)) == pytest.approx(expected, nan_ok=True)
    expected["tnr"] = math.nan
    assert metrics.overlap_scores(reference, prediction) == pytest.approx(expected, nan_ok=True)


def test_overlap_of_boxes_between_pixels():
    scores = metrics.overlap_scores([0, 0, 1.5, 1], [0.5, 0, 2, 1], size=(1, 2))
    assert scores == pytest.approx({"tpr": 2 / 3, "tnr": 0, "ppv": 2 / 3, "iou": 1 / 2})
    for x in np.random.default_rng(6).uniform(0, 3, 200):
        assert metrics.overlap_scores([0, 0, x, 7], [x, 0, 3, 7], size=(7, 3))["tnr"] >= 0


# Masks, classes and instances ---------------------------------------------------------------------------------------

LABELS = arrays.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=6)


def two_maps(highest):
    """Two arrays of whole numbers, and of one shape, some of them empty."""
    return LABELS.flatmap(lambda shape: st.tuples(*[arrays.arrays(int, shape, elements=st.integers(0, highest))] * 2))


@given(two_maps(1))
def test_dice_is_the_f1_of_pixels(masks):
    reference, prediction = masks
    expected = math.nan
    if reference.any() or prediction.any():
        expected = f1_score(reference.ravel(), prediction.ravel(), zero_division=0)
    assert metrics.dice(reference, prediction) == pytest.approx(expected, nan_ok=True)
    assert metrics.dice(reference == 1, prediction.astype(float)) == pytest.approx(expected, nan_ok=True)


@given(two_maps(4))
def test_classes_equal_scikit_learns(maps):
    """Class 5 is in neither array, and in small ones others are missing too."""
    reference, prediction = maps
    table, scores = metrics.pixel_confusion(*maps, classes=6), metrics.class_scores(*maps, classes=6)
    assert table.shape == (6, 6) and table.dtype.kind == "i"
    if not reference.size:
        assert not table.any() and all(np.isnan(each).all() for each in scores.values())
        return
    flat = reference.ravel(), prediction.ravel()
    np.testing.assert_array_equal(table, confusion_matrix(*flat, labels=range(6)))
    missing = ~np.isin(range(6), np.concatenate(flat))
    for name, theirs in (("iou", jaccard_score), ("dice", f1_score)):
        expected = np.where(missing, np.nan, theirs(*flat, labels=range(6), average=None, zero_division=0))
        np.testing.assert_allclose(scores[name], expected)
    for kind in ("uint8", "float32"):
        again = metrics.pixel_confusion(reference.astype(kind), prediction.astype(kind), classes=6)
        np.testing.assert_array_equal(table, again)


def separated_by_loops(reference, prediction, overlap):
    here, there = (set(np.unique(one)) - {0} for one in (reference, prediction))
    pairs = []
    for a in here:
        for b in there:
            common, union = np.sum((reference == a) & (prediction == b)), np.sum((reference == a) | (prediction == b))
            if common / union > overlap:
                pairs.append((a, b))
    assert len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)
    matched = len(pairs)
    return {
        "precision": matched / len(there) if there else math.nan,
        "recall": matched / len(here) if here else math.nan,
        "f1": 2 * matched / (len(here) + len(there)) if here or there else math.nan,
    }


@given(two_maps(3), st.sampled_from([0.5, 0.6, 0.75, 0.9]), st.integers(0, 2**32 - 1))
def test_instances_that_come_apart_equal_loops(maps, overlap, seed):
    """Against a random map, and against the reference with some pixels changed; with other numbers, too."""
    reference, other = maps
    rng = np.random.default_rng(seed)
    names = np.append(0, rng.permutation(10**6)[:3] + 1)
    for prediction in (other, np.where(rng.random(other.shape) < 0.2, other, reference)):
        expected = separated_by_loops(reference, prediction, overlap)
        assert metrics.separated(reference, prediction, overlap) == pytest.approx(expected, nan_ok=True)
        assert metrics.separated(reference, names[prediction], overlap) == pytest.approx(expected, nan_ok=True)


def test_instances_that_touch_or_are_missing():
    apart, joined, none = np.array([[1, 1, 0, 2, 2]]), np.array([[1, 1, 1, 1, 1]]), np.zeros((1, 5), int)
    assert metrics.separated(apart, apart) == {"precision": 1, "recall": 1, "f1": 1}
    assert metrics.separated(apart, joined) == {"precision": 0, "recall": 0, "f1": 0}
    nothing = pytest.approx({"precision": math.nan, "recall": 0, "f1": 0}, nan_ok=True)
    assert metrics.separated(apart, none) == nothing
    nowhere = pytest.approx({"precision": 0, "recall": math.nan, "f1": 0}, nan_ok=True)
    assert metrics.separated(none, apart) == nowhere
    assert all(math.isnan(value) for value in metrics.separated(none, none).values())
    # No background at all, and an overlap that is just the limit.
    assert metrics.separated([1, 1], [1, 2])["f1"] == 0
    assert metrics.separated([1, 1, 1, 2], [7, 7, 7, 7], overlap=0.75)["f1"] == 0
    assert metrics.separated([1, 1, 1, 2], [7, 7, 7, 7], overlap=0.74)["recall"] == 0.5


# What is refused ----------------------------------------------------------------------------------------------------

TRUTH = {"boxes": [[0, 0, 9, 9], [5, 5, 8, 8]], "labels": [1, 2]}
FOUND = {"boxes": [[0, 0, 9, 9]], "labels": [1], "scores": [0.5]}
JUDGES = (metrics.matches, metrics.precision_recall, metrics.average_precision, metrics.mean_average_precision)


@pytest.mark.parametrize("judge", JUDGES)
@pytest.mark.parametrize(
    ("truth", "found", "error", "words"),
    [
        (None, {}, TypeError, r"truths\[1\]: expected a dictionary with boxes, labels, got NoneType"),
        ({"labels": None}, {}, ValueError, r"truths\[1\]: expected boxes, labels, got no labels"),
        ({}, {"labels": None, "scores": None}, ValueError, r"predictions\[1\]: .*got no labels and no scores"),
        ({"boxes": [[3, 0, 2, 9]]}, {}, ValueError, r"truths\[1\]\['boxes'\]: expected x1 <= x2.*at 0"),
        ({}, {"boxes": [[0, np.nan, 2, 9]]}, ValueError, r"predictions\[1\]\['boxes'\]: expected finite"),
        ({"boxes": [[0, 1, 2]]}, {}, ValueError, r"truths\[1\]\['boxes'\]: expected rows"),
        ({"labels": [1, 2, 3]}, {}, ValueError, r"truths\[1\]\['labels'\]: expected 2 numbers, one a box, got 3"),
        ({"labels": [[1], [2]]}, {}, ValueError, r"\['labels'\]: expected 2 numbers.*got an array of shape \(2, 1\)"),
        ({"labels": [1, 2.5]}, {}, ValueError, r"truths\[1\]\['labels'\]: expected whole numbers, got 2.5"),
        ({"labels": ["cat", "dog"]}, {}, TypeError, r"truths\[1\]\['labels'\]: expected numbers, got \['cat', 'dog'\]"),
        ({}, {"labels": [np.nan]}, ValueError, r"predictions\[1\]\['labels'\]: expected finite numbers, got nan"),
        ({}, {"scores": []}, ValueError, r"predictions\[1\]\['scores'\]: expected 1 numbers, one a box, got 0"),
        ({}, {"scores": [np.inf]}, ValueError, r"predictions\[1\]\['scores'\]: expected finite numbers, got inf"),
        ({}, {"scores": [[1], [2, 3]]}, TypeError, r"predictions\[1\]\['scores'\]: expected numbers"),
    ],
)
def test_bad_pictures_are_refused(judge, truth, found, error, words):
    def changed(good, change):
        return None if change is None else {k: v for k, v in (good | change).items() if v is not None}

    with pytest.raises(error, match=words):
        judge([TRUTH, changed(TRUTH, truth)], [FOUND, changed(FOUND, found)])


@pytest.mark.parametrize("judge", JUDGES)
def test_bad_lists_and_overlaps_are_refused(judge):
    with pytest.raises(TypeError, match="truths: expected a list of dictionaries, one a picture, got dict"):
        judge(TRUTH, [FOUND])
    with pytest.raises(TypeError, match="predictions: expected a list"):
        judge([TRUTH], FOUND)
    with pytest.raises(ValueError, match="predictions: expected 1, one a picture as in truths, got 2"):
        judge([TRUTH], [FOUND, FOUND])
    for overlap in (0, -0.5, 1.01, np.nan):
        with pytest.raises(ValueError, match="overlap: expected a share above 0, at most 1"):
            judge([TRUTH], [FOUND], overlap=overlap)
    for overlap in ("0.5", None, True):
        with pytest.raises(TypeError, match="overlap: expected a share above 0, at most 1"):
            judge([TRUTH], [FOUND], overlap=overlap)


def test_bad_labels_and_limits_are_refused():
    for label in ("cat", 1.0, True):
        with pytest.raises(TypeError, match="label: expected a whole number or None"):
            metrics.precision_recall([TRUTH], [FOUND], label=label)
    for judge in (metrics.average_precision, metrics.mean_average_precision):
        with pytest.raises(ValueError, match="limit: expected a whole number of at least 1, got 0"):
            judge([TRUTH], [FOUND], limit=0)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (([[0, 1]], [[0], [1]]), ValueError, r"prediction: expected the shape of reference, \(1, 2\), got \(2, 1\)"),
        (([[0, 1]], [[0, 2]]), ValueError, "prediction: expected a mask of 0 and 1, got 2"),
        (([[0, np.nan]], [[0, 1]]), ValueError, "reference: expected a mask of 0 and 1, got nan"),
        (([0, 1, 1], [0, 1, 1]), ValueError, r"reference: expected a mask of two or more.*two boxes, got shape \(3,\)"),
        (([0, 0, 1, 1], [[0, 1]]), ValueError, r"reference: expected a mask.*got shape \(4,\)"),
        (([["a"]], [[0]]), TypeError, "reference: expected numbers"),
        (([[1, 0], [1]], [[0]]), TypeError, "reference: expected numbers"),
        (([2, 0, 1, 1], [0, 0, 1, 1]), ValueError, "reference: expected x1 <= x2"),
        (([0, 0, 1, 1], [0, 0, 1, np.inf]), ValueError, "prediction: expected finite"),
        (([[0]], [[1]], (1, 1)), ValueError, "size: expected None"),
        (([0, 0, 1, 1], [0, 0, 1, 1], 5), TypeError, "size: expected a height and a width, got 5"),
        (([0, 0, 1, 1], [0, 0, 1, 1], (5, 5, 3)), TypeError, "size: expected a height and a width"),
        (([0, 0, 1, 1], [0, 0, 1, 1], (5, 0)), ValueError, "size: expected a whole number of at least 1"),
        (([0, 0, 1, 1], [0, 0, 1, 3], (2, 9)), ValueError, r"prediction: expected a box within 2 x 9 pixels.*3.0\]"),
        (([-1, 0, 1, 1], [0, 0, 1, 1], (2, 9)), ValueError, r"reference: expected a box within 2 x 9 pixels"),
    ],
)
def test_bad_masks_and_boxes_are_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        metrics.overlap_scores(*arguments)


@pytest.mark.parametrize("judge", [metrics.pixel_confusion, metrics.class_scores, metrics.separated])
def test_bad_maps_are_refused(judge):
    limited = judge is not metrics.separated
    last, limit = ((3,), ", below 3") if limited else ((), "")
    for wrong, came in ((-1, "-1"), (0.5, "0.5"), (np.nan, "nan"), (np.inf, "inf")):
        with pytest.raises(ValueError, match=f"reference: expected whole numbers of at least 0{limit}, got {came}"):
            judge([[0, wrong]], [[0, 1]], *last)
        with pytest.raises(ValueError, match=f"prediction: expected whole numbers of at least 0{limit}, got {came}"):
            judge([[0, 1]], [[0, wrong]], *last)
    with pytest.raises(ValueError, match=r"prediction: expected the shape of reference, \(1, 2\), got \(2,\)"):
        judge([[0, 1]], [0, 1], *last)
    with pytest.raises(TypeError, match="reference: expected numbers"):
        judge(["cat"], [0], *last)
    if limited:
        with pytest.raises(ValueError, match="prediction: expected .*below 3, got 3"):
            judge([0], [3], 3)
        for classes, error in ((0, ValueError), (2.0, TypeError), (True, TypeError)):
            with pytest.raises(error, match="classes: expected a whole number of at least 1"):
                judge([0], [0], classes)


def test_bad_masks_and_overlaps_are_refused():
    with pytest.raises(ValueError, match=r"prediction: expected the shape of reference, \(2,\), got \(1,\)"):
        metrics.dice([0, 1], [1])
    with pytest.raises(ValueError, match="reference: expected a mask of 0 and 1, got 255"):
        metrics.dice([0, 255], [0, 1])
    with pytest.raises(TypeError, match="prediction: expected numbers"):
        metrics.dice([0], ["a"])
    for overlap, error in (
        (0.49, ValueError),
        (1, ValueError),
        (np.nan, ValueError),
        ("1", TypeError),
        (True, TypeError),
    ):
        with pytest.raises(error, match="overlap: expected a share of at least 0.5, below 1"):
            metrics.separated([0], [0], overlap)


# Generated pictures -----------------------------------------------------------------------------------------------


def frechet_by_scipy(first, second):
    c1, c2 = (np.atleast_2d(np.cov(one.T)) for one in (first, second))
    means = ((first.mean(axis=0) - second.mean(axis=0)) ** 2).sum()
    return means + np.trace(c1 + c2 - 2 * scipy.linalg.sqrtm(c1 @ c2).real)


def samples(seed, count, features, shift=0.0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, features)) @ rng.normal(size=(features, features)) + shift


def spread(*sets):
    """What rounding is relative to where distances themselves are small."""
    return sum(np.atleast_2d(np.cov(one.T)).trace() for one in sets)


@given(seed=st.integers(0, 2**32 - 1), features=st.integers(1, 12), more=st.integers(1, 60), shift=st.floats(-5, 5))
def test_frechet_distance_is_scipys(seed, features, more, shift):
    first, second = (
        samples(seed, features + 5 + more, features),
        samples(seed + 1, features + 70 - more, features, shift),
    )
    got = metrics.frechet_distance(first, second)
    assert got == pytest.approx(frechet_by_scipy(first, second), rel=1e-6, abs=1e-7 * spread(first, second))
    assert got >= 0
    assert got == pytest.approx(metrics.frechet_distance(second, first), rel=1e-9)


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(2, 40), features=st.integers(1, 30))
def test_frechet_distance_of_equal_sets_is_zero(seed, count, features):
    one = samples(seed, count, features, 100.0)
    other = np.random.default_rng(seed).permutation(one)
    assert 0 <= metrics.frechet_distance(one, other) <= 1e-10 * spread(one)


@given(seed=st.integers(0, 2**32 - 1), few=st.integers(2, 6), features=st.integers(1, 4), room=st.integers(0, 30))
def test_frechet_distance_in_a_larger_space_is_the_same(seed, few, features, room):
    """Turned into a space of more features the covariances are singular, and no distance may change."""
    first, second = samples(seed, few, features), samples(seed + 1, few + 3, features, 1.0)
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(features + room, features)))[0]
    within, beyond = metrics.frechet_distance(first, second), metrics.frechet_distance(first @ turn.T, second @ turn.T)
    assert beyond == pytest.approx(within, rel=1e-6, abs=1e-9 * spread(first, second))


def test_frechet_distance_of_sets_at_right_angles():
    """Covariances that have no direction in common: the root of their product is 0."""
    first, second = np.zeros((2, 2, 5))
    first[1, 0], second[1, 3] = 2, 4  # variances 2 and 8, means 1 and 2 along different axes
    assert metrics.frechet_distance(first, second) == pytest.approx(2 + 8 + 1 + 4)


def test_frechet_distance_does_not_see_what_is_beyond_mean_and_covariance():
    two_heaps, three = np.array([[-1.0]] * 3 + [[1.0]] * 3), np.array([[-(3**0.5)], [0], [0], [0], [0], [3**0.5]])
    assert metrics.frechet_distance(two_heaps, three) == pytest.approx(0)


@pytest.mark.parametrize(
    ("first", "second", "error", "words"),
    [
        ([[1.0, 2.0]], [[1.0, 2.0]] * 3, ValueError, "first: expected features of two or more samples"),
        ([[1.0, 2.0]] * 3, [1.0, 2.0], ValueError, r"second: .* got shape \(2,\)"),
        ([[1.0, 2.0]] * 3, [[1.0]] * 3, ValueError, "second: expected 2 features, as in first, got 1"),
        ([[1.0], [np.nan]], [[1.0]] * 3, ValueError, "first: expected finite numbers, got nan"),
        ([[1.0]] * 3, [["a"]] * 3, TypeError, "second: expected numbers"),
    ],
)
def test_frechet_distance_refuses(first, second, error, words):
    with pytest.raises(error, match=words):
        metrics.frechet_distance(first, second)


@given(labels=st.lists(st.integers(0, 6), min_size=1, max_size=60), at_least=st.sampled_from([0.02, 0.1, 0.25, 1]))
def test_class_coverage_by_counting(labels, at_least):
    got = metrics.class_coverage(labels, 7, at_least)
    shares = [labels.count(k) / len(labels) for k in range(7)]
    assert got["shares"].tolist() == shares
    assert got["covered"] == sum(share >= at_least for share in shares)
    assert got["entropy"] == pytest.approx(scipy.stats.entropy(shares, base=7), abs=1e-12)
    assert 0 <= got["entropy"] <= 1


def test_class_coverage_at_its_limits():
    labels = np.repeat([0, 1, 2], [49, 1, 50])
    assert metrics.class_coverage(labels, 3, 0.01)["covered"] == 3  # just as many as asked for
    assert metrics.class_coverage(labels, 3)["covered"] == 2
    assert metrics.class_coverage(np.arange(10), 10)["entropy"] == pytest.approx(1)
    assert str(metrics.class_coverage(np.zeros(5, np.uint8), 10)["entropy"]) == "0.0"


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (([], 3), ValueError, "labels: expected the classes of one or more samples"),
        (([[0, 1]], 3), ValueError, r"labels: .* got shape \(1, 2\)"),
        (([0, 3], 3), ValueError, "labels: expected whole numbers of at least 0, below 3, got 3"),
        (([0, -1], 3), ValueError, "labels: .* got -1"),
        (([0, 0.5], 3), ValueError, r"labels: .* got 0\.5"),
        (([0, np.nan], 3), ValueError, "labels: .* got nan"),
        ((["cat"], 3), TypeError, "labels: expected numbers"),
        (([0], 1), ValueError, "classes: expected a whole number of at least 2, got 1"),
        (([0], 3, 0), ValueError, "at_least: expected a share above 0"),
        (([0], 3, "2%"), TypeError, "at_least: expected a share"),
    ],
)
def test_class_coverage_refuses(arguments, error, words):
    with pytest.raises(error, match=words):
        metrics.class_coverage(*arguments)
