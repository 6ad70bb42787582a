"""Week 0: the check of its exercise."""

import numpy as np

from ..judge import Check

_DOT = np.zeros((4, 4))
_DOT[1, 2] = 1.0
_HALF = np.repeat([[0.0], [1.0], [0.5], [0.5]], 6, axis=1)


def _ink(picture):
    """The share of a picture that is covered with ink."""
    return picture.mean()


ink = Check(
    _ink,
    cases=[(_DOT,), (_HALF,), (np.ones((28, 28)),)],
    mistakes={
        "that is the total. A larger picture has more of it; a fraction does not grow.": np.sum,
        "that is the brightest pixel alone. One dot of ink would count as a full page.": np.max,
        "that counts a grey pixel as fully inked. Half grey is half ink.": lambda p: (p > 0).mean(),
        "that counts half-inked pixels as fully inked or not at all.": lambda p: (p > 0.5).mean(),
        "that is one number for each column or row. A picture has one fraction of ink.": [
            lambda p: p.mean(axis=0),
            lambda p: p.mean(axis=1),
        ],
    },
    praise="now look which digit needs the least ink, in the picture below.",
)
