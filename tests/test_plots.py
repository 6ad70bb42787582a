"""Every picture has a text alternative, and says no to what it cannot show."""

import base64
import io
import re
import sys

import keras
import numpy as np
import pytest
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D
from PIL import Image

from course_utils import display, plots, training
from course_utils.byhand.convolution import SOBEL_ROWS, as_matrix
from course_utils.plots import general, kernels, points

GREY = np.linspace(0, 1, 48).reshape(6, 8)
COLOUR = np.dstack([GREY] * 3)
FOUND = {"boxes": np.array([[1, 1, 5, 4.0]]), "labels": np.array([1]), "scores": np.array([0.75])}
LABELS = np.arange(60) % 6
CLOUD = np.random.default_rng(0).normal(size=(60, 3)) * [3, 2, 0.2] + 5
MAPS = {"good": np.stack([np.cos(LABELS), np.sin(LABELS)], 1) + 0.01 * CLOUD[:, :2], "bad": CLOUD[:, :2]}
FLAT = np.eye(3)[:2]
DUEL = {"real": CLOUD[:, :2] - 5, "artificial": CLOUD[:9, :2], "field": np.full(len(plots.grid()), 0.5)}
LINES = np.arange(9.0), np.arange(9.0)[::-1]
PICTURES = {
    "pictures": lambda: plots.pictures([GREY, GREY[..., None], np.dstack([GREY] * 3)], ["a", "b", "c"], "three"),
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
    "explore pictures": lambda: plots.explore_pictures({"left": [GREY] * 3, "right": [GREY[..., None]] * 3}, "step"),
    "spread": lambda: plots.curves([1, 2], {"a": [1, 2], "b": [2, 2]}, ("x", "y"), "bars", spread={"a": [0.1, 0]}),
    "maps": lambda: plots.maps(MAPS, LABELS, list("abcdef"), "maps"),
    "one map": lambda: plots.maps({"only": MAPS["good"]}, LABELS, list("$_^%\\{")),
    "four maps": lambda: plots.maps(dict.fromkeys("abcd", MAPS["bad"]), LABELS, ["one", "two", "three", "4", "5", ""]),
    "many classes": lambda: plots.maps(MAPS, np.arange(60) % 47, [f"class {number}" for number in range(47)], "many"),
    "map of two points": lambda: plots.maps({"same": np.zeros((2, 2))}, [0, 1], ["a", "b"], "two points"),
    "planes": lambda: plots.planes(CLOUD, {"one": FLAT, "same": FLAT[::-1] * 3, "other": CLOUD[:2]}, "planes"),
    "one plane": lambda: plots.planes(CLOUD[:2], {"one": FLAT}),
    "upright plane": lambda: plots.planes(CLOUD, {"one": FLAT, "upright": [[1, 1, 0], [0, 0, 2]]}, "upright"),
    "histograms": lambda: plots.histograms({"a": CLOUD[:, 0], "b": CLOUD[:, 1]}, "value", "histograms", 4.5),
    "histogram of one value": lambda: plots.histograms({"a": [2]}, "value", threshold=-3),
    "duels": lambda: plots.duels({"start": DUEL, "end": DUEL | {"moves": CLOUD[:5, :2]}}, "duels"),
    "forging": lambda: plots.forging([GREY] * 6, [1], {"D": [1]}, [9], "distance", 2, "forging", {"noise": 50}),
    "no forging yet": lambda: plots.forging([GREY] * 6, [], {}, [], "distance", 2),
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


SIDE = DUEL | {"field": plots.grid()[:, 0] / 4 + 0.5}
TOP, EVEN = np.arange(60) < 30, np.full((6, 8), 0.5)
OPPOSITES = {
    "sign": [lambda sign=sign: plots.matrix(sign * as_matrix(SOBEL_ROWS, (5, 5)), "matrix") for sign in (1, -1)],
    "which line": [lambda up=up: plots.curves(range(9), {"a": up, "b": up[::-1]}, ("x", "y")) for up in LINES],
    "there or found": [
        lambda: plots.boxes([COLOUR], [FOUND], [{**FOUND, "boxes": [], "labels": []}]),
        lambda: plots.boxes([COLOUR], [{"boxes": []}], [{"boxes": FOUND["boxes"]}]),
    ],
    # Two halves of an even grey, the second tinted as the first.
    "one object or two": [
        lambda other=other: plots.instances(
            [EVEN], [np.where(np.arange(8) < 4, 1, other) * np.ones((6, 1), int)], ["a"]
        )
        for other in (1, 7)
    ],
    "what D says": [
        lambda field=field: plots.duels({"a": SIDE | {"field": field}}) for field in (SIDE["field"], 1 - SIDE["field"])
    ],
    "real or artificial": [
        lambda: plots.duels({"a": DUEL}),
        lambda: plots.duels({"a": DUEL | {"real": DUEL["artificial"], "artificial": DUEL["real"]}}),
    ],
    "which group": [
        lambda: plots.histograms({"a": CLOUD[:, 0], "b": CLOUD[:, 1]}, "value"),
        lambda: plots.histograms({"a": CLOUD[:, 1], "b": CLOUD[:, 0]}, "value"),
    ],
    "which class": [lambda one=one: plots.maps({"a": MAPS["bad"]}, one.astype(int), ["a", "b"]) for one in (TOP, ~TOP)],
}


@pytest.mark.parametrize("name", OPPOSITES)
def test_what_colours_tell_is_told_in_grey(shown, name):
    for draw in OPPOSITES[name]:
        draw()
    one, other = (np.asarray(Image.fromarray(png(data)).convert("L"), float) for data, _ in shown)
    assert one.shape == other.shape
    # What differs is many pixels, each by far more than one sees by accident.
    assert (np.abs(one - other) > 60).sum() > 25


def test_same_picture_same_bytes(shown):
    PICTURES["curves"]()
    PICTURES["curves"]()
    assert shown[0] == shown[1]


def test_many_colours_are_shown_as_they_are(shown):
    hues = np.random.default_rng(0).random((12, 24, 3))
    plots.pictures([hues])
    kind, code = re.search(r"data:image/(\w+);base64,([^\"]+)", shown[0][0]["text/html"]).groups()
    drawn = Image.open(io.BytesIO(base64.b64decode(code))).convert("RGB")
    edge = np.asarray(drawn.convert("L")) < 250
    box = drawn.crop(
        (
            edge.any(0).argmax(),
            edge.any(1).argmax(),
            *(np.array(edge.T.shape) - [edge[:, ::-1].any(0).argmax(), edge[::-1].any(1).argmax()]),
        )
    )
    middles = np.asarray(box.resize((24 * 3, 12 * 3), Image.Resampling.BOX), float)[1::3, 1::3] / 255
    assert np.abs(middles - hues).mean() < 0.03, kind


@pytest.mark.parametrize(
    ("text", "told"), [("Is it?", "Is it? 1"), ("And so on ...", "And so on ... 1"), ("Plain", "Plain. 1")]
)
def test_no_stop_follows_another(shown, text, told):
    plots.pictures([GREY], title=text)
    assert shown[0][0]["text/plain"].startswith(told)


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
        (lambda: plots.boxes([COLOUR], [FOUND], [FOUND], key=("one",)), "key"),
        (lambda: plots.table([[1, 2]], ["one"]), "rows"),
        (lambda: plots.curves([1, 2], {"a": [1, 2]}, ("x", "y"), spread={"b": [1, 2]}), "spread.*'a', got 'b'"),
        (lambda: plots.curves([1, 2], {"a": [1, 2]}, ("x", "y"), spread={"a": [1]}), "spread: expected 2 values"),
        (lambda: plots.curves([1, 2], {"a": [1, 2]}, ("x", "y"), spread={"a": [1, -1]}), "spread.*at least 0"),
        (lambda: plots.maps({}, [0, 1], ["a", "b"]), "maps"),
        (lambda: plots.maps({"one": np.zeros((3, 2))}, [0, 1], ["a", "b"]), r"maps.*\(2, 2\) in 'one'.*\(3, 2\)"),
        (lambda: plots.maps({"one": np.full((2, 2), np.nan)}, [0, 1], ["a", "b"]), "maps: expected finite.*'one'"),
        (lambda: plots.maps({"one": np.eye(2)}, [0, 2], ["a", "b"]), "labels: expected 0 to 1.*got 0 to 2"),
        (lambda: plots.maps({"one": np.eye(2)}, [0.0, 1.0], ["a", "b"]), "labels.*float64"),
        (lambda: plots.maps({"one": np.zeros((1, 2))}, [0], ["a"]), "labels.*at least 2"),
        (lambda: plots.planes(CLOUD[:, :2], {"one": FLAT}), r"points: expected \(n, 3\), got \(60, 2\)"),
        (lambda: plots.planes(CLOUD, {}), "planes"),
        (lambda: plots.planes(CLOUD, {"one": np.eye(3)}), "planes.*'one'"),
        (lambda: plots.planes(CLOUD, {"one": np.ones((2, 3))}), "planes.*two different directions"),
        (lambda: plots.explore_pictures({"a": [GREY], "b": [GREY] * 2}, "step"), "sequences: .*1 of 'a', 2 of 'b'"),
        (lambda: plots.explore_pictures({"a": [GREY]}, "two words"), "name"),
        (lambda: plots.histograms({}, "x"), "values"),
        (lambda: plots.histograms({"a": []}, "x"), r"values.*'a'.*\(0,\)"),
        (lambda: plots.histograms({"a": [1, np.inf]}, "x"), "values: expected finite numbers for 'a', got inf"),
        (lambda: plots.histograms({"a": [1, 2]}, "x", threshold=np.nan), "threshold"),
    ],
)
def test_bad_input_is_named(draw, word):
    with pytest.raises(ValueError, match=word):
        draw()


