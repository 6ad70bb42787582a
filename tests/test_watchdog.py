"""The notebooks' test must be able to fail: canaries that kill their kernel, raise, lie, or have a wrong solution."""

import os
import re
import subprocess
import sys
import time

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools.lessons import ROOT

COMPARED = {"tags": ["nbval-check-output"]}


def cell(source, outputs=(), tags=None):
    return new_code_cell(source, outputs=list(outputs), execution_count=1, metadata=tags or {})


def printed(text):
    return new_output("stream", name="stdout", text=text)


def warned(category, module):
    """Code that warns as a line of that module would."""
    return f"""exec("import warnings; warnings.warn('old', {category})", {{"__name__": "{module}"}})"""


OUR_MODULES = ["course_utils", "course_utils.data.digits", "tools.build"]

CANARIES = {
    "kills": ([cell("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")], "the kernel died"),
    "raises": ([cell("1 / 0")], "ZeroDivisionError"),
    "lies": ([cell("print(2)", [printed("3\n")], COMPARED)], "Cell outputs differ"),
    "says_nothing": ([new_code_cell("print(2)", metadata=COMPARED)], "holds none"),  # nbval alone passes this one
    "warns": ([cell("import warnings; warnings.warn('old')")], "stderr"),
    "deprecated": ([cell(warned("DeprecationWarning", "__main__"))], "DeprecationWarning: old"),
    "deprecated_later": ([cell(warned("PendingDeprecationWarning", "__main__"))], "PendingDeprecationWarning: old"),
    "deprecated_inside": ([cell(warned("DeprecationWarning", OUR_MODULES[1]))], "DeprecationWarning: old"),
    "calls_out": ([cell("import socket; socket.create_connection(('192.0.2.1', 80), 1)")], "no network"),
}
# Notebooks with an exercise: the student's stub, the solution, what of the canary fails, and why. The check is right
# where it calls the course's judge; what it says is printed, as outside a notebook's page.
STUB = 'def double(x):\n    raise NotImplementedError("your turn")'
RIGHT = "def double(x):\n    return x + x"
CHECK = """
from course_utils.judge import Check
def _double(x):
    return 2 * x
double = Check(_double, [(1.5,), (3.0,)]).check(double)"""
SLACK_CHECK = """
undone = "your turn" in str(double.__code__.co_consts)
print("not attempted yet: write your answer" if undone else "correct: fine")"""
EXERCISES = {
    "solved_wrong": (STUB, "def double(x):\n    return x * x", CHECK, "with its solution the check says"),
    "leaks": (STUB, f"import __main__\n__main__.leaked = 1\n{RIGHT}", CHECK, "changes the notebook's leaked"),
    "spoils": (STUB, f"numbers[0] = 7\n{RIGHT}", CHECK, "changes the notebook's numbers"),
    "draws": (STUB, f"import random\nrandom.random()\n{RIGHT}", CHECK, "state of random numbers"),
    "never_fails": (STUB, RIGHT, SLACK_CHECK, "of an answer that returns nonsense"),
    "solved_already": (RIGHT, RIGHT, CHECK, "does not say 'not attempted yet'"),
    "unsolved": (STUB, None, CHECK, "no solution of it"),
    "solved_right": (STUB, RIGHT, CHECK, None),
}
# What is deprecated in others' lines is not ours to mend, and Python tells nobody.
GOOD = [cell(warned("DeprecationWarning", "keras.x")), cell("print(2)", [printed("2\n")], COMPARED)]


@pytest.fixture(scope="module")
def verdict(tmp_path_factory):
    """What one call of pytest says of all canaries and of a good notebook."""
    folder = tmp_path_factory.mktemp("canaries")
    (folder / "solutions").mkdir()
    for name, cells in {**{name: cells for name, (cells, _) in CANARIES.items()}, "good": GOOD}.items():
        nbformat.write(new_notebook(cells=cells), folder / f"{name}.ipynb")
    for name, (stub, solution, check, _) in EXERCISES.items():
        cells = [cell("import numpy as np\nnumbers = np.zeros(3)"), cell(stub), cell(check, tags={"tags": ["check"]})]
        nbformat.write(new_notebook(cells=cells), folder / f"{name}.ipynb")
        if solution:
            cells[1].source = solution
            nbformat.write(new_notebook(cells=cells), folder / f"solutions/{name}.ipynb")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "conftest",
        "-c",
        os.devnull,
        "--rootdir",
        str(folder),
        "-p",
        "no:cacheprovider",
    ]
    command += [
        "--nbval-lax",
        "--nbval-current-env",
        "--ignore=solutions",
        "-rA",
        "--durations=0",
        "--color=no",
        str(folder),
    ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])}
    began = time.monotonic()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=False)
    return re.sub(r"\x1b\[[\d;]*m", "", done.stdout), time.monotonic() - began  # tracebacks come in colour


@pytest.mark.parametrize("name", CANARIES)
def test_canary_fails_with_the_reason(verdict, name):
    output, _ = verdict
    assert f"FAILED {name}.ipynb::Cell 0" in output, output
    assert CANARIES[name][1] in output


def test_good_notebook_passes(verdict):
    assert "PASSED good.ipynb::Cell 0" in verdict[0] and "PASSED good.ipynb::Cell 1" in verdict[0]


@pytest.mark.parametrize("name", EXERCISES)
def test_exercise_fails_where_its_solution_or_its_check_is_wrong(verdict, name):
    output, _ = verdict
    reason = EXERCISES[name][3]
    item = f"{name}.ipynb::Cell 2" + ("" if name == "solved_already" else " with its solution")
    assert f"{'FAILED' if reason else 'PASSED'} {item}" in output, output
    assert reason is None or reason in output


def test_nothing_else_fails(verdict):
    wrong = len(CANARIES) + sum(reason is not None for *_, reason in EXERCISES.values())
    assert re.search(rf"\b{wrong} failed, \d+ passed", verdict[0])


@pytest.mark.parametrize("module", [*OUR_MODULES, "tests.test_x", "conftest"])
@pytest.mark.parametrize("category", ["DeprecationWarning", "PendingDeprecationWarning", "FutureWarning"])
def test_deprecation_fails_a_test_too(module, category):
    with pytest.raises(Warning, match="old"):
        exec(warned(category, module))


def test_death_is_noticed_within_ten_seconds(verdict):
    line = next(line for line in verdict[0].splitlines() if "call" in line and "kills.ipynb" in line)
    assert float(line.split("s ")[0]) < 10


def test_costs_are_listed(verdict):
    assert "what the notebooks cost" in verdict[0]
