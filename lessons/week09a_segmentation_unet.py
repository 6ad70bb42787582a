# ---
# jupyter:
#   course:
#     seconds: 150
#     gigabytes: 2.0
# ---

# %% [markdown]
# # Which pixels are the cell?
#
# A biologist wants to count and measure cells. Boxes will not do: cells have shapes, and they touch. So a network has
# to answer for *every pixel*. You build one, the U-Net, and train it before your eyes. It soon gets most pixels
# right, and still takes a whole clump for a single cell. Why? And what brings the cells apart?
#
# **You will be able to**
# - say what a full-size answer costs, and why networks go down and up again,
# - enlarge by hand in several ways, each equal to the Keras layer, and say where checkerboards come from,
# - show what *skips* buy, the links from the way down to the way up, in pixels one can see,
# - weigh the gaps between touching objects, and test with a control what the weights really do,
# - recognise three traps that raise no error, and segment pictures of your own, of any size.
#
# *Mirrors: lecture A, "Semantic Segmentation", "Upsampling" and "Segmentation: U-Net"; lecture B, segmentation and
# the slides on upsampling after it; lecture D, "U-net"; lecture E, "CNN Encoder-Decoder Architecture". About 90
# minutes with the exercises; {cost}.*

# %% tags=["setup"]
import time

import numpy as np
import psutil
from scipy import ndimage
from sklearn.metrics import jaccard_score

from course_utils import by_size, data, measures, metrics, models, plots, setup, training
from course_utils.weeks import week09a as week
from course_utils.byhand import convolution

setup(seed=0)
import keras
from keras import layers

# %% tags=["parameters"]
DATASET = "cells"  # or your own: a folder with a folder `image` and a folder `label`
STEPS = by_size(quick=800, full=3000)  # of each U-Net, with a batch of three pieces

# %% [markdown]
# ## Look first
# Cells under a microscope, or nearly: they are computed, so that the truth is known. **Count the cells in the first
# picture, and note your number.** Below are the masks, 0 or 1 for each pixel, that a network is to find. Between
# cells that touch, the mask has a gap of two pixels; the paper by Ronneberger and others that gave us the U-Net parts
# touching cells by a narrow gap, too.

# %%
cells = data.load(DATASET)
measures.measured_on("cells", cells)  # on other pictures limits are shown, and nobody is held to them
NAMES, CHANNELS = cells.class_names, cells.test.images[0].shape[2]
shown = range(min(4, len(cells.test.images)))
plots.pictures(
    [cells.test.images[i] for i in shown] + [cells.test.masks[i] / (len(NAMES) - 1) for i in shown],
    columns=len(shown),
    title="What there is, and what to answer",
    span=(0, 1),
)

# %% [markdown]
# ## Count what an answer at full size costs
# Lecture B: pixel-wise answers are "very expensive on computation and memory". To learn, a network keeps what each
# layer put out until the gradient comes back. **Guess before you run:** ten convolutions of 16 to 256 channels on a
# picture of 128x128, all at full size. How many megabytes for *one* picture? And if the picture is halved each time
# the channels double?


# %%
def ten_convolutions(halve):
    """Ten convolutions, two each of 16, 32, 64, 128 and 256 channels; return what each puts out."""
    x = inputs = keras.Input((128, 128, 1))
    kept = []
    for level in range(5):
        x = layers.MaxPooling2D()(x) if halve and level else x
        for _ in range(2):
            x = layers.Conv2D(16 * 2**level, 3, padding="same", activation="relu")(x)
            kept.append(x)
    return keras.Model(inputs, kept)


def memory():
    return psutil.Process().memory_info().rss / 1e6  # of this process, in MB


picture, rows, counts = np.zeros((1, 128, 128, 1), "float32"), [], []
for halve in (True, False):
    network = ten_convolutions(halve)
    counts.append(sum(np.prod(output.shape[1:]) for output in network.outputs) * 4 / 1e6)
    before, began = memory(), time.process_time()
    kept = network(picture)
    seconds, grown = time.process_time() - began, memory() - before
    rows.append(["halved four times" if halve else "full size", f"{counts[-1]:.0f}", f"{grown:.0f}", f"{seconds:.2f}"])
    del kept, network
head = ["ten convolutions", "MB, counted", "MB, the process grew by", "CPU seconds, forwards"]
plots.table(rows, head, "One picture of 128x128")

# %% tags=["claim"]
assert counts[1] == 16 * counts[0]

# %% [markdown]
# Sixteen times the memory. A batch of eight pictures of 512x512 would need more than 8 GB, forwards alone. (The
# process grows by more than what is kept: convolutions need room to work.) Halving has a second gift: after four
# halvings the three columns of a kernel lie 16 pixels apart in the original, and with the layers before they see more
# than a hundred, so whole cells. And it has a price: *where exactly* is lost. All that follows is about getting it
# back.
#
# ## Enlarge, in many ways
# Keep of each 4x4 pixels of a picture only the largest. From these few numbers, enlarge again. **Predict** which of
# four ways looks least like the original, and which two come out alike: repeating pixels; interpolating; *max
# unpooling* (lecture B), which remembers where each value was found and puts zeros elsewhere; or zeros between the
# values and then a convolution, which is a *transposed convolution* (lecture A), here with a tent as kernel, highest
# in its middle.

