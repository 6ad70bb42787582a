"""Week 11b: the checks of its exercises, and what this lesson alone needs."""

from collections.abc import Mapping

import numpy as np

from .. import runtime, training
from ..judge import Check, Remark
from ..plots import look

keras = runtime.quiet_keras()
ops = keras.ops


def _phase_labels(count, phase, *, first=lambda count: np.repeat([1.0, 0.0], count), second=np.ones):
    """Labels of a batch: (2 * count,) in phase 1, (count,) in phase 2."""
    return first(count) if phase == 1 else second(count)


phase_labels = Check(
    _phase_labels,
    cases=[(3, 1), (3, 2), (4, 1), (5, 2), (7, 1)],
    mistakes={
        "with the label 0 in phase 2, G would learn to be recognised. It wants D to output 1.": {"second": np.zeros},
        "in phase 2 there are only `count` images, all artificial.": [
            lambda count, phase: _phase_labels(count, 1),
            {"second": lambda count: np.ones(2 * count)},
        ],
        "real images have the label 1, artificial ones 0. You have them the other way round.": [
            {"first": lambda count: np.repeat([0.0, 1.0], count)},
            {"first": lambda count: np.repeat([0.0, 1.0], count), "second": np.zeros},
        ],
        "in phase 1 all real images come first. Your labels alternate.": {"first": lambda n: np.tile([1.0, 0.0], n)},
        "phase 1 has `count` real images with the label 1, then `count` artificial ones with the label 0.": [
            {"first": np.ones},
            {"first": lambda count: np.ones(2 * count)},
        ],
    },
    praise="in phase 2 the labels are false on purpose: they make G change until D outputs 1.",
)


def _cross_entropy(labels, probabilities, *, real=1, artificial=1, mean=ops.mean, log=ops.log):
    """Mean binary cross-entropy, a single number, from labels and D's outputs, both of shape (m,)."""
    losses = real * labels * log(probabilities) + artificial * (1 - labels) * log(1 - probabilities)
    return -mean(losses)


def _mean_of_each_label(y, p):
    real, artificial = ops.sum(y * ops.log(p)), ops.sum((1 - y) * ops.log(1 - p))
    return -real / ops.sum(y) - artificial / ops.sum(1 - y)


def _with_gradients(answer):
    """Call an answer with tensors, as the training does, and see that it passes gradients on."""

    def call(labels, probabilities):
        import tensorflow as tf

        probabilities = tf.constant(probabilities)
        with tf.GradientTape() as tape:
            tape.watch(probabilities)
            loss = answer(tf.constant(labels), probabilities)
        if loss is None:
            return None
        if not tf.is_tensor(loss) or tape.gradient(loss, probabilities) is None:
            raise Remark("no gradient passes through your loss. NumPy's functions end it, those of ops pass it on.")
        return loss.numpy()

    return call


def _outputs(*values):
    return np.array(values, "float32")


cross_entropy = Check(
    _cross_entropy,
    cases=[
        (_outputs(1, 0), _outputs(0.9, 0.2)),
        (_outputs(1, 1, 0, 0), _outputs(0.7, 0.6, 0.3, 0.45)),
        (_outputs(0, 1, 1, 0, 0), _outputs(0.15, 0.95, 0.4, 0.8, 0.25)),
        (_outputs(1, 1, 1), _outputs(0.01, 0.3, 0.55)),
    ],
    mistakes={
        "artificial images are missing or wrong. Where the label is 0, the loss is the negative logarithm of 1 - p.": [
            {"artificial": 0},
            lambda y, p: -ops.mean(y * ops.log(p) + (1 - y) * ops.log(p)),
        ],
        "one of the two terms has the wrong sign.": [{"artificial": -1}, {"real": -1}],
        "the labels have changed places: where the label is 1, the loss is the negative logarithm of p.": (
            lambda y, p: _cross_entropy(1 - y, p)
        ),
        "a mean over all images was asked for. Yours is a sum, or it adds one mean for each label.": [
            {"mean": ops.sum},
            _mean_of_each_label,
        ],
        "there is no logarithm in it.": [{"log": lambda p: p}, lambda y, p: ops.mean((y - p) ** 2)],
    },
    praise="both players learn with it. Only their labels differ.",
    tolerance=1e-4,  # something tiny added to the probabilities, against log(0), is no mistake
    view=_with_gradients,
)


def trace_of_root(c1: np.ndarray, c2: np.ndarray) -> float:
    """Trace of the matrix root of `c1 @ c2`, for two covariance matrices.

    Examples
    --------
    >>> trace_of_root(np.diag([4.0, 1.0]), np.diag([9.0, 1.0]))
    7.0
    """
    # The root's eigenvalues are the roots of eigenvalues; rounding can make those that are 0 complex or negative.
    return float(np.sqrt(np.linalg.eigvals(c1 @ c2).real.clip(0)).sum())


