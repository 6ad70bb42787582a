# ---
# jupyter:
#   course:
#     seconds: 120
#     gigabytes: 2
# ---

# %% [markdown]
# # What is it, and where?
#
# A classifier looks at a picture and says "a 7". Ask it where, and it has nothing to say. Here you build a network
# that answers three questions at one glance: is anything there, what is it, and which four numbers draw a box around
# it. On the way you meet the choices that make or break it: how to write a box down, how to say how wrong a box is,
# and what to ask of a picture in which there is nothing to find.
#
# **You will be able to**
# - write a box in any of the usual conventions, and notice when two were mixed up,
# - compute intersection over union and lecture B's four measures, and say what each of them overlooks,
# - write a loss for several tasks that asks for a box only where there is an object,
# - choose between L2, smooth L1 and IoU as a loss for boxes, and between max and average pooling for a small object.
#
# *Mirrors: lecture A, "Localisation of Object"; lecture B, "Image classification and object localization" to
# "Multi-task loss function", and the four measures after it; lecture E, "CNN Multitask learning". About 75 minutes
# with the exercises; {cost}.*

# %% tags=["setup"]
import time

import numpy as np

from course_utils import by_size, data, losses, measures, metrics, plots, setup, training
from course_utils.weeks import week06 as week
from course_utils.byhand import boxes

setup(seed=0)
import keras
from keras import ops
from sklearn.metrics import roc_auc_score

# %% tags=["parameters"]
DATASET = "one_digit"  # or your own: a Pascal VOC folder, or a COCO file
ON_ERROR = "raise"  # "drop" goes on without what is wrong in your own boxes, and says how much that was
SIDE = 48  # pixels: height and width of the pictures that the network sees; for finer things of your own 64 or more
STEPS = by_size(quick=1200, full=6000)  # of the main training; the others have a fifth

# %% [markdown]
# ## Look first
# Handwritten digits from 14 to 40 pixels high, somewhere on a piece of a photograph, and in a quarter of the pictures
# none at all. Before you go on: take the second picture, and **write down four numbers that would let somebody else
# draw the dashed box**, who cannot see it. Which four did you choose, and from which corner did you count?

# %%
pictures = data.load(DATASET, on_error=ON_ERROR)
measures.measured_on("one_digit", pictures)  # on other pictures limits are shown, and nobody is held to them
train, validation, test = (part.fitted(SIDE, SIDE) for part in (pictures.train, pictures.validation, pictures.test))
plots.boxes(train.images[:16], train.truths[:16], columns=8, title="Is there something, what is it, and where?")

# %% [markdown]
# ## Write a place as four numbers
# There is no agreement. Lecture A takes the box's centre, width and height; lecture B the centre's row and column,
# then height and width; Pascal VOC two corners; COCO a corner and a size. Some count in pixels, some in shares of the
# picture. Here, a box is `x1, y1, x2, y2` in pixels: the left, upper, right and lower side. Keras translates.

# %%
shown = next(number for number, truth in enumerate(train.truths) if number and len(truth["boxes"]))
box = train.truths[shown]["boxes"][:1]
rows = []
for name, form in (
    ("this course, Pascal VOC", "xyxy"),
    ("COCO", "xywh"),
    ("lecture A", "center_xywh"),
    ("in shares of the picture", "rel_xyxy"),
    ("rows first", "yxyx"),
):
    written = keras.utils.bounding_boxes.convert_format(box, "xyxy", form, height=SIDE, width=SIDE)
    rows.append([name, form, ", ".join(f"{number:g}" for number in np.round(np.asarray(written)[0], 2))])
plots.table(rows, ["who", "name in Keras", "the same box"])

# %% [markdown]
# ### The oldest mistake
# Images are indexed `[row, column]`: down first. Boxes are written x, y: across first. Sooner or later one is taken
# for the other. Nothing crashes, all numbers look reasonable. **Predict:** where does each box land if x and y change
# places? And which boxes land right nevertheless?

