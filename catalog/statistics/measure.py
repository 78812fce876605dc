"""Measure recordings of a store, decoding each event once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from jaxtyping import Int64

from catalog.statistics import counting
from catalog.statistics.counting import blank_pixels, blank_state, count_events
from eventstore.errors import IntegrityError
from eventstore.events import Events, Sensor
from eventstore.store import EventStore

WINDOW_US = 10_000
"""Length of the windows that the peak rate is the highest of, from the recording's start on."""

GAP_US = 100_000
"""Time without an event that counts as a gap."""

HOT_RATE_HZ = 500
"""Mean rate above which a pixel is hot, with at least two events, as of
`eventstore.transforms.mask_pixels.MaskHotPixels` over the whole recording."""

PLATEAU_SHARE = 0.95
"""Share of the peak from which a window counts as one of a plateau."""

PLATEAU_WINDOWS = 3
"""Windows in a row that make a plateau an episode of saturation."""

PLATEAU_ABOVE_MEDIAN = 2
"""How often the median window the peak must be: else the rate is merely steady."""

BLOCK_EVENTS = 1 << 20
"""Events decoded at a time: 13 MiB."""

Measured: TypeAlias = Callable[[int, int, int], None]
"""Told (recordings measured, of how many, events in them)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """What the events of one recording tell of its quality.

    Args:
        n_events: number of events.
        on_events: those that are ON; of audio, those whose polarity is 1.
        peak_rate_hz: rate of the fullest window of `WINDOW_US`; the mean rate where the recording
            is shorter than one.
        saturation_episodes: runs of windows near the peak: the rate hit a limit and stayed there.
        active_pixels: pixels (channels for audio) with an event.
        silent_share: share of the pixels without one; they may be dead, or have seen nothing move.
        hot_pixels: pixels above `HOT_RATE_HZ`.
        hot_share: share of the events that came from those.
        hottest_rate_hz: rate of the pixel with the most events.
        gaps: pauses of at least `GAP_US` between two events.
        longest_gap_us: longest pause between two events.
        equal_stamps: events of the same time as the one before.
        duplicates: events of the same t, x, y and p as an earlier one.
    """

    n_events: int
    on_events: int
    peak_rate_hz: float
    saturation_episodes: int
    active_pixels: int
    silent_share: float
    hot_pixels: int
    hot_share: float
    hottest_rate_hz: float
    gaps: int
    longest_gap_us: int
    equal_stamps: int
    duplicates: int


def measure_recordings(
    store: EventStore, rows: Sequence[int], progress: Measured | None = None
) -> Iterator[Statistics]:
    """Yield the statistics of recordings, in the order of the rows asked for.

    Memory does not grow with the recordings but by 16 bytes for each window with events.

    Args:
        store: the open store.
        rows: rows of its recordings; in their own order each stored byte is decoded once.
        progress: told (recordings measured, of how many, events in them).

    Raises:
        IntegrityError: stored bytes are damaged, or an event lies off its sensor.
        MissingContent: they are not on this machine.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> with tiny_store(Path(mkdtemp()) / "events.zarr") as store:
        ...     [found] = measure_recordings(store, [1])
        >>> found.n_events, found.silent_share
        (0, 1.0)
    """
    pixels = blank_pixels(store.sensor.width * store.sensor.height)
    table = store.recordings
    blocks, n_events = _Blocks(store), 0
    for owner, row in enumerate(rows, start=1):
        start, stop = int(table.offsets[row]), int(table.offsets[row + 1])
        sensor, t_stop = table.sensor(row), int(table.t_stop[row])
        windows = np.empty((2, min(stop - start, t_stop // WINDOW_US + 1)), np.int64)
        state = blank_state()
        most = max(int(HOT_RATE_HZ * t_stop * 1e-6), 1)
        limits = (owner, sensor.width, sensor.height, WINDOW_US, GAP_US, most)
        for events in blocks.pieces(start, stop):
            bad = count_events(events.arrays(), pixels, windows, state, limits)
            if bad >= 0:
                message = f"recording {table.ids[row]!r} has an event off its sensor"
                raise IntegrityError(message, hint="spikelake store verify says which")
        n_events += stop - start
        yield _statistics(state, windows, stop - start, t_stop, sensor)
        if progress is not None:
            progress(owner, len(rows), n_events)


class _Blocks:
    """The events of a store, decoded in blocks; short recordings share one."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._memory = Events.blank(min(BLOCK_EVENTS, store.n_events))
        self._start = self._stop = 0

    def pieces(self, start: int, stop: int) -> Iterator[Events]:
        """Yield the events of rows ``start … stop - 1``, in pieces."""
        while start < stop:
            if not self._start <= start < self._stop:
                self._load(start)
            end = min(stop, self._stop)
            yield self._memory[start - self._start : end - self._start]
            start = end

    def _load(self, start: int) -> None:
        stop = min(start + BLOCK_EVENTS, self._store.n_events)
        self._store.read_runs_into([(start, stop)], [self._memory[: stop - start]])
        self._start, self._stop = start, stop


def _statistics(
    state: Int64[np.ndarray, " state"],
    windows: Int64[np.ndarray, "two n"],
    n_events: int,
    t_stop: int,
    sensor: Sensor,
) -> Statistics:
    numbers = state.tolist()
    n_pixels = sensor.width * sensor.height
    filled = windows[:, : numbers[counting.N_WINDOWS]]
    peak = int(filled[1].max()) if n_events else 0
    seconds = max(t_stop, 1) * 1e-6
    return Statistics(
        n_events=n_events,
        on_events=numbers[counting.ON],
        peak_rate_hz=peak / min(WINDOW_US * 1e-6, seconds),
        saturation_episodes=plateaus(filled[0], filled[1]),
        active_pixels=numbers[counting.ACTIVE],
        silent_share=1 - numbers[counting.ACTIVE] / n_pixels,
        hot_pixels=numbers[counting.HOT],
        hot_share=numbers[counting.HOT_EVENTS] / max(n_events, 1),
        hottest_rate_hz=numbers[counting.HOTTEST] / seconds,
        gaps=numbers[counting.GAPS],
        longest_gap_us=numbers[counting.LONGEST_GAP],
        equal_stamps=numbers[counting.EQUAL],
        duplicates=numbers[counting.DUPLICATES],
    )


def plateaus(index: Int64[np.ndarray, " n"], count: Int64[np.ndarray, " n"]) -> int:
    """Count the runs of windows near the peak, as a readout or a rate limit at its end leaves.

    Args:
        index: which windows have events, in order.
        count: how many.

    Examples:
        >>> rates = np.array([1, 1, 9, 9, 9, 1, 1, 1])
        >>> plateaus(np.arange(8), rates)
        1
    """
    return len(plateau_runs(index, count))


def plateau_runs(
    index: Int64[np.ndarray, " n"], count: Int64[np.ndarray, " n"]
) -> list[tuple[int, int]]:
    """Return the first window of each such run and the one after its last.

    Examples:
        >>> plateau_runs(np.arange(8), np.array([1, 1, 9, 9, 9, 1, 1, 1]))
        [(2, 5)]
    """
    if not len(count) or count.max() < PLATEAU_ABOVE_MEDIAN * np.median(count):
        return []
    high = index[count >= PLATEAU_SHARE * count.max()]
    breaks = np.flatnonzero(np.diff(high) != 1) + 1
    edges = np.concatenate(([0], breaks, [len(high)]))
    runs = zip(high[edges[:-1]].tolist(), np.diff(edges).tolist(), strict=True)
    return [(first, first + n) for first, n in runs if n >= PLATEAU_WINDOWS]
