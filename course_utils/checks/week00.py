"""Answers to the exercise of week 0."""

import numpy as np

from .judge import Mistake, judge

_DOT = np.zeros((4, 4))
_DOT[1, 2] = 1.0
_HALF = np.repeat([[0.0], [1.0], [0.5], [0.5]], 6, axis=1)


def ink(answer):
    """How much of a picture is covered with ink: its mean brightness."""
    return judge(
        answer,
        reference=lambda picture: float(picture.mean()),
        cases=[(_DOT,), (_HALF,), (np.ones((28, 28)),)],
        mistakes=[
            Mistake("that is the total. A larger picture has more of it; a share does not grow.", np.sum),
            Mistake("that is the brightest pixel alone. One dot of ink would count as a full page.", np.max),
            Mistake("that counts a grey pixel as fully inked. Half grey is half ink.", lambda p: (p > 0).mean()),
            Mistake("that counts half-inked pixels as fully inked or not at all.", lambda p: (p > 0.5).mean()),
            Mistake("that is a sum shared out over the rows alone.", lambda p: p.sum() / len(p)),
            Mistake("that is the share of paper, not of ink.", lambda p: 1 - p.mean()),
            Mistake("that is one number a column. A picture has one share of ink.", lambda p: p.mean(axis=0)),
            Mistake("that is one number a row. A picture has one share of ink.", lambda p: p.mean(axis=1)),
        ],
        praise="now look which digit needs the least ink, in the picture below.",
    )
