"""A logarithm that the compiler can turn into vector instructions.

``np.log`` in a kernel is a call per element, which keeps the whole loop scalar.
"""

import numpy as np

from eventstore.jit import fusing_kernel
from snn.kernels.exponential import LN2_HIGH, LN2_LOW, Number

# The mantissa is taken in [√½, √2); 0x3F3504F3 are the bits of √½ in single precision.
ROOT_HALF, MANTISSA = np.int32(0x3F3504F3), np.int32(0x007FFFFF)
ONE, TWO = np.float32(1.0), np.float32(2.0)
# ln m = 2 artanh(s), s = (m − 1) / (m + 1): |s| ≤ 0.1716, the first term left out is below 1e-9.
C3, C5, C7, C9 = np.float32(1 / 3), np.float32(1 / 5), np.float32(1 / 7), np.float32(1 / 9)


@fusing_kernel
def log_above_one(x: Number) -> Number:
    """Return ln(x) of a finite float32 x >= 1 within 3e-7 of it or of 1, which is larger."""
    bits = np.float32(x).view(np.int32) - ROOT_HALF
    exponent = bits >> np.int32(23)
    m = np.int32((bits & MANTISSA) + ROOT_HALF).view(np.float32)
    n = np.float32(exponent)
    s = (m - ONE) / (m + ONE)
    q = s * s
    p = C7 + q * C9
    p = C5 + q * p
    p = C3 + q * p
    p = ONE + q * p
    return n * LN2_HIGH + (n * LN2_LOW + TWO * s * p)
