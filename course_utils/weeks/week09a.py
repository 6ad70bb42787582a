"""Week 9a: the checks of its exercises, and what this lesson alone needs."""

import numpy as np

from ..byhand.convolution import correlate2d

# Enlarging by hand. Images are (height, width) or (height, width, channels).


def interpolate(image: np.ndarray, factor: int) -> np.ndarray:
    """Interpolate between the pixels' centres along both axes; beyond the outer centres their values are held.

    Examples
    --------
    >>> interpolate(np.array([[0.0, 4.0, 8.0]]), 2)[0]
    array([0., 1., 3., 5., 7., 8.])
    """
    for axis in (0, 1):
        last = image.shape[axis] - 1
        # The centre of new row i lies (i + 0.5) new rows from the top, which is (i + 0.5) / factor old ones.
        position = ((np.arange((last + 1) * factor) + 0.5) / factor - 0.5).clip(0, last)
        above = position.astype(int)
        below = np.minimum(above + 1, last)
        weight = np.expand_dims((position - above).astype(image.dtype), [i for i in range(image.ndim) if i != axis])
        image = (1 - weight) * image.take(above, axis) + weight * image.take(below, axis)
    return image


def insert_zeros(image: np.ndarray, stride: int) -> np.ndarray:
    """Put ``stride - 1`` zeros between neighbouring pixels, and none around the image.

    Examples
    --------
    >>> insert_zeros(np.array([[1, 2, 3]]), 2)
    array([[1, 0, 2, 0, 3]])
    """
    rows, columns = ((side - 1) * stride + 1 for side in image.shape[:2])
    result = np.zeros((rows, columns, *image.shape[2:]), image.dtype)
    result[::stride, ::stride] = image
    return result


def transposed_convolution(image: np.ndarray, kernel: np.ndarray, stride: int = 1, padding: int = 0) -> np.ndarray:
    """Let each pixel stamp the kernel, times its value, `stride` pixels from the last stamp.

    Computed as an ordinary convolution of the image with zeros inserted.

    Parameters
    ----------
    image : array, (H, W) or (H, W, C)
    kernel : array, (h, w) or (h, w, F, C)
        Outputs before inputs, in the order of Keras.
    stride : int
        Pixels of the result from one stamp to the next.
    padding : int
        Rows and columns cut off at each of the four sides, fewer than the kernel has. With half of what the kernel has
        more than the stride, this is Keras' ``Conv2DTranspose(padding="same")``; with 0 its "valid".

    Returns
    -------
    array, (rows, columns) or (rows, columns, F)
        Along an axis ``(size - 1) * stride + kernel - 2 * padding`` pixels.

    Examples
    --------
    >>> transposed_convolution(np.array([[1, 10]]), np.array([[1, 2, 3]]), stride=2)
    array([[ 1,  2, 13, 20, 30]])
    """
    around = [(side - 1 - padding,) * 2 for side in kernel.shape[:2]] + [(0, 0)] * (image.ndim - 2)
    flipped = kernel[::-1, ::-1]
    if kernel.ndim == 4:
        flipped = flipped.swapaxes(2, 3)  # correlate2d expects inputs before outputs
    return correlate2d(np.pad(insert_zeros(image, stride), around), flipped)


def max_unpool(pooled: np.ndarray, positions: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Put each maximum back to where it was, and zeros elsewhere.

    Parameters
    ----------
    pooled : array, (h, w, C)
    positions : array of int, (h, w, C)
        In the channel's plane of the result, ``row * W + column``.
    shape : (H, W)
        The result's.

    Examples
    --------
    >>> max_unpool(np.array([[[9], [7]]]), np.array([[[1], [6]]]), (2, 4))[..., 0]
    array([[0, 9, 0, 0],
           [0, 0, 7, 0]])
    """
    channels = pooled.shape[2]
    result = np.zeros((shape[0] * shape[1], channels), pooled.dtype)
    np.put_along_axis(result, positions.reshape(-1, channels), pooled.reshape(-1, channels), axis=0)
    return result.reshape(*shape, channels)
