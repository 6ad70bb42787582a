"""Every picture has a text alternative, and says no to what it cannot show."""

import base64
import io
import re

import keras
import numpy as np
import pytest
from PIL import Image

from course_utils import display, plots, training
from course_utils.byhand.convolution import SOBEL_ROWS, as_matrix
from course_utils.plots import kernels

GREY = np.linspace(0, 1, 48).reshape(6, 8)
COLOUR = np.dstack([GREY] * 3)
FOUND = {"boxes": np.array([[1, 1, 5, 4.0]]), "labels": np.array([1]), "scores": np.array([0.75])}
PICTURES = {
    "pictures": lambda: plots.pictures([GREY, GREY[..., None], np.dstack([GREY] * 3)], ["a", "b", "c"], "three"),
    "signed": lambda: plots.pictures([GREY - 0.5], title="signed", signed=True),
    "dark": lambda: plots.pictures([GREY * 0], title="all black"),
    "numbers": lambda: plots.numbers([np.eye(3), np.ones((2, 2))], ["a", "b"], "two", {0: [(0, 0, 1, 1)]}, ["="]),
    "curves": lambda: plots.curves(range(3), {"up": [1, 2, 3], "down": [3, 2, 1]}, ("x", "y"), "curves"),
    "log": lambda: plots.curves(range(3), {"up": [1, 20, 300]}, ("x", "y"), "curves", log=True),
    "bars": lambda: plots.bars(["a", "b"], [1.0, 2.0], ("name", "value"), "bars"),
    "arrows": lambda: plots.arrows(GREY, GREY, GREY[::-1], "arrows"),
    "matrix": lambda: plots.matrix(as_matrix(SOBEL_ROWS, (5, 5)), "matrix"),
    "positions": lambda: plots.positions(7, 3, 2, 1, 2),
    "one position": lambda: plots.positions(3, 3),
    "footprints": lambda: plots.footprints({"one": np.eye(5), "two": np.ones((5, 5))}, "footprints"),
    "training": lambda: plots.training({"loss": [2, 1], "accuracy": [0.1, 0.9]}, [1, 2], 4, "training"),
    "paths": lambda: plots.paths({"a": ([1, 2], [3, 4]), "b": ([5], [2])}, ("x", "y"), "paths", {"level": 2.5}),
    "accuracies": lambda: plots.accuracies([5, 10], {"a": {5: [0.1, 0.3], 10: [0.5]}, "b": {}}, "accuracies"),
    "no accuracies": lambda: plots.accuracies([5, 10], {"a": {}}, "no accuracies yet"),
    "boxes": lambda: plots.boxes([COLOUR] * 2, [FOUND] * 2, [FOUND] * 2, ["zero", "one"], ["left", "right"], "boxes"),
    "many boxes": lambda: plots.boxes([COLOUR] * 30, [FOUND] * 30, columns=10),
    "no boxes": lambda: plots.boxes([COLOUR[..., :1]], predictions=[{"boxes": [], "labels": []}], title="nothing"),
    "explore": plots.explore_positions,
}


@pytest.fixture
def shown(monkeypatch):
    """What is shown, as if in a notebook."""
    bundles = []
    monkeypatch.setattr(display, "show", lambda data, metadata=None, place=None: bundles.append((data, metadata)))
    return bundles


def png(bundle) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))).convert("RGB"))


@pytest.mark.parametrize("name", PICTURES)
def test_picture_has_a_text_alternative_in_every_form(shown, name):
    PICTURES[name]()
    ((data, metadata),) = shown
    alt = data["text/plain"]
    assert len(alt) > 20
    assert metadata["image/png"]["alt"] == alt
    assert display.html.escape(alt) in re.search(r'alt="([^"]*)"', data["text/html"])[1]
    pixels = png(data)
    assert 400 < pixels.shape[1] <= 1000  # fits a page 1366 wide
    assert np.unique(pixels.reshape(-1, 3), axis=0).shape[0] > 5  # something is drawn


def test_same_picture_same_bytes(shown):
    PICTURES["curves"]()
    PICTURES["curves"]()
    assert shown[0] == shown[1]


def test_alt_is_escaped(shown):
    plots.bars(["<b>", '"'], [1, 2], ("a", "b"), "<script>")
    assert "<script>" not in shown[0][0]["text/html"]


