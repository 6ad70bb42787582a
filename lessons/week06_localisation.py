# ---
# jupyter:
#   course:
#     seconds: 110
#     gigabytes: 2
# ---

# %% [markdown]
# # What is it, and where?
#
# A classifier says "a 7", but not where the 7 is. Here you train one network that answers three questions: is an object
# present, what is it, and where?
#
# **You will be able to**
# - write a box in the usual conventions,
# - compute intersection over union (IoU), and fool other measures,
# - compare L2, smooth L1 and 1 - IoU as losses for boxes,
# - write one loss for three tasks,
# - train a network with two branches, and choose its pooling.
#
# *Mirrors: lecture A, "Localisation of Object"; lecture B, "Image classification and object localization" to
# "Multi-task loss function", and the four measures after it; lecture E, "CNN Multitask learning". About 75 minutes
# with the exercises; {cost}.*

# %% tags=["setup"]
import numpy as np

from course_utils import by_size, data, losses, measures, metrics, plots, setup, training
from course_utils.weeks import week06 as week

setup(seed=0)
import keras
import tensorflow as tf
from keras import ops
from sklearn.metrics import roc_auc_score

# %% tags=["parameters"]
DATASET = "one_digit"  # or your own: a Pascal VOC folder, or a COCO file
ON_ERROR = "raise"  # "drop" leaves out faulty boxes of your own data, and counts them
SIDE = 48  # pixels: height and width of the network's input; for small objects of your own 64 or more
STEPS = by_size(quick=1200, full=6000)  # of the main training

# %% [markdown]
# ## Look at the data
# Three of four images contain a digit, 14 to 40 pixels high. The dashed box is the ground truth.

# %%
dataset = data.load(DATASET, on_error=ON_ERROR)
measures.measured_on("one_digit", dataset)  # required minimums hold for this data set only
train, validation, test = (
    part.fitted(SIDE, SIDE)  # resizes images and boxes
    for part in (dataset.train, dataset.validation, dataset.test)
)
some = train.truths[:16]
names = [dataset.class_names[truth["labels"][0]] if len(truth["labels"]) else "none" for truth in some]
plots.boxes(train.images[:16], some, titles=names, columns=8, title="One digit or none, its class and its box")

# %% [markdown]
# ## Write a box as four numbers
# We write a box as `x1, y1, x2, y2`: upper left and lower right corner, in pixels. COCO writes left, top, width,
# height. Lecture A writes the centre's x and y, then width and height. Others put rows first: `y1, x1, y2, x2`. We read
# the same four numbers in each way. **Predict:** where does the box land if x and y are exchanged?

# %%
example = week.example(train.truths, SIDE)  # an image with a box of medium size
box = train.truths[example]["boxes"][0]
print("x1, y1, x2, y2:", box.round(1))
forms = {"x1, y1, x2, y2": "xyxy", "COCO": "xywh", "lecture A": "center_xywh", "rows first": "yxyx"}
convert = keras.utils.bounding_boxes.convert_format
plots.boxes(
    [train.images[example]] * 4,
    [{"boxes": box[None]}] * 4,
    [{"boxes": np.clip(convert(box[None], form, "xyxy"), 0, SIDE)} for form in forms.values()],  # cut at the border
    titles=[f"read as {name}" for name in forms],
    title="One box, read in four ways",
    columns=4,
    key=("ground truth", "as it was read"),
)

# %% [markdown]
# COCO and lecture A take 42 and 36 as width and height. Lecture A also takes 26 and 13 as the centre. With x and y
# exchanged, the box is mirrored at the diagonal. So *draw ten boxes before you train*.
#
# ### Your turn: from lecture B's numbers to corners
# Lecture B writes the centre's row and column, then height and width. Return `x1, y1, x2, y2`. Write plain arithmetic
# without NumPy: the training passes tensors.


# %% tags=["exercise"]
def to_corners(row, column, height, width):
    """x1, y1, x2, y2 of a box with this centre and size: (20, 30, 10, 4) gives 28, 15, 32, 25."""
    ### BEGIN SOLUTION
    return column - width / 2, row - height / 2, column + width / 2, row + height / 2
    ### END SOLUTION


# %% tags=["check"]
to_corners = week.to_corners.check(to_corners)  # yours from here on if it is right, otherwise the course's

