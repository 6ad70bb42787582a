"""Wrong answers to the exercises of week 3a."""

import numpy as np


def rounded_up(layer, shape):
    if layer.kind == "flatten":
        return (int(np.prod(shape)),)
    if layer.kind == "dense":
        return (layer.outputs,)
    height, width = (int(np.ceil((n + 2 * layer.padding - layer.kernel) / layer.stride)) + 1 for n in shape[:2])
    return height, width, layer.outputs or shape[2]


def as_deep_as_its_input(layer, shape):
    if layer.kind in ("conv", "pool"):
        sizes = [(n + 2 * layer.padding - layer.kernel) // layer.stride + 1 for n in shape[:2]]
        return *sizes, shape[-1]
    return (layer.outputs,) if layer.kind == "dense" else (shape[0] * shape[1] * shape[2],)


def only_pixels_flattened(layer, shape):
    if layer.kind == "flatten":
        return (shape[0] * shape[1],)
    return rounded_down(layer, shape)


def rounded_down(layer, shape):
    if layer.kind == "dense":
        return (layer.outputs,)
    side = [1 + (n + layer.padding * 2 - layer.kernel) // layer.stride for n in shape[:2]]
    return side[0], side[1], layer.outputs or shape[2]


def square_outputs(layer, shape):
    result = rounded_down(layer, shape) if layer.kind != "flatten" else (int(np.prod(shape)),)
    return (result[0], result[0], result[2]) if len(result) == 3 else result


def without_biases(layer, before, after):
    if layer.kind == "dense":
        return before[0] * after[0], before[0] * after[0]
    if layer.kind == "conv":
        weights = layer.kernel * layer.kernel * before[2] * after[2]
        return weights, weights * after[0] * after[1]
    return 0, 0


def one_channel_only(layer, before, after):
    if layer.kind == "dense":
        return after[0] * (before[0] + 1), before[0] * after[0]
    if layer.kind == "conv":
        return after[2] * (layer.kernel**2 + 1), after[2] * layer.kernel**2 * after[0] * after[1]
    return 0, 0


def each_weight_once(layer, before, after):
    if layer.kind == "dense":
        return after[0] * (before[0] + 1), before[0] * after[0]
    if layer.kind == "conv":
        products = after[2] * layer.kernel**2 * before[2]
        return products + after[2], products
    return 0, 0


def work_before_weights(layer, before, after):
    return without_biases(layer, before, after)[1], without_biases(layer, before, after)[0] + (
        after[-1] if layer.kind in ("conv", "dense") else 0
    )


def around_the_border(image, down, right):
    return np.roll(np.roll(image, down, axis=0), right, axis=1)


def right_and_down(image, down, right):
    padded = np.pad(image, ((3, 3), (3, 3), (0, 0)))
    return padded[3 - right : 3 - right + image.shape[0], 3 - down : 3 - down + image.shape[1]]


def larger_image(image, down, right):
    return np.pad(image, ((abs(down), 0), (abs(right), 0), (0, 0)))


def rise_in_place_of_drop(score, image, side):
    rows, columns = (size - side + 1 for size in image.shape[:2])
    result = np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            covered = image.copy()
            covered[row : row + side, column : column + side] = 0
            result[row, column] = (score(covered[None]) - score(image[None]))[0]
    return result


def same_copy(score, image, side):
    covered, whole = image.copy(), score(image[None])[0]
    result = np.zeros([size - side + 1 for size in image.shape[:2]])
    for row, column in np.ndindex(result.shape):
        covered[row : row + side, column : column + side] = 0
        result[row, column] = whole - score(covered[None])[0]
    return result


def covers_the_original(score, image, side):
    whole = score(image[None])[0]
    result = np.zeros([size - side + 1 for size in image.shape[:2]])
    for row, column in np.ndindex(result.shape):
        image[row : row + side, column : column + side] = 0
        result[row, column] = whole - score(image[None])[0]
    return result


WRONG = {
    "output_shape": [
        (rounded_up, "round down"),
        (as_deep_as_its_input, "each of its kernels"),
        (only_pixels_flattened, "flattening keeps all numbers"),
        (square_outputs, "height and width shrink separately"),
    ],
    "cost": [
        (without_biases, "one bias"),
        (one_channel_only, "all channels"),
        (each_weight_once, "at every position"),
        (work_before_weights, "changed places"),
    ],
    "shift": [
        (around_the_border, "comes back on the other"),
        (right_and_down, "changed places"),
        (larger_image, "shape"),
    ],
    "occlusion_map": [
        (rise_in_place_of_drop, "signs are reversed"),
        (same_copy, "stay black"),
        (covers_the_original, "changes the array"),
    ],
}
