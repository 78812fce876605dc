"""Side streams are read by rows, in bounded tables, and never where there are none."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from eventstore import side_reader
from eventstore.append import StoreWriter
from eventstore.errors import IntegrityError, InvalidInput, MissingContent, NotFound
from eventstore.events import Sensor
from eventstore.schema import Layout
from eventstore.side import SideTable
from eventstore.side_reader import RecordingSide
from eventstore.store import EventStore

LAYOUT = Layout(chunk_events=4, shard_events=16, table_rows=4)


def frames(n: int) -> SideTable:
    width = np.arange(n) % 5 + 1
    pixels = np.arange(int(2 * width.sum())) % 251
    columns = {"t": 10 * np.arange(n), "width": width, "height": np.full(n, 2)}
    return SideTable.of("frames", {**columns, "pixels": pixels})


FRAMES = frames(50)
IMU = SideTable.of("imu", {"t": np.arange(9), "accel_z": np.linspace(9, 10, 9)})


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("side") / "events.zarr"
    with StoreWriter.create(path, Sensor(4, 4), layout=LAYOUT) as writer:
        writer.append("none", [])
        writer.append("both", [], side={"frames": [FRAMES.rows(0, 30)], "imu": [IMU]})
        writer.append("frames", [], side={"frames": [FRAMES.rows(30, 50)]})
    return path


@pytest.fixture
def path(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "events.zarr")
    return tmp_path / "events.zarr"


def side(path: Path, recording: int | str) -> RecordingSide:
    return EventStore.open(path).side(recording)


def test_kinds_are_those_of_the_recording(whole: Path) -> None:
    assert list(side(whole, "none")) == []
    assert list(side(whole, 1)) == ["frames", "imu"]
    assert len(side(whole, "frames")) == 1
    assert side(whole, "both").size("frames") == 30
    assert side(whole, "frames").size("imu") == 0
    with pytest.raises(NotFound, match=r"no side stream 'imu' \(known: frames\)"):
        side(whole, "frames")["imu"]
    with pytest.raises(NotFound, match="no side stream 'triggers'"):
        side(whole, "both").tables("triggers")


def test_rows_are_read_by_number(whole: Path) -> None:
    both = side(whole, "both")
    assert both["imu"].equals(IMU)
    for start, stop in ((0, 30), (3, 11), (29, 30), (7, 7)):
        assert both.read("frames", start, stop).equals(FRAMES.rows(start, stop))
    last = side(whole, "frames").read("frames", 5, 20)
    assert np.array_equal(last.image(14), FRAMES.image(49))
    with pytest.raises(InvalidInput, match="rows 3 … 31 are not in the 30 rows of frames"):
        both.read("frames", 3, 31)


@pytest.mark.parametrize(("rows", "pixels"), [(7, 1 << 20), (1000, 30), (1000, 1), (3, 25)])
def test_tables_are_bounded_and_complete(
    whole: Path, monkeypatch: pytest.MonkeyPatch, rows: int, pixels: int
) -> None:
    monkeypatch.setattr(side_reader, "TABLE_ROWS", rows)
    monkeypatch.setattr(side_reader, "TABLE_PIXELS", pixels)
    for name, expected in (("both", FRAMES.rows(0, 30)), ("frames", FRAMES.rows(30, 50))):
        tables = list(side(whole, name).tables("frames"))
        assert SideTable.concatenate("frames", tables).equals(expected)
        assert all(1 <= len(one) <= rows for one in tables)
        assert all(len(one) == 1 or len(one.columns["pixels"]) <= pixels for one in tables)
        whole_before = [len(one.columns["pixels"]) for one in tables]
        if rows == 1000 and pixels == 30:  # as many frames as fit
            assert all(a + 10 > pixels for a in whole_before[:-1])


def test_nothing_is_read_before_it_is_asked_for(path: Path) -> None:
    shutil.rmtree(path / "side")
    store = EventStore.open(path)
    found = store.side("both")
    with pytest.raises(MissingContent, match="side/frames/offsets"):
        list(found)


def test_damage_is_named(path: Path) -> None:
    shard = path / "side" / "imu" / "accel_z" / "c" / "0"
    data = bytearray(shard.read_bytes())
    data[2] ^= 1
    shard.write_bytes(data)
    message = r"side/imu/accel_z/c/0 at byte 0 is damaged: .*; imu_samples 0 … 3 are hit"
    with pytest.raises(IntegrityError, match=message):
        side(path, "both")["imu"]
    assert side(path, "both")["frames"].equals(FRAMES.rows(0, 30))


@pytest.mark.parametrize(
    ("column", "instead", "message"),
    [("width", "x", "rows 0 … 29 are damaged"), ("start", "t", "rows 0 … 29 are damaged")],
)
def test_frames_that_do_not_fit_their_pixels_are_damaged(
    path: Path, column: str, instead: str, message: str
) -> None:
    chunks = path / "side" / "frames"
    shutil.rmtree(chunks / column / "c")
    shutil.copytree(chunks / instead / "c", chunks / column / "c")  # whole chunks, but of another
    with pytest.raises(IntegrityError, match=message):
        side(path, "both")["frames"]
    with pytest.raises(IntegrityError, match=r"are damaged|have the bytes"):
        side(path, "frames")["frames"]
