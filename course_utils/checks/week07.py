"""Answers to the exercises of week 7."""

import numpy as np

from ..byhand.boxes import iou as all_pairs
from .judge import Mistake, judge


def places(answer):
    """How many places a window has along an axis."""
    return judge(
        answer,
        reference=lambda length, window, step: (length - window) // step + 1,
        cases=[(96, 48, 8), (48, 48, 8), (100, 48, 8), (31, 5, 3)],
        mistakes=[
            Mistake(
                "the first place counts, too: a picture as large as the window has one.", lambda n, w, s: (n - w) // s
            ),
            Mistake("that is for steps of one pixel.", lambda n, w, s: n - w + 1),
            Mistake(
                "a window that would hang over the border is no place: round down.",
                lambda n, w, s: -(-(n - w) // s) + 1,
            ),
            Mistake("the number of places is whole: // rounds down.", lambda n, w, s: (n - w) / s + 1),
            Mistake("the window must fit as a whole: its length goes off first.", lambda n, w, s: n // s),
            Mistake("the window must fit as a whole: its length goes off first.", lambda n, w, s: n // s + 1),
            Mistake("that is for windows that do not overlap: they move on by the step.", lambda n, w, s: n // w),
            Mistake(
                "the 1 is for the first place; it is not to be divided by the step.", lambda n, w, s: (n - w + 1) // s
            ),
        ],
        praise="one formula for the window, for a convolution, and for the maps of a network without padding.",
    )


def as_kernel(answer):
    """A dense layer's weights as a convolution's kernel."""
    rng = np.random.default_rng(7)
    return judge(
        answer,
        reference=lambda weights, rows, columns, channels: weights.reshape(rows, columns, channels, -1),
        cases=[(rng.normal(size=(2 * 3 * 4, 5)), 2, 3, 4), (rng.normal(size=(3 * 2 * 1, 2)), 3, 2, 1)],
        mistakes=[
            Mistake(
                "right in shape, but the numbers stand in wrong places: Flatten goes through the channels first, then "
                "the columns, then the rows. You put the channels in front and moved them afterwards.",
                lambda w, r, c, k: np.moveaxis(w.reshape(k, r, c, -1), 0, 2),
            ),
            Mistake(
                "rows and columns have changed places before the reshape.",
                lambda w, r, c, k: np.swapaxes(w.reshape(c, r, k, -1), 0, 1),
            ),
            Mistake("channels come last but one, units last: Keras writes a kernel (rows, columns, channels, units).",
                    lambda w, r, c, k: w.reshape(k, r, c, -1)),
            Mistake("units come last: Keras writes a kernel (rows, columns, channels, units).",
                    lambda w, r, c, k: np.moveaxis(w.reshape(r, c, k, -1), 3, 0)),
            Mistake(
                "right in shape, but the weights of different units are mixed: they are columns of the array: keep "
                "them the last axis.",
                lambda w, r, c, k: w.T.reshape(r, c, k, -1),
            ),
            Mistake("a convolution as Keras does it does not flip its kernel: neither may you.",
                    lambda w, r, c, k: w.reshape(r, c, k, -1)[::-1, ::-1]),
            Mistake("the window's rows and columns are still one axis.", lambda w, r, c, k: w.reshape(r * c, k, -1)),
        ],
        praise="not one weight has changed.",
    )  # fmt: skip


def suppress(answer):
    """Non-maximum suppression."""
    # The second overlaps the first and is dropped; the third overlaps only the second, so it stays.
    chain = np.array([[0.0, 0, 10, 10], [3, 0, 13, 10], [6, 0, 16, 10], [40, 40, 50, 50], [41, 40, 51, 50]])
    shuffled = np.array([0.5, 0.9, 0.3, 0.2, 0.6])
    rng = np.random.default_rng(7)
    corners = rng.uniform(0, 30, (12, 2)).round()
    many = np.concatenate([corners, corners + rng.integers(8, 20, (12, 2))], axis=1)
    scores = rng.permutation(12) / 12

    def greedy(boxes, scores, overlap, order=None, drop=lambda o, t: o > t, against_kept=True):
        order = np.argsort(-scores, kind="stable") if order is None else order(scores)
        kept, seen = [], []
        for i in order:
            rivals = kept if against_kept else seen
            if not any(drop(all_pairs(boxes[[i]], boxes[[j]])[0, 0], overlap) for j in rivals):
                kept.append(int(i))
            seen.append(i)
        return np.array(kept)

    def neighbours(boxes, scores, overlap):
        order = np.argsort(-scores, kind="stable")
        kept = [order[0]]
        for i in order[1:]:
            if all_pairs(boxes[[i]], boxes[[kept[-1]]])[0, 0] <= overlap:
                kept.append(i)
        return np.array(kept)

    def only_best(boxes, scores, overlap):
        best = scores.argmax()
        rest = np.flatnonzero(all_pairs(boxes[[best]], boxes)[0] <= overlap)
        return np.array([best, *rest[np.argsort(-scores[rest], kind="stable")]])

    return judge(
        answer,
        reference=greedy,
        cases=[
            (chain, np.array([0.9, 0.8, 0.7, 0.6, 0.5]), 0.4),
            (chain, shuffled, 0.4),
            (chain, shuffled, 0.2),
            (many, scores, 0.3),
            (np.array([[0.0, 0, 10, 10], [0, 0, 10, 5], [5, 0, 10, 10]]), np.array([0.5, 0.9, 0.7]), 0.5),
        ],
        mistakes=[
            Mistake(
                "a box that has itself been dropped can drop no other: compare with the KEPT boxes alone.",
                lambda b, s, o: greedy(b, s, o, against_kept=False),
            ),
            Mistake(
                "the best goes first, not the first in the list: sort by score, the highest first.",
                lambda b, s, o: greedy(b, s, o, order=lambda s: np.arange(len(s))),
            ),
            Mistake(
                "you began with the worst: sort by FALLING score.",
                lambda b, s, o: greedy(b, s, o, order=lambda s: np.argsort(s, kind="stable")),
            ),
            Mistake(
                "you kept what overlaps and dropped the rest: a large overlap means that it is the same thing.",
                lambda b, s, o: greedy(b, s, o, drop=lambda overlap, most: overlap < most),
            ),
            Mistake(
                "dropped is what overlaps by MORE than the limit; exactly at the limit a box stays.",
                lambda b, s, o: greedy(b, s, o, drop=lambda overlap, most: overlap >= most),
            ),
            Mistake(
                "any overlap at all drops a box: compare with the limit.",
                lambda b, s, o: greedy(b, s, o, drop=lambda overlap, most: overlap > 0),
            ),
            Mistake("compared with the last one kept alone: each of the kept boxes can drop another.", neighbours),
            Mistake("that stops after the best. Go on with the next best of what is left.", only_best),
            Mistake("nothing was dropped.", lambda b, s, o: np.argsort(-s, kind="stable")),
            Mistake("asked for are the positions in the list, not the boxes.", lambda b, s, o: b[greedy(b, s, o)]),
            Mistake("asked for are the positions in the list, not the scores.", lambda b, s, o: s[greedy(b, s, o)]),
            Mistake(
                "the right ones, but in the order of the list: the best comes first.",
                lambda b, s, o: np.sort(greedy(b, s, o)),
            ),
        ],
        praise="`byhand.boxes.non_max_suppression` is this, made fast.",
    )


def precision_recall(answer):
    """Precision and recall down to each find."""
    hits = np.array([True, True, False, True, False, False, True])

    def reference(hits, objects):
        right = np.cumsum(hits)
        return right / np.arange(1, len(hits) + 1), right / objects

    return judge(
        answer,
        reference,
        cases=[(hits, 6), (np.array([False, True, True]), 5), (np.array([True]), 1)],
        mistakes=[
            Mistake(
                "recall is divided by the finds. It asks for the share of all OBJECTS.",
                lambda h, n: (reference(h, n)[0], np.cumsum(h) / np.arange(1, len(h) + 1)),
            ),
            Mistake("recall is divided by all finds together. It asks for the share of all OBJECTS.",
                    lambda h, n: (reference(h, n)[0], np.cumsum(h) / len(h))),
            Mistake("recall is divided by the right finds: then it always ends at 1. Some objects are never found.",
                    lambda h, n: (reference(h, n)[0], np.cumsum(h) / max(1, np.sum(h)))),
            Mistake("first precision, then recall.", lambda h, n: reference(h, n)[::-1]),
            Mistake(
                "precision is divided by all finds; at each point only those down to it count.",
                lambda h, n: (np.cumsum(h) / len(h), reference(h, n)[1]),
            ),
            Mistake("precision is divided by the objects. It asks for the share of the FINDS that are right.",
                    lambda h, n: (np.cumsum(h) / n, reference(h, n)[1])),
            Mistake("after the first find there is one find, not none: count from 1.",
                    lambda h, n: (np.cumsum(h) / np.maximum(np.arange(len(h)), 1e-9), reference(h, n)[1])),
            Mistake("that is each find for itself: add up from the first one on.",
                    lambda h, n: (h / np.arange(1, len(h) + 1), h / n)),
            Mistake("that is for all finds together; asked for is a pair of numbers after each find.",
                    lambda h, n: (np.mean(h), np.sum(h) / n)),
        ],
        praise="precision may rise and fall; recall can only rise.",
        tolerance=1e-6,
    )  # fmt: skip
