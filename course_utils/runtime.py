"""Prepare a notebook's run: seeds, device, threads, quiet logs and the size of the run."""

import contextlib
import os
import sys
import tempfile
import warnings
from importlib import metadata
from importlib.util import find_spec

from . import arguments

SIZES = ("quick", "full")

_size: str | None = None  # what setup() was told, which outranks COURSE_SIZE
_own_data: set[str] = set()  # data and weights since setup() that the lesson was not measured on


def setup(seed: int = 0, size: str | None = None) -> None:
    """Seed everything, prepare the device, and print one line that tells what was found.

    Parameters
    ----------
    seed : int
        For Python, NumPy and Keras. The same seed on the same machine gives the same results.
    size : {"quick", "full"}, optional
        How long the run may be. Default: what COURSE_SIZE says, else "quick".

    Notes
    -----
    COURSE_THREADS sets how many threads to compute with (default: one for each core).
    """
    global _size  # noqa: PLW0603
    arguments.integer("seed", seed, at_least=0)
    if size is not None:
        arguments.one_of("size", size, SIZES)
    _size = size
    run_size()  # a wrong COURSE_SIZE is told now, not in the middle of the lesson
    threads = thread_count()
    _own_data.clear()

    keras = quiet_keras()
    keras.utils.set_random_seed(seed)
    if threads:
        from threadpoolctl import threadpool_limits

        threadpool_limits(threads)
    device = _prepare_tensorflow(threads) if keras.backend.backend() == "tensorflow" else "device of its own choice"
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
    """Return how many threads COURSE_THREADS asks for, or None where it is silent."""
    text = os.environ.get("COURSE_THREADS", "")
    if not text:
        return None
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"COURSE_THREADS: expected a whole number of at least 1, got {text!r}")
    return int(text)


def note_own_data(name: str) -> None:
    """Remember that this run uses data or weights for which the lesson's limits were not measured."""
    _own_data.add(name)


def uses_own_data() -> bool:
    """Tell whether this run, since `setup`, has used data or weights that the lesson's limits were not measured on."""
    return bool(_own_data)


def backend_name() -> str:
    """Return the back end's name and version, such as "TensorFlow 2.20.0"."""
    name = quiet_keras().backend.backend()
    shown = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}.get(name, name)
    return f"{shown} {metadata.version(name)}"


def quiet_keras():
    """Import Keras, TensorFlow below it by default, without the log lines they greet with."""
    os.environ["KERAS_BACKEND"] = os.environ.get("KERAS_BACKEND") or "tensorflow"
    # At level 2 TensorFlow 2.21 reports an error for each deterministic tf.data map; real errors are Python exceptions.
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = os.environ.get("TF_CPP_MIN_LOG_LEVEL") or "3"
    with _stderr_kept_for_errors(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Keras has to say to NumPy while it loads is not the reader's business
        import keras

        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            tf.config.list_physical_devices()
    return keras


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
    with _stderr_kept_for_errors():
        tf.zeros(())  # the first operation wakes the runtime, which logs
    cores = threads or available_cores()
    return f"CPU with {cores} thread{'s' if cores > 1 else ''}"


def gpu_name(gpu) -> str:
    """Return a TensorFlow GPU's product name."""
    import tensorflow as tf

    return tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name)


def available_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_colab() -> bool:
    """Tell whether this runs in Google Colab."""
    return "google.colab" in sys.modules or (find_spec("google") is not None and find_spec("google.colab") is not None)


@contextlib.contextmanager
def _stderr_kept_for_errors():
    """Hold back what is written to the process's stderr, and show it only if something fails.

    TensorFlow's C++ code logs before its log level is read, so no setting silences it.
    """
    try:
        sys.stderr.flush()
        saved = os.dup(2)
    except (OSError, ValueError, AttributeError):  # no stderr at all, as under pythonw
        yield
        return
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(saved, held.read())
            raise
        finally:
            os.dup2(saved, 2)
            os.close(saved)
