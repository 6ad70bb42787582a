"""Letters and digits on photographs: what the slim VGG learned from, and what week 5 asks of it."""

import itertools

import numpy as np

from course_utils import data
from course_utils.data import clutter, cluttered_digits, letters, photos


def test_no_photograph_is_behind_two_parts():
    parts = [set(names) for module in (letters, cluttered_digits) for names in module.PHOTOS.values()]
    assert sum(map(len, parts)) == len(set().union(*parts))
    assert set().union(*parts) <= set().union(*photos.NAMES.values())


def test_no_font_is_in_two_parts():
    fonts = list(itertools.chain(*letters.FONTS.values()))
    assert len(fonts) == len(set(fonts)) == 21 and len(set(letters.CLASSES)) == len(letters.CLASSES) == 41


def test_letters_have_their_form():
    made = letters.make({"train": 82, "test": 41})
    assert made["train_images"].shape == (82, 32, 32, 3) and made["train_images"].dtype == np.uint8
    assert (np.bincount(made["train_labels"]) == 2).all() and (np.bincount(made["test_labels"]) == 1).all()


def test_a_letter_is_wholly_in_its_picture_and_can_be_seen():
    labels = np.arange(len(letters.CLASSES))
    shapes = letters.shapes(labels, ["DejaVuSans"], np.random.default_rng(0))
    assert shapes.min() == 0 and shapes.max() > 0.9
    assert (shapes.sum(axis=(1, 2)) > 15).all()
    border = np.concatenate([shapes[:, [0, -1]].ravel(), shapes[:, :, [0, -1]].ravel()])
    assert border.mean() < 0.02


def test_a_shape_stands_out_from_its_piece_of_photograph():
    square = np.zeros((60, 32, 32), np.float32)
    square[:, 10:22, 10:22] = 1
    painted = clutter.painted(square, ["camera", "retina"], np.random.default_rng(0)) / 255
    grey = painted @ clutter.LUMINANCE
    inside, outside = grey[:, 10:22, 10:22].mean(axis=(1, 2)), grey[square == 0].reshape(60, -1).mean(axis=1)
    assert (np.abs(inside - outside) > 0.7 * clutter.CONTRAST).mean() > 0.95
    assert ((inside > outside).mean() > 0.25) and ((inside < outside).mean() > 0.25)
    assert (painted[:, 10:22, 10:22].std(axis=(1, 2)) < 0.06).all()  # one colour, and a little noise


def test_pieces_come_from_the_photographs_that_were_named():
    pieces = clutter.backgrounds(["rocket"], 30, np.random.default_rng(0))
    rocket = photos.read(["rocket"])[0]
    assert pieces.shape == (30, 32, 32, 3) and pieces.min() >= 0 and pieces.max() <= 1
    assert pieces.std(axis=0).max() > 0.05  # not the same piece
    colours = {tuple(colour) for colour in np.round(rocket.reshape(-1, 3) * 255).astype(int)}
    exact = [{tuple(c) for c in np.round(piece.reshape(-1, 3) * 255).astype(int)} <= colours for piece in pieces]
    assert sum(exact) >= 5  # those that are not shrunk have no other colours than the photograph


def test_few_draws_as_many_of_each_class_as_were_asked_for():
    labels = np.repeat([0, 1, 2], [20, 30, 4])
    part = data.Part(np.arange(54.0).reshape(54, 1, 1, 1), labels)
    few = part.few(5, seed=1)
    assert np.bincount(few.labels).tolist() == [5, 5, 4]
    numbers = few.images.ravel().astype(int)
    assert len(set(numbers)) == 14 and np.array_equal(labels[numbers], few.labels)
    assert np.array_equal(part.few(5, seed=1).images, few.images)
    assert not np.array_equal(part.few(5, seed=2).images, few.images)
    ten = set(part.few(10, seed=1).images.ravel())
    assert set(few.images.ravel()) <= ten  # more pictures are the few, and others
