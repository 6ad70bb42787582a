"""Wrong answers to the exercises of week 4a."""


def brightest_row(image):
    return image.max(axis=1)


def no_return(image):
    print(image.max() - image.min())


WRONG = {"contrast": [(brightest_row, "an array of shape (2,)"), (no_return, "return")]}
