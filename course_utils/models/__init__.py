"""Networks of the lectures, ready to use: VGG, one that has seen pictures, FCN, U-Net. Importing this loads Keras."""

from . import vgg
from .backbone import load_backbone
from .segmentation import fcn, unet
from .tiles import predict_tiles

__all__ = ["fcn", "load_backbone", "predict_tiles", "unet", "vgg"]