# %%
piece = cells.test.images[min(1, len(cells.test.images) - 1)][:64, -64:]
piece = piece[: piece.shape[0] // 4 * 4, : piece.shape[1] // 4 * 4]
piece = (piece - piece.min()) / (piece.max() - piece.min())
pooled, positions = week.max_pool(piece, 4)
tent = 1 - np.abs(np.arange(8) - 3.5) / 4
kernel = np.outer(tent, tent)[..., None, None] * np.eye(CHANNELS)  # (height, width, outputs, inputs), as in Keras
enlarged = {
    "repeated": pooled.repeat(4, axis=0).repeat(4, axis=1),
    "interpolated": week.interpolate(pooled, 4),
    "unpooled": week.max_unpool(pooled, positions, piece.shape[:2]),
    "transposed": week.transposed_convolution(pooled, kernel, stride=4, padding=2),
}
plots.pictures([piece, pooled, *enlarged.values()], ["the piece", "what is kept", *enlarged], columns=6, span=(0, 1))

# %% [markdown]
# Two of them look alike, and inside they *are* the same: a transposed convolution with a tent interpolates. But its
# kernel is weights, so a network can learn a better one. Unpooling looks least like the original, yet it alone knows
# where the largest values were. Each of these was computed by hand; Keras' layers say the same.

# %%
transposed_layer = layers.Conv2DTranspose(CHANNELS, 8, strides=4, padding="same", use_bias=False)
transposed_layer.build((None, None, None, CHANNELS))
transposed_layer.set_weights([kernel])
of_keras = {
    "repeated": layers.UpSampling2D(4)(pooled[None]),
    "interpolated": layers.UpSampling2D(4, interpolation="bilinear")(pooled[None]),
    "transposed": transposed_layer(pooled[None]),
}
for name, theirs in of_keras.items():
    assert np.abs(enlarged[name] - theirs[0]).max() < 1e-5, name
assert np.array_equal(layers.MaxPooling2D(4)(enlarged["unpooled"][None])[0], pooled)  # takes out what was put back
inside = np.s_[4:-4, 4:-4]  # at the border the tent finds only zeros beyond

# %% tags=["claim"]
assert np.abs(enlarged["transposed"] - enlarged["interpolated"])[inside].max() < 1e-5

# %% [markdown]
# ### Your turn: put them back
# A position counts along the rows of the large picture: `row * width + column`. (`flat = large.ravel()` shows an
# array as one long row, and what you write into `flat` stands in `large` too.)


# %% tags=["exercise"]
def unpool(pooled, positions, shape):
    """A picture of `shape` with each value of `pooled` (h, w) at its position, zeros elsewhere."""
    ### BEGIN SOLUTION
    large = np.zeros(shape)
    large.ravel()[positions.ravel()] = pooled.ravel()
    return large
    ### END SOLUTION


# %% tags=["check"]
unpool = week.unpool.check(unpool)

# %% [markdown]
# ### Look inside a transposed convolution
# Two ways to say the same. **By zeros:** put `stride - 1` zeros between the values, and `kernel - 1` around them all,
# and slide the flipped kernel over that. **By stamping:** each value prints the kernel, times itself, onto the large
# picture, `stride` pixels further each time; where prints overlap, they add up. Follow the 2 in the corner.

# %%
small = np.array([[2, 0, 1], [0, 1, 0], [3, 0, 0]])
stamp = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]])
large = week.transposed_convolution(small, stamp, stride=2)
plots.numbers(
    [small, week.insert_zeros(small, 2), stamp, large],
    ["values", "zeros between", "kernel", "result"],
    "A transposed convolution, stride 2",
    {0: [(0, 0, 1, 1)], 1: [(0, 0, 1, 1)], 3: [(0, 0, 3, 3)]},
    ["", "*", "="],
)

# %% [markdown]
# Where does the name come from? In week 2 a convolution was written as a matrix that maps the large picture onto the
# small one. *Transposed*, the matrix maps from small to large, and that is this layer; each row below, read as a
# picture of 7x7, is one print of the kernel. (Lecture B: "deconvolution" is a misnomer. Nothing is undone; only the
# sizes go back.)

# %%
matrix = convolution.as_matrix(stamp, large.shape, stride=2)
assert (matrix.T @ small.ravel() == large.ravel()).all()
plots.matrix(matrix, "Week 2's matrix: across, 49 pixels become 9; down (transposed), 9 become 49")

# %% [markdown]
# ### Your turn: how large?
# An axis of `size` values, `stride` pixels apart, each printing a kernel of `kernel` pixels; at the end `padding`
# pixels are cut off at *each* side. How many pixels are left?


