"""Set-up: one place for version ranges, and a `make env` that says what to do."""

import ast
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tools import elsewhere
from tools.lessons import ROOT
from tools.lock import entries

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
RANGES = {Requirement(line).name: Requirement(line) for line in PROJECT["dependencies"]}


def pinned(file: str) -> dict[str, list[Requirement]]:
    """The pins of a lock, by name; a name has several where platforms differ."""
    pins: dict[str, list[Requirement]] = {}
    for entry in entries((ROOT / file).read_text()):
        if not entry.startswith(("#", "-r")):
            requirement = Requirement(entry.split("\\")[0].strip())
            assert "--hash=sha256:" in entry, requirement.name
            pins.setdefault(requirement.name, []).append(requirement)
    return pins


def test_lock_is_made_of_the_ranges():
    pins = pinned("requirements.txt")
    for requirement in map(Requirement, [*PROJECT["dependencies"], *EXTRAS["lab"], *EXTRAS["dev"]]):
        assert pins[requirement.name], requirement
        for pin in pins[requirement.name]:
            version = next(iter(pin.specifier)).version
            assert requirement.specifier.contains(version), f"{requirement} against {version}"


def test_gpu_lock_adds_tensorflow_with_cuda_to_the_lock():
    text = (ROOT / "requirements-gpu.txt").read_text()
    assert "\n-r requirements.txt\n" in text
    extra = pinned("requirements-gpu.txt")
    assert all('sys_platform == "linux"' in str(pin.marker) for pins in extra.values() for pin in pins)
    (tensorflow,) = extra.pop("tensorflow")
    assert tensorflow.extras == {"and-cuda"}
    assert tensorflow.specifier == pinned("requirements.txt")["tensorflow"][0].specifier
    assert len(extra) > 5 and all(name.startswith("nvidia-") for name in extra)


def test_conda_environment_is_the_same_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, *through_pip = environment["dependencies"]
    assert SpecifierSet(python.removeprefix("python ").replace(" ", "")) == SpecifierSet(PROJECT["requires-python"])
    # The GPU part of that lock is for Linux only, so that elsewhere this gives the ordinary TensorFlow.
    assert through_pip == ["pip", {"pip": ["-r requirements-gpu.txt"]}]


def test_colab_has_all_that_the_package_needs_in_versions_that_suit():
    """So that the first cell of a notebook has nothing to install there."""
    pins = dict(re.findall(r"^(\S+)==(\S+)$", (ROOT / "tools/colab.txt").read_text(), re.MULTILINE))
    for name, requirement in RANGES.items():
        assert requirement.specifier.contains(pins[name]), name
    assert SpecifierSet(PROJECT["requires-python"]).contains(f"{elsewhere.KINDS['colab'].pythons[0]}.0")


def test_what_the_package_imports_is_declared():
    """Every third-party package that course_utils imports stands in the dependencies."""
    names = {"PIL": "pillow", "skimage": "scikit-image", "sklearn": "scikit-learn", "IPython": "ipython"}
    through_others = {"requests", "packaging"}  # of pooch and of Keras
    found = set()
    for path in (ROOT / "course_utils").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {one.name.partition(".")[0] for one in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add(node.module.partition(".")[0])
    foreign = {name for name in found if name not in sys.stdlib_module_names} - {"course_utils"} - through_others
    assert {names.get(n, n) for n in foreign} <= set(RANGES)


# make env


OFFLINE = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}
OFFLINE |= {"PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": ""}


@pytest.fixture
def house(tmp_path):
    """The files that set-up needs, and a lock with nothing in it."""
    for name in ("Makefile", "tools/env.sh", "tools/settle.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    return tmp_path


def make(house, *arguments, **environment):
    outer = {"MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS", "PYTHON", "ARGS"}  # of a make that runs these tests
    changed = {name: value for name, value in os.environ.items() if name not in outer} | environment
    return subprocess.run(["make", *arguments], cwd=house, capture_output=True, text=True, env=changed, check=False)


def fake(folder, name, script):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    return folder


def complaint(done):
    """The one line that make env says."""
    (line,) = [line for line in done.stderr.splitlines() if not line.startswith("make: ***")]
    assert done.returncode != 0
    return line


def test_make_alone_lists_every_target(house):
    done = make(house)
    assert done.returncode == 0
    assert done.stdout == make(house, "help").stdout
    for target in re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M):
        assert re.search(rf"^  {target} +\S", done.stdout, re.M), target