# %% [markdown]
# ## Measure how well two boxes agree
# *Intersection over union* (IoU, or Tanimoto index) is the area that both boxes cover, divided by the area that at
# least one covers. It is 1 for equal boxes, and 0 without overlap.
#
# ### Your turn: intersection over union
# The intersection is a box too: its left side is the larger of the two left sides. By hand: `0, 0, 4, 2` and
# `2, 0, 6, 2` share an area of 4. Together they cover 8 + 8 - 4 = 12. Their IoU is 1/3.


# %% tags=["exercise"]
def iou(a, b):
    """Intersection over union of two boxes, arrays x1, y1, x2, y2: a number from 0 to 1."""
    ### BEGIN SOLUTION
    width = max(0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0, min(a[3], b[3]) - max(a[1], b[1]))
    intersection = width * height
    return intersection / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - intersection)
    ### END SOLUTION


# %% tags=["check"]
iou = week.iou.check(iou)

# %% [markdown]
# ### Shift a large and a small box
# We shift the box of a large digit (26 pixels wide) and of a small one (9 wide) to the right. **Predict:** after how
# many pixels has each IoU fallen to 0.5?

# %%
shifts = np.arange(13)
shifted_iou = {}
for name, width, height in (("large, 26 wide", 26, 40), ("small, 9 wide", 9, 14)):
    still = np.array([0, 0, width, height])
    shifted_iou[name] = [iou(still, still + np.array([shift, 0, shift, 0])) for shift in shifts]
lines = {name: (shifts, ious) for name, ious in shifted_iou.items()}
axes = ("shift to the right, pixels", "IoU")
plots.paths(lines, axes, "The same shift costs the small box more", {"IoU 0.5": 0.5})

# %% tags=["claim"]
assert shifted_iou["small, 9 wide"][3] == 0.5
assert shifted_iou["large, 26 wide"][8] > 0.5 > shifted_iou["large, 26 wide"][9]

# %% [markdown]
# The small box reaches 0.5 after 3 pixels: both positions share 6 columns, and cover 12. The large one needs almost 9.
#
# ### Test lecture B's four measures
# R holds the pixels of the ground truth, P those of a proposed box. $|R|$ counts them, and $R^c$ holds the pixels
# outside R.
# - *Recall* $|R{\cap}P|/|R|$: the fraction of R that P covers.
# - *Specificity* $|(R{\cup}P)^c|/|R^c|$: the fraction of $R^c$ that P leaves out.
# - *Precision* $|R{\cap}P|/|P|$: the fraction of P inside R.
# - *IoU* $|R{\cap}P|/|R{\cup}P|$.
#
# **Predict:** which can a useless box bring to 1?

# %%
fifth = (box[[2, 3, 2, 3]] - box[[0, 1, 0, 1]]) / 5  # of width and height
middle = np.round((box[:2] + box[2:]) / 2)
proposals = {
    "shifted by a fifth": box + fifth,
    "whole image": np.array([0, 0, SIDE, SIDE]),
    "one pixel": np.array([*middle, *middle + 1]),
}
plots.boxes(
    [train.images[example]] * 3,
    [{"boxes": box[None]}] * 3,
    [{"boxes": proposal[None]} for proposal in proposals.values()],
    titles=list(proposals),
    title="Three proposals",
    key=("ground truth", "proposal"),
)
rows = []
for name, proposal in proposals.items():
    scores = metrics.overlap_scores(box, proposal, size=(SIDE, SIDE))
    rows.append([name, *(f"{scores[measure]:.2f}" for measure in ("tpr", "tnr", "ppv", "iou"))])
plots.table(rows, ["proposal", "recall", "specificity", "precision", "IoU"])

# %% [markdown]
# The whole image covers all of R: recall 1. A single pixel inside R has precision and specificity 1. Only IoU is low
# for both.
#
# ## Put the whole answer into one vector
# The network will learn to output lecture B's *target vector*. It holds the *objectness* $c_0$ (1 with an object, 0
# without), a 1 at the class, and the box: centre row, centre column, height, width. If $c_0$ is 0, the rest means
# nothing. Following lecture A we use fractions of the image, and the *square roots* of height and width.

# %%
CLASSES = len(dataset.class_names)


