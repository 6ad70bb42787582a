"""A reader's own pictures with masks: every layout and form, and every fault."""

import os

import numpy as np
import pytest
from PIL import Image

from course_utils import data
from course_utils.data.record import BoxedPart, MaskPart, Part

PARTS = ("train", "validation", "test")
SIZE = 8, 10


def number_mask(i, classes=2, size=SIZE):
    """The mask of picture i: a stripe of each class at a place that tells i."""
    mask = np.zeros(size, np.uint8)
    for number in range(1, classes):
        mask[number, : i % 8 + 1] = number
    return mask


def save(array, path, palette=False):
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(array)
    if palette:
        picture = Image.fromarray(array, mode="P")
        picture.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 0, 200, 200, 0])
    picture.save(path)


def shade(i, size=SIZE):
    return np.full(size, 20 * i, np.uint8)


def write(root, names=("image", "label"), count=10, white=True, classes=2):
    for i in range(count):
        save(shade(i), root / names[0] / f"{i}.png")
        save(number_mask(i, classes) * (255 if white else 1), root / names[1] / f"{i}.png")
    return root


def pairs(d):
    return [pair for part in PARTS for pair in zip(*getattr(d, part)[:2], strict=True)]


def check(d, classes=2, numbers=range(10)):
    found = []
    for image, mask in pairs(d):
        i = round(float(image.mean()) * 255 / 20)
        assert np.array_equal(mask, number_mask(i, classes)) and mask.dtype == np.uint8
        assert image.dtype == np.float32 and np.allclose(image, 20 * i / 255)
        found.append(i)
    assert sorted(found) == list(numbers)
    assert all(isinstance(getattr(d, part), MaskPart) and getattr(d, part).instances is None for part in PARTS)


# Layouts


@pytest.mark.parametrize(
    "names", [("image", "label"), ("images", "masks"), ("imgs", "masks"), ("images", "labels"), ("Images", "Masks")]
)
def test_folder(tmp_path, names):
    root = write(tmp_path / "own", names)
    (root / "readme.txt").write_text("passed over")
    (root / names[0] / ".DS_Store").write_text("passed over")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    d = data.load(root)
    check(d)
    assert [len(getattr(d, part).masks) for part in PARTS] == [7, 1, 2]
    assert d.train.images.shape == (7, 8, 10, 1) and d.train.masks.shape == (7, 8, 10)
    assert d.class_names == ("background", "object") and d.name == "own" and d.source == str(root)
    assert np.array_equal(d.train.images, data.load(str(root)).train.images)
    assert before == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}


@pytest.mark.parametrize("kind", [tuple, list])
def test_two_folders(tmp_path, kind):
    write(tmp_path, ("scans", "truth"))
    d = data.load(kind([str(tmp_path / "scans"), tmp_path / "truth"]))
    check(d)
    assert d.name == "scans" and "scans" in d.source and "truth" in d.source


def test_names_match_up_to_the_ending(tmp_path):
    write(tmp_path)
    for path in sorted((tmp_path / "image").iterdir())[:5]:
        Image.open(path).save(path.with_suffix(".TIF"), format="TIFF")
        path.unlink()
    check(data.load(tmp_path))


def test_parts_and_their_looks(tmp_path):
    d = data.load(write(tmp_path))
    assert "train 7, validation 1, test 2; 2 classes" in repr(d)
    assert repr(d.train) == "MaskPart(images (7, 8, 10, 1), masks (7, 8, 10))"
    images, masks, instances = d.train
    assert instances is None and len(images) == len(masks) == 7
    with pytest.raises(TypeError, match="mask"):
        d.picture("object")
    several = MaskPart([np.zeros((2, 2, 1))] * 3, [np.zeros((2, 2), int)] * 3, [np.full((2, 2), 4)] * 3)
    assert repr(several) == "MaskPart(images 3 pictures of several sizes, 12 instances)"


def test_three_pairs_are_enough_and_two_are_not(tmp_path):
    assert [len(getattr(data.load(write(tmp_path / "3", count=3)), part).masks) for part in PARTS] == [1, 1, 1]
    with pytest.raises(ValueError, match="at least 3 pictures.*got 2"):
        data.load(write(tmp_path / "2", count=2))


# Forms of masks and pictures


def test_numbers_of_classes(tmp_path):
    d = data.load(write(tmp_path, white=False, classes=4))
    check(d, 4)
    assert d.class_names == ("0", "1", "2", "3")


def test_two_numbers_are_background_and_object(tmp_path):
    d = data.load(write(tmp_path, white=False))
    check(d)
    assert d.class_names == ("background", "object")


def test_palette(tmp_path):
    write(tmp_path)
    for i in range(10):
        save(number_mask(i, 4), tmp_path / f"label/{i}.png", palette=True)
    d = data.load(tmp_path)
    check(d, 4)
    assert len(d.class_names) == 4


