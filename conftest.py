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
sys.path[:0] = [str(ROOT), str(ROOT / "tests/offline")]

# Before any kernel starts: kernels inherit all of it.
os.environ.setdefault("COURSE_THREADS", "1")
os.environ["COURSE_STATIC"] = "1"
os.environ["COURSE_SIZE"] = "quick"
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT / "tests/offline"), os.environ.get("PYTHONPATH", "")]).rstrip(
    os.pathsep
)
import sitecustomize

sitecustomize.block_network()

from nbval import kernel as nbval_kernel
from nbval import plugin as nbval_plugin

from tools import cost, lessons

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

HEARTBEAT = 1.0  # seconds between looks at whether a kernel still lives


def pytest_configure(config):
    """Make the data sets that are always here once, before two workers would both do it."""
    if not hasattr(config, "workerinput"):
        from course_utils.data import cache, digits

        cache.made_once(f"digits-{digits.RECIPE}", digits.make)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Share out runs of whole notebooks one by one: as one scope, a single worker would run them all at the end."""
    from xdist.scheduler import LoadScopeScheduling

    class ByRun(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return nodeid if "tests/test_notebooks.py" in nodeid else super()._split_scope(nodeid)

    return ByRun(config, log)


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
    last = item.parent.nb.cells and [c for c in item.parent.nb.cells if c.cell_type == "code"][-1] is item.cell
    script = lessons.LESSONS / f"{item.path.stem}.py"
    if last and script.exists() and item.user_properties:
        lesson, spent = lessons.read(script), cost.Cost(*item.user_properties[-1][1])
        if spent.seconds > lesson.budget_seconds or spent.gigabytes > lesson.budget_gigabytes:
            return (
                f"the notebook took {spent.seconds:.0f} CPU seconds and {spent.gigabytes:.1f} GB; "
                f"its budget is {lesson.budget_seconds:.0f} and {lesson.budget_gigabytes:.1f}"
            )
    return None


# Two fresh runs of a notebook give the same measures ---------------------------------------------------------------


def measures_file(notebook: str, run: str) -> Path:
    """Return the file in which a run's measures are kept, empty."""
    path = ROOT / "build/measures" / run / f"{notebook}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    return path


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_setup(item):
    """Have the kernel of a notebook, which begins with its first cell, keep its measures."""
    first = isinstance(item, nbval_plugin.IPyNbCell) and item.cell_num == 0
    if first:
        os.environ["COURSE_MEASURES"] = str(measures_file(item.path.stem, "nbval"))
    yield
    if first:
        del os.environ["COURSE_MEASURES"]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    """Fail where the run under nbval and the one with solutions measured different figures."""
    if hasattr(session.config, "workerinput"):
        return
    for one in sorted(_solved & {Path(name).stem for name in _spent}):
        figures = [(ROOT / "build/measures" / run / f"{one}.jsonl").read_text() for run in ("nbval", "solution")]
        if figures[0] != figures[1]:
            _unequal.append(one)
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


# The bill ---------------------------------------------------------------------------------------------------------

_spent: dict[str, cost.Cost] = {}
_waited: dict[str, float] = defaultdict(float)
_solved: set[str] = set()  # notebooks whose run with solutions was part of this session
_unequal: list[str] = []


def pytest_runtest_logreport(report):
    """Add up what the cells of each notebook took; in the main process, which hears of all of them."""
    name = report.nodeid.split("::")[0]
    if "test_solution_runs_green" in report.nodeid and report.when == "call" and report.passed:
        _solved.add(report.nodeid.split("[")[1].rstrip("]"))
    if name.endswith(".ipynb"):
        _waited[name] += report.duration
        for key, value in report.user_properties:
            if key == "cost":
                _spent[name] = cost.Cost(*value)


def pytest_terminal_summary(terminalreporter):
    """Print what was left out, and the table of what each notebook cost, against its budget."""
    if browser_missing():
        terminalreporter.line(f"tests/test_browser.py was left out: {browser_missing()}", yellow=True)
    for name in _unequal:
        terminalreporter.line(
            f"FAILED {name}: two fresh runs measured different figures; see build/measures/", red=True
        )
    if not _spent:
        return
    terminalreporter.section("what the notebooks cost")
    terminalreporter.line(f"{'notebook':<44}{'seconds':>9}{'CPU s':>8}{'of':>6}{'GB':>7}{'of':>6}")
    for name, spent in sorted(_spent.items()):
        script = lessons.LESSONS / f"{Path(name).stem}.py"
        budget = lessons.read(script)[2:] if script.exists() else (float("nan"), float("nan"))
        numbers = f"{_waited[name]:>9.1f}{spent.seconds:>8.1f}{budget[0]:>6.0f}{spent.gigabytes:>7.2f}{budget[1]:>6.1f}"
        terminalreporter.line(f"{Path(name).stem:<44}{numbers}")
