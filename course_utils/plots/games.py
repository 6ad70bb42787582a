"""Pictures of two networks that play against each other in the plane: still, and as a film."""

import base64
import html
import io
from collections.abc import Mapping, Sequence

import numpy as np

from .. import display
from .look import COLOURS, DASHES, WIDTH, figure, show

REACH = 1.8  # the pictures show the square from -REACH to REACH
GRID = 41  # places along each side of it where the discriminator is asked


def grid() -> np.ndarray:
    """Return the places where `duels` and `duel_film` want to know what a discriminator says: (GRID * GRID, 2)."""
    side = np.linspace(-REACH, REACH, GRID, dtype="float32")
    return np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)


def duels(states: Mapping[str, Mapping[str, np.ndarray]], title: str = "", columns: int = 4, alt: str = "") -> None:
    """Show states of a game side by side: real and artificial points, what D says everywhere, where G is sent.

    Parameters
    ----------
    states : mapping from a title to a mapping
        `real` and `artificial`, points (n, 2); `field`, what D says at `grid()`, from 0 to 1; and, if arrows are
        wanted, `moves` (m, 2), of the first m artificial points. Arrows keep their directions, not their lengths:
        the longest of a state is always drawn alike.
    title : str
        What to see.
    columns : int
        How many in a row.
    """
    checked = {name: _checked(name, state) for name, state in states.items()}
    if not checked:
        raise ValueError("states: expected at least one, got none")
    columns = min(columns, len(checked))
    rows = -(-len(checked) // columns)
    made, axes = figure(rows, columns, (0.97 * WIDTH / columns + 0.3) * rows + 0.35 + 0.35 * bool(title), title)
    for axis in axes.flat[len(checked) :]:
        axis.axis("off")
    for axis, (name, state) in zip(axes.flat, checked.items(), strict=False):
        _draw(axis, name, state)
    _legend(made)
    show(made, alt or f"{title or 'A game in the plane'}. {_TOLD} States: {', '.join(checked)}.")


def duel_film(states: Mapping[str, Mapping[str, np.ndarray]], title: str = "", seconds: float = 0.25) -> None:
    """Show the states of `duels` one after the other, for ever, in one picture that needs no network and no kernel."""
    from PIL import Image

    checked = {name: _checked(name, state) for name, state in states.items()}
    if len(checked) < 2:
        raise ValueError(f"states: expected at least two, got {len(checked)}")
    frames = []
    for name, state in checked.items():
        made, axes = figure(height=4.5, width=4.0)
        _draw(axes[0, 0], name, state)
        _legend(made)
        made.canvas.draw()
        frames.append(Image.fromarray(np.asarray(made.canvas.buffer_rgba())).convert("RGB"))
    file = io.BytesIO()
    times = [int(1000 * seconds)] * (len(frames) - 1) + [2000]  # the last one stays for a while
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:], duration=times, loop=0, quality=50)
    alt = f"{title or 'A game in the plane'}. A film of {len(frames)} pictures. {_TOLD}"
    source = f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"
    # Whoever is disturbed by what moves can shut it away, by mouse or keyboard, without a kernel.
    head = f"<summary>{html.escape(title or 'The film')} (click to hide it, or to show it)</summary>"
    image = f'<img src="{source}" alt="{html.escape(alt)}" style="max-width:100%"/>'
    display.show({"text/plain": alt, "text/html": f"<details open>{head}{image}</details>"})


_TOLD = (
    "Real points are black crosses, artificial ones blue discs; it is light where the discriminator says real, dark "
    "where it says artificial; arrows are the ways in which it sends artificial points."
)
_REAL, _ARTIFICIAL = 120, 300  # points shown: crosses soon cover what is below them
_LIGHTNESS = ("#a87641", "#e6cfae", "#fffdf8")  # from "artificial" to "real": it must be told in grey, too


def _draw(axis, name: str, state: Mapping[str, np.ndarray]) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    box = (-REACH, REACH, -REACH, REACH)
    field = state["field"].reshape(GRID, GRID)
    shades = LinearSegmentedColormap.from_list("from artificial to real", _LIGHTNESS)
    axis.imshow(field, origin="lower", extent=box, cmap=shades, vmin=0, vmax=1, interpolation="bilinear")
    axis.scatter(*state["artificial"][:_ARTIFICIAL].T, s=12, color=COLOURS[0], linewidths=0)
    axis.scatter(*state["real"][:_REAL].T, s=18, marker="+", color="black", linewidths=0.6)
    moves = state.get("moves")
    if moves is not None:
        longest = np.linalg.norm(moves, axis=1).max() or 1.0
        starts, ways = state["artificial"][: len(moves)], moves / longest * 0.45
        axis.quiver(
            *starts.T,
            *ways.T,
            angles="xy",
            scale_units="xy",
            scale=1,
            width=0.011,
            color="black",
            edgecolor="white",
            linewidth=0.5,
        )
    axis.spines[:].set_visible(False)
    axis.set(title=name, xticks=[], yticks=[], xlim=box[:2], ylim=box[2:], aspect="equal")


