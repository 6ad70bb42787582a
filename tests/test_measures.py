"""Values and their limits."""

import json

import pytest

from course_utils import data, measures, runtime


@pytest.mark.parametrize(
    ("value", "limits", "kept"),
    [
        (0.9, {"at_least": 0.9}, True),
        (0.89, {"at_least": 0.9}, False),
        (0.1, {"at_most": 0.1}, True),
        (0.11, {"at_most": 0.1}, False),
        (0.5, {"at_least": 0.4, "at_most": 0.6}, True),
        (0.7, {"at_least": 0.4, "at_most": 0.6}, False),
        (0.7, {}, True),
    ],
)
def test_limits_bind_and_are_kept_for_comparison(tmp_path, monkeypatch, capsys, value, limits, kept):
    file = tmp_path / "measures.jsonl"
    monkeypatch.setenv("COURSE_MEASURES", str(file))
    if kept:
        measures.record("accuracy", value, **limits)
    else:
        with pytest.raises(AssertionError, match="accuracy"):
            measures.record("accuracy", value, **limits)
    shown = capsys.readouterr().out
    assert shown.startswith(f"accuracy: {value}")
    assert all(str(limit) in shown for limit in limits.values())
    line = json.loads(file.read_text())
    assert (line["name"], line["value"], line["kept"]) == ("accuracy", value, kept)


def test_outside_tests_a_missed_limit_is_told_in_amber_and_the_lesson_goes_on(monkeypatch, capsys):
    monkeypatch.delenv("COURSE_STRICT")
    measures.record("accuracy", 0.79, at_least=0.82)
    measures.record("error", 0.3, at_most=0.2)
    shown = capsys.readouterr().out
    assert "accuracy: 0.79 here; 0.82 and more where this was measured" in shown
    assert "error: 0.3 here; 0.2 and less where this was measured" in shown


def test_lines_are_added(tmp_path, monkeypatch):
    file = tmp_path / "measures.jsonl"
    monkeypatch.setenv("COURSE_MEASURES", str(file))
    measures.record("one", 1)
    measures.record("two", 2)
    assert [json.loads(line)["name"] for line in file.read_text().splitlines()] == ["one", "two"]


def test_own_data_is_only_shown(capsys):
    runtime.note_own_data("my/pictures")
    measures.record("accuracy", 0.1, at_least=0.9)
    assert "lesson's own data" in capsys.readouterr().out


def test_another_shipped_set_than_the_lesson_was_measured_on_is_only_shown(capsys):
    photos = data.load("photos")
    measures.measured_on("photos", photos)
    with pytest.raises(AssertionError):
        measures.record("accuracy", 0.1, at_least=0.9)
    measures.measured_on("digits", photos)
    measures.record("accuracy", 0.1, at_least=0.9)
    assert "with the lesson's own data at least 0.9" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "error", "word"),
    [
        (("a", float("nan")), ValueError, "value"),
        (("a", float("inf")), ValueError, "value"),
        (("a", "high"), TypeError, "value"),
        (("", 1), TypeError, "name"),
        (("a", 1, "high"), TypeError, "at_least"),
    ],
)
def test_no_figure_is_refused(arguments, error, word):
    with pytest.raises(error, match=word):
        measures.record(*arguments)
