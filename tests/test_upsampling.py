"""Upsampling against Keras, TensorFlow's gradients, SciPy, scikit-image and brute force, on random cases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage, signal
from skimage.transform import resize

from course_utils import runtime
from course_utils.byhand.convolution import correlate2d, output_size
from course_utils.byhand.upsampling import bilinear, insert_zeros, max_unpool, nearest, transposed, transposed_by_matrix
from course_utils.weeks.week09a import max_pool

keras = runtime.quiet_keras()

few = settings(max_examples=40, deadline=None)


@st.composite
def images(draw, largest=6):
    """Grey or with channels."""
    shape = draw(st.tuples(*[st.integers(1, largest)] * 2)) + draw(st.sampled_from([(), (1,), (3,)]))
    return np.random.default_rng(draw(st.integers(0, 999))).normal(size=shape)


@st.composite
def cases(draw):
    """What `transposed` takes: an image, a kernel, a stride, a padding."""
    image, stride, sides = draw(images()), draw(st.integers(1, 4)), draw(st.tuples(*[st.integers(1, 5)] * 2))
    more = (draw(st.integers(1, 3)), image.shape[2]) if image.ndim == 3 else ()
    kernel = np.random.default_rng(draw(st.integers(0, 999))).normal(size=(*sides, *more))
    full = [(size - 1) * stride + k for size, k in zip(image.shape[:2], sides, strict=True)]
    padding = draw(st.integers(0, min(*sides, *((side + 1) // 2 for side in full)) - 1))
    return image, kernel, stride, padding


def by_stamps(image, kernel, stride):
    """Each pixel stamps the kernel, times its value; channels are summed."""
    if image.ndim == 2:
        return by_stamps(image[..., None], kernel[..., None, None], stride)[..., 0]
    h, w, filters, _ = kernel.shape
    result = np.zeros(((image.shape[0] - 1) * stride + h, (image.shape[1] - 1) * stride + w, filters))
    for r, c in np.ndindex(*image.shape[:2]):
        result[r * stride : r * stride + h, c * stride : c * stride + w] += kernel @ image[r, c]
    return result


def cut(image, start, end):
    """Without rows and columns at the upper left and the lower right; below zero: with more of zeros."""
    image = np.pad(image, [(0, max(-end, 0))] * 2 + [(0, 0)] * (image.ndim - 2))
    return image[start : image.shape[0] - max(end, 0), start : image.shape[1] - max(end, 0)]


def keras_transposed(image, kernel, stride, padding):
    if image.ndim == 2:
        return keras_transposed(image[..., None], kernel[..., None, None], stride, padding)[..., 0]
    h, w, filters, _ = kernel.shape
    layer = keras.layers.Conv2DTranspose(filters, (h, w), strides=stride, padding=padding, use_bias=False)
    layer.build((None, *image.shape))
    layer.set_weights([kernel])
    return keras.ops.convert_to_numpy(layer(image[None]))[0]


# Transposed convolution ---------------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(cases())
def test_both_ways_equal_stamps_and_scipy(case):
    image, kernel, stride, padding = case
    expected = cut(by_stamps(image, kernel, stride), padding, padding)
    for ours in (transposed(*case), transposed_by_matrix(*case)):
        assert ours.shape == expected.shape
        np.testing.assert_allclose(ours, expected, atol=1e-9)
    if image.ndim == 2:
        theirs = signal.convolve2d(insert_zeros(image, stride), kernel, mode="full")
        np.testing.assert_allclose(transposed(*case), cut(theirs, padding, padding), atol=1e-9)


@few
@given(cases())
def test_transposed_equals_keras_valid_but_for_its_zeros_at_the_end(case):
    image, kernel, stride, padding = case
    h, w = ((side - 1) * stride + k for side, k in zip(image.shape[:2], kernel.shape[:2], strict=True))
    theirs = keras_transposed(image, kernel, stride, "valid")
    assert theirs.shape[:2] == tuple(
        side + max(stride - k, 0) for side, k in zip((h, w), kernel.shape[:2], strict=True)
    )
    assert not theirs[h:].any() and not theirs[:, w:].any()
    np.testing.assert_allclose(transposed(*case), cut(theirs[:h, :w], padding, padding), atol=1e-5)


@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("stride", [1, 2, 3, 4])
def test_same_is_half_of_what_the_kernel_has_more_than_the_stride(kernel, stride):
    """So kernel 4 with stride 2 has a padding which equals "same", kernel 3 with stride 2 has none."""
    rng = np.random.default_rng(kernel)
    image, weights = rng.normal(size=(4, 5, 2)), rng.normal(size=(kernel, kernel, 3, 2))
    theirs = keras_transposed(image, weights, stride, "same")
    assert theirs.shape == (4 * stride, 5 * stride, 3)
    start, odd = divmod(max(kernel - stride, 0), 2)
    end = start + odd if kernel >= stride else kernel - stride
    np.testing.assert_allclose(cut(transposed(image, weights, stride), start, end), theirs, atol=1e-5)
    if start == end:
        np.testing.assert_allclose(transposed(image, weights, stride, start), theirs, atol=1e-5)
    else:
        sizes = {transposed(image, weights, stride, padding).shape for padding in range(kernel)}
        assert theirs.shape not in sizes


@given(cases())
def test_transposed_is_the_adjoint_of_the_convolution(case):
    """<A x, y> == <x, A^T y>, with the same kernel array for both."""
    y, kernel, stride, padding = case
    back = transposed(*case)
    x = np.random.default_rng(0).normal(size=back.shape)
    there = correlate2d(x, kernel, stride, padding)
    assert there.shape == y.shape
    np.testing.assert_allclose((there * y).sum(), (x * back).sum(), atol=1e-9)


@given(cases())
def test_the_result_is_the_smallest_that_the_convolution_takes_to_the_image(case):
    image, kernel, stride, padding = case
    for axis in (0, 1):
        side, k = transposed(*case).shape[axis], kernel.shape[axis]
        assert output_size(side, k, stride, padding) == image.shape[axis]
        if side > 1 and side - 1 + 2 * padding >= k:
            assert output_size(side - 1, k, stride, padding) < image.shape[axis]


@few
@given(cases())
def test_transposed_is_the_gradient_of_a_convolution(case):
    import tensorflow as tf

    image, kernel, stride, padding = case
    expected = transposed(*case)
    if image.ndim == 2:
        image, kernel = image[..., None], kernel[..., None, None]
    x = tf.zeros((1, *expected.shape[:2], kernel.shape[2]), tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        padded = tf.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
        loss = tf.reduce_sum(tf.nn.conv2d(padded, kernel, stride, "VALID") * image)
    np.testing.assert_allclose(tape.gradient(loss, x).numpy().reshape(expected.shape), expected, atol=1e-9)


def test_stamps_overlap_in_a_chequerboard():
    """Kernel 3 with stride 2: of the result, every other row and column has two stamps."""
    assert transposed(np.ones((2, 3)), np.ones((3, 3)), 2).tolist() == [
        [1, 1, 2, 1, 2, 1, 1],
        [1, 1, 2, 1, 2, 1, 1],
        [2, 2, 4, 2, 4, 2, 2],
        [1, 1, 2, 1, 2, 1, 1],
        [1, 1, 2, 1, 2, 1, 1],
    ]


@few
@given(images(), st.integers(1, 4))
def test_zeros_stand_only_between_neighbours(image, stride):
    ours = insert_zeros(image, stride)
    mark = np.zeros((stride, stride))
    mark[0, 0] = 1
    marks = mark if image.ndim == 2 else mark[..., None]
    np.testing.assert_array_equal(ours, cut(np.kron(image, marks), 0, stride - 1))
    assert insert_zeros(ours.astype("float32"), 1).dtype == np.float32


def test_integers_do_not_overflow_and_floats_keep_their_type():
    bright, ones = np.full((3, 3), 255, np.uint8), np.ones((3, 3), np.uint8)
    for function in (transposed, transposed_by_matrix):
        assert function(bright, ones)[2, 2] == 9 * 255
        assert function(bright.astype("float32"), ones.astype("float32"), 2, 1).dtype == np.float32
    assert max_unpool(bright, np.zeros((3, 3), int), (1, 1)).tolist() == [[9 * 255]]
    for kind in ("float16", "float32", "float64"):
        assert bilinear(bright.astype(kind), 2).dtype == max_unpool(bright.astype(kind), ones, (2, 2)).dtype == kind
    assert bilinear(bright, 3).dtype == np.float64 and (bilinear(bright, 3) == 255).all()
    for kind in ("uint8", "bool", "float16", "U3"):
        assert nearest(bright.astype(kind), 2).dtype == kind


# Interpolation ------------------------------------------------------------------------------------------------------


def keras_upsampled(image, factor, interpolation):
    """By the layer and by the function."""
    batch = image.reshape(1, *image.shape[:2], -1).astype("float32")
    size = (image.shape[0] * factor, image.shape[1] * factor)
    for result in (
        keras.layers.UpSampling2D(factor, interpolation=interpolation)(batch),
        keras.ops.image.resize(batch, size, interpolation=interpolation),
    ):
        yield keras.ops.convert_to_numpy(result).reshape(*size, *image.shape[2:])


@few
@given(images(), st.integers(1, 4))
def test_nearest_equals_keras_and_brute_force(image, factor):
    ours = nearest(image, factor)
    for theirs in keras_upsampled(image, factor, "nearest"):
        np.testing.assert_array_equal(ours.astype("float32"), theirs)
    for r, c in np.ndindex(*ours.shape[:2]):
        np.testing.assert_array_equal(ours[r, c], image[r // factor, c // factor])


@few
@given(images(), st.integers(1, 5))
def test_bilinear_equals_keras_scikit_image_and_scipy(image, factor):
    ours = bilinear(image, factor)
    for theirs in keras_upsampled(image, factor, "bilinear"):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
    np.testing.assert_allclose(ours, resize(image, ours.shape, order=1, mode="edge", anti_aliasing=False), atol=1e-9)
    zoom = (factor, factor, 1)[: image.ndim]
    theirs = ndimage.zoom(image, zoom, order=1, mode="nearest", grid_mode=True)
    np.testing.assert_allclose(ours, theirs, atol=1e-9)


@pytest.mark.parametrize("factor", [1, 2, 3, 4])
def test_both_are_transposed_convolutions(factor):
    """With a box as wide as the stride, and, but for the edges, with a tent twice as wide."""
    image = np.random.default_rng(factor).normal(size=(5, 6))
    np.testing.assert_allclose(transposed(image, np.ones((factor, factor)), factor), nearest(image, factor))
    box = np.ones(factor) / factor
    tent = (
        np.convolve(box, np.ones(factor)) if factor % 2 else np.convolve(np.convolve(box, np.ones(factor)), [0.5] * 2)
    )
    start = (len(tent) - factor) // 2
    inside = np.s_[factor:-factor, factor:-factor]
    ours = transposed(image, np.outer(tent, tent), factor, start)
    np.testing.assert_allclose(ours[inside], bilinear(image, factor)[inside], atol=1e-12)


# Unpooling ----------------------------------------------------------------------------------------------------------


@few
@given(images(largest=8), st.integers(1, 3))
def test_pooling_equals_tensorflows_and_unpooling_puts_back(image, size):
    import tensorflow as tf

    image = np.repeat(image, size, axis=0).round().astype("float32")  # many windows have equal values
    image = np.pad(image.reshape(*image.shape[:2], -1), [(0, 0), (0, -image.shape[1] % size), (0, 0)], mode="reflect")
    image = np.repeat(np.repeat(image, size, axis=0), size, axis=1)
    pooled, positions = max_pool(image, size)
    theirs = tf.nn.max_pool_with_argmax(image[None], size, size, "VALID")  # counts channels, too
    np.testing.assert_array_equal(pooled, theirs[0][0])
    np.testing.assert_array_equal(positions, theirs[1][0] // image.shape[2])
    restored = max_unpool(pooled, positions, image.shape[:2])
    np.testing.assert_array_equal(restored[restored != 0], image[restored != 0])
    assert np.count_nonzero(restored) == np.count_nonzero(pooled)


@few
@given(images(), st.integers(0, 999))
def test_values_that_share_a_position_are_added(pooled, seed):
    height, width = 2 * pooled.shape[0], 2 * pooled.shape[1]
    positions = np.random.default_rng(seed).integers(0, min(4, height * width), pooled.shape)
    expected = np.zeros((height, width, *pooled.shape[2:]))
    for place in np.ndindex(*pooled.shape):
        row, column = divmod(positions[place], width)
        expected[(row, column, *place[2:])] += pooled[place]
    np.testing.assert_allclose(max_unpool(pooled, positions, [height, width]), expected, atol=1e-9)


# What is refused ----------------------------------------------------------------------------------------------------

GREY, RGB = np.zeros((3, 4)), np.zeros((3, 4, 3))


@pytest.mark.parametrize("function", [nearest, bilinear, insert_zeros])
def test_bad_factors_and_images_are_named(function):
    name = "stride" if function is insert_zeros else "factor"
    for wrong, error in ((0, ValueError), (-1, ValueError), (2.0, TypeError), (True, TypeError), ((2, 2), TypeError)):
        with pytest.raises(error, match=f"^{name}: expected a whole number of at least 1, got"):
            function(GREY, wrong)
    for wrong in (np.zeros(3), np.zeros((1, 3, 4, 3)), np.zeros((0, 3)), np.zeros((3, 4, 0))):
        with pytest.raises(ValueError, match=r"^image: expected \(H, W\) or \(H, W, C\), got"):
            function(wrong, 2)
    if function is not nearest:
        with pytest.raises(TypeError, match="^image: expected an array of numbers"):
            function([["a"]], 2)


@pytest.mark.parametrize("function", [transposed, transposed_by_matrix])
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((np.zeros(3), np.zeros((1, 1))), ValueError, r"image: expected \(H, W\) or \(H, W, C\), got \(3,\)"),
        (([["a"]], np.zeros((1, 1))), TypeError, "image: expected an array of numbers"),
        ((GREY, [["a"]]), TypeError, "kernel: expected an array of numbers"),
        ((GREY, np.zeros((2, 2, 1, 1))), ValueError, r"kernel: expected \(h, w\) for an image \(3, 4\)"),
        ((RGB, np.zeros((2, 2))), ValueError, r"kernel: expected \(h, w, F, C\) for an image \(3, 4, 3\)"),
        ((GREY, np.zeros((0, 2))), ValueError, r"kernel: expected .*, got \(0, 2\)"),
        ((RGB, np.zeros((2, 2, 3, 5))), ValueError, r"kernel: expected 3 channels.*got \(2, 2, 3, 5\)"),
        ((GREY, np.zeros((2, 2)), 0), ValueError, "stride: expected a whole number of at least 1, got 0"),
        ((GREY, np.zeros((2, 2)), 1.5), TypeError, "stride"),
        ((GREY, np.zeros((2, 2)), 1, -1), ValueError, "padding: expected a whole number of at least 0, got -1"),
        ((GREY, np.zeros((2, 2)), 1, "same"), TypeError, "padding: .*got 'same'"),
        ((GREY, np.zeros((5, 2)), 1, 2), ValueError, r"padding: expected less than .*sides, \(5, 2\), .*got 2"),
        ((GREY[:1], np.zeros((4, 4)), 1, 2), ValueError, r"padding: expected less than .*half of .*\(4, 7\), got 2"),
    ],
)
def test_bad_arguments_of_transposed_are_named(function, arguments, error, words):
    with pytest.raises(error, match=f"^{words}"):
        function(*arguments)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((np.zeros(3), np.zeros(3, int), (2, 2)), ValueError, r"pooled: expected \(H, W\) or \(H, W, C\), got \(3,\)"),
        (([["a"]], [[0]], (2, 2)), TypeError, "pooled: expected an array of numbers"),
        (([[1]], [[0.0]], (2, 2)), TypeError, "positions: expected whole numbers, got float64"),
        (([[1]], [[0, 1]], (2, 2)), ValueError, r"positions: expected the shape of pooled, \(1, 1\), got \(1, 2\)"),
        (([[1]], [[4]], (2, 2)), ValueError, "positions: expected 0 to 3, got 4"),
        (([[1]], [[-1]], (2, 2)), ValueError, "positions: expected 0 to 3, got -1"),
        (([[1]], [[0]], 2), TypeError, "shape: expected a height and a width, got 2"),
        (([[1]], [[0]], (2, 2, 1)), TypeError, "shape: expected a height and a width"),
        (([[1]], [[0]], (2, 2.0)), TypeError, "shape: expected a whole number"),
        (([[1]], [[0]], (2, 0)), ValueError, "shape: expected a whole number of at least 1, got 0"),
    ],
)
def test_bad_arguments_of_unpooling_are_named(arguments, error, words):
    with pytest.raises(error, match=f"^{words}"):
        max_unpool(*arguments)
