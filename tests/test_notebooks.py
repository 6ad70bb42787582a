"""What is true of every notebook; their cells themselves run under nbval."""

import itertools
import re
import subprocess
import sys

import nbformat
import pytest

from course_utils.judge import NOT_ATTEMPTED
from tests import own_data
from tools import lessons, run
from tools.lessons import ROOT

ALL = lessons.find()
NAMES = [lesson.name for lesson in ALL]


@pytest.fixture(params=ALL, ids=NAMES)
def lesson(request):
    return request.param


def test_notebook_is_built_whole(lesson):
    notebook = nbformat.read(lesson.notebook, as_version=4)
    nbformat.validate(notebook)
    assert lesson.notebook.stat().st_size < 1_000_000
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))  # from a clean kernel, in order
    for cell in code:
        assert all(output.output_type != "error" for output in cell.outputs)
        assert all(output.get("name") != "stderr" for output in cell.outputs)
        if "check" in cell.metadata.get("tags", ()):
            assert NOT_ATTEMPTED in str(cell.outputs)
        if "claim" in cell.metadata.get("tags", ()):
            assert cell.metadata.jupyter.source_hidden and "hide-input" in cell.metadata.tags
        for output in cell.outputs:
            if "image/png" in output.get("data", {}):
                assert output.metadata["image/png"]["alt"]
                assert re.search(r'alt="[^"]+"', output.data["text/html"])


def test_lesson_has_its_shape(lesson):
    text = [cell.source for cell in lesson.cells if cell.cell_type == "markdown"]
    tags = [tag for cell in lesson.cells for tag in cell.metadata.get("tags", ())]
    assert "You will be able to" in text[0]
    assert tags.count("setup") == tags.count("parameters") == 1
    assert tags.count("exercise") == tags.count("check") >= 1
    assert "What you can do now" in text[-1] and "Try next" in text[-1]
    assert sum("**Predict" in t or re.search(r"\*\*[^*]*\?\*\*", t) is not None for t in text) >= 1
    levels = [len(m) for t in text for m in re.findall(r"^(#+) ", t, re.M)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))  # no heading skips a level


def test_lesson_fits_into_an_hour(lesson):
    """Its text as readers see it, with the line of its cost; claims are folded, and set-up is not to be read."""
    cells = nbformat.read(lesson.notebook, as_version=4).cells
    cells = [cell for cell in cells if "claim" not in cell.metadata.get("tags", ())]
    words = sum(len(cell.source.split()) for cell in cells if cell.cell_type == "markdown")
    code = [cell for cell in cells if cell.cell_type == "code" and "setup" not in cell.metadata.get("tags", ())]
    lines = [sum(bool(line.strip()) for line in cell.source.splitlines()) for cell in code]
    assert len(cells) <= 45 and words <= 1500 and sum(lines) <= 350 and max(lines) <= 20


def test_nothing_is_skipped_and_nothing_may_fail():
    """Neither a cell of a lesson or notebook, nor a test."""
    forbidden = re.compile(
        r"nbval[-_]skip|nbval[-_]ignore[-_]output|raises[-_]exception|NBVAL_|mark\.(skip|xfail)|pytest\.(skip|xfail)\("
    )
    here = ROOT / "tests/test_notebooks.py"
    files = [path for folder in ("lessons", "notebooks", "tests") for path in (ROOT / folder).rglob("*")]
    for path in [*files, ROOT / "conftest.py"]:
        if path.suffix in (".py", ".ipynb") and path != here:
            found = forbidden.search(path.read_text(encoding="utf-8"))
            assert found is None, f"{path.name}: {found[0]}"


def test_run_on_own_data_at_another_size(tmp_path):
    """As `make run` does it: own pictures, floors only shown, the result in build/runs."""
    import numpy as np

    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (120, 20, 24)).astype(np.uint8), np.arange(120) % 3
    np.savez(tmp_path / "own.npz", images=images, labels=labels)
    command = [sys.executable, "tools/run.py", "week00", "--dataset", str(tmp_path / "own.npz"), "--size", "full"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    result = nbformat.read(ROOT / "build/runs/week00_start_here.ipynb", as_version=4)
    texts = str([cell.get("outputs") for cell in result.cells])
    assert "size 'full'" in texts and "with the lesson's own data" in texts
    assert "in 10 epochs" in texts


def run_on(week, folder, settings):
    """Run a week on own data as `make run` does; return what it came to, and what its cells put out."""
    command = [sys.executable, "tools/run.py", week, "--dataset", str(folder), "--set", settings]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    path = ROOT / f"build/runs/{lessons.chosen(week)}.ipynb"
    outputs = str([cell.get("outputs") for cell in nbformat.read(path, as_version=4).cells]) if path.exists() else ""
    return done, outputs


def test_week05_runs_on_the_smallest_folder_and_on_weights_of_ones_own(tmp_path):
    from course_utils import models

    own_data.classes(tmp_path / "own")
    models.load_backbone("slim").save_weights(tmp_path / "mine.weights.h5")
    settings = f"WEIGHTS={tmp_path / 'mine.weights.h5'}"
    done, outputs = run_on("week05", tmp_path / "own", settings)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "3 of each class: the whole training set" in outputs
    (tmp_path / "own/dull/0.png").unlink()
    done, _ = run_on("week05", tmp_path / "own", settings)
    assert done.returncode == 1 and "at least 5 images of each class, got 4 of 'dull'" in done.stderr


@pytest.mark.parametrize("week", ["week06", "week07", "week08a", "week08b"])
def test_weeks_with_boxes_run_on_a_folder_of_ones_own(week, tmp_path):
    own_data.boxes(tmp_path, 24)
    done, _ = run_on(week, tmp_path, "STEPS=10")
    assert done.returncode == 1 and "00.xml" in done.stderr and "xmin" in done.stderr
    done, outputs = run_on(week, tmp_path, "STEPS=10 ON_ERROR=drop")
    assert done.returncode == 0, done.stderr[-3000:]
    assert "dropped 1 box" in outputs and "with the lesson's own data" in outputs


def test_week_with_masks_runs_on_a_folder_of_ones_own(tmp_path):
    own_data.masks(tmp_path, 14)
    done, outputs = run_on("week09a", tmp_path, "STEPS=10")
    assert done.returncode == 0, done.stderr[-3000:]
    assert "with the lesson's own data" in outputs


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["week77"], "week02"),
        ([""], "week02"),
        (["week"], "one notebook"),
        (["week02", "--size", "big"], "quick or full"),
        (["week05", "--set", "WEIGHTS"], "DATASET, WEIGHTS"),
        (["week05", "--set", "WIDTH=2"], "DATASET, WEIGHTS"),
    ],
)
def test_run_refuses_in_one_line(arguments, words, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["run.py", *arguments])
    assert run.main() == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and words in told
