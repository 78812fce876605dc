"""Exponential decay by whole microseconds, from tables: two look-ups in place of an exponential."""

import numpy as np
from jaxtyping import Float64

from eventstore.jit import kernel

NOTHING = 104.0
"""Time constants after which a decay is below the smallest float32."""

FLOOR = 1.2e-38
"""What is smaller counts as zero: numbers below it are no longer exact, and slow."""


def decay_tables(
    tau_us: int, longest_us: int
) -> tuple[Float64[np.ndarray, " fine"], Float64[np.ndarray, " coarse"], int]:
    """Return what `decayed` looks up for ages up to ``longest_us``.

    exp(−a/τ) = exp(−(a mod m)/τ) · exp(−m·⌊a/m⌋/τ) with m = 2^shift near √longest, so that both
    tables together are as small as can be.

    Args:
        tau_us: time constant.
        longest_us: largest age to be looked up.

    Returns: the factors of a mod m, those of ⌊a/m⌋, and shift.

    Examples:
        >>> round(decayed(100, decay_tables(100, 1000)), 6)
        0.367879
    """
    longest = min(longest_us, int(NOTHING * tau_us) + 1)
    shift = longest.bit_length() // 2
    fine = np.exp(-np.arange(1 << shift) / tau_us)
    coarse = np.exp(-np.arange((longest >> shift) + 1) * float(1 << shift) / tau_us)
    return fine, coarse, shift


@kernel
def decayed(age: int, tables: tuple[np.ndarray, np.ndarray, int]) -> float:
    """Return exp(−age / tau) from the tables; 0 for an age past their end."""
    fine, coarse, shift = tables
    j = age >> shift
    return fine[age - (j << shift)] * coarse[j] if j < len(coarse) else 0.0
