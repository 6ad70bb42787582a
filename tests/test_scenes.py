"""Scenes of digits with boxes: the boxes are true, and what is tested was not seen in training."""

import itertools

import numpy as np
import pytest

from course_utils import data
from course_utils.data import clutter, digits, photos, scenes

SMALL = scenes.Kind(96, {"train": 60, "validation": 20, "test": 20}, scenes.KINDS["scenes"].objects)
PARTS = ("train", "validation", "test")


@pytest.fixture(scope="module", params=scenes.KINDS)
def loaded(request):
    return data.load(request.param)


def test_no_photograph_and_no_original_is_in_two_parts(monkeypatch):
    names = list(itertools.chain(*scenes.PHOTOS.values()))
    assert len(names) == len(set(names)) == 16

    drawn, cut = [], []
    draw, backgrounds = digits.draw, clutter.backgrounds
    monkeypatch.setattr(digits, "draw", lambda ink, which, rng: drawn.append(set(which)) or draw(ink, which, rng))
    monkeypatch.setattr(clutter, "backgrounds", lambda names, *more: cut.append(names) or backgrounds(names, *more))
    scenes.make(SMALL)
    assert len(drawn) == 3 and not any(a & b for a, b in itertools.combinations(drawn, 2))
    assert [set(names) <= set(photos.NAMES[part]) for names, part in zip(cut, PARTS, strict=True)] == [True] * 3


def test_truths(loaded):
    kind = scenes.KINDS[loaded.name]
    for part in PARTS:
        for truth in getattr(loaded, part).truths:
            assert min(kind.objects) <= len(truth["boxes"]) <= max(kind.objects)
            assert len(truth["boxes"]) == len(truth["labels"])
            boxes = truth["boxes"]
            assert (boxes >= 0).all() and (boxes[:, :2] < boxes[:, 2:]).all() and (boxes <= kind.side).all()
    labels = np.concatenate([truth["labels"] for truth in loaded.train.truths])
    assert np.bincount(labels, minlength=10).min() > 0.08 * len(labels)  # no class is rare


def test_sizes_are_spread_evenly_over_factors(loaded):
    heights = np.concatenate([np.diff(truth["boxes"][:, 1::2]).ravel() for truth in loaded.train.truths])
    assert heights.min() == scenes.HEIGHTS[0] and heights.max() == scenes.HEIGHTS[1]
    middle = np.sqrt(np.prod(scenes.HEIGHTS))
    assert 0.4 < (heights < middle).mean() < 0.6


def test_digits_hardly_hide_one_another(loaded):
    for truth in loaded.train.truths:
        for a, b in itertools.combinations(truth["boxes"], 2):
            common = np.prod(np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None))
            assert common <= scenes.COMMON * min(np.prod(a[2:] - a[:2]), np.prod(b[2:] - b[:2])) + 1e-6


def test_a_box_is_exactly_its_digit(monkeypatch):
    """On black paper without noise, what is bright lies inside the boxes and touches their four sides."""
    kind = scenes.Kind(96, {"train": 30, "validation": 2, "test": 2}, (1, 4))
    monkeypatch.setattr(clutter, "backgrounds", lambda names, count, rng, size: np.zeros((count, size, size, 3)))
    monkeypatch.setattr(clutter, "dimmed", lambda pieces, rng: pieces)
    monkeypatch.setattr(clutter, "noisy", lambda pictures, rng: pictures)
    monkeypatch.setattr(clutter, "colours", lambda around, rng: np.ones((len(around), 3)))
    made = scenes.make(kind)
    ends = np.cumsum(made["train_counts"])[:-1]
    for image, boxes in zip(made["train_images"], np.split(made["train_boxes"], ends), strict=True):
        left = image[..., 0].copy()
        for x1, y1, x2, y2 in boxes:
            inside = image[y1:y2, x1:x2, 0]
            for side in (inside[0], inside[-1], inside[:, 0], inside[:, -1]):
                assert side.max() > 0.15
            left[y1:y2, x1:x2] = 0
        assert not left.any()


def test_each_digit_has_its_mask(loaded):
    """A mask reaches the sides of its box, or nearly so where another digit covers it."""
    for image, truth in zip(loaded.test.images, loaded.test.truths, strict=True):
        assert truth["instances"].shape == image.shape[:2]
        assert list(np.unique(truth["instances"][truth["instances"] > 0])) == [*range(1, len(truth["boxes"]) + 1)]
        for number, (x1, y1, x2, y2) in enumerate(truth["boxes"].astype(int)):
            rows, columns = np.nonzero(truth["instances"] == number + 1)
            assert x1 <= columns.min() <= x1 + 2 and x2 - 3 <= columns.max() < x2
            assert y1 <= rows.min() <= y1 + 3 and y2 - 4 <= rows.max() < y2


def test_resized_images_have_no_masks():
    assert set(data.load("one_digit").test.fitted(32, 32).truths[0]) == {"boxes", "labels"}
