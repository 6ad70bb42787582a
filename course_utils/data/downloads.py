"""MNIST and Fashion-MNIST: from the network on request, verified before any use."""

import hashlib
import sys
from pathlib import Path
from typing import NamedTuple

from . import cache, idx
from .record import DataSet


class Download(NamedTuple):
    """Where a data set's four IDX files lie, and their SHA-256."""

    address: str
    sha256: dict[str, str]
    megabytes: int
    class_names: tuple[str, ...]
    licence: str
    source: str


SETS = {
    "mnist": Download(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        {
            "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        },
        12,
        tuple("0123456789"),
        "CC BY-SA 3.0",
        "Y. LeCun, C. Cortes, C. Burges: MNIST",
    ),
    "fashion_mnist": Download(
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        {
            "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        },
        30,
        ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "trainer", "bag", "ankle boot"),
        "MIT",
        "H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST",
    ),
}


def is_here(name: str) -> bool:
    """Tell whether all files of a data set are in the cache."""
    return all((cache.folder() / name / file).is_file() for file in SETS[name].sha256)


def load(name: str) -> DataSet:
    """Load a data set, fetching what of it is not in the cache.

    Raises
    ------
    ConnectionError
        If files are missing and the network does not give them.
    ValueError
        If a file is not the one that was expected; it is left as it is, and not used.
    """
    wanted = SETS[name]
    folder = cache.folder() / name
    by_hand = f"{', '.join(wanted.sha256)} from {wanted.address}"
    for file, sha256 in wanted.sha256.items():
        path = folder / file
        if path.exists():
            verify(path, f"sha256:{sha256}")
        else:
            fetch(name, wanted.address + file, f"sha256:{sha256}", path, by_hand, "data.load('digits')")
    read = idx.load(folder)
    return DataSet(name, read.train, read.validation, read.test, wanted.class_names, wanted.licence, wanted.source)


def verify(path: Path, known_hash: str) -> None:
    """Refuse a file that is not the one with `known_hash`, such as "sha256:440f...", and leave it as it is."""
    kind, expected = known_hash.split(":")
    with open(path, "rb") as file:
        found = hashlib.file_digest(file, kind).hexdigest()
    if found != expected:
        raise ValueError(
            f"{path}: expected the file with {_spoken(kind)} {expected}, got one with {found}. "
            f"Delete it to have it fetched again, or put the right one in its place."
        )


def fetch(name: str, address: str, known_hash: str, path: Path, by_hand: str, works_now: str) -> None:
    """Download one file beside its place, verify it, and only then move it there.

    Parameters
    ----------
    name : str
        What the reader asked for.
    address, known_hash : str
        Of the file; the hash with its kind, such as "sha256:440f...".
    path : Path
        Where it goes.
    by_hand : str
        Which files from where a reader without network would put beside `path`.
    works_now : str
        What the reader can use instead at once.
    """
    import requests
    from tqdm import tqdm

    pooch = cache.pooch()
    pooch.get_logger().setLevel("WARNING")
    # On stdout: in a notebook, stderr means that something is wrong.
    bar = tqdm(total=0, desc=path.name, unit="B", unit_scale=True, leave=False, file=sys.stdout)
    downloader = pooch.HTTPDownloader(timeout=30, progressbar=bar)
    try:
        pooch.retrieve(address, known_hash, fname=path.name, path=path.parent, downloader=downloader)
    except (requests.RequestException, OSError) as error:
        raise ConnectionError(
            f"{name} could not be fetched ({type(error).__name__}). {works_now} works with no network. "
            f"To have {name} without one, put {by_hand} into {path.parent}"
        ) from error
    except ValueError as error:  # pooch: the hash of what came is wrong
        kind, expected = known_hash.split(":")
        raise ValueError(
            f"{name}: expected {address} to have {_spoken(kind)} {expected}, got another file. Nothing was kept. "
            f"{works_now} works with no network."
        ) from error
    finally:
        bar.close()


def _spoken(kind: str) -> str:
    return {"sha256": "SHA-256", "md5": "MD5"}[kind]
