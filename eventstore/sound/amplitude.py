"""Sounds of equal loudness."""

from dataclasses import dataclass

import numpy as np

from eventstore.fields import set_number
from eventstore.sound.waveform import Waveform


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleAmplitude:
    r"""Scale a sound so that its loudest samples have a given amplitude.

    $$x ← x \cdot peak / Q_q(|x|)$$

    with $Q_q$ the quantile over all samples of all channels: for ``quantile=1`` the maximum,
    a bit less is robust against clicks. Silence stays silence.

    Args:
        peak: amplitude of the quantile afterwards, 1.0 is full scale.
        quantile: share of the samples that is not louder than that.

    Examples:
        >>> sound = Waveform.of([0.1, -0.2], rate_hz=8_000)
        >>> ScaleAmplitude(peak=1.0).apply(sound).samples.tolist()
        [[0.5, -1.0]]
    """

    peak: float = 1.0
    quantile: float = 1.0

    def __post_init__(self) -> None:
        set_number(self, "peak", minimum=0.0, maximum=1e6)
        set_number(self, "quantile", minimum=0.0, maximum=1.0)

    def channels_out(self, n_channels: int) -> int:
        """Return the same number."""
        return n_channels

    def apply(self, waveform: Waveform) -> Waveform:
        """Return the scaled sound."""
        loudness = np.abs(waveform.samples)
        if not loudness.size:
            return waveform
        # Of few loud samples among silence the quantile may be 0, which scales nothing.
        reference = float(np.quantile(loudness, self.quantile)) or float(loudness.max())
        scale = self.peak / reference if reference > 0 else 1.0
        return waveform.with_samples((waveform.samples * scale).astype(np.float32))
