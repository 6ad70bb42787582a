"""Invented hearts: each frame is frame 0 warped by the known motion, and the masks move with it."""

import itertools

import numpy as np
import pytest
from scipy import ndimage

from course_utils import data
from course_utils.data import heartbeats

PARTS = ("train", "validation", "test")
SMALL = {"train": 6, "validation": 3, "test": 3}


@pytest.fixture(scope="module")
def loaded():
    return data.load("heartbeats")


def warped(image, motion, order):
    """`image`, read at each pixel's place plus its motion, by SciPy."""
    return ndimage.map_coordinates(image, np.mgrid[:64, :64] + motion.transpose(2, 0, 1), order=order, mode="nearest")


def frames(part):
    """Each frame but the first: the images, masks and motion of its heart, and its number."""
    return itertools.product(zip(*part, strict=True), range(1, heartbeats.FRAMES))


def test_form(loaded):
    assert loaded.class_names == ("background", "muscle", "blood")
    for name in PARTS:
        images, masks, motion = part = getattr(loaded, name)
        assert masks.shape == (heartbeats.COUNTS[name], 5, 64, 64) == images.shape[:-1] == motion.shape[:-1]
        assert images.shape[-1] == 1 and motion.shape[-1] == 2
        assert images.dtype == motion.dtype == np.float32 and masks.dtype == np.uint8
        assert images.min() >= 0 and images.max() <= 1
        assert np.unique(masks).tolist() == [0, 1, 2] and not motion[:, 0].any()
        assert repr(part).startswith("MotionPart(images (")


def test_frames_are_frame_0_warped(monkeypatch):
    """To interpolation alone, where there is no noise."""
    monkeypatch.setattr(heartbeats, "COUNTS", SMALL)
    monkeypatch.setattr(heartbeats, "NOISE", 0)
    made = heartbeats.make()
    for name in PARTS:
        part = heartbeats.MotionPart(
            *(made[f"{name}_{field}"].astype(float) for field in ("images", "masks", "motion"))
        )
        for (images, _, motion), number in frames(part):
            inside = np.s_[4:-4, 4:-4]  # at the frame the spline of rounded values differs a little
            difference = (warped(images[0], motion[number], order=3).clip(0, 255) - images[number])[inside]
            assert np.abs(difference).max() < 3  # of 255; both were rounded


def test_noise_is_new_in_each_frame(loaded):
    for (images, _, motion), number in list(frames(loaded.test))[::7]:
        frame = images[number, ..., 0]
        difference = frame - warped(images[0, ..., 0], motion[number], order=3)
        assert 0.03 < difference.std() < 0.05  # of two noises of 0.03: 0.042


def test_masks_move_with_the_tissue(loaded):
    """The class of a pixel is that of the place in frame 0 that it came from, but for half a pixel at a border."""
    for (_, masks, motion), number in frames(loaded.test):
        moved = warped(masks[0], motion[number], order=0)
        assert (moved != masks[number]).mean() < 0.02
        border = ndimage.morphological_gradient(masks[number], 3) > 0
        assert not (moved != masks[number])[~border].any()


def test_muscle_is_one_ring_around_the_blood(loaded):
    for mask in loaded.test.masks.reshape(-1, 64, 64):
        for kind in (mask == 1, mask == 2, mask > 0):
            assert ndimage.label(kind)[1] == 1
        assert not (ndimage.binary_dilation(mask == 2) & (mask == 0)).any()
        assert not mask[[0, -1]].any() and not mask[:, [0, -1]].any()


def test_the_heart_contracts_and_its_muscle_keeps_its_area(loaded):
    area = np.stack([(loaded.test.masks == kind).sum(axis=(2, 3)) for kind in (1, 2)])
    assert (np.diff(area[1], axis=1) < 0).all()  # of the blood
    assert np.allclose(area[0, :, -1], area[0, :, 0], rtol=0.12)
    assert 0.3 < np.median(area[1, :, -1] / area[1, :, 0]) < 0.7


def test_motion_grows_from_frame_to_frame(loaded):
    """The card's figures."""
    _, masks, motion = loaded.test
    length = np.linalg.norm(motion, axis=-1)
    mean = [length[:, number][masks[:, number] == 1].mean() for number in range(5)]
    assert np.allclose(mean, np.arange(5) * mean[1], rtol=0.05) and mean[4] == pytest.approx(2.9, abs=0.1)
    assert length[masks == 1].max() == pytest.approx(8, abs=1)


def test_seeded_and_no_image_twice(monkeypatch):
    monkeypatch.setattr(heartbeats, "COUNTS", SMALL)
    one, two = heartbeats.make(), heartbeats.make()
    assert all(np.array_equal(one[key], two[key]) for key in one)
    images = np.concatenate([one[f"{part}_images"] for part in SMALL]).reshape(-1, 64, 64)
    assert len({image.tobytes() for image in images}) == 5 * 12
