"""Week 9a's upsampling by hand against Keras, SciPy, scikit-image and brute force, on random cases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal
from skimage.transform import resize

from course_utils import runtime
from course_utils.byhand.convolution import as_matrix
from course_utils.weeks.week09a import insert_zeros, interpolate, max_pool, max_unpool, transposed_convolution

keras = runtime.quiet_keras()


@st.composite
def images(draw):
    """Grey or with channels."""
    shape = draw(st.tuples(*[st.integers(1, 6)] * 2)) + draw(st.sampled_from([(), (1,), (3,)]))
    return np.random.default_rng(draw(st.integers(0, 999))).normal(size=shape)


@st.composite
def cases(draw):
    """What `transposed_convolution` takes: an image, a kernel, a stride, a padding that leaves something."""
    image, stride, sides = draw(images()), draw(st.integers(1, 4)), draw(st.tuples(*[st.integers(1, 5)] * 2))
    more = (draw(st.integers(1, 3)), image.shape[2]) if image.ndim == 3 else ()
    kernel = np.random.default_rng(draw(st.integers(0, 999))).normal(size=(*sides, *more))
    full = [(size - 1) * stride + k for size, k in zip(image.shape[:2], sides, strict=True)]
    padding = draw(st.integers(0, min(*sides, *((side + 1) // 2 for side in full)) - 1))
    return image, kernel, stride, padding


@given(cases())
def test_it_is_the_transposed_matrix_of_the_convolution(case):
    """Whose kernel (h, w, F, C) goes from the result's F channels to the image's C."""
    image, kernel, stride, padding = case
    ours = transposed_convolution(*case)
    matrix = as_matrix(kernel, ours.shape, stride, padding)
    np.testing.assert_allclose((matrix.T @ image.ravel()).reshape(ours.shape), ours, atol=1e-9)
    if image.ndim == 2:
        full = signal.convolve2d(insert_zeros(image, stride), kernel, mode="full")
        inside = [slice(padding, side - padding) for side in full.shape]
        np.testing.assert_allclose(ours, full[tuple(inside)], atol=1e-9)


@pytest.mark.parametrize(("kernel", "stride"), [(3, 1), (2, 2), (4, 2), (3, 3), (8, 4)])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_transposed_convolution_equals_keras(kernel, stride, padding):
    rng = np.random.default_rng(kernel)
    image, weights = rng.normal(size=(4, 5, 2)), rng.normal(size=(kernel, kernel, 3, 2))
    layer = keras.layers.Conv2DTranspose(3, kernel, strides=stride, padding=padding, use_bias=False)
    layer.build((None, *image.shape))
    layer.set_weights([weights])
    ours = transposed_convolution(image, weights, stride, (kernel - stride) // 2 if padding == "same" else 0)
    np.testing.assert_allclose(ours, keras.ops.convert_to_numpy(layer(image[None]))[0], atol=1e-5)


@given(images(), st.integers(1, 5))
def test_interpolation_equals_scikit_image(image, factor):
    ours = interpolate(image, factor)
    np.testing.assert_allclose(ours, resize(image, ours.shape, order=1, mode="edge", anti_aliasing=False), atol=1e-9)
    assert interpolate(image.astype("float32"), factor).dtype == np.float32


@settings(max_examples=40)
@given(images(), st.integers(1, 3))
def test_pooling_equals_tensorflows_and_unpooling_puts_back(image, size):
    import tensorflow as tf

    image = np.kron(np.atleast_3d(image), np.ones((size, size, 1))).round().astype("float32")  # many equal values
    pooled, positions = max_pool(image, size)
    theirs = tf.nn.max_pool_with_argmax(image[None], size, size, "VALID")  # counts channels, too
    np.testing.assert_array_equal(pooled, theirs[0][0])
    np.testing.assert_array_equal(positions, theirs[1][0] // image.shape[2])
    restored = max_unpool(pooled, positions, image.shape[:2])
    np.testing.assert_array_equal(restored[restored != 0], image[restored != 0])
    assert np.count_nonzero(restored) == np.count_nonzero(pooled)
