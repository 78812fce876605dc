"""A derived store holds what the pipeline makes, says where it is from, and is whole or absent."""

import json
from pathlib import Path

import numpy as np
import pytest

from eventstore.errors import AlreadyExists, InvalidInput
from eventstore.events import Events, Sensor
from eventstore.findings import has_errors
from eventstore.sample_batch import read_samples
from eventstore.schema import Layout
from eventstore.selection import Selection
from eventstore.store import EventStore
from eventstore.testing import TINY_SENSOR, tiny_selection
from eventstore.transforms import (
    CropTime,
    Denoise,
    Downsample,
    DropEvents,
    FramesByBins,
    Pipeline,
    RandomKey,
    Shift,
)
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.derived import write_derived
from eventstore.verify import check_store

PIPELINE = Pipeline(Denoise(filter_time_us=2_000), CropTime(t_start_us=1_000), Downsample(factor=2))

N = 12


@pytest.fixture
def selection(tmp_path: Path) -> Selection:
    whole = tiny_selection(tmp_path / "events.zarr", n_recordings=N)
    start = whole.t_start.copy()
    start[3] = 4_000
    return Selection(
        store=whole.store,
        recording=whole.recording[::-1].copy(),
        t_start=start[::-1].copy(),
        t_stop=whole.t_stop[::-1].copy(),
        label=whole.label,
        label_names=whole.label_names,
        reference="tiny@1.0.0/split:all",
    )


def test_recordings_are_what_the_pipeline_makes(selection: Selection, tmp_path: Path) -> None:
    told: list[tuple[int, int, int]] = []
    path = write_derived(
        selection,
        PIPELINE,
        tmp_path / "derived.zarr",
        layout=Layout(chunk_events=64, shard_events=256),
        tier="fast",
        chunk_samples=5,
        at_a_time=2,
        progress=lambda *done: told.append(done),
    )
    store = EventStore.open(path)
    assert not has_errors(check_store(store))
    assert store.recordings.ids == selection.sample_ids()
    assert (store.sensor, store.head.tier) == (Sensor(4, 3), "fast")
    made = transformed(selection)
    for i in range(N):
        start = int(made.t_start[i])
        assert store.read(i).equals(made.sample(i).shifted(-start))
        assert store.recordings.t_origin_us[i] == start
    assert told[-1] == (3, 3, store.n_events)
    assert len(told) == 3


def transformed(selection: Selection, pipeline: Pipeline = PIPELINE) -> EventBatch:
    return pipeline.transform(
        read_samples(selection, np.arange(len(selection))), TINY_SENSOR, RandomKey()
    )


def test_provenance_says_where_it_is_from(selection: Selection, tmp_path: Path) -> None:
    store = EventStore.open(write_derived(selection, PIPELINE, tmp_path / "derived.zarr"))
    for i, row in enumerate(selection.recording.tolist()):
        said = store.recordings.provenance(i)
        assert said["source"] == "tiny@1.0.0/split:all"
        assert said["sample"] == selection.sample_ids()[i]
        assert said["store_digest"] == selection.store.digest
        assert said["recording_digest"] == selection.store.recordings.digests[row].hex()
        assert said["pipeline_fingerprint"] == PIPELINE.fingerprint
        assert said["pipeline"] == json.loads(PIPELINE.to_json())
        assert "seed" not in said


def test_random_stages_take_the_key_given(selection: Selection, tmp_path: Path) -> None:
    pipeline = Pipeline(DropEvents(fraction=0.5), Shift(max_pixels=1))
    digests = []
    for name, seed, size in (("a", 1, 3), ("b", 1, 100), ("c", 2, 100)):
        key = RandomKey(seed=seed)
        path = write_derived(selection, pipeline, tmp_path / name, key=key, chunk_samples=size)
        store = EventStore.open(path)
        digests.append([digest.hex() for digest in store.recordings.digests])
        said = store.recordings.provenance(0)
        assert (said["seed"], said["epoch"]) == (seed, 0)
    assert digests[0] == digests[1]
    assert digests[0] != digests[2]


def test_audio_stays_audio(tmp_path: Path) -> None:
    selection = tiny_selection(tmp_path / "events.zarr", n_recordings=3, sensor=Sensor.audio(16))
    path = write_derived(selection, Pipeline(Downsample(factor=4)), tmp_path / "derived.zarr")
    store = EventStore.open(path)
    assert store.sensor == Sensor.audio(4)
    assert store.n_events == selection.store.n_events


def test_it_is_whole_or_absent(
    selection: Selection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "derived.zarr"

    def backwards(self: Denoise, batch: EventBatch, sensor: object, seeds: object) -> EventBatch:
        t, x, y, p = batch.events
        return batch.with_events(Events(t[::-1].copy(), x, y, p))

    with monkeypatch.context() as patch:
        patch.setattr(Denoise, "apply", backwards)
        with pytest.raises(InvalidInput, match="time runs back"):
            write_derived(selection, Pipeline(Denoise(filter_time_us=9)), path)
    assert [p.name for p in tmp_path.iterdir()] == ["events.zarr"]
    write_derived(selection, PIPELINE, path)
    with pytest.raises(AlreadyExists):
        write_derived(selection, PIPELINE, path)


def test_what_cannot_be_a_store_is_refused(selection: Selection, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="makes frames"):
        write_derived(selection, Pipeline(FramesByBins(n_bins=4)), tmp_path / "derived.zarr")
    with pytest.raises(InvalidInput, match="0 at a time"):
        write_derived(selection, PIPELINE, tmp_path / "derived.zarr", at_a_time=0)
    with pytest.raises(AlreadyExists, match="is in"):
        write_derived(selection.take([1, 1]), PIPELINE, tmp_path / "derived.zarr")
    assert not (tmp_path / "derived.zarr").exists()
