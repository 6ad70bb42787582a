# ---
# jupyter:
#   course:
#     seconds: 60
#     gigabytes: 2
# ---

# %% [markdown]
# # What can nine numbers see?
#
# Lay nine numbers on a photograph, multiply each by the pixel under it, and add the products. Do this at every
# position, and the outlines of things appear. Every convolutional network is made of this step.
#
# **You will be able to**
# - compute a convolution by hand, by loop and with Keras,
# - measure edges, and train a layer that learns to do so,
# - predict the size of an output, and how much of the image it sees,
# - measure how much shift max pooling tolerates,
# - explain why a convolution is a dense layer.
#
# *Mirrors: lecture C, "Kernel Convolution" to "Convolutional Layers vs MLPs"; lecture B, transposed and dilated
# convolution. About 60 minutes with the exercises; {cost}.*

# %% tags=["setup"]
import numpy as np

from course_utils import data, measures, plots, setup
from course_utils.weeks import week02 as week
from course_utils.byhand.convolution import SOBEL_COLUMNS, SOBEL_ROWS, as_matrix, average_pool2d, correlate2d

setup(seed=0)
import keras

# %% tags=["parameters"]
DATASET = "photos"  # or a folder with one subfolder of your own images for each class

# %% [markdown]
# ## See what nine numbers do
# We begin with a photograph.

# %%
photos = data.load(DATASET)
measures.measured_on("photos", photos)  # the minimums of this lesson hold for these photographs only
photo = week.small_grey(photos.test.images[0])  # grey, at most about 256 pixels a side
plots.pictures([photo], title="The photograph", height=3.2, span=(0, 1))

# %% [markdown]
# The Sobel operator has two small grids of fixed numbers, called *kernels*.
# $$\text{SOBEL\_ROWS}=\begin{pmatrix}1&2&1\\0&0&0\\-1&-2&-1\end{pmatrix}\qquad
# \text{SOBEL\_COLUMNS}=\begin{pmatrix}1&0&-1\\2&0&-2\\1&0&-1\end{pmatrix}$$
#
# We move each over the photograph. The sum of products at a position is the kernel's *response* there. **Predict:**
# which kernel responds to the upright post of the tripod?

# %%
rows, columns = correlate2d(photo, SOBEL_ROWS), correlate2d(photo, SOBEL_COLUMNS)  # you write this function below
titles = ["SOBEL_ROWS", "SOBEL_COLUMNS"]
plots.pictures([np.abs(rows), np.abs(columns)], titles, "Bright: a large response of either sign", span=(0, 1))

# %% [markdown]
# `SOBEL_COLUMNS` shows the post: it compares left with right, so it responds to vertical edges. `SOBEL_ROWS` compares
# above with below and shows horizontal edges.
#
# ## Slide, multiply, add
# In lecture C's example we lay the kernel on the framed part of the image, multiply each pair of numbers, and add the
# products.

# %%
image = np.array([[1, 4, 3, 2, 2], [2, 1, 7, 4, 6], [3, 4, 6, 1, 8], [2, 1, 5, 3, 7], [1, 7, 3, 5, 2]])
plots.numbers([image, SOBEL_ROWS], ["image", "kernel"], "The first position of the kernel", {0: [(0, 0, 3, 3)]}, ["*"])

# %% [markdown]
# The top row gives $1·1+2·4+1·3=12$, and the middle row gives 0. What is the sum of all nine products?
#
# ### Your turn: write the loop
# Loop over all positions at which the whole kernel lies on the image, and store each sum of products. A 3x3 kernel has
# $5-3+1=3$ positions along 5 pixels, so a 5x5 image gives a 3x3 result. Kernels can have any size.


# %% tags=["exercise"]
def correlate(image, kernel):
    """The sum of products at each position of the kernel, as an array of floats."""
    ### BEGIN SOLUTION
    height, width = kernel.shape
    result = np.zeros((image.shape[0] - height + 1, image.shape[1] - width + 1))
    for row in range(result.shape[0]):
        for column in range(result.shape[1]):
            result[row, column] = np.sum(image[row : row + height, column : column + width] * kernel)
    return result
    ### END SOLUTION


# %% tags=["check"]
correlate = week.correlate.check(correlate)  # yours from here on if it is right, otherwise the course's

