"""Bias currents as the chip makes them: a coarse and a fine number each, from the vendor's table.

Which pair makes which current was measured by the vendor on its chips, and is in its open-source
tools; it is no part of this project, so it comes in as a file. A factor for each parameter, of the
transistors behind it, is public and stands here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float64

from eventstore.errors import FormatError, NotFound

VENDOR_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "idc": ("SOIF_DC_P",),
    "igain_ahp": ("SOAD_GAIN_P",),
    "igain_inh": ("DEGA_IGAIN_P",),
    "igain_mem": ("SOIF_GAIN_N",),
    "igain_syn": ("DEAM_EGAIN_P", "DEGA_IGAIN_P"),
    "ipulse": ("SYPD_EXT_N",),
    "ipulse_ahp": ("SOAD_PWTAU_N",),
    "iref": ("SOIF_REFR_N",),
    "ispkthr": ("SOIF_SPKTHR_P",),
    "itau_ahp": ("SOAD_TAU_P",),
    "itau_inh": ("DEGA_ITAU_P",),
    "itau_mem": ("SOIF_LEAK_N",),
    "itau_syn": ("DEAM_ETAU_P", "DEGA_ITAU_P"),
    "iw_0": ("SYAM_W0_P",),
    "iw_1": ("SYAM_W1_P",),
    "iw_2": ("SYAM_W2_P",),
    "iw_3": ("SYAM_W3_P",),
    "iw_ahp": ("SOAD_W_N",),
}
"""Parameters of the chip that each current sets: inhibitory synapses are as excitatory ones, unless
they have currents of their own."""

FACTORS: Mapping[str, float] = {
    "DEAM_EGAIN_P": 0.68,
    "DEAM_ETAU_P": 0.2,
    "DEGA_IGAIN_P": 0.68,
    "DEGA_ITAU_P": 0.2,
    "SOAD_GAIN_P": 0.68,
    "SOAD_PWTAU_N": 0.92,
    "SOAD_TAU_P": 0.2,
    "SOAD_W_N": 0.92,
    "SOIF_DC_P": 0.38,
    "SOIF_GAIN_N": 1.05,
    "SOIF_LEAK_N": 0.61,
    "SOIF_REFR_N": 1.05,
    "SOIF_SPKTHR_P": 0.38,
    "SYAM_W0_P": 0.22,
    "SYAM_W1_P": 0.22,
    "SYAM_W2_P": 0.22,
    "SYAM_W3_P": 0.22,
    "SYPD_EXT_N": 0.92,
}
"""What a table's current is multiplied with for a parameter: the vendor's documentation."""

FINE = 256


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BiasTable:
    """Currents of all coarse and fine numbers.

    Args:
        amperes: coarse × fine.
    """

    amperes: Float64[np.ndarray, "c 256"]

    def numbers_for(self, current: float, parameter: str) -> tuple[int, int]:
        """Return the coarse and fine number whose current is nearest, by ratio.

        Args:
            current: amperes.
            parameter: the chip's name of the parameter.

        Raises:
            NotFound: there is no such parameter.

        Examples:
            >>> table = BiasTable(amperes=np.outer([1e-12, 1e-9], np.arange(256) / 255.0))
            >>> table.numbers_for(0.68e-9, "DEAM_EGAIN_P")
            (1, 255)
        """
        if parameter not in FACTORS:
            what = "parameter of the chip"
            raise NotFound.among(what, parameter, FACTORS)
        made = self.amperes * FACTORS[parameter]
        if current <= 0:
            return 0, 0
        with np.errstate(divide="ignore"):
            distance = np.abs(np.log(made / current))
        coarse, fine = np.unravel_index(int(distance.argmin()), made.shape)
        return int(coarse), int(fine)


def load_bias_table(path: Path | str) -> BiasTable:
    """Read the vendor's table from JSON: a list of 256 currents in amperes for each coarse number.

    Args:
        path: the file.

    Raises:
        NotFound: there is no such file.
        FormatError: it is no such table.
    """
    path = Path(path)
    if not path.is_file():
        message = f"no table of bias currents {path}"
        raise NotFound(message, hint="export the vendor's table: [[256 currents], …] in amperes")
    expected = "a list of 256 currents in amperes for each coarse number"
    try:
        table = np.array(json.loads(path.read_bytes()), float)
    except ValueError as error:
        message = "no table of bias currents"
        raise FormatError(message, path=path, expected=expected, found=str(error)) from error
    if table.ndim != 2 or table.shape[1] != FINE or not (table >= 0).all():
        message = "no table of bias currents"
        raise FormatError(message, path=path, expected=expected, found=f"shape {table.shape}")
    return BiasTable(amperes=table)
