"""Unpack LZF, the fast packing of h5py (http://oldhome.schmorp.de/marc/liblzf.html).

    000LLLLL                       L + 1 bytes follow as they are
    LLLooooo oooooooo              L + 2 bytes again, from o + 1 bytes back; L of 1 … 6
    111ooooo LLLLLLLL oooooooo     the same, L + 9 bytes

A copy may run into what it copies: a pattern repeats.
"""

from typing import Any

import numpy as np

from eventstore.jit import kernel

_INT: Any = np.int64


@kernel
def unpack_lzf(packed: np.ndarray, unpacked: np.ndarray) -> int:
    """Fill ``unpacked``; return how many bytes came out, -1 where the packed ones are damaged.

    Examples:
        >>> unpacked = np.zeros(6, np.uint8)
        >>> unpack_lzf(np.array([1, 7, 8, 64, 1], np.uint8), unpacked), unpacked.tolist()
        (6, [7, 8, 7, 8, 7, 8])
    """
    at, out = 0, 0
    while at < len(packed):
        control = _INT(packed[at])
        at += 1
        if control < 32:
            size = control + 1
            if at + size > len(packed) or out + size > len(unpacked):
                return -1
            unpacked[out : out + size] = packed[at : at + size]
            at += size
            out += size
            continue
        size = control >> 5
        if size == 7:
            if at >= len(packed):
                return -1
            size += _INT(packed[at])
            at += 1
        if at >= len(packed):
            return -1
        start = out - ((control & 31) << 8) - _INT(packed[at]) - 1
        at += 1
        size += 2
        if start < 0 or out + size > len(unpacked):
            return -1
        for i in range(size):
            unpacked[out + i] = unpacked[start + i]
        out += size
    return out
