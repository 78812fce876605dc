"""Samples of a selection as one batch of events, read together."""

import numpy as np
from jaxtyping import Int64

from eventstore.blocks import gather, read_blocks
from eventstore.selection import Selection
from eventstore.transforms.batch import EventBatch


def read_samples(selection: Selection, samples: Int64[np.ndarray, " n"]) -> EventBatch:
    """Read samples with one call to the store for all of them.

    Args:
        selection: what the samples are of.
        samples: their rows; neighbours in the store where that is to be fast.

    Raises:
        SpikelakeError: as the store raises it, with the id of the sample that cannot be read.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_selection
        >>> selection = tiny_selection(Path(mkdtemp()) / "events.zarr")
        >>> read_samples(selection, np.array([4, 0])).ids[1]
        'r000#0-19945'
    """
    taken = selection.take(samples)
    rows = np.arange(len(taken))
    [block] = read_blocks(taken, [rows])
    return gather(taken, rows, [(block, i) for i in rows.tolist()], taken.sample_ids())


def part_of(batch: EventBatch, start: int, stop: int) -> EventBatch:
    """Return some samples of a batch, by the first and the one after the last (views).

    Examples:
        >>> from eventstore.events import Events
        >>> e = Events.of(t=[5, 9], x=[1, 2])
        >>> batch = EventBatch.of([e, e[:1]], t_start=[0, 0], t_stop=[10, 10])
        >>> part_of(batch, 1, 9).events.t.tolist()
        [5]
    """
    start, stop, _ = slice(start, stop).indices(len(batch))
    bounds = batch.offsets[start : stop + 1]
    return EventBatch(
        batch.events[int(bounds[0]) : int(bounds[-1])],
        bounds - bounds[0],
        batch.t_start[start:stop],
        batch.t_stop[start:stop],
        batch.ids[start:stop],
    )
