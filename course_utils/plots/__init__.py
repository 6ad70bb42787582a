"""Every picture of the course: one look, readable on a projector, each with a text alternative."""

from ..display import table
from .architecture import architecture
from .charts import bars, curves, histograms, paths, training
from .detection import boxes
from .images import explore_pictures, matrix, numbers, pictures

__all__ = [
    "architecture",
    "bars",
    "boxes",
    "curves",
    "explore_pictures",
    "histograms",
    "matrix",
    "numbers",
    "paths",
    "pictures",
    "table",
    "training",
]
