"""Kernels that decode bit-packed chunks; `eventstore.bitpack` describes the bytes.

Every length that the bytes state is added up and compared with the bytes that are there before
anything is unpacked, and every place an exception names is checked when it is read, so that no
payload, however damaged, makes a kernel read or write outside its arrays.

Indices are unsigned on purpose: LLVM does not vectorise the inner loops over lanes otherwise, which
costs a factor of three to six.
"""

from typing import Any, TypeAlias

import numpy as np

from eventstore.jit import kernel

VERSION = 1

HEAD_BYTES = 16

BLOCK_HEAD_BYTES = 8

BLOCK = 512
"""Values of a block: 16 rows of 32 lanes, each lane a stream of 16-bit words of its own."""

MAX_WIDTH = 16

DELTA = 0x80
"""Flag of a block whose values are differences."""

WHOLE, CUT, UNKNOWN, OTHER_LENGTH, BAD_BLOCK, BAD_SIZE, BAD_PLACE = range(0, -7, -1)
"""What decoding found; all but ``WHOLE`` are damage."""

Int: TypeAlias = int | np.signedinteger[Any]
"""Whole numbers: Python's outside kernels, 64-bit ones inside."""

Packed: TypeAlias = tuple[np.ndarray, np.ndarray]
"""Bytes of a column, and the same as 16-bit words."""

At: TypeAlias = tuple[np.uint64, Int]
"""Where a block is: the word of its packed values and the byte of its exceptions, or the damage."""

_LANES = np.uint64(32)
_ROWS = np.uint32(16)
_WORD_BITS = np.uint32(16)


@kernel
def decode_flags(data: np.ndarray, out: np.ndarray) -> Int:
    """Decode truth values into ``uint8``; return what was found."""
    (_, words), (at, found) = open_packed(data, len(out), 1)
    if found < 0:
        return found
    unpacked = np.empty(BLOCK, np.uint16)
    for first in range(0, len(out), BLOCK):
        head = _head_of(first) // 2
        width = np.uint32(words[head] & 0xFF)
        _unpack(words, at, width, np.uint32(words[head + 2]), unpacked)
        at += np.uint64(width) * _LANES
        start = np.uint64(first)
        for i in range(np.uint64(min(BLOCK, len(out) - first))):
            out[start + i] = unpacked[i]
    return WHOLE


@kernel
def decode_uint16(data: np.ndarray, out: np.ndarray) -> Int:
    """Decode 16-bit values; return what was found."""
    packed, at = open_packed(data, len(out), 2)
    if at[1] < 0:
        return at[1]
    previous = packed[1][4]
    last = np.empty(BLOCK, np.uint16)
    for first in range(0, len(out), BLOCK):
        is_whole = first + BLOCK <= len(out)
        values = out[first : first + BLOCK] if is_whole else last
        at = uint16_block(packed, at, first, previous, values)
        if at[1] < 0:
            return at[1]
        if not is_whole:
            out[first:] = last[: len(out) - first]
        previous = values[BLOCK - 1]
    return WHOLE


@kernel
def decode_int64(data: np.ndarray, out: np.ndarray) -> Int:
    """Decode 64-bit values, always kept as differences; return what was found."""
    packed, at = open_packed(data, len(out), 8)
    if at[1] < 0:
        return at[1]
    total, low = little_endian(data, 8, 8), np.empty(BLOCK, np.uint16)
    for first in range(0, len(out), BLOCK):
        at, total = int64_block(packed, at, (first, total), low, out[first : first + BLOCK])
        if at[1] < 0:
            return at[1]
    return WHOLE


