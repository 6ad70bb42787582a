"""What students write in weeks 1, 3a and 3b, against Keras, TensorFlow, SciPy and brute force on random sizes."""

from functools import partial
from itertools import pairwise

import keras
import numpy as np
import pytest
import scipy.ndimage
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.weeks import week01, week03a, week03b
from course_utils.weeks.week03a import Layer

few = partial(settings, max_examples=8, deadline=None)
SEEDS = st.integers(0, 2**32 - 1)


@few()
@given(SEEDS, st.lists(st.integers(1, 9), min_size=2, max_size=5), st.integers(1, 6))
def test_gradients_are_tensorflows_in_any_network(seed, sizes, examples):
    """Forward, softmax, cross-entropy and 5a to 5d, from the parts that week 1 asks for."""
    rng = np.random.default_rng(seed)
    layers = [(rng.normal(size=pair), rng.normal(size=pair[1])) for pair in pairwise(sizes)]
    inputs, wanted = rng.normal(size=(examples, sizes[0])), np.eye(sizes[-1])[rng.integers(sizes[-1], size=examples)]
    activations, sums = [inputs], []
    for weights, biases in layers:
        sums.append(week01.weighted_sums.reference(activations[-1], weights, biases))
        activations.append(np.maximum(sums[-1], 0))
    probabilities = week01.softmax.reference(sums[-1])
    loss = week01.cross_entropy.reference(probabilities, wanted)
    gradients, dz = [], (probabilities - wanted) / examples
    for number in reversed(range(len(layers))):
        slopes = (sums[number - 1] > 0) * 1.0 if number else np.ones_like(inputs)
        dw, db, dz = week01.layer_backward.reference(dz, activations[number], layers[number][0], slopes)
        gradients = [dw, db, *gradients]

    variables = [tf.Variable(array) for layer in layers for array in layer]
    with tf.GradientTape() as tape:
        x = tf.constant(inputs)
        for number in range(len(layers)):
            z = tf.linalg.matmul(x, variables[2 * number]) + variables[2 * number + 1]
            x = tf.nn.relu(z)
        theirs = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(wanted, z))
    np.testing.assert_allclose(probabilities, tf.nn.softmax(z), atol=1e-12)
    np.testing.assert_allclose(loss, theirs, rtol=1e-9, atol=1e-12)
    for mine, other in zip(gradients, tape.gradient(theirs, variables), strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-10)


def after_steps(update, weights, gradients):
    """Weights after one update for each gradient."""
    velocity = np.zeros_like(weights)
    for gradient in gradients:
        weights, velocity = update(weights, velocity, gradient)
    return weights


@few()
@given(SEEDS, st.sampled_from([(3,), (2, 5), (3, 3, 2, 4)]), st.floats(0.001, 0.3), st.floats(0.1, 0.95))
def test_updates_are_those_of_keras(seed, shape, rate, momentum):
    """Week 1's without weight decay, week 3b's with the gradient of an L2 penalty."""
    rng = np.random.default_rng(seed)
    start, gradients = rng.normal(size=shape), rng.normal(size=(20, *shape))
    for decay, update in (
        (0, partial(week01.update.reference, rate=rate, momentum=momentum)),
        (0.02, partial(week03b.update.reference, rate=rate, momentum=momentum, decay=0.02)),
    ):
        variable, sgd = keras.Variable(start, dtype="float64"), keras.optimizers.SGD(rate, momentum)
        for gradient in gradients:
            sgd.apply([keras.ops.convert_to_tensor(gradient) + decay * variable], [variable])
        np.testing.assert_allclose(
            after_steps(update, start, gradients), keras.ops.convert_to_numpy(variable), atol=1e-6
        )


