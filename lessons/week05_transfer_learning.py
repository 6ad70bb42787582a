# ---
# jupyter:
#   course:
#     seconds: 150
#     gigabytes: 2
# ---

# %% [markdown]
# # How do you learn from ten pictures?
#
# A thousand pictures of each thing is what networks want. Ten of each is what people have: ten X-rays of a rare
# disease, ten photos of each plant in the garden. Here you train the same VGG on ten pictures a class twice, once
# from nothing and once from what it had learned about something else, and find out how much that is worth, why, and
# when it stands in the way.
#
# **You will be able to**
# - use a trained network as a fixed extractor of features, and fine-tune it, on your own pictures,
# - say which of the two to take for how many pictures, and at which depth to cut,
# - recognise three mistakes that ruin it without any error message,
# - tell when borrowed knowledge does not help.
#
# *Mirrors: lecture C, "VGG (2014)" and "Transfer Learning"; lecture D, "A parenthesis: Transfer Learning" to "What we
# may expect"; lecture A, "Last Time ..." (lower layers are more general); lecture E, VGG-16. About 75 minutes with
# the exercises; {cost}.*

# %% tags=["setup"]
import time
from itertools import pairwise

import numpy as np

from course_utils import by_size, data, measures, models, plots, setup, training
from course_utils.weeks import week05 as week

setup(seed=0)
import keras
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from course_utils.data import cluttered_digits, clutter, letters

# %% tags=["parameters"]
DATASET = "cluttered_digits"  # or a folder with a folder of your own pictures for each class, at least 5 in each
WEIGHTS = by_size(quick="slim", full="imagenet")  # or the path of a weights file
SIDE = by_size(quick=32, full=224)  # pixels: height and width of the pictures that the network sees

# %% [markdown]
# ## Look at everything there is to learn from
# Handwritten digits of any colour on pieces of photographs. These are *all* the training pictures: ten of each.
# Somebody shows you these and no others, and then hundreds of new ones, with other handwriting and other photographs
# behind them. **How many of 100 new ones would you read right? And how many would a network that has never seen
# anything before?**

# %%
pictures = data.load(DATASET, size=(SIDE, SIDE), at_least=5)
measures.measured_on("cluttered_digits", pictures)  # on other pictures limits are shown, and nobody is held to them
smallest = np.bincount(pictures.train.labels).min()
FEW = int(min(10, smallest))
few = pictures.train.few(FEW, seed=0)
plots.pictures(few.images, title=f"{FEW} of each class: the whole training set", columns=20)

# %% [markdown]
# ## Take a network that is known to be hard to train
# VGG16 is column D of the table in its authors' paper: blocks of 3x3 convolutions, each block ended by a max pooling
# that halves the picture. Lecture E gives it 138 million weights. Is that so, and **where do you think most of them
# sit: in the 13 convolutions or in the 3 dense layers?**

# %% tags=["nbval-check-output"]
table = models.vgg.CONFIGURATIONS["D"]
for block, line in enumerate(table, start=1):
    print(f"block {block}: {line}")

channels = [3] + [int(item.split("-")[1]) for line in table for item in line.split()]
convolutions = sum((3 * 3 * before + 1) * after for before, after in pairwise(channels))
dense = sum((before + 1) * after for before, after in pairwise([7 * 7 * 512, 4096, 4096, 1000]))
print(f"{convolutions:,} in convolutions + {dense:,} in dense layers = {convolutions + dense:,}")
assert convolutions + dense == 138_357_544

# %% [markdown]
# Nine tenths are in the dense layers. So for a laptop: an eighth of the channels (a 64th of the convolutions'
# weights), the mean over all positions in place of the big dense layers, and batch normalization, which the authors
# did not have yet. With `WEIGHTS = "imagenet"` everything below runs with the original.
#
# `load_backbone` gives the convolutional part, with trained weights. Keep those aside for now: the network that we
# build on it can begin with any weights, drawn or borrowed.

# %%
backbone = models.load_backbone(WEIGHTS, pictures.train.images.shape[1:], SIDE)
learned = backbone.get_weights()
pooled = keras.layers.GlobalAveragePooling2D()(backbone.output)
top = keras.layers.Dense(len(pictures.class_names), activation="softmax")
network = keras.Model(backbone.input, top(pooled))
network.compile("adam", "sparse_categorical_crossentropy")
blank = keras.models.clone_model(network).get_weights()  # as before any training
print(f"{network.count_params():,} weights")

