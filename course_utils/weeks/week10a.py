"""Week 10a: the checks of its exercises, and what this lesson alone needs."""

from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np
import numpy.typing as npt

from .. import runtime
from ..judge import Check, Remark
from ..plots.look import COLOURS, DASHES, WIDTH, figure, grid, show

# For ten classes; letters distinguish them, colours only help. All are dark enough on white.
MANY = ["#0072B2", "#B04D00", "#007A59", "#B5378A", "#8F6300"]
MANY += ["#5B3FB0", "#000000", "#C1121F", "#4B6B00", "#6E6E6E"]


def planes(points: np.ndarray, planes: Mapping[str, np.ndarray], title: str) -> None:
    """Show points (n, 3) and planes, each spanned by two directions (2, 3): obliquely, and along the first plane."""
    bases = {name: np.linalg.qr(directions.T)[0] for name, directions in planes.items()}
    first = next(iter(bases.values()))
    upright = np.column_stack([first, np.cross(*first.T)])  # in these coordinates the first plane is horizontal
    points = (points - points.mean(axis=0)) @ upright
    reach = np.abs(points).max()
    corners = 0.8 * reach * np.array([[1, 1, 0], [-1, 1, 0], [-1, -1, 0], [1, -1, 0], [1, 1, 0]])
    made, axes = figure(1, 2, 3.4, title, subplot_kw={"projection": "3d"})
    for axis, elevation, view in zip(axes[0], (28, 0), ("at an angle", "from the side"), strict=True):
        axis.scatter(*points.T, s=8, color="#444444", linewidths=0)
        for number, (name, basis) in enumerate(bases.items()):
            basis = upright.T @ basis
            look = {"color": COLOURS[number], "linestyle": DASHES[number], "linewidth": 6 - 4 * min(number, 1)}
            axis.plot(*(corners @ basis @ basis.T).T, label=name, **look)
        axis.view_init(elevation, -60)
        axis.set(title=view, xlim=(-reach, reach), ylim=(-reach, reach), zlim=(-reach / 2, reach / 2))
        axis.set(xticks=[], yticks=[], zticks=[])
        axis.set_box_aspect((2, 2, 1), zoom=1.25)
    made.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    show(made, f"{title}. {len(points)} points in space and the planes of {', '.join(planes)}, seen from two sides.")


def maps(maps: Mapping[str, np.ndarray], labels: np.ndarray, names: Sequence[str], title: str = "") -> None:
    """Show maps (n, 2) of the same points side by side; each point is its class's name if short, or its number.

    Behind the name of a map stands how many points have a nearest neighbour with the same label.
    """
    short = all(0 < len(name.strip()) <= 2 for name in names)
    classes = np.unique(labels).tolist()
    made, axes = grid(len(maps), len(maps), min(0.97 * WIDTH / len(maps), 5), title, 0 if short else 0.8)
    look = {"fontsize": 11 if len(labels) < 100 else 8, "ha": "center", "va": "center"}
    for axis, (name, points) in zip(axes, maps.items(), strict=True):
        axis.scatter(*points.T, s=0)  # so that the axes reach over all points
        for (x, y), label in zip(points, labels, strict=True):
            text = names[label].replace("$", r"\$") if short else str(label)
            axis.text(x, y, text, color=MANY[label % len(MANY)], **look)
        axis.axis("on")
        same = same_class_neighbours(points, labels)
        axis.set(title=f"{name}: same label {same:.0%}", xticks=[], yticks=[], box_aspect=1)
        axis.spines[:].set(visible=True, color="#bbbbbb")
    if not short:
        made.supxlabel(fill(", ".join(f"{label} {names[label]}" for label in classes), 110), fontsize=11)
    agreement = "; ".join(f"{name} ({same_class_neighbours(points, labels):.0%})" for name, points in maps.items())
    show(
        made,
        f"{title or 'Maps'}. Maps of {len(labels)} points of {len(classes)} classes; in brackets, the fraction of "
        f"points whose nearest neighbour has the same class: {agreement}.",
    )


def same_class_neighbours(points: npt.ArrayLike, labels: np.ndarray) -> float:
    """Fraction of points (n, dimensions) whose nearest neighbour has the same label."""
    from sklearn.neighbors import NearestNeighbors

    nearest = NearestNeighbors(n_neighbors=1).fit(points).kneighbors(return_distance=False)[:, 0]
    return float((labels[nearest] == labels).mean())


