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


APPLICATIONS = {  # thousand million multiply-adds, as published or as torchvision and Keras count them
    "VGG16": 15.47,
    "ResNet50": 3.86,
    "InceptionV3": 5.71,
    "InceptionResNetV2": 13.15,
    "DenseNet121": 2.85,
    "Xception": 8.36,
    "MobileNetV2": 0.301,
    "EfficientNetB0": 0.388,
}


@pytest.mark.parametrize("name", APPLICATIONS)
def test_weights_are_those_of_keras_applications(name):
    """All kernels: the rest are biases and batch normalisation."""
    model = getattr(keras.applications, name)(weights=None)
    kernels = sum(int(np.prod(v.shape)) for v in model.weights if v.name.endswith("kernel"))
    weights, work = week04b.count(model, week04b.cost.reference)
    assert weights == kernels
    assert abs(work / 1e9 / APPLICATIONS[name] - 1) < 0.02


def test_bottlenecks_are_those_of_keras():
    convolutions = [week04b.cost.reference(*one) for one in week04b.bottlenecks([3, 4, 6, 3])]
    model = keras.applications.ResNet50(weights=None)
    assert tuple(np.sum(convolutions, axis=0)) == week04b.count(model, week04b.cost.reference)


def test_bottlenecks_with_groups_are_those_of_the_paper():
    weights, work = np.sum([week04b.cost.reference(*one) for one in week04b.bottlenecks([3, 4, 6, 3], 128, 32)], axis=0)
    assert abs(weights / 25.0e6 - 1) < 0.01 and abs(work / 4.2e9 - 1) < 0.03


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