# %%
result = correlate(image, SOBEL_ROWS)
slide = np.array([[-1, 3, -3], [2, 5, 3], [-5, -9, -3]])
differs = [(row, column, 1, 1) for row, column in np.argwhere(slide != result)]
titles = ["result on the slide", "computed"]
plots.numbers([slide, result], titles, "The framed numbers of the slide differ", {0: differs}, ["≠"])

# %% tags=["claim"]
assert (slide == result).all(axis=1).tolist() == [False, True, False]  # the middle row alone agrees

# %% [markdown]
# The bottom row gives $-(3+2·4+6)=-17$, so the first sum is $12-17=-5$. The slide has -1. The bottom right is
# $(6+2·1+8)-(3+2·5+2)=1$, not -3. The framed numbers are wrong.
#
# ## Tell correlation from convolution
# In mathematics, a *convolution* flips the kernel along both axes before it slides. Your loop does not: it computes a
# *correlation*. We apply both to zeros with a single 1 in the centre. **Predict:** which of the two does
# Keras' `Conv2D` compute?

# %%
spot = np.zeros((5, 5))
spot[2, 2] = 1
one_to_nine = np.arange(1.0, 10).reshape(3, 3)

layer = keras.layers.Conv2D(1, 3, use_bias=False)  # one 3x3 kernel
layer.build((None, 5, 5, 1))  # images, height, width, channels
layer.set_weights([one_to_nine.reshape(3, 3, 1, 1)])
by_keras = keras.ops.convert_to_numpy(layer(spot.reshape(1, 5, 5, 1))).reshape(3, 3)

results = [correlate(spot, one_to_nine), correlate(spot, one_to_nine[::-1, ::-1]), by_keras]
titles = ["kernel", "correlation", "convolution", "Conv2D"]
plots.numbers([one_to_nine, *results], titles, "The kernel applied to a single 1")

# %% tags=["claim"]
from scipy import signal

assert np.array_equal(results[0], signal.correlate2d(spot, one_to_nine, mode="valid"))
assert np.array_equal(results[1], signal.convolve2d(spot, one_to_nine, mode="valid"))
assert np.allclose(by_keras, results[0])

# %% [markdown]
# `Conv2D` computes the correlation. Its result begins with 9, because at the first position the 1 lies under the
# kernel's last number. The flip does not matter to a layer that learns its kernel. It matters when you copy a kernel
# from a signal-processing book.
#
# ## Measure an edge
# One Sobel kernel measures how brightness changes *across* the columns, the other how it changes *down* the rows.
# At each pixel, the two form an arrow, the *gradient*. Its length is the strength of the edge.
#
# ### Your turn: the length of the arrow
# `across` and `down` are arrays of one shape, and so is the result. A pixel with 3 across and 4 down has strength 5.
#
# The next picture shows every second arrow. Arrows point from dark to bright. **Predict:** do they run along the legs
# of the tripod or across them?


# %% tags=["exercise"]
def edge_strength(across, down):
    """The edge strength of each pixel: the length of its arrow."""
    ### BEGIN SOLUTION
    return np.sqrt(across**2 + down**2)
    ### END SOLUTION


# %% tags=["check"]
edge_strength = week.edge_strength.check(edge_strength)

# %%
across, down = -correlate(photo, SOBEL_COLUMNS), -correlate(photo, SOBEL_ROWS)  # minus: from dark to bright
strength = edge_strength(across, down)
week.arrows(photo[1:-1, 1:-1], strength, across, down, "Edges: how strong, and in which direction")

# %% tags=["claim"]
from skimage import filters

assert np.allclose(strength / (4 * np.sqrt(2)), filters.sobel(photo)[1:-1, 1:-1], atol=1e-5)

# %% [markdown]
# They run across the legs: brightness changes across an edge and not along it.
#
# ### Compare kernels
# Prewitt's kernel has three equal rows. The Laplacian compares a pixel with its four neighbours. Which one handles
# noise best? We divide each kernel's response to a clean edge by the standard deviation of its response to noise.

# %%
kernels = {
    "Prewitt": np.array([[1, 0, -1], [1, 0, -1], [1, 0, -1]]),
    "Sobel": SOBEL_COLUMNS,
    "Laplacian": np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
}
edge = np.repeat([[0.0, 0, 0, 1, 1, 1]], 6, axis=0)  # dark on the left, bright on the right
noise = np.random.default_rng(0).normal(size=(120, 120))
ratios = [np.abs(correlate(edge, kernel)).max() / correlate(noise, kernel).std() for kernel in kernels.values()]
plots.bars(list(kernels), ratios, ("kernel", "response to edge / noise"), "How well an edge stands out from noise")

