"""Pictures with boxes: folders in the form of Pascal VOC, and JSON files in that of COCO."""

import json
import math
import os.path
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from reprlib import repr as short
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np

from .. import arguments
from . import pictures
from .record import BoxedPart, DataSet, shares, unit_floats

ON_ERROR = ("raise", "drop")
SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp")
# The first of each is what VOC says; the others are what people make of it.
FOLDERS = (("Annotations", "annotations"), ("JPEGImages", "images"))
PARTS = {"train": ("train",), "validation": ("valid", "validation", "val"), "test": ("test",)}
LARGEST_XML = 4_000_000  # bytes; a page of five hundred boxes has a fortieth of that
SLACK = 1  # pixels that a box may stand out, for tools that count from 1 or round


class Pictures(Sequence):
    """Pictures that are read when asked for: ``pictures[3]`` is float32 in 0 to 1, (height, width, 3).

    A slice gives a list. All of a reader's photographs at once, in floats, could fill the memory.

    Parameters
    ----------
    paths : sequence of Path
    upright : sequence of bool
        Which to turn as the camera says they were held; default: all.
    """

    def __init__(self, paths: Sequence[Path], upright: Sequence[bool] | None = None):
        self.paths = list(paths)
        self.upright = [True] * len(self.paths) if upright is None else list(upright)

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        image = unit_floats(pictures.read(self.paths[index], upright=self.upright[index])[None])[0]
        return image if image.shape[2] == 3 else np.repeat(image, 3, axis=2)

    def __repr__(self) -> str:
        return f"Pictures({len(self):,} files, each read when asked for)"


def is_boxed(path: Path) -> bool:
    """Tell whether a path is that of a JSON file or of a folder with annotations in XML."""
    if path.is_dir():
        return _home(path) is not None
    return path.suffix.lower() == ".json" and path.is_file()


def load(path: Path, on_error: str = "raise", size: tuple[int, int] | None = None) -> DataSet:
    """Load pictures and their boxes.

    Of Pascal VOC's form are

    - a folder with `Annotations` (XML files) and `JPEGImages`; the lists train.txt, val.txt and test.txt in
      `ImageSets/Main` are the parts if all three are there and name something, otherwise everything is divided;
    - folders train, valid (or val, validation) and test of XML files beside their pictures; a part that is missing
      is taken out of train;
    - a folder of XML files beside their pictures;
    - a folder that holds one such folder.

    Of COCO's form is a JSON file; its pictures lie beside it, in `images`, or in a folder of its name without
    "instances_"; also one folder higher if it lies in `annotations` itself.

    What is divided is divided 70, 15 and 15 to a hundred, always the same way. The picture of an XML file is the one
    that it names, or else the one of its own name; a picture that no file describes is passed over, one that is
    described as empty is kept. Boxes are taken as they stand, though VOC itself counts pixels from 1. What VOC calls
    difficult or truncated is a box like any other; what COCO calls a crowd is left out. A box that stands out of its
    picture by up to a pixel is cut. Where the camera was held upright, boxes may be meant for the picture as it is
    shown or as it is stored: the size that the annotation gives decides. Only the heads of pictures are read.

    Parameters
    ----------
    path : Path
    on_error : "raise" or "drop"
        What to do about faults: tell them all, or leave out each box and each picture at fault and print how many.
        A picture whose boxes are all dropped remains, without boxes.
    size : (height, width), optional
        Read all pictures at once and bring them to this size, as `BoxedPart.fitted` does.

    Raises
    ------
    ValueError
        If something is wrong and `on_error` is "raise"; and always where a file leads out of the folder, XML has a
        document type or entities, JSON is not COCO's, or fewer than three pictures or no boxes are left.
    """
    arguments.one_of("on_error", on_error, ON_ERROR)
    if size is not None:
        if len(size) != 2:
            raise ValueError(f"size: expected (height, width), got {size}")
        size = tuple(arguments.integer("size", side, at_least=1) for side in size)
    faults = _Faults(path)
    found, class_names = (_voc if path.is_dir() else _coco)(path, faults)
    faults.settle(on_error)

    found = {part: scenes for part, scenes in found.items() if scenes}
    count = sum(map(len, found.values()))
    if count < 3:
        raise ValueError(f"{path}: expected at least 3 pictures with their boxes, got {count}")
    if not any(scene.names for scenes in found.values() for scene in scenes):
        raise ValueError(f"{path}: expected boxes, got {count} pictures without any")
    numbers = {name: number for number, name in enumerate(class_names)}
    parts = {part: _part(scenes, numbers) for part, scenes in _divided(path, found).items()}
    if size is not None:
        parts = {name: part.fitted(*size) for name, part in parts.items()}
    return DataSet(path.absolute().name, **parts, class_names=class_names, licence="your own", source=str(path))


