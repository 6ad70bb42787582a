"""Wrong answers to the exercises of week 10b, as students write them."""

import math

import numpy as np
from scipy import stats
from sklearn.metrics import roc_auc_score


def one_number(pictures, rebuilt):
    return np.mean((pictures - rebuilt) ** 2)


def one_sum(pictures, rebuilt):
    return np.square(pictures - rebuilt).sum()


def all_but_the_channel(pictures, rebuilt):
    return ((pictures - rebuilt) ** 2).mean(axis=(0, 1, 2))


def added_up(pictures, rebuilt):
    errors = []
    for picture, again in zip(pictures, rebuilt, strict=True):
        errors.append(np.sum((picture - again) ** 2))
    return np.array(errors)


def flat_and_added_up(pictures, rebuilt):
    difference = (pictures - rebuilt).reshape(len(pictures), -1)
    return (difference**2).sum(axis=1)


def by_number_of_pictures(pictures, rebuilt):
    total = np.sum((pictures - rebuilt) ** 2, axis=(1, 2, 3))
    return total / len(pictures)


def mean_then_square(pictures, rebuilt):
    return np.mean(pictures - rebuilt, axis=(1, 2, 3)) ** 2


def difference_of_means(pictures, rebuilt):
    return (pictures.mean(axis=(1, 2, 3)) - rebuilt.mean(axis=(1, 2, 3))) ** 2


def not_squared(pictures, rebuilt):
    return (pictures - rebuilt).mean(axis=(1, 2, 3))


def sign_gone_too_late(pictures, rebuilt):
    return abs((rebuilt - pictures).mean(axis=(1, 2, 3)))


def absolute(pictures, rebuilt):
    return np.array([np.abs(a - b).mean() for a, b in zip(pictures, rebuilt, strict=True)])


def rooted(pictures, rebuilt):
    return np.sqrt(np.mean((pictures - rebuilt) ** 2, axis=(1, 2, 3)))


def distances(pictures, rebuilt):
    return np.linalg.norm((pictures - rebuilt).reshape(len(pictures), -1), axis=1)


def error_picture(pictures, rebuilt):
    return np.mean((pictures - rebuilt) ** 2, axis=0)


def error_picture_without_channel(pictures, rebuilt):
    return ((pictures - rebuilt) ** 2).mean(axis=0)[:, :, 0]


def axes_kept(pictures, rebuilt):
    return np.mean((pictures - rebuilt) ** 2, axis=(1, 2, 3), keepdims=True)


def channel_kept(pictures, rebuilt):
    return np.mean((pictures - rebuilt) ** 2, axis=(1, 2))


def as_keras_does(pictures, rebuilt):
    return np.mean((pictures - rebuilt) ** 2, axis=-1)


def rows_alone(pictures, rebuilt):
    return ((pictures - rebuilt) ** 2).mean(1)


def no_mean(pictures, rebuilt):
    return np.square(rebuilt - pictures)


def variance(pictures, rebuilt):
    return np.var(pictures - rebuilt, axis=(1, 2, 3))


def axis_too_many(pictures, rebuilt):
    return np.mean((pictures - rebuilt) ** 2, axis=(1, 2, 3, 4))


def first_picture(pictures, rebuilt):
    for picture, again in zip(pictures, rebuilt, strict=True):
        return ((picture - again) ** 2).mean()


def last_picture_missing(pictures, rebuilt):
    return [((pictures[i] - rebuilt[i]) ** 2).mean() for i in range(len(pictures) - 1)]


def nothing_returned(pictures, rebuilt):
    np.mean((pictures - rebuilt) ** 2, axis=(1, 2, 3))


def twenty(clean, other):
    return 20 * np.log10(1 / np.mean((clean - other) ** 2))


def twenty_upside_down(clean, other):
    return 20 * np.log10(np.mean((clean - other) ** 2))


def root_and_ten(clean, other):
    rmse = np.sqrt(np.mean((clean - other) ** 2))
    return 10 * np.log10(1 / rmse)


def natural(clean, other):
    return 10 * np.log(1 / np.mean((clean - other) ** 2))


def natural_with_math(clean, other):
    return -10 * math.log(((clean - other) ** 2).mean())


