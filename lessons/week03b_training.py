# ---
# jupyter:
#   course:
#     seconds: 100
#     gigabytes: 1.5
# ---

# %% [markdown]
# # Which tricks of 2012 still pay?
#
# In 2012 the network AlexNet won the ImageNet challenge. Lecture E shows its recipe for training. You test each part on
# small dense networks and handwritten digits.
#
# **You will be able to**
# - write AlexNet's update, and say what momentum changes,
# - read learning curves, and choose an action,
# - compare dropout with weight decay,
# - cut the learning rate on a plateau,
# - say when ReLU trains faster than tanh,
# - measure the cost of peeking at the test set.
#
# *Mirrors: lecture E, "CNN AlexNet"; lecture B, "Gradient Descent"; lecture A, "Next Steps". About 45 minutes with the
# exercises; {cost}.*

# %% tags=["setup"]
import numpy as np

from course_utils import by_size, data, measures, plots, setup, training
from course_utils.weeks import week03b as week

setup(seed=0)
import keras
from keras import layers

# %% tags=["parameters"]
DATASET = "digits"  # or "mnist", "fashion_mnist", or the path of your own images
EPOCHS = by_size(quick=5, full=20)  # of the first trainings

# %% [markdown]
# ## Lay out the recipe
# Lecture E's recipe has four parts.
# - Gradient descent with learning rate 0.01, momentum 0.9 and weight decay 0.0005.
# - The rate is divided by 10 when accuracy stops rising, three times.
# - Dropout of 0.5 "instead of" L2 regularisation (weight decay), with "doubled training time". AlexNet used both.
# - ReLU instead of tanh, "6 times faster".
#
# Last, a trap in comparing tricks: peeking.
#
# We *standardise* all pixels: minus their mean, divided by their standard deviation. *Validation* images are for
# choosing, *test* images for one last measurement.

# %%
loaded = data.load(DATASET)
raw, labels = loaded.train.sample(10_000).grey(28)  # at most 10,000 images, grey, 28x28 pixels
validation_raw, validation_labels = loaded.validation.sample(2_000).grey(28)
test_raw, test_labels = loaded.test.sample(2_000).grey(28)
images, validation, test = ((part - raw.mean()) / raw.std() for part in (raw, validation_raw, test_raw))
classes = len(loaded.class_names)
plots.pictures(raw[:10], [str(label) for label in labels[:10]], "Ten training images and their classes", columns=10)

# %% tags=["claim"]
measures.measured_on("digits", loaded)  # limits hold for this data set only

# %% [markdown]
# ## Try the slide's update
# Lecture E writes the update of weights $W$ with a *velocity* $Z$, which is 0 at the start:
#
# $$W_{t+1}=W_t+Z_{t+1}, \qquad Z_{t+1}=0.9\,Z_t-0.01\,(0.0005\,W_t-\nabla L(W_t))$$
#
# We try it on the loss $L=W^2$, with the gradient $2W$. We start at $W=5$. **Predict:** which way does $W$ go?


# %%
def slide_update(weights, velocity, gradient):
    velocity = 0.9 * velocity - 0.01 * (0.0005 * weights - gradient)
    return weights + velocity, velocity


def follow(update, steps=50):
    """The values of W: before the first step, and after each."""
    values, velocity = [5.0], 0.0
    for _ in range(steps):
        weights, velocity = update(values[-1], velocity, 2 * values[-1])
        values.append(weights)
    return values


climb = follow(slide_update)
plots.curves(range(51), {"W": climb}, ("step", "W"), f"The slide's update climbs to {climb[-1]:.0f}")

# %% tags=["claim"]
assert round(climb[-1]) == 566

# %% [markdown]
# It climbs. The slide has a slip: its two minus signs add the gradient, which points uphill.
#
# ### Your turn: write the right update
# The new velocity has two parts. *Momentum* keeps a fraction, `momentum`, of the old velocity. The other part goes
# downhill: `rate` times the slope, with a minus. The slope is the gradient plus `decay * weights`: this *weight decay*
# pulls weights towards 0. Then the new velocity is added to the weights. Arguments may be arrays: use `+`, `-`, `*`
# only. For weights 5, velocity 0, gradient 10 and the defaults, the results are 4.899975 and -0.100025.


