# ---
# jupyter:
#   course:
#     seconds: 150
#     gigabytes: 2
# ---

# %% [markdown]
# # How do you stop looking at the same pixels a hundred times?
#
# Week 7's detector asked at every position. This lesson's detectors first ask where an object could be, and classify
# only these regions. You build three, and each removes work that the one before repeats.
#
# **You will be able to**
# - turn regions into targets for a network,
# - explain ROI pooling and ROI align, and what rounding costs,
# - train Fast R-CNN with its multi-task loss,
# - build a region proposal network with anchors,
# - measure where a detector spends its time.
#
# *Mirrors: lecture B, "Get region proposals (as in R-CNN)" to "Multi-task loss"; lecture C, "R-CNN (2013)" and
# "Fast(er) R-CNN (2015)". About 90 minutes with the exercises; {cost}.*

# %% tags=["setup"]
import timeit

import numpy as np
from scipy import ndimage
from skimage.color import label2rgb
from skimage.segmentation import felzenszwalb

from course_utils import by_size, data, layers, measures, metrics, plots, setup, training
from course_utils.byhand.boxes import iou, non_max_suppression
from course_utils.weeks import week08a as week

setup(seed=0)
import keras
from keras import ops

# %% tags=["parameters"]
DATASET = "scenes"  # or your own: a Pascal VOC folder, or a COCO file
ON_ERROR = "raise"  # "drop" leaves out wrong boxes of your own data, and prints how many
STEPS = by_size(quick=600, full=1800)  # of the first training; the others take fewer

# %% [markdown]
# ## Ask where objects could be
# R-CNN starts with *region proposals*: boxes that could hold an object of any class. Felzenszwalb's *segmentation*,
# which needs no network, joins neighbouring pixels of similar colour. A larger `scale` joins more. The box around each
# segment is a proposal.
#
# **Predict:** what fraction of the digits would a single scale miss?

# %%
scenes = data.load(DATASET, on_error=ON_ERROR)
measures.measured_on("scenes", scenes)  # the required minimums hold for this data set only
train, test = data.boxed.same_size(scenes)  # your own: resized so that small objects have 14 pixels
HEIGHT, WIDTH = train.images.shape[1:3]
RECOLOUR = scenes.name == "scenes"  # exchange colours during training, because a digit can have any colour
NAMES, CLASSES = scenes.class_names, len(scenes.class_names)
COUNT, SCALES = 64, (400, 150, 50)  # proposals of an image; scales of its segmentation


def propose(image, scales=SCALES):
    """The boxes (64, 4) of segments at all scales. Where there are fewer, some are repeated."""
    boxes = []
    for scale in scales:
        segments = felzenszwalb(image, scale=scale, sigma=0.5, min_size=40)
        for rows, columns in ndimage.find_objects(segments + 1):
            boxes.append((columns.start, rows.start, columns.stop, rows.stop))
    different = list(dict.fromkeys(boxes))
    return np.resize(different, (COUNT, 4)).astype("float32")


segments = {scale: felzenszwalb(test.images[0], scale=scale, sigma=0.5, min_size=40) for scale in SCALES}
drawn = [label2rgb(one, test.images[0], kind="avg", bg_label=-1) for one in segments.values()]
titles = ["image", *(f"scale {scale}: {one.max() + 1}" for scale, one in segments.items())]
plots.pictures([test.images[0], *drawn], titles, "Segments in their mean colours, and how many there are")

# %% [markdown]
# A large scale can join a digit to its surroundings, and a small one can break it. So we take the boxes of all three,
# at most 64. **Predict:** in how many of them does a pixel lie?

# %%
unseen, truths = test.images[:200], test.truths[:200]
proposals = np.stack([propose(image) for image in train.images[:1200]])  # takes 20 seconds
unseen_proposals = np.stack([propose(image) for image in unseen])


def recall(regions):
    """The fraction of the test objects that a region overlaps by an IoU of at least 0.5."""
    best = [iou(truth["boxes"], boxes).max(axis=1) for truth, boxes in zip(truths, regions, strict=True)]
    return np.mean(np.concatenate(best) >= 0.5)


seen, different = np.zeros((HEIGHT, WIDTH)), np.unique(unseen_proposals[0], axis=0)
for x1, y1, x2, y2 in different.astype(int):
    seen[y1:y2, x1:x2] += 1
