"""Judge a reader's answer: not attempted yet; not yet, because ...; correct.

A check compares an answer with a reference on inputs of its own. Where they differ, it looks for a typical mistake that
computes what the answer computes, and then for symptoms that any exercise shares (see `symptoms`).
"""

import contextlib
import copy
import ctypes
import html
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from . import display, symptoms
from .symptoms import form, same

SECONDS = 5.0  # after which a loop is taken to be endless

NOT_ATTEMPTED, NOT_YET, CORRECT = "not attempted yet", "not yet", "correct"
_LOOKS = {NOT_ATTEMPTED: ("○", "#808080"), NOT_YET: ("✗", "#c0392b"), CORRECT: ("✓", "#1e8449")}

Way = Mapping[str, object] | Callable  # how a mistake computes: knobs of the reference, or a function


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


class Check:
    """The check of one exercise.

    Parameters
    ----------
    reference : function
        A right answer. Its keyword-only parameters are knobs: each makes it compute a typical mistake.
    cases : sequence of tuple
        Arguments to call answers with; the easiest to look at first.
    mistakes : mapping from a hint to the way, or a list of ways, in which the mistake computes
        A way is a dictionary of the reference's knobs, or a function. The likeliest first.
    results : sequence of str
        Names of the reference's results, where it has several.
    praise : str
        What to add to "correct": something worth knowing.
    tolerance : float
        How far numbers may differ, relative to their size, or absolutely where that is less than 1.
    view : function, optional
        From an answer to the function that is compared in its place, where the answer itself returns what cannot be
        compared, such as random numbers.

    Examples
    --------
    >>> def _double(x, *, factor=2):
    ...     return factor * x
    >>> double = Check(_double, [(1,), (3,)], {"that is three times the number.": {"factor": 3}}, praise="doubled.")
    >>> double.outcome(lambda x: x + x)
    ✓ correct: doubled.
    >>> double.outcome(lambda x: x + x + x)
    ✗ not yet: that is three times the number.
    for the input 1
    expected:
    2
    got:
    3
    """

    def __init__(
        self,
        reference: Callable,
        cases: Sequence[tuple],
        mistakes: Mapping[str, Way | Sequence[Way]] | None = None,
        results: Sequence[str] = (),
        praise: str = "well done.",
        tolerance: float = 1e-6,
        view: Callable[[Callable], Callable] | None = None,
    ):
        self.reference, self.cases, self.results = reference, list(cases), tuple(results)
        self.mistakes = [(hint, way) for hint, ways in (mistakes or {}).items() for way in self._functions(ways)]
        self.praise, self.tolerance, self.view = praise, tolerance, view or (lambda answer: answer)

    def check(self, answer: Callable) -> Callable:
        """Show the outcome; return the answer where it is right, and the course's own function where it is not."""
        outcome = self.outcome(answer)
        display.show({"text/plain": str(outcome), "text/html": outcome._repr_html_()})
        return answer if outcome.state == CORRECT else self.reference

    def outcome(self, answer: Callable) -> Outcome:
        """Judge an answer, and leave the state of all random numbers as it was."""
        if answer is self.reference:
            message = "this is the course's own function. Run the cell with yours again, then this one."
            return Outcome(NOT_ATTEMPTED, message)
        if not callable(answer):
            came = type(answer).__name__
            return Outcome(NOT_YET, f"a function was expected, got {came}. Hand over its name, not its result.")
        with _random_state_kept(), np.errstate(all="ignore"):
            return self._judge(answer)

    def _judge(self, answer: Callable) -> Outcome:
        right = self.view(self.reference)
        expected = [right(*copy.deepcopy(case)) for case in self.cases]
        got, error = _call_all(self.view(answer), self.cases)
        wrong = [i for i, value in enumerate(got) if not same(value, expected[i], self.tolerance)]
        if not wrong and error is None:
            return Outcome(CORRECT, self.praise)
        hint = self._mistake(got, expected) if wrong else ""
        if error is not None and not hint:
            return self._stopped(error, answer, self.cases[len(got)])
        if all(value is None for value in got):
            return Outcome(NOT_YET, "it gives nothing back. Does it end with return?")
        first = wrong[0]
        hint = hint or self._symptom(self.view(answer), got, expected)
        return Outcome(
            NOT_YET, hint, _describe_case(self.cases[first]), {"expected": expected[first], "got": got[first]}
        )

    def _mistake(self, got: list, expected: list) -> str:
        """Return the hint of the mistake that computes what came, and stops where the answer stopped."""
        arrays = [symptoms.as_array(mine, right) for mine, right in zip(got, expected, strict=False)]
        for hint, way in self.mistakes:
            mistaken, error = _call_all(self.view(way), self.cases)
            alike = len(mistaken) == len(got) and not isinstance(error, _TooLongError)
            if alike and all(same(mine, other, self.tolerance) for mine, other in zip(arrays, mistaken, strict=True)):
                return hint
        return ""

    def _symptom(self, answer: Callable, got: list, expected: list) -> str:
        found = []
        seen = symptoms.Case(answer, self.view(self.reference), self.cases, got, expected, self.results, self.tolerance)
        _limited(lambda: found.append(symptoms.find(seen)))
        right = f"it is right for {sum(seen.right)} of {len(got)} inputs; a wrong one is below."
        nothing = f"it is wrong for all {len(got)} inputs; the first is below."
        return (found and found[0]) or (right if any(seen.right) else nothing)  # nothing fits, or it took too long

    def _functions(self, ways: Way | Sequence[Way]) -> list[Callable]:
        ways = ways if isinstance(ways, list | tuple) else [ways]
        return [way if callable(way) else partial(self.reference, **way) for way in ways]

    def _stopped(self, error: BaseException, answer: Callable, case: tuple) -> Outcome:
        """Say why an answer did not come to its end."""
        if isinstance(error, NotImplementedError):
            message = "write your answer in the cell above, run it, then run this one again."
            return Outcome(NOT_ATTEMPTED, message)
        if isinstance(error, _TooLongError):
            message = f"it ran for {SECONDS:g} seconds and was stopped. Does every loop come to an end?"
        elif isinstance(error, Remark):
            message = str(error)
        else:
            message = f"it stopped with {type(error).__name__}: {error}{_line_of(error, answer)}"
            advice = symptoms.of_error(error)
            message += f"{'' if message.endswith(('.', '?')) else '.'} {advice}" if advice else ""
        return Outcome(NOT_YET, message, _describe_case(case))


