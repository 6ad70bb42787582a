# ---
# jupyter:
#   course:
#     seconds: 150
#     gigabytes: 1.5
# ---

# %% [markdown]
# # Two networks at play: a GAN to watch, to measure and to break
#
# Nobody can write down a loss for "looks like a digit". So let a second network say what looks wrong, and train it
# too. One forges, the other finds forgeries, and each learns from the other. It sounds like a trick, it works, and it
# breaks in ways of its own. Here you watch it play in a plane, break it, mend it, and then measure what it draws.
#
# **You will be able to**
# - write down what each of the two players loses, and which labels go with which phase,
# - say why the generator is given another loss than the game would have, by its gradient,
# - train lecture A's two phases, and prove that each moves only its own network,
# - recognise three failures from curves and samples, and cure them,
# - measure what a generator draws: coverage, entropy, confidence, Frechet distance, nearest neighbours.
#
# *Mirrors: lecture A, "Generative Adversarial Network (GAN)" and "GAN Training"; lecture B, "Generative adversarial
# networks". About 90 minutes with the exercises; {cost}.*

# %% tags=["setup"]
import itertools
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
from scipy import linalg, stats
from scipy.spatial.distance import cdist
from sklearn.metrics import pairwise_distances_argmin_min

from course_utils import by_size, data, measures, plots, setup, training
from course_utils.weeks import week11b as week

setup(seed=0)
import keras
import tensorflow as tf  # for its gradient tape: the training steps are our own
from keras import layers, ops

# %% tags=["parameters"]
DATASET = "digits"  # or "mnist", "fashion_mnist", or a path: IDX or NPZ files, a folder of class folders
NOISE = 10  # numbers from which a picture is made
RING_STEPS = by_size(quick=2000, full=5000)
STEPS = by_size(quick=2600, full=12_000)  # of the GAN that draws pictures
CHECKPOINTS = ""  # a folder: a training that was stopped, or killed, goes on from there when all is run again

# %% [markdown]
# ## Write down what each player loses
# The *discriminator* D looks at a picture and says how probably it is real: 1 for real, 0 for artificial. The
# *generator* G turns random numbers z into a picture. Lecture B gives D the loss
#
# $$J_D = -\frac{1}{m} \sum_i \left[\log D(x_i) + \log(1 - D(G(z_i)))\right]$$
#
# **Predict** $J_D$ for a D that knows nothing, and says 0.5 of everything. It will be a landmark in all our curves.
#
# ### Your turn: the discriminator's loss


# %% tags=["exercise"]
def discriminator_loss(real, artificial):
    """J_D, from what D says of real pictures and what it says of artificial ones; each mean over its own pictures."""
    ### BEGIN SOLUTION
    return -np.log(real).mean() - np.log(1 - artificial).mean()
    ### END SOLUTION


# %% tags=["check"]
discriminator_loss = week.discriminator_loss.check(discriminator_loss)

# %% [markdown]
# It is binary cross-entropy, the loss of any classifier with two classes. Keras takes one mean over the whole batch,
# half real, half artificial, where the lecture adds two means; so Keras' figure is half of the lecture's. And the D
# that knows nothing loses $2 \log 2 = 1.386$, or in Keras' figures 0.693.

# %% tags=["nbval-check-output"]
says_of_real, says_of_artificial = np.array([0.9, 0.6, 0.7]), np.array([0.2, 0.3, 0.6])
by_hand = -np.mean(np.log(says_of_real) + np.log(1 - says_of_artificial))
labels, said = np.repeat([1.0, 0.0], 3), np.concatenate([says_of_real, says_of_artificial])
by_keras = float(ops.mean(ops.binary_crossentropy(labels, said)))
assert abs(by_hand - 2 * by_keras) < 1e-6
print(f"by hand {by_hand:.4f}, twice Keras' {2 * by_keras:.4f}, knowing nothing {2 * np.log(2):.4f}")

# %% [markdown]
# ## Find the slip
# Lecture B says of this loss: "Real images are given label 0", "Generated (fake) images are given label 1". A little
# later: minimising it "pushes D(x) to 1 (real class) and D(G(z)) to 0 (fake class)". **Can both be true?** Take a
# good D, which says 0.9 of real pictures and 0.1 of artificial ones, and ask Keras with each choice of labels.

# %% tags=["nbval-check-output"]
good = np.array([0.9, 0.9, 0.1, 0.1])
lecture_a, lecture_b = np.array([1.0, 1, 0, 0]), np.array([0.0, 0, 1, 1])
for name, labels in {"real 1, artificial 0 (A)": lecture_a, "real 0, artificial 1 (B)": lecture_b}.items():
    print(f"{name}: a good D loses {2 * float(ops.mean(ops.binary_crossentropy(labels, good))):.3f}")
print(f"the formula: {-2 * np.log(0.9):.3f}")
assert abs(2 * float(ops.mean(ops.binary_crossentropy(lecture_a, good))) + 2 * np.log(0.9)) < 1e-6

# %% [markdown]
# No. The formula is the one with label 1 for real pictures, as lecture A has it; "label 0" is a slip of the pen.
# (Exchanging both labels everywhere would give a game as good as this one, but with another formula.)
#
# ## Choose the generator's loss
# In the *minimax* game, G wins what D loses: G minimises the mean of $\log(1 - D(G(z)))$. Lecture B proposes another:
# $J_G = -\frac{1}{m} \sum_i \log D(G(z_i))$. Both fall when D is fooled. So why change it?
#
# ### Your turn: the generator's loss


# %% tags=["exercise"]
def generator_loss(artificial):
    """J_G of lecture B, from what D says of artificial pictures."""
    ### BEGIN SOLUTION
    return -np.log(artificial).mean()
    ### END SOLUTION


# %% tags=["check"]
generator_loss = week.generator_loss.check(generator_loss)

