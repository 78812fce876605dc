"""Alignment: by which flip, shift in space and exact shift in time one sample lies on another.

Pairs of events that are close in time vote for the displacement between their pixels, once for each
flip. A copy puts a vote of nearly every event into one place; what two recordings merely have in
common is as frequent a few ms earlier and later, and is subtracted.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Int32, Int64

from eventstore.events import Events, Sensor
from eventstore.jit import kernel

TOLERANCE_US = 2000
"""Two events this close in time can be one event."""

GRID = 64
"""Cells a sensor's longer side has while displacements are searched for."""

FINE_US = 125
"""Resolution of the shift in time."""

BLUR = 9
"""Steps of that resolution, about a ms, over which votes for a shift in time are gathered."""

REACH_US = 4000
"""How far the true shift in time may be from the one the profiles gave."""

NEXT_TO = 1
"""Pixels by which jitter moves an event."""


VOTERS = 512
"""Events of a sample that vote for a flip and a displacement, spread over it."""

LATE_VOTERS = 4 * VOTERS
"""Events that vote on the exact one."""

PROMISING = 0.22
"""Votes an event that a displacement and those beside it have of a copy: 0.34 at the least for
copies of N-MNIST, and less than this for half of the pairs that look alike."""

MAX_PAIRS = 1 << 22
"""Pairs of events looked at; of dense samples fewer events vote."""

LEAST_SPREAD = 128
"""Events that are looked at however dense the others are: far fewer could say nothing."""


class Alignment(NamedTuple):
    """How a sample ``a`` is laid onto ``b``.

    Args:
        flip_x: x is counted from the other side.
        flip_y: y is.
        swap_p: ON is OFF.
        dx: what is then added to x.
        dy: what is added to y.
        lag_us: what is added to t.
    """

    flip_x: bool
    flip_y: bool
    swap_p: bool
    dx: int
    dy: int
    lag_us: int


@kernel
def vote_displacements(
    a: tuple[np.ndarray, ...],
    b: tuple[np.ndarray, ...],
    lag: int,
    cell: int,
    votes: np.ndarray,
) -> None:
    """Add up pairs of events close in time by displacement, less those a little less close.

    Args:
        a: columns t, x, y, p of some events, sorted by time.
        b: columns of the other sample's events.
        lag: what is added to a time of ``a``.
        cell: pixels in a cell of displacements.
        votes: shape (2 swaps, 2 flips of y, 2 flips of x, rows, columns), added to.
    """
    at, ax, ay, ap = a
    bt, bx, by, bp = b
    half_y, half_x = votes.shape[3] // 2, votes.shape[4] // 2
    low = 0
    for i in range(len(at)):
        time = at[i] + lag
        while low < len(bt) and bt[low] < time - 3 * TOLERANCE_US:
            low += 1
        j = low
        while j < len(bt) and bt[j] <= time + 3 * TOLERANCE_US:
            gap = abs(bt[j] - time)
            if gap <= TOLERANCE_US or gap > 2 * TOLERANCE_US:
                worth = 1 if gap <= TOLERANCE_US else -1
                swap = 0 if ap[i] == bp[j] else 1
                dx = (np.int64(bx[j]) - ax[i]) // cell + half_x
                sx = (np.int64(bx[j]) + ax[i]) // cell
                dy = (np.int64(by[j]) - ay[i]) // cell + half_y
                sy = (np.int64(by[j]) + ay[i]) // cell
                votes[swap, 0, 0, dy, dx] += worth
                votes[swap, 0, 1, dy, sx] += worth
                votes[swap, 1, 0, sy, dx] += worth
                votes[swap, 1, 1, sy, sx] += worth
            j += 1


