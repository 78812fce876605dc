"""Threshold crossing: an event whenever a sound passes one of some fixed levels."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64

from eventstore.errors import InvalidInput
from eventstore.events import Events
from eventstore.fields import set_integer, set_number
from eventstore.jit import kernel
from eventstore.sound.protocol import State, encode_whole
from eventstore.sound.waveform import Waveform, time_us

NO_SAMPLE = -1
"""Stands for the levels below a sample that has not been."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdCrossing:
    r"""Encode a sound by the levels it crosses, each a channel for either direction.

    Levels are the middles of ``n_levels`` equal steps from ``low`` to ``high``. A sample sends up
    for each level with $x_{i-1} < l \le x_i$, from the lowest, and down for each with
    $x_i < l \le x_{i-1}$, from the highest; the first sample sends nothing. Level j of channel k of
    N levels is channel $2 (k N + j)$ up, and the one behind it down. Unlike with send-on-delta, a
    channel stands for an amplitude.

    Args:
        n_levels: how many levels.
        low: lower end of their range, −1.0 is full scale.
        high: its upper end.

    Examples:
        >>> crossing = ThresholdCrossing(n_levels=4)
        >>> crossing.levels().tolist()
        [-0.75, -0.25, 0.25, 0.75]
        >>> crossing.encode(Waveform.of([0.0, 0.8, 0.5], rate_hz=1_000)).x.tolist()
        [4, 6, 7]
    """

    n_levels: int = 16
    low: float = -1.0
    high: float = 1.0

    def __post_init__(self) -> None:
        set_integer(self, "n_levels", minimum=1, maximum=1 << 12)
        set_number(self, "low", minimum=-1e6, maximum=1e6)
        set_number(self, "high", minimum=-1e6, maximum=1e6)
        if not self.low < self.high:
            message = f"levels from {self.low} to {self.high} are none"
            raise InvalidInput(message, hint="give low below high, such as -1.0 and 1.0")

    def levels(self) -> Float64[np.ndarray, " levels"]:
        """Return the levels, the lowest first."""
        steps = (np.arange(self.n_levels) + 0.5) / self.n_levels
        return self.low + steps * (self.high - self.low)

    def channels_out(self, n_channels: int) -> int:
        """Return two a level and channel."""
        return 2 * self.n_levels * n_channels

    def start(self, n_channels: int, rate_hz: int) -> State:
        """Return no samples yet."""
        return np.full((n_channels, 1), NO_SAMPLE, np.int64), np.array([0, rate_hz], np.int64)

    def encode_block(self, samples: Float32[np.ndarray, "c n"], state: State) -> Events:
        """Return the block's events."""
        below, clock = state
        if not samples.size:
            return Events.empty()
        # How many levels lie at or below each sample, and the one before it.
        n_below = np.searchsorted(self.levels(), samples, side="right")
        before = np.where(below == NO_SAMPLE, n_below[:, :1], below)
        n_below = np.concatenate([before, n_below], axis=1)
        events = Events.empty(int(np.abs(np.diff(n_below, axis=1)).sum()))
        _cross(n_below, self.n_levels, (int(clock[0]), int(clock[1])), (events.t, events.x))
        events.p[:] = 1
        below[:] = n_below[:, -1:]
        clock[0] += samples.shape[1]
        return events

    def encode(self, waveform: Waveform) -> Events:
        """Return the sound's events."""
        return encode_whole(self, waveform)


@kernel
def _cross(
    n_below: np.ndarray,
    n_levels: int,
    clock: tuple[int, int],
    columns: tuple[np.ndarray, np.ndarray],
) -> None:
    t, c = columns
    first, rate_hz = clock
    n = 0
    for i in range(1, n_below.shape[1]):
        now = time_us(first + i - 1, rate_hz)
        for k in range(len(n_below)):
            old, new = n_below[k, i - 1], n_below[k, i]
            step = 1 if new > old else -1
            for crossed in range(old, new, step):
                level = crossed if step > 0 else crossed - 1
                t[n] = now
                c[n] = 2 * (k * n_levels + level) + (step < 0)
                n += 1
