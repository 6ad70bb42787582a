"""Week NUMBER: the checks of its exercises, and what this lesson alone needs."""

import numpy as np

from ..judge import Check


def _contrast(image, *, less=np.min):
    """The difference between the brightest and the darkest pixel."""
    return image.max() - less(image)


contrast = Check(
    _contrast,
    cases=[(np.array([[0.2, 0.4], [0.1, 0.3]]),), (np.array([[-1.0, 0.5, 3.0]]),)],
    mistakes={
        "that is the brightest pixel; the darkest is not subtracted.": {"less": lambda image: 0},
        "that is the spread about the mean, not from end to end.": np.std,
    },
    praise="say here what is worth knowing next.",
)
