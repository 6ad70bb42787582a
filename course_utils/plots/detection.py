"""Images with boxes around the objects in them."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..byhand.boxes import iou
from .look import COLOURS, WIDTH, grid, show

ROOMY = 1.2  # inches: a narrower picture has no room for labels, and wants thin lines
LETTERS = 9  # points
WRONG = "#b03a00"  # of labels that no true box bears out
STYLES = ("white", (0, (3, 2))), (COLOURS[4], "-")  # of true boxes and predicted ones: colour, dash


def boxes(
    images: Sequence[np.ndarray],
    truths: Sequence[Mapping] = (),
    predictions: Sequence[Mapping] = (),
    class_names: Sequence[str] = (),
    titles: Sequence[str] = (),
    title: str = "",
    columns: int | None = None,
    key: tuple[str, str] = ("there", "found"),
) -> None:
    """Show images with true boxes, white and dashed, and predicted boxes, orange with a solid line.

    Parameters
    ----------
    images : sequence of array
        (height, width, 1 or 3), in 0 to 1.
    truths, predictions : sequence of mappings, one an image
        With `boxes` (n, 4), x1 y1 x2 y2 in pixels; predictions also with `labels` and perhaps `scores`, which are
        written at the boxes where there is room, with a cross where no true box of that label is.
    class_names : sequence of str
        The name of each label.
    columns : int, optional
        Images in a row; default: all, at most 6.
    key : (str, str)
        What dashed and solid boxes are, in a legend where there are both.
    """
    columns = columns or min(len(images), 6)
    shape = max(image.shape[0] / image.shape[1] for image in images)
    height = min(0.97 * WIDTH / columns * shape, 6)
    both = all(any(len(one["boxes"]) for one in given) for given in (truths, predictions))
    made, axes = grid(len(images), columns, height + 0.28 * bool(titles), title, below=0.3 * both)
    room = height / shape >= ROOMY
    thick = 1.8 if room else 1.0
    for number, (axis, image) in enumerate(zip(axes, images, strict=True)):
        axis.imshow(image if image.shape[2] == 3 else image[..., 0], cmap="gray", vmin=0, vmax=1)
        if predictions:
            found, taken = predictions[number], []
            for box in found["boxes"]:
                _frame(axis, box, *STYLES[1], thick)
            for i, box in enumerate(found["boxes"] if room and "labels" in found else ()):
                name = _name(found, i, class_names, truths[number] if truths else {})
                _label(axis, box, name, image.shape, height / image.shape[0], taken)
        # Last, for where both are the same the dashes let see what is below them.
        for box in truths[number]["boxes"] if truths else ():
            _frame(axis, box, *STYLES[0], thick)
        if titles:
            axis.set_title(titles[number], fontsize=11)
    if both:
        wrong = any("✗" in text.get_text() for axis in axes for text in axis.texts)
        _legend(made, [*key, *["✗ no such object there"] * wrong])
    show(made, _alt_text(title, titles, truths, predictions, class_names, key))


def _line(colour: str, dash, thick: float) -> dict:
    """Return the look of a line with a dark rim: with it, it is seen on any ground."""
    from matplotlib.patheffects import withStroke

    rim = [withStroke(linewidth=2 * thick, foreground="black")]
    return {"color": colour, "linestyle": dash, "linewidth": thick, "path_effects": rim}


def _frame(axis, box: Sequence[float], colour: str, dash, thick: float) -> None:
    from matplotlib.patches import Rectangle

    x1, y1, x2, y2 = np.asarray(box, float) - 0.5  # a pixel's middle is at a whole number, its side half before
    axis.add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, **_line(colour, dash, thick)))


def _legend(made, key: Sequence[str]) -> None:
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], label=name, **_line(*style, 2.5)) for name, style in zip(key, STYLES, strict=False)]
    handles += [Line2D([], [], label=name, color=WRONG, linewidth=8) for name in key[2:]]
    made.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False, fontsize=10, handlelength=3)


def _label(axis, box: Sequence[float], text: str, shape: Sequence[int], inches: float, taken: list) -> None:
    """Write above a box, below it, or inside, where no label of `taken` is; where there is no room, not at all."""
    size = LETTERS / 72 / inches  # of letters, in pixels of the image
    wide, high = 0.62 * size * len(text), 1.5 * size
    x = min(box[0], shape[1] - wide)
    ground = WRONG if text.startswith("✗") else "black"
    look = {"color": "white", "va": "center", "bbox": {"facecolor": ground, "pad": 0.8, "linewidth": 0}}
    for y in (box[1] - high, box[3], box[1], box[3] - high):
        inside = y >= -0.5 and y + high <= shape[0]
        if inside and all(x >= right or left >= x + wide or abs(y - top) >= high for left, right, top in taken):
            taken.append((x, x + wide, y))
            axis.text(x, y + high / 2, text, fontsize=LETTERS, clip_on=True, **look)
            return


def _name(found: Mapping, i: int, class_names: Sequence[str], truth: Mapping) -> str:
    label = int(found["labels"][i])
    name = class_names[label] if len(class_names) else str(label)
    if "labels" in truth:
        fits = np.asarray(truth["labels"]) == label
        same = np.reshape(truth["boxes"], (-1, 4))[fits]
        name = name if (iou(found["boxes"][i][None], same) > 0.5).any() else f"✗ {name}"
    return f"{name} {found['scores'][i]:.2f}" if "scores" in found else name


def _alt_text(title, titles, truths, predictions, class_names, key) -> str:
    """Say how many boxes each image has, and of up to four images what was predicted."""
    described = []
    for number in range(max(len(truths), len(predictions))):
        parts = [titles[number]] if titles else []
        parts += [
            f"{len(given[number]['boxes'])} {name}"
            for name, given in zip(key, (truths, predictions), strict=True)
            if given
        ]
        if len(predictions) in range(1, 5) and "labels" in predictions[number]:
            found = predictions[number]
            truth = truths[number] if truths else {}
            parts += [_name(found, i, class_names, truth) for i in range(len(found["boxes"]))]
        described.append(", ".join(parts))
    return f"{title or 'Pictures'}. Pictures with boxes: {'; '.join(described)}."