# %%
mixed_up = [{"boxes": truth["boxes"][:, [1, 0, 3, 2]], "labels": truth["labels"]} for truth in train.truths[:8]]
plots.boxes(
    train.images[:8],
    train.truths[:8],
    [{"boxes": wrong["boxes"]} for wrong in mixed_up],
    columns=8,
    title="The boxes, and the same with x and y mixed up",
    key=("right", "mixed up"),
)

# %% [markdown]
# Mirrored at the diagonal: tall boxes become wide ones, and a box on the diagonal hardly moves. The cure is a habit:
# *draw ten boxes before you train anything*.
#
# ### Your turn: from lecture B's numbers to corners
# `box` is an array of four: the centre's row, the centre's column, height, width. Return an array x1, y1, x2, y2.


# %% tags=["exercise"]
def to_corners(box):
    """The corners x1, y1, x2, y2 of a box given as row, column (of its centre), height, width."""
    ### BEGIN SOLUTION
    row, column, height, width = box
    return np.array([column - width / 2, row - height / 2, column + width / 2, row + height / 2])
    ### END SOLUTION


# %% tags=["check"]
to_corners = week.to_corners.check(to_corners)

# %% [markdown]
# ## Ask how well two boxes agree
# Distance between centres? Difference in size? One number takes care of both: *intersection over union*, what two
# boxes have in common as a share of what they cover together. 1 is the same box, 0 is apart. (Lecture B: also the
# Tanimoto index; elsewhere the Jaccard index.)
#
# The intersection of two boxes is a box, too: its left side is the larger of the two left sides, and so on. **What
# happens to that recipe when the boxes are apart?**
#
# ### Your turn: intersection over union
# `a` and `b` are arrays x1, y1, x2, y2. Return one number.


# %% tags=["exercise"]
def iou(a, b):
    """Intersection over union of two boxes x1, y1, x2, y2."""
    ### BEGIN SOLUTION
    width = max(0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0, min(a[3], b[3]) - max(a[1], b[1]))
    common = width * height
    return common / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common)
    ### END SOLUTION


# %% tags=["check"]
iou = week.iou.check(iou)

# %% [markdown]
# `byhand.boxes.iou` does the same for all pairs of two lists at once. It agrees with Keras:

# %%
rng = np.random.default_rng(0)
corners = rng.uniform(0, 40, (2, 50, 2))
some, others = np.concatenate([corners, corners + rng.uniform(1, 30, (2, 50, 2))], axis=2)
of_keras = keras.utils.bounding_boxes.compute_iou(some, others, bounding_box_format="xyxy")
assert np.allclose(boxes.iou(some, others), of_keras, atol=1e-5)
print(f"{boxes.iou(some, others).size:,} pairs, equal to Keras'")

# %% [markdown]
# How strict is it? Take a box around a small digit (14 pixels high, 9 wide) and one around a large digit (40 high, 26
# wide), and shift a copy to the right, pixel by pixel. **Predict:** how far may each slip until the overlap is 0.5?

# %%
slip = np.arange(13)
overlaps = {}
for name, (height, width) in {"large, 26 wide": (40, 26), "small, 9 wide": (14, 9)}.items():
    moved = np.stack([slip, 0 * slip, slip + width, 0 * slip + height], axis=1)
    overlaps[name] = boxes.iou([[0, 0, width, height]], moved)[0]
plots.curves(slip, overlaps, ("pixels to the right", "overlap (IoU)"), "The same slip costs the small box more")

# %% tags=["claim"]
assert overlaps["small, 9 wide"][3] == 0.5 and overlaps["large, 26 wide"][8] > 0.5 > overlaps["large, 26 wide"][9]

# %% [markdown]
# Three pixels for the small one, between eight and nine for the large one: a third of the width. That is what "half
# right" means, and half right is what detectors are usually measured at.
#
# ### Fool each of lecture B's measures
# Count pixels: those in the reference box R and in the proposal P. Four shares follow. *Recall* (tpr): how much of R
# was found. *Specificity* (tnr): how much of what is not R was left alone. *Precision* (ppv): how much of P is right.
# And IoU. **Which of them can you bring to 1 with a silly answer?** Think of one for each before you look.

