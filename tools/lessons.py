"""Read lessons, and say what the cells of their notebooks must be. Runs nothing."""

import hashlib
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import jupytext
import nbformat
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]
LESSONS = ROOT / "lessons"
NOTEBOOKS = ROOT / "notebooks"
SOLUTIONS = NOTEBOOKS / "solutions"

TURN = 'raise NotImplementedError("your turn")'
SOLUTION = re.compile(r"^(?P<indent>[ \t]*)### BEGIN SOLUTION\n(?P<body>.*?)^[ \t]*### END SOLUTION", re.M | re.S)
TAGS = {"setup", "parameters", "exercise", "check", "claim", "nbval-check-output"}
FOLDED = "claim"  # the tag of cells that a reader sees the output of


class LessonError(Exception):
    """A lesson that cannot be made into a notebook: names it, the cell and what is wrong."""


class Lesson(NamedTuple):
    """A lesson's script, read."""

    name: str
    cells: list[NotebookNode]
    budget_seconds: float
    budget_gigabytes: float

    @property
    def title(self) -> str:
        """The lesson's heading."""
        return self.cells[0].source.splitlines()[0].removeprefix("# ")

    @property
    def mirrors(self) -> str:
        """Which lectures it mirrors."""
        return re.search(r"Mirrors: (.+?)\.(?:\s|\*|$)", self.cells[0].source, re.S)[1].replace("\n", " ")

    @property
    def notebook(self) -> Path:
        """The student's notebook."""
        return NOTEBOOKS / f"{self.name}.ipynb"

    @property
    def solution(self) -> Path:
        """The notebook with the solutions."""
        return SOLUTIONS / f"{self.name}.ipynb"


def find(names: list[str] | None = None) -> list[Lesson]:
    """Read the lessons whose names begin with one of `names`; all where none is given."""
    paths = sorted(LESSONS.glob("*.py"))
    for name in names or ():
        if not any(path.stem.startswith(name) for path in paths):
            raise LessonError(f"no lesson begins with {name!r}; there are {', '.join(path.stem for path in paths)}")
    return [read(path) for path in paths if not names or path.stem.startswith(tuple(names))]


def chosen(beginning: str) -> str:
    """Return the name of the one notebook that `beginning` begins, as NB=week02 does; its path is as good."""
    beginning = beginning.strip().removeprefix("notebooks/").removesuffix(".ipynb")
    names = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
    found = [name for name in names if beginning and name.startswith(beginning)]
    if len(found) != 1:
        raise LessonError(f"NB={beginning!r} must begin the name of one notebook of {', '.join(found or names)}")
    return found[0]


def read(path: Path) -> Lesson:
    """Read one lesson and refuse what would make a bad notebook."""
    notebook = jupytext.read(path, fmt="py:percent")
    budget = notebook.metadata.get("course", {})
    cells = notebook.cells
    if not cells or not cells[0].source.startswith("# ") or "Mirrors: " not in cells[0].source:
        raise LessonError(f"{path.name}: the first cell must be its title, '# ...', with a line 'Mirrors: ...'")
    if "{cost}" not in cells[0].source or not {"seconds", "gigabytes"} <= budget.keys():
        raise LessonError(f"{path.name}: the first cell must say '{{cost}}', and the head must have its budget")
    for number, cell in enumerate(cells):
        if not cell.source.strip():
            raise LessonError(f"{path.name}, cell {number}: it is empty")
        strange = set(cell.metadata.get("tags", ())) - TAGS
        if strange:
            raise LessonError(f"{path.name}, cell {number}: the tag {strange.pop()!r} means nothing here")
        marked = "### BEGIN SOLUTION" in cell.source or "### END SOLUTION" in cell.source
        if marked != ("exercise" in cell.metadata.get("tags", ())):
            raise LessonError(f"{path.name}, cell {number}: an exercise has the tag and a marked solution, or neither")
        if marked and any(not found["indent"] for found in SOLUTION.finditer(cell.source)):
            raise LessonError(
                f"{path.name}, cell {number}: a solution stands inside a function, so that the notebook goes on"
            )
        if marked and "SOLUTION" in SOLUTION.sub("", cell.source):
            raise LessonError(f"{path.name}, cell {number}: BEGIN SOLUTION and END SOLUTION do not go together")
    code = [cell.metadata.get("tags", ()) for cell in cells if cell.cell_type == "code"]
    for number, tags in enumerate(code):
        if ("exercise" in tags) != (number + 1 < len(code) and "check" in code[number + 1]):
            raise LessonError(f"{path.name}: an exercise is followed by its check, and each check follows an exercise")
    return Lesson(path.stem, cells, float(budget["seconds"]), float(budget["gigabytes"]))


def cells(lesson: Lesson, cost: str, solved: bool) -> list[NotebookNode]:
    """Make the cells of a notebook.

    Parameters
    ----------
    lesson : Lesson
    cost : str
        What stands in the title for "{cost}".
    solved : bool
        Whether solutions stay in.
    """
    made, seen = [], {}
    for cell in lesson.cells:
        source, tags = cell.source, list(cell.metadata.get("tags", ()))
        if "exercise" in tags:
            source = without_markers(source) if solved else without_solution(source)
        if "setup" in tags:
            source = f"{setup_source()}\n{source}"
        if cell is lesson.cells[0]:
            source = source.replace("{cost}", cost) + badge(lesson.name)
        new = nbformat.v4.new_markdown_cell if cell.cell_type == "markdown" else nbformat.v4.new_code_cell
        # An id that stays the same while the lesson's cell does, wherever it stands and whatever was measured.
        seen[cell.source] = seen.get(cell.source, 0) + 1
        key = hashlib.sha256(f"{seen[cell.source]} {cell.source}".encode()).hexdigest()[:8]
        metadata = {"tags": tags} if tags else {}
        if FOLDED in tags:  # by JupyterLab and Notebook, and by Jupyter Book and Colab
            metadata = {"tags": [*tags, "hide-input"], "jupyter": {"source_hidden": True}}
        made.append(new(source, id=key, metadata=metadata))
    return made


def without_solution(source: str) -> str:
    """Put "your turn" in the place of the solution."""
    return SOLUTION.sub(lambda found: found["indent"] + TURN, source)


def without_markers(source: str) -> str:
    """Leave the solution, without the lines that mark it."""
    return SOLUTION.sub(lambda found: found["body"].rstrip("\n"), source)


@cache
def repository() -> str:
    """Return where the course is published, or nothing."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["course"]["repository"].rstrip("/")


def setup_source() -> str:
    """Make the first lines of every notebook's set-up cell."""
    return (ROOT / "tools/templates/setup.py").read_text().replace("REPOSITORY", repository()).rstrip()


def badge(name: str) -> str:
    """Make the link that opens a notebook in Colab, where the course is on GitHub."""
    if "github.com/" not in repository():
        return ""
    place = repository().split("github.com/")[1].removesuffix(".git")
    address = f"https://colab.research.google.com/github/{place}/blob/main/notebooks/{name}.ipynb"
    return f"\n\n[Open in Colab]({address})"
