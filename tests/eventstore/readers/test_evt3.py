"""The EVT3 reader against files decoded by others, the word layout, and broken bytes."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.digest import columns_sha256
from eventstore.errors import FormatError
from eventstore.events import Events
from eventstore.readers import ByteSource, read_file
from eventstore.readers.evt3 import READER
from eventstore.readers.raw import RawReader
from eventstore.testing import ReaderContract

HEADER = b"% evt 3.0\n% geometry 64x34\n"


def word(kind: int, payload: int) -> int:
    return kind << 12 | payload


def stamp(t: int) -> list[int]:
    return [word(8, (t >> 12) & 0xFFF), word(6, t & 0xFFF)]


def file_of(words: list[int]) -> bytes:
    return HEADER + np.array(words, "<u2").tobytes()


def encode(events: Events) -> bytes:
    words: list[int] = []
    for t, x, y, p in zip(*(column.tolist() for column in events), strict=True):
        words += [*stamp(t), word(0, y), word(2, p << 11 | x)]
    return file_of(words)


def read(data: bytes, reader: RawReader = READER) -> Events:
    return reader.read(ByteSource("some.raw", memoryview(data))).load()


def slow_decode(words: list[int]) -> list[tuple[int, int, int, int]]:
    """Decode word by word from the format's description, as plainly as it can be said."""
    events = []
    y, base, polarity, high, low, loops = None, 0, 0, None, 0, 0
    for w in words:
        kind, payload = w >> 12, w & 0xFFF
        bits = {4: 12, 5: 8}.get(kind, 0)
        if kind == 0:
            y = payload & 0x7FF
        elif kind == 3:
            base, polarity = payload & 0x7FF, payload >> 11
        elif kind == 6:
            low = payload
        elif kind == 8 and payload != high:
            loops += high is not None and high - payload > 2048
            high, low = payload, 0
        if high is None or y is None:
            base += bits
            continue
        t = loops << 24 | high << 12 | low
        if kind == 2:
            events.append((t, payload & 0x7FF, y, payload >> 11))
        events += [(t, base + k, y, polarity) for k in range(bits) if payload >> k & 1]
        base += bits
    return events


class TestEvt3(ReaderContract):
    reader = READER

    def encode(self, events: Events) -> bytes:
        return encode(events)


def test_a_real_file_decodes_as_other_decoders_say(shared_data: Path) -> None:
    truth = json.loads((shared_data / "recordings/truth.json").read_text())["imx636.evt3.raw"]
    recording = read_file(shared_data / "recordings/imx636.evt3.raw")
    events = recording.load()
    assert recording.reader == "evt3"
    assert len(events) == truth["events"]
    assert columns_sha256(events) == truth["sha256_t_x_y_p"]


WORDS = st.lists(
    st.one_of(
        st.integers(0, 33).map(lambda y: word(0, y)),
        st.integers(0, 63).map(lambda x: word(2, x)),
        st.integers(0, 30).map(lambda x: word(3, 0x800 | x)),
        st.integers(0, 0xFFF).map(lambda bits: word(4, bits)),
        st.integers(0, 0xFF).map(lambda bits: word(5, bits)),
        st.integers(0, 0xFFF).map(lambda low: word(6, low)),
        st.integers(0, 0xFFF).map(lambda high: word(8, high)),
        st.sampled_from([0x7001, 0xA000, 0xE123, 0xFFFF]),
    ),
    max_size=60,
)


@given(WORDS, st.sampled_from([1, 5, 13, 100]))
def test_any_words_decode_as_the_description_says(words: list[int], packet_events: int) -> None:
    expected = slow_decode(words)
    events = read(file_of(words), replace(READER, packet_events=packet_events))
    assert list(zip(*(c.tolist() for c in events), strict=True)) == expected


def test_the_low_time_is_zero_when_the_high_time_changes() -> None:
    words = [*stamp(0x1FFF), word(0, 1), word(8, 2), word(2, 5), word(8, 2), word(2, 6)]
    assert read(file_of(words)).t.tolist() == [0x2000, 0x2000]


def test_the_time_goes_on_after_it_wraps() -> None:
    words = [word(0, 1), *stamp(2**24 - 1), word(2, 1), *stamp(3), word(2, 2)]
    assert read(file_of(words)).t.tolist() == [2**24 - 1, 2**24 + 3]


def test_events_without_time_and_other_words_are_counted_in_findings() -> None:
    words = [word(0, 1), word(2, 1), word(3, 0), word(4, 0b101), 0xA000, *stamp(9), word(2, 1)]
    recording = READER.read(ByteSource("some.raw", memoryview(file_of(words))))
    assert recording.load().t.tolist() == [9]
    said = {f.check: f.message for f in recording.findings}
    assert said["timeless-events"].startswith("3 events")
    assert said["other-words"].startswith("1 words")


@pytest.mark.parametrize("kind", [1, 9, 0xB, 0xC, 0xD])
def test_an_unknown_word_is_named_with_its_offset(kind: int) -> None:
    with pytest.raises(FormatError, match=f"found type {kind:#x}") as caught:
        read(file_of([word(8, 1), word(kind, 0)]))
    assert caught.value.offset == len(HEADER) + 2