# %%
reference = np.array([12, 8, 22, 24])
answers = {
    "an honest try": [14, 10, 25, 27],
    "the whole picture": [0, 0, 48, 48],
    "one pixel inside": [16, 15, 17, 16],
    "nothing": [0, 0, 0, 0],
}
rows = []
for name, proposal in answers.items():
    scores = metrics.overlap_scores(reference, np.array(proposal), size=(48, 48))
    rows.append([name, *(f"{scores[measure]:.2f}" for measure in ("tpr", "tnr", "ppv", "iou"))])
plots.table(rows, ["proposal", "recall (tpr)", "specificity (tnr)", "precision (ppv)", "IoU"])

# %% [markdown]
# All but IoU have a silly friend. (Precision of nothing is 0/0, hence `nan`.) Note specificity above all: nearly all
# of a picture is *not* the digit, so everybody is good at leaving it alone. An honest try that misses three tenths of
# the digit still has 0.97.
#
# The measures are the same for any set of pixels, so they serve week 9's masks, too.
#
# ### Your turn: the four measures of masks
# `reference` and `proposal` are arrays of booleans, height x width. Return recall, specificity, precision and IoU, in
# this order. (No division by zero will come.)


# %% tags=["exercise"]
def four_measures(reference, proposal):
    """Recall, specificity, precision and IoU of two boolean masks."""
    ### BEGIN SOLUTION
    both = (reference & proposal).sum()
    neither = (~reference & ~proposal).sum()
    return (
        both / reference.sum(),
        neither / (~reference).sum(),
        both / proposal.sum(),
        both / (reference | proposal).sum(),
    )
    ### END SOLUTION


# %% tags=["check"]
four_measures = week.four_measures.check(four_measures)

# %% [markdown]
# ## Put the whole answer in one vector
# Lecture B's target for a picture: *objectness* c0 (1 if something is there), a 1 at its class, and its box: centre
# row, centre column, height, width. If nothing is there, c0 is 0 and **all other entries mean nothing**. The slide
# writes a sign for "we do not care"; an array has no such sign, so there are zeros, and the loss must know better.
#
# Two things come from lecture A: shares of the picture instead of pixels, and the *square roots* of height and width.
# Why roots? That is next.

# %%
CLASSES = len(pictures.class_names)


def target(truth):
    """Lecture B's vector of a picture: objectness, classes, box; of several objects the largest."""
    vector = np.zeros(1 + CLASSES + 4, np.float32)
    if len(truth["boxes"]):
        sizes = truth["boxes"][:, 2:] - truth["boxes"][:, :2]
        largest = sizes.prod(axis=1).argmax()
        (x1, y1, x2, y2), label = truth["boxes"][largest] / SIDE, truth["labels"][largest]
        vector[[0, 1 + label]] = 1
        vector[-4:] = (y1 + y2) / 2, (x1 + x2) / 2, np.sqrt(y2 - y1), np.sqrt(x2 - x1)
    return vector


train_targets, validation_targets, test_targets = (
    np.stack([target(truth) for truth in part.truths]) for part in (train, validation, test)
)
empty = int(np.argmin(train_targets[:, 0]))
for number in (shown, empty):
    vector = train_targets[number]
    print(f"c0 = {vector[0]:.0f}   classes = {vector[1:-4].astype(int)}   box = {vector[-4:].round(2)}")

# %% [markdown]
# ### Even out large and small boxes
# A box that is a tenth too wide is equally bad whether it is large or small. The squared error disagrees: a tenth of
# a large width is more. **Predict:** for boxes from 8 to 40 pixels wide, by which factor does the squared error of "a
# tenth too wide" grow? And if we take the roots first?

# %%
width = np.arange(8, 41, 4)
error = {
    "of the width": (1.1 * width / 48 - width / 48) ** 2,
    "of its root": (np.sqrt(1.1 * width / 48) - np.sqrt(width / 48)) ** 2,
}
growth = {name: values / values[0] for name, values in error.items()}
plots.curves(width, growth, ("width of the box, pixels", "times the error at 8 pixels"), "A tenth too wide")

