"""The EVT3 reader against files decoded by others, the word layout, and broken bytes."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.digest import columns_sha256
from eventstore.errors import FormatError, NotFound
from eventstore.events import Events, Sensor
from eventstore.readers import ByteSource, raw, read_file
from eventstore.readers.evt3 import READER, START, WIDEST_WORD, decode_words
from eventstore.readers.raw import RawReader
from eventstore.side import SideTable
from eventstore.testing import ReaderContract

Row: TypeAlias = tuple[int, ...]

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


def slow_decode(words: list[int]) -> list[Row]:
    """Decode word by word from the format's description, as plainly as it can be said."""
    return slow_both(words)[0]


def slow_both(words: list[int]) -> tuple[list[Row], list[Row]]:
    """Decode events t, x, y, p and triggers t, channel, edge."""
    events: list[Row] = []
    triggers: list[Row] = []
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
            loops += high is not None and high - payload >= 2048
            high, low = payload, 0
        if kind == 0xA and high is not None:
            triggers.append((loops << 24 | high << 12 | low, payload >> 8, payload & 1))
        if high is None or y is None:
            base += bits
            continue
        t = loops << 24 | high << 12 | low
        if kind == 2:
            events.append((t, payload & 0x7FF, y, payload >> 11))
        events += [(t, base + k, y, polarity) for k in range(bits) if payload >> k & 1]
        base += bits
    return events, triggers


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
        st.sampled_from([0x7001, 0xA000, 0xAB01, 0xD000, 0xE123, 0xFFFF]),
    ),
    max_size=60,
)


@given(WORDS, st.sampled_from([1, 5, 13, 100]))
def test_any_words_decode_as_the_description_says(words: list[int], packet_events: int) -> None:
    expected = slow_decode(words)
    events = read(file_of(words), replace(READER, packet_events=packet_events))
    assert rows_of(*events) == expected


def rows_of(*columns: np.ndarray) -> list[Row]:
    return list(zip(*(column.tolist() for column in columns), strict=True))


@given(WORDS, st.integers(1, 7), st.integers(WIDEST_WORD, 40))
def test_a_stream_may_come_in_pieces_and_go_into_columns_of_any_length(
    words: list[int], piece: int, rows: int
) -> None:
    state, found = START, []
    for start in range(0, len(words), piece):
        part, used = np.array(words[start : start + piece], np.uint16), 0
        while used < len(part):
            columns = Events.empty(rows).arrays()
            n, taken, state = decode_words(part[used:], state, columns)
            assert taken > 0
            found += rows_of(*(column[:n] for column in columns))
            used += taken
    assert found == slow_decode(words)


@given(WORDS)
def test_triggers_are_a_side_stream(words: list[int]) -> None:
    side = READER.read(ByteSource("some.raw", memoryview(file_of(words)))).side
    for _ in range(2):  # each call begins anew
        found = SideTable.concatenate("triggers", list(side["triggers"]()))
        assert rows_of(*found.columns.values()) == slow_both(words)[1]


def test_many_triggers_come_in_several_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw, "TRIGGER_ROWS", 3)
    words = [*stamp(5), *(word(0xA, c << 8 | c & 1) for c in range(8))]
    data = b"% t0 100\n" + file_of(words)
    side = READER.read(ByteSource("some.raw", memoryview(data)), sensor=Sensor(8, 8)).side
    tables = list(side["triggers"]())
    assert [len(table) for table in tables] == [3, 3, 2]
    found = SideTable.concatenate("triggers", tables)
    assert rows_of(*found.columns.values()) == [(105, c, c & 1) for c in range(8)]


@given(WORDS, st.integers(1, 9))
def test_files_longer_than_a_piece_decode_alike(words: list[int], size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw, "PIECE_BYTES", 2 * size)
        events = read(file_of(words))
    assert rows_of(*events) == slow_decode(words)


def test_packets_of_a_file_share_no_memory() -> None:
    words = [*stamp(7), word(0, 1), *(word(2, x) for x in range(30))]
    reader = replace(READER, packet_events=12)
    packets = list(reader.read(ByteSource("some.raw", memoryview(file_of(words)))).packets)
    assert len(packets) > 1
    assert not any(np.shares_memory(a, b) for a, b in zip(packets[0], packets[1], strict=True))
    assert Events.concatenate(packets).x.tolist() == list(range(30))


