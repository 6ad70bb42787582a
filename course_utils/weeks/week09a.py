"""Week 9a: the checks of its exercises, and what this lesson alone needs."""

from collections import namedtuple
from collections.abc import Sequence

import numpy as np
from scipy import ndimage
from sklearn.metrics.cluster import contingency_matrix

from .. import metrics, models, plots, runtime
from ..data.record import MaskPart
from ..judge import Check
from ..plots.look import COLOURS, grid

keras = runtime.quiet_keras()
layers = keras.layers


def _transposed_convolution(values, kernel, stride, *, join=np.add, step=None):
    """Each value prints the kernel, times itself, `stride` pixels from the last print; prints add up."""
    (rows, columns), (height, width) = values.shape, kernel.shape
    result = np.zeros(((rows - 1) * stride + height, (columns - 1) * stride + width))
    for row, column in np.ndindex(rows, columns):
        top, left = (step or stride) * row, (step or stride) * column
        part = result[top : top + height, left : left + width]
        part[:] = join(part, kernel * values[row, column])
    return result


_VALUES, _KERNEL = np.array([[2.0, 1.0], [0.5, 3.0]]), np.array([[1.0, 2.0, 0.5], [4.0, 3.0, 5.0], [0.2, 7.0, 6.0]])

transposed_convolution = Check(
    _transposed_convolution,
    cases=[
        (_VALUES, _KERNEL, 2),
        (_VALUES, _KERNEL, 3),
        (np.array([[3.0, 1.0, 4.0], [1.5, 9.0, 2.0]]), _KERNEL[:2], 2),
    ],
    mistakes={
        "where two prints overlap, only one of them is left. They should add up.": [
            {"join": lambda before, new: new},
            {"join": np.maximum},
        ],
        "your prints lie a fixed number of pixels apart. They should be one stride apart, whatever the stride.": [
            {"step": 1},
            {"step": 2},
        ],
        "only values on the diagonal are printed. A value has a row and a column of its own.": (
            lambda values, kernel, stride: _transposed_convolution(values * np.eye(*values.shape), kernel, stride)
        ),
    },
    praise="this is what Conv2DTranspose computes, and its kernel is learned.",
)


def _transposed(channels, side=2, **more):
    """Return the layer that doubles height and width."""
    return layers.Conv2DTranspose(channels, side, strides=2, padding="same", **more)


def _up_step(x, skip, channels, *, enlarge=_transposed, join=layers.Concatenate, joined=("skip", "x"), repeats=1):
    """Double the sides of x by a transposed convolution, concatenate the skip, and apply two 3x3 convolutions."""
    x = enlarge(channels)(x)
    both = [{"skip": skip, "x": x}[name] for name in joined]
    x = join()(both) if len(both) > 1 else both[0]
    for _ in range(repeats):
        x = models.segmentation._double_conv(x, channels, "same", norm=True)
    return x


# What a step is given and what it builds, with names for the readers of a check.
_X, _Skip = namedtuple("x", "height width channels"), namedtuple("skip", "height width channels")
_Built = namedtuple("result", "height width channels weights uses_skip")


def _built(step):
    """Describe what a step builds: shape of its result, number of weights, and whether it uses the skip."""

    def describe(x, skip, channels):
        x, skip = keras.Input(tuple(x)), keras.Input(tuple(skip))
        try:
            result = step(x, skip, channels)
        except ValueError as error:
            if "matching shapes" in str(error):
                error.args = ("x and skip differ in height and width where they meet. Is x enlarged, with stride 2?",)
            raise
        weights, uses_skip = keras.Model([x, skip], result).count_params(), False
        try:
            keras.Model(x, result)
        except ValueError:  # it cannot be computed from x alone
            uses_skip = True
        return _Built(*result.shape[1:], weights, uses_skip)

    return describe


up_step = Check(
    _up_step,
    cases=[(_X(8, 8, 8), _Skip(16, 16, 4), 4), (_X(16, 16, 12), _Skip(32, 32, 6), 6)],
    mistakes={
        "the skip is missing: your result does not depend on it.": {"joined": ("x",)},
        "x is missing: only the skip goes through the two convolutions.": {"joined": ("skip",)},
        "the skip is added. In a U-Net it is concatenated, so that the channels stand side by side.": {
            "join": layers.Add
        },
        "exactly two 3x3 convolutions belong in a step, after the concatenation. The given function makes both.": [
            {"repeats": 0},
            {"repeats": 2},
        ],
        "the transposed convolution should keep its bias. Only the 3x3 convolutions have none.": {
            "enlarge": lambda channels: _transposed(channels, use_bias=False)
        },
        "the transposed convolution should have as many kernels as the result has channels, each of 2x2 pixels.": [
            {"enlarge": lambda channels: _transposed(channels, side=3)},
            {"enlarge": lambda channels: _transposed(2 * channels)},
        ],
    },
    results=("the height", "the width", "the number of channels", "the number of weights", "the use of the skip"),
    praise="your step is now part of the U-Net below.",
    view=_built,
)


