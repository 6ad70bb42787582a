# ---
# jupyter:
#   course:
#     seconds: 90
#     gigabytes: 1.8
# ---

# %% [markdown]
# # What lies between two digits?
#
# Week 10a's autoencoder turns an image into a code, and back. So we could invent digits: decode a new code. But which
# codes give digits? A *variational* autoencoder (VAE) is trained so that we know.
#
# **You will be able to**
# - sample from an encoder's Gaussian so that gradients pass,
# - compute its KL divergence from N(0, 1), and say in which direction,
# - combine both parts of the loss, and recognise posterior collapse,
# - generate digits, and compare them with a plain autoencoder's,
# - measure what lies between digits.
#
# *Mirrors: lecture B, from the variational autoencoder to "VAE example: generation of new signals". About 60 minutes
# with the exercises; {cost}.*

# %% tags=["setup"]
import numpy as np
from scipy.integrate import quad
from scipy.stats import norm

from course_utils import by_size, data, measures, plots, setup, training
from course_utils.weeks import week11a as week

setup(seed=0)
import keras
import tensorflow as tf  # for its gradient tape
from keras import layers, ops

# %% tags=["parameters"]
DATASET = "digits"  # or "mnist", "fashion_mnist", or a path: IDX or NPZ files, a folder of class folders
CODE = 16  # numbers in the code
STEPS = by_size(quick=800, full=6000)  # of training, with 64 images each

# %% [markdown]
# ## Let the encoder output a Gaussian
# A plain encoder gives each image a point, a VAE's a Gaussian $N(\mu, \sigma^2)$ for each number of the code. The
# decoder gets a random code from there, so it must decode a whole neighbourhood of $\mu$.
#
# The encoder has two outputs: the mean $\mu$ and the *log variance* $v = \log \sigma^2$.
#
# We need random codes that gradients pass through. Draw noise from N(0, 1), scale it by the standard deviation
# $\sigma$, and shift it by the mean. This is the *reparameterisation trick*.
#
# ### Your turn: sample a code
# All three arguments have shape (n, numbers). For mean 3, log variance $\log 4$ and noise 0.5 the code is 3 + 2 x 0.5 =
# 4. All but the last exercise run inside Keras' training: use `ops.exp`, `ops.sum`, `ops.mean` and `+ - * /`, no NumPy,
#    `len` or `sum`.


# %% tags=["exercise"]
def sample(mean, log_variance, noise):
    """Codes (n, numbers) from the encoder's Gaussians; the noise comes from N(0, 1)."""
    ### BEGIN SOLUTION
    return mean + ops.exp(log_variance / 2) * noise
    ### END SOLUTION


# %% tags=["check"]
sample = week.sample.check(sample)

# %% [markdown]
# Lecture B multiplies the noise by $\sigma^2$, and says that the result has the variance $\sigma^2$. We test it for
# $\mu = 0.7$ and $\sigma = 0.5$. **Predict:** which variance do the lecture's samples have?

# %%
rng = np.random.default_rng(0)
MEAN, SD = 0.7, 0.5
noise = rng.normal(size=100_000)
groups = {
    "yours": np.array(sample(np.full(100_000, MEAN), np.full(100_000, np.log(SD**2)), noise)),
    "lecture B's formula": MEAN + SD**2 * noise,
    "NumPy's N(0.7, 0.25)": rng.normal(MEAN, SD, size=100_000),
}
plots.histograms(groups, "sample", "Samples from a Gaussian with mean 0.7 and variance 0.25")
for name, samples in groups.items():
    print(f"{name}: variance {samples.var():.3f}")

# %% tags=["claim"]
assert abs(groups["yours"].var() - SD**2) < 0.01 and abs(groups["lecture B's formula"].var() - SD**4) < 0.01

# %% [markdown]
# They have $\sigma^4 = 0.0625$, too little. So the square is a slip.
#
# Why not let NumPy draw the code? See how the code depends on the encoder's outputs; the noise is 1.2.