class _Scene(NamedTuple):
    """A picture, its boxes, and the names of what is in them."""

    path: Path
    upright: bool
    boxes: list[tuple[float, float, float, float]]
    names: list[str]


class _Faults:
    """What is wrong with a set: found one by one, told together."""

    def __init__(self, root: Path):
        self.root = root
        self.told: list[str] = []
        self.kinds: dict[str, Counter] = {"box": Counter(), "picture": Counter()}

    def box(self, kind: str, words: str) -> None:
        self.told.append(words)
        self.kinds["box"][kind] += 1

    def picture(self, kind: str, words: str) -> None:
        self.told.append(words)
        self.kinds["picture"][kind] += 1

    def settle(self, on_error: str) -> None:
        """Raise what was found, or say what was dropped."""
        if not self.told:
            return
        if on_error == "raise":
            count = len(self.told)
            first = "".join(f"\n  {words}" for words in self.told[:5])
            more = f"\n  and {count - 5:,} more" if count > 5 else ""
            raise ValueError(
                f"{self.root}: {_counted(count, 'fault', 'faults')}; "
                f'load(..., on_error="drop") leaves out what is at fault{first}{more}'
            )
        boxes, wholes = self.kinds["box"], self.kinds["picture"]
        counts = f"{_counted(boxes.total(), 'box', 'boxes')} and {_counted(wholes.total(), 'picture', 'pictures')}"
        why = ", ".join(f"{count:,} {kind}" for kind, count in (boxes + wholes).most_common())
        print(f"{self.root}: dropped {counts} ({why})")


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _part(scenes: list[_Scene], numbers: dict[str, int]) -> BoxedPart:
    truths = [
        {
            "boxes": np.array(scene.boxes, float).reshape(-1, 4),
            "labels": np.array([numbers[name] for name in scene.names], int),
        }
        for scene in scenes
    ]
    return BoxedPart(Pictures([scene.path for scene in scenes], [scene.upright for scene in scenes]), truths)


def _divided(path: Path, found: dict[str, list[_Scene]]) -> dict[str, list[_Scene]]:
    """Take each part that is missing out of train."""
    missing = [part for part in PARTS if part not in found]
    if "train" in missing:
        raise ValueError(f"{path}: expected pictures in a part named train, got only {', '.join(found)}")
    if not missing:
        return found
    scenes = found["train"]
    if len(scenes) <= len(missing):
        raise ValueError(
            f"{path}: expected at least {len(missing) + 1} pictures in train, "
            f"to take {' and '.join(missing)} out of it, got {len(scenes)}"
        )
    fractions = (0.7, 0.15, 0.15) if len(missing) == 2 else (5 / 6, 1 / 6)
    chosen = shares(np.zeros(len(scenes), int), fractions)
    divided = {part: [scenes[i] for i in share] for part, share in zip(["train", *missing], chosen, strict=True)}
    return {part: (found | divided)[part] for part in PARTS}


def _watched(items: Sequence, what: str) -> Iterable:
    from tqdm import tqdm

    return tqdm(items, desc=f"Reading {what}", disable=len(items) < 500, leave=False, file=sys.stdout)


# Boxes and pictures -----------------------------------------------------------------------------------------------


