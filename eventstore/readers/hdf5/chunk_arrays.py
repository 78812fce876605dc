"""Chunks listed in arrays, as files of newer versions have them: place by number of the chunk.

    fixed       FAHD | version 1 | client 1 | entry size 1 | page bits 1 | entries | block
                | checksum 4
                FADB | version 1 | client 1 | header | pages present? | entries | checksum 4
    extensible  EAHD | version 1 | client 1 | entry size 1 | bits 1 1 1 1 1 | counts | block
                | checksum 4
                EAIB | … | first entries | blocks of entries EADB | blocks of blocks EASB
                | checksum 4
    entry       address | of packed chunks: size | filters left out 4

Blocks of an extensible array double in number and in size by turns, so that it can grow for ever.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from eventstore.readers.hdf5.checksum import check_sum
from eventstore.readers.hdf5.cursor import Cursor, Space

Entry = tuple[int, int, int, int]
"""Number of a chunk, its address, its size (-1 where not packed), the filters left out of it."""


def iter_fixed(space: Space, address: int) -> Iterator[Entry]:
    """Iterate over the chunks in a fixed array.

    Raises:
        FormatError: it is damaged.
    """
    cursor = space.at(address)
    cursor.expect(b"FAHD")
    cursor.skip(1)
    packed, entry_bytes, page_bits = (cursor.uint(1) for _ in range(3))
    count, block = cursor.length(), cursor.location()
    check_sum(space, address, cursor.address)
    if block == space.undefined:
        return
    entries = _Entries(space, entry_bytes, packed=bool(packed))
    page = 1 << min(page_bits, 63)
    cursor = space.at(block)
    cursor.expect(b"FADB")
    cursor.skip(2 + space.address_bytes)
    if count <= page:
        yield from entries.take(cursor, 0, count, start=block)
        return
    present = cursor.take((-(-count // page) + 7) // 8)
    check_sum(space, block, cursor.address)
    cursor.skip(4)
    for number, first in enumerate(range(0, count, page)):
        length = min(page, count - first)
        at = cursor.address + number * (page * entry_bytes + 4)
        if _bit(present, number):  # pages that were never written may lie behind the file's end
            yield from entries.take(space.at(at), first, length, start=at)


@dataclass(frozen=True, slots=True)
class _Entries:
    space: Space
    entry_bytes: int
    packed: bool

    def check_room(self, cursor: Cursor, count: int) -> None:
        if count * self.entry_bytes > cursor.left or self.entry_bytes < self.space.address_bytes:
            found = f"{count} entries of {self.entry_bytes} bytes"
            cursor.fail("more chunks than the file has room for", "fewer", found)

    def take(self, cursor: Cursor, first: int, count: int, *, start: int | None) -> Iterator[Entry]:
        """Iterate over entries; the checksum behind is that of all bytes from ``start`` on."""
        self.check_room(cursor, count)
        begin = cursor.address
        cursor.skip(count * self.entry_bytes)
        if start is not None:
            check_sum(self.space, start, cursor.address)
        entries = Cursor(self.space, begin, cursor.address)
        size_bytes = self.entry_bytes - self.space.address_bytes - 4
        for number in range(first, first + count):
            entry = entries.sub(self.entry_bytes)
            at = entry.location()
            if at != self.space.undefined:
                packed = (entry.uint(size_bytes), entry.uint(4)) if self.packed else (-1, 0)
                yield number, at, *packed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Growing:
    """What the header of an extensible array says of its blocks."""

    entries: _Entries
    first_entries: int
    block_entries: int
    blocks_of_blocks: int
    direct: int
    offset_bytes: int
    page: int

    def level_blocks(self, level: int) -> int:
        return 1 << level // 2

    def level_entries(self, level: int) -> int:
        return self.block_entries << (level + 1) // 2

    def pages(self, level: int) -> int:
        """Return how many pages the entries of a block lie on, 0 where they need none."""
        count = self.level_entries(level)
        return count // self.page if count > self.page else 0


def iter_extensible(space: Space, address: int) -> Iterator[Entry]:
    """Iterate over the chunks in an extensible array.

    Raises:
        FormatError: it is damaged.
    """
    array, count, block = _extensible_header(space, address)
    if block == space.undefined:
        return
    for number, entry in enumerate(_extensible_blocks(space, array, block)):
        if number * array.entries.entry_bytes > space.end:
            space.fail(address, "more chunks than the file has room for")
        if entry[0] < count:
            yield entry


def _extensible_header(space: Space, address: int) -> tuple[_Growing, int, int]:
    cursor = space.at(address)
    cursor.expect(b"EAHD")
    cursor.skip(1)
    packed, entry_bytes, most_bits, first, block_entries, pointers, page_bits = (
        cursor.uint(1) for _ in range(7)
    )
    for _ in range(4):
        cursor.length()
    count = cursor.length()
    cursor.length()
    block = cursor.location()
    check_sum(space, address, cursor.address)
    powers = (block_entries, pointers)
    if any(n == 0 or n & (n - 1) for n in powers) or max(most_bits, page_bits) > 64:
        cursor.fail("a damaged list of chunks", "powers of two", str(powers))
    array = _Growing(
        entries=_Entries(space, entry_bytes, packed=bool(packed)),
        first_entries=first,
        block_entries=block_entries,
        blocks_of_blocks=1 + most_bits - (block_entries.bit_length() - 1),
        direct=2 * (pointers.bit_length() - 1),
        offset_bytes=(most_bits + 7) // 8,
        page=1 << page_bits,
    )
    return array, count, block


def _extensible_blocks(space: Space, array: _Growing, block: int) -> Iterator[Entry]:
    cursor = space.at(block)
    cursor.expect(b"EAIB")
    cursor.skip(2 + space.address_bytes)
    firsts = cursor.sub(array.first_entries * array.entries.entry_bytes)
    plan = [level for level in range(array.direct) for _ in range(array.level_blocks(level))]
    blocks = [cursor.location() for _ in plan]
    deeper = range(array.direct, max(array.direct, array.blocks_of_blocks))
    supers = [cursor.location() for _ in deeper]
    check_sum(space, block, cursor.address)
    framed = Cursor(space, firsts.address, firsts.stop)
    yield from array.entries.take(framed, 0, array.first_entries, start=None)
    at = array.first_entries
    for level, address in zip(plan, blocks, strict=True):
        yield from _entry_block(space, array, address, level=level, first=at)
        at += array.level_entries(level)
    for level, address in zip(deeper, supers, strict=True):
        yield from _block_of_blocks(space, array, address, level=level, first=at)
        at += array.level_blocks(level) * array.level_entries(level)


def _block_of_blocks(
    space: Space, array: _Growing, address: int, *, level: int, first: int
) -> Iterator[Entry]:
    if address == space.undefined:
        return
    cursor = space.at(address)
    cursor.expect(b"EASB")
    cursor.skip(2 + space.address_bytes + array.offset_bytes)
    n_blocks, pages = array.level_blocks(level), array.pages(level)
    present = cursor.take(n_blocks * ((pages + 7) // 8))
    if n_blocks * space.address_bytes > cursor.left:
        cursor.fail("more chunks than the file has room for")
    blocks = [cursor.location() for _ in range(n_blocks)]
    check_sum(space, address, cursor.address)
    for number, block in enumerate(blocks):
        at = first + number * array.level_entries(level)
        here = [_bit(present, number * pages + page) for page in range(pages)]
        yield from _entry_block(space, array, block, level=level, first=at, present=here)


def _entry_block(
    space: Space,
    array: _Growing,
    address: int,
    *,
    level: int,
    first: int,
    present: list[bool] | None = None,
) -> Iterator[Entry]:
    if address == space.undefined:
        return
    cursor = space.at(address)
    cursor.expect(b"EADB")
    cursor.skip(2 + space.address_bytes + array.offset_bytes)
    if not present:
        yield from array.entries.take(cursor, first, array.level_entries(level), start=address)
        return
    check_sum(space, address, cursor.address)
    cursor.skip(4)
    for page, is_there in enumerate(present):
        if is_there:
            at = first + page * array.page
            yield from array.entries.take(cursor, at, array.page, start=cursor.address)
        else:
            cursor.skip(array.page * array.entries.entry_bytes)
        cursor.skip(4)


def _bit(bits: memoryview, number: int) -> bool:
    return bool(bits[number // 8] & (128 >> number % 8))
