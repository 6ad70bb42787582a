"""Every picture has a text alternative, tells in grey what it tells in colours, and shows what it was given."""

import base64
import io
import re
import sys

import keras
import numpy as np
import pytest
from PIL import Image

from course_utils import display, plots, training
from course_utils.byhand.convolution import SOBEL_ROWS, as_matrix
from course_utils.plots import charts
from course_utils.weeks import week02, week05, week09a, week10a, week11b

GREY = np.linspace(0, 1, 48).reshape(6, 8)
COLOUR = np.dstack([GREY] * 3)
FOUND = {"boxes": np.array([[1, 1, 5, 4.0]]), "labels": np.array([1]), "scores": np.array([0.75])}
NONE_FOUND = {"boxes": [], "labels": []}
LABELS = np.arange(60) % 6
CLOUD = np.random.default_rng(0).normal(size=(60, 3)) * [3, 2, 0.2] + 5
MAPS = {"good": np.stack([np.cos(LABELS), np.sin(LABELS)], 1) + 0.01 * CLOUD[:, :2], "bad": CLOUD[:, :2]}
FLAT = np.eye(3)[:2]
GAME = (CLOUD[:9, :2] - 5, np.full(len(week11b.grid()), 0.5))
SOBEL = as_matrix(SOBEL_ROWS, (5, 5))
XY = ("x", "y")


def live_game():
    week11b.live_game(np.zeros((36, 28, 28, 1)) + 0.5, [(1.0, 2.0, 9.0), (0.7, 0.8, 3.0)], [1, 2], 2)


PICTURES = {
    "pictures": lambda: plots.pictures([GREY, GREY[..., None], COLOUR], ["a", "b", "c"], "three"),
    "dark": lambda: plots.pictures([GREY * 0], title="all black"),
    "numbers": lambda: plots.numbers([np.eye(3), np.ones((2, 2))], ["a", "b"], "two", {0: [(0, 0, 1, 1)]}, ["="]),
    "curves": lambda: plots.curves(range(3), {"up": [1, 2, 3], "down": [3, 2, 1]}, XY, "curves"),
    "log": lambda: plots.curves(range(3), {"up": [1, 20, 300]}, XY, "curves", log=True),
    "panels": lambda: plots.panels({"a": ([1, 2], {"one": [3, 4]}), "b": ([5], {"two": [2]})}, XY, "panels", log=True),
    "rows": lambda: plots.rows({"one": [GREY[..., None]] * 2, "two": [GREY[..., None]]}, "rows", ["a", "b"]),
    "bars": lambda: plots.bars(["a", "b"], [1.0, 2.0], ("name", "value"), "bars"),
    "dots": lambda: plots.bars(["a", "b"], [[1.0, 3.0], [4.0, 4.5]], ("name", "value"), "bars"),
    "matrix": lambda: week02.matrix(SOBEL, "matrix"),
    "training": lambda: plots.training({"loss": [2, 1], "accuracy": [0.1, 0.9]}, [1, 2], 4, "training"),
    "paths": lambda: plots.paths({"a": ([1, 2], [3, 4]), "b": ([5], [2])}, XY, "paths", {"level": 2.5}),
    "boxes": lambda: plots.boxes([COLOUR] * 2, [FOUND] * 2, [FOUND] * 2, ["zero", "one"], ["left", "right"], "boxes"),
    "many boxes": lambda: plots.boxes([COLOUR] * 30, [FOUND] * 30, columns=10),
    "no boxes": lambda: plots.boxes([COLOUR[..., :1]], predictions=[NONE_FOUND], title="nothing"),
    "explore pictures": lambda: plots.explore_pictures({"left": [GREY] * 3, "right": [GREY[..., None]] * 3}, "step"),
    "spread": lambda: plots.curves([1, 2], {"a": [1, 2], "b": [2, 2]}, XY, "bars", spread={"a": [0.1, 0]}),
    "histograms": lambda: plots.histograms({"a": CLOUD[:, 0], "b": CLOUD[:, 1]}, "value", "histograms", 4.5),
    "histogram of one value": lambda: plots.histograms({"a": [2]}, "value", threshold=-3),
    "arrows": lambda: week02.arrows(GREY, GREY, GREY, GREY[::-1], "arrows"),
    "positions": lambda: week02.positions(7, 3, 2, 1, 2),
    "one position": lambda: week02.positions(3, 3),
    "explore": week02.explore_positions,
    "footprints": lambda: week02.footprints({"one": np.eye(5), "two": np.ones((5, 5))}, "footprints"),
    "accuracies": lambda: week05.accuracies([5, 10], {"a": {5: [0.1, 0.3], 10: [0.5]}, "b": {}}, "accuracies"),
    "no accuracies": lambda: week05.accuracies([5, 10], {"a": {}}, "no accuracies yet"),
    "maps": lambda: week10a.maps(MAPS, LABELS, list("abcdef"), "maps"),
    "one map": lambda: week10a.maps({"only": MAPS["good"]}, LABELS, list("$_^%\\{")),
    "four maps": lambda: week10a.maps(dict.fromkeys("abcd", MAPS["bad"]), LABELS, ["one", "2", "3", "4", "5", ""]),
    "many classes": lambda: week10a.maps(MAPS, np.arange(60) % 47, [f"class {number}" for number in range(47)], "47"),
    "planes": lambda: week10a.planes(CLOUD, {"one": FLAT, "same": FLAT[::-1] * 3, "other": CLOUD[:2]}, "planes"),
    "one plane": lambda: week10a.planes(CLOUD[:2], {"one": FLAT}, "one"),
    "games": lambda: week11b.games({"start": GAME, "end": GAME}, "games"),
    "live game": live_game,
}


