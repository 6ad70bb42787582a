"""Week 10a: the checks of its exercises, and what this lesson alone needs."""

from itertools import product

import numpy as np

from ..judge import Check


def _unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def _degrees(cosine):
    return np.degrees(np.arccos(np.minimum(cosine, 1)))


def _cosine(first, second):
    return _unit(np.cross(*first)) @ _unit(np.cross(*second))


def _smallest_of_rows(first, second):
    return min(_degrees(_unit(a) @ _unit(b)) for a, b in product(first, second))


def _plane_angle(first, second):
    """Angle in degrees, 0 to 90, between two planes, each spanned by the two rows of a (2, 3) array."""
    return _degrees(abs(_cosine(first, second)))


plane_angle = Check(
    _plane_angle,
    # No normal is longer than 1, so that one that is not divided by its length still gives an angle, and not nan.
    cases=[
        (np.array([[1.0, 0, 0], [0, 1, 0]]), np.array([[0, 0.5, 0], [1, 0, 1.5]])),
        (np.array([[0.8, 0.1, 0.3], [0.2, 0.7, -0.4]]), np.array([[0.5, 0.9, 0.2], [0.3, -0.1, 0.7]])),
        (np.array([[0.2, 0.3, 0.9], [0.6, 0.1, 0.5]]), np.array([[0.9, -0.2, 0.1], [-0.4, -0.3, -0.6]])),
        (np.array([[0.1, -0.7, 0.4], [0.5, 0.5, 0.3]]), np.array([[0.4, 0.8, 0.1], [-0.5, 0.3, 0.6]])),
    ],
    mistakes={
        "your angle can be obtuse. A normal may point to either side of its plane, and the plane stays the same.": [
            lambda a, b: _degrees(_cosine(a, b)),
            lambda a, b: 180 - _degrees(_cosine(a, b)),
            lambda a, b: 180 - _plane_angle(a, b),
        ],
        "your normals are not of length 1. Their product is a cosine only if they are.": [
            lambda a, b: _degrees(abs(np.cross(*a) @ np.cross(*b))),
            lambda a, b: _degrees(np.cross(*a) @ np.cross(*b)),
            lambda a, b: _degrees(abs(_unit(np.cross(*a)) @ np.cross(*b))),
            lambda a, b: _degrees(abs(np.cross(*_unit(a)) @ np.cross(*_unit(b)))),
        ],
        "that is an angle between directions in the planes, and each plane has many. It has only one normal.": [
            lambda a, b: _degrees(_unit(a[0]) @ _unit(b[0])),
            _smallest_of_rows,
            lambda a, b: 0.0,
        ],
        "that is the cosine. Which angle has it?": [lambda a, b: abs(_cosine(a, b)), _cosine],
        "you have 90 degrees less the angle. An arcsine gives that, or the angle from a normal to the other plane.": [
            lambda a, b: 90 - _plane_angle(a, b),
            lambda a, b: 90 - _degrees(_cosine(a, b)),
        ],
        "your normals mix the two planes. A normal is at right angles to both rows of one plane.": (
            lambda a, b: _plane_angle((a[0], b[0]), (a[1], b[1]))
        ),
    },
    praise="planes are compared by their normals, whichever rows happen to span them.",
    tolerance=1e-4,
)


def _mean_image(images):
    return images.mean(axis=0)


def _pca_error(
    train,
    test,
    count,
    *,
    mean=_mean_image,
    middle=None,
    removed=1,
    added=1,
    parts=lambda svd, count: svd[2][:count],
    summary=lambda differences: np.mean(differences**2),
):
    """Mean squared error a pixel of `test` (n, pixels), rebuilt from `count` principal components of `train`."""
    directions = parts(np.linalg.svd(train - mean(train), full_matrices=False), count)
    middle = mean(train) if middle is None else middle(train, test)
    rebuilt = (test - removed * middle) @ directions.T @ directions + added * middle
    return summary(rebuilt - test)


def _image_sets(train, test, pixels, seed):
    rng = np.random.default_rng(seed)
    mix = rng.normal(size=(pixels, pixels)) * np.linspace(3, 0.5, pixels)[:, None]
    return [(rng.normal(size=(n, pixels)) @ mix + rng.uniform(1, 4, pixels)).round(1) for n in (train, test)]


pca_error = Check(
    _pca_error,
    # The first has as many images as pixels, so that arrays that are cut along a wrong axis still fit.
    cases=[(*_image_sets(7, 4, 7, 1), 3), (*_image_sets(12, 5, 6, 2), 2), (*_image_sets(12, 5, 6, 3), 1)],
    mistakes={
        "the mean image is not treated alike everywhere. Remove it from train and test, and add it at the end.": [
            {"mean": lambda train: 0},
            {"mean": lambda train: 0, "middle": lambda train, test: _mean_image(train)},
            {"removed": 0, "added": 0},
            {"removed": 0},
            {"added": 0},
            {"added": 2},
        ],
        "another mean was removed. The mean image has a value for each pixel, and comes from train alone.": [
            {"middle": lambda train, test: _mean_image(test)},
            {"mean": np.mean},
            {"mean": np.mean, "middle": lambda train, test: np.mean(test)},
        ],
        "the two sets have separate roles. The components come from train, and the error is that of test.": [
            lambda train, test, count: _pca_error(test, test, count),
            lambda train, test, count: _pca_error(train, train, count),
        ],
        "a component has a value for each pixel, and yours are cut along another axis or from another matrix.": [
            {"parts": lambda svd, count: svd[2][:, :count].T},
            {"parts": lambda svd, count: svd[0][:, :count].T},
        ],
        "those are other components. Take exactly `count` of them, from the most important one down.": [
            {"parts": lambda svd, count: svd[2][: count + 1]},
            {"parts": lambda svd, count: svd[2][: count - 1]},
            {"parts": lambda svd, count: svd[2][1 : count + 1]},
            {"parts": lambda svd, count: svd[2][-count:]},
        ],
        "the images are rebuilt well, but their differences are not summarised by the mean of the squares.": [
            {"summary": lambda differences: np.sum(differences**2)},
            {"summary": lambda differences: np.sum(differences**2) / len(differences)},
            {"summary": lambda differences: np.abs(differences).mean()},
        ],
    },
    praise="new images lose more than those that the components came from.",
    tolerance=1e-4,
)


