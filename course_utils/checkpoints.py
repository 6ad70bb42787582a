"""Checkpoints: a training's whole state in one file, so that it can be stopped at any moment and go on unharmed.

A checkpoint is an .npz without pickle. Its last 64 characters, the comment of the zip archive that an .npz is, are the
SHA-256 of all that stands before them. It is written beside its place and then moved there in one go, so that a kill
leaves either all of it or nothing.
"""

import hashlib
import io
import json
import os
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from . import arguments

_SEAL = 64  # characters of a SHA-256
_UNFINISHED = "unfinished.part"  # one name, so that what kills leave behind does not pile up


def rng_state(rng: np.random.Generator) -> str:
    """Write down where a NumPy generator is in its sequence of random numbers, as text for `more` of a checkpoint.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> state = rng_state(rng)
    >>> first = rng.random()
    >>> set_rng_state(rng, state)
    >>> bool(rng.random() == first)
    True
    """
    return json.dumps(_generator(rng).bit_generator.state, default=lambda array: array.tolist())


def set_rng_state(rng: np.random.Generator, state: str) -> None:
    """Put a NumPy generator back to where `rng_state` found it; it has to be of the same kind."""
    if not isinstance(state, str):
        raise TypeError(f"state: expected text that rng_state wrote, got {type(state).__name__}")
    bits, kind = _generator(rng).bit_generator, type(rng.bit_generator).__name__
    try:
        state = json.loads(state)
        written = state["bit_generator"]
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"state: expected text that rng_state wrote, got {str(state)[:40]!r}") from error
    if written != kind:
        raise ValueError(f"state: expected that of a {kind}, as rng is, got that of a {written}")
    bits.state = state


