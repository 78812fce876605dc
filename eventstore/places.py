"""Where the inner chunks of a column lie: as much of the indexes of its shards as was read.

A shard's index is read whole where that costs nothing, and its checksum is checked. From a remote
store only the 16-byte entries that are needed are read: a wrong entry leads to bytes whose own
checksum does not match.
"""

import threading
from array import array
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt64

from eventstore.axis import Axis
from eventstore.errors import IntegrityError
from eventstore.files import ByteRange
from eventstore.shards import ABSENT, ENTRY_BYTES, ShardIndex, index_bytes

KEPT = 64
"""Indexes kept per column, of about 8 KiB each; the one met first goes first."""


class IndexPart(NamedTuple):
    """Entries ``first … stop - 1`` of the index of a shard."""

    shard: int
    first: int
    stop: int


class Places:
    """Where the chunks of one column lie in its shards.

    Args:
        axis: where the column is stored and how it is cut.
        column: its name.
        remote: whether to ask for single entries of an index rather than for all.

    Examples:
        >>> from eventstore.codecs import codecs_of
        >>> codecs = codecs_of("archive")
        >>> axis = Axis(group="events", dimension="event", codecs=codecs, chunk=2, shard=1024)
        >>> places = Places(axis, "x", remote=True)
        >>> places.unknown([3, 4, 600])
        [IndexPart(shard=0, first=3, stop=5), IndexPart(shard=1, first=88, stop=89)]
        >>> places.range_of(IndexPart(shard=0, first=3, stop=4))
        ('events/x/c/0', -8148, -8132)
        >>> places.learn(IndexPart(shard=0, first=3, stop=4), memoryview(bytes([7] + [0] * 15)))
        >>> places.find([3])
        [('events/x/c/0', 7, 7)]
    """

    def __init__(self, axis: Axis, column: str, *, remote: bool) -> None:
        self._axis = axis
        self._column = column
        self._remote = remote
        self._slots = axis.slots
        self._indexes: dict[int, _Index] = {}
        self._lock = threading.Lock()

    def find(self, chunks: Iterable[int]) -> list[ByteRange] | None:
        """Return the bytes of chunks, or None where not all of the index needed was read yet.

        Those of a chunk that its shard lacks are from ``ABSENT`` on.
        """
        slots, indexes = self._slots, self._indexes
        found: list[ByteRange] = []
        for k in chunks:
            index = indexes.get(k // slots)
            slot = k % slots
            if index is None or not index.known[slot]:
                return None
            offset = index.offsets[slot]
            found.append((index.key, offset, offset + index.sizes[slot]))
        if len(indexes) > KEPT:
            self._make_room()
        return found

    def run(
        self, chunks: range
    ) -> tuple[str, UInt64[np.ndarray, " chunks"], UInt64[np.ndarray, " chunks"]] | None:
        """Return the file that holds chunks of one shard, where each begins, and its size.

        None where not all of the index needed was read yet. Of a chunk that its shard lacks, both
        are ``ABSENT``.
        """
        shard, start = divmod(chunks.start, self._slots)
        stop = start + len(chunks)
        index = self._indexes.get(shard)
        if index is None or index.known.find(0, start, stop) >= 0:
            return None
        if len(self._indexes) > KEPT:
            self._make_room()
        return index.key, index.begins[start:stop], index.lengths[start:stop]

    def unknown(self, chunks: Iterable[int]) -> list[IndexPart]:
        """Return what is to be read of the indexes before all of these chunks are found."""
        needed: dict[int, list[int]] = {}
        for k in chunks:
            shard, slot = divmod(k, self._slots)
            index = self._indexes.get(shard)
            if index is None or not index.known[slot]:
                needed.setdefault(shard, []).append(slot)
        if self._remote:
            return [IndexPart(shard, min(slots), max(slots) + 1) for shard, slots in needed.items()]
        return [IndexPart(shard, 0, self._slots) for shard in needed]

    def range_of(self, part: IndexPart) -> ByteRange:
        """Return the bytes to read: the entries, or all of a shard that is at hand."""
        key = self._axis.key(self._column, part.shard)
        if not self._remote:
            return key, 0, None
        start = ENTRY_BYTES * part.first - index_bytes(self._slots)
        return key, start, start + ENTRY_BYTES * (part.stop - part.first)

    def learn(self, part: IndexPart, data: memoryview) -> None:
        """Take in what was read of an index.

        Raises:
            IntegrityError: the shard is cut short, or its index is damaged; the caller adds where.
        """
        if self._remote:
            offsets, sizes = _entries(data, part.stop - part.first)
        else:
            index = ShardIndex.parse(data, self._slots)
            offsets, sizes = array("Q", index.offsets), array("Q", index.sizes)
        with self._lock:
            found = self._indexes.get(part.shard)
            if found is None:
                found = _Index(self._axis.key(self._column, part.shard), self._slots)
                self._indexes[part.shard] = found
            within = slice(part.first, part.stop)
            found.offsets[within], found.sizes[within] = offsets, sizes
            found.known[within] = bytes([1]) * len(offsets)

    def _make_room(self) -> None:
        """Let go of the oldest indexes; only after what they were read for was found in them."""
        with self._lock:
            while len(self._indexes) > KEPT:
                del self._indexes[next(iter(self._indexes))]

    def forget(self, k: int) -> None:
        """Forget the index of the shard that holds chunk ``k``, as of one that was replaced."""
        with self._lock:
            self._indexes.pop(k // self._slots, None)


class _Index:
    """Where each chunk of a shard lies, and of which that is known."""

    __slots__ = ("begins", "key", "known", "lengths", "offsets", "sizes")

    def __init__(self, key: str, slots: int) -> None:
        self.key = key
        self.offsets = array("Q", [ABSENT]) * slots
        self.sizes = array("Q", [ABSENT]) * slots
        self.known = bytearray(slots)
        # The same numbers for many chunks at once; of a single one, an array's are slow.
        self.begins, self.lengths = (
            np.frombuffer(numbers, np.uint64) for numbers in (self.offsets, self.sizes)
        )


def _entries(data: memoryview, n: int) -> "tuple[array[int], array[int]]":
    if len(data) != ENTRY_BYTES * n:
        message = f"it is too short for its index: {len(data)} bytes of {ENTRY_BYTES * n}"
        raise IntegrityError(message)
    entries = np.frombuffer(data, "<u8").reshape(n, 2)
    return array("Q", entries[:, 0].tolist()), array("Q", entries[:, 1].tolist())
