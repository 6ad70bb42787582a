# ---
# jupyter:
#   course:
#     seconds: 110
#     gigabytes: 2
# ---

# %% [markdown]
# # How do you find all of them?
#
# Last week each image held one digit. These scenes hold one to eight digits of all sizes, and nobody says how many.
# First you slide a window over the image and classify each position. Then you reshape the trained
# weights, and the same network answers for all positions at once.
#
# **You will be able to**
# - turn a network with dense layers into a fully convolutional one, whose output grows with the image,
# - read its output maps, and turn them into boxes with non-maximum suppression,
# - measure a detector with precision, recall and mAP, and sort its mistakes,
# - explain what hard negatives and an image pyramid are good for.
#
# *Mirrors: lecture A, "Detection of Objects" and "Fully Convolutional Networks"; lecture B, "Target vector"; lecture
# C, "Fully-Connected Networks". About 80 minutes with the exercises; {cost}.*

# %% tags=["setup"]
import time

import numpy as np

from course_utils import by_size, data, losses, measures, metrics, plots, setup, training
from course_utils.weeks import week07 as week
from course_utils.byhand.boxes import iou

setup(seed=0)
import keras
from keras import ops

# %% tags=["parameters"]
DATASET = "scenes"  # or your own: a Pascal VOC folder, or a COCO file
ON_ERROR = "raise"  # "drop" leaves out wrong boxes of your own data, and prints how many
STEPS = by_size(quick=1100, full=3300)  # of the first training; your own images need about three times as many

# %% [markdown]
# ## Look at the scenes first
# These are handwritten digits, 14 to 40 pixels high, on pieces of photographs. **Predict:** which digits in these four
# scenes will a network miss?

# %%
scenes = data.load(DATASET, on_error=ON_ERROR)
measures.measured_on("scenes", scenes)  # the required minimums hold for this data set only
train, validation, test, LEVELS = week.prepare(scenes)  # your own images: resized so that objects fit the window
NAMES = scenes.class_names
plots.pictures(test.images[:4], title="Find all digits", columns=4)

# %% [markdown]
# ## Build a network for one window
# Our window has 48x48 pixels. For each window the network outputs lecture B's target vector: *objectness* (is there an
# object at the centre of this window?), a score for each class, and four numbers for the box.
#
# No convolution pads its input ("valid"), and strides and pooling shrink it further. Of 48x48 pixels, 3x3 positions
# remain, and a dense layer combines them.


# %%
FIELD, STRIDE = week.FIELD, week.STRIDE  # 48 and 8 pixels: the window's side, and the step to the next window
HEADS = {"objectness": 1, "classes": len(NAMES), "box": 4}


def convolutions(x):
    """From 48x48 pixels to 3x3 positions with 64 channels; from larger images to more positions."""
    for filters, kernel, stride, pool in ((16, 6, 2, False), (32, 3, 1, True), (48, 3, 1, False), (64, 3, 1, True)):
        x = keras.layers.Conv2D(filters, kernel, stride, use_bias=False)(x)
        x = keras.layers.MaxPooling2D()(x) if pool else x
        x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
    return x


window = keras.Input((FIELD, FIELD, 3))
x = keras.layers.Flatten()(convolutions(window))
x = keras.layers.Dense(96, use_bias=False)(x)
x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
heads = [keras.layers.Dense(size, name=name)(x) for name, size in HEADS.items()]
window_network = keras.Model(window, keras.layers.Concatenate()(heads))
plots.architecture(window_network, title="One window in; objectness, class scores and a box out")

# %% [markdown]
# ## Teach it what a window should output
# A window is responsible for an object if their centres are at most half a stride or a quarter of the object's size
# apart, whichever is larger, in each direction. The box is written as last week: row and column of its centre, from the
# window's, divided by 48; then $\sqrt{\text{height} / 48}$ and $\sqrt{\text{width} / 48}$. Below, the square around
# each window's centre is as bright as the window's target.
#
# The loss is last week's, too: class and box count only where there is an object.

