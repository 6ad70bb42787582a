"""Answers to the exercises of week 10b."""

import copy
from functools import partial
from statistics import NormalDist

import numpy as np

from .judge import CORRECT, Mistake, alike, judge

_PIXELS = (1, 2, 3)  # the axes of a batch that belong to one picture


def picture_errors(answer):
    """The mean squared error of each picture."""

    def squares(p, r):
        return (p - r) ** 2

    first = np.array([[[0.2, 0.9], [0.4, 0.0]], [[1.0, 0.5], [0.3, 0.6]], [[0.1, 0.0], [0.8, 0.7]]])[..., None]
    again = np.array([[[0.1, 0.9], [0.6, 0.1]], [[0.7, 0.5], [0.3, 0.2]], [[0.1, 0.1], [0.8, 0.8]]])[..., None]
    return judge(
        answer,
        reference=lambda p, r: squares(p, r).mean(axis=_PIXELS),
        # In the second no two axes are of one length; in both some differences are above and some below 0.
        cases=[(first, again), tuple(np.random.default_rng(10).random((2, 4, 5, 3, 1)))],
        mistakes=[
            *alike("that is one number for all pictures together: each picture should have its own.",
                   lambda p, r: squares(p, r).mean(), lambda p, r: squares(p, r).sum(),
                   lambda p, r: squares(p, r).mean(axis=(0, 1, 2))),
            Mistake("the squares are added up, and their mean was asked for.",
                    lambda p, r: squares(p, r).sum(axis=_PIXELS)),
            Mistake("you divided by the number of pictures: the mean is over the pixels of one.",
                    lambda p, r: squares(p, r).sum(axis=_PIXELS) / len(p)),
            *alike("differences above and below 0 cancel: each is squared BEFORE the mean is taken.",
                   lambda p, r: (p - r).mean(axis=_PIXELS) ** 2, lambda p, r: (p - r).mean(axis=_PIXELS),
                   lambda p, r: np.abs((p - r).mean(axis=_PIXELS)), lambda p, r: (r - p).mean(axis=_PIXELS)),
            Mistake("that is the mean ABSOLUTE error: the differences are not squared.",
                    lambda p, r: np.abs(p - r).mean(axis=_PIXELS)),
            *alike("you took the root in the end: that is another measure.",
                   lambda p, r: np.sqrt(squares(p, r).mean(axis=_PIXELS)),
                   lambda p, r: np.sqrt(squares(p, r).sum(axis=_PIXELS))),
            *alike("that is a picture of errors: the mean went over the pictures, the first axis, instead of pixels.",
                   lambda p, r: squares(p, r).mean(axis=0), lambda p, r: squares(p, r).mean(axis=(0, 3))),
            *alike("right numbers, but axes of length 1 are left: one axis, that of the pictures, was asked for.",
                   lambda p, r: squares(p, r).mean(axis=_PIXELS, keepdims=True),
                   lambda p, r: squares(p, r).mean(axis=(1, 2))),
            *alike("the mean is not yet over all of a picture: rows, columns and channel all belong to it.",
                   lambda p, r: squares(p, r).mean(axis=-1), lambda p, r: squares(p, r).mean(axis=1),
                   lambda p, r: squares(p, r).mean(axis=2), lambda p, r: squares(p, r).mean(axis=(1, 3)),
                   lambda p, r: squares(p, r).mean(axis=(2, 3)), squares),
            Mistake("that is the variance of the differences: a picture too bright all over would seem perfect.",
                    lambda p, r: (p - r).var(axis=_PIXELS)),
        ],
        praise="a mean over all pictures would hide the one that was rebuilt badly.",
        tolerance=1e-5,  # as near as an answer of type float32 comes
    )  # fmt: skip


