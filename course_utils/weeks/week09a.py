"""Week 9a: the checks of its exercises, and what this lesson alone needs."""

import numpy as np
from skimage.util import view_as_blocks

from .. import runtime

keras = runtime.quiet_keras()


def max_pool(image: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the maximum of each window of size x size, and its position in the image, ``row * width + column``.

    Of equal values the first counts, in rows from the top.

    Examples
    --------
    >>> image = np.array([[1, 9, 2, 2], [3, 4, 2, 2]])[..., None]  # (height, width, channels)
    >>> pooled, positions = max_pool(image, 2)
    >>> pooled.ravel().tolist(), positions.ravel().tolist()
    ([9, 2], [1, 2])
    """
    windows = view_as_blocks(image, (size, size, 1))
    windows = windows.reshape(*windows.shape[:3], size * size)
    inside = windows.argmax(axis=-1)
    rows, columns, _ = np.indices(inside.shape) * size
    return windows.max(axis=-1), (rows + inside // size) * image.shape[1] + columns + inside % size


def max_unpool(pooled: np.ndarray, positions: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return an image of `shape` with each value of `pooled` at its position, zeros elsewhere, by Keras' scatter.

    Examples
    --------
    >>> max_unpool(np.array([[[9.0], [2.0]]]), np.array([[[1], [2]]]), (2, 4))[..., 0].tolist()
    [[0.0, 9.0, 2.0, 0.0], [0.0, 0.0, 0.0, 0.0]]
    """
    height, width = shape
    channels = np.indices(pooled.shape)[2]
    indices = np.stack([positions.ravel(), channels.ravel()], axis=1)
    planes = keras.ops.scatter(indices, pooled.ravel(), (height * width, pooled.shape[2]))
    return keras.ops.convert_to_numpy(planes).reshape(height, width, -1)
