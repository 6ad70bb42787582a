"""Week 11a: the checks of its exercises, and what this lesson alone needs."""

from collections import namedtuple
from collections.abc import Mapping, Sequence

import numpy as np

from .. import plots, runtime
from ..judge import Check, as_in_training
from ..models import quality
from ..plots.look import figure, show
from .week10a import MANY
from .week11b import trace_of_root

keras = runtime.quiet_keras()
ops = keras.ops

SIDE = 16  # decoded images along a side of a map


def _codes_between(first, second, count, *, fractions=lambda count: np.arange(1, count + 1) / (count + 1)):
    """Codes (count, numbers) between `first` and `second`, in equal steps, both ends left out."""
    weights = fractions(count)[:, None]
    return (1 - weights) * first + weights * second


codes_between = Check(
    _codes_between,
    cases=[
        (np.array([0.0, 8.0]), np.array([4.0, 0.0]), 3),
        (np.array([2.0, -1.0, 0.5]), np.array([-1.0, 3.5, 6.0]), 4),
        (np.array([1.0, 5.0, -2.0, 3.0]), np.array([2.0, 1.5, 0.0, -3.0]), 1),
    ],
    mistakes={
        "both ends are left out: k goes from 1 to the count.": [
            {"fractions": lambda count: np.linspace(0, 1, count)},
            {"fractions": lambda count: np.linspace(0, 1, count + 2)},
            {"fractions": lambda count: np.arange(count + 2) / (count + 1)},
            {"fractions": lambda count: np.arange(count) / (count + 1)},
        ],
        "the weight is k divided by count + 1. Then the last code stays before `second`.": [
            {"fractions": lambda count: np.arange(1, count + 1) / count},
            {"fractions": lambda count: np.arange(count) / count},
            {"fractions": lambda count: np.arange(1, count + 1) / (count - 1)},
        ],
        "your codes go from `second` to `first`.": lambda a, b, count: _codes_between(b, a, count),
        "`first` has the weight 1 - w, `second` the weight w. One of these is missing in yours.": [
            lambda a, b, count: _codes_between(a, 0 * b, count),
            lambda a, b, count: _codes_between(0 * a, b, count),
            lambda a, b, count: a + _codes_between(0 * a, b, count),
            lambda a, b, count: _codes_between(a, b, count) - a,
        ],
    },
    praise="with a count of 1 it is the code halfway, which the next cell measures.",
    tolerance=1e-5,
)


def _sample(mean, log_variance, noise, *, scale=lambda log_variance: ops.exp(log_variance / 2), kept=1):
    """Codes (n, numbers), each from the Gaussian of its mean and log variance, made from standard noise."""
    return kept * mean + scale(log_variance) * noise


def _numbers(seed, *shapes):
    rng = np.random.default_rng(seed)
    return tuple(rng.normal(size=shape).astype("float32") for shape in shapes)


sample = Check(
    _sample,
    cases=[
        (np.array([[3.0]]), np.array([[np.log(4.0)]]), np.array([[0.5]])),
        _numbers(1, (4, 2), (4, 2), (4, 2)),
        _numbers(2, (3, 5), (3, 5), (3, 5)),
    ],
    mistakes={
        "the noise is multiplied by the variance, as in lecture B. Multiply it by the root of the variance.": {
            "scale": ops.exp
        },
        "the encoder outputs the *logarithm* of the variance. Undo the logarithm first.": [
            {"scale": lambda v: v},
            {"scale": lambda v: v / 2},
            {"scale": ops.sqrt},
            {"scale": lambda v: ops.sqrt(ops.abs(v))},
        ],
        "the root of the variance is the exponential of half its logarithm. Yours has another factor.": [
            {"scale": lambda v: ops.exp(v) / 2},
            {"scale": lambda v: ops.exp(2 * v)},
            {"scale": lambda v: ops.exp(-v / 2)},
        ],
        "the mean is missing: all your codes lie around 0.": {"kept": 0},
        "the noise is added as it is. The standard deviation should scale it.": [
            {"scale": lambda v: 1},
            lambda m, v, noise: m + ops.exp(v / 2) + noise,
        ],
        "the noise is missing: your codes are not random.": [
            lambda m, v, noise: m + ops.exp(v / 2),
            lambda m, v, noise: m,
        ],
    },
    praise="all randomness is in the noise, so gradients reach the mean and the variance.",
    tolerance=1e-4,
    view=lambda answer: as_in_training(answer, "Use `ops.exp` and plain arithmetic."),
)


