"""Random draws of kernels: functions of a seed and a number, without state."""

import math

import numpy as np

from eventstore.jit import kernel


@kernel
def uniform(seed: int, i: int) -> float:
    """Return draw ``i`` of a seed, uniform over [0, 1): draws cost no state and come in any order.

    The i-th output of SplitMix64 (Steele, Lea & Flood, "Fast splittable pseudorandom number
    generators", 2014), of which the upper 53 bits are used.
    """
    z = np.uint64(seed) + np.uint64(i + 1) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return np.float64(z >> np.uint64(11)) * 2.0**-53


@kernel
def choice(seed: int, i: int, n: int) -> int:
    """Return draw ``i`` of a seed as a whole number, uniform over 0 … n − 1; uses one draw."""
    # The product rounds up to n only where n has more bits than a draw.
    return min(int(uniform(seed, i) * n), n - 1)


@kernel
def normal_pair(seed: int, i: int) -> tuple[float, float]:
    r"""Return two independent draws of the standard normal distribution; uses draws 2i and 2i + 1.

    $\sqrt{-2 \ln(1 - u_1)}\,(\cos 2\pi u_2, \sin 2\pi u_2)$ (Box & Muller, "A note on the
    generation of random normal deviates", 1958).
    """
    # 1 − u is never 0, whose logarithm is infinite.
    radius = math.sqrt(-2.0 * math.log(1.0 - uniform(seed, 2 * i)))
    angle = 2.0 * math.pi * uniform(seed, 2 * i + 1)
    return radius * math.cos(angle), radius * math.sin(angle)


@kernel
def normal(seed: int, i: int) -> float:
    """Return draw ``i`` of the standard normal distribution; uses draws 2⌊i/2⌋ and the next."""
    first, second = normal_pair(seed, i >> 1)
    return second if i & 1 else first