# %% tags=["exercise"]
def transposed_size(size, kernel, stride, padding=0):
    """Pixels along the axis of a transposed convolution's result."""
    ### BEGIN SOLUTION
    return (size - 1) * stride + kernel - 2 * padding
    ### END SOLUTION


# %% tags=["check"]
transposed_size = week.transposed_size.check(transposed_size)

# %% [markdown]
# ## Make a checkerboard, and cure it
# Enlarge an even grey twice, by a 3x3 kernel of equal weights and stride 2. **Predict:** will it stay even? Count how
# many prints of three pixels, two pixels apart, fall on a pixel.

# %%
even = np.ones((8, 8))


def twice(kernel_side, padding):
    stamp = np.ones((kernel_side, kernel_side)) / 4
    once = week.transposed_convolution(even, stamp, 2, padding)
    return week.transposed_convolution(once, stamp, 2, padding)[6:-6, 6:-6]


repeated = even.repeat(4, axis=0).repeat(4, axis=1)
boards = {
    "3x3 kernel, stride 2": twice(3, 0),
    "4x4 kernel, stride 2": twice(4, 1),
    "repeated, then 3x3": convolution.correlate2d(repeated, np.ones((3, 3)) / 9)[5:-5, 5:-5],
}
plots.pictures(
    [0.5 * board / board.mean() for board in boards.values()],
    list(boards),
    "An even grey, enlarged four times",
    height=2.6,
    span=(0, 1),
)
spread = [board.std() / board.mean() for board in boards.values()]

# %% tags=["claim"]
assert spread[0] > 0.3 and max(spread[1:]) < 1e-6

# %% [markdown]
# After one enlargement there are two prints on every second pixel and one on the others, along each axis; the second
# one makes a plaid of it. Training has to fight that pattern, and in many made-up pictures one sees it. Cures: a
# kernel whose side is a multiple of the stride (U-Net has 2 and 2), or repeating pixels and then an ordinary
# convolution.
#
# There is a way without going down at all: lecture B's *dilated* convolution spreads its kernel's cells apart. Three
# such 3x3 kernels, dilated by 1, 2 and 4, look at 15 pixels instead of 7, at full size and at full cost.

# %%
dot, reach = np.pad([[1.0]], 10), {}
for name, dilations in {"1, 1, 1": (1, 1, 1), "1, 2, 4": (1, 2, 4)}.items():
    seen = dot
    for dilation in dilations:
        seen = convolution.correlate2d(seen, np.ones((3, 3)), padding=dilation, dilation=dilation)
    reach[name] = int(np.ptp(np.flatnonzero(seen.any(axis=0)))) + 1
print(reach)

# %% tags=["claim"]
assert list(reach.values()) == [7, 15]

# %% [markdown]
# ## Say what is right
# Lecture B: softmax over the channels *at each pixel*, cross-entropy there, and the mean over all pixels. Soon some
# pixels will count more than others, so write it with weights: the *weighted* mean.


# %% tags=["exercise"]
def pixel_loss(probabilities, classes, weights):
    """Weighted mean cross-entropy; probabilities (height, width, classes), classes and weights (height, width)."""
    ### BEGIN SOLUTION
    of_the_right_class = np.take_along_axis(probabilities, classes[..., None], axis=-1)[..., 0]
    return -(weights * np.log(of_the_right_class)).sum() / weights.sum()
    ### END SOLUTION


# %% tags=["check"]
pixel_loss = week.pixel_loss.check(pixel_loss)

# %% [markdown]
# Keras has it: `SparseCategoricalCrossentropy` ("sparse": classes come as numbers), which takes the mean *by weights*
# when told so.
#
# ## Build a U-Net
# Down: two 3x3 convolutions, halve, double the channels. Up: a transposed convolution, 2x2 with stride 2; then put
# beside it (*concatenate*) what the way down saw at this size, which is a *skip*; two convolutions. Here is all of
# it.


# %%
def unet(depth=5, width=8, skips=True):
    def twice(x, channels):
        for _ in range(2):
            x = layers.Conv2D(channels, 3, padding="same", use_bias=False, kernel_initializer="he_normal")(x)
            x = layers.ReLU()(layers.BatchNormalization(momentum=0.97)(x))
        return x

    x = inputs = keras.Input((None, None, CHANNELS))
    seen = []
    for level in range(depth):
        x = twice(layers.MaxPooling2D()(x) if level else x, width * 2**level)
        seen.append(x)
    for level in reversed(range(depth - 1)):
        x = layers.Conv2DTranspose(width * 2**level, 2, strides=2, kernel_initializer="he_normal")(x)
        x = twice(layers.Concatenate()([seen[level], x]) if skips else x, width * 2**level)
    return keras.Model(inputs, layers.Conv2D(len(NAMES), 1, activation="softmax")(x))


