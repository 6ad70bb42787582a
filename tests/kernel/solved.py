"""Run in a notebook's kernel behind each check: the solution must be right there, and leave nothing behind."""

import random
import re
import sys
import zlib

import numpy as np
from IPython import get_ipython
from IPython.utils.capture import capture_output


def prove(solution: str, check: str) -> None:
    """Run a solution and its check beside the notebook, in a namespace of their own; raise where anything is amiss.

    The check must say "correct" of the solution and must not of an answer that returns nonsense. Neither may change a
    name or an array of the notebook, nor what comes next of Python's, NumPy's and Keras' random numbers.
    """
    names = get_ipython().user_ns
    before, states = _contents(names), _random_states()
    said = _says(solution, check, names)
    assert "correct:" in said, f"with its solution the check says: {said}"
    name = re.search(r"^def (\w+)\(", solution, re.MULTILINE)[1]
    said = _says(f"def {name}(*given, **named):\n    return object()", check, names)
    assert "not yet:" in said, f"of an answer that returns nonsense the check says: {said}"
    after = _contents(names)
    changed = sorted(one for one in before.keys() | after.keys() if before.get(one) != after.get(one))
    assert not changed, f"the solution changes the notebook's {', '.join(changed)}"
    assert states == _random_states(), "the solution or its check changes the state of random numbers"


def _says(answer: str, check: str, names: dict) -> str:
    """What a check puts out of an answer."""
    space = dict(names)
    exec(answer, space)
    with capture_output() as captured:
        exec(check, space)
    return captured.stdout + " ".join(output.data.get("text/plain", "") for output in captured.outputs)


def _contents(names: dict) -> dict:
    """What each name of a notebook stands for, and what is in arrays and collections."""
    return {name: (id(value), _inside(value)) for name, value in names.items() if not name.startswith("_")}


def _inside(value):
    if isinstance(value, np.ndarray) and value.dtype != object:
        return zlib.crc32(np.ascontiguousarray(value).view(np.uint8).ravel()) if value.size else 0
    if isinstance(value, dict):
        return [(repr(key), id(one)) for key, one in value.items()]
    return list(map(id, value)) if isinstance(value, list | tuple) else None


def _random_states() -> str:
    states = [random.getstate(), [part.tolist() if hasattr(part, "tolist") else part for part in np.random.get_state()]]
    if "keras" in sys.modules:
        from keras.src.backend.common import global_state

        generator = global_state.get_global_attribute("global_seed_generator")
        states.append(None if generator is None else np.asarray(generator.state).tolist())
    return repr(states)
