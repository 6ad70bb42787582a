"""Wrong answers to the exercises of week 9a, as students write them."""

import math

import numpy as np


def forward(size, kernel, stride, padding=0):
    return (size + 2 * padding - kernel) // stride + 1


def forward_not_whole(size, kernel, stride, padding=0):
    return (size - kernel + 2 * padding) / stride + 1


def times_stride(size, kernel, stride, padding=0):
    return stride * size


def step_too_many(size, kernel, stride, padding=0):
    return size * stride - 2 * padding + kernel


def one_end_cut(size, kernel, stride, padding=0):
    return stride * (size - 1) + kernel - padding


def padding_added(size, kernel, stride, padding=0):
    return (size - 1) * stride + kernel + 2 * padding


def padding_forgotten(size, kernel, stride, padding=0):
    stamps = [range(start * stride, start * stride + kernel) for start in range(size)]
    return stamps[-1].stop


def last_pixel_of_the_last_stamp(size, kernel, stride, padding=0):
    last = 0
    for i in range(size):
        last = i * stride + kernel - 1
    return last - 2 * padding


def zeros_in_the_end(size, kernel, stride, padding=0):
    spread = size + size * (stride - 1)
    return spread + kernel - 1 - 2 * padding


def spread_alone(size, kernel, stride, padding=0):
    return size + (size - 1) * (stride - 1)


def spread_and_padding(size, kernel, stride, padding=0):
    return size + (size - 1) * (stride - 1) - 2 * padding


def end_to_end(size, kernel, stride, padding=0):
    return size * kernel


def end_to_end_and_padding(size, kernel, stride, padding=0):
    return size * kernel - 2 * padding


def no_default(size, kernel, stride, padding):
    return (size - 1) * stride + kernel - 2 * padding


def in_corners(pooled, positions, shape):
    result = np.zeros(shape)
    for i in range(pooled.shape[0]):
        for j in range(pooled.shape[1]):
            result[2 * i, 2 * j] = pooled[i, j]
    return result


def copies(pooled, positions, shape):
    return pooled.repeat(2, axis=0).repeat(2, axis=1)


