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
# pixels in it. The scenes fit as they are. Your own pictures are shrunk or enlarged until their small objects just
# reach 14 pixels; what is then still larger than 44 is looked for in the picture at half its size, and at half of
# that, and so on: an *image pyramid*. The cell says what it chose.

# %%
FIELD, STRIDE, PAD = 48, 8, 16  # of the window: its side, its step, and how far it may reach beyond the picture
LARGEST = 44  # pixels: the longer side of an object
side = np.concatenate([(truth["boxes"][:, 2:] - truth["boxes"][:, :2]).max(axis=1) for truth in scenes.train.truths])
tallest = max(image.shape[0] for image in scenes.train.images)
widest = max(image.shape[1] for image in scenes.train.images)
scale = 1.0
if scenes.name != "scenes":
    scale = min(14 / np.quantile(side, 0.05), 256 / max(tallest, widest))
HEIGHT, WIDTH = (int(np.ceil(scale * length / 16)) * 16 for length in (tallest, widest))
LEVELS = int(np.ceil(max(0, np.log2(scale * side.max() / LARGEST)))) + 1
train, test = scenes.train.fitted(HEIGHT, WIDTH), scenes.test.fitted(HEIGHT, WIDTH)
print(f"pictures {HEIGHT}x{WIDTH}; objects {scale * side.min():.0f} to {scale * side.max():.0f} pixels long")
print(f"looked for in {LEVELS} size{'s' * (LEVELS > 1)} of the picture")

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
# collect examples for a classifier.


# %%
def padded(images):
    """Mid-grey all around, so that the middle of a window can come near the border."""
    return np.pad(images, ((0, 0), (PAD, PAD), (PAD, PAD), (0, 0)), constant_values=0.5)


def moved(truth, right, down):
    return {"boxes": truth["boxes"] + np.array([right, down, right, down]), "labels": truth["labels"]}


RECOLOUR = scenes.name == "scenes"  # a digit may have any colour; other things may be mirrored instead


def varied(images, rng):
    if not RECOLOUR:
        return images
    images = images[..., rng.permutation(3)]
    return 1 - images if rng.random() < 0.5 else images


def windows(seed, size=64):
    rng = np.random.default_rng(seed)
    full = [i for i, truth in enumerate(train.truths) if len(truth["boxes"])]
    while True:
        cut, targets = [], []
        for neat in range(size):
            i = rng.choice(full)
            x, y = rng.integers(0, [WIDTH + 2 * PAD - FIELD + 1, HEIGHT + 2 * PAD - FIELD + 1])
            if neat % 2:
                box = train.truths[i]["boxes"][rng.integers(len(train.truths[i]["boxes"]))]
                middle = (box[:2] + box[2:]) / 2 + PAD - FIELD / 2 + rng.uniform(-STRIDE / 2, STRIDE / 2, 2)
                x, y = np.clip(middle.round().astype(int), 0, [WIDTH + 2 * PAD - FIELD, HEIGHT + 2 * PAD - FIELD])
            cut.append(padded(train.images[[i]])[0, y : y + FIELD, x : x + FIELD])
            targets.append(target_maps(moved(train.truths[i], PAD - x, PAD - y), 1, 1))
        yield varied(np.stack(cut), rng), np.stack(targets)


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
WS = int(__import__("os").environ.get("WS", "200"))
WR = 0.006
fit(as_map, windows(seed=0), WS, WR)


# %%
picture = keras.Input((None, None, 3))
y = keras.layers.Conv2D(96, 3, use_bias=False, name="dense")(convolutions(picture))
y = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(y))
y = keras.layers.Conv2D(1 + len(NAMES) + 4, 1, name="answer")(y)
fcn = keras.Model(picture, y)
for old, new in zip(window_network.get_weights(), fcn.get_weights()):
    if old.shape != new.shape:
        print(old.shape, new.shape)
