"""FCN and U-Net: counts by hand, borders, what they see, and whether they train and can be saved."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.special import softmax

from course_utils import runtime
from course_utils.models import fcn, unet

keras = runtime.quiet_keras()

SMALL_NETWORKS = [
    lambda shape: unet(shape, classes=3, depth=3, width=2),
    lambda shape: unet(shape, classes=3, depth=3, width=2, norm=False, skips=False),
    lambda shape: unet(shape, classes=3, depth=2, width=2, padding="valid"),
    lambda shape: fcn(shape, classes=3, stride=32, width=1, norm=False),
    lambda shape: fcn(shape, classes=3, stride=8, width=1),
]


@pytest.fixture(autouse=True)
def same_weights_always():
    keras.utils.set_random_seed(0)


def images(*shape):
    return np.random.default_rng(0).random(shape, "float32")


def masks(*shape):
    return np.random.default_rng(1).integers(0, 2, shape)


# Counts and shapes


def convolution(side, inputs, outputs, norm=False):
    return side * side * inputs * outputs + outputs * (4 if norm else 1)


def unet_by_hand(channels, classes, depth, width, skips, norm):
    widths = [width * 2**level for level in range(depth)]
    down = sum(
        convolution(3, before, here, norm) + convolution(3, here, here, norm)
        for before, here in zip([channels, *widths], widths, strict=False)
    )
    up = sum(
        convolution(2, 2 * here, here)
        + convolution(3, (2 if skips else 1) * here, here, norm)
        + convolution(3, here, here, norm)
        for here in widths[:-1]
    )
    return down + up + convolution(1, width, classes)


def fcn_by_hand(channels, classes, stride, width, norm):
    widths = [channels, *(width * times for times in (1, 2, 4, 8, 8))]
    blocks = sum(
        convolution(3, before, here, norm) + convolution(3, here, here, norm) for before, here in pairwise(widths)
    )
    beside = {32: [], 16: [widths[4]], 8: [widths[4], widths[3]]}[stride]
    scores = sum(convolution(1, inputs, classes) for inputs in [widths[5], *beside])
    enlarging = [2] * len(beside) + [stride]
    return blocks + scores + sum((2 * times * classes) ** 2 for times in enlarging)


def test_unet_is_the_papers():
    paper = unet((572, 572, 1), classes=2, depth=5, width=64, padding="valid", norm=False)
    assert paper.output_shape == (None, 388, 388, 2)
    assert paper.count_params() == unet_by_hand(1, 2, 5, 64, True, False) == 31_030_658
    # The sizes that the paper's figure 1 gives.
    pooled = [layer.output.shape[1] for layer in paper.layers if isinstance(layer, keras.layers.MaxPooling2D)]
    enlarged = [layer.output.shape[1] for layer in paper.layers if isinstance(layer, keras.layers.Conv2DTranspose)]
    assert pooled == [284, 140, 68, 32] and enlarged == [56, 104, 200, 392]


@pytest.mark.parametrize("norm", [True, False])
@pytest.mark.parametrize("skips", [True, False])
@pytest.mark.parametrize("channels, classes, depth, width", [(1, 2, 4, 16), (3, 5, 2, 3), (4, 2, 1, 6)])
def test_unet_counts(channels, classes, depth, width, skips, norm):
    model = unet((64, None, channels), classes, depth, width, skips=skips, norm=norm)
    assert model.count_params() == unet_by_hand(channels, classes, depth, width, skips, norm)
    assert model.output_shape == (None, 64, None, classes)


@pytest.mark.parametrize("stride", [32, 16, 8])
@pytest.mark.parametrize("channels, classes, width, norm", [(1, 2, 4, True), (3, 5, 2, False)])
def test_fcn_counts(channels, classes, stride, width, norm):
    model = fcn((64, None, channels), classes, stride, width, norm)
    assert model.count_params() == fcn_by_hand(channels, classes, stride, width, norm)
    assert model.output_shape == (None, 64, None, classes) and model.name == f"fcn_{stride}s"


# Borders and what a pixel sees


@pytest.mark.parametrize("skips", [True, False])
@pytest.mark.parametrize("depth, side, left", [(1, 20, 16), (2, 40, 24), (3, 92, 52), (4, 108, 20)])
def test_valid_is_the_middle_of_same(depth, side, left, skips):
    """With the same weights and the same grid, padding "same" differs only where it sees zeros beyond the border."""
    valid, same = (
        unet((None, None, 1), 2, depth, 2, padding, skips=skips, norm=False) for padding in ("valid", "same")
    )
    same.set_weights(valid.get_weights())
    # "valid" takes two pixels off before it pools, at each size: its windows begin elsewhere than those of "same".
    stride = 2 ** (depth - 1)
    first = stride + 2
    image = images(1, side + 2 * stride + 8, side + 2 * stride, 1)
    image = image[:, : image.shape[1] // stride * stride, : image.shape[2] // stride * stride]
    mine = valid.predict(image[:, first : first + side, 2 : 2 + side], verbose=0)
    assert mine.shape == (1, left, left, 2) and mine.std() > 0.001
    lost = (side - left) // 2
    expected = same.predict(image, verbose=0)[:, first + lost : first + lost + left, 2 + lost : 2 + lost + left]
    np.testing.assert_allclose(mine, expected, atol=1e-5)


def seen_by(low, high, depth, skips):
    """The rows of the image that the rows low to high of the output see: through convolutions, down and up again."""
    low, high = low - 2, high + 2
    if depth == 1:
        return low, high
    below = seen_by(low // 2, high // 2, depth - 1, skips)
    beside = [(low, high)] if skips else []
    lows, highs = zip(*beside, (2 * below[0], 2 * below[1] + 1), strict=True)
    return min(lows) - 2, max(highs) + 2


@pytest.mark.parametrize("skips", [True, False])
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_pixel_sees_so_far_and_no_farther(depth, skips):
    model = unet((None, None, 1), 2, depth, 1, skips=skips, norm=False)
    model.set_weights([np.abs(weight) + (weight.ndim > 1) for weight in model.get_weights()])  # all pass everything on
    scores = keras.Model(model.input, model.layers[-1].input)
    reach = [(y - low, high - y) for y in range(32, 40) for low, high in [seen_by(y, y, depth, skips)]]
    assert max(map(max, reach)) == 7 * 2 ** (depth - 1) - 5  # what predict_tiles tells its reader
    for place in (32, 33, 34, 39):
        image = np.zeros((1, 64, 72, 1), "float32")
        image[0, place, place - 3] = 1
        output = np.any(scores.predict(image, verbose=0)[0], axis=-1)
        for lit, spot in ((output.any(axis=1), place), (output.any(axis=0), place - 3)):
            expected = [
                y for y in range(len(lit)) for low, high in [seen_by(y, y, depth, skips)] if low <= spot <= high
            ]
            assert np.flatnonzero(lit).tolist() == expected


# The beginning of an FCN


@pytest.mark.parametrize("stride, enlarging", [(32, [32]), (16, [2, 16]), (8, [2, 2, 8])])
def test_fcn_begins_as_bilinear_interpolation(stride, enlarging):
    model = fcn((None, None, 2), classes=3, stride=stride, width=2)
    image = images(1, 96, 64, 2)
    coarse = next(layer for layer in model.layers if isinstance(layer, keras.layers.Conv2DTranspose)).input
    scores = keras.Model(model.input, coarse).predict(image, verbose=0)[0]
    assert scores.shape == (3, 2, 3) and scores.std() > 0.1
    for times in enlarging:
        scores = interpolated(interpolated(scores, times, axis=0), times, axis=1)
    np.testing.assert_allclose(model.predict(image, verbose=0)[0], softmax(scores, axis=-1), atol=1e-5)


def interpolated(scores, times, axis):
    """Enlarge along an axis; beyond the border are zeros, as for every convolution here."""
    padded = np.pad(scores, [(1, 1) if each == axis else (0, 0) for each in range(3)])
    middles = (np.arange(scores.shape[axis] * times) + 0.5) / times + 0.5
    return np.apply_along_axis(lambda line: np.interp(middles, np.arange(len(line)), line), axis, padded)


# Outputs, training and files


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("build", SMALL_NETWORKS)
def test_outputs_are_probabilities(build, policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = build((64, 32, 1))
    finally:
        keras.config.set_dtype_policy(before)
    output = model.predict(20 * images(2, 64, 32, 1), verbose=0)
    assert output.dtype == np.float32 and output.shape[3] == 3
    np.testing.assert_allclose(output.sum(axis=-1), 1, atol=1e-5)
    assert output.min() >= 0 and output.std() > 0.001
    assert model.layers[1].compute_dtype == ("bfloat16" if "b" in policy else "float32")


@pytest.mark.parametrize("build", SMALL_NETWORKS)
def test_save_and_load(build, tmp_path):
    model = build((None, None, 1))
    model(20 * images(2, 64, 64, 1), training=True)  # moves the averages of batch normalisation
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    image = images(1, 32, 64, 1)
    mine, theirs = (each.predict(image, verbose=0) for each in (model, again))
    assert np.array_equal(mine, theirs) and mine.std() > 0.001


@pytest.mark.parametrize("build", [*SMALL_NETWORKS[:2], SMALL_NETWORKS[-1]])
def test_gradients_reach_every_weight(build):
    """Also those of an FCN's skips, which are zero at the start."""
    import tensorflow as tf

    model = build((32, 64, 1))
    with tf.GradientTape() as tape:
        loss = keras.losses.SparseCategoricalCrossentropy()(
            masks(2, 32, 64), model(images(2, 32, 64, 1), training=True)
        )
    for weight, gradient in zip(model.trainable_weights, tape.gradient(loss, model.trainable_weights), strict=True):
        assert np.isfinite(gradient).all() and np.any(gradient), weight.path


@pytest.mark.parametrize(
    "build, words",
    [
        (lambda: unet((60, 64, 1), 2), r"input_shape: .*multiples of 8, or None, got \(60, 64, 1\)"),
        (lambda: unet((None, 63, 1), 2, skips=False), "input_shape: .*multiples of 8"),
        (lambda: fcn((64, 48, 1), 2), "input_shape: .*multiples of 32, or None"),
        (lambda: unet((64, 64, 1), 1), "classes: .*at least 2, got 1"),
        (lambda: fcn((64, 64, 1), 1), "classes: .*at least 2, got 1"),
        (lambda: fcn((64, 64, 1), 2, stride=4), "stride: expected one of 32, 16, 8, got 4"),
    ],
)
def test_what_would_be_silently_wrong_is_refused(build, words):
    with pytest.raises(ValueError, match=words):
        build()