@st.composite
def networks(draw):
    """A random network of week 3a with the shape of its images."""
    layers, channels = [], draw(st.integers(1, 3))
    shape = side, _, _ = draw(st.integers(20, 30)), draw(st.integers(20, 30)), channels
    for _ in range(draw(st.integers(1, 3))):
        kernel = draw(st.sampled_from([1, 3, 5]))
        # Keras' "same" is half the kernel on each side only where the stride is 1.
        padding = draw(st.sampled_from([0, kernel // 2]))
        stride = 1 if padding else draw(st.integers(1, 2))
        layers.append(Layer("conv", draw(st.integers(1, 6)), kernel, stride, padding))
        side = (side + 2 * padding - kernel) // stride + 1
        if side > 12:
            layers.append(Layer("pool", 0, 2, 2))
            side //= 2
        if side < 8:
            break
    layers.append(Layer("flatten"))
    return [
        *layers,
        *(Layer("dense", units) for units in draw(st.lists(st.integers(2, 9), min_size=1, max_size=3))),
    ], shape


@few()
@given(networks())
def test_shapes_weights_and_work_are_keras_and_tensorflows(drawn):
    network, shape = drawn
    model = week03a.to_keras(network, shape)
    work = 0
    for layer, built in zip(network, model.layers, strict=True):
        before, shape = shape, week03a.output_shape.reference(layer, shape)
        assert shape == built.output.shape[1:]
        weights, products = week03a.cost.reference(layer, before, shape)
        assert weights == built.count_params()
        work += products
    concrete = tf.function(model).get_concrete_function(tf.TensorSpec((1, *model.input_shape[1:])))
    options = {**tf.compat.v1.profiler.ProfileOptionBuilder.float_operation(), "output": "none"}
    options["account_type_regexes"] = ["Conv2D", "MatMul"]
    counted = tf.compat.v1.profiler.profile(concrete.graph, options=options)
    assert counted.total_float_ops == 2 * work  # a product and a sum each


@few(max_examples=20)
@given(SEEDS, st.integers(2, 9), st.integers(2, 9), st.integers(-10, 10), st.integers(-10, 10))
def test_shift_is_scipys(seed, height, width, down, right):
    image = np.random.default_rng(seed).random((height, width, 2))
    expected = scipy.ndimage.shift(image, (down, right, 0), order=0, mode="constant", cval=0)
    np.testing.assert_array_equal(week03a.shift.reference(image, down, right), expected)


@few()
@given(SEEDS, st.integers(3, 7), st.integers(3, 7), st.integers(1, 3))
def test_occlusion_map_covers_each_position_once(seed, height, width, side):
    rng = np.random.default_rng(seed)
    image, weights = rng.random((height, width, 1)), rng.normal(size=(height, width, 1))
    drops = week03a.occlusion_map.reference(lambda images: (images * weights).sum(axis=(1, 2, 3)), image, side)
    product = image * weights
    expected = [
        [product[y : y + side, x : x + side].sum() for x in range(width - side + 1)] for y in range(height - side + 1)
    ]
    np.testing.assert_allclose(drops, expected, atol=1e-12)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
def test_dropout_has_the_statistics_of_keras_layer(rate):
    ones = np.ones((300, 400))
    mask = week03b.dropout_mask.reference(ones.shape, rate, np.random.default_rng(0))
    layer = keras.ops.convert_to_numpy(keras.layers.Dropout(rate, seed=0)(ones, training=True))
    np.testing.assert_allclose(np.unique(mask), np.unique(layer), rtol=1e-6)
    assert abs((mask == 0).mean() - (layer == 0).mean()) < 0.005  # four standard deviations
    assert abs(mask.mean() - 1) < 0.02


class Plateaus(keras.callbacks.ReduceLROnPlateau):
    """Keras' callback without a network."""

    def first(self, accuracies):
        """The epoch after which it cuts the rate, or None."""
        self.set_model(keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]))
        self.model.compile(keras.optimizers.SGD(1.0))
        self.on_train_begin()
        for epoch, accuracy in enumerate(accuracies):
            self.on_epoch_end(epoch, {"val_accuracy": accuracy})
            if float(self.model.optimizer.learning_rate) < 1:
                return epoch
        return None


@few()
@given(st.lists(st.integers(0, 9), min_size=2, max_size=15), st.integers(1, 4))
def test_plateau_is_where_keras_callback_cuts(accuracies, patience):
    theirs = Plateaus("val_accuracy", 0.1, patience, mode="max", min_delta=0).first(accuracies)
    mine = (
        epoch
        for epoch in range(len(accuracies))
        if week03b.reached_plateau.reference(accuracies[: epoch + 1], patience)
    )
    assert next(mine, None) == theirs
