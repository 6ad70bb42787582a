"""Week 11b: the checks of its exercises, and what this lesson alone needs."""
