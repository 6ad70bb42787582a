"""Week 9a: the checks of its exercises, and what this lesson alone needs."""

import numpy as np
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
