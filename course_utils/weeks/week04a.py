"""Week 4a: the checks of its exercises, its layer around the reader's normalisation, and gradients by layer."""

from collections import namedtuple
from collections.abc import Callable

import numpy as np

from .. import runtime
from ..judge import Check

keras = runtime.quiet_keras()
layers, ops = keras.layers, keras.ops

EPSILON = 0.001  # that Keras adds to the variance


class Normalisation(layers.BatchNormalization):
    """Keras' layer, but in training its output is `function(x, gamma, beta)`."""

    def __init__(self, function: Callable, **more):
        super().__init__(**more)
        self.function = function

    def call(self, x, training=False):
        """Normalise; in training move the averages too."""
        output = super().call(x, training=training)
        if not training:
            return output
        return self.function(x, ops.convert_to_tensor(self.gamma), ops.convert_to_tensor(self.beta))


def replace_norm(plain, make: Callable | None):
    """A plain network like this one, with `make()` for each batch normalisation; with None, biases instead of it."""
    x = inputs = keras.Input(plain.input_shape[1:])
    for layer in plain.layers[1:]:
        config = layer.get_config()
        if isinstance(layer, layers.BatchNormalization):
            x = make()(x) if make else x
            continue
        if isinstance(layer, layers.Conv2D):
            config["use_bias"] = make is None
        x = type(layer).from_config(config)(x)
    return keras.Model(inputs, x)


def gradients(model, images: np.ndarray, labels: np.ndarray) -> list[np.ndarray]:
    """The loss's gradient for each 3x3 kernel, as a row of numbers, first layer first, as in training."""
    import tensorflow as tf

    kernels = [v.value for v in model.trainable_variables if v.name == "kernel" and v.shape[:2] == (3, 3)]
    with tf.GradientTape() as tape:
        loss = ops.mean(keras.losses.sparse_categorical_crossentropy(labels, model(images, training=True)))
    return [ops.convert_to_numpy(gradient).ravel() for gradient in tape.gradient(loss, kernels)]


# Checks -----------------------------------------------------------------------------------------------------------


def _batch_norm(x, gamma, beta, *, axes=(0, 1, 2), divide=lambda variance: ops.sqrt(variance + EPSILON)):
    """Normalise each channel to gamma times standard numbers, plus beta."""
    mean, variance = ops.mean(x, axis=axes, keepdims=True), ops.var(x, axis=axes, keepdims=True)
    return (x - mean) / divide(variance) * gamma + beta


def _normalised(answer):
    """Call the answer as Keras does: with a placeholder first, with numbers later."""

    def normalised(x, gamma, beta):
        inputs = [keras.Input(batch_shape=values.shape) for values in (x, gamma, beta)]
        result = answer(*inputs)
        if not hasattr(result, "shape"):
            return result
        return ops.convert_to_numpy(keras.Model(inputs, layers.Identity()(result))([x, gamma, beta]))

    return normalised


_RNG = np.random.default_rng(4)
_TWO_CHANNELS = _RNG.normal([1, -3], [2, 0.05], (3, 4, 5, 2)).round(2).astype("float32")  # one varies little

batch_norm = Check(
    _batch_norm,
    cases=[
        (np.array([1.0, 3.0], "float32").reshape(2, 1, 1, 1), np.array([2.0], "float32"), np.array([5.0], "float32")),
        (_TWO_CHANNELS, np.array([1.0, 1.0], "float32"), np.array([0.0, 0.0], "float32")),
        (_TWO_CHANNELS, np.array([0.5, 2.0], "float32"), np.array([1.0, -4.0], "float32")),
    ],
    mistakes={
        "means and variances are over images, rows and columns together: one of each for a channel.": [
            {"axes": 0},
            {"axes": -1},
            {"axes": (1, 2)},
            {"axes": (1, 2, 3)},
            {"axes": (0, 1, 2, 3)},
        ],
        "you divide by the variance. The standard deviation is its square root.": {
            "divide": lambda variance: variance + EPSILON
        },
        "0.001 should be added to the variance, before the root.": [
            {"divide": ops.sqrt},
            {"divide": lambda variance: ops.sqrt(variance) + EPSILON},
        ],
    },
    praise="this is what the layer computes in training. Your function now trains a network.",
    tolerance=1e-4,
    view=_normalised,
)


def _identity_kernel(channels, *, at=(1, 1), values=np.eye):
    """A 3x3 kernel that gives back what comes in."""
    kernel = np.zeros((3, 3, channels, channels))
    kernel[at] = values(channels)
    return kernel


