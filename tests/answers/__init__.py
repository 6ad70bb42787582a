"""Wrong answers to the exercises, a module a week, as students write them.

`WRONG` maps an exercise to pairs of an answer and words of the hint that it must get.
"""
