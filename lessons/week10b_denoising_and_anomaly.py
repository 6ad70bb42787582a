# ---
# jupyter:
#   course:
#     seconds: 100
#     gigabytes: 1.5
# ---

# %% [markdown]
# # What a network knows of pictures: it cleans them, and it is puzzled by others
#
# A network has seen ten thousand digits. Now it gets one that drowns in noise, and draws a clean one. What does it
# know that a filter does not? And what does it do with a picture that is no digit at all? It rebuilds it badly, and
# that is useful too: whatever is rebuilt badly is odd. You build both, and look for where each of them fails.
#
# **You will be able to**
# - train an autoencoder that removes noise or fills in missing pixels, and say why the noise has to be new each time,
# - compare it fairly with filters, in decibels, and say what each of them knows,
# - find what a network does with a noise that it never saw, and with no noise at all,
# - turn an autoencoder's error into an alarm, with a threshold for the share of false alarms that you accept,
# - judge an alarm by ROC curve and AUC, beside simple rivals, and name what it cannot see.
#
# *Mirrors: lecture A, "Denoising Autoencoders"; lecture B, the de-noising autoencoder; lecture D, "Anomaly
# detection". About 80 minutes with the exercises; {cost}.*

# %% tags=["setup"]
import numpy as np
from scipy import ndimage, stats
from skimage import restoration
from skimage.metrics import structural_similarity
from sklearn.metrics import roc_curve

from course_utils import by_size, data, measures, models, plots, setup, training
from course_utils.weeks import week10b as week
from course_utils.data import letters, record

setup(seed=0)
import keras
from keras import layers

# %% tags=["parameters"]
DATASET = "digits"  # or "mnist", "fashion_mnist", or your own
SIGMA = 0.5  # the deviation of the noise, where black is 0 and white is 1
CODE = 32  # how many numbers the code of the second half has
ONE = 9  # the class that the last network learns alone
HELD_OUT = 5  # the class, by its number, that the second half's network never sees
STEPS = by_size(quick=1200, full=6000)  # of the denoising autoencoder
UNET_STEPS = by_size(quick=300, full=6000)
CODE_STEPS = by_size(quick=450, full=4000)  # of the second half's network

# %% [markdown]
# ## Damage pictures in two ways
# **Noise:** a random number is added to each pixel, Gaussian, of deviation 0.5; nothing is cut off, so values run
# from about -1 to 2. **Missing pixels:** half of them are set to 0, as if they were black. Which of the two damages
# is worse? **Decide by eye, and note which digits you read wrongly** in the first two rows.


# %%
def noisy(pictures, rng, sigma=SIGMA):
    return (pictures + rng.normal(0, sigma, pictures.shape)).astype("float32")


def holed(pictures, rng):
    return pictures * (rng.random(pictures.shape) < 0.5)


loaded = data.load(DATASET)
# On other pictures, or with other parameters, limits are shown, and nobody is held to them.
measures.measured_on("digits" if (SIGMA, CODE, HELD_OUT, ONE) == (0.5, 32, 5, 9) else "", loaded)
limits = {"train": 20_000, "validation": 2000, "test": 2000}
images, labels = {}, {}
for name, limit in limits.items():
    part = getattr(loaded, name).grey(28)
    order = np.arange(len(part.labels))
    if len(order) > limit:
        order = np.random.default_rng(0).permutation(order)[:limit]
    images[name], labels[name] = part.images[order], part.labels[order]
train = images["train"]

# %%
NOISE, HOLES, rng = "Gaussian noise", "missing pixels", np.random.default_rng(1)
small, clean = images["validation"][:100, ..., 0], images["test"][:300, ..., 0]  # to tune on, and to judge on
known = [rng.random(pictures.shape) < 0.5 for pictures in (small, clean)]
damaged = {NOISE: [noisy(pictures, rng) for pictures in (small, clean)], HOLES: [small * known[0], clean * known[1]]}
rows = [damaged[NOISE][1][:8], damaged[HOLES][1][:8], clean[:8]]
plots.pictures(np.concatenate(rows), columns=len(rows[0]), title="With noise, with missing pixels, clean", span=(0, 1))

# %% [markdown]
# The eye does well, because it knows digits. How well a machine does is said in *decibels*. With the mean squared
# error of a picture, and 1 as the largest value that a pixel may have, its *peak signal-to-noise ratio* is
#
# $$\text{PSNR} = 10 \log_{10} \frac{1}{\text{mean squared error}}$$
#
# **Predict** it for our noise, whose mean square is 0.25: without a computer, and knowing that $\log_{10} 4$ is 0.6.
#
# ### Your turn: decibels


# %% tags=["exercise"]
def psnr(clean, other):
    """Peak signal-to-noise ratio of `other`, in decibels; both are one picture of the same shape, white is 1."""
    ### BEGIN SOLUTION
    return 10 * np.log10(1 / np.mean((clean - other) ** 2))
    ### END SOLUTION


# %% tags=["check"]
psnr = week.psnr.check(psnr)

# %% [markdown]
# PSNR counts pixels one by one. *SSIM*, the structural similarity, compares means, deviations and patterns in small
# windows, and is 1 for equal pictures. We look at both, each as the mean over all pictures. Six decibels for noise,
# as you predicted; the missing pixels start at more, since most of a digit is black anyway.


# %%
def decibels(truth, pictures):
    squares = (np.clip(pictures, 0, 1) - truth) ** 2  # values beyond black and white help nobody: cut them, for all
    return float(np.mean(10 * np.log10(1 / np.maximum(squares.mean(axis=(1, 2)), 1e-9))))


def similarity(truth, pictures):
    pairs = zip(truth, np.clip(pictures, 0, 1), strict=True)
    return float(np.mean([structural_similarity(a, b.astype(a.dtype), data_range=1) for a, b in pairs]))


for name, (_, pictures) in damaged.items():
    whole = 10 * np.log10(1 / ((pictures - clean) ** 2).mean())
    print(f"{name}: {whole:.1f} dB as it is; cut to 0 ... 1: {decibels(clean, pictures):.1f} dB, ", end="")
    print(f"SSIM {similarity(clean, pictures):.2f}")

