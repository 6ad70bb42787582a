# ---
# jupyter:
#   course:
#     seconds: 250
#     gigabytes: 3
# ---

# %% [markdown]
# # Which famous block would you pay for?
#
# After VGG came a family of networks every year: Inception, ResNeXt, DenseNet, Xception, MobileNet, ShuffleNet. Each
# has a new block, and each promises more for fewer multiply-adds. In this lesson you build the blocks, count what they
# cost, and find out whether your machine agrees.
#
# **You will be able to**
# - count the weights and multiply-adds of ordinary, 1x1, grouped and depthwise convolutions,
# - build GoogLeNet's Inception module, and say what its 1x1 convolutions save,
# - explain why grouped convolutions need a channel shuffle,
# - show that multiply-adds are not seconds,
# - compare families fairly, with several seeds.
#
# *Mirrors: lecture C, "1x1 Convolutions" and "GoogleNet"; lecture D, "Inception V3", "Xception, MobileNet,
# EfficientNet"; lecture E, GoogLeNet to "CNN Performance". About 60 minutes with the exercises; {cost}.*

# %% tags=["setup"]
import numpy as np

from course_utils import by_size, data, measures, plots, setup, training
from course_utils.weeks import week04b as week

setup(seed=0)
import keras
from keras import layers

# %% tags=["parameters"]
DATASET = "cluttered_digits"  # or a folder with one subfolder of your own images for each class
STEPS = by_size(quick=100, full=3000)  # training steps of each network in the race, 32 images each
SEEDS = by_size(quick=3, full=5)  # how often each network is trained

# %% [markdown]
# ## Look at the images of the race
# At the end, four families compete on handwritten digits over pieces of photographs. There are only 1,200 training
# images, and the test images have other photographs behind them. So this task is harder than MNIST.

# %%
loaded = data.load(DATASET)
measures.measured_on("cluttered_digits", loaded)  # the minimums of this lesson hold for this data set only
train, test = loaded.train.grey(28), loaded.test.grey(28)
classes = len(loaded.class_names)
plots.pictures(test.images[:20], title="Test images", columns=10, span=(0, 1))

# %% [markdown]
# ## Count what a convolution costs
# A convolution does two things at once: it looks at neighbouring pixels, and it mixes channels. That is expensive,
# because every kernel sees every input channel. Most families save by separating the two.
#
# In a *grouped* convolution, kernels and input channels are divided into groups of equal size. Each kernel sees only
# the input channels of its own group. With 1 group it is the ordinary convolution.
#
# ### Your turn: cost with groups
# All arguments are whole numbers. `kernel` is the side of the square kernel in pixels. `inputs` and `outputs` are
# numbers of channels, `positions` is the number of output pixels. A 3x3 convolution from 8 to 16 channels at 100
# positions costs (1152, 115200); with 4 groups it costs (288, 28800). Do not count biases.


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
# All four take 64 channels of 28x28 pixels and return as many. The cost differs by a factor of 64. The cheap ones
# cannot do everything, though: a 1x1 convolution sees no neighbours, and with 64 groups no channels are mixed.
#
# ## Shrink the channels first
# GoogLeNet's *Inception module* avoids the choice of a kernel size: 1x1, 3x3, 5x5 and max pooling work side by side,
# and their outputs are concatenated. Lecture C says that 1x1 convolutions make it efficient. They reduce the number of
# channels before the expensive kernels.
#
# **Predict:** what fraction of the multiply-adds remains with these 1x1 convolutions?
#
# ### Your turn: the Inception module
# `x` is a Keras tensor. `one` is the number of kernels of the 1x1 branch. `three` is a pair: the kernels of the 1x1
# reduction, then of the 3x3. `five` is the same for 5x5. The last branch is max pooling (3x3, stride 1, "same"), then
# a 1x1 convolution with `pooled` kernels. Each convolution has padding "same" and a ReLU. Concatenate in the order
# 1x1, 3x3, 5x5, pooling. For (64, (96, 128), (16, 32), 32) that makes 64 + 128 + 32 + 32 = 256 channels.


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

# %% [markdown]
# Lecture E's slide describes the module as max pooling followed by a 1x1 convolution, *before* the 3x3 and 5x5. In the
# paper these are different branches. We count three versions: without 1x1 reductions, as the slide says, and as in
# the paper.

