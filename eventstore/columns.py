"""Direct reader of one column: the shard index once, then one decompressor call per chunk."""

import threading
from collections import OrderedDict

import numpy as np

from eventstore.axis import Axis
from eventstore.codecs import decode_chunk
from eventstore.errors import IntegrityError
from eventstore.files import Files
from eventstore.shards import ABSENT, ShardIndex, index_bytes

CACHED_CHUNKS = 8
"""Decoded chunks kept per column, so that neighbouring small reads decode each chunk once."""


class ColumnReader:
    """Reads ranges of one stored column into arrays; safe to share between threads.

    The decompressor and the checksum run with the GIL released on the chunk's own bytes.

    Args:
        files: where the shards are.
        name: the column's name, such as ``"t"``.
        axis: where the column is stored and how it is cut.
        n: published length; bytes past it are never looked at.
    """

    def __init__(self, files: Files, name: str, *, axis: Axis, n: int) -> None:
        self.name = name
        self.dtype = axis.codecs[name].dtype
        self._files = files
        self._codec = axis.codecs[name]
        self._n = n
        self._axis = axis
        self._lock = threading.Lock()
        self._shards: dict[int, tuple[memoryview, ShardIndex]] = {}
        self._decoded: OrderedDict[int, np.ndarray] = OrderedDict()

    def read_into(self, start: int, out: np.ndarray) -> None:
        """Fill ``out`` with the values from row ``start`` on; the range lies in the column.

        Raises:
            IntegrityError: a chunk's checksum does not match.
            MissingContent: a shard is not on this machine.
        """
        size, stop = self._axis.chunk, start + len(out)
        for k in range(start // size, -(-stop // size) if len(out) else 0):
            first = k * size
            low, high = max(start, first), min(stop, first + size)
            into = out[low - start : high - start]
            if high - low == size and k not in self._decoded:
                self.decode_into(k, into)
            else:
                into[:] = self.chunk(k)[low - first : high - first]

    def chunk(self, k: int) -> np.ndarray:
        """Return inner chunk ``k`` whole and read-only; the last one is padded past the length."""
        with self._lock:
            values = self._decoded.get(k)
            if values is not None:
                self._decoded.move_to_end(k)
                return values
        values = np.empty(self._axis.chunk, self.dtype)
        self.decode_into(k, values)
        values.flags.writeable = False
        with self._lock:
            self._decoded[k] = values
            if len(self._decoded) > CACHED_CHUNKS:
                self._decoded.popitem(last=False)
        return values

    def decode_into(self, k: int, out: np.ndarray) -> None:
        """Check and decode inner chunk ``k`` into ``out``, an array of one chunk's length.

        Raises:
            IntegrityError: names the file, the byte offset and the rows that are hit.
            MissingContent: the shard is not on this machine.
        """
        number, slot = divmod(k, self._axis.slots)
        data, index = self._shard(number)
        offset = index.offsets[slot]
        if offset == ABSENT:
            raise self._damaged(k, 1, len(data), "the shard has no such chunk")
        try:
            decode_chunk(self._codec, bytes(data[offset : offset + index.sizes[slot]]), out)
        except IntegrityError as error:
            raise self._damaged(k, 1, offset, error.message) from None

    def encoded(self, k: int) -> bytes:
        """Return the stored bytes of inner chunk ``k`` unchecked, for carrying them over."""
        number, slot = divmod(k, self._axis.slots)
        data, index = self._shard(number)
        return bytes(data[index.offsets[slot] : index.offsets[slot] + index.sizes[slot]])

    def _shard(self, number: int) -> tuple[memoryview, ShardIndex]:
        found = self._shards.get(number)
        if found is None:
            slots = self._axis.slots
            data = self._files.map(self._key(number))
            try:
                index = ShardIndex.parse(data, slots)
            except IntegrityError as error:
                offset = max(0, len(data) - index_bytes(slots))
                raise self._damaged(number * slots, slots, offset, error.message) from None
            found = self._shards.setdefault(number, (data, index))
        return found

    def _key(self, number: int) -> str:
        return self._axis.key(self.name, number)

    def _damaged(self, k: int, chunks: int, offset: int, reason: str) -> IntegrityError:
        size, rows = self._axis.chunk, f"{self._axis.dimension}s"
        last = min((k + chunks) * size, self._n) - 1
        where = self._files.where(self._key(k // self._axis.slots))
        return IntegrityError(
            f"{where} at byte {offset} is damaged: {reason}; {rows} {k * size} … {last} are hit",
            hint="restore this file from another copy or version; `verify` lists all that is hit",
        )
