"""Pictures of week 2: where a kernel goes, what an output sees, the matrix of a convolution, directions of edges."""

from collections.abc import Mapping

import numpy as np

from ..byhand.convolution import output_size
from .look import COLOURS, explore, figure, show


def positions(size: int = 5, kernel: int = 3, stride: int = 1, padding: int = 0, dilation: int = 1) -> None:
    """Show where a kernel stands on an image, and the output that this makes."""
    made, alt = _positions(size, kernel, stride, padding, dilation, formula=False)
    show(made, alt)


def explore_positions() -> None:
    """Show `positions` with a slider for each number; where no widget runs, one picture of it."""
    explore(_positions, size=(3, 12, 9), kernel=(1, 5, 3), stride=(1, 4, 2), padding=(0, 3, 0), dilation=(1, 3, 2))


def _positions(size: int, kernel: int, stride: int, padding: int, dilation: int, formula: bool = True):
    from matplotlib.patches import Rectangle

    count = output_size(size, kernel, stride, padding, dilation)
    reach = dilation * (kernel - 1) + 1
    whole = size + 2 * padding
    title = f"stride {stride}, padding {padding}" + (f", dilation {dilation}" if dilation > 1 else "")
    if formula:
        title += f":   ⌊({size} + 2·{padding} - {reach}) / {stride}⌋ + 1 = {count}"
    made, axes = figure(1, 2, 3.8, title, width_ratios=(whole, max(count, 3)))
    steps = [(0, 0), (0, 1), (count - 1, count - 1)][: 3 if count > 1 else 1]
    taken = np.unique(np.add.outer(np.arange(count) * stride, np.arange(kernel) * dilation))
    left, right = axes[0]
    numbered = [(row * stride, column * stride) for row, column in steps]
    for row, column in np.ndindex(whole, whole):
        inside = padding <= row < whole - padding and padding <= column < whole - padding
        seen = row in taken and column in taken
        face = "white" if inside else "#e4e4e4"
        left.add_patch(
            Rectangle(
                (column, row), 1, 1, facecolor=face, edgecolor="#999999", hatch=None if seen or not inside else "xx"
            )
        )
        if not inside and (row, column) not in numbered:
            left.text(column + 0.5, row + 0.5, "0", ha="center", va="center", color="#555555")
    for row, column in np.ndindex(count, count):
        right.add_patch(Rectangle((column, row), 1, 1, facecolor="white", edgecolor="#999999"))
    for number, (row, column) in enumerate(steps):
        colour = COLOURS[number]
        inset = 0.05 + 0.05 * number  # frames of neighbouring positions lie inside each other, not on each other
        corner = (column * stride + inset, row * stride + inset)
        left.add_patch(
            Rectangle(corner, reach - 2 * inset, reach - 2 * inset, fill=False, edgecolor=colour, linewidth=3.5)
        )
        for i, j in np.ndindex(kernel, kernel) if dilation > 1 else ():
            x, y = column * stride + j * dilation, row * stride + i * dilation
            left.plot(x + 0.3 + 0.2 * number, y + 0.68, "os^"[number], color=colour, markersize=4.5)
        right.add_patch(Rectangle((column, row), 1, 1, facecolor=colour, alpha=0.3))
        name = {"s": str(row * count + column + 1), "fontweight": "bold"}
        right.text(column + 0.5, row + 0.5, ha="center", va="center", **name)
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        size_of_text = 12 if whole <= 7 else 9  # the number must leave room for a dot below it
        left.text(corner[0] + 0.12, corner[1] + 0.12, va="top", zorder=9, bbox=paper, fontsize=size_of_text, **name)
    left.set_title(f"{size} x {size} image" + (f", border of {padding} zero{'s' * (padding > 1)}" if padding else ""))
    right.set_title(f"{count} x {count} output")
    for axis, cells in ((left, whole), (right, max(count, 3))):
        axis.set(xlim=(-0.1, cells + 0.1), ylim=(whole + 0.1 if axis is left else cells + 0.1, -0.1), aspect="equal")
        axis.axis("off")
    all_seen = np.isin(np.arange(padding, padding + size), taken).all()
    unseen = "" if all_seen else " Hatched pixels are never looked at."
    framed = f"{count} by {count} positions, the first, second and last framed" if count > 1 else "one position, framed"
    alt = (
        f"A {kernel} by {kernel} kernel, dilation {dilation}, on a {size} by {size} image with padding {padding}, "
        f"moved by {stride}: {framed}.{unseen}"
    )
    return made, alt