def _divergence_from_normal(mean, log_variance, *, join=lambda each: ops.sum(each, axis=1), variance=ops.exp, **less):
    """KL divergence (n,) of each code's Gaussian from N(0, 1), from means and log variances (n, numbers)."""
    parts = {"mean": mean**2, "variance": variance(log_variance), "log": -log_variance, "one": -1, "half": 0.5} | less
    return join(parts["half"] * (parts["mean"] + parts["variance"] + parts["log"] + parts["one"]))


divergence_from_normal = Check(
    _divergence_from_normal,
    cases=[
        (np.array([[2.0]]), np.array([[0.0]])),
        _numbers(3, (3, 2), (3, 2)),
        _numbers(4, (4, 6), (4, 6)),
    ],
    mistakes={
        "the numbers of a code are added up, so that one value an image is left, of shape (n,).": [
            {"join": lambda each: ops.mean(each, axis=1)},
            {"join": lambda each: each},
            {"join": ops.sum},
            {"join": ops.mean},
            {"join": lambda each: ops.mean(ops.sum(each, axis=1))},
            {"join": lambda each: ops.sum(each, axis=0)},
        ],
        "the factor 1/2 is missing, or it is not the factor of all terms.": [
            {"half": 1},
            lambda m, v: ops.sum(0.5 * m**2 + ops.exp(v) - v - 1, axis=1),
            lambda m, v: ops.sum(0.5 * (m**2 + ops.exp(v) - v) - 1, axis=1),
        ],
        "the argument is the *logarithm* of the variance already: its exponential is the variance.": [
            {"variance": lambda v: v},
            {"variance": lambda v: v**2},
            {"variance": lambda v: ops.exp(v / 2)},
            {"variance": lambda v: ops.exp(2 * v)},
            lambda m, v: _divergence_from_normal(m, v, log=-ops.log(v)),
            lambda m, v: _divergence_from_normal(m, v, log=-ops.log(v), variance=lambda v: v),
            lambda m, v: _divergence_from_normal(m, v, log=-2 * v),
        ],
        "the 1 is subtracted for each number of the code. Yours is missing, added, or subtracted once.": [
            {"one": 0},
            {"one": 1},
            lambda m, v: 0.5 * (ops.sum(m**2 + ops.exp(v) - v, axis=1) - 1),
        ],
        "one of the terms has the wrong sign, or the mean is not squared.": [
            {"half": -0.5},
            lambda m, v: _divergence_from_normal(m, v, log=v),
            lambda m, v: _divergence_from_normal(m, v, mean=-(m**2)),
            lambda m, v: _divergence_from_normal(m, v, mean=m),
            lambda m, v: _divergence_from_normal(m, v, mean=ops.abs(m)),
        ],
    },
    praise="it is 0 only for mean 0 and variance 1. It is half of the loss below.",
    tolerance=1e-4,
    view=lambda answer: as_in_training(answer, "Use `ops.exp`, `ops.sum` and plain arithmetic."),
)


def _vae_loss(pixel_losses, divergences, weight, *, add_pixels=ops.sum, average=ops.mean, weigh=lambda weight: weight):
    """Mean over images, a single number: the sum of an image's pixel losses, plus the weight times its divergence."""
    return average(add_pixels(pixel_losses, axis=(1, 2)) + weigh(weight) * divergences)


vae_loss = Check(
    _vae_loss,
    cases=[
        (np.array([[[1.0, 2.0], [3.0, 4.0]]]), np.array([5.0]), np.array(0.5)),
        (*_numbers(5, (4, 3, 2), (4,)), np.array(1.0)),
        (*_numbers(6, (3, 4, 5), (3,)), np.array(3.0)),
    ],
    mistakes={
        "the losses of an image's pixels are added up. With their mean the divergence would weigh far too much.": [
            {"add_pixels": ops.mean},
            lambda losses, divergences, weight: ops.mean(losses) + weight * ops.sum(divergences),
        ],
        "a mean over the images was asked for.": [
            {"average": ops.sum},
            {"average": lambda each: each},
            lambda losses, divergences, weight: ops.sum(losses) + weight * ops.mean(divergences),
            lambda losses, divergences, weight: ops.mean(ops.sum(losses, axis=(1, 2))) + weight * ops.sum(divergences),
        ],
        "the weight belongs to the divergence alone.": [
            {"weigh": lambda weight: 1},
            lambda losses, divergences, weight: weight * _vae_loss(losses, divergences, 1),
            lambda losses, divergences, weight: _vae_loss(weight * losses, divergences, 1),
        ],
        "one of the two parts is missing, or is subtracted.": [
            {"weigh": lambda weight: 0},
            {"weigh": lambda weight: -weight},
            lambda losses, divergences, weight: _vae_loss(0 * losses, divergences, weight),
        ],
    },
    praise="every training below minimises it.",
    tolerance=1e-4,
    view=lambda answer: as_in_training(answer, "Use `ops.sum`, `ops.mean` and plain arithmetic."),
)


