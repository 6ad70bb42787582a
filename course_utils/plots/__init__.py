"""Every picture of the course: one look, readable on a projector, each with a text alternative."""

from ..display import table
from .detection import boxes
from .general import bars, curves, numbers, paths, pictures
from .kernels import arrows, explore_positions, footprints, matrix, positions
from .segmentation import instances
from .training import accuracies, training

__all__ = [
    "accuracies", "arrows", "bars", "boxes", "curves", "explore_positions", "footprints", "instances", "matrix",
    "numbers", "paths", "pictures", "positions", "table", "training",
]  # fmt: skip
