"""The package stays small: what stands in a shared room, two lessons use; what one uses stands with its week."""

import ast
from pathlib import Path

from tools import lessons
from tools.lessons import ROOT

PACKAGE = ROOT / "course_utils"
CONTRACT = "a public name of the course, which later weeks build on"
DOOR = "a way in for a reader, not for a lesson"
EXCEPTIONS = {
    "byhand/convolution.py:average_pool2d": CONTRACT,
    "byhand/convolution.py:convolve2d": CONTRACT,
    "byhand/convolution.py:max_pool2d": CONTRACT,
    "models/backbone.py:load_backbone": CONTRACT,
    "models/tiles.py:predict_tiles": CONTRACT,
    "models/vgg.py:vgg": CONTRACT,
    "doctor.py:facts": DOOR,
    "doctor.py:problems": DOOR,
    "doctor.py:report": DOOR,
    "doctor.py:requirements": DOOR,
    "doctor.py:tell": DOOR,
    "runtime.py:available_cores": DOOR,
    "runtime.py:gpu_name": DOOR,
    "data/__init__.py:Entry": DOOR,
    "data/__init__.py:catalogue": CONTRACT,
    "data/downloads.py:is_here": DOOR,
    "data/arrays.py:load_npz": DOOR,
    "data/boxed.py:is_boxed": DOOR,
    "data/masks.py:folders": DOOR,
    "__main__.py:main": DOOR,
}


def words(tree: ast.AST) -> set[str]:
    """Name all that code uses."""
    nodes = list(ast.walk(tree))
    found = {node.id for node in nodes if isinstance(node, ast.Name)}
    found |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return found | {node.name for node in nodes if isinstance(node, ast.alias)}


def public(path: Path) -> dict[str, set[str]]:
    """The public functions and classes of a module, and what each of them uses."""
    body = ast.parse(path.read_text()).body
    made = [node for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return {node.name: words(node) for node in made if not node.name.startswith("_")}


def test_shared_rooms_hold_what_two_lessons_use():
    rooms = {path: public(path) for path in sorted(PACKAGE.rglob("*.py")) if path.parent.name != "weeks"}
    uses = {}
    for lesson in lessons.find():
        week = lesson.name.split("_")[0]
        code = "\n".join(cell.source for cell in lesson.cells if cell.cell_type == "code")
        used = words(ast.parse(code)) | words(ast.parse((PACKAGE / f"weeks/{week}.py").read_text()))
        before = set()
        while used != before:  # and what these use
            before = set(used)
            used |= {word for room in rooms.values() for name in room.keys() & before for word in room[name]}
        uses[week] = used
    lonely = {
        f"{path.relative_to(PACKAGE)}:{name}"
        for path, room in rooms.items()
        for name in room
        if sum(name in used for used in uses.values()) < 2
    }
    assert lonely == set(EXCEPTIONS)


def test_the_package_and_its_tests_stay_small():
    """Shared rooms do not grow with the number of lessons; each lesson adds its checks and little more."""
    weeks = set((PACKAGE / "weeks").glob("week*.py"))
    count = {
        name: sum(len(path.read_text().splitlines()) for path in files)
        for name, files in {
            "shared rooms": set(PACKAGE.rglob("*.py")) - weeks,
            "weeks": weeks,
            "tests": [*(ROOT / "tests").rglob("*.py"), ROOT / "conftest.py"],
        }.items()
    }
    assert count["shared rooms"] <= 5_000 and count["weeks"] <= 225 * len(weeks), count
    assert count["tests"] <= 11_000, count
