"""Judge a reader's answer: not attempted yet; not yet, because ...; correct.

A check compares an answer with a reference on inputs of its own. Where they differ it looks for the mistake by
imitation: it knows how typical mistakes compute, and tells the one that gives what the reader's answer gave.
"""

import copy
import ctypes
import html
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from .. import display

SECONDS = 5.0  # after which a loop is taken to be endless

NOT_ATTEMPTED, NOT_YET, CORRECT = "not attempted yet", "not yet", "correct"
_LOOKS = {NOT_ATTEMPTED: ("○", "#808080"), NOT_YET: ("✗", "#c0392b"), CORRECT: ("✓", "#1e8449")}


@dataclass(frozen=True)
class Outcome:
    """What a check says, shown as a box in a notebook."""

    state: str
    message: str
    case: str = ""
    evidence: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        mark = _LOOKS[self.state][0]
        lines = [f"{mark} {self.state}: {self.message}"]
        lines += [self.case] if self.case else []
        lines += [f"{name}:\n{_in_text(value)}" for name, value in self.evidence.items()]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        mark, colour = _LOOKS[self.state]
        body = f"<div><strong>{mark} {self.state}</strong>: {html.escape(self.message)}</div>"
        if self.case:
            body += f"<div>{html.escape(self.case)}</div>"
        if self.evidence:
            arrays = list(self.evidence.values())
            columns = "".join(
                f'<td style="vertical-align:top;text-align:left">{html.escape(name)}<br/>{_in_html(value, arrays)}</td>'
                for name, value in self.evidence.items()
            )
            body += f"<table><tr>{columns}</tr></table>" + "<div>In brackets: what differs.</div>" * ("<b>[" in columns)
        return f'<div style="{display.BOX.format(colour=colour)}">{body}</div>'


class Mistake:
    """A typical wrong way to compute an answer, and what to say to one who took it."""

    def __init__(self, hint: str, compute: Callable):
        self.hint, self.compute = hint, compute


def alike(hint: str, *ways: Callable) -> list[Mistake]:
    """Return mistakes that differ in what they compute, but not in what there is to say."""
    return [Mistake(hint, way) for way in ways]


def judge(
    answer: Callable,
    reference: Callable,
    cases: Sequence[tuple],
    mistakes: Sequence[Mistake] = (),
    praise: str = "well done.",
    tolerance: float = 1e-6,
) -> Outcome:
    """Compare an answer with a reference.

    Parameters
    ----------
    answer : function
        The reader's.
    reference : function
        The right one.
    cases : sequence of tuple
        Arguments to call both with; the easiest to look at first.
    mistakes : sequence of Mistake
        Typical wrong ways, the likeliest first.
    praise : str
        What to add to "correct": something worth knowing.
    tolerance : float
        How far numbers may differ.

    Examples
    --------
    >>> judge(lambda x: x + x, lambda x: 2 * x, [(1,), (3,)], praise="doubled.")
    ✓ correct: doubled.
    >>> judge(lambda x: x * x, lambda x: 2 * x, [(1,), (3,)], [Mistake("that is a square.", lambda x: x * x)])
    ✗ not yet: that is a square.
    for the input 1
    expected:
    2
    got:
    1
    """
    if not callable(answer):
        return Outcome(
            NOT_YET, f"a function was expected, got {type(answer).__name__}. Hand over its name, not its result."
        )
    expected = [reference(*copy.deepcopy(case)) for case in cases]
    got, problem = _answers(answer, cases)
    if problem is not None:
        return problem
    wrong = [i for i in range(len(cases)) if not same(got[i], expected[i], tolerance)]
    if not wrong:
        return Outcome(CORRECT, praise)
    first = wrong[0]
    hint = _hint(cases, got, expected, mistakes, tolerance) or f"{len(wrong)} of {len(cases)} tries differ."
    return Outcome(NOT_YET, hint, _told(cases[first]), {"expected": expected[first], "got": got[first]})


def kinder(outcome: Outcome, words: str, *signs: str) -> Outcome:
    """Add to a message that has one of the signs in it what may be behind it.

    Examples
    --------
    >>> kinder(Outcome(NOT_YET, "it stopped with KeyError: 3"), "Is 3 a label?", "KeyError")
    ✗ not yet: it stopped with KeyError: 3. Is 3 a label?
    """
    if not any(sign in outcome.message for sign in signs):
        return outcome
    stop = "" if outcome.message.endswith((".", "?")) else "."
    return replace(outcome, message=f"{outcome.message}{stop} {words}")


def same(one, other, tolerance: float = 1e-6) -> bool:
    """Tell whether two results agree in structure, shape and, within the tolerance, in every number.

    Examples
    --------
    >>> same((1, [2.0]), (1, np.array([2.0])))
    True
    >>> same(np.zeros((2, 1)), np.zeros(2))
    False
    >>> same("1", 1), same("1", np.ones(2))
    (False, False)
    """
    if isinstance(one, tuple) or isinstance(other, tuple):
        if not (isinstance(one, tuple | list) and isinstance(other, tuple | list)) or len(one) != len(other):
            return False
        return all(same(a, b, tolerance) for a, b in zip(one, other, strict=True))
    if isinstance(one, str) or isinstance(other, str):  # NumPy would read "1" as a number
        return isinstance(one, str) and isinstance(other, str) and one == other
    try:
        one, other = np.asarray(one, float), np.asarray(other, float)
    except (TypeError, ValueError):
        return False
    return one.shape == other.shape and np.allclose(one, other, rtol=tolerance, atol=tolerance)


