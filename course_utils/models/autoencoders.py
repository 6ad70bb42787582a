"""Networks that squeeze a picture into a code, and rebuild it from there."""

from .. import arguments, runtime

keras = runtime.quiet_keras()
layers = keras.layers


def autoencoder(code: int | None = 32, norm: bool = True):
    """Build an autoencoder for grey pictures of 28x28 pixels: an encoder, and a decoder behind it.

    The encoder has three convolutions (16, 32 and 64 channels), each followed by 2x2 max pooling, and then a dense
    layer that gives the code. The decoder enlarges three times by transposed convolutions.

    Parameters
    ----------
    code : int, optional
        How many numbers the code has. None: there are no dense layers, and the code is the 3x3x64 numbers that the
        last pooling gives.
    norm : bool
        Whether batch normalisation and ReLU follow each layer. Without: SELU alone, and biases.

    Returns
    -------
    keras.Sequential
        Of two models, the encoder and the decoder, from pictures (batch, 28, 28, 1) in 0 to 1 to pictures of the same
        shape, in float32.

    Examples
    --------
    >>> network = autoencoder(code=32)
    >>> encoder, decoder = network.layers
    >>> encoder.output_shape, decoder.output_shape, network.count_params()
    ((None, 32), (None, 28, 28, 1), 86209)
    """
    if code is not None:
        code = arguments.integer("code", code, at_least=1)
    if not isinstance(norm, bool):
        raise TypeError(f"norm: expected True or False, got {norm!r}")
    # Glorot's start without batch normalisation: with SELU it keeps values in bounds.
    start = {"use_bias": not norm, "kernel_initializer": "he_normal" if norm else "glorot_uniform"}

    def after():
        return [layers.BatchNormalization(momentum=0.95), layers.ReLU()] if norm else [layers.Activation("selu")]

    encoder = [keras.Input((28, 28, 1))]
    for channels in (16, 32, 64):
        # Pooling comes before what follows: SELU only rises, so it is all the same, and a quarter of the work.
        encoder += [layers.Conv2D(channels, 3, padding="same", **start), layers.MaxPooling2D(), *after()]
    decoder = [keras.Input((3, 3, 64))]
    if code is not None:
        encoder += [layers.Flatten(), layers.Dense(code)]
        decoder = [keras.Input((code,)), layers.Dense(3 * 3 * 64, **start), *after(), layers.Reshape((3, 3, 64))]
    decoder += [
        layers.Conv2DTranspose(32, 3, strides=2, **start),
        *after(),
        layers.Conv2DTranspose(16, 3, strides=2, padding="same", **start),
        *after(),
        layers.Conv2DTranspose(1, 3, strides=2, padding="same"),
        layers.Activation("sigmoid", dtype="float32"),  # also where the rest computes with fewer bits
    ]
    return keras.Sequential(
        [keras.Sequential(encoder, name="encoder"), keras.Sequential(decoder, name="decoder")], name="autoencoder"
    )
