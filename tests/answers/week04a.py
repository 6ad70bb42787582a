"""Wrong answers to the exercises of week 4a."""

import keras
import numpy as np
from keras import layers, ops


def over_images_only(x, gamma, beta):
    return (x - ops.mean(x, axis=0)) / ops.sqrt(ops.var(x, axis=0) + 0.001) * gamma + beta


def by_the_variance(x, gamma, beta):
    mean, variance = ops.moments(x, axes=(0, 1, 2))
    return gamma * (x - mean) / (variance + 0.001) + beta


def by_numpy(x, gamma, beta):
    return gamma * (x - np.mean(x, axis=(0, 1, 2))) / np.sqrt(np.var(x, axis=(0, 1, 2)) + 0.001) + beta


def over_rows_and_columns(x, gamma, beta):
    return gamma * (x - ops.mean(x, axis=(1, 2))) / ops.sqrt(ops.var(x, axis=(1, 2)) + 0.001) + beta


def shifted_first(x, gamma, beta):
    mean, variance = ops.moments(x, axes=(0, 1, 2))
    return gamma * ((x - mean) / ops.sqrt(variance + 0.001) + beta)


def only_the_first(channels):
    kernel = np.zeros((3, 3, channels, channels))
    kernel[1, 1, 0, 0] = 1
    return kernel


def mixes_channels(channels):
    kernel = np.zeros((3, 3, channels, channels))
    kernel[1, 1] = 1
    return kernel


def in_the_corner(channels):
    kernel = np.zeros((3, 3, channels, channels))
    for channel in range(channels):
        kernel[0, 0, channel, channel] = 1
    return kernel


def reversed_channels(channels):
    kernel = np.zeros((3, 3, channels, channels))
    kernel[1, 1] = np.eye(channels)[::-1]
    return kernel


def all_ones(channels):
    return np.ones((3, 3, channels, channels))


def without_outputs(channels):
    kernel = np.zeros((3, 3, channels))
    kernel[1, 1] = 1
    return kernel


def conv(x, channels, kernel=3, stride=1):
    x = layers.Conv2D(channels, kernel, strides=stride, padding="same", use_bias=False)(x)
    return layers.BatchNormalization()(x)


def right_shortcut(x, channels, stride):
    return x if (x.shape[-1], stride) == (channels, 1) else conv(x, channels, 1, stride)


def always_projects(x, channels, stride):
    return conv(x, channels, 1, stride)


def only_channels_count(x, channels, stride):
    return x if x.shape[-1] == channels else conv(x, channels, 1, stride)


def stride_forgotten(x, channels, stride):
    return right_shortcut(x, channels, stride) if stride == 1 else conv(x, channels, 1)


def rows_as_channels(x, channels, stride):
    return x if (x.shape[1], stride) == (channels, 1) else conv(x, channels, 1, stride)


def stride_as_kernel(x, channels, stride):
    return right_shortcut(x, channels, stride) if stride == 1 else conv(x, channels, stride)


def nothing_added(x, channels, stride=1):
    return layers.ReLU()(conv(layers.ReLU()(conv(x, channels, 3, stride)), channels))


def early_relu(x, channels, stride=1):
    y = layers.ReLU()(conv(x, channels, 3, stride))
    y = keras.activations.relu(conv(y, channels))
    return layers.Add()([right_shortcut(x, channels, stride), y])


def raw_input_added(x, channels, stride=1):
    y = conv(layers.ReLU()(conv(x, channels, 3, stride)), channels)
    return layers.ReLU()(layers.Add()([y, x]))


def overwritten(x, channels, stride=1):
    x = layers.ReLU()(conv(x, channels, 3, stride))
    x = conv(x, channels)
    return layers.ReLU()(layers.Add()([x, right_shortcut(x, channels, stride)]))


def result_added_twice(x, channels, stride=1):
    y = conv(layers.ReLU()(conv(x, channels, 3, stride)), channels)
    return layers.ReLU()(layers.Add()([y, right_shortcut(y, channels, 1)]))


def late_stride(x, channels, stride=1):
    y = conv(layers.ReLU()(conv(x, channels)), channels, 3, stride)
    return layers.ReLU()(layers.Add()([y, right_shortcut(x, channels, stride)]))


def one_convolution(x, channels, stride=1):
    y = layers.ReLU()(conv(x, channels, 3, stride))
    return layers.ReLU()(layers.Add()([y, right_shortcut(x, channels, stride)]))


def stride_for_kernel(x, channels, stride=1):
    y = conv(layers.ReLU()(conv(x, channels, stride)), channels)
    return layers.ReLU()(layers.Add()([y, right_shortcut(x, channels, stride)]))


def always_adds_projection(x, channels, stride=1):
    y = conv(layers.ReLU()(conv(x, channels, 3, stride)), channels)
    return layers.ReLU()(layers.Add()([y, conv(x, channels, 1, stride)]))


def without_norm(x, channels, stride=1):
    y = layers.ReLU()(conv(x, channels, 3, stride))
    y = layers.Conv2D(channels, 3, padding="same")(y)
    return layers.ReLU()(layers.Add()([y, right_shortcut(x, channels, stride)]))


WRONG = {
    "batch_norm": [
        (over_images_only, "rows and columns together"),
        (by_the_variance, "square root"),
        (by_numpy, "Use `ops.mean`"),
        (over_rows_and_columns, "rows and columns together"),
        (shifted_first, "gamma scales it too"),
    ],
    "identity_kernel": [
        (mixes_channels, "its own only"),
        (in_the_corner, "in the centre"),
        (reversed_channels, "of the same number"),
        (all_ones, "its own only"),
        (only_the_first, "of the same number"),
        (without_outputs, "shape"),
    ],
    "shortcut": [
        (always_projects, "without any layer"),
        (only_channels_count, "changes the shape too"),
        (stride_forgotten, "needs the stride as well"),
        (rows_as_channels, "the last axis of x"),
        (stride_as_kernel, "third argument of `conv`"),
    ],
    "residual_block": [
        (nothing_added, "nothing is added"),
        (early_relu, "comes before the addition"),
        (raw_input_added, "shapes of what is added differ"),
        (overwritten, "has x been overwritten"),
        (result_added_twice, "behind a convolution"),
        (late_stride, "not the second"),
        (one_convolution, "yours has 1."),
        (stride_for_kernel, "third argument of `conv`"),
        (always_adds_projection, "not a projection"),
        (without_norm, "with its normalisation"),
    ],
}
