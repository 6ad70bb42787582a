"""Wrong answers to the exercises of week 8b."""

import numpy as np
from keras import ops


def all_touched(box, rows, columns, stride, reach):
    down, right = stride * np.arange(rows)[:, None], stride * np.arange(columns)
    return (down < box[3]) & (down + stride > box[1]) & (right < box[2]) & (right + stride > box[0])


def from_the_corner(box, rows, columns, stride, reach):
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    cells = np.zeros((rows, columns), bool)
    for i in range(rows):
        for j in range(columns):
            cells[i, j] = abs(i - y / stride) <= reach and abs(j - x / stride) <= reach
    return cells


def nearer_only(box, rows, columns, stride, reach):
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    down = np.abs(np.arange(rows) + 0.5 - y / stride) < reach
    return down[:, None] & (np.abs(np.arange(columns) + 0.5 - x / stride) < reach)


def in_pixels(box, rows, columns, stride, reach):
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    down = np.abs(stride * (np.arange(rows) + 0.5) - y) <= reach
    return down[:, None] & (np.abs(stride * (np.arange(columns) + 0.5) - x) <= reach)


def without_abs(box, rows, columns, stride, reach):
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    down, right = np.arange(rows) + 0.5 - y / stride, np.arange(columns) + 0.5 - x / stride
    return (down[:, None] <= reach) & (right <= reach)


def rounded_centre(box, rows, columns, stride, reach):
    x, y = (box[0] + box[2]) // 2, (box[1] + box[3]) // 2
    down, right = np.arange(rows) + 0.5 - y / stride, np.arange(columns) + 0.5 - x / stride
    return (np.abs(down)[:, None] <= reach) & (np.abs(right) <= reach)