def psnr(answer):
    """Peak signal-to-noise ratio in decibels."""

    def mse(c, o):
        return ((c - o) ** 2).mean()

    def decibels(ratio):
        return 10 * np.log10(ratio)

    rng = np.random.default_rng(10)
    soft = rng.uniform(0.1, 0.7, (5, 4, 1)).round(2)
    noisy = soft + rng.normal(0.02, 0.3, soft.shape)  # not clipped: some of it lies outside 0 to 1
    return judge(
        answer,
        reference=lambda c, o: decibels(1 / mse(c, o)),
        # No maximum is 1, no two pixels are equal, and the differences do not add up to 0.
        cases=[
            (np.array([[0.2, 0.8], [0.5, 0.9]])[..., None], np.array([[0.3, 0.6], [0.4, 0.8]])[..., None]),
            (soft, noisy),
        ],
        mistakes=[
            *alike("20 belongs to the ROOT of the mean squared error: the ratio of the squares takes 10.",
                   lambda c, o: 2 * decibels(1 / mse(c, o)), lambda c, o: -2 * decibels(1 / mse(c, o))),
            *alike("the root belongs to a factor of 20, not of 10: that is half of what it should be.",
                   lambda c, o: decibels(1 / np.sqrt(mse(c, o))), lambda c, o: -decibels(1 / np.sqrt(mse(c, o)))),
            *alike("decibels are made with the logarithm to the base of 10, and yours has another base.",
                   lambda c, o: 10 * np.log(1 / mse(c, o)), lambda c, o: 10 * np.log2(1 / mse(c, o)),
                   lambda c, o: 10 * np.log(mse(c, o))),
            Mistake("your ratio stands upside down, or its sign is missing: less error should mean MORE decibels.",
                    lambda c, o: decibels(mse(c, o))),
            *alike("the squared errors are added up where their mean is needed.",
                   lambda c, o: decibels(1 / ((c - o) ** 2).sum()), lambda c, o: decibels(1 / np.linalg.norm(c - o))),
            *alike("the peak of these pictures is 1: 255 is that of pictures in bytes.",
                   lambda c, o: decibels(255**2 / mse(c, o)), lambda c, o: decibels(255 / mse(c, o))),
            *alike("the peak is the largest value that a picture may have, 1, not the largest that this one has.",
                   lambda c, o: decibels(c.max() ** 2 / mse(c, o)), lambda c, o: decibels(c.max() / mse(c, o)),
                   lambda c, o: decibels(o.max() ** 2 / mse(c, o)), lambda c, o: decibels(o.max() / mse(c, o)),
                   lambda c, o: decibels(np.ptp(c) ** 2 / mse(c, o))),
            *alike("that compares the error with the picture's own strength, not with the peak: it is the plain SNR.",
                   lambda c, o: decibels(c.var() / mse(c, o)), lambda c, o: decibels((c**2).mean() / mse(c, o)),
                   lambda c, o: decibels(c.mean() / mse(c, o)), lambda c, o: decibels(c.var() / (c - o).var())),
            *alike("the errors are taken without their sign where they should be squared.",
                   lambda c, o: decibels(1 / np.abs(c - o).mean()),
                   lambda c, o: 2 * decibels(1 / np.abs(c - o).mean())),
            Mistake("differences above and below 0 cancel: each is squared BEFORE the mean is taken.",
                    lambda c, o: decibels(1 / (c - o).mean() ** 2)),
            Mistake("you took the mean of logarithms, where the logarithm of the mean is asked for.",
                    lambda c, o: decibels(1 / (c - o) ** 2).mean()),
            Mistake("that is the variance of the differences: a picture too bright all over would seem perfect.",
                    lambda c, o: decibels(1 / (c - o).var())),
            Mistake("you cut the picture off at 0 and 1 first: what lies beyond is an error, too.",
                    lambda c, o: decibels(1 / mse(c, np.clip(o, 0, 1)))),
            *alike("those are bels: a decibel is a tenth of one.",
                   lambda c, o: np.log10(1 / mse(c, o)), lambda c, o: np.log10(mse(c, o))),
            *alike("there is no logarithm in it, and decibels need one.",
                   mse, lambda c, o: 1 / mse(c, o), lambda c, o: 10 / mse(c, o)),
        ],
        praise="where the root of the error is halved, there are 6 decibels more.",
        tolerance=1e-4,  # a little added to the error, against a division by 0, is no mistake
    )  # fmt: skip