# %% tags=["exercise"]
def update(weights, velocity, gradient, rate=0.01, momentum=0.9, decay=0.0005):
    """The new weights and the new velocity."""
    ### BEGIN SOLUTION
    velocity = momentum * velocity - rate * (decay * weights + gradient)
    return weights + velocity, velocity
    ### END SOLUTION


# %% tags=["check"]
update = week.update.check(update)  # yours from here on if it is right, otherwise the course's

# %%
# Keras' SGD has momentum, too. We add the gradient of L2 regularisation, 0.0005 * W, ourselves.
by_keras = keras.Variable(5.0, dtype="float64")
sgd = keras.optimizers.SGD(0.01, momentum=0.9)
keras_values = [5.0]
for _ in range(50):
    sgd.apply([2 * by_keras + 0.0005 * by_keras], [by_keras])
    keras_values.append(float(by_keras))
values = {"your update": follow(update), "Keras' SGD": keras_values}
plots.curves(range(51), values, ("step", "W"), "Downhill, W falls, passes 0 and swings back")

# %% tags=["claim"]
difference = np.abs(np.subtract(values["your update"], keras_values)).max()
measures.record("largest difference from Keras' SGD", difference, at_most=1e-6)  # shows a value beside its limit

# %% [markdown]
# Your update and Keras' agree. The velocity carries $W$ past the minimum at 0. The line above shows a measured value
# and its limit.
#
# ## Measure what momentum changes
# Our network has one hidden layer. Your update trains all its weights: `week.Optimizer` calls it for each array.


# %%
# start, last_start: how initial weights are drawn. The race below changes it.
def dense_network(units=64, hidden_layers=1, activation="relu", start="he_normal", last_start="glorot_uniform"):
    hidden = [layers.Dense(units, activation, kernel_initializer=start) for _ in range(hidden_layers)]
    last = layers.Dense(classes, kernel_initializer=last_start)
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), *hidden, last])


loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def compile_with(network, rate=0.01, momentum=0.9, decay=0.0005):
    network.compile(week.Optimizer(update, rate, momentum, decay), loss, metrics=["accuracy"])


def fit(network, images, labels, epochs, batch=50, **options):
    known = (validation, validation_labels)
    history = network.fit(
        images, labels, batch, epochs, verbose=0, validation_data=known, validation_batch_size=1000, **options
    )
    return history.history


plots.architecture(dense_network(), title="A dense network with 64 hidden units")

# %% [markdown]
# We train from the same start with rate 0.01 without momentum, 0.01 with momentum 0.9, and 0.1 without. **Predict:**
# which two will be most alike?

# %%
settings = {
    "rate 0.01, no momentum": (0.01, 0.0),
    "rate 0.01, momentum 0.9": (0.01, 0.9),
    "rate 0.1, no momentum": (0.1, 0.0),
}
some, some_labels = images[:4000], labels[:4000]
histories = {}
for name, (rate, momentum) in settings.items():
    keras.utils.set_random_seed(1)  # the same start, and the same order of images
    network = dense_network()
    compile_with(network, rate, momentum)
    histories[name] = fit(network, some, some_labels, EPOCHS)
losses = {name: history["val_loss"] for name, history in histories.items()}
labels_of_axes = "epoch", "validation loss"
plots.curves(range(1, EPOCHS + 1), losses, labels_of_axes, "Momentum 0.9 does what a ten times larger rate does")

# %% tags=["claim"]
slow, with_momentum, large_rate = (values[-1] for values in losses.values())
measures.record("validation loss without momentum, divided by that with momentum", slow / with_momentum, at_least=1.4)
measures.record("the same for a ten times larger rate", large_rate / with_momentum, at_most=1.5)

# %% [markdown]
# Momentum 0.9 and the ten times larger rate are most alike. While the gradient $g$ hardly changes, the velocity grows
# until $Z=0.9Z-0.01g$, and then stays the same: $Z=-0.1g$, ten times the plain step.
#
# ## Read learning curves
# Lecture A asks what learning curves tell you to do. Guessing among $n$ classes has the loss $\log n$, 2.3 for ten.
#
# We train six networks: one with the recipe, five with changes.