def copies_in_windows(pooled, positions, shape):
    result = np.zeros(shape)
    for i, j in np.ndindex(*pooled.shape):
        result[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = pooled[i, j]
    return result


def columns_first(pooled, positions, shape):
    result = np.zeros(shape)
    for value, position in zip(pooled.ravel(), positions.ravel(), strict=True):
        result[position % shape[1], position // shape[1]] = value
    return result


def fortran(pooled, positions, shape):
    result = np.zeros(shape[0] * shape[1])
    result[positions.ravel()] = pooled.ravel()
    return result.reshape(shape, order="F")


def divided_by_height(pooled, positions, shape):
    height, width = shape
    result = np.zeros((height, width))
    for place in np.ndindex(*pooled.shape):
        row, column = divmod(positions[place], height)
        result[row, column] = pooled[place]
    return result


def flat(pooled, positions, shape):
    result = np.zeros(np.prod(shape))
    result[positions.flatten()] = pooled.flatten()
    return result


def into_a_copy(pooled, positions, shape):
    result = np.zeros(shape)
    result.flatten()[positions.flatten()] = pooled.flatten()
    return result


def marked(pooled, positions, shape):
    result = np.zeros(shape)
    result.ravel()[positions] = 1
    return result


def a_mask(pooled, positions, shape):
    return np.isin(np.arange(shape[0] * shape[1]), positions).reshape(shape)


def whole_numbers(pooled, positions, shape):
    result = np.zeros(shape, dtype=int)
    np.put(result, positions, pooled)
    return result


def within_windows(pooled, positions, shape):
    result = np.zeros(shape)
    for i, j in np.ndindex(*pooled.shape):
        row, column = divmod(positions[i, j], 2)
        result[2 * i + row, 2 * j + column] = pooled[i, j]
    return result


def divided_by_pooled_width(pooled, positions, shape):
    result = np.zeros(shape)
    result[positions // pooled.shape[1], positions % pooled.shape[1]] = pooled
    return result


def rows_alone(pooled, positions, shape):
    result = np.zeros(shape)
    result[positions] = pooled
    return result


def always_doubled(pooled, positions, shape):
    result = np.zeros((2 * pooled.shape[0], 2 * pooled.shape[1]))
    result.ravel()[positions.ravel()] = pooled.ravel()
    return result


def transposed_shape(pooled, positions, shape):
    result = np.zeros(shape[::-1])
    result.ravel()[positions.ravel()] = pooled.ravel()
    return result


def own(probabilities, classes):
    rows, columns = np.indices(classes.shape)
    return probabilities[rows, columns, classes]


def one_hot(classes, count):
    return np.eye(count)[classes]


def by_pixels(probabilities, classes, weights):
    return np.mean(-weights * np.log(own(probabilities, classes)))


def added_up(probabilities, classes, weights):
    total = 0
    for i in range(classes.shape[0]):
        for j in range(classes.shape[1]):
            total -= weights[i, j] * np.log(probabilities[i, j, classes[i, j]])
    return total


def negative(probabilities, classes, weights):
    return np.average(np.log(own(probabilities, classes)), weights=weights)


def unweighted(probabilities, classes, weights):
    hot = one_hot(classes, probabilities.shape[-1])
    return -np.mean(np.sum(hot * np.log(probabilities), axis=-1))


def weights_below_alone(probabilities, classes, weights):
    return -np.log(own(probabilities, classes)).sum() / weights.sum()


def weighted_probability(probabilities, classes, weights):
    return -np.log(weights * own(probabilities, classes)).mean()


def weighted_probability_by_weights(probabilities, classes, weights):
    return -np.sum(np.log(weights * own(probabilities, classes))) / np.sum(weights)


def logarithm_of_the_mean(probabilities, classes, weights):
    return -np.log((weights * own(probabilities, classes)).sum() / weights.sum())


def bits(probabilities, classes, weights):
    return -(weights * np.log2(own(probabilities, classes))).sum() / weights.sum()


def digits(probabilities, classes, weights):
    return -(weights * np.log10(own(probabilities, classes))).sum() / weights.sum()


def lacking(probabilities, classes, weights):
    return (weights * (1 - own(probabilities, classes))).sum() / weights.sum()


def mean_probability(probabilities, classes, weights):
    return (weights * own(probabilities, classes)).sum() / weights.sum()


def binary(probabilities, classes, weights):
    hot = one_hot(classes, probabilities.shape[-1])
    each = -(hot * np.log(probabilities) + (1 - hot) * np.log(1 - probabilities))
    return (weights * each.sum(axis=-1)).sum() / weights.sum()


def binary_mean(probabilities, classes, weights):
    hot = one_hot(classes, probabilities.shape[-1])
    each = -(hot * np.log(probabilities) + (1 - hot) * np.log(1 - probabilities))
    return np.average(each.mean(axis=-1), weights=weights)


def two_classes(probabilities, classes, weights):
    background, cell = np.log(probabilities[..., 0]), np.log(probabilities[..., 1])
    return -np.sum(weights * (classes * cell + (1 - classes) * background)) / weights.sum()


def one_channel(probabilities, classes, weights):
    cell = probabilities[..., 1]
    loss = -(classes * np.log(cell) + (1 - classes) * np.log(1 - cell))
    return np.sum(weights * loss) / np.sum(weights)


def likeliest(probabilities, classes, weights):
    return -(weights * np.log(probabilities.max(axis=-1))).sum() / weights.sum()


def always_class_one(probabilities, classes, weights):
    return -(weights * np.log(probabilities[..., 1])).sum() / weights.sum()


def times_class(probabilities, classes, weights):
    entropy = -(classes[..., np.newaxis] * np.log(probabilities)).sum(axis=-1)
    return (weights * entropy).sum() / weights.sum()


def every_channel(probabilities, classes, weights):
    return -(weights[..., None] * np.log(probabilities)).sum() / weights.sum()


def softmax_again(probabilities, classes, weights):
    again = np.exp(probabilities) / np.exp(probabilities).sum(axis=-1, keepdims=True)
    return -(weights * np.log(own(again, classes))).sum() / weights.sum()


def each_pixel(probabilities, classes, weights):
    return -weights * np.log(own(probabilities, classes)) / weights.sum()


def squares_of_each(d1, d2, w0, sigma):
    return 1 + w0 * np.exp(-(d1**2 + d2**2) / (2 * sigma**2))


def nothing_far_away(d1, d2, w0, sigma):
    return w0 * np.exp(-((d1 + d2) ** 2) / (2 * sigma**2))


def one_in_brackets(d1, d2, w0, sigma):
    return (1 + w0) * np.exp(-((d1 + d2) ** 2) / (2 * sigma**2))


def sum_not_squared(d1, d2, w0, sigma):
    return 1 + w0 * np.exp(-(d1 + d2) / (2 * sigma**2))


def sigma_not_squared(d1, d2, w0, sigma):
    return 1 + w0 * np.exp(-np.square(d1 + d2) / (2 * sigma))


def two_forgotten(d1, d2, w0, sigma):
    return 1 + w0 * np.exp(-(((d1 + d2) / sigma) ** 2))


def two_squared(d1, d2, w0, sigma):
    return 1 + w0 * np.exp(-(((d1 + d2) / (2 * sigma)) ** 2))


def below_without_brackets(d1, d2, w0, sigma):
    return 1 + w0 * np.exp(-((d1 + d2) ** 2) / 2 * sigma**2)


def growing(d1, d2, w0, sigma):
    return 1 + w0 * np.exp((d1 + d2) ** 2 / (2 * sigma**2))


def minus_squared(d1, d2, w0, sigma):
    return 1 + w0 * np.exp((-(d1 + d2)) ** 2 / (2 * sigma**2))


def nearest_alone(d1, d2, w0, sigma):
    return 1 + w0 * np.exp(-(d1**2) / (2 * sigma**2))


def smaller(d1, d2, w0, sigma):
    return 1 + w0 * np.exp(-(np.minimum(d1, d2) ** 2) / (2 * sigma**2))


def larger(d1, d2, w0, sigma):
    return 1 + w0 * np.exp(-(np.maximum(d1, d2) ** 2) / (2 * sigma**2))


def strength_in_the_exponent(d1, d2, w0, sigma):
    return 1 + np.exp(-w0 * (d1 + d2) ** 2 / (2 * sigma**2))


def one_number(d1, d2, w0, sigma):
    return np.sum(1 + w0 * np.exp(-((d1 + d2) ** 2) / (2 * sigma**2)))


def with_math(d1, d2, w0, sigma):
    return 1 + w0 * math.exp(-((d1 + d2) ** 2) / (2 * sigma**2))


def up_for_nothing(side, depth):
    for _ in range(depth - 1):
        side = (side - 4) // 2
    side -= 4
    for _ in range(depth - 1):
        side *= 2
    return side


def one_convolution(side, depth):
    for level in range(depth):
        side = side // 2 - 2 if level else side - 2
    for _ in range(depth - 1):
        side = 2 * side - 2
    return side


def one_pixel_a_convolution(side, depth):
    for level in range(depth):
        if level > 0:
            side /= 2
        for _ in range(2):
            side -= 1
    for _ in range(depth - 1):
        side *= 2
        for _ in range(2):
            side -= 1
    return side


def depth_of_poolings(side, depth):
    for _ in range(depth):
        side = (side - 4) // 2
    side -= 4
    for _ in range(depth):
        side = 2 * side - 4
    return side


def bottom_forgotten(side, depth):
    for _ in range(depth - 1):
        side = (side - 4) // 2
    for _ in range(depth - 1):
        side = 2 * side - 4
    return side


def padded(side, depth):
    for _ in range(depth - 1):
        side = side // 2
    return side * 2 ** (depth - 1)


def kernel_of_three(side, depth):
    side -= 4
    for _ in range(depth - 1):
        side = side // 2 - 4
    for _ in range(depth - 1):
        side = (side - 1) * 2 + 3 - 4
    return side


def kernel_added(side, depth):
    side -= 4
    for _ in range(depth - 1):
        side = side // 2 - 4
    for _ in range(depth - 1):
        side = side * 2 + 2 - 4
    return side


def steps_alone(side, depth):
    side -= 4
    for _ in range(depth - 1):
        side = side // 2 - 4
    for _ in range(depth - 1):
        side = (side - 1) * 2 - 4
    return side


def down_alone(side, depth):
    for level in range(depth):
        side = side // 2 - 4 if level else side - 4
    return side


def up_once_too_often(side, depth):
    for level in range(depth):
        side = side // 2 - 4 if level else side - 4
    for _ in range(depth):
        side = side * 2 - 4
    return side


def four_each_time(side, depth):
    return side - 4 * depth - 4 * (depth - 1)


def halved_before_the_first(side, depth):
    for _ in range(depth):
        side = side // 2 - 4
    for _ in range(depth - 1):
        side = 2 * side - 4
    return side


WRONG = {
    "transposed_size": [
        (forward, "formula of the convolution itself"),
        (forward_not_whole, "formula of the convolution itself"),
        (times_stride, "is one step long"),
        (step_too_many, "one step fewer"),
        (one_end_cut, "cuts off both ends"),
        (padding_added, "shorter, not longer"),
        (padding_forgotten, "padding is left out"),
        (last_pixel_of_the_last_stamp, "yours is one short"),
        (zeros_in_the_end, "between neighbours only"),
        (spread_alone, "before the kernel adds"),
        (spread_and_padding, "before the kernel adds"),
        (end_to_end, "do not lie end to end"),
        (end_to_end_and_padding, "do not lie end to end"),
        (no_default, "missing 1 required"),
    ],
    "unpool": [
        (in_corners, "upper left corner"),
        (copies, "fills the window with copies"),
        (copies_in_windows, "fills the window with copies"),
        (columns_first, "row and column have changed places"),
        (fortran, "row and column have changed places"),
        (divided_by_height, "divided by the height"),
        (flat, "one long row"),
        (into_a_copy, "into a copy"),
        (marked, "marked with 1"),
        (a_mask, "marked with 1"),
        (whole_numbers, "fractions are lost"),
        (within_windows, "through the whole RESULT"),
        (divided_by_pooled_width, "through the whole RESULT"),
        (rows_alone, "through the whole RESULT"),
        (always_doubled, "an array of shape (5, 7) was expected"),
        (transposed_shape, "an array of shape (6, 4) was expected"),
    ],
    "pixel_loss": [
        (by_pixels, "divided by the number of pixels"),
        (added_up, "the mean was asked for"),
        (negative, "the sign is missing"),
        (unweighted, "weights are left out"),
        (weights_below_alone, "weights are left out"),
        (weighted_probability, "inside the logarithm"),
        (weighted_probability_by_weights, "inside the logarithm"),
        (logarithm_of_the_mean, "inside the logarithm"),
        (bits, "natural logarithm"),
        (digits, "natural logarithm"),
        (lacking, "no logarithm in it"),
        (mean_probability, "no logarithm in it"),
        (binary, "a yes or no"),
        (binary_mean, "a yes or no"),
        (two_classes, "a yes or no"),
        (one_channel, "a yes or no"),
        (likeliest, "WHICH channel"),
        (always_class_one, "WHICH channel"),
        (times_class, "WHICH channel"),
        (every_channel, "WHICH channel"),
        (softmax_again, "second softmax"),
        (each_pixel, "the single value"),
    ],
    "weigh_borders": [
        (squares_of_each, "squared on its own"),
        (nothing_far_away, "count for nothing"),
        (one_in_brackets, "count for nothing"),
        (sum_not_squared, "sum of the distances is not squared"),
        (sigma_not_squared, "sigma is not squared"),
        (two_forgotten, "before sigma squared is missing"),
        (two_squared, "squared along with sigma"),
        (below_without_brackets, "needs brackets"),
        (growing, "grow with the distance"),
        (minus_squared, "grow with the distance"),
        (nearest_alone, "one distance alone"),
        (smaller, "one distance alone"),
        (larger, "one distance alone"),
        (strength_in_the_exponent, "w0 is in the exponent"),
        (one_number, "an array of shape (3,) was expected"),
        (with_math, "TypeError"),
    ],
    "answer_side": [
        (up_for_nothing, "on the way up, too"),
        (one_convolution, "off BOTH ends"),
        (one_pixel_a_convolution, "off BOTH ends"),
        (depth_of_poolings, "down once too often"),
        (bottom_forgotten, "at the bottom are missing"),
        (padded, "only where convolutions are padded"),
        (kernel_of_three, "doubles the side exactly"),
        (kernel_added, "doubles the side exactly"),
        (steps_alone, "doubles the side exactly"),
        (down_alone, "the way up is missing"),
        (up_once_too_often, "up once too often"),
        (four_each_time, "many at the top"),
        (halved_before_the_first, "halved after them"),
    ],
}
