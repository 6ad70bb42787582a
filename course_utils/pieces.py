"""Pieces of pictures, and pictures at half their size."""

from collections.abc import Sequence

import numpy as np

from . import arguments


def cut_out(image: np.ndarray, middle: Sequence[float], side: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut out a square piece around a place; what reaches beyond the picture is mid-grey.

    Parameters
    ----------
    image : array (height, width, channels)
        In 0 to 1.
    middle : (x, y)
        In pixels.
    side : int
        Of the piece, in pixels.

    Returns
    -------
    piece : array (side, side, channels)
    corner : array (2,)
        Where the piece's upper left corner lies in the picture, x and y; take it off a box to have it in the piece.

    Examples
    --------
    >>> import numpy as np
    >>> piece, corner = cut_out(np.zeros((4, 4, 1)), (0, 2), side=2)
    >>> piece[..., 0].tolist(), corner.tolist()
    ([[0.5, 0.0], [0.5, 0.0]], [-1, 1])
    """
    side = arguments.integer("side", side, at_least=1)
    if np.ndim(image) != 3:
        raise ValueError(f"image: expected (height, width, channels), got an array of shape {np.shape(image)}")
    if np.shape(middle) != (2,) or not np.isfinite(middle).all():
        raise ValueError(f"middle: expected two finite numbers, x and y, got {middle}")
    x, y = (int(np.rint(place)) - side // 2 for place in middle)
    piece = np.full((side, side, image.shape[2]), 0.5, np.float32)
    seen = image[max(0, y) : max(0, y + side), max(0, x) : max(0, x + side)]
    piece[max(0, -y) :, max(0, -x) :][: seen.shape[0], : seen.shape[1]] = seen
    return piece, np.array([x, y])


def halved(images: np.ndarray) -> np.ndarray:
    """Give pictures (n, height, width, channels) half their size: means of 2x2 pixels; an odd last one falls away.

    Examples
    --------
    >>> import numpy as np
    >>> halved(np.arange(8.0).reshape(1, 2, 4, 1))[0, ..., 0].tolist()
    [[2.5, 4.5]]
    """
    if np.ndim(images) != 4 or min(images.shape[1:3]) < 2:
        raise ValueError(
            f"images: expected (n, height, width, channels) of at least 2x2, got an array of shape {np.shape(images)}"
        )
    count, height, width, channels = images.shape
    even = images[:, : height // 2 * 2, : width // 2 * 2]
    return even.reshape(count, height // 2, 2, width // 2, 2, channels).mean(axis=(2, 4))
