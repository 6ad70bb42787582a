"""Checkpoints: a training that is killed and resumed is the training that was not, and no kill leaves nothing."""

import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from course_utils import checkpoints
from course_utils.checkpoints import Checkpoints

STEPS = 12
REAL = np.random.default_rng(5).normal(2, 1, (64, 3)).astype("float32")


class Gan:
    """A small training with all that a checkpoint must not forget, as a fresh process would begin it."""

    def __init__(self, seed=0):
        keras.utils.set_random_seed(seed)
        layers = keras.layers
        self.models = {
            "generator": keras.Sequential(
                [keras.Input((2,)), layers.Dense(5), layers.BatchNormalization(), layers.Dense(3)]
            ),
            "discriminator": keras.Sequential(
                [keras.Input((3,)), layers.Dense(5), layers.Dropout(0.3), layers.Dense(1)]
            ),
        }
        self.optimizers = {"d": keras.optimizers.Adam(0.02), "g": keras.optimizers.RMSprop(0.01, momentum=0.5)}
        self.rng = np.random.default_rng(seed)
        self.losses = []

    def step(self, interrupt=None):
        G, D = self.models.values()
        codes, real = self.rng.normal(size=(8, 2)).astype("float32"), REAL[self.rng.integers(64, size=8)]
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.nn.softplus(-D(real, training=True)) + tf.nn.softplus(D(G(codes), training=True)))
        self.optimizers["d"].apply(tape.gradient(loss, D.trainable_weights), D.trainable_weights)
        if interrupt == "half a step":
            raise KeyboardInterrupt
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.nn.softplus(-D(G(codes, training=True), training=True)))
        self.optimizers["g"].apply(tape.gradient(loss, G.trainable_weights), G.trainable_weights)
        self.losses.append(float(loss))

    def save(self, kept, step):
        more = {"rng": checkpoints.rng_state(self.rng), "losses": np.array(self.losses), "rate": 0.25}
        kept.save(step, self.models, self.optimizers, more)

    def restore(self, kept):
        found = kept.restore(self.models, self.optimizers)
        if found is None:
            return 0
        step, more = found
        checkpoints.set_rng_state(self.rng, more["rng"])
        self.losses = list(more["losses"])
        return step

    def state(self):
        holders = [*self.models.values(), *self.optimizers.values()]
        return [variable.numpy() for holder in holders for variable in holder.variables]


def alike(one, other):
    return len(one) == len(other) and all(
        a.dtype == b.dtype and np.array_equal(a, b) for a, b in zip(one, other, strict=True)
    )


def names(folder):
    return sorted(path.name for path in Path(folder).iterdir())


