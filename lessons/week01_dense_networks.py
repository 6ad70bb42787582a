# ---
# jupyter:
#   course:
#     seconds: 60
#     gigabytes: 1.5
# ---

# %% [markdown]
# # How can a machine that only multiplies and adds learn to read?
#
# A neural network multiplies numbers, adds them, and sets negative sums to 0. You write five short NumPy functions.
# They become a network that reads handwritten digits. Keras must then arrive at the same weights.
#
# **You will be able to**
# - compute the output of a dense network,
# - explain why it needs activation functions,
# - turn outputs into probabilities, and measure their error,
# - predict what learning rate, momentum and batch size do,
# - write backpropagation, and check it,
# - say why deep networks can fail to learn, and what helps.
#
# *Mirrors: lecture B, "Dense neural networks". About 60 minutes with the exercises; {cost}.*

# %% tags=["setup"]
from functools import partial
from itertools import pairwise

import numpy as np

from course_utils import by_size, data, measures, plots, setup
from course_utils.weeks import week01 as week

setup(seed=0)
import keras

keras.config.set_floatx("float64")  # Keras computes with 16 digits, as NumPy does

# %% tags=["parameters"]
DATASET = "digits"  # or "mnist", "fashion_mnist", or the path of your own images
STEPS = by_size(quick=3000, full=20_000)  # training steps of the network that learns to read

# %%
loaded = data.load(DATASET)
train_part, test_part = loaded.train.grey(28), loaded.test.grey(28)  # grey images of 28x28 pixels
plots.pictures(test_part.images[:24], title="24 handwritten digits", columns=12)

# %% tags=["claim"]
measures.measured_on("digits", loaded)  # limits hold for this data set only

# %% [markdown]
# ## Multiply and add
# Each node $k$ of a *dense layer* $l$ multiplies all its inputs $a_j$ by weights $w_{jk}$. It adds the products and a
# *bias* $b_k$. An *activation function* $g$ turns this sum $z_k$ into the node's output, its *activation* $a_k$:
#
# $$z_k^{[l]}=\sum_jw_{jk}^{[l]}a_j^{[l-1]}+b_k^{[l]},\qquad a_k^{[l]}=g(z_k^{[l]})$$
#
# Our first $g$ is *ReLU*. It sets negative sums to 0.
#
# ### Your turn: the sums of a layer
# Each row of `inputs` is an example, each column of `weights` belongs to a node. The docstring ends with an example.


# %% tags=["exercise"]
def weighted_sums(inputs, weights, biases):
    """The sums z of all nodes: an array (examples, nodes).

    `inputs` is (examples, inputs), `weights` is (inputs, nodes), `biases` is (nodes,).

    Example: inputs 1 and 2, weights 0.5 and 1 into one node, and bias -1 give 1 * 0.5 + 2 * 1 - 1 = 1.5.
    """
    ### BEGIN SOLUTION
    return inputs @ weights + biases
    ### END SOLUTION


# %% tags=["check"]
weighted_sums = week.weighted_sums.check(weighted_sums)  # yours from here on if it is right, otherwise the course's

# %% [markdown]
# Lecture B computes node 3 of layer 1 and node 4 of layer 2.  Our layer 1 has the activations 0.5, 0 and, as in the
# docstring's example, 1.5. **Predict:** node 4 of layer 2 has the weights 2, 3 and -1, and the bias
# 1. What is its activation?


# %%
def relu(z):
    return np.maximum(z, 0)


layer1 = np.array([[1, -2, 0.5], [-0.5, 0.5, 1]]), np.array([0.5, 0, -1])  # weights, biases
layer2 = np.array([[1, 0, -1, 2], [1, -1, 0, 3], [0, 1, 1, -1]]), np.array([0, -1, 0.5, 1])
inputs = np.array([[1.0, 2.0]])
first = relu(weighted_sums(inputs, *layer1))
second = relu(weighted_sums(first, *layer2))
week.draw_network([inputs, first, second], [layer1, layer2], marked=[(1, 3), (2, 4)])

# %% tags=["claim"]
assert first[0, 2] == 1.5 and second[0, 3] == 0.5

