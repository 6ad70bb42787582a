"""Wrong answers to the exercises of week 11b."""

import math

import numpy as np


def all_at_once(real, artificial):
    return -np.mean(np.log(real) + np.log(1 - artificial))


def bits_in_a_loop(real, artificial):
    loss = 0
    for probability in real:
        loss -= math.log2(probability) / len(real)
    for probability in artificial:
        loss -= math.log2(1 - probability) / len(artificial)
    return loss


def flips_its_input(real, artificial):
    artificial -= 1
    return -np.log(real).mean() - np.log(-artificial).mean()


def no_mean(artificial):
    return [-math.log(probability) for probability in artificial]


def math_of_array(artificial):
    return -math.log(artificial)


def two_lists(count, phase):
    return ([1] * count, [0] * count) if phase == 1 else [1] * count


def list_of_labels(count, phase):
    return [1.0] * count + [0.0] * count if phase == 1 else [1.0] * count


def phase_1_alone(count, phase):
    if phase == 1:
        return np.concatenate([np.ones(count), np.zeros(count)])


def which_classes(labels, classes, at_least):
    return [k for k in range(classes) if np.mean(labels == k) >= at_least]


def loop_over_classes(labels, classes, at_least):
    return sum(np.mean(labels == k) >= at_least for k in classes)


def yes_and_no(labels, classes, at_least):
    return np.bincount(labels, minlength=classes) / len(labels) >= at_least


def features_in_a_list(m1, v1, m2, v2):
    return [(a - b) ** 2 + (v**0.5 - w**0.5) ** 2 for a, b, v, w in zip(m1, m2, v1, v2, strict=True)]


def root_of_difference(m1, v1, m2, v2):
    return np.sum((m1 - m2) ** 2) + np.sum(np.sqrt(v1 - v2) ** 2)


def endless(m1, v1, m2, v2):
    feature, distance = 0, 0
    while feature < len(m1):
        distance += (m1[feature] - m2[feature]) ** 2
    return distance


WRONG = {
    "discriminator_loss": [
        (all_at_once, "Two arrays of different shapes"),
        (bits_in_a_loop, "times 1.443"),
        (flips_its_input, "changes the array"),
    ],
    "generator_loss": [(no_mean, "the mean of your numbers"), (math_of_array, "TypeError")],
    "phase_labels": [
        (two_lists, "an array of shape (6,)"),
        (list_of_labels, "came as a list"),
        (phase_1_alone, "for some inputs nothing comes back"),
    ],
    "coverage": [
        (which_classes, "the single value 2"),
        (loop_over_classes, "not iterable"),
        (yes_and_no, "the sum of your numbers"),
    ],
    "frechet": [
        (features_in_a_list, "the sum of your numbers"),
        (root_of_difference, "nan or infinity"),
        (endless, "seconds"),
    ],
}
