"""Wrong answers to the exercises of week 2, as students write them."""

import math

import numpy as np
from scipy import ndimage, signal

from course_utils.byhand.convolution import SOBEL_COLUMNS, SOBEL_ROWS, correlate2d


def flipped(image, kernel):
    return signal.convolve2d(image, kernel, mode="valid")


def one_short(image, kernel):
    h, w = kernel.shape
    result = np.zeros((image.shape[0] - h, image.shape[1] - w))
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            result[i, j] = np.sum(image[i : i + h, j : j + w] * kernel)
    return result


def whole_numbers(image, kernel):
    result = np.zeros_like(signal.correlate2d(image, kernel, mode="valid"), dtype=int)
    for i, j in np.ndindex(*result.shape):
        result[i, j] = (image[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel).sum()
    return result


def no_product(image, kernel):
    return signal.correlate2d(image, np.ones_like(kernel), mode="valid")


def image_sized(image, kernel):
    result = np.zeros(image.shape)
    valid = signal.correlate2d(image, kernel, mode="valid")
    for i, j in np.ndindex(*valid.shape):
        result[i, j] = valid[i, j]
    return result


def same_sized(image, kernel):
    return ndimage.correlate(image.astype(float), kernel)


def first_only(image, kernel):
    for i in range(image.shape[0] - kernel.shape[0] + 1):
        for j in range(image.shape[1] - kernel.shape[1] + 1):
            return np.sum(image[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel)


def three_by_three_only(image, kernel):
    result = np.zeros((image.shape[0] - 2, image.shape[1] - 2))
    for i, j in np.ndindex(*result.shape):
        result[i, j] = np.sum(image[i : i + 3, j : j + 3] * kernel)
    return result


def out_of_image(image, kernel):
    result = np.zeros(image.shape)
    for i, j in np.ndindex(*image.shape):
        result[i, j] = np.sum(image[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel)
    return result


def endless(image, kernel):
    i = 0
    while i < image.shape[0]:
        try:
            _ = image[0, 0] * kernel[0, 0]
        except Exception:
            i += 1


def spoils_input(image, kernel):
    image[0, 0] = 0
    return signal.correlate2d(image, kernel, mode="valid")


def matrix_product(image, kernel):
    h, w = kernel.shape
    result = np.zeros((image.shape[0] - h + 1, image.shape[1] - w + 1))
    for i, j in np.ndindex(*result.shape):
        result[i, j] = np.sum(image[i : i + h, j : j + w] @ kernel)
    return result


def upside_down(image, kernel):
    return signal.correlate2d(image, kernel[::-1], mode="valid")


def truncating(image, kernel):
    h, w = kernel.shape
    result = np.zeros_like(image[h - 1 :, w - 1 :])
    for i, j in np.ndindex(*result.shape):
        result[i, j] = np.sum(image[i : i + h, j : j + w] * kernel)
    return result


def flipped_result(image, kernel):
    return np.flip(correlate2d(image, kernel))


def flipped_both(image, kernel):
    return correlate2d(np.flip(image), np.flip(kernel))


def root_of_plain_sum(image):
    with np.errstate(invalid="ignore"):
        return np.sqrt(correlate2d(image, SOBEL_COLUMNS) + correlate2d(image, SOBEL_ROWS))


def rounded(size, kernel, stride=1, padding=0):
    return round((size + 2 * padding - kernel) / stride) + 1


def last_stride_only(layers):
    sees, before = 1, 1
    for kernel, stride in layers:
        sees += (kernel - 1) * before
        before = stride
    return sees


def own_stride_only(layers):
    return 1 + sum((kernel - 1) * stride for kernel, stride in layers)


def from_the_front(layers):
    sees = 1
    for kernel, stride in layers:
        sees = stride * (sees - 1) + kernel
    return sees


def not_multiplied(image, size):
    rows, columns = image.shape[0] // size, image.shape[1] // size
    return np.array([[image[i : i + size, j : j + size].max() for j in range(columns)] for i in range(rows)])


def square_only(image, size):
    n = len(image) // size
    return np.array([[image[i * size :][:size, j * size :][:, :size].max() for j in range(n)] for i in range(n)])


def not_flipped(image, kernel):
    return correlate2d(image, kernel)


def flipped_rows(image, kernel):
    return correlate2d(image, np.flipud(kernel))


def flipped_columns(image, kernel):
    return correlate2d(image, np.fliplr(kernel))


def flipped_image(image, kernel):
    return correlate2d(np.flip(image), kernel)


def transposed(image, kernel):
    return correlate2d(image, kernel.T)


def reversed_list(image, kernel):
    return correlate2d(image, kernel[::-1])


def added(image):
    return correlate2d(image, SOBEL_COLUMNS) + correlate2d(image, SOBEL_ROWS)


def squared(image):
    return correlate2d(image, SOBEL_COLUMNS) ** 2 + correlate2d(image, SOBEL_ROWS) ** 2


def absolute(image):
    return abs(correlate2d(image, SOBEL_COLUMNS)) + abs(correlate2d(image, SOBEL_ROWS))


def one_direction(image):
    return np.abs(correlate2d(image, SOBEL_COLUMNS))


def a_pair(image):
    return correlate2d(image, SOBEL_COLUMNS), correlate2d(image, SOBEL_ROWS)


def root_of_sum(image):
    return np.sqrt(np.abs(correlate2d(image, SOBEL_COLUMNS) + correlate2d(image, SOBEL_ROWS)))


def padded_once(size, kernel, stride=1, padding=0):
    return (size + padding - kernel) // stride + 1


def no_start(size, kernel, stride=1, padding=0):
    return (size + 2 * padding - kernel) // stride


def fraction(size, kernel, stride=1, padding=0):
    return (size + 2 * padding - kernel) / stride + 1


def rounded_up(size, kernel, stride=1, padding=0):
    return math.ceil((size + 2 * padding - kernel) / stride) + 1


def no_stride(size, kernel, stride=1, padding=0):
    return size + 2 * padding - kernel + 1


def no_padding(size, kernel, stride=1, padding=0):
    return (size - kernel) // stride + 1


def divided_late(size, kernel, stride=1, padding=0):
    return (size + 2 * padding - kernel + 1) // stride


def no_strides(layers):
    return 1 + sum(kernel - 1 for kernel, stride in layers)


def sum_of_kernels(layers):
    return sum(kernel for kernel, stride in layers)


def product_of_kernels(layers):
    return math.prod(kernel for kernel, stride in layers)


def own_stride(layers):
    sees = step = 1
    for kernel, stride in layers:
        step = step * stride
        sees = sees + (kernel - 1) * step
    return sees


def from_nothing(layers):
    sees, step = 0, 1
    for kernel, stride in layers:
        sees += (kernel - 1) * step
        step *= stride
    return sees


def overlapping(image, size):
    rows, columns = image.shape[0] - size + 1, image.shape[1] - size + 1
    return np.array([[image[i : i + size, j : j + size].max() for j in range(columns)] for i in range(rows)])


def means(image, size):
    rows, columns = image.shape[0] // size, image.shape[1] // size
    return np.array(
        [[image[i * size :][:size, j * size : (j + 1) * size].mean() for j in range(columns)] for i in range(rows)]
    )


def corners(image, size):
    return image[: image.shape[0] // size * size : size, : image.shape[1] // size * size : size]


def all_corners(image, size):
    return image[::size, ::size]


def always_two(image, size):
    rows, columns = image.shape[0] // 2, image.shape[1] // 2
    return np.array([[image[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max() for j in range(columns)] for i in range(rows)])


def from_zero(image, size):
    result = np.zeros((image.shape[0] // size, image.shape[1] // size))
    for i, j in np.ndindex(*result.shape):
        for pixel in image[i * size : (i + 1) * size, j * size : (j + 1) * size].ravel():
            result[i, j] = max(result[i, j], pixel)
    return result


def partial_window(image, size):
    rows, columns = -(-image.shape[0] // size), -(-image.shape[1] // size)
    return np.array(
        [
            [image[i * size : (i + 1) * size, j * size : (j + 1) * size].max() for j in range(columns)]
            for i in range(rows)
        ]
    )


def sideways(image, kernel):
    return signal.correlate2d(image, kernel.T, mode="valid")


def mirrored(image, kernel):
    return signal.correlate2d(image, np.fliplr(kernel), mode="valid")


def quarter_turn(image, kernel):
    return correlate2d(image, np.rot90(kernel))


def other_direction(image):
    return np.abs(correlate2d(image, SOBEL_ROWS))


def larger(image):
    return np.maximum(np.abs(correlate2d(image, SOBEL_COLUMNS)), np.abs(correlate2d(image, SOBEL_ROWS)))


def smallest(image, size):
    rows, columns = image.shape[0] // size, image.shape[1] // size
    return np.array(
        [[image[i * size :][:size, j * size : (j + 1) * size].min() for j in range(columns)] for i in range(rows)]
    )


def size_of_sum(image):
    return np.sqrt((correlate2d(image, SOBEL_COLUMNS) + correlate2d(image, SOBEL_ROWS)) ** 2)


def direction(image):
    return np.arctan2(correlate2d(image, SOBEL_ROWS), correlate2d(image, SOBEL_COLUMNS))


def whole_kernels(layers):
    sees = step = 1
    for kernel, stride in layers:
        sees += kernel * step
        step *= stride
    return sees


def every_second(image, size):
    rows, columns = (image.shape[0] - size) // 2 + 1, (image.shape[1] - size) // 2 + 1
    return np.array(
        [[image[2 * i : 2 * i + size, 2 * j : 2 * j + size].max() for j in range(columns)] for i in range(rows)]
    )


def integer_buffer(image, size):
    result = np.zeros((image.shape[0] // size, image.shape[1] // size), dtype=int)
    for i, j in np.ndindex(*result.shape):
        result[i, j] = image[i * size : (i + 1) * size, j * size : (j + 1) * size].max()
    return result


WRONG = {
    "correlate": [
        (flipped, "flipped the kernel"),
        (one_short, "missing"),
        (whole_numbers, "whole numbers"),
        (no_product, "products"),
        (image_sized, "as large as the image"),
        (same_sized, "shape"),
        (first_only, "shape"),
        (three_by_three_only, "ValueError"),
        (out_of_image, "ValueError"),
        (matrix_product, "ValueError"),
        (sideways, "rows of the kernel on columns"),
        (mirrored, "columns came out in reverse"),
        (upside_down, "rows came out in reverse"),
        (truncating, "whole numbers"),
        (endless, "seconds"),
        (spoils_input, "changes the array"),
    ],
    "convolve": [
        (not_flipped, "not flipped yet"),
        (flipped_rows, "columns not"),
        (flipped_columns, "rows not"),
        (flipped_image, "turns the image"),
        (flipped_result, "result is turned"),
        (flipped_both, "result is turned"),
        (transposed, "transposed"),
        (quarter_turn, "quarter turn"),
        (reversed_list, "columns not"),
    ],
    "edge_strength": [
        (added, "signs and all"),
        (root_of_plain_sum, "root of a negative"),
        (squared, "square of the length"),
        (size_of_sum, "size of the sum"),
        (direction, "direction"),
        (absolute, "3 east"),
        (one_direction, "vertical edges"),
        (other_direction, "horizontal edges"),
        (larger, "larger of the two"),
        (a_pair, "an array of shape"),
        (root_of_sum, "differ"),
    ],
    "output_size": [
        (padded_once, "both sides"),
        (no_start, "one position too few"),
        (fraction, "whole"),
        (rounded_up, "round down"),
        (no_stride, "stride is left out"),
        (no_padding, "padding is left out"),
        (divided_late, "divide the way"),
        (rounded, "nearest"),
    ],
    "receptive_field": [
        (no_strides, "strides are left out"),
        (sum_of_kernels, "overlap by one pixel"),
        (product_of_kernels, "multiplied"),
        (own_stride, "NEXT layer"),
        (whole_kernels, "one pixel less"),
        (from_nothing, "one pixel, not none"),
        (last_stride_only, "pile up"),
        (own_stride_only, "pile up"),
        (from_the_front, "began at the front"),
    ],
    "max_pool": [
        (overlapping, "overlap"),
        (not_multiplied, "overlap"),
        (square_only, "shape"),
        (means, "mean"),
        (every_second, "every 2 pixels"),
        (integer_buffer, "fractions are lost"),
        (smallest, "smallest"),
        (corners, "corner"),
        (all_corners, "corner"),
        (always_two, "size is an argument"),
        (from_zero, "come out as 0"),
        (partial_window, "does not fill"),
    ],
}
