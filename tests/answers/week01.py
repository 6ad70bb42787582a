"""Wrong answers to the exercises of week 1."""

import numpy as np


def node_by_node_without_bias(inputs, weights, biases):
    return np.array([[sum(x * w for x, w in zip(row, column, strict=True)) for column in weights.T] for row in inputs])


def weights_first(inputs, weights, biases):
    return weights @ inputs + biases


def with_relu(inputs, weights, biases):
    z = inputs @ weights + biases
    z[z < 0] = 0
    return z


def bias_for_each_example(inputs, weights, biases):
    return inputs @ weights + biases.reshape(-1, 1)


def plain_softmax(logits):
    e = np.exp(logits)
    return e / e.sum(axis=1, keepdims=True)


def first_logit_subtracted(logits):
    e = np.exp(logits - logits[:, [0]])
    return e / e.sum(axis=1, keepdims=True)


def softmax_of_one_row(logits):
    e = np.exp(logits - np.max(logits))
    return e / np.sum(e)


def lost_axis(logits):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1)


def sign_forgotten(probabilities, targets):
    return np.sum(targets * np.log(probabilities)) / len(targets)


def mean_of_everything(probabilities, targets):
    return (-targets * np.log(probabilities)).mean()


def squared_error(probabilities, targets):
    return np.mean(np.sum((probabilities - targets) ** 2, axis=1))


def climbs(weights, velocity, gradient, rate, momentum):
    velocity = momentum * velocity + rate * gradient
    return weights + velocity, velocity


def in_place(weights, velocity, gradient, rate, momentum):
    velocity *= momentum
    velocity -= rate * gradient
    weights += velocity
    return weights, velocity


def other_order(weights, velocity, gradient, rate, momentum):
    velocity = momentum * velocity - rate * gradient
    return velocity, weights + velocity


def no_slopes(dz, inputs, weights, slopes):
    return inputs.T @ dz, np.sum(dz, axis=0), dz @ weights.T


def slopes_in_dw(dz, inputs, weights, slopes):
    return (slopes * inputs).T @ dz, dz.sum(axis=0), slopes * (dz @ weights.T)


def biases_not_added_up(dz, inputs, weights, slopes):
    return inputs.T @ dz, dz, (dz @ weights.T) * slopes


def means(dz, inputs, weights, slopes):
    return inputs.T @ dz / len(inputs), dz.mean(axis=0), (dz @ weights.T) * slopes


def untransposed(dz, inputs, weights, slopes):
    return inputs @ dz, dz.sum(axis=0), (dz @ weights) * slopes


WRONG = {
    "weighted_sums": [
        (node_by_node_without_bias, "does not depend on biases"),
        (weights_first, "different shapes"),
        (with_relu, "cut off below 0"),
        (bias_for_each_example, "belongs to a node"),
    ],
    "softmax": [
        (plain_softmax, "overflows"),
        (first_logit_subtracted, "overflows"),
        (softmax_of_one_row, "all examples"),
        (lost_axis, "different shapes"),
    ],
    "cross_entropy": [
        (sign_forgotten, "with the other sign"),
        (mean_of_everything, "mean over all entries"),
        (squared_error, "wrong for all"),
    ],
    "update": [(climbs, "climbs"), (in_place, "changes the array"), (other_order, "another order")],
    "layer_backward": [
        (no_slopes, "slopes are missing"),
        (slopes_in_dw, "dw contains the slopes"),
        (biases_not_added_up, "a row for each example"),
        (means, "number of examples"),
        (untransposed, "different shapes"),
    ],
}
