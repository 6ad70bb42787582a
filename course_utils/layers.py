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


@keras.saving.register_keras_serializable(package="course_utils")
class MaxPoolWithPositions(keras.layers.Layer):
    """Max pooling that also tells where each maximum was, so that `MaxUnpooling2D` can put it back.

    Called with pictures (batch, height, width, channels) it returns the pooled ones and `positions` of the same shape,
    int32: the maximum's place in its channel's plane of the input, ``row * width + column``. Of equal values the first
    in rows from the top counts, and it alone has the gradient. Rows and columns that fill no window are dropped.

    Parameters
    ----------
    pool_size : int
        Height and width of the windows, and the step between them.

    Notes
    -----
    Height and width may be None while the model is built. Channels come last, whatever Keras is set to. A nan is the
    maximum of its window.

    Examples
    --------
    >>> import numpy as np
    >>> picture = np.array([[1, 9, 2, 2], [3, 4, 2, 2]], "float32").reshape(1, 2, 4, 1)
    >>> pooled, positions = MaxPoolWithPositions(pool_size=2)(picture)
    >>> pooled.numpy().ravel().tolist(), positions.numpy().ravel().tolist()
    ([9.0, 2.0], [1, 2])
    """

    def __init__(self, pool_size: int = 2, **kwargs):
        super().__init__(**kwargs)
        self.pool_size = arguments.integer("pool_size", pool_size, at_least=1)

    def call(self, inputs):
        """Return the maxima and their positions."""
        ops, size = keras.ops, self.pool_size
        self._pooled_shape(inputs)
        batch, height, width, channels = ops.shape(inputs)
        rows, columns = height // size, width // size
        windows = inputs[:, : rows * size, : columns * size]
        windows = ops.reshape(windows, (batch, rows, size, columns, size, channels))
        # Which of equals argmax takes, and how max shares their gradient, differs between backends: hence neither.
        places = ops.reshape(ops.arange(size * size, dtype="int32"), (size, 1, size, 1))
        largest = (windows == ops.max(windows, axis=(2, 4), keepdims=True)) | ops.isnan(windows)
        first = ops.min(ops.where(largest, places, size * size - 1), axis=(2, 4))
        chosen = places == first[:, :, None, :, None]
        pooled = ops.sum(ops.where(chosen, windows, ops.zeros_like(windows)), axis=(2, 4))
        row = ops.arange(rows, dtype="int32")[:, None, None] * size + first // size
        column = ops.arange(columns, dtype="int32")[:, None] * size + first % size
        return ops.cast(pooled, inputs.dtype), row * width + column

    def compute_output_spec(self, inputs):
        """Shapes and dtypes of the maxima and of their positions."""
        shape = self._pooled_shape(inputs)
        return keras.KerasTensor(shape, dtype=inputs.dtype), keras.KerasTensor(shape, dtype="int32")

    def get_config(self) -> dict:
        """Return what `__init__` needs."""
        return {**super().get_config(), "pool_size": self.pool_size}

    def _pooled_shape(self, inputs) -> tuple:
        batch, *sides, channels = _pictures_shape("inputs", inputs)
        if any(side is not None and side < self.pool_size for side in sides):
            raise ValueError(f"inputs: expected a height and a width of at least {self.pool_size}, got {tuple(sides)}")
        return batch, *(None if side is None else side // self.pool_size for side in sides), channels


@keras.saving.register_keras_serializable(package="course_utils")
class MaxUnpooling2D(keras.layers.Layer):
    """Put values back where `MaxPoolWithPositions` found them, with zeros elsewhere.

    Called as ``layer([pooled, positions])``, ``layer(pooled, positions)`` or ``layer(pooled, positions, size=...)``.
    The result is `pool_size` times as high and wide as `pooled`. If pooling dropped a row or a column, `size` has to
    be the height and width that it was given: positions count along rows of that width, so that with another every
    value would come to a wrong place, and nothing can tell.

    Parameters
    ----------
    pool_size : int
        That of the pooling.

    Notes
    -----
    Values that share a position are added. Height and width of `pooled` may be None while the model is built. A
    position outside the result is the caller's mistake; TensorFlow raises an error on CPU and ignores the value on GPU.

    Examples
    --------
    >>> import numpy as np
    >>> picture = np.array([[1, 9, 2, 2], [3, 4, 2, 2]], "float32").reshape(1, 2, 4, 1)
    >>> pooled, positions = MaxPoolWithPositions(pool_size=2)(picture)
    >>> MaxUnpooling2D(pool_size=2)([pooled, positions]).numpy()[0, ..., 0].tolist()
    [[0.0, 9.0, 2.0, 0.0], [0.0, 0.0, 0.0, 0.0]]
    """

    def __init__(self, pool_size: int = 2, **kwargs):
        super().__init__(**kwargs)
        self.pool_size = arguments.integer("pool_size", pool_size, at_least=1)

    def call(self, pooled, positions=None, size=None):
        """Return the pictures with each value at its position."""
        ops = keras.ops
        pooled, positions = self._checked(pooled, positions, size)
        batch, rows, columns, channels = ops.shape(pooled)
        height, width = (rows * self.pool_size, columns * self.pool_size) if size is None else size
        # An index for each axis: in a flattened batch a position too large would fall into the next picture.
        picture = ops.arange(batch, dtype="int32")[:, None, None, None]
        channel = ops.arange(channels, dtype="int32")
        positions = ops.cast(positions, "int32")
        indices = ops.stack([picture + 0 * positions, positions, channel + 0 * positions], axis=-1)
        planes = ops.scatter(
            ops.reshape(indices, (-1, 3)), ops.reshape(pooled, (-1,)), (batch, height * width, channels)
        )
        return ops.reshape(planes, (batch, height, width, channels))

    def compute_output_spec(self, pooled, positions=None, size=None):
        """Shape and dtype of the result."""
        pooled, _ = self._checked(pooled, positions, size)
        batch, *sides, channels = pooled.shape
        if size is None:
            size = [None if side is None else side * self.pool_size for side in sides]
        return keras.KerasTensor((batch, *size, channels), dtype=pooled.dtype)

    def get_config(self) -> dict:
        """Return what `__init__` needs."""
        return {**super().get_config(), "pool_size": self.pool_size}

    def _checked(self, pooled, positions, size) -> tuple:
        if isinstance(pooled, list | tuple) and positions is None:
            if len(pooled) != 2:
                raise ValueError(f"pooled: expected two, [pooled, positions], got {len(pooled)}")
            pooled, positions = pooled
        if positions is None:
            raise TypeError("positions: expected those of the pooling, got None")
        shape, other = _pictures_shape("pooled", pooled), _pictures_shape("positions", positions)
        if any(None not in sides and sides[0] != sides[1] for sides in zip(shape, other, strict=True)):
            raise ValueError(f"positions: expected the shape of pooled, {shape}, got {other}")
        dtype = keras.backend.standardize_dtype(positions.dtype)
        if "int" not in dtype:
            raise TypeError(f"positions: expected whole numbers, got {dtype}")
        if size is not None:
            if not isinstance(size, list | tuple) or len(size) != 2:
                raise TypeError(f"size: expected a height and a width, got {size!r}")
            for side, count in zip(size, shape[1:3], strict=True):
                arguments.integer("size", side, at_least=1)
                if count is not None and side // self.pool_size != count:
                    raise ValueError(
                        f"size: expected one that pooling by {self.pool_size} makes {shape[1:3]}, got {tuple(size)}"
                    )
        return pooled, positions


def _pictures_shape(name: str, pictures) -> tuple:
    if not hasattr(pictures, "shape"):
        raise TypeError(f"{name}: expected an array, got {type(pictures).__name__}")
    if len(pictures.shape) != 4:
        raise ValueError(f"{name}: expected (batch, height, width, channels), got shape {tuple(pictures.shape)}")
    return tuple(pictures.shape)
