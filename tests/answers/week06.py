"""Wrong answers to the exercises of week 6."""

import numpy as np
from keras import ops


def rows_first(row, column, height, width):
    return row - height / 2, column - width / 2, row + height / 2, column + width / 2


def in_an_array(row, column, height, width):
    return np.array([column - width / 2, row - height / 2, column + width / 2, row + height / 2])


def only_one_corner(row, column, height, width):
    return column - width / 2, row - height / 2


def common(a, b):
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return width * height if width > 0 and height > 0 else 0


def of_the_first(a, b):
    return common(a, b) / ((a[2] - a[0]) * (a[3] - a[1]))


def max_of_two_arrays(a, b):
    x1, y1 = max(a[:2], b[:2])
    x2, y2 = min(a[2:], b[2:])
    return (x2 - x1) * (y2 - y1)


def without_absolute_value(d):
    return ops.where(d < 1, d * d / 2, d - 0.5)


def with_numpy(d):
    return np.where(np.abs(d) < 1, d**2 / 2, np.abs(d) - 0.5)


def with_if(d):
    return d**2 / 2 if ops.abs(d) < 1 else ops.abs(d) - 0.5


def all_images_alike(c0, objectness_loss, class_loss, box_loss):
    return ops.mean(objectness_loss + class_loss + box_loss)


def nan_without_objects(c0, objectness_loss, class_loss, box_loss):
    return ops.mean(objectness_loss) + ops.sum(c0 * (class_loss + box_loss)) / ops.sum(c0)


def one_value_an_image(c0, objectness_loss, class_loss, box_loss):
    return objectness_loss + c0 * (class_loss + box_loss)


WRONG = {
    "to_corners": [
        (rows_first, "x and y have changed places"),
        (in_an_array, "NumPy cannot compute with the tensors"),
        (only_one_corner, "4 results were expected"),
    ],
    "iou": [(of_the_first, "Divide it by the union"), (max_of_two_arrays, "single one")],
    "smooth_l1": [
        (without_absolute_value, "a large negative difference"),
        (with_numpy, "NumPy cannot compute with the tensors"),
        (with_if, "bool"),
    ],
    "total_loss": [
        (all_images_alike, "though these entries mean nothing there"),
        (nan_without_objects, "a batch without an object gives nan"),
        (one_value_an_image, "shape"),
    ],
}
