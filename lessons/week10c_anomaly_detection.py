# ---
# jupyter:
#   course:
#     seconds: 60
#     gigabytes: 1.5
# ---

# %% [markdown]
# # Can a network tell that an image is not a digit?
#
# An autoencoder that has seen only digits reconstructs digits well. Lecture D uses this: an image with a large error
# is called a LIAR. It claims to be a digit and is none. In this lesson you build such a detector, choose its
# threshold, and measure how good it is. You also find images that it accepts although it should not.
#
# **You will be able to**
# - turn an autoencoder's error into an alarm,
# - choose the threshold from validation errors, and say why the mean plus $k$ standard deviations is not enough,
# - judge a detector by its ROC curve and AUC, and compare it with a baseline,
# - name anomalies that it cannot detect, and say why.
#
# *Mirrors: lecture D, "Anomaly detection"; lecture A, the use of autoencoders for anomaly detection. About 35 minutes
# with the exercises; {cost}.*

# %% tags=["setup"]
import numpy as np
from scipy import stats
from sklearn.metrics import roc_auc_score, roc_curve
from sklearn.neighbors import NearestNeighbors

from course_utils import by_size, data, measures, plots, setup, training
from course_utils.weeks import week10c as week

setup(seed=0)
import keras
from keras import layers

# %% tags=["parameters"]
DATASET = "digits"  # or "mnist", "fashion_mnist", or the path of your own images
CODE = 32  # numbers in the code
HELD_OUT = 5  # the class, by its number, that the network never sees
STEPS = by_size(quick=450, full=4000)  # training steps

# %% [markdown]
# ## Look at normal images and anomalies
# *Normal* images here are digits of all classes but the 5. An *anomaly* is any other image. We test five kinds:
# printed letters, patches of photographs, digits with an added pen stroke, the unseen class 5, and digits that stand
# upside down. The network will see none of them in training.
#
# **Predict:** which kind is detected most easily, and which is the hardest?

# %%
loaded = data.load(DATASET)
train = week.sample(loaded.train, 20_000)  # at most 20,000 images, grey, 28x28 pixels, with labels
validation, test = week.sample(loaded.validation, 2000), week.sample(loaded.test, 2000)
held_out = min(HELD_OUT, len(loaded.class_names) - 1)
normal_train, normal_validation, normal_test = (
    part.images[part.labels != held_out] for part in (train, validation, test)
)

# %% tags=["claim"]
measures.measured_on("digits" if (CODE, HELD_OUT) == (32, 5) else "", loaded)  # limits hold for this data set only

# %%
rng = np.random.default_rng(5)
kinds = {
    "letters": week.letter_images(400, rng),
    "photographs": week.photo_patches(400, rng),
    "pen strokes": week.add_pen_strokes(normal_test[:400], rng),
    "unseen class": test.images[test.labels == held_out],
    "upside down": normal_test[:400, ::-1, ::-1],
}
examples = {"normal": normal_test, **kinds}
shown = [images[number % len(images)] for number in range(3) for images in examples.values()]
plots.pictures(shown, [*examples] + [""] * 12, "Normal images and five kinds of anomalies", columns=6, span=(0, 1))

# %% [markdown]
# ## Train on normal images only
# The encoder halves the image twice. A dense layer then reduces it to a code of 32 numbers, so the network cannot
# simply copy its input. The decoder reverses these steps.


# %%
def convolution(channels, layer=layers.Conv2D):
    """A layer that halves or doubles the image, with batch normalisation and ReLU."""
    first = layer(channels, 4, strides=2, padding="same", use_bias=False)
    return [first, layers.BatchNormalization(momentum=0.95), layers.ReLU()]


encoder = [*convolution(16), *convolution(64), layers.Flatten(), layers.Dense(CODE)]
decoder = [layers.Dense(7 * 7 * 64, activation="relu"), layers.Reshape((7, 7, 64))]
decoder += convolution(16, layers.Conv2DTranspose)
last = layers.Conv2DTranspose(1, 4, strides=2, padding="same", activation="sigmoid")  # outputs from 0 to 1
autoencoder = keras.Sequential([keras.Input((28, 28, 1)), *encoder, *decoder, last])
plots.architecture(autoencoder, title=f"An autoencoder with a code of {CODE} numbers")