# %% tags=["claim"]
measures.record("edge-to-noise ratio, Sobel's divided by the Laplacian's", ratios[1] / ratios[2], at_least=4.5)
assert ratios[0] > ratios[1]

# %% [markdown]
# Prewitt handles noise best, just ahead of Sobel. Both sum over three rows, and that reduces noise. The Laplacian
# takes differences of differences, so noise hurts it most.
#
# ## Let a layer learn Sobel
# Suppose we have photographs and their edge images, but not the nine numbers. We train a `Conv2D` that begins with
# random weights. **Predict:** will it learn Sobel's numbers, or others that do as well?

# %%
crops = np.stack([image.mean(axis=-1)[:96, :96] for image in photos.train.images[:10]])
targets = np.stack([correlate(crop, SOBEL_COLUMNS) for crop in crops])


def learn(crops, steps=300):
    """The nine weights after each step: an array of shape (steps + 1, 3, 3)."""
    keras.utils.set_random_seed(0)  # the same random start each time
    network = keras.Sequential([keras.Input((None, None, 1)), keras.layers.Conv2D(1, 3, use_bias=False)])
    network.compile(keras.optimizers.Adam(0.1), loss="mse")
    weights = [network.get_weights()[0]]
    for _ in range(steps):
        loss = network.train_on_batch(crops[..., None], targets[..., None])
        weights.append(network.get_weights()[0])
    print(f"mean squared error after {steps} steps: {loss:.0e}")
    return np.reshape(weights, (-1, 3, 3))


learned = learn(crops)
titles = [f"after {step} steps" for step in (0, 50, 300)]
plots.numbers(learned[[0, 50, 300]].round(2), titles, "The nine weights during training")

# %% [markdown]
# The error, 0.0002, is tiny beside the targets' mean square of 0.11. Yet some weights are still wrong by 0.3. A small
# error is no proof that the right thing was learned.
#
# The mean pixel is 0.41. Raise *any* weight by 0.1, and all outputs rise by about 0.04. So the error hardly tells which
# weight is wrong. The cure is to *centre* the images: we subtract the mean of all pixels. Sobel's numbers sum to 0, so
# the targets stay unchanged.

# %%
centred = learn(crops - crops.mean())
plots.numbers(centred[[0, 50, 300]].round(2), titles, "The same start, with centred images")
errors = {
    name: np.abs(weights - SOBEL_COLUMNS).max(axis=(1, 2))
    for name, weights in {"original": learned, "centred": centred}.items()
}
plots.curves(range(301), errors, ("step", "largest error of a weight"), "Centred images train faster", log=True)

# %% tags=["claim"]
measures.record("largest error of a weight, original images", errors["original"][-1], at_least=0.04)
measures.record("largest error of a weight, centred images", errors["centred"][-1], at_most=0.04)

# %% [markdown]
# It learns Sobel's numbers: with centred images, to two decimals. Each output is an equation for nine unknowns,
# and thousands of equations leave one solution. Without centring, training reaches it later.
#
# ## Count the positions
# *Padding* is a border of zeros and adds positions. The *stride* is the number of pixels from one position to the next.
# Lecture C shows a 3x3 kernel on 5x5 pixels. Padding and stride are 1 and 1, 0 and 1, 0 and 2. **Predict** the three
# output sizes.
#
# ### Your turn: one formula for all cases
# All arguments are in pixels, along one axis. `padding` is added at both ends. The first position needs `kernel`
# pixels. Each further one needs `stride` more. Six pixels, a kernel of 3 and stride 2 give 2 positions.


# %% tags=["exercise"]
def output_size(size, kernel, stride=1, padding=0):
    """The number of positions of a kernel along one axis."""
    ### BEGIN SOLUTION
    return (size + 2 * padding - kernel) // stride + 1
    ### END SOLUTION


# %% tags=["check"]
output_size = week.output_size.check(output_size)

# %%
for padding, stride in [(1, 1), (0, 1), (0, 2)]:  # drawn with your output_size
    week.positions(size=5, kernel=3, stride=stride, padding=padding, output_size=output_size)

# %% [markdown]
# The outputs are 5x5, 3x3 and 2x2. *Dilation* puts gaps between the entries of a kernel: 3 entries with dilation 2
# reach over 5 pixels. The next picture has sliders. Frames show the first, second and last position, and dots mark the
# pixels used there. Hatched pixels are never used. Find a setting with dilation 1 that leaves pixels unused, too.

