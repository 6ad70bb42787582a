"""Week 10a: the checks of its exercises, and what this lesson alone needs."""
