"""Start a kernel as Colab does, and note in the file that COLAB_WRITES names each path that it opens for writing."""

import os
import sys

_PLACES = {"os.mkdir": 0, "os.rename": 1, "os.link": 1, "os.symlink": 1}


def note(event: str, arguments: tuple) -> None:
    """Hear of every file that Python opens or makes."""
    if event == "open":
        path, mode, flags = arguments
        writes = any(letter in mode for letter in "wax+") if mode else flags & (os.O_WRONLY | os.O_RDWR)
        path = path if writes else None
    else:
        path = arguments[_PLACES[event]] if event in _PLACES else None
    # But for the file by which a notebook's front end and its kernel find each other.
    if isinstance(path, str | bytes) and path not in sys.argv:
        os.write(notes, os.fsencode(os.path.abspath(os.fsdecode(path))) + b"\n")


if __name__ == "__main__":
    import google.colab  # noqa: F401

    notes = os.open(os.environ["COLAB_WRITES"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    sys.addaudithook(note)
    from ipykernel import kernelapp

    kernelapp.launch_new_instance()