@pytest.mark.parametrize("mode", ["1", "RGB", "RGBA", "LA"])
def test_black_and_white_in_other_modes(tmp_path, mode):
    for path in (write(tmp_path) / "label").iterdir():
        Image.open(path).convert(mode).save(path)
    check(data.load(tmp_path))


def test_sixteen_bits(tmp_path):
    for i in range(3):
        save(shade(i), tmp_path / f"image/{i}.png")
        save(number_mask(i, 3).astype(np.uint16), tmp_path / f"label/{i}.png")
    check(data.load(tmp_path), 3, range(3))


def test_an_empty_mask_among_white_ones(tmp_path):
    save(np.zeros(SIZE, np.uint8), write(tmp_path) / "label/3.png")
    save(np.full(SIZE, 255, np.uint8), tmp_path / "label/4.png")
    means = {round(float(image.mean()) * 255 / 20): mask.mean() for image, mask in pairs(data.load(tmp_path))}
    assert means[3] == 0 and means[4] == 1


def test_one_in_colour_makes_all_colour(tmp_path):
    save(np.dstack([shade(9)] * 3), write(tmp_path) / "image/9.png")
    d = data.load(tmp_path)
    check(d)
    assert all(image.shape == (8, 10, 3) for image, _ in pairs(d))


def test_several_sizes_come_as_lists_and_one_with_size(tmp_path):
    write(tmp_path, white=False, classes=3)
    save(shade(5, (16, 20)), tmp_path / "image/5.png")
    save(np.kron(number_mask(5, 3), np.ones((2, 2), np.uint8)), tmp_path / "label/5.png")
    d = data.load(tmp_path)
    assert all(isinstance(getattr(d, part)[i], list) for part in PARTS for i in (0, 1))
    assert {image.shape for image, _ in pairs(d)} == {(8, 10, 1), (16, 20, 1)}
    assert all(image.shape[:2] == mask.shape for image, mask in pairs(d))
    assert "several sizes" in repr(d.train)
    check(data.load(tmp_path, size=SIZE), 3)
    fitted = data.load(tmp_path, size=(32, 40))
    assert fitted.train.images.shape == (7, 32, 40, 1) and fitted.train.masks.shape == (7, 32, 40)
    assert np.unique(fitted.train.masks).tolist() == [0, 1, 2]


def test_classes_told(tmp_path):
    write(tmp_path, white=False, classes=3)
    assert data.load(tmp_path, classes=5).class_names == tuple("01234")
    check(data.load(tmp_path, classes=3), 3)
    save(number_mask(4, 5), tmp_path / "label/4.png")
    with pytest.raises(ValueError, match=r"label.4\.png.*classes=3.*4"):
        data.load(tmp_path, classes=3)
    save(np.full(SIZE, 40, np.uint8), tmp_path / "label/4.png")
    assert len(data.load(tmp_path, classes=41).class_names) == 41
    with pytest.raises(ValueError, match=r"label.4\.png.*classes=.*40"):
        data.load(tmp_path)


@pytest.mark.parametrize("classes, error", [(1, ValueError), (257, ValueError), (2.0, TypeError), (True, TypeError)])
def test_classes_are_a_number(tmp_path, classes, error):
    with pytest.raises(error, match="classes"):
        data.load(write(tmp_path), classes=classes)


@pytest.mark.parametrize("size", [(0, 8), (8,), (8, 8, 3)])
def test_size_is_checked(tmp_path, size):
    with pytest.raises(ValueError, match="size"):
        data.load(write(tmp_path), size=size)


# Faults


def coloured(root):
    mask = np.zeros((*SIZE, 3), np.uint8)
    mask[2, 3] = 0, 200, 10
    save(mask, root / "label/4.png")
    return r"label.4\.png.*black and white.*palette.*read as RGB.*\(0, 200, 10\)"


def transparent(root):
    save(np.zeros((*SIZE, 4), np.uint8), root / "label/4.png")
    return r"label.4\.png.*read as RGBA.*transparent.*\(0, 0, 0, 0\)"


def as_jpeg(root):
    mask = np.zeros((64, 64), np.uint8)
    mask[10:41, 13:50] = 255
    for i in range(10):
        (root / f"label/{i}.png").unlink()
        save(np.zeros((64, 64), np.uint8), root / f"image/{i}.png")
        save(mask, root / f"label/{i}.jpg")
    return r"label.0\.jpg.*got 0, 1, 2, \.\.\., 255.*JPEG.*PNG"


def one_damaged(root):
    mask = number_mask(4) * 255
    mask[0, :2] = 3, 252
    save(mask, root / "label/4.png")
    return r"label.4\.png.*as in 0\.png, got 0, 3, 252, 255.*JPEG.*PNG"


def mixed(root):
    save(number_mask(4), root / "label/4.png")
    return r"label.4\.png.*as in 0\.png, got 0, 1$"


