"""Where the chunks of a dataset lie.

    layout      version 3 | kind 2 | rank+1 1 | index | chunk's lengths 4 …, size of an element 4
                version 4, 5 | kind 2 | flags 1 | rank+1 1 | size of lengths 1 | lengths …
                | index's kind 1 | its parameters | index
    version 3   a B-tree: TREE | type 1 | level 1 | entries 2 | siblings | entries: size 4
                | filters left out 4 | place 8 …, 0 | child
    kind        1 one chunk, 2 end to end, 3 fixed array, 4 extensible array, 5 B-tree of version 2

Places are those of a chunk's first element; behind a node's last child stands one more key.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import numpy as np
from jaxtyping import Int64

from eventstore.readers.hdf5.btree2 import iter_records
from eventstore.readers.hdf5.chunk_arrays import Entry, iter_extensible, iter_fixed
from eventstore.readers.hdf5.cursor import Cursor, Space
from eventstore.readers.hdf5.dataspaces import Extent

CHUNK_LIMIT = 1 << 28
"""Most bytes of one chunk; HDF5 writers rarely make chunks of more than a few MiB."""

_DEPTH_LIMIT = 32
_WHOLE_EDGES = 1
_ONE_IS_PACKED = 2
_ONE, _END_TO_END, _FIXED, _EXTENSIBLE, _TREE = 1, 2, 3, 4, 5
_PARAMETER_BYTES = {_END_TO_END: 0, _FIXED: 1, _EXTENSIBLE: 5, _TREE: 6}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chunks:
    """The chunks of a dataset, in order of their places.

    Args:
        shape: lengths of a chunk.
        edges_packed: chunks over the edge of the dataset are packed like the others.
        numbers: number of each chunk in a grid over the dataset, the last axis fastest.
        addresses: where each lies.
        sizes: bytes of each as it is stored.
        left_out: filters left out of each, a bit for each filter.
        n_whole: how many, from the first on, are there from end to end.
    """

    shape: tuple[int, ...]
    edges_packed: bool
    numbers: Int64[np.ndarray, " n"]
    addresses: Int64[np.ndarray, " n"]
    sizes: Int64[np.ndarray, " n"]
    left_out: Int64[np.ndarray, " n"]
    n_whole: int


def read_chunks(
    layout: Cursor, version: int, extent: Extent, item_bytes: int, *, packed: bool
) -> Chunks:
    """Return where chunks lie.

    Args:
        layout: the layout's message, from behind version and kind on.
        version: of the message.
        extent: of the dataset.
        item_bytes: size of an element.
        packed: chunks go through filters.

    Raises:
        FormatError: the layout or the index is damaged, or of a kind that is not read.
    """
    flags = layout.uint(1) if version > 3 else 0
    rank = max(layout.uint(1) - 1, 0)
    index = layout.location() if version == 3 else 0
    length_bytes = layout.uint(1) if version > 3 else 4
    *shape, own_bytes = (layout.uint(length_bytes) for _ in range(rank + 1))
    n_bytes = prod(shape) * item_bytes
    if rank != len(extent.shape) or own_bytes != item_bytes or not 0 < n_bytes <= CHUNK_LIMIT:
        expected = f"{len(extent.shape)} lengths, at most {CHUNK_LIMIT} bytes in all"
        layout.fail("a damaged chunk", expected, f"{shape} of {own_bytes} bytes each")
    grid = _Grid(extent, tuple(shape), n_bytes, packed=packed)
    old = version == 3
    entries = _old_tree(layout.space, index, grid) if old else _newer(layout, grid, flags)
    return _sorted(layout, grid, entries, edges_packed=not flags & _WHOLE_EDGES)


@dataclass(frozen=True, slots=True)
class _Grid:
    """How chunks lie in a dataset; HDF5 numbers them as if it were as large as it may become."""

    extent: Extent
    chunk: tuple[int, ...]
    n_bytes: int
    packed: bool

    @property
    def counts(self) -> tuple[int, ...]:
        return tuple(-(-n // c) for n, c in zip(self.extent.shape, self.chunk, strict=True))

    def number(self, place: tuple[int, ...]) -> int:
        """Return the number of a chunk in the dataset as it is, -1 outside."""
        number = 0
        for at, count in zip(place, self.counts, strict=True):
            if at >= count:
                return -1
            number = number * count + at
        return number

    def place(self, number: int) -> tuple[int, ...]:
        """Return the place of a chunk by HDF5's number; an axis without limit comes first."""
        limits = self.extent.limits
        free = next((axis for axis, limit in enumerate(limits) if limit is None), 0)
        order = [free, *(axis for axis in range(len(limits)) if axis != free)]
        place = [0] * len(limits)
        for axis in reversed(order[1:]):
            count = max(-(-(limits[axis] or 0) // self.chunk[axis]), 1)
            number, place[axis] = divmod(number, count)
        place[free] = number
        return tuple(place)


def _newer(layout: Cursor, grid: _Grid, flags: int) -> Iterator[tuple[tuple[int, ...], Entry]]:
    kind = layout.uint(1)
    size, left_out = -1, 0
    if kind == _ONE and flags & _ONE_IS_PACKED:
        size, left_out = layout.length(), layout.uint(4)
    elif kind in _PARAMETER_BYTES:
        layout.skip(_PARAMETER_BYTES[kind])
    elif kind != _ONE:
        layout.fail("an unknown index of chunks", "1 … 5", str(kind))
    space, index = layout.space, layout.location()
    if index == space.undefined:
        return
    if kind == _TREE:
        yield from _new_tree(space, index, grid)
        return
    if kind == _ONE:
        entries = iter([(0, index, size, left_out)])
    elif kind == _END_TO_END:
        count = min(prod(grid.counts), space.end // grid.n_bytes + 1)
        entries = iter([(i, index + i * grid.n_bytes, -1, 0) for i in range(count)])
    else:
        entries = (iter_fixed if kind == _FIXED else iter_extensible)(space, index)
    for entry in entries:
        yield grid.place(entry[0]), entry


def _new_tree(space: Space, index: int, grid: _Grid) -> Iterator[tuple[tuple[int, ...], Entry]]:
    rank = len(grid.chunk)
    for record in iter_records(space, index):
        address = record.location()
        size, left_out = -1, 0
        if grid.packed:
            size, left_out = record.uint(record.left - 4 - 8 * rank), record.uint(4)
        yield tuple(record.uint(8) for _ in range(rank)), (-1, address, size, left_out)


def _old_tree(space: Space, index: int, grid: _Grid) -> Iterator[tuple[tuple[int, ...], Entry]]:
    if index == space.undefined:
        return
    rank = len(grid.chunk)
    entry = np.dtype(
        [
            ("size", "<u4"),
            ("left_out", "<u4"),
            ("place", "<u8", (rank + 1,)),
            ("child", f"<u{space.address_bytes}"),
        ]
    )
    total = 0
    for rows in _leaves(space, index, entry, seen=set(), level=None):
        total += len(rows)
        if total * entry.itemsize > space.end:
            space.fail(index, "more chunks than the file has room for")
        columns = (rows[name].tolist() for name in ("size", "left_out", "place", "child"))
        for size, left_out, place, child in zip(*columns, strict=True):
            scaled = tuple(at // c for at, c in zip(place[:rank], grid.chunk, strict=True))
            yield scaled, (-1, child, size, left_out)


def _leaves(
    space: Space, tree: int, entry: np.dtype, *, seen: set[int], level: int | None
) -> Iterator[np.ndarray]:
    if tree in seen:
        space.fail(tree, "a tree that grows into itself")
    seen.add(tree)
    cursor = space.at(tree)
    cursor.expect(b"TREE")
    kind, own_level, count = cursor.uint(1), cursor.uint(1), cursor.uint(2)
    if kind != 1 or own_level > _DEPTH_LIMIT or level not in {None, own_level + 1}:
        found = f"{kind}, level {own_level}"
        cursor.fail("a damaged tree of chunks", "type 1, one level down", found)
    for _ in range(2):
        cursor.location()
    rows = np.frombuffer(cursor.take(count * entry.itemsize), entry)
    if own_level == 0:
        yield rows
        return
    for child in rows["child"].tolist():
        yield from _leaves(space, child, entry, seen=seen, level=own_level)


def _sorted(
    layout: Cursor,
    grid: _Grid,
    entries: Iterator[tuple[tuple[int, ...], Entry]],
    *,
    edges_packed: bool,
) -> Chunks:
    rows = []
    for place, (_, address, size, mask) in entries:
        number = grid.number(place)
        if 0 <= number < 1 << 62:
            stored = grid.n_bytes if size < 0 else min(size, 1 << 62)
            rows.append((number, min(address, 1 << 62), stored, mask))
    table = np.array(sorted(rows), np.int64).reshape(-1, 4)
    if len(table) > 1 and not np.all(table[1:, 0] > table[:-1, 0]):
        layout.fail("two chunks in one place")
    numbers, addresses, sizes, left_out = (np.ascontiguousarray(c) for c in table.T)
    is_there = (numbers == np.arange(len(numbers))) & (sizes <= layout.space.end - addresses)
    return Chunks(
        shape=grid.chunk,
        edges_packed=edges_packed,
        numbers=numbers,
        addresses=addresses,
        sizes=sizes,
        left_out=left_out,
        n_whole=len(numbers) if is_there.all() else int(np.argmin(is_there)),
    )