# %% [markdown]
# ## Show a machine pairs
# Lecture A: "noise is added to the inputs during training", and the clean picture is the target. So a training pair
# is a damaged picture and the same one clean. Here is a trap that raises no error. One could damage all training
# pictures once, before the training. **Predict** what a machine learns from that which it does not learn if each
# batch gets noise of its own.
#
# ### Your turn: a pair
# Noise comes from a generator that is handed over, and the next call goes on where this one stopped.


# %% tags=["exercise"]
def training_pair(batch, sigma, rng):
    """Two arrays: the batch with Gaussian noise of deviation `sigma`, drawn from `rng`, and the batch as it was."""
    ### BEGIN SOLUTION
    return batch + rng.normal(0, sigma, batch.shape), batch
    ### END SOLUTION


# %% tags=["check"]
training_pair = week.training_pair.check(training_pair)

# %% [markdown]
# ## Watch it learn the noise by heart
# The smallest machine that can learn from pairs is linear: each clean pixel is guessed as a weighted sum of all 784
# noisy ones. Its best weights come from one equation, so we can afford many trainings. A thousand pictures; the noise
# once, or anew 2, 4, 8 and 16 times. Below are decibels on its own training pairs, and on pictures it never saw.

# %%
few, unseen, rng = train[:1000, ..., 0], damaged[NOISE][1], np.random.default_rng(2)
draws, curves = 2 ** np.arange(5), {"its own pairs": [], "unseen pictures": []}
products, sums = 1e-2 * np.eye(785), 0


def rows_of(pictures):
    return np.c_[pictures.reshape(len(pictures), -1), np.ones(len(pictures))]  # a constant 1 more, for the bias


for draw in range(1, 1 + max(draws)):
    pairs = noisy(few, rng)
    products, sums = products + rows_of(pairs).T @ rows_of(pairs), sums + rows_of(pairs).T @ few.reshape(-1, 784)
    if draw in draws:
        weights = np.linalg.solve(products, sums)
        for name, truth, seen in zip(curves, (few, clean), (pairs, unseen), strict=True):
            curves[name].append(decibels(truth, (rows_of(seen) @ weights).reshape(truth.shape)))

# %%
plots.paths(
    {name: (draws, curve) for name, curve in curves.items()},
    ("how many times each picture got new noise", "PSNR"),
    "Noise made once is learnt by heart",
)
gain = curves["unseen pictures"][-1] - curves["unseen pictures"][0]

# %% tags=["claim"]
measures.record("what new noise gains over noise made once, dB", gain, at_least=2)

# %% [markdown]
# With the noise made once, 785 weights for each pixel meet 1,000 pairs, and learn *this* noise: brilliant on its own
# pairs, and on others far worse than a plain blur, as you will see below. Not one new picture was added, only new
# noise. A network with many weights, which sees its pictures round after round, can fall into the same trap. (Drawn
# for ever, the noise adds its variance to the diagonal of `products`, and that is *ridge regression*: noise
# regularises.)
#
# ## Give the rivals a fair chance
# Before the network, the methods that it has to beat, each with one knob, tuned on validation pictures. Five look at
# a single picture: Gaussian and median filter; *total variation*, which seeks a picture near the noisy one with few
# edges; *non-local means*, which averages patches that look alike; *wavelets*, whose small coefficients are dropped.
# Two have seen the training pictures. **Predict** which wins.

# %%
flat = train.reshape(-1, 784)
mean, (powers, axes) = flat.mean(axis=0), np.linalg.eigh(np.cov(flat.T))
powers = powers.clip(0)  # the variance along each principal axis, the smallest first


def components(pictures, count):
    """PCA: keep of a picture what lies along the strongest axes."""
    kept = axes[:, -count:]
    return ((pictures.reshape(-1, 784) - mean) @ kept @ kept.T + mean).reshape(pictures.shape)


def wiener(pictures, variance):
    """Wiener's filter, the best linear map: trust each axis as far as its power exceeds the noise."""
    trust = powers / (powers + variance)
    return ((pictures.reshape(-1, 784) - mean) @ axes * trust @ axes.T + mean).reshape(pictures.shape)


# %%
def each(function, **settings):
    return lambda pictures, knob: np.stack([function(picture, knob, **settings) for picture in pictures])


def wavelet(picture, sigma):
    return restoration.denoise_wavelet(picture, sigma=sigma, wavelet="db2", mode="soft", rescale_sigma=False)


def nonlocal_means(picture, h):
    return restoration.denoise_nl_means(picture, patch_size=5, patch_distance=7, h=h, sigma=SIGMA)


rivals = {
    "Gaussian filter": (lambda pictures, width: ndimage.gaussian_filter(pictures, width, axes=(1, 2)), (0.7, 1, 1.3)),
    "median filter": (lambda pictures, side: ndimage.median_filter(pictures, side, axes=(1, 2)), (3, 5, 7)),
    "total variation": (each(restoration.denoise_tv_chambolle), (0.2, 0.3, 0.4, 0.6)),
    "non-local means": (each(nonlocal_means), (0.1, 0.2, 0.3)),
    "wavelets": (each(wavelet), (0.4, 0.6, 0.8, 1)),
    "PCA": (components, (20, 30, 45, 60)),
    "best linear map": (wiener, (0.04, 0.07, 0.1, 0.15, 0.25)),
}


# %%
def best_of(rivals, name, finish=lambda pictures, made: made):
    """Choose each rival's knob on validation pictures, and return what it then makes of the test pictures."""
    tuning, testing = damaged[name]
    made, chosen = {}, {}
    for rival, (method, knobs) in rivals.items():
        scores = [decibels(small, finish(tuning, method(tuning, knob))) for knob in knobs]
        chosen[rival] = knobs[int(np.argmax(scores))]
        made[rival] = finish(testing, method(testing, chosen[rival]))
    return made, chosen