def similarities(points: npt.ArrayLike, perplexity: float) -> np.ndarray:
    """t-SNE's p of points (n, dimensions): an array (n, n) with sum 1 and 0 on the diagonal.

    Around each point lies a Gaussian, so wide that about `perplexity` other points count as its neighbours.

    Examples
    --------
    >>> similarities([[0.0], [1.0], [5.0], [6.0]], perplexity=1.5).round(2)
    array([[0.  , 0.22, 0.01, 0.01],
           [0.22, 0.  , 0.02, 0.01],
           [0.01, 0.02, 0.  , 0.22],
           [0.01, 0.01, 0.22, 0.  ]])
    """
    from scipy.spatial.distance import cdist

    squares = cdist(points, points, "sqeuclidean")
    np.fill_diagonal(squares, np.inf)  # no point is its own neighbour
    squares -= squares.min(axis=1, keepdims=True)  # changes no p, and keeps exp from 0 everywhere
    # Halve the interval of each point's log2(1 / (2 * width ** 2)) until the perplexity is right.
    low, high = np.full((2, len(squares), 1), [[[-60.0]], [[60.0]]])
    for _ in range(60):
        middle = (low + high) / 2
        p = np.exp(-(2**middle) * squares)
        p /= p.sum(axis=1, keepdims=True)
        entropy = -np.sum(p * np.log(np.where(p > 0, p, 1)), axis=1, keepdims=True)
        too_wide = entropy > np.log(perplexity)
        low, high = np.where(too_wide, middle, low), np.where(too_wide, high, middle)
    return (p + p.T) / (2 * len(p))


