"""Where samples lie in memory, for kernels that read them there: no slices of Python's for each."""

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import numpy as np
from jaxtyping import Int64
from numba.np.numpy_support import carray

from eventstore.jit import brief_kernel, kernel
from eventstore.machine import Word, pointer_to

NUMBERS = 7
"""Told of a sample: where t, x, y and p begin, how many rows they have, its first row, its end."""

Where: TypeAlias = Int64[np.ndarray, "b 2"]
"""Of each sample where the numbers begin that tell of a table's samples, and its place there."""

Columns: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


class Table(Protocol):
    """What holds samples, and the numbers that tell of them."""

    @property
    def spans_at(self) -> int:
        """Where these numbers begin in memory."""
        ...


@brief_kernel
def write_spans(columns: Columns, start: np.ndarray, stop: np.ndarray, spans: np.ndarray) -> int:
    """Write `NUMBERS` of each sample, and return their address: asking numpy for one takes 2 µs."""
    t, x, y, p = columns
    for i in range(len(start)):
        spans[i, 0], spans[i, 1] = t.ctypes.data, x.ctypes.data
        spans[i, 2], spans[i, 3] = y.ctypes.data, p.ctypes.data
        spans[i, 4], spans[i, 5], spans[i, 6] = len(t), start[i], stop[i]
    return int(spans.ctypes.data)


def where_of(places: Sequence[tuple[Table, int]]) -> Where:
    """Return where samples are told of; whoever asks holds on to the tables while that is used."""
    told = [(table.spans_at, i) for table, i in places]
    return np.array(told, np.int64).reshape(len(told), 2)


@kernel
def numbers_of(where: np.ndarray, b: int, n: int) -> np.ndarray:
    """Return the ``n`` numbers that tell of a sample."""
    return carray(pointer_to(where[b, 0] + 8 * n * where[b, 1]), n, np.int64)


@kernel
def sample_at(where: np.ndarray, b: int) -> tuple[Columns, int, int]:
    """Return the columns that a sample lies in, its first row and its end; -1 for nonsense."""
    span = numbers_of(where, b, NUMBERS)
    n, start, stop = span[4], span[5], span[6]
    columns = (
        carray(pointer_to(span[0]), n, np.int64),
        carray(pointer_to(span[1]), n, np.uint16),
        carray(pointer_to(span[2]), n, np.uint16),
        carray(pointer_to(span[3]), n, np.uint8),
    )
    return columns, start if 0 <= start <= stop <= n else -1, stop


@brief_kernel
def sum_rows(where: np.ndarray, offsets: np.ndarray) -> int:
    """Write where each sample begins when all are laid end to end; return how many rows that is.

    -1 where one of them does not lie in its table.
    """
    offsets[0] = 0
    for b in range(len(where)):
        _, start, stop = sample_at(where, b)
        if start < 0:
            return -1
        offsets[b + 1] = offsets[b] + stop - start
    return int(offsets[-1])


@kernel
def lay_out(where: np.ndarray, offsets: np.ndarray, out: Columns) -> None:
    """Copy samples end to end."""
    t, x, y, p = out
    for b in range(len(where)):
        its, start, stop = sample_at(where, b)
        first, n = offsets[b], stop - start
        _copy(its[0], start, t, first, n)
        _copy(its[1], start, x, first, n)
        _copy(its[2], start, y, first, n)
        _copy(its[3], start, p, first, n)


@kernel
def _copy(source: np.ndarray, start: Word, out: np.ndarray, first: Word, n: Word) -> None:
    a, b = source[start : start + n], out[first : first + n]
    for i in range(n):
        b[i] = a[i]
