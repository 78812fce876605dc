"""The front end of Xylo Audio 3: a digital microphone, 16 bands, spikes; all in whole numbers."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float32, Int64

from eventstore.errors import InvalidInput
from eventstore.events import Events
from eventstore.fields import check_choice, set_integer, set_number
from eventstore.jit import kernel
from eventstore.sound.adaptive_threshold import Thresholds, fire
from eventstore.sound.chip_rate import resample, start_clock
from eventstore.sound.fixed_point import BandTaps, band_sample, tap_rows
from eventstore.sound.pdm import PCM_BITS, PDM_HZ, pdm_samples, start_pdm
from eventstore.sound.protocol import State, encode_whole
from eventstore.sound.waveform import Waveform

CLOCK_HZ = 50_000_000
CLOCKS_A_SAMPLE = 1024
RATE_HZ = CLOCK_HZ / CLOCKS_A_SAMPLE
"""Samples in a second, 48,828.125: the audio clock is the system's 50 MHz / 1024."""

MAX_SPIKES = 15
"""Most spikes of an input in a time step of the network: its counter has 4 bits."""

BANK = tuple(
    BandTaps(a1=a1, a2=a2, tap_shift=tap_shift, gain_shift=gain_shift)
    for a1, a2, tap_shift, gain_shift in (
        (-32694, 16313, 6, 8),
        (-32663, 16284, 6, 8),
        (-32617, 16244, 7, 7),
        (-32551, 16188, 7, 7),
        (-32453, 16110, 8, 6),
        (-32305, 16000, 8, 6),
        (-32077, 15848, 9, 5),
        (-31718, 15638, 9, 5),
        (-31139, 15347, 10, 4),
        (-30185, 14947, 10, 4),
        (-28582, 14402, 10, 4),
        (-25862, 13666, 11, 3),
        (-21262, 12687, 11, 3),
        (-27375, 22803, 13, 2),
        (-4180, 19488, 13, 2),
        (25566, 15280, 14, 1),
    )
)
"""The bands, of centres 105, 136, 202, 279, 390, 543, 762, 1072, 1503, 2108, 2958, 4152, 5832,
8204, 11,585 and 16,567 Hz (rockpool, ``devices/xylo/syns65302/afe/digital_filterbank.py``)."""

N_BANDS = len(BANK)