# %%
few, few_labels = np.repeat(images[:300], 10, axis=0), np.repeat(labels[:300], 10)  # each ten times an epoch
changes = {
    "rate 0.5": (64, "relu", 0.5, some, some_labels, EPOCHS),
    "300 images": (64, "relu", 0.01, few, few_labels, EPOCHS),
    "3 units": (3, "tanh", 0.01, some, some_labels, 3 * EPOCHS),  # some of three ReLU units may never fire
    "300 images, 256 units": (256, "relu", 0.01, few, few_labels, EPOCHS),
    "rate 0.0003": (64, "relu", 0.0003, some, some_labels, EPOCHS),
}
runs = {"the recipe": histories["rate 0.01, momentum 0.9"]}
for name, (units, activation, rate, run_images, run_labels, epochs) in changes.items():
    keras.utils.set_random_seed(1)
    network = dense_network(units, activation=activation)
    compile_with(network, rate)
    runs[name] = fit(network, run_images, run_labels, epochs)

# %%
letters = dict(sorted(zip("ADBECF", sorted(runs), strict=True)))  # not the order above
charts = {}
for letter, name in letters.items():
    run = runs[name]
    epochs = range(1, len(run["loss"]) + 1)
    lines = {"training (mean of the epoch)": run["loss"], "validation (at its end)": run["val_loss"]}
    lines["guessing"] = np.full(len(epochs), np.log(classes))
    charts[f"{letter} ({len(epochs)} epochs)"] = epochs, {what: np.minimum(line, 2.5) for what, line in lines.items()}
for row in (list(charts)[:3], list(charts)[3:]):
    plots.panels({name: charts[name] for name in row}, ("epoch", "loss"), "Losses; those above 2.5 are drawn at 2.5")

# %% [markdown]
# **Predict:** in which charts do you see a wrong rate, overfitting, or too few units? Which training ended too early?
#
# ### Your turn: a diagnosis
# `train_losses` and `validation_losses` have one loss for each epoch, at least four. `guessing` is the loss of
# guessing. Return the first line that fits:
# 1. `"wrong rate"`: the training loss ended near `guessing`, or above it.
# 2. `"overfitting"`: the validation loss ended far above the training loss.
# 3. `"fine"`: the training loss ended near 0 (as in F).
# 4. `"train longer"`: over the last three epochs, the training loss still fell clearly.
# 5. `"too little capacity"`: none of these.
#
# You decide what "near", "far" and "clearly" mean: read limits from the charts. The check uses clear cases.


# %% tags=["exercise"]
def diagnose(train_losses, validation_losses, guessing):
    """One of five diagnoses of a training, as a string."""
    ### BEGIN SOLUTION
    last = train_losses[-1]
    if last > 0.9 * guessing:
        return "wrong rate"
    if validation_losses[-1] - last > 0.3:
        return "overfitting"
    if last < 0.4:
        return "fine"
    return "train longer" if last < 0.8 * train_losses[-4] else "too little capacity"
    ### END SOLUTION


# %% tags=["check"]
diagnose = week.diagnose.check(diagnose)

# %%
rows, diagnoses = [], {}
for letter, name in letters.items():
    run = runs[name]
    diagnoses[name] = diagnose(run["loss"], run["val_loss"], guessing=np.log(classes))
    rows.append([letter, name, diagnoses[name], f"{run['val_accuracy'][-1]:.2f}"])
plots.table(rows, ["", "training", "your diagnosis", "validation accuracy"])

# %% tags=["claim"]
expected = {"the recipe": "fine", "3 units": "too little capacity", "rate 0.5": "wrong rate"}
expected |= {"rate 0.0003": "train longer", "300 images": "overfitting", "300 images, 256 units": "overfitting"}
as_expected = sum(diagnoses[name] == diagnosis for name, diagnosis in expected.items())
measures.record("runs with the expected diagnosis", as_expected, at_least=6)
accuracy = {name: run["val_accuracy"][-1] for name, run in runs.items()}
measures.record(
    "validation accuracy of 256 units minus that of 64, 300 images",
    accuracy["300 images, 256 units"] - accuracy["300 images"],
    at_least=-0.02,
)

