"""Week 9a: the checks of its exercises, and what this lesson alone needs."""
