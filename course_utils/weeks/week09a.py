"""Week 9a: the checks of its exercises, and what this lesson alone needs."""

import numpy as np
from skimage.util import view_as_blocks


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
from collections.abc import Sequence

import numpy as np

from .. import plots
from ..plots.look import COLOURS

FINER = 4  # parts of a pixel's side, for outlines


def instances(
    images: Sequence[np.ndarray], objects: Sequence[np.ndarray], titles: Sequence[str] = (), title: str = "", **more
) -> None:
    """Show images with each object tinted and outlined, so that one sees which pixels are taken for one object.

    Parameters
    ----------
    images : sequence of array
        (height, width) or (height, width, 1 or 3), in 0 to 1.
    objects : sequence of array of int, one an image
        (height, width): the object of each pixel, 0 for the background. Tints come again after a few objects: it is
        the outlines that tell objects apart.
    titles : sequence of str
        Default: how many objects there are.
    **more
        As `plots.pictures` takes it.
    """
    counts = [len(np.setdiff1d(one, 0)) for one in objects]
    titles = titles or [f"{count} object{'s' * (count != 1)}" for count in counts]
    told = "; ".join(f"{name}: {count}" for name, count in zip(titles, counts, strict=True))
    tinted = [_tint(np.asarray(image), np.asarray(one)) for image, one in zip(images, objects, strict=True)]
    plots.pictures(tinted, titles, title, span=(0, 1), alt=f"{title}. Objects, tinted. {told}.", **more)


def _tint(image: np.ndarray, objects: np.ndarray) -> np.ndarray:
    from matplotlib.colors import to_rgb
    from skimage.segmentation import find_boundaries

    colours = np.array([to_rgb(colour) for colour in COLOURS[:6]])
    grey = np.broadcast_to(image.reshape(*objects.shape, -1), (*objects.shape, 3))
    opacity = 0.4 * (objects > 0)[..., None]
    tinted = (1 - opacity) * grey + opacity * colours[(objects - 1) % len(colours)]
    # Larger, for outlines thinner than a pixel: white within, black around, so that they are seen on any ground.
    tinted, objects = (array.repeat(FINER, axis=0).repeat(FINER, axis=1) for array in (tinted, objects))
    tinted[find_boundaries(objects, mode="outer")] = 0
    tinted[find_boundaries(objects, mode="inner")] = 1
    return tinted