def test_wrong_python_is_named(house):
    old = fake(house / "bin", "oldpython", 'case "$1" in --version) echo Python 3.10.13;; *) exit 1;; esac')
    line = complaint(make(house, "env", PYTHON=str(old / "oldpython")))
    assert "3.11, 3.12 or 3.13" in line and "3.10.13" in line and "PYTHON=" in line


def test_no_python_is_said(house):
    bin_ = house / "bin"
    for name in ("python", "python3", "python3.11", "python3.12", "python3.13"):
        fake(bin_, name, "echo Python 3.9.2; exit 1")
    for tool in ("sh", "dirname", "cmp", "mkdir", "rm", "tail", "make", "awk", "df", "grep", "cp", "cat"):
        (bin_ / tool).symlink_to(shutil.which(tool))
    line = complaint(make(house, "env", PATH=str(bin_)))
    assert "no Python 3.11, 3.12 or 3.13" in line and "3.9.2" in line


def test_full_disk_is_said_and_the_next_call_begins_anew(house):
    bin_ = fake(house / "bin", "df", "echo head; echo /dev/x 100 90 10 90% /")
    line = complaint(make(house, "env", PYTHON=sys.executable, PATH=f"{bin_}:{os.environ['PATH']}"))
    assert "10 MB free" in line
    assert not (house / ".venv").exists()


def test_no_network_is_said_and_the_next_call_begins_anew(house):
    for _ in range(2):
        line = complaint(make(house, "env", PYTHON=sys.executable, **OFFLINE))
        assert "network" in line and "build/env.log" in line
        assert not (house / ".venv/installed-lock.txt").exists()


def test_broken_environment_is_replaced(house):
    (house / ".venv/bin").mkdir(parents=True)
    (house / ".venv/bin/python").symlink_to("/nowhere/python")
    (house / ".venv/installed-lock.txt").write_text("# nothing\n")
    done = make(house, "env", PYTHON=sys.executable, **OFFLINE)
    assert "Replacing a .venv that does not run" in done.stdout
    assert (house / ".venv/bin/python").resolve().exists()


def test_second_call_is_quick_and_says_nothing(house):
    (house / ".venv").mkdir()
    fake(house / ".venv/bin", "python", "exit 0")
    made_of = "".join((house / name).read_text() for name in ("requirements.txt", "tools/settle.py"))
    (house / ".venv/installed-lock.txt").write_text(made_of)
    began = time.monotonic()
    done = make(house, "env")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "") and time.monotonic() - began < 2


def test_clean_leaves_a_students_work(house):
    kept = ["notebooks/mine.ipynb", "build/runs/mine.ipynb", "my/answers.ipynb", "lessons/x.py", "course_utils/x.py"]
    for name in [*kept, ".venv/x", "build/x", "tools/__pycache__/x"]:
        (house / name).parent.mkdir(parents=True, exist_ok=True)
        (house / name).write_text("x")
    for folder in ("tests", "benchmarks"):
        (house / folder).mkdir()
    assert make(house, "clean").returncode == 0
    assert all((house / name).exists() for name in kept)
    assert not any((house / name).exists() for name in (".venv", "build/x", "tools/__pycache__"))


def test_lab_is_on_loopback_with_a_token(house):
    line = make(house, "--dry-run", "lab", "LAB_ARGS=--no-browser --port=8899").stdout.splitlines()[-1]
    assert "--ServerApp.ip=127.0.0.1" in line and "--no-browser --port=8899" in line
    assert "token" not in line  # JupyterLab makes one unless told not to