# %% [markdown]
# With 300 images both networks overfit. The cure is not fewer units: 256 are no less accurate than 64.
#
# The actions:
# - Wrong rate: divide by ten if the loss jumped up or is flat. Multiply by ten if it creeps down.
# - Train longer: more epochs, or a larger rate.
# - Overfitting: more images, or dropout.
# - Too little capacity: more units.
#
# ## Compare dropout with weight decay
# *Dropout* sets random units of a layer to 0, different ones at each training step. So no unit can rely on another. The
# kept units are multiplied by a factor, so that the mean stays the same.
#
# ### Your turn: the dropout mask
# The mask has one entry for each unit: 0 with probability `rate`, otherwise a factor that depends on `rate`. For rate
# 0.5 it is 2: four units of 1 may become 0, 2, 2, 0, with the mean 1. For rate 0.2, about 8 of 10 units are kept. Which
# factor makes their sum 10 again? `rng.random(shape)` gives random numbers from 0 to 1.


# %% tags=["exercise"]
def dropout_mask(shape, rate, rng):
    """Random array of this shape, to be multiplied with the units."""
    ### BEGIN SOLUTION
    return (rng.random(shape) >= rate) / (1 - rate)
    ### END SOLUTION


# %% tags=["check"]
dropout_mask = week.dropout_mask.check(dropout_mask)

# %% [markdown]
# Your mask enters the network as a second input, new for each batch. In validation it is 1 everywhere. We train on only
# 500 images: without a trick, with weight decay 0.01, and with dropout 0.5. This decay shrinks a weight by about 0.1% a
# step: rate 0.01 times decay 0.01, times 10 by momentum. In 300 steps that is a quarter; with 0.0005, 1.5%.
# **Predict:** which trick raises validation accuracy?


# %%
def masked_network():
    inputs, mask = keras.Input((28, 28, 1), name="image"), keras.Input((256,), name="mask")
    hidden = layers.Dense(256, "relu", kernel_initializer="he_normal")(layers.Flatten()(inputs))
    return keras.Model([inputs, mask], layers.Dense(classes)(layers.Multiply()([hidden, mask])))


def batches(images, labels, dropped):
    rng = np.random.default_rng(0)
    while True:
        chosen = rng.integers(len(images), size=50)
        yield (images[chosen], dropout_mask((50, 256), dropped, rng)), labels[chosen]


plots.architecture(masked_network(), title="Your mask multiplies the hidden units")

# %%
tricks = {"no trick": (0.0, 0.0), "decay 0.01": (0.01, 0.0), "dropout 0.5": (0.0, 0.5)}
known = (validation, np.ones((len(validation), 256))), validation_labels
own = (images[:500], np.ones((500, 256))), labels[:500]
compared = {"training accuracy": {}, "validation loss": {}, "validation accuracy": {}}
for name, (decay, dropped) in tricks.items():
    keras.utils.set_random_seed(1)
    network = masked_network()
    compile_with(network, decay=decay)
    pairs, results = batches(images[:500], labels[:500], dropped), []
    for _ in range(15):
        network.fit(pairs, steps_per_epoch=20, shuffle=False, verbose=0)
        after = [network.evaluate(*part, batch_size=1000, verbose=0) for part in (own, known)]  # without a mask
        results.append([after[0][1], *after[1]])
    for measure, values in zip(compared, np.transpose(results), strict=True):
        compared[measure][name] = values

# %%
steps = range(20, 301, 20)
late = {name: values[4:] for name, values in compared["validation accuracy"].items()}
plots.curves(steps[4:], late, ("step", "validation accuracy"), "Networks trained on 500 images, from step 100")
plots.curves(steps, compared["validation loss"], ("step", "validation loss"), "Both tricks lower the validation loss")
ends = {measure: {name: values[-4:].mean() for name, values in compared[measure].items()} for measure in compared}
needed = {name: 20 * (1 + np.argmax(values > 0.95)) for name, values in compared["training accuracy"].items()}
columns = ends["validation loss"], ends["validation accuracy"], needed
rows = [[name, *(f"{column[name]:.4g}" for column in columns)] for name in tricks]
plots.table(rows, ["means of the last four", "validation loss", "validation accuracy", "steps to 0.95 in training"])