def fit_pca(images: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean (pixels,) and principal components (count, pixels) of images, or as many as they have."""
    from sklearn.decomposition import PCA

    rows = images.reshape(len(images), -1)
    pca = PCA(min(count, *rows.shape), svd_solver="covariance_eigh").fit(rows)
    return pca.mean_, pca.components_


def set_averages(network, images: np.ndarray) -> None:
    """Set the moving averages of a network's batch normalisation to those of these images."""
    keras = runtime.quiet_keras()
    layers = [network]
    for layer in layers:
        layers += getattr(layer, "layers", [])
    norms = [layer for layer in layers if isinstance(layer, keras.layers.BatchNormalization)]
    momentum = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0  # then an average is that of the last batch alone
    network(images, training=True)
    for norm, before in zip(norms, momentum, strict=True):
        norm.momentum = before


def _pca_rebuild(rows, mean, components, *, removed=1, added=1):
    """Images (n, pixels), rebuilt from their PCA codes."""
    return (rows - removed * mean) @ components.T @ components + added * mean


def _pca_case(count, pixels, seed):
    rng = np.random.default_rng(seed)
    components = np.linalg.qr(rng.normal(size=(pixels, count)))[0].T
    return rng.uniform(0, 1, (4, pixels)).round(1), rng.uniform(0.2, 0.8, pixels).round(1), components


pca_rebuild = Check(
    _pca_rebuild,
    # Equally many rows and pixels in the first, so that a product along a wrong axis still fits.
    cases=[_pca_case(2, 4, seed=1), _pca_case(3, 6, seed=2)],
    mistakes={
        "the mean is missing somewhere, or has the wrong sign. Subtract it before the code, and add it at the end.": [
            {"removed": a, "added": b} for a, b in ((0, 0), (1, 0), (0, 1), (1, -1), (-1, 1), (-1, -1))
        ],
        "the mean of the given rows is subtracted. The argument `mean` is that of the training images.": (
            lambda rows, mean, components: _pca_rebuild(rows, rows.mean(axis=0), components)
        ),
        "those are the codes. Turn them back into images.": (
            lambda rows, mean, components: (rows - mean) @ components.T
        ),
    },
    praise="this is an autoencoder whose encoder and decoder are both linear.",
    tolerance=1e-4,
)


def _squeeze(network, size, *, vector="Flatten", activation=None, after=""):
    """Encoder: the network, then one vector, then `size` numbers."""
    layers = runtime.quiet_keras().layers
    between = [getattr(layers, vector)()] if vector else []
    behind = [getattr(layers, after)()] if after else []
    dense = layers.Dense(size, activation=activation)
    return runtime.quiet_keras().Sequential([network, *between, dense, *behind])


class _Channels(int):
    """A number of feature maps, which a message shows as the argument that answers get."""

    def __repr__(self):
        return f"a network with output (3, 3, {int(self)})"


def _codes(answer):
    """Networks cannot be compared: give all weights fixed values, and compare the codes of two images."""

    def codes(channels, size):
        keras = runtime.quiet_keras()
        layers = [keras.Input((8, 8, 1)), keras.layers.Conv2D(int(channels), 3), keras.layers.MaxPooling2D()]
        network = keras.Sequential(layers)
        encoder = answer(network, size)
        if encoder is None:
            return None
        if not isinstance(encoder, keras.Model) or network not in encoder.layers:  # as a whole: later cells use it
            raise Remark("a new network is expected, with the given one as its first layer, whole and unchanged.")
        dense = [layer for layer in encoder.layers if isinstance(layer, keras.layers.Dense)]
        if len(dense) > 1:
            raise Remark("a single dense layer is enough. Yours has more than one.")
        if dense and dense[0].units != size:
            raise Remark(f"the code should have as many numbers as `size` says. Yours has {dense[0].units}.")
        weights = encoder.get_weights()  # vectors become 0, so that a dense layer may do without a bias
        encoder.set_weights([np.sin(1 + np.arange(w.size)).reshape(w.shape) * (w.ndim > 1) for w in weights])
        return np.asarray(encoder(np.cos(np.arange(128.0)).reshape(2, 8, 8, 1)))

    return codes


squeeze = Check(
    _squeeze,
    cases=[(_Channels(64), 3), (_Channels(64), 5)],
    mistakes={
        "the dense layer works at each position alone. Make one vector of all feature maps before it.": [
            {"vector": ""},
            {"vector": "", "after": "Flatten"},
        ],
        "each feature map became a single number. The dense layer should see all positions of all maps.": {
            "vector": "GlobalAveragePooling2D"
        },
        "something follows the dense layer, an activation or another layer. But a code may have any value.": [
            *({"activation": name} for name in ("relu", "tanh", "sigmoid", "softmax", "selu")),
            {"after": "BatchNormalization"},
        ],
    },
    praise="this encoder is trained below.",
    tolerance=1e-3,
    view=_codes,
)


def _walk(first, second, count, *, fractions=lambda count: np.linspace(0, 1, count)):
    """Codes (count, numbers) in equal steps from `first` to `second`, both included."""
    return first + fractions(count)[:, None] * (second - first)


walk = Check(
    _walk,
    cases=[
        (np.array([1.0, 6.0]), np.array([9.0, 2.0]), 5),
        (np.array([2.0, -1.0, 0.5, 3.0]), np.array([-1.0, 3.5, 0.5, 6.0]), 7),
    ],
    mistakes={
        "the walk should begin with `first` and end with `second`. In yours, one of them or both are missing.": [
            {"fractions": lambda count: np.arange(count) / count},
            {"fractions": lambda count: np.arange(1, count + 1) / (count + 1)},
        ],
        "each of your steps is as long as the whole way. Only all of them together should be.": {
            "fractions": np.arange
        },
        "a code is `first` plus a part of the difference between the two ends. One of these is missing in yours.": [
            lambda first, second, count: _walk(first, second, count) - first,
            lambda first, second, count: _walk(0 * first, second, count) + first,
        ],
    },
    praise="you know the images at the ends; the decoder generates those between them.",
    tolerance=1e-5,
)


def _divergence(p, q, *, term=lambda p, q: p * np.log(p / q)):
    """KL divergence of two arrays (n, n) of probabilities of pairs; the diagonals are 0 and do not count."""
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
        "each term has p before the logarithm, and p over q within. In yours p is missing, or q takes its place.": [
            {"term": term}
            for term in (lambda p, q: q * np.log(p / q), lambda p, q: np.log(p / q), lambda p, q: -p * np.log(q))
        ],
        "that is the mean over the pairs. The divergence is their sum.": [
            lambda p, q: _divergence(p, q) / (len(p) * (len(p) - 1)),
            lambda p, q: _divergence(p, q) / len(p) ** 2,
        ],
        "the logarithm has another base. The natural one is expected.": [
            {"term": lambda p, q: p * np.log2(p / q)},
            {"term": lambda p, q: p * np.log10(p / q)},
        ],
        "each pair is counted once. But (i, j) and (j, i) both count.": lambda p, q: _divergence(p, q) / 2,
        "you compare p and q by their differences. A divergence compares them by the logarithm of their quotient.": {
            "term": lambda p, q: (p - q) ** 2
        },
    },
    praise="a pair that is close in p and far in q costs most.",
    tolerance=1e-4,  # a little added to the probabilities, against the logarithm of 0, is no mistake
)