@pytest.fixture
def shown(monkeypatch):
    """What is shown, as if in a notebook."""
    bundles = []
    monkeypatch.setattr(display, "show", lambda data, metadata=None, place=None: bundles.append((data, metadata)))
    return bundles


@pytest.fixture
def drawn(monkeypatch):
    """The figures themselves."""
    figures = []
    for module in (charts, week05, week10a):
        monkeypatch.setattr(module, "show", lambda made, *_: figures.append(made))
    return figures


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


def two_objects(other):
    """Two halves of an even grey, the second tinted as the first."""
    objects = np.where(np.arange(8) < 4, 1, other) * np.ones((6, 1), int)
    week09a.show_objects([np.full((6, 8), 0.5)], [objects], ["a"])


FIELD = week11b.grid()[:, 0] / 4 + 0.5
TWO = list(CLOUD[:, :2].T)
UP, DOWN = np.arange(9.0), np.arange(9.0)[::-1]
TOP = np.arange(60) < 30
# Pairs of pictures that say the opposite, told apart by colours above all.
OPPOSITES = {
    "sign": [lambda sign=sign: week02.matrix(sign * SOBEL, "matrix") for sign in (1, -1)],
    "line": [lambda a=a, b=b: plots.curves(range(9), {"a": a, "b": b}, XY) for a, b in ((UP, DOWN), (DOWN, UP))],
    "truth": [lambda a=a, b=b: plots.boxes([COLOUR], [a], [b]) for a, b in ((FOUND, NONE_FOUND), (NONE_FOUND, FOUND))],
    "one object or two": [lambda other=other: two_objects(other) for other in (1, 7)],
    "D": [lambda field=field: week11b.games({"a": (GAME[0], field)}) for field in (FIELD, 1 - FIELD)],
    "group": [
        lambda turn=turn: plots.histograms(dict(zip("ab", TWO[::turn], strict=True)), "value") for turn in (1, -1)
    ],
    "class": [lambda one=one: week10a.maps({"a": MAPS["bad"]}, one * 1, ["a", "b"]) for one in (TOP, ~TOP)],
}


@pytest.mark.parametrize("name", OPPOSITES)
def test_what_colours_tell_is_told_in_grey(shown, name):
    for draw in OPPOSITES[name]:
        draw()
    one, other = (np.asarray(Image.fromarray(png(data)).convert("L"), float) for data, _ in shown)
    assert one.shape == other.shape
    # What differs is many pixels, each by far more than one sees by accident.
    assert (np.abs(one - other) > 60).sum() > 25


def test_losses_that_fall_to_a_tenth_get_a_logarithmic_axis(drawn):
    for last in (0.1, 0.01):
        plots.training({"loss": [0.9, last], "accuracy": [0.01, 0.9]}, [1, 2], 2)
    assert [[axis.get_yscale() for axis in made.axes] for made in drawn] == [["linear"] * 2, ["log", "linear"]]


def test_lines_and_groups_differ_in_more_than_colour(drawn):
    seven = list("abcdefg")
    plots.curves(range(3), dict.fromkeys(seven, (1, 2, 3)), XY)
    plots.paths(dict.fromkeys(seven, ([1, 2], [1, 2])), XY, levels={"low": 0.5, "middle": 1, "high": 1.5})
    week05.accuracies([5, 10], {name: {5: [0.1], 10: [0.5]} for name in seven})
    plots.training({name: [2, 1] for name in seven}, [1, 2], 2)
    for made in drawn:
        handles, _ = made.axes[0].get_legend_handles_labels()
        lines = [one[0] if isinstance(one, tuple) else one for one in handles]  # a line with error bars is a tuple
        # The pattern as it is drawn: names of dashes do not tell whether two look alike.
        assert len({(line.get_marker(), str(line._unscaled_dash_pattern)) for line in lines}) == len(lines) >= 7
    plots.histograms({name: CLOUD[:, 0] for name in seven[:4]}, "value")
    week10a.planes(CLOUD, dict.fromkeys(seven[:4], FLAT), "planes")
    for made in drawn[-2:]:
        patches = [patch for patch in [*made.axes[0].patches, *made.axes[0].lines] if patch.get_linewidth()]
        assert len({str(patch.get_linestyle()) for patch in patches}) == len(patches) == 4


