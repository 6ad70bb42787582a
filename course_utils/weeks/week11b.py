"""Week 11b: the checks of its exercises, and what this lesson alone needs."""

import base64
import html
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from .. import display, runtime
from ..judge import Check
from ..plots import look


def _discriminator_loss(real, artificial, *, loss=lambda p: -np.log(p), mean=np.mean, add=np.add):
    """J_D, from what D says of real images and what it says of artificial ones; each mean over its own images."""
    return add(mean(loss(real)), mean(loss(1 - artificial)))


discriminator_loss = Check(
    _discriminator_loss,
    cases=[
        (np.array([0.9, 0.6]), np.array([0.2, 0.3])),
        (np.array([0.7, 0.95, 0.4]), np.array([0.15, 0.6, 0.35, 0.05, 0.25])),
        (np.array([0.55, 0.8, 0.99, 0.3]), np.array([0.45, 0.1])),
    ],
    mistakes={
        "one of the two terms has the wrong sign.": [{"add": np.subtract}, {"add": lambda r, a: a - r}],
        "for artificial images take the logarithm of 1 - D.": lambda r, a: -np.log(r).mean() - np.log(a).mean(),
        "the artificial images are missing.": lambda real, artificial: -np.log(real).mean(),
        "take the mean over real images and the mean over artificial ones, then add the two.": [
            {"mean": np.sum},
            lambda real, artificial: -np.log(np.append(real, 1 - artificial)).mean(),
            lambda real, artificial: -np.log(np.append(real, 1 - artificial)).sum() / len(real),
        ],
        "take the logarithm of each probability before the mean.": (
            lambda real, artificial: -np.log(real.mean()) - np.log(1 - artificial.mean())
        ),
    },
    praise="a D that only guesses says 0.5 of every image, and its loss is 2 log 2, 1.39.",
    tolerance=1e-4,  # something tiny added to the probabilities, against log(0), is no mistake
)


def _generator_loss(artificial, *, loss=lambda p: -np.log(p), mean=np.mean):
    """J_G of lecture B, from what D says of artificial images."""
    return mean(loss(artificial))


generator_loss = Check(
    _generator_loss,
    cases=[(np.array([0.5, 0.1]),), (np.array([0.02, 0.3, 0.9, 0.15]),), (np.array([0.6, 0.05, 0.45]),)],
    mistakes={
        "that is the minimax loss. It is nearly flat where D is near 0.": {"loss": lambda p: np.log(1 - p)},
        "that is the loss with the label 0. G wants the label 1.": {"loss": lambda p: -np.log(1 - p)},
        "there is no logarithm in it.": [
            {"loss": lambda p: 1 - p},
            {"loss": np.negative},
            {"loss": lambda p: (1 - p) ** 2},
        ],
        "that is a sum, which grows with the batch. Take the mean.": {"mean": np.sum},
        "take the logarithm of each probability before the mean.": lambda artificial: -np.log(artificial.mean()),
    },
    praise="it is steepest where D is sure that an image is artificial: there G has most to learn.",
    tolerance=1e-4,
)


def _phase_labels(count, phase, *, first=lambda count: np.repeat([1.0, 0.0], count), second=np.ones):
    """Labels of a batch: in phase 1 `count` real images, then `count` artificial ones; in 2 `count` artificial."""
    return first(count) if phase == 1 else second(count)


