"""Settle in a Python environment what the course wants of it beyond packages; run by the Python that it is about.

Used where environments are made: by `make env` and by tools/elsewhere.py.
"""

import json
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LAB = {
    # Nobody is asked about news, and nothing is asked of the network.
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    # A notebook with sliders, saved and opened the next day, shows its pictures before anything has run.
    "@jupyter-widgets/jupyterlab-manager:plugin": {"saveState": True},
}
KERNELS = {"IPKernelApp": {"log_level": 40}}  # errors alone


def main() -> None:
    """Notebooks find course_utils in whatever folder their kernel starts; Jupyter is quiet."""
    Path(sysconfig.get_path("purelib"), "course_utils_here.pth").write_text(f"{ROOT}\n")
    for place, settings in {
        "share/jupyter/lab/settings/overrides.json": LAB,
        "etc/ipython/ipython_kernel_config.json": KERNELS,
    }.items():
        path = Path(sys.prefix, place)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings, indent=2))


if __name__ == "__main__":
    main()
