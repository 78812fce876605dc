"""The container of AEDAT4: a header that names the streams, then compressed packets.

All little-endian (https://docs.inivation.com, AEDAT 4.0)::

    #!AER-DAT4.0 CR LF
    FlatBuffer IOHE, size-prefixed: compression, where the data table begins, XML of the streams
    i32 stream | u32 size | packet, compressed: a size-prefixed FlatBuffer EVTS, FRME, IMUS or TRIG
    …
    FlatBuffer FTAB, compressed: a table of all packets; not needed to read them
"""

import xml.etree.ElementTree as ET
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from struct import Struct
from typing import NamedTuple

import lz4.frame
import numpy as np
import zstandard
from jaxtyping import UInt8

from eventstore.errors import FormatError
from eventstore.events import COORDINATE_LIMIT, Sensor
from eventstore.findings import Finding
from eventstore.readers.aedat.flatbuffer import (
    NAME_AT,
    PREFIX_BYTES,
    Fields,
    find_root,
    find_vector,
    read_fields,
)
from eventstore.readers.geometry import cut_file
from eventstore.readers.mapped import RELEASE_BYTES, forget
from eventstore.readers.protocol import ByteSource

MAGIC = b"#!AER-DAT4.0\r\n"

HEADER_LIMIT = 1 << 24
PACKET_LIMIT = 1 << 28
"""Most bytes of one packet (16 million events); writers give packets of some thousand events."""

COMPRESSIONS = ("NONE", "LZ4", "LZ4_HIGH", "ZSTD", "ZSTD_HIGH")

