"""The open end of a store being written: encoded chunks of the last shard, and a partial one.

Publishing often is cheap because only the partial chunk is encoded again.
"""

from dataclasses import dataclass, field

import numpy as np

from eventstore.codecs import CODEC_OF_COLUMN, encode_chunk
from eventstore.events import Events
from eventstore.schema import Layout


@dataclass(frozen=True, slots=True)
class TailMark:
    """A place in a tail to come back to: its whole chunks and the events after them."""

    n_chunks: int
    partial: Events


@dataclass(slots=True)
class Tail:
    """The shard being filled, for all columns at once.

    Args:
        columns: names of the stored columns.
        layout: how the store is cut.

    Examples:
        >>> tail = Tail(("t", "c"), Layout(chunk_events=2, shard_events=4))
        >>> tail.add(Events.of(t=[1, 2, 3], x=[0, 0, 0]))
        >>> tail.n_events, tail.room, tail.first_t()
        (3, 1, [1, 3])
    """

    columns: tuple[str, ...]
    layout: Layout
    _chunks: dict[str, list[bytes]] = field(init=False)
    _first_t: list[int] = field(init=False, default_factory=list)
    _partial: Events = field(init=False)
    _fill: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._chunks = {name: [] for name in self.columns}
        self._partial = Events.empty(self.layout.chunk_events)

    @property
    def n_events(self) -> int:
        """Events in this shard so far."""
        return len(self._first_t) * self.layout.chunk_events + self._fill

    @property
    def room(self) -> int:
        """Events that still go into this shard."""
        return self.layout.shard_events - self.n_events

    def add(self, events: Events) -> None:
        """Append events, no more than there is room for."""
        size, at = self.layout.chunk_events, 0
        while at < len(events):
            take = min(size - self._fill, len(events) - at)
            packet = events[at : at + take]
            at += take
            if take == size:
                self._encode(packet)
                continue
            for into, values in zip(self._partial.arrays(), packet.arrays(), strict=True):
                into[self._fill : self._fill + take] = values
            self._fill += take
            if self._fill == size:
                self._encode(self._partial)
                self._fill = 0

    def carry(self, chunks: dict[str, bytes], first_t: int) -> None:
        """Append one whole chunk that is encoded already; only before any partial one."""
        for name, data in chunks.items():
            self._chunks[name].append(data)
        self._first_t.append(first_t)

    def _encode(self, events: Events) -> None:
        encoded = {
            name: encode_chunk(CODEC_OF_COLUMN[name], events.column(name)) for name in self.columns
        }
        self.carry(encoded, int(events.t[0]))

    def mark(self) -> TailMark:
        """Remember the present end."""
        partial = self._partial[: self._fill]
        return TailMark(len(self._first_t), partial[np.arange(self._fill)])

    def cut_back(self, mark: TailMark) -> None:
        """Forget all events after the mark."""
        for chunks in self._chunks.values():
            del chunks[mark.n_chunks :]
        del self._first_t[mark.n_chunks :]
        self._fill = 0
        self.add(mark.partial)

    def shard_chunks(self) -> dict[str, list[bytes]]:
        """Return each column's chunks, the partial one padded by repeating its last event."""
        if not self._fill:
            return self._chunks
        padded = self._partial[np.minimum(np.arange(self.layout.chunk_events), self._fill - 1)]
        return {
            name: [*chunks, encode_chunk(CODEC_OF_COLUMN[name], padded.column(name))]
            for name, chunks in self._chunks.items()
        }

    def first_t(self) -> list[int]:
        """Return the time of the first event of each chunk, the partial one included."""
        return self._first_t + ([int(self._partial.t[0])] if self._fill else [])
