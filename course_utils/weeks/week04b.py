"""Week 4b: the checks of its exercises, its counter and stop-watch, and its charts."""

import gc
import time
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from .. import runtime
from ..judge import Check
from ..plots.look import COLOURS, MARKERS, figure, show

keras = runtime.quiet_keras()
layers, ops = keras.layers, keras.ops

# Kernels of GoogLeNet's nine modules: 1x1; 1x1 and 3x3; 1x1 and 5x5; 1x1 after pooling. None is a max pooling.
GOOGLENET = [
    (64, (96, 128), (16, 32), 32),
    (128, (128, 192), (32, 96), 64),
    None,
    (192, (96, 208), (16, 48), 64),
    (160, (112, 224), (24, 64), 64),
    (128, (128, 256), (24, 64), 64),
    (112, (144, 288), (32, 64), 64),
    (256, (160, 320), (32, 128), 128),
    None,
    (256, (160, 320), (32, 128), 128),
    (384, (192, 384), (48, 128), 128),
]

# Counting and timing ----------------------------------------------------------------------------------------------


def count(model, cost: Callable) -> tuple[int, int]:
    """The kernel weights and multiply-adds of a model's convolutions and dense layers, by the reader's `cost`."""
    total = np.zeros(2, int)
    for layer in model.layers:
        if not isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D | layers.SeparableConv2D | layers.Dense):
            continue
        outputs, inputs = layer.output.shape[-1], layer.input.shape[-1]
        positions = int(np.prod(layer.output.shape[1:-1]))
        side = getattr(layer, "kernel_size", (1, 1))
        area = side[0] * side[1]  # a kernel of 1x7 costs 7 times a kernel of 1x1
        if isinstance(layer, layers.Conv2D):
            total += area * np.array(cost(1, inputs, outputs, positions, layer.groups))
        elif isinstance(layer, layers.Dense):
            total += cost(1, inputs, outputs, 1, 1)
        else:
            total += area * np.array(cost(1, inputs, inputs, positions, inputs))
            if isinstance(layer, layers.SeparableConv2D):
                total += cost(1, inputs, outputs, positions, 1)
    return int(total[0]), int(total[1])


def milliseconds(models: Sequence, images: np.ndarray, repeats: int = 7) -> list[float]:
    """The shortest time in which each model computes its output for the images, all measured in turns."""
    import tensorflow as tf

    x = tf.constant(images, tf.float32)
    runs = [tf.function(model).get_concrete_function(tf.TensorSpec(x.shape, x.dtype)) for model in models]
    times = np.full((repeats + 1, len(runs)), np.inf)
    for row in range(repeats + 1):
        for column, run in enumerate(runs):
            began = time.perf_counter()
            ops.convert_to_numpy(run(x))
            if row:  # the first call prepares the model
                times[row, column] = 1000 * (time.perf_counter() - began)
    return times.min(axis=0).tolist()


def applications(names: Sequence[str]) -> Iterator[tuple[str, object]]:
    """Each network of keras.applications with random weights, one at a time, to spare memory."""
    for name in names:
        yield name, getattr(keras.applications, name)(weights=None)
        gc.collect()


def influence(model) -> np.ndarray:
    """1 where an output channel (row) changes with an input channel (column), else 0."""
    channels = model.input_shape[-1]
    images = np.concatenate([np.zeros((1, channels)), np.eye(channels)]).reshape(channels + 1, 1, 1, channels)
    outputs = ops.convert_to_numpy(model(images)).reshape(channels + 1, -1)
    return (np.abs(outputs[1:] - outputs[0]) > 1e-7).T.astype(int)


# Pictures ---------------------------------------------------------------------------------------------------------


def paired_bars(names: Sequence[str], groups: Mapping[str, Sequence[float]], label: str, title: str = "") -> None:
    """Show two or more horizontal bars for each name, with their values."""
    made, [[axis]] = figure(height=0.75 * len(names) + 1.3, title=title)
    thick, described = 0.8 / len(groups), []
    for number, (group, values) in enumerate(groups.items()):
        places = np.arange(len(names)) + thick * (number - (len(groups) - 1) / 2)
        drawn = axis.barh(places, values, thick, color=COLOURS[number], label=group, hatch=("", "///")[number % 2])
        axis.bar_label(drawn, [f"{value:.2f}" for value in values], padding=3)
        described += [f"{group}: {', '.join(f'{n} {v:.2f}' for n, v in zip(names, values, strict=True))}."]
    axis.set_yticks(range(len(names)), names)
    axis.invert_yaxis()
    axis.margins(x=0.12)
    axis.grid(axis="y", visible=False)
    axis.set(xlabel=label)
    axis.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.4, -0.2), ncols=2)
    show(made, f"{title}. {label}. {' '.join(described)}")


