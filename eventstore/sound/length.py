"""Sounds of equal length."""

from dataclasses import dataclass

import numpy as np

from eventstore.fields import set_number
from eventstore.sound.waveform import Waveform


@dataclass(frozen=True, slots=True, kw_only=True)
class FixLength:
    """Cut a sound off, or go on with silence, so that it lasts so many seconds.

    Args:
        seconds: how long it lasts then, to the nearest sample.

    Examples:
        >>> len(FixLength(seconds=1.0).apply(Waveform.of([0.5, 0.5], rate_hz=8_000)))
        8000
    """

    seconds: float

    def __post_init__(self) -> None:
        set_number(self, "seconds", minimum=0.0, maximum=1e6)

    def channels_out(self, n_channels: int) -> int:
        """Return the same number."""
        return n_channels

    def apply(self, waveform: Waveform) -> Waveform:
        """Return the sound of that length."""
        n = round(self.seconds * waveform.rate_hz)
        samples = np.zeros((waveform.n_channels, n), np.float32)
        n_kept = min(n, len(waveform))
        samples[:, :n_kept] = waveform.samples[:, :n_kept]
        return waveform.with_samples(samples)
