# ---
# jupyter:
#   course:
#     seconds: 90
#     gigabytes: 2
# ---

# %% [markdown]
# # What do LeNet and AlexNet have in common?
#
# In 1998 LeNet read the digits on bank cheques. In 2012 AlexNet recognised a thousand classes in photographs. You train
# LeNet. AlexNet takes too long, so you build it and count its weights and its work.
#
# **You will be able to**
# - follow an image through a convolutional network,
# - count the weights and the work of each layer,
# - explain why LeNet learns slowly with sigmoids,
# - compare LeNet with a dense network,
# - look at kernels and feature maps, and compute an occlusion map,
# - say where AlexNet has its weights, and where it does its work.
#
# *Mirrors: lecture C, "A Classic Example"; lecture D, AlexNet; lecture E, LeNet and AlexNet. About 60 minutes with the
# exercises; {cost}.*

# %% tags=["setup"]
import numpy as np

from course_utils import by_size, data, measures, plots, setup, training
from course_utils.byhand.convolution import output_size
from course_utils.weeks import week03a as week
from course_utils.weeks.week03a import Layer

setup(seed=0)
import keras
from keras import layers

# %% tags=["parameters"]
DATASET = "mnist_small"  # or "mnist", or a folder with one subfolder of your own images for each class
STEPS = by_size(quick=600, full=6000)  # training steps of each network that we compare, 32 images each
LONG_STEPS = by_size(quick=1000, full=8000)  # of the best network, 64 images each

# %% [markdown]
# ## Look at real handwriting
# MNIST, the data set of LeNet, has 60,000 training images. We use 3,400, so that training is quick. The digits are
# centred, which matters later.

# %%
loaded = data.load(DATASET)
measures.measured_on("mnist_small", loaded)  # the minimums of this lesson hold for this data set only
train, validation, test = (part.grey(28) for part in (loaded.train, loaded.validation, loaded.test))
classes = len(loaded.class_names)
one_each = [test.images[np.flatnonzero(test.labels == label)[:3]] for label in range(min(classes, 10))]
shown = [images[row] for row in range(3) for images in one_each if len(images) > row]
plots.pictures(shown, title="Test images", columns=len(one_each), span=(0, 1))

# %% [markdown]
# ## Follow an image through LeNet
# Lecture E gives LeNet as a row of layers: convolution, sigmoid and pooling, twice, and then dense (fully connected)
# layers. We write it as a list. Sigmoids change no shape, so we leave them out. `outputs` is the number of kernels of a
# convolution, or of units of a dense layer. `kernel`, `stride` and `padding` are in pixels. A pooling layer's `kernel`
# is its window.

# %%
LENET = [
    Layer("conv", outputs=6, kernel=5, padding=2),  # stride 1, unless it is given
    Layer("pool", kernel=2, stride=2),
    Layer("conv", outputs=16, kernel=5),
    Layer("pool", kernel=2, stride=2),
    Layer("flatten"),
    Layer("dense", outputs=120),
    Layer("dense", outputs=84),
    Layer("dense", outputs=10),
]

# %% [markdown]
# ### Your turn: the output shape of a layer
# `shape` is what comes in: (height, width, channels), or (units,) after flattening. Return what comes out, in the same
# form. `layer.kind` is "conv", "pool", "flatten" or "dense". For height and width use `output_size(size, kernel,
# stride, padding)` of week 2. `output_size(28, 5, 1, 2)` is 28, so the first layer makes (28, 28, 6) from (28, 28, 1).
# Flattening puts all numbers in one row.


# %% tags=["exercise"]
def output_shape(layer, shape):
    """The shape that comes out of a layer, a tuple, when `shape` comes in."""
    ### BEGIN SOLUTION
    if layer.kind == "dense":
        return (layer.outputs,)
    if layer.kind == "flatten":
        return (int(np.prod(shape)),)
    height, width = [output_size(size, layer.kernel, layer.stride, layer.padding) for size in shape[:2]]
    return height, width, layer.outputs if layer.kind == "conv" else shape[2]
    ### END SOLUTION


# %% tags=["check"]
output_shape = week.output_shape.check(output_shape)  # yours from here on if it is right, otherwise the course's