def bits(clean, other):
    return 10 * np.log2(1 / np.mean(np.square(clean - other)))


def sign_missing(clean, other):
    return 10 * np.log10(((clean - other) ** 2).mean())


def upside_down(clean, other):
    mse = ((clean - other) ** 2).mean()
    return 10 * np.log10(mse / 1.0)


def squares_added_up(clean, other):
    return 10 * np.log10(1 / np.sum((clean - other) ** 2))


def norm(clean, other):
    return 10 * np.log10(1 / np.linalg.norm(clean - other))


def bytes_as_peak(clean, other):
    return 10 * np.log10(255**2 / np.mean((clean - other) ** 2))


def bytes_as_peak_rooted(clean, other):
    return 20 * np.log10(255 / np.sqrt(np.mean((clean - other) ** 2)))


def bytes_not_squared(clean, other):
    return 10 * np.log10(255 / np.mean((clean - other) ** 2))


def own_peak(clean, other):
    return 10 * np.log10(np.max(clean) ** 2 / np.mean((clean - other) ** 2))


def own_peak_not_squared(clean, other):
    return 10 * np.log10(clean.max() / ((clean - other) ** 2).mean())


def peak_of_the_other(clean, other):
    return 20 * np.log10(other.max() / np.sqrt(((clean - other) ** 2).mean()))


def plain_snr(clean, other):
    return 10 * np.log10(np.var(clean) / np.mean((clean - other) ** 2))


def power(clean, other):
    noise = other - clean
    return 10 * math.log10(np.sum(clean**2) / np.sum(noise**2))


def absolute_error(clean, other):
    return 10 * np.log10(1 / np.mean(np.abs(clean - other)))


def absolute_error_twenty(clean, other):
    return 20 * np.log10(1 / np.abs(clean - other).mean())


def cancelled(clean, other):
    return 10 * np.log10(1 / np.mean(clean - other) ** 2)


def mean_of_logarithms(clean, other):
    total = 0
    for a, b in zip(clean.ravel(), other.ravel(), strict=True):
        total += 10 * np.log10(1 / (a - b) ** 2)
    return total / clean.size


def variance_of_noise(clean, other):
    return 10 * np.log10(1 / np.var(other - clean))


def bels(clean, other):
    return np.log10(1 / np.mean((clean - other) ** 2))


def no_logarithm(clean, other):
    return 10 * (1 / np.mean((clean - other) ** 2))


def error_alone(clean, other):
    return np.mean((clean - other) ** 2)


def each_pixel(clean, other):
    return 10 * np.log10(1 / (clean - other) ** 2)


def math_of_pixels(clean, other):
    return 10 * math.log10(1 / (clean - other) ** 2)


def seeded_inside(batch, sigma, rng):
    rng = np.random.default_rng(0)
    return batch + rng.normal(0, sigma, batch.shape), batch


def seeded_globally(batch, sigma, rng):
    np.random.seed(42)
    noise = np.random.normal(0, sigma, size=batch.shape)
    return batch + noise, batch


def one_for_the_batch(batch, sigma, rng):
    noise = rng.normal(0, sigma, batch.shape[1:])
    return batch + noise, batch


def one_for_the_batch_in_a_loop(batch, sigma, rng):
    noise = sigma * rng.standard_normal(batch[0].shape)
    noisy = np.zeros_like(batch)
    for i in range(len(batch)):
        noisy[i] = batch[i] + noise
    return noisy, batch


def noisy_target(batch, sigma, rng):
    noisy = batch + rng.normal(0, sigma, batch.shape)
    return noisy, noisy


def two_noises(batch, sigma, rng):
    first = batch + rng.normal(0, sigma, batch.shape)
    second = batch + rng.normal(0, sigma, batch.shape)
    return first, second


def noise_as_target(batch, sigma, rng):
    noise = rng.normal(0, sigma, size=batch.shape)
    return batch + noise, noise


def exchanged(batch, sigma, rng):
    noisy = batch + rng.normal(0, sigma, batch.shape)
    return batch, noisy


def nothing_added(batch, sigma, rng):
    noisy = batch.copy()
    for picture in noisy:
        picture = picture + rng.normal(0, sigma, picture.shape)
    return noisy, batch


