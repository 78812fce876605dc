"""Rows are found by time as numpy finds them, with few reads."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.store import EventStore
from eventstore.time_index import Interval


@pytest.fixture(scope="module")
def store(sample_store: Path) -> EventStore:
    return EventStore.open(sample_store)


@given(
    asked=st.lists(
        st.tuples(st.integers(0, 11), st.integers(-5, 400), st.integers(0, 400)), max_size=8
    )
)
def test_all_ways_find_the_same_rows(store: EventStore, asked: list[tuple[int, int, int]]) -> None:
    recordings = np.array([r for r, _, _ in asked], np.int64)
    t_start = np.array([a for _, a, _ in asked], np.int64)
    t_stop = t_start + np.array([n for _, _, n in asked], np.int64)
    starts, stops = store.row_ranges(recordings, t_start, t_stop)
    for i, (row, a, n) in enumerate(asked):
        low = int(store.recordings.offsets[row])
        times = store.read(row).t
        expected = low + np.searchsorted(times, [a, a + n])
        assert store.row_range(row, a, a + n) == tuple(expected)
        assert (starts[i], stops[i]) == tuple(expected)
        interval = Interval(low, low + len(times), a, a + n)
        first, last = store._index.bounds(interval)
        assert first <= expected[0] <= expected[1] <= last
        assert last - first <= expected[1] - expected[0] + 2 * 16


def test_the_index_is_the_first_time_of_each_chunk(store: EventStore) -> None:
    t = store.read_rows(0, store.n_events).t
    assert np.array_equal(store.first_t, t[::16])
    assert not store.first_t.flags.writeable


def test_a_time_slice_takes_two_round_trips(
    sample_store: Path, counted_files: Callable[..., Any]
) -> None:
    files = counted_files(sample_store)
    store = EventStore.open(files)
    store.row_range("r11", 0, 1)  # reads the tables
    files.take_calls()
    events = store.read_time("r11", 100, 160)
    assert len(events) > 0
    _places, chunks = files.take_calls()
    assert {key.split("/")[1] for key, _, _ in chunks} == set("txyp")
    store.read_time("r11", 100, 160)
    assert len(files.take_calls()) <= 1


def test_many_intervals_take_two_round_trips(
    sample_store: Path, counted_files: Callable[..., Any]
) -> None:
    files = counted_files(sample_store)
    store = EventStore.open(files)
    store.row_range(0, 0, 1)
    files.take_calls()
    n = store.n_recordings
    store.row_ranges(np.arange(n), np.full(n, 20), np.full(n, 30))
    _places, chunks = files.take_calls()
    assert len(set(chunks)) == len(chunks)
