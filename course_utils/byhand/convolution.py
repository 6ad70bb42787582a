"""Convolution and pooling from scratch (taught in week 2).

Images are (height, width) or (height, width, channels). A kernel is (h, w) for the first and
(h, w, channels, filters) for the second, in the order of Keras.
"""

import numpy as np
import numpy.typing as npt

from .. import arguments


def _constant(rows) -> np.ndarray:
    array = np.array(rows)
    array.setflags(write=False)
    return array


SOBEL_ROWS = _constant([[1, 2, 1], [0, 0, 0], [-1, -2, -1]])
"""Compares the row above with the row below: answers to horizontal edges (lecture C)."""
SOBEL_COLUMNS = _constant([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
"""Compares the column on the left with the one on the right: answers to vertical edges (lecture C)."""


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
    size = arguments.integer("size", size, at_least=1)
    kernel = arguments.integer("kernel", kernel, at_least=1)
    stride = arguments.integer("stride", stride, at_least=1)
    padding = arguments.integer("padding", padding, at_least=0)
    dilation = arguments.integer("dilation", dilation, at_least=1)
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

    Raises
    ------
    ValueError
        If dimensions or channels do not match, or the kernel is larger than the padded image.

    Examples
    --------
    >>> correlate2d([[1, 2, 3], [4, 5, 6]], [[1, 1]])
    array([[ 3,  5],
           [ 9, 11]])
    """
    image, kernel = _pair(image, kernel)
    rows, columns = (output_size(image.shape[axis], kernel.shape[axis], stride, padding, dilation) for axis in (0, 1))
    if padding:
        image = np.pad(image, [(padding, padding)] * 2 + [(0, 0)] * (image.ndim - 2))
    # By strips of rows that stay in the processor's cache: whole pictures would be limited by memory.
    strip = max(1, 32768 // columns)
    result = np.empty((rows, columns, *kernel.shape[3:]), image.dtype)
    product = np.empty_like(result[:strip])
    multiply = np.multiply if kernel.ndim == 2 else np.matmul
    for start in range(0, rows, strip):
        part = result[start : start + strip]
        # One shifted view of the image for each kernel entry: a loop over 9 entries, not over 250,000 pixels.
        for i, j in np.ndindex(*kernel.shape[:2]):
            top, left = i * dilation + stride * start, j * dilation
            view = image[top : top + stride * len(part) : stride, left : left + stride * columns : stride]
            multiply(view, kernel[i, j], out=product[: len(part)] if i or j else part)
            if i or j:
                part += product[: len(part)]
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
    image, kernel = _pair(image, kernel)
    return correlate2d(image, kernel[::-1, ::-1], stride, padding, dilation)


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
    return _windows(image, size, stride).max(axis=(-2, -1))


def average_pool2d(image: npt.ArrayLike, size: int = 2, stride: int | None = None) -> np.ndarray:
    """Keep the mean of each window; otherwise as `max_pool2d`.

    Examples
    --------
    >>> average_pool2d([[1, 3], [5, 7]])
    array([[4.]])
    """
    return _windows(image, size, stride).mean(axis=(-2, -1))


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

    shape = tuple(arguments.integer("shape", side, at_least=1) for side in shape)
    kernel = _pair(np.zeros(shape, np.int8), kernel)[1]
    height, width = shape[:2]
    rows, columns = (output_size(shape[axis], kernel.shape[axis], stride, padding) for axis in (0, 1))
    weights = kernel.reshape(*kernel.shape[:2], *(kernel.shape[2:] or (1, 1)))
    channels, filters = weights.shape[2:]
    # Every combination of output position, kernel entry, channel and filter is one entry of the matrix ...
    r, c, i, j, k, f = np.indices((rows, columns, *weights.shape), sparse=True)
    y, x = r * stride + i - padding, c * stride + j - padding
    to = np.broadcast_to((r * columns + c) * filters + f, (rows, columns, *weights.shape))
    origin = np.broadcast_to((y * width + x) * channels + k, to.shape)
    inside = np.broadcast_to((y >= 0) & (y < height) & (x >= 0) & (x < width), to.shape)  # ... but for padding's zeros
    values = np.broadcast_to(weights, to.shape)[inside]
    return csr_array(
        (values, (to[inside], origin[inside])), shape=(rows * columns * filters, height * width * channels)
    )


def _pair(image: npt.ArrayLike, kernel: npt.ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return image and kernel as arrays of one type that sums do not overflow, or refuse them."""
    image, kernel = _numbers("image", image), _numbers("kernel", kernel)
    if (image.ndim, kernel.ndim) not in ((2, 2), (3, 4)):
        raise ValueError(
            "image, kernel: expected (H, W) with (h, w), or (H, W, C) with (h, w, C, F), "
            f"got {image.shape} with {kernel.shape}"
        )
    for name, array in (("image", image), ("kernel", kernel)):
        if 0 in array.shape:
            raise ValueError(f"{name}: expected at least one entry along each axis, got {array.shape}")
    if image.ndim == 3 and image.shape[2] != kernel.shape[2]:
        raise ValueError(f"kernel: expected {image.shape[2]} channels, the image's, got {kernel.shape[2]}")
    kind = np.result_type(image, kernel)
    kind = np.result_type(kind, np.int64) if kind.kind in "bui" else kind
    return image.astype(kind, copy=False), kernel.astype(kind, copy=False)


def _numbers(name: str, array: npt.ArrayLike) -> np.ndarray:
    array = np.asarray(array)
    if array.dtype.kind not in "buifc":
        raise TypeError(f"{name}: expected an array of numbers, got {array.dtype}")
    return array


def _windows(image: npt.ArrayLike, size: int, stride: int | None) -> np.ndarray:
    """View an image as (rows, columns[, C], size, size) without copying it."""
    image = _numbers("image", image)
    if image.ndim not in (2, 3) or 0 in image.shape:
        raise ValueError(f"image: expected (H, W) or (H, W, C), got {image.shape}")
    size = arguments.integer("size", size, at_least=1)
    stride = size if stride is None else arguments.integer("stride", stride, at_least=1)
    if size > min(image.shape[:2]):
        raise ValueError(f"size: expected at most {min(image.shape[:2])}, the image's smaller side, got {size}")
    return np.lib.stride_tricks.sliding_window_view(image, (size, size), axis=(0, 1))[::stride, ::stride]