# %% tags=["claim"]
plain_loss, plain_accuracy = (ends[measure]["no trick"] for measure in ("validation loss", "validation accuracy"))
for trick, limits in {"decay 0.01": (-1, 1), "dropout 0.5": (0, 3)}.items():
    divided = ends["validation loss"][trick] / plain_loss
    measures.record(f"validation loss with {trick}, divided by that without", divided, at_most=0.98)
    gain = 100 * (ends["validation accuracy"][trick] - plain_accuracy)
    measures.record(f"validation accuracy gained by {trick}, points", gain, at_least=limits[0], at_most=limits[1])
ratio = needed["dropout 0.5"] / needed["no trick"]
measures.record("steps to a training accuracy of 0.95, with dropout divided by without", ratio, at_least=1, at_most=2.5)

# %% [markdown]
# Both tricks lower the validation loss: the networks are less sure of their mistakes. But this decay gains no accuracy,
# and dropout about a point. With dropout, training accuracy (without the mask) reaches 0.95 later; the slide says
# "doubled".
#
# ## Cut the rate on a plateau
# A large rate learns fast, but cannot settle in the minimum. The recipe cuts it on a *plateau*, where accuracy stops
# rising.
#
# ### Your turn: the plateau rule
# `accuracies` has the validation accuracy of each epoch since the last cut. Split the list: the last `patience` values,
# and all before them. It is a plateau if none of the last is higher than the best before. `[0.7, 0.9, 0.8, 0.9]` with
# patience 2 is a plateau: neither 0.8 nor 0.9 is above 0.9. With `patience` values or fewer, there is no plateau yet.


# %% tags=["exercise"]
def reached_plateau(accuracies, patience):
    """True or False: whether the accuracy has stopped rising."""
    ### BEGIN SOLUTION
    if len(accuracies) <= patience:
        return False
    return max(accuracies[-patience:]) <= max(accuracies[:-patience])
    ### END SOLUTION


# %% tags=["check"]
reached_plateau = week.reached_plateau.check(reached_plateau)


# %% [markdown]
# A Keras callback asks your rule after each epoch, with patience 1. On a plateau it divides the rate by 10, at most
# three times. We compare 0.01 with cuts, always 0.01, always 0.001, and 0.03 with cuts. Each trains on 3,000 images, in
# batches of 20 (so far 50), from two random starts. **Predict:** which ends highest?


# %%
class CutOnPlateau(keras.callbacks.Callback):
    def __init__(self, most_cuts):
        super().__init__()
        self.most_cuts, self.rates, self.since_cut = most_cuts, [], []

    def on_epoch_end(self, epoch, logs):
        optimizer = self.model.optimizer
        self.rates.append(float(optimizer.learning_rate))
        self.since_cut.append(logs["val_accuracy"])
        if self.most_cuts and reached_plateau(self.since_cut, patience=1):
            optimizer.learning_rate = optimizer.learning_rate / 10
            self.most_cuts, self.since_cut = self.most_cuts - 1, []


def train_with_cuts(rate, most_cuts, start, epochs=11):
    """Validation accuracy and rate of each epoch, and how many hidden units are 0 for each of 1,000 images."""
    keras.utils.set_random_seed(start)
    network, cutting = dense_network(), CutOnPlateau(most_cuts)
    compile_with(network, rate)
    history = fit(network, images[:3000], labels[:3000], epochs, batch=20, callbacks=[cutting])
    hidden = keras.Model(network.inputs, network.layers[1].output).predict(images[:1000], verbose=0)
    return history["val_accuracy"], cutting.rates, np.sum(hidden.max(axis=0) == 0)


# %%
plans = {
    "0.01, with cuts": (0.01, 3),
    "always 0.01": (0.01, 0),
    "always 0.001": (0.001, 0),
    "0.03, with cuts": (0.03, 3),
}
runs = {name: [train_with_cuts(*plan, start) for start in (1, 2)] for name, plan in plans.items()}
for number, label, log in ((0, "validation accuracy", False), (1, "learning rate", True)):
    lines = {name: values[0][number] for name, values in runs.items()}
    plots.curves(range(1, 12), lines, ("epoch", label), f"From the first start: {label}", log=log)
