"""Events of slices of time as pictures of counts, read from the store block by block.

A picture has one byte a pixel: ON events in the high four bits, OFF in the low, up to fifteen each.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64, UInt8

from catalog.viewer.shown import ShownState
from eventstore.errors import InvalidInput
from eventstore.events import Events
from eventstore.frame_kernels import add_frames
from eventstore.store import EventStore

MAX_FRAMES = 64

MAX_BYTES = 32 << 20
"""Of all pictures of one answer."""

MAX_EVENTS = 1 << 26
"""Events that one answer is made of: some seconds' work."""

BLOCK_EVENTS = 1 << 20
"""Events in memory at a time: 13 MiB."""

MAX_US = 1 << 53
"""Latest time that a browser's numbers hold: 285 years."""

MAX_BINS = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameQuery:
    """Which pictures are asked for: each of ``window_us``, one ``step_us`` after the other.

    Args:
        recording: the recording.
        start_us: begin of the first.
        window_us: how long each is open.
        step_us: from the begin of one to that of the next.
        count: how many.

    Examples:
        >>> FrameQuery(recording="a", start_us=0, window_us=10, step_us=5, count=3).starts.tolist()
        [0, 5, 10]
    """

    recording: str
    start_us: int
    window_us: int
    step_us: int
    count: int

    @property
    def starts(self) -> Int64[np.ndarray, " frames"]:
        """Begin of each, in µs."""
        return self.start_us + self.step_us * np.arange(self.count, dtype=np.int64)


class Frames(NamedTuple):
    """Pictures, and how many events lie in each."""

    pixels: UInt8[np.ndarray, "frames h w"]
    n_events: list[int]


def read_frames(state: ShownState, query: FrameQuery) -> Frames:
    """Count the events of each slice of time.

    Raises:
        NotFound: there is no such recording.
        InvalidInput: the pictures, or the events in them, are too many for one answer.
        MissingContent: the events are not on this machine.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> from catalog.viewer.shown import Shown
        >>> state = Shown(tiny_dataset()).state()
        >>> query = FrameQuery(
        ...     recording="Test/left/0", start_us=0, window_us=10_000, step_us=10_000, count=4
        ... )
        >>> read_frames(state, query).pixels.shape
        (4, 34, 34)
    """
    sensor = state.sensor(query.recording)
    shape = query.count, sensor.height, sensor.width
    if np.prod(shape, dtype=object) > MAX_BYTES:
        message = f"{query.count} pictures of {sensor.width} × {sensor.height} pixels are too large"
        raise InvalidInput(message, hint=f"{MAX_BYTES >> 20} MiB are sent at once: ask for fewer")
    store = state.version.store
    rows = np.full(query.count, state.store_row(query.recording), np.int64)
    first, last = store.row_ranges(rows, query.starts, query.starts + query.window_us)
    pixels = np.zeros(shape, np.uint8)
    for start, stop in _runs(first, last):
        for at, events in read_blocks(store, start, stop):
            begin, end = (np.clip(edge - at, 0, len(events)) for edge in (first, last))
            add_frames((events.x, events.y, events.p), begin, end, pixels)
    return Frames(pixels, (last - first).tolist())


def read_raster(
    state: ShownState, recording: str, span_us: tuple[int, int], bins: int
) -> UInt8[np.ndarray, "channels bins"]:
    """Count the events of each channel, or row of pixels, in each part of a slice of time.

    Args:
        state: the dataset.
        recording: the recording.
        span_us: begin of the slice and its end.
        bins: parts that it is cut into.

    Raises:
        NotFound: there is no such recording.
        InvalidInput: there are too many events in it for one answer.
        MissingContent: the events are not on this machine.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> from catalog.viewer.shown import Shown
        >>> state = Shown(tiny_dataset()).state()
        >>> read_raster(state, "Test/left/0", (0, 1_000), 20).shape
        (34, 20)
    """
    sensor = state.sensor(recording)
    sound = sensor.modality == "audio"
    store, (start_us, stop_us) = state.version.store, span_us
    rows = store.row_range(recording, start_us, stop_us)
    counts = np.zeros((1, sensor.width if sound else sensor.height, bins), np.uint8)
    for _, events in read_blocks(store, *rows):
        bin_of = ((events.t - start_us) * bins // max(stop_us - start_us, 1)).astype(np.uint16)
        begin, end = np.array([0]), np.array([len(events)])
        add_frames((bin_of, events.x if sound else events.y, events.p), begin, end, counts)
    raster: np.ndarray = counts[0]
    return raster


def read_blocks(store: EventStore, start: int, stop: int) -> Iterator[tuple[int, Events]]:
    """Yield the events of rows in blocks, each with its first row.

    Raises:
        InvalidInput: they are too many for one answer.
    """
    if stop - start > MAX_EVENTS:
        message = f"{stop - start:,} events lie there"
        raise InvalidInput(message, hint=f"{MAX_EVENTS:,} are counted at once: ask for less time")
    for at in range(start, stop, BLOCK_EVENTS):
        yield at, store.read_rows(at, min(at + BLOCK_EVENTS, stop))


def _runs(
    first: Int64[np.ndarray, " frames"], last: Int64[np.ndarray, " frames"]
) -> list[tuple[int, int]]:
    """Return the rows that slices cover, each once; the slices begin one after the other.

    Raises:
        InvalidInput: they are too many for one answer.
    """
    runs: list[tuple[int, int]] = []
    for start, stop in zip(first.tolist(), last.tolist(), strict=True):
        if runs and start <= runs[-1][1]:
            runs[-1] = runs[-1][0], max(stop, runs[-1][1])
        elif start < stop:
            runs.append((start, stop))
    total = sum(stop - start for start, stop in runs)
    counted = int((last - first).sum())
    if max(total, counted // 4) > MAX_EVENTS:
        message = f"{counted:,} events lie in these pictures"
        raise InvalidInput(message, hint=f"{MAX_EVENTS:,} are counted at once: shorten the window")
    return runs
