r"""How sure a share of samples is, and how sure the difference of two shares of the same samples.

A share k/n has the score interval of Wilson (1927). Two ways to run the same samples differ in the
samples that one gets right and the other wrong: those alone decide (McNemar 1947, exact), and the
interval of the difference is the one that Newcombe (1998, method 10) builds from two score
intervals and the correlation between the ways.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

Z_95 = 1.959963984540054
"""Half of a 95 % interval, in standard deviations of a normal distribution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedDifference:
    """How much more samples one way gets right than another, of the same samples.

    Args:
        difference: share that the first gets right, less that of the second.
        low: lower end of its 95 % interval.
        high: upper end.
        only_first: samples that only the first gets right.
        only_second: samples that only the second gets right.
        p_value: chance of a split as uneven or more so, were both ways equally good.
    """

    difference: float
    low: float
    high: float
    only_first: int
    only_second: int
    p_value: float

    @classmethod
    def of(
        cls, first: Bool[np.ndarray, " n"], second: Bool[np.ndarray, " n"]
    ) -> "PairedDifference":
        """Compare two ways by which samples they get right.

        Examples:
            >>> first = np.array([True, True, True, False])
            >>> found = PairedDifference.of(first, np.array([True, False, False, False]))
            >>> found.difference, found.only_first, found.p_value
            (0.5, 2, 0.5)
        """
        n = len(first)
        both, a, b = (
            int((first & second).sum()),
            int((first & ~second).sum()),
            int((~first & second).sum()),
        )
        low, high = _newcombe(both, a, b, n)
        return cls(
            difference=(a - b) / n,
            low=low,
            high=high,
            only_first=a,
            only_second=b,
            p_value=mcnemar_p(a, b),
        )


def wilson_interval(right: int, n: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share.

    Examples:
        >>> [round(end, 4) for end in wilson_interval(94, 100)]
        [0.8752, 0.9722]
    """
    share, z2 = right / n, Z_95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def mcnemar_p(only_first: int, only_second: int) -> float:
    """Return the two-sided exact chance of a split so uneven, were both sides as likely.

    Examples:
        >>> mcnemar_p(0, 0), mcnemar_p(6, 0)
        (1.0, 0.03125)
    """
    n, few = only_first + only_second, min(only_first, only_second)
    tail = sum(math.comb(n, k) for k in range(few + 1))
    return min(1.0, 2 * tail / (1 << n))


def _newcombe(both: int, a: int, b: int, n: int) -> tuple[float, float]:
    none = n - both - a - b
    p1, p2 = (both + a) / n, (both + b) / n
    (l1, u1), (l2, u2) = wilson_interval(both + a, n), wilson_interval(both + b, n)
    edges = (both + a) * (b + none) * (both + b) * (a + none)
    correlation = 0.0
    if edges:
        lean = float(both * none - a * b)
        # Newcombe corrects for continuity where the ways go together, not where they part.
        lean = max(lean - n / 2, 0.0) if lean > 0 else lean
        correlation = lean / math.sqrt(edges)

    def reach(x: float, y: float) -> float:
        return math.sqrt(max(x * x - 2 * correlation * x * y + y * y, 0.0))

    difference = p1 - p2
    return difference - reach(p1 - l1, u2 - p2), difference + reach(u1 - p1, p2 - l2)
