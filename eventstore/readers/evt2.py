"""Read Prophesee's EVT2 (``.raw``): 32-bit words, little-endian, after the text header.

Word layout (Prophesee's documentation of EVT 2.0)::

    bits 31–28   27–22        21–11   10–0
    0 CD_OFF     t bits 5–0   x       y          an OFF event
    1 CD_ON      t bits 5–0   x       y          an ON event
    8 TIME_HIGH  27–0: t bits 33–6
    A EXT_TRIGGER   E OTHERS   F CONTINUED       no events

The 34 bits of t wrap after 4.8 hours.
"""

from collections.abc import Iterator

import numpy as np
from jaxtyping import UInt32

from eventstore.events import Events
from eventstore.jit import kernel
from eventstore.readers.raw import RawReader

CD_ON, TIME_HIGH, TRIGGER, OTHERS, CONTINUED = 0x1, 0x8, 0xA, 0xE, 0xF
HIGH_SPAN = 1 << 28
NO_TIME = -1


@kernel
def scan_words(words: np.ndarray) -> tuple[int, int, int, int, int, int]:
    """Return events, largest x and y, timeless events, other words, first unknown word or -1."""
    events, x_max, y_max, timeless, others, unknown = 0, -1, -1, 0, 0, -1
    timed = False
    for i in range(len(words)):
        word = int(words[i])
        kind = word >> 28
        if kind <= CD_ON:
            if timed:
                events += 1
                x_max = max(x_max, (word >> 11) & 0x7FF)
                y_max = max(y_max, word & 0x7FF)
            else:
                timeless += 1
        elif kind == TIME_HIGH:
            timed = True
        elif kind in (TRIGGER, OTHERS, CONTINUED):
            others += 1
        elif unknown < 0:
            unknown = i
    return events, x_max, y_max, timeless, others, unknown


@kernel
def decode_words(
    words: np.ndarray,
    high: int,
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> tuple[int, int]:
    """Decode words into columns; return the events and the high part of the time, wraps added."""
    t, x, y, p = columns
    n = 0
    for i in range(len(words)):
        word = int(words[i])
        kind = word >> 28
        if kind <= CD_ON:
            if high == NO_TIME:
                continue
            t[n] = (high << 6) | ((word >> 22) & 0x3F)
            x[n] = (word >> 11) & 0x7FF
            y[n] = word & 0x7FF
            p[n] = kind
            n += 1
        elif kind == TIME_HIGH:
            stated = word & (HIGH_SPAN - 1)
            wraps = 0 if high == NO_TIME else high // HIGH_SPAN
            if high != NO_TIME and high % HIGH_SPAN - stated > HIGH_SPAN // 2:
                wraps += 1
            high = wraps * HIGH_SPAN + stated
    return n, high


def iter_packets(words: UInt32[np.ndarray, " words"], packet_events: int) -> Iterator[Events]:
    """Decode words in packets of at most ``packet_events`` events."""
    high = NO_TIME
    for start in range(0, len(words), packet_events):
        part = words[start : start + packet_events]
        packet = Events.empty(len(part))
        n, high = decode_words(part, high, packet.arrays())
        if n:
            yield packet[:n]


READER = RawReader(
    name="evt2",
    word=np.dtype("<u4"),
    known="type 0, 1, 8, 0xa, 0xe or 0xf",
    scan_words=scan_words,
    iter_packets=iter_packets,
)
