"""A reader's own images with boxes: folders in the form of Pascal VOC, and JSON files in that of COCO."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from . import pictures
from .record import BoxedPart, DataSet, progress, split

SLACK = 1  # pixels that a box may reach beyond its image, for tools that count from 1 or round


class Pictures(Sequence):
    """Images that are read when asked for: a reader's photographs, all at once in floats, could fill the memory."""

    def __init__(self, paths: Sequence[Path]):
        self.paths = paths

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> np.ndarray:
        image = pictures.read(self.paths[index])
        return np.broadcast_to(image, (*image.shape[:2], 3))


class Described(NamedTuple):
    """What a file says of one image: its width and height if they are known, and for each box where it is written."""

    path: Path
    size: tuple[int, int]
    boxes: list[tuple[str, str, tuple[float, float, float, float]]]  # where, class name, x1, y1, x2, y2


def is_boxed(path: Path) -> bool:
    """Tell whether a path is a JSON file or a folder with annotations in XML."""
    if path.is_file():
        return path.suffix.lower() == ".json"
    return (path / "Annotations").is_dir() or any(path.glob("*.xml"))


def load(path: Path, on_error: str = "raise", size: tuple[int, int] | None = None) -> DataSet:
    """Load images and their boxes.

    Of Pascal VOC's form is a folder with `Annotations` (XML files) and `JPEGImages`, or a folder with XML files and
    images. An image and its XML file have the same name, up to the ending; an image without one is passed over.
    Of COCO's form is a JSON file; its images lie in the same folder or in `images` beside it. Crowds are left out.

    Images are divided 70, 15 and 15 to a hundred, always the same way. Boxes are taken as they stand, though VOC
    itself counts pixels from 1; one that reaches beyond its image by up to a pixel is cut.

    Parameters
    ----------
    on_error : "raise" or "drop"
        Refuse boxes that are empty, inverted or outside their image, or leave them out and print how many.
    size : (height, width), optional
        Read all images at once and resize them, as `BoxedPart.fitted` does.
    """
    described, class_names = (read_voc if path.is_dir() else read_coco)(path)
    if len(described) < 3:
        raise ValueError(f"{path}: expected at least 3 images with their boxes, got {len(described)}")
    truths, faults = [], []
    for picture in progress(described, "Reading sizes"):
        ends = np.array(_size(picture) * 2)
        boxes, labels = [], []
        for where, name, box in picture.boxes:
            cut = np.clip(box, 0, ends)
            # Both are false for NaN.
            if (cut[:2] < cut[2:]).all() and (np.abs(cut - box) <= SLACK).all():
                boxes.append(cut)
                labels.append(class_names.index(name))
            else:
                faults.append(
                    f"{where}: expected 0 <= xmin < xmax <= {ends[0]} and 0 <= ymin < ymax <= {ends[1]}, got {box}"
                )
        boxes = np.array(boxes, np.float32).reshape(-1, 4)
        truths.append({"boxes": boxes, "labels": np.array(labels, int)})
    if faults:
        count = f"{len(faults)} box{'es' * (len(faults) > 1)}"
        if on_error == "raise":
            raise ValueError(f'{faults[0]} ({count} in all; on_error="drop" leaves them out)')
        print(f"{path}: dropped {count}, such as {faults[0]}")
    if not any(len(truth["labels"]) for truth in truths):
        raise ValueError(f"{path}: expected boxes, got {len(truths)} images without any")
    parts = []
    for chosen in split(np.zeros(len(described), int)):
        part = BoxedPart(Pictures([described[i].path for i in chosen]), [truths[i] for i in chosen])
        parts.append(part.fitted(*size) if size else part)
    return DataSet(path.absolute().name, *parts, class_names=class_names)


def same_size(scenes: DataSet) -> tuple[BoxedPart, BoxedPart]:
    """Training and test images of one size, divisible by 8. A reader's own get a small object of 14 pixels."""
    if scenes.name == "scenes":
        return scenes.train, scenes.test
    sides = np.concatenate([(one["boxes"][:, 2:] - one["boxes"][:, :2]).max(axis=1) for one in scenes.train.truths])
    largest = np.max([image.shape[:2] for image in scenes.train.images], axis=0)
    scale = min(14 / np.quantile(sides, 0.05), 160 / largest.max())
    size = np.ceil(scale * largest / 8).astype(int) * 8
    print(f"Images resized to {size[0]}x{size[1]} pixels.")
    return scenes.train.fitted(*size), scenes.test.fitted(*size)


def _size(picture: Described) -> tuple[int, int]:
    """Return the width and height of an image held upright; only its head is read."""
    from PIL import Image

    try:
        with Image.open(picture.path) as opened:
            turned = opened.getexif().get(0x0112, 1) >= 5  # the camera's orientation
            size = opened.size[::-1] if turned else opened.size
    except Exception as error:  # a damaged image makes Pillow raise nearly anything
        raise ValueError(f"{picture.path}: expected an image, got {error}") from error
    # Boxes for an image that was resized or turned would be silently wrong. Many tools write no size, or 0.
    if all(picture.size) and picture.size != size:
        raise ValueError(f"{picture.path}: expected the size in its annotation, {picture.size}, got {size}")
    return size


def read_voc(folder: Path) -> tuple[list[Described], tuple[str, ...]]:
    """Read XML files, and return what they describe and the names of the classes."""
    from defusedxml import ElementTree

    annotations, images = folder / "Annotations", folder / "JPEGImages"
    if not annotations.is_dir():
        annotations = images = folder
    if not images.is_dir():
        raise ValueError(f"{images}: expected the folder of images, got no folder")
    files = pictures.by_stem(images)
    described = []
    for file in progress(sorted(annotations.glob("[!.]*.xml")), "Reading annotations"):
        if file.stem not in files:
            raise ValueError(f"{file}: expected an image of the same name in {images}, got none")
        try:
            tree = ElementTree.parse(file, forbid_dtd=True)
            size = tuple(int(tree.findtext(f"size/{side}") or 0) for side in ("width", "height"))
            boxes = []
            for number, thing in enumerate(tree.findall("object"), 1):
                box = tuple(float(thing.find("bndbox").findtext(side)) for side in ("xmin", "ymin", "xmax", "ymax"))
                boxes.append((f"{file}: object {number}", thing.findtext("name").strip(), box))
        except (ElementTree.ParseError, ValueError, TypeError, AttributeError, LookupError) as error:
            raise ValueError(f"{file}: expected an annotation in the form of Pascal VOC, got {error!r}") from error
        described.append(Described(files[file.stem], size, boxes))
    return described, tuple(sorted({name for picture in described for _, name, _ in picture.boxes}))


def read_coco(file: Path) -> tuple[list[Described], tuple[str, ...]]:
    """Read a JSON file, and return what it describes and the names of the classes."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        names = {entry["id"]: entry["name"] for entry in sorted(content["categories"], key=lambda entry: entry["id"])}
        described = {}
        for entry in content["images"]:
            beside, inner = file.parent / entry["file_name"], file.parent / "images" / entry["file_name"]
            size = entry.get("width") or 0, entry.get("height") or 0
            described[entry["id"]] = Described(beside if beside.is_file() else inner, size, [])
        for number, entry in enumerate(content["annotations"]):
            if not entry.get("iscrowd"):
                x, y, width, height = entry["bbox"]
                box = (f"{file}: annotations[{number}]", names[entry["category_id"]], (x, y, x + width, y + height))
                described[entry["image_id"]].boxes.append(box)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{file}: expected images, annotations and categories as COCO has them, got {error!r}"
        ) from error
    return list(described.values()), tuple(dict.fromkeys(names.values()))
