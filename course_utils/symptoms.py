"""What can be said of a wrong answer to any exercise: its form, shape, values, use of the input, and where it is wrong.

Each symptom is an observation, such as "your numbers are the expected ones, with the other sign". It is said only where
it fits every case that a check has tried.
"""

import copy
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from itertools import permutations

import numpy as np


@dataclass(frozen=True)
class Case:
    """An answer and a reference, the inputs that both were called with, and what came and should have come."""

    answer: Callable
    reference: Callable
    inputs: Sequence[tuple]
    got: list
    expected: list
    results: Sequence[str] = ()
    tolerance: float = 1e-6

    def fits(self, change: Callable) -> bool:
        """Tell whether `change`, made to what was expected, gives what came, in every case."""
        return all(same(mine, _quietly(change, right), self.tolerance) for mine, right in self.pairs)

    @property
    def pairs(self) -> list[tuple]:
        """What came and what should have come, case by case."""
        return list(zip(self.got, self.expected, strict=True))

    @property
    def right(self) -> list[bool]:
        """For which inputs the answer is right."""
        return [same(mine, wanted, self.tolerance) for mine, wanted in self.pairs]

    @property
    def names(self) -> list[str]:
        """The names of the arguments."""
        parameters = inspect.signature(self.reference).parameters.values()
        return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def find(case: Case) -> str:
    """Return the first symptom that fits, or "".

    Examples
    --------
    >>> find(Case(lambda x: -x, lambda x: x, [(1,), (2,)], [-1, -2], [1, 2]))
    'your numbers are the expected ones, with the other sign.'
    """
    for kind in (_results, _form, _shape, _values, _inputs, _positions, _some):
        found = next((symptom for symptom in kind(case) if symptom), "")
        if kind is _form:
            case = replace(case, got=[_like(mine, right) for mine, right in case.pairs])
        if found:
            return found
    return ""


def of_error(error: BaseException) -> str:
    """Say what is often behind an error that an answer stopped with, or "".

    Examples
    --------
    >>> of_error(ValueError("The truth value of an array with more than one element is ambiguous."))
    'Each entry of an array has its own yes or no here, and the code asks for a single one.'
    """
    text = str(error)
    if "truth value" in text:
        return "Each entry of an array has its own yes or no here, and the code asks for a single one."
    if "broadcast" in text or "ncompatible shapes" in text or "matmul" in text:
        return "Two arrays of different shapes meet there: which shape does each have?"
    if isinstance(error, IndexError):
        return "A position lies outside the array: how long is each of its axes?"
    if isinstance(error, ZeroDivisionError) or "math domain" in text:
        return "A division by zero, or a logarithm or root of a number that has none: which value is it?"
    if isinstance(error, RecursionError):
        return "The function calls itself without an end."
    return ""


# Comparing --------------------------------------------------------------------------------------------------------


def same(one, other, tolerance: float = 1e-6) -> bool:
    """Tell whether a result agrees with an expected one in structure, shape and, within the tolerance, every number.

    An array is expected to be an array; several results may come as a tuple or a list.

    Examples
    --------
    >>> same([1, np.array([2.0])], (1, np.array([2.0])))
    True
    >>> same([0, 0], np.zeros(2)), same(np.zeros((2, 1)), np.zeros(2)), same("1", 1)
    (False, False, False)
    """
    if isinstance(other, tuple):
        return (
            isinstance(one, tuple | list)
            and len(one) == len(other)
            and all(same(a, b, tolerance) for a, b in zip(one, other, strict=True))
        )
    if isinstance(one, tuple | list) and not isinstance(other, list):
        return False
    if isinstance(one, str) or isinstance(other, str):  # NumPy would read "1" as a number
        return isinstance(one, str) and isinstance(other, str) and one == other
    one, other = numbers(one), numbers(other)
    if one is None or other is None or one.shape != other.shape:
        return False
    return bool(np.allclose(one, other, rtol=tolerance, atol=tolerance, equal_nan=True))


def numbers(value) -> np.ndarray | None:
    """Return a result as an array of floats, or None where it is none."""
    if value is None or isinstance(value, str):
        return None
    try:
        return np.asarray(value, float)
    except (TypeError, ValueError):
        return None


def as_array(value, model):
    """Return a list or tuple as an array where an array was expected; any other value as it is."""
    if isinstance(model, tuple) and isinstance(value, list | tuple) and len(value) == len(model):
        return tuple(as_array(mine, right) for mine, right in zip(value, model, strict=True))
    listed = isinstance(value, list | tuple) and not isinstance(model, list | tuple) and numbers(value) is not None
    return np.asarray(value) if listed else value


def _like(value, model):
    """Return a list as an array where an array of its very shape was expected."""
    array = as_array(value, model)
    return array if isinstance(array, np.ndarray) and array.shape == np.shape(model) else value


