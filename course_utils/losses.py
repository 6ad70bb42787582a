"""Losses that Keras lacks. Importing this module loads Keras."""

from . import runtime

keras = runtime.quiet_keras()
ops = keras.ops


def pair_iou(true, predicted):
    """Intersection over union of each box with its partner, as tensors that a gradient goes through.

    Both are tensors (..., 4), rows x1, y1, x2, y2; the result has shape (...). For all pairs of two lists, and
    without gradients: `byhand.boxes.iou`.

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
