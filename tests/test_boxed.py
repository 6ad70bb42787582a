"""A reader's own pictures with boxes: Pascal VOC and COCO, good, bad and hostile."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from course_utils import data
from course_utils.data import boxed
from course_utils.data.record import BoxedPart, Part

WIDTH, HEIGHT = 40, 30
PARTS = ("train", "validation", "test")


def paint(path, shade=0, size=(WIDTH, HEIGHT)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (shade, shade, shade)).save(path)


def thing(name="cat", box=(5, 6, 20, 16)):
    sides = "".join(
        f"<{side}>{value}</{side}>" for side, value in zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)
    )
    return f"<object><name>{name}</name><difficult>1</difficult><bndbox>{sides}</bndbox></object>"


def write_xml(path, objects, filename=None, size=(WIDTH, HEIGHT)):
    path.parent.mkdir(parents=True, exist_ok=True)
    filename = f"{path.stem}.png" if filename is None else filename
    stated = f"<size><width>{size[0]}</width><height>{size[1]}</height><depth>3</depth></size>" if size else ""
    path.write_text(f"<annotation><filename>{filename}</filename>{stated}{''.join(objects)}</annotation>")


def scene(i):
    """What is in picture i: nothing, or up to two things."""
    return [("dog", (i, 1, i + 9, 12)), ("cat", (2.5, 3, 30, 20.25))][: i % 3]


def write_pairs(folder, numbers):
    for i in numbers:
        paint(folder / f"p{i:02}.png", shade=10 * i)
        write_xml(folder / f"p{i:02}.xml", [thing(*one) for one in scene(i)])


def write_voc(root, numbers=range(10), names=("Annotations", "JPEGImages")):
    for i in numbers:
        paint(root / names[1] / f"p{i:02}.png", shade=10 * i)
        write_xml(root / names[0] / f"p{i:02}.xml", [thing(*one) for one in scene(i)])
    return root


def coco_content(numbers=range(10)):
    ids = {"cat": 3, "dog": 17}
    annotations = [
        {"id": 100 + i, "image_id": i, "category_id": ids[name], "bbox": [x, y, x2 - x, y2 - y], "iscrowd": 0}
        for i in numbers
        for name, (x, y, x2, y2) in scene(i)
    ]
    images = [{"id": i, "file_name": f"p{i:02}.png", "width": WIDTH, "height": HEIGHT} for i in numbers]
    categories = [{"id": number, "name": name} for name, number in reversed(ids.items())]
    return {"images": images, "annotations": annotations, "categories": categories}


def write_coco(root, content=None, name="instances_own.json", pictures="images", numbers=range(10)):
    for i in numbers:
        paint(root / pictures / f"p{i:02}.png", shade=10 * i)
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(json.dumps(coco_content(numbers) if content is None else content))
    return root / name


def shades(part):
    """The number of each picture, told by its shade."""
    return [round(float(image.mean()) * 25.5) for image in part.images]


def all_truths(d):
    return [truth for part in PARTS for truth in getattr(d, part).truths]


def check(d, counts, numbers=range(10)):
    parts = [getattr(d, part) for part in PARTS]
    assert [len(part.truths) for part in parts] == list(counts)
    found = [number for part in parts for number in shades(part)]
    assert sorted(found) == list(numbers)
    for number, truth in zip(found, all_truths(d), strict=True):
        assert truth["boxes"].shape == (len(scene(number)), 4) and truth["labels"].shape == (len(scene(number)),)
        assert truth["boxes"].tolist() == [list(map(float, box)) for _, box in scene(number)]
        assert [d.class_names[label] for label in truth["labels"]] == [name for name, _ in scene(number)]
    assert d.class_names == ("cat", "dog") and d.licence == "your own"


# Layouts


@pytest.mark.parametrize("names", [("Annotations", "JPEGImages"), ("annotations", "images")])
def test_voc_is_divided_always_the_same_way(tmp_path, names):
    root = write_voc(tmp_path / "own", names=names)
    paint(root / names[1] / "undescribed.png", shade=250)
    before = sorted(tmp_path.rglob("*"))
    d = data.load(root)
    check(d, (7, 1, 2))
    assert d.name == "own" and d.source == str(root)
    assert shades(d.train) == shades(data.load(root).train)
    assert sorted(tmp_path.rglob("*")) == before
    assert "train 7" in repr(d) and "2 classes" in repr(d) and "boxes" in repr(d.train)
    with pytest.raises(TypeError, match="boxes"):
        d.picture("cat")


def lists(root, **parts):
    (root / "ImageSets/Main").mkdir(parents=True)
    for part, names in parts.items():
        (root / f"ImageSets/Main/{part}.txt").write_text(names)


def test_voc_lists_are_the_parts(tmp_path):
    lists(write_voc(tmp_path), train="p03\np01\n\np01\n", val="p05.png\n", test="p00 \r\np09")
    d = data.load(tmp_path)
    assert [shades(getattr(d, part)) for part in PARTS] == [[3, 1], [5], [0, 9]]


@pytest.mark.parametrize("test", [None, "\n"])
def test_voc_without_all_three_lists_is_divided(tmp_path, test):
    lists(write_voc(tmp_path), train="p03\np01", val="p05", **({} if test is None else {"test": test}))
    check(data.load(tmp_path), (7, 1, 2))


def test_voc_in_a_folder_of_its_own(tmp_path):
    write_voc(tmp_path / "VOCdevkit/VOC2007")
    (tmp_path / "VOCdevkit/readme.txt").write_text("hello")
    check(data.load(tmp_path / "VOCdevkit"), (7, 1, 2))


def test_pairs(tmp_path):
    write_pairs(tmp_path, range(10))
    check(data.load(tmp_path), (7, 1, 2))


@pytest.mark.parametrize(
    "folders, counts",
    [
        ({"train": range(6), "valid": [6, 7], "test": [8, 9]}, (6, 2, 2)),
        ({"train": range(6), "validation": [6, 7, 8], "test": [9]}, (6, 3, 1)),
        ({"train": range(6), "val": range(6, 10)}, (5, 4, 1)),
        ({"train": range(6), "test": range(6, 10)}, (5, 1, 4)),
        ({"train": range(10)}, (7, 1, 2)),
    ],
)
def test_pairs_in_folders_of_parts(tmp_path, folders, counts):
    for name, numbers in folders.items():
        write_pairs(tmp_path / name, numbers)
    d = data.load(tmp_path)
    check(d, counts)
    if "test" in folders:
        assert shades(d.test) == list(folders["test"])


def test_two_folders_for_a_part_are_refused(tmp_path):
    for name, numbers in {"train": range(6), "val": [6, 7], "valid": [8, 9]}.items():
        write_pairs(tmp_path / name, numbers)
    with pytest.raises(ValueError, match="one folder for validation, got valid and val"):
        data.load(tmp_path)


def test_a_test_folder_alone_is_refused(tmp_path):
    write_pairs(tmp_path / "test", range(10))
    with pytest.raises(ValueError, match="train"):
        data.load(tmp_path)


def test_too_few_to_take_a_part_out_of_train(tmp_path):
    write_pairs(tmp_path / "train", [0])
    write_pairs(tmp_path / "val", [1, 2, 3])
    with pytest.raises(ValueError, match="test out of it, got 1"):
        data.load(tmp_path)


@pytest.mark.parametrize("pictures", ["", "images", "own"])
def test_coco(tmp_path, pictures):
    check(data.load(write_coco(tmp_path, pictures=pictures)), (7, 1, 2))


def test_coco_as_it_is_published(tmp_path):
    path = write_coco(tmp_path, name="annotations/instances_val2017.json", pictures="val2017")
    check(data.load(path), (7, 1, 2))


def test_coco_by_a_relative_path(tmp_path, monkeypatch):
    path = write_coco(tmp_path, name="annotations/instances_own.json", pictures="own")
    monkeypatch.chdir(path.parent)
    check(data.load(path.name), (7, 1, 2))


def test_voc_and_coco_of_one_content_are_equal(tmp_path):
    one, other = data.load(write_voc(tmp_path / "voc")), data.load(write_coco(tmp_path / "coco"))
    assert one.class_names == other.class_names
    for part in PARTS:
        a, b = getattr(one, part), getattr(other, part)
        assert shades(a) == shades(b)
        for mine, theirs in zip(a.truths, b.truths, strict=True):
            assert all(np.array_equal(mine[key], theirs[key]) for key in ("boxes", "labels"))


def test_crowds_are_left_out_and_equal_names_are_one_class(tmp_path):
    content = coco_content()
    content["annotations"].append({**content["annotations"][0], "iscrowd": 1, "bbox": "never looked at"})
    content["categories"].append({"id": 99, "name": "cat"})
    content["annotations"].append({"image_id": 0, "category_id": 99, "bbox": [1, 1, 5, 5]})
    d = data.load(write_coco(tmp_path, content))
    assert d.class_names == ("cat", "dog")
    boxes = sum(len(truth["boxes"]) for part in PARTS for truth in getattr(d, part).truths)
    assert boxes == sum(len(scene(i)) for i in range(10)) + 1


@pytest.mark.parametrize("filename", ["p01", "p01.jpeg", "", "C:\\x\\p01.png", "JPEGImages", "x" * 5000])
def test_a_wrong_filename_gives_way_to_the_stem(tmp_path, filename):
    write_xml(write_voc(tmp_path) / "Annotations/p01.xml", [thing(*one) for one in scene(1)], filename)
    check(data.load(tmp_path), (7, 1, 2))


def test_the_filename_comes_first(tmp_path):
    root = write_voc(tmp_path)
    (root / "JPEGImages/p01.png").rename(root / "JPEGImages/other.PNG")
    write_xml(root / "Annotations/p01.xml", [thing(*one) for one in scene(1)], "other.PNG")
    check(data.load(root), (7, 1, 2))


def test_class_folders_are_still_class_folders(tmp_path):
    for name in ("train", "test"):  # the vehicle, and what one sits
        for i in range(5):
            paint(tmp_path / name / f"{i}.png", shade=i)
    d = data.load(tmp_path)
    assert isinstance(d.train, Part) and d.class_names == ("test", "train")
    with pytest.raises(ValueError, match="on_error"):
        data.load(tmp_path, on_error="ignore")


# Faults


BAD_BOXES = {
    "inverted": ((20, 6, 5, 16), "bndbox: expected xmin < xmax, got 20 and 5"),
    "inverted, high": ((5, 16, 20, 6), "bndbox: expected ymin < ymax, got 16 and 6"),
    "empty": ((5, 6, 5, 16), "bndbox: expected xmin < xmax, got 5 and 5"),
    "outside the picture": ((5, 6, 41.5, 16), "bndbox: expected xmax in 0 to 40, got 41.5"),
    "outside, above": ((5, -1.5, 20, 16), "bndbox: expected ymin in 0 to 30, got -1.5"),
    "outside, far": ((1e300, 6, 1e308, 16), "bndbox: expected xmin in 0 to 40"),
    "outside, by less": ((40, 6, 41, 16), "bndbox: expected a box inside 40 x 30"),
    "not finite": (("nan", 6, 20, 16), "bndbox: expected a finite xmin, got nan"),
    "not finite, high": ((5, 6, 20, "-inf"), "bndbox: expected a finite ymax, got -inf"),
    "not numbers": ((5, 6, "wide", 16), "bndbox: expected a number as xmax, got 'wide'"),
    "not numbers, none": ((5, "", 20, 16), "bndbox: expected a number as ymin, got ''"),
}


def check_faults(capsys, path, words, dropped, boxes=None, pictures=10):
    """Refused with words; without the fault the rest comes, and one line says what was dropped."""
    with pytest.raises(ValueError) as told:
        data.load(path)
    assert words in str(told.value) and "1 fault;" in str(told.value) and 'on_error="drop"' in str(told.value)
    assert str(told.value).startswith(str(path))
    capsys.readouterr()
    d = data.load(path, on_error="drop")
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1 and dropped in printed
    assert len(all_truths(d)) == pictures
    if boxes is not None:
        assert sum(len(truth["boxes"]) for truth in all_truths(d)) == boxes


BOXES = sum(len(scene(i)) for i in range(10))


@pytest.mark.parametrize("case", BAD_BOXES)
def test_bad_boxes_in_voc(tmp_path, capsys, case):
    box, words = BAD_BOXES[case]
    write_xml(write_voc(tmp_path) / "Annotations/p00.xml", [thing(), thing("dog", box)])
    where = "Annotations/p00.xml: object 2, "
    check_faults(capsys, tmp_path, where + words, "dropped 1 box and 0 pictures (1 " + case.split(",")[0], BOXES + 1)


OBJECTS = {
    "no name": ("<object><bndbox/></object>", "bndbox: expected xmin, ymin, xmax, ymax, got no xmin", "incomplete"),
    "no box": ("<object><name>cat</name></object>", "got no xmin", "incomplete"),
    "no side": (thing().replace("<ymax>16</ymax>", ""), "got no ymax", "incomplete"),
    "empty name": (thing(" "), "name: expected the name of a class", "without name"),
    "missing name": (thing().replace("<name>cat</name>", ""), "name: expected the name of a class", "without name"),
}


@pytest.mark.parametrize("case", OBJECTS)
def test_bad_objects_in_voc(tmp_path, capsys, case):
    written, words, kind = OBJECTS[case]
    write_xml(write_voc(tmp_path) / "Annotations/p00.xml", [thing(), written])
    check_faults(capsys, tmp_path, words, f"1 box and 0 pictures (1 {kind})", BOXES + 1)


def spoil_picture(root, how):
    """Spoil one of ten; return words of the refusal and the kind of fault."""
    xml, picture = root / "Annotations/p02.xml", root / "JPEGImages/p02.png"
    if how == "missing":
        picture.unlink()
        return "Annotations/p02.xml: filename: expected a picture in JPEGImages, got no file 'p02.png'", "missing"
    if how == "unreadable":
        picture.write_text("no picture")
        return "Annotations/p02.xml: filename: expected a picture", "unreadable"
    if how == "too large to be true":
        head = bytes.fromhex("89504e470d0a1a0a0000000d49484452000f4240000f4240080200000000000000")
        picture.write_bytes(head)
        return "Annotations/p02.xml: filename: expected a picture", "unreadable"
    if how == "of another size":
        write_xml(xml, [thing()], size=(80, 60))
        return "p02.xml: size: expected the picture's, 40 x 30, got 80 x 60", "of another size"
    if how == "described twice":
        write_xml(xml, [thing()], "p01.png")
        return "p02.xml: filename: expected a picture of its own", "described twice"
    written = {
        "malformed": "<annotation><object>",
        "no annotation": "<html></html>",
        "undeclared entity": "<annotation>&lol;</annotation>",
        "not XML": "hello",
        "empty": "",
        "unknown encoding": "<?xml version='1.0' encoding='no-such'?><annotation/>",
        "many bytes an encoding": "<?xml version='1.0' encoding='gb2312'?><annotation/>",
        "huge": "<annotation>" + " " * boxed.LARGEST_XML + "</annotation>",
    }
    xml.write_text(written[how])
    came = f"more than {boxed.LARGEST_XML:,} bytes" if how == "huge" else ""
    return f"Annotations/p02.xml: expected an annotation in XML, got {came}", "with damaged XML"


SPOILT = (
    "missing", "unreadable", "too large to be true", "of another size", "described twice", "malformed",
    "no annotation", "undeclared entity", "not XML", "empty", "unknown encoding", "many bytes an encoding", "huge",
)  # fmt: skip


@pytest.mark.parametrize("how", SPOILT)
def test_bad_pictures_in_voc(tmp_path, capsys, how):
    words, kind = spoil_picture(write_voc(tmp_path), how)
    check_faults(capsys, tmp_path, words, f"dropped 0 boxes and 1 picture (1 {kind})", pictures=9)


def test_nested_without_end_is_survived(tmp_path):
    (write_voc(tmp_path) / "Annotations/p02.xml").write_text("<annotation>" + "<a>" * 300_000)
    with pytest.raises(ValueError, match=r"p02\.xml"):
        data.load(tmp_path)


def test_bad_lists(tmp_path, capsys):
    lists(write_voc(tmp_path), train="p01\np02\nnone", val="p03\np01", test="p04")
    with pytest.raises(ValueError, match="(?s)2 faults.*train.txt.*'none'.*val.txt.*'p01', which is in train"):
        data.load(tmp_path)
    d = data.load(tmp_path, on_error="drop")
    assert "2 pictures (1 without annotation, 1 in two parts)" in capsys.readouterr().out
    assert [shades(getattr(d, part)) for part in PARTS] == [[1, 2], [3], [4]]


def spoil_coco(content, how):
    one, image = content["annotations"][0], content["images"][2]
    if how in BAD_COCO_BOXES:
        one["bbox"], words, kind = BAD_COCO_BOXES[how]
        return f"instances_own.json: annotations[0], bbox: {words}", f"1 box and 0 pictures (1 {kind})"
    if how == "no bbox":
        del one["bbox"]
        return "annotations[0], bbox: expected x, y, width, height, got None", "1 incomplete"
    if how.startswith("category"):
        one["category_id"] = {"category": 4, "category of a list": [3], "category of none": None}[how]
        return "annotations[0], category_id: expected a category's", "1 of unknown category"
    if how.startswith("image_id"):
        one["image_id"] = {"image_id": 77, "image_id of a list": [1], "image_id of none": None}[how]
        return "annotations[0], image_id: expected an image's", "1 of unknown image"
    if how == "id again":
        content["images"].append({**image, "file_name": "p99.png"})
        return "images[10], id: expected one of its own, got 2", "1 picture (1 of an id"
    if how == "picture again":
        content["images"].append({**image, "id": 99})
        return "images[10]: file_name: expected a picture of its own", "1 described twice"
    if how == "no id":
        content["images"].append({"file_name": "p99.png"})
        return "images[10], id: expected", "1 without id"
    if how == "size":
        content["images"][0]["width"] = 41
        return "images[0]: size: expected the picture's, 40 x 30, got 41 x 30", "1 of another size"
    names = {
        "missing": "q.png",
        "strange name": "a\0b",
        "long name": "x" * 5000,
        "half a letter": "\ud800",
        "number": 7,
    }
    content["images"].append({"id": 99, "file_name": names[how]})
    return "images[10], file_name: expected a picture", "1 missing"


BAD_COCO_BOXES = {
    "inverted": ([5, 6, -2, 4], "expected x < x + width, got 5 and 3", "inverted"),
    "empty": ([5, 6, 2, 0], "expected y < y + height, got 6 and 6", "empty"),
    "outside": ([5, 6, 37, 4], "expected x + width in 0 to 40, got 42", "outside the picture"),
    "far": ([1e308, 6, 1e308, 4], "expected a finite x + width, got inf", "not finite"),
    "nan": ([5, float("nan"), 2, 4], "expected a finite y, got nan", "not finite"),
    "text": ([5, "6", 2, 4], "expected four numbers", "not numbers"),
    "truth": ([5, True, 2, 4], "expected four numbers", "not numbers"),
    "digits without end": ([5, 10**400, 2, 4], "expected four numbers", "not numbers"),
    "three": ([5, 6, 2], "expected x, y, width, height", "incomplete"),
}
COCO_FAULTS = (
    *BAD_COCO_BOXES, "no bbox", "category", "category of a list", "category of none", "image_id", "image_id of a list",
    "image_id of none", "id again", "picture again", "no id", "size", "missing", "strange name", "long name",
    "half a letter", "number",
)  # fmt: skip


@pytest.mark.parametrize("how", COCO_FAULTS)
def test_bad_coco(tmp_path, capsys, how):
    content = coco_content()
    words, dropped = spoil_coco(content, how)
    path = write_coco(tmp_path, content)
    check_faults(capsys, path, words, dropped, pictures=9 if how == "size" else 10)


def bad_json():
    good = coco_content()
    return {
        "malformed": "{",
        "empty": "",
        "not UTF-8": b"\xff\xfe\x00\xd8",
        "nested": "[" * 100_000,
        "a list": "[]",
        "something else": '{"cells": [], "metadata": {}}',
        "images of numbers": json.dumps({**good, "images": [1, 2, 3]}),
        "annotations of none": json.dumps({**good, "annotations": None}),
        "category twice": json.dumps({**good, "categories": good["categories"] * 2}),
        "category without name": json.dumps({**good, "categories": [{"id": 3}]}),
        "category without number": json.dumps({**good, "categories": [{"id": "3", "name": "cat"}]}),
        "two pictures": json.dumps(coco_content(range(2))),
        "no boxes": json.dumps({**good, "annotations": []}),
    }


@pytest.mark.parametrize("on_error", boxed.ON_ERROR)
@pytest.mark.parametrize("case", bad_json())
def test_what_is_not_coco_is_always_refused(tmp_path, case, on_error):
    path, content = write_coco(tmp_path), bad_json()[case]
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(ValueError, match=r"instances_own\.json"):
        data.load(path, on_error=on_error)


def test_only_the_first_five_faults_are_told(tmp_path, capsys):
    root = write_voc(tmp_path)
    for i in range(7):
        write_xml(root / f"Annotations/p{i:02}.xml", [thing(box=(9, 1, 3, 4))])
    with pytest.raises(ValueError) as told:
        data.load(root)
    assert "7 faults" in str(told.value) and "and 2 more" in str(told.value)
    assert [f"p{i:02}.xml" in str(told.value) for i in range(7)] == [True] * 5 + [False] * 2
    d = data.load(root, on_error="drop")
    assert capsys.readouterr().out == f"{root}: dropped 7 boxes and 0 pictures (7 inverted)\n"
    assert len(all_truths(d)) == 10


def test_a_box_by_a_pixel_outside_is_cut(tmp_path, capsys):
    write_xml(write_voc(tmp_path) / "Annotations/p00.xml", [thing("zebra", (-1, -0.5, 41, 31))])
    d = data.load(tmp_path)
    label = d.class_names.index("zebra")
    (box,) = [truth["boxes"].tolist() for truth in all_truths(d) if label in truth["labels"]]
    assert box == [[0, 0, WIDTH, HEIGHT]] and not capsys.readouterr().out


@pytest.mark.parametrize("count", [0, 2])
def test_few_pictures_are_refused(tmp_path, count):
    (tmp_path / "Annotations").mkdir()
    (tmp_path / "JPEGImages").mkdir()
    with pytest.raises(ValueError, match=f"at least 3 pictures with their boxes, got {count}"):
        data.load(write_voc(tmp_path, range(count)))


# What would do harm


LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
BOMBS = {
    "billion laughs": f'<!DOCTYPE a [<!ENTITY l0 "lol">{LAUGHS}]><annotation>&l9;</annotation>',
    "quadratic": f'<!DOCTYPE a [<!ENTITY l "{"x" * 50_000}">]><annotation>{"&l;" * 50_000}</annotation>',
    "a file": '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><annotation><filename>&f;</filename></annotation>',
    "an outer DTD": '<!DOCTYPE annotation SYSTEM "http://192.0.2.1/a.dtd"><annotation/>',
    "parameter entity": '<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]><annotation/>',
    "a plain DTD": "<!DOCTYPE annotation><annotation/>",
}


@pytest.mark.parametrize("on_error", boxed.ON_ERROR)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("bomb", BOMBS)
def test_document_types_are_always_refused(tmp_path, bomb, encoding, on_error):
    content = f'<?xml version="1.0" encoding="{encoding}"?>{BOMBS[bomb]}'
    (write_voc(tmp_path) / "Annotations/p02.xml").write_bytes(content.encode(encoding))
    with pytest.raises(ValueError, match=r"p02\.xml.*DOCTYPE"):
        data.load(tmp_path, on_error=on_error)


def outside(tmp_path, form):
    """A good set in `own`, and a picture beside it that is no part of it."""
    paint(tmp_path / "secret.png", shade=200)
    return write_voc(tmp_path / "own") if form == "voc" else write_coco(tmp_path / "own")


@pytest.mark.parametrize("on_error", boxed.ON_ERROR)
@pytest.mark.parametrize("form", ["voc", "coco"])
@pytest.mark.parametrize("how", ["up", "absolute", "up, elsewhere", "link"])
def test_ways_out_are_always_refused(tmp_path, form, how, on_error):
    path = outside(tmp_path, form)
    names = {
        "up": "../../secret.png",
        "absolute": str(tmp_path / "secret.png"),
        "up, elsewhere": "..\\..\\no.png",
        "link": "l.png",
    }
    if how == "link":
        (tmp_path / "own" / ("JPEGImages" if form == "voc" else "images") / "l.png").symlink_to(tmp_path / "secret.png")
    if form == "voc":
        write_xml(path / "Annotations/p02.xml", [thing()], names[how])
    else:
        path.write_text(path.read_text().replace('"p02.png"', json.dumps(names[how])))
    with pytest.raises(ValueError, match="leads out of it"):
        data.load(path, on_error=on_error)


@pytest.mark.parametrize("what", ["Annotations/p02.xml", "Annotations", "JPEGImages", "ImageSets/Main/train.txt"])
def test_links_out_are_refused(tmp_path, what):
    root = outside(tmp_path, "voc")
    lists(root, train="p01", val="p02", test="p03")
    (root / what).rename(tmp_path / "moved")
    (root / what).symlink_to(tmp_path / "moved")
    with pytest.raises(ValueError, match="leads out of it"):
        data.load(root)


# Pictures


def test_pictures_are_read_when_asked_for(tmp_path, monkeypatch):
    root, read = write_voc(tmp_path), []
    monkeypatch.setattr(boxed.pictures, "read", lambda path, upright: read.append(path) or np.zeros((3, 4), np.uint8))
    images = data.load(root).train.images
    assert not read and len(images) == 7 and "7 files" in repr(images)
    assert images[-1].shape == (3, 4, 3) and len(read) == 1
    assert len(images[1:3]) == 2 and isinstance(images[1:3], list) and len(list(images)) == 2 + 5
    with pytest.raises(IndexError):
        images[7]


def test_pictures_of_all_kinds_are_float_colours(tmp_path):
    grey = np.full((8, 10), 100, np.uint8)
    kinds = {
        "grey": Image.fromarray(grey),
        "sixteen": Image.fromarray(np.full((8, 10), 100 * 257, np.uint16)),
        "palette": Image.fromarray(grey).convert("P"),
        "transparent": Image.fromarray(np.dstack([grey] * 3 + [grey * 0])),
    }
    for name, picture in kinds.items():
        picture.save(tmp_path / f"{name}.png")
    images = boxed.Pictures([tmp_path / f"{name}.png" for name in kinds])
    assert all(i.dtype == np.float32 and i.shape == (8, 10, 3) for i in images)
    np.testing.assert_allclose([i.mean() for i in images], [100 / 255] * 3 + [1], rtol=1e-6)
    (tmp_path / "grey.png").unlink()
    with pytest.raises(ValueError, match=r"grey\.png.*no file"):
        images[0]


@pytest.mark.parametrize(
    "stated, shape", [((20, 30), (30, 20)), ((30, 20), (20, 30)), (None, (30, 20)), ((0, 0), (30, 20))]
)
def test_the_stated_size_tells_how_a_turned_picture_is_meant(tmp_path, stated, shape):
    exif = Image.Exif()
    exif[0x0112] = 6
    root = write_voc(tmp_path)
    Image.new("RGB", (30, 20)).save(root / "JPEGImages/turned.jpg", exif=exif)
    write_xml(root / "Annotations/turned.xml", [], "turned.jpg", stated)
    d = data.load(root)
    found = [image.shape[:2] for part in PARTS for image in getattr(d, part).images]
    assert [one for one in found if one != (HEIGHT, WIDTH)] == [shape]


# One size


def test_boxes_stay_on_what_they_are_of():
    rng = np.random.default_rng(0)
    for case in range(60):
        height, width = rng.integers(40, 300, 2)
        x1, y1 = int(rng.integers(0, width // 2)), int(rng.integers(0, height // 2))
        x2, y2 = x1 + int(rng.integers(10, width // 2)), y1 + int(rng.integers(10, height // 2))
        image = np.zeros((height, width, 3), np.float32)
        image[y1:y2, x1:x2] = 1
        truth = {"boxes": np.array([[x1, y1, x2, y2]], float), "labels": np.array([0])}
        side = int(rng.integers(60, 200))
        fitted = BoxedPart([image], [truth]).fitted(side, side + case)
        box = fitted.truths[0]["boxes"][0]
        shown = fitted.images[0, ..., 0] * (np.abs(fitted.images[0, ..., 0] - 0.5) > 1e-6)
        rows, columns = shown.max(axis=1), shown.max(axis=0)
        # The bright pixels, a half one counted by half, are as many as the box is wide and high.
        assert columns.sum() / columns.max() == pytest.approx(box[2] - box[0], abs=0.7)
        assert rows.sum() / rows.max() == pytest.approx(box[3] - box[1], abs=0.7)
        centre = (
            np.average(np.arange(len(columns)) + 0.5, weights=columns),
            np.average(np.arange(len(rows)) + 0.5, weights=rows),
        )
        assert centre == pytest.approx(((box[0] + box[2]) / 2, (box[1] + box[3]) / 2), abs=0.6)


def test_what_fits_stays_and_order_is_kept():
    rng = np.random.default_rng(0)
    images = [rng.random(shape, np.float32) for shape in ((20, 30, 3), (20, 10, 3), (40, 60, 3))]
    truths = [{"boxes": np.full((i, 4), 2.0), "labels": np.arange(i)} for i in range(3)]
    fitted = BoxedPart(images, truths).fitted(20, 30)
    assert fitted.images.shape == (3, 20, 30, 3) and fitted.images.dtype == np.float32
    assert np.array_equal(fitted.images[0], images[0])
    assert np.array_equal(fitted.images[1][:, :10], images[1]) and (fitted.images[1][:, 10:] == 0.5).all()
    assert [len(truth["boxes"]) for truth in fitted.truths] == [0, 1, 2]
    assert (fitted.truths[1]["boxes"] == 2).all() and (fitted.truths[2]["boxes"] == 1).all()
    assert np.array_equal(fitted.truths[2]["labels"], [0, 1])
    for size in ((0, 5), (5, 0)):
        with pytest.raises(ValueError, match="height|width"):
            BoxedPart(images, truths).fitted(*size)


def test_shrinking_averages():
    """Stripes of one pixel become grey; without averaging they would stay black or white."""
    image = np.zeros((200, 200, 3), np.float32)
    image[:, ::2] = 1
    for side in (80, 40, 20):
        fitted = BoxedPart([image], [{"boxes": np.empty((0, 4)), "labels": np.empty(0, int)}]).fitted(side, side)
        assert np.abs(fitted.images[0, :, 1:-1] - 0.5).max() < 0.2


sides = st.integers(1, 60)


@given(sides, sides, sides, sides, st.sampled_from([np.float32, np.float64, np.int64]))
def test_boxes_stay_inside_and_keep_their_share(height, width, rows, columns, dtype):
    box = np.array([[0, 0, width, height], [width // 2, 0, width, height // 2]], dtype)
    image = np.ones((height, width, 3), np.float32)
    fitted = BoxedPart([image], [{"boxes": box, "labels": np.array([0, 1])}]).fitted(rows, columns)
    whole, corner = fitted.truths[0]["boxes"]
    filled = fitted.images[0, ..., 0] == 1
    assert whole[2:] == pytest.approx([filled.any(axis=0).sum(), filled.any(axis=1).sum()])
    assert whole[2] == pytest.approx(columns) or whole[3] == pytest.approx(rows)
    assert corner[0] / whole[2] == pytest.approx(width // 2 / width, abs=1e-5)
    assert corner[3] / whole[3] == pytest.approx(height // 2 / height, abs=1e-5)
    assert fitted.truths[0]["boxes"].dtype.kind == "f"


def test_load_brings_all_to_one_size(tmp_path):
    d = data.load(write_voc(tmp_path), size=(15, 20))
    assert d.train.images.shape == (7, 15, 20, 3)
    plain = data.load(tmp_path)
    for a, b in zip(plain.train.truths, d.train.truths, strict=True):
        np.testing.assert_allclose(a["boxes"] / 2, b["boxes"])
    for size in ((0, 5), (5,)):
        with pytest.raises(ValueError, match="size"):
            data.load(tmp_path, size=size)
