"""Week 3b: the checks of its exercises, and what this lesson alone needs."""

from collections import namedtuple
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
        self.right, self.values = [0.0], []

    def on_train_batch_end(self, batch, logs=None):
        """Note how much has been right since the epoch began, and in the last ten steps."""
        self.right.append(logs["accuracy"] * (batch + 1))
        steps = min(batch + 1, 10)
        self.values.append((self.right[-1] - self.right[-1 - steps]) / steps)


def side_by_side(count: int, width: int, classes: int):
    """`count` networks with one hidden layer of `width` units as one model; its logits are (n, count, classes)."""
    dense, normal = keras.layers.EinsumDense, keras.initializers.RandomNormal
    hidden = dense("bi,inh->bnh", (count, width), bias_axes="nh", activation="relu", kernel_initializer=normal(0, 0.05))
    last = dense("bnh,nho->bno", (count, classes), bias_axes="no", kernel_initializer=normal(0, width**-0.5))
    return keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), hidden, last])


def _update(weights, velocity, gradient, rate=0.01, momentum=0.9, decay=0.0005, *, uphill=1, shrink=1, scaled=True):
    """New weights and new velocity, by gradient descent with momentum and weight decay."""
    slope = shrink * decay * weights + uphill * gradient
    new = momentum * velocity - (rate * slope if scaled else rate * gradient + decay * weights)
    return weights + new, new


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
            {"uphill": -1, "shrink": shrink} for shrink in (1, -1)
        ],
        "the decay belongs to the slope: it has the sign of the gradient, and the rate scales it, too.": [
            {"shrink": -1},
            {"scaled": False},
            lambda w, v, g, r, m, d: (w + m * v - r * g + d * w, m * v - r * g + d * w),
            lambda w, v, g, r, m, d: (w - d * w + m * v - r * g, m * v - r * g),
        ],
        "momentum is the fraction of the old velocity that is kept, and it scales nothing else.": [
            lambda w, v, g, r, m, d: _update(w, v, g, r, 1 - m, d),
            lambda w, v, g, r, m, d: _update(w, v, g, (1 - m) * r, 1 - m, d),
            lambda w, v, g, r, m, d: _update(w, v, g, m * r, m, d),
            lambda w, v, g, r, m, d: _update(w, v, g, (1 - m) * r, m, d),
        ],
        "the rate scales the slope only, not the old velocity.": lambda w, v, g, r, m, d: _update(w, v, g, r, m * r, d),
        "add the new velocity to the weights: not the old one, not its negative, and not scaled again by the rate.": [
            lambda w, v, *more: (w + v, _update(w, v, *more)[1]),
            lambda w, v, *more: (_update(w, -v, *more)[0], -_update(w, -v, *more)[1]),
            lambda w, v, *more: (w - _update(w, v, *more)[1], _update(w, v, *more)[1]),
            lambda w, v, g, r, m, d: (w + r * (m * v - g - d * w), m * v - g - d * w),
        ],
    },
    results=("the new value of the weights", "the new velocity"),
    praise="this is AlexNet's update, and the networks below train with it.",
)


def _diagnose(train, validation, guessing, *, first="wrong rate", decides=0, **limits):
    """One of five diagnoses of a training, from its losses after each epoch."""
    rules = {
        "wrong rate": lambda t, v, g: t[-1] > 0.9 * g,
        "overfitting": lambda t, v, g: v[-1] - t[-1] > 0.3,
        "fine": lambda t, v, g: t[-1] < 0.4,
        "train longer": lambda t, v, g: t[-1] < 0.8 * t[-4],
        **{name.replace("_", " "): rule for name, rule in limits.items()},
    }
    fit = [name for name in sorted(rules, key=lambda name: name != first) if rules[name](train, validation, guessing)]
    return (fit or ["too little capacity"])[decides]


