"""Stretches that are whole and losses between them, by row and by time."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from eventstore.append import StoreWriter
from eventstore.codecs import CODEC_OF_COLUMN, encode_chunk
from eventstore.events import Events, Sensor
from eventstore.salvage_scan import Loss, RecordingScan, Stretch, scan_recording
from eventstore.schema import Layout
from eventstore.shards import shard_parts
from eventstore.store import EventStore

pytestmark = pytest.mark.usefixtures("instant_sync")

LAYOUT = Layout(chunk_events=10, shard_events=40, table_rows=4)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store of a recording of 5 events, one of 90 at t = 0, 10, 20 …, and an empty one."""
    path = tmp_path / "events.zarr"
    with StoreWriter.create(path, Sensor(8, 8), layout=LAYOUT) as writer:
        for name, n in (("a", 5), ("b", 90), ("c", 0)):
            t = 10 * np.arange(n)
            writer.append(name, [Events.of(t=t, x=t % 8, y=t % 8, p=t % 2)])
    return path


def scan(path: Path, row: int = 1) -> RecordingScan:
    with EventStore.open(path) as store:
        found = scan_recording(store, store.recordings[row])
        if not found.losses:
            assert found.digest == store.recordings[row].digest
        return found


def flip(path: Path, column: str, k: int) -> None:
    """Damage chunk k of a column."""
    with EventStore.open(path) as store:
        reader = store.column(column)
        at = sum(len(reader.encoded(i)) for i in range(k // 4 * 4, k))
    shard = path / "events" / column / "c" / str(k // 4)
    data = bytearray(shard.read_bytes())
    data[at + 3] ^= 1
    shard.write_bytes(data)


def rows(found: RecordingScan) -> list[tuple[int, int]]:
    parts: list[Stretch | Loss] = [*found.stretches, *found.losses]
    return sorted((part.start, part.stop) for part in parts)


def test_a_whole_recording_is_one_stretch(path: Path) -> None:
    found = scan(path)
    assert found.losses == []
    assert found.stretches == [Stretch(start=5, stop=95, t_start=0, t_stop=891)]
    assert scan(path, 2) == RecordingScan(digest=scan(path, 2).digest)


def test_a_loss_has_exact_times_where_they_are_readable(path: Path) -> None:
    flip(path, "x", 3)
    found = scan(path)
    (loss,) = found.losses
    assert (loss.start, loss.stop, loss.t_start, loss.t_stop) == (30, 40, 250, 341)
    assert "events/x/c/0" in loss.reason
    assert [(s.t_start, s.t_stop) for s in found.stretches] == [(0, 241), (350, 891)]
    assert rows(found) == [(5, 30), (30, 40), (40, 95)]


def test_else_they_are_bounded_by_what_is_beside_them(path: Path) -> None:
    flip(path, "t", 3)
    (loss,) = scan(path).losses
    assert (loss.t_start, loss.t_stop) == (240, 351)
    flip(path, "t", 0)
    flip(path, "t", 9)
    losses = scan(path).losses
    assert [(loss.t_start, loss.t_stop) for loss in losses] == [(0, 51), (240, 351), (840, 891)]


def test_neighbouring_damage_is_one_loss(path: Path) -> None:
    flip(path, "x", 3)
    flip(path, "t", 4)
    flip(path, "p", 5)
    (loss,) = scan(path).losses
    assert (loss.start, loss.stop, loss.t_start, loss.t_stop) == (30, 60, 250, 541)


def test_a_missing_shard_and_nothing_left(path: Path) -> None:
    (path / "events" / "t" / "c" / "1").unlink()
    (loss,) = scan(path).losses
    assert (loss.start, loss.stop, loss.t_start, loss.t_stop) == (40, 80, 340, 751)
    shutil.rmtree(path / "events" / "t" / "c")
    found = scan(path)
    assert found.stretches == []
    assert [(loss.t_start, loss.t_stop) for loss in found.losses] == [(0, 891)]


def test_events_that_no_writer_would_have_written_are_lost_too(path: Path) -> None:
    with EventStore.open(path) as store:
        chunks = [store.column("t").encoded(k) for k in range(4)]
        values = store.column("t").chunk(2).copy()
    values[4] = 3
    chunks[2] = encode_chunk(CODEC_OF_COLUMN["t"], values)
    (path / "events" / "t" / "c" / "0").write_bytes(b"".join(shard_parts(chunks, 4)))
    found = scan(path)
    (loss,) = found.losses
    assert (loss.start, loss.stop, loss.t_start, loss.t_stop) == (20, 30, 3, 241)
    assert "time runs backwards" in loss.reason
    assert len(found.stretches) == 2
