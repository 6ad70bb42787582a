"""Week 5: the checks of its exercises, and what this lesson alone needs."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..judge import Check
from ..plots.look import figure, legend_beside, line_style, show


def _most_alike(query, vectors, *, choose=np.argmax):
    """The number of the row that points most nearly the same way as the query."""
    return choose(vectors @ query / (np.linalg.norm(vectors, axis=1) * np.linalg.norm(query)))


# In the second case the first row has the largest product with the query, and the last one the least distance.
most_alike = Check(
    _most_alike,
    cases=[
        (np.array([1.0, 1.0]), np.array([[30.0, 0.0], [1.0, 1.1], [0.0, 1.0]])),
        (np.array([1.0, 2, 2]), np.array([[18.0, 18, 0], [-1, -2, -2], [4, 8, 8], [1, 1, 2]])),
        (np.array([2.0, 2.2, 0.0]), np.array([[9.0, 9.9, 9.0], [0.2, 0.2, 0.0], [2.0, 2.0, 1.0]])),
    ],
    mistakes={
        "a long vector wins whatever its direction. Divide by the length of each row.": (
            lambda query, vectors: np.argmax(vectors @ query)
        ),
        "that is the row at the least distance. A row twice as long points the same way, but lies further off.": (
            lambda query, vectors: np.argmin(np.linalg.norm(vectors - query, axis=1))
        ),
        "that is how similar rows are. Return the number of the most similar one.": {"choose": np.max},
    },
    praise="this is how a search for similar images works.",
)


def _top_weights(features, classes):
    """How many weights a dense layer of `classes` outputs has on `features` inputs."""
    return (features + 1) * classes


top_weights = Check(
    _top_weights,
    cases=[(2, 3), (64, 10), (512, 3)],
    mistakes={
        "the biases are missing: one for each output.": lambda features, classes: features * classes,
        "that has one bias in all. Each output has its own.": lambda features, classes: features * classes + 1,
        "that has a bias for each input. A bias belongs to an output.": (
            lambda features, classes: features * (classes + 1)
        ),
    },
    praise="650 for 64 features and 10 classes: one in 350 of all the network's weights.",
)


def _first_reached(steps, curve, level, *, reaches=np.greater_equal, which=0, never=float("inf")):
    """The step after which the curve was at the level, or above it, for the first time; inf if never."""
    there = [step for step, value in zip(steps, curve, strict=True) if reaches(value, level)]
    return there[which] if there else never


_STEPS, _CURVE = [10, 20, 30, 40, 50], [0.2, 0.5, 0.4, 0.6, 0.55]

first_reached = Check(
    _first_reached,
    cases=[(_STEPS, _CURVE, 0.45), (_STEPS, _CURVE, 0.5), (_STEPS, _CURVE, 0.9)],
    mistakes={
        "the level counts as reached when the curve is exactly at it, too.": {"reaches": np.greater},
        "that is the last step at or above the level. The first one is needed.": {"which": -1},
        "that is the position in the list. Which step stands there?": (
            lambda steps, curve, level: _first_reached(range(len(steps)), curve, level)
        ),
        "a level that is never reached has no step: infinity is needed there.": [
            {"never": _STEPS[0]},
            {"never": _STEPS[-1]},
        ],
    },
    praise="now see how many steps borrowing saves.",
)


def _prepare(picture, mean, deviation, *, scale=lambda picture: picture / 255):
    """The picture as the network expects it."""
    return (scale(picture) - mean) / deviation


_MEAN, _DEVIATION = np.array([0.5, 0.4, 0.3]), np.array([0.25, 0.2, 0.1])

prepare = Check(
    _prepare,
    cases=[
        (np.array([[[0, 51, 102], [255, 204, 153]]], np.uint8), _MEAN, _DEVIATION),
        (np.random.default_rng(5).integers(0, 250, (2, 3, 3)).astype(np.uint8), _MEAN / 2, _DEVIATION * 1.5),
    ],
    mistakes={
        "bytes go up to 255: divide by that first. Then black is 0 and white is 1.": {"scale": np.asarray},
        "that depends on this image's own numbers. 255, mean and deviation are the same for all images.": {
            "scale": lambda picture: picture / picture.max()
        },
        "255 divides the image alone, before the mean is subtracted.": (
            lambda picture, mean, deviation: (picture - mean) / 255 / deviation
        ),
        "the deviation divides the mean alone. First comes the difference, then the division of all of it.": (
            lambda picture, mean, deviation: picture / 255 - mean / deviation
        ),
    },
    praise="the layer `preprocessing` of the backbone does just that.",
    tolerance=1e-5,
)


def _running_average(average, batches, momentum, *, new=lambda momentum: 1 - momentum):
    """The average after all batches' means have passed."""
    for mean in batches:
        average = momentum * average + new(momentum) * mean
    return average


running_average = Check(
    _running_average,
    cases=[(2.0, [4.0], 0.75), (1.0, [3.0, -1.0, 2.0], 0.5), (1.0, [0.0, 5.0, 3.0], 0.8)],
    mistakes={
        "momentum is the fraction of the old average that is kept; here the new mean gets it.": (
            lambda average, batches, momentum: _running_average(average, batches, 1 - momentum)
        ),
        "the fractions of old and new do not add up to 1.": {"new": lambda momentum: 1},
        "only the first batch has moved it. Does the function end inside the loop?": (
            lambda average, batches, momentum: _running_average(average, batches[:1], momentum)
        ),
    },
    praise="with a momentum of 0.9, thirty batches leave 0.9**30 = 4% of the averages that came with the letters.",
)


def accuracies(
    counts: Sequence[int], results: Mapping[str, Mapping[int, Sequence[float]]], title: str = "", place=None
):
    """Show accuracy over images a class, with error bars over seeds.

    Parameters
    ----------
    counts : sequence of int
        Images a class: where the axis has its marks.
    results : mapping from a name to a mapping from a count to one accuracy a seed
        Counts may be missing, while trainings go on.
    place
        What an earlier call returned: redraw in the same output.
    """
    made, axes = figure(height=4.2, title=title)
    axis, told = axes[0, 0], []
    axis.set_xscale("log")
    for number, (name, by_count) in enumerate(results.items()):
        if by_count:
            there = sorted(by_count)
            means = [np.mean(by_count[count]) for count in there]
            errors = [np.std(by_count[count]) for count in there]
            x = np.multiply(there, 1 + 0.03 * number)  # side by side, so that bars do not hide each other
            axis.errorbar(x, means, errors, capsize=4, markersize=7, label=name, **line_style(number))
            values = ", ".join(f"{mean:.2f} at {count}" for count, mean in zip(there, means, strict=True))
            told.append(f"{name}: {values}")
    axis.set_xlim(min(counts) / 1.2, max(counts) * 1.3)
    axis.set_xticks(list(counts), [str(count) for count in counts])
    axis.minorticks_off()
    axis.set(ylim=(0, 1.02), xlabel="training pictures of each class", ylabel="accuracy on test pictures")
    if told:
        legend_beside(axis)
    alt = f"{title}. Accuracy over pictures a class, bars of one standard deviation over seeds. {'; '.join(told)}."
    return show(made, alt, place)
