"""The trained VGG16: where its file comes from, what is accepted as one, and that it computes what Keras' does."""

import functools
import gc
import hashlib
import http.server
import shutil
import threading
import zipfile

import h5py
import numpy as np
import pytest

from course_utils import models, runtime
from course_utils.data import downloads
from course_utils.models import backbone

keras = runtime.quiet_keras()
RNG = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """No test meets the caches of whoever runs it."""
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))


@pytest.fixture
def memory_given_back():
    """Models are cycles of references, which Python lets pile up for a while."""
    yield
    gc.collect()


def lively(model):
    """Give a model weights under which its features are far from zero and differ from channel to channel."""
    for layer in model.layers:
        if layer.weights:
            values = [w + RNG.normal(0, 0.1, w.shape).astype("float32") for w in layer.get_weights()]
            if values[0].ndim == 4:
                values[0] *= np.float32(np.sqrt(2 / np.prod(values[0].shape[:-1])) / values[0].std())
            layer.set_weights([abs(v) if v.ndim == 1 and len(values) == 4 else v for v in values])
    return model


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("weights")


@pytest.fixture(scope="module")
def slim(folder):
    """A slim backbone, and its file."""
    model = lively(models.backbone.build_slim((40, 40, 3)))
    model.save_weights(folder / "slim.weights.h5")
    return model, folder / "slim.weights.h5"


@pytest.fixture(scope="module")
def full(folder):
    """VGG16 of Keras, and its weights in the form of Keras 2, as ImageNet's are published."""
    model = lively(keras.applications.VGG16(weights=None, include_top=False, input_shape=(224, 224, 3)))
    with h5py.File(folder / "notop.h5", "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in model.layers]
        for layer in model.layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}_{letter}_1:0".encode() for letter in "Wb"][: len(layer.weights)]
            group.attrs["weight_names"] = names
            for name, value in zip(names, layer.get_weights(), strict=True):
                group[name.decode()] = value
    return model, folder / "notop.h5"


@pytest.fixture
def shipped(slim, monkeypatch):
    """The slim file in the course's place."""
    monkeypatch.setattr(backbone, "SLIM_FILE", str(slim[1]))  # joining an absolute path gives that path
    monkeypatch.setattr(backbone, "SLIM_SHA256", hashlib.sha256(slim[1].read_bytes()).hexdigest())


def features(model, pictures, layer="block5_pool"):
    return keras.Model(model.input, model.get_layer(layer).output)(pictures).numpy()


def pictures(*shape):
    return np.random.default_rng(5).uniform(size=shape).astype("float32")


def weights_of(model):
    return {layer.name: layer.get_weights() for layer in model.layers if layer.weights}


def assert_same_weights(one, two):
    one, two = weights_of(one), weights_of(two)
    assert list(one) == list(two)
    for name, values in one.items():
        assert all(np.array_equal(a, b) for a, b in zip(values, two[name], strict=True)), name


# Slim


def test_the_courses_own_file_is_whole_and_small():
    assert features(models.load_backbone(), pictures(2, 32, 32, 3)).std() > 0.01
    assert backbone._slim().stat().st_size < 3e6


def test_slim_is_loaded(shipped, slim):
    model = models.load_backbone(input_shape=(40, 40, 3))
    assert_same_weights(model, slim[0])
    x = pictures(2, 40, 40, 3)
    found = features(model, x)
    assert np.array_equal(found, features(slim[0], x)) and found.shape == (2, 1, 1, 64) and found.std() > 0.01
    assert all(layer.trainable for layer in model.layers) and len(model.trainable_weights) == 13 * 3