def _answers(answer: Callable, cases: Sequence[tuple]) -> tuple[list, Outcome | None]:
    """Call the reader's function on every case, or say why that did not work."""
    got: list = []

    def call_all():
        for case in cases:
            given = copy.deepcopy(case)
            got.append(answer(*given))
            if not all(same(a, b, 0) for a, b in zip(given, case, strict=True) if isinstance(b, np.ndarray)):
                raise _InputChangedError

    error = _run_limited(call_all)
    case = cases[min(len(got), len(cases) - 1)]
    if isinstance(error, NotImplementedError):
        return got, Outcome(NOT_ATTEMPTED, "write your answer in the cell above, run it, then run this one again.")
    if isinstance(error, _TooLongError):
        message = f"it ran for {SECONDS:g} seconds and was stopped. Does every loop come to an end?"
        return got, Outcome(NOT_YET, message, _told(case))
    if isinstance(error, _InputChangedError):
        message = "it changes the array that it was given, and whoever called it still needs that. Work on a new array."
        return got, Outcome(NOT_YET, message)
    if error is not None:
        line = _line_of(error, answer)
        return got, Outcome(NOT_YET, f"it stopped with {type(error).__name__}: {error}{line}", _told(case))
    if any(value is None for value in got):
        return got, Outcome(NOT_YET, "it gives nothing back. Does it end with return?")
    return got, None


def _line_of(error: BaseException, answer: Callable) -> str:
    """Say in which line of the reader's function an error arose."""
    code = getattr(answer, "__code__", None)
    step, line = error.__traceback__, ""
    while step is not None:
        if code is not None and step.tb_frame.f_code is code:
            line = f" (in line {step.tb_lineno - code.co_firstlineno + 1} of your function)"
        step = step.tb_next
    return line


def _hint(cases, got, expected, mistakes: Sequence[Mistake], tolerance: float) -> str:
    """Find the typical mistake that gives what was got, or say what is wrong with its form."""
    for mistake in mistakes:
        try:
            if all(same(got[i], mistake.compute(*copy.deepcopy(case)), tolerance) for i, case in enumerate(cases)):
                return mistake.hint
        except Exception:
            continue
    for mine, right in zip(got, expected, strict=True):
        if isinstance(right, tuple) and not (isinstance(mine, tuple | list) and len(mine) == len(right)):
            return f"{len(right)} results were expected, got {_form(mine)}."
        if isinstance(right, tuple):
            continue
        try:
            shape = np.shape(np.asarray(mine, float))
        except (TypeError, ValueError):
            return f"{_form(right)} was expected, got {_form(mine)}."
        if shape != np.shape(right):
            return f"{_form(right)} was expected, got {_form(mine)}."
        if not np.isfinite(np.asarray(mine, float)).all() and np.isfinite(np.asarray(right, float)).all():
            return "it gives nan or infinity: the root of a negative number, or a division by zero?"
    return ""


class _TooLongError(BaseException):  # a BaseException, so that `except Exception` in an answer does not keep it
    pass


class _InputChangedError(Exception):
    pass


def _run_limited(work: Callable[[], None]) -> BaseException | None:
    """Run in a thread that is stopped after SECONDS; return what it raised."""
    raised: list[BaseException] = []

    def run():
        try:
            work()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(SECONDS)
    if not thread.is_alive():
        return raised[0] if raised else None
    # Raise in the thread, again and again if it catches that; what sits in C code is left behind.
    give_up = time.monotonic() + 1
    while thread.is_alive() and time.monotonic() < give_up:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(_TooLongError))
        thread.join(0.05)
    return _TooLongError()


def _told(case: tuple) -> str:
    """Say for which input something happened, if it is short enough to be said."""
    shown = ", ".join(np.array2string(v, separator=", ") if isinstance(v, np.ndarray) else repr(v) for v in case)
    shown = " ".join(shown.split())
    if len(shown) <= 160:
        return f"for the input {shown}"
    return "for " + ", ".join(_form(v) for v in case)


def _form(value) -> str:
    """Say what kind of thing a value is.

    Examples
    --------
    >>> _form(np.zeros((2, 3)))
    'an array of shape (2, 3)'
    """
    if isinstance(value, np.ndarray) and value.ndim:
        return f"an array of shape {value.shape}"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    if np.isscalar(value) or isinstance(value, np.ndarray):
        return f"the single value {value}"
    return f"a {type(value).__name__}"


ROWS, COLUMNS = 6, 8  # of an array that are shown


def _in_text(value) -> str:
    if isinstance(value, np.generic):
        value = value.item()  # "1.0", not "np.float64(1.0)"
    if isinstance(value, np.ndarray) and value.ndim == 2:
        value = value[:ROWS, :COLUMNS]
    return np.array2string(value, precision=3, threshold=60) if isinstance(value, np.ndarray) else repr(value)


def _in_html(value, all_values: list) -> str:
    """Show a small matrix as a table with the entries that differ marked, anything else as text."""
    arrays = [v for v in all_values if isinstance(v, np.ndarray) and v.ndim == 2]
    if len(arrays) < len(all_values) or len({a.shape for a in arrays}) > 1:
        return f"<pre>{html.escape(_in_text(value))}</pre>"
    differs = (
        ~np.isclose(*(a.astype(float) for a in arrays), equal_nan=True) if len(arrays) == 2 else np.zeros(value.shape)
    )
    rows = ""
    for i, row in enumerate(value[:ROWS, :COLUMNS]):
        cells = (f"<b>[{v:.4g}]</b>" if differs[i, j] else f"{v:.4g}" for j, v in enumerate(row))
        rows += "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
    more = "<br/>(its first rows and columns)" if value.shape[0] > ROWS or value.shape[1] > COLUMNS else ""
    return f"<table>{rows}</table>{more}"
