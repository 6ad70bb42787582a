# ---
# jupyter:
#   course:
#     seconds: 150
#     gigabytes: 2
# ---

# %% [markdown]
# # How do you stop looking at the same pixels a hundred times?
#
# Week 7's detector asked at every position. The detectors of this lesson first ask where an object could be, and then
# classify only these regions. You build three, and each removes work that the one before repeats.
#
# **You will be able to**
# - turn regions and objects into targets that a network can learn,
# - explain ROI pooling and ROI align, and what rounding costs,
# - train Fast R-CNN with its multi-task loss,
# - build a region proposal network with anchors,
# - measure where a detector spends its time.
#
# *Mirrors: lecture B, "Get region proposals (as in R-CNN)" to "Multi-task loss"; lecture C, "R-CNN (2013)" and
# "Fast(er) R-CNN (2015)". About 90 minutes with the exercises; {cost}.*

# %% tags=["setup"]
import numpy as np
from scipy import ndimage
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
# R-CNN starts with *region proposals*: boxes that could hold an object of any class. They come from a method without a
# network. Felzenszwalb's *segmentation* joins neighbouring pixels of similar colour. A larger `scale` joins more. The
# box around each segment is a proposal.
#
# **Predict:** which scale finds whole digits, the smallest or the largest?

# %%
scenes = data.load(DATASET, on_error=ON_ERROR)
measures.measured_on("scenes", scenes)  # the required minimums hold for this data set only
train, test = data.boxed.same_size(scenes)  # your own: resized so that small objects have 14 pixels
HEIGHT, WIDTH = train.images.shape[1:3]
RECOLOUR = scenes.name == "scenes"  # exchange colours during training: here they must not help
NAMES, CLASSES = scenes.class_names, len(scenes.class_names)
COUNT, SCALES = 64, (400, 150, 50)  # proposals of an image; scales of its segmentation


def propose(image):
    """The boxes (64, 4) of segments at three scales. Where there are fewer, some are repeated."""
    boxes = []
    for scale in SCALES:
        segments = felzenszwalb(image, scale=scale, sigma=0.5, min_size=40)
        for rows, columns in ndimage.find_objects(segments + 1):
            boxes.append((columns.start, rows.start, columns.stop, rows.stop))
    different = list(dict.fromkeys(boxes))
    return np.resize(different, (COUNT, 4)).astype("float32")


week.show_segments(test.images[0], SCALES, "Segments in their mean colours, and how many there are")

# %% [markdown]
# A digit has one colour, so even the largest scale keeps most digits whole. But no scale finds all, so we take the
# boxes of all three, at most 64. **Predict:** in how many of them does a pixel lie?

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
print(f"The proposals find {recall(unseen_proposals):.1%} of the objects.")

# %% tags=["claim"]
measures.record("recall of 64 proposals a scene", recall(unseen_proposals), at_least=0.98)

# %% [markdown]
# Nearly every object has a proposal with an IoU of at least 0.5. But here a pixel lies in up to a dozen proposals, and
# a detector that looks at each proposal sees it as often. The authors of R-CNN used 2,000 proposals an image: hence the
# hundred times.
#
# ## Give each region something to learn
# Some regions fit an object, some hold a part of one, many hold none. We decide by IoU.
#
# ### Your turn: which object does a region stand for?
# `overlaps` (regions, objects) holds all IoUs. Return an integer for each region:
# - the number of the object that it overlaps most, if that IoU is at least `high`,
# - -1, *background*, if that IoU is below `low`, and -2, *ignored*, in between.
#
# No object may be left out: the region that overlaps an object most always stands for it. For overlaps [[0.9, 0], [0.1,
# 0.2], [0.4, 0.1], [0, 0.25]] and limits 0.3 and 0.5, return [0, -1, -2, 1]: the last region has only 0.25, but no
# other has more of object 1.


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
# R-CNN crops each region, resizes it to 32x32 pixels, and classifies it. The network ends in two branches: scores of
# the classes and of background, and deltas.
#
# The loss is lecture B's *multi-task loss*: cross-entropy for the class, plus a loss for the box, which counts only
# where there is an object. A detection is then a region, moved by its deltas, with its best class. Week 7's non-maximum
# suppression removes duplicates.


