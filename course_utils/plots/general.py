"""Pictures that any week can use: images, matrices of numbers, curves and bars."""

from collections.abc import Mapping, Sequence

import numpy as np

from .look import COLOURS, DASHES, LEVELS, MARKERS, SIGNED, WIDTH, explore, figure, show


def pictures(
    images: Sequence[np.ndarray],
    titles: Sequence[str] = (),
    title: str = "",
    columns: int | None = None,
    height: float | None = None,
    span: tuple[float, float] | None = None,
    alt: str = "",
) -> None:
    """Show images in rows.

    Parameters
    ----------
    images : sequence of array
        (height, width) or (height, width, 1 or 3), in 0 to 1 unless of another range,
        which is then stretched from its lowest to its highest value.
    titles : sequence of str
        One an image.
    title : str
        What to see.
    columns : int, optional
        Images in a row; default: all, at most 8.
    height : float, optional
        Of a row, in inches.
    span : (lowest, highest), optional
        What is black and what is white in all of them, if not each image's own range.
    alt : str
        Text alternative; default: made of the titles.
    """
    images = [np.asarray(image) for image in images]
    for number, image in enumerate(images):
        if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] not in (1, 3)):
            raise ValueError(
                f"images: expected (height, width) or (height, width, 1 or 3), got {image.shape} at {number}"
            )
    if titles and len(titles) != len(images):
        raise ValueError(f"titles: expected {len(images)}, one an image, got {len(titles)}")
    if not images:
        raise ValueError("images: expected at least one, got none")
    columns = columns or min(len(images), 8)
    rows = -(-len(images) // columns)
    shape = max(image.shape[0] / image.shape[1] for image in images)
    height = height or min(0.97 * WIDTH / columns * shape, 4.2) + (0.25 if titles else 0)
    made, axes = figure(rows, columns, height * rows + (0.35 if title else 0), title)
    for axis in axes.flat:
        axis.axis("off")
    for number, (axis, image) in enumerate(zip(axes.flat, images, strict=False)):
        image = image[..., 0] if image.ndim == 3 and image.shape[2] == 1 else image
        low, high = min(0, image.min()), max(1e-9, image.max())
        low, high = span or (low, 1 if 0.3 < high <= 1 else high)
        axis.imshow(image, cmap="gray", vmin=low, vmax=high, interpolation="nearest")
        if titles:
            axis.set_title(titles[number], fontsize=12)
    told = [name for name in titles if name]  # the rest of a column goes without
    named = f" Titles: {'; '.join(told)}." if told else ""
    show(made, alt or f"{title or 'Pictures'}. {len(images)} pictures in {rows} row{'s' * (rows > 1)}.{named}")


def explore_pictures(sequences: Mapping[str, Sequence[np.ndarray]], name: str) -> None:
    """Walk through sequences of pictures, side by side, with a slider; where no widget runs, their middle alone.

    Parameters
    ----------
    sequences : mapping from a title to pictures, (height, width) or (height, width, 1), in 0 to 1
        All of one length.
    name : str
        What the slider counts, from 0.
    """
    lengths = {len(pictures) for pictures in sequences.values()}
    if len(lengths) != 1 or 0 in lengths:
        counts = ", ".join(f"{len(pictures)} of {title!r}" for title, pictures in sequences.items())
        raise ValueError(f"sequences: expected as many pictures of each, at least one, got {counts or 'none'}")
    if not isinstance(name, str) or not name.isidentifier():
        raise ValueError(f"name: expected a single word, got {name!r}")
    last = lengths.pop() - 1

    def draw(**step):
        number = step[name]
        made, axes = figure(1, len(sequences), 2.9, width=min(2.6 * len(sequences), WIDTH))
        for axis, (title, pictures) in zip(axes[0], sequences.items(), strict=True):
            axis.imshow(np.squeeze(pictures[number]), cmap="gray", vmin=0, vmax=1)
            axis.set_title(title)
            axis.axis("off")
        return made, f"{', '.join(sequences)}: {name} {number} of {last}."

    explore(draw, **{name: (0, last, last // 2)})


def numbers(
    arrays: Sequence[np.ndarray],
    titles: Sequence[str],
    title: str = "",
    marks: Mapping[int, Sequence[tuple[int, int, int, int]]] = {},
    between: Sequence[str] = (),
) -> None:
    """Show small matrices as grids of numbers, side by side.

    Parameters
    ----------
    arrays : sequence of array, (rows, columns)
    titles : sequence of str
    title : str
        What to see.
    marks : mapping from a matrix's place to (row, column, height, width) of frames to draw in it
    between : sequence of str
        Signs such as "*" and "=" after each matrix but the last.
    """
    from matplotlib.patches import Rectangle

    arrays = [np.asarray(array) for array in arrays]
    if len(titles) != len(arrays):
        raise ValueError(f"titles: expected {len(arrays)}, one a matrix, got {len(titles)}")
    cell = min(0.52, WIDTH / (sum(a.shape[1] for a in arrays) + len(arrays)))
    widths = [max(array.shape[1], 3.6) for array in arrays]
    made, axes = figure(
        1, len(arrays), max(a.shape[0] for a in arrays) * cell + (1.25 if title else 0.75), title,
        width=min(max(cell * (sum(widths) + len(arrays)), 6.5), WIDTH), width_ratios=widths,
    )  # fmt: skip
    for number, (axis, array) in enumerate(zip(axes.flat, arrays, strict=True)):
        # Matrices of one shape are there to be compared: they share a scale.
        reach = max(np.abs(other).max() for other in arrays if other.shape == array.shape) or 1
        axis.imshow(array, cmap=SIGNED, vmin=-2.2 * reach, vmax=2.2 * reach)  # pale, so that digits stand out
        for (i, j), value in np.ndenumerate(array):
            axis.text(j, i, f"{value + 0:.3g}", ha="center", va="center", fontsize=13 if cell > 0.45 else 10)
        for row, column, height, width in marks.get(number, ()):
            frame = Rectangle((column - 0.5, row - 0.5), width, height, fill=False, edgecolor=COLOURS[1], linewidth=3)
            axis.add_patch(frame)
        axis.set_title(titles[number])
        axis.axis("off")
        if number < len(between):
            axis.annotate(
                between[number], (1.08, 0.5), xycoords="axes fraction", fontsize=20, va="center", annotation_clip=False
            )
    told = " ".join(f"{name}: {_told(array)}." for name, array in zip(titles, arrays, strict=True))
    show(made, f"{title}. {told}")


def _told(array: np.ndarray) -> list:
    """Return a matrix's numbers as they are written in its cells."""
    return [[float(f"{value + 0:.3g}") if value % 1 else int(value) for value in row] for row in array.tolist()]


def curves(
    x: Sequence[float],
    lines: Mapping[str, Sequence[float]],
    labels: tuple[str, str],
    title: str = "",
    log: bool = False,
    height: float = 3.6,
    alt: str = "",
    spread: Mapping[str, Sequence[float]] = {},
) -> None:
    """Show curves over one axis, each with its name at its end.

    Parameters
    ----------
    x : sequence of float
    lines : mapping from a name to values, one for each x
    labels : (str, str)
        What the axes mean.
    title : str
        What to see.
    log : bool
        Whether equal steps upwards are equal factors.
    spread : mapping from the name of a line to values, one for each x
        How far its error bars reach up and down.
    """
    made, axes = figure(height=height, title=title)
    if log:
        axes[0, 0].set_yscale("log")
    draw_lines(axes[0, 0], x, lines, labels, spread)

    def at(name: str, place: int) -> str:
        return f"{lines[name][place]:.3g}" + (f" ± {spread[name][place]:.3g}" if name in spread else "")

    told = " ".join(f"{name}: from {at(name, 0)} to {at(name, -1)}." for name in lines)
    show(made, alt or f"{title}. Curves of {labels[1]} over {labels[0]}. {told}")


def paths(
    lines: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    labels: tuple[str, str],
    title: str = "",
    levels: Mapping[str, float] = {},
) -> None:
    """Show curves that have points of their own, and levels to compare them with.

    Parameters
    ----------
    lines : mapping from a name to (x, y)
    labels : (str, str)
        What the axes mean.
    title : str
        What to see.
    levels : mapping from a name to a value
        Drawn across.
    """
    made, axes = figure(height=3.6, title=title)
    axis, told = axes[0, 0], []
    for number, (name, (x, y)) in enumerate(lines.items()):
        if len(x) != len(y):
            raise ValueError(f"lines: expected as many x as y for {name!r}, got {len(x)} and {len(y)}")
        look = {"color": COLOURS[number % len(COLOURS)], "marker": MARKERS[number % len(MARKERS)]}
        axis.plot(x, y, DASHES[number % len(DASHES)], label=name, markevery=max(1, len(x) // 15), **look)
        told.append(f"{name}: from {y[0]:.3g} at {x[0]:.3g} to {y[-1]:.3g} at {x[-1]:.3g}")
    for number, (name, value) in enumerate(levels.items()):
        colour = COLOURS[(len(lines) + number) % len(COLOURS)]
        axis.axhline(value, color=colour, linestyle=LEVELS[number % len(LEVELS)], label=name)
        told.append(f"{name}: {value:.3g} throughout")
    axis.set_ylim(bottom=0)
    axis.set_xlim(left=0)
    axis.set_xlabel(labels[0])
    axis.set_ylabel(labels[1])
    axis.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    show(made, f"{title}. Curves of {labels[1]} over {labels[0]}. {'; '.join(told)}.")


def draw_lines(
    axis, x, lines: Mapping[str, Sequence[float]], labels: tuple[str, str], spread: Mapping[str, Sequence[float]] = {}
) -> None:
    """Draw named lines that differ in colour, dash and marker, those in `spread` with error bars."""
    for name, reach in spread.items():
        if name not in lines:
            raise ValueError(f"spread: expected names of lines, {', '.join(map(repr, lines))}, got {name!r}")
        if len(reach) != len(x) or np.any(np.less(reach, 0)):
            told = f"expected {len(x)} values of at least 0 for {name!r}, one for each x"
            raise ValueError(f"spread: {told}, got {np.asarray(reach).tolist()}")
    for number, (name, values) in enumerate(lines.items()):
        if len(values) != len(x):
            raise ValueError(f"lines: expected {len(x)} values for {name!r}, one for each x, got {len(values)}")
        marked = len(lines) > 1  # a single line needs no marker to be told from others
        axis.plot(
            x, values, DASHES[number % len(DASHES)], color=COLOURS[number % len(COLOURS)], label=name,
            marker=MARKERS[number % len(MARKERS)] if marked else None, markevery=max(1, len(x) // 8), markersize=6,
        )  # fmt: skip
        if name in spread:
            beside = (number - (len(lines) - 1) / 2) * 0.008 * np.ptp(x)  # bars at one place would hide each other
            axis.errorbar(
                np.add(x, beside), values, spread[name], fmt="none", ecolor=COLOURS[number % len(COLOURS)], capsize=4
            )
    if len(x) < 15 and all(float(value).is_integer() for value in x):
        axis.set_xticks(list(x))
    axis.set_xlabel(labels[0])
    axis.set_ylabel(labels[1])
    if len(lines) > 1:
        axis.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))


def bars(
    names: Sequence[str], values: Sequence[float], labels: tuple[str, str], title: str = "", alt: str = ""
) -> None:
    """Show one bar a name, its value written at its end."""
    if len(names) != len(values):
        raise ValueError(f"values: expected {len(names)}, one a name, got {len(values)}")
    made, axes = figure(height=3.4, title=title)
    axis = axes[0, 0]
    drawn = axis.bar(range(len(names)), values, color=COLOURS[0])
    axis.bar_label(drawn, [f"{value:.3g}" for value in values], padding=2)
    long = max(map(len, names)) * len(names) > 70
    axis.set_xticks(range(len(names)), names, rotation=30 if long else 0, ha="right" if long else "center")
    axis.margins(y=0.12)
    axis.grid(axis="x", visible=False)
    axis.set_xlabel(labels[0])
    axis.set_ylabel(labels[1])
    told = ", ".join(f"{name} {value:.3g}" for name, value in zip(names, values, strict=True))
    show(made, alt or f"{title}. Bars of {labels[1]} by {labels[0]}: {told}.")
