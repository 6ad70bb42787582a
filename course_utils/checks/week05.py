"""Answers to the exercises of week 5."""

import numpy as np

from .judge import Mistake, judge

# The third row points the same way as the query and the second the opposite way; the first has the largest product,
# the last the least distance.
_QUERY = np.array([1.0, 2.0, 2.0])
_VECTORS = np.array([[18.0, 18.0, 0.0], [-1.0, -2.0, -2.0], [4.0, 8.0, 8.0], [1.0, 1.0, 2.0]])
_LONG = np.array([[30.0, 0.0], [1.0, 1.1], [0.0, 1.0]])


def _cosines(query, vectors):
    return vectors @ query / (np.linalg.norm(vectors, axis=1) * np.linalg.norm(query))


def most_alike(answer):
    """Which row points most nearly the same way as a query."""
    return judge(
        answer,
        reference=lambda query, vectors: int(np.argmax(_cosines(query, vectors))),
        cases=[
            (_QUERY, _VECTORS),
            (np.array([1.0, 1.0]), _LONG),
            (np.array([2.0, 2.2, 0.0]), np.array([[9.0, 9.9, 9.0], [0.2, 0.2, 0.0], [2.0, 2.0, 1.0]])),
        ],
        mistakes=[
            Mistake(
                "a long vector wins whatever its direction. Divide by each row's own length (axis=1 gives one a row).",
                lambda q, v: np.argmax(v @ q),
            ),
            Mistake("that is the row with the opposite or least likeness.", lambda q, v: np.argmin(_cosines(q, v))),
            Mistake(
                "that is the row at the least distance. A row twice as long points the same way, but lies further off.",
                lambda q, v: np.argmin(np.linalg.norm(v - q, axis=1)),
            ),
            Mistake("that is the cosine itself. Which row has it?", lambda q, v: _cosines(q, v).max()),
            Mistake("those are all the cosines. Which row has the largest?", _cosines),
            Mistake("that counts the opposite direction as the same.", lambda q, v: np.argmax(np.abs(_cosines(q, v)))),
            Mistake("that is the row itself. Its number was asked for.", lambda q, v: v[np.argmax(_cosines(q, v))]),
        ],
        praise="this is how a search for similar pictures works.",
    )


def top_weights(answer):
    """How many weights a dense layer has."""
    return judge(
        answer,
        reference=lambda features, classes: (features + 1) * classes,
        cases=[(64, 10), (512, 3), (1, 2)],
        mistakes=[
            Mistake("the biases are missing: one for each output.", lambda f, c: f * c),
            Mistake("that has one bias in all. Each output has its own.", lambda f, c: f * c + 1),
            Mistake("that has a bias for each input. A bias belongs to an output.", lambda f, c: f * c + f),
            Mistake("each output is joined to each input: that is a product.", lambda f, c: f + c),
            Mistake("inputs and outputs are multiplied, and then each output has its bias.", lambda f, c: f + c + 1),
            Mistake("those are the biases alone.", lambda f, c: c),
        ],
        praise="650 for 64 features and 10 classes: one in 350 of all the network's weights.",
    )


def first_reached(answer):
    """After which step a curve is at a level for the first time."""
    steps = [10, 20, 30, 40, 50]
    wavy = [0.2, 0.5, 0.4, 0.6, 0.55]

    def reference(steps, curve, level):
        return next((step for step, value in zip(steps, curve, strict=True) if value >= level), float("inf"))

    def at(pick, otherwise=float("inf")):
        def compute(steps, curve, level):
            above = [number for number, value in enumerate(curve) if value >= level]
            return pick(steps, above) if above else otherwise

        return compute

    def strictly(steps, curve, level):
        return next((step for step, value in zip(steps, curve, strict=True) if value > level), float("inf"))

    def exactly(steps, curve, level):
        return next((step for step, value in zip(steps, curve, strict=True) if value == level), float("inf"))

    def for_good(steps, curve, level):
        return next((s for n, s in enumerate(steps) if min(curve[n:]) >= level), float("inf"))

    return judge(
        answer,
        reference,
        cases=[(steps, wavy, 0.45), (steps, wavy, 0.5), (steps, wavy, 0.9), (steps, wavy, 0.1)],
        mistakes=[
            Mistake("the level counts as reached when the curve is exactly there, too.", strictly),
            Mistake("a curve seldom hits a level exactly: above it counts, too.", exactly),
            Mistake("that is the last step at the level. Asked for is the first.", at(lambda s, n: s[n[-1]])),
            Mistake("that is the place in the list. Which step stands there?", at(lambda s, n: n[0])),
            Mistake("a curve may fall again. The first time counts, not the first time for good.", for_good),
            Mistake(
                "a level that is never reached gives inf, not the first step.",
                lambda s, c, v: s[int(np.argmax(np.array(c) >= v))],
            ),
            Mistake(
                "a level that is never reached gives inf, not the last step.",
                lambda s, c, v: reference(s, c, v) if max(c) >= v else s[-1],
            ),
            Mistake("that is the step of the highest point.", lambda s, c, v: s[int(np.argmax(c))]),
        ],
        praise="now see how many steps borrowing saves.",
    )


