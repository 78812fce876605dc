"""Verification lists everything that is wrong, by recording and µs range."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from eventstore.codecs import CODEC_OF_COLUMN, encode_chunk
from eventstore.events import Sensor
from eventstore.shards import shard_parts
from eventstore.store import EventStore
from eventstore.tables import encode_rows
from eventstore.verify import check_store


@pytest.fixture
def path(sample_store: Path, tmp_path: Path) -> Path:
    shutil.copytree(sample_store, tmp_path / "events.zarr")
    return tmp_path / "events.zarr"


def flip(file: Path, at: int) -> None:
    data = bytearray(file.read_bytes())
    data[at] ^= 1
    file.write_bytes(data)


def test_a_whole_store_has_no_findings(sample_store: Path) -> None:
    assert check_store(EventStore.open(sample_store)) == []


def test_a_flip_names_the_recordings_and_times_hit(path: Path) -> None:
    t = EventStore.open(path).read_rows(0, 16).t
    flip(path / "events" / "x" / "c" / "0", 3)
    found = check_store(EventStore.open(path))
    # Chunk 0 holds all of r0 (rows 0 … 9) and the first six of r1.
    assert [f.where for f in found] == [f"r0#{t[0]}-{t[9] + 1}", f"r1#{t[10]}-{t[15] + 1}"]
    assert all(f.is_error and f.check == "checksum" and f.fix for f in found)
    assert "events/x/c/0 at byte 0 is damaged" in found[0].message


def test_a_flip_in_the_times_still_names_a_range(path: Path) -> None:
    first_t = EventStore.open(path).first_t
    index = EventStore.open(path).recordings
    flip(path / "events" / "t" / "c" / "1", 0)
    found = check_store(EventStore.open(path))
    # Chunk 4 holds rows 64 … 79, all inside r4 (rows 51 … 88); chunk 5 begins inside it too.
    assert [f.where for f in found] == [f"r4#{first_t[4]}-{first_t[5] + 1}"]
    assert index.row("r4") == 4


@pytest.mark.parametrize("column", ["t", "x", "y", "p"])
def test_every_flip_of_a_shard_is_found(path: Path, column: str) -> None:
    shard = path / "events" / column / "c" / "2"
    whole = shard.read_bytes()
    for at in np.random.default_rng(1).choice(len(whole), 25, replace=False).tolist():
        flip(shard, at)
        found = check_store(EventStore.open(path))
        assert found
        assert all(f"events/{column}/c/2" in f.message for f in found)
        shard.write_bytes(whole)


def test_an_absent_shard_is_one_finding_a_recording(path: Path) -> None:
    (path / "events" / "y" / "c" / "1").unlink()
    found = check_store(EventStore.open(path))
    assert [f.where.split("#")[0] for f in found] == ["r4", "r5"]
    assert {f.check for f in found} == {"missing-content"}


def test_a_shard_cut_short_is_found(path: Path) -> None:
    shard = path / "events" / "p" / "c" / "1"
    shard.write_bytes(shard.read_bytes()[:-3])
    assert [f.where.split("#")[0] for f in check_store(EventStore.open(path))] == ["r4", "r5"]


def rewrite_chunk(path: Path, column: str, k: int, values: np.ndarray) -> None:
    """Replace chunk k (of the first shard) with other values under a right checksum."""
    store = EventStore.open(path)
    chunks = [store.column(column).encoded(i) for i in range(4)]
    chunks[k] = encode_chunk(CODEC_OF_COLUMN[column], values)
    shard = path / "events" / column / "c" / "0"
    shard.write_bytes(b"".join(shard_parts(chunks, 4)))


def test_a_forged_chunk_breaks_the_digest_of_its_recordings(path: Path) -> None:
    values = EventStore.open(path).column("y").chunk(2).copy()
    values[1] ^= 1  # row 33, in r2 (rows 27 … 50)
    rewrite_chunk(path, "y", 2, values)
    found = check_store(EventStore.open(path))
    assert [(f.where.split("#")[0], f.check) for f in found] == [("r2", "digest")]


def test_times_running_back_and_a_wrong_index_are_found(path: Path) -> None:
    values = EventStore.open(path).column("t").chunk(2).copy()
    values[0] += 5000
    rewrite_chunk(path, "t", 2, values)
    found = check_store(EventStore.open(path))
    assert [(f.where.split("#")[0], f.check) for f in found] == [("r2", "order"), ("r2", "index")]
    assert "time runs backwards" in found[0].message
    assert "index/t has" in found[1].message


def test_events_outside_the_sensor_are_found(path: Path) -> None:
    values = EventStore.open(path).column("x").chunk(0).copy()
    values[2] = 99
    rewrite_chunk(path, "x", 0, values)
    found = check_store(EventStore.open(path))
    assert "row 2: x = 99 is outside 0 … 33" in found[0].message


def test_a_wrong_t_stop_is_found(path: Path) -> None:
    store = EventStore.open(path)
    stops = store.recordings.t_stop.copy()
    stops[1] += 1
    (path / "recordings" / "t_stop" / "c" / "0").write_bytes(encode_rows(stops[:4], 4))
    found = check_store(EventStore.open(path))
    assert [(f.where, f.check) for f in found] == [(f"r1#0-{stops[1]}", "t-stop")]


def test_damage_is_found_where_the_table_is_damaged_too(path: Path) -> None:
    flip(path / "recordings" / "offsets" / "c" / "0", 2)
    flip(path / "events" / "x" / "c" / "0", 3)
    found = check_store(EventStore.open(path))
    assert [f.where for f in found] == ["recordings/offsets", "events 0-16"]


def test_audio_is_verified_too(tmp_path: Path) -> None:
    from eventstore.testing import tiny_store

    store = tiny_store(tmp_path / "a.zarr", sensor=Sensor.audio(16))
    assert check_store(store) == []
    flip(tmp_path / "a.zarr" / "events" / "c" / "c" / "0", 9)
    assert check_store(EventStore.open(tmp_path / "a.zarr"))