none = {"boxes": np.empty((0, 4))}
drawn = [{"boxes": different}, none]
titles = ["its proposals", f"how many hold a pixel: {seen.min():.0f} to {seen.max():.0f} (white)"]
title, key = "How often a detector would look at each pixel", ("ground truth", "proposal")
plots.boxes([unseen[0], seen[..., None] / seen.max()], [truths[0], none], drawn, (), titles, title, key=key)
alone = [recall([propose(image, [scale]) for image in unseen]) for scale in SCALES]
print(f"found: {recall(unseen_proposals):.1%}; by one scale alone:", ", ".join(f"{one:.1%}" for one in alone))

# %% tags=["claim"]
measures.record("recall of 64 proposals a scene", recall(unseen_proposals), at_least=0.98)
measures.record("recall of the best single scale", max(alone), at_most=0.99)

# %% [markdown]
# An object is found if a proposal has an IoU of at least 0.5 with it. One scale alone misses 2 to 4% of the objects,
# all three together only 0.3%. But a pixel lies in up to a dozen proposals, and a detector sees it as often. R-CNN used
# 2,000 proposals an image: hence the hundred times.
#
# ## Give each region something to learn
# Some regions fit an object, others hold a part of one or none. We decide by IoU.
#
# ### Your turn: which object does a region stand for?
# `overlaps` (regions, objects) holds all IoUs. Return an integer for each region:
# - the number of the object that it overlaps most, if that IoU is at least `high`,
# - -1, *background*, if that IoU is below `low`, and -2, *ignored*, in between.
#
# No object may be left out: the region that overlaps an object most always stands for it. For overlaps [[0.9, 0], [0.1,
# 0.2], [0.4, 0.1], [0, 0.25]] and limits 0.3 and 0.5, return [0, -1, -2, 1]: the last region has only 0.25, but no
# other has more of object 1. (If two objects share that region, either may have it.)


# %% tags=["exercise"]
def assign(overlaps, low, high):
    """For each region the number of its object, -1 for background, or -2 to ignore it."""
    ### BEGIN SOLUTION
    best = overlaps.max(axis=1)
    numbers = np.where(best >= high, overlaps.argmax(axis=1), np.where(best < low, -1, -2))
    numbers[overlaps.argmax(axis=0)] = np.arange(overlaps.shape[1])
    return numbers
    ### END SOLUTION


# %% tags=["check"]
assign = week.assign.check(assign)  # yours from here on if it is right, otherwise the course's

# %% [markdown]
# ### Your turn: from deltas to a box
# A region rarely fits exactly. So the network also predicts four *deltas* that correct it:
#
# $$d_x = \frac{x - x_r}{w_r}, \quad d_y = \frac{y - y_r}{h_r}, \quad d_w = \ln\frac{w}{w_r}, \quad
# d_h = \ln\frac{h}{h_r}$$
#
# Here $x, y, w, h$ are centre and size of the object's box, and $r$ marks the region's. Write the way back, for arrays
# of any shape (..., 4): `regions[..., :2]` are all upper left corners.


# %% tags=["exercise"]
def from_deltas(regions, deltas):
    """Boxes (..., 4) as x1, y1, x2, y2: region 10, 20, 30, 60, deltas 0.5, 0, ln 2, 0 give 10, 20, 50, 60."""
    ### BEGIN SOLUTION
    sizes = regions[..., 2:] - regions[..., :2]
    centres = (regions[..., :2] + regions[..., 2:]) / 2 + deltas[..., :2] * sizes
    sizes = sizes * np.exp(deltas[..., 2:])
    return np.concatenate([centres - sizes / 2, centres + sizes / 2], axis=-1)
    ### END SOLUTION


# %% tags=["check"]
from_deltas = week.from_deltas.check(from_deltas)


# %%
def to_deltas(regions, boxes):
    """The deltas (..., 4) that turn regions (..., 4) into boxes (..., 4)."""
    region_sizes, sizes = regions[..., 2:] - regions[..., :2], boxes[..., 2:] - boxes[..., :2]
    shift = (boxes[..., :2] + boxes[..., 2:] - regions[..., :2] - regions[..., 2:]) / 2
    return np.concatenate([shift / region_sizes, np.log(sizes / region_sizes)], axis=-1)


