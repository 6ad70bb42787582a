"""Week 4a: the checks of its exercises, its layer around the reader's normalisation, and gradients by layer."""

from collections import namedtuple
from collections.abc import Callable

import numpy as np

from .. import runtime
from ..judge import Check, Remark

keras = runtime.quiet_keras()
layers, ops = keras.layers, keras.ops


class Normalisation(layers.BatchNormalization):
    """Keras' layer, but in training its output is `function(x, gamma, beta)`."""

    def __init__(self, function: Callable, **more):
        super().__init__(**more)
        self.function = function

    def call(self, x, training=False):
        """Normalise; in training move the averages too."""
        output = super().call(x, training=training)
        return self.function(x, self.gamma.value, self.beta.value) if training else output


def replace_norm(plain, make: Callable | None):
    """A plain network like this one, with `make()` for each batch normalisation; with None, biases instead of it."""
    x = inputs = keras.Input(plain.input_shape[1:])
    for layer in plain.layers[1:]:
        bias = {"use_bias": make is None} if isinstance(layer, layers.Conv2D) else {}
        if not isinstance(layer, layers.BatchNormalization):
            x = type(layer).from_config(layer.get_config() | bias)(x)
        elif make:
            x = make()(x)
    return keras.Model(inputs, x)


def gradients(model, images: np.ndarray, labels: np.ndarray) -> list[np.ndarray]:
    """The loss's gradient for each 3x3 kernel, as a row of numbers, first layer first, as in training."""
    import tensorflow as tf

    kernels = [v.value for v in model.trainable_variables if v.name == "kernel" and v.shape[:2] == (3, 3)]
    with tf.GradientTape() as tape:
        loss = ops.mean(keras.losses.sparse_categorical_crossentropy(labels, model(images, training=True)))
    return [ops.convert_to_numpy(gradient).ravel() for gradient in tape.gradient(loss, kernels)]


def _batch_norm(x, gamma, beta, *, axes=(0, 1, 2), keep=True, divide=lambda v: ops.sqrt(v + 0.001), late=True):
    """Normalise each channel to gamma times standard numbers, plus beta."""
    mean, variance = ops.mean(x, axis=axes, keepdims=keep), ops.var(x, axis=axes, keepdims=keep)
    return (x - mean) / divide(variance) * gamma + (beta if late else gamma * beta)


def _built(answer, *inputs):
    """Call an answer; say in words what two of Keras' errors mean."""
    try:
        return answer(*inputs)
    except ValueError as error:
        if "symbolic" in str(error):
            raise Remark("NumPy cannot compute with Keras' tensors. Use `ops.mean` and its like.") from None
        if "ncompatible" in str(error):
            words = (
                "the shapes of what is added differ. Is the stride used once? Is `shortcut` called with the block's own"
            )
            raise Remark(f"{words} input, or has x been overwritten?") from None
        raise


def _normalised(answer):
    """Call the answer as Keras does: with a placeholder first, with numbers later."""

    def normalised(x, gamma, beta):
        inputs = [keras.Input(batch_shape=values.shape) for values in (x, gamma, beta)]
        result = _built(answer, *inputs)
        if not hasattr(result, "shape"):
            return result
        return ops.convert_to_numpy(keras.Model(inputs, layers.Identity()(result))([x, gamma, beta]))

    return normalised


_TWO = np.random.default_rng(4).normal([1, -3], [2, 0.05], (3, 4, 5, 2)).round(2).astype("float32")  # one varies little

batch_norm = Check(
    _batch_norm,
    cases=[
        (np.array([1.0, 3.0], "float32").reshape(2, 1, 1, 1), np.array([2.0], "float32"), np.array([5.0], "float32")),
        (_TWO, np.array([1.0, 1.0], "float32"), np.array([0.0, 0.0], "float32")),
        (_TWO, np.array([0.5, 2.0], "float32"), np.array([1.0, -4.0], "float32")),
    ],
    mistakes={
        "means and variances are over images, rows and columns together: one of each for a channel.": [
            {"axes": axes, "keep": keep} for axes in (0, -1, (1, 2), (1, 2, 3), (0, 1, 2, 3)) for keep in (True, False)
        ],
        "you divide by the variance. The standard deviation is its square root.": {"divide": lambda v: v + 0.001},
        "0.001 should be added to the variance, before the root.": [
            {"divide": divide} for divide in (ops.sqrt, lambda v: ops.sqrt(v) + 0.001)
        ],
        "beta is added last. Here gamma scales it too.": {"late": False},
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
        "each output channel takes all input channels. It should take its own only.": [
            {"values": lambda channels: np.ones((channels, channels)), "at": at} for at in ((1, 1), slice(None))
        ],
        "each channel should go to the output channel of the same number.": [
            {"values": lambda c: np.eye(c)[::-1]},
            {"values": lambda c: np.diag([1] + [0] * (c - 1))},
        ],
        "Keras' order is rows, columns, input channels, output channels.": lambda channels: np.transpose(
            _identity_kernel(channels), (2, 3, 0, 1)
        ),
        "the 1 belongs in the centre, or the image moves.": [{"at": divmod(i, 3)} for i in range(9) if i != 4],
        "this adds neighbouring pixels. Only the pixel itself should count.": [{"at": at} for at in (slice(None), 1)],
    },
    praise="a layer that does nothing. We shall stack 48 of them.",
)


