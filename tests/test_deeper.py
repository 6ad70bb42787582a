"""What students write in week 4a, against Keras' layers and keras.applications."""

import keras
import numpy as np
import pytest

from course_utils.weeks import week04a
from tests.lesson_parts import from_lesson


def test_normalisation_is_keras_in_training_and_in_use():
    x = np.random.default_rng(0).normal(3, 2, (4, 3, 3, 2)).astype("float32")
    theirs, mine = keras.layers.BatchNormalization(), week04a.Normalisation(week04a.batch_norm.reference)
    for training in (True, True, False):
        np.testing.assert_allclose(mine(x, training=training), theirs(x, training=training), atol=1e-4)


@pytest.mark.parametrize("channels", [1, 4])
def test_identity_kernel_hands_on_its_input(channels):
    x = np.random.default_rng(0).normal(size=(2, 5, 6, channels)).astype("float32")
    layer = keras.layers.Conv2D(channels, 3, padding="same", use_bias=False)
    layer.build(x.shape)
    layer.set_weights([week04a.identity_kernel.reference(channels)])
    np.testing.assert_allclose(layer(x), x, atol=1e-6)


def test_blocks_build_a_residual_network():
    given = {"shortcut": week04a.shortcut.reference, "classes": 10}
    lesson = from_lesson("week04a_going_deeper", ["conv", "network"], **given)
    model = lesson["network"](week04a.residual_block.reference, 32)
    kernels = [layer.kernel_size for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert (kernels.count((3, 3)) + 1, kernels.count((1, 1))) == (32, 2)
    assert sum(isinstance(layer, keras.layers.Add) for layer in model.layers) == 15


@pytest.mark.parametrize("depth", [50, 101, 152])
def test_resnets_have_the_kernels_and_weights_of_keras(depth):
    lesson = from_lesson("week04a_going_deeper", ["RESNETS", "convolutions"])
    found = lesson["convolutions"](*lesson["RESNETS"][depth])
    theirs = getattr(keras.applications, f"ResNet{depth}")(weights=None, include_top=False, input_shape=(224, 224, 3))
    convolutions = [layer for layer in theirs.layers if isinstance(layer, keras.layers.Conv2D)]
    sizes = [(layer.kernel_size[0], *layer.kernel.shape[2:], layer.output.shape[1]) for layer in convolutions]
    assert sorted(found) == sorted(sizes)
    counted = sum((kernel**2 * inputs + 5) * outputs for kernel, inputs, outputs, _ in found)
    assert counted == theirs.count_params()


@pytest.mark.parametrize(("config", "name"), [("D", "VGG16"), ("E", "VGG19")])
def test_vgg_has_the_weights_of_keras(config, name):
    costs = from_lesson("week04a_going_deeper", ["vgg_costs"])["vgg_costs"](config)
    theirs = getattr(keras.applications, name)(weights=None, include_top=False, input_shape=(32, 32, 3))
    assert sum(weights for block in costs[:-1] for weights, _ in block) == theirs.count_params()
    assert sum(weights for weights, _ in costs[-1]) == 123_642_856  # of three dense layers
