"""Abstract bases of transforms from events to events: what many of them would write alike.

Each writes one part of what `EventTransform` asks for. A transform inherits those that fit it,
directly, and writes the rest: where one does not fit, leave it out, override nothing. Of both,
``class Mine(EventFilter, SameSensor)``, the filter comes first, as it has what the other lacks.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

from eventstore.events import Sensor
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.protocol import Mask, Seeds, Spec


class SameSensor(ABC):
    """Takes the events of any sensor, and leaves the sensor as it is.

    Examples:
        >>> from eventstore.transforms import CropTime
        >>> CropTime(t_stop_us=10).out_spec(Spec("events", Sensor(34, 34))).sensor
        Sensor(width=34, height=34, modality='vision')
    """

    __slots__ = ()

    def out_spec(self, spec: Spec) -> Spec:
        """Return the same geometry."""
        return spec

    @abstractmethod
    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return the transformed batch; the input is left as it is."""


class EventFilter(ABC):
    """Keeps the events of a mask and changes none, without drawing at random.

    Those that tell signal from noise can be scored on labelled noise, see
    `eventstore.transforms.noise_filter`.

    Examples:
        >>> from eventstore.transforms import Denoise
        >>> from eventstore.transforms.conformance import sample_batch
        >>> from eventstore.transforms.protocol import NO_SEEDS
        >>> batch, stage = sample_batch(Sensor(12, 9)), Denoise(filter_time_us=300)
        >>> kept = stage.mask(batch, Sensor(12, 9))
        >>> len(stage.apply(batch, Sensor(12, 9), NO_SEEDS).events) == int(kept.sum())
        True
    """

    __slots__ = ()

    random: ClassVar[bool] = False

    @abstractmethod
    def mask(self, batch: EventBatch, sensor: Sensor) -> Mask:
        """Say of each event whether it is kept."""

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return the events that are kept."""
        return batch.keep(self.mask(batch, sensor))
