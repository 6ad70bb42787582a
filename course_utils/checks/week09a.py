"""Answers to the exercises of week 9a."""

from functools import partial

import numpy as np

from .judge import CORRECT, Mistake, alike, judge, kinder


def transposed_size(answer):
    """How long the result of a transposed convolution is along an axis."""

    def reference(size, kernel, stride, padding=0):
        return (size - 1) * stride + kernel - 2 * padding

    return judge(
        answer,
        reference,
        # No stride is longer than its kernel: there Keras adds zeros in the end, and other formulas are as good.
        cases=[(2, 3, 2), (4, 2, 2, 0), (4, 3, 2, 1), (5, 3, 1, 0), (14, 4, 2, 1), (3, 7, 4, 2)],
        mistakes=[
            *alike("that is the formula of the convolution itself, which makes the axis shorter: go the other way.",
                   lambda n, k, s, p=0: (n + 2 * p - k) // s + 1, lambda n, k, s, p=0: (n + 2 * p - k) / s + 1),
            Mistake("that is the size only where the kernel, less its padding at both ends, is one step long.",
                    lambda n, k, s, p=0: n * s),
            Mistake("between the stamps there is one step fewer than there are stamps.",
                    lambda n, k, s, p=0: n * s + k - 2 * p),
            Mistake("padding cuts off both ends, and you cut one.", lambda n, k, s, p=0: (n - 1) * s + k - p),
            Mistake("padding makes the result of a transposed convolution shorter, not longer.",
                    lambda n, k, s, p=0: (n - 1) * s + k + 2 * p),
            Mistake("padding is left out.", lambda n, k, s, p=0: (n - 1) * s + k),
            Mistake("the last stamp lies there with its whole kernel, and yours is one short.",
                    lambda n, k, s, p=0: (n - 1) * s + k - 1 - 2 * p),
            Mistake("zeros go between neighbours only, and you counted some after the last pixel, too.",
                    lambda n, k, s, p=0: n * s + k - 1 - 2 * p),
            *alike("that is how far the pixels reach once zeros are between them, before the kernel adds to it.",
                   lambda n, k, s, p=0: (n - 1) * s + 1, lambda n, k, s, p=0: (n - 1) * s + 1 - 2 * p),
            *alike("the stamps do not lie end to end: each begins a stride after the last, and they may overlap.",
                   lambda n, k, s, p=0: n * k, lambda n, k, s, p=0: n * k - 2 * p),
        ],
        praise="with a kernel of 2 and a stride of 2, as on the way up in a U-Net, the axis is doubled exactly.",
    )  # fmt: skip


def unpool(answer):
    """Put each maximum back to where it was."""

    def reference(pooled, positions, shape):
        result = np.zeros(shape)
        np.put(result, positions, pooled)
        return result

    def in_corners(pooled, positions, shape):
        result = np.zeros(shape)
        result[::2, ::2] = pooled
        return result

    def by_height(pooled, positions, shape):
        result = np.zeros(shape)
        result[np.divmod(positions, shape[0])] = pooled
        return result

    square = (np.array([[5, 2.5], [-1, 7]]), np.array([[4, 3], [9, 14]]), (4, 4))
    tall = (np.array([[8, 1], [0.5, 6], [3, -2]]), np.array([[1, 6], [13, 14], [20, 19]]), (6, 4))
    wide = (np.array([[4, 2, 0.5], [9, -3, 6]]), np.array([[8, 2, 11], [21, 17, 19]]), (5, 7))
    mistakes = [
        Mistake("each value stands in the upper left corner of its window, wherever it came from.", in_corners),
        Mistake("that fills the window with copies, while all but the place of the maximum should stay 0.",
                lambda v, at, shape: np.kron(v, np.ones((2, 2)))),
        Mistake("row and column have changed places: a position counts along the rows.",
                lambda v, at, shape: reference(v, at, shape).T),
        Mistake("you divided by the height: a row is as long as the result is WIDE.", by_height),
        Mistake("the values are in order, but still in one long row, not in the shape that was asked for.",
                lambda *given: reference(*given).ravel()),
        Mistake("nothing but zeros: were the values put into a copy (flatten, or an index twice, makes one)?",
                lambda v, at, shape: np.zeros(shape)),
        Mistake("the places are right, but marked with 1: the maximum itself should stand there.",
                lambda *given: reference(*given) != 0),
        Mistake("fractions are lost, since your result is made of whole numbers.",
                lambda *given: reference(*given).astype(int)),
    ]  # fmt: skip
    # One after another: in a result that is not square, row and column exchanged would stop with an IndexError.
    for case in (square, tall, wide):
        praise = "zeros everywhere else: convolutions have to fill them."
        outcome = judge(answer, reference, [case], mistakes, praise)
        if outcome.state != CORRECT:
            break
    words = "A position counts through the whole RESULT, row by row: how long is a row of that?"
    return kinder(outcome, words, "IndexError", "indexing result")


def pixel_loss(answer):
    """Weighted cross-entropy of pixels."""

    def own(p, c):
        return np.take_along_axis(p, c[..., None], axis=-1)[..., 0]

    def mean(loss, w):
        return (loss * w).sum() / w.sum()

    def reference(p, c, w):
        return mean(-np.log(own(p, c)), w)

    def softmax(x):
        return np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)

    def binary(p, c):
        return -np.log(np.where(np.arange(p.shape[-1]) == c[..., None], p, 1 - p))

    rng = np.random.default_rng(9)
    many = (softmax(rng.normal(size=(2, 3, 4))), np.array([[3, 0, 2], [1, 2, 0]]), rng.uniform(0.5, 9, (2, 3)).round(1))
    return judge(
        answer,
        reference,
        cases=[(np.array([[[0.9, 0.1], [0.75, 0.25]]]), np.array([[0, 1]]), np.array([[1.0, 3.0]])), many],
        mistakes=[
            Mistake("you divided by the number of pixels: a weighted mean is divided by the sum of the weights.",
                    lambda p, c, w: (-np.log(own(p, c)) * w).mean()),
            Mistake("that is the sum over the pixels, and the mean was asked for.",
                    lambda p, c, w: (-np.log(own(p, c)) * w).sum()),
            Mistake("the sign is missing: the logarithm of a probability is negative, a loss is not.",
                    lambda p, c, w: -reference(p, c, w)),
            *alike("the weights are left out: each pixel counts as much as every other.",
                   lambda p, c, w: -np.log(own(p, c)).mean(), lambda p, c, w: -np.log(own(p, c)).sum() / w.sum()),
            *alike("the weight multiplies the probability, inside the logarithm, where it should multiply the loss.",
                   lambda p, c, w: -np.log(own(p, c) * w).mean(),
                   lambda p, c, w: -np.log(own(p, c) * w).sum() / w.sum(),
                   lambda p, c, w: -np.log(mean(own(p, c), w))),
            *alike("right but for a factor: cross-entropy takes the natural logarithm.",
                   lambda p, c, w: reference(p, c, w) / np.log(2), lambda p, c, w: reference(p, c, w) / np.log(10)),
            *alike("there is no logarithm in it: that is the mean probability, or what it lacks of 1.",
                   lambda p, c, w: mean(1 - own(p, c), w), lambda p, c, w: mean(own(p, c), w),
                   lambda p, c, w: -mean(own(p, c), w)),
            *alike("that is binary cross-entropy, a yes or no: here the channel of a pixel's class alone counts.",
                   lambda p, c, w: mean(binary(p, c).sum(axis=-1), w),
                   lambda p, c, w: mean(binary(p, c).mean(axis=-1), w),
                   lambda p, c, w: mean(-c * np.log(p[..., 1]) - (1 - c) * np.log(p[..., 0]), w),
                   lambda p, c, w: mean(-c * np.log(p[..., 1]) - (1 - c) * np.log(1 - p[..., 1]), w)),
            *alike("a pixel's class number says WHICH channel to take: it is no factor, and no other channel counts.",
                   lambda p, c, w: mean(-np.log(p.max(axis=-1)), w), lambda p, c, w: mean(-np.log(p[..., 1]), w),
                   lambda p, c, w: mean(-np.log(p).sum(axis=-1) * c, w),
                   lambda p, c, w: mean(-np.log(p).sum(axis=-1), w),
                   lambda p, c, w: mean(-np.log(p).mean(axis=-1), w)),
            Mistake("those are probabilities already: a second softmax makes them nearly alike.",
                    lambda p, c, w: mean(-np.log(own(softmax(p), c)), w)),
        ],
        praise="a pixel of weight 3 counts as three pixels do.",
        tolerance=1e-4,  # a little added to the probabilities, against log(0), is no mistake
    )  # fmt: skip


