"""The course's one way to refuse an argument: name it, say what was expected and what came."""

from collections.abc import Iterable
from numbers import Integral


def integer(name: str, value, at_least: int) -> int:
    """Return `value` as an int, or refuse it.

    Examples
    --------
    >>> integer("stride", 2, at_least=1)
    2
    >>> integer("stride", 0, at_least=1)
    Traceback (most recent call last):
    ...
    ValueError: stride: expected a whole number of at least 1, got 0
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name}: expected a whole number of at least {at_least}, got {value!r}")
    if value < at_least:
        raise ValueError(f"{name}: expected a whole number of at least {at_least}, got {value}")
    return int(value)


def one_of(name: str, value, choices: Iterable):
    """Return `value` if it is one of `choices`, or refuse it.

    Examples
    --------
    >>> one_of("size", "quick", ["quick", "full"])
    'quick'
    """
    choices = list(choices)
    if value not in choices:
        raise ValueError(f"{name}: expected one of {', '.join(map(repr, choices))}, got {value!r}")
    return value
