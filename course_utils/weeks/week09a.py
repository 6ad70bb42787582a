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
from scipy import ndimage
from sklearn.metrics.cluster import contingency_matrix


def border_weights(instances: np.ndarray, w0: float = 10.0, sigma: float = 5.0) -> np.ndarray:
    """Weights of pixels as in the U-Net paper: the narrower the gap between two objects, the larger.

    ``1 + w0 * exp(-(d1 + d2)**2 / (2 * sigma**2))`` with d1 and d2 the distances in pixels to the nearest two objects;
    1 inside objects. `instances` has the number of the object at each pixel, 0 for the background.

    Examples
    --------
    >>> border_weights(np.array([[1, 1, 0, 2, 2, 0, 0]]), w0=10, sigma=2).astype(float).round(1).tolist()
    [[1.0, 1.0, 7.1, 1.0, 1.0, 1.4, 1.0]]
    """
    nearest = np.full((2, *instances.shape), np.inf)
    reach = int(np.ceil(6 * sigma)) + 1  # farther away a weight is 1 to seven digits
    for number, box in enumerate(ndimage.find_objects(instances), start=1):
        if box is not None:
            around = tuple(slice(max(0, side.start - reach), side.stop + reach) for side in box)
            distance = ndimage.distance_transform_edt(instances[around] != number)
            first, second = nearest[(slice(None), *around)]
            np.minimum(second, np.maximum(first, distance), out=second)
            np.minimum(first, distance, out=first)
    gap = np.exp(-(nearest.sum(axis=0) ** 2) / (2 * sigma**2)) * (instances == 0)
    return (1 + w0 * gap).astype(np.float32)


def instance_scores(reference: np.ndarray, prediction: np.ndarray, overlap: float = 0.5) -> dict[str, float]:
    """Precision, recall and F1 of objects; two match if their intersection over union is above `overlap`.

    Both arrays have the number of the object at each pixel, 0 for the background. What would be 0/0 is nan.

    Examples
    --------
    >>> instance_scores([1, 1, 1, 0, 2, 2], [5, 5, 5, 0, 5, 3])  # 5 has 3 of 4 pixels of 1; 3 just half of 2
    {'precision': 0.5, 'recall': 0.5, 'f1': 0.5}
    """
    # With a pixel of background in front, row and column 0 are always the background's.
    common = contingency_matrix(np.append(0, reference), np.append(0, prediction))
    union = common.sum(axis=1, keepdims=True) + common.sum(axis=0) - common
    matched = (common / union > overlap)[1:, 1:].sum()
    real, found = np.array(common.shape) - 1
    ratios = {"precision": (matched, found), "recall": (matched, real), "f1": (2 * matched, real + found)}
    return {name: float(part / whole) if whole else float("nan") for name, (part, whole) in ratios.items()}
