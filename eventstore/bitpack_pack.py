"""Kernels that encode bit-packed chunks; `eventstore.bitpack` describes the bytes.

For each block the cheapest of the windows ``base … base + 2^width - 1`` is chosen; values outside
it become exceptions. Windows are searched in a histogram, not in sorted values, which makes
encoding several times faster; on a wide block the base is then a multiple of 1/256 of its range.
"""

import numpy as np

from eventstore.bitpack_unpack import BLOCK, BLOCK_HEAD_BYTES, DELTA, HEAD_BYTES, MAX_WIDTH
from eventstore.jit import kernel

_BUCKETS = 256

_LARGEST_BASE = np.uint64(0xFFFF_FFFF)


@kernel
def encode_flags(values: np.ndarray, packed: np.ndarray) -> int:
    """Write block heads and bits of truth values after the head; return where they end."""
    at = HEAD_BYTES + _n_blocks(values) * BLOCK_HEAD_BYTES
    block = np.empty(BLOCK, np.uint16)
    for first in range(0, len(values), BLOCK):
        _fill(values, first, block)
        on = 0
        for i in range(BLOCK):
            block[i] = 1 if block[i] else 0
            on += block[i]
        width = 0 if on in {0, BLOCK} else 1
        _head(_of(packed, first), width, 0, 0, np.uint64(block[0] if width == 0 else 0))
        at = _pack(block, width, packed, at)
    return at


