"""Wrong answers to the exercises of week 7, as students write them."""

import math
from itertools import pairwise

import numpy as np

from course_utils.byhand import boxes


def steps_only(length, window, step):
    return int((length - window) / step)


def border_left_out(length, window, step):
    count = start = 0
    while start + window < length:
        count += 1
        start += step
    return count


def step_of_one(length, window, step):
    return len([start for start in range(length) if start + window <= length])


def rounded_up(length, window, step):
    return math.ceil((length - window) / step) + 1


def rounded(length, window, step):
    return round((length - window) / step) + 1


def not_whole(length, window, step):
    return (length - window) / step + 1


def not_whole_and_no_first(length, window, step):
    return (length - window) / step


def whole_axis(length, window, step):
    return length // step


def whole_axis_and_first(length, window, step):
    return int(length / step) + 1


def hanging_over(length, window, step):
    return len(range(0, length, step))


def side_by_side(length, window, step):
    return length // window


def one_divided(length, window, step):
    return (length - window + 1) // step


def one_divided_not_whole(length, window, step):
    return (length - window + 1) / step


def no_brackets(length, window, step):
    return length - window // step + 1


def counted_from_one(length, window, step):
    count, start = 1, 0
    while start + window <= length:
        count, start = count + 1, start + step
    return count


def step_as_overlap(length, window, step):
    return (length - window) // (window - step) + 1


def both_axes(length, window, step):
    count = 0
    for _ in range(0, length - window + 1, step):
        for _ in range(0, length - window + 1, step):
            count += 1
    return count


def starts(length, window, step):
    return [start for start in range(0, length, step) if start + window <= length]


def starts_as_range(length, window, step):
    return range(0, length - window + 1, step)


def last_start(length, window, step):
    start = 0
    while start + step + window <= length:
        start += step
    return start


def endless(length, window, step):
    count = start = 0
    while start + window <= length:
        count += 1
    return count


def channels_slowest(weights, rows, columns, channels):
    kernel = np.zeros((rows, columns, channels, weights.shape[1]))
    for k in range(channels):
        for i in range(rows):
            for j in range(columns):
                kernel[i, j, k] = weights[(k * rows + i) * columns + j]
    return kernel


def columns_slowest(weights, rows, columns, channels):
    kernel, source = np.zeros((rows, columns, channels, weights.shape[1])), iter(weights)
    for j in range(columns):
        for i in range(rows):
            for k in range(channels):
                kernel[i, j, k] = next(source)
    return kernel


def first_axis_fastest(weights, rows, columns, channels):
    return np.reshape(weights, (rows, columns, channels, weights.shape[1]), order="F")


def stride_of_rows(weights, rows, columns, channels):
    kernel = np.zeros((rows, columns, channels, weights.shape[-1]))
    for i in range(rows):
        for j in range(columns):
            for k in range(channels):
                kernel[i, j, k, :] = weights[i * rows * channels + j * channels + k]
    return kernel


def units_mixed(weights, rows, columns, channels):
    return weights.transpose().reshape((rows, columns, channels, weights.shape[1]))


def units_mixed_in_a_loop(weights, rows, columns, channels):
    flat = [value for unit in weights.T for value in unit]
    return np.array(flat).reshape(rows, columns, channels, -1)


def flipped(weights, rows, columns, channels):
    return np.flip(weights.reshape(rows, columns, channels, -1), axis=(0, 1))


def columns_first(weights, rows, columns, channels):
    return weights.reshape((columns, rows, channels, weights.shape[1]))


def axes_exchanged(weights, rows, columns, channels):
    return np.swapaxes(weights.reshape(rows, columns, channels, -1), 0, 1)


def channels_first(weights, rows, columns, channels):
    return weights.reshape((channels, rows, columns, weights.shape[1]))


def channels_moved_first(weights, rows, columns, channels):
    kernel = weights.reshape(rows, columns, channels, -1)
    return np.stack([kernel[:, :, k] for k in range(channels)])