def test_outside_a_notebook_the_text_is_printed(capsys):
    PICTURES["bars"]()
    assert "bars" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("draw", "word"),
    [
        (lambda: plots.pictures([]), "images"),
        (lambda: plots.pictures([np.zeros(3)]), "images"),
        (lambda: plots.pictures([np.zeros((3, 3, 2))]), "images"),
        (lambda: plots.pictures([GREY], ["a", "b"]), "titles"),
        (lambda: plots.numbers([np.eye(2)], ["a", "b"]), "titles"),
        (lambda: plots.curves([1, 2], {"a": [1]}, ("x", "y")), "lines"),
        (lambda: plots.bars(["a"], [1, 2], ("x", "y")), "values"),
        (lambda: plots.arrows(GREY, GREY, GREY[1:]), "expected one shape"),
        (lambda: plots.positions(3, 5), "kernel"),
        (lambda: plots.table([[1, 2]], ["one"]), "rows"),
    ],
)
def test_bad_input_is_named(draw, word):
    with pytest.raises(ValueError, match=word):
        draw()


def test_sliders_change_the_picture(monkeypatch):
    import IPython.display
    import ipywidgets

    boxes = []
    monkeypatch.setattr(IPython.display, "display", boxes.append)
    monkeypatch.setattr(display, "static", lambda: False)
    plots.explore_positions()
    row, picture = boxes[0].children
    sliders = {slider.description: slider for slider in row.children}
    assert all(isinstance(slider, ipywidgets.IntSlider) for slider in sliders.values())
    assert list(sliders) == ["size", "kernel", "stride", "padding", "dilation"]
    before = picture.value
    assert "9 by 9" in before and "alt=" in before
    sliders["stride"].value = 3
    assert picture.value != before and "moved by 3" in picture.value
    sliders["dilation"].value = 1
    sliders["padding"].value, sliders["size"].value, sliders["kernel"].value = 0, 3, 5
    assert "do not go together" in picture.value and "kernel" in picture.value
    sliders["kernel"].value = 1
    assert "alt=" in picture.value


def test_static_picture_where_no_widget_runs(shown, monkeypatch):
    monkeypatch.setattr(display, "in_notebook", lambda: True)
    monkeypatch.setenv("COURSE_STATIC", "1")
    assert display.static()
    monkeypatch.delenv("COURSE_STATIC")
    assert not display.static()


def test_unseen_pixels_are_said():
    assert "never looked at" in look_alt(8, 2, 3, 0, 1)
    assert "never looked at" in look_alt(7, 3, 2, 0, 2)
    assert "never looked at" not in look_alt(7, 3, 2, 1, 1)


def look_alt(*numbers) -> str:
    return kernels._positions(*numbers)[1]


def test_table_reads_aloud(shown):
    plots.table([["a", 1], ["<b>", 2]], ["name", "value"], "caption")
    data = shown[0][0]
    assert "<caption" in data["text/html"] and 'scope="col"' in data["text/html"] and "&lt;b&gt;" in data["text/html"]
    assert data["text/plain"].splitlines()[0] == "caption"


def test_live_curve_tells_each_points_own_mean(monkeypatch):
    drawn = []
    monkeypatch.setattr(plots, "training", lambda *arguments: drawn.append(arguments))
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(64, 4)).astype("float32"), rng.integers(0, 2, 64)
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Dense(2, activation="softmax")])
    model.compile(
        keras.optimizers.SGD(0.0), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )  # nothing is learned
    watch = training.LiveCurve("done", every=2, seconds=0)
    model.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0, callbacks=[watch])
    history, steps, total, title, _ = drawn[-1]
    assert steps == list(range(2, 17, 2)) and total == 16 and title == "done"
    chances = model.predict(x, verbose=0)
    right = (chances.argmax(1) == y).reshape(4, 16).mean(1)
    np.testing.assert_allclose(history["accuracy"], np.tile(right, 2), atol=1e-5)
    loss = -np.log(chances[np.arange(64), y]).reshape(4, 16).mean(1)
    np.testing.assert_allclose(history["loss"], np.tile(loss, 2), atol=1e-4)
    assert any("left" in arguments[3] for arguments in drawn[1:-1])


def test_accuracies_tells_means_of_seeds(shown):
    plots.accuracies([5, 10], {"one": {5: [0.1, 0.3], 10: [0.5]}}, "title")
    assert "one: 0.20 at 5, 0.50 at 10" in shown[0][0]["text/plain"]


def test_paths_refuses_a_curve_without_its_points():
    with pytest.raises(ValueError, match="lines: expected as many x as y for 'a', got 2 and 1"):
        plots.paths({"a": ([1, 2], [3])}, ("x", "y"))
