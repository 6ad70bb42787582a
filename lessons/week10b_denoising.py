# ---
# jupyter:
#   course:
#     seconds: 80
#     gigabytes: 1.8
# ---

# %% [markdown]
# # How does a network clean a noisy image?
#
# A filter that removes noise looks at neighbouring pixels. A network that has seen ten thousand digits can do more:
# it knows how digits look. In this lesson you train such a network, and you measure how much its knowledge is worth.
#
# **You will be able to**
# - measure the damage to an image by PSNR and SSIM,
# - train a denoising autoencoder, and say why each training step needs new noise,
# - compare it fairly with a median filter and a linear map,
# - show what a denoiser does to images that it was not trained for,
# - fill in missing pixels with a U-Net that is given the mask.
#
# *Mirrors: lecture A, "Denoising Autoencoders"; lecture B, the de-noising autoencoder; lecture D, "U-net". About 40
# minutes with the exercises; {cost}.*

# %% tags=["setup"]
import numpy as np
from scipy.ndimage import median_filter
from skimage.metrics import structural_similarity
from sklearn.linear_model import Ridge

from course_utils import by_size, data, measures, plots, setup, training
from course_utils.weeks import week10b as week

setup(seed=0)
import keras
from keras import layers

# %% tags=["parameters"]
DATASET = "digits"  # or "mnist", "fashion_mnist", or the path of your own images
SIGMA = 0.5  # standard deviation of the noise, where black is 0 and white is 1
STEPS = by_size(quick=600, full=6000)  # training steps of the autoencoder
UNET_STEPS = by_size(quick=300, full=6000)

# %% [markdown]
# ## Look at two kinds of damage
# Lecture A names two kinds of damage: random noise and missing pixels. Here the noise is *Gaussian*: each pixel gets
# a random number from a normal distribution with standard deviation 0.5. For the second row half of the pixels are
# missing, which means set to 0. The picture shows values below 0 as black and values above 1 as white.
#
# **Predict:** which damage has the larger mean squared error?

# %%
loaded = data.load(DATASET)
train = week.sample(loaded.train, 20_000).images  # at most 20,000 images, grey, 28x28 pixels
clean = week.sample(loaded.test, 300).images
rng = np.random.default_rng(1)
noisy = clean + rng.normal(0, SIGMA, clean.shape)
known = rng.random(clean.shape) < 0.5  # True where a pixel is known
rows = [noisy[:8], clean[:8] * known[:8], clean[:8]]
plots.pictures(np.concatenate(rows), title="With noise, with missing pixels, clean", columns=len(rows[0]), span=(0, 1))

# %% tags=["claim"]
measures.measured_on("digits" if SIGMA == 0.5 else "", loaded)  # limits hold for this data set and noise only

# %% [markdown]
# ## Measure the damage
# We need a number for how close an image is to the clean one. The *peak signal-to-noise ratio* compares the largest
# possible pixel value, here 1, with the mean squared error (MSE). Its unit is the decibel (dB):
#
# $$\text{PSNR} = 10 \log_{10} \frac{1^2}{\text{MSE}}$$
#
# Higher is better, and 3 dB more mean half the MSE. For an MSE of 0.1 it gives 10 dB, for 0.01 it gives 20 dB.
#
# ### Your turn: PSNR
# Compare the two images as they are, without clipping.


# %% tags=["exercise"]
def psnr(clean, image):
    """Peak signal-to-noise ratio of `image` in decibels; `clean` has the same shape, and white is 1."""
    ### BEGIN SOLUTION
    return 10 * np.log10(1 / np.mean((clean - image) ** 2))
    ### END SOLUTION


# %% tags=["check"]
psnr = week.psnr.check(psnr)

# %% [markdown]
# PSNR compares pixel by pixel. *Structural similarity* (SSIM) compares windows $a$ and $b$ of 7x7 pixels by their
# means $\mu$, variances $\sigma^2$ and covariance $\sigma_{ab}$:
#
# $$\text{SSIM} = \frac{(2 \mu_a \mu_b + c_1)(2 \sigma_{ab} + c_2)}
# {(\mu_a^2 + \mu_b^2 + c_1)(\sigma_a^2 + \sigma_b^2 + c_2)}$$
#
# The small constants $c_1$, $c_2$ avoid a division by 0. The mean over all windows is 1 for equal images.


# %%
def mean_psnr(images, truth):
    return np.mean([psnr(a, b) for a, b in zip(truth, images, strict=True)])


def mean_ssim(images, truth):
    pairs = zip(truth[..., 0], images[..., 0].astype("float32"), strict=True)
    return np.mean([structural_similarity(a, b, data_range=1) for a, b in pairs])


