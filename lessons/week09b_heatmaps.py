# ---
# jupyter:
#   course:
#     seconds: 120
#     gigabytes: 2.0
# ---

# %% [markdown]
# # How do you ask a network "where exactly?"
#
# A plant breeder wants to find and count ears of wheat. For that, a network must find *points*, the tip and the base of
# each ear. You ask it for coordinates first, and then for *heatmaps*, images with a bright spot at each point. Which
# loss suits them?
#
# **You will be able to**
# - score predicted points with PCK,
# - turn points into heatmaps, and heatmaps into points, to a fraction of a pixel,
# - choose a loss for heatmaps, and say why,
# - build a stacked hourglass, and test whether its second part helps,
# - find and count any number of points.
#
# *Mirrors: lecture C, "Heatmap Regression", "Stacked Hourglass" and "Wheat Feature Localisation". About 60 minutes with
# the exercises; {cost}.*

# %% tags=["setup"]
import numpy as np
from scipy import ndimage

from course_utils import by_size, data, measures, plots, setup, training
from course_utils.weeks import week09b as week

setup(seed=0)
import keras
from keras import layers, ops

# %% tags=["parameters"]
DATASET, FIELDS = "one_ear", "wheat"
STEPS = by_size(quick=300, full=2000)  # of each training, with 16 images a step

# %% [markdown]
# ## Look at one ear
# The wheat is drawn on photographs, so its points are known exactly. The *tip* is the end of the ear, not of its
# bristles, the awns. The *base* is where the stem begins. A point is x (to the right) and y (down), in pixels. Pixels
# have their centres at whole numbers.

# %%
ears = data.load(DATASET)
measures.measured_on("one_ear", ears)  # the required minimums hold for this data set only
train_points, test_points = (np.stack(part.points)[:, 0] for part in (ears.train, ears.test))  # (images, 2, 2)
train_images, test_images = ears.train.images, ears.test.images
print(f"training images {train_images.shape}, their points {train_points.shape}: tip and base, x and y")
week.show_points(test_images[:8], test_points[:8, :, None], title="The true points of eight ears")

# %% [markdown]
# ## Your turn: score points
# *PCK*, the percentage of correct keypoints, is the fraction of points whose distance from the true point,
# $\sqrt{dx^2+dy^2}$, is at most a radius. We take 3 pixels, the radius of all rings in the pictures. For distances of
# 1, 3 and 8 pixels, PCK is 2/3.


# %% tags=["exercise"]
def pck(predicted, true, radius):
    """The fraction of points at most `radius` from the true ones; both are arrays (images, kinds, 2) of x and y."""
    ### BEGIN SOLUTION
    distances = np.sqrt(((predicted - true) ** 2).sum(axis=-1))
    return np.mean(distances <= radius)
    ### END SOLUTION


# %% tags=["check"]
pck = week.pck.check(pck)  # yours from here on if it is right, otherwise the course's

# %% [markdown]
# A network must beat a guess that ignores the image: the mean position of all training tips, and of all training bases.
# **Predict:** how far is that guess from the true points?


# %%
def score(predicted):
    """The median distance from the true points of the test images, in pixels, and PCK within 3 pixels."""
    return np.median(np.linalg.norm(predicted - test_points, axis=-1)), pck(predicted, test_points, radius=3)


def entry(name):
    """A line of a table: the name, and both scores as text."""
    distance, fraction = scores[name]
    return [name, f"{distance:.2f}", f"{fraction:.2f}"]


HEADER = ["", "median distance (pixels)", "PCK within 3 pixels"]
LINE = "{}: median distance {} pixels, PCK {}"
guess = np.broadcast_to(train_points.mean(axis=0), test_points.shape)
scores = {"mean position": score(guess)}
print(LINE.format(*entry("mean position")))

# %% tags=["claim"]
measures.record("mean position: median distance (pixels)", scores["mean position"][0], at_least=15)

# %% [markdown]
# About 17 pixels, a quarter of the side.
#
# ## Ask for four numbers
# The direct way is a dense layer with four outputs: x and y of tip and base. Convolutions before it halve the image
# four times. The loss is the mean squared error (MSE), with positions scaled to -2 ... 2. This network is fast and gets
# 450 steps, those below 300.