def prepare(answer):
    """A picture of bytes, prepared as a network expects it."""
    picture = np.random.default_rng(5).integers(0, 256, (2, 2, 3)).astype(np.uint8)
    mean, deviation = np.array([0.5, 0.4, 0.3]), np.array([0.25, 0.2, 0.1])

    def own(picture, mean, deviation):
        unit = picture / 255
        return (unit - unit.mean(axis=(0, 1))) / unit.std(axis=(0, 1))

    def minus_one_to_one(picture, mean, deviation):
        return (picture / 127.5 - 1 - mean) / deviation

    def own_maximum(picture, mean, deviation):
        return (picture / picture.max() - mean) / deviation

    return judge(
        answer,
        reference=lambda picture, mean, deviation: (picture / 255 - mean) / deviation,
        cases=[(picture, mean, deviation), (picture[:1], mean / 2, deviation * 2)],
        mistakes=[
            Mistake("bytes go to 255: bring them to 0 to 1 first.", lambda p, m, d: (p - m) / d),
            Mistake("255 divides the picture alone, before the mean is taken off.", lambda p, m, d: (p - m) / 255 / d),
            Mistake("that ends at 0 to 1. Mean and deviation are still to come.", lambda p, m, d: p / 255),
            Mistake("the mean is taken off; the division by the deviation is missing.", lambda p, m, d: p / 255 - m),
            Mistake("first minus the mean, then divided: brackets.", lambda p, m, d: p / 255 - m / d),
            Mistake("divided by the square. What is given is the deviation.", lambda p, m, d: (p / 255 - m) / d**2),
            Mistake(
                "multiplied. A network that saw small deviations wants them stretched.",
                lambda p, m, d: (p / 255 - m) * d,
            ),
            Mistake("those are this picture's own mean and deviation. The network knows the ones given.", own),
            Mistake("// cuts off what is behind the point: nearly all becomes 0.", lambda p, m, d: (p // 255 - m) / d),
            Mistake("that is -1 to 1 to begin with. Some networks want that; this one 0 to 1.", minus_one_to_one),
            Mistake("that stretches each picture to its own maximum. Divide all by 255.", own_maximum),
            Mistake("bytes go to 255, not 256.", lambda p, m, d: (p / 256 - m) / d),
            Mistake("mean and deviation have changed places.", lambda p, m, d: (p / 255 - d) / m),
            Mistake(
                "channels are red, green, blue here: no need to turn them.",
                lambda p, m, d: (p[..., ::-1] / 255 - m) / d,
            ),
        ],
        praise="the layer `preprocessing` of the backbone does just that.",
    )


def running_average(answer):
    """A running average after some batches."""

    def reference(average, batches, momentum):
        for mean in batches:
            average = momentum * average + (1 - momentum) * mean
        return float(average)

    def first(average, batches, momentum):
        return momentum * average + (1 - momentum) * batches[0]

    def last(average, batches, momentum):
        return momentum * average + (1 - momentum) * batches[-1]

    def turned(average, batches, momentum):
        return reference(average, batches, 1 - momentum)

    def not_shared(average, batches, momentum):
        for mean in batches:
            average = momentum * average + mean
        return average

    def from_start(average, batches, momentum):
        return momentum * average + (1 - momentum) * float(np.mean(batches))

    return judge(
        answer,
        reference,
        cases=[(0.0, [1.0], 0.9), (2.0, [4.0, 4.0], 0.75), (1.0, [3.0, -1.0, 2.0], 0.5)],
        mistakes=[
            Mistake("momentum is the share of the old that is KEPT; you gave it to the new.", turned),
            Mistake("old and new shares must add up to 1. The new share is 1 - momentum.", not_shared),
            Mistake("only the first batch has moved it. Does return stand inside the loop?", first),
            Mistake("only the last batch has moved it. Each batch moves the result of the one before.", last),
            Mistake("that moves once, towards the mean of all. Each batch moves it in turn.", from_start),
            Mistake("that is the plain mean of the batches; the old average counts too.", lambda a, b, m: np.mean(b)),
            Mistake("it stays where it was.", lambda a, b, m: a),
        ],
        praise="with a momentum of 0.9, thirty batches leave 0.9**30 = 4% of the averages that came with the letters.",
        tolerance=1e-6,
    )
