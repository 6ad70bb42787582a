# ---
# jupyter:
#   course:
#     seconds: 110
#     gigabytes: 2.0
# ---

# %% [markdown]
# # Which pixels are the cell?
#
# A biologist wants to count and measure cells. Boxes are too coarse, so a network must classify *every pixel*. You
# build one, the U-Net, and train it. It soon gets most pixels right, yet it merges a clump into one object. What
# separates the cells?
#
# **You will be able to**
# - say what layers at full size cost,
# - compute a transposed convolution by hand, and avoid checkerboards,
# - build a U-Net, and show what its *skips* contribute,
# - give the gaps between cells more weight, and test the gain,
# - segment images of any size.
#
# *Mirrors: lecture A, "Semantic Segmentation", "Upsampling" and "Segmentation: U-Net"; lecture B, segmentation and
# the slides on upsampling after it; lecture D, "U-net"; lecture E, "CNN Encoder-Decoder Architecture". About 70
# minutes with the exercises; {cost}.*

# %% tags=["setup"]
import numpy as np
from scipy import ndimage

from course_utils import by_size, data, measures, models, plots, setup, training
from course_utils.byhand import convolution
from course_utils.weeks import week09a as week

setup(seed=0)
import keras
from keras import layers

# %% tags=["parameters"]
DATASET = "cells"  # or your own: a folder with a folder `image` and a folder `label`
STEPS = by_size(quick=800, full=3000)  # of each training, with three crops a step

# %% [markdown]
# ## Look at the cells
# These images of cells are computed, so each outline is known. **Count the cells in the first image.**

# %%
cells = data.load(DATASET)
NAMES, CHANNELS = cells.class_names, cells.test.images[0].shape[2]
images = cells.test.images[:4]
plots.pictures(images, title="How many cells are in each image?", span=(0, 1))

# %% [markdown]
# Now the ground truth. A *mask* holds the class of each pixel: 0 is background, 1 is cell. Where cells touch, the mask
# has a line of background, about two pixels wide, as in the U-Net paper (2015). The first image has 7 cells.

# %%
train = week.prepared(cells.train, smallest=64)  # images of mean 0 and standard deviation 1, masks, numbered cells
validation, test = week.prepared(cells.validation), week.prepared(cells.test)
plots.pictures(test.masks[:4], title="The masks: background is black")
week.show_objects(images, test.instances[:4], title="The ground truth, outlined")

# %% [markdown]
# ## Count the memory of full-size layers
# Lecture B calls a network that stays at full size "very expensive". In training, a network keeps the output of each
# layer until the gradient comes back. Take one image of 128x128 pixels and ten convolutions, two each with 16, 32, 64,
# 128 and 256 channels. A number takes 4 bytes. **Predict:** how many megabytes are kept at full size? How many if the
# image is halved each time the channels double?


# %% tags=["nbval-check-output"]
def kept_megabytes(halve):
    """Memory of the outputs of ten convolutions: two each of 16, 32, 64, 128 and 256 channels."""
    x, numbers = keras.Input((128, 128, 1)), 0
    for level in range(5):
        x = layers.MaxPooling2D()(x) if halve and level > 0 else x
        for _ in range(2):
            x = layers.Conv2D(16 * 2**level, 3, padding="same")(x)
            numbers += np.prod(x.shape[1:])
    return 4 * numbers / 1e6  # a number takes four bytes


print(f"at full size {kept_megabytes(False):.0f} MB, halved four times {kept_megabytes(True):.0f} MB")

# %% tags=["claim"]
measures.measured_on("cells", cells)
assert kept_megabytes(False) == 16 * kept_megabytes(True)

