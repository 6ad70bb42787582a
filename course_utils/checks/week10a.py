"""Answers to the exercises of week 10a."""

from itertools import product

import numpy as np

from .judge import CORRECT, Mistake, Outcome, alike, judge, kinder


def plane_angle(answer):
    """The angle between two planes in space."""

    def normal(rows):
        return np.cross(rows[0], rows[1])

    def unit(vectors):
        return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)

    def cosine(one, other):
        return unit(one) @ unit(other)

    def degrees(x):
        return np.degrees(np.arccos(x))

    def signed(a, b):
        return degrees(cosine(normal(a), normal(b)))

    def reference(a, b):
        return degrees(abs(cosine(normal(a), normal(b))))

    def of_rows(a, b):
        return [degrees(cosine(x, y)) for x, y in product(a, b)]

    def of_rows_acute(a, b):
        return [min(angle, 180 - angle) for angle in of_rows(a, b)]

    def of_crossed(a, b):
        return degrees(abs(cosine(*np.cross(a, b))))

    # No normal is longer than 1, so that whoever does not divide by its length still gets an angle, and not nan.
    outcome = judge(
        answer,
        reference,
        cases=[
            (np.array([[1.0, 0, 0], [0, 1, 0]]), np.array([[0, 0.5, 0], [1, 0, 1.5]])),
            (np.array([[0.8, 0.1, 0.3], [0.2, 0.7, -0.4]]), np.array([[0.5, 0.9, 0.2], [0.3, -0.1, 0.7]])),
            (np.array([[0.2, 0.3, 0.9], [0.6, 0.1, 0.5]]), np.array([[0.9, -0.2, 0.1], [-0.4, -0.3, -0.6]])),
            (np.array([[0.1, -0.7, 0.4], [0.5, 0.5, 0.3]]), np.array([[0.4, 0.8, 0.1], [-0.5, 0.3, 0.6]])),
        ],
        mistakes=[
            Mistake("that is the angle in radians: degrees were asked for.", lambda a, b: np.radians(reference(a, b))),
            *alike("your angle can be obtuse: a normal may point either way, which is no matter to its plane.",
                   signed, lambda a, b: 180 - signed(a, b), lambda a, b: 180 - reference(a, b)),
            *alike("the normals are not of length 1, and the product of longer ones is no cosine: it can exceed 1.",
                   lambda a, b: degrees(abs(normal(a) @ normal(b))), lambda a, b: degrees(normal(a) @ normal(b)),
                   lambda a, b: degrees(abs(unit(normal(a)) @ normal(b)))),
            *alike("that is what the angle lacks of 90: an arcsine, or the angle of a normal to the other PLANE.",
                   lambda a, b: 90 - reference(a, b), lambda a, b: 90 - signed(a, b)),
            *alike("that is the cosine: which angle has it?",
                   lambda a, b: abs(cosine(normal(a), normal(b))), lambda a, b: cosine(normal(a), normal(b))),
            *alike("that is right only for rows at right angles and of length 1, and these need be neither.",
                   lambda a, b: degrees(abs(normal(unit(a)) @ normal(unit(b)))),
                   lambda a, b: degrees(np.linalg.svd(a @ b.T)[1].min())),
            *alike("that is an angle of directions IN the planes, and there are many: what has a plane only one of?",
                   lambda a, b: of_rows(a, b)[0], lambda a, b: of_rows_acute(a, b)[0],
                   lambda a, b: min(of_rows(a, b)), lambda a, b: min(of_rows_acute(a, b)),
                   lambda a, b: max(of_rows_acute(a, b)), lambda a, b: np.mean(of_rows(a, b))),
            Mistake("two planes through the origin share a line, so the smallest angle of directions in them is 0.",
                    lambda a, b: 0.0),
            Mistake("a normal is at right angles to both rows of ONE plane, and yours mix the two planes.", of_crossed),
        ],
        praise="planes are compared by their normals, whichever rows happen to span them.",
        tolerance=1e-4,
    )  # fmt: skip
    return kinder(outcome, "Is that the arccosine of a number above 1? A cosine is at most 1.", "gives nan")