def _weigh_borders(d1, d2, w0, sigma, *, gap=lambda d1, d2: (d1 + d2) ** 2, below=lambda sigma: 2 * sigma**2, more=0):
    """The paper's weights, from two maps of distances."""
    return 1 - more + (w0 + more) * np.exp(-gap(d1, d2) / below(sigma))


weigh_borders = Check(
    _weigh_borders,
    cases=[
        (np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 5.0]), 10, 5),
        (np.array([[1, 1, 2], [3, 0.5, 6]]), np.array([[1, 2, 2.5], [4, 8, 6]]), 4.0, 3.0),
    ],
    mistakes={
        "a distance is squared on its own. Square the sum of both distances, the width of the gap.": [
            {"gap": lambda d1, d2: d1**2 + d2**2},
            {"gap": lambda d1, d2: d1 + d2**2},
        ],
        "the sum of the distances is not squared.": {"gap": np.add},
        "the denominator of the exponent should be twice the square of sigma.": [
            {"below": lambda sigma: 2 * sigma},
            {"below": lambda sigma: sigma**2},
            {"below": lambda sigma: 2 / sigma**2},
            {"below": lambda sigma: (2 * sigma) ** 2},
        ],
        "only $w_0$ is multiplied by the exponential. The 1 stands alone.": {"more": 1},
        "your weights grow with the distance: the exponent should be negative.": {
            "gap": lambda d1, d2: -((d1 + d2) ** 2)
        },
    },
    praise="the narrower the gap, the larger the weight; far away it is 1.",
)


def prepared(part: MaskPart, smallest: int = 1) -> MaskPart:
    """Images of mean 0 and standard deviation 1, masks and numbered objects.

    Sides below `smallest` are mirrored up to it. Where objects are not numbered, what touches is one object.
    """
    numbered = part.instances if part.instances is not None else [ndimage.label(mask > 0)[0] for mask in part.masks]
    images = [(image - image.mean()) / (image.std() + 1e-3) for image in part.images]

    def enlarge(array):
        missing = [(0, max(0, smallest - side)) for side in array.shape[:2]]
        return np.pad(array, missing + [(0, 0)] * (array.ndim - 2), "symmetric")

    return MaskPart(*([enlarge(array) for array in arrays] for arrays in (images, part.masks, numbered)))