def targets(regions, truth, low=0.4, high=0.5, classes=CLASSES):
    """A 1 at background or at the class, then deltas; all 0 if ignored: (regions, 1 + classes + 4)."""
    overlaps = iou(regions, truth["boxes"])
    numbers = np.array(assign(overlaps, low, high), int) if overlaps.size else np.full(len(regions), -1)
    is_object = numbers >= 0
    wanted = np.zeros((len(regions), 1 + classes + 4), "float32")
    wanted[numbers == -1, 0] = 1
    wanted[is_object, 1 + truth["labels"][numbers[is_object]]] = 1
    wanted[is_object, -4:] = to_deltas(regions[is_object], truth["boxes"][numbers[is_object]])
    return wanted


# %% [markdown]
# ## Crop and classify each region: R-CNN
# R-CNN crops each region, resizes it to 32x32 pixels, and predicts scores (of classes and background) and deltas.
#
# The loss is lecture B's *multi-task loss* $L = L_c + [c_0 > 0] L_b$: cross-entropy for the class, plus a loss for the
# box, which counts only where there is an object. Two things differ. The lecture's $c_0$ is 1 for an object; our number
# 0 is 1 for background. Its $L_b$ is the squared error; our *Huber loss* grows less for large errors.
#
# A detection is a region, moved by its deltas, with its best class. Week 7's non-maximum suppression removes
# duplicates. About half of the training regions are objects.


# %%
def crop(images, regions):
    """Each region (n, regions, 4) of each image, resized to 32x32 pixels: (n * regions, 32, 32, 3)."""
    crops = np.array(layers.roi_align(images, regions, 32, samples=1))
    return crops.reshape(-1, 32, 32, crops.shape[-1])


def crop_batches(seed):
    """Endless batches of 128 crops, 8 from each of 16 scenes, and their targets."""
    for _, images, regions, wanted in week.samples(train, proposals, targets, seed, RECOLOUR, count=8):
        yield crop(images, regions), wanted.reshape(-1, wanted.shape[-1])


crops, wanted = next(crop_batches(seed=0))
chosen = np.concatenate([np.flatnonzero(wanted[:, 0] == kind)[:8] for kind in (0, 1)])
names = ["background", *NAMES]
plots.pictures(crops[chosen], [names[k] for k in wanted[chosen, :-4].argmax(axis=1)], "Crops and their classes")


# %%
def convolution(x, filters, kernel=3, stride=1):
    x = keras.layers.Conv2D(filters, kernel, stride, padding="same", use_bias=False)(x)
    return keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))


def trunk(image):
    """A feature map with 48 channels, one position for 4x4 pixels."""
    x = keras.layers.MaxPooling2D()(convolution(image, 16, kernel=5, stride=2))
    return convolution(convolution(x, 32), 48)


def head(x):
    """From 4x4 positions of a region to the scores of background and classes, and the deltas."""
    x = keras.layers.Dense(96, use_bias=False)(x)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
    outputs = keras.layers.Dense(1 + CLASSES, name="classes")(x), keras.layers.Dense(4, name="box_deltas")(x)
    return keras.layers.Concatenate(name="head")(outputs)


crop_input = keras.Input((32, 32, 3))
x = keras.layers.MaxPooling2D()(trunk(crop_input))
rcnn = keras.Model(crop_input, head(keras.layers.Flatten()(x)))
plots.architecture(rcnn, title="R-CNN: one crop in, scores and deltas out")


# %%
def region_loss(target, output):
    is_object = ops.sum(target[..., 1:-4], axis=-1)
    class_loss = ops.categorical_crossentropy(target[..., :-4], output[..., :-4], from_logits=True)
    box_loss = keras.losses.huber(10 * target[..., -4:], 10 * output[..., -4:])  # quadratic up to a tenth of the region
    return (ops.sum(class_loss) + ops.sum(is_object * box_loss)) / (ops.sum(is_object) + 1)


def fit(network, batches, steps, title):
    """Train; the learning rate rises for a tenth of the steps, then falls to zero. Return the plotted curve."""
    network.compile("adam", [region_loss] * len(network.outputs))
    curve = training.LiveCurve(title, every=min(10, steps))
    callbacks = [training.WarmupThenDecay(0.006), curve]
    network.fit(batches, steps_per_epoch=steps, shuffle=False, verbose=0, callbacks=callbacks)
    return curve


