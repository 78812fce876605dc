r"""Walk through a ``.mcap`` file: records of a kind and a length, some packed into chunks.

``\x89MCAP0\r\n``, then records (https://mcap.dev/spec), little-endian::

    kind u8 | length u64 | content            strings: length u32 | UTF-8

    3 schema   id u16, name, encoding, data
    4 channel  id u16, schema u16, topic, encoding, metadata
    5 message  channel u16, sequence u32, log time u64, publish time u64, data
    6 chunk    start u64, end u64, size u64, crc u32, compression, length u64, records
    2 footer   the last; 15 data end: only an index follows

The index at the end is not needed: a file whose recording was cut off is read as far as it goes.
"""

import struct
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from eventstore.errors import FormatError
from eventstore.findings import Finding
from eventstore.readers.geometry import cut_file
from eventstore.readers.protocol import ByteSource
from eventstore.readers.ros.bag import Message, Topic, plain_type, unpack

MAGIC = b"\x89MCAP0\r\n"
FOOTER, SCHEMA, CHANNEL, MESSAGE, CHUNK, DATA_END = 2, 3, 4, 5, 6, 15
CUT_CHUNK = -CHUNK
"""The kind given to the beginning of a chunk that the file ends in."""
_HEAD = struct.Struct("<BQ")
_MESSAGE_HEAD = 22
_CHUNK_HEAD = struct.Struct("<QQQI")


class Record(NamedTuple):
    """One record: its kind, content, and the byte at which it stands."""

    kind: int
    data: memoryview
    offset: int


