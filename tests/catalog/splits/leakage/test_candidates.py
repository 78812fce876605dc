"""Candidates: copies are among them, whatever was done to their pixels."""

import numpy as np

from catalog.splits.leakage.candidates import iter_candidates
from catalog.splits.leakage.rate_profile import Profiles


def test_a_thinned_copy_is_found_with_its_shift() -> None:
    rng = np.random.default_rng(1)
    parts = [rng.poisson(14, 300) for _ in range(30)]
    copy = rng.binomial(parts[7], 0.8)
    parts.append(np.concatenate((np.zeros(25, int), copy)))
    offsets = np.concatenate(([0], np.cumsum([len(part) for part in parts])))
    profiles = Profiles(np.concatenate(parts).astype(np.uint16), offsets, 2000)
    fold = (np.arange(31) == 30).astype(np.int32)
    by_sample = list(iter_candidates(profiles, fold))
    assert len(by_sample) == 31
    for query in (7, 30):  # either finds the other, and says the same of them
        one = by_sample[query][0]
        assert (one.a, one.b, one.lag_us) == (7, 30, 50_000)
        assert one.rho > 0.7
    assert list(iter_candidates(profiles, np.zeros(31, np.int32))) == [[]] * 31
