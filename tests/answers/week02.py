"""Wrong answers to the exercises of week 2."""

import numpy as np

from course_utils.byhand.convolution import SOBEL_COLUMNS, SOBEL_ROWS, correlate2d, max_pool2d


def endless(image, kernel):
    i = 0
    while i < image.shape[0]:
        try:
            _ = image[0, 0] * kernel[0, 0]
        except Exception:
            i += 1


def spoils_input(image, kernel):
    image[0, 0] = 0
    return correlate2d(image, kernel)


def list_of_rows(image, kernel):
    return correlate2d(image, kernel[::-1, ::-1]).tolist()


def reversed_rows(image, kernel):
    return correlate2d(image, list(reversed(kernel.tolist())))


def pair(image):
    return correlate2d(image, SOBEL_COLUMNS), correlate2d(image, SOBEL_ROWS)


def root_of_squared_sum(image):
    return (correlate2d(image, SOBEL_COLUMNS) ** 2 + correlate2d(image, SOBEL_ROWS) ** 2) ** 1 / 2


def unknown_name(size, kernel, stride=1, padding=0):
    return (size + 2 * paddings - kernel) // stride + 1  # noqa: F821


def no_stride(size, kernel, stride=1, padding=0):
    return size + 2 * padding - kernel + 1


def last_stride_only(layers):
    sees, before = 1, 1
    for kernel, stride in layers:
        sees += (kernel - 1) * before
        before = stride
    return sees


def no_unpacking(layers):
    return 1 + sum(layer - 1 for layer in layers)


def square_only(image, size):
    n = len(image) // size
    return np.array([[image[i * size :][:size, j * size :][:, :size].max() for j in range(n)] for i in range(n)])


def rows_of_lists(image, size):
    return [list(row) for row in max_pool2d(image, size)]


WRONG = {
    "correlate": [(endless, "seconds"), (spoils_input, "changes the array")],
    "convolve": [(list_of_rows, "came as a list"), (reversed_rows, "only one axis")],
    "edge_strength": [(pair, "a tuple of 2"), (root_of_squared_sum, "differ")],
    "output_size": [(unknown_name, "NameError"), (no_stride, "stride is not used")],
    "receptive_field": [(last_stride_only, "strides multiply"), (no_unpacking, "TypeError")],
    "max_pool": [(square_only, "was expected; what came"), (rows_of_lists, "came as a list")],
}
