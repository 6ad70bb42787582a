"""Renew the two locks from pyproject.toml: `make lock`.

requirements.txt holds everything on every platform; requirements-gpu.txt adds what `tensorflow[and-cuda]`
brings on Linux, at the versions that fit the first.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAD = "# Made by `make lock` from pyproject.toml: do not edit.\n"


def compiled(*options: str) -> str:
    """The lock that uv makes of pyproject.toml with these options."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--extra=lab", "--extra=dev"]
    command += ["--universal", "--generate-hashes", "--no-annotate", "--no-header", "--quiet", *options]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def entries(lock: str) -> list[str]:
    """The lock's entries, each a requirement with its hashes."""
    return re.findall(r"^\S.*(?:\n[ \t]+.*)*", lock, flags=re.MULTILINE)


def main() -> None:
    """Write both files."""
    (ROOT / "requirements.txt").write_text(HEAD + compiled())
    everything = entries(compiled("--extra=gpu", "--no-strip-extras", "--constraint=requirements.txt"))
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
