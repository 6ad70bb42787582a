"""The one form in which every data set comes."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np


def _described(part: NamedTuple) -> str:
    """Return the shape of each field, or its length if it is a list."""
    fields = [(name, value) for name, value in part._asdict().items() if value is not None]
    shapes = ", ".join(f"{name} {getattr(value, 'shape', len(value))}" for name, value in fields)
    return f"{type(part).__name__}({shapes})"


class Part(NamedTuple):
    """Images and their labels; unpacks as ``images, labels = part``.

    Images are float32 in 0 to 1, as one array (n, height, width, channels), or, where sizes differ
    (the photographs), a list of arrays (height, width, channels). Labels are numbers of classes.
    """

    images: np.ndarray | list[np.ndarray]
    labels: np.ndarray

    def few(self, count: int, seed: int = 0) -> "Part":
        """Draw `count` images of each class, or all of a class that has fewer.

        Examples
        --------
        >>> part = Part(np.zeros((30, 8, 8, 1)), np.repeat([0, 1, 2], 10))
        >>> np.bincount(part.few(4).labels)
        array([4, 4, 4])
        """
        order = np.random.default_rng(seed).permutation(len(self.labels))
        chosen = [order[self.labels[order] == label][:count] for label in np.unique(self.labels)]
        return Part(self.images[np.concatenate(chosen)], self.labels[np.concatenate(chosen)])

    def sample(self, count: int) -> "Part":
        """Draw `count` examples in random order, or all if there are fewer."""
        order = np.random.default_rng(0).permutation(len(self.labels))[:count]
        images = self.images[order] if isinstance(self.images, np.ndarray) else [self.images[i] for i in order]
        return Part(images, self.labels[order])

    def grey(self, side: int) -> "Part":
        """Make all images grey and `side` pixels high and wide: one array (n, side, side, 1).

        Colours are averaged. An image that is not square is stretched.

        Examples
        --------
        >>> part = Part([np.ones((60, 80, 3)), np.ones((40, 40, 1))], np.array([0, 1]))
        >>> part.grey(28)
        Part(images (2, 28, 28, 1), labels (2,))
        """
        if getattr(self.images, "shape", ())[1:] == (side, side, 1):
            return self
        images = np.empty((len(self.images), side, side, 1), np.float32)
        for grey, image in zip(images, progress(self.images, "Resizing"), strict=True):
            grey[:] = resized(image.mean(axis=2, keepdims=True), side, side)
        return Part(images, self.labels)

    __repr__ = _described


class BoxedPart(NamedTuple):
    """Images and the boxes in each; unpacks as ``images, truths = part``.

    Images are float32 in 0 to 1, as one array (n, height, width, 3), or, where sizes differ, a sequence of arrays
    (height, width, 3). Truths are a dictionary for each image: "boxes" (n, 4), float, rows of x1, y1, x2, y2 in
    pixels, and "labels" (n,), numbers of classes. Where masks are known, until images are resized: "instances" (height,
    width), 0, or 1, 2 ... where the first, second ... object is.
    """

    images: np.ndarray | Sequence[np.ndarray]
    truths: list[dict[str, np.ndarray]]

    def fitted(self, height: int, width: int) -> "BoxedPart":
        """Resize all images, with their boxes, to one size.

        Proportions are kept: an image lies in the upper left corner, and the rest is grey (0.5). Masks are left out.

        Examples
        --------
        >>> truth = {"boxes": np.array([[10.0, 20.0, 40.0, 60.0]]), "labels": np.array([0])}
        >>> part = BoxedPart([np.ones((60, 80, 3))], [truth]).fitted(40, 40)
        >>> part.images.shape, part.truths[0]["boxes"].tolist()
        ((1, 40, 40, 3), [[5.0, 10.0, 20.0, 30.0]])
        """
        if getattr(self.images, "shape", ())[1:3] == (height, width):
            return self
        images = np.full((len(self.images), height, width, 3), 0.5, np.float32)
        truths = []
        for fitted, image, truth in zip(images, progress(self.images, "Resizing"), self.truths, strict=True):
            scale = min(height / image.shape[0], width / image.shape[1])
            # At least one pixel of a very long image remains.
            rows, columns = (max(1, round(side * scale)) for side in image.shape[:2])
            fitted[:rows, :columns] = resized(image, rows, columns)
            scales = np.array([columns / image.shape[1], rows / image.shape[0]] * 2, np.float32)
            truths.append({"boxes": truth["boxes"] * scales, "labels": truth["labels"]})
        return BoxedPart(images, truths)

    __repr__ = _described


class MaskPart(NamedTuple):
    """Images and the class of each pixel; unpacks as ``images, masks, instances = part``.

    Each of the three is one array or, where sizes differ, a list of arrays. Images are float32 in 0 to 1,
    (n, height, width, 1 or 3). Masks (n, height, width) are numbers of classes. Instances, int32 of the masks' shape,
    number the objects of an image 1, 2, ..., with 0 where there is none; None if they are not known.
    """

    images: np.ndarray | list[np.ndarray]
    masks: np.ndarray | list[np.ndarray]
    instances: np.ndarray | list[np.ndarray] | None = None

    __repr__ = _described


class PointPart(NamedTuple):
    """Images and the points in each; unpacks as ``images, points = part``.

    Images are float32 in 0 to 1, (n, height, width, 3). Points are an array (objects, kinds, 2) for each image: x and y
    of each object's points, in pixels. A pixel's centre is at whole numbers.
    """

    images: np.ndarray
    points: list[np.ndarray]

    __repr__ = _described


@dataclass(frozen=True)
class DataSet:
    """Three parts that share no original, and the names of the classes."""

    name: str
    train: Part | BoxedPart | MaskPart | PointPart
    validation: Part | BoxedPart | MaskPart | PointPart
    test: Part | BoxedPart | MaskPart | PointPart
    class_names: tuple[str, ...]


def progress(items: Sequence, what: str) -> Iterable:
    """Go through items, with a progress bar if there are many and they take longer than a second."""
    from tqdm import tqdm

    # On stdout: in a notebook, stderr means that something is wrong.
    return tqdm(items, what, disable=len(items) < 500, leave=False, file=sys.stdout, delay=1)


def unit_floats(images: np.ndarray) -> np.ndarray:
    """Turn bytes into float32 in 0 to 1; floats are taken to be in 0 to 1 already."""
    if images.dtype.kind == "f":
        return images.astype(np.float32)
    return np.divide(images, np.float32(255), dtype=np.float32)


def resized(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resize an image of floats; where it shrinks, each pixel is an average of all that it covers."""
    from PIL import Image

    if image.shape[:2] == (height, width):
        return image
    # Channel by channel: Pillow has colours in 8 bits only.
    channels = [Image.fromarray(np.ascontiguousarray(image[..., i], np.float32)) for i in range(image.shape[2])]
    made = [one.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=3) for one in channels]
    return np.stack([np.asarray(one) for one in made], axis=-1)


