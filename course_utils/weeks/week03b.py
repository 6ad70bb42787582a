"""Week 3b: the checks of its exercises, and what this lesson alone needs."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from .. import runtime
from ..data import record
from ..judge import Check
from ..plots.look import figure, line_style, show

keras = runtime.quiet_keras()

# Data, training and pictures --------------------------------------------------------------------------------------


def sample(part: record.Part, count: int) -> record.Part:
    """At most `count` images of a part in random order, grey, 28x28, with their labels."""
    order = np.random.default_rng(0).permutation(len(part.labels))[:count]
    images, labels = part.grey(28)
    return record.Part(images[order], labels[order])


class Optimizer(keras.optimizers.Optimizer):
    """Calls `update(weights, velocity, gradient, rate, momentum, decay)` for each array of weights."""

    def __init__(self, update: Callable, rate: float, momentum: float, decay: float):
        super().__init__(learning_rate=rate)
        self.update, self.momentum, self.decay = update, momentum, decay

    def build(self, variables):
        """Make a velocity for each array of weights, 0 at first."""
        super().build(variables)
        self.velocities = [self.add_variable_from_reference(one, name="velocity") for one in variables]

    def update_step(self, gradient, variable, learning_rate):
        """Change one array of weights and its velocity."""
        velocity = self.velocities[self._get_variable_index(variable)]
        now = keras.ops.convert_to_tensor(variable), keras.ops.convert_to_tensor(velocity)
        weights, speed = self.update(*now, gradient, learning_rate, self.momentum, self.decay)
        self.assign(variable, weights)
        self.assign(velocity, speed)


class BatchAccuracy(keras.callbacks.Callback):
    """Keeps the training accuracy of each step, as the mean of up to ten steps, in `values`."""

    def on_train_begin(self, logs=None):
        """Forget an earlier training."""
        self.right = [0.0]

    def on_train_batch_end(self, batch, logs=None):
        """Note how much has been right since the epoch began."""
        self.right.append(logs["accuracy"] * (batch + 1))

    @property
    def values(self) -> np.ndarray:
        """The accuracies, (steps,)."""
        steps = np.arange(1, len(self.right))
        first = np.maximum(steps - 10, 0)
        return (np.array(self.right)[steps] - np.array(self.right)[first]) / (steps - first)


def side_by_side(count: int, width: int, classes: int):
    """`count` networks with one hidden layer of `width` units as one model; its logits are (n, count, classes)."""
    layers, normal = keras.layers, keras.initializers.RandomNormal
    hidden = layers.EinsumDense(
        "bi,inh->bnh", (count, width), bias_axes="nh", activation="relu", kernel_initializer=normal(stddev=0.05)
    )
    logits = layers.EinsumDense(
        "bnh,nho->bno", (count, classes), bias_axes="no", kernel_initializer=normal(stddev=width**-0.5)
    )
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), hidden, logits])


def learning_curves(runs: Mapping[str, tuple[Sequence[float], Sequence[float]]], guessing: float, title: str) -> None:
    """Show training and validation losses of several runs, a small picture for each, and the loss of guessing."""
    made, axes = figure(2, -(-len(runs) // 2), 5.6, title, sharey=True)
    described, labels = [], ("training (mean of the epoch)", "validation (at its end)")
    for number, (axis, (name, losses)) in enumerate(zip(axes.flat, runs.items(), strict=False)):
        for line, (label, values) in enumerate(zip(labels, losses, strict=True)):
            axis.plot(range(1, len(values) + 1), values, label=label, markersize=5, **line_style(line))
        axis.axhline(guessing, color="black", linestyle=":", label="guessing")
        axis.set_title(name)
        axis.set(ylim=(0, 3), xlabel="epoch", ylabel="" if number % axes.shape[1] else "loss")
        axis.locator_params(axis="x", integer=True, nbins=6)
        described.append(f"{name}: training from {losses[0][0]:.2g} to {losses[0][-1]:.2g}")
        described[-1] += f", validation from {losses[1][0]:.2g} to {losses[1][-1]:.2g}"
    made.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    show(made, f"{title}. Losses over epochs; guessing: {guessing:.2g}. {'; '.join(described)}.")


# Checks -----------------------------------------------------------------------------------------------------------


def _update(
    weights, velocity, gradient, rate=0.01, momentum=0.9, decay=0.0005, *, uphill=1, shrink=1, moved="new", scaled=True
):
    """New weights and new velocity, by gradient descent with momentum and weight decay."""
    slope = shrink * decay * weights + uphill * gradient
    new = momentum * velocity - (rate * slope if scaled else rate * gradient + decay * weights)
    return weights + (new if moved == "new" else velocity), new


def _speed(velocity, gradient, rate, momentum, decay, weights, factor=None):
    """A velocity that is subtracted, with the rate or another factor of the gradient in it."""
    return momentum * velocity + (factor or rate) * (decay * weights + gradient)


_WEIGHTS = np.array([[5.0, -2.0, 0.5], [1.0, -0.5, 3.0]])
update = Check(
    _update,
    cases=[
        (5.0, 0.0, 10.0, 0.01, 0.9, 0.0005),
        (5.0, -0.1, 10.0, 0.1, 0.9, 0.02),
        (_WEIGHTS, 0.3 * _WEIGHTS[::-1], _WEIGHTS**2, 0.2, 0.5, 0.1),
    ],
    mistakes={
        "this climbs: the gradient points uphill, so the velocity should go against it.": {"uphill": -1},
        "the decay makes weights grow. It should pull them towards 0, so it has the sign of the gradient.": {
            "shrink": -1
        },
        "the weights move by the old velocity. They should move by the new one.": {"moved": "old"},
        "the rate scales the gradient only. It should scale the decay term, too.": {"scaled": False},
        "your velocity has another sign or scale. It should be what is added to the weights, rate and sign included.": [
            lambda weights, *given: (weights - _speed(*given, weights), _speed(*given, weights)),
            lambda weights, *given: (weights - given[2] * _speed(*given, weights, 1), _speed(*given, weights, 1)),
        ],
        "the second result should be the new velocity, and the first the new weights.": [
            lambda *given: _update(*given)[::-1],
            lambda weights, *given: (_update(weights, *given)[0], weights + 0.0),
        ],
    },
    results=("the new weights", "the new velocity"),
    praise="this is AlexNet's update, and the networks below train with it.",
)


def _falls(train, _, *, start=-4):
    return train[-1] < 0.7 * train[start]


def _diagnose(train, validation, guessing, *, first="rate", falls=_falls, gap="minus"):
    """One of five diagnoses of a training, from its losses after each epoch."""
    last, late = train[-1], validation[-1]
    gap = {"minus": late - last, "ratio": late / last - 1, "either way": abs(late - last)}[gap]
    answers = [
        ("rate", not last < 0.9 * guessing, "rate too high"),
        ("gap", gap > 0.3, "overfitting"),
        ("fine", last < 0.3, "fine"),
        ("longer", falls(train, validation), "train longer"),
    ]
    answers = answers[::-1] if first == "last" else sorted(answers, key=lambda answer: answer[0] != first)
    return next((answer for _, true, answer in answers if true), "too little capacity")


_DOWN = [2.0, 1.5, 1.2, 1.0, 0.8, 0.65, 0.5, 0.4]
diagnose = Check(
    _diagnose,
    cases=[
        ([1.5, 0.7, 0.4, 0.2, 0.15, 0.1], [1.2, 0.7, 0.5, 0.35, 0.3, 0.28], 2.3),
        ([30.0, 2.4, 2.31, 2.32, 2.31], [2.5, 2.33, 2.31, 2.33, 2.32], 2.3),
        ([1.5, 1.1, 0.5, 0.2, 0.1], [1.4, 1.2, 1.0, 0.9, 0.95], 2.3),
        ([1.9, 1.5, 1.3, 1.2, 1.18, 1.17, 1.16], [1.9, 1.6, 1.35, 1.25, 1.2, 1.2, 1.19], 2.3),
        (_DOWN, [2.0, 1.5, 1.2, 1.0, 0.9, 0.75, 0.6, 0.5], 2.3),
        ([0.9, 0.6, 0.4, 0.35, 0.34, 0.335], [1.0, 0.8, 0.7, 0.7, 0.72, 0.75], 2.3),
        ([1.2, 0.9, 0.65, 0.6, 0.59, 0.58], [1.2, 0.95, 0.7, 0.68, 0.65, 0.64], 0.69),
        ([2.0, 1.0, 0.4, 0.28, 0.25, 0.24], [2.0, 1.0, 0.5, 0.3, 0.28, 0.27], 2.3),
        ([1.9, 1.3, 1.15, 1.12, 1.1], [1.6, 1.35, 1.2, 1.1, 1.08], 2.3),
        ([3.0, 2.6, 2.4, 2.3, 2.2], [3.2, 2.9, 2.8, 2.7, 2.6], 2.3),
        ([1.9, 1.2, 0.9, 0.7, 0.55], [1.9, 1.4, 1.2, 1.1, 1.0], 2.3),
        ([1.9, 1.2, 0.9, 0.85, 0.8], [1.9, 1.2, 0.95, 0.9, 0.85], 2.3),
        ([0.72, 0.69, 0.66, 0.65, 0.65], [0.7, 0.69, 0.67, 0.66, 0.66], 0.69),
        ([2.0, 1.6, 1.2, 0.9, 0.7], [1.3, 1.0, 0.7, 0.5, 0.35], 2.3),
        ([1.6, 1.2, 1.05, 0.98, 0.83], [1.4, 1.1, 1.0, 0.95, 0.9], 2.3),
        ([1.3, 1.0, 0.8, 0.7, 0.65], [1.5, 1.3, 1.1, 1.0, 0.92], 2.3),
    ],
    mistakes={
        "the order of the questions counts: the first yes decides. You ask a later one before an earlier one.": [
            {"first": first} for first in ("fine", "longer", "gap", "last")
        ],
        "the gap is a difference: validation loss minus training loss. Yours divides.": {"gap": "ratio"},
        "a validation loss far below the training loss is no overfitting.": {"gap": "either way"},
        "the fourth question needs the last training loss and the one three epochs before, and 0.7 times the latter.": [
            *({"falls": partial(_falls, start=start)} for start in (-2, -3, -5, 0)),
            {"falls": lambda _, validation: _falls(validation, _)},
            {"falls": lambda train, _: train[-1] < train[-4] - 0.7},
        ],
        "training and validation loss have changed places in the gap.": (
            lambda train, validation, guessing: _diagnose(validation, train, guessing)
        ),
        "the loss of guessing depends on the classes. You use a fixed one.": (
            lambda train, validation, guessing: _diagnose(train, validation, np.log(10))
        ),
    },
    praise="now a curve leads to an action.",
)


def _dropout_mask(shape, rate, rng, *, factor=lambda rate: 1 / (1 - rate), dropped=lambda rate: rate):
    """Random array of `shape`: 0 where a unit is dropped, and otherwise the factor that keeps the mean."""
    return (rng.random(shape) >= dropped(rate)) * factor(rate)


def _measured(answer):
    """Random numbers cannot be compared: name what is wrong with the mask, or else measure it."""

    def measure(shape, rate, rng):
        masks = [np.asarray(answer(shape, rate, rng), float) for _ in range(2)]
        again = [np.asarray(answer(shape, rate, np.random.default_rng(0)), float) for _ in range(2)]
        if masks[0].shape != tuple(shape):
            return "another shape"
        kept = masks[0][masks[0] != 0]
        if np.array_equal(*masks) or not np.array_equal(*again):
            return "random numbers from elsewhere"
        if len(shape) > 1 and (np.ptp(masks[0], axis=0).max() == 0 or np.ptp(masks[0], axis=1).max() == 0):
            return "shared"
        largest = kept.max() if len(kept) else 0.0
        return round((masks[0] == 0).mean(), 2), round(float(largest), 4), round(float(np.ptp(kept)), 4)

    return measure


dropout_mask = Check(
    _dropout_mask,
    cases=[((400, 300), 0.5, np.random.default_rng(1)), ((500, 200), 0.2, np.random.default_rng(2))],
    mistakes={
        "the kept entries are 1. They must be larger, or the mean of the units shrinks.": {"factor": lambda rate: 1.0},
        "the factor does not keep the mean. At rate 0.2, 8 of 10 ones are kept, and the sum should still be 10.": [
            {"factor": factor} for factor in (lambda rate: 1 - rate, lambda rate: 1 / rate, lambda rate: 2.0)
        ],
        "the rate is the fraction that is dropped. You keep that fraction.": [
            {"dropped": lambda rate: 1 - rate},
            {"dropped": lambda rate: 1 - rate, "factor": lambda rate: 1 / rate},
        ],
        "the random numbers should come from the generator that was given. Yours come from elsewhere.": [
            lambda shape, rate, rng: _dropout_mask(shape, rate, np.random.default_rng(0)),
            lambda shape, rate, rng: _dropout_mask(shape, rate, np.random.default_rng()),
        ],
        "the kept entries differ: each should be the factor alone, not a random number.": (
            lambda shape, rate, rng: (kept := rng.random(shape)) * (kept > rate) / (1 - rate)
        ),
        "whole rows or columns are dropped together. Each entry should have a random number of its own.": [
            lambda shape, rate, rng: _dropout_mask(shape[1:], rate, rng) + np.zeros(shape),
            lambda shape, rate, rng: _dropout_mask((shape[0], 1), rate, rng) + np.zeros(shape),
        ],
    },
    results=("the fraction of zeros", "the largest entry", "how much the kept entries differ"),
    praise="the mean of the units stays the same, so nothing needs to change at test time.",
    tolerance=0.011,
    view=_measured,
)


def _reached_plateau(accuracies, patience, *, compare="before", ties=False, extra=0, beaten="best"):
    """Whether none of the last `patience` accuracies is higher than the best before them."""
    recent = patience + extra
    if len(accuracies) <= recent:
        return False
    late, early = accuracies[-recent:], accuracies[:-recent]
    reference = {"before": max(early), "first": early[-1], "start": early[0]}[compare]
    best = {"best": max(late), "worst": min(late), "last": late[-1]}[beaten]
    return bool(best < reference if ties else best <= reference)


reached_plateau = Check(
    _reached_plateau,
    cases=[
        ([0.5, 0.7, 0.8, 0.79, 0.8, 0.78], 3),
        ([0.5, 0.7, 0.8, 0.79, 0.8, 0.81], 3),
        ([0.5, 0.9, 0.8, 0.81, 0.82, 0.83], 3),
        ([0.9, 0.8], 2),
        ([0.9, 0.8, 0.7], 2),
        ([0.6, 0.7, 0.8, 0.9, 0.85], 2),
        ([0.6, 0.8, 0.79, 0.81], 2),
        ([0.4], 1),
        ([0.5, 0.6, 0.59, 0.58, 0.57], 4),
        ([0.5, 0.6, 0.55, 0.54], 2),
        ([0.6, 0.8, 0.79, 0.82, 0.78], 3),
    ],
    mistakes={
        "you compare with a single other epoch. Compare with the best of all epochs before the last ones.": [
            {"compare": "first"},
            {"compare": "start"},
            lambda accuracies, patience: len(accuracies) > patience and max(np.diff(accuracies)[-patience:]) <= 0,
        ],
        "an accuracy that only equals the best is no progress.": {"ties": True},
        "you look at one epoch more or fewer than patience says.": [{"extra": 1}, {"extra": -1}],
        "one bad epoch is not a plateau: all of the last ones must fail to beat the best.": {"beaten": "worst"},
        "you look only at the last accuracy. None of the last ones may be higher than the best before them.": [
            {"beaten": "last"},
            lambda accuracies, patience: len(accuracies) > patience and accuracies[-1] <= max(accuracies[:-1]),
        ],
        "true and false have changed places.": lambda accuracies, patience: not _reached_plateau(accuracies, patience),
    },
    praise="Keras' ReduceLROnPlateau is similar.",
)