# %%
grid = week.window_centres(*test.images.shape[1:3])  # x and y of each window's centre, 8 pixels apart
wanted = week.targets(grid, test.truths[0], len(NAMES))
labels = np.unique(test.truths[0]["labels"])[:2]
maps = {"objectness": wanted[..., 0]}
maps |= {f"class {NAMES[label]}": wanted[..., 1 + label] for label in labels}
maps |= {"root of height": wanted[..., -2]}
lit = [week.light_up(test.images[0], values) for values in maps.values()]
title = "What each window of a scene should output"
plots.pictures([test.images[0], *lit], ["scene", *maps], title, columns=5)


# %%
def corners(numbers):
    """The box (..., 4) as x1, y1, x2, y2 in pixels from the window's centre."""
    y, x = FIELD * numbers[..., 0], FIELD * numbers[..., 1]
    height, width = FIELD * ops.square(numbers[..., 2]), FIELD * ops.square(numbers[..., 3])
    return ops.stack([x - width / 2, y - height / 2, x + width / 2, y + height / 2], axis=-1)


def detection_loss(target, output):
    is_object, true_box, box = target[..., 0], target[..., -4:], output[..., -4:]
    objectness_loss = ops.binary_crossentropy(is_object, output[..., 0], from_logits=True)
    class_loss = ops.categorical_crossentropy(target[..., 1:-4], output[..., 1:-4], from_logits=True)
    box_loss = 0.4 * keras.losses.huber(20 * true_box, 20 * box)  # quadratic up to a twentieth of the window
    box_loss += 1 - losses.pair_iou(corners(true_box), corners(box))  # your IoU of last week, with gradients
    total = ops.sum(objectness_loss) + ops.sum(is_object * (class_loss + box_loss))
    return total / (ops.sum(is_object) + 1)


# %% [markdown]
# ### Train it on windows
# Half of the training windows have an object at their centre, give or take half a stride; the others come from
# anywhere. `week.cut_windows` crops them and exchanges their colours.

# %%
objects = np.array([(i, *week.centre(box)) for i, truth in enumerate(train.truths) for box in truth["boxes"]])


def examples(seed, hard=()):
    """Endless batches of 64 windows and targets; places in `hard` replace half of those from anywhere."""
    rng = np.random.default_rng(seed)
    while True:
        places = [rng.choice(objects, 32), week.anywhere(train, 16 if len(hard) else 32, rng)]
        places += [rng.choice(hard, 16)] if len(hard) else []
        places = np.concatenate(places)  # rows of image number, x and y
        places[:, 1:] += rng.uniform(-STRIDE / 2, STRIDE / 2, (64, 2))
        yield week.cut_windows(train, places, len(NAMES), rng, recolour=scenes.name == "scenes")


windows, _ = next(examples(seed=0))
plots.pictures(windows[[*range(8), *range(32, 40)]], columns=8, title="Around an object (above), and anywhere (below)")


# %%
def fit(batches, steps, rate, title):
    """Train; the learning rate rises for a tenth of the steps, then falls to zero."""
    callbacks = [training.WarmupThenDecay(rate), training.LiveCurve(title, every=20)]  # the curve is redrawn live
    window_network.fit(batches, steps_per_epoch=steps, shuffle=False, verbose=0, callbacks=callbacks)


window_network.compile("adam", detection_loss)
fit(examples(seed=0), STEPS, 0.006, "Loss of 64 windows a step")

# %% [markdown]
# ## Slide it over a scene
# Now we ask at every position, 8 pixels apart. A scene has 96x96 pixels. A grey border of 16 pixels on each side makes
# 128x128, so that windows reach beyond its edge. **Predict:** how many windows?


