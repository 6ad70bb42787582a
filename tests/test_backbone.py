"""The trained VGG16: where its file comes from, what is accepted as one, and that it computes what Keras' does."""

import hashlib
import shutil

import h5py
import numpy as np
import pytest

from course_utils import models, runtime
from course_utils.models import backbone

keras = runtime.quiet_keras()


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """No test meets the caches of whoever runs it."""
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """VGG16 of Keras with features far from zero, and its weights in the form of ImageNet's, that of Keras 2."""
    rng = np.random.default_rng(0)
    model = keras.applications.VGG16(weights=None, include_top=False, input_shape=(224, 224, 3))
    path = tmp_path_factory.mktemp("weights") / backbone.IMAGENET_FILE
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in model.layers]
        for layer in model.layers:
            if layer.weights:
                kernel, bias = layer.get_weights()
                kernel *= np.float32(np.sqrt(2 / np.prod(kernel.shape[:-1])) / kernel.std())
                layer.set_weights([kernel, rng.normal(0, 0.1, bias.shape)])
            group = file.create_group(layer.name)
            names = [f"{layer.name}_{letter}_1:0".encode() for letter in "Wb"][: len(layer.weights)]
            group.attrs["weight_names"] = names
            for name, value in zip(names, layer.get_weights(), strict=True):
                group[name.decode()] = value
    return model, path


@pytest.fixture
def imagenet(full, tmp_path, monkeypatch):
    """The file of `full` in the course's cache, in place of ImageNet's."""
    monkeypatch.setattr(backbone, "IMAGENET_HASH", f"md5:{hashlib.md5(full[1].read_bytes()).hexdigest()}")
    path = tmp_path / "cache/models" / backbone.IMAGENET_FILE
    path.parent.mkdir(parents=True)
    return shutil.copy(full[1], path)


def features(model, images, layer="block5_pool"):
    return keras.Model(model.input, model.get_layer(layer).output)(images).numpy()


def random_images(*shape):
    return np.random.default_rng(5).uniform(size=shape).astype("float32")


def equal(one, two):
    return len(one) == len(two) and all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


def test_the_shipped_weights_are_loaded():
    model = models.load_backbone(input_shape=(40, 40, 3))
    with h5py.File(backbone._slim()) as file:
        stored = file["layers/conv2d/vars/0"][()]
    assert np.array_equal(model.get_layer("block1_conv1").get_weights()[0], stored)
    assert model.name == "vgg16_slim" and features(model, random_images(2, 40, 40, 3)).std() > 0.01
    assert all(layer.trainable for layer in model.layers) and len(model.trainable_weights) == 13 * 3


