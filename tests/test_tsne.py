"""t-SNE's joint probabilities against scikit-learn's and against what defines them."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist, squareform
from sklearn.manifold import _t_sne

from course_utils.byhand.tsne import similarities


def random_points(seed, count, dimensions, scale=1.0):
    rng = np.random.default_rng(seed)
    return scale * (rng.normal(size=(count, dimensions)) + 3 * rng.integers(0, 3, (count, 1)))


@settings(max_examples=30)
@given(
    st.integers(0, 2**32 - 1), st.integers(8, 90), st.integers(1, 20), st.floats(0.02, 0.9), st.floats(0.03, 30.0)
)  # fmt: skip
def test_as_scikit_learn(seed, count, dimensions, share, scale):
    points = random_points(seed, count, dimensions, scale)
    perplexity = 3 + share * (count - 4.5)  # below, theirs takes two neighbours, nearly equally near, for equally near
    theirs = _t_sne._joint_probabilities(squareform(pdist(points, "sqeuclidean")), perplexity, 0)
    # Theirs stops where the entropy is right to 1e-5, which a far point's probability magnifies.
    np.testing.assert_allclose(squareform(similarities(points, perplexity), checks=False), theirs, rtol=3e-3, atol=1e-7)


def test_digits_as_scikit_learn():
    from sklearn.datasets import load_digits

    points = load_digits().data[:500]
    theirs = _t_sne._joint_probabilities(squareform(pdist(points, "sqeuclidean")), 30.0, 0)
    np.testing.assert_allclose(squareform(similarities(points), checks=False), theirs, rtol=1e-3, atol=1e-9)


def conditional_by_brute_force(points, perplexity):
    """Row by row: find the width with SciPy, then write the definition out."""
    from scipy.optimize import brentq

    def row(i, width):
        squares = np.sum((points - points[i]) ** 2, axis=1)
        squares[i] = np.inf
        weights = np.exp(-(squares - squares.min()) / (2 * width**2))
        return weights / weights.sum()

    def excess(logarithm, i):
        p = row(i, np.exp(logarithm))
        p = p[p > 0]
        return 2 ** -(p * np.log2(p)).sum() - perplexity

    return np.stack([row(i, np.exp(brentq(excess, -6, 12, args=(i,), xtol=1e-13))) for i in range(len(points))])


@pytest.mark.parametrize(("count", "perplexity"), [(3, 1.5), (20, 5), (40, 30.0), (12, np.float32(10.5))])
def test_each_row_has_the_perplexity_asked_for(count, perplexity):
    points = random_points(count, count, 4)
    conditional = conditional_by_brute_force(points, perplexity)
    np.testing.assert_allclose(similarities(points, perplexity), (conditional + conditional.T) / (2 * count), rtol=1e-8)


@pytest.mark.parametrize(
    "points",
    {
        "random": random_points(0, 50, 3),
        "pairs": np.repeat(random_points(1, 25, 3), 2, axis=0),
        "all alike": np.ones((50, 3)),
        "many alike": np.repeat(random_points(2, 5, 3), 10, axis=0),
        "one far away": np.concatenate([random_points(3, 49, 3), [[1e9] * 3]]),
        "nearly alike": np.concatenate([1e-40 * random_points(4, 49, 3), [[1.0] * 3]]),
        "huge": random_points(5, 50, 3, 1e300),
        "tiny": random_points(6, 50, 3, 1e-300),
        "whole numbers": np.random.default_rng(7).integers(0, 256, (50, 64)).astype(np.uint8),
    }.items(),
    ids=lambda item: item[0],
)
@pytest.mark.parametrize("perplexity", [1.001, 5.0, 48.999])
def test_always_a_symmetric_distribution(points, perplexity):
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        p = similarities(points[1], perplexity)
    assert p.shape == (50, 50) and np.array_equal(p, p.T) and (np.diag(p) == 0).all() and (p >= 0).all()
    assert p.sum() == pytest.approx(1, abs=1e-12)


def test_equally_near_points_share():
    p = similarities(np.repeat([[0.0], [100.0]], 4, axis=0), perplexity=2)
    np.testing.assert_allclose(p, np.kron(np.eye(2), 1 - np.eye(4)) / 24, atol=1e-12)


def test_scale_and_place_do_not_matter():
    points = random_points(8, 30, 2)
    np.testing.assert_allclose(similarities(1000 * points + 5, 6), similarities(points, 6), rtol=1e-7, atol=1e-15)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((np.zeros(5),), ValueError, r"points: expected \(n, dimensions\).*\(5,\)"),
        ((np.zeros((5, 2, 2)),), ValueError, r"points.*\(5, 2, 2\)"),
        ((np.zeros((2, 2)),), ValueError, r"points.*at least 3.*\(2, 2\)"),
        ((np.zeros((5, 0)),), ValueError, r"points.*\(5, 0\)"),
        (([[0.0], [1.0], [np.nan], [2.0]], 1.5), ValueError, "points: expected finite numbers, got nan"),
        (([[0.0], [1.0], [-np.inf], [2.0]], 1.5), ValueError, "points: expected finite numbers, got -inf"),
        (([["a"], ["b"], ["c"]],), TypeError, "points: expected an array of numbers"),
        ((np.zeros((4, 2), complex), 2), TypeError, "points.*complex"),
        ((np.zeros((10, 2)),), ValueError, "perplexity: expected more than 1 and less than 9.*got 30"),
        ((np.zeros((10, 2)), 9), ValueError, "perplexity.*less than 9.*got 9"),
        ((np.zeros((10, 2)), 1), ValueError, "perplexity.*more than 1.*got 1"),
        ((np.zeros((10, 2)), np.nan), ValueError, "perplexity.*got nan"),
        ((np.zeros((10, 2)), "5"), TypeError, "perplexity: expected a number, got '5'"),
        ((np.zeros((10, 2)), True), TypeError, "perplexity"),
    ],
)
def test_bad_input_is_named(arguments, error, words):
    with pytest.raises(error, match=words):
        similarities(*arguments)
