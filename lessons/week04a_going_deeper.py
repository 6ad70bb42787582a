# ---
# jupyter:
#   course:
#     seconds: 200
#     gigabytes: 2
# ---

# %% [markdown]
# # Why did deeper networks do worse?
#
# AlexNet has eight layers, VGG nineteen, ResNet 152. More layers can compute all that fewer can. Yet for a while, deeper
# networks did worse. In this lesson you see it happen, prove that it need not, and build the cure.
#
# **You will be able to**
# - explain VGG's rules, and count what they save,
# - normalise a batch, and say when batch normalisation fails,
# - show the degradation problem, and prove that it is a problem of training,
# - measure how gradients change with depth,
# - build a residual block, and train 32 layers with it,
# - count ResNet-18 to ResNet-152 from one table.
#
# *Mirrors: lecture B, "ResNet's motivational problem"; lecture C, "VGG" to "ResNet Block Code"; lecture D, "Residual
# Learning"; lecture E, "CNN VGGNet" to "CNN ResNet". About 60 minutes with the exercises; {cost}.*

# %% tags=["setup"]
import numpy as np

from course_utils import by_size, data, measures, models, plots, setup, training
from course_utils.weeks import week04a as week

setup(seed=0)
import keras
from keras import layers, ops

# %% tags=["parameters"]
DATASET = "digits"  # or a folder with one subfolder of your own images for each class
STEPS = by_size(quick=150, full=300)  # training steps of each network, 32 images each

# %% [markdown]
# ## Count what VGG's rules save
# VGG (2014) uses 3x3 kernels only. Two of them, one after the other, see 5x5 pixels, and three see 7x7. What does the
# stack save, with 64 channels throughout?

# %% tags=["nbval-check-output"]
for count in (1, 2, 3):
    side = 1 + 2 * count  # each 3x3 kernel sees one pixel more on each side
    stack, single = count * 3**2 * 64**2, side**2 * 64**2
    print(f"{count} of 3x3 see {side}x{side}: {stack:,} weights; one {side}x{side} kernel: {single:,}")

# %% [markdown]
# Three small kernels need 45% fewer weights than one of 7x7, and bring three ReLUs instead of one.
#
# VGG's second rule: where pooling halves the sides of an image, the channels double. We count block by block, from the
# table of the paper. Multiply-adds are counted as in week 3. **Predict:** do early blocks, with large images, or late
# ones, with many channels, do more work for each convolution?


# %%
def vgg_costs(config):
    """(weights, multiply-adds) of each convolution, block by block, and of the three dense layers."""
    side, channels, costs = 224, 3, []
    for line in models.vgg.CONFIGURATIONS[config]:
        costs.append([])
        for item in line.split():  # such as conv3-64: a 3x3 kernel, 64 channels
            kernel, outputs = map(int, item.removeprefix("conv").split("-"))
            products = kernel**2 * channels * outputs
            costs[-1].append((products + outputs, products * side**2))
            channels = outputs
        side //= 2
    sizes = [side**2 * channels, 4096, 4096, 1000]
    dense = [((a + 1) * b, a * b) for a, b in zip(sizes, sizes[1:], strict=False)]
    return [*costs, dense]


*blocks, dense = vgg_costs("D")  # VGG-16
names = [f"block {number}\n{224 // 2**number * 2} pixels" for number in range(1, 6)]
labels = ("block, and the side of its images", "billion multiply-adds")
plots.bars(names, [block[-1][1] / 1e9 for block in blocks], labels, "The last convolution of each block of VGG-16")
total = np.sum([cost for block in (*blocks, dense) for cost in block], axis=0)
print(f"VGG-16: {total[0]:,} weights, {total[1] / 1e9:.1f} billion multiply-adds")

# %% tags=["claim"]
assert total[0] == 138_357_544
assert len({block[-1][1] for block in blocks[:4]}) == 1

# %% [markdown]
# Neither: a quarter of the pixels, times four for the channels, is the same work. Only in block 5 the channels no
# longer double. Lecture E gives 138 million weights, and that is right. (Lecture D's "14 millions images, 1000
# categories" mixes two things: the challenge with 1,000 classes had 1.2 million training images.)
#
# ## Build a network of any depth
# We want many layers, so our images are small: digits of 28x28 pixels.

# %%
loaded = data.load(DATASET)
measures.measured_on("digits", loaded)  # the minimums of this lesson hold for this data set only
train, test = loaded.train.grey(28), loaded.test.grey(28)
classes = len(loaded.class_names)
plots.pictures(train.images[:10], title="Training images", columns=10, span=(0, 1))


# %% [markdown]
# Our networks follow VGG's rules: 3x3 kernels in three stages, of 8, 16 and 32 channels. We count convolutions and
# dense layers, so depth 8 is a first convolution, three blocks of two, and a dense layer. Batch normalisation follows
# each convolution. The next section explains it.


# %%
def conv(x, channels, kernel=3, stride=1):
    """A convolution, "same" padding, and batch normalisation; stride 2 halves the sides."""
    x = layers.Conv2D(channels, kernel, stride, "same", use_bias=False, kernel_initializer="he_normal")(x)
    return layers.BatchNormalization(momentum=0.9)(x)


