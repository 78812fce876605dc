"""Decimation: keep each n-th event of a pixel."""

from dataclasses import dataclass

import numpy as np

from eventstore.events import Sensor
from eventstore.jit import kernel
from eventstore.transforms.bases import EventFilter, SameSensor
from eventstore.transforms.batch import EventBatch, off_sensor
from eventstore.transforms.protocol import Mask, check_choice, set_integer


@dataclass(frozen=True, slots=True, kw_only=True)
class Decimate(EventFilter, SameSensor):
    """Keep the n-th event of each pixel in a sample, the 2n-th, the 3n-th and so on.

    Args:
        n: one event in so many is kept; 1 keeps all.
        per_polarity: count ON and OFF events of a pixel by themselves.

    Examples:
        >>> from eventstore.events import Events
        >>> from eventstore.transforms.protocol import NO_SEEDS
        >>> e = Events.of(t=range(8), x=[0, 1] * 4)
        >>> batch = EventBatch.of([e], t_start=[0], t_stop=[8])
        >>> Decimate(n=3).apply(batch, Sensor(2, 1), NO_SEEDS).events.t.tolist()
        [4, 5]
    """

    n: int
    per_polarity: bool = False

    def __post_init__(self) -> None:
        set_integer(self, "n", minimum=1)
        check_choice(self, "per_polarity", (False, True))

    def mask(self, batch: EventBatch, sensor: Sensor) -> Mask:
        """Say of each event whether it is an n-th one of its pixel."""
        planes = 2 if self.per_polarity else 1
        count = np.zeros((planes, sensor.height, sensor.width), np.int64)
        mask = np.empty(len(batch.events), np.bool_)
        _, x, y, p = batch.events
        bad = _each_nth((x, y, p), batch.offsets, self.n, count, mask)
        if bad >= 0:
            raise off_sensor(batch, bad, sensor)
        return mask


@kernel
def _each_nth(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray],
    offsets: np.ndarray,
    n: int,
    count: np.ndarray,
    mask: np.ndarray,
) -> int:
    x, y, p = columns
    planes, height, width = count.shape
    for b in range(len(offsets) - 1):
        for i in range(offsets[b], offsets[b + 1]):
            if x[i] >= width or y[i] >= height:
                return i
            plane = np.int64(p[i]) if planes == 2 else 0
            number = count[plane, y[i], x[i]] + 1
            mask[i] = number == n
            count[plane, y[i], x[i]] = 0 if number == n else number
        # Only what was touched is cleared: samples may be small and the sensor large.
        for i in range(offsets[b], offsets[b + 1]):
            count[:, y[i], x[i]] = 0
    return -1
