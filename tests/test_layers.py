"""The course's own layers, against TensorFlow's functions, Keras' layers and brute force."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from course_utils import runtime
from course_utils.layers import LocalResponseNormalization, MaxPoolWithPositions, MaxUnpooling2D

keras = runtime.quiet_keras()


@pytest.mark.parametrize("depth", [1, 3, 5, 9, 31])
@pytest.mark.parametrize("bias, alpha, beta", [(2.0, 1e-4, 0.75), (1.0, 1.0, 0.5), (0.5, 0.3, -1.0)])
def test_local_response_normalization_equals_tensorflows(depth, bias, alpha, beta):
    import tensorflow as tf

    x = np.random.default_rng(depth).normal(0, 30, (2, 4, 5, 7)).astype("float32")
    ours = LocalResponseNormalization(depth, bias, alpha, beta)(x)
    theirs = tf.nn.local_response_normalization(x, depth_radius=depth // 2, bias=bias, alpha=alpha, beta=beta)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4)


def test_local_response_normalization_defaults_are_alexnets():
    """The paper's formula, by loops: n=5, k=2, alpha=1e-4, beta=0.75."""
    a = np.random.default_rng(0).normal(0, 100, 11).astype("float32")
    expected = [a[i] / (2 + 1e-4 * sum(a[max(0, i - 2) : i + 3] ** 2)) ** 0.75 for i in range(11)]
    np.testing.assert_allclose(LocalResponseNormalization()(a[None])[0], expected, rtol=1e-5)


def test_local_response_normalization_is_saved_and_loaded(tmp_path):
    layer = LocalResponseNormalization(depth=3, bias=1.0, alpha=0.5, beta=0.4, name="lrn")
    inputs = keras.Input((4, 4, 6))
    model = keras.Model(inputs, layer(inputs))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again.get_layer("lrn").get_config() == layer.get_config()
    x = np.random.default_rng(0).normal(size=(2, 4, 4, 6)).astype("float32")
    assert np.array_equal(model(x), again(x)) and not np.allclose(model(x), x)


@pytest.mark.parametrize(
    "wrong, error, words",
    [
        ({"depth": 4}, ValueError, "depth: expected an odd number, got 4"),
        ({"depth": 0}, ValueError, "depth"),
        ({"depth": 5.0}, TypeError, "depth"),
        ({"bias": 0}, ValueError, "bias: expected a number above 0"),
        ({"alpha": -1}, ValueError, "alpha"),
        ({"beta": float("nan")}, ValueError, "beta"),
    ],
)
def test_local_response_normalization_refuses(wrong, error, words):
    with pytest.raises(error, match=words):
        LocalResponseNormalization(**wrong)


# Pooling and unpooling ----------------------------------------------------------------------------------------------


