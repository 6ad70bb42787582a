# ---
# jupyter:
#   course:
#     seconds: 80
#     gigabytes: 1.8
# ---

# %% [markdown]
# # How does a network clean a noisy image?
#
# A filter that removes noise looks at neighbouring pixels. A network that has seen ten thousand digits can do more: it
# knows how digits look. You train such a network, and measure how much its knowledge is worth.
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
# Lecture A names two kinds of damage: random noise and missing pixels. Our noise is *Gaussian*: we add to each pixel a
# random number from a normal distribution with mean 0 and standard deviation 0.5. Below, in the third row, half of the
# pixels are missing, so set to 0. Values below 0 are shown as black, above 1 as white.
#
# **Predict:** which damage has the larger mean squared error?

# %%
loaded = data.load(DATASET)
train = loaded.train.sample(20_000).grey(28).images  # at most 20,000 images, grey, 28x28 pixels
clean = loaded.test.sample(300).grey(28).images
rng = np.random.default_rng(1)
noisy = clean + rng.normal(0, SIGMA, clean.shape)
known = rng.random(clean.shape) < 0.5  # True where a pixel is known
rows = {"clean": clean[:8], "noise": noisy[:8], "missing\npixels": clean[:8] * known[:8]}
plots.rows(rows, "The same test images, clean and with two kinds of damage")

# %% tags=["claim"]
measures.measured_on("digits" if SIGMA == 0.5 else "", loaded)  # limits hold for this data set and noise only

# %% [markdown]
# ## Measure the damage
# We need a number for how close an image is to the clean one. The *peak signal-to-noise ratio* (PSNR) compares the
# largest possible pixel value, here 1, with the mean squared error (MSE). Its unit is the decibel (dB):
#
# $$\text{PSNR} = 10 \log_{10} \frac{1^2}{\text{MSE}}$$
#
# Higher is better. An MSE of 0.1 gives 10 dB, and 0.01 gives 20 dB. Half the MSE gives 3 dB more.
#
# ### Your turn: PSNR
# Compare the images without clipping.


# %% tags=["exercise"]
def psnr(clean, image):
    """Peak signal-to-noise ratio of `image` in decibels; `clean` has the same shape, and white is 1."""
    ### BEGIN SOLUTION
    return 10 * np.log10(1 / np.mean((clean - image) ** 2))
    ### END SOLUTION


# %% tags=["check"]
psnr = week.psnr.check(psnr)

# %% [markdown]
# PSNR compares pixel by pixel. *Structural similarity* (SSIM) compares patterns. It takes windows $a$ and $b$ of 7x7
# pixels at the same place in both images, with their means $\mu$, variances $\sigma^2$ and covariance $\sigma_{ab}$:
#
# $$\text{SSIM} = \frac{(2 \mu_a \mu_b + c_1)(2 \sigma_{ab} + c_2)}
# {(\mu_a^2 + \mu_b^2 + c_1)(\sigma_a^2 + \sigma_b^2 + c_2)}$$
#
# The constants $c_1 = 0.0001$ and $c_2 = 0.0009$ avoid a division by 0. Equal windows give 1. A black window and one
# that is 0.5 everywhere give nearly 0. The SSIM of two images is the mean over all windows.


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
# The noise has the larger MSE: its variance, $0.5^2 = 0.25$, and $10 \log_{10} (1 / 0.25)$ is 6 dB. Missing pixels
# reach 11 dB, because most pixels are black anyway.
#
# ## Try a filter first
# A *median filter* replaces each pixel by the median of its neighbourhood. Clean pixels are between 0 and 1, so we clip
# each result to that range.


# %%
def filter_by_median(side):
    return median_filter(noisy, (1, side, side, 1)).clip(0, 1)


filtered = {f"median of {side}x{side}": filter_by_median(side) for side in (3, 5, 7)}
compare({"noisy": noisy, "noisy, clipped": noisy.clip(0, 1), **filtered}, "Noise, after a median filter")
shown = {name: images[:6] for name, images in {"clean": clean, "noisy": noisy, **filtered}.items()}
plots.rows(shown, "Six images, filtered")
methods = {"noisy": noisy, "median filter": filter_by_median(5)}

