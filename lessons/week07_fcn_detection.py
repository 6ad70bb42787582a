# ---
# jupyter:
#   course:
#     seconds: 180
#     gigabytes: 2
# ---

# %% [markdown]
# # How do you find all of them?
#
# Last week each picture held one thing. Here are pictures with one to eight digits of all sizes, and nobody tells how
# many. You begin with the obvious idea, a small window that slides over the picture and asks at each place, and see
# why it is far too slow. Then one change, in which not a single weight is altered, makes the same network many times
# faster. And when you look at what it finds, you will see what it was never taught.
#
# **You will be able to**
# - turn a network with dense layers into a fully convolutional one, and say how its output grows with the picture,
# - read its output maps, and turn them into boxes with non-maximum suppression,
# - train a detector on whole pictures, and say why the hard negatives matter,
# - measure it with precision, recall and mAP, and sort its mistakes,
# - train it on your own pictures with boxes.
#
# *Mirrors: lecture A, "Detection of Objects" and "Fully Convolutional Networks"; lecture B, "Target vector" and the
# measures after it. About 90 minutes with the exercises; {cost}.*

# %% tags=["setup"]
import time

import numpy as np

from course_utils import by_size, checks, data, losses, measures, metrics, plots, setup, training
from course_utils.byhand import boxes

setup(seed=0)
import keras
from keras import ops

# %% tags=["parameters"]
DATASET = "scenes"  # or your own: a Pascal VOC folder, or a COCO file
ON_ERROR = "raise"  # "drop" goes on without what is wrong in your own boxes, and says how much that was

# %% [markdown]
# ## Look first
# Handwritten digits from 14 to 40 pixels high on pieces of photographs. **Find, in these eight, the digit that you
# think a network will miss, and one thing that it will take for a digit though it is none.** At the end you can look
# whether it did.

# %%
scenes = data.load(DATASET, on_error=ON_ERROR)
measures.measured_on("scenes", scenes)  # on other pictures limits are shown, and nobody is held to them
NAMES = scenes.class_names
some = range(min(8, len(scenes.test.images)))
plots.boxes(
    [scenes.test.images[i] for i in some], [scenes.test.truths[i] for i in some], columns=4, title="Find them all"
)

# %% [markdown]
# ### Choose sizes from the data
# Our network will look through a window of 48x48 pixels and is meant for objects whose longer side has 12 to 44
# pixels in it. The scenes fit as they are. Pictures of your own are shrunk or enlarged until their small objects have
# 14 pixels; what is then longer than 44 is looked for in the picture at half its size, a quarter, and so on: an
# *image pyramid*. The cell says what it chose.

# %%
FIELD, STRIDE, PAD = 48, 8, 16  # pixels: the window's side, its step, and how far it may reach beyond the picture
LARGEST = 44  # pixels: the longer side of an object
side = np.concatenate([(truth["boxes"][:, 2:] - truth["boxes"][:, :2]).max(axis=1) for truth in scenes.train.truths])
shapes = np.array([image.shape[:2] for image in scenes.train.images])
scale, tallest, widest = 1.0, *shapes.max(axis=0)
if scenes.name != "scenes":
    memory = np.sqrt(4e8 / (12 * len(shapes) * tallest * widest))  # 400 MB of pictures, 12 bytes a pixel
    scale = min(14 / np.quantile(side, 0.05), 416 / max(tallest, widest), memory)
HEIGHT, WIDTH = (int(np.ceil(scale * length / 16)) * 16 for length in (tallest, widest))
LEVELS = 1 + int(max(0, np.ceil(np.log2(scale * side.max() / LARGEST))))
train, test = scenes.train.fitted(HEIGHT, WIDTH), scenes.test.fitted(HEIGHT, WIDTH)
print(f"pictures of {HEIGHT}x{WIDTH}; objects {scale * side.min():.0f} to {scale * side.max():.0f} pixels long")
print(f"steps of {', '.join(str(STRIDE * 2**level) for level in range(LEVELS))} pixels")

