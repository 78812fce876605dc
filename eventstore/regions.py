"""Read the events of a time slice that lie in a rectangle, decoding no more than that takes."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64

from eventstore.columns import ColumnReader, Encoded
from eventstore.errors import InvalidInput
from eventstore.events import COORDINATE_LIMIT, Events
from eventstore.jit import kernel


class Box(NamedTuple):
    """A half-open rectangle of pixels: ``x0 ≤ x < x1`` and ``y0 ≤ y < y1``."""

    x0: int
    x1: int
    y0: int
    y1: int

    @classmethod
    def of(cls, x: tuple[int, int] | None, y: tuple[int, int] | None) -> "Box":
        """Return the rectangle of two half-open ranges; None takes all.

        Raises:
            InvalidInput: a range ends before it starts.

        Examples:
            >>> Box.of((10, 20), None)
            Box(x0=10, x1=20, y0=0, y1=65536)
        """
        whole = (0, COORDINATE_LIMIT)
        for name, span in (("x", x), ("y", y)):
            if span is not None and span[1] < span[0]:
                message = f"{name} from {span[0]} to {span[1]} ends before it starts"
                raise InvalidInput(message, hint="regions are half-open: x0 ≤ x < x1, y0 ≤ y < y1")
        return cls(*(x or whole), *(y or whole))


def read_box(
    readers: Mapping[str, ColumnReader],
    encoded: Mapping[str, Encoded],
    rows: tuple[int, int],
    box: Box,
) -> Events:
    """Return the events of some rows that lie in a rectangle.

    Chunk by chunk: coordinates first, and the other columns only where one of them is inside.

    Args:
        readers: the columns, by name.
        encoded: chunks of each that were fetched already.
        rows: the first row, and the row after the last.
        box: the rectangle.

    Raises:
        IntegrityError: stored bytes are damaged; names the file, offset and rows hit.
        MissingContent: a shard is not on this machine.
    """
    start, stop = rows
    across = "x" if "x" in readers else "c"
    x, y = np.empty(stop - start, np.uint16), np.zeros(stop - start, np.uint16)
    readers[across].read_into(start, x, encoded[across])
    if "y" in readers:
        readers["y"].read_into(start, y, encoded["y"])
    inside = np.empty(stop - start, np.int64)
    inside = inside[: _find_inside(x, y, box, inside)]
    t, p = np.empty(len(inside), np.int64), np.ones(len(inside), np.uint8)
    for name, out in (("t", t), ("p", p)):
        if name in readers and len(inside):
            _pick(readers[name], encoded[name], start + inside, out)
    return Events(t, x[inside], y[inside], p)


def _pick(
    reader: ColumnReader, encoded: Encoded, rows: Int64[np.ndarray, " n"], out: np.ndarray
) -> None:
    """Take the values of one or more ascending rows, decoding the chunks that hold any."""
    size = reader.chunk_rows
    chunks, firsts = np.unique(rows // size, return_index=True)
    lasts = [*firsts[1:].tolist(), len(rows)]
    for k, first, last in zip(chunks.tolist(), firsts.tolist(), lasts, strict=True):
        values = reader.chunk(k, encoded.get(k))
        out[first:last] = values[rows[first:last] - k * size]


@kernel
def _find_inside(
    x: np.ndarray, y: np.ndarray, box: tuple[int, int, int, int], out: np.ndarray
) -> int:
    """Write the places of the events in the rectangle to ``out``; return how many."""
    x0, x1, y0, y1 = box
    n = 0
    for i in range(len(x)):
        out[n] = i
        n += (x0 <= x[i] < x1) & (y0 <= y[i] < y1)
    return n
