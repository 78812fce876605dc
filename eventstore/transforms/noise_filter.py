"""What a noise filter is: an event transform that only says of each event whether it stays."""

from typing import Protocol, runtime_checkable

from eventstore.events import Sensor
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.protocol import Mask


@runtime_checkable
class NoiseFilter(Protocol):
    """Tells signal from noise: its transform keeps the events of its mask and changes none.

    With the mask a filter can be scored on labelled noise, see `eventstore.noise_scores`. Every
    `eventstore.transforms.bases.EventFilter` is one, also a refractory period or a mask of pixels.
    """

    def mask(self, batch: EventBatch, sensor: Sensor) -> Mask:
        """Say of each event of a batch whether it is kept."""
        ...