# %%
week.explore_positions(output_size)

# %% [markdown]
# For example, size 8, kernel 3, stride 2, padding 0 never uses the last row and column.
#
# ## Widen the view
# A 3x3 kernel sees three pixels across, but objects are larger. So networks stack layers. The *receptive field* of an
# output is the part of the image that it depends on. We set all weights to 1 and switch on each pixel alone. The centre
# output then counts the paths from that pixel. **Predict** the width of the field for two 3x3 layers, and for three
# with dilation 1, 2 and 4.


# %%
def footprint(*layers, size=17):
    """The response of the centre output to each pixel alone, (size, size)."""
    model = keras.Sequential([keras.Input((size, size, 1)), *layers])
    single_pixels = np.eye(size * size).reshape(-1, size, size, 1)  # image number i has only pixel i switched on
    outputs = keras.ops.convert_to_numpy(model(single_pixels))
    centre = outputs.shape[1] // 2
    return outputs[:, centre, centre, 0].reshape(size, size)


def conv(**options):
    return keras.layers.Conv2D(1, 3, padding="same", use_bias=False, kernel_initializer="ones", **options)


footprints = {
    "one layer": footprint(conv()),
    "two layers": footprint(conv(), conv()),
    "stride 2, then 1": footprint(conv(strides=2), conv()),
    "dilation 1, 2, 4": footprint(conv(), conv(dilation_rate=2), conv(dilation_rate=4)),
}
week.footprints(footprints, "Receptive fields (darker: more paths from this pixel to the output)")

# %% tags=["claim"]
assert [np.count_nonzero(mask.any(axis=0)) for mask in footprints.values()] == [3, 5, 7, 15]

# %% [markdown]
# Two layers see 5x5 pixels with 18 weights, while one 5x5 kernel needs 25. The rule: begin with 1 pixel. Each layer
# with kernel $k$ and dilation $d$ adds $(k-1)·d$ pixels, times all strides before it. Stride 2, then 1 gives
# $1+2+2·2=7$. Dilation 1, 2, 4 gives $1+2+4+8=15$.
#
# ## Keep the largest value
# *Max pooling* keeps the largest value of each window. Smaller maps need less memory, and lecture C says that pooled
# features depend less on position.
#
# ### Your turn: pool by loop
# Windows of `size` x `size` pixels lie side by side. Ignore what does not fill a window at the right or lower border:
# 26x26 pixels with `size` 4 give 6x6.


# %% tags=["exercise"]
def max_pool(image, size):
    """The largest value of each window, (height // size, width // size)."""
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

# %%
before = np.array([[1, 4, 3, 3], [2, 7, 1, 4], [3, 6, 5, 1], [2, 1, 4, 3]])
windows = [(row, column, 2, 2) for row in (0, 2) for column in (0, 2)]
pooled = [max_pool(before, 2), average_pool2d(before, 2)]
plots.numbers([before, *pooled], ["image", "max pooling", "average pooling"], "Lecture C's example", {0: windows})

# %% tags=["claim"]
assert np.array_equal(pooled[0], [[7, 4], [6, 5]])

# %% [markdown]
# We test this claim on digits that are shifted right by up to four pixels. A `Conv2D` with Sobel's numbers turns each
# digit into four edge maps of 26x26 pixels. A *nearest neighbour* classifier takes the class of the most similar of
# 1,000 known digits.
#
# The features are all $4·26·26=2704$ numbers, every 4th pixel, or the mean or maximum of 4x4 windows ($4·6·6=144$).
# **Predict:** at which shifts does max pooling help most?

# %%
# Four 3x3 kernels, with both signs, because ReLU drops negative values.
sobels = np.stack([SOBEL_ROWS, -SOBEL_ROWS, SOBEL_COLUMNS, -SOBEL_COLUMNS])
fixed = keras.layers.Conv2D(4, 3, use_bias=False, activation="relu", trainable=False)
fixed.build((None, 28, 28, 1))
fixed.set_weights([sobels.transpose(1, 2, 0)[:, :, None, :]])  # to Keras' order: height, width, channels, kernels


def features(images, pool):
    """The pooled edge maps of each image, as one row of length 1."""
    maps = keras.ops.convert_to_numpy(fixed(images)).transpose(0, 3, 1, 2)  # images, kernels, height, width
    each = np.stack([np.ravel([pool(one) for one in maps_of_image]) for maps_of_image in maps])
    return each / np.linalg.norm(each, axis=1, keepdims=True)


