from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.append import StoreWriter
from eventstore.errors import InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.selection import Selection
from eventstore.slicing import (
    Intervals,
    slice_around,
    slice_by_count,
    slice_by_intervals,
    slice_by_time,
)
from eventstore.store import EventStore

LABELS = ("up", "down")


@pytest.fixture(scope="module")
def store(sample_store: Path) -> Iterator[EventStore]:
    with EventStore.open(sample_store) as opened:
        yield opened


def select(store: EventStore, parts: list[tuple[int, int, int]]) -> Selection:
    """Select intervals (recording, start, length) with labels in turn."""
    n = len(parts)
    table = np.array(parts, np.int64).reshape(n, 3)
    return Selection(
        store=store,
        recording=table[:, 0],
        t_start=table[:, 1],
        t_stop=table[:, 1] + table[:, 2],
        label=np.arange(n) % 2,
        label_names=LABELS,
        reference="tiny@1/split:all",
    )


def whole(store: EventStore) -> Selection:
    return select(store, [(i, 0, int(stop)) for i, stop in enumerate(store.recordings.t_stop)])


# The fourth of the twelve recordings is empty; the longest lasts some 350 µs.
parts = st.lists(
    st.tuples(st.integers(0, 11), st.integers(0, 200), st.integers(0, 300)), max_size=5
)


Slice = tuple[int, int, int, int]


def slices_of(selection: Selection) -> list[Slice]:
    columns = (selection.recording, selection.t_start, selection.t_stop, selection.label)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def times(selection: Selection, i: int) -> list[int]:
    ends = (int(selection.t_start[i]), int(selection.t_stop[i]))
    t: list[int] = selection.store.read_time(int(selection.recording[i]), *ends).t.tolist()
    return t


@given(parts, st.integers(1, 150), st.integers(0, 149), st.booleans())
def test_windows_of_time(
    store: EventStore, parts: list[tuple[int, int, int]], window: int, overlap: int, last: bool
) -> None:
    overlap = min(overlap, window - 1)
    expected, selection = [], select(store, parts)
    for recording, start, stop, label in slices_of(selection):
        at, covered = start, start
        while at + window <= stop:
            expected.append((recording, at, at + window, label))
            covered, at = at + window, at + window - overlap
        if last and covered < stop:
            expected.append((recording, at, stop, label))
    sliced = slice_by_time(selection, window, overlap_us=overlap, keep_last=last)
    assert slices_of(sliced) == expected
    assert (sliced.label_names, sliced.reference) == (LABELS, "tiny@1/split:all")


@given(parts, st.integers(1, 40), st.integers(0, 39), st.booleans())
def test_runs_of_events(
    store: EventStore, parts: list[tuple[int, int, int]], n: int, overlap: int, last: bool
) -> None:
    overlap = min(overlap, n - 1)
    expected, selection = [], select(store, parts)
    for i, (recording, _, _, label) in enumerate(slices_of(selection)):
        t = times(selection, i)
        at, covered = 0, 0
        while at + n <= len(t) or (last and covered < len(t)):
            covered = min(at + n, len(t))
            stop = t[covered] if covered < len(t) else t[-1] + 1
            if t[at] < stop:
                expected.append((recording, t[at], stop, label))
            at += n - overlap
    assert slices_of(slice_by_count(selection, n, overlap=overlap, keep_last=last)) == expected


@given(parts, st.integers(1, 40))
def test_runs_without_overlap_hold_every_event_once(
    store: EventStore, parts: list[tuple[int, int, int]], n: int
) -> None:
    selection = select(store, parts)
    sliced = slice_by_count(selection, n, keep_last=True)
    for i in range(len(selection)):
        one = slice_by_count(selection.take([i]), n, keep_last=True)
        assert [t for k in range(len(one)) for t in times(one, k)] == times(selection, i)
    assert len(sliced) == sum(
        len(slice_by_count(selection.take([i]), n, keep_last=True)) for i in range(len(selection))
    )


def test_runs_are_equally_long_where_times_differ(tmp_path: Path) -> None:
    events = Events.of(t=np.arange(100) * 3, x=[0] * 100)
    with StoreWriter.create(tmp_path / "events.zarr", Sensor(1, 1)) as writer:
        writer.append("a", [events])
    with EventStore.open(tmp_path / "events.zarr") as store:
        runs = slice_by_count(select(store, [(0, 0, 298)]), 30, overlap=10, keep_last=True)
        assert [len(times(runs, i)) for i in range(len(runs))] == [30, 30, 30, 30, 20]


def test_only_the_times_needed_are_read(
    sample_store: Path, counted_files: Callable[..., Any]
) -> None:
    files = counted_files(sample_store)
    with EventStore(files) as store:
        selection = select(store, [(11, 0, int(store.recordings.t_stop[11]))])
        store.recordings.ids  # noqa: B018 # read now, so as not to be counted
        files.take_calls()
        slice_by_count(selection, 20)
        read = {key for call in files.take_calls() for key, *_ in call}
    assert {key.split("/")[0] for key in read} <= {"events", "recordings", "index"}
    assert {key.split("/")[1] for key in read if key.startswith("events")} == {"t"}


