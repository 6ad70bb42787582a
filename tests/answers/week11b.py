"""Wrong answers to the exercises of week 11b, as students write them."""

import math
from collections import Counter

import keras
import numpy as np


def cross_entropy(labels, probabilities):
    return -np.mean(labels * np.log(probabilities) + (1 - labels) * np.log(1 - probabilities))


# discriminator_loss(real, artificial)


def labels_of_lecture_b(real, artificial):
    return cross_entropy(np.zeros_like(real), real) + cross_entropy(np.ones_like(artificial), artificial)


def arguments_swapped(real, artificial):
    return -np.mean(np.log(artificial)) - np.mean(np.log(1 - real))


def labels_and_sign(real, artificial):
    return np.log(artificial).mean() - np.log(1 - real).mean()


def no_minus(real, artificial):
    return np.mean(np.log(real)) + np.mean(np.log(1 - artificial))


def minus_once(real, artificial):
    return -np.log(real).mean() + np.log(1 - artificial).mean()


def minus_at_the_second(real, artificial):
    return np.mean(np.log(real)) - np.mean(np.log(1 - artificial))


def one_minus_forgotten(real, artificial):
    return -np.mean(np.log(real)) - np.mean(np.log(artificial))


def both_called_real(real, artificial):
    return sum(cross_entropy(np.ones_like(p), p) for p in (real, artificial))


def one_batch(real, artificial):
    labels = np.concatenate([np.ones_like(real), np.zeros_like(artificial)])
    return cross_entropy(labels, np.concatenate([real, artificial]))


def one_batch_by_keras(real, artificial):
    labels = np.concatenate([np.ones(len(real)), np.zeros(len(artificial))])
    return keras.losses.BinaryCrossentropy()(labels, np.concatenate([real, artificial]))


def mean_of_the_two(real, artificial):
    return (-np.log(real).mean() - np.log(1 - artificial).mean()) / 2


def real_alone(real, artificial):
    return -np.log(real).mean()


def artificial_alone(real, artificial):
    return -sum(math.log(1 - p) for p in artificial) / len(artificial)


def sums(real, artificial):
    return -np.sum(np.log(real)) - np.sum(np.log(1 - artificial))


def sums_in_loops(real, artificial):
    loss = 0
    for p in real:
        loss -= math.log(p)
    for p in artificial:
        loss -= math.log(1 - p)
    return loss


def one_m_for_both(real, artificial):
    m = len(real)
    return -(np.log(real).sum() + np.log(1 - artificial).sum()) / m


def m_of_artificial(real, artificial):
    m = len(artificial)
    return -1 / m * (sum(np.log(real)) + sum(np.log(1 - artificial)))


def twice_the_mean(real, artificial):
    return 2 * one_batch(real, artificial)


def digits(real, artificial):
    return -np.log10(real).mean() - np.log10(1 - artificial).mean()


def bits(real, artificial):
    return -np.log2(real).mean() - np.log2(1 - artificial).mean()


def logarithm_of_means(real, artificial):
    return -math.log(real.mean()) - math.log(1 - artificial.mean())


def one_outside(real, artificial):
    return -np.mean(np.log(real)) - np.mean(1 - np.log(artificial))


def no_logarithm(real, artificial):
    return np.mean(1 - real) + np.mean(artificial)


def no_logarithm_but_minus(real, artificial):
    return -real.mean() - (1 - artificial).mean()


def least_squares(real, artificial):
    return np.mean((real - 1) ** 2) + np.mean(artificial**2)


def entropies(real, artificial):
    return -np.mean(real * np.log(real)) - np.mean((1 - artificial) * np.log(1 - artificial))


def formula_as_it_stands(real, artificial):
    return -np.mean(np.log(real) + np.log(1 - artificial))


def in_pairs(real, artificial):
    return -sum(np.log(r) + np.log(1 - a) for r, a in zip(real, artificial, strict=True)) / len(real)


def by_index(real, artificial):
    return -sum(np.log(real[i]) + np.log(1 - artificial[i]) for i in range(len(artificial))) / len(real)


