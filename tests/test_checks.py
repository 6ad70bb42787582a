"""Every check against its solution, its stub, and wrong answers as students write them."""

import importlib
import sys
import time

import keras
import numpy as np
import pytest

from course_utils import checks
from course_utils.byhand import boxes, convolution
from course_utils.checks import judge as judging
from course_utils.checks.judge import CORRECT, NOT_ATTEMPTED, NOT_YET, Mistake, judge, same
from tools import lessons


def exercises():
    """Pairs of an exercise's cell and its check's cell, of every lesson."""
    for lesson in lessons.find():
        waiting = None
        for cell in lesson.cells:
            tags = cell.metadata.get("tags", ())
            if "exercise" in tags:
                assert waiting is None, f"{lesson.name}: an exercise without a check"
                waiting = cell.source
            elif "check" in tags:
                yield pytest.param(waiting, cell.source, id=cell.source.removeprefix("checks.").split("(")[0])
                waiting = None
        assert waiting is None, f"{lesson.name}: an exercise without a check"


def outcome(exercise: str, check: str):
    names = {"np": np, "keras": keras, "checks": checks, "boxes": boxes, **vars(convolution)}
    exec(exercise, names)
    return eval(check, names)


@pytest.mark.parametrize(("exercise", "check"), list(exercises()))
def test_solution_is_correct_and_stub_is_not_attempted(exercise, check):
    assert outcome(lessons.without_markers(exercise), check).state == CORRECT
    assert outcome(lessons.without_solution(exercise), check).state == NOT_ATTEMPTED


def wrong_answers():
    for week in checks.WEEKS:
        for name, answers in importlib.import_module(f"tests.answers.{week}").WRONG.items():
            for answer, words in answers:
                yield pytest.param(week, name, answer, words, id=f"{week}-{name}-{getattr(answer, '__name__', answer)}")


@pytest.fixture(autouse=True)
def short_patience(monkeypatch):
    """Stop an endless answer sooner than for a reader."""
    assert judging.SECONDS == 5
    monkeypatch.setattr(judging, "SECONDS", 0.8)


@pytest.mark.parametrize(("week", "name", "answer", "words"), list(wrong_answers()))
def test_wrong_answer_gets_its_hint(week, name, answer, words):
    got = getattr(getattr(checks, week), name)(answer)
    assert got.state == NOT_YET
    assert words in got.message
    assert words.split()[0] in got._repr_html_()


@pytest.mark.parametrize("week", checks.WEEKS)
def test_every_check_has_at_least_three_wrong_answers(week):
    module = getattr(checks, week)
    names = [
        n for n, f in vars(module).items() if callable(f) and not n.startswith("_") and f.__module__ == module.__name__
    ]
    wrong = importlib.import_module(f"tests.answers.{week}").WRONG
    assert names
    assert set(wrong) == set(names)
    assert all(len(wrong[name]) >= 3 for name in names)


@pytest.mark.parametrize("week", checks.WEEKS)
def test_every_mistake_computes_and_is_met_by_some_wrong_answer(week, monkeypatch):
    """A hint that no wrong answer gets is one that nobody has seen work."""
    module, mistakes, tried = getattr(checks, week), {}, {}

    class Kept(Mistake):
        def __init__(self, hint, compute):
            super().__init__(hint, compute)
            mistakes[hint] = compute

    def judge_and_keep(answer, reference, cases, *more, **most):
        tried.update(dict.fromkeys(set(mistakes) - set(tried), cases))
        return judge(answer, reference, cases, *more, **most)

    monkeypatch.setattr(module, "Mistake", Kept)
    monkeypatch.setattr(module, "judge", judge_and_keep)
    for name, answers in importlib.import_module(f"tests.answers.{week}").WRONG.items():
        mistakes.clear()
        tried.clear()
        told = {getattr(module, name)(answer).message for answer, _ in answers}
        for hint, cases in tried.items():
            with np.errstate(all="ignore"):
                mistakes[hint](*cases[0])  # raises where it cannot compute
        assert set(mistakes) - told == set()


def test_sleeping_answer_is_stopped():
    began = time.monotonic()
    got = judge(lambda x: time.sleep(60), lambda x: x, [(1,)])
    assert got.state == NOT_YET and "0.8 seconds" in got.message
    assert time.monotonic() - began < 3


def test_answer_that_ends_the_program_does_not():
    got = judge(lambda x: sys.exit(3), lambda x: x, [(1,)])
    assert got.state == NOT_YET and "SystemExit" in got.message


def test_error_names_its_line():
    def answer(x):
        y = 1
        return y / x

    assert "in line 3 of your function" in judge(answer, lambda x: x, [(0,)]).message


def test_hint_of_a_mistake_that_cannot_compute_is_passed_over():
    got = judge(lambda x: 3, lambda x: 2, [(1,)], [Mistake("never", lambda x: 1 / 0), Mistake("three.", lambda x: 3)])
    assert got.message == "three."


def test_numbers_are_shown_as_numbers():
    assert str(judge(lambda x: np.float64(2.5), lambda x: 1.0, [(1,)])).endswith("got:\n2.5")


def test_nan_is_told():
    assert "nan" in judge(lambda x: float("nan"), lambda x: 1.0, [(1,)]).message


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (1, 1.0, True),
        (np.zeros(2), [0, 0], True),
        (np.zeros((1, 2)), np.zeros(2), False),
        ((1, 2), (1, 3), False),
        ("text", 1, False),
        (float("nan"), 1.0, False),
    ],
)
def test_same(one, other, alike):
    assert same(one, other) is alike


def test_unknown_week_is_named():
    with pytest.raises(AttributeError, match="week99"):
        _ = checks.week99
