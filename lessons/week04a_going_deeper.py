# ---
# jupyter:
#   course:
#     seconds: 240
#     gigabytes: 2.3
# ---

# %% [markdown]
# # Why did deeper networks do worse?
#
# AlexNet has eight layers, VGG nineteen, ResNet 152. More layers can do all that fewer can. Yet before ResNet, very
# deep networks did worse. You find out what fails, and build the cure.
#
# **You will be able to**
# - explain VGG's rules, and count what they save,
# - normalise a batch, and say when batch normalisation fails,
# - show the degradation problem, prove that training is to blame, and measure gradients by depth,
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
# VGG (2014) uses 3x3 kernels only. Two in a row see 5x5 pixels, three 7x7. What does that save, with 64 channels?

# %% tags=["nbval-check-output"]
for count in (1, 2, 3):
    side = 1 + 2 * count  # each 3x3 kernel sees one pixel more on each side
    stack, single = count * 3**2 * 64**2, side**2 * 64**2
    print(f"{count} of 3x3 see {side}x{side}: {stack:,} weights; one {side}x{side} kernel: {single:,}")

# %% [markdown]
# Three small kernels need 45% fewer weights than one of 7x7, and bring three ReLUs instead of one.
#
# The second rule: where pooling halves the sides, the channels double. We count multiply-adds as in week 3.
# **Predict:** which blocks' *last* convolution needs more: early ones on large images, or late ones with many channels?


# %%
def vgg_costs(config):
    """(weights, multiply-adds) of each convolution, block by block, and of the three dense layers."""
    side, channels, costs, dense = 224, 3, [], []
    for line in models.vgg.CONFIGURATIONS[config]:
        costs.append([])
        for item in line.split():  # such as conv3-64: a 3x3 kernel, 64 channels
            kernel, outputs = map(int, item.removeprefix("conv").split("-"))
            products = kernel**2 * channels * outputs
            costs[-1].append((products + outputs, products * side**2))
            channels = outputs
        side //= 2
    for inputs, outputs in ((side**2 * channels, 4096), (4096, 4096), (4096, 1000)):
        dense.append(((inputs + 1) * outputs, inputs * outputs))
    return [*costs, dense]


*blocks, dense = vgg_costs("D")  # VGG-16
labels, last = ("side of the images in pixels", "billion multiply-adds"), [block[-1][1] / 1e9 for block in blocks]
plots.bars(["224", "112", "56", "28", "14"], last, labels, "The last convolution of each block of VGG-16")
total = np.sum([cost for block in (*blocks, dense) for cost in block], axis=0)
in_dense = sum(one for one, _ in dense)
print(f"VGG-16: {total[1] / 1e9:.1f} billion multiply-adds; {total[0]:,} weights, {in_dense:,} of them in dense layers")

# %% tags=["claim"]
assert total[0] == 138_357_544 and in_dense == 123_642_856
assert len({block[-1][1] for block in blocks[:4]}) == 1

# %% [markdown]
# Neither: the last convolutions of blocks 1 to 4 need the same. Half the sides leave a quarter of the pixels. Twice the
# channels, in and out, make four times the work at each pixel. Block 5 keeps 512 channels, and needs less. Lecture E's
# 138 million weights are right. (Lecture D's 14 million images are all of ImageNet. The challenge had 1.2 million.)
#
# ## Build a network of any depth
# Our networks for 28x28 pixels follow these rules, in three stages of 8, 16 and 32 channels. Depth 8 is a convolution,
# three blocks of two, and a dense layer. After each convolution comes batch normalisation, explained below.

# %%
loaded = data.load(DATASET)
measures.measured_on("digits", loaded)  # the minimums of this lesson hold for this data set only
train, test = loaded.train.grey(28), loaded.test.grey(28)
classes = len(loaded.class_names)
plots.pictures(train.images[:10], title="Training images", columns=10, span=(0, 1))