def compare(made, caption, chosen=None):
    rows = [
        [name, (chosen or {}).get(name, ""), f"{decibels(clean, pictures):.1f}", f"{similarity(clean, pictures):.2f}"]
        for name, pictures in made.items()
    ]
    plots.table(rows, ["", "knob", "PSNR", "SSIM"], caption)


cleaned, chosen = best_of(rivals, NOISE)
compare({"as it is": damaged[NOISE][1], **cleaned}, f"Gaussian noise, {len(clean)} unseen pictures", chosen)

# %% [markdown]
# Those who have seen digits win, and of them the one that weighs all axes rather than keeping a few. It has a riddle
# for you: theory wants the true variance of the noise, 0.25, and validation chose less. (Theory minds what falls
# below black, and we cut it off: so it pays to trust the picture more.) Tuning by what is judged is only fair.
#
# ## Train the denoising autoencoder
# Lecture A's network, a little stronger: an encoder that halves three times, one more convolution at 3x3 pixels, and
# a decoder that doubles three times. Its code has 1,152 numbers, *more* than the picture has pixels. Nothing is
# squeezed here: copying would be easy, and is useless, because the input is not the target. **Predict:** by how many
# decibels does it beat the best linear map?


# %%
def followed(layer):
    return [layer, layers.BatchNormalization(momentum=0.95), layers.ReLU()]


down, up = [], []
for channels in (16, 32, 64):  # here pooling comes first: then there is four times less to normalise
    down += [layers.Conv2D(channels, 3, padding="same", use_bias=False), *followed(layers.MaxPooling2D())]
for channels, side, padding in ((32, 3, "valid"), (16, 5, "same")):
    up += followed(layers.Conv2DTranspose(channels, side, strides=2, padding=padding, use_bias=False))
code = followed(layers.Conv2D(128, 3, padding="same", use_bias=False))
answer = layers.Conv2DTranspose(1, 5, strides=2, padding="same", activation="sigmoid")
denoiser = keras.Sequential([keras.Input((28, 28, 1)), *down, *code, *up, answer])
denoiser.compile(keras.optimizers.Adam(beta_2=0.98), "binary_crossentropy")  # 0.98: for a short training
print(f"{denoiser.count_params():,} weights; code {code[-1].output.shape[1:]}, answer {denoiser.output_shape[1:]}")


