"""Who may ask the viewer: its token, the names it answers to, and how large a question may be."""

import hmac
import secrets
from dataclasses import dataclass

from eventstore.errors import InvalidInput

TOKEN_BYTES = 32
"""Of chance in a token."""

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
"""Names of this machine itself, as a browser writes them."""

EVERY_ADDRESS = ("0.0.0.0", "::")
"""What stands for all addresses of a machine, and is the name of none."""

MAX_QUERY = 4_096
"""Bytes of a query, which names a recording and an expression at most."""

MAX_BODY = 256 * 1024
"""Bytes of a body: some thousand corrections of labels."""

MAX_HEADERS = 16 * 1024
"""Bytes of all headers of a question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may ask.

    Args:
        token: what a question for data must carry.
        hosts: names, with their port, that the server answers to.
        edit: whether anything may be changed.

    Examples:
        >>> access = Access(token=new_token(), hosts=known_hosts("127.0.0.1", 8377))
        >>> access.knows_host("localhost:8377"), access.knows_host("evil.example:8377")
        (True, False)
        >>> access.knows_origin("http://localhost:8377"), access.knows_origin("null")
        (True, False)
    """

    token: str
    hosts: frozenset[str]
    edit: bool = False

    def __post_init__(self) -> None:
        if len(self.token) < TOKEN_BYTES:
            message = f"a token of {len(self.token)} letters can be guessed"
            raise InvalidInput(message, hint="take catalog.viewer.access.new_token()")

    def knows_host(self, host: str) -> bool:
        """Say whether a question was meant for this server.

        A page of elsewhere whose name was pointed at this machine (DNS rebinding) sends its own.
        """
        return host.lower() in self.hosts

    def knows_origin(self, origin: str) -> bool:
        """Say whether a page that asks was loaded from this server."""
        scheme, _, host = origin.partition("://")
        return scheme in {"http", "https"} and self.knows_host(host)

    def admits(self, authorization: str) -> bool:
        """Say whether a question carries the token; takes as long for each wrong one."""
        scheme, _, token = authorization.partition(" ")
        given = token.strip().encode("utf-8", "replace")
        return hmac.compare_digest(given, self.token.encode()) and scheme.lower() == "bearer"


def new_token() -> str:
    """Return a token that nobody can guess.

    Examples:
        >>> len(new_token()) > 40, new_token() == new_token()
        (True, False)
    """
    return secrets.token_urlsafe(TOKEN_BYTES)


def known_hosts(host: str, port: int, more: tuple[str, ...] = ()) -> frozenset[str]:
    """Return the names that a server on an address answers to.

    Args:
        host: the address that it listens on.
        port: its port.
        more: further names, such as that of a proxy or a tunnel, with a port where it is another.

    Raises:
        InvalidInput: a name holds what no name may.

    Examples:
        >>> sorted(known_hosts("10.0.0.7", 9, ("lab.example",)))
        ['10.0.0.7:9', 'lab.example:9']
    """
    named = [f"[{host}]" if ":" in host else host, *more]
    for name in named:
        if not name or set(name) - _LETTERS:
            message = f"{name!r} is no name of a host"
            raise InvalidInput(message, hint="write HOST or HOST:PORT, such as lab.example:8377")
    if is_loopback(host) or host in EVERY_ADDRESS:
        named += LOOPBACK
    found = {name.lower() if has_port(name) else f"{name.lower()}:{port}" for name in named}
    if port in {80, 443}:  # browsers leave these out
        found |= {name.rpartition(":")[0] for name in found}
    return frozenset(found)


def is_loopback(host: str) -> bool:
    """Say whether nobody but this machine reaches an address.

    Examples:
        >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0")
        (True, False)
    """
    return host in {"localhost", "::1"} or host.startswith("127.")


_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]")


def has_port(name: str) -> bool:
    """Say whether a name of a host ends in a port.

    Examples:
        >>> has_port("lab.example:80"), has_port("[::1]")
        (True, False)
    """
    return name.rpartition(":")[2].isdecimal() and not name.endswith("]")
