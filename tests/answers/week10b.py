"""Wrong answers to the exercises of week 10b."""

import math

import numpy as np


def natural_logarithm(clean, image):
    return -10 * math.log(((clean - image) ** 2).mean())


def logarithm_of_an_array(clean, image):
    return 10 * math.log10(1 / (clean - image) ** 2)


def clipped_before_comparing(clean, image):
    return -10 * math.log10(((clean - np.clip(image, 0, 1)) ** 2).mean())


def same_noise_for_each_image(batch, sigma, rng):
    noise = rng.normal(0, sigma, batch.shape[1:])
    return np.array([image + noise for image in batch]), batch


def laplace(batch, sigma, rng):
    return batch + rng.laplace(0, sigma / np.sqrt(2), batch.shape), batch


def scaled_by_noise(batch, sigma, rng):
    return batch * rng.normal(1, sigma, batch.shape), batch


def squared_sigma(batch, sigma, rng):
    return batch + rng.normal(0, sigma**2, batch.shape), batch


def one_result(batch, sigma, rng):
    return batch + rng.normal(0, sigma, batch.shape)


def the_other_order(batch, sigma, rng):
    return batch, batch + rng.normal(0, sigma, batch.shape)


def own_generator(batch, sigma, rng):
    return batch + np.random.default_rng(1).normal(0, sigma, batch.shape), batch


def noise_alone(batch, sigma, rng):
    return rng.normal(0, sigma, batch.shape), batch


def clipped_sum(batch, sigma, rng):
    return np.clip(batch + rng.normal(0, sigma, batch.shape), 0, 1), batch


def above_only(batch, sigma, rng):
    return batch + np.abs(rng.normal(0, sigma, batch.shape)), batch


def of_size_one(batch, sigma, rng):
    return batch + rng.normal(0, 1, batch.shape), batch


def clean_twice(batch, sigma, rng):
    return batch, batch.copy()


def stacked_on_a_new_axis(images, known):
    return np.stack([images * known, known], axis=-1)


def behind_each_other(images, known):
    return np.concatenate([images * known, known])


def missing_is_minus_one(images, known):
    return np.concatenate([np.where(known, images, -1), known], axis=-1)


def bright_is_known(images, known):
    kept = images * known
    return np.concatenate([kept, kept != 0], axis=-1)


WRONG = {
    "psnr": [
        (natural_logarithm, "to base 10"),
        (logarithm_of_an_array, "TypeError"),
        (clipped_before_comparing, "you clip"),
    ],
    "training_pair": [
        (same_noise_for_each_image, "pixels share their noise"),
        (laplace, "normal distribution"),
        (scaled_by_noise, "you multiply"),
        (squared_sigma, "sigma squared"),
        (one_result, "two arrays of shape"),
        (the_other_order, "should have noise"),
        (own_generator, "does not come from `rng`"),
        (noise_alone, "the image is missing"),
        (clipped_sum, "you clip"),
        (above_only, "the mean of your noise is 0.24"),
        (of_size_one, "the standard deviation of your noise is 1.00"),
        (clean_twice, "should have noise"),
    ],
    "mask_input": [
        (stacked_on_a_new_axis, "shape"),
        (behind_each_other, "an array of shape"),
        (missing_is_minus_one, "where 0 was expected"),
        (bright_is_known, "also a black one"),
    ],
}