def race_chart(results: Mapping[str, Sequence[float]], ms: Sequence[float], title: str = "") -> None:
    """Show each family's accuracies, one for each seed, with mean and range, over its milliseconds an image."""
    made, [[axis]] = figure(height=3.8, title=title)
    described = []
    for number, ((name, values), x) in enumerate(zip(results.items(), ms, strict=True)):
        middle = np.mean(values)
        error = [[middle - min(values)], [max(values) - middle]]
        look = {"fmt": MARKERS[number], "color": COLOURS[number], "markersize": 9, "capsize": 5}
        axis.errorbar([x], [middle], error, label=name, **look)
        described.append(f"{name}: {x:.2f} ms, {min(values):.3f} to {max(values):.3f}")
    axis.set(xlabel="milliseconds an image, on this machine", ylabel="accuracy on test images")
    axis.set_xlim(0, 1.15 * max(ms))
    axis.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    show(made, f"{title}. {'; '.join(described)}.")


def cost_chart(rows: Sequence[tuple], title: str = "") -> None:
    """Show networks (name, weights, multiply-adds, ms, error) by work and time; the area of a disc is the weights."""
    made, [[axis]] = figure(height=4.6, title=title)
    work, times = (np.array([row[column] for row in rows], float) for column in (2, 3))
    axis.scatter(work / 1e9, times, s=[row[1] / 1e5 for row in rows], color=COLOURS[5], alpha=0.6, edgecolor="#333333")
    for (name, *_), x, y in zip(rows, work / 1e9, times, strict=True):
        axis.annotate(name, (x, y), ha="center", va="center", fontsize=11)
    axis.set(
        xscale="log", yscale="log", xlabel="thousand million multiply-adds an image", ylabel="milliseconds an image"
    )
    axis.margins(0.2)
    described = [f"{name} {x / 1e9:.2f} and {y:.0f}" for (name, *_), x, y in zip(rows, work, times, strict=True)]
    show(made, f"{title}. Thousand million multiply-adds, and milliseconds: {'; '.join(described)}.")


# Checks -----------------------------------------------------------------------------------------------------------


def _cost(kernel, inputs, outputs, positions, groups, *, area=lambda kernel: kernel**2, seen="group", made="all"):
    """The weights of a convolution's kernels, and its multiply-adds."""
    inputs, outputs = inputs // groups if seen == "group" else inputs, outputs // groups if made == "group" else outputs
    weights = area(kernel) * inputs * outputs
    return weights, weights * positions


cost = Check(
    _cost,
    cases=[(3, 8, 16, 100, 1), (3, 8, 16, 100, 4), (1, 64, 32, 784, 1), (3, 32, 32, 49, 32), (5, 6, 12, 20, 2)],
    mistakes={
        "the number of groups is not used. Each kernel sees only the input channels of its own group.": {"seen": "all"},
        "you divide by the groups twice. There are still `outputs` kernels; only their depth shrinks.": {
            "made": "group"
        },
        "a kernel is a square: kernel times kernel weights for each channel.": {"area": lambda kernel: kernel},
        "the multiply-adds are missing the positions: each weight is used once at every position.": (
            lambda kernel, inputs, outputs, positions, groups: 2 * _cost(kernel, inputs, outputs, 1, groups)[:1]
        ),
        "the two results have changed places. Weights come first.": lambda *case: _cost(*case)[::-1],
        "biases are not counted here.": (
            lambda kernel, inputs, outputs, positions, groups: (
                _cost(kernel, inputs, outputs, positions, groups)[0] + outputs,
                _cost(kernel, inputs, outputs, positions, groups)[1],
            )
        ),
    },
    results=("the weights", "the multiply-adds"),
    praise="one argument more than in week 3a, and it counts every block of this lesson.",
)

_X = namedtuple("x", "height width channels")


def _numbers(shape: tuple) -> np.ndarray:
    """Random numbers that depend only on the shape, so that equal layers have equal weights in any order."""
    return np.random.default_rng(list(shape)).normal(size=shape) / max(1, np.sqrt(np.prod(shape[:-1])))


def _computed(block):
    """Compute with what a block builds, with weights of our own, from an input of our own: (weights, outputs)."""

    def compute(x, *more):
        inputs = keras.Input(tuple(x))
        result = block(inputs, *more)
        if not hasattr(result, "shape"):
            return result
        model = keras.Model(inputs, layers.Identity()(result))
        for variable in model.weights:
            variable.assign(_numbers(variable.shape))
        return model.count_params(), ops.convert_to_numpy(model(_numbers((2, *x))))

    def in_a_thread(*case):  # which has its own random numbers and layer names in Keras
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(compute, *case).result()

    return in_a_thread


