"""A student's own notebooks in my/: nothing overwrites them, neither `make mine` and `make lab` nor a new release."""

import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbformat import v4

from tools import lessons, mine
from tools.lessons import ROOT

FIRST, NAME = "week00_start_here", "week02_kernels_and_pooling"
NOTEBOOK = f"notebooks/{NAME}.ipynb"


def write(path, text):
    """A notebook that has run: a code cell with an output and its number, and what sliders leave behind."""
    cell = v4.new_code_cell(text, id="a", outputs=[v4.new_output("stream", text="the answer")], execution_count=1)
    path.parent.mkdir(exist_ok=True)
    nbformat.write(v4.new_notebook(cells=[cell], metadata={"widgets": {"state": "the answer"}}), path)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A course of three small notebooks, without git."""
    for name in (NAME, "week10a_one", "week10b_two"):
        write(tmp_path / f"notebooks/{name}.ipynb", "first release")
    monkeypatch.setattr(lessons, "ROOT", tmp_path)
    monkeypatch.setattr(lessons, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(mine, "MINE", tmp_path / "my")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return tmp_path


@pytest.fixture
def call(monkeypatch, capsys):
    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["mine.py", *arguments])
        return mine.main(), capsys.readouterr()

    return call


def sources(folder):
    return {path.stem: nbformat.read(path, 4).cells[0].source for path in (folder / "my").glob("*")}


def test_a_copy_gives_nothing_away_and_is_a_notebook(folder, call):
    code, said = call("week02")
    assert code == 0 and f"my/{NAME}.ipynb is yours" in said.out and "git restore" not in said.out
    copy, original = (nbformat.read(folder / place / f"{NAME}.ipynb", 4) for place in ("my", "notebooks"))
    nbformat.validate(copy)
    assert "the answer" not in str(copy) and copy.cells[0].execution_count is None
    assert "the answer" in str(original) and copy.cells[0].source == original.cells[0].source


def test_what_is_in_my_is_kept_and_a_fresh_copy_comes_beside_it_where_it_is_asked_for(folder, call):
    call("week02")
    assert "nothing to copy" in call("week02", "--again", "yes")[1].out  # it is the very same
    write(folder / f"my/{NAME}.ipynb", "my answers")
    code, said = call("week02")
    assert code == 0 and "kept as it is" in said.out and f"make mine NB={NAME} AGAIN=yes" in said.out
    assert sources(folder) == {NAME: "my answers"}
    assert f"my/{NAME}-2.ipynb is yours" in call("week02", "--again", "yes")[1].out
    assert f"my/{NAME}-2.ipynb is the same" in call("week02", "--again", "yes")[1].out
    write(folder / NOTEBOOK, "second release")
    call(NOTEBOOK, "--again", "yes")
    assert sources(folder) == {NAME: "my answers", f"{NAME}-2": "first release", f"{NAME}-3": "second release"}


def test_refuses_in_one_line_and_makes_nothing(folder, call):
    code, said = call("week10")
    assert code == 2 and said.err.count("\n") == 1 and "of week10a_one, week10b_two" in said.err and said.out == ""
    assert not (folder / "my").exists()


# In a clone, as between a teacher who publishes releases and a student who pulls them ------------------------------


def run(folder, *command, works=True):
    """Run a command with nothing of this machine's settings; return all that it says."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "MAKE", "MFLAGS"))}
    person = {f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {**plain, **person, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == works, done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def clone(tmp_path):
    """A student's clone of the course, and what publishes a release that changes the notebook."""
    course, student = tmp_path / "course", tmp_path / "student"
    shutil.copytree(ROOT / "tools", course / "tools")
    for name in (".gitignore", "Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, course / name)
    (course / "tools/env.sh").write_text("")  # .venv is made, and its Python says what it would start
    (course / "python").write_text(f'#!/bin/sh\ncase "$1" in -m) echo "$@";; *) exec {sys.executable} "$@";; esac\n')
    (course / "python").chmod(0o755)
    for name in (FIRST, NAME):
        write(course / f"notebooks/{name}.ipynb", "first release")
    run(course, "git", "init", "--quiet")
    run(course, "git", "add", ".")
    run(course, "git", "commit", "--quiet", "-m", "first release")
    run(tmp_path, "git", "clone", "--quiet", "--depth=1", course.as_uri(), "student")

    def release():
        write(course / NOTEBOOK, "second release")
        run(course, "git", "commit", "--quiet", "--all", "-m", "second release")
        return (course / NOTEBOOK).read_bytes()

    return student, release


def copy_in(student, *more):
    return run(student, "make", "mine", "PY=./python", "NB=week02", *more)


def lab(student):
    """Where `make lab` opens JupyterLab."""
    return re.search(r"default_url=/lab/tree/(\S+)", run(student, "make", "lab", "PY=./python"))[1]


def test_make_lab_opens_week_0_in_my_and_then_what_was_worked_in_last(clone):
    student, _ = clone
    first, second = f"my/{FIRST}.ipynb", f"my/{NAME}.ipynb"
    assert lab(student) == first
    write(student / first, "my answer")
    os.utime(student / first, (1, 1))
    assert lab(student) == first
    assert "is yours" in copy_in(student)
    assert lab(student) == second
    os.utime(student / second, (0, 0))
    assert lab(student) == first
    assert sources(student) == {FIRST: "my answer", NAME: "first release"}


def test_a_notebook_of_another_name_is_enough_and_where_my_cannot_be_written_the_courses_is_opened(clone):
    student, _ = clone
    write(student / "my/own.ipynb", "my own")
    assert lab(student) == "my" and sources(student) == {"own": "my own"}
    shutil.rmtree(student / "my")
    (student / "my").write_text("a file")
    assert lab(student) == f"notebooks/{FIRST}.ipynb"
    assert "cannot be written" in run(student, "make", "mine", "PY=./python", "NB=week02", works=False)
    assert (student / "my").read_text() == "a file"


def test_work_in_my_survives_the_pull_of_a_release(clone):
    student, release = clone
    copy_in(student)
    write(student / f"my/{NAME}.ipynb", "my answer")
    published = release()
    assert "CONFLICT" not in run(student, "git", "pull", "--quiet")
    assert (student / NOTEBOOK).read_bytes() == published
    copy_in(student)
    assert sources(student) == {NAME: "my answer"}
    copy_in(student, "AGAIN=yes")
    assert sources(student) == {NAME: "my answer", f"{NAME}-2": "second release"}
    assert run(student, "git", "status", "--porcelain") == ""


def test_work_in_notebooks_is_brought_to_my_and_then_the_pull_goes(clone):
    """As README tells one who has worked in notebooks/ after all; no undoing is advised before the work is in my/."""
    student, release = clone
    copy_in(student)
    write(student / f"my/{NAME}.ipynb", "an answer in my/")
    write(student / NOTEBOOK, "and another in notebooks/")
    work = (student / NOTEBOOK).read_bytes()
    published = release()
    assert "overwritten" in run(student, "git", "pull", "--quiet", works=False)
    assert "git restore" not in copy_in(student)

    undo = re.search(r"git restore \S+", copy_in(student, "AGAIN=yes"))[0].split()
    run(student, *undo)
    run(student, "git", "pull", "--quiet")
    assert (student / f"my/{NAME}-2.ipynb").read_bytes() == work  # with the outputs that the student has made
    assert (student / NOTEBOOK).read_bytes() == published
    assert run(student, "git", "status", "--porcelain") == ""
