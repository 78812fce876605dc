"""The interface of Xylo IMU: accelerations, turned into principal axes, filtered, as spikes."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

import numpy as np
from jaxtyping import Float32, Int64

from eventstore.errors import InvalidInput
from eventstore.events import Events
from eventstore.fields import check_choice, set_integer, set_number
from eventstore.jit import kernel
from eventstore.sound.butterworth import band_pass
from eventstore.sound.fixed_point import INPUT_SHIFT, BandTaps, band_sample, tap_rows
from eventstore.sound.protocol import State, encode_whole
from eventstore.sound.rotation import angle_table, remove_rotation
from eventstore.sound.waveform import Waveform

RATE_HZ = 200
"""Samples in a second; the interface computes at no other rate."""

STEP_US = 1_000_000 // RATE_HZ

SAMPLE_BITS = 16
MAX_SPIKES = 15

EDGES_HZ = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""Edges of the five bands of each axis (rockpool, ``syns63300/imuif/params.py``)."""

N_AXES, N_BANDS = 3, 15


@dataclass(frozen=True, slots=True, kw_only=True)
class XyloImu:
    r"""Encode accelerations along three axes as the interface of Xylo IMU does: 15 channels.

    Samples of 16 bits, 200 a second, are turned into the axes along which the sensor moves most
    (`eventstore.sound.rotation`), each filtered by five band passes in whole numbers
    (`eventstore.sound.fixed_point`), rectified, and encoded: by their size, $\min(|y| / 2^s, 15)$
    spikes in each step, or by neurons that add up, spike at a threshold and lose it, once a step.
    Channels 0 … 4 are the bands of the first axis, the lowest first.

    Numbers are those of rockpool's simulator (synsense/rockpool on GitHub,
    ``devices/xylo/syns63300/imuif``), for want of a data sheet; that one runs each recording
    backwards first, to settle the filters, which this does not. Taps are made of the bands as it
    makes them: a Butterworth band pass of order 1, cut to 15 fractional bits.

    Args:
        gain: factor on samples, of which ±1.0 then fills 16 bits; what is beyond is clipped.
        rotation: whether to take the rotation out.
        average_shift: the covariance is a mean over 2^average_shift samples.
        hold_samples: samples for which a rotation holds.
        encoder: ``"scale"`` or ``"iaf"``.
        scale_shift: scale: s.
        threshold: iaf: of the neurons.

    Examples:
        >>> t = np.arange(400) / 200
        >>> swing = np.stack([np.sin(2 * np.pi * 6 * t), 0 * t, 0 * t]) * 0.2
        >>> events = XyloImu().encode(Waveform.of(swing, rate_hz=200))
        >>> int(np.bincount(events.x).argmax())  # first axis, 4 to 8 Hz
        2
    """

    gain: float = 1.0
    rotation: bool = True
    average_shift: int = 4
    hold_samples: int = 10
    encoder: Literal["scale", "iaf"] = "scale"
    scale_shift: int = 5
    threshold: int = 1_024

    def __post_init__(self) -> None:
        set_number(self, "gain", minimum=0.0, maximum=1e9)
        check_choice(self, "rotation", (True, False))
        check_choice(self, "encoder", ("scale", "iaf"))
        # The registers' widths: 5 bits a shift, 11 the period, 31 a threshold.
        set_integer(self, "average_shift", minimum=0, maximum=31)
        set_integer(self, "hold_samples", minimum=1, maximum=(1 << 11) - 1)
        set_integer(self, "scale_shift", minimum=0, maximum=31)
        set_integer(self, "threshold", minimum=1, maximum=(1 << 31) - 1)

    @property
    def window_us(self) -> int:
        """Length of a time step of the network, in µs: the window of `FramesByTime`."""
        return STEP_US

    def channels_out(self, n_channels: int) -> int:
        """Return 15, of three axes.

        Raises:
            InvalidInput: there are more or fewer axes.
        """
        if n_channels != N_AXES:
            message = f"expected the three axes of an acceleration, found {n_channels} channel(s)"
            raise InvalidInput(message, hint="give x, y and z, a channel each")
        return N_BANDS

    def start(self, n_channels: int, rate_hz: int) -> State:
        """Return filters, covariance and neurons at rest.

        Raises:
            InvalidInput: it is no acceleration of 200 samples a second.
        """
        self.channels_out(n_channels)
        if rate_hz != RATE_HZ:
            message = f"accelerations of {rate_hz} samples a second, the chip takes {RATE_HZ}"
            raise InvalidInput(message, hint=f"resample the recording to {RATE_HZ} Hz first")
        turned = (np.zeros((3, 3), np.int64), np.full((3, 3), -1, np.int64), np.eye(3, dtype=int))
        return (*turned, *(np.zeros(n, np.int64) for n in (1, (3, N_BANDS), N_BANDS)))

    def encode_block(self, samples: Float32[np.ndarray, "c n"], state: State) -> Events:
        """Return the block's events."""
        full = 1 << (SAMPLE_BITS - 1)
        counts = np.trunc(samples.astype(np.float64) * (self.gain * full))
        return self.spikes(counts.clip(1 - full, full - 1).astype(np.int64), state)

    def encode(self, waveform: Waveform) -> Events:
        """Return the events of a recording."""
        return encode_whole(self, waveform)

    def spikes(self, samples: Int64[np.ndarray, "3 n"], state: State) -> Events:
        """Return the events of samples of 16 bits, and move the state on."""
        covariance, last, rotation, count, filters, sums = state
        first, turned = int(count[0]), samples
        if self.rotation:
            turned = np.empty_like(samples)
            memory = (covariance, last, rotation, count)
            settings = (self.average_shift, self.hold_samples)
            remove_rotation(samples, angle_table(), settings, memory, turned)
        else:
            count[0] += samples.shape[1]
        raster = np.empty((samples.shape[1], N_BANDS), np.int64)
        scale = self.scale_shift if self.encoder == "scale" else -1
        _encode(turned, tap_rows(imu_bank()), (scale, self.threshold), (filters, sums), raster)
        step, channel = np.nonzero(raster)
        times = raster[step, channel]
        t = np.repeat((first + step) * STEP_US, times)
        c = np.repeat(channel.astype(np.uint16), times)
        return Events(t, c, np.zeros(len(t), np.uint16), np.ones(len(t), np.uint8))


