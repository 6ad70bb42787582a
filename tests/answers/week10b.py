"""Wrong answers to the exercises of week 10b."""

import math

import numpy as np


def mean_of_logarithms(clean, other):
    total = 0
    for a, b in zip(clean.ravel(), other.ravel(), strict=True):
        total += 10 * math.log10(1 / (a - b) ** 2)
    return total / clean.size


def natural_logarithm(clean, other):
    return -10 * math.log(((clean - other) ** 2).mean())


def logarithm_of_an_array(clean, other):
    return 10 * math.log10(1 / (clean - other) ** 2)


def in_place(batch, sigma, rng):
    noisy = batch
    noisy += rng.normal(0, sigma, batch.shape)
    return noisy, batch


def same_noise_for_each_image(batch, sigma, rng):
    noise = rng.normal(0, sigma, batch.shape[1:])
    return np.array([image + noise for image in batch]), batch


def noise_as_target(batch, sigma, rng):
    noise = sigma * rng.standard_normal(batch.shape)
    return batch + noise, noise


def dictionary(batch, sigma, rng):
    return {"noisy": batch + rng.normal(0, sigma, batch.shape), "clean": batch}


def noise_of_one_sign(batch, sigma, rng):
    return batch + np.abs(rng.normal(0, sigma, batch.shape)), batch


def laplace(batch, sigma, rng):
    return batch + rng.laplace(0, sigma / np.sqrt(2), batch.shape), batch


def sigma_written_down(batch, sigma, rng):
    return batch + rng.normal(0, 0.3, batch.shape), batch


def list_of_errors(pictures, rebuilt):
    return [((a - b) ** 2).mean() for a, b in zip(pictures, rebuilt, strict=True)]


def first_picture_only(pictures, rebuilt):
    for a, b in zip(pictures, rebuilt, strict=True):
        return np.array([((a - b) ** 2).mean()])


def root_in_a_loop(pictures, rebuilt):
    errors = np.zeros(len(pictures))
    for i, (a, b) in enumerate(zip(pictures, rebuilt, strict=True)):
        errors[i] = math.sqrt(((a - b) ** 2).mean())
    return errors


def if_of_an_array(validation_errors, test_errors, false_alarms):
    if test_errors > np.quantile(validation_errors, 1 - false_alarms):
        return True


def list_of_answers(validation_errors, test_errors, false_alarms):
    threshold = np.quantile(validation_errors, 1 - false_alarms)
    return [bool(error > threshold) for error in test_errors]


def sorted_in_place(validation_errors, test_errors, false_alarms):
    validation_errors.sort()
    return test_errors > validation_errors[-round(false_alarms * len(validation_errors)) - 1]


def below(validation_errors, test_errors, false_alarms):
    return test_errors < np.quantile(validation_errors, 1 - false_alarms)


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


def length_of_a_number(normal, odd):
    wins = 0
    for a in normal:
        for b in odd:
            wins += b > a
    return wins / (len(a) * len(b))


WRONG = {
    "psnr": [
        (mean_of_logarithms, "differ"),
        (natural_logarithm, "times 2.303"),
        (logarithm_of_an_array, "TypeError"),
    ],
    "training_pair": [
        (in_place, "changes the array"),
        (same_noise_for_each_image, "pixels share their noise"),
        (noise_as_target, "target is not the clean batch"),
        (dictionary, "two arrays like the batch"),
        (noise_of_one_sign, "the image in the input is right. The mean of the noise differs"),
        (laplace, "Its kurtosis differs"),
        (sigma_written_down, "sigma is not used"),
    ],
    "picture_errors": [
        (list_of_errors, "came as a list"),
        (first_picture_only, "an array of shape (3,) was expected"),
        (root_in_a_loop, "under a root"),
    ],
    "too_odd": [
        (if_of_an_array, "truth value"),
        (list_of_answers, "came as a list"),
        (sorted_in_place, "changes the array"),
        (below, "yes and no have changed places"),
    ],
    "auc": [
        (index_never_moves, "seconds"),
        (no_ties_in_loops, "equal errors should count half"),
        (length_of_a_number, "TypeError"),
    ],
}