def target_vector(truth):
    """c0, one entry a class, centre row, centre column, root of height, root of width: array (1 + CLASSES + 4,)."""
    vector = np.zeros(1 + CLASSES + 4, "float32")
    if len(truth["boxes"]):
        label, (x1, y1, x2, y2) = week.largest_object(truth)
        vector[0] = vector[1 + label] = 1
        vector[-4:] = (y1 + y2) / 2 / SIDE, (x1 + x2) / 2 / SIDE, ((y2 - y1) / SIDE) ** 0.5, ((x2 - x1) / SIDE) ** 0.5
    return vector


train_targets, validation_targets, test_targets = (
    np.stack([target_vector(truth) for truth in part.truths]) for part in (train, validation, test)
)
print("objectness:", train_targets[example, 0])
print("classes:   ", train_targets[example, 1:-4])
print("box:       ", train_targets[example, -4:].round(2))  # a height of 23/48 = 0.48 has the root 0.69

# %% [markdown]
# ### See what the square root does
# A box that is a tenth too wide has IoU 1/1.1 = 0.91 at any width. Is its squared error also the same at any width?

# %%
width = np.arange(8, 41, 4) / SIDE
squared_error = {
    "squared error of the width": (1.1 * width - width) ** 2,
    "squared error of its root": (np.sqrt(1.1 * width) - np.sqrt(width)) ** 2,
}
growth = {name: error / error[0] for name, error in squared_error.items()}
plots.curves(SIDE * width, growth, ("width of the box, pixels", "error / error at 8 pixels"), "Boxes a tenth too wide")

# %% tags=["claim"]
assert np.isclose(growth["squared error of the width"][-1], 25)
assert np.isclose(growth["squared error of its root"][-1], 5)

# %% [markdown]
# No: from 8 to 40 pixels the squared error of the width grows 25-fold, that of its root 5-fold. The root makes large
# boxes less dominant, as lecture A says.
#
# ## Choose a loss for the box
# Let $d$ be the difference of prediction and target. Lecture B uses *L2*, its square. Lecture E also offers *smooth
# L1*: $d^2/2$ where $|d|<1$, and $|d|-1/2$ elsewhere.
#
# ### Your turn: smooth L1
# Use `ops.abs` and `ops.where(condition, a, b)`.


# %% tags=["exercise"]
def smooth_l1(d):
    """Smooth L1 of each difference in the tensor d: -3 and 0.5 give 2.5 and 0.125."""
    ### BEGIN SOLUTION
    size = ops.abs(d)
    return ops.where(size < 1, d**2 / 2, size - 0.5)
    ### END SOLUTION


# %% tags=["check"]
smooth_l1 = week.smooth_l1.check(smooth_l1)

# %% [markdown]
# ### Compare three losses
# Lecture A names IoU as the cost. But a cost must fall as a box improves, so we use 1 - IoU. We slide a box 20 pixels
# wide past its target. Training moves the box against the gradient. **Predict:** which loss has no gradient at 30
# pixels?

# %%
shift = tf.Variable(np.arange(-45, 46, dtype="float32"))
target_box = np.array([[0, 0, 20, 20]], "float32")
with tf.GradientTape(persistent=True) as tape:
    boxes = target_box + shift[:, None] * np.array([1, 0, 1, 0], "float32")
    box_losses = {
        "L2": (shift / 15) ** 2 / 2,  # d = shift / 15; halved, it equals smooth L1 up to 15 pixels
        "smooth L1": smooth_l1(shift / 15),
        "1 - IoU": 1 - losses.pair_iou(target_box, boxes),  # your IoU, box by box, with gradients
    }
gradients = {name: tape.gradient(loss, shift).numpy() for name, loss in box_losses.items()}
plots.curves(shift.numpy(), gradients, ("shift to the right, pixels", "gradient"), "Gradients of three box losses")
rows = [[f"{n} pixels", *(f"{gradient[45 + n]:.3f}" for gradient in gradients.values())] for n in (5, 15, 30, 45)]
plots.table(rows, ["shift", *gradients], "Gradient of each loss")

# %% tags=["claim"]
assert np.abs(gradients["1 - IoU"][np.abs(shift.numpy()) > 20]).max() == 0  # where the boxes do not touch
assert gradients["L2"][-1] > 2.5 * gradients["smooth L1"][-1]

