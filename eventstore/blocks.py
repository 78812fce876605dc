"""Blocks: neighbouring samples read from the store together, and batches gathered from them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

import numpy as np
from jaxtyping import Float64, Int64

from eventstore.errors import InvalidInput, SpikelakeError
from eventstore.events import Events
from eventstore.jit import brief_kernel
from eventstore.sample_memory import NUMBERS, lay_out, sum_rows, where_of, write_spans
from eventstore.selection import Selection
from eventstore.store import EventStore
from eventstore.transforms.batch import EventBatch

MAX_GAP = 8_192
"""Rows between two samples that are read with them rather than skipped: about one chunk, which
would have to be decoded anyway."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Samples read together.

    Args:
        events: their rows, and perhaps some between them.
        start: first row of each sample in ``events``.
        stop: first row after each sample in ``events``.

    Attributes:
        spans: what kernels are told of each sample, see `eventstore.sample_memory`.
        spans_at: where these numbers begin in memory.
    """

    events: Events
    start: Int64[np.ndarray, " n"]
    stop: Int64[np.ndarray, " n"]
    spans: Int64[np.ndarray, "n numbers"] = field(init=False, repr=False)
    spans_at: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.events.has_gaps:
            message = "the columns of a block have gaps"
            raise InvalidInput(message, hint="copy them: Events.concatenate([events])")
        spans = np.empty((len(self.start), NUMBERS), np.int64)
        object.__setattr__(self, "spans", spans)
        spans_at = write_spans(self.events.arrays(), self.start, self.stop, spans)
        object.__setattr__(self, "spans_at", spans_at)


def store_order(selection: Selection) -> Int64[np.ndarray, " n"]:
    """Return the samples of a selection in the order their events lie in the store."""
    return np.lexsort((selection.t_stop, selection.t_start, selection.recording)).astype(np.int64)


def estimate_events(selection: Selection) -> Float64[np.ndarray, " n"]:
    """Return about how many events each sample of a selection has, without reading any.

    Exact for whole recordings; a part of one is taken to have its share by time. The same for the
    same selection on every machine, so that plans made from it agree.
    """
    table = selection.store.recordings
    duration = np.maximum(table.t_stop[selection.recording], 1)
    start, stop = (np.clip(t, 0, duration) for t in (selection.t_start, selection.t_stop))
    share = np.maximum(stop - start, 0) / duration
    events: np.ndarray = table.row_size[selection.recording] * share
    return events


def sample_rows(
    selection: Selection, samples: Int64[np.ndarray, " n"]
) -> tuple[Int64[np.ndarray, " n"], Int64[np.ndarray, " n"]]:
    """Return the first row in the store of each sample, and the first row after it."""
    store, recording = selection.store, selection.recording[samples]
    t_start, t_stop = selection.t_start[samples], selection.t_stop[samples]
    start, stop = store.recordings.offsets[recording], store.recordings.offsets[recording + 1]
    in_part = (t_start > 0) | (t_stop < store.recordings.t_stop[recording])
    part = np.flatnonzero(in_part)
    if len(part):
        start[part], stop[part] = store.row_ranges(recording[part], t_start[part], t_stop[part])
    return start, stop


def read_blocks(
    selection: Selection,
    blocks: Sequence[Int64[np.ndarray, " n"]],
    *,
    blank: Callable[[int], Events] = Events.blank,
) -> list[Block]:
    """Read blocks of samples with one call to the store for all of them.

    Args:
        selection: what the samples are of.
        blocks: which samples each holds; neighbours in the store where that is to be fast.
        blank: gives the table to read a block into, of so many events.

    Raises:
        SpikelakeError: as the store raises it, with the id of the sample that cannot be read.
    """
    samples = np.concatenate([np.empty(0, np.int64), *blocks])
    start, stop = sample_rows(selection, samples)
    ends = accumulate(map(len, blocks), initial=0)
    plans = [_Plan.of(start[a:b], stop[a:b], blank) for a, b in pairwise(ends)]
    try:
        selection.store.read_runs_into(
            [run for plan in plans for run in plan.runs],
            [part for plan in plans for part in plan.parts()],
        )
    except Exception as error:
        _name_sample(error, selection, samples, (start, stop))
        raise
    return [plan.block() for plan in plans]


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """What is read for a block, and where it goes.

    Args:
        runs: the rows to read.
        events: where they go, end to end.
        rows: of each sample the first row there, and the one after its last.
    """

    runs: list[tuple[int, int]]
    events: Events
    rows: Int64[np.ndarray, "2 n"]

    @classmethod
    def of(
        cls,
        start: Int64[np.ndarray, " n"],
        stop: Int64[np.ndarray, " n"],
        blank: Callable[[int], Events],
    ) -> "_Plan":
        runs, rows = _plan_rows(start, stop)
        return cls(runs, blank(sum(b - a for a, b in runs)), rows)

    def parts(self) -> list[Events]:
        """Return the table of each run."""
        if len(self.runs) == 1:
            return [self.events]
        ends = accumulate((b - a for a, b in self.runs), initial=0)
        return [self.events[a:b] for a, b in pairwise(ends)]

    def block(self) -> Block:
        """Return the block, once its rows are read."""
        return _without_gaps(Block(self.events, self.rows[0], self.rows[1]))


def _without_gaps(block: Block) -> Block:
    """Return the block without what lies between its samples, where that is more than they are."""
    size = block.stop - block.start
    if len(block.events) <= 2 * size.sum():
        return block
    spans = zip(block.start.tolist(), block.stop.tolist(), strict=True)
    events = Events.concatenate([block.events[a:b] for a, b in spans])
    stop = np.cumsum(size)
    return Block(events, stop - size, stop)


def plan_runs(
    start: Int64[np.ndarray, " n"], stop: Int64[np.ndarray, " n"]
) -> list[tuple[int, int]]:
    """Return the row ranges to read so that they cover all samples; ascending, never overlapping.

    Examples:
        >>> plan_runs(np.array([0, 10, 90_000]), np.array([10, 20, 90_005]))
        [(0, 20), (90000, 90005)]
    """
    return _plan_rows(start, stop)[0]


def _plan_rows(
    start: Int64[np.ndarray, " n"], stop: Int64[np.ndarray, " n"]
) -> tuple[list[tuple[int, int]], Int64[np.ndarray, "2 n"]]:
    """Return the runs to read, and where each sample lies in them, laid end to end."""
    runs, rows = np.empty((len(start), 2), np.int64), np.empty((2, len(start)), np.int64)
    n = _write_runs(start, stop, start.argsort(kind="stable"), runs, rows)
    return [(a, b) for a, b in runs[:n].tolist()], rows


@brief_kernel
def _write_runs(
    start: np.ndarray, stop: np.ndarray, order: np.ndarray, runs: np.ndarray, rows: np.ndarray
) -> int:
    """Write the runs and the rows of samples; return how many runs they are."""
    n, before = 0, 0
    for i in order:
        if stop[i] <= start[i]:
            rows[:, i] = 0
            continue
        if n and start[i] <= runs[n - 1, 1] + MAX_GAP:
            runs[n - 1, 1] = max(runs[n - 1, 1], stop[i])
        else:
            before += runs[n - 1, 1] - runs[n - 1, 0] if n else 0
            runs[n, 0], runs[n, 1] = start[i], stop[i]
            n += 1
        rows[0, i] = before + start[i] - runs[n - 1, 0]
        rows[1, i] = before + stop[i] - runs[n - 1, 0]
    return n


def gather(
    selection: Selection,
    samples: Int64[np.ndarray, " n"],
    sources: Sequence[tuple[Block, int]],
    ids: Sequence[str],
    *,
    blank: Callable[[int], Events] = Events.blank,
) -> EventBatch:
    """Lay the events of samples end to end.

    Args:
        selection: what the samples are of.
        samples: which ones, in the order of the batch.
        sources: the block of each sample, and its place there.
        ids: the id of each of them.
        blank: gives the table to lay them into, of so many events.
    """
    where, offsets = where_of(sources), np.empty(len(sources) + 1, np.int64)
    n = sum_rows(where, offsets)
    if n < 0:
        message = "a sample lies outside the events of its block"
        raise InvalidInput(message, hint="make blocks with `read_blocks`")
    events = blank(n)
    # The blocks are held by ``sources`` until the kernel returns.
    lay_out(where, offsets, events.arrays())
    times = selection.t_start[samples], selection.t_stop[samples]
    return EventBatch(events, offsets, *times, tuple(ids))


def _name_sample(
    error: Exception,
    selection: Selection,
    samples: Int64[np.ndarray, " n"],
    rows: tuple[Int64[np.ndarray, " n"], Int64[np.ndarray, " n"]],
) -> None:
    """Add to an error of a block the id of the first sample that cannot be read by itself."""
    bad = _first_unreadable(selection.store, *rows)
    taken = selection.take(samples if bad is None else samples[bad : bad + 1])
    first, last = (taken.sample_ids()[k] for k in (0, -1))
    what = f"sample {first!r}" if bad is not None else f"samples {first!r} … {last!r}"
    where = f" of {selection.reference}" if selection.reference else ""
    if isinstance(error, SpikelakeError):
        error.message += f" (while reading {what}{where})"
    else:
        error.add_note(f"while reading {what}{where}")


def _first_unreadable(
    store: EventStore, start: Int64[np.ndarray, " n"], stop: Int64[np.ndarray, " n"]
) -> int | None:
    for i, (a, b) in enumerate(zip(start.tolist(), stop.tolist(), strict=True)):
        try:
            store.read_rows(a, b)
        except Exception:  # whatever it is: the block's own error is the one reported
            return i
    return None
