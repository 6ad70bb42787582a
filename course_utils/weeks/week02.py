"""Week 2: the checks of its exercises."""

import math
from collections.abc import Mapping

import numpy as np

from ..byhand.convolution import (
    SOBEL_COLUMNS,
    SOBEL_ROWS,
    average_pool2d,
    convolve2d,
    correlate2d,
    max_pool2d,
)
from ..byhand.convolution import output_size as _output_size
from ..judge import Check
from ..plots.look import COLOURS, explore, figure, show

_IMAGE = np.array([[1, 4, 3, 2, 2], [2, 1, 7, 4, 6], [3, 4, 6, 1, 8], [2, 1, 5, 3, 7], [1, 7, 3, 5, 2]])
_PAIRS = [
    (np.array([[1, 2], [3, 4]]), np.array([[1, 10], [100, 1000]])),
    (_IMAGE[:3] / 2, np.array([[1.0, 0.0, -2.0], [0.5, 3.0, 1.0]])),
    (_IMAGE, np.array([[0.5, 0.25], [-0.5, 1.5]])),  # whole numbers under fractions
]

correlate = Check(
    correlate2d,
    cases=_PAIRS,
    mistakes={
        "you flipped the kernel. Lay it on the image as it is printed.": convolve2d,
        "the last row and column of positions are missing. How many has a kernel as wide as the image?": (
            lambda i, k: correlate2d(i, k)[:-1, :-1]
        ),
        "fractions are lost: an array made like the image holds whole numbers only.": (
            lambda i, k: correlate2d(i, k).astype(i.dtype)
        ),
    },
    praise="products and a sum, at each position: there is no more to it.",
)

convolve = Check(
    convolve2d,
    cases=_PAIRS,
    mistakes={
        "the kernel is not flipped yet: this is still the correlation.": correlate2d,
        "only one axis of the kernel is flipped. Flip both.": [
            lambda i, k: correlate2d(i, k[::-1]),
            lambda i, k: correlate2d(i, k[:, ::-1]),
        ],
        "that is a quarter turn. A flip of both axes is a half turn.": lambda i, k: correlate2d(i, np.rot90(k)),
    },
    praise="a half turn of the kernel, and nothing else, tells the two apart.",
)


def _edge_strength(image, *, length=np.hypot):
    """How strong the edge is at each position, whatever its direction."""
    return length(correlate2d(image, SOBEL_COLUMNS), correlate2d(image, SOBEL_ROWS))


_CORNER = np.zeros((5, 5))
_CORNER[2:, 2:] = 1.0

edge_strength = Check(
    _edge_strength,
    cases=[(_CORNER,), (_IMAGE.astype(float),)],
    mistakes={
        "that is the sum of both. Edges of one slant count double, those of the other cancel.": {"length": np.add},
        "you added the two lengths. Walk 3 east and 4 north: how far are you from where you began?": {
            "length": lambda x, y: np.abs(x) + np.abs(y)
        },
        "that sees edges of one direction only: combine what both kernels say.": [
            {"length": lambda x, y: np.abs(x)},
            {"length": lambda x, y: np.abs(y)},
        ],
        "that is the larger of the two. A slanted edge has some of both.": {
            "length": lambda x, y: np.maximum(np.abs(x), np.abs(y))
        },
    },
    praise="equally strong for an edge of any slant, or nearly.",
)

output_size = Check(
    _output_size,
    cases=[(5, 3, 1, 0), (5, 3, 1, 1), (6, 3, 2, 0), (224, 7, 2, 3), (10, 2, 3, 1)],
    mistakes={
        "padding is counted once. It is on both sides.": lambda n, k, s, p: (n + p - k) // s + 1,
        "a kernel does not stand on part of a pixel: positions are whole.": lambda n, k, s, p: (n + 2 * p - k) / s + 1,
        "the last step leads out of the image: round down.": lambda n, k, s, p: math.ceil((n + 2 * p - k) / s) + 1,
        "the first position is not a step: divide the distance that is left, then count the start.": (
            lambda n, k, s, p: (n + 2 * p - k + 1) // s
        ),
    },
    praise="this one line gives the size of every convolution and pooling layer.",
)


def _receptive_field(layers, *, step_first=False, steps_multiply=True):
    """How many pixels one output sees along an axis."""
    sees, step = 1, 1
    for kernel, stride in layers:
        before, step = step, step * stride if steps_multiply else stride
        sees += (kernel - 1) * (step if step_first else before)
    return sees


