"""Faster, slower, earlier and later samples, for augmentation."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.jit import kernel
from eventstore.transforms.bases import SameSensor
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.protocol import Seeds, set_integer, set_number
from eventstore.transforms.randomness import choice, uniform

LATEST = 1 << 61
"""Bound on the times that come out, in µs: 73,000 years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleTime(SameSensor):
    r"""Stretch each sample's time by a random factor, and move it by a random offset.

    $t' = t_{start} + \lfloor c\,(t - t_{start}) \rfloor + o$, with c uniform over factor_min …
    factor_max and o uniform over the whole numbers offset_min_us … offset_max_us, both drawn once a
    sample. The window moves along: it is $\lceil c\,(t_{stop} - t_{start}) \rceil$ µs long, so
    frames of equal numbers of windows do not change, and frames of equal time do. Equal bounds make
    the same change to all samples; the skew ``t * coefficient + offset`` of other libraries is this
    one for samples that begin at 0.

    Args:
        factor_min: least factor; below 1 is faster.
        factor_max: largest factor; above 1 is slower.
        offset_min_us: least offset.
        offset_max_us: largest offset.

    Examples:
        >>> batch = EventBatch.of([Events.of(t=[10, 13], x=[0, 0])], t_start=[10], t_stop=[15])
        >>> slower = ScaleTime(factor_min=2, factor_max=2)
        >>> out = slower.apply(batch, Sensor(1, 1), np.array([7], np.uint64))
        >>> out.events.t.tolist(), out.t_stop.tolist()
        ([10, 16], [20])
    """

    random: ClassVar[bool] = True

    factor_min: float = 1.0
    factor_max: float = 1.0
    offset_min_us: int = 0
    offset_max_us: int = 0

    def __post_init__(self) -> None:
        set_number(self, "factor_min", minimum=1e-6, maximum=1e6)
        set_number(self, "factor_max", minimum=self.factor_min, maximum=1e6)
        set_integer(self, "offset_min_us", minimum=-LATEST, maximum=LATEST)
        set_integer(self, "offset_max_us", minimum=self.offset_min_us, maximum=LATEST)

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return all events at their new times, in windows that hold them.

        Raises:
            InvalidInput: a sample would end after the year 73,000.
        """
        t, x, y, p = batch.events
        scaled, t_start, t_stop = (np.empty_like(c) for c in (t, batch.t_start, batch.t_stop))
        samples = (seeds, batch.offsets, batch.t_start, batch.t_stop)
        factors, offsets = (
            (self.factor_min, self.factor_max),
            (self.offset_min_us, self.offset_max_us),
        )
        bad = _scale(samples, t, factors, offsets, (scaled, t_start, t_stop))
        if bad >= 0:
            message = f"the times of sample {batch.ids[bad]!r} would exceed {LATEST} µs"
            raise InvalidInput(message, hint="make the factors or the offsets smaller")
        return batch.with_events(Events(scaled, x, y, p)).with_windows(t_start, t_stop)


@kernel
def _scale(
    samples: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    t: np.ndarray,
    factors: tuple[float, float],
    offsets_us: tuple[int, int],
    out: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> int:
    seeds, offsets, t_start, t_stop = samples
    scaled, new_start, new_stop = out
    for b in range(len(seeds)):
        factor = factors[0] + (factors[1] - factors[0]) * uniform(seeds[b], 0)
        offset = offsets_us[0] + choice(seeds[b], 1, offsets_us[1] - offsets_us[0] + 1)
        length = math.ceil(factor * np.float64(t_stop[b] - t_start[b]))
        # In floats, which do not wrap; their rounding is far below the margin.
        begin = np.float64(t_start[b]) + offset
        if abs(begin) > LATEST or abs(begin + length) > LATEST:
            return b
        new_start[b] = t_start[b] + offset
        new_stop[b] = new_start[b] + np.int64(length)
        for i in range(offsets[b], offsets[b + 1]):
            since = np.int64(math.floor(factor * np.float64(t[i] - t_start[b])))
            # Durations past 2^53 µs are rounded, perhaps up to the end itself.
            scaled[i] = min(new_start[b] + since, new_stop[b] - 1)
    return -1
