"""Week 10a: the checks of its exercises, and what this lesson alone needs."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from ..judge import Check
from ..plots.look import COLOURS, DASHES, WIDTH, figure, grid, show

# For ten classes; letters tell them apart, colours only help. All are dark enough for text on white.
MANY = ["#0072B2", "#B04D00", "#007A59", "#A84F80", "#8F6300"]
MANY += ["#1F76A3", "#000000", "#882255", "#6B6B1F", "#6E6E6E"]


def maps(maps: Mapping[str, npt.ArrayLike], labels: npt.ArrayLike, names: Sequence[str], title: str = "") -> None:
    """Show maps (n, 2) of the same points side by side; each point is its class's name if short, or its number."""
    from matplotlib.lines import Line2D

    labels = np.asarray(labels)
    there = np.unique(labels).tolist()
    short = all(0 < len(name.strip()) <= 2 for name in names)
    columns = 2 if len(maps) == 4 else min(len(maps), 3)
    side = min(0.97 * WIDTH / columns, 4.6)
    entries = max(1, min(len(there), int(85 / (max(map(len, names)) + 7))))  # in a row of the legend
    below = 0 if short else 0.24 * -(-len(there) // entries) + 0.15
    made, axes = grid(len(maps), columns, side + 0.3, title, below)
    size = float(np.clip(side * 64 / np.sqrt(len(labels)), 7, 11))  # points: letters of many images are small
    handles = []
    for label in there:
        letters, reach = _letters(names[label] if short else str(label))
        look = {"color": MANY[label % len(MANY)], "marker": letters}
        # Matplotlib brings a marker to a size; this makes all letters as large as text of this size.
        for axis, points in zip(axes, maps.values(), strict=True):
            axis.scatter(*np.asarray(points)[labels == label].T, s=(2 * size * reach) ** 2, linewidths=0, **look)
        look |= {"markersize": 22 * reach, "markeredgewidth": 0, "linestyle": ""}
        handles.append(Line2D([], [], label=names[label], **look))
    for axis, name in zip(axes, maps, strict=True):
        axis.axis("on")
        axis.set(title=name, xticks=[], yticks=[], box_aspect=1)
        axis.set_aspect("equal", adjustable="datalim")
        axis.spines[:].set(visible=True, color="#bbbbbb")
    if not short:
        look = {"frameon": False, "fontsize": 11, "handletextpad": 0.2}
        made.legend(handles=handles, loc="outside lower center", ncols=entries, **look)
    classes = ", ".join(names[label] for label in there)
    told = "; ".join(f"{name} ({_at_home(points, labels):.0%})" for name, points in maps.items())
    show(
        made,
        f"{title or 'Maps'}. Maps of {len(labels):,} points of {len(there)} classes ({classes}), in brackets how many "
        f"have their nearest neighbour in their own class: {told}.",
    )


def _letters(text: str):
    """Return letters as a path around (0, 0), and how far it reaches for text of size 1."""
    from matplotlib.path import Path
    from matplotlib.textpath import TextPath

    drawn = TextPath((0, 0), text.strip().replace("$", r"\$"), size=1)
    vertices = drawn.vertices - drawn.get_extents().get_points().mean(axis=0)
    return Path(vertices, drawn.codes), np.abs(vertices).max()


def _at_home(points: npt.ArrayLike, labels: np.ndarray) -> float:
    """Return the fraction of points that have a point of their own class as nearest neighbour."""
    from sklearn.neighbors import NearestNeighbors

    nearest = NearestNeighbors(n_neighbors=1).fit(points).kneighbors(return_distance=False)[:, 0]
    return float((labels[nearest] == labels).mean())


def planes(points: npt.ArrayLike, planes: Mapping[str, npt.ArrayLike], title: str = "") -> None:
    """Show points (n, 3) and planes, each of two directions (2, 3), through their mean: obliquely and along an edge."""
    from matplotlib.patches import Patch, Polygon

    points = np.asarray(points, float) - np.mean(points, axis=0)
    frames = _frames(points, planes)
    along, across = next(iter(frames.values()))
    turned = np.stack([along, across, np.cross(along, across)]).T  # from here on, the first plane lies flat
    points, frames = points @ turned, {name: frame @ turned for name, frame in frames.items()}
    normals = {name: np.cross(*frame) for name, frame in frames.items()}
    angles = {name: np.degrees(np.arccos(min(1, abs(normal[2])))) for name, normal in normals.items()}
    # Along the line where the plane that is tilted most cuts the first, both are seen as lines, at their true angle.
    most = max(angles, key=angles.get)
    x, y = normals[most][:2] / np.linalg.norm(normals[most][:2]) if angles[most] > 0.05 else (1, 0)
    edge = np.array([[x, y, 0], [0, 0, 1]])
    above = np.array([[0.866, 0.5, 0], [-0.287, 0.497, 0.819]])  # turned by 30 degrees, seen from 35 above
    apart = {1: "", 2: f", {angles[most]:.1f}° apart"}.get(len(planes), f", up to {angles[most]:.1f}° apart")
    views = {"from above (pale: below the first plane)": above, "along the edge of the first" + apart: edge}

    reach = 1.15 * np.percentile(np.abs(points[:, :2]), 95, axis=0)
    corners = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * reach
    patches = {name: corners @ frame for name, frame in frames.items()}
    together = np.concatenate([points, *patches.values()])
    half = 1.03 * np.abs(np.concatenate([together @ view.T for view in views.values()])).max(axis=0)
    height = np.clip(0.47 * WIDTH * half[1] / half[0], 1.6, 4.6)
    made, axes = figure(1, 2, height + 0.95 + 0.35 * bool(title), title)
    higher, legend = points[:, 2] > 0, {}
    for axis, (name, view) in zip(axes[0], views.items(), strict=True):
        for number, (plane, patch) in enumerate(patches.items()):
            colour = COLOURS[number % len(COLOURS)]
            look = {"facecolor": (colour, 0.2), "edgecolor": colour, "linestyle": DASHES[number % len(DASHES)]}
            # The first one's line is broad and pale: one on it is seen, even where they are the same.
            look |= {"linewidth": 2} if number else {"linewidth": 6, "edgecolor": (colour, 0.45)}
            outline = patch @ view.T
            if np.linalg.matrix_rank(outline, tol=1e-6 * np.abs(outline).max()) < 2:  # seen as a line: its two ends
                outline = max(outline[::2], outline[1::2], key=lambda ends: np.linalg.norm(ends[0] - ends[1]))
            axis.add_patch(Polygon(outline, closed=len(outline) > 2, zorder=3, **look))
            legend[plane] = Patch(label=plane, **look)
        # Seen from above, higher points lie before the planes; along the edge, lines must not be hidden by points.
        for side, colour, order in ((~higher, "#999999", 1), (higher, "#333333", 5 if view is above else 1)):
            axis.scatter(*(points[side] @ view.T).T, s=9, color=colour, linewidths=0, zorder=order)
        axis.set(xlim=(-half[0], half[0]), ylim=(-half[1], half[1]), aspect="equal", title=name)
        axis.axis("off")
    made.legend(handles=legend.values(), loc="outside lower center", ncols=min(len(planes), 4), frameon=False)
    told = ", ".join(f"{name} {angle:.1f} degrees" for name, angle in list(angles.items())[1:])
    told = f"; angle to the first: {told}" if told else ""
    views = "seen from above and along an edge"
    show(made, f"{title}. {len(points):,} points in space and planes, {views}: {', '.join(planes)}{told}.")


def _frames(points: np.ndarray, planes: Mapping[str, npt.ArrayLike]) -> dict[str, np.ndarray]:
    """Return two orthonormal directions along each plane: first as the points spread, then as like these as can be."""
    frames: dict[str, np.ndarray] = {}
    for name, directions in planes.items():
        basis = np.linalg.qr(np.asarray(directions, float).T)[0].T
        if frames:
            left, _, right = np.linalg.svd(next(iter(frames.values())) @ basis.T)
            frames[name] = left @ right @ basis
        else:
            frames[name] = np.linalg.svd(points @ basis.T, full_matrices=False)[2] @ basis
    return frames


def similarities(points, perplexity: float) -> np.ndarray:
    """Return t-SNE's joint probabilities p of points (n, dimensions): an array (n, n) with 0 on the diagonal and sum 1.

    Around each point lies a Gaussian, p(j|i) in proportion to ``exp(-distance(i, j) ** 2 / (2 * width(i) ** 2))``. Its
    width is such that the perplexity, 2 to the power of the entropy in bits, is as asked: about so many points count as
    neighbours, in dense regions as in sparse ones. Then ``p(i, j) = (p(j|i) + p(i|j)) / (2 * n)``.

    Parameters
    ----------
    points : array, (n, dimensions)
    perplexity : float
        More than 1 and less than ``n - 1``.

    Examples
    --------
    >>> similarities([[0.0], [1.0], [5.0], [6.0]], perplexity=1.5).round(2)
    array([[0.  , 0.22, 0.01, 0.01],
           [0.22, 0.  , 0.02, 0.01],
           [0.01, 0.02, 0.  , 0.22],
           [0.01, 0.01, 0.22, 0.  ]])
    """
    from scipy.spatial.distance import cdist

    points = np.asarray(points, float)
    count = len(points)
    if not 1 < perplexity < count - 1:  # no width could give another
        raise ValueError(f"perplexity: expected more than 1 and less than {count - 1}, got {perplexity}")
    points = points / np.abs(points).max()  # a common factor changes nothing
    others = ~np.eye(count, dtype=bool)  # no point is its own neighbour
    squares = cdist(points, points, "sqeuclidean")
    squares -= squares.min(axis=1, keepdims=True, where=others, initial=np.inf)  # cancels, and leaves one exp(0) a row
    np.fill_diagonal(squares, 0)
    squares /= squares.mean(axis=1, keepdims=True, where=others)

    # In these units 1 / (2 * width ** 2) lies between 2 ** low and 2 ** high: halve that interval until it is a number.
    low, high = np.full((count, 1), -60.0), np.full((count, 1), 1000.0)
    for _ in range(53):
        middle = (low + high) / 2
        sharpness = 2**middle
        weights = others * np.exp(-sharpness * squares)
        total = weights.sum(axis=1, keepdims=True)
        # The entropy of p = weights / total: the mean of -log(p).
        entropy = np.log(total) + sharpness * (weights * squares).sum(axis=1, keepdims=True) / total
        too_many = entropy > np.log(perplexity)
        low, high = np.where(too_many, middle, low), np.where(too_many, high, middle)
    conditional = weights / total
    return (conditional + conditional.T) / (2 * count)


def _unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def _normal(rows):
    return _unit(np.cross(*rows))


def _plane_angle(first, second, *, normal=_normal, sign=abs):
    """Angle in degrees, 0 to 90, between two planes, each spanned by the two rows of a (2, 3) array."""
    cosine = sign(normal(first) @ normal(second))
    return np.degrees(np.arccos(np.minimum(cosine, 1)))


plane_angle = Check(
    _plane_angle,
    # No normal is longer than 1, so that one that is not divided by its length still gives an angle, and not nan.
    cases=[
        (np.array([[1.0, 0, 0], [0, 1, 0]]), np.array([[0, 0.5, 0], [1, 0, 1.5]])),
        (np.array([[0.8, 0.1, 0.3], [0.2, 0.7, -0.4]]), np.array([[0.5, 0.9, 0.2], [0.3, -0.1, 0.7]])),
        (np.array([[0.2, 0.3, 0.9], [0.6, 0.1, 0.5]]), np.array([[0.9, -0.2, 0.1], [-0.4, -0.3, -0.6]])),
    ],
    mistakes={
        "your angle can be obtuse. A normal may point to either side of its plane, and the plane stays the same.": [
            {"sign": float},
            {"sign": np.negative},
            {"sign": lambda cosine: -abs(cosine)},
        ],
        "your normals are not of length 1. Their product is a cosine only if they are.": [
            {"normal": lambda rows: np.cross(*rows)},
            {"normal": lambda rows: np.cross(*rows), "sign": float},
            {"normal": lambda rows: np.cross(*_unit(rows))},
        ],
        "that is an angle between directions in the planes, and each plane has many. It has only one normal.": [
            {"normal": lambda rows: _unit(rows[0])},
            {"normal": lambda rows: _unit(rows[0]), "sign": float},
        ],
        "that is the cosine. Which angle has it?": [
            lambda a, b: abs(_normal(a) @ _normal(b)),
            lambda a, b: _normal(a) @ _normal(b),
        ],
        "you have 90 degrees less the angle.": [
            lambda a, b: 90 - _plane_angle(a, b),
            lambda a, b: 90 - _plane_angle(a, b, sign=float),
        ],
    },
    praise="planes are compared by their normals, whichever rows happen to span them.",
    tolerance=1e-4,
)


def _components(train, test):
    return np.linalg.svd(train - train.mean(axis=0), full_matrices=False)[2]


def _mean_image(train, test):
    return train.mean(axis=0)


def _pca_error(train, test, count, *, components=_components, mean=_mean_image, removed=1, added=1):
    """Mean squared error a pixel of `test` (n, pixels), rebuilt from `count` principal components of `train`."""
    rows, middle = components(train, test)[:count], mean(train, test)
    rebuilt = (test - removed * middle) @ rows.T @ rows + added * middle
    return np.mean((rebuilt - test) ** 2)


def _image_sets(train, seed):
    rng = np.random.default_rng(seed)
    mix = rng.normal(size=(7, 7)) * np.linspace(3, 0.5, 7)[:, None]
    return [(rng.normal(size=(n, 7)) @ mix + rng.uniform(1, 4, 7)).round(1) for n in (train, 4)]


pca_error = Check(
    _pca_error,
    # The first has as many images as pixels, so that arrays that are cut along a wrong axis still fit.
    cases=[(*_image_sets(7, seed=1), 3), (*_image_sets(12, seed=2), 2)],
    mistakes={
        "the mean image is not treated alike everywhere. Remove it from train and test, and add it at the end.": [
            {"components": lambda train, test: np.linalg.svd(train)[2]},
            {"components": lambda train, test: np.linalg.svd(train)[2], "removed": 0, "added": 0},
            {"removed": 0, "added": 0},
            {"removed": 0},
            {"added": 0},
            {"added": 2},
        ],
        "another mean was removed. The mean image has a value for each pixel, and comes from train alone.": [
            {"mean": lambda train, test: test.mean(axis=0)},
            {
                "mean": lambda train, test: train.mean(),
                "components": lambda train, test: np.linalg.svd(train - train.mean())[2],
            },
        ],
        "the two sets have separate roles. The components come from train, and the error is that of test.": [
            lambda train, test, count: _pca_error(test, test, count),
            lambda train, test, count: _pca_error(train, train, count),
            {"components": lambda train, test: _components(test, test)},
        ],
        "a component has a value for each pixel, and yours are cut along another axis.": {
            "components": lambda train, test: _components(train, test).T
        },
        "those are other components. Take exactly `count` of them, from the most important one down.": [
            lambda train, test, count: _pca_error(train, test, count + 1),
            lambda train, test, count: _pca_error(train, test, count - 1),
            {"components": lambda train, test: _components(train, test)[::-1]},
        ],
    },
    praise="new images lose more than those that the components came from.",
    tolerance=1e-4,
)


def _divergence(p, q, *, term=lambda p, q: p * np.log(p / q)):
    """KL divergence of two arrays (n, n) of probabilities of pairs; their diagonals are 0, and do not count."""
    pairs = ~np.eye(len(p), dtype=bool)
    return np.sum(term(p[pairs], q[pairs]))


_P = np.array([[0, 0.25, 0.15], [0.25, 0, 0.1], [0.15, 0.1, 0]])
_Q = np.array([[0, 0.1, 0.2], [0.1, 0, 0.2], [0.2, 0.2, 0]])
_R = np.array([[0, 0.3, 0.05], [0.3, 0, 0.15], [0.05, 0.15, 0]])

divergence = Check(
    _divergence,
    cases=[(_P, _Q), (_R, _P)],
    mistakes={
        "on the diagonal both are 0, and the logarithm of 0 spoils the sum. No point is its own neighbour.": (
            lambda p, q: np.sum(p * np.log(p / q))
        ),
        "the weight before each logarithm should be p. You have q somewhere.": [
            {"term": lambda p, q: q * np.log(p / q)},
            {"term": lambda p, q: p * np.log(p) - q * np.log(q)},
        ],
        "p is missing in the logarithm. That leaves a cross-entropy.": [
            {"term": lambda p, q: -p * np.log(q)},
            {"term": lambda p, q: p * np.log(q)},
        ],
        "you compare p and q by their differences. A divergence compares them by the logarithm of their quotient.": [
            {"term": lambda p, q: (p - q) ** 2},
            lambda p, q: np.mean((p - q) ** 2),
            {"term": lambda p, q: np.abs(p - q)},
        ],
        "each pair adds p times the logarithm of a quotient. One of these is missing or elsewhere in yours.": [
            {"term": lambda p, q: np.log(p / q)},
            {"term": lambda p, q: p * p / q},
            {"term": lambda p, q: p * np.log(p) / q},
        ],
    },
    praise="a pair that is close in p and far in q costs most.",
    tolerance=1e-4,  # a little added to the probabilities, against the logarithm of 0, is no mistake
)


def _walk(first, second, count, *, steps=lambda count: np.linspace(0, 1, count)):
    """Codes (count, numbers) in equal steps along a straight line, from `first` to `second`, both included."""
    return first + steps(count)[:, None] * (second - first)


walk = Check(
    _walk,
    cases=[
        (np.array([1.0, 6.0]), np.array([9.0, 2.0]), 5),
        (np.array([2.0, -1.0, 0.5, 3.0]), np.array([-1.0, 3.5, 0.5, 6.0]), 7),
    ],
    mistakes={
        "the walk should begin with `first` and end with `second`. In yours, one of them or both are missing.": [
            {"steps": lambda count: np.arange(count) / count},
            {"steps": lambda count: np.arange(1, count + 1) / count},
            {"steps": lambda count: np.arange(1, count + 1) / (count + 1)},
        ],
        "each of your steps is as long as the whole way. Only all of them together should be.": [
            {"steps": np.arange},
            {"steps": lambda count: np.arange(1, count + 1)},
        ],
        "a code is `first` plus a part of the difference between the two ends. One of these is missing in yours.": [
            lambda first, second, count: _walk(first, second, count) - first,
            lambda first, second, count: _walk(0 * first, second, count) + first,
        ],
    },
    praise="the ends are images that you know; what is between them the decoder makes up.",
    tolerance=1e-5,
)
