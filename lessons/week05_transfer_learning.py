# ---
# jupyter:
#   course:
#     seconds: 110
#     gigabytes: 2
# ---

# %% [markdown]
# # How do you learn from ten images of each class?
#
# Deep networks usually need thousands of images of each class. People often have only ten. *Transfer learning* starts
# from a network that was trained on something else. How much does it help, and when not?
#
# **You will be able to**
# - use a trained network as a fixed feature extractor, and fine-tune it,
# - choose between the two, and choose the block for the top,
# - recognise three mistakes that cause no error message,
# - say when transfer learning does not help.
#
# *Mirrors: lecture C, "VGG (2014)" and "Transfer Learning"; lecture D, "A parenthesis: Transfer Learning" to "What we
# may expect"; lecture A, "Last Time ..."; lecture E, VGG-16. About 75 minutes with the exercises; {cost}.*

# %% tags=["setup"]
import numpy as np

from course_utils import by_size, data, measures, models, plots, setup, training
from course_utils.weeks import week05 as week

setup(seed=0)
import keras
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from course_utils.data import cluttered_digits, letters

# %% tags=["parameters"]
DATASET = "cluttered_digits"  # or a folder with one subfolder of your own images for each class, at least 5 in each
WEIGHTS = by_size(quick="slim", full="imagenet")  # or the path of a weights file
SIDE = by_size(quick=32, full=224)  # pixels: height and width of the images that the network sees

# %% [markdown]
# ## Look at the whole training set
# The task is to classify handwritten digits of any colour, in front of photographs. We train on ten images of each
# class. The test images have other handwriting and other photographs. A guess is correct one time in ten. **Predict:**
# what fraction of them will a network classify correctly if it starts from random weights?

# %%
dataset = data.load(DATASET, size=(SIDE, SIDE), at_least=5)
measures.measured_on("cluttered_digits", dataset)  # the required values below hold for this data set only
train_part, test = dataset.train, dataset.test
smallest = np.bincount(train_part.labels).min()  # images in the smallest class
FEW = int(min(10, smallest))
few = train_part.few(FEW, seed=0)  # FEW images of each class, chosen at random
plots.pictures(few.images, title=f"{FEW} of each class: the whole training set", columns=20)

# %% [markdown]
# ## Build a small VGG16
# VGG16 has five blocks of 3x3 convolutions. A max pooling ends each block and halves height and width. The original has
# 138 million weights (lecture E). Ours has an eighth of the channels, batch normalisation, and no large dense layers.
#
# `load_backbone` returns the *backbone*: the five blocks, already trained. We average each of the last block's 64
# channels over all positions, here one (the "global mean"). Then comes the *top*: a dense layer with an output for each
# class.

# %%
backbone = models.load_backbone(WEIGHTS, train_part.images.shape[1:], SIDE)


def build_network():
    """A new network: a copy of the backbone, the average of each channel over all positions, and a random top."""
    blocks = models.load_backbone(WEIGHTS, train_part.images.shape[1:], SIDE)
    averages = keras.layers.GlobalAveragePooling2D()(blocks.output)
    top = keras.layers.Dense(len(dataset.class_names), activation="softmax")
    return keras.Model(blocks.input, top(averages))


network = build_network()
print(f"{network.count_params():,} weights")
plots.architecture(network, title="A small VGG16")

# %% [markdown]
# ## Your turn: let the learning rate rise and fall
# The first gradients come from random weights and are unreliable, so the learning rate starts small. For the first
# fifth of the steps it rises in a straight line from 0 to `peak`. Then it falls in a straight line to 0 at the last
# step.
#
# `step` counts from 1 to `steps`. With 100 steps and a peak of 0.01, step 10 has the rate 0.005, step 20 has 0.01, step
# 60 has 0.005 and step 100 has 0.


# %% tags=["exercise"]
def learning_rate(step, steps, peak):
    """The learning rate of one step, a number."""
    ### BEGIN SOLUTION
    done = step / steps
    if done < 0.2:
        return peak * done / 0.2
    return peak * (1 - done) / 0.8
    ### END SOLUTION