# %%
mean, log_variance = tf.Variable([[MEAN]]), tf.Variable([[np.log(SD**2)]], dtype="float32")
with tf.GradientTape(persistent=True) as tape:
    yours = sample(mean, log_variance, tf.constant([[1.2]]))
    by_numpy = tf.constant(rng.normal(mean, np.exp(log_variance / 2)))
for name, code in [("yours", yours), ("by NumPy", by_numpy)]:
    for output, variable in [("mean", mean), ("log variance", log_variance)]:
        slope = tape.gradient(code, variable)
        print(f"{name}: d code / d {output} =", "no gradient" if slope is None else f"{float(slope[0, 0]):.2f}")

# %% tags=["claim"]
slopes = [float(one[0, 0]) for one in tape.gradient(yours, [mean, log_variance])]
assert np.allclose(slopes, [1, 1.2 * SD / 2], atol=1e-4)
assert tape.gradient(by_numpy, [mean, log_variance]) == [None, None]

# %% [markdown]
# Yours gives both outputs a gradient, to the log variance noise x $\sigma$ / 2 = 0.30. NumPy's has no record of where
# it came from.
#
# ## Keep the Gaussians near N(0, 1)
# The encoder could make $\sigma$ tiny, so that noise would not matter. So a second part of the loss, the *KL
# divergence*, pulls each Gaussian q towards p = N(0, 1). It is the mean of $\log q - \log p$ over samples of q. For one
# number of the code, lecture B gives:
#
# $$D = \frac{1}{2}\left(\mu^2 + \sigma^2 - \log \sigma^2 - 1\right)$$
#
# ### Your turn: the divergence
# Add up the divergences of all numbers of a code. One number with mean 2 and log variance 0 gives (4 + 1 - 0 - 1) / 2 =
# 2.


# %% tags=["exercise"]
def divergence(mean, log_variance):
    """KL divergence (n,) of each code's Gaussian from N(0, 1); both arguments are (n, numbers)."""
    ### BEGIN SOLUTION
    each = 0.5 * (mean**2 + ops.exp(log_variance) - log_variance - 1)
    return ops.sum(each, axis=1)
    ### END SOLUTION


# %% tags=["check"]
divergence = week.divergence.check(divergence)

# %% [markdown]
# A KL divergence has a direction. Lecture B calls this one $D_{KL}(p\,\|\,q)$: the mean over samples of p. Is it? We
# estimate both directions from a million samples, and integrate one with SciPy.

# %% tags=["nbval-check-output"]
q, p = norm(MEAN, SD), norm(0, 1)
rng = np.random.default_rng(0)
from_q, from_p = rng.normal(MEAN, SD, 1_000_000), rng.normal(size=1_000_000)
estimates = {
    "your formula": float(divergence(np.array([[MEAN]]), np.array([[np.log(SD**2)]]))[0]),
    "KL(q, p), samples of q": np.mean(q.logpdf(from_q) - p.logpdf(from_q)),
    "KL(q, p), SciPy's integral": quad(lambda z: q.pdf(z) * (q.logpdf(z) - p.logpdf(z)), -8, 8)[0],
    "KL(p, q), samples of p": np.mean(p.logpdf(from_p) - q.logpdf(from_p)),
}
for name, value in estimates.items():
    print(f"{name}: {value:.2f}")

# %% tags=["claim"]
values = list(estimates.values())
assert abs(values[0] - values[1]) < 1e-2 and abs(values[0] - values[2]) < 1e-6 and abs(values[0] - values[3]) > 1

# %% [markdown]
# The formula is right, but it is $D_{KL}(q\,\|\,p)$. The other direction is three times as large here.
#
# ## Build the loss and the network
# The *reconstruction loss* compares the image with the output. Lecture B takes their distance, we the binary
# cross-entropy of each pixel (week 10a). The *latent loss* is the divergence. A weight balances them; in a VAE it is 1.
#
# ### Your turn: the loss
# `pixel_losses` has shape (n, 28, 28), `divergences` (n,). The loss of an image is the *sum* of its pixel losses, plus
# the weight times its divergence. Return the mean over the images. An image with two pixels that lose 1 and 3, and a
# divergence of 5 with weight 2, loses 1 + 3 + 10 = 14.