@dataclass(slots=True, eq=False)
class McapBag:
    """A ``.mcap`` file of ROS 2 messages.

    Args:
        source: its bytes.

    Raises:
        FormatError: the bytes are no such file, or damaged.
    """

    source: ByteSource
    topics: list[Topic] = field(init=False)

    def __post_init__(self) -> None:
        if bytes(self.source.data[: len(MAGIC)]) != MAGIC:
            message, found = "no mcap file", repr(bytes(self.source.data[:8]))
            hint = "the copy is incomplete, or the file is of another format"
            raise FormatError(
                message,
                path=self.source.name,
                offset=0,
                expected=repr(MAGIC),
                found=found,
                hint=hint,
            )
        known = {topic.number: topic for topic in self._channels()}
        self.topics = [known[number] for number in sorted(known)]

    def messages(self, topics: Collection[int], findings: list[Finding]) -> Iterator[Message]:
        """Iterate over the messages of some topics in the order of the file."""
        for record in self._walk(findings):
            if record.kind != MESSAGE:
                continue
            if len(record.data) < _MESSAGE_HEAD:
                raise self._damaged(record, f"{_MESSAGE_HEAD} bytes of a message's head")
            (number,) = struct.unpack_from("<H", record.data)
            if number in topics:
                yield Message(number, record.data[_MESSAGE_HEAD:], record.offset)

    def _channels(self) -> Iterator[Topic]:
        schemas: dict[int, str] = {}
        for record in self._index() or self._walk([]):
            if record.kind == SCHEMA:
                number, at = self._u16(record, 0), 2
                schemas[number] = self._text(record, at)[0]
            elif record.kind == CHANNEL:
                number, schema = self._u16(record, 0), self._u16(record, 2)
                topic, at = self._text(record, 4)
                encoding, _ = self._text(record, at)
                if encoding == "cdr":
                    yield Topic(number, topic, plain_type(schemas.get(schema, "")))

    def _index(self) -> list[Record]:
        """Return the schemas and channels that the index repeats; none where there is no index."""
        data, tail = self.source.data, _HEAD.size + 20 + len(MAGIC)
        if len(data) < tail + len(MAGIC) or bytes(data[-len(MAGIC) :]) != MAGIC:
            return []
        kind, size = _HEAD.unpack_from(data, len(data) - tail)
        (start,) = struct.unpack_from("<Q", data, len(data) - tail + _HEAD.size)
        if (kind, size) != (FOOTER, 20) or not len(MAGIC) < start < len(data) - tail:
            return []
        records = list(_records(data, start, self.source.name, []))
        return records if any(record.kind == CHANNEL for record in records) else []

    def _walk(self, findings: list[Finding]) -> Iterator[Record]:
        """Iterate over all records up to the index, those inside chunks too."""
        name = self.source.name
        for record in _records(self.source.data, len(MAGIC), name, findings):
            if record.kind in {DATA_END, FOOTER}:
                return
            if record.kind == CUT_CHUNK:
                yield from self._cut_chunk(record)
            elif record.kind != CHUNK:
                yield record
            else:
                for inner in _records(self._unpacked(record), 0, name, None, record.offset):
                    yield inner._replace(offset=record.offset)

    def _cut_chunk(self, record: Record) -> Iterator[Record]:
        """Iterate over the whole records of a chunk that is cut, unless it is compressed."""
        at = _CHUNK_HEAD.size
        size = int.from_bytes(record.data[at : at + 4], "little")
        begin = at + 4 + 8  # behind the empty name of no compression and the chunk's length
        if size == 0 and len(record.data) > begin:
            for inner in _records(record.data[begin:], 0, self.source.name, [], record.offset):
                if inner.kind != CUT_CHUNK:
                    yield inner._replace(offset=record.offset)

    def _unpacked(self, record: Record) -> memoryview:
        if len(record.data) < _CHUNK_HEAD.size:
            raise self._damaged(record, f"{_CHUNK_HEAD.size} bytes of a chunk's head")
        _, _, size, crc = _CHUNK_HEAD.unpack_from(record.data)
        kind, at = self._text(record, _CHUNK_HEAD.size)
        inside = unpack(kind, record.data[at + 8 :], size, self.source.name, record.offset)
        if crc and zlib.crc32(inside) != crc:
            raise self._damaged(record, f"crc32 {crc:08x}", f"{zlib.crc32(inside):08x}")
        return inside

    def _u16(self, record: Record, at: int) -> int:
        if at + 2 > len(record.data):
            raise self._damaged(record, "a number of two bytes")
        return int.from_bytes(record.data[at : at + 2], "little")

    def _text(self, record: Record, at: int) -> tuple[str, int]:
        """Return a string and the place behind it."""
        size = int.from_bytes(record.data[at : at + 4], "little")
        if at + 4 + size > len(record.data):
            raise self._damaged(record, f"a string of {size} bytes")
        return bytes(record.data[at + 4 : at + 4 + size]).decode(errors="replace"), at + 4 + size

    def _damaged(self, record: Record, expected: str, found: str = "") -> FormatError:
        return _damaged(
            self.source.name, record.offset, expected, found or f"{len(record.data)} bytes"
        )


def _records(
    data: memoryview, at: int, name: str, findings: list[Finding] | None, base: int = 0
) -> Iterator[Record]:
    """Iterate over records end to end; what is cut is a finding, or an error where None."""
    end = len(data)
    while at < end:
        kind, size = _HEAD.unpack_from(data, at) if at + _HEAD.size <= end else (0, end)
        body = at + _HEAD.size
        if body + size > end:
            if findings is None:
                raise _damaged(name, base, "whole records in the chunk", f"{end - at} bytes of one")
            findings.append(cut_file(name, at, end - at))
            if kind == CHUNK:
                yield Record(CUT_CHUNK, data[body:], base + at)
            return
        yield Record(kind, data[body : body + size], base + at)
        if kind == FOOTER:
            return
        at = body + size


def _damaged(name: str, offset: int, expected: str, found: str) -> FormatError:
    message, hint = "damaged record", "fetch the file again, or mend it with `mcap recover`"
    return FormatError(message, path=name, offset=offset, expected=expected, found=found, hint=hint)