def _over_pairs(term):
    """The sum of a term over all pairs, without the diagonal."""

    def compute(p, q):
        pairs = ~np.eye(len(p), dtype=bool)
        return np.sum(term(p[pairs], q[pairs]))

    return compute


def _divergence(p, q):
    """KL divergence of two arrays (n, n) of probabilities of pairs; their diagonals are 0, and do not count."""
    return _over_pairs(lambda p, q: p * np.log(p / q))(p, q)


def _joint(*numbers):
    """A symmetric array with sum 1, from numbers in proportion to those above the diagonal."""
    side = int((2 * len(numbers)) ** 0.5) + 1
    result = np.zeros((side, side))
    result[np.triu_indices(side, 1)] = numbers
    return (result + result.T) / (2 * sum(numbers))


divergence = Check(
    _divergence,
    cases=[
        (_joint(5, 3, 2), _joint(2, 4, 4)),
        (_joint(6, 1, 2, 4, 9, 3), _joint(3, 5, 1, 7, 2, 2)),
        (_joint(4, 1, 8, 2, 5, 7, 1, 3, 9, 6), _joint(1, 6, 2, 9, 4, 3, 8, 7, 2, 5)),
    ],
    mistakes={
        "on the diagonal both are 0, and the logarithm of 0 spoils the sum. No point is its own neighbour.": (
            lambda p, q: np.sum(p * np.log(p / q))
        ),
        "the weight before each logarithm should be p. You have q somewhere.": [
            _over_pairs(lambda p, q: q * np.log(p / q)),
            _over_pairs(lambda p, q: p * np.log(p) - q * np.log(q)),
        ],
        "that is a mean. The divergence is the sum over all pairs.": [
            lambda p, q: _divergence(p, q) / p.size,
            lambda p, q: _divergence(p, q) / (p.size - len(p)),
            lambda p, q: _divergence(p, q) / len(p),
        ],
        "p or q is missing in the logarithm. That leaves an entropy or a cross-entropy.": [
            _over_pairs(lambda p, q: -p * np.log(q)),
            _over_pairs(lambda p, q: p * np.log(q)),
            _over_pairs(lambda p, q: -p * np.log(p)),
        ],
        "you compare p and q by their differences. A divergence compares them by the logarithm of their quotient.": [
            lambda p, q: np.sum((p - q) ** 2),
            lambda p, q: np.abs(p - q).sum(),
        ],
        "each pair adds a weight times the logarithm of a quotient. One of these is missing or elsewhere in yours.": [
            _over_pairs(lambda p, q: np.log(p / q)),
            _over_pairs(lambda p, q: p * p / q),
            _over_pairs(lambda p, q: p * np.log(p) / q),
        ],
    },
    praise="a pair that is close in p and far in q costs most.",
    tolerance=1e-4,  # a little added to the probabilities, against the logarithm of 0, is no mistake
)


def _walk(first, second, count, *, weights=lambda count: np.linspace(0, 1, count)):
    """Codes (count, numbers) in equal steps along a straight line, from `first` to `second`, both included."""
    return first + weights(count)[:, None] * (second - first)


walk = Check(
    _walk,
    cases=[
        (np.array([1.0, 6.0]), np.array([9.0, 2.0]), 5),
        (np.array([2.0, -1.0, 0.5, 3.0]), np.array([-1.0, 3.5, 0.5, 6.0]), 7),
        (np.array([0.3, 2.0, -4.0]), np.array([1.3, 5.0, -2.5]), 2),
    ],
    mistakes={
        "the walk stops before `second`, which should be its last code.": [
            {"weights": lambda count: np.arange(count) / count},
            {"weights": lambda count: np.arange(count - 1) / (count - 1)},
        ],
        "the walk begins after `first`, which should be its first code.": [
            {"weights": lambda count: np.arange(1, count + 1) / count},
            {"weights": lambda count: np.arange(1, count) / (count - 1)},
        ],
        "both ends are missing, and both belong to the walk.": [
            {"weights": lambda count: np.arange(1, count + 1) / (count + 1)},
            {"weights": lambda count: np.arange(1, count - 1) / (count - 1)},
        ],
        "each of your steps is as long as the whole way. Only all of them together should be.": [
            {"weights": np.arange},
            {"weights": lambda count: np.arange(1, count + 1)},
        ],
        "those are more than `count` codes. The two ends are among the `count`.": [
            {"weights": lambda count: np.arange(count + 1) / count},
            {"weights": lambda count: np.arange(count + 2) / (count + 1)},
        ],
        "a code is `first` plus a part of the difference between the two ends. One of these is missing in yours.": [
            lambda first, second, count: _walk(first, second, count) - first,
            lambda first, second, count: _walk(0 * first, second, count),
            lambda first, second, count: _walk(0 * first, second, count) + first,
        ],
    },
    praise="the ends are images that you know; what is between them the decoder makes up.",
    tolerance=1e-5,
)
