"""Merging: events of each sample and of the one before it, those that are wanted, in time."""

import numpy as np

from eventstore.jit import kernel


@kernel
def count(masks: tuple[np.ndarray, np.ndarray], offsets: np.ndarray) -> np.ndarray:
    """Return three rows: what stays of each sample, what comes there, and what it had.

    Args:
        masks: which events leave their sample, and which enter the sample after theirs.
        offsets: first row of each sample, and the end of the last.
    """
    leaves, enters = masks
    counts = np.empty((3, len(offsets) - 1), np.int64)
    for b in range(len(offsets) - 1):
        start, stop = offsets[b], offsets[b + 1]
        gone = 0
        for i in range(start, stop):
            gone += leaves[i]
        come = 0
        for i in range(offsets[b - 1] if b else start, start):
            come += enters[i]
        counts[0, b], counts[1, b], counts[2, b] = stop - start - gone, come, stop - start
    return counts


@kernel
def merge(
    masks: tuple[np.ndarray, np.ndarray],
    samples: tuple[np.ndarray, np.ndarray],
    columns: tuple[np.ndarray, ...],
    merged: tuple[np.ndarray, ...],
    counts: np.ndarray,
) -> None:
    """Write what stays and what comes of each sample in the order of time; what stays first.

    Args:
        masks: as in `count`.
        samples: offsets and starts of the samples.
        columns: their events; times ascend in each sample.
        merged: where to write.
        counts: columns of what `count` returned; for the last samples alone where only those are
            to be written.
    """
    offsets, t_start = samples
    longest = 0
    for b in range(len(offsets) - 1):
        longest = max(longest, offsets[b + 1] - offsets[b])
    # One to spare: a time after all others, and room to write before it is decided what counts.
    own = np.empty(longest + 1, np.int64), np.empty(longest + 1, np.int64)
    other = np.empty(longest + 1, np.int64), np.empty(longest + 1, np.int64)
    lead = len(offsets) - 1 - counts.shape[1]
    end = 0
    for k in range(counts.shape[1]):
        b = k + lead
        begin, end = end, end + counts[0, k] + counts[1, k]
        if counts[1, k] == 0 and counts[0, k] == counts[2, k]:
            _copy(columns, offsets[b], merged, (begin, end))
            continue
        _gather(columns[0], (offsets[b], offsets[b + 1]), (masks[0], False), 0, own)
        shift = t_start[b] - t_start[b - 1]
        _gather(columns[0], (offsets[b - 1], offsets[b]), (masks[1], True), shift, other)
        _merge_two(columns, own, other, merged, (begin, end))


@kernel
def _copy(
    columns: tuple[np.ndarray, ...], start: int, out: tuple[np.ndarray, ...], rows: tuple[int, int]
) -> None:
    t, x, y, p = columns
    new_t, new_x, new_y, new_p = out
    to, of = slice(rows[0], rows[1]), slice(start, start + rows[1] - rows[0])
    new_t[to], new_x[to], new_y[to], new_p[to] = t[of], x[of], y[of], p[of]


@kernel
def _gather(
    t: np.ndarray,
    rows: tuple[int, int],
    wanted: tuple[np.ndarray, bool],
    shift: int,
    found: tuple[np.ndarray, np.ndarray],
) -> None:
    """Write which events are wanted and their times, moved; a time after all others ends them."""
    mask, value = wanted
    found_rows, found_t = found
    n = 0
    for i in range(rows[0], rows[1]):
        # Written always, counted if wanted: no branch to mispredict.
        found_rows[n], found_t[n] = i, t[i] + shift
        n += mask[i] == value
    found_t[n] = np.iinfo(np.int64).max


@kernel
def _merge_two(
    columns: tuple[np.ndarray, ...],
    own: tuple[np.ndarray, np.ndarray],
    other: tuple[np.ndarray, np.ndarray],
    out: tuple[np.ndarray, ...],
    rows: tuple[int, int],
) -> None:
    own_rows, own_t = own
    other_rows, other_t = other
    _, x, y, p = columns
    new_t, new_x, new_y, new_p = out
    i = j = 0
    for k in range(rows[0], rows[1]):
        mine, its = own_t[i], other_t[j]
        comes = its < mine
        row = other_rows[j] if comes else own_rows[i]
        new_t[k] = its if comes else mine
        new_x[k], new_y[k], new_p[k] = x[row], y[row], p[row]
        i += not comes
        j += comes
