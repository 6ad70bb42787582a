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


WRONG = {
    "ink": [
        (loop_over_rows, "differ"),
        (no_return, "return"),
        (sum_of_list, "one number for each column or row"),
        (0.5, "a function was expected"),
    ]
}
