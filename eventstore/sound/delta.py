r"""Send-on-delta: an event whenever a sound has moved by a threshold since the last.

$$x_i \ge r + θ ⇒ \text{up},\ r ← r + θ \qquad x_i \le r - θ ⇒ \text{down},\ r ← r - θ$$

from $r = 0$, as often as a sample $x_i$ demands, at the sample's time (M. Miskowicz, "Send-on-delta
concept", 2006, doi:10.3390/s6010049). Numbers are whole, so the same sound gives the same events
everywhere, and from them it can be rebuilt to within θ.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from eventstore.errors import InvalidInput
from eventstore.events import Events
from eventstore.fields import set_number
from eventstore.jit import kernel
from eventstore.sound.protocol import State, encode_whole
from eventstore.sound.waveform import FULL_SCALE, Waveform, time_us

THRESHOLD_LIMIT = 2.0**-15
"""Smallest threshold, one step of 16 bits."""

PACKET_EVENTS = 1 << 18
"""Events encoded at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOnDelta:
    """Encode a sound by its moves: channel k becomes channels 2k, up, and 2k + 1, down.

    Args:
        threshold: how far a sound moves between two events, θ, in parts of full scale.

    Raises:
        InvalidInput: the threshold is not from 2^-15 to 1.

    Examples:
        >>> sound = Waveform.of([0.0, 0.3, 0.1], rate_hz=1_000)
        >>> events = SendOnDelta(threshold=0.15).encode(sound)
        >>> events.t.tolist(), events.x.tolist()
        ([1000, 1000, 2000], [0, 0, 1])
    """

    threshold: float = 0.01

    def __post_init__(self) -> None:
        set_number(self, "threshold", minimum=0.0, maximum=1.0)
        check_threshold(self.threshold)

    def channels_out(self, n_channels: int) -> int:
        """Return two a channel."""
        return 2 * n_channels

    def start(self, n_channels: int, rate_hz: int) -> State:
        """Return levels of 0 at the first sample."""
        return np.zeros(n_channels, np.int64), np.array([0, rate_hz], np.int64)

    def encode_block(self, samples: Float32[np.ndarray, "c n"], state: State) -> Events:
        """Return the block's events."""
        levels, clock = state
        whole = np.rint(samples.T.astype(np.float64, order="C") * FULL_SCALE).astype(np.int64)
        frames = [(int(clock[0]), whole)]
        step = (round(self.threshold * FULL_SCALE), int(clock[1]))
        clock[0] += len(whole)
        return Events.gather(delta_packets(frames, levels, step, PACKET_EVENTS))

    def encode(self, waveform: Waveform) -> Events:
        """Return the sound's events."""
        return encode_whole(self, waveform)


def check_threshold(threshold: float) -> None:
    """Refuse a threshold that makes no sense.

    Raises:
        InvalidInput: it is not from 2^-15 to 1.
    """
    if not THRESHOLD_LIMIT <= threshold <= 1:
        message = f"threshold {threshold} is not from 2^-15 to 1"
        raise InvalidInput(message, hint="give it in parts of full scale, such as 0.01")


def delta_packets(
    blocks: Iterable[tuple[int, np.ndarray]],
    levels: np.ndarray,
    step: tuple[int, int],
    packet_events: int,
) -> Iterator[Events]:
    """Encode blocks of frames into packets, all of them full but the last.

    Args:
        blocks: number of the first frame, and whole numbers with a row a frame.
        levels: what each channel last sent; moved on.
        step: θ in the samples' unit, and frames in a second.
        packet_events: events of a full packet.
    """
    threshold, rate_hz = step
    packet, filled = Events.empty(packet_events), 0
    for first, frames in blocks:
        place = np.zeros(2, np.int64)
        while place[0] < len(frames):
            columns = packet.t[filled:], packet.x[filled:]
            clock = (first, rate_hz)
            filled += encode_deltas(frames, (place, levels), threshold, clock, columns)
            if filled == packet_events:
                packet.p[:] = 1
                yield packet
                packet, filled = Events.empty(packet_events), 0
    if filled:
        packet.p[:] = 1
        yield packet[:filled]


@kernel
def encode_deltas(
    samples: np.ndarray,
    state: tuple[np.ndarray, np.ndarray],
    threshold: int,
    clock: tuple[int, int],
    columns: tuple[np.ndarray, np.ndarray],
) -> int:
    """Encode frames until they or the columns end; return the number of events.

    Args:
        samples: frames, a row of channels each.
        state: frame and channel to go on with, and what each channel last sent; moved on.
        threshold: θ, in the samples' unit.
        clock: number of the first frame, and frames in a second.
        columns: t and c, to be filled.
    """
    t, c = columns
    first, rate = clock
    place, levels = state
    n = 0
    frames, channels = samples.shape
    while place[0] < frames:
        i = int(place[0])
        now = time_us(first + i, rate)
        while place[1] < channels:
            k = int(place[1])
            gap = samples[i, k] - levels[k]
            while gap >= threshold or gap <= -threshold:
                if n == len(t):
                    return n
                down = gap < 0
                t[n] = now
                c[n] = 2 * k + (1 if down else 0)
                levels[k] += -threshold if down else threshold
                gap = samples[i, k] - levels[k]
                n += 1
            place[1] += 1
        place[1] = 0
        place[0] += 1
    return n