phase_labels = Check(
    _phase_labels,
    cases=[(3, 1), (3, 2), (4, 1), (5, 2), (7, 1)],
    mistakes={
        "in phase 2 G wants D to say 1 of its images. With 0 it would learn to be found out.": {"second": np.zeros},
        "in phase 2 there are only `count` images, all artificial.": [
            lambda count, phase: _phase_labels(count, 1),
            {"second": lambda count: np.ones(2 * count)},
        ],
        "the two phases have changed places.": lambda count, phase: _phase_labels(count, 3 - phase),
        "in phase 1 all real images come first. Yours alternate.": {"first": lambda n: np.tile([1.0, 0.0], n)},
        "phase 1 has `count` real and `count` artificial images: twice `count` labels.": [
            {"first": np.ones},
            {"first": lambda count: np.repeat([1.0, 0.0], count // 2)},
        ],
    },
    praise="in phase 2 the labels are false on purpose: through the frozen D they tell G in which direction to go.",
)


def _coverage(labels, classes, at_least, *, whole=np.sum, reaches=np.greater_equal, kept=slice(None), result=np.sum):
    """How many of the classes 0, 1, ... `classes` - 1 have a share of at least `at_least` of all labels."""
    counts = np.bincount(labels, minlength=classes)
    return result(reaches(counts / whole(counts), at_least)[kept])


def _labels(*counts):
    """So many labels of each class, shuffled."""
    return np.random.default_rng(11).permutation(np.repeat(np.arange(len(counts)), counts))


coverage = Check(
    _coverage,
    cases=[
        (_labels(4, 2, 1, 1), 4, 0.25),
        (_labels(3, 2, 5), 3, 0.25),  # a quarter of 10 labels is no whole number
        (_labels(9, 6, 3, 1, 1, 0), 6, 0.3),
        (_labels(2, 30, 5, 0, 12, 1, 8, 0, 40, 2), 10, 0.02),
        (_labels(0, 0, 7), 3, 0.5),
        (_labels(20, 3, 14, 2, 1), 5, 0.5),
    ],
    mistakes={
        "you count every class that occurs, however rare.": lambda labels, classes, at_least: len(np.unique(labels)),
        "a class with a fraction of exactly `at_least` counts, too.": {"reaches": np.greater},
        "divide each count by the number of all labels.": [{"whole": np.max}, {"whole": len}, {"whole": np.mean}],
        "that is the fraction of classes that are covered. Return their number.": {"result": np.mean},
        "a class is left out: they run from 0 to `classes` - 1.": [{"kept": slice(1, None)}, {"kept": slice(-1)}],
    },
    praise="after mode collapse each image may still look good. Coverage reveals that classes are missing.",
)


def _frechet(m1, v1, m2, v2, *, means=lambda d: (d**2).sum(), common=2, root=np.sqrt, total=np.sum):
    """Frechet distance of two Gaussians with means `m1`, `m2` and variances `v1`, `v2` of independent features."""
    return means(m1 - m2) + total(v1 + v2 - common * root(v1 * v2))


_VECTORS = np.random.default_rng(11).uniform(0.2, 4, (2, 4, 5)).round(1)

frechet = Check(
    _frechet,
    cases=[
        (np.array([0.0, 1.0]), np.array([1.0, 4.0]), np.array([3.0, 2.0]), np.array([1.0, 9.0])),
        *(tuple(case) for case in _VECTORS),
        tuple(_VECTORS[0, :, :3] * [[-1], [1], [1], [1]]),
    ],
    mistakes={
        "you compare the variances. Compare their roots, the standard deviations.": (
            lambda m1, v1, m2, v2: ((m1 - m2) ** 2).sum() + ((v1 - v2) ** 2).sum()
        ),
        "the difference of the means is not squared.": [
            {"means": np.sum},
            {"means": np.linalg.norm},
            {"means": lambda difference: abs(difference).sum()},
        ],
        "subtract twice the root of both variances' product.": [{"common": 0}, {"common": 1}, {"root": np.asarray}],
        "square the difference of each feature, then add.": [
            {"means": lambda difference: difference.sum() ** 2},
            lambda m1, v1, m2, v2: (m1 - m2).sum() ** 2 + (np.sqrt(v1) - np.sqrt(v2)).sum() ** 2,
        ],
        "that takes a mean over the features. Both terms are sums.": [
            {"means": lambda difference: (difference**2).mean(), "total": np.mean},
            {"means": lambda difference: (difference**2).mean()},
            {"total": np.mean},
        ],
    },
    praise="it is the squared distance between two points whose coordinates are means and standard deviations.",
    tolerance=1e-5,
)


REACH = 1.8  # the pictures show the square from -REACH to REACH
GRID = 41  # points along each side of it for which the discriminator is asked
SHADES = ("#a87641", "#e6cfae", "#fffdf8")  # from "artificial" to "real": it must be told in grey, too
DESCRIPTION = (
    "Real points are black crosses, artificial ones blue discs; it is light where the discriminator says real, dark "
    "where it says artificial; arrows are the ways in which it sends artificial points."
)


def grid() -> np.ndarray:
    """Return the points at which `duels` and `duel_film` want a discriminator's output: (GRID * GRID, 2)."""
    side = np.linspace(-REACH, REACH, GRID, dtype="float32")
    return np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)


def duels(states: Mapping[str, Mapping[str, np.ndarray]], title: str = "") -> None:
    """Show states of a game side by side: points `real` and `artificial`, what D says at `grid()` as `field`.

    A state may have `moves`, of its first artificial points; the longest arrow is always drawn alike.
    """
    columns = min(4, len(states))
    made, axes = look.grid(len(states), columns, 0.97 * look.WIDTH / columns + 0.3, title, below=0.35)
    for axis, (name, state) in zip(axes, states.items(), strict=True):
        _draw_state(axis, name, state)
    _legend(made)
    look.show(made, f"{title or 'A game in the plane'}. {DESCRIPTION} States: {', '.join(states)}.")


def duel_film(states: Mapping[str, Mapping[str, np.ndarray]], title: str = "") -> None:
    """Show the states of `duels` one after the other, for ever, in one picture that needs no network and no kernel."""
    from PIL import Image

    frames = []
    for name, state in states.items():
        made, (axis,) = look.grid(1, 1, 4.5)
        made.set_figwidth(4.0)
        _draw_state(axis, name, state)
        _legend(made)
        made.canvas.draw()
        frames.append(Image.fromarray(np.asarray(made.canvas.buffer_rgba())).convert("RGB"))
    file = io.BytesIO()
    times = [250] * (len(frames) - 1) + [2000]  # milliseconds; the last one stays for a while
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:], duration=times, loop=0, quality=50)
    alt = f"{title or 'A game in the plane'}. A film of {len(frames)} pictures. {DESCRIPTION}"
    source = f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"
    # Whoever is disturbed by what moves can shut it away, by mouse or keyboard, without a kernel.
    head = f"<summary>{html.escape(title or 'The film')} (click to hide it, or to show it)</summary>"
    image = f'<img src="{source}" alt="{html.escape(alt)}" style="max-width:100%"/>'
    display.show({"text/plain": alt, "text/html": f"<details open>{head}{image}</details>"})


