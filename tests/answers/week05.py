"""Wrong answers to the exercises of week 5."""

import numpy as np


def longest_product(query, vectors):
    best, number = -np.inf, 0
    for i, row in enumerate(vectors):
        if row.dot(query) > best:
            best, number = row.dot(query), i
    return number


def list_of_the_number(query, vectors):
    cosines = [row @ query / np.linalg.norm(row) for row in vectors]
    return [cosines.index(max(cosines))]


def biases_alone(features, classes):
    return classes


def text(features, classes):
    return f"{(features + 1) * classes}"


def never_is_nothing(steps, curve, level):
    for step, value in zip(steps, curve, strict=True):
        if value >= level:
            return step


def past_the_end(steps, curve, level):
    i = 0
    while curve[i] < level:
        i += 1
    return steps[i]


def in_place(picture, mean, deviation):
    picture -= (255 * mean).astype(np.uint8)
    return picture / 255 / deviation


def channel_by_channel(picture, mean, deviation):
    return [(picture[..., i] / 255 - mean[i]) / deviation[i] for i in range(3)]


def returned_in_the_loop(average, batches, momentum):
    for mean in batches:
        average = momentum * average + (1 - momentum) * mean
        return average


def plain_mean(average, batches, momentum):
    return sum(batches) / len(batches)


WRONG = {
    "most_alike": [(longest_product, "long vector wins"), (list_of_the_number, "left over")],
    "top_weights": [(biases_alone, "features is not used"), (text, "single value 9 was expected")],
    "first_reached": [(never_is_nothing, "nothing comes back"), (past_the_end, "IndexError")],
    "prepare": [(in_place, "changes the array"), (channel_by_channel, "a list of 3")],
    "running_average": [
        (returned_in_the_loop, "only the first batch"),
        (plain_mean, "average and momentum are not used"),
    ],
}
