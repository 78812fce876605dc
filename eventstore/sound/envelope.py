"""Rectified sounds: how loud, without the oscillation."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float32

from eventstore.fields import check_choice, set_integer, set_number
from eventstore.sound.butterworth import filter_rows, low_pass
from eventstore.sound.filter_bank import HIGHEST_HZ, MAX_ORDER
from eventstore.sound.protocol import State, apply_whole
from eventstore.sound.waveform import Waveform


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectify:
    """Keep the positive half waves only, as the hair cells of a cochlea, or turn the others over.

    Args:
        wave: ``"half"`` is max(0, x), ``"full"`` is |x|.

    Examples:
        >>> Rectify().apply(Waveform.of([0.5, -0.25], rate_hz=8_000)).samples.tolist()
        [[0.5, 0.0]]
    """

    wave: Literal["half", "full"] = "half"

    def __post_init__(self) -> None:
        check_choice(self, "wave", ("half", "full"))

    def channels_out(self, n_channels: int) -> int:
        """Return the same number."""
        return n_channels

    def start(self, n_channels: int, rate_hz: int) -> State:
        """Return nothing: each sample is taken by itself."""
        return ()

    def advance(self, samples: Float32[np.ndarray, "c n"], state: State) -> np.ndarray:
        """Return the block, rectified."""
        half = self.wave == "half"
        return np.asarray(np.maximum(samples, np.float32(0)) if half else np.abs(samples))

    def apply(self, waveform: Waveform) -> Waveform:
        """Return the sound, rectified."""
        return apply_whole(self, waveform)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Follow how loud each channel is: |x| through a Butterworth low pass.

    Args:
        cutoff_hz: how fast loudness may change, below half the sound's rate.
        order: order of the low pass, 1 … 8; from 2 on the envelope may swing a bit below 0.

    Examples:
        >>> hum = Waveform.of(np.sin(np.arange(8_000.0)), rate_hz=8_000)
        >>> round(float(Envelope(cutoff_hz=20).apply(hum).samples[0, -1]), 2)  # 2 / π
        0.64
    """

    cutoff_hz: float = 50.0
    order: int = 2

    def __post_init__(self) -> None:
        set_number(self, "cutoff_hz", minimum=0.0, maximum=HIGHEST_HZ)
        set_integer(self, "order", minimum=1, maximum=MAX_ORDER)

    def channels_out(self, n_channels: int) -> int:
        """Return the same number."""
        return n_channels

    def start(self, n_channels: int, rate_hz: int) -> State:
        """Return filters at rest."""
        one = low_pass(self.cutoff_hz, rate_hz, order=self.order)
        sections = np.repeat(one[:, :, None], n_channels, axis=2)
        return sections, np.zeros((len(one), 2, n_channels))

    def advance(self, samples: Float32[np.ndarray, "c n"], state: State) -> np.ndarray:
        """Return the block's envelope."""
        sections, memory = state
        out = np.empty(samples.shape, np.float32)
        filter_rows(np.abs(samples), np.arange(len(samples)), sections, memory, out)
        return out

    def apply(self, waveform: Waveform) -> Waveform:
        """Return the sound's envelope."""
        return apply_whole(self, waveform)
