"""Convolution and pooling against SciPy, scikit-image, Keras and brute force, on random cases."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage, signal
from skimage import filters

from course_utils.byhand.convolution import (
    SOBEL_COLUMNS,
    SOBEL_ROWS,
    as_matrix,
    average_pool2d,
    convolve2d,
    correlate2d,
    max_pool2d,
    output_size,
)

NUMBERS = st.floats(-100, 100, width=32)


@st.composite
def cases(draw, channels=False):
    """An image, a kernel that fits, and options."""
    padding, dilation, stride = draw(st.integers(0, 2)), draw(st.integers(1, 3)), draw(st.integers(1, 4))
    height, width = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    h = draw(st.integers(1, (height + 2 * padding - 1) // dilation + 1))
    w = draw(st.integers(1, (width + 2 * padding - 1) // dilation + 1))
    depth = (draw(st.integers(1, 3)),) if channels else ()
    filters_ = (draw(st.integers(1, 3)),) if channels else ()
    image = draw(hnp.arrays(np.float64, (height, width, *depth), elements=NUMBERS))
    kernel = draw(hnp.arrays(np.float64, (h, w, *depth, *filters_), elements=NUMBERS))
    return image, kernel, stride, padding, dilation


def spread(kernel, dilation):
    """A kernel with its gaps filled with zeros."""
    h, w = ((side - 1) * dilation + 1 for side in kernel.shape)
    wide = np.zeros((h, w))
    wide[::dilation, ::dilation] = kernel
    return wide


@settings(max_examples=200)
@given(cases())
def test_correlate_and_convolve_equal_scipy(case):
    image, kernel, stride, padding, dilation = case
    padded, wide = np.pad(image, padding), spread(kernel, dilation)
    for ours, theirs in ((correlate2d, signal.correlate2d), (convolve2d, signal.convolve2d)):
        # "valid" of SciPy also accepts a kernel larger than the image, by swapping them; ours must fit here.
        expected = theirs(padded, wide, mode="valid")[::stride, ::stride]
        np.testing.assert_allclose(ours(image, kernel, stride, padding, dilation), expected, atol=1e-6)


@given(cases(channels=True))
def test_channels_equal_brute_force(case):
    image, kernel, stride, padding, dilation = case
    padded = np.pad(image, [(padding, padding), (padding, padding), (0, 0)])
    got = correlate2d(*case)
    h, w = kernel.shape[:2]
    for r, c, f in np.ndindex(*got.shape):
        part = padded[r * stride :: dilation, c * stride :: dilation][:h, :w]
        np.testing.assert_allclose(got[r, c, f], (part * kernel[..., f]).sum(), atol=1e-6)


def test_lecture_example_and_its_slip():
    image = np.array([[1, 4, 3, 2, 2], [2, 1, 7, 4, 6], [3, 4, 6, 1, 8], [2, 1, 5, 3, 7], [1, 7, 3, 5, 2]])
    assert correlate2d(image, SOBEL_ROWS).tolist() == [[-5, -5, -7], [2, 5, 3], [-1, -1, 1]]


@given(st.integers(1, 40), st.integers(1, 9), st.integers(1, 5), st.integers(0, 4), st.integers(1, 3))
def test_output_size_counts_positions(size, kernel, stride, padding, dilation):
    reach = dilation * (kernel - 1) + 1
    starts = [s for s in range(0, size + 2 * padding, stride) if s + reach <= size + 2 * padding]
    if starts:
        assert output_size(size, kernel, stride, padding, dilation) == len(starts)
    else:
        with pytest.raises(ValueError, match="kernel"):
            output_size(size, kernel, stride, padding, dilation)


def test_sobel_equals_scipy_and_scikit_image_and_cannot_be_changed():
    assert not SOBEL_ROWS.flags.writeable and not SOBEL_COLUMNS.flags.writeable
    image = np.random.default_rng(0).random((30, 40))
    rows, columns = correlate2d(image, SOBEL_ROWS), correlate2d(image, SOBEL_COLUMNS)
    inside = np.s_[1:-1, 1:-1]
    np.testing.assert_allclose(-rows, ndimage.sobel(image, axis=0)[inside], atol=1e-12)
    np.testing.assert_allclose(-columns, ndimage.sobel(image, axis=1)[inside], atol=1e-12)
    np.testing.assert_allclose(np.hypot(rows, columns) / 4 / np.sqrt(2), filters.sobel(image)[inside], atol=1e-12)
    np.testing.assert_allclose(np.abs(rows) / 4, np.abs(filters.sobel_h(image)[inside]), atol=1e-12)


@given(cases(channels=True), st.booleans())
def test_matrix_times_image_is_the_correlation(case, grey):
    image, kernel, stride, padding, _ = case
    if grey:
        image, kernel = image[..., 0], kernel[..., 0, 0]
    matrix = as_matrix(kernel, image.shape, stride, padding)
    np.testing.assert_allclose(matrix @ image.ravel(), correlate2d(image, kernel, stride, padding).ravel(), atol=1e-6)


@given(
    hnp.arrays(np.float64, st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 3)), elements=NUMBERS),
    st.data(),
)
def test_pooling_equals_keras(image, data):
    size, stride = data.draw(st.integers(1, min(image.shape[:2]))), data.draw(st.none() | st.integers(1, 4))
    for ours, layer in ((max_pool2d, keras.layers.MaxPooling2D), (average_pool2d, keras.layers.AveragePooling2D)):
        theirs = keras.ops.convert_to_numpy(layer(size, stride)(image[None]))[0]
        np.testing.assert_allclose(ours(image, size, stride), theirs, rtol=1e-5, atol=1e-4)
        if image.shape[2] == 1:
            np.testing.assert_array_equal(ours(image[..., 0], size, stride), ours(image, size, stride)[..., 0])


def test_integers_do_not_overflow_and_floats_keep_their_type():
    bright = np.full((3, 3), 255, np.uint8)
    assert correlate2d(bright, np.ones((3, 3), np.uint8)).tolist() == [[9 * 255]]
    assert correlate2d(bright.astype("float32"), np.ones((2, 2), "float32")).dtype == np.float32


@pytest.mark.parametrize(
    ("image", "kernel", "words"),
    [
        ((3,), (1, 1), r"\(H, W\)"),
        ((3, 3), (1, 1, 3, 1), r"\(H, W\)"),
        ((3, 3, 2), (1, 1, 3, 1), "mismatch"),
        ((3, 3), (4, 1), "kernel: expected at most 3 pixels"),
    ],
)
def test_a_kernel_that_does_not_fit_is_refused(image, kernel, words):
    for function in (correlate2d, convolve2d):
        with pytest.raises(ValueError, match=words):
            function(np.zeros(image), np.zeros(kernel))
