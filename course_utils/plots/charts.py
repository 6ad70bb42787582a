"""Curves, bars and histograms."""

from collections.abc import Mapping, Sequence

import numpy as np

from .look import COLOURS, HATCHES, LEVELS, figure, legend_beside, line_style, show

BINS = 30


def curves(
    x: Sequence[float],
    lines: Mapping[str, Sequence[float]],
    labels: tuple[str, str],
    title: str = "",
    log: bool = False,
    spread: Mapping[str, Sequence[float]] = {},
) -> None:
    """Show curves over one axis.

    Parameters
    ----------
    lines : mapping from a name to values, one for each x
    labels : (str, str)
        What the axes mean.
    log : bool
        Whether equal steps upwards are equal factors.
    spread : mapping from the name of a line to values, one for each x
        How far its error bars reach up and down.
    """
    made, axes = figure(height=3.6, title=title)
    if log:
        axes[0, 0].set_yscale("log")
    draw_lines(axes[0, 0], x, lines, labels, spread)

    def at(name: str, number: int) -> str:
        return f"{lines[name][number]:.3g}" + (f" ± {spread[name][number]:.3g}" if name in spread else "")

    described = " ".join(f"{name}: from {at(name, 0)} to {at(name, -1)}." for name in lines)
    show(made, f"{title}. Curves of {labels[1]} over {labels[0]}. {described}")


