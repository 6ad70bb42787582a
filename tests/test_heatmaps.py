"""Week 9b's references against NumPy and SciPy, on random cases."""

import numpy as np
import pytest
from scipy import ndimage
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from scipy.stats import multivariate_normal

from course_utils.weeks import week09b as week

gaussian_map, parabola_offset = week.gaussian_map.reference, week.parabola_offset.reference
match_points, pck = week.match_points.reference, week.pck.reference


def test_offset_is_the_vertex_of_the_fitted_parabola():
    for left, right, more in np.random.default_rng(0).uniform(0, 1, (200, 3)):
        centre = max(left, right) + more
        square, slope, _ = np.polyfit([-1, 0, 1], [left, centre, right], 2)
        assert parabola_offset(left, centre, right) == pytest.approx(-slope / (2 * square))
        assert abs(parabola_offset(left, centre, right)) <= 0.5


def test_offset_of_a_logarithm_of_a_gaussian_is_exact():
    for x in np.random.default_rng(1).uniform(5, 9, 50):
        row = np.log(gaussian_map([(x, 3.0)], 15, 1.3)[3])
        column = int(row.argmax())
        assert column + parabola_offset(*row[column - 1 : column + 2]) == pytest.approx(x)


def test_gaussian_maps_are_scipys():
    rng, (rows, columns) = np.random.default_rng(2), np.mgrid[:24, :24]
    for sigma in (0.8, 1.5, 2.0):
        points = rng.uniform(9, 14, (3, 2))
        bells = [
            multivariate_normal(point, sigma**2).pdf(np.stack([columns, rows], axis=-1)) * 2 * np.pi * sigma**2
            for point in points
        ]
        np.testing.assert_allclose(gaussian_map(points, 24, sigma), np.max(bells, axis=0), atol=1e-12)
        one = gaussian_map(points[:1], 24, sigma)
        np.testing.assert_allclose(ndimage.center_of_mass(one)[::-1], points[0], atol=0.01)


def test_matches_are_the_best_assignment_where_points_are_apart():
    rng = np.random.default_rng(3)
    for _ in range(50):
        true = 20.0 * rng.permutation(np.argwhere(np.ones((3, 3))))[: rng.integers(0, 8)]
        near = true[rng.random(len(true)) < 0.7]
        predicted = rng.permutation(
            np.concatenate([near + rng.uniform(-2, 2, near.shape), rng.uniform(100, 150, (2, 2))])
        )
        claimed = match_points(predicted, true, 3.0)
        distances = cdist(predicted, true)
        best = [
            pair
            for pair in zip(*linear_sum_assignment(np.where(distances <= 3, distances, 999)), strict=True)
            if distances[pair] <= 3
        ]
        assert sorted((i, j) for i, j in enumerate(claimed) if j >= 0) == sorted(best)


def test_matches_are_one_to_one_and_within_the_radius():
    rng = np.random.default_rng(4)
    for _ in range(100):
        predicted, true = rng.uniform(0, 20, (rng.integers(0, 9), 2)), rng.uniform(0, 20, (rng.integers(0, 9), 2))
        claimed = match_points(predicted, true, 4.0)
        claims = [(i, j) for i, j in enumerate(claimed) if j >= 0]
        assert len({j for _, j in claims}) == len(claims)
        distances = cdist(predicted, true)
        assert all(distances[claim] <= 4 for claim in claims)
        free = [j for j in range(len(true)) if j not in claimed]
        assert all(distances[i, j] > 4 for i in np.flatnonzero(claimed < 0) for j in free)  # nothing is left to claim


def test_pck_counts_distances():
    rng = np.random.default_rng(5)
    predicted, true = rng.uniform(0, 10, (2, 30, 2, 2))
    distances = np.diag(cdist(predicted.reshape(-1, 2), true.reshape(-1, 2)))
    assert pck(predicted, true, 4) == pytest.approx(np.mean(distances <= 4))
