"""What a lesson's results depend on: its own code, and that of the package's modules that it imports."""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tools import lessons
from tools.lessons import Lesson

PACKAGE = "course_utils"


def made_from(lesson: Lesson) -> str:
    """Return a hash of all code that a notebook is made from. Text, comments and docstrings are no part of it."""
    code = "\n".join(cell.source for cell in lesson.cells if cell.cell_type == "code")
    parts = [lessons.setup_source(), *(str(sorted(cell.metadata.get("tags", ()))) for cell in lesson.cells)]
    tree = ast.parse(code)
    parts.append(ast.unparse(tree))
    parts += [_code(path.read_text(encoding="utf-8")) for path in sorted(modules(tree))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def modules(tree: ast.Module) -> set[Path]:
    """Return the files of the package that code imports, directly or by way of others."""
    found: set[Path] = set()
    doors = set()
    used = _words(tree)
    waiting = [(name, used) for name in _imported(tree, PACKAGE)]
    while waiting:
        name, words = waiting.pop()
        path = _file(name)
        if path is None or path in found or name == PACKAGE:  # course_utils itself imports on first use only
            continue
        tree = _parsed(path.read_text(encoding="utf-8"))
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        if _only_imports(tree):  # a room's door: of what it leads to, follow what is asked for by name
            asked_for = [node for node in tree.body if words & {alias.name for alias in getattr(node, "names", ())}]
            tree = ast.Module(asked_for, [])
            asked = (path, ast.unparse(tree))
            if asked in doors:
                continue
            doors.add(asked)
        else:
            found.add(path)
        inner_words = _words(tree)
        waiting += [(inner, inner_words) for inner in _imported(tree, package)]
    return found


def _words(tree: ast.Module) -> set[str]:
    """Name all that code names: variables, attributes, and what it imports."""
    nodes = list(ast.walk(tree))
    words = {node.id for node in nodes if isinstance(node, ast.Name)}
    words |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return words | {node.name for node in nodes if isinstance(node, ast.alias)}


def _only_imports(tree: ast.Module) -> bool:
    return all(isinstance(node, ast.Import | ast.ImportFrom | ast.Expr | ast.Assign) for node in tree.body)


def _imported(tree: ast.Module, package: str) -> Iterator[str]:
    """Name the modules of the package that code may import, at any depth of it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            start = ".".join([*parents, *([node.module] if node.module else [])])
            names = [start, *(f"{start}.{alias.name}" for alias in node.names)]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] == PACKAGE)


def _file(name: str) -> Path | None:
    path = lessons.ROOT / name.replace(".", "/")
    candidates = (path / "__init__.py", path.with_suffix(".py"))
    return next((candidate for candidate in candidates if candidate.exists()), None)


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def _code(text: str) -> str:
    """Return a module's code without comments and docstrings."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)
