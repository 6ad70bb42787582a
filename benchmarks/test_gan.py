"""Speed of week 11b's GAN: its step's rate of arithmetic beside that of the machine's own matrix product."""

import time

import numpy as np
import tensorflow as tf

from course_utils import setup
from tests.lesson_parts import from_lesson

IMAGES = np.random.default_rng(0).random((32, 28, 28, 1), dtype="float32")


def products(network, inputs: bool, weights: bool) -> float:
    """Multiplications with addition for one picture: forward, and back to all inputs and to the weights, as asked."""
    total = 0.0
    kernels = [layer for layer in network.layers if hasattr(layer, "kernel")]
    for layer in kernels:
        places = layer.input.shape if "Transpose" in type(layer).__name__ else layer.output.shape
        one_way = np.prod(layer.kernel.shape) * np.prod(places[1:-1], initial=1)
        total += one_way * (1 + weights + (inputs or layer is not kernels[0]))
    return total


def rate(work, arithmetic, rounds):
    """Operations a second, in the best of the rounds."""
    best = np.inf
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return arithmetic / best


def test_a_step_runs_at_55_percent_of_the_rate_of_a_matrix_product():
    setup(seed=0)  # with as many threads as in the notebook
    names = ["NOISE", "cross_entropy", "phase_labels", "outputs_of", "phase_1", "generator_loss", "phase_2", "prepare"]
    parts = from_lesson("week11b_gans", [*names, "digit_generator", "digit_discriminator"])
    g, d, count = parts["digit_generator"], parts["digit_discriminator"], len(IMAGES)
    for player in (g, d):
        parts["prepare"](player, 1e-3, 1000)
    noise = np.random.default_rng(1).normal(size=(count, parts["NOISE"])).astype("float32")

    def step():
        parts["phase_1"](g, d, IMAGES, noise)
        parts["phase_2"](g, d, noise).numpy()

    draws = products(g, inputs=False, weights=True)
    learns = products(d, inputs=False, weights=True)
    tells = products(d, inputs=True, weights=False)
    forward = products(g, inputs=False, weights=False) / 2
    arithmetic = 2 * count * (forward + draws + 2 * learns + tells)
    square = tf.random.normal((1024, 1024))
    step()
    shares = []
    for _ in range(10):  # taken in turn, as others use the machine too
        ours = rate(step, arithmetic, 10)
        product = rate(lambda: tf.matmul(square, square).numpy(), 2 * 1024**3, 5)
        shares.append(ours / product)
    share = float(np.median(shares))
    print(f"\na step of the GAN: {arithmetic / 1e9:.2f} GFLOP, at {share:.0%} of a matrix product's rate")
    assert share >= 0.55
