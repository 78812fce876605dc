"""One pass over a recording's events that counts all that `catalog.statistics` tells of them.

A pixel's state is one line of four numbers, so that an event touches memory once:

    owner       serial number of the recording that touched the pixel last; 0 for none
    count       events of that recording here
    last_off    time of the last OFF event
    last_on     time of the last ON event

A line of another owner counts as blank; so nothing is cleared between recordings, and a short
recording of a large sensor costs what its events cost.
"""

import numpy as np
from jaxtyping import Int64

from eventstore.jit import kernel

(
    ON,
    EQUAL,
    DUPLICATES,
    GAPS,
    LONGEST_GAP,
    LAST_T,
    ACTIVE,
    HOT,
    HOT_EVENTS,
    HOTTEST,
    WINDOW,
    N_WINDOWS,
) = range(12)
"""Places in the state of a recording being counted."""

N_STATE = 12

NEVER = np.iinfo(np.int64).min
"""A time before all others."""

OWNER, COUNT, LAST_OFF = 0, 1, 2

PIXEL_WIDTH = 4
"""Numbers of a pixel's state."""


def blank_pixels(n_pixels: int) -> Int64[np.ndarray, "pixels four"]:
    """Return the state of pixels that no recording has touched.

    Examples:
        >>> blank_pixels(2).shape
        (2, 4)
    """
    return np.zeros((n_pixels, PIXEL_WIDTH), np.int64)  # of a large sensor, few pages are touched


def blank_state() -> Int64[np.ndarray, " state"]:
    """Return the state of a recording of which nothing was counted yet.

    Examples:
        >>> int(blank_state()[ON])
        0
    """
    state = np.zeros(N_STATE, np.int64)
    state[LAST_T] = NEVER
    state[WINDOW] = -1
    return state


@kernel
def count_events(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    pixels: np.ndarray,
    windows: np.ndarray,
    state: np.ndarray,
    limits: tuple[int, int, int, int, int, int],
) -> int:
    """Count a piece of a recording; the state goes on from the piece before.

    Args:
        columns: t, x, y, p of the piece; t in order.
        pixels: state of each pixel, row after row.
        windows: filled with the index and the count of each window that has events.
        state: counts so far.
        limits: serial number of the recording, from 1; width and height of its sensor; length of
            a window and of a gap, in µs; the most events of a pixel that is not hot.

    Returns:
        The row of the first event off the sensor; -1 where all are on it.
    """
    t, x, y, p = columns
    owner, width, height, window_us, gap_us, most = limits
    for i in range(len(t)):
        if x[i] >= width or y[i] >= height:
            return i
        now, on = t[i], np.int64(p[i] != 0)
        state[ON] += on
        _count_time(now, windows, state, window_us, gap_us)
        line = pixels[np.int64(y[i]) * width + np.int64(x[i])]
        if line[OWNER] != owner:
            line[OWNER] = owner
            line[COUNT] = 0
            line[LAST_OFF] = NEVER
            line[LAST_OFF + 1] = NEVER
            state[ACTIVE] += 1
        line[COUNT] += 1
        if line[LAST_OFF + on] == now:
            state[DUPLICATES] += 1
        line[LAST_OFF + on] = now
        n = line[COUNT]
        if n > most:
            state[HOT_EVENTS] += n if n == most + 1 else 1
            state[HOT] += n == most + 1
        state[HOTTEST] = max(state[HOTTEST], n)
    return -1


@kernel
def _count_time(
    now: int, windows: np.ndarray, state: np.ndarray, window_us: int, gap_us: int
) -> None:
    last = state[LAST_T]
    if last != NEVER:
        gap = now - last
        state[EQUAL] += gap == 0
        state[GAPS] += gap >= gap_us
        state[LONGEST_GAP] = max(state[LONGEST_GAP], gap)
    state[LAST_T] = now
    window = now // window_us
    if window != state[WINDOW]:
        state[WINDOW] = window
        windows[0, state[N_WINDOWS]] = window
        windows[1, state[N_WINDOWS]] = 0
        state[N_WINDOWS] += 1
    windows[1, state[N_WINDOWS] - 1] += 1
