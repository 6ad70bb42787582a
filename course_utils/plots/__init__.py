"""Every picture of the course: one look, readable on a projector, each with a text alternative."""

from ..display import table
from .architecture import architecture
from .detection import boxes
from .games import duel_film, duels, forging, grid
from .general import bars, curves, explore_pictures, numbers, paths, pictures
from .kernels import arrows, explore_positions, footprints, matrix, positions
from .points import histograms, maps, planes
from .segmentation import instances
from .training import accuracies, training

__all__ = [
    "accuracies", "architecture", "arrows", "bars", "boxes", "curves", "duel_film", "duels", "explore_pictures",
    "explore_positions", "footprints", "forging", "grid", "histograms", "instances", "maps", "matrix", "numbers",
    "paths", "pictures", "planes", "positions", "table", "training",
]  # fmt: skip
