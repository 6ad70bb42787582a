"""A student's own notebooks in my/: nothing overwrites them, neither `make mine` nor a new release."""

import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest

from tools import lessons, mine
from tools.lessons import ROOT

NAME = "week02_kernels_and_pooling"
NOTEBOOK = f"notebooks/{NAME}.ipynb"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A course of three small notebooks, without git."""
    (tmp_path / "notebooks").mkdir()
    for name in (NAME, "week10a_one", "week10b_two"):
        (tmp_path / f"notebooks/{name}.ipynb").write_text(f"{name}, first release")
    monkeypatch.setattr(lessons, "ROOT", tmp_path)
    monkeypatch.setattr(lessons, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(mine, "MINE", tmp_path / "my")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return tmp_path


def call(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["mine.py", *arguments])
    code = mine.main()
    return code, capsys.readouterr()


def contents(folder):
    return {path.name: path.read_text() for path in (folder / "my").glob("*")}


def test_copies_once_and_then_keeps_what_is_there(folder, monkeypatch, capsys):
    code, told = call(monkeypatch, capsys, "week02")
    assert code == 0 and f"my/{NAME}.ipynb is yours" in told.out
    code, told = call(monkeypatch, capsys, "week02", "--again", "yes")
    assert code == 0 and "nothing to copy" in told.out  # it is the very same
    assert contents(folder) == {f"{NAME}.ipynb": f"{NAME}, first release"}

    (folder / f"my/{NAME}.ipynb").write_text("my answers")
    code, told = call(monkeypatch, capsys, "week02")
    assert code == 0 and "kept as it is" in told.out and f"make mine NB={NAME} AGAIN=yes" in told.out
    assert contents(folder) == {f"{NAME}.ipynb": "my answers"}


def test_a_fresh_copy_comes_beside_where_it_is_asked_for(folder, monkeypatch, capsys):
    (folder / "my").mkdir()
    (folder / f"my/{NAME}.ipynb").write_text("my answers")
    code, told = call(monkeypatch, capsys, "week02", "--again", "yes")
    assert code == 0 and f"my/{NAME}-2.ipynb is yours" in told.out
    code, told = call(monkeypatch, capsys, "week02", "--again", "yes")
    assert code == 0 and f"my/{NAME}-2.ipynb is the same" in told.out
    (folder / NOTEBOOK).write_text("second release")
    call(monkeypatch, capsys, NOTEBOOK, "--again", "yes")
    first, second, third = (f"{NAME}{more}.ipynb" for more in ("", "-2", "-3"))
    assert contents(folder) == {first: "my answers", second: f"{NAME}, first release", third: "second release"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([""], f"of {NAME}, week10a_one, week10b_two"),
        (["week77"], f"of {NAME}, week10a_one, week10b_two"),
        (["week10"], "of week10a_one, week10b_two"),
        (["week02", "--again", "2"], "AGAIN='2'"),
    ],
)
def test_refuses_in_one_line_and_makes_nothing(folder, monkeypatch, capsys, arguments, words):
    code, told = call(monkeypatch, capsys, *arguments)
    assert code == 2 and told.err.count("\n") == 1 and words in told.err and told.out == ""
    assert not (folder / "my").exists()


def test_what_is_in_the_way_is_named(folder, monkeypatch, capsys):
    (folder / "my").write_text("a file")
    code, told = call(monkeypatch, capsys, "week02")
    assert code == 1 and told.err.count("\n") == 1 and "my" in told.err and "cannot be written" in told.err
    assert (folder / "my").read_text() == "a file"


def test_half_a_copy_is_not_left_as_if_it_were_whole(folder, monkeypatch):
    (folder / "my").mkdir()
    with pytest.raises(TypeError):
        mine._write(folder / "my/x.ipynb", None)
    assert contents(folder) == {}


def test_make_passes_what_was_asked():
    command = ["make", "--dry-run", "mine", "NB=week02", "AGAIN=yes"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert 'tools/mine.py "week02" --again "yes"' in told


# With git, as between a teacher who publishes releases and a student who pulls them --------------------------------


def git(folder, *arguments, works=True):
    """Run git with nothing of this machine's settings; return all that it says."""
    person = {f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment = {**plain, **person, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == works, done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def clone(tmp_path):
    """A student's clone of the course as it is now, and what publishes a release that changes the notebook."""
    course, student = tmp_path / "course", tmp_path / "student"
    for name in (".gitignore", "pyproject.toml", "tools", "notebooks"):
        copied = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        (course / name).parent.mkdir(exist_ok=True)
        copied(ROOT / name, course / name)
    git(course, "init", "--quiet")
    git(course, "add", ".")
    git(course, "commit", "--quiet", "-m", "first release")
    git(tmp_path, "clone", "--quiet", "--depth=1", course.as_uri(), "student")

    def release():
        edit(course / NOTEBOOK, "A better sentence, in a cell that the student has changed too.")
        git(course, "commit", "--quiet", "--all", "-m", "second release")
        return (course / NOTEBOOK).read_bytes()

    return student, release


def edit(path, text):
    """Change the first cell, and add an answer."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source = text
    notebook.cells.append(nbformat.v4.new_code_cell(f"answer = {text!r}", id="answer"))
    nbformat.write(notebook, path)


def copy_in(student, *more):
    command = [sys.executable, "tools/mine.py", "week02", *more]
    return subprocess.run(command, cwd=student, capture_output=True, text=True, check=True).stdout


def test_work_in_my_survives_the_pull_of_a_release(clone):
    student, release = clone
    copy_in(student)
    own = student / f"my/{NAME}.ipynb"
    assert own.read_bytes() == (student / NOTEBOOK).read_bytes()  # pictures and all
    edit(own, "my answer")
    work = own.read_bytes()

    published = release()
    assert "CONFLICT" not in git(student, "pull", "--quiet")
    assert own.read_bytes() == work
    assert (student / NOTEBOOK).read_bytes() == published
    assert git(student, "status", "--porcelain") == ""

    copy_in(student)
    assert own.read_bytes() == work
    copy_in(student, "--again", "yes")
    assert own.read_bytes() == work
    assert (student / f"my/{NAME}-2.ipynb").read_bytes() == published
    assert git(student, "status", "--porcelain") == ""


def test_work_in_notebooks_is_brought_to_my_and_then_the_pull_goes(clone):
    """As README tells one who has worked in notebooks/ after all."""
    student, release = clone
    edit(student / NOTEBOOK, "my answer")
    work = (student / NOTEBOOK).read_bytes()
    published = release()
    assert "overwritten" in git(student, "pull", "--quiet", works=False)

    undo = re.search(r"git (restore \S+)", copy_in(student))[1].split()
    git(student, *undo)
    git(student, "pull", "--quiet")
    assert (student / f"my/{NAME}.ipynb").read_bytes() == work
    assert (student / NOTEBOOK).read_bytes() == published
    assert git(student, "status", "--porcelain") == ""


def test_no_undoing_is_advised_before_the_work_is_in_my(clone):
    student, _ = clone
    copy_in(student)
    edit(student / f"my/{NAME}.ipynb", "an answer in my/")
    edit(student / NOTEBOOK, "and another in notebooks/")
    assert "git restore" not in copy_in(student)
    assert "git restore" in copy_in(student, "--again", "yes")
    assert "git restore" in copy_in(student)