def units_first(weights, rows, columns, channels):
    return weights.reshape(weights.shape[1], rows, columns, channels)


def list_of_units(weights, rows, columns, channels):
    return [unit.reshape(rows, columns, channels) for unit in weights.T]


def pytorch(weights, rows, columns, channels):
    return np.array([np.moveaxis(unit.reshape(rows, columns, channels), 2, 0) for unit in weights.T])


def units_before_channels(weights, rows, columns, channels):
    return weights.reshape(rows, columns, weights.shape[1], channels)


def transposed_convolution(weights, rows, columns, channels):
    return np.einsum("ijkl->ijlk", weights.reshape(rows, columns, channels, -1))


def places_in_one(weights, rows, columns, channels):
    return weights.reshape(rows * columns, channels, weights.shape[1])


def units_in_channels(weights, rows, columns, channels):
    return weights.reshape(rows, columns, channels * weights.shape[1])


def one_pixel(weights, rows, columns, channels):
    return weights[np.newaxis, np.newaxis]


def with_batch(weights, rows, columns, channels):
    return np.expand_dims(weights.reshape(rows, columns, channels, -1), 0)


def as_they_came(weights, rows, columns, channels):
    return weights.copy()


def no_units(weights, rows, columns, channels):
    return weights.reshape(rows, columns, channels)


def kept_by_pairs(boxes_of, scores, overlap):
    shares, kept = boxes.iou(boxes_of, boxes_of), []
    for i in np.argsort(scores)[::-1]:
        if not any(shares[i, j] > overlap and scores[j] > scores[i] for j in range(len(scores))):
            kept.append(i)
    return kept


def one_by_one(boxes_of, order, overlap):
    """Keep in a given order."""
    kept = []
    for i in order:
        if all(boxes.iou(boxes_of[[i]], boxes_of[[k]])[0, 0] <= overlap for k in kept):
            kept.append(i)
    return kept


def not_sorted(boxes_of, scores, overlap):
    return one_by_one(boxes_of, range(len(boxes_of)), overlap)


def rising(boxes_of, scores, overlap):
    return one_by_one(boxes_of, np.argsort(scores), overlap)


def loop_over(boxes_of, scores, overlap, left):
    """Take the best, and what `left` says of the rest, as long as there is any."""
    order, kept = np.argsort(scores)[::-1], []
    while len(order) > 0:
        best, rest = order[0], order[1:]
        kept.append(best)
        order = rest[left(boxes.iou(boxes_of[[best]], boxes_of[rest])[0], overlap)]
    return np.array(kept)


def turned(boxes_of, scores, overlap):
    return loop_over(boxes_of, scores, overlap, lambda share, most: share > most)


def turned_with_limit(boxes_of, scores, overlap):
    return loop_over(boxes_of, scores, overlap, lambda share, most: share >= most)


def at_the_limit_dropped(boxes_of, scores, overlap):
    return loop_over(boxes_of, scores, overlap, lambda share, most: share < most)


def any_overlap(boxes_of, scores, overlap):
    return loop_over(boxes_of, scores, overlap, lambda share, most: share == 0)


def last_kept_alone(boxes_of, scores, overlap):
    order = sorted(range(len(scores)), key=lambda i: scores[i], reverse=True)
    kept = order[:1]
    for i in order[1:]:
        if boxes.iou(boxes_of[[kept[-1]]], boxes_of[[i]]).item() <= overlap:
            kept += [i]
    return kept


def neighbours(boxes_of, scores, overlap):
    order = np.argsort(-scores)
    kept = [order[0]]
    for before, i in pairwise(order):
        if boxes.iou(boxes_of[[before]], boxes_of[[i]]).item() <= overlap:
            kept.append(i)
    return kept


def one_round(boxes_of, scores, overlap):
    order = np.argsort(-scores)
    best, rest = order[0], order[1:]
    return np.append(best, rest[boxes.iou(boxes_of[[best]], boxes_of[rest])[0] <= overlap])


