"""Wrong answers to the exercises of week 10a."""

import math

import numpy as np


def in_place(rows, mean, components):
    rows -= mean
    return rows @ components.T @ components + mean


def mean_of_each_image(rows, mean, components):
    own = rows.mean(axis=1, keepdims=True)
    return (rows - own) @ components.T @ components + own


def one_more_layer(convolutions, size):
    from keras import Sequential, layers

    return Sequential([convolutions, layers.Flatten(), layers.Dense(64), layers.Dense(size)])


def normalised_code(convolutions, size):
    from keras import Sequential, layers

    return Sequential([convolutions, layers.Flatten(), layers.Dense(size), layers.BatchNormalization()])


def list_of_layers(convolutions, size):
    from keras import layers

    return [convolutions, layers.Flatten(), layers.Dense(size)]


def no_vector(convolutions, size):
    from keras import Sequential, layers

    return Sequential([convolutions, layers.Dense(size)])


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
    "pca_rebuild": [(in_place, "changes the array"), (mean_of_each_image, "when mean changes")],
    "squeeze": [
        (one_more_layer, "tries differ"),
        (normalised_code, "a layer follows the code"),
        (list_of_layers, "a network is expected"),
        (no_vector, "rows and columns"),
    ],
    "divergence": [
        (upper_triangle, "only half of the pairs"),
        (bits, "another base"),
        (zeros_replaced_in_place, "changes the array"),
    ],
    "walk": [(list_of_codes, "came as a list"), (columns, "rows and columns exchanged")],
}
