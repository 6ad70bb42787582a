"""A model reset to its start, its learning rate, and week 11b's check of what a step trains."""

import keras
import numpy as np
import pytest

from course_utils import training
from course_utils.weeks import week11b

RNG = np.random.default_rng(0)
IMAGES, LABELS = RNG.normal(size=(32, 6)).astype("float32"), RNG.integers(3, size=32)


def compiled(weights):
    model = keras.Sequential([keras.Input((6,)), keras.layers.BatchNormalization(), keras.layers.Dense(3)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss)
    if weights:
        model.set_weights(weights)
    return model


def three_steps(model):
    for _ in range(3):
        model.train_on_batch(IMAGES, LABELS)
    return model.get_weights()


def test_a_model_reset_to_its_start_trains_as_a_new_one():
    start = compiled(None).get_weights()
    model = compiled(start)
    first = three_steps(model)
    training.reset_to(model, start)
    assert all(np.array_equal(one, other) for one, other in zip(model.get_weights(), start, strict=True))
    again = three_steps(model)
    assert all(np.array_equal(one, other) for one, other in zip(first, again, strict=True))
    # The control: without it, the optimizer remembers.
    model.set_weights(start)
    assert not np.allclose(three_steps(model)[-2], first[-2])


@pytest.mark.parametrize("rate", [0.5, keras.optimizers.schedules.CosineDecay(0.5, 10)])
def test_a_reset_keeps_the_learning_rate(rate):
    model = compiled(None)
    model.compile(keras.optimizers.Adam(rate), "mse")
    model.train_on_batch(IMAGES, IMAGES[:, :3])
    training.reset_to(model, model.get_weights())
    assert float(model.optimizer.learning_rate) == 0.5
    assert int(model.optimizer.iterations) == 0


def test_the_rate_rises_for_a_tenth_and_falls_to_nothing():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    rates = []
    note = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: rates.append(float(model.optimizer.learning_rate.numpy()))
    )
    callbacks = [training.WarmupThenDecay(0.5), note]
    for _ in range(2):  # it begins again with each training
        rates.clear()
        model.fit(np.zeros((198, 1)), np.zeros(198), 2, epochs=1, verbose=0, callbacks=callbacks)
        assert len(rates) == 99 and max(rates) == pytest.approx(0.5)
        assert rates.index(max(rates)) == 9 and (np.diff(rates[:10]) > 0).all() and (np.diff(rates[9:]) < 0).all()
        assert rates[0] == pytest.approx(0.05) and rates[-1] < 0.01


# What a step of a GAN trains --------------------------------------------------------------------------------------

CODES, REAL = RNG.normal(size=(8, 2)).astype("float32"), RNG.normal(3, 1, (8, 4)).astype("float32")


@pytest.fixture
def gan():
    layers = keras.layers
    generator = keras.Sequential(
        [keras.Input((2,)), layers.Dense(6), layers.BatchNormalization(), layers.Dense(4)], name="generator"
    )
    discriminator = keras.Sequential(
        [keras.Input((4,)), layers.Dense(6, "tanh"), layers.Dropout(0.2), layers.Dense(1, "sigmoid")],
        name="discriminator",
    )
    discriminator.compile("adam", "binary_crossentropy")
    pair = keras.Sequential([generator, discriminator])
    pair.compile("adam", "binary_crossentropy")
    return generator, discriminator, pair


@pytest.mark.filterwarnings("ignore:The model does not have any trainable weights")
def test_the_trap_of_keras_3_shows_in_the_weights(gan):
    """In Keras 2 `trainable` counted when compiling; in Keras 3 it counts when training, and the recipe trains half."""
    generator, discriminator, pair = gan
    discriminator.trainable = False

    def step():
        discriminator.train_on_batch(REAL, np.ones(8))
        pair.train_on_batch(CODES, np.ones(8))

    changes = week11b.weight_changes(step, G=generator, D=discriminator)
    assert changes["G"] > 0 == changes["D"]


def test_the_largest_change_of_any_weight_is_returned(gan):
    _, discriminator, _ = gan
    change = week11b.weight_changes(lambda: discriminator.layers[0].bias.assign_add(np.arange(6) / 8), D=discriminator)
    assert change == {"D": 0.625}


def test_moving_averages_and_seeds_do_not_count(gan):
    generator, discriminator, pair = gan
    mean = generator.layers[1].moving_mean.numpy()
    changes = week11b.weight_changes(lambda: pair(CODES, training=True), G=generator, D=discriminator)
    assert changes == {"G": 0, "D": 0}
    assert not np.array_equal(generator.layers[1].moving_mean.numpy(), mean)  # the control
