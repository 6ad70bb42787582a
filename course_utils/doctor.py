"""What machine this is and what is wrong with it, each problem with its cure: `python -m course_utils doctor`.

In a notebook, `doctor.tell()` says it of the Python that runs the notebook.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

import psutil
from packaging.requirements import Requirement

from . import data, display, runtime
from .data import cache

OLDEST, NEWEST = (3, 11), (3, 13)
COURSE = Path(__file__).parents[1]
GIGABYTE = 1e9
MEMORY_NEEDED = 2 * GIGABYTE
DISK_NEEDED = 0.2 * GIGABYTE
INSTALL = "make env, or pip install -r requirements.txt"
RESTART = "restart the kernel (Kernel, Restart; on Colab: Runtime, Restart session)"

Problems = list[tuple[str, str]]  # of (problem, cure)


def facts() -> list[tuple[str, str]]:
    """List what runs the course here: pairs (what, value)."""
    backend, gpus = runtime.backend_name(), []
    if backend.startswith("TensorFlow"):
        import tensorflow as tf

        with runtime.quiet():
            gpus = [runtime.gpu_name(gpu) for gpu in tf.config.list_physical_devices("GPU")]
    return [
        ("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"),
        ("Keras", f"{metadata.version('keras')} on {backend}"),
        ("CPU cores", str(runtime.available_cores())),
        ("memory", f"{psutil.virtual_memory().total / GIGABYTE:.0f} GB"),
        ("GPU", ", ".join(gpus) or "none (the course does not need one)"),
    ]


def problems() -> Problems:
    """Find what would keep the course from running: pairs (problem, cure)."""
    found = []
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        found.append((f"Python {platform.python_version()} is not 3.11, 3.12 or 3.13", "make env PYTHON=python3.12"))
    environment = COURSE / ".venv"
    if display.in_notebook() and environment.exists() and environment.resolve() != Path(sys.prefix).resolve():
        cure = "JupyterLab: Kernel, Change Kernel, Python 3. VS Code: Select Kernel, Python Environments, .venv"
        found.append((f"this notebook's kernel is {sys.executable}, not the Python of {environment}", cure))
    found += _package_problems() + _broken_requirements()
    free = psutil.virtual_memory().available
    if free < MEMORY_NEEDED:
        cure = "close other programs and notebooks; 2 GB is enough"
        found.append((f"only {free / GIGABYTE:.1f} GB of memory is free", cure))
    for name, read in (("COURSE_THREADS", runtime.thread_count), ("COURSE_SIZE", runtime.run_size)):
        try:
            read()
        except ValueError as error:
            found.append((str(error), f"unset {name}, or correct it"))
    return found + _cache_problems(cache.folder())


def requirements() -> list[Requirement]:
    """Return the packages that the course needs, with their versions."""
    if sys.version_info[:2] < OLDEST:  # which reads no TOML, and is itself the problem
        return []
    import tomllib

    project = COURSE / "pyproject.toml"
    if project.exists():
        lines = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]
    else:  # course_utils is installed, or was uploaded alone
        try:
            lines = metadata.requires("keras-image-course")
        except metadata.PackageNotFoundError:
            lines = ["keras", "tensorflow"]
    return [one for one in map(Requirement, lines) if "extra" not in str(one.marker)]


def _package_problems() -> Problems:
    """Find packages that are missing, of a wrong version, or replaced since they were loaded."""
    found = []
    for package in requirements():
        installed = _version(package.name)
        loaded = getattr(sys.modules.get(package.name.replace("scikit-", "sk")), "__version__", installed)
        if not installed:
            found.append((f"{package.name} is not installed", INSTALL))
        elif not package.specifier.contains(installed, prereleases=True):
            found.append((f"{package.name} {installed} is installed, the course needs {package.specifier}", INSTALL))
        elif re.findall(r"\d+", loaded)[:3] != re.findall(r"\d+", installed)[:3]:
            found.append((f"{package.name} {loaded} is loaded, but {installed} is installed now", RESTART))
    return found


def _broken_requirements() -> Problems:
    """Find what pip says that the course's packages miss; other packages are not the course's business."""
    names = {package.name for package in requirements()}
    check = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    return [(line, INSTALL) for line in check.stdout.splitlines() if line.split(" ")[0] in names]


def _cache_problems(folder: Path) -> Problems:
    """Find what would keep data from being kept."""
    existing, cure = _existing(folder), "set COURSE_DATA to a folder of yours"
    try:
        tempfile.TemporaryFile(dir=existing).close()
    except OSError as error:
        return [(f"the cache {folder} cannot be written ({error.strerror})", cure)]
    free = shutil.disk_usage(existing).free
    if free < DISK_NEEDED:
        return [(f"only {free / 1e6:.0f} MB free for the cache {folder}", f"free some space, or {cure}")]
    return []


def _existing(folder: Path) -> Path:
    return next(one for one in (folder, *folder.parents) if one.exists())


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def report() -> tuple[str, bool]:
    """Write everything as text to paste into a question; return also whether all is well."""
    found, lines = problems(), []
    try:
        lines += facts()
    except Exception as error:
        found.append((f"Keras does not start: {type(error).__name__}: {error}", "make env, or unset KERAS_BACKEND"))
    folder = cache.folder()
    lines += [
        ("packages", ", ".join(f"{one.name} {_version(one.name) or 'missing'}" for one in requirements())),
        ("run size", os.environ.get("COURSE_SIZE") or "quick"),
        ("cache", f"{folder} ({shutil.disk_usage(_existing(folder)).free / GIGABYTE:.0f} GB free)"),
        ("data", "; ".join(f"{one.name} {'here' if one.here else 'fetched on demand'}" for one in data.catalogue())),
    ]
    if "google.colab" in sys.modules or "COLAB_RELEASE_TAG" in os.environ:
        lines.append(("note", "Colab forgets uploads when a session ends: keep files in Drive, run all cells again"))
    text = ["Course check-up", "", *(f"{name + ':':<12}{value}" for name, value in lines), ""]
    text += [f"PROBLEM: {problem}\n   cure: {cure}" for problem, cure in found] or ["All is well."]
    return "\n".join(text), not found


def tell() -> None:
    """Print the report; in a notebook, of the Python that runs it."""
    print(report()[0])