@pytest.mark.parametrize(
    "shape, seen, first_layers",
    [
        ((32, 32, 3), (32, 32), ["preprocessing"]),
        ((200, 33, 3), (200, 33), ["preprocessing"]),
        ((28, 28, 1), (32, 32), ["enlarged", "grey_as_colour", "preprocessing"]),
        ((16, 40, 3), (32, 80), ["enlarged", "preprocessing"]),
        ((64, 64, 1), (64, 64), ["grey_as_colour", "preprocessing"]),
        ((1, 1, 1), (32, 32), ["enlarged", "grey_as_colour", "preprocessing"]),
    ],
)
def test_first_layers_are_those_that_are_needed(shipped, shape, seen, first_layers):
    model = models.load_backbone("slim", shape)
    assert [layer.name for layer in model.layers][1 : len(first_layers) + 2] == [*first_layers, "block1_conv1"]
    assert model.get_layer("block1_conv1").output.shape[1:3] == seen
    assert model(pictures(1, *shape)).shape == (1, seen[0] // 32, seen[1] // 32, 64)
    assert not any(isinstance(layer, keras.Model) for layer in model.layers)


@pytest.mark.parametrize("shape", [(32, 32, 3), (28, 28, 1)])
def test_a_call_trains_nothing(shipped, shape):
    """Keras' Resizing would have batch normalization learn from each call, and dropout drop."""
    model, x = models.load_backbone("slim", shape), pictures(2, *shape)
    classifier = keras.Model(model.input, keras.layers.Dropout(0.5)(model.output))
    before = weights_of(model)
    called = classifier(x).numpy()
    np.testing.assert_allclose(called, classifier.predict(x, verbose=0), rtol=1e-4, atol=1e-5)
    after = weights_of(model)
    assert all(np.array_equal(a, b) for name in before for a, b in zip(before[name], after[name], strict=True))
    classifier(x, training=True)
    assert not np.array_equal(before["block1_bn1"][2], model.get_layer("block1_bn1").get_weights()[2])


def test_preprocessing_is_by_its_formula(shipped):
    x = pictures(2, 32, 32, 1)
    found = features(models.load_backbone("slim", (32, 32, 1)), x, "preprocessing")
    np.testing.assert_allclose(found, np.repeat((x - 0.5) / 0.25, 3, axis=-1), rtol=1e-5, atol=1e-6)


def test_slim_can_be_saved_trained_and_loaded(shipped, tmp_path):
    """As a whole, safely; and its weights, for load_backbone."""
    model = models.load_backbone("slim", (28, 28, 1))
    x = pictures(4, 28, 28, 1)
    model.compile("sgd", "mse")
    before = weights_of(model)
    model.fit(x, np.ones((4, 1, 1, 64), "float32"), verbose=0)
    assert not np.array_equal(before["block1_conv1"][0], model.get_layer("block1_conv1").get_weights()[0])
    model.save(tmp_path / "tuned.keras")
    whole = keras.saving.load_model(tmp_path / "tuned.keras", safe_mode=True)
    assert np.array_equal(model(x), whole(x))
    model.save_weights(tmp_path / "tuned.weights.h5")
    for path in ("tuned.keras", "tuned.weights.h5"):
        assert_same_weights(models.load_backbone(tmp_path / path, (50, 60, 3)), model)


@pytest.mark.parametrize("nested", [False, True])
def test_a_classifier_upon_it_gives_it_back(shipped, tmp_path, nested):
    body = models.load_backbone("slim")
    x = body.output if not nested else body(body.input)
    x = keras.layers.Dense(3, name="head")(keras.layers.Flatten()(x))
    keras.Model(body.input, x).save(tmp_path / "classifier.keras")
    assert_same_weights(models.load_backbone(str(tmp_path / "classifier.keras")), body)


def test_shipped_file_is_verified(shipped, slim, tmp_path, monkeypatch):
    content = slim[1].read_bytes()
    path = tmp_path / "damaged.weights.h5"
    monkeypatch.setattr(backbone, "SLIM_FILE", str(path))
    for place in (0, 1000, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(ValueError, match=r"damaged.weights.h5: expected the file with SHA-256"):
            models.load_backbone("slim")
    path.unlink()
    with pytest.raises(ValueError, match=r"expected the course's file .*damaged.weights.h5"):
        models.load_backbone("slim")


# Full width


@pytest.mark.usefixtures("memory_given_back")
def test_features_are_those_of_keras(full):
    theirs, path = full
    x = pictures(1, 224, 224, 3)
    x[..., 2] *= 0.3  # the order of the channels matters
    model = models.load_backbone(path, (224, 224, 3))
    assert [layer.name for layer in model.layers][1:] == ["preprocessing", *[la.name for la in theirs.layers][1:]]
    prepared = keras.applications.vgg16.preprocess_input(x * 255)
    for layer in ("block1_conv1", "block5_pool"):
        expected = features(theirs, prepared, layer)
        assert expected.std() > 0.01 * expected.max()
        np.testing.assert_allclose(features(model, x, layer), expected, rtol=1e-4, atol=1e-4 * expected.max())
    mirrored = features(theirs, prepared[..., ::-1])
    assert abs(features(model, x) - mirrored).max() > 0.05 * mirrored.max()
    assert not any(isinstance(layer, keras.Model) for layer in model.layers) and len(model.trainable_weights) == 26


def test_pictures_are_brought_to_the_side_that_is_asked_for(full):
    assert models.load_backbone(full[1], (28, 60, 1)).output.shape == (None, 1, 2, 512)  # 28 is below 32
    model = models.load_backbone(full[1], (28, 30, 1), side=224)
    names = [layer.name for layer in model.layers][1:5]
    assert names == ["resized", "grey_as_colour", "preprocessing", "block1_conv1"]
    assert model.output.shape == (None, 7, 7, 512)
    flat = features(model, np.full((1, 28, 30, 1), 0.25, "float32"), "preprocessing")
    np.testing.assert_allclose(flat[0, 0, 0], [63.75 - 123.68, 63.75 - 116.779, 63.75 - 103.939], rtol=1e-4)


@pytest.mark.usefixtures("memory_given_back")
def test_every_form_of_file_gives_the_same(full, tmp_path):
    """Keras' VGG16 in three forms, with and without its top; then ours, which is not turned a second time."""
    theirs, path = full
    first = models.load_backbone(path, (224, 224, 3))
    flipped = theirs.get_layer("block1_conv1").get_weights()[0][:, :, ::-1]
    assert np.array_equal(first.get_layer("block1_conv1").get_weights()[0], flipped)
    for name in ("keras3.weights.h5", "keras3.keras", "whole.h5"):
        theirs.save_weights(tmp_path / name) if "weights" in name else theirs.save(tmp_path / name)
        assert_same_weights(models.load_backbone(tmp_path / name), first)
        (tmp_path / name).unlink()
        gc.collect()
    with_top = keras.Model(theirs.input, keras.layers.Dense(2, name="fc1")(theirs.output))
    with_top.save_weights(tmp_path / "top.weights.h5")
    assert_same_weights(models.load_backbone(tmp_path / "top.weights.h5"), first)
    for name in ("ours.weights.h5", "ours.keras", "ours.h5"):
        first.save_weights(tmp_path / name) if "weights" in name else first.save(tmp_path / name)
        assert_same_weights(models.load_backbone(tmp_path / name, (32, 32, 1)), first)
        (tmp_path / name).unlink()
        gc.collect()


def test_our_old_form_is_keras_own(full):
    """Keras reads the file that these tests hold to be in its published form, and finds its weights."""
    again = keras.applications.VGG16(weights=str(full[1]), include_top=False, input_shape=(32, 32, 3))
    assert_same_weights(again, full[0])


@pytest.mark.parametrize(("side", "error"), [(31, ValueError), (64.0, TypeError)])
def test_no_side_is_refused(shipped, side, error):
    with pytest.raises(error, match="side: expected a whole number of at least 32"):
        models.load_backbone("slim", side=side)


# ImageNet: kept, Keras' or fetched


@pytest.fixture
def server(full, monkeypatch):
    """A server on loopback with weights in the place of ImageNet's; what it gives can be changed."""
    gives = {"content": full[1].read_bytes(), "asked": 0}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            gives["asked"] += 1
            content = gives["content"] if self.path == f"/{backbone.IMAGENET_FILE}" else None
            self.send_response(200 if content is not None else 404)
            self.send_header("Content-Length", str(gives.get("length", len(content or b""))))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *arguments):
            pass

    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, args=[0.01], daemon=True).start()
    monkeypatch.setattr(backbone, "IMAGENET_ADDRESS", f"http://127.0.0.1:{running.server_port}/")
    monkeypatch.setattr(backbone, "IMAGENET_MD5", hashlib.md5(gives["content"]).hexdigest())
    yield gives
    running.shutdown()
    running.server_close()