@pytest.fixture
def boxes(monkeypatch):
    """What `explore` puts together, as in a notebook that has widgets."""
    import ipywidgets

    made, box = [], ipywidgets.VBox
    monkeypatch.setattr(ipywidgets, "VBox", lambda children: made.append(box(children)) or made[-1])
    monkeypatch.setattr(display, "static", lambda: False)
    return made


def test_sliders_change_the_picture(boxes):
    import ipywidgets

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


def test_slider_walks_through_pictures(boxes):
    plots.explore_pictures({"dark to light": [GREY * 0, GREY, GREY * 0 + 1]}, "step")
    row, picture = boxes[0].children
    (slider,) = row.children
    assert (slider.description, slider.min, slider.max, slider.value) == ("step", 0, 2, 1)
    before = picture.value
    slider.value = 2
    assert picture.value != before and "step 2 of 2" in picture.value


def test_a_page_without_widgets_has_the_picture_instead(boxes, shown):
    plots.explore_positions()
    data, metadata = shown[-1][:2]
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == boxes[0].model_id
    assert "9 by 9" in data["text/plain"] == metadata["image/png"]["alt"]
    assert data["image/png"] and "alt=" in data["text/html"]


def test_static_picture_where_no_widget_runs(shown, monkeypatch):
    monkeypatch.setattr(display, "in_notebook", lambda: True)
    monkeypatch.setenv("COURSE_STATIC", "1")
    assert display.static()
    monkeypatch.delenv("COURSE_STATIC")
    assert not display.static()
    monkeypatch.setitem(sys.modules, "ipywidgets", None)  # as where it is not installed
    assert display.static()
    plots.explore_positions()
    assert set(shown[0][0]) == {"text/plain", "image/png", "text/html"}


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