def matrix(entries, title: str = "") -> None:
    """Show where a sparse matrix has entries; the shade tells their size, and a white bar that one is negative."""
    dense = entries.toarray()
    made, axes = figure(height=min(9.0 * dense.shape[0] / dense.shape[1], 5.0) + 1.1, title=title)
    axis = axes[0, 0]
    shade = np.sqrt(np.abs(dense))  # so that small entries are seen beside large ones
    axis.imshow(np.where(dense == 0, np.nan, shade), cmap="Purples", vmin=-0.3 * shade.max(), vmax=1.2 * shade.max())
    rows, columns = np.nonzero(dense < 0)
    axis.scatter(columns, rows, s=12, marker="_", color="white", linewidths=1)
    axis.set(xlabel=f"{dense.shape[1]} inputs: the pixels, row after row", ylabel=f"{dense.shape[0]} outputs")
    axis.set_facecolor("#f4f4f4")
    axis.grid(visible=False)
    share = (dense != 0).mean()
    show(
        made,
        f"{title}. A matrix of {dense.shape[0]} rows and {dense.shape[1]} columns, "
        f"{share:.1%} of it not zero, {len(rows) or 'none'} negative, in diagonal bands.",
    )


def footprints(masks: Mapping[str, np.ndarray], title: str = "") -> None:
    """Show which pixels one output depends on, a mask a panel, each with its width."""
    from matplotlib.ticker import MultipleLocator

    made, axes = figure(1, len(masks), 9.0 / len(masks) + 0.9, title)
    told = []
    for axis, (name, mask) in zip(axes.flat, masks.items(), strict=True):
        mask = np.abs(mask)
        width = int(np.ptp(np.flatnonzero(mask.any(axis=0)))) + 1
        axis.imshow(mask / mask.max(), cmap="Purples", vmin=0, vmax=1)
        axis.set_title(f"{name}\nsees {width} x {width}", fontsize=11)
        for line in (axis.xaxis, axis.yaxis):
            line.set_major_locator(MultipleLocator(1, offset=0.5))
            line.set_tick_params(labelbottom=False, labelleft=False, length=0)
        told.append(f"{name} sees {width} by {width} pixels")
    show(made, f"{title}. {'; '.join(told)}.")


def arrows(image: np.ndarray, across: np.ndarray, down: np.ndarray, title: str = "", size: int = 28) -> None:
    """Show arrows on the part of an image where they are strongest.

    Parameters
    ----------
    image, across, down : array, (height, width)
        The image, and the arrow of each pixel: to the right, and downwards.
    size : int
        Height and width of the part, in pixels.
    """
    if not image.shape == across.shape == down.shape:
        raise ValueError(f"image, across, down: expected one shape, got {image.shape}, {across.shape}, {down.shape}")
    size = min(size, *image.shape)
    length = np.hypot(across, down)
    total = np.pad(length, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    inside = total[size:, size:] - total[:-size, size:] - total[size:, :-size] + total[:-size, :-size]
    row, column = np.unravel_index(inside.argmax(), inside.shape)
    part = np.s_[row : row + size, column : column + size]

    made, axes = figure(1, 2, 4.2, title)
    axes[0, 0].imshow(image, cmap="gray")
    frame = column + size * np.array([0, 1, 1, 0, 0]), row + size * np.array([0, 0, 1, 1, 0])
    for colour, width in (("black", 5), ("white", 2.5)):  # seen on any ground
        axes[0, 0].plot(*frame, color=colour, linewidth=width)
    axes[0, 1].imshow(image[part], cmap="gray")
    strong = length[part] > 0.2 * length[part].max()
    y, x = np.nonzero(strong)
    axes[0, 1].quiver(
        x, y, across[part][strong], down[part][strong], color=COLOURS[4], angles="xy", scale_units="xy",
        scale=length[part].max() / 2.5, width=0.008, edgecolor="black", linewidth=0.6,
    )  # fmt: skip
    for axis, name in zip(axes[0], ("the picture", "the framed part, and its arrows"), strict=True):
        axis.set_title(name)
        axis.axis("off")
    show(made, f"{title}. A part of {size} by {size} pixels, with an arrow at each strong edge.")
