"""The folder of all cached blocks: how much is in it, who uses what, and what goes when it is full.

    <key, 64 hex>/
        manifest.json        what it is of, in words
        00000012.frames      a block
        .in-use              locked by every process that has the folder in use; its time is the
                             last use
        .00000013.frames.partial   a block that is being made

What is in use is never deleted to make room: a run whose blocks do not all fit keeps those that do,
rather than deleting each just before its turn comes round again. Deleting a file is safe anyhow:
who has read or mapped it keeps it.
"""

import fcntl
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from eventstore.cache.manifest import Manifest, read_manifest

IN_USE = ".in-use"

MAX_BYTES = 20 << 30
"""The bound where none is given."""

SUFFIXES = (".frames", ".events")

CHECKS = 64
"""The size of the folder is looked at whenever a part of that many of its bound was written."""

SPARE = 16
"""A part of that many stays free: what others write between two looks, up to four of them."""

PAUSE_S = 10.0
"""For so long nothing is put into a folder that was found full of what is in use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The blocks of one key.

    Args:
        folder: where they are; its name is the key.
        n_blocks: how many there are.
        n_bytes: what they take up.
        last_used: when they were used last, in seconds since 1970.
        in_use: a process uses them now.
        manifest: what they are of; None where that cannot be read.
    """

    folder: Path
    n_blocks: int
    n_bytes: int
    last_used: float
    in_use: bool
    manifest: Manifest | None


class Room:
    """A bounded folder; safe to share between threads and processes.

    Args:
        folder: the folder; made when something is put into it.
        max_bytes: how much may be in it.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.folder = folder
        self.max_bytes = max_bytes
        self._lock = threading.Lock()
        self._total = 0
        self._unseen = max_bytes  # look at what is there already, at the first write
        self._full_until = 0.0

    def take(self, n_bytes: int) -> bool:
        """Say whether so much may be put in, after making room where that is needed."""
        limit = self.max_bytes - self.max_bytes // SPARE
        with self._lock:
            if time.monotonic() < self._full_until:
                return False
            if self._unseen >= max(1, self.max_bytes // CHECKS):
                self._total, self._unseen = sum(size for _, size in self._blocks()), 0
            if self._total + n_bytes > limit:
                self._total = self._evict(limit * 9 // 10 - n_bytes)
            if self._total + n_bytes > limit:
                self._full_until = time.monotonic() + PAUSE_S
                return False
            self._total += n_bytes
            self._unseen += n_bytes
            return True

    def kept(self) -> list[Kept]:
        """Return what is in the folder, the last used first."""
        found = []
        for folder in _subfolders(self.folder):
            sizes = [size for _, size in _blocks(folder)]
            with _exclusive(folder) as unused:
                in_use = not unused
            kept = Kept(
                folder=folder,
                n_blocks=len(sizes),
                n_bytes=sum(sizes),
                last_used=_last_used(folder),
                in_use=in_use,
                manifest=read_manifest(folder),
            )
            found.append(kept)
        return sorted(found, key=lambda kept: -kept.last_used)

    def clear(self, folder: Path) -> int:
        """Delete the blocks of a key, also those in use; return the bytes freed.

        A process that has them in use goes on with what it has read, and makes the others anew.
        """
        with _exclusive(folder) as unused:
            freed = _delete_blocks(folder, None)
            if unused:
                shutil.rmtree(folder, ignore_errors=True)
        return freed

    def _blocks(self) -> Iterator[tuple[Path, int]]:
        for folder in _subfolders(self.folder):
            yield from _blocks(folder)

    def _evict(self, goal: int) -> int:
        """Delete blocks of keys not in use, the least recently used first; return what is left."""
        total = sum(size for _, size in self._blocks())
        for folder in sorted(_subfolders(self.folder), key=_last_used):
            if total <= goal:
                break
            with _exclusive(folder) as unused:
                if unused:
                    total -= _delete_blocks(folder, total - goal)
                    if not any(_blocks(folder)):
                        shutil.rmtree(folder, ignore_errors=True)
        return total


def default_folder() -> Path:
    """Return the folder of the user's own cache.

    Examples:
        >>> default_folder().name
        'frames'
    """
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "spikelake" / "frames"


def use(folder: Path) -> int | None:
    """Mark a key's folder as in use, made where it is absent; return a handle to close at the end.

    The kernel takes the mark back when the process ends, however it ends.

    Returns:
        None where there is no such folder and none can be made.

    Examples:
        >>> from tempfile import mkdtemp
        >>> root = Path(mkdtemp())
        >>> handle = use(root / ("ab" * 32))
        >>> Room(root, 1 << 20).kept()[0].in_use
        True
        >>> os.close(handle)
        >>> Room(root, 1 << 20).kept()[0].in_use
        False
    """
    mark = folder / IN_USE
    while True:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(mark, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:
            continue  # it was deleted just now
        except OSError:
            return _use_as_it_is(mark)
        fcntl.flock(handle, fcntl.LOCK_SH)
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), mark.stat()):
                touch(handle)
                return handle
        os.close(handle)


def touch(handle: int) -> None:
    """Note that a folder is used now, by the handle that `use` returned."""
    with suppress(OSError):
        os.utime(handle)


def _use_as_it_is(mark: Path) -> int | None:
    """Mark a folder that may only be read."""
    with suppress(OSError):
        handle = os.open(mark, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(handle, fcntl.LOCK_SH)
        return handle
    return None


@contextmanager
def _exclusive(folder: Path) -> Iterator[bool]:
    """Keep others from beginning to use a folder; False where some use it already."""
    try:
        handle = os.open(folder / IN_USE, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        yield True  # nobody can have marked it
        return
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True
    finally:
        os.close(handle)


def _subfolders(root: Path) -> list[Path]:
    try:
        return [path for path in root.iterdir() if len(path.name) == 64 and path.is_dir()]
    except OSError:
        return []


def _blocks(folder: Path) -> Iterator[tuple[Path, int]]:
    """Yield a key's blocks and the bytes each takes up on the disk."""
    with suppress(OSError), os.scandir(folder) as found:
        for item in found:
            if item.name.endswith(SUFFIXES):
                with suppress(OSError):
                    yield Path(item.path), -(-item.stat().st_size // 4096) * 4096


def _delete_blocks(folder: Path, at_least: int | None) -> int:
    """Delete a key's blocks, all or until so many bytes are freed; return how many were."""
    freed = 0
    for path, size in sorted(_blocks(folder), reverse=True):
        if at_least is not None and freed >= at_least:
            break
        with suppress(OSError):
            path.unlink()
            freed += size
    return freed


def _last_used(folder: Path) -> float:
    for path in (folder / IN_USE, folder):
        with suppress(OSError):
            return path.stat().st_mtime
    return 0.0
