"""The pieces of a neuron's step that kernels share; each is folded into the loop that calls it.

Options come as constants, so that the compiler drops the branches not taken. Numbers that must hold
in both precisions are exact in float32, which float64 takes as they are. The tensor twins of these
functions are in `snn.dynamics` and `snn.surrogate`.
"""

import numpy as np

from eventstore.jit import inner_kernel
from snn.kernels.exponential import Number, exp_negative

SUBTRACT, SET, NONE = 0, 1, 2
(
    SINGLE_EXPONENTIAL,
    PERIODIC_EXPONENTIAL,
    HEAVISIDE,
    GAUSSIAN,
    MULTI_GAUSSIAN,
    FAST_SIGMOID,
    ARC_TAN,
    TRIANGULAR,
) = range(8)
ZERO, HALF, ONE, TWO = np.float32(0.0), np.float32(0.5), np.float32(1.0), np.float32(2.0)


@inner_kernel
def count_spikes(r: Number, most: Number) -> Number:
    """Return how many spikes a potential of r thresholds makes, of ``most`` in one step."""
    return min(max(np.floor(r), ZERO), most)


@inner_kernel
def after_reset(
    u: Number, spikes: Number, threshold: Number, v_reset: Number, reset: int
) -> Number:
    """Return the potential after its spikes were taken off."""
    if reset == SUBTRACT:
        return u - threshold * spikes
    if reset == SET:
        fired = min(spikes, ONE)
        return u * (ONE - fired) + v_reset * fired
    return u


@inner_kernel
def exp_of_negative(x: Number, double: bool) -> Number:
    """Return exp(x) of an x <= 0, in either precision."""
    return np.exp(x) if double else exp_negative(x)


@inner_kernel
def bell(x: Number, double: bool) -> Number:
    """Return exp(−x² / 2)."""
    return exp_of_negative(-HALF * x * x, double)


@inner_kernel
def spike_slope(r: Number, numbers: tuple[Number, ...], surrogate: int, double: bool) -> Number:  # noqa: PLR0911 # one for each
    """Return the surrogate's ds/dr at a potential of r thresholds."""
    reach, height, reach_2, height_2, offset = numbers
    if surrogate == SINGLE_EXPONENTIAL:
        return height * exp_of_negative(-abs(r - ONE) * reach, double)
    if surrogate == PERIODIC_EXPONENTIAL:
        distance = ONE - r if r < ONE else TWO * abs(r - np.floor(r + HALF))
        return height * exp_of_negative(-distance * reach, double)
    if surrogate == HEAVISIDE:
        return height if r >= reach else ZERO * height
    if surrogate == GAUSSIAN:
        return height * bell((r - ONE) * reach, double)
    if surrogate == MULTI_GAUSSIAN:
        x = r - ONE
        lobes = bell((x - offset) * reach_2, double) + bell((x + offset) * reach_2, double)
        return height * bell(x * reach, double) - height_2 * lobes
    if surrogate == FAST_SIGMOID:
        stretched = ONE + abs(r - ONE) * reach
        return height / (stretched * stretched)
    if surrogate == ARC_TAN:
        stretched = (r - ONE) * reach
        return height / (ONE + stretched * stretched)
    if surrogate == TRIANGULAR:
        return height * max(ONE - abs(r - ONE) * reach, ZERO)
    return height
