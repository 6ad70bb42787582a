"""The build: lessons into notebooks, and what it refuses."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from tools import build, lessons, new
from tools.imports import made_from
from tools.lessons import ROOT, LessonError

HEAD = "# ---\n# jupyter:\n#   course:\n#     seconds: 30\n#     gigabytes: 1\n# ---\n\n"
TITLE = "# %% [markdown]\n# # A title\n#\n# *Mirrors: lecture A, all. {cost}.*\n\n"
SETUP = '# %% tags=["setup"]\nfrom course_utils.plots import pictures\n\nprint("ready")\n\n'
EXERCISE = '# %% tags=["exercise"]\ndef f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION\n\n'
CHECK = '# %% tags=["check"]\nf\n\n'
OUTPUT = '# %% tags=["nbval-check-output"]\nprint(1 + 1)\n'
LESSON = HEAD + TITLE + SETUP + EXERCISE + CHECK + OUTPUT


@pytest.fixture
def house(tmp_path, monkeypatch):
    """An empty house with the real tools."""
    for name, module in (("LESSONS", "lessons"), ("NOTEBOOKS", "notebooks"), ("SOLUTIONS", "notebooks/solutions")):
        (tmp_path / module).mkdir(parents=True, exist_ok=True)
        monkeypatch.setattr(lessons, name, tmp_path / module)
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(lessons, "ROOT", tmp_path)
    lessons.repository.cache_clear()
    monkeypatch.setattr(build, "README", tmp_path / "README.md")
    shutil.copytree(ROOT / "tools/templates", tmp_path / "tools/templates")
    shutil.copytree(ROOT / "course_utils", tmp_path / "course_utils", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "README.md").write_text("<!-- weeks -->\n<!-- end of weeks -->\n")
    return tmp_path


def write(house, text=LESSON, name="week99_test"):
    (house / "lessons" / f"{name}.py").write_text(text)
    return lessons.read(house / "lessons" / f"{name}.py")


def test_build_makes_both_notebooks_and_the_table(house):
    lesson = write(house)
    assert build.build_one(lesson).startswith("week99_test")
    build.write_table()
    student, solved = (nbformat.read(path, as_version=4) for path in (lesson.notebook, lesson.solution))
    for notebook in (student, solved):
        nbformat.validate(notebook)
    exercise = student.cells[2].source
    assert exercise == 'def f(x):\n    raise NotImplementedError("your turn")'
    assert solved.cells[2].source == "def f(x):\n    return x"
    assert student.cells[4].outputs[0].text == "2\n"
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in solved.cells)
    assert "course_utils" in student.cells[1].source  # the set-up cell finds the package
    assert "GB (measured on" in student.cells[0].source and "{cost}" not in student.cells[0].source
    assert set(student.metadata.course) == {"made_from", "seconds", "gigabytes", "versions", "processor", "measures"}
    assert student.metadata.course.seconds % 5 == 0
    assert "notebooks/week99_test.ipynb) | lecture A, all | " in (house / "README.md").read_text()
    assert build.differences(lessons.find(), everything=True) == []


def test_a_rebuild_without_change_changes_nothing(house):
    lesson = write(house)
    build.build_one(lesson)
    first = lesson.notebook.read_text()
    build.build_one(lesson)

    def without_measures(text):
        notebook = json.loads(text)
        notebook["metadata"]["course"] = {}
        notebook["cells"][0]["source"] = ""  # it tells them too
        return notebook

    assert without_measures(first) == without_measures(lesson.notebook.read_text())


def test_ids_stay_when_a_cell_is_added(house):
    before = [cell.id for cell in lessons.cells(write(house), "", solved=False)]
    added = LESSON.replace(EXERCISE, "# %%\nnew = 1\n\n" + EXERCISE)
    after = [cell.id for cell in lessons.cells(write(house, added), "", solved=False)]
    assert len(set(after)) == len(after) == len(before) + 1
    assert set(before) < set(after)


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [("1 / 0", "ZeroDivisionError"), ("print('x' * 1_100_000)", "more than 1 MB")],
)
def test_a_failed_build_leaves_the_old_notebook(house, spoilt, words):
    lesson = write(house, LESSON.replace("print(1 + 1)", spoilt))
    lesson.notebook.write_text("the old one")
    with pytest.raises(LessonError, match=words) as told:
        build.build_one(lesson)
    assert "week99_test" in str(told.value)
    assert lesson.notebook.read_text() == "the old one"


def stream(text, name="stdout"):
    return nbformat.v4.new_output("stream", name=name, text=text)


def data(**forms):
    return nbformat.v4.new_output("display_data", {f"{kind.replace('_', '/')}": form for kind, form in forms.items()})


@pytest.mark.parametrize(
    ("outputs", "words"),
    [
        ([], "it has none"),
        ([stream("old", "stderr")], "stderr"),
        ([data(text_plain="<object at 0x7f0123456789>")], "differs from run to run"),
        ([stream("/home/someone/course")], "differs from run to run"),
        ([data(image_png="abcd", text_plain="a picture")], "text alternative"),
    ],
)
def test_bad_outputs_are_refused(outputs, words):
    cell = nbformat.v4.new_code_cell("x", outputs=outputs, metadata={"tags": ["nbval-check-output"]})
    with pytest.raises(LessonError, match=words) as told:
        build.check_outputs(nbformat.v4.new_notebook(cells=[cell]), "week99_test")
    assert "week99_test, cell 0" in str(told.value)


@pytest.mark.parametrize(
    ("old", "spoilt", "words"),
    [
        (TITLE, "", "title"),
        ("Mirrors", "Like", "Mirrors"),
        ("{cost}", "", "cost"),
        (HEAD, "", "budget"),
        ('"exercise"', '"excercise"', "excercise"),
        (' tags=["exercise"]', "", "tag"),
        (CHECK, "", "followed by its check"),
        (CHECK, CHECK + "# %%\n\n", "empty"),
        (EXERCISE, "", "follows an exercise"),
        ("    ### END SOLUTION\n", "", "together"),
        (
            "def f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END",
            "### BEGIN SOLUTION\nf = 1\n### END",
            "inside a function",
        ),
    ],
)
def test_bad_lessons_are_refused(house, old, spoilt, words):
    assert old in LESSON
    with pytest.raises(LessonError, match=words) as told:
        write(house, LESSON.replace(old, spoilt))
    assert "week99_test" in str(told.value)


@pytest.fixture
def built(house):
    """A house with a built lesson; what its cells give is of no matter here, so that no kernel is needed."""
    lesson = write(house)
    about = {
        "made_from": made_from(lesson),
        "seconds": 5,
        "gigabytes": 0.1,
        "versions": {"keras": "3", "tensorflow": "2"},
    }
    for path, solved in ((lesson.notebook, False), (lesson.solution, True)):
        cells = lessons.cells(lesson, build.cost_line(about), solved)
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"course": about}), path)
    build.write_table()
    assert build.differences([lesson], everything=True) == []
    return house, lesson


def test_only_what_changed_is_built(built):
    house, lesson = built
    assert not build.is_stale(lesson)
    for name in ("lessons/week99_test.py", "course_utils/plots/images.py", "tools/templates/setup.py"):
        before = (house / name).read_text()
        (house / name).write_text(before + "\nCHANGED = 1\n")
        assert build.is_stale(lessons.read(lesson.notebook.parents[1] / "lessons/week99_test.py")), name
        (house / name).write_text(before)
    for name in ("course_utils/weeks/week02.py", "course_utils/plots/detection.py", "course_utils/doctor.py"):
        (house / name).write_text("CHANGED = 1")  # the lesson imports none of them
    images = house / "course_utils/plots/images.py"
    images.write_text(images.read_text() + "\n# a comment\n")
    assert not build.is_stale(lesson)
    lesson.solution.unlink()
    assert build.is_stale(lesson)


def test_a_change_of_text_executes_nothing(built, monkeypatch):
    house, _ = built
    lesson = write(house, LESSON.replace("A title", "Another title"))
    monkeypatch.setattr(build, "execute", None)
    assert build.build([lesson], everything=False) == 0
    for path in (lesson.notebook, lesson.solution):
        assert "Another title" in path.read_text()


def edit(path: Path, change):
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)


@pytest.mark.parametrize(
    "change",
    [
        lambda nb: nb.cells[2].update(source="def f(x): return x"),
        lambda nb: nb.cells[0].update(source="# Another title"),
        lambda nb: nb.cells.pop(),
        lambda nb: nb.cells.append(nbformat.v4.new_code_cell("1")),
        lambda nb: nb.cells[4].metadata.update(tags=[]),
        lambda nb: nb.cells[4].update(id="12345678"),
    ],
)
def test_check_names_a_notebook_that_is_not_its_lessons(built, change):
    _, lesson = built
    for path in (lesson.notebook, lesson.solution):
        before = path.read_text()
        edit(path, change)
        (wrong,) = build.differences([lesson], everything=True)
        assert path.name in wrong and path.parent.name in wrong
        path.write_text(before)


def test_check_names_a_changed_lesson_a_stray_notebook_and_an_old_table(built):
    house, lesson = built
    assert "cell 4" in build.differences([write(house, LESSON.replace("1 + 1", "2 + 2"))], everything=True)[0]
    shutil.copy(lesson.notebook, house / "notebooks/week98_stray.ipynb")
    assert "week98_stray.ipynb: has no lesson" in build.differences([lesson], everything=True)[0]
    (house / "notebooks/week98_stray.ipynb").unlink()
    (house / "README.md").write_text("nothing")
    assert "table" in build.differences([lesson], everything=True)[0]
    lesson.solution.unlink()
    assert "not built" in build.differences([lesson], everything=False)[0]


def test_check_of_the_course_is_green_and_takes_a_fifth_of_a_second_a_lesson():
    done = subprocess.run(
        [sys.executable, "tools/build.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found, began = lessons.find(), time.process_time()
    build.differences(found, everything=True)
    assert time.process_time() - began < 0.4 * len(found)  # twice, as another test runs beside this one


def test_unknown_lesson_is_named():
    done = subprocess.run(
        [sys.executable, "tools/build.py", "week77"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and "week77" in done.stderr and "week02" in done.stderr


def test_new_lesson_passes_its_tests_at_once(tmp_path):
    """In a copy of the whole house: begin a lesson, build it, run its notebook and its checks."""
    house = tmp_path / "course"
    ignored = shutil.ignore_patterns(".venv", ".git", "build", "__pycache__", "*.ipynb")
    shutil.copytree(ROOT, house, ignore=ignored)

    def run(*command):
        done = subprocess.run([sys.executable, *command], cwd=house, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    run("tools/build.py", "--new", "week13_topic")
    with pytest.raises(AssertionError, match="nothing was written"):
        run("tools/build.py", "--new", "week13_other")
    run("tools/build.py", "week13")
    run("tools/build.py", "--check", "week13")
    run("-m", "pytest", "-q", "-n0", "notebooks/week13_topic.ipynb", "tests/test_checks.py", "-k", "week13")
    run("-m", "ruff", "check", ".")
    run("-m", "ruff", "format", "--check", ".")


@pytest.mark.parametrize("name", ["13_topic", "week1_topic", "week13", "week13_../x", "Week13_topic"])
def test_new_refuses_bad_names(name):
    with pytest.raises(LessonError, match="week13_topic"):
        new.begin(name)


def test_badge_only_where_there_is_a_repository(monkeypatch):
    assert lessons.badge("week00_start_here") == "" or lessons.repository()
    monkeypatch.setattr(lessons, "repository", lambda: "https://github.com/someone/course.git")
    badge = lessons.badge("week00_start_here")
    assert "colab.research.google.com/github/someone/course/blob/main/notebooks/week00_start_here.ipynb" in badge
    assert "https://github.com/someone/course.git" in lessons.setup_source()


def run_setup_cell(source, folder, colab=False):
    """Run the set-up cell's finder in a fresh Python that does not know the course."""
    fake = "import sys, types; sys.modules['google.colab'] = types.ModuleType('google.colab')\n" if colab else ""
    forget = "import sys; sys.path = [p for p in sys.path if p and 'site-packages/..' not in p]\n"
    code = fake + forget + source + "\nimport course_utils; print(course_utils.__file__)"
    return subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=folder, capture_output=True, text=True, check=False, env={"PATH": ""}
    )


