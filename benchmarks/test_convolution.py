"""Speed of the by-hand versions, as ratios to the libraries' on the same machine in the same run: `make bench`."""

import time

import numpy as np
import pytest
from scipy import signal

from course_utils.byhand.convolution import SOBEL_COLUMNS, correlate2d, max_pool2d

IMAGE = np.random.default_rng(0).random((512, 512))


def ratio(ours, theirs, rounds=30) -> float:
    """Time of ours over time of theirs: the median over pairs taken in turn, which a noisy machine hardly moves."""
    pairs = []
    for _ in range(rounds):
        times = []
        for work in (ours, theirs):
            began = time.perf_counter()
            work()
            times.append(time.perf_counter() - began)
        pairs.append(times[0] / times[1])
    return float(np.median(pairs))


@pytest.mark.parametrize("kind", ["float32", "float64", "uint8"])
def test_correlation_is_at_least_as_fast_as_scipy(kind):
    image = (IMAGE * 255).astype(kind)
    kernel = SOBEL_COLUMNS if kind == "uint8" else SOBEL_COLUMNS.astype(kind)
    found = ratio(lambda: correlate2d(image, kernel), lambda: signal.correlate2d(image, kernel, mode="valid"))
    print(f"\ncorrelate2d, 512x512 with 3x3, {kind}: {found:.2f} of SciPy's time")
    assert found <= 1


@pytest.mark.benchmark(group="512x512 with 3x3")
@pytest.mark.parametrize(
    "work", [correlate2d, lambda i, k: signal.correlate2d(i, k, mode="valid")], ids=["by hand", "SciPy"]
)
def test_correlation(benchmark, work):
    benchmark(work, IMAGE, SOBEL_COLUMNS.astype(float))


def test_max_pooling(benchmark):
    benchmark(max_pool2d, IMAGE)
