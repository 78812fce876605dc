"""An exponential that the compiler can turn into vector instructions.

``np.exp`` in a kernel is a call per element, which keeps the whole loop scalar.
"""

from typing import Any, TypeAlias

import numpy as np

from eventstore.jit import fusing_kernel

Number: TypeAlias = Any
"""A float32 in compiled code; numpy's type stubs widen its arithmetic to unions."""

LOG2_E = np.float32(1.4426950408889634)
# ln 2 in two parts: the first has few bits, so that n · LN2_HIGH is exact (Cody and Waite 1980).
LN2_HIGH = np.float32(0.693359375)
LN2_LOW = np.float32(-2.12194440e-4)
LEAST = np.float32(-87.0)
# Taylor coefficients 1/k! of exp on |r| <= ln(2)/2: the first term left out is below 6e-9.
C2, C3, C4 = np.float32(1 / 2), np.float32(1 / 6), np.float32(1 / 24)
C5, C6, C7 = np.float32(1 / 120), np.float32(1 / 720), np.float32(1 / 5040)
ONE, HALF = np.float32(1.0), np.float32(0.5)


@fusing_kernel
def exp_negative(x: Number) -> Number:
    """Return exp(x) of a float32 x <= 0 within 2e-7 of it; about 1e-38 below −87."""
    x = max(x, LEAST)
    n = np.floor(x * LOG2_E + HALF)
    r = x - n * LN2_HIGH - n * LN2_LOW
    p = C6 + r * C7
    p = C5 + r * p
    p = C4 + r * p
    p = C3 + r * p
    p = C2 + r * p
    p = ONE + r * p
    p = ONE + r * p
    exponent = np.int32((np.int32(n) + np.int32(127)) << np.int32(23))
    return p * exponent.view(np.float32)
