"""Compare five detectors on the scenes: `python tools/measure_detectors.py`, about 20 minutes on one core.

It runs the code of weeks 7, 8a and 8b with three seeds, and writes data/detectors.json, which week 8b shows. What was
measured of one lesson and seed is kept in build/detectors; `--lesson` and `--seed` measure only that.
"""

import argparse
import contextlib
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ["COURSE_THREADS"] = "1"

import numpy as np

from course_utils import metrics
from tools import lessons
from tools.lessons import ROOT

SEEDS = 0, 1, 2
KEPT = ROOT / "build/detectors"
WRITTEN = ROOT / "data/detectors.json"
STOPS = {"week08a": None, "week08b": "def paste(", "week07": "large_truths ="}  # in the cell before which a run ends
# Of each detector: the lesson, and which of its trainings it needs. Fast and Faster R-CNN begin with R-CNN's weights.
DETECTORS = {
    "R-CNN": ("week08a", [0]),
    "Fast R-CNN": ("week08a", [0, 1]),
    "Faster R-CNN": ("week08a", [0, 2, 3]),
    "YOLO": ("week08b", [0]),
    "FCN of week 7": ("week07", [0, 1]),
}


def run(beginning: str, seed: int) -> tuple[dict, list[float]]:
    """Run a lesson with a seed; return its variables, and the CPU seconds of each training."""
    import keras

    seconds, fit = [], keras.Model.fit

    def timed(self, *arguments, **options):
        began = time.process_time()
        result = fit(self, *arguments, **options)
        seconds.append(time.process_time() - began)
        return result

    (lesson,) = lessons.find([beginning])
    variables: dict = {}
    keras.Model.fit = timed
    try:
        for cell in lessons.cells(lesson, "", solved=True):
            stop = STOPS[beginning]
            if stop and stop in cell.source:
                break
            if cell.cell_type == "code" and "claim" not in cell.metadata.get("tags", ()):
                code = cell.source.replace("setup(seed=0)", f"setup(seed={seed})")
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(compile(code, lesson.name, "exec"), variables)
    finally:
        keras.Model.fit = fit
    return variables, seconds


def detectors(beginning: str, made: dict) -> dict[str, tuple]:
    """Of each detector of a lesson: what it found in the test scenes, milliseconds a scene, number of weights."""
    from course_utils.weeks.week08a import milliseconds

    one = made["unseen"][:1]
    if beginning == "week08a":
        networks = {"R-CNN": "rcnn", "Fast R-CNN": "fast", "Faster R-CNN": "faster"}
        return {
            name: (made["detections"][name], sum(times.values()), made[network].count_params())
            for (name, network), times in zip(networks.items(), made["times"].values(), strict=True)
        }
    if beginning == "week08b":
        return {"YOLO": (made["found"], milliseconds(lambda: made["detect"](one)), made["yolo"].count_params())}
    fcn = made["fcn"]
    made["fcn"] = lambda images, training: fcn.predict_on_batch(images)  # compiled, as the others are
    took = milliseconds(lambda: made["detect"](one, made["OVERLAP"]))
    return {"FCN of week 7": (made["after"], took, fcn.count_params())}


def groups(images, truths: Sequence[Mapping]) -> dict[str, np.ndarray]:
    """For all objects of all images in turn, whether each is in the smallest, most crowded, faintest third."""
    height, gap, contrast = [], [], []
    for image, truth in zip(images, truths, strict=True):
        light = image.mean(axis=2)
        for k, box in enumerate(truth["boxes"]):
            apart = np.maximum(truth["boxes"][:, :2] - box[2:], box[:2] - truth["boxes"][:, 2:]).max(axis=1)
            x1, y1, x2, y2 = box.astype(int)
            around = slice(max(0, y1 - 2), y2 + 2), slice(max(0, x1 - 2), x2 + 2)
            inside, outside = truth["instances"][around] == k + 1, truth["instances"][around] == 0
            height.append(y2 - y1)
            gap.append(np.delete(apart, k).min(initial=np.inf))
            contrast.append(abs(light[around][inside].mean() - light[around][outside].mean()))
    values = {"small": height, "crowded": gap, "faint": contrast}
    thirds = {name: np.argsort(np.argsort(value, kind="stable")) < len(value) / 3 for name, value in values.items()}
    return {"all": np.ones(len(height), bool), **thirds}


def missed(truths: Sequence[Mapping], found: Sequence[Mapping]) -> np.ndarray:
    """For all objects in turn, whether the best detections, as many as there are objects, lack its box or its class."""
    count = sum(len(truth["boxes"]) for truth in truths)
    threshold = np.sort(np.concatenate([one["scores"] for one in found]))[-count:][0]
    best = [{key: values[one["scores"] >= threshold] for key, values in one.items()} for one in found]
    claimed = metrics.matches(truths, best)
    return np.concatenate([~np.isin(np.arange(len(t["boxes"])), c) for t, c in zip(truths, claimed, strict=True)])


def measure(beginning: str, seed: int) -> dict[str, dict]:
    """Measure all detectors of a lesson with one seed."""
    from course_utils.data import load
    from course_utils.weeks.week08b import judged

    made, seconds = run(beginning, seed)
    test = load("scenes").test
    truths = test.truths[:200]
    thirds = groups(test.images[:200], truths)
    result = {}
    for name, (found, took, weights) in detectors(beginning, made).items():
        wrong = missed(truths, found)
        result[name] = {
            **judged(truths, found),
            "milliseconds": took,
            "training seconds": sum(seconds[i] for i in DETECTORS[name][1]),
            "weights": weights,
            "missed": {group: float(wrong[chosen].mean()) for group, chosen in thirds.items()},
        }
    return result


def together(of_seeds: Sequence[Mapping]) -> dict:
    """Turn the measures of several seeds into lists, all but the number of weights."""
    return {
        key: together([one[key] for one in of_seeds])
        if isinstance(value, dict)
        else value
        if key == "weights"
        else [round(one[key], 4) for one in of_seeds]
        for key, value in of_seeds[0].items()
    }


def main() -> None:
    """Measure what is missing, each lesson and seed in a process of its own, and write all of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lesson", choices=STOPS)
    parser.add_argument("--seed", type=int, choices=SEEDS)
    chosen = parser.parse_args()
    KEPT.mkdir(parents=True, exist_ok=True)
    if chosen.lesson:
        path = KEPT / f"{chosen.lesson}_{chosen.seed}.json"
        path.write_text(json.dumps(measure(chosen.lesson, chosen.seed)))
        return
    for lesson, seed in ((lesson, seed) for lesson in STOPS for seed in SEEDS):
        if not (KEPT / f"{lesson}_{seed}.json").exists():
            subprocess.run([sys.executable, __file__, "--lesson", lesson, "--seed", str(seed)], check=True)
    every = {
        name: together([json.loads((KEPT / f"{lesson}_{seed}.json").read_text())[name] for seed in SEEDS])
        for name, (lesson, _) in DETECTORS.items()
    }
    WRITTEN.write_text(json.dumps(every, indent=1) + "\n")


if __name__ == "__main__":
    main()
