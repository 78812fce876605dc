"""One dataset: its shape and type, and its rows, read as they are asked for.

    layout      version 3 … 5 | kind 1
    compact     kind 0 | size 2 | data
    contiguous  kind 1 | address | size
    chunked     kind 2 | … (`eventstore.readers.hdf5.chunks`)

Rows run along the first axis. A file that was cut, or never finished, gives the rows before the
first piece that is not there.
"""

from dataclasses import dataclass, field, replace
from math import prod

import numpy as np

from eventstore.readers.hdf5.attributes import read_attributes
from eventstore.readers.hdf5.chunks import Chunks, read_chunks
from eventstore.readers.hdf5.cursor import Cursor, Space
from eventstore.readers.hdf5.dataspaces import Extent, read_extent
from eventstore.readers.hdf5.datatypes import Sequences, read_datatype
from eventstore.readers.hdf5.filters import Filter, read_filters, unpack_chunk
from eventstore.readers.hdf5.heaps import read_sequence
from eventstore.readers.hdf5.messages import DATASPACE, DATATYPE, FILTERS, LAYOUT, Message

_COMPACT, _CONTIGUOUS, _CHUNKED = 0, 1, 2
_VERSIONS = (3, 4, 5)
_ROW_LIMIT = 1 << 28
_LENGTH_LIMIT = 1 << 48


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset:
    """A dataset; open one with `open_dataset`.

    Args:
        path: its name in the file.
        space: the file.
        kind: type of an element; for sequences use `Dataset.sequence`.
        extent: its lengths.
        start: address of the data, where it lies in one piece; -1 for chunks.
        stored_bytes: bytes of that piece.
        chunks: where the chunks lie; None where there are none.
        filters: what the chunks went through.
        messages: of its header.
    """

    path: str
    space: Space
    kind: np.dtype | Sequences
    extent: Extent
    start: int
    stored_bytes: int
    chunks: Chunks | None
    filters: tuple[Filter, ...]
    messages: list[Message]
    _kept: dict[int, np.ndarray] = field(default_factory=dict, repr=False)

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes; none for one element."""
        return self.extent.shape

    @property
    def dtype(self) -> np.dtype:
        """Type of an element as it is stored; of sequences, length, address and index."""
        if isinstance(self.kind, np.dtype):
            return self.kind
        at = f"<u{self.space.address_bytes}"
        return np.dtype([("length", "<u4"), ("address", at), ("index", "<u4")])

    @property
    def n_rows(self) -> int:
        """Length of the first axis; 1 for one element."""
        return self.shape[0] if self.shape else 1

    @property
    def row_shape(self) -> tuple[int, ...]:
        """Lengths of the other axes, and of an element that is an array itself."""
        return (*self.shape[1:], *self.dtype.shape)

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return prod(self.shape[1:]) * self.dtype.itemsize

    def attributes(self) -> dict[str, np.ndarray | str]:
        """Return the attributes that are texts or numbers."""
        return read_attributes(self.space, self.messages)

    def whole_rows(self) -> tuple[int, int]:
        """Return how many rows are there from the first on, and the address where they end."""
        if self.row_bytes == 0:
            return self.n_rows, 0
        if self.chunks is None:
            there = min(max(self.space.end - self.start, 0), self.stored_bytes)
            rows = min(there // self.row_bytes, self.n_rows)
            return rows, self.start + rows * self.row_bytes
        chunks = self.chunks
        per_row = prod(self._grid()[1:])
        rows = min(chunks.n_whole // per_row * chunks.shape[0], self.n_rows)
        behind = chunks.addresses[chunks.n_whole :]
        return rows, int(behind[0]) if len(behind) else self.space.end

    def rows(self, start: int, stop: int) -> np.ndarray:
        """Return rows ``start … stop - 1``.

        Raises:
            FormatError: they are not all there, or a chunk is damaged.
        """
        whole, end = self.whole_rows()
        if not 0 <= start <= stop <= whole:
            found, expected = f"{whole} rows", f"rows {start} … {stop} of {self.n_rows}"
            self.space.fail(end, f"{self.path} is not all there", expected, found)
        shape = (stop - start, *self.row_shape)
        size = (stop - start) * self.row_bytes
        if size == 0:
            return np.empty(shape, self.dtype.base)
        if self.chunks is not None:
            return self._gather(self.chunks, start, stop)
        data = self.space.at(self.start + start * self.row_bytes, size).take(size)
        return np.frombuffer(data, self.dtype.base).reshape(shape)

    def __getitem__(self, rows: slice) -> np.ndarray:
        """Return the rows of a slice; raises as `rows`."""
        start, stop, _ = rows.indices(self.n_rows)
        return self.rows(start, max(start, stop))

    def sequence(self, row: int) -> np.ndarray:
        """Return the sequence that is element ``row``, of a dataset of such.

        Raises:
            FormatError: it is not there, or the dataset holds no sequences.
        """
        if not isinstance(self.kind, Sequences):
            message = f"{self.path} holds no sequences"
            self.space.fail(max(self.start, 0), message, "sequences", str(self.kind))
        length, address, index = self.rows(row, row + 1).item()
        size = length * self.kind.base.itemsize
        return np.frombuffer(read_sequence(self.space, size, address, index), self.kind.base)

    def squeezed(self) -> "Dataset | None":
        """Return the same numbers with one axis, None where two are longer than 1.

        MATLAB keeps vectors as matrices of one row.
        """
        long = [axis for axis, length in enumerate(self.shape) if length != 1]
        if len(long) > 1 or isinstance(self.kind, Sequences):
            return None
        kept = long or [0][: len(self.shape)]
        chunks = self.chunks
        if chunks is not None:
            if prod(chunks.shape) != prod(chunks.shape[axis] for axis in kept):
                return None
            chunks = replace(chunks, shape=tuple(chunks.shape[axis] for axis in kept))
        limits = tuple(self.extent.limits[axis] for axis in kept)
        extent = Extent(tuple(self.shape[axis] for axis in kept), limits)
        return replace(self, extent=extent, chunks=chunks, _kept={})

    def stored_chunk(self, number: int) -> tuple[memoryview, tuple[Filter, ...], int]:
        """Return the bytes of a chunk as they are stored, the filters it went through, its address.

        Raises:
            FormatError: it is not there.
        """
        chunks = self.chunks
        if chunks is None or not 0 <= number < chunks.n_whole:
            self.space.fail(max(self.start, 0), f"{self.path} has no chunk {number}")
        address, size = int(chunks.addresses[number]), int(chunks.sizes[number])
        left_out = int(chunks.left_out[number])
        filters = tuple(f for i, f in enumerate(self.filters) if not left_out >> i & 1)
        if not chunks.edges_packed and self._is_edge(chunks, number):
            filters = ()
        return self.space.at(address, size).take(size), filters, address

    def _grid(self) -> tuple[int, ...]:
        chunk = self.chunks.shape if self.chunks is not None else self.shape
        return tuple(-(-n // c) for n, c in zip(self.shape, chunk, strict=True))

    def _is_edge(self, chunks: Chunks, number: int) -> bool:
        place = np.unravel_index(number, self._grid())
        ends = ((int(at) + 1) * c for at, c in zip(place, chunks.shape, strict=True))
        return any(end > n for end, n in zip(ends, self.shape, strict=True))

    def _gather(self, chunks: Chunks, start: int, stop: int) -> np.ndarray:
        out = np.empty((stop - start, *self.row_shape), self.dtype.base)
        height, grid = chunks.shape[0], self._grid()
        per_row = prod(grid[1:])
        for row in range(start // height, -(-stop // height)):
            first, last = max(start, row * height), min(stop, (row + 1) * height)
            for column in range(per_row):
                block = self._unpacked(chunks, row * per_row + column)
                place = np.unravel_index(column, grid[1:]) if grid[1:] else ()
                corner = [int(at) * c for at, c in zip(place, chunks.shape[1:], strict=True)]
                there = tuple(
                    slice(at, min(at + c, n))
                    for at, c, n in zip(corner, chunks.shape[1:], self.shape[1:], strict=True)
                )
                here = tuple(slice(0, part.stop - part.start) for part in there)
                part = block[(slice(first - row * height, last - row * height), *here)]
                out[(slice(first - start, last - start), *there)] = part
        return out

    def _unpacked(self, chunks: Chunks, number: int) -> np.ndarray:
        if number not in self._kept:
            stored, filters, address = self.stored_chunk(number)
            n_bytes = prod(chunks.shape) * self.dtype.itemsize
            where = (self.space.source.name, self.space.base + address)
            data = unpack_chunk(stored, filters, n_bytes, where=where)
            self._kept.clear()
            shape = (*chunks.shape, *self.dtype.shape)
            self._kept[number] = np.frombuffer(data, self.dtype.base).reshape(shape)
        return self._kept[number]


def open_dataset(path: str, space: Space, messages: list[Message]) -> Dataset:
    """Read what the header of a dataset says.

    Raises:
        FormatError: it is damaged, or of a type or layout that is not read.
    """
    found = {message.kind: message for message in messages}
    missing = {DATASPACE, DATATYPE, LAYOUT} - set(found)
    if missing:
        address = messages[0].address if messages else 0
        space.fail(address, f"{path} is no dataset", "shape, type and layout")
    extent = read_extent(found[DATASPACE].body())
    kind = read_datatype(found[DATATYPE].body())
    item_bytes = kind.itemsize if isinstance(kind, np.dtype) else 8 + space.address_bytes
    row_bytes = prod(max(n, 1) for n in extent.shape[1:]) * item_bytes
    if row_bytes > _ROW_LIMIT or max(extent.shape, default=0) > _LENGTH_LIMIT:
        expected = f"rows of at most {_ROW_LIMIT} bytes"
        space.fail(found[DATASPACE].address, "an absurd shape", expected, f"{extent.shape}")
    filters = read_filters(found[FILTERS].body()) if FILTERS in found else ()
    layout = found[LAYOUT].body()
    start, stored_bytes, chunks = _read_layout(layout, extent, item_bytes, packed=bool(filters))
    return Dataset(
        path=path,
        space=space,
        kind=kind,
        extent=extent,
        start=start,
        stored_bytes=stored_bytes,
        chunks=chunks,
        filters=filters,
        messages=messages,
    )


def _read_layout(
    layout: Cursor, extent: Extent, item_bytes: int, *, packed: bool
) -> tuple[int, int, Chunks | None]:
    version, kind = layout.uint(1), layout.uint(1)
    if version not in _VERSIONS or kind not in {_COMPACT, _CONTIGUOUS, _CHUNKED}:
        found = f"{kind} of version {version}"
        layout.fail("a layout that is not read", "0, 1 or 2 of version 3 … 5", found)
    if kind == _CHUNKED:
        chunks = read_chunks(layout, version, extent, item_bytes, packed=packed)
        return -1, 0, chunks
    if kind == _COMPACT:
        size = layout.uint(2)
        return layout.address, min(size, layout.left), None
    start, size = layout.location(), layout.length()
    return start, 0 if start == layout.space.undefined else size, None