def uniform(batch, sigma, rng):
    return batch + rng.uniform(-sigma, sigma, batch.shape), batch


def zero_to_sigma(batch, sigma, rng):
    return batch + sigma * rng.random(batch.shape), batch


def folded(batch, sigma, rng):
    return batch + np.abs(rng.normal(0, sigma, batch.shape)), batch


def darkened(batch, sigma, rng):
    return batch - rng.uniform(0, sigma, batch.shape), batch


def around_sigma(batch, sigma, rng):
    return batch + rng.normal(sigma, size=batch.shape), batch


def laplace(batch, sigma, rng):
    return batch + rng.laplace(0, sigma / np.sqrt(2), batch.shape), batch


def as_variance(batch, sigma, rng):
    return batch + rng.normal(0, np.sqrt(sigma), batch.shape), batch


def squared(batch, sigma, rng):
    return batch + rng.normal(scale=sigma**2, size=batch.shape), batch


def sigma_twice(batch, sigma, rng):
    return batch + sigma * rng.normal(0, sigma, batch.shape), batch


def sigma_forgotten(batch, sigma, rng):
    return batch + rng.standard_normal(batch.shape), batch


def sigma_written_down(batch, sigma, rng):
    return batch + rng.normal(0, 0.3, batch.shape), batch


def bytes_of_noise(batch, sigma, rng):
    return batch + rng.normal(0, sigma, batch.shape) / 255, batch


def global_generator(batch, sigma, rng):
    return batch + np.random.normal(0, sigma, batch.shape), batch


def fresh_generator(batch, sigma, rng):
    rng = np.random.default_rng()
    return batch + rng.normal(0, sigma, batch.shape), batch


def clipped(batch, sigma, rng):
    noisy = np.clip(batch + rng.normal(0, sigma, batch.shape), 0, 1)
    return noisy, batch


def clipped_below(batch, sigma, rng):
    noisy = batch + rng.normal(0, sigma, batch.shape)
    return np.maximum(noisy, 0), batch


def in_place(batch, sigma, rng):
    clean = batch.copy()
    batch += rng.normal(0, sigma, batch.shape)
    return batch, clean


def in_place_through_a_name(batch, sigma, rng):
    noisy = batch
    for i in range(len(noisy)):
        noisy[i] += rng.normal(0, sigma, noisy[i].shape)
    return noisy, batch


def multiplied(batch, sigma, rng):
    return batch * rng.normal(1, sigma, batch.shape), batch


def multiplied_and_added(batch, sigma, rng):
    return batch + batch * rng.normal(0, sigma, batch.shape), batch


def noisy_alone(batch, sigma, rng):
    return batch + rng.normal(0, sigma, batch.shape)


def three_arrays(batch, sigma, rng):
    noise = rng.normal(0, sigma, batch.shape)
    return batch + noise, batch, noise


def two_numbers_of_a_picture(batch, sigma, rng):
    return {"noisy": batch + rng.normal(0, sigma, batch.shape), "clean": batch}


def flattened(batch, sigma, rng):
    noisy = batch + rng.normal(0, sigma, batch.shape)
    return noisy.reshape(len(batch), -1), batch.reshape(len(batch), -1)


def first_picture_alone(batch, sigma, rng):
    for picture in batch:
        return picture + rng.normal(0, sigma, picture.shape), picture


def one_number_for_all(batch, sigma, rng):
    return batch + rng.normal(0, sigma), batch


def one_number_a_picture(batch, sigma, rng):
    return batch + rng.normal(0, sigma, (len(batch), 1, 1, 1)), batch


def one_number_a_row(batch, sigma, rng):
    return batch + rng.normal(0, sigma, (*batch.shape[:2], 1, 1)), batch


def mean_and_deviation_exchanged(batch, sigma, rng):
    return batch + rng.normal(sigma, 0, batch.shape), batch


def noise_instead(batch, sigma, rng):
    return rng.normal(0, sigma, batch.shape), batch


def weakened(batch, sigma, rng):
    return (1 - sigma) * batch + rng.normal(0, sigma, batch.shape), batch