# %% [markdown]
# Halving four times needs 16 times less memory. It also lets a kernel see farther. But halving loses exact positions.
#
# ## Enlarge an image in four ways
# We keep the largest of each 4x4 pixels of a crop (max pooling), and enlarge the result:
# - *repeat* each pixel,
# - *interpolate* between pixels,
# - *max unpooling* (lecture B): put each maximum back where it was, and zeros elsewhere,
# - *transposed convolution* (lecture A): a kernel says how each pixel spreads.
#
# **Predict:** which result looks least like the original? Which two of the four results look alike?

# %%
crop = train.images[1][:64, :64, :1]
crop = (crop - crop.min()) / np.ptp(crop)
pooled = layers.MaxPooling2D(4)(crop[None])
repeated = layers.UpSampling2D(4)(pooled)[0]
interpolated = layers.UpSampling2D(4, interpolation="bilinear")(pooled)[0]
unpooled = np.where(crop == repeated, crop, 0)

tent = 1 - np.abs(np.arange(8) - 3.5) / 4
transposed_layer = layers.Conv2DTranspose(1, 8, strides=4, padding="same", use_bias=False)
transposed_layer.build((None, None, None, 1))
transposed_layer.set_weights([np.outer(tent, tent)[..., None, None]])
transposed = transposed_layer(pooled)[0]
small = np.pad(pooled[0], [(24, 24), (24, 24), (0, 0)], constant_values=1)  # on white, to be shown at its own size
names = ["original", "largest of 4x4 (16x16)", "repeated", "interpolated", "unpooled", "transposed"]
shown = [crop, small, repeated, interpolated, unpooled, transposed]
plots.pictures(shown, names, "A crop, reduced and enlarged again", columns=3, height=2.4, span=(0, 1))

# %% tags=["claim"]
assert np.abs(transposed - interpolated)[4:-4, 4:-4].max() < 1e-5

# %% [markdown]
# The unpooled image looks least like the original, yet only it keeps the maxima's positions. The interpolated and the
# transposed image are equal, except near the border: there, fewer copies of the kernel overlap, so it is dark. We set
# the transposed kernel by hand so that it interpolates, but it can be learned.
#
# ## Compute a transposed convolution by hand
# ### Your turn: print the kernel
# Each value prints the kernel, multiplied by the value, onto a larger image. The next value prints `stride` pixels
# farther. Where prints overlap, they add up. With the values [[1, 10]], the kernel [[1, 2, 3]] and stride 2, the prints
# are 1 2 3 0 0 and 0 0 10 20 30. Their sum is 1 2 13 20 30.


# %% tags=["exercise"]
def transposed_convolution(values, kernel, stride):
    """The sum of all prints, (rows, columns), of `values` (rows, columns) with a `kernel` (height, width)."""
    height, width = kernel.shape
    result = np.zeros([(values.shape[0] - 1) * stride + height, (values.shape[1] - 1) * stride + width])
    ### BEGIN SOLUTION
    for row, column in np.ndindex(values.shape):
        top, left = row * stride, column * stride
        result[top : top + height, left : left + width] += values[row, column] * kernel
    ### END SOLUTION
    return result


# %% tags=["check"]
transposed_convolution = week.transposed_convolution.check(transposed_convolution)  # yours if right, else the course's

# %% [markdown]
# Lecture A describes it differently: put zeros between the values. We also add two zeros on each side (the kernel's
# side - 1), turn the kernel by 180 degrees, and slide it one pixel at a time. Look at the frames below: the window
# holds only a 2. It meets the kernel's 1, so the first result is 2.
#
# Why "transposed"? In week 2, a matrix mapped a large image to a small one. Transposed, it maps small to large.

# %%
values, kernel = np.array([[2, 4], [1, 3]]), np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
spaced = np.zeros((3, 3))
spaced[::2, ::2] = values
padded, turned = np.pad(spaced, 2), kernel[::-1, ::-1]
result = transposed_convolution(values, kernel, stride=2)
names = ["values", "zeros between and around", "turned kernel", "result"]
frames = {1: [(0, 0, 3, 3)], 3: [(0, 0, 1, 1)]}
plots.numbers([values, padded, turned, result], names, "A transposed convolution, stride 2", frames, ["", "*", "="])
matrix = convolution.as_matrix(kernel, result.shape, stride=2)
print("the transposed matrix gives the same:", np.array_equal(matrix.T @ values.ravel(), result.ravel()))

