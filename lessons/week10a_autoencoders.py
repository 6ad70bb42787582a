# ---
# jupyter:
#   course:
#     seconds: 80
#     gigabytes: 1.5
# ---

# %% [markdown]
# # What can a network learn without labels?
#
# Labels cost time. Here is a task that needs none: compress an image to a few numbers, and rebuild it. A network that
# does this well has probably found what digits share.
#
# **You will be able to**
# - explain which plane a linear autoencoder finds,
# - read lecture A's convolutional autoencoder, and squeeze its code to 32 numbers,
# - say which images can be compressed,
# - walk between two codes, and map many codes with t-SNE,
# - measure whether unsupervised pre-training helps a classifier.
#
# *Mirrors: lecture A, "Autoencoder" to "Unsupervised Pre-Training"; lecture B, "t-distributed stochastic neighbour
# embedding" and "Autoencoders"; lecture D, "Autoencoder's compression". About 90 minutes with the exercises; {cost}.*

# %% tags=["setup"]
import numpy as np
from scipy.linalg import subspace_angles
from scipy.optimize import check_grad
from scipy.spatial.distance import cdist
from sklearn.linear_model import RidgeClassifierCV
from sklearn.manifold import TSNE, trustworthiness
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from course_utils import by_size, data, measures, plots, setup, training
from course_utils.weeks import week10a as week

setup(seed=0)
import keras
from keras import layers

# %% tags=["parameters"]
DATASET = "digits"  # or "mnist", "fashion_mnist", or a path: IDX or NPZ files, a folder of class folders
CODE = 32  # numbers in the code
STEPS = by_size(quick=560, full=3000)  # of training, with 64 images each

# %% [markdown]
# ## Look at the images
# Each image has 28x28 = 784 pixels, from 0 (black) to 1 (white). **Predict:** you describe one of these digits on the
# telephone. How many numbers does the other person need to draw it?

# %%
loaded = data.load(DATASET)
measures.measured_on("digits" if CODE == 32 else "", loaded)  # the limits below hold for these digits and 32 numbers
train, test = loaded.train.grey(28), loaded.test.grey(28)  # 28x28 pixels, one channel
images, unseen, labels = train.images[:20_000], test.images[:2000], test.labels[:2000]
NAMES = loaded.class_names
plots.pictures(images[:16], title="Training images. We do not use their labels", columns=8)

# %% [markdown]
# ## Find a plane with the smallest autoencoder
# An autoencoder has two parts. The *encoder* g maps an input x to a *code* z = g(x). The *decoder* h maps the code to
# the output h(z). (Lecture B once prints g(z) by mistake.) The target is the input itself.
#
# Lecture A's smallest example takes points in space: 3 numbers in, a code of 2, and 3 numbers out. The decoder is
# linear: it adds up two directions, each times a number of the code, and a bias. So its outputs lie in one plane.