# %% tags=["claim"]
assert np.isclose(growth["of the width"][-1], 25) and np.isclose(growth["of its root"][-1], 5)

# %% [markdown]
# From 8 to 40 pixels, five times wider: 25 times the error of the width, 5 times that of its root. So lecture A's
# root makes large boxes *less* dominant; it does not make all equal. (The logarithm would. Some detectors use it.)
#
# ## Choose how to be wrong
# Three losses for a box. Lecture B has L2, the squared difference. Lecture E offers *smooth L1*: squared while small,
# a straight line beyond. And there is 1 - IoU, what we want in the end. Slide a box of width 20 away from its place
# and look at each (in units of 15 pixels the first two, and both halved, so that they agree near zero). **Which of
# the three would you not want to start a training with, and why?** Think of the slope: the slope is all that a
# network learns from.

# %%
off = np.linspace(-45, 45, 91)
true_box = np.array([0.0, 0, 20, 20], np.float32)
off_boxes = (true_box + off[:, None] * np.array([1, 0, 1, 0])).astype(np.float32)
losses_of_slip = {
    "L2": (off / 15) ** 2 / 2,
    "smooth L1": np.where(np.abs(off / 15) < 1, (off / 15) ** 2 / 2, np.abs(off / 15) - 0.5),
    "1 - IoU": 1 - ops.convert_to_numpy(losses.pair_iou(true_box[None], off_boxes)),
}
plots.curves(off, losses_of_slip, ("pixels too far to the right", "loss"), "Three ways to be wrong by some pixels")
slope = {name: np.abs(np.gradient(values, off)) for name, values in losses_of_slip.items()}

# %% tags=["claim"]
assert slope["1 - IoU"][:20].max() == 0  # more than 25 pixels off
assert slope["L2"][0] > 2.5 * slope["smooth L1"][0]

# %% [markdown]
# L2 is steep far out: one hopeless box shouts down all others in its batch. Smooth L1 lets it pull as hard as any
# other, not harder. 1 - IoU is *flat* where the boxes are apart: no slope, nothing to learn from, however wrong. But
# near the goal it is the one that knows what we want. So we take the two together: smooth L1 to get there, IoU to
# settle. (A loss for IoU in which a gradient flows everywhere exists, too: look up "generalized IoU".)
#
# ### Your turn: smooth L1
# For an array of differences `d`: half the square where |d| is below 1, |d| minus a half elsewhere.


# %% tags=["exercise"]
def smooth_l1(d):
    """Smooth L1 of each difference."""
    ### BEGIN SOLUTION
    return np.where(np.abs(d) < 1, d**2 / 2, np.abs(d) - 0.5)
    ### END SOLUTION


# %% tags=["check"]
smooth_l1 = week.smooth_l1.check(smooth_l1)

# %% [markdown]
# ## Ask for a box only where there is an object
# Lecture B's loss for several tasks: $L = L_c + [c_0 > 0]\,L_b$. The bracket is 1 where there is an object and 0
# elsewhere. The class is asked for under the same condition; objectness always. Keras has smooth L1 under its
# inventor's name, Huber.


# %%
def corners_of(numbers):
    """From rows of row, column, root of height, root of width to corners x1, y1, x2, y2, still in shares."""
    centre, size = ops.flip(numbers[:, :2], axis=1), ops.flip(ops.square(numbers[:, 2:]), axis=1)
    return ops.concatenate([centre - size / 2, centre + size / 2], axis=1)


ask = {task: keras.Variable(1.0, name=task) for task in ("name", "place")}  # 1 asks for the task, 0 does not