# %% [markdown]
# Three small functions: weights to begin with (all drawn at random, or only the new top's), the share that is read
# right, and a training. Its learning rate rises to `rate` at first, so that the first steps, taken blindly, are
# small, and then falls to zero.


# %%
def begin(seed, borrow):
    """Weights to begin with: drawn at random, the convolutional part's borrowed or not."""
    draw = keras.initializers.GlorotUniform(keras.random.SeedGenerator(seed))
    drawn = [keras.ops.convert_to_numpy(draw(array.shape)) if array.ndim > 1 else array for array in blank]
    return learned + drawn[len(learned) :] if borrow else drawn  # the top's weights come last


def accuracy(part):
    return np.mean(network.predict(part.images, batch_size=250, verbose=0).argmax(axis=1) == part.labels)


# %%
def train(weights, part, steps, rate, seed=0, watch=0):
    """Train the whole network; return test accuracies, one every `watch` steps."""
    training.reset_to(network, weights)
    rng, seen = np.random.default_rng(seed), []
    for step in range(1, steps + 1):
        now = rng.choice(len(part.labels), min(16, len(part.labels)), replace=False)
        done = step / (steps + 1)
        network.optimizer.learning_rate = rate * min(5 * done, 1.25 * (1 - done))  # up for a fifth, then down
        network.train_on_batch(part.images[now], part.labels[now])
        if watch and step % watch == 0:
            seen.append(accuracy(pictures.test))
    return seen


# %% [markdown]
# ## Give the beginner a fair chance
# From scratch: all weights drawn at random, only our ten pictures a class to learn from. The result depends on the
# learning rate, so we try three and let the *validation* pictures choose. The test pictures must not: they are to
# tell how good the choice was.

# %%
RATES = by_size(quick=(0.001, 0.01, 0.1), full=(0.0001, 0.001, 0.01))
on_validation = {}
for rate in RATES:
    train(begin(0, borrow=False), few, by_size(quick=100, full=300), rate)
    on_validation[rate] = accuracy(pictures.validation)
    print(f"learning rate {rate}: {on_validation[rate]:.0%} of the validation pictures right")
best_rate = max(on_validation, key=on_validation.get)

