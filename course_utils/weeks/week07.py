"""Week 7: the checks of its exercises, and what this lesson alone needs."""

import numpy as np


def crop(image: np.ndarray, centre, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Crop a square window around a centre (x, y), and return it with its upper left corner, x and y.

    What lies beyond the image is mid-grey. Subtract the corner from a box to have the box in the window.

    Examples
    --------
    >>> window, corner = crop(np.zeros((4, 4, 1)), (0, 2), side=2)
    >>> window[..., 0].tolist(), corner.tolist()
    ([[0.5, 0.0], [0.5, 0.0]], [-1, 1])
    """
    x, y = (int(np.rint(position)) - side // 2 for position in centre)
    window = np.full((side, side, image.shape[2]), 0.5, np.float32)
    inside = image[max(0, y) : max(0, y + side), max(0, x) : max(0, x + side)]
    window[max(0, -y) :, max(0, -x) :][: inside.shape[0], : inside.shape[1]] = inside
    return window, np.array([x, y])


def halve(images: np.ndarray) -> np.ndarray:
    """Halve the size of images (n, height, width, channels): means of 2x2 pixels, without an odd last row or column.

    Examples
    --------
    >>> halve(np.arange(8.0).reshape(1, 2, 4, 1))[0, ..., 0].tolist()
    [[2.5, 4.5]]
    """
    count, height, width, channels = images.shape
    even = images[:, : height // 2 * 2, : width // 2 * 2]
    return even.reshape(count, height // 2, 2, width // 2, 2, channels).mean(axis=(2, 4))
