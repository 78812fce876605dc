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

_LANES = np.uint64(32)
_ROWS = np.uint32(16)
_WORD_BITS = np.uint32(16)


@kernel
def decode_flags(data: np.ndarray, out: np.ndarray) -> Int:
    """Decode truth values into ``uint8``; return what was found."""
    exceptions = _check(data, len(out), 1)
    if exceptions < 0:
        return exceptions
    words, at = _words(data, len(out))
    unpacked = np.empty(BLOCK, np.uint16)
    for first in range(0, len(out), BLOCK):
        head = (HEAD_BYTES + first // BLOCK * BLOCK_HEAD_BYTES) // 2
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
    at_exception = _check(data, len(out), 2)
    if at_exception < 0:
        return at_exception
    words, at = _words(data, len(out))
    previous = words[4]
    last = np.empty(BLOCK, np.uint16)
    for first in range(0, len(out), BLOCK):
        head = HEAD_BYTES + first // BLOCK * BLOCK_HEAD_BYTES
        width, base = np.uint32(data[head]), np.uint32(words[head // 2 + 2])
        is_whole = first + BLOCK <= len(out)
        values = out[first : first + BLOCK] if is_whole else last
        _unpack(words, at, width, base, values)
        at += np.uint64(width) * _LANES
        if words[head // 2 + 1]:
            at_exception = _patch(data, at_exception, head, values)
            if at_exception < 0:
                return at_exception
        if data[head + 1] & DELTA:
            total = np.uint32(previous)
            for i in range(np.uint64(BLOCK)):
                total = np.uint32(total + np.uint32(values[i]))
                values[i] = np.uint16(total)
        if not is_whole:
            out[first:] = last[: len(out) - first]
        previous = values[BLOCK - 1]
    return WHOLE


@kernel
def decode_int64(data: np.ndarray, out: np.ndarray) -> Int:
    """Decode 64-bit values, always kept as differences; return what was found."""
    at_exception = _check(data, len(out), 8)
    if at_exception < 0:
        return at_exception
    words, at = _words(data, len(out))
    total = _little_endian(data, 8, 8)
    low = np.empty(BLOCK, np.uint16)
    for first in range(0, len(out), BLOCK):
        head = HEAD_BYTES + first // BLOCK * BLOCK_HEAD_BYTES
        width, size = np.uint64(data[head]), np.int64(data[head + 1] & 0xF)
        n_exceptions, base = np.int64(words[head // 2 + 1]), _little_endian(data, head + 4, 4)
        _unpack(words, at, np.uint32(width), np.uint32(0), low)
        at += width * _LANES
        values = out[first : first + BLOCK]
        if width + np.uint64(8 * size) <= np.uint64(_WORD_BITS):
            at_exception = _patch(data, at_exception, head, low)
            total = _sum_up(low, base, total, values, 0)
            if at_exception < 0:
                return at_exception
            continue
        place, part = np.int64(0), at_exception + n_exceptions
        for i in range(n_exceptions):
            start = place
            place += np.int64(data[at_exception + i])
            if place >= BLOCK:
                return BAD_PLACE
            total = _sum_up(low, base, total, values[:place], start)
            total += _little_endian(data, part, size) << width
            part += size
        total = _sum_up(low, base, total, values, place)
        at_exception = part
    return WHOLE


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
    if _little_endian(data, 4, 4) != np.uint64(n_values):
        return OTHER_LENGTH
    if len(data) < HEAD_BYTES + n_blocks * BLOCK_HEAD_BYTES:
        return CUT
    packed = np.int64(HEAD_BYTES + n_blocks * BLOCK_HEAD_BYTES)
    exceptions = np.int64(0)
    for block in range(n_blocks):
        head = HEAD_BYTES + block * BLOCK_HEAD_BYTES
        width, flags = np.int64(data[head]), np.int64(data[head + 1])
        count = np.int64(_little_endian(data, head + 2, 2))
        base = np.int64(_little_endian(data, head + 4, 4))
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
def _words(data: np.ndarray, n_values: int) -> tuple[np.ndarray, np.uint64]:
    """Return the bytes as 16-bit words, and the word where the packed values start."""
    head = HEAD_BYTES + (n_values + BLOCK - 1) // BLOCK * BLOCK_HEAD_BYTES
    return data[: len(data) // 2 * 2].view(np.uint16), np.uint64(head // 2)


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
    n_exceptions = np.int64(_little_endian(data, head + 2, 2))
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
        values[place] += _little_endian(data, part, size) << width
        part += size
    return part


@kernel
def _little_endian(data: np.ndarray, at: Int, size: Int) -> np.uint64:
    value = np.uint64(0)
    for i in range(size):
        value |= np.uint64(data[at + i]) << np.uint64(8 * i)
    return value
