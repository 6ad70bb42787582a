"""The picture of a training: loss and accuracy over its steps."""

from collections.abc import Mapping, Sequence

from .general import draw_lines
from .look import figure, show


def training(history: Mapping[str, Sequence[float]], steps: Sequence[int], total: int, title: str = "", place=None):
    """Show losses on the left and accuracies on the right; return the place, to show the next state in it.

    Parameters
    ----------
    history : mapping from a name to values
        Names that end in "accuracy" go to the right, all others to the left.
    steps : sequence of int
        The step of each value.
    total : int
        Steps of the whole training, for the width of the axes.
    """
    made, axes = figure(1, 2, 3.4, title)
    accuracies = {name: values for name, values in history.items() if name.endswith("accuracy")}
    losses = {name: values for name, values in history.items() if name not in accuracies}
    told = []
    for axis, lines, label in zip(axes[0], (losses, accuracies), ("loss", "accuracy"), strict=True):
        if lines and steps:
            draw_lines(axis, steps, lines, ("step", label))
            told += [f"{name} went from {values[0]:.3g} to {values[-1]:.3g}" for name, values in lines.items()]
        axis.set_xlim(0, total)
    axes[0, 0].set_ylim(bottom=0)
    axes[0, 1].set_ylim(0, 1.02)
    return show(made, f"{title}. " + ("; ".join(told) or "It begins") + ".", place)