def _frechet(
    m1, c1, m2, c2, *, means=lambda difference: (difference**2).sum(), trace=np.trace, common=2, root=trace_of_root
):
    """Frechet distance, a single number, from means (features,) and covariance matrices (features, features)."""
    return means(m1 - m2) + trace(c1) + trace(c2) - common * root(c1, c2)


def _gaussian(seed, features):
    samples = np.random.default_rng(seed).normal(seed, 1 + seed, (9, features)).round(1)
    return samples.mean(axis=0), np.atleast_2d(np.cov(samples.T))


frechet = Check(
    _frechet,
    cases=[
        (np.array([0.0]), np.array([[1.0]]), np.array([3.0]), np.array([[4.0]])),
        (np.array([1.0, 4.0]), np.diag([1.0, 9.0]), np.array([3.0, 1.0]), np.diag([4.0, 16.0])),
        (*_gaussian(0, 3), *_gaussian(2, 3)),
        (*_gaussian(3, 4), *_gaussian(1, 4)),
    ],
    mistakes={
        "the difference of the means is squared feature by feature, and then the squares are added up.": [
            {"means": np.sum},
            {"means": np.linalg.norm},
            {"means": lambda difference: np.mean(difference**2)},
            {"means": lambda difference: difference.sum() ** 2},
        ],
        "the formula subtracts 2 times the trace of the root.": [{"common": 1}, {"common": -2}],
        "the root is that of a matrix, not of its entries or its trace. `week.trace_of_root` takes it for you.": [
            {"root": lambda c1, c2: np.trace(np.sqrt(c1 @ c2))},
            {"root": lambda c1, c2: np.trace(np.sqrt(c1 * c2))},
            {"root": lambda c1, c2: np.sqrt(trace_of_root(c1, c2))},
        ],
        "a trace is the sum of the diagonal alone. You add up the whole matrix.": {"trace": np.sum},
        "the traces of both covariance matrices are added.": [
            lambda m1, c1, m2, c2: _frechet(m1, c1, m2, c2) - np.trace(c2),
            lambda m1, c1, m2, c2: _frechet(m1, c1, m2, c2) - 2 * np.trace(c2),
        ],
    },
    praise="two sets of features with equal means and equal covariances have the distance 0.",
    tolerance=1e-5,
)


# The game in the plane ----------------------------------------------------------------------------------------------

ANGLES = 2 * np.pi * np.arange(8) / 8
CENTRES, SPREAD = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1), 0.05  # of the eight clusters
REACH, GRID = 1.8, 41  # the images show the square from -REACH to REACH; D is asked at GRID points along a side
SHADES = ("#a87641", "#e6cfae", "#fffdf8")  # from "artificial" to "real": readable in grey, too


def ring(rng: np.random.Generator, count: int) -> np.ndarray:
    """Points of the eight clusters, chosen at random: (count, 2)."""
    return (CENTRES[rng.integers(8, size=count)] + rng.normal(0, SPREAD, (count, 2))).astype("float32")


def clusters(points: np.ndarray) -> np.ndarray:
    """Return the cluster of each point, or 8 where it is farther than four standard deviations from all centres."""
    distances = np.linalg.norm(np.asarray(points)[:, None] - CENTRES, axis=2)
    return np.where(distances.min(axis=1) < 4 * SPREAD, distances.argmin(axis=1), 8)


def grid() -> np.ndarray:
    """Return the points at which `games` wants D's output: (GRID * GRID, 2)."""
    side = np.linspace(-REACH, REACH, GRID, dtype="float32")
    return np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)


def games(states: Mapping[str, tuple], title: str = "") -> None:
    """Show states of a game side by side: each holds points of G, and D's outputs at `grid()`."""
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    made, axes = look.grid(len(states), min(len(states), 4), 0.97 * look.WIDTH / 4 + 0.3, title, below=0.35)
    real, box = ring(np.random.default_rng(0), 120), (-REACH, REACH, -REACH, REACH)
    shades = LinearSegmentedColormap.from_list("from artificial to real", SHADES)
    for axis, (name, (points, outputs)) in zip(axes, states.items(), strict=True):
        field = np.reshape(outputs, (GRID, GRID))
        axis.imshow(field, origin="lower", extent=box, cmap=shades, vmin=0, vmax=1, interpolation="bilinear")
        axis.scatter(*real.T, s=18, marker="+", color="black", linewidths=0.6)
        axis.scatter(*np.asarray(points)[:300].T, s=12, color=look.COLOURS[0], alpha=0.7, linewidths=0)
        axis.set(title=name, xlim=box[:2], ylim=box[2:], aspect="equal")
    handles = [
        Line2D([], [], color="black", marker="+", linestyle="", label="real"),
        Line2D([], [], color=look.COLOURS[0], marker="o", markersize=4, linestyle="", label="artificial"),
        *(
            Patch(facecolor=shade, edgecolor="black", linewidth=0.6, label=f"D outputs {output}")
            for shade, output in zip(SHADES, ("0", "0.5", "1"), strict=True)
        ),
    ]
    made.legend(handles=handles, loc="outside lower center", ncols=5, frameon=False, fontsize=9, handlelength=1)
    alt = "Real points are black crosses, artificial points blue discs; light where D outputs 1, dark where 0."
    look.show(made, f"{title or 'A game in the plane'}. {alt} States: {', '.join(states)}.")