# %% tags=["check"]
learning_rate = week.learning_rate.check(learning_rate)  # yours from here on if it is right, otherwise the course's

# %% [markdown]
# ## Train from scratch
# We compare three methods, and begin with the first:
# - *From scratch*: all weights start random, and all are trained.
# - *Frozen*: the blocks are *pretrained* and stay fixed. Only a new top is trained.
# - *Fine-tuned*: the later pretrained blocks are trained with the new top.


# %%
untrained_weights = keras.models.clone_model(network).get_weights()


def initial_weights(seed, pretrained):
    """Random weights for all layers, or for the top alone with pretrained weights for the blocks."""
    random_weights = keras.initializers.GlorotUniform(keras.random.SeedGenerator(seed))
    weights = [
        keras.ops.convert_to_numpy(random_weights(array.shape)) if array.ndim > 1 else array
        for array in untrained_weights
    ]
    return backbone.get_weights() + weights[-2:] if pretrained else weights  # the top has the last two arrays


def accuracy(model, part):
    """Fraction of the images that the model classifies correctly."""
    return np.mean(model.predict(part.images, batch_size=300, verbose=0).argmax(axis=1) == part.labels)


# %%
def train(model, weights, part, steps, peak, seed=0, every=None):
    """Train on batches of 16 images; return the test accuracy after every so many steps."""
    training.reset_to(model, weights)  # sets the weights and clears the optimizer, so that all runs start equal
    rng, curve = np.random.default_rng(seed), []
    for step in range(1, steps + 1):
        batch = rng.choice(len(part.labels), min(16, len(part.labels)), replace=False)
        model.optimizer.learning_rate = learning_rate(step, steps, peak)
        model.train_on_batch(part.images[batch], part.labels[batch])
        if every and step % every == 0:
            curve.append(accuracy(model, test))
    return curve


# %%
def scratch_steps(count):
    """How many steps a network from scratch trains with `count` images of each class."""
    return by_size(quick=200 + 2 * count, full=900)


