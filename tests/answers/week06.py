"""Wrong answers to the exercises of week 6, as students write them."""

import numpy as np


def read_as_x_y_width_height(box):
    x, y, width, height = box
    return np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2])


def rows_before_columns(box):
    centre, half = box[:2], box[2:] / 2
    return np.concatenate([centre - half, centre + half])


def width_before_height(box):
    row, column, width, height = box
    return np.array([column - width / 2, row - height / 2, column + width / 2, row + height / 2])


def column_before_row(box):
    column, row, height, width = box
    return np.array([column - width / 2, row - height / 2, column + width / 2, row + height / 2])


def from_the_corner(box):
    row, column, height, width = box
    return np.array([column, row, column + width, row + height])


def whole_size_to_each_side(box):
    row, column, height, width = box
    return np.array([column - width, row - height, column + width, row + height])


def brackets_forgotten(box):
    row, column, height, width = box
    return [(column - width) / 2, (row - height) / 2, (column + width) / 2, (row + height) / 2]


def put_in_order(box):
    return box[[1, 0, 3, 2]]


def corner_and_size(box):
    row, column, height, width = box
    return np.array([column - width / 2, row - height / 2, width, height])


def first_all_x(box):
    row, column, height, width = box
    x1, x2 = column - width / 2, column + width / 2
    y1, y2 = row - height / 2, row + height / 2
    return np.array([x1, x2, y1, y2])


def plus_before_minus(box):
    row, column, height, width = box
    return np.array([column + width / 2, row + height / 2, column - width / 2, row - height / 2])


def y_upwards(box):
    row, column, height, width = box
    return np.array([column - width / 2, row + height / 2, column + width / 2, row - height / 2])


def whole_halves(box):
    row, column, height, width = box
    return np.array([column - width // 2, row - height // 2, column + width // 2, row + height // 2])


def to_whole_pixels(box):
    row, column, height, width = box
    return np.array([column - width / 2, row - height / 2, column + width / 2, row + height / 2]).astype(int)


def to_nearest_pixels(box):
    row, column, height, width = box
    return [round(side) for side in (column - width / 2, row - height / 2, column + width / 2, row + height / 2)]


def last_pixels(box):
    row, column, height, width = box
    x1, y1 = column - width / 2, row - height / 2
    return np.array([x1, y1, x1 + width - 1, y1 + height - 1])


def with_commas(box):
    row, column, height, width = box
    return column - width / 2, row - height / 2, column + width / 2, row + height / 2


def with_commas_and_rows_first(box):
    row, column, height, width = box
    return row - height / 2, column - width / 2, row + height / 2, column + width / 2


def two_points(box):
    row, column, height, width = box
    return np.array([[column - width / 2, row - height / 2], [column + width / 2, row + height / 2]])


def area(box):
    return (box[2] - box[0]) * (box[3] - box[1])


def shared(a, b):
    x1, y1 = max(a[0], b[0]), max(a[1], b[1])
    x2, y2 = min(a[2], b[2]), min(a[3], b[3])
    return (x2 - x1) * (y2 - y1) if x2 > x1 and y2 > y1 else 0


def never_clipped(a, b):
    upper_left, lower_right = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    common = np.prod(lower_right - upper_left)
    return common / (area(a) + area(b) - common)


def product_clipped(a, b):
    common = max(0, (min(a[2], b[2]) - max(a[0], b[0])) * (min(a[3], b[3]) - max(a[1], b[1])))
    return common / (area(a) + area(b) - common)


def result_clipped(a, b):
    return max(0, never_clipped(a, b))


def only_width_clipped(a, b):
    left, right = max(a[0], b[0]), min(a[2], b[2])
    if right <= left:
        return 0
    common = (right - left) * (min(a[3], b[3]) - max(a[1], b[1]))
    return common / (area(a) + area(b) - common)


def only_height_clipped(a, b):
    height = max(min(a[3], b[3]) - max(a[1], b[1]), 0)
    common = (min(a[2], b[2]) - max(a[0], b[0])) * height
    return common / (area(a) + area(b) - common)


def apart_only_if_in_both(a, b):
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 and height <= 0:
        return 0.0
    return width * height / (area(a) + area(b) - width * height)


def gap_made_positive(a, b):
    width, height = abs(min(a[2], b[2]) - max(a[0], b[0])), abs(min(a[3], b[3]) - max(a[1], b[1]))
    return width * height / (area(a) + area(b) - width * height)


def sum_for_union(a, b):
    return shared(a, b) / (area(a) + area(b))


def sum_for_union_and_never_clipped(a, b):
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return width * height / (area(a) + area(b))


@np.errstate(all="ignore")
def taken_off_twice(a, b):
    only_a, only_b = area(a) - shared(a, b), area(b) - shared(a, b)
    return shared(a, b) / (only_a + only_b)


def of_the_first(a, b):
    return shared(a, b) / area(a)


def of_the_second(a, b):
    return shared(a, b) / area(b)


def of_the_smaller(a, b):
    return shared(a, b) / min(area(a), area(b))


def of_the_larger(a, b):
    return shared(a, b) / max(area(a), area(b))


def dice(a, b):
    return 2 * shared(a, b) / (area(a) + area(b))


def whole_share(a, b):
    return shared(a, b) // (area(a) + area(b) - shared(a, b))


def box_around_both(a, b):
    x1, y1, x2, y2 = min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])
    return shared(a, b) / ((x2 - x1) * (y2 - y1))


