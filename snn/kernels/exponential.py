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
# 1.5 · 2^23: what is added to it is rounded to a whole number, in its lowest bits; 127 more, and
# those are the bits of an exponent.
ROUNDING = np.float32(12582912 + 127)
# Of 1 + C1 r + … + C5 r^5, within 9.2e-8 of exp(r) for |r| <= ln(2)/2: least squares of relative
# errors, each weighted by its size again and again until the largest are alike.
C1, C2, C3 = np.float32(0.9999997072), np.float32(0.4999914953), np.float32(0.166676362)
C4, C5 = np.float32(0.04189793004), np.float32(0.008290314832)
ONE = np.float32(1.0)


@fusing_kernel
def exp_negative(x: Number) -> Number:
    """Return exp(x) of a float32 x <= 0 within 2e-7 of it; about 1e-38 below −87."""
    x = max(x, LEAST)
    rounded = x * LOG2_E + ROUNDING
    n = rounded - ROUNDING
    r = x - n * LN2_HIGH - n * LN2_LOW
    p = C4 + r * C5
    p = C3 + r * p
    p = C2 + r * p
    p = C1 + r * p
    p = ONE + r * p
    exponent = np.int32(np.float32(rounded).view(np.int32) << np.int32(23))
    return p * exponent.view(np.float32)
