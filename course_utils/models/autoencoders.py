"""Networks that compress an image into a code and reconstruct it from there."""

from .. import runtime

keras = runtime.quiet_keras()
layers = keras.layers


def autoencoder(code: int | None = 32, norm: bool = True):
    """Build an autoencoder for grey images of 28x28 pixels: a Sequential of two models, encoder and decoder.

    The encoder has three convolutions (16, 32 and 64 channels), each with 2x2 max pooling, and a dense layer that
    gives the code. The decoder enlarges three times by transposed convolutions. Its output is float32, in 0 to 1.

    Parameters
    ----------
    code : int, optional
        How many numbers the code has. None: no dense layers, and the code is the 3x3x64 output of the last pooling.
    norm : bool
        Whether batch normalisation and ReLU follow each layer. Without: SELU alone, and biases.

    Examples
    --------
    >>> encoder, decoder = autoencoder(code=32).layers
    >>> encoder.output_shape, decoder.output_shape
    ((None, 32), (None, 28, 28, 1))
    """
    # Glorot's start without batch normalisation: with SELU it keeps values in bounds.
    start = {"use_bias": not norm, "kernel_initializer": "he_normal" if norm else "glorot_uniform"}

    def activation():
        return [layers.BatchNormalization(momentum=0.95), layers.ReLU()] if norm else [layers.Activation("selu")]

    encoder = [keras.Input((28, 28, 1))]
    for channels in (16, 32, 64):
        # Pooling before the activation: SELU only rises, so the result is the same for a quarter of the work.
        encoder += [layers.Conv2D(channels, 3, padding="same", **start), layers.MaxPooling2D(), *activation()]
    decoder = [keras.Input((3, 3, 64))]
    if code is not None:
        encoder += [layers.Flatten(), layers.Dense(code)]
        decoder = [keras.Input((code,)), layers.Dense(3 * 3 * 64, **start), *activation(), layers.Reshape((3, 3, 64))]
    decoder += [
        layers.Conv2DTranspose(32, 3, strides=2, **start),
        *activation(),
        layers.Conv2DTranspose(16, 3, strides=2, padding="same", **start),
        *activation(),
        layers.Conv2DTranspose(1, 3, strides=2, padding="same"),
        layers.Activation("sigmoid", dtype="float32"),  # also where the rest computes with fewer bits
    ]
    return keras.Sequential(
        [keras.Sequential(encoder, name="encoder"), keras.Sequential(decoder, name="decoder")], name="autoencoder"
    )