ours, ready = unet(), models.unet((None, None, CHANNELS), len(NAMES), depth=5, width=8)
assert [array.shape for array in ours.get_weights()] == [array.shape for array in ready.get_weights()]
beginning = ready.get_weights()
kinds = layers.Conv2D, layers.Conv2DTranspose
count = sum(isinstance(layer, kinds) for layer in ready.layers)
print(f"{ready.count_params():,} weights; {count} convolutions, as many as the paper's has")

# %% tags=["claim"]
assert count == 23

# %% [markdown]
# ### Count the original
# The paper's network has five sizes from 64 channels on, a bias everywhere, no batch normalisation, and no padding:
# its answer is smaller than its picture. Count its weights by hand, then build it in one call.


# %%
def weights_of(side, channels, filters):
    return side * side * channels * filters + filters


sizes = [64, 128, 256, 512, 1024]
down = sum(weights_of(3, i, o) + weights_of(3, o, o) for i, o in zip([1, *sizes[:-1]], sizes, strict=True))
up = sum(weights_of(2, 2 * o, o) + weights_of(3, 2 * o, o) + weights_of(3, o, o) for o in sizes[:-1])
paper = models.unet((572, 572, 1), classes=2, depth=5, width=64, padding="valid", norm=False)
print(f"{down + up + weights_of(1, 64, 2):,} by hand, {paper.count_params():,} built; 572 -> {paper.output_shape[1]}")
assert down + up + weights_of(1, 64, 2) == paper.count_params()
del paper

# %% [markdown]
# ### Your turn: how much does it answer?
# Without padding a 3x3 convolution leaves out one pixel at each side. Follow a picture's side down and up again.


# %% tags=["exercise"]
def answer_side(side, depth):
    """Side of the answer of a U-Net without padding that has `depth` sizes; 572 and 5 give 388."""
    ### BEGIN SOLUTION
    for level in range(depth):
        side = side // 2 - 4 if level else side - 4
    for _ in range(depth - 1):
        side = 2 * side - 4
    return side
    ### END SOLUTION


# %% tags=["check"]
answer_side = week.answer_side.check(answer_side)

# %% [markdown]
# ## Train it
# It learns from pieces of 64x64 pixels, turned and mirrored: a cell has no up or down. The light differs from picture
# to picture, so each is given mean 0 and deviation 1. And now a picture needs *two* companions: the class of each
# pixel, and its weight, for the time being 1.

# %%
FIELD = 64


def standardised(picture):
    return (picture - picture.mean()) / (picture.std() + 1e-3)


def objects_in(mask):
    return ndimage.label(mask > 0)[0]  # pixels that touch are one object


def prepared(part):
    """Pictures ready for the network, masks, and the objects in them: if nobody tells, what touches is one."""
    images = [standardised(image) for image in part.images]
    objects = part.instances if part.instances is not None else [objects_in(mask) for mask in part.masks]
    return images, part.masks, objects


train, validation, test = map(prepared, (cells.train, cells.validation, cells.test))
even_weights = [np.ones(mask.shape, np.float32) for mask in train[1]]


def examples(weights, count=3, seed=0):
    """Endless batches of pieces, their classes, and the weights of their pixels."""
    rng = np.random.default_rng(seed)
    while True:
        batch = []
        for i in rng.integers(len(train[0]), size=count):
            companions = train[0][i], train[1][i], weights[i]
            missing = [max(0, FIELD - side) for side in companions[1].shape]
            top, left = (rng.integers(max(1, side - FIELD + 1)) for side in companions[1].shape)
            turns, mirrored = rng.integers(4), rng.random() < 0.5
            pieces = []
            for whole in companions:
                piece = whole[top : top + FIELD, left : left + FIELD]
                if any(missing):
                    piece = np.pad(
                        piece, [(0, pixels) for pixels in missing] + [(0, 0)] * (piece.ndim - 2), "symmetric"
                    )
                piece = np.rot90(piece, turns)
                pieces.append(piece[:, ::-1] if mirrored else piece)
            batch.append(pieces)
        yield tuple(np.stack(arrays) for arrays in zip(*batch, strict=True))


# %%
def fit(network, weights, steps, rate, title):
    """Train, and return the CPU seconds it took."""
    began = time.process_time()
    callbacks = [training.WarmupThenDecay(rate), training.LiveCurve(title, every=10, seconds=5)]
    network.fit(examples(weights), steps_per_epoch=steps, shuffle=False, verbose=0, callbacks=callbacks)
    return time.process_time() - began


RATE = 0.006  # of Adam. The paper's descent with momentum depends on luck in so few steps
LOSS = keras.losses.SparseCategoricalCrossentropy(reduction="mean_with_sample_weight")
network = ready
network.compile("adam", LOSS)
training.reset_to(network, beginning)  # so that running this cell again begins anew
ALIKE, WEIGHTED = "U-Net, pixels alike", "U-Net, gaps weighted"
spent = {ALIKE: fit(network, even_weights, STEPS, RATE, "A U-Net, all pixels alike")}