def test_same_picture_same_bytes(shown):
    PICTURES["curves"]()
    PICTURES["curves"]()
    assert shown[0] == shown[1]


def test_bars_of_several_values_have_their_mean_and_a_dot_for_each(drawn):
    plots.bars(["a", "b"], [[1.0, 3.0], [4.0, 4.5]], ("name", "value"), "seeds")
    axis = drawn[-1].axes[0]
    assert [bar.get_height() for bar in axis.patches] == [2, 4.25]
    assert [list(line.get_ydata()) for line in axis.lines] == [[1, 3], [4, 4.5]]


def test_many_colours_are_shown_as_they_are(shown):
    hues = np.random.default_rng(0).random((12, 24, 3))
    plots.pictures([hues])
    code = re.search(r"base64,([^\"]+)", shown[0][0]["text/html"])[1]
    drawn = Image.open(io.BytesIO(base64.b64decode(code))).convert("RGB")
    edge = np.asarray(drawn.convert("L")) < 250
    rows, columns = np.flatnonzero(edge.any(1)), np.flatnonzero(edge.any(0))
    box = drawn.crop((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))
    middles = np.asarray(box.resize((24 * 3, 12 * 3), Image.Resampling.BOX), float)[1::3, 1::3] / 255
    assert np.abs(middles - hues).mean() < 0.03


@pytest.mark.parametrize(("text", "stop"), [("Is it?", ""), ("And so on ...", ""), ("Plain", ".")])
def test_no_stop_follows_another(shown, text, stop):
    plots.pictures([GREY], title=text)
    assert shown[0][0]["text/plain"].startswith(f"{text}{stop} 1 ")


def test_alt_is_escaped(shown):
    plots.bars(["<b>", '"'], [1, 2], ("a", "b"), "<script>")
    assert "<script>" not in shown[0][0]["text/html"]


def test_outside_a_notebook_the_text_is_printed(capsys):
    PICTURES["bars"]()
    PICTURES["dots"]()
    ranges = "a 2 (1 to 3), b 4.25 (4 to 4.5)"
    assert (
        capsys.readouterr().out == f"bars. Bars of value by name: a 1, b 2.\nbars. Bars of value by name: {ranges}.\n"
    )


def test_sequences_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match="sequences: expected as many"):
        plots.explore_pictures({"a": [GREY], "b": [GREY] * 2}, "step")


def test_a_box_whose_label_or_place_is_wrong_has_a_cross(capsys):
    truth = {"boxes": [[1, 1, 5, 4.0], [4, 2, 8, 6]], "labels": [1, 0]}
    found = {"boxes": np.array([[1, 1, 5, 4.0], [4, 2, 8, 6], [5, 0, 8, 2]]), "labels": np.array([1, 1, 0])}
    plots.boxes([COLOUR], [truth], [found])
    assert capsys.readouterr().out == "Pictures. Pictures with boxes: 2 there, 3 found, 1, ✗ 1, ✗ 0.\n"


@pytest.fixture
def boxes(monkeypatch):
    """What `explore` puts together, as in a notebook that has widgets."""
    import ipywidgets

    made, box = [], ipywidgets.VBox
    monkeypatch.setattr(ipywidgets, "VBox", lambda children: made.append(box(children)) or made[-1])
    monkeypatch.setattr(display, "static", lambda: False)
    return made


def test_sliders_change_the_picture(boxes):
    week02.explore_positions()
    row, picture = boxes[0].children
    sliders = {slider.description: slider for slider in row.children}
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
    week02.explore_positions()
    data, metadata = shown[-1]
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
    week02.explore_positions()
    assert set(shown[0][0]) == {"text/plain", "image/png", "text/html"}


@pytest.mark.parametrize(("numbers", "unseen"), [((8, 2, 3, 0), True), ((7, 3, 2, 0, 2), True), ((7, 3, 2, 1), False)])
def test_unseen_pixels_are_said(shown, numbers, unseen):
    week02.positions(*numbers)
    assert ("never looked at" in shown[0][0]["text/plain"]) == unseen


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
    nothing_learned = keras.optimizers.SGD(0.0)
    model.compile(nothing_learned, "sparse_categorical_crossentropy", metrics=["accuracy"])
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


