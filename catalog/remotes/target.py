"""A place that versions can be published to."""

import hashlib
from pathlib import Path
from typing import Protocol

from eventstore.digest import sha256_file
from eventstore.errors import AlreadyExists, Conflict


class Target(Protocol):
    """Files below a folder or URL, written whole or not at all."""

    @property
    def url(self) -> str:
        """Where it is."""

    @property
    def at_once(self) -> int:
        """How many files to write at the same time."""

    def read(self, path: str) -> bytes | None:
        """Return a file's content; None where there is none."""

    def sizes(self) -> dict[str, int]:
        """Return the size of every file, by path."""

    def holds(self, path: str, source: Path | bytes) -> bool:
        """Say whether a file is there with this very content; where in doubt, no."""

    def same(self, path: str, other: str) -> bool:
        """Say whether two files over there have the same content; where in doubt, no."""

    def put(self, path: str, source: Path | bytes) -> None:
        """Write a file, replacing what is there."""

    def put_once(self, path: str, data: bytes) -> None:
        """Write a file that is not there yet.

        Raises:
            AlreadyExists: it is there.
        """

    def swap(self, path: str, data: bytes, expected: bytes | None) -> None:
        """Replace a file, if it still is what is expected; None where there was none.

        Raises:
            Conflict: it was changed meanwhile.
        """

    def copy(self, source: str, path: str) -> None:
        """Copy a file over there, replacing what is there."""

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""


def content_of(source: Path | bytes) -> bytes:
    """Return bytes, read from the file where they are in one."""
    return source if isinstance(source, bytes) else source.read_bytes()


def size_of(source: Path | bytes) -> int:
    """Return how many bytes there are."""
    return len(source) if isinstance(source, bytes) else source.stat().st_size


def sha256_of(source: Path | bytes) -> str:
    """Return the sum of bytes, in hex."""
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    return sha256_file(source)


def there_already(url: str, path: str) -> AlreadyExists:
    """Return the error of a file that must not be there and is."""
    message = f"{url}/{path} is there already"
    return AlreadyExists(message, hint="a version is published once: save another one")


def changed_meanwhile(url: str, path: str) -> Conflict:
    """Return the error of a file that somebody else changed."""
    message = f"{url}/{path} was changed by somebody else meanwhile"
    return Conflict(message, hint="publish again: what is there already is not sent twice")
