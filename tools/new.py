"""Begin a lesson: `python tools/build.py --new week13_topic` writes a small one that already passes its tests."""

import re

from tools.lessons import LESSONS, ROOT, LessonError

TEMPLATES = ROOT / "tools/templates"


def begin(name: str) -> int:
    """Write the lesson, its module with the checks, and the wrong answers that test them; overwrite nothing."""
    if not re.fullmatch(r"week\d\d[a-z]?_[a-z0-9_]+", name):
        raise LessonError(f"--new: expected a name such as week13_topic, got {name!r}")
    week, topic = name.split("_", 1)
    files = {
        LESSONS / f"{name}.py": "lesson.py",
        ROOT / f"course_utils/weeks/{week}.py": "week.py",
        ROOT / f"tests/answers/{week}.py": "answers.py",
    }
    there = [str(path.relative_to(ROOT)) for path in files if path.exists()]
    there += [f"lessons/{path.name}" for path in LESSONS.glob(f"{week}_*.py")]
    if there:
        raise LessonError(f"--new: {', '.join(sorted(set(there)))} is there already; nothing was written")
    words = {
        "WEEK": week,
        "TOPIC": topic.replace("_", " ").capitalize(),
        "NUMBER": week.removeprefix("week").lstrip("0"),
    }
    for path, template in files.items():
        text = (TEMPLATES / template).read_text(encoding="utf-8")
        for word, value in words.items():
            text = text.replace(word, value)
        path.write_text(text, encoding="utf-8")
        print(f"begun: {path.relative_to(ROOT)}")
    print(f'Now: make notebooks, look at the result, make test ARGS="-k {week}", make lint.')
    print("CONTRIBUTING.md says what a lesson needs.")
    return 0
