"""A packed store is the store, for us and for zarr, near and far."""

import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from zarr.storage import ZipStore

from eventstore.append import StoreWriter
from eventstore.errors import AlreadyExists, MissingContent
from eventstore.events import Sensor
from eventstore.packing import pack_store
from eventstore.store import EventStore
from eventstore.verify import check_store


@pytest.fixture
def archive(sample_store: Path, tmp_path: Path) -> Path:
    with EventStore.open(sample_store) as store:
        return pack_store(store, tmp_path / "events.zarr.zip")


def test_a_packed_store_is_the_store(sample_store: Path, archive: Path) -> None:
    with EventStore.open(sample_store) as store, EventStore.open(archive) as packed:
        assert packed.digest == store.digest
        assert packed.read_rows(0, store.n_events).equals(store.read_rows(0, store.n_events))
        assert packed.read_time("r9", 10, 90).equals(store.read_time("r9", 10, 90))
        assert packed.lost_files() == []
        assert check_store(packed) == []
        times: Any = packed.as_zarr()["events/t"]
        assert np.array_equal(times[:], store.read_rows(0, store.n_events).t)


def test_zarr_reads_it(sample_store: Path, archive: Path) -> None:
    with ZipStore(archive, mode="r") as files:
        group: Any = zarr.open_group(files, mode="r")
        for name in "txyp":
            expected = EventStore.open(sample_store).read_rows(0, 90).column(name)
            assert np.array_equal(group[f"events/{name}"][:90], expected)
        assert group["recordings/id"][:].tolist() == EventStore.open(archive).recordings.ids


def test_a_remote_archive_is_read_by_ranges(
    tmp_path: Path, web_server: Any, make_events: Any
) -> None:
    with StoreWriter.create(tmp_path / "a.zarr", Sensor(34, 20)) as writer:
        writer.append("a", [make_events(200_000)])
    store = EventStore.open(tmp_path / "a.zarr")
    size = pack_store(store, web_server.folder / "a.zip").stat().st_size
    packed = EventStore.open(f"{web_server.url}/a.zip", cache=None)
    assert packed.read_time("a", 9_000, 20_000).equals(store.read_time("a", 9_000, 20_000))
    assert web_server.take_bytes() < size / 4


def test_the_same_state_gives_the_same_bytes(
    sample_store: Path, archive: Path, tmp_path: Path, make_events: Any
) -> None:
    path = tmp_path / "copy.zarr"
    shutil.copytree(sample_store, path)
    store = EventStore.open(path)
    again = pack_store(store, tmp_path / "again.zip")
    assert again.read_bytes() == archive.read_bytes()
    with StoreWriter.open(path) as writer:
        writer.append("new", [make_events(40)])
    before = EventStore.open(pack_store(store, tmp_path / "before.zip"))
    assert before.recordings.ids == store.recordings.ids
    assert check_store(before) == []


def test_nothing_is_overwritten_and_nothing_is_left_behind(
    sample_store: Path, archive: Path, tmp_path: Path
) -> None:
    with pytest.raises(AlreadyExists, match=r"events\.zarr\.zip already"):
        pack_store(EventStore.open(sample_store), archive)
    path = tmp_path / "copy.zarr"
    shutil.copytree(sample_store, path)
    (path / "events" / "x" / "c" / "3").unlink()
    with pytest.raises(MissingContent):
        pack_store(EventStore.open(path), tmp_path / "other.zip")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copy.zarr", "events.zarr.zip"]


def test_members_are_stored_as_they_are(sample_store: Path, archive: Path) -> None:
    with zipfile.ZipFile(archive) as packed:
        assert packed.testzip() is None
        infos = packed.infolist()
        assert infos[0].filename == "zarr.json"
        assert {info.compress_type for info in infos} == {zipfile.ZIP_STORED}
        for info in infos:
            assert packed.read(info) == (sample_store / info.filename).read_bytes()
