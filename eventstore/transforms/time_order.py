"""Put the events of each sample in order of time, for transforms that change times."""

import numpy as np

from eventstore.jit import kernel
from eventstore.transforms.batch import EventBatch


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
        order[start:stop] = start + np.argsort(t[start:stop], kind="mergesort")