def weigh_borders(answer):
    """Border weights of the U-Net paper from two maps of distances."""

    def weight(squares, w0, double):
        return 1 + w0 * np.exp(-squares / double)

    far = np.array([[1, 1, 2], [3, 0.5, 6]]), np.array([[1, 2, 2.5], [4, 8, 6]])
    return judge(
        answer,
        reference=lambda a, b, w, s: weight((a + b) ** 2, w, 2 * s**2),
        cases=[(np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 5.0]), 10, 5), (*far, 4.0, 3.0)],
        mistakes=[
            Mistake("each distance is squared on its own: it is their sum, the width of the gap, that is.",
                    lambda a, b, w, s: weight(a**2 + b**2, w, 2 * s**2)),
            *alike("far from all borders your weight is 0, and a pixel there would count for nothing, not for 1.",
                   lambda a, b, w, s: weight((a + b) ** 2, w, 2 * s**2) - 1,
                   lambda a, b, w, s: (1 + w) * np.exp(-((a + b) ** 2) / (2 * s**2))),
            Mistake("the sum of the distances is not squared.", lambda a, b, w, s: weight(a + b, w, 2 * s**2)),
            Mistake("sigma is not squared.", lambda a, b, w, s: weight((a + b) ** 2, w, 2 * s)),
            Mistake("the 2 before sigma squared is missing.", lambda a, b, w, s: weight((a + b) ** 2, w, s**2)),
            Mistake("the 2 is squared along with sigma: only sigma should be.",
                    lambda a, b, w, s: weight((a + b) ** 2, w, (2 * s) ** 2)),
            Mistake("you divided by 2 and then multiplied by sigma squared: what is below the line needs brackets.",
                    lambda a, b, w, s: weight((a + b) ** 2, w, 2 / s**2)),
            Mistake("your weights grow with the distance: there is a minus in the exponent.",
                    lambda a, b, w, s: weight((a + b) ** 2, w, -2 * s**2)),
            *alike("one distance alone does not tell a narrow gap from a wide one: it takes both.",
                   lambda a, b, w, s: weight(a**2, w, 2 * s**2), lambda a, b, w, s: weight(b**2, w, 2 * s**2)),
            Mistake("w0 is in the exponent, where it makes the weights fall faster instead of larger.",
                    lambda a, b, w, s: weight((a + b) ** 2 * w, 1, 2 * s**2)),
        ],
        praise="`week.border_weights` finds the distances, too.",
    )  # fmt: skip


