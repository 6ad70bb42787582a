"""Week 3a: the checks of its exercises, its form of a layer, and its pictures of layers, kernels and decisions."""

import math
import operator
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .. import runtime
from ..judge import Check
from ..plots.charts import draw_lines
from ..plots.look import COLOURS, SIGNED, figure, show


class Layer(NamedTuple):
    """One layer: "conv", "pool", "flatten" or "dense"; `outputs` are the kernels of "conv", the units of "dense"."""

    kind: str
    outputs: int = 0
    kernel: int = 0
    stride: int = 1
    padding: int = 0


def to_keras(network: Sequence[Layer], shape: tuple):
    """A Keras model of the layers, with ReLU and max pooling; its weights are 0, which is quick for large networks."""
    keras = runtime.quiet_keras()
    model = keras.Sequential([keras.Input(shape)])
    for layer in network:
        look = {"activation": "softmax" if layer is network[-1] else "relu", "kernel_initializer": "zeros"}
        if layer.kind == "conv":
            padding = "same" if layer.padding else "valid"
            model.add(keras.layers.Conv2D(layer.outputs, layer.kernel, layer.stride, padding, **look))
        elif layer.kind == "pool":
            model.add(keras.layers.MaxPooling2D(layer.kernel, layer.stride))
        else:
            model.add(keras.layers.Flatten() if layer.kind == "flatten" else keras.layers.Dense(layer.outputs, **look))
    return model


def examples(probabilities: np.ndarray, labels: np.ndarray) -> tuple[int, int]:
    """The numbers of the least sure right decision and of the surest wrong one; if none is wrong, of the least sure.

    Examples
    --------
    >>> examples(np.array([[0.9, 0.1], [0.4, 0.6], [0.7, 0.3], [0.2, 0.8]]), np.array([0, 1, 1, 1]))
    (1, 2)
    """
    highest, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    wrong = np.where(right, 0, highest).argmax() if not right.all() else highest.argmin()
    return int(np.where(right, highest, 2).argmin()), int(wrong)


# Pictures ---------------------------------------------------------------------------------------------------------


def layer_bars(names: Sequence[str], costs: Sequence[tuple[int, int]], title: str = "") -> None:
    """Show which fraction of all weights and of all multiply-adds each layer has."""
    made, axes = figure(1, 2, 0.36 * len(names) + 1.1, title)
    described = []
    for number, (axis, what) in enumerate(zip(axes[0], ("weights", "multiply-adds"), strict=True)):
        values = np.array([cost[number] for cost in costs], float)
        percents = 100 * values / values.sum()
        colours = [COLOURS[0 if name.endswith("kernels") else 4] for name in names]
        drawn = axis.barh(range(len(names)), percents, color=colours)
        axis.bar_label(drawn, [f"{percent:.1f}%" for percent in percents], padding=3)
        axis.set_yticks(range(len(names)), names if number == 0 else [""] * len(names))
        axis.invert_yaxis()
        axis.set_xlim(0, 1.2 * percents.max())
        axis.grid(axis="y", visible=False)
        axis.set(xlabel="% of the network", title=f"{values.sum():,.0f} {what}")
        shares = ", ".join(f"{name} {percent:.1f}%" for name, percent in zip(names, percents, strict=True))
        described.append(f"Of {values.sum():,.0f} {what}: {shares}.")
    show(made, f"{title}. {' '.join(described)}")


def spread_by_layer(network: Sequence[Layer], lines: dict[str, Sequence[float]], title: str = "") -> None:
    """Show a value of the image and of each layer's output, one line for each network, over the layers' names."""
    names = ["image", *(f"layer {number}\n{layer.kind}" for number, layer in enumerate(network, 1))]
    made, axes = figure(height=4, title=title)
    axes[0, 0].set_yscale("log")
    draw_lines(axes[0, 0], range(len(names)), lines, ("", "mean standard deviation"))
    axes[0, 0].set_xticks(range(len(names)), names, fontsize=10)
    described = [f"{name}: from {values[0]:.3g} to {values[-1]:.3g}." for name, values in lines.items()]
    show(made, f"{title}. Mean standard deviations of the image and after {len(network)} layers. {' '.join(described)}")