# %%
def batches(pictures, damage=lambda batch, rng: batch, size=32, seed=0):
    """Pairs for ever: pictures in a new order in each round, damaged anew."""
    rng = np.random.default_rng(seed)
    while True:
        for places in np.array_split(rng.permutation(len(pictures)), max(1, len(pictures) // size)):
            yield damage(pictures[places], rng), pictures[places]


def fit(network, pairs, steps, rate, title):
    watch = [training.WarmupThenDecay(rate), training.LiveCurve(title, every=10, seconds=5)]
    network.fit(pairs, steps_per_epoch=steps, shuffle=False, verbose=0, callbacks=watch)


def answers(network, pictures):
    """What a network makes of pictures (n, 28, 28), or (n, 28, 28, channels)."""
    batches = np.array_split(pictures.reshape(len(pictures), 28, 28, -1), 1 + len(pictures) // 256)
    return np.concatenate([network(batch, training=False)[..., 0] for batch in batches])


fit(denoiser, batches(train, noisy), STEPS, 0.02, "The denoising autoencoder learns")
first_weights = denoiser.get_weights()

# %% [markdown]
# It saw each training picture about four times, and never the same noise. One more trick, which costs no training:
# move the noisy picture by a pixel, denoise it, move the answer back. The network answers a little differently, with
# other mistakes, so average five such answers. (For wavelets this is old, *cycle spinning*. In fairness they get it
# too.)

# %%
MOVES = (0, 0), (1, 1), (-1, -1), (1, -1), (-1, 1)


def asked_often(method, pictures):
    moved = [np.roll(method(np.roll(pictures, move, (1, 2))), (-move[0], -move[1]), (1, 2)) for move in MOVES]
    return np.mean(moved, axis=0)


test_noisy = damaged[NOISE][1]
cleaned["wavelets, five times"] = asked_often(lambda p: rivals["wavelets"][0](p, chosen["wavelets"]), test_noisy)
best_rival = max(decibels(clean, pictures) for pictures in cleaned.values())
cleaned["autoencoder"] = answers(denoiser, test_noisy)
cleaned["autoencoder, five times"] = asked_often(lambda pictures: answers(denoiser, pictures), test_noisy)
compare({name: cleaned[name] for name in list(cleaned)[-4:]}, "Gaussian noise: the best of all so far")
gains = [decibels(clean, cleaned[name]) - best_rival for name in ("autoencoder", "autoencoder, five times")]

# %% tags=["claim"]
measures.record("autoencoder over the best rival, noise, dB", gains[0], at_least=1.7)
measures.record("autoencoder asked five times over the best rival, noise, dB", gains[1], at_least=2)

# %%
names = ["clean", "noisy", "non-local means", "best linear map", "five times"]
rows = [clean, test_noisy, *(cleaned[name] for name in names[2:4]), cleaned["autoencoder, five times"]]
shown = [row[i] for i in range(min(4, len(clean))) for row in rows]
plots.pictures(
    shown, names + [""] * (len(shown) - 5), columns=5, height=1.75, span=(0, 1), title="Four unseen pictures"
)


# %% [markdown]
# Two decibels more: of the squared error a third is gone. The linear map leaves grey clouds, as it can only *fade*
# what is uncertain. The network decides, mostly: here is a stroke, there is none. And its strokes are whole where the
# noise had torn them, because strokes of digits are whole.
#
# ### A rival of its own kind
# The autoencoder sends everything through a code of 3x3 pixels. A small U-Net, as in week 9a, has skips beside, so
# that fine detail need not go through. Does that help, or do the skips let noise pass? **Predict**, for a quarter of
# the steps. (It gets a second channel, which is all ones for now. Wait and see.)


# %%
def small_unet(width=8):
    def convolved(x, channels):
        x = layers.Conv2D(channels, 3, padding="same", use_bias=False)(x)
        return layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))

    inputs = keras.Input((28, 28, 2))
    fine = convolved(inputs, width)
    middle = convolved(layers.MaxPooling2D()(fine), 2 * width)
    x = convolved(convolved(layers.MaxPooling2D()(middle), 4 * width), 4 * width)
    for seen, channels in ((middle, 2 * width), (fine, width)):
        x = layers.Concatenate()([seen, layers.Conv2DTranspose(channels, 2, strides=2)(x)])
        x = convolved(x, channels)
    return keras.Model(inputs, layers.Conv2D(1, 1, activation="sigmoid")(x))


# %%
def with_known(pictures, known):
    """Beside each picture, as a second channel, which of its pixels are known."""
    return np.concatenate([pictures, np.broadcast_to(known, pictures.shape)], axis=-1).astype("float32")


def noisy_and_known(pictures, rng):
    return with_known(noisy(pictures, rng), 1)


def by_unet(both):
    return answers(unet, both)


unet = small_unet()
unet.compile(keras.optimizers.Adam(beta_2=0.98), "binary_crossentropy")
fit(unet, batches(train, noisy_and_known), UNET_STEPS, 0.02, f"A U-Net with {unet.count_params():,} weights")
both = with_known(test_noisy[..., None], 1)
cleaned["U-Net"], cleaned["U-Net, five times"] = by_unet(both), asked_often(by_unet, both)
compare({name: cleaned[name] for name in list(cleaned)[-4:]}, "Gaussian noise: the networks")
gain = decibels(clean, cleaned["U-Net, five times"]) - best_rival

# %% tags=["claim"]
measures.record("U-Net asked five times over the best rival, noise, dB", gain, at_least=1.8)

# %% [markdown]
# As good, with a quarter of the steps and a sixth of the weights. (Asked five times, it gains nothing.) So it is not
# the way through 3x3 pixels that cleans. What does is the *task*: copying does not pay, not even for skips, because
# no input is ever its own target. Both networks fill in what they know. **What, then, do they do with what they never
# saw?**
#
# ## Give it what it never saw
# Three rows of inputs: noise alone, with no picture behind it (twice as strong in the right half); letters, with the
# noise that it knows; and clean digits, which need nothing done at all. **Predict** the three rows' answers.


# %%
def letter_pictures(count, rng):
    """Printed letters brought to the digits' form, 20 pixels large, in the middle; no I, l and O, which are digits."""
    made = []
    which = [number for number, letter in enumerate(letters.CLASSES) if letter not in "IlO"]
    for drawn in letters.shapes(rng.choice(which, count), letters.FONTS["test"], rng):
        rows, columns = (np.flatnonzero(drawn.max(axis=axis) > 0.2) for axis in (1, 0))
        drawn = drawn[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1, None]
        height, width = (max(1, round(20 * side / max(drawn.shape))) for side in drawn.shape[:2])
        top, left = (28 - height) // 2, (28 - width) // 2
        around = ((top, 28 - height - top), (left, 28 - width - left))
        made.append(np.pad(record.resized(drawn, height, width)[..., 0], around).clip(0, 1))
    return np.stack(made)


# %%
rng = np.random.default_rng(3)
printed = letter_pictures(400, rng)
nothing = np.zeros((2, 28, 28))
alone = np.concatenate([noisy(nothing, rng), noisy(nothing, rng, 2 * SIGMA)])
inputs = [alone, noisy(printed[:4], rng), clean[:4]]
pairs = [pair for row in inputs for pair in zip(row, answers(denoiser, row), strict=True)]
titles = ["input", "answer"] * 4 + [""] * (2 * len(pairs) - 8)
plots.pictures(
    [one for pair in pairs for one in pair], titles, "Noise alone; letters with noise; clean digits", 8, span=(0, 1)
)

# %% [markdown]
# Into noise alone it draws nothing: this noise it knows. If the noise is stronger, it takes lumps of it for ink. Of
# the letters there remains what a digit could have: thin lines are gone, and a thick letter is bent towards a digit.
# Look closely at the clean digits, too: here a loop was closed, there a stroke has moved. A scan or a star chart
# cleaned like this may lack what was there, and seldom looks unsure. **Predict** the curves: how good is it on less
# noise than it knows, or none?

# %%
sigmas, rng = np.array([0, 0.1, 0.2, 0.35, 0.5, 0.7, 1]), np.random.default_rng(4)
series = [noisy(clean, rng, sigma) for sigma in sigmas]
curves = {
    "autoencoder, trained at 0.5": [decibels(clean, answers(denoiser, pictures)) for pictures in series],
    "best linear map, tuned at 0.5": [decibels(clean, wiener(one, chosen["best linear map"])) for one in series],
    "nothing done": [min(40, decibels(clean, pictures)) for pictures in series],
}
labels_of_axes = "deviation of the noise", "PSNR (40: no error at all)"
plots.curves(sigmas, curves, labels_of_axes, "Trained at one strength, used at others")

# %% tags=["claim"]
measures.record("autoencoder on clean pictures, dB", curves["autoencoder, trained at 0.5"][0], at_most=30)

# %% [markdown]
# A clean picture comes out *worse*: some 24 decibels, where doing nothing would be perfect. Below a deviation of
# about 0.1 it is best left alone; at 1 the linear map has caught up. And other *kinds* of noise? *Salt and pepper*
# makes one pixel in four black or white. *Blocks* are Gaussian noise as strong as ours, but the same in each 2x2
# pixels. **Predict** who wins.

# %%
rng = np.random.default_rng(6)
flips, blocks = rng.random(clean.shape), rng.normal(0, SIGMA, (len(clean), 14, 14))
strange = {
    "salt and pepper": np.where(flips < 0.25, flips < 0.125, clean),
    "blocks": clean + blocks.repeat(2, axis=1).repeat(2, axis=2),
}
methods = {
    "as it is": lambda pictures: pictures,
    "median filter": lambda pictures: ndimage.median_filter(pictures, 3, axes=(1, 2)),
    "best linear map": lambda pictures: wiener(pictures, chosen["best linear map"]),
    "autoencoder": lambda pictures: answers(denoiser, pictures.astype("float32")),
}
scores = {name: [decibels(clean, way(pictures)) for pictures in strange.values()] for name, way in methods.items()}
rows = [[name, *(f"{score:.1f}" for score in both)] for name, both in scores.items()]
plots.table(rows, ["PSNR", *strange], "Two kinds of noise that it never saw")
peppered, blocked = scores["autoencoder"]
gain = peppered - scores["median filter"][0]

# %% tags=["claim"]
measures.record("autoencoder over the median filter, salt and pepper, dB", gain, at_least=1)
measures.record("autoencoder over the best linear map, blocks, dB", blocked - scores["best linear map"][1], at_most=1.5)

# %% [markdown]
# Salt and pepper hardly hurts it, although it never saw any: single wrong pixels are single wrong pixels, and here
# even the median filter, made for them, stays behind. The blocks do hurt: they look a little like strokes, so they
# are believed, and most of its lead over the linear map is gone. So it is not strength alone that counts, but also
# whether noise can be mistaken for a picture.
#
# ## Fill in what is missing
# Now half of the pixels are 0. A rival made for that is the *normalised convolution*: blur the picture, blur the mask
# of known pixels, divide; so the missing ones are filled with a weighted mean of their known neighbours. It is told
# the mask; the other rivals have to do without. What is not black was surely seen, and stays as it is: for all.
# **Predict:** which of them wins now?

# %%
covariance = axes * powers @ axes.T
spread = np.diag(np.diag(covariance) + mean**2) / 4  # what holes at random add to the covariance


def linear_fill(pictures, ridge):
    holed = (pictures.reshape(-1, 784) - mean / 2).T
    filled = covariance / 2 @ np.linalg.solve(covariance / 4 + spread + ridge * np.eye(784), holed)
    return (filled.T + mean).reshape(pictures.shape)


def normalised(pictures, known, width):
    blurred, share = (ndimage.gaussian_filter(one, width, axes=(1, 2)) for one in (pictures, known * 1.0))
    return np.where(known, pictures, blurred / np.maximum(share, 1e-6))


def twice(method):
    return lambda pictures, knob: method(2 * pictures, knob)  # half of the ink is missing: filters get it back


def keep(pictures, made):
    return np.where(pictures > 0, pictures, made)


# %%
mine = {"non-local means": (0.3, 0.5, 0.7, 1), "total variation": (0.3, 0.5, 0.8), "wavelets": (0.2, 0.35, 0.5, 0.7)}
fillers = {name: (twice(method), mine.get(name, knobs)) for name, (method, knobs) in rivals.items()}
fillers["best linear map"] = linear_fill, (1e-5, 1e-4, 1e-3)
filled, knobs = best_of(fillers, HOLES, keep)
widths, name = (0.5, 0.6, 0.7, 0.85, 1), "normalised convolution"
scores = [decibels(small, normalised(damaged[HOLES][0], known[0], width)) for width in widths]
knobs[name] = widths[int(np.argmax(scores))]
test_holed = damaged[HOLES][1]
filled[name] = normalised(test_holed, known[1], knobs[name])
compare({"as it is": test_holed, **filled}, f"Half of the pixels missing, {len(clean)} unseen pictures", knobs)

# %% [markdown]
# The one that is told the mask wins. Now the autoencoder, which has to do without. It need not begin from nothing:
# the weights from the noise know digits already, so a sixth of the steps will do. (`reset_to` also makes the optimizer
# forget what it has done.)

# %%
training.reset_to(denoiser, first_weights)
fit(denoiser, batches(train, holed), STEPS // 6, 0.01, "The same network learns to fill holes")
best_filler = max(decibels(clean, pictures) for pictures in filled.values())
filled["autoencoder"] = keep(test_holed, answers(denoiser, test_holed))
compare({name: filled[name] for name in list(filled)[-2:]}, "Missing pixels")
gain = decibels(clean, filled["autoencoder"]) - best_filler

# %% tags=["claim"]
measures.record("autoencoder over the best of these rivals, missing pixels, dB", gain, at_least=1.5)

# %% [markdown]
# ### Doubt it: who knows what?
# It wins, without the mask. But is it the network, or is it what it knows of digits? Look for a rival that knows
# *both*: which pixels are missing, and what digits look like. Take 300 principal axes, and find the mixture of them
# that fits the *known* pixels best, with a price on each axis, the higher the smaller its power. That is Gaussian
# statistics and no network. **Predict** the decibels.


# %%
def axes_that_fit(pictures, known, price, count=300):
    made = np.empty((len(pictures), 784))
    costs = np.diag(price / (powers[-count:] + 1e-6))
    for place, picture, seen in zip(made, pictures.reshape(-1, 784), known.reshape(-1, 784), strict=True):
        at_seen = axes[seen, -count:]
        mixture = np.linalg.solve(at_seen.T @ at_seen + costs, at_seen.T @ (picture - mean)[seen])
        place[:] = mean + axes[:, -count:] @ mixture
    return np.where(known, pictures, made.reshape(pictures.shape))


prices, name = (0.0003, 0.001, 0.003), "axes that fit"
scores = [decibels(small, axes_that_fit(damaged[HOLES][0], known[0], price)) for price in prices]
knobs[name] = prices[int(np.argmax(scores))]
filled[name] = axes_that_fit(test_holed, known[1], knobs[name])
compare({name: filled[name] for name in list(filled)[-3:]}, "Missing pixels, and a rival that knows more", knobs)
lead = decibels(clean, filled[name]) - decibels(clean, filled["autoencoder"])

# %% tags=["claim"]
measures.record("lead of the rival told the mask over the autoencoder, dB", lead, at_least=0.3)

# %% [markdown]
# Beaten in decibels, and by linear algebra! Had we stopped one table earlier, we would have praised the network for a
# win that a better informed rival takes away. The cure is the same information.
#
# ### Tell the network, too
# Here the U-Net's second channel comes in: it is 1 where a pixel is known, and 0 where it is missing. What is known
# stays. It begins with its weights from the noise, and learns for as many steps again.


# %%
def holed_and_known(pictures, rng):
    known = rng.random(pictures.shape) < 0.5
    return with_known(pictures * known, known)


def filled_in(both):
    return np.where(both[..., 1] > 0, both[..., 0], answers(unet, both))


training.reset_to(unet, unet.get_weights())
fit(unet, batches(train, holed_and_known), UNET_STEPS, 0.01, "The same U-Net, told what is missing")
both = with_known(test_holed[..., None], known[1][..., None])
filled["U-Net, told"], filled["U-Net, told, five times"] = filled_in(both), asked_often(filled_in, both)

# %%
rows = []
for name in dict.fromkeys([*cleaned, *filled]):
    made = [pictures.get(name) for pictures in (cleaned, filled)]
    cells = [["", ""] if p is None else [f"{decibels(clean, p):.1f}", f"{similarity(clean, p):.2f}"] for p in made]
    rows.append([name, *cells[0], *cells[1]])
plots.table(rows, ["", "noise: PSNR", "SSIM", "missing: PSNR", "SSIM"], f"All of them, {len(clean)} unseen pictures")
gain = decibels(clean, filled["U-Net, told"]) - decibels(clean, filled["axes that fit"])

# %% tags=["claim"]
measures.record("U-Net told the mask over the rival told it, dB", gain, at_least=0.5)

# %%
names = ["clean", "half missing", "normalised convolution", "axes that fit", "U-Net, told"]
rows = [clean, test_holed, *(filled[name] for name in names[2:])]
shown = [row[i] for i in range(max(0, len(clean) - 3), len(clean)) for row in rows]
names[2] = "normalised conv."
plots.pictures(shown, names + [""] * (len(shown) - 5), "Three unseen pictures", 5, height=1.75, span=(0, 1))

# %% [markdown]
# Ahead of its rival, told the same. So both count, the machine and what it is told; a comparison that changes both at
# once says nothing of either. **Always ask of a comparison: did both know the same?**
#
# ## Turn the error into an alarm
# Now the other way round. An autoencoder that has learnt only digits rebuilds only digits well, so a large error
# says: *this is none*. Lecture D shows it with errors of mean 0.10 and deviation 0.03. A picture with an error of
# 0.14 is accepted, one with 0.27 called a LIAR. **Predict** for each how many deviations above the mean it lies. If
# errors were normally distributed, what share of honest pictures would raise an alarm if the threshold were there?

# %% tags=["nbval-check-output"]
for error in (0.14, 0.27):
    deviations = (error - 0.10) / 0.03
    print(f"error {error}: {deviations:.1f} deviations; above it {stats.norm.sf(deviations):.2g} of all normal errors")

# %% [markdown]
# So a threshold at 0.14 would call one honest picture in eleven a liar; at 0.27, one in a hundred million. If errors
# were normal. Are they?
#
# ### Your turn: an error for each picture


# %% tags=["exercise"]
def picture_errors(pictures, rebuilt):
    """The mean squared error of each picture: (n,) from two arrays (n, height, width, channels)."""
    ### BEGIN SOLUTION
    return ((pictures - rebuilt) ** 2).mean(axis=(1, 2, 3))
    ### END SOLUTION


# %% tags=["check"]
picture_errors = week.picture_errors.check(picture_errors)

# %% [markdown]
# ## Train on what is normal
# A code of 32 numbers this time, so that copying is impossible; clean pictures; and no class number 5 among them
# (`HELD_OUT`), so that we can ask about a class that was never seen. No label is used otherwise, and no odd picture.


# %%
network = models.autoencoder(code=CODE)
network.compile("adam", "binary_crossentropy")
fresh_weights = network.get_weights()
held_out = min(HELD_OUT, len(loaded.class_names) - 1)
normal = {name: images[name][labels[name] != held_out] for name in images}
fit(network, batches(normal["train"], size=64), CODE_STEPS, 0.01, f"An autoencoder with a code of {CODE} numbers")

# %% [markdown]
# ### Your turn: too odd
# Say what share of false alarms you accept. The validation errors, all of normal pictures, then give the threshold:
# the one that just this share of them exceeds.


# %% tags=["exercise"]
def too_odd(validation_errors, test_errors, false_alarms):
    """Yes or no for each test error: is it above what the share `false_alarms` of validation errors exceeds?"""
    ### BEGIN SOLUTION
    return test_errors > np.quantile(validation_errors, 1 - false_alarms)
    ### END SOLUTION


# %% tags=["check"]
too_odd = week.too_odd.check(too_odd)

# %% [markdown]
# Two ways to a threshold: lecture D's, by mean and deviation as if errors were normal, and yours, by what the
# validation errors themselves exceed, their *quantile*. **Predict** which of them keeps its promise on test pictures.


# %%
def errors(pictures):
    pictures = pictures.reshape(len(pictures), 28, 28)
    return ((answers(network, pictures) - pictures) ** 2).mean(axis=(1, 2))


usual, tested = errors(normal["validation"]), errors(normal["test"])
rows = []
for share in (0.1, 0.05, 0.01):
    by_normal = usual.mean() + stats.norm.isf(share) * usual.std()
    by_quantile = np.quantile(usual, 1 - share)
    alarms = [f"{(tested > threshold).mean():.1%}" for threshold in (by_normal, by_quantile)]
    rows.append([f"{share:.0%}", f"{by_normal:.4f}", alarms[0], f"{by_quantile:.4f}", alarms[1]])
head = ["false alarms wanted", "mean and deviation: threshold", "alarms", "quantile: threshold", "alarms"]
plots.table(rows, head, f"Thresholds from {len(usual):,} validation errors, alarms on {len(tested):,} test pictures")

# %% tags=["claim"]
measures.record("false alarms where 1% is wanted: mean and deviation", (tested > by_normal).mean(), at_least=0.015)
measures.record("false alarms where 1% is wanted: quantile", (tested > by_quantile).mean(), at_most=0.02)

# %%
threshold, rng = np.quantile(usual, 0.95), np.random.default_rng(7)
bell = {"normal": tested, "bell curve": rng.normal(usual.mean(), usual.std(), 100_000)}
plots.histograms(bell, "error", "Errors beside a bell curve of the same mean and deviation", threshold)

# %% [markdown]
# The errors have a long tail to the right: a few honest digits are odd. So at 1% the bell curve promises what it
# cannot keep, while the *quantile* of the validation errors needs no curve. It asks only how many false alarms you
# accept.

# %% [markdown]
# ## Show it odd pictures
# Six kinds, none of which it ever saw. **Before you run on, order them:** which will it find most easily, and which
# hardly at all?


# %%
def pen_stroke(picture, rng):
    """A line of ink two pixels wide and ten to sixteen long, somewhere across the picture."""
    angle, reach = rng.uniform(0, np.pi), rng.uniform(5, 8)
    rows, columns = np.indices((28, 28)) - 13.5 - rng.uniform(-4, 4, (2, 1, 1))
    across = rows * np.cos(angle) - columns * np.sin(angle)
    along = rows * np.sin(angle) + columns * np.cos(angle)
    return np.maximum(picture, np.clip(1.5 - np.hypot(across, np.maximum(0, abs(along) - reach)), 0, 1))


def blot(picture, rng):
    """A soft disk of ink with a radius of three pixels."""
    rows, columns = np.indices((28, 28)) - rng.uniform(7, 21, (2, 1, 1))
    return np.maximum(picture, 1 / (1 + np.exp(2 * (np.hypot(rows, columns) - 3))))


def photo_piece(rng):
    photo = photos[rng.integers(len(photos))]
    top, left = (rng.integers(side - 28) for side in photo.shape)
    piece = photo[top : top + 28, left : left + 28]
    return (piece - piece.min()) / max(1e-6, np.ptp(piece))


# %%
rng, some = np.random.default_rng(5), normal["test"][:400, ..., 0]
photos = [photo.mean(axis=-1) for photo in data.load("photos").test.images]
kinds = {
    "letters": printed,
    "pen strokes": np.stack([pen_stroke(picture, rng) for picture in some]),
    "unseen class": images["test"][labels["test"] == held_out][..., 0],
    "photograph": np.stack([photo_piece(rng) for _ in range(400)]),
    "blots": np.stack([blot(picture, rng) for picture in some]),
    "upside down": some[:, ::-1, ::-1],
}
kinds = {name: pictures.astype("float32") for name, pictures in kinds.items()}

# %%
shown = {"normal": some, **kinds}
first = [pictures[min(2, len(pictures) - 1)] for pictures in shown.values()]
again = [answers(network, picture[None])[0] for picture in first]
maps = [np.abs(a - b) for a, b in zip(first, again, strict=True)]
titles = [*shown, *[f"error {(one**2).mean():.3f}" for one in maps], *[""] * len(shown)]
plots.pictures(
    [*first, *again, *maps],
    titles,
    f"Shown, rebuilt, and where they differ (threshold {threshold:.3f})",
    7,
    span=(0, 1),
)

# %% [markdown]
# The third row shows *where* it failed: the part of the stroke that is not rebuilt shines; of a letter, what no digit
# has. Look at the second row for what it would rather have seen. The digit of a class that it never saw comes back
# nearly as it was, and so do the blot and the digit upside down. (A photograph is bright all over, and there is
# nothing to boast of.)

# %%
plots.histograms(
    {"normal": tested, "letters": errors(printed), "unseen class": errors(kinds["unseen class"])},
    "error",
    "Above the line: alarm. Some of each kind lie below",
    threshold,
)

# %% [markdown]
# ## Judge the alarm without a threshold
# A stricter threshold gives fewer false alarms and finds less. The *ROC curve* shows all thresholds at once: across,
# the share of normal pictures that raise an alarm; up, the share of odd ones that do. Chance is the diagonal.


# %%
def ratings(scores):
    """ROC curves of several kinds, from a function that says how odd pictures are."""
    usual, lines = scores(normal["test"][..., 0]), {}
    for name, pictures in kinds.items():
        odd = scores(pictures)
        truth = np.r_[np.zeros(len(usual)), np.ones(len(odd))]
        lines[name] = roc_curve(truth, np.r_[usual, odd])[:2]
    return lines


lines = ratings(errors)
few = {name: np.linspace(0, len(line[0]) - 1, 60).astype(int) for name, line in lines.items()}  # enough to draw
thin = {name: [axis[few[name]] for axis in line] for name, line in lines.items()}
plots.paths(
    {**thin, "chance": [(0, 1), (0, 1)]},
    ("share of normal pictures that raise an alarm", "share of odd ones that do"),
    "Six kinds of odd pictures",
)

# %% [markdown]
# The area under such a curve, *AUC*, sums it up, and has a simple meaning: take one odd and one normal picture at
# random. In which share of all such pairs has the odd one the larger error?
#
# ### Your turn: AUC by counting pairs


# %% tags=["exercise"]
def auc(normal, odd):
    """Share of all pairs (a normal, an odd error) in which the odd one is larger; equal ones count half."""
    ### BEGIN SOLUTION
    return (odd[:, None] > normal).mean() + (odd[:, None] == normal).mean() / 2
    ### END SOLUTION


# %% tags=["check"]
auc = week.auc.check(auc)

# %% [markdown]
# Which AUC is much? Ask rivals that need no network: the *amount of ink*, or rather how far it is from the usual; the
# error of *PCA* with as many numbers as the code; and the distance to the *nearest training picture*. **Predict**
# where one of them beats the network.


# %%
def area(usual, odd):
    """AUC as scikit-learn would have it: the area under the curve of ranks."""
    ranks = stats.rankdata(np.r_[usual, odd])[len(usual) :]
    return (ranks.sum() / len(odd) - (len(odd) + 1) / 2) / len(usual)


def rivals_of(pictures, count):
    """Three ways to say how odd pictures are, from training pictures alone."""
    flat = pictures.reshape(-1, 784)
    mean, sizes, kept = flat.mean(axis=0), (flat**2).sum(axis=1), np.linalg.eigh(np.cov(flat.T))[1][:, -count:]

    def by_pca(shown):
        off = shown.reshape(-1, 784) - mean
        return ((off - off @ kept @ kept.T) ** 2).mean(axis=1)

    def nearest(shown):
        few = np.array_split(shown.reshape(-1, 784), 1 + len(shown) // 200)  # distances to all would need much memory
        return np.concatenate([((one**2).sum(1)[:, None] + sizes - 2 * one @ flat.T).min(axis=1) for one in few])

    return {"ink": lambda shown: abs(shown.mean(axis=(1, 2)) - flat.mean()), f"PCA-{count}": by_pca, "nearest": nearest}


# %%
ways = {"autoencoder": errors, **rivals_of(normal["train"], CODE)}
scores = {way: way_of(normal["test"][..., 0]) for way, way_of in ways.items()}
areas = {name: {way: area(scores[way], way_of(odd)) for way, way_of in ways.items()} for name, odd in kinds.items()}
plots.table([[name, *(f"{value:.2f}" for value in row.values())] for name, row in areas.items()], ["AUC", *ways])
floors = {"letters": 0.93, "pen strokes": 0.87, "unseen class": 0.78}
for name, floor in floors.items():
    measures.record(f"AUC, {name}", areas[name]["autoencoder"], at_least=floor)
lead = areas["unseen class"]["nearest"] - areas["unseen class"]["autoencoder"]

# %% tags=["claim"]
measures.record("lead of the nearest training picture, unseen class, AUC", lead, at_least=0.05)

# %% [markdown]
# Letters and strokes are found well, and for strokes no rival does as well: it takes someone who knows what a digit
# would look like *without* the stroke. PCA rebuilds letters just as well as digits, as it adds and takes away whole
# pictures, of no special kind. But look at the unseen class. There the nearest training picture wins by far, with no
# training at all: the network has learnt strokes, and builds a new digit from them. (The price: it keeps all training
# pictures and compares with each.)
#
# ## See where it fails
# Upside down, two thirds of the pairs are right, little more than chance. **Predict** which classes it finds when
# they stand on their heads, and which never.

# %%
turned, numbers = normal["test"][..., 0], labels["test"][labels["test"] != held_out]
turned_errors, names, values = errors(turned[:, ::-1, ::-1]), [], []
for number in np.unique(numbers):
    names.append(loaded.class_names[number])
    values.append(area(tested, turned_errors[numbers == number]))
plots.bars(names, values, ("class, upside down", "AUC"), "Some are digits upside down, too")

# %% [markdown]
# A 0 or a 1 on its head is a 0 or a 1 again, and a 6 nearly a 9; no method can call these odd by their looks. (Below
# 0.5, as for the 1, means: rebuilt *better* than most normal digits. A 1 is simple, so its errors are small.) And
# strokes are strokes, bowed or straight. A code of 32 numbers has learnt to draw such things: hence classes that it
# never saw, and blots, as thick pieces of stroke. The alarm answers "could I draw this?", which is not quite "is this
# a digit?". A code of fewer numbers can draw less: see Try next.
#
# ## Know one class only
# Another alarm: train on one class alone, about a thousand pictures, and let all other classes be odd. It is the same
# network, begun anew. **Predict:** is the AUC higher or lower than for the class never seen, above?

# %%
only = min(ONE, len(loaded.class_names) - 1)
mine, rest = (images["test"][same][..., 0] for same in (labels["test"] == only, labels["test"] != only))
its_own = images["train"][labels["train"] == only]
training.reset_to(network, fresh_weights)
fit(network, batches(its_own), CODE_STEPS // 2, 0.01, f"An autoencoder of class {loaded.class_names[only]!r} alone")
ways = {"autoencoder": errors, **rivals_of(its_own, CODE)}
row = {way: area(way_of(mine), way_of(rest)) for way, way_of in ways.items()}
plots.table(
    [[f"{value:.3f}" for value in row.values()]],
    list(row),
    f"AUC: class {loaded.class_names[only]!r} against all others",
)

# %% tags=["claim"]
measures.record("AUC, one class against all others", row["autoencoder"], at_least=0.9)

# %% [markdown]
# Higher, as who knows less of the world finds more of it odd; but PCA rose as well, so the task is easier, too. The
# nearest picture still wins by a little. On clean, small, centred pictures like these it is hard to beat; it loses
# where a picture is odd in a small part of it, as the strokes showed, and it does not say where.
#
# ## Try next
# - `CODE = 8`: predict first which kinds it finds better, and which worse. Why? Find the best code for each kind.
# - Train the denoiser on noise of *many* strengths, `sigma` drawn anew for each batch, and draw the curve over sigma
#   again. What does it cost at 0.5?
# - `UNET_STEPS = 2000`: how far does the U-Net get, given more time?
# - `DATASET = "fashion_mnist"`, or pictures of your own: which rival is the strongest there?
#
# ## What you can do now
# - Train an autoencoder on pairs of a damaged and a clean picture, and say why the noise has to be new each time:
#   made once, it is learnt by heart.
# - Compare fairly, in decibels and SSIM: rivals tuned on validation pictures, cut to black and white, and *told the
#   same*. A network beats filters since it knows digits; a rival that knows digits and the mask beat a network that
#   did not know the mask.
# - Say what a denoiser does outside its world: it erases or bends what it does not know, takes lumps of strong noise
#   for ink, and damages clean pictures.
# - Set a threshold by the quantile of validation errors, for the false alarms that you accept, where the bell curve
#   promises too much.
# - Judge an alarm by ROC and AUC beside ink, PCA and the nearest picture, and name what it cannot see: whatever it is
#   able to draw.
#
# Next: **week 11**, where codes are drawn by lot, and the decoder makes pictures that nobody has written.