# %% tags=["nbval-check-output"]
places = 28 * 28
kept = cost(1, 192, 64, places, 1)[1]  # the 1x1 branch is the same in all
naive = kept + cost(3, 192, 128, places, 1)[1] + cost(5, 192, 32, places, 1)[1]
shared = cost(1, 192, 32, places, 1)[1]  # pooling and one reduction to 32 channels, before both
slide = kept + shared + cost(3, 32, 128, places, 1)[1] + cost(5, 32, 32, places, 1)[1]
paper = week.count(module, cost)[1]
for name, work in {"no reductions": naive, "as the slide says": slide, "as in the paper": paper}.items():
    print(f"{name:18} {work / 1e6:6.1f} million multiply-adds, {work / naive:.0%}")

# %% tags=["claim"]
assert 0.4 < paper / naive < 0.5

# %% [markdown]
# With reductions 42% of the work remains, although the pooling branch has gained a convolution. The slide's version
# would be cheaper still, but every large kernel would see only pooled, heavily reduced channels.
#
# ## Build GoogLeNet from your module
# Nine of your modules make GoogLeNet. (Lecture E dates it 2014, the year of the challenge; lecture C 2015, the year of
# the paper's conference. With 22 layers it was deeper than VGG of the same challenge.) The module's numbers are in
# `week.GOOGLENET`. **Predict:** VGG-16 has 138 million weights. How many has GoogLeNet?

# %%
relu = {"padding": "same", "activation": "relu"}
x = inputs = keras.Input((224, 224, 3))
x = layers.MaxPooling2D(3, 2, "same")(layers.Conv2D(64, 7, 2, **relu)(x))
x = layers.Conv2D(192, 3, **relu)(layers.Conv2D(64, 1, **relu)(x))
x = layers.MaxPooling2D(3, 2, "same")(x)
for numbers in week.GOOGLENET:
    x = inception(x, *numbers) if numbers else layers.MaxPooling2D(3, 2, "same")(x)
x = layers.GlobalAveragePooling2D()(x)
googlenet = keras.Model(inputs, layers.Dense(1000, "softmax")(x))
work = week.count(googlenet, cost)[1]
print(f"{googlenet.count_params():,} weights, {work / 1e9:.2f} thousand million multiply-adds")

# %% tags=["claim"]
assert googlenet.count_params() == 6_998_552
assert 1.4e9 < work < 1.65e9

# %% [markdown]
# GoogLeNet has 7 million weights, a twentieth of VGG-16. Half of that saving is no convolution at all: *global average
# pooling* replaces VGG's first dense layers, which hold 120 million weights.
#
# ## Divide the channels into groups
# ResNeXt's blocks use grouped convolutions. Are they something new? We give separate convolutions the weights of one
# grouped convolution, and compare.

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
# A grouped convolution is the same as separate convolutions side by side. That suggests a problem. ShuffleNet makes
# even its 1x1 convolutions grouped. We stack two of them, with nine channels in three groups. **Predict:** which
# inputs can change output 0?


# %%
def two_grouped(between):
    """Two grouped 1x1 convolutions, with a function of the channels between them."""
    x = inputs = keras.Input((1, 1, 9))
    x = between(layers.Conv2D(9, 1, groups=3)(x))
    return keras.Model(inputs, layers.Conv2D(9, 1, groups=3)(x))


without = week.influence(two_grouped(lambda x: x))
plots.numbers([without], ["1: this output (row) depends on this input (column)"], "Groups never exchange anything")

# %% [markdown]
# Output 0 depends on inputs 0, 1 and 2 only, however many such layers follow. The network has become three narrow
# networks that never talk to each other.
#
# ### Your turn: the channel shuffle
# The cure is ShuffleNet's: after a grouped layer, take one channel from each group in turn. `x` is a tensor (n, height,
# width, channels). Channels 0 1 2 3 4 5 in 2 groups become 0 3 1 4 2 5. It takes three operations: reshape to (n,
# height, width, groups, channels of a group), exchange the last two axes, reshape back. `keras.ops` has `reshape` and
# `swapaxes`. Let -1 stand for n.


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
plots.numbers([without, shuffled], ["without shuffle", "with your shuffle"], "After a shuffle all channels are mixed")

# %% tags=["claim"]
assert without.mean() == 1 / 3 and shuffled.all()

