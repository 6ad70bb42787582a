"""Week 0: the check of its exercise."""

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
    cases=[(_DOT,), (_HALF,), (np.ones((28, 28)),)],
    mistakes={
        "that is the total amount of ink. It grows with the size of the image, and a fraction does not.": np.sum,
        "that is the brightest pixel alone. A single dot of ink would count as a full image.": np.max,
        "that counts every grey pixel as fully covered. A pixel of 0.5 is half ink.": lambda p: (p > 0).mean(),
        "that counts a grey pixel as all ink or no ink. A pixel of 0.5 is half ink.": lambda p: (p > 0.5).mean(),
        "that is one number for each column or row. The whole image has one fraction of ink.": [
            lambda p: p.mean(axis=0),
            lambda p: p.mean(axis=1),
        ],
    },
    praise="the bars below show which digit needs the least ink.",
)
