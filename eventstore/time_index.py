"""Find rows by time: a search in the index, then in one chunk of times at each end."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Int64

from eventstore.columns import NOTHING, ColumnReader, Encoded, fetch_chunks
from eventstore.files import Files
from eventstore.runs import FETCH_ROWS
from eventstore.schema import Head
from eventstore.tables import read_rows


@dataclass(frozen=True, slots=True)
class Interval:
    """Rows of one recording, and times to be found among them.

    Args:
        low: the recording's first row.
        high: the row after its last.
        t_start: first time wanted, in µs; None where that is the recording's own start.
        t_stop: time after the last wanted; None where that is the recording's own end.
    """

    low: int
    high: int
    t_start: int | None
    t_stop: int | None


class TimeIndex:
    """The time of the first event of each chunk, read when first asked for.

    Args:
        files: where the store is.
        head: its published state.
        times: the reader of the column ``t``.
    """

    def __init__(self, files: Files, head: Head, times: ColumnReader) -> None:
        self._files = files
        self._head = head
        self._times = times
        self._size = head.layout.chunk_events

    @cached_property
    def first_t(self) -> Int64[np.ndarray, " k"]:
        """Time of the first event of each inner chunk."""
        layout = self._head.layout
        shape = (layout.n_chunks(self._head.n_events),)
        first_t = read_rows(self._files, "index/t", "int64", shape, layout.table_rows)
        first_t.flags.writeable = False
        return first_t

    def bounds(self, interval: Interval) -> tuple[int, int]:
        """Return rows between which an interval lies, at most a chunk too many at each end."""
        low, high = interval.low, interval.high
        start = low if interval.t_start is None else self._chunk(low, high, interval.t_start)[1]
        stop = high if interval.t_stop is None else self._chunk(low, high, interval.t_stop)[2]
        return start, max(start, stop)

    def rows(self, interval: Interval, encoded: Encoded = NOTHING) -> tuple[int, int]:
        """Return the first row of an interval and the row after its last.

        Args:
            interval: what to look for.
            encoded: chunks of times that were fetched already.
        """
        low, high = interval.low, interval.high
        start = low if interval.t_start is None else self._row(low, high, interval.t_start, encoded)
        stop = high if interval.t_stop is None else self._row(low, high, interval.t_stop, encoded)
        return start, max(start, stop)

    def rows_of_all(
        self, intervals: Sequence[Interval]
    ) -> tuple[Int64[np.ndarray, " n"], Int64[np.ndarray, " n"]]:
        """Return the rows of many intervals; each chunk of times is fetched and decoded once."""
        ends = [
            (i, side, low, high, t)
            for i, it in enumerate(intervals)
            for low, high in [(it.low, it.high)]
            for side, t in enumerate((it.t_start, it.t_stop))
            if t is not None and low < high
        ]
        out = np.array([(it.low, it.high) for it in intervals], np.int64).reshape(-1, 2)
        asked: dict[int, list[tuple[int, int, int, int, int]]] = {}
        for i, side, low, high, t in ends:
            k, first, last = self._chunk(low, high, t)
            asked.setdefault(k, []).append((i, side, first, last, t))
        together = max(1, FETCH_ROWS // self._size)
        chunks = sorted(asked)
        for at in range(0, len(chunks), together):
            part = chunks[at : at + together]
            [encoded] = fetch_chunks(self._files, [(self._times, part)])
            for k in part:
                values = self._times.chunk(k, encoded[k])
                for i, side, first, last, t in asked[k]:
                    times = values[first - k * self._size : last - k * self._size]
                    out[i, side] = first + int(np.searchsorted(times, t))
        np.maximum(out[:, 0], out[:, 1], out=out[:, 1])
        return out[:, 0], out[:, 1]

    def _chunk(self, low: int, high: int, t: int) -> tuple[int, int, int]:
        """Return a chunk and its rows within low … high, where the first row with time ≥ t is.

        That row is one of them or the row after them; times ascend from low to high.
        """
        size = self._size
        after, until = low // size + 1, (high - 1) // size + 1
        k = after - 1 + int(np.searchsorted(self.first_t[after:until], t))
        return k, max(low, k * size), min(high, (k + 1) * size)

    def _row(self, low: int, high: int, t: int, encoded: Encoded) -> int:
        if low == high:
            return low
        k, first, last = self._chunk(low, high, t)
        times = self._times.chunk(k, encoded.get(k))
        return first + int(
            np.searchsorted(times[first - k * self._size : last - k * self._size], t)
        )