# %% [markdown]
# Input and target are the same image. The loss is the mean squared error, which will also be our score for anomalies.
# The training needs no anomaly and no label, except to leave out class 5.


# %%
def batches(images, size=64):
    """Training pairs without end: random images, each as input and as target."""
    rng = np.random.default_rng(0)
    while True:
        batch = images[rng.integers(len(images), size=size)]
        yield batch, batch


autoencoder.compile("adam", "mse")
callbacks = [training.WarmupThenDecay(0.01), training.LiveCurve("The autoencoder learns", every=10)]
history = autoencoder.fit(batches(normal_train), steps_per_epoch=STEPS, shuffle=False, verbose=0, callbacks=callbacks)

# %% [markdown]
# ### Your turn: one error for each image
# We need a number for how badly an image is reconstructed: the mean of its squared pixel differences. For an image
# with the pixels 0.5 and 1, reconstructed as 0.5 and 0.8, the error is (0 + 0.04) / 2 = 0.02.


# %% tags=["exercise"]
def image_errors(images, outputs):
    """Mean squared error of each image: (n,) from two arrays (n, height, width, channels)."""
    ### BEGIN SOLUTION
    return ((images - outputs) ** 2).mean(axis=(1, 2, 3))
    ### END SOLUTION


# %% tags=["check"]
image_errors = week.image_errors.check(image_errors)

# %%
examples_in = np.stack([images[2 % len(images)] for images in examples.values()])
examples_out = autoencoder.predict(examples_in, verbose=0)
differences = np.abs(examples_in - examples_out)
titles = [*examples, *(f"error {error:.3f}" for error in image_errors(examples_in, examples_out)), *[""] * 6]
rows = np.concatenate([examples_in, examples_out, differences])
plots.pictures(rows, titles, "Input, reconstruction, and where they differ", columns=6, span=(0, 1))

# %% [markdown]
# The network reconstructs what it can draw. It leaves out the end of the pen stroke, so this end lights up in the third
# row, and the error is about twice that of the same digit without the stroke. The photograph fails completely. But the
# 5, which it never saw, comes back nearly as it was.
#
# ## Choose a threshold by mean and standard deviation
# How large an error is too large? In lecture D, errors have the mean 0.10 and the standard deviation 0.03. An error
# of 0.14 is called OK and an error of 0.27 is called a LIAR. **Predict:** how many standard deviations above the mean
# are they?

# %% tags=["nbval-check-output"]
for error in (0.14, 0.27):
    k = (error - 0.10) / 0.03
    print(f"error {error}: {k:.1f} standard deviations above the mean; larger: {stats.norm.sf(k):.2g} of all errors")

# %% [markdown]
# The last number in each line holds if errors are normally distributed. Then a threshold at 0.14 would raise an
# alarm for 9% of all normal images. Such an alarm is a *false alarm*. For 1% of false alarms the threshold would be the
# mean plus $k = 2.33$ standard deviations.
#
# We take mean and standard deviation from validation images, and count false alarms among test images. **Predict:**
# does $k = 2.33$ give 1%?


# %%
def errors_of(images):
    return image_errors(images, autoencoder.predict(images, batch_size=100, verbose=0))


validation_errors, test_errors = errors_of(normal_validation), errors_of(normal_test)
mean, std = validation_errors.mean(), validation_errors.std()
ks = np.linspace(0, 3.5, 36)
curves = {"measured": [(test_errors > mean + k * std).mean() for k in ks], "normal distribution": stats.norm.sf(ks)}
plots.curves(ks, curves, ("k, in standard deviations above the mean", "fraction above"), "False alarms", log=True)
by_mean = mean + stats.norm.isf(0.01) * std
print(f"1% wanted, {(test_errors > by_mean).mean():.1%} measured")

# %% tags=["claim"]
rate = (test_errors > by_mean).mean()
measures.record("false alarms where 1% is wanted: mean and standard deviation", rate, at_least=0.015)

