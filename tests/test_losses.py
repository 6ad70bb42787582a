"""Losses against Keras' own box functions and against finite differences."""

import keras
import numpy as np
import pytest

from course_utils import losses
from course_utils.byhand import boxes


@pytest.fixture
def pairs():
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 30, (2, 200, 2))
    return np.concatenate([corners, corners + rng.uniform(0.5, 30, (2, 200, 2))], axis=-1).astype(np.float32)


def test_pair_iou_is_the_diagonal_of_all_pairs(pairs):
    mine = keras.ops.convert_to_numpy(losses.pair_iou(*pairs))
    assert np.abs(mine - np.diag(boxes.iou(*pairs))).max() < 1e-5
    library = keras.utils.bounding_boxes.compute_iou(*pairs, bounding_box_format="xyxy")
    assert np.abs(mine - np.diag(keras.ops.convert_to_numpy(library))).max() < 1e-5
    assert (mine == 0).any() and mine.max() > 0.5


def test_pair_iou_of_boxes_without_area_is_zero_and_finite():
    assert float(losses.pair_iou(np.zeros((1, 4), np.float32), np.zeros((1, 4), np.float32))[0]) == 0


def test_gradient_is_that_of_finite_differences(pairs):
    import tensorflow as tf

    true, predicted = (tf.constant(part[:20], tf.float64) for part in pairs)
    with tf.GradientTape() as tape:
        tape.watch(predicted)
        total = tf.reduce_sum(losses.pair_iou(true, predicted))
    gradient = tape.gradient(total, predicted).numpy()
    for row, column in np.ndindex(*gradient.shape):
        step = np.zeros(gradient.shape)
        step[row, column] = 1e-5
        up, down = (float(tf.reduce_sum(losses.pair_iou(true, predicted + sign * step))) for sign in (1, -1))
        assert abs((up - down) / 2e-5 - gradient[row, column]) < 1e-4