# %%
def crop_batches(seed):
    """Endless batches of 128 crops, 8 from each of 16 scenes, and their targets."""
    for _, images, regions, wanted in week.samples(train, proposals, targets, seed, RECOLOUR, count=8):
        yield week.crops(images, regions), wanted.reshape(-1, wanted.shape[-1])


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
    outputs = keras.layers.Dense(1 + CLASSES, name="classes")(x), keras.layers.Dense(4, name="deltas")(x)
    return keras.layers.Concatenate(name="head")(outputs)


crop = keras.Input((32, 32, 3))
x = keras.layers.MaxPooling2D()(trunk(crop))
rcnn = keras.Model(crop, head(keras.layers.Flatten()(x)))
plots.architecture(rcnn, title="R-CNN: one crop in, scores and deltas out")


# %%
def region_loss(target, output):
    is_object = ops.sum(target[..., 1:-4], axis=-1)
    class_loss = ops.categorical_crossentropy(target[..., :-4], output[..., :-4], from_logits=True)
    box_loss = keras.losses.huber(10 * target[..., -4:], 10 * output[..., -4:])  # quadratic up to a tenth of the region
    return (ops.sum(class_loss) + ops.sum(is_object * box_loss)) / (ops.sum(is_object) + 1)


def fit(network, batches, steps, title):
    """Train; the learning rate rises for a tenth of the steps, then falls to zero."""
    network.compile("adam", [region_loss] * len(network.outputs))
    callbacks = [training.WarmupThenDecay(0.006), training.LiveCurve(title, every=10)]
    network.fit(batches, steps_per_epoch=steps, shuffle=False, verbose=0, callbacks=callbacks)


fit(rcnn, crop_batches(seed=0), STEPS, "R-CNN's loss of 128 crops a step")


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


detections, mean_ap = {}, {}


def judge(name, found):
    """Keep what a detector finds in the test scenes and its mAP, and print this."""
    detections[name] = found
    mean_ap[name] = metrics.mean_average_precision(truths, found)
    print(f"{name}: mAP {mean_ap[name]:.2f}")


crops_of = (week.crops(unseen[[k]], unseen_proposals[[k]]) for k in range(len(unseen)))
judge("R-CNN", final_detections(unseen_proposals, np.stack([rcnn.predict_on_batch(crops) for crops in crops_of])))
week.show_detections(unseen, truths, detections["R-CNN"], NAMES, "R-CNN, with a score above 0.5")

# %% tags=["claim"]
measures.record("mAP of R-CNN", mean_ap["R-CNN"], at_least=0.8)

# %% [markdown]
# R-CNN finds most digits, and also some pieces of digits. But for each scene it convolves 64 crops of 1,024 pixels:
# seven times as many pixels as the scene has.
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
# `layers.RegionPooling` pools all regions of all images at once, with gradients. It joins R-CNN's trunk and head to
# Fast R-CNN. We copy R-CNN's weights, and compare the layer with your function.

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
plots.architecture(fast, title="Fast R-CNN: one image and its regions in, 15 numbers for each region out")

# %%
features = keras.Model(image, fast.get_layer("pooling").input[0]).predict_on_batch(unseen[:1])
sizes = np.prod(unseen_proposals[0, :, 2:] - unseen_proposals[0, :, :2], axis=1)
box = unseen_proposals[0, np.where(sizes < HEIGHT * WIDTH / 6, sizes, 0).argmax()]  # one of the larger proposals
region = np.round(box / STRIDE).astype(int)
by_hand = pool_region(features[0], region, 4)
by_layer = layers.roi_pool(features, region[None, None].astype("float32"), 4)[0, 0]
print("the layer gives the same:", np.allclose(by_hand, by_layer, atol=1e-5))
x1, y1, x2, y2 = region
channel = by_hand.max(axis=(0, 1)).argmax()
patch = unseen[0, 4 * y1 : 4 * y2, 4 * x1 : 4 * x2]
drawn = [patch, features[0, ..., channel], features[0, y1:y2, x1:x2, channel], by_hand[..., channel]]
titles = ["region", "channel of the map", f"region of it, {y2 - y1}x{x2 - x1}", "pooled, 4x4"]
plots.pictures(drawn, titles, "From a region of any size to 4x4 values", columns=4)

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
# It fails. At least two things are new to these weights. Each crop was resized to one size, but on the shared map a
# small digit stays small. And convolutions now see beyond the region's sides.
#
# The cure is to train through the pooling: the gradient passes to the position of each maximum, and on to the
# convolutions.


# %%
def region_batches(seed):
    """Endless batches of 16 scenes with 32 regions each, in positions of the map, and their targets."""
    for _, images, some, wanted in week.samples(train, proposals, targets, seed, RECOLOUR):
        yield (images, some / STRIDE), wanted


