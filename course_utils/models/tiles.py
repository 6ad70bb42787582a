"""The U-Net paper's overlap-tile strategy: outputs for images that are too large for one pass through a network."""

import sys

import numpy as np
from tqdm import tqdm

from .. import runtime

keras = runtime.quiet_keras()

PIXELS_AT_ONCE = 512 * 512  # of the tiles that go through the network together


def predict_tiles(model: keras.Model, image: np.ndarray, tile: int, overlap: int, stride: int = 32) -> np.ndarray:
    """Predict every pixel of an image of any size from overlapping tiles. Beyond its border the image is mirrored.

    Parameters
    ----------
    model : keras.Model
        From (batch, height, width, channels) to (batch, height, width, classes). Convolutions with padding "valid"
        make its output smaller than the tile; then it belongs to the tile's centre.
    image : array (height, width, channels)
        Floating-point numbers on the scale that the model was trained on.
    tile : int
        Side of the square tiles that the model gets. It must come out even at each halving in the model.
    overlap : int
        How many pixels neighbouring tiles share. Each provides the half that is nearer to its own centre, which has
        ``overlap // 2`` pixels of context. A U-Net of depth d sees ``7 * 2 ** (d - 1) - 5`` pixels far.
    stride : int
        How much smaller the smallest feature map of the model is: ``2 ** (d - 1)`` in a U-Net, 32 in an FCN.
        Pooling windows are counted from a tile's corner, so tiles must start at multiples of the stride: otherwise
        the output differs from that of one pass.

    Returns
    -------
    float32 array (height, width, classes)

    Examples
    --------
    >>> from course_utils.models import unet
    >>> model = unet((None, None, 1), classes=2, depth=3, width=2)
    >>> image = np.random.default_rng(0).random((136, 216, 1), "float32")
    >>> output = predict_tiles(model, image, tile=96, overlap=56, stride=4)
    >>> bool(np.abs(output - model.predict(image[None], verbose=0)[0]).max() < 1e-4)
    True
    """
    if image.dtype.kind != "f":
        raise TypeError(f"image: expected floating-point numbers as in the training, got {image.dtype}")
    tiles = np.zeros((max(1, PIXELS_AT_ONCE // tile**2), tile, tile, image.shape[2]), np.float32)
    _, predicted, _, classes = model.compute_output_shape(tiles.shape)  # fewer rows than a tile has if "valid"
    step, margin = tile - overlap, (tile - predicted) // 2
    if not 0 < step <= predicted or step % stride:
        raise ValueError(
            f"overlap: expected at least {tile - predicted} and less than {tile}, with tile - overlap a multiple of "
            f"the stride {stride}, got {overlap}"
        )
    rows, columns = (_cuts(side, step, predicted) for side in image.shape[:2])
    cuts = [(row, column) for row in rows for column in columns]
    padded = np.pad(image, [(margin, tile), (margin, tile), (0, 0)], mode="reflect")
    output = np.empty((*image.shape[:2], classes), np.float32)
    starts = range(0, len(cuts), len(tiles))
    for start in tqdm(starts, "Predicting tiles", disable=len(cuts) < 32, leave=False, file=sys.stdout):
        batch = cuts[start : start + len(tiles)]
        # The last batch keeps its size, with tiles left over: another size would be traced anew.
        for number, ((top, _, _), (left, _, _)) in enumerate(batch):
            tiles[number] = padded[top : top + tile, left : left + tile]
        predictions = model.predict_on_batch(tiles)
        for prediction, ((top, low, high), (left, first, last)) in zip(predictions, batch, strict=False):
            output[low:high, first:last] = prediction[low - top : high - top, first - left : last - left]
    return output


def _cuts(side: int, step: int, predicted: int) -> list[tuple[int, int, int]]:
    """Return where each prediction along an axis starts, and the first and last position that it is used for."""
    shared = predicted - step
    origins = range(0, max(side - shared, 1), step)
    borders = [0, *(origin + shared // 2 for origin in origins[1:]), side]
    return list(zip(origins, borders[:-1], borders[1:], strict=True))
