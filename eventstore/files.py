"""Where a store's bytes come from: a folder, or a map of keys to files that may be elsewhere.

Content that is known but not here is an error with the command that fetches it, never zeros.
"""

import mmap
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

from eventstore.errors import MissingContent


@runtime_checkable
class Files(Protocol):
    """Read access to the files of one store, by key (``events/t/c/0``)."""

    def read(self, key: str) -> bytes:
        """Return the whole content of a small file."""
        ...

    def map(self, key: str) -> memoryview:
        """Return the content of a large file without reading it yet."""
        ...

    def where(self, key: str) -> str:
        """Return what to call the file in a message."""
        ...

    def has(self, key: str) -> bool:
        """Say whether the store has such a file, be its content here or not."""
        ...


class LocalFiles:
    """The files below a folder.

    Args:
        root: the store's folder.
        fetch_hint: what to tell a user whose copy lacks a file.

    Examples:
        >>> LocalFiles(Path("events.zarr")).where("events/t/c/0")
        'events.zarr/events/t/c/0'
    """

    def __init__(self, root: Path, *, fetch_hint: str = "") -> None:
        self.root = root
        self._fetch_hint = fetch_hint

    def read(self, key: str) -> bytes:
        """Return the whole content of a small file.

        Raises:
            MissingContent: the file is not there.
        """
        return _read(self.root / key, self._fetch_hint)

    def map(self, key: str) -> memoryview:
        """Return the content of a file, mapped into memory.

        Raises:
            MissingContent: the file is not there.
        """
        return _map(self.root / key, self._fetch_hint)

    def where(self, key: str) -> str:
        """Return the file's path."""
        return str(self.root / key)

    def has(self, key: str) -> bool:
        """Say whether there is such a file, or a link to content that is not here."""
        path = self.root / key
        return path.is_file() or path.is_symlink()


class MappedFiles:
    """Files named by a table ``key -> path or bytes``, such as any saved version of a store.

    Args:
        table: where each key's content lies; bytes are the content itself.
        name: what to call the store in messages.
        fetch_hint: the command that brings absent content here.

    Examples:
        >>> MappedFiles({"zarr.json": b"{}"}, name="nmnist@1.0.0").read("zarr.json")
        b'{}'
    """

    def __init__(
        self, table: Mapping[str, Path | bytes], *, name: str = "store", fetch_hint: str = ""
    ) -> None:
        self._table = dict(table)
        self._name = name
        self._fetch_hint = fetch_hint

    def read(self, key: str) -> bytes:
        """Return the whole content of a small file.

        Raises:
            MissingContent: the key is not in the table, or its file is not there.
        """
        content = self._content(key)
        return content if isinstance(content, bytes) else _read(content, self._fetch_hint)

    def map(self, key: str) -> memoryview:
        """Return the content of a file, mapped into memory.

        Raises:
            MissingContent: the key is not in the table, or its file is not there.
        """
        content = self._content(key)
        if isinstance(content, bytes):
            return memoryview(content)
        return _map(content, self._fetch_hint)

    def where(self, key: str) -> str:
        """Return ``store:key``, with the path that holds it."""
        content = self._table.get(key)
        return f"{self._name}:{key}" + (f" ({content})" if isinstance(content, Path) else "")

    def has(self, key: str) -> bool:
        """Say whether the key is in the table."""
        return key in self._table

    def _content(self, key: str) -> Path | bytes:
        if key not in self._table:
            message = f"{self._name} has no file {key}"
            raise MissingContent(message, hint="the version's file table is incomplete: verify it")
        return self._table[key]


def _read(path: Path, fetch_hint: str) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise _missing(path, fetch_hint) from None


def _map(path: Path, fetch_hint: str) -> memoryview:
    try:
        with path.open("rb") as file:
            if not path.stat().st_size:
                return memoryview(b"")
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (FileNotFoundError, NotADirectoryError):
        raise _missing(path, fetch_hint) from None


def fetch_command(path: Path) -> str:
    """Return the command that fetches an annexed file, from whatever folder it is run.

    Examples:
        >>> fetch_command(Path("clone/events.zarr/events/t/c/0"))
        'git -C clone/events.zarr/events/t/c annex get 0'
    """
    return f"git -C {shlex.quote(str(path.parent))} annex get {shlex.quote(path.name)}"


def _missing(path: Path, fetch_hint: str) -> MissingContent:
    if path.is_symlink():
        message = f"the content of {path} is not on this machine"
        return MissingContent(message, hint=fetch_hint or fetch_command(path))
    message = f"{path} is not there, though the store's metadata counts on it"
    return MissingContent(message, hint=fetch_hint or "restore the file from another copy")