@lru_cache(maxsize=1)
def imu_bank() -> tuple[BandTaps, ...]:
    """Return the bands: five of each axis."""
    bands = []
    for low, high in pairwise(EDGES_HZ):
        b0, _, _, a1, a2 = band_pass(low, high, RATE_HZ, order=1)[0].tolist()
        gain_shift, full = int(np.log2(1 / b0)), 1 << (SAMPLE_BITS - 1)
        taps = {"a1": int(a1 * full), "a2": int(a2 * full)}
        shifts = {"tap_shift": SAMPLE_BITS - 1 - gain_shift, "gain_shift": gain_shift}
        bands.append(BandTaps(**taps, **shifts))
    return tuple(bands) * N_AXES


@kernel
def _encode(
    samples: np.ndarray,
    taps: np.ndarray,
    encoder: tuple[int, int],
    memory: tuple[np.ndarray, np.ndarray],
    raster: np.ndarray,
) -> None:
    filters, sums = memory
    scale_shift, threshold = encoder
    n_bands = len(taps)
    per_axis = n_bands // len(samples)
    out = np.empty(per_axis, np.int64)
    for n in range(samples.shape[1]):
        for axis in range(len(samples)):
            first = axis * per_axis
            mine = slice(first, first + per_axis)
            band_sample(samples[axis, n], taps[mine], filters[:, mine], out)
            for k in range(per_axis):
                # Without the lag of a sample that Audio 3 has, and without the appended bits.
                new, before = filters[0, first + k], filters[2, first + k]
                size = abs((new - before) >> INPUT_SHIFT)
                if scale_shift >= 0:
                    raster[n, first + k] = min(size >> scale_shift, MAX_SPIKES)
                else:
                    sums[first + k] += size
                    times = sums[first + k] // threshold
                    sums[first + k] -= times * threshold
                    raster[n, first + k] = min(times, 1)
