r"""Second-order band passes in whole numbers, as the digital front ends of Xylo compute them.

With the taps $a_1, a_2$ held as integers of $A_f$ and $B$ fractional bits, and $W$ bits appended to
the input so that slow filters do not get stuck (a dead zone), each sample x moves

$$w_n = \left( x_n 2^W + \left\lfloor \frac{-a_1 w_{n-1} - a_2 w_{n-2}}{2^{A_f}} \right\rfloor
\right) 2^{-B},\quad y_n = w_n - w_{n-2}$$

rounded down at each shift: what is left of a Butterworth band pass of order 1, whose zeros lie at
0 Hz and at half the rate, and whose gain is a power of two up to a factor in 0.5 … 1. Structure and
numbers are those of rockpool's simulators of the chips (synsense/rockpool on GitHub,
``devices/xylo/syns65302/afe/digital_filterbank.py`` and ``syns63300/imuif/filterbank.py``), written
anew here.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from eventstore.fields import set_integer
from eventstore.jit import kernel

INPUT_SHIFT = 8
"""Fractional bits of the state, W (``B_wf`` of both chips)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BandTaps:
    """The registers of one band pass.

    Args:
        a1: tap of the last state.
        a2: tap of the one before.
        tap_shift: fractional bits of the products, A_f.
        gain_shift: bits by which the state is scaled down, B.

    Examples:
        >>> round(BandTaps(a1=-21262, a2=12687, tap_shift=11, gain_shift=3).centre_hz(48_828.125))
        5832
    """

    a1: int
    a2: int
    tap_shift: int
    gain_shift: int

    def __post_init__(self) -> None:
        for name in ("a1", "a2"):
            set_integer(self, name, minimum=-(1 << 16), maximum=(1 << 16) - 1)
        for name in ("tap_shift", "gain_shift"):
            set_integer(self, name, minimum=0, maximum=15)

    @property
    def row(self) -> tuple[int, int, int, int]:
        """The registers as the kernels take them."""
        return self.a1, self.a2, self.tap_shift, self.gain_shift

    def centre_hz(self, rate_hz: float) -> float:
        """Return the frequency that passes best, by the rounded taps."""
        unit = 2.0 ** (self.tap_shift + self.gain_shift)
        cosine = -(self.a1 / unit) / (1 + self.a2 / unit)
        return float(np.arccos(cosine) * rate_hz / (2 * np.pi))


def tap_rows(bank: tuple[BandTaps, ...]) -> Int64[np.ndarray, "bands 4"]:
    """Return the registers of a bank, a row a band."""
    return np.array([band.row for band in bank], np.int64)


@kernel
def band_sample(x: int, taps: np.ndarray, filters: np.ndarray, out: np.ndarray) -> None:
    """Advance all bands by a sample; their outputs lag it by one, as the chip's registers do.

    Args:
        x: the sample.
        taps: of `tap_rows`.
        filters: the last three states of each band, ``(3, bands)``; moved on.
        out: filled with the outputs.
    """
    for k in range(len(taps)):
        before = filters[0, k]
        out[k] = before - filters[2, k]
        fed_back = (-taps[k, 0] * before - taps[k, 1] * filters[1, k]) >> taps[k, 2]
        filters[2, k] = filters[1, k]
        filters[1, k] = before
        filters[0, k] = ((x << INPUT_SHIFT) + fed_back) >> taps[k, 3]
