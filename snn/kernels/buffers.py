"""Memory for what kernels put out, kept from call to call.

A fresh block of many megabytes costs a page fault for each 4 KiB when it is first written: of a
layer that puts out 25 MB that is most of its time. What a kernel put out is therefore kept once
nobody holds it any more, and given to the next call that needs as much; CUDA tensors have it so in
torch itself.
"""

from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor

SMALLEST = 1 << 20
"""Bytes below which the allocator of the process is as good."""

MOST_KEPT = 1 << 28
"""Bytes that may lie unused; beyond them what was used longest ago is freed."""

ALIGNMENT = 64
"""Of the first byte: a line of the cache, and the widest vector."""

_unused: dict[int, np.ndarray] = {}
# Blocks that nobody holds, the one used last at the end. Blocks come back whenever a tensor dies,
# which the garbage collector may bring about in any line: so there is no lock, and each line that
# changes this is atomic.


def empty(shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    """Return a tensor of unset values on the CPU.

    Args:
        shape: its shape.
        dtype: float32 or float64.

    Examples:
        >>> empty((2, 3), torch.float32).shape
        torch.Size([2, 3])
    """
    n_bytes = dtype.itemsize * prod(shape)
    if n_bytes < SMALLEST:
        return torch.empty(shape, dtype=dtype)
    array = np.asarray(_Lease(_take(n_bytes)))
    return torch.from_numpy(array).view(dtype).view(shape)


def free_unused() -> int:
    """Give memory that lies unused back to the process; return how many bytes.

    Examples:
        >>> y = empty((1024, 1024), torch.float32)
        >>> del y
        >>> free_unused() >= 1 << 22
        True
    """
    found = [_unused.pop(key, None) for key in list(_unused)]
    return sum(block.nbytes for block in found if block is not None)


class _Lease:
    """The base of an array over a block: the block comes back when the array is gone."""

    __slots__ = ("__array_interface__", "block", "give_back")

    def __init__(self, block: np.ndarray) -> None:
        self.block = block
        self.__array_interface__: dict[str, Any] = block.__array_interface__
        self.give_back = _give_back  # globals may be gone when the process ends

    def __del__(self) -> None:
        self.give_back(self.block)


def _take(n_bytes: int) -> np.ndarray:
    for key in reversed(list(_unused)):
        block = _unused.get(key)
        if block is not None and block.nbytes == n_bytes and _unused.pop(key, None) is block:
            return block
    whole = np.empty(n_bytes + ALIGNMENT, np.uint8)  # numpy asks for huge pages, too
    start = -whole.ctypes.data % ALIGNMENT
    return whole[start : start + n_bytes]


def _give_back(block: np.ndarray) -> None:
    _unused[id(block)] = block
    n_bytes = 0
    for key in reversed(list(_unused)):
        kept = _unused.get(key)
        n_bytes += 0 if kept is None else kept.nbytes
        if n_bytes > MOST_KEPT:
            _unused.pop(key, None)
