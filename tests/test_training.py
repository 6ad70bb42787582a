"""What helps to train: a model that begins anew without being compiled anew."""

import keras
import numpy as np
import pytest
import tensorflow as tf

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


# A step that trains what it should -------------------------------------------------------------------------------

CODES, REAL = RNG.normal(size=(8, 2)).astype("float32"), RNG.normal(3, 1, (8, 4)).astype("float32")


def gan():
    generator = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(6), keras.layers.BatchNormalization(), keras.layers.Dense(4)],
        name="generator",
    )
    discriminator = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(6, "tanh"), keras.layers.Dropout(0.2), keras.layers.Dense(1, "sigmoid")],
        name="discriminator",
    )
    return generator, discriminator


def two_phases(generator, discriminator, first, second):
    """A step of lecture A's recipe: `first` trains on real and artificial, `second` through both on artificial."""
    artificial = generator.predict_on_batch(CODES)
    first.train_on_batch(np.concatenate([REAL, artificial]), np.repeat([1.0, 0.0], 8))
    second.train_on_batch(CODES, np.ones(8))


def by_gradient(generator, discriminator):
    adams, cross = [keras.optimizers.Adam(0.01) for _ in "DG"], keras.losses.BinaryCrossentropy()

    def step():
        with tf.GradientTape(persistent=True) as tape:
            made = discriminator(generator(CODES, training=True), training=True)
            right = cross(np.ones((8, 1)), discriminator(REAL, training=True)) + cross(np.zeros((8, 1)), made)
            fooled = cross(np.ones((8, 1)), made)
        for adam, loss, model in zip(adams, (right, fooled), (discriminator, generator), strict=True):
            adam.apply(tape.gradient(loss, model.trainable_weights), model.trainable_weights)

    return step


@pytest.mark.filterwarnings("ignore:The model does not have any trainable weights")
def test_the_trap_of_keras_3_is_caught():
    """In Keras 2 `trainable` counted when compiling; in Keras 3 it counts when training, and the recipe trains half."""
    generator, discriminator = gan()
    discriminator.compile("adam", "binary_crossentropy")
    discriminator.trainable = False
    both = keras.Sequential([generator, discriminator])
    both.compile("adam", "binary_crossentropy")

    def step():
        two_phases(generator, discriminator, discriminator, both)

    with pytest.raises(AssertionError) as caught:
        training.assert_trains(step, [generator, discriminator], [])
    assert str(caught.value).startswith("discriminator has no trainable weights: was trainable set to False?")
    assert "generator" not in str(caught.value)
    training.assert_trains(step, generator, discriminator)  # which is what the step does


@pytest.mark.filterwarnings("ignore:The model does not have any trainable weights")
def test_the_recipe_with_the_flag_turned_for_each_phase_passes():
    generator, discriminator = gan()
    discriminator.compile("adam", "binary_crossentropy")
    both = keras.Sequential([generator, discriminator])
    both.compile("adam", "binary_crossentropy")

    def first(real):
        discriminator.trainable = True
        artificial = generator.predict_on_batch(CODES)
        discriminator.train_on_batch(np.concatenate([real, artificial]), np.repeat([1.0, 0.0], [len(real), 8]))

    def second():
        discriminator.trainable = False
        both.train_on_batch(CODES, np.ones(8))

    training.assert_trains(lambda: (first(REAL), second()), [generator, discriminator])
    training.assert_trains(second, generator, discriminator)
    training.assert_trains(lambda: first(REAL), [discriminator], [generator])
    # The graph made while the flag was up goes on to train, flag or no flag ...
    discriminator.trainable = False
    artificial = np.concatenate([REAL, REAL])
    training.assert_trains(lambda: discriminator.train_on_batch(artificial, np.ones(16)), discriminator, generator)
    # ... until a batch of another size asks for a new graph.
    with pytest.raises(AssertionError, match="discriminator has no trainable weights"):
        training.assert_trains(lambda: discriminator.train_on_batch(REAL[:5], np.ones(5)), discriminator, generator)


