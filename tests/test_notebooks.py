"""What is true of every notebook; their cells themselves run under nbval."""

import itertools
import re
import subprocess
import sys

import nbformat
import pytest

from course_utils.judge import NOT_ATTEMPTED
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
    assert "trainings over 10 rounds" in texts


def test_week05_runs_on_the_smallest_folder_and_on_weights_of_ones_own(tmp_path):
    """Grey and colour, of any size, five of one class and nine of the other."""
    import numpy as np
    from PIL import Image

    from course_utils import models

    rng = np.random.default_rng(0)
    for name, count, channels in (("dull", 5, ()), ("bright", 9, (3,))):
        (tmp_path / "own" / name).mkdir(parents=True)
        for number in range(count):
            picture = rng.integers(0, 256 if name == "bright" else 99, (20 + 7 * number, 50, *channels), np.uint8)
            Image.fromarray(picture).save(tmp_path / "own" / name / f"{number}.png")
    models.load_backbone("slim").save_weights(tmp_path / "mine.weights.h5")
    command = [sys.executable, "tools/run.py", "week05", "--dataset", str(tmp_path / "own")]
    command += ["--set", f"WEIGHTS={tmp_path / 'mine.weights.h5'}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    result = nbformat.read(ROOT / "build/runs/week05_transfer_learning.ipynb", as_version=4)
    texts = str([cell.get("outputs") for cell in result.cells])
    assert "3 of each class: the whole training set" in texts and "mine.weights.h5" in str(result)
    (tmp_path / "own/dull/0.png").unlink()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "at least 5 images of each class, got 4 of 'dull'" in done.stderr


def boxed_folder(root, count, rng):
    """Circles, squares and bars on noise, with boxes in Pascal VOC's form; one box is wrong."""
    import numpy as np
    from PIL import Image

    for number in range(count):
        height, width = 90 + 10 * (number % 3), 120
        picture = rng.integers(90, 130, (height, width, 3), np.uint8)
        objects = ""
        for place, name in enumerate(rng.choice(["square", "bar", "circle"], rng.integers(0, 4), p=[0.6, 0.3, 0.1])):
            tall, wide = {"square": (20, 20), "bar": (60, 14), "circle": (14, 14)}[name]
            x, y = 4 + 40 * place, int(rng.integers(0, height - tall))
            picture[y : y + tall, x : x + wide] = rng.integers(0, 256, 3)
            if number == 0 and place == 0:
                wide = -wide
            corners = zip(("xmin", "ymin", "xmax", "ymax"), (x, y, x + wide, y + tall), strict=True)
            sides = "".join(f"<{side}>{value}</{side}>" for side, value in corners)
            objects += f"<object><name>{name}</name><bndbox>{sides}</bndbox></object>"
        Image.fromarray(picture).save(root / f"{number:02d}.png")
        (root / f"{number:02d}.xml").write_text(f"<annotation>{objects}</annotation>")


@pytest.mark.parametrize("week", ["week06_localisation", "week07_fcn_detection"])
def test_weeks_with_boxes_run_on_a_folder_of_ones_own(week, tmp_path):
    import numpy as np

    boxed_folder(tmp_path, 24, np.random.default_rng(1))
    command = [sys.executable, "tools/run.py", week, "--dataset", str(tmp_path), "--set"]
    done = subprocess.run([*command, "STEPS=10"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "00.xml" in done.stderr and "xmin" in done.stderr

    done = subprocess.run([*command, "STEPS=10 ON_ERROR=drop"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    texts = str([cell.get("outputs") for cell in nbformat.read(ROOT / f"build/runs/{week}.ipynb", as_version=4).cells])
    assert "dropped 1 box" in texts and "with the lesson's own data" in texts


def test_week_with_masks_runs_on_a_folder_of_ones_own(tmp_path):
    """In colour, of several sizes, with three classes in a palette."""
    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(1)
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
    for number in range(14):
        height, width = (int(side) for side in rng.integers(50, 150, 2))
        rows, columns = np.ogrid[:height, :width]
        mask = np.zeros((height, width), np.uint8)
        for kind, middle in ((1, 0.3), (2, 0.7), (1, 0.8)):
            mask[(rows - middle * height) ** 2 + (columns - middle * width) ** 2 < 150 * kind] = kind
        picture = 60 * mask[..., None] + rng.integers(0, 80, (height, width, 3))
        Image.fromarray(picture.astype(np.uint8)).save(tmp_path / "images" / f"{number}.png")
        coloured = Image.fromarray(mask, "P")
        coloured.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0])
        coloured.save(tmp_path / "masks" / f"{number}.png")
    command = [sys.executable, "tools/run.py", "week09a", "--dataset", str(tmp_path), "--set", "STEPS=10"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    notebook = nbformat.read(ROOT / "build/runs/week09a_segmentation_unet.ipynb", as_version=4)
    assert "with the lesson's own data" in str([cell.get("outputs") for cell in notebook.cells])


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
