"""A folder that keeps ranges of remote files: bounded, shared by processes, never trusted.

    <2 hex>/<62 hex>.data   a sparse file: each range at its own offset
    <2 hex>/<62 hex>.log    a record a range: start u64, stop u64, crc32c of the bytes u32,
                            crc32c of the record u32; little-endian, only ever appended to

The name is the sha256 of the file's URL and of the tag that changes with its content: a changed
file has another name. Bytes are written before the record that counts on them, of the records of a
range the last counts, and every read checks the bytes by it; what is torn, damaged or half deleted
is fetched anew.
"""

import contextlib
import hashlib
import os
import struct
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import google_crc32c

from eventstore.errors import InvalidInput

RECORD = struct.Struct("<QQII")

KEPT = 64
"""Files whose records are kept in memory."""

TOUCH_S = 60.0
"""A file in use is marked as used at most this often."""

CHECKS = 64
"""The size of the folder is looked at whenever a part of that many of its bound was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheConfig:
    """Where ranges of remote files are kept, and how many of them.

    Args:
        folder: the folder; ``spikelake/ranges`` below the user's cache folder where absent
            (``$XDG_CACHE_HOME``, or ``~/.cache``).
        max_bytes: when there are more, the files that were not used for longest go.

    Raises:
        InvalidInput: the bound is negative.

    Examples:
        >>> CacheConfig(folder=Path("ranges"), max_bytes=1 << 30).place()
        PosixPath('ranges')
    """

    folder: Path | None = None
    max_bytes: int = 10 << 30

    def __post_init__(self) -> None:
        if self.max_bytes < 0:
            message = f"a cache of {self.max_bytes} bytes"
            raise InvalidInput(message, hint="give a bound of 0 or more bytes, or cache=None")

    def place(self) -> Path:
        """Return the folder."""
        if self.folder is not None:
            return self.folder
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(home) / "spikelake" / "ranges"


class RangeCache:
    """Ranges of remote files in a folder; safe to share between threads and processes.

    It never fails a read: where the folder cannot be written to, nothing is kept.

    Args:
        config: where, and how many.

    Examples:
        >>> from tempfile import mkdtemp
        >>> cache = RangeCache(CacheConfig(folder=Path(mkdtemp())))
        >>> cache.put("s3://b/a etag-1", {(4, 6): b"45"})
        >>> cache.get("s3://b/a etag-1", [(4, 6), (0, 1)]), cache.get("s3://b/a etag-2", [(4, 6)])
        ({(4, 6): b'45'}, {})
    """

    def __init__(self, config: CacheConfig) -> None:
        self._config = config
        self._folder = config.place()
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._lock = threading.Lock()
        self._unchecked = config.max_bytes  # look at what is there already, at the first write

    def __reduce__(self) -> tuple[type["RangeCache"], tuple[CacheConfig]]:
        """Send the place and the bound to another process."""
        return RangeCache, (self._config,)

    def get(self, name: str, spans: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """Return those ranges of a file that are kept and whole.

        Args:
            name: the file's URL and tag.
            spans: first byte of each range, and the byte after its last.
        """
        return self._entry(name).get(spans)

    def put(self, name: str, parts: Mapping[tuple[int, int], bytes | memoryview]) -> None:
        """Keep ranges of a file.

        Args:
            name: the file's URL and tag.
            parts: the bytes of each range.
        """
        if self._entry(name).put(parts):
            with self._lock:
                self._unchecked += sum(map(len, parts.values()))
                due = self._unchecked >= max(1, self._config.max_bytes // CHECKS)
                self._unchecked = 0 if due else self._unchecked
            if due:
                self.evict()

    def forget(self, name: str, span: tuple[int, int]) -> None:
        """Forget one range of a file, until it is kept anew.

        Args:
            name: the file's URL and tag.
            span: first byte of the range, and the byte after its last.
        """
        self._entry(name).forget(span)

    def evict(self) -> None:
        """Delete the files that were not used for longest, down to nine tenths of the bound."""
        found = sorted(_files(self._folder), reverse=True)
        room = self._config.max_bytes
        if sum(size for _, size, _ in found) <= room:
            return
        room = room * 9 // 10
        for _, size, log in found:
            room -= size
            if room < 0:
                _delete(log)

    def _entry(self, name: str) -> "_Entry":
        with self._lock:
            entry = self._entries.get(name)
            if entry is None:
                digest = hashlib.sha256(name.encode()).hexdigest()
                entry = _Entry(self._folder / digest[:2] / digest[2:])
                self._entries[name] = entry
            self._entries.move_to_end(name)
            if len(self._entries) > KEPT:
                self._entries.popitem(last=False)
            return entry


class _Entry:
    """What is kept of one file."""

    def __init__(self, stem: Path) -> None:
        self._data = stem.with_suffix(".data")
        self._log = stem.with_suffix(".log")
        self._crcs: dict[tuple[int, int], int] = {}
        self._read = 0
        self._touched = 0.0
        self._lock = threading.Lock()

    def get(self, spans: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """Return the ranges that are kept and whole."""
        with self._lock:
            self._refresh()
            crcs = {span: self._crcs[span] for span in spans if span in self._crcs}
        found: dict[tuple[int, int], bytes] = {}
        with contextlib.suppress(OSError), _opened(self._data, os.O_RDONLY) as data:
            for (start, stop), crc in crcs.items():
                part = os.pread(data, stop - start, start)
                if len(part) == stop - start and google_crc32c.value(part) == crc:
                    found[start, stop] = part
            self._touch()
        return found

    def forget(self, span: tuple[int, int]) -> None:
        """Forget a range: by a record that does not fit its bytes, until one comes that does."""
        with self._lock, contextlib.suppress(OSError):
            self._refresh()
            if span in self._crcs:
                self._append([_record(*span, ~self._crcs[span] & 0xFFFFFFFF)])
                self._refresh()

    def put(self, parts: Mapping[tuple[int, int], bytes | memoryview]) -> bool:
        """Keep ranges; return whether they could be written."""
        records = []
        try:
            self._data.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _opened(self._data, os.O_WRONLY | os.O_CREAT) as data:
                for (start, stop), part in parts.items():
                    _write_all(data, memoryview(part), start)
                    records.append(_record(start, stop, google_crc32c.value(bytes(part))))
            self._append(records)
        except OSError:  # full, or not ours to write: the read has what it needs
            return False
        return True

    def _append(self, records: list[bytes]) -> None:
        with _opened(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND) as log:
            os.write(log, b"".join(records))

    def _refresh(self) -> None:
        """Take in the records that were appended since, by whatever process."""
        try:
            with _opened(self._log, os.O_RDONLY) as log:
                size = os.fstat(log).st_size
                if size < self._read:  # deleted and begun anew
                    self._crcs, self._read = {}, 0
                new = os.pread(log, size - self._read, self._read)
        except OSError:
            self._crcs, self._read = {}, 0
            return
        for at in range(0, len(new) - RECORD.size + 1, RECORD.size):
            start, stop, crc, own = RECORD.unpack_from(new, at)
            if google_crc32c.value(new[at : at + RECORD.size - 4]) != own:
                _delete(self._log)  # torn: what follows cannot be told apart
                self._crcs, self._read = {}, 0
                return
            self._crcs[start, stop] = crc
            self._read += RECORD.size

    def _touch(self) -> None:
        if time.monotonic() - self._touched > TOUCH_S:
            self._touched = time.monotonic()
            with contextlib.suppress(OSError):
                os.utime(self._log)


def _record(start: int, stop: int, crc: int) -> bytes:
    body: bytes = RECORD.pack(start, stop, crc, 0)[:-4]
    own: int = google_crc32c.value(body)
    return body + own.to_bytes(4, "little")


def _files(folder: Path) -> Iterator[tuple[float, int, Path]]:
    """Return when each file that is kept was last used, its bytes on the disk, and its log."""
    for data in folder.glob("??/*.data"):
        log = data.with_suffix(".log")
        with contextlib.suppress(OSError):
            size, used = data.stat().st_blocks * 512, data.stat().st_mtime
            with contextlib.suppress(OSError):
                used = max(used, log.stat().st_mtime)
            yield used, size, log


def _delete(log: Path) -> None:
    for path in (log, log.with_suffix(".data")):
        with contextlib.suppress(OSError):
            path.unlink()


def _write_all(handle: int, data: memoryview, at: int) -> None:
    while len(data):
        written = os.pwrite(handle, data, at)
        data, at = data[written:], at + written


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    handle = os.open(path, flags | os.O_CLOEXEC, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)