# %% tags=["exercise"]
def vae_loss(pixel_losses, divergences, weight):
    """Mean loss of the images, a single number."""
    ### BEGIN SOLUTION
    reconstruction = ops.sum(pixel_losses, axis=(1, 2))
    return ops.mean(reconstruction + weight * divergences)
    ### END SOLUTION


# %% tags=["check"]
vae_loss = week.vae_loss.check(vae_loss)

# %% [markdown]
# Now the network, of dense layers. The output layers have neither batch normalisation nor ReLU.


# %%
def dense_layers(*sizes):
    """Dense layers, each with batch normalisation and ReLU."""
    stack = []
    for size in sizes:
        stack += [layers.Dense(size, use_bias=False), layers.BatchNormalization(momentum=0.95), layers.ReLU()]
    return stack


def build_encoder(numbers):
    """From images to means and log variances."""
    inputs = keras.Input((28, 28, 1))
    features = keras.Sequential([layers.Flatten(), *dense_layers(256, 128)])(inputs)
    heads = [layers.Dense(numbers, name=name) for name in ("mean", "log_variance")]
    return keras.Model(inputs, [head(features) for head in heads])


def build_decoder(numbers):
    """From codes to images."""
    pixels = [layers.Dense(784, activation="sigmoid"), layers.Reshape((28, 28, 1))]
    return keras.Sequential([keras.Input((numbers,)), *dense_layers(128, 256), *pixels])


plots.architecture(build_encoder(CODE), "The encoder: from an image to means and log variances")
plots.architecture(build_decoder(CODE), "The decoder: from a code to an image")


# %%
class Autoencoder(keras.Model):
    """A VAE; with weight 0 a plain autoencoder, whose codes are the means."""

    def __init__(self, numbers, weight):
        super().__init__()
        self.encoder, self.decoder, self.weight = build_encoder(numbers), build_decoder(numbers), weight
        self.random = keras.random.SeedGenerator(0)

    def call(self, images, training=False):
        mean, log_variance = self.encoder(images, training=training)
        codes = mean
        if training and self.weight > 0:
            codes = sample(mean, log_variance, keras.random.normal(ops.shape(mean), seed=self.random))
        return self.decoder(codes, training=training), mean, log_variance

    def compute_loss(self, x, y, y_pred, sample_weight=None, training=True):  # called in each training step
        outputs, mean, log_variance = y_pred
        pixel_losses = keras.losses.binary_crossentropy(x, outputs)
        return vae_loss(pixel_losses, divergence(mean, log_variance), self.weight)


# %%
loaded = data.load(DATASET)
measures.measured_on("digits" if CODE == 16 else "", loaded)  # the limits below hold for these digits and 16 numbers
train_set, test_set = loaded.train.grey(28), loaded.test.grey(28)  # 28x28 pixels, one channel
images, unseen, labels = train_set.images[:20_000], test_set.images[:1000], test_set.labels[:1000]


def batches(size=64):
    """Endless batches of images chosen at random; Keras also wants targets, here the images."""
    rng = np.random.default_rng(0)
    while True:
        chosen = images[rng.integers(len(images), size=size)]
        yield chosen, chosen


# %%
def train(weight, steps=STEPS, numbers=CODE):
    """Train a new autoencoder."""
    model = Autoencoder(numbers, weight)
    model.compile("adam")
    # The learning rate rises to 0.003 in the first tenth of the steps, then falls to zero.
    rate = training.WarmupThenDecay(0.003)
    model.fit(batches(), steps_per_epoch=steps, shuffle=False, verbose=0, callbacks=[rate])
    return model


