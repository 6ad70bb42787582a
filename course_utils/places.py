"""Where the course runs (JupyterLab, VS Code, Colab, a terminal ...), and what usually goes wrong there."""

import json
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from . import display, runtime


class Place(NamedTuple):
    """A place, with its usual trouble and what helps."""

    name: str
    trouble: str = ""
    cure: str = ""


OTHER_KERNEL = "the kernel is another Python's than the one of the course's .venv"
LAB = Place("JupyterLab", OTHER_KERNEL, "close it and start it by `make lab`; there, Kernel, Change Kernel, Python 3")
NOTEBOOK = Place(
    "Jupyter Notebook",
    "pictures stand where sliders should be, as Notebook misses the widgets' part (classic Notebook above all)",
    "pip install --upgrade ipywidgets where Notebook is installed, then start it anew; or `make lab`",
)
VSCODE = Place("VS Code", OTHER_KERNEL, "Select Kernel (top right of the notebook), Python Environments, .venv")
COLAB = Place(
    "Google Colab",
    "a session forgets what was installed and uploaded, and keeps loaded what an installation has replaced",
    "keep files in Drive, and run from the first cell; after an installation: Runtime, Restart session",
)
CONDA = Place(
    "conda",
    "packages of conda and of pip are mixed",
    "conda env create -f environment.yml makes an environment in which pip alone installs them",
)
CI = Place(
    "continuous integration",
    "its time is up before the set-up has fetched 2 GB",
    "keep .venv, or pip's cache, from run to run",
)
TERMINAL = Place(
    "a terminal",
    "`python` is another one than that of the course's .venv",
    r"write .venv/bin/python (on Windows .venv\Scripts\python) in its place",
)
PAGELESS = Place("a notebook without a page")  # one that papermill, nbval or the like runs
PAGES = (LAB, NOTEBOOK, VSCODE)

SERVERS = {
    **dict.fromkeys(("jupyter-lab", "jupyterlab", "jupyter-labhub", "jupyterhub-singleuser"), LAB),
    **dict.fromkeys(("jupyter-notebook", "notebook", "jupyter-nbclassic", "nbclassic"), NOTEBOOK),
}
# What may stand between a server and this process: the kernel, and the shell of a notebook's "!".
BETWEEN = {"ipykernel_launcher", "ipykernel", "sh", "bash", "dash", "zsh", "fish", "cmd", "powershell", "pwsh"}
# What a page needs to show the sliders of ipywidgets 7 and 8: a package, and its major versions.
LAB_MANAGER = ("jupyterlab_widgets", {7: 1, 8: 3})
CLASSIC_MANAGER = ("widgetsnbextension", {7: 3, 8: 4})


def recognise(
    environment: Mapping[str, str], above: Iterable[Sequence[str]], names: Iterable[str], colab: bool, kernel: bool
) -> Place:
    """Tell the place from its traces.

    Parameters
    ----------
    environment : mapping
        The environment variables.
    above : iterable of sequence of str
        The command lines of the processes above this one, the nearest first.
    names : iterable of str
        The variables of the notebook.
    colab, kernel : bool
        Whether this is Colab, and whether a notebook's kernel runs this, or what the kernel has started.
    """
    if colab or "COLAB_RELEASE_TAG" in environment:
        return COLAB
    if "__vsc_ipynb_file__" in names:  # VS Code's own mark, also where it has a Jupyter server start the kernel
        return VSCODE
    if kernel:
        server = next((name for name in map(program, above) if name not in BETWEEN), "")
        if server in SERVERS:
            return SERVERS[server]
    # VS Code takes these away from its terminals, so that a JupyterLab started there does not have them.
    if environment.keys() & {"VSCODE_PID", "VSCODE_CWD"}:
        return VSCODE
    if kernel:
        return PAGELESS
    return CI if environment.get("CI", "").lower() not in ("", "0", "false") else TERMINAL


def program(command: Sequence[str]) -> str:
    """Name the program of a command line; where that is Python, the module or script that it runs.

    Examples
    --------
    >>> program(["/home/me/.venv/bin/python", "-m", "jupyterlab", "--no-browser"])
    'jupyterlab'
    """
    names = [re.sub(r"(-script)?\.(exe|pyw?)$", "", re.split(r"[\\/]", part)[-1].lower()) for part in command]
    if not names or not names[0].startswith("python"):
        return names[0] if names else ""
    return next((name for name in names[1:] if not name.startswith("-")), names[0])