# %% [markdown]
# Early on, G draws rubbish, and D is sure of it: D(G(z)) = 0.01, say. What counts is how steeply each loss falls when
# D's last number, before the sigmoid, rises a little. **Predict:** which of the two is steep where that number is far
# below 0, so that G is losing, and which is flat?

# %%
before_sigmoid = np.linspace(-6, 6, 49)
probability = 1 / (1 + np.exp(-before_sigmoid))
losses = {"minimax": np.log(1 - probability), "non-saturating": -np.log(probability)}
number = tf.Variable(before_sigmoid)
slopes = {}
for name, loss in {"minimax": lambda p: ops.log(1 - p), "non-saturating": lambda p: -ops.log(p)}.items():
    with tf.GradientTape() as tape:
        total = ops.sum(loss(ops.sigmoid(number)))
    slopes[name] = -tape.gradient(total, number).numpy()
axes = ("D's number for an artificial picture, before the sigmoid", "loss")
plots.curves(before_sigmoid, losses, axes, "Both fall as D is fooled ...")
plots.curves(before_sigmoid, slopes, (axes[0], "how steeply it falls"), "... but only one pushes where G is losing")
assert np.allclose(slopes["minimax"], probability) and np.allclose(slopes["non-saturating"], 1 - probability)
for name, slope in slopes.items():
    print(f"where D says 0.01, {name} falls with a slope of {np.interp(0.01, probability, slope):.2f}")

# %% [markdown]
# The slope of minimax is $D$ itself, that of the other $1 - D$. When D says 0.01 they differ by a factor of 99. Who
# loses should learn most; with minimax the loser learns next to nothing. That is what *saturating* means.
#
# ## Label the two phases
# Lecture A, in each iteration. **Phase 1:** a batch, half real and half artificial, with labels 0 for artificial and
# 1 for real; train D only. **Phase 2:** artificial pictures only, *all labelled 1*; train G only. **Think:** which of
# the losses above is binary cross-entropy with these labels, in phase 2?
#
# ### Your turn: the labels


# %% tags=["exercise"]
def phase_labels(count, phase):
    """Labels of a batch: in phase 1 `count` real pictures, then `count` artificial ones; in 2 `count` artificial."""
    ### BEGIN SOLUTION
    return np.repeat([1.0, 0.0], count) if phase == 1 else np.ones(count)
    ### END SOLUTION


# %% tags=["check"]
phase_labels = week.phase_labels.check(phase_labels)

# %% [markdown]
# With label 1 cross-entropy is $-\log D(G(z))$: lecture A's "all labels 1" *is* lecture B's non-saturating loss.
#
# ## Play in a plane
# First a game that we can see whole. The "pictures" are points in the plane, from eight small heaps on a ring. The
# generator turns 8 random numbers into a point. Both networks have two hidden layers. D's last number is left before
# its sigmoid, and the loss told so (`from_logits`): the same figures, computed more safely.

# %%
angles = 2 * np.pi * np.arange(8) / 8
MIDDLES, SPREAD, POINTS = np.stack([np.cos(angles), np.sin(angles)], axis=1), 0.05, 128
rng = np.random.default_rng(0)


def ring(count):
    return (MIDDLES[rng.integers(8, size=count)] + rng.normal(0, SPREAD, (count, 2))).astype("float32")


def noise(count, numbers=8):
    return rng.normal(size=(count, numbers)).astype("float32")


def player(inputs, outputs, width=64):
    hidden = [layers.Dense(width, activation="relu") for _ in range(2)]
    return keras.Sequential([keras.Input((inputs,)), *hidden, layers.Dense(outputs)])


cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)

# %% [markdown]
# Now the two phases, word by word. `tape.gradient` is asked for one player's weights only, and its optimizer changes
# only these: that is all that "frozen" means here. (`tf.function` makes them fast.)


# %%
class Game:
    """Lecture A's two phases, between a generator and a discriminator."""

    def __init__(self, generator, discriminator, rates=(2e-3, 2e-3), real_label=1.0):
        self.rates, self.real_label = rates, real_label  # we shall change both later
        self.generator, self.discriminator = generator, discriminator
        self.for_g, self.for_d = (keras.optimizers.Adam(rate, beta_1=0.5) for rate in rates)
        self.for_g.build(generator.trainable_variables)
        self.for_d.build(discriminator.trainable_variables)

    @tf.function
    def phase_1(self, real, noise):
        """Train the discriminator only: half real, half artificial."""
        batch = ops.concatenate([real, self.generator(noise, training=True)])
        count, weights = ops.shape(real)[0], self.discriminator.trainable_variables
        labels = ops.concatenate([self.real_label * ops.ones((count, 1)), ops.zeros((count, 1))])
        with tf.GradientTape() as tape:
            loss = cross_entropy(labels, self.discriminator(batch, training=True))
        self.for_d.apply(tape.gradient(loss, weights), weights)
        return loss

    @tf.function
    def phase_2(self, noise):
        """Train the generator only: all artificial, all labelled 1."""
        weights = self.generator.trainable_variables
        with tf.GradientTape() as tape:
            said = self.discriminator(self.generator(noise, training=True), training=True)
            loss = self.generator_loss(said)
        self.for_g.apply(tape.gradient(loss, weights), weights)
        return loss

    def generator_loss(self, said):
        return cross_entropy(ops.ones_like(said), said)


# %% [markdown]
# Is it true that each phase moves its own player, and only that one? We need not believe it: `assert_trains` does one
# step, compares all weights that can be trained before and after, and raises an error otherwise.

# %%
game = Game(player(8, 2), player(2, 1))
G, D = [game.generator], [game.discriminator]
week.assert_trains(lambda: game.phase_1(ring(POINTS), noise(POINTS)), moves=D, keeps=G)
week.assert_trains(lambda: game.phase_2(noise(POINTS)), moves=G, keeps=D)
print("Phase 1 moves the discriminator alone, phase 2 the generator alone.")

