"""Wrong answers to the exercises of week 10a."""

import math

import numpy as np


def third_row(first, second):
    one, other = np.cross(first[1], first[2]), np.cross(second[1], second[2])
    return np.degrees(np.arccos(abs(one @ other)))


def smallest_angle_in_loops(first, second):
    smallest = 180
    for u in first:
        for v in second:
            cosine = np.dot(u, v) / (np.linalg.norm(u) * np.linalg.norm(v))
            smallest = min(smallest, math.degrees(math.acos(cosine)))
    return smallest


def both_principal_angles(first, second):
    one, other = np.linalg.qr(first.T)[0], np.linalg.qr(second.T)[0]
    return np.degrees(np.arccos(np.clip(np.linalg.svd(one.T @ other)[1], 0, 1)))


def in_place(train, test, count):
    mean = train.mean(axis=0)
    directions = np.linalg.svd(train - mean)[2][:count]
    test -= mean
    return np.mean((test - test @ directions.T @ directions) ** 2)


def rows_of_eigenvectors(train, test, count):
    values, vectors = np.linalg.eigh(np.cov(train.T))
    directions = vectors[:, np.argsort(values)[::-1]][:, :count]
    mean = train.mean(axis=0)
    return np.mean((test - ((test - mean) @ directions.T @ directions + mean)) ** 2)


def sum_in_a_loop(train, test, count):
    mean, total = train.mean(axis=0), 0
    directions = np.linalg.svd(train - mean)[2][:count]
    for row in test:
        total += np.sum((row - ((row - mean) @ directions.T @ directions + mean)) ** 2)
    return total


def one_index_too_far(p, q):
    total = 0
    for i in range(len(p)):
        for j in range(i + 1, len(p) + 1):
            total += 2 * p[i, j] * math.log(p[i, j] / q[i, j])
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


def while_not_there(first, second, count):
    codes = [first]
    while len(codes) < count or codes[-1][0] != second[0]:
        codes[-1] = codes[-1] + (second - first) / count
    return np.array(codes)


def columns(first, second, count):
    return np.array([np.linspace(a, b, count) for a, b in zip(first, second, strict=True)])


WRONG = {
    "plane_angle": [
        (third_row, "IndexError"),
        (smallest_angle_in_loops, "directions in the planes"),
        (both_principal_angles, "of your numbers is the expected single number"),
    ],
    "pca_error": [
        (in_place, "changes the array"),
        (rows_of_eigenvectors, "different shapes"),
        (sum_in_a_loop, "mean of the squares"),
    ],
    "divergence": [
        (one_index_too_far, "IndexError"),
        (upper_triangle, "times 0.5"),
        (zeros_replaced_in_place, "changes the array"),
    ],
    "walk": [
        (list_of_codes, "came as a list"),
        (while_not_there, "seconds"),
        (columns, "rows and columns exchanged"),
    ],
}