def files_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.usefixtures("memory_given_back")
def test_imagenet_is_fetched_once(server, full, tmp_path, capfd):
    first = models.load_backbone("imagenet", (32, 32, 3))
    assert_same_weights(models.load_backbone("imagenet"), first)
    assert_same_weights(models.load_backbone(full[1]), first)
    assert server["asked"] == 1
    assert files_in(tmp_path) == [f"cache/models/{backbone.IMAGENET_FILE}"]
    told = capfd.readouterr()
    assert told.err == "" and "vgg16" in told.out


def test_keras_cache_is_used_and_left_alone(server, full, tmp_path):
    place = tmp_path / "keras/models" / backbone.IMAGENET_FILE
    place.parent.mkdir(parents=True)
    shutil.copy(full[1], place)
    assert models.load_backbone("imagenet").name == "vgg16"
    assert server["asked"] == 0 and files_in(tmp_path) == [f"keras/models/{backbone.IMAGENET_FILE}"]


@pytest.mark.parametrize("which", ["cache", "keras"])
def test_wrong_file_in_a_cache_is_named_and_left(server, full, tmp_path, which):
    place = tmp_path / which / "models" / backbone.IMAGENET_FILE
    place.parent.mkdir(parents=True)
    good = full[1].read_bytes()
    for content in (b"precious", b"", good[:-1], good[:5000] + bytes([good[5000] ^ 1]) + good[5001:]):
        place.write_bytes(content)
        with pytest.raises(ValueError, match=r"notop.h5: expected the file with MD5 .* Delete it") as told:
            models.load_backbone("imagenet")
        assert str(place) in str(told.value) and place.read_bytes() == content
    assert server["asked"] == 0 and len(files_in(tmp_path)) == 1


