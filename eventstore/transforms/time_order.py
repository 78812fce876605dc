"""Put the events of each sample in order of time, for transforms that change times."""

import numpy as np

from eventstore.jit import kernel
from eventstore.transforms.batch import EventBatch

BINS = 1 << 11

LAST_BIN = np.uint64(BINS - 1)


def in_time_order(batch: EventBatch) -> EventBatch:
    """Return the batch with each sample's events in order of time; equal times keep their order.

    Examples:
        >>> from eventstore.events import Events
        >>> e = Events.of(t=[5, 1, 5], x=[0, 1, 2])
        >>> in_time_order(EventBatch.of([e], t_start=[0], t_stop=[6])).events.x.tolist()
        [1, 0, 2]
    """
    order = np.empty(len(batch.events), np.int64)
    _order(batch.events.t, batch.offsets, order)
    return batch.with_events(batch.events[order])


@kernel
def _order(t: np.ndarray, offsets: np.ndarray, order: np.ndarray) -> None:
    for b in range(len(offsets) - 1):
        start, stop = offsets[b], offsets[b + 1]
        own = t[start:stop]
        if np.all(own[1:] >= own[:-1]):
            order[start:stop] = np.arange(start, stop)
        elif len(own) < BINS:
            order[start:stop] = start + np.argsort(own, kind="mergesort")
        else:
            order[start:stop] = start + _radix_order(own)


@kernel
def _radix_order(t: np.ndarray) -> np.ndarray:
    """Sort by digits of 11 bits, the lowest first: two or three passes for a sample of minutes."""
    low = np.uint64(t.min())  # differences of uint64 are right also where those of int64 wrap
    span = np.uint64(t.max()) - low
    order, other = np.arange(len(t)), np.empty(len(t), np.int64)
    place = np.empty(BINS, np.int64)
    shift = np.uint64(0)
    while span >> shift > 0:
        place[:] = 0
        for one in t:
            place[((np.uint64(one) - low) >> shift) & LAST_BIN] += 1
        before = 0
        for digit in range(BINS):
            place[digit], before = before, before + place[digit]
        for i in order:
            own = ((np.uint64(t[i]) - low) >> shift) & LAST_BIN
            other[place[own]] = i
            place[own] += 1
        order, other = other, order
        shift += np.uint64(11)
        if shift > 63:
            break
    return order
