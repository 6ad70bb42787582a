"""Week 10b: the checks of its exercises, and what this lesson alone needs."""

import copy

import numpy as np

from ..data import letters, record
from ..judge import Check, Remark


def letter_images(count: int, rng: np.random.Generator) -> np.ndarray:
    """Printed letters (count, 28, 28, 1), centred and 20 pixels large as the digits are; no I, l and O."""
    usable = [number for number, letter in enumerate(letters.CLASSES) if letter not in "IlO"]
    images = np.zeros((count, 28, 28, 1), np.float32)
    for image, drawn in zip(images, letters.shapes(rng.choice(usable, count), letters.FONTS["test"], rng), strict=True):
        rows, columns = (np.flatnonzero(drawn.max(axis=axis) > 0.2) for axis in (1, 0))
        drawn = drawn[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1, None]
        height, width = (max(1, round(20 * side / max(drawn.shape))) for side in drawn.shape[:2])
        top, left = (28 - height) // 2, (28 - width) // 2
        image[top : top + height, left : left + width] = record.resized(drawn, height, width).clip(0, 1)
    return images


def linear_fill(train: np.ndarray, images: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Images (n, 28, 28, 1) whose missing pixels are the best linear guess from the known ones.

    The guess needs only the mean of each pixel and the covariances of all pairs, both from training images.
    """
    flat, filled = train.reshape(len(train), -1), images.reshape(len(images), -1).copy()
    mean, covariance = flat.mean(axis=0), np.cov(flat.T) + 3e-4 * np.eye(flat.shape[1])
    for image, seen in zip(filled, known.reshape(filled.shape), strict=True):
        weights = np.linalg.solve(covariance[np.ix_(seen, seen)], image[seen] - mean[seen])
        image[~seen] = mean[~seen] + covariance[np.ix_(~seen, seen)] @ weights
    return filled.reshape(images.shape).clip(0, 1)


def _psnr(clean, image, *, peak=lambda clean: 1, power=np.square, summary=np.mean):
    """Peak signal-to-noise ratio of `image` in decibels; `clean` has the same shape, and white is 1."""
    return 10 * np.log10(peak(clean) / summary(power(clean - image)))


_SOFT = np.random.default_rng(10).uniform(0.1, 0.7, (5, 4, 1)).round(2)
_MORE_NOISE = np.random.default_rng(11).normal(0.02, 0.3, _SOFT.shape)  # leads some pixels below 0 or above 1

psnr = Check(
    _psnr,
    # No maximum is 1, no two pixels are equal, and the differences do not cancel.
    cases=[
        (np.array([[0.2, 0.8], [0.5, 0.9]])[..., None], np.array([[0.3, 0.6], [0.4, 0.8]])[..., None]),
        (_SOFT, _SOFT + _MORE_NOISE),
    ],
    mistakes={
        "the peak is the largest value that a pixel may have. Here that is 1: not 255, nor the maximum of an image.": [
            {"peak": lambda clean: 255**2},
            {"peak": lambda clean: clean.max() ** 2},
            lambda clean, image: 10 * np.log10(image.max() ** 2 / np.mean((clean - image) ** 2)),
        ],
        "the squared errors need one mean, not a sum, before one logarithm.": [
            {"summary": np.sum},
            {"summary": lambda errors: np.sum(errors) / 784},
            lambda clean, image: np.mean(10 * np.log10(1 / (clean - image) ** 2)),
        ],
        "that uses the absolute errors. They should be squared.": {"power": np.abs},
        "errors above and below 0 cancel. Square them first.": [
            lambda clean, image: -20 * np.log10(abs(np.mean(clean - image))),
            lambda clean, image: -10 * np.log10(np.mean(clean - image)),
        ],
        "you clip the image. Compare it as it is.": lambda clean, image: _psnr(clean, image.clip(0, 1)),
        "decibels are ten times the logarithm to base 10. Yours has another base, or there is no logarithm.": [
            lambda clean, image: 10 * np.log(1 / np.mean((clean - image) ** 2)),
            lambda clean, image: 1 / np.mean((clean - image) ** 2),
            lambda clean, image: 10 / np.mean((clean - image) ** 2),
            lambda clean, image: np.mean((clean - image) ** 2),
        ],
    },
    praise="half the MSE gives 3 decibels more.",
    tolerance=1e-4,  # a little added to the error, against a division by 0, is no mistake
)


def _training_pair(batch, sigma, rng):
    """Two arrays: the batch plus Gaussian noise of standard deviation `sigma` from `rng`, and the batch itself."""
    return batch + rng.normal(0, sigma, batch.shape), batch


def _remarked(answer):
    """Random numbers cannot be compared: say what is wrong with the pairs."""

    def remark(batch, sigma, rng):
        same_seed = copy.deepcopy(rng)
        pairs = [answer(batch, sigma, generator) for generator in (rng, rng, same_seed)]
        if any(not isinstance(pair, tuple | list) or list(map(np.shape, pair)) != 2 * [batch.shape] for pair in pairs):
            raise Remark(
                f"two arrays of shape {batch.shape} are expected: the images with noise, then the batch itself."
            )
        inputs, targets = np.array(pairs, float).swapaxes(0, 1)
        noise, of_next_call, of_same_seed = inputs - batch
        mean, deviation = noise.mean(), noise.std()
        problems = {
            "the first array, the input, should have noise. The second, the target, should be the clean batch.": (
                not np.allclose(targets, batch, atol=1e-5) or not noise.any()
            ),
            "pixels share their noise. Each pixel of each image should have a random number of its own.": (
                len(np.unique(noise.round(6))) < 0.6 * noise.size
            ),
            "the noise does not come from `rng`: a generator of your own repeats itself, or cannot be repeated.": (
                np.allclose(noise, of_next_call) or not np.allclose(noise, of_same_seed, atol=1e-5)
            ),
            "black pixels stay black: you multiply by the noise. It should be added.": not noise[batch == 0].any(),
            "the image is missing in the input. The noise should be added to it.": (
                abs(np.cov(inputs[0].ravel(), batch.ravel())[0, 1] / batch.var()) < 0.2
            ),
            "you clip the sum. Values below 0 and above 1 are right here.": np.isin(inputs[0], (0, 1)).mean() > 0.02,
            f"the mean of your noise is {mean:.2f}. It should be 0.": abs(mean) > 0.03,
            "the standard deviation of your noise is sigma squared. `rng.normal` takes sigma itself.": (
                abs(deviation - sigma**2) < 0.01
            ),
            f"the standard deviation of your noise is {deviation:.2f}, and `sigma` was {sigma}.": (
                abs(deviation - sigma) > 0.02
            ),
            "your noise does not have a normal distribution.": (
                abs(np.mean((noise - mean) ** 4) / deviation**4 - 3) > 0.5
            ),
        }
        for words, present in problems.items():
            if present:
                raise Remark(words)
        return True

    return remark


def _batch(*shape):
    """Images of which much is black and some is white."""
    return np.random.default_rng(10).normal(0.3, 0.5, shape).clip(0, 1)


training_pair = Check(
    _training_pair,
    # Two sizes, two types and two values of sigma: an answer may be right for one of them alone.
    cases=[
        (_batch(8, 28, 28, 1), 0.3, np.random.default_rng(7)),
        (_batch(5, 40, 36, 1).astype(np.float32), 0.12, np.random.default_rng(8)),
    ],
    mistakes={},  # `_remarked` names them
    praise="each call makes new noise, so no noise can be learned by heart.",
    view=_remarked,
)


def _mask_input(images, known, *, kept=lambda images, known: images * known, mask=lambda known: known):
    """Images with missing pixels set to 0, and the mask as a second channel: (n, height, width, 2)."""
    return np.concatenate([kept(images, known), mask(known)], axis=-1)


mask_input = Check(
    _mask_input,
    cases=[
        (np.array([[0.0, 0.9], [0.4, 0.7]]).reshape(1, 2, 2, 1), np.array([1, 0, 0, 1], bool).reshape(1, 2, 2, 1)),
        (np.random.default_rng(10).random((3, 4, 5, 1)), np.random.default_rng(11).random((3, 4, 5, 1)) < 0.5),
    ],
    mistakes={
        "a channel still has the missing pixels. The network could read the solution there.": [
            {"kept": lambda images, known: images},
            lambda images, known: np.concatenate([images * known, images], axis=-1),
        ],
        "the second channel is 1 where a pixel is missing. It should be 1 where a pixel is known.": {
            "mask": np.logical_not
        },
        "known and missing have changed places, in the first channel or in both.": [
            {"kept": lambda images, known: images * ~known},
            {"kept": lambda images, known: images * ~known, "mask": np.logical_not},
        ],
        "the second channel should come from `known` alone: 1 where a pixel is known, also a black one.": [
            lambda images, known: np.concatenate([images * known, images * known], axis=-1),
            lambda images, known: np.concatenate([images * known, images * known > 0], axis=-1),
            {"mask": np.ones_like},
        ],
        "the channels are in the other order. The image comes first, then the mask.": (
            lambda images, known: _mask_input(images, known)[..., ::-1]
        ),
    },
    praise="now a black pixel and a missing pixel look different to the network.",
)
