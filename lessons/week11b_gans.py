# ---
# jupyter:
#   course:
#     seconds: 110
#     gigabytes: 1.5
# ---

# %% [markdown]
# # Train, break and measure a GAN
#
# No formula measures whether an image looks like a digit, but a network can learn to judge this. The *generator* G
# makes artificial images. The *discriminator* D learns to tell them from real ones. Can they teach each other to write
# digits?
#
# **You will be able to**
# - write the labels and the loss with which both networks learn,
# - explain by its gradient why G gets the non-saturating loss,
# - train a GAN in two phases, and check that each phase changes only one network,
# - recognise mode collapse, and cure it,
# - measure generated images and search for copies.
#
# *Mirrors: lecture A, "Generative Adversarial Network (GAN)" and "GAN Training"; lecture B, "Generative adversarial
# networks". About 75 minutes with the exercises; {cost}.*

# %% tags=["setup"]
import tempfile
import warnings

import numpy as np
from sklearn.metrics import pairwise_distances_argmin_min

from course_utils import by_size, data, measures, plots, setup
from course_utils.weeks import week11b as week

setup(seed=0)
import keras
import tensorflow as tf  # for its gradient tape: we write the training steps ourselves
from keras import layers, ops

# %% tags=["parameters"]
DATASET = "digits"  # or "mnist", "fashion_mnist", or a path: IDX or NPZ files, a folder of class folders
RING_STEPS = by_size(quick=1600, full=4000)  # of the game in the plane
NOISE = 10  # random numbers from which G makes an image
STEPS = by_size(quick=3000, full=12_000)  # of the GAN that generates images
CHECKPOINTS = ""  # a folder: a training that was stopped goes on from there, even after the kernel was killed

# %% [markdown]
# ## Meet the two players
# In our first game the "images" are points in the plane. Real points (crosses) come from eight clusters on a ring. G
# turns random numbers, the *noise* z, into a point (a circle). D turns a point into the probability that it is real.
#


# %%
rng = np.random.default_rng(0)


def sample_noise(count):
    """Noise for `count` points: (count, 8)."""
    return rng.normal(size=(count, 8)).astype("float32")


def dense_network(inputs, outputs, activation=None):
    """A network with two hidden layers of 64 units."""
    hidden = [layers.Dense(64, activation="relu") for _ in range(2)]
    last = layers.Dense(outputs, activation, name="probability" if activation else "point")
    return keras.Sequential([keras.Input((inputs,)), *hidden, last])


generator, discriminator = dense_network(8, 2), dense_network(2, 1, "sigmoid")
plots.architecture(keras.Sequential([generator, discriminator]), "G turns noise into a point, D judges this point")
week.games({"before training": (generator(sample_noise(300)), discriminator(week.grid()))})

# %% [markdown]
# Before training, G's points ignore the clusters, and D outputs about 0.5 everywhere.
#
# ## Label the two phases
# Training repeats two phases:
# - **Phase 1** trains D only. Half the batch is real, with label 1. Half is artificial, with label 0.
# - **Phase 2** trains G only. All images are artificial, and *all* are labelled 1.
#
# The labels of phase 2 are false on purpose: the loss is high where D recognises an image as artificial. So G learns to
# make images that D takes for real.
#
# ### Your turn: the labels
# Return a one-dimensional array. In phase 1, real images come first: `phase_labels(2, 1)` is `[1, 1, 0, 0]`.


# %% tags=["exercise"]
def phase_labels(count, phase):
    """Labels of a batch: (2 * count,) in phase 1, (count,) in phase 2."""
    ### BEGIN SOLUTION
    if phase == 1:
        return np.repeat([1.0, 0.0], count)
    return np.ones(count)
    ### END SOLUTION


# %% tags=["check"]
phase_labels = week.phase_labels.check(phase_labels)

# %% [markdown]
# ## Compute the loss of both players
# D's loss is *binary cross-entropy*, from labels $y$ and its outputs $p$:
#
# $$J=-\frac{1}{n}\sum_i\left[y_i\log p_i+(1-y_i)\log(1-p_i)\right]$$
#
# For one image with label 1 and output 0.9 it is $-\log0.9=0.105$. **Predict:** what is the loss of a D that outputs
# 0.5 for every image?
#
# ### Your turn: the loss
# Both networks will train with your function. Use `ops.log` and `ops.mean`: no gradients pass through NumPy's
# functions.