def min_for_max(a, b):
    width = max(0, max(a[2], b[2]) - min(a[0], b[0]))
    height = max(0, max(a[3], b[3]) - min(a[1], b[1]))
    return width * height / (area(a) + area(b) - width * height)


def counted_in_pixels(a, b):
    width = max(0, min(a[2], b[2]) - max(a[0], b[0]) + 1)
    height = max(0, min(a[3], b[3]) - max(a[1], b[1]) + 1)
    sizes = [(x2 - x1 + 1) * (y2 - y1 + 1) for x1, y1, x2, y2 in (a, b)]
    return width * height / (sum(sizes) - width * height)


@np.errstate(all="ignore")
def union_over_intersection(a, b):
    return (area(a) + area(b) - shared(a, b)) / shared(a, b)


def union_over_intersection_with_care(a, b):
    if shared(a, b) == 0:
        return 0
    return (area(a) + area(b) - shared(a, b)) / shared(a, b)


def area_of_width_and_height(a, b):
    common = shared(a, b)
    return common / (a[2] * a[3] + b[2] * b[3] - common)


def read_as_corner_and_size(a, b):
    ax, ay, aw, ah = a
    bx, by, bw, bh = b
    width = max(0, min(ax + aw, bx + bw) - max(ax, bx))
    height = max(0, min(ay + ah, by + bh) - max(ay, by))
    return width * height / (aw * ah + bw * bh - width * height)


