"""Wrong answers to the exercises of week 6."""

import numpy as np
from keras import ops


def rows_first(row, column, height, width):
    return row - height / 2, column - width / 2, row + height / 2, column + width / 2


def in_an_array(row, column, height, width):
    return np.array([column - width / 2, row - height / 2, column + width / 2, row + height / 2])


def only_one_corner(row, column, height, width):
    return column - width / 2, row - height / 2


def whole_halves(row, column, height, width):
    return column - width // 2, row - height // 2, column + width // 2, row + height // 2


def common(a, b):
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return width * height if width > 0 and height > 0 else 0


def of_the_first(a, b):
    return common(a, b) / ((a[2] - a[0]) * (a[3] - a[1]))


def counting_pixels(a, b):
    width = max(0, min(a[2], b[2]) - max(a[0], b[0]) + 1)
    height = max(0, min(a[3], b[3]) - max(a[1], b[1]) + 1)
    areas = [(box[2] - box[0] + 1) * (box[3] - box[1] + 1) for box in (a, b)]
    return width * height / (sum(areas) - width * height)


def gaps_without_sign(a, b):
    width, height = abs(min(a[2], b[2]) - max(a[0], b[0])), abs(min(a[3], b[3]) - max(a[1], b[1]))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return width * height / (sum(areas) - width * height)


def of_the_box_around(a, b):
    return common(a, b) / ((max(a[2], b[2]) - min(a[0], b[0])) * (max(a[3], b[3]) - min(a[1], b[1])))


def from_the_smaller_left_side(a, b):
    width, height = min(a[2], b[2]) - min(a[0], b[0]), min(a[3], b[3]) - min(a[1], b[1])
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return width * height / (sum(areas) - width * height)


def common_area_three_times(a, b):
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return common(a, b) / (sum(areas) + common(a, b))


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


def class_over_all_images(c0, objectness_loss, class_loss, box_loss):
    boxes = ops.sum(c0 * box_loss) / ops.maximum(ops.sum(c0), 1)
    return ops.mean(objectness_loss) + ops.mean(c0 * class_loss) + boxes


def with_python_max(c0, objectness_loss, class_loss, box_loss):
    return ops.mean(objectness_loss) + ops.sum(c0 * (class_loss + box_loss)) / max(ops.sum(c0), 1)


WRONG = {
    "to_corners": [
        (rows_first, "in another order"),
        (in_an_array, "neither NumPy"),
        (only_one_corner, "4 results were expected"),
        (whole_halves, "rounded up"),
    ],
    "iou": [
        (of_the_first, "Divide it by the union"),
        (max_of_two_arrays, "single one"),
        (counting_pixels, "right for 3 of 5"),
        (gaps_without_sign, "a negative overlap means 0"),
        (of_the_box_around, "right for 4 of 5"),
        (from_the_smaller_left_side, "the larger left side"),
        (common_area_three_times, "the union counts the common area once"),
    ],
    "smooth_l1": [
        (without_absolute_value, "a large negative difference"),
        (with_numpy, "neither NumPy"),
        (with_if, "with `ops.where`"),
    ],
    "total_loss": [
        (all_images_alike, "though these entries mean nothing there"),
        (nan_without_objects, "a division by zero"),
        (one_value_an_image, "the single value"),
        (class_over_all_images, "right for 1 of 3 inputs"),
        (with_python_max, "`ops.maximum`"),
    ],
}
