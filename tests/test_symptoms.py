"""Symptoms of wrong answers, told of references that no exercise has."""

import numpy as np
import pytest

from course_utils.judge import NOT_YET, Check

SQUARE, TALL = np.array([[1.0, -2.0], [3.5, 4.0]]), np.array([[5.0, 0.5], [2.0, 7.0], [-1.0, 6.0]])


def weigh(image, scale=1.0):
    """Weights of pixels."""
    return scale * image + 0.25


def moments(image):
    """Mean and largest of an image."""
    return image.mean(), image.max()


def difference(a, b):
    """How much larger a is than b."""
    return a - 2 * b


WEIGH = Check(weigh, [(SQUARE, 2.5), (TALL, 1.0), (TALL, 0.5)])
MOMENTS = Check(moments, [(SQUARE,), (TALL,)], results=("the mean", "the largest"))
DIFFERENCE = Check(difference, [(5, 1), (2, 7), (4, 4)])


def wrong_inside(image, scale=1.0):
    result = weigh(image, scale)
    result[-1] += 3
    return result


def only_for_scale_above_one(image, scale=1.0):
    return weigh(image, scale) + (scale > 1)


SYMPTOMS = {
    "came as a list": (WEIGH, lambda i, s: weigh(i, s).tolist()),
    "a tuple of 2": (WEIGH, lambda i, s: (-weigh(i, s), s + 1)),
    "number 2 of them": (WEIGH, lambda i, s: (s, weigh(i, s))),
    "rows and columns exchanged": (WEIGH, lambda i, s: weigh(i, s).T),
    "one long row": (WEIGH, lambda i, s: weigh(i, s).ravel()),
    "axis of length 1": (WEIGH, lambda i, s: weigh(i, s)[None]),
    "the sum of the expected": (WEIGH, lambda i, s: weigh(i, s).sum()),
    "with the other sign": (WEIGH, lambda i, s: -weigh(i, s)),
    "times 4": (WEIGH, lambda i, s: 4 * weigh(i, s)),
    "1 too small": (WEIGH, lambda i, s: weigh(i, s) - 1),
    "1 - x": (WEIGH, lambda i, s: 1 - weigh(i, s)),
    "1 / x": (WEIGH, lambda i, s: 1 / weigh(i, s)),
    "squared": (WEIGH, lambda i, s: weigh(i, s) ** 2),
    "in reverse order": (WEIGH, lambda i, s: weigh(i, s)[::-1]),
    "sorted by size": (WEIGH, lambda i, s: np.sort(weigh(i, s), axis=None).reshape(i.shape)),
    "rounded": (WEIGH, lambda i, s: weigh(i, s).round()),
    "cut off below 0": (WEIGH, lambda i, s: np.maximum(weigh(i, s), 0)),
    "does not depend on scale": (WEIGH, lambda i, s: weigh(i, 3.0)),
    "only the last row differs": (WEIGH, wrong_inside),
    "it is right for 2 of 3 inputs": (WEIGH, only_for_scale_above_one),
    "nan or infinity": (WEIGH, lambda i, s: np.log(-np.abs(weigh(i, s)))),
    "another order: it should be the mean, the largest": (MOMENTS, lambda i: moments(i)[::-1]),
    "2 results were expected": (MOMENTS, lambda i: i.mean()),
    "the mean is right. Of the largest": (MOMENTS, lambda i: (i.mean(), -i.max())),
    "a and b have changed places": (DIFFERENCE, lambda a, b: difference(b, a)),
    "does not depend on b": (DIFFERENCE, lambda a, b: a * 7),
    "whatever the input is, 3 comes out": (DIFFERENCE, lambda a, b: 3),
}


@pytest.mark.parametrize("words", SYMPTOMS)
def test_symptom_is_told(words):
    check, answer = SYMPTOMS[words]
    outcome = check.outcome(answer)
    assert outcome.state == NOT_YET
    assert words in outcome.message


def test_changed_input_is_told():
    check = Check(lambda image: image * np.arange(len(image))[:, None], [(SQUARE,), (TALL,)])
    assert "image with its rows in reverse" in check.outcome(lambda i: i[::-1] * np.arange(len(i))[:, None]).message


@pytest.mark.parametrize("value", [None, "text", object(), {}, float("nan"), [], np.zeros((0, 3)), [[1], [2, 3]]])
@pytest.mark.parametrize("check", [WEIGH, MOMENTS, DIFFERENCE])
def test_whatever_comes_is_told_of(check, value):
    outcome = check.outcome(lambda *given: value)
    assert outcome.state == NOT_YET and outcome.message


def test_list_of_yes_and_no_is_no_array():
    check = Check(lambda errors: errors > 2, [(np.array([1.0, 3.0, 5.0]),)])
    assert "came as a list" in check.outcome(lambda errors: [error > 2 for error in errors]).message