def answer_side(answer):
    """How many pixels a U-Net without padding answers for on a side."""

    def unet(side, depth, down=4, bottom=4, up=4, more=0, doublings=-1, halve=lambda n: n // 2):
        for level in range(depth):
            side = (halve(side) if level else side) - (bottom if level == depth - 1 else down)
        for _ in range(depth + doublings):
            side = 2 * side + more - up
        return side

    return judge(
        answer,
        reference=unet,
        # Every side can be halved as often as it has to be, also by those who go down once too often.
        cases=[(10, 1), (20, 2), (92, 3), (188, 4), (572, 5)],
        mistakes=[
            Mistake("on the way up, too, there are two convolutions a size, and they cost pixels.",
                    partial(unet, up=0)),
            *alike("that loses two pixels a size, but each of the TWO convolutions takes one off BOTH ends.",
                   partial(unet, down=2, bottom=2, up=2),
                   partial(unet, down=2, bottom=2, up=2, halve=lambda n: n / 2)),
            Mistake("you went down once too often: `depth` counts the sizes, and there is a halving less.",
                    lambda n, d: unet(n, d + 1)),
            Mistake("the two convolutions at the bottom are missing.", partial(unet, bottom=0)),
            Mistake("the first two convolutions see the whole picture: it is halved after them.",
                    lambda n, d: unet(n // 2, d)),
            *alike("nothing is lost only where convolutions are padded, and these are not.",
                   lambda n, d: n, partial(unet, down=0, bottom=0, up=0)),
            *alike("a transposed convolution of 2x2 with a stride of 2 doubles the side exactly, no more and no less.",
                   *[partial(unet, more=more) for more in (-2, -1, 1, 2)]),
            Mistake("that is the side at the bottom: the way up is missing.", partial(unet, doublings=-100)),
            Mistake("you went up once too often: there is a doubling for each halving.", partial(unet, doublings=0)),
            Mistake("the sides are not halved and doubled: a pixel lost at the bottom is many at the top.",
                    lambda n, d: n - 4 * (2 * d - 1)),
        ],
        praise="the paper's 572 pixels give 388: the border of the picture is only looked at.",
    )  # fmt: skip