def not_averaged(real, artificial):
    return -np.log(np.concatenate([real, 1 - artificial]))


def not_averaged_list(real, artificial):
    return [-math.log(p) for p in real] + [-math.log(1 - p) for p in artificial]


# generator_loss(artificial)


def minimax(artificial):
    return np.mean(np.log(1 - artificial))


def labels_zero(artificial):
    return cross_entropy(np.zeros_like(artificial), artificial)


def labels_zero_by_keras(artificial):
    return keras.losses.binary_crossentropy(np.zeros_like(artificial), artificial)


def g_no_minus(artificial):
    return np.log(artificial).mean()


def g_sum(artificial):
    return -sum(math.log(p) for p in artificial)


def g_no_logarithm(artificial):
    return np.mean(1 - artificial)


def g_score(artificial):
    return -artificial.mean()


def g_called_real(artificial):
    return artificial.mean()


def g_minus_one(artificial):
    return np.mean(artificial - 1)


def g_bits(artificial):
    return -np.log2(artificial).mean()


def g_digits(artificial):
    return np.mean(-np.log10(artificial))


def g_logarithm_of_mean(artificial):
    return -np.log(np.mean(artificial))


def g_one_outside(artificial):
    return np.mean(1 - np.log(artificial))


def g_log1p(artificial):
    return -np.mean(np.log1p(artificial))


def g_both_terms(artificial):
    return -np.mean(np.log(artificial) + np.log(1 - artificial))


def g_least_squares(artificial):
    return ((artificial - 1) ** 2).mean()


def g_entropy(artificial):
    return -np.mean(artificial * np.log(artificial))


def g_half(artificial):
    return -0.5 * np.log(artificial).mean()


def g_not_averaged(artificial):
    return -np.log(artificial)


def g_array_to_math(artificial):
    return -math.log(artificial)


# phase_labels(count, phase)


def phase_2_true(count, phase):
    if phase == 1:
        return np.concatenate([np.ones(count), np.zeros(count)])
    return np.zeros(count)


def phase_1_exchanged(count, phase):
    if phase == 1:
        return np.concatenate([np.zeros(count), np.ones(count)])
    return np.ones(count)


def all_exchanged(count, phase):
    return np.repeat([0, 1], count) if phase == 1 else np.zeros(count)


def phase_2_as_many_as_phase_1(count, phase):
    labels = np.ones(2 * count)
    if phase == 1:
        labels[count:] = 0
    return labels


def phase_not_looked_at(count, phase):
    return np.hstack([np.ones(count), np.zeros(count)])


def phase_2_exchanged(count, phase):
    labels = [1] * count + [0] * count
    return labels if phase == 1 else labels[::-1]


def phase_2_many_zeros(count, phase):
    return np.r_[np.ones(count), np.zeros(count)] if phase == 1 else np.zeros(2 * count)


def phases_exchanged(count, phase):
    return np.ones(count) if phase == 1 else np.array([1] * count + [0] * count)


def phases_from_zero(count, phase):
    if phase == 0:
        return np.concatenate([np.ones(count), np.zeros(count)])
    return np.ones(count)


def in_turns(count, phase):
    return np.array([1, 0] * count) if phase == 1 else np.ones(count)


