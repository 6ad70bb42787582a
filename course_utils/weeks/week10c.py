"""Week 10c: the checks of its exercises, and what this lesson alone needs."""

import numpy as np
from scipy import stats

from .. import data
from ..judge import Check
from .week10b import letter_images

__all__ = ["add_pen_strokes", "letter_images", "photo_patches"]


def photo_patches(count: int, rng: np.random.Generator) -> np.ndarray:
    """Random patches of photographs (count, 28, 28, 1), grey; patches with little contrast are left out."""
    photos = [photo.mean(axis=-1) for photo in data.load("photos").test.images]
    patches = []
    while len(patches) < count:
        photo = photos[rng.integers(len(photos))]
        top, left = (rng.integers(side - 28) for side in photo.shape)
        patch = photo[top : top + 28, left : left + 28]
        if patch.std() > 0.1:
            patches.append(patch)
    return np.array(patches, np.float32)[..., None]


def add_pen_strokes(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Images (n, 28, 28, 1) with one straight line each, 2 pixels wide and 10 to 16 long, at a random position.

    A line that adds the ink of fewer than 10 white pixels would hardly be seen, so it is replaced by another one.
    """
    marked = images.copy()
    for image in marked[..., 0]:
        for _ in range(50):  # an image that is white all over has no room for ink
            angle, reach = rng.uniform(0, np.pi), rng.uniform(5, 8)
            rows, columns = np.indices(image.shape) - 13.5 - rng.uniform(-4, 4, (2, 1, 1))
            across = rows * np.cos(angle) - columns * np.sin(angle)
            along = rows * np.sin(angle) + columns * np.cos(angle)
            line = np.clip(1.5 - np.hypot(across, np.maximum(0, abs(along) - reach)), 0, 1)
            if np.maximum(line - image, 0).sum() >= 10:
                break
        image[:] = np.maximum(image, line)
    return marked


def _image_errors(images, outputs, *, power=np.square, summary=np.mean):
    """Mean squared error of each image: (n,) from two arrays (n, height, width, channels)."""
    return summary(power(images - outputs), axis=(1, 2, 3))


_IMAGES = np.array([[[0.2, 0.9], [0.4, 0.0]], [[1.0, 0.5], [0.3, 0.6]], [[0.1, 0.0], [0.8, 0.7]]])[..., None]
_OUTPUTS = np.array([[[0.1, 0.9], [0.6, 0.1]], [[0.7, 0.5], [0.3, 0.2]], [[0.1, 0.1], [0.8, 0.8]]])[..., None]

image_errors = Check(
    _image_errors,
    # In the second no two axes have the same length; in both some differences are above and some below 0.
    cases=[(_IMAGES, _OUTPUTS), tuple(np.random.default_rng(10).random((2, 4, 5, 3, 2)))],
    mistakes={
        "the squares of an image are added up, and not divided by the number of its pixels.": {"summary": np.sum},
        "differences above and below 0 cancel. Square each of them before you take the mean.": {"power": np.asarray},
        "that is the mean absolute error. The differences are not squared.": {"power": np.abs},
        "that is the norm, the root of a sum of squares. The error is the mean of the squares, without a root.": (
            lambda images, outputs: np.sqrt(_image_errors(images, outputs, summary=np.sum))
        ),
    },
    praise="a mean over all images would hide the one with a large error.",
    tolerance=1e-5,  # as near as an answer of type float32 comes
)


def _is_anomaly(validation_errors, test_errors, false_alarms, *, threshold=lambda v, t, rate: np.quantile(v, 1 - rate)):
    """True for each test error above the (1 - false_alarms) quantile of the validation errors."""
    return test_errors > threshold(validation_errors, test_errors, false_alarms)


_MANY = np.concatenate([np.linspace(1, 3, 44), [3.1, 3.2, 3.5, 4, 5, 10]]) / 100
_MANY_TESTED = np.array([0.5, 9.4, 1.01, 2.8, 3.7, 12, 1.1, 4.5, 5.8, 1.5, 8, 2.2, 9.9, 9.6, 14, 60, 3.9]) / 100

is_anomaly = Check(
    _is_anomaly,
    # No test error lies between the two validation errors around a threshold. So neither the interpolation of the
    # quantile matters, nor whether an equal error is above it.
    cases=[
        (
            np.array([0.03, 0.01, 0.04, 0.08, 0.02, 0.09, 0.05, 0.1, 0.07, 0.06]),
            np.array([0.095, 0.025, 0.12, 0.005, 0.3, 0.075, 0.9, 0.045]),
            0.2,
        ),
        (np.random.default_rng(10).permutation(_MANY), _MANY_TESTED, 0.1),
    ],
    mistakes={
        "the test errors chose their own threshold. It may come from the validation errors alone.": {
            "threshold": lambda v, t, rate: np.quantile(t, 1 - rate)
        },
        "your threshold has the fraction of false alarms below it. That fraction should be above it.": {
            "threshold": lambda v, t, rate: np.quantile(v, rate)
        },
        "mean and standard deviation set a threshold for normally distributed errors. Use the errors themselves.": [
            {"threshold": lambda v, t, rate: v.mean() + stats.norm.isf(rate) * v.std()},
            {"threshold": lambda v, t, rate: v.mean() + 2 * v.std()},
        ],
        "your threshold does not depend on `false_alarms`. The accepted fraction is an input of the function.": {
            "threshold": lambda v, t, rate: np.quantile(v, 0.99)
        },
        "percentiles go from 0 to 100 and quantiles from 0 to 1. Yours mix the two.": [
            {"threshold": lambda v, t, rate: np.percentile(v, 1 - rate)},
            {"threshold": lambda v, t, rate: np.percentile(v, 100 - rate)},
        ],
    },
    praise="no anomalous image was needed to find the threshold.",
)


def _auc(normal, anomalous, *, tie=0.5, summary=np.mean):
    """Fraction of all pairs (normal error, anomalous error) in which the anomalous one is larger; ties count half."""
    return summary((anomalous[:, None] > normal) + tie * (anomalous[:, None] == normal))


auc = Check(
    _auc,
    cases=[
        (np.array([0.5, 0.1, 0.2, 0.3]), np.array([0.4, 0.9, 0.3])),
        (np.array([0.2, 0.6, 0.8, 0.6]), np.array([0.6, 0.1, 0.7])),
    ],
    mistakes={
        "equal errors should count half. Yours do not count, or they count as much as a larger error.": [
            {"tie": 0},
            {"tie": 1},
        ],
        "that is right for a single threshold. AUC takes all thresholds together.": [
            lambda normal, anomalous: np.mean(anomalous > normal.max()),
            lambda normal, anomalous: np.mean(anomalous > normal.mean()),
        ],
        "the pairs are counted. Divide by their number to get a fraction.": {"summary": np.sum},
        "that compares the two means. AUC compares all pairs.": (
            lambda normal, anomalous: float(anomalous.mean() > normal.mean())
        ),
        "each anomalous error is compared with one normal error. Compare it with all of them.": (
            lambda normal, anomalous: np.mean([b > a for a, b in zip(normal, anomalous, strict=False)])
        ),
    },
    praise="guessing gives 0.5, perfect separation gives 1, and no threshold had to be chosen.",
)
