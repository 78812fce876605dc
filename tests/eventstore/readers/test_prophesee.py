import pytest

from eventstore.events import Sensor
from eventstore.readers.prophesee import parse_header


@pytest.mark.parametrize(
    ("text", "sensor", "encoding"),
    [
        (b"% evt 3.0\n% geometry 1280x720\n", Sensor(1280, 720), "evt3"),
        (b"% format EVT3;height=480;width=640\n% end\n", Sensor(640, 480), "evt3"),
        (b"% Height 240\n% Width 304\n% evt 2.0\n", Sensor(304, 240), "evt2"),
        (b"% evt 2.1\n", None, "evt2.1"),
        (b"% geometry wide\n", None, ""),
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


def test_a_line_that_never_ends_is_no_header() -> None:
    assert parse_header(memoryview(b"% evt 3.0\n% " + b"x" * 100)).size == 10