def read_all_x_first(a, b):
    ax1, ax2, ay1, ay2 = a
    bx1, bx2, by1, by2 = b
    width, height = max(0, min(ax2, bx2) - max(ax1, bx1)), max(0, min(ay2, by2) - max(ay1, by1))
    return width * height / ((ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - width * height)


def sets_of_pixels(a, b):
    one, other = (
        {(x, y) for x in range(int(box[0]), int(box[2])) for y in range(int(box[1]), int(box[3]))} for box in (a, b)
    )
    return len(one & other) / len(one | other)


def distance_of_boxes(a, b):
    return 1 - shared(a, b) / (area(a) + area(b) - shared(a, b))


def max_of_corners(a, b):
    x1, y1 = max(a[:2], b[:2])
    x2, y2 = min(a[2:], b[2:])
    return (x2 - x1) * (y2 - y1) / (area(a) + area(b) - (x2 - x1) * (y2 - y1))


def in_a_list(a, b):
    return [shared(a, b) / (area(a) + area(b) - shared(a, b))]


def counts(reference, proposal):
    """True positives, true negatives, false positives and false negatives."""
    both = np.count_nonzero(np.logical_and(reference, proposal))
    neither = np.count_nonzero(~np.logical_or(reference, proposal))
    return both, neither, np.count_nonzero(proposal) - both, np.count_nonzero(reference) - both


def precision_first(reference, proposal):
    tp, tn, fp, fn = counts(reference, proposal)
    return tp / (tp + fp), tn / (tn + fp), tp / (tp + fn), tp / (tp + fp + fn)


def specificity_last_but_one(reference, proposal):
    tp, tn, fp, fn = counts(reference, proposal)
    recall, precision = tp / (tp + fn), tp / (tp + fp)
    return recall, precision, tn / (tn + fp), tp / (tp + fp + fn)


def recall_of_the_proposal(reference, proposal):
    tp, tn, fp, fn = counts(reference, proposal)
    return [tp / proposal.sum(), tn / (tn + fp), tp / proposal.sum(), tp / (tp + fp + fn)]


def precision_of_the_reference(reference, proposal):
    tp, tn, fp, fn = counts(reference, proposal)
    return tp / reference.sum(), tn / (tn + fp), tp / reference.sum(), tp / (tp + fp + fn)


def specificity_of_the_picture(reference, proposal):
    tp, tn, fp, fn = counts(reference, proposal)
    return tp / (tp + fn), tn / reference.size, tp / (tp + fp), tp / (tp + fp + fn)


def specificity_of_the_proposal(reference, proposal):
    tp, tn, fp, fn = counts(reference, proposal)
    return tp / (tp + fn), tn / (tn + fn), tp / (tp + fp), tp / (tp + fp + fn)


def not_both(reference, proposal):
    both = reference & proposal
    return (
        both.sum() / reference.sum(),
        (~both).sum() / (~reference).sum(),
        both.sum() / proposal.sum(),
        both.sum() / (reference | proposal).sum(),
    )


def false_alarms(reference, proposal):
    tp, tn, fp, fn = counts(reference, proposal)
    return tp / (tp + fn), fp / (fp + tn), tp / (tp + fp), tp / (tp + fp + fn)


def accuracy_second(reference, proposal):
    tp, tn, fp, fn = counts(reference, proposal)
    return tp / (tp + fn), (tp + tn) / (tp + tn + fp + fn), tp / (tp + fp), tp / (tp + fp + fn)


def iou_of_the_sum(reference, proposal):
    both = (reference * proposal).sum()
    tn = ((1 - reference) * (1 - proposal)).sum()
    return (
        both / reference.sum(),
        tn / (1 - reference).sum(),
        both / proposal.sum(),
        both / sum(map(np.sum, (reference, proposal))),
    )


def f1_last(reference, proposal):
    tp, tn, fp, fn = counts(reference, proposal)
    recall, precision = tp / (tp + fn), tp / (tp + fp)
    return recall, tn / (tn + fp), precision, 2 * recall * precision / (recall + precision)


def accuracy_last(reference, proposal):
    tp, tn, fp, fn = counts(reference, proposal)
    return tp / (tp + fn), tn / (tn + fp), tp / (tp + fp), (tp + tn) / reference.size


def only_one_of_them(reference, proposal):
    tp, tn, fp, fn = counts(reference, proposal)
    return tp / (tp + fn), tn / (tn + fp), tp / (tp + fp), tp / np.logical_xor(reference, proposal).sum()


def mean_for_iou(reference, proposal):
    tp, tn, fp, fn = counts(reference, proposal)
    return tp / (tp + fn), tn / (tn + fp), tp / (tp + fp), np.mean(reference & proposal)


def turned_upside_down(reference, proposal):
    tp, tn, fp, fn = counts(reference, proposal)
    return (tp + fn) / tp, (tn + fp) / tn, (tp + fp) / tp, (tp + fp + fn) / tp


def whole_shares(reference, proposal):
    tp, tn, fp, fn = counts(reference, proposal)
    return tp // (tp + fn), tn // (tn + fp), tp // (tp + fp), tp // (tp + fp + fn)


def counted(reference, proposal):
    tp, tn, fp, fn = counts(reference, proposal)
    return tp, tn, tp, tp + fp + fn


def built_in_sum(reference, proposal):
    both, neither = sum(reference & proposal), sum(~reference & ~proposal)
    return (
        both / sum(reference),
        neither / sum(~reference),
        both / sum(proposal),
        both / sum(reference | proposal),
    )


def in_one_array(reference, proposal):
    tp, tn, fp, fn = counts(reference, proposal)
    return np.array([tp / (tp + fn), tn / (tn + fp), tp / (tp + fp), tp / (tp + fp + fn)])


def dice_in_one_array(reference, proposal):
    tp, tn, fp, fn = counts(reference, proposal)
    return np.array([tp / (tp + fn), tn / (tn + fp), tp / (tp + fp), 2 * tp / (2 * tp + fp + fn)])


def word_and(reference, proposal):
    both = (reference and proposal).sum()
    return both / reference.sum(), 0, both / proposal.sum(), both / (reference or proposal).sum()


def recall_alone(reference, proposal):
    return (reference & proposal).sum() / reference.sum()


def square_not_halved(d):
    return np.array([x**2 if abs(x) < 1 else abs(x) - 0.5 for x in d])


def half_not_taken_off(d):
    d = abs(d)
    return np.where(d < 1, 0.5 * d * d, d)


def no_halves(d):
    return np.where(np.abs(d) <= 1, np.square(d), np.abs(d))


def half_squared(d):
    return np.where(np.abs(d) < 1, (0.5 * d) ** 2, np.abs(d) - 0.5)


def no_absolute_at_all(d):
    result = []
    for x in d:
        if x < 1:
            result.append(x**2 / 2)
        else:
            result.append(x - 0.5)
    return result


def no_absolute_in_the_question(d):
    result = np.abs(d) - 0.5
    result[d < 1] = 0.5 * d[d < 1] ** 2
    return result


def no_absolute_far_out(d):
    return np.where((d > -1) & (d < 1), d**2 / 2, d - 0.5)


def bracket_in_the_wrong_place(d):
    return np.where(abs(d) < 1, d**2 / 2, abs(d - 0.5))


def greater_for_less(d):
    return np.where(np.abs(d) > 1, d**2 / 2, np.abs(d) - 0.5)


def pieces_with_a_hole(d):
    near, far = np.abs(d) < 1, np.abs(d) > 1
    return near * d**2 / 2 + far * (np.abs(d) - 0.5)


def pieces_that_overlap(d):
    return (abs(d) <= 1) * 0.5 * d**2 + (abs(d) >= 1) * (abs(d) - 0.5)


def plain_l1(d):
    return np.sqrt(d**2)


def plain_l2(d):
    return 0.5 * d * d


def square_alone(d):
    return [x * x for x in d]


def half_the_difference(d):
    return np.where(np.abs(d) < 1, 0.5 * d, np.abs(d) - 0.5)


def half_the_size(d):
    d = np.abs(d)
    return np.where(d < 1, 0.5 * d, d - 0.5)


def bent_at_a_half(d):
    return np.where(np.abs(d) < 0.5, 0.5 * d**2, np.abs(d) - 0.5)


def in_a_tuple(d):
    return tuple(0.5 * x**2 if abs(x) < 1 else abs(x) - 0.5 for x in d)


def larger_of_both(d):
    return np.maximum(d**2 / 2, abs(d) - 0.5)


def chosen_once(d):
    if np.all(np.abs(d) < 1):
        return d**2 / 2
    return np.abs(d) - 0.5


def asked_of_the_whole(d):
    if abs(d) < 1:
        return d**2 / 2
    return abs(d) - 0.5


def added_up(d):
    total = 0
    for x in abs(d):
        total += x * x / 2 if x < 1 else x - 0.5
    return total


def averaged(d):
    return np.mean(np.where(np.abs(d) < 1, d**2 / 2, np.abs(d) - 0.5))


def in_place(d):
    d[np.abs(d) < 1] = d[np.abs(d) < 1] ** 2 / 2
    return d


def mean_squared_error(there, true, predicted):
    return np.mean((true - predicted) ** 2)


def all_pictures(there, true, predicted):
    return np.mean([np.sum((t - p) ** 2) for t, p in zip(true, predicted, strict=True)])


def sum_of_all(there, true, predicted):
    return np.sum((true - predicted) ** 2)


def all_over_those_there(there, true, predicted):
    return np.sum(np.square(predicted - true)) / max(1, np.sum(there))


def bracket_on_one_side(there, true, predicted):
    true = true * there.reshape(-1, 1)
    return ((true - predicted) ** 2).sum() / there.sum()


def over_all_pictures(there, true, predicted):
    total = 0.0
    for c0, t, p in zip(there, true, predicted, strict=True):
        if c0 > 0:
            total += ((t - p) ** 2).sum()
    return total / len(there)


def mean_of_everything(there, true, predicted):
    return (there[:, np.newaxis] * (true - predicted) ** 2).mean()


def not_divided(there, true, predicted):
    return ((true - predicted)[there > 0] ** 2).sum()


def mean_of_four(there, true, predicted):
    return np.mean((true[there == 1] - predicted[there == 1]) ** 2)


def mean_of_four_with_care(there, true, predicted):
    error = there * np.mean((true - predicted) ** 2, axis=-1)
    return error.sum() / there.sum() if there.sum() > 0 else 0.0


def absolute(there, true, predicted):
    return there @ np.abs(true - predicted).sum(axis=1) / np.maximum(there.sum(), 1)


def not_squared(there, true, predicted):
    return (there * np.sum(true - predicted, axis=1)).sum() / there.sum()


def sum_squared(there, true, predicted):
    chosen = there.astype(bool)
    return np.mean(np.sum(true[chosen] - predicted[chosen], axis=1) ** 2)


def distances(there, true, predicted):
    return (there * np.linalg.norm(true - predicted, axis=1)).sum() / there.sum()


def root_at_the_end(there, true, predicted):
    chosen = there == 1
    return np.sqrt(((true[chosen] - predicted[chosen]) ** 2).sum() / chosen.sum())


def halved(there, true, predicted):
    chosen = there == 1
    return 0.5 * ((true[chosen] - predicted[chosen]) ** 2).sum() / chosen.sum()


def those_without(there, true, predicted):
    empty = there == 0
    return ((true[empty] - predicted[empty]) ** 2).sum() / max(empty.sum(), 1)


def numbers_for_yes_and_no(there, true, predicted):
    there = there.astype(int)
    return ((true[there] - predicted[there]) ** 2).sum(axis=1).mean()


def all_for_any(there, true, predicted):
    if not np.all(there):
        return 0
    return (there * ((true - predicted) ** 2).sum(axis=1)).sum() / there.sum()


def each_picture(there, true, predicted):
    return there * np.sum((true - predicted) ** 2, axis=1)


def each_object(there, true, predicted):
    return [float(((t - p) ** 2).sum()) for c0, t, p in zip(there, true, predicted, strict=True) if c0]


def each_number(there, true, predicted):
    return (there[:, None] * (true - predicted) ** 2).sum(axis=0) / there.sum()


def question_to_the_array(there, true, predicted):
    if there:
        return ((true - predicted) ** 2).sum()
    return 0


@np.errstate(all="ignore")
def nothing_over_nothing(there, true, predicted):
    return (there * ((true - predicted) ** 2).sum(axis=1)).sum() / there.sum()


def nothing_over_nothing_in_a_loop(there, true, predicted):
    errors = [float(((t - p) ** 2).sum()) for c0, t, p in zip(there, true, predicted, strict=True) if c0]
    return sum(errors) / len(errors)


def no_answer_for_empty(there, true, predicted):
    if there.any():
        return ((true - predicted)[there == 1] ** 2).sum() / there.sum()


def proposal_as_the_reference(reference, proposal):
    found = np.logical_and(proposal, reference).sum()
    background = np.logical_not(np.logical_or(proposal, reference)).sum()
    either = np.logical_or(proposal, reference).sum()
    return (
        found / proposal.sum(),
        background / (proposal.size - proposal.sum()),
        found / reference.sum(),
        found / either,
    )


WRONG = {
    "to_corners": [
        (read_as_x_y_width_height, "x and y have changed places"),
        (rows_before_columns, "x and y have changed places"),
        (width_before_height, "height and width have changed places"),
        (column_before_row, "row and column have changed places"),
        (from_the_corner, "those of the centre"),
        (whole_size_to_each_side, "twice as large"),
        (brackets_forgotten, "halves the place"),
        (put_in_order, "in another order"),
        (corner_and_size, "not the size"),
        (first_all_x, "first one corner, then the other"),
        (plus_before_minus, "upper left corner comes first"),
        (y_upwards, "counted from the top"),
        (whole_halves, "cuts off halves"),
        (to_whole_pixels, "behind the point"),
        (to_nearest_pixels, "behind the point"),
        (last_pixels, "not the last pixels"),
        (with_commas, "as an array"),
        (with_commas_and_rows_first, "x and y have changed places"),
        (two_points, "shape (4,) was expected"),
    ],
    "iou": [
        (never_clipped, "Clip both at zero"),
        (product_clipped, "each for itself"),
        (result_clipped, "each for itself"),
        (only_width_clipped, "ONE direction"),
        (only_height_clipped, "ONE direction"),
        (apart_only_if_in_both, "ONE direction"),
        (gap_made_positive, "there is a gap"),
        (sum_for_union, "once, not twice"),
        (sum_for_union_and_never_clipped, "once, not twice"),
        (taken_off_twice, "took it off twice"),
        (of_the_first, "share of the first"),
        (of_the_second, "share of the second"),
        (of_the_smaller, "share of the smaller"),
        (of_the_larger, "share of the larger"),
        (shared, "intersection alone"),
        (dice, "Dice"),
        (whole_share, "cuts off"),
        (box_around_both, "empty corners"),
        (min_for_max, "min and max have changed places"),
        (counted_in_pixels, "counts pixels"),
        (union_over_intersection, "upside down"),
        (union_over_intersection_with_care, "upside down"),
        (area_of_width_and_height, "where a box ends"),
        (read_as_corner_and_size, "where a box ends"),
        (read_all_x_first, "first one corner, then the other"),
        (sets_of_pixels, "between two pixels"),
        (distance_of_boxes, "1 minus IoU"),
        (max_of_corners, "want a single one"),
        (in_a_list, "got a list of 1"),
    ],
    "four_measures": [
        (proposal_as_the_reference, "have changed places: the reference is what is right"),
        (precision_first, "recall and precision have changed places"),
        (specificity_last_but_one, "in another order"),
        (recall_of_the_proposal, "how much of the reference was found"),
        (precision_of_the_reference, "how much of the proposal is right"),
        (specificity_of_the_picture, "divided by the whole picture"),
        (specificity_of_the_proposal, "what the REFERENCE has not"),
        (not_both, "what NEITHER has"),
        (false_alarms, "NOT left alone"),
        (accuracy_second, "outside the reference"),
        (iou_of_the_sum, "counts once"),
        (f1_last, "Dice in the place of IoU"),
        (accuracy_last, "those that neither has"),
        (only_one_of_them, "only ONE of them"),
        (mean_for_iou, "at least one of them"),
        (turned_upside_down, "no share is above 1"),
        (whole_shares, "cuts off"),
        (counted, "those are counts"),
        (built_in_sum, "each column"),
        (in_one_array, "in one array"),
        (dice_in_one_array, "Dice in the place of IoU"),
        (word_and, "want a single one"),
        (recall_alone, "4 results were expected"),
    ],
    "smooth_l1": [
        (square_not_halved, "the square is halved"),
        (half_not_taken_off, "far out it is |d| minus a half"),
        (no_halves, "different slopes"),
        (half_squared, "the half is squared"),
        (no_absolute_at_all, "a large negative difference is large"),
        (no_absolute_in_the_question, "a large negative difference is large"),
        (no_absolute_far_out, "a negative loss"),
        (bracket_in_the_wrong_place, "the same for d and for -d"),
        (greater_for_less, "two pieces have changed places"),
        (pieces_with_a_hole, "neither piece is taken"),
        (pieces_that_overlap, "both pieces are taken"),
        (plain_l1, "L1 throughout"),
        (plain_l2, "half the square throughout"),
        (square_alone, "the square throughout. Far out"),
        (half_the_difference, "half of the difference"),
        (half_the_size, "half of the difference"),
        (bent_at_a_half, "ends at a half already"),
        (in_a_tuple, "as an array"),
        (larger_of_both, "half the square throughout"),
        (chosen_once, "its own piece"),
        (asked_of_the_whole, "want a single one"),
        (added_up, "one value for each difference"),
        (averaged, "one value for each difference"),
        (in_place, "changes the array"),
    ],
    "box_loss": [
        (mean_squared_error, "their boxes mean nothing"),
        (all_pictures, "their boxes mean nothing"),
        (sum_of_all, "their boxes mean nothing"),
        (all_over_those_there, "their boxes mean nothing"),
        (bracket_on_one_side, "the whole difference"),
        (over_all_pictures, "divided by all pictures"),
        (mean_of_everything, "mean over all numbers"),
        (not_divided, "sum over pictures"),
        (mean_of_four, "instead of their sum"),
        (mean_of_four_with_care, "instead of their sum"),
        (absolute, "in place of squares"),
        (not_squared, "not squared"),
        (sum_squared, "squared after the sum"),
        (distances, "has a root"),
        (root_at_the_end, "has a root"),
        (halved, "no half was asked for"),
        (those_without, "WITHOUT an object"),
        (numbers_for_yes_and_no, "mean no and yes"),
        (all_for_any, "0 is for when NO picture"),
        (each_picture, "one number was asked for"),
        (each_object, "one number was asked for"),
        (each_number, "got an array of shape (4,)"),
        (question_to_the_array, "want a single one"),
        (nothing_over_nothing, "0/0 gives nan"),
        (nothing_over_nothing_in_a_loop, "Without any object the loss is 0"),
        (no_answer_for_empty, "gives nothing back"),
    ],
}
