"""What machine this is and what troubles it, each with its cure: `python -m course_utils doctor`.

In a notebook, `doctor.tell()` says it of the Python that runs the notebook.
"""

import os
import platform
import re
import shutil
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from . import data, places, runtime
from .data import cache

PACKAGES = (
    "keras",
    "tensorflow",
    "numpy",
    "matplotlib",
    "scipy",
    "scikit-learn",
    "scikit-image",
    "ipywidgets",
    "pooch",
)
GIGABYTE = 1e9
MEMORY_NEEDED = 2 * GIGABYTE
DISK_NEEDED = 0.2 * GIGABYTE


def facts() -> list[tuple[str, str]]:
    """Say what runs the course here: one pair (what, value) a line."""
    import psutil

    memory, conda = psutil.virtual_memory(), places.conda_environment()
    return [
        ("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"),
        ("Keras", f"{metadata.version('keras')} on {runtime.backend_name()}"),
        ("CPU cores", str(runtime.available_cores())),
        ("memory", f"{memory.total / GIGABYTE:.0f} GB"),
        ("GPU", ", ".join(gpus()) or "none (the course does not need one)"),
        ("place", places.here().name + (f", conda environment {conda}" if conda else "")),
    ]


def gpus() -> list[str]:
    """Name the GPUs that TensorFlow finds."""
    if runtime.quiet_keras().backend.backend() != "tensorflow":
        return []
    import tensorflow as tf

    return [runtime.gpu_name(gpu) for gpu in tf.config.list_physical_devices("GPU")]


def problems() -> list[tuple[str, str]]:
    """Find what would keep the course from running: pairs (problem, cure)."""
    import psutil

    found = []
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        found.append((f"Python {platform.python_version()} is not 3.11, 3.12 or 3.13", "make env PYTHON=python3.12"))
    for package in PACKAGES:
        try:
            metadata.version(package)
        except metadata.PackageNotFoundError:
            found.append((f"{package} is not installed", "make env, or pip install -r requirements.txt"))
    if psutil.virtual_memory().available < MEMORY_NEEDED:
        free = psutil.virtual_memory().available / GIGABYTE
        found.append((f"only {free:.1f} GB of memory is free", "close other programs and notebooks; 2 GB is enough"))
    for name, check in (("COURSE_THREADS", runtime.thread_count), ("COURSE_SIZE", runtime.run_size)):
        try:
            check()
        except ValueError as error:
            found.append((str(error), f"unset {name}, or set it right"))
    found += _replaced() + places.problems(PACKAGES)
    found += _cache_problems(cache.folder())
    return found


def _replaced() -> list[tuple[str, str]]:
    """Find packages of which this Python has loaded another version than is installed by now."""
    found = []
    for package in PACKAGES:
        name = package.replace("scikit-", "sk")
        loaded = getattr(sys.modules.get(name), "__version__", None)
        try:
            installed = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
        if loaded and re.findall(r"\d+", loaded)[:3] != re.findall(r"\d+", installed)[:3]:
            cure = "restart the kernel (Kernel, Restart; on Colab: Runtime, Restart session)"
            found.append((f"{package} {loaded} is loaded, but {installed} is installed now", cure))
    return found


def _cache_problems(folder: Path) -> list[tuple[str, str]]:
    """Find what would keep data from being kept."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    cure = "set COURSE_DATA to a folder of yours"
    try:
        tempfile.TemporaryFile(dir=there).close()
    except OSError as error:
        return [(f"the cache {folder} cannot be written ({error.strerror})", cure)]
    free = shutil.disk_usage(there).free
    if free < DISK_NEEDED:
        return [(f"only {free / 1e6:.0f} MB free for the cache {folder}", f"free some space, or {cure}")]
    return []


def report() -> tuple[str, bool]:
    """Write everything as text to paste into a question; say also whether all is well."""
    found = problems()
    lines = ["Course check-up", ""]
    try:
        lines += [f"{name + ':':<12}{value}" for name, value in facts()]
    except Exception as error:
        found.append((f"Keras does not start: {type(error).__name__}: {error}", "make env, or unset KERAS_BACKEND"))
    versions = []
    for package in PACKAGES:
        try:
            versions.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            versions.append(f"{package} missing")
    lines += [f"{'packages:':<12}{', '.join(versions)}", f"{'run size:':<12}{os.environ.get('COURSE_SIZE') or 'quick'}"]
    folder = cache.folder()
    there = next(place for place in (folder, *folder.parents) if place.exists())
    lines.append(f"{'cache:':<12}{folder} ({shutil.disk_usage(there).free / GIGABYTE:.0f} GB free)")
    here = [
        f"{entry.name} {'here' if entry.here else 'not here (fetched when asked for)'}" for entry in data.catalogue()
    ]
    lines += [f"{'data:':<12}{'; '.join(here)}", ""]
    if not places.problems(PACKAGES):
        lines += [f"often in {one.name}: {one.trouble}\n   what helps: {one.cure}" for one in places.hints()] + [""]
    lines += [f"PROBLEM: {problem}\n   cure: {cure}" for problem, cure in found] or ["All is well."]
    return "\n".join(lines), not found


def tell() -> None:
    """Print the report; in a notebook, of the Python that runs it."""
    print(report()[0])
