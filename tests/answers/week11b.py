"""Wrong answers to the exercises of week 11b."""

import numpy as np
from keras import ops


def by_numpy(labels, probabilities):
    return -np.mean(labels * np.log(probabilities) + (1 - labels) * np.log(1 - probabilities))


def no_mean(labels, probabilities):
    return -(labels * ops.log(probabilities) + (1 - labels) * ops.log(1 - probabilities))


def real_images_only(labels, probabilities):
    return ops.mean(-labels * ops.log(probabilities))


def exchanged(labels, probabilities):
    return -ops.mean(probabilities * ops.log(labels) + (1 - probabilities) * ops.log(1 - labels))


def one_minus_logarithm(labels, probabilities):
    return -ops.mean(labels * ops.log(probabilities) + (1 - labels) * (1 - ops.log(probabilities)))


def loop_over_tensors(labels, probabilities):
    total = 0
    for y, p in zip(labels, probabilities, strict=True):
        total = total - y * ops.log(p) - (1 - y) * ops.log(1 - p)
    return total / len(labels)


def mean_of_each_label(labels, probabilities):
    real = ops.sum(labels * ops.log(probabilities)) / ops.sum(labels)
    return -(real + ops.sum((1 - labels) * ops.log(1 - probabilities)) / ops.sum(1 - labels))


def squared(labels, probabilities):
    return ops.mean((labels - probabilities) ** 2)


def means_of_halves(labels, probabilities):
    half = len(labels) // 2
    return -ops.mean(ops.log(probabilities[:half])) - ops.mean(ops.log(1 - probabilities[half:]))


def smoothed(count, phase):
    return np.repeat([0.9, 0.0], count) if phase == 1 else np.ones(count)


def two_lists(count, phase):
    return ([1] * count, [0] * count) if phase == 1 else [1] * count


def list_of_labels(count, phase):
    return [1.0] * count + [0.0] * count if phase == 1 else [1.0] * count


def phase_1_alone(count, phase):
    if phase == 1:
        return np.concatenate([np.ones(count), np.zeros(count)])


def artificial_images_labelled_1(count, phase):
    return np.array([0.0] * count + [1.0] * count) if phase == 1 else np.ones(count)


def all_labels_1(count, phase):
    return np.ones(2 * count if phase == 1 else count)


def score(outputs, label):
    return -ops.mean(label * ops.log(outputs) + (1 - label) * ops.log(1 - outputs))


def labelled_0(generator, discriminator, noise):
    return score(ops.minimum(discriminator(generator(noise, training=True))[:, 0], 1 - 1e-6), 0.0)


def minimax(generator, discriminator, noise):
    return -labelled_0(generator, discriminator, noise)


def without_training(generator, discriminator, noise):
    return score(ops.minimum(discriminator(generator(noise))[:, 0], 1 - 1e-6), 1.0)


def without_generator(generator, discriminator, noise):
    return score(ops.minimum(discriminator(noise)[:, 0], 1 - 1e-6), 1.0)


def outputs_of_1(generator, discriminator, noise):
    return score(discriminator(generator(noise, training=True))[:, 0], 1.0)


def labels_of_phase_1(generator, discriminator, noise):
    labels = np.repeat(np.float32([1, 0]), noise.shape[0])
    return score(ops.minimum(discriminator(generator(noise, training=True))[:, 0], 1 - 1e-6), labels)


def all_of_phase_1(generator, discriminator, noise):
    weights = generator.trainable_variables
    loss = labelled_0(generator, discriminator, noise)
    generator.optimizer.apply(weights, weights)
    return loss


def exchanged_with_labels(generator, discriminator, noise):
    outputs = ops.minimum(discriminator(generator(noise, training=True))[:, 0], 1 - 1e-6)
    return exchanged(ops.ones(outputs.shape), outputs)


def not_squared(m1, c1, m2, c2):
    from course_utils.weeks.week11b import trace_of_root

    return np.sum(np.abs(m1 - m2)) + np.trace(c1 + c2) - 2 * trace_of_root(c1, c2)


def one_trace(m1, c1, m2, c2):
    from course_utils.weeks.week11b import trace_of_root

    return np.sum((m1 - m2) ** 2) + np.trace(c1) - 2 * trace_of_root(c1, c2)


def root_of_the_trace(m1, c1, m2, c2):
    from course_utils.weeks.week11b import trace_of_root

    return np.sum((m1 - m2) ** 2) + np.trace(c1) + np.trace(c2) - 2 * np.sqrt(trace_of_root(c1, c2))


def root_of_each_entry(m1, c1, m2, c2):
    return np.sum((m1 - m2) ** 2) + np.trace(c1 + c2 - 2 * np.sqrt(c1 * c2))


def no_root(m1, c1, m2, c2):
    return np.sum((m1 - m2) ** 2) + np.trace(c1 + c2 - 2 * c1 @ c2)


def no_last_term(m1, c1, m2, c2):
    return np.sum((m1 - m2) ** 2) + np.trace(c1) + np.trace(c2)


def added(m1, c1, m2, c2):
    from course_utils.weeks.week11b import trace_of_root

    return np.sum((m1 - m2) ** 2) + np.trace(c1 + c2) + 2 * trace_of_root(c1, c2)


def sum_of_matrices(m1, c1, m2, c2):
    from course_utils.weeks.week11b import trace_of_root

    return np.sum((m1 - m2) ** 2) + np.sum(c1) + np.sum(c2) - 2 * trace_of_root(c1, c2)


def endless(m1, c1, m2, c2):
    feature, distance = 0, 0
    while feature < len(m1):
        distance += (m1[feature] - m2[feature]) ** 2
    return distance


WRONG = {
    "phase_labels": [
        (two_lists, "an array of shape (6,)"),
        (list_of_labels, "came as a list"),
        (artificial_images_labelled_1, "the other way round"),
        (all_labels_1, "artificial ones with the label 0"),
        (smoothed, "exactly 0 or 1"),
        (phase_1_alone, "for some inputs nothing comes back"),
    ],
    "cross_entropy": [
        (by_numpy, "gradient"),
        (no_mean, "the mean of your numbers"),
        (exchanged, "logarithm of the labels"),
        (one_minus_logarithm, "artificial images are missing or wrong"),
        (loop_over_tensors, "tf.function cannot compile it"),
        (mean_of_each_label, "one mean for each label"),
        (squared, "no square"),
        (means_of_halves, "one mean for each label"),
        (real_images_only, "artificial images are missing"),
    ],
    "generator_loss": [
        (labelled_0, "With the label 0"),
        (minimax, "minimax"),
        (without_training, "Batch normalisation"),
        (without_generator, "not the noise"),
        (outputs_of_1, "`outputs_of`"),
        (labels_of_phase_1, "not as many labels as images"),
        (all_of_phase_1, "return the loss"),
        (exchanged_with_labels, "logarithm of the labels"),
    ],
    "frechet": [
        (not_squared, "squared feature by feature"),
        (root_of_each_entry, "that of a matrix root"),
        (root_of_the_trace, "not of a product or of roots"),
        (no_root, "that of a matrix root"),
        (no_last_term, "subtracts 2 times the trace"),
        (one_trace, "traces of both"),
        (added, "2 times the trace"),
        (sum_of_matrices, "sum of the diagonal alone"),
        (endless, "seconds"),
    ],
}
