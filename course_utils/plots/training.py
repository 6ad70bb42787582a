"""The picture of a training: loss and accuracy over its steps."""

from collections.abc import Mapping, Sequence

import numpy as np

from .general import draw_lines
from .look import COLOURS, DASHES, MARKERS, figure, show


def training(history: Mapping[str, Sequence[float]], steps: Sequence[int], total: int, title: str = "", place=None):
    """Show losses and, if there are any, accuracies beside them; return the place, to show the next state in it.

    Parameters
    ----------
    history : mapping from a name to values
        Names that end in "accuracy" go to the right, all others to the left.
    steps : sequence of int
        The step of each value.
    total : int
        Steps of the whole training, for the width of the axes.
    """
    accuracies = {name: values for name, values in history.items() if name.endswith("accuracy")}
    losses = {name: values for name, values in history.items() if name not in accuracies}
    drawn = [("loss", losses), ("accuracy", accuracies)][: 2 if accuracies else 1]
    made, axes = figure(1, len(drawn), 3.4, title)
    told = []
    for axis, (label, lines) in zip(axes[0], drawn, strict=True):
        if lines and steps:
            draw_lines(axis, steps, lines, ("step", label))
            told += [f"{name} went from {values[0]:.3g} to {values[-1]:.3g}" for name, values in lines.items()]
        axis.set_xlim(0, total)
        axis.set_ylim(bottom=0, top=1.02 if label == "accuracy" else None)
    return show(made, f"{title}. " + ("; ".join(told) or "It begins") + ".", place)


def accuracies(
    counts: Sequence[int], results: Mapping[str, Mapping[int, Sequence[float]]], title: str = "", place=None
):
    """Show accuracy over pictures a class, with error bars over seeds; return the place, to show more in it.

    Parameters
    ----------
    counts : sequence of int
        Pictures a class: where the axis has its marks.
    results : mapping from a name to a mapping from a count to one accuracy a seed
        Counts may be missing, while trainings go on.
    """
    made, axes = figure(height=4.2, title=title)
    axis, told = axes[0, 0], []
    axis.set_xscale("log")
    spread = 1.0 + 0.03 * np.arange(len(results))  # side by side, so that bars do not hide each other
    for number, (name, by_count) in enumerate(results.items()):
        if not by_count:
            continue
        there = sorted(by_count)
        means = [np.mean(by_count[count]) for count in there]
        errors = [np.std(by_count[count]) for count in there]
        style = {"color": COLOURS[number], "marker": MARKERS[number], "linestyle": DASHES[number % len(DASHES)]}
        axis.errorbar(np.multiply(there, spread[number]), means, errors, capsize=4, markersize=7, label=name, **style)
        figures = ", ".join(f"{mean:.2f} at {count}" for count, mean in zip(there, means, strict=True))
        told.append(f"{name}: {figures}")
    axis.set_xlim(min(counts) / 1.2, max(counts) * 1.3)
    axis.set_xticks(list(counts), [str(count) for count in counts])
    axis.minorticks_off()
    axis.set_ylim(0, 1.02)
    axis.set_xlabel("training pictures of each class")
    axis.set_ylabel("accuracy on test pictures")
    if told:
        axis.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    alt = f"{title}. Accuracy over pictures a class, bars of one standard deviation over seeds. {'; '.join(told)}."
    return show(made, alt, place)
