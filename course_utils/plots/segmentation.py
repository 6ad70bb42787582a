"""Pictures with the objects in them, each in a colour of its own."""

from collections.abc import Sequence

import numpy as np

from .general import pictures
from .look import COLOURS

FINER = 4  # parts of a pixel's side, for outlines


def instances(
    images: Sequence[np.ndarray],
    objects: Sequence[np.ndarray],
    titles: Sequence[str] = (),
    title: str = "",
    columns: int | None = None,
    height: float | None = None,
    alt: str = "",
) -> None:
    """Show pictures with each object tinted and outlined, so that one sees which pixels are taken for one object.

    Parameters
    ----------
    images : sequence of array
        (height, width) or (height, width, 1 or 3), in 0 to 1.
    objects : sequence of array of int, one a picture
        (height, width): the object of each pixel, 0 for the background. Tints come again after a few objects: it is
        the outlines that tell objects apart.
    titles : sequence of str
        One a picture; default: how many objects it has.
    title : str
        What to see.
    columns : int, optional
        Pictures in a row; default: all, at most 8.
    height : float, optional
        Of a row, in inches.
    """
    if len(objects) != len(images):
        raise ValueError(f"objects: expected {len(images)}, one a picture, got {len(objects)}")
    counts = [len(np.setdiff1d(one, 0)) for one in objects]
    titles = titles or [f"{count} object{'s' * (count != 1)}" for count in counts]
    told = "; ".join(f"{name}: {count}" for name, count in zip(titles, counts, strict=True))
    tinted = [_tinted(*pair) for pair in zip(images, objects, strict=True)]
    pictures(
        tinted, titles, title, columns, height=height, span=(0, 1), alt=alt or f"{title}. Objects, tinted. {told}."
    )


def _tinted(image: np.ndarray, objects: np.ndarray) -> np.ndarray:
    from matplotlib.colors import to_rgb
    from skimage.segmentation import find_boundaries

    image, objects = np.asarray(image), np.asarray(objects)
    if objects.shape != image.shape[:2]:
        raise ValueError(f"objects: expected one number a pixel, {image.shape[:2]}, got shape {objects.shape}")
    colours = np.array([to_rgb(colour) for colour in COLOURS[:6]])
    grey = np.broadcast_to(image.reshape(*objects.shape, -1), (*objects.shape, 3))
    share = 0.4 * (objects > 0)[..., None]
    tinted = (1 - share) * grey + share * colours[(objects - 1) % len(colours)]
    # Larger, for outlines thinner than a pixel: white within, black around, so that they are seen on any ground.
    tinted, objects = (np.repeat(np.repeat(array, FINER, axis=0), FINER, axis=1) for array in (tinted, objects))
    tinted[find_boundaries(objects, mode="outer")] = 0
    tinted[find_boundaries(objects, mode="inner")] = 1
    return tinted
