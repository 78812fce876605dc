"""Read runs of rows of several columns together: few round trips, a bounded amount at a time."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from eventstore.columns import ColumnReader, fetch_chunks
from eventstore.files import Files

FETCH_ROWS = 1 << 22
"""Rows fetched together: some 10 MB of events, enough to keep a network busy."""


def read_runs(
    files: Files,
    readers: Mapping[str, ColumnReader],
    runs: Sequence[tuple[int, int]],
    outs: Sequence[Mapping[str, np.ndarray]],
) -> None:
    """Fill arrays with the rows of runs.

    Args:
        files: where the shards are.
        readers: the columns, all cut alike.
        runs: first row of each run, and the row after its last.
        outs: for each run the arrays to fill, by column.

    Raises:
        IntegrityError: stored bytes are damaged; names the file, offset and rows hit.
        MissingContent: a shard is not on this machine.
    """
    for pieces in _batches(runs):
        wanted = [(reader, _undecoded(reader, pieces)) for reader in readers.values()]
        encoded = fetch_chunks(files, wanted)
        for (name, reader), data in zip(readers.items(), encoded, strict=True):
            for i, start, stop in pieces:
                first = runs[i][0]
                reader.read_into(start, outs[i][name][start - first : stop - first], data)


def _undecoded(reader: ColumnReader, pieces: Sequence[tuple[int, int, int]]) -> list[int]:
    """Return the chunks to fetch for pieces of runs, each once."""
    if len(pieces) == 1:
        return reader.undecoded(*pieces[0][1:])
    return sorted({k for _, start, stop in pieces for k in reader.undecoded(start, stop)})


def _batches(runs: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int, int]]]:
    """Cut runs into pieces (run, start, stop), and these into batches of about `FETCH_ROWS`."""
    batch: list[tuple[int, int, int]] = []
    room = FETCH_ROWS
    for i, (start, stop) in enumerate(runs):
        at = start
        while at < stop:
            take = min(room, stop - at)
            batch.append((i, at, at + take))
            at, room = at + take, room - take
            if not room:
                yield batch
                batch, room = [], FETCH_ROWS
    if batch:
        yield batch