# %% [markdown]
# With your shuffle every output depends on every input. It costs no weights and no multiply-adds.
#
# ## Separate space from channels
# Lecture D calls *depthwise separable* convolutions a key tool of Xception and MobileNet. A depthwise convolution has
# as many groups as channels: one 3x3 kernel for each. A 1x1 convolution then mixes the channels. With $N$ output
# channels and kernels of $k \times k$ the work is this fraction of an ordinary convolution's:
#
# $$\frac{k^2 M + M N}{k^2 M N} = \frac{1}{N} + \frac{1}{k^2}$$
#
# $M$ is the number of input channels. For 64 channels and 3x3 it gives 1/64 + 1/9 = 0.127: check by hand.
#
# ### Your turn: the separable block
# `x` is a Keras tensor. Apply a `DepthwiseConv2D` of 3x3 with padding "same", then a 1x1 `Conv2D` with `channels`
# kernels. Both without biases and activation. From 3 to 4 channels that has 27 + 12 = 39 weights.


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
blocks = {
    "ordinary 3x3": layers.Conv2D(64, 3, padding="same")(inputs),
    "3x3 in 4 groups": layers.Conv2D(64, 3, padding="same", groups=4)(inputs),
    "your separable block": separable(inputs, 64),
    "its depthwise part": layers.DepthwiseConv2D(3, padding="same")(inputs),
}
blocks = {name: keras.Model(inputs, output) for name, output in blocks.items()}
work = np.array([week.count(block, cost)[1] for block in blocks.values()])
times = np.array(week.milliseconds(list(blocks.values()), batch))
fractions = {"multiply-adds": work / work[0], "time": times / times[0]}
week.paired_bars(list(blocks), fractions, "fraction of the ordinary convolution", "Multiply-adds are not seconds")

# %% tags=["claim"]
assert np.allclose(work[2] / work[0], 1 / 64 + 1 / 9)

# %% [markdown]
# Times depend on the machine, so look at your own. Where this was written, the separable block took about 0.3 of the
# time and not 0.13. Its depthwise part does 64 times less work than the ordinary convolution, but it was only about ten
# times faster. The groups saved nothing. A processor waits for memory: a depthwise layer reads and writes as many
# numbers as an ordinary one, and computes little with each. And ordinary convolutions have the best-tuned code.
#
# ## Keep everything: dense connections
# DenseNet saves in another way: it never computes a feature twice. Each layer's input is the concatenation of *all*
# earlier outputs (lecture E: $x_l = F_l([x_0, \dots, x_{l-1}])$), so each layer adds only a few channels. A 1x1
# convolution then reduces them. ResNet adds where DenseNet concatenates.


# %%
def conv(x, channels, kernel=3):
    """A convolution without bias, batch normalisation and ReLU."""
    x = layers.Conv2D(channels, kernel, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))


def dense_block(x, growth=16):
    channels = x.shape[-1]
    for _ in range(2):
        x = layers.Concatenate()([x, conv(x, growth)])
    return conv(x, channels, 1)


inputs = keras.Input((14, 14, 20))
plots.architecture(keras.Model(inputs, dense_block(inputs)), "Two dense connections, then a 1x1 convolution")

# %% [markdown]
# ## Let four families race
# Question: which block is worth its price? We change only the block and the width, so that each network has 45 to 60
# thousand weights. Steps, learning rate and images are the same. Each network is trained with several seeds.
#
# **Predict:** which family wins? Is its lead larger than the difference between two seeds?


# %%
def plain(x):
    return conv(x, x.shape[-1])


def inception_block(x):
    quarter = x.shape[-1] // 4
    x = inception(x, quarter, (quarter, 3 * quarter // 2), (quarter // 2, quarter // 2), quarter)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))


def separable_block(x):
    x = separable(x, x.shape[-1])
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))


families = {
    "plain 3x3": (plain, 24),
    "Inception": (inception_block, 40),
    "DenseNet": (dense_block, 20),
    "separable": (separable_block, 64),
}


# %%
def network(block, width):
    """Two blocks at 14x14 pixels, then two at 7x7 with twice the channels."""
    inputs = keras.Input((28, 28, 1))
    x = layers.Conv2D(width, 3, strides=2, padding="same", activation="relu")(inputs)
    x = block(block(x))
    x = layers.MaxPooling2D(2)(conv(x, 2 * width, 1))
    x = layers.GlobalAveragePooling2D()(block(block(x)))
    return keras.Model(inputs, layers.Dense(classes, "softmax")(x))


plots.architecture(network(*families["separable"]), "The separable network")


# %%
def batches(part, size, seed):
    """Random images and their labels, without end."""
    rng = np.random.default_rng(seed)
    while True:
        chosen = rng.integers(len(part.labels), size=size)
        yield part.images[chosen], part.labels[chosen]