_RIGHT = "the batch with noise, and the batch"

# What may be amiss with a training pair, and what to say; what is looked for first comes first.
_AMISS = {
    "not two arrays": "two arrays were asked for: the pictures with noise, and the batch as it was.",
    "other shapes": "both arrays should have the shape of the batch.",
    "the batch twice": "nothing is added: the network would see clean pictures.",
    "the batch, and the batch with noise": "the two are exchanged: the input, which is noisy, comes first.",
    "the batch with noise, and the noise": "the target is the noise: the clean pictures should be.",
    "a target that is not the batch": "the target is not clean: the network should learn to give the batch as it was.",
    "no noise on black": "black pixels stay black: noise is added to a picture, not multiplied with it.",
    "clipped noise": "values are clipped: that is a second damage, and the rivals were measured without it.",
    "one noise for all pictures": "all pictures of the batch get the same noise: each should have its own.",
    "pixels with the same noise": "pixels share their noise: each should have a random number of its own.",
    "the same noise twice": "the same noise comes in every call: a generator made anew from a seed begins again.",
    "noise not from rng": "the noise does not come from `rng`: two generators with the same seed should give the same.",
    "noise alone": "the input is noise alone: the pictures are no longer in it.",
    "faint pictures with noise": "the pictures were weakened or stretched: noise is added to them as they are.",
    "noise of one sign": "the noise goes one way only: Gaussian noise makes as many pixels darker as brighter.",
    "noise with a mean": "the mean of the noise is not 0: as a whole it makes pictures brighter or darker.",
    "uniform noise": "the noise is uniform, up to a limit: Gaussian noise is mostly small and has no limit.",
    "noise that is not Gaussian": "the noise is not Gaussian: too many of its values are small or large.",
    "noise of deviation sigma ** 2": "the noise is too weak: its deviation is sigma SQUARED.",
    "noise of variance sigma": "sigma is taken for the variance: the deviation of your noise is the root of sigma.",
    "noise of deviation 1": "the deviation of the noise is 1, whatever sigma is.",
    "noise of another deviation": "the deviation of the noise is not sigma.",
}


def _pair(answer, batch, sigma, rng):
    """Call an answer three times, twice with one generator, and say in words of `_AMISS` what comes back."""
    before, again = batch.copy(), copy.deepcopy(rng)
    pairs = []
    for generator in (rng, rng, again):
        pair = answer(batch, sigma, generator)
        if pair is None or not np.array_equal(batch, before):
            return None  # `judge` has words for both
        try:
            pairs.append([np.asarray(part, float) for part in pair])
        except (TypeError, ValueError):
            return "not two arrays"
        if len(pairs[-1]) != 2:
            return "not two arrays"
        if any(part.shape != batch.shape for part in pairs[-1]):
            return "other shapes"
    inputs, targets = np.stack(pairs, axis=1)
    with np.errstate(all="ignore"):
        return next((words for words, so in _symptoms(inputs, targets, batch, sigma).items() if so), _RIGHT)