# %%
LONG = by_size(quick=280, full=900)  # steps
scratch_curve = train(begin(0, borrow=False), few, LONG, best_rate, watch=LONG // 7)

# %% tags=["claim"]
measures.record(f"from scratch, {FEW} a class: test accuracy", scratch_curve[-1], at_least=0.15)
measures.record("and on its own training pictures", accuracy(few), at_least=0.9)

# %% [markdown]
# It knows its hundred pictures by heart, and reads three in ten of the new ones, where guessing gives one in ten.
# More steps change little: with 900, in the size "full", it is 0.37. Batch normalization has made this VGG easy to
# *train*; a hundred pictures are simply too few to learn *digits* from. Or is it only too large? A control: the small
# network of week 0.

# %%
keras.utils.set_random_seed(0)
small = keras.Sequential(
    [
        keras.Input(pictures.train.images.shape[1:]),
        keras.layers.Conv2D(8, 5, strides=2, activation="relu"),
        keras.layers.Conv2D(24, 3, strides=2, activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(len(pictures.class_names), activation="softmax"),
    ]
)
small.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy", metrics=["accuracy"])
history = small.fit(*few, batch_size=16, epochs=30, verbose=0)

# %% tags=["claim"]
measures.record("the small network of week 0: test accuracy", small.evaluate(*pictures.test, verbose=0)[1], at_most=0.5)

# %% [markdown]
# This smaller one does no better. A hundred pictures do not say what makes a digit, and what is only a colour or a
# piece of gravel.
#
# ## Borrow from one who has read a lot
# Before it came here, our VGG learned to name 41 printed letters (the capitals, and 15 small letters that are not
# just smaller capitals) from 30,000 pictures such as these. Digits it has never seen, though O and I come close. No
# photograph behind the letters is behind a digit too; the cell makes sure. **What could it have learned there that is
# of use here?**

# %%
for_letters = set().union(*letters.PHOTOS.values())
for_digits = set().union(*cluttered_digits.PHOTOS.values())
assert not for_letters & for_digits and not set(letters.CLASSES) & set("0123456789")
some_letters = letters.make({"train": 40})["train_images"]
plots.pictures(some_letters, title="What the network has seen before", columns=20)

# %% [markdown]
# ### Look inside
# Each filter of the first layer is 3x3 pixels of three colours. Here are eight, with a row for each colour (the
# lighter, the more it wants of it); below, what each makes of one test picture, a red 5 on grey (white: a strong
# answer). Then the same picture on its way through the depths. **Predict:** what becomes of the background, and of
# the place of things?

# %%
backbone.set_weights(learned)  # the training above has changed them
one = pictures.test.images[[51 % len(pictures.test.labels)]]
first = backbone.get_layer("block1_conv1")
kernels = np.moveaxis(first.get_weights()[0], -1, 0)[:8]  # filters x 3 x 3 x colours
weights = np.stack([(kernel - kernel.min()) / np.ptp(kernel) for kernel in kernels])
answers = keras.ops.convert_to_numpy(keras.Model(backbone.input, first.output)(one, training=False))[0]
answers = np.moveaxis(answers, -1, 0)[:8] / answers[..., :8].max()
titles = [text for row in ("red:", "green:", "blue:", "answer:") for text in [row, *[""] * 7]]
plots.pictures(
    [*np.moveaxis(weights, -1, 0).reshape(-1, 3, 3), *answers],
    titles,
    "Eight filters, and their answers",
    columns=8,
    height=1.2,
    span=(0, 1),
)

# %%
before_pooling = [backbone.get_layer(f"block{block}_pool").input for block in (1, 2, 3, 4)]
maps, titles = [], []
for block, answer in enumerate(keras.Model(backbone.input, before_pooling)(one, training=False), start=1):
    answer = keras.ops.convert_to_numpy(answer)[0]
    strongest = np.argsort(-answer.std(axis=(0, 1)), kind="stable")[:6]
    maps += [one[0]] + [answer[..., channel] for channel in strongest]
    titles += [f"after block {block}:"] + [""] * 6
plots.pictures(maps, titles, "Deeper and deeper: six feature maps of each block", columns=7, height=1.4)

# %% [markdown]
# The first layers draw edges, of the digit and, fainter, of what is behind it. In block 4 a map has only 4x4 places;
# those shown (the six that vary most) tell where some *part of a character* is.
#
# ### Which pictures does it find alike?
# Averaged over all places, the last block gives 64 numbers: the picture's *features*. Two pictures are alike if their
# features point the same way. That can be asked of the raw pixels, too. **Predict:** for the same red 5, what do
# pixels find most alike, and what do features find?


# %%
def features(images, cut="block5_pool", source=backbone):
    """What comes out of a layer, averaged over all places, for each picture."""
    reader = keras.Model(source.input, keras.layers.GlobalAveragePooling2D()(source.get_layer(cut).output))
    parts = [reader(images[first : first + 250], training=False) for first in range(0, len(images), 250)]
    return np.concatenate([keras.ops.convert_to_numpy(part) for part in parts])


def nearest_of_all(vectors):
    """For each vector the others, the most alike first."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    alike = unit @ unit.T
    np.fill_diagonal(alike, -np.inf)
    return np.argsort(-alike, axis=1, kind="stable")[:, :-1]  # without itself, which comes last


images, labels = pictures.test
shelf = images[:250]  # later test pictures are made from the same originals again
orders = {"in pixels": nearest_of_all(shelf.reshape(len(shelf), -1)), "in features": nearest_of_all(features(shelf))}
for query in (51 % len(shelf), 22 % len(shelf)):
    for name, order in orders.items():
        titles = [pictures.class_names[label] for label in labels[[query, *order[query, :9]]]]
        titles[0] = f"this {titles[0]}:"
        shown = [images[query], *images[order[query, :9]]]
        plots.pictures(shown, titles, f"Most alike {name}", columns=10)

# %%
same = {name: (labels[order[:, 0]] == labels[: len(shelf)]).mean() for name, order in orders.items()}

# %% tags=["claim"]
measures.record("nearest in pixels: share of the same class", same["in pixels"], at_most=0.3)
measures.record("nearest in features: share of the same class", same["in features"], at_least=0.45)

# %% [markdown]
# Pixels find the same background. Features find the same shape, in another colour, in front of anything, mostly:
# seven times in ten the nearest is of the same class. (A 3 and a 9 it often confuses.) And nobody has told this
# network what a digit is.
#
# ### Your turn: the most alike
# `query` is one vector, `vectors` an array with a vector in each row. Which row points most nearly in the direction
# of the query? Give its number. The cosine of the angle tells: the product of two vectors, divided by both their
# lengths.


# %% tags=["exercise"]
def most_alike(query, vectors):
    """The number of the row that points most nearly the same way as the query."""
    ### BEGIN SOLUTION
    cosines = vectors @ query / (np.linalg.norm(vectors, axis=1) * np.linalg.norm(query))
    return int(np.argmax(cosines))
    ### END SOLUTION


# %% tags=["check"]
most_alike = week.most_alike.check(most_alike)

# %% [markdown]
# ## Freeze it: change the top, and nothing else
# Lecture D's advice for a small data set: leave all weights as they are, and train only a new top on the features. A
# softmax layer on fixed features is an old friend, *logistic regression*, and scikit-learn finds its best weights
# with no learning rate to choose. **Predict** the share of new digits read right, after three in ten from scratch.


# %%
def fit_top(known, labels):
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)).fit(known, labels)


test_features = features(images)


def frozen_accuracy(part):
    return fit_top(features(part.images), part.labels).score(test_features, labels)


frozen = frozen_accuracy(few)

# %% tags=["claim"]
measures.record("frozen: test accuracy", frozen, at_least=0.57)

# %% [markdown]
# ### Your turn: how little was trained
# The whole network has 232,802 weights. How many does the new top have, for `features` numbers that go in and
# `classes` that come out?


# %% tags=["exercise"]
def top_weights(features, classes):
    """How many weights a dense layer of `classes` outputs has on `features` inputs."""
    ### BEGIN SOLUTION
    return (features + 1) * classes
    ### END SOLUTION


# %% tags=["check"]
top_weights = week.top_weights.check(top_weights)

# %% [markdown]
# ### Run the frozen part once
# What is frozen gives the same features in each epoch. So run it once, keep what comes out, and train the top on
# that. **How many times faster is an epoch then? Write down a number**, then measure eight batches of 128.


# %%
def seconds_of_an_epoch(model, inputs):
    """The fastest of three epochs of eight batches, after one to warm up."""
    batches = np.resize(np.arange(len(inputs)), (8, 128))
    taken = []
    for _ in range(4):
        began = time.perf_counter()
        for batch in batches:
            model.train_on_batch(inputs[batch], pictures.train.labels[batch])
        taken.append(time.perf_counter() - began)
    return min(taken[1:])


def with_new_top(inputs, outputs):
    layer = keras.layers.Dense(len(pictures.class_names), activation="softmax")
    model = keras.Model(inputs, layer(outputs))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


backbone.trainable = False
kept = features(pictures.train.images)
vector = keras.Input(kept.shape[1:])
through_all = seconds_of_an_epoch(with_new_top(backbone.input, pooled), pictures.train.images)
on_kept = seconds_of_an_epoch(with_new_top(vector, vector), kept)
backbone.trainable = True
print(f"through the whole network {through_all:.3f} s, on kept features {on_kept:.3f} s:")
print(f"{through_all / on_kept:.0f} times as fast")

# %% tags=["claim"]
assert through_all > 5 * on_kept

# %% [markdown]
# ## Fine-tune it: let everything move a little
# Lecture D's advice for a medium data set: take the old weights as a *beginning*, and train on. **Predict:** the
# beginner had 280 steps. After how many steps is the fine-tuned one better than the beginner ever was?

# %%
SHORT = by_size(quick=80, full=200)
GENTLE = 0.003 if backbone.name == "vgg16_slim" else 0.0001  # batch normalization bears larger steps
tuned_curve = train(begin(0, borrow=True), few, SHORT, GENTLE, watch=SHORT // 8)
tuned = tuned_curve[-1]
scratch_steps = np.arange(1, len(scratch_curve) + 1) * (LONG // 7)
tuned_steps = np.arange(1, len(tuned_curve) + 1) * (SHORT // 8)
shown = {"from scratch": (scratch_steps, scratch_curve), "fine-tuned": (tuned_steps, tuned_curve)}
plots.paths(shown, ("step", "test accuracy"), f"{FEW} pictures a class", levels={"frozen": frozen})

# %% [markdown]
# ### Your turn: who was faster?
# `steps` says after which steps accuracy was measured, `curve` what it was. After which of these steps was `level`
# reached for the first time? If it never was, the answer is `float("inf")`.


# %% tags=["exercise"]
def first_reached(steps, curve, level):
    """The step after which the curve was at the level, or above it, for the first time; inf if never."""
    ### BEGIN SOLUTION
    for step, value in zip(steps, curve, strict=True):
        if value >= level:
            return step
    return float("inf")
    ### END SOLUTION


# %% tags=["check"]
first_reached = week.first_reached.check(first_reached)

# %%
reached = min(tuned_steps[np.array(tuned_curve) >= max(scratch_curve)], default=LONG)
best = max(frozen, tuned)
measures.record("fine-tuned: test accuracy", tuned, at_least=0.62)
measures.record(
    "the better of frozen and fine-tuned, over scratch at its best", best - max(scratch_curve), at_least=0.25
)
print(f"better than scratch at its best after {reached} steps, or fewer")

# %% tags=["claim"]
measures.record("its steps to scratch's best, as a share of scratch's", reached / LONG, at_most=1 / 3)

# %% [markdown]
# Faster and more accurate, as lecture D promises. But that was one draw of ten pictures a class. Is it luck?
#
# ## Draw the one picture that tells it all
# The same at 5 to 100 pictures a class. Each point is trained anew on other pictures from other random weights:
# fine-tuned for 80 steps, from scratch for 160 (at 5 a class) to 350 (at 100). Bars show one standard deviation. It
# takes a minute or two: **sketch the three curves before they appear.** Where do two of them meet?

# %%
SEEDS = range(by_size(quick=3, full=5))
COUNTS = [count for count in (5, 10, 20, 50, 100) if count <= smallest] or [FEW]
first = {"from scratch": scratch_curve[-1], "fine-tuned": tuned, "frozen": frozen}  # from above: FEW a class, seed 0


def measure(count, seed):
    """Accuracy by method."""
    if (count, seed) == (FEW, 0):
        return first
    part = pictures.train.few(count, seed)
    steps = LONG if count == FEW else by_size(quick=150 + 2 * count, full=LONG)
    train(begin(seed, borrow=False), part, steps, best_rate, seed)
    scratch = accuracy(pictures.test)
    train(begin(seed, borrow=True), part, SHORT, GENTLE, seed)
    tuned = accuracy(pictures.test)
    backbone.set_weights(learned)
    return {"from scratch": scratch, "fine-tuned": tuned, "frozen": frozen_accuracy(part)}


# %%
results = {name: {} for name in first}
place = week.accuracies(COUNTS, results, "Training begins ...")
for count in COUNTS:
    for seed in SEEDS:
        for name, value in measure(count, seed).items():
            results[name].setdefault(count, []).append(value)
    week.accuracies(COUNTS, results, f"So far: up to {count} a class", place)
place = week.accuracies(COUNTS, results, "What borrowing is worth", place)

# %%
mean = {name: {count: np.mean(values) for count, values in by.items()} for name, by in results.items()}
for count in COUNTS:
    scratch, tuned_too, frozen_too = (mean[name][count] for name in results)
    floor = {FEW: 0.25, 100: 0.08}.get(count)
    measures.record(f"{count} a class: the better of the two over scratch", max(frozen_too, tuned_too) - scratch, floor)
    limits = {5: {"at_most": 0.06}, 20: {"at_least": 0.02}, 100: {"at_least": 0.01}}.get(count, {})
    measures.record(f"{count} a class: fine-tuned over frozen", tuned_too - frozen_too, **limits)

# %% [markdown]
# With 5 pictures a class, freezing is as good as fine-tuning, and costs next to nothing; the more pictures, the more
# fine-tuning wins. That is lecture D's rule, with figures. **But be fair to the beginner:** with many pictures it is
# not at its end when we stop it. In the size "full", with 900 steps everywhere, it reads 0.17, 0.31, 0.52, 0.75,
# 0.81, and fine-tuning 0.68, 0.77, 0.85, 0.90, 0.91. So a loan is worth most where pictures are few; where there are
# many, it buys time.
#
# ## Cut it at another depth
# Lecture A: lower layers are more general. Then perhaps the last block knows too much about letters? We put the top
# on each block in turn. And then another question, to which a letter's name is no answer: *which of seven photographs
# is this piece cut from?* Below, two pieces of each. *Untrained* networks, too, are asked both. **Predict four curves
# over depth.** (Guessing gives 0.10 and 0.14.)

# %%
behind = sorted(for_digits)
rng = np.random.default_rng(0)
pieces = np.concatenate([clutter.backgrounds([name], 60, rng) for name in behind])
which = np.repeat(np.arange(len(behind)), 60)
titles = [behind[number] for number in which[::30]]
plots.pictures(pieces[::30], titles, "Another question: which photograph is it cut from?", columns=7)

# %%
CUTS = [f"block{block}_pool" for block in (1, 2, 3, 4, 5)]
new = np.arange(len(pieces)) % 6 > 0  # ten pieces of each photograph to learn from, fifty to ask about
pair = data.Part(pieces[~new], which[~new]), data.Part(pieces[new], which[new])
questions = {"what is it": (few, pictures.test), "which photograph": pair}


def by_depth(source, known, asked):
    """Accuracy of a top on each block."""
    fitted = [fit_top(features(known.images, cut, source), known.labels) for cut in CUTS]
    return [one.score(features(asked.images, cut, source), asked.labels) for one, cut in zip(fitted, CUTS, strict=True)]


depth = {}
for question, (known, asked) in questions.items():
    trained = models.load_backbone(WEIGHTS, known.images.shape[1:], SIDE)
    depth[f"{question}, trained"] = by_depth(trained, known, asked)
    # The same layers, weights drawn at random, twice.
    untrained = [by_depth(keras.models.clone_model(trained), known, asked) for _ in range(2)]
    depth[f"{question}, untrained"] = np.mean(untrained, axis=0)
plots.curves(range(1, 6), depth, ("block on which the top sits", "test accuracy"), "Two questions, by depth")

# %%
what, photograph = depth["what is it, trained"], depth["which photograph, trained"]
measures.record("what is it: block 4 over block 1", what[3] - what[0], at_least=0.4)
measures.record("what is it: block 5 over block 4", what[4] - what[3], at_most=0.03)
measures.record("which photograph: block 1 over block 5", photograph[0] - photograph[4], at_least=0.12)
lost = np.subtract(depth["which photograph, untrained"], photograph)[2:].mean()

# %% tags=["claim"]
measures.record("which photograph, blocks 3 to 5: untrained over trained", lost, at_least=0.015)

# %% [markdown]
# *What* it is becomes readable block by block, and the last one adds nothing: it is about letters already. *Where it
# was cut from* fades with depth even in untrained networks, as pooling blurs it. But the trained one is worse at it
# than they are: to read letters on anything, it has learned to pass over the background. **A source teaches what to
# see, and what to overlook.** A loan helps where the new question asks for what the old one did, and is in the way
# where it asks for what the old one had to ignore.

# %% [markdown]
# ## Make three mistakes on purpose
# None of them gives an error message. That is what makes them costly.
#
# **One: other numbers than the network was trained on.** Our pictures go from 0 to 1, as the backbone's first layers
# expect. Somebody reads pictures with another library, and gets 0 to 255. What remains of the accuracy of the frozen
# network, **if at least training and test pictures get the same treatment?**

# %%
wrong_range = fit_top(features(few.images * 255), few.labels).score(features(images * 255), labels)
plots.bars(["0 to 1", "0 to 255"], [frozen, wrong_range], ("pictures' range", "test accuracy"), "The same pictures")

# %% tags=["claim"]
measures.record("lost by the wrong range", frozen - wrong_range, at_least=0.15)

# %% [markdown]
# Each layer was trained on inputs of a certain size; on others its channels go dead or shout, and no new top brings
# back what is lost. The cure: keep the preparation with the weights. Here it is the backbone's layer `preprocessing`,
# which subtracts the mean and divides by the deviation that the *network's own* training pictures had, not yours.
#
# ### Your turn: prepare a picture
# `picture` has bytes, 0 to 255, (height, width, 3). The network expects 0 to 1, and then minus `mean`, divided by
# `deviation`, which have a number for each channel.


# %% tags=["exercise"]
def prepare(picture, mean, deviation):
    """The picture as the network expects it."""
    ### BEGIN SOLUTION
    return (picture / 255 - mean) / deviation
    ### END SOLUTION


# %% tags=["check"]
prepare = week.prepare.check(prepare)

# %% [markdown]
# **Two: frozen, but not quite.** Batch normalization has weights that no gradient moves: running averages of mean and
# variance. They move whenever the layer runs in training mode. So, with a top fitted to the features, half of our few
# pictures go through the network once more, one by one in the order of their folders, and nothing at all is trained.
# **What can change?**

# %%
slim = models.load_backbone("slim", few.images.shape[1:], 32)  # the original VGG has no batch normalization
as_loaded = slim.get_weights()
fitted = fit_top(features(few.images, source=slim), few.labels)
right = {"as loaded": fitted.score(features(images, source=slim), labels)}
for training_mode in (False, True):
    for picture in few.images[::2]:
        slim(picture[None], training=training_mode)
    right[f"training={training_mode}"] = fitted.score(features(images, source=slim), labels)
    moved = [w.name for w, old in zip(slim.weights, as_loaded, strict=True) if not np.array_equal(w, old)]
    print(f"training={training_mode} has moved", sorted(set(moved)) or "nothing")
fitted_anew = fit_top(features(few.images, source=slim), few.labels)
right["... and a new top"] = fitted_anew.score(features(images, source=slim), labels)
labels_of_axes = ("pictures went through once more with", "test accuracy")
plots.bars(list(right), list(right.values()), labels_of_axes, "Nothing was trained")

# %% tags=["claim"]
assert right["training=False"] == right["as loaded"] and set(moved) == {"moving_mean", "moving_variance"}
measures.record("lost by moving averages", right["as loaded"] - right["training=True"], at_least=0.05)
measures.record("still lost with a new top", right["as loaded"] - right["... and a new top"], at_most=0.08)

# %% [markdown]
# No weight was trained, and a good part of the accuracy is gone. The features are no worse, a new top shows that, but
# they are no longer those that the old top knows. The cure: `training=False` when you call a frozen network. (Keras
# helps: with `backbone.trainable = False` batch normalization stands still whatever the call says. It does not if you
# freeze the convolutions alone.) How fast do such averages move?
#
# ### Your turn: the running average
# After each batch the layer keeps the share `momentum` of its old average, and fills up with the batch's own mean.
# Start from `average`; `batches` is the list of the batches' means, one number each.


# %% tags=["exercise"]
def running_average(average, batches, momentum):
    """The average after all batches' means have passed."""
    ### BEGIN SOLUTION
    for mean in batches:
        average = momentum * average + (1 - momentum) * mean
    return average
    ### END SOLUTION


# %% tags=["check"]
running_average = week.running_average.check(running_average)

# %% [markdown]
# **Three: the wrong step.** The borrowed weights are good already, so steps should be small. How small? Frozen is
# what must be beaten. **Which of three learning rates leaves the network worse than that?** More than one may.

# %%
by_rate = {"frozen": frozen}
for rate in (GENTLE / 30, GENTLE, GENTLE * 10):
    if rate != GENTLE:  # which is known
        train(begin(0, borrow=True), few, SHORT, rate)
    by_rate[f"{rate:.2g}"] = tuned if rate == GENTLE else accuracy(pictures.test)
backbone.set_weights(learned)
plots.bars(list(by_rate), list(by_rate.values()), ("learning rate", "test accuracy"), f"Fine-tuned {SHORT} steps")
too_small, right_rate, too_large = list(by_rate.values())[1:]

# %% tags=["claim"]
measures.record("lost by too large a rate, against frozen", frozen - too_large, at_least=0.05)
measures.record("lost by too small a rate, against frozen", frozen - too_small, at_least=0.15)

# %% [markdown]
# Too large, and the steps undo what 30,000 letters had taught; too small, and the new top has not learned its job
# when the steps are over.
#
# ## Now your own pictures
# Give `DATASET` the path of a folder with a folder of pictures for each class (at least 2 classes, 5 pictures in
# each), and run it all again. The slim VGG knows letters, so it may help your pictures little: *you* know now how to
# find out. With the internet and a GPU, `WEIGHTS = "imagenet"` borrows from a million photographs instead.
#
# ## What you can do now
# - Freeze: features once, a new top on them. Fine-tune: the same weights as a beginning, small steps.
# - Few pictures: freezing is as good, and cheap. More: fine-tune. Here the two met at about 5 a class.
# - Cut where what you need is still there: deep for the source's question, low for another one.
# - Keep preparation and weights together; `training=False` when frozen; small rates.
# - Lecture D: transfer makes sense if inputs are alike and there is much more data for the source. You saw a third
#   condition: the source must not have learned to overlook what you ask for.
#
# **Try next:** set `DATASET = "digits"`, plain white digits on black, and run all. How much of the gain is left where
# a beginner finds the task easy? And cut at block 4: put the top there, and fine-tune what is left.