ends = {name: np.mean([run[0][-3:] for run in values]) for name, values in runs.items()}
dead = {name: np.mean([run[2] for run in values]) for name, values in runs.items()}
rows = [[name, f"{ends[name]:.3f}", f"{dead[name]:.0f} of 64"] for name in runs]
plots.table(rows, ["means of two starts", "accuracy in the last three epochs", "units that are always 0"])

# %% tags=["claim"]
for other, least in {"always 0.01": 0.5, "always 0.001": 2.5, "0.03, with cuts": 2}.items():
    gain = 100 * (ends["0.01, with cuts"] - ends[other])
    measures.record(f"points of accuracy, 0.01 with cuts minus {other}", gain, at_least=least)
ratio = dead["0.03, with cuts"] / max(1, dead["0.01, with cuts"])
measures.record("units that are always 0, with 0.03 divided by with 0.01", ratio, at_least=1.6)

# %% [markdown]
# The recipe ends highest: the cuts let it settle. Always 0.001 is too slow here.
#
# Cuts do not repair every rate. After rate 0.03 more units are *dead*: their sums are negative for each image, so ReLU
# outputs 0 and passes no gradient. That is a part only: 36 units, with 0.01 and cuts, still end higher (not shown).
#
# ## Race ReLU against tanh
# Networks with two hidden layers race in two settings:
# - *2012*: pixels from 0 to 255, minus the mean image; initial weights with standard deviation 0.01.
# - *Today*: standardised pixels; Glorot's start, which fits the weights to the layer (week 1).
#
# We count steps to a training accuracy of 0.75 (a mean over ten steps), with the better of two rates. **Predict:** how
# many times faster is ReLU in each setting?


# %%
def steps_needed(accuracies):
    """Steps until the accuracy, a mean over ten steps, is 0.75; all steps if that does not happen."""
    reached = np.flatnonzero(accuracies[9:] >= 0.75)
    return reached[0] + 10 if len(reached) else len(accuracies)


def race(activation, images, rates, start):
    """The accuracy at each step with the better rate, and that rate."""
    keras.utils.set_random_seed(1)
    network = dense_network(128, hidden_layers=2, activation=activation, start=start, last_start=start)
    compile_with(network)
    weights, results = network.get_weights(), []
    for rate in rates:
        training.reset_to(network, weights)  # sets weights and clears the velocities, so runs start equal
        network.optimizer.learning_rate = rate
        accuracy = week.BatchAccuracy()
        network.fit(images, labels, batch_size=50, shuffle=False, verbose=0, callbacks=[accuracy])
        results.append((np.array(accuracy.values), rate))
    return min(results, key=lambda result: (steps_needed(result[0]), -result[0][-1]))


# %%
centred = 255 * (raw - raw.mean(axis=0))
small = keras.initializers.RandomNormal(stddev=0.01, seed=1)
settings = {"2012": (centred, (0.003, 0.1), small), "today": (images, (0.01, 0.03), "glorot_uniform")}
races = {}
for year, setting in settings.items():
    for name, activation in {"ReLU": "relu", "tanh": "tanh"}.items():
        races[f"{name}, {year}"] = race(activation, *setting)