@pytest.fixture(scope="module")
def unbroken():
    gan = Gan()
    for _ in range(STEPS):
        gan.step()
    return gan


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A training of two steps, with a checkpoint of each."""
    folder, gan = tmp_path_factory.mktemp("trained"), Gan()
    for step in (1, 2):
        gan.step()
        gan.save(Checkpoints(folder), step)
    return folder, gan


@pytest.mark.parametrize("seed", range(3))
def test_a_training_killed_and_resumed_is_the_unbroken_one(seed, tmp_path, unbroken, monkeypatch):
    """Each life ends at random, between steps, within one, or while it saves; the next begins with other numbers."""
    chance, step, lives = np.random.default_rng(seed), 0, 0

    def killed(*_):
        raise KeyboardInterrupt

    while step < STEPS:
        # The first life begins as the unbroken training does, the others anyhow: all must come from the checkpoint.
        gan, kept = Gan(0 if step == 0 else 100 + lives), Checkpoints(tmp_path)
        step = gan.restore(kept)
        lives += 1
        left, end = int(chance.integers(1, 6)), chance.choice(["half a step", "write", "move"])
        try:
            while step < STEPS:
                left -= 1
                gan.step(end if left == 0 else None)
                if left == 0:
                    monkeypatch.setattr(os, "fsync" if end == "write" else "replace", killed)
                gan.save(kept, step + 1)
                step += 1
        except KeyboardInterrupt:
            monkeypatch.undo()
    assert lives > 2
    assert gan.losses == unbroken.losses
    assert alike(gan.state(), unbroken.state())
    again = Gan(9)
    assert again.restore(kept) == STEPS
    assert alike(again.state(), unbroken.state())


def test_the_newest_are_kept(tmp_path, trained):
    gan, kept = trained[1], Checkpoints(tmp_path / "new" / "folder", keep=3)
    for step in (5, 10, 15, 20, 100_000_000, 100_000_005):
        gan.save(kept, step)
    assert names(kept.folder) == ["step-00000020.npz", "step-100000000.npz", "step-100000005.npz"]
    assert Gan().restore(kept) == 100_000_005
    gan.save(kept, 100_000_000)  # gone back: what was after it is over
    assert names(kept.folder) == ["step-00000020.npz", "step-100000000.npz"]
    gan.save(Checkpoints(kept.folder, keep=1), 7)
    assert names(kept.folder) == ["step-00000007.npz"]


def test_more_comes_back_as_it_was(tmp_path):
    more = {"array": np.arange(6, dtype=np.int16).reshape(2, 3), "number": 3, "float": 0.1, "text": "å", "yes": True}
    more |= {"32": np.float32(0.1), "empty": np.zeros((0, 2)), "list": [1.5, 2.5], "with/slash and space": -1j}
    Checkpoints(tmp_path).save(0, {}, {}, more)
    step, got = Checkpoints(tmp_path).restore({}, {})
    assert step == 0 and list(got) == list(more)
    assert got["array"].dtype == np.int16 and got["empty"].shape == (0, 2) and got["32"].dtype == np.float32
    assert all(np.array_equal(got[name], more[name]) for name in more)
    assert isinstance(got["text"], str) and isinstance(got["float"], float)


def test_an_empty_folder_and_none_at_all_restore_nothing(tmp_path, capsys):
    for folder in (tmp_path, tmp_path / "none", str(tmp_path)):
        assert Gan().restore(Checkpoints(folder)) == 0
        assert Checkpoints(folder).restore({}, {}) is None
    assert not names(tmp_path) and capsys.readouterr().out == ""


def copied(trained, folder):
    shutil.copytree(trained[0], folder, dirs_exist_ok=True)
    return folder / "step-00000001.npz", folder / "step-00000002.npz"


@pytest.mark.parametrize("share", [0, 0.001, 0.3, 0.9, 0.9999])
def test_a_torn_file_is_passed_over(share, trained, tmp_path, capsys):
    _, newest = copied(trained, tmp_path)
    content = newest.read_bytes()
    newest.write_bytes(content[: int(share * len(content))])
    assert Gan(3).restore(Checkpoints(tmp_path)) == 1
    assert capsys.readouterr().out == "step-00000002.npz is damaged and was passed over.\n"


def test_every_flipped_byte_is_seen(trained, tmp_path):
    """Also those that the zip format itself would not miss."""
    _, newest = copied(trained, tmp_path)
    content = bytearray(newest.read_bytes())
    assert checkpoints._read(newest) is not None
    places = {*range(100), *range(len(content) - 200, len(content)), *range(100, len(content), 97)}
    for place in places:
        content[place] ^= 1 << place % 8
        newest.write_bytes(content)
        assert checkpoints._read(newest) is None
        content[place] ^= 1 << place % 8


def test_a_file_with_a_hole_or_with_more_at_its_end_is_passed_over(trained, tmp_path):
    _, newest = copied(trained, tmp_path)
    content = newest.read_bytes()
    for wrong in (content[:500] + bytes(1000) + content[1500:], content + b"\0", bytes(len(content))):
        newest.write_bytes(wrong)
        assert Gan().restore(Checkpoints(tmp_path)) == 1


def test_where_all_are_damaged_there_is_nothing(trained, tmp_path, capsys):
    for path in copied(trained, tmp_path):
        path.write_bytes(b"no")
    gan = Gan()
    before = gan.state()
    assert gan.restore(Checkpoints(tmp_path)) == 0
    assert alike(gan.state(), before) and capsys.readouterr().out.count("passed over") == 2
    # And saving goes on: the damaged one of a later step does not stand before what is sound.
    gan.save(Checkpoints(tmp_path, keep=1), 1)
    assert names(tmp_path) == ["step-00000001.npz"] and Gan().restore(Checkpoints(tmp_path)) == 1


def test_nothing_else_is_read(trained, tmp_path, monkeypatch):
    _, newest = copied(trained, tmp_path)
    for name in (
        "unfinished.part",
        "step-00000009.npz.part",
        "step-00000009.pkl",
        "step-9.npz",
        "other.npz",
        "step.npz",
    ):
        shutil.copy(newest, tmp_path / name)
    (tmp_path / "step-00000008.npz").mkdir()
    looked, read = [], Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: looked.append(path.name) or read(path))
    assert Gan().restore(Checkpoints(tmp_path)) == 2
    assert looked == ["step-00000002.npz"]
    assert len(names(tmp_path)) == 9


def test_a_checkpoint_is_an_npz_that_numpy_opens_without_pickle(trained):
    path = trained[0] / "step-00000002.npz"
    with np.load(path, allow_pickle=False) as file:
        assert np.array_equal(file["models/generator/0"], trained[1].models["generator"].variables[0])
        assert "optimizers/g/0" in file and file["more/losses"].shape == (2,)
    assert zipfile.ZipFile(path).testzip() is None


def test_a_save_that_fails_leaves_what_was(trained, tmp_path, monkeypatch):
    copied(trained, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(_):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        trained[1].save(Checkpoints(tmp_path), 3)
    assert all((tmp_path / name).read_bytes() == content for name, content in before.items())
    monkeypatch.undo()
    trained[1].save(Checkpoints(tmp_path), 3)
    assert names(tmp_path) == ["step-00000002.npz", "step-00000003.npz"]


SAVING = """
import os, sys, time
import numpy as np
from course_utils.checkpoints import Checkpoints
kept = Checkpoints(sys.argv[1])
step, _ = kept.restore({}, {}) or (0, {})
assert "keras" not in sys.modules
sync = os.fsync
os.fsync = lambda file: (time.sleep(0.01), sync(file))  # as a slow disk, so that many kills find an unfinished file
while True:
    step += 1
    kept.save(step, {}, {}, {"many": np.full(300_000, step), "one": step})
    print(step, flush=True)