def returned_in_the_loop(boxes_of, scores, overlap):
    order, kept = np.argsort(scores)[::-1], []
    while len(order) > 0:
        kept.append(order[0])
        order = order[boxes.iou(boxes_of[order[:1]], boxes_of[order])[0] <= overlap]
        return kept


def best(boxes_of, scores, overlap):
    return int(np.argmax(scores))


def everything(boxes_of, scores, overlap):
    kept = []
    for i in np.argsort(scores)[::-1]:
        if i not in kept:
            kept.append(i)
    return kept


def positions_in_the_rest(boxes_of, scores, overlap):
    kept = []
    while len(scores) > 0:
        number = scores.argmax()
        kept.append(number)
        clear = boxes.iou(boxes_of[number : number + 1], boxes_of)[0] <= overlap
        boxes_of, scores = boxes_of[clear], scores[clear]
    return kept


def positions_in_the_rest_by_delete(boxes_of, scores, overlap):
    kept = []
    while len(scores):
        number = int(np.argmax(scores))
        kept.append(number)
        gone = np.where(boxes.iou([boxes_of[number]], boxes_of)[0] > overlap)[0]
        boxes_of, scores = np.delete(boxes_of, gone, axis=0), np.delete(scores, gone)
    return kept


def positions_when_sorted(boxes_of, scores, overlap):
    boxes_of = boxes_of[np.argsort(scores)[::-1]]
    shares, kept = boxes.iou(boxes_of, boxes_of), []
    for i in range(len(boxes_of)):
        if (shares[i, kept] <= overlap).all():
            kept.append(i)
    return kept


def right(boxes_of, scores, overlap):
    return one_by_one(boxes_of, np.argsort(scores)[::-1].tolist(), overlap)


def the_boxes(boxes_of, scores, overlap):
    return [boxes_of[i] for i in right(boxes_of, scores, overlap)]


def the_scores(boxes_of, scores, overlap):
    return [scores[i] for i in right(boxes_of, scores, overlap)]


def a_mask(boxes_of, scores, overlap):
    shares, stands = boxes.iou(boxes_of, boxes_of), np.ones(len(scores), bool)
    for i in np.argsort(scores)[::-1]:
        if stands[i]:
            stands[(shares[i] > overlap) & (np.arange(len(scores)) != i)] = False
    return stands


def where_in_the_list(boxes_of, scores, overlap):
    return np.flatnonzero(a_mask(boxes_of, scores, overlap))


def put_in_front(boxes_of, scores, overlap):
    kept = []
    for i in right(boxes_of, scores, overlap):
        kept.insert(0, i)
    return kept


def the_dropped(boxes_of, scores, overlap):
    order, dropped = np.argsort(scores)[::-1], []
    while len(order):
        rest = order[1:]
        clash = boxes.iou(boxes_of[order[:1]], boxes_of[rest])[0] > overlap
        dropped.extend(rest[clash])
        order = rest[~clash]
    return np.array(sorted(dropped, key=lambda i: -scores[i]))


def last_forgotten(boxes_of, scores, overlap):
    order, kept = list(np.argsort(scores)), []
    while len(order) > 1:
        first = order.pop()
        kept.append(first)
        order = [i for i in order if boxes.iou(boxes_of[[first]], boxes_of[[i]])[0][0] <= overlap]
    return kept


def off_by_one(boxes_of, scores, overlap):
    order, kept = scores.argsort()[::-1], []
    while order.size > 0:
        first = order[0]
        kept.append(first)
        shares = boxes.iou(boxes_of[[first]], boxes_of[order[1:]])[0]
        left = np.where(shares <= overlap)[0]
        order = order[left]
    return kept


def removed_in_its_loop(boxes_of, scores, overlap):
    left = sorted(range(len(scores)), key=lambda i: -scores[i])
    kept = []
    while left:
        first = left.pop(0)
        kept.append(first)
        for i in left:
            if boxes.iou(boxes_of[[first]], boxes_of[[i]])[0, 0] > overlap:
                left.remove(i)
    return kept


