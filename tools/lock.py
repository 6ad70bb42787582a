"""Renew the two locks from pyproject.toml: `make lock`.

Versions that are locked stay while the ranges allow them; `python tools/lock.py --upgrade` takes the newest.
requirements.txt holds everything on every platform; requirements-gpu.txt adds what `tensorflow[and-cuda]`
brings on Linux, at the versions that fit the first.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAD = "# Made by `make lock` from pyproject.toml: do not edit.\n"


def compiled(file: str, *options: str) -> str:
    """The lock that uv makes of pyproject.toml with these options, with the versions that `file` has so far."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--extra=lab", "--extra=dev"]
    command += ["--universal", "--generate-hashes", "--no-annotate", "--no-header", "--quiet", *options]
    subprocess.run([*command, f"--output-file={file}", *sys.argv[1:]], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return (ROOT / file).read_text()


def entries(lock: str) -> list[str]:
    """The lock's entries, each a requirement with its hashes."""
    return re.findall(r"^\S.*(?:\n[ \t]+.*)*", lock, flags=re.MULTILINE)


def main() -> None:
    """Write both files."""
    (ROOT / "requirements.txt").write_text(HEAD + compiled("requirements.txt"))
    gpu_options = ("--extra=gpu", "--no-strip-extras", "--constraint=requirements.txt")
    everything = entries(compiled("requirements-gpu.txt", *gpu_options))
    known = set(entries((ROOT / "requirements.txt").read_text()))
    gpu = [entry for entry in everything if entry not in known and re.match(r"nvidia-|tensorflow\[and-cuda\]", entry)]
    (ROOT / "requirements-gpu.txt").write_text(
        HEAD
        + "# For a GPU on Linux: pip install -r requirements-gpu.txt\n-r requirements.txt\n"
        + "\n".join(gpu)
        + "\n"
    )


if __name__ == "__main__":
    main()