# %%
def conv(x, channels, kernel=3, stride=1):
    """A convolution, "same" padding, and batch normalisation; stride 2 halves the sides."""
    x = layers.Conv2D(channels, kernel, stride, "same", use_bias=False, kernel_initializer="he_normal")(x)
    return layers.BatchNormalization(momentum=0.9)(x)


def plain_block(x, channels, stride=1):
    x = layers.ReLU()(conv(x, channels, stride=stride))
    return layers.ReLU()(conv(x, channels))


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
# Lecture C calls VGG "extremely hard to train". *Batch normalisation* (2015) helps: it keeps the size of each layer's
# inputs steady. For each channel it computes mean $\mu$ and variance $\sigma^2$ over all pixels of all images of the
# batch. Then
# $$y = \gamma\,\frac{x - \mu}{\sqrt{\sigma^2 + 0.001}} + \beta,$$
# where 0.001 avoids a division by 0. Each channel's weights $\gamma$ and $\beta$ let training choose another mean and
# size.
#
# ### Your turn: batch normalisation
# `x` is (images, rows, columns, channels), `gamma` and `beta` are (channels,). If one channel holds 1 and 3, the mean
# is 2 and the variance 1, so with gamma 2 and beta 5 they become about 3 and 7. Use `ops.mean`, `ops.var` and
# `ops.sqrt`, not NumPy, so that Keras can compute gradients. Then we train 8 layers with *your* function, and without
# normalisation but with biases, until the loss is below 0.3, at two learning rates.


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


# %%
def batches(part, size=32):
    """Random images and their labels, without end."""
    rng = np.random.default_rng(0)
    while True:
        chosen = rng.integers(len(part.labels), size=size)
        yield part.images[chosen], part.labels[chosen]


def train_until(goal, model, rate):
    """Train until the loss, averaged over 10 steps, is below `goal`, for 500 steps at most; return these losses."""

    def stop_below(epoch, logs):
        model.stop_training = logs["loss"] < goal

    model.compile(keras.optimizers.SGD(rate, momentum=0.9), "sparse_categorical_crossentropy")
    options = {"steps_per_epoch": 10, "epochs": 50, "shuffle": False, "verbose": 0}
    callbacks = [keras.callbacks.LambdaCallback(on_epoch_end=stop_below)]
    return model.fit(batches(train), callbacks=callbacks, **options).history["loss"]


# %%
def own_norm():
    return week.Normalisation(batch_norm, momentum=0.99)  # the layer around your function


losses, labels = {}, ("step", "loss on training images")
for rate in (0.02, 0.1):
    without, own8 = week.replace_norm(plain8, None), week.replace_norm(plain8, own_norm)
    losses[f"without, rate {rate}"] = train_until(0.3, without, rate)
    losses[f"with yours, rate {rate}"] = train_until(0.3, own8, rate)
steps = {name: 10 * len(values) for name, values in losses.items()}
lines = {name: (range(10, steps[name] + 1, 10), values) for name, values in losses.items()}
plots.paths(lines, labels, "8 layers, with and without batch normalisation", levels={"goal: 0.3": 0.3})
for name, count in steps.items():
    print(f"{name}: loss {losses[name][-1]:.2f} after {count} steps")

# %% tags=["claim"]
slow_without, slow_own, fast_without, fast_own = steps.values()
best = min(slow_without, fast_without) / min(slow_own, fast_own)
measures.record("steps to 0.3 without over with normalisation, best rate of each", best, at_least=1.4)
measures.record("steps to 0.3 with normalisation, rate 0.02 over 0.1", slow_own / fast_own, at_least=1.05)
measures.record("steps to 0.3 without normalisation, rate 0.02 over 0.1", slow_without / fast_without, at_most=1)
x, gamma, beta = train.images[:20], np.full(1, 2.0, "float32"), np.full(1, 5.0, "float32")
theirs = layers.BatchNormalization()
theirs.build(x.shape)
theirs.set_weights([gamma, beta, *theirs.get_weights()[2:]])
np.testing.assert_allclose(batch_norm(x, gamma, beta), theirs(x, training=True), atol=1e-4)

