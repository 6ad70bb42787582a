"""Week 2: the checks of its exercises."""

import math

import numpy as np

from ..byhand.convolution import (
    SOBEL_COLUMNS,
    SOBEL_ROWS,
    average_pool2d,
    convolve2d,
    correlate2d,
    max_pool2d,
)
from ..byhand.convolution import output_size as _output_size
from ..judge import Check

_IMAGE = np.array([[1, 4, 3, 2, 2], [2, 1, 7, 4, 6], [3, 4, 6, 1, 8], [2, 1, 5, 3, 7], [1, 7, 3, 5, 2]])
_WIDE = np.array([[0.5, 1.0, 0.0, 2.0, 1.0], [1.5, 0.0, 3.0, 1.0, 0.5], [2.0, 1.0, 0.5, 0.0, 4.0]])
_PAIRS = [
    (np.array([[1, 2], [3, 4]]), np.array([[1, 10], [100, 1000]])),
    (_WIDE, np.array([[1.0, 0.0, -2.0], [0.5, 3.0, 1.0]])),
    (_IMAGE, SOBEL_ROWS),
    (_IMAGE, np.array([[0.5, 0.25], [-0.5, 1.5]])),  # whole numbers under fractions
]
_FRACTIONS = "fractions are lost: your result holds whole numbers only, as an array made like the image does."


def _image_sized(image, kernel):
    result = np.zeros(image.shape)
    valid = correlate2d(image, kernel)
    result[: valid.shape[0], : valid.shape[1]] = valid
    return result


correlate = Check(
    correlate2d,
    cases=_PAIRS,
    mistakes={
        "you flipped the kernel. Lay it on the image as it is printed.": convolve2d,
        "the last row and column of positions are missing. How many has a kernel as wide as the image?": (
            lambda i, k: correlate2d(i, k)[:-1, :-1]
        ),
        "the sum is there; the products before it are not.": lambda i, k: correlate2d(i, np.ones(k.shape)),
        "the result is as large as the image. Only where the whole kernel fits is there a position.": _image_sized,
        _FRACTIONS: [
            lambda i, k: correlate2d(i, k).astype(int),
            lambda i, k: correlate2d(i, k).astype(i.dtype),
        ],
    },
    praise="products and a sum, at each position: there is no more to it.",
)

convolve = Check(
    convolve2d,
    cases=_PAIRS,
    mistakes={
        "the kernel is not flipped yet: this is still the correlation.": correlate2d,
        "the columns are not flipped yet: that takes both axes.": lambda i, k: correlate2d(i, k[::-1]),
        "the rows are not flipped yet: that takes both axes.": lambda i, k: correlate2d(i, k[:, ::-1]),
        "that is a quarter turn. A flip of both axes is a half turn.": lambda i, k: correlate2d(i, np.rot90(k)),
    },
    praise="a half turn of the kernel, and nothing else, tells the two apart.",
)


def _gradient(image):
    return correlate2d(image, SOBEL_COLUMNS), correlate2d(image, SOBEL_ROWS)


def _edge_strength(image, *, length=np.hypot):
    """How strong the edge is at each position, whatever its direction."""
    return length(*_gradient(image))


_CORNER = np.zeros((5, 5))
_CORNER[2:, 2:] = 1.0

edge_strength = Check(
    _edge_strength,
    cases=[(_CORNER,), (_IMAGE.astype(float),)],
    mistakes={
        "that is the sum of both. Edges of one slant count double, those of the other cancel.": [
            {"length": np.add},
            {"length": lambda x, y: np.abs(x + y)},
            {"length": lambda x, y: np.sqrt(x + y)},
        ],
        "that is the direction of the arrow. Its length was asked for.": {"length": lambda x, y: np.arctan2(y, x)},
        "you added the two lengths. Walk 3 east and 4 north: how far are you from where you began?": {
            "length": lambda x, y: np.abs(x) + np.abs(y)
        },
        "that sees edges of one direction only: combine what both kernels say.": [
            {"length": lambda x, y: np.abs(x)},
            {"length": lambda x, y: np.abs(y)},
        ],
        "that is the larger of the two. A slanted edge has some of both.": {
            "length": lambda x, y: np.maximum(np.abs(x), np.abs(y))
        },
    },
    praise="equally strong for an edge of any slant, or nearly.",
)

