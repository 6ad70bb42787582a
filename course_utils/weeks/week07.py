"""Week 7: the checks of its exercises, and the windows, targets and mistakes of its detector."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from .. import metrics, plots, training
from ..byhand.boxes import iou
from ..data.record import BoxedPart, DataSet
from ..judge import Check

FIELD, STRIDE, PAD = 48, 8, 16  # pixels: side of the window, its stride, and the border around each image
SMALLEST, LARGEST = 14, 44  # pixels: the longer side of an object that fits the window


def _as_kernel(weights, rows, columns, channels):
    """A dense layer's weights as the kernel of a convolution: rows, columns, channels, units."""
    return weights.reshape(rows, columns, channels, -1)


as_kernel = Check(
    _as_kernel,
    cases=[(np.arange(120.0).reshape(24, 5), 2, 3, 4), (np.arange(30.0).reshape(10, 3), 2, 5, 1)],
    mistakes={
        "the shape is right, but the order within it is not. `Flatten` lists all channels of a position, then goes on "
        "along the row.": lambda w, r, c, k: w.reshape(k, r, c, -1).transpose(1, 2, 0, 3),
    },
    praise="a new shape, and not one weight has changed.",
)


def _suppress(boxes, scores, overlap, *, drops=np.greater, compared=lambda kept, before: kept):
    """Positions of the boxes that non-maximum suppression keeps, the best first."""
    overlaps, kept, before = iou(boxes, boxes), [], []
    for i in np.argsort(-scores, kind="stable"):
        if not any(drops(overlaps[i, j], overlap) for j in compared(kept, before)):
            kept.append(int(i))
        before.append(int(i))
    return kept


# The second box overlaps both its neighbours, which overlap each other only a little.
_CHAIN = np.array([[0, 0, 10, 10], [3, 0, 13, 10], [6, 0, 16, 10], [40, 40, 50, 50], [41, 40, 51, 50.0]])
_CORNERS = np.random.default_rng(7).integers(0, 30, (12, 2))
_SIZES = np.random.default_rng(8).integers(8, 20, (12, 2))

suppress = Check(
    _suppress,
    cases=[
        (_CHAIN[:3], np.array([0.7, 0.8, 0.9]), 0.4),
        (_CHAIN, np.array([0.9, 0.8, 0.7, 0.6, 0.5]), 0.4),
        (_CHAIN, np.array([0.5, 0.9, 0.3, 0.2, 0.6]), 0.2),
        (np.array([[0, 0, 10, 10], [0, 0, 10, 5], [5, 0, 10, 10.0]]), np.array([0.4, 0.9, 0.7]), 0.5),
        (np.hstack([_CORNERS, _CORNERS + _SIZES]) * 1.0, np.random.default_rng(9).permutation(12) / 13, 0.3),
    ],
    mistakes={
        "a box that was dropped can drop no other: compare a box only with those kept before it.": {
            "compared": lambda kept, before: before
        },
        "a box is dropped if it overlaps a kept one by more than the threshold. It stays if it overlaps by just as "
        "much.": {"drops": np.greater_equal},
        "every kept box can drop another, not only one of them: compare with all.": [
            {"compared": lambda kept, before: kept[:1]},
            {"compared": lambda kept, before: kept[-1:]},
        ],
        "return positions in the list as it was given, not in a sorted one.": (
            lambda b, s, o: np.flatnonzero(np.isin(np.argsort(-s), _suppress(b, s, o))).tolist()
        ),
    },
    praise="from here on your function decides which boxes the detector keeps.",
)


def _precision_recall(hits, objects, *, right=np.cumsum, count=lambda hits, n: np.arange(1, len(hits) + 1)):
    """Precision and recall after each detection."""
    return right(hits) / count(hits, objects), right(hits) / objects


precision_recall = Check(
    _precision_recall,
    cases=[
        (np.array([True, False, True]), 4),
        (np.array([True, True, False, True, False, False, True]), 6),
        (np.array([True]), 2),
    ],
    results=("precision", "recall"),
    mistakes={
        "precision is a fraction of the detections so far: divide by their number.": [
            {"count": lambda hits, n: len(hits)},
            {"count": lambda hits, n: n},
        ],
        "that looks at each detection on its own. Add up the hits from the first one on.": {"right": np.asarray},
    },
    praise="precision can rise and fall; recall never falls.",
)


