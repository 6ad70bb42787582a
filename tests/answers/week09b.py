"""Wrong answers to the exercises of week 9b."""

import numpy as np


def no_points_forgotten(points, side, sigma):
    rows, columns = np.mgrid[:side, :side]
    bumps = [np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2)) for x, y in points]
    return np.max(bumps, axis=0)


def only_the_first(points, side, sigma):
    rows, columns = np.mgrid[:side, :side]
    if len(points) == 0:
        return np.zeros((side, side))
    x, y = points[0]
    return np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2))


def rows_are_x(points, side, sigma):
    rows, columns = np.mgrid[:side, :side]
    result = np.zeros((side, side))
    for x, y in points:
        result = np.maximum(result, np.exp(-((rows - x) ** 2 + (columns - y) ** 2) / (2 * sigma**2)))
    return result


def bumps_added(points, side, sigma):
    rows, columns = np.mgrid[:side, :side]
    result = np.zeros((side, side))
    for x, y in points:
        result += np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2))
    return result


def other_side(left, centre, right):
    if left - 2 * centre + right == 0:
        return 0.0
    return (right - left) / (2 * (left - 2 * centre + right))


def flat_forgotten(left, centre, right):
    return (left - right) / (2 * (left - 2 * centre + right))


def flat_in_python(left, centre, right):
    return (float(left) - float(right)) / (2 * (float(left) - 2 * float(centre) + float(right)))


def centre_of_mass(left, centre, right):
    total = left + centre + right
    return (right - left) / total if total else 0.0


def each_coordinate(predicted, true, radius):
    return np.mean(np.abs(predicted - true) <= radius)


def squared(predicted, true, radius):
    return np.mean(((predicted - true) ** 2).sum(axis=-1) <= radius)


def below_the_radius(predicted, true, radius):
    return np.mean(np.linalg.norm(predicted - true, axis=-1) < radius)


def in_percent(predicted, true, radius):
    return 100 * np.mean(np.linalg.norm(predicted - true, axis=-1) <= radius)


def nearest_of_all(predicted, true, radius):
    claimed = np.full(len(predicted), -1)
    for i, point in enumerate(predicted):
        if len(true):
            distances = np.linalg.norm(true - point, axis=1)
            if distances.min() <= radius:
                claimed[i] = distances.argmin()
    return claimed


def no_truth_forgotten(predicted, true, radius):
    claimed, free = np.full(len(predicted), -1), np.ones(len(true), bool)
    for i, point in enumerate(predicted):
        distances = np.where(free, np.linalg.norm(true - point, axis=1), np.inf)
        if distances.min() <= radius:
            claimed[i] = distances.argmin()
            free[claimed[i]] = False
    return claimed


def gives_up_if_taken(predicted, true, radius):
    claimed = []
    for point in predicted:
        distances = np.linalg.norm(true - point, axis=1)
        j = distances.argmin() if len(true) else -1
        claimed.append(j if len(true) and distances[j] <= radius and j not in claimed else -1)
    return np.array(claimed, int)


def whether_found(predicted, true, radius):
    return np.array(
        [len(true) > 0 and np.linalg.norm(true - point, axis=1).min() <= radius for point in predicted], bool
    )


WRONG = {
    "gaussian_map": [
        (no_points_forgotten, "where there are no points"),
        (only_the_first, "only one has a spot"),
        (rows_are_x, "x and y are exchanged"),
        (bumps_added, "you add them"),
    ],
    "parabola_offset": [
        (other_side, "on the other side"),
        (flat_forgotten, "the denominator is 0"),
        (flat_in_python, "it divides by 0"),
        (centre_of_mass, "it is right for"),
    ],
    "pck": [
        (each_coordinate, "one by one"),
        (squared, "the root of"),
        (below_the_radius, "exactly on the radius"),
        (in_percent, "100"),
    ],
    "match_points": [
        (nearest_of_all, "claimed twice"),
        (no_truth_forgotten, "no true points"),
        (gives_up_if_taken, "is taken"),
        (whether_found, "it is"),
    ],
}
