"""Week 11b's training of a GAN, killed at random moments, ends where the unbroken one ends."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
STEPS, LOOK_EVERY = 30, 2
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
gan = parts["new_gan"](int(sys.argv[3]))
print("ready", flush=True)
parts["train"](gan, {STEPS}, sys.argv[1], look_every={LOOK_EVERY})
np.savez(sys.argv[2], *gan.get_weights())
print("done", flush=True)
"""


def start(folder, result, seed):
    command = [sys.executable, "-c", TRAINING, str(folder), str(result), str(seed)]
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=folder.parent)


def finish(process):
    """Wait until it is done, and return what it told of its looks."""
    told, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    return [line for line in told.splitlines() if line.startswith("Step ")]


def weights(path):
    with np.load(path) as arrays:
        return [arrays[name] for name in arrays.files]


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    folder = tmp_path_factory.mktemp("unbroken")
    assert len(finish(start(folder / "kept", folder / "result.npz", seed=0))) == STEPS // LOOK_EVERY - 1
    return weights(folder / "result.npz")


def test_a_gan_killed_at_random_moments_becomes_the_unbroken_one(tmp_path, unbroken):
    chance, kills = random.Random(0), 2
    for seed in range(kills):  # after a kill, another start with other first weights
        process = start(tmp_path / "kept", tmp_path / "result.npz", seed)
        looks = chance.randrange(1, 4)
        for line in process.stdout:
            looks -= line.startswith("Step ")
            if not looks:
                break
        time.sleep(chance.uniform(0, 0.3))  # some steps later, or while it writes a checkpoint
        process.kill()
        process.communicate()
        assert not (tmp_path / "result.npz").exists()
    looks = finish(start(tmp_path / "kept", tmp_path / "result.npz", seed=kills))
    assert 0 < len(looks) < STEPS // LOOK_EVERY - 1, "it should have gone on, not begun anew"
    for ours, theirs in zip(weights(tmp_path / "result.npz"), unbroken, strict=True):
        assert np.array_equal(ours, theirs)
