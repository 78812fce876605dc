"""The pieces of a neuron's step that kernels share; each is folded into the loop that calls it.

Options come as constants, so that the compiler drops the branches not taken. The tensor twins of
these functions are in `snn.dynamics` and `snn.surrogate`.
"""

import numpy as np

from eventstore.jit import kernel
from snn.kernels.exponential import Number, exp_negative

SINGLE_EXPONENTIAL, PERIODIC_EXPONENTIAL, HEAVISIDE = 0, 1, 2
ZERO, HALF, ONE, TWO = np.float32(0.0), np.float32(0.5), np.float32(1.0), np.float32(2.0)


@kernel
def count_spikes(v: Number, threshold: Number, single: bool) -> Number:
    """Return how many thresholds the potential holds, or at most one."""
    spikes = max(np.floor(v / threshold), ZERO)
    return min(spikes, ONE) if single else spikes


@kernel
def after_reset(v: Number, spikes: Number, threshold: Number, to_zero: bool) -> Number:
    """Return the potential after its spikes were taken off."""
    if to_zero:
        return v * (ONE - min(spikes, ONE))
    return v - threshold * spikes


@kernel
def spike_slope(
    v: Number, threshold: Number, reach: Number, height: Number, surrogate: int
) -> Number:
    """Return the surrogate's ds/dv; what reach and height are depends on the surrogate."""
    if surrogate == SINGLE_EXPONENTIAL:
        return height * exp_negative(-abs(v - threshold) * reach)
    if surrogate == PERIODIC_EXPONENTIAL:
        above = TWO * (v - threshold * np.floor(v / threshold + HALF))
        distance = above if v >= threshold else v - threshold
        return height * exp_negative(-abs(distance) * reach)
    return height if v >= threshold - reach else ZERO
