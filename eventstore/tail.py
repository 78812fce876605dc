"""The open end of an axis being written: encoded chunks of the last shard, and a partial one.

Publishing often is cheap because only the partial chunk is encoded again.
"""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from eventstore.axis import Axis
from eventstore.encoders import Encoders


@dataclass(frozen=True, slots=True)
class TailMark:
    """A place in a tail to come back to: its whole chunks and the rows after them."""

    n_chunks: int
    partial: Mapping[str, np.ndarray]


@dataclass(slots=True)
class Tail:
    """The shard being filled, for all columns of an axis at once.

    Args:
        axis: what the columns are and how they are cut.
        encoders: threads to encode with.

    Examples:
        >>> from eventstore.codecs import codecs_of
        >>> codecs = {"t": codecs_of("archive")["t"]}
        >>> axis = Axis(group="events", dimension="event", codecs=codecs, chunk=2, shard=4)
        >>> tail = Tail(axis, Encoders(1))
        >>> tail.add({"t": np.array([1, 2, 3])})
        >>> tail.n_rows, tail.room, tail.first_t().tolist()
        (3, 1, [1, 3])
    """

    axis: Axis
    encoders: Encoders
    _chunks: dict[str, list[bytes]] = field(init=False)
    _first_t: "array[int]" = field(init=False, default_factory=lambda: array("q"))
    _partial: dict[str, np.ndarray] = field(init=False)
    _fill: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._chunks = {name: [] for name in self.axis.codecs}
        self._partial = {k: np.zeros(self.axis.chunk, c.dtype) for k, c in self.axis.codecs.items()}

    @property
    def n_chunks(self) -> int:
        """Whole chunks in this shard so far."""
        return len(next(iter(self._chunks.values())))

    @property
    def n_rows(self) -> int:
        """Rows in this shard so far."""
        return self.n_chunks * self.axis.chunk + self._fill

    @property
    def room(self) -> int:
        """Rows that still go into this shard."""
        return self.axis.shard - self.n_rows

    def add(self, columns: Mapping[str, np.ndarray]) -> None:
        """Append rows, no more than there is room for; the arrays are not kept."""
        size, n = self.axis.chunk, len(columns[next(iter(self._chunks))])
        whole: list[Mapping[str, np.ndarray]] = []
        at = 0
        if self._fill:
            at = min(size - self._fill, n)
            self._fill_up(columns, 0, at)
            if self._fill == size:
                whole.append(self._partial)
                self._fill = 0
        while n - at >= size:
            whole.append({name: columns[name][at : at + size] for name in self._chunks})
            at += size
        self._encode(whole)
        self._fill_up(columns, at, n)

    def _fill_up(self, columns: Mapping[str, np.ndarray], start: int, stop: int) -> None:
        fill = self._fill + stop - start
        for name, into in self._partial.items():
            into[self._fill : fill] = columns[name][start:stop]
        self._fill = fill

    def _encode(self, chunks: list[Mapping[str, np.ndarray]]) -> None:
        """Encode whole chunks; all of them or, where one fails, none."""
        codecs = self.axis.codecs
        jobs = [(codec, chunk[name]) for chunk in chunks for name, codec in codecs.items()]
        encoded = self.encoders.encode(jobs)
        for i, name in enumerate(codecs):
            self._chunks[name] += encoded[i :: len(codecs)]
        if "t" in codecs:
            self._first_t.extend(int(chunk["t"][0]) for chunk in chunks)

    def carry(self, chunks: Mapping[str, bytes], first_t: int = 0) -> None:
        """Append one whole chunk that is encoded already; only before any partial one."""
        for name, data in chunks.items():
            self._chunks[name].append(data)
        if "t" in chunks:
            self._first_t.append(first_t)

    def mark(self) -> TailMark:
        """Remember the present end."""
        partial = {name: values[: self._fill].copy() for name, values in self._partial.items()}
        return TailMark(self.n_chunks, partial)

    def cut_back(self, mark: TailMark) -> None:
        """Forget all rows after the mark."""
        for chunks in self._chunks.values():
            del chunks[mark.n_chunks :]
        del self._first_t[mark.n_chunks :]
        self._fill = 0
        self.add(mark.partial)

    def shard_chunks(self) -> dict[str, list[bytes]]:
        """Return each column's chunks, the partial one padded by repeating its last row."""
        if not self._fill:
            return self._chunks
        padding = np.minimum(np.arange(self.axis.chunk), self._fill - 1)
        codecs = self.axis.codecs
        jobs = [(codec, self._partial[name][padding]) for name, codec in codecs.items()]
        ends = self.encoders.encode(jobs)
        return {k: [*self._chunks[k], end] for k, end in zip(codecs, ends, strict=True)}

    def first_t(self) -> np.ndarray:
        """Return the time of the first row of each chunk, the partial one included."""
        partial = self._partial["t"][:1] if self._fill else ()
        return np.array([*self._first_t, *partial], np.int64)
