"""Python reads this at its start where this folder is on its path: no socket leaves this machine.

It is how the tests prove, in every kernel too, that the course needs no network, and that no line of its own asks for
what a later release of a library will take away.
"""

import ipaddress
import socket
import sys
import warnings

_blocked = False


def block_network() -> None:
    """Refuse, from now on, every connection and name look-up beyond loopback."""
    global _blocked  # noqa: PLW0603
    if not _blocked:
        sys.addaudithook(_refuse)
        _blocked = True


def _refuse(event: str, arguments: tuple) -> None:
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # others are local: files and the like
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if host is not None and not _is_loopback(host):
        raise socket.gaierror(f"tests need no network, and something asked for {host}")


def _is_loopback(host: str) -> bool:
    if host in ("", "localhost", socket.gethostname()):
        return True
    try:
        return ipaddress.ip_address(host.split("%", maxsplit=1)[0]).is_loopback
    except ValueError:
        return False


def refuse_what_is_deprecated() -> None:
    """Make an error of each deprecation that a line of the course causes; others' lines are not ours to mend."""
    for category in (DeprecationWarning, PendingDeprecationWarning, FutureWarning):
        # __main__ is a notebook's cells, and the tools.
        warnings.filterwarnings("error", category=category, module=r"(course_utils|tools|__main__)(\.|$)")


block_network()
refuse_what_is_deprecated()