# %%
def conv(x, channels, side=3, stride=1):
    """A convolution, batch normalisation and ReLU."""
    x = layers.Conv2D(channels, side, stride, "same", use_bias=False, kernel_initializer="he_normal")(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))


def way_down(x, channels):
    """Halve three times; return the smallest feature maps, and those before each halving."""
    skips = []
    for _ in range(3):
        x = conv(x, channels)
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    return conv(x, channels), skips


def begin(channels, side=64):
    """The input, and its feature maps of half its size."""
    image = keras.Input((side, side, 3))
    return image, conv(image, channels, side=5, stride=2)


# %%
def batches(targets, seed=0):
    """Endless batches of 16 random training images and their targets."""
    rng = np.random.default_rng(seed)
    while True:
        chosen = rng.integers(len(train_images), size=16)
        yield train_images[chosen], targets[chosen]


def fit(network, loss, pairs, steps=STEPS):
    """Train on batches. The learning rate rises for a tenth of the steps, then falls to zero."""
    network.compile("adam", loss)
    rate = training.WarmupThenDecay(0.005)
    network.fit(pairs, steps_per_epoch=steps, shuffle=False, verbose=0, callbacks=[rate])


def outputs_of(network, images):
    """What a trained network outputs for all images, as an array."""
    pieces = np.array_split(images, 1 + len(images) // 50)  # at once they would need much memory
    return np.concatenate([np.asarray(network(piece, training=False)) for piece in pieces])


# %%
image, x = begin(channels=16)
x = layers.Flatten()(way_down(x, channels=16)[0])
x = layers.Dense(4)(layers.Dense(64, activation="relu")(x))
regressor = keras.Model(image, layers.Reshape((2, 2))(x))
plots.architecture(regressor, f"Coordinates by dense layers: {regressor.count_params():,} weights")
fit(regressor, "mse", batches((train_points - 32) / 16), steps=3 * STEPS // 2)
by_numbers = 32 + 16 * outputs_of(regressor, test_images)
scores["coordinates"] = score(by_numbers)
print(LINE.format(*entry("coordinates")))
week.show_points(
    test_images[:4], test_points[:4, :, None], by_numbers[:4, :, None], title="Coordinates by dense layers"
)

# %% tags=["claim"]
measures.record("coordinates: median distance (pixels)", scores["coordinates"][0], at_most=4.5)

# %% [markdown]
# Much better than the guess, but about 3 pixels away. Flattening destroys the image's layout: the dense layer must
# learn what each position of the small feature maps means in pixels.
#
# ## Ask for a map
# A *heatmap* keeps the layout: a bright spot is where the point is. There is one for tips, one for bases.
#
# ### Your turn: draw the target
# A spot is a Gaussian: at distance $d$ from the point, its value is
#
# $$\exp\left(-\frac{d^2}{2\sigma^2}\right)$$
#
# At the point it is 1, at a distance of $\sigma$ 0.61, at $3\sigma$ 0.01. With several points, each position takes the
# largest value. Without points, the map is zero.
#
# To save time, our maps are 32x32. Your function gets its points in pixels of the map.


# %% tags=["exercise"]
def gaussian_map(points, side, sigma):
    """A map (side, side) with a spot at each of `points`, an array (n, 2) of x and y, n = 0 too."""
    rows, columns = np.mgrid[:side, :side]
    heatmap = np.zeros((side, side))
    ### BEGIN SOLUTION
    for x, y in points:
        squared_distance = (columns - x) ** 2 + (rows - y) ** 2
        heatmap = np.maximum(heatmap, np.exp(-squared_distance / (2 * sigma**2)))
    ### END SOLUTION
    return heatmap


# %% tags=["check"]
gaussian_map = week.gaussian_map.check(gaussian_map)  # it makes all targets below


# %%
def target_maps(points, sigma, side=32):
    """Maps (side, side, 2) of the tips and of the bases; `points` (ears, 2, 2) in pixels of the image."""
    # Pixel 0 of a map covers pixels 0 and 1 of the image, so its centre is at 0.5 there.
    return np.stack([gaussian_map((kind - 0.5) / 2, side, sigma) for kind in np.swapaxes(points, 0, 1)], axis=-1)


targets = np.float32([target_maps(points, sigma=1) for points in ears.train.points])
names = ["image", "tip, sigma 1", "base, sigma 1", "tip, sigma 3", "base, sigma 3"]
wide_spots = target_maps(ears.train.points[0], sigma=3)
shown = [train_images[0], *np.moveaxis(targets[0], -1, 0), *np.moveaxis(wide_spots, -1, 0)]
plots.pictures(shown, names, "An image and its target maps", span=(0, 1))

# %% [markdown]
# ## Read the position from a map
# The simplest reading is the position of the highest value, the *argmax*, a whole number. Its neighbours know more: if
# the right one is higher than the left one, the peak lies farther right.
#
# ### Your turn: find the peak between pixels
# Put a parabola through the three values $l$, $c$, $r$ at -1, 0 and 1. Its vertex is at
#
# $$\frac{l-r}{2\,(l-2c+r)}$$
#
# For 0.2, 1 and 0.6 it is $-0.4/(2\cdot(-1.2))=0.17$. Where the denominator is 0, return 0.
#
# We compare three readings: argmax, parabola and *centroid*, the mean of all positions weighted by their values. We
# read 200 noisy spots at known positions. **Predict:** which reading is best for narrow spots, and which for wide ones?


# %% tags=["exercise"]
def parabola_offset(left, centre, right):
    """How far to the right of the centre the vertex lies, in pixels: a number."""
    ### BEGIN SOLUTION
    denominator = 2 * (left - 2 * centre + right)
    return (left - right) / denominator if denominator != 0 else 0.0
    ### END SOLUTION


# %% tags=["check"]
parabola_offset = week.parabola_offset.check(parabola_offset)  # it reads all maps below


# %%
def refine(heatmap, row, column):
    """x and y of the peak at a position, to a fraction of a pixel."""
    x, y = float(column), float(row)
    if 0 < column < heatmap.shape[1] - 1:
        x += parabola_offset(*heatmap[row, column - 1 : column + 2])
    if 0 < row < heatmap.shape[0] - 1:
        y += parabola_offset(*heatmap[row - 1 : row + 2, column])
    return x, y


def highest(heatmap):
    """The row and the column of the highest value."""
    return np.unravel_index(heatmap.argmax(), heatmap.shape)


def read_three_ways(heatmap):
    """The position of a spot by argmax, centroid and parabola: an array (3, 2) of x and y."""
    (row, column), (y, x) = highest(heatmap), ndimage.center_of_mass(heatmap)
    return np.array([(column, row), (x, y), refine(heatmap, row, column)])


# %%
rng, sigmas = np.random.default_rng(0), [0.4, 0.6, 0.8, 1, 1.5, 2, 3, 4]
errors = []
for sigma in sigmas:
    spots = rng.uniform(8, 23, (200, 2))
    noisy = [gaussian_map(spot[None], 32, sigma) + rng.normal(0, 0.02, (32, 32)) for spot in spots]
    readings = np.array([read_three_ways(heatmap) for heatmap in noisy])
    errors.append(np.linalg.norm(readings - spots[:, None], axis=-1).mean(axis=0))
lines = dict(zip(["argmax", "centroid", "parabola"], np.transpose(errors), strict=True))
labels = ("sigma (pixels of the map)", "mean error (pixels of the map)")
plots.curves(sigmas, lines, labels, "Errors of three readings", log=True)

# %% tags=["claim"]
argmax, centroid, parabola = np.transpose(errors)
narrow, wide_spot = sigmas.index(1), sigmas.index(4)
assert parabola[narrow] < 0.25 * argmax[narrow] and parabola[narrow] < 0.1 * centroid[narrow]
assert centroid[wide_spot] < 0.5 * parabola[wide_spot] and parabola[narrow] < 0.5 * parabola[0]

# %% [markdown]
# For narrow spots the parabola is best: at $\sigma=1$ it errs by 0.06 pixels of the map, argmax by 0.37. For $\sigma=3$
# and 4 the centroid is best, because it averages the noise. But noise far away outweighs a narrow spot. The parabola
# works best at $\sigma=1$, which we use. A narrower spot falls between two positions. A wider spot has a flat top,
# where noise decides.
#
# ## Build an hourglass
# The *hourglass* is the U of week 9a, but all its sizes have equally many channels, and skips are added, not
# concatenated. It outputs two maps, without an activation.


# %%
def hourglass(x, channels):
    """Down three times and up again; the result has the shape of `x`."""
    x, skips = way_down(x, channels)
    for skip in reversed(skips):
        x = conv(layers.Add()([layers.UpSampling2D()(x), skip]), channels)
    return x


def heatmap_network(channels=16, side=64, start=0):
    """One hourglass, from images to maps of half their size; these are about `start` before training."""
    image, x = begin(channels, side)
    to_maps = layers.Conv2D(2, 1, bias_initializer=keras.initializers.Constant(start))
    return keras.Model(image, to_maps(hourglass(x, channels)))


network = heatmap_network()
first_weights = network.get_weights()
plots.architecture(network, f"One hourglass: {network.count_params():,} weights")

# %% [markdown]
# ## Train with the mean squared error
# Lecture C moves from the binary cross-entropy (BCE) of segmentation to MSE, here the mean of
# $(\text{target}-\text{output})^2$ over all positions. We take $\sigma=1$. **Predict:** does the hourglass beat the
# coordinates?


# %%
def read_points(maps):
    """Points (images, 2, 2) in pixels of the image, from maps (images, side, side, 2)."""
    peaks = [[refine(heatmap, *highest(heatmap)) for heatmap in np.moveaxis(both, -1, 0)] for both in maps]
    return 2 * np.array(peaks) + 0.5


test_maps = {}


def experiment(name, loss):
    """Train the hourglass from its first weights; keep its maps of the test images, and its scores."""
    network.set_weights(first_weights)
    fit(network, loss, batches(targets))
    test_maps[name] = outputs_of(network, test_images)
    scores[name] = score(read_points(test_maps[name]))
    print(LINE.format(*entry(name)))


# %%
experiment("plain MSE", "mse")
output, target = test_maps["plain MSE"], np.array([target_maps(points, 1) for points in ears.test.points])
print(f"highest value of a map: {np.median(output.max(axis=(1, 2))):.2f} in the output, 1 in the target")
seen = outputs_of(network, train_images[:400])
for name, maps, true in (("training", seen, targets[:400]), ("test", output, target)):
    print(f"MSE on {name} images: {np.mean((maps - true) ** 2):.5f} of the network, {np.mean(true**2):.5f} of zeros")
print(f"fraction of a target map above 0.1: {np.mean(target > 0.1):.1%}")
shown = [test_images[0], *(maps[0, ..., kind].clip(0, 1) for kind in (0, 1) for maps in (target, output))]
names = ["image", "tip: target", "tip: output", "base: target", "base: output"]
plots.pictures(shown, names, "Plain MSE: what the hourglass draws", span=(0, 1))

# %% tags=["claim"]
measures.record("plain MSE: highest value of a map, median", np.median(output.max(axis=(1, 2))), at_most=0.4)
distance_ratio = scores["plain MSE"][0] / scores["coordinates"][0]
zero_ratio = np.mean((seen - targets[:400]) ** 2) / np.mean(targets[:400] ** 2)
measures.record("plain MSE on training images, divided by that of zeros", zero_ratio, at_least=0.85)
measures.record("distance by plain MSE, divided by that of the coordinates", distance_ratio, at_least=1.15)

# %% [markdown]
# No. Its points are farther off than the coordinates. A target map is nearly all zero, so zeros have a small loss. The
# network hardly improves on that, even on training images. A spot at a wrong position costs twice: there, and where it
# is missing. So while unsure, the network stays faint: it draws mostly noise, and the highest value is often far from
# the point.
#
# ## Cure the loss in two ways
# Cure 1: let a position count more, the brighter the target is. Spots cover only 1.4% of a map, so we multiply the
# squared error by $1+30\cdot\text{target}$.
#
# Cure 2: ask another question. A map has exactly one spot, so the positions compete: *which of the 1,024 positions is
# it?* That is classification. A softmax over all positions gives probabilities, and the loss is the cross-entropy with
# the target map, scaled so that its sum is 1. **Predict:** which cure gives the smaller error?


# %%
def weighted_mse(target, output):
    """The squared error of each position, times 1 + 30 target; its mean."""
    return ops.mean((1 + 30 * target) * ops.square(target - output))


def position_loss(target, output):
    """The cross-entropy of a softmax over all positions of a map."""
    target, output = (ops.reshape(maps, (-1, 32 * 32, 2)) for maps in (target, output))
    target = target / ops.sum(target, axis=1, keepdims=True)
    return -ops.mean(ops.sum(target * ops.log_softmax(output, axis=1), axis=1))


experiment("weighted MSE", weighted_mse)
experiment("softmax", position_loss)

# %%
peaks = [[highest(heatmap)[::-1] for heatmap in np.moveaxis(both, -1, 0)] for both in test_maps["softmax"]]
scores["softmax, read by argmax"] = score(2 * np.array(peaks) + 0.5)
plots.table([entry(name) for name in scores], HEADER, f"On {len(test_images)} test images")
positive = test_maps | {"softmax": np.exp(test_maps["softmax"])}
shown = [maps[i, ..., 0].clip(0) / maps[i, ..., 0].max() for maps in positive.values() for i in range(4)]
shown = [heatmap.repeat(2, axis=0).repeat(2, axis=1) for heatmap in shown]  # as large as the images
names = [text for name in ("image", *positive) for text in (name, "", "", "")]  # one for each row
title = "Maps of tips, each brightened to its highest value"
week.show_points(
    [*test_images[:4], *shown], [points[:1, None] for points in test_points[:4]] * 4, titles=names, title=title
)

# %% tags=["claim"]
distance_ratio = scores["weighted MSE"][0] / scores["coordinates"][0]
measures.record("distance by weighted MSE, divided by that of the coordinates", distance_ratio, at_most=0.85)
measures.record("softmax: median distance (pixels)", scores["softmax"][0], at_most=1)
measures.record("softmax: PCK within 3 pixels", scores["softmax"][1], at_least=0.94)
argmax_ratio = scores["softmax, read by argmax"][0] / scores["softmax"][0]
measures.record("softmax: distance by argmax, divided by that of the parabola", argmax_ratio, at_least=1.15)
assert ears.name != "one_ear" or scores["softmax"][0] < 0.9 * scores["weighted MSE"][0]

# %% [markdown]
# Both cures beat the coordinates. The softmax is best, with a median distance below one pixel. Without your parabola it
# is clearly larger. Its network outputs logarithms of probabilities, up to a constant; that of a Gaussian is a
# parabola. The probabilities must sum to 1, so a faint map is no answer. The weighted MSE draws large, soft spots.
#
# ## Stack two hourglasses
# A *stacked hourglass* has a second hourglass behind the first. The second sees the feature maps and the first guess,
# and can correct this guess. Both outputs have a loss (*intermediate supervision*).


# %%
def stacked_network(block=hourglass, channels=16):
    """Two hourglasses, each with maps as its output."""
    image, x = begin(channels)
    first = block(x, channels)
    guess = layers.Conv2D(2, 1, name="maps_1")(first)
    x = layers.Add()([x, first, layers.Conv2D(channels, 1)(guess)])
    return keras.Model(image, [guess, layers.Conv2D(2, 1, name="maps_2")(block(x, channels))])


stacked = stacked_network()
title = f"Two hourglasses: {stacked.count_params():,} weights"
plots.architecture(stacked_network(week.hourglass_box), title)  # an hourglass is drawn as one box

# %% [markdown]
# Two hourglasses have twice the weights. A fair baseline is one with as many, and as many multiplications: 23 channels
# in place of 16. **Predict** the order of the three: one hourglass, one wide hourglass, two hourglasses.

# %%
wide = heatmap_network(channels=23)
fit(wide, position_loss, batches(targets))
fit(stacked, [position_loss, position_loss], ((images, (maps, maps)) for images, maps in batches(targets)))
first, second = (keras.Model(stacked.input, maps) for maps in stacked.outputs)
networks = {"two: output of the first": first, "two: output of the second": second, "one wide": wide}
scores.update({name: score(read_points(outputs_of(one, test_images))) for name, one in networks.items()})
scores["one"] = scores["softmax"]
lines = [[*entry(name), f"{one.count_params():,}"] for name, one in {"one": network, **networks}.items()]
plots.table(lines, [*HEADER, "weights"], "Hourglasses with the softmax loss, equal steps")

# %% tags=["claim"]
first, second, one_wide = (scores[name][0] for name in networks)
measures.record("two hourglasses: distance of the second output, divided by the first", second / first, at_most=1.02)
measures.record("distance by two hourglasses, divided by one wide", second / one_wide, at_least=0.85, at_most=1.15)
measures.record("distance by one wide hourglass, divided by one", one_wide / scores["softmax"][0], at_most=1.05)

# %% [markdown]
# The second output is a little better than the first. But two hourglasses and one wide hourglass differ by a few
# hundredths of a pixel at most, and neither gains much more than 10% over one. On such easy images, a second look
# hardly pays.
#
# ## Find any number of points
# A field has 0 to 8 ears. A dense layer has a fixed number of outputs, and a softmax always finds one point. So each
# position decides on its own, as in week 9a: we return to BCE, with Gaussian maps as targets. A sigmoid turns outputs
# into values between 0 and 1. They start near -3, that is 0.05, because points are rare. All outputs below -4 become
# nearly 0, so noise there costs little, unlike with MSE.

# %%
fields = data.load(FIELDS)
week.show_points(
    fields.test.images[6:14], [np.swapaxes(points, 0, 1) for points in fields.test.points[6:14]], title="Fields"
)
field_targets = np.float32([target_maps(points, sigma=1, side=48) for points in fields.train.points])


def crops(seed=0):
    """Endless batches of 16 crops of 64x64 pixels, and of their maps of 32x32."""
    rng = np.random.default_rng(seed)
    while True:
        images, maps = [], []
        for i in rng.integers(len(field_targets), size=16):
            top, left = rng.integers(17, size=2)  # in the maps; twice as many pixels in the images
            images.append(fields.train.images[i, 2 * top : 2 * top + 64, 2 * left : 2 * left + 64])
            maps.append(field_targets[i, top : top + 32, left : left + 32])
        yield np.stack(images), np.stack(maps)


field_network = heatmap_network(side=None, start=-3)  # any size: trained on crops, used on whole images
fit(field_network, keras.losses.BinaryCrossentropy(from_logits=True), crops())
field_maps = [
    np.asarray(ops.sigmoid(outputs_of(field_network, part.images))) for part in (fields.validation, fields.test)
]

# %% [markdown]
# Now we take all positions above a threshold, say 0.3. A spot is several pixels wide, so it gives duplicates.
# Non-maximum suppression, in week 7 for boxes, keeps a position only if no value within 5x5 positions around it is
# higher. **Predict:** how many points does an ear get without it?


# %%
def find_points(heatmap, threshold=0.3, side=5):
    """The peaks of a map, the highest first: an array (n, 2), x and y in pixels of the image."""
    is_peak = (heatmap == ndimage.maximum_filter(heatmap, side)) & (heatmap > threshold)
    peaks = sorted(np.argwhere(is_peak), key=lambda position: -heatmap[tuple(position)])
    return 2 * np.array([refine(heatmap, *position) for position in peaks]).reshape(-1, 2) + 0.5


points_per_ear = {}
for side in (1, 3, 5):  # a wider window removes more duplicates, but also true neighbours
    found = sum(len(find_points(heatmap, side=side)) for heatmap in field_maps[1][..., 0])
    points_per_ear[side] = found / sum(map(len, fields.test.points))
    print(f"kept if highest of {side}x{side}: {points_per_ear[side]:.2f} predicted tips for each ear")

# %% tags=["claim"]
measures.record("predicted tips for each ear, without suppression", points_per_ear[1], at_least=2.5)
measures.record("predicted tips for each ear, with suppression", points_per_ear[5], at_most=1.5)

# %% [markdown]
# ## Your turn: match points
# Without suppression an ear gets several tips, with it about one. Which of them are right? Each, the highest value
# first, claims the nearest true point that is still *free* and at most `radius` away. For example, true tips lie at x =
# 10 and 14, predictions at 11, 11.5 and 30, all in one row. With a radius of 3 the result is 0, 1, -1.
#
# *Precision* is the fraction of predicted points that claim a true one. *Recall* is the fraction of true points that
# are claimed. The *count error* is the difference between predicted and true number, in the mean over images.


# %% tags=["exercise"]
def match_points(predicted, true, radius):
    """For each predicted point, the number of the true point that it claims, or -1; both arrays are (n, 2)."""
    claimed = np.full(len(predicted), -1)
    ### BEGIN SOLUTION
    free = np.ones(len(true), bool)
    for i, point in enumerate(predicted):
        distances = np.where(free, np.linalg.norm(true - point, axis=1), np.inf)
        if len(true) and distances.min() <= radius:
            claimed[i] = distances.argmin()
            free[claimed[i]] = False
    ### END SOLUTION
    return claimed


# %% tags=["check"]
match_points = week.match_points.check(match_points)


# %%
def judge_points(heatmaps, true, threshold):
    """Precision and recall within 3 pixels, and the mean count error, of the points of one kind."""
    predicted = [find_points(heatmap, threshold) for heatmap in heatmaps]
    hits = sum((match_points(*pair, radius=3) >= 0).sum() for pair in zip(predicted, true, strict=True))
    count_errors = [abs(len(one) - len(other)) for one, other in zip(predicted, true, strict=True)]
    return hits / sum(map(len, predicted)), hits / sum(map(len, true)), np.mean(count_errors)


def points_of(part, kind):
    """The true points of one kind: an array (n, 2) for each image."""
    return [points[:, kind] for points in part.points]


# %%
# Take the threshold with the smallest count error on the validation images.
thresholds, best, results = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [], {}
for kind, name in enumerate(week.KINDS):
    maps, true = field_maps[0][..., kind], points_of(fields.validation, kind)
    best.append(min(thresholds, key=lambda threshold: judge_points(maps, true, threshold)[2]))
    results[name] = judge_points(field_maps[1][..., kind], points_of(fields.test, kind), best[kind])
mean_count = np.mean([len(points) for points in fields.train.points])
guess_error = np.mean([abs(len(points) - mean_count) for points in fields.test.points])
lines = [[name, f"{best[kind]}", *(f"{value:.2f}" for value in results[name])] for kind, name in enumerate(results)]
lines.append(["the mean count", "", "", "", f"{guess_error:.2f}"])
plots.table(lines, ["", "threshold", "precision", "recall", "count error"], f"On {len(fields.test.points)} test images")
predicted = [[find_points(maps[..., kind], best[kind]) for kind in (0, 1)] for maps in field_maps[1][6:10]]
true = [np.swapaxes(points, 0, 1) for points in fields.test.points[6:10]]
counts = [f"{len(one[0])} tips (true: {len(other[0])})" for one, other in zip(predicted, true, strict=True)]
week.show_points(fields.test.images[6:10], true, predicted, counts, "True and predicted points")

# %% tags=["claim"]
for name, (precision, recall, count_error) in results.items():
    measures.record(f"{name}s: precision within 3 pixels", precision, at_least=0.75)
    measures.record(f"{name}s: recall within 3 pixels", recall, at_least=0.75)
    measures.record(f"{name}s: count error", count_error, at_most=0.6)

# %% [markdown]
# Nearly all points are found, and few are false. A ring without its cross was missed; a cross without its ring is
# false. The count error is far below that of the mean count.
#
# ## What you can do now
# "Where exactly?" Ask for a map, with a loss that zeros cannot please, and read its peak between pixels.
# - PCK is the fraction of points within a radius of the true ones.
# - A parabola reads the peak of a narrow Gaussian to less than a tenth of a pixel.
# - Plain MSE failed within 300 steps: the maps are nearly all zero. Two cures: weight bright positions, or take a
#   softmax over positions.
# - Compare two hourglasses with one that is as large.
# - For any number of points, each position decides on its own. Suppression removes duplicates, matching scores the
#   rest.
#
# **Try next**
# - Train the fields with `weighted_mse`. What happens to the precision?
# - Train with `sigma=2` in `targets`. Which losses gain?
# - Set `STEPS = 1000`. Does the plain MSE recover?
#
# Next: **week 9c**, networks whose output is an image.
