"""A VGG16 that has seen pictures, without its dense layers: to take features from, or to train on."""

import os
import zipfile
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np

from .. import arguments, runtime
from ..data import cache, downloads
from .vgg import SMALLEST_SIDE, convolutions, picture_shape

keras = runtime.quiet_keras()

SLIM_FILE = "vgg16_slim.weights.h5"
SLIM_SHA256 = "21cc1447b3ded39283c76cb79ad91d82a17e1d760bc9f406b35c05eea3b02f82"  # made by tools/train_vgg.py

# As in Keras' own keras.applications.vgg16.
IMAGENET_FILE = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
IMAGENET_ADDRESS = "https://storage.googleapis.com/tensorflow/keras-applications/vgg16/"
IMAGENET_MD5 = "6d6bbae143d832006294945121d1f1fc"


class Kind(NamedTuple):
    """One of the two sizes of VGG16 here, and what its pictures, 0 to 1, become before its first layer."""

    name: str
    width: float
    batch_norm: bool
    mean: tuple[float, float, float]  # red, green, blue
    deviation: float


SLIM = Kind("slim", 1 / 8, True, (0.5, 0.5, 0.5), 0.25)
# ImageNet's means, and no scaling, for pictures from 0 to 255.
FULL = Kind("full-width", 1.0, False, (123.68 / 255, 116.779 / 255, 103.939 / 255), 1 / 255)

PREPROCESSING = "preprocessing"  # the layer's name; a weights file that has it was written by a model from here


def load_backbone(
    which: str | PathLike = "slim", input_shape: tuple[int, int, int] = (32, 32, 3), side: int | None = None
) -> keras.Model:
    """Load a trained VGG16 without its dense layers. It takes pictures from 0 to 1, and prepares them itself.

    Parameters
    ----------
    which : {"slim", "imagenet"} or path
        "slim" comes with the course: an eighth of the channels, with batch normalization, trained on small pictures.
        "imagenet" is VGG16 as its authors trained it; 59 MB are fetched once.
        Or a weights file (.h5) or an archive (.keras) of your own: saved from a model that this function gave, or
        VGG16 of keras.applications, with or without its dense layers. Of an archive only the weights are read.
    input_shape : (height, width, channels)
        Of the pictures, with 1 or 3 channels; grey becomes red, green and blue.
    side : int, optional
        Bring pictures to side x side first. Default: as they are, or enlarged if they have less than 32 pixels.

    Returns
    -------
    keras.Model
        All its layers side by side, up to block5_pool, so that ``get_layer("block3_pool").output`` is of use.
        All weights are trainable. Channels are red, green, blue throughout, also in block1_conv1's kernel.

    Raises
    ------
    ValueError
        If there is no such file, or it does not hold a whole VGG16; the message names the file.
    ConnectionError
        If "imagenet" must be fetched and cannot be.
    """
    if not isinstance(which, str | PathLike) or not str(which).strip():
        raise TypeError(f"which: expected 'slim', 'imagenet' or the path of a weights file, got {which!r}")
    _picture_shape(input_shape)
    if side is not None:
        arguments.integer("side", side, at_least=SMALLEST_SIDE)
    if which != "slim":
        runtime.note_own_data(f"weights {which}")  # a lesson's floors were measured with the slim network
    path = {"slim": _slim, "imagenet": _imagenet}.get(which, lambda: Path(which).expanduser())()
    weights = _read(path)
    kind = SLIM if "block1_bn1" in weights else FULL
    model = _build(kind, input_shape, side)
    _put(weights, model, kind, path)
    return model


def build_slim(input_shape: tuple[int, int, int] = (32, 32, 3)) -> keras.Model:
    """Build the slim backbone untrained.

    Examples
    --------
    >>> [layer.name for layer in build_slim((28, 28, 1)).layers][:5]
    ['pictures', 'enlarged', 'grey_as_colour', 'preprocessing', 'block1_conv1']
    """
    return _build(SLIM, input_shape)


def _build(kind: Kind, input_shape, side: int | None = None) -> keras.Model:
    """Build a backbone, untrained."""
    layers = keras.layers
    height, width, channels = _picture_shape(input_shape)
    x = inputs = keras.Input((height, width, channels), name="pictures")
    # Left to itself, Resizing tells all layers after it that they train, whenever the model is called as model(x).
    if side is not None and (height, width) != (side, side):
        x = layers.Resizing(side, side, name="resized")(x, training=False)
    elif min(height, width) < SMALLEST_SIDE:
        factor = SMALLEST_SIDE / min(height, width)
        x = layers.Resizing(round(height * factor), round(width * factor), name="enlarged")(x, training=False)
    if channels == 1:
        x = layers.Concatenate(name="grey_as_colour")([x, x, x])
    mean, variance = list(kind.mean), [kind.deviation**2] * 3
    x = layers.Normalization(mean=mean, variance=variance, name=PREPROCESSING)(x)
    x = convolutions(x, "D", kind.width, kind.batch_norm)
    return keras.Model(inputs, x, name="vgg16_slim" if kind is SLIM else "vgg16")


def _picture_shape(input_shape) -> tuple[int, int, int]:
    shape = picture_shape("input_shape", input_shape, at_least=1)
    if shape[2] not in (1, 3):
        raise ValueError(f"input_shape: expected 1 or 3 channels, got {shape[2]}")
    return shape


# Where the files are


