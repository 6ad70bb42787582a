"""Week 11b: the checks of its exercises, and what this lesson alone needs."""

import json
from pathlib import Path

import numpy as np

from .. import runtime

keras = runtime.quiet_keras()


def assert_trains(step, moves, keeps=()) -> None:
    """Call `step()`, and raise AssertionError unless it changes each model in `moves` and no model in `keeps`.

    All weights that a gradient could change are compared, frozen ones too; moving averages are not.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)], name="line")
    >>> assert_trains(lambda: None, moves=[model])
    Traceback (most recent call last):
    ...
    AssertionError: line did not change.
    """
    before = [(model, _weights(model)) for model in (*moves, *keeps)]
    step()
    for number, (model, weights) in enumerate(before):
        change = max(np.abs(new - old).max() for new, old in zip(_weights(model), weights, strict=True))
        if number < len(moves) and not change:
            frozen = "" if model.trainable_weights else " It has no trainable weights: was trainable set to False?"
            raise AssertionError(f"{model.name} did not change.{frozen}")
        if number >= len(moves) and change:
            raise AssertionError(f"{model.name} changed by up to {change:.3g}, and should not.")


def _weights(model) -> list[np.ndarray]:
    return [np.copy(weight.numpy()) for weight in model.weights if "moving_" not in weight.name]


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Frechet distance of the Gaussians fitted to two sets of features (n, features).

    Examples
    --------
    >>> frechet_distance(np.array([[0.0], [2.0]]), np.array([[3.0], [5.0]]))  # the same spread, and means 1 and 4
    9.0
    """
    first, second = np.asarray(first, float), np.asarray(second, float)
    c1, c2 = (np.atleast_2d(np.cov(features, rowvar=False)) for features in (first, second))
    # The root's eigenvalues are the roots of eigenvalues; rounding can make those that are 0 complex or negative.
    trace_of_root = np.sqrt(np.linalg.eigvals(c1 @ c2).real.clip(0)).sum()
    means = ((first.mean(axis=0) - second.mean(axis=0)) ** 2).sum()
    return float(max(means + np.trace(c1 + c2) - 2 * trace_of_root, 0))


class Checkpoints:
    """All variables of models and optimizers, the step and the curves, in a folder; the newest two states are kept."""

    def __init__(self, folder: str, *parts):
        import tensorflow as tf

        self.folder, self.notes = folder, tf.Variable("")  # step and curves, as JSON
        variables = [variable.value for part in parts for variable in part.variables]
        self.checkpoint = tf.train.Checkpoint(notes=self.notes, variables=variables)
        self.manager = tf.train.CheckpointManager(self.checkpoint, folder, max_to_keep=2)

    def save(self, step: int, curves: dict) -> None:
        """Save the state after this many steps."""
        self.notes.assign(json.dumps([step, curves], default=float))
        self.manager.save(checkpoint_number=step)

    def restore(self) -> tuple[int, dict] | None:
        """Restore the newest state that can be read, and return its step and curves; None in a new folder."""
        # A kill in the first save can leave a checkpoint that is not yet in TensorFlow's list of them.
        unlisted = sorted(Path(self.folder).glob("ckpt-*.index"), key=lambda path: path.stat().st_mtime)
        problem = None
        for path in reversed(self.manager.checkpoints or [str(path.with_suffix("")) for path in unlisted]):
            try:
                self.checkpoint.restore(path).assert_consumed()
                return tuple(json.loads(self.notes.numpy()))
            except Exception as error:  # TensorFlow has a dozen for a file that is damaged, or of another model
                problem = error
                print(f"{Path(path).name} is damaged, or of another model, and was passed over.")
        if problem:
            raise ValueError(f"{self.folder}: expected checkpoints of this model, found none that fits") from problem
        return None
