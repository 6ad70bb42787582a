"""Wrong answers to the exercise of week 0, as students write them."""

import numpy as np


def total(picture):
    return picture.sum()


def total_by_loop(picture):
    amount = 0
    for row in picture:
        for pixel in row:
            amount += pixel
    return amount


def brightest(picture):
    return picture.max()


def counted(picture):
    return (picture > 0).sum() / picture.size


def paper(picture):
    return (1 - picture).mean()


def by_column(picture):
    return picture.mean(axis=0)


def by_row(picture):
    return [row.mean() for row in picture]


def no_return(picture):
    picture.mean()


def wrong_divisor(picture):
    return picture.sum() / 784


def halves(picture):
    return np.mean(picture > 0.5)


def by_rows_only(picture):
    return sum(sum(picture)) / len(picture)


WRONG = {
    "ink": [
        (total, "total"),
        (total_by_loop, "total"),
        (brightest, "brightest"),
        (counted, "grey pixel"),
        (paper, "paper"),
        (by_column, "one number a column"),
        (by_row, "one number a row"),
        (no_return, "return"),
        (wrong_divisor, "differ"),
        (halves, "half-inked"),
        (by_rows_only, "rows alone"),
        (0.5, "a function was expected"),
    ]
}
