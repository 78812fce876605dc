"""A sound as samples: what flows from one transform of sound to the next."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from eventstore.errors import InvalidInput
from eventstore.jit import kernel

FULL_SCALE = 1 << 31
"""What a sample of 1.0 is where samples are whole numbers."""

RATE_LIMIT_HZ = 1 << 32
"""No sound has as many samples a second."""


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """Samples of one or several channels of a sound, of which 1.0 is full scale.

    Args:
        samples: a row a channel (a band of it, after a filter bank).
        rate_hz: samples in a second.

    Raises:
        InvalidInput: the samples are no such table, or the rate is none.

    Examples:
        >>> sound = Waveform.of([0.0, 0.5, 0.0, -0.5], rate_hz=8_000)
        >>> sound.n_channels, len(sound), sound.seconds
        (1, 4, 0.0005)
    """

    samples: Float32[np.ndarray, "c n"]
    rate_hz: int

    def __post_init__(self) -> None:
        if self.samples.dtype != np.float32 or self.samples.ndim != 2:
            found = f"{self.samples.dtype}{list(self.samples.shape)}"
            message = f"samples are {found}, expected float32[channels, n]"
            raise InvalidInput(message, hint="build waveforms with Waveform.of(...)")
        if not 1 <= self.rate_hz < RATE_LIMIT_HZ:
            message = f"a rate of {self.rate_hz} samples a second is out of range"
            raise InvalidInput(message, hint="give it in Hz, such as 16000")

    @classmethod
    def of(cls, samples: Sequence[float] | np.ndarray, rate_hz: int) -> "Waveform":
        """Build a waveform of real numbers: one channel, or a row a channel.

        Raises:
            InvalidInput: they are whole numbers, whose scale is not known, or some are no numbers.
        """
        array = np.asarray(samples)
        if array.dtype.kind != "f" and array.size:
            message = f"samples are {array.dtype}, not real numbers"
            raise InvalidInput(message, hint="divide them by full scale, such as 32768 of int16")
        if not np.isfinite(array).all():
            message = f"sample {int(np.argmin(np.isfinite(array).ravel()))} is not a finite number"
            raise InvalidInput(message, hint="drop or mend such samples first")
        rows = array.reshape(1, -1) if array.ndim == 1 else array
        return cls(rows.astype(np.float32), rate_hz)

    @property
    def n_channels(self) -> int:
        """Number of channels."""
        return int(self.samples.shape[0])

    def __len__(self) -> int:
        """Return the number of samples of each channel."""
        return int(self.samples.shape[1])

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self) / self.rate_hz

    def with_samples(self, samples: Float32[np.ndarray, "c n"]) -> "Waveform":
        """Return other samples at the same rate."""
        return Waveform(samples, self.rate_hz)


@kernel
def time_us(i: int, rate_hz: int) -> int:
    """Return the time of sample ``i``, to the nearest µs."""
    return (i * 1_000_000 + rate_hz // 2) // rate_hz