def numbers_of_cells(box, rows, columns, stride, reach):
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return int(y // stride), int(x // stride)


def sizes_not_squared(numbers, row, column, stride):
    down, right, height, width = numbers
    y, x = stride * (row + 0.5 + down), stride * (column + 0.5 + right)
    return x - stride * width / 2, y - stride * height / 2, x + stride * width / 2, y + stride * height / 2


def from_the_cells_corner(numbers, row, column, stride):
    down, right, height, width = numbers
    y, x = (row + down) * stride, (column + right) * stride
    height, width = height**2 * stride, width**2 * stride
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def rows_first(numbers, row, column, stride):
    down, right, height, width = numbers
    y, x = (row + 0.5 + down) * stride, (column + 0.5 + right) * stride
    height, width = height**2 * stride, width**2 * stride
    return y - height / 2, x - width / 2, y + height / 2, x + width / 2


def squared_in_pixels(numbers, row, column, stride):
    down, right, height, width = numbers
    y, x = (row + 0.5 + down) * stride, (column + 0.5 + right) * stride
    height, width = (stride * height) ** 2, (stride * width) ** 2
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def down_in_pixels(numbers, row, column, stride):
    down, right, height, width = numbers
    y, x = (row + 0.5) * stride + down, (column + 0.5) * stride + right
    height, width = height**2 * stride, width**2 * stride
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def means(is_object, confidence_loss, class_loss, box_loss):
    return ops.mean(confidence_loss) + ops.mean(is_object * (2 * class_loss + box_loss))


def all_masked(is_object, confidence_loss, class_loss, box_loss):
    total = ops.sum(is_object * (confidence_loss + 2 * class_loss + box_loss))
    return total / ops.maximum(ops.sum(is_object), 1)


def nothing_masked(is_object, confidence_loss, class_loss, box_loss):
    return ops.sum(confidence_loss + 2 * class_loss + box_loss) / ops.maximum(ops.sum(is_object), 1)


def bracket_misplaced(is_object, confidence_loss, class_loss, box_loss):
    total = ops.sum(confidence_loss + is_object * 2 * class_loss + box_loss)
    return total / ops.maximum(ops.sum(is_object), 1)


def rounded(mask, box, height, width):
    image = np.zeros((height, width))
    x1, y1, x2, y2 = np.round(box).astype(int)
    for y in range(max(0, y1), min(height, y2)):
        for x in range(max(0, x1), min(width, x2)):
            i, j = (y + 0.5 - y1) / (y2 - y1) * len(mask), (x + 0.5 - x1) / (x2 - x1) * len(mask)
            image[y, x] = mask[int(i), int(j)]
    return image


def no_half_pixel(mask, box, height, width):
    image = np.zeros((height, width))
    for y in range(height):
        for x in range(width):
            i = int(np.floor((y - box[1]) / (box[3] - box[1]) * len(mask)))
            j = int(np.floor((x - box[0]) / (box[2] - box[0]) * len(mask)))
            if 0 <= i < len(mask) and 0 <= j < len(mask):
                image[y, x] = mask[i, j]
    return image


def smeared(mask, box, height, width):
    i = np.floor((np.arange(height) + 0.5 - box[1]) / (box[3] - box[1]) * len(mask)).astype(int)
    j = np.floor((np.arange(width) + 0.5 - box[0]) / (box[2] - box[0]) * len(mask)).astype(int)
    return mask[np.ix_(i.clip(0, len(mask) - 1), j.clip(0, len(mask) - 1))]


def into_a_copy(mask, box, height, width):
    image = np.zeros((height, width))
    x1, y1, x2, y2 = box
    i = np.floor((np.arange(height) + 0.5 - y1) / (y2 - y1) * len(mask)).astype(int)
    j = np.floor((np.arange(width) + 0.5 - x1) / (x2 - x1) * mask.shape[1]).astype(int)
    rows, columns = (i >= 0) & (i < len(mask)), (j >= 0) & (j < mask.shape[1])
    image[rows][:, columns] = mask[i[rows]][:, j[columns]]
    return image


def cut_off(mask, box, height, width):
    image, n = np.zeros((height, width)), len(mask)
    i = ((np.arange(height) + 0.5 - box[1]) / (box[3] - box[1]) * n).astype(int)
    j = ((np.arange(width) + 0.5 - box[0]) / (box[2] - box[0]) * n).astype(int)
    rows, columns = (i >= 0) & (i < n), (j >= 0) & (j < n)
    image[np.ix_(rows, columns)] = mask[np.ix_(i[rows], j[columns])]
    return image


def lower_side_too(mask, box, height, width):
    image, n = np.zeros((height, width)), len(mask)
    y, x = np.arange(height) + 0.5, np.arange(width) + 0.5
    rows, columns = (y >= box[1]) & (y <= box[3]), (x >= box[0]) & (x <= box[2])
    i = np.floor((y[rows] - box[1]) / (box[3] - box[1]) * n).astype(int)
    j = np.floor((x[columns] - box[0]) / (box[2] - box[0]) * n).astype(int)
    image[np.ix_(rows, columns)] = mask[np.ix_(i, j)]
    return image


WRONG = {
    "responsible": [
        (all_touched, "does not depend on reach"),
        (from_the_corner, "half a cell beyond"),
        (in_pixels, "counted in cells"),
        (nearer_only, "of just `reach`"),
        (without_abs, "no sign"),
        (rounded_centre, "not rounded"),
        (numbers_of_cells, "an array of shape (3, 4)"),
    ],
    "decode": [
        (sizes_not_squared, "square roots"),
        (from_the_cells_corner, "half a cell beyond"),
        (rows_first, "go with y"),
        (squared_in_pixels, "multiply by the stride"),
        (down_in_pixels, "`right`, too"),
    ],
    "masked_loss": [
        (means, "not by that of all cells"),
        (all_masked, "never pushed down"),
        (nothing_masked, "have neither"),
        (bracket_misplaced, "have neither"),
    ],
    "paste": [
        (rounded, "not rounded here"),
        (no_half_pixel, "half a pixel"),
        (smeared, "beyond the box"),
        (into_a_copy, "stayed empty"),
        (cut_off, "-0.3 a 0"),
        (lower_side_too, "lies outside the array"),
    ],
}
