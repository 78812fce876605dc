r"""Weights of four bits: each synapse adds up some of four currents that its core has.

$$ |w_j| \approx \sum_{b=0}^{3} m_{jb} I_b, \quad m_{jb} \in \{0, 1\}, \; I_b \ge 0 $$

One set of currents serves all synapses of a core; signs are kept aside, as the kind of synapse.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, UInt8

from devices.dynapse.nonnegative import nonnegative_least_squares
from eventstore.errors import InvalidInput

N_BITS = 4
BITS = (np.arange(1 << N_BITS)[:, None] >> np.arange(N_BITS)) & 1
"""Which currents each code adds up, code × bit."""

ROUNDS = 50
"""Most turns of fitting currents and codes; fewer than 20 are needed as a rule."""

STARTS = 24
"""Random starts beside those that are tried always."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Encoding:
    """Four currents, and which of them each weight adds up.

    Args:
        base: the currents, in the unit of the weights.
        codes: for each weight 0 … 15; bit b stands for current b.

    Raises:
        InvalidInput: a current is negative or not finite.
    """

    base: Float64[np.ndarray, "4"]
    codes: UInt8[np.ndarray, " n"]

    def __post_init__(self) -> None:
        if not (np.isfinite(self.base) & (self.base >= 0)).all():
            message = f"base currents {self.base.tolist()} are not all 0 or more"
            raise InvalidInput(message, hint="signs are kept aside")

    def decoded(self) -> Float64[np.ndarray, " n"]:
        """Return the weights that the codes stand for."""
        weights: np.ndarray = (BITS @ self.base)[self.codes]
        return weights

    def mean_squared_error(self, weights: Float64[np.ndarray, " n"]) -> float:
        """Return the mean squared difference to what was encoded."""
        return float(np.mean((self.decoded() - weights) ** 2)) if len(weights) else 0.0


def encode_least_squares(weights: Float64[np.ndarray, " n"], seed: int = 0) -> Encoding:
    """Encode weights by least squares: best codes for currents, best currents for codes, in turn.

    Each turn lowers the error or ends, so it stops in a minimum; several starts make it a good one.

    Args:
        weights: sizes of weights, 0 or more.
        seed: of the random starts.

    Raises:
        InvalidInput: a weight is negative or not finite.

    Examples:
        >>> found = encode_least_squares(np.array([1.0, 2.0, 3.0, 8.0, 11.0]))
        >>> found.decoded().round(6).tolist()
        [1.0, 2.0, 3.0, 8.0, 11.0]
    """
    _check(weights)
    unit = float(weights.max(initial=0.0))
    if unit == 0.0:
        return Encoding(base=np.zeros(N_BITS), codes=np.zeros(len(weights), np.uint8))
    values, place, counts = np.unique(weights / unit, return_inverse=True, return_counts=True)
    best_error, best_base = np.inf, np.zeros(N_BITS)
    for base in _starts(values, np.random.default_rng(seed)):
        error, fitted = _descend(values, counts, base)
        if error < best_error * (1 - 1e-12):
            best_error, best_base = error, fitted
    base = np.sort(best_base)
    return Encoding(base=base * unit, codes=nearest_codes(values, base)[place])


def nearest_codes(
    values: Float64[np.ndarray, " n"], base: Float64[np.ndarray, "4"]
) -> UInt8[np.ndarray, " n"]:
    """Return the code whose sum of currents lies nearest to each value; of equal ones the lowest.

    Examples:
        >>> nearest_codes(np.array([0.9, 3.2]), np.array([1.0, 2.0, 4.0, 8.0])).tolist()
        [1, 3]
    """
    sums = BITS @ base
    order = np.argsort(sums, kind="stable")
    middles = (sums[order][1:] + sums[order][:-1]) / 2
    codes: np.ndarray = order[np.searchsorted(middles, values)].astype(np.uint8)
    return codes


def _descend(values: np.ndarray, counts: np.ndarray, base: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the error of all weights, and the currents, where a start ends."""
    root, error = np.sqrt(counts), np.inf
    for _ in range(ROUNDS):
        chosen = BITS[nearest_codes(values, base)].astype(np.float64)
        fitted, rest = nonnegative_least_squares(chosen * root[:, None], values * root)
        if not rest**2 < error * (1 - 1e-9):
            break
        error, base = rest**2, fitted
    return error, base


def _starts(values: np.ndarray, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield currents to begin with: powers of two, parts of the largest weight, and random ones."""
    yield np.array([1, 2, 4, 8]) / 15
    yield np.quantile(values, (0.2, 0.5, 0.8, 1.0)) / 2
    yield np.array([1, 1, 1, 1]) / 4 * np.array([0.4, 0.8, 1.2, 1.6])
    for _ in range(STARTS):
        drawn = rng.dirichlet(np.ones(N_BITS))
        yield drawn * rng.uniform(0.7, 1.2)


def _check(weights: np.ndarray) -> None:
    if not (np.isfinite(weights) & (weights >= 0)).all():
        message = "sizes of weights are not all 0 or more"
        raise InvalidInput(message, hint="encode |w|, and keep the signs")
