"""The doctor says what machine this is, and names each problem with its cure."""

import sys
from importlib import metadata

import numpy as np
import pytest

from course_utils import display, doctor, runtime
from course_utils.__main__ import main
from tests.test_runtime import python

BROKEN_REQUIREMENTS = doctor._broken_requirements


@pytest.fixture(autouse=True)
def without_pip(monkeypatch):
    """It takes seconds each time, and is asked in tests of its own and in fresh processes."""
    monkeypatch.setattr(doctor, "_broken_requirements", list)


@pytest.fixture
def installed(monkeypatch):
    """Versions that packages seem to have; None for one that is missing."""
    versions, version = {}, metadata.version

    def seeming(name):
        if name in versions and versions[name] is None:
            raise metadata.PackageNotFoundError(name)
        return versions.get(name) or version(name)

    monkeypatch.setattr(metadata, "version", seeming)
    return versions


def test_all_is_said_and_nothing_on_stderr():
    done = python("-m", "course_utils", "doctor")
    assert done.returncode == 0, done.stdout
    assert done.stderr == ""
    words = ["Python", "Keras", "TensorFlow", "CPU cores", "memory", "GPU", f"numpy {np.__version__}", "cache"]
    for word in [*words, "digits here", "mnist", "All is well"]:
        assert word in done.stdout


def test_each_problem_comes_with_its_cure(monkeypatch, tmp_path, capsys, installed):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "file/cache"))
    monkeypatch.setenv("COURSE_THREADS", "many")
    monkeypatch.setenv("COURSE_SIZE", "huge")
    monkeypatch.setattr(doctor, "MEMORY_NEEDED", 1e15)
    installed |= {"pooch": None, "keras": "3.1.0"}
    monkeypatch.setattr(sys, "argv", ["course_utils", "doctor"])
    assert main() == 1
    text = capsys.readouterr().out
    words = ["pooch is not installed", "keras 3.1.0 is installed, the course needs >=3.13", "memory is free"]
    for word in [*words, "COURSE_THREADS", "COURSE_SIZE", "cannot be written"]:
        assert word in text
    assert text.count("PROBLEM") == text.count("cure:") == 6


def test_another_python_is_a_problem(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 0))
    assert ["3.11, 3.12 or 3.13" in problem for problem, _ in doctor.problems()] == [True]


def test_a_full_disk_is_a_problem(monkeypatch):
    monkeypatch.setattr(doctor, "DISK_NEEDED", 1e18)
    assert ["free for the cache" in problem for problem, _ in doctor.problems()] == [True]


def test_another_kernel_than_the_courses_is_a_problem(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "COURSE", tmp_path)
    monkeypatch.setattr(display, "in_notebook", lambda: True)
    assert doctor.problems() == []  # in an environment of the reader's own
    (tmp_path / ".venv").mkdir()
    ((problem, cure),) = doctor.problems()
    assert sys.executable in problem and str(tmp_path / ".venv") in problem and "Select Kernel" in cure
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    assert doctor.problems() == []


def test_a_package_replaced_under_a_running_kernel_is_a_problem(installed):
    installed["numpy"] = "9.9.9"
    ((problem, cure),) = doctor.problems()
    assert f"numpy {np.__version__} is loaded, but 9.9.9 is installed" in problem and "Restart session" in cure


def test_what_pip_finds_broken_is_a_problem(monkeypatch, tmp_path):
    """With the course's packages; what others miss, such as Colab's own, is not the course's business."""
    monkeypatch.setattr(doctor, "_broken_requirements", BROKEN_REQUIREMENTS)
    for name in ("keras", "other"):
        folder = tmp_path / f"{name}-9.9.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 9.9\nRequires-Dist: missing\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert [problem for problem, _ in doctor.problems()] == ["keras 9.9 requires missing, which is not installed."]


def test_what_keeps_keras_from_starting_is_said(monkeypatch):
    def broken():
        raise ImportError("libtensorflow is damaged")

    monkeypatch.setattr(runtime, "quiet_keras", broken)
    text, well = doctor.report()
    assert not well and "libtensorflow is damaged" in text and "cure" in text


def test_without_any_package():
    done = python("-S", "-m", "course_utils", "doctor")  # -S: nothing installed is found
    assert done.returncode == 1 and "is not installed" in done.stdout and "cure" in done.stdout
    assert "doctor" in python("-S", "-m", "course_utils").stdout  # how to call it


def test_colab_has_its_note(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "google.colab", object())
    doctor.tell()
    assert "Colab forgets uploads" in capsys.readouterr().out