def _number(value) -> float | None:
    """Return what an annotation means as a number, or None. JSON has numbers, XML only text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _box_fault(box: tuple, size: tuple[int, int], sides: Sequence[str]) -> tuple[str, str] | None:
    """Return what is wrong with a box, its kind and words; the sides are named as in the file."""
    for side, value in zip(sides, box, strict=True):
        if not math.isfinite(value):
            return "not finite", f"expected a finite {side}, got {value}"
    for low, high in ((0, 2), (1, 3)):
        if box[high] <= box[low]:
            kind = "inverted" if box[high] < box[low] else "empty"
            return kind, f"expected {sides[low]} < {sides[high]}, got {box[low]:g} and {box[high]:g}"
    for i, end in enumerate((*size, *size)):
        if not -SLACK <= box[i] <= end + SLACK:
            return "outside the picture", f"expected {sides[i]} in 0 to {end}, got {box[i]:g}"
    cut = _cut(box, size)
    if cut[0] == cut[2] or cut[1] == cut[3]:
        return "outside the picture", f"expected a box inside {size[0]} x {size[1]} pixels, got {short(list(box))}"
    return None


def _cut(box: tuple, size: tuple[int, int]) -> tuple:
    return tuple(min(max(value, 0.0), float(end)) for value, end in zip(box, (*size, *size), strict=True))


class _SizeError(ValueError):
    pass


def _look(path: Path, stated: tuple) -> tuple[tuple[int, int], bool]:
    """Return a picture's width and height, and whether it is to be turned upright."""
    from PIL import Image

    try:
        with Image.open(path) as opened:
            stored = opened.size
            # In a PNG whose head has none, Pillow would look behind the pixels, and so unpack all of them.
            has = opened.format != "PNG" or "exif" in opened.info
            orientation = opened.getexif().get(0x0112, 1) if has else 1
    except Exception as error:  # a damaged picture makes Pillow raise nearly anything
        raise ValueError(f"expected a picture, got {error}") from error
    turned = orientation in range(2, 9)
    shown = stored[::-1] if orientation in range(5, 9) else stored
    stated = tuple(_number(side) for side in stated)
    # Many tools write no size, or 0.
    if not all(stated) or stated == shown:
        return shown, turned
    if stated == stored:
        return stored, False
    raise _SizeError(f"expected the picture's, {shown[0]} x {shown[1]}, got {stated[0]:g} x {stated[1]:g}")


def _refuse_ways_out(where: str, name: str) -> None:
    if Path(name).is_absolute() or ".." in name.replace("\\", "/").split("/"):
        raise ValueError(f"{where}: expected a picture inside the folder, got {short(name)}, which leads out of it")


def _first_file(folders: Iterable[Path], name: str, root: Path) -> Path | None:
    # os.path's isfile, unlike a Path's, takes any name, however strange, for that of no file.
    found = next((folder / name for folder in folders if os.path.isfile(folder / name)), None)
    return found and pictures.contained(found, root)


class _Looker:
    """Looks at each picture once, and says what is wrong with it."""

    def __init__(self, faults: _Faults):
        self.faults = faults
        self.seen: dict[Path, str] = {}

    def __call__(self, where: str, field: str, path: Path, stated: tuple) -> tuple[tuple[int, int], bool] | None:
        by = self.seen.setdefault(path.resolve(), where)
        if by != where:
            words = f"{where}: {field}: expected a picture of its own, got {short(path.name)}, which {by} has"
            return self.faults.picture("described twice", words)
        try:
            return _look(path, stated)
        except _SizeError as error:
            return self.faults.picture("of another size", f"{where}: size: {error}")
        except ValueError as error:
            return self.faults.picture("unreadable", f"{where}: {field}: {error}")


# Pascal VOC -------------------------------------------------------------------------------------------------------


def _is_xml(path: Path) -> bool:
    return path.suffix.lower() == ".xml" and not path.name.startswith(".") and path.is_file()


