"""Week 10a: the checks of its exercises, and what this lesson alone needs."""

import numpy as np


def similarities(points, perplexity: float) -> np.ndarray:
    """Return t-SNE's joint probabilities p of points (n, dimensions): an array (n, n) with 0 on the diagonal and sum 1.

    Around each point lies a Gaussian, p(j|i) in proportion to ``exp(-distance(i, j) ** 2 / (2 * width(i) ** 2))``. Its
    width is such that the perplexity, 2 to the power of the entropy in bits, is as asked: about so many points count as
    neighbours, in dense regions as in sparse ones. Then ``p(i, j) = (p(j|i) + p(i|j)) / (2 * n)``.

    Parameters
    ----------
    points : array, (n, dimensions)
    perplexity : float
        More than 1 and less than ``n - 1``.

    Examples
    --------
    >>> similarities([[0.0], [1.0], [5.0], [6.0]], perplexity=1.5).round(2)
    array([[0.  , 0.22, 0.01, 0.01],
           [0.22, 0.  , 0.02, 0.01],
           [0.01, 0.02, 0.  , 0.22],
           [0.01, 0.01, 0.22, 0.  ]])
    """
    from scipy.spatial.distance import cdist

    points = np.asarray(points, float)
    count = len(points)
    if not 1 < perplexity < count - 1:  # no width could give another
        raise ValueError(f"perplexity: expected more than 1 and less than {count - 1}, got {perplexity}")
    points = points / np.abs(points).max()  # a common factor changes nothing
    others = ~np.eye(count, dtype=bool)  # no point is its own neighbour
    squares = cdist(points, points, "sqeuclidean")
    squares -= squares.min(axis=1, keepdims=True, where=others, initial=np.inf)  # cancels, and leaves one exp(0) a row
    np.fill_diagonal(squares, 0)
    squares /= squares.mean(axis=1, keepdims=True, where=others)

    # In these units 1 / (2 * width ** 2) lies between 2 ** low and 2 ** high: halve that interval until it is a number.
    low, high = np.full((count, 1), -60.0), np.full((count, 1), 1000.0)
    for _ in range(53):
        middle = (low + high) / 2
        sharpness = 2**middle
        weights = others * np.exp(-sharpness * squares)
        total = weights.sum(axis=1, keepdims=True)
        # The entropy of p = weights / total: the mean of -log(p).
        entropy = np.log(total) + sharpness * (weights * squares).sum(axis=1, keepdims=True) / total
        too_many = entropy > np.log(perplexity)
        low, high = np.where(too_many, middle, low), np.where(too_many, high, middle)
    conditional = weights / total
    return (conditional + conditional.T) / (2 * count)
