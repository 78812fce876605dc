"""Silence pixels: those that are named, or those that fire too often."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from eventstore.errors import InvalidInput
from eventstore.events import COORDINATE_LIMIT, Sensor
from eventstore.jit import kernel
from eventstore.transforms.bases import EventFilter, SameSensor
from eventstore.transforms.batch import EventBatch, check_on_sensor, off_sensor
from eventstore.transforms.protocol import Mask, Spec, set_number


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskPixels(EventFilter):
    """Drop the events of certain pixels, such as those known to be broken.

    Args:
        pixels: column and row of each; for audio ``(channel, 0)``.

    Examples:
        >>> from eventstore.events import Events
        >>> from eventstore.transforms.protocol import NO_SEEDS
        >>> batch = EventBatch.of([Events.of(t=[0, 1], x=[0, 3])], t_start=[0], t_stop=[2])
        >>> MaskPixels(pixels=((3, 0),)).apply(batch, Sensor(4, 1), NO_SEEDS).events.x.tolist()
        [0]
    """

    memory_us: ClassVar[int] = 0

    pixels: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "pixels", _sorted_pixels(self.pixels))

    def out_spec(self, spec: Spec) -> Spec:
        """Return the same geometry; the pixels must lie on it."""
        sensor = spec.sensor
        for x, y in self.pixels:
            if x >= sensor.width or y >= sensor.height:
                message = f"pixel ({x}, {y}) lies off the sensor of {sensor.width}×{sensor.height}"
                raise InvalidInput(message, hint="pixels are pairs (x, y): column, then row")
        return spec

    def mask(self, batch: EventBatch, sensor: Sensor) -> Mask:
        """Say of each event whether its pixel is another one."""
        check_on_sensor(batch, sensor)
        alive = np.ones((sensor.height, sensor.width), np.bool_)
        for x, y in self.pixels:
            alive[y, x] = False
        mask: Mask = alive[batch.events.y, batch.events.x]
        return mask


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskHotPixels(EventFilter, SameSensor):
    """Drop the events of each sample's hot pixels: those that fire more often than a given rate.

    A pixel is hot in a sample if it has more than ``max_rate_hz`` times the length of the sample's
    window in events, of both polarities, and at least two. It is judged by each sample alone; where
    the broken pixels of a camera are known, `MaskPixels` does the same to all.

    Args:
        max_rate_hz: largest rate of a pixel (channel for audio) that is kept.

    Examples:
        >>> from eventstore.events import Events
        >>> from eventstore.transforms.protocol import NO_SEEDS
        >>> e = Events.of(t=[0, 1, 2, 3], x=[0, 3, 3, 3])
        >>> batch = EventBatch.of([e], t_start=[0], t_stop=[20_000])
        >>> mask = MaskHotPixels(max_rate_hz=100)
        >>> mask.apply(batch, Sensor(4, 1), NO_SEEDS).events.x.tolist()
        [0]
    """

    max_rate_hz: float

    def __post_init__(self) -> None:
        set_number(self, "max_rate_hz", minimum=0, maximum=1e9)

    def mask(self, batch: EventBatch, sensor: Sensor) -> Mask:
        """Say of each event whether its pixel is not hot."""
        most = self.max_rate_hz * 1e-6 * (batch.t_stop - batch.t_start)
        count = np.zeros((sensor.height, sensor.width), np.int64)
        mask = np.empty(len(batch.events), np.bool_)
        _, x, y, _ = batch.events
        bad = _cool((x, y), batch.offsets, np.maximum(most, 1.0), count, mask)
        if bad >= 0:
            raise off_sensor(batch, bad, sensor)
        return mask


def _sorted_pixels(pixels: object) -> tuple[tuple[int, int], ...]:
    """Return pixels as plain integers in one order, so that equal masks have equal JSON."""
    try:
        table = np.asarray(pixels).reshape(-1, 2)
        whole = table.dtype.kind in "iu" or not table.size
    except ValueError:
        whole = False
    if not whole or (table.size and not 0 <= table.min() <= table.max() < COORDINATE_LIMIT):
        message = f"MaskPixels(pixels={pixels!r}) are no pixels"
        raise InvalidInput(message, hint="give pairs (x, y) of whole numbers, such as ((3, 0),)")
    return tuple(sorted({(int(x), int(y)) for x, y in table}))


@kernel
def _cool(
    coordinates: tuple[np.ndarray, np.ndarray],
    offsets: np.ndarray,
    most: np.ndarray,
    count: np.ndarray,
    mask: np.ndarray,
) -> int:
    x, y = coordinates
    height, width = count.shape
    for b in range(len(offsets) - 1):
        for i in range(offsets[b], offsets[b + 1]):
            if x[i] >= width or y[i] >= height:
                return i
            count[y[i], x[i]] += 1
        for i in range(offsets[b], offsets[b + 1]):
            mask[i] = count[y[i], x[i]] <= most[b]
        # Only what was touched is cleared: samples may be small and the sensor large.
        for i in range(offsets[b], offsets[b + 1]):
            count[y[i], x[i]] = 0
    return -1
