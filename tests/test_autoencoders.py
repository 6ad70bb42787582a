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
    """Pictures of a soft spot somewhere."""
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


def test_the_code_is_between():
    network = autoencoder(code=5)
    encoder, decoder = network.layers
    pictures = spots(3)
    code = encoder(pictures, training=False)
    assert code.shape == (3, 5)
    assert np.array_equal(decoder(code, training=False), network(pictures, training=False))


@pytest.mark.parametrize(("code", "norm"), [(8, True), (8, False), (None, True), (None, False)])
def test_it_learns(code, norm):
    network = autoencoder(code, norm)
    network.compile(keras.optimizers.Adam(0.005), "binary_crossentropy")
    pictures = spots(32)
    losses = [float(network.train_on_batch(pictures, pictures)) for _ in range(20)]
    assert losses[-1] < 0.8 * losses[0]


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_answers_are_float32_between_0_and_1(policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        answer = autoencoder(code=4)(spots(2))
    finally:
        keras.config.set_dtype_policy(before)
    assert keras.backend.standardize_dtype(answer.dtype) == "float32" and answer.shape == (2, 28, 28, 1)
    assert np.min(answer) >= 0 and np.max(answer) <= 1


@pytest.mark.parametrize("code", [None, 3])
def test_save_and_load(code, tmp_path):
    network = autoencoder(code)
    network.save(tmp_path / "network.keras")
    again = keras.saving.load_model(tmp_path / "network.keras")
    answers = [np.asarray(each(spots(2), training=False)) for each in (network, again)]
    assert np.array_equal(*answers) and answers[0].std() > 1e-4


@pytest.mark.parametrize("code", [0, -3])
def test_refuses_a_code_of_no_numbers(code):
    with pytest.raises(ValueError, match=f"code: expected a whole number of at least 1, got {code}"):
        autoencoder(code)


@pytest.mark.parametrize("arguments", [{"code": 2.5}, {"code": True}, {"code": "32"}, {"norm": 1}, {"norm": None}])
def test_refuses_other_types(arguments):
    with pytest.raises(TypeError, match=f"{next(iter(arguments))}: expected"):
        autoencoder(**arguments)