# Training and measuring ---------------------------------------------------------------------------------------------


def weight_changes(step, **models) -> dict[str, float]:
    """Call `step()`; return the largest change of a weight in each model, frozen weights included.

    Moving averages are left out: no gradient changes them.

    Examples
    --------
    >>> line = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> weight_changes(lambda: line.layers[0].bias.assign([0.5]), line=line)
    {'line': 0.5}
    """
    before = {name: _weights(model) for name, model in models.items()}
    step()
    pairs = {name: zip(_weights(model), before[name], strict=True) for name, model in models.items()}
    return {name: float(max(np.abs(new - old).max() for new, old in pair)) for name, pair in pairs.items()}


def _weights(model) -> list[np.ndarray]:
    return [np.copy(weight.numpy()) for weight in model.weights if "moving_" not in weight.name]


def train_judge(images: np.ndarray, labels: np.ndarray, classes: int):
    """Train a classifier of 28x28 images; return it, and its part that outputs 64 features."""
    layers = keras.layers
    blocks = [
        layer
        for maps in (16, 32, 64)
        for layer in (layers.Conv2D(maps, 3, padding="same"), layers.MaxPooling2D(), *normalised_relu())
    ]
    features = keras.Sequential(
        [keras.Input((28, 28, 1)), *blocks, layers.Flatten(), layers.Dense(64), *normalised_relu()]
    )
    judge = keras.Sequential([features, layers.Dense(classes, activation="softmax")])
    judge.compile("adam", "sparse_categorical_crossentropy")
    chosen = np.random.default_rng(0).integers(len(images), size=64 * 600)  # 600 batches of 64
    watch = [training.WarmupThenDecay(0.005), training.LiveCurve("The judge learns", every=10, seconds=5)]
    judge.fit(images[chosen], labels[chosen], 64, shuffle=False, verbose=0, callbacks=watch)
    return judge, features


def normalised_relu() -> tuple:
    """Batch normalisation for short trainings, and ReLU."""
    return keras.layers.BatchNormalization(momentum=0.9), keras.layers.ReLU()


def checkpoints(folder: str, step, *models):
    """Return a manager that keeps the newest two states of a step and of models with their optimizers in a folder."""
    import tensorflow as tf

    variables = [variable.value for model in models for part in (model, model.optimizer) for variable in part.variables]
    return tf.train.CheckpointManager(tf.train.Checkpoint(step=step, variables=variables), folder, max_to_keep=2)


class LiveGame:
    """Show a training while it goes on: generated images, losses, and the Frechet distance beside reference values."""

    def __init__(self, total: int, levels: Mapping[str, float]):
        self.total, self.levels, self.place = total, levels, None
        self.recent, self.curves = [], {"step": [], "D's loss": [], "G's loss": [], "Frechet distance": []}

    def add(self, d_loss, g_loss) -> None:
        """Note the losses of a step."""
        self.recent.append((float(d_loss), float(g_loss)))

    def show(self, step: int, images: np.ndarray, distance: float) -> None:
        """Redraw: 36 images, the mean losses since the last look, and the distance."""
        for values, value in zip(self.curves.values(), (step, *np.mean(self.recent, axis=0), distance), strict=True):
            values.append(value)
        self.recent = []
        steps, *losses, distances = self.curves.values()
        made, axes = look.figure(1, 3, 3.6, f"Step {step} of {self.total}")
        shown, left, right = axes[0]
        tiles = np.reshape(images[:36], (6, 6, *images.shape[1:3])).swapaxes(1, 2)
        shown.imshow(tiles.reshape(6 * images.shape[1], -1), cmap="gray", vmin=0, vmax=1)
        shown.axis("off")
        for number, (name, values) in enumerate(zip(("D's loss", "G's loss"), losses, strict=True)):
            left.plot(steps, values, label=name, **look.line_style(number) | {"marker": None})
        left.legend(fontsize=9)
        left.set(xlabel="step", title="losses", xlim=(0, self.total))
        right.plot(steps, distances, color=look.COLOURS[2], marker="o")
        beside = {"textcoords": "offset points", "ha": "right", "va": "bottom", "fontsize": 9}
        for number, (name, level) in enumerate(self.levels.items()):
            right.axhline(level, color="black", linestyle=look.DASHES[1 + number % 3], linewidth=1.2)
            right.annotate(name, (self.total, level), (-2, 2), **beside)
        right.set(xlabel="step", title="Frechet distance", xlim=(0, 1.04 * self.total), yscale="log")
        right.margins(y=0.12)  # room for the highest level's name
        for axis in (left, right):
            axis.locator_params(axis="x", nbins=4)
        alt = f"Step {step} of {self.total}. 36 generated images, losses, and the Frechet distance: {distance:.3g}."
        self.place = look.show(made, alt, self.place)
