"""Week 1: the checks of its exercises, and its pictures of a network, a surface and gradients."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from .. import plots
from ..data import record
from ..judge import Check
from ..plots.look import COLOURS, figure, show


def _weighted_sums(inputs, weights, biases):
    """The sums z of all nodes: an array (examples, nodes)."""
    return inputs @ weights + biases


_X = np.array([[1.0, 2.0, -1.0], [0.5, -3.0, 2.0]])
_W = np.array([[0.5, 1.0], [-2.0, 0.25], [3.0, -1.5]])
_SQUARE = np.array([[2.0, 1.0], [-1.0, 3.0]])

weighted_sums = Check(
    _weighted_sums,
    cases=[
        (np.array([[1.0, 2.0]]), np.array([[0.5], [1.0]]), np.array([-1.0])),
        (_SQUARE, np.array([[1.0, 0.5], [-2.0, 4.0]]), np.array([0.5, -1.0])),
        (_X, _W, np.array([1.0, -0.5])),
    ],
    mistakes={
        "inputs and weights are multiplied pair by pair. Each node needs the sum of its products over all inputs.": (
            lambda x, w, b: x * w + b
        ),
        "each bias went to an example. It belongs to a node, for all examples.": lambda x, w, b: x @ w + b[:, None],
    },
    praise="one matrix product does it for all examples and all nodes.",
)


def _softmax(logits, *, top=lambda z: z.max(axis=1, keepdims=True), total=lambda e: e.sum(axis=1, keepdims=True)):
    """The probabilities of each example: an array (examples, classes), like `logits`; each row adds up to 1."""
    powers = np.exp(logits - top(logits))
    return powers / total(powers)


softmax = Check(
    _softmax,
    cases=[
        (np.array([[0.0, np.log(3)]]),),
        (np.array([[1.0, 2.0, -1.0], [0.5, 0.5, 3.0]]),),
        (np.array([[2000.0, 1999.0, -2000.0], [0.0, 1.0, 2.0], [-2000.0, -1999.0, -1998.0], [0.0, 999.0, 1000.0]]),),
    ],
    mistakes={
        "that is right for small logits. For large ones a power overflows, and nan comes out.": [
            {"top": lambda z: 0},
            {"top": lambda z: z[:, :1]},
            {"top": lambda z: z.min(axis=1, keepdims=True)},
            {"top": lambda z: z.mean(axis=1, keepdims=True)},
        ],
        "you subtract the largest logit of all examples. Rows far below it become 0 / 0. Each row needs its own.": {
            "top": np.max
        },
        "you divide by the sum over all examples. Each row should add up to 1 by itself.": [
            {"total": np.sum},
            {"total": np.sum, "top": lambda z: 0},
            {"total": np.sum, "top": np.max},
        ],
        "your columns add up to 1. The rows should, because each row is one example.": [
            {"total": lambda e: e.sum(axis=0)},
            {"total": lambda e: e.sum(axis=0), "top": lambda z: 0},
            {"total": lambda e: e.sum(axis=0), "top": lambda z: z.max(axis=0)},
        ],
        "the sum of each row is missing, so that rows do not add up to 1.": [
            {"total": lambda e: 1},
            {"total": lambda e: 1, "top": lambda z: 0},
        ],
    },
    praise="subtracting the largest logit of each row keeps every power at 1 or below.",
)


def _cross_entropy(probabilities, targets, *, summary=np.mean):
    """The mean cross-entropy, a single number; both arrays are (examples, classes), and `targets` is one-hot."""
    return -summary(np.log((probabilities * targets).sum(axis=1)))


cross_entropy = Check(
    _cross_entropy,
    cases=[
        (np.array([[0.5, 0.5], [0.75, 0.25]]), np.eye(2)),
        (np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.25, 0.35, 0.4], [0.5, 0.3, 0.2]]), np.eye(3)[[0, 2, 1, 1]]),
    ],
    mistakes={
        "the sum over the examples should be divided by their number, and by nothing else.": [
            {"summary": np.sum},
            lambda p, y: -np.sum(y * np.log(p)) / p.shape[1],
        ],
        "that is the mean over all entries. Add up over the classes first, then take the mean over the examples.": (
            lambda p, y: -np.mean(y * np.log(p))
        ),
        "that is the logarithm of a mean. Take the mean of the logarithms.": (lambda p, y: -np.log(np.mean(p[y == 1]))),
        "the classes that are not true count, too. The target is 0 for them, so they should add nothing.": [
            lambda p, y: -np.mean(np.sum(y * np.log(p) + (1 - y) * np.log(1 - p), axis=1)),
            lambda p, y: -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)),
        ],
    },
    praise="a class with probability 1 costs nothing, and one with probability 0 costs infinitely much.",
    tolerance=1e-5,  # a little added to the probabilities, against a logarithm of 0, is no mistake
)


def _update(weights, velocity, gradient, rate, momentum):
    """The new weights and the new velocity, two arrays of the shape of `weights`."""
    velocity = momentum * velocity - rate * gradient
    return weights + velocity, velocity


update = Check(
    _update,
    cases=[
        (np.array([1.0]), np.array([0.0]), np.array([2.0]), 0.1, 0.9),
        (np.array([0.8]), np.array([-0.2]), np.array([2.0]), 0.1, 0.9),
        (_SQUARE, np.array([[0.5, -0.1], [0.2, 0.3]]), np.array([[1.0, -2.0], [0.25, 4.0]]), 0.03, 0.5),
    ],
    mistakes={
        "your update climbs. It should step against the gradient.": [
            lambda w, v, g, r, m: _update(w, v, -g, r, m),
            lambda w, v, g, r, m: (w - (m * v - r * g), m * v - r * g),
        ],
        "your velocity has the other sign. It holds the step itself, which is added to the weights.": (
            lambda w, v, g, r, m: (w - (m * v + r * g), m * v + r * g)
        ),
        "the weights move by the old velocity. They should move by the new one.": (
            lambda w, v, g, r, m: (w + v, m * v - r * g)
        ),
        "the new weights ignore the old velocity.": lambda w, v, g, r, m: (w - r * g, m * v - r * g),
        "the learning rate scales the gradient, and the momentum the old velocity: each one thing only.": [
            lambda w, v, g, r, m: _update(w, v, (1 - m) * g, r, m),
            lambda w, v, g, r, m: (w + r * (m * v - g), m * v - g),
            lambda w, v, g, r, m: (w - r * (m * v + g), m * v + g),
        ],
    },
    results=("the array of new weights", "the new velocity"),
    praise="Keras' optimizer SGD computes just these two lines.",
)


def _layer_backward(dz, inputs, weights, slopes):
    """Three arrays: dw (inputs, nodes), db (nodes,), and dz of the layer before (examples, inputs)."""
    return inputs.T @ dz, dz.sum(axis=0), slopes * (dz @ weights.T)


def _backward_but(**others):
    """A mistake in one of the three results."""

    def answer(dz, inputs, weights, slopes):
        right = dict(zip(("dw", "db", "before"), _layer_backward(dz, inputs, weights, slopes), strict=True))
        return tuple((right | {name: way(dz, inputs, weights, slopes) for name, way in others.items()}).values())

    return answer


_SLOPES = np.array([[1.0, 0.0, 0.5], [0.25, 1.0, 2.0]])

layer_backward = Check(
    _layer_backward,
    cases=[
        (np.array([[0.5, -1.0], [2.0, 0.25]]), _SQUARE, np.array([[1.0, 0.5], [-2.0, 4.0]]), _SLOPES[:, :2]),
        (np.array([[0.5]]), np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]), np.array([[1.0, 0.0]])),
        (np.array([[0.5, -1.0], [2.0, 0.25]]), _X, _W, _SLOPES),
    ],
    mistakes={
        "the slopes are missing in (5c).": [
            _backward_but(before=lambda dz, x, w, s: dz @ w.T),
            _backward_but(before=lambda dz, x, w, s: x * (dz @ w.T)),
        ],
        "you divide by the number of examples. This was done once already, at (5d).": [
            _backward_but(dw=lambda dz, x, w, s: x.T @ dz / len(dz)),
            _backward_but(db=lambda dz, x, w, s: dz.mean(axis=0)),
            _backward_but(dw=lambda dz, x, w, s: x.T @ dz / len(dz), db=lambda dz, x, w, s: dz.mean(axis=0)),
        ],
        "db still has a row for each example. (5b) should be added up over the examples.": _backward_but(
            db=lambda dz, x, w, s: dz
        ),
        "the sum in (5c) runs over the inputs. It should run over the nodes that an input feeds.": _backward_but(
            before=lambda dz, x, w, s: s * (dz @ w)
        ),
        "your dw contains the slopes. They belong in (5c) only.": [
            _backward_but(dw=lambda dz, x, w, s: (x * s).T @ dz),
            _backward_but(dw=lambda dz, x, w, s: (x * s).T @ dz, before=lambda dz, x, w, s: dz @ w.T),
        ],
    },
    results=("the array dw", "the array db", "the dz of the layer before"),
    praise="these three expressions give the gradients of a dense network of any size.",
)


def largest_difference(arrays: Sequence[np.ndarray], others: Sequence[np.ndarray]) -> float:
    """The largest difference between entries of two lists of arrays."""
    return max(float(np.abs(np.subtract(*pair)).max()) for pair in zip(arrays, others, strict=True))


def means(losses: Sequence[float], count: int = 50) -> tuple[np.ndarray, np.ndarray]:
    """Steps, and the mean loss of the `count` steps that end there."""
    whole = np.reshape(losses[: len(losses) // count * count], (-1, count))
    return count * np.arange(1, len(whole) + 1), whole.mean(axis=1)


def tape_gradients(network: Sequence[np.ndarray], x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Gradients of the cross-entropy of a network with ReLU and softmax, by TensorFlow's automatic differentiation."""
    import tensorflow as tf

    variables = [tf.Variable(array) for array in network]
    with tf.GradientTape() as tape:
        a = tf.constant(x)
        for weights, biases in zip(variables[::2], variables[1::2], strict=True):
            z = a @ weights + biases
            a = tf.nn.relu(z)
        loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(y, z))
    return [gradient.numpy() for gradient in tape.gradient(loss, variables)]