def kernels_and_maps(kernels: np.ndarray, maps: np.ndarray, title: str = "") -> None:
    """Show kernels (height, width, count), and below each its feature map of (height, width, count)."""
    count = kernels.shape[-1]
    made, axes = figure(2, count, 3.6, title)
    reach = np.abs(kernels).max()
    for number in range(count):
        axes[0, number].imshow(kernels[..., number], cmap=SIGNED, vmin=-reach, vmax=reach)
        axes[1, number].imshow(maps[..., number], cmap="gray", vmin=0, vmax=max(maps.max(), 1e-9))
        axes[0, number].set_title(f"kernel {number}")
        for axis in axes[:, number]:
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_visible(True)
    axes[0, 0].set_ylabel("weights")
    axes[1, 0].set_ylabel("feature map")
    show(
        made, f"{title}. {count} kernels of {kernels.shape[0]}x{kernels.shape[1]} weights, each above its feature map."
    )


def decision_maps(image: np.ndarray, maps: dict[str, np.ndarray], caption: str, title: str = "") -> None:
    """Show an image, and maps of drops in probability, each placed over the image's outline."""
    made, axes = figure(1, 1 + len(maps), 3.2, title, width=2.6 * (1 + len(maps)) + 1.2)
    picture = image.mean(axis=-1)
    axes[0, 0].imshow(picture, cmap="gray", vmin=0, vmax=1)
    axes[0, 0].set_title(caption)
    described = []
    for axis, (name, values) in zip(axes[0, 1:], maps.items(), strict=True):
        side = picture.shape[0] - values.shape[0]  # a cover of side + 1 pixels has its centre side / 2 from its corner
        extent = np.array([0, values.shape[1], values.shape[0], 0]) - 0.5 + side / 2
        axis.set_facecolor("#d0d0d0")  # the margin, where the cover would leave the image
        drawn = axis.imshow(values, cmap=SIGNED, vmin=-1, vmax=1, extent=extent)
        axis.contour(picture, [0.5], colors="black", linewidths=1)
        axis.set(title=name, xlim=(-0.5, picture.shape[1] - 0.5), ylim=(picture.shape[0] - 0.5, -0.5))
        row, column = np.unravel_index(np.abs(values).argmax(), values.shape)
        at = f"at row {row + side // 2}, column {column + side // 2}"
        described.append(f"{name}: from {values.min():.2f} to {values.max():.2f}, strongest {at}")
    for axis in axes[0]:
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(True)
    made.colorbar(drawn, ax=list(axes[0]), shrink=0.8, label="drop in probability")
    show(
        made, f"{title}. {caption}. Maps of the drop in probability by the centre of the cover. {'; '.join(described)}."
    )


# Checks -----------------------------------------------------------------------------------------------------------


def _output_shape(
    layer,
    shape,
    *,
    sides=2,
    axes=(0, 1),
    divide=operator.floordiv,
    kept="pool",
    inside=math.prod,
    vector=lambda units: (units,),
):
    """The shape that comes out of a layer: (height, width, channels), or (units,) of a flatten or dense layer."""
    if layer.kind == "flatten":
        return vector(inside(shape))
    if layer.kind == "dense":
        return vector(layer.outputs)
    sizes = [divide(shape[axis] + sides * layer.padding - layer.kernel, layer.stride) + 1 for axis in axes]
    return *sizes, shape[2] if layer.kind in kept else layer.outputs


def _as_array(answer):
    """Compare a shape as one array, and not as several results."""

    def shape(*case):
        result = answer(*case)
        return np.array(result) if isinstance(result, tuple | list) else result

    return shape


