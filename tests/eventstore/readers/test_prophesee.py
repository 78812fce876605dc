"""The text header of Prophesee's files: all ages of it, of any length, and at odds with itself."""

import pytest

from eventstore.events import Sensor
from eventstore.readers import ByteSource
from eventstore.readers.evt3 import READER as EVT3
from eventstore.readers.prophesee import SENSOR_OF_SYSTEM, parse_header


@pytest.mark.parametrize(
    ("text", "sensor", "encoding"),
    [
        (b"% evt 3.0\n% geometry 1280x720\n", Sensor(1280, 720), "evt3"),
        (b"% format EVT3;height=480;width=640\n% end\n", Sensor(640, 480), "evt3"),
        (b"% Height 240\n% Width 304\n% evt 2.0\n", Sensor(304, 240), "evt2"),
        (b"% evt 2.1\n", None, "evt21"),
        (b"% format EVT21;height=320;width=320\n", Sensor(320, 320), "evt21"),
        (b"% geometry wide\n", None, ""),
        (b"% geometry 0x720\n% Width 99999999\n% Height 1\n", None, ""),
        (b"", None, ""),
    ],
)
def test_headers_of_all_ages(text: bytes, sensor: Sensor | None, encoding: str) -> None:
    header = parse_header(memoryview(text + b"\x00% evt 9.0\n"))
    assert header.size == len(text)
    assert header.sensor == sensor
    assert header.encoding == encoding


def test_after_the_end_line_percent_signs_are_data() -> None:
    assert parse_header(memoryview(b"% evt 3.0\n% end\n% \x00\n")).size == 16


def test_data_that_begin_like_a_line_are_data() -> None:
    assert parse_header(memoryview(b"% evt 3.0\n% \x00\x80\n")).size == 10


def test_a_line_that_never_ends_is_no_header() -> None:
    assert parse_header(memoryview(b"% evt 3.0\n% " + b"x" * 100)).size == 10


def test_headers_of_any_length() -> None:
    lines = b"".join(b"%% note %06d %s\n" % (i, b"x" * 60) for i in range(10_000))
    header = parse_header(memoryview(lines + b"% evt 3.0\n\x00\x80"))
    assert (header.encoding, header.size) == ("evt3", len(lines) + 10)


@pytest.mark.parametrize(
    ("text", "t0_us"),
    [
        (b"% t0 1589163147368868\n", 1_589_163_147_368_868),
        (b"% T0 -5\n", -5),
        (b"% t0 soon\n", 0),
        (b"% t0 99999999999999999999\n", 0),
        (b"% evt 3.0\n", 0),
    ],
)
def test_the_offset_of_all_stamps(text: bytes, t0_us: int) -> None:
    assert parse_header(memoryview(text)).t0_us == t0_us


@pytest.mark.parametrize(
    ("text", "order"),
    [
        (b"% format EVT21;endianness=legacy;height=720;width=1280\n", "legacy"),
        (b"% endianness little\n% format EVT21\n", "little"),
        (b"% endianness little\n% format EVT21;endianness=legacy\n", "legacy"),
        (b"% format EVT21\n", ""),
    ],
)
def test_the_byte_order(text: bytes, order: str) -> None:
    assert parse_header(memoryview(text)).order == order


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"% evt 3.0\n% format EVT21\n", ["the header says evt21, read as evt3"]),
        (b"% evt 2.0\n% format EVT3\n", ["the header says evt2, read as evt3"]),
        (b"% evt 3.0\n% format EVT3\n", []),
        (b"", []),
        (
            b"% geometry 8x8\n% format EVT3;width=9;height=9\n",
            ["the header states 8×8 and 9×9"],
        ),
    ],
)
def test_contradictions_are_findings(text: bytes, said: list[str]) -> None:
    found = parse_header(memoryview(text)).conflicts("a.raw", "evt3")
    assert [f.message for f in found] == said
    assert {f.check for f in found} <= {"header-conflict"}


def test_the_line_format_is_believed_before_others() -> None:
    header = parse_header(
        memoryview(b"% evt 3.0\n% geometry 8x8\n% format EVT2;width=9;height=7\n")
    )
    assert (header.encoding, header.sensor) == ("evt2", Sensor(9, 7))


@pytest.mark.parametrize("system", [21, 49, 0x3B])
def test_the_camera_stands_for_its_geometry(system: int) -> None:
    data = f"% evt 3.0\n% system_ID {system}\n".encode() + b"\x00\x80\x00\x00\x01\x20"
    recording = EVT3.read(ByteSource("a.raw", memoryview(data)))
    assert recording.sensor == SENSOR_OF_SYSTEM[system]
    (finding,) = recording.findings
    assert finding.check == "geometry-assumed"
    assert f"system ID {system}" in finding.message
