"""Convolution and pooling from scratch (taught in week 2).

Images are (height, width) or (height, width, channels). A kernel is (h, w) for the first and
(h, w, channels, filters) for the second, in the order of Keras.
"""

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

SOBEL_ROWS = np.array([[1, 2, 1], [0, 0, 0], [-1, -2, -1]])
"""Compares the row above with the row below: answers to horizontal edges (lecture C)."""
SOBEL_COLUMNS = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
"""Compares the column on the left with the one on the right: answers to vertical edges (lecture C)."""
for _kernel in (SOBEL_ROWS, SOBEL_COLUMNS):
    _kernel.setflags(write=False)


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Count the positions that a kernel has along an axis.

    Parameters
    ----------
    size, kernel : int
        Length of the image and of the kernel along the axis.
    stride : int
        Pixels from one position to the next.
    padding : int
        Zeros added at each of the two ends.
    dilation : int
        Distance of neighbouring kernel entries, in pixels.

    Examples
    --------
    >>> output_size(28, 5)
    24
    >>> output_size(5, 3, stride=2, padding=1)
    3
    """
    reach = dilation * (kernel - 1) + 1
    if reach > size + 2 * padding:
        raise ValueError(f"kernel: expected at most {size + 2 * padding} pixels, the padded image's, got {reach}")
    return (size + 2 * padding - reach) // stride + 1


def correlate2d(
    image: npt.ArrayLike, kernel: npt.ArrayLike, stride: int = 1, padding: int = 0, dilation: int = 1
) -> np.ndarray:
    """Slide a kernel over an image and sum the products: what deep learning calls a convolution.

    Parameters
    ----------
    image : array, (H, W) or (H, W, C)
    kernel : array, (h, w) or (h, w, C, F)
    stride, padding, dilation : int
        As in `output_size`, along both axes.

    Returns
    -------
    array, (rows, columns) or (rows, columns, F)
        Integers stay integers.

    Examples
    --------
    >>> correlate2d([[1, 2, 3], [4, 5, 6]], [[1, 1]])
    array([[ 3,  5],
           [ 9, 11]])
    """
    image, kernel = np.asarray(image), np.asarray(kernel)
    if (image.ndim, kernel.ndim) not in ((2, 2), (3, 4)):
        expected = "(H, W) with (h, w), or (H, W, C) with (h, w, C, F)"
        raise ValueError(f"image, kernel: expected {expected}, got {image.shape} with {kernel.shape}")
    kind = np.result_type(image, kernel)
    if kind.kind in "bui":
        kind = np.result_type(kind, np.int64)  # which sums of bytes do not overflow
    rows, columns = (output_size(image.shape[axis], kernel.shape[axis], stride, padding, dilation) for axis in (0, 1))
    image = np.pad(image.astype(kind), [(padding, padding)] * 2 + [(0, 0)] * (image.ndim - 2))
    multiply = np.multiply if kernel.ndim == 2 else np.matmul
    result = np.zeros((rows, columns, *kernel.shape[3:]), kind)
    # One shifted view of the image for each kernel entry: a loop over 9 entries, not over 250,000 pixels.
    for i, j in np.ndindex(*kernel.shape[:2]):
        top, left = i * dilation, j * dilation
        view = image[top : top + stride * rows : stride, left : left + stride * columns : stride]
        result += multiply(view, kernel[i, j].astype(kind))
    return result


def convolve2d(
    image: npt.ArrayLike, kernel: npt.ArrayLike, stride: int = 1, padding: int = 0, dilation: int = 1
) -> np.ndarray:
    """Convolve as mathematics means it: flip the kernel along both axes, then correlate.

    Examples
    --------
    >>> convolve2d([[0, 0, 0], [0, 1, 0], [0, 0, 0]], [[1, 2], [3, 4]])
    array([[1, 2],
           [3, 4]])
    """
    return correlate2d(image, np.asarray(kernel)[::-1, ::-1], stride, padding, dilation)


def max_pool2d(image: npt.ArrayLike, size: int = 2, stride: int | None = None) -> np.ndarray:
    """Keep the largest value of each window; what does not fill a window at the end is left out.

    Parameters
    ----------
    image : array, (H, W) or (H, W, C)
    size : int
        Height and width of the window.
    stride : int, optional
        Pixels from one window to the next; default: the window's size.

    Examples
    --------
    >>> max_pool2d([[1, 4, 3, 3], [2, 7, 1, 4], [3, 6, 5, 1], [2, 1, 4, 3]])
    array([[7, 4],
           [6, 5]])
    """
    return _windows(image, (size, size), stride or size).max(axis=(-2, -1))


def average_pool2d(image: npt.ArrayLike, size: int = 2, stride: int | None = None) -> np.ndarray:
    """Keep the mean of each window; otherwise as `max_pool2d`.

    Examples
    --------
    >>> average_pool2d([[1, 3], [5, 7]])
    array([[4.]])
    """
    return _windows(image, (size, size), stride or size).mean(axis=(-2, -1))


def as_matrix(kernel: npt.ArrayLike, shape: tuple[int, ...], stride: int = 1, padding: int = 0):
    """Write a convolution layer as the matrix of a dense layer.

    Parameters
    ----------
    kernel : array, (h, w) or (h, w, C, F)
    shape : (H, W) or (H, W, C)
        The image's shape.
    stride, padding : int
        As in `output_size`.

    Returns
    -------
    scipy.sparse.csr_array, (outputs, inputs)
        ``as_matrix(kernel, image.shape) @ image.ravel()`` is ``correlate2d(image, kernel).ravel()``.

    Examples
    --------
    >>> as_matrix([[1, 2]], (1, 4)).toarray()
    array([[1, 2, 0, 0],
           [0, 1, 2, 0],
           [0, 0, 1, 2]])
    """
    from scipy.sparse import csr_array

    kernel = np.asarray(kernel)
    weights = kernel.reshape(*kernel.shape[:2], *(kernel.shape[2:] or (1, 1)))
    # An image of its values' own numbers tells which input each weight meets in each window.
    numbers = np.arange(np.prod(shape)).reshape(*shape[:2], weights.shape[2])
    numbers = np.pad(numbers, [(padding, padding)] * 2 + [(0, 0)], constant_values=-1)
    windows = _windows(numbers, weights.shape[:2], stride)  # (rows, columns, C, h, w)
    outputs = np.arange(windows[..., 0, 0, 0].size * weights.shape[3]).reshape(*windows.shape[:2], 1, 1, 1, -1)
    inputs, outputs, values = np.broadcast_arrays(windows[..., None], outputs, weights.transpose(2, 0, 1, 3))
    inside = inputs >= 0  # the others are the padding's zeros
    return csr_array((values[inside], (outputs[inside], inputs[inside])), shape=(outputs.max() + 1, np.prod(shape)))


def _windows(image: npt.ArrayLike, sides: tuple[int, int], stride: int) -> np.ndarray:
    """View an image as (rows, columns[, C], h, w) without copying it."""
    return sliding_window_view(image, sides, axis=(0, 1))[::stride, ::stride]