# %% tags=["exercise"]
def cross_entropy(labels, probabilities):
    """Mean binary cross-entropy, a single number, from labels and D's outputs, both of shape (n,)."""
    ### BEGIN SOLUTION
    losses = labels * ops.log(probabilities) + (1 - labels) * ops.log(1 - probabilities)
    return -ops.mean(losses)
    ### END SOLUTION


# %% tags=["check"]
cross_entropy = week.cross_entropy.check(cross_entropy)

# %% [markdown]
# Lecture B writes D's loss without labels, for $m$ real images $x_i$ and $m$ artificial ones $G(z_i)$:
#
# $$J_D=-\frac{1}{m}\sum_i\left[\log D(x_i)+\log(1-D(G(z_i)))\right]$$
#
# Then it labels real images 0, but lecture A labels them 1. Which label fits the formula? We try both with a good D: it
# outputs 0.9 for real images, 0.1 for artificial ones. Our mean over $2m$ images should be $J_D/2$.

# %% tags=["nbval-check-output"]
good, labels = ops.array([0.9, 0.9, 0.1, 0.1]), ops.cast(phase_labels(2, 1), "float32")
print(f"good D, real images labelled 1: {float(cross_entropy(labels, good)):.3f}")
print(f"good D, real images labelled 0: {float(cross_entropy(1 - labels, good)):.3f}")
print(f"good D, half of J_D by its formula: {-(np.log(0.9) + np.log(1 - 0.1)) / 2:.3f}")
print(f"D outputs 0.5 for all: {float(cross_entropy(labels, ops.full((4,), 0.5))):.3f}")

# %% [markdown]
# The label 1 fits. Lecture B's 0 is a slip. A D that only guesses has the loss $\log2=0.693$.
#
# ## Choose the generator's loss
# With label 1, the loss of phase 2 is the mean of $-\log D(G(z))$, as in lecture B. It is called *non-saturating*. In
# the *minimax* game G minimises what D maximises: the mean of $\log(1-D(G(z)))$.
#
# The value before D's sigmoid is the *logit*. For the logit -4.6, D outputs 0.01. **Predict:** if G raises this logit a
# little, which loss falls more?

# %%
logits = tf.Variable(np.linspace(-6, 6, 49))
slopes = {}
for name, label, sign in [("minimax", 0.0, -1), ("non-saturating", 1.0, 1)]:
    with tf.GradientTape() as tape:
        # minimax is minus the loss with label 0; 49 times a mean is a sum, so that each slope is that of one image
        total = sign * 49 * cross_entropy(np.full(49, label), ops.sigmoid(logits))
    slopes[name] = -tape.gradient(total, logits).numpy()
axes = "logit of an artificial image (D outputs 0.01 at -4.6, 0.5 at 0, 0.99 at 4.6)", "how steeply the loss falls"
plots.curves(logits.numpy(), slopes, axes, "Only one loss is steep where D recognises the image")
for name, slope in slopes.items():
    print(f"where D outputs 0.01, the slope of {name} is {np.interp(np.log(0.01 / 0.99), logits.numpy(), slope):.2f}")

# %% tags=["claim"]
probabilities = 1 / (1 + np.exp(-logits.numpy()))
assert np.allclose(slopes["minimax"], probabilities) and np.allclose(slopes["non-saturating"], 1 - probabilities)

# %% [markdown]
# The non-saturating loss falls more: its slope is $1-D(G(z))$, here 0.99. That of minimax is $D(G(z))$, here 0.01.
# Minimax *saturates*: its gradient nearly vanishes where D recognises an image.
#
# ## Write the two phases
# Each phase takes the gradient of *one* network's weights and changes only these (lecture A *freezes* the other).
#
# ### Your turn: G's loss
# Read `phase_1`. Then write the loss of phase 2 from the same functions.