# Peaks chosen on the validation images; the original VGG16 needs smaller peaks.
SCRATCH_PEAK, GENTLE_PEAK = (0.01, 0.003) if backbone.name == "vgg16_slim" else (0.0001, 0.0001)
network.compile("adam", "sparse_categorical_crossentropy")
LONG = scratch_steps(FEW)
scratch_curve = train(network, initial_weights(0, pretrained=False), few, LONG, SCRATCH_PEAK, every=LONG // 5)
scratch = scratch_curve[-1]
on_training_images = accuracy(network, few)

# %% tags=["claim"]
measures.record(f"from scratch, {FEW} a class: test accuracy", scratch, at_least=0.15)
measures.record("and on its own training images", on_training_images, at_least=0.9)

# %% [markdown]
# The network classifies all its training images correctly, but only three in ten test images. A hundred images are too
# few to separate shape from colour and background.
#
# ## Meet the pretrained network
# Our pretrained blocks learned 41 classes of printed letters, capital and small, from 30,000 images like these. They
# have seen none of our digits and photographs.

# %%
plots.pictures(letters.make({"train": 40})["train_images"], title="What the blocks were trained on", columns=20)

# %% tags=["claim"]
assert not set().union(*letters.PHOTOS.values()) & set().union(*cluttered_digits.PHOTOS.values())
assert not set(letters.CLASSES) & set("0123456789")

# %% [markdown]
# ## Your turn: compare directions
# The averages of the last block's 64 channels are 64 numbers for each image: its *features*. Two images are similar if
# their features point in the same direction. The *cosine similarity* measures that: the dot product of the query $q$
# and a row $v$, divided by both lengths, $\frac{q \cdot v}{|q|\,|v|}$.
#
# `query` is a vector (n,), `vectors` an array (rows, n). Return one similarity for each row. For the query (3, 4), the
# row (6, 8) gets 1. The row (5, 0) gets 15 / (5 · 5) = 0.6.


# %% tags=["exercise"]
def similarities(query, vectors):
    """The cosine similarity of the query and each row: an array (rows,)."""
    ### BEGIN SOLUTION
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(query)
    return vectors @ query / lengths
    ### END SOLUTION


# %% tags=["check"]
similarities = week.similarities.check(similarities)

# %% [markdown]
# ## Search for similar images
# Your function now searches among 250 test images. First an image is the vector of its pixels, then of its features.
# **Predict:** what do the most similar images share in pixels, and what in features?


# %%
def features_by_block(images, source):
    """The output of each of the five blocks, averaged over all positions: five arrays (images, channels)."""
    outputs = [source.get_layer(f"block{block}_pool").output for block in range(1, 6)]
    extractor = keras.Model(source.input, [keras.layers.GlobalAveragePooling2D()(output) for output in outputs])
    parts = [extractor(images[first : first + 250], training=False) for first in range(0, len(images), 250)]
    return [np.concatenate([keras.ops.convert_to_numpy(part) for part in block]) for block in zip(*parts, strict=True)]


def features(images, source=backbone):
    """The averaged output of the last block: an array (images, channels)."""
    return features_by_block(images, source)[-1]


# %%
def most_similar(position, vectors):
    """Positions of all other vectors, the most similar first."""
    order = np.argsort(-similarities(vectors[position], vectors), kind="stable")
    return order[order != position]


searched_images = test.images[:250]
count = len(searched_images)
vectors = {"in pixels": searched_images.reshape(count, -1), "in features": features(searched_images)}
for query in (51 % count, 22 % count):
    for name in vectors:
        chosen = [query, *most_similar(query, vectors[name])[:9]]
        titles = [dataset.class_names[test.labels[position]] for position in chosen]
        titles[0] = f"this {titles[0]}:"
        plots.pictures(searched_images[chosen], titles, f"Most similar {name}", columns=10)

# %%
same_class = {}
for name in vectors:
    nearest = [most_similar(position, vectors[name])[0] for position in range(count)]
    same_class[name] = np.mean(test.labels[nearest] == test.labels[:count])
rows = [[name, f"{fraction:.0%}"] for name, fraction in same_class.items()]
plots.table(rows, ["nearest image", "same class"], f"Among {count} test images")

# %% tags=["claim"]
measures.record("nearest in pixels: fraction of the same class", same_class["in pixels"], at_most=0.3)
measures.record("nearest in features: fraction of the same class", same_class["in features"], at_least=0.45)

# %% [markdown]
# In pixels, the most similar images often share brightness, colour or position. Only one in five nearest images shows
# the same digit. In features it is seven in ten, on any background.
#
# ## Freeze the blocks and train only the top
# For a small data set, lecture D advises to train only a new classifier. *Frozen* blocks give the same features in
# every epoch, so we compute them once. A softmax layer on fixed features is *logistic regression*, which scikit-learn
# fits. **Predict** its test accuracy. (From scratch: 0.3.)

# %%
train_features = data.Part(features(train_part.images), train_part.labels)
test_features = features(test.images)


def fit_top(vectors, labels):
    """A classifier on features: scales each to standard deviation 1, then fits a logistic regression."""
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)).fit(vectors, labels)


frozen = fit_top(*train_features.few(FEW, seed=0)).score(test_features, test.labels)
print(f"from scratch {scratch:.2f}, frozen {frozen:.2f}")

# %% tags=["claim"]
measures.record("frozen: test accuracy", frozen, at_least=0.57)

# %% [markdown]
# The frozen network is correct more than twice as often as the network from scratch. We trained only 650 weights: 64
# and a bias for each class.
#
# ## Your turn: freeze some of the blocks
# For a medium data set, lecture D trains "the full network or only some of the higher layers". Training does not change
# a layer with `trainable = False`.
#
# `network.layers` is a list in order, and each layer has a `name`. If `block` is 2, freeze all layers up to and
# including `block2_pool`. All later layers, the top included, must be trainable, even if an earlier call froze them. If
# `block` is 0, all layers are trainable. Nothing is returned.