# %% tags=["claim"]
by_keras = layers.Conv2DTranspose(1, 3, 2, use_bias=False)
by_keras.build((None, None, None, 1))
by_keras.set_weights([kernel[..., None, None]])
assert np.allclose(by_keras(values[None, ..., None].astype(float))[0, ..., 0], result)
assert np.array_equal(convolution.correlate2d(padded, turned), result)
assert np.array_equal(matrix.T @ values.ravel(), result.ravel())

# %% [markdown]
# ## Make a checkerboard, and cure it
# We enlarge a uniform grey twice, with stride 2 and a kernel of ones. **Predict:** does it stay uniform with a kernel
# of 3x3? Count the prints on each pixel.


# %%
def enlarge_twice(side):
    """The inner 16x16 pixels of a grey area, enlarged twice by a kernel of side x side ones."""
    grey = np.ones((8, 8))
    for _ in range(2):
        grey = transposed_convolution(grey, np.ones((side, side)), stride=2)
    return grey[8:24, 8:24]


grey = {side: enlarge_twice(side) for side in (2, 3, 4)}
names = [f"{side}x{side} kernel" for side in grey]
plots.pictures([0.8 * one / one.max() for one in grey.values()], names, "Grey, enlarged twice", height=2.8, span=(0, 1))

# %% tags=["claim"]
assert grey[3].std() > 0.3 * grey[3].mean() and max(grey[2].std(), grey[4].std()) < 1e-6

# %% [markdown]
# No. In a row, every second pixel gets two prints and the others one: 2 1 2 1. The second enlargement turns this into 3
# 2 3 1: see the top row. The cure is a side that is a multiple of the stride, such as the U-Net's
# 2x2. (A learned kernel can still make a pattern.)
#
# ## Build a U-Net
# On the way down, a U-Net applies two 3x3 convolutions, halves the image, and doubles the channels. On the way up, it
# enlarges, and concatenates the output of the same size from the way down: a *skip connection*, or skip. The way down
# finds *what* is there, the skips tell *where* (lecture D).


# %%
def double_conv(x, channels):
    """Two 3x3 convolutions, each with batch normalisation and ReLU; height and width stay."""
    for _ in range(2):
        x = layers.Conv2D(channels, 3, padding="same", use_bias=False, kernel_initializer="he_normal")(x)
        x = layers.BatchNormalization(momentum=0.97)(x)  # with the default, 0.99, its averages lag behind
        x = layers.ReLU()(x)
    return x


# %% [markdown]
# ### Your turn: the step up
# Enlarge `x` with `layers.Conv2DTranspose`: `channels` kernels of 2x2, stride 2, `kernel_initializer="he_normal"`. Put
# `skip` beside it with `layers.Concatenate`, which takes a list of tensors. Then apply `double_conv`. For example, `x`
# is 8x8x32, `skip` is 16x16x16, and `channels` is 16. Enlarged, `x` is 16x16x16, concatenated 16x16x32, and the result
# 16x16x16.


# %% tags=["exercise"]
def up_step(x, skip, channels):
    """One step up: a tensor with twice the height and width of `x`, and `channels` channels."""
    ### BEGIN SOLUTION
    x = layers.Conv2DTranspose(channels, 2, strides=2, kernel_initializer="he_normal")(x)
    x = layers.Concatenate()([skip, x])
    return double_conv(x, channels)
    ### END SOLUTION


# %% tags=["check"]
up_step = week.up_step.check(up_step)  # it builds the U-Net below; the dashed arrows in the diagram are its skips


