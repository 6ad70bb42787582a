"""Copy a notebook to my/, where no release ever changes it: `make mine NB=week02`.

The copy has no outputs, so that none gives away what a reader is to predict. What is in my/ is a student's work: it is
never overwritten. Git does not look at that folder, `make clean` neither.
"""

import argparse
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import nbformat

from tools import lessons
from tools.lessons import LessonError

MINE = lessons.ROOT / "my"


def main() -> int:
    """Read the command line, copy what is not there yet, and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebook", help="the beginning of its name, such as week02")
    parser.add_argument("--again", default="", help="yes: a fresh copy beside the one that is there")
    options = parser.parse_args()
    try:
        if options.again not in ("", "yes"):
            raise LessonError(f"AGAIN={options.again!r} must be yes, or not be there")
        name = lessons.chosen(options.notebook)
        print(copy(name, beside=options.again == "yes"))
    except LessonError as error:
        print(f"mine: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"mine: {error.filename or MINE} cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def copy(name: str, beside: bool = False) -> str:
    """Copy a notebook, and say in one line or two what was done.

    A second call finds the student's copy there, and most likely it is that copy that is wanted: another file
    would only hide it. So a fresh one comes under another name, and only where it is asked for.
    """
    source, first = lessons.NOTEBOOKS / f"{name}.ipynb", MINE / f"{name}.ipynb"
    changed = _changed(source)
    # A notebook that the student has worked in is theirs, outputs and all.
    content = source.read_text(encoding="utf-8") if changed else without_outputs(source)
    copies = [first, *(MINE / f"{name}-{number}.ipynb" for number in range(2, 1000))]
    same = next((path for path in copies if path.exists() and path.read_text(encoding="utf-8") == content), None)
    kept = f"{_shown(first)} is there, and is kept as it is: open it to go on."
    if same == first:
        message = f"{_shown(first)} is there, the same as the course's: nothing to copy."
    elif same:
        message = f"{kept}\n{_shown(same)} is the same as the course's: nothing to copy."
    elif first.exists() and not beside:
        return f"{kept}\nFor the course's notebook beside it: make mine NB={name} AGAIN=yes"
    else:
        target = next(path for path in copies if not path.exists())
        _write(target, content)
        message = f"{_shown(target)} is yours: no release changes it. Open it in JupyterLab (make lab) or your editor."
    if changed:
        shown = _shown(source)
        message += f"\nIt has the changes that you made in {shown}. To undo them there: git restore {shown}"
    return message


def without_outputs(path: Path) -> str:
    """Return a notebook as it is before any cell has run."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.pop("widgets", None)  # the sliders' pictures
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return nbformat.writes(notebook) + "\n"


def _write(target: Path, content: str) -> None:
    """Write a file that is not there yet, whole or not at all."""
    target.parent.mkdir(exist_ok=True)
    with target.open("x", encoding="utf-8") as file:  # x: should it be there after all, this fails
        try:
            file.write(content)
            file.flush()
        except BaseException:
            target.unlink()
            raise


def _changed(path: Path) -> bool:
    """Tell whether git knows the file as another than it is now. Without git, or outside a clone: no."""
    try:
        # Not git diff, which outside a clone compares any two files.
        command = ["git", "status", "--porcelain", "--untracked-files=no", "--", path.name]
        return subprocess.run(command, cwd=path.parent, capture_output=True, check=False).stdout != b""
    except OSError:
        return False


def _shown(path: Path) -> str:
    return path.relative_to(lessons.ROOT).as_posix()


if __name__ == "__main__":
    sys.exit(main())