def test_vectors_move_the_base_and_keep_the_polarity() -> None:
    words = [
        *stamp(7),
        word(0, 9),
        word(3, 0x800 | 10),
        word(4, 0x801),
        word(4, 2),
        word(5, 0xF81),
    ]
    words += [word(3, 40), word(5, 1)]
    events = read(file_of(words))
    assert events.x.tolist() == [10, 21, 23, 34, 41, 40]
    assert events.p.tolist() == [1, 1, 1, 1, 1, 0]
    assert set(events.y.tolist()) == {9}


@pytest.mark.parametrize(("fall", "wraps"), [(2047, False), (2048, True)])
def test_a_high_part_that_falls_by_half_has_wrapped(fall: int, wraps: bool) -> None:
    words = [word(8, 3000), word(0, 1), word(2, 1), word(8, 3000 - fall), word(2, 2)]
    assert read(file_of(words)).t.tolist()[1] == ((3000 - fall) << 12) + (wraps << 24)


def test_the_offset_in_the_header_is_added() -> None:
    data = b"% t0 1589163147000000\n" + file_of([*stamp(5), word(0, 1), word(2, 1)])
    assert read(data).t.tolist() == [1_589_163_147_000_005]


def test_words_may_be_big_endian() -> None:
    words = np.array([*stamp(5), word(0, 1), word(2, 1)], ">u2").tobytes()
    assert len(read(HEADER + b"% endianness big\n" + words)) == 1
    assert len(read(HEADER + words, replace(READER, order="big"))) == 1


def test_a_file_without_header_is_read_where_the_reader_is_named(tmp_path: Path) -> None:
    (tmp_path / "bare.raw").write_bytes(file_of([*stamp(5), word(0, 1), word(2, 1)])[len(HEADER) :])
    with pytest.raises(NotFound, match="does not look like"):
        read_file(tmp_path / "bare.raw")
    assert read_file(tmp_path / "bare.raw", reader="evt3").load().t.tolist() == [5]


def test_the_geometry_is_found_by_going_through_a_file_that_states_none() -> None:
    data = file_of([*stamp(5), word(0, 200), word(2, 5), word(2, 300)])[len(HEADER) :]
    recording = READER.read(ByteSource("some.raw", memoryview(data)))
    assert recording.sensor == Sensor(304, 240)
    assert len(recording.load()) == 2
    assert [f.check for f in recording.findings] == ["geometry-assumed"]


def test_the_low_time_is_zero_when_the_high_time_changes() -> None:
    words = [*stamp(0x1FFF), word(0, 1), word(8, 2), word(2, 5), word(8, 2), word(2, 6)]
    assert read(file_of(words)).t.tolist() == [0x2000, 0x2000]


def test_the_time_goes_on_after_it_wraps() -> None:
    words = [word(0, 1), *stamp(2**24 - 1), word(2, 1), *stamp(3), word(2, 2)]
    assert read(file_of(words)).t.tolist() == [2**24 - 1, 2**24 + 3]


def test_events_without_time_and_other_words_are_counted_in_findings() -> None:
    words = [word(0, 1), word(2, 1), word(3, 0), word(4, 0b101), 0xE000, *stamp(9), word(2, 1)]
    recording = READER.read(ByteSource("some.raw", memoryview(file_of(words))))
    assert recording.findings == []  # complete once the packets are consumed
    assert recording.load().t.tolist() == [9]
    said = {f.check: f.message for f in recording.findings}
    assert said["timeless-events"].startswith("3 events")
    assert said["other-words"].startswith("1 words")


@pytest.mark.parametrize("kind", [1, 9, 0xB, 0xC])
def test_an_unknown_word_is_named_with_its_offset(kind: int) -> None:
    with pytest.raises(FormatError, match=f"found type {kind:#x}") as caught:
        read(file_of([word(8, 1), word(kind, 0)]))
    assert caught.value.offset == len(HEADER) + 2
