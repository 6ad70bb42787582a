"""Drawn ears of wheat: the points are true, and what is tested was not seen in training."""

import itertools

import numpy as np
import pytest
from PIL import Image, ImageDraw

from course_utils import data
from course_utils.data import clutter, photos, scenes, wheat

SMALL = {"train": 40, "validation": 4, "test": 4}


@pytest.fixture(scope="module", params=wheat.KINDS)
def loaded(request):
    return data.load(request.param)


def test_points_and_counts(loaded):
    kind = wheat.KINDS[loaded.name]
    for part in photos.NAMES:
        images, points = getattr(loaded, part)
        assert len(points) == len(images) == kind.counts[part]
        assert all(one.shape == (len(one), 2, 2) and one.dtype == np.float32 for one in points)
        assert {len(one) for one in points} == {*kind.objects}
        every = np.concatenate(points)
        assert every.min() >= 4 and every.max() <= kind.side - 5
        lengths = np.linalg.norm(every[:, 0] - every[:, 1], axis=1)
        assert 0.9 * wheat.LENGTHS[0] < lengths.min() and lengths.max() <= wheat.LENGTHS[1] + 1e-3
        assert (every[:, 0, 1] < every[:, 1, 1]).mean() > 0.97  # ears grow upwards, with some bend


def test_counts_are_as_frequent_as_one_another():
    counts = [len(points) for points in data.load("wheat").train.points]
    assert np.bincount(counts).min() > 0.08 * len(counts)


def test_points_of_two_ears_are_apart():
    for points in data.load("wheat").train.points:
        for one, other in itertools.combinations(points, 2):
            assert np.linalg.norm(one[:, None] - other, axis=-1).min() > wheat.APART - 0.01


def test_no_photograph_is_in_two_parts(monkeypatch):
    cut, backgrounds = [], clutter.backgrounds
    monkeypatch.setattr(clutter, "backgrounds", lambda names, *more: cut.append({*names}) or backgrounds(names, *more))
    wheat.make(scenes.Kind(64, SMALL, (1,)))
    assert len(cut) == 3 and not any(a & b for a, b in itertools.combinations(cut, 2))


def test_points_are_where_the_drawing_has_them(monkeypatch):
    """The 13 spikelets, which are drawn last, begin at the base, lie about the axis and end at the tip."""
    rng, polygon, found = np.random.default_rng(0), ImageDraw.ImageDraw.polygon, []
    for _ in range(60):
        [axis] = wheat._placed(wheat.KINDS["one_ear"], rng)
        outlines = []
        with monkeypatch.context() as patched:
            patched.setattr(ImageDraw.ImageDraw, "polygon", lambda pen, outline, fill, to=outlines: to.append(outline))
            wheat._drawn(axis[None], 64, rng)
        paper = Image.new("L", (64 * wheat.FINE, 64 * wheat.FINE))
        for outline in outlines[-13:]:
            polygon(ImageDraw.Draw(paper), outline, 255)
        rows, columns = np.nonzero(np.asarray(paper.reduce(wheat.FINE)) > 64)
        tip, base, middle = axis[-1], axis[0], axis[4]
        unit = (tip - base) / np.linalg.norm(tip - base)
        seen = np.stack([columns, rows], axis=1) - base
        along, across = seen @ unit, seen @ [-unit[1], unit[0]]
        beside = np.abs(along - (middle - base) @ unit) < 3
        off_axis = (across[beside].min() + across[beside].max()) / 2 - (middle - base) @ [-unit[1], unit[0]]
        found.append([along.min(), along.max() - np.linalg.norm(tip - base), off_axis])
    # A spikelet ends in a point: some of its last pixel is missing.
    assert np.abs(found).max() < 2 and np.abs(np.mean(found, axis=0)).max() < 0.6, np.mean(found, axis=0)
