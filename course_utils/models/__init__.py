"""Networks of the lectures, ready to use: VGG, and a VGG16 that has seen pictures. Importing this loads Keras."""

from . import vgg
from .backbone import load_backbone

__all__ = ["load_backbone", "vgg"]