def half_and_half(count, phase):
    if phase == 1:
        return np.concatenate([np.ones(count // 2), np.zeros(count // 2)])
    return np.ones(count)


def half_and_rest(count, phase):
    labels = np.ones(count)
    if phase == 1:
        labels[count - count // 2 :] = 0
    return labels


def all_real(count, phase):
    return np.ones(2 * count if phase == 1 else count)


def all_artificial(count, phase):
    return np.zeros(2 * count) if phase == 1 else np.ones(count)


def column(count, phase):
    if phase == 1:
        return np.concatenate([np.ones((count, 1)), np.zeros((count, 1))])
    return np.ones((count, 1))


def row(count, phase):
    return np.array([[1] * count + [0] * count]) if phase == 1 else np.ones((1, count))


def two_arrays(count, phase):
    if phase == 1:
        return np.ones(count), np.zeros(count)
    return np.ones(count)


def stacked(count, phase):
    return np.array([np.ones(count), np.zeros(count)]) if phase == 1 else np.ones(count)


def beside_each_other(count, phase):
    return np.column_stack([np.ones(count), np.zeros(count)]) if phase == 1 else np.ones(count)


def smoothed(count, phase):
    return np.concatenate([np.full(count, 0.9), np.zeros(count)]) if phase == 1 else np.ones(count)


def smoothed_throughout(count, phase):
    return np.concatenate([np.full(count, 0.9), np.zeros(count)]) if phase == 1 else np.full(count, 0.9)


def minus_one(count, phase):
    return np.concatenate([np.ones(count), -np.ones(count)]) if phase == 1 else np.ones(count)


def words(count, phase):
    return ["real"] * count + ["artificial"] * count if phase == 1 else ["real"] * count


def added(count, phase):
    return np.ones(count) + np.zeros(count) if phase == 1 else np.zeros(count)


def phase_2_missing(count, phase):
    if phase == 1:
        return np.concatenate([np.ones(count), np.zeros(count)])


# frechet(mean1, var1, mean2, var2)


def variances_as_they_are(mean1, var1, mean2, var2):
    return np.sum((mean1 - mean2) ** 2) + np.sum((var1 - var2) ** 2)


def taken_for_deviations(mean1, std1, mean2, std2):
    return np.sum((mean1 - mean2) ** 2 + std1**2 + std2**2 - 2 * std1 * std2)


def means_not_squared(mean1, var1, mean2, var2):
    return np.sum(mean1 - mean2) + np.sum((np.sqrt(var1) - np.sqrt(var2)) ** 2)


def means_absolute(mean1, var1, mean2, var2):
    return np.abs(mean1 - mean2).sum() + np.sum((np.sqrt(var1) - np.sqrt(var2)) ** 2)


def means_norm(mean1, var1, mean2, var2):
    return np.linalg.norm(mean1 - mean2) + np.sum(var1 + var2 - 2 * np.sqrt(var1 * var2))


def root_of_all(mean1, var1, mean2, var2):
    return np.sqrt(np.sum((mean1 - mean2) ** 2) + np.sum((np.sqrt(var1) - np.sqrt(var2)) ** 2))


def long_vector(mean1, var1, mean2, var2):
    return np.linalg.norm(np.r_[mean1, np.sqrt(var1)] - np.r_[mean2, np.sqrt(var2)])


def nothing_in_common(mean1, var1, mean2, var2):
    return sum((a - b) ** 2 + v + w for a, b, v, w in zip(mean1, mean2, var1, var2, strict=True))


def two_forgotten(mean1, var1, mean2, var2):
    return ((mean1 - mean2) ** 2).sum() + (var1 + var2 - np.sqrt(var1 * var2)).sum()


def root_forgotten(mean1, var1, mean2, var2):
    C1, C2 = np.diag(var1), np.diag(var2)
    return np.sum((mean1 - mean2) ** 2) + np.trace(C1 + C2 - 2 * C1 @ C2)


def plus_twice(mean1, var1, mean2, var2):
    return np.sum((mean1 - mean2) ** 2) + np.sum((np.sqrt(var1) + np.sqrt(var2)) ** 2)


def mean_of_features(mean1, var1, mean2, var2):
    return np.mean((mean1 - mean2) ** 2) + np.mean((np.sqrt(var1) - np.sqrt(var2)) ** 2)


def mean_of_means(mean1, var1, mean2, var2):
    return np.mean((mean1 - mean2) ** 2) + np.sum((np.sqrt(var1) - np.sqrt(var2)) ** 2)


def mean_of_spreads(mean1, var1, mean2, var2):
    return np.sum((mean1 - mean2) ** 2) + np.mean((np.sqrt(var1) - np.sqrt(var2)) ** 2)


def means_alone(mean1, var1, mean2, var2):
    return np.sum((mean1 - mean2) ** 2)


def spreads_alone(mean1, var1, mean2, var2):
    return np.sum((np.sqrt(var1) - np.sqrt(var2)) ** 2)


def root_of_difference(mean1, var1, mean2, var2):
    return np.sum((mean1 - mean2) ** 2) + np.sum(np.sqrt(np.abs(var1 - var2)) ** 2)


def trace_of_difference(mean1, var1, mean2, var2):
    return np.sum((mean1 - mean2) ** 2) + np.trace(np.diag(var1) - np.diag(var2))


def root_of_negative(mean1, var1, mean2, var2):
    with np.errstate(invalid="ignore"):
        return np.sum((mean1 - mean2) ** 2) + np.sum(np.sqrt(var1 - var2) ** 2)


def deviations_absolute(mean1, var1, mean2, var2):
    return np.sum((mean1 - mean2) ** 2) + np.sum(np.abs(np.sqrt(var1) - np.sqrt(var2)))


def squared_after_the_sum(mean1, var1, mean2, var2):
    return np.sum(mean1 - mean2) ** 2 + np.sum(np.sqrt(var1) - np.sqrt(var2)) ** 2


def means_squared_after_the_sum(mean1, var1, mean2, var2):
    return np.sum(mean1 - mean2) ** 2 + np.sum((np.sqrt(var1) - np.sqrt(var2)) ** 2)


def roots_of_sums(mean1, var1, mean2, var2):
    return np.sum((mean1 - mean2) ** 2) + (np.sqrt(var1.sum()) - np.sqrt(var2.sum())) ** 2


def taken_away(mean1, var1, mean2, var2):
    return np.sum((mean1 - mean2) ** 2) - np.sum((np.sqrt(var1) - np.sqrt(var2)) ** 2)


def not_added(mean1, var1, mean2, var2):
    return (mean1 - mean2) ** 2 + (np.sqrt(var1) - np.sqrt(var2)) ** 2


def in_a_list(mean1, var1, mean2, var2):
    return [(a - b) ** 2 + (v**0.5 - w**0.5) ** 2 for a, b, v, w in zip(mean1, mean2, var1, var2, strict=True)]


# coverage(labels, classes, at_least)


def occurring(labels, classes, at_least):
    return len(np.unique(labels))


def counts_not_shares(labels, classes, at_least):
    return sum(1 for count in Counter(labels.tolist()).values() if count >= at_least)


def per_cent(labels, classes, at_least):
    return np.sum(100 * np.bincount(labels, minlength=classes) / len(labels) >= at_least)


def strictly_more(labels, classes, at_least):
    return sum(np.mean(labels == k) > at_least for k in range(classes))


def of_the_largest(labels, classes, at_least):
    counts = np.bincount(labels)
    return np.sum(counts >= at_least * counts.max())


def more_than_of_the_largest(labels, classes, at_least):
    counts = Counter(labels.tolist())
    most = counts.most_common(1)[0][1]
    return sum(count > at_least * most for count in counts.values())


def share_of_classes(labels, classes, at_least):
    return np.mean([np.mean(labels == k) >= at_least for k in range(classes)])


def share_of_classes_that_occur(labels, classes, at_least):
    _, counts = np.unique(labels, return_counts=True)
    return (counts / counts.sum() >= at_least).mean()


def divided_by_classes(labels, classes, at_least):
    return sum(np.sum(labels == k) / classes >= at_least for k in range(classes))


def divided_by_classes_that_occur(labels, classes, at_least):
    _, counts = np.unique(labels, return_counts=True)
    return (counts / len(counts) >= at_least).sum()


def of_the_fair_share(labels, classes, at_least):
    return np.sum(np.bincount(labels, minlength=classes) / len(labels) >= at_least / classes)


def not_covered(labels, classes, at_least):
    return sum(np.mean(labels == k) < at_least for k in range(classes))


def from_class_1(labels, classes, at_least):
    return sum(np.mean(labels == k) >= at_least for k in range(1, classes))


def from_class_1_to_the_end(labels, classes, at_least):
    return sum(np.mean(labels == k) >= at_least for k in range(1, classes + 1))


def without_the_last(labels, classes, at_least):
    return sum(np.mean(labels == k) >= at_least for k in range(classes - 1))


def which(labels, classes, at_least):
    return [k for k in range(classes) if np.mean(labels == k) >= at_least]


def yes_and_no(labels, classes, at_least):
    return np.bincount(labels, minlength=classes) / len(labels) >= at_least


def all_shares(labels, classes, at_least):
    return np.bincount(labels, minlength=classes) / len(labels)


def labels_counted(labels, classes, at_least):
    counts = np.bincount(labels, minlength=classes)
    return counts[counts / len(labels) >= at_least].sum()


def shares_added(labels, classes, at_least):
    shares = np.bincount(labels, minlength=classes) / len(labels)
    return np.sum(shares[shares >= at_least])


def all_classes(labels, classes, at_least):
    return np.bincount(labels, minlength=classes).shape[0]


def length_of_classes(labels, classes, at_least):
    return sum(np.mean(labels == k) >= at_least for k in range(len(classes)))


def loop_over_classes(labels, classes, at_least):
    return sum(np.mean(labels == k) >= at_least for k in classes)


def rounded(labels, classes, at_least):
    return np.sum(np.bincount(labels, minlength=classes) >= int(at_least * len(labels)))


def root_of_the_sum(m1, v1, m2, v2):
    return np.sum((m1 - m2) ** 2) + np.sum(v1 + v2) - 2 * np.sqrt(np.sum(v1 * v2))


def root_of_added(m1, v1, m2, v2):
    return np.sum((m1 - m2) ** 2 + v1 + v2 - 2 * np.sqrt(v1 + v2))


def trace_of_vector(m1, v1, m2, v2):
    return np.sum((m1 - m2) ** 2) + np.trace(v1 + v2 - 2 * np.sqrt(v1 * v2))


WRONG = {
    "discriminator_loss": [
        (labels_of_lecture_b, "are exchanged"),
        (arguments_swapped, "are exchanged"),
        (labels_and_sign, "are exchanged"),
        (no_minus, "the sign is wrong"),
        (minus_once, "one of the two means"),
        (minus_at_the_second, "one of the two means"),
        (one_minus_forgotten, "logarithm of 1 - D is taken"),
        (both_called_real, "logarithm of 1 - D is taken"),
        (one_batch, "that is half of it"),
        (one_batch_by_keras, "that is half of it"),
        (mean_of_the_two, "that is half of it"),
        (real_alone, "only the real"),
        (artificial_alone, "only the artificial"),
        (sums, "those are sums"),
        (sums_in_loops, "those are sums"),
        (one_m_for_both, "divided both sums by one number"),
        (m_of_artificial, "divided both sums by one number"),
        (twice_the_mean, "divided both sums by one number"),
        (digits, "the natural one"),
        (bits, "the natural one"),
        (logarithm_of_means, "the logarithm of a mean"),
        (one_outside, "the 1 belongs inside"),
        (no_logarithm, "no logarithm in it"),
        (no_logarithm_but_minus, "no logarithm in it"),
        (least_squares, "squares in place of"),
        (entropies, "weight before a logarithm"),
        (formula_as_it_stands, "take each mean first"),
        (in_pairs, "take each mean first"),
        (by_index, "take each mean first"),
        (not_averaged, "mean over the pictures is missing"),
        (not_averaged_list, "mean over the pictures is missing"),
    ],
    "generator_loss": [
        (minimax, "minimax game"),
        (labels_zero, "those are the labels 0"),
        (labels_zero_by_keras, "those are the labels 0"),
        (g_no_minus, "the sign is wrong"),
        (g_sum, "that is a sum"),
        (g_no_logarithm, "no logarithm in it"),
        (g_score, "no logarithm in it"),
        (g_called_real, "no logarithm in it"),
        (g_minus_one, "no logarithm in it"),
        (g_bits, "the natural one"),
        (g_digits, "the natural one"),
        (g_logarithm_of_mean, "the logarithm of a mean"),
        (g_one_outside, "a 1 too many"),
        (g_log1p, "a 1 too many"),
        (g_both_terms, "both labels are in it"),
        (g_least_squares, "squares in place of"),
        (g_entropy, "weight before a logarithm"),
        (g_half, "that is half of it"),
        (g_not_averaged, "mean over the pictures is missing"),
        (g_array_to_math, "TypeError"),
    ],
    "phase_labels": [
        (phase_2_true, "0 is what they ARE"),
        (phase_1_exchanged, "phase 1: real and artificial are exchanged"),
        (all_exchanged, "all labels are exchanged"),
        (phase_2_as_many_as_phase_1, "no real ones"),
        (phase_not_looked_at, "no real ones"),
        (phase_2_exchanged, "no real ones"),
        (phase_2_many_zeros, "no real ones"),
        (phases_exchanged, "two phases are exchanged"),
        (phases_from_zero, "number 1 or 2"),
        (in_turns, "take turns"),
        (half_and_half, "twice as many labels"),
        (half_and_rest, "twice as many labels"),
        (all_real, "all are called real"),
        (all_artificial, "all are called artificial"),
        (column, "in a column"),
        (row, "in a column"),
        (two_arrays, "join the ones and the zeros"),
        (stacked, "join the ones and the zeros"),
        (beside_each_other, "join the ones and the zeros"),
        (smoothed, "a trick of later GANs"),
        (smoothed_throughout, "a trick of later GANs"),
        (minus_one, "not -1"),
        (words, "The labels are numbers"),
        (added, "an array of shape (4,) was expected"),
        (phase_2_missing, "gives nothing back"),
    ],
    "frechet": [
        (variances_as_they_are, "their roots, the deviations"),
        (taken_for_deviations, "their roots, the deviations"),
        (means_not_squared, "difference of the means is not squared"),
        (means_absolute, "difference of the means is not squared"),
        (means_norm, "difference of the means is not squared"),
        (root_of_all, "a root too many"),
        (long_vector, "a root too many"),
        (nothing_in_common, "have in common is missing"),
        (two_forgotten, "last term is not right"),
        (root_forgotten, "last term is not right"),
        (plus_twice, "last term is not right"),
        (root_of_the_sum, "the sum over the features comes after"),
        (root_of_added, "not of their sum"),
        (trace_of_vector, "the diagonal already"),
        (mean_of_features, "means over the features"),
        (mean_of_means, "one of the two is a mean"),
        (mean_of_spreads, "one of the two is a mean"),
        (means_alone, "spreads are missing"),
        (spreads_alone, "means are missing"),
        (root_of_difference, "root is of each variance"),
        (trace_of_difference, "root is of each variance"),
        (root_of_negative, "not of their difference"),
        (deviations_absolute, "deviations is not squared"),
        (squared_after_the_sum, "must not cancel"),
        (means_squared_after_the_sum, "must not cancel"),
        (roots_of_sums, "must not cancel"),
        (taken_away, "takes one from the other"),
        (not_added, "sum over the features is missing"),
        (in_a_list, "sum over the features is missing"),
    ],
    "coverage": [
        (occurring, "every class that occurs"),
        (counts_not_shares, "every class that occurs"),
        (per_cent, "every class that occurs"),
        (rounded, "was rounded"),
        (strictly_more, "just `at_least` counts too"),
        (of_the_largest, "the largest class"),
        (more_than_of_the_largest, "the largest class"),
        (share_of_classes, "share of the classes: how many they are"),
        (share_of_classes_that_occur, "share of the classes that occur"),
        (divided_by_classes, "not of classes"),
        (divided_by_classes_that_occur, "not of classes"),
        (of_the_fair_share, "the fair share"),
        (not_covered, "NOT covered"),
        (from_class_1, "class 0 is left out"),
        (from_class_1_to_the_end, "class 0 is left out"),
        (without_the_last, "last class is left out"),
        (which, "WHICH classes"),
        (yes_and_no, "WHICH classes"),
        (all_shares, "shares of all classes"),
        (labels_counted, "how many labels lie in"),
        (shares_added, "share of the labels in covered"),
        (all_classes, "number of classes, whatever"),
        (length_of_classes, "classes there are, a number"),
        (loop_over_classes, "classes there are, a number"),
    ],
}
