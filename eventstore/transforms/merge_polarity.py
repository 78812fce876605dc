"""Forget polarity: every event counts the same."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from eventstore.events import Events, Sensor
from eventstore.transforms.bases import SameSensor
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.protocol import Seeds


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePolarity(SameSensor):
    """Make every event an ON event, as those of audio are.

    A camera's frames keep two planes, so that a network made for both takes them: plane 1 holds all
    counts and plane 0 is empty.

    Examples:
        >>> from eventstore.transforms.protocol import NO_SEEDS
        >>> e = Events.of(t=[0, 1], x=[0, 0], p=[0, 1])
        >>> batch = EventBatch.of([e], t_start=[0], t_stop=[2])
        >>> MergePolarity().apply(batch, Sensor(1, 1), NO_SEEDS).events.p.tolist()
        [1, 1]
    """

    random: ClassVar[bool] = False
    memory_us: ClassVar[int] = 0

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return all events, ON."""
        t, x, y, p = batch.events
        return batch.with_events(Events(t, x, y, np.ones_like(p)))
