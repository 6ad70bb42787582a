"""Week 2: the checks of its exercises, and its pictures of kernel positions, footprints and arrows."""

import math
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from ..byhand.convolution import SOBEL_COLUMNS, SOBEL_ROWS, average_pool2d, convolve2d, correlate2d, max_pool2d
from ..byhand.convolution import output_size as _output_size
from ..judge import Check
from ..plots.look import COLOURS, explore, figure, show

_IMAGE = np.array([[1, 4, 3, 2, 2], [2, 1, 7, 4, 6], [3, 4, 6, 1, 8], [2, 1, 5, 3, 7], [1, 7, 3, 5, 2]])


def _matrix_product(image, kernel):
    """A mistake: each patch and the kernel are multiplied as matrices."""
    patches = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return (patches @ kernel).sum(axis=(2, 3))


correlate = Check(
    correlate2d,
    cases=[
        (np.array([[1, 2], [3, 4]]), np.array([[1, 10], [100, 1000]])),
        (_IMAGE[:3] / 2, np.array([[1.0, 0.0, -2.0], [0.5, -3.0, 1.0]])),  # most of its sums are negative
        (_IMAGE, np.array([[0.5, 0.25], [-0.5, 1.5]])),  # an image of integers and a kernel of fractions
    ],
    mistakes={
        "you flipped the kernel. Use it as it is printed.": convolve2d,
        "some of your positions lie partly outside the image. The whole kernel must lie on it.": (
            lambda i, k: np.pad(correlate2d(i, k), [(0, side - 1) for side in k.shape])
        ),
        "the fractions are lost. An array of integers cannot hold them.": lambda i, k: correlate2d(i, k).astype(
            i.dtype
        ),
        "you computed a matrix product. Multiply the numbers pair by pair.": _matrix_product,
        "that is the mean of the products. Their sum was expected.": lambda i, k: correlate2d(i, k) / k.size,
    },
    praise="products and a sum, at each position. A convolution layer does nothing else.",
)


def _edge_strength(across, down, *, length=np.hypot):
    """The edge strength of each pixel: the length of its arrow."""
    return length(across, down)


edge_strength = Check(
    _edge_strength,
    cases=[
        (np.array([[3.0, 0.0], [-3.0, 1.0]]), np.array([[4.0, 2.0], [4.0, -1.0]])),
        (correlate2d(_IMAGE, SOBEL_COLUMNS), correlate2d(_IMAGE, SOBEL_ROWS)),
    ],
    mistakes={
        "that is the plain sum. A positive and a negative change cancel each other in it.": {"length": np.add},
        "you added the two lengths. An arrow 3 across and 4 down has a length of 5.": {
            "length": lambda x, y: np.abs(x) + np.abs(y)
        },
        "that is half the squared length. A power is taken before a division.": {
            "length": lambda x, y: (x**2 + y**2) / 2
        },
    },
    praise="an edge gets nearly the same strength at any slant.",
)

output_size = Check(
    _output_size,
    cases=[(5, 3, 1, 0), (5, 3, 1, 1), (6, 3, 2, 0), (8, 3, 2, 0), (224, 7, 2, 3), (10, 2, 3, 1)],
    mistakes={
        "the padding is counted once. It is on both sides.": lambda n, k, s, p: (n + p - k) // s + 1,
        "the number of positions must be an integer.": lambda n, k, s, p: (n + 2 * p - k) / s + 1,
        "the last step leads out of the image: round down.": [
            lambda n, k, s, p: math.ceil((n + 2 * p - k) / s) + 1,
            lambda n, k, s, p: round((n + 2 * p - k) / s) + 1,
        ],
        "that is the number of steps. Count the first position, too.": lambda n, k, s, p: (n + 2 * p - k) // s,
    },
    praise="this one line gives the size of every convolution and pooling layer.",
)


def _pool_all(image, size):
    """A mistake: windows that reach over the border count, too."""
    rows, columns = range(0, image.shape[0], size), range(0, image.shape[1], size)
    return np.array([[image[r : r + size, c : c + size].max() for c in columns] for r in rows])