def ink_of_halves(part: record.Part) -> tuple[np.ndarray, np.ndarray]:
    """The ink in the left and right half of 3s and 8s, (n, 2), with a mean of 1, and one-hot targets (n, 2).

    Where there are fewer than nine classes, those of the first two.
    """
    part = part.few(300)
    pair = (3, 8) if part.labels.max() >= 8 else (0, 1)
    chosen = np.isin(part.labels, pair)
    images, labels = part.images[chosen], part.labels[chosen]
    ink = np.stack([half.mean(axis=(1, 2, 3)) for half in np.split(images, 2, axis=2)], axis=1).astype(float)
    return ink / max(ink.mean(), 1e-9), np.eye(2)[(labels == pair[1]).astype(int)]


def draw_network(
    activations: Sequence[np.ndarray],
    layers: Sequence[tuple[np.ndarray, np.ndarray]],
    marked: Sequence[tuple[int, int]],
) -> None:
    """Draw the nodes of each layer with their activations for one example.

    The edges into `marked` nodes, (layer, node) counted from 1, show their weights.
    """
    made, axes = figure(height=4.4, title="Activations in the nodes, weights on the edges")
    axis = axes[0, 0]
    axis.axis("off")
    columns = [np.ravel(values) for values in activations]
    at = [[(3 * i, (len(a) - 1) / 2 - j) for j in range(len(a))] for i, a in enumerate(columns)]
    described = []
    for i, (weights, biases) in enumerate(layers, 1):
        for j, k in np.ndindex(weights.shape):
            strong = (i, k + 1) in marked
            (x0, y0), (x1, y1) = at[i - 1][j], at[i][k]
            look = {"color": COLOURS[i], "linewidth": 2.2} if strong else {"color": "#cccccc", "linewidth": 1.2}
            axis.plot([x0, x1], [y0, y1], zorder=2 if strong else 1, **look)
            if strong:
                paper = {"facecolor": "white", "edgecolor": "none", "pad": 1}
                place = x0 + 0.45 * (x1 - x0), y0 + 0.45 * (y1 - y0)
                axis.text(*place, f"{weights[j, k]:g}", ha="center", va="center", bbox=paper, zorder=3)
        for k, bias in enumerate(biases):
            if (i, k + 1) in marked:
                x1, y1 = at[i][k]
                axis.text(x1, y1 - 0.38, f"bias {bias:g}", ha="center", va="top", color=COLOURS[i])
                described.append(f"Node {k + 1} of layer {i}: weights {weights[:, k].tolist()}, bias {bias:g}")
    for i, values in enumerate(columns):
        for (x, y), value in zip(at[i], values, strict=True):
            axis.scatter(x, y, s=900, color="white", edgecolor=COLOURS[0], linewidth=2, zorder=4)
            axis.text(x, y, f"{value:g}", ha="center", va="center", zorder=5)
        name = f"layer {i}" if i else "inputs"
        axis.text(3 * i, max(map(len, columns)) / 2 + 0.15, name, ha="center", fontweight="bold")
        described.append(f"{name}: {values.tolist()}")
    reach = max(map(len, columns)) / 2
    axis.set(xlim=(-0.4, 3 * len(layers) + 0.4), ylim=(-reach - 0.4, reach + 0.4))
    show(made, f"A small network. {'. '.join(described)}.")


