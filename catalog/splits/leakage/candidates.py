"""Candidates: pairs of samples of different folds with like profiles at some shift in time."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int32, Int64

from catalog.splits.leakage.code_index import build_index
from catalog.splits.leakage.codes import projections, window_codes
from catalog.splits.leakage.rate_profile import Profiles, correlation, residuals
from catalog.splits.leakage.votes import vote

N_CANDIDATES = 3
"""Samples of the highest correlation that go on to be compared event by event."""

MIN_Z = 3.5
"""Correlation that chance gives in 1 of 4,000 profiles of white noise."""

MIN_RHO = 0.2


class Candidate(NamedTuple):
    """Two samples that may be one.

    Args:
        a: the sample of the lower number.
        b: the other one.
        lag_us: what to add to a time in ``a``, from its start, to have it in ``b``.
        rho: correlation of the profiles over the time they share.
    """

    a: int
    b: int
    lag_us: int
    rho: float


def iter_candidates(profiles: Profiles, fold: Int32[np.ndarray, " n"]) -> Iterator[list[Candidate]]:
    """Yield, sample by sample, the candidates whose other sample is of another fold.

    Args:
        profiles: profiles of all samples.
        fold: fold of each sample, as a number.
    """
    index = build_index(profiles)
    planes = projections(index.bits)
    for query in range(len(fold)):
        profile = residuals(profiles, query)
        voted = vote(index, window_codes(profile, planes), query, fold)
        yield _correlated(profiles, query, profile, voted)


def _correlated(
    profiles: Profiles,
    query: int,
    profile: Float32[np.ndarray, " steps"],
    voted: Int64[np.ndarray, "k columns"],
) -> list[Candidate]:
    """Keep those whose profiles correlate, at the shift near the voted one where they do most."""
    found = []
    for other, pairs, _ in voted.tolist():
        theirs = residuals(profiles, other)
        lags = range(2 * pairs - 3, 2 * pairs + 4)
        zs = [correlation(profile, theirs, lag) for lag in lags]
        best = int(np.argmax(zs))
        lag, z = lags[best], zs[best]
        shared = min(len(profile), len(theirs) - lag) - max(0, -lag)
        rho = z / np.sqrt(max(shared, 1) / 2)
        if z >= MIN_Z and rho >= MIN_RHO:
            found.append((z, _candidate(query, other, lag * profiles.step_us, float(rho))))
    found.sort(key=lambda one: (-one[0], one[1]))
    return [candidate for _, candidate in found[:N_CANDIDATES]]


def _candidate(query: int, other: int, lag_us: int, rho: float) -> Candidate:
    if query < other:
        return Candidate(query, other, lag_us, rho)
    return Candidate(other, query, -lag_us, rho)
