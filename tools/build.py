"""Build notebooks/ from lessons/: `python tools/build.py`, or `make notebooks`.

A student's notebook has the solutions taken out and is executed; the one in notebooks/solutions has them left in
and is not. Only what changed is built, and executed only where code changed: the lesson's, or that of what it imports.
`--check` compares without running; `--new week13_topic` begins a lesson.
"""

import argparse
import concurrent.futures
import math
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import nbformat
from nbformat import NotebookNode

from tools import cost, lessons
from tools.imports import made_from
from tools.lessons import ROOT, Lesson, LessonError

AT_ONCE = 2
LARGEST = 1_000_000  # bytes of a notebook
README = ROOT / "README.md"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
TABLE = re.compile(r"(<!-- weeks -->\n).*?(<!-- end of weeks -->)", re.S)
# What differs from run to run, or tells whose machine it was, has no place in an output.
UNSTABLE = re.compile(r"0x[0-9a-f]{8,}|<\w+ object at |/(home|Users|root|tmp)/")


def main() -> int:
    """Read the command line and do as it says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="lessons to build, such as week02; default: all")
    parser.add_argument("--all", action="store_true", help="build also what has not changed")
    parser.add_argument("--check", action="store_true", help="run nothing; fail where notebooks are not their lessons'")
    parser.add_argument("--new", metavar="NAME", help="begin a lesson, such as week13_topic")
    options = parser.parse_args()
    try:
        if options.new:
            from tools import new

            return new.begin(options.new)
        found = lessons.find(options.names)
        if options.check:
            return report(differences(found, everything=not options.names))
        return build(found, everything=options.all)
    except LessonError as error:
        print(f"build: {error}", file=sys.stderr)
        return 1


def build(found: list[Lesson], everything: bool) -> int:
    """Build what changed, two notebooks at a time."""
    from tqdm import tqdm

    from course_utils import data

    stale = [lesson for lesson in found if everything or is_stale(lesson)]
    for lesson in found:
        if lesson not in stale and differences([lesson], everything=False):
            write(lesson, stored_outputs(lesson), about(lesson))
            print(f"{lesson.name}: its text renewed, nothing executed")
    if stale:
        data.load("digits")  # made now, so that no notebook shows the making
    failed = 0
    with concurrent.futures.ProcessPoolExecutor(AT_ONCE) as pool, tqdm(total=len(stale), unit="notebook") as bar:
        bar.set_description("Building" if stale else "Nothing has changed")
        running = {pool.submit(build_one, lesson): lesson for lesson in stale}
        for done in concurrent.futures.as_completed(running):
            try:
                bar.write(done.result())
            except LessonError as error:
                failed += 1
                bar.write(f"build: {error}")
            bar.update()
    write_table()
    return 1 if failed else 0


def build_one(lesson: Lesson) -> str:
    """Execute the student's notebook, write it and the solved one, and say what it cost."""
    notebook = nbformat.v4.new_notebook(cells=lessons.cells(lesson, "", solved=False))
    notebook.metadata.update(METADATA)
    began = time.monotonic()
    spent, measures = execute(notebook, lesson.name)
    check_outputs(notebook, lesson.name)
    facts = {
        "made_from": made_from(lesson),
        "seconds": 5 * math.ceil(spent.seconds / 5),
        "gigabytes": round(math.ceil(spent.gigabytes * 10) / 10, 1),
        "versions": cost.versions(),
        "processor": cost.processor(),
        "measures": measures,
    }
    write(lesson, [cell for cell in notebook.cells if cell.cell_type == "code"], facts)
    took = time.monotonic() - began
    return f"{lesson.name}: {spent.seconds:.0f} CPU seconds, {spent.gigabytes:.2f} GB, {took:.0f} s"