# %% [markdown]
# No: there are about three times as many. Below $k = 1.5$ there are fewer large errors than a normal distribution
# predicts. Above it there are more, and the gap grows. The errors have a long tail, because a few normal digits are
# unusual. Above three standard deviations the normal distribution has nearly nothing, but more than 1% of the errors
# lie there.
#
# ## Choose a threshold by a quantile
# The cure needs no distribution. Sort the validation errors, and put the threshold where 1% of them lie above. This
# is their 99% *quantile*.
#
# ### Your turn: the detector
# Your function gets all errors and the fraction of false alarms that is accepted. For the validation errors 1, 2, ...
# 10 and the fraction 0.2, the threshold lies between 8 and 9. So the test errors 7 and 9.5 give False and True.


# %% tags=["exercise"]
def is_anomaly(validation_errors, test_errors, false_alarms):
    """True for each test error above the (1 - false_alarms) quantile of the validation errors."""
    ### BEGIN SOLUTION
    return test_errors > np.quantile(validation_errors, 1 - false_alarms)
    ### END SOLUTION


# %% tags=["check"]
is_anomaly = week.is_anomaly.check(is_anomaly)

# %%
rows = []
for wanted in (0.1, 0.05, 0.01):
    by_mean = test_errors > mean + stats.norm.isf(wanted) * std
    by_quantile = is_anomaly(validation_errors, test_errors, wanted)
    rows.append([f"{wanted:.0%}", f"{by_mean.mean():.1%}", f"{by_quantile.mean():.1%}"])
headings = ["false alarms wanted", "by mean and standard deviation", "by quantile"]
plots.table(rows, headings, f"False alarms among {len(test_errors):,} normal test images")

# %% tags=["claim"]
measures.record("false alarms where 1% is wanted: quantile", by_quantile.mean(), at_most=0.02)

# %% [markdown]
# The quantile comes close to the wanted rates. The rest is chance: 1% of 1,794 images is only 18, and a count of 18
# easily differs by 4. From now on the detector is your `is_anomaly`, with 5% of false alarms. First we look at two
# kinds of anomalies, pen strokes and the unseen class. **Predict:** how many of each lie above the threshold?

# %%
errors = {name: errors_of(images) for name, images in kinds.items()}
threshold = np.quantile(validation_errors, 0.95)
groups = {"normal": test_errors} | {name: errors[name] for name in ("pen strokes", "unseen class")}
plots.histograms(groups, "error of an image", "Errors overlap, so no threshold separates them", threshold)

# %%
detected = [is_anomaly(validation_errors, kind_errors, 0.05).mean() for kind_errors in errors.values()]
plots.bars([*kinds], detected, ("kind of anomaly", "fraction detected"), "Detected at 5% of false alarms")

# %% [markdown]
# Most images with pen strokes lie above the threshold, but only about a fifth of the unseen class. Photographs are the
# easiest kind: unlike digits, they are rarely black. The unseen class and digits upside down are the hardest: the
# detector misses most of them.
#
# ## Judge the detector without a threshold
# A lower threshold detects more, but it raises more false alarms. The *ROC curve* shows all thresholds at once.
# The horizontal axis is the *false positive rate*, the fraction of normal images that raise an alarm. The vertical axis
# is the *true positive rate*, the fraction of anomalies that do. A detector that guesses is on the diagonal.

# %%
lines = {}
for name, kind_errors in errors.items():
    is_anomalous = np.repeat([0, 1], [len(test_errors), len(kind_errors)])
    lines[name] = roc_curve(is_anomalous, np.concatenate([test_errors, kind_errors]))[:2]
lines["guessing"] = [(0, 1), (0, 1)]
plots.paths(lines, ("false positive rate", "true positive rate"), "ROC curves of five kinds of anomalies")

# %% [markdown]
# The area under this curve (AUC) sums it up in one number. It has a simple meaning. Take a random normal image and a
# random anomaly. AUC is the probability that the anomaly has the larger error. So 0.5 is guessing and 1 is perfect.
#
# ### Your turn: AUC by counting pairs
# For the normal errors 1, 2 and the anomalous errors 2, 3 there are four pairs. In three of them the anomalous error
# is larger, and one is a tie, which counts half: AUC = 3.5 / 4.