"""


def test_kill_at_any_moment_leaves_a_state_to_go_on_from(tmp_path, capsys):
    """What saves never stops, so nearly every kill comes while it writes."""
    environment, unfinished = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}, 0
    chance = np.random.default_rng(0)
    for _ in range(12):
        command = [sys.executable, "-c", SAVING, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as saving:
            first = int(saving.stdout.readline())
            time.sleep(chance.uniform(0, 0.05))
            saving.kill()
            told = [first, *map(int, saving.stdout.read().split())]
        unfinished += (tmp_path / "unfinished.part").exists()
        step, more = Checkpoints(tmp_path).restore({}, {})
        assert step in (told[-1], told[-1] + 1)  # killed before it could tell
        assert more["one"] == step and (more["many"] == step).all() and len(more["many"]) == 300_000
        assert len([name for name in names(tmp_path) if name.endswith(".npz")]) in (2, 3) or step == 1
    assert unfinished > 1 and capsys.readouterr().out == ""


# What does not fit ------------------------------------------------------------------------------------------------


def wider(gan):
    gan.models["generator"] = keras.Sequential([keras.Input((2,)), *(keras.layers.Dense(n) for n in (5, 3))])


def other_shape(gan):
    layers = keras.layers
    gan.models["discriminator"] = keras.Sequential(
        [keras.Input((4,)), layers.Dense(5), layers.Dropout(0.3), layers.Dense(1)]
    )


def other_kind(gan):
    layers = [keras.layers.Dense(5, dtype="float64"), keras.layers.Dropout(0.3), keras.layers.Dense(1)]
    gan.models["discriminator"] = keras.Sequential([keras.Input((3,)), *layers])


def other_optimizer(gan):
    gan.optimizers["g"] = keras.optimizers.SGD(0.1)


def other_slots(gan):
    gan.optimizers["g"] = keras.optimizers.RMSprop(0.1)


def others_weights(gan):
    gan.optimizers["g"].build(gan.models["discriminator"].trainable_variables)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (wider, r"models\['generator'\]: expected 8 variables, as in step-00000002.npz, got 4"),
        (
            other_shape,
            r"models\['discriminator'\]: expected \S+kernel of shape \(3, 5\), float32, .* got shape \(4, 5\)",
        ),
        (other_kind, r"models\['discriminator'\]: expected .*float32, .* got shape \(3, 5\), float64"),
        (
            lambda gan: gan.models.pop("generator"),
            "models: expected discriminator, generator, as in .* got discriminator",
        ),
        (lambda gan: gan.optimizers.clear(), "optimizers: expected d, g, as in .* got none"),
        (other_optimizer, r"optimizers\['g'\]: expected RMSprop, as in .* got SGD"),
        (other_slots, r"optimizers\['g'\]: expected 14 variables, .* got 8"),
        (others_weights, r"optimizers\['g'\]: expected that it trains the same weights"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_changed(change, words, trained):
    gan = Gan(4)
    change(gan)
    before = [variable.numpy() for model in gan.models.values() for variable in model.variables]
    with pytest.raises(ValueError, match=words):
        gan.restore(Checkpoints(trained[0]))
    assert alike([variable.numpy() for model in gan.models.values() for variable in model.variables], before)


def test_an_optimizer_that_had_not_trained(tmp_path, trained):
    gan, kept = Gan(1), Checkpoints(tmp_path)
    gan.optimizers["d"].learning_rate = 0.125
    gan.save(kept, 0)
    fresh = Gan(2)
    assert fresh.restore(kept) == 0 and not fresh.optimizers["d"].built
    assert float(fresh.optimizers["d"].learning_rate) == 0.125 and alike(fresh.state(), gan.state())
    fresh.step()
    with pytest.raises(ValueError, match=r"optimizers\['d'\]: expected one that has not trained yet"):
        fresh.restore(kept)


def test_an_optimizer_that_has_trained_is_taken_back(trained):
    gan = Gan(6)
    for _ in range(3):
        gan.step()
    assert gan.restore(Checkpoints(trained[0])) == 2
    assert alike(gan.state(), trained[1].state())


def test_compiled_models_schedules_and_averages(tmp_path):
    """Other optimizers, and a model's own one; a network that stands in two models."""

    def compiled(seed):
        keras.utils.set_random_seed(seed)
        inner = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.GaussianNoise(0.1)])
        model = keras.Sequential([inner, keras.layers.Dense(1)])
        rate = keras.optimizers.schedules.CosineDecay(0.1, 10)
        model.compile(keras.optimizers.Nadam(rate, use_ema=True, gradient_accumulation_steps=2), "mse")
        return {"inner": inner, "model": model}, {"own": model.optimizer}

    def train(models):
        models["model"].reset_metrics()  # Keras 3.13 gives the mean over all batches since the last time
        return [models["model"].train_on_batch(REAL, REAL[:, :1]) for _ in range(3)]

    models, optimizers = compiled(1)
    train(models)
    Checkpoints(tmp_path).save(3, models, optimizers)
    others, theirs = compiled(2)
    assert Checkpoints(tmp_path).restore(others, theirs) == (3, {})
    assert train(others) == train(models)
    assert alike(others["model"].get_weights(), models["model"].get_weights())