# %% [markdown]
# ## Step into a trap
# Why so careful? This is how many a book does it: compile the discriminator; set `trainable = False`; compile the
# pair of both; then alternate `train_on_batch`. In old Keras `compile` noted what was trainable at that moment, so
# that D went on learning by itself and was frozen in the pair. **Predict** for Keras 3: which of the two lines learns
# what?

# %%
forger, judge = player(8, 2), player(2, 1)
judge.compile("adam", cross_entropy)
judge.trainable = False
pair = keras.Sequential([forger, judge])
pair.compile("adam", cross_entropy)
both = np.repeat([[1.0], [0.0]], POINTS, axis=0)


def judge_learns():
    judge.train_on_batch(np.concatenate([ring(POINTS), np.array(forger(noise(POINTS)))]), both)


week.assert_trains(lambda: pair.train_on_batch(noise(POINTS), np.ones((POINTS, 1))), moves=[forger], keeps=[judge])
caught = ""
with warnings.catch_warnings(record=True) as warned:
    try:
        week.assert_trains(judge_learns, moves=[judge], keeps=[forger])
    except AssertionError as error:
        caught = str(error)
print("Our check:", caught)
print("Keras:", *{str(one.message) for one in warned})

# %% tags=["claim"]
assert "no trainable weights" in caught

# %% [markdown]
# The error is our own check's. Keras raises none: at most it warns, once, among all else that it says. A
# discriminator that never learns, and a generator that is trained against it all the same. Keras 3 looks at
# `trainable` when training begins, not when a model is compiled, and by then it is `False`. Whoever copies that
# recipe as it stands has no GAN. (The cure is what you saw above: never freeze anything, but ask for the gradient of
# one player's weights.)
#
# ## Watch them play
# **Predict:** does G find all eight heaps at once, or one after the other? And what becomes of the loss curves: do
# both fall, as in a good training?


# %%
FIXED = noise(1000)  # the same noise each time, so that pictures can be compared


def snapshot(game):
    """Points, what D says everywhere, and where it would send G's first points."""
    points = tf.Variable(np.array(game.generator(FIXED)))
    with tf.GradientTape() as tape:
        loss = ops.sum(game.generator_loss(game.discriminator(points)))
    moves = -tape.gradient(loss, points).numpy()[:12]
    field = np.array(ops.sigmoid(game.discriminator(week.grid())))
    return {"real": ring(300), "artificial": points.numpy(), "field": field, "moves": moves}


def covered(points):
    """How many heaps have at least 2% of the points within four deviations, and the share of points in any heap."""
    distances = cdist(points, MIDDLES)
    near = distances.min(axis=1) < 4 * SPREAD
    shares = np.bincount(distances.argmin(axis=1)[near], minlength=8) / len(points)
    return int((shares >= 0.02).sum()), near.mean()


def slow_down(game, done):
    """Let the rates of both players fall over the second half of a game, of which the share `done` is over.

    At constant rates the two never come to rest: each goes on pushing the other.
    """
    game.for_g.learning_rate, game.for_d.learning_rate = (rate * min(1, 2.05 - 2 * done) for rate in game.rates)


def play(game, steps, d_steps=1, g_steps=1, every=125):
    """Play, and return snapshots, and curves of losses and heaps."""
    snapshots, curves, recent = {}, {"step": [], "D's loss": [], "G's loss": [], "heaps": []}, []
    for step in range(1, steps + 1):
        slow_down(game, step / steps)
        for _ in range(d_steps):
            d_loss = game.phase_1(ring(POINTS), noise(POINTS))
        for _ in range(g_steps):
            g_loss = game.phase_2(noise(POINTS))
        recent.append((float(d_loss), float(g_loss)))
        if step % every == 0:
            snapshots[f"step {step}"] = snapshot(game)
            heaps = covered(snapshots[f"step {step}"]["artificial"])[0]
            for name, value in zip(curves, (step, *np.mean(recent, axis=0), heaps), strict=True):
                curves[name].append(value)
            recent = []
    return snapshots, curves


def report(title, snapshots, curves, shown=4):
    names = list(snapshots)
    chosen = [names[i] for i in np.linspace(0, len(names) - 1, shown).astype(int)]
    week.duels({name: snapshots[name] for name in chosen}, title)
    losses = {name: curves[name] for name in ("D's loss", "G's loss")} | {"log 2": [np.log(2)] * len(curves["step"])}
    plots.curves(curves["step"], losses, ("step", "loss"), f"{title}: at the end {curves['heaps'][-1]:.0f} of 8 heaps")


# %%
snapshots, curves = play(game, RING_STEPS)
report("A fair game", snapshots, curves)
heaps, share = covered(snapshots[f"step {RING_STEPS}"]["artificial"])

# %% tags=["claim"]
measures.record("heaps that the generator has found, of 8", heaps, at_least=8)
measures.record("share of its points that lie in a heap", share, at_least=0.6)

# %% [markdown]
# Crosses are real points, discs G's. Light is where D says "real", dark where it says "artificial", halfway where it
# cannot tell; the arrows are where it sends G's points. (Their lengths are relative: the longest of each picture is
# drawn alike.) In this game G lays a band along the whole ring first, and then gathers it into heaps. At the end D is
# lightest on every heap, and halfway: there real and artificial points are mixed. And here is all of it as a film; it
# plays without a network and without a kernel.

# %%
moments = list(snapshots)
moments = [*moments[:8], *moments[9::2]]  # less happens later
week.duel_film({name: snapshots[name] for name in moments}, "The whole game")

# %% [markdown]
# Look at the curves once more, beside the line at $\log 2$ = 0.69, where a D is that knows nothing. (The axis does
# not begin at 0.) After the first look both losses move by a tenth of their size or so, while the samples go from a
# smear to eight heaps. You will soon see the same curves in a game that fails. Each loss is measured against an
# opponent who learns too: a level curve may mean a perfect game, or two players who have stopped learning. **From a
# GAN's losses alone you cannot tell whether it gets better.** When we come to pictures we shall need real measures.
#
# ## Break it, three times
# Three games that go wrong. Each has some settings changed, and is shorter. The settings stand at the end of the next
# cell: do not look there yet. Look at the samples and at the curves, and **diagnose:** what was changed?

