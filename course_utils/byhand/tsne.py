"""t-SNE from scratch (taught in week 10): which points are neighbours."""

from numbers import Real

import numpy as np
import numpy.typing as npt


def similarities(points: npt.ArrayLike, perplexity: float = 30.0) -> np.ndarray:
    """Tell how alike points are, as t-SNE sees them: the joint probabilities that it wants to keep in its map.

    Around each point lies a Gaussian, p(j|i) in proportion to ``exp(-distance(i, j) ** 2 / (2 * width(i) ** 2))``. Its
    width is such that the perplexity, 2 to the power of the entropy in bits, is as asked: about so many points count as
    neighbours, where points lie dense as where they lie apart. Then ``p(i, j) = (p(j|i) + p(i|j)) / (2 * n)``.

    Parameters
    ----------
    points : array, (n, dimensions)
    perplexity : float
        More than 1 and less than ``n - 1``.

    Returns
    -------
    array of float, (n, n)
        Symmetric, 0 on the diagonal, its sum 1.

    Notes
    -----
    Where more points than the perplexity lie equally near, no width makes them fewer: they share the probability.

    Examples
    --------
    >>> similarities([[0.0], [1.0], [5.0], [6.0]], perplexity=1.5).round(2)
    array([[0.  , 0.22, 0.01, 0.01],
           [0.22, 0.  , 0.02, 0.01],
           [0.01, 0.02, 0.  , 0.22],
           [0.01, 0.01, 0.22, 0.  ]])
    """
    from scipy.spatial.distance import cdist

    points = _points(points)
    count = len(points)
    if isinstance(perplexity, bool) or not isinstance(perplexity, Real):
        raise TypeError(f"perplexity: expected a number, got {perplexity!r}")
    if not 1 < perplexity < count - 1:
        raise ValueError(
            f"perplexity: expected more than 1 and less than {count - 1}, the points less one, got {perplexity}"
        )
    points = points / (np.abs(points).max() or 1)  # a common factor changes nothing, but squares could overflow
    others = ~np.eye(count, dtype=bool)  # no point is its own neighbour
    squares = cdist(points, points, "sqeuclidean")
    squares -= squares.min(axis=1, keepdims=True, where=others, initial=np.inf)  # cancels, and leaves one exp(0) a row
    np.fill_diagonal(squares, 0)
    scale = squares.mean(axis=1, keepdims=True, where=others)
    squares /= np.where(scale == 0, 1, scale)

    # In these units 1 / (2 * width ** 2) lies between 2 ** low and 2 ** high, whatever the points.
    low, high = np.full((count, 1), -60.0), np.full((count, 1), 1000.0)
    for _ in range(53):
        middle = (low + high) / 2
        sharpness = 2**middle
        weights = others * np.exp(-sharpness * squares)
        total = weights.sum(axis=1, keepdims=True)
        # The entropy of p = weights / total: the mean of -log(p).
        entropy = np.log(total) + sharpness * (weights * squares).sum(axis=1, keepdims=True) / total
        too_many = entropy > np.log(float(perplexity))
        low, high = np.where(too_many, middle, low), np.where(too_many, high, middle)
    conditional = weights / total
    return (conditional + conditional.T) / (2 * count)


def _points(points: npt.ArrayLike) -> np.ndarray:
    points = np.asarray(points)
    if points.dtype.kind not in "buif":
        raise TypeError(f"points: expected an array of numbers, got {points.dtype}")
    if points.ndim != 2 or len(points) < 3 or not points.shape[1]:
        raise ValueError(f"points: expected (n, dimensions) with at least 3 points, got {points.shape}")
    points = points.astype(float)
    if not np.isfinite(points).all():
        raise ValueError(f"points: expected finite numbers, got {points[~np.isfinite(points)][0]}")
    return points
