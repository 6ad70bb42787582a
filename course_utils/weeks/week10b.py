"""Week 10b: the checks of its exercises, and what this lesson alone needs."""

import copy

import numpy as np

from ..judge import Check


def _psnr(clean, other, *, signal=lambda clean: 1, power=np.square, summary=np.mean):
    """Peak signal-to-noise ratio of `other`, in decibels; both are one picture of the same shape, white is 1."""
    return 10 * np.log10(signal(clean) / summary(power(clean - other)))


_SOFT = np.random.default_rng(10).uniform(0.1, 0.7, (5, 4, 1)).round(2)
_MORE_NOISE = np.random.default_rng(11).normal(0.02, 0.3, _SOFT.shape)  # leads some pixels below 0 or above 1

psnr = Check(
    _psnr,
    # No maximum is 1, no two pixels are equal, and the differences do not cancel.
    cases=[
        (np.array([[0.2, 0.8], [0.5, 0.9]])[..., None], np.array([[0.3, 0.6], [0.4, 0.8]])[..., None]),
        (_SOFT, _SOFT + _MORE_NOISE),
    ],
    mistakes={
        "the peak is the largest value that a pixel may have. Here that is 1: not 255, nor the maximum of an image.": [
            {"signal": lambda clean: 255**2},
            {"signal": lambda clean: clean.max() ** 2},
        ],
        "the squared errors are added up. Their mean is needed.": {"summary": np.sum},
        "the errors are not squared, only taken without their sign.": {"power": np.abs},
        "errors above and below 0 cancel. Square them first.": (
            lambda clean, other: -20 * np.log10(abs(np.mean(clean - other)))
        ),
    },
    praise="where the root of the error is halved, there are 6 decibels more.",
    tolerance=1e-4,  # a little added to the error, against a division by 0, is no mistake
)


def _training_pair(batch, sigma, rng):
    """Two arrays: the batch with Gaussian noise of deviation `sigma`, drawn from `rng`, and the batch as it was."""
    return batch + rng.normal(0, sigma, batch.shape), batch


def _measured(answer):
    """Random numbers cannot be compared: name what is wrong with the pairs, or else measure their noise."""

    def measure(batch, sigma, rng):
        same_seed = copy.deepcopy(rng)
        pairs = [answer(batch, sigma, generator) for generator in (rng, rng, same_seed)]
        if any(not isinstance(pair, tuple | list) or list(map(np.shape, pair)) != 2 * [batch.shape] for pair in pairs):
            return "other arrays"
        inputs, targets = np.array(pairs, float).swapaxes(0, 1)
        noise, of_next_call, of_same_seed = inputs - batch
        problems = {
            "another target": not np.allclose(targets, batch, atol=1e-5),
            "no noise": not noise.any(),
            "shared noise": len(np.unique(noise.round(6))) < 0.6 * noise.size,
            "another generator": np.allclose(noise, of_next_call) or not np.allclose(noise, of_same_seed, atol=1e-5),
            "cut off": np.isin(inputs[0], (0, 1)).mean() > 0.02,
        }
        image_left = np.cov(inputs[0].ravel(), batch.ravel())[0, 1] / batch.var()
        kurtosis = np.mean((noise - noise.mean()) ** 4) / noise.var() ** 2
        values = [(image_left, 1), (noise.mean(), 2), (kurtosis, 0), (noise.std(), 2)]
        measured = tuple(round(float(value), digits) + 0.0 for value, digits in values)
        return next((word for word, present in problems.items() if present), measured)

    return measure


def _batch(*shape):
    """Images of which much is black and some is white."""
    return np.random.default_rng(10).normal(0.3, 0.5, shape).clip(0, 1)