# %% [markdown]
# ## Forget the sum
# Keras' own losses return the *mean* over pixels, and many programs add the divergence to that. With 784 pixels it is
# as if the weight were 784. **Predict:** what does such a VAE output?

# %%
collapsed = train(weight=784, steps=300)
plots.rows({"unseen": unseen[:8], "copies": week.run(collapsed, unseen[:8])[0]}, "A VAE that averages over pixels")
mean, log_variance = week.run(collapsed.encoder, unseen)
print(f"mean divergence of a code: {np.mean(divergence(mean, log_variance)):.2f}")

# %% tags=["claim"]
measures.record("mean divergence after averaging over pixels", np.mean(divergence(mean, log_variance)), at_most=0.5)
difference = week.run(collapsed, unseen)[0].std(axis=0).mean() / unseen.std(axis=0).mean()
measures.record("how much its copies differ, compared with the images", difference, at_most=0.2)

# %% [markdown]
# It outputs nearly the same blur for every input. The divergence is almost 0: a code says hardly anything about its
# image. This is *posterior collapse* (the encoder's Gaussian is the *posterior*). The cure is your sum over pixels.
#
# ## Balance the two parts
# We change only the weight. Weight 0, without noise, is a plain autoencoder. **Predict:** which weight gives the
# sharpest copies?

# %%
models = {}
for weight in (0, 0.1, 1, 5):
    models[weight] = train(weight)
    print(f"trained with weight {weight}")
codes = {weight: week.run(model.encoder, unseen) for weight, model in models.items()}  # means and log variances
copies = {weight: week.run(model.decoder, codes[weight][0]) for weight, model in models.items()}
shown = {f"weight {weight}": some[:5] for weight, some in copies.items()}
plots.rows({"unseen": unseen[:5], **shown}, "Copies of unseen images, decoded from the means")

# %% [markdown]
# Weight 5 blurs; the other rows look alike. Grey pixels, between 0.25 and 0.75, measure blur. Minus the loss with
# weight 1 is the *ELBO* (evidence lower bound). For pixels of 0 or 1 (ours are partly grey) it is a lower bound for an
# image's log probability. Higher is better. A plain autoencoder's log variance is untrained.

# %%
rng, elbo, divergences = np.random.default_rng(0), {}, {}
for weight in (0.1, 1, 5):
    mean, log_variance = codes[weight]
    random_codes = np.array(sample(mean, log_variance, rng.normal(size=mean.shape)))
    pixel_losses = keras.losses.binary_crossentropy(unseen, week.run(models[weight].decoder, random_codes))
    divergences[weight] = float(np.mean(divergence(mean, log_variance)))
    elbo[weight] = -float(vae_loss(pixel_losses, divergence(mean, log_variance), 1))
grey = {weight: np.mean((some > 0.25) & (some < 0.75)) for weight, some in copies.items()}
rows = [[w, f"{grey[w]:.1%}", *(f"{part[w]:.1f}" if w in part else "" for part in (divergences, elbo))] for w in grey]
plots.table(rows, ["weight", "grey pixels", "divergence", "ELBO"])

# %% tags=["claim"]
measures.record("ELBO with weight 1", elbo[1], at_least=-130)
measures.record("ELBO with weight 1 minus the better of the others", elbo[1] - max(elbo[0.1], elbo[5]), at_least=2)
measures.record("divergence with weight 0.1, compared with weight 1", divergences[0.1] / divergences[1], at_least=1.5)
measures.record("divergence with weight 5, compared with weight 1", divergences[5] / divergences[1], at_most=0.6)
for low, high in [(0, 1), (0.1, 1), (1, 5)]:
    measures.record(f"grey pixels with weight {high}, compared with weight {low}", grey[high] / grey[low], at_least=1)

