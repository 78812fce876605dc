"""The AEDAT 3 reader against an encoder of its own, wraps, several sources, and damage."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import FormatError, InvalidInput
from eventstore.events import Events, Sensor
from eventstore.readers import ByteSource
from eventstore.readers.aedat.aedat31 import READER, Aedat31Reader
from eventstore.readers.conformance import sample_events
from eventstore.readers.protocol import Part
from eventstore.testing import ReaderContract, events

HEAD = "#!AER-DAT{}\r\n#Format: RAW\r\n{}#Start-Time: 2016-06-13 14:24:00\r\n#!END-HEADER\r\n"


def header_of(*names: str, version: str = "3.1") -> bytes:
    sources = "".join(f"#Source {i}: {name}\r\n" for i, name in enumerate(names))
    return HEAD.format(version, sources).encode()


def packet_of(events: Events, source: int = 0, invalid: int = 0) -> bytes:
    """Encode events of one overflow of the stamp, and some invalid ones before them."""
    overflow = int(events.t[0]) >> 31 if len(events) else 0
    assert not len(events) or int(events.t[-1]) >> 31 == overflow
    rows = np.zeros((invalid + len(events), 2), "<u4")
    x, y, p = (column.astype(np.uint32) for column in (events.x, events.y, events.p))
    rows[invalid:, 0] = x << 17 | y << 2 | p << 1 | 1
    rows[invalid:, 1] = events.t & 0x7FFFFFFF
    head = (1, source, 8, 4, overflow, 4096, len(rows), len(events))
    return struct.pack("<hhiiiiii", *head) + rows.tobytes()


def source_of(data: bytes) -> ByteSource:
    return ByteSource("some.aedat", memoryview(data))


class TestAedat31(ReaderContract):
    reader = READER

    def encode(self, events: Events) -> bytes:
        parts = [packet_of(events[i : i + 7], invalid=i % 2) for i in range(0, len(events), 7)]
        return header_of("DVS128") + b"".join(parts)


@given(table=events(max_events=40), split=st.integers(1, 12), packet_events=st.integers(1, 30))
def test_packets_of_any_size_hold_the_same_events(
    table: Events, split: int, packet_events: int
) -> None:
    parts = [packet_of(table[i : i + split], invalid=i % 3) for i in range(0, len(table), split)]
    data = header_of("DVS128") + packet_of(table[:0]) + b"".join(parts)
    recording = Aedat31Reader(packet_events=packet_events).read(source_of(data))
    packets = list(recording.packets)
    assert all(0 < len(packet) <= packet_events for packet in packets)
    assert Events.concatenate(packets).equals(table)


def test_stamps_go_on_when_they_overflow() -> None:
    t = [(1 << 31) - 2, (1 << 31) + 5, (3 << 31) + 1]
    table = Events.of(t=t, x=[1, 2, 3], y=[4, 5, 6], p=[1, 0, 1])
    data = header_of("DAVIS240C") + b"".join(packet_of(table[i : i + 1]) for i in range(3))
    recording = READER.read(source_of(data))
    assert recording.sensor == Sensor(240, 180)
    assert recording.load().equals(table)


def test_invalid_events_are_left_out_and_told() -> None:
    table = sample_events(Sensor(34, 34), 10)
    recording = READER.read(source_of(header_of("DVS128") + packet_of(table, invalid=3)))
    assert recording.load().equals(table)
    assert [finding.message for finding in recording.findings] == [
        "3 events are marked as invalid and left out"
    ]
    recording = READER.read(source_of(header_of("DVS128") + packet_of(table[:0], invalid=3)))
    assert len(recording.load()) == 0
    assert [finding.check for finding in recording.findings] == ["invalid-events", "no-events"]


def test_each_source_is_a_part() -> None:
    a, b = Events.of(t=[1, 3], x=[1, 1], y=[2, 2]), Events.of(t=[2], x=[5], y=[6])
    special = struct.pack("<hhiiiiii", 0, 1, 8, 4, 0, 1, 1, 1) + struct.pack("<Ii", 1 | 2 << 1, 9)
    data = header_of("DVS128", "DAVIS240C") + packet_of(a) + packet_of(b, source=1) + special
    source = source_of(data)
    assert READER.parts(source) == [Part(name="0"), Part(name="1")]
    left, right = (READER.read(source.of_part(name)) for name in "01")
    assert (left.sensor, right.sensor) == (Sensor(128, 128), Sensor(240, 180))
    assert left.load().equals(a)
    assert right.load().equals(b)
    assert list(left.side["triggers"]()) == []
    (table,) = right.side["triggers"]()
    assert table.columns["t"].tolist() == [9]
    with pytest.raises(InvalidInput, match="holds 2 recordings"):
        READER.read(source)


@pytest.mark.parametrize("names", [(), ("Processor",)])
def test_without_a_known_camera_the_smallest_sensor_is_assumed(names: tuple[str, ...]) -> None:
    data = header_of(*names) + packet_of(Events.of(t=[1], x=[127], y=[3]), source=5)
    recording = READER.read(source_of(data))
    assert recording.sensor == Sensor(128, 128)
    assert [finding.check for finding in recording.findings] == ["geometry-assumed"]
    assert len(recording.load()) == 1


def test_version_3_0_counts_rows_from_the_bottom() -> None:
    table = Events.of(t=[1, 2], x=[3, 4], y=[0, 127])
    data = header_of("DVS128", version="3.0") + packet_of(table)
    assert READER.read(source_of(data)).load().y.tolist() == [127, 0]
    unknown = source_of(header_of("Processor", version="3.0") + packet_of(table))
    with pytest.raises(FormatError, match="counts rows from the bottom"):
        READER.read(unknown)
    assert READER.read(unknown, sensor=Sensor(200, 200)).load().y.tolist() == [199, 72]


def test_polarity_events_of_another_size_are_an_error() -> None:
    data = header_of("DVS128") + struct.pack("<hhiiiiii", 1, 0, 12, 4, 0, 1, 1, 1) + bytes(12)
    with pytest.raises(FormatError, match="expected events of 8 bytes; found 12"):
        READER.read(source_of(data)).load()


@given(st.data())
def test_mutated_files_give_events_or_an_error_with_its_place(data: st.DataObject) -> None:
    whole = bytearray(header_of("DVS128") + packet_of(sample_events(Sensor(34, 34), 5)))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        decoded = READER.read(source_of(bytes(whole))).load()
    except FormatError as error:
        decoded = Events.empty(999 if error.offset is None else 0)
    assert len(decoded) <= len(whole) // 8
