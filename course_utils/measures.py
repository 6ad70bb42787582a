"""Figures that a notebook claims: shown beside their floors, held to them, and kept for comparison."""

import json
import math
import os

from . import display, runtime


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
    """Show a figure beside its floor or ceiling, and hold it to them.

    On data that the course does not ship the figure is only shown: its limits were measured on shipped data.
    Where COURSE_MEASURES names a file, a JSON line is added to it.

    Parameters
    ----------
    name : str
        What was measured.
    value : float
        The figure.
    at_least, at_most : float, optional
        Its limits.

    Raises
    ------
    AssertionError
        If the figure is beyond a limit, on the course's own data.

    Examples
    --------
    >>> record("accuracy", 0.98, at_least=0.97)
    accuracy: 0.98 (at least 0.97: yes)
    """
    if not isinstance(name, str) or not name:
        raise TypeError(f"name: expected the figure's name, got {name!r}")
    value = _number("value", value)
    limits = {"at_least": at_least, "at_most": at_most}
    limits = {key: _number(key, limit) for key, limit in limits.items() if limit is not None}
    kept = value >= limits.get("at_least", -math.inf) and value <= limits.get("at_most", math.inf)
    binding = not runtime.uses_own_data()

    shown = " and ".join(f"{key.replace('_', ' ')} {limit:.4g}" for key, limit in limits.items())
    if shown and binding:
        shown = f" ({shown}: {'yes' if kept else 'no'})"
    elif shown:
        shown = f" (with the lesson's own data {shown})"
    display.show_text(f"{name}: {value:.4g}{shown}", strong=f"{value:.4g}")

    file = os.environ.get("COURSE_MEASURES")
    if file:
        line = {
            "name": name,
            "value": value,
            **limits,
            "kept": kept,
            "size": runtime.run_size(),
            "own_data": not binding,
        }
        with open(file, "a", encoding="utf-8") as lines:
            lines.write(json.dumps(line) + "\n")
    if binding and not kept:
        raise AssertionError(f"{name} is {value:.4g}, which is not {shown.strip(' ()').removesuffix(': no')}")


def _number(name: str, value) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name}: expected a number, got {value!r}") from error
    if not math.isfinite(number):
        raise ValueError(f"{name}: expected a finite number, got {number}")
    return number
