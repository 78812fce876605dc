"""Graphs are lazy, their chunks change nothing, and they run in threads and on a cluster."""

import pickle
from pathlib import Path

import dask
import dask.bag
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventstore.append import StoreWriter
from eventstore.errors import Conflict, InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.readers.conformance import sample_events
from eventstore.selection import Selection
from eventstore.store import EventStore
from eventstore.store_handle import StoreHandle
from eventstore.strategies import events
from eventstore.testing import TINY_LABELS, TINY_SENSOR, tiny_selection
from eventstore.transforms import (
    CropSpace,
    Denoise,
    DropEvents,
    EventBatch,
    FramesByBins,
    FramesByCount,
    FramesByTime,
    Pipeline,
    RandomKey,
    RefractoryPeriod,
    TimeSurface,
)
from eventstore.transforms.lazy import compute_in_turn, lazy_frames, lazy_recording, lazy_samples
from eventstore.transforms.lazy_tasks import make_window

N = 20

BINS = Pipeline(Denoise(filter_time_us=2_000), FramesByBins(n_bins=3))


@pytest.fixture(scope="module")
def selection(tmp_path_factory: pytest.TempPathFactory) -> Selection:
    return tiny_selection(tmp_path_factory.mktemp("store") / "events.zarr", n_recordings=N)


def _raise(*_: object, **__: object) -> None:
    raise AssertionError


def frames_of(selection: Selection, pipeline: Pipeline) -> list[np.ndarray]:
    """Return the frames of each sample, made one by one."""
    read, stop = selection.store.read, selection.t_stop.tolist()
    return [
        pipeline.frames(read(row), TINY_SENSOR, t_stop=stop[i])
        for i, row in enumerate(selection.recording.tolist())
    ]


def test_nothing_is_read_or_computed_until_asked(
    selection: Selection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EventStore, "_read_into", _raise)
    monkeypatch.setattr(EventStore, "read_time", _raise)
    with dask.config.set(scheduler=_raise):
        frames = lazy_frames(selection, BINS, chunk_samples=8)
        assert frames.dims == ("sample", "frame", "polarity", "y", "x")
        assert frames.chunks is not None
        assert frames.chunks[0] == (8, 8, 4)
        part = frames.where(frames.label == 1, drop=True).sum("frame")[..., :3]
        assert str(part.dtype) == "float32"
        lazy_samples(selection, Pipeline())
        lazy_recording(selection.store, 0, Pipeline(), window_us=1_000)
        with pytest.raises(AssertionError):
            part.compute()


@pytest.mark.parametrize("scheduler", ["synchronous", "threads"])
def test_frames_are_those_of_the_pipeline(selection: Selection, scheduler: str) -> None:
    with dask.config.set(scheduler=scheduler):
        frames = lazy_frames(selection, BINS, chunk_samples=7, dtype="uint8").load()
    assert frames.dtype == np.uint8
    assert np.array_equal(frames.values, np.stack(frames_of(selection, BINS)))
    assert frames.sample_id.values.tolist() == selection.sample_ids()
    assert frames.label.values.tolist() == selection.label.tolist()
    assert frames.attrs["label_names"] == list(TINY_LABELS)
    assert Pipeline.from_json(frames.attrs["pipeline"]) == BINS


@settings(max_examples=10)
@given(size=st.integers(1, 30), order=st.permutations(range(N)), seed=st.integers(0, 5))
def test_chunks_and_order_change_nothing(
    selection: Selection, size: int, order: list[int], seed: int
) -> None:
    pipeline = Pipeline(DropEvents(fraction=0.4), FramesByTime(window_us=5_000, n_frames=4))
    key = RandomKey(seed=seed, epoch=1)
    with dask.config.set(scheduler="synchronous"):
        whole = lazy_frames(selection, pipeline, chunk_samples=N, key=key).values
        parts = lazy_frames(selection.take(order), pipeline, chunk_samples=size, key=key).values
        other = lazy_frames(selection, pipeline, key=RandomKey(seed=seed + 1)).values
    assert np.array_equal(parts, whole[order])
    assert not np.array_equal(other, whole)


