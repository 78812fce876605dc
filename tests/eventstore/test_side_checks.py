"""Damage to side streams is named by recording and µs range; forged values break the digest."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from eventstore.append import StoreWriter
from eventstore.codecs import encode_chunk
from eventstore.events import Sensor
from eventstore.findings import Finding
from eventstore.schema import Layout
from eventstore.shards import shard_parts
from eventstore.side import SIDE_COLUMNS, SideTable
from eventstore.side_reader import SideReader
from eventstore.store import EventStore
from eventstore.tables import encode_rows
from eventstore.verify import check_store

LAYOUT = Layout(chunk_events=4, shard_events=16, table_rows=8)


def streams(seed: int) -> dict[str, SideTable]:
    """Return streams whose row i lies at 100 i µs; frames have 32 bytes each, 4 to a chunk."""
    rng = np.random.default_rng(seed)
    t, frame_t = 100 * np.arange(10 + seed), 100 * np.arange(6)
    size = {"width": np.full(6, 4), "height": np.full(6, 8)}
    pixels = rng.integers(0, 255, 6 * 32)
    return {
        "frames": SideTable.of("frames", {"t": frame_t, **size, "pixels": pixels}),
        "imu": SideTable.of("imu", {"t": t, "gyro_y": rng.normal(size=len(t))}),
        "triggers": SideTable.of("triggers", {"t": t, "channel": rng.integers(0, 9, len(t))}),
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("side") / "events.zarr"
    with StoreWriter.create(path, Sensor(4, 4), layout=LAYOUT) as writer:
        for i in range(3):
            writer.append(f"r{i}", [], side={k: [v] for k, v in streams(i).items()})
        writer.append("none", [])
    return path


@pytest.fixture
def path(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "events.zarr")
    return tmp_path / "events.zarr"


def found(path: Path) -> list[Finding]:
    return check_store(EventStore.open(path))


def places(path: Path) -> list[tuple[str, str]]:
    return [(f.where, f.check) for f in found(path)]


def flip(file: Path, at: int) -> None:
    data = bytearray(file.read_bytes())
    data[at] ^= 1
    file.write_bytes(data)


COLUMNS = [(kind, name) for kind, columns in SIDE_COLUMNS.items() for name in columns]


@pytest.mark.parametrize(("kind", "name"), COLUMNS)
def test_every_flip_is_found_in_every_column(path: Path, kind: str, name: str) -> None:
    shard = path / "side" / kind / name / "c" / "0"
    whole = shard.read_bytes()
    for at in (0, len(whole) // 3, len(whole) - 1):
        flip(shard, at)
        damage = found(path)
        assert damage
        assert all(f.check == "checksum" and f.fix and f.is_error for f in damage)
        assert all(f"side/{kind}/{name}/c/0" in f.message for f in damage)
        shard.write_bytes(whole)
    assert found(path) == []


def test_the_recordings_and_times_hit_are_named(path: Path) -> None:
    flip(path / "side" / "imu" / "gyro_y" / "c" / "0", 0)  # rows 0 … 3, all of r0
    assert places(path) == [("r0#0-301", "checksum")]
    flip(path / "side" / "imu" / "mag_x" / "c" / "0", chunk_end(path, "imu", "mag_x", 1))
    assert places(path) == [
        ("r0#0-301", "checksum"),
        ("r0#800-901", "checksum"),  # rows 8 … 11: the last two of r0, the first two of r1
        ("r1#0-101", "checksum"),
    ]


def chunk_end(path: Path, kind: str, name: str, k: int) -> int:
    """Return where chunk k ends in the first shard of a column."""
    store = EventStore.open(path)
    column = SideReader(store.files, store.head, kind).columns[name]
    return sum(len(column.encoded(i)) for i in range(k + 1))


def test_damaged_pixels_name_the_frames_hit(path: Path) -> None:
    shard = path / "side" / "frames" / "pixels" / "c" / "0"
    flip(shard, 0)  # the chunk of bytes 0 … 127: frames 0 … 3
    assert places(path) == [("r0#0-301", "checksum")]
    flip(shard, 0)
    (path / "side" / "frames" / "pixels" / "c" / "1").unlink()  # frames 4 … 7
    assert places(path) == [("r0#400-501", "missing-content"), ("r1#0-101", "missing-content")]


def test_damaged_times_name_the_whole_recording(path: Path) -> None:
    flip(path / "side" / "triggers" / "t" / "c" / "0", 0)
    assert places(path) == [("r0#0-0", "checksum")]


def forge(path: Path, kind: str, name: str, row: int) -> None:
    """Change a value in the first chunk under a right checksum."""
    store = EventStore.open(path)
    column = SideReader(store.files, store.head, kind).columns[name]
    axis = store.head.axis("pixels" if name == "pixels" else kind)
    slots = min(
        axis.slots, axis.n_chunks(store.head.length("pixels" if name == "pixels" else kind))
    )
    chunks = [column.encoded(i) for i in range(slots)]
    values = column.chunk(0).copy()
    values[row] += 1
    chunks[0] = encode_chunk(axis.codecs[name], values)
    (path / "side" / kind / name / "c" / "0").write_bytes(b"".join(shard_parts(chunks, axis.slots)))


@pytest.mark.parametrize(
    ("kind", "name"), [("imu", "gyro_y"), ("triggers", "t"), ("frames", "pixels"), ("frames", "x")]
)
def test_a_forged_value_breaks_the_digest_of_its_recording(
    path: Path, kind: str, name: str
) -> None:
    forge(path, kind, name, 1)
    assert places(path) == [("r0#0-0", "digest")]


@pytest.mark.parametrize("name", ["start", "width"])
def test_frames_that_do_not_lie_end_to_end_are_named(path: Path, name: str) -> None:
    forge(path, "frames", name, 2)
    hit = 2 if name == "start" else 3
    damage = found(path)
    assert [(f.where, f.check) for f in damage] == [(f"r0#{100 * hit}-{100 * hit + 1}", "frames")]
    assert f"frame {hit} does not start where" in damage[0].message


def test_offsets_must_run_over_all_rows(path: Path) -> None:
    file = path / "side" / "imu" / "offsets" / "c" / "0"
    file.write_bytes(encode_rows(np.array([0, 10, 5, 33, 33]), 8))
    assert places(path) == [("side/imu/offsets", "offsets")]
    flip(path / "side" / "imu" / "gyro_y" / "c" / "0", 0)
    assert ("side/imu/gyro_y rows 0-4", "checksum") in places(path)
    file.write_bytes(file.read_bytes()[:-1])
    assert places(path)[0] == ("side/imu/offsets", "checksum")


def test_a_missing_stream_breaks_the_digest(path: Path) -> None:
    file = path / "recordings" / "side_digest" / "c" / "0" / "0"
    digests = np.frombuffer(b"".join(EventStore.open(path).recordings.side_digests), np.uint8)
    forged = digests.reshape(-1, 32).copy()
    forged[3] = 7  # a recording of no rows
    file.write_bytes(encode_rows(forged, 8))
    assert places(path) == [("zarr.json", "digest"), ("none#0-0", "digest")]


def test_damage_is_found_where_no_recording_is_known(path: Path) -> None:
    flip(path / "recordings" / "offsets" / "c" / "0", 3)
    flip(path / "side" / "triggers" / "edge" / "c" / "0", 0)
    assert places(path) == [
        ("recordings/offsets", "checksum"),
        ("side/triggers/edge rows 0-4", "checksum"),
    ]