fit(fast, region_batches(seed=0), STEPS * 6 // 10, "Fast R-CNN's loss of 512 regions a step")
judge("Fast R-CNN", run_fast(fast))

# %% tags=["claim"]
measures.record(
    "mAP with R-CNN's weights, not trained further", mean_ap["Fast R-CNN with R-CNN's weights"], at_most=0.6
)
measures.record("mAP of Fast R-CNN", mean_ap["Fast R-CNN"], at_least=0.82)

# %% [markdown]
# ## Stop rounding: ROI align
# ROI pooling rounds each side of a region to a whole position of the map, that is to a multiple of 4 pixels. By how
# many pixels can a side move, and which digits suffer most?

# %%
true_boxes = np.concatenate([truth["boxes"] for truth in truths])
rounded = STRIDE * np.round(true_boxes / STRIDE)
kept = [float(iou(a[None], b[None])[0, 0]) for a, b in zip(true_boxes, rounded, strict=True)]
heights = true_boxes[:, 3] - true_boxes[:, 1]
small = heights < np.median(heights)
groups = {"smaller half of the digits": np.array(kept)[small], "larger half": np.array(kept)[~small]}
plots.histograms(groups, "IoU of a box and the rounded box", "What rounding does to the true boxes")

# %% [markdown]
# A side moves by up to 2 pixels. Small digits suffer most: half of them have an IoU below 0.77 with their own rounded
# box. *ROI align* does not round. It divides the exact region into bins, interpolates the map at four points in each,
# and takes their mean. We train again from R-CNN's weights, and change only the pooling. **Predict:** how much will mAP
# rise?

# %%
aligned = fast_network(align=True)
fit(aligned, region_batches(seed=0), STEPS * 6 // 10, "The loss with ROI align")
judge("Fast R-CNN with ROI align", run_fast(aligned))

# %% [markdown]
# mAP rises a little, by 0.01 to 0.03 with five seeds (align takes means and not maxima, so rounding is not the only
# change). A hit needs an IoU of only 0.5, and rounding rarely goes below it. The masks of week 8b need more.
#
# ## Let the network propose: Faster R-CNN
# The segmentation looks at all pixels three more times, and never learns. *Faster R-CNN* replaces it by a small branch
# on the shared map, the *region proposal network* (RPN). At each position it judges a few boxes of fixed shape, the
# *anchors*. Do they stand for an object? Which deltas lead to its box?
#
# ### Your turn: anchors
# Each position of a map covers `stride` x `stride` pixels. Return boxes around the centre of each position. The first
# centre is at x = y = `stride / 2`. `shapes` holds (width, height) pairs. List all shapes of a position, then go on
# along the row.


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
# Small anchors stand 4 pixels apart, large ones 8. Your `assign` says which of them stand for an object. The RPN learns
# with the same loss as before, with a single class, "object".

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


features = aligned.get_layer("pooling").input[0]
maps = proposal_branch(features)
plots.architecture(keras.Model(image, maps), title="The region proposal network: trunk and new branch")
outputs = [keras.layers.Reshape((-1, 6))(x) for x in maps]  # a row for each anchor
outputs = keras.layers.Concatenate(axis=1, name="proposals")(outputs)
faster = keras.Model([image, regions], [outputs, aligned.output])
all_wanted = np.stack([anchor_targets(truth) for truth in train.truths[: len(proposals)]])


def faster_batches(seed):
    for numbers, images, some, wanted in week.samples(train, proposals, targets, seed, RECOLOUR):
        yield (images, some / STRIDE), (all_wanted[numbers], wanted)


fit(faster, faster_batches(seed=0), STEPS * 6 // 10, "Faster R-CNN: two branches, one map")

# %% [markdown]
# Both branches trained together. The head still learned from the proposals of the segmentation.
#
# Now we drop the segmentation. The anchors with the highest scores, moved by their deltas, are the new proposals.
# Suppression removes duplicates. **Predict:** how many of them find as many objects as the old 64?

# %%
look = keras.Model(image, [features, outputs])  # one pass over the image
decide = keras.Model([features, regions], aligned.output)  # one pass over the regions


def best_regions(outputs, count):
    """The best regions (n, count, 4) by the scores of the RPN."""
    scores, chosen = outputs[..., 1] - outputs[..., 0], []
    boxes = from_deltas(ANCHORS, np.clip(outputs[..., 2:], -2, 2)).clip(0, [WIDTH, HEIGHT, WIDTH, HEIGHT])
    for box, score in zip(boxes, scores, strict=True):
        best = np.argsort(-score)[:200]
        best = best[non_max_suppression(box[best], score[best], 0.6, -np.inf)]
        chosen.append(np.resize(box[best], (count, 4)))
    return np.array(chosen, "float32")


maps, outputs = look.predict(unseen, batch_size=10, verbose=0)
counts = [1, 2, 5, 10, 20, 50]
recalls = [recall(best_regions(outputs, count)) for count in counts]
levels = {"64 proposals of the segmentation": recall(unseen_proposals)}
plots.paths({"RPN": (counts, recalls)}, ("proposals a scene", "recall"), "Few proposals are enough", levels)

# %% tags=["claim"]
measures.record("recall of ten proposals of the RPN", recalls[counts.index(10)], at_least=0.95)

# %%
chosen = best_regions(outputs, 20)
for name, some in {"Faster R-CNN": chosen, "The same with the old 64 proposals": unseen_proposals}.items():
    judge(name, final_detections(some, decide.predict([maps, some / STRIDE], batch_size=10, verbose=0)))
week.show_detections(unseen, truths, detections["Faster R-CNN"], NAMES, "Faster R-CNN, with a score above 0.5")

# %% tags=["claim"]
measures.record("mAP of Faster R-CNN", mean_ap["Faster R-CNN"], at_least=0.8)

# %% [markdown]
# Twenty proposals of the RPN find nearly as many objects as 64 of the segmentation, because it learned what a digit
# looks like. With the old proposals the same network has a slightly higher mAP: its head learned from those. "Try next"
# changes that.
#
# ## Find out where the time goes
# We measure each part of each detector on one scene. **Predict:** which part takes longest?

# %%
one, some, few = unseen[:1], unseen_proposals[:1], chosen[:1]
crops, pooled = week.crops(one, some), fast.predict_on_batch([one, some / STRIDE])
calls = {
    "segmentation": lambda: propose(one[0]),
    "cropping": lambda: week.crops(one, some),
    "network: 64 crops": lambda: rcnn.predict_on_batch(crops),
    "network: scene, 64 regions": lambda: fast.predict_on_batch([one, some / STRIDE]),
    "network: scene, 20 regions": lambda: decide.predict_on_batch([look.predict_on_batch(one)[0], few / STRIDE]),
    "choice of regions": lambda: best_regions(outputs[:1], 20),
    "suppression": lambda: final_detections(some, pooled),
}
time_of = {part: week.milliseconds(call) for part, call in calls.items()}  # the median of nine calls
parts = {
    "R-CNN": ["segmentation", "cropping", "network: 64 crops", "suppression"],
    "Fast R-CNN": ["segmentation", "network: scene, 64 regions", "suppression"],
    "Faster R-CNN": ["network: scene, 20 regions", "choice of regions", "suppression"],
}
times = {name: {part: time_of[part] for part in parts[name]} for name in parts}
labelled = {f"{name}, mAP {mean_ap[name]:.2f}": times[name] for name in times}
week.show_milliseconds(labelled, "Where each detector spends its time")

# %% tags=["claim"]
totals = [sum(parts.values()) for parts in times.values()]
assert time_of["cropping"] + time_of["network: 64 crops"] > 1.2 * time_of["network: scene, 64 regions"]
assert totals[1] > 1.5 * totals[2]

# %% [markdown]
# Fast R-CNN needs no crops, and its network is faster. But the segmentation hides this gain, because it takes most of
# the time of both. Faster R-CNN is by far the fastest, because it needs no segmentation. With the large networks of the
# papers, R-CNN spends most of its time on its crops.
#
# ## What you can do now
# - Turn regions into targets: assign them to objects by IoU, and write boxes as deltas.
# - Pool any region to one size. ROI pooling rounds, ROI align interpolates.
# - Train Fast R-CNN: one pass over the image, then a class and a box for each region.
# - Let an RPN propose regions: anchors with scores and deltas, on the same map.
# - Measure each part before you make one faster.
#
# **Try next**
# - Let the head of Faster R-CNN learn from the RPN's regions: compute them for the training scenes. Does mAP rise?
# - `DATASET = "the path of your own"`: a Pascal VOC folder or a COCO file. Does the segmentation find your objects?
#
# Next: **week 8b**, a detector without regions, and masks in place of boxes.
