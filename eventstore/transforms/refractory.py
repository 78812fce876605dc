"""Refractory period: a pixel that fired rests for a while."""

from dataclasses import dataclass

import numpy as np

from eventstore.events import Sensor
from eventstore.jit import kernel
from eventstore.transforms.bases import EventFilter, SameSensor
from eventstore.transforms.batch import EventBatch, off_sensor
from eventstore.transforms.protocol import Mask, check_choice, set_integer


@dataclass(frozen=True, slots=True, kw_only=True)
class RefractoryPeriod(EventFilter, SameSensor):
    """Drop the events that come no more than ``period_us`` after one of their pixel that was kept.

    The period counts from the last event kept, so a pixel that fires without a pause still gives
    an event a period; a dropped event does not prolong the rest. The first event of each pixel in a
    sample is always kept.

    Args:
        period_us: how long a pixel (channel for audio) rests after an event.
        per_polarity: ON and OFF rest by themselves; otherwise either silences both.

    Examples:
        >>> from eventstore.events import Events
        >>> from eventstore.transforms.protocol import NO_SEEDS
        >>> e = Events.of(t=range(0, 3_600, 600), x=[0] * 6)
        >>> batch = EventBatch.of([e], t_start=[0], t_stop=[3_600])
        >>> rest = RefractoryPeriod(period_us=1_000)
        >>> rest.apply(batch, Sensor(1, 1), NO_SEEDS).events.t.tolist()
        [0, 1200, 2400]
    """

    period_us: int
    per_polarity: bool = False

    def __post_init__(self) -> None:
        set_integer(self, "period_us", minimum=0)
        check_choice(self, "per_polarity", (False, True))

    def mask(self, batch: EventBatch, sensor: Sensor) -> Mask:
        """Say of each event whether its pixel did not rest."""
        planes = 2 if self.per_polarity else 1
        # One past the row of the last event kept: rows before a sample's first are another's, so
        # that nothing has to be cleared between samples.
        last = np.zeros((planes, sensor.height, sensor.width), np.int64)
        mask = np.empty(len(batch.events), np.bool_)
        bad = _rested(batch.events.arrays(), batch.offsets, self.period_us, last, mask)
        if bad >= 0:
            raise off_sensor(batch, bad, sensor)
        return mask


@kernel
def _rested(
    columns: tuple[np.ndarray, ...],
    offsets: np.ndarray,
    period: int,
    last: np.ndarray,
    mask: np.ndarray,
) -> int:
    t, x, y, p = columns
    planes, height, width = last.shape
    for b in range(len(offsets) - 1):
        for i in range(offsets[b], offsets[b + 1]):
            if x[i] >= width or y[i] >= height:
                return i
            plane = np.int64(p[i]) if planes == 2 else 0
            before = last[plane, y[i], x[i]] - 1
            mask[i] = before < offsets[b] or t[i] - t[before] > period
            if mask[i]:
                last[plane, y[i], x[i]] = i + 1
    return -1
