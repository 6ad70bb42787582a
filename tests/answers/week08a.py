"""Wrong answers to the exercises of week 8a."""

import numpy as np


def nobody_rescued(overlaps, low, high):
    numbers = []
    for row in overlaps:
        if row.max() >= high:
            numbers.append(int(row.argmax()))
        else:
            numbers.append(-1 if row.max() < low else -2)
    return np.array(numbers)


def only_where_none_is(overlaps, low, high):
    best = overlaps.max(axis=1)
    numbers = np.where(best >= high, overlaps.argmax(axis=1), np.where(best < low, -1, -2))
    for j in range(overlaps.shape[1]):
        if j not in numbers:
            numbers[overlaps[:, j].argmax()] = j
    return numbers


def limits_written_out(overlaps, low, high):
    best = overlaps.max(axis=1)
    numbers = np.where(best >= 0.5, overlaps.argmax(axis=1), np.where(best < 0.3, -1, -2))
    numbers[overlaps.argmax(axis=0)] = np.arange(overlaps.shape[1])
    return numbers


def exactly_high_ignored(overlaps, low, high):
    numbers = np.full(len(overlaps), -2)
    for i, row in enumerate(overlaps):
        if row.max() > high:
            numbers[i] = row.argmax()
        elif row.max() < low:
            numbers[i] = -1
    for j in range(overlaps.shape[1]):
        numbers[overlaps[:, j].argmax()] = j
    return numbers


def exactly_low_background(overlaps, low, high):
    best = overlaps.max(axis=1)
    numbers = np.where(best > high, overlaps.argmax(axis=1), np.where(best <= low, -1, -2))
    numbers[overlaps.argmax(axis=0)] = np.arange(overlaps.shape[1])
    return numbers


def one_hot_rows(overlaps, low, high):
    return (overlaps >= high).astype(int)


def factor_not_exponential(regions, deltas):
    size = regions[..., 2:] - regions[..., :2]
    centre = (regions[..., 2:] + regions[..., :2]) / 2 + size * deltas[..., :2]
    return np.concatenate([centre - size * deltas[..., 2:] / 2, centre + size * deltas[..., 2:] / 2], axis=-1)


def corner_as_centre(regions, deltas):
    x, y = regions[..., 0], regions[..., 1]
    w, h = regions[..., 2] - x, regions[..., 3] - y
    x, y = x + deltas[..., 0], y + deltas[..., 1]
    x, y = x + w / 2, y + h / 2
    w, h = w * np.exp(deltas[..., 2]), h * np.exp(deltas[..., 3])
    return np.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], axis=-1)


def whole_centre(regions, deltas):
    size = regions[..., 2:] - regions[..., :2]
    centre = (regions[..., 2:] + regions[..., :2]) // 2 + size * deltas[..., :2]
    size = size * np.exp(deltas[..., 2:])
    return np.concatenate([centre - size / 2, centre + size / 2], axis=-1)


def centre_and_size(regions, deltas):
    size = regions[..., 2:] - regions[..., :2]
    centre = (regions[..., 2:] + regions[..., :2]) / 2 + size * deltas[..., :2]
    return np.concatenate([centre, size * np.exp(deltas[..., 2:])], axis=-1)


def two_axes_only(regions, deltas):
    size = regions[:, 2:] - regions[:, :2]
    centre = (regions[:, 2:] + regions[:, :2]) / 2 + size * deltas[:, :2]
    size = size * np.exp(deltas[:, 2:])
    return np.concatenate([centre - size / 2, centre + size / 2], axis=1)


def one_region_only(regions, deltas):
    x1, y1, x2, y2 = regions
    return np.array([x1 + deltas[0] * (x2 - x1), y1, x2, y2])


def ends_rounded_down(features, region, size):
    x1, y1, x2, y2 = region
    pooled = np.zeros((size, size, features.shape[-1]))
    for i in range(size):
        for j in range(size):
            top, bottom = y1 + i * (y2 - y1) // size, y1 + (i + 1) * (y2 - y1) // size
            left, right = x1 + j * (x2 - x1) // size, x1 + (j + 1) * (x2 - x1) // size
            pooled[i, j] = features[top:bottom, left:right].max(axis=(0, 1))
    return pooled