def form(value) -> str:
    """Say what kind of thing a value is.

    Examples
    --------
    >>> form(np.zeros((2, 3))), form([1, 2])
    ('an array of shape (2, 3)', 'a list of 2 numbers')
    """
    if getattr(value, "ndim", 0):
        return f"an array of shape {tuple(value.shape)}"
    if isinstance(value, tuple | list):
        sizes = set(map(np.ndim, value)) if numbers(value) is not None and len(value) else ()
        of_what = "" if not sizes else " numbers" if sizes == {0} else " arrays"
        return f"a {type(value).__name__} of {len(value)}{of_what}"
    if value is None or isinstance(value, str):
        return "nothing" if value is None else f"the text {value!r}"
    if np.isscalar(value) or numbers(value) is not None:
        return f"the single value {value}"
    return f"a {type(value).__name__}"


def _quietly(function: Callable, *values):
    """Call, and return None where that fails."""
    try:
        with np.errstate(all="ignore"):
            return function(*values)
    except Exception:
        return None


# Kinds of symptoms ------------------------------------------------------------------------------------------------


def _results(case: Case) -> Iterator[str]:
    """Several results, or one where several were expected."""
    count = len(case.expected[0]) if isinstance(case.expected[0], tuple) else 1
    several = [isinstance(mine, tuple) for mine in case.got]
    if count == 1:
        if all(several) and len(set(map(len, case.got))) == 1:
            for i in range(len(case.got[0])):
                if all(same(mine[i], right, case.tolerance) for mine, right in case.pairs):
                    yield f"several results came; number {i + 1} of them is the expected one: return it alone."
        return
    names = case.results or [f"result {i + 1}" for i in range(count)]
    if not all(isinstance(mine, tuple | list) and len(mine) == count for mine in case.got):
        other = next(mine for mine in case.got if not (isinstance(mine, tuple | list) and len(mine) == count))
        yield f"{count} results were expected, {', '.join(names)}; what came is {form(other)}."
    orders = permutations(range(count)) if count <= 4 else ()
    if any(case.fits(lambda right, order=order: tuple(right[i] for i in order)) for order in orders):
        yield f"your results are the expected ones in another order: it should be {', '.join(names)}."
    wrong = [i for i in range(count) if not all(same(mine[i], right[i], case.tolerance) for mine, right in case.pairs)]
    if wrong:
        i = wrong[0]
        one = replace(
            case,
            got=[mine[i] for mine in case.got],
            expected=[right[i] for right in case.expected],
            answer=lambda *given: case.answer(*given)[i],
            reference=wraps(case.reference)(lambda *given: case.reference(*given)[i]),  # with its signature
            results=(),
        )
        found = find(one)
        fine = [names[j] for j in range(count) if j not in wrong]
        start = f"{', '.join(fine)} {'is' if len(fine) == 1 else 'are'} right. " if fine else ""
        yield (f"{start}Of {names[i]}: {found}" if found else f"{start}Wrong: {names[i]}." if fine else "")


def _form(case: Case) -> Iterator[str]:
    """A list where an array was expected, text, nothing, nan."""
    for mine, right in case.pairs:
        if isinstance(mine, list | tuple) and not isinstance(right, list | tuple):
            kind = type(mine).__name__
            alike = all(numbers(m) is not None and same(numbers(m), r, case.tolerance) for m, r in case.pairs)
            wanted = "an array" if np.ndim(right) else "a single number"
            yield f"the values are right, but they came as a {kind}: {wanted} was expected." if alike else ""
        if mine is None:
            yield "for some inputs nothing comes back. Does every way through the function end with return?"
        if isinstance(mine, str) and isinstance(right, str):
            yield f"{right!r} was expected; what came is {mine!r}." if mine != right else ""
        elif numbers(mine) is None:
            yield f"{form(right)} was expected; what came is {form(mine)}."
    finite = all(np.isfinite(numbers(right)).all() for right in case.expected if numbers(right) is not None)
    bad = [mine for mine in case.got if numbers(mine) is not None and not np.isfinite(numbers(mine)).all()]
    if finite and bad:
        yield "nan or infinity comes out: the root or logarithm of a negative number, or a division by zero?"


