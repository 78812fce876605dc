"""Which neurons share a core: all of a core have the same bias currents, so like goes with like.

Cores are filled to their last neuron and no further: 256 neurons need one core, not two, and no
neuron gets a number of a core that is not there (both happen in the vendor's tools).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from eventstore.errors import InvalidInput

TOLERANCE = 0.01
"""Largest relative change of a current that is worth no further core."""

ROUNDS = 25
"""Most turns of giving neurons to cores and taking their mean."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clusters:
    """Neurons by core.

    Args:
        core: number of the core of each neuron, from 0 on without a gap.
        currents: bias currents of each core, the geometric mean of its neurons', row × core.
        deviation: largest relative change that a neuron's current takes by it.
    """

    core: Int64[np.ndarray, " n"]
    currents: Float64[np.ndarray, "p k"]
    deviation: float


def cluster_neurons(
    currents: Float64[np.ndarray, "p n"],
    *,
    n_cores: int,
    per_core: int,
    tolerance: float = TOLERANCE,
) -> Clusters:
    """Give neurons to as few cores as keep their currents within a tolerance, or to the best.

    Args:
        currents: bias currents of each neuron.
        n_cores: cores that there are.
        per_core: neurons that a core takes.
        tolerance: relative change of a current that is fine.

    Raises:
        InvalidInput: there are more neurons than places.

    Examples:
        >>> alike = np.full((2, 256), 1e-12)
        >>> len(cluster_neurons(alike, n_cores=16, per_core=256).currents[0])
        1
    """
    n = currents.shape[1]
    fewest = -(-n // per_core)
    if fewest > n_cores:
        message = f"{n:,} neurons on {n_cores} cores of {per_core}"
        raise InvalidInput(message, hint=f"at most {n_cores * per_core:,} fit")
    points = np.log(currents).T
    best: Clusters | None = None
    for k in range(max(fewest, 1), min(n_cores, n) + 1):
        found = _into(points, k, per_core)
        if best is None or found.deviation < best.deviation * (1 - 1e-9):
            best = found
        if best.deviation <= tolerance:
            break
    if best is None:
        return Clusters(core=np.zeros(0, np.int64), currents=currents[:, :0], deviation=0.0)
    return best


def _into(points: Float64[np.ndarray, "n p"], k: int, per_core: int) -> Clusters:
    """Give neurons to k cores: the nearest that has room, those first that have most to lose."""
    centres = points[_far_apart(points, k)]
    core = np.zeros(len(points), np.int64)
    for _ in range(ROUNDS):
        given = _give(points, centres, per_core)
        moved = bool((given != core).any())
        core = given
        centres = np.stack(
            [points[core == c].mean(0) if (core == c).any() else centres[c] for c in range(k)]
        )
        if not moved:
            break
    used, core = np.unique(core, return_inverse=True)
    centres = centres[used]
    worst = float(np.abs(points - centres[core]).max(initial=0.0))
    return Clusters(
        core=core.astype(np.int64), currents=np.exp(centres.T), deviation=float(np.expm1(worst))
    )


def _far_apart(points: np.ndarray, k: int) -> list[int]:
    """Return k neurons far from each other: the first, then each time the farthest of all."""
    chosen = [0]
    distance = np.abs(points - points[0]).max(1)
    for _ in range(k - 1):
        chosen.append(int(distance.argmax()))
        distance = np.minimum(distance, np.abs(points - points[chosen[-1]]).max(1))
    return chosen


def _give(points: np.ndarray, centres: np.ndarray, per_core: int) -> np.ndarray:
    distance = ((points[:, None] - centres) ** 2).sum(2)
    room = np.full(len(centres), per_core)
    core: np.ndarray = distance.argmin(1)
    counts = np.bincount(core, minlength=len(centres))
    if (counts <= per_core).all():
        return core
    second = np.partition(distance, 1, axis=1)[:, 1]
    loss = second - distance.min(1)
    for i in np.argsort(-loss, kind="stable"):
        open_cores = np.flatnonzero(room)
        core[i] = open_cores[distance[i, open_cores].argmin()]
        room[core[i]] -= 1
    return core