def removed_in_both_loops(boxes_of, scores, overlap):
    order = np.argsort(-scores).tolist()
    for i in order:
        for j in order:
            if i != j and boxes.iou(boxes_of[[i]], boxes_of[[j]]).max() > overlap:
                order.remove(j)
    return order


def limit_of_the_score(boxes_of, scores, overlap):
    return [i for i in np.argsort(scores)[::-1] if scores[i] > overlap]


def by_own_share(boxes_of, scores, overlap, share):
    left, kept = list(np.argsort(scores)[::-1]), []
    while left:
        first = left.pop(0)
        kept.append(first)
        left = [i for i in left if share(boxes_of[first], boxes_of[i]) <= overlap]
    return kept


def shared(a, b):
    return max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))


def area(a):
    return (a[2] - a[0]) * (a[3] - a[1])


def sides_as_sizes(boxes_of, scores, overlap):
    def share(a, b):
        wide = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
        high = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
        common = max(wide, 0) * max(high, 0)
        return common / (a[2] * a[3] + b[2] * b[3] - common)

    return by_own_share(boxes_of, scores, overlap, share)


def share_of_the_smaller(boxes_of, scores, overlap):
    return by_own_share(boxes_of, scores, overlap, lambda a, b: shared(a, b) / min(area(a), area(b)))


def common_part_twice(boxes_of, scores, overlap):
    return by_own_share(boxes_of, scores, overlap, lambda a, b: shared(a, b) / (area(a) + area(b)))


def sides_below_zero(boxes_of, scores, overlap):
    def share(a, b):
        common = (min(a[2], b[2]) - max(a[0], b[0])) * (min(a[3], b[3]) - max(a[1], b[1]))
        return common / (area(a) + area(b) - common)

    return by_own_share(boxes_of, scores, overlap, share)


def scores_crossed_out(boxes_of, scores, overlap):
    kept = []
    while scores.max() > 0:
        first = scores.argmax()
        kept.append(first)
        scores[boxes.iou(boxes_of[[first]], boxes_of)[0] > overlap] = 0
    return kept


def one_at_a_time(boxes_of, scores, overlap):
    yield from right(boxes_of, scores, overlap)


def curves(hits, objects):
    """Both in a loop."""
    precision, recall, count = [], [], 0
    for number, hit in enumerate(hits, start=1):
        count += int(hit)
        precision.append(count / number)
        recall.append(count / objects)
    return precision, recall


def recall_by_finds_so_far(hits, objects):
    precision, recall, count = [], [], 0
    for i in range(len(hits)):
        count += hits[i]
        precision.append(count / (i + 1))
        recall.append(count / (i + 1))
    return precision, recall


def recall_of_what_was_found(hits, objects):
    true, false = np.cumsum(hits), np.cumsum(~hits)
    return true / (true + false), true / (true + false)


def recall_by_all_finds(hits, objects):
    count = np.cumsum(hits)
    return count / (np.arange(len(hits)) + 1), count / hits.size


def recall_by_right_finds(hits, objects):
    count = np.cumsum(hits)
    return count / (np.arange(len(hits)) + 1), count / count[-1]


def exchanged(hits, objects):
    precision, recall = curves(hits, objects)
    return recall, precision


def precision_by_all_finds(hits, objects):
    precision = [sum(hits[: i + 1]) / len(hits) for i in range(len(hits))]
    return precision, curves(hits, objects)[1]


def precision_by_objects(hits, objects):
    count = hits.astype(int).cumsum()
    return count / objects, count / objects


def counted_from_none(hits, objects):
    count = np.cumsum(hits)
    with np.errstate(divide="ignore"):
        return count / np.arange(len(hits)), count / objects


def counted_from_none_in_a_loop(hits, objects):
    count, precision, recall = 0, [], []
    for i, hit in enumerate(hits):
        if hit:
            count += 1
        precision.append(count / i)
        recall.append(count / objects)
    return precision, recall


