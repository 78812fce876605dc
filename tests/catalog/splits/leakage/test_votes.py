"""Votes: gathered at one shift for a copy, of other folds only."""

import numpy as np

from catalog.splits.leakage.code_index import build_index
from catalog.splits.leakage.codes import projections, window_codes
from catalog.splits.leakage.rate_profile import Profiles, residuals
from catalog.splits.leakage.votes import LAG_BITS, tally, vote


def test_a_shifted_copy_has_most_votes_at_its_shift() -> None:
    rng = np.random.default_rng(0)
    parts = [rng.poisson(10, 300) for _ in range(20)]
    parts.append(np.concatenate((rng.poisson(10, 40), parts[4])))
    offsets = np.concatenate(([0], np.cumsum([len(part) for part in parts])))
    profiles = Profiles(np.concatenate(parts).astype(np.uint16), offsets, 1000)
    index = build_index(profiles)
    codes = window_codes(residuals(profiles, 4), projections(index.bits))
    fold = np.arange(21, dtype=np.int32) // 20
    best = vote(index, codes, 4, fold)
    assert best[0, 0] == 20
    assert abs(best[0, 1] - 20) <= 1
    assert len(vote(index, codes, 4, np.zeros(21, np.int32))) == 0


def test_neighbouring_shifts_are_counted_together() -> None:
    def key(sample: int, lag: int) -> int:
        return (sample << LAG_BITS) + lag + (1 << (LAG_BITS - 1))

    keys = np.sort([key(1, -3), key(1, 7), key(1, 8), key(2, 0)])
    found = np.zeros((4, 3), np.int64)
    assert tally(keys, found) == 2
    assert found[:2].tolist() == [[1, 8, 2], [2, 0, 1]]