# %%
BROKEN_STEPS, results = by_size(quick=625, full=1500), {}


class Minimax(Game):
    def generator_loss(self, said):
        """The mean of log(1 - D), where D is the sigmoid of what is said."""
        return -ops.mean(ops.softplus(said))


def trial(title, kind=Game, rates=(2e-3, 2e-3), real_label=1.0, starts=(1,), show=False, **how):
    """Play a game from each of the starts, and note how it went."""
    ends, losses = [], []
    for start in starts:
        keras.utils.set_random_seed(start)
        rng.bit_generator.state = np.random.default_rng(start).bit_generator.state
        snapshots, curves = play(kind(player(8, 2), player(2, 1), rates, real_label), BROKEN_STEPS, every=25, **how)
        ends.append(covered(list(snapshots.values())[-1]["artificial"]))
        losses.append([np.mean(curves[name]) for name in ("D's loss", "G's loss")])
    if show:
        report(title, snapshots, curves)
    heaps, shares = zip(*ends, strict=True)
    results[title] = heaps, np.mean(shares), *np.mean(losses, axis=0)


PATIENTS = {
    "A": {"rates": (2e-3, 5e-4), "g_steps": 5},
    "B": {"rates": (2e-4, 1e-2), "d_steps": 5},
    "C": {"kind": Minimax, "rates": (2e-3, 5e-3), "d_steps": 5},
}
trial("Patient A", **PATIENTS["A"], show=True)

# %%
trial("Patient B", **PATIENTS["B"], show=True)

# %%
trial("Patient C", **PATIENTS["C"], show=True)

# %% [markdown]
# **Patient A** has *mode collapse*. (Its first points lie outside the picture.) Soon all sit together in one place; D
# learns to call that place artificial, and the whole crowd moves on to another one. D's loss stays near 0.69, and
# looks healthy! Here G took five steps for each of D's, and D's rate was a quarter, so each time G found D's softest
# spot before D could answer.
#
# **Patient B** has a *discriminator that is too strong*: five steps, and fifty times G's rate. D's loss is near 0,
# G's is high, the border between light and dark is sharp, and G hardly moves. (Its own rate is low, too: only a tenth
# of the fair game's. Which of the two makes it ill?) Here it ends in a collapse as well: G sits on one heap, which D
# has given up. **Patient C** has nearly as strong a D, and on top of it the minimax loss: where D is sure, its slope
# is gone, and points stay lost between the heaps. (Its G's loss is below 0; it cannot be compared with the others'.)
#
# Now the cures. For A and B: *balance*, a rate of 0.002 for both and one step each. For B also *label smoothing*:
# tell D that real ones are only 0.9 real, so that it never gets quite sure. For C: the non-saturating loss.
# **Predict** which cure is enough by itself.

# %%
trial("B, labels smoothed", **PATIENTS["B"], real_label=0.9)
trial("B, only G's rate raised", **PATIENTS["B"] | {"rates": (2e-3, 1e-2)})
trial("A or B, balanced", starts=(1, 2, 3))
trial("A or B, balanced and smoothed", real_label=0.9, starts=(1, 2, 3))
trial("C, non-saturating", **PATIENTS["C"] | {"kind": Game})
trial("C, balanced, still minimax", Minimax)
rows = [
    [name, ", ".join(map(str, heaps)), f"{share:.0%}", *(f"{loss:.2f}" for loss in losses)]
    for name, (heaps, share, *losses) in results.items()
]
plots.table(rows, ["game", "heaps of 8, each start", "points in heaps", "D's loss, mean", "G's loss, mean"])
for patient in "AB":
    measures.record(f"heaps that patient {patient} found", results[f"Patient {patient}"][0][0], at_most=4)
measures.record("share of patient C's points that lie in a heap", results["Patient C"][1], at_most=0.6)
for half in ("B, labels smoothed", "B, only G's rate raised"):
    measures.record(f"heaps found: {half}", results[half][0][0], at_most=6)
worst = min(results["A or B, balanced and smoothed"][0])
measures.record("heaps found, balanced and smoothed, in the worst of three", worst, at_least=6)
gain = results["C, non-saturating"][1] - results["Patient C"][1]

# %% tags=["claim"]
measures.record("C's points in heaps: what the non-saturating loss gains", gain, at_least=0.1)

# %% [markdown]
# Read the second and the third column together: a collapsed G may have nearly all its points in heaps, in one.
# *Balance* brings A's and B's heaps back, in most games: after so few steps a balanced one can still sit in one or
# two heaps, smoothed or not. *Smoothing* alone does not cure B, nor does a faster G; on top of balance it costs some
# sharpness. (With labels of 0.9 the loss even of a perfect D is 0.16: half of D's 0.30 comes from the labels.) The
# *non-saturating loss* brings C's lost points home, into few heaps; all eight come only with balance. And with
# balance minimax does well, too: its weakness shows only where G is losing.
#
# ## Put both phases into one step
# With large networks each step costs, so both phases go into one: the `train_step` of a `keras.Model`, which Keras
# compiles as a whole. In it G draws once, and the same artificial pictures serve both phases. The model also keeps a
# *slow copy* of the generator, whose weights follow the real ones like a moving average. The two players push each
# other to and fro; an average may stay in the middle. We shall see whether it gains anything.


