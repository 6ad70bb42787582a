"""Parts of a lesson, without running all of it."""

import ast

from tools import lessons


def from_lesson(lesson: str, names: list[str], **given) -> dict:
    """Run a lesson's imports and what defines these names, and nothing else; `given` are further names it may use."""
    path = lessons.LESSONS / f"{lesson}.py"
    tree = ast.parse(path.read_text())
    wanted = [one for one in tree.body if isinstance(one, ast.Import | ast.ImportFrom) or _defines(one) in names]
    missing = set(names) - {_defines(one) for one in wanted}
    assert not missing, f"{lesson} does not define {missing}"
    space = dict(given)
    exec(compile(ast.Module(wanted, []), path, "exec"), space)
    return space


def _defines(node) -> str | None:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return getattr(node, "name", None)