@pytest.fixture
def drawn(monkeypatch):
    """The figures themselves, of pictures of points."""
    figures = []
    monkeypatch.setattr(points, "show", lambda made, alt: figures.append(made))
    return figures


def test_lines_differ_in_more_than_colour(monkeypatch):
    figures = []
    for module in (general, points, sys.modules["course_utils.plots.training"]):
        monkeypatch.setattr(module, "show", lambda made, *_: figures.append(made))
    seven = list("abcdefg")
    plots.curves(range(3), dict.fromkeys(seven, (1, 2, 3)), ("x", "y"))
    levels = {"low": 0.5, "middle": 1, "high": 1.5}
    plots.paths(dict.fromkeys(seven, ([1, 2], [1, 2])), ("x", "y"), levels=levels)
    plots.accuracies([5, 10], {name: {5: [0.1], 10: [0.5]} for name in seven})
    plots.training({name: [2, 1] for name in seven}, [1, 2], 2)
    for made in figures:
        handles, _ = made.axes[0].get_legend_handles_labels()
        with_names = [one[0] if isinstance(one, tuple) else one for one in handles]  # a line with error bars is a tuple
        # The pattern as it is drawn: names of dashes do not tell whether two look alike.
        looks = {(line.get_marker(), str(line._unscaled_dash_pattern)) for line in with_names}
        assert len(looks) == len(with_names) >= 7
    figures.clear()
    plots.histograms({name: CLOUD[:, 0] for name in seven[:4]}, "value")
    plots.planes(CLOUD, dict.fromkeys(seven[:4], FLAT))
    steps, _ = figures[0].axes[0].get_legend_handles_labels()
    dashes = {str(step.get_linestyle()) for step in steps}
    patches = {str(patch.get_linestyle()) for patch in figures[1].axes[0].patches}
    assert len(dashes) == len(patches) == 4