diagnose = Check(
    _diagnose,
    cases=[
        ([12.0, 1.0, 0.6, 0.35, 0.25, 0.23], [0.9, 0.6, 0.5, 0.4, 0.36, 0.34], 2.3),
        ([2.6, 4.0, 6.0, 8.0, 8.0], [3.0, 5.0, 7.0, 8.1, 8.1], 2.3),
        ([1.5, 1.1, 0.5, 0.2, 0.1], [1.4, 0.8, 0.35, 0.6, 0.9], 2.3),
        ([2.1, 1.8, 1.5, 1.2, 0.95], [1.0, 1.0, 1.0, 1.0, 1.0], 2.3),
        ([1.9, 1.35, 1.25, 1.22, 1.2, 1.2], [1.9, 1.4, 1.3, 1.26, 1.25, 1.25], 2.3),
        ([2.79, 2.66, 2.57, 2.5, 2.4], [3.5, 3.4, 3.3, 3.2, 3.2], 2.3),
        ([1.15, 1.11, 1.1, 1.09, 1.08], [1.12, 1.1, 1.1, 1.09, 1.09], 1.1),
        ([2.0, 1.6, 1.25, 0.95, 0.7], [2.6, 2.5, 2.4, 2.4, 2.4], 2.3),
        ([2.5, 2.2, 1.85, 1.5, 1.15], [1.5, 1.0, 0.6, 0.4, 0.3], 2.3),
        ([2.0, 1.2, 0.8, 0.65, 0.6], [2.0, 1.1, 0.8, 1.1, 1.5], 2.3),
    ],
    mistakes={
        "the first line that fits decides. In your answer a later line overrules an earlier one.": [
            *({"first": name} for name in ("overfitting", "fine", "train longer")),
            {"decides": -1},
        ],
        "look at line 1 again: a training loss above `guessing` is a wrong rate, too.": [
            {"wrong_rate": lambda t, v, g, near=near: abs(t[-1] - g) < near} for near in (0.1, 0.2)
        ],
        "look at line 1 again: is the last training loss near `guessing`, which depends on the number of classes?": [
            *({"wrong_rate": lambda t, v, g, limit=limit: t[-1] > limit} for limit in (0.9, 0.9 * 2.3)),
            *({"wrong_rate": lambda t, v, g, of=of: of(t) > 0.9 * g} for of in (max, np.mean)),
            {"wrong_rate": lambda t, v, g: v[-1] > 0.9 * g},
        ],
        "look at line 2 again: is the last validation loss far above the last training loss, as 0.9 above 0.1?": [
            *({"overfitting": lambda t, v, g, gap=gap: v[-1] - t[-1] > gap} for gap in (0.1, 1)),
            *({"overfitting": lambda t, v, g, ratio=ratio: v[-1] > ratio * t[-1]} for ratio in (1, 1.2, 1.4)),
            {"overfitting": lambda t, v, g: v[-1] - min(v) > 0.3},
            {"overfitting": lambda t, v, g: min(v) - t[-1] > 0.3},
            *({"overfitting": lambda t, v, g, of=of: of(t[-1] - v[-1]) > 0.3} for of in (abs, float)),
            *({"overfitting": lambda t, v, g, high=high: v[-1] > high} for high in (0.3, 0.5)),
        ],
        "look at line 3 again: a training loss of 0.23, as in F, is near 0. One of 0.95 is not.": [
            *({"fine": lambda t, v, g, limit=limit: t[-1] < limit} for limit in (0.1, 0.2, 1)),
            {"fine": lambda t, v, g: v[-1] < 0.4},
        ],
        "look at line 4 again: how much lower is the last training loss than the one of three epochs before?": [
            {"train_longer": lambda t, v, g: t[-1] < 0.8 * t[0]},
            {"train_longer": lambda t, v, g: v[-1] < 0.8 * v[-4]},
            {"train_longer": lambda t, v, g: t[-1] < t[-4]},
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
        if np.ptp(masks) == 0:
            raise Remark("all entries of your mask are the same. Is the comparison in brackets, before the factor?")
        if np.array_equal(*masks) or not np.array_equal(*again):
            raise Remark("the random numbers should come from the generator `rng`, and from nowhere else.")
        if np.ptp(masks[0], axis=0).max() == 0 or np.ptp(masks[0], axis=1).max() == 0:
            raise Remark("whole rows or columns are dropped together. Each entry needs a random number of its own.")
        if len(np.unique(masks)) > 2:
            raise Remark("an entry should be 0 or the factor, and the factor should depend on the rate alone.")
        zeros, mean = np.mean(masks[0] == 0), np.mean(masks[0])
        return namedtuple("Mask", "zeros mean")(round(float(zeros), 2), round(float(mean), 2))

    return measure


dropout_mask = Check(
    _dropout_mask,
    cases=[((400, 300), 0.5, np.random.default_rng(1)), ((500, 200), 0.2, np.random.default_rng(2))],
    mistakes={
        "the kept entries are 1. They must be larger, or the mean of the units shrinks.": {"factor": lambda rate: 1.0},
        "the factor does not keep the mean. At rate 0.2, 8 of 10 ones are kept, and the sum should still be 10.": [
            {"factor": factor} for factor in (lambda r: 1 / r, lambda r: 1 - r, lambda r: 1 + r, lambda r: 2.0)
        ],
        "the rate is the fraction that is dropped. You keep that fraction.": [
            {"dropped": lambda r: 1 - r, "factor": factor} for factor in (lambda r: 1 / (1 - r), lambda r: 1 / r)
        ],
    },
    results=("the fraction of zeros", "the mean of the mask"),
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


def _with_short_lists(answer):
    def call(accuracies, patience):
        try:
            return answer(accuracies, patience)
        except (ValueError, IndexError) as error:
            short = Remark("with `patience` values or fewer, nothing is left before them: no plateau yet.")
            raise (short if len(accuracies) <= patience else error) from None

    return call


reached_plateau = Check(
    _reached_plateau,
    cases=[
        ([0.5, 0.7, 0.8, 0.79, 0.8, 0.78], 3),
        ([0.5, 0.7, 0.8, 0.79, 0.8, 0.81], 3),
        ([0.5, 0.9, 0.8, 0.81, 0.82, 0.83], 3),
        ([0.9, 0.8], 2),
        ([0.9, 0.8, 0.7], 2),
        ([0.6, 0.8, 0.79, 0.82, 0.78], 3),
        ([0.5, 0.6, 0.7, 0.8, 0.75], 1),
        ([0.5, 0.8, 0.803], 1),
    ],
    mistakes={
        "split the list in two: the last `patience` values, and all the values before them. Compare the two best.": [
            {"compare": lambda before: before[-1]},
            lambda a, patience: len(a) > patience and max(np.diff(a)[-patience:]) <= 0,
            lambda a, patience: len(a) > patience and max(a[-patience:]) <= max(a[:patience]),
            lambda a, patience: len(a) > patience and a[-1] <= a[-2],
            lambda a, patience: len(a) > patience,  # compared with all values
        ],
        "you answer True for progress.": lambda a, n: len(a) > n and max(a[-n:]) > max(a[:-n]),
        "an accuracy that only equals the best is no progress.": {"ties": True},
        "one higher accuracy among the last ones is enough for progress: all of them count.": [
            {"late": late} for late in (lambda last: last[-1], min)
        ],
    },
    praise="Keras' ReduceLROnPlateau is similar.",
    view=_with_short_lists,
)
