"""The names in a group and the headers they lead to: old groups, new ones, and large new ones.

    old     a B-tree TREE of nodes SNOD, entries: name's place in a local heap | header | …
    new     a message for each link, in the header
    large   the same messages in a fractal heap, listed by a B-tree of version 2

Links by name, to other places or files, are left out: only what a file itself holds is read.
"""

from collections.abc import Iterator

from eventstore.readers.hdf5.btree2 import iter_records
from eventstore.readers.hdf5.cursor import Cursor, Space
from eventstore.readers.hdf5.heaps import open_heap, read_local_heap
from eventstore.readers.hdf5.messages import LINK, LINK_INFO, SYMBOL_TABLE, Message

_SOFT = 2
_DEPTH_LIMIT = 32
_NODE_BYTES = 8  # of a node without entries
_ORDERED, _ODD_KIND, _NAMED_CHARACTERS = 4, 8, 16


def read_links(space: Space, messages: list[Message]) -> dict[str, int]:
    """Return the addresses of the headers in a group, by name.

    Raises:
        FormatError: the group is damaged.
    """
    found: dict[str, int] = {}
    for message in messages:
        if message.kind == SYMBOL_TABLE:
            body = message.body()
            tree, heap = body.location(), body.location()
            found.update(_old(space, tree, read_local_heap(space, heap)))
        elif message.kind == LINK:
            found.update(_link(message.body()))
        elif message.kind == LINK_INFO:
            found.update(_large(space, message.body()))
    return found


def _link(body: Cursor) -> dict[str, int]:
    body.skip(1)
    flags = body.uint(1)
    kind = body.uint(1) if flags & _ODD_KIND else 0
    body.skip((8 if flags & _ORDERED else 0) + (1 if flags & _NAMED_CHARACTERS else 0))
    name = bytes(body.take(body.uint(1 << (flags & 3)))).decode("utf-8", "replace")
    return {name: body.location()} if kind == 0 else {}


def _large(space: Space, body: Cursor) -> dict[str, int]:
    body.skip(1)
    body.skip(8 if body.uint(1) & 1 else 0)
    heap_at, names_at = body.location(), body.location()
    if space.undefined in {heap_at, names_at}:
        return {}
    heap, found = open_heap(space, heap_at), {}
    for record in iter_records(space, names_at):
        record.skip(4)  # hash of the name
        found.update(_link(heap.find(record)))
    return found


def _old(space: Space, tree: int, names: Cursor) -> Iterator[tuple[str, int]]:
    for number, node in enumerate(_nodes(space, tree, seen=set(), level=None)):
        if number * _NODE_BYTES > space.end:
            space.fail(tree, "more names than the file has room for")
        cursor = space.at(node)
        cursor.expect(b"SNOD")
        cursor.skip(2)
        for _ in range(cursor.uint(2)):
            name_at, header, kind = cursor.location(), cursor.location(), cursor.uint(4)
            cursor.skip(20)
            if kind == _SOFT or header == space.undefined:
                continue
            if name_at > names.left:
                cursor.fail("a name outside of its heap", f"below {names.left}", f"{name_at}")
            yield Cursor(space, names.address + name_at, names.stop).text(), header


def _nodes(space: Space, tree: int, *, seen: set[int], level: int | None) -> Iterator[int]:
    if tree in seen:
        space.fail(tree, "a tree that grows into itself")
    seen.add(tree)
    cursor = space.at(tree)
    cursor.expect(b"TREE")
    kind, own_level, count = cursor.uint(1), cursor.uint(1), cursor.uint(2)
    if kind or own_level > _DEPTH_LIMIT or level not in {None, own_level + 1}:
        cursor.fail("a damaged tree of names", "type 0, one level down", f"{kind}, {own_level}")
    for _ in range(2):
        cursor.location()
    for _ in range(count):
        cursor.length()
        child = cursor.location()
        if own_level:
            yield from _nodes(space, child, seen=seen, level=own_level)
        else:
            yield child
