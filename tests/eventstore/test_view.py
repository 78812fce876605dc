"""The xarray view: lazy, on shard boundaries, and equal to what the store reads."""

import pickle
from pathlib import Path

import dask
import numpy as np
import pytest
import xarray

from eventstore.append import StoreWriter
from eventstore.errors import Conflict
from eventstore.events import Events, Sensor
from eventstore.readers.conformance import sample_events
from eventstore.schema import Layout
from eventstore.store import EventStore
from eventstore.view import ColumnBlocks, as_xarray

LAYOUT = Layout(chunk_events=16, shard_events=64)


@pytest.fixture
def store(tmp_path: Path) -> EventStore:
    path = tmp_path / "events.zarr"
    with StoreWriter.create(path, Sensor(34, 34), layout=LAYOUT) as writer:
        for i, n in enumerate((100, 0, 71)):
            writer.append(f"r{i}", [sample_events(Sensor(34, 34), n, seed=i)])
    return EventStore.open(path)


def _raise(*_: object, **__: object) -> None:
    raise AssertionError


def test_nothing_is_computed_until_asked(store: EventStore) -> None:
    with dask.config.set(scheduler=_raise):
        view = as_xarray(store)
        assert view.t.data.chunks == ((64, 64, 43),)
        assert view.sizes == {"event": 171, "recording": 3, "recording_bound": 4}
        later = view.x.data[10:90].sum()
        with pytest.raises(AssertionError):
            later.compute()


@pytest.mark.parametrize("scheduler", ["synchronous", "threads"])
def test_values_are_those_of_the_store(store: EventStore, scheduler: str) -> None:
    with dask.config.set(scheduler=scheduler):
        view = store.as_xarray().load()
    whole = store.read_rows(0, store.n_events)
    for name in "txyp":
        assert np.array_equal(view[name], whole.column(name))
    assert view.p.dtype == bool
    assert view.recording_id.values.tolist() == ["r0", "r1", "r2"]
    assert view.row_size.values.tolist() == [100, 0, 71]
    assert view.attrs["digest"] == store.digest


def test_plain_xarray_gives_the_same(store: EventStore, tmp_path: Path) -> None:
    plain = xarray.open_zarr(tmp_path / "events.zarr", group="events", consolidated=False)
    for name in "txyp":
        assert np.array_equal(plain[name].values, as_xarray(store)[name].values)


def test_any_slice_is_that_of_an_array(store: EventStore) -> None:
    blocks, t = ColumnBlocks(store, "t"), store.read_rows(0, 171).t
    for part in (slice(0, 171), slice(60, 70), slice(5, 5), slice(100, None, 7), slice(-3, None)):
        assert np.array_equal(blocks[part], t[part])


def test_audio_has_its_own_columns_and_no_events_are_none(tmp_path: Path) -> None:
    with StoreWriter.create(tmp_path / "a.zarr", Sensor.audio(8)) as writer:
        writer.append("a", [Events.empty()])
    view = as_xarray(EventStore.open(tmp_path / "a.zarr"))
    assert {"t", "c"} <= set(view)
    assert "x" not in view
    assert view.t.values.tolist() == []


def test_a_block_goes_to_another_process_and_refuses_another_state(
    store: EventStore, tmp_path: Path
) -> None:
    sent = pickle.dumps(ColumnBlocks(store, "x"))
    assert np.array_equal(pickle.loads(sent)[0:171], store.read_rows(0, 171).x)
    with StoreWriter.open(tmp_path / "events.zarr") as writer:
        writer.append("late", [sample_events(Sensor(34, 34), 5)])
    with pytest.raises(Conflict, match="was changed since the computation was planned"):
        pickle.loads(sent)
