"""Kernel that unpacks a sample's counts and writes them among zeros, a block of 512 at a time.

What is unpacked stays in the processor's first cache, and each part of the frames is written while
it is there too: zeros up to the block's last place, then its counts. To unpack all places, write
all zeros and then all counts takes half as long again.
"""

import numpy as np

from eventstore.bitpack_unpack import (
    BLOCK,
    Int,
    has_short_steps,
    int64_block,
    little_endian,
    open_packed,
    steps_block,
    uint16_block,
)
from eventstore.jit import kernel

WIDE, NARROW = 8, 2
"""Kinds of packed values: 64 and 16 bits."""


@kernel
def scatter_blocks(
    streams: tuple[np.ndarray, np.ndarray],
    n: int,
    row: np.ndarray,
    top: int,
    memory: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> bool:
    """Write counts at their places, zeros everywhere else, and return whether that went well.

    If not, what is in ``row`` is arbitrary: the streams are damaged, or a count is too large.

    Args:
        streams: bytes of the places, which ascend, and of the counts.
        n: how many there are.
        row: the elements.
        top: the largest count that their type holds.
        memory: uint16, uint16 and int64, `BLOCK` of each.
    """
    places, counts = streams
    low, values, at_places = memory
    packed_places, at_place = open_packed(places, n, WIDE)
    packed_counts, at_count = open_packed(counts, n, NARROW)
    if at_place[1] < 0 or at_count[1] < 0:
        return False
    total, previous = little_endian(places, 8, 8), packed_counts[1][4]
    limit, filled = np.uint64(len(row)), np.uint64(0)
    for first in range(0, n, BLOCK):
        size = np.uint64(min(BLOCK, n - first))
        at_count = uint16_block(packed_counts, at_count, first, previous, values)
        previous = values[BLOCK - 1]
        short, base = has_short_steps(packed_places, first), np.uint64(0)
        if short:
            at_place, base = steps_block(packed_places, at_place, first, low)
            begin, end = _reach(low[:size], base, total)
        else:
            before = first, total
            out = at_places[:size]
            at_place, total = int64_block(packed_places, at_place, before, low, out)
            begin, end = np.uint64(out.min()), np.uint64(out.max())  # below zero is beyond all
        # What ascends from inside the row to inside it leaves it nowhere.
        fits = begin <= end < limit and _largest(values[:size]) <= top
        if at_place[1] < 0 or at_count[1] < 0 or not fits:
            return False
        if end >= filled:
            row[filled : end + np.uint64(1)] = 0
            filled = end + np.uint64(1)
        if short:
            total = _write_steps(low[:size], base, total, values, row)
        else:
            for i in range(size):
                row[np.uint64(at_places[i])] = values[i]
    row[filled:] = 0
    return True


@kernel
def _write_steps(
    steps: np.ndarray, base: np.uint64, total: np.uint64, values: np.ndarray, row: np.ndarray
) -> np.uint64:
    """Write values at the places that steps lead to, and return the last."""
    for i in range(np.uint64(len(steps))):
        total = np.uint64(total + np.uint64(np.uint64(steps[i]) + base))
        row[total] = values[i]
    return total


@kernel
def _reach(steps: np.ndarray, base: np.uint64, total: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Return the first and the last place that steps lead to."""
    far = np.uint32(0)  # 512 steps of 16 bits
    for i in range(np.uint64(len(steps))):
        far = np.uint32(far + np.uint32(steps[i]))
    begin = np.uint64(total + np.uint64(np.uint64(steps[0]) + base))
    return begin, np.uint64(total + np.uint64(np.uint64(far) + base * np.uint64(len(steps))))


@kernel
def _largest(values: np.ndarray) -> Int:
    """Return the largest value."""
    most = np.uint16(0)
    for i in range(np.uint64(len(values))):
        most = max(most, values[i])
    return np.int64(most)
