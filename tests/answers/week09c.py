"""Wrong answers to the exercises of week 9c."""

import numpy as np

from course_utils import runtime
from course_utils.weeks import week09c as week

keras = runtime.quiet_keras()
ops = keras.ops


def places(motion):
    height, width = motion.shape[1:3]
    rows = np.arange(height, dtype="float32")[:, None] + motion[..., 0]
    return rows, np.arange(width, dtype="float32") + motion[..., 1]


def nearest_pixel(images, motion):
    rows, columns = places(motion)
    return week.pixels_at(images, ops.round(rows), ops.round(columns))


def weights_exchanged(images, motion):
    rows, columns = places(motion)
    top, left = ops.floor(rows), ops.floor(columns)
    below, beside = (rows - top)[..., None], (columns - left)[..., None]
    upper = beside * week.pixels_at(images, top, left) + (1 - beside) * week.pixels_at(images, top, left + 1)
    lower = beside * week.pixels_at(images, top + 1, left) + (1 - beside) * week.pixels_at(images, top + 1, left + 1)
    return below * upper + (1 - below) * lower


def axis_of_channels_forgotten(images, motion):
    rows, columns = places(motion)
    top, left = ops.floor(rows), ops.floor(columns)
    below, beside = rows - top, columns - left
    upper = (1 - beside) * week.pixels_at(images, top, left) + beside * week.pixels_at(images, top, left + 1)
    lower = (1 - beside) * week.pixels_at(images, top + 1, left) + beside * week.pixels_at(images, top + 1, left + 1)
    return (1 - below) * upper + below * lower


def ceil_for_the_next(images, motion):
    rows, columns = places(motion)
    top, left, low, right = ops.floor(rows), ops.floor(columns), ops.ceil(rows), ops.ceil(columns)
    below, beside = (rows - top)[..., None], (columns - left)[..., None]
    upper = (1 - beside) * week.pixels_at(images, top, left) + beside * week.pixels_at(images, top, right)
    lower = (1 - beside) * week.pixels_at(images, low, left) + beside * week.pixels_at(images, low, right)
    return (1 - below) * upper + below * lower


def by_numpy(motion):
    return np.mean(np.diff(motion, axis=1) ** 2) + np.mean(np.diff(motion, axis=2) ** 2)


def without_squares(motion):
    return ops.mean(motion[:, 1:] - motion[:, :-1]) + ops.mean(motion[:, :, 1:] - motion[:, :, :-1])


def axes_off_by_one(motion):
    return ops.mean(ops.square(motion[1:] - motion[:-1])) + ops.mean(ops.square(motion[:, 1:] - motion[:, :-1]))


def length_of_motion(motion):
    return ops.mean(ops.square(motion))


def one_mean_of_both(motion):
    return week.roughness.reference(motion) / 2


def motion_loss(first, second, motion):
    misfit = ops.mean(ops.square(week.warp.reference(first, motion) - second))
    return misfit + week.SMOOTHNESS * week.roughness.reference(motion)


def label_not_warped(first, second, label, motion, first_classes, second_classes, l1, l2):
    of_classes = l1 * week.cross_entropy(label, first_classes) + l2 * week.cross_entropy(label, second_classes)
    return motion_loss(first, second, motion) + of_classes


def classes_warped(first, second, label, motion, first_classes, second_classes, l1, l2):
    warped = week.warp.reference(first_classes, motion)
    return (
        motion_loss(first, second, motion)
        + l1 * week.cross_entropy(label, warped)
        + l2 * week.cross_entropy(label, second_classes)
    )


def background_without_label(first, second, label, motion, first_classes, second_classes, l1, l2):
    label = ops.one_hot(ops.argmax(label, axis=-1), 3)
    return week.composite_loss.reference(first, second, label, motion, first_classes, second_classes, l1, l2)


def last_term_forgotten(first, second, label, motion, first_classes, second_classes, l1, l2):
    return motion_loss(first, second, motion) + l1 * week.cross_entropy(label, first_classes)


def weights_forgotten(first, second, label, motion, first_classes, second_classes, l1, l2):
    warped = week.warp.reference(label, motion)
    of_classes = week.cross_entropy(label, first_classes) + week.cross_entropy(warped, second_classes)
    return motion_loss(first, second, motion) + of_classes


WRONG = {
    "warp": [
        (nearest_pixel, "rounded to whole pixels"),
        (weights_exchanged, "the wrong way round"),
        (axis_of_channels_forgotten, "Dimensions must be equal"),
        (ceil_for_the_next, "Is the next pixel floor + 1"),
    ],
    "roughness": [
        (without_squares, "are not squared"),
        (axes_off_by_one, "along axes 1 and 2"),
        (length_of_motion, "large for large motions"),
        (one_mean_of_both, "times 0.5"),
        (by_numpy, "Use `ops`"),
    ],
    "composite_loss": [
        (label_not_warped, "Warp it"),
        (last_term_forgotten, "a term is missing"),
        (weights_forgotten, "l1 and l2 are not used"),
        (classes_warped, "wrong"),
        (background_without_label, "wrong for all 2 inputs"),
    ],
}