# %%
def unet(depth=5, width=8):
    """A U-Net with `depth` sizes, and `width` channels at full size."""
    x = inputs = keras.Input((None, None, CHANNELS))
    skips = []
    for level in range(depth):
        x = layers.MaxPooling2D()(x) if level > 0 else x
        x = double_conv(x, width * 2**level)
        skips.append(x)
    for level in reversed(range(depth - 1)):
        x = up_step(x, skips[level], width * 2**level)
    return keras.Model(inputs, layers.Conv2D(len(NAMES), 1, activation="softmax")(x))


network = unet()
first_weights = network.get_weights()
plots.architecture(network, f"A U-Net with {network.count_params():,} weights")

# %% tags=["claim"]
ready = models.unet((None, None, CHANNELS), len(NAMES), depth=5, width=8)
assert [array.shape for array in first_weights] == [array.shape for array in ready.get_weights()]
assert sum(isinstance(layer, layers.Conv2D | layers.Conv2DTranspose) for layer in network.layers) == 23  # the paper's

# %% [markdown]
# ## Train it on crops
# Lecture B's loss is the mean cross-entropy of all pixels. A pixel whose true class has the probability $p$ costs
# $-\log p$. A guess, $p=0.5$, costs 0.69. Each pixel's loss is multiplied by its *pixel weight*, for now 1. We train on
# random crops, turned and mirrored, because a cell has no up or down.


# %%
def batches(weights, count=3, seed=0):
    """Endless batches: crops of 64x64 pixels, the classes of their pixels, and the weights of their pixels."""
    rng = np.random.default_rng(seed)
    while True:
        crops = []
        for i in rng.integers(len(train.images), size=count):
            top, left = (rng.integers(side - 63) for side in train.masks[i].shape)
            turns, mirror = rng.integers(4), -1 if rng.random() < 0.5 else 1
            whole = train.images[i], train.masks[i], weights[i]
            crops.append([np.rot90(one[top : top + 64, left : left + 64], turns)[:, ::mirror] for one in whole])
        yield tuple(np.stack(arrays) for arrays in zip(*crops, strict=True))


# %%
# "Sparse": classes are numbers, not one-hot vectors. The mean over pixels is weighted by the pixel weights.
LOSS = keras.losses.SparseCategoricalCrossentropy(reduction="mean_with_sample_weight")


def fit(network, weights, title):
    """Train for STEPS steps. The learning rate rises for a tenth of them, then falls to zero."""
    callbacks = [training.WarmupThenDecay(0.006), training.LiveCurve(title, every=10, seconds=5)]  # plots the loss
    network.fit(batches(weights), steps_per_epoch=STEPS, shuffle=False, verbose=0, callbacks=callbacks)


network.compile("adam", LOSS)
training.reset_to(network, first_weights)  # so that each run of this cell starts equal
fit(network, [np.ones(mask.shape, "float32") for mask in train.masks], "A U-Net, all pixels weigh the same")

# %% [markdown]
# ## Measure pixels and objects
# The loss falls from 0.7 to about 0.3. One metric is the *IoU* of cell pixels, $|A\cap B|/|A\cup B|$,
# with predicted cell pixels $A$ and true ones $B$. Another is the *F1* of objects. Connected cell pixels are one
# object. It *matches* a true cell if their IoU is above 0.5.
#
# $$F_1=\frac{2\cdot\text{matches}}{\text{predicted objects}+\text{true cells}}$$
#
# For 7 predicted objects, 8 true cells and 6 matches it is 12/15 = 0.8.


# %%
def objects_of(output, threshold=0.5):
    """Number the connected pixels whose cell probability is above the threshold; drop objects below 20 pixels."""
    numbers = ndimage.label(1 - output[..., 0] > threshold)[0]
    sizes = np.bincount(numbers.ravel())
    return np.where(sizes[numbers] < 20, 0, numbers)


