"""What every container of ROS messages gives: topics, and their messages one after the other."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Protocol

import lz4.frame
import zstandard

from eventstore.errors import FormatError
from eventstore.findings import Finding

CHUNK_LIMIT = 1 << 30
"""No chunk unpacks to more; recorders write some MiB."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A named stream of messages of one type.

    Args:
        number: the container's own number of it.
        name: such as ``/dvs/events``.
        type: such as ``dvs_msgs/EventArray``; the ``/msg/`` of ROS 2 is left out.
    """

    number: int
    name: str
    type: str


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """One serialized message.

    Args:
        topic: number of its topic.
        data: its bytes.
        offset: byte of the file at which it stands, or at which the chunk begins that holds it.
    """

    topic: int
    data: memoryview
    offset: int


class Bag(Protocol):
    """A container opened for reading."""

    @property
    def topics(self) -> list[Topic]:
        """Every topic, in the order of the file."""

    def messages(self, topics: Collection[int], findings: list[Finding]) -> Iterator[Message]:
        """Iterate over the messages of some topics in the order of the file.

        Args:
            topics: numbers of the topics.
            findings: told when the file ends too early.

        Raises:
            FormatError: the container is damaged, with the byte offset.
        """


def plain_type(name: str) -> str:
    """Return the name of a message type as ROS 1 writes it.

    Examples:
        >>> plain_type("dvs_msgs/msg/EventArray")
        'dvs_msgs/EventArray'
    """
    return name.replace("/msg/", "/")


def unpack(kind: str, data: memoryview, size: int, path: str, offset: int) -> memoryview:
    """Unpack a compressed chunk, never into more bytes than it states.

    Args:
        kind: ``""`` or ``"none"``, ``"bz2"``, ``"lz4"`` or ``"zstd"``.
        data: the chunk's bytes.
        size: how many bytes it states to unpack to.
        path: the file, for messages.
        offset: where the chunk stands, for messages.

    Raises:
        FormatError: an unknown compression, damaged bytes, or another size than stated.
    """
    if size > CHUNK_LIMIT:
        message, expected = "chunk too large", f"at most {CHUNK_LIMIT:,} bytes"
        raise _damaged(message, path, offset, expected, f"{size:,}")
    try:
        unpacked = _unpackers(kind, size)(data)
    except KeyError:
        message, expected = "unknown compression", "none, bz2, lz4 or zstd"
        raise _damaged(message, path, offset, expected, repr(kind)) from None
    except (OSError, EOFError, RuntimeError, ValueError, zstandard.ZstdError) as error:
        message, expected = f"chunk cannot be unpacked ({error})", kind
        raise _damaged(message, path, offset, expected, f"{len(data):,} bytes") from None
    if len(unpacked) != size:
        message, expected = "chunk unpacks to another size", f"{size:,} bytes"
        raise _damaged(message, path, offset, expected, f"{len(unpacked):,}")
    return unpacked


class _Unpacker(Protocol):
    def __call__(self, data: memoryview, /) -> memoryview: ...


def _unpackers(kind: str, size: int) -> _Unpacker:
    def bz2(data: memoryview) -> memoryview:
        from bz2 import BZ2Decompressor

        return memoryview(BZ2Decompressor().decompress(data, size + 1))

    def lz4_frame(data: memoryview) -> memoryview:
        reader = lz4.frame.LZ4FrameDecompressor()
        return memoryview(reader.decompress(bytes(data), max_length=size + 1))

    def zstd(data: memoryview) -> memoryview:
        # The frame's own statement of its size would be allocated unseen.
        if zstandard.frame_content_size(data) > size:
            message = "the frame states more bytes than the chunk"
            raise ValueError(message)
        return memoryview(zstandard.ZstdDecompressor().decompress(data, max_output_size=size))

    def plain(data: memoryview) -> memoryview:
        return data

    return {"": plain, "none": plain, "bz2": bz2, "lz4": lz4_frame, "zstd": zstd}[kind]


def _damaged(message: str, path: str, offset: int, expected: str, found: str) -> FormatError:
    hint = "the bag is damaged: fetch it again, or mend it with the tools of ROS"
    return FormatError(message, path=path, offset=offset, expected=expected, found=found, hint=hint)
