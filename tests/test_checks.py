"""Every check: each mistake gets its own hint, and wrong answers as students write them get one that helps."""

import functools
import importlib
import random
import re
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest

from course_utils import judge, weeks
from course_utils.judge import CORRECT, NOT_ATTEMPTED, NOT_YET, Check
from tools import lessons

WEEKS = sorted(path.stem for path in Path(weeks.__file__).parent.glob("week*.py"))


def checks() -> dict[tuple[str, str], Check]:
    """Every check, by its week and its name."""
    modules = {week: importlib.import_module(f"course_utils.weeks.{week}") for week in WEEKS}
    found = {(week, name): one for week, module in modules.items() for name, one in vars(module).items()}
    return {key: one for key, one in found.items() if isinstance(one, Check)}


CHECKS = checks()
CODE = re.compile(r"\bnp\.|\w\(|\*\*|[=<>\[\]]|\blambda\b")  # in no hint


@pytest.fixture(autouse=True)
def short_patience(monkeypatch):
    """Stop an endless answer sooner than for a reader."""
    assert judge.SECONDS == 5
    monkeypatch.setattr(judge, "SECONDS", 0.8)


def test_every_exercise_of_a_lesson_has_its_check():
    used = set()
    for lesson in lessons.find():
        week = lesson.name.split("_")[0]
        for cell in lesson.cells:
            if "check" in cell.metadata.get("tags", ()):
                name = re.fullmatch(r"(\w+) = week\.\1\.check\(\1\)", cell.source.split("  #")[0])[1]
                used.add((week, name))
    assert used == set(CHECKS)


@pytest.mark.parametrize(("week", "name"), CHECKS, ids=map("-".join, CHECKS))
def test_each_mistake_gets_its_own_hint(week, name):
    check = CHECKS[week, name]
    assert len({hint for hint, _ in check.mistakes}) <= 6
    for hint, way in check.mistakes:
        outcome = check.outcome(way)
        said = f"the way of computing of {hint!r} gets {outcome.message!r}; change its knobs or the cases"
        assert (outcome.state, outcome.message) == (NOT_YET, hint), said
        assert not CODE.search(hint), "a hint says what is wrong, and holds no code"


@pytest.mark.parametrize(("week", "name"), CHECKS, ids=map("-".join, CHECKS))
def test_reference_is_right_and_answers_are_told_apart(week, name):
    check = CHECKS[week, name]
    assert check.outcome(functools.partial(check.reference)).state == CORRECT
    assert check.outcome(lambda *given: object()).state == NOT_YET
    assert check.check(check.reference) is check.reference
    assert check.reference.__doc__


def wrong_answers():
    for week in WEEKS:
        for name, answers in importlib.import_module(f"tests.answers.{week}").WRONG.items():
            for answer, words in answers:
                yield pytest.param(week, name, answer, words, id=f"{week}-{name}-{getattr(answer, '__name__', answer)}")


@pytest.mark.parametrize(("week", "name", "answer", "words"), list(wrong_answers()))
def test_wrong_answer_gets_words_that_help(week, name, answer, words):
    outcome = CHECKS[week, name].outcome(answer)
    assert outcome.state == NOT_YET
    assert words in outcome.message


@pytest.mark.parametrize("week", WEEKS)
def test_each_exercise_has_wrong_answers(week):
    there = set(importlib.import_module(f"tests.answers.{week}").WRONG)
    exercises = {name for of_week, name in CHECKS if of_week == week}
    assert there == exercises, f"tests/answers/{week}.py: missing or unknown: {sorted(there ^ exercises)}"


# The judge --------------------------------------------------------------------------------------------------------


def _twice(x, *, factor=2):
    """Two times x."""
    return factor * x


twice = Check(_twice, [(1.0,), (3.0,)], {"that is three times x.": {"factor": 3}}, praise="doubled.")


def test_check_hands_back_what_the_lesson_goes_on_with(capsys):
    def right(x):
        return x + x

    assert twice.check(right) is right
    assert twice.check(lambda x: 3 * x) is _twice
    assert "✓ correct: doubled." in capsys.readouterr().out


def test_the_courses_own_function_is_no_attempt():
    outcome = twice.outcome(twice.check(lambda x: 0 * x))
    assert outcome.state == NOT_ATTEMPTED and "Run the cell with yours again" in outcome.message


def test_random_numbers_are_left_as_they_were():
    def drawing(x):
        return 2 * x + 0 * (random.random() + np.random.rand() + float(keras.random.normal(())))

    def draw():
        return random.random(), np.random.rand(), float(keras.random.normal(()))

    keras.utils.set_random_seed(3)
    wanted = draw()
    keras.utils.set_random_seed(3)
    assert twice.outcome(drawing).state == CORRECT
    assert draw() == wanted


def test_sleeping_answer_is_stopped():
    began = time.monotonic()
    outcome = twice.outcome(lambda x: time.sleep(60))
    assert outcome.state == NOT_YET and "0.8 seconds" in outcome.message
    assert time.monotonic() - began < 3 * 0.8 + 2  # it used no CPU, so it was given three times as long


def test_symptoms_stand_under_the_time_limit_too():
    """An answer that is quick on the check's inputs and endless on those that symptoms try."""

    def answer(x):
        while x not in (1.0, 3.0):
            pass
        return 7.5 * x + 1

    began = time.monotonic()
    assert twice.outcome(answer).state == NOT_YET
    assert time.monotonic() - began < 3


def test_answer_that_ends_the_program_does_not():
    outcome = twice.outcome(lambda x: sys.exit(3))
    assert outcome.state == NOT_YET and "SystemExit" in outcome.message


def test_error_names_its_line():
    def answer(x):
        y = 0
        return x / y

    assert "in line 3 of your function" in twice.outcome(answer).message


def test_mistake_that_cannot_compute_is_passed_over():
    mistakes = {"never.": lambda x: x / 0 if isinstance(x, int) else None.x, "three.": {"factor": 3}}
    assert Check(_twice, [(1.0,)], mistakes).outcome(lambda x: 3 * x).message == "three."


def test_outcome_marks_what_differs():
    check = Check(_twice, [(np.array([[1.0, 2.0], [3.0, 4.0]]),)])
    outcome = check.outcome(lambda x: np.array([[2.0, 4.0], [6.0, 9.0]]))
    assert "<b>[9]</b>" in outcome._repr_html_() and "<b>[8]</b>" in outcome._repr_html_()
    assert outcome._repr_html_().count("<b>[") == 2