def _legend(made) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [
        Line2D([], [], color="black", marker="+", linestyle="", label="real"),
        Line2D([], [], color=COLOURS[0], marker="o", markersize=4, linestyle="", label="artificial"),
        Patch(facecolor=_LIGHTNESS[-1], edgecolor="black", linewidth=0.6, label='D says "real"'),
        Patch(facecolor=_LIGHTNESS[0], edgecolor="black", linewidth=0.6, label='"artificial"'),
    ]
    look = {"frameon": False, "fontsize": 9, "handlelength": 1, "handletextpad": 0.4, "columnspacing": 1.2}
    made.legend(handles=handles, loc="outside lower center", ncols=len(handles), **look)


def _checked(name: str, state: Mapping[str, Sequence]) -> dict[str, np.ndarray]:
    if not isinstance(state, Mapping) or not {"real", "artificial", "field"} <= set(state):
        raise ValueError(f"states: expected real, artificial and field in {name!r}, got {state!r:.60}")
    arrays = {key: np.asarray(value, dtype=float) for key, value in state.items()}
    for key, array in arrays.items():
        if not np.isfinite(array).all():
            raise ValueError(f"states: expected finite numbers in {key} of {name!r}")
        if key == "field" and array.size != GRID * GRID:
            raise ValueError(f"states: expected {GRID * GRID} numbers in field of {name!r}, got {array.size}")
        if key != "field" and (array.ndim != 2 or array.shape[1] != 2):
            raise ValueError(f"states: expected points (n, 2) in {key} of {name!r}, got {array.shape}")
    return arrays


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
    """Show pictures that a generator draws now, losses, and a measure; return the place, to show the next state in it.

    Parameters
    ----------
    samples : array (n, height, width) or (n, height, width, 1)
        In 0 to 1; shown in rows of six.
    steps : sequence of int
        The steps of the values in `losses` and in `measure`, of which `name` is the name.
    total : int
        Steps of the whole training.
    levels : mapping from a name to a value
        Drawn across, to compare the measure with.
    """
    samples = np.asarray(samples).reshape(*np.shape(samples)[:3])
    rows = len(samples) // 6
    if not rows:
        raise ValueError(f"samples: expected six pictures or more, got {len(samples)}")
    height, width = samples.shape[1:]
    tiles = samples[: 6 * rows].reshape(rows, 6, height, width).transpose(0, 2, 1, 3).reshape(rows * height, 6 * width)
    made, axes = figure(1, 3, 3.6, title)
    axes[0, 0].imshow(tiles, cmap="gray", vmin=0, vmax=1)
    axes[0, 0].axis("off")
    for line, (key, values) in enumerate(losses.items()):
        axes[0, 1].plot(steps, values, color=COLOURS[line], linestyle=DASHES[line], label=key)
    axes[0, 1].set(xlabel="step", title="losses", xlim=(0, total))
    axes[0, 2].plot(steps, measure, color=COLOURS[2], marker="o")
    for line, (key, value) in enumerate(levels.items()):
        axes[0, 2].axhline(value, color="black", linestyle=DASHES[1 + line % 3], linewidth=1.2)
        axes[0, 2].annotate(
            key, (total, value), (-2, 2), textcoords="offset points", ha="right", va="bottom", fontsize=9
        )
    # a scale by powers of ten needs something to show
    axes[0, 2].set(
        xlabel="step", title=name, xlim=(0, 1.04 * total), yscale="log" if len(measure) or levels else "linear"
    )
    for axis in axes[0, 1:]:
        axis.locator_params(axis="x", nbins=4)
    if levels:
        axes[0, 2].margins(y=0.12)  # room for the highest level's name
    if losses:
        axes[0, 1].legend(fontsize=9)
    told = f" {name} went from {measure[0]:.3g} to {measure[-1]:.3g}." if len(measure) else ""
    return show(made, f"{title}. {6 * rows} drawn pictures, curves of the losses and of the {name}.{told}", place)