# %% [markdown]
# Its sum is $0.5·2+0·3-1.5·1+1=0.5$. ReLU keeps it.
#
# ## See why layers need activation functions
# Without activation functions, two layers compute $(xW_1+b_1)W_2+b_2$. Multiplied out, this is a single layer with the
# weights $W_1W_2$ and the biases $b_1W_2+b_2$.

# %% tags=["nbval-check-output"]
two_layers = weighted_sums(weighted_sums(inputs, *layer1), *layer2)
one_layer = weighted_sums(inputs, layer1[0] @ layer2[0], layer1[1] @ layer2[0] + layer2[1])
print("two layers without ReLU:", two_layers)
print("a single layer:         ", one_layer)

# %% tags=["claim"]
assert np.allclose(two_layers, one_layer) and not np.allclose(two_layers, second)

# %% [markdown]
# Both results are equal. Without activation functions, even a hundred layers compute no more than one: multiplying and
# adding alone are not enough. Lecture B shows three activation functions. Their *slopes* say how fast $a$ changes with
# $z$.


# %%
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


SLOPES = {
    sigmoid: lambda z: sigmoid(z) * (1 - sigmoid(z)),
    np.tanh: lambda z: 1 - np.tanh(z) ** 2,
    relu: lambda z: np.where(z > 0, 1.0, 0.0),
}
z = np.linspace(-2.5, 2.5, 251)
functions = {"sigmoid": sigmoid, "tanh": np.tanh, "ReLU": relu}
panels = {name: (z, {"activation a": f(z), "its slope": SLOPES[f](z)}) for name, f in functions.items()}
plots.panels(panels, ("z", "value"), "Activation functions and their slopes")

# %% [markdown]
# Lecture B says that activation functions make networks *universal function approximators*. We fit a curve by a layer
# of ReLUs, each with its bend at another $x$, and one output with the best weights. **Predict:** by which factor does
# the largest error shrink with twice as many ReLUs?

# %%
x = np.linspace(0, 1, 400)
curve = np.sin(6 * x) + 0.5 * np.sin(15 * x)


def relu_fit(units):
    """The weighted sum of `units` ReLUs and a constant that is closest to the curve."""
    bends = np.arange(units) / units  # a ReLU with bias -0.2 bends at 0.2
    hidden = relu(weighted_sums(x[:, None], np.ones((1, units)), -bends))
    columns = np.column_stack([hidden, np.ones_like(x)])
    return columns @ np.linalg.lstsq(columns, curve, rcond=None)[0]


fits = {units: relu_fit(units) for units in (2, 4, 8, 16, 32, 64)}
lines = {"the curve": curve, **{f"{units} ReLUs": fits[units] for units in (4, 8)}}
plots.curves(x, lines, ("x", "value"), "Weighted sums of ReLUs follow a curve")
errors = {units: np.abs(fit - curve).max() for units, fit in fits.items()}
axes = ("ReLUs, as a power of 2", "largest error")
plots.curves(range(1, 7), {"error": list(errors.values())}, axes, "The largest error of 2 to 64 ReLUs", log=True)

# %% tags=["claim"]
measures.record("largest error of 32 ReLUs divided by that of 64", errors[32] / errors[64], at_least=3.5, at_most=4.5)

# %% [markdown]
# From 4 ReLUs on, twice as many make the error about four times smaller: a straight piece half as long misses the curve
# by a quarter as much.
#
# ## Turn sums into probabilities
# The last layer has one node for each class. Its sums are called *logits*. *Softmax* turns them into probabilities:
#
# $$s(z)_k=\frac{e^{z_k}}{\sum_ie^{z_i}}$$
#
# ### Your turn: a softmax for large logits, too
# The power $e^{1000}$ is too large for a computer. But only differences of logits matter: 1000 and 1001 give the same
# probabilities as 0 and 1.


# %% tags=["exercise"]
def softmax(logits):
    """The probabilities of each example: an array (examples, classes), like `logits`; each row adds up to 1.

    Example: the logits 0 and ln 3 = 1.0986 have the powers 1 and 3, so the probabilities 0.25 and 0.75.
    """
    ### BEGIN SOLUTION
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %% tags=["check"]
softmax = week.softmax.check(softmax)

