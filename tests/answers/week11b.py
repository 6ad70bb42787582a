"""Wrong answers to the exercises of week 11b."""

WRONG = {}
