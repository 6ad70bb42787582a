"""Week 9b: the checks of its exercises, and what this lesson alone needs."""

from collections.abc import Callable, Sequence

import numpy as np

from .. import plots, runtime
from ..judge import Check, Remark
from ..plots.look import COLOURS, grid

KINDS = ("tip", "base")
keras = runtime.quiet_keras()


def _says(words: str, when: Callable):
    """Make a view that says `words` of an answer that stops where `when` holds for its arguments."""

    def view(answer):
        def viewed(*arguments):
            try:
                return answer(*arguments)
            except (ValueError, ZeroDivisionError, IndexError) as error:
                raise (Remark(words) if when(*arguments) else error) from None

        return viewed

    return view


def _gaussian_map(points, side, sigma, *, join=np.max, below=lambda sigma: 2 * sigma**2, power=2, peak=1, grid=None):
    """At each position, exp(-distance² / 2 sigma²) of the nearest of the points."""
    rows, columns = np.mgrid[:side, :side]
    maps = [np.zeros((side, side))]
    for x, y in points if grid is None else grid(points):
        distance = np.hypot(columns - x, rows - y)
        bump = np.exp(-(distance**power) / below(sigma))
        maps.append(bump / (peak if peak == 1 else peak(bump, sigma)))
    return join(maps, axis=0)


gaussian_map = Check(
    _gaussian_map,
    cases=[
        (np.array([[2.0, 1.0]]), 5, 1.0),
        (np.array([[1.3, 3.6], [3.0, 2.5]]), 6, 1.5),
        (np.array([[4.2, 0.4]]), 6, 0.8),
        (np.empty((0, 2)), 4, 1.0),
    ],
    mistakes={
        "x and y are exchanged: x says how far to the right, so it is compared with columns.": {
            "grid": lambda points: points[:, ::-1]
        },
        "where two bumps overlap, you add them. Take the larger, so that no value exceeds 1.": {"join": np.sum},
        "the squared distance should be divided by twice the square of sigma.": [
            {"below": lambda sigma: 2 * sigma},
            {"below": lambda sigma: sigma**2},
            {"below": lambda sigma: (2 * sigma) ** 2},
        ],
        "the points are rounded to whole positions. Keep the fractions: they say where exactly.": [
            {"grid": np.round},
            {"grid": np.floor},
        ],
        "each bump should have the height 1 at its point, whatever its width.": [
            {"peak": lambda bump, sigma: bump.sum()},
            {"peak": lambda bump, sigma: 2 * np.pi * sigma**2},
        ],
        "the distance is not squared.": {"power": 1},
    },
    praise="this is what the networks below learn to draw.",
    view=_says(
        "it stops where there are no points. Then the map is zero everywhere.", lambda points, *_: not len(points)
    ),
)


def _parabola_offset(left, centre, right, *, sign=1, factor=2, flat=0.0, centres=2):
    """Where the parabola through three values, at -1, 0 and 1, has its vertex; 0 where it is flat."""
    bend = left - centres * centre + right
    return flat if bend == 0 else sign * (left - right) / (factor * bend)


parabola_offset = Check(
    _parabola_offset,
    cases=[tuple(case) for case in np.array([[0.2, 1, 0.6], [0.5, 0.9, 0.1], [3, 8, 3], [-4, -1, -1.5], [0, 0, 0]])],
    mistakes={
        "the vertex lies towards the larger neighbour. Yours lies on the other side.": {"sign": -1},
        "your offset is twice or half as far as it should be: look at the 2 in the denominator.": [
            {"factor": 1},
            {"factor": 4},
        ],
        "the centre counts twice in the denominator.": {"centres": 1},
        "where all three values are equal, the denominator is 0: return 0 there.": [
            {"flat": np.nan},
            {"flat": np.inf},
        ],
    },
    praise="from three values, to a fraction of a pixel.",
    view=_says("it divides by 0 where all three values are equal: return 0 there.", lambda a, b, c: a == b == c),
)


def _pck(predicted, true, radius, *, distance=lambda d: np.linalg.norm(d, axis=-1), within=np.less_equal, mean=np.mean):
    """The fraction of points with a predicted position at most `radius` from the true one."""
    return float(mean(within(distance(predicted - true), radius)))


_TRUE = np.array([[[10.0, 20.0], [30.0, 8.0]], [[5.0, 40.0], [22.0, 31.0]], [[12.0, 12.0], [50.0, 44.0]]])
_OFF = np.array([[[2.4, -2.4], [0.0, 3.0]], [[-2.0, 2.0], [4.0, 1.0]], [[1.0, 0.5], [-2.6, 2.6]]])

pck = Check(
    _pck,
    cases=[(_TRUE + _OFF, _TRUE, 3), (_TRUE + _OFF, _TRUE, 1.5), (_TRUE[:1] + 0.2 * _OFF[1:2], _TRUE[:1], 0.6)],
    mistakes={
        "you compare x and y with the radius one by one. A point counts by its distance, from both together.": [
            {"distance": np.abs},
            {"distance": lambda d: np.abs(d).max(axis=-1)},
        ],
        "the distance is the root of dx² + dy². Yours is another.": [
            {"distance": lambda d: (d**2).sum(axis=-1)},
            {"distance": lambda d: np.abs(d).sum(axis=-1)},
            {"distance": lambda d: np.sqrt((d**2).mean(axis=-1))},
        ],
        "a point exactly on the radius is correct too.": {"within": np.less},
        "you count the correct points. Return their fraction.": {"mean": np.sum},
        "you ask that all points of an image are correct. Count each point on its own.": {
            "mean": lambda correct: correct.all(axis=-1).mean()
        },
    },
    praise="PCK, the percentage of correct keypoints, here as a fraction.",
)


