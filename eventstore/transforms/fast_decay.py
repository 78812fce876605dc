"""Noise filter by a leaky count in squares of pixels."""

from dataclasses import dataclass

import numpy as np

from eventstore.events import COORDINATE_LIMIT, Sensor
from eventstore.jit import kernel
from eventstore.transforms.bases import EventFilter, SameSensor
from eventstore.transforms.batch import EventBatch, off_sensor
from eventstore.transforms.protocol import Mask, set_integer, set_number


@dataclass(frozen=True, slots=True, kw_only=True)
class FastDecay(EventFilter, SameSensor):
    r"""Keep an event if its square of pixels was busy lately: coarse, and small in memory.

    Each square of ``cell_pixels`` a side counts its events, forgetting half in a half-life h:

    $$c ← c \cdot 2^{-Δt / h} + 1$$

    and an event is kept if then c is more than ``threshold``, itself included. The filter
    is that of dv-processing, with its defaults. Counts begin at zero with each sample.

    Args:
        half_life_us: time in which a count halves, h.
        cell_pixels: side of the squares (run of channels for audio).
        threshold: count above which events are kept; up to 1 keeps all but the first, or all.

    Examples:
        >>> from eventstore.events import Events
        >>> from eventstore.transforms.protocol import NO_SEEDS
        >>> e = Events.of(t=[0, 10, 20], x=[0, 1, 2])
        >>> batch = EventBatch.of([e], t_start=[0], t_stop=[100])
        >>> decay = FastDecay(half_life_us=10, threshold=1.6)
        >>> decay.apply(batch, Sensor(4, 4), NO_SEEDS).events.t.tolist()
        [20]
    """

    half_life_us: int = 10_000
    cell_pixels: int = 4
    threshold: float = 6.0

    def __post_init__(self) -> None:
        set_integer(self, "half_life_us", minimum=1, maximum=1 << 60)
        set_integer(self, "cell_pixels", minimum=1, maximum=COORDINATE_LIMIT)
        set_number(self, "threshold", minimum=0.0, maximum=1e9)

    def mask(self, batch: EventBatch, sensor: Sensor) -> Mask:
        """Say of each event whether it is kept."""
        t, x, y, _ = batch.events
        shape = [-(-side // self.cell_pixels) for side in (sensor.height, sensor.width)]
        counts, last = np.empty(shape), np.empty(shape, np.int64)
        mask = np.empty(len(t), np.bool_)
        need = (self.cell_pixels, 1 / self.half_life_us, self.threshold)
        size = (sensor.width, sensor.height)
        bad = _busy((t, x, y, batch.offsets), need, size, (counts, last), mask)
        if bad >= 0:
            raise off_sensor(batch, bad, sensor)
        return mask


@kernel
def _busy(
    events: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    need: tuple[int, float, float],
    size: tuple[int, int],
    cells: tuple[np.ndarray, np.ndarray],
    mask: np.ndarray,
) -> int:
    t, x, y, offsets = events
    side, rate, threshold = need
    counts, last = cells
    for b in range(len(offsets) - 1):
        counts[:, :] = 0.0
        last[:, :] = 0  # of a count of zero, any time will do
        for i in range(offsets[b], offsets[b + 1]):
            if x[i] >= size[0] or y[i] >= size[1]:
                return i
            row, column = np.int64(y[i]) // side, np.int64(x[i]) // side
            left = 2.0 ** ((last[row, column] - t[i]) * rate)
            # Where nothing was counted yet, the time before it may make `left` huge.
            before = counts[row, column] * left if counts[row, column] > 0 else 0.0
            counts[row, column] = before + 1.0
            last[row, column] = t[i]
            mask[i] = before + 1.0 > threshold
    return -1