@pytest.mark.parametrize("content", [b"something else", b""])
def test_wrong_download_leaves_nothing(server, tmp_path, content):
    server["content"] = content
    with pytest.raises(ValueError, match="imagenet: expected http://.* to have MD5 .*Nothing was kept"):
        models.load_backbone("imagenet")
    assert files_in(tmp_path) == []


def test_cut_off_download_leaves_nothing(server, tmp_path):
    server["length"] = len(server["content"])
    server["content"] = server["content"][:100_000]
    with pytest.raises((ConnectionError, ValueError), match="load_backbone.'slim'. works with no network"):
        models.load_backbone("imagenet")
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("how", ["blocked", "missing"])
def test_without_network_one_message_says_it_all(server, tmp_path, monkeypatch, how):
    server["content"] = None
    if how == "blocked":
        monkeypatch.setattr(backbone, "IMAGENET_ADDRESS", "https://example.org/vgg16/")
    with pytest.raises(ConnectionError, match="load_backbone.'slim'. works with no network") as told:
        models.load_backbone("imagenet")
    address = backbone.IMAGENET_ADDRESS + backbone.IMAGENET_FILE
    assert f"put {backbone.IMAGENET_FILE} from {address} into {tmp_path / 'cache/models'}" in str(told.value)
    assert files_in(tmp_path) == []


def test_address_and_hash_are_keras_own():
    import inspect

    source = inspect.getsource(inspect.getmodule(keras.applications.vgg16.VGG16))
    joined = source.replace('"\n    "', "")
    assert f'"{backbone.IMAGENET_ADDRESS}{backbone.IMAGENET_FILE}"' in joined
    assert backbone.IMAGENET_MD5 in source


