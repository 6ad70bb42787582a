"""Week 11b's Frechet distance against SciPy's matrix root, and where that root fails."""

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given
from hypothesis import strategies as st

from course_utils.weeks import week11b

SEEDS = st.integers(0, 2**32 - 1)


def samples(seed, count, features, shift=0.0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, features)) @ rng.normal(size=(features, features)) + shift


def frechet_distance(first, second):
    """By the course's own answer to the exercise."""
    gaussians = [part for one in (first, second) for part in (one.mean(axis=0), np.atleast_2d(np.cov(one.T)))]
    return week11b.frechet.reference(*gaussians)


def by_scipy(first, second):
    c1, c2 = (np.atleast_2d(np.cov(one.T)) for one in (first, second))
    means = ((first.mean(axis=0) - second.mean(axis=0)) ** 2).sum()
    return means + np.trace(c1 + c2 - 2 * scipy.linalg.sqrtm(c1 @ c2).real)


def variance(*sets):
    """What rounding is relative to where distances themselves are small."""
    return sum(np.atleast_2d(np.cov(one.T)).trace() for one in sets)


@given(seed=SEEDS, features=st.integers(1, 12), more=st.integers(1, 60), shift=st.floats(-5, 5))
def test_it_is_scipys(seed, features, more, shift):
    first, second = samples(seed, features + 5 + more, features), samples(seed + 1, 70, features, shift)
    expected = pytest.approx(by_scipy(first, second), rel=1e-6, abs=1e-7 * variance(first, second))
    assert frechet_distance(first, second) == expected == frechet_distance(second, first)


@given(seed=SEEDS, few=st.integers(2, 6), features=st.integers(1, 4), room=st.integers(0, 30))
def test_it_is_the_same_in_a_larger_space_where_covariances_are_singular(seed, few, features, room):
    first, second = samples(seed, few, features), samples(seed + 1, few + 3, features, 1.0)
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(features + room, features)))[0]
    rounding = 1e-6 * variance(first, second)
    within, beyond = frechet_distance(first, second), frechet_distance(first @ turn.T, second @ turn.T)
    assert beyond == pytest.approx(within, rel=1e-6, abs=rounding)
    assert abs(frechet_distance(first, first[::-1])) <= rounding