training_pair = Check(
    _training_pair,
    # Two sizes, two types and two values of sigma: an answer may be right for one of them alone.
    cases=[
        (_batch(8, 28, 28, 1), 0.3, np.random.default_rng(7)),
        (_batch(5, 40, 36, 1).astype(np.float32), 0.12, np.random.default_rng(8)),
    ],
    mistakes={
        "two arrays like the batch are expected: first the images with noise, then the batch as it was.": (
            lambda batch, sigma, rng: batch
        ),
        "the target is not the clean batch. The input comes first and has the noise; the target has none.": (
            lambda batch, sigma, rng: _training_pair(batch, sigma, rng)[::-1]
        ),
        "pixels share their noise. Each pixel of each image should have a random number of its own.": (
            lambda batch, sigma, rng: (batch + rng.normal(0, sigma), batch)
        ),
        "the noise does not come from `rng`: a generator of your own repeats itself, or cannot be repeated.": (
            lambda batch, sigma, rng: _training_pair(batch, sigma, np.random.default_rng(0))
        ),
        "noise should only be added. In yours the sum is cut off at black or white.": (
            lambda batch, sigma, rng: (_training_pair(batch, sigma, rng)[0].clip(0, 1), batch)
        ),
        "the standard deviation of the noise is not sigma: it is the square of sigma, or 0.": [
            lambda batch, sigma, rng: _training_pair(batch, sigma**2, rng),
            lambda batch, sigma, rng: (batch, batch),
        ],
    },
    results=("the image in the input", "the mean of the noise", "its kurtosis", "its standard deviation"),
    praise="no image comes twice with the same noise, so there is none to learn by heart.",
    tolerance=0.02,
    view=_measured,
)


def _picture_errors(pictures, rebuilt, *, power=np.square, summary=np.mean):
    """The mean squared error of each picture: (n,) from two arrays (n, height, width, channels)."""
    return summary(power(pictures - rebuilt), axis=(1, 2, 3))


_FIRST = np.array([[[0.2, 0.9], [0.4, 0.0]], [[1.0, 0.5], [0.3, 0.6]], [[0.1, 0.0], [0.8, 0.7]]])[..., None]
_REBUILT = np.array([[[0.1, 0.9], [0.6, 0.1]], [[0.7, 0.5], [0.3, 0.2]], [[0.1, 0.1], [0.8, 0.8]]])[..., None]

picture_errors = Check(
    _picture_errors,
    # In the second no two axes have the same length; in both some differences are above and some below 0.
    cases=[(_FIRST, _REBUILT), tuple(np.random.default_rng(10).random((2, 4, 5, 3, 2)))],
    mistakes={
        "the squares of an image are added up, and not divided by the number of its pixels.": {"summary": np.sum},
        "differences above and below 0 cancel. Square each of them before you take the mean.": {"power": np.asarray},
        "that is the mean absolute error. The differences are not squared.": {"power": np.abs},
    },
    praise="a mean over all images would hide the one that was rebuilt badly.",
    tolerance=1e-5,  # as near as an answer of type float32 comes
)


def _too_odd(validation_errors, test_errors, false_alarms, *, threshold=lambda v, t, share: np.quantile(v, 1 - share)):
    """Yes or no for each test error: whether it is above what the share `false_alarms` of validation errors exceeds."""
    return test_errors > threshold(validation_errors, test_errors, false_alarms)


_MANY = np.concatenate([np.linspace(1, 3, 44), [3.1, 3.2, 3.5, 4, 5, 10]]) / 100
_MANY_TESTED = np.array([0.5, 9.4, 1.01, 2.8, 3.7, 12, 1.1, 4.5, 5.8, 1.5, 8, 2.2, 9.9, 9.6, 14, 60, 3.9]) / 100

too_odd = Check(
    _too_odd,
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
        "the test errors chose their own threshold. It may come from the validation errors alone.": [
            {"threshold": lambda v, t, share: np.quantile(t, 1 - share)},
            {"threshold": lambda v, t, share: np.quantile(np.concatenate([v, t]), 1 - share)},
        ],
        "your threshold has the share of false alarms below it. They should be above it.": {
            "threshold": lambda v, t, share: np.quantile(v, share)
        },
        "mean and standard deviation set a threshold for normally distributed errors. Use the errors themselves.": {
            "threshold": lambda v, t, share: v.mean() + 2 * v.std()
        },
        "percentiles go from 0 to 100 and quantiles from 0 to 1. Yours mix the two.": [
            {"threshold": lambda v, t, share: np.percentile(v, 1 - share)},
            {"threshold": lambda v, t, share: np.percentile(v, 100 - share)},
        ],
    },
    praise="no odd image was needed to find the threshold.",
)


def _auc(normal, odd, *, tie=0.5):
    """Share of all pairs (a normal, an odd error) in which the odd one is larger; equal ones count half."""
    return np.mean((odd[:, None] > normal) + tie * (odd[:, None] == normal))


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
        "that is right for a single threshold. The area is one of all thresholds together.": (
            lambda normal, odd: np.mean(odd > normal.max())
        ),
    },
    praise="chance gives 0.5, a clean separation gives 1, and no threshold had to be chosen.",
)