# %% [markdown]
# At 30 pixels the boxes do not touch: 1 - IoU stays at 1, so its gradient is 0. The gradient of L2 grows with the
# error: one very wrong box dominates its batch. Smooth L1 pulls all distant boxes equally hard. We train with the sum
# of smooth L1, which brings distant boxes closer, and 1 - IoU, which improves the overlap.
#
# ## Teach the network objectness
# Lecture B's loss is $L=L_c+[c_0>0]\,L_b$ with $L_c=-\sum_{i=1}^n c_i\log\hat c_i$. Here $L_c$ is the class loss, $L_b$
# the box loss, and a hat marks a prediction. The bracket is 1 with an object and 0 without. The sum starts at 1, so it
# misses the objectness $\hat c_0$: a slip.
#
# We try two cures: a sum from 0, or adding lecture A's *binary cross-entropy*
# $-c_0\log\hat{c}_0-(1-c_0)\log(1-\hat{c}_0)$. The network predicts $\hat c_0=0.7$. Training raises it if the gradient
# is negative, and lowers it if positive. Which cure works?

# %%
c_hat = tf.Variable([0.7, 0.2, 0.5, 0.3])  # predicted objectness, then the probabilities of three classes
objectness_gradients = {}
for name, c in {"with an object": [1.0, 0, 1, 0], "empty": [0.0, 0, 0, 0]}.items():
    c = tf.constant(c)
    with tf.GradientTape(persistent=True) as tape:
        from_one = -ops.sum(c[1:] * ops.log(c_hat[1:]))
        from_zero = -ops.sum(c * ops.log(c_hat))
        binary = from_one + keras.losses.binary_crossentropy(c[:1], c_hat[:1])
    objectness_gradients[name] = [float(tape.gradient(loss, c_hat)[0]) for loss in (from_one, from_zero, binary)]
rows = [[name, *(f"{value + 0.0:.2f}" for value in values)] for name, values in objectness_gradients.items()]
columns = ["image", "sum from 1", "sum from 0", "binary cross-entropy"]
plots.table(rows, columns, "Gradient with respect to the predicted objectness")

# %% tags=["claim"]
assert objectness_gradients["with an object"][0] == objectness_gradients["empty"][0] == 0
assert objectness_gradients["empty"][1] == 0 and objectness_gradients["empty"][2] > 1
assert objectness_gradients["with an object"][2] < -1

# %% [markdown]
# The slide's sum never teaches objectness. With a sum from 0, empty images never lower $\hat c_0$, so "always an
# object" would be the best answer. Binary cross-entropy raises it for objects and lowers it for empty images.
#
# ### Your turn: one loss for three tasks
# You get four tensors with one value an image: `c0` and three losses. Return one number: the mean objectness loss of
# *all* images, plus the mean of class loss + box loss over the images *with an object*. Without any object, this second
# mean is 0. Use `ops`.


# %% tags=["exercise"]
def total_loss(c0, objectness_loss, class_loss, box_loss):
    """Loss of a batch, one number: ([1, 0], [0.2, 0.4], [1, 9], [2, 9]) gives 0.3 + (1 + 2) = 3.3."""
    ### BEGIN SOLUTION
    objects = ops.maximum(ops.sum(c0), 1)
    return ops.mean(objectness_loss) + ops.sum(c0 * (class_loss + box_loss)) / objects
    ### END SOLUTION


# %% tags=["check"]
total_loss = week.total_loss.check(total_loss)

# %% [markdown]
# ## Build one trunk with two branches
# In lecture E's *multi-task network* the tasks share convolutions, the *trunk*. The branch `what` predicts objectness
# and class from the maximum of each channel. The branch `where` predicts the box. Lecture A puts it on global average
# pooling, but an average forgets where a value was. We keep all 6x6 positions of 32 channels: 1,152 numbers.


# %%
def convolution(channels, kernel=3, stride=1):
    """Three layers: convolution, batch normalisation, ReLU."""
    convolve = keras.layers.Conv2D(channels, kernel, stride, padding="same", use_bias=False)
    return convolve, keras.layers.BatchNormalization(momentum=0.9), keras.layers.ReLU()


