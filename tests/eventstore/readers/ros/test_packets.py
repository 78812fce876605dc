"""Messages of encoded events."""

import struct

import numpy as np
import pytest

from eventstore.errors import FormatError
from eventstore.events import Events
from eventstore.findings import Finding
from eventstore.readers.ros.fields import Fields
from eventstore.readers.ros.packets import PacketDecoder


def message(encoding: str, payload: bytes, *, base_ns: int = 0, big: int = 0) -> Fields:
    head = struct.pack("<IIII", 0, 1, 0, 0) + struct.pack("<II", 480, 640)
    head += struct.pack("<QQ", 0, base_ns) + struct.pack("<I", len(encoding)) + encoding.encode()
    data = head + bytes([big]) + struct.pack("<I", len(payload)) + payload
    return Fields(memoryview(data), False, "a.bag", 3)


def words(dtype: str, *values: int) -> bytes:
    return np.array(values, dtype).tobytes()


def decode(*messages: Fields) -> list[Events]:
    return list(PacketDecoder().events(iter(messages), []))


def columns(events: Events) -> list[list[int]]:
    return [column.tolist() for column in events]


def test_evt3_is_one_stream_over_all_messages() -> None:
    first = message("evt3", words("<u2", 0x8001, 0x6002, 0x0005))
    assert decode(first) == []
    first = message("evt3", words("<u2", 0x8001, 0x6002, 0x0005))
    (events,) = decode(first, message("evt3", words("<u2", 0x2807)))
    assert columns(events) == [[(1 << 12) + 2], [7], [5], [1]]


def test_mono_counts_nanoseconds_from_the_base() -> None:
    payload = words("<u8", 1 << 63 | 5 << 48 | 7 << 32 | 1_600, 6 << 48 | 8 << 32)
    (events,) = decode(message("mono", payload, base_ns=2_000))
    assert columns(events) == [[4, 2], [7, 8], [5, 6], [1, 0]]


def test_libcaer_counts_microseconds_and_wraps() -> None:
    payload = words("<u8", (2**31 - 1) << 32 | 7 << 17 | 5 << 2 | 2, 3 << 32 | 8 << 17 | 6 << 2)
    (events,) = decode(message("libcaer", payload, base_ns=10_000))
    assert columns(events) == [[10 + 2**31 - 1, 10 + 2**31 + 3], [7, 8], [5, 6], [1, 0]]


@pytest.mark.parametrize("encoding", ["evt3", "mono", "libcaer"])
def test_no_events_are_none(encoding: str) -> None:
    assert sum(map(len, decode(message(encoding, b"")))) == 0


def test_unknown_encodings_and_broken_words_are_refused() -> None:
    with pytest.raises(FormatError, match="evt3 or mono or libcaer; found 'libcaer_cmp'"):
        decode(message("libcaer_cmp", b""))
    with pytest.raises(FormatError, match="'evt3' big-endian"):
        decode(message("evt3", b"", big=1))
    with pytest.raises(FormatError, match="words of 8 bytes; found 9 bytes"):
        decode(message("mono", bytes(9)))


def test_unknown_words_are_refused() -> None:
    with pytest.raises(FormatError, match="words of EVT3; found a word 0x9001"):
        decode(message("evt3", words("<u2", 0x8001, 0x0005, 0x9001)))


def test_triggers_are_a_stream_of_their_own_and_the_rest_is_said() -> None:
    def messages() -> list[Fields]:
        pieces = ((0x2001, 0x8001, 0x6002, 0xA101), (0xE000, 0xA100))
        return [message("evt3", words("<u2", *piece)) for piece in pieces]

    found = list(PacketDecoder().triggers(iter(messages())))
    joined = [np.concatenate([table.columns[name] for table in found]) for name in ("t", "edge")]
    assert [column.tolist() for column in joined] == [[4098, 4098], [1, 0]]
    assert [table.columns["channel"].tolist() for table in found] == [[1], [1]]
    findings: list[Finding] = []
    assert list(PacketDecoder().events(iter(messages()), findings)) == []
    assert [f.check for f in findings] == ["timeless-events", "other-words"]