@pytest.mark.parametrize("names", [list("abcdef"), ["ant", "bee", "cat", "dog", "eel", "fox"]])
def test_maps_put_each_point_where_it_is_and_write_its_class(drawn, names):
    plots.maps(MAPS, LABELS, names)
    for axis, place in zip(drawn[0].axes, MAPS.values(), strict=True):
        assert len(axis.collections) == 6
        for label, marks in enumerate(axis.collections):
            np.testing.assert_array_equal(marks.get_offsets(), place[label == LABELS])
            text = names[label] if len(names[label]) == 1 else str(label)
            np.testing.assert_array_equal(marks.get_paths()[0].codes, TextPath((0, 0), text, size=1).codes)
    legends = [[text.get_text() for text in legend.get_texts()] for legend in drawn[0].legends]
    assert legends == ([] if len(names[0]) == 1 else [names])


def test_maps_write_all_letters_in_one_size(drawn):
    plots.maps({"one": MAPS["good"]}, LABELS, ["1", "m", ".", "lo", "W", "M"])
    heights = {}
    for name, marks in zip("1m.lWM", drawn[0].axes[0].collections, strict=True):
        path = marks.get_paths()[0].transformed(Affine2D(marks.get_transforms()[0]))
        heights[name] = path.get_extents().height
    assert heights["M"] == pytest.approx(heights["W"]) == pytest.approx(heights["1"], rel=0.02)
    assert heights["."] < 0.3 * heights["M"] < heights["m"] < heights["M"]


def test_maps_tell_who_is_at_home(shown):
    plots.maps(MAPS, LABELS, list("abcdef"), "title")
    distances = np.linalg.norm(CLOUD[:, None, :2] - CLOUD[None, :, :2], axis=-1) + 1e9 * np.eye(60)
    share = (LABELS[distances.argmin(1)] == LABELS).mean()
    expected = f"title. Maps of 60 points of 6 classes (a, b, c, d, e, f).*: good (100%); bad ({share:.0%})."
    assert re.fullmatch(re.escape(expected).replace(r"\.\*", ".*"), shown[0][0]["text/plain"])


def test_three_maps_of_a_thousand_points_are_light(shown):
    rng = np.random.default_rng(0)
    plots.maps({name: rng.normal(size=(1000, 2)) for name in "abc"}, np.arange(1000) % 47, [*map(str, range(47))])
    encoded = re.search(r"base64,([^\"]*)", shown[0][0]["text/html"])[1]
    assert len(base64.b64decode(encoded)) < 120_000


def turned(degrees):
    """A plane through the long axis of the cloud, that far from its plane."""
    angle = np.radians(degrees)
    return np.array([[1, 0, 0], [0, np.cos(angle), np.sin(angle)]])


