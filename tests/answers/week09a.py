"""Wrong answers to the exercises of week 9a."""

import math

import numpy as np

from course_utils import runtime

keras = runtime.quiet_keras()
layers = keras.layers


def diagonal_alone(values, kernel, stride):
    height, width = kernel.shape
    result = np.zeros([(values.shape[0] - 1) * stride + height, (values.shape[1] - 1) * stride + width])
    for i in range(min(values.shape)):
        result[i * stride : i * stride + height, i * stride : i * stride + width] += values[i, i] * kernel
    return result


def whole_numbers(values, kernel, stride):
    height, width = kernel.shape
    result = np.zeros([(values.shape[0] - 1) * stride + height, (values.shape[1] - 1) * stride + width], int)
    for row, column in np.ndindex(values.shape):
        for i, j in np.ndindex(kernel.shape):
            result[row * stride + i, column * stride + j] += int(values[row, column] * kernel[i, j])
    return result


def kernel_once(values, kernel, stride):
    height, width = kernel.shape
    result = np.zeros([(values.shape[0] - 1) * stride + height, (values.shape[1] - 1) * stride + width])
    for row, column in np.ndindex(values.shape):
        result[row * stride, column * stride] += values[row, column] * kernel
    return result


def largest_print(values, kernel, stride):
    height, width = kernel.shape
    result = np.zeros([(values.shape[0] - 1) * stride + height, (values.shape[1] - 1) * stride + width])
    for row, column in np.ndindex(values.shape):
        here = np.s_[row * stride : row * stride + height, column * stride : column * stride + width]
        result[here] = np.maximum(result[here], values[row, column] * kernel)
    return result


def stride_of_kernel(values, kernel, stride):
    height, width = kernel.shape
    result = np.zeros([(values.shape[0] - 1) * stride + height, (values.shape[1] - 1) * stride + width])
    for row, column in np.ndindex(values.shape):
        here = np.s_[row * stride : (row + 1) * stride, column * stride : (column + 1) * stride]
        result[here] += values[row, column] * kernel[:stride, :stride]
    return result


def only_zeros(values, kernel, stride):
    height, width = kernel.shape
    return np.zeros([(values.shape[0] - 1) * stride + height, (values.shape[1] - 1) * stride + width])


def double_conv(x, channels):
    for _ in range(2):
        x = layers.Conv2D(channels, 3, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    return x


def no_stride(x, skip, channels):
    x = layers.Conv2DTranspose(channels, 2)(x)
    return double_conv(layers.Concatenate()([skip, x]), channels)


def skip_enlarged_too(x, skip, channels):
    x = layers.Concatenate()([layers.UpSampling2D()(x), skip])
    return double_conv(layers.Conv2DTranspose(channels, 2, strides=2)(x), channels)


def forgets_return(x, skip, channels):
    x = layers.Conv2DTranspose(channels, 2, strides=2)(x)
    double_conv(layers.Concatenate()([skip, x]), channels)


def no_bias(x, skip, channels):
    x = layers.Conv2DTranspose(channels, 2, strides=2, use_bias=False)(x)
    return double_conv(layers.Concatenate()([skip, x]), channels)


def convolves_skip_too(x, skip, channels):
    x = layers.Conv2DTranspose(channels, 2, strides=2)(x)
    return double_conv(layers.Concatenate()([double_conv(skip, channels), x]), channels)


def sixteen_channels(x, skip, channels):
    x = layers.Conv2DTranspose(16, 2, strides=2)(x)
    return double_conv(layers.Concatenate()([skip, x]), 16)


def too_many_channels(x, skip, channels):
    x = layers.Conv2DTranspose(2 * channels, 2, strides=2)(x)
    return double_conv(layers.Concatenate()([skip, x]), channels)


def with_math(d1, d2, w0, sigma):
    return 1 + w0 * math.exp(-((d1 + d2) ** 2) / (2 * sigma**2))


def plain_numbers(d1, d2, w0, sigma):
    return [1 + w0 * np.exp(-((a + b) ** 2) / (2 * sigma**2)) for a, b in zip(d1, d2, strict=True)]


def always_two(values, kernel, stride):
    height, width = kernel.shape
    result = np.zeros([(values.shape[0] - 1) * stride + height, (values.shape[1] - 1) * stride + width])
    for row, column in np.ndindex(values.shape):
        result[2 * row : 2 * row + height, 2 * column : 2 * column + width] += values[row, column] * kernel
    return result


def without_one(d1, d2, w0, sigma):
    return w0 * np.exp(-((d1 + d2) ** 2) / (2 * sigma**2))


def one_square(d1, d2, w0, sigma):
    return 1 + w0 * np.exp(-(d1 + d2**2) / (2 * sigma**2))


WRONG = {
    "transposed_convolution": [
        (diagonal_alone, "on the diagonal"),
        (whole_numbers, "rounded down to whole numbers"),
        (kernel_once, "setting an array element with a sequence"),
        (largest_print, "They should add up"),
        (stride_of_kernel, "the whole kernel"),
        (only_zeros, "0 comes out"),
        (always_two, "whatever the stride"),
    ],
    "up_step": [
        (no_stride, "Is x enlarged, with stride 2?"),
        (skip_enlarged_too, "Of the height"),
        (forgets_return, "NoneType"),
        (too_many_channels, "as many kernels as"),
        (no_bias, "should keep its bias"),
        (convolves_skip_too, "exactly two 3x3 convolutions"),
        (sixteen_channels, "channels changes"),
    ],
    "weigh_borders": [
        (with_math, "TypeError"),
        (plain_numbers, "came as a list"),
        (without_one, "far from all cells"),
        (one_square, "squared on its own"),
    ],
}
