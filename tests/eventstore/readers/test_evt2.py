"""The EVT2 reader against files decoded by others, the word layout, and broken bytes."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.digest import columns_sha256
from eventstore.errors import FormatError
from eventstore.events import Events
from eventstore.readers import ByteSource, raw, read_file
from eventstore.readers.evt2 import READER
from eventstore.readers.raw import RawReader
from eventstore.side import SideTable
from eventstore.testing import ReaderContract

Row: TypeAlias = tuple[int, ...]

HEADER = b"% evt 2.0\n% geometry 34x34\n"


def high(t: int) -> int:
    return 0x8 << 28 | (t >> 6) & (2**28 - 1)


def event(t: int, x: int, y: int, p: int) -> int:
    return p << 28 | (t & 63) << 22 | x << 11 | y


def file_of(words: list[int]) -> bytes:
    return HEADER + np.array(words, "<u4").tobytes()


def encode(events: Events) -> bytes:
    words = []
    for t, x, y, p in zip(*(column.tolist() for column in events), strict=True):
        words += [high(t), event(t, x, y, p)]
    return file_of(words)


def read(data: bytes, reader: RawReader = READER) -> Events:
    return reader.read(ByteSource("some.raw", memoryview(data))).load()


class TestEvt2(ReaderContract):
    reader = READER

    def encode(self, events: Events) -> bytes:
        return encode(events)


def test_a_real_file_decodes_as_other_decoders_say(shared_data: Path) -> None:
    truth = json.loads((shared_data / "recordings/truth.json").read_text())["gen3.evt2.raw"]
    recording = read_file(shared_data / "recordings/gen3.evt2.raw")
    events = recording.load()
    assert recording.reader == "evt2"
    assert len(events) == truth["events"]
    assert columns_sha256(events) == truth["sha256_t_x_y_p"]


@pytest.mark.parametrize("packet_events", [1, 2, 3, 100])
def test_the_time_goes_on_after_it_wraps(packet_events: int) -> None:
    words = [high(2**34 - 64), event(63, 1, 2, 1), high(0), event(5, 3, 4, 0), high(64)]
    words += [high(0), event(6, 3, 4, 0)]  # a small step back is no wrap
    events = read(file_of(words), replace(READER, packet_events=packet_events))
    assert events.t.tolist() == [2**34 - 1, 2**34 + 5, 2**34 + 6]
    assert events.p.tolist() == [1, 0, 0]


WORDS = st.lists(
    st.one_of(
        st.builds(
            event, st.integers(0, 63), st.integers(0, 33), st.integers(0, 33), st.integers(0, 1)
        ),
        st.integers(0, 2**28 - 1).map(lambda h: 0x8 << 28 | h),
        st.integers(0, 2**28 - 1).map(lambda content: 0xA << 28 | content),
        st.sampled_from([0xD << 28, 0xE0000014, 0xFFFFFFFF]),
    ),
    max_size=60,
)


def slow_decode(words: list[int]) -> tuple[list[Row], list[Row]]:
    """Decode events and triggers from the format's description, as plainly as it can be said."""
    events: list[Row] = []
    triggers: list[Row] = []
    stated, loops = None, 0
    for w in words:
        kind, low = w >> 28, w >> 22 & 63
        if kind == 8:
            loops += stated is not None and stated - (w & 0xFFFFFFF) >= 2**27
            stated = w & 0xFFFFFFF
        if stated is None:
            continue
        t = loops << 34 | stated << 6 | low
        if kind in {0, 1}:
            events.append((t, w >> 11 & 0x7FF, w & 0x7FF, kind))
        if kind == 0xA:
            triggers.append((t, w >> 8 & 0x1F, w & 1))
    return events, triggers


def rows_of(columns: Iterable[np.ndarray]) -> list[Row]:
    return list(zip(*(column.tolist() for column in columns), strict=True))


@given(WORDS, st.sampled_from([1, 5, 100]), st.integers(1, 9))
def test_any_words_decode_as_the_description_says(
    words: list[int], packet_events: int, size: int
) -> None:
    events, triggers = slow_decode(words)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw, "PIECE_BYTES", 4 * size)
        source = ByteSource("some.raw", memoryview(file_of(words)))
        recording = replace(READER, packet_events=packet_events).read(source)
        assert rows_of(recording.load()) == events
        found = SideTable.concatenate("triggers", list(recording.side["triggers"]()))
    assert rows_of(found.columns.values()) == triggers


def test_events_without_time_and_other_words_are_counted_in_findings() -> None:
    words = [event(1, 1, 1, 1), 0xD << 28, high(64), event(1, 1, 1, 1), 0xE << 28, 0xF << 28]
    recording = READER.read(ByteSource("some.raw", memoryview(file_of(words))))
    assert recording.load().t.tolist() == [65]
    said = {f.check: f.message for f in recording.findings}
    assert said["timeless-events"].startswith("1 events")
    assert said["other-words"].startswith("3 words")


def test_an_unknown_word_is_named_with_its_offset() -> None:
    with pytest.raises(FormatError, match="found type 0x5") as caught:
        read(file_of([high(0), 0x5 << 28]))
    assert caught.value.offset == len(HEADER) + 4


def test_a_cut_word_is_a_finding() -> None:
    data = encode(Events.of(t=[1, 2], x=[1, 2], y=[3, 4]))
    recording = READER.read(ByteSource("some.raw", memoryview(data[:-1])))
    assert recording.load().t.tolist() == [1]
    assert [f.check for f in recording.findings] == ["cut-file"]