# %% [markdown]
# The weights 0 and 0.1 give the sharpest copies. A small weight allows a large divergence. The ELBO is best with weight
# 1, whose training maximises it.
#
# ## Generate digits from random codes
# A classifier of real digits is our judge. It measures 1,000 images:
# - how many classes hold at least 2% of the images,
# - its mean confidence,
# - the *Frechet distance*: how far the values before its last layer are from those of training images. Smaller is
#   better; random pixels have distance 1. (Week 11b shows the formula.)
#
# The decoders get random codes from N(0, 1). The plain one also gets codes from a Gaussian with the mean and covariance
# of *its* training codes. **Predict:** which of the four generated rows is nearest to real digits?

# %%
judge = week.Judge(images, train_set.labels[:20_000], len(loaded.class_names))
rng = np.random.default_rng(1)
standard = rng.normal(size=(1000, CODE))
plain_codes = week.run(models[0].encoder, images[:4000])[0]
fitted = rng.multivariate_normal(plain_codes.mean(axis=0), np.cov(plain_codes.T), size=1000)
generated = {
    "real digits": unseen,
    "VAE: copies": copies[1],
    "VAE: N(0, 1)": week.run(models[1].decoder, standard),
    "plain: N(0, 1)": week.run(models[0].decoder, standard),
    "plain: fitted Gaussian": week.run(models[0].decoder, fitted),
    "collapsed VAE: N(0, 1)": week.run(collapsed.decoder, standard),
}
plots.rows({name: some[:8] for name, some in generated.items()}, "Generated images, and references")
results = {name: judge.measure(some) for name, some in generated.items()}
week.show_results(results)

# %% tags=["claim"]
measures.record("confidence of the collapsed VAE", results["collapsed VAE: N(0, 1)"].confidence, at_least=0.9)
measures.record("distance of the VAE's copies", results["VAE: copies"].distance, at_least=0.1)
assert results["VAE: copies"].distance == sorted(result.distance for result in results.values())[1]
nearest = results["plain: fitted Gaussian"].distance
others = min(results[name].distance for name in ("VAE: N(0, 1)", "plain: N(0, 1)", "collapsed VAE: N(0, 1)"))
measures.record("distance with the fitted Gaussian, compared with the next", nearest / others, at_most=0.95)

# %% [markdown]
# Of the generated rows, the plain autoencoder with the fitted Gaussian is nearest. But all are far from real digits,
# even the readable *copies*. They are blurred, and the judge has never seen such greys. (It is even sure of the
# collapsed VAE's blurs.)
#
# So the distance measures blur, too. We raise the contrast of *all* images: we double each pixel's logit, its value
# before the sigmoid. **Predict:** does the order change?


# %%
def sharpen(images):
    """Raise the contrast: double the logit of each pixel, log(p / (1 - p))."""
    return images**2 / (images**2 + (1 - images) ** 2)


sharp = {name: sharpen(some) for name, some in generated.items()}
plots.rows({name: some[:8] for name, some in sharp.items()}, "The same images with more contrast")
sharp_results = {name: judge.measure(some) for name, some in sharp.items()}
week.show_results(sharp_results)

# %% tags=["claim"]
copied, vae, plain, rival = (sharp_results[name] for name in list(generated)[1:5])
closer = results["VAE: copies"].distance / copied.distance
measures.record("how many times contrast brings the copies nearer", closer, at_least=4)
assert copied.distance == min(result.distance for result in sharp_results.values())
measures.record("classes covered by the VAE", vae.classes, at_least=10)
measures.record("confidence for the VAE's digits", vae.confidence, at_least=0.75)
measures.record("distance of the VAE's digits", vae.distance, at_most=0.17)
measures.record(
    "distance of the plain autoencoder's, compared with the VAE's", plain.distance / vae.distance, at_least=1.4
)
measures.record("the same with the fitted Gaussian", rival.distance / vae.distance, at_least=0.5, at_most=1.1)
spread = {weight: codes[weight][0].std(axis=0).mean() for weight in (0, 1)}
measures.record("standard deviation of the VAE's means", spread[1], at_least=0.8, at_most=1.1)
measures.record("standard deviation of the plain codes", spread[0], at_least=1.5)

