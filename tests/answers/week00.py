"""Wrong answers to the exercise of week 0."""


def loop_over_rows(picture):
    total = 0
    for row in picture:
        total = total + row.sum() / picture.size
        return total


def no_return(picture):
    picture.mean()


def sum_of_list(picture):
    return sum(picture) / len(picture)


WRONG = {
    "ink": [
        (loop_over_rows, "differ"),
        (no_return, "return"),
        (sum_of_list, "one number for each column or row"),
        (0.5, "a function was expected"),
    ]
}
