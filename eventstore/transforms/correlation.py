"""Noise filter by counting: keep the events that several neighbours saw coming."""

from dataclasses import dataclass

import numpy as np

from eventstore.errors import InvalidInput
from eventstore.events import Sensor
from eventstore.jit import kernel
from eventstore.transforms.bases import EventFilter
from eventstore.transforms.batch import EventBatch, off_sensor
from eventstore.transforms.denoise import NEVER
from eventstore.transforms.protocol import Mask, Spec, check_choice, set_integer

NEIGHBOURS = 8
"""Pixels around a pixel."""

CHANNELS_BESIDE = 2
"""Channels beside a channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpatiotemporalCorrelation(EventFilter):
    """Keep an event if ``min_neighbours`` of its 8 neighbours fired less than a time before it.

    The STCF of S. Guo & T. Delbruck, "Low cost and latency event camera background activity
    denoising", TPAMI 2023. A neighbour counts once however often it fired, the pixel itself does
    not count, so that hot pixels do not support themselves, and a dropped event still supports its
    neighbours. Only the sample's own events count. An audio channel has two neighbours.

    Args:
        filter_time_us: how long an event supports its neighbours, τ.
        min_neighbours: how many of them it takes, k: 1 … 8, of audio at most 2.
        same_polarity: an event supports those of its own polarity only.

    Examples:
        >>> from eventstore.events import Events
        >>> from eventstore.transforms.protocol import NO_SEEDS
        >>> e = Events.of(t=[0, 5, 9], x=[0, 2, 1], y=[0, 1, 0])
        >>> batch = EventBatch.of([e], t_start=[0], t_stop=[10])
        >>> stcf = SpatiotemporalCorrelation(filter_time_us=10, min_neighbours=2)
        >>> stcf.apply(batch, Sensor(4, 2), NO_SEEDS).events.t.tolist()
        [9]
    """

    filter_time_us: int
    min_neighbours: int = 2
    same_polarity: bool = False

    def __post_init__(self) -> None:
        set_integer(self, "filter_time_us", minimum=1, maximum=1 << 60)
        set_integer(self, "min_neighbours", minimum=1, maximum=NEIGHBOURS)
        check_choice(self, "same_polarity", (False, True))

    @property
    def memory_us(self) -> int:
        """How far back an event's fate reaches: `eventstore.transforms.memory`."""
        return self.filter_time_us

    def out_spec(self, spec: Spec) -> Spec:
        """Return the same geometry; audio has too few neighbours for more than 2."""
        if spec.sensor.modality == "audio" and self.min_neighbours > CHANNELS_BESIDE:
            message = (
                f"an audio channel has {CHANNELS_BESIDE} neighbours, never {self.min_neighbours}"
            )
            raise InvalidInput(message, hint="give min_neighbours=1 or 2 for audio")
        return spec

    def mask(self, batch: EventBatch, sensor: Sensor) -> Mask:
        """Say of each event whether it is kept."""
        planes = sensor.polarities if self.same_polarity else 1
        # A border of one pixel that never fires saves comparisons.
        last = np.empty((planes, sensor.height + 2, sensor.width + 2), np.int64)
        mask = np.empty(len(batch.events), np.bool_)
        need = (self.filter_time_us, self.min_neighbours)
        bad = _correlated(batch.events.arrays(), batch.offsets, need, last, mask)
        if bad >= 0:
            raise off_sensor(batch, bad, sensor)
        return mask


@kernel
def _correlated(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    offsets: np.ndarray,
    need: tuple[int, int],
    last: np.ndarray,
    mask: np.ndarray,
) -> int:
    t, x, y, p = columns
    filter_time, min_neighbours = need
    planes, height, width = last.shape[0], last.shape[1] - 2, last.shape[2] - 2
    for b in range(len(offsets) - 1):
        last[:, :, :] = NEVER
        for i in range(offsets[b], offsets[b + 1]):
            if x[i] >= width or y[i] >= height:
                return i
            row, column = np.int64(y[i]), np.int64(x[i])
            plane = np.int64(p[i]) if planes > 1 else np.int64(0)
            since = t[i] - filter_time
            n = 0
            for dy in range(3):
                for dx in range(3):
                    n += last[plane, row + dy, column + dx] > since
            own = last[plane, row + 1, column + 1] > since
            mask[i] = n - own >= min_neighbours
            last[plane, row + 1, column + 1] = t[i]
    return -1
