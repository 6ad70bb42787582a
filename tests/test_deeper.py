"""What students write in week 4a, against Keras' layers and keras.applications."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.weeks import week04a
from tests.lesson_parts import functions


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 5), st.integers(1, 4), st.integers(1, 4))
def test_batch_norm_is_keras(seed, images, side, channels):
    rng = np.random.default_rng(seed)
    x = rng.normal(rng.normal(size=channels), 2, (images, side, side, channels)).astype("float32")
    gamma, beta = rng.normal(size=(2, channels)).astype("float32")
    layer = keras.layers.BatchNormalization()
    layer.build(x.shape)
    layer.set_weights([gamma, beta, *layer.get_weights()[2:]])
    np.testing.assert_allclose(week04a.batch_norm.reference(x, gamma, beta), layer(x, training=True), atol=1e-4)


def test_normalisation_keeps_the_averages_of_keras():
    rng = np.random.default_rng(0)
    layers = [keras.layers.BatchNormalization(momentum=0.8)]
    layers.append(week04a.Normalisation(week04a.batch_norm.reference, momentum=0.8))
    for _ in range(5):
        x = rng.normal(3, 2, (4, 3, 3, 2)).astype("float32")
        theirs, mine = (layer(x, training=True) for layer in layers)
        np.testing.assert_allclose(mine, theirs, atol=1e-4)
    theirs, mine = (layer(x, training=False) for layer in layers)
    np.testing.assert_allclose(mine, theirs, atol=1e-4)


@pytest.mark.parametrize("channels", [1, 4])
def test_identity_kernel_hands_on_its_input(channels):
    x = np.random.default_rng(0).normal(size=(2, 5, 6, channels)).astype("float32")
    layer = keras.layers.Conv2D(channels, 3, padding="same", use_bias=False)
    layer.build(x.shape)
    layer.set_weights([week04a.identity_kernel.reference(channels)])
    np.testing.assert_allclose(layer(x), x, atol=1e-6)