def _conv(x, channels, kernel=3, stride=1):
    """As the lesson's own: a convolution and its normalisation."""
    x = layers.Conv2D(channels, kernel, stride, "same", use_bias=False, kernel_initializer="he_normal")(x)
    return layers.BatchNormalization(momentum=0.9)(x)


def _shortcut(x, channels, stride, *, kernel=1, strided=True, project="both", make=_conv):
    """What is added: x itself, or a projection where the shape of the block's output differs."""
    other = x.shape[1 if project == "rows" else -1] != channels
    needed = project == "always" or other or (stride != 1 and project != "channels")
    return make(x, channels, kernel or stride, stride if strided else 1) if needed else x


def _residual_block(x, channels, stride=1, *, middle=True, before=False, last=True, carried="x", strided=0):
    """Two 3x3 convolutions, to whose result the input is added."""
    relu = {True: layers.ReLU, False: lambda: lambda x: x}
    inside = relu[middle]()(_conv(x, channels, 3, 1 if strided else stride))
    y = relu[before]()(_conv(inside, channels, 3, stride if strided else 1))
    other = {"x": _shortcut(x, channels, stride), "inside": inside, "y": y}.get(carried)
    return relu[last]()(layers.Add()([y, other]) if carried else y)


_X = namedtuple("x", "height width channels")


def _numbers(shape: tuple, name: str) -> np.ndarray:
    """Random numbers that depend only on name and shape, so that equal layers have equal weights in any order."""
    rng = np.random.default_rng([*name.encode(), *shape])
    if name in ("gamma", "moving_variance"):
        return rng.uniform(0.5, 1.5, shape)
    return rng.normal(size=shape) / (np.sqrt(np.prod(shape[:-1])) if name == "kernel" else 2)


def _count_layers(model, x, channels, stride=1):
    kernels = [variable.shape[0] for variable in model.weights if variable.name == "kernel"]
    if kernels.count(3) != 2:
        words = "(The third argument of `conv` is the kernel, not the stride.)" if 1 in kernels else ""
        raise Remark(f"two convolutions with 3x3 kernels were expected; yours has {kernels.count(3)}. {words}".strip())
    if len(kernels) > 2 and (x.channels, stride) == (channels, 1):
        raise Remark("where the shape stays, x itself should be added, not a projection: `shortcut` decides.")
    if sum(variable.name == "gamma" for variable in model.weights) < len(kernels):
        raise Remark("each convolution should be our `conv`, with its normalisation.")


def _computed(block, look=lambda *given: None):
    """Compute with what a block builds, with weights of our own, from an input of our own."""

    def compute(x, *more):
        inputs = keras.Input(tuple(x))
        result = _built(block, inputs, *more)
        if result is None:
            return None
        model = keras.Model(inputs, layers.Identity()(result))
        look(model, x, *more)
        for variable in model.weights:
            variable.assign(_numbers(variable.shape, variable.name))
        return ops.convert_to_numpy(model(_numbers((2, *x), "image")))

    return compute


shortcut = Check(
    _shortcut,
    cases=[(_X(4, 4, 3), 3, 1), (_X(4, 6, 3), 5, 2), (_X(5, 5, 3), 5, 1), (_X(4, 4, 3), 3, 2)],
    mistakes={
        "the channels are the last axis of x. Its rows and columns do not matter here.": {"project": "rows"},
        "where the shape does not change, x itself should come back, without any layer.": {"project": "always"},
        "a stride of 2 changes the shape too, even where the channels stay.": {"project": "channels"},
        "the projection needs the stride as well. It must be as small as what it is added to.": {"strided": False},
        "the projection's kernel should be 1x1. (The third argument of `conv` is the kernel, the stride the fourth.)": [
            {"kernel": kernel, "strided": strided} for kernel in (3, None) for strided in (True, False)
        ],
        "the projection should be our `conv`, with its normalisation.": [
            {"make": lambda x, *shape, bias=bias: layers.Conv2D(*shape, use_bias=bias)(x)} for bias in (True, False)
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
        "the shortcut is missing: nothing is added.": {"carried": None},
        "the shortcut begins behind a convolution. It needs the block's own input: has x been overwritten?": [
            {"carried": carried} for carried in ("inside", "y")
        ],
        "the first convolution should have the stride, not the second.": {"strided": 1},
        "the second convolution's ReLU comes before the addition. It belongs after it.": [
            {"before": True, "last": last} for last in (False, True)
        ],
        "a ReLU should follow the addition.": {"last": False},
        "between the two convolutions a ReLU is missing.": {"middle": False},
    },
    praise="your block now trains 56 layers.",
    tolerance=1e-4,
    view=lambda answer: _computed(answer, _count_layers),
)