_FULL_SCALE = 1 << (PCM_BITS - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class XyloAudio3:
    r"""Encode each channel as Xylo Audio 3 does: 16 filters, rectified, and neurons that spike.

    The sound is taken at the chip's rate of 48,828.125 Hz in 14 bits, either rounded as it is
    (``"pcm"``: samples fed from outside) or by way of the bits of a ΔΣ microphone (``"pdm"``, see
    `eventstore.sound.pdm`). Each of `BANK` filters it in whole numbers
    (`eventstore.sound.fixed_point`); of the rectified outputs neurons make spikes, by thresholds
    that follow the loudness or are fixed (`eventstore.sound.adaptive_threshold`). A network takes
    at most 15 spikes of an input in each of its time steps: more are lost here as on the chip.
    Spikes have the times of the samples they come at.

    Numbers and equations come from rockpool's simulator (synsense/rockpool on GitHub,
    ``devices/xylo/syns65302/afe``), for want of a data sheet. That one runs the sound backwards
    first, to settle; here, as on a chip, the beginning is the beginning. Its automatic gain control
    for analogue microphones is not part of this.

    Args:
        microphone: ``"pcm"`` or ``"pdm"``.
        gain: factor on the sound before it is rounded, or reaches the microphone; what leaves
            −1 … 1 is clipped.
        threshold: ``"adaptive"`` or ``"fixed"``.
        joint: adaptive: all bands have the threshold of the loudest, else each its own.
        scale_shift: adaptive: the threshold is the mean times 2^scale_shift − 2^scale_shift_less …
        scale_shift_less: … so that the loudest band spikes that much less often than samples come.
        window_shift: adaptive: the mean goes over 2^window_shift samples; 12 are 84 ms.
        floor: adaptive: least mean, 16 bits; in what is quieter spikes become fewer.
        fixed_threshold: fixed: the threshold, up to 2^42.
        raster_samples: samples of a time step of the network, a multiple of 25: n · 20.48 µs.
        max_spikes: most spikes of a band in a time step.

    Examples:
        >>> t = np.arange(8_000) / 8_000
        >>> tone = Waveform.of(0.5 * np.sin(2 * np.pi * 1_072 * t), rate_hz=8_000)
        >>> events = XyloAudio3().encode(tone)
        >>> int(np.bincount(events.x).argmax())
        7
    """

    microphone: Literal["pcm", "pdm"] = "pcm"
    gain: float = 1.0
    threshold: Literal["adaptive", "fixed"] = "adaptive"
    joint: bool = True
    scale_shift: int = 6
    scale_shift_less: int = 0
    window_shift: int = 12
    floor: int = 1
    fixed_threshold: int = 1 << 27
    raster_samples: int = 50
    max_spikes: int = MAX_SPIKES

    def __post_init__(self) -> None:
        check_choice(self, "microphone", ("pcm", "pdm"))
        check_choice(self, "threshold", ("adaptive", "fixed"))
        check_choice(self, "joint", (True, False))
        set_number(self, "gain", minimum=0.0, maximum=1e6)
        # The registers' widths: 4 bits a shift, 16 the floor, 42 the threshold.
        set_integer(self, "scale_shift", minimum=1, maximum=15)
        set_integer(self, "scale_shift_less", minimum=0, maximum=self.scale_shift - 1)
        set_integer(self, "window_shift", minimum=0, maximum=31)
        set_integer(self, "floor", minimum=1, maximum=(1 << 16) - 1)
        set_integer(self, "fixed_threshold", minimum=1, maximum=(1 << 42) - 1)
        set_integer(self, "raster_samples", minimum=25, maximum=25 << 20)
        set_integer(self, "max_spikes", minimum=1, maximum=MAX_SPIKES)
        if self.raster_samples % 25:
            message = (
                f"a time step of raster_samples={self.raster_samples} is no whole number of µs"
            )
            raise InvalidInput(message, hint="give a multiple of 25, which are 512 µs")

    @property
    def window_us(self) -> int:
        """Length of a time step of the network, in µs: the window of `FramesByTime`."""
        return self.raster_samples * 512 // 25

    def channels_out(self, n_channels: int) -> int:
        """Return 16 a channel of the sound, each through a front end of its own."""
        return n_channels * N_BANDS

    def start(self, n_channels: int, rate_hz: int) -> State:
        """Return filters and neurons at rest."""
        bands = n_channels * N_BANDS
        filters = np.zeros((3, bands), np.int64)
        neurons = np.zeros((2, bands), np.int64)
        raster = np.zeros(bands + 1, np.int64)  # spikes of this time step, and samples so far
        form = np.array([rate_hz], np.int64)
        clock = start_clock(n_channels)
        return (*clock, *start_pdm(n_channels), filters, neurons, raster, form)

    def encode_block(self, samples: Float32[np.ndarray, "c n"], state: State) -> Events:
        """Return the block's events."""
        return self.spikes(self.pcm(samples, state), state)

    def encode(self, waveform: Waveform) -> Events:
        """Return the sound's events."""
        return encode_whole(self, waveform)

    def pcm(self, samples: Float32[np.ndarray, "c n"], state: State) -> Int64[np.ndarray, "c m"]:
        """Return what reaches the filters of a block: samples of 14 bits at the chip's rate."""
        clock, rate_hz = (state[0], state[1]), int(state[-1][0])
        if self.microphone == "pdm":
            sound = resample(samples, (rate_hz, PDM_HZ), clock)
            return pdm_samples(sound * self.gain, (state[2], state[3], state[4]))
        sound = resample(samples, (rate_hz * CLOCKS_A_SAMPLE, CLOCK_HZ), clock)
        counts = np.trunc(sound * (self.gain * _FULL_SCALE))
        return counts.clip(1 - _FULL_SCALE, _FULL_SCALE - 1).astype(np.int64)

    def spikes(self, pcm: Int64[np.ndarray, "c m"], state: State) -> Events:
        """Return the events of samples of 14 bits at the chip's rate, and move the state on."""
        filters, neurons, raster = state[5], state[6], state[7]
        most = pcm.size * N_BANDS
        t, c = np.empty(most, np.int64), np.empty(most, np.uint16)
        registers = Thresholds(
            self.threshold == "adaptive",
            self.joint and self.threshold == "adaptive",
            self.scale_shift,
            self.scale_shift_less,
            self.window_shift,
            self.floor,
            self.fixed_threshold,
        )
        limits = (self.raster_samples, self.max_spikes)
        memory = (filters, neurons[0], neurons[1], raster)
        n = _encode(pcm, (tap_rows(BANK), registers), limits, memory, (t, c))
        return Events(t[:n].copy(), c[:n].copy(), np.zeros(n, np.uint16), np.ones(n, np.uint8))


@kernel
def _encode(
    pcm: np.ndarray,
    chip: tuple[np.ndarray, Thresholds],
    limits: tuple[int, int],
    memory: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    columns: tuple[np.ndarray, np.ndarray],
) -> int:
    taps, registers = chip
    filters, means, sums, raster = memory
    raster_samples, max_spikes = limits
    t, c = columns
    n, n_bands, last = 0, len(taps), len(raster) - 1
    bands = np.empty(n_bands, np.int64)
    for i in range(pcm.shape[1]):
        now = (raster[last] * 2048 + 50) // 100  # µs
        if raster[last] % raster_samples == 0:
            raster[:last] = 0
        raster[last] += 1
        for channel in range(pcm.shape[0]):
            first = channel * n_bands
            stop = first + n_bands
            band_sample(pcm[channel, i], taps, filters[:, first:stop], bands)
            for k in range(n_bands):
                bands[k] = abs(bands[k])
            fire(bands, registers, means[first:stop], sums[first:stop])
            for k in range(n_bands):
                if bands[k] and raster[first + k] < max_spikes:
                    raster[first + k] += 1
                    t[n], c[n] = now, first + k
                    n += 1
    return n
