"""Border weights against brute force over all pairs of pixels, and in a loss of Keras."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils import runtime
from course_utils.losses import border_weights

keras = runtime.quiet_keras()


def by_pairs(instances, w0, sigma):
    """For each pixel of the background, the distance to every pixel of every object."""
    objects = [np.argwhere(instances == number) for number in np.unique(instances[instances > 0])]
    weights = np.ones(instances.shape)
    if len(objects) < 2:
        return weights
    for place in np.argwhere(instances == 0):
        d1, d2 = sorted(np.sqrt(((pixels - place) ** 2).sum(axis=1)).min() for pixels in objects)[:2]
        weights[tuple(place)] += w0 * np.exp(-((d1 + d2) ** 2) / (2 * sigma**2))
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


@settings(max_examples=150, deadline=None)
@given(maps(), st.sampled_from([0, 0.5, 10, 30.0]), st.sampled_from([0.3, 1, 2.5, 5, 40]))
def test_brute_force_gives_the_same(instances, w0, sigma):
    before = instances.copy()
    weights = border_weights(instances, w0, sigma)
    assert weights.dtype == np.float32 and np.array_equal(instances, before)
    np.testing.assert_allclose(weights, by_pairs(instances, w0, sigma), rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    "instances",
    [
        np.zeros((5, 6), int),
        np.pad([[3, 3]], 4),
        np.full((4, 3), 2),
        np.repeat([[1, 2, 9]], 4, axis=0),
    ],
    ids=["no object", "one object", "one object everywhere", "no background"],
)
def test_without_a_gap_all_weights_are_one(instances):
    assert np.array_equal(border_weights(instances), np.ones(instances.shape))


def test_large_map_is_weighed_as_its_crop_and_far_away_by_one():
    """Nothing is lost by looking no farther than some sigmas from each object."""
    instances = np.zeros((700, 900), np.int32)
    instances[300:310, 400:420], instances[300:310, 423:440], instances[330:350, 410:430] = 5, 12, 3
    instances[5:8, 5:8], instances[690:, 880:] = 77, 78
    weights = border_weights(instances, w0=10, sigma=3)
    np.testing.assert_allclose(
        weights[290:360, 390:450], by_pairs(instances[290:360, 390:450], 10, 3), rtol=0, atol=1e-4
    )
    assert weights[305, 421] > 5 and weights.min() == 1
    far = np.ones(instances.shape, bool)
    far[290:360, 390:450] = False
    assert np.abs(weights[far] - 1).max() < 1e-4


def test_numbers_of_objects_do_not_matter():
    instances = np.zeros((20, 20), int)
    instances[2:8, 2:8], instances[2:8, 10:16], instances[12:18, 4:12] = 1, 2, 3
    others = np.array([0, 900, 4, 31])[instances]
    assert np.array_equal(border_weights(instances), border_weights(others))


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"instances": np.zeros((3, 3))}, TypeError, "instances: expected whole numbers, got float64"),
        ({"instances": np.zeros((3, 3), bool)}, TypeError, "instances: expected whole numbers, got bool"),
        ({"instances": np.zeros((2, 3, 3), int)}, ValueError, r"instances: .*got shape \(2, 3, 3\)"),
        ({"instances": np.zeros((0, 4), int)}, ValueError, r"instances: .*got shape \(0, 4\)"),
        ({"instances": [[0, -1]]}, ValueError, "instances: expected numbers of at least 0, got -1"),
        ({"w0": -1}, ValueError, "w0: .*at least 0, got -1"),
        ({"w0": np.nan}, ValueError, "w0: .*finite.*got nan"),
        ({"w0": "10"}, TypeError, "w0: expected a number, got '10'"),
        ({"w0": True}, TypeError, "w0: expected a number, got True"),
        ({"sigma": 0}, ValueError, "sigma: .*above 0, got 0"),
        ({"sigma": np.inf}, ValueError, "sigma: .*finite.*got inf"),
        ({"sigma": None}, TypeError, "sigma: expected a number, got None"),
        ({"sigma": np.ones(2)}, TypeError, "sigma: expected a number"),
    ],
)
def test_refusal_names_the_argument(given, error, words):
    with pytest.raises(error, match=words):
        border_weights(**{"instances": [[0, 1]], **given})


def test_as_sample_weight_keras_takes_the_weighted_mean():
    rng = np.random.default_rng(0)
    instances = np.zeros((2, 9, 11), int)
    instances[0, 1:4, 1:5], instances[0, 5:8, 2:7], instances[1, 2:7, 1:5], instances[1, 2:7, 6:10] = 1, 2, 1, 2
    weights = np.stack([border_weights(one, sigma=2) for one in instances])
    scores = np.exp(rng.normal(size=(2, 9, 11, 3)))
    probabilities = (scores / scores.sum(axis=-1, keepdims=True)).astype(np.float32)
    classes = rng.integers(0, 3, instances.shape)
    loss = keras.losses.SparseCategoricalCrossentropy(reduction="mean_with_sample_weight")
    own = np.take_along_axis(probabilities, classes[..., None], axis=-1)[..., 0]
    expected = (weights * -np.log(own)).sum() / weights.sum()
    assert weights.max() > 2 and abs(expected + np.log(own).mean()) > 1e-3
    assert float(loss(classes, probabilities, sample_weight=weights)) == pytest.approx(expected, rel=1e-5)