# %% [markdown]
# Contrast helps blurred images and hurts real digits: copies are now nearer than these. Compare only the generated
# rows. From N(0, 1), the VAE's digits are clearly nearer than the plain autoencoder's. The VAE's means have a standard
# deviation near 1, but plain codes spread about twice as wide.
#
# But with the fitted Gaussian, the plain autoencoder is nearer in the first table, and not clearly farther in the
# second. So the VAE gives a known distribution of codes, not better digits.
#
# ## Measure what lies between two digits
# Lecture B goes from the mean $\mu_a$ of image a to the mean $\mu_b$ of image b, with $n$ codes between them:
#
# $$\mu_k = (1-w_k)\,\mu_a + w_k\,\mu_b, \qquad w_k = \frac{k}{n+1}, \quad k = 1, \dots, n$$
#
# ### Your turn: the codes between
# Leave out both ends. Three codes between (0, 8) and (4, 0) are (1, 6), (2, 4) and (3, 2).


# %% tags=["exercise"]
def codes_between(first, second, count):
    """Codes (count, numbers) between two codes (numbers,), in equal steps, both ends left out."""
    ### BEGIN SOLUTION
    weights = np.arange(1, count + 1)[:, None] / (count + 1)
    return (1 - weights) * first + weights * second
    ### END SOLUTION


# %% tags=["check"]
codes_between = week.codes_between.check(codes_between)

# %% [markdown]
# We take pairs of images of different classes, decode the code halfway, and raise the contrast. An image is recognised
# if the judge is more than 90% sure. Our baseline is the mean of both images, pixel by pixel. **Predict:** what
# fraction of the images halfway is recognised?

# %%
rng = np.random.default_rng(2)
first, second = rng.integers(len(unseen), size=(2, 1000))
different = labels[first] != labels[second]
first, second = first[different], second[different]


def halfway(points):
    """Points (n, numbers) halfway between the first and the second image of each pair."""
    return np.concatenate([codes_between(points[a], points[b], 1) for a, b in zip(first, second, strict=True)])


# %%
middles = {
    "VAE": week.run(models[1].decoder, halfway(codes[1][0])),
    "plain": week.run(models[0].decoder, halfway(codes[0][0])),
    "mixed pixels": halfway(unseen.reshape(len(unseen), -1)).reshape(-1, 28, 28, 1),
    "for comparison: copies by the VAE": copies[1][first],
}
fates, verdicts = {}, {}
for name, some in middles.items():
    probabilities = week.run(judge.classifier, sharpen(some))
    sure, kinds = probabilities.max(axis=1) > 0.9, probabilities.argmax(axis=1)
    verdicts[name] = np.where(sure, kinds.astype(str), "?")
    ends = (kinds == labels[first]) | (kinds == labels[second])
    fates[name] = [np.mean(sure & ends), np.mean(sure & ~ends), np.mean(~sure)]
rows = [[name, *(f"{fraction:.0%}" for fraction in fate)] for name, fate in fates.items()]
plots.table(rows, ["images halfway", "one of the two", "a third class", "not recognised"])

# %% tags=["claim"]
recognised = {name: 1 - unsure for name, (_, _, unsure) in fates.items()}
measures.record("halfway images of the VAE recognised", recognised["VAE"], at_least=0.4, at_most=0.62)
measures.record(
    "the same, minus those of the plain autoencoder",
    recognised["VAE"] - recognised["plain"],
    at_least=-0.1,
    at_most=0.1,
)
measures.record("the same, minus mixed pixels", recognised["VAE"] - recognised["mixed pixels"], at_least=0.02)
measures.record("copies recognised as their class", fates["for comparison: copies by the VAE"][0], at_least=0.75)
measures.record("halfway images of the VAE recognised as a third class", fates["VAE"][1], at_least=0.07)

# %% [markdown]
# About half: mostly as one of the two digits, but some as a *third* class. Most copies are recognised, mixed pixels
# less often than the VAE's images. The plain autoencoder does about as well. So VAEs are not "ideal" for interpolation
# (lecture B) here. Below are eight pairs, with the judge's class or "?".

