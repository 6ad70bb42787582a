"""MNIST and Fashion-MNIST: downloaded on request, verified before any use."""

from pathlib import Path

from . import arrays, cache
from .record import Part

ADDRESSES = {
    "mnist": "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "fashion_mnist": "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
}
SHA256 = {
    "mnist": {
        "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    },
    "fashion_mnist": {
        "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    },
}
CLOTHING = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "trainer", "bag", "ankle boot")


def is_here(name: str) -> bool:
    """Tell whether a data set can be loaded without the network."""
    return all((cache.folder() / name / file).is_file() for file in SHA256.get(name, ()))


def load(name: str) -> dict[str, Part]:
    """Load a data set, downloading what of it is not in the cache."""
    folder = cache.folder() / name
    by_hand = f"{', '.join(SHA256[name])} from {ADDRESSES[name]}"
    for file, sha256 in SHA256[name].items():
        fetch(name, ADDRESSES[name] + file, f"sha256:{sha256}", folder / file, by_hand, "data.load('digits')")
    read = arrays.load_idx(folder)
    return {"train": read.train, "validation": read.validation, "test": read.test}


def fetch(name: str, address: str, known_hash: str, path: Path, by_hand: str, works_now: str) -> None:
    """Have a file at `path`: verify the one that is there, or download it, and keep it only if it is the right one.

    A wrong file in the cache is replaced; outside the cache nothing is written. For the message, `by_hand` says which
    files from where a reader without network can put beside `path`, and `works_now` what can be used instead.

    Raises
    ------
    ConnectionError
        If the network does not give the file.
    ValueError
        If it gives another file than the one with `known_hash`, such as "sha256:440f...".
    """
    pooch = cache.quiet_pooch()
    import requests

    pooch.get_logger().setLevel("WARNING")
    ours = path.is_relative_to(cache.folder())
    registry, urls = {path.name: known_hash}, {path.name: address}
    if not path.exists():
        print(f"Downloading {address} ...")
    try:
        pooch.create(path.parent, "", registry=registry, urls=urls, allow_updates=ours).fetch(path.name)
    except (requests.RequestException, OSError) as error:
        raise ConnectionError(
            f"{name} could not be downloaded ({type(error).__name__}). {works_now} works with no network. "
            f"To have {name} without one, put {by_hand} into {path.parent}"
        ) from error
    except ValueError as error:
        what = f"{address} to give" if ours else f"{path} to be"
        raise ValueError(
            f"{name}: expected {what} the file with {known_hash}, got another file. Nothing was kept. "
            f"{works_now} works with no network."
        ) from error