def prepare(scenes: DataSet) -> tuple[BoxedPart, BoxedPart, BoxedPart, int]:
    """Training, validation and test images whose objects fit the window, and the number of pyramid levels.

    A reader's own images are resized so that their small objects have 14 pixels. What is then too large for the window
    is looked for in images of half the size, a quarter, and so on.
    """
    if scenes.name == "scenes":
        return scenes.train, scenes.validation, scenes.test, 1
    side = np.concatenate(
        [(truth["boxes"][:, 2:] - truth["boxes"][:, :2]).max(axis=1) for truth in scenes.train.truths]
    )
    shapes = np.array([image.shape[:2] for image in scenes.train.images])
    largest = shapes.max(axis=0)
    memory = np.sqrt(4e8 / (12 * len(shapes) * largest.prod()))  # 400 MB of images, 12 bytes a pixel
    scale = min(SMALLEST / np.quantile(side, 0.05), 416 / largest.max(), memory)
    size = np.ceil(scale * largest / 16).astype(int) * 16
    levels = 1 + int(max(0, np.ceil(np.log2(scale * side.max() / LARGEST))))
    print(f"Images resized to {size[0]}x{size[1]} pixels, {levels} level{'s' * (levels > 1)} in the pyramid.")
    train, validation, test = (part.fitted(*size) for part in (scenes.train, scenes.validation, scenes.test))
    images, truths, level = [], [], train.images
    for k in range(levels):
        images += list(level)
        for truth in train.truths:
            boxes = truth["boxes"] / 2**k
            longer = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0)
            fits = (longer <= LARGEST) & ((longer > LARGEST / 2) | (k == 0))
            truths.append({"boxes": boxes[fits], "labels": truth["labels"][fits]})
        level = halve(level)
    return BoxedPart(images, truths), validation, test, levels


