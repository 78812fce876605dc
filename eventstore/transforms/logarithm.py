"""The natural logarithm of many numbers at once, in vector instructions."""

import numpy as np

from eventstore.jit import kernel

MANTISSA = (1 << 52) - 1
ONE = 1023 << 52
"""Bits of 1.0: exponent 0, mantissa 0."""

LN_2 = float(np.log(2.0))
SQRT_2 = float(np.sqrt(2.0))


@kernel
def take_logarithms(values: np.ndarray, bits: np.ndarray, scratch: np.ndarray) -> None:
    """Replace positive, normal float64 numbers by their logarithms, right to 1e-9.

    ln(2^e · m) = e · ln 2 + 2 · artanh((m − 1) / (m + 1)) with m between √½ and √2, of which the
    series to the ninth power is taken. The loops call nothing, so they become vector code.

    Args:
        values: the numbers.
        bits: the same memory as int64.
        scratch: float64, as long; overwritten.

    Examples:
        >>> values = np.array([1.0, 10.0])
        >>> take_logarithms(values, values.view(np.int64), np.empty(2))
        >>> values.round(6).tolist()
        [0.0, 2.302585]
    """
    n = len(values)
    for i in range(n):
        scratch[i] = np.float64((bits[i] >> 52) - 1023)
        bits[i] = (bits[i] & MANTISSA) | ONE
    for i in range(n):
        m, exponent = values[i], scratch[i]
        large = m > SQRT_2
        m = m * 0.5 if large else m
        exponent = exponent + 1.0 if large else exponent
        s = (m - 1.0) / (m + 1.0)
        q = s * s
        series = 1.0 + q * (1 / 3 + q * (1 / 5 + q * (1 / 7 + q * (1 / 9))))
        values[i] = exponent * LN_2 + 2.0 * s * series