def here() -> Place:
    """Tell the place of this very process."""
    names = ()
    if display.in_notebook():
        from IPython import get_ipython

        names = get_ipython().user_ns
    kernel = display.in_notebook() or "JPY_PARENT_PID" in os.environ  # a kernel has it, and what it starts by "!"
    return recognise(os.environ, commands_above(), names, runtime.in_colab(), kernel)


def commands_above() -> list[list[str]]:
    """List the command lines of the processes above this one, as far as they may be seen."""
    import psutil

    found = []
    try:
        for process in psutil.Process().parents():
            found.append(process.cmdline())
    except psutil.Error:
        pass
    return found


def conda_environment() -> str:
    """Name the conda environment that this Python belongs to; "" where none.

    CONDA_PREFIX alone does not tell: it is set also where a .venv was made inside an active environment.
    """
    if not (Path(sys.prefix) / "conda-meta").is_dir():
        return ""
    active = os.environ.get("CONDA_PREFIX") == sys.prefix and os.environ.get("CONDA_DEFAULT_ENV")
    return active or Path(sys.prefix).name


def problems(packages: Iterable[str]) -> list[tuple[str, str]]:
    """Find which usual troubles are here indeed: pairs (problem, cure).

    Parameters
    ----------
    packages : iterable of str
        Those that conda and pip should not both have installed.
    """
    place, found = here(), []
    venv = course_environment()
    if place in PAGES and venv and venv.resolve() != Path(sys.prefix).resolve():
        cure = LAB.cure if place is NOTEBOOK else place.cure
        found.append((f"this notebook's kernel is {sys.executable}, not the Python of {venv}", cure))
    if place in (LAB, NOTEBOOK):
        found += _widget_problems(place)
    if conda_environment():
        found += _mixed(packages)
    return found


def hints() -> list[Place]:
    """List the places that this is, of which a usual trouble is known."""
    places = [here(), *([CONDA] if conda_environment() else [])]
    return [place for place in places if place.trouble]


def course_environment() -> Path | None:
    """Return the course's .venv, sought around the package and above the present folder."""
    folders = [Path(__file__).parents[1], Path.cwd(), *Path.cwd().parents]
    courses = (folder for folder in folders if (folder / "course_utils").is_dir())
    return next((folder / ".venv" for folder in courses if (folder / ".venv/pyvenv.cfg").exists()), None)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _major(version: str) -> int:
    return int(version.split(".", maxsplit=1)[0])


def _widget_problems(place: Place) -> list[tuple[str, str]]:
    """Find whether the page misses what shows sliders.

    That can be told only where the page's server is installed beside this kernel; elsewhere all seems well.
    """
    server, widgets = _version("jupyterlab" if place is LAB else "notebook"), _version("ipywidgets")
    if not server or not widgets:
        return []
    classic = place is NOTEBOOK and _major(server) < 7
    manager, majors = CLASSIC_MANAGER if classic else LAB_MANAGER
    wanted, version = majors.get(_major(widgets)), _version(manager)
    if wanted is None or (version and _major(version) == wanted):
        return []
    return [
        (
            f"sliders do not show: ipywidgets {widgets} needs {manager} {wanted}, and "
            f"{f'version {version} is here' if version else 'it is not here'}",
            f"pip install '{manager}=={wanted}.*', then start {place.name} anew",
        )
    ]


def _mixed(packages: Iterable[str]) -> list[tuple[str, str]]:
    """Find packages that conda has installed, and pip has then replaced behind its back."""
    found = []
    for package in packages:
        for record in (Path(sys.prefix) / "conda-meta").glob(f"{package}-[0-9]*.json"):
            by_conda, now = json.loads(record.read_text(encoding="utf-8")), _version(package)
            if by_conda.get("name") == package and now and by_conda.get("version") != now:
                found.append((f"conda installed {package} {by_conda['version']}, pip replaced it by {now}", CONDA.cure))
    return found
