"""Values that a notebook claims: shown beside their limits, held to them, and kept for comparison."""

import json
import math
import os

from . import display, runtime

AMBER = "#b26a00"


def measured_on(name: str, loaded) -> None:
    """Say on which data set a lesson's limits were measured. On any other they are shown, and not held.

    Parameters
    ----------
    name : str
        Of the data set.
    loaded : DataSet
        The one that this run has loaded.
    """
    if loaded.name != name:
        runtime.note_own_data(loaded.name)


def record(name: str, value: float, at_least: float | None = None, at_most: float | None = None) -> None:
    """Show a value beside its minimum or maximum.

    A value beyond its limit is shown in amber, and the lesson goes on: another machine computes a little differently.
    Where COURSE_STRICT is set, as the tests and the build do, it is an AssertionError. On data that the course does
    not ship the limits are shown and not held. Where COURSE_MEASURES names a file, a JSON line is added to it.

    Parameters
    ----------
    name : str
        What was measured.
    value : float
        The value.
    at_least, at_most : float, optional
        Its limits.

    Examples
    --------
    >>> record("accuracy", 0.98, at_least=0.97)
    accuracy: 0.98 (at least 0.97: yes)
    """
    if not isinstance(name, str) or not name:
        raise TypeError(f"name: expected what was measured, got {name!r}")
    value = _number("value", value)
    limits = {"at_least": at_least, "at_most": at_most}
    limits = {key: _number(key, limit) for key, limit in limits.items() if limit is not None}
    kept = value >= limits.get("at_least", -math.inf) and value <= limits.get("at_most", math.inf)
    own_data = runtime.uses_own_data()

    limits_text = " and ".join(f"{key.replace('_', ' ')} {limit:.4g}" for key, limit in limits.items())
    strong = f"{value:.4g}"
    if not limits:
        display.show_text(f"{name}: {strong}", strong)
    elif own_data:
        display.show_text(f"{name}: {strong} (with the lesson's own data {limits_text})", strong)
    elif kept:
        display.show_text(f"{name}: {strong} ({limits_text}: yes)", strong)
    else:
        ranges = {"at_least": "{:.4g} and more", "at_most": "{:.4g} and less"}
        usual = ", ".join(ranges[key].format(limit) for key, limit in limits.items())
        display.show_text(f"{name}: {strong} here; {usual} where this was measured", strong, colour=AMBER)

    if os.environ.get("COURSE_MEASURES"):
        line = {"name": name, "value": value, **limits, "kept": kept, "size": runtime.run_size(), "own_data": own_data}
        with open(os.environ["COURSE_MEASURES"], "a", encoding="utf-8") as lines:
            lines.write(json.dumps(line) + "\n")
    if not kept and not own_data and runtime.strict():
        raise AssertionError(f"{name} is {strong}, which is not {limits_text}")


def _number(name: str, value) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name}: expected a number, got {value!r}") from error
    if not math.isfinite(number):
        raise ValueError(f"{name}: expected a finite number, got {number}")
    return number