# %% [markdown]
# At the better rate of each, normalisation saves many of the steps. Only with it does the higher rate help.
#
# ### From training to use
# In use, an image's result must not depend on the rest of its batch. So after training the layer takes *moving
# averages* of the training batches' means and variances. Each step keeps a fraction of the old average, the *momentum*
# (not SGD's): 0.99 in Keras. **Predict:** on training images, is the loss in use higher or lower than the last loss in
# training?

# %%
some = train.images[:1000], train.labels[:1000]


def loss_in_use(model):
    return model.evaluate(*some, batch_size=250, verbose=0, return_dict=True)["loss"]


lagging = loss_in_use(own8)
for layer in own8.layers:
    if isinstance(layer, week.Normalisation):
        layer.momentum = 0.9  # from 0.99
pairs = batches(train)
for _ in range(40):
    own8(next(pairs)[0], training=True)  # this moves the averages, and changes no weight
in_use = loss_in_use(own8)
last = losses["with yours, rate 0.1"][-1]
print(f"last loss in training {last:.2f}; in use {lagging:.2f}; in use with new averages {in_use:.2f}")

# %% tags=["claim"]
measures.record("loss in use, lagging averages over new ones", lagging / in_use, at_least=2)

# %% [markdown]
# The same weights are far worse in use, as the averages lag: after 150 steps, 0.99^150 = 22% of their start values, 0
# and 1, remain. Forty batches with 0.9 cure that. All others here have 0.9.
#
# In training, does an image's result depend on its batch? We put five images into 20 batches each, and print two:
# lowest and highest probability of their class.


# %%
def chances(number, size):
    """The probability of an image's class in 20 batches of `size` images, in training."""
    partners = np.random.default_rng(number).integers(len(some[1]), size=(20, size - 1))
    outputs = [own8(some[0][[number, *row]], training=True)[0] for row in partners]
    return np.array([float(output[some[1][number]]) for output in outputs])


before = own8.get_weights()
spread = {size: [chances(number, size) for number in range(5)] for size in (32, 2)}
own8.set_weights(before)  # the calls have moved the averages
for size, (first, second, *_) in spread.items():
    print(f"batches of {size}: {first.min():.2f} to {first.max():.2f}, {second.min():.2f} to {second.max():.2f}")

# %% tags=["claim"]
ratio = np.std(spread[2], axis=1).mean() / np.std(spread[32], axis=1).mean()
measures.record("standard deviation of a class's probability, batches of 2 over 32", ratio, at_least=1.4)

# %% [markdown]
# A mean over two images is a poor estimate: in batches of 2 the probabilities vary much more.
#
# ## Go deeper
# We train *plain* networks (mere stacks) of 8, 20, 32 and 56 layers alike, and 56 also at a lower rate. **Predict:**
# which has the lowest loss on the images it was *trained* on?