# %%
def batches(inputs, targets, size=64, seed=0):
    """Endless batches, in a new order each time round."""
    rng = np.random.default_rng(seed)
    while True:
        for chosen in np.array_split(rng.permutation(len(inputs)), max(1, len(inputs) // size)):
            yield inputs[chosen], targets[chosen]


rng = np.random.default_rng(0)
points = rng.normal(size=(300, 2)) @ [[1.0, 0.2, 0.7], [-0.4, 0.8, 0.5]] + rng.normal(scale=0.15, size=(300, 3))
encode, decode = layers.Dense(2, name="code"), layers.Dense(3)
linear = keras.Sequential([keras.Input((3,)), encode, decode])
linear.compile(keras.optimizers.Adam(0.05), "mse")
linear.fit(batches(points, points, size=300), steps_per_epoch=200, shuffle=False, verbose=0)
plots.architecture(linear, title="The smallest autoencoder")

# %% [markdown]
# Principal component analysis (PCA) also finds a plane: it takes the two directions in which the points vary most.
# **Predict:** how many degrees lie between the two planes?

# %%
_, components = week.fit_pca(points, 2)  # scikit-learn's PCA: the mean, and the directions as rows
decoder_rows = decode.get_weights()[0]  # they span the plane of all outputs
angle = np.degrees(subspace_angles(components.T, decoder_rows.T).max())
week.planes(points, {"PCA": components, "autoencoder": decoder_rows}, f"The two planes: {angle:.1f} degrees apart")

# %% tags=["claim"]
measures.record("angle between the autoencoder's plane and PCA's, in degrees", angle, at_most=2)

# %% [markdown]
# The planes nearly coincide. The squared error is the variance that a plane loses. PCA keeps most, so it loses least.
# (Directions within it may differ.)
#
# ## Read lecture A's convolutional autoencoder
# Lecture A's encoder has three convolutions, each with max pooling. Its decoder has three transposed convolutions with
# stride 2 (week 9a). With "valid" padding, 3 pixels become (3-1)x2+3 = 7. With "same" padding, their number doubles.
# SELU resembles ReLU, but has small negative outputs.


# %%
def activation(norm):
    """The layers behind a convolution: SELU as in lecture A, or batch normalisation and ReLU."""
    if norm:
        return [layers.BatchNormalization(momentum=0.95), layers.ReLU()]
    return [layers.Activation("selu")]


def convolutions(norm):
    """Lecture A's encoder: from 28x28 pixels to 64 feature maps of 3x3."""
    stack = [keras.Input((28, 28, 1))]
    for channels in (16, 32, 64):
        # Lecture A pools after SELU. Pooling before it gives the same numbers, as SELU never falls, and is cheaper.
        stack += [layers.Conv2D(channels, 3, padding="same"), layers.MaxPooling2D(), *activation(norm)]
    return keras.Sequential(stack)


def transposed_convolutions(norm):
    """Lecture A's decoder: from 64 feature maps of 3x3 to 28x28 pixels."""
    stack = [keras.Input((3, 3, 64)), layers.Conv2DTranspose(32, 3, strides=2), *activation(norm)]
    stack += [layers.Conv2DTranspose(16, 3, strides=2, padding="same"), *activation(norm)]
    stack += [layers.Conv2DTranspose(1, 3, strides=2, padding="same", activation="sigmoid")]
    return keras.Sequential(stack)


# %%
lecture_encoder, lecture_decoder = convolutions(norm=False), transposed_convolutions(norm=False)
lecture = keras.Sequential([lecture_encoder, lecture_decoder])
plots.architecture(lecture, title="Lecture A's autoencoder")

# %% tags=["claim"]
assert lecture_encoder.output_shape == (None, 3, 3, 64)
shapes = [layer.output.shape[1:] for layer in lecture_decoder.layers if isinstance(layer, layers.Conv2DTranspose)]
assert shapes == [(7, 7, 32), (14, 14, 16), (28, 28, 1)]

# %% [markdown]
# The loss is binary cross-entropy. Grey pixels keep it above 0 even for a perfect copy: 0.5 costs at least 0.69. So we
# compare copies by the mean squared error, as PCA does.


# %%
def learn_to_copy(network, steps, title):
    """Train a network to reproduce its input."""
    network.compile("adam", "binary_crossentropy")
    # The learning rate rises to 0.01 in the first tenth of the steps, then falls to zero.
    perfect = float(keras.losses.BinaryCrossentropy()(images[:4000], images[:4000]))
    curve = training.LiveCurve(f"{title} (a perfect copy: {perfect:.3f})", every=10, seconds=5)
    callbacks = [training.WarmupThenDecay(0.01), curve]
    network.fit(batches(images, images), steps_per_epoch=steps, shuffle=False, verbose=0, callbacks=callbacks)


def run(network, inputs):
    """The outputs of a network, computed for about 250 inputs at a time."""
    parts = np.array_split(inputs, int(np.ceil(len(inputs) / 250)))
    return np.concatenate([network(part, training=False) for part in parts])


def error(rebuilt, originals):
    """Mean squared error of a pixel."""
    return float(np.mean((rebuilt - originals) ** 2))


# %%
learn_to_copy(lecture, by_size(quick=200, full=2000), "Lecture A's network learns to copy")
copies = run(lecture, unseen)
plots.pictures([*unseen[:8], *copies[:8]], title="Unseen images (top) and their copies (bottom)", columns=8)

# %% [markdown]
# The strokes are right, but small holes fill up. And the code has 3x3x64 = 576 numbers, for 784 pixels. Our baseline is
# PCA with 576 directions, and so 576 numbers. **Predict:** whose copies have the smaller error?
#
# ### Your turn: use PCA as an autoencoder
# A row of `rows` (n, pixels) is an image, a row of `components` (count, pixels) a direction of length 1. Subtract the
# `mean` (pixels,). The code is the scalar product with each direction. To rebuild the image, multiply each direction by
# its number, add them up, and add the mean. The image (3, 5) with mean (1, 1) and the only direction (1, 0) has the
# code 2, and becomes (3, 1).


# %% tags=["exercise"]
def pca_rebuild(rows, mean, components):
    """Images (n, pixels), rebuilt from their PCA codes."""
    ### BEGIN SOLUTION
    codes = (rows - mean) @ components.T
    return codes @ components + mean
    ### END SOLUTION


# %% tags=["check"]
pca_rebuild = week.pca_rebuild.check(pca_rebuild)


# %%
def pca_copies(originals, training_images, count):
    """Copies of images by PCA with `count` components, which come from the training images."""
    mean, components = week.fit_pca(training_images, count)
    return pca_rebuild(originals.reshape(len(originals), -1), mean, components).reshape(originals.shape)


network_error, pca_error = error(copies, unseen), error(pca_copies(unseen, images, 576), unseen)
print(f"mean squared error with 576 numbers: network {network_error:.5f}, PCA {pca_error:.7f}")

# %% tags=["claim"]
measures.record("how many times smaller PCA-576's error is", network_error / pca_error, at_least=100)

# %% [markdown]
# PCA's error is more than a hundred times smaller. Lecture A speaks of a bottleneck, but 576 numbers are hardly one.
# With so many, a good copy proves nothing.
#
# ## Squeeze the code to 32 numbers
# Now a dense layer behind the convolutions computes 32 numbers, and the decoder begins with one from 32 to 576. This is
# harder to train, so `norm=True` replaces SELU by batch normalisation and ReLU. **Predict:** which has the smaller
# error now, PCA or the network?
#
# ### Your turn: the encoder's squeeze
# You get `network`, with output shape (3, 3, 64). Return a new `keras.Sequential` of three layers: `network` as a
# whole, one that makes a vector of all 576 values, and a dense one with `size` outputs. No activation follows: a code
# may have any value.


# %% tags=["exercise"]
def squeeze(network, size):
    """Encoder: the network, then one vector, then `size` numbers."""
    ### BEGIN SOLUTION
    return keras.Sequential([network, layers.Flatten(), layers.Dense(size)])
    ### END SOLUTION


# %% tags=["check"]
squeeze = week.squeeze.check(squeeze)

# %%
features = convolutions(norm=True)
encoder = squeeze(features, CODE)
decoder = keras.Sequential(
    [
        keras.Input((CODE,)),
        layers.Dense(576),
        *activation(norm=True),
        layers.Reshape((3, 3, 64)),
        transposed_convolutions(norm=True),
    ]
)
autoencoder = keras.Sequential([encoder, decoder])
plots.architecture(autoencoder, title=f"Your encoder and its decoder, with a code of {CODE} numbers")
learn_to_copy(autoencoder, STEPS, f"Learning to copy through {CODE} numbers")

# %%
by_network, by_pca = run(autoencoder, unseen), pca_copies(unseen, images, CODE)
first = [int(np.flatnonzero(labels == label)[0]) for label in np.unique(labels)[:8]]  # one of each of these classes
plots.pictures(
    [*unseen[first], *by_pca[first], *by_network[first]],
    columns=len(first),
    span=(0, 1),
    title="Unseen images (top), copies by PCA (middle) and by the network (bottom)",
)
print(f"mean squared error: PCA {error(by_pca, unseen):.4f}, network {error(by_network, unseen):.4f}")

# %% tags=["claim"]
ratio = error(by_network, unseen) / error(by_pca, unseen)
measures.record(f"error with {CODE} numbers, as a fraction of PCA's", ratio, at_most=0.45)

# %% [markdown]
# Now the network wins: its error is less than half of PCA's. So 32 numbers are enough, for a listener with the decoder.
# (The network with 576 had SELU and fewer steps.) PCA only adds up 32 fixed images, so its strokes are blurred. The
# network is not linear, and its strokes are clean.
#
# ## Compress noise
# Lecture D says that compression needs *regularities*: pixels that depend on each other. We test this with noise: each
# pixel takes its value from a random image. We measure the fraction of the variance that is lost. The mean image as a
# copy loses 100%. PCA is fitted to each kind of image: it shows what can be compressed. The network has seen only
# digits. Mirrored digits and negatives show what else it can copy. **Predict:** how much of the noise does each lose?

# %%
rng = np.random.default_rng(1)


def shuffle_across_images(images):
    """Give each pixel its value from an image chosen at random."""
    return rng.permuted(images.reshape(len(images), -1), axis=0).reshape(images.shape)


known, new = images[:4000], unseen[:1000]
kinds = {"digits": (known, new), "mirrored digits": (known[:, :, ::-1], new[:, :, ::-1])}
kinds |= {"negatives": (1 - known, 1 - new), "noise": (shuffle_across_images(known), shuffle_across_images(new))}
lost, rebuilt = {}, {}
for kind, (fitted_on, tested) in kinds.items():
    rebuilt[kind] = pca_copies(tested, fitted_on, CODE), run(autoencoder, tested)
    lost[kind] = [error(copy, tested) / error(fitted_on.mean(axis=0), tested) for copy in rebuilt[kind]]
rows = [[kind, *(f"{fraction:.0%}" for fraction in fractions)] for kind, fractions in lost.items()]
plots.table(rows, ["variance lost", f"PCA with {CODE} numbers", "network"])
shown = {"mirrored digits": 2, "negatives": 3, "noise": 3}
inputs = [image for kind, count in shown.items() for image in kinds[kind][1][:count]]
outputs = [copy for kind, count in shown.items() for copy in rebuilt[kind][1][:count]]
title = "Mirrored digits, negatives and noise (top), and the network's copies (bottom)"
plots.pictures([*inputs, *outputs], columns=8, span=(0, 1), title=title)

# %% tags=["claim"]
measures.record("fraction of noise that PCA loses", lost["noise"][0], at_least=0.85)
measures.record("fraction of noise that the network loses", lost["noise"][1], at_least=1.2)
measures.record("fraction of negatives that the network loses", lost["negatives"][1], at_least=2)
measures.record("fraction of mirrored digits that the network loses", lost["mirrored digits"][1], at_most=0.2)

# %% [markdown]
# PCA loses about nine tenths of the noise. Its pixels are independent, so 32 numbers hold about 32 of a few hundred
# busy pixels. The network loses more than 100%: the mean image is better. It fails on negatives, too, which are as
# regular as digits. But it loses little of mirrored digits, as their strokes are similar. Lecture D calls an
# autoencoder *data-specific*: it works only on data like its training data.
#
# ## Walk between two codes
# Take the codes of two images, and go straight from one to the other. **Predict:** what does the decoder generate
# halfway: both digits at half brightness?
#
# ### Your turn: the steps of the walk
# Return `count` codes in equal steps, both ends included. From (0, 4) to (2, 0), 3 codes are (0, 4), (1, 2), (2, 0).


# %% tags=["exercise"]
def walk(first, second, count):
    """Codes (count, numbers) in equal steps from `first` to `second`, both included."""
    ### BEGIN SOLUTION
    return np.linspace(first, second, count)
    ### END SOLUTION


# %% tags=["check"]
walk = week.walk.check(walk)

# %%
start, end = first[min(1, len(first) - 2)], first[min(3, len(first) - 1)]  # a 1 and a 3
codes = run(encoder, unseen)
mixed_images = walk(unseen[start].ravel(), unseen[end].ravel(), 9).reshape(9, 28, 28)
mixed_codes = run(decoder, walk(codes[start], codes[end], 9))
plots.pictures(
    [*mixed_images, *mixed_codes],
    columns=9,
    span=(0, 1),
    title="Mixed pixel by pixel (top), and mixed as codes (bottom)",
)
plots.explore_pictures({"mixed pixel by pixel": mixed_images, "mixed as codes": mixed_codes}, "step")

# %% tags=["claim"]
pairs = np.random.default_rng(0).integers(len(unseen), size=(2, 200))
halfway = {"images": unseen[pairs].mean(axis=0), "codes": run(decoder, codes[pairs].mean(axis=0))}
grey = {name: np.mean((mixed > 0.25) & (mixed < 0.75)) for name, mixed in halfway.items()}
measures.record(
    "grey pixels halfway, as a fraction of those of mixed images", grey["codes"] / grey["images"], at_most=0.7
)

# %% [markdown]
# Mixed pixel by pixel, both digits are there at half brightness. Mixed as codes, strokes move or fade; most pixels stay
# black or white. But halfway you may see no digit: the decoder was not trained there. (Lecture B's *variational*
# autoencoders are for this.)
#
# ## Draw a map with t-SNE
# Lecture B's t-SNE gives each image a position $y_i$ on a map, so that neighbours stay neighbours. Each pair has two
# probabilities of being neighbours. $p_{ij}$ is large if the codes are close, by a Gaussian. $q_{ij}$ is large if the
# positions are close, by Student's t distribution:
#
# $$q_{ij}=\frac{(1+|y_i-y_j|^2)^{-1}}{\sum_{k\ne l}(1+|y_k-y_l|^2)^{-1}}\qquad
# KL(p,q)=\sum_{i\ne j}p_{ij}\log\frac{p_{ij}}{q_{ij}}$$
#
# The numerator of q is 1 at distance 0 and 1/10 at distance 3. A Gaussian would be 1/90 there: Student's t lets points
# lie further apart. KL is 0 only if q equals p.
#
# ### Your turn: the divergence
# `p` and `q` have shape (n, n). A pair with p = 0.2 and q = 0.1 adds 0.2 log 2 = 0.139. Leave out the diagonal: both
# are 0 there.


# %% tags=["exercise"]
def divergence(p, q):
    """KL divergence of two arrays (n, n) of probabilities of pairs; the diagonals are 0 and do not count."""
    ### BEGIN SOLUTION
    pairs = ~np.eye(len(p), dtype=bool)
    return np.sum(p[pairs] * np.log(p[pairs] / q[pairs]))
    ### END SOLUTION


# %% tags=["check"]
divergence = week.divergence.check(divergence)

# %% [markdown]
# Gradient descent moves 60 positions so that the divergence falls. Its gradient is
#
# $$\frac{\partial KL}{\partial y_i}=4\sum_j(p_{ij}-q_{ij})\,(1+|y_i-y_j|^2)^{-1}\,(y_i-y_j)$$
#
# Points attract each other if p is larger than q, otherwise they repel. `week.similarities` computes p. Its
# *perplexity*, here 10, says about how many neighbours a point has.


# %%
def map_similarities(y):
    """q (n, n) of positions y (n, 2), and the closeness 1 / (1 + squared distance) of each pair."""
    closeness = 1 / (1 + cdist(y, y, "sqeuclidean"))
    np.fill_diagonal(closeness, 0)
    return closeness / closeness.sum(), closeness


def gradient(p, y):
    """Gradient (n, 2) of the divergence with respect to the positions y."""
    q, closeness = map_similarities(y)
    pull = (p - q) * closeness
    return 4 * (pull.sum(axis=1, keepdims=True) * y - pull @ y)


# %%
p = week.similarities(codes[:60], perplexity=min(10, len(codes) / 4))
y = np.random.default_rng(0).normal(scale=0.1, size=(len(p), 2))
step, divergences = np.zeros_like(y), []
for _ in range(250):
    step = 0.8 * step - 10 * gradient(p, y)  # gradient descent with momentum
    y = y + step
    divergences.append(divergence(p, map_similarities(y)[0]))
plots.curves(range(250), {"KL": divergences}, ("step", "KL divergence"), "Your divergence falls")
week.maps({"60 codes": y}, labels[:60], NAMES, "Your map after 250 steps")
same = week.same_class_neighbours(y, labels[:60])
same_in_pixels = week.same_class_neighbours(unseen[:60].reshape(len(y), -1), labels[:60])
print(f"nearest neighbour has the same label: {same:.0%} on the map, {same_in_pixels:.0%} in pixels")

# %% tags=["claim"]
trial = np.random.default_rng(1).normal(size=y.size)
shaped = (len(y), 2)
off = check_grad(
    lambda flat: divergence(p, map_similarities(flat.reshape(shaped))[0]),
    lambda flat: gradient(p, flat.reshape(shaped)).ravel(),
    trial,
)
assert off < 1e-5
measures.record("KL at the end, as a fraction of its beginning", divergences[-1] / divergences[0], at_most=0.5)
measures.record("images whose nearest neighbour on the map has the same label", same, at_least=0.4)

# %% [markdown]
# No labels were used. Yet far more nearest neighbours have the same label than by chance (10%). But so have neighbours
# in raw pixels.
#
# scikit-learn's t-SNE maps 400 codes. The baseline is PCA with two components. *Trustworthiness* is near 1 if
# neighbours on the map are near in pixels, too.

# %%
some = slice(0, 400)
pixels = unseen[some].reshape(len(unseen[some]), -1)
mean, components = week.fit_pca(codes, 2)
tsne = TSNE(perplexity=min(30, len(pixels) / 4), init="pca", max_iter=500, random_state=0)
maps = {"PCA of the codes": (codes[some] - mean) @ components.T, "t-SNE of the codes": tsne.fit_transform(codes[some])}
week.maps(maps, labels[some], NAMES, "Two maps of the same 400 codes")
maps["t-SNE of the pixels"] = tsne.fit_transform(pixels)
near = min(10, (len(pixels) - 1) // 2)
trust = {name: trustworthiness(pixels, positions, n_neighbors=near) for name, positions in maps.items()}
same_class = {name: week.same_class_neighbours(positions, labels[some]) for name, positions in maps.items()}
rows = [[name, f"{trust[name]:.3f}", f"{same_class[name]:.0%}"] for name in maps]
plots.table(rows, ["map", "trustworthiness", "nearest neighbour has the same label"])

# %% tags=["claim"]
measures.record("trustworthiness of t-SNE of the codes", trust["t-SNE of the codes"], at_least=0.9)
ahead = trust["t-SNE of the pixels"] - trust["t-SNE of the codes"]
measures.record("how much more trustworthy t-SNE of the pixels is", ahead, at_most=0.04)
assert trust["t-SNE of the codes"] > trust["PCA of the codes"] or loaded.name != "digits"

# %% [markdown]
# By both measures t-SNE makes the better map of the codes. Its map of the pixels is about as good, but a code has 32
# numbers, not 784. (Sizes of clusters, and gaps between them, mean little on a t-SNE map.)
#
# ## Start a classifier from the encoder
# Now we use labels, 10 images a class. Lecture A starts the classifier with the trained encoder: it "converges faster".
# This is *unsupervised pre-training*. The control starts from random weights. Batch normalisation's moving averages lag
# behind in short trainings, so `set_averages` computes them from 300 images. **Predict:** does pre-training save steps?


# %%
def fine_tune(network, start, seed):
    """Accuracies on unseen images after 12, 24, 36 and 48 steps with 10 images of each class."""
    few, accuracies = train.few(10, seed), []

    def measure(epoch, logs):
        week.set_averages(network, images[:300])
        accuracies.append(np.mean(run(network, unseen[:400]).argmax(axis=1) == labels[:400]))

    keras.utils.set_random_seed(seed)
    training.reset_to(network, keras.models.clone_model(network).get_weights())  # random weights
    if start is not None:
        network.layers[0].set_weights(start.get_weights())
    callbacks = [training.WarmupThenDecay(0.01), keras.callbacks.LambdaCallback(on_epoch_end=measure)]
    batch = batches(few.images, few.labels, size=32, seed=seed)
    network.fit(batch, steps_per_epoch=12, epochs=4, shuffle=False, verbose=0, callbacks=callbacks)
    return accuracies


# %%
SEEDS = range(by_size(quick=3, full=5))  # each seed chooses other labelled images
classify = layers.Dense(len(NAMES), activation="softmax")
classifier = keras.Sequential([convolutions(norm=True), layers.Flatten(), classify])
classifier.compile("adam", "sparse_categorical_crossentropy")
starts = {"from the autoencoder": features, "from random weights": None}
runs = {name: np.array([fine_tune(classifier, start, seed) for seed in SEEDS]) for name, start in starts.items()}
means = {name: accuracies.mean(axis=0) for name, accuracies in runs.items()}
spreads = {name: accuracies.std(axis=0) for name, accuracies in runs.items()}
axes = ("step", "accuracy on unseen images")
plots.curves(range(12, 49, 12), means, axes, "Fine-tuning from two starts", spread=spreads)

# %% tags=["claim"]
gains = means["from the autoencoder"] - means["from random weights"]
measures.record("what pre-training gains at best, of four measurements", gains.max(), at_most=0.04)
measures.record("accuracy from the autoencoder, 10 labels a class", means["from the autoencoder"][-1], at_least=0.76)

# %% [markdown]
# Pre-training saves no steps here: it is never clearly ahead. (Error bars: standard deviations over the seeds.)
#
# ## Freeze the encoder
# Did the encoder learn anything? We *freeze* its convolutions, and train only a linear classifier on their 576 outputs.
# Controls are random convolutions, and the raw pixels.


# %%
def linear_accuracy(frozen, count, seed):
    """Accuracy on unseen images of a linear classifier, trained with `count` images of each class."""
    few = train.few(count, seed)
    known, new = (run(frozen, part).reshape(len(part), -1) for part in (few.images, unseen[:700]))
    linear_classifier = make_pipeline(StandardScaler(), RidgeClassifierCV(np.logspace(0, 4, 9)))
    return linear_classifier.fit(known, few.labels).score(new, labels[:700])


scores = {name: {10: [], 100: []} for name in ("learned encoder", "random encoder", "raw pixels")}
for seed in SEEDS:
    keras.utils.set_random_seed(seed)
    frozen = {"learned encoder": features, "random encoder": convolutions(norm=True), "raw pixels": layers.Flatten()}
    week.set_averages(frozen["random encoder"], images[:300])
    for name, network in frozen.items():
        for count in scores[name]:
            scores[name][count].append(linear_accuracy(network, count, seed))
rows = [[name, *(f"{np.mean(s):.1%} ± {np.std(s):.1%}" for s in by.values())] for name, by in scores.items()]
plots.table(rows, ["linear classifier on", "10 labels a class", "100 labels a class"])

# %% tags=["claim"]
gain = np.mean(np.subtract(scores["learned encoder"][100], scores["random encoder"][100]))
measures.record("what a learned encoder gains, frozen, 100 labels a class", gain, at_least=0.02)
gain = np.mean(np.subtract(scores["random encoder"][100], scores["raw pixels"][100]))
measures.record("what a random encoder gains over raw pixels, 100 labels a class", gain, at_least=0.1)

# %% [markdown]
# With 100 labels a class, learned features beat random ones by some percentage points. So the encoder learned something
# without labels. But random features beat the pixels by far more: most of the gain needs convolutions, not learning.
#
# ## What you can do now
# - A linear autoencoder minimises the same error as PCA, so it finds the same plane.
# - With 576 numbers, a good copy proves nothing. With 32, the network has less than half of PCA's error.
# - Only regular images can be compressed, and the network failed on noise and negatives.
# - Strokes move on the way between two codes. t-SNE keeps neighbours together.
# - Pre-training needs a control: it saved no steps, but frozen features beat random ones.
#
# **Try next:** `CODE = 8` and `CODE = 128`: how do error and walk change? Fine-tune with the rate 0.003, too.
#
# Next: in **week 10b** such networks remove noise.