# %% [markdown]
# ## Slide a window
# A network that looks through one window answers as last week: objectness, one number a class, and four for a box,
# here 1 + 10 + 4 = 15. No padding anywhere ("valid"): each convolution loses its border, and after two poolings 3x3
# places are left. They go into a dense layer.


# %%
def convolutions(x):
    """The part that knows nothing of windows: from 48x48 pixels to 3x3 places."""

    def step(x, channels, kernel, stride=1):
        x = keras.layers.Conv2D(channels, kernel, stride, use_bias=False)(x)
        return keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))

    x = keras.layers.MaxPooling2D()(step(step(x, 16, 6, stride=2), 32, 3))
    return keras.layers.MaxPooling2D()(step(step(x, 48, 3), 64, 3))


window = keras.Input((FIELD, FIELD, 3))
x = keras.layers.Flatten()(convolutions(window))
x = keras.layers.Dense(96, use_bias=False, name="dense")(x)
x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
x = keras.layers.Dense(1 + len(NAMES) + 4, name="answer")(x)
window_network = keras.Model(window, x)
print(f"{window_network.count_params():,} weights, {window_network.output_shape[1]} numbers a window")

# %% [markdown]
# ### Say what each place should answer
# The same rule will serve one window and whole maps of them, so it is written for maps: a place with the window's
# middle at (x, y) is asked for an object whose middle is near, within half a step or a quarter of its size. Of
# several the smallest wins. The box is lecture B's, measured from the window's middle in shares of the window, with
# lecture A's roots.

# %%
share = np.bincount(np.concatenate([truth["labels"] for truth in train.truths]), minlength=len(NAMES))
RARE = np.sqrt(share.mean() / np.maximum(share, 1))  # what is rare counts more


def target_maps(truth, rows, columns):
    """What each place should answer, (rows, columns, 1 + classes + 4), for boxes in pixels of the padded picture."""
    maps = np.zeros((rows, columns, 1 + len(NAMES) + 4), np.float32)
    y, x = (FIELD / 2 + STRIDE * np.arange(count) for count in (rows, columns))
    sizes = truth["boxes"][:, 2:] - truth["boxes"][:, :2]
    for i in np.argsort(-sizes.prod(axis=1), kind="stable"):
        (width, height), (middle_x, middle_y) = sizes[i], truth["boxes"][i, :2] + sizes[i] / 2
        near_y = np.abs(middle_y - y) <= max(STRIDE / 2, height / 4)
        near_x = np.abs(middle_x - x) <= max(STRIDE / 2, width / 4)
        near = np.ix_(near_y, near_x)
        maps[near] = 0
        maps[..., 0][near] = 1
        maps[..., 1 + truth["labels"][i]][near] = RARE[truth["labels"][i]]
        maps[..., -4][near] = ((middle_y - y[near_y]) / FIELD)[:, None]
        maps[..., -3][near] = (middle_x - x[near_x]) / FIELD
        maps[..., -2:][near] = np.sqrt([height / FIELD, width / FIELD])
    return maps


def corners_of(numbers):
    """From the last four maps (..., rows, columns, 4) to corners x1, y1, x2, y2 in pixels of the padded picture."""
    rows, columns = numbers.shape[-3:-1]
    y = FIELD / 2 + STRIDE * ops.arange(rows, dtype="float32")[:, None] + FIELD * numbers[..., 0]
    x = FIELD / 2 + STRIDE * ops.arange(columns, dtype="float32") + FIELD * numbers[..., 1]
    height, width = (FIELD * ops.square(numbers[..., k]) for k in (2, 3))
    return ops.stack([x - width / 2, y - height / 2, x + width / 2, y + height / 2], axis=-1)


# %% [markdown]
# The loss is last week's: objectness everywhere; name and place only where there is something. `hardest` is new, and
# waits for its turn: how many places without an object count, those with the worst mistakes first.


