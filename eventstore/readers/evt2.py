"""Read Prophesee's EVT2 (``.raw``): 32-bit words, little-endian, after the text header.

Word layout (Prophesee's documentation of EVT 2.0)::

    bits 31–28      27–22        21–11   10–0
    0 CD_OFF        t bits 5–0   x       y       an OFF event
    1 CD_ON         t bits 5–0   x       y       an ON event
    8 TIME_HIGH     27–0: t bits 33–6
    A EXT_TRIGGER   t bits 5–0   12–8: channel   0: edge      a row of the side stream ``triggers``
    D IMU   E OTHERS   F CONTINUED                            no events

The 34 bits of t wrap after 4.8 hours: a high part that falls by half its range or more has wrapped.
"""

from typing import Any, NamedTuple

import numpy as np

from eventstore.jit import kernel
from eventstore.readers.raw import RawReader

CD_ON, TIME_HIGH, TRIGGER, IMU, OTHERS, CONTINUED = 0x1, 0x8, 0xA, 0xD, 0xE, 0xF
HIGH_BITS = 28


class State(NamedTuple):
    """What carries over from one piece of a stream of words to the next.

    Args:
        high: high part of the time with all wraps; -1 before the first TIME_HIGH.
        timeless: events so far that had no time, and were left out.
        others: words so far that were neither events nor triggers.
        unknown: place of the first word of no known type in the piece just decoded, or -1.
    """

    high: int = -1
    timeless: int = 0
    others: int = 0
    unknown: int = -1


START = State()
"""The state before the first word."""

# Unsigned all through: mixed with signed numbers, numba computes in floating point.
_32: Any = np.uint32
_64: Any = np.uint64
_INT: Any = np.int64


@kernel
def next_high(high: int, stated: int) -> int:
    """Return the high part of the time with all wraps, after a TIME_HIGH of ``stated``."""
    if high < 0:
        return stated
    wraps = high >> HIGH_BITS
    if high - (wraps << HIGH_BITS) - stated >= 1 << (HIGH_BITS - 1):
        wraps += 1
    return (wraps << HIGH_BITS) | stated


@kernel
def decode_words(
    words: np.ndarray,
    state: State,
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> tuple[int, int, State]:
    """Decode a piece of a stream of words into the beginning of columns.

    Arguments and result are those of `eventstore.readers.evt3.decode_words`, for words of uint32.
    """
    t, x, y, p = columns
    high, timeless, others, unknown = state
    unknown = -1
    used = min(len(words), len(t))
    time, n = _64(max(high, 0)) << _64(6), _64(0)
    for i in range(used):
        word = words[i]
        kind = word >> _32(28)
        if kind <= CD_ON:
            if high < 0:
                timeless += 1
                continue
            t[n] = time | _64((word >> _32(22)) & _32(0x3F))
            x[n] = (word >> _32(11)) & _32(0x7FF)
            y[n] = word & _32(0x7FF)
            p[n] = kind
            n += _64(1)
        elif kind == TIME_HIGH:
            high = next_high(high, _INT(word & _32(0xFFFFFFF)))
            time = _64(high) << _64(6)
        elif kind == IMU or kind >= OTHERS:
            others += 1
        elif kind != TRIGGER and unknown < 0:
            unknown = i
    return _INT(n), used, State(high, timeless, others, unknown)


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
    high, n, used = state.high, 0, len(words)
    for i in range(len(words)):
        word = _INT(words[i])
        kind = word >> 28
        if kind == TIME_HIGH:
            high = next_high(high, word & 0xFFFFFFF)
        elif kind == TRIGGER and high >= 0:
            if n == len(t):
                used = i
                break
            t[n] = (high << 6) | ((word >> 22) & 0x3F)
            channel[n], edge[n] = (word >> 8) & 0x1F, word & 1
            n += 1
    return n, used, State(high, 0, 0, -1)


READER = RawReader(
    name="evt2",
    word=np.dtype("<u4"),
    widest_word=1,
    known="type 0, 1, 8, 0xa or 0xd … 0xf",
    start=START,
    decode_words=decode_words,
    decode_triggers=decode_triggers,
)
