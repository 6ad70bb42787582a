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
        spot = np.exp(-(distance**power) / below(sigma))
        maps.append(spot / (peak if peak == 1 else peak(spot, sigma)))
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
        "where two spots overlap, you add them. Take the larger value.": [
            {"join": join} for join in (np.sum, lambda maps, axis: np.sum(maps, axis).clip(0, 1))
        ],
        "where there are two points, only one has a spot: keep both.": [
            {"join": lambda maps, axis, last=last: maps[:last][-1]} for last in (None, 2)
        ],
        "the exponent is minus the squared distance, divided by twice the square of sigma. Are all brackets there?": [
            *({"below": below} for below in (lambda s: 2 * s, lambda s: s**2, lambda s: 4 * s**2, lambda s: 2 / s**2)),
            {"power": 1},
        ],
        "you change the points. They are in pixels of the map; keep their fractions too.": [
            {"grid": change} for change in (np.round, np.floor, lambda points: (points - 0.5) / 2)
        ],
        "each spot should have the height 1 at its point, whatever its width.": [
            {"peak": peak} for peak in (lambda spot, sigma: spot.sum(), lambda spot, sigma: 2 * np.pi * sigma**2)
        ],
    },
    praise="this is what the networks below learn to draw.",
    view=_says(
        "it stops where there are no points. Then the map is zero everywhere.", lambda points, *_: not len(points)
    ),
)


def _parabola_offset(left, centre, right, *, sign=1, factor=2, centres=2):
    """Where the parabola through three values, at -1, 0 and 1, has its vertex; 0 where it has none."""
    bend = left - centres * centre + right
    return 0.0 if bend == 0 else sign * (left - right) / (factor * bend)


parabola_offset = Check(
    _parabola_offset,
    cases=list(map(tuple, np.array([[0.2, 1, 0.6], [5, 9, 1], [3, 8, 3], [-4, -1, -1.5], [0.5, 0.5, 0.5], [1, 2, 3]]))),
    mistakes={
        "the vertex lies towards the larger neighbour. Yours lies on the other side.": {"sign": -1},
        "your offset is twice or half as far as it should be: look at the 2.": [{"factor": 1}, {"factor": 4}],
        "the centre counts twice in the denominator.": {"centres": 1},
        "the bracket belongs in the denominator.": lambda a, b, c: (a - c) / 2 * (a - 2 * b + c),
        "where the denominator is 0, return 0.": lambda a, b, c: (a - c) / (2 * (a - 2 * b + c)),
    },
    praise="from three values, to a fraction of a pixel.",
    view=_says("it divides by 0 where the denominator is 0: return 0 there.", lambda a, b, c: a - 2 * b + c == 0),
)


def _pck(predicted, true, radius, *, distance=lambda d: np.linalg.norm(d, axis=-1), within=np.less_equal, mean=np.mean):
    """The fraction of points with a predicted position at most `radius` from the true one."""
    return float(mean(within(distance(predicted - true), radius)))


_TRUE = np.array([[[10.0, 20.0], [30.0, 8.0]], [[5.0, 40.0], [22.0, 31.0]], [[12.0, 12.0], [50.0, 44.0]]])
_OFF = np.array([[[2.4, -2.4], [0.0, 3.0]], [[-2.0, 2.0], [4.0, 1.0]], [[1.0, 0.5], [-2.6, 1.3]]])

pck = Check(
    _pck,
    cases=[(_TRUE + _OFF, _TRUE, 3), (_TRUE + _OFF, _TRUE, 2.5), (_TRUE[:1] + 0.2 * _OFF[1:2], _TRUE[:1], 0.6)],
    mistakes={
        "you compare x and y with the radius one by one. A point counts by its distance, from both together.": [
            {"distance": distance} for distance in (np.abs, lambda d: np.abs(d).max(axis=-1))
        ],
        "the distance is the root of dx² + dy², of each point on its own. Yours is another.": [
            *({"distance": lambda d, axis=axis: np.linalg.norm(d, axis=axis)} for axis in (None, 1)),
            *({"distance": lambda d, power=power: (np.abs(d) ** power).sum(axis=-1)} for power in (1, 2)),
            {"distance": lambda d: np.sqrt((d**2).mean(axis=-1))},
        ],
        "a point exactly on the radius is correct too.": {"within": np.less},
        "divide the number of correct points by that of all points; an image has two.": [
            {"mean": mean} for mean in (np.sum, lambda correct: correct.sum() / len(correct))
        ],
        "you ask that all points of an image are correct. Count each on its own.": {"mean": lambda c: c.all(-1).mean()},
    },
    praise="PCK, the percentage of correct keypoints, here as a fraction.",
)


