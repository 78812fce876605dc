"""Filter banks: a sound as many narrow bands of it, as a cochlea hears."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

import numpy as np
from jaxtyping import Float32, Float64

from eventstore.errors import InvalidInput
from eventstore.fields import check_choice, set_integer, set_number
from eventstore.sound.butterworth import band_pass, filter_rows
from eventstore.sound.protocol import State, apply_whole
from eventstore.sound.waveform import Waveform

MAX_BANDS = 1 << 12
HIGHEST_HZ = 1e9
MAX_ORDER = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterBank:
    r"""Split each channel into bands by Butterworth filters, the lowest band first.

    The edges of the bands are equally spaced from ``low_hz`` to ``high_hz``, on a linear scale or
    on the mel scale of equal steps for the ear,

    $$m(f) = 2595 \log_{10}(1 + f / 700)$$

    (D. O'Shaughnessy, "Speech communication", 1987). Bands tile the range: each begins where the
    one below ends, and there both pass half the power. Bands of channel k are the rows
    ``k * n_bands … (k + 1) * n_bands - 1``.

    Args:
        n_bands: bands of each channel.
        low_hz: lower edge of the lowest.
        high_hz: upper edge of the highest, below half the sound's rate.
        scale: ``"mel"`` or ``"linear"``.
        order: order of the filters' slopes, 1 … 8.

    Examples:
        >>> bank = FilterBank(n_bands=4, low_hz=100, high_hz=900, scale="linear")
        >>> bank.centres_hz().tolist()
        [200.0, 400.0, 600.0, 800.0]
        >>> bank.apply(Waveform.of(np.zeros(50), rate_hz=8_000)).samples.shape
        (4, 50)
    """

    n_bands: int = 64
    low_hz: float = 100.0
    high_hz: float = 3_600.0
    scale: Literal["mel", "linear"] = "mel"
    order: int = 2

    def __post_init__(self) -> None:
        set_integer(self, "n_bands", minimum=1, maximum=MAX_BANDS)
        set_integer(self, "order", minimum=1, maximum=MAX_ORDER)
        set_number(self, "low_hz", minimum=0.0, maximum=HIGHEST_HZ)
        set_number(self, "high_hz", minimum=0.0, maximum=HIGHEST_HZ)
        check_choice(self, "scale", ("mel", "linear"))
        if not 0 < self.low_hz < self.high_hz:
            message = f"a filter bank from {self.low_hz} to {self.high_hz} Hz is empty"
            raise InvalidInput(message, hint="give low_hz above 0, and high_hz above low_hz")

    def edges_hz(self) -> Float64[np.ndarray, " edges"]:
        """Return the edges of the bands: each one's lower, and the last one's upper."""
        return self._spaced(np.linspace(0, 1, self.n_bands + 1))

    def centres_hz(self) -> Float64[np.ndarray, " bands"]:
        """Return the centres of the bands, half way between their edges on the scale."""
        return self._spaced((np.arange(self.n_bands) + 0.5) / self.n_bands)

    def channels_out(self, n_channels: int) -> int:
        """Return the number of bands of all channels."""
        return n_channels * self.n_bands

    def start(self, n_channels: int, rate_hz: int) -> State:
        """Return filters at rest."""
        if self.high_hz >= rate_hz / 2:
            message = f"bands up to {self.high_hz} Hz of a sound of {rate_hz} samples a second"
            hint = f"give high_hz below half the rate, {rate_hz / 2} Hz"
            raise InvalidInput(message, hint=hint)
        sections = np.tile(_sections(self, rate_hz), n_channels)
        source = np.repeat(np.arange(n_channels), self.n_bands)
        return source, sections, np.zeros((self.order, 2, len(source)))

    def advance(self, samples: Float32[np.ndarray, "c n"], state: State) -> np.ndarray:
        """Return the bands of a block."""
        source, sections, memory = state
        out = np.empty((len(source), samples.shape[1]), np.float32)
        filter_rows(samples, source, sections, memory, out)
        return out

    def apply(self, waveform: Waveform) -> Waveform:
        """Return the bands of a sound."""
        return apply_whole(self, waveform)

    def _spaced(self, shares: Float64[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
        if self.scale == "linear":
            return self.low_hz + shares * (self.high_hz - self.low_hz)
        low, high = (2595 * np.log10(1 + f / 700) for f in (self.low_hz, self.high_hz))
        return np.asarray(700 * (10 ** ((low + shares * (high - low)) / 2595) - 1))


@lru_cache(maxsize=32)
def _sections(bank: FilterBank, rate_hz: int) -> Float64[np.ndarray, "s 5 bands"]:
    # Kept, because designing them takes longer than filtering a spoken word.
    edges = bank.edges_hz().tolist()
    bands = [band_pass(low, high, rate_hz, order=bank.order) for low, high in pairwise(edges)]
    return np.stack(bands, axis=-1)