_PREFIX = Struct("<I")
_PACKET = Struct("<iI")
_HEADER_FIELDS: Fields = {"compression": (0, np.dtype("<i4")), "table_at": (1, np.dtype("<i8"))}
_HEADER_XML = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """What the header says of one stream.

    Args:
        number: its id, that packets carry.
        kind: name of its type: ``EVTS``, ``FRME``, ``IMUS``, ``TRIG`` or another.
        name: name of the output it was, such as ``events``.
        camera: name of the device it comes from.
        sensor: geometry, where stated.
        facts: what else is said, such as ``tsOffset``.
    """

    number: int
    kind: str
    name: str = ""
    camera: str = ""
    sensor: Sensor | None = None
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The header of a file.

    Args:
        compression: one of `COMPRESSIONS`.
        streams: in the order of the file.
        size: bytes up to the first packet.
        table_at: where the packets end and the table of them begins; 0 where not stated.
    """

    compression: str
    streams: tuple[Stream, ...]
    size: int
    table_at: int


class Packet(NamedTuple):
    """One packet, still compressed.

    Args:
        offset: where its header stands in the file.
        stream: id of its stream.
        body: its bytes.
    """

    offset: int
    stream: int
    body: memoryview


def read_header(source: ByteSource) -> Header:
    """Read the header of a file.

    Raises:
        FormatError: it is cut, or not of the format.
    """
    start = len(MAGIC)
    stated = bytes(source.data[start : start + PREFIX_BYTES])
    size = _PREFIX.unpack(stated)[0] if len(stated) == PREFIX_BYTES else HEADER_LIMIT
    stop = start + PREFIX_BYTES + size
    if bytes(source.data[:start]) != MAGIC or size >= HEADER_LIMIT or stop > len(source.data):
        raise _bad_header(source, 0, "'#!AER-DAT4.0' and a whole header", "none")
    data = np.frombuffer(source.data[start:stop], np.uint8)
    root = find_root(data)
    fields = read_fields(data, np.array([root]), _HEADER_FIELDS)
    xml_at, xml_bytes = find_vector(data, root, _HEADER_XML, 1)
    if fields is None or xml_at < 0:
        raise _bad_header(source, start, "a FlatBuffer", "an offset that leads out of it")
    compression = int(fields["compression"][0])
    if not 0 <= compression < len(COMPRESSIONS):
        expected = ", ".join(f"{i} {name}" for i, name in enumerate(COMPRESSIONS))
        raise _bad_header(source, start, f"a compression {expected}", str(compression))
    table_at = int(fields["table_at"][0])
    if 0 < table_at < stop:
        raise _bad_header(source, start, f"a data table after byte {stop}", str(table_at))
    return Header(
        compression=COMPRESSIONS[compression],
        streams=_parse_streams(source, start + xml_at, data[xml_at:][:xml_bytes].tobytes()),
        size=stop,
        table_at=max(table_at, 0),
    )


def iter_packets(
    source: ByteSource, header: Header, wanted: Collection[int], findings: list[Finding]
) -> Iterator[Packet]:
    """Walk over a file and give the packets of some streams.

    Args:
        source: the file.
        header: its header.
        wanted: ids of the streams.
        findings: gets one, at the end, if the file is cut.

    Raises:
        FormatError: a packet runs into the data table.
    """
    at = kept = header.size
    stop = min(header.table_at or len(source.data), len(source.data))
    whole = stop == header.table_at or not header.table_at
    while at < stop:
        if at + _PACKET.size > stop:
            break
        number, size = _PACKET.unpack_from(source.data, at)
        start = at + _PACKET.size
        if start + size > stop:
            break
        if number in wanted:
            yield Packet(at, number, source.data[start : start + size])
        at = start + size
        if at - kept >= RELEASE_BYTES:
            forget(source, kept, at)
            kept = at
    forget(source, kept, stop)
    if at < stop and stop == header.table_at:
        raise bad_packet(source, at, f"packets up to the data table at {stop}", "one beyond it")
    if at < stop or not whole:
        findings.append(cut_file(source.name, at, stop - at, "packet"))


def unpack(
    source: ByteSource, header: Header, packet: Packet, kind: str
) -> UInt8[np.ndarray, " n"]:
    """Decompress a packet into the FlatBuffer that it holds, with its size before it.

    Args:
        source: the file, for errors.
        header: its header.
        packet: the packet.
        kind: four letters of the type it must be of.

    Raises:
        FormatError: it does not decompress, is too large, or of another type.
    """
    try:
        raw = _decompress(header.compression, packet.body)
    except (RuntimeError, EOFError, zstandard.ZstdError) as error:
        compressed = f"{header.compression} data"
        raise bad_packet(source, packet.offset, compressed, str(error)) from None
    if len(raw) < NAME_AT + 4 or len(raw) != PREFIX_BYTES + _PREFIX.unpack_from(raw)[0]:
        expected = f"a FlatBuffer of the size it states, below {PACKET_LIMIT} bytes"
        raise bad_packet(source, packet.offset, expected, f"{len(raw)} bytes")
    data = np.frombuffer(raw, np.uint8)
    found = data[NAME_AT : NAME_AT + 4].tobytes()
    if found != kind.encode():
        raise bad_packet(source, packet.offset, kind, repr(found))
    return data


def bad_packet(source: ByteSource, offset: int, expected: str, found: str) -> FormatError:
    """Return the error that a packet is damaged."""
    message = "bad packet"
    hint = "the file is damaged: fetch it again, or cut it off here to keep what lies before"
    return FormatError(
        message, path=source.name, offset=offset, expected=expected, found=found, hint=hint
    )


def _decompress(compression: str, body: memoryview) -> bytes | memoryview:
    """Decompress just as many bytes as the prefix says: nothing else bounds the memory."""
    if compression == "NONE":
        return body
    if compression.startswith("LZ4"):
        lz4_stream = lz4.frame.LZ4FrameDecompressor()
        prefix: bytes = lz4_stream.decompress(body, max_length=PREFIX_BYTES)
        rest = _size_after(prefix)
        more: bytes = lz4_stream.decompress(b"", max_length=rest) if rest else b""
        return prefix + more
    with zstandard.ZstdDecompressor().stream_reader(body) as zstd_stream:
        prefix = zstd_stream.read(PREFIX_BYTES)
        return prefix + zstd_stream.read(_size_after(prefix))


def _size_after(prefix: bytes) -> int:
    size: int = _PREFIX.unpack(prefix)[0] if len(prefix) == PREFIX_BYTES else 0
    return size if size <= PACKET_LIMIT else 0


def _parse_streams(source: ByteSource, offset: int, xml: bytes) -> tuple[Stream, ...]:
    if b"<!DOCTYPE" in xml:  # none has one; entities could be made to fill the memory
        raise _bad_header(source, offset, "XML without a document type", "<!DOCTYPE")
    try:
        streams = ET.fromstring(xml).find("node[@name='outInfo']")
    except ET.ParseError as error:
        raise _bad_header(source, offset, "XML", str(error)) from None
    parsed = [_parse_stream(node) for node in ([] if streams is None else streams.findall("node"))]
    found = tuple(stream for stream in parsed if stream is not None)
    if len(found) < len(parsed) or len({stream.number for stream in found}) < len(found):
        raise _bad_header(source, offset, "streams with an id of their own", "one without")
    return found


def _parse_stream(node: ET.Element) -> Stream | None:
    number = _whole_number(node.get("name", ""))
    if number is None:
        return None
    said, info = _attributes(node), node.find("node[@name='info']")
    facts = {} if info is None else _attributes(info)
    return Stream(
        number=number,
        kind=said.get("typeIdentifier", ""),
        name=said.get("originalOutputName", ""),
        camera=facts.get("source", ""),
        sensor=_stated_sensor(facts),
        facts=facts,
    )


def _attributes(node: ET.Element) -> dict[str, str]:
    return {attr.get("key", ""): (attr.text or "").strip() for attr in node.findall("attr")}


def _stated_sensor(facts: Mapping[str, str]) -> Sensor | None:
    width, height = (_whole_number(facts.get(key, "")) or 0 for key in ("sizeX", "sizeY"))
    good = 1 <= width <= COORDINATE_LIMIT and 1 <= height <= COORDINATE_LIMIT
    return Sensor(width, height) if good else None


def _whole_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _bad_header(source: ByteSource, offset: int, expected: str, found: str) -> FormatError:
    message = "bad header"
    hint = "is it a whole AEDAT4 file? name the reader of another format (--reader)"
    return FormatError(
        message, path=source.name, offset=offset, expected=expected, found=found, hint=hint
    )