def mean_f1(outputs, part, threshold=0.5):
    """F1 of the objects of an image, mean over all images."""
    pairs = zip(part.instances, outputs, strict=True)
    return np.nanmean([week.object_f1(true, objects_of(output, threshold)) for true, output in pairs])


EQUAL, WEIGHTED = "all pixels equal", "gaps weighted"
test_outputs = {EQUAL: week.predict(network, test.images)}  # probabilities (height, width, classes) for each image
validation_outputs = {EQUAL: week.predict(network, validation.images)}
predicted = [objects_of(output) for output in test_outputs[EQUAL][:4]]
true, title, rows = test.instances[:4], "Ground truth, and what the U-Net predicts", ["true", "predicted"]
week.show_objects([*images] * 2, [*true, *predicted], title=title, columns=len(images), rows=rows, true=true * 2)

# %% tags=["claim"]
# "At least" is a required minimum; in the tests, a value that misses it stops the notebook.
measures.record("all pixels equal: IoU of cells", week.cell_iou(test_outputs[EQUAL], test), at_least=0.8)
measures.record("all pixels equal: F1 of cells", mean_f1(test_outputs[EQUAL], test), at_most=0.3)

# %% [markdown]
# IoU is about 0.87, but F1 below 0.1: the network predicts whole clumps as one object. We make this mistake on purpose,
# and close all gaps in the true masks. **Predict** IoU and F1.

# %%
closed = [ndimage.grey_closing(mask, size=5) > 0 for mask in test.masks]
closed_outputs = [np.stack([~mask, mask], axis=-1).astype(float) for mask in closed]
closed_iou, closed_f1 = week.cell_iou(closed_outputs, test), mean_f1(closed_outputs, test)
plots.pictures(closed[:4], title="The true masks with all gaps closed")
gap_pixels = np.mean([np.mean(mask & (true == 0)) for mask, true in zip(closed, test.masks, strict=True)])
print(f"all gaps closed: IoU {closed_iou:.2f}, F1 {closed_f1:.2f}; gaps are {gap_pixels:.1%} of all pixels")

# %% tags=["claim"]
measures.record("all gaps closed: IoU of cells", closed_iou, at_least=0.85)
measures.record("all gaps closed: F1 of cells", closed_f1, at_most=0.3)

# %% [markdown]
# IoU hardly notices closed gaps, because few pixels are wrong. F1 collapses, because hardly any cell has an object of
# its own. Our loss counts pixels too, so it hardly notices gaps.
#
# ## Give the gaps more weight
# The U-Net paper gives pixels between two cells extra weight, more in narrower gaps:
#
# $$w=1+w_0\exp\left(-\frac{(d_1+d_2)^2}{2\sigma^2}\right)$$
#
# Here $d_1$ and $d_2$ are a background pixel's distances to the nearest and second nearest cell. The paper takes
# $w_0=10$ and $\sigma=5$. Our gaps are narrower: we take $w_0=6$ and $\sigma=2$. In a straight gap of two pixels,
# $d_1=1$ and $d_2=2$, so the weight is $1+6\exp(-9/8)=2.9$. In a gap of one pixel it is 4.6, and far from all cells 1.
#
# ### Your turn: the pixel weights
# Return $w$ for each pixel.


# %% tags=["exercise"]
def weigh_borders(d1, d2, w0, sigma):
    """The weight of each pixel; `d1` and `d2` are arrays of distances of one shape, which the result has too."""
    ### BEGIN SOLUTION
    return 1 + w0 * np.exp(-((d1 + d2) ** 2) / (2 * sigma**2))
    ### END SOLUTION


# %% tags=["check"]
weigh_borders = week.weigh_borders.check(weigh_borders)