def multi_task_loss(target, answer):
    there = target[:, 0]
    share = there / (ops.sum(there) + 1e-6)  # the bracket, and the mean over pictures with an object
    seen = ops.mean(ops.binary_crossentropy(there, answer[:, 0], from_logits=True))
    name = ops.categorical_crossentropy(target[:, 1:-4], answer[:, 1:-4], from_logits=True)
    place = 0.4 * keras.losses.huber(20 * target[:, -4:], 20 * answer[:, -4:])
    place += 1 - losses.pair_iou(corners_of(target[:, -4:]), corners_of(answer[:, -4:]))
    return seen + ask["name"] * ops.sum(share * name) + ask["place"] * ops.sum(share * place)


# %% [markdown]
# `20 *` says where smooth L1 bends: at a twentieth of the picture. 0.4 makes it about as important as 1 - IoU when a
# box is off by that much. `ask` switches a task off, for a comparison at the end.
#
# ### One trunk, two branches
# Lecture A puts the box's branch on top of *global average pooling*. That mean forgets where things are; the network
# must carry places in its channels. We keep a 6x6 grid instead, flattened, for the box. The branch for objectness and
# class takes the *maximum* over the grid. (Why not the mean? That has a section of its own.)


# %%
def build(pooling=keras.layers.GlobalMaxPooling2D):
    def convolution(x, channels, kernel, stride=1):
        x = keras.layers.Conv2D(channels, kernel, stride, padding="same", use_bias=False)(x)
        return keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))

    picture = x = keras.Input((SIDE, SIDE, 3))
    x = convolution(x, 16, 5, stride=2)
    x = keras.layers.MaxPooling2D()(convolution(x, 32, 3))
    x = convolution(convolution(x, 48, 3), 64, 3)
    trunk = keras.layers.MaxPooling2D()(x)

    what = keras.layers.Dense(1 + CLASSES, name="what")(pooling()(convolution(trunk, 128, 3)))
    grid = keras.layers.Flatten()(convolution(trunk, 32, 3))
    grid = keras.layers.Dense(64, activation="relu", name="grid")(grid)
    where = keras.layers.Dense(4, bias_initializer=keras.initializers.Constant(0.5), name="where")(grid)
    return keras.Model(picture, keras.layers.Concatenate()([what, where]))


keras.utils.set_random_seed(0)
network = build()
print(f"{network.count_params():,} weights; a picture {network.input_shape[1:]} gives {network.output_shape[1:]}")

# %% [markdown]
# ### Prove it
# Does the box's branch really learn nothing from empty pictures? One step of plain gradient descent with a learning
# rate of 1 moves each weight by exactly its gradient. Take 32 empty pictures and **predict** which of these three
# layers move: `what`, `grid`, `where`. Then 32 pictures with an object.


# %%
def moved(network, loss, images, targets):
    """How far one step of gradient descent moves each of the three layers."""
    before = network.get_weights()
    network.compile(keras.optimizers.SGD(1.0), loss)
    old = {name: network.get_layer(name).get_weights()[0] for name in ("what", "grid", "where")}
    network.train_on_batch(images, targets)
    distance = {name: float(np.abs(network.get_layer(name).get_weights()[0] - old[name]).max()) for name in old}
    network.set_weights(before)
    return distance


nothing = np.flatnonzero(train_targets[:, 0] == 0)[:32]
something = np.flatnonzero(train_targets[:, 0] == 1)[:32]
rows = []
for name, chosen in (("with an object", something), ("empty", nothing)):
    if len(chosen):
        distance = moved(network, multi_task_loss, train.images[chosen], train_targets[chosen])
        rows.append([name, *(f"{value:.2g}" for value in distance.values())])
        assert (distance["where"] > 0) == (distance["grid"] > 0) == (name != "empty") and distance["what"] > 0
plots.table(rows, ["pictures", "what", "grid", "where"], "Largest change of a weight")

# %% [markdown]
# Exactly zero. And without the bracket? Then the zeros that stand for "do not care" would be taken at their word: an
# empty picture would say *the box is at row 0, column 0, and has no size*. Your exercise mends that in NumPy.
#
# ### Your turn: the bracket
# `there` is an array of 0 and 1, one a picture; `true` and `predicted` are arrays of boxes (pictures, 4). Return the
# squared error, summed over the four numbers, and averaged over *those pictures that have an object*; 0 if none has.


