"""VGG, against the paper's figures and Keras' own VGG16 and VGG19."""

import gc

import numpy as np
import pytest

from course_utils import runtime
from course_utils.models.vgg import CONFIGURATIONS, vgg

keras = runtime.quiet_keras()

# The paper's table 2, in millions.
MILLIONS = {"A": 133, "A-LRN": 133, "B": 133, "C": 134, "D": 138, "E": 144}


@pytest.fixture
def memory_given_back():
    """Models are cycles of references, and some here have half a gigabyte."""
    yield
    gc.collect()


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


def test_depth_is_the_papers():
    """Weight layers: 11, 11, 13, 16, 16, 19, three of them dense."""
    convolutions = {name: sum(line.count("conv") for line in lines) for name, lines in CONFIGURATIONS.items()}
    assert convolutions == {"A": 8, "A-LRN": 8, "B": 10, "C": 13, "D": 13, "E": 16}
    kernels = [layer.kernel_size for layer in vgg("C", 1 / 16, top="pool").layers if "conv3" in layer.name]
    assert kernels == [(1, 1)] * 3


@pytest.mark.usefixtures("memory_given_back")
@pytest.mark.parametrize("config, parameters", [("D", 138_357_544), ("E", 143_667_240)])
def test_counts_are_keras(config, parameters, monkeypatch):
    """What Keras documents for its VGG16 and VGG19."""
    # Random weights of full precision would take gigabytes.
    zeros = keras.initializers.Zeros().__call__
    monkeypatch.setattr(keras.initializers.GlorotUniform, "__call__", lambda _, *shape, **how: zeros(*shape, **how))
    keras.config.set_dtype_policy("float16")
    try:
        assert vgg(config).count_params() == parameters
    finally:
        keras.config.set_dtype_policy("float32")


@pytest.mark.usefixtures("memory_given_back")
@pytest.mark.parametrize("config, name", [("D", "VGG16"), ("E", "VGG19")])
def test_equal_to_keras(config, name):
    """The same names, number of weights and, with the same weights, features and probabilities."""
    # Pictures smaller than 224x224 spare a gigabyte of dense weights, and leave 1x2 places to flatten.
    theirs = getattr(keras.applications, name)(weights=None, input_shape=(32, 64, 3))
    ours = vgg(config, input_shape=(32, 64, 3))
    assert ours.count_params() == theirs.count_params()
    assert [layer.name for layer in ours.layers][1:] == [layer.name for layer in theirs.layers][1:]
    pictures = share_lively_weights(ours, theirs)
    mine = compare(ours, theirs, pictures, ["block3_pool", "fc2", "predictions"])
    assert mine.max() > 0.005 and abs(mine[0] - mine[1]).max() > 0.003  # if all were equal: 0.001, and 0


def test_equal_to_keras_at_full_size():
    theirs = keras.applications.VGG16(weights=None, include_top=False, input_shape=(224, 224, 3))
    ours = vgg("D", top="pool", classes=2)
    pictures = share_lively_weights(ours, theirs)
    mine = compare(ours, theirs, pictures[:1], ["block5_pool"])
    assert mine.shape == (1, 7, 7, 512) and mine.std() > 0.1


def share_lively_weights(ours, theirs):
    """Give both the same weights, and return two pictures that differ much.

    Fresh weights let signals fade from layer to layer until all pictures look alike; these do not.
    """
    rng = np.random.default_rng(0)
    for layer in theirs.layers:
        if layer.weights:
            kernel, bias = layer.get_weights()
            kernel *= np.float32(np.sqrt(2 / np.prod(kernel.shape[:-1])) / kernel.std())
            bias += rng.normal(0, 0.1, bias.shape).astype("float32")
            for each in (layer, ours.get_layer(layer.name)):
                each.set_weights([kernel, bias])
    pictures = rng.normal(size=(2, *ours.input.shape[1:])).astype("float32")
    pictures[1] = pictures[1, :, :1]  # stripes
    return pictures


def compare(ours, theirs, pictures, names):
    """Hold that the named layers give the same; return what the last one gives."""
    for name in names:
        mine, other = (keras.Model(m.input, m.get_layer(name).output)(pictures).numpy() for m in (ours, theirs))
        np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-4 * other.max(), err_msg=name)
    return mine


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
    def names(**how):
        return [layer.name for layer in vgg("A-LRN", 1 / 16, (32, 32, 3), **how).layers]

    assert names()[1:5] == ["block1_conv1", "block1_lrn", "block1_pool", "block2_conv1"]
    assert names()[-4:] == ["flatten", "fc1", "fc2", "predictions"]
    assert names(top="pool")[-3:] == ["block5_pool", "pool", "predictions"]
    model = vgg("B", 1 / 16, (32, 32, 3), batch_norm=True)
    expected = [f"block1_{kind}{number}" for number in (1, 2) for kind in ("conv", "bn", "relu")]
    assert [layer.name for layer in model.layers][1:8] == [*expected, "block1_pool"]
    assert not model.get_layer("block1_conv1").use_bias and model.get_layer("block1_bn1").momentum == 0.9


@pytest.mark.parametrize(
    "wrong, error, words",
    [
        ({"config": "F"}, ValueError, "config: expected one of 'A', 'A-LRN', .* got 'F'"),
        ({"config": 16}, ValueError, "config"),
        ({"config": ["D"]}, ValueError, "config"),
        ({"width": 0}, ValueError, "width: expected a number above 0, got 0"),
        ({"width": -1.0}, ValueError, "width"),
        ({"width": float("nan")}, ValueError, "width"),
        ({"width": float("inf")}, ValueError, "width"),
        ({"width": 0.001}, ValueError, "width: .*leaves a channel of 64, got 0.001"),
        ({"width": "1"}, TypeError, "width"),
        ({"width": True}, TypeError, "width"),
        ({"input_shape": (31, 64, 3)}, ValueError, r"input_shape: .*height of at least 32, got \(31, 64, 3\)"),
        ({"input_shape": (64, 31, 3), "top": "pool"}, ValueError, "input_shape: .*width"),
        ({"input_shape": (32, 32, 0)}, ValueError, "input_shape: .*channel"),
        ({"input_shape": (32, 32)}, ValueError, "input_shape: expected .height, width, channels., got"),
        ({"input_shape": 32}, TypeError, "input_shape"),
        ({"input_shape": (None, None, 3)}, TypeError, "input_shape: .*height"),
        ({"classes": 0}, ValueError, "classes"),
        ({"classes": 2.0}, TypeError, "classes"),
        ({"top": "none"}, ValueError, "top: expected one of 'dense', 'pool', got 'none'"),
    ],
)
def test_bad_arguments_are_named(wrong, error, words):
    with pytest.raises(error, match=words):
        vgg(**{"config": "D", "width": 1 / 16, "input_shape": (32, 32, 3), **wrong})
