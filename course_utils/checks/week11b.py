"""Answers to the exercises of week 11b."""

import numpy as np

from .judge import Mistake, alike, judge, kinder


def _other_logarithms(reference):
    return [lambda *given, base=base: reference(*given) / np.log(base) for base in (2, 10)]


_NATURAL = "right but for a factor: the logarithm is to be the natural one."
_EACH_ONE = "the logarithm comes first, of each probability, and then the mean: you took the logarithm of a mean."


def discriminator_loss(answer):
    """The discriminator's loss, from what it says of real and of artificial pictures."""

    def nll(probabilities):
        return -np.log(probabilities).mean()

    def reference(real, artificial):
        return nll(real) + nll(1 - artificial)

    def together(real, artificial):
        return nll(np.concatenate([real, 1 - artificial]))

    outcome = judge(
        answer,
        reference,
        # First two batches of one size, as in the lecture, but it is not to matter.
        cases=[
            (np.array([0.9, 0.6]), np.array([0.2, 0.3])),
            (np.array([0.7, 0.95, 0.4]), np.array([0.15, 0.6, 0.35, 0.05, 0.25])),
            (np.array([0.55, 0.8, 0.99, 0.3]), np.array([0.45, 0.1])),
        ],
        mistakes=[
            *alike("real and artificial are exchanged: it should be small when D says 1 of real and 0 of artificial.",
                   lambda r, a: nll(1 - r) + nll(a), lambda r, a: nll(1 - r) - nll(a)),
            Mistake("the sign is wrong: logarithms of probabilities are below 0, and a loss should not be.",
                    lambda r, a: -reference(r, a)),
            *alike("one of the two means has the wrong sign: both logarithms are below 0, and both are turned over.",
                   lambda r, a: nll(r) - nll(1 - a), lambda r, a: nll(1 - a) - nll(r)),
            Mistake("of an artificial picture the logarithm of 1 - D is taken: yours rewards a D that calls it real.",
                    lambda r, a: nll(r) + nll(a)),
            *alike("that is half of it: the lecture adds two means, each over its own pictures; yours is one mean.",
                   lambda r, a: reference(r, a) / 2, together),
            Mistake("only the real pictures count in it.", lambda r, a: nll(r)),
            Mistake("only the artificial pictures count in it.", lambda r, a: nll(1 - a)),
            Mistake("those are sums: a loss that grows with the batch. Means were asked for.",
                    lambda r, a: nll(r) * len(r) + nll(1 - a) * len(a)),
            *alike("each mean is over its own pictures: you divided both sums by one number, and here the two differ.",
                   lambda r, a: nll(r) + nll(1 - a) * len(a) / len(r),
                   lambda r, a: nll(r) * len(r) / len(a) + nll(1 - a), lambda r, a: together(r, a) * 2),
            *alike(_NATURAL, *_other_logarithms(reference)),
            Mistake(_EACH_ONE, lambda r, a: -np.log(r.mean()) - np.log(1 - a.mean())),
            Mistake("the 1 belongs inside: the logarithm of 1 - D, not 1 less the logarithm of D.",
                    lambda r, a: nll(r) - (1 - np.log(a)).mean()),
            *alike("there is no logarithm in it.",
                   lambda r, a: (1 - r).mean() + a.mean(), lambda r, a: -r.mean() - (1 - a).mean(),
                   lambda r, a: r.mean() + (1 - a).mean()),
            Mistake("those are squares in place of logarithms: a loss of another GAN.",
                    lambda r, a: ((1 - r) ** 2).mean() + (a**2).mean()),
            Mistake("the weight before a logarithm is the label, 1, and not what D says.",
                    lambda r, a: -(r * np.log(r)).mean() - ((1 - a) * np.log(1 - a)).mean()),
        ],
        praise="a D that cannot tell says 0.5 of all, and then it is 2 log 2, 1.39.",
        tolerance=1e-4,  # a little added to the probabilities, against log(0), is no mistake
    )  # fmt: skip
    words = "There need not be as many real pictures as artificial ones: take each mean first, then add."
    outcome = kinder(outcome, words, "broadcast", "Incompatible shapes", "zip()", "IndexError")
    return kinder(outcome, "The mean over the pictures is missing.", "got an array of shape", "got a list")


