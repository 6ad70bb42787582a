"""The doctor tells the places apart in which the course runs, and names the trouble of each only where it is there."""

import json
import os
import subprocess
import sys
from importlib import metadata

import psutil
import pytest

from course_utils import display, doctor, places
from course_utils.places import CI, COLAB, CONDA, LAB, NOTEBOOK, PAGELESS, TERMINAL, VSCODE
from tools.lessons import ROOT

SHELL = ["bash", "-l"]
MAKE = ["make", "lab"]
LAB_SERVER = [".venv/bin/python", "-m", "jupyterlab", "--ServerApp.ip=127.0.0.1"]
CODE = ["/usr/share/code/code", "--type=utility"]
KERNEL = {"JPY_PARENT_PID": "7", "JPY_SESSION_NAME": "/home/me/week02.ipynb"}
CODE_TERMINAL = {"TERM_PROGRAM": "vscode", "VSCODE_GIT_IPC_HANDLE": "/run/x.sock"}


@pytest.mark.parametrize(
    ("environment", "above", "names", "colab", "kernel", "place"),
    [
        (KERNEL, [LAB_SERVER, MAKE, SHELL], [], False, True, LAB),
        (KERNEL, [["/x/python3.12", "/x/bin/jupyter-lab", "--port=1"], SHELL], [], False, True, LAB),
        (KERNEL, [[r"C:\x\Scripts\jupyter-lab.exe"], [r"C:\x\python.exe"]], [], False, True, LAB),
        (KERNEL, [["/x/bin/python", "/x/bin/jupyterhub-singleuser"]], [], False, True, LAB),
        (
            KERNEL,
            [["/bin/sh", "-c", "doctor"], ["python", "-m", "ipykernel_launcher"], LAB_SERVER],
            [],
            False,
            True,
            LAB,
        ),
        (KERNEL | CODE_TERMINAL, [LAB_SERVER, SHELL, CODE], [], False, True, LAB),  # Lab from VS Code's terminal
        (KERNEL, [["python", "/x/bin/jupyter-notebook"], SHELL], [], False, True, NOTEBOOK),
        (KERNEL, [["python3", "-Xutf8", "-m", "notebook"]], [], False, True, NOTEBOOK),
        ({"VSCODE_PID": "7"}, [CODE], ["__vsc_ipynb_file__"], False, True, VSCODE),
        ({"VSCODE_CWD": "/"}, [["node"]], [], False, False, VSCODE),  # in WSL, by "!" in a notebook
        (KERNEL, [["python", "-m", "jupyter", "notebook"]], ["__vsc_ipynb_file__"], False, True, VSCODE),
        ({}, [LAB_SERVER], [], True, True, COLAB),
        ({"COLAB_RELEASE_TAG": "release-colab"}, [SHELL], [], False, False, COLAB),
        ({"JPY_PARENT_PID": "7"}, [["python", "tools/run.py", "week02"], SHELL], [], False, True, PAGELESS),
        (KERNEL, [["pytest"], SHELL, LAB_SERVER], [], False, True, PAGELESS),  # from a terminal of JupyterLab
        ({"JPY_PARENT_PID": "7"}, [], [], False, True, PAGELESS),  # no process may be seen
        ({}, [SHELL, LAB_SERVER], [], False, False, TERMINAL),  # JupyterLab's terminal
        (CODE_TERMINAL, [SHELL, CODE], [], False, False, TERMINAL),
        ({"CI": "false"}, [[]], [], False, False, TERMINAL),
        ({"CI": "true"}, [SHELL], [], False, False, CI),
    ],
)
def test_places_are_told_apart(environment, above, names, colab, kernel, place):
    assert places.recognise(environment, above, names, colab, kernel) is place


def test_processes_above_are_seen():
    code = "from course_utils import places; print(places.commands_above()[0])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(psutil.Process().cmdline())


