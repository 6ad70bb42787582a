"""Week 11a: the checks of its exercises, and what this lesson alone needs."""

from collections import namedtuple
from collections.abc import Mapping

import numpy as np

from .. import plots, runtime
from ..judge import Check, Remark, as_in_training
from ..models import quality
from . import week10a

keras = runtime.quiet_keras()
ops = keras.ops

maps, same_class_neighbours = week10a.maps, week10a.same_class_neighbours  # of codes with two numbers


def _codes_between(first, second, count, *, fractions=lambda n: np.arange(1, n + 1) / (n + 1)):
    """Codes (count, numbers) between two codes (numbers,), in equal steps, both ends left out."""
    weights = fractions(count)[:, None]
    return (1 - weights) * first + weights * second


def _knobs(name, *ways):
    return [{name: way} for way in ways]


codes_between = Check(
    _codes_between,
    cases=[
        (np.array([0.0, 8.0]), np.array([4.0, 0.0]), 3),
        (np.array([2.0, -1.0, 0.5]), np.array([-1.0, 3.5, 6.0]), 4),
        (np.array([1.0, 5.0, -2.0, 3.0]), np.array([2.0, 1.5, 0.0, -3.0]), 1),
    ],
    mistakes={
        "both ends are left out: k goes from 1 to the count.": _knobs(
            "fractions",
            lambda n: np.linspace(0, 1, n),
            lambda n: np.arange(n + 2) / (n + 1),
            lambda n: np.arange(n) / (n + 1),
        ),
        "the weight is k divided by count + 1. Then the last code stays before `second`.": _knobs(
            "fractions", lambda n: np.arange(1, n + 1) / n, lambda n: np.arange(n) / n, lambda n: np.arange(1, n + 1)
        ),
        "your codes go from `second` to `first`.": lambda a, b, count: _codes_between(b, a, count),
        "`first` has the weight 1 - w, `second` the weight w. In yours, one of them is missing or wrong.": [
            lambda a, b, count: _codes_between(a, a + b, count),
            lambda a, b, count: _codes_between(0 * a, b, count),
            lambda a, b, count: _codes_between(0 * a, b - a, count),
        ],
    },
    praise="with a count of 1 it gives the code halfway. The next cell needs it.",
    tolerance=1e-5,
)


def _numbers(seed, *shapes):
    rng = np.random.default_rng(seed)
    return tuple(rng.normal(size=shape).astype("float32") for shape in shapes)


def _with_tensors(answer):
    train = as_in_training(answer, "Nor can `len` or `sum`. Use `ops` and plain arithmetic.")

    def call(*arrays):
        result = train(*arrays)
        if getattr(result, "dtype", "") == "object":
            raise Remark("nothing comes back. Does the function end with return?")
        if not np.array_equal(result, train(*arrays), equal_nan=True):
            raise Remark("it gives other codes each time. The argument `noise` is random already: draw no more.")
        return result

    return call


def _sample(mean, log_variance, noise, *, scale=lambda v: ops.exp(v / 2), kept=1):
    """Codes (n, numbers) from the encoder's Gaussians; the noise comes from N(0, 1)."""
    return kept * mean + scale(log_variance) * noise


sample = Check(
    _sample,
    cases=[
        (np.array([[3.0]]), np.array([[np.log(4.0)]]), np.array([[0.5]])),
        _numbers(1, (4, 2), (4, 2), (4, 2)),
        _numbers(2, (3, 5), (3, 5), (3, 5)),
    ],
    mistakes={
        "the noise is multiplied by the variance, as in lecture B. Its root is the standard deviation.": _knobs(
            "scale", ops.exp
        ),
        "the encoder outputs the *logarithm* of the variance. Undo the logarithm first.": _knobs(
            "scale", lambda v: v, lambda v: v / 2, ops.sqrt, lambda v: ops.sqrt(ops.abs(v)), lambda v: v**2
        ),
        "the noise needs the root of the variance. Yours has another factor, or another exponent.": _knobs(
            "scale", lambda v: ops.exp(v) / 2, lambda v: ops.exp(2 * v), lambda v: ops.exp(-v / 2)
        ),
        "the mean is missing: all your codes lie around 0.": {"kept": 0},
        "the standard deviation scales the noise, and nothing else.": [
            {"scale": lambda v: 1},
            lambda m, v, noise: m + ops.exp(v / 2) + noise,
            lambda m, v, noise: (m + noise) * ops.exp(v / 2),
        ],
        "the noise is missing: your codes are not random.": [lambda m, v, n: m + ops.exp(v / 2), lambda m, v, n: m],
    },
    praise="all randomness is in the noise, so gradients reach the mean and the variance.",
    tolerance=1e-4,
    view=_with_tensors,
)


def _divergence(mean, log_variance, *, join=lambda each: ops.sum(each, axis=1), variance=ops.exp, **changes):
    """KL divergence (n,) of each code's Gaussian from N(0, 1); both arguments are (n, numbers)."""
    terms = {"square": mean**2, "variance": variance(log_variance), "log": -log_variance, "one": -1} | changes
    return join(0.5 * sum(terms.values()))


