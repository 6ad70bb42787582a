"""Pictures of games in the plane say what they show, and refuse what they cannot."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from course_utils import display, plots
from course_utils.plots import games

POINTS = np.random.default_rng(0).normal(size=(40, 2))
PLACES = plots.grid()
STATE = {"real": POINTS, "artificial": -POINTS, "field": np.hypot(*PLACES.T) / 3, "moves": POINTS[:9]}


@pytest.fixture
def shown(monkeypatch):
    """What was shown last."""
    kept = {}
    monkeypatch.setattr(display, "show", lambda data, metadata=None, place=None: kept.update(data))
    return kept


def test_grid_covers_the_square_in_the_order_of_the_picture():
    field = PLACES.reshape(games.GRID, games.GRID, 2)
    assert field[0, 0].tolist() == pytest.approx([-games.REACH, -games.REACH])
    assert field[0, -1].tolist() == pytest.approx([games.REACH, -games.REACH])


def test_duels_tell_their_states(shown):
    plots.duels({"step 1": STATE, "step 2": {key: STATE[key] for key in ("real", "artificial", "field")}}, "a game")
    assert "a game" in shown["text/plain"] and "step 1, step 2" in shown["text/plain"]


def test_film_has_a_frame_for_each_state_and_asks_nobody(shown):
    plots.duel_film({f"step {i}": {**STATE, "artificial": POINTS / (i + 1)} for i in range(3)}, "a <game>")
    kind, code = re.search(r"data:image/(\w+);base64,([^\"]+)", shown["text/html"]).groups()
    film = Image.open(io.BytesIO(base64.b64decode(code)))
    assert kind == "webp" and film.n_frames == 3
    assert "http" not in shown["text/html"] and "<game>" not in shown["text/html"]
    assert shown["text/html"].startswith("<details open><summary>a &lt;game&gt;")  # it can be shut away


def test_forging_tells_the_measure(shown):
    plots.forging(np.zeros((36, 28, 28, 1)), [1, 2], {"loss": [2, 1]}, [30, 3], "distance", 4, "now", {"noise": 60})
    assert "36 drawn pictures" in shown["text/plain"] and "from 30 to 3" in shown["text/plain"]


@pytest.mark.parametrize(
    "draw, word",
    [
        (lambda: plots.duels({}), "states"),
        (lambda: plots.duels({"a": {"real": POINTS}}), "field"),
        (lambda: plots.duels({"a": {**STATE, "field": np.zeros(5)}}), "field"),
        (lambda: plots.duels({"a": {**STATE, "real": np.zeros((5, 3))}}), "real"),
        (lambda: plots.duels({"a": {**STATE, "moves": POINTS * np.nan}}), "finite"),
        (lambda: plots.duel_film({"a": STATE}), "two"),
        (lambda: plots.forging(np.zeros((5, 8, 8)), [], {}, [], "distance", 4), "samples"),
    ],
)
def test_bad_input_is_named(draw, word):
    with pytest.raises(ValueError, match=word):
        draw()