curve = fit(rcnn, crop_batches(seed=0), STEPS, "R-CNN's loss of 128 crops a step")


# %%
def final_detections(regions, outputs):
    """Regions moved by their deltas, with their best class and its score, after non-maximum suppression."""
    scores = ops.convert_to_numpy(ops.softmax(outputs[..., :-4]))[..., 1:]
    boxes = from_deltas(regions, np.clip(outputs[..., -4:], -2, 2)).clip(0, [WIDTH, HEIGHT, WIDTH, HEIGHT])
    found = []
    for box, score in zip(boxes, scores, strict=True):
        kept = non_max_suppression(box, score.max(axis=1), overlap=0.3, threshold=0.05)
        found.append({"boxes": box[kept], "labels": score[kept].argmax(axis=1), "scores": score[kept].max(axis=1)})
    return found


detections, mean_ap, no_object = {}, {}, {}


def judge(name, found):
    """Keep what a detector finds in the test scenes and two measures of it, and print these."""
    sure = [{key: values[one["scores"] > 0.5] for key, values in one.items()} for one in found]
    claimed = np.concatenate(metrics.matches(truths, sure, by_class=False))  # -1: no object with an IoU of 0.5
    no_object[name] = (claimed < 0).sum() / max(1, len(claimed))
    detections[name], mean_ap[name] = found, metrics.mean_average_precision(truths, found)
    print(f"{name}: mAP {mean_ap[name]:.2f}; of the detections above 0.5, {no_object[name]:.0%} fit no object")


crops_of = (crop(unseen[[k]], unseen_proposals[[k]]) for k in range(len(unseen)))
judge("R-CNN", final_detections(unseen_proposals, np.stack([rcnn.predict_on_batch(crops) for crops in crops_of])))
week.show_detections(unseen, truths, detections["R-CNN"], NAMES, "R-CNN: detections with a score above 0.5")

# %% tags=["claim"]
measures.record("mAP of R-CNN", mean_ap["R-CNN"], at_least=0.8)

# %% [markdown]
# R-CNN finds most digits, but also reports pieces ("none" in brackets). For each scene it convolves 64 crops of 1,024
# pixels, seven times the pixels of the scene.
#
# ## Look once: pool regions from one feature map
# *Fast R-CNN* convolves the whole image once, and projects each region onto the feature map: pixels divided by 4, the
# map's stride. But a dense layer needs inputs of one size, and regions differ. *ROI pooling* ("region of interest")
# divides any region into 4x4 bins, and takes the maximum of each.
#
# ### Your turn: ROI pooling
# `region` is x1, y1, x2, y2 in whole positions; x2 and y2 are the first outside. Bin number `i` of a side with `n`
# positions begins at $\lfloor i \, n / \text{size} \rfloor$ and ends before $\lceil (i + 1) \, n / \text{size} \rceil$,
# counted from the region's corner. So 5 positions in 2 bins give positions 0 to 2 and 2 to 4: bins may overlap. In
# Python, `-(-a // b)` rounds $a/b$ up.


