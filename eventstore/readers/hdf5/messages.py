"""The messages of an object's header: what a group or dataset is made of.

    version 1   version 1 | 1 | count 2 | references 4 | size 4 | 4 | messages
    version 2   OHDR | version 1 | flags 1 | times 16? | limits 4? | size 1, 2, 4 or 8 | messages
                | checksum 4; continued in OCHK | messages | checksum 4
    message     version 1: type 2 | size 2 | flags 1 | 3 | body
                version 2: type 1 | size 2 | flags 1 | order 2? | body

Numbers behind a name are sizes in bytes; all are little-endian.
"""

from collections import deque
from dataclasses import dataclass

from eventstore.readers.hdf5.checksum import check_sum
from eventstore.readers.hdf5.cursor import Cursor, Space

DATASPACE, LINK_INFO, DATATYPE, LINK, LAYOUT, FILTERS, ATTRIBUTE = 1, 2, 3, 6, 8, 11, 12
CONTINUATION, SYMBOL_TABLE, ATTRIBUTE_INFO = 16, 17, 21

MESSAGE_LIMIT = 1 << 16

_SHARED = 2
_TIMES, _LIMITS, _ORDER = 32, 16, 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Message:
    """One message of a header.

    Args:
        kind: its type, such as `DATATYPE`.
        shared: the body only says where the message lies.
        space: the file.
        address: where the body begins.
        size: bytes of the body.
    """

    kind: int
    shared: bool
    space: Space
    address: int
    size: int

    def body(self) -> Cursor:
        """Return a cursor over the body, wherever it lies.

        Raises:
            FormatError: a shared message is in a place that is not read.
        """
        cursor = Cursor(self.space, self.address, self.address + self.size)
        if not self.shared:
            return cursor
        version, kind = cursor.uint(1), cursor.uint(1)
        if version == 1:
            cursor.skip(6)
        if version == 3 and kind == 1:
            cursor.fail("a message in the heap of shared messages is not read")
        header = cursor.location()
        there = read_messages(self.space, header)
        meant = [message for message in there if message.kind == self.kind and not message.shared]
        if not meant:
            cursor.fail("a shared message is missing", f"one at {header}", "none")
        return meant[0].body()


def read_messages(space: Space, address: int) -> list[Message]:
    """Return the messages of the header at an address.

    Raises:
        FormatError: it is damaged.

    Examples:
        >>> import io, h5py
        >>> from eventstore.readers.hdf5.superblock import read_superblock
        >>> from eventstore.readers.protocol import ByteSource
        >>> stream = io.BytesIO()
        >>> h5py.File(stream, "w", libver="v110").close()
        >>> space, root = read_superblock(ByteSource("a.h5", memoryview(stream.getvalue())))
        >>> LINK_INFO in {message.kind for message in read_messages(space, root)}
        True
    """
    cursor = space.at(address)
    if cursor.left >= 4 and bytes(space.at(address, 4).take(4)) == b"OHDR":
        return _new(cursor)
    return _old(cursor)


def _old(cursor: Cursor) -> list[Message]:
    version = cursor.uint(1)
    if version != 1:
        cursor.fail("no object's header", "version 1 or OHDR", f"version {version}")
    cursor.skip(1)
    count = cursor.uint(2)
    cursor.skip(4)
    size = cursor.uint(4)
    cursor.skip(4)
    blocks, seen, messages = deque([cursor.sub(size)]), {cursor.address}, list[Message]()
    while blocks and len(messages) < count:
        block = blocks.popleft()
        while block.left >= 8 and len(messages) < count:
            kind, body_bytes, flags = block.uint(2), block.uint(2), block.uint(1)
            block.skip(3)
            messages.append(_message(block, kind, body_bytes, flags))
            _follow(messages[-1], blocks, seen)
    return messages


def _new(cursor: Cursor) -> list[Message]:
    start = cursor.address
    cursor.expect(b"OHDR")
    version, flags = cursor.uint(1), cursor.uint(1)
    if version != 2:
        cursor.fail("an unknown version of an object's header", "2", str(version))
    cursor.skip((16 if flags & _TIMES else 0) + (4 if flags & _LIMITS else 0))
    block = cursor.sub(cursor.uint(1 << (flags & 3)))
    check_sum(cursor.space, start, block.stop)
    blocks, seen, messages = deque([block]), {start}, list[Message]()
    smallest = 6 if flags & _ORDER else 4
    while blocks:
        block = blocks.popleft()
        if messages:
            block.stop -= 4  # the checksum
            check_sum(block.space, block.address, block.stop)
            block.expect(b"OCHK")
        while block.left >= smallest and len(messages) < MESSAGE_LIMIT:
            kind, body_bytes, message_flags = block.uint(1), block.uint(2), block.uint(1)
            block.skip(smallest - 4)
            messages.append(_message(block, kind, body_bytes, message_flags))
            _follow(messages[-1], blocks, seen)
    return messages


def _message(block: Cursor, kind: int, size: int, flags: int) -> Message:
    body = block.sub(size)
    shared = bool(flags & _SHARED)
    return Message(kind=kind, shared=shared, space=block.space, address=body.address, size=size)


def _follow(message: Message, blocks: deque[Cursor], seen: set[int]) -> None:
    """Queue the block that a message says the header goes on in."""
    if message.kind != CONTINUATION:
        return
    body = message.body()
    address, size = body.location(), body.length()
    if address in seen:
        body.fail("a header that goes on in itself", "another block", str(address))
    seen.add(address)
    blocks.append(body.space.at(address, size))
