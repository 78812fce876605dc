"""Put a new store in the place of an old one at once: a reader finds the one or the other.

    .<name>.next   the new store being made; after the exchange, the old one being deleted
    .<name>.old    the old one, for a moment, on file systems that cannot exchange two folders

Steps 1 to 3 have reached the disk before the next begins; the writer's lock is held throughout:

    1. the new store, whole, beside the old
    2. renameat2(RENAME_EXCHANGE) swaps their names
    3. the old one is deleted

A kill before step 2 leaves the old store and a heap of files that nobody looks at, one after it
the new store and such a heap: `recover_exchange`, called by every writer that opens the store,
deletes the heap. NFS and a few others know no exchange; there step 2 is two renames, and a kill
between them leaves the old store under its other name, which `standing_place` finds for readers
and the next writer puts back.
"""

import ctypes
import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from eventstore.durable import sync_folder
from eventstore.errors import Conflict

AT_FDCWD = -100
"""Paths are taken from the current folder; <linux/fcntl.h>."""

RENAME_EXCHANGE = 2
"""Of renameat2(2): swap the two; <linux/fs.h>."""

CANNOT = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)
"""What renameat2 answers where kernel or file system know no exchange."""


def next_place(path: Path) -> Path:
    """Return where a new store is made before it takes the place of the one at ``path``.

    Examples:
        >>> next_place(Path("data/events.zarr")).as_posix()
        'data/.events.zarr.next'
    """
    return path.with_name(f".{path.name}.next")


def old_place(path: Path) -> Path:
    """Return where the old store lies for a moment where folders cannot be exchanged.

    Examples:
        >>> old_place(Path("data/events.zarr")).as_posix()
        'data/.events.zarr.old'
    """
    return path.with_name(f".{path.name}.old")


def standing_place(path: Path) -> Path:
    """Return where the store of that path is to be read: there, or where a kill left it.

    Examples:
        >>> standing_place(Path("no-such.zarr")).as_posix()
        'no-such.zarr'
    """
    old = old_place(path)
    return old if not os.path.lexists(path) and old.is_dir() else path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a place to make a store in, which takes the place of the one at ``path`` at the end.

    Nothing need be at ``path`` yet. The caller holds the writer's lock of ``path`` and syncs what
    it writes but the ``zarr.json`` documents and folders, which are synced here. When the block
    raises, what it made is deleted and nothing has changed.

    Args:
        path: the store's folder, no link.

    Raises:
        Conflict: the new store stands, but the old one could not be deleted.
        OSError: the disk is full or refuses; what was there before still stands.

    Examples:
        >>> from tempfile import mkdtemp
        >>> path = Path(mkdtemp()) / "events.zarr"
        >>> path.mkdir()
        >>> with replacing(path) as new:
        ...     new.mkdir()
        ...     _ = (new / "zarr.json").write_text("{}")
        >>> [file.name for file in path.parent.rglob("*")]
        ['events.zarr', 'zarr.json']
    """
    new = next_place(path)
    recover_exchange(path)
    try:
        yield new
        _sync(new)
        _exchange(new, path)
    except BaseException:
        recover_exchange(path)
        raise
    sync_folder(path.parent)
    _delete_former(path)


def recover_exchange(path: Path) -> None:
    """Clear away what a killed rewrite left beside a store; the caller holds its writer's lock.

    What cannot be deleted stays for the next time: it is in nobody's way but that of a rewrite.

    Examples:
        >>> from tempfile import mkdtemp
        >>> path = Path(mkdtemp()) / "events.zarr"
        >>> next_place(path).mkdir()
        >>> recover_exchange(path)
        >>> list(path.parent.iterdir())
        []
    """
    standing = standing_place(path)
    if standing != path:
        standing.rename(path)
        sync_folder(path.parent)
    for left in (next_place(path), old_place(path)):
        if os.path.lexists(left):
            shutil.rmtree(left, ignore_errors=True)
            left.with_name(f".{left.name}.lock").unlink(missing_ok=True)


def _exchange(new: Path, path: Path) -> None:
    """Swap the folders, or move the new one there where nothing is."""
    if not os.path.lexists(path):
        new.rename(path)
    elif not _exchange_at_once(new, path):
        old = old_place(path)
        path.rename(old)
        new.rename(path)


def _delete_former(path: Path) -> None:
    for former in (next_place(path), old_place(path)):
        if os.path.lexists(former):
            try:
                shutil.rmtree(former)
            except OSError as error:
                message = f"{path} is new, but the former store could not be deleted: {error}"
                hint = f"close what still reads it, then: rm -r {former}"
                raise Conflict(message, hint=hint) from error
            sync_folder(path.parent)


@cache
def _renameat2() -> Callable[..., int] | None:
    return getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)


def _exchange_at_once(a: Path, b: Path) -> bool:
    """Exchange two folders; False where the system cannot, and nothing has changed."""
    rename = _renameat2()
    if rename is None:
        return False
    if rename(AT_FDCWD, os.fsencode(a), AT_FDCWD, os.fsencode(b), RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in CANNOT:
        return False
    raise OSError(code, os.strerror(code), str(b))


def _sync(folder: Path) -> None:
    """Wait until the documents, which writers do not wait for, and all folders are on the disk."""
    for place, _, files in os.walk(folder):
        if "zarr.json" in files:
            _sync_file(Path(place, "zarr.json"))
        sync_folder(Path(place))


def _sync_file(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
