"""Where a store's bytes come from: a folder, or a map of keys to files that may be elsewhere.

Content that is known but not here is an error with the command that fetches it, never zeros.
"""

import os
import shlex
import stat
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn, Protocol, TypeAlias, runtime_checkable

from eventstore.errors import InvalidInput, MissingContent
from eventstore.files_mapped import Maps

ByteRange: TypeAlias = tuple[str, int, int | None]
"""Key, start and stop of some bytes, with the meaning that they have in a slice: a negative number
counts from the file's end, None is the end, and what lies past the end is left out."""


@runtime_checkable
class Files(Protocol):
    """Read access to the files of one store, by key (``events/t/c/0``); shared between threads."""

    @property
    def remote(self) -> bool:
        """Whether each call that reads costs a round trip, so that fewer bytes are worth more."""
        ...

    def read(self, key: str) -> bytes:
        """Return the whole content of a file.

        Raises:
            MissingContent: the file is not there.
        """
        return bytes(self.read_ranges([(key, 0, None)])[0])

    def read_range(self, key: str, start: int, stop: int | None) -> memoryview:
        """Return a part of a file; see `ByteRange`.

        Raises:
            MissingContent: the file is not there.
        """
        return self.read_ranges([(key, start, stop)])[0]

    def read_ranges(self, ranges: Sequence[ByteRange]) -> list[memoryview]:
        """Return parts of any files, in one round trip for all of them.

        Raises:
            MissingContent: one of the files is not there.
        """
        ...

    def map(self, key: str) -> memoryview:
        """Return the whole content of a file, as `read_range` does."""
        return self.read_range(key, 0, None)

    def size(self, key: str) -> int:
        """Return the size of a file in bytes.

        Raises:
            MissingContent: the file is not there.
        """
        ...

    def where(self, key: str) -> str:
        """Return what to call the file in a message."""
        ...

    def has(self, key: str) -> bool:
        """Say whether the store has such a file, be its content here or not."""
        ...

    def forget(self, ranges: Sequence[ByteRange]) -> None:
        """Read these bytes anew next time: those that were read are not what they ought to be."""
        del ranges  # most keep nothing

    def close(self) -> None:
        """Let go of what is open; bytes that were read stay valid."""
        ...


class LocalFiles(Files):
    """The files below a folder as it is now, whatever later takes the folder's name.

    Every file is opened relative to the folder that was there when this was made. A rewrite that
    puts another folder in its place is never seen: what was not read before it raises.

    Args:
        root: the store's folder.
        fetch_hint: what to tell a user whose copy lacks a file.

    Examples:
        >>> LocalFiles(Path("events.zarr")).where("events/t/c/0")
        'events.zarr/events/t/c/0'
    """

    remote = False

    def __init__(self, root: Path, *, fetch_hint: str = "") -> None:
        self.root = root
        self._fetch_hint = fetch_hint
        self._absolute = root.absolute()
        self._maps = Maps()
        self._folder = _open_folder(root)
        self._is_closed = False
        folders = [] if self._folder is None else [self._folder]
        self._release = weakref.finalize(self, _close_all, folders)

    def read_range(self, key: str, start: int, stop: int | None) -> memoryview:
        """Return a part of a file, mapped into memory.

        Raises:
            MissingContent: the file is not there, or the store was rewritten meanwhile.
        """
        return self._content(key)[start:stop]

    def read_ranges(self, ranges: Sequence[ByteRange]) -> list[memoryview]:
        """Return parts of files, mapped into memory.

        Raises:
            MissingContent: a file is not there, or the store was rewritten meanwhile.
        """
        return [self._content(key)[start:stop] for key, start, stop in ranges]

    def size(self, key: str) -> int:
        """Return the size of a file in bytes.

        Raises:
            MissingContent: the file is not there, or the store was rewritten meanwhile.
        """
        return len(self._content(key))

    def where(self, key: str) -> str:
        """Return the file's path."""
        return str(self.root / key)

    def has(self, key: str) -> bool:
        """Say whether there is such a file, or a link to content that is not here."""
        mode = self._mode(key)
        return stat.S_ISREG(mode) or stat.S_ISLNK(mode)

    def close(self) -> None:
        """Let go of the folder and of all mapped files; reading from now on is refused."""
        self._is_closed = True
        self._maps.clear()
        self._release()

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: another process would open the folder as it is then."""
        message = f"the open files of {self.root} cannot be sent to another process"
        raise InvalidInput(message, hint="send the path, and open the store there")

    def _content(self, key: str) -> memoryview:
        found = self._maps.get(key)
        return self._maps.add(key, self._open(key)) if found is None else found

    def _open(self, key: str) -> int:
        """Open a file below the folder that was there at first."""
        try:
            return os.open(key, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._handle())
        except (FileNotFoundError, NotADirectoryError):
            pass
        if self._was_replaced():
            message = f"{self.root} was rewritten since it was opened, and {key} went with it"
            raise MissingContent(message, hint="the store was rewritten: open it again")
        raise _missing(self.root / key, stat.S_ISLNK(self._mode(key)), self._fetch_hint)

    def _mode(self, key: str) -> int:
        """Return the kind of file of an entry, its link not followed; 0 where there is none."""
        try:
            return os.stat(key, dir_fd=self._handle(), follow_symlinks=False).st_mode
        except (FileNotFoundError, NotADirectoryError):
            return 0

    def _handle(self) -> int:
        if self._is_closed:
            message = f"the store at {self.root} is closed"
            raise InvalidInput(message, hint="open it again")
        if self._folder is None:
            raise FileNotFoundError(self.root)
        return self._folder

    def _was_replaced(self) -> bool:
        """Say whether the folder's path leads elsewhere by now."""
        try:
            return not os.path.samestat(self._absolute.stat(), os.fstat(self._handle()))
        except OSError:
            return self._folder is not None