def compare(methods, title):
    rows = [[name, f"{mean_psnr(x, clean):.1f}", f"{mean_ssim(x, clean):.2f}"] for name, x in methods.items()]
    plots.table(rows, ["", "PSNR in dB", "SSIM"], title)


compare({"noise": noisy, "missing pixels": clean * known}, f"Damage, mean of {len(clean)} test images")

# %% [markdown]
# The noise has the larger mean squared error. Its MSE is its variance, $0.5^2 = 0.25$, and $10 \log_{10} 4$ is 6 dB.
# Missing pixels reach 11 dB, because most pixels of a digit are black anyway.
#
# ## Try a filter first
# A *median filter* replaces each pixel by the median of its neighbourhood. It knows nothing about digits. No clean
# pixel is below 0 or above 1, so we clip what a method returns to that range.


# %%
def filter_by_median(side):
    return median_filter(noisy, (1, side, side, 1)).clip(0, 1)


filtered = {f"median of {side}x{side} pixels": filter_by_median(side) for side in (3, 5, 7)}
compare({"noisy": noisy, "noisy, clipped": noisy.clip(0, 1), **filtered}, "Noise, after a median filter")
methods = {"noisy": noisy, "median filter": filter_by_median(5)}

# %% [markdown]
# A large median filter removes more noise, but it also removes thin strokes. By PSNR 5x5 pixels are best, by SSIM 3x3.
# Our first baseline is 5x5, because we compare methods by PSNR.
#
# ## Learn from pairs
# Lecture A adds noise to the inputs during training. So a training pair is a noisy image, the input, and the same
# image without noise, the target.
#
# ### Your turn: a training pair
# `rng.normal(mean, standard_deviation, shape)` returns normally distributed numbers. The generator `rng` comes from
# outside, and it continues its random sequence with every call. So each call makes new noise.


# %% tags=["exercise"]
def training_pair(batch, sigma, rng):
    """Two arrays: the batch plus Gaussian noise of standard deviation `sigma` from `rng`, and the batch itself."""
    ### BEGIN SOLUTION
    return batch + rng.normal(0, sigma, batch.shape), batch
    ### END SOLUTION


# %% tags=["check"]
training_pair = week.training_pair.check(training_pair)

# %% [markdown]
# ## Watch a linear network overfit to noise
# The simplest network for such pairs is one dense layer without activation, a *linear map*: each clean pixel is a
# weighted sum of all 784 noisy ones. We need no gradient descent, because scikit-learn's `Ridge` computes the best
# weights directly.
#
# Here is a mistake that raises no error: add the noise once, before the training. We take 1,000 images and copy them
# 1, 2, 4, 8 or 16 times. Your function gives each copy new noise.


# %%
def linear_map(images, copies):
    """The best linear map from noisy to clean pixels."""
    rng = np.random.default_rng(2)
    pairs = [training_pair(images, SIGMA, rng) for _ in range(copies)]
    inputs, targets = (np.concatenate(arrays).reshape(-1, 784) for arrays in zip(*pairs, strict=True))
    return Ridge(alpha=0.01).fit(inputs, targets)


def apply_map(linear, images):
    return linear.predict(images.reshape(-1, 784)).reshape(images.shape).clip(0, 1)


# %% [markdown]
# We apply each map twice: to the training images with the noise of the first copy, and to test images. **Predict:**
# how do the two PSNRs change with the number of copies?

# %%
some, copies = train[:1000], [1, 2, 4, 8, 16]
first_noise = training_pair(some, SIGMA, np.random.default_rng(2))[0]
curves = {"training images": [], "test images": []}
for count in copies:
    linear = linear_map(some, count)
    curves["training images"].append(mean_psnr(apply_map(linear, first_noise), some))
    curves["test images"].append(mean_psnr(apply_map(linear, noisy), clean))
labels = "copies of each image, each with new noise", "PSNR in dB"
plots.curves(copies, curves, labels, "Noise that is made once is learned by heart")

# %% tags=["claim"]
gain = curves["test images"][-1] - curves["test images"][0]
measures.record("what new noise gains over noise made once, dB", gain, at_least=2)

# %% [markdown]
# With one copy the map is excellent on its training images, but on test images it is worse than the median filter. It
# has 785 weights for each pixel and only 1,000 pairs, so it learned this very noise by heart. With 16 copies the two
# curves nearly meet. We added no new image, only new noise. So the cure is new noise at every step.
#
# ## Train a denoising autoencoder
# The autoencoder halves the image twice and doubles it twice. Its code has 7x7x64 = 3,136 numbers, *more* than the
# image has pixels. It could simply copy its input. But copying does not help, because the input is noisy and the
# target is not.


