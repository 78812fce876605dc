"""Go through the records of a B-tree of version 2: names of links, attributes, places of chunks.

    header     BTHD | version 1 | type 1 | node size 4 | record size 2 | depth 2 | split, merge 1 1
               | root | records in root 2 | records in all | checksum 4
    internal   BTIN | version 1 | type 1 | records | children: address, records, records below
               | checksum 4
    leaf       BTLF | version 1 | type 1 | records | checksum 4

Counts are as wide as the largest number that a node of that level can hold needs.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from eventstore.readers.hdf5.checksum import check_sum
from eventstore.readers.hdf5.cursor import Cursor, Space

_FRAME_BYTES = 10
_DEPTH_LIMIT = 16


@dataclass(frozen=True, slots=True, eq=False)
class _Tree:
    """What nodes of all levels share: how large records are, and the counts of children."""

    space: Space
    record_bytes: int
    count_bytes: int
    total_bytes: list[int]
    """Size of the number of records below a child, by the level of the node that points to it."""


def iter_records(space: Space, address: int) -> Iterator[Cursor]:
    """Iterate over cursors, one for each record in the tree's order.

    Raises:
        FormatError: the tree is damaged.
    """
    cursor = space.at(address)
    cursor.expect(b"BTHD")
    cursor.skip(2)
    node_bytes, record_bytes, depth = (cursor.uint(n) for n in (4, 2, 2))
    cursor.skip(2)
    root, count = cursor.location(), cursor.uint(2)
    cursor.length()
    check_sum(space, address, cursor.address)
    if not record_bytes or node_bytes < _FRAME_BYTES + record_bytes or depth > _DEPTH_LIMIT:
        found = f"nodes of {node_bytes}, records of {record_bytes} bytes, {depth} levels"
        cursor.fail("a damaged tree", "records that fit in nodes", found)
    tree = _Tree(space, record_bytes, *_count_sizes(space, node_bytes, record_bytes, depth))
    if not count:
        return
    for number, record in enumerate(_walk(tree, root, count, depth, seen=set())):
        if number * record_bytes > space.end:
            space.fail(address, "more records than the file has room for")
        yield record


def _count_sizes(
    space: Space, node_bytes: int, record_bytes: int, depth: int
) -> tuple[int, list[int]]:
    most = (node_bytes - _FRAME_BYTES) // record_bytes
    count_bytes = _size_of(most)
    total, sizes = most, [0, 0]
    for _ in range(depth):
        pointer = space.address_bytes + count_bytes + sizes[-1]
        most = max((node_bytes - _FRAME_BYTES - pointer) // (record_bytes + pointer), 0)
        total = (most + 1) * total + most
        sizes.append(_size_of(total))
    return count_bytes, sizes


def _size_of(number: int) -> int:
    return max((number.bit_length() + 7) // 8, 1)


def _walk(tree: _Tree, address: int, count: int, level: int, *, seen: set[int]) -> Iterator[Cursor]:
    if address in seen:
        tree.space.fail(address, "a tree that grows into itself")
    seen.add(address)
    cursor = tree.space.at(address)
    cursor.expect(b"BTIN" if level else b"BTLF")
    cursor.skip(2)
    records = [cursor.sub(tree.record_bytes) for _ in range(count)]
    children = []
    if level:
        for _ in range(count + 1):
            children.append((cursor.location(), cursor.uint(tree.count_bytes)))
            cursor.skip(tree.total_bytes[level])
    check_sum(tree.space, address, cursor.address)
    for i, record in enumerate(records):
        if level:
            yield from _walk(tree, *children[i], level - 1, seen=seen)
        yield record
    if level:
        yield from _walk(tree, *children[-1], level - 1, seen=seen)
