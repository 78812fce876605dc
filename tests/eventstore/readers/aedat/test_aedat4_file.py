"""The container of AEDAT4: headers, packets, compressions, and what is damaged."""

import struct
from collections.abc import Callable
from typing import Any

import lz4.frame
import pytest
import zstandard

from eventstore.errors import FormatError
from eventstore.events import Sensor
from eventstore.findings import Finding
from eventstore.readers import ByteSource
from eventstore.readers.aedat.aedat4_file import (
    MAGIC,
    PACKET_LIMIT,
    Header,
    Packet,
    iter_packets,
    read_header,
    unpack,
)

XML = (
    b"<dv><node name='outInfo'><node name='4'><attr key='typeIdentifier'>EVTS</attr>"
    b"<attr key='originalOutputName'>events</attr><node name='info'><attr key='sizeX'>34</attr>"
    b"<attr key='sizeY'>8</attr><attr key='source'>cam</attr></node></node></node></dv>"
)


@pytest.fixture
def write(flat: Callable[..., bytes]) -> Callable[..., ByteSource]:
    def file_of(
        *bodies: bytes, xml: bytes = XML, code: int = 0, table_at: int = -1, **more: Any
    ) -> ByteSource:
        head = flat(more.get("name", "IOHE"), {0: ("i", code), 1: ("q", table_at), 2: xml})
        packets = b"".join(struct.pack("<iI", 4, len(body)) + body for body in bodies)
        data = MAGIC + head + packets + more.get("tail", b"")
        return ByteSource("some.aedat4", memoryview(data))

    return file_of


def walk(source: ByteSource, *wanted: int) -> tuple[list[Packet], list[Finding]]:
    findings: list[Finding] = []
    return list(iter_packets(source, read_header(source), wanted, findings)), findings


def test_the_header_names_streams_with_their_geometry(write: Callable[..., ByteSource]) -> None:
    header = read_header(write(code=3, table_at=700))
    (stream,) = header.streams
    assert (header.compression, header.table_at) == ("ZSTD", 700)
    assert (stream.number, stream.kind, stream.name, stream.camera) == (4, "EVTS", "events", "cam")
    assert stream.sensor == Sensor(34, 8)


@pytest.mark.parametrize("size", [b"0", b"-3", b"65537", b"3x", b"", b"9" * 5000])
def test_a_size_that_no_sensor_has_is_not_stated(
    write: Callable[..., ByteSource], size: bytes
) -> None:
    (stream,) = read_header(write(xml=XML.replace(b"34", size))).streams
    assert stream.sensor is None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"code": 9}, "found 9"),
        ({"table_at": 5}, "found 5"),
        ({"xml": b"<dv>"}, "no element found"),
        ({"xml": b"<!DOCTYPE x>" + XML}, "<!DOCTYPE"),
        ({"xml": XML.replace(b"'4'", b"'four'")}, "streams with an id of their own"),
    ],
)
def test_bad_headers_say_what_was_expected(
    write: Callable[..., ByteSource], more: dict[str, Any], said: str
) -> None:
    with pytest.raises(FormatError, match=said) as caught:
        read_header(write(**more))
    assert caught.value.offset is not None
    assert caught.value.hint


def test_two_streams_of_one_id_are_refused(write: Callable[..., ByteSource]) -> None:
    node = XML[XML.index(b"<node name='4'>") : -len(b"</node></dv>")]
    with pytest.raises(FormatError, match="an id of their own"):
        read_header(write(xml=XML.replace(node, node * 2)))


def test_only_wanted_packets_are_given(write: Callable[..., ByteSource]) -> None:
    source = write(b"ab", b"", b"cde")
    packets, findings = walk(source, 4)
    assert [bytes(packet.body) for packet in packets] == [b"ab", b"", b"cde"]
    assert source.data[packets[2].offset :][:8] == struct.pack("<iI", 4, 3)
    assert (walk(source, 7), findings) == (([], []), [])


def test_packets_end_where_the_data_table_begins(write: Callable[..., ByteSource]) -> None:
    end = len(write(b"abc").data)
    packets, findings = walk(write(b"abc", table_at=end, tail=b"\x04\0\0\0\0\0\0\0"), 4)
    assert (len(packets), findings) == (1, [])
    with pytest.raises(FormatError, match=f"the data table at {end - 1}"):
        walk(write(b"abc", table_at=end - 1), 4)


@pytest.mark.parametrize(("lost", "left"), [(1, 1), (3, 1), (9, 1), (11, 1), (12, 0), (20, 0)])
def test_a_cut_gives_the_packets_before_it(
    write: Callable[..., ByteSource], lost: int, left: int
) -> None:
    whole = write(b"abc", b"def")
    cut = ByteSource("some.aedat4", whole.data[:-lost])
    packets, findings = walk(cut, 4)
    assert len(packets) == left
    assert [finding.check for finding in findings] == ["cut-file"] * (lost % 11 != 0)


def test_a_lost_data_table_is_a_cut(write: Callable[..., ByteSource]) -> None:
    packets, (finding,) = walk(write(b"abc", table_at=5000), 4)
    assert len(packets) == 1
    assert finding.check == "cut-file"


def unpacked(compression: str, body: bytes) -> bytes:
    header = Header(compression=compression, streams=(), size=0, table_at=0)
    source = ByteSource("some.aedat4", memoryview(b""))
    return unpack(source, header, Packet(70, 4, memoryview(body)), "EVTS").tobytes()


@pytest.mark.parametrize("size", [0, 1000, 200_000])
def test_every_compression_is_undone(size: int) -> None:
    raw = struct.pack("<II4s", 8 + size, 8, b"EVTS") + bytes(range(256)) * 800
    raw = raw[: 12 + size]
    assert unpacked("NONE", raw) == raw
    assert unpacked("LZ4", lz4.frame.compress(raw)) == raw
    linked = lz4.frame.compress(raw, block_linked=True, content_checksum=True, store_size=False)
    assert unpacked("LZ4_HIGH", linked) == raw
    assert unpacked("ZSTD", zstandard.ZstdCompressor().compress(raw)) == raw
    unsized = zstandard.ZstdCompressor(write_content_size=False).compress(raw)
    assert unpacked("ZSTD_HIGH", unsized) == raw


@pytest.mark.parametrize("compression", ["NONE", "LZ4", "ZSTD"])
@pytest.mark.parametrize("size", [0, 5, PACKET_LIMIT + 1, (1 << 32) - 1])
def test_no_packet_is_larger_than_it_says_or_than_the_limit(compression: str, size: int) -> None:
    raw = struct.pack("<I", size) + bytes(300_000)
    body = {"NONE": bytes, "LZ4": lz4.frame.compress, "ZSTD": zstandard.compress}[compression](raw)
    with pytest.raises(FormatError, match="at byte 70: bad packet") as caught:
        unpacked(compression, body)
    assert caught.value.hint


@pytest.mark.parametrize("compression", ["NONE", "LZ4", "ZSTD"])
@pytest.mark.parametrize("body", [b"", b"\0", b"nonsense, nonsense", lz4.frame.compress(b"abc")])
def test_what_does_not_decompress_is_named(compression: str, body: bytes) -> None:
    with pytest.raises(FormatError, match="at byte 70: bad packet"):
        unpacked(compression, body)


def test_a_packet_of_another_type_is_refused() -> None:
    with pytest.raises(FormatError, match="expected EVTS; found b'IMUS'"):
        unpacked("NONE", struct.pack("<II4s", 8, 8, b"IMUS"))