def plain_block(x, channels, stride=1):
    x = layers.ReLU()(conv(x, channels, stride=stride))
    return layers.ReLU()(conv(x, channels))


# %%
def network(block, depth):
    """A network of `depth` layers: a convolution, three stages of equal blocks with two layers each, a dense layer."""
    x = inputs = keras.Input((28, 28, 1))
    x = layers.ReLU()(conv(x, 8, stride=2))
    for channels in (8, 16, 32):
        for number in range((depth - 2) // 6):
            halve = channels > 8 and number == 0  # at the start of the second and third stage
            x = block(x, channels, 2 if halve else 1)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(classes, "softmax")(x))


plain8 = network(plain_block, 8)
plots.architecture(plain8, "A plain network of 8 layers")

# %% [markdown]
# ## Normalise each batch
# Lecture C calls VGG "extremely hard to train". A year later came *batch normalisation*. For each channel it computes
# mean $\mu$ and variance $\sigma^2$ over all pixels of all images of the batch. Then
# $$y = \gamma\,\frac{x - \mu}{\sqrt{\sigma^2 + 0.001}} + \beta,$$
# where $\gamma$ and $\beta$ are weights, one of each for a channel. The 0.001 keeps us from dividing by 0.
#
# ### Your turn: batch normalisation
# `x` is (images, rows, columns, channels), `gamma` and `beta` are (channels,). Return numbers of the shape of `x`. If
# one channel holds 1 and 3, the mean is 2 and the variance 1, so with gamma 2 and beta 5 they become about 3 and 7. Use
# `ops.mean`, `ops.var` and `ops.sqrt` from Keras instead of NumPy, because Keras must follow the calculation to train.


# %% tags=["exercise"]
def batch_norm(x, gamma, beta):
    """Normalise each channel over the batch; scale by gamma, shift by beta."""
    ### BEGIN SOLUTION
    mean = ops.mean(x, axis=(0, 1, 2))
    variance = ops.var(x, axis=(0, 1, 2))
    return gamma * (x - mean) / ops.sqrt(variance + 0.001) + beta
    ### END SOLUTION


# %% tags=["check"]
batch_norm = week.batch_norm.check(batch_norm)  # yours from here on if it is right, otherwise the course's

# %% [markdown]
# Does it help? We train our network of 8 layers with *your* function, and with biases instead of any normalisation.
# Both get the same steps, at two learning rates.


# %%
def batches(part, size=32):
    """Random images and their labels, without end."""
    rng = np.random.default_rng(0)
    while True:
        chosen = rng.integers(len(part.labels), size=size)
        yield part.images[chosen], part.labels[chosen]


def fit(model, rate=0.05):
    """Train; return the loss on training images, averaged over every 25 steps."""
    model.compile(keras.optimizers.SGD(momentum=0.9), "sparse_categorical_crossentropy", metrics=["accuracy"])
    callbacks = [training.WarmupThenDecay(rate)]  # the rate rises for a tenth of the steps, then falls
    options = {"steps_per_epoch": 25, "epochs": STEPS // 25, "shuffle": False, "verbose": 0}
    return model.fit(batches(train), callbacks=callbacks, **options).history["loss"]


# %%
def own_norm():
    return week.Normalisation(batch_norm, momentum=0.99)  # the layer around your function


losses = {}
for rate in (0.05, 0.2):
    without, own8 = week.replace_norm(plain8, None), week.replace_norm(plain8, own_norm)
    losses[f"without, rate {rate}"] = fit(without, rate)
    losses[f"with yours, rate {rate}"] = fit(own8, rate)
steps = range(25, STEPS + 1, 25)
labels = ("step", "loss on training images")
plots.curves(steps, losses, labels, "8 layers, with and without batch normalisation")

# %% tags=["claim"]
slow_without, slow_own, fast_without, fast_own = (values[-1] for values in losses.values())
measures.record("loss without over loss with normalisation, best rate of each", 
    min(slow_without, fast_without) / min(slow_own, fast_own), at_least=1.3)

# %% [markdown]
# With normalisation the loss falls faster at the same rate, and it allows a rate at which the other network learns
# nothing. Why? No layer can now hand on numbers that are far too large or too small.
#
# ### See it fail
# For one image alone there is no batch. So in use the layer takes *moving averages* of the means and variances, kept
# during training. At each step they keep a fraction, the *momentum*, of the old value. Keras has 0.99. **Predict:** what
# is the loss in use on training images, compared with the last loss in training?

# %%
some = train.images[:1000], train.labels[:1000]


def loss_in_use(model):
    return model.evaluate(*some, batch_size=250, verbose=0)[0]


lagging = loss_in_use(own8)
for layer in own8.layers:
    if isinstance(layer, week.Normalisation):
        layer.momentum = 0.9
for images, _ in [next(pairs) for pairs in [batches(train)] for _ in range(40)]:
    own8(images, training=True)  # this moves the averages, and changes no weight
in_use = loss_in_use(own8)
print(f"last loss in training {fast_own:.2f}, in use {lagging:.2f}, in use with new averages {in_use:.2f}")
