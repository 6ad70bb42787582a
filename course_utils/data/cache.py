"""Where data is kept between runs: written whole or not at all, verified before use."""

import contextlib
import hashlib
import os
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np


def folder() -> Path:
    """Return the cache's folder: COURSE_DATA, else the platform's place for caches."""
    chosen = os.environ.get("COURSE_DATA")
    if chosen:
        return Path(chosen).expanduser().absolute()
    return Path(pooch().os_cache("keras-image-course"))


def pooch():
    """Return the package, which warns of missing widgets that nobody here needs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pooch
    return pooch


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def made_once(name: str, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Return what `make` gives, from the cache if it was made before.

    A damaged file is made again. Where the cache cannot be written, the result is made and not kept.
    """
    path = folder() / f"{name}.npz"
    damaged = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)
    with contextlib.suppress(*damaged), open(path, "rb") as file:
        kept = np.load(file, allow_pickle=False)
        return {key: kept[key] for key in kept.files}
    print(f"Making {name}, once; this takes a few seconds ...")
    arrays = make()
    with contextlib.suppress(OSError):
        write_whole(path, lambda file: np.savez(file, **arrays))
    return arrays


def write_whole(path: Path, write: Callable) -> None:
    """Write a file so that others see it whole or not at all, also when two processes write it at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".unfinished")
    try:
        with open(handle, "wb") as file:
            write(file)
        os.replace(unfinished, path)
    except BaseException:
        os.unlink(unfinished)
        raise
