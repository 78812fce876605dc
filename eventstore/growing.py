"""A column that grows: never copied as a whole, never zeroed first, held in large pages.

Taking fresh memory page by page costs as much as decoding what goes into it: 4 KiB pages are four
to five times as slow as the system's large ones, which it gives only to memory that asks for them.
"""

import mmap

import numpy as np

LARGE_BYTES = 1 << 22
"""Size from which a column lies in pages of its own; malloc is faster below."""

_PRIVATE = getattr(mmap, "MAP_PRIVATE", 0) | getattr(mmap, "MAP_ANONYMOUS", 0)


class GrowingColumn:
    """Values appended piece by piece, to be taken as one array.

    Args:
        dtype: type of the values.

    Examples:
        >>> column = GrowingColumn(np.dtype(np.uint16))
        >>> for piece in ([3, 4], [5]):
        ...     column.append(np.array(piece, np.uint16))
        >>> column.finish().tolist()
        [3, 4, 5]
    """

    def __init__(self, dtype: np.dtype) -> None:
        self._dtype = dtype
        self._n = 0
        self._small: np.ndarray = np.empty(0, dtype)
        self._pages: mmap.mmap | None = None

    def append(self, values: np.ndarray) -> None:
        """Copy values behind those that are there."""
        stop = self._n + len(values)
        column = self._values()
        if stop > len(column):
            # Nobody may hold the memory that is about to move.
            del column
            self._grow(max(stop, self._n * 3 // 2))
            column = self._values()
        column[self._n : stop] = values
        self._n = stop

    def finish(self) -> np.ndarray:
        """Return all values, in memory that holds nothing else; append no more."""
        if self._pages is None:
            self._small.resize(self._n, refcheck=False)
            return self._small
        self._pages = _resized(self._pages, max(1, self._n * self._dtype.itemsize))
        return np.frombuffer(self._pages, self._dtype, self._n)

    def _values(self) -> np.ndarray:
        if self._pages is None:
            return self._small
        return np.frombuffer(self._pages, self._dtype, len(self._pages) // self._dtype.itemsize)

    def _grow(self, room: int) -> None:
        n_bytes = room * self._dtype.itemsize
        if self._pages is not None:
            self._pages = _resized(self._pages, n_bytes)
        elif n_bytes < LARGE_BYTES:
            self._small.resize(room, refcheck=False)
        else:
            before, self._small = self._small[: self._n], self._small[:0]
            self._pages = _mapped(n_bytes)
            self._values()[: self._n] = before


def _mapped(n_bytes: int) -> mmap.mmap:
    pages = mmap.mmap(-1, n_bytes, flags=_PRIVATE) if _PRIVATE else mmap.mmap(-1, n_bytes)
    advice = getattr(mmap, "MADV_HUGEPAGE", None)
    if advice is not None:
        pages.madvise(advice)
    return pages


def _resized(pages: mmap.mmap, n_bytes: int) -> mmap.mmap:
    try:
        pages.resize(n_bytes)
    except (SystemError, ValueError, OSError):  # a system that cannot move pages
        again = _mapped(n_bytes)
        kept = min(len(pages), n_bytes)
        again[:kept] = pages[:kept]
        return again
    advice = getattr(mmap, "MADV_HUGEPAGE", None)
    if advice is not None:
        pages.madvise(advice)
    return pages
