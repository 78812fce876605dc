"""Read Prophesee's EVT3 (``.raw``): 16-bit words, little-endian, after the text header.

Word layout (Prophesee's documentation of EVT 3.0)::

    bits 15–12        11         10–0
    0 ADDR_Y          system     y
    2 ADDR_X          polarity   x                       one event
    3 VECT_BASE_X     polarity   x
    4 VECT_12         11–0: valid bits                   an event for each bit; base += 12
    5 VECT_8          7–0: valid bits                    the same; base += 8
    6 TIME_LOW        11–0: t bits 11–0
    8 TIME_HIGH       11–0: t bits 23–12
    A EXT_TRIGGER     11–8: channel   0: edge            a row of the side stream ``triggers``
    7 CONTINUED_4   D IMU   E OTHERS   F CONTINUED_12    no events

The low part of the time is 0 again when the high part changes, as in OpenEB's decoder; the 24 bits
wrap after 16.8 s: a high part that falls by half its range or more has wrapped.
"""

from typing import Any, NamedTuple

import numpy as np

from eventstore.jit import kernel
from eventstore.readers.raw import RawReader

ADDR_Y, ADDR_X, BASE_X, VECT_12, VECT_8, TIME_LOW, TIME_HIGH = 0x0, 0x2, 0x3, 0x4, 0x5, 0x6, 0x8
TRIGGER = 0xA
IS_OTHER = np.isin(np.arange(16), (0x7, 0xD, 0xE, 0xF))
"""CONTINUED_4, IMU, OTHERS, CONTINUED_12: words that are neither events nor triggers."""

HIGH_SPAN = 1 << 12
WIDEST_WORD = 12
"""Most events in one word."""


class State(NamedTuple):
    """What carries over from one piece of a stream of words to the next.

    Args:
        row: y of the events that follow; -1 before the first ADDR_Y.
        base: the last VECT_BASE_X, with its polarity bit, advanced by the vectors behind it.
        high: high part of the time with all wraps; -1 before the first TIME_HIGH.
        low: low part of the time.
        timeless: events so far that had no time or no row, and were left out.
        others: words so far that were neither events nor triggers.
        unknown: place of the first word of no known type in the piece just decoded, or -1.
    """

    row: int = -1
    base: int = 0
    high: int = -1
    low: int = 0
    timeless: int = 0
    others: int = 0
    unknown: int = -1


START = State()
"""The state before the first word."""

# Unsigned all through: mixed with signed numbers, numba computes in floating point.
_16: Any = np.uint16
_64: Any = np.uint64
_INT: Any = np.int64


@kernel
def next_high(high: int, stated: int) -> int:
    """Return the high part of the time with all wraps, after a TIME_HIGH of ``stated``."""
    wraps = high >> 12
    if (high & 0xFFF) - stated >= HIGH_SPAN // 2:
        wraps += 1
    return (wraps << 12) | stated


@kernel
def _begin(words: np.ndarray, state: State) -> tuple[int, State]:  # noqa: C901 # a branch a type
    """Pass over the words before there are a time and a row; return how many these are."""
    row, base, high, low, timeless, others, unknown = state
    unknown = -1
    i = 0
    while i < len(words) and (high < 0 or row < 0):
        word = int(words[i])
        kind = word >> 12
        if kind == TIME_HIGH:
            stated = word & 0xFFF
            if high < 0:
                high, low = stated, 0
            elif stated != high & 0xFFF:
                high, low = next_high(high, stated), 0
        elif kind == TIME_LOW:
            low = word & 0xFFF
        elif kind == ADDR_Y:
            row = word & 0x7FF
        elif kind == BASE_X:
            base = word & 0xFFF
        elif kind == ADDR_X:
            timeless += 1
        elif kind in (VECT_12, VECT_8):
            width = 12 if kind == VECT_12 else 8
            for k in range(width):
                timeless += (word >> k) & 1
            base = (base & 0x800) | ((base + width) & 0x7FF)
        elif IS_OTHER[kind]:
            others += 1
        elif kind != TRIGGER and unknown < 0:
            unknown = i
        i += 1
    return i, State(row, base, high, low, timeless, others, unknown)


