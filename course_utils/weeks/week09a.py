"""Week 9a: the checks of its exercises, and what this lesson alone needs."""

from collections.abc import Sequence

import numpy as np
from scipy import ndimage
from skimage.util import view_as_blocks
from sklearn.metrics.cluster import contingency_matrix

from .. import plots
from ..byhand.convolution import correlate2d
from ..judge import Check
from ..plots.look import COLOURS


def _unpool(pooled, positions, shape, *, index=lambda at, shape: np.divmod(at, shape[1])):
    """An image of `shape` with each value at its position, zeros elsewhere."""
    large = np.zeros(shape)
    large[index(positions, shape)] = pooled
    return large


unpool = Check(
    _unpool,
    cases=[
        (np.array([[5, 2.7], [-1, 7]]), np.array([[4, 3], [9, 14]]), (4, 4)),
        (np.array([[8, 1], [0.5, 6], [3, -2.4]]), np.array([[1, 6], [13, 14], [20, 19]]), (6, 4)),
        (np.array([[4, 2, 0.5], [9, -3, 6]]), np.array([[8, 2, 11], [21, 17, 19]]), (5, 7)),
    ],
    mistakes={
        "row and column have changed places: a position counts along the rows.": [
            {"index": lambda at, shape: np.divmod(at, shape[1])[::-1]},
            {"index": lambda at, shape: np.unravel_index(at, shape, order="F")},
        ],
        "you divided by the height. A row is as long as the result is wide.": {
            "index": lambda at, shape: np.divmod(at, shape[0])
        },
        "each value is in the upper left corner of its window, wherever it came from.": {
            "index": lambda at, shape: tuple(2 * np.indices(at.shape))
        },
        "nothing but zeros comes out. Did you write the values into a copy?": lambda v, at, shape: np.zeros(shape),
        "the positions are right, but marked with 1. The value itself belongs there.": (
            lambda *given: _unpool(*given) != 0
        ),
    },
    praise="everywhere else there are zeros, which the next convolutions have to fill.",
)


def _transposed_size(size, kernel, stride, padding=0, *, steps=-1, cut=2):
    """Pixels along the axis of a transposed convolution's result."""
    return (size + steps) * stride + kernel - cut * padding


transposed_size = Check(
    _transposed_size,
    # No stride is longer than its kernel: there Keras adds zeros at the end, and other formulas are as good.
    cases=[(2, 3, 2), (4, 2, 2, 0), (4, 3, 2, 1), (5, 3, 1, 0), (14, 4, 2, 1), (3, 7, 4, 2)],
    mistakes={
        "between the prints there is one step fewer than there are prints.": [
            {"steps": 0},
            lambda n, k, s, p=0: n * s + k - 1 - 2 * p,
        ],
        "padding cuts pixels off at both sides.": [{"cut": 1}, {"cut": -2}],
        "that is the formula of an ordinary convolution, which makes the axis shorter.": (
            lambda n, k, s, p=0: (n + 2 * p - k) // s + 1
        ),
        "the last print reaches as far as its kernel, not just one stride.": [
            lambda n, k, s, p=0: n * s,
            lambda n, k, s, p=0: n * s - 2 * p,
        ],
        "that is the length with zeros between the values. The kernel adds to it.": (
            lambda n, k, s, p=0: (n - 1) * s + 1
        ),
    },
    praise="a kernel of 2 and a stride of 2, as on the way up in a U-Net, double the axis exactly.",
)


def _of_class(p, c):
    return np.take_along_axis(p, c[..., None], axis=-1)[..., 0]


def _binary(p, c):
    return -np.log(np.where(np.arange(p.shape[-1]) == c[..., None], p, 1 - p)).sum(axis=-1)


def _pixel_loss(
    probabilities, classes, weights, *, loss=lambda p, c: -np.log(_of_class(p, c)), mean=lambda x, w: x @ w / w.sum()
):
    """Weighted mean cross-entropy of pixels."""
    return mean(loss(probabilities, classes).ravel(), weights.ravel())


_PROBABILITIES = np.array([[[0.5, 0.2, 0.3], [0.1, 0.8, 0.1]], [[0.25, 0.15, 0.6], [0.05, 0.35, 0.6]]])