max_pool = Check(
    max_pool2d,
    cases=[
        (np.array([[1, 4, 3, 3], [2, 7, 1, 4], [3, 6, 5, 1], [2, 1, 4, 3]]), 2),
        (_IMAGE[:2], 2),
        (np.arange(36.0).reshape(6, 6)[::-1] / 8 - 5, 3),
    ],
    mistakes={
        "your windows overlap. Each window begins where the one before it ends.": [
            lambda i, s: max_pool2d(i, s, 1),
            lambda i, s: max_pool2d(i, s, 1)[: i.shape[0] // s, : i.shape[1] // s],
        ],
        "the last windows are incomplete: they reach over the border. Leave them out.": _pool_all,
        "that is the mean of each window.": average_pool2d,
        "that is the smallest value of each window.": lambda i, s: -max_pool2d(-i, s),
    },
    praise="the largest value of each window is kept, and its position in the window is lost.",
)


def small_grey(image: np.ndarray) -> np.ndarray:
    """A colour image in grey, (height, width), shrunk by a whole factor towards 256 pixels."""
    return average_pool2d(image.mean(axis=-1), max(1, round(max(image.shape) / 256)))


def positions(
    size: int = 5,
    kernel: int = 3,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    output_size: Callable[..., int] = _output_size,
) -> None:
    """Show where a kernel stands on an image, and the output that this makes."""
    show(*_draw_positions(output_size, size, kernel, stride, padding, dilation))


def explore_positions(output_size: Callable[..., int] = _output_size) -> None:
    """Show `positions` with a slider for each number; where no widget runs, one picture of it."""
    controls = {"size": (3, 12, 9), "kernel": (1, 5, 3), "stride": (1, 4, 2), "padding": (0, 3, 0)}
    explore(partial(_draw_positions, output_size), **controls, dilation=(1, 3, 2))


def _draw_positions(output_size: Callable, size: int, kernel: int, stride: int, padding: int, dilation: int):
    """Return the figure of `positions` and its text alternative."""
    from matplotlib.patches import Rectangle

    whole, reach = size + 2 * padding, dilation * (kernel - 1) + 1
    if reach > whole:
        raise ValueError(f"the kernel reaches over {reach} pixels, the padded image has {whole}")
    count = output_size(size, reach, stride, padding)
    title = f"stride {stride}, padding {padding}" + f", dilation {dilation}" * (dilation > 1)
    title += f":  ⌊({size} + 2·{padding} - {reach}) / {stride}⌋ + 1 = {count}"
    made, axes = figure(1, 2, 3.6, title, width_ratios=(whole, max(count, 3)))
    left, right = axes[0]
    seen = np.unique(np.add.outer(np.arange(count) * stride, np.arange(kernel) * dilation))
    for row, column in np.ndindex(whole, whole):
        inside = min(row, column) >= padding and max(row, column) < whole - padding
        unseen = inside and not (row in seen and column in seen)
        look = {"facecolor": "white" if inside else "#dddddd", "edgecolor": "#999999"}
        left.add_patch(Rectangle((column, row), 1, 1, hatch="xx" if unseen else None, **look))
    for row, column in np.ndindex(count, count):
        right.add_patch(Rectangle((column, row), 1, 1, facecolor="white", edgecolor="#999999"))
    for number, (row, column) in enumerate([(0, 0), (0, 1), (count - 1, count - 1)][: 3 if count > 1 else 1]):
        colour, inset = COLOURS[number], 0.05 + 0.05 * number  # so that frames do not hide each other
        x, y, side = column * stride + inset, row * stride + inset, reach - 2 * inset
        left.add_patch(Rectangle((x, y), side, side, fill=False, edgecolor=colour, linewidth=3.5))
        for i, j in np.ndindex(kernel, kernel) if dilation > 1 else ():
            dot = column * stride + j * dilation + 0.25 + 0.17 * number, row * stride + i * dilation + 0.62
            left.plot(*dot, "os^"[number], color=colour, markersize=4.5)
        right.add_patch(Rectangle((column, row), 1, 1, facecolor=colour, alpha=0.3))
        name = {"s": str(row * count + column + 1), "fontweight": "bold"}
        right.text(column + 0.5, row + 0.5, ha="center", va="center", **name)
        paper = {"facecolor": "white", "edgecolor": colour, "pad": 1}
        gap = 1.2 if dilation > 1 and kernel > 1 else 0.12  # in a gap of the kernel no dot is hidden
        left.text(x + gap, y + gap, va="top", zorder=9, bbox=paper, fontsize=12 if whole <= 7 else 9, **name)
    left.set_title(f"{size} x {size} image" + ", padding of zeros in grey" * (padding > 0))
    right.set_title(f"{count} x {count} output")
    for axis, cells in ((left, whole), (right, max(count, 3))):
        axis.set(xlim=(-0.1, cells + 0.1), ylim=(cells + 0.1, -0.1), aspect="equal")
        axis.axis("off")
    alt = f"A {kernel} by {kernel} kernel, dilation {dilation}, on a {size} by {size} image with padding {padding}, "
    alt += f"moved by {stride}: {count} by {count} positions; the first, second and last are framed."
    every_pixel = np.isin(np.arange(padding, padding + size), seen).all()
    return made, alt + ("" if every_pixel else " Hatched pixels are never looked at.")


def footprints(masks: Mapping[str, np.ndarray], title: str = "") -> None:
    """Show which pixels one output depends on, a mask a panel, each with its width."""
    from matplotlib.ticker import MultipleLocator

    made, axes = figure(1, len(masks), 9.0 / len(masks) + 0.9, title)
    widths = []
    for axis, (name, mask) in zip(axes[0], masks.items(), strict=True):
        width = np.ptp(np.flatnonzero(mask.any(axis=0))) + 1
        shade = np.where(mask > 0, 0.25 + 0.75 * mask / mask.max(), 0)  # one path is seen beside many
        axis.imshow(shade, cmap="Purples", vmin=0, vmax=1)
        axis.set_title(f"{name}\nsees {width} x {width}", fontsize=11)
        for line in (axis.xaxis, axis.yaxis):
            line.set_major_locator(MultipleLocator(1, offset=0.5))
            line.set_tick_params(labelbottom=False, labelleft=False, length=0)
        widths.append(f"{name} sees {width} by {width} pixels")
    show(made, f"{title}. {'; '.join(widths)}.")


def arrows(image: np.ndarray, strength: np.ndarray, across: np.ndarray, down: np.ndarray, title: str = "") -> None:
    """Show edge strength, and arrows (`across`, `down`) on the part of the image where edges are strongest."""
    size = min(24, *image.shape)
    total = np.pad(strength, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    inside = total[size:, size:] - total[:-size, size:] - total[size:, :-size] + total[:-size, :-size]
    row, column = np.unravel_index(inside.argmax(), inside.shape)
    part = np.s_[row : row + size, column : column + size]
    y, x = np.nonzero(strength[part] > 0.2 * strength[part].max())
    y, x = y[(x + y) % 2 == 0], x[(x + y) % 2 == 0]  # every second one, or they would cover each other

    made, axes = figure(1, 2, 4.2, title)
    left, right = axes[0]
    left.imshow(strength, cmap="gray", vmax=strength.max() / 2)
    left.plot(
        column + size * np.array([0, 1, 1, 0, 0]), row + size * np.array([0, 0, 1, 1, 0]), color=COLOURS[4], linewidth=3
    )
    right.imshow(image[part], cmap="gray")
    look = {"color": COLOURS[4], "edgecolor": "black", "linewidth": 0.6, "width": 0.007, "angles": "xy"}
    scale = {"scale_units": "xy", "scale": strength[part].max() / 2.2}
    right.quiver(x, y, across[part][y, x], down[part][y, x], **look, **scale)
    for axis, name in ((left, "edge strength"), (right, "the framed part of the image")):
        axis.set_title(name)
        axis.axis("off")
    show(made, f"{title}. Edge strength, and {size} by {size} pixels of the image with arrows across the strong edges.")


def matrix(entries, title: str) -> None:
    """Show where a sparse matrix has entries; the shade tells their size, and a white bar that one is negative."""
    dense = entries.toarray()
    height, width = dense.shape
    made, axes = figure(height=min(9.0 * height / width, 5.0) + 1.1, title=title)
    axis = axes[0, 0]
    shade = np.sqrt(np.abs(dense))  # so that small entries are seen beside large ones
    axis.imshow(np.where(dense == 0, np.nan, shade), cmap="Purples", vmin=-0.3 * shade.max(), vmax=1.2 * shade.max())
    rows, columns = np.nonzero(dense < 0)
    axis.scatter(columns, rows, s=12, marker="_", color="white", linewidths=1)
    axis.set(xlabel=f"{width} inputs: the pixels, row after row", ylabel=f"{height} outputs", facecolor="#f4f4f4")
    axis.grid(visible=False)
    size = f"{height} rows and {width} columns, {(dense != 0).mean():.1%} of it not zero"
    show(made, f"{title}. A matrix of {size}, {len(rows) or 'none'} negative, in diagonal bands.")
