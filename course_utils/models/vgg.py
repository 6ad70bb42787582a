"""The six networks of "Very Deep Convolutional Networks" (Simonyan and Zisserman, 2014), at any width."""

import math
from numbers import Real

from .. import arguments, runtime
from ..layers import LocalResponseNormalization

keras = runtime.quiet_keras()

# The paper's table 1, a column a network, a line a block; each block ends with a max pooling.
# "conv3-64" is a convolution of 3x3 with 64 channels, and a ReLU.
CONFIGURATIONS = {
    "A": (
        "conv3-64",
        "conv3-128",
        "conv3-256 conv3-256",
        "conv3-512 conv3-512",
        "conv3-512 conv3-512",
    ),
    "A-LRN": (
        "conv3-64 LRN",
        "conv3-128",
        "conv3-256 conv3-256",
        "conv3-512 conv3-512",
        "conv3-512 conv3-512",
    ),
    "B": (
        "conv3-64 conv3-64",
        "conv3-128 conv3-128",
        "conv3-256 conv3-256",
        "conv3-512 conv3-512",
        "conv3-512 conv3-512",
    ),
    "C": (
        "conv3-64 conv3-64",
        "conv3-128 conv3-128",
        "conv3-256 conv3-256 conv1-256",
        "conv3-512 conv3-512 conv1-512",
        "conv3-512 conv3-512 conv1-512",
    ),
    "D": (
        "conv3-64 conv3-64",
        "conv3-128 conv3-128",
        "conv3-256 conv3-256 conv3-256",
        "conv3-512 conv3-512 conv3-512",
        "conv3-512 conv3-512 conv3-512",
    ),
    "E": (
        "conv3-64 conv3-64",
        "conv3-128 conv3-128",
        "conv3-256 conv3-256 conv3-256 conv3-256",
        "conv3-512 conv3-512 conv3-512 conv3-512",
        "conv3-512 conv3-512 conv3-512 conv3-512",
    ),
}
TOPS = ("dense", "pool")
SMALLEST_SIDE = 2**5  # five poolings halve each side; fewer pixels would leave none


def vgg(
    config: str,
    width: float = 1.0,
    input_shape: tuple[int, int, int] = (224, 224, 3),
    classes: int = 1000,
    top: str = "dense",
    batch_norm: bool = False,
) -> keras.Model:
    """Build one of the paper's networks, untrained. Its layers have the names of Keras' VGG16 and VGG19.

    Parameters
    ----------
    config : {"A", "A-LRN", "B", "C", "D", "E"}
        A column of `CONFIGURATIONS`. D is known as VGG16, E as VGG19.
    width : float
        Times the number of channels and of dense units; 1 is the paper's.
    input_shape : (height, width, channels)
        Sides of at least 32.
    classes : int
        How many probabilities come out.
    top : {"dense", "pool"}
        The paper's three dense layers, or one dense layer on the mean of each channel, with far fewer weights.
    batch_norm : bool
        Batch normalization between each convolution and its ReLU. The paper has none; a short training needs it.

    Returns
    -------
    keras.Model

    Examples
    --------
    >>> model = vgg("D", width=1 / 8, input_shape=(32, 32, 3), classes=10, top="pool")
    >>> model.get_layer("block5_pool").output.shape
    (None, 1, 1, 64)
    >>> model.output.shape
    (None, 10)
    """
    layers = keras.layers
    arguments.one_of("top", top, TOPS)
    arguments.integer("classes", classes, at_least=1)
    inputs = keras.Input(picture_shape("input_shape", input_shape, at_least=SMALLEST_SIDE))
    x = convolutions(inputs, config, width, batch_norm)
    if top == "dense":
        x = layers.Flatten(name="flatten")(x)
        for name in ("fc1", "fc2"):
            x = layers.Dense(_scaled(4096, width), activation="relu", name=name)(x)
    else:
        x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dense(classes, activation="softmax", name="predictions")(x)
    return keras.Model(inputs, x, name=f"vgg_{config}")


def convolutions(x, config: str, width: float = 1.0, batch_norm: bool = False):
    """Put the five blocks of a configuration on `x`, and return what comes out of block5_pool."""
    layers = keras.layers
    arguments.one_of("config", config, CONFIGURATIONS)
    for block, line in enumerate(CONFIGURATIONS[config], start=1):
        number = 0
        for item in line.split():
            if item == "LRN":
                x = LocalResponseNormalization(name=f"block{block}_lrn")(x)
                continue
            number += 1
            side, filters = map(int, item.removeprefix("conv").split("-"))
            x = layers.Conv2D(
                _scaled(filters, width),
                side,
                padding="same",
                activation=None if batch_norm else "relu",
                use_bias=not batch_norm,  # the normalization subtracts any bias and has its own
                name=f"block{block}_conv{number}",
            )(x)
            if batch_norm:
                # Keras' momentum of 0.99 needs some 500 steps to know the means; short trainings end before.
                x = layers.BatchNormalization(momentum=0.9, name=f"block{block}_bn{number}")(x)
                x = layers.ReLU(name=f"block{block}_relu{number}")(x)
        x = layers.MaxPooling2D(name=f"block{block}_pool")(x)
    return x


def picture_shape(name: str, shape, at_least: int) -> tuple[int, int, int]:
    """Return a picture's shape as three ints, its sides of `at_least` pixels, or refuse it.

    Examples
    --------
    >>> picture_shape("input_shape", (28, 28, 1), at_least=32)
    Traceback (most recent call last):
    ...
    ValueError: input_shape: expected a height of at least 32, got (28, 28, 1)
    """
    try:
        sides = height, width, channels = tuple(shape)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name}: expected (height, width, channels), got {shape!r}") from None
    for what, side, least in (("height", height, at_least), ("width", width, at_least), ("channel count", channels, 1)):
        try:
            arguments.integer(what, side, least)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{name}: expected a {what} of at least {least}, got {shape!r}") from None
    return tuple(map(int, sides))


def _scaled(count: int, width: float) -> int:
    """Return `count` times `width`, rounded, or refuse a `width` that leaves nothing."""
    if isinstance(width, bool) or not isinstance(width, Real):
        raise TypeError(f"width: expected a number above 0, got {width!r}")
    if not (math.isfinite(width) and width > 0):
        raise ValueError(f"width: expected a number above 0, got {width}")
    scaled = round(count * width)
    if scaled < 1:
        raise ValueError(f"width: expected a number that leaves a channel of {count}, got {width}")
    return scaled
