"""Random translation of whole samples, for augmentation."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from eventstore.events import COORDINATE_LIMIT, Sensor
from eventstore.jit import kernel
from eventstore.transforms.bases import SameSensor
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.moves import Landed, land, move
from eventstore.transforms.protocol import Seeds, set_integer
from eventstore.transforms.randomness import uniform


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift(SameSensor):
    """Move each sample as a whole by a random number of pixels, and drop what leaves the sensor.

    The shift is uniform over −max_pixels … max_pixels in x and, for vision, independently in y.

    Args:
        max_pixels: largest shift, in pixels (channels for audio).

    Examples:
        >>> Shift(max_pixels=2).random
        True
    """

    random: ClassVar[bool] = True

    max_pixels: int

    def __post_init__(self) -> None:
        set_integer(self, "max_pixels", minimum=0, maximum=COORDINATE_LIMIT - 1)

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return the moved events that are still on the sensor."""
        # An audio sensor's only row stays where it is.
        reach = (self.max_pixels, self.max_pixels if sensor.height > 1 else 0)
        return move(batch, seeds, _shift, reach, (sensor.width, sensor.height))


@kernel
def _shift(
    samples: tuple[np.ndarray, np.ndarray],
    pixels: tuple[np.ndarray, np.ndarray],
    landed: Landed,
    reach: tuple[int, int],
    size: tuple[int, int],
) -> None:
    seeds, offsets = samples
    x, y = pixels
    for b in range(len(seeds)):
        # A draw is below 1, so the product's whole part is 0 … 2·reach.
        dx = np.int64(uniform(seeds[b], 0) * (2 * reach[0] + 1)) - reach[0]
        dy = np.int64(uniform(seeds[b], 1) * (2 * reach[1] + 1)) - reach[1]
        for i in range(offsets[b], offsets[b + 1]):
            column, row = np.int64(x[i]) + dx, np.int64(y[i]) + dy
            land(landed, i, column, row, size)