Quality = namedtuple("Quality", "classes confidence distance")


class Judge:
    """Week 11b's judge: a classifier trained with real images, and the features of unseen real images."""

    def __init__(self, train, real: np.ndarray, classes: int):
        self.classifier, self.features_of = quality.train_judge(train.images, train.labels, classes)
        self.classes, self.real = classes, self._features(real)
        self.of_random_pixels = 1.0
        self.of_random_pixels = self.measure(np.random.default_rng(0).random((1000, 28, 28, 1))).distance

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Probability of each class: (n, classes)."""
        return run(self.classifier, images)

    def measure(self, images: np.ndarray) -> Quality:
        """Return classes with 2% of the images, mean confidence, and the Frechet distance, that of random pixels 1."""
        probabilities, features = self.probabilities(images), self._features(images)
        covered = np.bincount(probabilities.argmax(axis=1), minlength=self.classes) >= 0.02 * len(images)
        (m1, c1), (m2, c2) = ((some.mean(axis=0), np.cov(some.T)) for some in (features, self.real))
        distance = np.sum((m1 - m2) ** 2) + np.trace(c1) + np.trace(c2) - 2 * trace_of_root(c1, c2)
        return Quality(int(covered.sum()), float(probabilities.max(axis=1).mean()), distance / self.of_random_pixels)

    def _features(self, images: np.ndarray) -> np.ndarray:
        return run(self.features_of, images).astype("float64")


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


def maps(codes: Mapping[str, tuple], labels: np.ndarray, names: Sequence[str], title: str = "") -> None:
    """Show spaces of 2-number codes side by side: the codes of images, and below them what the decoder makes there.

    Parameters
    ----------
    codes : mapping from a name to (codes, decoder)
        Codes (n, 2) of images, and the network that decodes them.
    labels : array (n,)
        Classes of these images; a code is drawn as the name of its class if that is short, or as its number.
    """
    short = all(0 < len(name.strip()) <= 2 for name in names)
    made, axes = figure(2, len(codes), 4.3 * len(codes), title)
    for column, (name, (points, decoder)) in zip(axes.T, codes.items(), strict=True):
        middle, reach = np.median(points, axis=0), 1.05 * np.percentile(np.abs(points - np.median(points, axis=0)), 99)
        side = np.linspace(-1, 1, SIDE) * (1 - 1 / SIDE) * reach
        grid = middle + np.stack(np.meshgrid(side, side[::-1]), axis=-1).reshape(-1, 2)
        images = run(decoder, grid).reshape(SIDE, SIDE, 28, 28).swapaxes(1, 2).reshape(28 * SIDE, 28 * SIDE)
        box = (middle[0] - reach, middle[0] + reach, middle[1] - reach, middle[1] + reach)
        for (x, y), label in zip(points, labels, strict=True):
            text = names[label].replace("$", r"\$") if short else str(label)
            look = {"color": MANY[label % len(MANY)], "fontsize": 9, "ha": "center", "va": "center", "clip_on": True}
            column[0].text(x, y, text, **look)
        column[1].imshow(images, cmap="gray", vmin=0, vmax=1, extent=box, aspect="auto", interpolation="antialiased")
        for axis, what in zip(column, ("codes of unseen images", "decoded images"), strict=True):
            axis.set(
                title=f"{name}: {what}", xlim=box[:2], ylim=box[2:], box_aspect=1, xlabel="first number of the code"
            )
            axis.grid(False)
        column[0].grid(True)
    for axis in axes[:, 0]:
        axis.set_ylabel("second number of the code")
    alt = (
        f"The codes of {len(labels)} images, drawn as their classes, and {SIDE}x{SIDE} decoded images on the same axes"
    )
    show(made, f"{title}. {alt}, for {' and '.join(codes)}.")
