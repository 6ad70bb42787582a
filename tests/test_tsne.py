"""Week 10a's joint probabilities of t-SNE against scikit-learn's and against what defines them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.spatial.distance import pdist, squareform
from sklearn.manifold import _t_sne

from course_utils.weeks.week10a import similarities


def random_points(seed, count, dimensions, scale=1.0):
    rng = np.random.default_rng(seed)
    return scale * (rng.normal(size=(count, dimensions)) + 3 * rng.integers(0, 3, (count, 1)))


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(8, 90), st.integers(1, 20), st.floats(0.02, 0.9), st.floats(0.1, 10.0))
def test_as_scikit_learn(seed, count, dimensions, fraction, scale):
    points = random_points(seed, count, dimensions, scale)
    # With a smaller one, theirs takes two neighbours at nearly the same distance for neighbours at the same.
    perplexity = 3 + fraction * (count - 4.5)
    theirs = _t_sne._joint_probabilities(squareform(pdist(points, "sqeuclidean")), perplexity, 0)
    # Theirs stops where the entropy is right to 1e-5, which a far point's probability magnifies.
    np.testing.assert_allclose(squareform(similarities(points, perplexity), checks=False), theirs, rtol=3e-3, atol=1e-7)


def conditional_by_brute_force(points, perplexity):
    """Row by row: find the width with SciPy, then write the definition out."""

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


@pytest.mark.parametrize(("count", "perplexity"), [(3, 1.5), (20, 5), (40, 30.0)])
def test_each_row_has_the_perplexity_asked_for(count, perplexity):
    points = random_points(count, count, 4)
    conditional = conditional_by_brute_force(points, perplexity)
    p = similarities(points, perplexity)
    np.testing.assert_allclose(p, (conditional + conditional.T) / (2 * count), rtol=1e-8)
    assert p.sum() == pytest.approx(1, abs=1e-12) and (np.diag(p) == 0).all()
