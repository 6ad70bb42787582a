"""Autoencoders: shapes and counts by hand, and whether they train and can be saved."""

import numpy as np
import pytest

from course_utils import runtime
from course_utils.models import autoencoder

keras = runtime.quiet_keras()


@pytest.fixture(autouse=True)
def same_weights_always():
    keras.utils.set_random_seed(0)


def spots(count):
    """Images of a soft spot somewhere."""
    rows, columns = np.indices((28, 28))[:, None] - np.random.default_rng(0).uniform(6, 22, (2, count, 1, 1))
    return np.exp(-(rows**2 + columns**2) / 20).astype("float32")[..., None]


def by_hand(code, norm):
    after = 4 if norm else 1  # numbers a channel: batch normalisation's, or the bias
    encoder = sum(9 * i * o + after * o for i, o in ((1, 16), (16, 32), (32, 64)))
    decoder = sum(9 * i * o + after * o for i, o in ((64, 32), (32, 16))) + 9 * 16 + 1
    if code:
        encoder += 576 * code + code
        decoder += code * 576 + after * 576
    return encoder, decoder


@pytest.mark.parametrize("norm", [True, False])
@pytest.mark.parametrize("code", [None, 1, 32])
def test_counts(code, norm):
    encoder, decoder = autoencoder(code, norm).layers
    assert (encoder.count_params(), decoder.count_params()) == by_hand(code, norm)


def test_sides_on_the_way():
    encoder, decoder = autoencoder(code=None, norm=False).layers
    halved = [layer.output.shape[1:] for layer in encoder.layers if isinstance(layer, keras.layers.MaxPooling2D)]
    doubled = [layer.output.shape[1:] for layer in decoder.layers if isinstance(layer, keras.layers.Conv2DTranspose)]
    assert halved == [(14, 14, 16), (7, 7, 32), (3, 3, 64)]
    assert doubled == [(7, 7, 32), (14, 14, 16), (28, 28, 1)]
    assert encoder.output_shape == decoder.input_shape == (None, 3, 3, 64)


@pytest.mark.parametrize(("code", "norm"), [(8, True), (8, False), (None, True), (None, False)])
def test_it_learns_and_can_be_saved(code, norm, tmp_path):
    network = autoencoder(code, norm)
    network.compile(keras.optimizers.Adam(0.005), "binary_crossentropy")
    images = spots(32)
    losses = [float(network.train_on_batch(images, images)) for _ in range(20)]
    assert losses[-1] < 0.8 * losses[0]
    network.save(tmp_path / "network.keras")
    again = keras.saving.load_model(tmp_path / "network.keras")
    encoder, decoder = again.layers
    expected = network(images, training=False)
    assert np.array_equal(expected, decoder(encoder(images, training=False), training=False)) and np.std(expected) > 0


def test_outputs_are_float32_between_0_and_1():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        output = autoencoder(code=4)(spots(2))
    finally:
        keras.config.set_dtype_policy(before)
    assert keras.backend.standardize_dtype(output.dtype) == "float32"
    assert np.min(output) >= 0 and np.max(output) <= 1