def predict(network, images: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Probabilities (height, width, classes) of each image: in one pass where its size permits, else in tiles."""
    sides = {side for image in images for side in image.shape[:2]}
    if len({image.shape for image in images}) == 1 and all(side % 16 == 0 and side <= 512 for side in sides):
        batches = np.array_split(np.stack(images), len(images) // 8 + 1)
        return [output for batch in batches for output in np.asarray(network(batch, training=False))]
    tile = min(512, -(-max(sides) // 32) * 32)
    return [models.predict_tiles(network, image, tile, overlap=224 if tile == 512 else 0) for image in images]


def two_distances(objects: np.ndarray, reach: int = 13) -> tuple[np.ndarray, np.ndarray]:
    """Distances (pixels) to the nearest and the second nearest object; infinite inside objects and beyond `reach`.

    Examples
    --------
    >>> d1, d2 = two_distances(np.array([[1, 1, 0, 2, 2, 0, 0]]))
    >>> d1.tolist(), d2.tolist()
    ([[inf, inf, 1.0, inf, inf, 1.0, 2.0]], [[inf, inf, 1.0, inf, inf, 4.0, 5.0]])
    """
    nearest = np.full((2, *objects.shape), np.inf)
    for number, box in enumerate(ndimage.find_objects(objects), start=1):
        if box is not None:
            around = tuple(slice(max(0, side.start - reach), side.stop + reach) for side in box)
            distance = ndimage.distance_transform_edt(objects[around] != number)
            first, second = nearest[(slice(None), *around)]
            np.minimum(second, np.maximum(first, distance), out=second)
            np.minimum(first, distance, out=first)
    nearest[:, objects > 0] = np.inf
    return nearest[0], nearest[1]


def cell_iou(outputs: Sequence[np.ndarray], part: MaskPart) -> float:
    """IoU of all pixels that are not background; a pixel is predicted so above a probability of 0.5."""
    true = np.concatenate([mask.ravel() > 0 for mask in part.masks])
    predicted = np.concatenate([1 - output[..., 0].ravel() > 0.5 for output in outputs])
    return metrics.overlap_scores(true, predicted)["iou"]


def object_f1(true: np.ndarray, predicted: np.ndarray, overlap: float = 0.5) -> float:
    """F1 of the objects of two maps of object numbers, matched at IoU above `overlap`; nan where both are empty.

    Examples
    --------
    >>> object_f1([1, 1, 1, 0, 2, 2], [5, 5, 5, 0, 5, 3])  # 5 has 3 of 4 pixels of 1; 3 just half of 2
    0.5
    """
    # With a pixel of background in front, row and column 0 are always the background's.
    common = contingency_matrix(np.append(0, true), np.append(0, predicted))
    union = common.sum(axis=1, keepdims=True) + common.sum(axis=0) - common
    matched, objects = (common / union > overlap)[1:, 1:].sum(), sum(common.shape) - 2
    return float(2 * matched / objects) if objects else float("nan")


def _tints(objects: np.ndarray, true: np.ndarray | None = None, reach: int = 24) -> dict[int, int]:
    """Choose one of six tints for each object, the largest first: the one that is rarest within `reach` pixels.

    Of equally rare ones, that of the true object which it covers most, if `true` objects are given.

    Examples
    --------
    >>> _tints(np.array([[1, 0, 7, 0, 13]]))  # by their numbers alone they would all have the first
    {1: 0, 7: 1, 13: 2}
    >>> _tints(np.array([[0, 0, 1, 0, 2]]), true=np.array([[1, 0, 7, 0, 13]]))
    {1: 1, 2: 2}
    """
    of_true = {0: None} if true is None else {0: None, **_tints(true)}
    numbers, sizes = np.unique(objects[objects > 0], return_counts=True)
    boxes, tints = ndimage.find_objects(objects), {}
    for number in numbers[np.argsort(-sizes, kind="stable")].tolist():
        around = tuple(slice(max(0, side.start - reach), side.stop + reach) for side in boxes[number - 1])
        near = [tints[other] for other in np.unique(objects[around]).tolist() if other in tints]
        covered = 0 if true is None else np.bincount(true[objects == number]).argmax()
        order = sorted(range(6), key=lambda tint: (tint - len(tints)) % 6)
        tints[number] = min(order, key=lambda tint: (near.count(tint), tint != of_true[covered]))
    return tints


def show_objects(
    images: Sequence[np.ndarray],
    objects: Sequence[np.ndarray],
    titles: Sequence[str] = (),
    title: str = "",
    columns: int = 4,
    rows: Sequence[str] = (),
    true: Sequence[np.ndarray] = (),
) -> None:
    """Show images with each object tinted and outlined. Default titles: the number of objects, and of `true` ones.

    `objects` and `true` are maps of object numbers, 0 for the background; for tints see `_tints`. `rows` are names of
    the rows, put before the titles.
    """
    counts = [len(np.setdiff1d(one, 0)) for one in objects]
    counted = [f"{count} object{'s' * (count != 1)}" for count in counts]
    if true and not rows and not titles:
        counted = [f"{text} (true: {len(np.setdiff1d(one, 0))})" for text, one in zip(counted, true, strict=True)]
    alt = "; ".join(map(": ".join, zip(titles, counted, strict=True)) if titles else counted)
    titles = list(titles) or counted
    titles = [f"{rows[i // columns]}: {name}" if rows else name for i, name in enumerate(titles)]
    made, axes = grid(len(images), columns, 8.7 / columns + 0.25, title)
    for axis, image, one, name, truth in zip(axes, images, objects, titles, true or [None] * len(images), strict=True):
        axis.imshow(np.broadcast_to(image.reshape(*one.shape, -1), (*one.shape, 3)).clip(0, 1))
        for number, tint in _tints(one, truth).items():
            mask = np.pad(one == number, 1).astype(float)
            at = [np.arange(-1, side + 1) for side in one.shape[::-1]]
            axis.contourf(*at, mask, [0.5, 2], colors=[COLOURS[tint]], alpha=0.45)
            axis.contour(*at, mask, [0.5], colors="white", linewidths=1.2)
        axis.set(xlim=(-0.5, one.shape[1] - 0.5), ylim=(one.shape[0] - 0.5, -0.5))
        axis.set_title(name, fontsize=12)
    plots.look.show(made, f"{title}. Images with objects tinted. {alt}.")


def mosaic(images: Sequence[np.ndarray], side: int = 512) -> np.ndarray:
    """One image of about `side` x `side` pixels from images of one size, or else the first; sides multiples of 16."""
    count = max(1, side // max(images[0].shape[:2])) if len({image.shape for image in images}) == 1 else 1
    many = [images[i % len(images)] for i in range(count**2)]
    whole = np.concatenate([np.concatenate(many[i::count], axis=1) for i in range(count)])
    return whole[: whole.shape[0] // 16 * 16, : whole.shape[1] // 16 * 16]
