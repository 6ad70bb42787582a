"""Wrong answers to the exercises of week 10b."""

WRONG = {}
