"""Crops: a rectangle of the sensor, an interval of the sample."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from eventstore.errors import InvalidInput
from eventstore.events import COORDINATE_LIMIT, Events, Sensor
from eventstore.jit import kernel
from eventstore.transforms.bases import SameSensor
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.protocol import Seeds, Spec, set_integer


@dataclass(frozen=True, slots=True, kw_only=True)
class CropSpace:
    """Keep the events inside a rectangle and count coordinates from its corner.

    Args:
        x: left column of the rectangle (first channel for audio).
        y: top row; 0 for audio.
        width: columns kept.
        height: rows kept; 1 for audio.

    Examples:
        >>> CropSpace(x=1, y=1, width=32, height=32).out_spec(Spec("events", Sensor(34, 34))).sensor
        Sensor(width=32, height=32, modality='vision')
    """

    random: ClassVar[bool] = False
    memory_us: ClassVar[int] = 0

    x: int
    y: int = 0
    width: int
    height: int = 1

    def __post_init__(self) -> None:
        for name in ("x", "y"):
            set_integer(self, name, minimum=0, maximum=COORDINATE_LIMIT - 1)
        for name in ("width", "height"):
            corner = self.x if name == "width" else self.y
            set_integer(self, name, minimum=1, maximum=COORDINATE_LIMIT - corner)

    def out_spec(self, spec: Spec) -> Spec:
        """Return the smaller sensor; the rectangle must lie on the one that comes in."""
        sensor = spec.sensor
        if self.x + self.width > sensor.width or self.y + self.height > sensor.height:
            message = (
                f"the rectangle x {self.x} … {self.x + self.width - 1}, "
                f"y {self.y} … {self.y + self.height - 1} leaves the sensor of "
                f"{sensor.width}×{sensor.height} pixels"
            )
            raise InvalidInput(message, hint="make it smaller, or move it towards the origin")
        return Spec("events", Sensor(self.width, self.height, sensor.modality))

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return the events inside, moved so that the rectangle's corner is (0, 0)."""
        t, x, y, p = batch.events
        # uint16 arithmetic wraps, so that what lies left of or above the corner becomes huge.
        x, y = x - np.uint16(self.x), y - np.uint16(self.y)
        return batch.with_events(Events(t, x, y, p)).keep((x < self.width) & (y < self.height))


@dataclass(frozen=True, slots=True, kw_only=True)
class CropTime(SameSensor):
    """Keep the events of a half-open interval counted from each sample's start.

    The sample's window shrinks with it: frames made afterwards divide the interval kept, which ends
    with the sample where that is shorter. Times stay those of the recording.

    Args:
        t_start_us: first µs kept, from the sample's start.
        t_stop_us: first µs not kept any more; None keeps all to the end.

    Examples:
        >>> from eventstore.transforms.protocol import NO_SEEDS
        >>> e = Events.of(t=[0, 5, 10], x=[0, 0, 0])
        >>> batch = EventBatch.of([e], t_start=[0], t_stop=[11])
        >>> crop = CropTime(t_start_us=5, t_stop_us=10)
        >>> crop.apply(batch, Sensor(1, 1), NO_SEEDS).events.t.tolist()
        [5]
    """

    random: ClassVar[bool] = False

    t_start_us: int = 0
    t_stop_us: int | None = None

    def __post_init__(self) -> None:
        set_integer(self, "t_start_us", minimum=0)
        if self.t_stop_us is not None:
            set_integer(self, "t_stop_us", minimum=self.t_start_us + 1)

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return the events of the interval, with the windows cut to it."""
        # A duration is capped before it is added, so that no stop overflows.
        duration = np.maximum(batch.t_stop - batch.t_start, 0)
        t_start = batch.t_start + np.minimum(self.t_start_us, duration)
        t_stop = batch.t_stop
        if self.t_stop_us is not None:
            t_stop = batch.t_start + np.minimum(self.t_stop_us, duration)
        mask = np.empty(len(batch.events), np.bool_)
        _inside(batch.events.t, batch.offsets, t_start, t_stop, mask)
        return batch.keep(mask).with_windows(t_start, t_stop)


@kernel
def _inside(
    t: np.ndarray, offsets: np.ndarray, t_start: np.ndarray, t_stop: np.ndarray, mask: np.ndarray
) -> None:
    for b in range(len(offsets) - 1):
        for i in range(offsets[b], offsets[b + 1]):
            mask[i] = t_start[b] <= t[i] and t[i] < t_stop[b]
