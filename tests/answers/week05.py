"""Wrong answers to the exercises of week 5."""

import numpy as np


def falls_from_the_start(step, steps, peak):
    return peak * (1 - step / steps)


def rises_for_twenty_steps(step, steps, peak):
    if step < 20:
        return peak * step / 20
    return peak * (steps - step) / (steps - 20)


def falls_from_one(step, steps, peak):
    if step <= steps / 5:
        return peak * step / (steps / 5)
    return peak * (1 - step / steps)


def returns_done(step, steps, peak):
    done = step / steps
    if done < 0.2:
        return done / 0.2
    return (1 - done) / 0.8


def with_a_loop_that_returns_too_early(query, vectors):
    for row in vectors:
        return row @ query / (np.linalg.norm(row) * np.linalg.norm(query))


def one_length_for_all(query, vectors):
    return vectors @ query / (np.linalg.norm(vectors) * np.linalg.norm(query))


def sum_of_entries(query, vectors):
    return vectors @ query / (vectors.sum(axis=1) * query.sum())


def squared_lengths(query, vectors):
    return vectors @ query / (np.sum(vectors**2, axis=1) * np.sum(query**2))


def multiplies_by_one_length(query, vectors):
    return vectors @ query / np.linalg.norm(query) * np.linalg.norm(vectors, axis=1)


def angles(query, vectors):
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(query)
    return np.arccos(np.clip(vectors @ query / lengths, -1, 1))


def convolutions_alone(network, block):
    trainable = block == 0
    for layer in network.layers:
        if "conv" in layer.name:
            layer.trainable = trainable
        if layer.name == f"block{block}_pool":
            trainable = True


def freezes_only(network, block):
    for layer in network.layers:
        if layer.name.startswith("block") and int(layer.name[5]) <= block:
            layer.trainable = False


def blocks_alone(network, block):
    for layer in network.layers:
        if layer.name.startswith("block"):
            layer.trainable = int(layer.name[5]) > block


def all_but_blocks_frozen(network, block):
    for layer in network.layers:
        layer.trainable = layer.name.startswith("block") and int(layer.name[5]) > block


def stops_at_the_name(network, block):
    for layer in network.layers:
        if layer.name.startswith(f"block{block}"):
            break
        layer.trainable = False


def freezes_all_for_block_0(network, block):
    frozen = True
    for layer in network.layers:
        layer.trainable = not frozen
        if layer.name == f"block{block}_pool":
            frozen = False


def freezes_everything(network, block):
    for layer in network.layers:
        layer.trainable = False


WRONG = {
    "learning_rate": [
        (falls_from_the_start, "rise is missing"),
        (rises_for_twenty_steps, "twenty steps"),
        (falls_from_one, "jumps"),
        (returns_done, "does not depend on peak"),
    ],
    "similarities": [
        (with_a_loop_that_returns_too_early, "single value"),
        (one_length_for_all, "length of its own"),
        (sum_of_entries, "wrong for all"),
        (multiplies_by_one_length, "long rows"),
        (squared_lengths, "squared length"),
        (angles, "these are angles"),
    ],
    "freeze_up_to": [
        (convolutions_alone, "block1_bn1"),
        (freezes_only, "stay frozen"),
        (blocks_alone, "what came is 'trainable: none'"),
        (all_but_blocks_frozen, "block3_bn1'"),
        (stops_at_the_name, "what came is 'trainable: block2_conv1"),
        (freezes_all_for_block_0, "trainable: none"),
        (freezes_everything, "trainable: none"),
    ],
}