# %% [markdown]
# Now whole pictures: the network has no dense layer and takes any size. (Large ones, and sizes that cannot be halved
# four times, go through in overlapping tiles; more on that below.) What touches in the answer is one object. Two
# measures, both 1 at best: the *IoU* of cell pixels, what mask and answer have in common as a share of both together;
# and the *F1 of cells apart*, for which an object in the answer counts if its IoU with one cell is above a half, and
# both missed cells and surplus objects cost.

# %%
SMALLEST = 20  # pixels; of an answer, smaller objects are dropped


def answers(network, images):
    """Probabilities (height, width, classes) for each picture."""
    height, width = images[0].shape[:2]
    # Sides of all of them even down to the smallest size, and not too many pixels: in few batches.
    if len({image.shape for image in images}) == 1 and not (height % 32 or width % 32) and height * width <= 2**18:
        batches = np.array_split(np.stack(images), min(len(images), -(-len(images) * height * width // 2**17)))
        return np.concatenate([network(batch, training=False) for batch in batches])
    tile = min(512, -(-max(max(image.shape[:2]) for image in images) // 32) * 32)
    return [models.predict_tiles(network, image, tile, 224 if tile == 512 else 0) for image in images]


def objects_of(answer, limit=0.5):
    """Number the objects in an answer: what is surer than `limit`, and touches."""
    found = ndimage.label(1 - answer[..., 0] > limit)[0]
    small = np.bincount(found.ravel()) < SMALLEST
    return np.where(small[found], 0, found)


def apart(told, part, limit=0.5):
    """Mean F1 of a picture's objects."""
    scores = [week.instance_scores(true, objects_of(one, limit))["f1"] for true, one in zip(part[2], told, strict=True)]
    return np.nanmean(scores)


def class_iou(told, part):
    true, found = (
        np.concatenate([one.ravel() for one in many]) for many in (part[1], (one.argmax(-1) for one in told))
    )
    return jaccard_score(true, found, labels=range(len(NAMES)), average=None, zero_division=0)


told, tried = {ALIKE: answers(network, test[0])}, {ALIKE: answers(network, validation[0])}
first = [cells.test.images[i] for i in shown]
week.instances(
    first * 2,
    [*(test[2][i] for i in shown), *(objects_of(told[ALIKE][i]) for i in shown)],
    columns=len(shown),
    title="What there is, and what this U-Net finds",
)

# %% tags=["claim"]
measures.record("all pixels alike: IoU of cells", class_iou(told[ALIKE], test)[1], at_least=0.8)
measures.record("all pixels alike: F1 of cells apart", apart(told[ALIKE], test), at_most=0.3)

# %% [markdown]
# An IoU well above 0.8; and of what use is it? One outline is one object: whole clumps are one "cell". A gap of two
# pixels is hardly a thing for the loss, as there are so few of them, and *one* leak joins two cells.
#
# ## Weigh the gaps
# The U-Net paper's idea: let a pixel between two cells count more, the more, the narrower the gap. With d1 and d2 the
# distances to the nearest cell and to the next one:
#
# $$w = 1 + w_0 \exp\left(-\frac{(d_1 + d_2)^2}{2 \sigma^2}\right)$$
#
# ### Your turn: the weights


# %% tags=["exercise"]
def weigh_borders(d1, d2, w0, sigma):
    """The paper's weights, from two maps of distances."""
    ### BEGIN SOLUTION
    return 1 + w0 * np.exp(-((d1 + d2) ** 2) / (2 * sigma**2))
    ### END SOLUTION


# %% tags=["check"]
weigh_borders = week.weigh_borders.check(weigh_borders)

# %% [markdown]
# The paper takes w0 = 10, and sigma = 5 in pictures of 512 pixels; ours are smaller, so sigma = 2, and w0 = 6, as
# more costs IoU. (Only background gets more; inside of cells all stay at 1. The paper's formula begins with a weight
# for each class instead of the 1; our classes are about even.)

# %%
W0, SIGMA = 6, 2
measures.measured_on("cells" if (W0, SIGMA) == (6, 2) else "", cells)  # with others, too, limits are only shown
border_weights = [week.border_weights(objects, W0, SIGMA) for objects in train[2]]
plots.pictures(
    [cells.train.images[0], train[1][0] / (len(NAMES) - 1), border_weights[0] / border_weights[0].max()],
    ["picture", "mask", f"weights, 1 to {border_weights[0].max():.1f}"],
    "Where a mistake is dear",
)
training.reset_to(network, beginning)
spent[WEIGHTED] = fit(network, border_weights, STEPS, RATE, "The same network, gaps weighted")

# %%
told[WEIGHTED], tried[WEIGHTED] = answers(network, test[0]), answers(network, validation[0])
week.instances(
    first, [objects_of(told[WEIGHTED][i]) for i in shown], title="The same pictures, learnt with gaps weighted"
)
measures.record("IoU of cells", class_iou(told[WEIGHTED], test)[1], at_least=0.84)
gain = apart(told[WEIGHTED], test) - apart(told[ALIKE], test)

# %% tags=["claim"]
measures.record("what the weights gain in F1", gain, at_least=0.2)

# %% [markdown]
# ### Doubt it
# Cells that come apart by a few numbers in the loss: striking. What else could do it? The weights make the network
# say "background" more readily. So would a higher limit: call a pixel cell only if the network is *very* sure. That
# needs no training at all. **Predict** the two curves: F1 over the limit, on the validation pictures.

# %%
limits = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95]
curves = {name: [apart(tried[name], validation, limit) for limit in limits] for name in (ALIKE, WEIGHTED)}
plots.curves(limits, curves, ("sure of a cell by more than", "F1 of cells apart"), "Is it only the limit?")
best = {name: limits[np.argmax(curve)] for name, curve in curves.items()}
fair = {name: apart(told[name], test, best[name]) for name in best}
print(", ".join(f"{name}: limit {best[name]}, F1 {fair[name]:.2f} on test pictures" for name in best))

# %% tags=["claim"]
measures.record("F1 of cells apart, at the limit from validation", fair[WEIGHTED], at_least=0.6)
measures.record("what the weights gain in F1 over a better limit", fair[WEIGHTED] - fair[ALIKE])

# %% [markdown]
# So a good part of it *was* the limit: the network had seen many gaps all along, and called them too rarely. How much
# is left for the weights differs from run to run. For every striking picture, look for a cheaper explanation, and
# compare with that. (A limit that one chooses has to be chosen on validation pictures.)
#
# ## See what it finds
# The weights and the limit together; compare with the truth, three pictures above. Look at the shapes, not only at
# the counts: a cell missed here and one torn there make a right count.

# %%
final, limit = told[WEIGHTED], best[WEIGHTED]
week.instances(first, [objects_of(final[i], limit) for i in shown], title=f"What it finds, at a limit of {limit}")
plots.table(
    [[NAMES[k], f"{iou:.3f}", f"{2 * iou / (1 + iou):.3f}"] for k, iou in enumerate(class_iou(final, test))],
    ["class", "IoU", "Dice"],
    f"On {len(test[0])} unseen pictures, after {spent[WEIGHTED]:.0f} CPU seconds",
)

# %% [markdown]
# How many did you count at the beginning? It stands above the first picture. (Dice is no second opinion: it equals 2
# IoU / (1 + IoU).)
#
# ## Take the skips away
# What do the skips buy? The same network without them, for as long. And their history: the *fully convolutional
# network* of Long and others (lecture E), FCN, goes down to a picture 32 times smaller, gives scores there, and
# enlarges these 32 times at once (FCN-32s). FCN-8s enlarges in three steps, and *adds* scores from the way down at
# two of them. U-Net has skips at every size, and concatenates. **Predict** the order, and what FCN-32s' cells will
# look like.

# %%
size = (None, None, CHANNELS)
others = {
    "FCN-32s": models.fcn(size, len(NAMES), stride=32, width=8),
    "FCN-8s": models.fcn(size, len(NAMES), stride=8, width=8),
    "no skips": models.unet(size, len(NAMES), depth=5, width=8, skips=False),
}
for name, other in others.items():
    other.compile("adam", LOSS)
    steps, rate = (STEPS, RATE) if name == "no skips" else (2 * STEPS // 5, 0.012)  # kernels of 64x64 need care
    spent[name] = fit(other, border_weights, steps, rate, name)
    told[name] = answers(other, test[0])

# %%
order = [*others, WEIGHTED]
rows, scores = [], {}
for name in order:
    scores[name] = class_iou(told[name], test)[1], apart(told[name], test), apart(told[name], test, 0.7)
    rows.append([name, f"{spent[name]:.0f}", *(f"{score:.2f}" for score in scores[name])])
head = ["", "CPU seconds", "IoU of cells", "F1 apart, limit 0.5", "limit 0.7"]
plots.table(rows, head, "All with gaps weighted")
one, corner = shown[-2:][0], np.s_[-80:, :80]
week.instances(
    [first[one][corner]] * 5,
    [test[2][one][corner], *(objects_of(told[name][one], 0.7)[corner] for name in order)],
    ["truth", *others, "U-Net"],
    columns=5,
    title="A corner of one picture, limit 0.7",
)
iou_gain, f1_gain, f1_gain_higher = np.subtract(scores[WEIGHTED], scores["no skips"])

# %% tags=["claim"]
measures.record("what skips gain in IoU", iou_gain, at_least=0.05)
measures.record("what skips gain in F1", f1_gain, at_least=0.2)
measures.record("what skips gain in F1, at a limit of 0.7", f1_gain_higher, at_least=0.1)

# %% [markdown]
# Without skips everything has to pass through a picture 16 or 32 times smaller: *what* is there gets through, *where*
# does not. Corners come out round and most gaps closed, and a higher limit helps only a little. To be fair to the
# FCNs: they had fewer steps here, and the original ones had learnt from a million photographs before. FCN-32s has
# hardly begun to learn (to call everything a cell has an IoU of about 0.5 here); its two skips make FCN-8s learn
# sooner.
#
# ### A rival without a network
# Is 0.85 much? A rival worth beating: features that people have designed, brightness, edges and texture at several
# scales, and a random forest that judges each pixel by them. Both are judged on the same pixels, drawn at random from
# the test pictures.

# %%
from skimage.feature import multiscale_basic_features
from sklearn.ensemble import RandomForestClassifier

rng = np.random.default_rng(0)


def drawn_pixels(images, masks, answers=(), count=1000):
    """Features, classes, and perhaps the network's classes, of some pixels of each picture."""
    drawn = []
    for number, (image, mask) in enumerate(zip(images, masks, strict=True)):
        rows, columns = (rng.integers(side, size=count) for side in mask.shape)
        features = multiscale_basic_features(image, sigma_max=8, channel_axis=-1)
        judged = [answers[number].argmax(-1)[rows, columns]] if len(answers) else []
        drawn.append([features[rows, columns], mask[rows, columns], *judged])
    return [np.concatenate(each) for each in zip(*drawn, strict=True)]


forest = RandomForestClassifier(40, max_depth=12, random_state=0)
forest.fit(*drawn_pixels(train[0][:20], train[1][:20]))
features, true, by_network = drawn_pixels(test[0][:20], test[1][:20], final)
rival, ours = (
    jaccard_score(true, found, labels=range(len(NAMES)), average=None, zero_division=0)
    for found in (forest.predict(features), by_network)
)
rows = [[name, f"{a:.2f}", f"{b:.2f}"] for name, a, b in zip(NAMES, rival, ours, strict=True)]
plots.table(rows, ["IoU of", "random forest", "U-Net"], f"{len(true):,} pixels")

# %% tags=["claim"]
measures.record("gain over a random forest, IoU of cells", ours[1] - rival[1], at_least=0.1)

# %% [markdown]
# ## Let masks follow
# The paper had 30 pictures, and made many of few by bending them like rubber. Whatever moves a pixel has to move its
# class in the same way. **Which of the two bent ones is wrong?**


# %%
def displacement(shape, strength, rng, smooth=8):
    """Where each pixel of a bent picture comes from: two smooth random fields."""
    fields = [ndimage.gaussian_filter(rng.standard_normal(shape), smooth) for _ in range(2)]
    return np.indices(shape) + [strength * field / field.std() for field in fields]


def bent(picture, places, order):
    """`order` 1 interpolates, for pictures; 0 takes the nearest, for classes, between which there is nothing."""
    return ndimage.map_coordinates(picture, places, order=order, mode="reflect")


image, objects = cells.train.images[0].mean(axis=-1), train[2][0]
places = displacement(image.shape, 3, np.random.default_rng(1))
moved, followed = bent(image, places, order=1), bent(objects, places, order=0)
week.instances(
    [image, moved, moved],
    [objects, objects, followed],
    ["straight", "bent, first", "bent, second"],
    "A picture and its mask, bent",
    height=3,
)
tested = bent((objects > 0).astype(float), places, order=1) > 0.5  # the mask as a picture, bent as pictures are
overlaps = [metrics.overlap_scores(tested, mask > 0)["iou"] for mask in (objects, followed)]

# %% tags=["claim"]
assert overlaps[1] > max(0.97, overlaps[0] + 0.05) or cells.name != "cells"

# %% [markdown]
# In the first the mask stayed behind: the outlines cut through cells. Nothing would have told you.
#
# ## Three traps without an error message
# **First: a mask, resized as if it were a picture.** Interpolation puts a 1 between 0 and 2, and 1 is another class.

# %%
classes = 2 * (train[1][0] > 0).astype("float32")  # 0: background, 2: cell; nothing here is of class 1
small_size = [side // 2 for side in classes.shape]
resized = {
    kind: np.rint(keras.ops.image.resize(classes[..., None], small_size, interpolation=kind)[..., 0])
    for kind in ("bilinear", "nearest")
}
plots.pictures(
    [mask / 2 for mask in resized.values()], list(resized), "Half as large: grey is class 1", span=(0, 1), height=3
)

# %% tags=["claim"]
assert 1 not in resized["nearest"] and (1 in resized["bilinear"] or cells.name != "cells")

# %% [markdown]
# **Second: class numbers where one-hot is expected**, or the other way. Mostly Keras says so:
# `categorical_crossentropy` refuses class numbers. But some losses only multiply, and then a mask (height, width, 1)
# is silently repeated over all classes. The Dice loss lies between 0, perfect, and 1. **Predict** what it says of a
# perfect answer if the truth comes as class numbers.

# %%
numbers = np.array([[0, 1, 2, 2]])[None, ..., None]  # one picture of 1x4 pixels, three classes
one_hot = keras.ops.one_hot(numbers[..., 0], 3)
dice_loss = keras.losses.Dice()
right, wrong = float(dice_loss(one_hot, one_hot)), float(dice_loss(numbers.astype("float32"), one_hot))
print(f"against one-hot: {right:.2f}; against class numbers: {wrong:.2f}")

# %% tags=["claim"]
assert abs(right) < 1e-6 and not abs(wrong) < 0.1

# %% [markdown]
# Below zero: a class number of 2 counts an overlap twice, and nobody complains.
#
# **Third: batch normalisation that lags.** While it trains, a network uses the mean and deviation of each batch; in
# use, *moving averages* of them. After n steps, a share of momentum^n of their start (0 and 1) is still in them.
# Keras' own momentum is 0.99; after 20 steps that is 82%. Here is our trained network. Only its averages are begun
# anew, and 20 batches pass by.

# %%
norms = [layer for layer in network.layers if isinstance(layer, layers.BatchNormalization)]
averages = [average for norm in norms for average in (norm.moving_mean, norm.moving_variance)]
trained, batches = network.get_weights(), examples(even_weights, seed=1)
lagging = {momentum: [float("variance" in average.path) for average in averages] for momentum in (0.99, 0.9)}
for norm in norms:
    norm.momentum = 0  # then they hold the last batch's mean and variance, and we average ourselves
for _ in range(20):
    network(next(batches)[0], training=True)
    for momentum, held in lagging.items():
        lagging[momentum] = [
            momentum * old + (1 - momentum) * new.numpy() for old, new in zip(held, averages, strict=True)
        ]
iou_with = {}
for momentum, held in lagging.items():
    for average, value in zip(averages, held, strict=True):
        average.assign(value)
    iou_with[momentum] = class_iou(answers(network, validation[0]), validation)[1]
network.set_weights(trained)
for norm in norms:
    norm.momentum = 0.97
print(", ".join(f"momentum {momentum}: IoU {iou:.2f}" for momentum, iou in iou_with.items()))

# %% tags=["claim"]
measures.record("what Keras' own momentum costs after 20 steps, IoU", iou_with[0.9] - iou_with[0.99], at_least=0.1)

# %% [markdown]
# All weights are as good as before; only the averages are wrong. Nothing warns, and the loss of training looks fine.
# The cure is a momentum that fits the length of the training: 0.97 in our networks, which train for hundreds of
# steps. (A smaller one lets the last few batches decide, and the answer shakes. And even of 0.9 12% of the start are
# left after 20 steps.)
#
# ## Answer for a picture of any size
# A whole slide has thousands of pixels a side. The paper's *overlap-tile strategy*: cut it into tiles that overlap,
# and use of each only the middle, where the network saw enough around it. If tiles begin at multiples of 16, what
# four halvings make into one pixel, the answer *is* that of one pass. Here 16 test pictures are one picture of
# 512x512; the fine lines are where two of them meet, not the tiles.

# %%
side = max(1, 512 // test[0][0].shape[0])
mosaic = (
    np.concatenate(
        [np.concatenate([test[0][(side * row + i) % len(test[0])] for i in range(side)], axis=1) for row in range(side)]
    )
    if len({image.shape for image in test[0]}) == 1
    else test[0][0]
)
tiled = models.predict_tiles(network, mosaic, tile=384, overlap=224)
print(f"{mosaic.shape[0]}x{mosaic.shape[1]} pixels")
if not (mosaic.shape[0] % 16 or mosaic.shape[1] % 16):
    whole = network(mosaic[None], training=False)[0]
    assert np.abs(tiled - whole)[:-112, :-112].max() < 1e-4  # beyond its lower and right border it is mirrored
    del whole
plots.pictures([1 - tiled[..., 0]], title="Sure of a cell: white", height=3.2)

# %% [markdown]
# ## Try next
# - `SIGMA = 4`, or `W0 = 30`: what happens to F1, what to IoU, and why not both?
# - Bend the pictures in `examples` too, with the masks *and the weights*; train on 10 pictures, with and without.
# - `width=16` in `models.unet`, and before it `keras.config.set_dtype_policy("mixed_bfloat16")`: on processors that
#   compute with 16 bits a step then takes three quarters of the time. With 8 channels it gained nothing here, so this
#   notebook does not use it.
# - `DATASET = "the path of your own"`: a folder with `image` and `label` (or `images` and `masks`), masks in black
#   and white, in class numbers, or with a palette. Everything above runs on them.
#
# ## What you can do now
# - Say what a full-size answer costs: ten convolutions at full size keep 16 times as much as when the picture is
#   halved each time channels double.
# - Enlarge by repeating, interpolating, unpooling and transposed convolution, by zeros or by week 2's matrix, each
#   equal to the layer. Prints that overlap unevenly make checkerboards; a kernel that is a multiple of the stride
#   does not.
# - Show what skips buy: *where* things are. With them cells come apart that melt together without.
# - Weigh the gaps between touching objects, and test the weights against a cheaper explanation, the limit.
# - Recognise three traps without a message: masks resized as pictures, class numbers in a loss for one-hot, and batch
#   normalisation that lags. And segment your own pictures, of any size.
#
# Next: **week 9b**, where a network answers for every pixel, but not with classes.
