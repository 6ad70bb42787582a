"""Week 0: the checks of its exercises."""

import numpy as np

from ..judge import Check

_DOT = np.zeros((4, 4))
_DOT[1, 2] = 1.0
_HALF = np.repeat([[0.0], [1.0], [0.5], [0.5]], 6, axis=1)


def _ink(image):
    """The fraction of an image that is ink: a number from 0 to 1."""
    return image.mean()


ink = Check(
    _ink,
    cases=[(_DOT,), (_HALF,), (np.ones((28, 28)),), (np.full((4, 4), 0.5),)],
    mistakes={
        "that number grows with the size of the image. Divide the ink by the number of pixels in that image.": [
            np.sum,
            np.count_nonzero,
            lambda p: (p > 0.5).sum(),
            lambda p: p.sum() / len(p),
            lambda p: p.sum() / 784,
            lambda p: p.sum() / sum(p.shape),
        ],
        "that is a percentage. A fraction lies between 0 and 1.": lambda p: 100 * p.mean(),
        "you divide by the brightest pixel, or by 255. A pixel that is all ink has the value 1 here.": [
            lambda p: p.mean() / p.max(),
            lambda p: p.mean() / 255,
        ],
        "that is the brightest pixel alone. A single dot of ink would count as a full image.": np.max,
        "that counts a grey pixel as all ink or no ink. A pixel of 0.5 is half ink.": [
            lambda p: (p > 0).mean(),
            lambda p: (p > 0.5).mean(),
        ],
        "that is one number for each column or row. The whole image has one fraction of ink.": [
            lambda p: p.mean(axis=0),
            lambda p: p.mean(axis=1),
        ],
    },
    praise="the bars below show which digit needs the least ink.",
)


def _most_probable(probabilities):
    """The class with the highest probability, for each image: an array (images,) of class numbers."""
    return probabilities.argmax(axis=1)


most_probable = Check(
    _most_probable,
    cases=[
        (np.array([[0.1, 0.7, 0.2], [0.6, 0.1, 0.3]]),),
        (np.array([[0.2, 0.5, 0.1, 0.2], [0.1, 0.1, 0.2, 0.6], [0.4, 0.3, 0.3, 0.0]]),),
    ],
    mistakes={
        "those are the probabilities. The number of the class was asked for, its position in the row.": (
            lambda p: p.max(axis=1)
        ),
        "that is the class with the lowest probability.": lambda p: p.argmin(axis=1),
        "that is a single number. Each image, a row, needs a class of its own.": np.argmax,
        "you looked down the columns. A row holds the probabilities of one image.": lambda p: p.argmax(axis=0),
    },
    praise="you have just turned the outputs of a network into decisions.",
)
