"""What week 4b asks for, against Keras' own layers and networks."""

import keras
import numpy as np
import pytest

from course_utils.weeks import week04b


@pytest.mark.parametrize(("inputs", "outputs", "groups"), [(6, 4, 1), (6, 4, 2), (8, 8, 8)])
def test_weights_are_those_of_keras_layer(inputs, outputs, groups):
    layer = keras.layers.Conv2D(outputs, 3, groups=groups, use_bias=False)
    layer.build((None, 9, 9, inputs))
    assert week04b.cost.reference(3, inputs, outputs, 49, groups) == (layer.count_params(), 49 * layer.count_params())


def test_weights_are_those_of_keras_applications():
    """All kernels of MobileNetV2: the rest are biases and batch normalisation."""
    model = keras.applications.MobileNetV2(weights=None)
    kernels = sum(int(np.prod(v.shape)) for v in model.weights if v.name in ("kernel", "depthwise_kernel"))
    weights, work = week04b.count(model, week04b.cost.reference)
    assert weights == kernels
    assert abs(work - 300e6) < 5e6  # of the paper


def test_separable_is_keras_layer():
    x = keras.Input((6, 5, 3))
    mine = keras.Model(x, week04b.separable.reference(x, 4))
    theirs = keras.Sequential([x, keras.layers.SeparableConv2D(4, 3, padding="same", use_bias=False)])
    theirs.set_weights([w.reshape(v.shape) for w, v in zip(mine.get_weights(), theirs.weights, strict=True)])
    image = np.random.default_rng(0).normal(size=(2, 6, 5, 3))
    np.testing.assert_allclose(mine(image), theirs(image), atol=1e-5)


def test_shuffle_and_back():
    x = keras.ops.convert_to_tensor(np.random.default_rng(0).normal(size=(2, 3, 4, 12)))
    shuffled = week04b.channel_shuffle.reference(x, 3)
    np.testing.assert_array_equal(week04b.channel_shuffle.reference(shuffled, 4), x)
    np.testing.assert_array_equal(shuffled[..., :3], np.asarray(x)[..., [0, 4, 8]])
