"""Random loss of events, for augmentation."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import UInt64

from eventstore.events import Sensor
from eventstore.jit import kernel
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.protocol import Spec, set_number
from eventstore.transforms.randomness import uniform


@dataclass(frozen=True, slots=True, kw_only=True)
class DropEvents:
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

    random: ClassVar[bool] = True

    fraction: float

    def __post_init__(self) -> None:
        set_number(self, "fraction", minimum=0, maximum=1)

    def out_spec(self, spec: Spec) -> Spec:
        """Return the same geometry."""
        return spec

    def apply(
        self, batch: EventBatch, sensor: Sensor, seeds: UInt64[np.ndarray, " b"]
    ) -> EventBatch:
        """Return the events that are left."""
        mask = np.empty(len(batch.events), np.bool_)
        _drop(seeds, batch.offsets, self.fraction, mask)
        return batch.keep(mask)


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