# %% tags=["nbval-check-output"]
shape = (28, 28, 1)
for layer in LENET:
    before, shape = shape, output_shape(layer, shape)
    print(f"{layer.kind:8} {before!s:12} -> {shape}")

# %% [markdown]
# Images shrink from 28 to 5 pixels while channels grow from 1 to 16.
#
# ## Count weights and work
# Weights take memory, *multiply-adds* take time. Each multiplies an input by a weight and adds the product to a sum.
# **Predict:** which layer of LeNet has the most weights, and which the most multiply-adds?
#
# ### Your turn: the cost of a layer
# Each output channel or unit has one bias: a weight, but no multiply-add. LeNet's first layer has 6 kernels of 5x5x1
# weights and 6 biases, together 156. Each kernel has 28·28 positions, so the layer does 28·28·150 = 117,600
# multiply-adds. The last layer makes 10 outputs from 84 inputs and costs (850, 840). Pooling and flattening cost (0,
# 0).


# %% tags=["exercise"]
def cost(layer, before, after):
    """The number of weights and the number of multiply-adds of a layer with these shapes before and after it."""
    ### BEGIN SOLUTION
    if layer.kind == "conv":
        products, positions = layer.kernel**2 * before[2] * after[2], after[0] * after[1]
    elif layer.kind == "dense":
        products, positions = before[0] * after[0], 1
    else:
        return 0, 0
    return products + after[-1], products * positions
    ### END SOLUTION


# %% tags=["check"]
cost = week.cost.check(cost)


# %%
def costs(network, shape):
    """The weights and multiply-adds of each layer that has any, by the layer's name."""
    by_layer = {}
    for number, layer in enumerate(network, 1):
        before, shape = shape, output_shape(layer, shape)
        if layer.kind in ("conv", "dense"):
            outputs = "kernels" if layer.kind == "conv" else "units"
            by_layer[f"layer {number}: {layer.outputs} {outputs}"] = cost(layer, before, shape)
    return by_layer


lenet_costs = costs(LENET, (28, 28, 1))
week.layer_bars(list(lenet_costs), list(lenet_costs.values()), "LeNet: blue are convolutions, orange dense layers")

# %% [markdown]
# The first dense layer has 78% of the weights, but the second convolution does 58% of the work. A dense weight is used
# once for each image, a kernel's weight at every position.
#
# Lecture E's slide says "2 FC layers" (dense layers) and "60k parameters" (weights). Do the two agree?


# %% tags=["nbval-check-output"]
def weights(network, shape):
    return sum(count for count, _ in costs(network, shape).values())


for kept in ((120, 10), (84, 10), (120, 84, 10)):
    network = LENET[:5] + [Layer("dense", units) for units in kept]
    print(f"dense layers {kept}: {weights(network, (28, 28, 1)):,} weights")

# %% tags=["claim"]
assert weights(LENET, (28, 28, 1)) == 61_706

# %% [markdown]
# With LeNet's widths, only three dense layers give about 60 thousand weights, so the slide misses one.
#
# ## Build it in Keras
# The activation and the kind of pooling are arguments, because we will change both.


# %%
def lenet(activation, pooling):
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(6, 5, padding="same", activation=activation),  # "same": two pixels on each side
            pooling(2),
            layers.Conv2D(16, 5, activation=activation),
            pooling(2),
            layers.Flatten(),
            layers.Dense(120, activation),
            layers.Dense(84, activation),
            layers.Dense(classes, "softmax"),
        ]
    )


plots.architecture(lenet("sigmoid", layers.AveragePooling2D), "LeNet with sigmoids and average pooling")

# %% tags=["claim"]
lenet_here = [*LENET[:-1], Layer("dense", classes)]
assert weights(lenet_here, (28, 28, 1)) == lenet("relu", layers.MaxPooling2D).count_params()

# %% [markdown]
# ## Train it with sigmoids, and with ReLU
# Lecture E's LeNet has sigmoids, and the LeNet of 1998 pooled by averages. We change the activation to ReLU, then the
# pooling to maxima. Each network has a learning rate that suits it. **Predict:** which of the two changes makes the
# loss fall faster?


