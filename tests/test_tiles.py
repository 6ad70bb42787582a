"""Overlapping tiles, against one pass over the whole image and, pixel by pixel, against brute force."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils import runtime
from course_utils.models import fcn, predict_tiles, unet

keras = runtime.quiet_keras()
layers = keras.layers


@pytest.fixture(autouse=True)
def same_weights_always():
    keras.utils.set_random_seed(0)


def image_of(height, width):
    return np.random.default_rng(height + width).random((height, width, 1), "float32")


def small_unet(**how):
    """A U-Net of stride 4 whose outputs vary from pixel to pixel, with moving statistics as after a training."""
    model = unet((None, None, 1), classes=3, depth=3, width=2, **how)
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            size = layer.gamma.shape
            layer.set_weights([rng.uniform(*ends, size) for ends in ((0.5, 2), (-0.3, 0.3), (-0.5, 0.5), (0.3, 2))])
    return model


def one_pass(model, image, tile, overlap, lost=0):
    """One pass over the image, mirrored as far as the tiles reach."""
    pads = []
    for side in image.shape[:2]:
        reach = tile - lost
        while reach < side:
            reach += tile - overlap
        pads.append((lost // 2, lost // 2 + reach - side))
    output = model.predict(np.pad(image, [*pads, (0, 0)], mode="reflect")[None], verbose=0)[0]
    assert output.std() > 0.005
    return output[: image.shape[0], : image.shape[1]]


@pytest.mark.parametrize("skips", [True, False])
@pytest.mark.parametrize(
    "sides, tile, overlap",
    [
        ((96, 64), 64, 48),  # the tiles end with the image
        ((101, 150), 64, 48),
        ((50, 201), 72, 52),
        ((1, 70), 64, 60),
        ((7, 3), 48, 0),  # smaller than a tile, and than what is mirrored
    ],
)
def test_same_padding(skips, sides, tile, overlap):
    model, image = small_unet(skips=skips), image_of(*sides)
    output = predict_tiles(model, image, tile, overlap, stride=4)
    assert output.shape == (*sides, 3) and output.dtype == np.float32
    np.testing.assert_allclose(output, one_pass(model, image, tile, overlap), atol=1e-4)


@pytest.mark.parametrize(
    "sides, tile, overlap",
    [
        ((104, 52), 92, 40),  # 52 predicted; the tiles end with the image
        ((111, 70), 92, 40),
        ((60, 131), 92, 44),  # more than what is left out
        ((33, 9), 108, 52),
    ],
)
def test_valid_padding(sides, tile, overlap):
    model, image = small_unet(padding="valid"), image_of(*sides)
    output = predict_tiles(model, image, tile, overlap, stride=4)
    np.testing.assert_allclose(output, one_pass(model, image, tile, overlap, lost=40), atol=1e-4)


def test_the_default_stride_is_that_of_an_fcn():
    model, image = fcn((None, None, 1), classes=2, width=2), image_of(512, 64)
    output = predict_tiles(model, image, tile=352, overlap=256)
    np.testing.assert_allclose(output, one_pass(model, image, tile=352, overlap=256), atol=1e-4)
    with pytest.raises(ValueError, match="multiple of the stride 32"):
        predict_tiles(model, image, tile=352, overlap=240)


def test_tiles_off_the_grid_or_without_overlap_disagree():
    """Else the tests above would not tell anything."""
    model, image = small_unet(), image_of(120, 120)
    for overlap, agrees in ((48, True), (52, True), (49, False), (54, False), (32, False), (0, False)):
        expected = model.predict(np.pad(image, [(0, 120), (0, 120), (0, 0)], mode="reflect")[None], verbose=0)[0]
        output = predict_tiles(model, image, 64, overlap, stride=1)
        difference = np.abs(output - expected[:120, :120])[:90, :90].max()  # beyond, the last tiles end earlier
        assert difference < 1e-4 if agrees else difference > 1e-3, overlap


class Positions(keras.Model):
    """Outputs its input and each pixel's position in the tile, leaving out a border."""

    def __init__(self, lost=0):
        super().__init__()
        self.lost = lost

    def compute_output_shape(self, shape):
        return (shape[0], shape[1] - self.lost, shape[2] - self.lost, 3)

    def predict_on_batch(self, x):
        rows, columns = (np.broadcast_to(positions, x.shape[:3]) for positions in np.ogrid[: x.shape[1], : x.shape[2]])
        left = slice(self.lost // 2, -self.lost // 2 or None)
        return np.stack([x[..., 0], rows, columns], axis=-1, dtype="float32", casting="unsafe")[:, left, left]


@given(st.data())
@settings(max_examples=100)
def test_every_pixel_comes_from_a_tile_with_context(data):
    lost = 2 * data.draw(st.integers(0, 4), "lost")
    tile = data.draw(st.integers(lost + 1, 24), "tile")
    overlap = data.draw(st.integers(lost, tile - 1), "overlap")
    sides = data.draw(st.tuples(*[st.integers(1, 60)] * 2), "sides")
    image = np.arange(sides[0] * sides[1], dtype="float32").reshape(*sides, 1)
    output = predict_tiles(Positions(lost), image, tile, overlap, stride=1)
    assert np.array_equal(output[..., :1], image)
    for axis in range(2):
        inside = output[..., 1 + axis].astype(int)
        origin = np.indices(sides)[axis] - (inside - lost // 2)  # of what the tile predicts
        assert (origin % (tile - overlap) == 0).all()
        assert (inside[origin > 0] >= overlap // 2).all()
        not_last = origin + tile - lost < sides[axis]
        assert (tile - 1 - inside[not_last] >= overlap // 2).all()


def test_progress_is_shown_for_many_tiles_only(capfd):
    predict_tiles(Positions(), image_of(40, 96), 16, 8, stride=8)  # 4 by 11
    out, err = capfd.readouterr()
    assert "Predicting tiles" in out and not err
    predict_tiles(Positions(), image_of(40, 64), 16, 8, stride=8)  # 4 by 7
    assert capfd.readouterr() == ("", "")


def test_nothing_is_traced_again():
    model = small_unet()
    for sides in ((30, 30), (100, 41), (64, 300), (7, 9)):
        predict_tiles(model, image_of(*sides), 32, 20, stride=4)
    assert model.predict_function.experimental_get_tracing_count() == 1


@pytest.mark.parametrize(
    "wrong, error, words",
    [
        ({"image": np.zeros((64, 64, 1), "uint8")}, TypeError, "image: .*floating-point.*got uint8"),
        ({"overlap": 64}, ValueError, "overlap: expected at least 0 and less than 64, .* got 64"),
        ({"overlap": -4}, ValueError, "overlap: expected at least 0"),
        ({"overlap": 30}, ValueError, "overlap: .*multiple of the stride 4, got 30"),
        ({"lost": 40, "overlap": 36}, ValueError, "overlap: expected at least 40 .* got 36"),
    ],
)
def test_what_would_be_silently_wrong_is_refused(wrong, error, words):
    given = {"image": image_of(64, 64), "tile": 64, "overlap": 32, "stride": 4, **wrong}
    with pytest.raises(error, match=words):
        predict_tiles(Positions(given.pop("lost", 0)), **given)
