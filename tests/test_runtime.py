"""setup(), the size of the run, and the package as a whole."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from tensorflow.python.framework import config

import course_utils
from course_utils import by_size, runtime, setup


def python(*arguments, **environment):
    """Run a fresh Python and return what it did."""
    changed = {**os.environ, **environment}
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=changed, check=False)


@pytest.fixture(autouse=True)
def quick_again():
    yield
    setup()


def test_import_is_quick_and_light():
    code = "import sys, time; t = time.perf_counter(); import course_utils; print(time.perf_counter() - t)"
    code += "; print([m for m in ('tensorflow', 'keras', 'matplotlib', 'scipy', 'numpy') if m in sys.modules])"
    seconds, loaded = python("-c", code).stdout.splitlines()
    assert float(seconds) < 0.3
    assert loaded == "[]"


def test_everything_public_is_there():
    assert all(getattr(course_utils, name) is not None for name in course_utils.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        _ = course_utils.nothing


def test_setup_is_quiet_says_one_line_and_keeps_to_its_threads():
    code = """
from course_utils import setup
setup()
import keras, numpy, tensorflow, threadpoolctl
model = keras.Sequential([keras.layers.Conv2D(2, 3)])
model.compile("adam", "mse")
model.fit(numpy.zeros((4, 8, 8, 1)), numpy.zeros((4, 6, 6, 2)), verbose=0)
intra = tensorflow.config.threading.get_intra_op_parallelism_threads()
print(intra, max(pool["num_threads"] for pool in threadpoolctl.threadpool_info()))
"""
    done = python("-c", code, TF_CPP_MIN_LOG_LEVEL="", COURSE_THREADS="1")
    assert done.returncode == 0
    assert done.stderr == ""
    line, threads = done.stdout.splitlines()
    assert f"Keras {keras.__version__}" in line and "quick" in line and "seed 0" in line and "1 thread," in line
    assert threads == "1 1"


def test_setup_keeps_a_failed_import_readable():
    done = python("-c", "from course_utils import setup; setup()", KERAS_BACKEND="nonsense")
    assert done.returncode != 0
    assert "nonsense" in done.stderr


@pytest.mark.parametrize(("given", "kept"), [("", True), ("1", True), ("0", False)])
def test_onednn_is_on_unless_it_is_turned_off(given, kept):
    code = "from course_utils import setup; setup(); from tensorflow.python.util import _pywrap_util_port as port"
    done = python("-c", f"{code}; print(port.IsMklEnabled())", TF_ENABLE_ONEDNN_OPTS=given)
    assert done.stdout.splitlines()[-1] == str(kept), done.stderr


def test_same_seed_same_weights_and_results():
    def train(seed):
        setup(seed=seed)
        model = keras.Sequential(
            [keras.layers.Dense(5, activation="relu"), keras.layers.Dropout(0.5), keras.layers.Dense(1)]
        )
        model.compile("adam", "mse")
        model.fit(np.random.rand(64, 3), np.random.rand(64, 1), epochs=2, verbose=0)
        return np.concatenate([w.ravel() for w in model.get_weights()])

    first = train(3)
    assert config.is_op_determinism_enabled()
    assert np.array_equal(first, train(3))
    assert not np.array_equal(first, train(4))


def test_size(monkeypatch):
    assert by_size(quick=1, full=2) == 1
    monkeypatch.setenv("COURSE_SIZE", "full")
    assert by_size(quick=1, full=2) == 2
    setup(size="quick")
    assert by_size(quick=1, full=2) == 1
    monkeypatch.setenv("COURSE_SIZE", "huge")
    with pytest.raises(ValueError, match="COURSE_SIZE.*'quick', 'full'.*'huge'"):
        setup()
    monkeypatch.setenv("COURSE_SIZE", "")


@pytest.mark.parametrize("arguments", [{"seed": -1}, {"size": "big"}])
def test_setup_refuses(arguments):
    with pytest.raises(ValueError, match=f"{next(iter(arguments))}: expected .*{next(iter(arguments.values()))}"):
        setup(**arguments)


@pytest.mark.parametrize("threads", ["0", "many", "1.5"])
def test_bad_threads_are_refused(monkeypatch, threads):
    monkeypatch.setenv("COURSE_THREADS", threads)
    with pytest.raises(ValueError, match="COURSE_THREADS"):
        setup()


def test_strict(monkeypatch):
    monkeypatch.delenv("COURSE_STRICT", raising=False)
    assert not runtime.strict()
    for value, strict in {"": False, "0": False, "1": True, "yes": True}.items():
        monkeypatch.setenv("COURSE_STRICT", value)
        assert runtime.strict() is strict
