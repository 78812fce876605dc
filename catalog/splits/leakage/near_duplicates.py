"""Near-duplicates: samples of different folds that are altered copies of each other.

Profiles of all samples are counted in one pass over the store; pairs with like profiles are then
compared event by event. Memory is bounded: profiles take 2 bytes a step, the index 256 MB at most,
and events are held for a block of pairs at a time.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import NamedTuple

import numpy as np
from jaxtyping import Int32, Int64

from catalog.splits.leakage.candidates import Candidate, iter_candidates
from catalog.splits.leakage.codes import WINDOW_BINS
from catalog.splits.leakage.matching import MIN_COMPARED, Match, match
from catalog.splits.leakage.sample_events import (
    Progress,
    SampleRows,
    count_profiles,
    read_intervals,
)
from eventstore.events import Sensor
from eventstore.store import EventStore

THRESHOLDS = {"vision": 0.5, "audio": 0.75}
"""Share of events beyond chance from which two samples are called near-duplicates. Altered copies
of N-MNIST mostly have 0.9 and more, other recordings at most 0.25; words of one speaker, as spikes
of a bank of filters, up to 0.7."""

MOST_EVENTS = 1 << 18
"""Of samples with more events in all, the middle of the time they share is compared."""

SHORTEST_US = 200_000
"""That middle is at least so long."""

MARGIN_US = 30_000
"""Time around it that is read of the other sample, where partners by chance are looked for."""

PAIRS_AT_ONCE = 64


class NearDuplicate(NamedTuple):
    """Two samples found to be copies.

    Args:
        a: the sample of the lower number.
        b: the other one.
        match: how alike they are, and how the one lies on the other.
    """

    a: int
    b: int
    match: Match


class Search(NamedTuple):
    """What a search for near-duplicates came to.

    Args:
        found: pairs of samples at or above the threshold, in order.
        n_compared: pairs that were compared event by event.
        too_few: samples with too few events, or too short, to tell.
        too_dense: pairs whose events are so dense that most have a partner by chance.
        step_us: step of the rate profiles.
    """

    found: list[NearDuplicate]
    n_compared: int
    too_few: list[int]
    too_dense: int
    step_us: int


def find_near_duplicates(
    store: EventStore,
    rows: SampleRows,
    fold: Int32[np.ndarray, " n"],
    *,
    threshold: float | None = None,
    progress: Progress | None = None,
) -> Search:
    """Search for samples of different folds that are altered copies of each other.

    Args:
        store: the store.
        rows: where the samples are in it.
        fold: fold of each sample, as a number.
        threshold: score from which a pair is one; that of the modality where None.
        progress: told the samples done, first while profiles are counted, then while they are
            compared.
    """
    profiles = count_profiles(store, rows, progress=progress)
    least = THRESHOLDS[store.sensor.modality] if threshold is None else threshold
    found: list[NearDuplicate] = []
    too_dense = 0
    seen: set[tuple[int, int, int]] = set()
    fresh = _fresh(iter_candidates(profiles, fold), seen, len(fold), progress)
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as threads:
        while block := list(islice(fresh, PAIRS_AT_ONCE)):
            matches = _compare(store, rows, block, threads)
            pairs = zip(block, matches, strict=True)
            found += [NearDuplicate(c.a, c.b, m) for c, m in pairs if m.score >= least]
            too_dense += sum(not m.told for m in matches)
    too_short = np.diff(profiles.offsets) < 2 * WINDOW_BINS - 1
    too_few = np.flatnonzero((rows.n_events < MIN_COMPARED) | too_short).tolist()
    return Search(_best(found), len(seen), too_few, too_dense, profiles.step_us)


def _fresh(
    candidates: Iterator[list[Candidate]],
    seen: set[tuple[int, int, int]],
    n_samples: int,
    progress: Progress | None,
) -> Iterator[Candidate]:
    """Yield the candidates of all samples, each pair once for each shift in time."""
    for done, of_sample in enumerate(candidates, start=1):
        for candidate in of_sample:
            key = (candidate.a, candidate.b, candidate.lag_us // NEAR_US)
            if seen.isdisjoint((*key[:2], key[2] + by) for by in (-1, 0, 1)):
                seen.add(key)
                yield candidate
        if progress is not None:
            progress(done, n_samples, 0)


NEAR_US = 8000
"""Shifts in time this close are one."""


def _compare(
    store: EventStore,
    rows: SampleRows,
    block: Sequence[Candidate],
    threads: ThreadPoolExecutor,
) -> list[Match]:
    spans = np.array([_intervals(rows, c) for c in block], np.int64).reshape(-1, 2, 2)
    samples = np.array([(c.a, c.b) for c in block], np.int64)
    start = rows.t_start[samples]
    recordings = rows.recording[samples]
    low = (start + spans[:, :, 0]).ravel()
    high = (start + spans[:, :, 1]).ravel()
    events = read_intervals(store, recordings.ravel(), low, high)

    def one(at: int) -> Match:
        a, b = (events[2 * at + k].shifted(-int(start[at, k])) for k in (0, 1))
        return match(a, b, _sensor(store, recordings[at]), block[at].lag_us)

    return list(threads.map(one, range(len(block))))


def _intervals(rows: SampleRows, candidate: Candidate) -> list[tuple[int, int]]:
    """Return which µs of two samples to read, from the start of each."""
    both = [candidate.a, candidate.b]
    lasts, n_events = rows.duration_us[both].tolist(), int(rows.n_events[both].sum())
    if n_events <= MOST_EVENTS:
        return [(0, lasts[0]), (0, lasts[1])]
    lag = candidate.lag_us
    low, high = max(0, -lag), min(lasts[0], lasts[1] - lag)
    rate = n_events / max(sum(lasts), 1)
    wanted = max(int(MOST_EVENTS / 2 / rate), SHORTEST_US)
    if high - low > wanted:
        low = (low + high - wanted) // 2
        high = low + wanted
    first = max(low - MARGIN_US, 0), min(high + MARGIN_US, lasts[0])
    second = max(low + lag - MARGIN_US, 0), min(high + lag + MARGIN_US, lasts[1])
    return [first, second]


def _sensor(store: EventStore, recordings: Int64[np.ndarray, " 2"]) -> Sensor:
    """Return a sensor that two recordings fit."""
    table = store.recordings
    width, height = int(table.width[recordings].max()), int(table.height[recordings].max())
    return Sensor(width, height, store.sensor.modality)


def _best(found: list[NearDuplicate]) -> list[NearDuplicate]:
    """Return each pair once, by its best shift in time, in order."""
    best: dict[tuple[int, int], NearDuplicate] = {}
    for one in found:
        held = best.get((one.a, one.b))
        if held is None or one.match.score > held.match.score:
            best[one.a, one.b] = one
    return [best[pair] for pair in sorted(best)]
