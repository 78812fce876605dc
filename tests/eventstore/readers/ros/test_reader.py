"""The readers of bags, against bags that the rosbags library writes and a real one."""

import struct
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rosbags.rosbag1 import Writer as Writer1
from rosbags.rosbag2 import StoragePlugin
from rosbags.rosbag2 import Writer as Writer2

from eventstore.errors import FormatError, InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.readers import READERS, ByteSource, read_file
from eventstore.strategies import events as event_tables
from eventstore.testing import ReaderContract

ARRAY, IMU, IMAGE = "dvs_msgs/msg/EventArray", "sensor_msgs/msg/Imu", "sensor_msgs/msg/Image"
Rows = Iterable[tuple[str, str, bytes]]


def ros1_array(events: Events, sensor: Sensor) -> bytes:
    head = struct.pack("<III", 7, 3, 4) + struct.pack("<I3s", 3, b"cam")
    head += struct.pack("<III", sensor.height, sensor.width, len(events))
    return head + b"".join(
        struct.pack("<HHIIB", x, y, t // 10**6, t % 10**6 * 1000, p)
        for t, x, y, p in zip(*(c.tolist() for c in events), strict=True)
    )


def ros2_array(events: Events, sensor: Sensor) -> bytes:
    out = bytearray(struct.pack("<iI", 3, 4) + struct.pack("<I4s", 4, b"cam\0"))
    out += struct.pack("<III", sensor.height, sensor.width, len(events))
    for t, x, y, p in zip(*(c.tolist() for c in events), strict=True):
        out += bytes(-len(out) % 2) + struct.pack("<HH", x, y)
        out += bytes(-len(out) % 4) + struct.pack("<iIB", t // 10**6, t % 10**6 * 1000, p)
    return b"\0\1\0\0" + bytes(out)


def write1(rows: Rows, *, chunk: int = 1 << 20, packed: str = "") -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.bag"
        writer = Writer1(path)
        if packed:
            writer.set_compression(Writer1.CompressionFormat[packed])
        with writer:
            writer.chunk_threshold = chunk
            topics = {}
            for i, (topic, kind, data) in enumerate(rows):
                if topic not in topics:
                    topics[topic] = writer.add_connection(topic, kind, msgdef="-", md5sum="0" * 32)
                writer.write(topics[topic], i, data)
        return path.read_bytes()


def write2(rows: Rows, storage: Literal["MCAP", "SQLITE3"]) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        with Writer2(path, version=9, storage_plugin=StoragePlugin[storage]) as writer:
            topics = {}
            for i, (topic, kind, data) in enumerate(rows):
                if topic not in topics:
                    topics[topic] = writer.add_connection(topic, kind, msgdef="-", rihs01="-")
                writer.write(topics[topic], i, data)
        (file,) = (p for p in path.iterdir() if p.name != "metadata.yaml")
        return file.read_bytes()


def _one_by_one(events: Events, size: int = 1) -> list[Events]:
    """Split into messages; an empty one where there are no events."""
    return [events[i : i + size] for i in range(0, max(len(events), 1), size)]


class TestBagOfRos1(ReaderContract):
    reader = READERS["ros1"]

    def encode(self, events: Events) -> bytes:
        parts = _one_by_one(events, 4)
        return write1((("/e", ARRAY, ros1_array(e, self.sensor)) for e in parts), chunk=1)


class TestMcap(ReaderContract):
    reader = READERS["ros2"]
    streams = False  # the writer at hand packs all messages into one chunk; see test_mcap

    def encode(self, events: Events) -> bytes:
        parts = _one_by_one(events, 4)
        return write2((("/e", ARRAY, ros2_array(e, self.sensor)) for e in parts), "MCAP")


class TestSqlite(ReaderContract):
    reader = READERS["ros2"]
    streams = False

    def encode(self, events: Events) -> bytes:
        parts = _one_by_one(events, 4)
        return write2((("/e", ARRAY, ros2_array(e, self.sensor)) for e in parts), "SQLITE3")

    def _source(self, data: bytes) -> ByteSource:
        return ByteSource("some.db3", memoryview(data))


@settings(max_examples=20)
@given(table=event_tables(), size=st.integers(1, 9))
def test_both_generations_give_the_same_events(table: Events, size: int) -> None:
    sensor = Sensor(34, 34)
    parts = _one_by_one(table, size)
    one = write1(("/e", ARRAY, ros1_array(e, sensor)) for e in parts)
    two = write2((("/e", ARRAY, ros2_array(e, sensor)) for e in parts), "MCAP")
    for name, data in (("a.bag", one), ("a.mcap", two)):
        reader = READERS["ros1" if name == "a.bag" else "ros2"]
        assert reader.read(ByteSource(name, memoryview(data))).load().equals(table)


@pytest.mark.parametrize("packed", ["BZ2", "LZ4"])
def test_compressed_chunks(packed: str) -> None:
    events = Events.of(t=range(50), x=[1] * 50, y=[2] * 50)
    data = write1([("/e", ARRAY, ros1_array(events, Sensor(8, 8)))], packed=packed)
    recording = READERS["ros1"].read(ByteSource("a.bag", memoryview(data)))
    assert recording.load().equals(events)
    assert recording.sensor == Sensor(8, 8)


def test_stereo_is_two_recordings() -> None:
    left, right = Events.of(t=[1], x=[1], y=[1]), Events.of(t=[2, 3], x=[2, 2], y=[2, 2])
    rows = [
        ("/left/events", ARRAY, ros1_array(left, Sensor(8, 8))),
        ("/right/events", ARRAY, ros1_array(right, Sensor(8, 8))),
        ("/left/imu", IMU, _imu1(5)),
        ("/right/imu", IMU, _imu1(6)),
    ]
    source = ByteSource("a.bag", memoryview(write1(rows)))
    reader = READERS["ros1"]
    assert [part.name for part in reader.parts(source)] == ["/left/events", "/right/events"]
    recording = reader.read(source.of_part("/right/events"))
    assert recording.load().equals(right)
    (imu,) = recording.side["imu"]()
    assert imu.columns["t"].tolist() == [6_000_000]
    assert ["/left/imu" in f.message for f in recording.findings] == [True]
    with pytest.raises(InvalidInput, match="holds 2 recordings: /left/events, /right/events"):
        reader.read(source)
    with pytest.raises(NotFound, match="'/right/events'"):
        reader.read(source.of_part("/right/event"))


def test_no_topic_of_events_is_said() -> None:
    source = ByteSource("a.bag", memoryview(write1([("/imu", IMU, _imu1(1))])))
    with pytest.raises(FormatError, match=r"no topic of events.*found /imu \(sensor_msgs/Imu\)"):
        READERS["ros1"].read(source)


def test_the_sensor_is_assumed_where_messages_state_none() -> None:
    events = Events.of(t=[1, 2], x=[100, 3], y=[5, 120])
    data = write1([("/e", ARRAY, ros1_array(events, Sensor(1, 1)).replace(b"\1\0\0\0", bytes(4)))])
    recording = READERS["ros1"].read(ByteSource("a.bag", memoryview(data)))
    assert recording.sensor == Sensor(128, 128)
    assert [f.check for f in recording.findings] == ["geometry-assumed"]


def test_a_real_recording(shared_data: Path) -> None:
    path = shared_data / "recordings" / "events-evt3.bag"
    recording = read_file(path)
    events = recording.load()
    assert (len(events), int(events.p.sum())) == (343_474, 125_183)
    assert int(events.t[-1] - events.t[0]) == 2_078_178
    assert recording.sensor == Sensor(640, 480)
    assert bool(np.all(np.diff(events.t) >= 0))


def test_a_real_recording_cut_short_gives_its_beginning(shared_data: Path) -> None:
    data = (shared_data / "recordings" / "events-evt3.bag").read_bytes()
    whole = READERS["ros1"].read(ByteSource("a.bag", memoryview(data))).load()
    cut = READERS["ros1"].read(ByteSource("a.bag", memoryview(data[: len(data) * 2 // 3])))
    events = cut.load()
    assert 0 < len(events) < len(whole)
    assert events.equals(whole[: len(events)])
    assert [f.check for f in cut.findings] == ["cut-file", "other-words"]


def _imu1(stamp: int) -> bytes:
    return struct.pack("<IIII", 0, stamp, 0, 0) + struct.pack("<37d", *range(37))