def _slim() -> Path:
    """Return the course's own file, verified."""
    package = Path(__file__).parents[1]
    # The second is the course's folder; pip puts the file into the first.
    places = [package / "shipped" / SLIM_FILE, package.parent / "data" / SLIM_FILE]
    for path in places:
        if path.is_file():
            found = cache.sha256(path)
            if found != SLIM_SHA256:
                raise ValueError(
                    f"{path}: expected the file with SHA-256 {SLIM_SHA256}, got one with {found}. "
                    "Put the course's own file in its place."
                )
            return path
    raise ValueError(f"which: expected the course's file {SLIM_FILE} at {places[1]} or {places[0]}, got none")


def _imagenet() -> Path:
    """Return the file of ImageNet's weights, verified: the course's, or Keras', or fetched."""
    ours = cache.folder() / "models" / IMAGENET_FILE
    keras_home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    for path in (ours, keras_home / "models" / IMAGENET_FILE):
        if path.is_file():
            downloads.verify(path, f"md5:{IMAGENET_MD5}")
            return path
    address = IMAGENET_ADDRESS + IMAGENET_FILE
    by_hand = f"{IMAGENET_FILE} from {address}"
    downloads.fetch("imagenet", address, f"md5:{IMAGENET_MD5}", ours, by_hand, "load_backbone('slim')")
    return ours


# What is in the files


def _read(path: Path) -> dict[str, list[np.ndarray]]:
    """Return the blocks' weights by the names of their layers; other layers' names have none.

    Only arrays of numbers are read: an archive's architecture is not looked at.
    """
    if not path.is_file():
        got = "a folder" if path.is_dir() else "no such file"
        raise ValueError(f"which: expected 'slim', 'imagenet' or a weights file (.h5, .keras), got {path}, {got}")
    if path.suffix not in (".h5", ".keras"):
        raise ValueError(f"{path}: expected a weights file (.h5, .keras), got {path.suffix or 'no suffix'!r}")
    try:
        source = path
        if path.suffix == ".keras":
            with zipfile.ZipFile(path) as archive:
                source = BytesIO(archive.read("model.weights.h5"))
        with h5py.File(source, "r") as file:
            return {name: [_array(each) for each in datasets] for name, datasets in _by_layer(file).items()}
    except Exception as error:  # damage makes h5py and zipfile raise almost anything
        raise ValueError(f"{path}: expected weights in HDF5, got a file that cannot be read: {error}") from error


def _by_layer(file: h5py.File) -> dict[str, list[h5py.Dataset]]:
    """Sort the blocks' datasets by layer, in either of Keras' forms."""
    here = {}
    file.visititems(here.__setitem__)  # follows no links, which could lead out of the file
    layers = {}
    whole_model = "layer_names" not in file.attrs and "model_weights" in here
    old = here["model_weights"] if whole_model else file
    if "layer_names" in old.attrs:  # Keras 2, and its form of a whole model, which Keras 3 writes too
        root = "model_weights/" if whole_model else ""
        for name in map(_text, old.attrs["layer_names"]):
            weights = map(_text, here[root + name].attrs["weight_names"])
            layers[name] = [here[f"{root}{name}/{weight}"] for weight in weights] if _in_block(name) else []
        return layers
    for place, group in here.items():
        if place.endswith("/vars") and "name" in group.attrs:
            name = _text(group.attrs["name"])
            if _in_block(name) and name in layers:
                raise ValueError(f"two layers are named {name}")
            layers[name] = [here[f"{place}/{number}"] for number in range(len(group))] if _in_block(name) else []
    return layers


def _in_block(name: str) -> bool:
    return name.startswith("block")


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name


def _array(dataset: h5py.Dataset) -> np.ndarray:
    """Read one dataset, if it is of numbers that lie in this file."""
    if dataset.dtype.kind != "f" or dataset.external or dataset.is_virtual:
        raise ValueError(f"{dataset.name} is not an array of floating-point numbers in this file")
    return dataset[()]


def _put(weights: dict[str, list[np.ndarray]], model: keras.Model, kind: Kind, path: Path) -> None:
    """Put a file's weights into a model that was built for them, or refuse them."""
    layers = {layer.name: layer for layer in model.layers if layer.weights}
    expected = {name: [tuple(weight.shape) for weight in layer.weights] for name, layer in layers.items()}
    got = {name: [array.shape for array in arrays] for name, arrays in weights.items() if arrays}
    for name in [*expected, *got]:
        if expected.get(name) != got.get(name):
            raise ValueError(
                f"{path}: expected the weights of a {kind.name} VGG16, with shapes {_listed(expected.get(name))} "
                f"for {name}, got {_listed(got.get(name))}"
            )
        if not all(np.isfinite(array).all() for array in weights[name]):
            raise ValueError(f"{path}: expected finite weights, got NaN or infinity in {name}")
    if PREPROCESSING not in weights:
        if kind is SLIM:
            raise ValueError(f"{path}: expected weights saved from a model of load_backbone, got another's")
        # ImageNet's weights want blue, green, red. Turning the first kernel's channels, once, saves turning pictures.
        kernel, bias = weights["block1_conv1"]
        weights = {**weights, "block1_conv1": [kernel[:, :, ::-1], bias]}
    for name, layer in layers.items():
        layer.set_weights(weights[name])


def _listed(shapes: list[tuple[int, ...]] | None) -> str:
    return " and ".join(map(str, shapes or [])) or "none"
