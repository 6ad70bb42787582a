"""Wrong answers to the exercises of week 10a."""

import math

import numpy as np


def in_place(rows, mean, components):
    rows -= mean
    return rows @ components.T @ components + mean


def mean_of_each_image(rows, mean, components):
    own = rows.mean(axis=1, keepdims=True)
    return (rows - own) @ components.T @ components + own


def one_more_layer(network, size):
    from keras import Sequential, layers

    return Sequential([network, layers.Flatten(), layers.Dense(64), layers.Dense(size)])


def normalised_code(network, size):
    from keras import Sequential, layers

    return Sequential([network, layers.Flatten(), layers.Dense(size), layers.BatchNormalization()])


def grown_network(network, size):
    from keras import layers

    network.add(layers.Flatten())
    network.add(layers.Dense(size))
    return network


def unpacked(network, size):
    from keras import Sequential, layers

    return Sequential([*network.layers, layers.Flatten(), layers.Dense(size)])


def list_of_layers(network, size):
    from keras import layers

    return [network, layers.Flatten(), layers.Dense(size)]


def no_vector(network, size):
    from keras import Sequential, layers

    return Sequential([network, layers.Dense(size)])


def upper_triangle(p, q):
    total = 0
    for i in range(len(p)):
        for j in range(i + 1, len(p)):
            total += p[i, j] * math.log(p[i, j] / q[i, j])
    return total


def bits(p, q):
    return np.nansum(p * np.log2(p / q))


def zeros_replaced_in_place(p, q):
    np.fill_diagonal(p, 1)
    np.fill_diagonal(q, 1)
    return np.sum(p * np.log(p / q))


def list_of_codes(first, second, count):
    return [first + i / (count - 1) * (second - first) for i in range(count)]


def columns(first, second, count):
    return np.array([np.linspace(a, b, count) for a, b in zip(first, second, strict=True)])


WRONG = {
    "pca_rebuild": [(in_place, "changes the array"), (mean_of_each_image, "does not depend on mean")],
    "squeeze": [
        (one_more_layer, "more than one"),
        (normalised_code, "something follows the dense layer"),
        (list_of_layers, "a new network is expected"),
        (grown_network, "whole and unchanged"),
        (unpacked, "whole and unchanged"),
        (no_vector, "one vector"),
    ],
    "divergence": [
        (upper_triangle, "both count"),
        (bits, "another base"),
        (zeros_replaced_in_place, "changes the array"),
    ],
    "walk": [(list_of_codes, "came as a list"), (columns, "rows and columns exchanged")],
}
