"""Boxes by hand against Keras, TensorFlow and brute force."""

import keras
import numpy as np
import pytest
import tensorflow as tf

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
    assert iou([[1, 1, 1, 1]], [[1, 1, 1, 1]]) == 0  # no area: not 0 / 0


def test_suppression_is_that_of_tensorflow():
    """A thousand random cases, with scores of few values, so that ties are frequent; then one of many boxes."""
    rng = np.random.default_rng(0)
    dropped = 0
    for case in range(1001):
        count = int(rng.integers(1, 40)) if case < 1000 else 2000
        boxes = random_boxes(rng, count, size=30 if case < 1000 else 400).astype(np.float32)
        scores = (rng.integers(1, 8, count) / 8).astype(np.float32) if case % 2 else rng.random(count, np.float32)
        overlap = float(rng.choice([0.1, 0.3, 0.5, 0.6, 0.9]))
        theirs = tf.image.non_max_suppression(boxes[:, [1, 0, 3, 2]], scores, count, overlap).numpy()
        ours = non_max_suppression(boxes, scores, overlap)
        assert ours.tolist() == theirs.tolist()
        dropped += count - len(ours)
    assert dropped > 1000


def test_scores_below_the_threshold_and_overlaps_above_it_are_dropped():
    boxes = [[0, 0, 1, 1], [5, 5, 6, 6], [9, 9, 10, 10]]
    assert non_max_suppression(boxes, [0.2, 0.5, 0.9], threshold=0.5).tolist() == [2, 1]
    assert non_max_suppression(boxes, [0.2, 0.3, 0.4], threshold=0.5).tolist() == []
    assert non_max_suppression([], []).tolist() == []
    half = [[0, 0, 2, 1], [0, 0, 1, 1]]
    assert non_max_suppression(half, [0.9, 0.8], overlap=0.5).tolist() == [0, 1]
    assert non_max_suppression(half, [0.9, 0.8], overlap=0.49).tolist() == [0]


@pytest.mark.parametrize(
    ("boxes", "words"),
    [
        ([[0, 0, 1]], "shape"),
        ([[0, 0, np.nan, 1]], "finite.*at 0"),
        ([[0, 0, 1, 1], [2, 0, 1, 1]], "x1 <= x2.*at 1"),
    ],
)
def test_wrong_boxes_are_refused(boxes, words):
    with pytest.raises(ValueError, match=f"^a: .*{words}"):
        iou(boxes, [[0, 0, 1, 1]])
    with pytest.raises(ValueError, match=f"^boxes: .*{words}"):
        non_max_suppression(boxes, np.ones(len(boxes)))


def test_scores_of_other_boxes_are_refused():
    with pytest.raises(ValueError, match="scores: expected 1"):
        non_max_suppression([[0, 0, 1, 1]], [1.0, 2.0])