@given(
    parts,
    st.lists(st.lists(st.integers(-50, 400), max_size=5), min_size=5, max_size=5),
    st.tuples(st.integers(0, 60), st.integers(0, 60)).filter(any),
    st.booleans(),
)
def test_windows_around_moments(
    store: EventStore,
    parts: list[tuple[int, int, int]],
    moments: list[list[int]],
    reach: tuple[int, int],
    partial: bool,
) -> None:
    before, after = reach
    moments = moments[: len(parts)]
    expected, selection = [], select(store, parts)
    for (recording, start, stop, label), own in zip(slices_of(selection), moments, strict=True):
        for moment in own:
            if start <= moment - before and moment + after <= stop:
                expected.append((recording, moment - before, moment + after, label))
            elif partial and max(start, moment - before) < min(stop, moment + after):
                ends = (max(start, moment - before), min(stop, moment + after))
                expected.append((recording, *ends, label))
    sliced = slice_around(
        selection, moments, before_us=before, after_us=after, keep_partial=partial
    )
    assert slices_of(sliced) == expected


@given(
    parts,
    st.lists(
        st.tuples(
            st.integers(0, 11), st.integers(0, 300), st.integers(1, 200), st.sampled_from("abc")
        ),
        max_size=8,
    ),
)
def test_labelled_intervals(
    store: EventStore,
    parts: list[tuple[int, int, int]],
    rows: list[tuple[int, int, int, str]],
) -> None:
    table = Intervals(
        recording_id=[f"r{recording}" for recording, *_ in rows],
        t_start=np.array([start for _, start, _, _ in rows], np.int64),
        t_stop=np.array([start + length for _, start, length, _ in rows], np.int64),
        label=[label for *_, label in rows],
    )
    expected, selection = [], select(store, parts)
    for recording, start, stop, _ in slices_of(selection):
        for own, first, length, label in rows:
            ends = max(start, first), min(stop, first + length)
            if own == recording and ends[0] < ends[1]:
                expected.append((recording, *ends, "xabc".index(label)))
    sliced = slice_by_intervals(selection, table, label_names=("x", "a", "b", "c"))
    assert slices_of(sliced) == expected
    by_name = slice_by_intervals(selection, table)
    assert by_name.label_names == tuple(sorted(set(table.label)))
    assert [by_name.label_names[i] for i in by_name.label] == [
        sliced.label_names[i] for i in sliced.label
    ]


def test_ids_of_slices_are_their_places(store: EventStore) -> None:
    sliced = slice_by_time(select(store, [(2, 10, 25)]), 10, keep_last=True)
    assert sliced.sample_ids() == ["r2#10-20", "r2#20-30", "r2#30-35"]


def test_a_slice_of_slices_is_a_slice(store: EventStore) -> None:
    tenths = slice_by_time(slice_by_time(whole(store), 40), 10)
    assert set(slices_of(tenths)) <= set(slices_of(slice_by_time(whole(store), 10)))


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (-1, 0), (5, 5), (5, -1)])
def test_slices_without_length_are_refused(store: EventStore, size: int, overlap: int) -> None:
    with pytest.raises(InvalidInput, match=rf"window_us={size} with overlap_us={overlap}"):
        slice_by_time(whole(store), size, overlap_us=overlap)
    with pytest.raises(InvalidInput, match=rf"n_events={size} with overlap={overlap}"):
        slice_by_count(whole(store), size, overlap=overlap)


def test_more_slices_than_memory_are_refused(store: EventStore) -> None:
    years = replace(whole(store), t_stop=np.full(12, 10**14))
    with pytest.raises(InvalidInput, match="1200000000000000 slices of 12 samples"):
        slice_by_time(years, 1)


def test_moments_that_do_not_fit_the_samples_are_refused(store: EventStore) -> None:
    with pytest.raises(InvalidInput, match="times of 1 samples for a selection of 12"):
        slice_around(whole(store), [[5]], before_us=1, after_us=1)
    with pytest.raises(InvalidInput, match="0 µs before and 0 µs after have no length"):
        slice_around(whole(store), [[5]] * 12, before_us=0, after_us=0)


def table_of(**columns: Any) -> Intervals:
    row: dict[str, Any] = {"recording_id": ["r1"], "t_start": [0], "t_stop": [5], "label": ["a"]}
    return Intervals(**{**row, **columns})


def test_tables_that_make_no_sense_are_refused(store: EventStore) -> None:
    with pytest.raises(InvalidInput, match=r"different lengths: \[1, 1, 1, 2\]"):
        table_of(label=["a", "b"])
    with pytest.raises(InvalidInput, match="interval 0 runs from 0 to 0 µs"):
        table_of(t_stop=[0])
    with pytest.raises(InvalidInput, match="label 'a' of the intervals is none of up, down"):
        slice_by_intervals(whole(store), table_of(), label_names=LABELS)
    with pytest.raises(NotFound, match="no recording 'r99'"):
        slice_by_intervals(whole(store), table_of(recording_id=["r99"]))
