"""Detections against pycocotools; masks and boxes against scikit-learn and their pixels."""

import contextlib
import io
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from sklearn.metrics import confusion_matrix, jaccard_score, precision_score, recall_score

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
    each, mean, claimed = by_coco(truths, predictions, overlap, limit or 10**6)
    got = metrics.average_precision(truths, predictions, overlap, limit)
    assert list(got) == list(each)
    assert got == pytest.approx(each, abs=1e-9)
    got = metrics.mean_average_precision(truths, predictions, overlap, limit)
    assert got == pytest.approx(mean, abs=1e-9, nan_ok=True)
    return each, claimed


@pytest.mark.parametrize("whole", [False, True])
def test_average_precision_matches_and_hits_are_those_of_coco(whole):
    rng = np.random.default_rng(int(whole))
    values = []
    for case in range(150):
        truths, predictions = random_case(rng, whole=whole)
        overlap = OVERLAPS[case % len(OVERLAPS)]
        each, claimed = same_as_coco(truths, predictions, overlap)
        got = metrics.matches(truths, predictions, overlap)
        assert [one.tolist() for one in got] == [one.tolist() for one in claimed]
        scores = np.concatenate([one["scores"] for one in predictions])
        hits = np.concatenate(claimed)[np.argsort(-scores, kind="stable")] >= 0
        assert metrics.ranked_hits(truths, predictions, overlap).tolist() == hits.tolist()
        values += each.values()
    assert sum(0.1 < value < 0.9 for value in values) > 100 and 0 in values


@pytest.mark.parametrize("limit", [1, 3, 100, None])
def test_only_the_best_detections_of_an_image_count(limit):
    rng = np.random.default_rng(3)
    for whole in (False, True):
        truths, predictions = random_case(rng, pictures=3, most_truths=30, most_predictions=20, whole=whole)
        boxes = random_boxes(rng, 250, whole)
        boxes[::2] = truths[0]["boxes"][rng.integers(0, len(truths[0]["boxes"]), 125)]
        labels = np.where(rng.random(250) < 0.7, 3, 4)
        truths[0]["labels"] = rng.integers(3, 5, len(truths[0]["boxes"]))
        predictions[0] = {"boxes": boxes, "labels": labels, "scores": np.round(rng.random(250), 2 if whole else 9)}
        same_as_coco(truths, predictions, 0.5, limit)


def test_matches_without_classes_are_those_of_one_class():
    rng = np.random.default_rng(4)
    differ = 0
    for _ in range(40):
        case = random_case(rng, whole=True)
        one_class = [[one | {"labels": np.ones(len(one["labels"]))} for one in entries] for entries in case]
        got = [claimed.tolist() for claimed in metrics.matches(*case, by_class=False)]
        assert got == [claimed.tolist() for claimed in metrics.matches(*one_class)]
        differ += got != [claimed.tolist() for claimed in metrics.matches(*case)]
    assert differ > 10


def test_nothing_to_find_and_nothing_found():
    box, nothing = [[0, 0, 9, 9]], {"boxes": [], "labels": [], "scores": []}
    truth, other = {"boxes": box, "labels": [1]}, {"boxes": box, "labels": [2], "scores": [1.0]}
    assert metrics.average_precision([truth], [nothing]) == {1: 0.0}
    assert metrics.average_precision([truth], [other]) == {1: 0.0}
    assert metrics.average_precision([nothing], [other]) == {}
    assert math.isnan(metrics.mean_average_precision([nothing], [other]))
    assert math.isnan(metrics.mean_average_precision([], []))


def test_what_would_be_silently_wrong_is_refused():
    with pytest.raises(ValueError, match="overlap: expected a number above 0, at most 1, got 50"):
        metrics.average_precision([], [], overlap=50)
    with pytest.raises(ValueError, match=r"prediction: expected the shape of reference, \(1, 2\), got \(2, 1\)"):
        metrics.overlap_scores([[0, 1]], [[0], [1]])
    with pytest.raises(ValueError, match="prediction: expected a mask of 0 and 1, or a box, got values up to 255"):
        metrics.overlap_scores([[0, 1]], [[0, 255]])


two_masks = arrays.array_shapes(min_dims=2, max_dims=3, max_side=4).flatmap(
    lambda shape: st.tuples(arrays.arrays(bool, shape), arrays.arrays(bool, shape))
)


@given(two_masks)
def test_overlap_of_masks_is_that_of_scikit_learn(masks):
    r, p = (mask.ravel() for mask in masks)
    (tn, fp), _ = confusion_matrix(r, p, labels=[False, True])
    expected = {
        "tpr": recall_score(r, p) if r.any() else math.nan,
        "tnr": tn / (tn + fp) if tn + fp else math.nan,
        "ppv": precision_score(r, p) if p.any() else math.nan,
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
    masks = np.zeros((2, 6, 7), bool)
    for mask, (x1, y1, x2, y2) in zip(masks, (reference, prediction), strict=True):
        mask[y1:y2, x1:x2] = True
    expected = metrics.overlap_scores(*masks)
    assert metrics.overlap_scores(reference, prediction, size=(6, 7)) == pytest.approx(expected, nan_ok=True)
    expected["tnr"] = math.nan
    assert metrics.overlap_scores(reference, prediction) == pytest.approx(expected, nan_ok=True)


def test_overlap_of_boxes_between_pixels():
    scores = metrics.overlap_scores([0, 0, 1.5, 1], [0.5, 0, 2, 1], size=(1, 2))
    assert scores == pytest.approx({"tpr": 2 / 3, "tnr": 0, "ppv": 2 / 3, "iou": 1 / 2})
    for x in np.random.default_rng(6).uniform(0, 3, 200):
        assert metrics.overlap_scores([0, 0, x, 7], [x, 0, 3, 7], size=(7, 3))["tnr"] >= 0
