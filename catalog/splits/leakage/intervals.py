"""Intervals: whether one moment of one content is in two folds, by the labels or by a copy."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64

from catalog.splits.leakage.placed import Placed
from eventstore.findings import Finding, Severity
from eventstore.jit import kernel

MOST_PAIRS = 1 << 20
"""Pairs that are listed; that many are reason enough to make another split."""


class Overlaps(NamedTuple):
    """Pairs of samples of different folds with the same moment of the same content.

    Args:
        findings: one for each.
        pairs: which samples, to look for no likeness between them.
    """

    findings: list[Finding]
    pairs: set[tuple[int, int]]


def check_intervals(placed: Placed, *, embargo_us: int = 0) -> Overlaps:
    """Find samples that overlap in a recording, or in recordings of the same logical digest.

    Args:
        placed: the samples.
        embargo_us: smallest gap that samples of two folds must keep in one recording.
    """
    content = _contents(placed)
    order = np.lexsort((placed.t_start, content[placed.recording]))
    key, start = content[placed.recording][order], placed.t_start[order]
    stop, fold = placed.t_stop[order], placed.fold[order]
    columns = (key, start, stop, fold)
    found = np.empty((find_overlaps(columns, embargo_us, np.empty((0, 2), np.int64)), 2), np.int64)
    find_overlaps(columns, embargo_us, found)
    pairs = sorted((min(a, b), max(a, b)) for a, b in order[found].tolist())
    findings = [_finding(placed, a, b) for a, b in pairs]
    return Overlaps([*findings, *_shared_recordings(placed)], set(pairs))


@kernel
def find_overlaps(columns: tuple[np.ndarray, ...], embargo: int, found: np.ndarray) -> int:
    """List pairs of intervals of one key and different folds that are too close.

    Args:
        columns: key, start, stop and fold of intervals, sorted by key and start.
        embargo: gap that they must keep.
        found: receives pairs of rows, as many as it has room for.

    Returns: how many there are, at most `MOST_PAIRS`.
    """
    key, start, stop, fold = columns
    n = 0
    for i in range(len(key)):
        j = i + 1
        while j < len(key) and key[j] == key[i] and start[j] < stop[i] + embargo:
            if fold[j] != fold[i] and stop[i] > start[i] and stop[j] > start[j]:
                if n < len(found):
                    found[n, 0], found[n, 1] = i, j
                n += 1
                if n == MOST_PAIRS:
                    return n
            j += 1
    return n


def _contents(placed: Placed) -> Int64[np.ndarray, " recordings"]:
    """Return a number for each recording, the same for those of the same logical digest.

    Recordings without events have all one digest, and are told apart.
    """
    table = placed.store.recordings
    numbers: dict[bytes | int, int] = {}
    sizes = table.row_size.tolist()
    keys = [d if n else row for row, (d, n) in enumerate(zip(table.digests, sizes, strict=True))]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)


def _finding(placed: Placed, a: int, b: int) -> Finding:
    first, second = placed.split.samples[a], placed.split.samples[b]
    low, high = max(first.t_start_us, second.t_start_us), min(first.t_stop_us, second.t_stop_us)
    if first.recording_id != second.recording_id:
        message = f"have identical content over {max(high - low, 0):,} µs"
        fix = "remove one of the recordings, or put both into one fold"
        check = "identical"
    else:
        overlap = f"overlap by {high - low:,} µs of recording {first.recording_id}"
        gap = f"are {low - high:,} µs apart, within the embargo"
        message, check = (overlap, "interval") if high > low else (gap, "embargo")
        fix = "make a split by --rule by-time --embargo-us N, or by groups of whole recordings"
    return Finding(
        severity=Severity.ERROR, where=placed.pair(a, b), message=message, check=check, fix=fix
    )


def _shared_recordings(placed: Placed) -> Iterator[Finding]:
    """Say how many recordings give samples to more than one fold."""
    pairs = np.unique(np.stack([placed.recording, placed.fold.astype(np.int64)], 1), axis=0)
    rows, counts = np.unique(pairs[:, 0], return_counts=True)
    shared = rows[counts > 1]
    if len(shared):
        by_time = placed.split.record.rule.get("name") == "by-time"
        yield Finding(
            severity=Severity.INFO if by_time else Severity.WARNING,
            where=f"recording {placed.store.recordings.ids[int(shared[0])]}",
            message=f"{len(shared):,} recordings give samples to more than one fold",
            check="recording",
            fix="" if by_time else "make another split: --rule group --group-by recording_id",
        )