def _voc_folders(folder: Path) -> tuple[Path, Path] | None:
    """Return the folder of XML files and that of pictures."""
    both = tuple(next((folder / name for name in names if (folder / name).is_dir()), None) for names in FOLDERS)
    annotations, images = both
    images = images or folder / FOLDERS[1][0]
    is_voc = annotations and ((folder / "JPEGImages").is_dir() or any(map(_is_xml, annotations.iterdir())))
    return (annotations, images) if is_voc else None


def _part_folders(folder: Path) -> dict[str, Path]:
    """Return the folders of parts that have XML files."""
    named = ((part, folder / name) for part, names in PARTS.items() for name in names)
    found = {}
    for part, path in named:
        if path.is_dir() and any(map(_is_xml, path.iterdir())):
            if part in found:
                raise ValueError(f"{folder}: expected one folder for {part}, got {found[part].name} and {path.name}")
            found[part] = path
    return found


def _home(folder: Path) -> Path | None:
    """Return the folder, or the only one in it, if it has annotations in XML."""
    inside = [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
    for one in (folder, *inside) if len(inside) == 1 else (folder,):
        if _voc_folders(one) or _part_folders(one) or any(map(_is_xml, one.iterdir())):
            return one
    return None


def _voc(root: Path, faults: _Faults) -> tuple[dict[str, list[_Scene]], tuple[str, ...]]:
    home = _home(root)
    if home is None:
        raise ValueError(f"{root}: expected annotations in XML, got none")
    home = pictures.contained(home, root)
    looker = _Looker(faults)
    if _voc_folders(home):
        annotations, images = _voc_folders(home)
        if not images.is_dir():
            raise ValueError(f"{home}: expected the pictures in a folder {images.name}, got no such folder")
        files = {file.stem: file for file in pictures.inside(annotations, root) if _is_xml(file)}
        lists = _lists(home / "ImageSets/Main", root, files, faults) or {"train": list(files.values())}
        found = {part: _scenes(files, images, root, looker) for part, files in lists.items()}
    else:
        folders = _part_folders(home) or {"train": home}
        found = {}
        for part, folder in folders.items():
            files = [file for file in pictures.inside(pictures.contained(folder, root), root) if _is_xml(file)]
            found[part] = _scenes(files, folder, root, looker)
    return found, tuple(sorted({name for scenes in found.values() for scene in scenes for name in scene.names}))


def _lists(folder: Path, root: Path, files: dict[str, Path], faults: _Faults) -> dict[str, list[Path]] | None:
    """Return the annotations that each list names, if there are lists for all three parts."""
    named = {}
    for part, name in (("train", "train.txt"), ("validation", "val.txt"), ("test", "test.txt")):
        path = folder / name
        if not path.is_file():
            return None
        lines = pictures.contained(path, root).read_text("utf-8-sig", errors="replace").splitlines()
        named[part] = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
        if not named[part]:
            return None
    lists, part_of = {part: [] for part in named}, {}
    for part, names in named.items():
        for name in names:
            where = (folder / f"{'val' if part == 'validation' else part}.txt").relative_to(root)
            file = files.get(name) or files.get(Path(name).stem)
            if file is None:
                faults.picture("without annotation", f"{where}: expected names of XML files, got {short(name)}")
            elif part_of.setdefault(file, part) != part:
                words = f"{where}: expected each picture in one part, got {short(name)}, which is in {part_of[file]}"
                faults.picture("in two parts", words)
            elif file not in lists[part]:
                lists[part].append(file)
    return lists


def _scenes(files: Sequence[Path], folder: Path, root: Path, looker: _Looker) -> list[_Scene]:
    """Read annotations and look at their pictures, which are in a folder."""
    suffixed = [path for path in pictures.inside(folder, root) if path.suffix.lower() in SUFFIXES]
    by_stem = {path.stem: path for path in reversed(suffixed)}
    return [
        scene
        for file in _watched(files, "annotations")
        if (scene := _scene(file, folder, by_stem, root, looker)) is not None
    ]


def _scene(file: Path, folder: Path, by_stem: dict[str, Path], root: Path, looker: _Looker) -> _Scene | None:
    where, faults = str(file.relative_to(root)), looker.faults
    try:
        tree = _tree(file)
    except _DoctypeError as error:
        raise ValueError(f"{file}: {error}") from None
    except (OSError, ElementTree.ParseError, ValueError, LookupError) as error:
        return faults.picture("with damaged XML", f"{where}: expected an annotation in XML, got {error}")

    name = (tree.findtext("filename") or "").strip()
    _refuse_ways_out(where, name)
    path = (_first_file([folder], name, root) if name else None) or by_stem.get(file.stem)
    if path is None:
        words = f"{where}: filename: expected a picture in {folder.name}, got no file {short(name or file.stem)}"
        return faults.picture("missing", words)
    looked = looker(where, "filename", path, (tree.findtext("size/width"), tree.findtext("size/height")))
    if looked is None:
        return None
    size, upright = looked
    scene = _Scene(path, upright, [], [])
    for number, thing in enumerate(tree.findall("object"), 1):
        fault = _add_object(thing, size, scene)
        if fault:
            faults.box(fault[0], f"{where}: object {number}, {fault[1]}")
    return scene


def _add_object(thing: ElementTree.Element, size: tuple[int, int], scene: _Scene) -> tuple[str, str] | None:
    """Add an object to a scene, or return what is wrong with it."""
    sides = ("xmin", "ymin", "xmax", "ymax")
    texts = [thing.findtext(f"bndbox/{side}") for side in sides]
    if None in texts:
        return "incomplete", f"bndbox: expected {', '.join(sides)}, got no {sides[texts.index(None)]}"
    box = tuple(map(_number, texts))
    if None in box:
        first = box.index(None)
        return "not numbers", f"bndbox: expected a number as {sides[first]}, got {short(texts[first])}"
    fault = _box_fault(box, size, sides)
    if fault:
        return fault[0], f"bndbox: {fault[1]}"
    name = (thing.findtext("name") or "").strip()
    if not name:
        return "without name", "name: expected the name of a class, got none"
    scene.boxes.append(_cut(box, size))
    scene.names.append(name)
    return None


class _DoctypeError(Exception):
    pass


class _Builder(ElementTree.TreeBuilder):
    def doctype(self, *_) -> None:
        # Raised before anything in it is read: entities that fetch files or grow without end are declared there.
        raise _DoctypeError("expected XML without document type and entities, got a <!DOCTYPE>")


def _tree(file: Path) -> ElementTree.Element:
    with open(file, "rb") as opened:
        content = opened.read(LARGEST_XML + 1)
    if len(content) > LARGEST_XML:
        raise ValueError(f"more than {LARGEST_XML:,} bytes")
    tree = ElementTree.fromstring(content, ElementTree.XMLParser(target=_Builder()))
    if tree.tag != "annotation":
        raise ValueError(f"<{short(tree.tag)[1:-1]}> in the place of <annotation>")
    return tree


# COCO -------------------------------------------------------------------------------------------------------------


def _coco(file: Path, faults: _Faults) -> tuple[dict[str, list[_Scene]], tuple[str, ...]]:
    try:
        content = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"{file}: expected JSON, got {error}") from error
    keys = ("images", "annotations", "categories")
    if not isinstance(content, dict) or not all(_is_list_of_dicts(content.get(key)) for key in keys):
        came = ", ".join(map(short, list(content)[:5])) if isinstance(content, dict) else f"a {type(content).__name__}"
        raise ValueError(f"{file}: expected COCO's lists {', '.join(keys)}, got {came or 'nothing'}")
    classes = _categories(file, content["categories"])
    # Two categories of one name are one class.
    class_names = tuple(dict.fromkeys(classes.values()))
    scenes, sizes = _coco_pictures(file, content["images"], faults)
    for number, entry in enumerate(content["annotations"]):
        # Numbers and names only: a list, say, cannot be looked up.
        image = entry.get("image_id") if isinstance(entry.get("image_id"), int | str) else None
        where = f"{file.name}: annotations[{number}]"
        if image not in sizes:
            faults.box(
                "of unknown image", f"{where}, image_id: expected an image's, got {short(entry.get('image_id'))}"
            )
        elif image in scenes and entry.get("iscrowd") not in (1, True):
            fault = _add_annotation(entry, classes, sizes[image], scenes[image])
            if fault:
                faults.box(fault[0], f"{where}, {fault[1]}")
    return {"train": list(scenes.values())}, class_names


