"""Pictures with boxes around what is in them."""

from collections.abc import Mapping, Sequence

import numpy as np

from .look import COLOURS, WIDTH, figure, show

ROOMY = 1.2  # inches: a narrower picture has no room for labels, and wants thin lines


def boxes(
    images: Sequence[np.ndarray],
    truths: Sequence[Mapping] = (),
    predictions: Sequence[Mapping] = (),
    class_names: Sequence[str] = (),
    titles: Sequence[str] = (),
    title: str = "",
    columns: int | None = None,
    alt: str = "",
) -> None:
    """Show pictures with the boxes that are there, white and dashed, and those that were found, orange and whole.

    Parameters
    ----------
    images : sequence of array
        (height, width, 1 or 3), in 0 to 1.
    truths, predictions : sequence of mappings, one a picture
        With `boxes` (n, 4), x1 y1 x2 y2 in pixels; predictions also with `labels` and perhaps `scores`, which are
        written at the boxes where there is room.
    class_names : sequence of str
        The name of each label.
    titles : sequence of str
        One a picture.
    title : str
        What to see.
    columns : int, optional
        Pictures in a row; default: all, at most 6.
    """
    for name, given in (("truths", truths), ("predictions", predictions), ("titles", titles)):
        if len(given) not in (0, len(images)):
            raise ValueError(f"{name}: expected {len(images)}, one a picture, got {len(given)}")
    if not len(images):
        raise ValueError("images: expected at least one, got none")
    columns = columns or min(len(images), 6)
    rows = -(-len(images) // columns)
    shape = max(image.shape[0] / image.shape[1] for image in images)
    height = min(0.97 * WIDTH / columns * shape, 6)
    made, axes = figure(rows, columns, (height + 0.28 * bool(titles)) * rows + 0.35 * bool(title), title)
    for axis in axes.flat:
        axis.axis("off")
    room = height / shape >= ROOMY
    for number, (axis, image) in enumerate(zip(axes.flat, images, strict=False)):
        axis.imshow(image if image.shape[2] == 3 else image[..., 0], cmap="gray", vmin=0, vmax=1)
        for box in truths[number]["boxes"] if truths else ():
            _frame(axis, box, "white", "--", room)
        if predictions:
            found = predictions[number]
            for i, box in enumerate(found["boxes"]):
                _frame(axis, box, COLOURS[4], "-", room)
                if room and "labels" in found:
                    _label(axis, box, _name(found, i, class_names), image.shape[0])
        if titles:
            axis.set_title(titles[number], fontsize=11)
    show(made, alt or _told(title, titles, truths, predictions, class_names))


def _frame(axis, box: Sequence[float], colour: str, dash: str, room: bool) -> None:
    from matplotlib.patches import Rectangle

    x1, y1, x2, y2 = np.asarray(box, float) - 0.5  # a pixel's middle is at a whole number, its side half before
    thick = 1.8 if room else 1.0
    for width, edge, style in ((2 * thick, "black", "-"), (thick, colour, dash)):  # dark below: seen on any ground
        look = {"edgecolor": edge, "linewidth": width, "linestyle": style}
        axis.add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, **look))


def _label(axis, box: Sequence[float], text: str, height: int) -> None:
    above = box[1] > 0.12 * height
    axis.text(
        box[0], box[1] - 1.5 if above else box[3] + 1, text, fontsize=9, color="white", clip_on=True,
        verticalalignment="bottom" if above else "top", bbox={"facecolor": "black", "pad": 0.8, "linewidth": 0},
    )  # fmt: skip


def _name(found: Mapping, i: int, class_names: Sequence[str]) -> str:
    label = int(found["labels"][i])
    name = class_names[label] if len(class_names) else str(label)
    return f"{name} {found['scores'][i]:.2f}" if "scores" in found else name


def _told(title, titles, truths, predictions, class_names) -> str:
    """Say how many boxes each picture has, and of up to four pictures what was found."""
    told = []
    for number in range(max(len(truths), len(predictions))):
        parts = [titles[number]] if titles else []
        if truths:
            parts.append(f"{len(truths[number]['boxes'])} there")
        if predictions:
            found = predictions[number]
            parts.append(f"{len(found['boxes'])} found")
            if "labels" in found and len(predictions) <= 4:
                parts += [_name(found, i, class_names) for i in range(len(found["boxes"]))]
        told.append(", ".join(parts))
    return f"{title or 'Pictures'}. Pictures with boxes: {'; '.join(told)}."
