"""Write Prophesee's EVT3 (``.raw``); `eventstore.readers.evt3` draws the layout.

Five events or more of one row, time and polarity within 32 columns become vectors of 12, 12 and
8 columns, as the sensors send them. After each change of the high part of the time, the low part
is stated, for decoders that differ in what it is then.
"""

from typing import Any, NamedTuple

import numpy as np

from eventstore.jit import kernel
from eventstore.readers.evt3 import (
    ADDR_X,
    ADDR_Y,
    BASE_X,
    HIGH_SPAN,
    TIME_HIGH,
    TIME_LOW,
    TRIGGER,
    VECT_8,
    VECT_12,
)
from eventstore.writers.raw import DONE, FULL, LOOP_LIMIT, STUCK, RawWriter

VECTOR_COLUMNS, VECTOR_WORDS = 32, 4

_INT: Any = np.int64

MOST_WORDS = 9
"""Most words that an event or a vector takes, but for whole wraps of the clock."""


class State(NamedTuple):
    """What a decoder knows after the words written so far.

    Args:
        high: high part of the time, with all wraps; -1 before the first.
        low: low part; -1 where it has to be stated.
        row: y; -1 before the first.
    """

    high: int = -1
    low: int = -1
    row: int = -1


@kernel
def encode_words(  # noqa: C901 # a branch a word
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    triggers: tuple[np.ndarray, np.ndarray, np.ndarray],
    state: State,
    limits: tuple[int, int],
    words: np.ndarray,
) -> tuple[int, int, int, int, State]:
    """Encode events, each behind the triggers up to its time, until all are or no room is left.

    Also ends behind the last of the triggers given, for more of them to be handed over.

    Args:
        columns: t, x, y, p of the events.
        triggers: t, channel, edge.
        state: what the call before returned.
        limits: time up to which triggers are written behind the last event; width of the sensor,
            which vectors do not cross.
        words: receives the words.

    Returns how it ended (`DONE`, `FULL`, `STUCK`), the numbers of events, triggers and words done,
    and the state.
    """
    t, _, y, _ = columns
    trigger_t, channel, edge = triggers
    until, width = limits
    high, low, row = state
    i, j, n, ended = 0, 0, 0, DONE
    while i < len(t) or j < len(trigger_t):
        is_trigger = j < len(trigger_t) and trigger_t[j] <= (t[i] if i < len(t) else until)
        if not is_trigger and i == len(t):
            break
        now = trigger_t[j] if is_trigger else t[i]
        if now >> 12 != high:
            ended, n, high = put_high(now, high, words, n)
            low = -1
            if ended == STUCK and is_trigger:
                ended, j = DONE, j + 1
                continue
            if ended != DONE:
                break
        if n + MOST_WORDS > len(words):
            ended = FULL
            break
        if now & 0xFFF != low:
            low = now & 0xFFF
            words[n] = (TIME_LOW << 12) | low
            n += 1
        if is_trigger:
            words[n] = (TRIGGER << 12) | (_INT(channel[j]) << 8) | _INT(edge[j])
            n, j = n + 1, j + 1
            if j == len(trigger_t):
                break
        else:
            if y[i] != row:
                row = _INT(y[i])
                words[n] = (ADDR_Y << 12) | row
                n += 1
            i, n = _put_events(columns, i, width, words, n)
    return ended, i, j, n, State(high, low, row)


@kernel
def put_high(t: int, high: int, words: np.ndarray, n: int) -> tuple[int, int, int]:
    """State the high part of a time, behind the wraps of the clock up to it.

    Returns how it ended, the number of words now, and the high part with all wraps.
    """
    wanted = t >> 12
    wraps, loop = wanted >> 12, max(high, 0) >> 12
    falls = high - wanted if high >= 0 and wraps == loop else 0
    if t < 0 or wraps < loop or wraps - loop > LOOP_LIMIT or falls >= HIGH_SPAN // 2:
        return STUCK, n, high
    while loop < wraps and n + MOST_WORDS <= len(words):
        words[n], words[n + 1] = (TIME_HIGH << 12) | 0xFFF, TIME_HIGH << 12
        n, loop = n + 2, loop + 1
        high = loop << 12
    if n + MOST_WORDS > len(words):
        return FULL, n, high
    if wanted != high:
        words[n] = (TIME_HIGH << 12) | (wanted & 0xFFF)
        n += 1
    return DONE, n, wanted


@kernel
def _put_events(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    i: int,
    width: int,
    words: np.ndarray,
    n: int,
) -> tuple[int, int]:
    """Write event ``i``, and those behind it that share a vector with it.

    Returns the next event, and the number of words now.
    """
    t, x, y, p = columns
    first, kind = _INT(x[i]), _INT(p[i]) << 11
    start = min(first, width - VECTOR_COLUMNS)
    valid, k, last = 1 << (first - start), i + 1, first
    while k < len(t) and t[k] == t[i] and y[k] == y[i] and p[k] == p[i]:
        if start < 0 or not last < x[k] < start + VECTOR_COLUMNS:
            break
        last = _INT(x[k])
        valid |= 1 << (last - start)
        k += 1
    if k - i <= VECTOR_WORDS or first >= start + VECTOR_COLUMNS:
        words[n] = (ADDR_X << 12) | kind | first
        return i + 1, n + 1
    words[n] = (BASE_X << 12) | kind | start
    words[n + 1] = (VECT_12 << 12) | (valid & 0xFFF)
    words[n + 2] = (VECT_12 << 12) | ((valid >> 12) & 0xFFF)
    words[n + 3] = (VECT_8 << 12) | (valid >> 24)
    return k, n + VECTOR_WORDS


WRITER = RawWriter(
    name="evt3",
    version="3.0",
    word=np.dtype("<u2"),
    channels=16,
    start=State(),
    encode_words=encode_words,
    suffixes=(".raw", ".evt3.raw"),
)