# %% tags=["exercise"]
def freeze_up_to(network, block):
    """Freeze all layers up to the end of a block, and make all later ones trainable."""
    ### BEGIN SOLUTION
    trainable = block == 0
    for layer in network.layers:
        layer.trainable = trainable
        if layer.name == f"block{block}_pool":
            trainable = True
    ### END SOLUTION


# %% tags=["check"]
freeze_up_to = week.freeze_up_to.check(freeze_up_to)

# %% [markdown]
# ## Fine-tune the later blocks
# To *fine-tune* is to go on training from the pretrained weights. The peak is smaller, 0.003 instead of 0.01, so that
# they change only a little. Your function freezes blocks 1 and 2. **Predict:** after how many steps does the fine-tuned
# network beat the best accuracy from scratch?

# %%
SHORT = by_size(quick=60, full=200)  # steps
tuned_network = build_network()
freeze_up_to(tuned_network, 2)
tuned_network.compile("adam", "sparse_categorical_crossentropy")  # after freezing
tuned_curve = train(tuned_network, initial_weights(0, pretrained=True), few, SHORT, GENTLE_PEAK, every=SHORT // 6)
tuned = tuned_curve[-1]
tuned_steps = np.arange(1, len(tuned_curve) + 1) * (SHORT // 6)
lines = {
    "from scratch": (np.arange(1, len(scratch_curve) + 1) * (LONG // 5), scratch_curve),
    "fine-tuned": (tuned_steps, tuned_curve),
}
plots.paths(lines, ("step", "test accuracy"), f"{FEW} training images of each class", levels={"frozen": frozen})

# %% tags=["claim"]
steps_needed = min(tuned_steps[np.array(tuned_curve) >= max(scratch_curve)], default=LONG)
measures.record("fine-tuned: test accuracy", tuned, at_least=0.62)
gain = max(frozen, tuned) - max(scratch_curve)
measures.record("the better of frozen and fine-tuned, minus scratch at its best", gain, at_least=0.25)
measures.record("steps to reach scratch's best, as a fraction of scratch's steps", steps_needed / LONG, at_most=1 / 3)

# %% [markdown]
# After ten steps, at our first measurement, the fine-tuned network is already better. Later it also beats the frozen
# one: "faster and more accurate training" (lecture D).
#
# ## Compare at several sizes of the training set
# We repeat all three methods with 5 to 100 images of each class. Fine-tuning always takes 60 steps, training from
# scratch 210 to 400. Points are means of three runs with different images. Bars show one standard deviation.
# **Predict:** at which size does transfer gain most?

# %%
SEEDS = range(by_size(quick=3, full=5))
COUNTS = [count for count in (5, 10, 20, 100) if count <= smallest] or [FEW]


def compare(count, seed):
    """Test accuracy of each method with so many training images of each class."""
    if (count, seed) == (FEW, 0):
        return {"from scratch": scratch, "fine-tuned": tuned, "frozen": frozen}  # known from above
    part = train_part.few(count, seed)
    train(network, initial_weights(seed, pretrained=False), part, scratch_steps(count), SCRATCH_PEAK, seed)
    train(tuned_network, initial_weights(seed, pretrained=True), part, SHORT, GENTLE_PEAK, seed)
    top = fit_top(*train_features.few(count, seed))
    scores = accuracy(network, test), accuracy(tuned_network, test), top.score(test_features, test.labels)
    return dict(zip(("from scratch", "fine-tuned", "frozen"), scores, strict=True))


# %%
results = {"from scratch": {}, "fine-tuned": {}, "frozen": {}}
place = week.accuracies(COUNTS, results, "Training begins ...")
for count in COUNTS:
    for seed in SEEDS:
        for name, score in compare(count, seed).items():
            results[name].setdefault(count, []).append(score)
    title = "Transfer helps most with few images" if count == COUNTS[-1] else f"So far: up to {count} of each class"
    week.accuracies(COUNTS, results, title, place)  # in the same output

# %% tags=["claim"]
for count in COUNTS:
    from_scratch, fine_tuned, with_frozen = (np.mean(by_count[count]) for by_count in results.values())
    required = {FEW: 0.25, 100: 0.08}.get(count)
    gain = max(fine_tuned, with_frozen) - from_scratch
    measures.record(f"{count} a class: the better of frozen and fine-tuned, minus scratch", gain, at_least=required)
    limits = {5: {"at_most": 0.06}, 20: {"at_least": 0.02}, 100: {"at_least": 0.01}}.get(count, {})
    measures.record(f"{count} a class: fine-tuned minus frozen", fine_tuned - with_frozen, **limits)

# %% [markdown]
# Over training from scratch, transfer gains most with 5 or 10 images of each class: more than 40 percentage points.
# With 100 it gains less than 20. With 5 images, frozen and fine-tuned networks are about equally good. With more,
# fine-tuning wins, as lecture D says.
#
# ## Put the top on another block
# Lecture A says that lower layers are more general. So we put a top on each frozen block in turn. A second task is
# about the background: *from which of seven photographs is this crop?* For it we also try random weights (the mean of
# two networks). **Predict** for both tasks how accuracy changes with depth.

# %%
train_crops, photo_names = week.photo_crops(10, seed=0)  # ten crops of each photograph to learn from
test_crops, _ = week.photo_crops(50, seed=1)  # and fifty to test with
names = [photo_names[label] for label in train_crops.labels[::5]]
plots.pictures(train_crops.images[::5], names, "From which photograph is it?", columns=7)


# %%
def accuracy_by_block(source, train_part, test_part):
    """Test accuracy of a top on each of the five blocks."""
    both = zip(features_by_block(train_part.images, source), features_by_block(test_part.images, source), strict=True)
    return [fit_top(vectors, train_part.labels).score(others, test_part.labels) for vectors, others in both]


pretrained = models.load_backbone(WEIGHTS, train_crops.images.shape[1:], SIDE)
untrained = [keras.models.clone_model(pretrained) for _ in range(2)]
by_block = {
    "which class": accuracy_by_block(backbone, few, test),
    "which photograph": accuracy_by_block(pretrained, train_crops, test_crops),
    "which photograph,\nrandom weights": np.mean(
        [accuracy_by_block(model, train_crops, test_crops) for model in untrained], axis=0
    ),
}
guesses = {"guess the class": 1 / len(dataset.class_names), "guess the photograph": 1 / len(photo_names)}
lines = {name: (range(1, 6), values) for name, values in by_block.items()}
axes = ("block on which the top sits", "test accuracy")
plots.paths(lines, axes, "The best block depends on the task", guesses)

# %% tags=["claim"]
digit, photo, photo_random = by_block.values()
measures.record("which class: block 4 minus block 1", digit[3] - digit[0], at_least=0.4)
measures.record("which class: block 5 minus block 4", digit[4] - digit[3], at_most=0.03)
measures.record("which photograph: block 1 minus block 5", photo[0] - photo[4], at_least=0.12)
lost = np.subtract(photo_random, photo)[2:].mean()
measures.record("which photograph, blocks 3 to 5: random minus pretrained", lost, at_least=0.015)

# %% [markdown]
# Which class (digits): a top on block 1 is hardly better than a guess. Accuracy rises up to block 3, then stays almost
# level.
#
# Which photograph: accuracy falls with depth. It also falls with random weights, so pretraining is not the only cause.
# Random weights score as high or higher: here transfer does not help. Perhaps the letters taught the network
# to ignore the background.
#
# ## Make three mistakes on purpose
# **One: another input range than in pretraining.** The backbone's first layer (`preprocessing`, "normalization" in the
# drawing) expects values from 0 to 1, and our images have them. Suppose another library gives 0 to 255, for training
# and test images.

# %%
wrong_range = fit_top(features(few.images * 255), few.labels).score(features(test.images * 255), test.labels)
plots.bars(
    ["0 to 1", "0 to 255"], [frozen, wrong_range], ("range of the input", "test accuracy"), "A wrong input range"
)

# %% tags=["claim"]
measures.record("accuracy lost by the wrong range", frozen - wrong_range, at_least=0.15)

# %% [markdown]
# The accuracy falls from 0.64 to 0.38, although the top was trained on the same wrong inputs. The features are now far
# too large.  The cure: compare `images.min()` and `images.max()` with the expected range.
#
# **Two: only the convolutions are frozen.** Batch normalisation keeps running averages of its inputs' mean and
# variance. No gradient changes them, but each call in training mode does, unless the layer is frozen. We freeze all
# layers, or only the convolutions. Then we call the network in training mode on half of our images, one by one, without
# a training step. The top stays the same, except in the last bar: there we train a new one.

# %%
scores = {}
for frozen_part in ("all layers", "only conv"):
    slim = models.load_backbone("slim", few.images.shape[1:], 32)  # the original VGG16 has no batch normalisation
    top = fit_top(features(few.images, slim), few.labels)
    scores["before calls"] = top.score(features(test.images, slim), test.labels)
    freeze_up_to(slim, 5)
    for layer in slim.layers:
        if frozen_part == "only conv" and "bn" in layer.name:
            layer.trainable = True
    for image in few.images[::2]:
        slim(image[None], training=True)
    scores[frozen_part] = top.score(features(test.images, slim), test.labels)
new_top = fit_top(features(few.images, slim), few.labels)
scores["conv, new top"] = new_top.score(features(test.images, slim), test.labels)
labels = ("what is frozen during the calls", "test accuracy")
plots.bars(list(scores), list(scores.values()), labels, "Before and after calls in training mode")

# %% tags=["claim"]
before, all_frozen, after_updates, after_updates_new_top = scores.values()
assert all_frozen == before
measures.record("accuracy lost by changed averages", all_frozen - after_updates, at_least=0.05)
measures.record("still lost with a new top", all_frozen - after_updates_new_top, at_most=0.08)

# %% [markdown]
# With all layers frozen, nothing changes. With only the convolutions frozen, the accuracy falls to 0.38. The features
# no longer match the old top, but they are still good, as a new top shows. The cure: freeze batch normalisation too, as
# your function does.
#
# **Three: an unsuitable learning rate.** We fine-tune with a peak 30 times smaller and 30 times larger. The frozen
# network sets the score to beat.

# %%
by_peak = {"frozen": frozen}
for peak in (GENTLE_PEAK / 30, GENTLE_PEAK, GENTLE_PEAK * 30):
    if peak != GENTLE_PEAK:  # that one is known
        train(tuned_network, initial_weights(0, pretrained=True), few, SHORT, peak)
    by_peak[f"peak {peak:.2g}"] = tuned if peak == GENTLE_PEAK else accuracy(tuned_network, test)
plots.bars(list(by_peak), list(by_peak.values()), ("method", "test accuracy"), f"Frozen, or tuned for {SHORT} steps")

# %% tags=["claim"]
_, too_small, _, too_large = by_peak.values()
measures.record("accuracy lost by too large a rate, against frozen", frozen - too_large, at_least=0.05)
measures.record("accuracy lost by too small a rate, against frozen", frozen - too_small, at_least=0.15)

# %% [markdown]
# Both score lower than the frozen network. The small peak hardly trains the new top. The large one may destroy the
# pretrained features.
#
# ## What you can do now
# - Use a trained network: compute features once and train a new top, or fine-tune with small steps.
# - Choose: with very few images freeze, with more fine-tune. Choose the block by validation accuracy.
# - Recognise three silent mistakes: wrong input range, changed batch-norm averages, unsuitable learning rate.
# - Say when transfer does not help. Lecture D demands similar inputs, and much more data for the old task. Our
#   photographs suggest a third condition: the old task must not teach the network to ignore what you need.
#
# **Try next:** give `DATASET` a folder of your own images. Set `WEIGHTS = "imagenet"` (original VGG16). Freeze 0 or 4
# blocks.
