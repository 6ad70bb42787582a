"""The course's own layers, against TensorFlow's functions."""

import numpy as np
import pytest

from course_utils import runtime
from course_utils.layers import LocalResponseNormalization

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