@pytest.mark.parametrize("degrees", [0, 1, 40, 90])
def test_planes_are_seen_from_their_edge_at_their_angle(drawn, shown, degrees):
    mixed = np.array([[2.0, 1.0], [-0.3, 1.5]]) @ turned(degrees)  # another basis of the same plane
    plots.planes(CLOUD, {"flat": FLAT, "turned": mixed})
    edge = drawn[0].axes[1]
    reach = []
    for patch in edge.patches:
        ends = patch.get_xy()
        assert len(ends) == 2
        across, upwards = np.abs(ends[1] - ends[0])
        reach.append(np.hypot(across, upwards))
        expected = 0 if patch is edge.patches[0] else degrees
        assert np.degrees(np.arctan2(upwards, across)) == pytest.approx(expected, abs=1e-6)
    assert len(reach) == (2 if degrees <= 1 else 3)  # the other plane comes in two halves, if one can see it tilted
    assert sum(reach[1:]) == pytest.approx(reach[0])
    above = drawn[0].axes[0]
    assert [len(patch.get_xy()) for patch in above.patches] == [5] * len(reach)
    if degrees == 0:
        np.testing.assert_allclose(above.patches[0].get_xy(), above.patches[1].get_xy(), atol=1e-9)
    assert [text.get_text() for text in drawn[0].legends[0].get_texts()] == ["flat", "turned"]
    seen = np.concatenate([marks.get_offsets() for marks in edge.collections])
    np.testing.assert_allclose(np.sort(np.abs(seen[:, 1])), np.sort(np.abs(CLOUD[:, 2] - CLOUD[:, 2].mean())))


def test_planes_tell_their_angles(shown):
    plots.planes(CLOUD, {"flat": FLAT, "near": turned(1), "far": turned(139)}, "title")
    told = shown[0][0]["text/plain"]
    assert told.startswith("title. 60 points in space") and "near 1.0 degrees, far 41.0 degrees" in told


def test_histograms_show_shares_and_pile_up_what_lies_beyond(drawn):
    rng = np.random.default_rng(1)
    values = {"a": rng.gamma(4, 1, 2000), "b": np.append(rng.gamma(6, 2, 500), [1e6, -1e6])}
    plots.histograms(values, "error", threshold=3.25)
    axis = drawn[0].axes[0]
    shares = [patch.get_data() for patch in axis.patches]
    assert [one.values.sum() for one in shares] == pytest.approx([1] * 4)
    everything = np.concatenate(list(values.values()))
    for one in shares:
        np.testing.assert_allclose(one.edges[[0, -1]], np.percentile(everything, [0.5, 99.5]))
    low, high = shares[3].edges[[1, -2]]
    assert shares[3].values[-1] == pytest.approx((values["b"] >= high).mean())
    assert shares[3].values[0] == pytest.approx((values["b"] < low).mean())
    assert axis.lines[0].get_xdata()[0] == 3.25 and axis.texts[0].get_text() == "threshold 3.25"


def test_histograms_tell_medians_and_what_is_above(shown):
    plots.histograms({"low": [1, 2, 3], "high": [3, 4, 5, 6]}, "error", "title", threshold=3)
    told = shown[0][0]["text/plain"]
    assert "low: 3, median 2, 0.0% above the threshold; high: 4, median 4.5, 75.0% above the threshold" in told
    assert told.endswith("Threshold: 3.")


def test_curves_tell_their_spread_only_where_there_is_one(shown):
    plots.curves([1, 2], {"a": [1, 2], "b": [3, 4]}, ("x", "y"), "title")
    plots.curves([1, 2], {"a": [1, 2], "b": [3, 4]}, ("x", "y"), "title", spread={"a": np.array([0.5, 0.25])})
    plain, spread = (data["text/plain"] for data, _ in shown)
    assert plain.endswith("a: from 1 to 2. b: from 3 to 4.")
    assert spread.endswith("a: from 1 ± 0.5 to 2 ± 0.25. b: from 3 to 4.")
    assert not np.array_equal(png(shown[0][0]), png(shown[1][0]))
