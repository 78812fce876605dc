"""What is drawn along and over a recording: its rate in time, its hot pixels."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float64

from catalog.curation.places import HotPixel, find_hot_pixels
from catalog.viewer.shown import ShownState

EXACT_EVENTS = 1 << 22
"""Events up to which a rate is counted; beyond, it is read off the index, chunk by chunk."""

EXACT_REMOTE_EVENTS = 1 << 18
"""The same, of a store that is read over a network."""

HOT_EVENTS = 1 << 22
"""Events from the recording's start that hot pixels are sought in."""

MOST_HOT = 1_000
"""Hot pixels that are told; beyond, a sensor is broken as a whole."""


class Rate(NamedTuple):
    """How many events lie in each part of a slice of time."""

    counts: Float64[np.ndarray, " bins"]
    exact: bool
    """Whether they were counted; else those of a chunk are spread over its time."""


class HotPixels(NamedTuple):
    """Pixels that fire too often, the hottest first."""

    pixels: list[HotPixel]
    until_us: int
    """End of what was looked at."""


def read_rate(state: ShownState, recording: str, span_us: tuple[int, int], bins: int) -> Rate:
    """Return how many events lie in each of equal parts of a slice of time.

    Args:
        state: the dataset.
        recording: the recording.
        span_us: begin of the slice and its end.
        bins: parts that it is cut into.

    Raises:
        NotFound: there is no such recording.
        MissingContent: the events are not on this machine.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> from catalog.viewer.shown import Shown
        >>> state = Shown(tiny_dataset()).state()
        >>> rate = read_rate(state, "Test/left/0", (0, state.t_stop("Test/left/0")), 10)
        >>> int(rate.counts.sum()) == len(state.version.store.read("Test/left/0")), rate.exact
        (True, True)
    """
    store, row = state.version.store, state.store_row(recording)
    start_us, stop_us = span_us
    edges = start_us + float(stop_us - start_us) * np.arange(bins + 1) / bins
    limit = EXACT_REMOTE_EVENTS if store.files.remote else EXACT_EVENTS
    low, high = (int(edge) for edge in store.recordings.offsets[row : row + 2])
    if high - low > limit:
        return Rate(np.diff(_rows_at(state, row, edges)), exact=False)
    times = store.read_time(recording, start_us, stop_us).t
    return Rate(np.diff(np.searchsorted(times, np.ceil(edges))).astype(np.float64), exact=True)


def read_hot_pixels(state: ShownState, recording: str) -> HotPixels:
    """Return the pixels of a recording that fire too often, sought from its start on.

    Raises:
        NotFound: there is no such recording.
        MissingContent: the events are not on this machine.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> from catalog.viewer.shown import Shown
        >>> read_hot_pixels(Shown(tiny_dataset()).state(), "Test/left/0").pixels
        []
    """
    store, row = state.version.store, state.store_row(recording)
    low, high = (int(edge) for edge in store.recordings.offsets[row : row + 2])
    events = store.read_rows(low, min(high, low + HOT_EVENTS))
    whole = high - low <= HOT_EVENTS
    until = state.t_stop(recording) if whole else int(events.t[-1]) + 1
    found = find_hot_pixels(events, store.recordings.sensor(row), until)
    return HotPixels(found[:MOST_HOT], until)


def _rows_at(
    state: ShownState, row: int, times: Float64[np.ndarray, " n"]
) -> Float64[np.ndarray, " n"]:
    """Return about which row each time is at: exact where a chunk begins, on a line between."""
    store = state.version.store
    low, high = (int(edge) for edge in store.recordings.offsets[row : row + 2])
    size = store.head.layout.chunk_events
    chunks = np.arange(low // size + 1, (high - 1) // size + 1)
    known_rows = np.concatenate(([low], chunks * size, [high]))
    stop = int(store.recordings.t_stop[row])
    known_times = np.concatenate(([0], store.first_t[chunks], [stop]))
    found: np.ndarray = np.interp(times, known_times, known_rows)
    return found
