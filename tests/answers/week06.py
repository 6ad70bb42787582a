"""Wrong answers to the exercises of week 6."""

import numpy as np


def rows_first_in_a_list(box):
    row, column, height, width = box
    return [row - height / 2, column - width / 2, row + height / 2, column + width / 2]


def two_points(box):
    row, column, height, width = box
    return np.array([[column - width / 2, row - height / 2], [column + width / 2, row + height / 2]])


def common(a, b):
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return width * height if width > 0 and height > 0 else 0


def of_the_first(a, b):
    return common(a, b) / ((a[2] - a[0]) * (a[3] - a[1]))


def max_of_two_arrays(a, b):
    x1, y1 = max(a[:2], b[:2])
    x2, y2 = min(a[2:], b[2:])
    return (x2 - x1) * (y2 - y1)


def false_alarms_for_specificity(reference, proposal):
    both, either = (reference & proposal).sum(), (reference | proposal).sum()
    false_alarms = (proposal & ~reference).sum() / (~reference).sum()
    return both / reference.sum(), false_alarms, both / proposal.sum(), both / either


def recall_alone(reference, proposal):
    return (reference & proposal).sum() / reference.sum()


def no_absolute_value_in_a_loop(d):
    result = []
    for x in d:
        result.append(x**2 / 2 if x < 1 else x - 0.5)
    return result


def in_place(d):
    d[np.abs(d) < 1] = d[np.abs(d) < 1] ** 2 / 2
    return d


def all_in_a_loop(there, true, predicted):
    total = 0.0
    for t, p in zip(true, predicted, strict=True):
        total += ((t - p) ** 2).sum()
    return total / len(there)


def nothing_over_nothing_in_a_loop(there, true, predicted):
    errors = [float(((t - p) ** 2).sum()) for c0, t, p in zip(there, true, predicted, strict=True) if c0]
    return sum(errors) / len(errors)


WRONG = {
    "to_corners": [(rows_first_in_a_list, "x and y have changed places"), (two_points, "your numbers are right, but")],
    "iou": [(of_the_first, "Divide it by the union"), (max_of_two_arrays, "single one")],
    "four_measures": [
        (false_alarms_for_specificity, "Of specificity: your numbers are the expected ones, taken from 1"),
        (recall_alone, "4 results were expected"),
    ],
    "smooth_l1": [(no_absolute_value_in_a_loop, "a large negative difference"), (in_place, "changes the array")],
    "box_loss": [
        (all_in_a_loop, "though their boxes mean nothing"),
        (nothing_over_nothing_in_a_loop, "ZeroDivisionError"),
    ],
}
