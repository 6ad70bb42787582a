"""What every test has: no network, one thread, and for notebooks a watchdog, stricter rules and a bill at the end."""

import os
import shutil
import sys
import time
from collections import defaultdict
from pathlib import Path
from queue import Empty

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests/kernel")]

# Before any kernel starts: kernels inherit all of it.
os.environ.setdefault("COURSE_THREADS", "1")
os.environ["COURSE_STATIC"] = "1"
os.environ["COURSE_STRICT"] = "1"
os.environ["COURSE_SIZE"] = "quick"
os.environ["KERAS_BACKEND"] = "tensorflow"
KERNEL = str(ROOT / "tests/kernel")
os.environ["PYTHONPATH"] = os.pathsep.join([KERNEL, os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
import sitecustomize

sitecustomize.block_network()

import nbformat
from nbval import kernel as nbval_kernel
from nbval import plugin as nbval_plugin

from course_utils.judge import NOT_ATTEMPTED
from tools import cost, lessons
from tools.cost import measures_of

# Random cases at a desk, always the same ones in continuous integration, which must not fail by chance.
settings.register_profile(
    "course", deadline=None, derandomize=bool(os.environ.get("CI")), suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("course")


def browser_missing() -> str | None:
    """Say what the tests in a browser lack here, or return None where they can run."""
    if chromium() is None:
        return "no Chromium found; on Debian: apt-get install chromium"
    return None if shutil.which("make") else "no make found"


def chromium() -> str | None:
    """Return the path of the browser, or None where there is none."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


collect_ignore = ["tests/test_browser.py"] if browser_missing() else []
if not os.environ.get("COURSE_LONG"):  # `make test-long` sets it
    collect_ignore.append("tests/long")

SLOWER = 6  # times as long another processor may take than the one that a notebook was built on (3.4 were measured)
HEARTBEAT = 1.0  # seconds between looks at whether a kernel still lives


def pytest_configure(config):
    """Make the data sets that are always here once, before two workers would both do it."""
    if not hasattr(config, "workerinput"):
        from course_utils.data import cache, digits

        cache.made_once(f"digits-{digits.RECIPE}", digits.make)


@pytest.fixture(autouse=True)
def own_data_of_other_tests_is_forgotten():
    """Where a reader's own data was loaded, limits are not held; that must not last into the next test or example."""
    from course_utils import runtime

    runtime._own_data.clear()


# Notebooks --------------------------------------------------------------------------------------------------------


class WatchedKernel(nbval_kernel.RunningKernel):
    """A kernel whose death is noticed; nbval alone waits for a dead one until the cell's time is up."""

    def get_message(self, stream, timeout=None):
        """Wait for a message in short steps, and look in between whether the kernel lives."""
        until = time.monotonic() + (timeout or 1e9)
        while True:
            try:
                return super().get_message(stream, timeout=min(HEARTBEAT, max(until - time.monotonic(), 0.01)))
            except Empty:
                if not self.is_alive():
                    raise RuntimeError("the kernel died while it ran this cell (out of memory?)") from None
                if time.monotonic() >= until:
                    raise


nbval_plugin.RunningKernel = WatchedKernel


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    """Hold notebook cells to the course's rules, and note what the kernel has cost so far."""
    outcome = yield
    if not isinstance(item, nbval_plugin.IPyNbCell):
        return
    if item.parent.kernel.is_alive():
        spent = cost.of_process(item.parent.kernel.km.provisioner.pid)
        item.user_properties.append(("cost", list(spent)))
    if outcome.excinfo is None:
        problem = _problem(item)
        if problem:
            outcome.force_exception(nbval_plugin.NbCellError(item.cell_num, problem, item.cell.source))


def _problem(item) -> str | None:
    """Say what is wrong with a cell that ran through."""
    if item.options["check"] and not item.cell.outputs:
        return "its output is to be compared, and the notebook holds none"
    errors = [output.text for output in item.test_outputs or () if output.get("name") == "stderr"]
    if errors:
        return f"it wrote to stderr: {''.join(errors)}"
    if _has_tag(item, "check") and NOT_ATTEMPTED not in str(item.test_outputs):
        return f"of an exercise that nobody has done, the check does not say {NOT_ATTEMPTED!r}"
    if item.cell is [cell for cell in item.parent.nb.cells if cell.cell_type == "code"][-1]:
        return _beyond_budget(item) or _other_measures(item)
    return None


def _beyond_budget(item) -> str | None:
    """Say whether a notebook has cost more than its lesson allows.

    On a slow processor it may cost half as much again as when it was built there; on another one, SLOWER times as much.
    """
    script = lessons.LESSONS / f"{item.path.stem}.py"
    if not script.exists() or not item.user_properties:
        return None
    lesson, spent = lessons.read(script), cost.Cost(*item.user_properties[-1][1])
    built = item.parent.nb.metadata.get("course", {})
    seconds = lesson.budget_seconds * SLOWER
    if cost.same_machine(built):
        seconds = max(lesson.budget_seconds, 1.5 * built["seconds"])
    if spent.seconds <= seconds and spent.gigabytes <= lesson.budget_gigabytes:
        return None
    return (
        f"the notebook took {spent.seconds:.0f} CPU seconds and {spent.gigabytes:.1f} GB; "
        f"its budget is {seconds:.0f} and {lesson.budget_gigabytes:.1f}"
    )


def _other_measures(item) -> str | None:
    """Say whether a notebook measures other values than when it was built, on such a machine with such versions."""
    stored = item.parent.nb.metadata.get("course", {})
    if not cost.same_machine(stored):
        return None
    before, now = stored["measures"], measures_of(measures_file(item))
    different = [name for name in before.keys() | now.keys() if before.get(name) != now.get(name)]
    return f"measured otherwise than when it was built: {', '.join(sorted(different))}" if different else None


# Exercises: behind each check, the solution in the same kernel -----------------------------------------------------


def _has_tag(item, tag: str) -> bool:
    return tag in item.cell.metadata.get("tags", ())


def pytest_collection_modifyitems(items):
    """Put behind each check of a notebook an item that runs the exercise's solution and the same check."""
    for place in reversed(range(len(items))):
        item = items[place]
        if isinstance(item, nbval_plugin.IPyNbCell) and _has_tag(item, "check"):
            items.insert(place + 1, _with_solution(item))


def _with_solution(item):
    path = item.path.parent / "solutions" / item.path.name
    cells = nbformat.read(path, as_version=4).cells if path.exists() else []
    ids = [cell.id for cell in cells]
    if item.cell.id in ids:
        place = ids.index(item.cell.id)
        source = f'__import__("solved").prove({cells[place - 1].source!r}, {cells[place].source!r})'
    else:
        source = f'raise LookupError("no solution of it in {path.parent.name}/{path.name}")'
    cell = nbformat.v4.new_code_cell(source)
    more = {"name": f"{item.name} with its solution", "cell_num": item.cell_num, "cell": cell}
    return nbval_plugin.IPyNbCell.from_parent(item.parent, options=defaultdict(bool), **more)


# What a notebook measures ------------------------------------------------------------------------------------------


def measures_file(item) -> Path:
    """Return the file in which a notebook's measures are kept while it is tested."""
    return ROOT / f"build/measures/{item.path.stem}.jsonl"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_setup(item):
    """Have the kernel of a notebook, which begins with its first cell, keep its measures."""
    first = isinstance(item, nbval_plugin.IPyNbCell) and item.cell_num == 0
    if first:
        path = measures_file(item)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
        os.environ["COURSE_MEASURES"] = str(path)
    yield
    if first:
        del os.environ["COURSE_MEASURES"]


# The bill ---------------------------------------------------------------------------------------------------------

_spent: dict[str, cost.Cost] = {}
_waited: dict[str, float] = defaultdict(float)


def pytest_runtest_logreport(report):
    """Add up what the cells of each notebook took; in the main process, which hears of all of them."""
    name = report.nodeid.split("::")[0]
    if name.endswith(".ipynb"):
        _waited[name] += report.duration
        for key, value in report.user_properties:
            if key == "cost":
                _spent[name] = cost.Cost(*value)


def pytest_terminal_summary(terminalreporter):
    """Print what was left out, and the table of what each notebook cost, against its budget."""
    if browser_missing():
        terminalreporter.line(f"tests/test_browser.py was left out: {browser_missing()}", yellow=True)
    if not _spent:
        return
    terminalreporter.section("what the notebooks cost")
    terminalreporter.line(f"{'notebook':<44}{'seconds':>9}{'CPU s':>8}{'of':>6}{'GB':>7}{'of':>6}")
    for name, spent in sorted(_spent.items()):
        script = lessons.LESSONS / f"{Path(name).stem}.py"
        budget = lessons.read(script)[2:] if script.exists() else (float("nan"), float("nan"))
        numbers = f"{_waited[name]:>9.1f}{spent.seconds:>8.1f}{budget[0]:>6.0f}{spent.gigabytes:>7.2f}{budget[1]:>6.1f}"
        terminalreporter.line(f"{Path(name).stem:<44}{numbers}")
