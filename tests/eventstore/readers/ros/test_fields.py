"""Fields of messages, in both serializations."""

import struct

import pytest

from eventstore.errors import FormatError
from eventstore.readers.ros.bag import Message
from eventstore.readers.ros.fields import Fields, to_us


def fields(data: bytes, *, cdr: bool) -> Fields:
    return Fields.of(Message(0, memoryview(data), 77), cdr=cdr, path="a.bag")


def test_cdr_aligns_numbers_and_counts_the_zero_of_strings() -> None:
    data = b"\0\1\0\0" + b"\x07" + bytes(3) + struct.pack("<I3s", 3, b"hi\0") + b"\0" + bytes(4)
    taken = fields(data + struct.pack("<d", 2.5), cdr=True)
    assert (taken.number("B"), taken.text(), taken.numbers("d", 1)) == (7, "hi", (2.5,))


def test_ros_1_packs_without_gaps() -> None:
    taken = fields(b"\x07" + struct.pack("<I2sd", 2, b"hi", 2.5), cdr=False)
    assert (taken.number("B"), taken.text()) == (7, "hi")
    taken = fields(b"\x07" + struct.pack("<I", 2) + b"hi" + struct.pack("<d", 2.5), cdr=False)
    taken.number("B")
    taken.text()
    assert taken.numbers("d", 1) == (2.5,)


@pytest.mark.parametrize("cdr", [True, False])
def test_headers_give_their_stamp(cdr: bool) -> None:
    head = b"\0\1\0\0" if cdr else struct.pack("<I", 9)
    stamp = struct.pack("<II", 5, 1_600) + struct.pack("<I", 0)
    assert fields(head + stamp, cdr=cdr).header() == 5_000_002


@pytest.mark.parametrize("head", [b"", b"\0\1", b"\0\0\0\0", b"\0\3\0\0", b"\1\1\0\0"])
def test_other_kinds_of_cdr_are_refused(head: bytes) -> None:
    with pytest.raises(FormatError, match=r"a\.bag at byte 77: damaged message.*little-endian"):
        fields(head, cdr=True)


def test_a_message_that_ends_too_early_is_named() -> None:
    with pytest.raises(FormatError, match="4 bytes at 0 of the message; found a message of 2"):
        fields(b"12", cdr=False).number("I")
    with pytest.raises(FormatError, match="9 bytes at 4 of the message"):
        fields(struct.pack("<I", 9) + b"12", cdr=False).block()


def test_stamps_round_to_the_nearest_microsecond() -> None:
    assert [to_us(1, ns) for ns in (499, 500, 1_499, 999_999_999)] == [
        1_000_000,
        1_000_001,
        1_000_001,
        2_000_000,
    ]