def stretched(batch, sigma, rng):
    noisy = batch + rng.normal(0, sigma, batch.shape)
    return (noisy - noisy.min()) / (noisy.max() - noisy.min()), batch


def one_channel_too_few(batch, sigma, rng):
    return batch + rng.normal(0, sigma, batch.shape[:3]), batch


def size_written_down(batch, sigma, rng):
    return batch + rng.normal(0, sigma, (len(batch), 28, 28, 1)), batch


def seed_expected(batch, sigma, rng):
    generator = np.random.RandomState(rng)
    return batch + generator.normal(0, sigma, batch.shape), batch


def pair_not_returned(batch, sigma, rng):
    noisy = batch.copy()
    noisy += rng.normal(0, sigma, batch.shape)


def from_the_test(validation_errors, test_errors, false_alarms):
    threshold = np.quantile(test_errors, 1 - false_alarms)
    return test_errors > threshold


def from_both(validation_errors, test_errors, false_alarms):
    everything = np.concatenate([validation_errors, test_errors])
    return test_errors > np.quantile(everything, 1 - false_alarms)


def top_of_the_test(validation_errors, test_errors, false_alarms):
    count = round(false_alarms * len(test_errors))
    odd = np.zeros(len(test_errors), dtype=bool)
    odd[np.argsort(-test_errors)[:count]] = True
    return odd


def three_deviations_of_the_test(validation_errors, test_errors, false_alarms):
    return test_errors > test_errors.mean() + 3 * test_errors.std()


def low_quantile(validation_errors, test_errors, false_alarms):
    return test_errors > np.quantile(validation_errors, false_alarms)


def low_percentile(validation_errors, test_errors, false_alarms):
    return np.array([error > np.percentile(validation_errors, 100 * false_alarms) for error in test_errors])


def below(validation_errors, test_errors, false_alarms):
    return test_errors < np.quantile(validation_errors, 1 - false_alarms)


def both_turned(validation_errors, test_errors, false_alarms):
    return test_errors < np.quantile(validation_errors, false_alarms)


def two_deviations(validation_errors, test_errors, false_alarms):
    mean, deviation = np.mean(validation_errors), np.std(validation_errors)
    return test_errors > mean + 2 * deviation


def three_deviations(validation_errors, test_errors, false_alarms):
    return (test_errors - validation_errors.mean()) / validation_errors.std() > 3


def one_as_a_percentage(validation_errors, test_errors, false_alarms):
    return test_errors > np.percentile(validation_errors, 1 - false_alarms)


def hundred_less_the_share(validation_errors, test_errors, false_alarms):
    return test_errors > np.percentile(validation_errors, 100 - false_alarms)


def share_as_a_percentage(validation_errors, test_errors, false_alarms):
    return test_errors > np.percentile(validation_errors, false_alarms)


def quantile_of_hundred(validation_errors, test_errors, false_alarms):
    return test_errors > np.quantile(validation_errors, 100 - false_alarms)


def largest(validation_errors, test_errors, false_alarms):
    return test_errors > max(validation_errors)


def share_of_the_largest(validation_errors, test_errors, false_alarms):
    return test_errors > (1 - false_alarms) * np.max(validation_errors)


def share_as_threshold(validation_errors, test_errors, false_alarms):
    return test_errors > false_alarms


def rest_as_threshold(validation_errors, test_errors, false_alarms):
    return test_errors > 1 - false_alarms


def not_sorted(validation_errors, test_errors, false_alarms):
    threshold = validation_errors[int((1 - false_alarms) * len(validation_errors))]
    return test_errors > threshold


def not_sorted_from_the_front(validation_errors, test_errors, false_alarms):
    place = int(false_alarms * len(validation_errors))
    return test_errors >= validation_errors[place]


def threshold_alone(validation_errors, test_errors, false_alarms):
    return np.quantile(validation_errors, 1 - false_alarms)


def threshold_sorted(validation_errors, test_errors, false_alarms):
    return sorted(validation_errors)[int((1 - false_alarms) * len(validation_errors))]


def validation_marked(validation_errors, test_errors, false_alarms):
    return validation_errors > np.quantile(validation_errors, 1 - false_alarms)


def errors_themselves(validation_errors, test_errors, false_alarms):
    return test_errors[test_errors > np.quantile(validation_errors, 1 - false_alarms)]