def test_half_precision_comes_back(tmp_path):
    first, second = (keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, dtype="bfloat16")]) for _ in range(2))
    Checkpoints(tmp_path).save(0, {"half": first}, {})
    Checkpoints(tmp_path).restore({"half": second}, {})
    assert np.array_equal(first.get_weights()[0].astype("float32"), second.get_weights()[0].astype("float32"))


@pytest.mark.parametrize("bits", [np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64])
def test_the_state_of_a_generator(bits):
    rng, other = np.random.Generator(bits(1)), np.random.Generator(bits(2))
    rng.normal(size=3)
    rng.integers(5, dtype=np.int32)  # half of a number is left over
    checkpoints.set_rng_state(other, checkpoints.rng_state(rng))
    draws = [(one.integers(9, size=3, dtype=np.int32), one.normal(size=5)) for one in (rng, other)]
    assert all(np.array_equal(a, b) for a, b in zip(*draws, strict=True))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: Checkpoints(3), TypeError, "folder: expected a path, got int"),
        (lambda: Checkpoints("x", keep=0), ValueError, "keep: expected a whole number of at least 1, got 0"),
        (lambda: Checkpoints("x").save(-1, {}, {}), ValueError, "step: expected a whole number of at least 0"),
        (
            lambda: Checkpoints("x").save(1, [], {}),
            TypeError,
            "models: expected a dictionary of models by name, got list",
        ),
        (lambda: Checkpoints("x").save(1, {"g": 3}, {}), TypeError, r"models\['g'\]: expected a Keras model, got int"),
        (lambda: Checkpoints("x").save(1, {3: 3}, {}), TypeError, "models: expected names that are text, got 3"),
        (lambda: Checkpoints("x").save(1, {"g": keras.Sequential()}, {}), ValueError, r"models\['g'\]: .* is built"),
        (
            lambda: Checkpoints("x").save(1, {}, {"g": "adam"}),
            TypeError,
            r"optimizers\['g'\]: expected a Keras optimizer",
        ),
        (lambda: Checkpoints("x").save(1, {}, {}, {"a": None}), TypeError, r"more\['a'\]: .* got NoneType"),
        (lambda: Checkpoints("x").save(1, {}, {}, {"a": [[1], [1, 2]]}), TypeError, r"more\['a'\]: .* got list"),
        (lambda: checkpoints.rng_state(np.random), TypeError, "rng: expected a numpy.random.Generator, got module"),
        (lambda: checkpoints.set_rng_state(np.random.default_rng(), "{}"), ValueError, "state: expected text that"),
        (lambda: checkpoints.set_rng_state(np.random.default_rng(), None), TypeError, "state: expected text that"),
    ],
)
def test_bad_arguments_are_refused(call, error, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=words):
        call()
    assert not names(tmp_path)


def test_a_generator_of_another_kind_is_refused():
    state = checkpoints.rng_state(np.random.Generator(np.random.Philox(1)))
    with pytest.raises(ValueError, match="state: expected that of a PCG64, as rng is, got that of a Philox"):
        checkpoints.set_rng_state(np.random.default_rng(), state)


def test_an_optimizer_of_weights_that_are_not_there_is_refused(tmp_path):
    gan = Gan()
    gan.step()
    with pytest.raises(
        ValueError, match=r"optimizers\['d'\]: expected that it trains weights of models, got \S+kernel"
    ):
        Checkpoints(tmp_path).save(1, {"generator": gan.models["generator"]}, gan.optimizers)
    assert not names(tmp_path)