def _draw_state(axis, name: str, state: Mapping[str, np.ndarray]) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    box = (-REACH, REACH, -REACH, REACH)
    field = np.reshape(state["field"], (GRID, GRID))
    shades = LinearSegmentedColormap.from_list("from artificial to real", SHADES)
    axis.imshow(field, origin="lower", extent=box, cmap=shades, vmin=0, vmax=1, interpolation="bilinear")
    # Not all points: crosses soon cover what is below them.
    axis.scatter(*state["artificial"][:300].T, s=12, color=look.COLOURS[0], linewidths=0)
    axis.scatter(*state["real"][:120].T, s=18, marker="+", color="black", linewidths=0.6)
    if "moves" in state:
        moves = np.asarray(state["moves"])
        moves = 0.45 * moves / (np.linalg.norm(moves, axis=1).max() or 1.0)
        arrow = {"angles": "xy", "scale_units": "xy", "scale": 1, "width": 0.011, "linewidth": 0.5}
        starts = state["artificial"][: len(moves)]
        axis.quiver(*starts.T, *moves.T, color="black", edgecolor="white", **arrow)
    axis.set(title=name, xlim=box[:2], ylim=box[2:], aspect="equal")


def _legend(made) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [
        Line2D([], [], color="black", marker="+", linestyle="", label="real"),
        Line2D([], [], color=look.COLOURS[0], marker="o", markersize=4, linestyle="", label="artificial"),
        Patch(facecolor=SHADES[-1], edgecolor="black", linewidth=0.6, label='D says "real"'),
        Patch(facecolor=SHADES[0], edgecolor="black", linewidth=0.6, label='"artificial"'),
    ]
    close = {"frameon": False, "fontsize": 9, "handlelength": 1, "handletextpad": 0.4, "columnspacing": 1.2}
    made.legend(handles=handles, loc="outside lower center", ncols=len(handles), **close)


def forging(
    samples: np.ndarray,
    steps: Sequence[int],
    losses: Mapping[str, Sequence[float]],
    measure: Sequence[float],
    name: str,
    total: int,
    title: str = "",
    levels: Mapping[str, float] = {},
    place=None,
):
    """Show images in rows of six, curves, and a measure with levels to compare; `place` redraws an earlier call."""
    height, width = np.shape(samples)[1:3]
    tiles = np.reshape(samples, (-1, 6, height, width)).swapaxes(1, 2).reshape(-1, 6 * width)
    made, axes = look.figure(1, 3, 3.6, title)
    images, left, right = axes[0]
    images.imshow(tiles, cmap="gray", vmin=0, vmax=1)
    images.axis("off")
    for number, (key, values) in enumerate(losses.items()):
        left.plot(steps, values, label=key, **look.line_style(number) | {"marker": None})
    left.set(xlabel="step", title="losses", xlim=(0, total))
    right.plot(steps, measure, color=look.COLOURS[2], marker="o")
    beside = {"textcoords": "offset points", "ha": "right", "va": "bottom", "fontsize": 9}
    for number, (key, value) in enumerate(levels.items()):
        right.axhline(value, color="black", linestyle=look.DASHES[1 + number % 3], linewidth=1.2)
        right.annotate(key, (total, value), (-2, 2), **beside)
    scale = "log" if len(measure) or levels else "linear"  # a scale by powers of ten needs something to show
    right.set(xlabel="step", title=name, xlim=(0, 1.04 * total), yscale=scale)
    right.margins(y=0.12)  # room for the highest level's name
    for axis in (left, right):
        axis.locator_params(axis="x", nbins=4)
    if losses:
        left.legend(fontsize=9)
    told = f" {name} went from {measure[0]:.3g} to {measure[-1]:.3g}." if len(measure) else ""
    return look.show(
        made, f"{title}. {len(samples)} drawn pictures, curves of the losses and of the {name}.{told}", place
    )


