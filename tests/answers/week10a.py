"""Wrong answers to the exercises of week 10a."""

WRONG = {}