# %%
def batches(part, size):
    """Random images and their labels, without end."""
    rng = np.random.default_rng(0)
    while True:
        chosen = rng.integers(len(part.labels), size=size)
        yield part.images[chosen], part.labels[chosen]


def fit(model, rate, callbacks=()):
    """Train for STEPS steps; return the mean loss of every 25 of them."""
    model.compile(keras.optimizers.Adam(), "sparse_categorical_crossentropy")
    callbacks = [training.WarmupThenDecay(rate), *callbacks]  # the rate rises for a tenth of the steps, then falls
    options = {"steps_per_epoch": 25, "epochs": STEPS // 25, "shuffle": False, "verbose": 0}
    return model.fit(batches(train, 32), callbacks=callbacks, **options).history["loss"]


def accuracy(model, images):
    """The fraction of the test images, or of shifted copies of all of them, that the model classifies correctly."""
    return np.mean(model.predict(images, batch_size=250, verbose=0).argmax(axis=1) == test.labels)


# %%
variants = {
    "sigmoid, average": ("sigmoid", layers.AveragePooling2D, 0.005),
    "ReLU, average": ("relu", layers.AveragePooling2D, 0.006),
    "ReLU, max": ("relu", layers.MaxPooling2D, 0.006),
}
start = lenet("relu", layers.MaxPooling2D).get_weights()  # the same random weights for all
losses, models = {}, {}
for name, (activation, pooling, rate) in variants.items():
    models[name] = lenet(activation, pooling)
    models[name].set_weights(start)
    losses[name] = fit(models[name], rate)
    print(f"{name}: {accuracy(models[name], test.images):.1%} of the test images are right")
steps = range(25, STEPS + 1, 25)
guess = {"loss of a pure guess": np.log(classes)}
lines = {name: (steps, values) for name, values in losses.items()}
plots.paths(lines, ("step", "loss on training images"), "With sigmoids LeNet learns nothing at first", guess)

# %% tags=["claim"]
old, average, _ = (np.sum(np.greater(values, 1)) for values in losses.values())
measures.record("steps with a loss above 1, sigmoid against ReLU, average pooling", old / average, at_least=1.5)
measures.record("accuracy with ReLU and max pooling", accuracy(models["ReLU, max"], test.images), at_least=0.95)

# %% [markdown]
# With sigmoids the loss stays near 2.30 for a hundred steps or more. That is $\ln 10$, the loss if each digit gets a
# probability of one tenth. With ReLU the loss falls at once. The kind of pooling hardly matters.
#
# ### Find out why
# How much do a layer's outputs differ between images, before training? We take the standard deviation of each output
# over 200 images, and average it over the layer. It is 0 if every image gives the same outputs.


# %%
def spread(activation, pooling):
    """The mean standard deviation between images, for the input and each layer but the last."""
    model = lenet(activation, pooling)
    model.set_weights(start)
    views = keras.Model(model.inputs[0], [layer.output for layer in model.layers[:-1]])
    outputs = [train.images[:200], *(keras.ops.convert_to_numpy(view) for view in views(train.images[:200]))]
    return [output.std(axis=0).mean() for output in outputs]


spreads = {name: spread(activation, pooling) for name, (activation, pooling, _) in variants.items()}
labels = ("layer (0 is the image)", "mean standard deviation")
plots.curves(
    range(len(LENET)), spreads, labels, "How much the outputs differ between images, before training", log=True
)

# %% tags=["claim"]
old, new, _ = (values[-1] for values in spreads.values())
measures.record("spread after the last hidden layer, ReLU against sigmoid", new / old, at_least=5)

# %% [markdown]
# The slope of a sigmoid is at most 1/4. With small random weights, each of the four sigmoid layers (1, 3, 6 and 7)
# shrinks the differences, in all from 0.19 to 0.0003. The last layer then receives almost the same numbers for every
# image. So at first the network cannot tell digits apart. With ReLU and the same pooling, about 40 times as much
# remains.
#
# ## Compare with a dense network
# Would any network with as many weights do as well? We train a dense one on the same centred digits, and
# test both on shifted digits. **Predict:** which network is better without a shift, and which at four pixels?
#
# ### Your turn: shift an image
# `image` is (height, width, channels). `down` and `right` are whole pixels; negative numbers move it up or left. What
# comes in is black (0). The rows (0.1, 0.2) and (0.3, 0.4), shifted by `right=1`, become (0, 0.1) and (0, 0.3).


# %% tags=["exercise"]
def shift(image, down, right):
    """The image moved down and to the right, of the same shape."""
    ### BEGIN SOLUTION
    margin = max(abs(down), abs(right))
    padded = np.pad(image, ((margin, margin), (margin, margin), (0, 0)))
    top, left = margin - down, margin - right
    return padded[top : top + image.shape[0], left : left + image.shape[1]]
    ### END SOLUTION


# %% tags=["check"]
shift = week.shift.check(shift)

# %%
hidden = (61_706 - classes) // (784 + 1 + classes)  # a unit adds 784 weights, a bias, and a weight for each class
models["dense"] = keras.Sequential(
    [keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(hidden, "relu"), layers.Dense(classes, "softmax")]
)
print(f"One hidden layer of {hidden} units: {models['dense'].count_params():,} weights")


# %%
def by_shift(model):
    """The accuracy on test images that are shifted to the right by 0 to 4 pixels."""
    return [accuracy(model, np.stack([shift(image, 0, right) for image in test.images])) for right in range(5)]


fit(models["dense"], 0.006)
centred = {
    "LeNet, centred training": by_shift(models["ReLU, max"]),
    "dense, centred training": by_shift(models["dense"]),
}
labels = ("shift to the right in pixels", "accuracy on test images")
plots.curves(range(5), centred, labels, "LeNet and a dense network with about as many weights")
digit = test.images[np.flatnonzero(test.labels == min(4, classes - 1))[0]]
moved = np.stack([shift(digit, 0, right) for right in range(5)])
read = [models[name].predict(moved, verbose=0).argmax(axis=1) for name in ("ReLU, max", "dense")]
answers = [f"LeNet {one}, dense {other}" for one, other in zip(*read, strict=True)]
plots.pictures(moved, answers, "One digit, shifted by 0 to 4 pixels, and what each network reads", columns=5)

# %% tags=["claim"]
gaps = np.subtract(*centred.values())
measures.record("LeNet over the dense network, centred digits", gaps[0], at_least=0.01)
measures.record("LeNet over the dense network, shifted by 2 pixels", gaps[2], at_least=0.08)
measures.record("accuracy of LeNet, shifted by 4 pixels", centred["LeNet, centred training"][4], at_most=0.75)

# %% [markdown]
# LeNet is better at every shift: by two to three percentage points without a shift, by about twenty at two pixels. But
# at four pixels even LeNet misreads about half of the digits. Feature maps move with the digit, and two poolings
# tolerate a pixel or two. The dense layers behind them have learned *where* each stroke has to be.
#
# ## Train with shifted digits
# The cure is *data augmentation*: at every step your `shift` moves each image at random, by up to two pixels.


# %%
def shifted_batches(part, size, most=2):
    """Random batches, each image shifted by up to `most` pixels in each direction."""
    rng = np.random.default_rng(0)
    for images, labels in batches(part, size):
        moves = rng.integers(-most, most + 1, (size, 2))
        yield np.stack([shift(image, *move) for image, move in zip(images, moves, strict=True)]), labels


def fit_shifted(model, title):
    """Train on shifted images; return the accuracy by shift."""
    model.compile(keras.optimizers.Adam(), "sparse_categorical_crossentropy", metrics=["accuracy"])
    callbacks = [training.WarmupThenDecay(0.005), training.LiveCurve(title, every=10)]
    pairs = shifted_batches(train, 64)
    model.fit(pairs, steps_per_epoch=LONG_STEPS, callbacks=callbacks, shuffle=False, verbose=0)
    return by_shift(model)


# %%
best, dense = lenet("relu", layers.MaxPooling2D), keras.models.clone_model(models["dense"])
best.set_weights(start)
both = {
    **centred,
    "LeNet, shifted training": fit_shifted(best, "LeNet learns from shifted digits"),
    "dense, shifted training": fit_shifted(dense, "The dense network learns from shifted digits"),
}
plots.curves(range(5), both, labels, "Training with shifts helps both")

# %% tags=["claim"]
lenet_accuracy, dense_accuracy = list(both.values())[2:]
measures.record("accuracy of the best LeNet on test images", lenet_accuracy[0], at_least=0.965)
measures.record("accuracy of the best LeNet, shifted by 4 pixels", lenet_accuracy[4], at_least=0.8)
gap = lenet_accuracy[0] - dense_accuracy[0]
measures.record("LeNet over the dense network, both trained on shifted digits", gap, at_least=0.01)

# %% [markdown]
# Without a shift LeNet gains about one percentage point. At four pixels, twice the largest shift of its training, it
# rises from about half to more than 90%, and the dense network from a quarter to about 70%. (These networks also
# trained longer.) Lecture E's 99% are for 60,000 training images; with 3,400 we reach 98%.
#
# ## Look at kernels and feature maps
# Below each kernel of this LeNet's first layer is its feature map of a digit. Lighter means larger. **Predict:** do
# they look like the Sobel kernels of week 2?

# %%
kernels = best.layers[0].get_weights()[0][:, :, 0]  # height, width, kernels
first_layer = keras.Model(best.inputs[0], best.layers[0].output)
maps = keras.ops.convert_to_numpy(first_layer(digit[None]))[0]
week.kernels_and_maps(kernels, maps, "The first kernels (violet positive, orange negative) and their feature maps")

# %% [markdown]
# Kernel 2 comes closest: its violet top and orange centre show lower edges of strokes. Most kernels are
# blotchy mixtures. Yet the maps emphasise different parts.
#
# ## Find the parts that decide
# We cover a square of an image with black. If the probability of a class drops, the network used that square for it.
# The drops at all positions are an *occlusion map*.
#
# ### Your turn: the occlusion map
# `score` takes images (n, height, width, channels) and returns n numbers. Call it twice, because calls are slow: for a
# batch of one (`image[None]`), then for all covered copies together. The square has to lie inside the image: an image
# of 28x28 with `side` 7 has 22x22 positions. If the score were the sum of all pixels, each drop would be the sum of the
# covered ones.
#
# We use it on two test images: the least sure right decision and the surest wrong one. **Predict** for the wrong one:
# does covering some part *raise* the probability of the true class?


# %% tags=["exercise"]
def occlusion_map(score, image, side):
    """How much the score drops when a black square of `side` pixels covers the image: (rows, columns) of positions."""
    ### BEGIN SOLUTION
    rows, columns = image.shape[0] - side + 1, image.shape[1] - side + 1
    copies = np.repeat(image[None], rows * columns, axis=0)
    for number in range(rows * columns):
        row, column = divmod(number, columns)
        copies[number, row : row + side, column : column + side] = 0
    return (score(image[None]) - score(copies)).reshape(rows, columns)
    ### END SOLUTION


# %% tags=["check"]
occlusion_map = week.occlusion_map.check(occlusion_map)


# %%
def probability_of(label):
    """A score for your function: the network's probability of one class, for each image."""
    return lambda images: best.predict(images, verbose=0)[:, label]


names, probabilities = loaded.class_names, best.predict(test.images, verbose=0)
highest, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == test.labels
unsure, wrong = np.where(right, highest, 2).argmin(), np.where(right, 0, highest).argmax()
for number in (unsure, wrong):
    image, true, order = test.images[number], test.labels[number], probabilities[number].argsort()
    output, second = order[-1], order[-2]  # the classes with the two highest probabilities
    other = true if output != true else second
    maps = {
        f"probability of {names[label]}": occlusion_map(probability_of(label), image, 7) for label in (output, other)
    }
    caption = f"a {names[true]}, read as {names[output]} ({probabilities[number, output]:.2f})"
    week.decision_maps(image, maps, caption, "Violet: covering lowers the probability; orange: raises it")

# %% [markdown]
# Each pixel of a map is the centre of one square. In the grey margin squares would leave the image. The first image was
# a close decision: most squares that lower one probability raise the other. In the second, the violet squares made the
# network sure. Does covering help the true class? Look for orange in its map: here there is little, so other classes
# gain.
#
# ## Scale up to AlexNet
# AlexNet takes colour photographs of 227x227 pixels. Its training took about 100 hours on two graphics cards (lecture
# E). **Predict:** what fraction of its weights is in the convolutions, and what fraction of its work?

# %%
ALEXNET = [
    Layer("conv", 96, kernel=11, stride=4),
    Layer("pool", kernel=3, stride=2),
    Layer("conv", 256, kernel=5, padding=2),
    Layer("pool", kernel=3, stride=2),
    Layer("conv", 384, kernel=3, padding=1),
    Layer("conv", 384, kernel=3, padding=1),
    Layer("conv", 256, kernel=3, padding=1),
    Layer("pool", kernel=3, stride=2),
    Layer("flatten"),
    *(Layer("dense", units) for units in (4096, 4096, 1000)),
]
alexnet_costs = costs(ALEXNET, (227, 227, 3))
title = "AlexNet: blue are convolutions, orange dense layers"
week.layer_bars(list(alexnet_costs), list(alexnet_costs.values()), title)

# %%
alexnet = week.to_keras(ALEXNET, (227, 227, 3))
plots.architecture(alexnet, "AlexNet: a box can hold a pooling and the convolution after it")
print(f"Keras: {alexnet.count_params():,} weights; your counter: {weights(ALEXNET, (227, 227, 3)):,}")

# %% tags=["claim"]
shape = (227, 227, 3)
for layer, built in zip(ALEXNET, alexnet.layers, strict=True):
    shape = output_shape(layer, shape)
    assert built.output.shape[1:] == shape
assert alexnet.count_params() == weights(ALEXNET, (227, 227, 3)) == 62_378_344
assert sum(work for _, work in alexnet_costs.values()) == 1_135_256_096

# %% tags=["nbval-check-output"]
# Lecture E's slide has "2 pooling layers", our list has three. We leave out one at a time.
for number in (1, 3, 7):
    without = ALEXNET[:number] + ALEXNET[number + 1 :]
    print(f"without the pooling of layer {number + 1}: {weights(without, (227, 227, 3)):,} weights")

# %% tags=["claim"]
assert weights(without, (227, 227, 3)) == 201_838_952

# %% [markdown]
# Convolutions have 6.0% of the weights and do 94.8% of the work. Lecture E gives 6%, 95%, 62.3 million weights and 1.1
# billion operations, and your counter agrees. But the slide misses a pooling. With only two, 13x13 pixels reach the
# first dense layer instead of 6x6, and the weights grow to 201.8 million.
#
# ## Answer the question

# %%
table = []
for name, layer_costs in (("LeNet, 1998", lenet_costs), ("AlexNet, 2012", alexnet_costs)):
    total = np.sum(list(layer_costs.values()), axis=0)
    conv = np.sum([pair for layer, pair in layer_costs.items() if layer.endswith("kernels")], axis=0)
    table.append([name, f"{total[0]:,}", f"{total[1]:,}", *(f"{fraction:.1%}" for fraction in conv / total)])
header = ["", "weights", "multiply-adds", "weights in convolutions", "work in convolutions"]
plots.table(table, header, "Two networks, fourteen years apart")

# %% [markdown]
# Both shrink images by convolutions and poolings, and end with dense layers. In both, the few weights of the
# convolutions do most of the work, and the first dense layer has most weights. AlexNet adds ReLU, max pooling, 1,000
# times the weights and 2,700 times the work.
#
# ## What you can do now
# - **Follow an image:** kernels set the channels, stride and padding the size.
# - **Count:** a kernel's weights are used at every position, a dense weight once.
# - **Explain:** sigmoids shrink differences between digits far more than ReLU.
# - **Compare:** LeNet beats a dense network of its size, above all on shifted digits.
# - **Look inside:** kernels, feature maps and occlusion maps.
# - **Say:** 94% of AlexNet's weights are in dense layers, 95% of its work is in convolutions.
#
# **Try next**
# - Let AlexNet pool its whole 6x6 image before `flatten`. How many weights remain?
# - Set `DATASET = "mnist"` and `setup(size="full")`. Do you reach 99%?