@kernel
def vote_lags(
    a: tuple[np.ndarray, ...], b: tuple[np.ndarray, ...], lag: int, near: int, votes: np.ndarray
) -> None:
    """Add up pairs of events on the same or a neighbouring pixel by how far apart in time they are.

    Args:
        a: columns of events of one sample, laid onto the other but for time.
        b: columns of the other sample's events.
        lag: what is added to a time of ``a``.
        near: pixels apart at most.
        votes: counts of differences, the first around ``-REACH_US``, each `FINE_US` wide; added
            to.
    """
    at, ax, ay, ap = a
    bt, bx, by, bp = b
    low = 0
    for i in range(len(at)):
        time = at[i] + lag
        while low < len(bt) and bt[low] < time - REACH_US:
            low += 1
        j = low
        while j < len(bt) and bt[j] < time + REACH_US:
            if (
                abs(np.int64(bx[j]) - ax[i]) <= near
                and abs(np.int64(by[j]) - ay[i]) <= near
                and ap[i] == bp[j]
            ):
                votes[(bt[j] - time + REACH_US + FINE_US // 2) // FINE_US] += 1
            j += 1


def alignments(a: Events, b: Events, sensor: Sensor, lag_us: int) -> Iterator[Alignment]:
    """Yield ways to lay one sample onto another, that of most votes first.

    In cells of many pixels a thing and its mirror image look alike: of large sensors each flip is
    given, for events to decide; of small ones the best alone.

    Args:
        a: events of one sample at times that both share, from its start.
        b: events of the other, from its start.
        sensor: a sensor that both fit.
        lag_us: the shift in time, to a few ms.

    Yields: alignments whose displacement has the votes that a copy would give it.
    """
    if sensor.modality == "audio":  # harmonics look like shifted channels: only time is searched
        plain = Alignment(False, False, False, 0, 0, lag_us)
        yield _timed(spread(a, b, LATE_VOTERS, 2 * REACH_US), b, plain)
        return
    cell = max(1, -(-max(sensor.width, sensor.height) // GRID))
    shape = (2 * (sensor.height // cell) + 3, 2 * (sensor.width // cell) + 3)
    votes = np.zeros((2, 2, 2, *shape), np.int32)
    some = spread(a, b, VOTERS, 6 * TOLERANCE_US)
    vote_displacements(some.arrays(), b.arrays(), lag_us, cell, votes)
    ways = sorted(((_peak(votes[way]), way) for way in np.ndindex(2, 2, 2)), reverse=True)
    late = spread(a, b, LATE_VOTERS, 6 * TOLERANCE_US)
    for (_, row, column), (swap, flip_y, flip_x) in ways[: None if cell > 1 else 1]:
        plane = votes[swap, flip_y, flip_x]
        around = plane[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
        if around.sum() < PROMISING * len(some):
            continue
        dx = cell * (column if flip_x else column - shape[1] // 2)
        dy = cell * (row if flip_y else row - shape[0] // 2)
        rough = Alignment(bool(flip_x), bool(flip_y), bool(swap), dx, dy, lag_us)
        yield _finer(late, b, rough, cell)


def _finer(a: Events, b: Events, rough: Alignment, cell: int) -> Alignment:
    """Return the alignment to the pixel and to an eighth of a ms."""
    if cell > 1:
        rough = _to_the_pixel(a, b, rough, reach=2 * cell, within_us=TOLERANCE_US)
    return _to_the_pixel(a, b, _timed(a, b, rough), reach=2 * NEXT_TO, within_us=TOLERANCE_US // 2)


def _timed(a: Events, b: Events, rough: Alignment) -> Alignment:
    """Return an alignment with its shift in time to an eighth of a ms."""
    times = np.zeros(2 * REACH_US // FINE_US + 1, np.int64)
    vote_lags(laid(a, rough, time=False), b.arrays(), rough.lag_us, NEXT_TO, times)
    near = np.convolve(times, np.ones(BLUR, np.int64))  # twice: the nearer, the more it counts
    near = np.convolve(near, np.ones(BLUR, np.int64))
    middle = (int(np.argmax(near)) - BLUR + 1) * FINE_US - REACH_US
    return rough._replace(lag_us=rough.lag_us + middle)


def _to_the_pixel(
    a: Events, b: Events, rough: Alignment, *, reach: int, within_us: int
) -> Alignment:
    """Find the displacement to the pixel around a rough one."""
    votes = np.zeros((2 * reach + 1, 2 * reach + 1), np.int32)
    vote_near(laid(a, rough), b.arrays(), within_us, votes)
    _, row, column = _peak(votes)
    return rough._replace(dx=rough.dx + column - reach, dy=rough.dy + row - reach)


@kernel
def vote_near(
    a: tuple[np.ndarray, ...], b: tuple[np.ndarray, ...], within_us: int, votes: np.ndarray
) -> None:
    """Add up pairs of events close in time by displacement within a reach, as in the search.

    Args:
        a: columns of events of one sample, roughly laid onto the other.
        b: columns of the other sample's events.
        within_us: how close.
        votes: shape (2 reach + 1, 2 reach + 1), added to.
    """
    at, ax, ay, ap = a
    bt, bx, by, bp = b
    reach = len(votes) // 2
    low = 0
    for i in range(len(at)):
        while low < len(bt) and bt[low] < at[i] - 3 * within_us:
            low += 1
        j = low
        while j < len(bt) and bt[j] <= at[i] + 3 * within_us:
            gap = abs(bt[j] - at[i])
            dx, dy = np.int64(bx[j]) - ax[i], np.int64(by[j]) - ay[i]
            if (
                ap[i] == bp[j]
                and abs(dx) <= reach
                and abs(dy) <= reach
                and (gap <= within_us or gap > 2 * within_us)
            ):
                votes[dy + reach, dx + reach] += 1 if gap <= within_us else -1
            j += 1


def spread(events: Events, others: Events, n: int, window_us: int) -> Events:
    """Return at most so many events, evenly spread, fewer where there are very many others.

    Args:
        events: events of one sample.
        others: events of the other one.
        n: how many at most.
        window_us: time around an event in which others are looked at.
    """
    if len(others):
        lasts = max(int(others.t[-1] - others.t[0]), window_us)
        pairs_each = len(others) * window_us // lasts + 1
        n = min(n, max(n // 8, LEAST_SPREAD, MAX_PAIRS // pairs_each))
    if len(events) <= n:
        return events
    return events[np.arange(n) * len(events) // n]


def laid(
    a: Events, how: Alignment, *, time: bool = True
) -> tuple[
    Int64[np.ndarray, " n"],
    Int64[np.ndarray, " n"],
    Int64[np.ndarray, " n"],
    np.ndarray,
]:
    """Return the columns of a sample's events laid onto the other sample.

    Args:
        a: its events.
        how: the alignment.
        time: shift times too.
    """
    x, y = a.x.astype(np.int64), a.y.astype(np.int64)
    return (
        a.t + how.lag_us if time else a.t,
        (-x if how.flip_x else x) + how.dx,
        (-y if how.flip_y else y) + how.dy,
        (1 - a.p).astype(np.uint8) if how.swap_p else a.p,
    )


def _peak(votes: Int32[np.ndarray, "rows columns"]) -> tuple[int, int, int]:
    """Return the most votes and their place, those of neighbours counted half."""
    sums = votes.astype(np.int64)
    for axis in (0, 1):
        sums = 2 * sums + _moved(sums, 1, axis) + _moved(sums, -1, axis)
    row, column = np.unravel_index(int(np.argmax(sums)), votes.shape)
    return int(sums[row, column]), int(row), int(column)


def _moved(array: Int64[np.ndarray, "..."], by: int, axis: int) -> Int64[np.ndarray, "..."]:
    """Return the array moved along an axis, with zeros where nothing comes from."""
    out = np.zeros_like(array)
    source, target = [slice(None)] * array.ndim, [slice(None)] * array.ndim
    source[axis] = slice(max(0, -by), array.shape[axis] - max(0, by))
    target[axis] = slice(max(0, by), array.shape[axis] - max(0, -by))
    out[tuple(target)] = array[tuple(source)]
    return out
