"""A trained VGG16 without its dense layers: to take features from, or to train further."""

import os
from os import PathLike
from pathlib import Path

from .. import runtime
from ..data import cache, downloads
from .vgg import SMALLEST_SIDE, convolutions

keras = runtime.quiet_keras()

SLIM_FILE = "vgg16_slim.weights.h5"  # made by tools/train_vgg.py

# As in Keras' own keras.applications.vgg16.
IMAGENET_FILE = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
IMAGENET_ADDRESS = "https://storage.googleapis.com/tensorflow/keras-applications/vgg16/"
IMAGENET_HASH = "md5:6d6bbae143d832006294945121d1f1fc"


def load_backbone(
    which: str | PathLike = "slim", input_shape: tuple[int, int, int] = (32, 32, 3), side: int | None = None
) -> keras.Model:
    """Load a trained VGG16 without its dense layers. It takes images from 0 to 1 and preprocesses them itself.

    Parameters
    ----------
    which : {"slim", "imagenet"} or path
        "slim" comes with the course: an eighth of the channels, with batch normalisation, trained on small images.
        "imagenet" is VGG16 as its authors trained it; 59 MB are downloaded once.
        Or a file of your own, saved from a model that this function returned, or from a classifier on its output
        (.weights.h5 or .keras).
    input_shape : (height, width, channels)
        With 1 or 3 channels; grey becomes red, green and blue.
    side : int, optional
        Resize images to side x side first. Default: as they are, or enlarged if a side has less than 32 pixels.

    Notes
    -----
    All layers up to block5_pool lie side by side, so ``get_layer("block3_pool").output`` can be used. All weights are
    trainable. Channels are red, green, blue, also in the kernel of block1_conv1.

    Examples
    --------
    >>> load_backbone("slim", (64, 64, 1)).output.shape
    (None, 2, 2, 64)
    """
    if which != "slim":
        runtime.note_own_data(f"weights {which}")  # a lesson's minimums were measured with the slim network
    path = {"slim": _slim, "imagenet": _imagenet}.get(which, lambda: Path(which).expanduser())()
    if not path.is_file():
        raise ValueError(f"which: expected 'slim', 'imagenet' or a weights file, got {path}, which is no file")
    is_slim = path.stat().st_size < 20_000_000  # bytes; the weights of the full VGG16 take 59 million
    model = build(input_shape, side, is_slim)
    try:
        model.load_weights(path)
    except Exception as error:  # on damaged files h5py and zipfile raise almost anything
        reason = str(error).partition("\n")[0]
        raise ValueError(
            f"{path}: expected weights (.weights.h5 or .keras) saved from a model of load_backbone, "
            f"got a file that does not fit: {reason}"
        ) from error
    if path.name == IMAGENET_FILE:
        # Its first kernel is for blue, green, red.
        first = model.get_layer("block1_conv1")
        kernel, bias = first.get_weights()
        first.set_weights([kernel[:, :, ::-1], bias])
    return model


def build(input_shape: tuple[int, int, int] = (32, 32, 3), side: int | None = None, slim: bool = True) -> keras.Model:
    """Build a backbone, untrained.

    Examples
    --------
    >>> [layer.name for layer in build((28, 28, 1)).layers][:5]
    ['images', 'enlarged', 'grey_as_colour', 'preprocessing', 'block1_conv1']
    """
    layers = keras.layers
    height, width, channels = input_shape
    x = inputs = keras.Input((height, width, channels), name="images")
    # Without training=False Resizing has all layers after it run in training mode when the model is called as model(x).
    if side is not None and (height, width) != (side, side):
        x = layers.Resizing(side, side, name="resized")(x, training=False)
    elif min(height, width) < SMALLEST_SIDE:
        factor = SMALLEST_SIDE / min(height, width)
        x = layers.Resizing(round(height * factor), round(width * factor), name="enlarged")(x, training=False)
    if channels == 1:
        x = layers.Concatenate(name="grey_as_colour")([x, x, x])
    if slim:
        mean, deviation = [0.5, 0.5, 0.5], 0.25
    else:  # ImageNet's means of red, green and blue, for images from 0 to 255 that are not scaled
        mean, deviation = [123.68 / 255, 116.779 / 255, 103.939 / 255], 1 / 255
    x = layers.Normalization(mean=mean, variance=[deviation**2] * 3, name="preprocessing")(x)
    x = convolutions(x, "D", width=1 / 8 if slim else 1, batch_norm=slim)
    return keras.Model(inputs, x, name="vgg16_slim" if slim else "vgg16")


def _slim() -> Path:
    """Return the course's own file: pip installs it in the package, a clone has it in data/."""
    package = Path(__file__).parents[1]
    installed = package / "shipped" / SLIM_FILE
    return installed if installed.is_file() else package.parent / "data" / SLIM_FILE


def _imagenet() -> Path:
    """Return the file of ImageNet's weights, verified: from Keras' cache, the course's, or downloaded."""
    keras_home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    path = keras_home / "models" / IMAGENET_FILE
    if not path.is_file():
        path = cache.folder() / "models" / IMAGENET_FILE
    by_hand = f"{IMAGENET_FILE} from {IMAGENET_ADDRESS}"
    # What is there already is verified only.
    downloads.fetch("imagenet", IMAGENET_ADDRESS + IMAGENET_FILE, IMAGENET_HASH, path, by_hand, "load_backbone('slim')")
    return path
