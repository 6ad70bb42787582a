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
from course_utils import data, measures, plots, setup
from course_utils.weeks import WEEK as week

setup(seed=0)
import numpy as np

# %% tags=["parameters"]
DATASET = "digits"

# %% [markdown]
# ## Begin with an image
# What do we look at? **Predict** something, then run the cell.

# %%
images = data.load(DATASET)
measures.measured_on("digits", images)  # minimums hold for this data set only
plots.pictures(images.test.images[:8], title="Say what to see")

# %% [markdown]
# ### Your turn
# We need a number for something. In words, it is the brightest pixel minus the darkest.


# %% tags=["exercise"]
def contrast(image):
    """The difference between the brightest and the darkest pixel."""
    ### BEGIN SOLUTION
    return image.max() - image.min()
    ### END SOLUTION


# %% tags=["check"]
contrast = week.contrast.check(contrast)  # yours from here on if it is right, otherwise the course's

# %% [markdown]
# ## Use what you wrote
# Your function measures every image. **Predict:** how large is the contrast of most digits?

# %%
contrasts = [contrast(image) for image in images.test.images]
print(f"{np.min(contrasts):.2f} to {np.max(contrasts):.2f}")

# %% tags=["claim"]
measures.record("mean contrast", np.mean(contrasts), at_least=0.9)

# %% [markdown]
# ## What you can do now
# - In the words of the objectives.
#
# **Try next:** one open experiment.
