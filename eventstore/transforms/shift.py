"""Random translation of whole samples, for augmentation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from eventstore.events import COORDINATE_LIMIT, Events, Sensor
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.protocol import Spec, set_integer


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Move each sample as a whole by a random number of pixels, and drop what leaves the sensor.

    The shift is uniform over −max_pixels … max_pixels in x and, for vision, independently in y.

    Args:
        max_pixels: largest shift, in pixels (channels for audio).

    Example:
        >>> Shift(max_pixels=2).random
        True
    """

    random: ClassVar[bool] = True

    max_pixels: int

    def __post_init__(self) -> None:
        set_integer(self, "max_pixels", minimum=0, maximum=COORDINATE_LIMIT - 1)

    def out_spec(self, spec: Spec) -> Spec:
        """Return the same geometry."""
        return spec

    def apply(
        self, batch: EventBatch, sensor: Sensor, rngs: Sequence[np.random.Generator]
    ) -> EventBatch:
        """Return the moved events that are still on the sensor."""
        reach = self.max_pixels
        moves = np.array([rng.integers(-reach, reach + 1, size=2) for rng in rngs], np.int32)
        per_event = np.repeat(moves.reshape(-1, 2), np.diff(batch.offsets), axis=0)
        t, x, y, p = batch.events
        new_x = x + per_event[:, 0]
        new_y = y + per_event[:, 1] if sensor.height > 1 else y.astype(np.int32)
        inside = (new_x >= 0) & (new_x < sensor.width) & (new_y >= 0) & (new_y < sensor.height)
        moved = Events(t, new_x.astype(np.uint16), new_y.astype(np.uint16), p)
        return batch.with_events(moved).keep(inside)
