"""Week 9c: the checks of its exercises, and what this lesson alone needs."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from .. import plots, runtime
from ..data.record import resized
from ..judge import Check, Remark, as_in_training
from ..plots.look import COLOURS, grid

keras = runtime.quiet_keras()
ops = keras.ops

DETAIL = 0.025  # least difference of neighbouring pixels in a crop, on average: an empty sky is too easy
SMOOTHNESS = 0.03  # weight of the roughness in the loss of a motion


def cut_crops(images: Sequence[np.ndarray], count: int, side: int, seed: int) -> np.ndarray:
    """Grey crops (count, side, side, 1), turned at random, from each image at its own and at half its size."""
    rng, sheets = np.random.default_rng(seed), []
    for image in images:
        grey = image.mean(axis=2, keepdims=True)
        for scale in (1, 2):
            height, width = (max(side, length // scale) for length in grey.shape[:2])
            sheets.append(resized(grey, height, width))
    crops = np.empty((count, side, side, 1), np.float32)
    for crop in crops:
        for _ in range(20):  # until there is something to see
            sheet = sheets[rng.integers(len(sheets))]
            top, left = (rng.integers(length - side + 1) for length in sheet.shape[:2])
            crop[:] = np.rot90(sheet[top : top + side, left : left + side], rng.integers(4))
            if np.abs(np.diff(crop, axis=0)).mean() > DETAIL:
                break
    return crops


def pixels_at(images, rows, columns):
    """The pixels (n, height, width, channels) at whole `rows` and `columns`; outside the image, the nearest one."""
    height, width, channels = images.shape[1:]
    rows = ops.clip(ops.cast(rows, "int32"), 0, height - 1)
    columns = ops.clip(ops.cast(columns, "int32"), 0, width - 1)
    number = ops.reshape(ops.arange(ops.shape(rows)[0]), (-1, 1, 1))
    flat = ops.reshape(ops.cast(images, "float32"), (-1, channels))
    return ops.take(flat, (number * height + rows) * width + columns, axis=0)


class _Field(keras.Model):
    """A motion that is trained itself, without a network."""

    def __init__(self, start):
        super().__init__(name="field")
        self.motion = self.add_weight(shape=start.shape, initializer=lambda shape, dtype: ops.convert_to_tensor(start))

    def call(self, first):
        return ops.copy(self.motion)


def descend(loss, first, second, start=None, steps: int = 150, levels: int = 1) -> np.ndarray:
    """Motion (n, height, width, 2) by Adam on `loss(first, second, motion)`; with `levels`, from coarse to fine."""
    if levels > 1:
        halves = (np.asarray(ops.average_pool(frames, 2, 2)) for frames in (first, second))
        start = 2 * descend(loss, *halves, None, steps, levels - 1).repeat(2, axis=1).repeat(2, axis=2)
    start = np.zeros((*first.shape[:3], 2), np.float32) if start is None else start
    field = _Field(start)
    field.compile(keras.optimizers.Adam(0.2), lambda frames, motion: loss(frames[..., :1], frames[..., 1:], motion))
    frames = np.concatenate([first, second], axis=-1)
    field.fit(((first, frames) for _ in range(steps)), steps_per_epoch=steps, shuffle=False, verbose=0)
    return ops.convert_to_numpy(field.motion)


def stereo_pair() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Stereo photographs, right and left (1, 64, 64, 1), and the motion between, nan where it was not measured."""
    from skimage.data import stereo_motorcycle
    from skimage.transform import downscale_local_mean

    left, right, disparity = (image[26:474, 130:578] for image in stereo_motorcycle())
    left, right = (downscale_local_mean(image.mean(axis=2) / 255, 7)[None, ..., None] for image in (left, right))
    across = -np.where(np.isfinite(disparity), disparity, np.nan)[3::7, 3::7] / 7
    motion = np.stack([0 * across, across], axis=-1)
    return right.astype(np.float32), left.astype(np.float32), motion[None].astype(np.float32)