# %%
W0, SIGMA = 6, 2
# `two_distances` gives d1 and d2, infinite inside cells: there the weight stays 1.
gap_weights = [np.float32(weigh_borders(*week.two_distances(one), W0, SIGMA)) for one in train.instances]
names = ["image", "mask", f"weights: dark 1, white {gap_weights[0].max():.1f}"]
shown = [cells.train.images[0], cells.train.masks[0], gap_weights[0] / gap_weights[0].max()]
plots.pictures(shown, names, "Where a wrong pixel costs more")

# Only the pixel weights change. The network starts from the same values.
training.reset_to(network, first_weights)
fit(network, gap_weights, "The same U-Net, gaps weighted")
test_outputs[WEIGHTED] = week.predict(network, test.images)
validation_outputs[WEIGHTED] = week.predict(network, validation.images)
predicted = [objects_of(output) for output in test_outputs[WEIGHTED][:4]]
week.show_objects(images, predicted, title="Predicted after a training with gaps weighted", true=test.instances[:4])

# %% tags=["claim"]
measures.measured_on("cells" if (W0, SIGMA) == (6, 2) else "", cells)
measures.record("gaps weighted: IoU of cells", week.cell_iou(test_outputs[WEIGHTED], test), at_least=0.84)
gain = mean_f1(test_outputs[WEIGHTED], test) - mean_f1(test_outputs[EQUAL], test)
measures.record("gain in F1 by weighting the gaps", gain, at_least=0.2)

# %% [markdown]
# ## Test a cheaper explanation
# F1 rises from about 0.06 to 0.5. But all pixels with extra weight are background, so the network predicts background
# more often. A higher *threshold* for the cell probability does that too, without a new training. We choose each
# network's threshold on validation images. **Predict:** how much of the gain is left on test images?

# %%
thresholds = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95]
curves = {
    name: [mean_f1(outputs, validation, threshold) for threshold in thresholds]
    for name, outputs in validation_outputs.items()
}
plots.curves(thresholds, curves, ("threshold", "F1 of cells"), "F1 on the validation images")
best = {name: thresholds[np.argmax(curve)] for name, curve in curves.items()}
best_f1 = {name: mean_f1(test_outputs[name], test, best[name]) for name in best}
for name, threshold in best.items():
    print(f"{name}: best threshold {threshold}, F1 on test images {best_f1[name]:.2f}")
predicted = [objects_of(output, best[name]) for name in best for output in test_outputs[name][:4]]
rows = [f"equal, {best[EQUAL]}", f"weighted, {best[WEIGHTED]}"]
title = "All pixels equal, and gaps weighted, each at its best threshold"
week.show_objects([*images] * 2, predicted, title=title, columns=len(images), rows=rows, true=[*test.instances[:4]] * 2)

# %% tags=["claim"]
measures.record("gaps weighted, threshold chosen on validation images: F1 of cells", best_f1[WEIGHTED], at_least=0.6)
measures.record("gain in F1 by weighting the gaps, each with its best threshold", best_f1[WEIGHTED] - best_f1[EQUAL])

# %% [markdown]
# The gain shrinks to a small part. So most of it was the threshold: the first network (upper row) saw many gaps too,
# but gave them a cell probability above 0.5. The high threshold has a cost: cells shrink.
#
# ## Remove the skips
# We remove only the concatenations (so the next convolutions have fewer weights), and weight the gaps again.
# **Predict:** what happens to IoU, F1 and outlines?

# %%
no_skips = models.unet((None, None, CHANNELS), len(NAMES), depth=5, width=8, skips=False)
no_skips.compile("adam", LOSS)
fit(no_skips, gap_weights, "The same network without skips, gaps weighted")
test_outputs["no skips"], on_validation = week.predict(no_skips, test.images), week.predict(no_skips, validation.images)
best["no skips"] = max(thresholds, key=lambda threshold: mean_f1(on_validation, validation, threshold))

