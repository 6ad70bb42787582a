"""Wrong answers to the exercises of week 4b."""

import keras
from keras import layers


def without_groups(kernel, inputs, outputs, positions, groups):
    weights = kernel * kernel * inputs * outputs
    return weights, positions * weights


def divided_twice(kernel, inputs, outputs, positions, groups):
    weights = kernel**2 * (inputs // groups) * (outputs // groups)
    return weights, weights * positions


def with_bias(kernel, inputs, outputs, positions, groups):
    weights = kernel**2 * inputs // groups * outputs
    return weights + outputs, weights * positions


def one_side(kernel, inputs, outputs, positions, groups):
    weights = kernel * (inputs // groups) * outputs
    return weights, weights * positions


def naive(x, one, three, five, pooled):
    a = layers.Conv2D(one, 1, activation="relu")(x)
    b = layers.Conv2D(three[1], 3, padding="same", activation="relu")(x)
    c = layers.Conv2D(five[1], 5, padding="same", activation="relu")(x)
    d = layers.Conv2D(pooled, 1, activation="relu")(layers.MaxPooling2D(3, 1, "same")(x))
    return layers.Concatenate()([a, b, c, d])


def pooled_as_it_is(x, one, three, five, pooled):
    def conv(x, channels, side):
        return layers.Conv2D(channels, side, padding="same", activation="relu")(x)

    b, c = conv(conv(x, three[0], 1), three[1], 3), conv(conv(x, five[0], 1), five[1], 5)
    return layers.Concatenate()([conv(x, one, 1), b, c, layers.MaxPooling2D(3, 1, "same")(x)])


def convolved_first(x, one, three, five, pooled):
    def conv(x, channels, side=1):
        return layers.Conv2D(channels, side, padding="same", activation="relu")(x)

    b, c = conv(conv(x, three[0]), three[1], 3), conv(conv(x, five[0]), five[1], 5)
    return layers.Concatenate()([conv(x, one), b, c, layers.MaxPooling2D(3, 1, "same")(conv(x, pooled))])


def not_exchanged(x, groups):
    parts = keras.ops.reshape(x, (-1, *x.shape[1:3], groups, x.shape[-1] // groups))
    return keras.ops.reshape(parts, (-1, *x.shape[1:]))


def back_again(x, groups):
    parts = keras.ops.reshape(x, (-1, *x.shape[1:3], x.shape[-1] // groups, groups))
    return keras.ops.reshape(keras.ops.transpose(parts, (0, 1, 2, 4, 3)), (-1, *x.shape[1:]))


def ordinary(x, channels):
    x = layers.Conv2D(x.shape[-1], 3, padding="same", use_bias=False)(x)
    return layers.Conv2D(channels, 1, use_bias=False)(x)


def with_biases(x, channels):
    return layers.Conv2D(channels, 1)(layers.DepthwiseConv2D(3, padding="same")(x))


def first_mixed(x, channels):
    return layers.DepthwiseConv2D(3, padding="same", use_bias=False)(layers.Conv2D(channels, 1, use_bias=False)(x))


def not_shaped_back(x, groups):
    parts = keras.ops.reshape(x, (-1, *x.shape[1:3], groups, x.shape[-1] // groups))
    return keras.ops.swapaxes(parts, 3, 4)


def without_minus_one(x, groups):
    parts = keras.ops.reshape(x, (*x.shape[:3], groups, x.shape[-1] // groups))
    return keras.ops.reshape(keras.ops.swapaxes(parts, 3, 4), x.shape)


def without_stride(x, one, three, five, pooled):
    def conv(x, channels, side=1):
        return layers.Conv2D(channels, side, padding="same", activation="relu")(x)

    b, c = conv(conv(x, three[0]), three[1], 3), conv(conv(x, five[0]), five[1], 5)
    return layers.Concatenate()([conv(x, one), b, c, conv(layers.MaxPooling2D(3, padding="same")(x), pooled)])


def small_five(x, one, three, five, pooled):
    def conv(x, channels, side=1):
        return layers.Conv2D(channels, side, padding="same", activation="relu")(x)

    b, c = conv(conv(x, three[0]), three[1], 3), conv(conv(x, five[0]), five[1], 3)
    return layers.Concatenate()([conv(x, one), b, c, conv(layers.MaxPooling2D(3, 1, "same")(x), pooled)])


WRONG = {
    "cost": [
        (without_groups, "does not depend on groups"),
        (divided_twice, "twice"),
        (with_bias, "biases"),
        (one_side, "one side of a square"),
    ],
    "inception": [
        (convolved_first, "max pooling comes first"),
        (naive, "before the 3x3"),
        (pooled_as_it_is, "after the max pooling"),
        (without_stride, "stride"),
        (small_five, "Wrong: the 5x5 branch"),
    ],
    "channel_shuffle": [
        (not_exchanged, "old order"),
        (back_again, "groups should come first"),
        (not_shaped_back, "a tensor (None, 1, 1, channels)"),
        (without_minus_one, "Let -1 stand"),
    ],
    "separable": [(ordinary, "mixes channels"), (with_biases, "no biases"), (first_mixed, "comes first")],
}
