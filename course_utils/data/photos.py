"""The photographs that scikit-image ships in its wheel. See data/photos.md."""

from collections.abc import Iterable

import numpy as np

from .record import Part, unit_floats

# By part, so that what is cut from photographs for training never shares a photograph with what tests it.
NAMES = {
    "train": "astronaut brick cat clock coffee coins grass hubble_deep_field immunohistochemistry page",
    "validation": "gravel moon text",
    "test": "camera cell retina rocket",
}
NAMES = {part: tuple(names.split()) for part, names in NAMES.items()}


CLASS_NAMES = tuple(sorted(sum(NAMES.values(), ())))  # a photograph's class is its name


def read(names: Iterable[str]) -> list[np.ndarray]:
    """Read photographs as float32 in 0 to 1, (height, width, 1 or 3)."""
    from skimage import data

    return [unit_floats(np.atleast_3d(getattr(data, name)())[..., :3]) for name in names]


def load() -> dict[str, Part]:
    """Read all photographs."""
    return {part: Part(read(names), np.array([*map(CLASS_NAMES.index, names)])) for part, names in NAMES.items()}
