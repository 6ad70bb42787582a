"""Wrong answers to the exercises of week NUMBER, as students write them."""


def brightest(picture):
    return picture.max()


def reversed_order(picture):
    return picture.min() - picture.max()


def spread(picture):
    return picture.std()


WRONG = {
    "contrast": [(brightest, "darkest"), (reversed_order, "sign"), (spread, "mean")],
}
