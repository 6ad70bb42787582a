"""Answers to the exercises of week 2."""

import math

import numpy as np

from ..byhand import convolution as right
from .judge import Mistake, judge

_IMAGE = np.array([[1, 4, 3, 2, 2], [2, 1, 7, 4, 6], [3, 4, 6, 1, 8], [2, 1, 5, 3, 7], [1, 7, 3, 5, 2]])
_WIDE = np.array([[0.5, 1.0, 0.0, 2.0, 1.0], [1.5, 0.0, 3.0, 1.0, 0.5], [2.0, 1.0, 0.5, 0.0, 4.0]])
_PAIRS = [
    (np.array([[1, 2], [3, 4]]), np.array([[1, 10], [100, 1000]])),
    (_WIDE, np.array([[1.0, 0.0, -2.0], [0.5, 3.0, 1.0]])),
    (_IMAGE, right.SOBEL_ROWS),
    (_IMAGE, np.array([[0.5, 0.25], [-0.5, 1.5]])),  # whole numbers under fractions
]
_FRACTIONS = "fractions are lost: the result is made of whole numbers (and so is np.zeros_like of an array of them)."


def _one_position_short(image, kernel):
    return right.correlate2d(image, kernel)[:-1, :-1]


def correlate(answer):
    """Slide a kernel over an image."""
    return judge(
        answer,
        reference=right.correlate2d,
        cases=_PAIRS,
        mistakes=[
            Mistake("you flipped the kernel. Lay it on the image as it is printed.", right.convolve2d),
            Mistake(
                "the last row and column of positions are missing. How many has a kernel as wide as the image?",
                _one_position_short,
            ),
            Mistake(
                "you laid rows of the kernel on columns of the image.",
                lambda image, kernel: right.correlate2d(image, kernel.T),
            ),
            Mistake("the kernel's rows came out in reverse.", lambda i, k: right.correlate2d(i, k[::-1])),
            Mistake("the kernel's columns came out in reverse.", lambda i, k: right.correlate2d(i, k[:, ::-1])),
            Mistake(
                "the sum is there; the products before it are not.", lambda image, kernel: _sums(image, kernel.shape)
            ),
            Mistake(_FRACTIONS, lambda image, kernel: right.correlate2d(image, kernel).astype(int)),
            Mistake(_FRACTIONS, lambda image, kernel: right.correlate2d(image, kernel).astype(image.dtype)),
            Mistake(
                "the result is as large as the image. Only where the whole kernel fits is there a position.",
                lambda image, kernel: _in_place(image, right.correlate2d(image, kernel)),
            ),
        ],
        praise="products and a sum, at each position: there is no more to it.",
    )


def _sums(image, shape):
    return right.correlate2d(image, np.ones(shape))


def _in_place(image, result):
    whole = np.zeros(image.shape)
    whole[: result.shape[0], : result.shape[1]] = result
    return whole


def convolve(answer):
    """Convolve as mathematics means it."""
    return judge(
        answer,
        reference=right.convolve2d,
        cases=_PAIRS,
        mistakes=[
            Mistake("the kernel is not flipped yet: this is still the correlation.", right.correlate2d),
            Mistake("the rows are flipped, the columns not.", lambda i, k: right.correlate2d(i, k[::-1])),
            Mistake("the columns are flipped, the rows not.", lambda i, k: right.correlate2d(i, k[:, ::-1])),
            Mistake(
                "that turns the image, and with it the whole result.",
                lambda i, k: right.correlate2d(i[::-1, ::-1], k),
            ),
            Mistake(
                "the result is turned round: it is the kernel's numbers that change places, not the result's.",
                lambda i, k: right.correlate2d(i, k)[::-1, ::-1],
            ),
            Mistake(
                "you transposed the kernel. Flipping both axes is another thing.",
                lambda i, k: right.correlate2d(i, k.T),
            ),
            Mistake(
                "that is a quarter turn. A flip of both axes is a half turn.",
                lambda i, k: right.correlate2d(i, np.rot90(k)),
            ),
        ],
        praise="a half turn of the kernel, and nothing else, tells the two apart.",
    )


