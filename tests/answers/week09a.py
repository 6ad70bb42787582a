"""Wrong answers to the exercises of week 9a."""

import math

import numpy as np


def rows_alone(pooled, positions, shape):
    large = np.zeros(shape)
    large[positions] = pooled
    return large


def always_doubled(pooled, positions, shape):
    large = np.zeros((2 * pooled.shape[0], 2 * pooled.shape[1]))
    large.ravel()[positions.ravel()] = pooled.ravel()
    return large


def whole_numbers(pooled, positions, shape):
    large = [0] * (shape[0] * shape[1])
    for value, position in zip(pooled.ravel(), positions.ravel(), strict=True):
        large[position] = int(value)
    return np.reshape(large, shape)


def no_default(size, kernel, stride, padding):
    return (size - 1) * stride + kernel - 2 * padding


def last_pixel(size, kernel, stride, padding=0):
    last = 0
    for print_number in range(size):
        last = print_number * stride + kernel - 1
    return last - 2 * padding


def pixels_in_a_list(size, kernel, stride, padding=0):
    return list(range((size - 1) * stride + kernel - 2 * padding))


def loss_of_each_pixel(probabilities, classes, weights):
    rows, columns = np.indices(classes.shape)
    return -weights * np.log(probabilities[rows, columns, classes]) / weights.sum()


def spoils_weights(probabilities, classes, weights):
    weights /= weights.sum()
    rows, columns = np.indices(classes.shape)
    return -(weights * np.log(probabilities[rows, columns, classes])).sum()


def with_math(d1, d2, w0, sigma):
    return 1 + w0 * math.exp(-((d1 + d2) ** 2) / (2 * sigma**2))


def plain_numbers(d1, d2, w0, sigma):
    return [1 + w0 * np.exp(-((a + b) ** 2) / (2 * sigma**2)) for a, b in zip(d1, d2, strict=True)]


def endless(side, depth):
    level = 0
    while level < depth:
        side = side // 2 - 4
    return side


def sides(side, depth):
    followed = [side - 4]
    for _ in range(depth - 1):
        followed.append(followed[-1] // 2 - 4)
    for _ in range(depth - 1):
        followed.append(2 * followed[-1] - 4)
    return followed


def four_each_time(side, depth):
    return side - 4 * depth - 4 * (depth - 1)


WRONG = {
    "unpool": [
        (rows_alone, "Two arrays of different shapes"),
        (always_doubled, "an array of shape (5, 7) was expected"),
        (whole_numbers, "decimal point"),
    ],
    "transposed_size": [
        (no_default, "missing 1 required"),
        (last_pixel, "1 too small"),
        (pixels_in_a_list, "the single value 5"),
    ],
    "pixel_loss": [(loss_of_each_pixel, "the sum of your numbers"), (spoils_weights, "changes the array")],
    "weigh_borders": [(with_math, "TypeError"), (plain_numbers, "came as a list")],
    "answer_side": [
        (endless, "seconds"),
        (sides, "the single value 388"),
        (four_each_time, "wrong where depth is above 1"),
    ],
}