keras = runtime.quiet_keras()


def assert_trains(step, moves, keeps=()) -> None:
    """Call `step()`, and raise AssertionError unless it changes each model in `moves` and no model in `keeps`.

    All weights that a gradient could change are compared, frozen ones too; moving averages are not.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)], name="line")
    >>> assert_trains(lambda: None, moves=[model])
    Traceback (most recent call last):
    ...
    AssertionError: line did not change.
    """
    before = [(model, _weights(model)) for model in (*moves, *keeps)]
    step()
    for number, (model, weights) in enumerate(before):
        change = max(np.abs(new - old).max() for new, old in zip(_weights(model), weights, strict=True))
        if number < len(moves) and not change:
            frozen = "" if model.trainable_weights else " It has no trainable weights: was trainable set to False?"
            raise AssertionError(f"{model.name} did not change.{frozen}")
        if number >= len(moves) and change:
            raise AssertionError(f"{model.name} changed by up to {change:.3g}, and should not.")


def _weights(model) -> list[np.ndarray]:
    return [np.copy(weight.numpy()) for weight in model.weights if "moving_" not in weight.name]


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Frechet distance of the Gaussians fitted to two sets of features (n, features).

    Examples
    --------
    >>> frechet_distance(np.array([[0.0], [2.0]]), np.array([[3.0], [5.0]]))  # the same spread, and means 1 and 4
    9.0
    """
    first, second = np.asarray(first, float), np.asarray(second, float)
    c1, c2 = (np.atleast_2d(np.cov(features, rowvar=False)) for features in (first, second))
    # The root's eigenvalues are the roots of eigenvalues; rounding can make those that are 0 complex or negative.
    trace_of_root = np.sqrt(np.linalg.eigvals(c1 @ c2).real.clip(0)).sum()
    means = ((first.mean(axis=0) - second.mean(axis=0)) ** 2).sum()
    return float(max(means + np.trace(c1 + c2) - 2 * trace_of_root, 0))


class Checkpoints:
    """All variables of models and optimizers, the step and the curves, in a folder; the newest two states are kept."""

    def __init__(self, folder: str, *parts):
        import tensorflow as tf

        self.folder, self.notes = folder, tf.Variable("")  # step and curves, as JSON
        variables = [variable.value for part in parts for variable in part.variables]
        self.checkpoint = tf.train.Checkpoint(notes=self.notes, variables=variables)
        self.manager = tf.train.CheckpointManager(self.checkpoint, folder, max_to_keep=2)

    def save(self, step: int, curves: dict) -> None:
        """Save the state after this many steps."""
        self.notes.assign(json.dumps([step, curves], default=float))
        self.manager.save(checkpoint_number=step)

    def restore(self) -> tuple[int, dict] | None:
        """Restore the newest state that can be read, and return its step and curves; None in a new folder."""
        # A kill in the first save can leave a checkpoint that is not yet in TensorFlow's list of them.
        unlisted = sorted(Path(self.folder).glob("ckpt-*.index"), key=lambda path: path.stat().st_mtime)
        problem = None
        for path in reversed(self.manager.checkpoints or [str(path.with_suffix("")) for path in unlisted]):
            try:
                self.checkpoint.restore(path).assert_consumed()
                return tuple(json.loads(self.notes.numpy()))
            except Exception as error:  # TensorFlow has a dozen for a file that is damaged, or of another model
                problem = error
                print(f"{Path(path).name} is damaged, or of another model, and was passed over.")
        if problem:
            raise ValueError(f"{self.folder}: expected checkpoints of this model, found none that fits") from problem
        return None
