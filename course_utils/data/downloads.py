"""MNIST and Fashion-MNIST: downloaded on request, verified before any use."""

import sys
from pathlib import Path
from typing import NamedTuple

from . import arrays, cache
from .record import Part


class Download(NamedTuple):
    """The address of a data set's four IDX files, and their SHA-256."""

    address: str
    sha256: dict[str, str]


SETS = {
    "mnist": Download(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        {
            "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        },
    ),
    "fashion_mnist": Download(
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        {
            "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        },
    ),
}
CLOTHING = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "trainer", "bag", "ankle boot")


def is_here(name: str) -> bool:
    """Tell whether all files of a data set are in the cache."""
    return all((cache.folder() / name / file).is_file() for file in SETS[name].sha256)


def load(name: str) -> dict[str, Part]:
    """Load a data set, downloading what of it is not in the cache."""
    wanted = SETS[name]
    by_hand = f"{', '.join(wanted.sha256)} from {wanted.address}"
    for file, sha256 in wanted.sha256.items():
        path = cache.folder() / name / file
        fetch(name, wanted.address + file, f"sha256:{sha256}", path, by_hand, "data.load('digits')")
    read = arrays.load_idx(cache.folder() / name)
    return {"train": read.train, "validation": read.validation, "test": read.test}


def fetch(name: str, address: str, known_hash: str, path: Path, by_hand: str, works_now: str) -> None:
    """Have a file at `path`: verify the one that is there, or download it, and keep it only if it is the right one.

    Parameters
    ----------
    name : str
        What the reader asked for.
    known_hash : str
        With its kind, such as "sha256:440f...".
    by_hand : str
        Which files from where a reader without network would put beside `path`.
    works_now : str
        What the reader can use instead.

    Raises
    ------
    ConnectionError
        If the network does not give the file.
    ValueError
        If it gives another file, or another one is there outside the cache, where nothing is written.
    """
    import pooch
    import requests
    from tqdm import tqdm

    pooch.get_logger().setLevel("WARNING")
    ours = path.is_relative_to(cache.folder())
    store = pooch.create(
        path.parent, "", registry={path.name: known_hash}, urls={path.name: address}, allow_updates=ours
    )
    # On stdout: in a notebook, stderr means that something is wrong.
    bar = tqdm(total=0, desc=path.name, unit="B", unit_scale=True, leave=False, file=sys.stdout)
    try:
        store.fetch(path.name, downloader=pooch.HTTPDownloader(timeout=30, progressbar=bar))
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
    finally:
        bar.close()
