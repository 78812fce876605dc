"""Decode Prophesee's ECF, the packing of events in its HDF5 files (filter 0x8ECF).

A chunk of at most 65,535 events, little-endian (https://github.com/prophesee-ai/hdf5_ecf)::

    u32    events << 2 | x, y and p in one << 1 | x and p in one
    u64    t of the first event
    t      bytes  dt << 4 | count; dt = 15: 4 bits of a longer step, the lowest first
                  count = 15: u16 count follows
    y      u16    y << 5 | count; count = 31: u16 count follows
    x, p   u16 ×3 of four events, 12 bits x << 1 | p each: A << 4 | low 4 of B,
           high 8 of B << 8 | low 8 of C, high 4 of C << 12 | D
    or x   u16    x << 5 | mask; a bit for each of x + 1 … x + 5, the highest first, that follows it
       p   bytes  p << 7 | count; count = 127: u16 count follows
    or x, y, p    u32 ×3 of four events, 24 bits y << 12 | x << 1 | p each, split alike

A backward step of time is not in the format: its encoder repeats the time before.
"""

from typing import Any

import numpy as np

from eventstore.jit import kernel

EVENT_LIMIT = 65_535
"""Most events of a chunk."""

OK, BAD_COUNT, CUT, OVERFULL, ODD_TIME = 0, 1, 2, 3, 4
"""What `decode_chunk` says of a chunk; all but the first are damage."""

REASONS = {
    BAD_COUNT: "more events than a chunk has",
    CUT: "it ends inside of a column",
    OVERFULL: "a column with more events than the chunk",
    ODD_TIME: "a time beyond 2^62 µs",
}

_IN_ONE, _PAIRS = 2, 1
_STEP_BITS = 60
_INT: Any = np.int64


@kernel
def count_events(raw: np.ndarray) -> int:
    """Return how many events a chunk says it holds, -1 where it is no chunk."""
    if len(raw) < 12:
        return -1
    word = _u16(raw, 0) | (_u16(raw, 2) << 16)
    return word >> 2 if word >> 2 <= EVENT_LIMIT else -1


@kernel
def _u16(raw: np.ndarray, at: int) -> int:
    word: int = _INT(raw[at]) | (_INT(raw[at + 1]) << 8)
    return word


@kernel
def _decode_times(raw: np.ndarray, t: np.ndarray) -> tuple[int, int]:
    now, at, i, n = 0, 12, 0, len(t)
    for k in range(8):
        now |= _INT(raw[4 + k]) << (8 * k)
    step, shift = 0, 0
    while i < n:
        if at >= len(raw):
            return CUT, at
        high, low = _INT(raw[at]) >> 4, _INT(raw[at]) & 15
        at += 1
        if high == 15:
            if shift > _STEP_BITS - 4:
                return ODD_TIME, at
            step |= low << shift
            shift += 4
            continue
        now += step + high
        step, shift = 0, 0
        if low == 15:
            if at + 2 > len(raw):
                return CUT, at
            low = _u16(raw, at)
            at += 2
        if now < 0 or now > 1 << 62:
            return ODD_TIME, at
        if low > n - i:
            return OVERFULL, at
        t[i : i + low] = now
        i += low
    return OK, at


@kernel
def _decode_runs(raw: np.ndarray, at: int, values: np.ndarray, width: int) -> tuple[int, int]:
    """Decode runs of equal values: ``width`` bytes each, the count in the lowest 5 or 7 bits."""
    bits = 5 if width == 2 else 7
    full = (1 << bits) - 1
    i, n = 0, len(values)
    while i < n:
        if at + width > len(raw):
            return CUT, at
        word = _u16(raw, at) if width == 2 else _INT(raw[at])
        at += width
        count = word & full
        if count == full:
            if at + 2 > len(raw):
                return CUT, at
            count = _u16(raw, at)
            at += 2
        if count > n - i:
            return OVERFULL, at
        values[i : i + count] = word >> bits
        i += count
    return OK, at


@kernel
def _decode_masks(raw: np.ndarray, at: int, x: np.ndarray) -> tuple[int, int]:
    i, n = 0, len(x)
    while i < n:
        if at + 2 > len(raw):
            return CUT, at
        word = _u16(raw, at)
        at += 2
        x[i] = word >> 5
        i += 1
        for j in range(5):
            # Encoders may look past the last event: what they found there is none.
            if word & (16 >> j) and i < n:
                x[i] = (word >> 5) + j + 1
                i += 1
    return OK, at


@kernel
def _decode_pairs(raw: np.ndarray, at: int, x: np.ndarray, p: np.ndarray) -> tuple[int, int]:
    for i in range(0, len(x), 4):
        if at + 6 > len(raw):
            return CUT, at
        a, b, c = _u16(raw, at), _u16(raw, at + 2), _u16(raw, at + 4)
        at += 6
        first = a >> 4
        second = (a & 15) | (b >> 8 << 4)
        third = (b & 255) | (c >> 12 << 8)
        fourth = c & 4095
        for j in range(min(4, len(x) - i)):
            value = first if j == 0 else second if j == 1 else third if j == 2 else fourth
            x[i + j] = value >> 1
            p[i + j] = value & 1
    return OK, at


@kernel
def _decode_in_one(
    raw: np.ndarray, at: int, x: np.ndarray, y: np.ndarray, p: np.ndarray
) -> tuple[int, int]:
    for i in range(0, len(x), 4):
        if at + 12 > len(raw):
            return CUT, at
        a = _u16(raw, at) | (_u16(raw, at + 2) << 16)
        b = _u16(raw, at + 4) | (_u16(raw, at + 6) << 16)
        c = _u16(raw, at + 8) | (_u16(raw, at + 10) << 16)
        at += 12
        for j in range(min(4, len(x) - i)):
            if j == 0:
                value = a >> 8
            elif j == 1:
                value = (a & 0xFF) | (b >> 16 << 8)
            elif j == 2:
                value = (b & 0xFFFF) | (c >> 24 << 16)
            else:
                value = c & 0xFFFFFF
            y[i + j] = value >> 12 & 2047
            x[i + j] = value >> 1 & 2047
            p[i + j] = value & 1
    return OK, at


@kernel
def decode_chunk(
    raw: np.ndarray, columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
) -> tuple[int, int]:
    """Decode a chunk into columns of `count_events` rows.

    Returns:
        `OK` or what is wrong, and the byte up to which it was read.

    Examples:
        >>> raw = np.array([6, 0, 0, 0, 9, *[0] * 7, 1, 0, 40, 32, 0, *[0] * 8], np.uint8)
        >>> t, x, y, p = np.zeros(1, "i8"), np.zeros(1, "u2"), np.zeros(1, "u2"), np.zeros(1, "u1")
        >>> decode_chunk(raw, (t, x, y, p))[0], int(t[0])
        (0, 9)
    """
    t, x, y, p = columns
    if count_events(raw) != len(t):
        return BAD_COUNT, 0
    style = _INT(raw[0]) & 3
    code, at = _decode_times(raw, t)
    if code == OK and style & _IN_ONE:
        return _decode_in_one(raw, at, x, y, p)
    if code == OK:
        code, at = _decode_runs(raw, at, y, 2)
    if code == OK and style & _PAIRS:
        return _decode_pairs(raw, at, x, p)
    if code == OK:
        code, at = _decode_masks(raw, at, x)
    if code == OK:
        code, at = _decode_runs(raw, at, p, 1)
    return code, at
