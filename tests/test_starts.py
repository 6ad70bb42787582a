"""However a notebook is started: it finds its package, says nothing on stderr, and shows a picture.

JupyterLab and classic Notebook start a kernel in the notebook's folder, VS Code there or in the folder that it has
opened; some install the package. That `make test` itself runs in an environment which finds course_utils anywhere is
undone in each kernel's first cell.
"""

import os
import shutil
import subprocess
import sys
import zipfile

import nbformat
import pytest
from nbclient import NotebookClient

from tools import lessons
from tools.lessons import ROOT

WIDGET = "application/vnd.jupyter.widget-view+json"
FORGET = f"import sys\nsys.path[:] = [place for place in sys.path if place != {str(ROOT)!r}]"
NO_WIDGETS = 'sys.modules["ipywidgets"] = None  # as where it is not installed'
# Where data is kept is asked without COURSE_DATA: what finds that out warns of missing widgets, if nobody hinders it.
WHERE = "import os; os.environ.pop('COURSE_DATA', None)\nfrom course_utils.data import cache; cache.folder()"
IMPORTS = "from course_utils import plots, setup\nfrom course_utils.weeks import week02"
LESSON = f"{IMPORTS}\n\nsetup()\n{WHERE}\nprint(plots.__file__)"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The package, built from what the lock holds."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source)
    for name in ("course_utils", "data"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "-w", "out", "./source"], cwd=folder, check=True, capture_output=True)
    (made,) = (folder / "out").glob("*.whl")
    return made


def test_package_can_be_installed(wheel):
    """As a wheel, with all its modules, weights and measures."""
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("course_utils/")}
    wanted = {str(path.relative_to(ROOT)) for path in (ROOT / "course_utils").rglob("*.py")}
    wanted |= {f"course_utils/shipped/{path.name}" for path in (ROOT / "data").iterdir() if path.suffix != ".md"}
    assert packed == wanted


def start(folder, first=(), **environment):
    """Run a notebook of a set-up cell and a picture with sliders in a kernel; return where it found course_utils, and
    the picture.
    """
    sources = ["\n".join([FORGET, *first]), f"{lessons.setup_source()}\n{LESSON}", "week02.explore_positions()"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    client = NotebookClient(notebook, timeout=120, kernel_name="python3")
    client.resources = {"metadata": {"path": str(folder)}}
    client.execute(env={**os.environ, "COURSE_STATIC": "", **environment}, stderr=subprocess.DEVNULL)
    outputs = [output for cell in notebook.cells for output in cell.outputs]
    assert all(output.get("name") != "stderr" for output in outputs), outputs
    picture = outputs[-1]
    assert "9 by 9" in picture.data["text/plain"] and "alt=" in picture.data["text/html"]
    assert picture.data["image/png"] and picture.metadata["image/png"]["alt"] == picture.data["text/plain"]
    printed = "".join(output.get("text", "") for output in notebook.cells[1].outputs)  # it may come in two parts
    return printed.splitlines()[-1], picture.data


def test_in_the_folder_that_vs_code_has_opened():
    place, picture = start(ROOT)
    assert place.startswith(str(ROOT / "course_utils"))
    assert picture[WIDGET]["model_id"]


def test_in_a_folder_of_the_course_without_ipywidgets():
    """As in notebooks/ or my/."""
    folder = ROOT / "build/starts"
    folder.mkdir(parents=True, exist_ok=True)
    place, picture = start(folder, [NO_WIDGETS])
    assert place.startswith(str(ROOT / "course_utils"))
    assert WIDGET not in picture


def test_in_any_folder_with_the_package_installed(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    (tmp_path / "elsewhere").mkdir()
    path = os.pathsep.join([str(tmp_path / "installed"), os.environ["PYTHONPATH"]])
    place, picture = start(tmp_path / "elsewhere", PYTHONPATH=path)
    assert place.startswith(str(tmp_path / "installed"))
    assert picture[WIDGET]["model_id"]


def test_static_pictures_where_they_are_asked_for():
    assert WIDGET not in start(lessons.NOTEBOOKS, COURSE_STATIC="1")[1]


def test_elsewhere_without_the_package_it_says_what_to_do(tmp_path):
    """In a Python that finds neither."""
    code = f"{FORGET}\n{lessons.setup_source()}"
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "open this notebook in the course's folder" in done.stderr
