"""Sort a whole recording by time, in bounded memory.

Runs of `RUN_EVENTS` events are sorted by themselves. Where there are several, they go to a nameless
temporary file (13 bytes an event) and are merged from there.
"""

import mmap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

import numpy as np

from eventstore.events import COLUMN_DTYPES, Events
from eventstore.repairs.protocol import RepairReport, Subject
from eventstore.repairs.time_order import LONG_AGO, late_events

RUN_EVENTS = 1 << 22
"""Events sorted at a time: with the sort's own arrays about 200 MiB."""

PACKET_EVENTS = 1 << 20
"""Events given out at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """Put events in order of time; those of one time keep their order.

    Nothing comes out before all has been read.

    Args:
        run_events: events sorted at a time.
        packet_events: most events in one packet given out.
    """

    run_events: int = RUN_EVENTS
    packet_events: int = PACKET_EVENTS
    name: str = "sort"
    mends: str = "time runs back: events are put in order of their stamps"

    def apply(
        self, packets: Iterator[Events], _subject: Subject, report: RepairReport
    ) -> Iterator[Events]:
        """Sort the events; those earlier than one before them count as changed."""
        runs = self._runs(packets, report)
        first, second = next(runs, Events.empty()), next(runs, None)
        if second is None:
            yield from _cut(first, self.packet_events)
            return
        with TemporaryFile() as spool:
            sizes = [_write(spool, first), _write(spool, second)]
            del first, second
            sizes += [_write(spool, run) for run in runs]
            spool.flush()
            yield from merge_runs(_map_runs(spool, sizes), self.packet_events)

    def _runs(self, packets: Iterator[Events], report: RepairReport) -> Iterator[Events]:
        """Yield sorted runs of the events, counting the late ones."""
        held: list[Events] = []
        n_held, rows, latest = 0, 0, LONG_AGO
        for packet in packets:
            late, latest = late_events(packet.t, latest)
            report.note_mask(rows, late)
            rows += len(packet)
            held.append(packet)
            n_held += len(packet)
            if n_held >= self.run_events:
                yield _sorted(Events.concatenate(held))
                held, n_held = [], 0
        if n_held:
            yield _sorted(Events.concatenate(held))


def merge_runs(runs: Sequence[Events], packet_events: int = PACKET_EVENTS) -> Iterator[Events]:
    """Merge sorted runs; events of one time come in the order of their runs.

    Examples:
        >>> runs = [Events.of(t=[1, 5, 9], x=[0, 0, 0]), Events.of(t=[2, 5], x=[1, 1])]
        >>> [packet.t.tolist() for packet in merge_runs(runs, 2)]
        [[1, 2], [5], [5], [9]]
    """
    at = np.zeros(len(runs), np.int64)
    stride = max(1, packet_events // len(runs))
    while any(at[k] < len(run) for k, run in enumerate(runs)):
        # Each run has no more than a stride of events before the nearest of these times.
        ahead = [
            int(run.t[i]) for run, a in zip(runs, at, strict=True) if (i := a + stride) < len(run)
        ]
        before = _until(runs, min(ahead), "left") if ahead else np.array([len(r) for r in runs])
        parts = [run[a:b] for run, a, b in zip(runs, at, before, strict=True) if b > a]
        if parts:
            yield _sorted(Events.concatenate(parts))
        at = np.maximum(at, before)
        if ahead:
            ends = _until(runs, min(ahead), "right")
            for run, a, b in zip(runs, at, ends, strict=True):
                yield from _cut(run[a:b], packet_events)
            at = np.maximum(at, ends)


def _until(runs: Sequence[Events], t: int, side: str) -> np.ndarray:
    return np.array([np.searchsorted(run.t, t, side) for run in runs])  # type: ignore[call-overload]


def _sorted(events: Events) -> Events:
    if not (events.t[1:] < events.t[:-1]).any():
        return events
    return events[np.argsort(events.t, kind="stable")]


def _cut(events: Events, packet_events: int) -> Iterator[Events]:
    for start in range(0, len(events), packet_events):
        yield events[start : start + packet_events]


def _write(spool: IO[bytes], run: Events) -> int:
    for column in run.arrays():
        spool.write(np.ascontiguousarray(column).data)
    return len(run)


def _map_runs(spool: IO[bytes], sizes: Sequence[int]) -> list[Events]:
    data = memoryview(mmap.mmap(spool.fileno(), 0, access=mmap.ACCESS_READ))
    runs, at = [], 0
    for size in sizes:
        columns = []
        for dtype in COLUMN_DTYPES:
            columns.append(np.frombuffer(data, dtype, size, at))
            at += size * dtype.itemsize
        runs.append(Events(*columns))
    return runs


REPAIR = Sort()