def counted_from_two(hits, objects):
    count = np.cumsum(hits)
    return count / np.arange(2, len(hits) + 2), count / objects


def without_itself(hits, objects):
    precision = [sum(hits[:i]) / (i + 1) for i in range(len(hits))]
    recall = [sum(hits[:i]) / objects for i in range(len(hits))]
    return np.array(precision), np.array(recall)


def right_by_wrong(hits, objects):
    true, false = np.cumsum(hits), np.cumsum(np.logical_not(hits))
    with np.errstate(divide="ignore"):
        return true / false, true / objects


def each_for_itself(hits, objects):
    precision, recall = [], []
    for number, hit in enumerate(hits, 1):
        precision.append(int(hit) / number)
        recall.append(int(hit) / objects)
    return precision, recall


def wrong_ones_counted(hits, objects):
    count = np.cumsum(hits == 0)
    return count / np.arange(1, len(hits) + 1), count / objects


def at_the_end(hits, objects):
    return hits.sum() / len(hits), hits.sum() / objects


def recall_at_the_end(hits, objects):
    return curves(hits, objects)[0], sum(hits) / objects


def after_right_ones(hits, objects):
    precision, recall, count = [], [], 0
    for number, hit in enumerate(hits, 1):
        if hit:
            count += 1
            precision.append(count / number)
            recall.append(count / objects)
    return np.array(precision), np.array(recall)


def begins_at_one(hits, objects):
    precision, recall, count = [1.0], [0.0], 0
    for number, hit in enumerate(hits, 1):
        count += hit
        precision.append(count / number)
        recall.append(count / objects)
    return precision, recall


def begins_at_zero(hits, objects):
    precision, recall = np.zeros(len(hits) + 1), np.zeros(len(hits) + 1)
    for i in range(1, len(hits) + 1):
        precision[i] = hits[:i].mean()
        recall[i] = hits[:i].sum() / objects
    return precision, recall


def smooth(hits, objects):
    precision, recall = curves(hits, objects)
    for i in range(len(precision) - 1, 0, -1):
        precision[i - 1] = max(precision[i - 1], precision[i])
    return precision, recall


def sorted_again(hits, objects):
    return curves(sorted(hits, reverse=True), objects)


def cut_off(hits, objects):
    count = np.cumsum(hits)
    return count // np.arange(1, len(hits) + 1), count // objects


def added_as_truth(hits, objects):
    count, precision, recall = hits[0], [], []
    for i in range(len(hits)):
        if i > 0:
            count = count + hits[i]
        precision.append(count / (i + 1))
        recall.append(count / objects)
    return precision, recall


def pairs(hits, objects):
    return [(sum(hits[:n]) / n, sum(hits[:n]) / objects) for n in range(1, len(hits) + 1)]


def one_array(hits, objects):
    return np.array(curves(hits, objects))


def precision_alone(hits, objects):
    return np.cumsum(hits) / np.arange(1, len(hits) + 1)


