# ---
# jupyter:
#   course:
#     seconds: 130
#     gigabytes: 2.0
# ---

# %% [markdown]
# # What else can a U-Net do?
#
# Week 9a's U-Net turns an image into a mask. You let the same U restore photographs. Then you let it find how a heart
# moves, although nobody tells it the true motion.
#
# **You will be able to**
# - restore photographs with one network, and compare it with a good rule for each kind of harm,
# - say why such a network should predict a correction,
# - warp an image by a motion,
# - train a Siamese network to find motion without labels, and say why it needs smoothness,
# - combine motion and segmentation in one loss, and measure what each gains.
#
# *Mirrors: lecture D, "U-net"; lecture E, "CNN Encoder-Decoder Architecture", "CNN Siamese networks" and "CNN
# Application Example". About 70 minutes with the exercises; {cost}.*

# %% tags=["setup"]
import time

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates
from skimage import restoration
from skimage.metrics import structural_similarity
from skimage.registration import optical_flow_tvl1

from course_utils import by_size, data, measures, metrics, plots, setup, training
from course_utils.weeks import week09c as week

setup(seed=0)
import keras
from keras import layers, ops

# %% tags=["parameters"]
DATASET = "photos"  # or your own: a folder with a folder of images for each class
STEPS = by_size(quick=180, full=3000)  # training steps of the restoring networks, together
MOTION_STEPS = by_size(quick=220, full=3000)  # of each network for hearts

# %% [markdown]
# ## Harm photographs in three ways
# Lecture D lists denoising, deblurring and inpainting among the uses of the U-Net. So we add Gaussian noise to grey
# crops, or blur them (with a little noise), or punch holes. A second channel, the *mask*, is 1 where a pixel is known.
# Train and test crops come from different photographs.


# %%
KINDS, BLUR = ("noise", "blur", "holes"), 1.5  # the blur's standard deviation, in pixels


def harm(images, kind, rng):
    """Harmed images and their masks: (n, height, width, 2)."""
    known = np.ones_like(images)
    if kind == "noise":
        images = images + rng.normal(0, 0.12, images.shape)
    elif kind == "blur":
        images = gaussian_filter(images, (0, BLUR, BLUR, 0)) + rng.normal(0, 0.01, images.shape)
    else:
        for mask in known:
            for _ in range(mask.size // 340):  # 12 rectangles on 64x64 pixels
                (top, left), (height, width) = rng.integers(0, mask.shape[:2]), rng.integers(4, 10, 2)
                mask[top : top + height, left : left + width] = 0
    return np.concatenate([images * known, known], axis=-1).astype("float32")


# %%
photos = data.load(DATASET)
train, validation, test = (
    week.cut_crops(part.images, count, side, seed=count)
    for part, count, side in [(photos.train, 2000, 48), (photos.validation, 16, 64), (photos.test, 32, 64)]
)
harmed = {kind: harm(test, kind, np.random.default_rng(1)) for kind in KINDS}
shown = {"clean": test[:8], **{kind: inputs[:8, ..., :1] for kind, inputs in harmed.items()}}
plots.rows(shown, "Test crops, harmed in three ways")

# %% tags=["claim"]
measures.measured_on("photos", photos)

# %% [markdown]
# ## Build the U once
# One function goes down and keeps the output of each level, the other goes up, with skips. The whole lesson uses them.


# %%
def double_conv(x, channels):
    """Two 3x3 convolutions, each with batch normalisation and ReLU."""
    for _ in range(2):
        x = layers.Conv2D(channels, 3, padding="same", use_bias=False, kernel_initializer="he_normal")(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))
    return x


# %%
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
# A harmed image is close to the clean one. So the network can predict just a *correction*, which is added to its input:
# a skip connection around the whole U, as in a residual block (week 4a).


# %%
def restorer(residual):
    """A U-Net from harmed images with masks to images."""
    inputs = keras.Input((None, None, 2))
    output = layers.Conv2D(1, 1, kernel_initializer="zeros")(way_up(way_down(inputs, depth=3)))
    return keras.Model(inputs, inputs[..., :1] + output if residual else output)