all_steps = range(1, len(labels) // 50 + 1)
charts = {}
for year in settings:
    lines = {name: races[f"{name}, {year}"][0] for name in ("ReLU", "tanh")}
    charts[year] = all_steps, {**lines, "the goal, 0.75": np.full(len(all_steps), 0.75)}
plots.panels(charts, ("step", "accuracy (mean of 10 steps)"), "Only tanh in the setting of 2012 is slow")
needed = {name: int(steps_needed(accuracies)) for name, (accuracies, _) in races.items()}
rows = [[name, races[name][1], n if n < len(all_steps) else f"more than {n}"] for name, n in needed.items()]
plots.table(rows, ["", "better rate", "steps to an accuracy of 0.75"])

# %% tags=["claim"]
ratios = {year: needed[f"tanh, {year}"] / needed[f"ReLU, {year}"] for year in ("2012", "today")}
measures.record("steps of tanh (or all steps) divided by those of ReLU, 2012", ratios["2012"], at_least=3)
measures.record("the same today", ratios["today"], at_most=1.3)
starts = {"2012": (centred, 0.01, {"at_least": 0.5}), "today": (images, (2 / (784 + 128)) ** 0.5, {"at_most": 0.1})}
for year, (pixels, deviation, limit) in starts.items():
    weights = np.random.default_rng(0).normal(0, deviation, (784, 128))
    sums = pixels[:500].reshape(500, 784) @ weights
    measures.record(f"fraction of sums above 3 or below -3 at the start, {year}", np.mean(abs(sums) > 3), **limit)

# %% [markdown]
# In 2012 ReLU is about four times as fast, near the slide's six. It needs the small rate: its outputs grow with the
# pixels, and at 0.01 it does not learn (not shown). Today ReLU is no faster.
#
# Far from 0, tanh *saturates*: at 3 its slope is 0.01, so little gradient passes. In 2012 most sums in the first layer
# start above 3 or below -3. Today few do.
#
# ## Measure the cost of peeking
# What if you choose on the test set? We train twenty networks, which differ only in their random start.
# `week.side_by_side` puts them into one model: `EinsumDense` computes twenty dense layers at once.

# %%
keras.utils.set_random_seed(1)
twenty = week.side_by_side(20, 16, classes)
plots.architecture(twenty, title="Twenty networks with 16 hidden units, side by side")
# The loss is a mean over twenty networks, so each gets a twentieth of its gradient. A larger rate makes up for it.
twenty.compile(week.Optimizer(update, 20 * 0.02, momentum=0.9, decay=0.0), loss)
repeated = np.repeat(labels[:1000, None], 20, axis=1)
twenty.fit(images[:1000], repeated, epochs=12, batch_size=50, verbose=0)
right, validation_right = (  # (images, networks)
    twenty.predict(part, batch_size=1000, verbose=0).argmax(axis=-1) == part_labels[:, None]
    for part, part_labels in ((test, test_labels), (validation, validation_labels))
)

# %% [markdown]
# Suppose your test set has 100 images. You try one network after the other, and report the best accuracy. The 1,900
# other images are fresh: they show how good it is. For comparison, you choose on 100 validation images. We average over
# twenty such sets. **Predict:** how many points too high is each report?

# %%
counts = [1, 2, 3, 5, 8, 12, 16, 20]
groups = np.array_split(np.arange(len(right)), min(20, len(right)))
validation_groups = np.array_split(validation_right, len(groups))
reported, fresh, honest = np.zeros((3, len(counts)))
for group, validation_group in zip(groups, validation_groups, strict=True):
    on_group, on_fresh = right[group].mean(axis=0), np.delete(right, group, axis=0).mean(axis=0)
    chosen = [np.argmax(on_group[:count]) for count in counts]  # the best of the first networks
    reported += on_group[chosen] / len(groups)
    fresh += on_fresh[chosen] / len(groups)
    chosen = [np.argmax(validation_group.mean(axis=0)[:count]) for count in counts]
    honest += on_group[chosen] / len(groups)
lines = {"chosen and reported on test": reported, "the same on fresh images": fresh}
lines["chosen on validation, reported on test"] = honest
title = f"The best of twenty networks looks {100 * (reported[-1] - fresh[-1]):.1f} points too good"
plots.curves(counts, lines, ("networks tried", "accuracy of the chosen network"), title)

# %% tags=["claim"]
measures.record("points reported too much after twenty networks", 100 * (reported[-1] - fresh[-1]), at_least=1.5)
difference = 100 * (honest[-1] - fresh[-1])
measures.record("the same, chosen on validation images", difference, at_least=-1.5, at_most=1.5)

# %% [markdown]
# The report rises with each network tried, because the best was also lucky on these 100 images. On fresh images it is
# several points worse. The cure: choose on validation images. Then the report is about right.
#
# ## What you can do now
# On our digits:
# - *Momentum* bought nothing that a larger rate does not.
# - *Dropout* and *weight decay* lowered the validation loss, with few images. Dropout gained a little accuracy.
# - *Cutting the rate* paid, from the recipe's 0.01. From 0.03 it was not enough.
# - *ReLU* was much faster only in the setting of 2012.
#
# **Try next**
# - Keep the pixels of 2012 but start as today (rates 0.0001, 0.003), or the reverse (0.03, 0.1). Which slows tanh,
#   which ReLU?
