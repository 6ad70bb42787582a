"""Week 5: the checks of its exercises, and what this lesson alone needs."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..plots.look import figure, legend_beside, line_style, show


def accuracies(
    counts: Sequence[int], results: Mapping[str, Mapping[int, Sequence[float]]], title: str = "", place=None
):
    """Show accuracy over images a class, with error bars over seeds.

    Parameters
    ----------
    counts : sequence of int
        Images a class: where the axis has its marks.
    results : mapping from a name to a mapping from a count to one accuracy a seed
        Counts may be missing, while trainings go on.
    place
        What an earlier call returned: redraw in the same output.
    """
    made, axes = figure(height=4.2, title=title)
    axis, told = axes[0, 0], []
    axis.set_xscale("log")
    for number, (name, by_count) in enumerate(results.items()):
        if by_count:
            there = sorted(by_count)
            means = [np.mean(by_count[count]) for count in there]
            errors = [np.std(by_count[count]) for count in there]
            x = np.multiply(there, 1 + 0.03 * number)  # side by side, so that bars do not hide each other
            axis.errorbar(x, means, errors, capsize=4, markersize=7, label=name, **line_style(number))
            values = ", ".join(f"{mean:.2f} at {count}" for count, mean in zip(there, means, strict=True))
            told.append(f"{name}: {values}")
    axis.set_xlim(min(counts) / 1.2, max(counts) * 1.3)
    axis.set_xticks(list(counts), [str(count) for count in counts])
    axis.minorticks_off()
    axis.set(ylim=(0, 1.02), xlabel="training pictures of each class", ylabel="accuracy on test pictures")
    if told:
        legend_beside(axis)
    alt = f"{title}. Accuracy over pictures a class, bars of one standard deviation over seeds. {'; '.join(told)}."
    return show(made, alt, place)