def generator_loss(answer):
    """The generator's loss that does not saturate, from what the discriminator says of its pictures."""

    def reference(a):
        return -np.log(a).mean()

    outcome = judge(
        answer,
        reference,
        cases=[(np.array([0.5, 0.1]),), (np.array([0.02, 0.3, 0.9, 0.15]),), (np.array([0.6, 0.05, 0.45]),)],
        mistakes=[
            Mistake("that is the generator's part in the minimax game: it hardly slopes where D is sure, near 0.",
                    lambda a: np.log(1 - a).mean()),
            Mistake("those are the labels 0: it is small when D is right, so it is a loss for D. G wants the label 1.",
                    lambda a: -np.log(1 - a).mean()),
            Mistake("the sign is wrong: logarithms of probabilities are below 0, and a loss should not be.",
                    lambda a: np.log(a).mean()),
            Mistake("that is a sum: a loss that grows with the batch. The mean was asked for.",
                    lambda a: -np.log(a).sum()),
            *alike("there is no logarithm in it.",
                   lambda a: (1 - a).mean(), lambda a: a.mean(), lambda a: -a.mean(), lambda a: (a - 1).mean()),
            *alike(_NATURAL, *_other_logarithms(reference)),
            *alike(_EACH_ONE, lambda a: -np.log(a.mean()), lambda a: np.log(a.mean())),
            *alike("the logarithm of D alone was asked for: there is a 1 too many.",
                   lambda a: (1 - np.log(a)).mean(), lambda a: -np.log(1 + a).mean()),
            Mistake("both labels are in it: G wants all of its pictures to be called real, and nothing else.",
                    lambda a: -np.log(a).mean() - np.log(1 - a).mean()),
            Mistake("those are squares in place of logarithms: a loss of another GAN.",
                    lambda a: ((1 - a) ** 2).mean()),
            Mistake("the weight before a logarithm is the label, 1, and not what D says.",
                    lambda a: -(a * np.log(a)).mean()),
            Mistake("that is half of it: there is one mean, over artificial pictures alone.",
                    lambda a: reference(a) / 2),
        ],
        praise="it slopes most where D is sure that a picture is artificial: there G has most to learn.",
        tolerance=1e-4,
    )  # fmt: skip
    return kinder(outcome, "The mean over the pictures is missing.", "got an array of shape", "got a list")