def test_processes_that_may_not_be_seen_are_no_trouble(monkeypatch):
    import psutil

    def denied(self):
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "parents", denied)
    assert places.commands_above() == []


def test_a_notebooks_variables_are_looked_at(monkeypatch):
    import IPython

    monkeypatch.setattr(display, "in_notebook", lambda: True)
    shell = type("Shell", (), {"user_ns": {"__vsc_ipynb_file__": "x.ipynb"}})
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    assert places.here() is VSCODE


@pytest.fixture
def at(monkeypatch, tmp_path):
    """Say which place this is, and which packages have which version there (None: it is missing)."""
    version = metadata.version

    def faked(name):
        if name not in versions:
            return version(name)
        if versions[name] is None:
            raise metadata.PackageNotFoundError(name)
        return versions[name]

    versions = {"jupyterlab": "4.4.1", "jupyterlab_widgets": "3.0.15", "ipywidgets": "8.1.7", "notebook": None}
    monkeypatch.delitem(sys.modules, "ipywidgets", raising=False)  # which other tests may have loaded
    monkeypatch.setattr(metadata, "version", faked)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(places, "course_environment", lambda: tmp_path)

    def set_(place, **packages):
        monkeypatch.setattr(places, "here", lambda: place)
        versions.update(packages)
        return tmp_path

    return set_


@pytest.mark.parametrize("place", [LAB, NOTEBOOK, VSCODE, COLAB, CI, TERMINAL])
def test_where_nothing_is_wrong_the_usual_trouble_is_a_hint(at, place):
    at(place)
    text, well = doctor.report()
    assert well and "All is well" in text and "PROBLEM" not in text
    assert f"place:      {place.name}\n" in text
    assert f"often in {place.name}: {place.trouble}\n   what helps: {place.cure}" in text


def test_a_notebook_without_a_page_has_no_usual_trouble(at):
    at(PAGELESS)
    assert "often in" not in doctor.report()[0]


@pytest.mark.parametrize(("place", "words"), [(LAB, "Change Kernel"), (NOTEBOOK, "Kernel"), (VSCODE, "Select Kernel")])
def test_another_kernel_than_the_courses_is_a_problem(at, monkeypatch, tmp_path, place, words):
    at(place)
    monkeypatch.setattr(places, "course_environment", lambda: tmp_path / "course/.venv")
    text, well = doctor.report()
    assert not well and text.count("PROBLEM") == 1
    assert sys.executable in text and "course/.venv" in text and words in text and "often in" not in text
    monkeypatch.setattr(places, "course_environment", lambda: None)  # never made, as in a conda environment
    assert doctor.report()[1]


@pytest.mark.parametrize("place", [COLAB, CI, TERMINAL, PAGELESS])
def test_elsewhere_another_python_may_be_meant(at, monkeypatch, tmp_path, place):
    at(place)
    monkeypatch.setattr(places, "course_environment", lambda: tmp_path / "course/.venv")
    assert doctor.report()[1]


@pytest.mark.parametrize(
    ("place", "packages", "words"),
    [
        (LAB, {"jupyterlab_widgets": None}, "jupyterlab_widgets 3, and it is not here"),
        (LAB, {"ipywidgets": "7.7.1"}, "jupyterlab_widgets 1, and version 3"),
        (LAB, {"jupyterlab_widgets": "1.1.11"}, "jupyterlab_widgets 3, and version 1.1.11"),
        (LAB, {"ipywidgets": "7.7.1", "jupyterlab_widgets": "1.1.11"}, None),
        (LAB, {"jupyterlab": None, "jupyterlab_widgets": None}, None),  # Lab is elsewhere, and so is that
        (NOTEBOOK, {"notebook": "6.5.7", "widgetsnbextension": None}, "widgetsnbextension 4, and it is not here"),
        (NOTEBOOK, {"notebook": "6.5.7", "ipywidgets": "7.7.1", "widgetsnbextension": "3.6.1"}, None),
        (NOTEBOOK, {"notebook": "7.2.1", "widgetsnbextension": None}, None),
        (NOTEBOOK, {"notebook": "7.2.1", "jupyterlab_widgets": None}, "jupyterlab_widgets 3, and it is not here"),
        (VSCODE, {"jupyterlab_widgets": None, "widgetsnbextension": None}, None),  # it brings its own
    ],
)
def test_what_shows_sliders_is_looked_for(at, place, packages, words):
    at(place, **packages)
    text, well = doctor.report()
    assert well == (words is None)
    assert words is None or (words in text and "sliders" in text and "pip install" in text)


