"""A reader's own pictures with boxes, in the forms of Pascal VOC and COCO, good and bad."""

import json

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from course_utils import data
from course_utils.data.record import BoxedPart

WIDTH, HEIGHT = 40, 30
PARTS = ("train", "validation", "test")


def paint(path, shade=0, size=(WIDTH, HEIGHT), **more):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (shade, shade, shade)).save(path, **more)


def boxes_of(i):
    """What is in picture i: nothing, or up to two things."""
    return [("dog", (i, 1, i + 9, 12)), ("cat", (2.5, 3, 30, 20.25))][: i % 3]


def thing(name, box):
    corners = zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)
    sides = "".join(f"<{side}>{value}</{side}>" for side, value in corners)
    return f"<object><name>{name}</name><difficult>1</difficult><bndbox>{sides}</bndbox></object>"


def write_xml(path, boxes, size=(WIDTH, HEIGHT)):
    path.parent.mkdir(parents=True, exist_ok=True)
    stated = f"<size><width>{size[0]}</width><height>{size[1]}</height></size>" if size else ""
    path.write_text(f"<annotation>{stated}{''.join(thing(*one) for one in boxes)}</annotation>")


def write_voc(root, annotations="Annotations", images="JPEGImages"):
    for i in range(10):
        paint(root / images / f"p{i:02}.png", shade=10 * i)
        write_xml(root / annotations / f"p{i:02}.xml", boxes_of(i))
    return root


def coco_content():
    ids = {"cat": 3, "dog": 17}
    annotations = [
        {
            "id": 100 * i + ids[name],
            "image_id": i,
            "category_id": ids[name],
            "bbox": [x, y, x2 - x, y2 - y],
            "iscrowd": 0,
        }
        for i in range(10)
        for name, (x, y, x2, y2) in boxes_of(i)
    ]
    images = [{"id": i, "file_name": f"p{i:02}.png", "width": WIDTH, "height": HEIGHT} for i in range(10)]
    categories = [{"id": number, "name": name} for name, number in reversed(ids.items())]
    return {"images": images, "annotations": annotations, "categories": categories}


def write_coco(root, content=None, images="images"):
    for i in range(10):
        paint(root / images / f"p{i:02}.png", shade=10 * i)
    (root / "own.json").write_text(json.dumps(content or coco_content()))
    return root / "own.json"


def numbers(part):
    """The number of each picture, from its shade."""
    return [round(float(image.mean()) * 25.5) for image in part.images]


def check(d):
    parts = [getattr(d, part) for part in PARTS]
    assert [len(part.truths) for part in parts] == [7, 1, 2] and d.class_names == ("cat", "dog")
    found = [(number, truth) for part in parts for number, truth in zip(numbers(part), part.truths, strict=True)]
    assert sorted(number for number, _ in found) == list(range(10))
    for number, truth in found:
        assert truth["boxes"].shape == (len(boxes_of(number)), 4)
        assert truth["boxes"].tolist() == [list(map(float, box)) for _, box in boxes_of(number)]
        assert [d.class_names[label] for label in truth["labels"]] == [name for name, _ in boxes_of(number)]


def count(d):
    return sum(len(truth["boxes"]) for part in PARTS for truth in getattr(d, part).truths)


# Forms


@pytest.mark.parametrize("folders", [("Annotations", "JPEGImages"), ("", "")])
def test_voc(tmp_path, folders):
    root = write_voc(tmp_path / "own", *folders)
    paint(root / folders[1] / "undescribed.png", shade=250)
    before = sorted(tmp_path.rglob("*"))
    d = data.load(root)
    check(d)
    assert d.name == "own" and numbers(d.train) == numbers(data.load(root).train)
    resized = data.load(root, size=(15, 20))
    assert resized.train.images.shape == (7, 15, 20, 3)
    for a, b in zip(d.train.truths, resized.train.truths, strict=True):
        np.testing.assert_allclose(a["boxes"] / 2, b["boxes"])
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("images", ["", "images"])
def test_coco_and_voc_are_divided_alike(tmp_path, images):
    d = data.load(write_coco(tmp_path / "coco", images=images))
    check(d)
    assert numbers(d.train) == numbers(data.load(write_voc(tmp_path / "voc")).train)