# %% tags=["exercise"]
def pool_region(features, region, size):
    """From features (rows, columns, channels) the largest value of each bin: (size, size, channels)."""
    ### BEGIN SOLUTION
    x1, y1, x2, y2 = region
    pooled = np.zeros((size, size, features.shape[-1]))
    for i in range(size):
        for j in range(size):
            rows = slice(y1 + i * (y2 - y1) // size, y1 - (-(i + 1) * (y2 - y1) // size))
            columns = slice(x1 + j * (x2 - x1) // size, x1 - (-(j + 1) * (x2 - x1) // size))
            pooled[i, j] = features[rows, columns].max(axis=(0, 1))
    return pooled
    ### END SOLUTION


# %% tags=["check"]
pool_region = week.pool_region.check(pool_region)

# %% [markdown]
# `layers.RegionPooling` pools all regions of all images at once, with gradients. Placed between R-CNN's trunk and head,
# it makes Fast R-CNN. We compare the layer with your function.

# %%
STRIDE = 4  # pixels of the image for a position of the map
image, regions = keras.Input(train.images.shape[1:], name="image"), keras.Input((None, 4), name="regions")


def fast_network(align):
    """Fast R-CNN, with the weights of R-CNN."""
    pooled = layers.RegionPooling(4, align=align, name="pooling")([trunk(image), regions])
    network = keras.Model([image, regions], head(keras.layers.Reshape((-1, 4 * 4 * 48))(pooled)))
    network.set_weights(rcnn.get_weights())
    return network


fast = fast_network(align=False)
inputs = [image, keras.Input((16, 4), name="regions")]  # a number of regions for the diagram
drawn = keras.models.clone_model(fast, inputs, clone_function=lambda layer: layer)
plots.architecture(drawn, title="Fast R-CNN: an image and 16 regions in, scores and deltas of each region out")

# %%
features = keras.Model(image, fast.get_layer("pooling").input[0]).predict_on_batch(unseen[:1])
sizes = np.prod(unseen_proposals[0, :, 2:] - unseen_proposals[0, :, :2], axis=1)
box = unseen_proposals[0, np.where(sizes < HEIGHT * WIDTH / 6, sizes, 0).argmax()]  # one of the larger proposals
region = np.round(box / STRIDE).astype(int)
by_hand = pool_region(features[0], region, 4)
by_layer = layers.roi_pool(features, region[None, None].astype("float32"), 4)[0, 0]
print("the layer gives the same:", np.allclose(by_hand, by_layer, atol=1e-5))
x1, y1, x2, y2 = region
inside = features[0, y1:y2, x1:x2]
channel = (inside.mean(axis=(0, 1)) - features[0].mean(axis=(0, 1))).argmax()  # that stands out most in the region
shown = [one[..., [channel]] / by_hand[..., channel].max() for one in (features[0], inside, by_hand)]
rows, columns = week.bins(y2 - y1, 4), week.bins(x2 - x1, 4)
bins = [(left, top, right, bottom) for top, bottom in rows for left, right in columns]
cells = [(j, i, j + 1, i + 1) for i in range(4) for j in range(4)]
drawn = [{"boxes": boxes} for boxes in ([STRIDE * region], [region], bins, cells)]
marked = [{"boxes": boxes} for boxes in ([], [], bins[5:6], cells[5:6])]
titles = ["a region", "channel of the map", f"the region, {y2 - y1}x{x2 - x1}", "maxima of 4x4 bins"]
title, key = "ROI pooling: from a region of any size to 4x4 values", ("one bin and its maximum", "region, bins")
plots.boxes([unseen[0], *shown], marked, drawn, (), titles, title, key=key)

# %% tags=["claim"]
assert np.allclose(by_hand, by_layer, atol=1e-5)

# %% [markdown]
# ## Reuse R-CNN's weights
# Both networks have the same weights, and get the same proposals. **Predict:** will Fast R-CNN detect as well as R-CNN?


# %%
def run_fast(network):
    outputs = network.predict([unseen, unseen_proposals / STRIDE], batch_size=10, verbose=0)
    return final_detections(unseen_proposals, outputs)


judge("Fast R-CNN with R-CNN's weights", run_fast(fast))

# %% [markdown]
# It fails. At least two things are new to these weights. Crops were resized, but on the shared map a small digit stays
# small. And convolutions now see beyond the region's sides.
#
# The cure is to train through the pooling: the gradient passes through each maximum to the convolutions.


# %%
def region_batches(seed):
    """Endless batches of 16 scenes with 32 regions each, in positions of the map, and their targets."""
    for _, images, some, wanted in week.samples(train, proposals, targets, seed, RECOLOUR):
        yield (images, some / STRIDE), wanted


pooling_curve = fit(fast, region_batches(seed=0), STEPS * 6 // 10, "Fast R-CNN's loss of 512 regions a step")
judge("Fast R-CNN", run_fast(fast))

# %% tags=["claim"]
measures.record(
    "mAP with R-CNN's weights, not trained further", mean_ap["Fast R-CNN with R-CNN's weights"], at_most=0.6
)
measures.record("mAP of Fast R-CNN", mean_ap["Fast R-CNN"], at_least=0.82)

# %% [markdown]
# ## Stop rounding: ROI align
# ROI pooling rounds each side of a region to a whole position of the map, a multiple of 4 pixels. **Predict:** by how
# many pixels can a side move, and which digits suffer most?

# %%
true_boxes = np.concatenate([truth["boxes"] for truth in truths])
kept = np.diag(iou(true_boxes, STRIDE * np.round(true_boxes / STRIDE)))
small = true_boxes[:, 3] - true_boxes[:, 1] < np.median(true_boxes[:, 3] - true_boxes[:, 1])
groups = {"smaller half of the digits": kept[small], "larger half": kept[~small]}
plots.histograms(groups, "IoU of a box and the rounded box", "What rounding does to the true boxes")
some = unseen_proposals[0] / STRIDE
exact = some[np.where(sizes > 100, np.diag(iou(some, np.round(some))), 1).argmin()]  # that rounding changes most
x, y = np.maximum(exact[:2].astype(int) - 1, 0)
exact, rounded = exact - [x, y, x, y], np.round(exact) - [x, y, x, y]
wide, high = np.ceil(exact[2:]).astype(int) + 1
patch = features[0, y : y + high, x : x + wide].mean(axis=-1, keepdims=True)
pixels = unseen[0, STRIDE * y : STRIDE * (y + high), STRIDE * x : STRIDE * (x + wide)]
grid, step = np.indices((8, 8)).reshape(2, -1).T, (exact[2:] - exact[:2]) / 8
bins = exact[[0, 1, 0, 1]] + np.tile(step, 2) * np.concatenate([grid - grid % 2, grid - grid % 2 + 2], axis=1)
points = exact[[0, 1, 0, 1]] + np.tile(step * (grid + 0.5), 2) + [-0.02, -0.02, 0.02, 0.02]
drawn = [{"boxes": boxes} for boxes in ([STRIDE * exact], [exact], np.concatenate([bins, points]))]
marked = [{"boxes": boxes} for boxes in ([STRIDE * rounded], [rounded], [])]
titles = ["a region", "on the map: ROI pooling rounds", "ROI align: 4 points in each bin"]
title, key = "What rounding does to a region", ("rounded region", "exact region, bins and points")
plots.boxes([pixels, *[patch / patch.max()] * 2], marked, drawn, (), titles, title, key=key)


# %% [markdown]
# A side moves by up to 2 pixels. Small digits suffer most: half have an IoU below 0.77 with their own rounded box.
#
# *ROI align* divides the exact region into bins, and takes the mean of four points in each. The value at a point is
# interpolated from the four nearest positions. We train again from R-CNN's weights, and change only the pooling.
# **Predict:** how much will mAP rise?


# %%
aligned = fast_network(align=True)
curve = fit(aligned, region_batches(seed=0), STEPS * 6 // 10, "ROI align")
both = {"ROI pooling": pooling_curve.history["loss"], "ROI align": curve.history["loss"]}
plots.training(both, curve.steps, curve.total, "Fast R-CNN's loss of 512 regions a step", curve.place)
judge("Fast R-CNN with ROI align", run_fast(aligned))

# %% tags=["claim"]
gain = mean_ap["Fast R-CNN with ROI align"] - mean_ap["Fast R-CNN"]
measures.record("mAP that ROI align adds", gain, at_least=-0.01)
measures.record(
    "last loss with align, of that with pooling", both["ROI align"][-1] / both["ROI pooling"][-1], at_most=0.95
)

# %% [markdown]
# The loss ends lower, and mAP rises a little: by 0.01 to 0.03 with five seeds. (Align also takes means, not maxima.)
# Rounding shifts what the head sees, not the region that its deltas move, and a hit needs an IoU of only 0.5.
#
# ## Let the network propose: Faster R-CNN
# The segmentation looks at all pixels three more times, and never learns. *Faster R-CNN* replaces it by a small branch
# on the shared map, the *region proposal network* (RPN). At each position it judges a few boxes of fixed shape, the
# *anchors*. Do they stand for an object? Which deltas lead to its box?
#
# ### Your turn: anchors
# Each position of a map covers `stride` x `stride` pixels, so the first centre is at x = y = `stride / 2`. Return boxes
# around all centres. `shapes` holds (width, height) pairs. List all shapes of a position, then go on along the row.


# %% tags=["exercise"]
def anchors(rows, columns, stride, shapes):
    """Boxes (rows * columns * shapes, 4): 1, 1, 8 and [(6, 10)] give [[1, -1, 7, 9]]."""
    ### BEGIN SOLUTION
    boxes = []
    for i in range(rows):
        for j in range(columns):
            x, y = stride * (j + 0.5), stride * (i + 0.5)
            boxes += [(x - w / 2, y - h / 2, x + w / 2, y + h / 2) for w, h in shapes]
    return np.array(boxes)
    ### END SOLUTION


# %% tags=["check"]
anchors = week.anchors.check(anchors)

# %% [markdown]
# Your `assign` says which anchors stand for an object. The RPN learns with the same loss, but one class, "object". At a
# position of the map it sees 31x31 pixels, too few for an anchor of 40. So large anchors get a second map with stride
# 8, where it sees 59x59.


# %%
SHAPES = {4: [(10, 16), (14, 22)], 8: [(12, 30), (20, 30), (18, 40), (28, 40)]}  # by stride
ANCHORS = np.concatenate([anchors(HEIGHT // s, WIDTH // s, s, shapes) for s, shapes in SHAPES.items()])


def anchor_targets(truth):
    """One class for all objects: background or object, and deltas, (anchors, 6)."""
    return targets(ANCHORS, {**truth, "labels": 0 * truth["labels"]}, low=0.3, high=0.5, classes=1)


drawn = [{"boxes": ANCHORS[anchor_targets(truth)[:, 1] == 1]} for truth in truths[:2]]
print(f"{len(ANCHORS)} anchors; {len(drawn[0]['boxes'])} stand for an object in the first scene")
plots.boxes(unseen[:2], truths[:2], drawn, title="Anchors that stand for an object", key=("ground truth", "anchor"))


# %%
def proposal_branch(features):
    """Two maps with 6 numbers for each anchor: scores of background and object, and deltas."""
    larger = convolution(convolution(keras.layers.MaxPooling2D()(features), 64), 64)  # stride 8
    both = zip((convolution(features, 48), larger), SHAPES.values(), strict=True)
    return [keras.layers.Conv2D(6 * len(shapes), 1)(x) for x, shapes in both]


shared = aligned.get_layer("pooling").input[0]
maps = proposal_branch(shared)
plots.architecture(keras.Model(image, maps), title="The region proposal network: trunk and new branch")
rows = [keras.layers.Reshape((-1, 6))(x) for x in maps]  # a row for each anchor
rows = keras.layers.Concatenate(axis=1, name="proposals")(rows)
faster = keras.Model([image, regions], [rows, aligned.output])
all_wanted = np.stack([anchor_targets(truth) for truth in train.truths[: len(proposals)]])


def faster_batches(seed):
    for numbers, images, some, wanted in week.samples(train, proposals, targets, seed, RECOLOUR):
        yield (images, some / STRIDE), (all_wanted[numbers], wanted)


curve = fit(faster, faster_batches(seed=0), STEPS * 6 // 10, "Faster R-CNN")
both = {"RPN": curve.history["proposals_loss"], "head": curve.history["head_loss"]}
curve.place = plots.training(both, curve.steps, curve.total, "Faster R-CNN's two losses", curve.place)

# %% [markdown]
# Both branches trained together. The head still learned from the segmentation's proposals. (Its loss first rises, as
# the learning rate does.)
#
# Now the best anchors, moved by their deltas, replace them. Suppression removes duplicates. **Predict:** how many of
# them find 95% of the objects?

# %%
look = keras.Model(image, [shared, rows])  # one pass over the image
decide = keras.Model([shared, regions], aligned.output)  # one pass over the regions


def best_regions(outputs, count):
    """The best regions (n, count, 4) by the scores of the RPN."""
    scores, chosen = outputs[..., 1] - outputs[..., 0], []
    boxes = from_deltas(ANCHORS, np.clip(outputs[..., 2:], -2, 2)).clip(0, [WIDTH, HEIGHT, WIDTH, HEIGHT])
    for box, score in zip(boxes, scores, strict=True):
        best = np.argsort(-score)[:200]  # to compare all anchors would take longer
        best = best[non_max_suppression(box[best], score[best], 0.6, -np.inf)]
        chosen.append(np.resize(box[best], (count, 4)))
    return np.array(chosen, "float32")


unseen_maps, unseen_outputs = look.predict(unseen, batch_size=10, verbose=0)
counts = [1, 2, 5, 10, 20, 50]
recalls = [recall(best_regions(unseen_outputs, count)) for count in counts]
print(", ".join(f"{count} proposals: {found:.1%}" for count, found in zip(counts, recalls, strict=True)))
levels = {"64 proposals of the segmentation": recall(unseen_proposals)}
plots.paths({"RPN": (counts, recalls)}, ("proposals a scene", "recall"), "Few proposals are enough", levels)

# %% tags=["claim"]
measures.record("recall of ten proposals of the RPN", recalls[counts.index(10)], at_least=0.95)

# %%
chosen = best_regions(unseen_outputs, 20)
for name, some in {"Faster R-CNN": chosen, "The same with the old 64 proposals": unseen_proposals}.items():
    judge(name, final_detections(some, decide.predict([unseen_maps, some / STRIDE], batch_size=10, verbose=0)))
week.show_detections(unseen, truths, detections["Faster R-CNN"], NAMES, "Faster R-CNN: the same scenes")

# %% tags=["claim"]
measures.record("mAP of Faster R-CNN", mean_ap["Faster R-CNN"], at_least=0.8)
measures.record(
    "detections that fit no object, of those of R-CNN",
    np.nan_to_num(no_object["Faster R-CNN"] / no_object["R-CNN"]),
    at_most=0.8,
)

# %% [markdown]
# Twenty proposals of the RPN find nearly as many objects as 64 of the segmentation, because it learned what a digit
# looks like. Faster R-CNN reports pieces less often than R-CNN. With the old proposals its mAP is 0.02 to 0.04 higher,
# perhaps because its head learned from those: see "Try next".
#
# ## Find out where the time goes
# We measure each part of each detector on one scene. **Predict:** which part takes longest?

# %%
one, some, few = unseen[:1], unseen_proposals[:1], chosen[:1]
crops, pooled = crop(one, some), aligned.predict_on_batch([one, some / STRIDE])
calls = {
    "segmentation": lambda: propose(one[0]),
    "cropping": lambda: crop(one, some),
    "network: 64 crops": lambda: rcnn.predict_on_batch(crops),
    "network: scene, 64 regions": lambda: aligned.predict_on_batch([one, some / STRIDE]),
    "network: scene, 20 regions": lambda: decide.predict_on_batch([look.predict_on_batch(one)[0], few / STRIDE]),
    "choice of regions": lambda: best_regions(unseen_outputs[:1], 20),
    "suppression": lambda: final_detections(some, pooled),
}
time_of = {part: np.median(timeit.repeat(call, number=1, repeat=10)[1:]) * 1000 for part, call in calls.items()}
parts = {
    "R-CNN": ["segmentation", "cropping", "network: 64 crops", "suppression"],
    "Fast R-CNN with ROI align": ["segmentation", "network: scene, 64 regions", "suppression"],
    "Faster R-CNN": ["network: scene, 20 regions", "choice of regions", "suppression"],
}
times = {name: {part.split(":")[0]: time_of[part] for part in parts[name]} for name in parts}
labelled = {f"{name},\nmAP {mean_ap[name]:.2f}": times[name] for name in times}
week.show_milliseconds(labelled, "Where each detector spends its time")

# %% tags=["claim"]
totals = [sum(parts.values()) for parts in times.values()]
assert time_of["cropping"] + time_of["network: 64 crops"] > 1.2 * time_of["network: scene, 64 regions"]
assert totals[1] > 1.5 * totals[2]
assert time_of["segmentation"] > totals[1] / 2

# %% [markdown]
# Without crops, most of the time that remains is segmentation. Faster R-CNN drops this too, but its network has more to
# do: it also proposes, and is called twice. Though trained longest, it loses up to 0.03 mAP, for a fraction of the
# time. With the papers' large networks, the crops take most of R-CNN's time.
#
# ## What you can do now
# - Turn regions into targets: assign by IoU, write boxes as deltas.
# - Pool any region to one size: ROI pooling rounds, ROI align interpolates.
# - Train Fast R-CNN: one pass over the image, then a class and a box for each region.
# - Let an RPN propose regions: anchors with scores and deltas.
# - Measure each part before you make one faster.
#
# **Try next**
# - Train the head of Faster R-CNN on the RPN's regions. Does mAP rise?
# - `DATASET = "the path of your own"`: a Pascal VOC folder or a COCO file. Does the segmentation find your objects?
#
# Next: **week 8b**, a detector without regions, and masks in place of boxes.