def show_motion(images: Sequence, motions: Sequence, titles: Sequence[str], title: str) -> None:
    """Show arrows on images: from where each fourth pixel is to where its tissue came from."""
    made, axes = grid(len(images), len(images), 8.7 / len(images) + 0.25, title)
    lengths = []
    for axis, image, motion, name in zip(axes, images, motions, titles, strict=True):
        axis.imshow(np.squeeze(image), cmap="gray", vmin=0, vmax=1)
        rows, columns = np.mgrid[2 : image.shape[0] : 4, 2 : image.shape[1] : 4]
        down, right = np.moveaxis(np.asarray(motion)[rows, columns], -1, 0)
        axis.quiver(columns, rows, right, down, color=COLOURS[4], angles="xy", scale_units="xy", scale=1, width=0.008)
        axis.set_title(name, fontsize=12)
        lengths.append(f"{name}: {np.hypot(down, right).mean():.1f} pixels on average")
    plots.look.show(made, f"{title}. Images with arrows. {'; '.join(lengths)}.")


def _with_gradient(answer):
    """Call an answer as a training does. If it is right, a gradient must reach even a motion of 0."""

    def call(images, motion):
        import tensorflow as tf

        made, still = as_in_training(answer, "Use `ops`.")(images, motion), tf.Variable(0 * motion)
        if made.shape == images.shape and np.allclose(made, _warp(images, motion), atol=1e-4):
            with tf.GradientTape() as tape:
                warped = answer(images, still)
            if (slope := tape.gradient(warped, still)) is None or not np.any(slope):
                raise Remark(
                    "the values are right, but no gradient reaches a motion of 0. Is the next pixel floor + 1?"
                )
        return made

    return call


_RNG = np.random.default_rng(9)


def _draw(*shape):
    return _RNG.normal(0.4, 0.5, shape).astype(np.float32).round(2)


def _warp(images, motion, *, sign=1, exchange=False, whole=None, swap=False):
    """The images, read at each pixel's place plus its motion, by bilinear interpolation."""
    height, width = motion.shape[1:3]
    row = np.arange(height, dtype="float32")[:, None] + sign * motion[..., 1 if exchange else 0]
    column = np.arange(width, dtype="float32") + sign * motion[..., 0 if exchange else 1]
    if whole is not None:
        return pixels_at(images, whole(row), whole(column))
    top, left = ops.floor(row), ops.floor(column)
    a, b = (row - top)[..., None], (column - left)[..., None]
    a, b = (1 - a, 1 - b) if swap else (a, b)
    upper = (1 - b) * pixels_at(images, top, left) + b * pixels_at(images, top, left + 1)
    lower = (1 - b) * pixels_at(images, top + 1, left) + b * pixels_at(images, top + 1, left + 1)
    return (1 - a) * upper + a * lower


warp = Check(
    _warp,
    cases=[(_draw(1, 2, 2, 1), _draw(1, 2, 2, 2)), (_draw(2, 6, 5, 3), 3 * _draw(2, 6, 5, 2))],
    mistakes={
        "rows and columns are exchanged. The first number of a motion leads down.": {"exchange": True},
        "the motion is subtracted. Read at the pixel's place plus its motion.": {"sign": -1},
        "the motion is rounded to whole pixels. Mix four.": [{"whole": f} for f in (ops.floor, ops.round, ops.ceil)],
        "the weights are the wrong way round. The nearer a pixel, the larger its weight.": {"swap": True},
    },
    praise="it computes what `scipy.ndimage.map_coordinates` computes, and a gradient goes through it to the motion.",
    tolerance=1e-4,
    view=_with_gradient,
)