def test_coco_is_read_as_pycocotools_reads_it(tmp_path):
    content = coco_content()
    content["annotations"].append({"id": 1, "image_id": 0, "category_id": 3, "bbox": [0, 0, 9, 9], "iscrowd": 1})
    path = write_coco(tmp_path, content)
    d, theirs = data.load(path), COCO(path)
    assert d.class_names == tuple(one["name"] for one in theirs.loadCats(sorted(theirs.getCatIds())))
    for part in PARTS:
        for number, truth in zip(numbers(getattr(d, part)), getattr(d, part).truths, strict=True):
            expected = [one["bbox"] for one in theirs.loadAnns(theirs.getAnnIds(number, iscrowd=False))]
            mine = [[x1, y1, x2 - x1, y2 - y1] for x1, y1, x2, y2 in truth["boxes"].tolist()]
            assert mine == expected


def test_pictures_are_read_when_asked_for(tmp_path):
    d = data.load(write_voc(tmp_path))
    for path in d.train.images.paths:
        Image.open(path).convert("L").resize((4, 3)).save(path)
    assert all(image.shape == (3, 4, 3) and image.dtype == np.float32 for image in d.train.images)
    d.train.images.paths[2].unlink()
    with pytest.raises(ValueError, match=r"p\d\d\.png: expected an image"):
        list(d.train.images)


def test_a_turned_picture_is_held_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    paint(write_voc(tmp_path) / "JPEGImages/turned.jpg", size=(30, 20), exif=exif)
    for stated in ((20, 30), (0, 0), None):
        write_xml(tmp_path / "Annotations/turned.xml", [("cat", (1, 1, 19, 29))], stated)
        shapes = [image.shape[:2] for part in PARTS for image in getattr(data.load(tmp_path), part).images]
        assert [one for one in shapes if one != (HEIGHT, WIDTH)] == [(30, 20)]
    write_xml(tmp_path / "Annotations/turned.xml", [], (30, 20))
    with pytest.raises(
        ValueError, match=r"turned\.jpg: expected the size in its annotation, \(30, 20\), got \(20, 30\)"
    ):
        data.load(tmp_path)


# Faults

BAD_BOXES = {
    "inverted": (20, 6, 5, 16),
    "empty": (5, 6, 5, 16),
    "outside": (5, 6, 41.5, 16),
    "outside by its whole width": (40, 6, 41, 16),
    "not finite": (5, 6, float("inf"), 16),
    "not a number": (5, float("nan"), 20, 16),
}


@pytest.mark.parametrize("box", BAD_BOXES.values(), ids=BAD_BOXES)
@pytest.mark.parametrize("form", ["voc", "coco"])
def test_bad_boxes_are_named_or_dropped(tmp_path, capsys, form, box):
    if form == "voc":
        path = write_voc(tmp_path)
        write_xml(path / "Annotations/p00.xml", [("cat", (1, 1, 9, 9)), ("dog", box)])
        where = "p00.xml: object 2: "
    else:
        content, (x1, y1, x2, y2) = coco_content(), box
        content["annotations"][:0] = [
            {"image_id": 0, "category_id": 3, "bbox": [1, 1, 8, 8]},
            {"image_id": 0, "category_id": 17, "bbox": [x1, y1, x2 - x1, y2 - y1]},
        ]
        path = write_coco(tmp_path, content)
        where = "own.json: annotations[1]: "
    with pytest.raises(ValueError, match=r"1 box in all.*drop") as caught:
        data.load(path)
    expected = f"{where}expected 0 <= xmin < xmax <= 40 and 0 <= ymin < ymax <= 30, got ("
    assert expected in str(caught.value) and str(tmp_path) in str(caught.value)
    d = data.load(path, on_error="drop")
    assert f"{path}: dropped 1 box, " in capsys.readouterr().out
    assert count(d) == sum(len(boxes_of(i)) for i in range(10)) + 1


def test_a_box_by_a_pixel_outside_is_cut(tmp_path, capsys):
    write_xml(write_voc(tmp_path) / "Annotations/p00.xml", [("zebra", (-1, -0.5, 41, 31))])
    d = data.load(tmp_path)
    label = d.class_names.index("zebra")
    truths = [truth for part in PARTS for truth in getattr(d, part).truths]
    assert [t["boxes"].tolist() for t in truths if label in t["labels"]] == [[[0, 0, WIDTH, HEIGHT]]]
    assert not capsys.readouterr().out


BAD_XML = {
    "malformed": "<annotation><object>",
    "no box": "<annotation><object><name>cat</name></object></annotation>",
    "no name": f"<annotation>{thing('', (1, 1, 5, 5)).replace('<name></name>', '')}</annotation>",
    "words": f"<annotation>{thing('cat', (1, 1, 'wide', 5))}</annotation>",
    "unknown encoding": "<?xml version='1.0' encoding='no-such'?><annotation/>",
    "a document type": "<!DOCTYPE annotation><annotation/>",
    "an entity": '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><annotation>&f;</annotation>',
}


