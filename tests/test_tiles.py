"""Overlapping tiles, against one pass over the whole picture and, pixel by pixel, against brute force."""

import subprocess
import sys
import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils import runtime
from course_utils.layers import MaxPoolWithPositions, MaxUnpooling2D
from course_utils.models import fcn, predict_tiles, unet

keras = runtime.quiet_keras()
layers = keras.layers

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def same_weights_always():
    keras.utils.set_random_seed(0)


def picture_of(height, width, channels=1):
    return np.random.default_rng(height + width).random((height, width, channels), "float32")


def small_unet(shape=(None, None, 1), depth=3, width=2, seed=0, **how):
    """A U-Net whose answers vary from pixel to pixel, with moving statistics as after a training."""
    model = unet(shape, classes=3, depth=depth, width=width, **how)
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            size = layer.gamma.shape
            layer.set_weights([rng.uniform(*ends, size) for ends in ((0.5, 2), (-0.3, 0.3), (-0.5, 0.5), (0.3, 2))])
    return model


def whole(model, picture, tile, overlap, lost=0):
    """One pass over the picture, mirrored as far as the tiles reach."""
    pads = []
    for side, size in zip(picture.shape, np.broadcast_to(tile, 2), strict=False):
        reach = size - lost
        while reach < side:
            reach += size - overlap
        pads.append((lost // 2, lost // 2 + reach - side))
    padded = np.pad(picture, [*pads, (0, 0)], mode="reflect")
    answer = model.predict(padded[None], verbose=0)[0]
    assert answer.std() > 0.005
    return answer[: picture.shape[0], : picture.shape[1]]


# The same answers as in one pass


@pytest.mark.parametrize("norm", [True, False])
@pytest.mark.parametrize("skips", [True, False])
def test_same_padding(norm, skips):
    model = small_unet(norm=norm, skips=skips)
    for side, tile, overlap in [
        ((96, 64), 64, 48),  # the tiles end with the picture
        ((101, 150), 64, 48),
        ((90, 131), (72, 96), 52),  # (20, 44) further each time
        ((50, 201), (64, 128), 46 + 2),
        ((1, 70), 64, 60),
        ((7, 3), 48, 0),  # smaller than a tile, and than what is mirrored
    ]:
        picture = picture_of(*side)
        answer = predict_tiles(model, picture, tile, overlap)
        assert answer.shape == (*side, 3) and answer.dtype == np.float32
        np.testing.assert_allclose(answer, whole(model, picture, tile, overlap), atol=1e-4)


@pytest.mark.parametrize("sides, tile", [((96, 64), 64), ((112, 148), 64), ((100, 132), (76, 96))])
def test_the_picture_itself_in_one_pass(sides, tile):
    """Without mirroring: the same but near a lower or right border where the tiles do not end."""
    model, picture, sees = small_unet(), picture_of(*sides), 7 * 4 - 5
    answer = predict_tiles(model, picture, tile, 48)
    expected = model.predict(picture[None], verbose=0)[0]
    ends = [(side - each) % (each - 48) == 0 for side, each in zip(sides, np.broadcast_to(tile, 2), strict=True)]
    rows, columns = (slice(None) if end else slice(-sees) for end in ends)
    np.testing.assert_allclose(answer[rows, columns], expected[rows, columns], atol=1e-4)
    assert all(ends) or not np.allclose(answer, expected, atol=1e-3)


@pytest.mark.parametrize("norm", [True, False])
def test_valid_padding(norm):
    model, lost = small_unet(padding="valid", norm=norm), 40
    for side, tile, overlap in [
        ((104, 52), 92, 40),  # 52 answered; the tiles end with the picture
        ((111, 70), 92, 40),
        ((60, 131), (92, 60), 44),  # more than what is left out
        ((33, 9), (68, 108), 52),  # smaller than a tile, and than what is mirrored
    ]:
        picture = picture_of(*side)
        answer = predict_tiles(model, picture, tile, overlap)
        np.testing.assert_allclose(answer, whole(model, picture, tile, overlap, lost), atol=1e-4)


def test_fixed_sizes():
    for shape, lost in (((64, 80, 2), 0), ((68, 84, 2), 40)):
        how = {"padding": "valid" if lost else "same"}
        fixed, free = small_unet(shape, **how), small_unet((None, None, 2), **how)
        free.set_weights(fixed.get_weights())
        picture = picture_of(90, 77, 2)
        answer = predict_tiles(fixed, picture, shape[:2], 48)
        np.testing.assert_allclose(answer, whole(free, picture, shape[:2], 48, lost), atol=1e-4)
        with pytest.raises(
            ValueError, match=rf"tile: expected \({shape[0]}, {shape[1]}\), the only size.* got \(64, 64"
        ):
            predict_tiles(fixed, picture, 64, 48)


def test_fixed_batch():
    inputs = keras.Input(batch_shape=(3, 32, 32, 1))
    model = keras.Model(inputs, layers.Conv2D(2, 3, padding="same")(inputs))
    free = keras.Sequential([keras.Input((None, None, 1)), layers.Conv2D(2, 3, padding="same")])
    free.set_weights(model.get_weights())
    picture = picture_of(100, 75)
    answer = predict_tiles(model, picture, 32, 2)
    np.testing.assert_allclose(answer, whole(free, picture, 32, 2), atol=1e-5)


def test_without_overlap_tiles_disagree_at_their_borders():
    """Else the tests above would not tell anything."""
    model, picture = small_unet(), picture_of(128, 192)
    differences = np.abs(predict_tiles(model, picture, 64, 0) - whole(model, picture, 64, 0)).max(axis=2)
    assert differences[63:65].max() > 0.01 and differences[:, 127:129].max() > 0.01
    assert differences[24:40, 24:40].max() < 1e-4 and differences[:40, :40].max() < 1e-4
    assert np.abs(predict_tiles(model, picture, 64, 48) - whole(model, picture, 64, 48)).max() < 1e-4


def test_context_is_what_the_docstring_says():
    """A U-Net of depth 3 sees 23 pixels far; on its grid of 4, 22 are too few."""
    picture = picture_of(128, 128)
    model = small_unet()
    enough, less = (np.abs(predict_tiles(model, picture, 64, o) - whole(model, picture, 64, o)).max() for o in (48, 32))
    assert enough < 1e-4 < less


# Grids


def as_layer(model):
    """The model as a layer of another, which keeps it from telling its stride."""
    inputs = keras.Input(model.input.shape[1:])
    return keras.Model(inputs, model(inputs))


def test_tiles_off_the_grid_disagree():
    model, picture = as_layer(small_unet()), picture_of(120, 120)
    for overlap, agree in [(48, True), (52, True), (49, False), (50, False), (54, False)]:
        expected = model.predict(np.pad(picture, [(0, 120), (0, 120), (0, 0)], mode="reflect")[None], verbose=0)[0]
        difference = np.abs(predict_tiles(model, picture, 64, overlap) - expected[:120, :120])[:90, :90].max()
        assert difference < 1e-4 if agree else difference > 0.01


def segnet():
    inputs = keras.Input((None, None, 1))
    x, first = MaxPoolWithPositions()(layers.Conv2D(4, 3, padding="same", activation="relu")(inputs))
    x, second = MaxPoolWithPositions()(layers.Conv2D(4, 3, padding="same", activation="relu")(x))
    x = MaxUnpooling2D()([x, second])
    x = MaxUnpooling2D()([layers.Conv2D(4, 3, padding="same")(x), first])
    return keras.Model(inputs, layers.Conv2D(2, 3, padding="same")(x))


def like_resnet():
    """Padded by layers of its own; two ways with strides, side by side; arithmetic between layers."""
    inputs = keras.Input((None, None, 1))
    x = layers.Conv2D(4, 7, strides=2)(layers.ZeroPadding2D(3)(inputs))
    x = layers.MaxPooling2D(3, strides=2)(layers.ZeroPadding2D(1)(x))
    y = layers.Conv2D(4, 3, strides=2, padding="same", activation="relu")(x * 2 - 1)
    x = keras.ops.relu(layers.Conv2D(4, 1, strides=2)(x) + y)
    return keras.Model(inputs, layers.Conv2D(2, 3, padding="same")(layers.UpSampling2D(8, interpolation="bilinear")(x)))


def by_two_and_by_three():
    inputs = keras.Input((None, None, 1))
    ways = [
        layers.UpSampling2D(size)(layers.AveragePooling2D(size)(layers.Conv2D(2, 3, padding="same")(inputs)))
        for size in (2, 3)
    ]
    return keras.Model(inputs, layers.Concatenate()(ways))


class ResizedLike(layers.Layer):
    def call(self, x, other):
        return keras.ops.image.resize(x, keras.ops.shape(other)[1:3])

    def compute_output_spec(self, x, other):
        return keras.KerasTensor((*other.shape[:3], x.shape[3]))


def resized_at_the_end():
    """Enlarged by a layer that does not tell how much."""
    inputs = keras.Input((None, None, 1))
    x = layers.MaxPooling2D(4)(layers.Conv2D(3, 3, padding="same")(inputs))
    return keras.Model(inputs, ResizedLike()(x, inputs))


def in_a_row():
    return keras.Sequential(
        [keras.Input((None, None, 1)), layers.Conv2D(2, 3, strides=2, padding="same"), layers.Conv2DTranspose(2, 2, 2)]
    )


GRIDS = [
    (lambda: unet((None, None, 1), 2, depth=4, width=1), 8),
    (lambda: unet((None, None, 1), 2, depth=1, width=1), 1),
    (lambda: fcn((None, None, 1), 2, stride=32, width=1), 32),
    (lambda: fcn((None, None, 1), 2, stride=8, width=1), 32),
    (segnet, 4),
    (like_resnet, 8),
    (by_two_and_by_three, 6),
    (resized_at_the_end, 4),
    (in_a_row, 2),
]


@pytest.mark.parametrize("build, stride", GRIDS)
def test_total_stride(build, stride):
    model, picture, tile = build(), picture_of(9, 9), 96
    for overlap in range(34, 34 + stride):
        if overlap % stride == 0:
            assert np.isfinite(predict_tiles(model, picture, tile, overlap)).all()
            continue
        with pytest.raises(
            ValueError, match=f"overlap: .*multiple of {stride}, the total stride.*got {overlap}"
        ) as told:
            predict_tiles(model, picture, tile, overlap)
        nearest = int(str(told.value).split("such as ")[1].split(",")[0])
        assert nearest % stride == 0 and abs(nearest - overlap) <= stride / 2
    if stride > 1:
        with pytest.raises(ValueError, match=r"tile: expected sides.* without remainder, got \(97, 96\)"):
            predict_tiles(model, picture, (97, 96), 0)


@pytest.mark.parametrize("build", [segnet, like_resnet, by_two_and_by_three, resized_at_the_end, in_a_row])
def test_other_networks_agree_with_one_pass(build):
    model, picture = build(), picture_of(110, 70)
    np.testing.assert_allclose(predict_tiles(model, picture, 72, 48), whole(model, picture, 72, 48), atol=1e-4)


# Every pixel once, and from the tile whose middle is nearer


class Places(keras.Model):
    """Answers with what it was given, and with each pixel's place in its tile, leaving out a border."""

    def __init__(self, lost=0):
        super().__init__()
        self.lost = lost

    def compute_output_spec(self, inputs):
        batch, height, width, _ = inputs.shape
        return keras.KerasTensor((batch, height - self.lost, width - self.lost, 3))

    def predict_on_batch(self, x):
        rows, columns = (np.broadcast_to(places, x.shape[:3]) for places in np.ogrid[: x.shape[1], : x.shape[2]])
        left = slice(self.lost // 2, -self.lost // 2 or None)
        return np.stack([x[..., 0], rows, columns], axis=-1, dtype="float32", casting="unsafe")[:, left, left]


@given(st.data())
@settings(max_examples=150)
def test_every_pixel_is_answered_from_its_place(data):
    lost = 2 * data.draw(st.integers(0, 4), "lost")
    tile = data.draw(st.tuples(*[st.integers(lost + 1, 24)] * 2), "tile")
    overlap = data.draw(st.integers(lost, min(tile) - 1), "overlap")
    sides = data.draw(st.tuples(*[st.integers(1, 60)] * 2), "sides")
    picture = np.arange(sides[0] * sides[1], dtype="float32").reshape(*sides, 1)
    answer = predict_tiles(Places(lost), picture, tile, overlap)
    assert np.array_equal(answer[..., :1], picture)
    for axis in range(2):
        inside = answer[..., 1 + axis].astype(int)
        origin = np.indices(sides)[axis] - (inside - lost // 2)  # of what the tile answers
        assert (origin % (tile[axis] - overlap) == 0).all()
        assert (inside[origin > 0] >= overlap // 2).all()
        not_last = origin + tile[axis] - lost < sides[axis]
        assert (tile[axis] - 1 - inside[not_last] >= overlap // 2).all()


def test_a_subclass_works():
    class Enlarged(keras.Model):
        def __init__(self):
            super().__init__()
            self.convolution, self.pooling = layers.Conv2D(2, 3, padding="same"), layers.MaxPooling2D()

        def call(self, x):
            return keras.ops.image.resize(self.pooling(self.convolution(x)), keras.ops.shape(x)[1:3])

    model, picture = Enlarged(), picture_of(60, 50)
    answer = predict_tiles(model, picture, 32, 16)
    np.testing.assert_allclose(answer, whole(model, picture, 32, 16), atol=1e-5)


# Quiet, and small


def test_progress_is_shown_for_many_tiles_only(capfd):
    model = small_unet(depth=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        predict_tiles(model, picture_of(40, 96), 16, 8)  # 4 by 11
        out, err = capfd.readouterr()
        assert "Predicting tiles" in out and not err
        assert out.endswith("\r") and not out.split("\r")[-2].strip()  # and is gone
        predict_tiles(model, picture_of(40, 64), 16, 8)  # 4 by 7
    assert capfd.readouterr() == ("", "")


def test_nothing_is_traced_again():
    model = small_unet(depth=2)
    for sides in ((30, 30), (100, 41), (64, 300), (7, 9)):
        predict_tiles(model, picture_of(*sides), 32, 20)
    assert model.predict_function.experimental_get_tracing_count() == 1


def test_the_picture_is_read_tile_by_tile(tmp_path):
    stored = np.memmap(tmp_path / "picture", "float32", "w+", shape=(2048, 1500, 1))
    stored[:] = np.random.default_rng(0).random(stored.shape, "float32")
    stored.flush()
    picture = np.memmap(tmp_path / "picture", "float32", "r", shape=stored.shape)
    tracemalloc.start()
    try:
        answer = predict_tiles(Places(), picture, 256, 32)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert np.array_equal(answer[..., :1], picture) and type(answer) is np.ndarray
    assert peak - answer.nbytes < picture.nbytes


@pytest.mark.parametrize("dtype", ["float16", "float64", ">f4"])
def test_other_floats(dtype):
    model, picture = small_unet(depth=2), picture_of(40, 50).astype(dtype)
    before = picture.copy()
    answer = predict_tiles(model, picture[::-1], 32, 20)
    assert answer.dtype == np.float32 and np.array_equal(picture, before)
    assert np.array_equal(answer, predict_tiles(model, picture[::-1].astype("float32"), 32, 20))


LARGE = """
import os
import numpy as np
from course_utils import runtime
keras = runtime.quiet_keras()
from course_utils.models import predict_tiles, unet
from tools import cost

keras.utils.set_random_seed(0)
model = unet((None, None, 1), classes=2, depth=3, width=4)
picture = np.random.default_rng(0).random((4096, 4096, 1), "float32")
answer = predict_tiles(model, picture, tile=512, overlap=48)
spent = cost.of_process(os.getpid())
corner = model.predict(picture[None, -1024:, :256], verbose=0)[0]
print()
print(answer.shape, np.abs(answer[-700:-600, :200] - corner[-700:-600, :200]).max() < 1e-4, answer.std() > 0.001)
print(spent.gigabytes, spent.seconds)
"""


def test_a_large_picture_takes_little_memory():
    done = subprocess.run([sys.executable, "-c", LARGE], cwd=ROOT, capture_output=True, text=True, check=True)
    *_, told, spent = done.stdout.splitlines()
    assert told == "(4096, 4096, 2) True True" and not done.stderr
    gigabytes, seconds = map(float, spent.split())
    assert gigabytes < 2 and seconds < 60


# Bad input


def downsampling():
    inputs = keras.Input((None, None, 1))
    return keras.Model(inputs, layers.MaxPooling2D()(inputs))


def with_one_number():
    inputs = keras.Input((64, 64, 1))
    return keras.Model(inputs, layers.Dense(1)(layers.Flatten()(inputs)))


def with_two_inputs():
    inputs = [keras.Input((None, None, 1)) for _ in range(2)]
    return keras.Model(inputs, layers.Add()(inputs))


def with_two_answers():
    inputs = keras.Input((None, None, 1))
    return keras.Model(inputs, [layers.Conv2D(1, 1)(inputs) for _ in range(2)])


def one_off():
    inputs = keras.Input((None, None, 1))
    return keras.Model(inputs, layers.Conv2D(2, 2)(inputs))


def larger():
    inputs = keras.Input((None, None, 1))
    return keras.Model(inputs, layers.ZeroPadding2D(2)(inputs))


@pytest.mark.parametrize(
    "wrong, error, words",
    [
        ({"model": None}, TypeError, "model: expected a keras.Model, got NoneType"),
        ({"model": downsampling}, ValueError, "model: expected an answer for each pixel, got one for each 2"),
        ({"model": with_one_number}, ValueError, "model: expected one answer .*height"),
        ({"model": with_two_inputs}, ValueError, "model: expected one input .*height"),
        ({"model": with_two_answers}, ValueError, "model: expected one answer"),
        ({"model": one_off}, ValueError, r"model: .*middle, got \(63, 63\) for \(64, 64\)"),
        ({"model": larger}, ValueError, r"model: .*got \(68, 68\) for \(64, 64\)"),
        ({"picture": [[[0.5]]]}, TypeError, "picture: expected an array, got list"),
        ({"picture": np.zeros((64, 64))}, ValueError, r"picture: .*channels.*got shape \(64, 64\)"),
        ({"picture": np.zeros((1, 64, 64, 1))}, ValueError, "picture: expected one of"),
        ({"picture": np.zeros((0, 64, 1))}, ValueError, r"picture: .*\(0, 64, 1\)"),
        ({"picture": np.zeros((64, 64, 3))}, ValueError, "picture: expected 1 channels, as the model takes, got 3"),
        ({"picture": np.zeros((64, 64, 1), "uint8")}, TypeError, "picture: .*floating-point.*got uint8"),
        ({"picture": np.zeros((64, 64, 1), bool)}, TypeError, "picture: .*got bool"),
        ({"picture": np.zeros((64, 64, 1), complex)}, TypeError, "picture: .*got complex128"),
        ({"tile": 0}, ValueError, "tile: expected a whole number of at least 1, got 0"),
        ({"tile": 64.0}, TypeError, "tile"),
        ({"tile": True}, TypeError, "tile"),
        ({"tile": (64, None)}, TypeError, "tile"),
        ({"tile": (64, 64, 1)}, ValueError, r"tile: expected a side or .height, width., got \(64, 64, 1\)"),
        ({"tile": 62}, ValueError, r"tile: .*got \(62, 62\): max_pooling.* has to divide 31 by 2"),
        ({"tile": (64, 66)}, ValueError, r"tile: .*got \(64, 66\)"),
        ({"overlap": -1}, ValueError, "overlap: .*at least 0, got -1"),
        ({"overlap": 8.0}, TypeError, "overlap"),
        ({"overlap": 64}, ValueError, "overlap: expected fewer pixels than a tile has, 64, got 64"),
        ({"tile": (64, 32), "overlap": 40}, ValueError, "overlap: .*32, got 40"),
        ({"overlap": 30}, ValueError, "overlap: .*multiple of 4, the total stride, such as 32, got 30"),
        ({"overlap": 63}, ValueError, "overlap: .*such as 60, got 63"),
    ],
)
def test_bad_arguments_are_named(wrong, error, words):
    given = {"model": lambda: small_unet(width=1), "picture": picture_of(64, 64), "tile": 64, "overlap": 32, **wrong}
    given["model"] = given["model"] and given["model"]()
    with pytest.raises(error, match=words):
        predict_tiles(**given)


@pytest.mark.parametrize(
    "tile, overlap, words",
    [
        (92, 36, "overlap: expected at least 40, what the model leaves out of a tile, such as 40, got 36"),
        (92, 41, "overlap: .*multiple of 4, the total stride, such as 40, got 41"),
        (92, 43, "such as 44, got 43"),
        (90, 40, "tile: expected sides.*divide"),
        (36, 32, "tile: expected one that the model takes"),
        (40, 39, "tile: expected one that"),
        (3, 2, r"tile: expected one that the model takes, got \(3, 3\)"),
    ],
)
def test_bad_arguments_for_valid_are_named(tile, overlap, words):
    with pytest.raises(ValueError, match=words):
        predict_tiles(small_unet(padding="valid", width=1), picture_of(64, 64), tile, overlap)


def test_a_tile_that_is_answered_for_less_than_a_stride():
    """An answer of 4 with a stride of 8: no step brings the next tile onto the grid and next to this one."""
    model = small_unet(padding="valid", depth=4, width=1)
    with pytest.raises(ValueError, match=r"tile: .*its total stride, 8, got \(92, 92\), of which it leaves out 88"):
        predict_tiles(model, picture_of(64, 64), 92, 88)
