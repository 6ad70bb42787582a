"""Run the course's tests in environments other than .venv: `make colab-test`, `make test-lowest`, `make test-newest`.

Each lies in build/envs/ and is made again when its inputs changed. They are for testing only: versions are resolved
when one is made, so nothing is checked against hashes as it is in .venv.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = ROOT / "build/envs"
FAMILIAR = ("tensorflow", "keras", "numpy", "matplotlib", "scikit-learn", "ipython", "ipywidgets")


class ElsewhereError(Exception):
    """An environment that cannot be had: says in one line why, and what to do."""


class Environment(NamedTuple):
    """What an environment is made of, and what runs the tests in it."""

    pythons: tuple[str, ...]  # the first that is found
    packages: tuple[str, ...]  # what `uv pip install` is told
    tests: tuple[str, ...]  # what pytest is told
    from_here: bool = False  # whether .venv's pytest runs the tests, and only their kernels run in the environment
    moves: bool = False  # whether its versions may change though its inputs do not


ALL = ("-r", "pyproject.toml", "--extra=lab", "--extra=dev")
KINDS = {
    "colab": Environment(
        ("3.13",),
        ("-r", "pyproject.toml", "ipykernel", "--constraint=tools/colab.txt"),
        ("tests/colab/on_colab.py", "--numprocesses=0", "-k", "week00 or week02"),
        from_here=True,
    ),
    "lowest": Environment(("3.11", "3.12", "3.13"), (*ALL, "--resolution=lowest-direct"), ()),
    "newest": Environment(("3.13", "3.12", "3.11"), (*ALL, "--resolution=highest", "--upgrade"), (), moves=True),
}


def python_of(kind: str) -> Path:
    """Return where an environment's Python is, once it is made."""
    return ENVIRONMENTS / kind / "bin/python"


def version_of(python: str | Path) -> str:
    """Ask a Python for its version, such as "3.13"; empty where it does not run, as pyenv's shims may not."""
    ask = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        done = subprocess.run(ask, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def find_python(version: str) -> str | None:
    """Find a Python of a version: the one that PYTHON313 (or so) names, on the path, of pyenv or of uv."""
    variable = f"PYTHON{version.replace('.', '')}"
    named = os.environ.get(variable)
    if named:
        if version_of(named) != version:
            raise ElsewhereError(f"{variable}={named} is not a Python {version} that runs")
        return named
    program = f"python{version}"
    candidates = [sys.executable, shutil.which(program)]
    home = Path.home()
    for place in (
        Path(os.environ.get("PYENV_ROOT") or home / ".pyenv") / "versions",
        Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or home / ".local/share/uv/python"),
    ):
        candidates += sorted(place.glob(f"*{version}*/bin/{program}"), reverse=True)
    return next((str(one) for one in candidates if one and version_of(one) == version), None)


def find_first(versions: tuple[str, ...]) -> str:
    """Find the first of several versions."""
    for version in versions:
        found = find_python(version)
        if found:
            return found
    raise ElsewhereError(
        f"no Python {' or '.join(versions)} found; install one, or name it: "
        f"PYTHON{versions[0].replace('.', '')}=/path/to/python{versions[0]}"
    )


def inputs(kind: Environment, python: str) -> str:
    """Sum up all that an environment is made of."""
    files = [one.removeprefix("--constraint=") for one in kind.packages]
    texts = [(ROOT / file).read_text() for file in [*files, "tools/settle.py"] if (ROOT / file).is_file()]
    return hashlib.sha256("\n".join([version_of(python), *kind.packages, *texts]).encode()).hexdigest()


def make(name: str) -> None:
    """Make an environment, or leave it where its inputs are what they were."""
    kind = KINDS[name]
    folder, log = ENVIRONMENTS / name, ENVIRONMENTS / f"{name}.log"
    stamp = folder / "inputs"
    python = find_first(kind.pythons)
    wanted = inputs(kind, python)
    there = stamp.exists() and stamp.read_text() == wanted and bool(version_of(python_of(name)))
    if there and not kind.moves:
        return
    ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
    log.write_text("")
    if not there:
        print(f"Making the environment {name!r} with Python {version_of(python)} ...", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        uv(log, "venv", "--quiet", "--seed", f"--python={python}", str(folder))
    uv(log, "pip", "install", "--compile-bytecode", f"--python={python_of(name)}", *kind.packages)
    # As in .venv: course_utils is found wherever a kernel starts. Not on Colab, where the notebooks themselves find it.
    if not kind.from_here:
        subprocess.run([python_of(name), "tools/settle.py"], cwd=ROOT, check=True)
    stamp.write_text(wanted)


def uv(log: Path, *arguments: str) -> None:
    """Run uv, and tell a failure in one line."""
    environment = {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "PYTHONPATH")}
    command = [sys.executable, "-m", "uv", *arguments]
    with open(log, "a", encoding="utf-8") as file:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=file, stderr=subprocess.STDOUT, text=True, check=False
        )
    if done.returncode:
        raise ElsewhereError(explain(log.read_text(encoding="utf-8"), log))


def explain(text: str, log: Path) -> str:
    """Say in one line what uv's log means."""
    where = f"Details: {log.relative_to(ROOT) if log.is_relative_to(ROOT) else log}"
    if re.search(r"no space left|disk quota", text, re.IGNORECASE):
        return f"the disk is full. {where}"
    if re.search(r"dns error|connect|network|timed out|unreachable|request failed", text, re.IGNORECASE):
        return f"the packages could not be fetched. Check the network (or proxy), then run it again. {where}"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return f"the packages could not be installed: {lines[-1] if lines else 'uv said nothing'} {where}"


def versions(name: str) -> str:
    """Name the versions that matter most."""
    ask = (
        "import platform, sys; from importlib.metadata import version as of; print('Python', platform.python_version(),"
    )
    ask += " *(f'{name} {of(name)}' for name in sys.argv[1:]), sep=', ')"
    done = subprocess.run([python_of(name), "-c", ask, *FAMILIAR], capture_output=True, text=True, check=True)
    return done.stdout.strip().replace("Python, ", "Python ", 1)


def main() -> int:
    """Make the environment that is asked for, run its tests there, and return pytest's exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--if-there", action="store_true", help="pass, and say so, where no Python for it is found")
    options, more = parser.parse_known_args()
    kind = KINDS[options.kind]
    try:
        if options.if_there and not any(map(find_python, kind.pythons)):
            print(f"NOT RUN: the tests of {options.kind!r}, as no Python {' or '.join(kind.pythons)} is here")
            return 0
        make(options.kind)
    except ElsewhereError as error:
        print(f"{options.kind}: {error}", file=sys.stderr)
        return 1
    print(f"{options.kind}: {versions(options.kind)}", flush=True)
    python = sys.executable if kind.from_here else python_of(options.kind)
    return subprocess.run([python, "-m", "pytest", *kind.tests, *more], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