pixel_loss = Check(
    _pixel_loss,
    cases=[
        (np.array([[[0.9, 0.1], [0.75, 0.25]]]), np.array([[0, 1]]), np.array([[1.0, 3.0]])),
        (_PROBABILITIES, np.array([[2, 0], [1, 2]]), np.array([[5.0, 0.5], [8.0, 1.5]])),
    ],
    mistakes={
        "a weighted mean is divided by the sum of the weights.": [
            {"mean": lambda x, w: (x * w).mean()},
            {"mean": lambda x, w: x @ w},
        ],
        "the loss of a pixel is not multiplied by its weight.": [
            {"mean": lambda x, w: x.mean()},
            {"mean": lambda x, w: x.sum() / w.sum()},
        ],
        "the weight multiplies the probability, inside the logarithm. It should multiply the loss.": [
            lambda p, c, w: -np.log(w * _of_class(p, c)).mean(),
            lambda p, c, w: -np.log(w * _of_class(p, c)).sum() / w.sum(),
        ],
        "there is no logarithm in it: a cross-entropy is the negative logarithm of a probability.": {"loss": _of_class},
        "that is binary cross-entropy. Here only the channel of a pixel's own class counts.": {"loss": _binary},
        "the class of a pixel says which channel to take, and no other counts.": [
            {"loss": lambda p, c: -np.log(p.max(axis=-1))},
            {"loss": lambda p, c: -np.log(p[..., 1])},
        ],
    },
    praise="a pixel of weight 3 counts like three pixels.",
    tolerance=1e-4,  # something tiny added to the probabilities, against log(0), is no mistake
)


def _weigh_borders(d1, d2, w0, sigma, *, gap=lambda d1, d2: (d1 + d2) ** 2, below=lambda sigma: 2 * sigma**2):
    """The paper's weights, from two maps of distances."""
    return 1 + w0 * np.exp(-gap(d1, d2) / below(sigma))


weigh_borders = Check(
    _weigh_borders,
    cases=[
        (np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 5.0]), 10, 5),
        (np.array([[1, 1, 2], [3, 0.5, 6]]), np.array([[1, 2, 2.5], [4, 8, 6]]), 4.0, 3.0),
    ],
    mistakes={
        "each distance is squared on its own. Square their sum, the width of the gap.": {
            "gap": lambda d1, d2: d1**2 + d2**2
        },
        "the sum of the distances is not squared.": {"gap": np.add},
        "the denominator of the exponent should be twice the square of sigma.": [
            {"below": lambda sigma: 2 * sigma},
            {"below": lambda sigma: sigma**2},
            {"below": lambda sigma: (2 * sigma) ** 2},
        ],
        "you divided by 2 and then multiplied by sigma squared: the denominator needs brackets.": {
            "below": lambda sigma: 2 / sigma**2
        },
        "your weights grow with the distance: the exponent should be negative.": {
            "gap": lambda d1, d2: -((d1 + d2) ** 2)
        },
        "far from all objects a pixel should still have the weight 1.": (
            lambda d1, d2, w0, sigma: (1 + w0) * np.exp(-((d1 + d2) ** 2) / (2 * sigma**2))
        ),
    },
    praise="the narrower the gap, the larger the weight; far away it is 1.",
)


