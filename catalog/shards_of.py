"""Which files of a store hold given recordings, and which other recordings these files hold."""

from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import Int64

from eventstore.axis import Axis
from eventstore.errors import MissingContent
from eventstore.side import PIXELS
from eventstore.side_reader import SideReader
from eventstore.store import EventStore


def shard_keys(store: EventStore, recordings: Iterable[str]) -> set[str]:
    """Return the keys of the shards that hold recordings: their events and side streams.

    Where frames lie is known from their own shards; while those are not here, all shards of
    pixels are meant.

    Raises:
        NotFound: there is no such recording.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> store = tiny_store(Path(mkdtemp()) / "events.zarr")
        >>> sorted(shard_keys(store, ["r000"]))[0]
        'events/p/c/0'
    """
    rows = [store.recordings.row(name) for name in recordings]
    keys = set()
    for name, axis in store.head.axes().items():
        for start, stop in _ranges(store, name, rows):
            numbers = range(start // axis.shard, axis.n_shards(stop)) if stop > start else ()
            keys |= {axis.key(column, n) for column in axis.codecs for n in numbers}
    return keys


def all_shards(store: EventStore) -> set[str]:
    """Return the keys of all shards; what else a store has are its documents and tables."""
    keys = set()
    for name, axis in store.head.axes().items():
        numbers = range(axis.n_shards(store.head.length(name)))
        keys |= {axis.key(column, n) for column in axis.codecs for n in numbers}
    return keys


def sharing(store: EventStore, recordings: Sequence[str]) -> list[str]:
    """Return the other recordings that have events in the same shards, in the store's order.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> store = tiny_store(Path(mkdtemp()) / "events.zarr", n_recordings=3)
        >>> sharing(store, ["r000"])  # r001 has no events
        ['r002']
    """
    rows = np.array([store.recordings.row(name) for name in recordings], np.int64)
    offsets, axis = store.recordings.offsets, store.head.axis("events")
    touched = np.zeros(axis.n_shards(store.n_events) + 1, np.int64)
    first, last = _shards(offsets, axis)
    filled = rows[store.recordings.row_size[rows] > 0]
    np.add.at(touched, first[filled], 1)
    np.add.at(touched, last[filled] + 1, -1)
    is_touched = np.concatenate(([0], np.cumsum(np.cumsum(touched) > 0)))
    hit = (is_touched[last + 1] > is_touched[first]) & (store.recordings.row_size > 0)
    hit[rows] = False
    ids = store.recordings.ids
    return [ids[row] for row in np.flatnonzero(hit).tolist()]


def _shards(
    offsets: Int64[np.ndarray, " n_plus_1"], axis: Axis
) -> tuple[Int64[np.ndarray, " n"], Int64[np.ndarray, " n"]]:
    """Return the first and the last shard of each recording; of an empty one, that it lies in."""
    first = offsets[:-1] // axis.shard
    last = np.maximum(offsets[1:] - 1, offsets[:-1]) // axis.shard
    n_shards = max(axis.n_shards(int(offsets[-1])), 1)
    return np.minimum(first, n_shards - 1), np.minimum(last, n_shards - 1)


def _ranges(store: EventStore, axis: str, rows: Sequence[int]) -> list[tuple[int, int]]:
    """Return the rows of an axis that each recording has."""
    if axis == "events":
        offsets = store.recordings.offsets
        return [(int(offsets[row]), int(offsets[row + 1])) for row in rows]
    kind = "frames" if axis == PIXELS else axis
    reader = SideReader(store.files, store.head, kind)
    offsets = reader.offsets
    found = [(int(offsets[row]), int(offsets[row + 1])) for row in rows]
    if axis != PIXELS:
        return found
    try:
        return [
            reader.pixel_range(reader.rows("start", start, min(start + 1, stop)), stop)
            for start, stop in found
            if stop > start
        ]
    except MissingContent:
        return [(0, store.head.length(PIXELS))]