output_shape = Check(
    _output_shape,
    cases=[
        (Layer("conv", 6, kernel=5, padding=2), (28, 28, 1)),
        (Layer("pool", kernel=2, stride=2), (28, 20, 6)),
        (Layer("flatten"), (5, 4, 16)),
        (Layer("dense", 120), (400,)),
        (Layer("conv", 96, kernel=11, stride=4), (227, 231, 3)),
        (Layer("pool", kernel=3, stride=2), (55, 54, 96)),
        (Layer("conv", 8, kernel=3, stride=2, padding=1), (20, 21, 4)),
    ],
    mistakes={
        "the padding is on both sides: twice its number is added.": [{"sides": 1}, {"sides": 0}],
        "positions are one stride apart, and the last still lies inside the image: divide and round down.": [
            {"divide": lambda way, stride: way},
            {"divide": lambda way, stride: math.ceil(way / stride)},
            {"divide": lambda way, stride: way / stride},
        ],
        "height and width shrink separately, each from its own size. The height comes first.": [
            {"axes": axes} for axes in ((0, 0), (1, 1), (1, 0))
        ],
        "a convolution makes one channel for each of its kernels. A pooling layer keeps the number of channels.": [
            {"kept": ""},
            {"kept": ("pool", "conv")},
        ],
        "flattening keeps all numbers: rows times columns times channels.": [
            {"inside": lambda shape: math.prod(shape[:2])},
            {"inside": sum},
        ],
        "a shape is a tuple, even if it holds a single number.": {"vector": lambda units: units},
    },
    praise="with this you can follow an image through any network of such layers.",
    view=_as_array,
)


def _cost(
    layer, before, after, *, area=lambda kernel: kernel**2, channels=lambda before: before[-1], biases=lambda a: a[-1]
):
    """The number of weights of a layer, biases included, and the number of its multiply-adds."""
    if layer.kind not in ("conv", "dense"):
        return 0, 0
    products = area(max(1, layer.kernel)) * channels(before) * after[-1]
    return products + biases(after), products * math.prod(after[:-1])


def _if(kind, mistake):
    """A mistake that is made in layers of one kind only."""
    return lambda *case: mistake(*case) if case[0].kind == kind else _cost(*case)


def _work_of_biases(layer, before, after):
    """A mistake: biases are multiplied, too, at every position."""
    return _cost(layer, before, after)[0], _cost(layer, before, after)[0] * math.prod(after[:-1])


def _no_biases(*case):
    return _cost(*case, biases=lambda after: 0)


def _every_layer(layer, before, after):
    """A mistake: pooling layers are taken to have weights."""
    return (
        (layer.kernel**2, layer.kernel**2 * math.prod(after)) if layer.kind == "pool" else _cost(layer, before, after)
    )


cost = Check(
    _cost,
    cases=[
        (Layer("conv", 6, kernel=5, padding=2), (28, 28, 1), (28, 28, 6)),
        (Layer("conv", 16, kernel=5), (14, 12, 6), (10, 8, 16)),
        (Layer("dense", 120), (400,), (120,)),
        (Layer("pool", kernel=2, stride=2), (28, 28, 6), (14, 14, 6)),
        (Layer("flatten"), (5, 5, 16), (400,)),
    ],
    mistakes={
        "the two results have changed places. The number of weights comes first.": lambda *case: _cost(*case)[::-1],
        "each output channel or unit has one bias. It is a weight, but no multiply-add.": [
            _no_biases,
            *(_if(kind, mistake) for kind in ("conv", "dense") for mistake in (_no_biases, _work_of_biases)),
            {"biases": lambda after: 1},
            {"biases": math.prod},
            _work_of_biases,
            lambda *case: (_cost(*case)[0], _cost(*case)[1] + (math.prod(case[2]) if _cost(*case)[0] else 0)),
        ],
        "a kernel reaches through all channels that come in: it has height times width times channels weights.": [
            {"channels": lambda before: before[0] if len(before) == 1 else 1},
            {"area": lambda kernel: kernel},
        ],
        "a convolution uses its kernels again at every position, and each time it multiplies.": [
            lambda *case: (_cost(*case)[0], _cost(*case)[0]),
            lambda *case: (_cost(*case)[0], _no_biases(*case)[0]),
        ],
        "a kernel has a position for each pixel that comes out: height times width after the layer.": [
            lambda *case: (_cost(*case)[0], _no_biases(*case)[0] * math.prod(case[1][:-1])),
            *(
                _if("conv", lambda *case, i=i: (_cost(*case)[0], _no_biases(*case)[0] * case[2][i] ** 2))
                for i in (0, 1)
            ),
        ],
        "pooling and flattening have no weights, and nothing is multiplied there.": _every_layer,
    },
    results=("the number of weights", "the number of multiply-adds"),
    praise="two numbers that say what a network costs in memory and in time.",
)