# %%
def outputs_of(discriminator, images):
    """D's outputs (n,), kept off 0 and 1, where log p or log(1 - p) is infinite."""
    # float32 has numbers down to 1e-38 near 0, but only steps of 6e-8 near 1. So the limits differ.
    # training=True: batch normalisation, in our last GAN, takes the means of this batch.
    return ops.clip(discriminator(images, training=True)[:, 0], 1e-30, 1 - 1e-6)


@tf.function  # compiles the step, so that it runs faster
def phase_1(generator, discriminator, real, noise):
    """Train the discriminator on half real and half artificial images; return its loss."""
    images = ops.concatenate([real, generator(noise, training=True)])
    labels = ops.cast(phase_labels(real.shape[0], 1), "float32")
    weights = discriminator.trainable_variables
    with tf.GradientTape() as tape:  # records what follows, and then gives its gradient
        loss = cross_entropy(labels, outputs_of(discriminator, images))
    discriminator.optimizer.apply(tape.gradient(loss, weights), weights)
    return loss


# %% tags=["exercise"]
def generator_loss(generator, discriminator, noise):
    """Loss of phase 2, a single number, from G, D and noise (n, numbers)."""
    ### BEGIN SOLUTION
    images = generator(noise, training=True)
    labels = ops.cast(phase_labels(noise.shape[0], 2), "float32")
    return cross_entropy(labels, outputs_of(discriminator, images))
    ### END SOLUTION


# %% tags=["check"]
generator_loss = week.generator_loss.check(generator_loss)


# %%
@tf.function
def phase_2(generator, discriminator, noise):
    """Train the generator on artificial images, all labelled 1; return its loss."""
    weights = generator.trainable_variables
    with tf.GradientTape() as tape:
        loss = generator_loss(generator, discriminator, noise)
    generator.optimizer.apply(tape.gradient(loss, weights), weights)
    return loss


def prepare(network, rate, steps):
    """Give a network its optimizer. In the second half the rate falls to a twentieth: training settles."""
    half = steps // 2  # CosineDecay's warm-up keeps the rate constant for the first half
    schedule = keras.optimizers.schedules.CosineDecay(rate, half, 0.05, warmup_target=rate, warmup_steps=half)
    network.compile(keras.optimizers.Adam(schedule, beta_1=0.5))  # a short memory, as is usual for GANs
    network.optimizer.build(network.trainable_variables)


# %%
prepare(generator, 2e-3, 100)
prepare(discriminator, 2e-3, 100)
players, real = {"generator": generator, "discriminator": discriminator}, week.ring(rng, 128)
changes_1 = week.weight_changes(lambda: phase_1(generator, discriminator, real, sample_noise(128)), **players)
changes_2 = week.weight_changes(lambda: phase_2(generator, discriminator, sample_noise(128)), **players)
# `week.weight_changes` runs a step and returns the largest change of a weight in each network.
# Adam's first step is as large as its learning rate, 0.002.
for phase, changes in [(1, changes_1), (2, changes_2)]:
    print(f"phase {phase}: G changes by {changes['generator']:.4f}, D by {changes['discriminator']:.4f}")

# %% tags=["claim"]
assert changes_1["generator"] == 0 < changes_1["discriminator"]
assert changes_2["discriminator"] == 0 < changes_2["generator"]

# %% [markdown]
# Each phase changes one network only.
#
# ## See how freezing D can fail
# Many books freeze D by `trainable = False`. When does Keras 3 read that? We freeze one D before its first training
# step, another after it. Then both train again.

# %%
new, trained = dense_network(2, 1, "sigmoid"), dense_network(2, 1, "sigmoid")
batch = np.concatenate([real, generator(sample_noise(128))]), phase_labels(128, 1)[:, None]
new.compile("adam", "binary_crossentropy")
trained.compile("adam", "binary_crossentropy")
trained.train_on_batch(*batch)
new.trainable = trained.trainable = False
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Keras warns that the new D has nothing to train
    both = {"new": new, "trained": trained}
    changes = week.weight_changes(lambda: [one.train_on_batch(*batch) for one in both.values()], **both)
print(f"frozen before its first step, D changes by {changes['new']:.4f}")
print(f"frozen after its first step, D changes by {changes['trained']:.4f}")

# %% tags=["claim"]
assert changes["new"] == 0 < changes["trained"]