def test_ipywidgets_missing_is_a_problem_anywhere(at):
    at(LAB, ipywidgets=None)
    text, well = doctor.report()
    assert not well and "ipywidgets is not installed" in text and text.count("PROBLEM") == 1


def test_a_conda_environment_is_named_and_its_mixture_found(at, monkeypatch):
    now = metadata.version("numpy")
    prefix = at(TERMINAL)
    monkeypatch.setenv("CONDA_PREFIX", str(prefix))
    monkeypatch.setenv("CONDA_DEFAULT_ENV", "keras-image-course")
    assert "conda" not in doctor.report()[0]  # an active environment, and a Python that is not its own

    (prefix / "conda-meta").mkdir()
    text, well = doctor.report()
    assert well and "place:      a terminal, conda environment keras-image-course\n" in text
    assert f"often in conda: {CONDA.trouble}" in text

    record = prefix / "conda-meta/numpy-1-py312_0.json"
    record.write_text(json.dumps({"name": "numpy", "version": now}))
    assert doctor.report()[1]
    record.write_text(json.dumps({"name": "numpy", "version": "1.0.1"}))
    text, well = doctor.report()
    assert not well and f"conda installed numpy 1.0.1, pip replaced it by {now}" in text and CONDA.cure in text

    monkeypatch.delenv("CONDA_PREFIX")  # not activated, but it is the kernel's
    assert places.conda_environment() == prefix.name


def test_a_package_replaced_under_a_running_kernel_is_found(at):
    import numpy

    at(COLAB, numpy="9.9.9")
    text, well = doctor.report()
    assert not well and f"numpy {numpy.__version__} is loaded, but 9.9.9 is installed" in text
    assert "Restart session" in text


def test_the_courses_environment_is_found_from_where_one_works(tmp_path, monkeypatch):
    """Also where course_utils is an installed one."""
    monkeypatch.setattr(places, "__file__", str(tmp_path / "site-packages/course_utils/places.py"))
    for folder in ("course/course_utils", "course/my", "course/.venv", "site-packages/course_utils"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "course/my")
    assert places.course_environment() is None  # a folder of that name, but no environment
    (tmp_path / "course/.venv/pyvenv.cfg").write_text("")
    assert places.course_environment() == tmp_path / "course/.venv"
    monkeypatch.chdir(tmp_path)
    assert places.course_environment() is None


def test_doctor_tells_it_in_a_notebook_too(at, capsys):
    at(VSCODE)
    doctor.tell()
    assert "VS Code" in capsys.readouterr().out


def test_a_kernel_that_a_program_runs_is_recognised():
    """With a true kernel; those of pages are tried by hand, for they need their page."""
    from nbclient import NotebookClient
    from nbformat import v4

    code = "from course_utils import places; print(places.here().name); import IPython"
    shout = (
        "get_ipython().system(f'{sys.executable} -c \"from course_utils import places; print(places.here().name)\"')"
    )
    notebook = v4.new_notebook(cells=[v4.new_code_cell(code), v4.new_code_cell(f"import sys\n{shout}")])
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("VSCODE_", "COLAB_"))}
    NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}).execute(env=plain)
    assert [cell.outputs[0].text.strip() for cell in notebook.cells] == [PAGELESS.name] * 2
