"""The AEDAT4 writer: what is written is read again, by time, whole or not at all."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.plugin_options import named_plugin
from eventstore.readers import ByteSource, read_file
from eventstore.readers.aedat.aedat4_file import iter_packets, read_header
from eventstore.readers.conformance import sample_events
from eventstore.readers.protocol import Recording, SideStreams
from eventstore.side import SideTable
from eventstore.testing import events
from eventstore.writers import WRITERS
from eventstore.writers.aedat4 import PACKET_EVENTS, WRITER, Aedat4Writer

SENSOR = Sensor(346, 260)
COMPRESSIONS = ["LZ4", "ZSTD", "NONE"]


def side_tables() -> dict[str, SideTable]:
    rng = np.random.default_rng(0)
    n = 2500
    values = {name: rng.normal(size=n) for name in ("accel_x", "gyro_y", "mag_z", "temperature")}
    frames: dict[str, Sequence[float] | np.ndarray] = {
        "t": [1000, 9000], "t_stop": [1500, 9100], "x": [0, 3], "y": [1, 2], "width": [3, 2],
        "height": [2, 2], "channels": [1, 3], "bits": [8, 16], "pixels": np.arange(30) * 5,
    }  # fmt: skip
    return {
        "frames": SideTable.of("frames", frames),
        "imu": SideTable.of("imu", {"t": np.arange(n) * 5, **values}),
        "triggers": SideTable.of("triggers", {"t": [7, 9000], "channel": [1, 7], "edge": [1, -1]}),
    }


def streams_of(tables: dict[str, SideTable]) -> SideStreams:
    def stream(table: SideTable) -> Iterator[SideTable]:
        half = len(table) // 2
        yield from (table.rows(0, half), table.rows(half, len(table)))

    return {kind: partial(stream, table) for kind, table in tables.items()}


def packets_of(path: Path) -> list[tuple[int, int]]:
    source = ByteSource.map_file(path)
    found = iter_packets(source, read_header(source), {0, 1, 2, 3}, [])
    return [(packet.stream, len(packet.body)) for packet in found]


def joined(recording: Recording) -> dict[str, SideTable]:
    return {
        kind: SideTable.concatenate(kind, list(make())) for kind, make in recording.side.items()
    }


@given(
    table=events(SENSOR, max_events=40),
    split=st.integers(1, 12),
    t0=st.integers(-(1 << 50), 1 << 50),
)
def test_events_are_read_again_as_they_were_written(table: Events, split: int, t0: int) -> None:
    given_events = table.shifted(t0)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.aedat4"
        parts = [given_events[i : i + split] for i in range(0, len(table), split)]
        WRITER.write(path, iter([Events.empty(), *parts]), sensor=SENSOR)
        recording = read_file(path)
        assert recording.sensor == SENSOR
        assert recording.load().equals(given_events)
        assert [f.check for f in recording.findings] == ["no-events"] * (len(table) == 0)
        assert len(packets_of(path)) == min(len(table), 1)  # small packets are joined


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_side_streams_are_kept_in_every_compression(tmp_path: Path, compression: str) -> None:
    writer = named_plugin(WRITERS, f"aedat4:compression={compression}", what="writer")
    table, tables = sample_events(SENSOR, 3000), side_tables()
    meta = {"source": 'DAVIS <346> & "co"\x07', "tsOffset": "1589163005536052", "x": "y"}
    path = tmp_path / "a.aedat4"
    writer.write(path, [table], sensor=SENSOR, meta=meta, side=streams_of(tables))
    recording = read_file(path)
    assert recording.load().equals(table)
    assert recording.findings == []
    assert recording.meta["compression"] == compression
    assert recording.meta["source"] == 'DAVIS <346> & "co"'
    assert recording.meta["tsOffset"] == "1589163005536052"
    read = joined(recording)
    assert read["frames"].equals(tables["frames"])
    assert read["triggers"].equals(tables["triggers"])
    for name, column in read["imu"].columns.items():
        expected = tables["imu"].columns[name]
        if name in {"accel_y", "accel_z", "gyro_x", "gyro_z", "mag_x", "mag_y"}:
            assert np.isnan(column).all()
        else:
            assert np.allclose(column, expected, rtol=1.3e-7, atol=0)


def test_a_recording_read_and_written_is_the_same(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "recordings/davis346-clip.aedat4"
    recording, again = read_file(path), tmp_path / "again.aedat4"
    WRITER.write(
        again, recording.packets, sensor=recording.sensor, meta=recording.meta, side=recording.side
    )
    other = read_file(again)
    assert other.load().equals(read_file(path).load())
    before, after = joined(read_file(path)), joined(other)
    assert all(before[kind].equals(after[kind]) for kind in ("frames", "imu", "triggers"))
    same = ("source", "tsOffset", "sizeX", "sizeY", "stream")
    assert [other.meta[key] for key in same] == [recording.meta[key] for key in same]


def test_streams_are_merged_by_time_in_packets_of_some_rows(tmp_path: Path) -> None:
    n = 2 * PACKET_EVENTS + 5
    table = Events.of(t=np.arange(n), x=np.zeros(n, int), y=np.zeros(n, int))
    path = tmp_path / "a.aedat4"
    Aedat4Writer(compression="NONE").write(
        path, [table], sensor=SENSOR, side=streams_of(side_tables())
    )
    packets = packets_of(path)
    assert [stream for stream, _ in packets] == [0, 2, 3, 1, 2, 2, 1, 3, 0, 2, 0]
    assert max(size for stream, size in packets if stream == 0) == 32 + 16 * PACKET_EVENTS


def test_packets_are_taken_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "a.aedat4"
    written = []

    def packets() -> Iterator[Events]:
        for i in range(5):
            written.append((tmp_path / ".a.aedat4.partial").stat().st_size)
            yield Events.of(t=np.full(PACKET_EVENTS, i), x=[0] * PACKET_EVENTS)

    Aedat4Writer(compression="NONE").write(path, packets(), sensor=SENSOR)
    steps = np.diff(written[1:])
    assert np.all(np.abs(steps - 16 * PACKET_EVENTS) < 1000)  # but for headers not flushed yet
    assert len(read_file(path).load()) == 5 * PACKET_EVENTS


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"t": [1, 2], "x": [0, 32768], "y": [0, 0]}, "event 1 at x = 32768"),
        ({"t": [1], "x": [0], "y": [40000]}, "event 0 at x = 0, y = 40000"),
    ],
)
def test_what_the_format_cannot_hold_is_refused_and_nothing_left(
    tmp_path: Path, event: dict[str, list[int]], said: str
) -> None:
    bad = Events.of(t=event["t"], x=event["x"], y=event["y"])
    with pytest.raises(InvalidInput, match=said):
        WRITER.write(tmp_path / "a.aedat4", [bad], sensor=SENSOR)
    assert list(tmp_path.iterdir()) == []


def test_audio_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="AEDAT4 files hold a camera's events"):
        WRITER.write(tmp_path / "a.aedat4", [], sensor=Sensor.audio(64))


def test_a_file_that_is_there_is_replaced_only_by_a_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "a.aedat4"
    table = sample_events(SENSOR, 10)
    WRITER.write(path, [table], sensor=SENSOR)

    def failing() -> Iterator[Events]:
        yield table
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 its own
        WRITER.write(path, failing(), sensor=SENSOR)
    assert read_file(path).load().equals(table)
    assert [file.name for file in tmp_path.iterdir()] == ["a.aedat4"]
