"""What helps to train: a model that begins anew without being compiled anew."""

import keras
import numpy as np
import pytest

from course_utils import training

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


def test_a_rewound_model_trains_as_a_new_one_does():
    start = compiled(None).get_weights()
    model = compiled(start)
    first = three_steps(model)
    training.rewind(model, start)
    assert all(np.array_equal(one, other) for one, other in zip(model.get_weights(), start, strict=True))
    again = three_steps(model)
    assert all(np.array_equal(one, other) for one, other in zip(first, again, strict=True))
    assert not np.array_equal(first[-1], start[-1])
    # The control: without it, the optimizer remembers.
    model.set_weights(start)
    assert not np.allclose(three_steps(model)[-2], first[-2])


def test_rewind_keeps_the_learning_rate():
    model = compiled(None)
    model.optimizer.learning_rate = 0.5
    three_steps(model)
    training.rewind(model, model.get_weights())
    assert float(model.optimizer.learning_rate) == 0.5
    assert int(model.optimizer.iterations) == 0


def test_rewind_takes_a_learning_rate_that_is_a_schedule():
    model = compiled(None)
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.1, 10)), "mse")
    training.rewind(model, model.get_weights())
    assert int(model.optimizer.iterations) == 0


def test_the_rate_rises_for_a_tenth_and_falls_to_nothing():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    rates = []
    note = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: rates.append(float(model.optimizer.learning_rate.numpy()))
    )
    for _ in range(2):  # it begins anew with each training
        rates.clear()
        model.fit(
            np.zeros((198, 1)), np.zeros(198), 2, epochs=1, verbose=0, callbacks=[training.RiseAndFall(0.5), note]
        )
        assert len(rates) == 99 and max(rates) == pytest.approx(0.5)
        assert rates.index(max(rates)) == 9 and (np.diff(rates[:10]) > 0).all() and (np.diff(rates[9:]) < 0).all()
        assert rates[0] == pytest.approx(0.05) and rates[-1] < 0.01