def _symptoms(inputs, targets, batch, sigma):
    noise = inputs - batch
    close = partial(np.allclose, rtol=0, atol=1e-5)  # as near as pictures of type float32 come
    clean_input, clean_target = close(noise, 0), close(targets, batch)
    different = np.unique((noise[0] / np.abs(noise[0]).max()).round(5)).size / noise[0].size
    of_first = np.broadcast_to(noise[0, :1], batch.shape)
    own_pixels = not close(noise[0], noise[0].mean(axis=_PIXELS, keepdims=True))
    share = np.cov(inputs[0].ravel(), batch.ravel())[0, 1] / batch.var(ddof=1)  # of the picture that is in the input
    mean, deviation = noise[:2].mean(), noise[:2].std()
    peaked = (((noise[:2] - mean) / deviation) ** 4).mean()  # 1.8 for uniform and 3 for Gaussian noise

    def deviates_by(value):
        return abs(deviation / value - 1) < 0.1

    return {
        "the batch twice": clean_input and clean_target,
        "the batch, and the batch with noise": clean_input,
        "the batch with noise, and the noise": close(targets, noise),
        "a target that is not the batch": not clean_target,
        "no noise on black": close(noise[:, batch == 0], 0),
        "clipped noise": max((inputs == 0).mean(), (inputs == 1).mean()) > 0.02,
        "one noise for all pictures": close(noise[0], of_first) and own_pixels,
        "pixels with the same noise": different < 0.6,
        "the same noise twice": close(noise[0], noise[1]),
        "noise not from rng": not close(noise[0], noise[2]),
        "noise alone": share < 0.3,
        "faint pictures with noise": not 0.8 < share < 1.2,
        "noise of one sign": noise.min() > -1e-5 or noise.max() < 1e-5,
        "noise with a mean": not abs(mean) < 0.1 * deviation,
        "uniform noise": 1.6 < peaked < 2.1,
        "noise that is not Gaussian": not 2.6 < peaked < 3.5,
        "noise of deviation sigma ** 2": deviates_by(sigma**2),
        "noise of variance sigma": deviates_by(np.sqrt(sigma)),
        "noise of deviation 1": deviates_by(1),
        "noise of another deviation": not deviates_by(sigma),
    }


def training_pair(answer):
    """What a denoising autoencoder learns from: a batch with noise, and as it was."""
    watched = answer
    if callable(answer):
        watched = partial(_pair, answer)
        watched.__code__ = getattr(answer, "__code__", None)  # for `judge` to name the line that stopped
    rng = np.random.default_rng(10)
    mistakes = [Mistake(hint, lambda *case, words=words: words) for words, hint in _AMISS.items()]
    # Two sizes, two types and two deviations, one after another: an answer may be right for one of them alone.
    for shape, kind, sigma in (((8, 28, 28, 1), float, 0.3), ((5, 40, 36, 1), np.float32, 0.12)):
        batch = rng.normal(0.3, 0.5, shape).clip(0, 1).astype(kind)  # much of it black and some of it white
        outcome = judge(
            watched,
            reference=lambda *case: _RIGHT,
            cases=[(batch, sigma, np.random.default_rng(7))],
            mistakes=mistakes,
            praise="no picture comes twice with the same noise, so there is none to learn by heart.",
        )
        if outcome.state != CORRECT:
            break
    return outcome