@kernel
def decode_words(  # noqa: C901, PLR0912, PLR0915 # a branch a type
    words: np.ndarray,
    state: State,
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> tuple[int, int, State]:
    """Decode a piece of a stream of words into the beginning of columns.

    Decoding ends with the words, or earlier when the columns could be too short for the next one:
    call it again with the rest of the words and more columns. With `WIDEST_WORD` rows it always
    gets on. Words of no known type are passed over; `State.unknown` names the first.

    Args:
        words: uint16.
        state: what the call for the piece before returned; `START` for the first.
        columns: t int64, x uint16, y uint16, p uint8 of one length; their contents behind the
            events are arbitrary afterwards.

    Returns the number of events, the number of words used, and the state for the next call.
    """
    t, x, y, p = columns
    begun, state = _begin(words, state)
    if state.high < 0 or state.row < 0:
        return 0, begun, state
    unknown, others = state.unknown, _64(0)
    row, base = _16(state.row), _16(state.base)
    time = _64(state.high) << _64(12)
    now, same_high = time | _64(state.low), _16(0x8000 | (state.high & 0xFFF))
    one, room = _64(1), _64(len(t))
    i, n = _64(begun), _64(0)
    # A word gives at most one event, but for vectors: they move the stop so that all fits.
    stop = _64(min(len(words), begun + len(t)))
    while i < stop:
        # Stated again and again at times nobody foresees: passed over without a branch.
        i += _64(words[i] == same_high)
        if i == stop:
            break
        word = words[i]
        kind = word >> _16(12)
        # Nearly every event is TIME_LOW, ADDR_Y, ADDR_X, or a tail of that: three branches that
        # are foreseen together cost less than one that is not.
        if kind == TIME_LOW:
            now = time | _64(word & _16(0xFFF))
            i += one
            if i == stop:
                break
            word = words[i]
            kind = word >> _16(12)
        if kind == ADDR_Y:
            row = word & _16(0x7FF)
            i += one
            if i == stop:
                break
            word = words[i]
            kind = word >> _16(12)
        if kind == ADDR_X:
            t[n] = now
            x[n] = word & _16(0x7FF)
            y[n] = row
            p[n] = (word >> _16(11)) & _16(1)
            n += one
        elif kind == TIME_HIGH and word != same_high:
            high = next_high(_INT(time >> _64(12)), _INT(word & _16(0xFFF)))
            time = _64(high) << _64(12)
            now, same_high = time, word
        elif kind in (VECT_12, VECT_8):
            if n + _64(WIDEST_WORD) > room:
                break
            stop = min(stop, i + one + room - n - _64(WIDEST_WORD))
            width = _16(12) if kind == VECT_12 else _16(8)
            valid = word & (_16(0xFFF) if kind == VECT_12 else _16(0xFF))
            n = _store_vector(valid, base, (now, row), n, columns)
            base = (base & _16(0x800)) | ((base + width) & _16(0x7FF))
        elif kind == BASE_X:
            base = word
        elif IS_OTHER[kind]:
            others += one
        elif kind in (TIME_LOW, ADDR_Y, TIME_HIGH):
            continue  # out of its usual place: the next round takes it
        elif kind != TRIGGER and unknown < 0:
            unknown = _INT(i)
        i += one
    after = State(
        _INT(row),
        _INT(base) & 0xFFF,
        _INT(time >> _64(12)),
        _INT(now & _64(0xFFF)),
        state.timeless,
        state.others + _INT(others),
        unknown,
    )
    return _INT(n), _INT(i), after


@kernel
def _store_vector(
    valid: int,
    base: int,
    where: tuple[int, int],
    n: int,
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> int:
    """Store the events of a vector from row ``n`` on; twelve stores each, whatever the bits."""
    t, x, y, p = columns
    now, row = where
    first = base & _16(0x7FF)
    polarity = np.uint8((base >> _16(11)) & _16(1))
    for k in range(WIDEST_WORD):
        t[n + _64(k)] = now
        y[n + _64(k)] = row
        p[n + _64(k)] = polarity
    for k in range(WIDEST_WORD):
        x[n] = first + _16(k)
        n += _64((valid >> _16(k)) & _16(1))
    return n


@kernel
def decode_triggers(
    words: np.ndarray,
    state: State,
    columns: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> tuple[int, int, State]:
    """Decode the triggers of a piece of a stream into the columns t, channel and edge.

    Returns the number of triggers, the number of words used, and the state for the next call.
    """
    t, channel, edge = columns
    high, low = state.high, state.low
    n, used = 0, len(words)
    for i in range(len(words)):
        word = int(words[i])
        kind = word >> 12
        if kind == TIME_LOW:
            low = word & 0xFFF
        elif kind == TIME_HIGH:
            stated = word & 0xFFF
            if high < 0:
                high, low = stated, 0
            elif stated != high & 0xFFF:
                high, low = next_high(high, stated), 0
        elif kind == TRIGGER and high >= 0:
            if n == len(t):
                used = i
                break
            t[n], channel[n], edge[n] = (high << 12) | low, (word >> 8) & 0xF, word & 1
            n += 1
    return n, used, State(-1, 0, high, low, 0, 0, -1)


READER = RawReader(
    name="evt3",
    word=np.dtype("<u2"),
    widest_word=WIDEST_WORD,
    known="type 0, 2 … 8, 0xa or 0xd … 0xf",
    start=START,
    decode_words=decode_words,
    decode_triggers=decode_triggers,
)
