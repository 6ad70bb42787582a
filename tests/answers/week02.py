"""Wrong answers to the exercises of week 2."""

import numpy as np

from course_utils.byhand.convolution import correlate2d, max_pool2d


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


def flipped(image, kernel):
    return correlate2d(image, kernel[::-1, ::-1])


def mean_of_products(image, kernel):
    return correlate2d(image, kernel) / kernel.size


def matrix_product(image, kernel):
    height, width = kernel.shape
    result = np.zeros((image.shape[0] - height + 1, image.shape[1] - width + 1))
    for row in range(result.shape[0]):
        for column in range(result.shape[1]):
            result[row, column] = np.sum(image[row : row + height, column : column + width] @ kernel)
    return result


def pair(across, down):
    return across**2, down**2


def half_of_squared_sum(across, down):
    return (across**2 + down**2) ** 1 / 2


def root_of_each(across, down):
    return np.sqrt(across**2) + np.sqrt(down**2)


def unknown_name(size, kernel, stride=1, padding=0):
    return (size + 2 * paddings - kernel) // stride + 1  # noqa: F821


def no_stride(size, kernel, stride=1, padding=0):
    return size + 2 * padding - kernel + 1


def rounded(size, kernel, stride=1, padding=0):
    return round((size + 2 * padding - kernel) / stride) + 1


def steps_alone(size, kernel, stride=1, padding=0):
    return (size + 2 * padding - kernel) // stride


def square_only(image, size):
    n = len(image) // size
    return np.array([[image[i * size :][:size, j * size :][:, :size].max() for j in range(n)] for i in range(n)])


def rows_of_lists(image, size):
    return [list(row) for row in max_pool2d(image, size)]


def absolute(image, kernel):
    return np.abs(correlate2d(image, kernel))


def padded(image, kernel):
    return correlate2d(np.pad(image, 1), kernel)


def whole_numbers(image, kernel):
    return correlate2d(image, kernel).astype(int)


def with_incomplete_windows(image, size):
    rows, columns = range(0, image.shape[0], size), range(0, image.shape[1], size)
    return np.array([[image[r : r + size, c : c + size].max() for c in columns] for r in rows])


def step_of_one(image, size):
    return max_pool2d(image, size, 1)[: image.shape[0] // size, : image.shape[1] // size]


def smallest(image, size):
    return -max_pool2d(-image, size)


WRONG = {
    "correlate": [
        (endless, "seconds"),
        (spoils_input, "changes the array"),
        (flipped, "flipped the kernel"),
        (mean_of_products, "mean of the products"),
        (matrix_product, "matrix product"),
        (absolute, "without their sign"),
        (padded, "partly outside the image"),
        (whole_numbers, "fractions are lost"),
    ],
    "edge_strength": [
        (pair, "a tuple of 2"),
        (half_of_squared_sum, "half the squared length"),
        (root_of_each, "added the two lengths"),
    ],
    "output_size": [
        (unknown_name, "NameError"),
        (no_stride, "when stride changes"),
        (rounded, "round down"),
        (steps_alone, "number of steps"),
    ],
    "max_pool": [
        (square_only, "was expected; what came"),
        (rows_of_lists, "came as a list"),
        (with_incomplete_windows, "incomplete"),
        (step_of_one, "windows overlap"),
        (smallest, "smallest value of each window"),
    ],
}
