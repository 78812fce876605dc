"""The AEDAT4 reader against files decoded by others, an encoder of its own, and damage."""

import json
import struct
from collections.abc import Callable
from pathlib import Path

import lz4.frame
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.digest import columns_sha256
from eventstore.errors import FormatError, InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.readers import ByteSource, read_file
from eventstore.readers.aedat.aedat4 import READER, Aedat4Reader
from eventstore.readers.conformance import sample_events
from eventstore.readers.protocol import Part
from eventstore.testing import ReaderContract, events

RECORDINGS = ["davis346.aedat4", "davis346-clip.aedat4", "dvxplorer.aedat4"]


def node(number: int, kind: str, info: dict[str, object], name: str = "events") -> str:
    facts = "".join(f'<attr key="{k}" type="string">{v}</attr>' for k, v in info.items())
    return (
        f'<node name="{number}"><attr key="typeIdentifier">{kind}</attr>'
        f'<attr key="originalOutputName">{name}</attr><node name="info">{facts}</node></node>'
    )


ONE = node(0, "EVTS", {"sizeX": 34, "sizeY": 34})


def header_of(nodes: str, compression: int = 0) -> bytes:
    xml = f'<dv version="2.0"><node name="outInfo">{nodes}</node></dv>'.encode()
    table = struct.pack("<HHHHHxxi", 10, 12, 8, 0, 4, 12) + struct.pack("<II", 8, compression)
    body = struct.pack("<I4s", 20, b"IOHE") + table + struct.pack("<I", len(xml)) + xml
    return b"#!AER-DAT4.0\r\n" + struct.pack("<I", len(body)) + body


def packet_of(events: Events, stream: int = 0, compress: bool = False) -> bytes:
    rows = np.zeros(len(events), "<i8,<i2,<i2,?,V3")
    for name, column in zip(rows.dtype.names or (), events, strict=False):
        rows[name] = column
    layout = struct.pack("<I4sHHHxxiII", 16, b"EVTS", 6, 8, 4, 8, 4, len(rows))
    raw = struct.pack("<I", len(layout) + rows.nbytes) + layout + rows.tobytes()
    body = lz4.frame.compress(raw, store_size=False) if compress else raw
    return struct.pack("<iI", stream, len(body)) + body


def source_of(data: bytes) -> ByteSource:
    return ByteSource("some.aedat4", memoryview(data))


class TestAedat4(ReaderContract):
    reader = READER

    def encode(self, events: Events) -> bytes:
        parts = [events[i : i + 7] for i in range(0, len(events), 7)]
        return header_of(ONE) + b"".join(packet_of(part) for part in parts)


class TestAedat4Compressed(ReaderContract):
    reader = READER

    def encode(self, events: Events) -> bytes:
        parts = [events[i : i + 7] for i in range(0, len(events), 7)]
        return header_of(ONE, 1) + b"".join(packet_of(part, compress=True) for part in parts)


@pytest.mark.parametrize("name", RECORDINGS)
def test_real_files_decode_as_other_decoders_say(shared_data: Path, name: str) -> None:
    truth = json.loads((shared_data / "recordings/truth.json").read_text())[name]
    recording = read_file(shared_data / "recordings" / name)
    events = recording.load()
    assert recording.sensor == (Sensor(320, 240) if "dvx" in name else Sensor(346, 260))
    assert (events.t[0], events.t[-1]) == (truth["first_t"], truth["last_t"])
    assert columns_sha256(events) == truth["sha256_t_x_y_p"]
    assert recording.findings == []


def test_a_real_file_cut_anywhere_gives_a_beginning(shared_data: Path) -> None:
    data = (shared_data / "recordings/davis346-clip.aedat4").read_bytes()
    whole = READER.read(source_of(data)).load()
    for size in range(4000, len(data), 7001):
        recording = READER.read(source_of(data[:size]))
        events = recording.load()
        assert events.equals(whole[: len(events)])
        checks = [finding.check for finding in recording.findings]
        assert checks == ["cut-file"] * (size < 428_314) + ["no-events"] * (len(events) == 0)


@given(table=events(max_events=40), split=st.integers(1, 12), packet_events=st.integers(1, 30))
def test_packets_of_any_size_hold_the_same_events(
    table: Events, split: int, packet_events: int
) -> None:
    parts = [table[i : i + split] for i in range(0, len(table), split)]
    data = header_of(ONE) + packet_of(table[:0]) + b"".join(packet_of(part) for part in parts)
    packets = list(Aedat4Reader(packet_events=packet_events).read(source_of(data)).packets)
    assert all(0 < len(packet) <= packet_events for packet in packets)
    assert Events.concatenate(packets).equals(table)


