"""ROI pooling and ROI align, held against loops and finite differences."""

import numpy as np
import pytest
import tensorflow as tf

from course_utils import layers


def pooled_by_loops(maps, regions, size):
    result = np.zeros((*regions.shape[:2], size, size, maps.shape[3]))
    for n, r in np.ndindex(regions.shape[:2]):
        sides = []
        for first, last, length in zip(regions[n, r, :2], regions[n, r, 2:], maps.shape[2:0:-1], strict=True):
            first = min(max(round(first), 0), length - 1)
            sides.append((first, min(max(round(last), first + 1), length) - first))
        for i, j in np.ndindex(size, size):
            (x, width), (y, height) = sides
            rows = slice(y + int(np.floor(i * height / size)), y + int(np.ceil((i + 1) * height / size)))
            columns = slice(x + int(np.floor(j * width / size)), x + int(np.ceil((j + 1) * width / size)))
            result[n, r, i, j] = maps[n, rows, columns].max(axis=(0, 1))
    return result


def aligned_by_loops(maps, regions, size, samples=2):
    result = np.zeros((*regions.shape[:2], size, size, maps.shape[3]))
    for n, r, i, j, k, m in np.ndindex(*regions.shape[:2], size, size, samples, samples):
        x1, y1, x2, y2 = regions[n, r]
        value = 0
        y = np.clip(y1 + (y2 - y1) * (i + (k + 0.5) / samples) / size - 0.5, 0, maps.shape[1] - 1)
        x = np.clip(x1 + (x2 - x1) * (j + (m + 0.5) / samples) / size - 0.5, 0, maps.shape[2] - 1)
        for a in {int(np.floor(y)), int(np.ceil(y))}:
            for b in {int(np.floor(x)), int(np.ceil(x))}:
                value += (1 - abs(y - a)) * (1 - abs(x - b)) * maps[n, a, b]
        result[n, r, i, j] += value / samples**2
    return result


def random_case(seed, height, width, count=6, channels=3):
    rng = np.random.default_rng(seed)
    maps = rng.permutation(2 * height * width * channels).reshape(2, height, width, channels) / 10  # no two are equal
    corner = rng.uniform(-2, [width, height], (2, count, 2))
    regions = np.concatenate([corner, corner + rng.uniform(0, [width, height], (2, count, 2))], axis=-1)
    regions[:, 0] = np.round(regions[:, 0] * 2) / 2  # halves, which round to even
    return maps.astype("float32"), regions.astype("float32")


KINDS = pytest.mark.parametrize(
    "function, by_loops", [(layers.roi_pool, pooled_by_loops), (layers.roi_align, aligned_by_loops)]
)


@KINDS
@pytest.mark.parametrize("seed, height, width, size", [(0, 9, 7, 2), (1, 24, 24, 4), (2, 5, 12, 7), (3, 1, 3, 3)])
def test_regions_are_as_by_loops(function, by_loops, seed, height, width, size):
    maps, regions = random_case(seed, height, width)
    np.testing.assert_allclose(function(maps, regions, size), by_loops(maps, regions, size), rtol=1e-5, atol=1e-4)


@KINDS
def test_gradients_are_as_by_finite_differences(function, by_loops):
    maps, regions = random_case(4, 6, 5, count=3, channels=2)
    weights = np.random.default_rng(5).normal(size=(2, 3, 2, 2, 2))
    with tf.GradientTape() as tape:
        variable = tf.Variable(maps)
        total = tf.reduce_sum(function(variable, regions, 2) * weights.astype("float32"))
    gradient = tf.convert_to_tensor(tape.gradient(total, variable)).numpy()
    step = 0.01  # less than half of the smallest difference of two values
    for place in np.ndindex(maps.shape):
        changed = [maps.astype(float) for _ in range(2)]
        changed[0][place] -= step
        changed[1][place] += step
        low, high = ((by_loops(one, regions, 2) * weights).sum() for one in changed)
        assert gradient[place] == pytest.approx((high - low) / (2 * step), abs=1e-4)


@pytest.mark.parametrize("align", [True, False])
def test_the_layer_pools_in_a_model_of_any_batch(align):
    maps, regions = random_case(6, 8, 8)
    inputs = layers.keras.Input((8, 8, 3)), layers.keras.Input((None, 4))
    model = layers.keras.Model(inputs, layers.RegionPooling(3, align=align)(inputs))
    function = layers.roi_align if align else layers.roi_pool
    assert model.output_shape == (None, None, 3, 3, 3)
    np.testing.assert_allclose(model.predict([maps, regions], verbose=0), function(maps, regions, 3), rtol=1e-5)