def test_alternatives_tell_the_numbers(shown):
    week05.accuracies([5, 10], {"one": {5: [0.1, 0.3], 10: [0.5]}})
    plots.curves([1, 2], {"a": [1, 2], "b": [3, 4]}, XY, "title", spread={"a": np.array([0.5, 0.25])})
    plots.histograms({"low": [1, 2, 3], "high": [3, 4, 5, 6]}, "error", "title", threshold=3)
    plots.boxes([COLOUR], [FOUND], [FOUND], ["zero", "one"])
    plots.numbers([np.array([[1, 0.25], [-2, 0]])], ["a"])
    accuracies, curves, histograms, found, numbers = (data["text/plain"] for data, _ in shown)
    assert "one: 0.20 at 5, 0.50 at 10" in accuracies
    assert curves.endswith("a: from 1 ± 0.5 to 2 ± 0.25. b: from 3 to 4.")
    assert "low: 3, median 2, 0.0% above the threshold; high: 4, median 4.5, 75.0% above the threshold" in histograms
    assert histograms.endswith("Threshold: 3.")
    assert found.endswith("1 there, 1 found, one 0.75.")
    assert numbers.endswith("a: [[1, 0.25], [-2, 0]].")


@pytest.mark.parametrize("names", [list("abcdef"), ["ant", "bee", "cat", "dog", "eel", "fox"]])
def test_maps_put_each_point_where_it_is_and_write_its_class(drawn, names):
    week10a.maps(MAPS, LABELS, names)
    for axis, points in zip(drawn[0].axes, MAPS.values(), strict=True):
        np.testing.assert_array_equal([text.get_position() for text in axis.texts], points)
        expected = [names[label] if len(names[0]) == 1 else str(label) for label in LABELS]
        assert [text.get_text() for text in axis.texts] == expected
    assert ("3 dog" in drawn[0].get_supxlabel()) == (len(names[0]) > 1)


def test_maps_tell_how_many_are_next_to_their_own_class(shown):
    week10a.maps(MAPS, LABELS, list("abcdef"), "title")
    distances = np.linalg.norm(CLOUD[:, None, :2] - CLOUD[None, :, :2], axis=-1) + 1e9 * np.eye(60)
    fraction = (LABELS[distances.argmin(1)] == LABELS).mean()
    assert shown[0][0]["text/plain"].endswith(f": good (100%); bad ({fraction:.0%}).")


@pytest.mark.parametrize("degrees", [0, 1, 40, 139])
def test_planes_are_drawn_at_their_angle_and_the_first_lies_flat(drawn, degrees):
    angle = np.radians(degrees)
    turned = np.array([[1, 0, 0], [0, np.cos(angle), np.sin(angle)]])
    mixed = np.array([[2.0, 1.0], [-0.3, 1.5]]) @ turned  # another basis of the same plane
    week10a.planes(CLOUD, {"flat": FLAT, "turned": mixed}, "planes")
    normals = []
    for line in drawn[0].axes[1].lines:
        corners = np.transpose(line.get_data_3d())
        normal = np.cross(corners[1] - corners[0], corners[2] - corners[1])
        normals.append(normal / np.linalg.norm(normal))
    assert abs(normals[0][2]) == pytest.approx(1)
    assert abs(normals[0] @ normals[1]) == pytest.approx(abs(np.cos(angle)))
    assert [text.get_text() for text in drawn[0].legends[0].get_texts()] == ["flat", "turned"]


def test_histograms_show_fractions_and_pile_up_what_lies_beyond(drawn):
    rng = np.random.default_rng(1)
    values = {"a": rng.gamma(4, 1, 2000), "b": np.append(rng.gamma(6, 2, 500), [1e6, -1e6])}
    plots.histograms(values, "error", threshold=3.25)
    axis = drawn[0].axes[0]
    steps = [patch.get_data() for patch in axis.patches]
    assert [one.values.sum() for one in steps] == pytest.approx([1] * 4)
    for one in steps:
        np.testing.assert_allclose(one.edges[[0, -1]], np.percentile(np.concatenate([*values.values()]), [0.5, 99.5]))
    low, high = steps[3].edges[[1, -2]]
    assert steps[3].values[-1] == pytest.approx((values["b"] >= high).mean())
    assert steps[3].values[0] == pytest.approx((values["b"] < low).mean())
    assert axis.lines[0].get_xdata()[0] == 3.25 and axis.texts[0].get_text() == "threshold 3.25"


def test_a_discriminator_is_asked_along_the_rows():
    assert week11b.grid()[[0, 1, week11b.GRID]] == pytest.approx(np.array([[-1.8, -1.8], [-1.71, -1.8], [-1.8, -1.71]]))