# %% tags=["exercise"]
def box_loss(there, true, predicted):
    """Squared error of the boxes, mean over pictures with an object."""
    ### BEGIN SOLUTION
    if not there.any():
        return 0.0
    return (there * ((true - predicted) ** 2).sum(axis=1)).sum() / there.sum()
    ### END SOLUTION


# %% tags=["check"]
box_loss = week.box_loss.check(box_loss)

# %% [markdown]
# ## Train both branches together
# Batches in random colours: the three channels change places, and half of the batches are turned into their negative.
# A digit stays the digit it is. **Predict** which of the three answers will be good first: is something there, where
# is it, or what is it?


# %%
RECOLOUR = pictures.name in ("one_digit", "scenes")  # of other things colour may be what tells them apart


def batches(seed, size=32):
    rng = np.random.default_rng(seed)
    while True:
        chosen = rng.choice(len(train.images), min(size, len(train.images)), replace=False)
        images = train.images[chosen]
        if RECOLOUR:
            images = images[..., rng.permutation(3)]
            images = 1 - images if rng.random() < 0.5 else images
        yield images, train_targets[chosen]


def where_there(target, right):
    """Share of pictures with an object for which something holds."""
    return ops.sum(target[:, 0] * ops.cast(right, "float32")) / (ops.sum(target[:, 0]) + 1e-6)


def seen_accuracy(target, answer):
    return ops.mean(ops.cast((answer[:, 0] > 0) == (target[:, 0] > 0.5), "float32"))


def name_accuracy(target, answer):
    return where_there(target, ops.argmax(target[:, 1:-4], axis=1) == ops.argmax(answer[:, 1:-4], axis=1))


def place_accuracy(target, answer):
    return where_there(target, losses.pair_iou(corners_of(target[:, -4:]), corners_of(answer[:, -4:])) > 0.5)


def fit(network, steps, seed=0, name=1.0, place=1.0, watch=()):
    """Train with a rate that rises for a tenth of the steps and then falls; return CPU seconds."""
    began = time.process_time()
    ask["name"].assign(name)
    ask["place"].assign(place)

    callbacks = [training.WarmupThenDecay(0.004), *watch]
    network.fit(batches(seed), steps_per_epoch=steps, shuffle=False, verbose=0, callbacks=callbacks)
    return time.process_time() - began


# %%
network.compile("adam", multi_task_loss, metrics=[seen_accuracy, name_accuracy, place_accuracy])
blank = network.get_weights()
fit(
    network,
    by_size(quick=1200, full=6000),
    watch=[training.LiveCurve("Seen, named, and placed with an overlap above a half", every=20)],
)

# %% [markdown]
# Whether there is something it knows first, after some hundred steps. Places run ahead of names for a while, and both
# come near 95%, on the pictures it is trained with.
#
# ## Look at what it has learned
# On pictures made of digits and photographs that it has never seen. (The area under the ROC curve is the share of
# pairs, one picture with an object and one without, in which the first gets the higher score.)


# %%
def answers(network, part):
    """For each picture: how sure of an object, the class, and the box in pixels."""
    raw = np.concatenate([network(part.images[i : i + 250], training=False) for i in range(0, len(part.images), 250)])
    found = SIDE * ops.convert_to_numpy(corners_of(raw[:, -4:])).clip(0, 1)  # nothing is outside the picture
    return raw[:, 0], raw[:, 1:-4].argmax(axis=1), found


def overlap_with(found, targets):
    return ops.convert_to_numpy(losses.pair_iou(SIDE * corners_of(targets[:, -4:]), found))


def judge(network, part, targets):
    """Share of objects named right, mean IoU, and area under the ROC curve of objectness."""
    sure, label, found = answers(network, part)
    there = targets[:, 0] == 1
    named = (label == targets[:, 1:-4].argmax(axis=1))[there].mean()
    auc = roc_auc_score(there, sure) if not there.all() else None
    return named, overlap_with(found, targets)[there].mean(), auc


