"""Joined stores hold the recordings of all, or are as before."""

import os
import shutil
from pathlib import Path

import pytest

from eventstore.append import StoreWriter
from eventstore.concatenate import check_disjoint, concatenate_stores
from eventstore.errors import AlreadyExists, Conflict, IntegrityError, InvalidInput, NotFound
from eventstore.events import Sensor
from eventstore.sample_stores import SAMPLE_LAYOUT, write_samples
from eventstore.schema import Layout
from eventstore.store import EventStore
from eventstore.testing import tiny_store
from eventstore.verify import check_store

pytestmark = pytest.mark.usefixtures("instant_sync")

OTHER = Layout(chunk_events=32, shard_events=256, table_rows=3)


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("parts")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        write_samples(folder / "a.zarr", range(5))
        write_samples(folder / "b.zarr", range(5, 9), layout=OTHER, tier="fast")
    return [folder / "a.zarr", folder / "b.zarr"]


def content(path: Path) -> dict[str, bytes]:
    return {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}


def test_a_new_store_is_as_if_all_had_been_appended_to_it(
    parts: list[Path], tmp_path: Path
) -> None:
    told: list[tuple[int, int, int]] = []
    into = tmp_path / "joined.zarr"
    report = concatenate_stores(parts, into, progress=lambda *now: told.append(now))
    write_samples(tmp_path / "once.zarr", range(9))
    assert content(into) == content(tmp_path / "once.zarr")
    assert (report.n_added, report.n_recordings) == (9, 9)
    assert [(k, n) for k, n, _ in told] == [(k, 9) for k in range(1, 10)]
    assert told[-1][2] == report.n_events
    assert check_store(EventStore.open(into)) == []


def test_recordings_are_appended_to_a_store_that_is_there(
    parts: list[Path], tmp_path: Path
) -> None:
    into = tmp_path / "joined.zarr"
    write_samples(into, range(5))
    assert concatenate_stores(parts[1:], into).n_added == 4
    write_samples(tmp_path / "once.zarr", range(9))
    assert content(into) == content(tmp_path / "once.zarr")


def test_a_new_store_is_cut_and_coded_as_asked(parts: list[Path], tmp_path: Path) -> None:
    into = tmp_path / "joined.zarr"
    concatenate_stores(parts[::-1], into, layout=Layout(), tier="archive")
    head = EventStore.open(into).head
    assert (head.layout, head.tier) == (Layout(), "archive")
    with pytest.raises(InvalidInput, match="cut or coded otherwise"):
        concatenate_stores(parts, into, layout=SAMPLE_LAYOUT)


def test_the_sensor_holds_all(tmp_path: Path) -> None:
    for name, sensor in (("a", Sensor(8, 40)), ("b", Sensor(50, 6))):
        with StoreWriter.create(tmp_path / f"{name}.zarr", sensor) as writer:
            writer.append(name, [])
    concatenate_stores([tmp_path / "a.zarr", tmp_path / "b.zarr"], tmp_path / "c.zarr")
    assert EventStore.open(tmp_path / "c.zarr").sensor == Sensor(50, 40)


def test_ids_in_two_stores_are_refused_before_anything_is_done(
    parts: list[Path], tmp_path: Path
) -> None:
    into = tmp_path / "joined.zarr"
    with pytest.raises(
        AlreadyExists, match=r"'r0' \(and 4 more\) is in .*a\.zarr and in .*a\.zarr"
    ):
        concatenate_stores([parts[0], parts[1], parts[0]], into)
    assert list(tmp_path.iterdir()) == []
    write_samples(into, range(4, 6))
    before = content(into)
    with pytest.raises(AlreadyExists, match=r"'r5' is in .*joined\.zarr and in .*b\.zarr"):
        concatenate_stores(parts[1:], into)
    assert content(into) == before


def test_cameras_and_cochleas_are_not_joined(parts: list[Path], tmp_path: Path) -> None:
    tiny_store(tmp_path / "c.zarr", sensor=Sensor.audio(8)).close()
    with pytest.raises(InvalidInput, match="audio and vision"):
        concatenate_stores([parts[0], tmp_path / "c.zarr"], tmp_path / "joined.zarr")
    with pytest.raises(InvalidInput, match="is vision, the store is audio"):
        concatenate_stores([parts[0]], tmp_path / "c.zarr")
    with pytest.raises(InvalidInput, match="nothing cannot be joined"):
        concatenate_stores([], tmp_path / "joined.zarr")


def test_places_that_are_taken_or_empty_are_refused(parts: list[Path], tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "text.md").touch()
    with pytest.raises(AlreadyExists, match="notes is there already"):
        concatenate_stores(parts, tmp_path / "notes")
    assert (tmp_path / "notes" / "text.md").is_file()
    with pytest.raises(NotFound, match="no event store at"):
        concatenate_stores([tmp_path / "notes"], tmp_path / "joined.zarr")
    write_samples(tmp_path / "busy.zarr", range(20, 22))
    with StoreWriter.open(tmp_path / "busy.zarr"), pytest.raises(Conflict):
        concatenate_stores(parts, tmp_path / "busy.zarr")


@pytest.mark.parametrize("there", [False, True])
def test_damage_leaves_the_state_before(parts: list[Path], tmp_path: Path, there: bool) -> None:
    shutil.copytree(parts[0], tmp_path / "bad.zarr")
    shard = tmp_path / "bad.zarr" / "events" / "x" / "c" / "1"
    shard.write_bytes(shard.read_bytes()[:-1])
    into = tmp_path / "joined.zarr"
    if there:
        write_samples(into, range(20, 23))
    with pytest.raises(IntegrityError, match="events/x/c/1"):
        concatenate_stores([parts[1], tmp_path / "bad.zarr"], into)
    assert into.exists() == there
    if there:
        assert EventStore.open(into).recordings.ids == ["r20", "r21", "r22"]
        assert check_store(EventStore.open(into)) == []


def test_disjoint_ids_pass() -> None:
    check_disjoint([("a", ["r1", "r2"]), ("b", ["r3"]), ("c", [])])
