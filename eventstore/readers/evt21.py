"""Read Prophesee's EVT2.1 (``.raw``): 64-bit words after the text header.

Word layout (Prophesee's documentation of EVT 2.1)::

    bits 63–60      59–54        53–43   42–32   31–0
    0 EVT_NEG       t bits 5–0   x       y       valid: an OFF event at x + k for each bit k
    1 EVT_POS       t bits 5–0   x       y       valid: an ON event for each bit
    8 TIME_HIGH     59–32: t bits 33–6
    A EXT_TRIGGER   t bits 5–0   44–40: channel  32: edge     a row of the side stream ``triggers``
    E OTHERS   F CONTINUED                                    no events

Words are little-endian; older cameras (IMX636) send the halves of each in exchanged order, which
the header calls ``endianness=legacy``. The 34 bits of t wrap after 4.8 hours.
"""

from typing import Any

import numpy as np

from eventstore.jit import kernel
from eventstore.readers.evt2 import CD_ON, OTHERS, START, TIME_HIGH, TRIGGER, State, next_high
from eventstore.readers.prophesee import LEGACY_SYSTEMS, Header
from eventstore.readers.raw import Order, RawReader, copy_words

WIDEST_WORD = 32
"""Most events in one word."""

WORD = np.dtype("<u8")

# Unsigned all through: mixed with signed numbers, numba computes in floating point.
_8: Any = np.uint8
_16: Any = np.uint16
_32: Any = np.uint32
_64: Any = np.uint64
_INT: Any = np.int64

_DE_BRUIJN = np.uint32(0x077CB531)
"""Times a power of two, its five highest bits tell which."""

_PLACE_OF_BIT = np.zeros(32, np.uint16)
for _k in range(32):
    _PLACE_OF_BIT[((int(_DE_BRUIJN) << _k) & 0xFFFFFFFF) >> 27] = _k


@kernel
def decode_words(
    words: np.ndarray,
    state: State,
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> tuple[int, int, State]:
    """Decode a piece of a stream of words into the beginning of columns.

    Arguments and result are those of `eventstore.readers.evt3.decode_words`, for words of uint64.
    """
    t, x, y, p = columns
    high, timeless, others, unknown = state
    unknown = -1
    used = len(words)
    time, n, room = _64(max(high, 0)) << _64(6), _64(0), _64(len(t))
    for i in range(len(words)):
        word = words[i]
        kind = word >> _64(60)
        if kind <= CD_ON:
            if n + _64(WIDEST_WORD) > room:
                used = i
                break
            now = time | ((word >> _64(54)) & _64(0x3F))
            first = _16((word >> _64(43)) & _64(0x7FF))
            row = _16((word >> _64(32)) & _64(0x7FF))
            valid, before = _32(word & _64(0xFFFFFFFF)), n
            while valid:
                rest = valid & (valid - _32(1))
                t[n] = now
                x[n] = first + _PLACE_OF_BIT[_32((valid ^ rest) * _DE_BRUIJN) >> _32(27)]
                y[n] = row
                p[n] = _8(kind)
                n += _64(1)
                valid = rest
            if high < 0:
                timeless += _INT(n - before)
                n = before
        elif kind == TIME_HIGH:
            high = next_high(high, _INT((word >> _64(32)) & _64(0xFFFFFFF)))
            time = _64(high) << _64(6)
        elif kind >= OTHERS:
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
        upper = _INT(words[i] >> _64(32))
        kind = upper >> 28
        if kind == TIME_HIGH:
            high = next_high(high, upper & 0xFFFFFFF)
        elif kind == TRIGGER and high >= 0:
            if n == len(t):
                used = i
                break
            t[n] = (high << 6) | ((upper >> 22) & 0x3F)
            channel[n], edge[n] = (upper >> 8) & 0x1F, upper & 1
            n += 1
    return n, used, State(high, 0, 0, -1)


def guess_order(header: Header, data: memoryview) -> Order:
    """Return the byte order of words whose header does not state it.

    Older cameras of Prophesee are known by their number. Else it is the order in which fewer words
    are of no known type, and more state a time.

    Args:
        header: the file's.
        data: its first words.
    """
    if header.system in LEGACY_SYSTEMS:
        return "legacy"
    words = np.empty(len(data) // WORD.itemsize, WORD)
    scores: dict[Order, tuple[int, int]] = {}
    orders: tuple[Order, ...] = ("little", "legacy", "big")
    for order in orders:
        copy_words(data[: words.nbytes], order, words)
        kinds = words >> np.uint64(60)
        known = np.isin(kinds, (0, CD_ON, TIME_HIGH, TRIGGER, OTHERS, OTHERS + 1))
        scores[order] = int(np.sum(~known)), -int(np.sum(kinds == TIME_HIGH))
    return min(scores, key=scores.__getitem__)


READER = RawReader(
    name="evt21",
    word=WORD,
    widest_word=WIDEST_WORD,
    known="type 0, 1, 8, 0xa, 0xe or 0xf",
    start=START,
    decode_words=decode_words,
    decode_triggers=decode_triggers,
    guess_order=guess_order,
)
