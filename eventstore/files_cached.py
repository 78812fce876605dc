"""Remote files read through a local cache: what was fetched once is read from the disk."""

from collections.abc import Sequence

from eventstore.files import ByteRange, Files
from eventstore.files_remote import RemoteFiles
from eventstore.range_cache import RangeCache
from eventstore.spans import within


class CachedFiles(Files):
    """Remote files, of which ranges that were read before come from a local folder.

    Each file's size and tag are still asked for once, so that a file that has changed since is
    never shown as it was; files of which the server tells no tag are not kept.

    Args:
        files: the remote files.
        cache: where ranges are kept.

    Examples:
        >>> import fsspec
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.range_cache import CacheConfig
        >>> fsspec.filesystem("memory").pipe("/tray/a", b"0123")
        >>> cache = RangeCache(CacheConfig(folder=Path(mkdtemp())))
        >>> CachedFiles(RemoteFiles("memory://tray"), cache).read("a")
        b'0123'
    """

    remote = True

    def __init__(self, files: RemoteFiles, cache: RangeCache) -> None:
        self._files = files
        self._cache = cache

    def read_ranges(self, ranges: Sequence[ByteRange]) -> list[memoryview]:
        """Return parts of files; those not kept yet in one round trip.

        Raises:
            MissingContent: a file is not there, or the store was changed since it was opened.
            Unreachable: the server does not answer, breaks off each time, or refuses.
        """
        facts = self._files.facts(key for key, _, _ in ranges)
        wanted: dict[str, list[tuple[int, int]]] = {}
        for key, start, stop in ranges:
            wanted.setdefault(key, []).append(within(facts[key].size, start, stop))
        found: dict[tuple[str, int, int], bytes | memoryview] = {}
        for key, spans in wanted.items():
            if facts[key].tag:
                kept = self._cache.get(self._name(key), spans)
                found |= {(key, *span): data for span, data in kept.items()}
        missing = [
            (key, start, stop)
            for key, spans in wanted.items()
            for start, stop in dict.fromkeys(spans)
            if (key, start, stop) not in found
        ]
        fetched = dict(zip(missing, self._files.read_ranges(missing), strict=True))
        for key in dict.fromkeys(key for key, _, _ in missing):
            parts = {(a, b): data for (k, a, b), data in fetched.items() if k == key and b > a}
            if facts[key].tag and parts:
                self._cache.put(self._name(key), parts)
        found |= fetched
        return [
            memoryview(found[key, *within(facts[key].size, start, stop)])
            for key, start, stop in ranges
        ]

    def size(self, key: str) -> int:
        """Return the size of a file in bytes.

        Raises:
            MissingContent: the file is not there.
            Unreachable: the server does not answer, or refuses.
        """
        return self._files.size(key)

    def where(self, key: str) -> str:
        """Return the file's URL."""
        return self._files.where(key)

    def has(self, key: str) -> bool:
        """Say whether there is such a file, on the server."""
        return self._files.has(key)

    def forget(self, ranges: Sequence[ByteRange]) -> None:
        """Fetch these bytes anew next time: they may have been damaged on their way here."""
        for key, start, stop in ranges:
            size = self._files.size(key)
            self._cache.forget(self._name(key), within(size, start, stop))

    def close(self) -> None:
        """Let go of the remote files; what is kept stays kept."""
        self._files.close()

    def _name(self, key: str) -> str:
        return self._files.identity(key)
