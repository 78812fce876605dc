"""Buffers for batches that are used again once nothing refers to the batch any more.

Fresh memory costs a page fault every 4 KiB: as much time as filling it with frames.
"""

import weakref
from collections import deque
from math import prod

import numpy as np
from jaxtyping import Shaped
from numpy.typing import DTypeLike


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
        self._free: deque[bytearray] = deque(maxlen=keep)

    def empty(self, shape: tuple[int, ...], dtype: DTypeLike) -> Shaped[np.ndarray, "..."]:
        """Return an array of arbitrary contents; its memory is its own while it lives."""
        n_bytes = prod(shape) * np.dtype(dtype).itemsize
        memory = self._take(n_bytes)
        # Views of an array hold on to the last array that stands on something else: were the memory
        # an array too, they would hold on to it and not to the one whose end is watched for.
        array: np.ndarray = np.ndarray(shape, dtype, memory)
        weakref.finalize(array, self._free.append, memory).atexit = False
        return array

    def _take(self, n_bytes: int) -> bytearray:
        try:
            memory = self._free.pop()
        except IndexError:
            memory = bytearray()
        # A much larger buffer is let go rather than kept for small batches.
        fits = n_bytes <= len(memory) <= 2 * n_bytes + (1 << 16)
        return memory if fits else bytearray(n_bytes)