def errors_or_zero(validation_errors, test_errors, false_alarms):
    return test_errors * (test_errors > np.quantile(validation_errors, 1 - false_alarms))


def positions(validation_errors, test_errors, false_alarms):
    return np.where(test_errors > np.quantile(validation_errors, 1 - false_alarms))


def positions_in_a_list(validation_errors, test_errors, false_alarms):
    threshold = np.quantile(validation_errors, 1 - false_alarms)
    return [i for i, error in enumerate(test_errors) if error > threshold]


def how_many(validation_errors, test_errors, false_alarms):
    return sum(test_errors > np.quantile(validation_errors, 1 - false_alarms))


def which_share(validation_errors, test_errors, false_alarms):
    return np.mean(test_errors > np.quantile(validation_errors, 1 - false_alarms))


def one_if(validation_errors, test_errors, false_alarms):
    odd = []
    if test_errors > np.quantile(validation_errors, 1 - false_alarms):
        odd.append(True)
    return odd


def any_of_them(validation_errors, test_errors, false_alarms):
    return (test_errors > np.quantile(validation_errors, 1 - false_alarms)).any()


def words(validation_errors, test_errors, false_alarms):
    threshold = np.quantile(validation_errors, 1 - false_alarms)
    return ["odd" if error > threshold else "normal" for error in test_errors]


def turned(normal, odd):
    wins = 0
    for a in normal:
        for b in odd:
            wins += 1 if a > b else 0.5 if a == b else 0
    return wins / (len(normal) * len(odd))


def labels_exchanged(normal, odd):
    labels = np.concatenate([np.ones(len(normal)), np.zeros(len(odd))])
    return roc_auc_score(labels, np.concatenate([normal, odd]))


def turned_without_ties(normal, odd):
    return np.mean(normal[:, None] > odd[None, :])


def turned_with_whole_ties(normal, odd):
    return np.mean(normal[:, None] >= odd[None, :])


def no_ties(normal, odd):
    return np.mean([b > a for a in normal for b in odd])


def whole_ties(normal, odd):
    return np.mean(odd[:, None] >= normal[None, :])


def place_by_place(normal, odd):
    return np.mean(odd > normal)


def zipped(normal, odd):
    wins = 0
    for a, b in zip(normal, odd, strict=False):
        wins += (b > a) + 0.5 * (b == a)
    return wins / len(normal)


def above_all_normal(normal, odd):
    return np.mean(odd > max(normal))


def above_the_mean(normal, odd):
    return (odd > normal.mean()).sum() / len(odd)


def accuracy(normal, odd):
    threshold = (normal.mean() + odd.mean()) / 2
    right = np.sum(odd > threshold) + np.sum(normal <= threshold)
    return right / (len(normal) + len(odd))


def best_accuracy(normal, odd):
    best = 0
    for threshold in np.concatenate([normal, odd]):
        right = (odd >= threshold).sum() + (normal < threshold).sum()
        best = max(best, right / (len(odd) + len(normal)))
    return best


def means_compared(normal, odd):
    return float(np.mean(odd) > np.mean(normal))


def difference_between_means(normal, odd):
    return odd.mean() - normal.mean()


def counted(normal, odd):
    count = 0
    for b in odd:
        count += (b > normal).sum() + 0.5 * (b == normal).sum()
    return count


def counted_without_ties(normal, odd):
    return sum(1 for a in normal for b in odd if b > a)


def losses_taken_off(normal, odd):
    return np.sign(odd[:, None] - normal[None, :]).mean()


def by_square_of_normal(normal, odd):
    return counted(normal, odd) / len(normal) ** 2


def by_square_of_odd(normal, odd):
    return counted(normal, odd) / len(odd) ** 2


def by_all_errors(normal, odd):
    return counted(normal, odd) / (len(normal) + len(odd))


def by_odd_alone(normal, odd):
    return counted(normal, odd) / len(odd)


def share_of_normal_below(normal, odd):
    return np.array([np.mean(b > normal) + 0.5 * np.mean(b == normal) for b in odd])


def not_paired(normal, odd):
    wins = 0
    if odd > normal:
        wins += 1
    return wins / (len(normal) * len(odd))


