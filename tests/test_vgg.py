"""VGG, against the paper's figures, Keras' own VGG16 and VGG19, and TensorFlow's normalisation."""

import numpy as np
import pytest

from course_utils import runtime
from course_utils.models.vgg import CONFIGURATIONS, LocalResponseNormalization, vgg

keras = runtime.quiet_keras()

# The paper's table 2, in millions.
MILLIONS = {"A": 133, "A-LRN": 133, "B": 133, "C": 134, "D": 138, "E": 144}


def by_hand(config, width, shape, classes, top, batch_norm):
    """Count a network's weights from the paper's table."""
    total, channels = 0, shape[2]
    for line in CONFIGURATIONS[config]:
        for side, filters in (item[4:].split("-") for item in line.split() if item != "LRN"):
            filters = round(int(filters) * width)
            total += int(side) ** 2 * channels * filters + filters * (4 if batch_norm else 1)
            channels = filters
    sizes = [channels]
    if top == "dense":
        sizes = [channels * (shape[0] // 32) * (shape[1] // 32), round(4096 * width), round(4096 * width)]
    return total + sum((a + 1) * b for a, b in zip(sizes, [*sizes[1:], classes], strict=True))


@pytest.mark.parametrize("config", MILLIONS)
def test_counts_are_the_papers(config):
    assert round(by_hand(config, 1, (224, 224, 3), 1000, "dense", False) / 1e6) == MILLIONS[config]
    for width, shape, classes, top, batch_norm in (
        (1 / 8, (64, 96, 3), 10, "dense", False),
        (1 / 8, (40, 32, 1), 3, "pool", True),
        (0.03, (32, 32, 3), 2, "dense", True),
    ):
        built = vgg(config, width, shape, classes, top, batch_norm).count_params()
        assert built == by_hand(config, width, shape, classes, top, batch_norm)


def test_table_is_the_papers():
    """Its deepest lines, and the number of layers with weights: 11, 11, 13, 16, 16, 19, three of them dense."""
    convolutions = {name: sum(line.count("conv") for line in lines) for name, lines in CONFIGURATIONS.items()}
    assert convolutions == {"A": 8, "A-LRN": 8, "B": 10, "C": 13, "D": 13, "E": 16}
    assert CONFIGURATIONS["C"][2] == "conv3-256 conv3-256 conv1-256"
    assert CONFIGURATIONS["A-LRN"] == ("conv3-64 LRN", *CONFIGURATIONS["A"][1:])
    kernels = [layer.kernel_size for layer in vgg("C", 1 / 16, top="pool").layers if "conv3" in layer.name]
    assert kernels == [(1, 1)] * 3


@pytest.mark.parametrize("config, name", [("D", "VGG16"), ("E", "VGG19")])
def test_equal_to_keras(config, name):
    """The same names, number of weights and, with the same weights, features and probabilities."""
    # Images smaller than 224x224 spare a gigabyte of dense weights, and leave 1x2 positions to flatten.
    theirs = getattr(keras.applications, name)(weights=None, input_shape=(32, 64, 3))
    ours = vgg(config, input_shape=(32, 64, 3))
    assert ours.count_params() == theirs.count_params()
    assert [layer.name for layer in ours.layers][1:] == [layer.name for layer in theirs.layers][1:]
    # With fresh weights signals fade from layer to layer until all images look alike; with these they do not.
    rng = np.random.default_rng(0)
    for layer in theirs.layers:
        if layer.weights:
            kernel, bias = layer.get_weights()
            kernel *= np.float32(np.sqrt(2 / np.prod(kernel.shape[:-1])) / kernel.std())
            bias += rng.normal(0, 0.1, bias.shape).astype("float32")
            for each in (layer, ours.get_layer(layer.name)):
                each.set_weights([kernel, bias])
    images = rng.normal(size=(2, 32, 64, 3)).astype("float32")
    images[1] = images[1, :, :1]  # stripes
    for layer in ("block3_pool", "fc2", "predictions"):
        mine, other = (keras.Model(m.input, m.get_layer(layer).output)(images).numpy() for m in (ours, theirs))
        np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-4 * other.max(), err_msg=layer)
    assert mine.max() > 0.005 and abs(mine[0] - mine[1]).max() > 0.003  # if all were equal: 0.001, and 0


@pytest.mark.parametrize("top, batch_norm", [("dense", False), ("pool", True)])
def test_networks_can_be_saved_and_trained(tmp_path, top, batch_norm):
    model = vgg("A-LRN", 1 / 16, (32, 32, 1), 3, top, batch_norm)
    model.compile("sgd", "sparse_categorical_crossentropy")
    x = np.random.default_rng(0).normal(size=(6, 32, 32, 1)).astype("float32")
    model.fit(x, np.arange(6) % 3, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(model.predict(x, verbose=0), again.predict(x, verbose=0), rtol=1e-5)


def test_order_within_a_block():
    names = [layer.name for layer in vgg("A-LRN", 1 / 16, (32, 32, 3)).layers]
    assert names[1:5] == ["block1_conv1", "block1_lrn", "block1_pool", "block2_conv1"]
    model = vgg("B", 1 / 16, (32, 32, 3), top="pool", batch_norm=True)
    expected = [f"block1_{kind}{number}" for number in (1, 2) for kind in ("conv", "bn", "relu")]
    assert [layer.name for layer in model.layers][1:8] == [*expected, "block1_pool"]
    assert [layer.name for layer in model.layers][-3:] == ["block5_pool", "pool", "predictions"]
    assert not model.get_layer("block1_conv1").use_bias and model.get_layer("block1_bn1").momentum == 0.9


def test_local_response_normalisation_equals_tensorflows():
    import tensorflow as tf

    x = np.random.default_rng(0).normal(0, 100, (2, 4, 5, 11)).astype("float32")
    theirs = tf.nn.local_response_normalization(x, depth_radius=2, bias=2, alpha=1e-4, beta=0.75)
    np.testing.assert_allclose(LocalResponseNormalization()(x), theirs, rtol=1e-4)
