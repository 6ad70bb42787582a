"""Wrong answers to the exercises of week 5, as students write them."""

import numpy as np


def cosines(query, vectors):
    return vectors @ query / np.linalg.norm(vectors, axis=1) / np.linalg.norm(query)


def largest_product(query, vectors):
    best, number = -np.inf, 0
    for i, row in enumerate(vectors):
        if row.dot(query) > best:
            best, number = row.dot(query), i
    return number


def all_lengths_at_once(query, vectors):
    return np.argmax(vectors @ query / (np.linalg.norm(vectors) * np.linalg.norm(query)))


def query_length_only(query, vectors):
    return np.argmax([np.dot(row, query) / np.linalg.norm(query) for row in vectors])


def least_cosine(query, vectors):
    return np.argsort(cosines(query, vectors))[0]


def least_distance(query, vectors):
    return np.sqrt(((vectors - query) ** 2).sum(axis=1)).argmin()


def the_cosine(query, vectors):
    return max(cosines(query, vectors))


def either_direction(query, vectors):
    return np.argmax(cosines(query, vectors) ** 2)


def the_row(query, vectors):
    return vectors[cosines(query, vectors).argmax()]


def no_biases(features, classes):
    return classes * features


def one_bias(features, classes):
    return features * classes + 1


def bias_an_input(features, classes):
    return features * (classes + 1)


def added(features, classes):
    return features + classes


def added_and_bias(features, classes):
    return features + 1 + classes


def biases_alone(features, classes):
    return classes


def above(steps, curve, level):
    for step, value in zip(steps, curve, strict=True):
        if value > level:
            return step
    return float("inf")


def exactly(steps, curve, level):
    return steps[curve.index(level)] if level in curve else float("inf")


def last(steps, curve, level):
    found = float("inf")
    for step, value in zip(steps, curve, strict=True):
        if value >= level:
            found = step
    return found


def place(steps, curve, level):
    for number, value in enumerate(curve):
        if value >= level:
            return number
    return float("inf")


def for_good(steps, curve, level):
    found = float("inf")
    for step, value in zip(reversed(steps), reversed(curve), strict=True):
        if value < level:
            break
        found = step
    return found


def argmax_alone(steps, curve, level):
    return steps[np.argmax(np.array(curve) >= level)]


def ends_with_the_last(steps, curve, level):
    reached = steps[-1]
    for step, value in zip(reversed(steps), reversed(curve), strict=True):
        if value >= level:
            reached = step
    return reached


def highest(steps, curve, level):
    return steps[curve.index(max(curve))]


def nothing_if_never(steps, curve, level):
    for step, value in zip(steps, curve, strict=True):
        if value >= level:
            return step


def still_bytes(picture, mean, deviation):
    return (picture.astype(float) - mean) / deviation


def divided_late(picture, mean, deviation):
    return (picture - mean) / 255 / deviation


def unit_alone(picture, mean, deviation):
    return picture.astype("float32") / 255


def no_deviation(picture, mean, deviation):
    return picture / 255 - mean


def no_brackets(picture, mean, deviation):
    return picture / 255 - mean / deviation


def variance(picture, mean, deviation):
    return (picture / 255 - mean) / deviation**2


def multiplied(picture, mean, deviation):
    return (picture / 255 - mean) * deviation


def own_statistics(picture, mean, deviation):
    picture = picture / 255.0
    for channel in range(3):
        values = picture[..., channel]
        picture[..., channel] = (values - values.mean()) / values.std()
    return picture


def cut_off(picture, mean, deviation):
    return (picture // 255 - mean) / deviation


def minus_one_to_one(picture, mean, deviation):
    return (picture / 127.5 - 1 - mean) / deviation


def own_maximum(picture, mean, deviation):
    return (picture / picture.max() - mean) / deviation


def of_256(picture, mean, deviation):
    return (picture / 256 - mean) / deviation


def exchanged(picture, mean, deviation):
    return (picture / 255 - deviation) / mean


def turned_channels(picture, mean, deviation):
    return (picture[:, :, ::-1] / 255 - mean) / deviation


def momentum_for_new(average, batches, momentum):
    for mean in batches:
        average += momentum * (mean - average)
    return average


def shares_above_one(average, batches, momentum):
    for mean in batches:
        average = average * momentum + mean
    return average


def returned_in_the_loop(average, batches, momentum):
    for mean in batches:
        average = momentum * average + (1 - momentum) * mean
        return average


def last_batch_only(average, batches, momentum):
    for mean in batches:
        result = momentum * average + (1 - momentum) * mean
    return result


def towards_the_mean(average, batches, momentum):
    return momentum * average + (1 - momentum) * sum(batches) / len(batches)


def plain_mean(average, batches, momentum):
    return sum(batches) / len(batches)


def untouched(average, batches, momentum):
    for mean in batches:
        moved = momentum * average + (1 - momentum) * mean  # noqa: F841
    return average


WRONG = {
    "most_alike": [
        (largest_product, "a long vector wins"),
        (all_lengths_at_once, "axis=1"),
        (query_length_only, "a long vector wins"),
        (least_cosine, "opposite or least"),
        (least_distance, "least distance"),
        (the_cosine, "the cosine itself"),
        (cosines, "all the cosines"),
        (either_direction, "opposite direction as the same"),
        (the_row, "Its number was asked for"),
    ],
    "top_weights": [
        (no_biases, "biases are missing"),
        (one_bias, "Each output has its own"),
        (bias_an_input, "belongs to an output"),
        (added, "that is a product"),
        (added_and_bias, "then each output has its bias"),
        (biases_alone, "biases alone"),
    ],
    "first_reached": [
        (above, "exactly there, too"),
        (exactly, "seldom hits a level exactly"),
        (last, "Asked for is the first"),
        (place, "place in the list"),
        (for_good, "not the first time for good"),
        (argmax_alone, "not the first step"),
        (ends_with_the_last, "not the last step"),
        (highest, "highest point"),
        (nothing_if_never, "gives nothing back"),
    ],
    "prepare": [
        (still_bytes, "bring them to 0 to 1 first"),
        (divided_late, "before the mean is taken off"),
        (unit_alone, "still to come"),
        (no_deviation, "division by the deviation is missing"),
        (no_brackets, "brackets"),
        (variance, "divided by the square"),
        (multiplied, "multiplied"),
        (own_statistics, "this picture's own"),
        (cut_off, "cuts off"),
        (minus_one_to_one, "-1 to 1"),
        (own_maximum, "its own maximum"),
        (of_256, "not 256"),
        (exchanged, "changed places"),
        (turned_channels, "no need to turn"),
    ],
    "running_average": [
        (momentum_for_new, "share of the old that is KEPT"),
        (shares_above_one, "add up to 1"),
        (returned_in_the_loop, "only the first batch"),
        (last_batch_only, "only the last batch"),
        (towards_the_mean, "towards the mean of all"),
        (plain_mean, "plain mean"),
        (untouched, "stays where it was"),
    ],
}
