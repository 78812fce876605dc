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
    7 CONTINUED_4   A EXT_TRIGGER   E OTHERS   F CONTINUED_12      no events

The low part of the time is 0 again when the high part changes, as in OpenEB's decoder; the 24 bits
wrap after 16.8 s.
"""

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from jaxtyping import UInt16

from eventstore.events import Events
from eventstore.jit import kernel
from eventstore.readers.raw import RawReader

ADDR_Y, ADDR_X, BASE_X, VECT_12, VECT_8, TIME_LOW, TIME_HIGH = 0x0, 0x2, 0x3, 0x4, 0x5, 0x6, 0x8
IS_OTHER = np.isin(np.arange(16), (0x7, 0xA, 0xE, 0xF))
"""CONTINUED_4, EXT_TRIGGER, OTHERS, CONTINUED_12: words that are no events."""

HIGH_SPAN = 1 << 12
WIDEST_WORD = 12
"""Most events in one word."""

State: TypeAlias = tuple[int, int, int, int, int]
"""What carries over from one part of a file to the next: y, base x, polarity, high and low time."""

NO_ROW = -1
NO_TIME = -1
START: State = (NO_ROW, 0, 0, NO_TIME, 0)


@kernel
def scan_words(  # noqa: C901, PLR0912 # a branch a type
    words: np.ndarray,
) -> tuple[int, int, int, int, int, int]:
    """Return events, largest x and y, timeless events, other words, first unknown word or -1."""
    events, x_max, y_max, timeless, others, unknown = 0, -1, -1, 0, 0, -1
    y, base, timed = NO_ROW, 0, False
    for i in range(len(words)):
        word = int(words[i])
        kind = word >> 12
        count, x = 0, 0
        if kind == ADDR_X:
            count, x = 1, word & 0x7FF
        elif kind == ADDR_Y:
            y = word & 0x7FF
        elif kind == TIME_LOW:
            continue
        elif kind == BASE_X:
            base = word & 0x7FF
        elif kind in (VECT_12, VECT_8):
            bits = word & (0xFFF if kind == VECT_12 else 0xFF)
            for k in range(WIDEST_WORD):
                if (bits >> k) & 1:
                    count += 1
                    x = base + k
            base += 12 if kind == VECT_12 else 8
        elif kind == TIME_HIGH:
            timed = True
        elif IS_OTHER[kind]:
            others += 1
        elif unknown < 0:
            unknown = i
        if count == 0:
            continue
        if timed and y >= 0:
            events += count
            x_max, y_max = max(x_max, x), max(y_max, y)
        else:
            timeless += count
    return events, x_max, y_max, timeless, others, unknown


@kernel
def decode_words(  # noqa: C901, PLR0912 # a branch a type
    words: np.ndarray,
    state: State,
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> tuple[int, int, State]:
    """Decode words until they end or the columns are full; return events, words used, the state."""
    t, x, y, p = columns
    row, base, polarity, high, low = state
    n = 0
    for i in range(len(words)):
        if n + WIDEST_WORD > len(t):
            return n, i, (row, base, polarity, high, low)
        word = int(words[i])
        kind = word >> 12
        if kind == ADDR_X:
            if high >= 0 and row >= 0:
                t[n] = (high << 12) | low
                x[n] = word & 0x7FF
                y[n] = row
                p[n] = (word >> 11) & 1
                n += 1
        elif kind == ADDR_Y:
            row = word & 0x7FF
        elif kind == TIME_LOW:
            low = word & 0xFFF
        elif kind in (VECT_12, VECT_8):
            bits = word & (0xFFF if kind == VECT_12 else 0xFF)
            if high >= 0 and row >= 0:
                for k in range(WIDEST_WORD):
                    if (bits >> k) & 1:
                        t[n] = (high << 12) | low
                        x[n] = base + k
                        y[n] = row
                        p[n] = polarity
                        n += 1
            base += 12 if kind == VECT_12 else 8
        elif kind == BASE_X:
            base, polarity = word & 0x7FF, (word >> 11) & 1
        elif kind == TIME_HIGH:
            stated = word & 0xFFF
            if high < 0:
                high, low = stated, 0
            elif stated != high % HIGH_SPAN:
                wrapped = 1 if high % HIGH_SPAN - stated > HIGH_SPAN // 2 else 0
                high, low = (high // HIGH_SPAN + wrapped) * HIGH_SPAN + stated, 0
    return n, len(words), (row, base, polarity, high, low)


def iter_packets(words: UInt16[np.ndarray, " words"], packet_events: int) -> Iterator[Events]:
    """Decode words in packets of at most ``packet_events`` events, or 12 if that is more."""
    state, at = START, 0
    while at < len(words):
        packet = Events.empty(max(packet_events, WIDEST_WORD))
        n, consumed, state = decode_words(words[at : at + packet_events], state, packet.arrays())
        at += consumed
        if n:
            yield packet[:n]


READER = RawReader(
    name="evt3",
    word=np.dtype("<u2"),
    known="type 0, 2 … 8, 0xa, 0xe or 0xf",
    scan_words=scan_words,
    iter_packets=iter_packets,
)
