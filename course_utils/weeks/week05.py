"""Week 5: the checks of its exercises, and what this lesson alone needs."""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from .. import data, runtime
from ..data import clutter, cluttered_digits
from ..judge import Check
from ..plots.look import figure, legend_beside, line_style, show


def _learning_rate(step, steps, peak, *, rise=lambda done: done / 0.2, fall=lambda done: (1 - done) / 0.8):
    """The learning rate of a step: it rises to the peak for a fifth of the steps, and then falls to zero."""
    done = step / steps
    return peak * (rise(done) if done < 0.2 else fall(done))


learning_rate = Check(
    _learning_rate,
    cases=[(10, 100, 0.01), (60, 100, 0.01), (80, 80, 0.5), (5, 40, 2.0), (50, 60, 1.0)],
    mistakes={
        "the rise is missing: your rate is highest at the first step.": {
            "rise": lambda done: 1 - done,
            "fall": lambda done: 1 - done,
        },
        "your rate does not fall to 0 at the last step.": {"fall": lambda done: 1.2 - done},
        "your rate jumps after the rise. It should fall from the peak itself, in a straight line.": {
            "fall": lambda done: 1 - done
        },
        "the rise ends at a fifth of the peak, not at the peak.": {"rise": lambda done: done},
        "the rise takes twenty steps. That is a fifth only if there are a hundred.": (
            lambda step, steps, peak: peak * min(step / 20, (steps - step) / (steps - 20))
        ),
    },
    praise="each training below uses this rate.",
)


def _similarities(query, vectors, *, row_power=1, query_power=1):
    """The cosine of the angle between the query and each row."""
    return vectors @ query / (np.linalg.norm(vectors, axis=1) ** row_power * np.linalg.norm(query) ** query_power)


similarities = Check(
    _similarities,
    cases=[
        (np.array([3.0, 4.0]), np.array([[6.0, 8.0], [5.0, 0.0], [0.0, 1.0]])),
        (np.array([1.0, 2, 2]), np.array([[18.0, 18, 0], [-1, -2, -2], [4, 8, 8], [1, 1, 2]])),
    ],
    mistakes={
        "long rows get large values whatever their direction. Divide by the length of each row.": [
            {"row_power": 0, "query_power": 0},
            {"row_power": -1},  # divided by one length, then multiplied by the other
        ],
        "you divided by a squared length. A length is the square root of the sum of squares.": {
            "row_power": 2,
            "query_power": 2,
        },
        "these are angles. The similarity is the cosine of the angle, and equal directions get 1.": (
            lambda query, vectors: np.arccos(_similarities(query, vectors).clip(-1, 1))
        ),
        "all rows are divided by the same length. Each row has a length of its own.": (
            lambda query, vectors: vectors @ query / (np.linalg.norm(vectors) * np.linalg.norm(query))
        ),
    },
    praise="this is how a search for similar images works.",
)


def _freeze_up_to(network, block, *, normalisation=True, thaw=True):
    """Freeze all layers up to the end of a block, and make all later ones trainable."""
    freeze = block > 0
    for layer in network.layers:
        if freeze:
            layer.trainable = not normalisation and "bn" in layer.name
        elif thaw:
            layer.trainable = True
        if layer.name == f"block{block}_pool":
            freeze = False


@cache
def _small_network():
    """A network of three blocks, with layer names as in VGG16."""
    keras = runtime.quiet_keras()
    x = inputs = keras.Input((8, 8, 3), name="input")
    x = keras.layers.Rescaling(1.0, name="preprocessing")(x)
    for block in (1, 2, 3):
        x = keras.layers.Conv2D(1, 3, padding="same", name=f"block{block}_conv1")(x)
        x = keras.layers.BatchNormalization(name=f"block{block}_bn1")(x)
        x = keras.layers.MaxPooling2D(name=f"block{block}_pool")(x)
    return keras.Model(inputs, keras.layers.Dense(2, name="top")(keras.layers.Flatten(name="flatten")(x)))


def _trainable_layers(freeze):
    """Return a function that names the layers with weights that `freeze` leaves trainable."""

    def names(block, start):
        network = _small_network()
        for layer in network.layers:
            layer.trainable = start == "all trainable"
        freeze(network, block)
        trainable = [layer.name for layer in network.layers if layer.variables and layer.trainable]
        return f"trainable: {', '.join(trainable) or 'none'}"

    return names


freeze_up_to = Check(
    _freeze_up_to,
    cases=[(2, "all trainable"), (1, "all trainable"), (3, "all frozen"), (0, "all frozen"), (1, "all frozen")],
    mistakes={
        "batch normalisation is left out. It has weights too: freeze every layer of a block.": {"normalisation": False},
        "layers that were frozen before stay frozen. Make each later layer, the top included, trainable again.": {
            "thaw": False
        },
    },
    praise="the fine-tuning below freezes with it.",
    view=_trainable_layers,
)


def photo_crops(count: int, seed: int) -> tuple[data.Part, list[str]]:
    """Return crops of seven photographs, `count` of each, labelled by photograph, and the photographs' names."""
    names = sorted(set().union(*cluttered_digits.PHOTOS.values()))
    rng = np.random.default_rng(seed)
    crops = np.concatenate([clutter.backgrounds([name], count, rng) for name in names])
    return data.Part(crops, np.repeat(np.arange(len(names)), count)), names


def accuracies(
    counts: Sequence[int], results: Mapping[str, Mapping[int, Sequence[float]]], title: str = "", place=None
):
    """Plot mean accuracy over training images a class, with error bars of one standard deviation over seeds.

    `results` maps the name of a line to {images a class: an accuracy for each seed}; counts may be missing while
    trainings go on. `place` is what an earlier call returned: redraw there.
    """
    made, axes = figure(height=4.2, title=title)
    axis, lines = axes[0, 0], []
    axis.set_xscale("log")
    for number, (name, by_count) in enumerate(results.items()):
        if by_count:
            x = np.array(sorted(by_count))
            means = [np.mean(by_count[count]) for count in x]
            errors = [np.std(by_count[count]) for count in x]
            beside = x * (1 + 0.03 * number)  # error bars at one x would hide each other
            axis.errorbar(beside, means, errors, capsize=4, markersize=7, label=name, **line_style(number))
            lines.append(
                f"{name}: " + ", ".join(f"{mean:.2f} at {count}" for count, mean in zip(x, means, strict=True))
            )
    axis.set_xlim(min(counts) / 1.2, max(counts) * 1.3)
    axis.set_xticks(list(counts), [str(count) for count in counts])
    axis.minorticks_off()
    axis.set(ylim=(0, 1.02), xlabel="training images of each class", ylabel="test accuracy")
    if lines:
        legend_beside(axis)
    alt = f"{title}. Accuracy over images a class, bars of one standard deviation over seeds. {'; '.join(lines)}."
    return show(made, alt, place)
