"""What a student sees who clicked a notebook's link "Open in Colab": `make colab-test`.

In an environment with Colab's versions (tools/colab.txt), a folder that holds the notebook and nothing else, and
Colab's own package by the name of a fake one. The first cell clones the course; git finds this very checkout at the
address from which the course is published. Not named test_..., as only tools/elsewhere.py makes that environment.
"""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest
from nbclient import NotebookClient

from course_utils.judge import NOT_ATTEMPTED
from tests import sliders
from tools import elsewhere, lessons
from tools.lessons import ROOT

WEEKS = [lesson.name for lesson in lessons.find()]  # of which tools/elsewhere.py chooses two
PUBLISHED = lessons.repository() or "https://github.com/someone/course.git"


class Visit(NamedTuple):
    """A student's session on Colab: the notebook as it ran, and the folders of the machine it ran on."""

    name: str
    client: NotebookClient
    content: Path
    home: Path
    writes: Path

    @property
    def code(self) -> list:
        """The notebook's code cells."""
        return [cell for cell in self.client.nb.cells if cell.cell_type == "code"]

    @property
    def outputs(self) -> list:
        """All outputs."""
        return [output for cell in self.code for output in cell.outputs]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A repository of the files as they are now, committed or not."""
    git = tmp_path_factory.mktemp("published") / "course.git"
    command = ["git", f"--git-dir={git}", f"--work-tree={ROOT}", "-c", "user.name=x", "-c", "user.email=x@x"]
    for arguments in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message=x"]):
        subprocess.run([*command, *arguments], cwd=ROOT, check=True)
    return git


@pytest.fixture(scope="module", params=WEEKS)
def visit(request, checkout, tmp_path_factory):
    machine = tmp_path_factory.mktemp("colab")
    places = {name: machine / name for name in ("content", "root", "tmp", "jupyter/kernels/colab")}
    for place in places.values():
        place.mkdir(parents=True)
    name, content = request.param, places["content"]
    notebook = nbformat.read(lessons.NOTEBOOKS / f"{name}.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source.replace(f'cwd(), "{lessons.repository()}"', f'cwd(), "{PUBLISHED}"')
    nbformat.write(notebook, content / f"{name}.ipynb")

    python = str(elsewhere.python_of("colab"))
    launcher = {"display_name": "Colab", "language": "python", "argv": [python, "-m", "colab_kernel_launcher"]}
    launcher["argv"] += ["-f", "{connection_file}"]
    (places["jupyter/kernels/colab"] / "kernel.json").write_text(json.dumps(launcher))
    environment = {
        "HOME": str(places["root"]),
        "TMPDIR": str(places["tmp"]),
        "PATH": os.pathsep.join([str(Path(python).parent), os.environ["PATH"]]),
        "LANG": "en_US.UTF-8",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        # The fake package, and no network; of what git can do, only copying from this machine.
        "PYTHONPATH": os.pathsep.join([str(ROOT / "tests/colab"), str(ROOT / "tests/kernel")]),
        "GIT_ALLOW_PROTOCOL": "file",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{checkout.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": PUBLISHED,
        "COLAB_WRITES": str(machine / "writes"),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(machine / "jupyter"))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(machine / "runtime"))
        client = NotebookClient(
            notebook, timeout=300, kernel_name="colab", resources={"metadata": {"path": str(content)}}
        )
        with client.setup_kernel(env=environment):
            for number, cell in enumerate(notebook.cells):
                client.execute_cell(cell, number)
            client.set_widgets_metadata()
            yield Visit(name, client, content, places["root"], machine / "writes")


def test_the_first_cell_fetched_the_course(visit):
    assert (visit.content / "course/course_utils").is_dir()
    assert sorted(path.name for path in visit.content.iterdir()) == sorted(["course", f"{visit.name}.ipynb"])
    status = ["git", "status", "--porcelain"]
    assert subprocess.run(status, cwd=visit.content / "course", capture_output=True, check=True).stdout == b""


def test_every_cell_ran_and_said_nothing_on_stderr(visit):
    assert all(cell.execution_count for cell in visit.code)
    assert [output for output in visit.outputs if output.output_type == "error" or output.get("name") == "stderr"] == []
    pins = dict(re.findall(r"^(\S+)==(\S+)", (ROOT / "tools/colab.txt").read_text(), re.MULTILINE))
    assert f"Keras {pins['keras']} on TensorFlow {pins['tensorflow']}" in str(visit.outputs)
    checked = [cell for cell in visit.code if "check" in cell.metadata.get("tags", ())]
    assert checked
    for cell in checked:
        assert NOT_ATTEMPTED in str(cell.outputs), cell.source


def test_as_many_pictures_are_there_as_in_the_stored_notebook(visit):
    def pictures(cells):
        return [o for c in cells if c.cell_type == "code" for o in c.outputs if "image/png" in o.get("data", {})]

    stored = pictures(nbformat.read(lessons.NOTEBOOKS / f"{visit.name}.ipynb", as_version=4).cells)
    shown = pictures(visit.code)
    assert stored and len(shown) == len(stored)  # a widget too brings its picture
    assert all('alt="' in output.data["text/html"] for output in shown)


@pytest.mark.parametrize("visit", ["week02_kernels_and_pooling"], indirect=True)
def test_sliders_move_the_picture(visit):
    """Week 2's, under Colab's ipywidgets 7; tests/test_sliders.py does the same under that of .venv."""
    assert [slider["description"] for slider in sliders.shown(visit.client)][:2] == ["size", "kernel"]
    assert "9 by 9" in sliders.picture(visit.client)
    assert "moved by 3" in sliders.move(visit.client, "stride", 3)


def test_google_is_a_namespace_with_more_in_it(visit):
    source = "import google.protobuf, google.colab; print(len(google.__path__))"
    visit.client.nb.cells.append(nbformat.v4.new_code_cell(source))
    cell = visit.client.execute_cell(visit.client.nb.cells[-1], len(visit.client.nb.cells) - 1)
    assert cell.outputs[0].text == "2\n"


def test_nothing_was_written_elsewhere(visit):
    """Not in the content folder (but for the clone), nor outside of it but for caches and temporary files."""
    written = {Path(line) for line in visit.writes.read_text().splitlines()}
    assert written
    allowed = (visit.content / "course", visit.home, visit.home.parent / "tmp", Path("/dev"))
    assert [path for path in sorted(written) if not any(path.is_relative_to(place) for place in allowed)] == []
    assert all(path.name.startswith(".") for path in visit.home.iterdir())