@kernel
def encode_uint16(
    values: np.ndarray, before: np.uint64, packed: np.ndarray, exceptions: np.ndarray
) -> tuple[int, int]:
    """Write block heads and packed values, and exceptions; return where both end."""
    at, at_exception = HEAD_BYTES + _n_blocks(values) * BLOCK_HEAD_BYTES, 0
    block, steps = np.empty(BLOCK, np.uint16), np.empty(BLOCK, np.uint16)
    counts = np.empty(_BUCKETS + 1, np.int16)
    previous = np.uint16(before)
    for first in range(0, len(values), BLOCK):
        _fill(values, first, block)
        for i in range(BLOCK):
            steps[i] = np.uint16(block[i] - (block[i - 1] if i else previous))
        previous = block[BLOCK - 1]
        lowest, top = block.min(), np.int64(block.max()) - np.int64(block.min())
        shift = max(0, _bits(np.uint64(top)) - 8)
        cost, width, base = _best_window(block, lowest, shift, _bits(np.uint64(top)), counts)
        flags = 0
        centre = np.uint16(np.int64(0x10000 - _BUCKETS // 2))
        other_cost, other_width, other_base = _best_window(steps, centre, 0, 8, counts)
        if other_cost < cost:
            block[:], width, base, flags = steps, other_width, other_base, DELTA
        for i in range(BLOCK):
            block[i] = np.uint16(block[i] - base)
        n_exceptions, size, at_exception = _split(block, width, exceptions, at_exception)
        _head(_of(packed, first), width, flags | size, n_exceptions, np.uint64(base))
        at = _pack(block, width, packed, at)
    return at, at_exception


@kernel
def encode_int64(
    values: np.ndarray, before: np.uint64, packed: np.ndarray, exceptions: np.ndarray
) -> tuple[int, int]:
    """Write block heads and packed differences, and exceptions; return where both end."""
    at, at_exception = HEAD_BYTES + _n_blocks(values) * BLOCK_HEAD_BYTES, 0
    steps, low = np.empty(BLOCK, np.uint64), np.empty(BLOCK, np.uint16)
    previous = before
    for first in range(0, len(values), BLOCK):
        _fill(values, first, steps)
        for i in range(BLOCK):
            value = steps[i]
            steps[i] = value - previous
            previous = value
        base = min(steps.min(), _LARGEST_BASE)
        for i in range(BLOCK):
            steps[i] -= base
        width = _cheapest_width(steps)
        n_exceptions, size, at_exception = _split(steps, width, exceptions, at_exception)
        for i in range(BLOCK):
            low[i] = np.uint16(steps[i])
        _head(_of(packed, first), width, DELTA | size, n_exceptions, base)
        at = _pack(low, width, packed, at)
    return at, at_exception


@kernel
def _n_blocks(values: np.ndarray) -> int:
    return (len(values) + BLOCK - 1) // BLOCK


@kernel
def _fill(values: np.ndarray, first: int, block: np.ndarray) -> None:
    """Copy a block; one that is not whole is filled up with its last value."""
    count = min(BLOCK, len(values) - first)
    for i in range(count):
        block[i] = values[first + i]
    for i in range(count, BLOCK):
        block[i] = block[count - 1]


@kernel
def _bits(value: np.uint64) -> int:
    """Return how many bits a value takes."""
    bits = 0
    while value >> np.uint64(bits):
        bits += 1
    return bits


@kernel
def _best_window(
    values: np.ndarray, lowest: np.uint16, shift: int, widest: int, counts: np.ndarray
) -> tuple[np.int64, int, np.uint16]:
    """Return cost in bytes, width and base of the best window of 2^shift-fold bucket size.

    Buckets start at ``lowest``; values beyond the last one are exceptions of any window.
    """
    counts[:] = 0
    for i in range(BLOCK):
        bucket = np.uint16(values[i] - lowest) >> shift
        if bucket < _BUCKETS:
            counts[bucket + 1] += 1
    for i in range(_BUCKETS):
        counts[i + 1] += counts[i]
    best_cost, best_width, best_inside = np.int64(1 << 30), widest, np.int16(0)
    for width in range(widest, shift - 1, -1):
        inside = _most_inside(counts, 1 << (width - shift))
        outside = np.int64(BLOCK - inside)
        cost = np.int64(BLOCK // 8 * width + outside * (2 if width >= 8 else 3))
        if cost < best_cost:
            best_cost, best_width, best_inside = cost, width, inside
        if 2 * outside >= best_cost:
            break
    span, at = 1 << (best_width - shift), 0
    while counts[at + span] - counts[at] != best_inside:
        at += 1
    return best_cost, best_width, np.uint16(lowest + (at << shift))


@kernel
def _most_inside(counts: np.ndarray, span: int) -> np.int16:
    """Return the most values in ``span`` buckets side by side, from cumulative counts."""
    most = np.int16(0)
    for i in range(np.uint64(_BUCKETS + 1 - span)):
        most = max(most, np.int16(counts[i + np.uint64(span)] - counts[i]))
    return most


@kernel
def _cheapest_width(steps: np.ndarray) -> int:
    top = _bits(steps.max())
    best_cost, best = 1 << 30, MAX_WIDTH
    for width in range(min(top, MAX_WIDTH), -1, -1):
        outside = 0
        for i in range(BLOCK):
            outside += 1 if steps[i] >> np.uint64(width) else 0
        cost = BLOCK // 8 * width + outside * (1 + (top - width + 7) // 8)
        if cost < best_cost:
            best_cost, best = cost, width
        if 2 * outside >= best_cost:
            break
    return best


@kernel
def _split(values: np.ndarray, width: int, exceptions: np.ndarray, at: int) -> tuple[int, int, int]:
    """Cut values to their low bits, writing the high parts of those that have one.

    Returns: number of exceptions, bytes of a high part, where the exceptions end.
    """
    limit = np.uint64(1) << np.uint64(width)
    highest = np.uint64(values.max())
    if highest < limit:
        return 0, 0, at
    size = (_bits(highest) - width + 7) // 8
    places, last = at, 0
    for i in range(BLOCK):
        if np.uint64(values[i]) >= limit:
            while i - last > 255:  # a step too long for a byte: a place with nothing to add
                exceptions[at] = 255
                last += 255
                at += 1
            exceptions[at] = i - last
            last = i
            at += 1
    count, place = at - places, 0
    for k in range(count):
        place += exceptions[places + k]
        part = np.uint64(values[place]) >> np.uint64(width)
        for j in range(size):
            exceptions[at] = np.uint8(part >> np.uint64(8 * j))
            at += 1
    for i in range(BLOCK):
        values[i] &= limit - np.uint64(1)
    return count, size, at


@kernel
def _of(packed: np.ndarray, first: int) -> np.ndarray:
    """Return the head of the block that starts with value ``first``."""
    at = HEAD_BYTES + first // BLOCK * BLOCK_HEAD_BYTES
    return packed[at : at + BLOCK_HEAD_BYTES]


@kernel
def _head(head: np.ndarray, width: int, flags: int, n_exceptions: int, base: np.uint64) -> None:
    head[0] = width
    head[1] = flags
    for j in range(2):
        head[2 + j] = np.uint8(n_exceptions >> (8 * j))
    for j in range(4):
        head[4 + j] = np.uint8(base >> np.uint64(8 * j))


@kernel
def _pack(low: np.ndarray, width: int, packed: np.ndarray, at: int) -> int:
    """Pack one block of values below 2^width; return where it ends. The bytes there are 0."""
    words = packed[at : at + BLOCK // 8 * width].view(np.uint16)
    lanes = np.uint64(32)
    for row in range(np.uint32(16)):
        bit = np.uint32(row) * np.uint32(width)
        first, shift = np.uint64(bit >> np.uint32(4)) * lanes, np.uint32(bit & np.uint32(15))
        from_row = np.uint64(row) * lanes
        if width:
            for lane in range(lanes):
                words[first + lane] |= np.uint16(np.uint32(low[from_row + lane]) << shift)
        if shift + np.uint32(width) > np.uint32(16):
            for lane in range(lanes):
                rest = np.uint32(low[from_row + lane]) >> (np.uint32(16) - shift)
                words[first + lanes + lane] = np.uint16(rest)
    return at + BLOCK // 8 * width
