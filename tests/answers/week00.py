"""Wrong answers to the exercise of week 0."""


def loop_over_rows(image):
    total = 0
    for row in image:
        total = total + row.sum() / image.size
        return total


def no_return(image):
    image.mean()


def sum_of_list(image):
    return sum(image) / len(image)


def by_the_side(image):
    return image.sum() / len(image)


def of_28_by_28(image):
    return image.sum() / (28 * 28)


def percent(image):
    return image.mean() * 100


def of_the_brightest(image):
    return image.mean() / image.max()


def of_255(image):
    return image.mean() / 255


def by_both_sides(image):
    return image.sum() / (image.shape[0] + image.shape[1])


def first_above_half(probabilities):
    return [row.tolist().index(next(p for p in row if p >= 0.5)) for row in probabilities]


def by_loop(probabilities):
    return [max(row) for row in probabilities]


WRONG = {
    "most_probable": [(first_above_half, "StopIteration"), (by_loop, "those are the probabilities")],
    "ink": [
        (loop_over_rows, "wrong for all"),
        (no_return, "return"),
        (sum_of_list, "one number for each column or row"),
        (by_the_side, "grows with the size"),
        (of_28_by_28, "number of pixels in that image"),
        (percent, "a percentage"),
        (of_the_brightest, "divide by the brightest"),
        (of_255, "or by 255"),
        (by_both_sides, "grows with the size"),
        (0.5, "a function was expected"),
    ],
}
