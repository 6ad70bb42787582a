"""Week 11b: the checks of its exercises, and what this lesson alone needs."""

from collections.abc import Mapping

import numpy as np

from .. import runtime, training
from ..judge import Check, Remark
from ..plots import charts, look

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
        "every label is exactly 0 or 1.": {"first": lambda count: np.repeat([0.9, 0.0], count)},
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
    """Call an answer with tensors, as the training does, and see that it passes gradients on and can be compiled."""

    def call(*given):
        import tensorflow as tf

        given = [tf.constant(array) for array in given]
        with tf.GradientTape() as tape:
            tape.watch(given[-1])
            loss = answer(*given)
        if loss is None:
            return None
        if not tf.is_tensor(loss) or tape.gradient(loss, given[-1]) is None:
            raise Remark("no gradient passes through your loss. NumPy's functions end it, those of ops pass it on.")
        try:
            tf.function(answer).get_concrete_function(*given)
        except Exception:
            raise Remark("tf.function cannot compile it, as training will. Compute with whole arrays.") from None
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
            lambda y, p: -ops.mean(y * ops.log(p) + (1 - y) * (1 - ops.log(p))),
            lambda y, p: -ops.mean(y * ops.log(p) + 1 - y * ops.log(1 - p)),
        ],
        "one of the two terms has the wrong sign.": [{"artificial": -1}, {"real": -1}],
        "the labels have changed places: where the label is 1, the loss is the negative logarithm of p.": (
            lambda y, p: _cross_entropy(1 - y, p)
        ),
        "you take the logarithm of the labels. It is that of D's outputs.": [
            lambda y, p: _cross_entropy(p, y),
            lambda y, p: keras.losses.BinaryCrossentropy()(p, y),
        ],
        "a mean over all images was asked for. Yours is a sum, or it adds one mean for each label.": [
            {"mean": ops.sum},
            _mean_of_each_label,
            lambda y, p: -sum(ops.mean(ops.log(part)) for part in (p[: y.shape[0] // 2], 1 - p[y.shape[0] // 2 :])),
        ],
        "the loss is the logarithm of D's outputs as they are: no square, no second sigmoid.": [
            {"log": lambda p: p},
            lambda y, p: ops.mean((y - p) ** 2),
            lambda y, p: _cross_entropy(y, ops.sigmoid(p)),
        ],
    },
    praise="both players learn with it. Only their labels differ.",
    tolerance=1e-4,  # something tiny added to the probabilities, against log(0), is no mistake
    view=_with_gradients,
)


def _generator_loss(generator, discriminator, noise, *, label=1.0, sign=1, most=1 - 1e-6, training=True, ignored=False):
    """Loss of phase 2, a single number, from G, D and noise (n, numbers)."""
    images = noise if ignored else generator(noise, training=training)
    outputs = discriminator(images, training=True)[:, 0]
    return sign * _cross_entropy(ops.full(outputs.shape, label), ops.clip(outputs, 1e-30, most))


def _with_players(answer):
    """Give an answer a G and a D of one layer each, from their weights."""

    def call(g, d, noise):
        scaled = lambda z, training=False: (z if training else z / 2) @ g  # noqa: E731
        try:
            return answer(scaled, lambda x, training=False: ops.sigmoid(x @ d), noise)
        except Exception as error:
            if "Incompatible shapes" in str(error):
                raise Remark("there are not as many labels as images. In phase 2 all images are artificial.") from None
            if "'function' object" in str(error):  # it wants weights, or `predict`
                raise Remark("only call G and D, and return the loss. `phase_2`, below, takes the gradient.") from None
            raise

    return _with_gradients(call)


def _players(seed, count, scale=1):
    rng = np.random.default_rng(seed)
    return tuple(rng.normal(0, scale, size).astype("float32") for size in [(2, 2), (2, 1), (count, 2)])


generator_loss = Check(
    _generator_loss,
    cases=[_players(0, 2), _players(1, 5), _players(3, 2, 3)],
    mistakes={
        "G wants D to output 1. With the label 0 it would learn to be recognised, or play the minimax game.": [
            {"label": 0.0, "sign": sign, "most": most} for sign in (1, -1) for most in (1 - 1e-6, 1)
        ],
        "D should judge G's images, not the noise.": {"ignored": True},
        "G is called without `training`. Batch normalisation would then use old averages.": {"training": False},
        "you take the logarithm of the labels. It is that of D's outputs.": lambda *a: _generator_loss(*a) + np.inf,
        "where D outputs 1, the logarithm of 1 - p is infinite. `outputs_of` prevents that.": {"most": 1},
    },
    praise="in phase 2 D only judges. What learns from this loss is G.",
    tolerance=1e-4,
    view=_with_players,
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
            {"means": np.square},
            {"means": lambda difference: np.abs(difference).sum()},
            {"means": lambda difference: np.mean(difference**2)},
            {"means": lambda difference: difference.sum() ** 2},
        ],
        "the formula subtracts 2 times the trace of the root.": [{"common": 1}, {"common": -2}, {"common": 0}],
        "the last trace is that of a matrix root, not of a product or of roots. `week.trace_of_root` computes it.": [
            {"root": lambda c1, c2: np.trace(np.sqrt(c1 @ c2))},
            {"root": lambda c1, c2: np.trace(np.sqrt(c1 * c2))},
            {"root": lambda c1, c2: np.sqrt(trace_of_root(c1, c2))},
            {"root": lambda c1, c2: np.sqrt(np.trace(c1 @ c2))},
            {"root": lambda c1, c2: np.trace(c1 @ c2)},
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
    from matplotlib.patches import Patch

    made, axes = look.grid(len(states), min(len(states), 4), 0.97 * look.WIDTH / 4 + 0.3, title, below=0.35)
    real, box = ring(np.random.default_rng(0), 120), (-REACH, REACH, -REACH, REACH)
    shades = LinearSegmentedColormap.from_list("from artificial to real", SHADES, N=12)  # few, so that steps show
    for axis, (name, (points, outputs)) in zip(axes, states.items(), strict=True):
        field = np.reshape(outputs, (GRID, GRID))
        axis.imshow(field, origin="lower", extent=box, cmap=shades, vmin=0, vmax=1, interpolation="bilinear")
        axis.scatter(*real.T, s=18, marker="+", color="black", linewidths=0.6, label="real")
        axis.scatter(*np.asarray(points)[:200].T, 14, "none", edgecolor=look.COLOURS[0], lw=0.7, label="artificial")
        axis.set(title=name, xlim=box[:2], ylim=box[2:], aspect="equal")
    patches = [
        Patch(facecolor=shade, edgecolor="black", linewidth=0.6, label=f"D outputs {output}")
        for shade, output in zip(SHADES, ("0", "0.5", "1"), strict=True)
    ]
    handles = [*axes[0].get_legend_handles_labels()[0], *patches]
    made.legend(handles=handles, loc="outside lower center", ncols=5, frameon=False, fontsize=9, handlelength=1)
    alt = "Real points are black crosses, artificial points blue circles; light where D outputs 1, dark where 0."
    look.show(made, f"{title or 'A game in the plane'}. {alt} States: {', '.join(states)}.")


def weight_changes(step, **models) -> dict[str, float]:
    """Call `step()`; return each model's largest change of a weight, frozen ones included, moving averages not."""
    pairs = {n: [(w, np.copy(w.numpy())) for w in m.weights if "moving_" not in w.name] for n, m in models.items()}
    step()
    return {n: float(max(np.abs(w.numpy() - old).max() for w, old in pair)) for n, pair in pairs.items()}


def train_judge(images: np.ndarray, labels: np.ndarray, classes: int):
    """Train a classifier of 28x28 images; return it, and its part that outputs 64 features."""
    layers, features = keras.layers, keras.Sequential([keras.Input((28, 28, 1))])
    blocks = [(layers.Conv2D(maps, 3, padding="same"), layers.MaxPooling2D()) for maps in (16, 32, 64)]
    for block in (*blocks, (layers.Flatten(), layers.Dense(64))):
        for layer in (*block, layers.BatchNormalization(momentum=0.9), layers.ReLU()):
            features.add(layer)
    judge = keras.Sequential([features, layers.Dense(classes, activation="softmax")])
    judge.compile("adam", "sparse_categorical_crossentropy")
    chosen = np.random.default_rng(0).integers(len(images), size=64 * 600)  # 600 batches of 64
    judge.fit(images[chosen], labels[chosen], 64, shuffle=False, verbose=0, callbacks=[training.WarmupThenDecay(0.005)])
    return judge, features


def checkpoints(folder: str, step, *models):
    """Return a manager that keeps the newest two states of a step and of models with their optimizers in a folder."""
    import tensorflow as tf

    variables = [variable.value for model in models for part in (model, model.optimizer) for variable in part.variables]
    return tf.train.CheckpointManager(tf.train.Checkpoint(step=step, variables=variables), folder, max_to_keep=2)


def live_game(images: np.ndarray, history: list, steps: list, total: int, place=None):
    """Show 36 generated images of 28x28; and D's loss, G's loss and the Frechet distance so far. Redraw in `place`."""
    made, axes = look.figure(1, 3, 3.4, f"Step {steps[-1]} of {total}", width_ratios=(6, 5, 5))
    shown, *lines = axes[0]
    shown.imshow(images[:36].reshape(6, 6, 28, 28).swapaxes(1, 2).reshape(168, 168), cmap="gray", vmin=0, vmax=1)
    shown.axis("off")
    d, g, distances = zip(*history, strict=True)
    charts.draw_lines(lines[0], steps, {"D": d, "G": g}, ("step", "loss"))
    charts.draw_lines(lines[1], steps, {"distance": distances}, ("step", "Frechet distance of 500 images"))
    lines[0].set(xlim=(0, total), ylim=(0, None))
    lines[1].lines[0].set_marker("o")  # as at the first look there is no line yet
    lines[1].set(xlim=(0, total), yscale="log", yticks=(2, 5, 10, 20, 50, 100), yticklabels=(2, 5, 10, 20, 50, 100))
    values = f"D's loss {d[-1]:.3g}, G's loss {g[-1]:.3g}, Frechet distance {distances[-1]:.3g}"
    return look.show(made, f"Step {steps[-1]} of {total}: 36 generated images; {values}.", place)