# %%
digits = data.load("digits")
known, unseen = digits.train.images[:1000], digits.test.images[:300]
pools = {
    "no pooling": lambda one: one,
    "every 4th pixel": lambda one: one[::4, ::4],
    "mean of 4x4": lambda one: average_pool2d(one, 4),
    "max of 4x4": lambda one: max_pool(one, 4),
}
accuracy = {}
for name, pool in pools.items():
    known_rows = features(known, pool)
    # The rows have length 1, so their products are cosines: 1 for features that differ by a factor only.
    similarity = [features(np.roll(unseen, shift, axis=2), pool) @ known_rows.T for shift in range(5)]
    classes = [digits.train.labels[:1000][each.argmax(axis=1)] for each in similarity]
    accuracy[name] = [np.mean(each == digits.test.labels[:300]) for each in classes]
    print(f"{name}: {known_rows.shape[1]:,} numbers an image")
plots.curves(range(5), accuracy, ("shift in pixels", "accuracy"), "Pooled features tolerate small shifts")

# %% tags=["claim"]
gains = {name: 100 * np.subtract(accuracy["max of 4x4"], values) for name, values in accuracy.items()}
measures.record("points gained by max pooling at a shift of 3", gains["no pooling"][3], at_least=5)
measures.record("points lost by max pooling without a shift", -gains["no pooling"][0], at_most=5)
measures.record("points gained over every 4th pixel at a shift of 2", gains["every 4th pixel"][2], at_least=8)
measures.record("points gained over the mean of 4x4 at a shift of 3", gains["mean of 4x4"][3], at_most=8)

# %% [markdown]
# Max pooling helps most at shifts of two to four pixels: at 3, accuracy is 0.72 with it and 0.57 without. Means help
# about as much. Every 4th pixel does worse than no pooling, so it helps to summarise the whole window. The price is
# position: features no longer say where in its window an edge was.
#
# ## Write a convolution as a dense layer
# A dense layer multiplies its inputs by a matrix. A matrix can do the sliding, too: it has one row for each output and
# one column for each pixel. On 8x8 pixels, a 3x3 kernel has 36 positions.

# %%
small = photo[:8, :8]
matrix = as_matrix(one_to_nine, small.shape)  # one row for each position: 36 outputs, 64 inputs
dense = keras.layers.Dense(36, use_bias=False)
dense.build((None, 64))
dense.set_weights([matrix.toarray().T])  # Keras wants inputs x outputs
same = np.allclose(dense(small.reshape(1, 64)), correlate(small, one_to_nine).ravel(), atol=1e-4)
print("the dense layer computes the convolution:", same)
print(f"Dense: {dense.count_params():,} weights, of which {matrix.nnz} are not zero; Conv2D: {layer.count_params()}")
week.matrix(matrix, "The kernel 1 to 9 on 8x8 pixels, as a matrix")

# %% tags=["claim"]
assert same

# %% [markdown]
# Each row holds the same nine numbers, moved to the next position: $36·9=324$ are not zero. The three bands are the
# three kernel rows. They jump where the kernel starts a new image row. So a convolution is a dense layer in which each
# output sees only its neighbourhood and all share nine weights.
#
# The transposed matrix goes the other way, from the small map to the large image. This is lecture B's *transposed
# convolution*.

# %%
one_output = np.zeros((6, 6))
one_output[2, 3] = 1
spread = (matrix.T @ one_output.ravel()).reshape(8, 8)
plots.numbers([one_output, spread], ["6x6 map", "8x8 image"], "One output becomes a copy of the kernel", between=["→"])

# %% tags=["claim"]
assert np.array_equal(spread[2:5, 3:6], one_to_nine) and np.count_nonzero(spread) == 9

# %% [markdown]
# Where the copies of several outputs overlap, they add. Week 9 enlarges images this way.
#
# ## What you can do now
# - **Compute a convolution:** products and a sum at each position. Keras does not flip the kernel.
# - **Measure edges:** a layer learns Sobel's numbers faster from centred images.
# - **Predict sizes:** $\lfloor(n+2p-k)/s\rfloor+1$ positions for $n$ pixels, padding $p$, kernel $k$, stride $s$.
#   Layers, stride and dilation widen the receptive field.
# - **Measure pooling:** it tolerates small shifts.
# - **Explain** a convolution as a dense layer: most weights are zero, the others are shared.
#
# **Try next**
# - Write a kernel that responds more strongly to a line one pixel wide than to an edge.
