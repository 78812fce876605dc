r"""How alike the spikes of one layer are in two ways of running the same samples.

What is compared are counts: how often each neuron fired for each sample, from the first step to the
last. Spikes that come a step earlier or later are the same here; what a layer passes on in all is
not.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    r"""How alike two tables of counts are, of each sample and neuron.

    Args:
        overlap: share of spikes that both have, $2 \sum \min(a, b) / \sum (a + b)$; 1 where both
            are silent. Neurons that never fire say nothing here.
        equal: share of counts that are equal; neurons silent in both are.
        correlation: Pearson's, of the mean count of each neuron over samples; None where it is not
            defined, as with neurons that all fire the same.
    """

    overlap: float
    equal: float
    correlation: float | None


class LikenessTally:
    """Sums over samples, to compare two ways without keeping every count.

    Examples:
        >>> tally = LikenessTally()
        >>> tally.add(np.array([2.0, 0.0, 1.0]), np.array([1.0, 0.0, 1.0]))
        >>> found = tally.likeness()
        >>> found.overlap, round(found.equal, 3), round(found.correlation, 3)
        (0.8, 0.667, 0.866)
    """

    def __init__(self) -> None:
        self._common = 0.0
        self._all = 0.0
        self._equal = 0
        self._counted = 0
        self._first: np.ndarray | None = None
        self._second: np.ndarray | None = None

    def add(self, first: Float64[np.ndarray, " n"], second: Float64[np.ndarray, " n"]) -> None:
        """Count a sample: spikes of each neuron, in both ways."""
        self._common += float(np.minimum(first, second).sum())
        self._all += float(first.sum() + second.sum())
        self._equal += int((first == second).sum())
        self._counted += len(first)
        self._first = first.copy() if self._first is None else self._first + first
        self._second = second.copy() if self._second is None else self._second + second

    def likeness(self) -> Likeness:
        """Return what the samples came to; there is at least one."""
        return Likeness(
            overlap=2 * self._common / self._all if self._all else 1.0,
            equal=self._equal / self._counted,
            correlation=self._correlation(),
        )

    def _correlation(self) -> float | None:
        if self._first is None or self._second is None:
            return None
        a, b = self._first - self._first.mean(), self._second - self._second.mean()
        spread = float(np.sqrt((a @ a) * (b @ b)))
        return float(a @ b) / spread if spread > 0 else None
