"""Wrong answers to the exercises of week 10a."""

import math

import numpy as np


def third_row(first, second):
    one, other = np.cross(first[1], first[2]), np.cross(second[1], second[2])
    return np.degrees(np.arccos(abs(one @ other)))


def first_rows(first, second):
    u, v = first[0], second[0]
    cosine = abs(np.dot(u, v)) / (np.linalg.norm(u) * np.linalg.norm(v))
    return math.degrees(math.acos(cosine))


def in_place(train, test, count):
    mean = train.mean(axis=0)
    directions = np.linalg.svd(train - mean)[2][:count]
    test -= mean
    return np.mean((test - test @ directions.T @ directions) ** 2)


def sum_in_a_loop(train, test, count):
    mean, total = train.mean(axis=0), 0
    directions = np.linalg.svd(train - mean)[2][:count]
    for row in test:
        total += np.sum((row - ((row - mean) @ directions.T @ directions + mean)) ** 2)
    return total


def upper_triangle(p, q):
    total = 0
    for i in range(len(p)):
        for j in range(i + 1, len(p)):
            total += p[i, j] * math.log(p[i, j] / q[i, j])
    return total


def zeros_replaced_in_place(p, q):
    np.fill_diagonal(p, 1)
    np.fill_diagonal(q, 1)
    return np.sum(p * np.log(p / q))


def list_of_codes(first, second, count):
    return [first + i / (count - 1) * (second - first) for i in range(count)]


def columns(first, second, count):
    return np.array([np.linspace(a, b, count) for a, b in zip(first, second, strict=True)])


WRONG = {
    "plane_angle": [(third_row, "IndexError"), (first_rows, "directions in the planes")],
    "pca_error": [(in_place, "changes the array"), (sum_in_a_loop, "times 28")],
    "divergence": [(upper_triangle, "times 0.5"), (zeros_replaced_in_place, "changes the array")],
    "walk": [(list_of_codes, "came as a list"), (columns, "rows and columns exchanged")],
}