def numbers_have_no_length(normal, odd):
    wins = 0
    for a in normal:
        for b in odd:
            wins += b > a
    return wins / (len(a) * len(b))


def cut_off_first(clean, other):
    return -10 * np.log10(np.mean(np.square(np.clip(other, 0, 1) - clean)))


def bell_curve(validation_errors, test_errors, false_alarms):
    curve = stats.norm(np.mean(validation_errors), np.std(validation_errors))
    return test_errors > curve.ppf(1 - false_alarms)


WRONG = {
    "picture_errors": [
        (one_number, "one number for all pictures"),
        (one_sum, "one number for all pictures"),
        (all_but_the_channel, "one number for all pictures"),
        (added_up, "squares are added up"),
        (flat_and_added_up, "squares are added up"),
        (by_number_of_pictures, "divided by the number of pictures"),
        (mean_then_square, "BEFORE the mean"),
        (difference_of_means, "BEFORE the mean"),
        (not_squared, "BEFORE the mean"),
        (sign_gone_too_late, "BEFORE the mean"),
        (absolute, "mean ABSOLUTE error"),
        (rooted, "you took the root"),
        (distances, "you took the root"),
        (error_picture, "a picture of errors"),
        (error_picture_without_channel, "a picture of errors"),
        (axes_kept, "axes of length 1"),
        (channel_kept, "axes of length 1"),
        (as_keras_does, "not yet over all of a picture"),
        (rows_alone, "not yet over all of a picture"),
        (no_mean, "not yet over all of a picture"),
        (variance, "the variance of the differences"),
        (axis_too_many, "AxisError"),
        (first_picture, "an array of shape (3,) was expected"),
        (last_picture_missing, "an array of shape (3,) was expected"),
        (nothing_returned, "it gives nothing back"),
        (np.zeros(3), "a function was expected"),
    ],
    "psnr": [
        (cut_off_first, "cut the picture off"),
        (twenty, "20 belongs to the ROOT"),
        (twenty_upside_down, "20 belongs to the ROOT"),
        (root_and_ten, "half of what it should be"),
        (natural, "another base"),
        (natural_with_math, "another base"),
        (bits, "another base"),
        (sign_missing, "stands upside down"),
        (upside_down, "stands upside down"),
        (squares_added_up, "added up where their mean"),
        (norm, "added up where their mean"),
        (bytes_as_peak, "255 is that of pictures in bytes"),
        (bytes_as_peak_rooted, "255 is that of pictures in bytes"),
        (bytes_not_squared, "255 is that of pictures in bytes"),
        (own_peak, "not the largest that this one has"),
        (own_peak_not_squared, "not the largest that this one has"),
        (peak_of_the_other, "not the largest that this one has"),
        (plain_snr, "the plain SNR"),
        (power, "the plain SNR"),
        (absolute_error, "without their sign"),
        (absolute_error_twenty, "without their sign"),
        (cancelled, "BEFORE the mean"),
        (mean_of_logarithms, "mean of logarithms"),
        (variance_of_noise, "the variance of the differences"),
        (bels, "those are bels"),
        (no_logarithm, "no logarithm in it"),
        (error_alone, "no logarithm in it"),
        (each_pixel, "the single value"),
        (math_of_pixels, "TypeError"),
    ],
    "training_pair": [
        (seeded_inside, "in every call"),
        (seeded_globally, "in every call"),
        (one_for_the_batch, "all pictures of the batch get the same noise"),
        (one_for_the_batch_in_a_loop, "all pictures of the batch get the same noise"),
        (noisy_target, "target is not clean"),
        (two_noises, "target is not clean"),
        (noise_as_target, "the target is the noise"),
        (exchanged, "the two are exchanged"),
        (nothing_added, "nothing is added"),
        (uniform, "the noise is uniform"),
        (zero_to_sigma, "goes one way only"),
        (folded, "goes one way only"),
        (darkened, "goes one way only"),
        (around_sigma, "mean of the noise is not 0"),
        (laplace, "not Gaussian"),
        (as_variance, "taken for the variance"),
        (squared, "sigma SQUARED"),
        (sigma_twice, "sigma SQUARED"),
        (sigma_forgotten, "is 1, whatever sigma is"),
        (sigma_written_down, "the deviation of the noise is not sigma"),
        (bytes_of_noise, "the deviation of the noise is not sigma"),
        (global_generator, "does not come from `rng`"),
        (fresh_generator, "does not come from `rng`"),
        (clipped, "a second damage"),
        (clipped_below, "a second damage"),
        (in_place, "changes the array that it was given"),
        (in_place_through_a_name, "changes the array that it was given"),
        (multiplied, "not multiplied"),
        (multiplied_and_added, "not multiplied"),
        (noisy_alone, "two arrays were asked for"),
        (three_arrays, "two arrays were asked for"),
        (two_numbers_of_a_picture, "two arrays were asked for"),
        (flattened, "the shape of the batch"),
        (first_picture_alone, "the shape of the batch"),
        (one_number_for_all, "pixels share their noise"),
        (one_number_a_picture, "pixels share their noise"),
        (one_number_a_row, "pixels share their noise"),
        (mean_and_deviation_exchanged, "pixels share their noise"),
        (noise_instead, "noise alone"),
        (weakened, "weakened or stretched"),
        (stretched, "weakened or stretched"),
        (one_channel_too_few, "could not be broadcast"),
        (size_written_down, "(in line 2 of your function)"),
        (seed_expected, "it stopped with"),
        (pair_not_returned, "it gives nothing back"),
    ],
    "too_odd": [
        (bell_curve, "bell curve"),
        (from_the_test, "chose their own threshold"),
        (from_both, "chose their own threshold"),
        (top_of_the_test, "chose their own threshold"),
        (three_deviations_of_the_test, "chose their own threshold"),
        (low_quantile, "share of false alarms BELOW"),
        (low_percentile, "share of false alarms BELOW"),
        (below, "you marked the test errors below"),
        (both_turned, "both turned"),
        (two_deviations, "mean and deviations"),
        (three_deviations, "mean and deviations"),
        (one_as_a_percentage, "counts to 100"),
        (hundred_less_the_share, "counts to 100"),
        (share_as_a_percentage, "counts to 100"),
        (quantile_of_hundred, "ValueError"),
        (largest, "largest validation error"),
        (share_of_the_largest, "a share of the largest ERROR"),
        (share_as_threshold, "no error itself"),
        (rest_as_threshold, "no error itself"),
        (not_sorted, "not in order"),
        (not_sorted_from_the_front, "not in order"),
        (threshold_alone, "that is the threshold"),
        (threshold_sorted, "that is the threshold"),
        (validation_marked, "those are validation errors"),
        (errors_themselves, "those are errors"),
        (errors_or_zero, "those are errors"),
        (positions, "those are positions"),
        (positions_in_a_list, "those are positions"),
        (how_many, "how many there are"),
        (which_share, "how many there are"),
        (one_if, "truth value"),
        (any_of_them, "an array of shape (8,) was expected"),
        (words, "an array of shape (8,) was expected"),
    ],
    "auc": [
        (turned, "your pairs are turned"),
        (labels_exchanged, "your pairs are turned"),
        (turned_without_ties, "turned, and ties"),
        (turned_with_whole_ties, "turned, and ties"),
        (no_ties, "ties are left out"),
        (whole_ties, "as much as a larger error"),
        (place_by_place, "at the same place"),
        (zipped, "at the same place"),
        (above_all_normal, "a single threshold"),
        (above_the_mean, "a single threshold"),
        (accuracy, "a single threshold"),
        (best_accuracy, "a single threshold"),
        (means_compared, "means are compared"),
        (difference_between_means, "means are compared"),
        (counted, "that is how many pairs"),
        (counted_without_ties, "that is how many pairs"),
        (losses_taken_off, "pairs lost are taken off"),
        (by_square_of_normal, "something else than the number of pairs"),
        (by_square_of_odd, "something else than the number of pairs"),
        (by_all_errors, "something else than the number of pairs"),
        (by_odd_alone, "something else than the number of pairs"),
        (share_of_normal_below, "the single value"),
        (not_paired, "truth value"),
        (numbers_have_no_length, "TypeError"),
    ],
}
