"""Every picture of the course: one look, readable on a projector, each with a text alternative."""

from ..display import table
from .general import bars, curves, numbers, pictures
from .kernels import arrows, explore_positions, footprints, matrix, positions
from .training import training

__all__ = [
    "arrows", "bars", "curves", "explore_positions", "footprints", "matrix", "numbers", "pictures", "positions",
    "table", "training",
]  # fmt: skip
