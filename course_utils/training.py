"""What helps to train a model, and to watch it. Importing this module loads Keras."""

import time
from collections.abc import Sequence

import numpy as np

from . import plots, runtime

keras = runtime.quiet_keras()


def reset_to(model, weights: Sequence[np.ndarray]) -> None:
    """Set the weights of a compiled model and clear its optimizer, so that several runs start equal.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> model.compile("adam", "mse")
    >>> start = model.get_weights()
    >>> loss = model.train_on_batch(np.ones((4, 2)), np.ones((4, 1)))
    >>> reset_to(model, start)
    >>> int(model.optimizer.iterations)
    0
    """
    model.set_weights(weights)
    rate = model.optimizer.learning_rate  # a variable too, but a setting and not a memory
    for variable in model.optimizer.variables:
        if variable is not rate:
            variable.assign(keras.ops.zeros_like(variable))


def recoloured(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Exchange the colour channels of all images in one random way, and invert them half of the time."""
    images = images[..., rng.permutation(3)]
    return 1 - images if rng.random() < 0.5 else images


class WarmupThenDecay(keras.callbacks.Callback):
    """Let the learning rate rise to `highest` for a tenth of the steps, and then fall to zero."""

    def __init__(self, highest: float):
        super().__init__()
        self.highest = highest

    def on_train_begin(self, logs=None):
        """Count from the first step again."""
        self.step, self.total = 0, self.params["steps"] * self.params["epochs"]

    def on_train_batch_begin(self, batch, logs=None):
        """Set the rate of this step."""
        self.step += 1
        done = self.step / (self.total + 1)
        self.model.optimizer.learning_rate = self.highest * min(10 * done, (1 - done) / 0.9)


class LiveCurve(keras.callbacks.Callback):
    """Plot loss and accuracy while a model trains, in one picture that is redrawn.

    Each point is the mean over `every` steps, and `seconds` pass between two redraws. `title` is that of the finished
    picture.
    """

    def __init__(self, title: str = "", every: int = 10, seconds: float = 2.0):
        super().__init__()
        self.title, self.every, self.seconds = title, every, seconds

    def on_train_begin(self, logs=None):
        """Show empty axes at once."""
        self.total = (self.params["steps"] or 0) * self.params["epochs"]
        self.step, self.steps, self.history, self.sums = 0, [], {}, {}
        self.began = self.shown = time.monotonic()
        self.place = plots.training({}, [], self.total, "Training begins ...")

    def on_train_batch_end(self, batch, logs=None):
        """Note the values of this step, and redraw from time to time."""
        # Keras gives means since the epoch began; undo that, so that each point is the mean of its own steps.
        if batch == 0:
            self.totals = {}
        for name, mean in logs.items():
            total = mean * (batch + 1)
            self.sums.setdefault(name, []).append(total - self.totals.get(name, 0.0))
            self.totals[name] = total
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
        """Show the whole curve under its title."""
        self._draw(self.title)

    def _draw(self, title: str) -> None:
        plots.training(self.history, self.steps, self.total, title, self.place)
