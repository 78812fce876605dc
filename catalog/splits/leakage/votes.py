"""Votes: which samples have windows of the same codes as one sample, all at one shift in time.

Each window looks its code up, each entry found is a vote for one other sample at one shift. Chance
scatters votes over shifts, while a copy gathers them at one.
"""

import numpy as np
from jaxtyping import Int32, Int64

from catalog.splits.leakage.code_index import Index, is_kept
from catalog.splits.leakage.codes import N_TABLES, Codes
from eventstore.jit import kernel

CROWDED = 64
"""A code with so many times the average of entries is what all recordings have: passed over."""

FEWEST_PER_CODE = 4
"""The average is taken to be no less."""

MIN_VOTES = 2

N_VOTED = 24
"""Samples of most votes that are looked at further."""

LAG_BITS = 31


def vote(
    index: Index, codes: Codes, query: int, fold: Int32[np.ndarray, " n"]
) -> Int64[np.ndarray, "k columns"]:
    """Return the samples of other folds with most votes as rows (sample, shift, votes).

    Shifts count pairs of steps; of each sample it is that of most votes.

    Args:
        index: windows of all samples.
        codes: codes of the windows of one sample.
        query: its number.
        fold: fold of each sample.
    """
    keys, is_other = [], fold != fold[query]
    for table in range(N_TABLES):
        kept = is_kept(codes.code[:, table], index.keep_one_in)
        code, position = codes.code[kept, table], codes.position[kept]
        bounds = index.bounds[table]
        crowded = CROWDED * max(int(bounds[-1]) >> index.bits, FEWEST_PER_CODE)
        out = np.empty(count_hits(code, bounds, crowded), np.int64)
        entries = (bounds, index.sample[table], index.position[table])
        n = list_hits((code, position), entries, is_other, crowded, out)
        keys.append(out[:n])
    return _ranked(np.concatenate(keys))


@kernel
def count_hits(code: np.ndarray, bounds: np.ndarray, crowded: int) -> int:
    """Return how many entries have one of the codes, at most."""
    total = 0
    for k in range(len(code)):
        size = bounds[code[k] + 1] - bounds[code[k]]
        if size <= crowded:
            total += size
    return total


@kernel
def list_hits(
    asked: tuple[np.ndarray, np.ndarray],
    entries: tuple[np.ndarray, np.ndarray, np.ndarray],
    is_other: np.ndarray,
    crowded: int,
    out: np.ndarray,
) -> int:
    """List (other sample, shift) of every entry with one of the codes, of other folds.

    Args:
        asked: codes of the query's windows, and where they begin.
        entries: first entry of each code; sample of each entry, and where its window begins.
        is_other: which samples are of another fold than the one that asks.
        crowded: size of a bucket to pass over.
        out: receives the sample, shifted by `LAG_BITS`, plus the shift in pairs of steps.

    Returns: how many there are.
    """
    code, position = asked
    bounds, sample, at = entries
    n = 0
    for k in range(len(code)):
        low, high = bounds[code[k]], bounds[code[k] + 1]
        if high - low > crowded:
            continue
        for entry in range(low, high):
            other = sample[entry]
            if is_other[other]:
                lag = (np.int64(at[entry]) - position[k]) >> 1
                out[n] = (np.int64(other) << LAG_BITS) + lag + (1 << (LAG_BITS - 1))
                n += 1
    return n


@kernel
def tally(keys: np.ndarray, found: np.ndarray) -> int:
    """Reduce sorted hits to each sample's best shift: the two shifts side by side of most votes.

    Args:
        keys: sorted hits.
        found: receives rows (sample, shift in pairs of steps, votes).

    Returns: the number of rows.
    """
    n, at = 0, 0
    before_key, before_votes = np.int64(-2), 0
    while at < len(keys):
        stop = at
        while stop < len(keys) and keys[stop] == keys[at]:
            stop += 1
        votes = stop - at
        both = votes + (before_votes if keys[at] == before_key + 1 else 0)
        before_key, before_votes = keys[at], votes
        other = keys[at] >> LAG_BITS
        lag = (keys[at] & ((1 << LAG_BITS) - 1)) - (1 << (LAG_BITS - 1))
        if n == 0 or found[n - 1, 0] != other:
            found[n, 0], found[n, 1], found[n, 2] = other, lag, both
            n += 1
        elif both > found[n - 1, 2]:
            found[n - 1, 1], found[n - 1, 2] = lag, both
        at = stop
    return n


def _ranked(keys: Int64[np.ndarray, " hits"]) -> Int64[np.ndarray, "k columns"]:
    """Return (sample, shift, votes) of the samples of most votes."""
    keys = np.sort(keys)
    n_samples = 1 + int(np.count_nonzero(np.diff(keys >> LAG_BITS))) if len(keys) else 0
    found = np.empty((n_samples, 3), np.int64)
    found = found[: tally(keys, found)]
    found = found[found[:, 2] >= MIN_VOTES]
    return found[np.lexsort((found[:, 0], -found[:, 2]))][:N_VOTED]
