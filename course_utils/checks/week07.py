"""Answers to the exercises of week 7."""

import numpy as np

from ..byhand.boxes import iou as all_pairs
from .judge import Mistake, judge


def places(answer):
    """How many places a window has along an axis."""

    def reference(length, window, step):
        return (length - window) // step + 1

    return judge(
        answer,
        reference,
        # Room left over: none, none, most of a step, a third of one, and one pixel less than a step.
        cases=[(96, 48, 8), (48, 48, 8), (102, 48, 8), (33, 5, 3), (31, 5, 3)],
        mistakes=[
            Mistake(
                "the first place counts, too: a picture as large as the window has one.", lambda n, w, s: (n - w) // s
            ),
            Mistake(
                "a window may end exactly at the border: that last place is missing.", lambda n, w, s: -(-(n - w) // s)
            ),
            Mistake("that is for steps of one pixel.", lambda n, w, s: n - w + 1),
            Mistake(
                "a window that would hang over the border is no place, and that counts one: round down.",
                lambda n, w, s: -(-(n - w) // s) + 1,
            ),
            Mistake(
                "that rounds to the nearest number. Most of a step is not yet a step.",
                lambda n, w, s: round((n - w) / s) + 1,
            ),
            Mistake(
                "the number of places is whole. What stands behind the point is room for no window.",
                lambda n, w, s: (n - w) / s + 1,
            ),
            Mistake(
                "the number of places is whole, and the first place, before any step, counts, too.",
                lambda n, w, s: (n - w) / s,
            ),
            Mistake("the window has a length, too: it must fit as a whole.", lambda n, w, s: n // s),
            Mistake("the window is longer than one pixel: it must fit as a whole.", lambda n, w, s: n // s + 1),
            Mistake(
                "those are all places where a window may begin, hanging over or not. It must fit as a whole.",
                lambda n, w, s: -(-n // s),
            ),
            Mistake("that is for windows that do not overlap: they move on by the step.", lambda n, w, s: n // w),
            Mistake(
                "the 1 is for the first place; it is not to be divided by the step.", lambda n, w, s: (n - w + 1) // s
            ),
            Mistake(
                "the 1 is for the first place and is not divided by the step; and the number of places is whole.",
                lambda n, w, s: (n - w + 1) / s,
            ),
            Mistake(
                "only the window's length was divided. What is left of the axis is: brackets.",
                lambda n, w, s: n - w // s + 1,
            ),
            Mistake("that is one too many. How many does a picture as large as the window have?",
                    lambda n, w, s: reference(n, w, s) + 1),
            Mistake("the step is how far the window moves, not how far neighbours overlap.",
                    lambda n, w, s: (n - w) // (w - s) + 1),
            Mistake("that is for both axes. Asked for is one.", lambda n, w, s: reference(n, w, s) ** 2),
            Mistake("those are the places themselves. How many are there?", lambda n, w, s: np.arange(0, n - w + 1, s)),
            Mistake("that is where the last place begins. Which place is it, counted from the first?",
                    lambda n, w, s: (n - w) // s * s),
        ],
        praise="one formula for the window, for a convolution, and for the maps of a network without padding.",
    )  # fmt: skip


def as_kernel(answer):
    """A dense layer's weights as a convolution's kernel."""

    def reference(weights, rows, columns, channels):
        return weights.reshape(rows, columns, channels, -1)

    def moved(order):
        return lambda *given: reference(*given).transpose(order)

    def wrong_stride(weights, rows, columns, channels):
        row, column, channel = np.indices((rows, columns, channels))
        return weights[(row * rows + column) * channels + channel]

    mixed = "the numbers stand in wrong places: this cuts units and places through one another. "
    axes = "Keras writes a kernel (rows, columns, channels, units)"
    return judge(
        answer,
        reference,
        # No two lengths alike, and more columns than rows, so that a wrong stride stays within the array.
        cases=[
            (np.arange(24.0 * 5).reshape(24, 5), 2, 3, 4),
            (np.arange(10.0 * 3).reshape(10, 3) / 10, 2, 5, 1),
        ],
        mistakes=[
            Mistake(
                "right in shape, but the numbers stand in wrong places: Flatten goes through the channels first, then "
                "the columns, then the rows. You took the channels for the slowest.",
                lambda w, r, c, k: np.moveaxis(w.reshape(k, r, c, -1), 0, 2),
            ),
            Mistake(
                "right in shape, but the numbers stand in wrong places: Flatten goes through a row's columns before it "
                "comes to the next row, not through a column's rows.",
                lambda w, r, c, k: np.swapaxes(w.reshape(c, r, k, -1), 0, 1),
            ),
            Mistake(
                "right in shape, but the numbers stand in wrong places: the LAST axis is gone through first, by "
                "Flatten and by reshape. You went through the first one first.",
                lambda w, r, c, k: w.reshape((r, c, k, -1), order="F"),
            ),
            Mistake(
                "right in shape, but some weights come twice and others not at all. After how many places does the "
                "next row of the window begin?",
                wrong_stride,
            ),
            Mistake(
                "right in shape, but the weights of different units are mixed: each unit's are a column of the array.",
                lambda w, r, c, k: w.T.reshape(r, c, k, -1),
            ),
            Mistake("a convolution as Keras does it does not flip its kernel: neither may you.",
                    lambda w, r, c, k: reference(w, r, c, k)[::-1, ::-1]),
            Mistake("rows come before columns, as in every array of a picture.",
                    lambda w, r, c, k: w.reshape(c, r, k, -1)),
            Mistake(f"rows and columns have changed places: {axes}.", moved((1, 0, 2, 3))),
            Mistake(f"{mixed}The channels, third in a kernel, change fastest of a window's axes.",
                    lambda w, r, c, k: w.reshape(k, r, c, -1)),
            Mistake(f"the channels come too early: {axes}.", moved((2, 0, 1, 3))),
            Mistake(f"{mixed}The units, last in the weights, are last in a kernel, too.",
                    lambda w, r, c, k: w.reshape(-1, r, c, k)),
            Mistake(f"the units come last: {axes}.", moved((3, 0, 1, 2))),
            Mistake(f"that is PyTorch's order. {axes}.", moved((3, 2, 0, 1))),
            Mistake(f"{mixed}The units come after the channels.", lambda w, r, c, k: w.reshape(r, c, -1, k)),
            Mistake(f"that is the kernel of a transposed convolution. For a convolution {axes}.", moved((0, 1, 3, 2))),
            Mistake("the window's rows and columns are still one axis.", lambda w, r, c, k: w.reshape(r * c, k, -1)),
            Mistake("channels and units are still one axis.", lambda w, r, c, k: w.reshape(r, c, -1)),
            Mistake("that is a kernel of one pixel. Flatten saw a window of rows and columns.",
                    lambda w, r, c, k: w.reshape(1, 1, len(w), -1)),
            Mistake("a kernel has no axis for a batch's pictures.", lambda w, r, c, k: reference(w, r, c, k)[None]),
            Mistake(f"those are the weights as they came. {axes}.", lambda w, r, c, k: w),
        ],
        praise="not one weight has changed.",
    )  # fmt: skip


def _falling(scores):
    return np.argsort(-scores, kind="stable")


def _greedy(boxes, scores, overlap, order=_falling, drop=np.greater, share=all_pairs, rivals=lambda kept, seen: kept):
    shares, kept, seen = share(boxes, boxes), [], []
    for i in order(scores):
        if not any(drop(shares[i, j], overlap) for j in rivals(kept, seen)):
            kept.append(int(i))
        seen.append(int(i))
    return kept  # a list, so that a tuple is as good


def _by(**how):
    return lambda *given: _greedy(*given, **how)


def _sides(a, b, least=0):
    near, far = np.maximum(a[:, None, :2], b[:, :2]), np.minimum(a[:, None, 2:], b[:, 2:])
    area_a, area_b = ((x[:, 2] - x[:, 0]) * (x[:, 3] - x[:, 1]) for x in (a, b))
    return np.maximum(far - near, least).prod(axis=2), area_a[:, None], area_b


def _of_smaller(a, b):
    common, area_a, area_b = _sides(a, b)
    return common / np.minimum(area_a, area_b)


def _of_sum(a, b):
    common, area_a, area_b = _sides(a, b)
    return common / (area_a + area_b)


def _without_zero(a, b):
    common, area_a, area_b = _sides(a, b, -np.inf)
    return common / (area_a + area_b - common)


def _with_sizes(a, b):
    return all_pairs(*(np.concatenate([x[:, :2], x[:, :2] + x[:, 2:]], axis=1) for x in (a, b)))


def _only_best(boxes, scores, overlap):
    order = _falling(scores)
    return [i for i in order if i == order[0] or all_pairs(boxes[order[:1]], boxes[[i]])[0, 0] <= overlap]


def _in_what_is_left(boxes, scores, overlap):
    kept = []
    while len(boxes):
        kept.append(int(np.argmax(scores)))
        left = all_pairs(boxes[kept[-1:]], boxes)[0] <= overlap
        boxes, scores = boxes[left], scores[left]
    return kept


def _without_first(boxes, scores, overlap):
    order, kept = _falling(scores), []
    while len(order):
        kept.append(int(order[0]))
        order = order[np.flatnonzero(all_pairs(boxes[order[:1]], boxes[order[1:]])[0] <= overlap)]
    return kept


def _last_forgotten(boxes, scores, overlap):
    order, kept = _falling(scores), []
    while len(order) > 1:
        kept.append(int(order[0]))
        order = order[1:][all_pairs(boxes[order[:1]], boxes[order[1:]])[0] <= overlap]
    return kept


def _removed_in_its_loop(boxes, scores, overlap):
    order, kept = _falling(scores).tolist(), []
    while order:
        kept.append(order.pop(0))
        for j in order:
            if all_pairs(boxes[kept[-1:]], boxes[[j]])[0, 0] > overlap:
                order.remove(j)
    return kept


def _removed_in_both_loops(boxes, scores, overlap):
    order = _falling(scores).tolist()
    for i in order:
        for j in order:
            if i != j and all_pairs(boxes[[i]], boxes[[j]])[0, 0] > overlap:
                order.remove(j)
    return order


def suppress(answer):
    """Non-maximum suppression."""
    # The second overlaps both its neighbours, which overlap each other but little.
    chain = np.array([[0, 0, 10, 10], [3, 0, 13, 10], [6, 0, 16, 10], [40, 40, 50, 50], [41, 40, 51, 50.0]])
    shuffled = np.array([0.5, 0.9, 0.3, 0.2, 0.6])
    rng = np.random.default_rng(7)
    corners = rng.integers(0, 30, (12, 2)).astype(float)
    many = np.concatenate([corners, corners + rng.integers(8, 20, (12, 2))], axis=1)
    scores = (rng.permutation(12) + 1) / 13
    at_limit = np.array([[0, 0, 10, 10], [0, 0, 10, 5], [5, 0, 10, 10.0]])
    # One within another, and one so far off in both directions that two negative sides make a large product.
    unlike = np.array([[0, 0, 10, 10], [0, 0, 20, 20], [32, 32, 42, 42.0]])

    turned = "you kept what overlaps and dropped the rest: a large overlap means that it is the same thing."
    shrinking = "a list that shrinks while a loop goes through it makes the loop leave out the next one."
    return judge(
        answer,
        reference=_greedy,
        cases=[
            (chain[:3], np.array([0.7, 0.8, 0.9]), 0.4),
            (chain, np.array([0.9, 0.8, 0.7, 0.6, 0.5]), 0.4),
            (chain, shuffled, 0.4),
            (chain, shuffled, 0.2),
            (at_limit, np.array([0.4, 0.9, 0.7]), 0.5),
            (unlike, np.array([0.7, 0.9, 0.8]), 0.3),
            (many, scores, 0.3),
        ],
        mistakes=[
            Mistake(
                "a box that has itself been dropped can drop no other: compare with the KEPT boxes alone.",
                _by(rivals=lambda kept, seen: seen),
            ),
            Mistake(
                "the best goes first, not the first in the list: sort by score, the highest first.",
                _by(order=lambda s: np.arange(len(s))),
            ),
            Mistake("you began with the worst: sort by FALLING score.", _by(order=np.argsort)),
            Mistake(turned, _by(drop=np.less)),
            Mistake(turned, _by(drop=np.less_equal)),
            Mistake(
                "dropped is what overlaps by MORE than the limit; exactly at the limit a box stays.",
                _by(drop=np.greater_equal),
            ),
            Mistake("any overlap at all drops a box: compare with the limit.", _by(drop=lambda share, most: share > 0)),
            Mistake(
                "compared with the last one kept alone: each of the kept boxes can drop another.",
                _by(rivals=lambda kept, seen: kept[-1:]),
            ),
            Mistake(
                "compared with the box just before it alone, dropped or not: each of the kept boxes can drop another.",
                _by(rivals=lambda kept, seen: seen[-1:]),
            ),
            Mistake("that stops after the best. Go on with the next best of what is left.", _only_best),
            Mistake("that is the best alone. What does not overlap it can be kept, too.", lambda b, s, o: [s.argmax()]),
            Mistake("that is the best alone. Asked for is a list of all that are kept.", lambda b, s, o: s.argmax()),
            Mistake("nothing was dropped.", lambda b, s, o: _falling(s)),
            Mistake(
                "those are positions among what was still left. Asked for are those in the list as it was given.",
                _in_what_is_left,
            ),
            Mistake(
                "those are positions in the sorted list. Asked for are those in the list as it was given.",
                lambda b, s, o: np.flatnonzero(np.isin(_falling(s), _greedy(b, s, o))),
            ),
            Mistake("asked for are the positions in the list, not the boxes.", lambda b, s, o: b[_greedy(b, s, o)]),
            Mistake("asked for are the positions in the list, not the scores.", lambda b, s, o: s[_greedy(b, s, o)]),
            Mistake(
                "that says for each box whether it is kept. Asked for are the positions of those that are.",
                lambda b, s, o: np.isin(np.arange(len(b)), _greedy(b, s, o)),
            ),
            Mistake(
                "the right ones, but in the order of the list: the best comes first.",
                lambda b, s, o: np.sort(_greedy(b, s, o)),
            ),
            Mistake(
                "the right ones, but the best comes last: it comes first.",
                lambda b, s, o: _greedy(b, s, o)[::-1],
            ),
            Mistake(
                "those are the dropped ones. Asked for are the kept ones.",
                lambda b, s, o: [i for i in _falling(s) if i not in _greedy(b, s, o)],
            ),
            Mistake("the last one left over has no rival, and is kept, too.", _last_forgotten),
            Mistake(
                "what is left is off by one: the overlaps are those of the boxes AFTER the best, the positions that "
                "they choose are counted from the best.",
                _without_first,
            ),
            Mistake(shrinking, _removed_in_its_loop),
            Mistake(shrinking, _removed_in_both_loops),
            Mistake(
                "the limit is for the overlap of two boxes, not for the score.",
                lambda b, s, o: [i for i in _falling(s) if s[i] > o],
            ),
            Mistake(
                "boxes here are left, upper, right and lower side: the last two are no sizes.", _by(share=_with_sizes)
            ),
            Mistake(
                "what two boxes share is divided by the smaller one. IoU divides by all that they cover together.",
                _by(share=_of_smaller),
            ),
            Mistake("what two boxes share counts once in the area that they cover together, not twice.",
                    _by(share=_of_sum)),
            Mistake("boxes that lie apart share nothing: two negative sides make no area.", _by(share=_without_zero)),
        ],
        praise="`byhand.boxes.non_max_suppression` is this, made fast.",
    )  # fmt: skip


def precision_recall(answer):
    """Precision and recall down to each find."""

    def counted(hits):
        return np.arange(1, len(hits) + 1)

    def reference(hits, objects):
        right = np.cumsum(hits)
        return right / counted(hits), right / objects

    def precision(hits):
        return np.cumsum(hits) / counted(hits)

    def divided(one, other):
        with np.errstate(all="ignore"):
            return one / other

    return judge(
        answer,
        reference,
        # The first find is right in each, so that a division by zero gives infinity, which can be recognised, not nan.
        cases=[
            (np.array([True, False, True]), 4),
            (np.array([True, True, False, True, False, False, True]), 6),
            (np.array([True]), 1),
        ],
        mistakes=[
            Mistake(
                "recall is divided by the finds. It asks for the share of all OBJECTS.",
                lambda h, n: (precision(h), precision(h)),
            ),
            Mistake(
                "recall is divided by all finds together. It asks for the share of all OBJECTS.",
                lambda h, n: (precision(h), np.cumsum(h) / len(h)),
            ),
            Mistake(
                "recall is divided by the right finds: then it always ends at 1. Some objects are never found.",
                lambda h, n: (precision(h), np.cumsum(h) / np.sum(h)),
            ),
            Mistake("first precision, then recall.", lambda h, n: reference(h, n)[::-1]),
            Mistake(
                "precision is divided by all finds; at each point only those down to it count.",
                lambda h, n: (np.cumsum(h) / len(h), reference(h, n)[1]),
            ),
            Mistake(
                "precision is divided by the objects. It asks for the share of the FINDS that are right.",
                lambda h, n: (np.cumsum(h) / n, reference(h, n)[1]),
            ),
            Mistake(
                "after the first find there is one find, not none.",
                lambda h, n: (divided(np.cumsum(h), np.arange(len(h))), reference(h, n)[1]),
            ),
            Mistake(
                "after the first find there are not yet two.",
                lambda h, n: (np.cumsum(h) / (counted(h) + 1), reference(h, n)[1]),
            ),
            Mistake(
                "AFTER each find: the find itself counts, too.",
                lambda h, n: ((np.cumsum(h) - h) / counted(h), (np.cumsum(h) - h) / n),
            ),
            Mistake(
                "right finds are divided by wrong ones. Precision is their share of all finds so far, right and wrong.",
                lambda h, n: (divided(np.cumsum(h), np.cumsum(~h)), reference(h, n)[1]),
            ),
            Mistake(
                "that is each find for itself: add up from the first one on.",
                lambda h, n: (h / counted(h), h / n),
            ),
            Mistake("the wrong finds were counted. Asked for are the right ones.", lambda h, n: reference(~h, n)),
            Mistake(
                "that is for all finds together; asked for is a pair of numbers after each find.",
                lambda h, n: (np.mean(h), np.sum(h) / n),
            ),
            Mistake(
                "recall is one number there, after the last find. It has one after each, as precision has.",
                lambda h, n: (precision(h), np.sum(h) / n),
            ),
            Mistake(
                "after EACH find, the wrong ones, too: those lower the precision.",
                lambda h, n: tuple(numbers[h] for numbers in reference(h, n)),
            ),
            Mistake(
                "one number too many: the first pair belongs to the first find, none to the time before it.",
                lambda h, n: (np.append(1, precision(h)), np.append(0, reference(h, n)[1])),
            ),
            Mistake(
                "one number too many: the first pair belongs to the first find, before it there is nothing to divide.",
                lambda h, n: tuple(np.append(0, numbers) for numbers in reference(h, n)),
            ),
            Mistake(
                "that is the highest precision from each find on, a curve made smooth. Asked for is the plain one.",
                lambda h, n: (np.maximum.accumulate(precision(h)[::-1])[::-1], reference(h, n)[1]),
            ),
            Mistake(
                "the finds stand in order already. You brought all right ones to the front.",
                lambda h, n: reference(np.sort(h)[::-1], n),
            ),
            Mistake(
                "those are whole numbers: what stands behind the point is cut off.",
                lambda h, n: (np.cumsum(h) // counted(h), np.cumsum(h) // n),
            ),
            Mistake(
                "True and True is still True: to count, add them as numbers.",
                lambda h, n: (np.logical_or.accumulate(h) / counted(h), np.logical_or.accumulate(h) / n),
            ),
            Mistake(
                "the numbers are right, but stand in pairs: asked for are two arrays, one of each kind.",
                lambda h, n: np.stack(reference(h, n), axis=1),
            ),
            Mistake(
                "the numbers are right, but it is one array of two rows: asked for are two arrays.",
                lambda h, n: np.stack(reference(h, n)),
            ),
        ],
        praise="precision may rise and fall; recall can only rise.",
    )
