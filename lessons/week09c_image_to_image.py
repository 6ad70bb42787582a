# ---
# jupyter:
#   course:
#     seconds: 130
#     gigabytes: 2.0
# ---

# %% [markdown]
# # What else can a U-Net do?
#
# Week 9a's U-Net takes an image and returns a mask. But any image can come out, or a map of arrows. You let the same U
# clean photographs. Then you let it find how a heart moves, although nobody ever tells it the true motion.
#
# **You will be able to**
# - restore noisy, blurred and torn photographs with one network, and compare it with a good rule for each,
# - say why a restoring network should predict only the correction,
# - warp an image by a motion, so that a gradient reaches the motion,
# - train a Siamese network to find motion without labels, and say what smoothness is for,
# - combine motion and segmentation in one loss, and measure what each gains.
#
# *Mirrors: lecture D, "U-net"; lecture E, "CNN Encoder-Decoder Architecture", "CNN Siamese networks" and "CNN
# Application Example". About 70 minutes with the exercises; {cost}.*

# %% tags=["setup"]
import time

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates
from skimage.registration import optical_flow_tvl1

from course_utils import by_size, data, measures, metrics, plots, setup, training
from course_utils.weeks import week09c as week

setup(seed=0)
import keras
from keras import layers, ops

# %% tags=["parameters"]
DATASET = "photos"  # or your own: a folder with a folder of images for each class
STEPS = by_size(quick=210, full=3000)  # training steps of the restoring networks, together
MOTION_STEPS = by_size(quick=250, full=3000)  # of each network for hearts

# %% [markdown]
# ## Harm photographs in three ways
# Lecture D lists denoising, deblurring and inpainting among the uses of the U-Net. So we harm grey crops of photographs
# in three ways: we add Gaussian noise (standard deviation 0.12), blur (and add a little noise), or punch holes. A
# second channel, the *mask*, is 1 where a pixel is known, as in week 10b. Train and test crops come from different
# photographs.


# %%
def harm(images, kind, rng):
    """Harmed images and their masks: (n, height, width, 2)."""
    known = np.ones_like(images)
    if kind == "noise":
        images = images + rng.normal(0, 0.12, images.shape)
    elif kind == "blur":
        images = gaussian_filter(images, (0, week.BLUR, week.BLUR, 0)) + rng.normal(0, 0.01, images.shape)
    else:
        known = week.punch_holes(images.shape, rng)
    return np.concatenate([images * known, known], axis=-1).astype("float32")


KINDS = ("noise", "blur", "holes")
photos = data.load(DATASET)
train, validation, test = (
    week.cut_crops(part.images, count, side, seed=count)
    for part, count, side in [(photos.train, 2000, 48), (photos.validation, 16, 64), (photos.test, 32, 64)]
)
harmed = {kind: harm(test, kind, np.random.default_rng(1)) for kind in KINDS}
shown = {"clean": test[:6], **{kind: inputs[:6, ..., :1] for kind, inputs in harmed.items()}}
plots.rows(shown, "Test crops, harmed in three ways")

# %% tags=["claim"]
measures.measured_on("photos", photos)

# %% [markdown]
# ## Build the U once
# One function goes down and keeps the output of each level. The other goes up, with skips. We use both in this whole
# lesson.


# %%
def double_conv(x, channels):
    """Two 3x3 convolutions, each with batch normalisation and ReLU."""
    for _ in range(2):
        x = layers.Conv2D(channels, 3, padding="same", use_bias=False, kernel_initializer="he_normal")(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))
    return x


def way_down(x, depth, width=8):
    """The outputs of `depth` levels; each halves the image and doubles the channels."""
    levels = []
    for level in range(depth):
        x = layers.MaxPooling2D()(x) if level > 0 else x
        x = double_conv(x, width * 2**level)
        levels.append(x)
    return levels


