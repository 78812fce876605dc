"""Random loss of an interval, a rectangle or single pixels, for augmentation."""

import math
from dataclasses import dataclass

import numpy as np

from eventstore.events import Sensor
from eventstore.jit import kernel
from eventstore.transforms.bases import SameSensor
from eventstore.transforms.batch import EventBatch, check_on_sensor
from eventstore.transforms.drop import DropFraction
from eventstore.transforms.protocol import Mask, Seeds
from eventstore.transforms.randomness import choice, uniform


@dataclass(frozen=True, slots=True, kw_only=True)
class DropTime(DropFraction, SameSensor):
    """Drop the events of a random interval of each sample; the window stays.

    The interval is ⌊fraction · D + ½⌋ µs long in a window of D µs, and lies wholly in it.

    Args:
        fraction: share of the window, 0 … 1.

    Examples:
        >>> from eventstore.events import Events
        >>> e = Events.of(t=range(8), x=[0] * 8)
        >>> batch = EventBatch.of([e], t_start=[0], t_stop=[8])
        >>> len(DropTime(fraction=0.25).apply(batch, Sensor(1, 1), np.array([7], "u8")).events)
        6
    """

    def draw(self, batch: EventBatch, sensor: Sensor, seeds: Seeds, mask: Mask) -> None:
        """Keep what is outside an interval."""
        windows = (batch.t_start, batch.t_stop)
        _drop_times((seeds, batch.offsets), windows, batch.events.t, self.fraction, mask)


@dataclass(frozen=True, slots=True, kw_only=True)
class DropArea(DropFraction, SameSensor):
    """Drop the events of a random rectangle on the sensor, which lies wholly on it.

    The rectangle has the sensor's proportions: ⌊fraction · W + ½⌋ × ⌊fraction · H + ½⌋ pixels,
    fraction² of the sensor's area. For audio it is a run of channels.

    Args:
        fraction: sides of the rectangle as shares of the sensor's, 0 … 1.

    Examples:
        >>> from eventstore.events import Events
        >>> e = Events.of(t=range(8), x=range(8))
        >>> batch = EventBatch.of([e], t_start=[0], t_stop=[8])
        >>> len(DropArea(fraction=0.25).apply(batch, Sensor(8, 1), np.array([7], "u8")).events)
        6
    """

    def draw(self, batch: EventBatch, sensor: Sensor, seeds: Seeds, mask: Mask) -> None:
        """Keep what is outside a rectangle."""
        _, x, y, _ = batch.events
        size = (sensor.width, sensor.height)
        _drop_areas((seeds, batch.offsets), (x, y), size, self.fraction, mask)


@dataclass(frozen=True, slots=True, kw_only=True)
class DropPixels(DropFraction, SameSensor):
    """Silence each pixel (channel for audio) of a sample with a given probability.

    Args:
        fraction: how likely a pixel is silent, 0 … 1.

    Examples:
        >>> DropPixels(fraction=0.1).random
        True
    """

    def draw(self, batch: EventBatch, sensor: Sensor, seeds: Seeds, mask: Mask) -> None:
        """Keep the events of pixels that are not silent."""
        check_on_sensor(batch, sensor)
        _, x, y, _ = batch.events
        _drop_pixels((seeds, batch.offsets), (x, y), sensor.width, self.fraction, mask)


@kernel
def keep_outside_interval(
    t: np.ndarray,
    window: tuple[int, int],
    draws: tuple[int, int],
    fraction: float,
    mask: np.ndarray,
) -> None:
    """Set the mask of one sample to False in a random interval.

    Args:
        t: its times.
        window: its start and stop.
        draws: its seed, and the draw to use.
        fraction: share of the window to drop.
        mask: where to write.
    """
    start, stop = window
    length = math.floor(fraction * (stop - start) + 0.5)
    first = start + choice(draws[0], draws[1], stop - start - length + 1)
    for i in range(len(t)):
        mask[i] = t[i] < first or t[i] - first >= length


@kernel
def keep_outside_box(
    coordinates: tuple[np.ndarray, np.ndarray],
    size: tuple[int, int],
    draws: tuple[int, int],
    fraction: float,
    mask: np.ndarray,
) -> None:
    """Set the mask of one sample to False in a random rectangle.

    Args:
        coordinates: x and y of its events.
        size: width and height of the sensor.
        draws: its seed, and the first of two draws to use.
        fraction: sides of the rectangle as shares of the sensor's.
        mask: where to write.
    """
    x, y = coordinates
    width = math.floor(fraction * size[0] + 0.5)
    # The only row of a sensor is always hit.
    height = math.floor(fraction * size[1] + 0.5) if size[1] > 1 else 1
    left = choice(draws[0], draws[1], size[0] - width + 1)
    top = choice(draws[0], draws[1] + 1, size[1] - height + 1)
    for i in range(len(x)):
        column, row = np.int64(x[i]) - left, np.int64(y[i]) - top
        mask[i] = not (0 <= column < width and 0 <= row < height)


@kernel
def _drop_times(
    samples: tuple[np.ndarray, np.ndarray],
    windows: tuple[np.ndarray, np.ndarray],
    t: np.ndarray,
    fraction: float,
    mask: np.ndarray,
) -> None:
    seeds, offsets = samples
    for b in range(len(seeds)):
        rows = slice(offsets[b], offsets[b + 1])
        window = (windows[0][b], windows[1][b])
        keep_outside_interval(t[rows], window, (seeds[b], 0), fraction, mask[rows])


@kernel
def _drop_areas(
    samples: tuple[np.ndarray, np.ndarray],
    coordinates: tuple[np.ndarray, np.ndarray],
    size: tuple[int, int],
    fraction: float,
    mask: np.ndarray,
) -> None:
    seeds, offsets = samples
    x, y = coordinates
    for b in range(len(seeds)):
        rows = slice(offsets[b], offsets[b + 1])
        keep_outside_box((x[rows], y[rows]), size, (seeds[b], 0), fraction, mask[rows])


@kernel
def _drop_pixels(
    samples: tuple[np.ndarray, np.ndarray],
    coordinates: tuple[np.ndarray, np.ndarray],
    width: int,
    fraction: float,
    mask: np.ndarray,
) -> None:
    seeds, offsets = samples
    x, y = coordinates
    for b in range(len(seeds)):
        for i in range(offsets[b], offsets[b + 1]):
            # A pixel's draw is its number, so that no table of pixels is needed.
            mask[i] = uniform(seeds[b], np.int64(y[i]) * width + x[i]) >= fraction