def pooled_by_loops(x, size):
    """Maxima, positions, and the pictures with nothing but the maxima."""
    batch, height, width, channels = x.shape
    pooled = np.empty((batch, height // size, width // size, channels), x.dtype)
    positions, restored = np.empty(pooled.shape, "int32"), np.zeros_like(x)
    for b, i, j, c in np.ndindex(*pooled.shape):
        best = None
        for row in range(i * size, (i + 1) * size):
            for column in range(j * size, (j + 1) * size):
                if best is None or x[b, row, column, c] > x[(b, *best, c)]:
                    best = row, column
        pooled[b, i, j, c], positions[b, i, j, c] = x[(b, *best, c)], best[0] * width + best[1]
        restored[(b, *best, c)] = x[(b, *best, c)]
    return pooled, positions, restored


def pictures(*shape, levels=None, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.normal(size=shape) if levels is None else rng.integers(-levels, levels, shape)).astype("float32")


@st.composite
def pooling_cases(draw):
    size = draw(st.integers(1, 3))
    shape = (draw(st.integers(1, 3)), *draw(st.tuples(*[st.integers(size, 7)] * 2)), draw(st.integers(1, 3)))
    return draw(arrays.arrays("float32", shape, elements=st.sampled_from([-np.inf, -2, -1, 0, 1, np.inf]))), size


@settings(max_examples=60, deadline=None)
@given(pooling_cases())
def test_pooling_and_unpooling_equal_loops(case):
    """Few levels, so that most windows have equal values; odd sizes, all negative windows and infinities besides."""
    x, size = case
    pooled, positions = MaxPoolWithPositions(size)(x)
    expected = pooled_by_loops(x, size)
    np.testing.assert_array_equal(pooled, expected[0])
    np.testing.assert_array_equal(positions, expected[1])
    assert keras.backend.standardize_dtype(positions.dtype) == "int32"
    unpool = MaxUnpooling2D(size)
    np.testing.assert_array_equal(unpool(pooled, positions, size=x.shape[1:3]), expected[2])
    if x.shape[1] % size == x.shape[2] % size == 0:
        np.testing.assert_array_equal(unpool([pooled, positions]), expected[2])


@pytest.mark.parametrize("size", [1, 2, 3])
def test_pooling_equals_keras(size):
    for levels in (None, 3):
        x = pictures(2, 9, 8, 5, levels=levels)
        np.testing.assert_array_equal(MaxPoolWithPositions(size)(x)[0], keras.layers.MaxPooling2D(size)(x))


def test_a_nan_is_the_maximum():
    x = pictures(1, 4, 4, 1)
    x[0, 1, 0] = np.nan
    pooled, positions = MaxPoolWithPositions()(x)
    assert np.isnan(pooled[0, 0, 0, 0]) and positions[0, 0, 0, 0] == 4 and np.isnan(pooled).sum() == 1


def test_unpooling_takes_any_positions():
    """Not only positions in a value's own window; values at one position are added."""
    pooled, positions = pictures(2, 2, 3, 2), np.random.default_rng(1).integers(0, 24, (2, 2, 3, 2))
    expected = np.zeros((2, 24, 2), "float32")
    for b, i, j, c in np.ndindex(*pooled.shape):
        expected[b, positions[b, i, j, c], c] += pooled[b, i, j, c]
    np.testing.assert_allclose(MaxUnpooling2D()(pooled, positions), expected.reshape(2, 4, 6, 2), rtol=1e-6)


def slopes(function, x, step=1e-3):
    """Central differences of a function with one value."""
    result = np.empty(x.shape)
    for i in np.ndindex(*x.shape):
        there, back = x.copy(), x.copy()
        there[i] += step
        back[i] -= step
        result[i] = (float(function(there)) - float(function(back))) / (2 * step)
    return result


def gradient(function, x):
    import tensorflow as tf

    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = function(x)
    return tape.gradient(value, x)


def test_gradients_equal_finite_differences():
    # Far enough apart that no step changes which value is the largest.
    x = np.random.default_rng(0).permutation(2 * 5 * 4 * 2).reshape(2, 5, 4, 2) / 80
    pool = MaxPoolWithPositions(dtype="float64")
    unpool = MaxUnpooling2D(dtype="float64")
    weights, wide = np.random.default_rng(1).normal(size=(2, 2, 2, 2)), np.random.default_rng(2).normal(size=x.shape)
    pooled, positions = pool(x)

    def after_pooling(x):
        return keras.ops.sum(pool(x)[0] ** 2 * weights)

    def after_unpooling(pooled):
        return keras.ops.sum(unpool(pooled, positions, size=(5, 4)) ** 2 * wide)

    def after_both(x):
        return keras.ops.sum(unpool(*pool(x), size=(5, 4)) ** 2 * wide)

    for function, at in ((after_pooling, x), (after_unpooling, np.array(pooled)), (after_both, x)):
        np.testing.assert_allclose(gradient(function, at), slopes(function, at), atol=1e-9)


def test_the_gradient_reaches_only_the_first_of_equals():
    x, weights = pictures(2, 5, 6, 3, levels=2), pictures(2, 2, 3, 3, seed=1)
    positions = pooled_by_loops(x, 2)[1]
    expected = MaxUnpooling2D()(weights, positions, size=(5, 6))
    ours = gradient(lambda x: keras.ops.sum(MaxPoolWithPositions()(x)[0] * weights), x)
    np.testing.assert_array_equal(ours, expected)


def test_the_gradient_of_unpooling_picks_values_at_positions():
    pooled, positions, _ = pooled_by_loops(pictures(2, 4, 6, 3), 2)
    weights = pictures(2, 4, 6, 3, seed=1)
    ours = gradient(lambda pooled: keras.ops.sum(MaxUnpooling2D()([pooled, positions]) * weights), pooled)
    picked = np.take_along_axis(weights.reshape(2, 24, 3), positions.reshape(2, 6, 3), axis=1)
    np.testing.assert_array_equal(ours, picked.reshape(ours.shape))


def autoencoder(height=9, width=6, size=(9, 6)):
    inputs = keras.Input((height, width, 2))
    x, positions = MaxPoolWithPositions(name="pool")(inputs)
    x = keras.layers.Conv2D(2, 3, padding="same")(x)
    return keras.Model(inputs, MaxUnpooling2D(name="unpool")(x, positions, size=size))


def test_pooling_and_unpooling_are_saved_and_loaded(tmp_path):
    inputs = keras.Input((9, 9, 2))
    x, positions = MaxPoolWithPositions(3, name="pool")(inputs)
    model = keras.Model(inputs, MaxUnpooling2D(3, name="unpool")([keras.layers.Conv2D(2, 1)(x), positions]))
    for name, one, x in (("list", model, pictures(2, 9, 9, 2)), ("size", autoencoder(), pictures(2, 9, 6, 2))):
        one.save(tmp_path / f"{name}.keras")
        again = keras.saving.load_model(tmp_path / f"{name}.keras")
        for layer in ("pool", "unpool"):
            assert again.get_layer(layer).get_config() == one.get_layer(layer).get_config()
        assert np.array_equal(one(x), again(x)) and np.any(one(x))


def test_specs_tell_what_calls_return():
    for shape in ((None, 9, 6, 2), (None, None, None, 2), (3, None, 6, 2)):
        inputs = keras.Input(batch_shape=shape)
        pooled, positions = MaxPoolWithPositions()(inputs)
        restored = MaxUnpooling2D()(pooled, positions)
        model = keras.Model(inputs, [pooled, positions, restored])
        x = pictures(3, 9, 6, 2)
        # Only the height is odd: positions stay within the width, and so in their places.
        found = [model(x), model.predict(x, verbose=0)]
        for outputs in found:
            for spec, value in zip(model.outputs, outputs, strict=True):
                assert spec.dtype == keras.backend.standardize_dtype(value.dtype)
                assert all(a in (None, b) for a, b in zip(spec.shape, value.shape, strict=True))
            np.testing.assert_array_equal(outputs[2], pooled_by_loops(x, 2)[2][:, :8])
    assert restored.shape == (3, None, 6, 2)
    assert autoencoder().output_shape == (None, 9, 6, 2)
    assert MaxUnpooling2D()(pooled, positions, size=[9, 6]).shape == (3, 9, 6, 2)


def test_half_precision_leaves_positions_whole():
    inputs = keras.Input((300, 300, 1))
    pooled, positions = MaxPoolWithPositions(dtype="mixed_float16")(inputs)
    assert (pooled.dtype, positions.dtype) == ("float16", "int32")
    x = pictures(1, 300, 300, 1).astype("float16")
    outputs = keras.Model(inputs, [pooled, MaxUnpooling2D(dtype="mixed_float16")(pooled, positions)])(x)
    np.testing.assert_array_equal(outputs[1], pooled_by_loops(x, 2)[2])


def test_training_with_two_batch_sizes_traces_at_most_twice():
    model = autoencoder()
    traced = []
    pool = model.get_layer("pool")
    call = pool.call

    def counted(*args, **kwargs):
        traced.append(args[0].shape)
        return call(*args, **kwargs)

    pool.call = counted
    model.compile("sgd", "mse", jit_compile=False)
    x = pictures(10, 9, 6, 2)
    model.fit(x, x, batch_size=4, epochs=2, verbose=0)  # batches of 4, 4 and 2
    first = len(traced)
    losses = model.fit(x, x, batch_size=3, epochs=5, verbose=0).history["loss"]
    assert first <= 2 and len(traced) == first, traced
    assert losses[-1] < losses[0]


@pytest.mark.parametrize(
    "wrong, error, words",
    [
        (lambda: MaxPoolWithPositions(0), ValueError, "pool_size: expected a whole number of at least 1, got 0"),
        (lambda: MaxPoolWithPositions((2, 2)), TypeError, "pool_size"),
        (lambda: MaxUnpooling2D(2.0), TypeError, "pool_size"),
        (lambda: MaxUnpooling2D(-1), ValueError, "pool_size"),
        (lambda: MaxPoolWithPositions()(X[0]), ValueError, "inputs: expected .batch, height, width, channels"),
        (lambda: MaxPoolWithPositions(3)(X[:, :2]), ValueError, r"inputs: expected .*at least 3, got \(2, 4\)"),
        (lambda: MaxPoolWithPositions(3)(keras.Input((2, None, 1))), ValueError, "inputs: expected .*at least 3"),
        (lambda: MaxUnpooling2D()(X), TypeError, "positions: expected those of the pooling, got None"),
        (lambda: MaxUnpooling2D()([X]), ValueError, r"pooled: expected two, \[pooled, positions\], got 1"),
        (lambda: MaxUnpooling2D()(X, X), TypeError, "positions: expected whole numbers, got float32"),
        (lambda: MaxUnpooling2D()(X, P[:, :2]), ValueError, r"positions: expected the shape.*got \(1, 2, 4, 1\)"),
        (lambda: MaxUnpooling2D()([X[0], P]), ValueError, "pooled: expected .batch"),
        (lambda: MaxUnpooling2D()(X, P[0]), ValueError, "positions: expected .batch"),
        (lambda: MaxUnpooling2D()(X, P, size=8), TypeError, "size: expected a height and a width, got 8"),
        (lambda: MaxUnpooling2D()(X, P, size=(8, 8.0)), TypeError, "size: expected a whole number"),
        (lambda: MaxUnpooling2D()(X, P, size=(8, 10)), ValueError, r"size: .*by 2 makes \(4, 4\), got \(8, 10\)"),
    ],
)
def test_pooling_and_unpooling_refuse(wrong, error, words):
    with pytest.raises(error, match=words):
        wrong()


X, P = pictures(1, 4, 4, 1), np.zeros((1, 4, 4, 1), "int32")
