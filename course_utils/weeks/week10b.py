"""Week 10b: the checks of its exercises, and what this lesson alone needs."""