# %%
class GAN(keras.Model):
    """Both phases as one step of Keras, and a slow copy of the generator."""

    def __init__(self, generator, discriminator, numbers, rates, slowness=0.99, seed=0):
        super().__init__()
        self.generator, self.discriminator = generator, discriminator
        self.slow = keras.models.clone_model(generator)
        self.slow.set_weights(generator.get_weights())
        self.numbers, self.slowness, self.seeds = numbers, slowness, keras.random.SeedGenerator(seed)
        self.rates = rates
        self.for_g, self.for_d = (keras.optimizers.Adam(rate, beta_1=0.5) for rate in rates)
        self.for_g.build(generator.trainable_variables)
        self.for_d.build(discriminator.trainable_variables)
        self.built = True  # its parts are, and it has no weights of its own
        self.compile()  # so that train_on_batch is there; losses and optimizers are our own

    def step(self, real, noise):
        """Both phases with the same noise, so that the generator draws only once."""
        ones = ops.ones_like(noise[:, :1])
        with tf.GradientTape() as for_g:  # remembers how G drew; D learns in between, so that G meets the new D
            artificial = self.generator(noise, training=True)
            with tf.GradientTape() as for_d:
                said = self.discriminator(ops.concatenate([real, artificial]), training=True)
                d_loss = cross_entropy(ops.concatenate([ones, 0 * ones]), said)
            weights = self.discriminator.trainable_variables
            self.for_d.apply(for_d.gradient(d_loss, weights), weights)
            g_loss = cross_entropy(ones, self.discriminator(artificial, training=True))
        weights = self.generator.trainable_variables
        self.for_g.apply(for_g.gradient(g_loss, weights), weights)
        for slow, fast in zip(self.slow.weights, self.generator.weights, strict=True):
            slow.assign(self.slowness * slow + (1 - self.slowness) * fast)
        return {"D's loss": d_loss, "G's loss": g_loss}

    def train_step(self, batch):
        """What Keras does with each batch."""
        return self.step(batch[0], keras.random.normal((ops.shape(batch[0])[0], self.numbers), seed=self.seeds))


# %% [markdown]
# Is it the same? Same weights, same noise, one step by the phases and one by `step`; then compare all weights. (With
# batch normalisation one thing differs: two phases draw twice, and so G's moving averages move twice.)

# %%
game = Game(player(8, 2), player(2, 1))
twin = GAN(player(8, 2), player(2, 1), 8, (2e-3, 2e-3))
for one in ("generator", "discriminator"):
    getattr(twin, one).set_weights(getattr(game, one).get_weights())
real, same_noise = ring(POINTS), noise(POINTS)
game.phase_1(real, same_noise)
game.phase_2(same_noise)
week.assert_trains(lambda: twin.step(real, same_noise), moves=[twin.generator, twin.discriminator])
apart = max(
    np.abs(a - b).max()
    for one in ("generator", "discriminator")
    for a, b in zip(getattr(game, one).get_weights(), getattr(twin, one).get_weights(), strict=True)
)

# %% tags=["claim"]
measures.record("largest difference of any weight after a step", apart, at_most=1e-4)

# %% [markdown]
# ## Find a judge of pictures
# Losses will not tell us whether pictures get better, so we need an *independent* judge: a classifier that has learnt
# from the real pictures, and has no part in the game. It gives us two things: a class with its probability, and 64
# *features*, the numbers before its last layer.

# %%
loaded = data.load(DATASET)
measures.measured_on("digits", loaded)  # on other pictures limits are shown, and nobody is held to them
train, test = (part.grey(28) for part in (loaded.train, loaded.test))
pictures, labels, NAMES = train.images[:20_000], train.labels[:20_000], loaded.class_names


def normalised_relu():
    return layers.BatchNormalization(momentum=0.9), layers.ReLU()