def pca_error(answer):
    """What test pictures lose when they are written with a few principal components."""

    def svd(pictures):
        return np.linalg.svd(pictures - pictures.mean(axis=0), full_matrices=False)

    def error(one, other):
        return ((one - other) ** 2).mean()

    def kept(pictures, parts):
        return pictures @ parts.T @ parts

    def lost(find, mean=lambda train, test: train.mean(axis=0)):
        """Rebuild test pictures from components, one a row, and around a mean that may be wrong ones."""

        def compute(train, test, count):
            middle = mean(train, test)
            return error(test, kept(test - middle, find(train, test, count)) + middle)

        return compute

    def right(train, test, count):
        return svd(train)[2][:count]

    reference = lost(right)

    def rebuilt(train, test, count):
        return kept(test - train.mean(axis=0), right(train, test, count)) + train.mean(axis=0)

    def eigenvectors(train):
        return np.linalg.eigh(np.cov(train.T))[1]

    def uncentred(train, test, count):
        return np.linalg.svd(train)[2][:count]

    def standardised(train, test, count):
        middle, width = train.mean(axis=0), train.std(axis=0)
        new = (test - middle) / width
        return error(new, kept(new, right((train - middle) / width, test, count)))

    def over_pixels(mean, of=lambda train, test: test):
        def compute(train, test, count):
            middle = mean(of(train, test))
            return error(test, kept(test - middle, np.linalg.svd(train - mean(train))[2][:count]) + middle)

        return compute

    mistakes = [
        Mistake("the mean was not removed: components are directions AROUND the mean picture.",
                lost(uncentred, lambda train, test: 0)),
        Mistake("the components were found in pictures whose mean had not been removed.", lost(uncentred)),
        *alike("the test pictures were written with their mean still in them: remove there what train had removed.",
               lost(right, lambda train, test: 0),
               lambda train, test, n: error(test, kept(test, right(train, test, n)) + train.mean(axis=0))),
        *alike("the mean was removed and never came back: one of the two pictures you compare is without it.",
               lambda train, test, n: error(test, rebuilt(train, test, n) - train.mean(axis=0)),
               lambda train, test, n: error(test - train.mean(axis=0), rebuilt(train, test, n))),
        Mistake("the mean, too, is learned from train: yours comes from test.",
                lost(right, lambda train, test: test.mean(axis=0))),
        *alike("each pixel has a mean of its own, over all pictures: yours is over pixels.",
               over_pixels(np.mean), over_pixels(np.mean, lambda train, test: train),
               over_pixels(lambda x: x.mean(axis=1, keepdims=True)),
               over_pixels(lambda x: x.mean(axis=1), lambda train, test: train)),
        *alike("the components come from the test pictures, which were to be new to them.",
               lambda train, test, n: reference(test, test, n), lost(lambda train, test, n: right(test, test, n))),
        Mistake("that is the error of train, and new pictures lose more.",
                lambda train, test, n: reference(train, train, n)),
        *alike("that is a sum: the mean over all pictures and all pixels was asked for.",
               lambda train, test, n: reference(train, test, n) * test.shape[1],
               lambda train, test, n: reference(train, test, n) * test.size),
        *alike("that is the root of it: the mean of the SQUARES was asked for.",
               lambda train, test, n: np.sqrt(reference(train, test, n)),
               lambda train, test, n: np.linalg.norm(test - rebuilt(train, test, n), axis=1).mean()),
        Mistake("the differences are not squared.", lambda train, test, n: abs(test - rebuilt(train, test, n)).mean()),
        *alike("a component is a row of Vt (with eigh, a column), and you cut along the other axis.",
               lost(lambda train, test, n: svd(train)[2][:, :n].T),
               lost(lambda train, test, n: eigenvectors(train)[-n:]),
               lost(lambda train, test, n: eigenvectors(train)[:n, ::-1])),
        *alike("U has a number for each PICTURE and component; a component itself has a number for each pixel.",
               lost(lambda train, test, n: svd(train)[0][:, :n].T), lost(lambda train, test, n: svd(train)[0][:n])),
        Mistake("those are the components along which pictures differ LEAST: in which order do they come?",
                lost(lambda train, test, n: svd(train)[2][-n:])),
        Mistake("that is one component too many.", lost(lambda train, test, n: svd(train)[2][: n + 1])),
        Mistake("that is one component too few.", lost(lambda train, test, n: svd(train)[2][: n - 1])),
        Mistake("the very first component is missing, and it matters most.",
                lost(lambda train, test, n: svd(train)[2][1 : n + 1])),
        Mistake("that is how much the components keep; asked for is how much they lose.",
                lambda train, test, n: error(rebuilt(train, test, n), train.mean(axis=0))),
        Mistake("the pixels were divided by their spread, which makes other components.", standardised),
    ]  # fmt: skip
    rng = np.random.default_rng(10)

    def pictures(train, test, pixels):
        mix = rng.normal(size=(pixels, pixels)) * np.linspace(3, 0.5, pixels)[:, None]
        return [(rng.normal(size=(n, pixels)) @ mix + rng.uniform(1, 4, pixels)).round(1) for n in (train, test)]

    # One after another, the first with as many pictures as pixels: there an array cut along a wrong axis still fits.
    outcome = Outcome(CORRECT, "")
    for *shape, count in [(7, 4, 7, 3), (12, 5, 6, 2), (6, 3, 9, 1)]:
        praise = "new pictures lose more than those that the components came from."
        outcome = judge(answer, reference, [(*pictures(*shape), count)], mistakes, praise, tolerance=1e-4)
        if outcome.state != CORRECT:
            break
    return kinder(outcome, "A component has a number for each pixel, as a picture has.", "mismatch", "not aligned")


