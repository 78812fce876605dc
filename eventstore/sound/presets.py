"""Encodings by name, with a few parameters each: what a user can type for a reader."""

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal

from eventstore.errors import NotFound
from eventstore.sound.amplitude import ScaleAmplitude
from eventstore.sound.crossing import ThresholdCrossing
from eventstore.sound.delta import SendOnDelta
from eventstore.sound.encoding import Encoding
from eventstore.sound.envelope import Rectify
from eventstore.sound.filter_bank import FilterBank
from eventstore.sound.integrate_and_fire import IntegrateAndFire
from eventstore.sound.length import FixLength
from eventstore.sound.noise import AddNoise
from eventstore.sound.protocol import SoundTransform
from eventstore.sound.xylo_audio2 import XyloAudio2
from eventstore.sound.xylo_audio3 import XyloAudio3
from eventstore.sound.xylo_imu import XyloImu


def preset(name: str, **parameters: float) -> Encoding:
    """Return an encoding by its name, with some of its parameters set.

    Raises:
        NotFound: no such name, or a parameter that it does not have; lists those it has.
        InvalidInput: a value that makes no sense.

    Examples:
        >>> preset("mel-lif", n_bands=32).sensor(1).width
        32
    """
    if name not in PRESETS:
        missing = NotFound.among("encoding", name, PRESETS)
        raise missing
    known = inspect.signature(PRESETS[name]).parameters
    for parameter in parameters:
        if parameter not in known:
            missing = NotFound.among(f"parameter of the encoding {name!r}:", parameter, known)
            raise missing
    return PRESETS[name](**parameters)


def delta(*, threshold: float = 0.01) -> Encoding:
    """Send-on-delta of the sound as it is: up and down channels for each of its own."""
    return Encoding(SendOnDelta(threshold=threshold))


def levels(
    *, n_levels: int = 16, peak: float = 1.0, quantile: float = 1.0, seconds: float | None = None
) -> Encoding:
    """Crossings of levels of the whole range, to which the loudest sample is scaled."""
    before = _prepared(peak, quantile, seconds)
    return Encoding(*before, ThresholdCrossing(n_levels=n_levels))


def mel_lif(
    *,
    n_bands: int = 64,
    low_hz: float = 100.0,
    high_hz: float = 3_600.0,
    tau_mem: float = 0.005,
    spike_threshold: float = 0.01,
    refractory_us: int = 0,
    peak: float = 1.0,
    quantile: float = 1.0,
    seconds: float | None = None,
    scale: Literal["mel", "linear"] = "mel",
) -> Encoding:
    """A cochlea: bands of equal steps for the ear, rectified, each driving a neuron."""
    return Encoding(
        *_prepared(peak, quantile, seconds),
        FilterBank(n_bands=n_bands, low_hz=low_hz, high_hz=high_hz, scale=scale),
        Rectify(),
        IntegrateAndFire(
            tau_mem=tau_mem, spike_threshold=spike_threshold, refractory_us=refractory_us
        ),
    )


def xylo_audio2(
    *,
    gain: float = 1.0,
    seed: int | None = None,
    raster_us: int = 10_000,
    seconds: float | None = None,
    snr_db: float | None = None,
) -> Encoding:
    """The front end of Xylo Audio 2, of the chip of a seed; without one, exactly as designed."""
    ears = XyloAudio2(volts=XyloAudio2().volts * gain, seed=seed, raster_us=raster_us)
    return Encoding(*_around(seconds, snr_db), ears)


def xylo_imu(*, gain: float = 1.0) -> Encoding:
    """The interface of Xylo IMU: three axes of 200 samples a second."""
    return Encoding(XyloImu(gain=gain))


def xylo_audio3(
    *,
    gain: float = 1.0,
    floor: int = 1 << 12,
    raster_samples: int = 500,
    seconds: float | None = None,
    snr_db: float | None = None,
) -> Encoding:
    """The front end of Xylo Audio 3, for networks of steps of 10.24 ms, deaf to faint hiss."""
    ears = XyloAudio3(gain=gain, floor=floor, raster_samples=raster_samples)
    return Encoding(*_around(seconds, snr_db), ears)


def _around(seconds: float | None, snr_db: float | None) -> list[SoundTransform]:
    """Return what happens to a sound on its way to the ears: it is cut, and noise is added."""
    cut: list[SoundTransform] = [] if seconds is None else [FixLength(seconds=seconds)]
    return cut if snr_db is None else [*cut, AddNoise(snr_db=snr_db)]


def _prepared(peak: float, quantile: float, seconds: float | None) -> list[SoundTransform]:
    scaled = ScaleAmplitude(peak=peak, quantile=quantile)
    return [scaled] if seconds is None else [FixLength(seconds=seconds), scaled]


PRESETS: Mapping[str, Callable[..., Encoding]] = {
    "delta": delta,
    "levels": levels,
    "linear-lif": partial(mel_lif, scale="linear"),
    "mel-lif": partial(mel_lif, scale="mel"),
    "xylo-audio2": xylo_audio2,
    "xylo-audio3": xylo_audio3,
    "xylo-imu": xylo_imu,
}
"""Every known encoding by name; its parameters are those of the function."""
