"""Tasks give what the pipeline gives, and survive the way to another process."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.events import Events
from eventstore.sample_batch import read_samples
from eventstore.selection import Selection
from eventstore.store_handle import StoreHandle
from eventstore.testing import TINY_SENSOR, tiny_selection
from eventstore.transforms import (
    Denoise,
    DropEvents,
    FramesByBins,
    FramesByCount,
    Pipeline,
    RandomKey,
)
from eventstore.transforms.lazy_tasks import Chunk, make_frames, make_samples, make_window

KEY = RandomKey(seed=3, epoch=2)


@pytest.fixture(scope="module")
def selection(tmp_path_factory: pytest.TempPathFactory) -> Selection:
    whole = tiny_selection(tmp_path_factory.mktemp("store") / "events.zarr", n_recordings=12)
    return parts_of(whole)


def parts_of(whole: Selection) -> Selection:
    """Return a selection of parts of recordings, one of them without an event."""
    start, stop = whole.t_start.copy(), whole.t_stop.copy()
    start[3], stop[5], start[7] = 4_000, 9_000, stop[7] - 1
    stop[7] = start[7]
    return Selection(
        store=whole.store,
        recording=whole.recording,
        t_start=start,
        t_stop=stop,
        label=whole.label,
        label_names=whole.label_names,
    )


def chunk_of(selection: Selection, rows: list[int]) -> Chunk:
    some = selection.take(rows)
    ids = tuple(some.sample_ids())
    return Chunk(some.recording, some.t_start, some.t_stop, some.label, ids)


@given(rows=st.lists(st.integers(0, 11), max_size=6))
def test_a_chunk_reads_its_samples(selection: Selection, rows: list[int]) -> None:
    batch = chunk_of(selection, rows).read(StoreHandle(selection.store))
    expected = read_samples(selection, np.array(rows, np.int64))
    assert batch.ids == expected.ids
    assert batch.events.equals(expected.events)
    assert batch.offsets.tolist() == expected.offsets.tolist()
    assert batch.t_start.tolist() == expected.t_start.tolist()


def test_frames_of_a_chunk(selection: Selection) -> None:
    pipeline = Pipeline(DropEvents(fraction=0.3), FramesByBins(n_bins=4))
    rows = [3, 0, 1, 5]
    order = pickle.dumps((StoreHandle(selection.store), chunk_of(selection, rows), pipeline, KEY))
    handle, chunk, again, key = pickle.loads(order)
    out = make_frames(handle, chunk, pipeline=again, key=key, dtype="uint8")
    batch = pipeline.transform(read_samples(selection, np.array(rows)), TINY_SENSOR, KEY)
    expected: np.ndarray = np.empty((4, 4, 2, 6, 8), np.uint8)
    pipeline.write(batch, TINY_SENSOR, expected)
    assert out.dtype == np.uint8
    assert np.array_equal(out, expected)


def test_samples_of_a_chunk_have_their_own_lengths(selection: Selection) -> None:
    pipeline = Pipeline(Denoise(filter_time_us=900), FramesByCount(events_per_frame=7))
    rows = [1, 3, 4]
    made = make_samples(
        StoreHandle(selection.store),
        chunk_of(selection, rows),
        pipeline=pipeline,
        key=KEY,
        dtype="float32",
    )
    for sample, row in zip(made, rows, strict=True):
        batch = read_samples(selection, np.array([row]))
        expected = pipeline.frames(
            batch.events.shifted(-int(batch.t_start[0])),
            TINY_SENSOR,
            t_stop=int(batch.t_stop[0] - batch.t_start[0]),
        )
        assert np.array_equal(sample.value, expected)  # type: ignore[arg-type]
        assert sample.label == selection.label[row]
        assert sample.sample_id == selection.sample_ids()[row]
    assert isinstance(made[0].value, np.ndarray)
    assert made[0].value.shape == (0, 2, 6, 8)


def test_events_of_a_chunk(selection: Selection) -> None:
    rows = [5, 7]
    made = make_samples(
        StoreHandle(selection.store),
        chunk_of(selection, rows),
        pipeline=Pipeline(),
        key=KEY,
        dtype="float32",
    )
    for sample, row in zip(made, rows, strict=True):
        window = int(selection.t_start[row]), int(selection.t_stop[row])
        assert isinstance(sample.value, Events)
        assert sample.value.equals(selection.store.read_time(row, *window))
        assert (sample.t_start, sample.t_stop) == window


def test_a_window_leaves_out_what_it_warmed_up_on(selection: Selection) -> None:
    handle = StoreHandle(selection.store)
    plain = make_window(handle, 2, (5_000, 9_000), 3_000, Pipeline())
    assert plain.equals(selection.store.read_time(2, 5_000, 9_000))
    denoise = Pipeline(Denoise(filter_time_us=3_000))
    whole = make_window(handle, 2, (0, 20_000), 0, denoise)
    part = make_window(handle, 2, (5_000, 9_000), 3_000, denoise)
    assert part.equals(whole[(whole.t >= 5_000) & (whole.t < 9_000)])


def test_nothing_to_read(tmp_path: Path) -> None:
    selection = tiny_selection(tmp_path / "events.zarr", n_recordings=3)
    batch = chunk_of(selection, []).read(StoreHandle(selection.store))
    assert len(batch) == 0
    assert len(chunk_of(selection, [1]).read(StoreHandle(selection.store)).events) == 0
