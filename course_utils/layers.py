"""Layers that Keras lacks. Importing this module loads Keras.

Feature maps are tensors (n, height, width, channels). Regions are tensors (n, regions, 4), rows x1, y1, x2, y2 in
positions of the map: pixels of the image, divided by the map's stride.
"""

import numpy as np

from . import runtime

keras = runtime.quiet_keras()
ops = keras.ops


def roi_pool(maps, regions, size):
    """ROI pooling: the maximum of each of size x size bins of each region, (n, regions, size, size, channels).

    The sides of a region are rounded to whole positions. So are those of its bins, outwards: they can overlap.

    Examples
    --------
    >>> maps = np.arange(16.0).reshape(1, 4, 4, 1)
    >>> np.array(roi_pool(maps, np.array([[[0.4, 1, 3.6, 3]]]), 2)).squeeze()
    array([[ 5.,  7.],
           [ 9., 11.]], dtype=float32)
    """
    maps = ops.cast(maps, "float32")
    height, width, channels = maps.shape[1:]
    down, y = _covers(regions[..., 1], regions[..., 3], height, size)
    right, x = _covers(regions[..., 0], regions[..., 2], width, size)
    rows = _windows(maps, 1, -(-height // size) + 1)
    table = [level for row in rows for level in _windows(row, 2, -(-width // size) + 1)]
    level = down[..., :, None] * (len(table) // len(rows)) + right[..., None, :]
    number = ops.reshape(ops.arange(ops.shape(maps)[0]), (-1, 1, 1, 1))
    first = (level * ops.shape(maps)[0] + number) * height * width
    table = ops.reshape(ops.stack(table), (-1, channels))
    corners = [ops.take(table, first + i[..., :, None] * width + j[..., None, :], axis=0) for i in y for j in x]
    return ops.max(ops.stack(corners), axis=0)


def roi_align(maps, regions, size, samples=2):
    """ROI align: like `roi_pool`, but nothing is rounded, and each bin is the mean of samples x samples points in it.

    The value at a point is interpolated between the centres of the four positions around it.
    """
    maps, regions = ops.cast(maps, "float32"), ops.cast(regions, "float32")

    def weights(first, last, length):  # of each position of an axis in each bin
        steps = (np.arange(size * samples, dtype="float32") + 0.5) / (size * samples)
        points = first[..., None] + (last - first)[..., None] * steps
        points = ops.clip(points - 0.5, 0, length - 1)[..., None]
        near = ops.relu(1 - ops.abs(points - np.arange(length, dtype="float32")))
        return ops.mean(ops.reshape(near, (*ops.shape(near)[:2], size, samples, length)), axis=3)

    rows = weights(regions[..., 1], regions[..., 3], maps.shape[1])
    columns = weights(regions[..., 0], regions[..., 2], maps.shape[2])
    return ops.einsum("nrjw,nriwc->nrijc", columns, ops.einsum("nrih,nhwc->nriwc", rows, maps))


class RegionPooling(keras.layers.Layer):
    """From [maps, regions] to each region as size x size positions, by ROI align or by ROI pooling."""

    def __init__(self, size: int, align: bool = True, **options):
        super().__init__(**options)
        self.size, self.align = size, align

    def call(self, inputs):
        """Return a tensor (n, regions, size, size, channels)."""
        return (roi_align if self.align else roi_pool)(*inputs, self.size)


def _windows(maps, axis, longest):
    """Maxima over 1, 2, 4 ... (at most `longest`) positions from each one on. Those past the end are never used."""
    levels = [maps]
    while 2 ** len(levels) <= longest:
        levels.append(ops.maximum(levels[-1], ops.roll(levels[-1], -(2 ** (len(levels) - 1)), axis)))
    return levels


def _covers(first, last, length, size):
    """For each bin, two windows of 2**level positions that cover it: level, and both starts, (n, regions, size)."""
    first = ops.clip(ops.round(first), 0, length - 1)
    last = ops.clip(ops.round(last), first + 1, length)
    first, last = (ops.cast(side, "int32")[..., None] for side in (first, last))
    steps = np.arange(size, dtype="int32")
    start = first + (last - first) * steps // size
    end = first + ((last - first) * (steps + 1) + size - 1) // size
    level = sum([ops.cast(end - start >= 2**k, "int32") for k in range(1, length.bit_length())], 0 * start)
    return level, (start, end - 2**level)