rows, scores = [], {}
for name in ("no skips", WEIGHTED):
    outputs = test_outputs[name]
    scores[name] = np.array([week.cell_iou(outputs, test), mean_f1(outputs, test), mean_f1(outputs, test, best[name])])
    shown = [f"{score:.2f}" for score in scores[name]]
    rows.append([name if name == "no skips" else "with skips", *shown, f"{best[name]}"])
header = ["", "IoU of cells", "F1, threshold 0.5", "F1, best threshold", "best threshold"]
plots.table(rows, header, f"On {len(test.images)} test images")
i, corner = len(images) // 2, np.s_[-80:, :80]
three = [test.instances[i], *(objects_of(test_outputs[name][i], best[name]) for name in scores)]
names, title = ["ground truth", "no skips", "with skips"], "A corner, each network with its best threshold"
three = [one[corner] for one in three]
week.show_objects([images[i][corner]] * 3, three, names, title, columns=3, true=three[:1] * 3)

# %% tags=["claim"]
iou_gain, f1_gain, f1_gain_best = scores[WEIGHTED] - scores["no skips"]
measures.record("gain in IoU by the skips", iou_gain, at_least=0.03)
measures.record("gain in F1 by the skips", f1_gain, at_least=0.2)
measures.record("gain in F1 by the skips, each with its best threshold", f1_gain_best, at_least=0.1)

# %% [markdown]
# Without skips, IoU falls a little, F1 by half or more. Everything passes through a map 16 times smaller along each
# side: *what* gets through, *where* gets lost. In the corner, cells without skips are smaller and rounder.
#
# ### See how skips began
# The fully convolutional network, *FCN* (lecture E), came first. FCN-8s enlarges class scores in three steps, and
# *adds* scores from the way down in two of them.

# %%
fcn = models.fcn((128, 128, CHANNELS), len(NAMES), stride=8, width=8)
plots.architecture(fcn, f"FCN-8s with {fcn.count_params():,} weights")

# %% [markdown]
# Here a 1x1 convolution turns a skip (dashed) into a score for each class. The U-Net's skips carry all channels.
#
# ## Segment an image of any size
# A very large image does not fit into memory. The paper cuts it into *overlapping tiles*. Our network's output depends
# on pixels up to 107 away. Beyond a tile's border it sees zeros, so it is wrong near the border. We drop margins of
# 112, a multiple of 16. Neighbours then overlap by 224. We compare with one pass over a mosaic.

# %%
mosaic = week.mosaic(test.images)
whole = network(mosaic[None], training=False)[0]
tiled = {overlap: models.predict_tiles(network, mosaic, 256 + overlap // 2, overlap, stride=16) for overlap in (0, 224)}
errors = {overlap: np.abs(output - whole).max(axis=-1) for overlap, output in tiled.items()}
names = ["cell probability, one pass", *(f"5 x error, overlap {overlap}" for overlap in tiled)]
title = f"Errors of tiling a {mosaic.shape[0]}x{mosaic.shape[1]} mosaic"
plots.pictures([1 - whole[..., 0], *(5 * error for error in errors.values())], names, title, span=(0, 1))
for overlap, error in errors.items():
    print(f"overlap {overlap}: a probability is wrong by up to {error.max():.4f}")

# %% tags=["claim"]
assert cells.name != "cells" or (errors[0].max() > 0.1 and errors[224].max() < 1e-3)

# %% [markdown]
# Errors show only without overlap, where tiles meet.
#
# ## What you can do now
# - Here, halving four times needs 16 times less memory.
# - A transposed convolution prints its kernel. If its side is no multiple of the stride, it makes checkerboards.
# - The skips of a U-Net keep *where* things are.
# - Pixel weights make narrow gaps count more. A higher threshold explains most of their gain.
# - Overlapping tiles segment images of any size.
#
# **Try next**
# - `SIGMA = 4`, or `W0 = 30`: what happens to F1, and what to IoU?
# - Train `models.fcn` with stride 32 and 8, and compare.
#
# Next: **week 9b**, other values for each pixel.
