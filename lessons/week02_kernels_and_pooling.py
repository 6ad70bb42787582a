# ---
# jupyter:
#   course:
#     seconds: 60
#     gigabytes: 2
# ---

# %% [markdown]
# # What can nine numbers see?
#
# Lay nine numbers on a photograph, multiply, add, move on by a pixel, and the outlines of things appear. Every
# network of this course is made of that step. Here you build it, find out what it sees and what it costs, and
# watch a layer discover by itself the nine numbers that people took years to design.
#
# **You will be able to**
# - compute a convolution by hand, by loop and by library, and say which of the two meanings of the word is meant,
# - predict the size of a layer's output and how much of the picture one output sees,
# - measure what pooling buys, and doubt the first figure that you get,
# - explain in what sense a convolution is a dense layer.
#
# *Mirrors: lecture C, "Kernel Convolution" to "Convolutional Layers vs MLPs"; lecture B, transposed and dilated
# convolution. About 75 minutes with the exercises; {cost}.*

# %% tags=["setup"]
import numpy as np

from course_utils import data, measures, plots, setup
from course_utils.weeks import week02 as week
from course_utils.byhand.convolution import (
    SOBEL_COLUMNS,
    SOBEL_ROWS,
    as_matrix,
    average_pool2d,
    convolve2d,
    correlate2d,
    max_pool2d,
)

setup(seed=0)
import keras

# %% tags=["parameters"]
DATASET = "photos"  # or a folder with a folder of your own pictures for each class

# %% [markdown]
# ## See what nine numbers do
# Two small grids of numbers, the *kernels* of Sobel. They are laid on a photograph, moved over it pixel by pixel, and
# nothing about them was trained.
# $$\text{SOBEL\_ROWS} = \begin{pmatrix} 1 & 2 & 1 \\ 0 & 0 & 0 \\ -1 & -2 & -1 \end{pmatrix} \qquad
# \text{SOBEL\_COLUMNS} = \begin{pmatrix} 1 & 0 & -1 \\ 2 & 0 & -2 \\ 1 & 0 & -1 \end{pmatrix}$$
#
# A man with a camera on a tripod. **Under which of the two will the upright post of the tripod stand out?**


# %%
def grey(picture):
    return picture.mean(axis=-1)


photos = data.load(DATASET)
measures.measured_on("photos", photos)  # on other pictures limits are shown, and nobody is held to them
photo = grey(photos.test.images[0])
rows, columns = correlate2d(photo, SOBEL_ROWS), correlate2d(photo, SOBEL_COLUMNS)
titles = ["a photograph", "SOBEL_ROWS", "SOBEL_COLUMNS"]
plots.pictures([photo, np.abs(rows), np.abs(columns)], titles, "The same picture, asked two questions")

# %% [markdown]
# `SOBEL_COLUMNS` compares what lies left with what lies right, and draws what stands upright: the post. `SOBEL_ROWS`
# compares above with below, and draws the top of the shoulder and the roofs. The slanted legs show in both. How can
# nine numbers do that?
#
# ## Slide, multiply, add
# This is lecture C's example. The kernel lies on the framed part; multiply each pair of numbers, and add.

# %%
image = np.array([[1, 4, 3, 2, 2], [2, 1, 7, 4, 6], [3, 4, 6, 1, 8], [2, 1, 5, 3, 7], [1, 7, 3, 5, 2]])
plots.numbers([image, SOBEL_ROWS], ["image", "kernel"], "The kernel's first position", {0: [(0, 0, 3, 3)]}, ["*"])

# %% [markdown]
# The top row gives $1·1 + 2·4 + 1·3 = 12$, the middle row nothing. **Predict:** what do all nine products add up to?
# And what comes out when the kernel moves down by one?

# %%
result = correlate2d(image, SOBEL_ROWS)
plots.numbers([result], ["result"], "All nine positions (violet: positive, orange: negative)")

# %% [markdown]
# $12 - 17 = -5$, and below it $11 - 9 = 2$. The slide prints another result, and only its middle row agrees. Nobody
# is above a slip of the pen, and you have the means to judge it. **Check one entry by hand** (the one at the bottom
# right is quick) before you trust either side.