# %%
def convolution(channels, kernel, strides=1, layer=layers.Conv2D):
    """A layer with batch normalisation and ReLU."""
    first = layer(channels, kernel, strides=strides, padding="same", use_bias=False)
    return [first, layers.BatchNormalization(momentum=0.95), layers.ReLU()]


down = [*convolution(16, 5, strides=2), *convolution(64, 3, strides=2)]
code = [*convolution(64, 3), *convolution(64, 3)]
up = convolution(16, 4, strides=2, layer=layers.Conv2DTranspose)
last = layers.Conv2DTranspose(1, 4, strides=2, padding="same", activation="sigmoid")  # outputs from 0 to 1
denoiser = keras.Sequential([keras.Input((28, 28, 1)), *down, *code, *up, last])
plots.architecture(denoiser, title="The denoising autoencoder")

# %% [markdown]
# The loss is the mean squared error, because PSNR is computed from it. Your `training_pair` makes the noise of each
# batch, so no image comes twice with the same noise. The learning rate rises for a tenth of the steps, then it falls
# to zero.
#
# **Predict:** by how many decibels does the network beat a linear map that learned from all training images?


# %%
def batches(images, make_pair, size=32):
    """Training pairs without end: random images, damaged by `make_pair`."""
    rng = np.random.default_rng(0)
    while True:
        yield make_pair(images[rng.integers(len(images), size=size)], rng)


def fit(network, pairs, steps, title):
    network.compile(keras.optimizers.Adam(beta_2=0.98), "mse")  # beta_2: adapts faster, for a short training
    callbacks = [training.WarmupThenDecay(0.02), training.LiveCurve(title, every=10)]
    network.fit(pairs, steps_per_epoch=steps, shuffle=False, verbose=0, callbacks=callbacks)


def make_noisy(batch, rng):
    return training_pair(batch, SIGMA, rng)


fit(denoiser, batches(train, make_noisy), STEPS, "The denoising autoencoder learns")

# %%
methods["linear map"] = apply_map(linear_map(train, copies=2), noisy)
methods["autoencoder"] = denoiser.predict(noisy, verbose=0)
compare(methods, f"Gaussian noise removed, mean of {len(clean)} test images")

# %% tags=["claim"]
scores = {name: mean_psnr(images, clean) for name, images in methods.items()}
best_baseline = max(scores["median filter"], scores["linear map"])
measures.record("autoencoder over the best baseline, noise, dB", scores["autoencoder"] - best_baseline, at_least=1.7)

# %%
shown = [images[number] for number in range(min(4, len(clean))) for images in (clean, *methods.values())]
titles = ["clean", *methods] + [""] * (len(shown) - 5)
plots.pictures(shown, titles, "Four test images", columns=5, height=1.75, span=(0, 1))

# %% [markdown]
# The network beats the linear map by two to three decibels. Its squared error is about half as large. Look at the
# fourth column: the linear map leaves grey clouds, because it can only make doubtful parts fainter. The network
# draws clear edges. But it can be wrong: in the first row it fills two holes that are in the clean image.
#
# ## Show the denoiser what it never saw
# The network fills in what it knows about digits. What does it do where that knowledge is wrong? We give it four
# kinds of input: noise with no image behind it, printed letters with the usual noise, the same letters without noise,
# and clean digits. **Predict** the four rows of outputs.

# %%
rng = np.random.default_rng(3)
letters = week.letter_images(4, rng)
noise_alone = rng.normal(0, SIGMA, letters.shape)
noisy_letters = training_pair(letters, SIGMA, rng)[0]
inputs = np.concatenate([noise_alone, noisy_letters, letters, clean[:4]])
outputs = denoiser.predict(inputs, verbose=0)
shown = [image for pair in zip(inputs, outputs, strict=True) for image in pair]
titles = ["input", "output"] * 4 + [""] * (len(shown) - 8)
plots.pictures(shown, titles, "Noise alone, letters with noise, clean letters, clean digits", columns=8, span=(0, 1))

# %% tags=["claim"]
clean_psnr = mean_psnr(denoiser.predict(clean, verbose=0), clean)
measures.record("PSNR of clean images after the autoencoder, dB", clean_psnr, at_most=30)

