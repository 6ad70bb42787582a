"""Upsampling from scratch (taught in week 9a).

Images are (height, width) or (height, width, channels), as in `convolution`. A transposed convolution's kernel is
(h, w) for the first and (h, w, filters, channels) for the second: outputs before inputs, in the order of Keras.
"""

import numpy as np
import numpy.typing as npt

from .. import arguments
from . import convolution


def nearest(image: npt.ArrayLike, factor: int) -> np.ndarray:
    """Repeat each pixel `factor` times along both axes.

    Examples
    --------
    >>> nearest([[1, 2]], 2)
    array([[1, 1, 2, 2],
           [1, 1, 2, 2]])
    """
    factor = arguments.integer("factor", factor, at_least=1)
    return _image("image", image).repeat(factor, axis=0).repeat(factor, axis=1)


def bilinear(image: npt.ArrayLike, factor: int) -> np.ndarray:
    """Interpolate between the pixels' centres along both axes; beyond the outer centres their values are held.

    Parameters
    ----------
    image : array, (H, W) or (H, W, C)
    factor : int

    Returns
    -------
    array of float, (H * factor, W * factor) or (H * factor, W * factor, C)

    Examples
    --------
    >>> bilinear([[0, 4, 8]], 2)[0]
    array([0., 1., 3., 5., 7., 8.])
    """
    image = convolution._numbers("image", _image("image", image))
    factor = arguments.integer("factor", factor, at_least=1)
    if image.dtype.kind not in "fc":
        image = image.astype(float)
    return _stretch(_stretch(image, factor).swapaxes(0, 1), factor).swapaxes(0, 1)


def insert_zeros(image: npt.ArrayLike, stride: int) -> np.ndarray:
    """Move pixels apart: ``stride - 1`` zeros between neighbours, none around the image.

    Examples
    --------
    >>> insert_zeros([[1, 2, 3]], 2)
    array([[1, 0, 2, 0, 3]])
    """
    image = convolution._numbers("image", _image("image", image))
    stride = arguments.integer("stride", stride, at_least=1)
    rows, columns = ((side - 1) * stride + 1 for side in image.shape[:2])
    result = np.zeros((rows, columns, *image.shape[2:]), image.dtype)
    result[::stride, ::stride] = image
    return result


def transposed(image: npt.ArrayLike, kernel: npt.ArrayLike, stride: int = 1, padding: int = 0) -> np.ndarray:
    """Transposed convolution: each pixel stamps the kernel, times its value, `stride` pixels from the last stamp.

    Computed as an ordinary convolution of the image with zeros inserted.

    Parameters
    ----------
    image : array, (H, W) or (H, W, C)
    kernel : array, (h, w) or (h, w, F, C)
    stride : int
        Pixels of the result from one stamp to the next.
    padding : int
        Rows and columns cut off at each of the four sides: the padding of the convolution that this one transposes.

    Returns
    -------
    array, (rows, columns) or (rows, columns, F)
        Along an axis ``(size - 1) * stride + kernel - 2 * padding`` pixels. Integers stay integers.

    Raises
    ------
    ValueError
        If dimensions or channels do not match, or `padding` is as large as the kernel or leaves nothing.

    Notes
    -----
    Without padding it is Keras' ``Conv2DTranspose(padding="valid")``, and with ``padding=(kernel - stride) / 2`` its
    "same". Where that is no whole number, none equals "same": Keras cuts one row and column more at the lower and right
    end. Where the stride is larger than the kernel, Keras adds rows and columns of zeros there, in both.

    Examples
    --------
    >>> transposed([[1, 10]], [[1, 2, 3]], stride=2)
    array([[ 1,  2, 13, 20, 30]])
    """
    image, kernel, _ = _checked(image, kernel, stride, padding)
    spread = insert_zeros(image, stride)
    around = [(side - 1 - padding,) * 2 for side in kernel.shape[:2]] + [(0, 0)] * (image.ndim - 2)
    flipped = kernel[::-1, ::-1]
    if kernel.ndim == 4:
        flipped = flipped.swapaxes(2, 3)  # correlate2d expects inputs before outputs
    return convolution.correlate2d(np.pad(spread, around), flipped)