def _shift(image, down, right, *, edge="constant"):
    """The image moved by whole pixels, of the same shape; what comes in is 0."""
    margin = max(abs(down), abs(right))
    padded = np.pad(image, ((margin, margin), (margin, margin), (0, 0)), edge)
    height, width = image.shape[:2]
    return padded[margin - down : margin - down + height, margin - right : margin - right + width]


_PIXELS = np.random.default_rng(3).uniform(0.1, 1, (4, 5, 1)).round(2)
_SIX = np.random.default_rng(4).uniform(0.1, 1, (6, 6, 2)).round(2)

shift = Check(
    _shift,
    cases=[
        (np.array([[0.1, 0.2], [0.3, 0.4]])[..., None], 0, 1),
        (_PIXELS, 1, 2),
        (_PIXELS, -1, -2),
        (_SIX, 2, -1),
        (_SIX, 0, 0),
    ],
    mistakes={
        "what leaves on one side comes back on the other. Black should come in.": (
            lambda image, down, right: np.roll(image, (down, right), (0, 1))
        ),
        "your images move the other way, at least along one axis: positive numbers are down and right.": [
            lambda image, down, right, way=way: _shift(image, way[0] * down, way[1] * right)
            for way in ((-1, -1), (-1, 1), (1, -1))
        ],
        "rows and columns have changed places.": lambda image, down, right: _shift(image, right, down),
        "what comes in repeats the border. Black should come in.": {"edge": "edge"},
        "negative numbers should move the image up and left.": [
            lambda image, down, right: _shift(image, abs(down), abs(right)),
            lambda image, down, right: _shift(image, max(0, down), max(0, right)),
        ],
    },
    praise="the same digit, elsewhere. Training will use this at every step.",
)


def _occlusion_map(score, image, side, *, value=lambda image: 0, drop=lambda whole, covered: whole - covered):
    """How much the score drops with a black square of `side` pixels at each position: (rows, columns) of positions."""
    rows, columns = image.shape[0] - side + 1, image.shape[1] - side + 1
    copies = np.repeat(image[None], rows * columns, axis=0)
    for number in range(rows * columns):
        row, column = divmod(number, columns)
        copies[number, row : row + side, column : column + side] = value(image)
    return drop(score(image[None]), score(copies)).reshape(rows, columns)


def _covers_stay(score, image, side):
    """A mistake: one copy for all, in which earlier squares stay black."""
    rows, columns = image.shape[0] - side + 1, image.shape[1] - side + 1
    copy, result = image.copy(), np.zeros((rows, columns))
    for row, column in np.ndindex(rows, columns):
        copy[row : row + side, column : column + side] = 0
        result[row, column] = score(image[None])[0] - score(copy[None])[0]
    return result


def _weighted(shape):
    """A score that is a weighted sum of pixels."""
    weights = np.random.default_rng(5).uniform(0.1, 1, shape)
    return lambda images: (np.asarray(images) * weights).sum(axis=(1, 2, 3))


occlusion_map = Check(
    _occlusion_map,
    cases=[
        (_weighted((4, 5, 1)), _PIXELS, 2),
        (_weighted((6, 6, 2)), _SIX, 3),
        (lambda images: np.asarray(images)[:, 1:3, 2, 0].sum(axis=1) ** 2, _PIXELS, 1),
    ],
    mistakes={
        "your signs are reversed. A drop is positive: score of the whole image minus score of the covered one.": {
            "drop": lambda whole, covered: covered - whole
        },
        "these are the scores of the covered images. By how much do they drop?": {
            "drop": lambda whole, covered: covered
        },
        "earlier squares stay black. Each position needs a new copy of the image.": _covers_stay,
        "your square is not black. Black is 0.": [
            {"value": lambda image: 1},
            {"value": np.mean},
            {"value": lambda image: 0.5},
        ],
        "the last row or the last column of positions is missing.": [
            lambda *case: _occlusion_map(*case)[:-1, :-1],
            lambda *case: _occlusion_map(*case)[:-1],
            lambda *case: _occlusion_map(*case)[:, :-1],
        ],
    },
    praise="it works for any model and any class, because it needs only inputs and outputs.",
    tolerance=1e-4,
)