def _gradient(image):
    return right.correlate2d(image, right.SOBEL_COLUMNS), right.correlate2d(image, right.SOBEL_ROWS)


def edge_strength(answer):
    """Length of the gradient that the two Sobel kernels measure."""
    corner = np.zeros((5, 5))
    corner[2:, 2:] = 1.0
    return judge(
        answer,
        reference=lambda image: np.hypot(*_gradient(image)),
        cases=[(corner,), (_IMAGE.astype(float),)],
        mistakes=[
            Mistake(
                "that is the sum of both, signs and all: edges of one slant count double, those of the other vanish.",
                lambda i: sum(_gradient(i)),
            ),
            Mistake(
                "that is the size of the sum of both: edges of one slant count double, those of the other vanish.",
                lambda i: np.abs(sum(_gradient(i))),
            ),
            Mistake("that is the arrow's direction; asked is its length.", lambda i: np.arctan2(*_gradient(i)[::-1])),
            Mistake(
                "that is the square of the length. One step is missing.", lambda i: sum(g**2 for g in _gradient(i))
            ),
            Mistake(
                "you added the two lengths. Walk 3 east and 4 north: how far are you from where you began?",
                lambda i: sum(np.abs(g) for g in _gradient(i)),
            ),
            Mistake("that sees only vertical edges.", lambda i: np.abs(_gradient(i)[0])),
            Mistake("that sees only horizontal edges.", lambda i: np.abs(_gradient(i)[1])),
            Mistake(
                "that is the larger of the two. A slanted edge has some of both.",
                lambda i: np.maximum(*map(np.abs, _gradient(i))),
            ),
        ],
        praise="equally strong for an edge of any slant, or nearly.",
    )


