"""Background-activity filter: keep the events whose surroundings saw one lately."""

from dataclasses import dataclass

import numpy as np

from eventstore.events import Sensor
from eventstore.jit import kernel
from eventstore.transforms.bases import EventFilter, SameSensor
from eventstore.transforms.batch import EventBatch, off_sensor
from eventstore.transforms.protocol import Mask, set_integer

NEVER = -(1 << 62)
"""Time of the last event of a pixel that had none yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Denoise(EventFilter, SameSensor):
    """Keep an event if one of its four neighbours fired less than ``filter_time_us`` before it.

    Neighbours are the pixels left, right, above and below (the two channels beside it for audio),
    of either polarity; a dropped event still supports its neighbours. Only the sample's own events
    count, so its first ones are dropped for want of support, however early they come. T. Delbruck,
    "Frame-free dynamic digital vision" (2008), with four neighbours in place of eight.

    Args:
        filter_time_us: how long an event supports its neighbours.

    Examples:
        >>> from eventstore.events import Events
        >>> from eventstore.transforms.protocol import NO_SEEDS
        >>> e = Events.of(t=[0, 5, 90], x=[0, 1, 2])
        >>> batch = EventBatch.of([e], t_start=[0], t_stop=[100])
        >>> denoise = Denoise(filter_time_us=10)
        >>> denoise.apply(batch, Sensor(4, 1), NO_SEEDS).events.t.tolist()
        [5]
    """

    filter_time_us: int

    def __post_init__(self) -> None:
        set_integer(self, "filter_time_us", minimum=1, maximum=(1 << 60))

    @property
    def memory_us(self) -> int:
        """How far back an event's fate reaches: `eventstore.transforms.memory`."""
        return self.filter_time_us

    def mask(self, batch: EventBatch, sensor: Sensor) -> Mask:
        """Say of each event whether it is kept."""
        t, x, y, _ = batch.events
        # A border of one pixel that never fires saves four comparisons an event.
        last = np.empty((sensor.height + 2, sensor.width + 2), np.int64)
        mask = np.empty(len(t), np.bool_)
        bad = _supported((t, x, y), batch.offsets, self.filter_time_us, last, mask)
        if bad >= 0:
            raise off_sensor(batch, bad, sensor)
        return mask


@kernel
def _supported(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray],
    offsets: np.ndarray,
    filter_time: int,
    last: np.ndarray,
    mask: np.ndarray,
) -> int:
    t, x, y = columns
    height, width, stride = last.shape[0] - 2, last.shape[1] - 2, np.uint64(last.shape[1])
    flat, one = last.reshape(last.size), np.uint64(1)
    for b in range(len(offsets) - 1):
        flat[:] = NEVER
        for i in range(np.uint64(offsets[b]), np.uint64(offsets[b + 1])):
            if x[i] >= width or y[i] >= height:
                return int(np.int64(i))  # unsigned and -1 would meet as a float
            # Unsigned: of a signed place numba asks each time whether it counts from the end.
            at = (np.uint64(y[i]) + one) * stride + np.uint64(x[i]) + one
            beside = max(flat[at - one], flat[at + one])
            newest = max(beside, flat[at - stride], flat[at + stride])
            mask[i] = newest > t[i] - filter_time
            flat[at] = t[i]
    return -1
