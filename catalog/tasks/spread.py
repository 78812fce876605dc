"""Mean, deviation and confidence interval of a metric over seeds or rounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

from eventstore.errors import InvalidInput

T_975 = (
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
    2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860,
    2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423,
)  # fmt: skip
"""Quantiles 0.975 of Student's t for 1 … 30 degrees of freedom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How a metric spreads over repetitions.

    Args:
        n: number of repetitions.
        mean: their mean.
        sd: sample standard deviation, over n − 1; None for one repetition.
        ci95: half width of the 95 % confidence interval of the mean, by Student's t; None for one.
    """

    n: int
    mean: float
    sd: float | None
    ci95: float | None

    def __str__(self) -> str:
        """Return it as one writes it in a table."""
        if self.sd is None or self.ci95 is None:
            return f"{self.mean:.4f}"
        return f"{self.mean:.4f} ± {self.sd:.4f} (sd of {self.n}; 95 % CI ± {self.ci95:.4f})"


def spread_of(values: Sequence[float]) -> Spread:
    r"""Return the spread of some values.

    $$ \mathrm{ci95} = t_{0.975,\,n-1} \, s / \sqrt n $$

    Raises:
        InvalidInput: there are none.

    Examples:
        >>> print(spread_of([0.91, 0.93, 0.92]))
        0.9200 ± 0.0100 (sd of 3; 95 % CI ± 0.0248)
        >>> print(spread_of([0.9]))
        0.9000
    """
    if not values:
        message = "no value to take a mean of"
        raise InvalidInput(message, hint="give the result of a run")
    n, mean = len(values), fmean(values)
    if n == 1:
        return Spread(n=1, mean=mean, sd=None, ci95=None)
    sd = stdev(values)
    return Spread(n=n, mean=mean, sd=sd, ci95=t_quantile(n - 1) * sd / sqrt(n))


def t_quantile(degrees: int) -> float:
    r"""Return the quantile 0.975 of Student's t.

    Beyond 30 degrees of freedom by the expansion about the normal quantile z (Abramowitz and
    Stegun 26.7.5), right to four digits:
    $$ t = z + (z^3 + z)/(4ν) + (5z^5 + 16z^3 + 3z)/(96ν^2)
    + (3z^7 + 19z^5 + 17z^3 - 15z)/(384ν^3) $$

    Examples:
        >>> t_quantile(2), round(t_quantile(60), 4), round(t_quantile(10**9), 4)
        (4.3027, 2.0003, 1.96)
    """
    if degrees <= len(T_975):
        return T_975[degrees - 1]
    z = 1.959963984540054
    first = (z**3 + z) / (4 * degrees)
    second = (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * degrees**3)
    return z + first + second + third
