"""Week 11b: the checks of its exercises, and what this lesson alone needs."""

import base64
import html
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from .. import display, runtime
from ..plots import look

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
