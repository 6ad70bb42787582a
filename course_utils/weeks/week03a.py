"""Week 3a: the checks of its exercises, its form of a layer, and its pictures of layers, kernels and decisions."""

import math
import operator
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .. import runtime
from ..judge import Check
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


def layer_bars(names: Sequence[str], costs: Sequence[tuple[int, int]], title: str = "") -> None:
    """Show which fraction of all weights and of all multiply-adds each layer has."""
    made, axes = figure(1, 2, 0.36 * len(names) + 1.1, title, sharey=True)
    totals = np.sum(costs, axis=0)
    percents = 100 * np.array(costs) / totals
    colours = [COLOURS[0 if name.endswith("kernels") else 4] for name in names]
    for axis, values, total, what in zip(axes[0], percents.T, totals, ("weights", "multiply-adds"), strict=True):
        drawn = axis.barh(names, values, color=colours)
        axis.bar_label(drawn, [f"{value:.1f}%" for value in values], padding=3)
        axis.grid(axis="y", visible=False)
        axis.set(xlabel="% of the network", title=f"{total:,} {what}", xlim=(0, 1.2 * values.max()))
    axes[0, 0].invert_yaxis()
    shares = [f"{name} {one:.1f}% and {other:.1f}%" for name, (one, other) in zip(names, percents, strict=True)]
    show(made, f"{title}. Weights and multiply-adds of each layer: {'; '.join(shares)}.")


def kernels_and_maps(kernels: np.ndarray, maps: np.ndarray, title: str = "") -> None:
    """Show kernels (height, width, count), and below each its feature map of (height, width, count)."""
    count, reach = kernels.shape[-1], np.abs(kernels).max()
    made, axes = figure(2, count, 3.6, title)
    for number, (above, below) in enumerate(axes.T):
        above.imshow(kernels[..., number], cmap=SIGNED, vmin=-reach, vmax=reach)
        below.imshow(maps[..., number], cmap="gray", vmin=0, vmax=max(maps.max(), 1e-9))
        above.set_title(f"kernel {number}")
    _without_ticks(axes)
    axes[0, 0].set_ylabel("weights")
    axes[1, 0].set_ylabel("feature map")
    show(made, f"{title}. {count} kernels, each above its feature map.")


def decision_maps(image: np.ndarray, maps: dict[str, np.ndarray], caption: str, title: str = "") -> None:
    """Show an image, and maps of drops in probability, each placed over the image's outline."""
    made, axes = figure(1, 1 + len(maps), 3.2, title, width=2.6 * (1 + len(maps)) + 1.2)
    picture, described = image.mean(axis=-1), []
    axes[0, 0].imshow(picture, cmap="gray", vmin=0, vmax=1)
    axes[0, 0].set_title(caption)
    for axis, (name, values) in zip(axes[0, 1:], maps.items(), strict=True):
        margin = (picture.shape[0] - values.shape[0]) / 2  # a square's centre is so far from its corner
        extent = np.array([0, values.shape[1], values.shape[0], 0]) - 0.5 + margin
        axis.set_facecolor("#d0d0d0")  # the margin, where the square would leave the image
        drawn = axis.imshow(values, cmap=SIGNED, vmin=-1, vmax=1, extent=extent)
        axis.contour(picture, [0.5], colors="black", linewidths=1)
        axis.set(title=name, xlim=(-0.5, picture.shape[1] - 0.5), ylim=(picture.shape[0] - 0.5, -0.5))
        described.append(f"{name}: from {values.min():.2f} to {values.max():.2f}")
    _without_ticks(axes)
    made.colorbar(drawn, ax=list(axes[0]), shrink=0.8, label="drop in probability")
    show(made, f"{title}. {caption}. Maps of the drop in probability: {'; '.join(described)}.")


def _without_ticks(axes: np.ndarray) -> None:
    """Leave of each chart's axes only the frame."""
    for axis in axes.flat:
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(True)


def _output_shape(layer, shape, *, sides=2, axes=(0, 1), divide=operator.floordiv, kept="pool"):
    """The shape that comes out of a layer: (height, width, channels), or (units,) of a flatten or dense layer."""
    if layer.kind == "flatten":
        return (math.prod(shape),)
    if layer.kind == "dense":
        return (layer.outputs,)
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
        "the padding is on both sides: twice its number is added.": {"sides": 1},
        "positions are one stride apart, and the last still lies inside the image: divide and round down.": [
            {"divide": lambda way, stride: math.ceil(way / stride)},
            {"divide": operator.truediv},
        ],
        "height and width shrink separately, each from its own size. The height comes first.": {"axes": (0, 0)},
        "a convolution makes one channel for each of its kernels. A pooling layer keeps the number of channels.": [
            {"kept": ""},
            {"kept": ("pool", "conv")},
        ],
    },
    praise="with this you can follow an image through any network of such layers.",
    view=_as_array,
)


def _cost(layer, before, after, *, channels=lambda before: before[-1], biases=1, bias_work=0):
    """The number of weights of a layer, biases included, and the number of its multiply-adds."""
    if layer.kind not in ("conv", "dense"):
        return 0, 0
    products, positions = max(1, layer.kernel) ** 2 * channels(before) * after[-1], math.prod(after[:-1])
    return products + biases * after[-1], (products + bias_work * after[-1]) * positions


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
        "each output channel or unit has one bias. It is a weight, but no multiply-add.": [
            {"biases": 0},
            {"bias_work": 1},
        ],
        "a kernel reaches through all channels that come in: it has height times width times channels weights.": {
            "channels": lambda before: before[0] if len(before) == 1 else 1
        },
        "a convolution uses its kernels again at every position, and each time it multiplies.": (
            lambda layer, before, after: (_cost(layer, before, after)[0], _cost(layer, before, after[-1:])[1])
        ),
    },
    results=("the number of weights", "the number of multiply-adds"),
    praise="two numbers that say what a network costs in memory and in time.",
)


def _shift(image, down, right):
    """The image moved by whole pixels, of the same shape; what comes in is 0."""
    margin = max(abs(down), abs(right))
    padded = np.pad(image, ((margin, margin), (margin, margin), (0, 0)))
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
        "your images move the other way: positive numbers are down and right.": (
            lambda image, down, right: _shift(image, -down, -right)
        ),
    },
    praise="the same digit, elsewhere. Training will use this at every step.",
)


def _occlusion_map(score, image, side, *, value=0, fresh=True, whole=1):
    """How much the score drops with a black square of `side` pixels at each position: (rows, columns) of positions."""
    rows, columns = image.shape[0] - side + 1, image.shape[1] - side + 1
    copies = np.repeat(image[None], rows * columns, axis=0)
    for number in range(rows * columns):
        row, column = divmod(number, columns)
        last = number + 1 if fresh else None
        copies[number:last, row : row + side, column : column + side] = value
    return (whole * score(image[None]) - score(copies)).reshape(rows, columns)


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
        "these are the scores of the covered images. By how much do they drop?": (
            lambda *case: -_occlusion_map(*case, whole=0)
        ),
        "earlier squares stay black. Each position needs a new copy of the image.": {"fresh": False},
        "your square is not black. Black is 0.": {"value": 1},
    },
    praise="it works for any model and any class, because it needs only inputs and outputs.",
    tolerance=1e-4,
)
