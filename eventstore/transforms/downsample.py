"""Downsampling in space: fewer, larger pixels, and every event kept."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from eventstore.events import COORDINATE_LIMIT, Events, Sensor
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.protocol import Seeds, Spec, set_integer


@dataclass(frozen=True, slots=True, kw_only=True)
class Downsample:
    """Merge squares of ``factor`` × ``factor`` pixels (runs of channels for audio) into one.

    No event is lost: where the factor does not divide the sensor, the last column and row of the
    smaller sensor stand for fewer pixels.

    Args:
        factor: side of the square, in pixels.

    Examples:
        >>> Downsample(factor=2).out_spec(Spec("events", Sensor(35, 34))).sensor
        Sensor(width=18, height=17, modality='vision')
    """

    random: ClassVar[bool] = False
    memory_us: ClassVar[int] = 0

    factor: int

    def __post_init__(self) -> None:
        set_integer(self, "factor", minimum=1, maximum=COORDINATE_LIMIT - 1)

    def out_spec(self, spec: Spec) -> Spec:
        """Return the sensor with its sides divided, rounded up."""
        sensor = spec.sensor
        width, height = (-(-side // self.factor) for side in (sensor.width, sensor.height))
        return Spec("events", Sensor(width, height, sensor.modality))

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return the events with their coordinates divided, rounded down."""
        t, x, y, p = batch.events
        factor = np.uint16(self.factor)
        return batch.with_events(Events(t, x // factor, y // factor, p))
