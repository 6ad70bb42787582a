"""Boxes by hand against Keras, TensorFlow and brute force."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from course_utils.byhand.boxes import iou, non_max_suppression


def random_boxes(rng, count, size=100):
    corner = rng.uniform(0, size, (count, 2))
    return np.concatenate([corner, corner + rng.uniform(0, size / 2, (count, 2))], axis=1)


def test_iou_is_that_of_keras():
    rng = np.random.default_rng(0)
    a, b = random_boxes(rng, 60), random_boxes(rng, 40)
    theirs = keras.utils.bounding_boxes.compute_iou(a, b, bounding_box_format="xyxy")
    np.testing.assert_allclose(iou(a, b), np.asarray(theirs), atol=1e-5)
    assert (iou(a, b) > 0).any() and (iou(a, b) == 0).any()


corners = st.integers(0, 6)
box = st.tuples(corners, corners, corners, corners).map(
    lambda c: [min(c[0], c[2]), min(c[1], c[3]), max(c[0], c[2]), max(c[1], c[3])]
)


@given(box, box)
def test_iou_counts_pixels(a, b):
    drawn = np.zeros((2, 6, 6), bool)
    for mask, (x1, y1, x2, y2) in zip(drawn, (a, b), strict=True):
        mask[y1:y2, x1:x2] = True
    union = (drawn[0] | drawn[1]).sum()
    expected = (drawn[0] & drawn[1]).sum() / union if union else 0.0
    assert iou([a], [b])[0, 0] == pytest.approx(expected)
    assert iou([b], [a])[0, 0] == pytest.approx(expected)


def test_suppression_is_that_of_tensorflow():
    """A thousand random cases; scores of few values, so that ties are frequent."""
    rng = np.random.default_rng(0)
    dropped = 0
    for case in range(1000):
        count = int(rng.integers(1, 40))
        boxes = random_boxes(rng, count, size=30).astype(np.float32)
        scores = (rng.integers(1, 8, count) / 8).astype(np.float32) if case % 2 else rng.random(count, np.float32)
        overlap = float(rng.choice([0.1, 0.3, 0.5, 0.6, 0.9]))
        theirs = tf.image.non_max_suppression(boxes[:, [1, 0, 3, 2]], scores, count, overlap).numpy()
        mine = non_max_suppression(boxes, scores, overlap)
        assert mine.tolist() == theirs.tolist()
        dropped += count - len(mine)
    assert dropped > 1000


def test_suppression_of_many_boxes_is_that_of_tensorflow():
    rng = np.random.default_rng(1)
    boxes, scores = random_boxes(rng, 2000, size=400).astype(np.float32), rng.random(2000, np.float32)
    theirs = tf.image.non_max_suppression(boxes[:, [1, 0, 3, 2]], scores, 2000, 0.4).numpy()
    assert non_max_suppression(boxes, scores, 0.4).tolist() == theirs.tolist()


def test_scores_below_the_threshold_are_dropped():
    boxes = [[0, 0, 1, 1], [5, 5, 6, 6], [9, 9, 10, 10]]
    assert non_max_suppression(boxes, [0.2, 0.5, 0.9], threshold=0.5).tolist() == [2, 1]
    assert non_max_suppression(boxes, [0.2, 0.3, 0.4], threshold=0.5).tolist() == []
    assert non_max_suppression([], []).tolist() == []


def test_an_overlap_of_just_the_limit_is_kept():
    half = [[0, 0, 2, 1], [0, 0, 1, 1]]
    assert non_max_suppression(half, [0.9, 0.8], overlap=0.5).tolist() == [0, 1]
    assert non_max_suppression(half, [0.9, 0.8], overlap=0.49).tolist() == [0]


@pytest.mark.parametrize(
    ("boxes", "error", "words"),
    [
        ([[0, 0, 1]], ValueError, "shape"),
        ([0, 0, 1, 1], ValueError, "shape"),
        ([[0, 0, np.nan, 1]], ValueError, "finite.*at 0"),
        ([[0, 0, 1, 1], [2, 0, 1, 1]], ValueError, "x1 <= x2.*at 1"),
        ([["a", 0, 1, 1]], TypeError, "numbers"),
    ],
)
def test_no_boxes_are_refused(boxes, error, words):
    with pytest.raises(error, match=f"a: .*{words}"):
        iou(boxes, [[0, 0, 1, 1]])
    with pytest.raises(error, match=f"boxes: .*{words}"):
        non_max_suppression(boxes, np.ones(len(boxes)))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"scores": [1.0, 2.0]}, "scores: expected 1"),
        ({"scores": [np.nan]}, "scores: .*finite"),
        ({"scores": [1.0], "overlap": 1.5}, "overlap: .*0 to 1"),
        ({"scores": [1.0], "threshold": np.inf}, "threshold: .*finite"),
    ],
)
def test_bad_numbers_are_refused(more, words):
    with pytest.raises(ValueError, match=words):
        non_max_suppression([[0, 0, 1, 1]], **more)