def divergence(answer):
    """The Kullback-Leibler divergence that t-SNE makes small."""

    def pairs(p, q):
        others = ~np.eye(len(p), dtype=bool)
        return p[others], q[others]

    def over_pairs(compute):
        return lambda p, q: compute(*pairs(p, q))

    def reference(p, q):
        p, q = pairs(p, q)
        return (p * np.log(p / q)).sum()

    def joint(*numbers):
        """Make a symmetric array whose sum is 1 from what stands above the diagonal."""
        side = int((2 * len(numbers)) ** 0.5) + 1
        result = np.zeros((side, side))
        result[np.triu_indices(side, 1)] = numbers
        return (result + result.T) / (2 * sum(numbers))

    outcome = judge(
        answer,
        reference,
        cases=[
            (joint(5, 3, 2), joint(2, 4, 4)),
            (joint(6, 1, 2, 4, 9, 3), joint(3, 5, 1, 7, 2, 2)),
            (joint(4, 1, 8, 2, 5, 7, 1, 3, 9, 6), joint(1, 6, 2, 9, 4, 3, 8, 7, 2, 5)),
        ],
        mistakes=[
            Mistake("p and q have changed places: it is p that weighs, and p that stands above the line.",
                    lambda p, q: reference(q, p)),
            Mistake("the sign is wrong: a divergence is never below 0.", lambda p, q: -reference(p, q)),
            *alike("the weight before each logarithm should be p, and is q.",
                   lambda p, q: -reference(q, p), over_pairs(lambda p, q: (p * np.log(p) - q * np.log(q)).sum())),
            *alike("right but for a factor: the logarithm is to be the natural one.",
                   lambda p, q: reference(p, q) / np.log(2), lambda p, q: reference(p, q) / np.log(10)),
            *alike("that is a mean: the sum over all pairs was asked for.",
                   lambda p, q: reference(p, q) / p.size, lambda p, q: reference(p, q) / (p.size - len(p)),
                   lambda p, q: reference(p, q) / len(p)),
            Mistake("that is half of it: each pair counts twice, as i, j and as j, i.",
                    lambda p, q: reference(p, q) / 2),
            *alike("that is the cross-entropy: the logarithm of p is missing.",
                   over_pairs(lambda p, q: -(p * np.log(q)).sum()), over_pairs(lambda p, q: (p * np.log(q)).sum())),
            Mistake("q does not occur in it: that is the entropy of p alone.",
                    over_pairs(lambda p, q: -(p * np.log(p)).sum())),
            *alike("that measures the differences of p and q, and a divergence the logarithms of their quotients.",
                   over_pairs(lambda p, q: ((p - q) ** 2).sum()), over_pairs(lambda p, q: abs(p - q).sum()),
                   lambda p, q: ((p - q) ** 2).mean()),
            Mistake("without their signs the logarithms cannot cancel: some are below 0, and are meant to be.",
                    over_pairs(lambda p, q: abs(p * np.log(p / q)).sum())),
            Mistake("every pair counts the same: the weight before the logarithm is missing.",
                    over_pairs(lambda p, q: np.log(p / q).sum())),
            Mistake("there is no logarithm in it.", over_pairs(lambda p, q: (p * p / q).sum())),
            *alike("the quotient is to be INSIDE the logarithm.",
                   over_pairs(lambda p, q: (p * np.log(p) / q).sum()),
                   over_pairs(lambda p, q: (p * np.log(p) / np.log(q)).sum())),
        ],
        praise="a pair that is close in p and far in q costs most.",
        tolerance=1e-4,  # a little added to the probabilities, against log(0), is no mistake
    )  # fmt: skip
    words = "On the diagonal both are 0, and log(0) spoils the sum: no point is its own neighbour."
    return kinder(outcome, words, "gives nan", "math domain error", "ZeroDivisionError")