divergence = Check(
    _divergence,
    cases=[(np.array([[2.0]]), np.array([[0.0]])), _numbers(3, (3, 2), (3, 2)), _numbers(4, (4, 6), (4, 6))],
    mistakes={
        "the numbers of a code are added up, so that one value an image is left, of shape (n,).": [
            *({"join": lambda each, axis=axis: ops.mean(each, axis=axis)} for axis in (0, 1, None)),
            *_knobs("join", ops.sum, lambda each: each, lambda each: ops.sum(each, axis=0)),
        ],
        "the factor 1/2 is missing, or not all terms have it.": [
            {"join": lambda each: ops.sum(2 * each, axis=1)},
            lambda m, v: _divergence(m, v, variance=lambda v: 2 * ops.exp(v), log=-2 * v, one=-2),
            lambda m, v: _divergence(m, v, one=-2),
        ],
        "the argument is the *logarithm* of the variance already: its exponential is the variance.": [
            *_knobs("variance", lambda v: v, lambda v: v**2, lambda v: ops.exp(v / 2), lambda v: ops.exp(2 * v)),
            lambda m, v: _divergence(m, v, log=-ops.log(v)),
            lambda m, v: _divergence(m, v, log=-ops.log(v), variance=lambda v: v),
        ],
        "the 1 is subtracted for each number of the code. Yours is missing, added, or subtracted once.": [
            *({"one": one} for one in (0, 1)),
            lambda m, v: _divergence(m, v, one=0) - 0.5,
        ],
        "this is the other direction, from p to q.": lambda m, v: _divergence(m * ops.exp(-v / 2), -v),
        "one of the terms has the wrong sign, or the mean is not squared.": [
            {"join": lambda each: -ops.sum(each, axis=1)},
            lambda m, v: _divergence(m, v, log=v),
            lambda m, v: _divergence(m, v, square=-(m**2)),
            lambda m, v: _divergence(m, v, square=m),
        ],
    },
    praise="it is 0 only for mean 0 and variance 1.",
    tolerance=1e-4,
    view=_with_tensors,
)


def _vae_loss(pixel_losses, divergences, weight, *, add_up=ops.sum, average=ops.mean, factors=lambda w: (1, w)):
    """Mean loss of the images, a single number."""
    first, second = factors(weight)
    return average(first * add_up(pixel_losses, axis=(1, 2)) + second * divergences)


vae_loss = Check(
    _vae_loss,
    cases=[
        (np.array([[[1.0, 3.0]]]), np.array([5.0]), np.array(2.0)),
        (*_numbers(5, (4, 3, 2), (4,)), np.array(1.5)),
        (*_numbers(6, (3, 4, 5), (3,)), np.array(3.0)),
    ],
    mistakes={
        "add up an image's pixels. With their mean divergences weigh far too much.": {"add_up": ops.mean},
        "a mean over the images was asked for, of both parts.": [
            *_knobs("average", ops.sum, lambda each: each),
            lambda losses, divergences, w: ops.sum(losses) + w * ops.mean(divergences),
            lambda losses, divergences, w: ops.mean(ops.sum(losses, axis=(1, 2))) + w * ops.sum(divergences),
        ],
        "the weight belongs to the divergence alone.": _knobs(
            "factors", lambda w: (1, 1), lambda w: (w, w), lambda w: (w, 1), lambda w: (1 - w, w)
        ),
        "a part is missing or subtracted.": _knobs("factors", lambda w: (1, 0), lambda w: (1, -w), lambda w: (0, w)),
        "these images have fewer than 784 pixels.": _knobs("add_up", lambda p, axis: 784 * ops.mean(p, axis=axis)),
    },
    praise="every training below minimises it.",
    tolerance=1e-4,
    view=_with_tensors,
)


Quality = namedtuple("Quality", "classes confidence distance")


class Judge:
    """Week 11b's judge: a classifier trained with real images, and what it measures of others."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, classes: int):
        self.classifier, self.features_of = quality.train_judge(images, labels, classes)
        self.classes, self.of_random_pixels = classes, 1.0
        self.real = run(self.features_of, images[:2000]).astype("float64")
        self.of_random_pixels = self.measure(np.random.default_rng(0).random((1000, 28, 28, 1))).distance

    def measure(self, images: np.ndarray) -> Quality:
        """Return classes with 2% of the images, mean confidence, and the Frechet distance, that of random pixels 1."""
        probabilities, features = run(self.classifier, images), run(self.features_of, images).astype("float64")
        covered = np.bincount(probabilities.argmax(axis=1), minlength=self.classes) >= 0.02 * len(images)
        (m1, c1), (m2, c2) = ((some.mean(axis=0), np.cov(some.T)) for some in (features, self.real))
        distance = np.sum((m1 - m2) ** 2) + np.trace(c1) + np.trace(c2) - 2 * quality.trace_of_root(c1, c2)
        return Quality(int(covered.sum()), float(probabilities.max(axis=1).mean()), distance / self.of_random_pixels)


def show_results(results: Mapping[str, Quality]) -> None:
    """Show a table of what the judge measured."""
    rows = [[name, one.classes, f"{one.confidence:.2f}", f"{one.distance:.3f}"] for name, one in results.items()]
    plots.table(rows, ["1,000 images", "classes covered", "confidence", "Frechet distance (random pixels: 1)"])


def run(network, inputs: np.ndarray):
    """Outputs of a network, or a list of them if it has several, computed for 250 inputs at a time."""
    parts = [network(inputs[i : i + 250].astype("float32"), training=False) for i in range(0, len(inputs), 250)]
    if isinstance(parts[0], list | tuple):
        return [np.concatenate(some) for some in zip(*parts, strict=True)]
    return np.concatenate(parts)
