"""Answers to the exercises of week NUMBER."""

import numpy as np

from .judge import Mistake, judge


def contrast(answer):
    """Compute the difference between the brightest and the darkest pixel."""
    return judge(
        answer,
        reference=np.ptp,
        cases=[(np.array([[0.2, 0.4], [0.1, 0.3]]),), (np.array([[-1.0, 0.5, 3.0]]),)],
        mistakes=[
            Mistake("that is the brightest pixel; the darkest is not taken off.", np.max),
            Mistake("the sign is wrong: brightest less darkest.", lambda picture: -np.ptp(picture)),
            Mistake("that is the spread about the mean, not from end to end.", np.std),
        ],
        praise="say here what is worth knowing next.",
    )
