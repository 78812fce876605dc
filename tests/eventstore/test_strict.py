"""Plain zarr and xarray read the same events; the strict store never invents any."""

import asyncio
import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import zarr
from zarr.core.buffer import default_buffer_prototype

from eventstore.append import StoreWriter
from eventstore.errors import MissingContent, ReadOnly
from eventstore.events import Events, Sensor
from eventstore.files import LocalFiles
from eventstore.store import EventStore
from eventstore.strict import StrictStore


@pytest.fixture(scope="module")
def everything(sample_store: Path) -> Events:
    store = EventStore.open(sample_store)
    return store.read_rows(0, store.n_events)


def test_zarr_reads_the_same_events(sample_store: Path, everything: Events) -> None:
    for group in (zarr.open(sample_store, mode="r"), EventStore.open(sample_store).as_zarr()):
        assert isinstance(group, zarr.Group)
        for name in "txyp":
            column = group[f"events/{name}"]
            assert isinstance(column, zarr.Array)
            assert np.array_equal(column[:], everything.column(name))
            assert np.array_equal(column[70:90], everything.column(name)[70:90])
        ids = group["recordings/id"]
        assert isinstance(ids, zarr.Array)
        assert np.asarray(ids[:]).tolist() == EventStore.open(sample_store).recordings.ids
        assert sorted(group) == ["events", "index", "recordings"]


def test_xarray_reads_the_same_events_without_a_warning(
    sample_store: Path, everything: Events
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message="Numcodecs codecs are not in the Zarr")
        events = xr.open_zarr(sample_store, group="events")
        table = xr.open_zarr(sample_store, group="recordings")
    for name in "txyp":
        assert np.array_equal(events[name].values, everything.column(name))
    assert events.sizes == {"event": len(everything)}
    assert table.row_size.attrs["sample_dimension"] == "event"
    assert table.offsets.values[-1] == len(everything)


def test_an_audio_store_opens_in_zarr(tmp_path: Path) -> None:
    with StoreWriter.create(tmp_path / "a.zarr", Sensor.audio(64)) as writer:
        writer.append("tone", [Events.of(t=[1, 2], x=[63, 5])])
    group = zarr.open_group(tmp_path / "a.zarr", mode="r")
    assert np.asarray(group["events/c"][:]).tolist() == [63, 5]  # type: ignore[index]


def test_an_empty_store_opens_in_zarr(tmp_path: Path) -> None:
    StoreWriter.create(tmp_path / "a.zarr", Sensor(4, 4)).close()
    group = EventStore.open(tmp_path / "a.zarr").as_zarr()
    assert np.asarray(group["events/t"][:]).shape == (0,)  # type: ignore[index]
    assert np.asarray(group["recordings/offsets"][:]).tolist() == [0]  # type: ignore[index]


def test_an_absent_shard_raises_where_zarr_shows_zeros(sample_store: Path, tmp_path: Path) -> None:
    path = tmp_path / "events.zarr"
    shutil.copytree(sample_store, path)
    (path / "events" / "x" / "c" / "0").unlink()
    plain = zarr.open_group(path, mode="r")["events/x"]
    assert not np.asarray(plain[:64]).any()  # type: ignore[index]
    strict = EventStore.open(path).as_zarr()["events/x"]
    with pytest.raises(MissingContent, match="events/x/c/0"):
        strict[:64]  # type: ignore[index]


def test_the_strict_store_is_read_only(sample_store: Path) -> None:
    group = EventStore.open(sample_store).as_zarr()
    with pytest.raises((ReadOnly, ValueError), match="read"):
        group["events/x"][:3] = 0  # type: ignore[index]
    store = StrictStore(LocalFiles(sample_store))
    with pytest.raises(ReadOnly, match=r"cannot change zarr\.json"):
        asyncio.run(store.delete("zarr.json"))
    assert asyncio.run(store.exists("zarr.json"))
    assert asyncio.run(store.get(".zgroup", default_buffer_prototype())) is None
