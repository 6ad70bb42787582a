"""Wrong answers to the exercises of week 7."""

WRONG = {}
