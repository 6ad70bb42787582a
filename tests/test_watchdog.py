"""The notebooks' test must be able to fail: canaries that kill their kernel, raise, lie, or have nothing to compare."""

import os
import subprocess
import sys
import time

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools.lessons import ROOT

COMPARED = {"tags": ["nbval-check-output"]}


def cell(source, outputs=(), tags=None):
    return new_code_cell(source, outputs=list(outputs), execution_count=1, metadata=tags or {})


def printed(text):
    return new_output("stream", name="stdout", text=text)


CANARIES = {
    "kills": ([cell("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")], "the kernel died"),
    "raises": ([cell("1 / 0")], "ZeroDivisionError"),
    "lies": ([cell("print(2)", [printed("3\n")], COMPARED)], "Cell outputs differ"),
    "says_nothing": ([new_code_cell("print(2)", metadata=COMPARED)], "holds none"),  # nbval alone passes this one
    "warns": ([cell("import warnings; warnings.warn('old')")], "stderr"),
    "calls_out": ([cell("import socket; socket.create_connection(('192.0.2.1', 80), 1)")], "no network"),
}
GOOD = [cell("x = 2"), cell("print(x)", [printed("2\n")], COMPARED)]


@pytest.fixture(scope="module")
def verdict(tmp_path_factory):
    """What one call of pytest says of all canaries and of a good notebook."""
    folder = tmp_path_factory.mktemp("canaries")
    for name, cells in {**{name: cells for name, (cells, _) in CANARIES.items()}, "good": GOOD}.items():
        nbformat.write(new_notebook(cells=cells), folder / f"{name}.ipynb")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "conftest",
        "-c",
        os.devnull,
        "--rootdir",
        str(folder),
        "-p",
        "no:cacheprovider",
    ]
    command += ["--nbval-lax", "--nbval-current-env", "-rA", "--durations=0", "--color=no", str(folder)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])}
    began = time.monotonic()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=False)
    return done.stdout, time.monotonic() - began


@pytest.mark.parametrize("name", CANARIES)
def test_canary_fails_with_the_reason(verdict, name):
    output, _ = verdict
    assert f"FAILED {name}.ipynb::Cell 0" in output, output
    assert CANARIES[name][1] in output


def test_good_notebook_passes(verdict):
    assert "PASSED good.ipynb::Cell 0" in verdict[0] and "PASSED good.ipynb::Cell 1" in verdict[0]
    assert f"{len(CANARIES)} failed, 2 passed" in verdict[0]


def test_death_is_noticed_within_ten_seconds(verdict):
    line = next(line for line in verdict[0].splitlines() if "call" in line and "kills.ipynb" in line)
    assert float(line.split("s ")[0]) < 10


def test_costs_are_listed(verdict):
    assert "what the notebooks cost" in verdict[0]
