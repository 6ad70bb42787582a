"""Losses, and weights for them, that Keras lacks. Importing this module loads Keras."""

from numbers import Real

import numpy as np
import numpy.typing as npt

from . import runtime

keras = runtime.quiet_keras()
ops = keras.ops


def pair_iou(true, predicted):
    """Intersection over union of each box with its partner, as tensors that a gradient goes through.

    Parameters
    ----------
    true, predicted : tensor (..., 4)
        Rows x1, y1, x2, y2, each with x1 <= x2 and y1 <= y2.

    Returns
    -------
    tensor (...)
        From 0, apart, to 1, the same. (For all pairs of two lists, and without gradients: `byhand.boxes.iou`.)

    Examples
    --------
    >>> import numpy as np
    >>> pair = pair_iou(np.array([[0.0, 0, 2, 2]]), np.array([[1.0, 0, 3, 2]]))
    >>> round(float(pair[0]), 2)
    0.33
    """
    sides = ops.minimum(true[..., 2:], predicted[..., 2:]) - ops.maximum(true[..., :2], predicted[..., :2])
    common = ops.prod(ops.maximum(sides, 0.0), axis=-1)
    union = _area(true) + _area(predicted) - common
    return common / (union + keras.config.epsilon())


def _area(boxes):
    return ops.prod(boxes[..., 2:] - boxes[..., :2], axis=-1)


def border_weights(instances: npt.ArrayLike, w0: float = 10.0, sigma: float = 5.0) -> np.ndarray:
    """Weigh the background between objects by how narrow it is there, as the U-Net paper does.

    ``1 + w0 * exp(-(d1 + d2)**2 / (2 * sigma**2))`` with d1 and d2 the distances to the nearest object and to the
    next one; 1 in the objects themselves, and where there are fewer than two. Give it to Keras as `sample_weight`.

    Parameters
    ----------
    instances : array of int (height, width)
        The object of each pixel, 0 for the background.
    w0 : float
        How much a gap weighs that has no width. The paper has 10.
    sigma : float
        Width of gaps that matter, in pixels. The paper has 5, in pictures of 512x512.

    Returns
    -------
    array (height, width) of float32

    Examples
    --------
    >>> border_weights([[1, 1, 0, 2, 2, 0, 0]], w0=10, sigma=2).astype(float).round(1).tolist()
    [[1.0, 1.0, 7.1, 1.0, 1.0, 1.4, 1.0]]
    """
    from scipy import ndimage

    instances = np.asarray(instances)
    if instances.dtype.kind not in "ui":
        raise TypeError(f"instances: expected whole numbers, got {instances.dtype}")
    if instances.ndim != 2 or not instances.size:
        raise ValueError(f"instances: expected (height, width) of at least one pixel, got shape {instances.shape}")
    if instances.min() < 0:
        raise ValueError(f"instances: expected numbers of at least 0, got {instances.min()}")
    for name, value, positive in (("w0", w0, False), ("sigma", sigma, True)):
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError(f"{name}: expected a number, got {value!r}")
        if not np.isfinite(value) or value < 0 or (positive and value == 0):
            raise ValueError(
                f"{name}: expected a finite number {'above' if positive else 'of at least'} 0, got {value}"
            )
    nearest = np.full((2, *instances.shape), np.inf)
    reach = int(np.ceil(6 * sigma)) + 1  # farther away a weight is 1 to seven digits
    numbered = np.unique(instances, return_inverse=True)[1].reshape(instances.shape) + (instances.min(initial=1) > 0)
    for number, box in enumerate(ndimage.find_objects(numbered), start=1):
        around = tuple(slice(max(0, side.start - reach), side.stop + reach) for side in box)
        distance = ndimage.distance_transform_edt(numbered[around] != number)
        first, second = nearest[(slice(None), *around)]
        np.minimum(second, np.maximum(first, distance), out=second)
        np.minimum(first, distance, out=first)
    gap = np.exp(-(nearest.sum(axis=0) ** 2) / (2 * sigma**2)) * (instances == 0)
    return (1 + w0 * gap).astype(np.float32)
