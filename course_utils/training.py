"""Trainings that one can watch. Importing this module loads Keras."""

import time
from collections.abc import Callable, Sequence

import numpy as np

from . import plots, runtime

keras = runtime.quiet_keras()


def rewind(model, weights: Sequence[np.ndarray]) -> None:
    """Give a compiled model other weights, and let its optimizer forget what it has done.

    Compiling a new model for each of many short trainings would take longer than the trainings.

    Parameters
    ----------
    model : keras.Model
    weights : sequence of array
        As `model.get_weights` gives them.
    """
    model.set_weights(weights)
    rate = getattr(model.optimizer, "_learning_rate", None)  # a variable too, but a setting and not a memory
    for variable in model.optimizer.variables:
        if variable is not rate:
            variable.assign(keras.ops.zeros_like(variable))


def assert_trains(step: Callable[[], object], moves, keeps=()) -> None:
    """Do one step of a training, and raise AssertionError unless it moves what it should and keeps the rest.

    What is compared are the weights themselves, all that a gradient could move, whatever `trainable` says of them:
    a network that was frozen by mistake trains without an error, and stays as it was. Moving statistics, as those of
    BatchNormalization, and seeds do not count.

    Parameters
    ----------
    step : function
        Without arguments. It is called once, and what it did is not undone.
    moves, keeps : keras.Model, keras.Variable, or a sequence of them
        What must change, a model in at least one of its weights; and what must stay exactly as it is.

    Examples
    --------
    >>> import numpy as np
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)], name="line")
    >>> model.compile("sgd", "mse")
    >>> assert_trains(lambda: model.train_on_batch(np.ones((4, 2)), np.ones((4, 1))), moves=model)
    >>> assert_trains(lambda: None, moves=model)
    Traceback (most recent call last):
    ...
    AssertionError: line did not move: the largest change in its 2 weights is 0.
    """
    if not callable(step):
        raise TypeError(f"step: expected a function without arguments, got {type(step).__name__}")
    moves, keeps = _watched("moves", moves), _watched("keeps", keeps)
    if not moves and not keeps:
        raise ValueError("moves: expected a model that the step should move, got none")
    moving = {id(weight) for one in moves for weight in _movable(one)}
    for one in keeps:
        if not moving.isdisjoint(map(id, _movable(one))):
            raise ValueError(f"keeps: expected no weight that is in moves too, got {_name(one)}")
    before = [[keras.ops.convert_to_numpy(weight).copy() for weight in _movable(one)] for one in moves + keeps]
    step()
    told = []
    for i, (one, weights) in enumerate(zip(moves + keeps, before, strict=True)):
        told.append(_what_is_wrong(one, weights, should_move=i < len(moves)))
    if any(told):
        raise AssertionError(" ".join(filter(None, told)))


def _watched(name: str, given) -> list:
    """Return what is to be watched as a list."""
    given = list(given) if isinstance(given, list | tuple) else [given]
    for one in given:
        if not isinstance(one, keras.Layer | keras.Variable):
            raise TypeError(f"{name}: expected models, or variables of models, got {type(one).__name__}")
        if isinstance(one, keras.Layer) and not one.built:
            raise ValueError(f"{name}: expected a model that is built, got {one.name}, which has no weights yet")
    return given


def _name(one) -> str:
    return one.name if isinstance(one, keras.Layer) else one.path


def _movable(one) -> list:
    """Return the weights that a gradient could move, frozen or not."""
    if not isinstance(one, keras.Layer):
        return [one]
    # `trainable_weights` forgets frozen ones, so what never was trainable is taken away from all.
    fixed = {id(weight) for layer in one._flatten_layers() for weight in layer._non_trainable_variables}
    return [weight for weight in one.weights if id(weight) not in fixed]


def _what_is_wrong(one, before: Sequence[np.ndarray], should_move: bool) -> str:
    name, weights = _name(one), _movable(one)
    after = [keras.ops.convert_to_numpy(weight) for weight in weights]
    if not all(np.isfinite(weight).all() for weight in after):
        return f"{name} has weights that are not finite after the step."
    changes = [float(np.abs(new - old).max(initial=0)) for new, old in zip(after, before, strict=True)]
    largest = max(changes, default=0.0)
    if largest and not should_move:
        which = weights[changes.index(largest)].path
        return f"{name} moved, and should not: {which} changed by up to {largest:.3g}."
    if largest or not should_move:
        return ""
    if isinstance(one, keras.Layer) and not one.trainable_weights:
        return f"{name} has no trainable weights: was trainable set to False? Nothing in it moved."
    many = f"its {len(weights)} weights" if isinstance(one, keras.Layer) else "it"
    return f"{name} did not move: the largest change in {many} is 0."


class RiseAndFall(keras.callbacks.Callback):
    """Let the learning rate rise for a tenth of the steps, as the first ones are taken blindly, and then fall to zero.

    Parameters
    ----------
    highest : float
        The rate after the tenth of the steps.
    """

    def __init__(self, highest: float):
        super().__init__()
        self.highest = highest

    def on_train_begin(self, logs=None):
        """Begin anew."""
        self.step, self.total = 0, self.params["steps"] * self.params["epochs"]

    def on_train_batch_begin(self, batch, logs=None):
        """Set the rate of this step."""
        self.step += 1
        done = self.step / (self.total + 1)
        self.model.optimizer.learning_rate = self.highest * min(10 * done, (1 - done) / 0.9)


class LiveCurve(keras.callbacks.Callback):
    """Draw loss and accuracy while a model trains, in one picture that is renewed in place.

    Parameters
    ----------
    title : str
        What to see, in the finished picture.
    every : int
        Steps from one point of the curve to the next; each is the mean over these steps.
    seconds : float
        Time from one renewal to the next.
    """

    def __init__(self, title: str = "", every: int = 10, seconds: float = 2.0):
        super().__init__()
        self.title, self.every, self.seconds = title, every, seconds

    def on_train_begin(self, logs=None):
        """Show empty axes, so that the reader sees at once that something happens."""
        self.total = (self.params["steps"] or 0) * self.params["epochs"]
        self.step, self.steps, self.history, self.sums = 0, [], {}, {}
        self.began = self.shown = time.monotonic()
        self.place = plots.training({}, [], self.total, "Training begins ...")

    def on_train_batch_end(self, batch, logs=None):
        """Note the step's figures; now and then, draw."""
        # Keras gives means since the epoch's begin; undo that, so that each point tells of its own steps.
        for name, mean in logs.items():
            total = mean * (batch + 1)
            self.sums.setdefault(name, []).append(total - (self.previous[name] if batch else 0.0))
            self.previous = {**getattr(self, "previous", {}), name: total}
        self.step += 1
        if self.step % self.every == 0:
            self.steps.append(self.step)
            for name, values in self.sums.items():
                self.history.setdefault(name, []).append(sum(values) / len(values))
            self.sums = {}
        now = time.monotonic()
        if self.steps and now - self.shown > self.seconds:
            left = (now - self.began) * (self.total / self.step - 1)
            self._draw(f"Step {self.step} of {self.total}, about {left:.0f} s left")
            self.shown = now

    def on_train_end(self, logs=None):
        """Draw the whole curve under its title."""
        self._draw(self.title)

    def _draw(self, title: str) -> None:
        plots.training(self.history, self.steps, self.total, title, self.place)
