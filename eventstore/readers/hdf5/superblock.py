"""Find the superblock of an HDF5 file: how its addresses are written, and where the root is.

    version 0, 1   signature 8 | version 1 | 4 | sizes of addresses and lengths 1 1 | 1 | K 2 2
                   | flags 4 | version 1: K 2, 2 | base, free, end, driver | root: name, header …
    version 2, 3   signature 8 | version 1 | sizes 1 1 | flags 1 | base, extension, end
                   | root header | checksum 4

It lies at byte 0, or behind a block of the user's own at 512, 1024, 2048 … as in MATLAB's files.
"""

from dataclasses import replace

from eventstore.readers.hdf5.checksum import check_sum
from eventstore.readers.hdf5.cursor import Cursor, Space
from eventstore.readers.protocol import ByteSource

SIGNATURE = b"\x89HDF\r\n\x1a\n"

_USER_BLOCK = 512
_USER_BLOCK_LIMIT = 1 << 20


def find_signature(source: ByteSource) -> int:
    """Return the byte where the superblock begins, -1 where there is none.

    Examples:
        >>> find_signature(ByteSource("a.h5", memoryview(SIGNATURE)))
        0
    """
    at = 0
    while at + len(SIGNATURE) <= len(source.data) and at <= _USER_BLOCK_LIMIT:
        if source.data[at : at + len(SIGNATURE)] == SIGNATURE:
            return at
        at = 2 * at or _USER_BLOCK
    return -1


def read_superblock(source: ByteSource) -> tuple[Space, int]:
    """Return how a file is addressed, and the address of its root group's header.

    Raises:
        FormatError: this is no HDF5 file, or its superblock is damaged or of an unknown version.
    """
    base = find_signature(source)
    if base < 0:
        hint = "it is no HDF5 file, or its beginning is lost: fetch it again"
        found = "none at 0, 512, 1024 …"
        Space(source).fail(0, "no HDF5 signature", repr(SIGNATURE), found, hint)
    cursor = Space(source, base).at(len(SIGNATURE))
    version = cursor.uint(1)
    if version > 3:
        cursor.fail("an unknown version of the superblock", "0 … 3", str(version))
    return _old(cursor, version) if version <= 1 else _new(cursor)


def _old(cursor: Cursor, version: int) -> tuple[Space, int]:
    cursor.skip(4)
    space = _space(cursor)
    cursor.skip(13 if version else 9)
    cursor.space = space
    for _ in range(4):
        cursor.location()
    cursor.location()  # offset of the root's name
    return space, cursor.location()


def _new(cursor: Cursor) -> tuple[Space, int]:
    space = _space(cursor)
    cursor.skip(1)
    cursor.space = space
    for _ in range(3):
        cursor.location()
    root = cursor.location()
    check_sum(space, 0, cursor.address)
    return space, root


def _space(cursor: Cursor) -> Space:
    address_bytes, length_bytes = cursor.uint(1), cursor.uint(1)
    if address_bytes not in {2, 4, 8} or length_bytes not in {2, 4, 8}:
        found = f"{address_bytes} and {length_bytes}"
        cursor.fail("bad sizes of addresses and lengths", "2, 4 or 8 bytes", found)
    return replace(cursor.space, address_bytes=address_bytes, length_bytes=length_bytes)