# %%
def slide(image):
    """The network's outputs for all windows of an image, computed one by one: (rows, columns, numbers)."""
    rows, columns = ((length - FIELD) // STRIDE + 1 for length in image.shape[:2])
    outputs = []
    for y in STRIDE * np.arange(rows):
        for x in STRIDE * np.arange(columns):
            outputs.append(window_network(image[None, y : y + FIELD, x : x + FIELD], training=False)[0])
    return np.reshape(outputs, (rows, columns, -1))


framed = week.add_border(test.images[:1])  # (1, 128, 128, 3)
began = time.perf_counter()
one_by_one = slide(framed[0])
slow = time.perf_counter() - began
print(f"{one_by_one.shape[0]}x{one_by_one.shape[1]} positions took {slow:.2f} seconds.")

# %% [markdown]
# There are 121 windows: (128 - 48) / 8 + 1 = 11 in each direction. Neighbours share five sixths of their pixels.
#
# ## Turn dense weights into kernels
# Only the dense layers fix the size of the input. Without them a network is *fully convolutional* (an FCN). Each unit
# of the first dense layer is a weighted sum of 3x3 positions with 64 channels, and so is a 3x3 convolution. Lecture A
# therefore replaces each dense layer by a convolution with as many filters as the layer had units: the first becomes a
# 3x3 convolution, the three heads 1x1.
#
# ### Your turn: reshape the weights
# `weights` is (`rows * columns * channels`, units). `Flatten` lists all channels of the first position, then those of
# the next position in the same row. For 3, 3 and 64, weights (576, 96) become a kernel (3, 3, 64, 96).


# %% tags=["exercise"]
def as_kernel(weights, rows, columns, channels):
    """A dense layer's weights as the kernel of a convolution: (rows, columns, channels, units)."""
    ### BEGIN SOLUTION
    return weights.reshape(rows, columns, channels, weights.shape[1])
    ### END SOLUTION


# %% tags=["check"]
as_kernel = week.as_kernel.check(as_kernel)  # yours from here on if it is right, otherwise the course's

# %%
image = keras.Input((None, None, 3))  # of any height and width
x = keras.layers.Conv2D(96, 3, use_bias=False)(convolutions(image))  # was Dense(96)
x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
heads = [keras.layers.Conv2D(size, 1, name=name)(x) for name, size in HEADS.items()]
fcn = keras.Model(image, keras.layers.Concatenate()(heads))


def copy_weights():
    """Give the FCN the window network's weights; your function turns dense weights into kernels."""
    arrays = window_network.get_weights()
    for i, array in enumerate(fcn.get_weights()):
        if array.ndim == 4 and arrays[i].ndim == 2:
            arrays[i] = as_kernel(arrays[i], *array.shape[:3])
    fcn.set_weights(arrays)


copy_weights()
plots.architecture(fcn, title="The same weights, without a dense layer")

# %%
fcn(framed, training=False)  # the first call takes longer
began = time.perf_counter()
at_once = ops.convert_to_numpy(fcn(framed, training=False))[0]
fast = time.perf_counter() - began
print(f"{at_once.shape[0]}x{at_once.shape[1]} positions at once took {1000 * fast:.0f} milliseconds.")
print("dense layers in it:", sum(isinstance(layer, keras.layers.Dense) for layer in fcn.layers))
for height, width in ((48, 48), (96, 96), (480, 640)):
    print(f"{height}x{width} pixels in, {fcn.compute_output_shape((1, height, width, 3))[1:]} out")

# %% tags=["claim"]
difference = np.abs(at_once - one_by_one).max() / np.abs(one_by_one).max()
measures.record(
    "largest difference to the sliding window, as a fraction of the largest output", difference, at_most=1e-5
)
assert slow > 4 * fast

# %% [markdown]
# The outputs agree everywhere: three strides of 2 multiply to 8, so neighbouring outputs are windows 8 pixels apart.
# The FCN is faster: it shares work, and one call replaces 121.
#
# A slip: lecture C calls its slide on these networks "Fully-Connected Networks". They have no fully connected layers.
#
# ## Read the output maps
# There are 10 + 1 + 4 = 15 maps, as in lecture A. The score of a class is objectness times class
# probability. Here the scores of four classes light up another scene. **Predict:** at how many positions is the
# score of a digit high?


# %%
def candidates(images):
    """Boxes (n, windows, 4) in pixels and class scores (n, windows, classes) of all windows of n images of one size."""
    outputs = fcn(week.add_border(images), training=False)
    boxes = corners(outputs[..., -4:]) + np.tile(week.window_centres(*images.shape[1:3]), 2)
    scores = ops.sigmoid(outputs[..., :1]) * ops.softmax(outputs[..., 1:-4])
    return [ops.convert_to_numpy(values).reshape(len(images), -1, values.shape[-1]) for values in (boxes, scores)]


number = int(np.argmax([len(truth["boxes"]) == 4 for truth in test.truths]))
scene = test.images[number]
(boxes,), (scores,) = candidates(scene[None])
rows, columns = at_once.shape[:2]
maps = np.moveaxis(scores.reshape(rows, columns, -1), -1, 0)
chosen = np.sort(np.argsort(-maps.max(axis=(1, 2)))[:4])  # the four classes with the highest scores
titles = ["scene", *(f"score of {NAMES[label]}" for label in chosen)]
lit = [week.light_up(scene, maps[label]) for label in chosen]
plots.pictures([scene, *lit], titles, "Where it sees which digit", columns=5)

# %% [markdown]
# Each digit, a 6, a 2 and two 9s, has several neighbouring positions with a high score. So it has several boxes, most
# nearly right. (The foot of the 2 resembles 4.)
#
# ## Keep the best box, drop its duplicates
# Lecture A's *non-maximum suppression* leaves out boxes with a low score. It keeps the box with the highest score,
# drops all others that overlap it too much (IoU above 0.6), and goes on with the best of the rest. **Predict:** will
# one box for each digit remain?
#
# ### Your turn: suppress
# `boxes` is (n, 4), `scores` is (n,). Return the positions of the kept boxes in these arrays, the best first. Drop a
# box if its IoU with a *kept* box is above `overlap`; `iou(a, b)` is the matrix of all IoUs. If only the first two
# boxes overlap, by 0.8, then scores 0.5, 0.7, 0.9 and an `overlap` of 0.6 give [2, 1].


# %% tags=["exercise"]
def suppress(boxes, scores, overlap):
    """The positions of the boxes that non-maximum suppression keeps, the best first."""
    ### BEGIN SOLUTION
    overlaps, kept = iou(boxes, boxes), []
    for i in np.argsort(-scores):
        if all(overlaps[i, k] <= overlap for k in kept):
            kept.append(i)
    return kept
    ### END SOLUTION


# %% tags=["check"]
suppress = week.suppress.check(suppress)

# %%
best = scores.max(axis=1)  # we rank by the score of the class, the lecture by objectness
likely = np.flatnonzero(best > 0.2)
kept = likely[np.array(suppress(boxes[likely], best[likely], 0.6), int)]
shown = [{"boxes": boxes[likely]}, {"boxes": boxes[kept], "labels": scores[kept].argmax(axis=1), "scores": best[kept]}]
titles = [f"{len(likely)} boxes before", f"{len(kept)} boxes after suppression"]
plots.boxes([scene] * 2, (), shown, NAMES, titles, "Non-maximum suppression")

# %% tags=["claim"]
import tensorflow as tf

assert list(kept) == list(tf.image.non_max_suppression(boxes, best, 1000, 0.6, 0.2).numpy())  # as TensorFlow does

# %% [markdown]
# Not always: a box around a part of a digit overlaps the box around the whole by less than 60%, so it stays. Now the
# whole detector.


# %%
def detect(images, overlap, levels=LEVELS):
    """For each of several images of one size: boxes, labels and scores of its detections, the best first."""
    detections = []
    for boxes, scores in week.over_levels(candidates, images, levels):  # those with a score above 0.05
        kept = np.array(suppress(boxes, scores.max(axis=1), overlap) if len(boxes) else [], int)
        best = scores[kept]
        detections.append({"boxes": boxes[kept], "labels": best.argmax(axis=1), "scores": best.max(axis=1)})
    return detections


def above_score(detections, score):
    return [{key: values[one["scores"] > score] for key, values in one.items()} for one in detections]


unseen, truths = test.images[:200], test.truths[:200]
first = detect(unseen, overlap=0.6)
key = ("ground truth", "detection")
shown = above_score(first[:4], 0.6)
title = "The first detections, with a score above 0.6"
plots.boxes(unseen[:4], truths[:4], shown, NAMES, title=title, columns=2, key=key)

# %% [markdown]
# At this score about half of the digits are found, some twice. The network misses small digits, the 6 of two pieces, a
# 9 and an 8, and reads a 3 as an 8.
#
# ## Measure the detector
# A detection is a *hit* if an object of its class overlaps it by an IoU of at least 0.5. Each object counts once, for
# the detection with the highest score. Go down the list of detections, the highest score first:
#
# $$\text{precision} = \frac{\text{hits so far}}{\text{detections so far}}, \qquad
# \text{recall} = \frac{\text{hits so far}}{\text{all objects}}$$
#
# *Average precision* (AP) is the area under the curve of precision over recall for one class, *mAP* its mean over all
# classes.
#
# ### Your turn: precision and recall
# `hits` is an array of True and False, one for each detection in that order. For hits True, False, True and 4 objects
# in all, precisions are 1, 1/2, 2/3 and recalls 1/4, 1/4, 2/4.


# %% tags=["exercise"]
def precision_recall(hits, objects):
    """Two arrays, precision and recall after each detection."""
    ### BEGIN SOLUTION
    right = np.cumsum(hits)
    return right / np.arange(1, len(hits) + 1), right / objects
    ### END SOLUTION


# %% tags=["check"]
precision_recall = week.precision_recall.check(precision_recall)


# %%
def curve(truths, detections):
    """Recall and precision after each detection, of all classes together."""
    hits = metrics.ranked_hits(truths, detections)
    precision, recall = precision_recall(hits, sum(len(truth["boxes"]) for truth in truths))
    return (recall, precision) if len(hits) else ([0], [0])


plots.paths(
    {"overlap 0.6": curve(truths, first)},
    ("recall", "precision"),
    "More objects are found, but more detections are false",
)
print(f"mAP {metrics.mean_average_precision(truths, first):.2f}")

# %% [markdown]
# The first detections are right.
#
# ## Sort the mistakes
# There are four kinds of mistakes with a score above 0.4: a box with an IoU of at least 0.5 and the wrong class (not
# also counted as missed); a duplicate or inexact box (IoU of at least 0.3 with an object, but no hit); a detection
# without an object; and a missed object. **Predict:** which kind is the most frequent?

# %%
kinds = week.mistakes(truths, above_score(first, 0.4))
plots.bars(
    list(kinds), [len(entries) for entries in kinds.values()], ("kind of mistake", "number"), "Mistakes in 200 scenes"
)
duplicates = kinds["duplicate/inexact"]
title = "Duplicate or inexact boxes, and the detections near them"
week.show_crops(unseen, truths, duplicates, title, above_score(first, 0.4))

# %% [markdown]
# Duplicates are by far the most common mistake, because we allowed two kept boxes to overlap by 60%. Our
# digits hardly overlap.
#
# So we try other thresholds on validation images. (Test images take no part in a choice.) *F1* combines precision
# $P$ and recall $R$ of all detections with a score above 0.4: $F_1 = 2PR / (P + R)$.

# %%
overlaps, values = [0.02, 0.1, 0.25, 0.45, 0.6, 0.9], {"mAP": [], "F1": []}
images, validation_truths = validation.images[:100], validation.truths[:100]
for overlap in overlaps:
    detections = detect(images, overlap)
    recall, precision = (line[-1] for line in curve(validation_truths, above_score(detections, 0.4)))
    values["F1"].append(2 * precision * recall / max(1e-9, precision + recall))
    values["mAP"].append(metrics.mean_average_precision(validation_truths, detections))
axes = "overlap threshold", "value on validation images"
plots.curves(overlaps, values, axes, "F1 is best at low thresholds, and mAP hardly changes below 0.6")
OVERLAP = overlaps[int(np.argmax(values["F1"]))]
print(f"The best F1 is {max(values['F1']):.2f}, with an overlap threshold of {OVERLAP}.")

# %% [markdown]
# With a lower threshold, precision rises and recall falls: an inexact box with a higher score removes the exact one.
# For mAP they nearly cancel down to 0.1. F1 is best with a low threshold.
#
# ## Train on hard negatives
# Few windows from anywhere show what the detector confuses with a digit. So it searches the training scenes for its own
# mistakes: places with a score above 0.05, but no object. These are *hard negatives*. The training goes on, and a
# quarter of its windows are such places. **Predict:** which kind of mistake will shrink most, as a fraction of itself?

# %%
alarms = []
for i, image in enumerate(train.images[:400]):
    (found,) = detect(image[None], OVERLAP, levels=1)
    empty = iou(found["boxes"], train.truths[i]["boxes"]).max(axis=1, initial=0) < 0.3
    alarms += [(i, box) for box in found["boxes"][empty]]
hard = np.array([(i, *week.centre(box)) for i, box in alarms])
print(f"{len(alarms)} hard negatives in {min(400, len(train.images))} scenes")
some = alarms[:: max(1, len(alarms) // 6)]
week.show_crops(train.images, train.truths, some, "Detected, although no object is there")

# %%
before = detect(unseen, OVERLAP)
fit(examples(seed=1, hard=hard), STEPS * 7 // 10, 0.004, "The training goes on, with hard negatives")
copy_weights()
after = detect(unseen, OVERLAP)
counts = {}
chosen = f"overlap {OVERLAP}"
runs = {"first, overlap 0.6": first, f"first, {chosen}": before, f"second, {chosen}": after}
for name, detections in runs.items():
    kinds = week.mistakes(truths, above_score(detections, 0.4))
    counts[name] = {kind: len(entries) for kind, entries in kinds.items()}
rows = [[name, *count.values()] for name, count in counts.items()]
plots.table(rows, ["training", *kinds], "Mistakes with a score above 0.4, after each training")

# %% tags=["claim"]
_, early, late = (count["no object"] for count in counts.values())
measures.record("fraction of false alarms left after the second training", late / max(1, early), at_most=0.6)

# %% [markdown]
# The lower threshold removes most duplicates, but more digits are missed.
#
# After the second training, detections without an object nearly vanish. But we changed two things: hard negatives, and
# more steps. The table cannot separate them; "Try next" can.
#
# ## Judge the final detector

# %%
lines = {"first training, suppression chosen": curve(truths, before), "with hard negatives": curve(truths, after)}
plots.paths(lines, ("recall", "precision"), "Down the list of detections")
by_class = metrics.average_precision(truths, after)
print(f"mAP {np.mean(list(by_class.values())):.2f}")
plots.bars([NAMES[label] for label in by_class], list(by_class.values()), ("class", "AP"), "Average precision by class")
shown = above_score(after[:4], 0.4)
plots.boxes(unseen[:4], truths[:4], shown, NAMES, title="The four scenes of the beginning", columns=4, key=key)

# %% tags=["claim"]
measures.record("mAP at an overlap of 0.5", np.mean(list(by_class.values())), at_least=0.82)
measures.record("AP of the weakest class", min(by_class.values()), at_least=0.7)

# %% [markdown]
# In the four scenes nearly every digit now has one good box.
#
# ## Find larger objects in a smaller image
# The network knows digits of 14 to 40 pixels. We enlarge the scenes to twice their size. **Predict:** what does it find
# now? Lecture A scans with windows of several sizes. We shrink the image instead: an image and its half form an *image
# pyramid* of two levels. One network sees both, and one suppression follows.

# %%
height, width = unseen.shape[1:3]
large = ops.convert_to_numpy(ops.image.resize(unseen[:50], (2 * height, 2 * width)))
large_truths = [{**truth, "boxes": 2 * truth["boxes"]} for truth in truths[:50]]
by_levels = {levels: detect(large, OVERLAP, levels) for levels in (LEVELS, LEVELS + 1)}
one_less, one_more = (metrics.mean_average_precision(large_truths, found) for found in by_levels.values())
shown = [above_score(found[:1], 0.4)[0] for found in by_levels.values()]
titles = [f"levels: {levels}" for levels in by_levels]
print(f"mAP of 50 scenes: {one_less:.2f} with levels: {LEVELS}, {one_more:.2f} with levels: {LEVELS + 1}")
plots.boxes(large[[0, 0]], [large_truths[0]] * 2, shown, NAMES, titles, "A scene of double size", key=key)

# %% tags=["claim"]
measures.record("double size: mAP with one level more", one_more, at_least=0.8)
measures.record("double size: gain in mAP by that level", one_more - one_less, at_least=0.25)

# %% [markdown]
# One level misses the largest digits, or sees only parts. Two locate nearly all.
#
# ## What you can do now
# - Turn a dense layer into a convolution: the same weights in another shape answer for all positions at once.
# - Read the maps, and turn them into boxes with non-maximum suppression. Its threshold depends on *your* objects.
# - Measure with precision, recall and mAP, and sort the mistakes to see what to improve.
# - Use hard negatives against false alarms, and an image pyramid for large objects.
#
# **Try next**
# - Continue the first training for as many steps without hard negatives. Which mistakes remain?
# - `DATASET = "the path of your own"`: a Pascal VOC folder or a COCO file with some hundred images.
#
# Next: **week 8**, detectors that look twice (R-CNN) or once (YOLO).
