"""The one form in which every data set comes."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .. import arguments


class Part(NamedTuple):
    """Images and their labels; unpacks as ``images, labels = part``.

    Images are float32 in 0 to 1, as one array (n, height, width, channels), or, where sizes differ
    (the photographs), a list of arrays (height, width, channels). Labels are numbers of classes.
    """

    images: np.ndarray | list[np.ndarray]
    labels: np.ndarray

    def few(self, count: int, seed: int = 0) -> "Part":
        """Draw `count` pictures of each class, or all of a class that has fewer; another seed draws others.

        Examples
        --------
        >>> part = Part(np.zeros((30, 8, 8, 1)), np.repeat([0, 1, 2], 10))
        >>> np.bincount(part.few(4).labels)
        array([4, 4, 4])
        """
        arguments.integer("count", count, at_least=1)
        arguments.integer("seed", seed, at_least=0)
        order = np.random.default_rng(seed).permutation(len(self.labels))
        chosen = [order[self.labels[order] == label][:count] for label in np.unique(self.labels)]
        return Part(self.images[np.concatenate(chosen)], self.labels[np.concatenate(chosen)])

    def grey(self, side: int) -> "Part":
        """Make all pictures grey and `side` pixels high and wide: one array (n, side, side, 1).

        Colours are averaged. A picture that is not square is stretched.

        Examples
        --------
        >>> part = Part([np.ones((60, 80, 3)), np.ones((40, 40, 1))], np.array([0, 1]))
        >>> part.grey(28)
        Part(images (2, 28, 28, 1), labels (2,))
        """
        from tqdm import tqdm

        side = arguments.integer("side", side, at_least=1)
        one_array = isinstance(self.images, np.ndarray) and self.images.dtype == np.float32
        if one_array and self.images.shape[1:] == (side, side, 1):
            return self
        images = np.empty((len(self.images), side, side, 1), np.float32)
        pairs = zip(images, self.images, strict=True)
        few = len(images) < 500
        for place, image in tqdm(pairs, "Fitting", len(images), disable=few, leave=False, file=sys.stdout):
            place[:] = resized(image.mean(axis=2, keepdims=True), side, side)
        return Part(images, self.labels)

    def __repr__(self) -> str:
        shape = getattr(self.images, "shape", f"{len(self.images)} pictures of several sizes")
        return f"Part(images {shape}, labels {self.labels.shape})"


class BoxedPart(NamedTuple):
    """Pictures and what is in each; unpacks as ``images, truths = part``.

    Images are float32 in 0 to 1, as one array (n, height, width, 3), or, where sizes differ, a sequence of arrays
    (height, width, 3). Truths are a dictionary for each picture: "boxes" (n, 4), float, rows of x1, y1, x2, y2 in
    pixels, and "labels" (n,), numbers of classes.
    """

    images: np.ndarray | Sequence[np.ndarray]
    truths: list[dict[str, np.ndarray]]

    def fitted(self, height: int, width: int) -> "BoxedPart":
        """Bring all pictures to one size, and their boxes with them.

        A picture is shrunk or enlarged, its proportions kept, until it just fits. It is placed in the upper left
        corner; the rest is grey (0.5).

        Examples
        --------
        >>> truth = {"boxes": np.array([[10.0, 20.0, 40.0, 60.0]]), "labels": np.array([0])}
        >>> part = BoxedPart([np.ones((60, 80, 3))], [truth]).fitted(40, 40)
        >>> part.images.shape, part.truths[0]["boxes"].tolist()
        ((1, 40, 40, 3), [[5.0, 10.0, 20.0, 30.0]])
        """
        from tqdm import tqdm

        height = arguments.integer("height", height, at_least=1)
        width = arguments.integer("width", width, at_least=1)
        if getattr(self.images, "shape", ())[1:3] == (height, width):
            return self
        images = np.full((len(self.images), height, width, 3), 0.5, np.float32)
        truths = []
        pairs = zip(images, self.images, self.truths, strict=True)
        few = len(images) < 500
        for place, image, truth in tqdm(pairs, "Fitting", len(images), disable=few, leave=False, file=sys.stdout):
            scale = min(height / image.shape[0], width / image.shape[1])
            # At least one pixel of a very long picture remains.
            rows, columns = (max(1, round(side * scale)) for side in image.shape[:2])
            place[:rows, :columns] = resized(image, rows, columns)
            boxes, scales = truth["boxes"], np.array([columns / image.shape[1], rows / image.shape[0]] * 2)
            truths.append({**truth, "boxes": boxes * scales.astype(np.result_type(boxes, np.float32))})
        return BoxedPart(images, truths)

    def __repr__(self) -> str:
        shape = getattr(self.images, "shape", f"{len(self.images)} pictures of several sizes")
        return f"BoxedPart(images {shape}, {sum(len(truth['boxes']) for truth in self.truths):,} boxes)"


class MaskPart(NamedTuple):
    """Pictures and what each pixel shows; unpacks as ``images, masks, instances = part``.

    Each of the three is one array or, where sizes differ, a list of arrays. Images are float32 in 0 to 1,
    (n, height, width, 1 or 3). Masks (n, height, width) are whole numbers, of classes. Instances, int32 of the masks'
    shape, tell the objects of a picture apart: 0 where there is none, then 1, 2, ...; None if that is not known.
    """

    images: np.ndarray | list[np.ndarray]
    masks: np.ndarray | list[np.ndarray]
    instances: np.ndarray | list[np.ndarray] | None = None

    def __repr__(self) -> str:
        several = f"{len(self.images)} pictures of several sizes"
        images, masks = (getattr(arrays, "shape", several) for arrays in (self.images, self.masks))
        masks = "" if masks == several else f", masks {masks}"
        count = "" if self.instances is None else f", {sum(int(one.max()) for one in self.instances):,} instances"
        return f"MaskPart(images {images}{masks}{count})"


@dataclass(frozen=True, repr=False)
class DataSet:
    """Three parts that share no original, the names of the classes, and where it all comes from."""

    name: str
    train: Part | BoxedPart | MaskPart
    validation: Part | BoxedPart | MaskPart
    test: Part | BoxedPart | MaskPart
    class_names: tuple[str, ...]
    licence: str
    source: str

    def __repr__(self) -> str:
        counts = ", ".join(f"{part} {len(getattr(self, part)[1]):,}" for part in ("train", "validation", "test"))
        return f"DataSet {self.name!r}: {counts}; {len(self.class_names)} classes; {self.licence}"

    def picture(self, class_name: str, index: int = 0) -> np.ndarray:
        """Return one image of a class, (height, width) if grey, (height, width, 3) if in colour.

        Raises
        ------
        ValueError
            If the data set has no such class, or not as many images of it.
        TypeError
            If its pictures have boxes or masks, and so no class of their own.
        """
        if isinstance(self.train, BoxedPart | MaskPart):
            what = "boxes" if isinstance(self.train, BoxedPart) else "a mask"
            raise TypeError(f"{self.name}: a picture with {what} has no one class; take train.images[0] and the like")
        if class_name not in self.class_names:
            raise ValueError(f"class_name: expected one of {', '.join(self.class_names)}, got {class_name!r}")
        number = self.class_names.index(class_name)
        for images, labels in (self.train, self.validation, self.test):
            found = np.flatnonzero(labels == number)
            if index < len(found):
                image = images[found[index]]
                return image[..., 0] if image.shape[-1] == 1 else image
            index -= len(found)
        raise ValueError(f"index: {self.name} has too few images of {class_name!r}")


def unit_floats(images: np.ndarray) -> np.ndarray:
    """Turn images, 8-bit or already in 0 to 1, into float32 in 0 to 1 with a channel axis."""
    images = images[..., None] if images.ndim == 3 else images
    if images.dtype.kind == "f":
        return images.astype(np.float32)
    return np.divide(images, np.float32(255), dtype=np.float32)


def resized(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Shrink or enlarge an image in floats; where it shrinks, each pixel is an average of all that it covers."""
    from PIL import Image

    if image.shape[:2] == (height, width):
        return image
    # In floats, channel by channel: Pillow knows colours only in 8 bits.
    channels = [Image.fromarray(np.ascontiguousarray(image[..., i], np.float32)) for i in range(image.shape[2])]
    made = [one.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=3) for one in channels]
    return np.stack([np.asarray(one) for one in made], axis=-1)


