"""Run the viewer: take an address, say which, answer until interrupted."""

import errno
import socket
from dataclasses import dataclass
from typing import Any, Self

from catalog.viewer.access import (
    EVERY_ADDRESS,
    Access,
    has_port,
    is_loopback,
    known_hosts,
    new_token,
)
from catalog.viewer.shown import Shown
from eventstore.errors import AlreadyExists, InvalidInput

DEFAULT_PORT = 8377

MAX_CONNECTIONS = 64
"""Questions that are open at once; more are told to come again."""

_SETTINGS: dict[str, Any] = {
    "http": "h11",
    "ws": "none",
    "lifespan": "off",
    "log_level": "error",
    "access_log": False,
    "server_header": False,
    "proxy_headers": False,
    "limit_concurrency": MAX_CONNECTIONS,
    "timeout_keep_alive": 15,
    "timeout_graceful_shutdown": 2,
    "h11_max_incomplete_event_size": 32 * 1024,
}
"""Of uvicorn: no guess at what a proxy says, no sockets, no name of the server."""

BACKLOG = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the viewer listens, and how it may be used.

    Args:
        host: address of this machine; others reach it only where it is no loopback.
        port: its port; any that is free where 0.
        more_hosts: further names that it is reached by, such as a tunnel's.
        edit: whether labels may be changed.
    """

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    more_hosts: tuple[str, ...] = ()
    edit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A viewer that listens.

    Args:
        url: what to open in a browser; the token stands behind ``#``, which browsers keep to
            themselves.
        public: whether other machines can reach it.
    """

    url: str
    public: bool


class Server:
    """The viewer of a dataset, listening; in a ``with`` block.

    Args:
        shown: the dataset.
        address: where it listens.

    Raises:
        AlreadyExists: something else listens on the port.
        InvalidInput: the address is none of this machine, or what is shown cannot be edited.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> with Server(Shown(tiny_dataset()), Address(port=0)) as server:
        ...     server.opened.url.startswith("http://127.0.0.1:"), server.opened.public
        (True, False)
    """

    def __init__(self, shown: Shown, address: Address) -> None:
        import uvicorn

        from catalog.viewer.application import application

        if address.edit and not shown.is_draft:
            message = "a saved version never changes"
            hint = "name the dataset without a version, or leave --edit out"
            raise InvalidInput(message, hint=hint)
        self._listener = listen(address)
        port = int(self._listener.getsockname()[1])
        hosts = known_hosts(address.host, port, address.more_hosts)
        access = Access(token=new_token(), hosts=hosts, edit=address.edit)
        url = f"http://{opened_by(address, port)}/#token={access.token}"
        self.opened = Opened(url=url, public=not is_loopback(address.host))
        app = application(shown, access)
        self._server = uvicorn.Server(uvicorn.Config(app, **_SETTINGS))

    def run(self) -> None:
        """Answer questions until interrupted, or told to stop."""
        self._server.run(sockets=[self._listener])

    def stop(self) -> None:
        """Let `run` return, from another thread."""
        self._server.should_exit = True

    def __enter__(self) -> Self:
        """Return the server itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Give the address back."""
        self._listener.close()


def opened_by(address: Address, port: int) -> str:
    """Return the name and port that a server is opened by.

    Examples:
        >>> opened_by(Address(host="0.0.0.0", more_hosts=("lab.example",)), 8377)
        'lab.example:8377'
    """
    host = f"[{address.host}]" if ":" in address.host else address.host
    if address.host in EVERY_ADDRESS:
        host = address.more_hosts[0] if address.more_hosts else "127.0.0.1"
    return host if has_port(host) else f"{host}:{port}"


def listen(address: Address) -> socket.socket:
    """Take the address; questions wait until they are answered.

    Raises:
        AlreadyExists: something else listens on the port.
        InvalidInput: the address is none of this machine.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((address.host, address.port))
        taken.listen(BACKLOG)
    except OSError as error:
        taken.close()
        raise _refused(address, error) from None
    return taken


def _refused(address: Address, error: OSError) -> AlreadyExists | InvalidInput:
    if error.errno == errno.EADDRINUSE:
        message = f"port {address.port} of {address.host} is taken"
        return AlreadyExists(message, hint="give another, or --port 0 for any that is free")
    message = f"cannot listen on {address.host}:{address.port}: {error.strerror or error}"
    return InvalidInput(message, hint="give an address of this machine, such as 127.0.0.1")