receptive_field = Check(
    _receptive_field,
    cases=[([(3, 1), (3, 1)],), ([(5, 1), (3, 1), (2, 2)],), ([(3, 2), (3, 1)],), ([(3, 2), (3, 2), (3, 2)],)],
    mistakes={
        "strides are left out: after a stride of 2, neighbours lie 2 pixels apart.": (
            lambda layers: 1 + sum(kernel - 1 for kernel, _ in layers)
        ),
        "you added the kernels up. Two kernels of 3 overlap by one pixel.": (
            lambda layers: sum(kernel for kernel, _ in layers)
        ),
        "a layer's stride moves the pixels of the next layer apart, not its own.": {"step_first": True},
        "strides multiply: after two strides of 2, neighbours lie 4 pixels apart.": {"steps_multiply": False},
    },
    praise="two layers of 3x3 see as far as one of 5x5, with fewer weights.",
)

max_pool = Check(
    max_pool2d,
    cases=[
        (np.array([[1, 4, 3, 3], [2, 7, 1, 4], [3, 6, 5, 1], [2, 1, 4, 3]]), 2),
        (_IMAGE[:2], 2),
        (np.arange(36.0).reshape(6, 6)[::-1] / 8 - 5, 3),
    ],
    mistakes={
        "your windows overlap. Each begins where the last one ended.": lambda i, s: max_pool2d(i, s, 1),
        "that takes one corner of each window, whatever else is in it.": (
            lambda i, s: i[::s, ::s][: i.shape[0] // s, : i.shape[1] // s]
        ),
        "that is the mean of each window.": average_pool2d,
    },
    praise="the strongest of each window is left, and its position forgotten.",
)


def positions(size: int = 5, kernel: int = 3, stride: int = 1, padding: int = 0, dilation: int = 1) -> None:
    """Show where a kernel stands on an image, and the output that this makes."""
    show(*_draw_positions(size, kernel, stride, padding, dilation, formula=False))


def explore_positions() -> None:
    """Show `positions` with a slider for each number; where no widget runs, one picture of it."""
    sliders = {
        "size": (3, 12, 9),
        "kernel": (1, 5, 3),
        "stride": (1, 4, 2),
        "padding": (0, 3, 0),
        "dilation": (1, 3, 2),
    }
    explore(_draw_positions, **sliders)


def _draw_positions(size: int, kernel: int, stride: int, padding: int, dilation: int, formula: bool = True):
    """Return the figure of `positions` and its text alternative."""
    from matplotlib.patches import Rectangle

    count = _output_size(size, kernel, stride, padding, dilation)
    reach = dilation * (kernel - 1) + 1
    whole = size + 2 * padding
    title = f"stride {stride}, padding {padding}" + (f", dilation {dilation}" if dilation > 1 else "")
    if formula:
        title += f":   ⌊({size} + 2·{padding} - {reach}) / {stride}⌋ + 1 = {count}"
    made, axes = figure(1, 2, 3.8, title, width_ratios=(whole, max(count, 3)))
    left, right = axes[0]
    middle = {"ha": "center", "va": "center"}
    framed = [(0, 0), (0, 1), (count - 1, count - 1)][: 3 if count > 1 else 1]
    numbered = [(row * stride, column * stride) for row, column in framed]
    seen = np.unique(np.add.outer(np.arange(count) * stride, np.arange(kernel) * dilation))
    for row, column in np.ndindex(whole, whole):
        inside = min(row, column) >= padding and max(row, column) < whole - padding
        look = {"facecolor": "white" if inside else "#e4e4e4", "edgecolor": "#999999"}
        unseen = inside and not (row in seen and column in seen)
        left.add_patch(Rectangle((column, row), 1, 1, hatch="xx" if unseen else None, **look))
        if not inside and (row, column) not in numbered:
            left.text(column + 0.5, row + 0.5, "0", color="#555555", **middle)
    for row, column in np.ndindex(count, count):
        right.add_patch(Rectangle((column, row), 1, 1, facecolor="white", edgecolor="#999999"))
    for number, (row, column) in enumerate(framed):
        colour, inset = COLOURS[number], 0.05 + 0.05 * number  # frames of neighbours lie inside each other
        x, y = column * stride + inset, row * stride + inset
        frame = {"fill": False, "edgecolor": colour, "linewidth": 3.5}
        left.add_patch(Rectangle((x, y), reach - 2 * inset, reach - 2 * inset, **frame))
        for i, j in np.ndindex(kernel, kernel) if dilation > 1 else ():
            at = column * stride + j * dilation + 0.3 + 0.2 * number, row * stride + i * dilation + 0.68
            left.plot(*at, "os^"[number], color=colour, markersize=4.5)
        right.add_patch(Rectangle((column, row), 1, 1, facecolor=colour, alpha=0.3))
        name = {"s": str(row * count + column + 1), "fontweight": "bold"}
        right.text(column + 0.5, row + 0.5, **middle, **name)
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        letters = 12 if whole <= 7 else 9  # the number must leave room for a dot below it
        left.text(x + 0.12, y + 0.12, va="top", zorder=9, bbox=paper, fontsize=letters, **name)
    left.set_title(f"{size} x {size} image" + (f", border of {padding} zero{'s' * (padding > 1)}" if padding else ""))
    right.set_title(f"{count} x {count} output")
    for axis, cells in ((left, whole), (right, max(count, 3))):
        axis.set(xlim=(-0.1, cells + 0.1), ylim=(cells + 0.1, -0.1), aspect="equal")
        axis.axis("off")
    alt = (
        f"A {kernel} by {kernel} kernel, dilation {dilation}, on a {size} by {size} image with padding {padding}, "
        f"moved by {stride}: "
    )
    alt += f"{count} by {count} positions, the first, second and last framed." if count > 1 else "one position, framed."
    every_pixel = np.isin(np.arange(padding, padding + size), seen).all()
    return made, alt + ("" if every_pixel else " Hatched pixels are never looked at.")


def footprints(masks: Mapping[str, np.ndarray], title: str = "") -> None:
    """Show which pixels one output depends on, a mask a panel, each with its width."""
    from matplotlib.ticker import MultipleLocator

    made, axes = figure(1, len(masks), 9.0 / len(masks) + 0.9, title)
    told = []
    for axis, (name, mask) in zip(axes[0], masks.items(), strict=True):
        mask = np.abs(mask)
        width = np.ptp(np.flatnonzero(mask.any(axis=0))) + 1
        axis.imshow(mask / mask.max(), cmap="Purples", vmin=0, vmax=1)
        axis.set_title(f"{name}\nsees {width} x {width}", fontsize=11)
        for line in (axis.xaxis, axis.yaxis):
            line.set_major_locator(MultipleLocator(1, offset=0.5))
            line.set_tick_params(labelbottom=False, labelleft=False, length=0)
        told.append(f"{name} sees {width} by {width} pixels")
    show(made, f"{title}. {'; '.join(told)}.")


def arrows(image: np.ndarray, across: np.ndarray, down: np.ndarray, title: str = "", size: int = 28) -> None:
    """Show arrows on the part of an image, (size, size), where they are strongest: of each pixel across and down."""
    total = np.pad(np.hypot(across, down), ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    inside = total[size:, size:] - total[:-size, size:] - total[size:, :-size] + total[:-size, :-size]
    row, column = np.unravel_index(inside.argmax(), inside.shape)
    part = np.s_[row : row + size, column : column + size]
    image_part, across, down = image[part], across[part], down[part]
    length = np.hypot(across, down)

    made, axes = figure(1, 2, 4.2, title)
    left, right = axes[0]
    left.imshow(image, cmap="gray")
    frame = column + size * np.array([0, 1, 1, 0, 0]), row + size * np.array([0, 0, 1, 1, 0])
    for colour, width in (("black", 5), ("white", 2.5)):  # seen on any ground
        left.plot(*frame, color=colour, linewidth=width)
    right.imshow(image_part, cmap="gray")
    y, x = np.nonzero(length > 0.2 * length.max())
    look = {"color": COLOURS[4], "edgecolor": "black", "linewidth": 0.6, "width": 0.008}
    scale = {"angles": "xy", "scale_units": "xy", "scale": length.max() / 2.5}
    right.quiver(x, y, across[y, x], down[y, x], **look, **scale)
    for axis, name in ((left, "the picture"), (right, "the framed part, and its arrows")):
        axis.set_title(name)
        axis.axis("off")
    show(made, f"{title}. A part of {size} by {size} pixels, with an arrow at each strong edge.")
