"""Wrong answers to the exercises of week 11a."""

import numpy as np
from keras import ops, random


def both_ends(first, second, count):
    return np.linspace(first, second, count)


def reaches_the_end(first, second, count):
    return np.array([first + k / count * (second - first) for k in range(1, count + 1)])


def backwards(first, second, count):
    weights = np.arange(1, count + 1)[:, None] / (count + 1)
    return weights * first + (1 - weights) * second


def list_of_codes(first, second, count):
    return [first + k / (count + 1) * (second - first) for k in range(1, count + 1)]


def by_variance(mean, log_variance, noise):
    return mean + ops.exp(log_variance) * noise


def logarithm_kept(mean, log_variance, noise):
    return mean + log_variance * noise


def by_numpy(mean, log_variance, noise):
    return np.random.normal(mean, np.exp(log_variance / 2))


def without_noise(mean, log_variance, noise):
    return mean + ops.exp(log_variance / 2)


def root_of_the_logarithm(mean, log_variance, noise):
    return mean + ops.sqrt(log_variance) * noise


def mean_over_code(mean, log_variance):
    return 0.5 * ops.mean(mean**2 + ops.exp(log_variance) - log_variance - 1, axis=1)


def logarithm_of_the_logarithm(mean, log_variance):
    return 0.5 * ops.sum(mean**2 + log_variance - ops.log(log_variance) - 1, axis=1)


def one_for_the_code(mean, log_variance):
    return 0.5 * (ops.sum(mean**2 + ops.exp(log_variance) - log_variance, axis=1) - 1)


def single_number(mean, log_variance):
    return ops.sum(0.5 * (mean**2 + ops.exp(log_variance) - log_variance - 1))


def mean_of_pixels(pixel_losses, divergences, weight):
    return ops.mean(pixel_losses) + weight * ops.mean(divergences)


def sum_over_images(pixel_losses, divergences, weight):
    return ops.sum(pixel_losses) + weight * ops.sum(divergences)


def unweighted(pixel_losses, divergences, weight):
    return ops.mean(ops.sum(pixel_losses, axis=(1, 2))) + ops.mean(divergences)


def one_loss_an_image(pixel_losses, divergences, weight):
    return ops.sum(pixel_losses, axis=(1, 2)) + weight * divergences


def own_noise(mean, log_variance, noise):
    return mean + ops.exp(log_variance / 2) * random.normal(ops.shape(mean))


def all_scaled(mean, log_variance, noise):
    return (mean + noise) * ops.exp(log_variance / 2)


def other_direction(mean, log_variance):
    return ops.sum(0.5 * ((mean**2 + 1) * ops.exp(-log_variance) + log_variance - 1), axis=1)


def weighted_pixels(pixel_losses, divergences, weight):
    return ops.mean(weight * ops.sum(pixel_losses, axis=(1, 2)) + divergences)


def nothing(pixel_losses, divergences, weight):
    ops.mean(ops.sum(pixel_losses, axis=(1, 2)) + weight * divergences)


WRONG = {
    "codes_between": [
        (both_ends, "both ends are left out"),
        (reaches_the_end, "divided by count + 1"),
        (backwards, "from `second` to `first`"),
        (list_of_codes, "came as a list"),
    ],
    "sample": [
        (by_variance, "as in lecture B"),
        (logarithm_kept, "Undo the logarithm"),
        (by_numpy, "A tensor has no value yet"),
        (without_noise, "not random"),
        (own_noise, "other codes each time"),
        (all_scaled, "scales the noise, and nothing else"),
        (root_of_the_logarithm, "Undo the logarithm"),
    ],
    "divergence": [
        (mean_over_code, "one value an image"),
        (logarithm_of_the_logarithm, "the *logarithm* of the variance"),
        (one_for_the_code, "for each number of the code"),
        (single_number, "one value an image"),
        (other_direction, "the other direction"),
    ],
    "vae_loss": [
        (mean_of_pixels, "weigh far too much"),
        (sum_over_images, "a mean over the images"),
        (unweighted, "belongs to the divergence alone"),
        (weighted_pixels, "belongs to the divergence alone"),
        (nothing, "end with return"),
        (one_loss_an_image, "a mean over the images"),
    ],
}
