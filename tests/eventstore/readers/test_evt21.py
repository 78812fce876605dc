"""The EVT2.1 reader against a decoder by the book, in each byte order, and broken bytes."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import FormatError
from eventstore.events import Events, Sensor
from eventstore.readers import ByteSource, raw
from eventstore.readers.evt21 import READER
from eventstore.readers.open import find_reader
from eventstore.readers.raw import RawReader
from eventstore.side import SideTable
from eventstore.testing import ReaderContract

Row: TypeAlias = tuple[int, ...]

HEADER = b"% format EVT21;endianness=little;height=34;width=64\n"


def high(t: int) -> int:
    return 0x8 << 60 | (t >> 6 & 0xFFFFFFF) << 32


def vector(t: int, x: int, y: int, p: int, valid: int = 1) -> int:
    return p << 60 | (t & 63) << 54 | x << 43 | y << 32 | valid


def trigger(t: int, channel: int, edge: int) -> int:
    return 0xA << 60 | (t & 63) << 54 | channel << 40 | edge << 32


def file_of(words: list[int], header: bytes = HEADER) -> bytes:
    return header + np.array(words, "<u8").tobytes()


def exchanged(data: bytes) -> bytes:
    """Exchange the halves of 64-bit words."""
    return np.frombuffer(data, "<u4").reshape(-1, 2)[:, ::-1].tobytes()


def encode(events: Events) -> bytes:
    words = []
    for t, x, y, p in zip(*(column.tolist() for column in events), strict=True):
        words += [high(t), vector(t, x, y, p)]
    return file_of(words)


def read(data: bytes, reader: RawReader = READER) -> Events:
    return reader.read(ByteSource("some.raw", memoryview(data)), sensor=Sensor(64, 34)).load()


def rows_of(columns: Iterable[np.ndarray]) -> list[Row]:
    return list(zip(*(column.tolist() for column in columns), strict=True))


def slow_decode(words: list[int]) -> tuple[list[Row], list[Row]]:
    """Decode events and triggers from the format's description, as plainly as it can be said."""
    events: list[Row] = []
    triggers: list[Row] = []
    stated, loops = None, 0
    for w in words:
        kind, low = w >> 60, w >> 54 & 63
        if kind == 8:
            stamp = w >> 32 & 0xFFFFFFF
            loops += stated is not None and stated - stamp >= 2**27
            stated = stamp
        if stated is None:
            continue
        t = loops << 34 | stated << 6 | low
        if kind in {0, 1}:
            x, y = w >> 43 & 0x7FF, w >> 32 & 0x7FF
            events += [(t, x + k, y, kind) for k in range(32) if w >> k & 1]
        if kind == 0xA:
            triggers.append((t, w >> 40 & 0x1F, w >> 32 & 1))
    return events, triggers


class TestEvt21(ReaderContract):
    reader = READER

    def encode(self, events: Events) -> bytes:
        return encode(events)


WORDS = st.lists(
    st.one_of(
        st.builds(
            vector,
            st.integers(0, 63),
            st.integers(0, 32),
            st.integers(0, 33),
            st.integers(0, 1),
            st.integers(0, 2**32 - 1),
        ),
        st.integers(0, 2**34 - 1).map(high),
        st.builds(trigger, st.integers(0, 63), st.integers(0, 31), st.integers(0, 1)),
        st.sampled_from([0xE << 60 | 0x14 << 32, 2**64 - 1]),
    ),
    max_size=40,
)


@given(WORDS, st.sampled_from([1, 33, 1000]), st.integers(1, 9), st.sampled_from("lxb"))
def test_any_words_decode_as_the_description_says(
    words: list[int], packet_events: int, size: int, order: str
) -> None:
    events, triggers = slow_decode(words)
    data = {
        "l": file_of(words),
        "x": HEADER.replace(b"little", b"legacy") + exchanged(file_of(words, b"")),
        "b": HEADER.replace(b"little", b"big") + np.array(words, ">u8").tobytes(),
    }[order]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw, "PIECE_BYTES", 8 * size)
        source = ByteSource("some.raw", memoryview(data))
        recording = replace(READER, packet_events=packet_events).read(source)
        packets = list(recording.packets)
        found = SideTable.concatenate("triggers", list(recording.side["triggers"]()))
    assert all(0 < len(packet) <= max(packet_events, 32) for packet in packets)
    assert rows_of(Events.concatenate(packets)) == events
    assert rows_of(found.columns.values()) == triggers


def test_an_event_for_each_valid_bit() -> None:
    events = read(file_of([high(0), vector(3, 5, 6, 1, 0x80000101)]))
    assert rows_of(events) == [(3, 5, 6, 1), (3, 13, 6, 1), (3, 36, 6, 1)]


VECTORS = [high(64), vector(1, 5, 6, 1, 0xF000F00F), vector(2, 5, 6, 0, 0x20000000), high(128)]


@pytest.mark.parametrize("words", [VECTORS, [high(64), vector(1, 5, 6, 1), vector(2, 5, 6, 0)]])
def test_the_byte_order_is_guessed_where_the_header_does_not_state_it(words: list[int]) -> None:
    header, data = b"% evt 2.1\n", file_of(words, b"")
    expected = rows_of(read(HEADER + data))
    assert rows_of(read(header + data)) == expected
    assert rows_of(read(header + exchanged(data))) == expected
    swapped = np.frombuffer(data, "<u8").astype(">u8").tobytes()
    assert rows_of(read(header + swapped)) == expected
    assert rows_of(read(header + exchanged(data), replace(READER, order="legacy"))) == expected


def test_older_cameras_send_halves_exchanged() -> None:
    data = exchanged(file_of(VECTORS, b""))
    assert len(read(b"% evt 2.1\n% system_ID 49\n" + data)) == 13


def test_the_header_names_the_reader_whatever_its_version_says() -> None:
    source = ByteSource("a.raw", memoryview(b"% evt 3.0\n" + file_of(VECTORS)))
    assert find_reader(source) == READER
    (finding,) = READER.read(source).findings
    assert "the header says evt3, read as evt21" in finding.message


def test_events_without_time_and_other_words_are_counted_in_findings() -> None:
    words = [vector(1, 1, 1, 1, 7), 0xE << 60, high(64), vector(1, 1, 1, 1)]
    recording = READER.read(ByteSource("some.raw", memoryview(file_of(words))))
    assert recording.load().t.tolist() == [65]
    said = {f.check: f.message for f in recording.findings}
    assert said["timeless-events"].startswith("3 events")
    assert said["other-words"].startswith("1 words")


@pytest.mark.parametrize("kind", [2, 7, 9, 0xB, 0xD])
def test_an_unknown_word_is_named_with_its_offset(kind: int) -> None:
    with pytest.raises(FormatError, match=f"found type {kind:#x}") as caught:
        read(file_of([high(0), kind << 60]))
    assert caught.value.offset == len(HEADER) + 8
