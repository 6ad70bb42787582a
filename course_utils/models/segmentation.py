"""Networks that classify every pixel: FCN (Long et al.) and the U-Net (Ronneberger et al.)."""

import numpy as np

from .. import arguments, runtime

keras = runtime.quiet_keras()
layers = keras.layers


def unet(
    input_shape: tuple,
    classes: int,
    depth: int = 4,
    width: int = 16,
    padding: str = "same",
    skips: bool = True,
    norm: bool = True,
):
    """Build a U-Net, from images to a probability for each class (at least 2) and pixel.

    Parameters
    ----------
    input_shape : (height, width, channels)
        Sides None: any size that can be halved ``depth - 1`` times.
    depth : int
        How many sizes an image has in the network, its own included.
    width : int
        Channels at the first size; twice as many at each smaller one.
    padding : "same" or "valid"
        With "valid", as in the paper, the output is smaller than the input and belongs to its centre.
    skips : bool
        Whether the way up receives the feature maps of the way down.
    norm : bool
        Whether batch normalisation follows each 3x3 convolution; the paper's network has none.

    Examples
    --------
    >>> paper = unet((572, 572, 1), classes=2, depth=5, width=64, padding="valid", norm=False)
    >>> paper.output_shape, paper.count_params()
    ((None, 388, 388, 2), 31030658)
    """
    x = inputs = _input(input_shape, classes, factor=2 ** (depth - 1) if padding == "same" else 1)
    feature_maps = []
    for level in range(depth):
        x = layers.MaxPooling2D()(x) if level else x
        x = _double_conv(x, width * 2**level, padding, norm)
        feature_maps.append(x)
    lost = 2  # pixels at each side, by the two convolutions
    for level in reversed(range(depth - 1)):
        x = layers.Conv2DTranspose(width * 2**level, 2, strides=2, kernel_initializer="he_normal")(x)
        if skips:
            skip = feature_maps[level] if padding == "same" else layers.Cropping2D(2 * lost)(feature_maps[level])
            x = layers.Concatenate()([skip, x])
        lost = 2 * lost + 4
        x = _double_conv(x, width * 2**level, padding, norm)
    x = layers.Conv2D(classes, 1)(x)
    x = layers.Activation("softmax", dtype="float32")(x)  # also where the rest computes with fewer bits
    return keras.Model(inputs, x, name="unet" if skips else "no_skips")


def fcn(input_shape: tuple, classes: int, stride: int = 32, width: int = 16, norm: bool = True):
    """Build FCN-32s, 16s or 8s, from images to a probability for each class (at least 2) and pixel.

    Five blocks halve the image as VGG does, then each class gets a score. FCN-32s enlarges these scores 32 times at
    once. FCN-16s enlarges them twice, adds scores from the block before, and enlarges the sum 16 times; FCN-8s does so
    once more. Transposed convolutions enlarge: they start as bilinear interpolation and learn.

    Parameters
    ----------
    input_shape : (height, width, channels)
        Sides: multiples of 32, or None.
    stride : 32, 16 or 8
        Factor of the last enlargement.
    width : int
        Channels of the first block; 2, 4, 8 and 8 times as many in the others.
    norm : bool
        Whether batch normalisation follows each 3x3 convolution.

    Examples
    --------
    >>> fcn((64, 96, 1), classes=2, stride=8).output_shape
    (None, 64, 96, 2)
    """
    arguments.one_of("stride", stride, (32, 16, 8))
    x = inputs = _input(input_shape, classes, factor=32)
    pooled = {}
    for block, times in enumerate((1, 2, 4, 8, 8), start=1):
        x = _double_conv(x, width * times, "same", norm)
        x = pooled[2**block] = layers.MaxPooling2D()(x)
    scores = layers.Conv2D(classes, 1)(x)
    for size in (16, 8):
        if stride <= size:
            # Zeros: at the start the skip does not disturb the scores.
            skip = layers.Conv2D(classes, 1, kernel_initializer="zeros")(pooled[size])
            scores = layers.Add()([_enlarge(scores, 2), skip])
    x = layers.Activation("softmax", dtype="float32")(_enlarge(scores, stride))
    return keras.Model(inputs, x, name=f"fcn_{stride}s")


def _input(input_shape, classes: int, factor: int):
    """Return the input; refuse what would build a network with a wrong output."""
    arguments.integer("classes", classes, at_least=2)  # the softmax of a single score is always 1
    if any(side is not None and side % factor for side in input_shape[:2]):
        raise ValueError(f"input_shape: expected sides that are multiples of {factor}, or None, got {input_shape}")
    return keras.Input(tuple(input_shape))


def _double_conv(x, channels: int, padding: str, norm: bool):
    for _ in range(2):
        x = layers.Conv2D(channels, 3, padding=padding, use_bias=not norm, kernel_initializer="he_normal")(x)
        if norm:
            # With Keras' 0.99 the moving statistics lag behind in a short training; with much less they are those of
            # the last few small batches, and outputs fluctuate.
            x = layers.BatchNormalization(momentum=0.97)(x)
        x = layers.ReLU()(x)
    return x


def _enlarge(x, times: int):
    return layers.Conv2DTranspose(
        x.shape[-1], 2 * times, times, padding="same", use_bias=False, kernel_initializer=_bilinear
    )(x)


@keras.saving.register_keras_serializable(package="course_utils", name="bilinear")
def _bilinear(shape, dtype=None):
    """Weights (height, width, outputs, inputs) with which a transposed convolution interpolates each channel."""
    side = shape[0]
    tent = 1 - np.abs((np.arange(side) + 0.5) / (side / 2) - 1)
    kernel = np.outer(tent, tent)[..., None, None] * np.eye(shape[2])
    return keras.ops.convert_to_tensor(kernel.astype("float32"), dtype)