class Checkpoints:
    """The newest states of one training, in a folder of its own.

    What is kept: all variables of the models, with moving statistics and the states of their seed generators; all
    variables of the optimizers, with iterations, learning rate and slots; and `more`. What is not: Keras' global seed
    generator, which `keras.random` uses without a seed; draw noise from a `keras.random.SeedGenerator` of a model, or
    from a NumPy generator, and put its `rng_state` into `more`.

    Parameters
    ----------
    folder : str or Path
        Made if it is not there.
    keep : int
        How many checkpoints to keep. From 2 on there is one to go back to if the newest is damaged.

    Examples
    --------
    >>> import tempfile
    >>> import keras
    >>> model, adam = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]), keras.optimizers.Adam()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     checkpoints = Checkpoints(folder)
    ...     print(checkpoints.restore({"line": model}, {"line": adam}))
    ...     checkpoints.save(3, {"line": model}, {"line": adam}, {"note": "half way"})
    ...     step, more = checkpoints.restore({"line": model}, {"line": adam})
    None
    >>> print(step, more["note"])
    3 half way
    """

    def __init__(self, folder: str | os.PathLike, keep: int = 2):
        if not isinstance(folder, str | os.PathLike):
            raise TypeError(f"folder: expected a path, got {type(folder).__name__}")
        self.folder, self.keep = Path(folder), arguments.integer("keep", keep, at_least=1)

    def save(self, step: int, models: Mapping, optimizers: Mapping, more: Mapping | None = None) -> None:
        """Write a checkpoint, and remove what is then too many.

        Checkpoints of later steps are removed too: a training that went back must not resume from its former future.

        Parameters
        ----------
        step : int
            How many steps are done.
        models : dict of keras.Model
            All that are trained, by names of your choice.
        optimizers : dict of keras.optimizers.Optimizer
            Theirs. They may train weights of `models` only.
        more : dict of array, number or str, optional
            What else the training needs to go on.
        """
        step = arguments.integer("step", step, at_least=0)
        models, optimizers, more = _models(models), _optimizers(optimizers), _more(more)
        arrays, trained = {}, {}
        for name, variables in models.items():
            arrays |= {f"models/{name}/{i}": _array(variable) for i, variable in enumerate(variables)}
        for name, optimizer in optimizers.items():
            arrays |= {f"optimizers/{name}/{i}": _array(variable) for i, variable in enumerate(optimizer.variables)}
            trained[name] = [type(optimizer).__name__, len(optimizer.variables), _trained(name, optimizer, models)]
        arrays |= {f"more/{name}": value for name, value in more.items()}
        contents = {
            "step": step,
            "models": {name: len(variables) for name, variables in models.items()},
            "optimizers": trained,
            "more": list(more),
        }
        self._write(step, {"contents": np.array(json.dumps(contents)), **arrays})
        files = self._files()
        earlier = sorted(number for number in files if number < step)
        for number in earlier[: max(len(earlier) - self.keep + 1, 0)] + [number for number in files if number > step]:
            files[number].unlink(missing_ok=True)

    def restore(self, models: Mapping, optimizers: Mapping) -> tuple[int, dict] | None:
        """Give models and optimizers the newest state that is whole.

        Parameters
        ----------
        models : dict of keras.Model
            By the names that they were saved with; built.
        optimizers : dict of keras.optimizers.Optimizer
            By the names that they were saved with; those that are not built yet are built.

        Returns
        -------
        (int, dict) or None
            How many steps were done, and `more`: arrays, and NumPy's numbers and text. None if there is nothing to
            go on from. Nothing is changed if what was saved does not fit.
        """
        models, optimizers = _models(models), _optimizers(optimizers)
        for _, path in sorted(self._files().items(), reverse=True):
            saved = _read(path)
            if saved is None:
                print(f"{path.name} is damaged and was passed over.")
                continue
            contents = json.loads(str(saved["contents"]))
            pairs = _for_models(models, contents["models"], saved, path.name)
            pairs += _for_optimizers(optimizers, contents["optimizers"], saved, path.name, models)
            for variable, value in pairs:
                variable.assign(value)
            return contents["step"], {name: saved[f"more/{name}"][()] for name in contents["more"]}
        return None

    def _files(self) -> dict[int, Path]:
        if not self.folder.is_dir():
            return {}
        named = ((re.fullmatch(r"step-(\d{8,})\.npz", path.name), path) for path in self.folder.iterdir())
        return {int(match[1]): path for match, path in named if match and path.is_file()}

    def _write(self, step: int, arrays: dict[str, np.ndarray]) -> None:
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, **arrays)
        with zipfile.ZipFile(buffer, "a") as archive:
            archive.comment = b"0" * _SEAL
        content = buffer.getvalue()[:-_SEAL]
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self.folder / _UNFINISHED
        with unfinished.open("wb") as file:
            file.write(content)
            file.write(_seal(content))
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, self.folder / f"step-{step:08d}.npz")


