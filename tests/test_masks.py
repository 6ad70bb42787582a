"""A reader's own pictures with masks: every layout and form, and what is refused."""

import numpy as np
import pytest
from PIL import Image

from course_utils import data

PARTS = ("train", "validation", "test")
SIZE = 8, 10


def number_mask(i, classes=2, size=SIZE):
    """The mask of picture i: a stripe of each class in a position that tells i."""
    mask = np.zeros(size, np.uint8)
    for number in range(1, classes):
        mask[number, : i % 8 + 1] = number
    return mask


def save(array, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)


def shade(i, size=SIZE):
    return np.full(size, 20 * i, np.uint8)


def write(root, names=("image", "label"), white=True, classes=2):
    for i in range(10):
        save(shade(i), root / names[0] / f"{i}.png")
        save(number_mask(i, classes) * (255 if white else 1), root / names[1] / f"{i}.png")
    return root


def pairs(d):
    return [pair for part in PARTS for pair in zip(*getattr(d, part)[:2], strict=True)]


def check(d, classes=2):
    found = []
    for image, mask in pairs(d):
        i = round(float(image.mean()) * 255 / 20)
        assert np.array_equal(mask, number_mask(i, classes)) and mask.dtype == np.uint8
        assert image.dtype == np.float32 and np.allclose(image, 20 * i / 255)
        found.append(i)
    assert sorted(found) == list(range(10)) and len(d.class_names) == classes
    assert [len(getattr(d, part).masks) for part in PARTS] == [7, 1, 2] and d.train.instances is None


@pytest.mark.parametrize("names", [("image", "label"), ("images", "masks"), ("imgs", "masks")])
def test_folder(tmp_path, names):
    root = write(tmp_path / "own", names)
    (root / "readme.txt").write_text("passed over")
    (root / names[0] / ".DS_Store").write_text("passed over")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    d = data.load(root)
    check(d)
    assert d.train.images.shape == (7, 8, 10, 1) and d.train.masks.shape == (7, 8, 10)
    assert d.class_names == ("background", "object") and d.name == "own"
    assert np.array_equal(d.train.images, data.load(str(root)).train.images)
    assert before == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}


def test_two_folders_and_any_ending(tmp_path):
    write(tmp_path, ("scans", "truth"))
    for path in sorted((tmp_path / "scans").iterdir())[:5]:
        Image.open(path).save(path.with_suffix(".TIF"), format="TIFF")
        path.unlink()
    check(data.load((str(tmp_path / "scans"), tmp_path / "truth")))
    with pytest.raises(ValueError, match="nowhere"):
        data.load((tmp_path / "scans", tmp_path / "nowhere"))


def as_palette(mask):
    picture = Image.fromarray(mask, mode="P")
    picture.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 0, 200, 200, 0])
    return picture


FORMS = {
    "numbers": Image.fromarray,
    "palette": as_palette,
    "16 bits": lambda mask: Image.fromarray(mask.astype(np.uint16)),
    "grey in three channels": lambda mask: Image.fromarray(np.dstack([mask] * 3)),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.filterwarnings("ignore:'mode' parameter is deprecated")
def test_numbers_of_classes(tmp_path, form):
    write(tmp_path)
    for i in range(10):
        form(number_mask(i, 4)).save(tmp_path / f"label/{i}.png")
    d = data.load(tmp_path)
    check(d, 4)
    assert d.class_names == tuple("0123")
    assert data.load(tmp_path, classes=6).class_names == tuple("012345")
    with pytest.raises(ValueError, match=r"label.0\.png.*class numbers below 3 .*got \[0, 1, 2, 3\]"):
        data.load(tmp_path, classes=3)


@pytest.mark.parametrize("mode", ["1", "RGB", "RGBA", "LA"])
def test_black_and_white_in_other_modes(tmp_path, mode):
    for path in (write(tmp_path) / "label").iterdir():
        Image.open(path).convert(mode).save(path)
    check(data.load(tmp_path))


def test_an_empty_mask_among_white_ones(tmp_path):
    save(np.zeros(SIZE, np.uint8), write(tmp_path) / "label/3.png")
    save(np.full(SIZE, 255, np.uint8), tmp_path / "label/4.png")
    means = {round(float(image.mean()) * 255 / 20): mask.mean() for image, mask in pairs(data.load(tmp_path))}
    assert means[3] == 0 and means[4] == 1


def test_several_sizes_come_as_lists_and_one_with_size(tmp_path):
    write(tmp_path, white=False, classes=3)
    save(np.dstack([shade(5, (16, 20))] * 3), tmp_path / "image/5.png")
    save(np.kron(number_mask(5, 3), np.ones((2, 2), np.uint8)), tmp_path / "label/5.png")
    d = data.load(tmp_path)
    assert all(isinstance(getattr(d, part)[i], list) for part in PARTS for i in (0, 1))
    assert {image.shape for image, _ in pairs(d)} == {(8, 10, 3), (16, 20, 3)}  # one in colour makes all colour
    assert all(image.shape[:2] == mask.shape for image, mask in pairs(d))
    check(data.load(tmp_path, size=SIZE), 3)
    for image, mask in pairs(data.load(tmp_path, size=(32, 40))):
        i = round(float(image.mean()) * 255 / 20)
        assert image.shape == (32, 40, 3) and np.array_equal(mask, np.kron(number_mask(i, 3), np.ones((4, 4))))


def blocks(value):
    return np.kron([[0, value], [value, 0]], np.ones((32, 32))).astype(np.uint8)


FAULTS = {
    "coloured": ("4.png", np.dstack([blocks(9), blocks(200), blocks(0)]), "black and white.*palette.*RGB"),
    "jpeg": ("4.jpg", np.roll(blocks(255), 3, axis=1), "0 and 255.*JPEG.*PNG"),
    "border": ("4.png", np.maximum(number_mask(4, 3), np.eye(*SIZE, dtype=np.uint8) * 255), "got .*255.*border of 255"),
    "grey levels": ("4.png", number_mask(4) * 128, r"0 and 255.* got \[0, 128\]"),
    "fractions": ("4.tif", np.zeros(SIZE, np.float32), "fractions"),
    "another size": ("4.png", np.zeros((10, 8), np.uint8), r"\(8, 10\).*\(10, 8\)"),
}


@pytest.mark.parametrize("name, mask, words", FAULTS.values(), ids=FAULTS)
def test_bad_masks_are_named(tmp_path, name, mask, words):
    root = write(tmp_path / "own")
    (root / "label/4.png").unlink()
    save(mask, root / "label" / name)
    if mask.shape[:2] == (64, 64):
        save(blocks(9), root / "image/4.png")
    with pytest.raises(ValueError, match=f"label.{name}.*{words}"):
        data.load(root)


def test_bad_files_are_named(tmp_path):
    root = write(tmp_path / "own")
    content = (root / "label/4.png").read_bytes()
    (root / "label/4.png").write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match=r"label.4\.png: expected a mask"):
        data.load(root)
    (root / "image/4.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"image.4\.png: expected an image"):
        data.load(root)
    (root / "label/4.png").rename(root / "label/3.bmp")
    with pytest.raises(ValueError, match="label: expected images of different names"):
        data.load(root)
    (root / "label/3.bmp").unlink()
    with pytest.raises(ValueError, match=r"label: expected an image and a mask of each name, got only one of \['4'\]"):
        data.load(root)
    for path in [path for path in root.rglob("*.png") if path.stem not in "01"]:
        path.unlink()
    with pytest.raises(ValueError, match="image: expected at least 3 images with their masks, got 2"):
        data.load(root)