def _is_list_of_dicts(value) -> bool:
    return isinstance(value, list) and all(isinstance(entry, dict) for entry in value)


def _categories(file: Path, entries: list[dict]) -> dict[int, str]:
    """Return the name of each category, in the order of their numbers."""
    classes = {}
    for number, entry in enumerate(entries):
        key, name = entry.get("id"), entry.get("name")
        if isinstance(key, bool) or not isinstance(key, int) or key in classes:
            raise ValueError(f"{file}: categories[{number}], id: expected a whole number of its own, got {short(key)}")
        if not isinstance(name, str) or not name.strip():
            raise ValueError(f"{file}: categories[{number}], name: expected a name, got {short(name)}")
        classes[key] = name.strip()
    return dict(sorted(classes.items()))


def _coco_folders(file: Path) -> Iterator[Path]:
    inner = ("", "images", file.stem.removeprefix("instances_"))
    for folder in (file.parent, file.parent.parent)[: 2 if file.absolute().parent.name == "annotations" else 1]:
        yield from (folder / name for name in inner)


def _coco_pictures(file: Path, entries: list[dict], faults: _Faults) -> tuple[dict[int | str, _Scene], dict]:
    """Look at the pictures; return the good ones, and the size of each that there is, None of one at fault."""
    # Without a name like "..", paths are not made shorter: a relative one has its parents spelled out.
    file = file.absolute()
    folders = list(_coco_folders(file))
    root, looker = folders[-1].parent, _Looker(faults)
    scenes, sizes = {}, {}
    for number, entry in enumerate(_watched(entries, "pictures")):
        where, key, name = f"{file.name}: images[{number}]", entry.get("id"), entry.get("file_name")
        if isinstance(key, bool) or not isinstance(key, int | str):
            faults.picture("without id", f"{where}, id: expected a number or a name, got {short(key)}")
            continue
        if key in sizes:
            faults.picture("of an id that another has", f"{where}, id: expected one of its own, got {short(key)}")
            continue
        sizes[key] = None
        if isinstance(name, str):
            _refuse_ways_out(f"{file}: images[{number}], file_name", name)
        path = _first_file(folders, name, root) if isinstance(name, str) and name else None
        if path is None:
            faults.picture("missing", f"{where}, file_name: expected a picture beside {file.name}, got {short(name)}")
            continue
        looked = looker(where, "file_name", path, (entry.get("width"), entry.get("height")))
        if looked is not None:
            sizes[key], upright = looked
            scenes[key] = _Scene(path, upright, [], [])
    return scenes, sizes


def _add_annotation(entry: dict, classes: dict, size: tuple[int, int], scene: _Scene) -> tuple[str, str] | None:
    """Add an annotation to a scene, or return what is wrong with it."""
    given = entry.get("bbox")
    if not isinstance(given, list) or len(given) != 4:
        return "incomplete", f"bbox: expected x, y, width, height, got {short(given)}"
    numbers = [None if isinstance(value, str) else _number(value) for value in given]
    if None in numbers:
        return "not numbers", f"bbox: expected four numbers, got {short(given)}"
    x, y, width, height = numbers
    # Two sums; keras.utils.bounding_boxes has them too, and takes seconds to be imported.
    box = (x, y, x + width, y + height)
    fault = _box_fault(box, size, ("x", "y", "x + width", "y + height"))
    if fault:
        return fault[0], f"bbox: {fault[1]}"
    key = entry.get("category_id")
    if not isinstance(key, int) or key not in classes:
        return "of unknown category", f"category_id: expected a category's, got {short(key)}"
    scene.boxes.append(_cut(box, size))
    scene.names.append(classes[key])
    return None