# %%
shown = {"first": unseen[first[:8]], **{name: sharpen(some[:8]) for name, some in middles.items()}}
shown = {**dict(list(shown.items())[:4]), "second": unseen[second[:8]]}
given = {"first": labels[first], **verdicts, "second": labels[second]}
titles = [str(verdict) for name in shown for verdict in given[name][:8]]
pictures = np.concatenate(list(shown.values()))
plots.pictures(pictures, titles, "A pair (top, bottom), and halfway: VAE, plain, mixed pixels")

# %%
a, b = first[0], second[0]
walks = {}
for name, weight in {"VAE": 1, "plain": 0}.items():
    points = codes_between(codes[weight][0][a], codes[weight][0][b], 7)
    walks[name] = [unseen[a], *week.run(models[weight].decoder, points), unseen[b]]
plots.rows(walks, "From one image to another; 7 codes between them")
plots.explore_pictures(walks, "step")

# %% [markdown]
# Strokes move and fade without a jump.
#
# ## Draw a map of the codes
# A code of two numbers is a point on a map. We train both again, briefly. First come the codes of unseen images, drawn
# as their classes. The titles give their range, and how many have a nearest neighbour with the same label. Below are
# images decoded from the same areas. Which codes reach further?

# %%
small = {"plain": train(weight=0, numbers=2, steps=500), "VAE": train(weight=1, numbers=2, steps=500)}
spaces = {name: week.run(model.encoder, unseen)[0] for name, model in small.items()}
spaces = {name: points[:400] for name, points in spaces.items()}
ranges = {name: f"{name}, from {points.min():.0f} to {points.max():.0f}" for name, points in spaces.items()}
week.maps(
    {ranges[name]: points for name, points in spaces.items()}, labels[:400], loaded.class_names, "Codes of two numbers"
)


def decode_area(decoder, points, side=10):
    """One large image of side x side codes, from the rectangle that holds all points (n, 2)."""
    x, y = np.linspace(points.min(axis=0), points.max(axis=0), side).T
    codes = np.stack(np.meshgrid(x, y[::-1]), axis=-1).reshape(-1, 2)
    return week.run(decoder, codes).reshape(side, side, 28, 28).swapaxes(1, 2).reshape(28 * side, 28 * side)


areas = [decode_area(model.decoder, spaces[name]) for name, model in small.items()]
plots.pictures(areas, list(ranges.values()), "Images decoded from 10x10 codes of the same areas")

# %% tags=["claim"]
for name, points in spaces.items():
    measures.record(f"{name}: neighbours of one class", week.same_class_neighbours(points, labels[:400]), at_least=0.18)
measures.record("standard deviation of the VAE's codes on the map", spaces["VAE"].std(), at_least=0.8, at_most=1.2)
measures.record("standard deviation of the plain codes on the map", spaces["plain"].std(), at_least=1.5)

# %% [markdown]
# The plain codes reach further: the divergence keeps the VAE's near N(0, 1). Classes overlap on both maps, but
# neighbours share a class far more often than by chance (10%), though no network saw a label.
#
# ## What you can do now
# - Sample by $\mu + \sigma \cdot$ noise: $\sigma$, not $\sigma^2$, and gradients pass.
# - Compute the divergence of q from N(0, 1). It is $D_{KL}(q\,\|\,p)$.
# - Add up the losses of all pixels. Otherwise the posterior collapses, and the divergence is near 0.
# - Generate from N(0, 1), and compare with a plain autoencoder and a fitted Gaussian, at equal contrast.
# - Halfway between two digits lies one of the two, a third, or (about half of the time) an unrecognised image.
#
# **Try next**
# - Let the weight rise from 0 to 5 during training (a *warm-up*). Is the ELBO better?
# - `DATASET = "fashion_mnist"`: what lies between a boot and a bag?