# Calling an answer ------------------------------------------------------------------------------------------------


class _TooLongError(BaseException):  # a BaseException, so that `except Exception` in an answer does not keep it
    pass


class Remark(Exception):  # noqa: N818
    """What a check's `view` has to say of an answer, word for word."""


def _call_all(answer: Callable, cases: Sequence[tuple]) -> tuple[list, BaseException | None]:
    """Call an answer on every case; return its results, and what stopped it, if anything did."""
    got: list = []

    def call():
        for case in cases:
            given = copy.deepcopy(case)
            result = answer(*given)
            for now, before in zip(given, case, strict=True):
                if isinstance(before, np.ndarray) and not np.array_equal(now, before):
                    raise Remark("it changes the array that it was given. Others need that: work on a new array.")
            got.append(result)

    error = _limited(call)
    return got, error


def _limited(work: Callable[[], None]) -> BaseException | None:
    """Run in a thread that is stopped after SECONDS, on a busy machine up to three times as late; return its error."""
    raised: list[BaseException] = []

    def run():
        try:
            with np.errstate(all="ignore"):
                work()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    began, used = time.monotonic(), time.process_time()
    thread.start()
    thread.join(SECONDS)
    while thread.is_alive() and time.process_time() - used < SECONDS and time.monotonic() - began < 3 * SECONDS:
        thread.join(0.1)
    if not thread.is_alive():
        return raised[0] if raised else None
    # Raise in the thread, again and again if it catches that; what sits in C code is left behind.
    give_up = time.monotonic() + 1
    while thread.is_alive() and time.monotonic() < give_up:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(_TooLongError))
        thread.join(0.05)
    return _TooLongError()


def as_in_training(answer: Callable, cure: str = "Use plain arithmetic.") -> Callable:
    """Call an answer as a training does: with tensors that have no values yet. `cure` says what to write instead."""
    import tensorflow as tf

    def call(*arrays):
        tensors = [tf.constant(array, tf.float32) for array in arrays]
        try:
            result = tf.function(answer, autograph=False).get_concrete_function(*tensors)(*tensors)
        except (NotImplementedError, TypeError) as error:
            if "symbolic" not in str(error):
                raise
            message = "A tensor has no value yet during training: neither NumPy nor a Python condition can use it."
            raise TypeError(f"{message} {cure}") from None
        return tf.nest.map_structure(np.asarray, result)

    return call


@contextlib.contextmanager
def _random_state_kept() -> Iterator[None]:
    """Leave random numbers where they were, whatever an answer draws; Keras' own belong to the answer's thread."""
    python, numpy = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)


def _line_of(error: BaseException, answer: Callable) -> str:
    """Say in which line of the reader's function an error arose."""
    code = getattr(answer, "__code__", None)
    step, line = error.__traceback__, ""
    while step is not None:
        if code is not None and step.tb_frame.f_code is code:
            line = f" (in line {step.tb_lineno - code.co_firstlineno + 1} of your function)"
        step = step.tb_next
    return line


# Showing ----------------------------------------------------------------------------------------------------------


ROWS, COLUMNS = 6, 8  # of an array that are shown


def _describe_case(case: tuple) -> str:
    """Say for which input something happened, its numbers if they are few."""
    numbers, rng = np.ndarray | np.generic, np.random.Generator
    shown = (np.array2string(v, separator=", ") if isinstance(v, numbers) else repr(v) for v in case)
    shown = ", ".join("rng" if isinstance(v, rng) else " ".join(s.split()) for v, s in zip(case, shown, strict=True))
    return f"for the input {shown}" if len(shown) <= 160 else "for " + ", ".join(map(form, case))


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
    first, second = (array.astype(float) for array in arrays)
    differs = ~np.isclose(first, second, equal_nan=True)
    rows = ""
    for i, row in enumerate(value[:ROWS, :COLUMNS]):
        cells = (f"<b>[{v:.4g}]</b>" if differs[i, j] else f"{v:.4g}" for j, v in enumerate(row))
        rows += "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
    more = "<br/>(its first rows and columns)" if value.shape[0] > ROWS or value.shape[1] > COLUMNS else ""
    return f"<table>{rows}</table>{more}"
