"""Random loss of events, for augmentation."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from eventstore.events import Sensor
from eventstore.jit import kernel
from eventstore.transforms.bases import SameSensor
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.protocol import Mask, Seeds, set_number
from eventstore.transforms.randomness import uniform


@dataclass(frozen=True, slots=True, kw_only=True)
class DropFraction(ABC):
    """Drops a random part of each sample: a base of transforms, each with a part of its own.

    Args:
        fraction: how much to drop, 0 … 1.

    Examples:
        >>> from eventstore.transforms import DropPixels
        >>> DropPixels(fraction=2)
        Traceback (most recent call last):
        eventstore.errors.InvalidInput: DropPixels(fraction=2) is outside 0 … 1
        hint: give fraction as a number in that range
    """

    random: ClassVar[bool] = True

    fraction: float

    def __post_init__(self) -> None:
        set_number(self, "fraction", minimum=0, maximum=1)

    @abstractmethod
    def draw(self, batch: EventBatch, sensor: Sensor, seeds: Seeds, mask: Mask) -> None:
        """Write of each event whether it is kept."""

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return the events that are left."""
        mask = np.empty(len(batch.events), np.bool_)
        self.draw(batch, sensor, seeds, mask)
        return batch.keep(mask)


@dataclass(frozen=True, slots=True, kw_only=True)
class DropEvents(DropFraction, SameSensor):
    """Drop a fraction of each sample's events, each set of that size as likely as any other.

    Of n events exactly ⌊fraction·n + ½⌋ are dropped; the order of the others stays.

    Args:
        fraction: share of the events to drop, 0 … 1.

    Examples:
        >>> from eventstore.events import Events
        >>> e = Events.of(t=range(8), x=[0] * 8)
        >>> batch = EventBatch.of([e], t_start=[0], t_stop=[8])
        >>> seeds = np.array([7], np.uint64)
        >>> len(DropEvents(fraction=0.25).apply(batch, Sensor(1, 1), seeds).events)
        6
    """

    def draw(self, batch: EventBatch, sensor: Sensor, seeds: Seeds, mask: Mask) -> None:
        """Keep all but a random set of that size."""
        _drop(seeds, batch.offsets, self.fraction, mask)


@kernel
def keep_random(draws: tuple[int, int], fraction: float, mask: np.ndarray) -> None:
    """Set the mask of one sample to False for a random set of its events.

    Args:
        draws: its seed, and the first of the draws to use.
        fraction: share of the events to drop.
        mask: where to write, as long as the sample.
    """
    # Selection sampling (Knuth, The Art of Computer Programming vol. 2, 3.4.2, algorithm S).
    seed, first = draws
    n = len(mask)
    needed = n - np.int64(fraction * n + 0.5)
    for i in range(n):
        mask[i] = (n - i) * uniform(seed, first + i) < needed
        needed -= mask[i]


@kernel
def _drop(seeds: np.ndarray, offsets: np.ndarray, fraction: float, mask: np.ndarray) -> None:
    for b in range(len(seeds)):
        keep_random((seeds[b], 0), fraction, mask[offsets[b] : offsets[b + 1]])
