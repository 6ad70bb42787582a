"""Trainings that one can watch. Importing this module loads Keras."""

import time
from collections.abc import Sequence

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