def build(pooling):
    """The network with random weights, the same at each call."""
    keras.utils.set_random_seed(0)
    image, halve = keras.Input((SIDE, SIDE, 3)), keras.layers.MaxPooling2D
    trunk = [*convolution(16, 5, 2), *convolution(32), halve(), *convolution(48), *convolution(64), halve()]
    trunk = keras.Sequential(trunk)(image)
    what = keras.layers.Dense(1 + CLASSES, name="what")
    what = keras.Sequential([*convolution(128), pooling(), what])(trunk)
    where = [*convolution(32), keras.layers.Flatten(), keras.layers.Dense(64, activation="relu", name="where_hidden")]
    where.append(keras.layers.Dense(4, bias_initializer=keras.initializers.Constant(0.5), name="where"))
    where = keras.Sequential(where)(trunk)
    return keras.Model(image, keras.layers.Concatenate()([what, where]))


network = build(keras.layers.GlobalMaxPooling2D)
plots.architecture(network, title="One trunk, two branches")

# %% [markdown]
# ## Train both branches together
# The loss uses your three functions.


# %%
def boxes_of(vectors):
    """Corners x1, y1, x2, y2 as fractions of the image, (n, 4), from target vectors or outputs."""
    row, column, root_height, root_width = ops.unstack(vectors[:, -4:], axis=1)
    return ops.stack(to_corners(row, column, root_height**2, root_width**2), axis=1)


def multi_task_loss(target, output):
    # Objectness and class are logits: Keras turns them into probabilities.
    objectness_loss = ops.binary_crossentropy(target[:, 0], output[:, 0], from_logits=True)
    class_loss = ops.categorical_crossentropy(target[:, 1:-4], output[:, 1:-4], from_logits=True)
    # 20: smooth L1 is linear beyond a difference of 1/20. 0.1: it gets about the size of 1 - IoU.
    box_loss = 0.1 * ops.sum(smooth_l1(20 * (target[:, -4:] - output[:, -4:])), axis=1)
    box_loss += 1 - losses.pair_iou(boxes_of(target), boxes_of(output))
    return total_loss(target[:, 0], objectness_loss, class_loss, box_loss)


# %% [markdown]
# A box is correct if its IoU is above 0.5. Which task is learned first?


# %%
def fit(model, steps, callbacks=()):
    model.compile("adam", multi_task_loss, metrics=week.accuracies(boxes_of))
    # Colour must not help: each batch gets its colour channels permuted, and half of the batches are inverted.
    batches = week.batches(train.images, train_targets, recolour=dataset.name == "one_digit")
    callbacks = [training.WarmupThenDecay(0.004), *callbacks]  # the rate rises for a tenth of the steps, then falls
    model.fit(batches, steps_per_epoch=steps, shuffle=False, verbose=0, callbacks=callbacks)


fit(network, STEPS, [training.LiveCurve("Three tasks, one network", every=20, seconds=5)])

# %% [markdown]
# Objectness is learned first: it passes 0.9 within 100 steps. Always "object" would be right for three images in four.
# Class and box need about 500 steps to reach 0.85. These are training accuracies.
#
# ## Judge the network on new images
# The test images are new digits on new photographs. Objectness gets the *area under the ROC curve* (AUC): how often an
# image with an object has a higher objectness than an empty one. Guessing gives 0.5.

# %%
has_object = test_targets[:, 0] == 1
outputs = network.predict(test.images, batch_size=250, verbose=0)
predicted_boxes = SIDE * np.clip(boxes_of(outputs), 0, 1)[has_object]  # in pixels, inside the image
true_boxes = SIDE * np.clip(boxes_of(test_targets), 0, 1)[has_object]
ious = np.array([iou(true, predicted) for true, predicted in zip(true_boxes, predicted_boxes, strict=True)])
true_classes, predicted_classes = (vectors[has_object, 1:-4].argmax(axis=1) for vectors in (test_targets, outputs))
# The baseline predicts the mean training box for each image.
mean_box = SIDE * np.mean(boxes_of(train_targets[train_targets[:, 0] == 1]), axis=0)
mean_box_ious = [iou(true, mean_box) for true in true_boxes]
print(f"mean IoU: {ious.mean():.2f}, of the baseline: {np.mean(mean_box_ious):.2f}")
print(f"classified correctly: {np.mean(true_classes == predicted_classes):.0%}")
if not has_object.all():  # the AUC compares images with an object and empty ones
    auc = roc_auc_score(has_object, outputs[:, 0])
    print(f"AUC of the objectness: {auc:.3f}")

