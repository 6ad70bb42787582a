# ---
# jupyter:
#   course:
#     seconds: 30
#     gigabytes: 1.5
# ---

# %% [markdown]
# # Start here: train a network that reads
#
# In this notebook you learn how the notebooks of the course work, and you train a network that reads handwritten
# digits. You need no GPU and no download. Run a cell with **Shift+Enter**. The first code cell finds the course's
# helper package. You need not read it. The third code cell shows the first images.
#
# **You will be able to**
# - run a notebook, change it, and have your answers checked,
# - say which machine you are on and which data sets are available,
# - train a small network and look at its mistakes.
#
# *Mirrors: lecture C ("Modern Applications of Deep Learning"), "Convolutional Neural Networks" and "A Classic Example".
# About 20 minutes; {cost}.*

# %% tags=["setup"]
from course_utils import by_size, data, measures, plots, setup
from course_utils.weeks import week00 as week

setup(seed=0)
import keras
import numpy as np

from course_utils import doctor, training

# %% tags=["parameters"]
DATASET = "digits"  # or "fashion_mnist", or the path of a folder with your own images

# %%
loaded = data.load(DATASET)
measures.measured_on("digits", loaded)  # the required values of this lesson hold for the digits only
plots.pictures(loaded.test.images[:36], title="36 handwritten digits", columns=12)

# %% [markdown]
# ## Predict, run, compare
# You learn more from code if you first guess what it will do. So before many cells there is a question in **bold**.
# Decide on an answer, then run the cell.
#
# The images above were made from 1,797 handwritten digits of 8x8 pixels, which come with scikit-learn. The course
# enlarged each of them to 28x28 pixels and made about eight variants of it: rotated, shifted or bent. Here is the first
# question. **Which of the ten digits needs the least ink?**

# %% [markdown]
# ### Your turn: measure ink
# To answer the question, we need a function that measures ink. An image is an array of numbers from 0 to 1. Here 0 is
# paper and shown black, 1 is ink and shown white, and a pixel of 0.5 counts as half ink. The result is one fraction for
# the image: 0 for a blank image, 1 for an image that is all ink, and 0.25 if a quarter of the image is ink.
#
# First run the next two cells without changing them. The second one is a *check*. It answers "not attempted yet".


# %% tags=["exercise"]
def ink(image):
    """The fraction of an image that is ink: a number from 0 to 1."""
    ### BEGIN SOLUTION
    return image.mean()
    ### END SOLUTION


# %% tags=["check"]
ink = week.ink.check(ink)  # yours from here on if it is right, otherwise the course's

# %% [markdown]
# A check also says what is wrong with an answer. It shows an input, the expected result and yours. Here is its message
# for `np.max`, which looks for the brightest pixel:

# %%
week.ink.outcome(np.max)

# %% [markdown]
# Now replace `raise NotImplementedError("your turn")` by your own line, which starts with `return`, and run both cells
# again. You can try as often as you like. Until yours is correct, the course's function is used.
#
# The next cell applies your function to 2,000 images, and takes the mean of each digit, or *class*. Below the picture
# stands a line, whose code is folded. It compares one value with its required minimum: here the least ink of a class
# divided by the most. Every important value of the course has such a line. If the value misses its minimum or maximum,
# the line turns amber and the notebook goes on.

# %%
images, labels = loaded.test
ink_by_image = np.array([ink(image.mean(axis=-1)) for image in images])  # rows and columns, without channels
ink_by_class = [ink_by_image[labels == number].mean() for number in range(len(loaded.class_names))]
plots.bars(loaded.class_names, ink_by_class, ("class", "fraction of ink"), "Mean ink of each class")

# %% tags=["claim"]
measures.record("least ink of a class, divided by the most", min(ink_by_class) / max(ink_by_class), at_least=0.75)

# %% [markdown]
# The 1 needs the least ink: 0.167 of the image. The 8 needs the most, 0.195. But images of one class differ about as
# much, so ink alone hardly tells us which digit an image shows. We need something that looks at *where* the ink is.
#
# ## Train a network that reads
# The network has two *convolution layers* and one *dense layer*. A convolution layer looks for small patterns, such as
# a piece of a stroke, everywhere in its input. The first layer compares its patterns with 5x5 pixels, at every second
# position (*stride* 2). Its output is a stack of smaller images, called *feature maps*: one map for each pattern.
# *Flatten* puts all numbers of these maps into one row. The dense layer reads it, and outputs a probability for each
# class.

