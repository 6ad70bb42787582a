"""Networks of the lectures, ready to use: VGG, FCN, U-Net, an autoencoder, and a trained VGG16."""

from . import vgg
from .autoencoders import autoencoder
from .backbone import load_backbone
from .segmentation import fcn, unet
from .tiles import predict_tiles

__all__ = ["autoencoder", "fcn", "load_backbone", "predict_tiles", "unet", "vgg"]
