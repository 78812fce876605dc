"""The Event Stream reader against a decoder by the book, the y axis, and broken bytes."""

from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.digest import columns_sha256
from eventstore.errors import FormatError
from eventstore.events import Events, Sensor
from eventstore.readers import ByteSource, Recording, read_file
from eventstore.readers.es import ATIS, COLOR, DVS, GENERIC, READER, EsReader
from eventstore.testing import ReaderContract

Row: TypeAlias = tuple[int, ...]


def head(kind: int = DVS, width: int = 34, height: int = 34, version: int = 2) -> bytes:
    return b"Event Stream" + bytes([version, 0, 0, kind, width, 0, height, 0])


def encode(events: Events, height: int = 34) -> bytes:
    """Write events as the format's description says, one after the other."""
    data, last = bytearray(head()), 0
    for t, x, y, p in zip(*(column.tolist() for column in events), strict=True):
        overflows, step = divmod(t - last, 127)
        row = height - 1 - y
        data += b"\xff" * overflows + bytes([step << 1 | p, x & 255, x >> 8, row & 255, row >> 8])
        last = t
    return bytes(data)


def open_bytes(data: bytes, reader: EsReader = READER) -> Recording:
    return reader.read(ByteSource("some.es", memoryview(data)))


def rows_of(columns: Iterable[np.ndarray]) -> list[Row]:
    return list(zip(*(column.tolist() for column in columns), strict=True))


class TestEs(ReaderContract):
    reader = READER

    def encode(self, events: Events) -> bytes:
        return encode(events)


def test_a_converted_file_decodes_to_its_count(shared_data: Path) -> None:
    recording = read_file(shared_data / "recordings/dvs-converted.es")
    events = recording.load()
    assert len(events) == 473_225
    assert recording.sensor == Sensor(320, 240)
    assert recording.findings == []
    # Decoded by event_stream 1.6.3, which counts rows from the bottom.
    upwards = Events(events.t, events.x, (239 - events.y).astype(np.uint16), events.p)
    assert columns_sha256(upwards) == SUM_OF_EVENT_STREAM
    assert (events.y[0], events.t[-1]) == (0, 999_000)


SUM_OF_EVENT_STREAM = "affde73310eac197c9a137d21181e9e777a058bf814c9cd83e72eb857af879ea"


def test_rows_are_counted_from_the_top() -> None:
    data = head(height=10) + bytes([1, 5, 0, 0, 0]) + bytes([0, 6, 0, 9, 0])
    assert rows_of(open_bytes(data).load()) == [(0, 5, 9, 1), (0, 6, 0, 0)]


def slow_decode(kind: int, data: bytes, height: int) -> tuple[list[Row], int]:
    """Decode bytes as the format's tables say; return events and threshold crossings."""
    events: list[Row] = []
    t, crossings, rest = 0, 0, list(data)
    while rest:
        byte = rest[0]
        if (kind == DVS and byte >= 0xFE) or (kind == ATIS and byte >> 2 == 63):
            t += {DVS: 127 * (byte & 1), ATIS: 63 * (byte & 3)}[kind]
            rest.pop(0)
            continue
        if len(rest) < 5:
            break
        x, y = rest[1] | rest[2] << 8, rest[3] | rest[4] << 8
        t += byte >> (1 if kind == DVS else 2)
        if kind == ATIS and byte & 1:
            crossings += 1
        else:
            events.append((t, x, height - 1 - y, byte & 1 if kind == DVS else byte >> 1 & 1))
        del rest[:5]
    return events, crossings


PIECES = st.one_of(
    st.sampled_from([b"\xff", b"\xfe", b"\xfc", b"\xfd", b"\xfe" * 5]),
    st.builds(
        lambda byte, x, y: bytes([byte, x, 0, y, 0]),
        st.integers(0, 255),
        st.integers(0, 33),
        st.integers(0, 33),
    ),
)


@given(
    st.lists(PIECES, max_size=40).map(b"".join),
    st.sampled_from([DVS, ATIS]),
    st.sampled_from([1, 3, 100]),
)
def test_any_bytes_decode_as_the_description_says(data: bytes, kind: int, packet: int) -> None:
    expected, crossings = slow_decode(kind, data, 34)
    if any(row[2] < 0 for row in expected):
        return  # a piece read out of step: refused, as below
    try:
        recording = open_bytes(head(kind) + data, EsReader(packet_events=packet))
        packets = list(recording.packets)
    except FormatError as error:
        assert "y < 34" in error.message  # noqa: PT017 of a threshold crossing read out of step
        return
    assert all(0 < len(p) <= packet for p in packets)
    assert rows_of(Events.concatenate(packets)) == expected
    said = [f.message for f in recording.findings if "crossings" in f.message]
    assert said == (
        [f"{crossings} threshold crossings (measurements of exposure) are left out"]
        if crossings
        else []
    )


@pytest.mark.parametrize(
    ("data", "offset", "said"),
    [
        (b"", 0, "expected 'Event Stream'"),
        (b"Event Strips" + bytes(8), 0, "expected 'Event Stream'"),
        (head()[:17], 17, "a header of 20 bytes; found the end"),
        (head(version=1), 12, "expected version 2; found version 1.0.0"),
        (head(COLOR), 15, "found type color"),
        (head(GENERIC), 15, "found type generic"),
        (head(9), 15, "found type 0x09"),
        (head(width=0), 16, "found 0×34"),
        (head() + bytes([0, 0, 0, 3, 0, 0, 0, 0, 34, 0]), 25, "expected y < 34; found y = 34"),
    ],
)
def test_bad_bytes_are_named_with_their_offset(data: bytes, offset: int, said: str) -> None:
    with pytest.raises(FormatError, match=said) as caught:
        open_bytes(data).load()
    assert caught.value.offset == offset
    assert caught.value.hint


def test_an_event_right_of_the_sensor_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.es").write_bytes(head() + bytes([1, 34, 0, 3, 0]))
    with pytest.raises(FormatError, match="x = 34, y = 30"):
        read_file(tmp_path / "a.es").load()


@pytest.mark.parametrize("rest", range(1, 5))
def test_a_cut_event_is_a_finding(rest: int) -> None:
    data = head() + bytes([1, 2, 0, 3, 0]) + bytes(rest)
    recording = open_bytes(data)
    assert len(recording.load()) == 1
    assert [f.message for f in recording.findings] == [
        f"the file ends inside a record: {rest} bytes at 25"
    ]


def test_a_file_without_events() -> None:
    recording = open_bytes(head() + b"\xff" * 9)
    assert len(recording.load()) == 0
    assert [f.check for f in recording.findings] == ["no-events"]
    assert recording.zero_based