def too_odd(answer):
    """Which pictures are rebuilt worse than normal ones."""

    def above(threshold):
        return lambda v, t, f: t > threshold(v, t, f)

    def limit(v, t, f):
        return np.quantile(v, 1 - f)

    def flagged(v, t, f):
        return t > limit(v, t, f)

    def deviations(count):
        return above(lambda v, t, f: v.mean() + count * v.std())

    # No test error lies between the two validation errors that a threshold may be between, so that it is all one
    # how a quantile is interpolated, and whether > or >= is asked.
    some = np.array([0.03, 0.01, 0.04, 0.08, 0.02, 0.09, 0.05, 0.1, 0.07, 0.06])
    seen = np.array([0.095, 0.025, 0.12, 0.005, 0.3, 0.075, 0.9, 0.045])
    rng = np.random.default_rng(10)
    many = rng.permutation(np.concatenate([np.linspace(1, 3, 44), [3.1, 3.2, 3.5, 4, 5, 10]])) / 100
    tests = np.array([0.5, 9.4, 1.01, 2.8, 3.7, 12, 1.1, 4.5, 5.8, 1.5, 8, 2.2, 9.9, 9.6, 14, 60, 3.9]) / 100
    even = rng.permutation(np.arange(1, 21)) / 20
    half = np.array([0.93, 0.12, 0.63, 0.78, 0.28, 0.32, 1.07, 0.43, 0.83, 0.03, 0.58])
    return judge(
        answer,
        reference=flagged,
        cases=[(some, seen, 0.2), (many, tests, 0.1), (even, half, 0.3)],
        mistakes=[
            *alike("the test errors chose their own threshold: it may come from the validation errors alone.",
                   above(lambda v, t, f: np.quantile(t, 1 - f)),
                   above(lambda v, t, f: np.quantile(np.concatenate([v, t]), 1 - f)),
                   above(lambda v, t, f: t.mean() + 2 * t.std()), above(lambda v, t, f: t.mean() + 3 * t.std()),
                   above(lambda v, t, f: np.quantile(t, f)),
                   lambda v, t, f: np.isin(np.arange(len(t)), np.argsort(t)[len(t) - round(f * len(t)):])),
            Mistake("your threshold has the share of false alarms BELOW it: it should be above.",
                    above(lambda v, t, f: np.quantile(v, f))),
            Mistake("you marked the test errors below the threshold: odd are those above it.",
                    lambda *given: ~flagged(*given)),
            Mistake("share of false alarms and side are both turned: that marks the pictures rebuilt best.",
                    lambda v, t, f: t < np.quantile(v, f)),
            *alike("mean and deviations do not tell how many errors lie above, and the share asked for is not used.",
                   *[deviations(count) for count in (1, 2, 3)]),
            *alike("np.percentile counts to 100 and np.quantile to 1: the two are mixed up.",
                   above(lambda v, t, f: np.percentile(v, 1 - f)), above(lambda v, t, f: np.percentile(v, 100 - f)),
                   above(lambda v, t, f: np.percentile(v, f))),
            Mistake("a bell curve of the same mean and deviation sets that threshold, and errors need not follow one.",
                    above(lambda v, t, f: v.mean() + NormalDist().inv_cdf(1 - f) * v.std())),
            Mistake("your threshold is the largest validation error: then no share of them is above it.",
                    above(lambda v, t, f: v.max())),
            Mistake("that is a share of the largest ERROR, while the share is one of pictures.",
                    above(lambda v, t, f: (1 - f) * v.max())),
            *alike("the share of false alarms is no error itself: it tells how many errors are to lie above.",
                   above(lambda v, t, f: f), above(lambda v, t, f: 1 - f)),
            *alike("the validation errors are not in order: that place in the array says nothing of size.",
                   above(lambda v, t, f: v[int((1 - f) * len(v))]), above(lambda v, t, f: v[int(f * len(v))])),
            *alike("that is the threshold: which test errors lie above it?",
                   limit, lambda v, t, f: np.quantile(v, 1 - f, method="higher"),
                   lambda v, t, f: np.quantile(v, 1 - f, method="lower")),
            Mistake("those are validation errors: with the threshold found, the TEST errors are compared.",
                    lambda v, t, f: v > limit(v, t, f)),
            *alike("those are errors: a yes or no for each was asked for.",
                   lambda *given: given[1][flagged(*given)], lambda *given: np.where(flagged(*given), given[1], 0)),
            *alike("those are positions: a yes or no for each test error was asked for.",
                   lambda *given: np.where(flagged(*given)), lambda *given: np.flatnonzero(flagged(*given)),
                   lambda *given: np.argwhere(flagged(*given))),
            *alike("that is how many there are: which ones?",
                   lambda *given: flagged(*given).sum(), lambda *given: flagged(*given).mean()),
        ],
        praise="no odd picture was needed to find the threshold.",
    )  # fmt: skip