# %%
slide = np.array([[-1, 3, -3], [2, 5, 3], [-5, -9, -3]])
differs = [(i, j, 1, 1) for i, j in np.argwhere(slide != result)]
assert (slide == result).all(axis=1).tolist() == [False, True, False]  # the middle row alone agrees
plots.numbers([slide, result], ["the slide", "computed"], "Framed: where the two differ", {0: differs}, ["≠"])

# %% tags=["nbval-check-output"]
bottom_right = image[2:, 2:]
print((bottom_right * SOBEL_ROWS).sum(), "by the definition;", slide[2, 2], "on the slide;", result[2, 2], "computed")

# %% [markdown]
# ### Your turn: the loop itself
# Two loops over positions, one product and one sum inside. The kernel may have any size; a position counts only
# where all of it fits. (In the example, a kernel of 3 has $5 - 3 + 1 = 3$ positions in each direction.)


# %% tags=["exercise"]
def correlate(image, kernel):
    """The sum of products at each position of the kernel, as an array of float."""
    ### BEGIN SOLUTION
    height, width = kernel.shape
    result = np.zeros((image.shape[0] - height + 1, image.shape[1] - width + 1))
    for row in range(result.shape[0]):
        for column in range(result.shape[1]):
            result[row, column] = np.sum(image[row : row + height, column : column + width] * kernel)
    return result
    ### END SOLUTION


# %% tags=["check"]
correlate = week.correlate.check(correlate)

# %% [markdown]
# From here on we use `correlate2d` of `course_utils.byhand.convolution`. It loops over the nine entries of the kernel
# in place of the 260,000 pixels of the picture, and otherwise does what you wrote.
#
# ## Flip it, or not: two things called convolution
# Mathematics flips the kernel along both axes before it slides it. What you wrote does not, and its proper name is
# *correlation*. To see the difference, take an image of zeros with a single 1 in the middle.
# **Predict:** which of the two leaves a copy of the kernel, and what does the other one leave?

# %%
spot = np.zeros((5, 5), int)
spot[2, 2] = 1
letters = np.arange(1, 10).reshape(3, 3)
answers = [spot, letters, correlate2d(spot, letters), convolve2d(spot, letters)]
plots.numbers(answers, ["image", "kernel", "correlated", "convolved"], "A single 1, and what becomes of it")

# %% [markdown]
# ### Your turn: true convolution
# Use `correlate2d(image, kernel)` and turn the right thing the right way.


# %% tags=["exercise"]
def convolve(image, kernel):
    """Mathematics' convolution, by way of the correlation."""
    ### BEGIN SOLUTION
    return correlate2d(image, kernel[::-1, ::-1])
    ### END SOLUTION


# %% tags=["check"]
convolve = week.convolve.check(convolve)

# %% [markdown]
# SciPy has both under their right names. And Keras? **Predict** which of the two a `Conv2D` computes, then look.
# (Keras wants a picture as one of a batch, with channels last: 1 x 5 x 5 x 1, and a kernel as 3 x 3 x 1 x 1. That is
# what the `None`s below are for.)

# %% tags=["nbval-check-output"]
from scipy import signal

layer = keras.layers.Conv2D(1, 3, use_bias=False)
layer.build((None, 5, 5, 1))
layer.set_weights([letters[:, :, None, None].astype("float32")])
by_keras = keras.ops.convert_to_numpy(layer(spot[None, :, :, None].astype("float32")))[0, :, :, 0]

assert np.array_equal(correlate2d(image, letters), signal.correlate2d(image, letters, mode="valid"))
assert np.array_equal(convolve2d(image, letters), signal.convolve2d(image, letters, mode="valid"))
print("Conv2D correlates:", np.allclose(by_keras, correlate2d(spot, letters)))
print("Conv2D convolves: ", np.allclose(by_keras, convolve2d(spot, letters)))