identity_kernel = Check(
    _identity_kernel,
    cases=[(1,), (2,), (5,)],
    mistakes={
        "each output channel takes all input channels. It should take its own only.": {
            "values": lambda channels: np.ones((channels, channels))
        },
        "Keras' order is rows, columns, input channels, output channels.": lambda channels: np.transpose(
            _identity_kernel(channels), (2, 3, 0, 1)
        ),
        "the weight of 1 belongs in the centre of the kernel, or the image moves.": {"at": (0, 0)},
        "this adds neighbouring pixels. Only the pixel itself should count.": {"at": slice(None)},
    },
    praise="a layer that does nothing. We shall stack 24 of them.",
)


def _conv(x, channels, kernel=3, stride=1):
    """As the lesson's own: a convolution and its normalisation."""
    x = layers.Conv2D(channels, kernel, stride, "same", use_bias=False, kernel_initializer="he_normal")(x)
    return layers.BatchNormalization(momentum=0.9)(x)


def _shortcut(x, channels, stride, *, kernel=1, strided=True, project="both"):
    """What is added: x itself, or a projection where the shape of the block's output differs."""
    wanted = {"both": x.shape[-1] != channels or stride != 1, "always": True, "channels": x.shape[-1] != channels}
    return _conv(x, channels, kernel, stride if strided else 1) if wanted[project] else x


def _bare(x, channels, stride, bias: bool):
    """A mistake: a projection without normalisation."""
    if x.shape[-1] == channels and stride == 1:
        return x
    return layers.Conv2D(channels, 1, stride, use_bias=bias)(x)


def _relu(x, there: bool):
    return layers.ReLU()(x) if there else x


def _residual_block(x, channels, stride=1, *, middle=True, before=False, last=True, added=True, late=False):
    """Two 3x3 convolutions, to whose result the input is added."""
    inside = _relu(_conv(x, channels, 3, stride), middle)
    y = _relu(_conv(inside, channels), before)
    carried = inside if late else _shortcut(x, channels, stride)
    return _relu(layers.Add()([y, carried]) if added else y, last)


_X = namedtuple("x", "height width channels")


def _numbers(shape: tuple, name: str) -> np.ndarray:
    """Random numbers that depend only on name and shape, so that equal layers have equal weights in any order."""
    rng = np.random.default_rng([*name.encode(), *shape])
    if name in ("gamma", "moving_variance"):
        return rng.uniform(0.5, 1.5, shape)
    return rng.normal(size=shape) / (np.sqrt(np.prod(shape[:-1])) if name == "kernel" else 2)


def _computed(block):
    """Compute with what a block builds, with weights of our own, from an input of our own."""

    def compute(x, *more):
        inputs = keras.Input(tuple(x))
        result = block(inputs, *more)
        if result is None:
            return None
        model = keras.Model(inputs, layers.Identity()(result))
        for variable in model.weights:
            variable.assign(_numbers(variable.shape, variable.name))
        return ops.convert_to_numpy(model(_numbers((2, *x), "image")))

    return compute


shortcut = Check(
    _shortcut,
    cases=[(_X(4, 4, 3), 3, 1), (_X(4, 6, 3), 5, 2), (_X(4, 4, 3), 5, 1), (_X(4, 4, 3), 3, 2)],
    mistakes={
        "where the shape does not change, x itself should come back, without any layer.": {"project": "always"},
        "a stride of 2 changes the shape too, even where the channels stay.": {"project": "channels"},
        "the projection needs the stride as well. It must be as small as what it is added to.": {"strided": False},
        "the projection should look at one pixel only: its kernel is 1x1.": {"kernel": 3},
        "the projection should be our `conv`, with its normalisation.": [
            lambda x, channels, stride: _bare(x, channels, stride, True),
            lambda x, channels, stride: _bare(x, channels, stride, False),
        ],
    },
    praise="whatever a block does, its input can be added to it now.",
    tolerance=1e-4,
    view=_computed,
)

residual_block = Check(
    _residual_block,
    cases=[(_X(4, 4, 3), 3), (_X(4, 6, 3), 5, 2)],
    mistakes={
        "the shortcut is missing: nothing is added.": {"added": False},
        "the shortcut begins behind the first convolution. What should be added is the block's own input.": {
            "late": True
        },
        "the second convolution's ReLU comes before the addition. It belongs after it.": [
            {"before": True, "last": False},
            {"before": True},
        ],
        "a ReLU should follow the addition.": {"last": False},
        "between the two convolutions a ReLU is missing.": {"middle": False},
    },
    praise="your block now trains 32 layers.",
    tolerance=1e-4,
    view=_computed,
)