named, overlap, auc = judge(network, test, test_targets)
measures.record("named right", named, at_least=0.88)
measures.record("mean IoU of the boxes", overlap, at_least=0.66)
if auc is not None:
    measures.record("objectness: area under the ROC curve", auc, at_least=0.99)
else:
    print("Objectness cannot be judged: there is something in each of these pictures.")

# %% [markdown]
# Whether there is something at all it knows nearly without fail. Now sort the test pictures by overlap. **Predict:**
# what will the worst boxes have in common?

# %%
sure, label, found = answers(network, test)
there = np.flatnonzero(test_targets[:, 0] == 1)
overlaps = overlap_with(found, test_targets)
order = there[np.argsort(-overlaps[there], kind="stable")]
count = max(1, min(8, len(order) // 3))
first = (len(order) - count) // 2
for title, chosen in {"Best": order[:count], "Middle": order[first : first + count], "Worst": order[-count:]}.items():
    names = [pictures.class_names[label[i]] for i in chosen]
    true = [pictures.class_names[test_targets[i, 1:-4].argmax()] for i in chosen]
    plots.boxes(
        test.images[chosen],
        [test.truths[i] for i in chosen],
        [{"boxes": found[[i]]} for i in chosen],
        titles=[
            f"{name}{f', not {name_there}' * (name != name_there)}  {overlaps[i]:.2f}"
            for name, name_there, i in zip(names, true, chosen, strict=True)
        ],
        title=f"{title} overlap",
        columns=8,
    )

# %% [markdown]
# Most of the worst lie at the picture's border. Is that so in general, or is it these eight? And is it the fault of
# small digits?

# %%
at_border = np.array([(truth["boxes"] <= 1).any() or (truth["boxes"] >= SIDE - 1).any() for truth in test.truths])
heights = SIDE * test_targets[:, -2] ** 2
small = heights < np.median(heights[there])
rows = []
for name, chosen in {
    "all": there,
    "the worst tenth": order[-len(order) // 10 :],
    "the best tenth": order[: len(order) // 10],
}.items():
    rows.append([name, f"{at_border[chosen].mean():.0%}", f"{small[chosen].mean():.0%}"])
plots.table(rows, ["boxes", "at the border", "smaller half"])
worst = order[-len(order) // 10 :]

# %% tags=["claim"]
assert pictures.name != "one_digit" or at_border[worst].mean() > at_border[there].mean()
assert pictures.name != "one_digit" or small[worst].mean() > small[there].mean()

# %% [markdown]
# Both: the same slip costs a small box more, and at the border boxes are drawn towards the middle, as if the network
# were loath to go to extremes.
#
# Lecture B's four measures, means over the test pictures, beside an answer that needs no network: always the mean box
# of the training pictures.

# %%
mean_box = SIDE * ops.convert_to_numpy(corners_of(train_targets[train_targets[:, 0] == 1, -4:])).mean(axis=0)
right = (SIDE * ops.convert_to_numpy(corners_of(test_targets[:, -4:]))).clip(0, SIDE)
rows = []
for name, proposals in {"the network": found, "always the mean box": np.tile(mean_box, (len(found), 1))}.items():
    scores = [metrics.overlap_scores(right[i], proposals[i], size=(SIDE, SIDE)) for i in there]
    means = {measure: np.nanmean([score[measure] for score in scores]) for measure in ("tpr", "tnr", "ppv", "iou")}
    rows.append([name, *(f"{value:.2f}" for value in means.values())])
plots.table(rows, ["answer", "recall", "specificity", "precision", "IoU"])

# %% [markdown]
# ## Find the small thing: maximum or mean?
# Class and objectness are read from the *maximum* of each channel over the grid. Most classifiers take the mean. A
# digit 14 pixels high fills about 2 of the grid's 36 places. **What is left of its strong answer after the mean?**
# Divide: an 18th, drowned in whatever the other 34 places say. Two networks, equal but for this, a fifth of the steps
# each from the same weights:

# %%
SHORT = STEPS // 5
keras.utils.set_random_seed(0)
with_mean = build(keras.layers.GlobalAveragePooling2D)
with_mean.compile("adam", multi_task_loss)
with_mean.set_weights(blank)
fit(with_mean, SHORT)
by_mean = judge(with_mean, validation, validation_targets)

training.reset_to(network, blank)
both_seconds = fit(network, SHORT)
by_maximum = judge(network, validation, validation_targets)

# %% tags=["claim"]
measures.record("named right, by maximum", by_maximum[0])
measures.record("named right, by mean", by_mean[0])
measures.record("what the maximum gains", by_maximum[0] - by_mean[0], at_least=by_size(quick=0.2, full=0.0))

# %% [markdown]
# The maximum *learns* much faster, large digits as well as small ones. Is the mean worse in the end? We looked, once,
# on the test pictures. After 800 steps 90% were named right by the maximum and 80% by the mean; of the small digits
# the mean lost 15 in a hundred, of the large ones 6. After 1,200 steps it was 93% and 88%. So what the mean drowns
# can be recovered, in part, by patience; the smaller the thing, the more of it is needed.
#
# ## Compare: one network with two branches, or two networks?
# Lecture E's *multi-task network* shares its trunk. Is that a compromise, or do the tasks help each other? Two more
# short trainings from the same weights: one for which only objectness and names count, one for which only objectness
# and places do. **Predict:** are names and places better than from one network for both? And at what cost?

# %%
training.reset_to(network, blank)
seconds = fit(network, SHORT, place=0.0)
only_names = judge(network, validation, validation_targets)[0]
training.reset_to(network, blank)
seconds += fit(network, SHORT, name=0.0)
only_places = judge(network, validation, validation_targets)[1]
rows = [
    ["one, two branches", f"{by_maximum[0]:.2f}", f"{by_maximum[1]:.2f}", f"{both_seconds:.0f}"],
    ["two networks", f"{only_names:.2f}", f"{only_places:.2f}", f"{seconds:.0f}"],
]
plots.table(rows, ["networks", "named right", "mean IoU", "CPU seconds"])

# %% [markdown]
# Over five seeds, the network that had all its channels for names named 0 to 9 more digits in a hundred; boxes came
# out now better alone, now worse. So the tasks get in each other's way a little in a training as short as this, and
# share most of what they need. Two networks, though, cost twice the time: in training, and, which matters more, for
# each picture ever after.
#
# ## Try next
# - Take the bracket out of `multi_task_loss` (`share = 1 / 32` makes every picture count). Draw the boxes that it
#   finds in *empty* pictures, before and after. Then count the boxes with an IoU below 0.1 among the others.
# - Put L2 (`ops.sum(ops.square(...))`, without the IoU) in the place of the two box losses. What becomes of the
#   names?
# - Train with `1 - pair_iou` alone, from three different seeds. Does it always get off the ground? The picture of the
#   three losses says why it may not.
# - `DATASET = "the path of your own"`: a Pascal VOC folder or a COCO file. Of several objects in a picture the
#   largest counts.
#
# ## What you can do now
# - Write a box in any convention, and draw ten before training: x is the *column*.
# - Say how well two boxes agree: no silly answer fools IoU, while recall, specificity and precision each have one.
#   Three pixels of slip halve a small box's overlap.
# - Write one loss for several tasks. Lecture B's bracket keeps empty pictures from teaching boxes, proven by weights
#   that do not move. One network with two branches does nearly as well as two networks, at half the cost.
# - Choose a loss for boxes: L2 is ruled by its worst boxes, IoU has no slope where boxes are apart, smooth L1 and IoU
#   together do the work. Lecture A's roots make large boxes less dominant: from 25 times to 5 times, not to equal.
# - Choose a pooling: the maximum finds a small thing soon; the mean drowns it, and needs much more patience.
#
# But "the largest counts" is an excuse. Next week finds *all* of them: **week 7, detection.**
