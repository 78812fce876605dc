"""Buffers for batches that are used again once nothing refers to the batch any more.

Fresh memory costs a page fault every 4 KiB: as much time as filling it with frames.
"""

import weakref
from collections import deque
from math import prod

import numpy as np
from jaxtyping import Shaped, UInt8
from numpy.typing import DTypeLike

from eventstore.events import EVENT_BYTES, Events, events_in


class _Memory(np.ndarray):
    """Bytes that arrays stand on, of a type of their own.

    Views of an array hold on to the last one behind it that is of their type: were the memory of
    that type too, they would hold on to it, and not to the array whose end is watched for.
    """

    __slots__ = ()


class Buffers:
    """Hands out arrays and takes their memory back when they are gone; any thread may do either.

    Args:
        keep: number of unused buffers to keep.

    Examples:
        >>> buffers = Buffers(keep=1)
        >>> first = buffers.empty((2, 3), np.float32)
        >>> address = first.ctypes.data
        >>> del first
        >>> buffers.empty((3, 2), np.float32).ctypes.data == address
        True
    """

    def __init__(self, *, keep: int) -> None:
        self._free: deque[_Memory] = deque(maxlen=keep)

    def empty(self, shape: tuple[int, ...], dtype: DTypeLike) -> Shaped[np.ndarray, "..."]:
        """Return an array of arbitrary contents; its memory is its own while it lives."""
        n_bytes = prod(shape) * np.dtype(dtype).itemsize
        memory = self._take(_with_room(n_bytes))
        array: np.ndarray = np.ndarray(shape, dtype, memory)
        weakref.finalize(array, self._free.append, memory).atexit = False
        return array

    def bytes(self, n: int) -> UInt8[np.ndarray, " n"]:
        """Return ``n`` bytes of arbitrary contents."""
        return self.empty((n,), np.uint8)

    def events(self, n: int) -> Events:
        """Return a table of ``n`` events of arbitrary contents, its columns in one piece of memory.

        Examples:
            >>> len(Buffers(keep=1).events(5))
            5
        """
        return events_in(self.bytes(n * EVENT_BYTES))

    def _take(self, n_bytes: int) -> _Memory:
        for _ in range(len(self._free)):
            try:
                memory = self._free.pop()
            except IndexError:  # another thread was faster
                break
            # A much larger buffer is kept for large batches rather than filled with a small one.
            if n_bytes <= len(memory) <= 2 * n_bytes + (1 << 16):
                return memory
            if len(self._free) == self._free.maxlen:  # others came back meanwhile
                break
            self._free.appendleft(memory)  # what nobody wants goes first where there are too many
        # A bytearray would be filled with zeros first, under Python's lock.
        return _Memory(n_bytes, np.uint8)


def _with_room(n_bytes: int) -> int:
    """Round a size up by less than a quarter: blocks of about one size can follow each other.

    Examples:
        >>> [_with_room(n) for n in (0, 5, 1000, 1025)]
        [0, 5, 1024, 1280]
    """
    step = 1 << max(n_bytes.bit_length() - 3, 0)
    return -(-n_bytes // step) * step
