"""Week 4b: the checks of its exercises, its counter and stop-watch, and its chart."""

import logging
import time
from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from .. import runtime
from ..judge import Check, Remark
from ..plots.look import COLOURS, MARKERS, figure, legend_beside, show

keras = runtime.quiet_keras()
layers, ops = keras.layers, keras.ops
logging.getLogger("tensorflow").setLevel(logging.ERROR)  # which warns of each new grouped convolution


def bottlenecks(blocks: Sequence[int], width: int = 64, groups: int = 1) -> Iterator[tuple]:
    """The arguments of `cost` for each layer of a ResNet or ResNeXt with these blocks, on 224x224 pixels."""
    yield 7, 3, 64, 112**2, 1
    inputs = 64
    for stage, count in enumerate(blocks):
        kernels, outputs, positions = width * 2**stage, 256 * 2**stage, (56 // 2**stage) ** 2
        yield 1, inputs, outputs, positions, 1  # of the first shortcut
        for block in range(count):
            later = groups > 1 and stage > 0 and block == 0  # ResNeXt halves the side only after this layer
            yield 1, inputs, kernels, 4 * positions if later else positions, 1
            yield 3, kernels, kernels, positions, groups
            yield 1, kernels, outputs, positions, 1
            inputs = outputs
    yield 1, inputs, 1000, 1, 1


def count(model, cost: Callable) -> tuple[int, int]:
    """The kernel weights and multiply-adds of a model's convolutions and dense layers, by the reader's `cost`."""
    spatial = layers.DepthwiseConv2D | layers.SeparableConv2D
    total = np.zeros(2, int)
    for layer in [layer for layer in model.layers if isinstance(layer, spatial | layers.Conv2D | layers.Dense)]:
        outputs, inputs = layer.output.shape[-1], layer.input.shape[-1]
        positions = int(np.prod(layer.output.shape[1:-1]))
        area = int(np.prod(getattr(layer, "kernel_size", 1)))  # a kernel of 1x7 costs 7 times a kernel of 1x1
        if isinstance(layer, spatial):  # one kernel for each channel
            total += area * np.array(cost(1, inputs, inputs, positions, inputs))
            area = 1  # of the convolution that follows in a SeparableConv2D
        if not isinstance(layer, layers.DepthwiseConv2D):
            total += area * np.array(cost(1, inputs, outputs, positions, getattr(layer, "groups", 1)))
    return int(total[0]), int(total[1])


def milliseconds(models: Sequence, images: np.ndarray, repeats: int = 7) -> list[float]:
    """The shortest time in which each model computes its output for the images, all measured in turns."""
    import tensorflow as tf

    x = tf.constant(images, tf.float32)
    runs = [tf.function(model).get_concrete_function(tf.TensorSpec(x.shape, x.dtype)) for model in models]
    times = np.zeros((repeats + 1, len(runs)))
    for turn, number in np.ndindex(times.shape):
        began = time.perf_counter()
        runs[number](x).numpy()
        times[turn, number] = 1000 * (time.perf_counter() - began)
    return times[1:].min(axis=0).tolist()  # the first call prepares the model


def influence(model) -> np.ndarray:
    """1 where an output channel (row) changes with an input channel (column), else 0."""
    channels = model.input_shape[-1]
    images = np.concatenate([np.zeros((1, channels)), np.eye(channels)]).reshape(channels + 1, 1, 1, channels)
    outputs = ops.convert_to_numpy(model(images)).reshape(channels + 1, -1)
    return (np.abs(outputs[1:] - outputs[0]) > 1e-7).T.astype(int)


def circles(rows: Sequence[tuple], labels: tuple[str, str], title: str = "", scale: str = "log") -> None:
    """Show networks (name, weights, x, y) in circles as large as their weights. Log scales: with the first's y / x."""
    from matplotlib.ticker import LogLocator

    made, [[axis]] = figure(height=4.4, title=title)
    for (name, weights, x, y), marker in zip(rows, (*MARKERS, "*"), strict=False):
        axis.scatter(x, y, 4000 * weights / max(row[1] for row in rows), facecolor="none", edgecolor="gray")
        axis.plot(x, y, marker, color=COLOURS[0], markersize=8, label=f"{name}: {weights / 1e6:.1f} million weights")
    axis.set(xlabel=labels[0], ylabel=labels[1], xscale="log", yscale=scale, xmargin=0.25, ymargin=0.25)
    if scale == "log":
        axis.axline(rows[0][2:], np.divide(rows[0][2:], 10), ls="--", color="gray", label=f"{rows[0][0]}'s speed")
    for side in [axis.xaxis, *[axis.yaxis] * (scale == "log")]:
        side.set_major_locator(LogLocator(subs=(1, 2, 5)))
        side.set_major_formatter("{x:g}")
        side.set_minor_formatter("")
    legend_beside(axis)
    described = "; ".join(f"{name} {weights / 1e6:.1f}, {x:.3g}, {y:.3g}" for name, weights, x, y in rows)
    show(made, f"{title}. Million weights, {labels[0]}, {labels[1]}: {described}.")


def _cost(kernel, inputs, outputs, positions, groups, *, twice=False, biases=False, power=1, sides=2):
    """The weights of a convolution's kernels, and its multiply-adds."""
    weights = kernel**sides * (inputs // groups) * (outputs // groups if twice else outputs)
    work = weights + outputs if biases == "in both" else weights
    return weights + outputs * bool(biases), work * positions**power


cost = Check(
    _cost,
    cases=[(3, 8, 16, 100, 1), (3, 8, 16, 100, 4), (1, 64, 32, 784, 1), (3, 32, 32, 49, 32), (5, 6, 12, 20, 2)],
    mistakes={
        "you divide by the groups twice. There are still `outputs` kernels; only their depth shrinks.": {"twice": True},
        "biases are not counted here.": [{"biases": True}, {"biases": "in both"}],
        "`positions` counts all output pixels, not the pixels of a side: do not square it.": {"power": 2},
        "`kernel` is one side of a square: a 3x3 kernel has 9 weights for each channel it sees.": {"sides": 1},
    },
    results=("the number of weights", "the number of multiply-adds"),
    praise="one argument more than in week 3a, and it counts every block of this lesson.",
)

_X = namedtuple("x", "height width channels")
_ERRORS = {
    "matching shapes": "the branches do not fit together: look at the padding, the pooling's stride and the axis.",
    "value (None)": "the number of images is not known yet: it is None. Let -1 stand for it.",
    "attr 'Tshape' of float": "a length in your reshape is no whole number.",
}


def _computed(block, cuts=None):
    """Compute with what a block builds, for two images; weights depend on their shape. Between cuts: a random sum."""

    def compute(x, *more):
        inputs = keras.Input(tuple(x))
        try:
            result = block(inputs, *more)
            if result is None:
                return None
            if (shape := getattr(result, "shape", "no tensor"))[1:-1] != x[:2]:
                raise Remark(f"a tensor (None, {x.height}, {x.width}, channels) was expected; what came is {shape}.")
            model = keras.Model(inputs, layers.Identity()(result))
            for variable in model.weights:  # those of a depthwise convolution equal those of one with as many groups
                sides = [side for side in variable.shape if side > 1]
                variable.assign(np.random.default_rng(sides).normal(size=variable.shape))
            numbers = np.arange(1.0 * np.prod(x)) - bool(cuts) * np.prod(x) // 2  # of sums: of both signs
            images = [numbers, np.random.default_rng(0).permutation(numbers)]
            outputs = ops.convert_to_numpy(model(np.reshape(images, (2, *x))))
        except Exception as error:
            said = [Remark(remark) for words, remark in _ERRORS.items() if words in str(error)]
            raise (said or [error])[0] from None
        if not cuts:
            return outputs
        parts = np.split(outputs, cuts(*more), axis=-1)
        return tuple(float(np.sum(part * np.random.default_rng(1).random(part.shape)).round()) for part in parts)

    return compute


def _inception(x, one, three, five, pooled, *, acts=("relu", "relu"), bias=True, reduced=True, mixed=1, order=range(4)):
    """The four branches of GoogLeNet's module side by side."""

    def conv(x, channels, side, act=acts[1]):
        return layers.Conv2D(channels, side, padding="same", activation=act, use_bias=bias)(x)

    branch3 = conv(conv(x, three[0], 1, acts[0]) if reduced else x, three[1], 3)
    branch5 = conv(conv(x, five[0], 1, acts[0]) if reduced else x, five[1], 5)
    pool = layers.MaxPooling2D(3, strides=1, padding="same")(conv(x, pooled, 1) if mixed == -1 else x)
    branches = [conv(x, one, 1), branch3, branch5, conv(pool, pooled, 1) if mixed == 1 else pool]
    return layers.Concatenate()([branches[i] for i in order])


inception = Check(
    _inception,
    cases=[(_X(5, 6, 3), 1, (3, 2), (2, 1), 2), (_X(6, 5, 7), 2, (3, 4), (2, 5), 6)],
    mistakes={
        "there is no 1x1 convolution before the 3x3 and the 5x5.": {"reduced": False},
        "there is no 1x1 convolution after the max pooling.": {"mixed": 0},
        "max pooling comes first, then its 1x1 convolution.": {"mixed": -1},
        "each of the six convolutions should have a ReLU.": [{"acts": (None, act)} for act in ("relu", None)],
        "each convolution should have biases, as it has by default.": {"bias": False},
        "the branches are in another order.": [{"order": o} for o in ([0, 2, 1, 3], [3, 0, 1, 2], [3, 2, 1, 0])],
    },
    results=("the 1x1 branch", "the 3x3 branch", "the 5x5 branch", "the pooling branch"),
    praise="nine of these make GoogLeNet.",
    tolerance=1e-4,
    view=partial(_computed, cuts=lambda one, three, five, pooled: np.cumsum([one, three[1], five[1]])),
)


def _channel_shuffle(x, groups, *, exchanged=True, groups_first=True):
    """The channels, taken in turn from each group."""
    each = x.shape[-1] // groups
    parts = ops.reshape(x, (-1, *x.shape[1:3], *((groups, each) if groups_first else (each, groups))))
    return ops.reshape(ops.swapaxes(parts, 3, 4) if exchanged else parts, (-1, *x.shape[1:]))


channel_shuffle = Check(
    _channel_shuffle,
    cases=[(_X(1, 1, 6), 2), (_X(3, 1, 12), 3)],
    mistakes={
        "the channels are in the old order. Exchange the LAST two axes between the reshapes.": {"exchanged": False},
        "in your first reshape groups should come first, then the channels of a group.": {"groups_first": False},
    },
    praise="it moves numbers about and computes nothing: no weights, no multiply-adds.",
    view=_computed,
)


def _separable(x, channels, *, bias=(), act=(), side=1, steps=(0, 1), mixes=False):
    """A depthwise 3x3 convolution, then a 1x1 convolution."""
    more = [{"padding": "same", "use_bias": n in bias, "activation": "relu" if n in act else None} for n in (0, 1)]
    depthwise = layers.Conv2D(x.shape[-1], 3, **more[0]) if mixes else layers.DepthwiseConv2D(3, **more[0])
    for step in steps:
        x = (depthwise, layers.Conv2D(channels, side, **more[1]))[step](x)
    return x


separable = Check(
    _separable,
    cases=[(_X(4, 5, 3), 4), (_X(5, 6, 6), 6)],
    mistakes={
        "your 3x3 convolution mixes channels. A depthwise one does not.": [{"mixes": 1}, {"side": 3, "steps": [1]}],
        "there should be no biases. Batch normalisation brings its own.": [{"bias": n} for n in ([0, 1], [0], [1])],
        "there should be no activation in this block.": [{"act": n} for n in ([0, 1], [0], [1])],
        "the depthwise convolution comes first, then the 1x1.": {"steps": [1, 0]},
        "one of the two convolutions is missing.": [{"steps": [0]}, {"steps": [1]}],
        "the second convolution should have 1x1 kernels: from 3 to 4 channels they have 12 weights.": {"side": 3},
    },
    results=("the first channel", "the other channels"),
    praise="this is the main part of Xception and MobileNet.",
    tolerance=1e-4,
    view=partial(_computed, cuts=lambda channels: [1]),
)
