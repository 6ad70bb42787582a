"""Week 11b's training, killed and resumed, gives the same weights as the unbroken one."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
STEPS, LOOK_EVERY = 28, 2  # enough that no kill comes after the end
# The lesson's own training, with a stand-in for its judge. It tells of each step that it has done.
TRAINING = f"""
import sys
import numpy as np
from course_utils import setup
setup(seed=int(sys.argv[1]))
from tests.lesson_parts import from_lesson
names = ["NOISE", "cross_entropy", "phase_labels", "outputs_of", "phase_1", "generator_loss", "phase_2", "prepare",
         "digit_generator", "digit_discriminator", "digit_noise", "run", "train"]
stand_ins = dict(
    images=np.random.default_rng(0).random((200, 28, 28, 1), dtype="float32"),
    measure=lambda images: (10, 1.0, float(np.square(images).mean())),
)
parts = from_lesson("week11b_gans", names, **stand_ins)
players = parts["digit_generator"], parts["digit_discriminator"]
for player in players:
    parts["prepare"](player, 1e-3, {STEPS})
parts["train"](*players, {STEPS}, "kept", look_every={LOOK_EVERY})
np.savez("result.npz", *(weight for player in players for weight in player.get_weights()))
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
    assert len(finish(start(unbroken, seed=0))) == STEPS // LOOK_EVERY
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
    assert 0 < len(looks) < STEPS // LOOK_EVERY, "it should have gone on, not begun again"
    with np.load(killed / "result.npz") as ours, np.load(unbroken / "result.npz") as theirs:
        assert all(np.array_equal(ours[name], theirs[name]) for name in theirs.files)