def walk(answer):
    """Codes in equal steps in a straight line from one to another."""

    def line(first, second, weights):
        return first + np.asarray(weights)[:, None] * (second - first)

    def along(weights):
        return lambda first, second, count: line(first, second, weights(count))

    def reference(first, second, count):
        return np.linspace(first, second, count)

    outcome = judge(
        answer,
        reference,
        cases=[
            (np.array([1.0, 6.0]), np.array([9.0, 2.0]), 5),
            (np.array([2.0, -1.0, 0.5, 3.0]), np.array([-1.0, 3.5, 0.5, 6.0]), 7),
            (np.array([0.3, 2.0, -4.0]), np.array([1.3, 5.0, -2.5]), 2),
        ],
        mistakes=[
            *alike("the walk stops before `second`, which is to be its last code.",
                   along(lambda n: np.arange(n) / n), along(lambda n: np.arange(n - 1) / (n - 1))),
            *alike("the walk begins after `first`, which is to be its first code.",
                   along(lambda n: np.arange(1, n + 1) / n), along(lambda n: np.arange(1, n) / (n - 1))),
            *alike("both ends are left out, and both belong to the walk.",
                   along(lambda n: np.arange(1, n + 1) / (n + 1)), along(lambda n: np.arange(1, n - 1) / (n - 1))),
            Mistake("that is the way back: it is to begin at `first`.", lambda *given: reference(*given)[::-1]),
            *alike("that is the middle alone, and a walk has `count` codes.",
                   lambda first, second, count: (first + second) / 2,
                   lambda first, second, count: np.tile((first + second) / 2, (count, 1))),
            Mistake("rows and columns have changed places: each row is to be a code.",
                    lambda *given: reference(*given).T),
            *alike("each of your steps is as long as the whole way: only all of them together should be.",
                   along(np.arange), along(lambda n: np.arange(1, n + 1))),
            Mistake("those are `count` codes and the two ends besides: the ends are among the `count`.",
                    along(lambda n: np.arange(n + 2) / (n + 1))),
            Mistake("that is one code too many: `count` is the number of codes, and there is a step fewer.",
                    along(lambda n: np.arange(n + 1) / n)),
            *alike("those are the ways from the start to each code: where does the walk start?",
                   lambda first, second, count: reference(first, second, count) - first,
                   lambda first, second, count: reference(0 * first, second, count)),
            Mistake("the walk goes past `second`: what is to be added is a part of the DIFFERENCE of the two.",
                    lambda first, second, count: first + reference(0 * first, second, count)),
            Mistake("those are the two ends alone: the codes between them are missing.",
                    lambda first, second, count: np.stack([first, second])),
        ],
        praise="the ends are pictures that you know; what is between them the decoder makes up.",
        tolerance=1e-5,
    )  # fmt: skip
    words = "The weights go down the rows, and a code's numbers along them: these are two axes."
    return kinder(outcome, words, "broadcast")
