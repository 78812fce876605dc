r"""Walk through a bag of ROS 1 (``.bag``): records, each with a header of named fields and data.

``#ROSBAG V2.0\n``, then records (http://wiki.ros.org/Bags/Format/2.0), little-endian::

    header length u32 | header | data length u32 | data
    header: (length u32 | name = value)…;  the field ``op`` is the kind of record

    2 message (conn)   3 bag header   4 index   5 chunk of records (compression, size)
    6 chunk info       7 connection (conn, topic; its data are fields: type, …)

The index at the end is not needed: a bag whose recording was cut off is read as far as it goes.
"""

import struct
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from eventstore.errors import FormatError
from eventstore.findings import Finding
from eventstore.readers.geometry import cut_file
from eventstore.readers.protocol import ByteSource
from eventstore.readers.ros.bag import Message, Topic, plain_type, unpack

MAGIC = b"#ROSBAG V2.0\n"
MESSAGE, BAG_HEADER, INDEX, CHUNK, CHUNK_INFO, CONNECTION = range(2, 8)


class Record(NamedTuple):
    """One record: its kind, header fields, data, and the byte at which it stands."""

    kind: int
    fields: Mapping[str, bytes]
    data: memoryview
    offset: int


@dataclass(slots=True, eq=False)
class Bag1:
    """A bag of ROS 1.

    Args:
        source: its bytes.

    Raises:
        FormatError: the bytes are no such bag, or damaged.
    """

    source: ByteSource
    topics: list[Topic] = field(init=False)

    def __post_init__(self) -> None:
        if bytes(self.source.data[: len(MAGIC)]) != MAGIC:
            message, found = "no bag of ROS 1", repr(bytes(self.source.data[:16]))
            raise FormatError(
                message,
                path=self.source.name,
                offset=0,
                expected=repr(MAGIC),
                found=found,
                hint="bags of version 1.2 are brought up by `rosbag fix`",
            )
        known = {topic.number: topic for topic in self._connections()}
        self.topics = [known[number] for number in sorted(known)]

    def messages(self, topics: Collection[int], findings: list[Finding]) -> Iterator[Message]:
        """Iterate over the messages of some topics in the order of the file."""
        for record in self._walk(len(MAGIC), findings):
            if record.kind == MESSAGE:
                number = _u32(record, "conn", self.source.name)
                if number in topics:
                    yield Message(number, record.data, record.offset)

    def _connections(self) -> Iterator[Topic]:
        """Find the topics in the index at the end, or else in the whole file."""
        first = next(_records(self.source.data, len(MAGIC), self.source.name, []), None)
        stated = first.fields.get("index_pos", b"") if first else b""
        at = int.from_bytes(stated, "little")
        cut: list[Finding] = []
        indexed = list(_records(self.source.data, max(at, len(MAGIC)), self.source.name, cut))
        whole = at > 0 and not cut and any(record.kind == CONNECTION for record in indexed)
        for record in indexed if whole else self._walk(len(MAGIC), []):
            if record.kind == CONNECTION:
                inner = _fields(record.data, self.source.name, record.offset)
                name = record.fields.get("topic", b"").decode(errors="replace")
                kind = plain_type(inner.get("type", b"").decode(errors="replace"))
                yield Topic(_u32(record, "conn", self.source.name), name, kind)

    def _walk(self, at: int, findings: list[Finding]) -> Iterator[Record]:
        """Iterate over all records, those inside chunks too."""
        name = self.source.name
        for record in _records(self.source.data, at, name, findings):
            if record.kind != CHUNK:
                yield record
                continue
            kind = record.fields.get("compression", b"").decode(errors="replace")
            size = _u32(record, "size", name)
            inside = unpack(kind, record.data, size, name, record.offset)
            for inner in _records(inside, 0, name, None, record.offset):
                yield inner._replace(offset=record.offset)


def _records(
    data: memoryview, at: int, name: str, findings: list[Finding] | None, base: int = 0
) -> Iterator[Record]:
    """Iterate over records end to end; what is cut is a finding, or an error where None."""
    while at < len(data):
        rest = len(data) - at
        header = _sized(data, at)
        body = None if header is None else _sized(data, at + 4 + len(header))
        if header is None or body is None:
            if findings is None:
                raise _damaged(name, base, "whole records in the chunk", f"{rest} bytes of one")
            findings.append(cut_file(name, at, rest))
            if header is not None:
                inside = data[at + 8 + len(header) :]
                fields = _fields(header, name, base + at)
                yield from _cut_chunk(inside, fields, name, base + at)
            return
        fields = _fields(header, name, base + at)
        kind = fields.get("op", b"")
        if len(kind) != 1:
            raise _damaged(name, base + at, "a record with one byte as op", repr(kind))
        yield Record(kind[0], fields, body, base + at)
        at += 8 + len(header) + len(body)


def _cut_chunk(
    inside: memoryview, fields: Mapping[str, bytes], name: str, offset: int
) -> Iterator[Record]:
    """Iterate over what is whole in a chunk that the file ends in; recorders fill one for long."""
    if fields.get("op") == bytes([CHUNK]) and fields.get("compression") == b"none":
        for inner in _records(inside, 0, name, [], offset):
            yield inner._replace(offset=offset)


def _sized(data: memoryview, at: int) -> memoryview | None:
    """Return the bytes behind a length, or None where they are not all there."""
    if at + 4 > len(data):
        return None
    (size,) = struct.unpack_from("<I", data, at)
    return data[at + 4 : at + 4 + size] if at + 4 + size <= len(data) else None


def _fields(header: memoryview, name: str, offset: int) -> dict[str, bytes]:
    fields, at = {}, 0
    while at < len(header):
        item = _sized(header, at)
        if item is None or b"=" not in bytes(item):
            raise _damaged(name, offset, "fields 'name=value'", repr(bytes(header[at : at + 24])))
        key, _, value = bytes(item).partition(b"=")
        fields[key.decode(errors="replace")] = value
        at += 4 + len(item)
    return fields


def _u32(record: Record, key: str, name: str) -> int:
    value = record.fields.get(key, b"")
    if len(value) != 4:
        raise _damaged(name, record.offset, f"four bytes as {key}", repr(value))
    return int.from_bytes(value, "little")


def _damaged(name: str, offset: int, expected: str, found: str) -> FormatError:
    message, hint = "damaged record", "fetch the bag again, or mend it with `rosbag fix`"
    return FormatError(message, path=name, offset=offset, expected=expected, found=found, hint=hint)