# %%
def fit(model, rate=0.1):
    """Train for STEPS steps; return the loss on training images, averaged over every 25 steps."""
    if not model.compiled:
        model.compile(keras.optimizers.SGD(momentum=0.9), "sparse_categorical_crossentropy", metrics=["accuracy"])
    callbacks = [training.WarmupThenDecay(rate)]  # the rate rises for a tenth of the steps, then falls
    options = {"steps_per_epoch": 25, "epochs": STEPS // 25, "shuffle": False, "verbose": 0}
    return model.fit(batches(train), callbacks=callbacks, **options).history["loss"]


nets = {f"{depth} layers": network(plain_block, depth) for depth in (8, 20, 32, 56)}
start = nets["56 layers"].get_weights()
slow = fit(nets["56 layers"], rate=0.02)
training.reset_to(nets["56 layers"], start)  # clears the optimizer too
by_depth = {name: fit(model) for name, model in nets.items()} | {"56, rate 0.02": slow}
steps = range(25, STEPS + 1, 25)
plots.curves(steps, by_depth, labels, "Plain networks of four depths")

# %% tags=["claim"]
last = {name: values[-1] for name, values in by_depth.items()}
measures.record("training loss, plain 20 layers over 8", last["20 layers"] / last["8 layers"], at_least=1.1)
measures.record("training loss, plain 32 layers over 20", last["32 layers"] / last["20 layers"], at_least=1.1)
deep = min(last["56 layers"], last["56, rate 0.02"])
measures.record("training loss, plain 56 layers at the better rate", deep, at_least=1.5)
measures.record("training loss, plain 56 layers at the better rate over 20", deep / last["20 layers"], at_least=1.5)

# %% [markdown]
# From 8 to 20 to 32 layers, the loss gets *higher*. With 56 layers, it stays near 2.3 (guessing) at both rates.
# This is the *degradation problem*. It is not over-fitting, which gives a low training loss.
#
# ## Prove that good weights exist
# Lecture B's proof: take a trained shallow network, and insert layers that only pass on their input. The deeper network
# computes the same.
#
# ### Your turn: a kernel that changes nothing
# Weights of a Keras convolution have the shape (rows, columns, input channels, output channels). Return 3x3 weights
# with which each output channel is the input channel of the same number.


# %% tags=["exercise"]
def identity_kernel(channels):
    """Weights (3, 3, channels, channels) of a convolution that passes on its input."""
    ### BEGIN SOLUTION
    kernel = np.zeros((3, 3, channels, channels))
    kernel[1, 1] = np.eye(channels)
    return kernel
    ### END SOLUTION


# %% tags=["check"]
identity_kernel = week.identity_kernel.check(identity_kernel)

# %% [markdown]
# The trained network of 8 layers fills the first block of each stage. Your kernel fills the other eight. A
# normalisation with mean 0, variance 1 and $\gamma=\sqrt{1.001}$ (the formula adds 0.001) changes nothing. Nor does a
# ReLU, since a ReLU came just before.

# %%
constructed = network(plain_block, 56)
ours, theirs = ([layer for layer in model.layers if layer.weights] for model in (constructed, nets["8 layers"]))
for layer, trained in ((ours[0], theirs[0]), (ours[1], theirs[1]), (ours[-1], theirs[-1])):
    layer.set_weights(trained.get_weights())
for number, layer in enumerate(ours[2:-1]):
    stage, place = divmod(number, 36)  # nine blocks a stage, each of two convolutions and two normalisations
    if place < 4:  # the first block
        layer.set_weights(theirs[2 + 4 * stage + place].get_weights())
    elif isinstance(layer, layers.Conv2D):
        layer.set_weights([identity_kernel(layer.filters)])
    else:
        one = np.ones(layer.gamma.shape)
        layer.set_weights([np.sqrt(1.001) * one, 0 * one, 0 * one, one])
constructed.compile(loss="sparse_categorical_crossentropy")
nets["56, constructed"] = constructed
for name in ("8 layers", "56, constructed", "56 layers"):
    print(f"{name}: loss in use {loss_in_use(nets[name]):.3f}")

# %% tags=["claim"]
np.testing.assert_allclose(loss_in_use(constructed), loss_in_use(nets["8 layers"]), rtol=1e-3)
measures.record(
    "loss in use, 56 trained over 56 constructed",
    loss_in_use(nets["56 layers"]) / loss_in_use(constructed),
    at_least=1.5,
)

# %% [markdown]
# The constructed network has the loss of the shallow one, far below the trained one's. So good weights exist. Training
# did not find them.
#
# ## Look at the gradients
# We take two batches of 256 images. For each 3x3 kernel we compute
# - the gradient's norm,
# - the *cosine* between the gradients of both batches: 1 for the same direction; at 0, a step that helps one batch does
#   nothing for the other.
#
# In week 1, sigmoids made gradients vanish. **Predict:** with ReLU and normalisation, is the norm at the first layer of
# 56 smaller or larger than at the last?


# %%
def compare_gradients(model):
    """Norms of the gradients for each 3x3 kernel, and the mean cosine between the gradients of two batches."""
    sample = train.sample(512)
    first, second = (week.gradients(model, sample.images[i::2], sample.labels[i::2]) for i in (0, 1))
    norms = [np.linalg.norm(gradient) for gradient in first]
    cosines = [a @ b / np.linalg.norm(a) / np.linalg.norm(b) for a, b in zip(first, second, strict=True)]
    return norms, np.mean(cosines)


plain = {depth: compare_gradients(network(plain_block, depth)) for depth in (8, 32, 56)}
charts = {f"{depth} layers": (range(1, depth), {"plain": norms}) for depth, (norms, _) in plain.items()}
labels_norm = ("convolution (1: at the image)", "norm of the gradient")
plots.panels(charts, labels_norm, "Gradients of plain networks before training", log=True)
for depth, (_, cosine) in plain.items():
    print(f"{depth} plain layers: mean cosine between two batches {cosine:.2f}")

# %% tags=["claim"]
normed = network(plain_block, 32)
normed(train.images[:256], training=True)  # each average is now 0.9 of its start, 1, and 0.1 of the variance
variances = [10 * np.mean(layer.moving_variance) - 9 for layer in normed.layers if hasattr(layer, "moving_variance")]
measures.record("standard deviation before normalisation, mean", np.sqrt(variances).mean(), at_least=0.6, at_most=0.95)
growth, growth32 = (norms[0] / norms[-1] for norms in (plain[56][0], plain[32][0]))
measures.record("gradient norm in 32 plain layers, first over last", growth32, at_least=3)
measures.record("gradient norm in 56 plain layers, first over last", growth, at_least=20)
measures.record("cosine in 8 plain layers less that in 32", plain[8][1] - plain[32][1], at_least=0.1)

# %% [markdown]
# Much larger: gradients *explode* towards the image, roughly tenfold in 32 layers and a hundredfold in 56. A ReLU
# leaves a positive mean. Normalisation subtracts it, and divides by the standard deviation that remains, about 0.8
# here. Running back, gradients are divided too, layer by layer. Two batches agree in part in 8 layers, hardly in 32 and
# 56.
#
# ## Build a residual block
# To pass on their input, plain layers must learn your kernel. A *residual block* (2015) makes it easy. It adds its
# input to what its two convolutions compute: $H(x)=F(x)+x$. To pass on $x$, $F$ only has to become 0.
#
# ### Your turn: the shortcut
# What is added must have the shape of $F(x)$. `x` is a Keras tensor of (images, rows, columns, channels). If it has
# `channels` channels already and the stride is 1, return `x` itself. Otherwise return a *projection*: our `conv` with a
# 1x1 kernel and the stride, and no ReLU. From 14x14x8, with 16 channels and stride 2, comes 7x7x16.


# %% tags=["exercise"]
def shortcut(x, channels, stride):
    """x itself, or its projection to `channels` channels and a size divided by `stride`."""
    ### BEGIN SOLUTION
    if x.shape[-1] == channels and stride == 1:
        return x
    return conv(x, channels, kernel=1, stride=stride)
    ### END SOLUTION


# %% tags=["check"]
shortcut = week.shortcut.check(shortcut)

# %% [markdown]
# ### Your turn: the residual block
# Two 3x3 convolutions by `conv`, the first with the stride, and a ReLU between them. Then `layers.Add()([...])` adds
# `shortcut(x, ...)` of the block's input, and a ReLU follows.


# %% tags=["exercise"]
def residual_block(x, channels, stride=1):
    """ReLU(F(x) + shortcut(x)), where F has two convolutions."""
    ### BEGIN SOLUTION
    y = layers.ReLU()(conv(x, channels, stride=stride))
    y = conv(y, channels)
    y = layers.Add()([y, shortcut(x, channels, stride)])
    return layers.ReLU()(y)
    ### END SOLUTION


# %% tags=["check"]
residual_block = week.residual_block.check(residual_block)

# %% [markdown]
# Lecture D says that you learn $F(x)+x$. That is what the block puts out. What its layers learn is $F(x)=H(x)-x$
# (lectures B and E). With all weights 0, $F$ is 0. What does each block put out then?

# %%
x = train.images[:1] * np.ones(8)  # eight equal channels
for name, block in (("plain block", plain_block), ("residual block", residual_block)):
    inputs = keras.Input(x.shape[1:])
    model = keras.Model(inputs, block(inputs, channels=8))
    model.set_weights([np.zeros_like(weights) for weights in model.get_weights()])
    output = ops.convert_to_numpy(model(x))
    print(f"{name}: output 0 everywhere {not output.any()}, output = input {np.allclose(output, x)}")
inputs = keras.Input((14, 14, 8))
plots.architecture(keras.Model(inputs, residual_block(inputs, 16, stride=2)), "Your block, where the shape changes")

# %% [markdown]
# With layers that compute 0, your block passes on its input, as pixels are not negative.
#
# ## Train 32 layers with it
# **Predict:** do 32 layers with your block beat 32 plain ones? And 8?

# %%
nets["32 with shortcuts"] = network(residual_block, 32)
by_depth["32 with shortcuts"] = fit(nets["32 with shortcuts"])
compared, tested = ("8 layers", "32 layers", "32 with shortcuts"), {}
plots.curves(steps, {name: by_depth[name] for name in compared}, labels, "32 layers with shortcuts, and plain networks")
for name in compared:
    tested[name] = nets[name].evaluate(test.images, test.labels, verbose=0)[1]
    print(f"{name}: training loss {by_depth[name][-1]:.2f}, {tested[name]:.1%} of test images are right")

# %% tags=["claim"]
residual = by_depth["32 with shortcuts"][-1]
measures.record("training loss, 32 plain layers over 32 with shortcuts", last["32 layers"] / residual, at_least=2)
measures.record("training loss, 32 layers with shortcuts over 8 plain", residual / last["8 layers"], at_most=2)
gain = tested["32 with shortcuts"] - tested["8 layers"]
measures.record("test accuracy, 32 layers with shortcuts less 8", gain, at_least=-0.15, at_most=0.1)

# %%
shortcuts = {depth: compare_gradients(network(residual_block, depth)) for depth in (32, 56)}
charts = {}
for depth, (norms, cosine) in shortcuts.items():
    charts[f"{depth} layers, before training"] = range(1, depth), {"plain": plain[depth][0], "with shortcuts": norms}
    print(f"{depth} layers, cosine before training: plain {plain[depth][1]:.2f}, with shortcuts {cosine:.2f}")
kinds = ("plain", "32 layers"), ("with shortcuts", "32 with shortcuts")
after = {kind: compare_gradients(nets[name]) for kind, name in kinds}
charts["32 layers, after training"] = range(1, 32), {kind: norms for kind, (norms, _) in after.items()}
print("32 layers, cosine after training:", *(f"{kind} {cosine:.2f}" for kind, (_, cosine) in after.items()))
plots.panels(charts, labels_norm, "Gradients with and without shortcuts", log=True)

# %% tags=["claim"]
with_shortcuts = shortcuts[56][0][0] / shortcuts[56][0][-1]
measures.record("growth of the gradient over 56 layers, plain over shortcuts", growth / with_shortcuts, at_least=4)
gain = np.mean([shortcuts[depth][1] - plain[depth][1] for depth in (32, 56)])
measures.record("cosine with shortcuts less plain, mean of 32 and 56 layers", gain, at_least=0.05)
measures.record(
    "first gradient norm in 32 plain layers, before over after training",
    plain[32][0][0] / after["plain"][0][0],
    at_least=2,
)

# %% [markdown]
# Your block makes 32 layers learn: their loss is less than half of the plain ones'. But 8 layers do about as well: in
# so few steps, depth does not pay.
#
# The gradient has a way back that only two projections multiply. So at the start it grows far less, and two batches
# agree more. After training, plain gradients no longer explode, yet the loss is high: this does not fully explain the
# failure.
#
# ## Make it cheaper: the bottleneck
# From ResNet-50 on (1+3x(3+4+6+3)+1 layers), blocks have three convolutions: 1x1 down to `planes` channels, 3x3, and
# 1x1 up to four times as many. Lecture C's code has `planes` channels coming in ("inplanes == planes"). Can its block
# add its input?


# %%
def bottleneck(x, planes):
    y = layers.ReLU()(conv(x, planes, kernel=1))
    y = layers.ReLU()(conv(y, planes))
    y = conv(y, 4 * planes, kernel=1)
    return layers.ReLU()(layers.Add()([y, x]))


for channels in (64, 256):
    x = keras.Input((56, 56, channels))
    try:
        block = keras.Model(x, bottleneck(x, planes=64))
        print(f"{channels} channels in, 64 planes: {block.count_params():,} weights")
    except ValueError:
        print(f"{channels} channels in, 64 planes: cannot add {channels} channels to {4 * 64}")
basic = keras.Model(x, residual_block(x, 256))
print(f"two 3x3 convolutions of 256 channels: {basic.count_params():,} weights")

# %% tags=["claim"]
assert channels == 256 and 16 < basic.count_params() / block.count_params() < 17

# %% [markdown]
# No: it needs 4 times `planes` channels, or a projection. On 256 channels it has 6% of a basic block's weights.
#
# ## Count the ResNets
# One table gives the kind of block, and how many in each of four stages. **Predict:** which has more weights,
# ResNet-152 or VGG-16?


# %%
def convolutions(kind, counts):
    """(kernel, inputs, outputs, side of the output) of each convolution."""
    found, inputs = [(7, 3, 64, 112)], 64
    for stage, count in enumerate(counts):
        planes, side = 64 * 2**stage, 56 // 2**stage
        outputs = planes if kind == "basic" else 4 * planes
        for _ in range(count):
            if kind == "basic":
                found += [(3, inputs, planes, side), (3, planes, planes, side)]
            else:
                # The first convolution has the stride. Lecture C's code has it in the second, which costs more.
                found += [(1, inputs, planes, side), (3, planes, planes, side), (1, planes, outputs, side)]
            if inputs != outputs:
                found.append((1, inputs, outputs, side))  # the projection
            inputs = outputs
    return found


# %%
RESNETS = {
    18: ("basic", (2, 2, 2, 2)),
    34: ("basic", (3, 4, 6, 3)),
    50: ("bottleneck", (3, 4, 6, 3)),
    101: ("bottleneck", (3, 4, 23, 3)),
    152: ("bottleneck", (3, 8, 36, 3)),
}
table, counted = [], {}
for depth, (kind, counts) in RESNETS.items():
    found = convolutions(kind, counts)
    kernels = sum(kernel**2 * inputs * outputs for kernel, inputs, outputs, _ in found)
    channels = sum(outputs for _, _, outputs, _ in found)
    dense = (found[-1][2] + 1) * 1000
    work = sum((kernel * side) ** 2 * inputs * outputs for kernel, inputs, outputs, side in found) + dense - 1000
    counted[depth] = kernels + 5 * channels + dense  # as Keras: a bias, and four numbers for normalisation
    table.append([f"ResNet-{depth}", kind, f"{kernels + 2 * channels + dense:,}", f"{work / 1e9:.1f} billion"])
table.append(["VGG-16", "plain", f"{total[0]:,}", f"{total[1] / 1e9:.1f} billion"])
plots.table(table, ["", "block", "weights", "multiply-adds"], "ResNets and VGG-16, images of 224x224")

# %% tags=["claim"]
assert counted[50] == 25_636_712 and counted[101] == 44_707_176 and counted[152] == 60_419_944

# %% [markdown]
# VGG-16 has more than twice the weights of ResNet-152: 89% are in its three dense layers.
#
# ## What you can do now
# - **VGG's rules:** small kernels in stacks, channels double as sides halve.
# - **Normalise:** mean and variance over the batch; moving averages in use.
# - **Degradation:** deeper plain networks train worse, though good weights exist. At the start gradients explode and
#   batches disagree. Shortcuts help with both.
# - **Residual block:** the layers learn only $F(x)=H(x)-x$.
# - **Count:** one table gives ResNet-18 to ResNet-152.
#
# **Try next**
# - Train 56 layers with your block: at which rate?
# - Train the constructed network further. Does it get ahead of 8 layers?
