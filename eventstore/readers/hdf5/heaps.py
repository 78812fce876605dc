"""The three heaps of HDF5: names of old groups, parts of new ones, and sequences of any length.

    local    HEAP | version 1 | 3 | size | free | address of the data
    global   GCOL | version 1 | 3 | size | objects: index 2 | references 2 | 4 | size | data
             | padding to 8
    fractal  FRHP | … a table of direct blocks (FHDB) and of blocks that point to others (FHIB),
             whose sizes double from row to row; an id gives offset and length in their sum

Sizes and addresses are as wide as the superblock says.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from eventstore.jit import kernel
from eventstore.readers.hdf5.checksum import check_sum
from eventstore.readers.hdf5.cursor import Cursor, Space

_MANAGED, _TINY = 0, 2
_INT: Any = np.int64


def read_local_heap(space: Space, address: int) -> Cursor:
    """Return a cursor over the data of a local heap.

    Raises:
        FormatError: it is damaged.
    """
    cursor = space.at(address)
    cursor.expect(b"HEAP")
    cursor.skip(4)
    size = cursor.length()
    cursor.length()
    return space.at(cursor.location(), size)


@kernel
def find_object(raw: np.ndarray, index: int) -> tuple[int, int]:
    """Return place and size of an object of a global heap's collection; ``(-1, 0)`` if absent."""
    at = 16
    while at + 16 <= len(raw):
        number = _INT(raw[at]) | (_INT(raw[at + 1]) << 8)
        size = 0
        for i in range(8):
            size |= _INT(raw[at + 8 + i]) << (8 * i)
        if number == 0 or size < 0 or size > len(raw) - at - 16:
            break
        if number == index:
            return at + 16, size
        at += 16 + ((size + 7) & ~7)
    return -1, 0


def read_global(space: Space, address: int, index: int) -> Cursor:
    """Return a cursor over an object of a global heap.

    Raises:
        FormatError: there is no such object, or the heap is damaged.
    """
    cursor = space.at(address)
    cursor.expect(b"GCOL")
    cursor.skip(4)
    size = cursor.length()
    if space.length_bytes != 8:
        cursor.fail("a heap with such lengths is not read", "8 bytes")
    raw = np.frombuffer(space.at(address, size).take(size), np.uint8)
    at, n_bytes = find_object(raw, index)
    if at < 0:
        space.fail(address, "a sequence is missing", f"object {index} in this heap", "none")
    return space.at(address + at, n_bytes)


def read_sequence(space: Space, size: int, address: int, index: int) -> memoryview:
    """Return the bytes of a sequence, of ``size`` bytes, in a global heap.

    Raises:
        FormatError: it is not where it should be.
    """
    return read_global(space, address, index).take(size) if size else memoryview(b"")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FractalHeap:
    """What the header of a fractal heap says; open one with `open_heap`.

    Args:
        space: the file.
        address: of its header.
        offset_bytes: size of an offset in an id.
        size_bytes: size of a length in an id.
        width: blocks in a row of the table.
        first_bytes: size of a block of the first two rows.
        direct_rows: rows of direct blocks before those that point to others.
        root: address of the root block.
        rows: rows of the root block; 0 where it is a direct one.
    """

    space: Space
    address: int
    offset_bytes: int
    size_bytes: int
    width: int
    first_bytes: int
    direct_rows: int
    root: int
    rows: int

    def find(self, identity: Cursor) -> Cursor:
        """Return a cursor over the object of an id.

        Raises:
            FormatError: the id is damaged, or of an object stored in a way that is not read.
        """
        first = identity.uint(1)
        kind = first >> 4 & 3
        if kind == _TINY:
            return identity.sub((first & 15) + 1)
        if kind != _MANAGED:
            identity.fail("a huge object in a heap is not read")
        offset, size = identity.uint(self.offset_bytes), identity.uint(self.size_bytes)
        if self.rows == 0:
            return self._in_block(self.root, self.first_bytes, offset, size)
        return self._in_table(offset, size)

    def row_bytes(self, row: int) -> int:
        """Return the size of a block in a row."""
        return self.first_bytes << max(row - 1, 0)

    def _in_block(self, block: int, block_bytes: int, offset: int, size: int) -> Cursor:
        if offset + size > block_bytes:
            self.space.fail(block, "an object leaves its block", f"{block_bytes} bytes")
        self.space.at(block).expect(b"FHDB")
        return self.space.at(block + offset, size)

    def _in_table(self, offset: int, size: int) -> Cursor:
        table, rows, before = self.root, self.rows, 0
        while True:
            cursor = self.space.at(table)
            cursor.expect(b"FHIB")
            cursor.skip(1 + self.space.address_bytes + self.offset_bytes)
            row = 0
            while row < rows and before + self.width * self.row_bytes(row) <= offset:
                before += self.width * self.row_bytes(row)
                row += 1
            if row >= rows:
                cursor.fail("an object is in no row of its heap", f"{rows} rows")
            block_bytes = self.row_bytes(row)
            column = (offset - before) // block_bytes
            before += column * block_bytes
            cursor.skip((row * self.width + column) * self.space.address_bytes)
            block = cursor.location()
            if row < self.direct_rows:
                return self._in_block(block, block_bytes, offset - before, size)
            table, rows = block, _rows_within(block_bytes, self.first_bytes * self.width)


def _rows_within(n_bytes: int, first_row_bytes: int) -> int:
    """Return how many rows of a table hold so many bytes: 1, 2, 4 … times the first."""
    return max((n_bytes // max(first_row_bytes, 1)).bit_length(), 0)


def open_heap(space: Space, address: int) -> FractalHeap:
    """Read the header of a fractal heap.

    Raises:
        FormatError: it is damaged, or its blocks are packed.
    """
    cursor = space.at(address)
    cursor.expect(b"FRHP")
    cursor.skip(1)
    id_bytes, filter_bytes, _, managed_limit = (cursor.uint(n) for n in (2, 2, 1, 4))
    for take in (cursor.length, cursor.location) * 2:
        take()
    for _ in range(8):
        cursor.length()
    width = cursor.uint(2)
    first_bytes, direct_bytes = cursor.length(), cursor.length()
    offset_bits = cursor.uint(2)
    cursor.skip(2)
    root, rows = cursor.location(), cursor.uint(2)
    if filter_bytes:
        cursor.fail("a packed heap is not read")
    check_sum(space, address, cursor.address)
    sizes = (width, first_bytes, direct_bytes)
    if any(size == 0 or size & (size - 1) for size in sizes) or max(offset_bits, rows) > 64:
        cursor.fail("a damaged heap", "powers of two", str(sizes))
    size_bytes = min((direct_bytes.bit_length() + 6) // 8, (managed_limit.bit_length() + 7) // 8)
    offset_bytes = (offset_bits + 7) // 8
    if id_bytes < 1 + offset_bytes + size_bytes:
        cursor.fail("a damaged heap", "longer ids", f"{id_bytes} bytes")
    return FractalHeap(
        space=space,
        address=address,
        offset_bytes=offset_bytes,
        size_bytes=size_bytes,
        width=width,
        first_bytes=first_bytes,
        direct_rows=(direct_bytes // first_bytes).bit_length() + 1,
        root=root,
        rows=rows,
    )
