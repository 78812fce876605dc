"""Read long runs of rows of all columns of local shards with one call to a kernel.

What a run takes of Python is done once a run and not once a column: all other threads wait for it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int64

from eventstore.axis import Axis
from eventstore.chunk_runs import JOB_NUMBERS, coding_number, decode_jobs, tell_job
from eventstore.columns import LONG_RUN, ColumnReader
from eventstore.events import Events
from eventstore.files import Files
from eventstore.jit import brief_kernel


class _Shard(NamedTuple):
    """What kernels are told of the columns of a shard.

    Args:
        number: which shard.
        key: of its first column.
        table: of each column its coding, where its bytes are and how many, where the numbers are
            that say where chunks begin, and where those that say their sizes.
        held: the memory that the table tells of.
    """

    number: int
    key: str
    table: Int64[np.ndarray, "columns 5"]
    held: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]]


class _Span(NamedTuple):
    """Rows of a run that lie in one shard, and the table they go into."""

    start: int
    stop: int
    into: Events


class LongRuns:
    """Reads rows of all columns into tables; safe to share between threads.

    Args:
        files: where the shards are: on this machine.
        axis: how the columns are cut and coded.
        readers: the columns, in the order of a table of events.
    """

    def __init__(self, files: Files, axis: Axis, readers: Sequence[ColumnReader]) -> None:
        self._files = files
        self._readers = readers
        kinds = [codec.run_kind for codec in axis.codecs.values()]
        self._codings = [coding_number(kind) for kind in kinds if kind is not None]
        self._are_known = len(self._codings) == len(kinds)
        self._chunk, self._rows = axis.chunk, axis.shard
        self._latest: _Shard | None = None

    def read(self, runs: Sequence[tuple[int, int]], tables: Sequence[Events]) -> list[int]:
        """Fill tables with runs, and return which are left alone: of few chunks, or with gaps.

        All are where a column is coded as kernels do not know.

        Raises:
            IntegrityError: a chunk's checksum does not match.
            MissingContent: a shard is not on this machine.
        """
        if not self._are_known:
            return list(range(len(runs)))
        others: list[int] = []
        spans: list[_Span] = []
        for run, ((start, stop), table) in enumerate(zip(runs, tables, strict=True)):
            if -(-stop // self._chunk) - start // self._chunk < LONG_RUN or table.has_gaps:
                others.append(run)
            else:
                spans += self._spans(start, stop, table)
        if spans:
            self._decode(spans)
        return others

    def _spans(self, start: int, stop: int, table: Events) -> list[_Span]:
        if start // self._rows == (stop - 1) // self._rows:
            return [_Span(start, stop, table)]
        edges = range((start // self._rows + 1) * self._rows, stop, self._rows)
        starts, stops = [start, *edges], [*edges, stop]
        return [
            _Span(a, b, table[a - start : b - start]) for a, b in zip(starts, stops, strict=True)
        ]

    def _decode(self, spans: Sequence[_Span]) -> None:
        n = len(self._readers)
        jobs = np.empty((len(spans), n, JOB_NUMBERS), np.int64)
        shards = [self._shard(span.start // self._rows) for span in spans]
        for job, span, shard in zip(jobs, spans, shards, strict=True):
            begin = shard.number * self._rows
            rows = span.start - begin, span.stop - begin, self._chunk
            _write_jobs(job, shard.table, rows, span.into.arrays())
        # Shards and spans hold on to the memory that the jobs tell of until this returns.
        left = decode_jobs(jobs.reshape(len(spans) * n, JOB_NUMBERS), self._chunk)
        if left.any():
            self._latest = None  # it may have grown, or been damaged on its way here
            self._read_left(spans, left)

    def _read_left(self, spans: Sequence[_Span], left: Bool[np.ndarray, " chunks"]) -> None:
        """Read the chunks one by one that the kernel left over."""
        at = 0
        for start, stop, into in spans:
            chunks = range(start // self._chunk, -(-stop // self._chunk))
            for reader, out in zip(self._readers, into.arrays(), strict=False):
                again = [
                    k for k, is_left in zip(chunks, left[at:].tolist(), strict=False) if is_left
                ]
                at += len(chunks)
                if again:
                    reader.read_chunks(again, start, out, {})

    def _shard(self, number: int) -> _Shard:
        """Return what kernels are told of a shard, as it was when it was last asked for."""
        latest = self._latest
        if latest is not None and latest.number == number:
            self._files.map(latest.key)  # refused once the store is closed
            return latest
        found = [reader.shard(number) for reader in self._readers]
        held = [
            (np.frombuffer(self._files.map(key), np.uint8), begins, sizes)
            for key, begins, sizes in found
        ]
        table = np.empty((len(held), 5), np.int64)
        for row, coding, (data, begins, sizes) in zip(table, self._codings, held, strict=True):
            row[:] = coding, data.ctypes.data, len(data), begins.ctypes.data, sizes.ctypes.data
        self._latest = _Shard(number, found[0][0], table, held)
        return self._latest


@brief_kernel
def _write_jobs(
    jobs: np.ndarray,
    table: np.ndarray,
    rows: tuple[int, int, int],
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """Write what `eventstore.chunk_runs` is told of rows of a shard, column by column."""
    start, stop, chunk = rows
    first = start // chunk
    n_chunks = (stop + chunk - 1) // chunk - first
    t, x, y, p = columns
    addresses = t.ctypes.data, x.ctypes.data, y.ctypes.data, p.ctypes.data
    widths = t.itemsize, x.itemsize, y.itemsize, p.itemsize
    for c in range(len(jobs)):
        tell_job(
            jobs[c],
            (table[c, 0], start - first * chunk, widths[c]),
            (table[c, 1], table[c, 2]),
            (addresses[c], stop - start),
            (table[c, 3] + 8 * first, table[c, 4] + 8 * first, n_chunks),
        )