def test_real_numbers_and_other_planes(selection: Selection) -> None:
    pipeline = Pipeline(TimeSurface(tau_us=4_000, n_frames=3))
    frames = lazy_frames(selection, pipeline)
    assert np.array_equal(frames.values, np.stack(frames_of(selection, pipeline)))
    with pytest.raises(InvalidInput, match="real numbers, which uint8 cannot hold"):
        lazy_frames(selection, pipeline, dtype="uint8")


def test_no_samples_are_an_empty_array(selection: Selection) -> None:
    frames = lazy_frames(selection.take([]), BINS)
    assert frames.shape == (0, 3, 2, 6, 8)
    assert frames.values.size == 0
    assert lazy_samples(selection.take([]), BINS) == []


def test_audio(tmp_path: Path) -> None:
    selection = tiny_selection(tmp_path / "events.zarr", n_recordings=4, sensor=Sensor.audio(16))
    frames = lazy_frames(selection, Pipeline(FramesByBins(n_bins=5)))
    assert frames.dims == ("sample", "frame", "polarity", "y", "x")
    assert frames.shape == (4, 5, 1, 1, 16)
    assert int(frames.sum()) == selection.store.n_events


def test_samples_of_any_length(selection: Selection) -> None:
    pipeline = Pipeline(Denoise(filter_time_us=2_000), FramesByCount(events_per_frame=9))
    expected = frames_of(selection, pipeline)
    for size in (None, 6):
        chunks = lazy_samples(selection, pipeline, chunk_samples=size)
        made = [sample for part in compute_in_turn(chunks, 2) for sample in part]
        assert [sample.sample_id for sample in made] == selection.sample_ids()
        for sample, frames in zip(made, expected, strict=True):
            assert np.array_equal(sample.value, frames)  # type: ignore[arg-type]


def test_events_as_a_bag(selection: Selection) -> None:
    chunks = lazy_samples(selection, Pipeline(Denoise(filter_time_us=2_000)), chunk_samples=6)
    bag = dask.bag.from_delayed(chunks)  # type: ignore[no-untyped-call]
    with dask.config.set(scheduler="threads"):
        sizes = bag.map(lambda sample: (sample.label, len(sample.value))).compute()
    for i, (label, size) in enumerate(sizes):
        batch = EventBatch.of([selection.store.read(i)], t_start=[0], t_stop=[20_000])
        kept = Pipeline(Denoise(filter_time_us=2_000)).transform(batch, TINY_SENSOR, RandomKey())
        assert (label, size) == (selection.label[i], len(kept.events))


def test_equal_graphs_have_equal_names(selection: Selection) -> None:
    def name(pipeline: Pipeline = BINS, **options: object) -> str:
        return str(lazy_frames(selection, pipeline, **options).data.name)  # type: ignore[arg-type]

    assert name() == name()
    others = {
        name(),
        name(chunk_samples=3),
        name(dtype="uint8"),
        name(key=RandomKey(seed=1)),
        name(Pipeline(FramesByBins(n_bins=3))),
    }
    assert len(others) == 5


