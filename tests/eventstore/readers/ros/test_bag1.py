"""Bags of ROS 1, record by record, against records packed by hand."""

import struct

import pytest

from eventstore.errors import FormatError
from eventstore.findings import Finding
from eventstore.readers import ByteSource
from eventstore.readers.ros.bag import Topic
from eventstore.readers.ros.bag1 import MAGIC, Bag1


def field(name: bytes, value: bytes) -> bytes:
    return struct.pack("<I", len(name) + 1 + len(value)) + name + b"=" + value


def record(kind: int, data: bytes, **fields: bytes) -> bytes:
    head = field(b"op", bytes([kind])) + b"".join(
        field(name.encode(), value) for name, value in fields.items()
    )
    return struct.pack("<I", len(head)) + head + struct.pack("<I", len(data)) + data


def u32(value: int) -> bytes:
    return value.to_bytes(4, "little")


CONNECTION = record(7, field(b"type", b"dvs_msgs/EventArray"), conn=u32(3), topic=b"/e")


def message(data: bytes, conn: int = 3) -> bytes:
    return record(2, data, conn=u32(conn), time=bytes(8))


def opened(data: bytes) -> Bag1:
    return Bag1(ByteSource("a.bag", memoryview(MAGIC + data)))


def read(bag: Bag1) -> tuple[list[bytes], list[Finding]]:
    findings: list[Finding] = []
    return [bytes(m.data) for m in bag.messages({3}, findings)], findings


def test_messages_of_the_wanted_topics_in_order() -> None:
    bag = opened(CONNECTION + message(b"1") + message(b"no", 4) + message(b"22"))
    assert bag.topics == [Topic(3, "/e", "dvs_msgs/EventArray")]
    assert read(bag) == ([b"1", b"22"], [])


def test_records_inside_chunks() -> None:
    inside = CONNECTION + message(b"1")
    chunk = record(5, inside, compression=b"none", size=u32(len(inside)))
    assert read(opened(chunk + message(b"2")))[0] == [b"1", b"2"]


def test_topics_are_found_in_the_index_without_the_chunks() -> None:
    head = record(3, b"", index_pos=bytes(8))
    at = len(MAGIC) + len(head) + len(message(b"1"))
    head = record(3, b"", index_pos=at.to_bytes(8, "little"))
    assert opened(head + message(b"1") + CONNECTION).topics[0].name == "/e"


@pytest.mark.parametrize("size", range(1, len(message(b"22"))))
def test_a_bag_cut_anywhere_gives_the_messages_before(size: int) -> None:
    messages, findings = read(opened(CONNECTION + message(b"1") + message(b"22")[:size]))
    assert messages == [b"1"]
    assert [f.check for f in findings] == ["cut-file"]


def test_a_bag_cut_inside_a_chunk_gives_the_messages_before() -> None:
    inside = CONNECTION + message(b"1") + message(b"22") + message(b"333")
    chunk = record(5, inside, compression=b"none", size=u32(len(inside)))
    ends = [len(chunk) - len(message(b"333")), len(chunk) - 1]
    for size in ends:
        messages, findings = read(opened(chunk[:size]))
        assert messages == [b"1", b"22"]
        assert [f.check for f in findings] == ["cut-file"]
    for size in range(len(chunk)):
        assert read(opened(chunk[:size]))[0] in ([], [b"1"], [b"1", b"22"])


def test_other_bytes_are_refused() -> None:
    with pytest.raises(FormatError, match=r"a\.bag at byte 0: no bag of ROS 1.*V1\.2"):
        Bag1(ByteSource("a.bag", memoryview(b"#ROSBAG V1.2\n")))


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (record(2, b"", conn=b"\1"), "four bytes as conn"),
        (struct.pack("<II", 4, 0) + u32(0) + u32(0), "fields 'name=value'"),
        (struct.pack("<I", 0) + u32(0), "one byte as op"),
        (record(5, b"abc", compression=b"none", size=u32(9)), "9 bytes; found 3"),
        (record(5, b"abc", compression=b"snappy", size=u32(9)), "unknown compression"),
        (record(5, b"\4\x22abc", compression=b"lz4", size=u32(9)), "9 bytes; found 0"),
        (record(5, b"abc", compression=b"bz2", size=u32(2**31)), "chunk too large"),
        (record(5, b"abc", compression=b"none", size=u32(3)), "whole records in the chunk"),
    ],
)
def test_damage_is_named_with_its_place(bad: bytes, said: str) -> None:
    with pytest.raises(FormatError, match=said) as refused:
        read(opened(CONNECTION + bad))
    assert refused.value.offset in {len(MAGIC + CONNECTION), 0}
    assert refused.value.hint