def split(labels: np.ndarray, fractions: Sequence[float] = (0.7, 0.15, 0.15), seed: int = 0) -> list[np.ndarray]:
    """Divide positions 0 ... n-1 into parts, each class in the same proportions.

    A class needs at least as many members as there are parts.

    Examples
    --------
    >>> labels = np.repeat([0, 1], 20)
    >>> [len(chosen) for chosen in split(labels)]
    [28, 6, 6]
    """
    rng = np.random.default_rng(seed)
    ends = np.cumsum(fractions)[:-1]
    parts: list[list[np.ndarray]] = [[] for _ in fractions]
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        cuts = np.round(ends * len(members)).astype(int)
        # The part of a small class is not left empty.
        first = np.arange(1, len(fractions))
        cuts = np.maximum(np.minimum(cuts, len(members) - first[::-1]), first)
        for part, chosen in zip(parts, np.split(members, cuts), strict=True):
            part.append(chosen)
    return [rng.permutation(np.concatenate(part)) for part in parts]


def divided(path: Path, images: np.ndarray, labels: np.ndarray, test: Part | None = None, at_least: int = 1) -> DataSet:
    """Divide a reader's own images (n, height, width, channels) and labels, numbers or names, into three parts.

    Where test data comes by itself, the rest is divided into training and validation data.
    """
    values, labels, counts = np.unique(labels, return_inverse=True, return_counts=True)
    fractions = (0.7, 0.15, 0.15) if test is None else (5 / 6, 1 / 6)
    at_least = max(at_least, len(fractions))
    if len(values) < 2:
        raise ValueError(f"{path}: expected at least 2 classes, got {len(values)}")
    if counts.min() < at_least:
        rarest = f"{counts.min()} of {str(values[counts.argmin()])!r}"
        raise ValueError(f"{path}: expected at least {at_least} images of each class, got {rarest}")
    parts = [Part(images[chosen], labels[chosen]) for chosen in split(labels, fractions)]
    if test is not None:
        if not np.isin(test.labels, values).all():
            raise ValueError(f"{path}: expected test labels among {values.tolist()}, got {np.unique(test.labels)}")
        parts.append(Part(test.images, np.searchsorted(values, test.labels)))
    parts = [Part(unit_floats(part.images), part.labels) for part in parts]
    return DataSet(path.absolute().name, *parts, class_names=tuple(map(str, values.tolist())))