output_size = Check(
    _output_size,
    cases=[
        (5, 3, 1, 0),
        (5, 3, 1, 1),
        (5, 3, 2, 0),
        (6, 3, 2, 0),
        (28, 5, 1, 2),
        (224, 7, 2, 3),
        (7, 7, 1, 0),
        (10, 2, 3, 1),
    ],
    mistakes={
        "padding is counted once. It is on both sides.": lambda n, k, s, p: (n + p - k) // s + 1,
        "one position too few: the first one costs no step.": lambda n, k, s, p: (n + 2 * p - k) // s,
        "a kernel does not stand on part of a pixel: positions are whole.": lambda n, k, s, p: (n + 2 * p - k) / s + 1,
        "the last step leads out of the image: round down.": [
            lambda n, k, s, p: math.ceil((n + 2 * p - k) / s) + 1,
            lambda n, k, s, p: round((n + 2 * p - k) / s) + 1,
        ],
        "the first position is not a step: divide the distance that is left, then count the start.": (
            lambda n, k, s, p: (n + 2 * p - k + 1) // s
        ),
    },
    praise="this one line gives the size of every convolution and pooling layer.",
)


def _receptive_field(layers, *, overlap=1, step_first=False, steps_multiply=True, backwards=False):
    """How many pixels one output sees along an axis."""
    sees, step = 1, 1
    for kernel, stride in layers:
        before, after = step, step * stride if steps_multiply else stride
        if backwards:
            sees = (sees - 1) * stride + kernel
        else:
            sees += (kernel - overlap) * (after if step_first else before)
        step = after
    return sees


receptive_field = Check(
    _receptive_field,
    cases=[
        ([(3, 1)],),
        ([(3, 1), (3, 1)],),
        ([(5, 1), (3, 1), (2, 2)],),
        ([(3, 2), (3, 1)],),
        ([(3, 2), (3, 2), (3, 2)],),
    ],
    mistakes={
        "strides are left out: after a stride of 2, neighbours lie 2 pixels apart.": (
            lambda layers: 1 + sum(kernel - 1 for kernel, _ in layers)
        ),
        "you added the kernels up. Two kernels of 3 overlap by one pixel.": (
            lambda layers: sum(kernel for kernel, _ in layers)
        ),
        "a layer's stride moves the pixels of the next layer apart, not its own.": {"step_first": True},
        "strides multiply: after two strides of 2, neighbours lie 4 pixels apart.": [
            {"steps_multiply": False},
            {"steps_multiply": False, "step_first": True},
        ],
        "that goes from the last layer back to the first, and you began at the first.": {"backwards": True},
        "a layer adds one pixel less than its kernel has: one of them is seen already.": {"overlap": 0},
    },
    praise="two layers of 3x3 see as far as one of 5x5, with fewer weights.",
)


def _crowded(image, size):
    rows, columns = (side // size for side in image.shape)
    return max_pool2d(image, size, 1)[:rows, :columns]


def _corners(image, size):
    rows, columns = (side // size * size for side in image.shape)
    return image[:rows:size, :columns:size]


def _unfilled(image, size):
    padding = [(0, -side % size) for side in image.shape]
    return max_pool2d(np.pad(image, padding, constant_values=-99), size)


max_pool = Check(
    max_pool2d,
    cases=[
        (np.array([[1, 4, 3, 3], [2, 7, 1, 4], [3, 6, 5, 1], [2, 1, 4, 3]]), 2),
        (_IMAGE[:4, :], 2),
        (np.arange(12.0).reshape(2, 6) % 5, 2),
        (-1.5 * _IMAGE[:3, :3], 3),
        (np.arange(36.0).reshape(6, 6)[::-1], 3),
    ],
    mistakes={
        "your windows overlap. Each begins where the last one ended.": [lambda i, s: max_pool2d(i, s, 1), _crowded],
        "that takes one corner of each window, whatever else is in it.": [_corners, lambda i, s: i[::s, ::s]],
        "that is the mean of each window.": average_pool2d,
        "windows of negative numbers come out as 0: what did you compare with first?": (
            lambda i, s: np.maximum(max_pool2d(i, s), 0)
        ),
        "the last window is one that the image does not fill. Leave it out.": _unfilled,
        _FRACTIONS: lambda i, s: max_pool2d(i, s).astype(int),
    },
    praise="the strongest of each window is left, and its position forgotten.",
)