plots.architecture(restorer(residual=True), "A U-Net that predicts a correction")

# %% [markdown]
# ## Compare with a good rule for each harm
# *PSNR*, $-10\log_{10}$ of the mean squared error, says in decibels how close an image is to the clean one; higher is
# better. *SSIM* compares local structure; 1 is best. scikit-image has a rule for each harm that needs no training:
# - noise: *non-local means* averages pixels whose surroundings look alike,
# - blur: *Wiener's filter* undoes a blur that it is told, except where noise dominates,
# - holes: the *biharmonic equation* continues the brightness smoothly.
#
# The first two have one parameter, chosen by PSNR on validation crops.


# %%
def mean_psnr(clean, images):
    """Mean PSNR in dB; values are clipped to 0 ... 1 first."""
    errors = np.mean((clean - np.clip(images, 0, 1)) ** 2, axis=(1, 2, 3))
    return np.mean(10 * np.log10(1 / np.maximum(errors, 1e-7)))


BLUR_KERNEL = gaussian_filter(np.pad([[1.0]], 6), BLUR)  # what the blur makes of one white pixel


def restore_by_rule(kind, inputs, parameter):
    """Images from harmed images and masks, each by the rule for its harm."""
    restored = []
    for image, known in np.moveaxis(inputs.astype(float), -1, 1):
        if kind == "noise":
            options = {"patch_size": 5, "patch_distance": 7, "fast_mode": False}
            restored.append(restoration.denoise_nl_means(image, h=parameter, sigma=0.12, **options))
        elif kind == "blur":
            wide = np.pad(image, 12, "reflect")  # because the filter takes an image to be periodic
            restored.append(restoration.wiener(wide, BLUR_KERNEL, parameter)[12:-12, 12:-12])
        else:
            restored.append(restoration.inpaint_biharmonic(image, known == 0))
    return np.stack(restored)[..., None]


# %%
GRID = {"noise": [0.06, 0.08, 0.1, 0.13], "blur": [0.003, 0.01, 0.03, 0.1], "holes": [0]}
by_rule = {}
for kind in KINDS:
    inputs = harm(validation, kind, np.random.default_rng(2))
    scores = [mean_psnr(validation, restore_by_rule(kind, inputs, setting)) for setting in GRID[kind]]
    by_rule[kind] = restore_by_rule(kind, harmed[kind], GRID[kind][np.argmax(scores)])

# %% [markdown]
# Now the networks. One predicts the image, one the correction. Both learn all three harms at once. A third network, a
# specialist, learns only noise, in a third of the steps, so it sees as many noisy crops.
#
# **Predict:** which is better, image or correction? Is one network for all worse than the specialist?


# %%
def batches(kinds, count=9):
    """Endless batches: crops with each kind of harm, and the clean ones."""
    rng = np.random.default_rng(0)
    while True:
        clean = train[rng.integers(len(train), size=count)]
        parts = zip(kinds, np.split(clean, len(kinds)), strict=True)
        yield np.concatenate([harm(part, kind, rng) for kind, part in parts]), clean


def fit_restorer(residual, kinds, steps, title):
    """A trained network. Its loss is the squared error, from which PSNR is computed."""
    network = restorer(residual)
    network.compile("adam", "mse")
    callbacks = [training.WarmupThenDecay(0.01), training.LiveCurve(title, every=10, seconds=5)]
    network.fit(batches(kinds), steps_per_epoch=steps, shuffle=False, verbose=0, callbacks=callbacks)
    return network


one_network = fit_restorer(True, KINDS, STEPS, "Predicting the correction")
predicts_image = fit_restorer(False, KINDS, STEPS, "Predicting the image")