@kernel
def open_packed(data: np.ndarray, n_values: int, kind: int) -> tuple[Packed, At]:
    """Return what blocks are decoded from, and where the first is, or the damage.

    Args:
        data: the bytes.
        n_values: how many values there are to be.
        kind: bytes of a value.
    """
    head = HEAD_BYTES + (n_values + BLOCK - 1) // BLOCK * BLOCK_HEAD_BYTES
    words = data[: len(data) // 2 * 2].view(np.uint16)
    return (data, words), (np.uint64(head // 2), np.int64(_check(data, n_values, kind)))


@kernel
def uint16_block(packed: Packed, at: At, first: int, previous: np.uint16, values: np.ndarray) -> At:
    """Decode one block of 16-bit values; return where the next one is, or the damage.

    Args:
        packed: what is decoded.
        at: where the block is.
        first: place of its first value in the column.
        previous: the value before that.
        values: uint16[BLOCK], all of which are written.
    """
    (data, words), (word, at_exception) = packed, at
    head = _head_of(first)
    width, base = np.uint32(data[head]), np.uint32(words[head // 2 + 2])
    _unpack(words, word, width, base, values)
    if words[head // 2 + 1]:
        at_exception = np.int64(_patch(data, at_exception, head, values))
    if data[head + 1] & DELTA:
        total = np.uint32(previous)
        for i in range(np.uint64(BLOCK)):
            total = np.uint32(total + np.uint32(values[i]))
            values[i] = np.uint16(total)
    return word + np.uint64(width) * _LANES, at_exception


@kernel
def int64_block(
    packed: Packed, at: At, before: tuple[int, np.uint64], low: np.ndarray, values: np.ndarray
) -> tuple[At, np.uint64]:
    """Decode one block of 64-bit values; return where the next one is, or the damage, and the last.

    Args:
        packed: what is decoded.
        at: where the block is.
        before: place of its first value in the column, and the value before that.
        low: uint16[BLOCK], for the low parts of its steps.
        values: int64, at most `BLOCK`.
    """
    (data, words), (word, at_exception), (first, total) = packed, at, before
    if has_short_steps(packed, first):
        after, base = steps_block(packed, at, first, low)
        return after, _sum_up(low, base, total, values, 0)
    head = _head_of(first)
    width, size = np.uint64(data[head]), np.int64(data[head + 1] & 0xF)
    n_exceptions, base = np.int64(words[head // 2 + 1]), little_endian(data, head + 4, 4)
    _unpack(words, word, np.uint32(width), np.uint32(0), low)
    word += width * _LANES
    place, part = np.int64(0), at_exception + n_exceptions
    for i in range(n_exceptions):
        start = place
        place += np.int64(data[at_exception + i])
        if place >= BLOCK:
            return (word, np.int64(BAD_PLACE)), total
        total = _sum_up(low, base, total, values[:place], start)
        total += little_endian(data, part, size) << width
        part += size
    return (word, np.int64(part)), _sum_up(low, base, total, values, place)


@kernel
def has_short_steps(packed: Packed, first: int) -> bool:
    """Say whether no step of a block lies more than 16 bits above the block's base."""
    data, head = packed[0], _head_of(first)
    width, size = np.uint32(data[head]), np.uint32(data[head + 1] & 0xF)
    return bool(width + np.uint32(8) * size <= _WORD_BITS)


@kernel
def steps_block(packed: Packed, at: At, first: int, low: np.ndarray) -> tuple[At, np.uint64]:
    """Decode a block of short steps; return where the next one is, or the damage, and the base.

    Each of its 64-bit values is the one before it, the base and its step added up.
    """
    (data, words), (word, at_exception), head = packed, at, _head_of(first)
    width = np.uint32(data[head])
    _unpack(words, word, width, np.uint32(0), low)
    after = np.int64(_patch(data, at_exception, head, low))
    return (word + np.uint64(width) * _LANES, after), little_endian(data, head + 4, 4)


@kernel
def _head_of(first: int) -> int:
    """Return the byte where the head of the block begins whose first value has that place."""
    return HEAD_BYTES + first // BLOCK * BLOCK_HEAD_BYTES


@kernel
def _sum_up(
    steps: np.ndarray, base: np.uint64, total: np.uint64, out: np.ndarray, start: Int
) -> np.uint64:
    """Add up steps from one place of a block to the end of ``out``; return the last sum."""
    for i in range(np.uint64(min(start, len(out))), np.uint64(len(out))):
        total = np.uint64(total + np.uint64(np.uint64(steps[i]) + base))
        out[i] = np.int64(total)
    return total


@kernel
def _check(data: np.ndarray, n_values: int, kind: int) -> Int:
    """Add up all lengths; return where the exceptions start, or the damage."""
    n_blocks = (n_values + BLOCK - 1) // BLOCK
    if len(data) < HEAD_BYTES:
        return CUT
    if data[0] != VERSION or data[1] != kind or data[2] != 0 or data[3] != 0:
        return UNKNOWN
    if little_endian(data, 4, 4) != np.uint64(n_values):
        return OTHER_LENGTH
    if len(data) < HEAD_BYTES + n_blocks * BLOCK_HEAD_BYTES:
        return CUT
    packed = np.int64(HEAD_BYTES + n_blocks * BLOCK_HEAD_BYTES)
    exceptions = np.int64(0)
    for block in range(n_blocks):
        head = HEAD_BYTES + block * BLOCK_HEAD_BYTES
        width, flags = np.int64(data[head]), np.int64(data[head + 1])
        count = np.int64(little_endian(data, head + 2, 2))
        base = np.int64(little_endian(data, head + 4, 4))
        if not _is_plausible(kind, width, flags, count, base):
            return BAD_BLOCK
        packed += 64 * width
        exceptions += count * (1 + (flags & 0xF))
    return packed if packed + exceptions == len(data) else BAD_SIZE


@kernel
def _is_plausible(
    kind: int, width: np.int64, flags: np.int64, n_exceptions: np.int64, base: np.int64
) -> bool:
    size = flags & 0xF
    if flags & 0x70 or (n_exceptions > 0) != (size > 0) or size > 8 or width > MAX_WIDTH:
        return False
    if kind == 1:
        return bool(flags == 0 and width + base <= 1)
    return bool(base <= 0xFFFF if kind == 2 else flags & DELTA)


@kernel
def _unpack(
    words: np.ndarray, at: np.uint64, width: np.uint32, base: np.uint32, out: np.ndarray
) -> None:
    """Unpack one block and add ``base``; row ``r`` of each lane starts at its bit ``r · width``."""
    mask = np.uint32((np.uint32(1) << width) - np.uint32(1))
    for row in range(_ROWS):
        bit = np.uint32(np.uint32(row) * width)
        low = at + np.uint64(bit >> np.uint32(4)) * _LANES
        shift = np.uint32(bit & np.uint32(15))
        # The next word only where the value runs on into it: after the last there is none.
        high = low + _LANES if shift + width > _WORD_BITS else low
        first = np.uint64(row) * _LANES
        for lane in range(_LANES):
            pair = np.uint32(
                np.uint32(words[low + lane])
                | np.uint32(np.uint32(words[high + lane]) << _WORD_BITS)
            )
            out[first + lane] = np.uint16(np.uint32(np.uint32(pair >> shift) & mask) + base)


@kernel
def _patch(data: np.ndarray, at: Int, head: int, values: np.ndarray) -> Int:
    """Add the high parts of a block's exceptions; return where the next block's start."""
    width, size = np.uint64(data[head]), np.int64(data[head + 1] & 0xF)
    n_exceptions = np.int64(little_endian(data, head + 2, 2))
    place, part = np.uint64(0), at + n_exceptions
    if size == 1:  # the usual case on its own, four times as fast
        steps, parts = np.uint64(at), np.uint64(part)
        for i in range(np.uint64(n_exceptions)):
            place += np.uint64(data[steps + i])
            if place >= np.uint64(BLOCK):
                return BAD_PLACE
            values[place] += np.uint64(data[parts + i]) << width
        return part + n_exceptions
    for i in range(n_exceptions):
        place += np.uint64(data[at + i])
        if place >= np.uint64(BLOCK):
            return BAD_PLACE
        values[place] += little_endian(data, part, size) << width
        part += size
    return part


@kernel
def little_endian(data: np.ndarray, at: Int, size: Int) -> np.uint64:
    """Return the number that some bytes are."""
    value = np.uint64(0)
    for i in range(size):
        value |= np.uint64(data[at + i]) << np.uint64(8 * i)
    return value