# %% tags=["exercise"]
def auc(normal, anomalous):
    """Fraction of all pairs (normal error, anomalous error) in which the anomalous one is larger; ties count half."""
    ### BEGIN SOLUTION
    return (anomalous[:, None] > normal).mean() + (anomalous[:, None] == normal).mean() / 2
    ### END SOLUTION


# %% tags=["check"]
auc = week.auc.check(auc)

# %% tags=["nbval-check-output"]
is_anomalous = np.repeat([0, 1], [len(test_errors), len(errors["letters"])])
area = roc_auc_score(is_anomalous, np.concatenate([test_errors, errors["letters"]]))
print("the same as scikit-learn:", abs(auc(test_errors, errors["letters"]) - area) < 1e-6)

# %% [markdown]
# ## Compare with the nearest training image
# What is a good AUC? We need a baseline. A very simple one has no network: the distance of an image to the nearest
# training image. A large distance means an anomaly. **Predict:** for which kinds does this baseline win?

# %%
nearest = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(normal_train.reshape(-1, 784))


def distances_of(images):
    return nearest.kneighbors(images.reshape(-1, 784))[0][:, 0]


test_distances = distances_of(normal_test)
aucs = {name: auc(test_errors, errors[name]) for name in kinds}
baseline = {name: auc(test_distances, distances_of(images)) for name, images in kinds.items()}
rows = [[name, f"{aucs[name]:.2f}", f"{baseline[name]:.2f}"] for name in kinds]
plots.table(rows, ["", "autoencoder", "nearest training image"], "AUC by kind of anomaly")

# %% tags=["claim"]
for name, minimum in {"letters": 0.93, "pen strokes": 0.87, "unseen class": 0.78}.items():
    measures.record(f"AUC, {name}", aucs[name], at_least=minimum)
lead = baseline["unseen class"] - aucs["unseen class"]
measures.record("lead of the nearest training image, unseen class, AUC", lead, at_least=0.05)

# %% [markdown]
# The autoencoder wins clearly on pen strokes. It knows how the digit would look without the stroke, and it also shows
# where the anomaly is. But the baseline wins clearly on the unseen class and on digits upside down, with no training at
# all. It has a price: it stores all training images and compares each new image with all of them.
#
# ## See where the detector fails
# The network has learned the curves and lines of handwriting. So it can draw a 5 from parts of other digits. It can
# draw some upside-down digits, too. We compare each class upside down with the same class upright. **Predict:** for
# which classes is the AUC lowest?

# %%
labels = test.labels[test.labels != held_out]
upside_down_errors = errors_of(normal_test[:, ::-1, ::-1])
classes = np.unique(labels)
values = [auc(test_errors[labels == label], upside_down_errors[labels == label]) for label in classes]
names = [loaded.class_names[label] for label in classes]
plots.bars(names, values, ("class", "AUC"), "Each class upside down against the same class upright")

# %% [markdown]
# A 0, a 1 and an 8 look much the same upside down, so their AUCs are lowest. A 6 becomes a 9 and a 9 becomes a 6, so
# they are hard, too. A 7 looks strange upside down: its AUC is highest. So the alarm answers "could I draw
# this?", which is not quite "is this a digit?".
#
# ## What you can do now
# - Turn an autoencoder's error into an alarm: one mean squared error for each image, and a threshold.
# - Choose the threshold as a quantile of validation errors. Errors have a long tail, so the mean plus $k$ standard
#   deviations raises more false alarms than promised.
# - Judge a detector by ROC and AUC, which need no threshold, and compare it with the nearest training image.
# - Name anomalies that it often misses: those that it can draw.
#
# **Try next**
# - Set `CODE = 8`. Which kinds are then detected better, and which worse? Why?
# - Train on a single class, and let all other classes be anomalies.
# - Use the error of PCA with 32 components, or the amount of ink, as further baselines.
# - Use `DATASET = "fashion_mnist"` or your own images. Which method wins there?
#
# Next: **week 11b**, where a network generates new images.