class MappedFiles(Files):
    """Files named by a table ``key -> path or bytes``, such as any saved version of a store.

    Args:
        table: where each key's content lies; bytes are the content itself.
        name: what to call the store in messages.
        fetch_hint: the command that brings absent content here.

    Examples:
        >>> MappedFiles({"zarr.json": b"{}"}, name="nmnist@1.0.0").read("zarr.json")
        b'{}'
    """

    remote = False

    def __init__(
        self, table: Mapping[str, Path | bytes], *, name: str = "store", fetch_hint: str = ""
    ) -> None:
        self._table = dict(table)
        self._name = name
        self._fetch_hint = fetch_hint
        self._maps = Maps()

    def read_ranges(self, ranges: Sequence[ByteRange]) -> list[memoryview]:
        """Return parts of files, mapped into memory.

        Raises:
            MissingContent: a key is not in the table, or its file is not there.
        """
        return [self._content(key)[start:stop] for key, start, stop in ranges]

    def size(self, key: str) -> int:
        """Return the size of a file in bytes.

        Raises:
            MissingContent: the key is not in the table, or its file is not there.
        """
        return len(self._content(key))

    def where(self, key: str) -> str:
        """Return ``store:key``, with the path that holds it."""
        content = self._table.get(key)
        return f"{self._name}:{key}" + (f" ({content})" if isinstance(content, Path) else "")

    def has(self, key: str) -> bool:
        """Say whether the key is in the table."""
        return key in self._table

    def close(self) -> None:
        """Let go of all mapped files; they are mapped again where they are asked for."""
        self._maps.clear()

    def _content(self, key: str) -> memoryview:
        content = self._table.get(key)
        if content is None:
            message = f"{self._name} has no file {key}"
            raise MissingContent(message, hint="the version's file table is incomplete: verify it")
        if isinstance(content, bytes):
            return memoryview(content)
        found = self._maps.get(key)
        return self._maps.add(key, self._open(content)) if found is None else found

    def _open(self, path: Path) -> int:
        try:
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            known = path.is_symlink() or bool(self._fetch_hint)  # there is a way to have it
            raise _missing(path, known, self._fetch_hint) from None


def fetch_command(path: Path) -> str:
    """Return the command that fetches an annexed file, from whatever folder it is run.

    Examples:
        >>> fetch_command(Path("clone/events.zarr/events/t/c/0"))
        'git -C clone/events.zarr/events/t/c annex get 0'
    """
    return f"git -C {shlex.quote(str(path.parent))} annex get {shlex.quote(path.name)}"


def _missing(path: Path, is_known: bool, fetch_hint: str) -> MissingContent:
    if is_known:
        message = f"the content of {path} is not on this machine"
        return MissingContent(message, hint=fetch_hint or fetch_command(path))
    message = f"{path} is not there, though the store's metadata counts on it"
    return MissingContent(message, hint=fetch_hint or "restore the file from another copy")


def _open_folder(root: Path) -> int | None:
    try:
        return os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _close_all(handles: list[int]) -> None:
    for handle in handles:
        os.close(handle)
