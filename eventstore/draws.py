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


@kernel
def log_gamma(seed: int, i: int, shape: float) -> tuple[float, int]:
    r"""Return the logarithm of a draw of Gamma(shape, 1), and the first draw left unused.

    The logarithm, because draws of small shapes are smaller than any number a float holds.
    Marsaglia & Tsang, "A simple method for generating gamma variables" (2000): $d(1 + cx)^3$ of a
    normal x, accepted 19 times of 20; for shapes below 1, a draw of one more, times
    $u^{1 / shape}$.

    Args:
        seed: the seed.
        i: the first draw to use; an even one.
        shape: above 0.
    """
    d = (shape + 1.0 if shape < 1.0 else shape) - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x, _ = normal_pair(seed, i >> 1)
        u = 1.0 - uniform(seed, i + 2)
        i += 4
        v = (1.0 + c * x) ** 3
        if v > 0.0 and math.log(u) < 0.5 * x * x + d - d * v + d * math.log(v):
            log = math.log(d * v)
            if shape < 1.0:
                log += math.log(1.0 - uniform(seed, i - 1)) / shape
            return log, i


@kernel
def beta(seed: int, i: int, alpha: float) -> float:
    """Return a draw of Beta(alpha, alpha), the shares of two that are mixed; uniform where it is 1.

    Args:
        seed: the seed.
        i: the first draw to use; an even one, of which all after it are unused.
        alpha: above 0; the smaller, the closer to 0 or 1, the larger, the closer to a half.
    """
    if alpha == 1.0:
        return uniform(seed, i)
    first, i = log_gamma(seed, i, alpha)
    second, i = log_gamma(seed, i, alpha)
    return 1.0 / (1.0 + math.exp(second - first))
