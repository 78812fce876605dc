"""Numbers of the analogue front end of Xylo Audio 2, and how one chip's differ from them.

All come from rockpool's simulator (synsense/rockpool on GitHub,
``devices/xylo/syns61201/afe_sim_empirical.py``, version 3.1.0), which calls itself empirical; there
is no public data sheet.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from eventstore.draws import uniform

CENTRES_HZ = (
    40, 54, 77, 137, 203, 290, 428, 674, 1_177, 1_700, 2_226, 3_418, 5_154, 7_884, 11_630, 16_940,
)  # fmt: skip
"""Centres of the bands as designed."""

N_BANDS = len(CENTRES_HZ)

QUALITY = 4.0
"""Centre over width of each band."""

ORDER = 2
"""Order of the Butterworth slopes."""

LOWEST_RATE_HZ = 6 * CENTRES_HZ[-1]
"""Distortion triples frequencies, so the simulation needs six times the highest: 101,640 Hz."""

HIGH_PASS_HZ = 20.0
"""Corner of the coupling, of first order."""

SUPPLY_V = 1.1
CLIP_V = SUPPLY_V / 2
"""Signals swing ±0.55 V around the middle of the supply."""

MICROPHONE_CORNER_V, MICROPHONE_DISTORTION = 0.2, 0.01
AMPLIFIER_CORNER_V, AMPLIFIER_DISTORTION = 0.8 * CLIP_V, 0.01
"""Share of the third harmonic at a corner."""

CAPACITANCE_F = 5e-12
TRANSCONDUCTANCE_S = 0.333e-6
"""Current into the capacitor for a volt at the rectifier."""

LEAKAGE_S = 1e-9

MAX_OFFSET_V = 5e-3
MAX_QUALITY_SHIFT, MAX_CENTRE_SHIFT, MAX_COMMON_SHIFT = 0.1, 0.05, 0.05
"""Bounds of the mismatch, uniform either way: of Q, of each centre, of all centres together."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnalogueNumbers:
    """What one chip is.

    Args:
        centres_hz: of its bands.
        quality: of its bands.
        amplifier_offset_v: at the amplifier's input.
        band_offset_v: at the input of each filter.
    """

    centres_hz: Float64[np.ndarray, " 16"]
    quality: Float64[np.ndarray, " 16"]
    amplifier_offset_v: float
    band_offset_v: Float64[np.ndarray, " 16"]


def analogue_numbers(seed: int | None) -> AnalogueNumbers:
    """Return the numbers of the chip of a seed, the same for ever; None: as designed.

    Examples:
        >>> analogue_numbers(None).centres_hz[:3].tolist()
        [40.0, 54.0, 77.0]
        >>> bool((abs(analogue_numbers(7).quality - 4) <= 0.4).all())
        True
    """
    draws = np.zeros(2 + 3 * N_BANDS)
    if seed is not None:
        draws = 2 * np.array([uniform(seed, i) for i in range(len(draws))]) - 1
    centre, quality, offset = draws[2:].reshape(3, N_BANDS)
    common = 1 + MAX_COMMON_SHIFT * draws[0]
    return AnalogueNumbers(
        centres_hz=np.array(CENTRES_HZ, float) * (1 + MAX_CENTRE_SHIFT * centre) * common,
        quality=QUALITY * (1 + MAX_QUALITY_SHIFT * quality),
        amplifier_offset_v=float(MAX_OFFSET_V * draws[1]),
        band_offset_v=MAX_OFFSET_V * offset,
    )