def _roughness(motion, *, power=ops.square, total=ops.mean, axes=(0, 1)):
    """Mean squared difference of neighbours below each other, plus that of neighbours side by side."""
    both = motion[:, 1:] - motion[:, :-1], motion[:, :, 1:] - motion[:, :, :-1]
    return sum(total(power(both[axis])) for axis in axes)


roughness = Check(
    _roughness,
    cases=[(np.array([[[[0, 0], [1, 0]], [[2, 0], [5, 4]]]], np.float32),), (_draw(2, 4, 6, 2),)],
    mistakes={
        "the differences are not squared, so those up and those down cancel.": {"power": lambda x: x},
        "that uses the absolute differences. They should be squared.": {"power": ops.abs},
        "take the mean of the squares, not their sum.": {"total": ops.sum},
        "only neighbours along one axis are compared.": [{"axes": [0]}, {"axes": [1]}],
        "axis 0 counts the images. Neighbouring pixels lie along axes 1 and 2.": lambda motion: (
            ops.mean(ops.square(motion[1:] - motion[:-1])) + ops.mean(ops.square(motion[:, 1:] - motion[:, :-1]))
        ),
        "that is large for large motions. The same motion everywhere should give 0.": lambda motion: ops.mean(
            ops.square(motion)
        ),
    },
    praise="a heart that moves as a whole costs nothing, a torn one much.",
    tolerance=1e-5,
    view=partial(as_in_training, cure="Use `ops`."),
)


def cross_entropy(label, classes):
    """Mean cross-entropy over all pixels; a pixel whose label is all 0 costs nothing."""
    return ops.mean(ops.sum(-label * ops.log(classes + 1e-6), axis=-1))


def _composite_loss(first, second, label, motion, a, b, l1, l2, *, parts=(1, 1, 1), early=None, late=_warp):
    """The loss of the motion, plus l1 times that of the first frame's classes, plus l2 times that of the second's."""
    of_motion = ops.mean(ops.square(_warp(first, motion) - second)) + SMOOTHNESS * _roughness(motion)
    of_label = cross_entropy(early(label, motion) if early else label, a)
    of_warped = cross_entropy(late(label, motion), b)
    return parts[0] * of_motion + parts[1] * l1 * of_label + parts[2] * l2 * of_warped


def _hearts(height, width):
    """Two frames, a label (of the first heart only), a motion, and the probabilities of classes for both frames."""
    label = np.eye(3, dtype=np.float32)[_RNG.integers(0, 3, (2, height, width))] * np.float32([[[[1]]], [[[0]]]])
    scores = _RNG.uniform(0.1, 1, (2, 2, height, width, 3)).astype(np.float32)
    classes = scores / scores.sum(axis=-1, keepdims=True)
    return _draw(2, height, width, 1), _draw(2, height, width, 1), label, 2 * _draw(2, height, width, 2), *classes


composite_loss = Check(
    _composite_loss,
    cases=[(*_hearts(4, 5), 0.5, 0.2), (*_hearts(6, 4), 0.1, 0.7)],
    mistakes={
        "the label is the first frame's. Warp it before you compare it with the second frame's classes.": {
            "late": lambda label, motion: label
        },
        "the label fits the first frame as it is. Warp it only for the second frame.": {"early": _warp},
        "a term is missing. The loss has three.": [{"parts": p} for p in ((0, 1, 1), (1, 0, 1), (1, 1, 0))],
        "the term with l2 should use the second frame's classes.": lambda *g: _composite_loss(*g[:5], *g[4:5], *g[6:]),
        "the weights l1 and l2 are exchanged.": lambda *given: _composite_loss(*given[:6], given[7], given[6]),
        "the weights l1 and l2 are not used, or not both.": [
            lambda *given: _composite_loss(*given[:6], 1, 1),
            lambda *given: _composite_loss(*given[:7], 1),
        ],
    },
    praise="one label now teaches both frames, and both tasks teach the encoder.",
    tolerance=1e-5,
    view=partial(as_in_training, cure="Use `ops`."),
)
