"""Write Prophesee's EVT2 (``.raw``); `eventstore.readers.evt2` draws the layout."""

from typing import Any, NamedTuple

import numpy as np

from eventstore.jit import kernel
from eventstore.readers.evt2 import HIGH_BITS, TIME_HIGH, TRIGGER
from eventstore.writers.raw import DONE, FULL, LOOP_LIMIT, STUCK, RawWriter

_INT: Any = np.int64

MOST_WORDS = 4
"""Most words that an event takes, but for whole wraps of the clock."""


class State(NamedTuple):
    """What a decoder knows after the words written so far.

    Args:
        high: high part of the time, with all wraps; -1 before the first.
    """

    high: int = -1


@kernel
def encode_words(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    triggers: tuple[np.ndarray, np.ndarray, np.ndarray],
    state: State,
    limits: tuple[int, int],
    words: np.ndarray,
) -> tuple[int, int, int, int, State]:
    """Encode events, each behind the triggers up to its time, until all are or no room is left.

    Arguments and result are those of `eventstore.writers.evt3.encode_words`.
    """
    t, x, y, p = columns
    trigger_t, channel, edge = triggers
    i, j, n, ended = 0, 0, 0, DONE
    while i < len(t) or j < len(trigger_t):
        until = t[i] if i < len(t) else limits[0]
        is_trigger = j < len(trigger_t) and trigger_t[j] <= until
        if not is_trigger and i == len(t):
            break
        now = trigger_t[j] if is_trigger else t[i]
        ended, n, state = put_time(now, state, words, n)
        if ended == STUCK and is_trigger:
            ended, j = DONE, j + 1
            continue
        if ended != DONE:
            break
        low = (now & 63) << 22
        if is_trigger:
            words[n] = (TRIGGER << 28) | low | (_INT(channel[j]) << 8) | _INT(edge[j])
            j += 1
        else:
            address = (_INT(x[i]) << 11) | _INT(y[i])
            words[n] = (_INT(p[i]) << 28) | low | address
            i += 1
        n += 1
        if is_trigger and j == len(trigger_t):
            break
    return ended, i, j, n, state


@kernel
def put_time(t: int, state: State, words: np.ndarray, n: int) -> tuple[int, int, State]:
    """State the high part of a time, and leave room for what happens then.

    Returns how it ended, the number of words now, and the state.
    """
    high, wanted, top = state.high, t >> 6, (1 << HIGH_BITS) - 1
    wraps, loop = wanted >> HIGH_BITS, max(high, 0) >> HIGH_BITS
    falls = high - wanted if high >= 0 and wraps == loop else 0
    if t < 0 or wraps < loop or wraps - loop > LOOP_LIMIT or falls >= (top + 1) // 2:
        return STUCK, n, state
    while loop < wraps and n + MOST_WORDS <= len(words):
        words[n], words[n + 1] = (TIME_HIGH << 28) | top, TIME_HIGH << 28
        n, loop = n + 2, loop + 1
        high = loop << HIGH_BITS
    if n + MOST_WORDS > len(words):
        return FULL, n, State(high)
    if wanted != high:
        words[n] = (TIME_HIGH << 28) | (wanted & top)
        n += 1
    return DONE, n, State(wanted)


WRITER = RawWriter(
    name="evt2",
    version="2.0",
    word=np.dtype("<u4"),
    channels=32,
    start=State(),
    encode_words=encode_words,
    suffixes=(".evt2.raw",),
)
