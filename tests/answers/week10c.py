"""Wrong answers to the exercises of week 10c."""

import math

import numpy as np


def list_of_errors(images, outputs):
    return [((a - b) ** 2).mean() for a, b in zip(images, outputs, strict=True)]


def root_in_a_loop(images, outputs):
    errors = np.zeros(len(images))
    for i, (a, b) in enumerate(zip(images, outputs, strict=True)):
        errors[i] = math.sqrt(((a - b) ** 2).mean())
    return errors


def norm_of_flat(images, outputs):
    return np.linalg.norm((images - outputs).reshape(len(images), -1), axis=1)


def if_of_an_array(validation_errors, test_errors, false_alarms):
    if test_errors > np.quantile(validation_errors, 1 - false_alarms):
        return True


def positions_of_them(validation_errors, test_errors, false_alarms):
    return np.nonzero(test_errors > np.quantile(validation_errors, 1 - false_alarms))


def fixed_percentile(validation_errors, test_errors, false_alarms):
    return test_errors > np.percentile(validation_errors, 99)


def index_never_moves(normal, anomalous):
    wins, i = 0, 0
    while i < len(normal):
        wins += np.mean(anomalous > normal[i])
    return wins / len(normal)


def neighbours_in_zip(normal, anomalous):
    return sum(b > a for a, b in zip(normal, anomalous, strict=False)) / len(anomalous)


def no_ties_in_loops(normal, anomalous):
    wins = 0
    for a in normal:
        for b in anomalous:
            wins += 1 if b > a else 0
    return wins / (len(normal) * len(anomalous))


WRONG = {
    "image_errors": [(list_of_errors, "came as a list"), (root_in_a_loop, "under a root"), (norm_of_flat, "the norm")],
    "is_anomaly": [
        (if_of_an_array, "truth value"),
        (positions_of_them, "what came is a tuple of 1"),
        (fixed_percentile, "does not depend on `false_alarms`"),
    ],
    "auc": [
        (index_never_moves, "seconds"),
        (no_ties_in_loops, "equal errors should count half"),
        (neighbours_in_zip, "compared with one normal error"),
    ],
}
