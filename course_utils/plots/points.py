"""Pictures of points: maps of pictures in the plane, planes through points in space, histograms of numbers."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from .look import COLOURS, DASHES, HATCHES, WIDTH, figure, show

BINS = 30
# For ten classes; letters tell them apart, colours only help. All are dark enough for text on white.
MANY = (
    "#0072B2", "#B04D00", "#007A59", "#A84F80", "#8F6300", "#1F76A3", "#000000", "#882255", "#6B6B1F", "#6E6E6E",
)  # fmt: skip


def maps(
    maps: Mapping[str, npt.ArrayLike], labels: npt.ArrayLike, names: Sequence[str], title: str = "", alt: str = ""
) -> None:
    """Show maps of the same points side by side, as t-SNE and PCA make them; each point is written as its class.

    Parameters
    ----------
    maps : mapping from a title to an array (n, 2)
    labels : array of int, (n,)
        The class of each point, in all maps.
    names : sequence of str
        The name of each class. Names of one or two letters are written at the points; instead of longer ones the
        classes' numbers are, and a legend tells the names.
    title : str
        What to see.
    """
    from matplotlib.lines import Line2D

    maps = {name: _finite("maps", points, name) for name, points in maps.items()}
    if not maps:
        raise ValueError("maps: expected at least one, got none")
    labels = np.asarray(labels)
    if labels.ndim != 1 or labels.dtype.kind not in "ui" or len(labels) < 2:
        raise ValueError(f"labels: expected whole numbers (n,), at least 2, got {labels.dtype} {labels.shape}")
    if labels.min() < 0 or labels.max() >= len(names):
        raise ValueError(
            f"labels: expected 0 to {len(names) - 1}, as there are names, got {labels.min()} to {labels.max()}"
        )
    for name, points in maps.items():
        if points.shape != (len(labels), 2):
            raise ValueError(f"maps: expected {(len(labels), 2)} in {name!r}, a row for each label, got {points.shape}")
    there = np.unique(labels).tolist()
    short = all(0 < len(name.strip()) <= 2 for name in names)
    signs = {label: _sign(names[label] if short else str(label)) for label in there}
    columns = 2 if len(maps) == 4 else min(len(maps), 3)
    rows = -(-len(maps) // columns)
    side = min(0.97 * WIDTH / columns, 4.6)
    longest = max(map(len, names))
    entries = max(1, min(len(there), int(85 / (longest + 7))))  # in a row of the legend
    below = 0 if short else 0.24 * -(-len(there) // entries) + 0.15
    made, axes = figure(rows, columns, (side + 0.3) * rows + 0.35 * bool(title) + below, title)
    size = float(np.clip(side * 64 / np.sqrt(len(labels)), 7, 11))  # points: letters of many pictures are small
    for axis in axes.flat[len(maps) :]:
        axis.axis("off")
    for axis, (name, points) in zip(axes.flat, maps.items(), strict=False):
        for label in there:
            path, reach = signs[label]
            look = {"color": MANY[label % len(MANY)], "marker": path, "linewidths": 0}
            # Matplotlib brings a marker to a size; this makes all letters as large as text of this size.
            axis.scatter(*points[labels == label].T, s=(2 * size * reach) ** 2, **look)
        axis.set(title=name, xticks=[], yticks=[], box_aspect=1)
        axis.set_aspect("equal", adjustable="datalim")
        for spine in axis.spines.values():
            spine.set(visible=True, color="#bbbbbb")
    if not short:
        handles = [
            Line2D(
                [], [], linestyle="", color=MANY[label % len(MANY)], label=names[label], marker=signs[label][0],
                markersize=2 * 11 * signs[label][1], markeredgewidth=0,
            )
            for label in there
        ]  # fmt: skip
        look = {"frameon": False, "fontsize": 11, "handletextpad": 0.2}
        made.legend(handles=handles, loc="outside lower center", ncols=entries, **look)
    classes = ", ".join(names[label] for label in there)
    told = "; ".join(f"{name} ({_at_home(points, labels):.0%})" for name, points in maps.items())
    show(
        made,
        alt
        or f"{title or 'Maps'}. Maps of {len(labels):,} points of {len(there)} classes ({classes}), in brackets how "
        f"many have their nearest neighbour in their own class: {told}.",
    )


def _sign(text: str):
    """Return letters as a path around (0, 0), and how far it reaches for text of size 1."""
    from matplotlib.path import Path
    from matplotlib.textpath import TextPath

    drawn = TextPath((0, 0), text.strip().replace("$", r"\$"), size=1)
    middle = drawn.get_extents().get_points().mean(axis=0)
    vertices = drawn.vertices - middle
    return Path(vertices, drawn.codes), np.abs(vertices).max()


def _at_home(points: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of points that have a point of their own class as nearest neighbour."""
    from scipy.spatial import KDTree

    near = KDTree(points).query(points, k=2)[1]
    other = np.where(near[:, 0] == np.arange(len(points)), near[:, 1], near[:, 0])
    return float((labels[other] == labels).mean())