def _inception(x, one, three, five, pooled, *, act="relu", reduced=True, order=(0, 1, 2, 3), pool=True, last=True):
    """The four branches of GoogLeNet's module side by side."""

    def conv(x, channels, side):
        return layers.Conv2D(channels, side, padding="same", activation=act)(x)

    a = conv(x, one, 1)
    b = conv(conv(x, three[0], 1) if reduced else x, three[1], 3)
    c = conv(conv(x, five[0], 1) if reduced else x, five[1], 5)
    d = layers.MaxPooling2D(3, strides=1, padding="same")(x) if pool else x
    branches = [a, b, c, conv(d, pooled, 1) if last else d]
    return layers.Concatenate()([branches[number] for number in order])


inception = Check(
    _inception,
    cases=[(_X(6, 5, 7), 2, (3, 4), (2, 5), 6), (_X(4, 4, 3), 1, (5, 2), (3, 2), 4)],
    mistakes={
        "there is no 1x1 convolution before the 3x3 and the 5x5.": {"reduced": False},
        "there is no 1x1 convolution after the max pooling.": {"last": False},
        "the max pooling is missing.": {"pool": False},
        "each of the six convolutions should have a ReLU.": {"act": None},
        "the branches are in another order. It is 1x1, 3x3, 5x5, pooling.": [
            {"order": order} for order in ((1, 0, 2, 3), (0, 2, 1, 3), (3, 0, 1, 2), (3, 2, 1, 0))
        ],
        "the pairs are used the wrong way round: first the kernels of the 1x1, then those of the 3x3 or 5x5.": (
            lambda x, one, three, five, pooled: _inception(x, one, three[::-1], five[::-1], pooled)
        ),
    },
    results=("the number of weights", "the output"),
    praise="nine of these make GoogLeNet.",
    tolerance=1e-4,
    view=_computed,
)


def _channel_shuffle(x, groups, *, shape=lambda groups, each: (groups, each), swap=True):
    """The channels, taken in turn from each group."""
    parts = ops.reshape(x, (-1, *x.shape[1:3], *shape(groups, x.shape[-1] // groups)))
    return ops.reshape(ops.swapaxes(parts, 3, 4) if swap else parts, (-1, *x.shape[1:]))


channel_shuffle = Check(
    _channel_shuffle,
    cases=[(np.arange(6.0).reshape(1, 1, 1, 6), 2), (np.arange(72.0).reshape(2, 3, 1, 12), 3)],
    mistakes={
        "the channels are in the old order. Exchange the two axes between the reshapes.": {"swap": False},
        "you take from too many groups in turn: the reshape comes first to (groups, channels of a group).": {
            "shape": lambda groups, each: (each, groups)
        },
        "the channels are only turned round.": lambda x, groups: x[..., ::-1],
    },
    praise="it moves numbers about and computes nothing: no weights, no multiply-adds.",
    view=lambda answer: lambda x, groups: _array(answer(ops.convert_to_tensor(x), groups)),
)


def _array(result):
    """A tensor as an array."""
    return ops.convert_to_numpy(result) if hasattr(result, "shape") else result


def _separable(x, channels, *, depthwise=True, mix=True, first=False, bias=False, padding="same"):
    """A depthwise 3x3 convolution, then a 1x1 convolution."""
    if mix and first:
        x = layers.Conv2D(channels, 1, use_bias=bias)(x)
    spread = {"padding": padding, "use_bias": bias}
    x = (layers.DepthwiseConv2D(3, **spread) if depthwise else layers.Conv2D(x.shape[-1], 3, **spread))(x)
    return layers.Conv2D(channels, 1, use_bias=bias)(x) if mix and not first else x


separable = Check(
    _separable,
    cases=[(_X(5, 6, 3), 4), (_X(4, 4, 6), 6)],
    mistakes={
        "your 3x3 convolution mixes the channels. A depthwise one has one kernel for each channel.": {
            "depthwise": False
        },
        "the 1x1 convolution is missing, so no channels are mixed.": {"mix": False},
        "the 1x1 convolution comes first. Here it comes after the depthwise convolution.": {"first": True},
        "there should be no biases: batch normalisation follows, and it has its own.": {"bias": True},
        'the image shrinks. Padding should be "same".': {"padding": "valid"},
    },
    results=("the number of weights", "the output"),
    praise="this is the main part of Xception and MobileNet.",
    tolerance=1e-4,
    view=_computed,
)
