"""Copy a notebook to my/, where no release ever changes it: `make mine NB=week02`.

What is in my/ is a student's work: it is never overwritten. Git does not look at that folder, `make clean` neither.
"""

import argparse
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

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
    """Copy a notebook, its outputs too, and say in one line or two what was done.

    A second call finds the student's copy there, and most likely it is that copy that is wanted: another file
    would only hide it. So a fresh one comes under another name, and only where it is asked for.
    """
    source, first = lessons.NOTEBOOKS / f"{name}.ipynb", MINE / f"{name}.ipynb"
    content = source.read_bytes()
    copies = [first, *(MINE / f"{name}-{number}.ipynb" for number in range(2, 1000))]
    same = next((path for path in copies if path.exists() and path.read_bytes() == content), None)
    kept = f"{_shown(first)} is there, and is kept as it is: open it to go on."
    if same == first:
        told = f"{_shown(first)} is there, the same as the course's: nothing to copy."
    elif same:
        told = f"{kept}\n{_shown(same)} is the same as the course's: nothing to copy."
    elif first.exists() and not beside:
        return f"{kept}\nFor the course's notebook beside it: make mine NB={name} AGAIN=yes"
    else:
        target = next(path for path in copies if not path.exists())
        _write(target, content)
        told = f"{_shown(target)} is yours: no release changes it. Open it in JupyterLab (make lab) or in your editor."
    if _changed(source):
        place = _shown(source)
        told += f"\nIt has the changes that you made in {place}. To undo them there: git restore {place}"
    return told


def _write(target: Path, content: bytes) -> None:
    """Write a file that is not there yet, whole or not at all."""
    target.parent.mkdir(exist_ok=True)
    with target.open("xb") as file:  # x: should it be there after all, this fails
        try:
            file.write(content)
            file.flush()
        except BaseException:
            target.unlink()
            raise


def _changed(path: Path) -> bool:
    """Tell whether git knows the file as another than it is now. Without git, or outside a clone: no."""
    try:
        command = ["git", "diff", "--quiet", "HEAD", "--", path.name]
        return subprocess.run(command, cwd=path.parent, capture_output=True, check=False).returncode == 1
    except OSError:
        return False


def _shown(path: Path) -> str:
    return path.relative_to(lessons.ROOT).as_posix()


if __name__ == "__main__":
    sys.exit(main())