def crop(image: np.ndarray, centre, side: int) -> tuple[np.ndarray, np.ndarray]:
    """A square window around a centre (x, y), grey beyond the image, and its upper left corner (x, y)."""
    x, y = (int(np.rint(position)) - side // 2 for position in centre)
    window = np.full((side, side, image.shape[2]), 0.5, np.float32)
    inside = image[max(0, y) : max(0, y + side), max(0, x) : max(0, x + side)]
    window[max(0, -y) :, max(0, -x) :][: inside.shape[0], : inside.shape[1]] = inside
    return window, np.array([x, y])


def halve(images: np.ndarray) -> np.ndarray:
    """Images (n, height, width, channels) at half their size: means of 2x2 pixels."""
    count, height, width, channels = images.shape
    even = images[:, : height // 2 * 2, : width // 2 * 2]
    return even.reshape(count, height // 2, 2, width // 2, 2, channels).mean(axis=(2, 4))


def add_border(images: np.ndarray) -> np.ndarray:
    """Images with a grey border of 16 pixels, a little more where the stride does not divide their size."""
    after = [(PAD, PAD + -length % STRIDE) for length in images.shape[1:3]]
    return np.pad(images, [(0, 0), *after, (0, 0)], constant_values=0.5)


def window_centres(height: int, width: int) -> np.ndarray:
    """The centre (x, y) of each window of an image with its border: (rows, columns, 2) in pixels of the image."""
    last = ((length + -length % STRIDE) + PAD - FIELD // 2 for length in (height, width))
    y, x = (np.arange(FIELD // 2 - PAD, end + 1, STRIDE, dtype=np.float32) for end in last)
    return np.stack(np.meshgrid(x, y), axis=-1)


def light_up(image: np.ndarray, values: np.ndarray) -> np.ndarray:
    """An image, dark except around the window centres with high values; these (rows, columns) are from 0 to 1."""
    first = FIELD // 2 - PAD - STRIDE // 2  # where the square around the first centre begins
    light = np.pad(np.kron(values, np.ones((STRIDE, STRIDE))), [(first, length) for length in image.shape[:2]])
    return image * (0.45 + 0.55 * light[: image.shape[0], : image.shape[1], None])


def targets(middles: np.ndarray, truth: Mapping, classes: int) -> np.ndarray:
    """What windows with these centres (..., 2) should output, (..., 1 + classes + 4): for the smallest object near."""
    result = np.zeros((*middles.shape[:-1], 1 + classes + 4), np.float32)
    if len(truth["boxes"]):
        sizes = truth["boxes"][:, 2:] - truth["boxes"][:, :2]
        away = truth["boxes"].reshape(-1, 2, 2).mean(axis=1) - middles[..., None, :]
        near = (np.abs(away) <= np.maximum(STRIDE / 2, sizes / 4)).all(axis=-1)
        there = near.any(axis=-1)
        chosen = np.where(near[there], sizes.prod(axis=1), np.inf).argmin(axis=-1)
        rows = result[there]
        rows[:, 0] = rows[np.arange(len(rows)), 1 + truth["labels"][chosen]] = 1
        rows[:, -4:-2] = away[there][np.arange(len(rows)), chosen, ::-1] / FIELD
        rows[:, -2:] = np.sqrt(sizes[chosen, ::-1] / FIELD)
        result[there] = rows
    return result


def centre(box: np.ndarray) -> np.ndarray:
    """The centre (x, y) of a box."""
    return box.reshape(2, 2).mean(axis=0)


def anywhere(part: BoxedPart, count: int, rng) -> np.ndarray:
    """Random places: rows of image number, x and y."""
    numbers = rng.integers(len(part.images), size=count)
    return np.array([(i, *rng.uniform(0, part.images[i].shape[1::-1])) for i in numbers])


def cut_windows(part: BoxedPart, places: np.ndarray, classes: int, rng, recolour: bool) -> tuple:
    """Windows (n, 48, 48, 3) around places, rows of image number, x and y, and their targets.

    With `recolour` colours are exchanged and inverted at random; otherwise only the light changes.
    """
    windows, wanted = [], []
    for number, *middle in places:
        window, corner = crop(part.images[int(number)], middle, FIELD)
        if recolour:
            windows.append(training.recoloured(window, rng))
        else:
            windows.append(np.clip(window * rng.uniform(0.8, 1.2), 0, 1))
        wanted.append(targets(corner[None] + FIELD / 2, part.truths[int(number)], classes))
    return np.stack(windows), np.concatenate(wanted)


def over_levels(candidates: Callable, images: np.ndarray, levels: int, threshold=0.05) -> Iterator[tuple]:
    """For each image, boxes (n, 4) and class scores (n, classes) above the threshold, of all levels of its pyramid."""
    batch = max(1, 300_000 // images[0, ..., 0].size)  # images at once, as many as fit into memory
    for first in range(0, len(images), batch):
        level, parts = images[first : first + batch], []
        for k in range(levels):
            boxes, scores = candidates(level)
            parts.append((2**k * boxes, scores))
            level = halve(level)
        height, width = images.shape[1:3]
        for boxes, scores in zip(*(np.concatenate(part, axis=1) for part in zip(*parts, strict=True)), strict=True):
            likely = np.argsort(-scores.max(axis=1), kind="stable")[:1000]
            likely = likely[scores[likely].max(axis=1) > threshold]
            yield np.clip(boxes[likely], 0, [width, height, width, height]), scores[likely]


def mistakes(truths: Sequence[Mapping], detections: Sequence[Mapping]) -> dict[str, list]:
    """By kind, (image number, box) of each mistake, the highest score first."""
    kinds = {"wrong class": [], "duplicate/inexact": [], "no object": [], "missed": []}
    by_class, by_box = metrics.matches(truths, detections), metrics.matches(truths, detections, by_class=False)
    for i, (truth, found) in enumerate(zip(truths, detections, strict=True)):
        overlap = iou(found["boxes"], truth["boxes"]).max(axis=1, initial=0)
        for k in np.flatnonzero(by_class[i] < 0):
            near = "duplicate/inexact" if overlap[k] >= 0.3 else "no object"
            kind = "wrong class" if by_box[i][k] >= 0 else near
            kinds[kind].append((found["scores"][k], i, found["boxes"][k]))
        for k in set(range(len(truth["boxes"]))) - set(by_box[i]):
            kinds["missed"].append((0, i, truth["boxes"][k]))
    return {kind: [entry[1:] for entry in sorted(entries, key=lambda one: -one[0])] for kind, entries in kinds.items()}


def show_crops(images, truths: Sequence[Mapping], entries: Sequence[tuple], title: str, detections=()) -> None:
    """Crops around up to six (image number, box), with the ground truth and the box, or all detections."""
    crops = []
    for i, box in entries[:6]:
        window, corner = crop(images[i], centre(box), max(FIELD, int(1.5 * (box[2:] - box[:2]).max())))
        shift = np.tile(corner, 2)
        found = detections[i]["boxes"] if len(detections) else box[None]
        crops.append((window, {"boxes": truths[i]["boxes"] - shift}, {"boxes": found - shift}))
    if crops:
        plots.boxes(*zip(*crops, strict=True), title=title, key=("ground truth", "detection"))
