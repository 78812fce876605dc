"""Slice samples into smaller ones: by time, by number of events, around moments, by intervals.

Selections in, selections out: a slice is a sample like any other, an interval of its recording, so
its id says where it lies and it streams as it is. Only `slice_by_count` reads the store, and of it
the times alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Int64

from eventstore.blocks import sample_rows
from eventstore.columns import fetch_chunks
from eventstore.errors import InvalidInput
from eventstore.runs import FETCH_ROWS
from eventstore.selection import Selection
from eventstore.store import EventStore

MAX_SLICES = 1 << 27
"""Bound on the slices made at once, so that a wrong unit is an error and not a full memory."""


def slice_by_time(
    selection: Selection, window_us: int, *, overlap_us: int = 0, keep_last: bool = False
) -> Selection:
    """Cut each sample into windows of equal time, from its start on.

    Args:
        selection: the samples.
        window_us: length of a window.
        overlap_us: how much of a window the next one has again.
        keep_last: keep what is left after the last whole window as a shorter one; with it and
            without overlap, the windows tile the sample.

    Returns: the windows of each sample in turn, with its label.

    Raises:
        InvalidInput: lengths that make no sense, or too many windows.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_selection
        >>> selection = tiny_selection(Path(mkdtemp()) / "events.zarr", n_recordings=1)
        >>> slice_by_time(selection, 8_000, overlap_us=2_000).sample_ids()
        ['r000#0-8000', 'r000#6000-14000']
    """
    stride = _stride("window_us", window_us, "overlap_us", overlap_us)
    length = selection.t_stop - selection.t_start
    sample, k = _numbered(_n_slices(length, window_us, stride, keep_last=keep_last))
    t_start = selection.t_start[sample] + k * stride
    t_stop = np.minimum(t_start + window_us, selection.t_stop[sample])
    return _slices(selection, sample, t_start, t_stop)


def slice_by_count(
    selection: Selection, n_events: int, *, overlap: int = 0, keep_last: bool = False
) -> Selection:
    """Cut each sample into runs of equally many events, from its first one on.

    A slice begins with its first event and ends where the next run begins, the last one of a sample
    with its last event. Being an interval of time, it cannot part events of the same µs: those go
    with the later slice, and a slice of which none are left is not made. Where times differ, every
    slice has exactly ``n_events``.

    Args:
        selection: the samples.
        n_events: events of a slice.
        overlap: how many of them the next slice has again.
        keep_last: keep what is left after the last whole run as a shorter one.

    Returns: the slices of each sample in turn, with its label.

    Raises:
        InvalidInput: numbers that make no sense, or too many slices.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_selection
        >>> selection = tiny_selection(Path(mkdtemp()) / "events.zarr", n_recordings=1)
        >>> halves = slice_by_count(selection, 85)
        >>> [len(halves.store.read_time(0, *ends)) for ends in zip(halves.t_start, halves.t_stop)]
        [85, 85]
    """
    stride = _stride("n_events", n_events, "overlap", overlap)
    start, stop = sample_rows(selection, np.arange(len(selection), dtype=np.int64))
    sample, k = _numbered(_n_slices(stop - start, n_events, stride, keep_last=keep_last))
    first = start[sample] + k * stride
    after = np.minimum(first + n_events, stop[sample])
    at_end = after == stop[sample]
    t = _times(selection.store, np.concatenate([first, after - at_end]))
    t_start, t_stop = t[: len(first)], t[len(first) :] + at_end
    some = t_stop > t_start
    return _slices(selection, sample[some], t_start[some], t_stop[some])


def slice_around(
    selection: Selection,
    times: Sequence[Sequence[int] | np.ndarray],
    *,
    before_us: int,
    after_us: int,
    keep_partial: bool = False,
) -> Selection:
    """Take windows around moments of each sample: ``[time - before_us, time + after_us)``.

    Args:
        selection: the samples.
        times: for each sample its moments, in µs from the recording's start, such as triggers.
        before_us: how long a window begins before its moment.
        after_us: how long it goes on after it.
        keep_partial: cut windows to their sample that would leave it; otherwise they are left out.

    Returns: the windows of each sample in turn, in the order of its times, with its label.

    Raises:
        InvalidInput: not one list of times a sample, or windows without length.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_selection
        >>> selection = tiny_selection(Path(mkdtemp()) / "events.zarr", n_recordings=1)
        >>> slice_around(selection, [[10, 9_000]], before_us=500, after_us=1_000).sample_ids()
        ['r000#8500-10000']
    """
    if len(times) != len(selection):
        message = f"times of {len(times)} samples for a selection of {len(selection)}"
        raise InvalidInput(message, hint="give one list of times a sample, empty for none")
    if min(before_us, after_us) < 0 or before_us + after_us == 0:
        message = f"windows of {before_us} µs before and {after_us} µs after have no length"
        raise InvalidInput(message, hint="give lengths of 0 or more, not both 0")
    sample, _ = _numbered(np.array([len(some) for some in times], np.int64))
    moment = np.concatenate([np.zeros(0, np.int64), *(np.asarray(t, np.int64) for t in times)])
    t_start, t_stop = _clipped(selection, sample, moment - before_us, moment + after_us)
    whole = t_stop - t_start == before_us + after_us
    kept = t_stop > t_start if keep_partial else whole
    return _slices(selection, sample[kept], t_start[kept], t_stop[kept])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Intervals:
    """A table of labelled intervals of recordings, such as the gestures in a long session.

    Args:
        recording_id: the recording of each interval.
        t_start: its first µs, from the recording's start.
        t_stop: the first µs after it.
        label: its label.

    Raises:
        InvalidInput: columns of different lengths, or an interval that ends before it starts.

    Examples:
        >>> table = Intervals(
        ...     recording_id=["a", "a"],
        ...     t_start=np.array([0, 500]),
        ...     t_stop=np.array([400, 900]),
        ...     label=["wave", "clap"],
        ... )
        >>> len(table.recording_id), table.label
        (2, ['wave', 'clap'])
    """

    recording_id: Sequence[str]
    t_start: Int64[np.ndarray, " n"]
    t_stop: Int64[np.ndarray, " n"]
    label: Sequence[str]

    def __post_init__(self) -> None:
        for name in ("t_start", "t_stop"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), np.int64))
        columns = (self.recording_id, self.t_start, self.t_stop, self.label)
        lengths = [len(column) for column in columns]
        if len(set(lengths)) != 1:
            message = f"the columns of a table of intervals have different lengths: {lengths}"
            raise InvalidInput(message, hint="give one recording, start, stop and label each")
        wrong = np.flatnonzero(self.t_stop <= self.t_start)
        if len(wrong):
            row = int(wrong[0])
            message = f"interval {row} runs from {self.t_start[row]} to {self.t_stop[row]} µs"
            raise InvalidInput(message, hint="intervals are half-open: t_start < t_stop")


def slice_by_intervals(
    selection: Selection, intervals: Intervals, *, label_names: Sequence[str] = ()
) -> Selection:
    """Take labelled intervals of the samples, each with its own label.

    Args:
        selection: the samples, such as whole recordings of one fold.
        intervals: the table; what lies outside the samples is left out, and an interval that a
            sample's end cuts is cut to the sample.
        label_names: names of the labels, in order; by default those of the table, sorted.

    Returns: the intervals of each sample in turn, in the order of the table.

    Raises:
        NotFound: the store has no recording of a name.
        InvalidInput: a label of the table is none of ``label_names``.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_selection
        >>> selection = tiny_selection(Path(mkdtemp()) / "events.zarr", n_recordings=3)
        >>> table = Intervals(
        ...     recording_id=["r002", "r000"], t_start=[0, 50], t_stop=[90, 60], label=["a", "b"]
        ... )
        >>> sliced = slice_by_intervals(selection, table)
        >>> sliced.sample_ids(), [sliced.label_names[i] for i in sliced.label]
        (['r000#50-60', 'r002#0-90'], ['b', 'a'])
    """
    names = tuple(label_names) or tuple(sorted(set(intervals.label)))
    code = {name: i for i, name in enumerate(names)}
    unknown = sorted(set(intervals.label) - set(names))
    if unknown:
        message = f"label {unknown[0]!r} of the intervals is none of {', '.join(names)}"
        raise InvalidInput(message, hint="name all labels of the table in label_names")
    labels = np.array([code[label] for label in intervals.label], np.int64)
    row_of = {name: selection.store.recordings.row(name) for name in set(intervals.recording_id)}
    recording = np.array([row_of[name] for name in intervals.recording_id], np.int64)
    # The intervals of each sample's recording lie together in this order.
    order = np.argsort(recording, kind="stable")
    first, after = (
        np.searchsorted(recording[order], selection.recording, side=side)
        for side in ("left", "right")
    )
    sample, k = _numbered(after - first)
    interval = order[first[sample] + k]
    t_start, t_stop = _clipped(
        selection, sample, intervals.t_start[interval], intervals.t_stop[interval]
    )
    kept = t_stop > t_start
    return Selection(
        store=selection.store,
        recording=selection.recording[sample[kept]],
        t_start=t_start[kept],
        t_stop=t_stop[kept],
        label=labels[interval[kept]],
        label_names=names,
        reference=selection.reference,
    )


def _stride(name: str, size: int, overlap_name: str, overlap: int) -> int:
    if size < 1 or not 0 <= overlap < size:
        message = f"slices of {name}={size} with {overlap_name}={overlap}"
        raise InvalidInput(message, hint=f"give {name} ≥ 1 and 0 ≤ {overlap_name} < {name}")
    return size - overlap


def _n_slices(
    length: Int64[np.ndarray, " n"], size: int, stride: int, *, keep_last: bool
) -> Int64[np.ndarray, " n"]:
    """Return how many slices each sample has room for, and for a last one shorter if asked."""
    whole = np.where(length >= size, (length - size) // stride + 1, 0)
    covered = np.where(whole > 0, (whole - 1) * stride + size, 0)
    return whole + (covered < length) if keep_last else whole


def _numbered(
    counts: Int64[np.ndarray, " n"],
) -> tuple[Int64[np.ndarray, " m"], Int64[np.ndarray, " m"]]:
    """Return for each of so many slices of each sample its sample, and its number in it."""
    total = int(counts.sum())
    if total > MAX_SLICES:
        message = f"{total} slices of {len(counts)} samples"
        raise InvalidInput(message, hint=f"make them longer: at most {MAX_SLICES} at once")
    sample = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    return sample, np.arange(total, dtype=np.int64) - (np.cumsum(counts) - counts)[sample]


def _clipped(
    selection: Selection,
    sample: Int64[np.ndarray, " m"],
    t_start: Int64[np.ndarray, " m"],
    t_stop: Int64[np.ndarray, " m"],
) -> tuple[Int64[np.ndarray, " m"], Int64[np.ndarray, " m"]]:
    """Return the part of each interval in its sample; where none, it ends before it starts."""
    return (
        np.maximum(t_start, selection.t_start[sample]),
        np.minimum(t_stop, selection.t_stop[sample]),
    )


def _slices(
    selection: Selection,
    sample: Int64[np.ndarray, " m"],
    t_start: Int64[np.ndarray, " m"],
    t_stop: Int64[np.ndarray, " m"],
) -> Selection:
    return replace(selection.take(sample), t_start=t_start, t_stop=t_stop)


def _times(store: EventStore, rows: Int64[np.ndarray, " n"]) -> Int64[np.ndarray, " n"]:
    """Read the times of some rows; each chunk they lie in is fetched and decoded once."""
    column = store.column("t")
    order = np.argsort(rows, kind="stable")
    chunk = rows[order] // column.chunk_rows
    chunks, begins = np.unique(chunk, return_index=True)
    ends = [*begins[1:].tolist(), len(rows)]
    t = np.empty(len(rows), np.int64)
    together = max(1, FETCH_ROWS // column.chunk_rows)
    for at in range(0, len(chunks), together):
        part = chunks[at : at + together].tolist()
        [encoded] = fetch_chunks(store.files, [(column, part)])
        for i, k in enumerate(part, at):
            wanted = order[begins[i] : ends[i]]
            t[wanted] = column.chunk(k, encoded[k])[rows[wanted] - k * column.chunk_rows]
    return t