@pytest.mark.parametrize(
    ("pipeline", "message"),
    [
        (Pipeline(Denoise(filter_time_us=9)), "makes events, not frames"),
        (Pipeline(FramesByTime(window_us=9)), "different numbers of frames"),
        (Pipeline(CropSpace(x=0, y=0, width=99, height=2), *BINS.stages), "leaves the sensor"),
    ],
)
def test_what_cannot_be_one_array_is_refused(
    selection: Selection, pipeline: Pipeline, message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        lazy_frames(selection, pipeline)


def test_chunks_of_no_samples_are_refused(selection: Selection) -> None:
    with pytest.raises(InvalidInput, match="chunk_samples=-1"):
        lazy_frames(selection, BINS, chunk_samples=-1)


@settings(max_examples=25)
@given(
    table=events(TINY_SENSOR, max_events=80, max_gap_us=150),
    filter_us=st.integers(1, 600),
    window_us=st.integers(40, 3_000),
    more_us=st.integers(0, 500),
)
def test_windows_end_to_end_are_the_whole_recording(
    tmp_path_factory: pytest.TempPathFactory,
    table: Events,
    filter_us: int,
    window_us: int,
    more_us: int,
) -> None:
    path = tmp_path_factory.mktemp("long") / "events.zarr"
    with StoreWriter.create(path, TINY_SENSOR) as writer:
        writer.append("short", [Events.of(t=[3], x=[1])])
        writer.append("long", [table])
    pipeline = Pipeline(
        Denoise(filter_time_us=filter_us),
        CropSpace(x=1, y=0, width=6, height=6),
        Denoise(filter_time_us=2 * filter_us),
    )
    store = EventStore.open(path)
    stop = int(table.t[-1]) + 1 if len(table) else 0
    batch = EventBatch.of([table], t_start=[0], t_stop=[stop])
    whole = pipeline.transform(batch, TINY_SENSOR, RandomKey()).events
    for overlap_us in (None, 3 * filter_us + more_us):
        with dask.config.set(scheduler="synchronous"):
            windows = lazy_recording(
                store, "long", pipeline, window_us=window_us, overlap_us=overlap_us
            )
            made = [w.compute() for w in windows]  # type: ignore[no-untyped-call]
        assert len(made) == -(-stop // window_us)
        assert Events.concatenate(made).equals(whole)


def test_windows_need_their_overlap(selection: Selection) -> None:
    store, denoise = selection.store, Pipeline(Denoise(filter_time_us=500))
    with pytest.raises(InvalidInput, match="499 µs before them") as e:
        lazy_recording(store, 0, denoise, window_us=1_000, overlap_us=499)
    assert "overlap_us ≥ 500" in e.value.hint
    with pytest.raises(InvalidInput, match="windows of 0 µs"):
        lazy_recording(store, 0, denoise, window_us=0)
    with pytest.raises(InvalidInput, match=r"RefractoryPeriod\) does not say"):
        lazy_recording(store, 0, Pipeline(RefractoryPeriod(period_us=9)), window_us=1_000)
    with pytest.raises(InvalidInput, match=r"FramesByBins\) does not say"):
        lazy_recording(store, 0, BINS, window_us=1_000)
    with pytest.raises(NotFound, match="r0000"):
        lazy_recording(store, "r0000", denoise, window_us=1_000)
    with pytest.raises(NotFound, match="no recording row 99"):
        lazy_recording(store, 99, denoise, window_us=1_000)


def test_an_overlap_too_short_would_show(selection: Selection) -> None:
    # The test of windows above can fail: without what lies before them, they differ.
    denoise, handle = Pipeline(Denoise(filter_time_us=5_000)), StoreHandle(selection.store)
    bounds = [(a, a + 2_000) for a in range(0, 20_000, 2_000)]
    cold = [make_window(handle, 0, window, 0, denoise) for window in bounds]
    warm = [make_window(handle, 0, window, 5_000, denoise) for window in bounds]
    assert sum(map(len, cold)) < sum(map(len, warm))


def test_on_a_cluster_in_threads_and_in_another_process(
    selection: Selection, tmp_path: Path
) -> None:
    distributed = pytest.importorskip("distributed")
    counts = Pipeline(FramesByCount(events_per_frame=9))
    for processes in (False, True):
        cluster = distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, processes=processes, dashboard_address=None
        )
        with cluster, distributed.Client(cluster):
            frames = lazy_frames(selection, BINS, chunk_samples=6).values
            assert np.array_equal(frames, np.stack(frames_of(selection, BINS)))
            chunks = lazy_samples(selection, counts, chunk_samples=6)
            made = dask.compute(*chunks)  # type: ignore[attr-defined,no-untyped-call]
            sizes = [len(sample.value) for part in made for sample in part]
            assert sizes == [len(one) for one in frames_of(selection, counts)]
            windows = lazy_recording(selection.store, 0, Pipeline(), window_us=4_000)
            parts = dask.compute(*windows)  # type: ignore[attr-defined,no-untyped-call]
            assert Events.concatenate(parts).equals(selection.store.read(0))


def test_a_store_changed_meanwhile_is_refused_elsewhere(tmp_path: Path) -> None:
    selection = tiny_selection(tmp_path / "events.zarr", n_recordings=4)
    [chunk] = lazy_samples(selection, Pipeline())
    sent = pickle.dumps(chunk)
    with dask.config.set(scheduler="synchronous"):
        assert len(pickle.loads(sent).compute()) == 4
        with StoreWriter.open(tmp_path / "events.zarr") as writer:
            writer.append("late", [sample_events(TINY_SENSOR, 5)])
        with pytest.raises(Conflict, match="was changed since the computation was planned"):
            pickle.loads(sent)