@pytest.mark.parametrize("content", BAD_XML.values(), ids=BAD_XML)
def test_bad_xml_is_named(tmp_path, content):
    (write_voc(tmp_path) / "Annotations/p02.xml").write_text(content)
    with pytest.raises(ValueError, match=r"p02\.xml: expected an annotation in the form of Pascal VOC"):
        data.load(tmp_path, on_error="drop")


def bad_json():
    good = coco_content()
    image, annotation = good["images"][0], good["annotations"][0]
    return {
        "malformed": "{",
        "a list": "[]",
        "no file": json.dumps({**good, "images": [{"id": 0}]}),
        "three numbers": json.dumps({**good, "annotations": [{**annotation, "bbox": [1, 2, 3]}]}),
        "unknown category": json.dumps({**good, "annotations": [{**annotation, "category_id": 4}]}),
        "unknown image": json.dumps({**good, "annotations": [{**annotation, "image_id": 77}]}),
        "two pictures": json.dumps({**good, "images": good["images"][:2], "annotations": []}),
        "no boxes": json.dumps({**good, "annotations": []}),
        "missing": json.dumps({**good, "images": [*good["images"], {**image, "id": 99, "file_name": "q.png"}]}),
    }


@pytest.mark.parametrize("case", bad_json())
def test_bad_json_is_named(tmp_path, case):
    path, content = write_coco(tmp_path), bad_json()[case]
    path.write_text(content)
    with pytest.raises(ValueError, match=r"q\.png: expected an image" if case == "missing" else r"own\.json: expected"):
        data.load(path, on_error="drop")


def test_missing_and_damaged_pictures_are_named(tmp_path):
    picture = write_voc(tmp_path) / "JPEGImages/p02.png"
    picture.write_text("no picture")
    with pytest.raises(ValueError, match=r"p02\.png: expected an image"):
        data.load(tmp_path)
    picture.unlink()
    with pytest.raises(ValueError, match=r"p02\.xml: expected an image of the same name in .*JPEGImages"):
        data.load(tmp_path)
    (tmp_path / "JPEGImages").rename(tmp_path / "pictures")
    with pytest.raises(ValueError, match="JPEGImages: expected the folder of images"):
        data.load(tmp_path)


# One size


def test_boxes_stay_on_what_they_are_of():
    rng = np.random.default_rng(0)
    for case in range(40):
        height, width = rng.integers(40, 300, 2)
        x1, y1 = int(rng.integers(0, width // 2)), int(rng.integers(0, height // 2))
        x2, y2 = x1 + int(rng.integers(10, width // 2)), y1 + int(rng.integers(10, height // 2))
        image = np.zeros((height, width, 3), np.float32)
        image[y1:y2, x1:x2] = 1
        side = int(rng.integers(60, 200))
        truth = {"boxes": np.array([[x1, y1, x2, y2]], float), "labels": np.array([0])}
        fitted = BoxedPart([image], [truth]).fitted(side, side + case)
        box = fitted.truths[0]["boxes"][0]
        shown = fitted.images[0, ..., 0] * (np.abs(fitted.images[0, ..., 0] - 0.5) > 1e-6)
        for axis in (0, 1):
            bright = shown.max(axis=axis)
            # The bright pixels, a half one counted by half, are as many as the box is wide or high.
            assert bright.sum() / bright.max() == pytest.approx(box[2 + axis] - box[axis], abs=0.7)
            centre = np.average(np.arange(len(bright)) + 0.5, weights=bright)
            assert centre == pytest.approx((box[axis] + box[2 + axis]) / 2, abs=0.6)


def test_what_fits_stays_and_order_is_kept():
    rng = np.random.default_rng(0)
    images = [rng.random(shape, np.float32) for shape in ((20, 30, 3), (20, 10, 3), (40, 60, 3))]
    truths = [{"boxes": np.full((i, 4), 2.0), "labels": np.arange(i)} for i in range(3)]
    fitted = BoxedPart(images, truths).fitted(20, 30)
    assert fitted.images.shape == (3, 20, 30, 3) and fitted.images.dtype == np.float32
    assert np.array_equal(fitted.images[0], images[0])
    assert np.array_equal(fitted.images[1][:, :10], images[1]) and (fitted.images[1][:, 10:] == 0.5).all()
    assert (fitted.truths[1]["boxes"] == 2).all() and (fitted.truths[2]["boxes"] == 1).all()
    assert fitted.truths[2]["labels"].tolist() == [0, 1] and fitted.fitted(20, 30) is fitted
    assert (BoxedPart([np.ones((1, 300, 3))], [truths[0]]).fitted(20, 30).images[0, 0] == 1).all()
