"""Layers that the lectures' networks need and Keras does not have. Importing this module loads Keras."""

import math

from . import arguments, runtime

keras = runtime.quiet_keras()


@keras.saving.register_keras_serializable(package="course_utils")
class LocalResponseNormalization(keras.layers.Layer):
    """Divide each value by a power of its neighbours' energy: neighbours at the same place, in near channels.

    As in AlexNet, whose paper writes ``b = a / (k + alpha * sum(a_j ** 2)) ** beta``, the sum over `n` channels.

    Parameters
    ----------
    depth : int
        How many channels the sum runs over, an odd number: the value's own in the middle. The paper's n.
    bias : float
        The paper's k.
    alpha : float
        Times the sum, as in the paper. Caffe and PyTorch divide it by `depth`; here nothing is divided.
    beta : float
        The power.

    Notes
    -----
    ``tf.nn.local_response_normalization`` counts the neighbours on one side: its `depth_radius` is ``depth // 2``.

    Examples
    --------
    >>> import numpy as np
    >>> one_active = np.array([[0.0, 3.0, 0.0]], "float32")
    >>> normalise = LocalResponseNormalization(depth=3, bias=1.0, alpha=1.0, beta=0.5)
    >>> normalise(one_active).numpy().round(3).tolist()  # 3 / sqrt(1 + 9)
    [[0.0, 0.9490000009536743, 0.0]]
    """

    def __init__(self, depth: int = 5, bias: float = 2.0, alpha: float = 1e-4, beta: float = 0.75, **kwargs):
        super().__init__(**kwargs)
        self.depth = arguments.integer("depth", depth, at_least=1)
        if depth % 2 == 0:
            raise ValueError(f"depth: expected an odd number, got {depth}")
        self.bias, self.alpha, self.beta = float(bias), float(alpha), float(beta)
        if not (math.isfinite(self.bias) and self.bias > 0):
            raise ValueError(f"bias: expected a number above 0, got {bias!r}")
        if not (math.isfinite(self.alpha) and self.alpha >= 0):
            raise ValueError(f"alpha: expected a number of at least 0, got {alpha!r}")
        if not math.isfinite(self.beta):
            raise ValueError(f"beta: expected a finite number, got {beta!r}")

    def call(self, inputs):
        """Normalise over the last axis."""
        ops, channels, radius = keras.ops, inputs.shape[-1], self.depth // 2
        padded = ops.pad(ops.square(inputs), [(0, 0)] * (len(inputs.shape) - 1) + [(radius, radius)])
        energy = sum(padded[..., first : first + channels] for first in range(self.depth))
        return inputs / (self.bias + self.alpha * energy) ** self.beta

    def get_config(self) -> dict:
        """Return what `__init__` needs."""
        return {
            **super().get_config(),
            "depth": self.depth,
            "bias": self.bias,
            "alpha": self.alpha,
            "beta": self.beta,
        }
