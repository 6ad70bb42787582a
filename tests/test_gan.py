"""Week 11b's training, killed and resumed, is the unbroken one; a damaged folder never passes for a whole one."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest

from course_utils.weeks import week11b

ROOT = Path(__file__).resolve().parents[1]
STEPS, LOOK_EVERY = 44, 2  # enough that no kill comes after the end
# The lesson's own training, with a stand-in for its judge. It tells of each step that it has done.
TRAINING = f"""
import sys
import numpy as np
from course_utils import setup
setup(seed=0)
from tests.lesson_parts import from_lesson
names = ["NOISE", "cross_entropy", "slow_down", "normalised_relu", "GAN", "new_gan", "fixed", "run", "train"]
stand_ins = dict(
    pictures=np.random.default_rng(0).random((200, 28, 28, 1), dtype="float32"),
    features_of=lambda images, training: np.reshape(images[:, 10:12, 10:12, 0], (-1, 4)),
    reference=np.random.default_rng(1).random((50, 4)),
    LEVELS={{"noise": 1.0}},
)
parts = from_lesson("week11b_gans", names, **stand_ins)
gan = parts["new_gan"](int(sys.argv[1]))
parts["train"](gan, {STEPS}, "kept", look_every={LOOK_EVERY})
np.savez("result.npz", *gan.get_weights())
"""


def start(folder, seed):
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    command = [sys.executable, "-c", TRAINING, str(seed)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=folder)


def finish(process):
    """Wait until it is done, and return its looks."""
    printed, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    return [line for line in printed.splitlines() if line.startswith("Step ")]


def test_a_gan_killed_at_random_moments_becomes_the_unbroken_one(tmp_path):
    unbroken, killed = tmp_path / "unbroken", tmp_path / "killed"
    unbroken.mkdir()
    killed.mkdir()
    assert len(finish(start(unbroken, seed=0))) == STEPS // LOOK_EVERY - 1
    chance, kills = random.Random(0), 2
    for seed in range(kills):  # after a kill, another start with other first weights
        process = start(killed, seed)
        looks = chance.randrange(1, 4)
        for line in process.stdout:
            looks -= line.startswith("Step ")
            if not looks:
                break
        time.sleep(chance.uniform(0, 0.1))  # some steps later, or while it writes a checkpoint
        process.kill()
        process.communicate()
        assert not (killed / "result.npz").exists()
    looks = finish(start(killed, seed=kills))
    assert 0 < len(looks) < STEPS // LOOK_EVERY - 1, "it should have gone on, not begun again"
    with np.load(killed / "result.npz") as ours, np.load(unbroken / "result.npz") as theirs:
        assert all(np.array_equal(ours[name], theirs[name]) for name in theirs.files)


# A folder that something happened to ------------------------------------------------------------------------------


def small_model(width=40):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(width), keras.layers.Dropout(0.1)])
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def checkpoints_of(model, folder):
    return week11b.Checkpoints(str(folder), model, model.optimizer)


def state(model):
    return [variable.numpy() for part in (model, model.optimizer) for variable in part.variables]


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.fixture
def trained(tmp_path):
    """A folder of the reader's, with checkpoints of four steps, and the state after each."""
    (tmp_path / "ckpt-old.txt").write_text("mine")
    model, states = small_model(), {}
    for step in range(1, 5):
        model.fit(np.ones((4, 3)), np.ones((4, 40)), verbose=0)
        checkpoints_of(model, tmp_path).save(step, {"loss": [0.1] * step})
        states[step] = state(model)
    return tmp_path, states


def test_the_newest_two_are_kept_and_nothing_of_the_readers_is_deleted(trained):
    folder, states = trained
    assert {path.stem for path in folder.glob("*.index")} == {"ckpt-3", "ckpt-4"}
    assert (folder / "ckpt-old.txt").read_text() == "mine"
    model = small_model()
    assert checkpoints_of(model, folder).restore() == (4, {"loss": [0.1] * 4})
    assert same(state(model), states[4]) and not same(states[4], states[3])


@pytest.mark.parametrize("end", ["index", "data-00000-of-00001"])
@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.99])
def test_a_torn_file_is_left_out(trained, end, share, capsys):
    folder, states = trained
    newest = folder / f"ckpt-4.{end}"
    newest.write_bytes(newest.read_bytes()[: int(share * newest.stat().st_size)])
    model = small_model()
    assert checkpoints_of(model, folder).restore() == (3, {"loss": [0.1] * 3})
    assert same(state(model), states[3]) and capsys.readouterr().out.startswith("ckpt-4 is damaged")


def test_a_flipped_byte_of_the_data_is_seen(trained):
    folder, states = trained
    newest, model = folder / "ckpt-4.data-00000-of-00001", small_model()
    content = bytearray(newest.read_bytes())
    for position in np.random.default_rng(0).integers(len(content), size=30):
        content[position] ^= 1
        newest.write_bytes(content)
        assert checkpoints_of(model, folder).restore()[0] == 3 and same(state(model), states[3])
        content[position] ^= 1


@pytest.mark.parametrize("listed", [True, False])
def test_another_models_checkpoints_are_refused_and_left_as_they_are(trained, listed):
    folder, _ = trained
    if not listed:
        (folder / "checkpoint").unlink()  # TensorFlow's list of them
    content = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(ValueError, match=f"{folder.name}: expected checkpoints of this model, found none that fits"):
        checkpoints_of(small_model(width=5), folder).restore()
    assert content == {path: path.read_bytes() for path in folder.iterdir()}


def test_checkpoints_are_found_without_tensorflows_list(trained):
    """As after a kill between the first checkpoint and the list."""
    folder, states = trained
    (folder / "checkpoint").write_text("torn {")
    model = small_model()
    assert checkpoints_of(model, folder).restore()[0] == 4 and same(state(model), states[4])


def test_a_new_folder_has_nothing_to_restore(tmp_path):
    assert checkpoints_of(small_model(), tmp_path / "new" / "folder").restore() is None
