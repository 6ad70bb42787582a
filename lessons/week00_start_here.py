# ---
# jupyter:
#   course:
#     seconds: 30
#     gigabytes: 1.5
# ---

# %% [markdown]
# # Start here: ten minutes to a network that reads
#
# In ten minutes you will have seen how these notebooks work, and trained a network that reads handwriting. Nothing has
# to be downloaded and no GPU is needed. Run a cell with **Shift+Enter**; four of them bring you to the first picture.
#
# **You will be able to**
# - run a notebook, change it, and have your answers checked,
# - say which machine you are on and which data is here,
# - train a small network and look at its mistakes.
#
# *Mirrors: lecture C, "Convolutional Neural Networks" and "A Classic Example"; the rest of the course, week by week,
# mirrors lectures A to E. About 10 minutes; {cost}.*

# %% tags=["setup"]
from course_utils import by_size, data, measures, plots, setup
from course_utils.weeks import week00 as week

setup(seed=0)
import keras
import numpy as np

from course_utils import doctor, training

# %% tags=["parameters"]
DATASET = "digits"  # or "fashion_mnist", or the path of your own pictures

# %%
pictures = data.load(DATASET)
measures.measured_on("digits", pictures)  # on other pictures limits are shown, and nobody is held to them
plots.pictures(pictures.test.images[:36], title="What is to be read", columns=12)

# %% [markdown]
# ## Predict, run, compare
# Reading code teaches little; being surprised teaches a lot. So before most cells there is a question in **bold**.
# Make up your mind, then run the cell. First one: these are digits of real people, made larger from scikit-learn's
# collection. **Which of the ten digits needs the least ink?**

# %% [markdown]
# ### Your turn
# To find out we need a function that measures ink: 0 for a blank picture, 1 for one that is all ink, and a share in
# between. A picture is an array of numbers from 0 (paper, shown black) to 1 (ink, shown white).
#
# Run the next two cells as they are. The second is a *check*; its first answer is "not attempted yet".


# %% tags=["exercise"]
def ink(picture):
    """The share of a picture that is covered with ink."""
    ### BEGIN SOLUTION
    return picture.mean()
    ### END SOLUTION


# %% tags=["check"]
ink = week.ink.check(ink)  # yours from here on if it is right, otherwise the course's

# %% [markdown]
# A check also tells what is wrong, and shows what was expected and what came. Somebody else tried `np.sum`:

# %%
week.ink.outcome(np.sum)

# %% [markdown]
# Now put your own line in the place of `raise NotImplementedError("your turn")`, run both cells again, and go on
# until the check says "correct". You can try as often as you like; a check never ends the notebook.
#
# Here is the answer to the question above, for the 2,000 test pictures.

# %%
images, labels = pictures.test
amounts = np.bincount(labels, images.sum(axis=(1, 2, 3))) / np.bincount(labels) / images[0].size
plots.bars(pictures.class_names, amounts, ("class", "share of ink"), "Ink by class")

# %% tags=["claim"]
measures.record("least ink of a class, as a share of the most", min(amounts) / max(amounts), at_least=0.75)

# %% [markdown]
# The 1, a single stroke, but only just: all ten lie close together. Ink alone cannot tell digits apart. Something
# has to look at *where* the ink is.
#
# ## Train a network that reads
# Two layers that look for small shapes, one that decides. It is shown each training picture a few times and corrected
# a little at each step. **Predict:** out of 100 new pictures, how many will it read right after a few seconds?

# %%
network = keras.Sequential(
    [
        keras.Input(pictures.train.images.shape[1:]),
        keras.layers.Conv2D(8, 5, strides=2, activation="relu"),
        keras.layers.Conv2D(24, 3, strides=2, activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(len(pictures.class_names), activation="softmax"),
    ]
)
network.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy", metrics=["accuracy"])
watch = training.LiveCurve("A few seconds from guessing to reading", every=10)
history = network.fit(*pictures.train, batch_size=64, epochs=by_size(quick=3, full=10), verbose=0, callbacks=[watch])
# %%
loss, accuracy = network.evaluate(*pictures.test, verbose=0)

# %% tags=["claim"]
measures.record("share of new pictures that are read right", accuracy, at_least=0.92)

# %% [markdown]
# That line is a promise: the figure stands beside its *floor*, and the notebook stops if it is not reached. Each
# claim of this course is asserted like that.
#
# ## Look at the mistakes
# A figure says how often, pictures say why. These are the mistakes that the network was surest of.
# **Would you have read them right?**

# %%
chances = network.predict(images, verbose=0)
read = chances.argmax(axis=1)
wrong = np.flatnonzero(read != labels)
surest = wrong[np.argsort(-chances[wrong].max(axis=1), kind="stable")][:16]
names = pictures.class_names
titles = [f"{names[labels[i]]}, read as {names[read[i]]}" for i in surest]
plots.pictures(images[surest], titles, "Surest mistakes: what it is, and what was read", columns=8)

# %% [markdown]
# Some have lost a loop or a corner: they were made larger from 8x8 pixels. Most are plain to us, and a better network
# reads them too.
#
# ## Which machine is this?
# If something is wrong with it, run `.venv/bin/python -m course_utils doctor` in a terminal, in the course's folder. It
# names each problem and its cure, and its text is made to be pasted into a question to your teacher.

# %%
plots.table(doctor.facts(), ["what", "here"], "This machine")

# %% [markdown]
# ## Which data is here?
# `data.load("digits")` needs no network; neither do the photographs. The others are fetched once, if you ask for
# them, and verified. Your own pictures work too: give `DATASET` the path of a folder with a folder of pictures for
# each class.

# %%
rows = [(entry.name, entry.content, entry.licence, f"{entry.megabytes} MB") for entry in data.catalogue()]
plots.table(rows, ["name", "what it is", "licence", "size"], "Data sets by name")

# %% [markdown]
# ## How long is a run?
# Notebooks come in two sizes: `quick`, a minute on two cores, and `full`, with more training, for a GPU or a coffee
# break. The line under the set-up cell says which one this is; `setup(size="full")` changes it.

# %%
print("trainings over", by_size(quick="3", full="10"), "rounds in this run")

# %% [markdown]
# ## The map
#
# | week | question | lectures |
# | --- | --- | --- |
# | 1 | How does a network learn at all? | B, C |
# | 2 | What can nine numbers see? | C, B |
# | 3, 4 | How did networks grow from 5 layers to 150? | B, C, D, E |
# | 5 | How do you learn from ten pictures a class? | A, C, D |
# | 6, 7, 8 | Where is it, and how many are there? | A, B, C, E |
# | 9 | Which pixels belong to it? | A to E |
# | 10, 11 | What can be learned without labels, and drawn from nothing? | A, B, C, D |
# | 12 | Sharper pictures, sequences, likeness | A, C, D, E |
#
# A: *Network Architectures 2, Representation Learning and GANs*. B: *INF5860, repetition lecture*. C: *Modern
# Applications of Deep Learning*. D: *Relevant Architectures (1)*. E: *CNN Architectures*.
#
# ## What you can do now
# - Run, predict, change, check: "not attempted yet", "not yet, because", "correct".
# - You know your machine, the data that is here, and the two sizes of a run.
# - You trained a network that reads more than nine of ten digits, and saw what it misreads.
#
# **Try next:** set `epochs` to 1, then to 10. When does it stop getting better? Then go on to week 2, where you
# take the network's first layer apart.