def planes(points: npt.ArrayLike, planes: Mapping[str, npt.ArrayLike], title: str = "", alt: str = "") -> None:
    """Show points in space and planes through their middle, obliquely and along an edge, where one sees if they agree.

    Parameters
    ----------
    points : array, (n, 3)
    planes : mapping from a name to an array (2, 3)
        Two directions along the plane, of any length and angle. Views are those of the first plane.
    title : str
        What to see.
    """
    from matplotlib.patches import Patch, Polygon

    points = _finite("points", points)
    if points.ndim != 2 or points.shape[1] != 3 or not len(points):
        raise ValueError(f"points: expected (n, 3), got {points.shape}")
    if not planes:
        raise ValueError("planes: expected at least one, got none")
    points = points - points.mean(axis=0)
    frames = _frames(points, planes)
    normals = {name: np.cross(*frame) for name, frame in frames.items()}
    along, across = next(iter(frames.values()))
    up = next(iter(normals.values()))
    angles = {name: _angle(up, normal) for name, normal in normals.items()}
    # Along the line where the plane that is tilted most cuts the first, both are seen as lines, at their true angle.
    most = max(angles, key=angles.get)
    line = np.cross(up, normals[most]) if angles[most] > 1e-3 else across
    line = line / np.linalg.norm(line)
    turn, lift = np.radians(30), np.radians(35)
    right = np.cos(turn) * along + np.sin(turn) * across
    above = np.stack([right, np.cos(lift) * up + np.sin(lift) * np.cross(up, right)])
    edge = np.stack([np.cross(line, up), up])
    apart = {1: "", 2: f", {angles[most]:.1f}° apart"}.get(len(planes), f", up to {angles[most]:.1f}° apart")
    views = {"from above (pale: below the first plane)": above, "along the edge of the first" + apart: edge}

    reach = 1.15 * np.percentile(np.abs(points @ np.stack([along, across]).T), 95, axis=0)
    corners = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * reach
    patches = {name: corners @ frame for name, frame in frames.items()}
    everything = np.concatenate([points, *patches.values()])
    half = 1.03 * np.abs(np.concatenate([everything @ view.T for view in views.values()])).max(axis=0)
    panel = np.clip(0.47 * WIDTH * half[1] / half[0], 1.6, 4.6)
    made, axes = figure(1, 2, panel + 0.95 + 0.35 * bool(title), title)
    higher, legend = points @ up > 0, {}
    for axis, (name, view) in zip(axes[0], views.items(), strict=True):
        for number, (plane, patch) in enumerate(patches.items()):
            colour = COLOURS[number % len(COLOURS)]
            look = {"facecolor": (colour, 0.2), "edgecolor": colour, "linestyle": DASHES[number % len(DASHES)]}
            # The first one's line is broad and pale: one on it is seen, even where they are the same.
            look |= {"linewidth": 2} if number else {"linewidth": 6, "edgecolor": (colour, 0.45)}
            for order, piece in _pieces(patch, up):
                outline = _outline(piece @ view.T)
                axis.add_patch(Polygon(outline, closed=len(outline) > 2, zorder=order, **look))
            legend[plane] = Patch(label=plane, **look)
        # Seen from above, higher points lie before the planes; along the edge, lines must not be hidden by points.
        for side, colour, order in ((~higher, "#999999", 1), (higher, "#333333", 5 if view is above else 1)):
            axis.scatter(*(points[side] @ view.T).T, s=9, color=colour, linewidths=0, zorder=order)
        axis.set(xlim=(-half[0], half[0]), ylim=(-half[1], half[1]), aspect="equal", title=name)
        axis.axis("off")
    made.legend(handles=legend.values(), loc="outside lower center", ncols=min(len(planes), 4), frameon=False)
    told = ", ".join(f"{name} {angle:.1f} degrees" for name, angle in list(angles.items())[1:])
    told = f"; angle to the first: {told}" if told else ""
    show(
        made,
        alt
        or f"{title or 'Planes'}. {len(points):,} points in space and planes through their middle, seen from above "
        f"and along an edge: {', '.join(planes)}{told}.",
    )