def equal_bins(features, region, size):
    x1, y1, x2, y2 = region
    high, wide = (y2 - y1) // size, (x2 - x1) // size
    pooled = np.zeros((size, size, features.shape[-1]))
    for i in range(size):
        for j in range(size):
            top, left = y1 + i * high, x1 + j * wide
            pooled[i, j] = features[top : top + high, left : left + wide].max(axis=(0, 1))
    return pooled


def all_channels_at_once(features, region, size):
    x1, y1, x2, y2 = region
    pooled = np.zeros((size, size, features.shape[-1]))
    for i in range(size):
        for j in range(size):
            rows = slice(y1 + i * (y2 - y1) // size, y1 - (-(i + 1) * (y2 - y1) // size))
            columns = slice(x1 + j * (x2 - x1) // size, x1 - (-(j + 1) * (x2 - x1) // size))
            pooled[i, j] = features[rows, columns].max()
    return pooled


def x_first(features, region, size):
    x1, y1, x2, y2 = region
    pooled = np.zeros((size, size, features.shape[-1]))
    for i in range(size):
        for j in range(size):
            top, bottom = y1 + int(np.floor(i * (y2 - y1) / size)), y1 + int(np.ceil((i + 1) * (y2 - y1) / size))
            left, right = x1 + int(np.floor(j * (x2 - x1) / size)), x1 + int(np.ceil((j + 1) * (x2 - x1) / size))
            pooled[i, j] = features[left:right, top:bottom].max(axis=(0, 1))
    return pooled


def from_the_corner(rows, columns, stride, shapes):
    boxes = []
    for i in range(rows):
        for j in range(columns):
            for w, h in shapes:
                boxes.append([stride * j - w / 2, stride * i - h / 2, stride * j + w / 2, stride * i + h / 2])
    return np.array(boxes)


def whole_halves(rows, columns, stride, shapes):
    boxes = []
    for i in range(rows):
        for j in range(columns):
            y, x = stride * i + stride // 2, stride * j + stride // 2
            boxes += [[x - w / 2, y - h / 2, x + w / 2, y + h / 2] for w, h in shapes]
    return np.array(boxes)


def shape_by_shape(rows, columns, stride, shapes):
    boxes = []
    for w, h in shapes:
        for y in stride / 2 + stride * np.arange(rows):
            for x in stride / 2 + stride * np.arange(columns):
                boxes.append([x - w / 2, y - h / 2, x + w / 2, y + h / 2])
    return np.array(boxes)


def height_first(rows, columns, stride, shapes):
    boxes = []
    for y in stride / 2 + stride * np.arange(rows):
        for x in stride / 2 + stride * np.arange(columns):
            boxes += [[x - w / 2, y - h / 2, x + w / 2, y + h / 2] for h, w in shapes]
    return np.array(boxes)


def corner_and_size(rows, columns, stride, shapes):
    boxes = []
    for y in stride / 2 + stride * np.arange(rows):
        for x in stride / 2 + stride * np.arange(columns):
            boxes += [[x - w / 2, y - h / 2, w, h] for w, h in shapes]
    return np.array(boxes)


WRONG = {
    "assign": [
        (nobody_rescued, "every object needs a region"),
        (only_where_none_is, "even if it overlaps another"),
        (limits_written_out, "does not depend on low or high"),
        (exactly_high_ignored, "exactly `high` is enough"),
        (exactly_low_background, "exactly `low`"),
        (one_hot_rows, "shape (4,) was expected"),
    ],
    "from_deltas": [
        (factor_not_exponential, "exponential"),
        (corner_as_centre, "fraction of the region's size"),
        (whole_centre, "only the last row differs"),
        (centre_and_size, "two corners"),
        (two_axes_only, "the *last* axis"),
        (one_region_only, "not enough values"),
    ],
    "pool_region": [
        (ends_rounded_down, "then none is empty"),
        (equal_bins, "then none is empty"),
        (all_channels_at_once, "each channel"),
        (x_first, "x counts columns"),
    ],
    "anchors": [
        (from_the_corner, "half a stride"),
        (whole_halves, "right for 2 of 3"),
        (shape_by_shape, "all shapes of a position"),
        (height_first, "(width, height)"),
        (corner_and_size, "two corners"),
    ],
}
