"""Week 3b: the checks of its exercises, and what this lesson alone needs."""

from collections.abc import Callable

import numpy as np

from .. import runtime
from ..judge import Check, Remark

keras = runtime.quiet_keras()


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


def _update(weights, velocity, gradient, rate=0.01, momentum=0.9, decay=0.0005, *, uphill=1, shrink=1, scaled=True):
    """New weights and new velocity, by gradient descent with momentum and weight decay."""
    slope = shrink * decay * weights + uphill * gradient
    new = momentum * velocity - (rate * slope if scaled else rate * gradient + decay * weights)
    return weights + new, new


def _subtracted(weights, velocity, *given):
    """A mistake: a velocity that is subtracted."""
    new_weights, new = _update(weights, -velocity, *given)
    return new_weights, -new


_WEIGHTS = np.array([[5.0, -2.0, 0.5], [1.0, -0.5, 3.0]])
update = Check(
    _update,
    cases=[
        (5.0, 0.0, 10.0, 0.01, 0.9, 0.0005),
        (5.0, -0.1, 10.0, 0.1, 0.9, 0.02),
        (_WEIGHTS, 0.3 * _WEIGHTS[::-1], _WEIGHTS**2, 0.2, 0.5, 0.1),
    ],
    mistakes={
        "this climbs: the gradient points uphill, so the velocity should go against it.": [
            {"uphill": -1},
            {"uphill": -1, "shrink": -1},
        ],
        "the decay makes weights grow. It should pull them towards 0, so it has the sign of the gradient.": [
            {"shrink": -1},
            lambda w, v, g, r, m, d: (w + m * v - r * g + d * w, m * v - r * g + d * w),
        ],
        "the rate scales the gradient only. It should scale the decay term, too.": {"scaled": False},
        "your velocity has the other sign. It should be what is added to the weights.": _subtracted,
    },
    results=("the new weights", "the new velocity"),
    praise="this is AlexNet's update, and the networks below train with it.",
)


def _diagnose(train, validation, guessing, *, first="rate", decides=0, start=-4, gap=lambda t, v: v[-1] - t[-1]):
    """One of five diagnoses of a training, from its losses after each epoch."""
    last = train[-1]
    answers = [
        ("rate", not last < 0.9 * guessing, "rate too high"),
        ("gap", gap(train, validation) > 0.3, "overfitting"),
        ("fine", last < 0.3, "fine"),
        ("longer", last < 0.7 * train[start], "train longer"),
    ]
    answers = sorted(answers, key=lambda answer: answer[0] != first)
    return ([answer for _, true, answer in answers if true] or ["too little capacity"])[decides]


_DOWN = [2.0, 1.5, 1.2, 1.0, 0.8, 0.65, 0.5, 0.4]
diagnose = Check(
    _diagnose,
    cases=[
        ([1.5, 0.7, 0.4, 0.2, 0.15, 0.1], [1.2, 0.7, 0.5, 0.4, 0.37, 0.35], 2.3),
        ([30.0, 2.4, 2.31, 2.32, 2.31], [2.5, 2.33, 2.31, 2.33, 2.32], 2.3),
        ([1.5, 1.1, 0.5, 0.2, 0.1], [1.4, 0.8, 0.35, 0.5, 0.6], 2.3),
        ([2.0, 1.2, 0.8, 0.6, 0.5], [2.0, 1.1, 0.75, 0.9, 1.0], 2.3),
        ([2.0, 0.9, 0.3, 0.5, 0.65], [2.0, 1.0, 0.6, 0.7, 0.7], 2.3),
        (_DOWN, [2.0, 1.5, 1.2, 1.0, 0.9, 0.75, 0.6, 0.5], 2.3),
        ([1.2, 0.9, 0.65, 0.6, 0.59, 0.58], [1.2, 0.95, 0.7, 0.68, 0.65, 0.64], 0.69),
        ([2.0, 1.0, 0.4, 0.28, 0.25, 0.24], [2.0, 1.0, 0.5, 0.3, 0.28, 0.27], 2.3),
        ([3.0, 2.6, 2.4, 2.3, 2.2], [3.2, 2.9, 2.8, 2.7, 2.6], 2.3),
        ([1.9, 1.2, 0.9, 0.85, 0.8], [1.9, 1.2, 0.95, 0.9, 0.85], 2.3),
        ([0.72, 0.69, 0.66, 0.65, 0.65], [0.7, 0.69, 0.67, 0.66, 0.66], 0.69),
        ([2.0, 1.6, 1.2, 0.9, 0.7], [1.3, 1.0, 0.7, 0.5, 0.35], 2.3),
    ],
    mistakes={
        "the first yes decides. In your answer a later question overrules an earlier one.": [
            {"first": "fine"},
            {"first": "gap"},
            {"decides": -1},
        ],
        "the fourth question needs the last training loss and the one three epochs before, and 0.7 times the latter.": [
            {"start": -3},
            {"start": -2},
            {"start": -5},
            {"start": 0},
        ],
        "the second question compares the last validation loss with the last training loss.": [
            {"gap": lambda train, validation: validation[-1] - min(validation)},
            {"gap": lambda train, validation: validation[-1] - min(train)},
            {"gap": lambda train, validation: min(validation) - train[-1]},
            {"gap": lambda train, validation: train[-1] - validation[-1]},
        ],
    },
    praise="now a curve leads to an action.",
)