def _pieces(patch: np.ndarray, up: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Cut a patch where it goes through the first plane, and tell what is drawn before that one and what after it."""
    heights = patch @ up
    if np.abs(heights).max() < 0.03 * np.abs(patch).max():  # hardly tilted: half of it would seem to be missing
        return [(3, patch)]
    pieces = []
    for order, side in ((2, -heights), (4, heights)):
        kept = []
        for i in range(len(patch)):
            if side[i] >= 0:
                kept.append(patch[i])
            if side[i] * side[i - 3] < 0:  # the next corner lies on the other side
                share = side[i] / (side[i] - side[i - 3])
                kept.append(patch[i] + share * (patch[i - 3] - patch[i]))
        pieces.append((order, np.array(kept)))
    return pieces


def _outline(corners: np.ndarray) -> np.ndarray:
    """Return the corners of a patch, or where it is seen as a line its two ends, so that dashes stay dashes."""
    from_middle = corners - corners.mean(axis=0)
    _, sizes, directions = np.linalg.svd(from_middle)
    along = from_middle @ directions[0]
    return corners[[along.argmin(), along.argmax()]] if sizes[1] < 1e-6 * sizes[0] else corners


def _frames(points: np.ndarray, planes: Mapping[str, npt.ArrayLike]) -> dict[str, np.ndarray]:
    """Return two orthonormal directions along each plane: first as the points spread, then as like these as can be."""
    frames: dict[str, np.ndarray] = {}
    for name, given in planes.items():
        given = _finite("planes", given, name)
        if given.shape != (2, 3) or np.linalg.matrix_rank(given) < 2:
            raise ValueError(f"planes: expected (2, 3), two different directions, for {name!r}, got {given.tolist()}")
        basis = np.linalg.qr(given.T)[0].T
        if not frames:
            turned = np.linalg.svd(points @ basis.T, full_matrices=False)[2]
        else:
            left, _, right = np.linalg.svd(next(iter(frames.values())) @ basis.T)
            turned = left @ right
        frames[name] = turned @ basis
    return frames


def _angle(one: np.ndarray, other: np.ndarray) -> float:
    """Return the angle of two planes, of which the normals are given, in degrees."""
    return float(np.degrees(np.arctan2(np.linalg.norm(np.cross(one, other)), abs(one @ other))))


def histograms(
    values: Mapping[str, npt.ArrayLike], label: str, title: str = "", threshold: float | None = None, alt: str = ""
) -> None:
    """Show how the values of groups are distributed, one over the other, in shares of each group.

    Parameters
    ----------
    values : mapping from a name to an array (n,)
        The outermost bars also hold what lies beyond them, half a percent of all values at either end.
    label : str
        What the values mean.
    title : str
        What to see.
    threshold : float, optional
        Where to draw a line.
    """
    values = {name: _finite("values", group, name) for name, group in values.items()}
    if not values:
        raise ValueError("values: expected at least one group, got none")
    for name, group in values.items():
        if group.ndim != 1 or not len(group):
            raise ValueError(f"values: expected (n,), at least one, for {name!r}, got {group.shape}")
    if threshold is not None and not np.isfinite(threshold):
        raise ValueError(f"threshold: expected a finite number, got {threshold}")
    every = np.concatenate(list(values.values()))
    low, high = np.percentile(every, [0.5, 99.5])
    edges = np.linspace(low, high, BINS + 1) if low < high else np.linspace(low - 0.5, high + 0.5, BINS + 1)
    made, axes = figure(height=3.6, title=title)
    axis, told = axes[0, 0], []
    for number, (name, group) in enumerate(values.items()):
        shares = np.histogram(group.clip(edges[0], edges[-1]), edges)[0] / len(group)
        look = {"color": COLOURS[number % len(COLOURS)], "linestyle": DASHES[number % len(DASHES)]}
        fill = {"facecolor": (look["color"], 0.15), "edgecolor": (look["color"], 0.5), "linewidth": 0}
        axis.stairs(shares, edges, fill=True, hatch=HATCHES[number % len(HATCHES)], **fill)
        axis.stairs(shares, edges, linewidth=2, label=name, **look)
        told.append(f"{name}: {len(group):,}, median {np.median(group):.3g}")
        if threshold is not None:
            told[-1] += f", {(group > threshold).mean():.1%} above the threshold"
    axis.set_ylim(bottom=0)
    if threshold is not None:
        axis.axvline(threshold, color="black", linewidth=1.5)
        axis.annotate(
            f"threshold {threshold:.3g}", (threshold, 1), xycoords=("data", "axes fraction"), va="bottom", ha="center"
        )
    beyond = every.min() < edges[0] or every.max() > edges[-1]
    axis.set_xlabel(label + " (outer bars: and beyond)" * bool(beyond))
    axis.set_ylabel("share of the group")
    axis.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    line = "" if threshold is None else f" Threshold: {threshold:.3g}."
    show(made, alt or f"{title or 'Histograms'}. Histograms of {label}. {'; '.join(told)}.{line}")


def _finite(argument: str, array: npt.ArrayLike, name: str = "") -> np.ndarray:
    """Return finite floats, or refuse them."""
    where = f" for {name!r}" if name else ""
    array = np.asarray(array)
    if array.dtype.kind not in "buif":
        raise TypeError(f"{argument}: expected numbers{where}, got {array.dtype}")
    array = array.astype(float)
    if not np.isfinite(array).all():
        raise ValueError(f"{argument}: expected finite numbers{where}, got {array[~np.isfinite(array)][0]}")
    return array