# %% [markdown]
# A larger neighbourhood removes more noise, but also thin strokes. The best PSNR comes with 5x5 pixels, the best SSIM
# with 3x3. We compare methods by PSNR, so our first baseline is 5x5.  (Chosen on test images, which favours the
# filter.)
#
# ## Learn from pairs
# Lecture A adds noise to the inputs during training. So we need *training pairs*: the input is a noisy image, and the
# target is the same image without noise.
#
# ### Your turn: a training pair
# `rng.normal(mean, standard_deviation, shape)` returns normally distributed numbers. Each call of the generator `rng`
# continues its random sequence, so it makes new noise.


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
# The simplest network for such pairs is one dense layer without activation, a *linear map*. Each output pixel is a
# weighted sum of all 784 input pixels, plus a constant: 785 weights. scikit-learn's `Ridge` computes the weights with
# the smallest squared error.
#
# Now we make a mistake that raises no error: we add noise once, before the training. One noisy copy of 1,000 images is
# this mistake. With 2, 4, 8 or 16 copies, your function gives each copy new noise.


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
# We test each map on the training images with the noise of their first copy, and on test images. **Predict:** how do
# the two PSNRs change with the number of copies?

# %%
some, copies = train[:1000], [1, 2, 4, 8, 16]
first_noise = training_pair(some, SIGMA, np.random.default_rng(2))[0]
curves = {"training images": [], "test images": []}
for count in copies:
    linear = linear_map(some, count)
    curves["training images"].append(mean_psnr(apply_map(linear, first_noise), some))
    curves["test images"].append(mean_psnr(apply_map(linear, noisy), clean))
labels = "copies of each image, each with new noise", "PSNR in dB"
curves["median filter, test images"] = [mean_psnr(methods["median filter"], clean)] * len(copies)
plots.curves(copies, curves, labels, "The linear map learns one copy by heart, not sixteen")

# %% tags=["claim"]
gain = curves["test images"][-1] - curves["test images"][0]
measures.record("what new noise gains over noise made once, dB", gain, at_least=2)

# %% [markdown]
# With one copy the map is excellent on its training images, but on test images it is worse than the median filter. Each
# output pixel has 785 weights and only 1,000 examples. So the map learns this very noise by heart. With 16 copies the
# two curves nearly meet, although we added no new image. The cure is new noise in every step.
#
# ## Train a denoising autoencoder
# The autoencoder halves the image twice and doubles it twice. Its code, at the bottom of the picture, has 7x7x64 =
# 3,136 numbers, *more* than the 784 pixels. So the network could copy its input. But a copy keeps the noise: even
# clipped, it reaches only 9.4 dB.


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
# The loss is the MSE, because PSNR is computed from it. Your `training_pair` makes new noise for each batch.
#
# **Predict:** by how many decibels does the network beat a linear map? This one learned from two noisy copies of all
# 10,000 images, enough for its 785 weights.


# %%
def batches(images, make_pair, size=32):
    """Training pairs without end: random images, damaged by `make_pair`."""
    rng = np.random.default_rng(0)
    while True:
        yield make_pair(images[rng.integers(len(images), size=size)], rng)


def fit(network, pairs, steps, title):
    network.compile(keras.optimizers.Adam(beta_2=0.98), "mse")  # beta_2: adapts faster, for a short training
    rate = training.WarmupThenDecay(0.02)  # rises for a tenth of the steps, then falls to 0
    callbacks = [rate, training.LiveCurve(title, every=10)]
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
shown, titles = [], []
for number in [0, 8, 9, 10]:
    shown += [images[number] for images in (clean, *methods.values())]
    titles += [""] + [f"{psnr(clean[number], x[number]):.1f} dB" for x in methods.values()]
titles[:5] = [f"{name}\n{decibels}" for name, decibels in zip(["clean", *methods], titles, strict=False)]
plots.pictures(shown, titles, "Four test images, cleaned by three methods", columns=5, height=1.7, span=(0, 1))

# %% [markdown]
# The loss ends near 0.008, and an MSE of 0.008 is 21 dB. Test images reach this, too. (In 600 steps an image comes only
# twice. Here noise made once would do as well.) The network beats the linear map by nearly three decibels: its MSE is
# about half as large.
#
# Look at the fourth column. The linear map leaves grey clouds: it uses the same weights for all images, so it adds a
# little of many digits. The network draws clear edges. But it can be wrong: the first digit is an 8, and the network
# fills its upper hole.
#
# ## Show the denoiser what it never saw
# The network uses what it knows about digits. What does it do where that knowledge is wrong? We give it four kinds of
# input: noise alone, printed letters with noise, the same letters without noise, and clean digits. **Predict** the four
# rows of outputs.