def shares(labels: np.ndarray, fractions: Sequence[float] = (0.7, 0.15, 0.15), seed: int = 0) -> list[np.ndarray]:
    """Divide positions 0 ... n-1 into shares, seeded, each class in the same proportions.

    A class needs at least as many members as there are shares.

    Examples
    --------
    >>> labels = np.repeat([0, 1], 20)
    >>> [len(share) for share in shares(labels)]
    [28, 6, 6]
    """
    rng = np.random.default_rng(seed)
    ends = np.cumsum(fractions)[:-1]
    parts: list[list[np.ndarray]] = [[] for _ in fractions]
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        cuts = np.round(ends * len(members)).astype(int)
        # A share of a small class is not left empty.
        first = np.arange(1, len(fractions))
        cuts = np.maximum(np.minimum(cuts, len(members) - first[::-1]), first)
        for part, chosen in zip(parts, np.split(members, cuts), strict=True):
            part.append(chosen)
    return [rng.permutation(np.concatenate(part)) for part in parts]


def divided(
    path: Path,
    images: np.ndarray,
    labels: np.ndarray,
    held_out: Part | None = None,
    names: Sequence[str] | None = None,
    at_least: int = 1,
) -> DataSet:
    """Make a reader's own images and labels into the course's form.

    Parameters
    ----------
    path : Path
        Where they come from, for messages.
    images, labels : array
        (n, height, width[, channels]), 8-bit or in 0 to 1; (n,) of any whole numbers.
    held_out : Part, optional
        Test images and labels, where they come apart from the rest.
    names : sequence of str, optional
        Class names; default: the labels themselves.
    at_least : int
        How many images each class must have. To be divided it needs one a part in any case.

    Raises
    ------
    ValueError
        If there are too few images of a class to divide them, or the held-out images do not fit the others.
    """
    values, labels = np.unique(labels, return_inverse=True)
    names = tuple(names or map(str, values.tolist()))
    counts = np.bincount(labels)
    fractions = (0.7, 0.15, 0.15) if held_out is None else (5 / 6, 1 / 6)
    if len(names) < 2:
        raise ValueError(f"{path}: expected at least 2 classes, got {len(names)} ({', '.join(names)})")
    at_least = max(at_least, len(fractions))
    if counts.min() < at_least:
        few = names[int(counts.argmin())]
        raise ValueError(f"{path}: expected at least {at_least} images of each class, got {counts.min()} of {few!r}")
    parts = [Part(images[share], labels[share]) for share in shares(labels, fractions)]
    if held_out is not None:
        if held_out.images.shape[1:] != images.shape[1:]:
            raise ValueError(
                f"{path}: expected test images of the training images' shape {images.shape[1:]}, "
                f"got {held_out.images.shape[1:]}"
            )
        if not np.isin(held_out.labels, values).all():
            strange = np.setdiff1d(held_out.labels, values)[0]
            raise ValueError(f"{path}: the test labels have {strange}, a class that the training labels lack")
        parts.append(Part(held_out.images, np.searchsorted(values, held_out.labels)))
    parts = [Part(unit_floats(part.images), part.labels) for part in parts]
    return DataSet(path.name, *parts, class_names=names, licence="your own", source=str(path))