def test_verify_knows_both_hashes(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    for kind in ("md5", "sha256"):
        downloads.verify(path, f"{kind}:{hashlib.new(kind, b'abc').hexdigest()}")
        with pytest.raises(ValueError, match=f"expected the file with {'MD5' if kind == 'md5' else 'SHA-256'} 00"):
            downloads.verify(path, f"{kind}:00")


# What is refused


def refused(path, words, **how):
    with pytest.raises(ValueError, match=words) as told:
        models.load_backbone(path, **how)
    assert str(path) in str(told.value)


def test_what_is_no_weights_file_is_refused(slim, tmp_path):
    content = slim[1].read_bytes()
    refused(tmp_path / "none.h5", "which: expected .*, no such file")
    refused(tmp_path, "which: expected .*, a folder")
    for name, written, words in (
        ("weights.pkl", content, "got '.pkl'"),
        ("weights", content, "no suffix"),
        ("weights.npz", content, "'.npz'"),
        ("empty.h5", b"", "cannot be read"),
        ("text.h5", b"no weights here" * 100, "cannot be read"),
        ("pickle.h5", b"\x80\x04\x95" + content, "cannot be read"),
        ("empty.keras", b"", "cannot be read"),
        ("hdf5.keras", content, "cannot be read"),
    ):
        (tmp_path / name).write_bytes(written)
        refused(tmp_path / name, words)


@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("end", ["weights.h5", "keras"])
def test_truncated_files_are_refused(slim, tmp_path, share, end):
    model, path = slim
    if end == "keras":
        path = tmp_path / "whole.keras"
        model.save(path)
    content = path.read_bytes()
    cut = tmp_path / f"cut.{end}"
    cut.write_bytes(content[: int(len(content) * share)])
    refused(cut, "cannot be read")


def test_damaged_archive_is_refused(slim, tmp_path):
    slim[0].save(tmp_path / "whole.keras")
    content = (tmp_path / "whole.keras").read_bytes()
    middle = len(content) // 2
    (tmp_path / "whole.keras").write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    refused(tmp_path / "whole.keras", "cannot be read.*CRC")
    with zipfile.ZipFile(tmp_path / "other.keras", "w") as archive:
        archive.writestr("config.json", "{}")
    refused(tmp_path / "other.keras", "model.weights.h5")


def edited(slim, tmp_path, change):
    """A copy of the slim file, changed."""
    path = tmp_path / "edited.weights.h5"
    shutil.copy(slim[1], path)
    with h5py.File(path, "r+") as file:
        change(file)
    return path


def put(value, file, place="layers/conv2d_3/vars/0"):
    del file[place]
    file[place] = value


BAD_CONTENT = {
    "NaN": (lambda file: file["layers/conv2d_3/vars/0"].__setitem__((0, 0, 0, 0), np.nan), "NaN.*block2_conv2"),
    "infinity": (lambda file: file["layers/batch_normalization/vars/3"].__setitem__(1, np.inf), "infinity.*block1_bn1"),
    "shape": (
        functools.partial(put, np.zeros((3, 3, 16, 17), "f4")),
        r"3, 3, 16, 16.* block2_conv2, got .3, 3, 16, 17",
    ),
    "no kernel": (lambda file: file.pop("layers/conv2d_3"), "block2_conv2, got none"),
    "integers": (functools.partial(put, np.zeros((3, 3, 16, 16), int)), "not an array of floating-point numbers"),
    "objects": (functools.partial(put, np.array([b"x"] * 4, object)), "not an array of floating-point numbers"),
    "one more": (lambda file: file.copy("layers/conv2d_3", "layers/conv2d_99"), "two layers are named block2_conv2"),
    "soft link": (functools.partial(put, h5py.SoftLink("/layers/conv2d_4/vars/0")), "cannot be read"),
    "external link": (functools.partial(put, h5py.ExternalLink("x.h5", "/x")), "cannot be read"),
    "not ours": (lambda file: file.pop("layers/normalization"), "saved from a model of load_backbone"),
}


@pytest.mark.parametrize("case", BAD_CONTENT)
def test_bad_content_is_refused(slim, tmp_path, case):
    change, words = BAD_CONTENT[case]
    refused(edited(slim, tmp_path, change), words)


def test_arrays_in_other_files_are_refused(slim, tmp_path):
    np.zeros((3, 3, 16, 16), "f4").tofile(tmp_path / "outside.bin")

    def external(file):
        place = "layers/conv2d_3/vars/0"
        del file[place]
        file.create_dataset(place, (3, 3, 16, 16), "f4", external=[(str(tmp_path / "outside.bin"), 0, 9216)])

    def virtual(file):
        layout = h5py.VirtualLayout((3, 3, 16, 16), "f4")
        layout[:] = h5py.VirtualSource(str(slim[1]), "layers/conv2d_3/vars/0", (3, 3, 16, 16))
        put_at = file["layers/conv2d_3/vars"]
        del put_at["0"]
        put_at.create_virtual_dataset("0", layout)

    for change in (external, virtual):
        refused(edited(slim, tmp_path, change), "in this file")


def test_other_networks_are_refused(tmp_path):
    from course_utils.models.vgg import vgg

    small = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3), keras.layers.Flatten()])
    others = {
        "small": (small, "full-width VGG16.*block1_conv1, got none"),
        "vgg16 of half width": (vgg("D", 1 / 2, (32, 32, 3), 2, "pool"), "full-width.* got .3, 3, 3, 32"),
        "vgg19, slim": (vgg("E", 1 / 8, (32, 32, 3), 2, "pool", True), r"slim.* none for block\d_(conv|bn)4, got"),
        "vgg13, slim": (vgg("B", 1 / 8, (32, 32, 3), 2, "pool", True), "slim.* block3_conv3, got none"),
        "slim on pictures of unknown range": (
            vgg("D", 1 / 8, (32, 32, 3), 2, "pool", True),
            "saved from a model of load_backbone",
        ),
    }
    for name, (model, words) in others.items():
        for end in ("weights.h5", "keras", "h5"):
            path = tmp_path / f"{name}.{end}"
            model.save_weights(path) if end == "weights.h5" else model.save(path)
            refused(path, words)


