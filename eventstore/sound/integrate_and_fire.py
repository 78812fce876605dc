"""Leaky integrate-and-fire: an event whenever a channel has driven its neuron to threshold."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from eventstore.events import Events
from eventstore.fields import set_integer, set_number
from eventstore.jit import kernel
from eventstore.sound.protocol import State, encode_whole
from eventstore.sound.waveform import Waveform, time_us


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrateAndFire:
    r"""Encode each channel by the spikes of a leaky integrate-and-fire neuron that it drives.

    $$v ← α v + (1 - α) x_i,\quad α = e^{-1 / (f_s τ)}$$

    $$v \ge θ ⇒ \text{an event},\ v ← v - θ$$

    at every sample, as `snn` steps its neurons: a constant 1.0 drives v to 1.0. After a spike the
    membrane stays as it is for the refractory time. Behind a filter bank and a rectifier these are
    the nerve fibres of a cochlea: channel k of the events is band k. Without a rectifier a band's
    half waves cancel, and little fires.

    Args:
        tau_mem: time constant of the membrane, τ, in seconds.
        spike_threshold: θ; a neuron fires at most once a sample.
        refractory_us: time after a spike in which nothing is integrated.

    Examples:
        >>> steady = Waveform.of(np.full(1_000, 0.5), rate_hz=1_000)
        >>> neuron = IntegrateAndFire(tau_mem=0.1, spike_threshold=0.05)
        >>> neuron.encode(steady).t[:3].tolist()
        [10000, 21000, 31000]
    """

    tau_mem: float = 0.005
    spike_threshold: float = 0.01
    refractory_us: int = 0

    def __post_init__(self) -> None:
        set_number(self, "tau_mem", minimum=1e-6, maximum=1e6)
        set_number(self, "spike_threshold", minimum=1e-9, maximum=1e9)
        set_integer(self, "refractory_us", minimum=0, maximum=1 << 40)

    def channels_out(self, n_channels: int) -> int:
        """Return the same number."""
        return n_channels

    def start(self, n_channels: int, rate_hz: int) -> State:
        """Return membranes at rest."""
        clock = np.array([0, rate_hz], np.int64)
        return np.zeros(n_channels), np.zeros(n_channels, np.int64), clock

    def encode_block(self, samples: Float32[np.ndarray, "c n"], state: State) -> Events:
        """Return the block's events."""
        v_mem, waiting, clock = state
        first, rate_hz = int(clock[0]), int(clock[1])
        alpha = math.exp(-1 / (rate_hz * self.tau_mem))
        n_waiting = round(self.refractory_us * rate_hz / 1_000_000)
        # As many as could be; pages that are not written cost nothing.
        t, c = np.empty(samples.size, np.int64), np.empty(samples.size, np.uint16)
        n = _fire(
            np.ascontiguousarray(samples.T),
            (v_mem, waiting),
            (alpha, self.spike_threshold, n_waiting),
            (first, rate_hz),
            (t, c),
        )
        clock[0] += samples.shape[1]
        return Events(t[:n].copy(), c[:n].copy(), np.zeros(n, np.uint16), np.ones(n, np.uint8))

    def encode(self, waveform: Waveform) -> Events:
        """Return the sound's events."""
        return encode_whole(self, waveform)


@kernel
def _fire(
    frames: np.ndarray,
    state: tuple[np.ndarray, np.ndarray],
    neuron: tuple[float, float, int],
    clock: tuple[int, int],
    columns: tuple[np.ndarray, np.ndarray],
) -> int:
    v_mem, waiting = state
    alpha, threshold, n_waiting = neuron
    first, rate_hz = clock
    t, c = columns
    n = 0
    for i in range(len(frames)):
        now = time_us(first + i, rate_hz)
        for k in range(frames.shape[1]):
            if waiting[k] > 0:
                waiting[k] -= 1
                continue
            v_mem[k] = alpha * v_mem[k] + (1 - alpha) * frames[i, k]
            if v_mem[k] >= threshold:
                v_mem[k] -= threshold
                waiting[k] = n_waiting
                t[n], c[n] = now, k
                n += 1
    return n
