"""Invented cells: the masks are true, cells touch and come apart, and brightness alone does not find them."""

import itertools

import numpy as np
import pytest
from scipy import ndimage
from skimage.filters import threshold_otsu

from course_utils import data
from course_utils.data import cells

PARTS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def loaded():
    return data.load("cells")


def test_masks_and_instances(loaded):
    for name in PARTS:
        images, masks, instances = getattr(loaded, name)
        assert masks.shape == instances.shape == images.shape[:3]
        assert masks.dtype == np.uint8 and instances.dtype == np.int32
        assert np.unique(masks).tolist() == [0, 1] and np.array_equal(masks == 1, instances > 0)
        for one in instances:
            assert cells.CELLS[0] <= one.max() <= cells.CELLS[1]
            assert np.array_equal(np.unique(one), np.arange(one.max() + 1))
            assert np.bincount(one.ravel()).min() >= cells.SMALLEST


@pytest.mark.parametrize("connectivity", [1, 2])
def test_pieces_of_the_mask_are_the_cells(loaded, connectivity):
    from skimage.measure import label

    for mask, instances in itertools.chain(*(zip(*getattr(loaded, name)[1:], strict=True) for name in PARTS)):
        pieces, count = label(mask, connectivity=connectivity, return_num=True)
        assert count == instances.max()
        # A pairing one to one: as many pairs of numbers as pieces.
        assert len(np.unique(np.stack([pieces, instances])[:, mask > 0], axis=1).T) == count


def nearest_other(instances, number):
    """The distance from a cell to the next one."""
    return ndimage.distance_transform_edt(instances != number)[(instances > 0) & (instances != number)].min()


def test_cells_touch_with_a_narrow_gap(loaded):
    distances = np.array(
        [nearest_other(one, number) for one in loaded.validation.instances for number in range(1, one.max() + 1)]
    )
    assert (distances <= 4).mean() > 0.9
    # At the narrowest place there is a pixel of background, mostly more: along a side there are two.
    assert distances.min() >= 2 and np.median(distances) > 2


def test_cells_are_no_discs_and_of_several_sizes(loaded):
    from skimage.measure import regionprops

    solid, diameters = [], []
    for instances in loaded.validation.instances:
        whole = [one for one in regionprops(instances) if min(one.bbox) > 0 and max(one.bbox[2:]) < 128]
        solid += [4 * np.pi * one.area / one.perimeter**2 for one in whole]
        diameters.append([one.equivalent_diameter_area for one in whole])
    assert np.median(solid) < 0.9  # of a disc: 1
    assert np.median([max(some) / min(some) for some in diameters if len(some) > 2]) > 1.5


def test_a_threshold_does_not_find_cells(loaded):
    """The card's figures: 0.44 on average, 0.67 at best."""
    best = []
    for image, mask in zip(loaded.test.images[..., 0], loaded.test.masks == 1, strict=True):
        bright = image > threshold_otsu(image)
        best.append(max((found & mask).sum() / (found | mask).sum() for found in (bright, ~bright)))
    assert np.mean(best) == pytest.approx(0.44, abs=0.01) and max(best) == pytest.approx(0.67, abs=0.01)


def test_cells_can_be_seen(loaded):
    """Cells are rougher than the background away from them: there is something to learn."""
    rougher = []
    for image, mask in zip(loaded.test.images[..., 0], loaded.test.masks == 1, strict=True):
        far = ndimage.distance_transform_edt(~mask) > 6
        detail = ndimage.gaussian_filter(image, 1) - ndimage.gaussian_filter(image, 4)
        if far.sum() > 200:
            rougher.append(detail[mask].std() > 1.2 * detail[far].std())
    assert len(rougher) > 40 and np.mean(rougher) > 0.8