def test_an_archives_architecture_is_not_read(slim, tmp_path):
    """Of an archive that would run code when loaded as a model, the weights are taken and nothing runs."""
    slim[0].save(tmp_path / "good.keras")
    with zipfile.ZipFile(tmp_path / "good.keras") as good, zipfile.ZipFile(tmp_path / "odd.keras", "w") as odd:
        odd.writestr("model.weights.h5", good.read("model.weights.h5"))
        odd.writestr("config.json", "no JSON at all")
        odd.writestr("metadata.json", "nor this")
    assert_same_weights(models.load_backbone(tmp_path / "odd.keras"), slim[0])


@pytest.mark.parametrize(
    "arguments, error, words",
    [
        ((None,), TypeError, "which: expected 'slim', 'imagenet' or"),
        (("",), TypeError, "which"),
        ((3,), TypeError, "which"),
        (("slimm",), ValueError, "which: expected 'slim', 'imagenet' or a weights file .*, got slimm, no such file"),
        (("slim", (32, 32)), ValueError, r"input_shape: expected .height, width, channels., got \(32, 32\)"),
        (("slim", (32, 32, 2)), ValueError, "input_shape: expected 1 or 3 channels, got 2"),
        (("slim", (0, 32, 3)), ValueError, "input_shape: .*height of at least 1"),
        (("slim", (32, 3.5, 3)), TypeError, "input_shape: .*width"),
        (("imagenet", (None, None, 3)), TypeError, "input_shape: .*height"),
        (("imagenet", (32, 32, 4)), ValueError, "input_shape"),
    ],
)
def test_bad_arguments_are_named(shipped, arguments, error, words):
    with pytest.raises(error, match=words):
        models.load_backbone(*arguments)
