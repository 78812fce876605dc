"""Crops of a given size: from the middle of the sensor, or from a random place on it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from eventstore.errors import InvalidInput
from eventstore.events import COORDINATE_LIMIT, Sensor
from eventstore.jit import kernel
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.crop import CropSpace
from eventstore.transforms.moves import Landed, land, move
from eventstore.transforms.protocol import Seeds, Spec, set_integer
from eventstore.transforms.randomness import choice


@dataclass(frozen=True, slots=True, kw_only=True)
class _CropTo(ABC):
    """Keeps a rectangle of a given size: only where it lies differs."""

    width: int
    height: int = 1

    def __post_init__(self) -> None:
        for name in ("width", "height"):
            set_integer(self, name, minimum=1, maximum=COORDINATE_LIMIT)

    def out_spec(self, spec: Spec) -> Spec:
        """Return the smaller sensor; the one that comes in must hold it."""
        sensor = spec.sensor
        if self.width > sensor.width or self.height > sensor.height:
            message = (
                f"a crop of {self.width}×{self.height} pixels does not fit on the sensor of "
                f"{sensor.width}×{sensor.height}"
            )
            raise InvalidInput(message, hint="make it smaller")
        return Spec("events", Sensor(self.width, self.height, sensor.modality))

    @abstractmethod
    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return the events inside, moved so that the rectangle's corner is (0, 0)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CropCenter(_CropTo):
    """Keep a rectangle in the middle of the sensor and count coordinates from its corner.

    Where the margin is odd, the smaller half of it lies left of and above the rectangle.

    Args:
        width: columns kept (channels for audio).
        height: rows kept; 1 for audio.

    Examples:
        >>> from eventstore.events import Events
        >>> from eventstore.transforms.protocol import NO_SEEDS
        >>> batch = EventBatch.of([Events.of(t=[0, 1], x=[0, 3])], t_start=[0], t_stop=[2])
        >>> CropCenter(width=3).apply(batch, Sensor(6, 1), NO_SEEDS).events.x.tolist()
        [2]
    """

    random: ClassVar[bool] = False

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return the events inside, moved so that the rectangle's corner is (0, 0)."""
        x, y = (sensor.width - self.width) // 2, (sensor.height - self.height) // 2
        crop = CropSpace(x=x, y=y, width=self.width, height=self.height)
        return crop.apply(batch, sensor, seeds)


@dataclass(frozen=True, slots=True, kw_only=True)
class CropRandom(_CropTo):
    """Keep a rectangle at a random place on the sensor and count coordinates from its corner.

    Each sample has its own rectangle, wholly on the sensor, every place as likely as any other.

    Args:
        width: columns kept (channels for audio).
        height: rows kept; 1 for audio.

    Examples:
        >>> crop = CropRandom(width=32, height=32)
        >>> crop.out_spec(Spec("events", Sensor(34, 34))).sensor
        Sensor(width=32, height=32, modality='vision')
    """

    random: ClassVar[bool] = True

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return the events inside, moved so that the rectangle's corner is (0, 0)."""
        places = (sensor.width - self.width + 1, sensor.height - self.height + 1)
        return move(batch, seeds, _crop, places, (self.width, self.height))


@kernel
def _crop(
    samples: tuple[np.ndarray, np.ndarray],
    pixels: tuple[np.ndarray, np.ndarray],
    landed: Landed,
    places: tuple[int, int],
    size: tuple[int, int],
) -> None:
    seeds, offsets = samples
    x, y = pixels
    for b in range(len(seeds)):
        left, top = choice(seeds[b], 0, places[0]), choice(seeds[b], 1, places[1])
        for i in range(offsets[b], offsets[b + 1]):
            column, row = np.int64(x[i]) - left, np.int64(y[i]) - top
            land(landed, i, column, row, size)
