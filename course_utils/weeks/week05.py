"""Week 5: the checks of its exercises, and what this lesson alone needs."""
