"""Wrong answers to the exercises of week 7."""

import numpy as np

from course_utils.byhand.boxes import iou


def channels_slowest(weights, rows, columns, channels):
    kernel = np.zeros((rows, columns, channels, weights.shape[1]))
    for k in range(channels):
        for i in range(rows):
            for j in range(columns):
                kernel[i, j, k] = weights[(k * rows + i) * columns + j]
    return kernel


def list_of_units(weights, rows, columns, channels):
    return [unit.reshape(rows, columns, channels) for unit in weights.T]


def no_units(weights, rows, columns, channels):
    return weights.reshape(rows, columns, channels)


def compared_in_pairs(boxes, scores, overlap):
    overlaps, kept = iou(boxes, boxes), []
    for i in np.argsort(scores)[::-1]:
        if not any(overlaps[i, j] > overlap and scores[j] > scores[i] for j in range(len(scores))):
            kept.append(i)
    return kept


def one_round(boxes, scores, overlap):
    order = np.argsort(-scores)
    best, rest = order[0], order[1:]
    return np.append(best, rest[iou(boxes[[best]], boxes[rest])[0] <= overlap])


def compared_with_itself(boxes, scores, overlap):
    return [i for i in np.argsort(-scores) if (iou(boxes[[i]], boxes) <= overlap).all()]


def boxes_themselves(boxes, scores, overlap):
    kept = []
    for i in np.argsort(-scores):
        if all(iou(boxes[[i]], box[None])[0, 0] <= overlap for box in kept):
            kept.append(boxes[i])
    return kept


def scores_crossed_out(boxes, scores, overlap):
    kept = []
    while scores.max() > 0:
        best = scores.argmax()
        kept.append(best)
        scores[iou(boxes[[best]], boxes)[0] > overlap] = 0
    return kept


def recall_of_what_was_found(hits, objects):
    true, false = np.cumsum(hits), np.cumsum(~hits)
    return true / (true + false), true / true[-1]


def right_ones_only(hits, objects):
    precision, recall, right = [], [], 0
    for number, hit in enumerate(hits, 1):
        if hit:
            right += 1
            precision.append(right / number)
            recall.append(right / objects)
    return np.array(precision), np.array(recall)


def divided_by_none(hits, objects):
    precision = [sum(hits[:i]) / i for i in range(len(hits))]
    return np.array(precision), np.cumsum(hits) / objects


WRONG = {
    "as_kernel": [
        (channels_slowest, "all channels of a position"),
        (list_of_units, "an array of shape (2, 3, 4, 5) was expected"),
        (no_units, "cannot reshape"),
    ],
    "suppress": [
        (compared_in_pairs, "can drop no other"),
        (one_round, "every kept box"),
        (scores_crossed_out, "changes the array"),
        (compared_with_itself, "came is a list of 0"),
        (boxes_themselves, "a list of 2 arrays"),
    ],
    "precision_recall": [
        (recall_of_what_was_found, "precision is right. Of recall"),
        (right_ones_only, "shape (3,) was expected"),
        (divided_by_none, "ZeroDivisionError"),
    ],
}
