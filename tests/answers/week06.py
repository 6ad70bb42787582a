"""Wrong answers to the exercises of week 6."""

WRONG = {}