def batches(size, *arrays, seed=0):
    """Endless batches, in another order each time round."""
    rng = np.random.default_rng(seed)
    while True:
        order = rng.permutation(len(arrays[0]))
        for chosen in np.array_split(order, max(1, len(order) // size)):
            yield tuple(array[chosen] for array in arrays)


convolutions = [
    layer
    for maps in (16, 32, 64)
    for layer in (layers.Conv2D(maps, 3, padding="same"), layers.MaxPooling2D(), *normalised_relu())
]
features_of = keras.Sequential(
    [keras.Input((28, 28, 1)), *convolutions, layers.Flatten(), layers.Dense(64), *normalised_relu()]
)
classifier = keras.Sequential([features_of, layers.Dense(len(NAMES), activation="softmax")])
classifier.compile("adam", "sparse_categorical_crossentropy")
watch = [training.WarmupThenDecay(0.005), training.LiveCurve("A judge learns", every=10, seconds=5)]
history = classifier.fit(batches(64, pictures, labels), steps_per_epoch=600, shuffle=False, verbose=0, callbacks=watch)


# %%
def run(network, inputs):
    """What a network answers, a few hundred at a time."""
    return np.concatenate([network(part, training=False) for part in np.array_split(inputs, -(-len(inputs) // 250))])


right = run(classifier, test.images[:1000]).argmax(axis=1) == test.labels[:1000]

# %% tags=["claim"]
measures.record("accuracy of the judge", right.mean(), at_least=0.97)

# %% [markdown]
# Three questions to 1,000 drawn pictures. Is every class there? *Coverage* counts the classes with at least 2% of the
# pictures; *entropy*, from 0 to 1, is 1 if all are equally frequent. Do they look like something? *Confidence* is the
# mean of the judge's highest probability. And are they, as a crowd, like real ones? That is the *Frechet distance*.
#
# ### Your turn: coverage


# %% tags=["exercise"]
def coverage(labels, classes, at_least):
    """How many of the classes 0, 1, ... `classes` - 1 have a share of at least `at_least` of all labels."""
    ### BEGIN SOLUTION
    shares = np.bincount(labels, minlength=classes) / len(labels)
    return int((shares >= at_least).sum())
    ### END SOLUTION


# %% tags=["check"]
coverage = week.coverage.check(coverage)

# %% [markdown]
# Fit a Gaussian to the features of real pictures, and one to those of drawn ones; means $m$, covariances $C$:
#
# $$d = |m_1 - m_2|^2 + \operatorname{trace}\left(C_1 + C_2 - 2 \, (C_1 C_2)^{1/2}\right)$$
#
# (With features of a large network, *Inception*, it is known as FID.) If the features do not depend on each other,
# each $C$ is diagonal, with the variances $v$, and the root of a matrix becomes plain roots.
#
# ### Your turn: the distance, of independent features


# %% tags=["exercise"]
def frechet(m1, v1, m2, v2):
    """Frechet distance of two Gaussians with means `m1`, `m2` and variances `v1`, `v2` of independent features."""
    ### BEGIN SOLUTION
    return np.sum((m1 - m2) ** 2) + np.sum((np.sqrt(v1) - np.sqrt(v2)) ** 2)
    ### END SOLUTION


# %% tags=["check"]
frechet = week.frechet.check(frechet)

# %% [markdown]
# With full covariances it is `week.frechet_distance`. We check it against the formula, with SciPy's matrix root,
# and set up the landmarks. **Predict** the order: unseen real pictures, uniform noise, and pictures drawn from one
# Gaussian with the mean and the covariance of all training pixels.

# %%
draw = np.random.default_rng(0)
few = draw.normal(0, 1, (200, 5)), draw.normal(1, 2, (200, 5))
c1, c2 = (np.cov(part, rowvar=False) for part in few)
formula = np.sum((few[0].mean(0) - few[1].mean(0)) ** 2) + np.trace(c1 + c2 - 2 * np.real(linalg.sqrtm(c1 @ c2)))
assert abs(week.frechet_distance(*few) - formula) < 1e-6

reference = run(features_of, pictures[:2000])


def judged(images):
    """Classes covered, entropy, confidence and Frechet distance of pictures."""
    features = run(features_of, images)
    said = run(classifier.layers[-1], features)
    classes = said.argmax(axis=1)
    covered, evenness = coverage(classes, len(NAMES), 0.02), stats.entropy(np.bincount(classes), base=len(NAMES))
    return covered, evenness, said.max(axis=1).mean(), week.frechet_distance(features, reference)


flat = pictures.reshape(len(pictures), -1)
gaussian = draw.multivariate_normal(flat.mean(axis=0), np.cov(flat.T), 1000, method="eigh").clip(0, 1)
landmarks = {
    "real, unseen": test.images[:1000],
    "one Gaussian": gaussian.reshape(-1, 28, 28, 1).astype("float32"),
    "uniform noise": draw.random((1000, 28, 28, 1)).astype("float32"),
}
marks = {name: judged(images) for name, images in landmarks.items()}


def show_marks(marks):
    rows = [
        [name, covered, f"{entropy:.2f}", f"{sure:.2f}", f"{distance:.1f}"]
        for name, (covered, entropy, sure, distance) in marks.items()
    ]
    plots.table(rows, ["1,000 pictures", "classes covered", "entropy", "confidence", "Frechet distance"])


few_of_each = [image.squeeze() for images in landmarks.values() for image in images[:3]]
names = [part for name in landmarks for part in ("", name, "")]
plots.pictures(
    few_of_each, names, columns=9, title="The landmarks", span=(0, 1), alt=f"Three each: {', '.join(landmarks)}."
)
show_marks(marks)

# %% [markdown]
# A judge has to say *something*: it puts noise and Gaussian into few classes, and may even be quite sure of them. So
# confidence alone is worth little, and no figure is enough by itself.
#
# ## Draw digits
# A *DCGAN*: a dense layer makes 7x7 pixels of 64 maps out of G's noise, and two transposed convolutions with stride 2
# bring them to 28x28. (Their kernels are 4x4, not 3x3: week 9a's checkerboards tell why.) D is two convolutions with
# stride 2. G has batch normalisation; D has *leaky* ReLU, which has a slope below zero too, so that no unit of D is
# ever silent: a custom among DCGANs. D has few weights, and gets the higher rate, to keep up with G. (Are the two
# needed here? Try.) **Predict** what comes first: strokes, digits, or variety?


# %%
def new_gan(seed):
    keras.utils.set_random_seed(seed)
    generator = keras.Sequential(
        [
            keras.Input((NOISE,)),
            layers.Dense(7 * 7 * 64, use_bias=False),
            *normalised_relu(),
            layers.Reshape((7, 7, 64)),
            layers.Conv2DTranspose(32, 4, 2, padding="same", use_bias=False),
            *normalised_relu(),
            layers.Conv2DTranspose(1, 4, 2, padding="same", activation="sigmoid"),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 4, 2, padding="same"),
            layers.LeakyReLU(0.2),
            layers.Conv2D(64, 4, 2, padding="same"),
            layers.LeakyReLU(0.2),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )
    return GAN(generator, discriminator, NOISE, rates=(1e-3, 4e-3), seed=seed)


fixed = np.random.default_rng(1).normal(size=(1000, NOISE)).astype("float32")


# %% [markdown]
# The training is a loop, as in the plane. Every now and then it has a look: one picture, renewed in place, with what
# G draws from the *same* noise each time, so that you can follow one digit as it comes into being. And after each
# look it keeps a *checkpoint*: weights, the optimizers' memories, seeds, and how far it has come.


# %%
def train(gan, steps, folder, look_every, show=True):
    """Train, watch, and return what was drawn at each look; go on from the newest checkpoint in the folder, if any."""
    kept = week.Checkpoints(folder, gan, gan.for_g, gan.for_d)
    done, curves = kept.restore() or (0, {"step": [], "D's loss": [], "G's loss": [], "distance": []})
    began, place, recent, looks = time.monotonic(), None, [], {}
    for step in range(done + 1, steps + 1):
        slow_down(gan, step / steps)
        chosen = np.random.default_rng(step).integers(len(pictures), size=32)  # known from the step: nothing to keep
        losses = gan.train_on_batch(pictures[chosen], return_dict=True)
        recent.append(list(losses.values()))
        if step % look_every == 0 or step == steps:
            drawn = run(gan.slow, fixed[:500])
            distance = week.frechet_distance(run(features_of, drawn), reference)
            for name, value in zip(curves, (step, *np.mean(recent, axis=0), distance), strict=True):
                curves[name].append(value)
            kept.save(step, curves)
            left = (time.monotonic() - began) / (step - done) * (steps - step)
            title = f"Step {step} of {steps}, about {left:.0f} s left" if step < steps else "A DCGAN has learnt"
            recent, looks[step], lines = [], drawn[:9], {name: curves[name] for name in losses}
            if show:
                shown = drawn[:36], curves["step"], lines, curves["distance"], "Frechet distance", steps, title, LEVELS
                place = week.forging(*shown, place)
    return looks


LEVELS = {name: mark[3] for name, mark in marks.items()}
scratch = tempfile.TemporaryDirectory()  # gone when the kernel is

# %% [markdown]
# You may stop it with the square button, look at what you have, and run the cell again: it goes on. (With
# `CHECKPOINTS` above set to a folder of yours it does so even after the kernel was killed.)

# %%
gan = new_gan(0)
looks = train(gan, STEPS, CHECKPOINTS or scratch.name, look_every=by_size(quick=200, full=500))

# %% [markdown]
# What came first? The same nine noises, at four of the looks:

# %%
chosen = [list(looks)[i] for i in np.linspace(0, len(looks) - 1, 4).astype(int)]
for step in dict.fromkeys(chosen):
    plots.pictures(looks[step].squeeze(-1), title=f"Step {step}", columns=9, span=(0, 1), height=0.9)

# %% [markdown]
# First blots, then shapes that could be digits, and soon of many kinds; then the shapes get cleaner, most of them.
# (The first look can be *farther* from real pictures than noise is.) Now the figures. **Predict** confidence and
# distance, beside the landmarks.

# %%
drawn = run(gan.slow, fixed)
marks["drawn, slow copy"] = judged(drawn)
marks["drawn, G itself"] = judged(run(gan.generator, fixed))
show_marks(marks)
unsure = [np.mean(run(classifier, images).max(axis=1) < 0.9) for images in (drawn, test.images[:1000])]
print(f"less than 90% sure is the judge of {unsure[0]:.0%} of the drawn pictures, and of {unsure[1]:.0%} of real ones")
covered_classes, entropy, sure, distance = marks["drawn, slow copy"]

# %% tags=["claim"]
measures.record("classes with at least 2% of the drawn pictures", covered_classes, at_least=len(NAMES))
measures.record("entropy of the classes", entropy, at_least=0.94)
measures.record("mean confidence of the judge", sure, at_least=0.82)
measures.record("Frechet distance, as a share of noise's", distance / marks["uniform noise"][3], at_most=0.10)
measures.record("Frechet distance, as a share of one Gaussian's", distance / marks["one Gaussian"][3], at_most=1 / 3)

# %% [markdown]
# All classes are there, about equally often, though nobody told G that there are classes. (So says the judge, who
# must call each picture something; look how many it is not sure of.) As a crowd the pictures are far nearer to real
# ones than noise or the Gaussian are; and clearly not as near as other real ones. Their confidence would not have
# told you: look at the Gaussian's, and at the noise's. And the slow copy has gained next to nothing: the falling
# rates have brought both players to rest, and G itself is as good.
#
# ## Ask whether it copies
# A generator could learn training pictures by heart, and all figures above would be splendid. So look for the
# training picture nearest to each drawn one. What is near? Compare with *unseen real* pictures, which certainly are
# no copies. **Predict:** if G copied, on which side of these would its distances lie?

# %%
found, how_near = pairwise_distances_argmin_min(drawn[:300].reshape(300, -1), flat)
_, real_near = pairwise_distances_argmin_min(test.images[:300].reshape(len(test.images[:300]), -1), flat)
shown = [*drawn[:8], *pictures[found[:8]]]
titles = [text for row in ("drawn:", "nearest:") for text in [row, *[""] * 7]]
shown = [np.squeeze(image) for image in shown]
plots.pictures(shown, titles, "Drawn, and the nearest training picture", columns=8, height=1.25)
plots.histograms({"drawn": how_near, "real, unseen": real_near}, "distance to the nearest training picture")
ratio = np.median(how_near) / np.median(real_near)

# %% tags=["claim"]
measures.record("distance to the nearest training picture, drawn beside unseen real", ratio, at_least=1)

# %% [markdown]
# If it copied, its distances would be *smaller* than those of unseen real pictures. They are larger. But would this
# comparison of two medians find a thief who copies one picture in ten? **Predict**, then plant thirty copies among
# the 300; and look also at how many are nearer than all but 1% of the real ones.

# %%
planted = np.where(np.arange(len(how_near)) % 10 == 0, 0, how_near)
for name, distances in {"drawn": how_near, "one in ten a copy": planted}.items():
    close = np.mean(distances < np.percentile(real_near, 1))
    ratio = np.median(distances) / np.median(real_near)
    measures.record(f"medians' ratio, {name}", ratio, at_least=1)
    measures.record(
        f"nearer than 99% of real ones, {name}", close, **{"at_most" if name == "drawn" else "at_least": 0.08}
    )

# %% [markdown]
# The medians hardly notice the thief; the left end of the histogram does. So: no sign of copying. But beware: copies
# of a part, or copies that are moved by a pixel, would escape this test, too.
#
# ## Walk through the noise
# Between any two noises there is a straight line. Its ends here are not typical: of each class we take the drawn
# picture that comes nearest to a real one. **Predict** what lies half way: two digits, one over the other, as in week
# 10a's mixed pictures?

# %%
kinds = labels[found]  # of the real pictures nearest to drawn ones
known = np.unique(kinds)
truest = [np.where(kinds == label, how_near, np.inf).argmin() for label in known]
stations = [min(number, len(known) - 1) for number in (7, 6, 0)]
ends = fixed[[truest[number] for number in stations]]
shares = np.linspace(0, 1, 9, dtype="float32")[:, None]
ways = [run(gan.slow, (1 - shares) * ends[i] + shares * ends[i + 1]) for i in range(2)]
titles = [f"{NAMES[known[a]]} to {NAMES[known[b]]}" for a, b in itertools.pairwise(stations)]
for title, way in zip(titles, ways, strict=True):
    plots.pictures(way.squeeze(-1), columns=9, title=title, span=(0, 1), height=0.9)
half_way = {"noises": run(gan.slow, (fixed[:500] + fixed[500:]) / 2), "pictures": (drawn[:500] + drawn[500:]) / 2}
grey = {name: np.mean((images > 0.25) & (images < 0.75)) for name, images in half_way.items()}
print("neither black nor white half way:", ", ".join(f"{share:.0%} between {name}" for name, share in grey.items()))
ratio = grey["noises"] / grey["pictures"]

# %% tags=["claim"]
measures.record("grey pixels half way between noises, as a share of those between pictures", ratio, at_most=0.6)

# %% [markdown]
# Not one digit laid over the other, as a rule: each picture is a shape of its own, with few grey pixels, though not
# every one is a digit. Now walk yourself. (Where no widget runs, you see one picture.)

# %%
shares = np.linspace(0, 1, 31, dtype="float32")[:, None]
walks = [run(gan.slow, (1 - shares) * ends[i] + shares * ends[i + 1]) for i in range(2)]
plots.explore_pictures(dict(zip(titles, walks, strict=True)), "step")

# %% [markdown]
# ## Reckon with classes
# Take the mean noise of all pictures that the judge calls 3, and of those that it calls 4. Their difference is a
# direction, "3 to 4". Add it to the noise of a 3, once, twice. **Predict:** how many become a 4? One pair proves
# little, so we ask all pairs of neighbouring numbers. The control: directions of the same length, chosen at random.

# %%
called, lots = run(classifier, drawn).argmax(axis=1), np.random.default_rng(5)
there = [label for label in range(len(NAMES)) if (called == label).sum() >= 8]
pairs = list(zip(there, [*there[1:], *there[:1]], strict=True))
means = {label: fixed[called == label].mean(axis=0) for label in there}
times, reached = (0, 1, 2, 3), {"the difference": [], "at random": []}


def moved(start, way, count):
    """Pictures of a class, and what becomes of them: moved once, twice, three times."""
    starts = fixed[called == start][:count]
    return run(gan.slow, np.concatenate([starts + often * way for often in times]))


for start, end in pairs:
    direction, other = means[end] - means[start], lots.normal(size=NOISE).astype("float32")
    other *= np.linalg.norm(direction) / np.linalg.norm(other)
    for name, way in zip(reached, (direction, other), strict=True):
        arrived = run(classifier, moved(start, way, 30)).argmax(axis=1) == end
        reached[name].append(arrived.reshape(len(times), -1).mean(axis=1))
rows = [[name, *(f"{share:.0%}" for share in np.mean(shares, axis=0))] for name, shares in reached.items()]
plots.table(rows, ["arrives, says the judge, where it was meant to", *("unmoved", "once", "twice", "three times")])
gain = np.subtract(*(np.mean(shares, axis=0)[2] for shares in reached.values()))

# %% tags=["claim"]
measures.record("share that arrives with two steps, beyond directions at random", gain, at_least=0.2)

# %%
arrive = [shares[2] for shares in reached["the difference"]]
for which, number in {"Best": int(np.argmax(arrive)), "Worst": int(np.argmin(arrive))}.items():
    start, end = pairs[number]
    title = (
        f"{which} pair, {NAMES[start]} to {NAMES[end]}: unmoved, moved once, moved twice ({arrive[number]:.0%} arrive)"
    )
    plots.pictures(moved(start, means[end] - means[start], 8)[:24], columns=8, title=title, span=(0, 1))

# %% [markdown]
# A difference of two means carries a meaning, although nothing was trained for that: it arrives far more often than a
# direction at random. It is no law, as the worst pair shows; whoever prints only the best one makes it look like one.

# %% [markdown]
# ## Stop at any moment
# A long training is stopped at times: a power cut, a laptop that is closed. Here one GAN does six steps, and keeps a
# checkpoint after three and after six. Then we tear the newer file, as if the power had failed while it was written.
# Another GAN, with other first weights, finds what is left, and goes on. **Predict:** how far apart are the two in
# the end, in the weight in which they differ most?

# %%
unbroken, resumed = new_gan(0), new_gan(7)
with tempfile.TemporaryDirectory() as folder:
    train(unbroken, 6, folder, look_every=3, show=False)
    newest = next(Path(folder).glob("ckpt-6.data*"))
    newest.write_bytes(newest.read_bytes()[:1000])
    train(resumed, 6, folder, look_every=3, show=False)
difference = max(np.abs(a - b).max() for a, b in zip(unbroken.get_weights(), resumed.get_weights(), strict=True))
print(f"largest difference of any weight: {difference}")

# %% tags=["claim"]
assert difference == 0

# %% [markdown]
# Nothing, not in the last digit. (Leave out the seeds or the optimizers' memories, and it would be something.)
#
# ## Try next
# - Give the DCGAN patient B's `rates`. When does it fall ill, and what tells you first: losses, distance or samples?
#   Is it still ill in the end?
# - `slowness = 0.0`: the slow copy is then G itself. How much does the distance swing from look to look?
# - Widen the ring's heaps, or set 25 of them on a grid: how many does the fair game find, and in how many steps?
# - `DATASET = "fashion_mnist"`, or your own class folders: which class is drawn least often?
#
# ## What you can do now
# - Write down J_D and J_G; label 1 is for real, whatever one line of a slide says.
# - Say why G gets the non-saturating loss: its slope is 1 - D where minimax has D, and G begins where D is near 0.
# - Train in two phases, prove that each moves only its own player, and know a recipe that trains no D at all in Keras
#   3.
# - Tell collapse, a D too strong, and a saturated loss from samples and curves; and that balance is the first cure.
# - Measure: coverage, entropy, confidence and Frechet distance beside real pictures, a Gaussian and noise; and look
#   for copies. No single one of them is enough, and the losses are none.