# %% [markdown]
# ## Measure the error
# The network gives the true class of each example a probability. The product of these is the *likelihood*, which should
# be large. Its negative logarithm is a sum, which should be small. Divided by the number $m$ of examples, it is the
# *cross-entropy*:
#
# $$J=-\frac{1}{m}\sum_{i=1}^m\sum_k\tilde{y}_k^{(i)}\log\hat{y}_k^{(i)}$$
#
# Here $(i)$ is the number of the example, $\hat{y}$ are the probabilities, and the target $\tilde{y}$ is *one-hot*: 1
# for the true class, 0 for all others.
#
# ### Your turn: cross-entropy
# Use the natural logarithm, `np.log`.


# %% tags=["exercise"]
def cross_entropy(probabilities, targets):
    """The mean cross-entropy, a single number; both arrays are (examples, classes), and `targets` is one-hot.

    Example: the true classes of two examples get 0.5 and 0.25. J is (0.693 + 1.386) / 2 = 1.04.
    """
    ### BEGIN SOLUTION
    return -np.mean(np.log(probabilities[targets == 1]))
    ### END SOLUTION


# %% tags=["check"]
cross_entropy = week.cross_entropy.check(cross_entropy)

# %% [markdown]
# ## Step downhill
# The *gradient* $\nabla J$ holds the slope of the loss $J$ for each weight, and points uphill. *Gradient descent* steps
# the other way, by the learning rate $\lambda$ times the gradient. The *velocity* $v$ is the step. *Momentum* keeps a
# fraction $\mu$ of the last one:
#
# $$v\leftarrow\mu v-\lambda\nabla J,\qquad\theta\leftarrow\theta+v$$
#
# Here $\theta$ are weights or biases. With $\mu=0$ this is lecture B's equation (4).
#
# ### Your turn: the update
# Compute the velocity first, then the weights.


# %% tags=["exercise"]
def update(weights, velocity, gradient, rate, momentum):
    """The new weights and the new velocity, two arrays of the shape of `weights`.

    Example: weight 1, velocity 0, gradient 2, rate 0.1 and momentum 0.9 give the weight 1 - 0.2 = 0.8 and the velocity
    0.9 * 0 - 0.1 * 2 = -0.2. The same gradient again gives 0.8 - 0.38 = 0.42 and 0.9 * -0.2 - 0.2 = -0.38.
    """
    ### BEGIN SOLUTION
    velocity = momentum * velocity - rate * gradient
    return weights + velocity, velocity
    ### END SOLUTION


# %% tags=["check"]
update = week.update.check(update)

# %% [markdown]
# With two weights we can draw the loss as a surface. A small model tells 3 from 8 by the ink in the left and right half
# of an image. We find its gradient by *nudges*: change a weight a little, and see how the loss changes.
#
# We walk 40 steps at the rates 0.3, 3 and 6, and at 0.3 with momentum 0.8. **Predict:** which walks reach the lowest
# point? Which never settles?


# %%
ink, two_targets = week.ink_of_halves(train_part)  # (examples, 2), both


def loss_of(weights):
    """Cross-entropy where class 3 has the logit 0, and class 8 has w1·left + w2·right."""
    return cross_entropy(softmax(weighted_sums(ink, np.outer(weights, [0, 1]), np.zeros(2))), two_targets)


def nudged_gradient(loss, weights, size=1e-5):
    """The gradient by nudges: for each weight, the change of `loss` divided by the change of the weight."""
    gradient = np.zeros_like(weights)
    for position in np.ndindex(weights.shape):
        nudge = np.zeros_like(weights)
        nudge[position] = size
        gradient[position] = (loss(weights + nudge) - loss(weights - nudge)) / (2 * size)
    return gradient


# %%
def descend(rate, momentum=0.0):
    """The weights after each of 40 steps: an array (41, 2)."""
    path, velocity = [np.array([-1.5, -1.0])], np.zeros(2)
    for _ in range(40):
        gradient = nudged_gradient(loss_of, path[-1])
        weights, velocity = update(path[-1], velocity, gradient, rate, momentum)
        path.append(weights)
    return np.array(path)


