# ---
# jupyter:
#   course:
#     seconds: 250
#     gigabytes: 3
# ---

# %% [markdown]
# # Which famous block would you pay for?
#
# After VGG came new families of networks: Inception, ResNeXt, DenseNet, Xception, MobileNet, ShuffleNet, EfficientNet.
# Each promises more for fewer multiply-adds. You build their main ideas, count what they cost, and find out whether
# your machine agrees.
#
# **You will be able to**
# - count weights and multiply-adds of ordinary, 1x1, grouped and depthwise convolutions,
# - build GoogLeNet's Inception module, and say what its 1x1 convolutions save,
# - explain why grouped convolutions need a channel shuffle,
# - show that multiply-adds are not seconds,
# - compare families fairly: equal time, several seeds,
# - scale a network's depth, width and image size together.
#
# *Mirrors: lecture C, "1x1 Convolutions" and "GoogleNet"; lecture D, "Inception V3", "Xception, MobileNet,
# EfficientNet"; lecture E, GoogLeNet to "CNN Performance". About 60 minutes with the exercises; {cost}.*

# %% tags=["setup"]
import time

import numpy as np

from course_utils import by_size, data, measures, plots, setup, training
from course_utils.weeks import week04b as week

setup(seed=0)
import keras
from keras import layers

# %% tags=["parameters"]
DATASET = "cluttered_digits"  # or a folder with one subfolder of your own images for each class
SECONDS = by_size(quick=4, full=40)  # of training for each network in the race, where this lesson was written
SEEDS = by_size(quick=3, full=5)  # how often each network is trained

# %% [markdown]
# ## Count what a convolution costs
# A convolution does two things at once, which is expensive: it looks at neighbouring pixels and mixes channels. Most
# families separate the two.
#
# A *grouped* convolution divides kernels and input channels into groups of equal size. Each kernel sees only the input
# channels of its group. 1 group is the ordinary convolution.
#
# ### Your turn: cost with groups
# `kernel` is the side of the square kernel in pixels. `inputs` and `outputs` are numbers of channels, `positions` is
# the number of output pixels. A 3x3 convolution from 8 to 16 channels at 100 positions costs (1152, 115200); with 4
# groups it costs (288, 28800). Do not count biases.