def _dropout_mask(shape, rate, rng, *, factor=lambda rate: 1 / (1 - rate), dropped=lambda rate: rate):
    """Random array of `shape`: 0 where a unit is dropped, and otherwise the factor that keeps the mean."""
    return (rng.random(shape) >= dropped(rate)) * factor(rate)


def _measured(answer):
    """Random numbers cannot be compared: measure the mask. An error says where they do not come from `rng` alone."""

    def measure(shape, rate, rng):
        masks = [np.asarray(answer(shape, rate, rng), float) for _ in range(2)]
        again = [np.asarray(answer(shape, rate, np.random.default_rng(0)), float) for _ in range(2)]
        if masks[0].shape != tuple(shape):
            raise Remark(f"the mask should be an array of shape {shape}; yours has the shape {masks[0].shape}.")
        if np.array_equal(*masks) or not np.array_equal(*again):
            raise Remark("the random numbers should come from the generator `rng`, and from nowhere else.")
        if np.ptp(masks[0], axis=0).max() == 0 or np.ptp(masks[0], axis=1).max() == 0:
            raise Remark("whole rows or columns are dropped together. Each entry needs a random number of its own.")
        if len(np.unique(masks)) > 2:
            raise Remark("an entry should be 0 or the factor, and the factor should depend on the rate alone.")
        kept = masks[0][masks[0] != 0]
        largest = kept.max() if len(kept) else 0.0
        return round((masks[0] == 0).mean(), 2), round(float(largest), 4)

    return measure


dropout_mask = Check(
    _dropout_mask,
    cases=[((400, 300), 0.5, np.random.default_rng(1)), ((500, 200), 0.2, np.random.default_rng(2))],
    mistakes={
        "the kept entries are 1. They must be larger, or the mean of the units shrinks.": {"factor": lambda rate: 1.0},
        "the factor does not keep the mean. At rate 0.2, 8 of 10 ones are kept, and the sum should still be 10.": [
            {"factor": lambda rate: 1 / rate},
            {"factor": lambda rate: 1 - rate},
            {"factor": lambda rate: 2.0},
        ],
        "the rate is the fraction that is dropped. You keep that fraction.": [
            {"dropped": lambda rate: 1 - rate},
            {"dropped": lambda rate: 1 - rate, "factor": lambda rate: 1 / rate},
        ],
    },
    results=("the fraction of zeros", "the factor"),
    praise="the mean of the units stays the same, so nothing needs to change at test time.",
    tolerance=0.011,
    view=_measured,
)


def _reached_plateau(accuracies, patience, *, compare=max, ties=False, late=max):
    """Whether none of the last `patience` accuracies is higher than the best before them."""
    if len(accuracies) <= patience:
        return False
    best, before = late(accuracies[-patience:]), compare(accuracies[:-patience])
    return bool(best < before if ties else best <= before)


reached_plateau = Check(
    _reached_plateau,
    cases=[
        ([0.5, 0.7, 0.8, 0.79, 0.8, 0.78], 3),
        ([0.5, 0.7, 0.8, 0.79, 0.8, 0.81], 3),
        ([0.5, 0.9, 0.8, 0.81, 0.82, 0.83], 3),
        ([0.9, 0.8], 2),
        ([0.9, 0.8, 0.7], 2),
        ([0.4], 1),
        ([0.5, 0.6, 0.55, 0.54], 2),
        ([0.6, 0.8, 0.79, 0.82, 0.78], 3),
        ([0.5, 0.6, 0.7, 0.8, 0.75], 1),
        ([0.5, 0.8, 0.803], 1),
    ],
    mistakes={
        "split the list in two: the last `patience` values, and all the values before them. Compare the two best.": [
            {"compare": lambda before: before[-1]},
            lambda accuracies, patience: len(accuracies) > patience and max(np.diff(accuracies)[-patience:]) <= 0,
            lambda a, patience: len(a) > patience and max(a[-patience:]) <= max(a[:patience]),
            lambda a, patience: len(a) > patience and max(a[patience:]) <= max(a[:patience]),
        ],
        "an accuracy that only equals the best is no progress.": {"ties": True},
        "one higher accuracy among the last ones is enough for progress: all of them count.": [
            {"late": lambda last: last[-1]},
            {"late": min},
        ],
    },
    praise="Keras' ReduceLROnPlateau is similar.",
)
