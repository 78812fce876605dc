"""The front end of Xylo Audio 2: analogue filters, rectifiers and neurons, each chip its own."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Float32

from eventstore.events import Events
from eventstore.fields import check_choice, set_integer, set_number
from eventstore.sound.analogue_circuit import (
    Circuit,
    Neurons,
    circuit_of,
    filter_bands,
    filters_at_rest,
    fire_bands,
)
from eventstore.sound.analogue_numbers import LOWEST_RATE_HZ, N_BANDS, analogue_numbers
from eventstore.sound.chip_rate import resample, start_clock
from eventstore.sound.protocol import State, encode_whole
from eventstore.sound.waveform import Waveform
from eventstore.sound.xylo_audio3 import MAX_SPIKES


@dataclass(frozen=True, slots=True, kw_only=True)
class XyloAudio2:
    r"""Encode each channel as the analogue front end of Xylo Audio 2 does: 16 bands, spikes.

    Microphone and amplifier, 16 Butterworth band passes of Q = 4 from 40 Hz to 16.9 kHz, coupled
    by a high pass of 20 Hz, full-wave rectifiers, neurons and counters: the circuit is in
    `eventstore.sound.analogue_circuit`, its numbers, from rockpool's simulator of the chip, in
    `eventstore.sound.analogue_numbers`. It is simulated at a multiple of the sound's rate above
    101,640 Hz, with straight lines between samples.

    No two chips are alike. A ``seed`` names one: centres, Q and offsets that differ from the
    design within bounds, the same wherever the seed is used. Training on sounds heard by several
    seeds makes networks that work on chips they never met.

    What rockpool does besides and no chip can, is left out: it plays each sound backwards first,
    and filters by 20 Hz forwards and backwards. Noise of the circuit is left out too; `AddNoise`
    adds some to a sound.

    Args:
        seed: which chip; None: one exactly as designed.
        volts: amplitude at the microphone of a sample of 1.0; speech is below 0.16 V, the
            microphone distorts from 0.2 V on.
        amplifier_db: 0, 6 or 12 dB.
        spike_threshold: of the neurons in V, 0.1 … 0.9.
        divider: of so many spikes one is passed on.
        raster_us: time step of the network, in which a band passes on at most …
        max_spikes: … so many spikes; 15 is what a network takes.

    Examples:
        >>> t = np.arange(4_000) / 8_000
        >>> tone = Waveform.of(np.sin(2 * np.pi * 674 * t), rate_hz=8_000)
        >>> events = XyloAudio2(seed=1).encode(tone)
        >>> int(np.bincount(events.x).argmax())
        7
    """

    seed: int | None = None
    volts: float = 0.158
    amplifier_db: int = 0
    spike_threshold: float = 0.5
    divider: int = 4
    raster_us: int = 10_000
    max_spikes: int = MAX_SPIKES

    def __post_init__(self) -> None:
        if self.seed is not None:
            set_integer(self, "seed", minimum=0)
        set_number(self, "volts", minimum=0.0, maximum=1e3)
        check_choice(self, "amplifier_db", (0, 6, 12))
        set_number(self, "spike_threshold", minimum=0.1, maximum=0.9)
        set_integer(self, "divider", minimum=1, maximum=1 << 16)
        set_integer(self, "raster_us", minimum=1, maximum=1 << 40)
        set_integer(self, "max_spikes", minimum=1, maximum=MAX_SPIKES)

    @property
    def window_us(self) -> int:
        """Length of a time step of the network, in µs: the window of `FramesByTime`."""
        return self.raster_us

    def channels_out(self, n_channels: int) -> int:
        """Return 16 a channel of the sound, each through the same chip."""
        return n_channels * N_BANDS

    def start(self, n_channels: int, rate_hz: int) -> State:
        """Return a circuit that has been switched on for long, in silence."""
        bands = n_channels * N_BANDS
        rest = filters_at_rest(self._circuit(rate_hz))
        filters = np.tile(rest[None], (n_channels, 1, 1, 1))
        counts = np.zeros((2, bands), np.int64)
        clocks = np.zeros((n_channels, 2), np.int64)
        clock = start_clock(n_channels)
        form = np.array([rate_hz], np.int64)
        return (*clock, filters, np.zeros(bands), np.zeros(bands), counts, clocks, form)

    def encode_block(self, samples: Float32[np.ndarray, "c n"], state: State) -> Events:
        """Return the block's events."""
        rate_hz = int(state[-1][0])
        sound = resample(samples, (1, _finer(rate_hz)), (state[0], state[1]))
        parts = [
            self._encode_channel(channel, self.volts * sound[channel], state)
            for channel in range(len(sound))
        ]
        if len(parts) == 1:
            return parts[0]
        events = Events.concatenate(parts)
        order = np.argsort(events.t, kind="stable")
        return events[order]

    def encode(self, waveform: Waveform) -> Events:
        """Return the sound's events."""
        return encode_whole(self, waveform)

    def _encode_channel(self, channel: int, volts: np.ndarray, state: State) -> Events:
        _, _, filters, coupled, capacitors, counts, clocks, form = state
        circuit = self._circuit(int(form[0]))
        mine = slice(channel * N_BANDS, (channel + 1) * N_BANDS)
        bands = np.empty((len(volts), N_BANDS))
        filter_bands(volts, circuit, filters[channel], bands)
        t, c = np.empty(bands.size, np.int64), np.empty(bands.size, np.uint16)
        neurons = Neurons(self.spike_threshold, self.divider, self.raster_us, self.max_spikes)
        memory = (coupled[mine], capacitors[mine], counts[:, mine], clocks[channel])
        n = fire_bands(bands, circuit, neurons, memory, (t, c))
        c[:n] += channel * N_BANDS
        return Events(t[:n].copy(), c[:n].copy(), np.zeros(n, np.uint16), np.ones(n, np.uint8))

    def _circuit(self, rate_hz: int) -> Circuit:
        return _circuit(self.seed, rate_hz * _finer(rate_hz), self.amplifier_db)


def _finer(rate_hz: int) -> int:
    """Return how many steps of the simulation go into a sample."""
    return -(-LOWEST_RATE_HZ // rate_hz)


@lru_cache(maxsize=64)
def _circuit(seed: int | None, rate_hz: int, amplifier_db: int) -> Circuit:
    # Kept, because designing the filters takes longer than a spoken word.
    return circuit_of(analogue_numbers(seed), rate_hz, 2.0 ** (amplifier_db / 6))