def auc(answer):
    """Area under the ROC curve, counted in pairs."""

    def ahead(n, o):
        return o[:, None] > n

    def level(n, o):
        return o[:, None] == n

    def wins(n, o):
        return ahead(n, o).sum() + level(n, o).sum() / 2

    def reference(n, o):
        return wins(n, o) / (len(n) * len(o))

    def zipped(way):
        return lambda n, o: np.mean([way(a, b) for a, b in zip(n, o, strict=False)])

    def accuracy(threshold):
        return lambda n, o: ((o > threshold(n, o)).sum() + (n <= threshold(n, o)).sum()) / (len(n) + len(o))

    def best(n, o):
        every = np.concatenate([n, o])
        return max(((o >= t).sum() + (n < t).sum()) / len(every) for t in every)

    mistakes = [
        Mistake("your pairs are turned: it counts where the ODD one has the larger error.",
                lambda n, o: reference(o, n)),
        Mistake("ties are left out, and each counts half.", lambda n, o: ahead(n, o).mean()),
        Mistake("ties count as much as a larger error, and each should count half.",
                lambda n, o: (ahead(n, o) | level(n, o)).mean()),
        *alike("your pairs are turned, and ties should count half.",
               lambda n, o: ahead(o, n).mean(), lambda n, o: (ahead(o, n) | level(o, n)).mean()),
        *alike("only errors at the same place are compared: EVERY odd one meets every normal one.",
               zipped(lambda a, b: b > a), zipped(lambda a, b: b >= a), zipped(lambda a, b: (b > a) + (b == a) / 2)),
        *alike("that is right for a single threshold: the area is of all of them.",
               lambda n, o: (o > n.max()).mean(), lambda n, o: (o > n.mean()).mean(),
               lambda n, o: (o > np.median(n)).mean(), accuracy(lambda n, o: (n.mean() + o.mean()) / 2),
               accuracy(lambda n, o: np.concatenate([n, o]).mean()), accuracy(lambda n, o: n.mean()),
               accuracy(lambda n, o: np.median(np.concatenate([n, o]))), accuracy(lambda n, o: n.max()), best),
        *alike("means are compared, and two numbers say little of how far the errors overlap: take every pair.",
               lambda n, o: o.mean() - n.mean(), lambda n, o: n.mean() < o.mean(),
               lambda n, o: o.mean() / (n.mean() + o.mean())),
        *alike("that is how many pairs: their share was asked for.",
               wins, lambda n, o: ahead(n, o).sum(), lambda n, o: (ahead(n, o) | level(n, o)).sum()),
        Mistake("pairs lost are taken off again: they should count 0.", lambda n, o: 2 * reference(n, o) - 1),
        *alike("the pairs are counted well, but divided by something else than the number of pairs.",
               lambda n, o: wins(n, o) / len(n) ** 2, lambda n, o: wins(n, o) / len(o) ** 2,
               lambda n, o: wins(n, o) / (len(n) + len(o)) ** 2, lambda n, o: wins(n, o) / len(n),
               lambda n, o: wins(n, o) / len(o), lambda n, o: wins(n, o) / (len(n) + len(o))),
    ]  # fmt: skip
    rng = np.random.default_rng(10)
    level_ones = rng.integers(1, 12, 11) / 100, rng.integers(4, 16, 11) / 100
    more, fewer = rng.integers(1, 12, 14) / 100, rng.integers(4, 16, 6) / 100
    # As many of both first: else errors compared place by place would stop with NumPy's words about shapes.
    few = np.array([0.5, 0.1, 0.2, 0.3]), np.array([0.4, 0.6, 0.9, 0.3])
    for cases in (
        [few, level_ones, level_ones[::-1]],
        [(more, fewer), (fewer, more), (np.array([0.1]), np.array([0.3, 0.1, 0.05]))],
    ):
        outcome = judge(
            answer,
            reference,
            cases,
            mistakes,
            praise="chance gives 0.5, a clean parting gives 1, and no threshold had to be chosen.",
        )
        if outcome.state != CORRECT:
            break
    return outcome
