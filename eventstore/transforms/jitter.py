"""Random displacement of single events, in space and in time, for augmentation."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from eventstore.events import COORDINATE_LIMIT, Events, Sensor
from eventstore.jit import kernel
from eventstore.transforms.bases import SameSensor
from eventstore.transforms.batch import EventBatch, check_on_sensor
from eventstore.transforms.moves import Landed, land, move
from eventstore.transforms.protocol import Seeds, set_number
from eventstore.transforms.randomness import normal, normal_pair
from eventstore.transforms.time_order import in_time_order


@dataclass(frozen=True, slots=True, kw_only=True)
class JitterSpace(SameSensor):
    """Move each event by a normal draw in x and, for vision, another in y, to the nearest pixel.

    What leaves the sensor is dropped: never wrapped to the other side, nor piled up at the edge.

    Args:
        sigma_px: standard deviation of the displacement, in pixels (channels for audio).

    Examples:
        >>> JitterSpace(sigma_px=0.5).random
        True
    """

    random: ClassVar[bool] = True

    sigma_px: float

    def __post_init__(self) -> None:
        set_number(self, "sigma_px", minimum=0, maximum=COORDINATE_LIMIT)

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return the moved events that are still on the sensor."""
        check_on_sensor(batch, sensor)
        # A sensor's only row stays where it is.
        sigmas = (self.sigma_px, self.sigma_px if sensor.height > 1 else 0.0)
        return move(batch, seeds, _scatter, sigmas, (sensor.width, sensor.height))


@dataclass(frozen=True, slots=True, kw_only=True)
class JitterTime(SameSensor):
    """Move each event in time by a normal draw, to the nearest µs.

    What leaves the sample's window is dropped, so that nothing piles up at its ends. The others are
    put in order of time; equal times keep the order they came in.

    Args:
        sigma_us: standard deviation of the displacement.

    Examples:
        >>> JitterTime(sigma_us=100).random
        True
    """

    random: ClassVar[bool] = True

    sigma_us: float

    def __post_init__(self) -> None:
        set_number(self, "sigma_us", minimum=0, maximum=1e15)

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return the moved events that are still in their windows, in order of time."""
        t, x, y, p = batch.events
        moved, mask = np.empty_like(t), np.empty(len(t), np.bool_)
        samples = (seeds, batch.offsets, batch.t_start, batch.t_stop)
        _delay(samples, t, self.sigma_us, moved, mask)
        return in_time_order(batch.with_events(Events(moved, x, y, p)).keep(mask))


@kernel
def _scatter(
    samples: tuple[np.ndarray, np.ndarray],
    pixels: tuple[np.ndarray, np.ndarray],
    landed: Landed,
    sigmas: tuple[float, float],
    size: tuple[int, int],
) -> None:
    seeds, offsets = samples
    x, y = pixels
    for b in range(len(seeds)):
        for i in range(offsets[b], offsets[b + 1]):
            right, down = normal_pair(seeds[b], i - offsets[b])
            column = x[i] + np.int64(math.floor(right * sigmas[0] + 0.5))
            row = y[i] + np.int64(math.floor(down * sigmas[1] + 0.5))
            land(landed, i, column, row, size)


@kernel
def _delay(
    samples: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    t: np.ndarray,
    sigma: float,
    moved: np.ndarray,
    mask: np.ndarray,
) -> None:
    seeds, offsets, t_start, t_stop = samples
    for b in range(len(seeds)):
        for i in range(offsets[b], offsets[b + 1]):
            later = t[i] + np.int64(math.floor(normal(seeds[b], i - offsets[b]) * sigma + 0.5))
            mask[i] = t_start[b] <= later < t_stop[b]
            moved[i] = later