# %% [markdown]
# Keras 3 reads it only at the first step. The first D never learns, not even in phase 1. The second goes on learning.
# So we never set it, and measure changes.
#
# ## Break the game
# Now G takes ten steps for each step of D. We count the clusters that hold at least 2% of 1,000 generated points.
# **Predict:** where will G put its points?

# %%
ring_noise = sample_noise(1000)  # the same noise at each look


def play(generator, discriminator, steps, g_steps=1):
    """Play the game; return its state at four moments, and D's loss in each step."""
    states, losses = {}, []
    for step in range(1, steps + 1):
        losses.append(float(phase_1(generator, discriminator, week.ring(rng, 128), sample_noise(128))))
        for _ in range(g_steps):
            phase_2(generator, discriminator, sample_noise(128))
        if step % (steps // 4) == 0:
            states[f"step {step}"] = np.array(generator(ring_noise)), discriminator(week.grid())
    return states, losses


def coverage(labels, classes):
    """How many classes hold at least 2% of the labels."""
    return int((np.bincount(labels, minlength=classes)[:classes] >= 0.02 * len(labels)).sum())


# %%
generator, discriminator = dense_network(8, 2), dense_network(2, 1, "sigmoid")  # a new game needs new players
prepare(generator, 2e-3, 10 * 500)
prepare(discriminator, 2e-3, 500)
states, collapsed_losses = play(generator, discriminator, 500, g_steps=10)
week.games(states, "Mode collapse: all of G's points wander together")
nearest = week.clusters(states["step 500"][0])  # the cluster of each point, or 8 if none is within 0.2
collapsed = coverage(nearest, 8)
print(f"G covers {collapsed} of 8 clusters")

# %% tags=["claim"]
measures.record("clusters covered after mode collapse, of 8", collapsed, at_most=4)

# %% [markdown]
# In each panel G's points lie together, and they move. For a fixed D the best answer to *every* noise is the same:
# where D's output is highest. With ten steps, G gets there. Then D learns to output less there, and G moves on. This is
# *mode collapse* (a *mode* is a cluster of the data). Lecture A's G masters one class, then another. Ours can miss
# every cluster. With twice the steps it collapses, too.
#
# ## Cure it by balance
# The cure is *balance*: one step each, with new networks. **Predict:** could you tell from D's loss which game
# collapsed?

# %%
generator, discriminator = dense_network(8, 2), dense_network(2, 1, "sigmoid")
prepare(generator, 2e-3, RING_STEPS)
prepare(discriminator, 2e-3, RING_STEPS)
states, losses = play(generator, discriminator, RING_STEPS)
week.games(states, "A balanced game: G finds all clusters")
nearest = week.clusters(states[f"step {RING_STEPS}"][0])
shown = {"collapsed": collapsed_losses, "balanced": losses, "log 2": np.full(500, np.log(2))}
# without the first fifth, in which both begin; each point is the mean of 4% of the steps
smooth = {name: np.reshape(values[len(values) // 5 :], (20, -1)).mean(axis=1) for name, values in shown.items()}
axes = "percent of the game", "D's loss"
plots.curves(np.arange(24, 101, 4), smooth, axes, "D's loss does not show which game collapsed")

# %% tags=["claim"]
measures.record("clusters covered by the balanced game, of 8", coverage(nearest, 8), at_least=8)
measures.record("fraction of its points that lie in a cluster", np.mean(nearest < 8), at_least=0.6)
gaps = [abs(np.mean(values[len(values) // 2 :]) - np.log(2)) for values in (collapsed_losses, losses)]
measures.record("D's loss minus log 2: its size, collapsed divided by balanced", gaps[0] / gaps[1], at_most=0.6)

# %% [markdown]
# G finds all eight clusters. D's loss does not show which game collapsed: on average that of the *collapsed* one is
# nearer to 0.693, that of a D that guesses. **A loss compares the two players. It does not measure the images.**
#
# ## Ask an independent judge
# Next, G learns digits: small scans, enlarged to 28x28. As a judge we train a classifier of real images. The 64 values
# before its last layer are its *features*.

# %%
loaded = data.load(DATASET)
measures.measured_on("digits", loaded)  # on other data, minimums and maximums are shown and not required
training_set, test_set = loaded.train.grey(28), loaded.test.grey(28)  # 28x28, grey, from 0 to 1
images, labels, names = training_set.images[:20_000], training_set.labels[:20_000], loaded.class_names
title, shown = f"The first nine of {len(images):,} real images", [names[label] for label in labels[:9]]
plots.pictures(images[:9].squeeze(-1), shown, title, columns=9, span=(0, 1), height=1.2)
judge, features_of = week.train_judge(images, labels, len(names))


def run(network, inputs):
    """Outputs of a network, computed for 250 inputs at a time."""
    return np.concatenate([network(inputs[i : i + 250], training=False) for i in range(0, len(inputs), 250)])


# %% tags=["claim"]
right = run(judge, test_set.images[:1000]).argmax(axis=1) == test_set.labels[:1000]
measures.record("accuracy of the judge", right.mean(), at_least=0.97)

# %% [markdown]
# We measure three things on 1,000 images:
# - *Coverage:* how many classes hold at least 2% of the images?
# - *Confidence:* the mean of the judge's highest probability.
# - *Frechet distance:* how far are their features (set 1) from those of real images (set 2)? Smaller is better.
#
# For the distance we fit a Gaussian to each set of features, with means $\mu$ and covariance matrix $C$. A trace is the
# sum of the diagonal. With features of the network Inception the distance is called *FID*.
#
# $$d=|\mu_1-\mu_2|^2+\operatorname{trace}(C_1)+\operatorname{trace}(C_2)-2\operatorname{trace}((C_1C_2)^{1/2})$$
#
# ### Your turn: the Frechet distance
# `week.trace_of_root(c1, c2)` returns the last trace, without the factor 2. $R$ is the root of $M$ if $RR=M$. For one
# feature with means 0 and 3 and variances 1 and 4, the distance is $9+1+4-2\cdot2=10$.


# %% tags=["exercise"]
def frechet(m1, c1, m2, c2):
    """Frechet distance, a single number, from means (features,) and covariance matrices (features, features)."""
    ### BEGIN SOLUTION
    traces = np.trace(c1) + np.trace(c2) - 2 * week.trace_of_root(c1, c2)
    return np.sum((m1 - m2) ** 2) + traces
    ### END SOLUTION


# %% tags=["check"]
frechet = week.frechet.check(frechet)

# %%
real_features = run(features_of, images[:2000]).astype("float64")


def measure(some_images):
    """Coverage, confidence and Frechet distance from real images."""
    features = run(features_of, some_images).astype("float64")
    probabilities = run(judge.layers[-1], features)
    covered = coverage(probabilities.argmax(axis=1), len(names))
    confidence = probabilities.max(axis=1).mean()
    m1, c1 = features.mean(axis=0), np.cov(features.T)
    m2, c2 = real_features.mean(axis=0), np.cov(real_features.T)
    return covered, confidence, frechet(m1, c1, m2, c2)


random_pixels = np.random.default_rng(0).random((1000, 28, 28, 1)).astype("float32")
tried = {"real, not used in training": test_set.images[:1000], "copies of training images": images[-1000:]}
results = {name: measure(some) for name, some in (tried | {"random pixels": random_pixels}).items()}


def show_results():
    """Show a table of what was measured so far."""
    rows = [[name, covered, *(f"{value:.2f}" for value in others)] for name, (covered, *others) in results.items()]
    plots.table(rows, ["1,000 images", "classes covered", "confidence", "Frechet distance"])


show_results()

# %% tags=["claim"]
measures.record("mean confidence for random pixels", results["random pixels"][1], at_least=0.35)
ratio = results["copies of training images"][2] / results["real, not used in training"][2]
measures.record("Frechet distance of copies, divided by that of unseen real images", ratio, at_most=0.8)

# %% [markdown]
# Even for random pixels confidence is far above 0.1, that of a guess. Confidence alone is worth little. Unseen real
# images do not have distance 0: two finite sets always differ. Copies score even better.
#
# ## Build a GAN for digits
# A GAN of convolutions is called *DCGAN*. Its G turns the noise into 64 channels of 7x7. Two transposed convolutions
# ("up-conv", stride 2) enlarge them. D goes the other way with two strided convolutions. Learning rates set the
# balance: D's is four times G's.

# %%
digit_generator = keras.Sequential(
    [
        keras.Input((NOISE,)),
        layers.Dense(7 * 7 * 64, use_bias=False),  # batch normalisation adds a bias of its own
        layers.BatchNormalization(momentum=0.9),
        layers.ReLU(),
        layers.Reshape((7, 7, 64)),
        layers.Conv2DTranspose(32, 4, 2, padding="same", use_bias=False),
        layers.BatchNormalization(momentum=0.9),
        layers.ReLU(),
        layers.Conv2DTranspose(1, 4, 2, padding="same", activation="sigmoid"),
    ]
)
plots.architecture(digit_generator, "The generator: from noise to an image")

# %%
digit_discriminator = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        # "leaky": ReLU with a small slope for negative values, so that G always gets some gradient
        layers.Conv2D(32, 4, 2, padding="same"),
        layers.LeakyReLU(0.2),
        layers.Conv2D(64, 4, 2, padding="same"),
        layers.LeakyReLU(0.2),
        layers.Flatten(),
        layers.Dense(1, activation="sigmoid"),
    ]
)
plots.architecture(digit_discriminator, "The discriminator: from an image to a probability")
prepare(digit_generator, 1e-3, STEPS)
prepare(digit_discriminator, 4e-3, STEPS)  # with one step each, D must keep up with a G that changes all the time

# %% [markdown]
# ## Train it
# Your labels and your loss now train this GAN. Each step takes 32 real images, and then both phases. Regularly we show
# images from the *same* noise and save a *checkpoint*: weights, optimizers and step. **Predict** what comes first:
# sharp strokes, or images that differ?

# %%
scratch = tempfile.TemporaryDirectory()  # for checkpoints; it is deleted when the kernel stops
digit_noise = np.random.default_rng(1).normal(size=(1000, NOISE)).astype("float32")


def train(generator, discriminator, steps, folder, look_every):
    """Train from the newest checkpoint in the folder, or from the start; return generated images at each look."""
    step = tf.Variable(0)
    manager = week.checkpoints(folder, step, generator, discriminator)
    manager.restore_or_initialize()
    looks, losses, history, place = {int(step): run(generator, digit_noise[:500])}, [], [], None
    for number in range(int(step) + 1, steps + 1):
        rng = np.random.default_rng(number)  # known from the step, so that a restart goes on alike
        real = images[rng.integers(len(images), size=32)]
        noise = rng.normal(size=(2, 32, NOISE)).astype("float32")
        losses.append((phase_1(generator, discriminator, real, noise[0]), phase_2(generator, discriminator, noise[1])))
        if number % look_every == 0:
            looks[number] = run(generator, digit_noise[:500])  # fewer than in the table: the distance is larger
            history.append((*np.mean(losses[-look_every:], axis=0), measure(looks[number])[-1]))
            place = week.live_game(looks[number], history, list(looks)[1:], steps, place)
            step.assign(number)
            manager.save(checkpoint_number=number)
    return looks


# %%
# The square button stops the training. Run this cell again, and it goes on from the newest checkpoint.
looks = train(
    digit_generator, digit_discriminator, STEPS, CHECKPOINTS or scratch.name, look_every=by_size(quick=150, full=600)
)
steps = list(looks)
chosen = [steps[i] for i in sorted({0, len(steps) // 20, len(steps) // 3, len(steps) - 1})]
rows = {f"step {step}": looks[step][:8] for step in chosen} | {"real": images[:8]}
plots.rows(rows, "Images from the same eight noises, and real images")
generated = run(digit_generator, digit_noise)
results["generated"] = measure(generated)
show_results()

# %% tags=["claim"]
covered, confidence, distance = results["generated"]
_, real_confidence, real_distance = results["real, not used in training"]
probabilities = run(judge, generated)
clear = probabilities.max(axis=1) > 0.9
clear_kinds = probabilities[clear].argmax(axis=1)
measures.record("classes with at least 2% of the generated images", covered, at_least=len(names))
measures.record("fraction of which the judge is more than 90% sure", clear.mean(), at_least=0.4, at_most=0.7)
measures.record("classes with at least 2% of these", coverage(clear_kinds, len(names)), at_least=len(names))
measures.record("mean confidence of the judge", confidence, at_least=0.82)
measures.record("mean confidence, compared with real images", confidence / real_confidence, at_most=0.93)
measures.record("Frechet distance, divided by that of real images", distance / real_distance, at_least=3, at_most=20)
measures.record(
    "Frechet distance, as a fraction of that of random pixels", distance / results["random pixels"][2], at_most=0.10
)

# %% [markdown]
# In the second row images differ already, before they have sharp strokes. Later the losses hardly change, but the
# Frechet distance goes on falling. It ends far below that of random pixels, but at several times that of real images.
#
# Can the two teach each other to write digits? Partly. All classes are there, although G never saw a class label. The
# judge is more than 90% sure of about half of the images. Others are hard to read.
#
# ## Look for copies
# The table cannot tell a generator that copies. So for each generated and each unseen real image we look for the
# nearest training image, by Euclidean distance of the pixels. **Predict:** which of the two are nearer?

# %%
flat = images.reshape(len(images), -1)
neighbours, distances = pairwise_distances_argmin_min(generated[:300].reshape(300, -1), flat)
unseen = test_set.images[:300]
_, real_distances = pairwise_distances_argmin_min(unseen.reshape(len(unseen), -1), flat)
rows = {"generated": generated[:8], "nearest": images[neighbours[:8]]}
plots.rows(rows, "Generated images, and the nearest training images")
groups = {"generated": distances, "real, not used in training": real_distances}
plots.histograms(groups, "distance to the nearest training image", "How near are images to the training set?")

# %% tags=["claim"]
ratio = np.median(distances) / np.median(real_distances)
measures.record("median distance to a training image, generated divided by real", ratio, at_least=1)
close = np.mean(distances < np.percentile(real_distances, 1))
measures.record("fraction of generated images nearer than 99% of real ones", close, at_most=0.08)

# %% [markdown]
# The real ones: their median distance is about 4.6, that of generated images 5.2. Copies would have distances near 0,
# so we see no sign of copying. Larger is not better: a malformed digit is far from every training image.
#
# **Try it:** in a new cell, take the distances of `np.roll(images[:300], 1, axis=2)`, copies moved by one pixel. Would
# this test find them?
#
# ## Walk through the noise
# We follow a straight line from the noise of the most confident image to that of the best one of another class (lecture
# B: interpolation).

# %%
probabilities = run(judge, generated)
kinds, order = probabilities.argmax(axis=1), probabilities.max(axis=1).argsort()[::-1]  # highest confidence first
start = order[0]
end = next((one for one in order if kinds[one] != kinds[start]), start)  # the first of another class
fractions = np.linspace(0, 1, 33, dtype="float32")[:, None]
walk = run(digit_generator, (1 - fractions) * digit_noise[start] + fractions * digit_noise[end])
title = f"From {names[kinds[start]]} to {names[kinds[end]]}"
plots.pictures(walk[::4].squeeze(-1), title=title, columns=9, span=(0, 1), height=0.9)
plots.explore_pictures({title: walk}, "step")

# %% tags=["claim"]
_, moved_distances = pairwise_distances_argmin_min(np.roll(images[:300], 1, axis=2).reshape(300, -1), flat)
ratio = np.median(moved_distances) / np.median(real_distances)
measures.record("median distance of copies moved by one pixel, divided by that of real images", ratio, at_least=0.9)

# %% [markdown]
# The shape changes without a jump: similar noises give similar images. In between, some images are no digits. (Copies
# moved by one pixel are 4.3 away, nearly as far as new real images: the test misses them.)
#
# ## What you can do now
# - Label real images 1, and in phase 2 all artificial ones.
# - Give G the non-saturating loss: it is steep where D recognises an image.
# - Change one network in each phase, and check that.
# - Look for mode collapse in the images, not the losses. Cure it by balance.
# - Measure coverage, confidence and Frechet distance beside reference values, and search for copies.
#
# **Try next**
# - Make D stronger: with new networks and `prepare(discriminator, 2e-3, 5 * RING_STEPS)`, call `phase_1` five times a
#   step in `play`. Does G still find all clusters?
# - `DATASET = "fashion_mnist"`: which class is generated least often?