paths = {f"rate {rate}": descend(rate) for rate in (0.3, 3, 6)}
paths["rate 0.3, momentum 0.8"] = descend(0.3, 0.8)
lowest = week.draw_surface(loss_of, paths)

# %% tags=["claim"]
above = {name: loss_of(path[-1]) - lowest for name, path in paths.items()}
for name, limit in {"rate 3": 0.005, "rate 0.3, momentum 0.8": 0.005}.items():
    measures.record(f"loss above the lowest, {name}", above[name], at_most=limit)
for name, limit in {"rate 0.3": 0.01, "rate 6": 0.1}.items():
    measures.record(f"loss above the lowest, {name}", above[name], at_least=limit)

# %% [markdown]
# The loss is a long valley. Rate 0.3 is slow, because the slope along the valley is small. Rate 3 arrives, and rate 6
# jumps from side to side. With momentum, 0.3 arrives: equal steps add up, opposite ones cancel.
#
# ## Send the error backward
# Our network for digits will have 101,770 weights and biases. Nudging needs two forward passes for each.
# *Backpropagation* gets the whole gradient in one backward pass. In lecture B's equations, with (5c) written for the
# layer before, node $k$ is in layer $l$ and its input $j$ in layer $l-1$:
#
# $$\frac{\partial{J}}{\partial{w}_{jk}^{[l]}}=\frac{\partial{J}}{\partial{z}_k^{[l]}}a_j^{[l-1]}\;(5a)\qquad
# \frac{\partial{J}}{\partial{b}_k^{[l]}}=\frac{\partial{J}}{\partial{z}_k^{[l]}}\;(5b)$$
#
# $$\frac{\partial{J}}{\partial{z}_j^{[l-1]}}=g'(z_j^{[l-1]})\sum_k\frac{\partial{J}}{\partial{z}_k^{[l]}}
# w_{jk}^{[l]}\;(5c)\qquad\frac{\partial{J}}{\partial{z}_k^{[L]}}=\hat{y}_k-\tilde{y}_k\;(5d)$$
#
# (5d) is the error of the last layer $L$: probability minus target. (5c) sends it back: node $j$ adds the errors of all
# nodes that it feeds, times the weights between, and multiplies by its own slope $g'$.
#
# ### Your turn: one layer backward
# `dz` is short for $\partial{J}/\partial{z}$. Compute (5a), (5b) and (5c) for one layer. Add up (5a) and (5b) over the
# examples; (5c) keeps a row for each.


# %% tags=["exercise"]
def layer_backward(dz, inputs, weights, slopes):
    """Three arrays: dw (inputs, nodes), db (nodes,), and dz of the layer before (examples, inputs).

    `dz` is (examples, nodes), `inputs` is (examples, inputs), `weights` is (inputs, nodes).
    `slopes` is g' of the layer before, (examples, inputs).

    Example: inputs 1 and 2, weights 3 and 4 into one node, `dz` 0.5, slopes 1 and 0. Then `dw` is 0.5 * 1 = 0.5 and
    0.5 * 2 = 1, `db` is 0.5, and the layer before gets 1 * 0.5 * 3 = 1.5 and 0 * 0.5 * 4 = 0.
    """
    ### BEGIN SOLUTION
    return inputs.T @ dz, dz.sum(axis=0), slopes * (dz @ weights.T)
    ### END SOLUTION


# %% tags=["check"]
layer_backward = week.layer_backward.check(layer_backward)

# %% [markdown]
# ## Put the network together
# A network is a list: weights, biases, weights, biases, and so on. The way back starts at (5d) and calls your
# `layer_backward` for each layer, the last one first. $J$ is a mean, so we divide (5d) by the number of examples.


# %%
def forward(network, x, activation=relu):
    """Lists of the z and a of each layer. The first a is `x`, and the last a are probabilities."""
    z, a = [], [x]
    for weights, biases in zip(network[::2], network[1::2], strict=True):
        z.append(weighted_sums(a[-1], weights, biases))
        a.append(activation(z[-1]))
    a[-1] = softmax(z[-1])
    return z, a


