"""Speed of boxes by hand, as ratios to TensorFlow's on the same machine in the same run, and in milliseconds."""

import time

import numpy as np
import tensorflow as tf

from benchmarks.test_convolution import ratio
from course_utils.byhand.boxes import iou, non_max_suppression

RNG = np.random.default_rng(0)


def boxes(count, size):
    corner = RNG.uniform(0, size, (count, 2))
    return np.concatenate([corner, corner + RNG.uniform(5, 50, (count, 2))], axis=1)


def test_suppression_takes_at_most_twice_tensorflows_time():
    for size in (100, 400, 2000):
        found, scores = boxes(2000, size), RNG.random(2000)
        theirs = tf.constant(found[:, [1, 0, 3, 2]], tf.float32), tf.constant(scores, tf.float32)
        share = ratio(
            lambda found=found, scores=scores: non_max_suppression(found, scores),
            lambda theirs=theirs: tf.image.non_max_suppression(*theirs, 2000, 0.6).numpy(),
        )
        print(f"\nnon_max_suppression, 2,000 boxes on {size}x{size}: {share:.2f} of TensorFlow's time")
        assert share <= 2


def test_a_million_overlaps_take_less_than_50_milliseconds():
    a, b = boxes(1000, 400), boxes(1000, 400)
    taken = []
    for _ in range(10):
        began = time.perf_counter()
        iou(a, b)
        taken.append(time.perf_counter() - began)
    print(f"\niou, 1,000 by 1,000: {1000 * min(taken):.0f} ms")
    assert min(taken) < 0.05