# %%
def detection_loss(hardest=None):
    def loss(target, answer):
        there = target[..., 0]
        count = ops.sum(there) + 1
        seen = ops.binary_crossentropy(there, answer[..., 0], from_logits=True)
        without = ops.reshape(seen * (1 - there), (-1,))
        if hardest:
            without = ops.top_k(without, hardest)[0]
        name = ops.categorical_crossentropy(target[..., 1:-4], answer[..., 1:-4], from_logits=True)
        place = 0.4 * keras.losses.huber(20 * target[..., -4:], 20 * answer[..., -4:])
        place += 1 - losses.pair_iou(corners_of(target[..., -4:]), corners_of(answer[..., -4:]))
        return (ops.sum(without) + ops.sum(there * (seen + name + place))) / count

    return loss


# %% [markdown]
# ### Train it on neat windows
# Half of the windows have an object in their middle; the other half are cut out anywhere. That is how one would
# collect examples for a classifier. The function serves larger frames, too; an object is looked for at the level of
# the pyramid at which it fits the window.


# %%
def padded(image):
    """Mid-grey all around, so that a window's middle can come near the border, and its steps come out even."""
    after = [(PAD, PAD + -length % STRIDE) for length in image.shape[-3:-1]]
    return np.pad(image, [(0, 0)] * (image.ndim - 3) + [*after, (0, 0)], constant_values=0.5)


