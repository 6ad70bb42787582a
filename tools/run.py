"""Run one notebook on your own data or at another size: `make run NB=week02 DATASET=path SIZE=full`.

The result lies in build/runs/; the notebook itself stays as it is.
"""

import argparse
import logging
import os
import re
import shlex
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools import lessons


def main() -> int:
    """Read the command line, run, and say where the result is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebook", help="the beginning of its name, such as week02")
    parser.add_argument("--dataset", default="", help="a data set's name, or the path of your own")
    parser.add_argument("--size", default="", help="quick or full")
    parser.add_argument("--set", default="", help="other knobs of the notebook, such as 'WEIGHTS=imagenet SIDE=96'")
    options = parser.parse_args()

    try:
        name = lessons.chosen(options.notebook)
    except lessons.LessonError as error:
        print(f"run: {error}", file=sys.stderr)
        return 2
    if options.size not in ("", "quick", "full"):
        print(f"run: SIZE={options.size!r} must be quick or full", file=sys.stderr)
        return 2

    lesson = (lessons.LESSONS / f"{name}.py").read_text(encoding="utf-8")
    knobs = re.findall(r"^(\w+) = ", lesson.partition('tags=["parameters"]')[2].partition("# %%")[0], re.MULTILINE)
    parameters = {}
    for setting in shlex.split(options.set):
        knob, _, value = setting.partition("=")
        if knob not in knobs or not value:
            print(f"run: SET={setting!r} must be NAME=VALUE with a name of {', '.join(knobs)}", file=sys.stderr)
            return 2
        parameters[knob] = int(value) if value.isdecimal() else value

    import papermill

    # It says of each knob whose value is computed that it cannot parse it, and then sets it all the same.
    logging.getLogger("papermill").setLevel(logging.ERROR)
    if options.dataset:
        path = Path(options.dataset).expanduser()
        parameters["DATASET"] = str(path.resolve()) if path.exists() else options.dataset
    if options.size:
        os.environ["COURSE_SIZE"] = options.size
    os.environ["COURSE_STATIC"] = "1"
    result = lessons.ROOT / "build/runs" / f"{name}.ipynb"
    result.parent.mkdir(parents=True, exist_ok=True)
    try:
        papermill.execute_notebook(
            lessons.NOTEBOOKS / f"{name}.ipynb", result, parameters, cwd=lessons.NOTEBOOKS, kernel_name="python3"
        )
    except papermill.PapermillExecutionError as error:
        print(f"run: {error.ename}: {error.evalue}\nrun: the notebook up to there: {result}", file=sys.stderr)
        return 1
    print(f"Done: {result.relative_to(lessons.ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