# %%
only_noise = fit_restorer(True, ["noise"], STEPS // 3, "Predicting the correction, noise only")


def restore(network, kind):
    """Images from a network. Known pixels beside a hole are kept, as the rule keeps them."""
    output = np.array(network(harmed[kind], training=False))
    return np.where(harmed[kind][..., 1:] == 1, test, output) if kind == "holes" else output


restored = {kind: {"harmed": harmed[kind][..., :1], "rule": by_rule[kind]} for kind in KINDS}
for kind in KINDS:
    restored[kind]["U-Net, image"] = restore(predicts_image, kind)
    restored[kind]["U-Net, correction"] = restore(one_network, kind)
restored["noise"]["U-Net, noise only"] = restore(only_noise, "noise")
score = {kind: {name: mean_psnr(test, images) for name, images in some.items()} for kind, some in restored.items()}


def entry(name, kind):
    """PSNR in dB, and SSIM in brackets."""
    if name not in restored[kind]:
        return ""
    pairs = zip(test[..., 0], np.clip(restored[kind][name][..., 0], 0, 1), strict=True)
    ssim = np.mean([structural_similarity(a, b, data_range=1) for a, b in pairs])
    return f"{score[kind][name]:.1f} ({ssim:.2f})"


rows = [[name, *(entry(name, kind) for kind in KINDS)] for name in score["noise"]]
plots.table(rows, ["PSNR in dB (SSIM)", *KINDS], f"Mean of {len(test)} test crops")

# %% tags=["claim"]
gain = np.mean([score[kind]["U-Net, correction"] - score[kind]["U-Net, image"] for kind in KINDS])
measures.record("correction over image, mean over the three harms, dB", gain, at_least=0.5)

# %%
shown, titles = [], []
for kind, number in zip(KINDS, (5, 0, 2), strict=True):
    some = {"clean": test, **restored[kind]}
    some.pop("U-Net, noise only", None)
    shown += [images[number] for images in some.values()]
    titles += [f"{name}\n{mean_psnr(test[[number]], images[[number]]):.1f} dB" for name, images in some.items()]
    titles[-5] = "clean"
plots.pictures(shown, titles, "Noise, blur and holes restored", columns=5, height=2.1, span=(0, 1))

# %% [markdown]
# On average, predicting only the correction is better. To predict the image, a network must first learn to copy.
# Sharing costs little: on noise, one network for all is about as good as the specialist.
#
# But each rule beats our network, which hardly improves the blurred crops. A rule contains a good idea about its harm,
# and is told how strong noise or blur are. The network must find all this in a few photographs and some seconds of
# training. Its strength: one network does it all.
#
# ## Watch a heart beat
# Lecture E ends with a network that follows a beating heart in MR images. Our hearts are computed, so their motion is
# known. Each has five frames, from filled to contracted.

# %%
hearts = data.load("heartbeats")
frames, masks, motion = hearts.test
plots.rows({f"heart {i}": frames[i] for i in range(2)}, "Two beating hearts", [f"frame {t}" for t in range(5)])
shown = range(4)
week.show_motion(frames[shown, 4], motion[shown, 4], [f"heart {i}" for i in shown], "Frame 4, and its true motion")

# %% [markdown]
# A ring of muscle surrounds the blood. When it squeezes, its inner wall moves more than its outer one. The *motion* of
# a pixel is two numbers: how many pixels farther down, and farther right, its tissue was at the start. So an arrow
# leads from a place in frame 4 back to frame 0.
#
# ## Warp one frame into another
# To compute frame 4 from frame 0, follow the arrow at each pixel and read frame 0 there. This is *warping*. Arrows end
# between pixels, so we interpolate, as in ROI align (week 8b).
#
# ### Your turn: warp
# A pixel in row 5 with a motion of -1.75 down reads at row 3.25: 0.75 times row 3 plus 0.25 times row 4. With columns
# the same, four pixels are mixed. `week.pixels_at(images, rows, columns)` reads pixels at whole rows and columns,
# arrays (n, height, width); outside the image it takes the nearest pixel. Use `keras.ops`, such as `ops.floor`, so that
# gradients can pass.


# %% tags=["exercise"]
def warp(images, motion):
    """`images` (n, height, width, channels), read at each pixel's place plus its `motion` (n, height, width, 2)."""
    height, width = motion.shape[1:3]
    rows = np.arange(height, dtype="float32")[:, None] + motion[..., 0]
    columns = np.arange(width, dtype="float32") + motion[..., 1]
    ### BEGIN SOLUTION
    top, left = ops.floor(rows), ops.floor(columns)
    below, beside = (rows - top)[..., None], (columns - left)[..., None]  # from 0 to 1
    upper = (1 - beside) * week.pixels_at(images, top, left) + beside * week.pixels_at(images, top, left + 1)
    lower = (1 - beside) * week.pixels_at(images, top + 1, left) + beside * week.pixels_at(images, top + 1, left + 1)
    return (1 - below) * upper + below * lower
    ### END SOLUTION


# %% tags=["check"]
warp = week.warp.check(warp)

# %%
first, last = frames[:1, 0], frames[:1, 4]
warped = np.array(warp(first, motion[:1, 4]))
shown = [first, last, abs(first - last), warped, abs(warped - last)]
titles = ["frame 0", "frame 4", "difference", "frame 0, warped", "difference"]
plots.pictures([image[0] for image in shown], titles, "Frame 0, warped by the true motion", span=(0, 0.7))

# %% tags=["claim"]
places = np.mgrid[:64, :64] + np.moveaxis(motion[0, 4], -1, 0)
by_scipy = map_coordinates(first[0, ..., 0], places, order=1, mode="nearest")
assert np.allclose(warped[0, ..., 0], by_scipy, atol=1e-4)

# %% [markdown]
# Only noise is left. This gives a loss without labels, the *misfit*: the mean squared difference between frame 4 and
# frame 0, warped by the motion.
#
# ## Find a motion, and fail
# First without a network: we start with no motion and change all 4,096 arrows of a heart by gradient descent.
# **Predict:** can the misfit become smaller than with the true motion? Are the arrows right then?
#
# We also try a second term, the *roughness*: neighbours should move alike.
#
# ### Your turn: roughness
# Square the differences of all neighbours below each other, and take the mean over everything. Do the same for
# neighbours side by side, and add both means.


# %% tags=["exercise"]
def roughness(motion):
    """Mean squared difference of neighbours, down plus across, of a motion (n, height, width, 2)."""
    ### BEGIN SOLUTION
    down = motion[:, 1:] - motion[:, :-1]
    across = motion[:, :, 1:] - motion[:, :, :-1]
    return ops.mean(ops.square(down)) + ops.mean(ops.square(across))
    ### END SOLUTION


# %% tags=["check"]
roughness = week.roughness.check(roughness)


# %%
def misfit(first, second, motion):
    """Mean squared difference of the warped first frame and the second."""
    return ops.mean(ops.square(warp(first, motion) - second))


def motion_loss(first, second, motion):
    """The misfit, plus the roughness with a weight of 0.03."""
    return misfit(first, second, motion) + week.SMOOTHNESS * roughness(motion)


def error(found, true, masks):
    """Mean distance of the arrows' ends, in pixels, over the muscle: the end-point error."""
    return np.linalg.norm(found - true, axis=-1)[masks == 1].mean()


# %%
some = np.s_[:3]
first, last, true = frames[some, 0], frames[some, 4], motion[some, 4]
trials = {"no motion": 0 * true, "true motion": true}
trials["misfit alone"] = week.descend(misfit, first, last)
trials["misfit and roughness"] = week.descend(motion_loss, first, last)
errors = {name: error(found, true, masks[some, 4]) for name, found in trials.items()}
rows = [[name, f"{misfit(first, last, found):.4f}", f"{errors[name]:.2f}"] for name, found in trials.items()]
plots.table(rows, ["", "misfit", "end-point error, pixels"], "Three hearts, frame 4 from frame 0")
del trials["no motion"]
week.show_motion([last[0]] * 3, [found[0] for found in trials.values()], list(trials), "True motion, and two found")

# %% tags=["claim"]
assert misfit(first, last, trials["misfit alone"]) < misfit(first, last, true)
ratio = errors["misfit and roughness"] / errors["misfit alone"]
measures.record("end-point error with the roughness over that without", ratio, at_most=0.33)
assert misfit(first, last, trials["misfit and roughness"]) < misfit(first, last, true)

# %% [markdown]
# Both misfits are smaller than that of the *true* motion: arrows can fit the noise. In a grey area a pixel finds a
# partner of its brightness nearly anywhere. So without roughness the arrows are hardly better than no motion. The
# roughness makes neighbours agree, and the error falls to less than a third.
#
# ## Let a Siamese network see both frames
# Descent starts anew for each heart. A network learns from many hearts, then answers at once. Lecture E shows *Siamese
# networks*: two in parallel. Here one encoder, our way down, reads both frames with the same weights. The outputs of
# each level are concatenated, and our way up gives the motion.


# %%
def heart_network(find_motion, find_classes):
    """From two frames to motion (2 channels) and the classes' probabilities of both frames (3 channels each)."""
    inputs = [keras.Input((64, 64, 1), name=name) for name in ("first", "second")]
    frame = keras.Input((64, 64, 1))
    half = layers.AveragePooling2D(2)(frame)  # motion is smooth, so half the size is enough
    encoder = keras.Model(frame, way_down(half, depth=3, width=12), name="encoder")
    levels = [encoder(x) for x in inputs]  # the same weights, twice
    outputs = []
    if find_motion:
        x = way_up([layers.Concatenate()(pair) for pair in zip(*levels, strict=True)])
        x = layers.Conv2D(2, 3, padding="same", kernel_initializer="zeros")(x)
        outputs.append(layers.UpSampling2D(interpolation="bilinear")(x))
    if find_classes:
        parts = [keras.Input(level.shape[1:]) for level in levels[0]]
        x = layers.UpSampling2D(interpolation="bilinear")(layers.Conv2D(3, 1)(way_up(parts)))
        decoder = keras.Model(parts, layers.Softmax()(x), name="decoder")
        outputs += [decoder(each) for each in levels]
    return keras.Model(inputs, layers.Concatenate()(outputs) if len(outputs) > 1 else outputs[0])


plots.architecture(heart_network(True, False), "A Siamese U-Net: two frames in, motion out")

# %% [markdown]
# It trains on frame 0 and a random later frame, with your `motion_loss`. Nobody tells it the true motion. (Labels are
# for a later section. Hearts without one get zeros.)


# %%
def heart_batches(labelled, fraction, count=8):
    """Endless batches: two frames, and behind them what the loss needs: both frames and the first one's label.

    A `fraction` of each batch are hearts with a label, the first `labelled` ones.
    """
    images, masks, _ = hearts.train
    rng = np.random.default_rng(0)
    known = round(fraction * count)
    while True:
        i = np.append(rng.integers(labelled, size=known), rng.integers(len(images), size=count - known))
        later = rng.integers(1, 5, size=count)
        label = np.eye(3, dtype="float32")[masks[i, 0]] * (i < labelled)[:, None, None, None]
        down, across = rng.choice([-1, 1], 2)
        first, second, label = (x[:, ::down, ::across] for x in (images[i, 0], images[i, later], label))
        yield (first, second), np.concatenate([first, second, label], axis=-1)


# %%
def fit_hearts(network, loss, title, labelled=1, fraction=0):
    network.compile("adam", loss)
    callbacks = [training.WarmupThenDecay(0.01), training.LiveCurve(title, every=10, seconds=5)]
    pairs = heart_batches(labelled, fraction)
    network.fit(pairs, steps_per_epoch=MOTION_STEPS, shuffle=False, verbose=0, callbacks=callbacks)


def loss_of_motion(truth, output):
    return motion_loss(truth[..., :1], truth[..., 1:2], output)


mover = heart_network(True, False)
fit_hearts(mover, loss_of_motion, "Motion without labels")

# %% [markdown]
# ## Compare with a classical method
# *TV-L1* (scikit-image) also minimises a misfit plus a roughness, for each pair anew. (Its parameter and our 0.03 are
# the best on validation hearts.) **Predict:** who has the smaller *end-point error*, the distance of the arrows' ends?
# Who is faster?


# %%
def by_tvl1(first, second):
    found = [optical_flow_tvl1(b[..., 0], a[..., 0], attachment=30) for a, b in zip(first, second, strict=True)]
    return np.moveaxis(np.stack(found), 1, -1)


def by_network(first, second):
    return np.array(mover([first, second], training=False))


# %%
by_network(frames[:20, 0], frames[:20, 4])  # the first call prepares the network
lines, seconds = {"no motion": [], "network": [], "TV-L1": []}, {}
some = np.s_[:20]
for later in range(1, 5):
    pair, true = (frames[some, 0], frames[some, later]), motion[some, later]
    lines["no motion"].append(error(0 * true, true, masks[some, later]))
    for name, method in (("network", by_network), ("TV-L1", by_tvl1)):
        began = time.process_time()
        found = method(*pair)
        seconds[name] = (time.process_time() - began) / len(true)
        lines[name].append(error(found, true, masks[some, later]))
plots.curves(range(1, 5), lines, ("frame", "end-point error, pixels"), "Motion from frame 0 to a later frame")
arrows = [motion[0, 4], by_network(frames[:1, 0], frames[:1, 4])[0], by_tvl1(frames[:1, 0], frames[:1, 4])[0]]
week.show_motion([frames[0, 4]] * 3, arrows, ["true motion", "network", "TV-L1"], "One heart, frame 4")
print("a pair takes", ", ".join(f"{1000 * value:.0f} ms ({name})" for name, value in seconds.items()))

# %% tags=["claim"]
measures.record("end-point error of the network, frame 4", lines["network"][3], at_most=2.0)
assert lines["TV-L1"][3] < lines["network"][3] < lines["no motion"][3]
assert seconds["TV-L1"] > 2 * seconds["network"]

# %% [markdown]
# TV-L1 is far more accurate, above all when frames are far apart: it improves each pair in many steps. The network at
# least halves the error of "no motion" for near frames. It answers in one pass, several times as fast.
#
# ## Segment and move at once
# Lecture E's network also segments: a decoder gives each pixel's class (background, muscle, blood). Its *composite
# loss* is $L = L_m + \lambda_1 L_s + \lambda_2 L_w$. The slide does not explain the terms. We take
# - $L_m$, the loss of the motion,
# - $L_s$, the cross-entropy of the labelled frame's classes with its label,
# - $L_w$, the cross-entropy of the other frame's classes with the *warped* label.
#
# So a label of frame 0 also teaches what muscle looks like in frame 4. We have the labels of only five hearts. For
# comparison, a network learns the classes alone, from these labels, in the same steps. **Predict:** does motion help
# segmentation? Does segmentation help motion?
#
# ### Your turn: the composite loss
# Use `motion_loss`, `warp` and `week.cross_entropy(label, classes)`, a mean over all pixels. A pixel without label
# costs nothing.


# %% tags=["exercise"]
def composite_loss(first, second, label, motion, first_classes, second_classes, l1, l2):
    """The loss of two frames: `label` is the first one's, `motion` warps the first into the second."""
    ### BEGIN SOLUTION
    of_motion = motion_loss(first, second, motion)
    of_label = week.cross_entropy(label, first_classes)
    of_warped_label = week.cross_entropy(warp(label, motion), second_classes)
    return of_motion + l1 * of_label + l2 * of_warped_label
    ### END SOLUTION


# %% tags=["check"]
composite_loss = week.composite_loss.check(composite_loss)


# %%
LABELLED, L1, L2 = 5, 0.01, 0.01


def loss_of_classes(truth, output):
    return week.cross_entropy(truth[..., 2:], output[..., :3])


def loss_of_both(truth, output):
    first, second, label = truth[..., :1], truth[..., 1:2], truth[..., 2:]
    return composite_loss(first, second, label, output[..., :2], output[..., 2:5], output[..., 5:], L1, L2)


both = heart_network(True, True)
fit_hearts(both, loss_of_both, "Motion and classes", LABELLED, fraction=0.5)
segmenter = heart_network(False, True)
fit_hearts(segmenter, loss_of_classes, "Classes alone", LABELLED, fraction=1)


# %%
def muscle_iou(classes, masks):
    """IoU of the muscle, over all pixels of all hearts."""
    return metrics.overlap_scores(masks == 1, classes.argmax(axis=-1) == 1)["iou"]


rows, shown = [], {"true": masks[:, 4, ..., None] / 2}
for name, network in {"motion alone": mover, "classes alone": segmenter, "both": both}.items():
    output = np.array(network([frames[:, 0], frames[:, 4]], training=False))
    row = [name, "", "", ""]
    if network is not segmenter:
        row[1] = f"{error(output[..., :2], motion[:, 4], masks[:, 4]):.2f}"
    if network is not mover:
        row[2] = f"{muscle_iou(output[..., -6:-3], masks[:, 0]):.3f}"
        row[3] = f"{muscle_iou(output[..., -3:], masks[:, 4]):.3f}"
        shown[name] = output[..., -3:].argmax(axis=-1)[..., None] / 2
    rows.append(row)
plots.table(rows, ["trained for", "end-point error", "IoU, frame 0", "IoU, frame 4"], f"Labels of {LABELLED} hearts")
plots.rows({name: some[:8] for name, some in shown.items()}, "Muscle (grey) and blood (white) of eight hearts, frame 4")

# %% tags=["claim"]
gain = float(rows[2][3]) - float(rows[1][3])
measures.record("IoU of the muscle in frame 4, both tasks over classes alone", gain, at_least=0)
measures.record("end-point error, both tasks over motion alone", float(rows[2][1]) / float(rows[0][1]), at_least=0.9)

# %% [markdown]
# Both tasks together segment better, above all frame 4, of which there are no labels. Is it the warped label, or the
# encoder that sees more hearts? Try `L2 = 0`. Motion gains nothing: its error does not fall.
#
# ## Try it on photographs
# Two cameras side by side see a motorcycle (scikit-image's stereo photographs, a part, at a seventh of the size). The
# "motion" between them was measured: 1 to 9 pixels, only across. The nearer, the larger.

# %%
right, left, measured = week.stereo_pair()
known = np.isfinite(measured[..., 1])
found = {"network": by_network(right, left), "descent": week.descend(motion_loss, right, left)}
found["coarse to fine"] = week.descend(motion_loss, right, left, levels=3)
found["TV-L1"] = by_tvl1(right, left)
rows = [["no motion", f"{error(0 * measured, measured, known):.2f}"]]
rows += [[name, f"{error(one, measured, known):.2f}"] for name, one in found.items()]
plots.table(rows, ["", "end-point error, pixels"], "From the right photograph to the left")
across = [one[0, ..., 1:] for one in (np.nan_to_num(measured, nan=9), *found.values())]
shown, titles = (
    [left[0], right[0], *(0.5 - one / 18 for one in across)],
    ["left", "right", "measured, or black", *found],
)
plots.pictures(shown, titles, "Motion across: grey is none, white 9 pixels", columns=4, span=(0, 1))

# %% tags=["claim"]
ratio = error(found["coarse to fine"], measured, known) / error(found["descent"], measured, known)
measures.record("error on photographs, coarse to fine over descent at full size", ratio, at_most=0.5)
assert error(found["coarse to fine"], measured, known) < error(found["TV-L1"], measured, known)

# %% [markdown]
# The network fails: it knows only hearts. Descent fails too: things move farther than details are wide, so an edge
# slides into the nearest, wrong one. The cure is to go *from coarse to fine*. In photographs of a quarter of the size
# the motion is a quarter, too. Descent finds it there; we enlarge it and continue at the next size. With nothing but
# your loss, the near part turns bright. TV-L1, tuned on hearts, errs more.
#
# ## What you can do now
# - Restore photographs with a U-Net that predicts a correction. A rule made for one harm is a strong rival.
# - Warp an image, and find motion from the misfit alone. A small misfit does not prove a motion right: add roughness.
# - Build a Siamese U-Net, whose encoder reads two frames with the same weights.
# - Combine tasks in one loss, and compare with a network for each task.
#
# What else can a U-Net do? Images, motion and masks come out of one U. Only its last layer and the loss change.
#
# **Try next**
# - Train with `setup(seed=0, size="full")`. Which rules does the network beat now?
# - Set `L2 = 0`: the encoder is still shared, but no label is warped. What remains of the gain?