@given(st.data())
def test_mutated_files_give_events_or_an_error_with_its_place(data: st.DataObject) -> None:
    whole = bytearray(header_of(ONE) + packet_of(sample_events(Sensor(34, 34), 5)))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        decoded = READER.read(source_of(bytes(whole))).load()
    except FormatError as error:
        decoded = Events.empty(9 if error.offset is None else 0)
    assert len(decoded) <= 5


def test_times_and_coordinates_of_any_size_are_kept() -> None:
    table = Events.of(t=[-(1 << 62), 0, 1 << 62], x=[65535, 0, 1], y=[0, 65535, 1], p=[1, 0, 1])
    assert READER.read(source_of(header_of(ONE) + packet_of(table))).load().equals(table)


def test_any_byte_but_zero_is_on() -> None:
    data = bytearray(header_of(ONE) + packet_of(Events.of(t=[1], x=[2], y=[3], p=[1])))
    data[-4] = 0x80
    assert READER.read(source_of(bytes(data))).load().p.tolist() == [1]


def test_without_a_stated_size_the_smallest_that_holds_all_is_assumed() -> None:
    data = header_of(node(0, "EVTS", {})) + packet_of(Events.of(t=[1], x=[127], y=[3]))
    recording = READER.read(source_of(data))
    assert recording.sensor == Sensor(128, 128)
    assert [finding.check for finding in recording.findings] == ["geometry-assumed"]


@pytest.mark.parametrize(
    ("left", "right", "names"),
    [
        (({"source": "L"}, "events"), ({"source": "R"}, "events"), ["L", "R"]),
        (({"source": "C"}, "raw"), ({"source": "C"}, "clean"), ["raw", "clean"]),
        (({}, "events"), ({}, "events"), ["0", "3"]),
    ],
)
def test_each_stream_of_events_is_a_part(
    left: tuple[dict[str, object], str], right: tuple[dict[str, object], str], names: list[str]
) -> None:
    nodes = node(0, "EVTS", *left) + node(3, "EVTS", *right)
    a, b = Events.of(t=[1, 3], x=[1, 1], y=[2, 2]), Events.of(t=[2], x=[5], y=[6])
    data = header_of(nodes) + packet_of(a) + packet_of(b, stream=3) + packet_of(a)
    source = source_of(data)
    assert READER.parts(source) == [Part(name=name) for name in names]
    assert READER.read(source.of_part(names[0])).load().equals(Events.concatenate([a, a]))
    assert READER.read(source.of_part(names[1])).load().equals(b)
    with pytest.raises(InvalidInput, match="holds 2 recordings"):
        READER.read(source)
    with pytest.raises(NotFound, match="no recording of some"):
        READER.read(source.of_part("middle"))


def test_side_streams_are_those_of_the_same_camera(flat: Callable[..., bytes]) -> None:
    nodes = "".join(
        node(number, kind, {"source": camera})
        for number, (kind, camera) in enumerate(
            [("EVTS", "L"), ("TRIG", "L"), ("EVTS", "R"), ("TRIG", "R"), ("IMUS", "R")]
        )
    )
    body = flat("TRIG", {0: [{0: ("q", 77), 1: ("b", 1)}]})
    source = source_of(header_of(nodes) + struct.pack("<iI", 3, len(body)) + body)
    left, right = (READER.read(source.of_part(name)) for name in "LR")
    assert (list(left.side), list(right.side)) == (["triggers"], ["triggers", "imu"])
    assert list(left.side["triggers"]()) == []
    (table,) = right.side["triggers"]()
    assert table.columns["t"].tolist() == [77]


def test_streams_that_have_no_place_are_named() -> None:
    nodes = (
        ONE + node(1, "FRME", {}) + node(2, "FRME", {}, "accumulated") + node(3, "POSE", {}, "p")
    )
    recording = READER.read(source_of(header_of(nodes)))
    assert list(recording.side) == ["frames"]
    (finding,) = recording.findings
    assert finding.message == "streams that are not read: 2 accumulated (FRME), 3 p (POSE)"


def test_a_file_of_frames_alone_is_a_recording_without_events() -> None:
    recording = READER.read(source_of(header_of(node(1, "FRME", {}))))
    assert len(recording.load()) == 0
    assert list(recording.side) == ["frames"]
    assert [finding.check for finding in recording.findings] == ["geometry-assumed", "no-events"]


def test_events_of_a_vector_that_leaves_its_packet_are_an_error() -> None:
    data = bytearray(header_of(ONE) + packet_of(Events.of(t=[1], x=[2], y=[3])))
    data[-20] = 9  # the number of events
    with pytest.raises(FormatError, match="expected events in the packet"):
        READER.read(source_of(bytes(data))).load()