# %% [markdown]
# Noise alone gives a nearly black image, so the network recognises this noise. The letters lose their thin lines, even
# those without noise: the D loses its horizontal lines. Clean digits reach only about 26 dB. Without the network they
# would be perfect. A scan that is cleaned like this may lose what is really there, and the output still looks sharp.
# So use a denoiser only for images and noise like those of its training.
#
# ## Fill in missing pixels
# A comparison is fair if both methods get the same information. Here both are given the *mask*, which says which
# pixels are known. Our baseline `week.linear_fill` knows the mean of each pixel and the covariances of all pixels. From
# the known pixels it computes the best linear guess of the missing ones.
#
# The network gets the mask as a second channel.
#
# ### Your turn: the input with its mask
# For two pixels 0.9 and 0.4, of which only the first is known, the first channel is 0.9, 0 and the second is 1, 0.


# %% tags=["exercise"]
def mask_input(images, known):
    """Images with missing pixels set to 0, and the mask as a second channel: (n, height, width, 2).

    `images` is (n, height, width, 1); `known` has the same shape and is True where a pixel is known.
    """
    ### BEGIN SOLUTION
    return np.concatenate([images * known, known], axis=-1)
    ### END SOLUTION


# %% tags=["check"]
mask_input = week.mask_input.check(mask_input)

# %% [markdown]
# We use a small U-Net (week 9a). Lecture D lists denoising and inpainting, which means filling in missing parts,
# among its tasks.


# %%
def convolve(x, channels):
    for layer in convolution(channels, 3):
        x = layer(x)
    return x


inputs = keras.Input((28, 28, 2))
fine = convolve(inputs, 8)
middle = convolve(layers.MaxPooling2D()(fine), 16)
x = convolve(convolve(layers.MaxPooling2D()(middle), 32), 32)
for skip, channels in ((middle, 16), (fine, 8)):
    x = layers.Conv2DTranspose(channels, 2, strides=2)(x)
    x = convolve(layers.Concatenate()([skip, x]), channels)
unet = keras.Model(inputs, layers.Conv2D(1, 1, activation="sigmoid")(x))
plots.architecture(unet, title="A small U-Net: the image and its mask come in")

# %% [markdown]
# Each step hides other pixels, and your `mask_input` prepares the batch. Known pixels need no guess, so both methods
# keep them. **Predict:** which method wins, and by how much?


# %%
def make_masked(batch, rng):
    return mask_input(batch, rng.random(batch.shape) < 0.5), batch


fit(unet, batches(train, make_masked), UNET_STEPS, "The U-Net learns to fill in missing pixels")

# %%
holed = mask_input(clean, known)
filled = {"half missing": clean * known, "linear fill": week.linear_fill(train, clean * known, known)}
filled["U-Net"] = np.where(known, clean, unet.predict(holed, verbose=0))
darkened = {"U-Net, values below 0.05 set to 0": np.where(filled["U-Net"] < 0.05, 0, filled["U-Net"])}
compare(filled | darkened, f"Missing pixels filled in, mean of {len(clean)} test images")

# %% tags=["claim"]
gain = mean_psnr(filled["U-Net"], clean) - mean_psnr(filled["linear fill"], clean)
measures.record("U-Net over the baseline, both given the mask, dB", gain, at_least=0.5)

# %%
shown = [images[-number] for number in range(1, min(3, len(clean)) + 1) for images in (clean, *filled.values())]
titles = ["clean", *filled] + [""] * (len(shown) - 4)
plots.pictures(shown, titles, "Three test images", columns=4, height=1.9, span=(0, 1))

# %% [markdown]
# Given the same mask, the U-Net beats the linear fill by about 1 dB in PSNR, but it loses in SSIM. Look at its
# background: missing pixels are not quite black. In windows that are all black, SSIM reacts to very small errors. The
# last line of the table confirms this: with these pixels set to 0, the U-Net wins in SSIM, too.
#
# The images differ in the same way as before: the linear fill leaves grey pixels beside the strokes, and the U-Net
# draws clear edges. Both results are far better than those with noise, because a known pixel is exactly right.
#
# ## What you can do now
# - Measure damage by PSNR, which compares pixels, and by SSIM, which compares windows.
# - Train a denoising autoencoder on pairs of noisy and clean images. Noise made once is learned by heart, so each
#   step needs new noise.
# - Compare it with baselines that get the same information, and by more than one measure.
# - Show what a denoiser does outside its world: it removes thin lines of letters and damages clean images.
# - Fill in missing pixels with a U-Net that gets the mask as a second channel.
#
# **Try next**
# - Draw a new `sigma` for each batch. How much better are clean images then, and what does it cost at 0.5?
# - Test other noise: *salt and pepper* (black and white pixels), or the same noise for each block of 2x2 pixels.
# - Add more baselines from `skimage.restoration`: total variation, non-local means, wavelets.
# - Set the mask channel to 1 everywhere, in training and test. How many decibels is the mask worth?
#
# Next: **week 10c**, where an autoencoder's error tells that an image is not a digit.