def _match_points(
    predicted, true, radius, *, free=True, limit=True, nearest=np.argmin, blind=False, missing=-1, turn=1
):
    """For each predicted point, the best first, the true point that it claims, or -1."""
    claimed = np.full(len(predicted), missing)
    taken = np.zeros(len(true), bool)
    for i in range(len(predicted))[::turn] if len(true) else ():
        distances = np.linalg.norm(true - predicted[i], axis=1)
        open_ = ~taken if free and not blind else np.ones(len(true), bool)
        within = distances <= radius if limit else np.ones(len(true), bool)
        possible = np.where(open_ & within, distances, np.inf)
        j = nearest(possible)
        if np.isfinite(possible[j]) and not (blind and taken[j]):
            claimed[i], taken[j] = j, True
    return claimed


_ROWS = np.array([[20.0, 30.0], [40.0, 10.0], [14.0, 30.0], [70.0, 72.0]])

match_points = Check(
    _match_points,
    cases=[
        (np.array([[41.0, 12.0], [19.0, 29.0]]), _ROWS, 3.0),
        (np.array([[18.0, 30.0], [17.8, 31.0], [40.0, 14.0], [21.0, 30.0]]), _ROWS, 4.5),
        (np.array([[66.0, 70.0], [69.0, 71.0]]), _ROWS, 3.0),
        (np.array([[17.6, 30.5], [18.5, 30.0], [5.0, 5.0]]), _ROWS[::-1], 5.0),
        (np.array([[1.0, 2.0]]), np.empty((0, 2)), 3.0),
        (np.empty((0, 2)), _ROWS, 3.0),
    ],
    mistakes={
        "one true point is claimed twice. A second claim makes a duplicate look correct.": {"free": False},
        "a point claims a true point that is farther away than the radius.": {"limit": False},
        "where the nearest true point is taken, try the nearest one that is free.": {"blind": True},
        "of the free true points within the radius, claim the nearest, not the first.": {
            "nearest": lambda possible: np.isfinite(possible).argmax()
        },
        "a predicted point that claims nothing gets -1.": {"missing": 0},
        "the first predicted point has the highest score, so it chooses first.": {"turn": -1},
    },
    praise="the same idea as for boxes in week 7, with distances in place of IoU.",
    view=_says(
        "it stops where there are no true points. Then nothing can be claimed.", lambda _, true, __: not len(true)
    ),
)


class Hourglass(keras.layers.Dense):
    """A box for the diagram of two stacked hourglasses, with the right shape."""


def hourglass_box(x, channels: int):
    """Stand for an hourglass where a network is only drawn."""
    return Hourglass(channels)(x)


def show_points(
    images: Sequence[np.ndarray],
    true: Sequence[np.ndarray] = (),
    predicted: Sequence[np.ndarray] = (),
    titles: Sequence[str] = (),
    title: str = "",
    columns: int = 4,
) -> None:
    """Show images with true points (rings) and predicted points (crosses); tips orange, bases blue.

    `true` and `predicted` are, for each image, a pair of arrays (n, 2): x and y of tips, and of bases.
    """
    from matplotlib.lines import Line2D

    made, axes = grid(len(images), columns, 8.7 / columns + 0.28 * bool(titles), title, below=0.3)
    looks = {"true": {"marker": "o", "fillstyle": "none", "markersize": 11, "markeredgewidth": 2}} if len(true) else {}
    looks |= {"predicted": {"marker": "x", "markersize": 8, "markeredgewidth": 2.4}} if len(predicted) else {}
    colours = dict(zip(KINDS, (COLOURS[1], COLOURS[5]), strict=True))
    for number, (axis, image) in enumerate(zip(axes, images, strict=True)):
        axis.imshow(image.clip(0, 1))
        for some, look in zip([part for part in (true, predicted) if len(part)], looks.values(), strict=True):
            for points, colour in zip(some[number], colours.values(), strict=True):
                outline = {**look, "markeredgewidth": look["markeredgewidth"] + 2}
                axis.plot(*np.reshape(points, (-1, 2)).T, linestyle="", color="white", **outline)
                axis.plot(*np.reshape(points, (-1, 2)).T, linestyle="", color=colour, **look)
        axis.set(xlim=(-0.5, image.shape[1] - 0.5), ylim=(image.shape[0] - 0.5, -0.5))
        if len(titles):
            axis.set_title(titles[number], fontsize=12)
    each = [(f"{name} {kind}", look, colour) for name, look in looks.items() for kind, colour in colours.items()]
    handles = [Line2D([], [], linestyle="", label=name, color=colour, **look) for name, look, colour in each]
    made.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False, fontsize=11)
    counted = f"True tips: {', '.join(str(len(some[0])) for some in true)}." if len(true) else ""
    plots.look.show(made, f"{title}. {len(images)} images with points. {'. '.join([*titles, ''])}{counted}")
