"""Networks that answer for every pixel: fully convolutional ones (Long et al.) and the U-Net (Ronneberger et al.)."""

import numpy as np

from .. import arguments, runtime

keras = runtime.quiet_keras()
layers = keras.layers


def unet(
    input_shape: tuple[int | None, int | None, int],
    classes: int,
    depth: int = 4,
    width: int = 16,
    padding: str = "same",
    skips: bool = True,
    norm: bool = True,
):
    """Build a U-Net: down to a small picture of many channels, and up again, helped by what was seen on the way down.

    Parameters
    ----------
    input_shape : (height, width, channels)
        Height and width may be None: then any size will do that the network can halve ``depth - 1`` times.
    classes : int
        How many classes a pixel may have.
    depth : int
        How many sizes a picture has in the network, its own included.
    width : int
        Channels at the first size; twice as many at each smaller one.
    padding : "same" or "valid"
        Whether convolutions see zeros beyond the border, or leave the border out as in the paper. With "valid" the
        answer is smaller than the input, and is that for its middle.
    skips : bool
        Whether the way up sees what the way down saw. Without, this is an encoder and a decoder.
    norm : bool
        Whether batch normalisation follows each 3x3 convolution; the paper's network has none.

    Returns
    -------
    keras.Model
        From (batch, height, width, channels) to probabilities (batch, height, width, classes), in float32.

    Examples
    --------
    >>> paper = unet((572, 572, 1), classes=2, depth=5, width=64, padding="valid", norm=False)
    >>> paper.output_shape, paper.count_params()
    ((None, 388, 388, 2), 31030658)
    """
    depth = arguments.integer("depth", depth, at_least=1)
    width = arguments.integer("width", width, at_least=1)
    arguments.one_of("padding", padding, ("same", "valid"))
    classes = arguments.integer("classes", classes, at_least=2)
    inputs = _input(input_shape)
    for side in input_shape[:2]:
        if side is not None:
            _refuse_side(side, depth, padding)

    def twice(x, channels):
        for _ in range(2):
            x = _convolution(x, channels, padding, norm)
        return x

    x, seen = inputs, []
    for level in range(depth):
        x = layers.MaxPooling2D()(x) if level else x
        x = twice(x, width * 2**level)
        seen.append(x)
    lost = 2  # pixels, at each side, of what two convolutions see
    for level in reversed(range(depth - 1)):
        x = layers.Conv2DTranspose(width * 2**level, 2, strides=2, kernel_initializer="he_normal")(x)
        if skips:
            beside = seen[level] if padding == "same" else layers.Cropping2D(2 * lost)(seen[level])
            x = layers.Concatenate()([beside, x])
        lost = 2 * lost + 4
        x = twice(x, width * 2**level)
    return keras.Model(inputs, _answer(layers.Conv2D(classes, 1)(x)), name="unet" if skips else "no_skips")


def fcn(
    input_shape: tuple[int | None, int | None, int],
    classes: int,
    stride: int = 32,
    width: int = 16,
    norm: bool = True,
):
    """Build a fully convolutional network of Long et al.: FCN-32s, 16s or 8s.

    Five blocks, each halving the picture as VGG does, and a score for each class at the last, 32 times smaller size.
    FCN-32s enlarges the scores 32 times at once. FCN-16s enlarges them twice, adds scores that the size before sees,
    and enlarges the sum 16 times; FCN-8s does so once more. All enlarging is by transposed convolutions that begin as
    bilinear interpolation and learn.

    Parameters
    ----------
    input_shape : (height, width, channels)
        Height and width multiples of 32, or None: then any such size will do.
    classes : int
        How many classes a pixel may have.
    stride : 32, 16 or 8
        How many times the last enlarging enlarges.
    width : int
        Channels of the first block; 2, 4, 8 and 8 times as many in the others.
    norm : bool
        Whether batch normalisation follows each 3x3 convolution.

    Returns
    -------
    keras.Model
        From (batch, height, width, channels) to probabilities (batch, height, width, classes), in float32.

    Examples
    --------
    >>> fcn((64, 96, 1), classes=2, stride=8).output_shape
    (None, 64, 96, 2)
    """
    arguments.one_of("stride", stride, (32, 16, 8))
    width = arguments.integer("width", width, at_least=1)
    classes = arguments.integer("classes", classes, at_least=2)
    inputs = _input(input_shape)
    for side in input_shape[:2]:
        if side is not None and side % 32:
            raise ValueError(f"input_shape: expected sides that are multiples of 32, or None, got {side}")
    x, seen = inputs, {}
    for block, times in enumerate((1, 2, 4, 8, 8), start=1):
        for _ in range(2):
            x = _convolution(x, width * times, "same", norm)
        x = seen[2**block] = layers.MaxPooling2D()(x)
    scores = layers.Conv2D(classes, 1)(x)
    for size in (16, 8):
        if stride <= size:
            # Zero to begin with: a skip that knows nothing yet does not disturb.
            beside = layers.Conv2D(classes, 1, kernel_initializer="zeros")(seen[size])
            scores = layers.Add()([_enlarged(scores, 2), beside])
    return keras.Model(inputs, _answer(_enlarged(scores, stride)), name=f"fcn_{stride}s")


def _input(input_shape):
    if not isinstance(input_shape, tuple | list) or len(input_shape) != 3:
        raise TypeError(f"input_shape: expected (height, width, channels), got {input_shape!r}")
    for side in input_shape[:2]:
        if side is not None:
            arguments.integer("input_shape", side, at_least=1)
    arguments.integer("input_shape", input_shape[2], at_least=1)
    return keras.Input(tuple(input_shape))


def _refuse_side(side: int, depth: int, padding: str) -> None:
    """Refuse a side that does not come out even on the way down."""
    lost = 4 if padding == "valid" else 0
    left = side
    for level in range(depth):
        if level and left % 2:
            raise ValueError(f"input_shape: expected sides that can be halved {depth - 1} times, got {side}")
        left = left // 2 - lost if level else left - lost
    out = left
    for _ in range(depth - 1):
        out = 2 * out - lost
    if out < 1:
        raise ValueError(f"input_shape: expected sides of which {padding!r} leaves something, got {side}")


def _convolution(x, channels: int, padding: str, norm: bool):
    x = layers.Conv2D(channels, 3, padding=padding, use_bias=not norm, kernel_initializer="he_normal")(x)
    if norm:
        # With Keras' 0.99 the moving statistics lag behind in a short training; with less than this, they are those of
        # the last few small batches, and answers shake.
        x = layers.BatchNormalization(momentum=0.97)(x)
    return layers.ReLU()(x)


def _enlarged(x, times: int):
    return layers.Conv2DTranspose(
        x.shape[-1], 2 * times, times, padding="same", use_bias=False, kernel_initializer=_bilinear
    )(x)


@keras.saving.register_keras_serializable(package="course_utils", name="bilinear")
def _bilinear(shape, dtype=None):
    """Weights (height, width, outputs, inputs) with which a transposed convolution interpolates each channel."""
    side = shape[0]
    tent = 1 - np.abs((np.arange(side) + 0.5) / (side / 2) - 1)
    kernel = np.zeros(shape, "float32")
    for channel in range(shape[2]):
        kernel[:, :, channel, channel] = np.outer(tent, tent)
    return keras.ops.convert_to_tensor(kernel, dtype)


def _answer(scores):
    return layers.Activation("softmax", dtype="float32")(scores)  # also where the rest computes with fewer bits
