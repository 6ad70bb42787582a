"""A reader's own data through whole weeks, with all their steps."""

import subprocess
import sys

import nbformat
import numpy as np
import pytest
from PIL import Image

from tests import own_data
from tools.lessons import ROOT


def images_by_class(folder):
    """Squares, bars and discs on noise, 24 of each, in a folder for each class."""
    rng = np.random.default_rng(0)
    rows, columns = np.ogrid[:40, :48]
    for name in ("square", "bar", "disc"):
        (folder / name).mkdir(parents=True)
        for number in range(24):
            row, column = rng.integers(12, 28), rng.integers(12, 36)
            inside = {
                "square": (abs(rows - row) < 8) & (abs(columns - column) < 8),
                "bar": (abs(rows - row) < 3) & (abs(columns - column) < 11),
                "disc": (rows - row) ** 2 + (columns - column) ** 2 < 64,
            }[name]
            image = rng.integers(0, 120, (40, 48, 3)) + 120 * inside[..., None]
            Image.fromarray(image.astype(np.uint8)).save(folder / name / f"{number}.png")


RUNS = {
    "week05_transfer_learning": images_by_class,
    "week07_fcn_detection": lambda folder: own_data.boxes(folder, 60),
    "week08b_yolo_and_masks": lambda folder: own_data.boxes(folder, 60),
    "week09a_segmentation_unet": lambda folder: own_data.masks(folder, 40),
}


@pytest.mark.parametrize("week", RUNS)
def test_whole_week_on_own_data(week, tmp_path):
    RUNS[week](tmp_path)
    command = [sys.executable, "tools/run.py", week, "--dataset", str(tmp_path)]
    command += ["--set", "ON_ERROR=drop"] if week.startswith(("week07", "week08")) else []
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    cells = nbformat.read(ROOT / f"build/runs/{week}.ipynb", as_version=4).cells
    assert "with the lesson's own data" in str([cell.get("outputs") for cell in cells])
