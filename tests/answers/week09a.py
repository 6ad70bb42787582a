"""Wrong answers to the exercises of week 9a."""

WRONG = {}