def _shape(case: Case) -> Iterator[str]:
    """Numbers that are right, in another shape; or another number of numbers."""
    shapes = [(np.shape(mine), np.shape(right)) for mine, right in case.pairs]
    if all(mine == right for mine, right in shapes):
        return
    if case.fits(np.transpose):
        yield "your numbers are the expected ones, with rows and columns exchanged."
    for axis in range(3):
        moved = [(axis, -1), (-1, axis)]
        if any(case.fits(lambda right, way=way: np.moveaxis(right, *way)) for way in moved):
            yield "your numbers are the expected ones, with the axes in another order."
    got = [numbers(mine) for mine in case.got]
    flat = all(
        same(mine.ravel(), numbers(right).ravel(), case.tolerance)
        for mine, right in zip(got, case.expected, strict=True)
    )
    if flat:
        lengths = [(len(mine), len(right)) for mine, right in shapes]
        if all(mine == 1 and right > 1 for mine, right in lengths):
            yield "your numbers are the expected ones in one long row: the shape is lost."
        kept = all(len(mine) > len(right) and 1 in mine for mine, right in shapes)
        detail = "an axis of length 1 is left over" if kept else "the shape is another one"
        i = next(i for i, (mine, right) in enumerate(shapes) if mine != right)
        yield f"your numbers are right, but {detail}: {form(case.expected[i])} was expected, {form(case.got[i])} came."
    for words, reduce in (("sum", np.sum), ("mean", np.mean), ("largest", np.max), ("smallest", np.min)):
        if case.fits(reduce):
            yield f"that is the {words} of the expected numbers: each of them was expected."
        if all(np.ndim(right) == 0 and mine.size > 1 for mine, right in zip(got, case.expected, strict=True)) and all(
            same(reduce(mine), right, case.tolerance) for mine, right in zip(got, case.expected, strict=True)
        ):
            yield f"the {words} of your numbers is the expected single number."
    i = next(i for i, (mine, right) in enumerate(shapes) if mine != right)
    yield f"{form(case.expected[i])} was expected; what came is {form(case.got[i])}."


CHANGES = {
    "with the other sign": np.negative,
    "taken from 1: you have 1 - x where x was expected": lambda x: 1 - np.asarray(x, float),
    "upside down: you have 1 / x where x was expected": np.reciprocal,
    "squared": np.square,
    "under a root": np.sqrt,
    "without their sign": np.abs,
    "rounded": np.round,
    "rounded down to whole numbers": np.floor,
    "rounded up to whole numbers": np.ceil,
    "without what follows the decimal point": np.trunc,
    "cut off below 0": lambda x: np.maximum(x, 0),
    "cut off at 0 and 1": lambda x: np.clip(x, 0, 1),
    "in reverse order": lambda x: np.asarray(x)[::-1],
    "with columns in reverse order": lambda x: np.asarray(x)[..., ::-1],
    "with rows and columns exchanged": np.transpose,
    "sorted by size": lambda x: np.sort(x, axis=None).reshape(np.shape(x)),
    "added up one after the other": np.cumsum,
    "divided by their sum": lambda x: x / np.sum(x),
    "divided by the largest": lambda x: x / np.max(x),
}


def _values(case: Case) -> Iterator[str]:
    """The expected numbers, changed in one way throughout."""
    if all(np.asarray(right).dtype == bool for right in case.expected) and case.fits(np.logical_not):
        yield "yes and no have changed places."
    for words, change in CHANGES.items():
        if case.fits(change):
            yield f"your numbers are the expected ones, {words}."
    got = np.concatenate([numbers(mine).ravel() for mine in case.got])
    right = np.concatenate([numbers(right).ravel() for right in case.expected])
    if got.shape != right.shape or len(got) < 2 or not np.isfinite(got).all():
        return
    # np.asarray(got) is what came in all cases, one after another: one case alone would fit any factor.
    several = len(case.got) > 1 and len(np.unique(right)) > 1
    factor = got @ right / (right @ right) if np.any(right) else 0
    if several and factor and not np.isclose(factor, 1) and same(got, factor * right, 1e-5):
        yield f"your numbers are the expected ones, times {factor:.4g}."
    if several and same(got - right, np.full_like(got, np.mean(got - right)), 1e-6):
        shift = np.mean(got - right)
        yield f"your numbers are the expected ones, {abs(shift):.4g} too {'large' if shift > 0 else 'small'}."
    if len(got) > 2 and same(got, np.full_like(got, got[0])) and len(np.unique(right)) > 1:
        one = case.got[0] if isinstance(case.got[0], bool) else f"{got[0]:.4g}"
        yield f"whatever the input is, {one} comes out."
    if all(same(np.sort(numbers(a), None), np.sort(numbers(b), None), case.tolerance) for a, b in case.pairs):
        yield "your numbers are the expected ones, in another order."
    for i, mine in enumerate(case.got):
        a, b = numbers(mine), numbers(case.expected[i])
        # Factors that belong to a case, such as the number of its values.
        ratio = a.ravel() @ b.ravel() / (b.ravel() @ b.ravel()) if b.any() else 0
        if a.size < 3 or not ratio or not same(a, ratio * b, 1e-5):
            return
    yield "your numbers are in the expected proportion to each other, and their size differs from input to input."