fcn.set_weights([old.reshape(new.shape) for old, new in zip(window_network.get_weights(), fcn.get_weights())])
a = ops.convert_to_numpy(window_network(test.images[:4, :48, :48], training=False))
b = ops.convert_to_numpy(fcn(test.images[:4, :48, :48], training=False))[:, 0, 0]
print("equal", np.abs(a - b).max())


# %%
def shrunk(images):
    """Half the size: the mean of each 2x2 pixels."""
    count, height, width, channels = images.shape
    return images.reshape(count, height // 2, 2, width // 2, 2, channels).mean(axis=(2, 4))


def detect(images, levels=LEVELS, threshold=0.05, overlap=0.45, batch=50):
    """Everything that is found in pictures of one size: for each its boxes, labels and scores."""
    found = []
    for first in range(0, len(images), batch):
        level, candidates = images[first : first + batch], []
        for size in 2.0 ** np.arange(levels):
            answer = ops.convert_to_numpy(fcn(padded(level), training=False))
            places = ops.convert_to_numpy(corners_of(answer[..., -4:])) - PAD
            sure = 1 / (1 + np.exp(-answer[..., :1]))
            name = np.exp(answer[..., 1:-4] - answer[..., 1:-4].max(axis=-1, keepdims=True))
            name /= name.sum(axis=-1, keepdims=True)
            candidates.append([part.reshape(len(level), -1, part.shape[-1]) for part in (size * places, sure * name)])
            level = shrunk(level) if size < 2 ** (levels - 1) else None
        for place, score in zip(*(np.concatenate(part, axis=1) for part in zip(*candidates, strict=True)), strict=True):
            label, best = score.argmax(axis=1), score.max(axis=1)
            place = np.clip(place, 0, [*images.shape[2:0:-1]] * 2)
            kept = boxes.non_max_suppression(place, best, overlap, threshold)
            found.append({"boxes": place[kept], "labels": label[kept], "scores": best[kept]})
    return found


judged = test.truths[:200]


def rep(tag):
    for o in (0.3, 0.45, 0.6):
        f = detect(test.images[:200], overlap=o)
        blind = lambda ts: [{**t, "labels": 0 * t["labels"]} for t in ts]
        ap = metrics.average_precision(judged, f)
        print(
            tag,
            o,
            "mAP",
            metrics.mean_average_precision(judged, f),
            "weak",
            min(ap.values()),
            "loc",
            metrics.mean_average_precision(blind(judged), blind(f)),
            flush=True,
        )


rep("neat")
t = time.perf_counter()
detect(test.images[:200])
print("fps", 200 / (time.perf_counter() - t))


# %%
def scenes_in_batches(seed, size=16):
    rng = np.random.default_rng(seed)
    rows, columns = ((length + 2 * PAD - FIELD) // STRIDE + 1 for length in (HEIGHT, WIDTH))
    while True:
        for chosen in np.split(rng.permutation(len(train.images)), range(size, len(train.images), size))[:-1]:
            frames = padded(train.images[chosen])
            targets = []
            for frame, i in zip(frames, chosen, strict=True):
                right, down = rng.integers(-4, 5, 2)
                frame[:] = np.roll(frame, (down, right), axis=(0, 1))  # the padding is wide enough
                targets.append(target_maps(moved(train.truths[i], PAD + right, PAD + down), rows, columns))
            yield varied(frames, rng), np.stack(targets)


import os

fcn.compile("adam", detection_loss(hardest=16 * int(os.environ.get("HARD", "24"))))
t = time.process_time()
fit(
    fcn,
    scenes_in_batches(0),
    int(os.environ.get("ST", "1050")),
    float(os.environ.get("RATE", "0.008")),
    watch=[training.LiveCurve("x", 20, 10)],
)
print("train", time.process_time() - t)
rep("trained")
t = time.perf_counter()
detect(test.images[:200])
print("fps", 200 / (time.perf_counter() - t))