def grey_levels(root):
    for i in range(10):
        save(number_mask(i) * 128, root / f"label/{i}.png")
    return r"label.0\.png.*0 to 31.*classes=.*got 0, 128$"


def border(root):
    for i in range(10):
        mask = number_mask(i, 3)
        mask[5] = 255
        save(mask, root / f"label/{i}.png")
    return r"label.0\.png.*got 0, 1, 2, 255.*borders"


def fractions(root):
    save(np.zeros(SIZE, np.float32), root / "label/4.tif")
    (root / "label/4.png").unlink()
    return r"label.4\.tif.*whole numbers.*float32"


def of_other_size(root):
    save(np.zeros((10, 8), np.uint8), root / "label/4.png")
    return r"label.4\.png.*\(8, 10\).*\(10, 8\)"


def without_mask(root):
    for i in range(7):
        (root / f"label/{i}.png").unlink()
    return r"label: expected a mask.* none for 7: 0\.png, 1\.png, 2\.png, 3\.png, 4\.png, \.\.\.$"


def without_picture(root):
    (root / "image/3.png").unlink()
    return r"image: expected a picture.* none for 1: 3\.png$"


def no_pictures(root):
    for path in (root / "image").iterdir():
        path.unlink()
    return "image: expected pictures, got an empty folder"


def no_picture(root):
    (root / "image/notes.txt").write_text("no picture")
    return r"notes\.txt.*only pictures.*\.txt"


def folder_inside(root):
    (root / "label/more").mkdir()
    return "label.more.*only masks.*a folder"


def damaged_picture(root):
    (root / "image/4.png").write_bytes(b"no picture")
    return r"image.4\.png.*expected a picture"


def damaged_mask(root):
    content = (root / "label/4.png").read_bytes()
    (root / "label/4.png").write_bytes(content[: len(content) // 2])
    return r"label.4\.png.*expected a mask"


def twice(root):
    save(shade(4), root / "image/4.bmp")
    return r"image.4\.png.*one file named 4.*4\.bmp"


def two_folders_of_masks(root):
    write(root, ("image", "masks"))
    return "one folder of masks.*label and masks"


def link_out(root):
    save(shade(4), root.parent / "outside/4.png")
    (root / "image/4.png").unlink()
    os.symlink(root.parent / "outside/4.png", root / "image/4.png")
    return r"image.4\.png.*link that leads out"


def folder_out(root):
    os.rename(root / "label", root.parent / "outside")
    os.symlink(root.parent / "outside", root / "label")
    return "label.*link that leads out"


FAULTS = (
    coloured, transparent, as_jpeg, one_damaged, mixed, grey_levels, border, fractions, of_other_size, without_mask,
    without_picture, no_pictures, no_picture, folder_inside, damaged_picture, damaged_mask, twice,
    two_folders_of_masks, link_out, folder_out,
)  # fmt: skip


@pytest.mark.parametrize("spoil", FAULTS, ids=lambda spoil: spoil.__name__)
def test_fault_is_named(tmp_path, spoil):
    root = write(tmp_path / "own")
    data.load(root)
    words = spoil(root)
    with pytest.raises(ValueError, match=words) as told:
        data.load(root)
    assert str(root) in str(told.value)


def test_bad_pair_is_named(tmp_path):
    write(tmp_path)
    with pytest.raises(ValueError, match="nowhere.*nothing there"):
        data.load((tmp_path / "image", tmp_path / "nowhere"))
    with pytest.raises(ValueError, match=r"0\.png.*a file"):
        data.load((tmp_path / "image/0.png", tmp_path / "label"))
    with pytest.raises(ValueError, match="one for both"):
        data.load((tmp_path / "image", tmp_path / "image"))
    for bad in ((), (tmp_path,), (tmp_path, 3), (tmp_path, ""), (tmp_path,) * 3):
        with pytest.raises(TypeError, match="name_or_path"):
            data.load(bad)


# Other forms remain what they are


def test_class_folders_and_boxes_are_still_known(tmp_path):
    for name in ("image", "cats"):
        for i in range(4):
            save(shade(i), tmp_path / f"classes/{name}/{i}.png")
    assert isinstance(data.load(tmp_path / "classes").train, Part)
    for i in range(4):
        save(np.dstack([shade(i)] * 3), tmp_path / f"voc/images/{i}.png")
        box = "<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>5</xmax><ymax>5</ymax></bndbox>"
        xml = f"<annotation><filename>{i}.png</filename><object><name>cat</name>{box}</object></annotation>"
        (tmp_path / "voc/annotations").mkdir(exist_ok=True)
        (tmp_path / f"voc/annotations/{i}.xml").write_text(xml)
        save(number_mask(i), tmp_path / f"voc/masks/{i}.png")
    assert isinstance(data.load(tmp_path / "voc").train, BoxedPart)
