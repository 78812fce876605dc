"""Merging of neighbouring channels of an audio sensor."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from eventstore.errors import InvalidInput
from eventstore.events import COORDINATE_LIMIT, Events, Sensor
from eventstore.transforms.batch import EventBatch, off_sensor
from eventstore.transforms.protocol import Seeds, Spec, set_integer


@dataclass(frozen=True, slots=True, kw_only=True)
class BinChannels:
    r"""Merge neighbouring channels of a cochlea into fewer; no event is lost.

    Give one of the two: runs of ``factor`` channels, of which the last may be shorter, or
    ``n_channels`` runs whose lengths differ by one at most, $c' = ⌊c \cdot n / N⌋$ of N
    channels.

    Args:
        factor: channels merged into one.
        n_channels: channels that are left.

    Raises:
        InvalidInput: both are given, or neither.

    Examples:
        >>> BinChannels(factor=7).out_spec(Spec("events", Sensor.audio(700))).sensor.width
        100
        >>> BinChannels(n_channels=128).out_spec(Spec("events", Sensor.audio(700))).sensor.width
        128
    """

    random: ClassVar[bool] = False

    factor: int | None = None
    n_channels: int | None = None

    def __post_init__(self) -> None:
        if (self.factor is None) == (self.n_channels is None):
            message = f"{self!r} needs either factor or n_channels"
            raise InvalidInput(message, hint="for example BinChannels(factor=7)")
        name = "n_channels" if self.factor is None else "factor"
        set_integer(self, name, minimum=1, maximum=COORDINATE_LIMIT)

    def out_spec(self, spec: Spec) -> Spec:
        """Return the sensor with fewer channels."""
        width = spec.sensor.width
        if spec.sensor.modality != "audio":
            message = "BinChannels is for audio: a camera has pixels"
            raise InvalidInput(message, hint="merge pixels with Downsample(factor=…)")
        if self.factor is not None:
            return Spec("events", Sensor.audio(-(-width // self.factor)))
        n_channels = self.n_channels or 0
        if n_channels > width:
            message = f"BinChannels(n_channels={n_channels}) of a sensor of {width} channels"
            raise InvalidInput(message, hint=f"give n_channels up to {width}")
        return Spec("events", Sensor.audio(n_channels))

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return the events with their new channels."""
        t, x, y, p = batch.events
        off = x >= sensor.width
        if off.any():
            raise off_sensor(batch, int(np.argmax(off)), sensor)
        # A table of all channels: the division is done once for each.
        channels = np.arange(sensor.width, dtype=np.int64)
        if self.factor is not None:
            channels //= self.factor
        else:
            channels = channels * (self.n_channels or 0) // sensor.width
        return batch.with_events(Events(t, channels.astype(np.uint16)[x], y, p))
