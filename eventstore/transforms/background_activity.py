"""Background-activity filter with eight neighbours."""

from dataclasses import dataclass

from eventstore.events import Sensor
from eventstore.transforms.bases import EventFilter, SameSensor
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.correlation import SpatiotemporalCorrelation
from eventstore.transforms.protocol import Mask, set_integer


@dataclass(frozen=True, slots=True, kw_only=True)
class BackgroundActivity(EventFilter, SameSensor):
    """Keep an event if one of its eight neighbours fired less than ``filter_time_us`` before it.

    The filter of T. Delbruck, "Frame-free dynamic digital vision" (2008). Neighbours are the pixels
    around it (the two channels beside it for audio), of either polarity, not the pixel itself; a
    dropped event still supports its neighbours. `Denoise` is the same with four neighbours,
    `SpatiotemporalCorrelation` asks for more of them.

    Args:
        filter_time_us: how long an event supports its neighbours; cameras' own software has 2,000.

    Examples:
        >>> from eventstore.events import Events
        >>> from eventstore.transforms.protocol import NO_SEEDS
        >>> e = Events.of(t=[0, 5, 90], x=[0, 1, 2], y=[0, 1, 2])
        >>> batch = EventBatch.of([e], t_start=[0], t_stop=[100])
        >>> background = BackgroundActivity(filter_time_us=10)
        >>> background.apply(batch, Sensor(4, 4), NO_SEEDS).events.t.tolist()
        [5]
    """

    filter_time_us: int = 2_000

    def __post_init__(self) -> None:
        set_integer(self, "filter_time_us", minimum=1, maximum=1 << 60)

    @property
    def memory_us(self) -> int:
        """How far back an event's fate reaches: `eventstore.transforms.memory`."""
        return self.filter_time_us

    def mask(self, batch: EventBatch, sensor: Sensor) -> Mask:
        """Say of each event whether it is kept."""
        filter_time = self.filter_time_us
        one = SpatiotemporalCorrelation(filter_time_us=filter_time, min_neighbours=1)
        return one.mask(batch, sensor)
