"""Week 9a's weights of borders and scores of objects against brute force."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from course_utils.weeks.week09a import object_f1, two_distances, weigh_borders


def weights_by_pairs(instances, w0, sigma):
    """For each pixel of the background, the distance to every pixel of every object."""
    objects = [np.argwhere(instances == number) for number in np.unique(instances[instances > 0])]
    weights = np.ones(instances.shape)
    if len(objects) < 2:
        return weights
    for position in np.argwhere(instances == 0):
        d1, d2 = sorted(np.sqrt(((pixels - position) ** 2).sum(axis=1)).min() for pixels in objects)[:2]
        weights[tuple(position)] += w0 * np.exp(-((d1 + d2) ** 2) / (2 * sigma**2))
    return weights


@st.composite
def maps(draw):
    """Boxes laid over one another: some touch, some are cut in two, some fill everything."""
    height, width = draw(st.integers(1, 12)), draw(st.integers(1, 14))
    instances = np.full((height, width), draw(st.sampled_from([0, 0, 0, 4])), draw(st.sampled_from(["u1", "i4", "i8"])))
    for number in draw(st.lists(st.sampled_from([1, 2, 3, 7, 40, 100]), max_size=5)):
        row, column = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
        instances[row : row + draw(st.integers(1, 5)), column : column + draw(st.integers(1, 5))] = number
    return instances


def border_weights(instances, w0, sigma, reach=13):
    return weigh_borders.reference(*two_distances(instances, reach), w0, sigma)


@settings(max_examples=150, deadline=None)
@given(maps(), st.sampled_from([0, 0.5, 10, 30.0]), st.sampled_from([0.3, 1, 2.5, 5, 40]))
def test_border_weights_are_those_of_brute_force(instances, w0, sigma):
    before = instances.copy()
    weights = border_weights(instances, w0, sigma, reach=30)
    assert np.array_equal(instances, before)
    np.testing.assert_allclose(weights, weights_by_pairs(instances, w0, sigma), rtol=0, atol=1e-4)


def test_weights_in_a_large_image_are_those_of_its_crop_and_1_far_away():
    instances = np.zeros((700, 900), np.int32)
    instances[300:310, 400:420], instances[300:310, 423:440], instances[330:350, 410:430] = 5, 12, 3
    instances[5:8, 5:8], instances[690:, 880:] = 77, 78
    weights, crop = border_weights(instances, w0=10, sigma=3), (slice(290, 360), slice(390, 450))
    np.testing.assert_allclose(weights[crop], weights_by_pairs(instances[crop], 10, 3), rtol=0, atol=1e-4)
    assert weights[305, 421] > 5 and weights.min() == 1
    weights[crop] = 1
    assert np.abs(weights - 1).max() < 1e-4


def f1_by_loops(reference, prediction, overlap):
    real, found = (set(np.unique(one)) - {0} for one in (reference, prediction))
    matched = 0
    for a in real:
        for b in found:
            common, union = np.sum((reference == a) & (prediction == b)), np.sum((reference == a) | (prediction == b))
            matched += common / union > overlap
    return 2 * matched / (len(real) + len(found)) if real or found else math.nan


two_maps = arrays.array_shapes(min_dims=1, max_dims=3, max_side=6).flatmap(
    lambda shape: st.tuples(*[arrays.arrays(int, shape, elements=st.integers(0, 3))] * 2)
)


@given(two_maps, st.sampled_from([0.5, 0.6, 0.75, 0.9]), st.permutations(range(1, 8)))
def test_object_f1_is_that_of_loops_whatever_the_numbers(two, overlap, numbers):
    reference, prediction = two
    expected = f1_by_loops(reference, prediction, overlap)
    renumbered = np.array([0, *numbers])[prediction]
    assert object_f1(reference, prediction, overlap) == pytest.approx(expected, nan_ok=True)
    assert object_f1(reference, renumbered, overlap) == pytest.approx(expected, nan_ok=True)