def way_up(levels):
    """Features of the size of the first level, from the outputs of all levels."""
    x = levels[-1]
    for skip in reversed(levels[:-1]):
        x = layers.Conv2DTranspose(x.shape[-1] // 2, 2, strides=2)(x)
        x = double_conv(layers.Concatenate()([skip, x]), x.shape[-1])
    return x


# %% [markdown]
# ## Predict the image, or only the correction?
# A harmed image is already close to the clean one. So the network need not invent the image. It can predict a
# *correction*, which is added to its input: a skip connection around the whole U, as in a residual block (week 4a).
#
# ### Your turn: add the correction
# `inputs` are (n, height, width, 2), images and masks. `correction` is (n, height, width, 1). Only the image counts.


# %% tags=["exercise"]
def add_correction(inputs, correction):
    """The images plus their correction: (n, height, width, 1)."""
    ### BEGIN SOLUTION
    return inputs[..., :1] + correction
    ### END SOLUTION


# %% tags=["check"]
add_correction = week.add_correction.check(add_correction)


# %%
def restorer(residual):
    """A U-Net from harmed images with masks to images."""
    inputs = keras.Input((None, None, 2))
    output = layers.Conv2D(1, 1)(way_up(way_down(inputs, depth=3)))
    return keras.Model(inputs, add_correction(inputs, output) if residual else output)


plots.architecture(restorer(residual=True), "A U-Net that predicts a correction")

# %% [markdown]
# ## Compare with a good rule for each harm
# The *PSNR* (week 10b) measures how close an image is to the clean one, in decibels. Higher is better. Each harm has a
# rule that needs no training, in scikit-image:
# - noise: *non-local means* averages pixels whose surroundings look alike,
# - blur: *Wiener's filter* divides by the blur's spectrum, but not where noise dominates. It is told the blur,
# - holes: the *biharmonic equation* continues brightness smoothly into each hole.
#
# The first two have one parameter. We choose it on the validation crops, by PSNR.


# %%
def mean_psnr(clean, images):
    """Mean PSNR in dB; values are clipped to 0 ... 1 first."""
    errors = np.mean((clean - np.clip(images, 0, 1)) ** 2, axis=(1, 2, 3))
    return np.mean(10 * np.log10(1 / np.maximum(errors, 1e-7)))


GRID = {"noise": [0.06, 0.08, 0.1, 0.13], "blur": [0.003, 0.01, 0.03, 0.1], "holes": [0]}
by_rule = {}
for kind in KINDS:
    inputs = harm(validation, kind, np.random.default_rng(2))
    scores = [mean_psnr(validation, week.restore_by_rule(kind, inputs, setting)) for setting in GRID[kind]]
    by_rule[kind] = week.restore_by_rule(kind, harmed[kind], GRID[kind][np.argmax(scores)])

# %% [markdown]
# Now the networks. One predicts the image, one predicts the correction. Both learn all three harms at once, in the same
# steps. Three more networks learn one harm each, in a third of the steps.
#
# **Predict:** which is better, image or correction? Is one network for all worse than three?


# %%
def batches(kinds, count=8):
    """Endless batches: harmed crops and clean ones. Each batch has one kind of harm."""
    rng, step = np.random.default_rng(0), 0
    while True:
        clean = train[rng.integers(len(train), size=count)]
        yield harm(clean, kinds[step % len(kinds)], rng), clean
        step += 1


def fit_restorer(residual, kinds, steps, title):
    """A trained network: `compile` asks for the squared error, from which PSNR is computed."""
    keras.utils.set_random_seed(0)
    network = restorer(residual)
    network.compile("adam", "mse")
    callbacks = [training.WarmupThenDecay(0.01), training.LiveCurve(title, every=10, seconds=5)]
    network.fit(batches(kinds), steps_per_epoch=steps, shuffle=False, verbose=0, callbacks=callbacks)
    return network


one_network = fit_restorer(True, KINDS, STEPS, "Predicting the correction")
predicts_image = fit_restorer(False, KINDS, STEPS, "Predicting the image")

# %%
own_network = {kind: fit_restorer(True, [kind], STEPS // 3, f"Only {kind}") for kind in KINDS}


def restore(network, kind):
    """Images from a network. Known pixels beside a hole are kept, as the rule keeps them."""
    output = network.predict(harmed[kind], verbose=0)
    return np.where(harmed[kind][..., 1:] == 1, test, output) if kind == "holes" else output


restored = {kind: {"harmed": harmed[kind][..., :1], "rule": by_rule[kind]} for kind in KINDS}
for kind in KINDS:
    restored[kind]["U-Net, image"] = restore(predicts_image, kind)
    restored[kind]["U-Net, correction"] = restore(one_network, kind)
    restored[kind]["own U-Net"] = restore(own_network[kind], kind)
score = {kind: {name: mean_psnr(test, images) for name, images in some.items()} for kind, some in restored.items()}
rows = [[name, *(f"{score[kind][name]:.1f}" for kind in KINDS)] for name in restored["noise"]]
plots.table(rows, ["PSNR in dB", *KINDS], f"Mean of {len(test)} test crops")