# %% [markdown]
# `Conv2D` does not flip. It does not matter: its kernel is learned, and if a flip were needed, it would learn the
# flipped one. It matters when you carry a kernel from a book on signal processing into a network.
#
# ## Measure an edge
# One kernel measures how brightness changes across columns, $g_x$, the other across rows, $g_y$. Together they are an
# arrow for each pixel. Its length says how strong the edge is, whatever its slant.
#
# ### Your turn: the length of the arrow
# Use `correlate2d` with `SOBEL_COLUMNS` and `SOBEL_ROWS`.


# %% tags=["exercise"]
def edge_strength(image):
    """How strong the edge is at each position, whatever its direction."""
    ### BEGIN SOLUTION
    across, down = correlate2d(image, SOBEL_COLUMNS), correlate2d(image, SOBEL_ROWS)
    return np.sqrt(across**2 + down**2)
    ### END SOLUTION


# %% tags=["check"]
edge_strength = week.edge_strength.check(edge_strength)

# %% [markdown]
# Now the direction. Sobel's kernels measure left minus right and above minus below, so the arrow from dark to bright
# has the opposite signs. **Predict:** along the edge of the tripod, do the arrows run along it or across it?

# %%
strength = np.linalg.norm([rows, columns], axis=0)
week.arrows(photo[1:-1, 1:-1], -columns, -rows, "Arrows from dark to bright")

# %% [markdown]
# Across: brightness does not change along an edge. Never trust your own code alone, though. scikit-image divides each
# kernel by 4 and the length by $\sqrt 2$, and it guesses pixels beyond the border. Apart from that, the two agree.
# And a `Conv2D` that is given Sobel's numbers draws the same maps:

# %% tags=["nbval-check-output"]
from skimage import filters

theirs = filters.sobel(photo)[1:-1, 1:-1]  # without the guessed border
print("the same as scikit-image:", np.allclose(strength / (4 * np.sqrt(2)), theirs, atol=1e-5))

both = keras.layers.Conv2D(2, 3, use_bias=False, trainable=False)  # a layer whose weights are Sobel's, and stay so
both.build((None, None, None, 1))
both.set_weights([np.stack([SOBEL_ROWS, SOBEL_COLUMNS], axis=-1)[:, :, None, :]])
maps = keras.ops.convert_to_numpy(both(photo[None, :, :, None]))[0]
print("the same as a fixed Conv2D:", np.allclose(maps, np.stack([rows, columns], axis=-1), atol=1e-5))

# %% [markdown]
# ### Why six numbers, where two would do?
# Left minus right sees edges too, and is just $(1, 0, -1)$. Sobel has three such rows and weights the middle one
# double; Prewitt has three equal ones; the Laplacian compares a pixel with its four neighbours. Let noise decide. A
# step in brightness is as high as the noise is strong: how many times stronger does a kernel answer to the step than
# to the noise? **Predict** the winner and the loser.

# %%
kernels = {
    "left - right": np.array([[1, 0, -1]]),
    "Prewitt": np.array([[1, 0, -1]] * 3),
    "Sobel": SOBEL_COLUMNS,
    "Laplacian": np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
}
noise = np.random.default_rng(0).normal(size=(400, 400))
step = np.zeros((9, 9))
step[:, 5:] = 1
edge_to_noise = {
    name: np.abs(correlate2d(step, kernel)).max() / correlate2d(noise, kernel).std() for name, kernel in kernels.items()
}
labels = ("kernel", "answer to step / to noise")
plots.bars(list(kernels), list(edge_to_noise.values()), labels, "How well an edge stands out from noise")

# %% tags=["claim"]
measures.record("Sobel's edge-to-noise over the Laplacian's", edge_to_noise["Sobel"] / edge_to_noise["Laplacian"], 4.5)
assert edge_to_noise["Prewitt"] > edge_to_noise["Sobel"]
measures.record("Sobel's over left minus right", edge_to_noise["Sobel"] / edge_to_noise["left - right"], at_least=1.5)

# %% [markdown]
# Three rows average along the edge while they compare across it, and noise averages out. Prewitt is even a little
# better at that than Sobel, who trusts the middle row most. The Laplacian, differences of differences, drowns first.
#
# ## Lose the sign and see ghosts
# Something that goes wrong in many projects. Pictures are bytes, 0 to 255, so it seems natural to store the
# result as bytes too. Half of all edges are negative. **What will they look like?**

