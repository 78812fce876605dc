"""Random loss of events, for augmentation."""

from dataclasses import dataclass
from numbers import Real
from typing import ClassVar

import numpy as np
from jaxtyping import UInt64

from eventstore.errors import InvalidInput
from eventstore.events import Sensor
from eventstore.jit import kernel
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.protocol import Spec
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
        value: object = self.fraction
        if not isinstance(value, Real) or not 0 <= self.fraction <= 1:
            message = f"DropEvents(fraction={self.fraction!r}) is outside 0 … 1"
            raise InvalidInput(message, hint="0.1 drops a tenth of the events")
        object.__setattr__(self, "fraction", float(self.fraction))

    def out_spec(self, spec: Spec) -> Spec:
        """Return the same geometry."""
        return spec

    def apply(
        self, batch: EventBatch, sensor: Sensor, seeds: UInt64[np.ndarray, " b"]
    ) -> EventBatch:
        """Return the events that are left."""
        n = np.diff(batch.offsets)
        n_kept = n - (self.fraction * n + 0.5).astype(np.int64)
        mask = np.empty(len(batch.events), np.bool_)
        _select(seeds, batch.offsets, n_kept, mask)
        return batch.keep(mask)


@kernel
def _select(seeds: np.ndarray, offsets: np.ndarray, n_kept: np.ndarray, mask: np.ndarray) -> None:
    # Selection sampling (Knuth, The Art of Computer Programming vol. 2, 3.4.2, algorithm S).
    for b in range(len(seeds)):
        start, stop, needed = offsets[b], offsets[b + 1], n_kept[b]
        for i in range(start, stop):
            mask[i] = (stop - i) * uniform(seeds[b], i - start) < needed
            needed -= mask[i]
