"""Week 7's crops and halves against NumPy's padding and scikit-image's means."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.transform import downscale_local_mean

from course_utils.weeks import week07

IMAGE = np.random.default_rng(0).random((13, 17, 3)).astype(np.float32)


@settings(deadline=None)
@given(x=st.floats(-30, 40), y=st.floats(-30, 40), side=st.integers(1, 20))
def test_a_crop_is_that_of_a_padded_image(x, y, side):
    window, (left, upper) = week07.crop(IMAGE, (x, y), side)
    padded = np.pad(IMAGE, ((60, 60), (60, 60), (0, 0)), constant_values=0.5)
    assert np.array_equal(window, padded[upper + 60 : upper + 60 + side, left + 60 : left + 60 + side])
    assert abs(left + side / 2 - x) <= 1 and abs(upper + side / 2 - y) <= 1


@pytest.mark.parametrize(("height", "width"), [(2, 2), (6, 8), (7, 9)])
def test_a_half_is_the_local_mean(height, width):
    images = np.random.default_rng(1).random((3, height, width, 2))
    expected = [downscale_local_mean(image[: height // 2 * 2, : width // 2 * 2], (2, 2, 1)) for image in images]
    assert np.allclose(week07.halve(images), expected)
