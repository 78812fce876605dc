"""Direct reader of one column: its places in the shards, then one decompressor call per chunk."""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np

from eventstore.axis import Axis
from eventstore.codecs import RunKind, decode_chunk, decode_chunk_start
from eventstore.errors import IntegrityError
from eventstore.files import ByteRange, Files
from eventstore.places import IndexPart, Places
from eventstore.shards import ABSENT, index_bytes

if TYPE_CHECKING:
    from eventstore.chunk_runs import CodedRun

CACHED_CHUNKS = 8
"""Decoded chunks kept per column, so that neighbouring small reads decode few chunks twice."""

LONG_RUN = 3
"""Chunks from which on they are decoded at once; of fewer the rest may be wanted next."""

Encoded: TypeAlias = Mapping[int, memoryview]
"""Stored bytes of chunks of a column that were fetched already, by the chunk's number."""

NOTHING: Encoded = MappingProxyType({})


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
        self.places = Places(axis, name, remote=files.remote)
        self._files = files
        self._codec = axis.codecs[name]
        self._n = n
        self._axis = axis
        self._lock = threading.Lock()
        self._decoded: OrderedDict[int, np.ndarray] = OrderedDict()

    def read_into(self, start: int, out: np.ndarray, encoded: Encoded = NOTHING) -> None:
        """Fill ``out`` with the values from row ``start`` on; the range lies in the column.

        Args:
            start: the first row.
            out: where the values go, as many as it has room for.
            encoded: chunks that were fetched already; the others are fetched one by one.

        Raises:
            IntegrityError: a chunk's checksum does not match.
            MissingContent: a shard is not on this machine.
        """
        read_columns([(self, start, out)], encoded)

    def plan(
        self, start: int, out: np.ndarray, encoded: Encoded
    ) -> "tuple[list[int], list[tuple[int, CodedRun]]]":
        """Return which chunks to read one by one, and the runs to decode at once.

        Each run comes with the number of its first chunk.
        """
        size, stop = self._axis.chunk, start + len(out)
        run = range(start // size, -(-stop // size) if len(out) else 0)
        if len(run) < LONG_RUN or self._codec.run_kind is None or not self._is_plain(out):
            return list(run), []
        # What lies beyond the ends of a run may be wanted next, and costs another round trip.
        at_once = range(-(-start // size), stop // size) if self._files.remote else run
        at_ends = [k for k in (run[0], run[-1]) if k not in at_once]
        return at_ends, self._runs(at_once, start, out, encoded)

    def _is_plain(self, out: np.ndarray) -> bool:
        """Say whether decoders may write there."""
        return bool(out.dtype == self.dtype and out.flags.c_contiguous)

    def read_chunks(
        self, chunks: Sequence[int], start: int, out: np.ndarray, encoded: Encoded
    ) -> None:
        """Read chunks one by one to where they belong in ``out``, which begins at row ``start``."""
        size, stop = self._axis.chunk, start + len(out)
        goes_on = start // size in self._decoded  # then the rest of the last chunk is next
        plain = self._is_plain(out)
        for k in chunks:
            first = k * size
            low, high = max(start, first), min(stop, first + size)
            into = out[low - start : high - start]
            if plain and high - low == size and len(self._decoded.get(k, ())) < size:
                self.decode_into(k, into, encoded.get(k))
            else:
                values = self._values(k, high - first, encoded.get(k), whole=goes_on)
                into[:] = values[low - first : high - first]

    def _runs(
        self, chunks: range, start: int, out: np.ndarray, encoded: Encoded
    ) -> "list[tuple[int, CodedRun]]":
        from eventstore.chunk_runs import CodedRun

        runs: list[tuple[int, CodedRun]] = []
        size, kind = self._axis.chunk, cast("RunKind", self._codec.run_kind)
        for part, source, begins, sizes in self._stored(chunks, encoded):
            low = max(start, part.start * size)
            into = out[low - start : part.stop * size - start]
            skip = low - part.start * size
            runs.append((part.start, CodedRun(kind, source, begins, sizes, into, skip)))
        return runs

    def _stored(
        self, chunks: range, encoded: Encoded
    ) -> Iterator[tuple[range, np.ndarray, np.ndarray, np.ndarray]]:
        """Iterate over parts of a run, with bytes that hold them, where each begins, and its size.

        A part is what lies in one file, or what was fetched.
        """
        if encoded or self._files.remote:
            wanted = [k for k in chunks if k not in encoded]
            fetched = fetch_chunks(self._files, [(self, wanted)])[0] if wanted else {}
            data = [encoded[k] if k in encoded else fetched[k] for k in chunks]
            sizes = np.array([len(part) for part in data], np.uint64)
            begins = np.cumsum(sizes, dtype=np.uint64) - sizes
            yield chunks, np.frombuffer(b"".join(data), np.uint8), begins, sizes
            return
        slots, first = self._axis.slots, chunks.start
        while first < chunks.stop:
            part = range(first, min(chunks.stop, (first // slots + 1) * slots))
            yield part, *self._in_shard(part)
            first = part.stop

    def _in_shard(self, chunks: range) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the file that holds chunks of one shard, where each begins there, and its size.

        Raises:
            IntegrityError: the shard's index is damaged.
            MissingContent: the shard is not on this machine.
        """
        slots = self._axis.slots
        number, first = divmod(chunks.start, slots)
        key, begins, sizes = self.shard(number)
        part = slice(first, first + len(chunks))
        return np.frombuffer(self._files.map(key), np.uint8), begins[part], sizes[part]

    def shard(self, number: int) -> tuple[str, np.ndarray, np.ndarray]:
        """Return the key of a shard of a local store, where its chunks begin, and their sizes.

        Raises:
            IntegrityError: the shard's index is damaged.
            MissingContent: the shard is not on this machine.
        """
        slots = self._axis.slots
        chunks = range(number * slots, (number + 1) * slots)
        while (found := self.places.run(chunks)) is None:
            _locate(self._files, [(self, chunks[:1])])
        return found

    def chunk(self, k: int, data: memoryview | None = None) -> np.ndarray:
        """Return inner chunk ``k`` whole and read-only; the last one is padded past the length."""
        return self._values(k, self._axis.chunk, data, whole=True)

    def _values(self, k: int, rows: int, data: memoryview | None, *, whole: bool) -> np.ndarray:
        """Return so many first rows of a chunk or more, decoded now or before.

        No more than these are decoded the first time, unless the whole chunk is asked for: where
        reads are scattered, what lies behind them is not wanted.
        """
        with self._lock:
            values = self._decoded.get(k)
            if values is not None and len(values) >= rows:
                self._decoded.move_to_end(k)
                return values
        whole = whole or values is not None or self._codec.decode_start_into is None
        values = np.empty(self._axis.chunk if whole else rows, self.dtype)
        self.decode_into(k, values, data)
        values.setflags(write=False)
        with self._lock:
            self._decoded[k] = values
            self._decoded.move_to_end(k)
            if len(self._decoded) > CACHED_CHUNKS:
                self._decoded.popitem(last=False)
        return values

    def decode_into(self, k: int, out: np.ndarray, data: memoryview | None = None) -> None:
        """Check and decode inner chunk ``k``.

        Args:
            k: which chunk.
            out: where the values go: one chunk's length, or shorter for its first values, where
                the codec knows how.
            data: its stored bytes, where they were fetched already.

        Raises:
            IntegrityError: names the file, the byte offset and the rows that are hit.
            MissingContent: the shard is not on this machine.
        """
        found = self._fetch(k) if data is None else data
        try:
            decode = decode_chunk if len(out) == self._axis.chunk else decode_chunk_start
            decode(self._codec, bytes(found), out)
        except IntegrityError as error:
            again = self._fetch_again(k)
            if again == found:
                raise self._undecodable(k, error.message) from None
            self.decode_into(k, out, again)

    @property
    def chunk_rows(self) -> int:
        """Rows of an inner chunk."""
        return self._axis.chunk

    def encoded(self, k: int) -> bytes:
        """Return the stored bytes of inner chunk ``k`` unchecked, for carrying them over."""
        return bytes(self._fetch(k))

    def undecoded(self, start: int, stop: int) -> list[int]:
        """Return which chunks have to be fetched to read rows ``start … stop - 1``."""
        if stop <= start:
            return []
        size, decoded = self._axis.chunk, self._decoded
        chunks = range(start // size, -(-stop // size))
        if decoded.keys().isdisjoint(chunks):
            return list(chunks)
        return [k for k in chunks if len(decoded.get(k, ())) < min(size, stop - k * size)]

    def learn(self, part: IndexPart, data: memoryview) -> None:
        """Take in a part of the index of a shard.

        Raises:
            IntegrityError: the index is damaged; names the file, the byte offset and the rows hit.
        """
        try:
            self.places.learn(part, data)
        except IntegrityError as error:
            slots = self._axis.slots
            size = self._files.size(self._axis.key(self.name, part.shard))
            at, first = max(0, size - index_bytes(slots)), part.shard * slots + part.first
            raise self._damaged(first, part.stop - part.first, at, error.message) from None

    def _fetch(self, k: int) -> memoryview:
        found = self.places.find((k,))
        if found is None:
            return fetch_chunks(self._files, [(self, [k])])[0][k]
        return self._files.read_range(*found[0])

    def _fetch_again(self, k: int) -> memoryview:
        """Fetch a chunk that does not decode once more, and its place.

        The shard may have grown since, or bytes been damaged on their way here.
        """
        doubted = self.places.find([k]) or []
        self.places.forget(k)
        doubted += [self.places.range_of(part) for part in self.places.unknown([k])]
        self._files.forget(doubted)
        return self._fetch(k)

    def _undecodable(self, k: int, reason: str) -> IntegrityError:
        [(key, offset, _)] = self.places.find([k]) or [("", 0, 0)]
        if offset == ABSENT:
            offset, reason = self._files.size(key), "the shard has no such chunk"
        return self._damaged(k, 1, offset, reason)

    def _damaged(self, k: int, chunks: int, offset: int, reason: str) -> IntegrityError:
        size, rows = self._axis.chunk, f"{self._axis.dimension}s"
        last = min((k + chunks) * size, self._n) - 1
        where = self._files.where(self._axis.key(self.name, k // self._axis.slots))
        return IntegrityError(
            f"{where} at byte {offset} is damaged: {reason}; {rows} {k * size} … {last} are hit",
            hint="restore this file from another copy or version; `verify` lists all that is hit",
        )


def read_columns(
    wanted: Sequence[tuple[ColumnReader, int, np.ndarray]], encoded: Encoded = NOTHING
) -> None:
    """Fill arrays with values of columns that are cut alike, all long runs of them at once.

    Args:
        wanted: the column, the first row, and where the values go, as many as it has room for.
        encoded: chunks that were fetched already, of the one column that is wanted.

    Raises:
        IntegrityError: a chunk's checksum does not match.
        MissingContent: a shard is not on this machine.
    """
    from eventstore.chunk_runs import decode_runs

    plans = [reader.plan(start, out, encoded) for reader, start, out in wanted]
    runs = [run for _, its in plans for _, run in its]
    left = iter(decode_runs(runs, chunk=wanted[0][0].chunk_rows) if runs else ())
    for (reader, start, out), (alone, its) in zip(wanted, plans, strict=True):
        again = [first + j for first, _ in its for j in next(left)]
        if alone or again:
            reader.read_chunks([*alone, *again], start, out, encoded)


def fetch_chunks(
    files: Files, wanted: Sequence[tuple[ColumnReader, Sequence[int]]]
) -> list[dict[int, memoryview]]:
    """Fetch chunks of several columns: one round trip for all places, one for all chunks.

    Args:
        files: where the shards are.
        wanted: the columns, and the chunks of each.

    Returns:
        The stored bytes of each column's chunks, by the chunk's number.

    Raises:
        IntegrityError: an index is damaged, or a shard lacks a chunk.
        MissingContent: a shard is not on this machine.
    """
    ranges: list[ByteRange] = []
    for found in _locate(files, wanted):
        ranges += found
    data = iter(files.read_ranges(ranges))
    return [{k: next(data) for k in chunks} for _, chunks in wanted]


def _locate(
    files: Files, wanted: Sequence[tuple[ColumnReader, Sequence[int]]]
) -> list[list[ByteRange]]:
    """Return the bytes of chunks, after reading what is not known yet of their places."""
    found = [reader.places.find(chunks) for reader, chunks in wanted]
    if None not in found:
        return cast("list[list[ByteRange]]", found)
    parts = [(reader, part) for reader, ks in wanted for part in reader.places.unknown(ks)]
    read = files.read_ranges([reader.places.range_of(part) for reader, part in parts])
    for (reader, part), data in zip(parts, read, strict=True):
        reader.learn(part, data)
    return _locate(files, wanted)
