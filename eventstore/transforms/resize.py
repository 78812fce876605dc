"""Resize: another number of pixels, and every event kept."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from eventstore.events import COORDINATE_LIMIT, Events, Sensor
from eventstore.transforms.batch import EventBatch, check_on_sensor
from eventstore.transforms.protocol import Seeds, Spec, set_integer


@dataclass(frozen=True, slots=True, kw_only=True)
class Resize:
    r"""Bring events to a sensor of another size; none is lost, and each keeps its polarity.

    $x' = \lfloor x\,W' / W \rfloor$, and so for y. A smaller sensor merges pixels as evenly as its
    size allows; on a larger one some pixels never fire.

    Args:
        width: columns of the sensor that comes out (channels for audio).
        height: its rows; 1 for audio.

    Examples:
        >>> from eventstore.transforms.protocol import NO_SEEDS
        >>> batch = EventBatch.of([Events.of(t=range(5), x=range(5))], t_start=[0], t_stop=[5])
        >>> Resize(width=3).apply(batch, Sensor(5, 1), NO_SEEDS).events.x.tolist()
        [0, 0, 1, 1, 2]
    """

    random: ClassVar[bool] = False
    memory_us: ClassVar[int] = 0

    width: int
    height: int = 1

    def __post_init__(self) -> None:
        for name in ("width", "height"):
            set_integer(self, name, minimum=1, maximum=COORDINATE_LIMIT)

    def out_spec(self, spec: Spec) -> Spec:
        """Return the sensor of the size asked for."""
        return Spec("events", Sensor(self.width, self.height, spec.sensor.modality))

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return all events at their new places."""
        check_on_sensor(batch, sensor)
        t, x, y, p = batch.events
        # One look at a table an event in place of a division.
        column = _places(sensor.width, self.width)[x]
        row = _places(sensor.height, self.height)[y]
        return batch.with_events(Events(t, column, row, p))


def _places(size: int, new_size: int) -> np.ndarray:
    return (np.arange(size, dtype=np.int64) * new_size // size).astype(np.uint16)