# %%
rng = np.random.default_rng(3)
letters = week.letter_images(4, rng)
noise_alone = rng.normal(0, SIGMA, letters.shape)
noisy_letters = training_pair(letters, SIGMA, rng)[0]
kinds = {"noise alone": noise_alone, "noisy\nletters": noisy_letters, "letters": letters, "digits": clean[11:15]}
rows = {}
for name, images in kinds.items():
    outputs = denoiser.predict(images, verbose=0)
    rows[name] = [image for pair in zip(images, outputs, strict=True) for image in pair]
plots.rows(rows, "Inputs that the denoiser was not trained for, and its outputs", ["input", "output"] * 4)

# %% tags=["claim"]
clean_psnr = mean_psnr(denoiser.predict(clean, verbose=0), clean)
measures.record("PSNR of clean images after the autoencoder, dB", clean_psnr, at_most=30)

# %% [markdown]
# Noise alone gives a nearly black image, at most with a faint spot. The letters lose thin lines, even without noise:
# look at the top and the bottom of the D. Grey strokes become white. Clean digits reach only about 26 dB, although
# their input has no error. The network never saw a clean input, so it may remove noise that is not there. On a medical
# scan it might remove what is really there, and the output would still look sharp. So use a denoiser only for images
# and noise like those of its training.
#
# ## Fill in missing pixels
# A value of 0 can mean a black pixel or a missing one. We compare a linear baseline with a U-Net, whose skips carry
# known pixels to the output. Both get the *mask*, which says which pixels are known.
#
# The baseline `week.linear_fill` computes the best linear guess of each missing pixel from the known ones. It uses the
# mean of each pixel and the covariance of each pair of pixels in the training images. The U-Net gets the mask as a
# second channel.
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
# We use a small U-Net (week 9a). Lecture D lists this task, *inpainting*, among its uses.


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
# Each training step hides different pixels, and your `mask_input` prepares the batch. Known pixels need no guess, so
# both methods keep them. **Predict:** which method wins, by which measure?


# %%
def make_masked(batch, rng):
    return mask_input(batch, rng.random(batch.shape) < 0.5), batch


fit(unet, batches(train, make_masked), UNET_STEPS, "The U-Net learns to fill in missing pixels")

# %%
holed = mask_input(clean, known)
filled = {"half missing": clean * known, "linear fill": week.linear_fill(train, clean * known, known)}
filled["U-Net"] = np.where(known, clean, unet.predict(holed, verbose=0))
compare(filled, f"Missing pixels filled in, mean of {len(clean)} test images")

# %% tags=["claim"]
gain = mean_psnr(filled["U-Net"], clean) - mean_psnr(filled["linear fill"], clean)
measures.record("U-Net over the baseline, both given the mask, dB", gain, at_least=0.5)

# %% [markdown]
# The U-Net beats the linear fill by about 1 dB in PSNR, but it loses in SSIM. **Predict:** how can that be?

# %%
shown = [images[1] for images in (clean, *filled.values())]
rows = {"as it is": shown, "20 times\nbrighter": [20 * image for image in shown]}
plots.rows(rows, "A test image, and how black its background is", ["clean", *filled])
darkened = {f"{name}, below 0.05 set to 0": np.where(filled[name] < 0.05, 0, filled[name]) for name in list(filled)[1:]}
compare(darkened, "The same, with a blacker background")

# %% tags=["claim"]
spots = np.where(np.arange(49).reshape(7, 7) % 2, 0.01, 0)  # a window of which every second pixel is 0.01
assert 0.75 < structural_similarity(np.zeros((7, 7)), spots, data_range=1) < 0.82

# %% [markdown]
# The bottom row shows why: in the U-Net's background the missing pixels are near 0.01. A window with 0.01 at half of
# its pixels looks black, but compared with a black one it has an SSIM of only 0.8. With all values below 0.05 (chosen
# by hand) set to 0, both reach about the same.
#
# ## What you can do now
# - Measure damage by PSNR, which compares pixels, and by SSIM, which compares windows.
# - Train a denoising autoencoder on pairs of noisy and clean images. Noise made once can be learned by heart; new noise
#   in each step cannot.
# - Compare it with baselines that get the same information, and by more than one measure.
# - Show what a denoiser does with other inputs: it removes thin lines of letters and changes clean images.
# - Fill in missing pixels with a U-Net that gets the mask as a second channel.
#
# **Try next**
# - Sample a new `sigma` for each batch. How much better are clean images then, and what does it cost, in dB, at a sigma
#   of 0.5?
# - Set the mask channel to 1 everywhere, in training and test. What is the mask worth?
#
# Next: **week 10c**, where an autoencoder's error tells that an image is not a digit.
