"""Images and matrices, shown side by side."""

from collections.abc import Mapping, Sequence

import numpy as np

from .look import COLOURS, SIGNED, WIDTH, explore, figure, grid, show


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
        (height, width) or (height, width, 1 or 3), in 0 to 1 unless of another range, which is then stretched from
        its lowest to its highest value.
    titles : sequence of str
        One an image.
    columns : int, optional
        Images in a row; default: all, at most 8.
    height : float, optional
        Of a row, in inches.
    span : (lowest, highest), optional
        What is black and what is white in all of them, if not each image's own range.
    """
    images = [np.asarray(image) for image in images]
    columns = columns or min(len(images), 8)
    shape = max(image.shape[0] / image.shape[1] for image in images)
    height = height or min(0.97 * WIDTH / columns * shape, 4.2) + (0.25 if titles else 0)
    made, axes = grid(len(images), columns, height, title)
    for number, image in enumerate(images):
        low, high = min(0, image.min()), max(1e-9, image.max())
        low, high = span or (low, 1 if 0.3 < high <= 1 else high)
        axes[number].imshow(image.squeeze(2) if image.shape[2:] == (1,) else image, cmap="gray", vmin=low, vmax=high)
        if titles:
            axes[number].set_title(titles[number], fontsize=12)
    rows = -(-len(images) // columns)
    named = [name for name in titles if name]  # in a column, only the first may have one
    named = f" Titles: {'; '.join(named)}." if named else ""
    show(made, alt or f"{title or 'Pictures'}. {len(images)} pictures in {rows} row{'s' * (rows > 1)}.{named}")


def rows(rows: Mapping[str, Sequence[np.ndarray]], title: str = "", columns: Sequence[str] = ()) -> None:
    """Show rows of images (height, width, 1), 0 black and 1 white, each row with its name on the left.

    `columns` are names to write above the first row.
    """
    count = max(map(len, rows.values()))
    made, axes = grid(len(rows) * count, count, min(0.85 * WIDTH / count, 1.8), title, below=0.4 * bool(columns))
    for row, (name, images) in enumerate(rows.items()):
        first = axes[row * count]
        first.text(-0.08, 0.5, name, transform=first.transAxes, ha="right", va="center", fontsize=12)
        for axis, image in zip(axes[row * count :], images, strict=False):
            axis.imshow(image[..., 0], cmap="gray", vmin=0, vmax=1)
    for axis, name in zip(axes, columns, strict=False):
        axis.set_title(name, fontsize=12)
    above = f" Columns: {'; '.join(columns)}." if columns else ""
    show(made, f"{title}. Rows of {count} pictures: {'; '.join(rows)}.{above}".replace("\n", " "))


def explore_pictures(sequences: Mapping[str, Sequence[np.ndarray]], name: str) -> None:
    """Show sequences of images side by side, with a slider; where no widget runs, the middle of each.

    Parameters
    ----------
    sequences : mapping from a title to images, (height, width) or (height, width, 1), in 0 to 1
        All of one length.
    name : str
        What the slider counts, from 0: a single word.
    """
    lengths = {title: len(images) for title, images in sequences.items()}
    if len(set(lengths.values())) != 1:
        raise ValueError(f"sequences: expected as many images of each, got {lengths}")
    last = min(lengths.values()) - 1

    def draw(**step):
        made, axes = figure(1, len(sequences), 2.9, width=min(2.6 * len(sequences), WIDTH))
        for axis, (title, images) in zip(axes[0], sequences.items(), strict=True):
            axis.imshow(np.squeeze(images[step[name]]), cmap="gray", vmin=0, vmax=1)
            axis.set_title(title)
            axis.axis("off")
        return made, f"{', '.join(sequences)}: {name} {step[name]} of {last}."

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
    marks : mapping from the number of a matrix to (row, column, height, width) of frames to draw in it
    between : sequence of str
        Signs such as "*" and "=" after each matrix but the last.
    """
    from matplotlib.patches import Rectangle

    arrays = [np.asarray(array) for array in arrays]
    cell = min(0.52, WIDTH / (sum(array.shape[1] for array in arrays) + len(arrays)))
    widths = [max(array.shape[1], 3.6) for array in arrays]
    width = min(max(cell * (sum(widths) + len(arrays)), 6.5), WIDTH)
    height = max(array.shape[0] for array in arrays) * cell + (1.25 if title else 0.75)
    made, axes = figure(1, len(arrays), height, title, width=width, width_ratios=widths)
    described = []
    for number, (axis, array, name) in enumerate(zip(axes[0], arrays, titles, strict=True)):
        # Matrices of one shape are there to be compared: they share a scale.
        reach = max(np.abs(other).max() for other in arrays if other.shape == array.shape) or 1
        axis.imshow(array, cmap=SIGNED, vmin=-2.2 * reach, vmax=2.2 * reach)  # pale, so that digits stand out
        written = [[f"{value + 0:.3g}" for value in row] for row in array]
        for (i, j), value in np.ndenumerate(written):
            axis.text(j, i, value, ha="center", va="center", fontsize=13 if cell > 0.45 else 10)
        for row, column, high, wide in marks.get(number, ()):
            frame = Rectangle((column - 0.5, row - 0.5), wide, high, fill=False, edgecolor=COLOURS[1], linewidth=3)
            axis.add_patch(frame)
        axis.set_title(name)
        axis.axis("off")
        if number < len(between):
            at = {"xycoords": "axes fraction", "va": "center", "annotation_clip": False}
            axis.annotate(between[number], (1.08, 0.5), fontsize=20, **at)
        described.append(f"{name}: {written}.".replace("'", ""))
    show(made, f"{title}. {' '.join(described)}")
