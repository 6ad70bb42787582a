# ---
# jupyter:
#   course:
#     seconds: 60
#     gigabytes: 1.5
# ---

# %% [markdown]
# # TOPIC
#
# One paragraph: the question of this lesson, and why anybody would ask it.
#
# **You will be able to**
# - do something with a verb,
# - predict something else.
#
# *Mirrors: lecture X, "Section". About 30 minutes; {cost}.*

# %% tags=["setup"]
from course_utils import checks, data, measures, plots, setup

setup(seed=0)
import numpy as np

# %% tags=["parameters"]
DATASET = "digits"

# %% [markdown]
# ## Begin with a picture
# What do we look at? **Predict** something, then run the cell.

# %%
pictures = data.load(DATASET)
measures.measured_on("digits", pictures)  # on other pictures limits are shown, and nobody is held to them
plots.pictures(pictures.test.images[:8], title="Say what to see")

# %% [markdown]
# ### Your turn
# Say what to compute.


# %% tags=["exercise"]
def contrast(picture):
    """The difference between the brightest and the darkest pixel."""
    ### BEGIN SOLUTION
    return picture.max() - picture.min()
    ### END SOLUTION


# %% tags=["check"]
checks.WEEK.contrast(contrast)

# %% [markdown]
# ## Claim something, and assert it

# %%
images, labels = pictures.test
measures.record("mean contrast", np.ptp(images, axis=(1, 2)).mean(), at_least=0.9)

# %% [markdown]
# ## What you can do now
# - In the words of the objectives.
#
# **Try next:** one open experiment.