def test_setup_cell_finds_the_package_above(tmp_path):
    (tmp_path / "course_utils").mkdir()
    (tmp_path / "course_utils/__init__.py").write_text("")
    (tmp_path / "a/b").mkdir(parents=True)
    for folder in (tmp_path, tmp_path / "a", tmp_path / "a/b"):
        done = run_setup_cell(lessons.setup_source(), folder)
        assert str(tmp_path) in done.stdout, done.stderr


@pytest.mark.parametrize("colab", [True, False])
def test_setup_cell_says_in_one_line_what_is_missing(tmp_path, colab):
    done = run_setup_cell(lessons.setup_source(), tmp_path, colab)
    assert done.returncode != 0
    line = done.stderr.splitlines()[-1]
    assert "on Colab, upload course_utils" in line and "in the course's folder" in line


def test_setup_cell_clones_on_colab(tmp_path, monkeypatch):
    origin = tmp_path / "origin"
    (origin / "course_utils").mkdir(parents=True)
    (origin / "course_utils/__init__.py").write_text("")
    git = shutil.which("git")
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "x"]):
        subprocess.run([git, *command], cwd=origin, check=True)
    (tmp_path / "content").mkdir()
    monkeypatch.setattr(lessons, "repository", origin.as_uri)
    source = lessons.setup_source().replace('["git"', f'["{git}"')
    for _ in range(2):  # run again, it does not clone again
        done = run_setup_cell(source, tmp_path / "content", colab=True)
        assert "content/course/course_utils" in done.stdout, done.stderr
