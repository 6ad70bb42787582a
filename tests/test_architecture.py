"""The diagrams of all the course's kinds of network: complete in words, and readable."""

import random
import sys

import keras
import pytest
from keras import layers

from course_utils import models, plots

drawing = sys.modules["course_utils.plots.architecture"]


def convolution(x, channels, stride=1):
    return layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(channels, 3, stride, padding="same")(x)))


def two_heads():
    inputs = keras.Input((48, 48, 3))
    trunk = layers.MaxPooling2D()(convolution(inputs, 16, stride=2))
    what = layers.Dense(5, name="what")(layers.GlobalMaxPooling2D()(convolution(trunk, 128)))
    where = layers.Dense(4, name="where")(layers.Dense(64, name="grid")(layers.Flatten()(convolution(trunk, 32))))
    return keras.Model(inputs, [what, where])


def two_inputs():
    inputs = [keras.Input((28, 28, 1), name=name) for name in ("left", "right")]
    ways = [layers.GlobalAveragePooling2D()(convolution(one, 16, stride=2)) for one in inputs]
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(layers.Concatenate()(ways)))


def resnet():
    inputs = keras.Input((32, 32, 3))
    x = convolution(inputs, 16)
    for channels, stride in ((16, 1), (32, 2), (64, 2)):
        y = convolution(convolution(x, channels, stride), channels)
        x = layers.Add()([layers.Conv2D(channels, 1, stride)(x) if stride > 1 else x, y])
    return keras.Model(inputs, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))


def branches():
    inputs = keras.Input((16, 16, 8))
    ways = [layers.Conv2D(size, 3, padding="same")(layers.Conv2D(4, 1)(inputs)) for size in (8, 6, 5)]
    return keras.Model(inputs, layers.Concatenate()([layers.Conv2D(7, 1)(inputs), *ways]))


SKIP = "with the skip from max pooling, 2 × conv 3x3"
# How to build a network, and what its alternative says besides the shapes at which layers end.
NETWORKS = {
    "unet": (
        lambda: models.unet((64, 64, 1), 3),
        ["from 2 × conv 3x3, 64x64x16", f"{SKIP}, 32x32x32", f"{SKIP}, 16x16x64"],
    ),
    "fcn": (lambda: models.fcn((None, None, 3), 2, stride=8), [f"{SKIP}, 8x8x128", f"{SKIP}, 4x4x128"]),
    "autoencoder": (models.autoencoder, ["dense, 32;", "dense: batch norm, relu", "sigmoid, output"]),
    "vgg": (lambda: models.vgg.vgg("D"), ["3 × conv 3x3, 14x14x512", "dense fc1, 4096; dense fc2, 4096"]),
    "heads": (two_heads, ["conv 3x3, stride 2, 24x24x16", "what, 5, output, from global max, 128", "4, output"]),
    "inputs": (two_inputs, ["Input left, 28x28x1", "input right, 28x28x1", "sigmoid, output, from global mean, 16"]),
    "resnet": (
        resnet,
        ["add, 32x32x16, with the skip from conv 3x3, 32x32x16", "conv 1x1, stride 2, 8x8x64, from add, 16x16x32"],
    ),
    "branches": (branches, ["conv 3x3, 16x16x8", "conv 1x1, 16x16x4", "concatenate, 16x16x26, output"]),
    "resnet50": (lambda: keras.applications.ResNet50(weights=None), ["6 × residual block, 14x14x1024"]),
}


@pytest.mark.parametrize(("build", "expected"), NETWORKS.values(), ids=NETWORKS)
def test_alternative_names_every_resolution_and_no_text_meets_another_or_a_box(monkeypatch, build, expected):
    kept = []
    monkeypatch.setattr(drawing, "show", lambda *shown: kept.extend(shown))
    model = build()
    state = random.getstate()
    plots.architecture(model, "A network")
    assert random.getstate() == state
    made, alt = kept
    assert not [words for words in expected if words.lower() not in alt.lower()]
    sides = {str(one.output.shape[1]) for one in model.layers if len(one.output.shape) == 4} - {"None", "230", "114"}
    drawn = " ".join(text.get_text() for text in made.axes[0].texts)
    assert all(f"{side}x" in alt and f"{side}x" in drawn for side in sides)
    made.canvas.draw()
    texts = [text for text in made.axes[0].texts if text.get_text()]
    assert made.get_size_inches()[0] < 10.3 and all(text.get_fontsize() >= 9 for text in texts)
    boxes = [text.get_window_extent() for text in texts]
    shapes = [patch.get_window_extent() for patch in made.axes[0].patches if type(patch).__name__ != "FancyArrowPatch"]
    for number, box in enumerate(boxes):
        assert box.x0 >= 0 and box.x1 <= made.bbox.width and box.y0 >= -1
        for other in boxes[:number] + shapes:
            assert not box.shrunk(0.95, 0.9).overlaps(other.shrunk(0.95, 0.9)), (texts[number], other)


def test_a_branch_stays_at_the_height_of_its_source(monkeypatch):
    drawn = []
    monkeypatch.setattr(drawing, "show", lambda *shown: None)
    monkeypatch.setattr(drawing, "_draw_arrow", lambda axis, a, b, boxes: drawn.append((a, b)))
    plots.architecture(branches())
    within = [(a, b) for a, b in drawn if a.layers[0] == "conv 1x1" and b.layers == ["conv 3x3"]]
    assert len({a.y for a, b in within}) == 3 and all(a.y == b.y for a, b in within)


@pytest.mark.parametrize("activation", [None, "softmax"])
def test_the_note_on_activations_leaves_out_the_output(monkeypatch, activation):
    kept = []
    monkeypatch.setattr(drawing, "show", lambda *shown: kept.extend(shown))
    sizes = [keras.Input((4,)), layers.Dense(6, activation="relu"), layers.Dense(3, activation=activation)]
    plots.architecture(keras.Sequential(sizes))
    assert "After dense: relu (not at the output)." in kept[1]
