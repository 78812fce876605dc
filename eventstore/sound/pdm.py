r"""A microphone of one bit: a ΔΣ modulator, and the decimation that makes samples of its bits.

PDM (pulse density modulation) is how digital microphones talk: at each clock one bit, whose mean
follows the sound. The modulator here is a chain of four integrators with Butterworth feedback,

$$s_0 += g^4 (x - q),\quad s_1 += s_0 - a_1 g^3 q,\quad s_2 += s_1 - a_2 g^2 q,\quad
s_3 += s_2 - a_3 g q$$

with $g = 2π f_c / f_{PDM}$, all sums from the states before, and the bit $q = ±1$ the sign of
$s_3$. Of 32 bits one sample is made by a low pass of 256 taps in whole numbers, which drops all
but the highest 14 bits of the sum.

Numbers: rockpool's simulator of Xylo Audio 3 (synsense/rockpool on GitHub,
``devices/xylo/syns65302/afe/params.py``, ``afe/pdm/delta_sigma.py``, ``poly_phase_fir.py``): 50 MHz
/ 1024 · 32 = 1.5625 MHz, order 4, cut-off 20 kHz, 256 taps of 16 bits of a Hamming-windowed sinc.
As it says, the modulator is not the microphone's own, which is not published. Two things differ:
the register of bits starts with the pattern of silence in place of zeros, which would be a click,
and a modulator that is driven over its range starts anew, as those of microphones do.
"""

import math
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from jaxtyping import Float32, Float64, Int64

from eventstore.jit import kernel, reordering_kernel

PDM_HZ = 1_562_500
"""Bits in a second: the chip's 50 MHz / 32."""

DECIMATION = 32
"""Bits to a sample."""

N_TAPS = 256
TAP_BITS = 16
PCM_BITS = 14

CUTOFF_HZ = 20_000.0

BUTTERWORTH = (2.613125929752753, 3.414213562373095, 2.613125929752753)
"""Middle coefficients of the Butterworth polynomial of order 4 (a_1, a_2, a_3)."""

OVERLOAD = 4.0
"""State of the last integrator beyond which a modulator has lost its sound and starts anew."""

PdmState: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Integrators and last bit of each channel; its last bits; how many of them are to come."""


def start_pdm(n_channels: int) -> PdmState:
    """Return modulators at rest, and registers that hold the bits of silence."""
    bits = np.tile(np.array([1, -1], np.float32), (n_channels, N_TAPS // 2))
    return np.zeros((n_channels, 5)), bits, np.zeros(1, np.int64)


def pdm_samples(sound: Float64[np.ndarray, "c n"], state: PdmState) -> Int64[np.ndarray, "c m"]:
    """Return the samples, −8192 … 8191, that a microphone and the decimation make of a block.

    Args:
        sound: at `PDM_HZ`, clipped to ±1.
        state: of `start_pdm`; moved on.

    Examples:
        >>> heard = pdm_samples(np.full((1, 32 * 1_000), 0.5), start_pdm(1))
        >>> heard.shape, round(float(heard[0, 50:].mean()) / 8_192, 2)  # a gain of 0.75
        ((1, 1000), 0.37)
    """
    integrators, bits, count = state
    taps, shift = decimation_taps()
    out = np.empty((sound.shape[0], sound.shape[1] // DECIMATION + 1), np.int64)
    n = _modulate(sound, (_feedback(), integrators), (bits, count), (taps, shift), out)
    return out[:, :n]


@lru_cache(maxsize=1)
def decimation_taps() -> tuple[Float32[np.ndarray, " taps"], int]:
    """Return the taps of the low pass, and by how many bits its sums are shifted right.

    They are whole numbers, scaled so that the loudest sum just fits a power of two, and the same
    read from either end.
    """
    width = 2 * CUTOFF_HZ / PDM_HZ
    place = np.arange(N_TAPS) - (N_TAPS - 1) / 2
    taps = width * np.sinc(width * place) * np.hamming(N_TAPS)
    taps /= np.abs(taps).max()
    full = 2 ** (TAP_BITS - 1)
    loudest = int(np.abs((taps * full * (1 - 1e-10)).astype(np.int64)).sum())
    bits = int(math.log2(loudest)) + 1
    scale = (2 ** (bits - 1) - 1) / loudest
    return np.trunc(taps * scale * full).astype(np.float32), bits - PCM_BITS


@lru_cache(maxsize=1)
def _feedback() -> Float64[np.ndarray, " 4"]:
    g = 2 * math.pi * CUTOFF_HZ / PDM_HZ
    a1, a2, a3 = BUTTERWORTH
    return np.array([g**4, a1 * g**3, a2 * g**2, a3 * g])


@kernel
def _modulate(
    sound: np.ndarray,
    loop: tuple[np.ndarray, np.ndarray],
    register: tuple[np.ndarray, np.ndarray],
    low_pass: tuple[np.ndarray, int],
    out: np.ndarray,
) -> int:
    feedback, integrators = loop
    bits, count = register
    n_bits, n = len(low_pass[0]), sound.shape[1]
    made = 0
    line = np.empty(n_bits + n, np.float32)
    for c in range(sound.shape[0]):
        line[:n_bits] = bits[c]
        _one_channel(sound[c], feedback, integrators[c], line[n_bits:])
        made = _decimate(line, low_pass, count[0], out[c])
        bits[c] = line[n:]
    count[0] = (count[0] + n) % DECIMATION
    return made


@kernel
def _one_channel(
    sound: np.ndarray, feedback: np.ndarray, integrators: np.ndarray, bits: np.ndarray
) -> None:
    f0, f1, f2, f3 = feedback
    s0, s1, s2, s3, q = integrators
    for i in range(len(sound)):
        x = min(max(sound[i], -1.0), 1.0)
        s3 += s2 - f3 * q
        s2 += s1 - f2 * q
        s1 += s0 - f1 * q
        s0 += f0 * (x - q)
        if abs(s3) > OVERLOAD:
            s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
        q = 1.0 if s3 > 0 else -1.0
        bits[i] = q
    integrators[:] = s0, s1, s2, s3, q


@reordering_kernel
def _decimate(
    line: np.ndarray, low_pass: tuple[np.ndarray, int], first: int, out: np.ndarray
) -> int:
    """Make a sample at each bit whose number is a multiple of 32.

    Sums stay below 2^20, so floats add them up exactly, in any order.
    """
    taps, shift = low_pass
    n_bits = len(taps)
    made = 0
    for i in range((DECIMATION - first) % DECIMATION, len(line) - n_bits, DECIMATION):
        total = np.float32(0.0)
        for k in range(n_bits):
            total += taps[k] * line[i + 1 + k]
        out[made] = int(total) >> shift
        made += 1
    return made