def write(lesson: Lesson, executed: list[NotebookNode], facts: dict) -> None:
    """Write both notebooks: the student's with the outputs of the executed code cells, and the solved one."""
    notebook = nbformat.v4.new_notebook(metadata={**METADATA, "course": facts})
    for solved, path in ((False, lesson.notebook), (True, lesson.solution)):
        notebook.cells = lessons.cells(lesson, cost_line(facts), solved)
        if not solved:
            code = [cell for cell in notebook.cells if cell.cell_type == "code"]
            for cell, done in zip(code, executed, strict=True):
                cell.outputs, cell.execution_count = done.outputs, done.execution_count
        text = nbformat.writes(notebook) + "\n"
        if len(text) > LARGEST:
            raise LessonError(
                f"{lesson.name}: {len(text) / 1e6:.2f} MB, more than {LARGEST / 1e6:.0f} MB: show fewer pictures"
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def execute(notebook: NotebookNode, name: str) -> tuple[cost.Cost, dict[str, list[float]]]:
    """Run every cell in a fresh kernel and return what that cost, and what was measured."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    with tempfile.NamedTemporaryFile(suffix=".jsonl", delete=False) as file:
        measures = Path(file.name)
    switches = {"COURSE_THREADS": "1", "COURSE_STATIC": "1", "COURSE_STRICT": "1", "COURSE_SIZE": "quick"}
    environment = {**os.environ, **switches, "COURSE_MEASURES": str(measures)}
    client = NotebookClient(notebook, timeout=900, kernel_name="python3", record_timing=False)
    client.resources = {"metadata": {"path": str(lessons.NOTEBOOKS)}}
    lessons.NOTEBOOKS.mkdir(exist_ok=True)
    with client.setup_kernel(env=environment, stderr=subprocess.DEVNULL):
        for number, cell in enumerate(notebook.cells):
            try:
                client.execute_cell(cell, number)
            except (CellExecutionError, DeadKernelError, TimeoutError) as error:
                told = re.sub(r"\x1b\[[0-9;]*m", "", str(error))  # colours are for terminals
                raise LessonError(f"{name}, cell {number}: {told}") from error
        spent = cost.of_process(client.km.provisioner.pid)
    found = cost.measures_of(measures)
    measures.unlink()
    return spent, found


def check_outputs(notebook: NotebookNode, name: str) -> None:
    """Make outputs stable, and refuse those that would make a bad notebook."""
    for number, cell in enumerate(notebook.cells):
        outputs = cell.get("outputs", [])
        for output in outputs:
            if output.output_type == "stream" and output.name == "stderr":
                raise LessonError(f"{name}, cell {number}: writes to stderr: {output.text}")
            data = output.get("data", {})
            texts = [output.get("text", ""), data.get("text/plain", "")]
            unstable = UNSTABLE.search(" ".join(texts))
            if unstable:
                raise LessonError(f"{name}, cell {number}: {unstable[0]!r} in its output differs from run to run")
            if "image/png" in data and not output.metadata.get("image/png", {}).get("alt"):
                raise LessonError(
                    f"{name}, cell {number}: a picture without a text alternative; use course_utils.plots"
                )
            output.pop("transient", None)
        if "nbval-check-output" in cell.metadata.get("tags", ()) and not outputs:
            raise LessonError(f"{name}, cell {number}: its output is to be compared, and it has none")


def is_stale(lesson: Lesson) -> bool:
    """Tell whether a notebook is missing, or made from something else than what is there now."""
    return made_from(lesson) != about(lesson).get("made_from")


def stored_outputs(lesson: Lesson) -> list[NotebookNode]:
    """Return the code cells of a built notebook, with what they put out."""
    return [cell for cell in nbformat.read(lesson.notebook, as_version=4).cells if cell.cell_type == "code"]


def about(lesson: Lesson) -> dict:
    """Return what a built notebook says of its making."""
    if not lesson.notebook.exists() or not lesson.solution.exists():
        return {}
    return nbformat.read(lesson.notebook, as_version=4).metadata.get("course", {})


def cost_line(facts: dict) -> str:
    """Say what a notebook costs, in words for its head."""
    versions = facts["versions"]
    return (
        f"runs in {facts['seconds']} s with {facts['gigabytes']} GB "
        f"(measured on one CPU core, Keras {versions['keras']}, TensorFlow {versions['tensorflow']})"
    )


def differences(found: list[Lesson], everything: bool) -> list[str]:
    """Say where built files are not what the lessons would make."""
    wrong = []
    for lesson in found:
        facts = about(lesson)
        if not facts:
            wrong.append(f"{lesson.name}: not built")
            continue
        for path, solved in ((lesson.notebook, False), (lesson.solution, True)):
            built = nbformat.read(path, as_version=4).cells
            wanted = lessons.cells(lesson, cost_line(facts), solved)
            pairs = enumerate(zip(built, wanted, strict=False))
            first = next((i for i, (have, want) in pairs if _comparable(have) != _comparable(want)), None)
            if first is not None or len(built) != len(wanted):
                place = f"cell {first}" if first is not None else "the number of cells"
                wrong.append(f"{path.relative_to(ROOT)}: {place} is not its lesson's")
    if everything:
        names = {lesson.name for lesson in found}
        for path in sorted(lessons.NOTEBOOKS.rglob("*.ipynb")):
            if path.stem not in names and ".ipynb_checkpoints" not in path.parts:
                wrong.append(f"{path.relative_to(ROOT)}: has no lesson")
        if table() not in README.read_text(encoding="utf-8"):
            wrong.append("README.md: the table of weeks is not the notebooks'")
    return wrong


def _comparable(cell: NotebookNode) -> tuple:
    """What of a built cell its lesson decides."""
    return cell.cell_type, cell.id, cell.source, cell.metadata


def report(wrong: list[str]) -> int:
    """Print the differences; nonzero if there are any."""
    for line in wrong:
        print(f"build: {line}", file=sys.stderr)
    if wrong:
        print("build: run `make notebooks`", file=sys.stderr)
    return 1 if wrong else 0


def table() -> str:
    """Make README's table of weeks from the lessons and what their notebooks cost."""
    rows = ["| notebook | mirrors | time | memory |", "| --- | --- | --- | --- |"]
    for lesson in lessons.find():
        facts = about(lesson)
        if facts:
            link = f"[{lesson.title}](notebooks/{lesson.name}.ipynb)"
            rows.append(f"| {link} | {lesson.mirrors} | {facts['seconds']} s | {facts['gigabytes']} GB |")
    return "\n".join(rows) + "\n"


def write_table() -> None:
    """Renew README's table of weeks."""
    text = README.read_text(encoding="utf-8")
    renewed = TABLE.sub(lambda found: found[1] + table() + found[2], text)
    if renewed != text:
        README.write_text(renewed, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