WRONG = {
    "places": [
        (steps_only, "the first place counts"),
        (border_left_out, "exactly at the border"),
        (step_of_one, "steps of one pixel"),
        (rounded_up, "round down"),
        (rounded, "rounds to the nearest"),
        (not_whole, "is whole. What stands behind"),
        (not_whole_and_no_first, "before any step"),
        (whole_axis, "has a length, too"),
        (whole_axis_and_first, "longer than one pixel"),
        (hanging_over, "hanging over or not"),
        (side_by_side, "do not overlap"),
        (one_divided, "not to be divided by the step"),
        (one_divided_not_whole, "is not divided by the step; and"),
        (no_brackets, "brackets"),
        (counted_from_one, "one too many"),
        (step_as_overlap, "not how far neighbours overlap"),
        (both_axes, "both axes"),
        (starts, "How many are there"),
        (starts_as_range, "How many are there"),
        (last_start, "where the last place begins"),
        (endless, "every loop come to an end"),
    ],
    "as_kernel": [
        (channels_slowest, "took the channels for the slowest"),
        (columns_slowest, "not through a column's rows"),
        (first_axis_fastest, "LAST axis is gone through first"),
        (stride_of_rows, "some weights come twice"),
        (units_mixed, "different units are mixed"),
        (units_mixed_in_a_loop, "different units are mixed"),
        (flipped, "does not flip"),
        (columns_first, "rows come before columns"),
        (axes_exchanged, "rows and columns have changed places"),
        (channels_first, "change fastest"),
        (channels_moved_first, "channels come too early"),
        (units_first, "last in the weights"),
        (list_of_units, "the units come last"),
        (pytorch, "PyTorch"),
        (units_before_channels, "units come after the channels"),
        (transposed_convolution, "transposed convolution"),
        (places_in_one, "still one axis"),
        (units_in_channels, "channels and units are still one"),
        (one_pixel, "kernel of one pixel"),
        (with_batch, "no axis for a batch"),
        (as_they_came, "as they came"),
        (no_units, "cannot reshape"),
    ],
    "suppress": [
        (kept_by_pairs, "can drop no other"),
        (not_sorted, "the best goes first, not the first in the list"),
        (rising, "began with the worst"),
        (turned, "kept what overlaps"),
        (turned_with_limit, "kept what overlaps"),
        (at_the_limit_dropped, "exactly at the limit a box stays"),
        (any_overlap, "any overlap at all"),
        (last_kept_alone, "last one kept alone"),
        (neighbours, "just before it alone"),
        (one_round, "stops after the best"),
        (returned_in_the_loop, "the best alone. What does not overlap"),
        (best, "the best alone. Asked for is a list"),
        (everything, "nothing was dropped"),
        (positions_in_the_rest, "among what was still left"),
        (positions_in_the_rest_by_delete, "among what was still left"),
        (positions_when_sorted, "in the sorted list"),
        (the_boxes, "not the boxes"),
        (the_scores, "not the scores"),
        (a_mask, "whether it is kept"),
        (where_in_the_list, "but in the order of the list"),
        (put_in_front, "the best comes last"),
        (the_dropped, "the dropped ones"),
        (last_forgotten, "has no rival"),
        (off_by_one, "off by one"),
        (removed_in_its_loop, "leave out the next one"),
        (removed_in_both_loops, "leave out the next one"),
        (limit_of_the_score, "not for the score"),
        (sides_as_sizes, "no sizes"),
        (share_of_the_smaller, "divided by the smaller one"),
        (common_part_twice, "counts once in the area"),
        (sides_below_zero, "two negative sides"),
        (scores_crossed_out, "changes the array"),
        (one_at_a_time, "a generator"),
    ],
    "precision_recall": [
        (recall_by_finds_so_far, "recall is divided by the finds"),
        (recall_of_what_was_found, "recall is divided by the finds"),
        (recall_by_all_finds, "all finds together. It asks"),
        (recall_by_right_finds, "divided by the right finds"),
        (exchanged, "first precision, then recall"),
        (precision_by_all_finds, "precision is divided by all finds"),
        (precision_by_objects, "precision is divided by the objects"),
        (counted_from_none, "one find, not none"),
        (counted_from_none_in_a_loop, "ZeroDivisionError"),
        (counted_from_two, "not yet two"),
        (without_itself, "the find itself counts"),
        (right_by_wrong, "divided by wrong ones"),
        (each_for_itself, "each find for itself"),
        (wrong_ones_counted, "wrong finds were counted"),
        (at_the_end, "for all finds together; asked for"),
        (recall_at_the_end, "recall is one number"),
        (after_right_ones, "the wrong ones, too"),
        (begins_at_one, "none to the time before"),
        (begins_at_zero, "nothing to divide"),
        (smooth, "made smooth"),
        (sorted_again, "right ones to the front"),
        (cut_off, "cut off"),
        (added_as_truth, "True and True"),
        (pairs, "in pairs"),
        (one_array, "two rows"),
        (precision_alone, "2 results were expected"),
    ],
}