def race(block, width, seed):
    """A trained network, and its accuracy on the test images."""
    keras.utils.set_random_seed(seed)
    model = network(block, width)
    model.compile(keras.optimizers.Adam(), "sparse_categorical_crossentropy")
    rate = training.WarmupThenDecay(0.01)  # the rate rises for a tenth of the steps, then falls
    model.fit(batches(train, 32, seed), steps_per_epoch=STEPS, callbacks=[rate], shuffle=False, verbose=0)
    predicted = model.predict(test.images, batch_size=200, verbose=0).argmax(axis=1)
    return model, np.mean(predicted == test.labels)


# %%
accuracies, models = {name: [] for name in families}, {}
for name, (block, width) in families.items():
    for seed in range(SEEDS):
        models[name], accuracy = race(block, width, seed)
        accuracies[name].append(accuracy)
    weights, work = week.count(models[name], cost)
    print(
        f"{name:10} {weights:,} weights, {work / 1e6:.1f} million multiply-adds, mean {np.mean(accuracies[name]):.1%}"
    )

# %%
times = np.array(week.milliseconds(list(models.values()), test.images[:200])) / len(test.images[:200])
week.race_chart(accuracies, times, "Four families: mean, and range over seeds")

# %% tags=["claim"]
measures.record("accuracy of the worst family, mean over seeds", min(map(np.mean, accuracies.values())), at_least=0.3)

# %% [markdown]
# Look at the bars: where they overlap, another seed can change the order.
#
# ## Measure the real ones
# Lecture E ends with a chart of networks. We draw its axes of cost for this machine. `keras.applications` builds each
# network with random weights, which is enough to count and to time. An image has 224x224 pixels, or 299x299 for
# InceptionV3 and Xception. **Predict:** does the time follow the multiply-adds?

# %%
names = ["VGG16", "ResNet50", "InceptionV3", "DenseNet121", "Xception", "MobileNetV2", "EfficientNetB0"]
rows = []
for name, model in week.applications(names):
    image = np.random.default_rng(0).random((1, *model.input_shape[1:])).astype("float32")
    milliseconds = week.milliseconds([model], image, repeats=3)[0]
    rows.append((name, model.count_params(), week.count(model, cost)[1], milliseconds))
week.cost_chart(rows, "Work and time; the area of a disc shows the weights")

# %%
speeds = [[n, f"{w / 1e6:.1f}", f"{m / 1e9:.2f}", f"{t:.0f}", f"{m / t / 1e6:.0f}"] for n, w, m, t in rows]
headings = ["", "million weights", "10⁹ multiply-adds", "ms an image", "million multiply-adds a ms"]
plots.table(speeds, headings, "One image at a time, on this machine")

# %% tags=["claim"]
found = {name: (weights, work) for name, weights, work, _ in rows}
assert found["VGG16"][0] == 138_357_544 and abs(found["VGG16"][1] / 15.47e9 - 1) < 0.01
assert abs(found["ResNet50"][1] / 3.86e9 - 1) < 0.01 and abs(found["MobileNetV2"][1] / 0.301e9 - 1) < 0.01

# %% [markdown]
# The time follows the multiply-adds only roughly. Compare the last column: each network does its work at another
# speed. And the error? Lecture E gives published top-5 errors on ImageNet: AlexNet 15.3%, VGG 7.3%, GoogLeNet 6.67%,
# ResNet-200 4.8%, ResNeXt-101 4.4%. GoogLeNet was as good as VGG, with a twentieth of the weights and a tenth of the
# work: your two counts.
#
# EfficientNet (lecture D) scales depth by 1.2, width by 1.1 and image side by 1.15 in each step. Work grows with the
# square of width and side: $1.2 \cdot 1.1^2 \cdot 1.15^2 = 1.92$, so each step about doubles it.
#
# ## What you can do now
# - Count ordinary, 1x1, grouped and depthwise convolutions with one function.
# - Build an Inception module. Its 1x1 convolutions leave 42% of the work in GoogLeNet's first module.
# - Explain why grouped convolutions need a shuffle: without it, groups never exchange anything.
# - Show that multiply-adds are not seconds: measure on the machine that you will use.
# - Compare families with several seeds before you call one the best.
#
# **Try next**
# - Add an *auxiliary classifier* (lecture E): a second output after half of the blocks, `loss_weights=[1, 0.3]`.
# - Add `layers.Add` around the Inception block: that is Inception-ResNet. Build ShuffleNet's and ResNeXt's blocks.
# - Time the training step of a grouped convolution. Then decide whether you would pay for it.
