"""The records of .mcap files, against records packed by hand."""

import struct
import zlib

import lz4.frame
import pytest
import zstandard

from eventstore.errors import FormatError
from eventstore.findings import Finding
from eventstore.readers import ByteSource
from eventstore.readers.ros.bag import Topic
from eventstore.readers.ros.mcap import MAGIC, McapBag


def record(kind: int, data: bytes) -> bytes:
    return struct.pack("<BQ", kind, len(data)) + data


def text(value: str) -> bytes:
    return struct.pack("<I", len(value)) + value.encode()


SCHEMA = record(
    3, struct.pack("<H", 1) + text("dvs_msgs/msg/EventArray") + text("ros2msg") + text("")
)
CHANNEL = record(4, struct.pack("<HH", 9, 1) + text("/e") + text("cdr") + bytes(4))
END = record(15, bytes(4)) + record(2, bytes(20)) + MAGIC


def message(data: bytes, channel: int = 9) -> bytes:
    return record(5, struct.pack("<HIQQ", channel, 0, 0, 0) + data)


def chunk(
    inside: bytes, kind: str = "", *, crc: int | None = None, size: int | None = None
) -> bytes:
    packed = {"zstd": zstandard.compress, "lz4": lz4.frame.compress}.get(kind, bytes)(inside)
    crc = zlib.crc32(inside) if crc is None else crc
    head = struct.pack("<QQQI", 0, 0, len(inside) if size is None else size, crc)
    return record(6, head + text(kind) + struct.pack("<Q", len(packed)) + packed)


def opened(data: bytes) -> McapBag:
    return McapBag(ByteSource("a.mcap", memoryview(MAGIC + data)))


def read(bag: McapBag) -> tuple[list[bytes], list[Finding]]:
    findings: list[Finding] = []
    return [bytes(m.data) for m in bag.messages({9}, findings)], findings


@pytest.mark.parametrize("kind", ["", "lz4", "zstd"])
def test_messages_in_and_out_of_chunks(kind: str) -> None:
    inside = SCHEMA + CHANNEL + message(b"1")
    bag = opened(chunk(inside, kind) + message(b"no", 2) + message(b"22") + END)
    assert bag.topics == [Topic(9, "/e", "dvs_msgs/EventArray")]
    assert read(bag) == ([b"1", b"22"], [])


def test_topics_are_found_in_the_index_without_the_chunks() -> None:
    start = len(MAGIC) + len(message(b"1")) + len(record(15, bytes(4)))
    footer = record(2, struct.pack("<QQI", start, 0, 0))
    data = message(b"1") + record(15, bytes(4)) + SCHEMA + CHANNEL + footer + MAGIC
    bag = opened(data)
    assert bag.topics[0].name == "/e"
    assert read(bag)[0] == [b"1"]


def test_only_messages_of_ros_count() -> None:
    channel = record(4, struct.pack("<HH", 9, 1) + text("/e") + text("json") + bytes(4))
    assert opened(SCHEMA + channel + END).topics == []


@pytest.mark.parametrize("size", range(1, len(message(b"22"))))
def test_a_file_cut_anywhere_gives_the_messages_before(size: int) -> None:
    messages, findings = read(opened(SCHEMA + CHANNEL + message(b"1") + message(b"22")[:size]))
    assert messages == [b"1"]
    assert [f.check for f in findings] == ["cut-file"]


def test_a_chunk_cut_anywhere_gives_its_whole_messages() -> None:
    inside = SCHEMA + CHANNEL + message(b"1") + message(b"22")
    whole = chunk(inside)
    second = len(whole) - len(message(b"22"))
    for size in range(len(whole) - len(message(b"1") + message(b"22")), len(whole)):
        messages, findings = read(opened(whole[:size]))
        assert messages == ([b"1"] if size >= second else [])
        assert [f.check for f in findings] == ["cut-file"]
    packed = chunk(inside, "zstd")
    assert read(opened(packed[:-3]))[0] == []


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (record(5, b"abc"), "22 bytes of a message's head"),
        (record(6, b"abc"), "28 bytes of a chunk's head"),
        (record(4, b"abc"), "a number of two bytes"),
        (record(4, struct.pack("<HHI", 1, 1, 99)), "a string of 99 bytes"),
        (chunk(message(b"1"), crc=1), "crc32 00000001"),
        (chunk(message(b"1"), "zstd", size=2), "cannot be unpacked"),
        (chunk(message(b"1"), "lz4", size=2), "2 bytes; found 3"),
        (chunk(message(b"1")[:-1]), "whole records in the chunk"),
    ],
)
def test_damage_is_named_with_its_place(bad: bytes, said: str) -> None:
    with pytest.raises(FormatError, match=said) as refused:
        read(opened(SCHEMA + CHANNEL + bad))
    assert refused.value.offset == len(MAGIC + SCHEMA + CHANNEL)


def test_other_bytes_are_refused() -> None:
    with pytest.raises(FormatError, match=r"a\.mcap at byte 0: no mcap file"):
        McapBag(ByteSource("a.mcap", memoryview(b"\x89MCAP")))
