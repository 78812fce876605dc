"""Events of many samples, read from a store by blocks of bounded size."""

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Int64, UInt16

from catalog.splits.leakage.rate_profile import Profiles, choose_step_us, count_steps
from eventstore.events import Events
from eventstore.store import EventStore

BLOCK_EVENTS = 1 << 22
"""Times held at once while profiles are counted, 34 MB."""

GAP_EVENTS = 1 << 14
"""More events between two samples than this are not read."""

MAX_STEPS = 1 << 30
"""Steps of all profiles together, 2 GB; of longer data the steps are made longer."""

Progress: TypeAlias = Callable[[int, int, int], None]
"""Told (samples done, samples in all, events done)."""


class SampleRows(NamedTuple):
    """Where samples are in a store.

    Args:
        recording: row of each sample's recording.
        t_start: its first µs, from the recording's start.
        t_stop: the µs after its last.
        start: row of its first event.
        stop: row after that of its last.
    """

    recording: Int64[np.ndarray, " n"]
    t_start: Int64[np.ndarray, " n"]
    t_stop: Int64[np.ndarray, " n"]
    start: Int64[np.ndarray, " n"]
    stop: Int64[np.ndarray, " n"]

    @property
    def n_events(self) -> Int64[np.ndarray, " n"]:
        """Events of each sample."""
        n: Int64[np.ndarray, " n"] = self.stop - self.start
        return n

    @property
    def duration_us(self) -> Int64[np.ndarray, " n"]:
        """Length of each sample."""
        length: Int64[np.ndarray, " n"] = self.t_stop - self.t_start
        return length


def find_rows(
    store: EventStore,
    recording: Int64[np.ndarray, " n"],
    t_start: Int64[np.ndarray, " n"],
    t_stop: Int64[np.ndarray, " n"],
) -> SampleRows:
    """Return where samples are in a store."""
    start, stop = store.row_ranges(recording, t_start, t_stop)
    return SampleRows(recording, t_start, t_stop, start, stop)


def count_profiles(
    store: EventStore, rows: SampleRows, *, progress: Progress | None = None
) -> Profiles:
    """Return the rate profile of each sample, reading the times of their events once.

    Args:
        store: the store.
        rows: where the samples are in it.
        progress: told how far it is.
    """
    step_us = choose_step_us(rows.n_events, rows.duration_us)
    while int(np.sum(rows.duration_us // step_us)) > MAX_STEPS:
        step_us *= 2
    n_steps = np.maximum(-(-rows.duration_us // step_us), 1)
    offsets = np.concatenate(([0], np.cumsum(n_steps))).astype(np.int64)
    counts: UInt16[np.ndarray, " steps"] = np.zeros(int(offsets[-1]), np.uint16)
    spans = np.stack([offsets[:-1], offsets[1:]], 1)
    bounds = np.stack([rows.start, rows.stop], 1)
    order = np.argsort(rows.start, kind="stable")
    done = n_events = 0
    for block in _blocks(rows, order):
        for low, times in _iter_times(store, bounds[block]):
            its = np.clip(bounds[block] - low, 0, len(times))
            count_steps(times, (its, rows.t_start[block], spans[block]), step_us, counts)
        done += len(block)
        n_events += int(rows.n_events[block].sum())
        if progress is not None:
            progress(done, len(order), n_events)
    return Profiles(counts, offsets, step_us)


def _blocks(rows: SampleRows, order: Int64[np.ndarray, " n"]) -> Iterator[list[int]]:
    """Yield samples in the order of the store, as many as lie within one block of rows."""
    block: list[int] = []
    low = high = 0
    for sample in order.tolist():
        stop = max(high, int(rows.stop[sample]))
        if block and (stop - low > BLOCK_EVENTS or int(rows.start[sample]) > high + GAP_EVENTS):
            yield block
            block = []
        if not block:
            low, stop = int(rows.start[sample]), int(rows.stop[sample])
        block.append(sample)
        high = stop
    if block:
        yield block


def _iter_times(
    store: EventStore, bounds: Int64[np.ndarray, "n 2"]
) -> Iterator[tuple[int, Int64[np.ndarray, " n"]]]:
    """Yield the first row and the times of the events of a block, part by part."""
    reader = store.column("t")
    high = int(bounds[:, 1].max())
    for low in range(int(bounds[:, 0].min()), high, BLOCK_EVENTS):
        times = np.empty(min(BLOCK_EVENTS, high - low), np.int64)
        reader.read_into(low, times)
        yield low, times


def read_intervals(
    store: EventStore,
    recording: Int64[np.ndarray, " n"],
    t_start: Int64[np.ndarray, " n"],
    t_stop: Int64[np.ndarray, " n"],
) -> list[Events]:
    """Read the events of intervals of recordings, those asked for twice once.

    Args:
        store: the store.
        recording: row of each interval's recording.
        t_start: its first µs.
        t_stop: the µs after its last.
    """
    starts, stops = store.row_ranges(recording, t_start, t_stop)
    runs = list(zip(starts.tolist(), stops.tolist(), strict=True))
    distinct = sorted(set(runs))
    held = dict(zip(distinct, store.read_runs(distinct), strict=True))
    return [held[run] for run in runs]
