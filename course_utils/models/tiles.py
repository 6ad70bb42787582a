"""Answers for pictures that are too large for one pass through a network: the U-Net paper's overlap-tile strategy."""

import math
import sys
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from .. import arguments, runtime
from ..layers import MaxUnpooling2D

keras = runtime.quiet_keras()

MANY = 32  # tiles; with fewer there is no progress bar
AT_ONCE = 512 * 512  # pixels of the tiles that go through the network together, or a single larger tile
ENLARGING = (keras.layers.Conv2DTranspose, keras.layers.UpSampling2D, MaxUnpooling2D)


def predict_tiles(model: keras.Model, picture: np.ndarray, tile: int | tuple[int, int], overlap: int) -> np.ndarray:
    """Answer for every pixel of a picture of any size, by passes over overlapping tiles of it.

    Where the picture ends before a tile does, its mirror image goes on.

    Parameters
    ----------
    model : keras.Model
        From pictures (batch, height, width, channels) to answers (batch, height, width, classes). Its answer may be
        smaller than the tile, as convolutions with padding "valid" make it: then it is taken to be that for the
        tile's middle, and the picture is mirrored around its border, as in the paper.
    picture : array (height, width, channels)
        Floating-point numbers of the kind that the model has learnt from; the course's pictures are 0 to 1. Whole
        numbers are refused, as 0 to 255 would be answered too, wrongly. A memory map is read tile by tile.
    tile : int or (height, width)
        Size of the pieces that the model gets.
    overlap : int
        How many pixels neighbouring tiles share, in both directions. Of what two of them answer, each gives the half
        that is nearer to its own middle: what is used of a tile has at least ``overlap // 2`` pixels of context on
        each side that is not the picture's. If the model leaves a border of the tile without an answer, the overlap
        has to make up for it.

    Returns
    -------
    float32 array (height, width, classes)

    Raises
    ------
    ValueError
        If the model does not take such a tile, or would compute on another grid in each (see Notes).

    Notes
    -----
    But for rounding, the answers are those of one pass over the whole picture: with padding "valid" always (over the
    mirrored picture), with "same" if ``overlap // 2`` is as far as the model sees, which in a U-Net of depth d is
    ``7 * 2 ** (d - 1) - 5`` pixels. Near the lower and right border, where "same" would see zeros beyond the picture,
    they are others, unless the tiles happen to end there.

    There is one more condition. Pooling divides a picture into windows, counted from its upper left corner. If a tile
    begins in the middle of a window of the whole picture, all its windows are others, and so are the answers.
    Hence ``tile - overlap`` has to be a multiple of the network's total stride, the product of the strides from the
    picture down to the smallest size: 2 ** (d - 1) in a U-Net, 32 in an FCN. It is found from the model's layers; in
    models that are no graph of layers, have models as layers, or use a layer twice, it is not, and the condition is
    the caller's to keep.

    Examples
    --------
    >>> from course_utils.models import unet
    >>> model = unet((None, None, 1), classes=2, depth=3, width=2)
    >>> picture = np.random.default_rng(0).random((136, 216, 1), "float32")
    >>> answer = predict_tiles(model, picture, tile=96, overlap=56)
    >>> bool(np.abs(answer - model.predict(picture[None], verbose=0)[0]).max() < 1e-4)
    True
    >>> predict_tiles(model, picture, tile=96, overlap=50)
    Traceback (most recent call last):
    ...
    ValueError: overlap: expected one with which tile - overlap is a multiple of 4, the total stride, such as 52, got 50
    """
    batch, tile, overlap = _checked(model, picture, tile, overlap)
    pieces_shape = batch or max(1, AT_ONCE // math.prod(tile)), *tile, picture.shape[2]
    stride, apart = _grid(model, pieces_shape)
    *answered, classes = _answered(model, pieces_shape, apart)
    lost = [side - left for side, left in zip(tile, answered, strict=True)]
    _refuse_overlap(overlap, tile, lost, stride)
    rows, columns = (_places(*sides, overlap) for sides in zip(picture.shape[:2], tile, answered, strict=True))
    places = [(row, column) for row in rows for column in columns]

    from tqdm import tqdm

    answers = np.empty((*picture.shape[:2], classes), np.float32)
    # Never fewer at the end, but some again: for another number the model would be traced anew.
    pieces = np.zeros(pieces_shape, np.float32)
    starts = range(0, len(places), len(pieces))
    for start in tqdm(starts, "Predicting tiles", disable=len(places) < MANY, leave=False, file=sys.stdout):
        now = places[start : start + len(pieces)]
        for piece, (row, column) in zip(pieces, now, strict=False):
            piece[:] = picture[np.ix_(row.seen, column.seen)]
        for answer, (row, column) in zip(model.predict_on_batch(pieces), now, strict=False):
            answers[row.target, column.target] = answer[row.used, column.used]
    return answers


class _Place(NamedTuple):
    """Where a tile lies along one axis, and what is used of its answer."""

    seen: np.ndarray  # the picture's rows, or columns, that the model gets
    used: slice  # of its answer
    target: slice  # of the picture


def _places(side: int, tile: int, answered: int, overlap: int) -> list[_Place]:
    step = tile - overlap
    before, shared = (tile - answered) // 2, answered - step
    origins = range(0, max(side - shared, 1), step)
    borders = [0, *(origin + shared // 2 for origin in origins[1:]), side]
    return [
        _Place(
            _mirrored(np.arange(tile) + origin - before, side),
            slice(first - origin, stop - origin),
            slice(first, stop),
        )
        for origin, (first, stop) in zip(origins, pairwise(borders), strict=True)
    ]


def _mirrored(places: np.ndarray, side: int) -> np.ndarray:
    """Return where in the picture to look for places beyond its border; the outermost pixels do not come twice."""
    if side == 1:
        return np.zeros_like(places)
    places = places % (2 * side - 2)
    return np.minimum(places, 2 * side - 2 - places)


# The model's part -------------------------------------------------------------------------------------------------


def _grid(model: keras.Model, shape: tuple[int, ...]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the total stride, and how many pixels lie between two answers, as far as the layers tell it.

    The total stride is the least step that brings all layers' grids onto themselves.

    Refuses a shape of which some layer would leave out the last pixels: then answers lie elsewhere than they seem to.
    """
    inputs = getattr(model, "inputs", None)
    if not inputs:  # of a subclass, which tells nothing
        return (1, 1), (1, 1)
    apart = {id(inputs[0]): (Fraction(1), Fraction(1))}  # of a tensor's pixels, in pixels of the picture
    total, reducing, unpadded = (1, 1), [], {}
    for operation in getattr(model, "operations", model.layers):  # Sequential has only layers
        if isinstance(operation, keras.layers.InputLayer):
            continue
        try:
            sources, results = keras.tree.flatten(operation.input), keras.tree.flatten(operation.output)
        except (AttributeError, ValueError):  # used more than once
            return (1, 1), (1, 1)
        if not sources or any(id(source) not in apart for source in sources):
            return (1, 1), (1, 1)
        strides = _strides(operation)
        here = tuple(map(max, *(apart[id(source)] for source in sources), (0, 0)))
        if isinstance(operation, ENLARGING):
            here = tuple(map(Fraction, here, strides))
        elif isinstance(operation, keras.layers.ZeroPadding2D):  # some networks pad so, for padding "same"
            unpadded[id(results[0])] = sources[0]
        elif strides != (1, 1):
            source = unpadded.get(id(sources[0]), sources[0])
            reducing.append((operation, source, strides, id(sources[0]) in unpadded))
            here = here[0] * strides[0], here[1] * strides[1]
        apart.update((id(result), here) for result in results)
        total = tuple(math.lcm(known, each.numerator) for known, each in zip(total, here, strict=True))
    _refuse_uneven(model, shape, reducing)
    return total, apart[id(model.outputs[0])]


def _strides(operation) -> tuple[int, int]:
    names = ["size"] if isinstance(operation, keras.layers.UpSampling2D) else ["strides", "pool_size"]
    for name in names if isinstance(operation, keras.layers.Layer) else []:
        value = getattr(operation, name, None)
        if isinstance(value, int):
            return value, value
        if isinstance(value, tuple | list) and len(value) == 2:
            return tuple(value)
    return 1, 1


def _refuse_uneven(model: keras.Model, shape: tuple[int, ...], reducing: list) -> None:
    if not reducing:
        return
    before = keras.Model(model.inputs, [source for _, source, _, _ in reducing], name="before_strides")
    specs = keras.tree.flatten(_answer(before, shape))
    for (layer, _, strides, padded), spec in zip(reducing, specs, strict=True):
        window = getattr(layer, "kernel_size", None) or layer.pool_size
        window = (window, window) if isinstance(window, int) else window
        dilation = getattr(layer, "dilation_rate", (1, 1))
        padded = padded or getattr(layer, "padding", "valid") == "same"
        for axis in range(2):
            side, stride = spec.shape[1 + axis], strides[axis]
            first = max(dilation[axis] * (window[axis] - 1) + 1, stride)
            if (side - (0 if padded else first)) % stride:
                raise ValueError(
                    f"tile: expected sides that the model divides without remainder, got {shape[1:3]}: "
                    f"{layer.name} has to divide {side} by {stride}"
                )


def _answered(model: keras.Model, shape: tuple[int, ...], apart: tuple[int, int]) -> tuple[int, int, int]:
    """Return for how many rows and columns of a tile the model answers, and with how many classes."""
    spec = _answer(model, shape)
    if not isinstance(spec, keras.KerasTensor) or len(spec.shape) != 4:
        raise ValueError(f"model: expected one answer (batch, height, width, classes), got {spec}")
    tile, answered = shape[1:3], spec.shape[1:3]
    if apart != (1, 1) and answered != tile:  # equal again if something enlarged in a way that layers do not tell
        raise ValueError(f"model: expected an answer for each pixel, got one for each {_shown(apart)}")
    for side, left in zip(tile, answered, strict=True):
        if left < 1:
            raise ValueError(f"tile: expected one that is large enough for the model to answer, got {tile}")
        if left > side or (side - left) % 2:
            raise ValueError(f"model: expected an answer for a tile or its middle, got {answered} for {tile}")
    return tuple(spec.shape[1:])


def _answer(model: keras.Model, shape: tuple[int, ...]):
    """Return what the model would answer, without values."""
    try:
        return model.compute_output_spec(keras.KerasTensor(shape))
    except ValueError as error:
        raise ValueError(f"tile: expected one that the model takes, got {shape[1:3]}: {error}") from error


# Bad input --------------------------------------------------------------------------------------------------------


def _checked(model, picture, tile, overlap) -> tuple[int | None, tuple[int, int], int]:
    """Return the size of batches if the model fixes it, the tile as (height, width), and the overlap."""
    if not isinstance(model, keras.Model):
        raise TypeError(f"model: expected a keras.Model, got {type(model).__name__}")
    given = [tuple(tensor.shape) for tensor in getattr(model, "inputs", None) or ()]  # none: a subclass
    if given and (len(given) > 1 or len(given[0]) != 4):
        raise ValueError(f"model: expected one input (batch, height, width, channels), got {given}")
    batch, *sides, channels = given[0] if given else [None] * 4
    if not isinstance(picture, np.ndarray):
        raise TypeError(f"picture: expected an array, got {type(picture).__name__}")
    if picture.ndim != 3 or 0 in picture.shape:
        raise ValueError(f"picture: expected one of (height, width, channels), got shape {picture.shape}")
    if picture.dtype.kind != "f":
        raise TypeError(
            f"picture: expected floating-point numbers like those that the model has learnt from, got {picture.dtype}"
        )
    if channels not in (None, picture.shape[2]):
        raise ValueError(f"picture: expected {channels} channels, as the model takes, got {picture.shape[2]}")

    if isinstance(tile, tuple | list):
        if len(tile) != 2:
            raise ValueError(f"tile: expected a side or (height, width), got {tile}")
    else:
        tile = tile, tile
    tile = tuple(arguments.integer("tile", side, at_least=1) for side in tile)
    if any(fixed not in (None, side) for fixed, side in zip(sides, tile, strict=True)):
        raise ValueError(f"tile: expected {tuple(sides)}, the only size that the model takes, got {tile}")
    overlap = arguments.integer("overlap", overlap, at_least=0)
    if overlap >= min(tile):
        raise ValueError(f"overlap: expected fewer pixels than a tile has, {min(tile)}, got {overlap}")
    return batch, tile, overlap


def _refuse_overlap(overlap: int, tile: tuple[int, int], lost: list[int], stride: tuple[int, int]) -> None:
    def fits(pixels):
        return all((side - pixels) % each == 0 for side, each in zip(tile, stride, strict=True))

    if overlap >= max(lost) and fits(overlap):
        return
    good = [pixels for pixels in range(max(lost), min(tile)) if fits(pixels)]
    if not good:
        raise ValueError(
            f"tile: expected one of which the model answers for as much as its total stride, {_shown(stride)}, "
            f"got {tile}, of which it leaves out {_shown(lost)}"
        )
    nearest = min(good, key=lambda pixels: (abs(pixels - overlap), -pixels))
    if overlap < max(lost):
        raise ValueError(
            f"overlap: expected at least {max(lost)}, what the model leaves out of a tile, such as {nearest}, "
            f"got {overlap}"
        )
    raise ValueError(
        f"overlap: expected one with which tile - overlap is a multiple of {_shown(stride)}, the total stride, "
        f"such as {nearest}, got {overlap}"
    )


def _shown(pair) -> str:
    """Write one number where height and width have the same."""
    return str(pair[0]) if pair[0] == pair[1] else f"{pair[0]} and {pair[1]} (height, width)"