# %% tags=["exercise"]
def cost(kernel, inputs, outputs, positions, groups):
    """The number of weights of all kernels, and the number of multiply-adds for an image."""
    ### BEGIN SOLUTION
    weights = kernel**2 * (inputs // groups) * outputs
    return weights, weights * positions
    ### END SOLUTION


# %% tags=["check"]
cost = week.cost.check(cost)  # yours from here on if it is right, otherwise the course's

# %% tags=["nbval-check-output"]
kinds = {"3x3": (3, 1), "1x1": (1, 1), "3x3 in 4 groups": (3, 4), "3x3 in 64 groups": (3, 64)}
for name, (kernel, groups) in kinds.items():
    weights, work = cost(kernel, 64, 64, 28 * 28, groups)
    print(f"{name:17} {weights:7,} weights {work:11,} multiply-adds")

# %% [markdown]
# For the same output shape, the most costly needs 64 times the work of the cheapest. But a 1x1 convolution sees no
# neighbours, and 64 groups mix no channels.
#
# ## Shrink the channels first
# GoogLeNet's *Inception module* avoids choosing a kernel size: 1x1, 3x3, 5x5 and max pooling work side by side, and
# their outputs are concatenated. Before the expensive kernels, 1x1 convolutions reduce the number of channels.
# **Predict:** what fraction of the multiply-adds remains with them?
#
# ### Your turn: the Inception module
# `x` is a Keras tensor. `one` is the number of kernels of the 1x1 branch. `three` is a pair: the kernels of the 1x1
# reduction, then of the 3x3. `five` is the same for 5x5. The last branch is max pooling (3x3, stride 1, "same"), then a
# 1x1 convolution with `pooled` kernels. Each convolution has padding "same" and a ReLU. Concatenate in the order 1x1,
# 3x3, 5x5, pooling. For (64, (96, 128), (16, 32), 32) that makes 256 channels.


# %% tags=["exercise"]
def inception(x, one, three, five, pooled):
    """The outputs of the four branches, concatenated along the channels."""

    ### BEGIN SOLUTION
    def conv(x, channels, side):
        return layers.Conv2D(channels, side, padding="same", activation="relu")(x)

    branch3 = conv(conv(x, three[0], 1), three[1], 3)
    branch5 = conv(conv(x, five[0], 1), five[1], 5)
    pool = layers.MaxPooling2D(3, strides=1, padding="same")(x)
    return layers.Concatenate()([conv(x, one, 1), branch3, branch5, conv(pool, pooled, 1)])
    ### END SOLUTION


# %% tags=["check"]
inception = week.inception.check(inception)

# %%
inputs = keras.Input((28, 28, 192))
module = keras.Model(inputs, inception(inputs, 64, (96, 128), (16, 32), 32))
plots.architecture(module, "The first Inception module of GoogLeNet")
places = 28 * 28
kept = cost(1, 192, 64, places, 1)[1]  # the 1x1 branch is the same in all
naive = kept + cost(3, 192, 128, places, 1)[1] + cost(5, 192, 32, places, 1)[1]  # pooling passes on all 192 channels
versions = {"no reductions": naive}
for reduced in (32, 96):  # lecture E's slide: pooling and one reduction, before both
    shared = kept + cost(1, 192, reduced, places, 1)[1]
    slide = shared + cost(3, reduced, 128, places, 1)[1] + cost(5, reduced, 32, places, 1)[1]
    versions[f"the slide's, to {reduced}"] = slide
versions["the paper's"] = paper = week.count(module, cost)[1]
for name, work in versions.items():
    print(f"{name:18} {work / 1e6:6.1f} million multiply-adds, {work / naive:.0%}")

# %% tags=["claim"]
assert 0.4 < paper / naive < 0.5
assert versions["the slide's, to 32"] < 0.6 * paper < 0.9 * versions["the slide's, to 96"]

# %% [markdown]
# With the paper's reductions 42% of the work remains, although the pooling branch has gained a convolution. Lecture E's
# slide describes max pooling and a 1x1 convolution *before* the 3x3 and 5x5; in the paper these are different branches.
# The slide's kernels see only pooled channels.
#
# ## Build GoogLeNet from your module
# A few ordinary layers and nine of your modules make GoogLeNet. (2014 in lecture E: the challenge; 2015 in lecture C:
# the paper. It has 22 layers, so lecture C's VGG was not the deepest.) **Predict:** VGG-16 has 138 million weights. How
# many has GoogLeNet?

# %%
relu = {"padding": "same", "activation": "relu"}
x = inputs = keras.Input((224, 224, 3))
x = layers.MaxPooling2D(3, 2, "same")(layers.Conv2D(64, 7, 2, **relu)(x))
x = layers.Conv2D(192, 3, **relu)(layers.Conv2D(64, 1, **relu)(x))
x = layers.MaxPooling2D(3, 2, "same")(x)
ones, pooled = [64, 128, 192, 160, 128, 112, 256, 256, 384], [32, 64, 64, 64, 64, 64, 128, 128, 128]
threes = [(96, 128), (128, 192), (96, 208), (112, 224), (128, 256), (144, 288), (160, 320), (160, 320), (192, 384)]
fives = [(16, 32), (32, 96), (16, 48), (24, 64), (24, 64), (32, 64), (32, 128), (32, 128), (48, 128)]
for number, kernels in enumerate(zip(ones, threes, fives, pooled, strict=True)):
    x = inception(x, *kernels)
    if number == 2:  # the third module
        middle = x
    if number in (1, 6):
        x = layers.MaxPooling2D(3, 2, "same")(x)
x = layers.GlobalAveragePooling2D()(x)
googlenet = keras.Model(inputs, layers.Dense(1000, "softmax")(x))
work = week.count(googlenet, cost)[1]
print(f"{googlenet.count_params():,} weights, {work / 1e9:.2f} billion multiply-adds")

# %% tags=["claim"]
assert googlenet.count_params() == 6_998_552
assert 1.4e9 < work < 1.65e9
assert 0.9 < (7 * 7 * 512 * 4096 + 4096 * 4096) / (138_357_544 - googlenet.count_params()) < 0.92

# %% [markdown]
# GoogLeNet has 7 million weights, a twentieth of VGG-16. Nine tenths of that saving come from the top: *global average
# pooling*, the mean of each channel, replaces VGG's first two dense layers, which hold 120 million.
#
# For training, GoogLeNet has *auxiliary classifiers* on modules in the middle (lecture E). Their losses count 0.3, and
# are meant to bring gradients to early layers. We add one. Untrained outputs guess: each loss is about ln 1000 = 6.9.

# %%
x = layers.Conv2D(128, 1, **relu)(layers.AveragePooling2D(5, 3)(middle))
x = layers.Dense(1024, "relu")(layers.Flatten()(x))
both = keras.Model(inputs, [googlenet.output, layers.Dense(1000, "softmax")(x)])
both.compile(loss=["sparse_categorical_crossentropy"] * 2, loss_weights=[1, 0.3])
image, label = np.random.default_rng(0).random((1, 224, 224, 3)), np.zeros((1, 1))
total, own, auxiliary = both.evaluate(image, [label, label], verbose=0)
print(f"{both.count_params() - googlenet.count_params():,} more weights")
print(f"loss {own:.2f} + 0.3 x {auxiliary:.2f} = {total:.2f}")

# %% tags=["claim"]
assert np.isclose(total, own + 0.3 * auxiliary, rtol=1e-4) and np.allclose([own, auxiliary], np.log(1000), atol=0.5)
assert both.count_params() - googlenet.count_params() == 3_188_840

# %% [markdown]
# ## Divide the channels into groups
# ResNeXt's blocks use grouped convolutions. We give separate convolutions the weights of a grouped one, and compare.

# %% tags=["nbval-check-output"]
images = np.random.default_rng(0).normal(size=(2, 8, 8, 12)).astype("float32")
grouped = layers.Conv2D(6, 3, groups=3, use_bias=False)
together = keras.ops.convert_to_numpy(grouped(images))
outputs = []
for group in range(3):  # 4 input channels and 2 kernels each
    kernels = grouped.kernel[..., 2 * group : 2 * group + 2]
    outputs.append(keras.ops.conv(images[..., 4 * group : 4 * group + 4], kernels))
print("equal:", np.allclose(np.concatenate(outputs, axis=-1), together, atol=1e-5))

# %% [markdown]
# So groups are separate convolutions side by side. That causes a problem in ShuffleNet, where even the 1x1 convolutions
# are grouped. We stack two: nine channels, three groups. **Predict:** which inputs can change output 0?


# %%
def two_grouped(between):
    """Two grouped 1x1 convolutions, with a function of the channels between them."""
    x = inputs = keras.Input((1, 1, 9))
    x = between(layers.Conv2D(9, 1, groups=3)(x))
    return keras.Model(inputs, layers.Conv2D(9, 1, groups=3)(x))


without = week.influence(two_grouped(lambda x: x))  # 1 where an output (row) depends on an input (column)
print("Output 0 depends on inputs", np.flatnonzero(without[0]))

# %% [markdown]
# Inputs 0, 1 and 2 only, however many such layers follow. These are three separate networks.
#
# ### Your turn: the channel shuffle
# The cure: after a grouped layer, take one channel from each group in turn. `x` is a tensor (n, height, width,
# channels). Channels 0 1 2 3 4 5 in 2 groups become 0 3 1 4 2 5. Reshape to (n, height, width, groups, channels of a
# group), exchange the last two axes, reshape back. `keras.ops` has `reshape` and `swapaxes`. Let -1 stand for n.


# %% tags=["exercise"]
def channel_shuffle(x, groups):
    """The same tensor with its channels taken in turn from each group."""
    ### BEGIN SOLUTION
    height, width, channels = x.shape[1:]
    parts = keras.ops.reshape(x, (-1, height, width, groups, channels // groups))
    return keras.ops.reshape(keras.ops.swapaxes(parts, 3, 4), (-1, height, width, channels))
    ### END SOLUTION


# %% tags=["check"]
channel_shuffle = week.channel_shuffle.check(channel_shuffle)

# %%
shuffled = week.influence(two_grouped(lambda x: channel_shuffle(x, 3)))
plots.numbers(
    [without, shuffled],
    ["without shuffle", "with your shuffle"],
    "1: the output (row, 0 to 8) depends on the input (column, 0 to 8)",
)

# %% tags=["claim"]
assert without.mean() == 1 / 3 and shuffled.all()

# %% [markdown]
# With your shuffle every output depends on every input, as a group has at least as many channels as there are groups.
#
# ## Separate space from channels
# Lecture D's key tool in Xception and MobileNet is the *depthwise separable* convolution. A depthwise convolution has
# as many groups as channels: one 3x3 kernel for each. A 1x1 convolution then mixes the channels. With $M$ input and $N$
# output channels and kernels of $k \times k$ the work is this fraction of an ordinary convolution's:
#
# $$\frac{k^2 M + M N}{k^2 M N} = \frac{1}{N} + \frac{1}{k^2}$$
#
# For 64 channels and 3x3 it gives 1/64 + 1/9 = 0.127: check by hand.
#
# ### Your turn: the separable block
# Apply a `DepthwiseConv2D` of 3x3 with padding "same", then a 1x1 `Conv2D` with `channels` kernels. Both without biases
# and activation. From 3 to 4 channels: 27 + 12 = 39 weights.


# %% tags=["exercise"]
def separable(x, channels):
    """A depthwise 3x3 convolution followed by a 1x1 convolution."""
    ### BEGIN SOLUTION
    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
    return layers.Conv2D(channels, 1, use_bias=False)(x)
    ### END SOLUTION


# %% tags=["check"]
separable = week.separable.check(separable)

# %% [markdown]
# ## Compare multiply-adds with seconds
# A quarter of the multiply-adds should take a quarter of the time. **Predict:** what fraction of an ordinary
# convolution's time do your block, and a convolution in 4 groups, take on this machine?

# %%
batch = np.random.default_rng(0).normal(size=(8, 28, 28, 64)).astype("float32")
inputs = keras.Input((28, 28, 64))
outputs = {
    "ordinary": layers.Conv2D(64, 3, padding="same")(inputs),
    "4 groups": layers.Conv2D(64, 3, padding="same", groups=4)(inputs),
    "separable": separable(inputs, 64),
    "Keras'": layers.SeparableConv2D(64, 3, padding="same")(inputs),  # the same in one layer
    "depthwise": layers.DepthwiseConv2D(3, padding="same")(inputs),
}
blocks = [keras.Model(inputs, output) for output in outputs.values()]
work = np.array([week.count(block, cost)[1] for block in blocks])
times = np.array(week.milliseconds(blocks, batch))
work, times = work / work[0], times / times[0]
names = [f"{name}\n{part:.2f}" for name, part in zip(outputs, work, strict=True)]
labels = ("3x3 convolution, and its fraction of multiply-adds", "fraction of time")
plots.bars(names, times, labels, "Fractions of the ordinary convolution's multiply-adds and time")

# %% tags=["claim"]
assert np.allclose(work, [1, 1 / 4, 1 / 64 + 1 / 9, 1 / 64 + 1 / 9, 1 / 64])

# %% [markdown]
# Where a bar is higher than the number under it, a multiply-add takes longer. The 4 groups can even take longer than
# the ordinary convolution. A depthwise layer reads and writes as many numbers as an ordinary one, but computes little
# with each, so the processor waits for memory. And ordinary convolutions have the best-tuned code.
#
# ## Add shortcuts: DenseNet and Inception-ResNet
# ResNet adds, DenseNet concatenates: each layer sees *all* earlier outputs, $x_l = F_l([x_0, \dots, x_{l-1}])$ in
# lecture E. Each layer need only add a few channels. A 1x1 convolution then reduces them.
#
# Inception-ResNet adds, which needs equal shapes. So a 1x1 convolution brings its branches back to the channels of `x`.


# %%
def conv(x, channels, kernel=3):
    """A convolution without bias, then batch normalisation, then ReLU."""
    x = layers.Conv2D(channels, kernel, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))


def dense_block(x, growth=16):
    """Two layers that each add `growth` channels, then a 1x1 convolution back to the first number."""
    channels = x.shape[-1]
    for _ in range(2):
        x = layers.Concatenate()([x, conv(x, growth)])
    return conv(x, channels, 1)


inputs = keras.Input((14, 14, 20))
plots.architecture(keras.Model(inputs, dense_block(inputs)), "Two dense connections, then a 1x1 convolution")


# %%
def inception_resnet(x, narrow):
    """Three branches whose 1x1 reductions have `narrow` kernels, concatenated and added to x."""
    branch3 = conv(conv(x, narrow, 1), narrow)
    branch5 = conv(conv(conv(x, narrow, 1), 3 * narrow // 2), 2 * narrow)  # two 3x3 see 5x5 pixels
    together = layers.Concatenate()([conv(x, narrow, 1), branch3, branch5])
    return layers.ReLU()(layers.Add()([x, layers.Conv2D(x.shape[-1], 1)(together)]))


inputs = keras.Input((35, 35, 320))
residual = keras.Model(inputs, inception_resnet(inputs, 32))
plots.architecture(residual, "The first block of Inception-ResNet")
print(f"{week.count(residual, cost)[0]:,} weights, as many as that of keras.applications.InceptionResNetV2")

# %% [markdown]
# ## Draw lecture E's chart yourself
# Lecture E gives five top-5 errors on ImageNet: how often the right class is not among five guesses. Your `cost` counts
# their work. **Predict:** at which step from AlexNet to VGG-16, GoogLeNet, ResNet-200, ResNeXt-101 do error and work
# both fall?

# %%
alexnet = [(11, 3, 96, 55**2, 1), (5, 96, 256, 27**2, 1), (3, 256, 384, 13**2, 1), (3, 384, 384, 13**2, 1)]
alexnet += [(3, 384, 256, 13**2, 1), (1, 6 * 6 * 256, 4096, 1, 1), (1, 4096, 4096, 1, 1), (1, 4096, 1000, 1, 1)]
lists = {
    "AlexNet": alexnet,  # the arguments of `cost` for each layer; a dense layer is a 1x1 convolution at one position
    "ResNet-200": week.bottlenecks([3, 24, 36, 3]),
    "ResNeXt-101": week.bottlenecks([3, 4, 23, 3], width=256, groups=64),  # at first 64 groups of 4 kernels
}
counts = {name: np.sum([cost(*layer) for layer in network], axis=0) for name, network in lists.items()}
vgg16 = keras.applications.VGG16(weights=None)
counts["VGG-16"] = week.count(vgg16, cost)
counts["GoogLeNet"] = week.count(googlenet, cost)
errors = {"AlexNet": 15.3, "VGG-16": 7.3, "GoogLeNet": 6.67, "ResNet-200": 4.8, "ResNeXt-101": 4.4}  # lecture E
rows = [(name, counts[name][0], counts[name][1] / 1e9, error) for name, error in errors.items()]
labels = ("billion multiply-adds an image", "top-5 error in % (published)")
week.circles(rows, labels, "Error and work; the area of a circle is the number of weights", scale="linear")

# %% tags=["claim"]
assert counts["AlexNet"][0] + 96 + 256 + 2 * 384 + 256 + 2 * 4096 + 1000 == 62_378_344  # with biases, as in week 3a
for name, published in {"AlexNet": 1.135, "VGG-16": 15.47, "ResNet-200": 15.0, "ResNeXt-101": 15.5}.items():
    assert abs(counts[name][1] / 1e9 / published - 1) < 0.04, (name, counts[name])

# %% [markdown]
# Only from VGG-16 to GoogLeNet. But the first three errors are those of several networks together, the last two of
# larger images. We count one network on about 224x224 pixels.
#
# ## Measure the real ones
# `keras.applications` builds famous networks with random weights, enough to count and time them (images of 224x224
# pixels, for Xception and Inception 299x299). **Predict:** does the time follow the multiply-adds?


# %%
def measured(name, model):
    """The name of a network, its weights without biases, billions of multiply-adds, and milliseconds for one image."""
    image = np.random.default_rng(0).random((1, *model.input_shape[1:])).astype("float32")
    milliseconds = week.milliseconds([model], image, repeats=3)[0]
    weights, work = week.count(model, cost)
    return name, weights, work / 1e9, milliseconds


names = ["ResNet50", "InceptionV3", "DenseNet121", "Xception", "MobileNetV2", "EfficientNetB0", "InceptionResNetV2"]
rows = [measured("VGG16", vgg16)]
del vgg16  # half a gigabyte
for name in names:
    model = getattr(keras.applications, name)(weights=None)
    rows.append(measured(name, model))
    keras.utils.clear_session()  # each network gives its memory back before the next
week.circles(rows, (labels[0], "milliseconds an image"), "Work and time on this machine, one image at a time")
speeds = [[name, f"{work:.2f}", f"{time:.0f}", f"{1000 * work / time:.0f}"] for name, _, work, time in rows]
plots.table(speeds, ["", "10⁹ multiply-adds", "milliseconds", "million multiply-adds a millisecond"])

# %% tags=["claim"]
published = [15.47, 3.86, 5.71, 2.83, 8.36, 0.301, 0.388, 13.16]
assert np.allclose([work for _, _, work, _ in rows], published, rtol=0.03), rows
assert rows[0][1] == 138_344_128
first = keras.Model(model.get_layer("mixed_5b").output, model.get_layer("block35_1_ac").output)  # in Inception-ResNet
assert week.count(first, cost) == week.count(residual, cost) == (122_368, 149_900_800)

# %% [markdown]
# Only roughly. A network above the dashed line does fewer multiply-adds a millisecond than VGG16, so it saves less time
# than its multiply-adds promise. Depthwise layers are one reason.
#
# ## Let four families race
# Four families classify handwritten digits over pieces of photographs. We change only the block and the width, so that
# each network has 35 to 50 thousand weights.

# %%
loaded = data.load(DATASET)
measures.measured_on("cluttered_digits", loaded)  # the minimums of this lesson hold for this data set only
train, test = loaded.train.grey(28), loaded.test.grey(28)
classes = len(loaded.class_names)
plots.pictures(test.images[:20], title="Test images", columns=10, span=(0, 1))


# %%
def inception_block(x):
    """Your module's branches, with a batch normalisation after each convolution."""
    quarter = x.shape[-1] // 4
    branch3 = conv(conv(x, quarter, 1), 3 * quarter // 2, 3)
    branch5 = conv(conv(x, quarter // 2, 1), quarter // 2, 5)
    pool = conv(layers.MaxPooling2D(3, 1, "same")(x), quarter, 1)
    return layers.Concatenate()([conv(x, quarter, 1), branch3, branch5, pool])


def separable_block(x):
    """Your block, then batch normalisation and ReLU."""
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(separable(x, x.shape[-1])))


# %%
families = {
    "plain 3x3": (lambda x: conv(x, x.shape[-1]), 24),  # the block, and the width of the network
    "Inception": (inception_block, 40),
    "DenseNet": (dense_block, 20),
    "separable": (separable_block, 64),
}


def network(block, width):
    """One block at 14x14 pixels, then two at 7x7 with twice the channels."""
    inputs = keras.Input((28, 28, 1))
    x = layers.Conv2D(width, 3, strides=2, padding="same", activation="relu")(inputs)
    x = block(x)
    x = layers.MaxPooling2D(2)(conv(x, 2 * width, 1))
    x = layers.GlobalAveragePooling2D()(block(block(x)))
    return keras.Model(inputs, layers.Dense(classes, "softmax")(x))


# %% [markdown]
# You pay for time, so every network gets equal time, not equal steps. The steps come from the machine where this lesson
# was written, so all readers train the same networks. The table adds your CPU seconds. **Predict:** which family wins?
# With every seed?

# %%
written = {"plain 3x3": 12, "Inception": 32, "DenseNet": 18, "separable": 24}  # milliseconds a step took there
steps = {name: round(1000 * SECONDS / milliseconds) for name, milliseconds in written.items()}


def race(model, start, steps, seed):
    """The accuracy on the test images, and the seconds, of a model trained from these weights."""
    training.reset_to(model, start)  # sets the weights and clears the optimizer, so that all runs start equal
    rate = training.WarmupThenDecay(0.01)  # the rate rises for a tenth of the steps, then falls
    chosen = np.random.default_rng(seed).integers(len(train.labels), size=32 * steps)
    images, labels = train.images[chosen], train.labels[chosen]
    began = time.process_time()
    model.fit(images, labels, batch_size=32, callbacks=[rate], shuffle=False, verbose=0)
    seconds = time.process_time() - began
    predicted = model.predict(test.images, batch_size=200, verbose=0).argmax(axis=1)
    return np.mean(predicted == test.labels), seconds


# %%
accuracies, rows, seconds = [], [], []
for name, family in families.items():
    model = network(*family)
    model.compile(keras.optimizers.Adam(), "sparse_categorical_crossentropy")
    results = []
    for seed in range(SEEDS):
        keras.utils.set_random_seed(seed)
        results.append(race(model, network(*family).get_weights(), steps[name], seed))
    accuracies.append([accuracy for accuracy, _ in results])
    seconds.append(min(took for _, took in results))  # the first run also prepares the model
    weights, work = week.count(model, cost)
    counts = f"{weights:,}", f"{work / 1e6:.1f}", f"{1000 * seconds[-1] / steps[name]:.0f}"
    rows.append([name, f"{np.mean(accuracies[-1]):.1%}", *counts, steps[name], f"{seconds[-1]:.1f}"])
title = "Four families after equal time, a dot for each seed"
plots.bars(list(families), accuracies, ("family", "accuracy on test images"), title)
plots.table(rows, ["", "accuracy", "weights", "million multiply-adds", "ms a step here", "steps", "seconds here"])

# %% tags=["claim"]
near = sum(other < 2 * min(seconds) for other in seconds)
measures.record("families whose time here is less than twice the shortest", near, at_least=4)
measures.record("accuracy of the worst family, mean over seeds", min(map(np.mean, accuracies)), at_least=0.5)
lead = min(accuracies[0]) - max(accuracies[1])
measures.record(
    "accuracy of the plain network's worst seed minus Inception's best", lead, at_least=by_size(quick=0, full=-1)
)

# %% [markdown]
# The plain network wins on average, and its worst seed beats Inception's best. Its steps are cheap, so it gets 333 of
# them, Inception only 125. Where dots overlap, the order depends on the seeds. But four seconds prove little: the
# others were made for long trainings on a million photographs.
#
# ## Scale depth, width and image together
# Networks grow by more layers, more channels or larger images. EfficientNet's *compound scaling* does all three: a step
# multiplies depth by 1.2, width by 1.1, the images' side by 1.15. **Predict:** by what factor does the work grow?


# %% tags=["nbval-check-output"]
def scaled(step):
    """Your separable blocks, 10 with 64 channels at 64x64 pixels, after so many steps of compound scaling."""
    width, side = round(64 * 1.1**step), round(64 * 1.15**step)
    x = inputs = keras.Input((side, side, width))
    for _ in range(round(10 * 1.2**step)):
        x = separable_block(x)
    return keras.Model(inputs, x)


ours = [week.count(scaled(step), cost)[1] for step in range(4)]
names = ["EfficientNetB0", "EfficientNetB2", "EfficientNetB3"]  # steps 0, 1 and 2
known = [week.count(getattr(keras.applications, name)(weights=None), cost)[1] for name in names]
keras.utils.clear_session()  # gives their memory back
for name, works in {"yours, steps 0 to 3": np.array(ours), "Keras' B0, B2, B3": np.array(known)}.items():
    growth = np.round(works[1:] / works[:-1], 2)
    print(f"{name}: {np.round(works / 1e9, 2)} billion multiply-adds, each {growth} times the one before")

# %% tags=["claim"]
assert np.allclose(growth, [2.58, 1.84], atol=0.02) and np.isclose(works[0] / 1e9, 0.386, atol=0.003)
assert np.allclose(np.divide(ours[1:], ours[:-1]), 1.2 * 1.1**2 * 1.15**2, atol=0.1)

# %% [markdown]
# Work grows with the depth and the squares of width and side: 1.2 x 1.1² x 1.15² = 1.92, about twice a step. Rounding
# changes yours a little. Keras' B0, B2 and B3 are steps 0, 1 and 2; B2 does more, as the layers of each stage are
# rounded up.
#
# ## What you can do now
# - Count any convolution with one function.
# - Build an Inception module, whose 1x1 convolutions leave 42% of the work.
# - Explain why grouped convolutions need a channel shuffle.
# - Show that multiply-adds are not seconds.
# - Compare families after equal time, with several seeds.
# - Scale depth, width and image size together.
#
# So which block would you pay for? The one that wins on your task and machine in your time. In our short race that is
# the plain one.
#
# **Try next:** give all families 150 steps, or let `inception_resnet` race.