def loss_and_gradients(network, x, y, activation=relu):
    """The cross-entropy, and a list of gradients that is ordered like the network."""
    z, a = forward(network, x, activation)
    slopes = [np.ones_like(x)] + [SLOPES[activation](one) for one in z]  # no activation function before the inputs
    dz, gradients = (a[-1] - y) / len(x), []  # (5d)
    for layer in reversed(range(len(z))):
        dw, db, dz = layer_backward(dz, a[layer], network[2 * layer], slopes[layer])
        gradients = [dw, db, *gradients]
    return cross_entropy(a[-1], y), gradients


# %% [markdown]
# ## Check the gradients
# A wrong gradient may still learn a little. We check ours in three ways: by nudges, by TensorFlow's automatic
# `GradientTape`, and by a Keras *twin* with the same weights. One step at rate 1 changes the twin's weights by minus
# the gradient. We start from random weights, whose size follows *He's rule*.


# %%
def he(inputs, nodes):
    """He's rule: random weights of nodes with n inputs have the standard deviation sqrt(2 / n)."""
    return np.sqrt(2 / inputs)


def new_network(sizes, deviation, rng):
    """Random weights of standard deviation `deviation(inputs, nodes)`, and biases 0."""
    network = []
    for inputs, nodes in pairwise(sizes):
        network += [rng.normal(0, deviation(inputs, nodes), (inputs, nodes)), np.zeros(nodes)]
    return network


def keras_twin(network, momentum):
    """A compiled Keras network with the same weights."""
    *hidden, last = [len(biases) for biases in network[1::2]]
    dense = [keras.layers.Dense(nodes, activation="relu") for nodes in hidden]
    output = keras.layers.Dense(last, activation="softmax")
    twin = keras.Sequential([keras.Input((len(network[0]),)), *dense, output])
    twin.set_weights(network)
    optimizer = keras.optimizers.SGD(1.0, np.float64(momentum))  # Keras would round a plain 0.9 to 7 digits
    twin.compile(optimizer, "categorical_crossentropy")
    return twin


# %%
rng = np.random.default_rng(0)
small = new_network([6, 5, 4, 3], he, rng)
small = [array + rng.normal(0, 0.1, array.shape) for array in small]  # at z = 0 ReLU has no slope
x, y = rng.normal(size=(8, 6)), np.eye(3)[rng.integers(3, size=8)]


def loss_with(number, array):
    """The loss where one array of the small network is replaced."""
    return loss_and_gradients([*small[:number], array, *small[number + 1 :]], x, y)[0]


twin = keras_twin(small, momentum=0.0)
twin.train_on_batch(x, y)
others = {
    "nudges": [nudged_gradient(partial(loss_with, number), array) for number, array in enumerate(small)],
    "GradientTape": week.tape_gradients(small, x, y),
    "a step of the Keras twin": [old - new for old, new in zip(small, twin.get_weights(), strict=True)],
}
gradients = loss_and_gradients(small, x, y)[1]
gaps = {name: week.largest_difference(gradients, other) for name, other in others.items()}
plots.table([[name, f"{gap:.0e}"] for name, gap in gaps.items()], ["your gradient against", "largest difference"])

# %% tags=["claim"]
assert max(gaps.values()) < 1e-5

# %% [markdown]
# All agree. Nudges are the least exact: subtracting two nearly equal losses loses digits.
#
# ## Learn to read
# Now the digits: 784 pixels minus their means over the training images, 128 hidden nodes, and a node for each class.
#
# A *mini-batch* of a few random images is cheap, but its gradient is noisy. The noise is its distance from the *full
# gradient* of all training images, divided by that one's length. **Predict:** to halve the noise, by which factor must
# the batch grow?

# %%
mean = train_part.images.mean(axis=0)
images, unseen = ((part.images - mean).reshape(-1, 784) for part in (train_part, test_part))
targets = np.eye(len(loaded.class_names))[train_part.labels]
start = new_network([784, 128, targets.shape[1]], he, np.random.default_rng(0))


