"""A module a notebook: the checks of its exercises, and what it alone needs and does not teach."""
