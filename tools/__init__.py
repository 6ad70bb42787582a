"""For authors: build, run, measure."""