def flat_gradient(chosen):
    """All slopes of the chosen images' loss in one row."""
    gradients = loss_and_gradients(start, images[chosen], targets[chosen])[1]
    return np.concatenate([gradient.ravel() for gradient in gradients])


full, noise = flat_gradient(slice(None)), {}
for size in (1, 4, 16, 64, 256, 1024):
    batch_gradients = [flat_gradient(rng.integers(len(images), size=size)) for _ in range(10)]
    noise[size] = np.mean([np.linalg.norm(gradient - full) for gradient in batch_gradients]) / np.linalg.norm(full)
labels = "images in a mini-batch", "noise"
plots.bars(list(map(str, noise)), list(noise.values()), labels, "Noise of mini-batch gradients")

# %% tags=["claim"]
measures.record("noise of 16 images divided by that of 64", noise[16] / noise[64], at_least=1.5, at_most=2.7)

# %% [markdown]
# Four times as many images halve the noise, at four times the cost. So we take many cheap steps of 32 images.
# The learning rate falls to 0.
#
# For 1,000 steps we also train a network that starts with zeros. **Predict:** what does it learn?


# %%
def batches(steps, size=32, rate=0.05):
    """Random mini-batches, always the same ones, each with its learning rate."""
    rng = np.random.default_rng(1)
    for step in range(steps):
        chosen = rng.integers(len(images), size=size)
        yield images[chosen], targets[chosen], rate * (1 - step / steps)


def train(network, steps, activation=relu):
    """The network after every 100 steps, and the loss of every step."""
    network, velocities = list(network), [np.zeros_like(array) for array in network]
    snapshots, losses = [], []
    for x, y, rate in batches(steps):
        loss, gradients = loss_and_gradients(network, x, y, activation)
        for i, gradient in enumerate(gradients):
            network[i], velocities[i] = update(network[i], velocities[i], gradient, rate, momentum=0.9)
        losses.append(loss)
        if len(losses) % 100 == 0:
            snapshots.append(list(network))
    return snapshots, losses


# %%
def accuracy(network, activation=relu):
    """The fraction of test images whose class gets the highest probability."""
    return np.mean(forward(network, unseen, activation)[1][-1].argmax(axis=1) == test_part.labels)


snapshots, losses = train(start, STEPS)
zero_losses = train([np.zeros_like(array) for array in start], 1000)[1]
classes, network = targets.shape[1], snapshots[-1]
lines = {"random start": week.means(losses), "zero start": week.means(zero_losses)}  # of 50 steps each
guess = {f"a guess: ln {classes}": np.log(classes)}
plots.paths(lines, ("step", "cross-entropy"), "Your functions learn to read", guess)
print(f"Your network reads {accuracy(network):.1%} of {len(unseen):,} unseen images.")

# %% tags=["claim"]
measures.record("accuracy of the NumPy network on unseen images", accuracy(network), at_least=0.93)
measures.record("loss of the zero start at its end", zero_losses[-1], at_least=2)

# %% [markdown]
# Your functions read about 96% of the unseen digits. The zero start learns only its last biases, so it guesses. Its
# hidden activations are 0, so (5a) gives the last weights no gradient. Its last weights are 0, so (5c) sends nothing
# back. Random weights are the cure.
#
# ## Compare with Keras
# The twin gets the same start, mini-batches and learning rates. Every 100 steps we compare all weights.

