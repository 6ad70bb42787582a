"""The measures of five detectors that week 8b shows, and how the tool that made them counts."""

import json

import numpy as np

from course_utils.weeks.week08b import judged
from tools import measure_detectors as tool

BOXES = np.array([[0.0, 0, 10, 10], [20, 0, 40, 20], [60, 60, 90, 90]])
TRUTH = {"boxes": BOXES, "labels": np.array([3, 5, 5]), "instances": np.zeros((96, 96), np.uint8)}
for number, (x1, y1, x2, y2) in enumerate(BOXES.astype(int)):
    TRUTH["instances"][y1 + 2 : y2 - 2, x1 + 2 : x2 - 2] = number + 1


def found(boxes, labels, scores):
    return [{"boxes": np.array(boxes), "labels": np.array(labels), "scores": np.array(scores)}]


def test_what_is_shown_is_complete():
    measured = json.loads(tool.WRITTEN.read_text())
    assert list(measured) == list(tool.DETECTORS)
    for one in measured.values():
        lists = [value for value in (*one.values(), *one["missed"].values()) if isinstance(value, list)]
        assert len(lists) == 9 and all(len(values) == len(tool.SEEDS) for values in lists)
        assert min(one["mAP"]) > 0.7 and one["weights"] > 50_000


def test_missed_are_objects_without_their_box_and_class_among_the_best_detections():
    detections = found([BOXES[1], BOXES[0], BOXES[2], BOXES[2]], [5, 3, 4, 5], [0.9, 0.8, 0.7, 0.1])
    assert tool.missed([TRUTH], detections).tolist() == [False, False, True]
    assert judged([TRUTH], detections)["positions alone"] == 1


def test_thirds_are_the_smallest_most_crowded_and_faintest():
    image = np.full((96, 96, 3), 0.5)
    for number, light in enumerate((0.9, 0.1, 0.6)):
        image[TRUTH["instances"] == number + 1] = light
    thirds = {name: chosen.tolist() for name, chosen in tool.groups([image], [TRUTH]).items()}
    assert thirds["small"] == [True, False, False] and thirds["faint"] == [False, False, True]
    assert thirds["crowded"] == [True, False, False] and all(thirds["all"])