def _match_points(
    predicted, true, radius, *, size=np.linalg.norm, within=np.less_equal, nearest=np.argmin, again=0, turn=1, shift=0
):
    """For each predicted point, the best first, the true point that it claims, or -1."""
    claimed = np.full(len(predicted), -1)
    taken = np.zeros(len(true), bool)
    for i in range(len(predicted))[::turn] if len(true) else ():
        distances = np.array([size(d) for d in true - predicted[i]])
        possible = np.where(within(distances, radius) & (~taken | (again > 0)), distances, np.inf)
        j = nearest(possible)
        if np.isfinite(possible[j]) and not (again == 2 and taken[j]):
            claimed[i], taken[j] = j - shift * taken[:j].sum(), True
    return claimed


_ROWS = np.array([[20.0, 30.0], [40.0, 10.0], [14.0, 30.0], [70.0, 72.0]])

match_points = Check(
    _match_points,
    cases=[
        (np.array([[41.0, 12.0], [19.0, 29.0]]), _ROWS, 3.0),
        (np.array([[18.0, 30.0], [17.8, 31.0], [40.0, 14.0], [21.0, 30.0]]), _ROWS, 4.5),
        (np.array([[20.0, 37.0], [43.5, 13.5], [70.0, 76.5], [38.5, 14.0]]), _ROWS, 4.5),
        (np.array([[66.0, 70.0], [69.0, 71.0]]), _ROWS, 3.0),
        (np.array([[17.6, 30.5], [18.5, 30.0], [5.0, 5.0]]), _ROWS[::-1], 5.0),
        (np.array([[1.0, 2.0]]), np.empty((0, 2)), 3.0),
        (np.empty((0, 2)), _ROWS, 3.0),
    ],
    mistakes={
        "one true point is claimed twice. A second claim makes a duplicate look correct.": {"again": 1},
        "a claim needs a distance of at most the radius; the distance is the root of dx² + dy². Check both.": [
            *({"within": within} for within in (np.less, lambda distances, radius: distances < np.inf)),
            *({"size": lambda d, how=how: how(np.abs(d))} for how in (np.sum, np.max)),
            *({"size": size} for size in (lambda d: abs(d[0]), lambda d: abs(d[1]), lambda d: d @ d)),
        ],
        "where the nearest true point is taken, try the nearest one that is free.": {"again": 2},
        "of the free true points within the radius, claim the nearest, not the first.": {
            "nearest": lambda possible: np.isfinite(possible).argmax()
        },
        "the first predicted point has the highest score, so it chooses first.": {"turn": -1},
        "a claimed true point is removed, so later ones get other numbers. Let each keep its number.": {"shift": 1},
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
    true: Sequence[Sequence[np.ndarray]],
    predicted: Sequence[Sequence[np.ndarray]] = (),
    titles: Sequence[str] = (),
    title: str = "",
    columns: int = 4,
) -> None:
    """Show images with true points (rings of radius 3 pixels) and predicted points (crosses); tips orange, bases blue.

    `true` and `predicted` are, for each image, one or two arrays (n, 2): x and y of tips, and of bases.
    """
    from matplotlib.lines import Line2D

    made, axes = grid(len(images), columns, 8.7 / columns + 0.28 * bool(titles), title, below=0.3)
    colours = dict(zip(KINDS[: len(true[0])], (COLOURS[1], COLOURS[5]), strict=False))
    turn = np.linspace(0, 2 * np.pi, 50)[:, None]
    for number, (axis, image) in enumerate(zip(axes, images, strict=True)):
        axis.imshow(image.clip(0, 1), cmap="gray", vmin=0, vmax=1)
        for kind, colour in enumerate(colours.values()):
            for wider, shade in ((1.6, "white"), (0, colour)):
                x, y = np.reshape(true[number][kind], (-1, 2)).T
                axis.plot(x + 3 * np.cos(turn), y + 3 * np.sin(turn), color=shade, linewidth=1.8 + wider)
                x, y = np.reshape(predicted[number][kind] if len(predicted) else [], (-1, 2)).T
                axis.plot(x, y, "x", color=shade, markersize=6, markeredgewidth=1.8 + wider)
        axis.set(xlim=(-0.5, image.shape[1] - 0.5), ylim=(image.shape[0] - 0.5, -0.5))
        axis.set_title(titles[number] if len(titles) else "", fontsize=12)
    looks = {"true": {"marker": "o", "fillstyle": "none", "markersize": 11, "markeredgewidth": 2}}
    looks |= {"predicted": {"marker": "x", "markersize": 8, "markeredgewidth": 2.4}} if len(predicted) else {}
    each = [(f"{name} {kind}", look, colour) for name, look in looks.items() for kind, colour in colours.items()]
    handles = [Line2D([], [], linestyle="", label=name, color=colour, **look) for name, look, colour in each]
    made.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False, fontsize=11)
    counted = f"True tips: {', '.join(str(len(some[0])) for some in true)}."
    named = "".join(f"{name}. " for name in titles if name)
    plots.look.show(made, f"{title}. {len(images)} images with points. {named}{counted}")
