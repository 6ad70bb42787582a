"""Wrong answers to the exercises of week 6."""

import numpy as np


def rows_first_in_a_list(box):
    row, column, height, width = box
    return [row - height / 2, column - width / 2, row + height / 2, column + width / 2]


def two_points(box):
    row, column, height, width = box
    return np.array([[column - width / 2, row - height / 2], [column + width / 2, row + height / 2]])


def size_halved_in_place(box):
    box[2:] /= 2
    row, column, height, width = box
    return np.array([column - width, row - height, column + width, row + height])


def area(box):
    return (box[2] - box[0]) * (box[3] - box[1])


def common(a, b):
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return width * height if width > 0 and height > 0 else 0


def sets_of_pixels(a, b):
    one, other = (
        {(x, y) for x in range(int(box[0]), int(box[2])) for y in range(int(box[1]), int(box[3]))} for box in (a, b)
    )
    return len(one & other) / len(one | other) if one | other else 0


def of_the_first(a, b):
    return common(a, b) / area(a)


def max_of_two_arrays(a, b):
    x1, y1 = max(a[:2], b[:2])
    x2, y2 = min(a[2:], b[2:])
    return (x2 - x1) * (y2 - y1) / (area(a) + area(b) - (x2 - x1) * (y2 - y1))


def false_alarms_for_specificity(reference, proposal):
    both, either = (reference & proposal).sum(), (reference | proposal).sum()
    false_alarms = (proposal & ~reference).sum() / (~reference).sum()
    return both / reference.sum(), false_alarms, both / proposal.sum(), both / either


def in_one_array(reference, proposal):
    both = (reference & proposal).sum()
    specificity = (~reference & ~proposal).sum() / (~reference).sum()
    return np.array([both / reference.sum(), specificity, both / proposal.sum(), both / (reference | proposal).sum()])


def recall_alone(reference, proposal):
    return (reference & proposal).sum() / reference.sum()


def no_absolute_value_in_a_loop(d):
    result = []
    for x in d:
        if x < 1:
            result.append(x**2 / 2)
        else:
            result.append(x - 0.5)
    return result


def asked_of_the_whole(d):
    if abs(d) < 1:
        return d**2 / 2
    return abs(d) - 0.5


def in_place(d):
    d[np.abs(d) < 1] = d[np.abs(d) < 1] ** 2 / 2
    return d


def added_up(d):
    return sum(x * x / 2 if x < 1 else x - 0.5 for x in abs(d))


def all_in_a_loop(there, true, predicted):
    total = 0.0
    for t, p in zip(true, predicted, strict=True):
        total += ((t - p) ** 2).sum()
    return total / len(there)


def each_object(there, true, predicted):
    return [float(((t - p) ** 2).sum()) for c0, t, p in zip(there, true, predicted, strict=True) if c0]


def nothing_over_nothing_in_a_loop(there, true, predicted):
    errors = [float(((t - p) ** 2).sum()) for c0, t, p in zip(there, true, predicted, strict=True) if c0]
    return sum(errors) / len(errors)


def question_to_the_array(there, true, predicted):
    if there:
        return ((true - predicted) ** 2).sum()
    return 0


WRONG = {
    "to_corners": [
        (rows_first_in_a_list, "x and y have changed places"),
        (two_points, "your numbers are right, but"),
        (size_halved_in_place, "changes the array"),
    ],
    "iou": [(sets_of_pixels, "5 of 6"), (of_the_first, "Divide it by the union"), (max_of_two_arrays, "single one")],
    "four_measures": [
        (false_alarms_for_specificity, "Of specificity: your numbers are the expected ones, taken from 1"),
        (in_one_array, "4 results were expected"),
        (recall_alone, "4 results were expected"),
    ],
    "smooth_l1": [
        (no_absolute_value_in_a_loop, "a large negative difference"),
        (asked_of_the_whole, "a single one"),
        (in_place, "changes the array"),
        (added_up, "that is the sum"),
    ],
    "box_loss": [
        (all_in_a_loop, "though their boxes mean nothing"),
        (each_object, "a list of 1"),
        (nothing_over_nothing_in_a_loop, "ZeroDivisionError"),
        (question_to_the_array, "a single one"),
    ],
}
