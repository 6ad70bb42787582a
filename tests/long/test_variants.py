"""Each notebook once more: with the kernels of other processors, with another seed, and at full size."""

import json
import os
import subprocess

import nbformat
import pytest
from nbclient import NotebookClient

from tests.long.conftest import MEASURES
from tools import lessons

VARIANTS = {
    "avx2": {"ONEDNN_MAX_CPU_ISA": "AVX2"},
    "no-onednn": {"TF_ENABLE_ONEDNN_OPTS": "0"},
    "seed-3": {},
    "full": {"COURSE_SIZE": "full"},
}
FULL = ("week00", "week02")  # those that take under ten minutes at that size
SECONDS = 600  # a cell may take
RUNS = [
    (lesson.name, variant)
    for variant in VARIANTS
    for lesson in lessons.find()
    if variant != "full" or lesson.name.startswith(FULL)
]


@pytest.mark.parametrize(("name", "variant"), RUNS, ids=[f"{name}-{variant}" for name, variant in RUNS])
def test_every_limit_holds(name, variant, tmp_path):
    """The whole notebook, with missed limits told in amber, so that all of them are seen."""
    notebook = nbformat.read(lessons.NOTEBOOKS / f"{name}.ipynb", as_version=4)
    if variant == "seed-3":
        cell = next(cell for cell in notebook.cells if "setup" in cell.metadata.get("tags", ()))
        assert "setup(seed=0)" in cell.source
        cell.source = cell.source.replace("setup(seed=0)", "setup(seed=3)")
    MEASURES.mkdir(parents=True, exist_ok=True)
    measures = MEASURES / f"{name}@{variant}.jsonl"
    measures.write_text("")
    environment = {**os.environ, **VARIANTS[variant], "COURSE_STRICT": "", "COURSE_MEASURES": str(measures)}
    environment["PYTHONPATH"] = os.pathsep.join([str(lessons.ROOT), environment["PYTHONPATH"]])
    client = NotebookClient(notebook, timeout=SECONDS, resources={"metadata": {"path": str(tmp_path)}})
    client.execute(env=environment, stderr=subprocess.DEVNULL)
    for cell in notebook.cells:
        assert all(output.get("name") != "stderr" for output in cell.get("outputs", ())), cell.source
    lines = list(map(json.loads, measures.read_text(encoding="utf-8").splitlines()))
    assert [line for line in lines if not line["kept"]] == []
