"""EventDrop: one of four losses, drawn for each sample, for augmentation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import numpy as np

from eventstore.errors import InvalidInput
from eventstore.events import Sensor
from eventstore.jit import kernel
from eventstore.transforms.bases import SameSensor
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.drop import keep_random
from eventstore.transforms.drop_region import keep_outside_box, keep_outside_interval
from eventstore.transforms.protocol import Seeds
from eventstore.transforms.randomness import choice, uniform

Range: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDrop(SameSensor):
    """Leave each sample as it is, or drop an interval, a rectangle or single events of it.

    Each of the four is as likely as any other, and its fraction is uniform over its range. F. Gu
    et al., "EventDrop: Data augmentation for event-based learning" (IJCAI 2021), which draws the
    fraction from steps within the same ranges. The losses are those of `DropTime`, `DropArea` and
    `DropEvents`.

    Args:
        time: least and largest share of the window that an interval takes.
        area: least and largest side of a rectangle, as a share of the sensor's.
        events: least and largest share of the events dropped one by one.

    Examples:
        >>> EventDrop(area=(0.1, 0.3)).area
        (0.1, 0.3)
    """

    random: ClassVar[bool] = True

    time: Range = (0.1, 0.9)
    area: Range = (0.05, 0.25)
    events: Range = (0.1, 0.9)

    def __post_init__(self) -> None:
        for name in ("time", "area", "events"):
            _set_range(self, name)

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return the events that are left."""
        mask = np.empty(len(batch.events), np.bool_)
        samples = (seeds, batch.offsets, batch.t_start, batch.t_stop)
        t, x, y, _ = batch.events
        ranges = np.array([(0.0, 0.0), self.time, self.area, self.events])
        _drop(samples, (t, x, y), (sensor.width, sensor.height), ranges, mask)
        return batch.keep(mask)


def _set_range(transform: object, name: str) -> None:
    """Check a field that is a range of shares, and store it as a plain tuple."""
    value: Any = getattr(transform, name)
    try:
        low, high = (float(end) for end in value) if isinstance(value, Sequence) else (1.0, 0.0)
    except (TypeError, ValueError):
        low, high = 1.0, 0.0
    if not 0 <= low <= high <= 1:
        message = f"{type(transform).__name__}({name}={value!r}) is no range within 0 … 1"
        raise InvalidInput(message, hint=f"give {name} as (least, largest), such as (0.1, 0.5)")
    object.__setattr__(transform, name, (low, high))


@kernel
def _drop(
    samples: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    columns: tuple[np.ndarray, np.ndarray, np.ndarray],
    size: tuple[int, int],
    ranges: np.ndarray,
    mask: np.ndarray,
) -> None:
    seeds, offsets, t_start, t_stop = samples
    t, x, y = columns
    for b in range(len(seeds)):
        kind = choice(seeds[b], 0, 4)
        low, high = ranges[kind, 0], ranges[kind, 1]
        fraction = low + (high - low) * uniform(seeds[b], 1)
        rows = slice(offsets[b], offsets[b + 1])
        if kind == 1:
            window = (t_start[b], t_stop[b])
            keep_outside_interval(t[rows], window, (seeds[b], 2), fraction, mask[rows])
        elif kind == 2:
            keep_outside_box((x[rows], y[rows]), size, (seeds[b], 2), fraction, mask[rows])
        elif kind == 3:
            keep_random((seeds[b], 2), fraction, mask[rows])
        else:
            mask[rows] = True