# %%
as_bytes = correlate2d((photo * 255).astype("uint8"), SOBEL_COLUMNS).astype("uint8")
ruined = np.mean(columns[columns != 0] < 0)
part = tuple(slice(side // 5 * k, side // 5 * k + 128) for k, side in zip((1, 2), columns.shape, strict=True))
titles = ["as bytes", "as floats, absolute value"]
plots.pictures([as_bytes[part], np.abs(columns)[part]], titles, "An edge picture stored in two ways", height=3.3)

# %% tags=["claim"]
measures.record("share of edges below zero", ruined, at_least=0.3)

# %% [markdown]
# A byte has no sign and ends at 255: one step below 0 it is at 255, one above 255 at 0. The faintest negative edge
# turns into glaring white. The cure: floats until the very last picture.
#
# ## Let a layer find Sobel by itself
# Sobel sat down and chose nine numbers. Suppose we had only photographs and their edge pictures, and not the
# numbers. A `Conv2D` with nine unknown weights starts at random and is corrected, step by step, by how wrong it is.
# **Predict:** will it find exactly Sobel's numbers, or some other nine that do as well?

# %%
pictures = photos.train.images[:10]
crops = np.stack([grey(picture)[:96, :96] for picture in pictures])


def learn(crops, steps=400):
    """Nine weights after each step, learned from pictures and their edge pictures."""
    keras.utils.set_random_seed(0)  # the same start each time
    wanted = np.stack([correlate2d(crop, SOBEL_COLUMNS) for crop in crops])
    learner = keras.Sequential([keras.Input((None, None, 1)), keras.layers.Conv2D(1, 3, use_bias=False)])
    learner.compile(keras.optimizers.Adam(0.1), loss="mse")
    weights = [learner.get_weights()[0][:, :, 0, 0]]
    for _ in range(steps):
        loss = learner.train_on_batch(crops[..., None], wanted[..., None])
        weights.append(learner.get_weights()[0][:, :, 0, 0])
    print(f"mean squared error at the end: {loss:.0e}")
    return weights


raw = learn(crops)
titles = [f"after {step} steps" for step in (0, 50, 400)]
plots.numbers([raw[step].round(2) for step in (0, 50, 400)], titles, "Nine weights on their way")

# %% [markdown]
# The error is tiny, and yet the weights are not there: a small error is no proof that the right thing was learned.
# They are still on their way. What slows them is plain brightness, which all pixels share: each
# step that suits one weight disturbs the others. One line helps: **centre** the pictures, so that the mean of all is 0.

# %%
centred = learn(crops - crops.mean())
plots.numbers([centred[step].round(2) for step in (0, 50, 400)], titles, "The same start, with centred pictures")

# %%
distance = {
    name: [np.abs(nine - SOBEL_COLUMNS).max() for nine in weights]
    for name, weights in (("as they are", raw), ("centred", centred))
}
labels = ("step", "largest error of a weight")
plots.curves(range(401), distance, labels, "Centred pictures teach faster", log=True)

# %% tags=["claim"]
measures.record("largest error of a weight, pictures as they are", distance["as they are"][-1], at_least=0.04)
measures.record("largest error of a weight, pictures centred", distance["centred"][-1], at_most=0.04)

# %% [markdown]
# Centred, they are Sobel's nine, and no others: each of many thousand pixels is an equation for nine unknowns,
# and neighbourhoods differ enough to leave one answer. From week 3 on nobody hands over the wanted edge picture: the
# layer gets only the name of what is in the photo. Look then at what its first kernels become.
#
# ## Count the positions
# A kernel of 3 on 5 pixels has 3 positions. With a border of zeros (*padding*) it has more, and if it moves by
# two pixels at a time (*stride*) fewer. Lecture C shows three cases. **Predict** the size of each output.

# %%
week.positions(size=5, kernel=3, stride=1, padding=1)
week.positions(size=5, kernel=3, stride=1, padding=0)
week.positions(size=5, kernel=3, stride=2, padding=0)

# %% [markdown]
# ### Your turn: one formula for all
# The kernel needs `kernel` pixels for its first position, and each further one costs `stride` pixels more. What is
# the room, what is left of it, how many steps fit?


# %% tags=["exercise"]
def output_size(size, kernel, stride=1, padding=0):
    """How many positions a kernel has along an axis."""
    ### BEGIN SOLUTION
    return (size + 2 * padding - kernel) // stride + 1
    ### END SOLUTION


# %% tags=["check"]
output_size = week.output_size.check(output_size)

# %% [markdown]
# ### Play with it
# Here is the same with sliders (a picture of it where no widget runs). *Dilation* spreads the kernel out, with gaps
# between its entries (lecture B: "convolution with holes"); dots mark the pixels that it multiplies. Hatched pixels
# are never looked at. A kernel of 3 with dilation 2 reaches over 5 pixels, and 5 is what the formula then counts.
# **Find two more settings that overlook some pixels**, one of them without dilation. (No sliders here? Call
# `week.positions(size=9, kernel=2, stride=3)`.)

# %%
week.explore_positions()

# %% [markdown]
# ## How much does one output see?
# One kernel sees three pixels across. Put a second layer on top, and an output sees three outputs, which see ... how
# many pixels? To find out, ask each pixel by itself: switch it on alone, and see whether the middle output
# notices. All weights are 1, so that the answer counts the paths from the pixel to the output. **Predict** the width
# for two layers of 3x3, then for three layers with dilation 1, 2 and 4.


# %%
def footprint(*layers, size=17):
    """The middle output's answer to each pixel switched on alone."""
    model = keras.Sequential([keras.Input((size, size, 1)), *layers])
    one_by_one = np.eye(size * size).reshape(-1, size, size, 1)
    outputs = keras.ops.convert_to_numpy(model(one_by_one))
    middle = outputs.shape[1] // 2
    return outputs[:, middle, middle, 0].reshape(size, size)


def conv(**more):
    return keras.layers.Conv2D(1, 3, padding="same", use_bias=False, kernel_initializer="ones", **more)


sees = {
    "one layer": footprint(conv()),
    "two layers": footprint(conv(), conv()),
    "stride 2, then one": footprint(conv(strides=2), conv()),
    "dilation 1, 2, 4": footprint(conv(), conv(dilation_rate=2), conv(dilation_rate=4)),
}
widths = {name: np.count_nonzero(answer.any(axis=0)) for name, answer in sees.items()}
assert list(widths.values()) == [3, 5, 7, 15] and sees["two layers"].max() == 9
week.footprints(sees, "What one output depends on: the darker, the more paths lead there")

# %% [markdown]
# Two layers of 3x3 see 5x5 with $2·9 = 18$ weights, where one kernel of 5x5 needs 25. A stride widens the view of
# everything behind it, and three dilated layers see 15x15 with 27 weights. The shade tells more: two layers look at
# the middle on nine paths and at a corner on one; stride and dilation favour other pixels, in a grid.
#
# ### Your turn: the width of the view
# `layers` is a list of pairs `(kernel, stride)`, the first layer first. How many pixels does one output of the last
# layer see along an axis?


# %% tags=["exercise"]
def receptive_field(layers):
    """How many pixels one output sees along an axis."""
    ### BEGIN SOLUTION
    sees, step = 1, 1  # pixels seen; pixels between neighbouring outputs of the layer
    for kernel, stride in layers:
        sees += (kernel - 1) * step
        step *= stride
    return sees
    ### END SOLUTION


# %% tags=["check"]
receptive_field = week.receptive_field.check(receptive_field)

# %% [markdown]
# ## Keep the best of four
# *Max pooling* keeps the largest number of each window of 2x2 and forgets where in the window it was. Lecture C's
# example, and this time slide and computation agree:

# %%
before = np.array([[1, 4, 3, 3], [2, 7, 1, 4], [3, 6, 5, 1], [2, 1, 4, 3]])
pooled = max_pool2d(before)
assert np.array_equal(pooled, [[7, 4], [6, 5]]) and 4 * pooled.nbytes == before.nbytes
windows = [(row, column, 2, 2) for row in (0, 2) for column in (0, 2)]
plots.numbers([before, pooled], ["before", "after"], "The largest of each window", {0: windows}, ["→"])

# %% [markdown]
# ### Your turn: pool by loop
# Windows of `size` x `size` lie side by side. What does not fill a window at the right and lower border is left out.


# %% tags=["exercise"]
def max_pool(image, size):
    """The largest value of each window."""
    ### BEGIN SOLUTION
    result = np.zeros((image.shape[0] // size, image.shape[1] // size))
    for row in range(result.shape[0]):
        for column in range(result.shape[1]):
            window = image[row * size : (row + 1) * size, column * size : (column + 1) * size]
            result[row, column] = window.max()
    return result
    ### END SOLUTION


# %% tags=["check"]
max_pool = week.max_pool.check(max_pool)

# %% [markdown]
# ### What pooling buys, in numbers
# Lecture C names two gains: less memory, and features that care less about where things are. The first is plain: a
# quarter of the numbers. The second we measure. Take the edges of handwritten digits, move each digit to the right by
# some pixels, and see how alike its features still are (the cosine: 1 is the same). **Predict:** at a shift of two
# pixels, how alike without pooling, and how alike with windows of 4x4?

# %%
digits = data.load("digits")
known, new = digits.train.images[:1000, :, :, 0], digits.test.images[:300, :, :, 0]


def features(pictures, pool):
    """The pooled edges of each picture, as a row of length 1."""
    found = []
    for picture in pictures:
        r, c = correlate2d(picture, SOBEL_ROWS), correlate2d(picture, SOBEL_COLUMNS)
        borders = np.maximum(np.stack([r, -r, c, -c], axis=-1), 0)  # lower, upper, right and left borders of strokes
        found.append(pool(borders).ravel())
    return np.stack(found) / np.linalg.norm(found, axis=1, keepdims=True)


pools = {
    "no pooling": lambda maps: maps,
    "every 4th pixel": lambda maps: maps[::4, ::4],
    "mean of 4x4": lambda maps: average_pool2d(maps, 4),
    "max of 4x4": lambda maps: max_pool2d(maps, 4),
}
shifts = range(5)
moved = {name: [features(np.roll(new, shift, axis=2), pool) for shift in shifts] for name, pool in pools.items()}
alike = {name: [np.sum(rows[0] * each, axis=1).mean() for each in rows] for name, rows in moved.items()}
plots.curves(shifts, alike, ("shift in pixels", "likeness"), "A digit and itself, moved")

# %% tags=["claim"]
measures.record("likeness gained by max of 4x4 at a shift of 2", alike["max of 4x4"][2] - alike["no pooling"][2], 0.25)

# %% [markdown]
# From 0.42 to 0.82 by the maximum. To keep every 4th pixel blindly gains nothing, although it leaves about as few
# numbers: what helps is that a whole window is summarised. A striking figure, and so a question: are *different*
# digits more alike as well?

# %%
strangers = {name: np.sum(rows[0] * np.roll(rows[0], 1, axis=0), axis=1).mean() for name, rows in moved.items()}
plots.bars(list(strangers), list(strangers.values()), ("pooling", "likeness"), "A digit and another one, not moved")

# %% tags=["claim"]
measures.record(
    "how much more alike strangers are by max of 4x4", strangers["max of 4x4"] - strangers["no pooling"], 0.2
)

# %% [markdown]
# They are. Pooling makes everything alike, and part of what looked like tolerance is just that. The fair question is
# whether the features still tell digits *apart*. So read each moved digit by the most alike of 1,000 known ones.
# **Predict:** at which shifts does pooling help most?

# %%
truth, names = digits.test.labels[:300], digits.train.labels[:1000]
read = {}
for name, pool in pools.items():
    bank = features(known, pool)
    read[name] = [np.mean(names[(rows @ bank.T).argmax(axis=1)] == truth) for rows in moved[name]]
plots.curves(shifts, read, ("shift in pixels", "share read right"), "Digits read by the most alike of 1,000")

# %% tags=["claim"]
measures.record("points gained by max of 4x4 at a shift of 3", 100 * (read["max of 4x4"][3] - read["no pooling"][3]), 5)
measures.record(
    "points between mean and max at 3", 100 * abs(read["max of 4x4"][3] - read["mean of 4x4"][3]), at_most=8
)
measures.record("points lost by it without a shift", 100 * (read["no pooling"][0] - read["max of 4x4"][0]), at_most=5)
measures.record(
    "points gained over every 4th pixel at 2", 100 * (read["max of 4x4"][2] - read["every 4th pixel"][2]), 8
)

# %% [markdown]
# That is the honest gain: more than ten points at a shift of three pixels, at hardly any cost for digits that stand
# still, with a sixteenth of the numbers. Mean and maximum do about as well here. The price: features no longer tell
# where in its window an edge was. For a digit's name that is no loss; for a box around it (week 6) or its outline
# (week 9) it is, and both weeks have to pay it back.
#
# ## A convolution is a dense layer, nearly all zeros
# A dense layer multiplies all inputs by a matrix. Sliding is multiplying and adding too, so there must be a matrix
# that does it. One row for each output, one column for each pixel: **how will it look** for a 3x3 kernel on an image
# of 8x8?

# %%
small = photo[:8, :8]
sliding = as_matrix(letters, small.shape)
assert np.allclose(sliding @ small.ravel(), correlate2d(small, letters).ravel(), atol=1e-4)
plots.matrix(sliding, "The kernel 1 to 9 on an image of 8x8, as a matrix")

# %% [markdown]
# Each row has the same nine numbers, moved on by one pixel (by three where a new line of outputs begins). That is
# what sets a convolution apart: nearly all weights are zero (each output looks at its neighbourhood only), and those
# that are not are the same in each row (shared). So lecture C's question, whether convolutions and MLPs are that
# different, has a number for an answer:

# %% tags=["nbval-check-output"]
dense = keras.layers.Dense(26 * 26, use_bias=False)
dense.build((None, 28 * 28))
shared = keras.layers.Conv2D(1, 3, use_bias=False)
shared.build((None, 28, 28, 1))
print("one map of 26x26 from a digit of 28x28")
print(f"  dense layer: {dense.count_params():>7,} weights")
print(f"  not zero:    {as_matrix(np.ones((3, 3)), (28, 28)).nnz:>7,} of them, if it does a convolution's work")
print(f"  Conv2D:      {shared.count_params():>7,} weights, used again at every position")

# %% [markdown]
# Turn the matrix on its side, and it leads the other way: from the small map to the large one. One output spreads
# over nine pixels, and the kernel is stamped as it stands. That is the *transposed convolution* (lecture B), with
# which week 9 draws pictures.

# %%
one_output = np.zeros((6, 6))
one_output[2, 3] = 1
spread = (sliding.T @ one_output.ravel()).reshape(8, 8)
assert np.array_equal(spread[2:5, 3:6], letters) and np.count_nonzero(spread) == 9
plots.numbers(
    [one_output, spread], ["a map of 6x6", "an image of 8x8"], "One output, spread by the transpose", between=["→"]
)

# %% [markdown]
# ## What you can do now
# - **Convolve:** nine products and a sum, slid over the picture. Lecture C's example is right in its middle row only.
#   Keras correlates; mathematics flips first.
# - **Predict sizes:** $\lfloor (n + 2p - k)/s \rfloor + 1$ positions; layers and strides widen the view, 3x3 twice
#   sees 5x5.
# - **Judge pooling:** fewer numbers, and small shifts forgiven, by less than it seems at first; the place within the
#   window is lost.
# - **Explain:** a convolution is a dense layer whose matrix is nearly all zeros and repeats nine numbers.
#
# **Try next:** write a kernel that answers to lines one pixel wide and not to edges, then one that answers only to
# slanted lines. Show what they find with `plots.pictures`. Then set `DATASET` to a folder of your own photographs and
# run all again. Week 3 stacks these layers and lets them learn.
