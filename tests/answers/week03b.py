"""Wrong answers to the exercises of week 3b."""

import numpy as np


def from_the_slide(weights, velocity, gradient, rate=0.01, momentum=0.9, decay=0.0005):
    velocity = momentum * velocity - rate * (decay * weights - gradient)
    return weights + velocity, velocity


def without_momentum(weights, velocity, gradient, rate=0.01, momentum=0.9, decay=0.0005):
    velocity = -rate * (decay * weights + gradient)
    return weights + velocity, velocity


def weights_only(weights, velocity, gradient, rate=0.01, momentum=0.9, decay=0.0005):
    return weights + momentum * velocity - rate * (decay * weights + gradient)


def pytorch_style(weights, velocity, gradient, rate=0.01, momentum=0.9, decay=0.0005):
    velocity = momentum * velocity - (gradient + decay * weights)
    return weights + rate * velocity, velocity


def adds_the_old_velocity(weights, velocity, gradient, rate=0.01, momentum=0.9, decay=0.0005):
    return weights + velocity, momentum * velocity - rate * (gradient + decay * weights)


def gap_before_rate(train_losses, validation_losses, guessing):
    if validation_losses[-1] - train_losses[-1] > 0.3:
        return "overfitting"
    if train_losses[-1] >= 0.9 * guessing:
        return "wrong rate"
    if train_losses[-1] < 0.3:
        return "fine"
    return "train longer" if train_losses[-1] < 0.7 * train_losses[-4] else "too little capacity"


def fine_first(train_losses, validation_losses, guessing):
    if train_losses[-1] < 0.3:
        return "fine"
    if train_losses[-1] >= 0.9 * guessing:
        return "wrong rate"
    if validation_losses[-1] - train_losses[-1] > 0.3:
        return "overfitting"
    return "train longer" if train_losses[-1] < 0.7 * train_losses[-4] else "too little capacity"


def without_guessing(train_losses, validation_losses, guessing):
    if train_losses[-1] >= 2:
        return "wrong rate"
    if validation_losses[-1] - train_losses[-1] > 0.5:
        return "overfitting"
    if train_losses[-1] < 0.5:
        return "fine"
    return "train longer" if train_losses[-1] < 0.8 * train_losses[-4] else "too little capacity"


def high_validation_loss(train_losses, validation_losses, guessing):
    if train_losses[-1] >= 0.9 * guessing:
        return "wrong rate"
    if validation_losses[-1] > 0.5:
        return "overfitting"
    if train_losses[-1] < 0.3:
        return "fine"
    return "train longer" if train_losses[-1] < 0.7 * train_losses[-4] else "too little capacity"


def prints_the_diagnosis(train_losses, validation_losses, guessing):
    print("fine")


def zeros_and_ones(shape, rate, rng):
    return np.where(rng.random(shape) < rate, 0, 1)


def keeps_the_rate(shape, rate, rng):
    return (rng.random(shape) < rate) / rate


def without_brackets(shape, rate, rng):
    return rng.random(shape) >= rate / (1 - rate)


def own_generator(shape, rate, rng):
    return (np.random.default_rng(3).random(shape) > rate) / (1 - rate)


def mean_kept_by_luck(shape, rate, rng):
    mask = rng.random(shape) >= rate
    return mask * mask.size / mask.sum()


def a_single_number(shape, rate, rng):
    return (rng.random() >= rate) / (1 - rate)


def compares_two_epochs(accuracies, patience):
    return len(accuracies) > patience and bool(max(accuracies[-patience:]) <= accuracies[-patience - 1])


def without_short_lists(accuracies, patience):
    return max(accuracies[-patience:]) <= max(accuracies[:-patience])


def last_two(accuracies, patience):
    return len(accuracies) > patience and accuracies[-1] <= accuracies[-2]


def strictly_worse(accuracies, patience):
    return len(accuracies) > patience and max(accuracies[-patience:]) < max(accuracies[:-patience])


def with_a_tolerance(accuracies, patience):
    return len(accuracies) > patience and max(accuracies[-patience:]) - max(accuracies[:-patience]) < 0.01


WRONG = {
    "update": [
        (from_the_slide, "climbs"),
        (without_momentum, "momentum"),
        (weights_only, "2 results"),
        (pytorch_style, "not scaled again"),
        (adds_the_old_velocity, "not the old one"),
    ],
    "diagnose": [
        (gap_before_rate, "the first line that fits decides"),
        (fine_first, "the first line that fits decides"),
        (without_guessing, "look at line 1"),
        (high_validation_loss, "look at line 2"),
        (prints_the_diagnosis, "return"),
    ],
    "dropout_mask": [
        (zeros_and_ones, "kept entries are 1"),
        (keeps_the_rate, "You keep that fraction"),
        (without_brackets, "all entries of your mask are the same"),
        (own_generator, "generator"),
        (mean_kept_by_luck, "depend on the rate alone"),
        (a_single_number, "should be an array of shape"),
    ],
    "reached_plateau": [
        (compares_two_epochs, "split the list in two"),
        (without_short_lists, "nothing is left before them"),
        (last_two, "split the list in two"),
        (strictly_worse, "no progress"),
        (with_a_tolerance, "right for 7 of 8"),
    ],
}