def test_a_step_by_gradients_passes():
    generator, discriminator = gan()
    training.assert_trains(by_gradient(generator, discriminator), (generator, discriminator))


def test_what_moves_and_should_not_is_named_with_how_much():
    generator, discriminator = gan()
    discriminator.compile("sgd", "mse")
    both = keras.Sequential([generator, discriminator])
    both.compile(keras.optimizers.SGD(0.1), "binary_crossentropy")
    with pytest.raises(AssertionError, match=r"^discriminator moved, and should not: \S+ changed by up to 0\.0?\d+\.$"):
        training.assert_trains(lambda: both.train_on_batch(CODES, np.ones(8)), generator, discriminator)

    def frozen_and_moved():
        generator.trainable = False
        generator.layers[0].kernel.assign_add(np.eye(2, 6) / 4)

    with pytest.raises(AssertionError, match=r"generator moved, .*kernel changed by up to 0\.25\."):
        training.assert_trains(frozen_and_moved, [], generator)


def test_all_that_is_wrong_is_told():
    generator, discriminator = gan()
    with pytest.raises(AssertionError) as caught:
        training.assert_trains(
            lambda: discriminator.layers[0].bias.assign(np.ones(6)), [generator], discriminator.trainable_weights
        )
    assert "generator did not move: the largest change in its 6 weights is 0." in str(caught.value)
    assert f"{discriminator.layers[0].bias.path} moved, and should not:" in str(caught.value)


def test_moving_statistics_and_seeds_do_not_count():
    generator, discriminator = gan()

    def only_looks():
        generator(CODES, training=True)
        discriminator(REAL, training=True)

    means = generator.layers[1].moving_mean.numpy()
    training.assert_trains(only_looks, [], [generator, discriminator])
    assert not np.array_equal(generator.layers[1].moving_mean.numpy(), means)  # the control
    with pytest.raises(AssertionError, match="generator did not move"):
        training.assert_trains(only_looks, generator)


def test_weights_frozen_before_they_were_built_count():
    inner = keras.layers.Dense(3)
    inner.trainable = False
    model = keras.Sequential([keras.Input((2,)), inner], name="late")
    with pytest.raises(AssertionError, match="late has no trainable weights: was trainable set to False"):
        training.assert_trains(lambda: None, model)
    with pytest.raises(AssertionError, match="late moved, and should not"):
        training.assert_trains(lambda: inner.kernel.assign_add(np.ones((2, 3))), [], model)


def test_weights_that_are_no_numbers_are_told():
    generator, _ = gan()
    with pytest.raises(AssertionError, match="generator has weights that are not finite"):
        training.assert_trains(lambda: generator.layers[0].bias.assign(np.full(6, np.nan)), generator)


def test_variables_can_be_watched_one_by_one():
    generator, _ = gan()
    first, last = generator.layers[0].bias, generator.layers[-1].bias
    training.assert_trains(lambda: first.assign(np.ones(6)), first, last)
    with pytest.raises(AssertionError, match="did not move: the largest change in it is 0"):
        training.assert_trains(lambda: None, [first], last)


@pytest.mark.parametrize(
    ("step", "moves", "keeps", "error", "words"),
    [
        (3, "generator", (), TypeError, "step: expected a function"),
        (lambda: None, "text", (), TypeError, "moves: expected models, .* got str"),
        (lambda: None, "generator", [None], TypeError, "keeps: expected models, .* got NoneType"),
        (lambda: None, [], (), ValueError, "moves: expected a model"),
        (lambda: None, "generator", "generator", ValueError, "keeps: expected no weight that is in moves too, .* got"),
        (lambda: None, "unbuilt", (), ValueError, "moves: expected a model that is built, got later"),
    ],
)
def test_assert_trains_refuses(step, moves, keeps, error, words):
    models = {"generator": gan()[0], "unbuilt": keras.Sequential([keras.layers.Dense(2)], name="later")}
    with pytest.raises(error, match=words.replace(", .* got", ".* got")):
        training.assert_trains(step, *(models.get(x, x) if isinstance(x, str) else x for x in (moves, keeps)))