def transposed_by_matrix(image: npt.ArrayLike, kernel: npt.ArrayLike, stride: int = 1, padding: int = 0) -> np.ndarray:
    """Do the same as `transposed` by what gave it its name: the matrix of a convolution, transposed.

    That convolution goes from the result's shape to the image's. With a stride it can do so from several shapes, since
    it leaves out what fills no step; the smallest is taken.

    Examples
    --------
    >>> transposed_by_matrix([[1, 10]], [[1, 2, 3]], stride=2)
    array([[ 1,  2, 13, 20, 30]])
    """
    image, kernel, shape = _checked(image, kernel, stride, padding)
    # Its inputs are our outputs: the kernel's (h, w, F, C) is the order that as_matrix expects.
    matrix = convolution.as_matrix(kernel, shape, stride, padding)
    return (matrix.T @ image.ravel()).reshape(shape)


def max_unpool(pooled: npt.ArrayLike, positions: npt.ArrayLike, shape: tuple[int, int]) -> np.ndarray:
    """Put each maximum back to where it was, and zeros elsewhere; values that share a position are added.

    Parameters
    ----------
    pooled : array, (h, w) or (h, w, C)
    positions : array of int, the shape of `pooled`
        Places in the channel's plane of the result, ``row * W + column``.
    shape : (H, W)
        The result's.

    Returns
    -------
    array, (H, W) or (H, W, C)

    Examples
    --------
    >>> max_unpool([[9, 7]], [[1, 6]], (2, 4))
    array([[0, 9, 0, 0],
           [0, 0, 7, 0]])
    """
    pooled = convolution._numbers("pooled", _image("pooled", pooled))
    positions = np.asarray(positions)
    if positions.dtype.kind not in "ui":
        raise TypeError(f"positions: expected whole numbers, got {positions.dtype}")
    if positions.shape != pooled.shape:
        raise ValueError(f"positions: expected the shape of pooled, {pooled.shape}, got {positions.shape}")
    if not isinstance(shape, list | tuple) or len(shape) != 2:
        raise TypeError(f"shape: expected a height and a width, got {shape!r}")
    height, width = (arguments.integer("shape", side, at_least=1) for side in shape)
    outside = positions[(positions < 0) | (positions >= height * width)]
    if outside.size:
        raise ValueError(f"positions: expected 0 to {height * width - 1}, got {outside[0]}")
    # As in correlate2d: sums of small integers would overflow.
    kind = np.result_type(pooled, np.int64) if pooled.dtype.kind in "bui" else pooled.dtype
    result = np.zeros((height, width, *pooled.shape[2:]), kind)
    for place in np.ndindex(*pooled.shape):
        row, column = divmod(int(positions[place]), width)
        result[row, column, *place[2:]] += pooled[place]
    return result


def _stretch(image: np.ndarray, factor: int) -> np.ndarray:
    """Interpolate between rows."""
    rows = len(image)
    # The centre of new row i lies (i + 0.5) new rows from the top, which is (i + 0.5) / factor old ones.
    position = ((np.arange(rows * factor) + 0.5) / factor - 0.5).clip(0, rows - 1)
    above = position.astype(int)
    below = np.minimum(above + 1, rows - 1)
    share = (position - above).astype(image.dtype).reshape(-1, *[1] * (image.ndim - 1))
    return (1 - share) * image[above] + share * image[below]


def _image(name: str, image: npt.ArrayLike) -> np.ndarray:
    image = np.asarray(image)
    if image.ndim not in (2, 3) or 0 in image.shape:
        raise ValueError(f"{name}: expected (H, W) or (H, W, C), got {image.shape}")
    return image


def _checked(image: npt.ArrayLike, kernel: npt.ArrayLike, stride: int, padding: int) -> tuple:
    """Return image and kernel as arrays and the shape of their transposed convolution, or refuse them."""
    image = convolution._numbers("image", _image("image", image))
    kernel = convolution._numbers("kernel", kernel)
    if kernel.ndim != 2 * image.ndim - 2 or 0 in kernel.shape:
        expected = "(h, w)" if image.ndim == 2 else "(h, w, F, C)"
        raise ValueError(f"kernel: expected {expected} for an image {image.shape}, got {kernel.shape}")
    if image.ndim == 3 and image.shape[2] != kernel.shape[3]:
        raise ValueError(f"kernel: expected {image.shape[2]} channels, the image's, in the end, got {kernel.shape}")
    stride = arguments.integer("stride", stride, at_least=1)
    padding = arguments.integer("padding", padding, at_least=0)
    sides = [(size - 1) * stride + k for size, k in zip(image.shape[:2], kernel.shape[:2], strict=True)]
    if padding >= min(kernel.shape[:2]) or 2 * padding >= min(sides):
        raise ValueError(
            f"padding: expected less than the kernel's sides, {kernel.shape[:2]}, and than half of those of the result "
            f"without padding, {tuple(sides)}, got {padding}"
        )
    return image, kernel, (*(side - 2 * padding for side in sides), *kernel.shape[2:3])