def output_size(answer):
    """Count the positions of a kernel along an axis."""
    cases = [
        (5, 3, 1, 0),
        (5, 3, 1, 1),
        (5, 3, 2, 0),
        (6, 3, 2, 0),
        (28, 5, 1, 2),
        (224, 7, 2, 3),
        (7, 7, 1, 0),
        (10, 2, 3, 1),
    ]
    return judge(
        answer,
        reference=right.output_size,
        cases=cases,
        mistakes=[
            Mistake(
                "rounded to the nearest; the last step must stay within the image.",
                lambda n, k, s, p: round((n + 2 * p - k) / s) + 1,
            ),
            Mistake("padding counted once. It is on both sides.", lambda n, k, s, p: (n + p - k) // s + 1),
            Mistake("padding is left out.", lambda n, k, s, p: (n - k) // s + 1),
            Mistake("one position too few: the first one costs no step.", lambda n, k, s, p: (n + 2 * p - k) // s),
            Mistake(
                "a kernel does not stand on part of a pixel: positions are whole.",
                lambda n, k, s, p: (n + 2 * p - k) / s + 1,
            ),
            Mistake(
                "the last step leads out of the image: round down, not up.",
                lambda n, k, s, p: math.ceil((n + 2 * p - k) / s) + 1,
            ),
            Mistake("the stride is left out.", lambda n, k, s, p: n + 2 * p - k + 1),
            Mistake(
                "the first position is not a step: divide the way that is left, then count the start.",
                lambda n, k, s, p: (n + 2 * p - k + 1) // s,
            ),
        ],
        praise="this one line gives the size of every convolution and pooling layer.",
    )


def receptive_field(answer):
    """How many pixels one output sees along an axis."""

    def reference(layers):
        sees, step = 1, 1
        for kernel, stride in layers:
            sees, step = sees + (kernel - 1) * step, step * stride
        return sees

    def one_too_many(layers):
        sees, step = 1, 1
        for kernel, stride in layers:
            sees, step = sees + kernel * step, step * stride
        return sees

    def first_to_last(layers):
        sees = 1
        for kernel, stride in layers:
            sees = (sees - 1) * stride + kernel
        return sees

    def stride_too_early(layers):
        sees, step = 1, 1
        for kernel, stride in layers:
            step *= stride
            sees += (kernel - 1) * step
        return sees

    cases = [
        ([(3, 1)],),
        ([(3, 1), (3, 1)],),
        ([(5, 1), (3, 1), (2, 2)],),
        ([(3, 2), (3, 1)],),
        ([(3, 2), (3, 2), (3, 2)],),
    ]
    return judge(
        answer,
        reference=reference,
        cases=cases,
        mistakes=[
            Mistake(
                "strides are left out: after a stride of 2, neighbours lie 2 pixels apart.",
                lambda ls: 1 + sum(k - 1 for k, _ in ls),
            ),
            Mistake(
                "you added the kernels up. Two kernels of 3 overlap by one pixel.", lambda ls: sum(k for k, _ in ls)
            ),
            Mistake(
                "you multiplied the kernels. A second layer adds to each side, it does not repeat.",
                lambda ls: math.prod(k for k, _ in ls),
            ),
            Mistake("a layer's own stride moves the NEXT layer's pixels apart, not its own.", stride_too_early),
            Mistake(
                "strides pile up: after two strides of 2, neighbours lie 4 pixels apart.",
                lambda ls: 1 + sum((k - 1) * s for (k, _), s in zip(ls, [1, *(s for _, s in ls)], strict=False)),
            ),
            Mistake(
                "a layer's stride moves the NEXT layer's pixels apart, not its own, and strides pile up.",
                lambda ls: 1 + sum((k - 1) * s for k, s in ls),
            ),
            Mistake("that goes from the last layer back to the first; you began at the front.", first_to_last),
            Mistake("a layer adds one pixel less than its kernel has: one of them is seen already.", one_too_many),
            Mistake("no layer at all sees one pixel, not none.", lambda ls: reference(ls) - 1),
        ],
        praise="two layers of 3x3 see as far as one of 5x5, with fewer weights.",
    )


def max_pool(answer):
    """Keep the largest value of each window."""
    slide = np.array([[1, 4, 3, 3], [2, 7, 1, 4], [3, 6, 5, 1], [2, 1, 4, 3]])
    return judge(
        answer,
        reference=right.max_pool2d,
        cases=[
            (slide, 2),
            (_IMAGE[:4, :], 2),
            (np.arange(12.0).reshape(2, 6) % 5, 2),
            (-1.5 * _IMAGE[:3, :3], 3),
            (np.arange(36.0).reshape(6, 6)[::-1], 3),
        ],
        mistakes=[
            Mistake(
                "your windows overlap. Each begins where the last one ended.", lambda i, s: right.max_pool2d(i, s, 1)
            ),
            Mistake("your windows overlap. Each begins where the last one ended.", _crowded),
            Mistake("windows begin every 2 pixels, whatever their size.", lambda i, s: right.max_pool2d(i, s, 2)),
            Mistake(_FRACTIONS, lambda i, s: right.max_pool2d(i, s).astype(int)),
            Mistake("that is the mean of each window.", right.average_pool2d),
            Mistake("that is the smallest of each window.", lambda i, s: -right.max_pool2d(-i, s)),
            Mistake("that takes one corner of each window, whatever else is in it.", _corners),
            Mistake("that takes one corner of each window, whatever else is in it.", lambda i, s: i[::s, ::s]),
            Mistake("windows of size 2 only: the size is an argument.", lambda i, s: right.max_pool2d(i, 2)),
            Mistake(
                "windows of negative numbers come out as 0: what did you compare with first?",
                lambda i, s: np.maximum(right.max_pool2d(i, s), 0),
            ),
            Mistake(
                "the last window is one that the image does not fill. Leave it out.",
                lambda i, s: right.max_pool2d(
                    np.pad(i, [(0, -i.shape[0] % s), (0, -i.shape[1] % s)], constant_values=-99), s
                ),
            ),
        ],
        praise="the strongest of each window is left, and its place forgotten.",
    )


def _crowded(image, size):
    rows, columns = (side // size for side in image.shape)
    return right.max_pool2d(image, size, 1)[:rows, :columns]


def _corners(image, size):
    rows, columns = (side // size * size for side in image.shape)
    return image[:rows:size, :columns:size]