# %%
network = keras.Sequential(
    [
        keras.Input(loaded.train.images.shape[1:]),
        keras.layers.Conv2D(8, 5, strides=2, activation="relu"),
        keras.layers.Conv2D(24, 3, strides=2, activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(len(loaded.class_names), activation="softmax"),
    ]
)
plots.architecture(network, title="Two convolution layers and a dense layer")

# %% [markdown]
# Follow an image down the diagram. 12x12x8 means eight feature maps of 12x12 pixels, and 5x5x24 means 24 maps of 5x5.
# After each convolution, *relu* sets negative numbers to 0. *softmax* turns the last ten numbers into probabilities.
#
# At first all weights are random. In each training *step* the network sees 64 of the 10,000 training images. Its
# weights then change a little, so that the *loss*, a number for its errors, falls. One pass over all training images is
# an *epoch*: 157 steps. A quick run takes three epochs. The *accuracy* is the fraction of images that are classified
# correctly. **Predict:** how many of 100 new images will the network classify correctly?

# %%
network.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy", metrics=["accuracy"])
epochs = by_size(quick=3, full=10)
title = f"Loss and accuracy on training images, in {epochs} epochs"
live_curve = training.LiveCurve(title, every=10)  # a point for every 10 steps
network.fit(*loaded.train, batch_size=64, epochs=epochs, verbose=0, callbacks=[live_curve])
loss, accuracy = network.evaluate(*loaded.test, verbose=0)

# %% tags=["claim"]
measures.record("accuracy on the test images", accuracy, at_least=0.92)

# %% [markdown]
# The loss falls and the accuracy rises, fast in the first 100 steps and slowly after that. The 2,000 test images are
# new: none is a variant of an original that the network trained on. The network classifies about 95 of 100 correctly.
#
# ## Look at the mistakes
# The accuracy says how often the network is wrong. The images themselves can show why. The network predicts the class
# with the highest probability. Below you will see the 16 mistakes with the highest predicted probability: the network
# was most certain of these.
#
# ### Your turn: read the probabilities
# `probabilities` has a row for each image and a column for each class: 2,000 rows of ten numbers. From
# `[[0.1, 0.7, 0.2], [0.6, 0.1, 0.3]]` your function should make the array `[1, 0]`: the first image shows most probably
# a 1, the second a 0.


# %% tags=["exercise"]
def most_probable(probabilities):
    """The class with the highest probability, for each image: an array (images,) of class numbers."""
    ### BEGIN SOLUTION
    return probabilities.argmax(axis=1)
    ### END SOLUTION


# %% tags=["check"]
most_probable = week.most_probable.check(most_probable)

# %% [markdown]
# The next cell uses your function to find the mistakes. Above each digit stand its class, what the network reads, and
# the probability. **Predict:** which confusion is the most frequent among these 16?

# %%
probabilities = network.predict(images, verbose=0)
predicted = most_probable(probabilities)
mistakes = np.flatnonzero(predicted != labels)
surest = mistakes[np.argsort(-probabilities[mistakes].max(axis=1), kind="stable")][:16]
names = loaded.class_names
titles = [f"{names[labels[i]]} → {names[predicted[i]]} ({probabilities[i].max():.2f})" for i in surest]
plots.pictures(images[surest], titles, "Mistakes with the highest predicted probability", columns=8)

# %% [markdown]
# Among these 16, three confusions occur three times each: 8 read as 0, 4 as 6 and 1 as 3. Most digits are easy for us,
# but written in a rare way: these 8s have a very small lower loop, and most of the 1s stand on a line. The 4s that are
# read as 6 are hard for us, too: their gap is filled, because the originals have only 8x8 pixels. On your machine a few
# other digits may appear.
#
# ## See which machine you are on
# If something does not work, run `.venv/bin/python -m course_utils doctor` in a terminal, in the folder of the course.
# It names each problem and its cure. You can paste its text into a question to your teacher.

# %%
plots.table(doctor.facts(), ["what", "here"], "This machine")

# %% [markdown]
# ## See which data sets are available
# Nearly all data sets come with the course, and need no internet. Only `mnist` and `fashion_mnist` are downloaded,
# once, when you first use them. You can also use your own images. Put the images of each class into a folder of their
# own, and these folders into one folder. Then set `DATASET` to its path.

# %%
rows = [(entry.name, entry.content, entry.licence, f"{entry.megabytes} MB") for entry in data.catalogue()]
plots.table(rows, ["name", "what it is", "licence", "size"], "Data sets by name")

# %% [markdown]
# ## Choose how long a run takes
# Notebooks run in two sizes. `quick` takes from 20 seconds to some four minutes on a CPU. `full` trains longer and is
# meant for a GPU. The line under the set-up cell shows the size of this run, and `setup(size="full")` changes it.
#
# ## See what comes next
#
# | week | question | lectures |
# | --- | --- | --- |
# | 1 | How does a network learn? | B, C |
# | 2 | What can the nine numbers of a 3x3 kernel detect? | C, B |
# | 3a to 4b | How did networks grow from 5 layers to 150? | B, C, D, E |
# | 5 | How do you learn from ten images a class? | A, C, D |
# | 6, 7 (8 is planned) | Where are the objects, and how many are there? | A, B, C, E |
# | 9a | Which pixels belong to an object? | A to E |
# | 10a to 10c, 11b (11a is planned) | What can a network learn without labels, and what can it generate? | A, B, C, D |
# | 12 (planned) | How do networks sharpen images, read sequences and compare images? | A, C, D, E |
#
# A: *Network Architectures 2, Representation Learning and GANs*. B: *INF5860, repetition lecture*. C: *Modern
# Applications of Deep Learning*. D: *Relevant Architectures (1)*. E: *CNN Architectures*.
#
# ## What you can do now
# - You can run a notebook, change it, and use a check: "not attempted yet", "not yet, because ...", "correct".
# - You can look up your machine and the available data sets, and choose between two sizes of a run.
# - You trained a network that reads more than nine of ten digits, and you looked at its mistakes.
#
# **Try next:** in the training cell set `epochs = 1`. Then run three cells again: the one that builds the network, the
# training cell, and the folded cell below it that shows the accuracy. Do the same with `epochs = 10`. How much does the
# accuracy on the test images rise?
#
# Then go on to week 1, `week01_dense_networks.ipynb`. There you write a network and its training yourself.