def phase_labels(answer):
    """The labels of lecture A's two phases."""

    def both(count):
        return np.repeat([1.0, 0.0], count)

    def phases(first, second=np.ones):
        """Make labels with a function of `count` for each phase."""
        return lambda count, phase: (first if phase == 1 else second)(count)

    def halves(count):
        return np.repeat([1.0, 0.0], [count - count // 2, count // 2])

    reference = phases(both)
    outcome = judge(
        answer,
        reference,
        cases=[(2, 1), (2, 2), (4, 1), (3, 2), (1, 1), (5, 1)],
        mistakes=[
            Mistake("phase 2: 0 is what they ARE, and then G would learn to be found out. It wants D to say 1.",
                    phases(both, np.zeros)),
            Mistake("phase 1: real and artificial are exchanged. Lecture A has 1 for real, which come first.",
                    phases(lambda n: 1 - both(n))),
            Mistake("all labels are exchanged: lecture A has 1 for real, 0 for artificial, and then G wants 1.",
                    phases(lambda n: 1 - both(n), np.zeros)),
            *alike("phase 2: there are `count` artificial pictures and no real ones, so `count` labels, all 1.",
                   phases(both, lambda n: np.ones(2 * n)), phases(both, lambda n: np.zeros(2 * n)),
                   phases(both, both), phases(both, lambda n: 1 - both(n))),
            *alike("the two phases are exchanged: D is trained in phase 1, G in phase 2.", phases(np.ones, both),
                   phases(np.zeros, both)),
            Mistake("phase 1 gets the labels of phase 2. Is `phase` looked at? It is the number 1 or 2.",
                    phases(np.ones)),
            *alike("phase 1: the labels take turns, and the pictures do not: first all real ones, then the others.",
                   phases(lambda n: np.tile([1, 0], n)), phases(lambda n: np.tile([0, 1], n))),
            *alike("phase 1: `count` real pictures AND `count` artificial ones: twice as many labels as yours.",
                   phases(halves), phases(lambda n: both(n // 2)), phases(lambda n: halves(n)[::-1])),
            Mistake("phase 1: all are called real, and D learns nothing from that.", phases(lambda n: np.ones(2 * n))),
            Mistake("phase 1: all are called artificial, and D learns nothing from that.",
                    phases(lambda n: np.zeros(2 * n))),
            *alike("right labels, but in a column: one axis was asked for.",
                   lambda n, phase: reference(n, phase)[:, None], lambda n, phase: reference(n, phase)[None]),
            *alike("phase 1: the batch is one, and so are its labels: join the ones and the zeros to one array.",
                   phases(lambda n: (np.ones(n), np.zeros(n))), phases(lambda n: [np.ones(n), np.zeros(n)]),
                   phases(lambda n: np.stack([np.ones(n), np.zeros(n)], axis=1))),
            *alike("a label of 0.9 is a trick of later GANs: 1 was asked for.",
                   phases(lambda n: 0.9 * both(n)), phases(lambda n: 0.9 * both(n), lambda n: 0.9 * np.ones(n))),
            Mistake("artificial is 0 here, not -1.", phases(lambda n: 2 * both(n) - 1)),
        ],
        praise="in phase 2 the labels lie, and that is how D, frozen, tells G where to go.",
    )  # fmt: skip
    return kinder(outcome, "The labels are numbers, 1 and 0.", "was expected, got a list", "was expected, got a str")


def frechet(answer):
    """The Frechet distance of two Gaussians whose features do not depend on each other."""

    def spread(v1, v2):
        return ((np.sqrt(v1) - np.sqrt(v2)) ** 2).sum()

    def apart(m1, m2):
        return ((m1 - m2) ** 2).sum()

    def reference(m1, v1, m2, v2):
        return apart(m1, m2) + spread(v1, v2)

    def with_spread(compute):
        return lambda m1, v1, m2, v2: apart(m1, m2) + compute(v1, v2)

    def with_means(compute):
        return lambda m1, v1, m2, v2: compute(m1 - m2) + spread(v1, v2)

    vectors = np.random.default_rng(11).uniform(0.2, 4, (2, 4, 5)).round(1)
    outcome = judge(
        answer,
        reference,
        cases=[
            (np.array([0.0, 1.0]), np.array([1.0, 4.0]), np.array([3.0, 2.0]), np.array([1.0, 9.0])),
            *(tuple(case) for case in vectors),
            tuple(vectors[0, :, :3] * [[-1], [1], [1], [1]]),
        ],
        mistakes=[
            Mistake("the variances are compared as they are: their roots, the deviations, should be.",
                    with_spread(lambda v1, v2: ((v1 - v2) ** 2).sum())),
            *alike("the difference of the means is not squared.",
                   with_means(lambda d: d.sum()), with_means(lambda d: -d.sum()), with_means(lambda d: abs(d).sum()),
                   with_means(lambda d: abs(d.sum())), with_means(lambda d: (d**2).sum() ** 0.5)),
            Mistake("a root too many: the distance is meant as it is, squares and all.",
                    lambda *given: np.sqrt(reference(*given))),
            Mistake("what the two have in common is missing: less 2 sqrt(v1 v2). Equal Gaussians have distance 0.",
                    with_spread(lambda v1, v2: (v1 + v2).sum())),
            *alike("the last term is not right: 2 sqrt(v1 v2), to be taken away, with the 2 and with the root.",
                   with_spread(lambda v1, v2: (v1 + v2 - np.sqrt(v1 * v2)).sum()),
                   with_spread(lambda v1, v2: (v1 + v2 - 2 * v1 * v2).sum()),
                   with_spread(lambda v1, v2: (v1 + v2 + 2 * np.sqrt(v1 * v2)).sum()),
                   with_spread(lambda v1, v2: (v1 + v2 - v1 * v2).sum())),
            Mistake("the root is of each feature's product of variances, and the sum over the features comes after it.",
                    with_spread(lambda v1, v2: (v1 + v2).sum() - 2 * np.sqrt((v1 * v2).sum()))),
            *alike("the root is of the product of the two variances, not of their sum.",
                   with_spread(lambda v1, v2: (v1 + v2 - 2 * np.sqrt(v1 + v2)).sum()),
                   with_spread(lambda v1, v2: (v1 + v2 - np.sqrt(v1 + v2)).sum())),
            Mistake("those are means over the features, and sums were asked for.",
                    lambda m1, *rest: reference(m1, *rest) / len(m1)),
            *alike("one of the two is a mean over the features: both should be sums.",
                   lambda m1, v1, m2, v2: apart(m1, m2) / len(m1) + spread(v1, v2),
                   lambda m1, v1, m2, v2: apart(m1, m2) + spread(v1, v2) / len(m1)),
            Mistake("the spreads are missing: those are the means alone.", with_spread(lambda v1, v2: 0)),
            Mistake("the means are missing: those are the spreads alone.", with_means(lambda d: 0)),
            *alike("the root is of each variance, before they are taken from each other.",
                   with_spread(lambda v1, v2: abs(v1 - v2).sum()), with_spread(lambda v1, v2: (v1 - v2).sum()),
                   with_spread(lambda v1, v2: np.sqrt(abs(v1 - v2)).sum())),
            *alike("the difference of the deviations is not squared.",
                   with_spread(lambda v1, v2: abs(np.sqrt(v1) - np.sqrt(v2)).sum()),
                   with_spread(lambda v1, v2: (np.sqrt(v1) - np.sqrt(v2)).sum())),
            *alike("each feature's difference is squared before they are added: differences must not cancel.",
                   lambda m1, v1, m2, v2: (m1 - m2).sum() ** 2 + (np.sqrt(v1) - np.sqrt(v2)).sum() ** 2,
                   with_means(lambda d: d.sum() ** 2),
                   with_spread(lambda v1, v2: (np.sqrt(v1) - np.sqrt(v2)).sum() ** 2),
                   with_spread(lambda v1, v2: (np.sqrt(v1.sum()) - np.sqrt(v2.sum())) ** 2)),
            Mistake("the two terms are added: yours takes one from the other.",
                    lambda m1, v1, m2, v2: apart(m1, m2) - spread(v1, v2)),
        ],
        praise="it is the squared way from one list of means and deviations to the other.",
        tolerance=1e-5,
    )  # fmt: skip
    outcome = kinder(outcome, "The root is of each variance, not of their difference.", "gives nan")
    outcome = kinder(outcome, "The variances are the diagonal already: sum them.", "2-dimensional", "two dimensions")
    return kinder(outcome, "The sum over the features is missing.", "got an array of shape", "got a list")


def coverage(answer):
    """How many classes have their share of the labels."""

    def counts(labels, classes):
        return np.bincount(labels, minlength=classes)

    def shares(labels, classes):
        return counts(labels, classes) / len(labels)

    def reference(labels, classes, at_least):
        return int((shares(labels, classes) >= at_least).sum())

    def covered(labels, classes, at_least):
        return shares(labels, classes) >= at_least

    def of_largest(labels, classes):
        return counts(labels, classes) / counts(labels, classes).max()

    def of(*numbers):
        """Labels, mixed, with so many of each class."""
        return np.random.default_rng(11).permutation(np.repeat(np.arange(len(numbers)), numbers))

    outcome = judge(
        answer,
        reference,
        cases=[
            (of(4, 2, 1, 1), 4, 0.25),
            (of(3, 2, 5), 3, 0.25),  # a quarter of 10 labels is no whole number
            (of(9, 6, 3, 1, 1, 0), 6, 0.3),
            (of(2, 30, 5, 0, 12, 1, 8, 0, 40, 2), 10, 0.02),
            (of(0, 0, 7), 3, 0.5),
            (of(20, 3, 14, 2, 1), 5, 0.5),
        ],
        mistakes=[
            *alike("every class that occurs is counted: its share matters, its count over that of all, no percent.",
                   lambda labels, *_: len(np.unique(labels)),
                   lambda labels, classes, least: (shares(labels, classes) * 100 >= least).sum()),
            Mistake("how many labels a class needs was rounded: compare shares, which need no rounding.",
                    lambda labels, classes, least: (counts(labels, classes) >= int(least * len(labels))).sum()),
            Mistake("a class with a share of just `at_least` counts too.",
                    lambda labels, classes, least: (shares(labels, classes) > least).sum()),
            *alike("the share is one of ALL labels, and you compare with the largest class.",
                   lambda labels, classes, least: (of_largest(labels, classes) >= least).sum(),
                   lambda labels, classes, least: (of_largest(labels, classes) > least).sum()),
            Mistake("that is a share of the classes: how many they are was asked for.",
                    lambda labels, classes, least: reference(labels, classes, least) / classes),
            Mistake("that is a share of the classes that occur: how many are covered was asked for.",
                    lambda labels, classes, least: reference(labels, classes, least) / len(np.unique(labels))),
            *alike("a class's count is to be divided by the number of labels, not of classes.",
                   lambda labels, classes, least: (counts(labels, classes) / classes >= least).sum(),
                   lambda labels, classes, least: (counts(labels, classes) / len(np.unique(labels)) >= least).sum()),
            Mistake("you compare with a part of the fair share, 1 / classes: `at_least` is a share of all labels.",
                    lambda labels, classes, least: (shares(labels, classes) >= least / classes).sum()),
            Mistake("those are the classes that are NOT covered.",
                    lambda labels, classes, least: classes - reference(labels, classes, least)),
            Mistake("class 0 is left out: classes are counted from 0.",
                    lambda *given: covered(*given)[1:].sum()),
            Mistake("the last class is left out: it has the number `classes` - 1.",
                    lambda *given: covered(*given)[:-1].sum()),
            *alike("those are WHICH classes are covered: how many was asked for.",
                   lambda *given: np.flatnonzero(covered(*given)), covered),
            Mistake("those are the shares of all classes: how many of them are large enough?",
                    lambda labels, classes, _: shares(labels, classes)),
            Mistake("that is how many labels lie in covered classes: the classes were to be counted.",
                    lambda labels, *rest: covered(labels, *rest)[labels].sum()),
            Mistake("that is the share of the labels in covered classes: the classes were to be counted.",
                    lambda labels, *rest: covered(labels, *rest)[labels].mean()),
            Mistake("that is the number of classes, whatever the labels are.", lambda labels, classes, _: classes),
        ],
        praise="a generator that has collapsed can look good picture by picture; this sees it.",
    )  # fmt: skip
    return kinder(outcome, "`classes` is how many classes there are, a number.", "has no len()", "not iterable")
