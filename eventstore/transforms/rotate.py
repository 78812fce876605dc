"""Rotations of the sensor: by random angles to the nearest pixel, by quarter turns exactly."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from eventstore.events import Events, Sensor
from eventstore.jit import kernel
from eventstore.transforms.batch import EventBatch, check_on_sensor
from eventstore.transforms.moves import Landed, land, move
from eventstore.transforms.protocol import Seeds, Spec, refuse_audio, set_integer, set_number
from eventstore.transforms.randomness import uniform

NO_PLANE = "has no plane to turn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotate:
    r"""Turn each sample about the sensor's centre by a random angle; drop what leaves the sensor.

    The angle is uniform over −max_degrees … max_degrees, clockwise where positive. With the centre
    $(c_x, c_y) = ((W - 1) / 2, (H - 1) / 2)$ each event goes to the pixel nearest to
    $(c_x + \cos\varphi\,(x - c_x) - \sin\varphi\,(y - c_y),\;
    c_y + \sin\varphi\,(x - c_x) + \cos\varphi\,(y - c_y))$.

    Args:
        max_degrees: largest angle, 0 … 180.

    Examples:
        >>> Rotate(max_degrees=10).out_spec(Spec("events", Sensor(34, 34))).sensor.shape
        (2, 34, 34)
    """

    random: ClassVar[bool] = True

    max_degrees: float

    def __post_init__(self) -> None:
        set_number(self, "max_degrees", minimum=0, maximum=180)

    def out_spec(self, spec: Spec) -> Spec:
        """Return the same geometry; refuses audio."""
        refuse_audio(self, spec, NO_PLANE)
        return spec

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return the turned events that are still on the sensor."""
        check_on_sensor(batch, sensor)
        reach = math.radians(self.max_degrees)
        return move(batch, seeds, _turn, reach, (sensor.width, sensor.height))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotate90:
    """Turn all samples clockwise by quarter turns, exactly; no event is lost.

    One quarter turn is $(x', y') = (H - 1 - y, x)$; the sensor's sides swap with each.

    Args:
        quarter_turns: 1, 2 or 3.

    Examples:
        >>> Rotate90(quarter_turns=1).out_spec(Spec("events", Sensor(34, 20))).sensor
        Sensor(width=20, height=34, modality='vision')
    """

    random: ClassVar[bool] = False
    memory_us: ClassVar[int] = 0

    quarter_turns: int = 1

    def __post_init__(self) -> None:
        set_integer(self, "quarter_turns", minimum=1, maximum=3)

    def out_spec(self, spec: Spec) -> Spec:
        """Return the turned sensor; refuses audio."""
        refuse_audio(self, spec, NO_PLANE)
        return _swapped(spec) if self.quarter_turns % 2 else spec

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return all events, turned."""
        check_on_sensor(batch, sensor)
        t, x, y, p = batch.events
        from_right, from_below = np.uint16(sensor.width - 1) - x, np.uint16(sensor.height - 1) - y
        turned = {1: (from_below, x), 2: (from_right, from_below), 3: (y, from_right)}
        return batch.with_events(Events(t, *turned[self.quarter_turns], p))


@dataclass(frozen=True, slots=True, kw_only=True)
class Transpose:
    """Exchange x and y of all events, and with them the sides of the sensor.

    Examples:
        >>> Transpose().out_spec(Spec("events", Sensor(34, 20))).sensor
        Sensor(width=20, height=34, modality='vision')
    """

    random: ClassVar[bool] = False
    memory_us: ClassVar[int] = 0

    def out_spec(self, spec: Spec) -> Spec:
        """Return the sensor with its sides exchanged; refuses audio."""
        refuse_audio(self, spec, NO_PLANE)
        return _swapped(spec)

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return all events with their coordinates exchanged."""
        t, x, y, p = batch.events
        return batch.with_events(Events(t, y, x, p))


def _swapped(spec: Spec) -> Spec:
    return Spec("events", Sensor(spec.sensor.height, spec.sensor.width, spec.sensor.modality))


@kernel
def _turn(
    samples: tuple[np.ndarray, np.ndarray],
    pixels: tuple[np.ndarray, np.ndarray],
    landed: Landed,
    reach: float,
    size: tuple[int, int],
) -> None:
    seeds, offsets = samples
    x, y = pixels
    middle_x, middle_y = (size[0] - 1) / 2, (size[1] - 1) / 2
    for b in range(len(seeds)):
        angle = (2 * uniform(seeds[b], 0) - 1) * reach
        cos, sin = math.cos(angle), math.sin(angle)
        for i in range(offsets[b], offsets[b + 1]):
            right, down = x[i] - middle_x, y[i] - middle_y
            column = np.int64(math.floor(middle_x + cos * right - sin * down + 0.5))
            row = np.int64(math.floor(middle_y + sin * right + cos * down + 0.5))
            land(landed, i, column, row, size)
