"""Matching: the share of one sample's events that have a partner in another, beyond chance."""

from typing import NamedTuple

import numpy as np

from catalog.splits.leakage.alignment import (
    NEXT_TO,
    TOLERANCE_US,
    Alignment,
    alignments,
    laid,
    spread,
)
from eventstore.events import Events, Sensor
from eventstore.jit import kernel

GAP_US = 1000
"""Partners are counted at every ms of shift in time, either way."""

GAPS = range(4, 21)
"""Shifts in ms at which partners are chance; that of most partners is taken off. They cover a
period of what repeats itself, such as a flickering lamp or a voice."""

SHARED = 0.5
"""Share of a sample's events that must lie in the time and space which the other one has too."""

CLOSENESS = ((TOLERANCE_US, NEXT_TO), (1500, NEXT_TO), (1000, NEXT_TO), (1000, 0), (250, 0))
"""µs and pixels within which events are partners; that of the highest share counts. Where events
are so dense that most have a partner by chance, only closer ones tell."""

CROWDED = 0.9
"""Share of partners by chance above which nothing can be said."""

GLANCED, GLANCE = 256, 0.2
"""So many events tell first; below such a share in both samples it stays at that."""

SURE = 0.5
"""A share at which no other way of laying a sample onto the other is tried."""

COMPARED = 1024
"""Events of a sample that look for a partner then, evenly spread: the share is ± 0.015."""

MIN_COMPARED = 48
"""Fewer events in the time and space that two samples share say nothing."""


class Match(NamedTuple):
    """How alike two samples are.

    Args:
        score: share of events with a partner beyond chance, of the sample that has more of them.
        of_a: the share of ``a``'s.
        of_b: the share of ``b``'s.
        how: how ``a`` is laid onto ``b``; None where nothing spoke for any way.
        told: False where events are so dense that chance alone gives most of them a partner.
    """

    score: float
    of_a: float
    of_b: float
    how: Alignment | None
    told: bool = True


@kernel
def count_partners(
    a: tuple[np.ndarray, ...],
    b: tuple[np.ndarray, ...],
    within_us: np.ndarray,
    within_px: np.ndarray,
    counts: np.ndarray,
) -> None:
    """Count the events that have one of the other sample's close by, at several shifts in time.

    Args:
        a: columns of events, laid onto the other sample.
        b: columns of the other sample's events.
        within_us: µs apart at most, for several closenesses; the largest first.
        within_px: pixels apart at most; the largest first.
        counts: shape (shifts, closenesses), added to; shifts are `GAP_US` apart, 0 in the middle.
    """
    at, ax, ay, ap = a
    bt, bx, by, bp = b
    half, n_close = len(counts) // 2, len(within_us)
    last = half * GAP_US + within_us[0]
    met = np.zeros(counts.shape, np.uint8)
    low = 0
    for i in range(len(at)):
        while low < len(bt) and bt[low] < at[i] - last:
            low += 1
        met[:] = 0
        j = low
        while j < len(bt) and bt[j] <= at[i] + last:
            apart = max(abs(np.int64(bx[j]) - ax[i]), abs(np.int64(by[j]) - ay[i]))
            if apart <= within_px[0] and ap[i] == bp[j]:
                off = bt[j] - at[i]
                first = max(-((within_us[0] - off) // GAP_US), -half)
                for gap in range(first, min((off + within_us[0]) // GAP_US, half) + 1):
                    for k in range(n_close):
                        if abs(off - gap * GAP_US) <= within_us[k] and apart <= within_px[k]:
                            met[gap + half, k] = 1
            j += 1
        for g in range(len(counts)):
            for k in range(n_close):
                counts[g, k] += met[g, k]


def match(a: Events, b: Events, sensor: Sensor, lag_us: int) -> Match:
    """Compare two samples event by event.

    Args:
        a: events of one sample, times from its start.
        b: events of the other, likewise.
        sensor: a sensor that both fit.
        lag_us: the shift in time that lays ``a`` onto ``b``, to a few ms.
    """
    best, how = (-1.0, 0.0, 0.0), None
    told = True
    for way in alignments(_shared(a, b, lag_us), b, sensor, lag_us):
        shares = (share(a, b, way, GLANCED), share(b, a, inverse(way), GLANCED))
        of_a, of_b = np.nan_to_num(shares).tolist()
        if max(of_a, of_b) > best[0]:
            best, how = (max(of_a, of_b), of_a, of_b), way
            told = not np.isnan(shares).all()
        if best[0] >= SURE:
            break
    if how is None:
        return Match(0.0, 0.0, 0.0, None)
    if best[0] >= GLANCE:
        shares = (share(a, b, how, COMPARED), share(b, a, inverse(how), COMPARED))
        of_a, of_b = np.nan_to_num(shares).tolist()
        return Match(max(of_a, of_b), of_a, of_b, how, told=not np.isnan(shares).all())
    return Match(*best, how, told=told)


def share(a: Events, b: Events, how: Alignment, n: int) -> float:
    """Return the share of events of ``a`` with a partner in ``b``, beyond chance.

    s = (m − c) / (1 − c) with m the share that has a partner, c the share that has one at shifts
    in time where partners are chance.

    Args:
        a: events of one sample.
        b: events of the other.
        how: how the one is laid onto the other.
        n: how many events of ``a`` look for a partner.

    Returns: the share, 0 where the two have too little in common; NaN where chance leaves no room.
    """
    some = _shared(a, b, how.lag_us)
    if len(some) < MIN_COMPARED:
        return 0.0
    t, x, y, p = laid(spread(some, b, n, 2 * GAPS[-1] * GAP_US), how)
    inside = (x >= int(b.x.min())) & (x <= int(b.x.max()))
    inside &= (y >= int(b.y.min())) & (y <= int(b.y.max()))
    columns = (t[inside], x[inside], y[inside], p[inside])
    if len(columns[0]) < max(MIN_COMPARED, SHARED * len(a) / len(some) * len(t)):
        return 0.0
    within_us, within_px = np.array(CLOSENESS, np.int64).T.copy()
    counts = np.zeros((2 * GAPS[-1] + 1, len(CLOSENESS)), np.int64)
    count_partners(columns, b.arrays(), within_us, within_px, counts)
    partners = counts / len(columns[0])
    either_way = (partners + partners[::-1]) / 2
    found, chance = partners[GAPS[-1]], either_way[np.add(GAPS, GAPS[-1])].max(0)
    beyond = (found - chance) / np.maximum(1 - chance, 1 - CROWDED)
    told = chance <= CROWDED
    return float(np.max(beyond[told])) if told.any() else float("nan")


def _shared(a: Events, b: Events, lag_us: int) -> Events:
    """Return the events of ``a`` at times that ``b`` has events at."""
    if not len(a) or not len(b):
        return a[:0]
    low, high = np.searchsorted(a.t, (int(b.t[0]) - lag_us, int(b.t[-1]) - lag_us + 1))
    return a[int(low) : int(high)]


def inverse(how: Alignment) -> Alignment:
    """Return the alignment of ``b`` onto ``a``.

    Examples:
        >>> how = Alignment(True, False, True, 33, 2, 500)
        >>> inverse(how)
        Alignment(flip_x=True, flip_y=False, swap_p=True, dx=33, dy=-2, lag_us=-500)
    """
    return how._replace(
        dx=how.dx if how.flip_x else -how.dx,
        dy=how.dy if how.flip_y else -how.dy,
        lag_us=-how.lag_us,
    )