# %% tags=["claim"]
measures.record("fraction of objects classified correctly", np.mean(true_classes == predicted_classes), at_least=0.88)
measures.record("mean IoU of the boxes", ious.mean(), at_least=0.66)
if not has_object.all():
    measures.record("area under the ROC curve of objectness", auc, at_least=0.99)

# %% [markdown]
# The network classifies more than 90% of the objects correctly. Its mean IoU is about three times the baseline's 0.24.
# Objectness rarely errs. Now we sort the boxes by IoU. **Predict:** what do the worst ones have in common?

# %%
order, positions = np.argsort(-ious, kind="stable"), np.flatnonzero(has_object)
for title, chosen in (("Highest IoU", order[:8]), ("Lowest IoU", order[-8:])):
    plots.boxes(
        test.images[positions[chosen]],
        [test.truths[i] for i in positions[chosen]],
        [{"boxes": predicted_boxes[[i]]} for i in chosen],
        titles=[f"IoU {ious[i]:.2f}" for i in chosen],
        title=title,
        columns=8,
        key=("ground truth", "predicted"),
    )

# %% tags=["claim"]
small = (true_boxes[:, 3] - true_boxes[:, 1]) < np.median(true_boxes[:, 3] - true_boxes[:, 1])
at_border = (true_boxes <= 1).any(axis=1) | (true_boxes >= SIDE - 1).any(axis=1)
worst = order[-max(1, len(order) // 10) :]
for name, holds in (("at the border", at_border), ("in the smaller half", small)):
    print(f"{name}: {holds.mean():.0%} of all boxes, {holds[worst].mean():.0%} of the worst tenth")
    assert dataset.name != "one_digit" or holds[worst].mean() > holds.mean()

# %% [markdown]
# In these worst cases the predicted box is closer to the image centre than the object is. Perhaps an unsure network
# predicts a box near the average. Of the worst tenth, about 40% lie at the border and 70% are small, against 23% and
# 49% of all boxes. The same shift costs a small box more IoU.
#
# ## Compare maximum and mean pooling
# Many newer classifiers use global *average* pooling. A digit of 14 by 9 pixels covers about 2 of the 36 grid
# positions. If a channel is 1 there and 0 elsewhere, its maximum is 1, but its mean only 2/36 = 0.06. The mean
# *dilutes* it. We train two networks that differ only in the pooling, for a fifth of the steps. **Predict:** does the
# maximum help small digits more, or large ones?

# %%
has_object = validation_targets[:, 0] == 1
true_classes = validation_targets[has_object, 1:-4].argmax(axis=1)
small, large = np.array_split(np.argsort(validation_targets[has_object, -2]), 2)  # by height
correct, rows = {}, []
for name, pooling in (("maximum", keras.layers.GlobalMaxPooling2D), ("mean", keras.layers.GlobalAveragePooling2D)):
    model = build(pooling)
    fit(model, max(1, STEPS // 5))
    outputs = model.predict(validation.images, batch_size=250, verbose=0)[has_object]
    correct[name] = outputs[:, 1:-4].argmax(axis=1) == true_classes
    rows.append([name, *(f"{correct[name][half].mean():.0%}" for half in (small, large))])
plots.table(rows, ["pooling", "small digits", "large digits"], "Objects classified correctly after a short training")

# %% tags=["claim"]
gain = correct["maximum"].mean() - correct["mean"].mean()
measures.record("gain of the maximum over the mean", gain, at_least=by_size(quick=0.2, full=0.0))

# %% [markdown]
# After this short training the maximum is better: by about 35 points for small digits, and 40 for large ones. Dilution
# alone would hurt small digits most, so it is not the whole explanation.
#
# ## What you can do now
# - Write a box in any convention.
# - Compute IoU, which no useless box fools.
# - Choose a loss for boxes by its gradient.
# - Write one loss for three tasks: class and box count only with an object.
# - Train a network with two branches, with the pooling that learns faster.
#
# **Try next**
# - Train both poolings for `STEPS` steps. How much of the gain remains?
#
# Next: *all* objects of an image, in **week 7, detection.**