def shrunk(images):
    """Half the size: means of 2x2 pixels."""
    count, height, width, channels = images.shape
    even = images[:, : height // 2 * 2, : width // 2 * 2]
    return even.reshape(count, height // 2, 2, width // 2, 2, channels).mean(axis=(2, 4))


def level_of(truth):
    longer = (truth["boxes"][:, 2:] - truth["boxes"][:, :2]).max(axis=1, initial=1)
    return np.clip(np.ceil(np.log2(longer / LARGEST)), 0, LEVELS - 1).astype(int)


# %%
pyramid = [train.images]
for _ in range(LEVELS - 1):
    pyramid.append(shrunk(pyramid[-1]))


def examples(frame_side, count, seed=0):
    """Endless batches of square frames and their target maps."""
    rng = np.random.default_rng(seed)
    places = (frame_side - FIELD) // STRIDE + 1
    objects = [(i, k) for i, truth in enumerate(train.truths) for k in range(len(truth["boxes"]))]
    while True:
        frames, targets = np.full((count, frame_side, frame_side, 3), 0.5, np.float32), []
        for number, frame in enumerate(frames):
            i, k = objects[rng.integers(len(objects))]
            truth, levels = train.truths[i], level_of(train.truths[i])
            level = levels[k] if number % 2 else rng.integers(LEVELS)
            image, here = pyramid[level][i], truth["boxes"] / 2**level
            space = np.array(image.shape[1::-1]) + 2 * (PAD + STRIDE // 2) - frame_side
            corner = rng.integers(0, np.maximum(space, 0) + 1)
            if number % 2:  # around an object
                slip = (frame_side - FIELD + STRIDE) / 2
                middle = here[k].reshape(2, 2).mean(axis=0) + rng.uniform(-slip, slip, 2)
                corner = np.clip(middle + PAD + STRIDE // 2 - frame_side / 2, 0, np.maximum(space, 0)).astype(int)
            x, y = PAD + STRIDE // 2 - corner  # where the picture's corner comes to lie in the frame
            seen = image[max(0, -y) : frame_side - y, max(0, -x) : frame_side - x]
            frame[max(0, y) :, max(0, x) :][: len(seen), : seen.shape[1]] = seen
            wanted = levels == level
            boxes_here = here[wanted] + np.array([x, y, x, y])
            frame[:], boxes_here = varied(frame, boxes_here, rng)
            targets.append(target_maps({"boxes": boxes_here, "labels": truth["labels"][wanted]}, places, places))
        yield frames, np.stack(targets)


def varied(frame, boxes, rng):
    """A digit may have any colour; other things may be mirrored, and be in a brighter or darker light."""
    if scenes.name == "scenes":
        frame = frame[..., rng.permutation(3)]
        return (1 - frame if rng.random() < 0.5 else frame), boxes
    frame = np.clip(frame * rng.uniform(0.8, 1.2), 0, 1)
    if rng.random() < 0.5:
        frame, boxes = frame[:, ::-1], np.array([len(frame), 0, len(frame), 0]) + boxes[:, [2, 1, 0, 3]] * [-1, 1, -1, 1]
    return frame, boxes


def fit(network, examples, steps, rate, watch=()):
    """Train with a rate that rises for a tenth of the steps and then falls."""

    def set_rate(step, logs=None):
        done = (step + 1) / (steps + 1)
        network.optimizer.learning_rate = rate * min(10 * done, (1 - done) / 0.9)

    callbacks = [keras.callbacks.LambdaCallback(on_train_batch_begin=set_rate), *watch]
    network.fit(examples, steps_per_epoch=steps, shuffle=False, verbose=0, callbacks=callbacks)


# %%
one_place = keras.layers.Reshape((1, 1, 1 + len(NAMES) + 4))(window_network.output)
as_map = keras.Model(window_network.input, one_place)
as_map.compile("adam", detection_loss())
fit(as_map, examples(FIELD, 64), by_size(quick=300, full=1000), 0.006)

# %%
picture = keras.Input((None, None, 3))
y = keras.layers.Conv2D(96, 3, use_bias=False, name="dense")(convolutions(picture))
y = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(y))
y = keras.layers.Conv2D(1 + len(NAMES) + 4, 1, name="answer")(y)
fcn = keras.Model(picture, y)
fcn.set_weights([old.reshape(new.shape) for old, new in zip(window_network.get_weights(), fcn.get_weights())])
a = ops.convert_to_numpy(window_network(test.images[:4, :48, :48], training=False))
b = ops.convert_to_numpy(fcn(test.images[:4, :48, :48], training=False))[:, 0, 0]
print("equal", np.abs(a - b).max())


# %%
def candidates(images):
    """Boxes and, by class, scores of all places, of pictures of one size."""
    answer = ops.convert_to_numpy(fcn(padded(images), training=False))
    places = ops.convert_to_numpy(corners_of(answer[..., -4:])) - PAD
    sure = ops.sigmoid(answer[..., :1]) * ops.softmax(answer[..., 1:-4])
    return places.reshape(len(images), -1, 4), ops.convert_to_numpy(sure).reshape(len(images), -1, len(NAMES))


def detect(images, levels=LEVELS, threshold=0.05, overlap=0.45, batch=25):
    """Everything that is found in pictures of one size: for each its boxes, labels and scores."""
    found = []
    for first in range(0, len(images), batch):
        level, parts = images[first : first + batch], []
        for k in range(levels):
            places, scores = candidates(level)
            parts.append((2**k * places, scores))
            level = shrunk(level)
        for places, scores in zip(*(np.concatenate(part, axis=1) for part in zip(*parts, strict=True)), strict=True):
            places = np.clip(places, 0, [*images.shape[2:0:-1]] * 2)
            kept = boxes.non_max_suppression(places, scores.max(axis=1), overlap, threshold)
            found.append({"boxes": places[kept], "labels": scores[kept].argmax(axis=1), "scores": scores[kept].max(axis=1)})
    return found


judged = test.truths[:200]
def rep(tag):
    for o in (0.3, 0.45,0.6):
        f = detect(test.images[:200], overlap=o)
        blind = lambda ts: [{**t, "labels": 0 * t["labels"]} for t in ts]
        ap = metrics.average_precision(judged, f)
        print(tag, o, "mAP", metrics.mean_average_precision(judged, f), ap, "loc", metrics.mean_average_precision(blind(judged), blind(f)), flush=True)
rep("neat")
t=time.perf_counter(); detect(test.images[:200]); print("fps", 200/(time.perf_counter()-t))

# %%
import os
if scenes.name == "scenes":
    frame_side, count, steps = HEIGHT + 2 * PAD, 16, by_size(quick=1100, full=4000)
else:
    frame_side, count, steps = 192, 8, 4000
fcn.compile("adam", detection_loss(hardest=count * int(os.environ.get("HARD", "24"))))
t = time.process_time()
fit(fcn, examples(frame_side, count), int(os.environ.get("ST", steps)), float(os.environ.get("RATE", "0.008")), watch=[training.LiveCurve("x", 20, 10)])
print("train", time.process_time() - t)
rep("trained")
t=time.perf_counter(); detect(test.images[:200]); print("fps", 200/(time.perf_counter()-t))
