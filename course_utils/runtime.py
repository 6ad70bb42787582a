"""Prepare a notebook's run: seeds, device, threads, quiet logs and the size of the run."""

import contextlib
import os
import sys
import warnings
from importlib import metadata

from . import arguments

SIZES = ("quick", "full")

_size: str | None = None  # setup()'s argument, which outranks COURSE_SIZE
_own_data: set[str] = set()  # data and weights since setup() on which the lesson was not measured


@contextlib.contextmanager
def quiet():
    """Drop what TensorFlow's C++ code logs to stderr before it reads its log level; errors are Python exceptions."""
    sys.stderr.flush()
    saved = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)


def setup(seed: int = 0, size: str | None = None) -> None:
    """Seed Python, NumPy and Keras, prepare the device, and print one line about both.

    The same seed on the same machine gives the same results. COURSE_THREADS sets how many threads to compute with
    (default: one for each core).

    Parameters
    ----------
    seed : int
    size : {"quick", "full"}, optional
        How long the run may be. Default: COURSE_SIZE, else "quick".
    """
    global _size  # noqa: PLW0603
    arguments.integer("seed", seed, at_least=0)
    _size = None if size is None else arguments.one_of("size", size, SIZES)
    run_size()  # refuses a wrong COURSE_SIZE now, not in the middle of the lesson
    threads = thread_count()
    _own_data.clear()

    keras = quiet_keras()
    keras.utils.set_random_seed(seed)
    if threads:
        from threadpoolctl import threadpool_limits

        threadpool_limits(threads)
    device = _prepare_tensorflow(threads) if keras.backend.backend() == "tensorflow" else "its own choice of device"
    print(f"Ready: Keras {keras.__version__} on {backend_name()}, {device}, size {run_size()!r}, seed {seed}.")


def by_size(*, quick, full):
    """Pick a value by the size of the run.

    Examples
    --------
    >>> by_size(quick=3, full=20)
    3
    """
    return {"quick": quick, "full": full}[run_size()]


def run_size() -> str:
    """Return the size of this run, "quick" or "full"."""
    return _size or arguments.one_of("COURSE_SIZE", os.environ.get("COURSE_SIZE") or "quick", SIZES)


def thread_count() -> int | None:
    """Return how many threads COURSE_THREADS asks for, or None where it is not set."""
    text = os.environ.get("COURSE_THREADS", "")
    if text and (not text.isdecimal() or int(text) < 1):
        raise ValueError(f"COURSE_THREADS: expected a whole number of at least 1, got {text!r}")
    return int(text) if text else None


def strict() -> bool:
    """Tell whether COURSE_STRICT is set, to anything but 0."""
    return os.environ.get("COURSE_STRICT", "") not in ("", "0")


def note_own_data(name: str) -> None:
    """Remember that this run uses data or weights on which the lesson was not measured."""
    _own_data.add(name)


def uses_own_data() -> bool:
    """Tell whether, since `setup`, anything was noted by `note_own_data`."""
    return bool(_own_data)


def backend_name() -> str:
    """Return the back end's name and version, such as "TensorFlow 2.20.0"."""
    name = quiet_keras().backend.backend()
    return f"{'TensorFlow' if name == 'tensorflow' else name} {metadata.version(name)}"


@quiet()
def quiet_keras():
    """Import Keras, by default with TensorFlow, without the lines that both log at their start."""
    os.environ["KERAS_BACKEND"] = os.environ.get("KERAS_BACKEND") or "tensorflow"
    # At level 2 TensorFlow 2.21 reports an error for each deterministic tf.data map; real errors are Python exceptions.
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = os.environ.get("TF_CPP_MIN_LOG_LEVEL") or "3"
    # Without AVX-512, TensorFlow leaves oneDNN off. There, too, it makes small convolutions two to four times as fast.
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = os.environ.get("TF_ENABLE_ONEDNN_OPTS") or "1"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras' own, of NumPy
        import keras
    return keras


@quiet()
def _prepare_tensorflow(threads: int | None) -> str:
    """Set threads, memory growth and determinism; return the device in words."""
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    # After its first operation TensorFlow refuses these; a second setup() in one kernel keeps what it has.
    with contextlib.suppress(RuntimeError):
        for gpu in gpus:
            tf.config.experimental.set_memory_growth(gpu, True)
        if threads:
            tf.config.threading.set_intra_op_parallelism_threads(threads)
            tf.config.threading.set_inter_op_parallelism_threads(threads)
    if gpus:
        return "GPU " + ", ".join(gpu_name(gpu) for gpu in gpus)
    tf.config.experimental.enable_op_determinism()
    tf.zeros(())  # the first operation starts the runtime, which logs
    cores = threads or available_cores()
    return f"CPU with {cores} thread{'s' if cores > 1 else ''}"


def gpu_name(gpu) -> str:
    """Return a TensorFlow GPU's product name."""
    import tensorflow as tf

    return tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name)


def available_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