@pytest.mark.parametrize(
    "shape, side, seen, first_layers",
    [
        ((200, 33, 3), None, (200, 33), ["preprocessing"]),
        ((28, 28, 1), None, (32, 32), ["enlarged", "grey_as_colour", "preprocessing"]),
        ((16, 40, 3), None, (32, 80), ["enlarged", "preprocessing"]),
        ((28, 30, 1), 64, (64, 64), ["resized", "grey_as_colour", "preprocessing"]),
        ((64, 64, 1), 64, (64, 64), ["grey_as_colour", "preprocessing"]),
    ],
)
def test_first_layers_are_those_that_are_needed(shape, side, seen, first_layers):
    model = models.load_backbone("slim", shape, side)
    assert [layer.name for layer in model.layers][1 : len(first_layers) + 2] == [*first_layers, "block1_conv1"]
    assert model.get_layer("block1_conv1").output.shape[1:3] == seen
    assert model(random_images(1, *shape)).shape == (1, seen[0] // 32, seen[1] // 32, 64)


def test_a_call_trains_nothing():
    """Keras' Resizing alone would have batch normalisation learn from each call."""
    model, x = models.load_backbone("slim", (28, 28, 1)), random_images(2, 28, 28, 1)
    before = model.get_weights()
    np.testing.assert_allclose(model(x), model.predict(x, verbose=0), rtol=1e-4, atol=1e-5)
    assert equal(model.get_weights(), before)
    model(x, training=True)
    assert not equal(model.get_weights(), before)


def test_preprocessing_is_by_its_formula():
    x = random_images(2, 32, 32, 1)
    found = features(models.load_backbone("slim", (32, 32, 1)), x, "preprocessing")
    np.testing.assert_allclose(found, np.repeat((x - 0.5) / 0.25, 3, axis=-1), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("end", ["weights.h5", "keras"])
def test_weights_of_ones_own_are_trained_saved_and_loaded(tmp_path, end):
    """For images of another size, and by itself."""
    model = models.load_backbone("slim", (28, 28, 1))
    x, path = random_images(4, 28, 28, 1), tmp_path / f"mine.{end}"
    before = model.get_weights()
    model.compile("sgd", "mse")
    model.fit(x, np.ones((4, 1, 1, 64), "float32"), verbose=0)
    assert not equal(model.get_weights(), before)
    if end == "keras":
        model.save(path)
        assert np.array_equal(keras.saving.load_model(path)(x), model(x))
    else:
        model.save_weights(path)
    assert equal(models.load_backbone(path, (50, 60, 3)).get_weights(), model.get_weights())
    keras.Model(model.input, keras.layers.Dense(3)(model.output)).save(tmp_path / "classifier.keras")
    assert equal(models.load_backbone(tmp_path / "classifier.keras").get_weights(), model.get_weights())
    assert runtime.uses_own_data()


def test_imagenet_features_are_those_of_keras(imagenet, full, tmp_path):
    theirs, x = full[0], random_images(1, 224, 224, 3)
    x[..., 2] *= 0.3  # the order of the channels matters
    model = models.load_backbone("imagenet", (224, 224, 3))
    assert [layer.name for layer in model.layers][1:] == ["preprocessing", *[la.name for la in theirs.layers][1:]]
    prepared = keras.applications.vgg16.preprocess_input(x * 255)
    for layer in ("block1_conv1", "block5_pool"):
        expected = features(theirs, prepared, layer)
        assert expected.std() > 0.01 * expected.max()
        np.testing.assert_allclose(features(model, x, layer), expected, rtol=1e-4, atol=1e-4 * expected.max())
    mirrored = features(theirs, prepared[..., ::-1])
    assert abs(features(model, x) - mirrored).max() > 0.05 * mirrored.max()
    assert equal(models.load_backbone(full[1]).get_weights(), model.get_weights())
    model.save_weights(tmp_path / "mine.weights.h5")  # loaded without turning the channels again
    assert equal(models.load_backbone(tmp_path / "mine.weights.h5").get_weights(), model.get_weights())


def test_keras_cache_comes_first(imagenet, tmp_path):
    (tmp_path / "keras/models").mkdir(parents=True)
    path = shutil.move(imagenet, tmp_path / "keras/models" / imagenet.name)
    assert models.load_backbone("imagenet").name == "vgg16"
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [path]


@pytest.mark.parametrize("content", [None, b"not the right file"])
def test_imagenet_without_network_says_what_to_do(tmp_path, content):
    folder = tmp_path / "cache/models"
    if content:
        folder.mkdir(parents=True)
        (folder / backbone.IMAGENET_FILE).write_bytes(content)
    with pytest.raises(ConnectionError, match="load_backbone.'slim'. works with no network") as caught:
        models.load_backbone("imagenet")
    assert f"put {backbone.IMAGENET_FILE} from {backbone.IMAGENET_ADDRESS} into {folder}" in str(caught.value)


def test_address_and_hash_are_keras_own():
    import inspect

    source = inspect.getsource(inspect.getmodule(keras.applications.vgg16.VGG16)).replace('"\n    "', "")
    assert f'"{backbone.IMAGENET_ADDRESS}{backbone.IMAGENET_FILE}"' in source
    assert backbone.IMAGENET_HASH.removeprefix("md5:") in source


@pytest.mark.filterwarnings("ignore:Skipping nested container")
@pytest.mark.parametrize("end", ["weights.h5", "keras"])
def test_what_does_not_fit_is_refused_by_name(tmp_path, end):
    path = tmp_path / f"wrong.{end}"

    def refused(words):
        with pytest.raises(ValueError, match=words) as caught:
            models.load_backbone(path)
        assert str(path) in str(caught.value)

    refused("which: expected 'slim', 'imagenet' or a weights file, got .* no file")
    path.write_bytes(b"no weights here" * 100)
    refused("expected weights .* got a file that does not fit")
    for config in "BE":
        other = models.vgg.vgg(config, 1 / 8, (32, 32, 3), 2, "pool", True)
        other.save_weights(path) if end == "weights.h5" else other.save(path)
        refused("does not fit")
    path.write_bytes(path.read_bytes()[:100_000])
    refused("does not fit")