CHANGED_INPUTS = {
    "with rows and columns exchanged": np.transpose,
    "with its rows in reverse order": lambda x: x[::-1],
    "with its columns in reverse order": lambda x: x[:, ::-1],
    "turned by 180 degrees": np.flip,
    "rounded to whole numbers": lambda x: x.astype(int),
    "with the other sign": np.negative,
}


def _inputs(case: Case) -> Iterator[str]:
    """The right computation on something else than the input, or on a part of it."""
    names = case.names

    def reference_on(change: Callable) -> bool:
        changed = [_quietly(change, list(copy.deepcopy(given))) for given in case.inputs]
        if any(given is None for given in changed):
            return False
        outputs = [_quietly(case.reference, *given) for given in changed]
        return all(same(mine, other, case.tolerance) for mine, other in zip(case.got, outputs, strict=True))

    most = max(map(len, case.inputs))
    for i in range(most):
        for j in range(i + 1, most):
            if reference_on(lambda given, i=i, j=j: _exchanged(given, i, j)):
                yield f"{names[i]} and {names[j]} have changed places."
    ignored = [names[i] for i in range(most) if _ignores(case, i)]
    if ignored:
        yield f"your result does not depend on {' or '.join(ignored)}."
    for i in range(most):
        for words, change in CHANGED_INPUTS.items():
            if all(i < len(given) and isinstance(given[i], np.ndarray) for given in case.inputs) and reference_on(
                lambda given, i=i, change=change: [*given[:i], change(given[i]), *given[i + 1 :]]
            ):
                yield f"that is what comes out for {names[i]} {words}."


def _exchanged(given: list, i: int, j: int) -> list:
    given[i], given[j] = given[j], given[i]
    return given


def _ignores(case: Case, i: int) -> bool:
    """Tell whether another argument `i` never changes the answer, while it does change the reference."""
    changed = 0
    for given, before, right in zip(case.inputs, case.got, case.expected, strict=True):
        for other in _others(given[i]) if i < len(given) else ():
            now = [*copy.deepcopy(given[:i]), other, *copy.deepcopy(given[i + 1 :])]
            wanted = _quietly(case.reference, *copy.deepcopy(now))
            if wanted is None or same(wanted, right, case.tolerance):
                continue
            changed += 1
            mine = _quietly(case.answer, *now)
            if mine is None or not same(mine, before, case.tolerance):
                return False
    return changed > 1


def _others(value) -> list:
    """Return values of the same kind that are no multiple and no permutation of it."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value + 2]
    if isinstance(value, float):
        return [value * 1.25 + 0.01, value * 0.8 + 0.02]
    if not isinstance(value, np.ndarray) or not value.ndim:
        return []
    if np.isin(value, (0, 1)).all():
        return [1 - value.astype(int), np.roll(value, 1)]
    if value.dtype.kind == "f":
        slope = np.linspace(0.01, 0.03, value.size).reshape(value.shape)
        return [0.9 * value + slope, 0.8 * value[::-1] + slope]
    return [np.roll(value, 1), np.flip(value)]


def _positions(case: Case) -> Iterator[str]:
    """Wrong at some positions of arrays only."""
    border = zero = negative = first = last = True
    for mine, right in case.pairs:
        a, b = numbers(mine), numbers(right)
        if not b.ndim or b.size < 3:
            return
        differs = ~np.isclose(a, b, rtol=case.tolerance, atol=case.tolerance)
        inner = tuple(slice(1, -1) for _ in range(b.ndim))
        border &= not differs[inner].any() and min(b.shape) > 2
        zero &= not differs[b != 0].any()
        negative &= not differs[b >= 0].any()
        first &= not differs[1:].any()
        last &= not differs[:-1].any()
    if first or last:
        axes = {min(np.ndim(right), 2) for right in case.expected}
        where = {1: "number", 2: "row"}[axes.pop()] if len(axes) == 1 else "entry"
        yield f"only the {'first' if first else 'last'} {where} differs; the others are right."
    if border:
        yield "the inside is right; only at the border your numbers differ."
    if zero:
        yield "your numbers differ only where 0 was expected."
    if negative:
        yield "your numbers differ only where a negative number was expected."


def _some(case: Case) -> Iterator[str]:
    """Right for no input, but in most numbers."""
    if not any(case.right) and all(np.size(right) > 2 for right in case.expected):
        differ = [
            ~np.isclose(numbers(mine), numbers(right), case.tolerance, case.tolerance) for mine, right in case.pairs
        ]
        count, total = sum(d.sum() for d in differ), sum(d.size for d in differ)
        if count <= total / 3:
            yield f"{count} of {total} numbers differ; the others are right."