def panels(
    panels: Mapping[str, tuple[Sequence[float], Mapping[str, Sequence[float]]]],
    labels: tuple[str, str],
    title: str = "",
    log: bool = False,
) -> None:
    """Show small charts side by side over one kind of axes, with one legend.

    Parameters
    ----------
    panels : mapping from a caption to x and a mapping from a name to values
        A name has the same look in all charts.
    labels, title, log
        As in `curves`.
    """
    made, axes = figure(1, len(panels), 3.4, title, sharey=True)
    names = list(dict.fromkeys(name for _, lines in panels.values() for name in lines))
    described = []
    for axis, (caption, (x, lines)) in zip(axes[0], panels.items(), strict=True):
        for name, values in lines.items():
            axis.plot(x, values, label=name, markevery=max(1, len(x) // 8), **line_style(names.index(name)))
            described.append(f"{caption}, {name}: from {values[0]:.3g} to {values[-1]:.3g}")
        axis.set(title=caption, xlabel=labels[0], yscale="log" if log else "linear")
    axes[0, 0].set_ylabel(labels[1])
    handles = {name: handle for axis in axes[0] for handle, name in zip(*axis.get_legend_handles_labels(), strict=True)}
    if len(names) > 1:
        fit = max(1, 110 // (max(map(len, names)) + 8))  # in a line
        made.legend(handles.values(), handles, loc="outside lower center", ncols=min(fit, len(names)), frameon=False)
    show(made, f"{title}. Curves of {labels[1]} over {labels[0]}. {'; '.join(described)}.")


def draw_lines(axis, x, lines: Mapping, labels: tuple[str, str], spread: Mapping[str, Sequence[float]] = {}) -> None:
    """Draw named lines that differ in colour, dash and marker, those in `spread` with error bars."""
    for number, (name, values) in enumerate(lines.items()):
        style = line_style(number)
        if len(lines) == 1:  # needs no marker to be told from others
            style["marker"] = None
        axis.plot(x, values, label=name, markevery=max(1, len(x) // 8), markersize=6, **style)
        if name in spread:
            beside = (number - (len(lines) - 1) / 2) * 0.008 * np.ptp(x)  # bars over one x would hide each other
            axis.errorbar(np.add(x, beside), values, spread[name], fmt="none", ecolor=style["color"], capsize=4)
    if len(x) < 15 and all(float(value).is_integer() for value in x):
        axis.set_xticks(list(x))
    axis.set(xlabel=labels[0], ylabel=labels[1])
    if len(lines) > 1:
        legend_beside(axis)


def paths(
    lines: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    labels: tuple[str, str],
    title: str = "",
    levels: Mapping[str, float] = {},
) -> None:
    """Show curves that each have their own x, and levels to compare them with.

    Parameters
    ----------
    lines : mapping from a name to (x, y)
    labels : (str, str)
        What the axes mean.
    levels : mapping from a name to a value
        Drawn across.
    """
    made, axes = figure(height=3.6, title=title)
    axis, described = axes[0, 0], []
    for number, (name, (x, y)) in enumerate(lines.items()):
        axis.plot(x, y, label=name, markevery=max(1, len(x) // 15), **line_style(number))
        described.append(f"{name}: from {y[0]:.3g} at {x[0]:.3g} to {y[-1]:.3g} at {x[-1]:.3g}")
    for number, (name, value) in enumerate(levels.items()):
        colour = COLOURS[(len(lines) + number) % len(COLOURS)]
        axis.axhline(value, color=colour, linestyle=LEVELS[number % len(LEVELS)], label=name)
        described.append(f"{name}: {value:.3g} throughout")
    axis.set_ylim(bottom=0)
    axis.set_xlim(left=0)
    axis.set(xlabel=labels[0], ylabel=labels[1])
    legend_beside(axis)
    show(made, f"{title}. Curves of {labels[1]} over {labels[0]}. {'; '.join(described)}.")


def training(history: Mapping[str, Sequence[float]], steps: Sequence[int], total: int, title: str = "", place=None):
    """Show losses and, if there are any, accuracies beside them. Losses that fall to a tenth get a logarithmic axis.

    Parameters
    ----------
    history : mapping from a name to values
        Names that end in "accuracy" go to the right, all others to the left.
    steps : sequence of int
        The step of each value.
    total : int
        Steps of the whole training, for the width of the axes.
    place
        What an earlier call returned: redraw in the same output.
    """
    accuracies = {name: values for name, values in history.items() if name.endswith("accuracy")}
    losses = {name: values for name, values in history.items() if name not in accuracies}
    drawn = [("loss", losses), ("accuracy", accuracies)][: 2 if accuracies else 1]
    from matplotlib.ticker import MaxNLocator

    made, axes = figure(1, len(drawn), 3.4, title)
    described = []
    for axis, (label, lines) in zip(axes[0], drawn, strict=True):
        if lines and steps:
            draw_lines(axis, steps, lines, ("step", label))
            described += [f"{name} went from {values[0]:.3g} to {values[-1]:.3g}" for name, values in lines.items()]
        axis.set_xlim(0, total)
        axis.xaxis.set_major_locator(MaxNLocator(5))
        every = [value for values in lines.values() for value in values]
        if label == "loss" and every and 0 < 10 * min(every) < max(every):
            axis.set_yscale("log")
        else:
            axis.set_ylim(bottom=0, top=1.02 if label == "accuracy" else None)
    return show(made, f"{title}. {'; '.join(described) or 'It begins'}.", place)


def bars(names: Sequence[str], values: Sequence, labels: tuple[str, str], title: str = "") -> None:
    """Show a bar for each name, its value written at its end. Of several values, such as those of seeds: dots.

    Their bar is as long as their mean.
    """
    made, axes = figure(height=3.4, title=title)
    axis = axes[0, 0]
    dots, values = [np.atleast_1d(value) for value in values], [np.mean(value) for value in values]
    several = max(map(len, dots)) > 1
    drawn = axis.bar(range(len(names)), values, color=COLOURS[0])
    look = {"label_type": "center", "color": "white", "fontweight": "bold"} if several else {"padding": 2}
    axis.bar_label(drawn, [f"{value:.3g}" for value in values], **look)
    for x, some in enumerate(dots if several else ()):
        axis.plot([x] * len(some), some, "o", color="black", markeredgecolor="white", markersize=8)
    long = max(map(len, names)) * len(names) > 70
    axis.set_xticks(range(len(names)), names, rotation=30 if long else 0, ha="right" if long else "center")
    axis.margins(y=0.12)
    axis.grid(axis="x", visible=False)
    axis.set(xlabel=labels[0], ylabel=labels[1])
    ranges = [f" ({min(some):.3g} to {max(some):.3g})" * several for some in dots]
    described = ", ".join(f"{name} {value:.3g}{r}" for name, value, r in zip(names, values, ranges, strict=True))
    show(made, f"{title}. Bars of {labels[1]} by {labels[0]}: {described}.")


def histograms(
    values: Mapping[str, Sequence[float]], label: str, title: str = "", threshold: float | None = None
) -> None:
    """Show how the values of groups are distributed, one over the other, as fractions of each group.

    Parameters
    ----------
    values : mapping from a name to an array (n,)
        The outermost bars also hold what lies beyond them, half a percent of all values at either end.
    label : str
        What the values mean.
    threshold : float, optional
        Where to draw a line.
    """
    values = {name: np.asarray(group, float) for name, group in values.items()}
    together = np.concatenate(list(values.values()))
    low, high = np.percentile(together, [0.5, 99.5])
    edges = np.linspace(low, high, BINS + 1) if low < high else np.linspace(low - 0.5, high + 0.5, BINS + 1)
    made, axes = figure(height=3.6, title=title)
    axis, described = axes[0, 0], []
    for number, (name, group) in enumerate(values.items()):
        fractions = np.histogram(group.clip(edges[0], edges[-1]), edges)[0] / len(group)
        colour, dash, _ = line_style(number).values()
        fill = {"facecolor": (colour, 0.15), "edgecolor": (colour, 0.5), "hatch": HATCHES[number % len(HATCHES)]}
        axis.stairs(fractions, edges, fill=True, linewidth=0, **fill)
        axis.stairs(fractions, edges, linewidth=2, label=name, color=colour, linestyle=dash)
        described.append(f"{name}: {len(group):,}, median {np.median(group):.3g}")
        if threshold is not None:
            described[-1] += f", {(group > threshold).mean():.1%} above the threshold"
    axis.set_ylim(bottom=0)
    if threshold is not None:
        axis.axvline(threshold, color="black", linewidth=1.5)
        look = {"xycoords": ("data", "axes fraction"), "va": "bottom", "ha": "center"}
        axis.annotate(f"threshold {threshold:.3g}", (threshold, 1), **look)
        described[-1] += f". Threshold: {threshold:.3g}"
    beyond = together.min() < edges[0] or together.max() > edges[-1]
    axis.set(xlabel=label + " (the outer bars hold all beyond)" * bool(beyond), ylabel="fraction of the group")
    legend_beside(axis)
    show(made, f"{title or 'Histograms'}. Histograms of {label}. {'; '.join(described)}.")
