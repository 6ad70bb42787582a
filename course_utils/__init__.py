"""The helper package of the course: what the notebooks use and do not teach.

Everything is loaded on first use, so that ``import course_utils`` costs nothing.
"""

from importlib import import_module

__all__ = ["by_size", "byhand", "data", "losses", "measures", "metrics", "models", "plots", "setup", "training"]


def __getattr__(name: str):
    if name in ("setup", "by_size"):
        return getattr(import_module(".runtime", __name__), name)
    if name in __all__:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"course_utils has no {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return __all__
