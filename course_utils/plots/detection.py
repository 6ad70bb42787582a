"""Pictures with boxes around what is in them."""

from collections.abc import Mapping, Sequence

import numpy as np

from .look import COLOURS, WIDTH, figure, show

ROOMY = 1.2  # inches: a narrower picture has no room for labels, and wants thin lines
LETTERS = 9  # points
THERE, FOUND = ("white", (0, (3, 2))), (COLOURS[4], "-")


def boxes(
    images: Sequence[np.ndarray],
    truths: Sequence[Mapping] = (),
    predictions: Sequence[Mapping] = (),
    class_names: Sequence[str] = (),
    titles: Sequence[str] = (),
    title: str = "",
    columns: int | None = None,
    key: tuple[str, str] = ("there", "found"),
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
    key : (str, str)
        What dashed and whole boxes are, in a legend where there are both.
    """
    for name, given in (("truths", truths), ("predictions", predictions), ("titles", titles)):
        if len(given) not in (0, len(images)):
            raise ValueError(f"{name}: expected {len(images)}, one a picture, got {len(given)}")
    if not len(images):
        raise ValueError("images: expected at least one, got none")
    if len(key) != 2:
        raise ValueError(f"key: expected two names, of dashed and of whole boxes, got {key!r}")
    columns = columns or min(len(images), 6)
    rows = -(-len(images) // columns)
    shape = max(image.shape[0] / image.shape[1] for image in images)
    height = min(0.97 * WIDTH / columns * shape, 6)
    both = all(any(len(one["boxes"]) for one in given) for given in (truths, predictions))
    made, axes = figure(rows, columns, (height + 0.28 * bool(titles)) * rows + 0.35 * bool(title) + 0.3 * both, title)
    for axis in axes.flat:
        axis.axis("off")
    room = height / shape >= ROOMY
    for number, (axis, image) in enumerate(zip(axes.flat, images, strict=False)):
        axis.imshow(image if image.shape[2] == 3 else image[..., 0], cmap="gray", vmin=0, vmax=1)
        if predictions:
            found, taken = predictions[number], []
            for box in found["boxes"]:
                _frame(axis, box, *FOUND, room)
            for i, box in enumerate(found["boxes"] if room and "labels" in found else ()):
                _label(axis, box, _name(found, i, class_names), image.shape, height / image.shape[0], taken)
        # Last, for where both are the same the dashes let see what is below them.
        for box in truths[number]["boxes"] if truths else ():
            _frame(axis, box, *THERE, room)
        if titles:
            axis.set_title(titles[number], fontsize=11)
    if both:
        _legend(made, key)
    show(made, alt or _told(title, titles, truths, predictions, class_names, key))


def _frame(axis, box: Sequence[float], colour: str, dash, room: bool) -> None:
    from matplotlib.patches import Rectangle

    x1, y1, x2, y2 = np.asarray(box, float) - 0.5  # a pixel's middle is at a whole number, its side half before
    thick = 1.8 if room else 1.0
    look = {"edgecolor": colour, "linestyle": dash, "linewidth": thick, "path_effects": _rim(thick)}
    axis.add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, **look))


def _rim(thick: float) -> list:
    """Return a dark rim for lines: with it they are seen on any ground."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=2 * thick, foreground="black")]


def _label(axis, box: Sequence[float], text: str, shape: Sequence[int], inches: float, taken: list) -> None:
    """Write above a box, below it, or inside, where no label of `taken` is; where there is no room, not at all."""
    size = LETTERS / 72 / inches  # of letters, in pixels of the image
    wide, high = 0.62 * size * len(text), 1.5 * size
    x = min(box[0], shape[1] - wide)
    for y in (box[1] - high, box[3], box[1], box[3] - high):
        inside = y >= -0.5 and y + high <= shape[0]
        if inside and all(x >= right or left >= x + wide or abs(y - top) >= high for left, right, top in taken):
            taken.append((x, x + wide, y))
            axis.text(
                x, y + high / 2, text, fontsize=LETTERS, color="white", clip_on=True, verticalalignment="center",
                bbox={"facecolor": "black", "pad": 0.8, "linewidth": 0},
            )  # fmt: skip
            return


def _legend(made, key: Sequence[str]) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=colour, linestyle=dash, linewidth=2.5, path_effects=_rim(2.5), label=name)
        for name, (colour, dash) in zip(key, (THERE, FOUND), strict=True)
    ]
    made.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False, fontsize=10, handlelength=3)


def _name(found: Mapping, i: int, class_names: Sequence[str]) -> str:
    label = int(found["labels"][i])
    name = class_names[label] if len(class_names) else str(label)
    return f"{name} {found['scores'][i]:.2f}" if "scores" in found else name


def _told(title, titles, truths, predictions, class_names, key) -> str:
    """Say how many boxes each picture has, and of up to four pictures what was found."""
    told = []
    for number in range(max(len(truths), len(predictions))):
        parts = [titles[number]] if titles else []
        if truths:
            parts.append(f"{len(truths[number]['boxes'])} {key[0]}")
        if predictions:
            found = predictions[number]
            parts.append(f"{len(found['boxes'])} {key[1]}")
            if "labels" in found and len(predictions) <= 4:
                parts += [_name(found, i, class_names) for i in range(len(found["boxes"]))]
        told.append(", ".join(parts))
    return f"{title or 'Pictures'}. Pictures with boxes: {'; '.join(told)}."
