"""The six networks of "Very Deep Convolutional Networks" (Simonyan and Zisserman, 2014), at any width."""

from .. import arguments, runtime

keras = runtime.quiet_keras()


def _column(*counts: int) -> tuple[str, ...]:
    """Return a line for each of the five blocks, with so many 3x3 convolutions."""
    lines = zip(counts, (64, 128, 256, 512, 512), strict=True)
    return tuple(" ".join([f"conv3-{channels}"] * count) for count, channels in lines)


_A, _B = _column(1, 1, 2, 2, 2), _column(2, 2, 2, 2, 2)

# The paper's table 1: a column a network, a line a block, each ended by a max pooling.
# "conv3-64" is a 3x3 convolution with 64 channels, and a ReLU.
CONFIGURATIONS = {
    "A": _A,
    "A-LRN": (f"{_A[0]} LRN", *_A[1:]),  # with local response normalisation
    "B": _B,
    "C": (*_B[:2], f"{_B[2]} conv1-256", f"{_B[3]} conv1-512", f"{_B[4]} conv1-512"),
    "D": _column(2, 2, 3, 3, 3),
    "E": _column(2, 2, 4, 4, 4),
}
SMALLEST_SIDE = 2**5  # pixels: five poolings halve each side


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
        Factor for the number of channels and of dense units; 1 is the paper's.
    top : {"dense", "pool"}
        The paper's three dense layers, or one dense layer on the mean of each channel, with far fewer weights.
    batch_norm : bool
        Batch normalisation between each convolution and its ReLU. The paper has none; a short training needs it.

    Examples
    --------
    >>> model = vgg("D", width=1 / 8, input_shape=(32, 32, 3), classes=10, top="pool")
    >>> model.get_layer("block5_pool").output.shape, model.output.shape
    ((None, 1, 1, 64), (None, 10))
    """
    layers = keras.layers
    arguments.one_of("top", top, ("dense", "pool"))
    inputs = keras.Input(input_shape)
    x = convolutions(inputs, config, width, batch_norm)
    if top == "dense":
        x = layers.Flatten(name="flatten")(x)
        for name in ("fc1", "fc2"):
            x = layers.Dense(round(4096 * width), activation="relu", name=name)(x)
    else:
        x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dense(classes, activation="softmax", name="predictions")(x)
    return keras.Model(inputs, x, name=f"vgg_{config}")


def convolutions(x, config: str, width: float = 1.0, batch_norm: bool = False):
    """Apply the five blocks of a configuration to `x`, and return the output of block5_pool."""
    layers = keras.layers
    for block, line in enumerate(CONFIGURATIONS[config], start=1):
        for number, item in enumerate(line.split(), start=1):
            if item == "LRN":  # the last of its block
                x = LocalResponseNormalization(name=f"block{block}_lrn")(x)
                continue
            side, filters = map(int, item.removeprefix("conv").split("-"))
            x = layers.Conv2D(
                round(filters * width),
                side,
                padding="same",
                activation=None if batch_norm else "relu",
                use_bias=not batch_norm,  # the normalisation subtracts any bias and has its own
                name=f"block{block}_conv{number}",
            )(x)
            if batch_norm:
                # Keras' momentum of 0.99 needs some 500 steps to know the means; short trainings end before.
                x = layers.BatchNormalization(momentum=0.9, name=f"block{block}_bn{number}")(x)
                x = layers.ReLU(name=f"block{block}_relu{number}")(x)
        x = layers.MaxPooling2D(name=f"block{block}_pool")(x)
    return x


@keras.saving.register_keras_serializable(package="course_utils")
class LocalResponseNormalization(keras.layers.Layer):
    """Normalise each value by its neighbours in 5 channels, as AlexNet: ``a / (2 + 1e-4 * sum(a_j ** 2)) ** 0.75``."""

    def call(self, inputs):
        """Normalise over the last axis."""
        channels = inputs.shape[-1]
        padded = keras.ops.pad(keras.ops.square(inputs), [(0, 0)] * (len(inputs.shape) - 1) + [(2, 2)])
        energy = sum(padded[..., first : first + channels] for first in range(5))
        return inputs / (2 + 1e-4 * energy) ** 0.75