def _answer_side(side, depth, *, lost=4, bottom=4, up=4, doublings=-1):
    """Side of the answer of a U-Net without padding that has `depth` sizes."""
    for level in range(depth):
        side = (side // 2 if level else side) - (bottom if level == depth - 1 else lost)
    for _ in range(depth + doublings):
        side = 2 * side - up
    return side


answer_side = Check(
    _answer_side,
    # Every side can be halved as often as it has to be, also by those who go down once too often.
    cases=[(572, 5), (188, 4), (92, 3), (20, 2), (10, 1)],
    mistakes={
        "each of the two convolutions loses one pixel at both ends.": {"lost": 2, "bottom": 2, "up": 2},
        "on the way up, too, two convolutions at each size lose pixels.": {"up": 0},
        "the two convolutions at the bottom are missing.": {"bottom": 0},
        "of `depth` sizes the first is not halved: there is one halving fewer, and one doubling fewer.": [
            lambda side, depth: _answer_side(side, depth + 1),
            {"doublings": 0},
        ],
        "that is the side at the bottom: the way up is missing.": {"doublings": -9},
        "the first two convolutions see the whole image: it is halved after them.": (
            lambda side, depth: _answer_side(side // 2, depth)
        ),
    },
    praise="with the paper's 572 pixels it answers for 388: the border of the image is only looked at.",
)


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


# Enlarging by hand. Images are (height, width) or (height, width, channels).


def interpolate(image: np.ndarray, factor: int) -> np.ndarray:
    """Interpolate between the pixels' centres along both axes; beyond the outer centres their values are held.

    Examples
    --------
    >>> interpolate(np.array([[0.0, 4.0, 8.0]]), 2)[0]
    array([0., 1., 3., 5., 7., 8.])
    """
    for axis in (0, 1):
        last = image.shape[axis] - 1
        # The centre of new row i lies (i + 0.5) new rows from the top, which is (i + 0.5) / factor old ones.
        position = ((np.arange((last + 1) * factor) + 0.5) / factor - 0.5).clip(0, last)
        above = position.astype(int)
        below = np.minimum(above + 1, last)
        weight = np.expand_dims((position - above).astype(image.dtype), [i for i in range(image.ndim) if i != axis])
        image = (1 - weight) * image.take(above, axis) + weight * image.take(below, axis)
    return image


def insert_zeros(image: np.ndarray, stride: int) -> np.ndarray:
    """Put ``stride - 1`` zeros between neighbouring pixels, and none around the image.

    Examples
    --------
    >>> insert_zeros(np.array([[1, 2, 3]]), 2)
    array([[1, 0, 2, 0, 3]])
    """
    rows, columns = ((side - 1) * stride + 1 for side in image.shape[:2])
    result = np.zeros((rows, columns, *image.shape[2:]), image.dtype)
    result[::stride, ::stride] = image
    return result


def transposed_convolution(image: np.ndarray, kernel: np.ndarray, stride: int = 1, padding: int = 0) -> np.ndarray:
    """Let each pixel stamp the kernel, times its value, `stride` pixels from the last stamp.

    Computed as an ordinary convolution of the image with zeros inserted.

    Parameters
    ----------
    image : array, (H, W) or (H, W, C)
    kernel : array, (h, w) or (h, w, F, C)
        Outputs before inputs, in the order of Keras.
    stride : int
        Pixels of the result from one stamp to the next.
    padding : int
        Rows and columns cut off at each of the four sides, fewer than the kernel has. With half of what the kernel has
        more than the stride, this is Keras' ``Conv2DTranspose(padding="same")``; with 0 its "valid".

    Returns
    -------
    array, (rows, columns) or (rows, columns, F)
        Along an axis ``(size - 1) * stride + kernel - 2 * padding`` pixels.

    Examples
    --------
    >>> transposed_convolution(np.array([[1, 10]]), np.array([[1, 2, 3]]), stride=2)
    array([[ 1,  2, 13, 20, 30]])
    """
    around = [(side - 1 - padding,) * 2 for side in kernel.shape[:2]] + [(0, 0)] * (image.ndim - 2)
    flipped = kernel[::-1, ::-1]
    if kernel.ndim == 4:
        flipped = flipped.swapaxes(2, 3)  # correlate2d expects inputs before outputs
    return correlate2d(np.pad(insert_zeros(image, stride), around), flipped)


def max_unpool(pooled: np.ndarray, positions: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Put each maximum back to where it was, and zeros elsewhere.

    Parameters
    ----------
    pooled : array, (h, w, C)
    positions : array of int, (h, w, C)
        In the channel's plane of the result, ``row * W + column``.
    shape : (H, W)
        The result's.

    Examples
    --------
    >>> max_unpool(np.array([[[9], [7]]]), np.array([[[1], [6]]]), (2, 4))[..., 0]
    array([[0, 9, 0, 0],
           [0, 0, 7, 0]])
    """
    channels = pooled.shape[2]
    result = np.zeros((shape[0] * shape[1], channels), pooled.dtype)
    np.put_along_axis(result, positions.reshape(-1, channels), pooled.reshape(-1, channels), axis=0)
    return result.reshape(*shape, channels)
