"""Every picture of the course: one look, readable on a projector, each with a text alternative."""

from ..display import table
from .architecture import architecture
from .charts import bars, curves, histograms, panels, paths, training
from .detection import boxes
from .images import explore_pictures, numbers, pictures, rows

__all__ = [
    "architecture",
    "bars",
    "boxes",
    "curves",
    "explore_pictures",
    "histograms",
    "numbers",
    "panels",
    "paths",
    "pictures",
    "rows",
    "table",
    "training",
]
