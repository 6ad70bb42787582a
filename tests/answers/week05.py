"""Wrong answers to the exercises of week 5."""

WRONG = {}