def _seal(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def _read(path: Path) -> dict[str, np.ndarray] | None:
    """Return what a file holds, or None if it is not what was written."""
    content = path.read_bytes()
    if len(content) <= _SEAL or _seal(content[:-_SEAL]) != content[-_SEAL:]:
        return None
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        return dict(file)


def _array(variable) -> np.ndarray:
    import keras

    array = keras.ops.convert_to_numpy(variable)
    return array.astype(np.float32) if array.dtype.kind == "V" else array  # bfloat16, which .npz does not know


def _trained(name: str, optimizer, models: dict[str, list]) -> list | None:
    """Say which variables an optimizer trains: the model and the place of each; None if it does not know yet."""
    if not optimizer.built:
        return None
    places = {id(one): [model, i] for model, variables in models.items() for i, one in enumerate(variables)}
    for one in optimizer._trainable_variables:
        if id(one) not in places:
            raise ValueError(f"optimizers[{name!r}]: expected that it trains weights of models, got {one.path}")
    return [places[id(one)] for one in optimizer._trainable_variables]


def _for_models(models: dict[str, list], counts: dict[str, int], saved: dict, file: str) -> list[tuple]:
    _same_names("models", models, counts, file)
    return [pair for name in counts for pair in _pairs("models", name, models[name], counts[name], saved, file)]


def _for_optimizers(optimizers: dict, kept: dict[str, list], saved: dict, file: str, models: dict) -> list[tuple]:
    _same_names("optimizers", optimizers, kept, file)
    pairs = []
    for name, (kind, count, trained) in kept.items():
        optimizer, who = optimizers[name], f"optimizers[{name!r}]"
        if type(optimizer).__name__ != kind:
            raise ValueError(f"{who}: expected {kind}, as in {file}, got {type(optimizer).__name__}")
        weights = [models[model][i] for model, i in trained or ()]
        if optimizer.built and trained is None:
            raise ValueError(f"{who}: expected one that has not trained yet, as in {file}, got one that has")
        if optimizer.built and list(map(id, optimizer._trainable_variables)) != list(map(id, weights)):
            raise ValueError(f"{who}: expected that it trains the same weights as in {file}, got others")
        if trained is not None and not optimizer.built:
            optimizer.build(weights)
        pairs += _pairs("optimizers", name, optimizer.variables, count, saved, file)
    return pairs


def _pairs(group: str, name: str, variables: list, count: int, saved: dict, file: str) -> list[tuple]:
    """Put each variable together with what was saved of it, if that fits."""
    who = f"{group}[{name!r}]"
    if len(variables) != count:
        raise ValueError(f"{who}: expected {count} variables, as in {file}, got {len(variables)}")
    values = [saved[f"{group}/{name}/{i}"] for i in range(count)]
    for variable, value in zip(variables, values, strict=True):
        now = _array(variable)
        if (now.shape, now.dtype) != (value.shape, value.dtype):
            raise ValueError(
                f"{who}: expected {variable.path} of shape {value.shape}, {value.dtype}, as in {file}, "
                f"got shape {now.shape}, {now.dtype}"
            )
    return list(zip(variables, values, strict=True))


# Arguments --------------------------------------------------------------------------------------------------------


def _named(group: str, values, expected: str) -> dict:
    if not isinstance(values, Mapping):
        raise TypeError(f"{group}: expected a dictionary of {expected} by name, got {type(values).__name__}")
    for name in values:
        if not isinstance(name, str) or not name.isprintable() or not name:
            raise TypeError(f"{group}: expected names that are text, got {name!r}")
    return dict(values)


def _models(models) -> dict[str, list]:
    """Return the variables of each model."""
    models = _named("models", models, "models")
    if models:
        import keras

        for name, model in models.items():
            if not isinstance(model, keras.Layer):
                raise TypeError(f"models[{name!r}]: expected a Keras model, got {type(model).__name__}")
            if not model.built:
                raise ValueError(f"models[{name!r}]: expected a model that is built, got one without weights yet")
    return {name: model.variables for name, model in models.items()}


def _optimizers(optimizers) -> dict:
    optimizers = _named("optimizers", optimizers, "optimizers")
    if optimizers:
        import keras

        for name, optimizer in optimizers.items():
            if not isinstance(optimizer, keras.optimizers.Optimizer):
                raise TypeError(f"optimizers[{name!r}]: expected a Keras optimizer, got {type(optimizer).__name__}")
    return optimizers


def _more(more) -> dict[str, np.ndarray]:
    arrays = {}
    for name, value in _named("more", {} if more is None else more, "arrays, numbers or text").items():
        try:
            arrays[name] = np.asarray(value)
        except ValueError:  # lists of different lengths
            arrays[name] = np.empty(0, object)
        if arrays[name].dtype.kind not in "biufcU":
            raise TypeError(f"more[{name!r}]: expected an array, a number or text, got {type(value).__name__}")
    return arrays


def _same_names(group: str, given: dict, kept: dict, file: str) -> None:
    if set(given) != set(kept):
        expected, came = (", ".join(sorted(names)) or "none" for names in (kept, given))
        raise ValueError(f"{group}: expected {expected}, as in {file}, got {came}")


def _generator(rng) -> np.random.Generator:
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng: expected a numpy.random.Generator, got {type(rng).__name__}")
    return rng
