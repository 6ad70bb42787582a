"""Wrong answers to the exercises of week 10b."""

import math

import numpy as np


def natural_logarithm(clean, other):
    return -10 * math.log(((clean - other) ** 2).mean())


def logarithm_of_an_array(clean, other):
    return 10 * math.log10(1 / (clean - other) ** 2)


def same_noise_for_each_image(batch, sigma, rng):
    noise = rng.normal(0, sigma, batch.shape[1:])
    return np.array([image + noise for image in batch]), batch


def laplace(batch, sigma, rng):
    return batch + rng.laplace(0, sigma / np.sqrt(2), batch.shape), batch


def list_of_errors(pictures, rebuilt):
    return [((a - b) ** 2).mean() for a, b in zip(pictures, rebuilt, strict=True)]


def root_in_a_loop(pictures, rebuilt):
    errors = np.zeros(len(pictures))
    for i, (a, b) in enumerate(zip(pictures, rebuilt, strict=True)):
        errors[i] = math.sqrt(((a - b) ** 2).mean())
    return errors


def if_of_an_array(validation_errors, test_errors, false_alarms):
    if test_errors > np.quantile(validation_errors, 1 - false_alarms):
        return True


def positions_of_them(validation_errors, test_errors, false_alarms):
    return np.nonzero(test_errors > np.quantile(validation_errors, 1 - false_alarms))


def index_never_moves(normal, odd):
    wins, i = 0, 0
    while i < len(normal):
        wins += np.mean(odd > normal[i])
    return wins / len(normal)


def no_ties_in_loops(normal, odd):
    wins = 0
    for a in normal:
        for b in odd:
            wins += 1 if b > a else 0
    return wins / (len(normal) * len(odd))


WRONG = {
    "psnr": [(natural_logarithm, "times 2.303"), (logarithm_of_an_array, "TypeError")],
    "training_pair": [
        (same_noise_for_each_image, "pixels share their noise"),
        (laplace, "kurtosis differs"),
    ],
    "picture_errors": [(list_of_errors, "came as a list"), (root_in_a_loop, "under a root")],
    "too_odd": [(if_of_an_array, "truth value"), (positions_of_them, "what came is a tuple of 1")],
    "auc": [(index_never_moves, "seconds"), (no_ties_in_loops, "equal errors should count half")],
}