# %%
twin = keras_twin(start, momentum=0.9)
plots.architecture(twin, title="The Keras twin: two dense layers")
differences = []
for step, (x, y, rate) in enumerate(batches(STEPS), 1):
    twin.optimizer.learning_rate = rate
    twin.train_on_batch(x, y)
    if step % 100 == 0:
        differences.append(week.largest_difference(twin.get_weights(), snapshots[step // 100 - 1]))
print(f"Largest difference of a weight in {STEPS:,} steps: {max(differences):.0e}")
probabilities = twin.predict(unseen, verbose=0)
twin_accuracy = np.mean(probabilities.argmax(axis=1) == test_part.labels)
print(f"The twin reads {twin_accuracy:.1%}, your network {accuracy(network):.1%}.")
week.draw_mistakes(test_part, probabilities, loaded.class_names)

# %% tags=["claim"]
assert max(differences) < 1e-8
measures.record(
    "accuracy of NumPy against Keras: difference in points", 100 * abs(accuracy(network) - twin_accuracy), at_most=1
)

# %% [markdown]
# All weights agree, to 14 decimals. Your functions and the loop above do all that Keras does here. Several mistakes
# lean, or lie off-centre. Each pixel has its own weights, so every position must be learned anew.
#
# ## Follow the gradient through ten layers
# Can ten layers learn? On the way back, (5c) multiplies by slopes and weights at each. We measure the length of
# $\partial{J}/\partial{W}$ in all ten, before and after 400 steps. Between layers of 32 nodes, *Glorot's rule* makes
# random weights 1.4 times smaller than He's.
#
# **Predict:** the sigmoid's slope is at most 0.25, and nine sigmoids lie between the first and last layer. How many
# times smaller is the first layer's gradient than the last's?


# %%
def glorot(inputs, nodes):
    """Glorot's rule: the standard deviation sqrt(2 / (n + k)) for n inputs and k nodes."""
    return np.sqrt(2 / (inputs + nodes))


def gradient_lengths(network, activation):
    """The length of dJ/dW in each layer, over 500 training images."""
    gradients = loss_and_gradients(network, images[:500], targets[:500], activation)[1]
    return [np.linalg.norm(gradient) for gradient in gradients[::2]]


starts = {"sigmoid, Glorot": (sigmoid, glorot), "tanh, Glorot": (np.tanh, glorot)}
starts |= {"ReLU, Glorot": (relu, glorot), "ReLU, He": (relu, he)}
before, after, read = {}, {}, {}
for name, (activation, deviation) in starts.items():
    deep = new_network([784] + [32] * 9 + [classes], deviation, np.random.default_rng(0))
    before[name] = gradient_lengths(deep, activation)
    deep = train(deep, 400, activation)[0][-1]
    after[name], read[name] = gradient_lengths(deep, activation), accuracy(deep, activation)
panels = {
    when: (range(1, 11), {f"{name}: {read[name]:.0%}": lengths[name] for name in starts})
    for when, lengths in {"at the start": before, "after training": after}.items()
}
plots.panels(panels, ("layer", "length of dJ/dW"), "Gradients in ten layers (%: accuracy after training)", log=True)

# %% tags=["claim"]
ratio = {name: lengths[0] / lengths[-1] for name, lengths in before.items()}
measures.record("sigmoid: first layer's gradient / last layer's", ratio["sigmoid, Glorot"], at_most=1e-4)
measures.record("ReLU with He's rule: first layer's gradient / last layer's", ratio["ReLU, He"], at_least=1)
measures.record("accuracy with the sigmoid", read["sigmoid, Glorot"], at_most=0.3)
measures.record("accuracy with ReLU and He's rule", read["ReLU, He"], at_least=0.7)

# %% [markdown]
# Nine slopes of 0.25 multiply to $0.25^9≈1/260000$.  With the sigmoid, the first layer's gradient starts about 200,000
# times smaller than the last's. It *vanishes*, and in these 400 steps the network learns nothing.
#
# With tanh and ReLU all layers' gradients stay within a factor of ten, and the networks learn. ReLU sets about half of
# all sums to 0, and He's larger weights make up for that. With Glorot's rule ReLU's gradients start about 20 times
# smaller, but grow in training.
#
# ## What you can do now
# - Compute a dense network: products, sums, activation functions.
# - Explain activation functions: without them all layers are one.
# - Turn outputs into probabilities by softmax, and measure their error by cross-entropy.
# - Predict: a high rate jumps, momentum speeds up a low one, four times the batch halves the noise.
# - Write backpropagation, and check it by nudges, `GradientTape` and a twin.
# - Say why deep sigmoid networks fail: gradients vanish. Tanh or ReLU helps.
#
# **Try next:** put 16, 64 and 512 for the 128 in `start`, and run on from there. When do more nodes stop helping?
#
# Next: **week 2**, where nine shared weights form a kernel.