def draw_surface(loss_of: Callable, paths: Mapping[str, np.ndarray]) -> float:
    """Draw each path of two weights on the contours of their loss; return the lowest loss."""
    from scipy.optimize import minimize

    w1, w2 = np.linspace(-2.2, 3.8, 41), np.linspace(-4, 2, 41)
    heights = np.array([[loss_of(np.array([one, two])) for one in w1] for two in w2])
    losses = {name: loss_of(path[-1]) for name, path in paths.items()}
    grid = {(one, two): heights[j, i] for i, one in enumerate(w1) for j, two in enumerate(w2)}
    found = minimize(loss_of, min(grid, key=grid.get))
    lowest_at, lowest = found.x, found.fun
    levels = lowest + np.geomspace(0.004, max(heights.max() - lowest, 0.01), 12)
    made, axes = figure(
        1, len(paths), 3.3, "Four walks down the loss: start (square), lowest point (star)", sharex=True, sharey=True
    )
    for number, (axis, (name, path)) in enumerate(zip(axes[0], paths.items(), strict=True)):
        axis.contour(w1, w2, heights, levels=levels, colors="#999999", linewidths=0.8)
        axis.plot(*path.T, color=COLOURS[number], linewidth=1.2, marker="o", markersize=3)
        axis.plot(*path[0], color="black", marker="s", markersize=7)
        axis.plot(*lowest_at, color="black", marker="*", markersize=11, markeredgecolor="white", zorder=3)
        axis.set(xlim=(-2.2, 3.8), ylim=(-4, 2), aspect="equal", xlabel="w1 (left)")
        axis.set_title(f"{name}\nloss {losses[name]:.3f} at the end", fontsize=11)
        axis.grid(visible=False)
    axes[0, 0].set_ylabel("w2 (right)")
    ends = "; ".join(f"{name} ends at {loss:.3f}" for name, loss in losses.items())
    show(made, f"Contours of a loss over two weights, a long valley whose lowest loss is {lowest:.3f}. Paths: {ends}.")
    return float(lowest)


def draw_mistakes(part: record.Part, probabilities: np.ndarray, names: Sequence[str]) -> None:
    """Show the ten images whose true class has the smallest probability."""
    of_truth = probabilities[np.arange(len(part.labels)), part.labels]
    worst = np.argsort(of_truth, kind="stable")[:10]
    read = probabilities.argmax(axis=1)
    titles = [f"{names[part.labels[i]]}, read as {names[read[i]]}" for i in worst]
    plots.pictures(part.images[worst], titles, "The ten lowest probabilities of the true class", columns=5)
    wrong = np.flatnonzero(read != part.labels)
    pairs, counts = np.unique(np.stack([part.labels[wrong], read[wrong]], axis=1), axis=0, return_counts=True)
    ranked = sorted(zip(counts.tolist(), pairs.tolist(), strict=True), reverse=True)[:3]
    common = ", ".join(f"{names[true]} read as {names[other]} ({count} times)" for count, (true, other) in ranked)
    print(f"{len(wrong)} of {len(read):,} are wrong. Most often: {common or 'nothing'}.")
