"""Where data is kept between runs."""

import contextlib
import os
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np


def folder() -> Path:
    """Return the cache's folder: COURSE_DATA, or else the platform's own for caches."""
    chosen = os.environ.get("COURSE_DATA")
    return Path(chosen).expanduser().absolute() if chosen else Path(quiet_pooch().os_cache("keras-image-course"))


def quiet_pooch():
    """Import pooch, which warns of missing widgets that nobody here needs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pooch
    return pooch


def made_once(name: str, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Return what `make` returns, from the cache if it was made before.

    A damaged file is made again. Where the cache cannot be written, the result is made and not kept.
    """
    path = folder() / f"{name}.npz"
    damaged = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)
    with contextlib.suppress(*damaged), open(path, "rb") as file:
        return dict(np.load(file, allow_pickle=False))
    print(f"Making {name}, once; this takes a few seconds ...")
    arrays = make()
    # Under another name until it is whole: two processes may write it at once.
    unfinished = path.with_name(f"{name}-{os.getpid()}.npz")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(unfinished, **arrays)
        unfinished.replace(path)
    return arrays
