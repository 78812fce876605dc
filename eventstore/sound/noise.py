"""Noise of a stated level."""

import hashlib
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from eventstore.draws import normal
from eventstore.errors import InvalidInput
from eventstore.fields import set_integer, set_number
from eventstore.jit import kernel
from eventstore.sound.waveform import Waveform


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNoise:
    """Add white Gaussian noise of a signal-to-noise ratio, exactly as measured on the sound.

    The noise is a function of the seed and of the sound itself: the same everywhere, and another
    for each recording. To silence nothing is added.

    Args:
        snr_db: ratio of the powers of sound and noise, in decibels.
        seed: another seed gives other noise.

    Examples:
        >>> sound = Waveform.of(np.sin(np.arange(8_000.0)), rate_hz=8_000)
        >>> noise = AddNoise(snr_db=20, seed=1).apply(sound).samples - sound.samples
        >>> round(float(10 * np.log10((sound.samples**2).sum() / (noise**2).sum())), 3)
        20.0
    """

    snr_db: float
    seed: int = 0

    def __post_init__(self) -> None:
        set_number(self, "snr_db", minimum=-200.0, maximum=200.0)
        set_integer(self, "seed", minimum=0)

    def channels_out(self, n_channels: int) -> int:
        """Return the same number."""
        return n_channels

    def apply(self, waveform: Waveform) -> Waveform:
        """Return the noisy sound."""
        sha = hashlib.sha256(f"noise {self.seed} ".encode())
        sha.update(waveform.samples.astype("<f4").tobytes())
        noise = np.empty(waveform.samples.shape, np.float32)
        seeds = np.frombuffer(sha.digest()[:8], "<u8").astype(np.uint64)
        _draw(seeds, noise.reshape(-1))
        return mix_at_snr(waveform, waveform.with_samples(noise), self.snr_db)


def mix_at_snr(signal: Waveform, noise: Waveform, snr_db: float) -> Waveform:
    r"""Add a noise, such as a recorded one, scaled to a signal-to-noise ratio.

    $$x + a n, \quad a = \sqrt{\frac{P_x}{P_n} 10^{-SNR/10}}$$

    with the powers $P$, the mean squares over all samples: the ratio is one of powers, so the
    amplitude takes its square root.

    Args:
        signal: the sound x.
        noise: the noise n, as long and of as many channels.
        snr_db: their ratio afterwards, in decibels.

    Raises:
        InvalidInput: the two differ in size or rate, or the noise is silent and the sound is not.

    Examples:
        >>> sound, hum = (Waveform.of([a, -a], rate_hz=8_000) for a in (1.0, 0.25))
        >>> mixed = mix_at_snr(sound, hum, snr_db=20).samples
        >>> [round(float(sample), 3) for sample in mixed[0]]
        [1.1, -1.1]
    """
    if signal.samples.shape != noise.samples.shape or signal.rate_hz != noise.rate_hz:
        message = (
            f"a sound of {list(signal.samples.shape)} at {signal.rate_hz} Hz does not fit a noise "
            f"of {list(noise.samples.shape)} at {noise.rate_hz} Hz"
        )
        raise InvalidInput(message, hint="cut both to one length with FixLength(seconds=…)")
    power, noise_power = _power(signal.samples), _power(noise.samples)
    if power == 0:
        return signal
    if noise_power == 0:
        message = "the noise is silent: no scale gives it a signal-to-noise ratio"
        raise InvalidInput(message, hint="give another stretch of noise")
    scale = np.sqrt(power / noise_power * 10 ** (-snr_db / 10))
    mixed = signal.samples + scale * noise.samples.astype(np.float64)
    return signal.with_samples(mixed.astype(np.float32))


def _power(samples: Float32[np.ndarray, "c n"]) -> float:
    return float(np.square(samples, dtype=np.float64).mean()) if samples.size else 0.0


@kernel
def _draw(seeds: np.ndarray, noise: np.ndarray) -> None:
    for i in range(len(noise)):
        noise[i] = normal(seeds[0], i)
