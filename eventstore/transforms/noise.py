"""Noise: events that no scene made, for augmentation and for tests of filters."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Int64

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.jit import kernel
from eventstore.transforms.bases import SameSensor
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.protocol import Seeds, set_integer, set_number
from eventstore.transforms.randomness import choice, uniform

MOST = 1 << 30
"""Bound on the noise of a sample, so that a wrong unit is an error and not a full memory."""

TIME, PLACE, POLARITY = 0, 1, 2
"""Which of the three draws of a noise event is for what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNoise(SameSensor):
    """Add events at random times in the sample's window, on random pixels, ON and OFF alike.

    Give either a rate, and each pixel fires as a Poisson process by itself, as the background
    activity of a sensor does; or a number of events a sample. Noise is merged in order of time; at
    equal times it comes after the sample's own events.

    Args:
        rate_hz: mean rate of noise of each pixel (channel for audio).
        n_events: noise events added to each sample; none to a window without length.

    Examples:
        >>> batch = EventBatch.of([Events.empty()], t_start=[0], t_stop=[1_000_000])
        >>> noisy = AddNoise(n_events=100).apply(batch, Sensor(34, 34), np.array([7], "u8"))
        >>> len(noisy.events), bool(np.all(np.diff(noisy.events.t) >= 0))
        (100, True)
    """

    random: ClassVar[bool] = True

    rate_hz: float | None = None
    n_events: int | None = None

    def __post_init__(self) -> None:
        if (self.rate_hz is None) == (self.n_events is None):
            message = f"AddNoise(rate_hz={self.rate_hz!r}, n_events={self.n_events!r})"
            raise InvalidInput(message, hint="give one of the two: rate_hz=0.1 or n_events=1000")
        if self.rate_hz is not None:
            set_number(self, "rate_hz", minimum=0, maximum=1e6)
        if self.n_events is not None:
            set_integer(self, "n_events", minimum=0, maximum=MOST)

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return all events and the noise among them.

        Raises:
            InvalidInput: a sample would get more than 2^30 noise events.
        """
        rate = self._rate_per_us(batch, sensor)
        samples = (seeds, batch.offsets, batch.t_start, batch.t_stop)
        counts = self._counts(batch, samples, rate)
        offsets = np.zeros_like(batch.offsets)
        np.cumsum(np.diff(batch.offsets) + counts, out=offsets[1:])
        out = tuple(np.empty(offsets[-1], column.dtype) for column in batch.events)
        size = (sensor.width, sensor.height * sensor.width, sensor.polarities)
        _merge(samples, batch.events.arrays(), (rate, counts), size, (offsets, *out))
        return EventBatch(Events(*out), offsets, batch.t_start, batch.t_stop, batch.ids)

    def _rate_per_us(self, batch: EventBatch, sensor: Sensor) -> float:
        if self.rate_hz is None:
            return 0.0
        rate = self.rate_hz * 1e-6 * sensor.width * sensor.height
        expected = rate * (batch.t_stop - batch.t_start)
        if expected.max(initial=0) > MOST:
            longest = int(expected.argmax())
            message = (
                f"sample {batch.ids[longest]!r} would get {expected[longest]:.3g} noise events"
            )
            raise InvalidInput(message, hint="rate_hz is per pixel: real sensors have 0.1 … 5 Hz")
        return rate

    def _counts(
        self, batch: EventBatch, samples: tuple[np.ndarray, ...], rate: float
    ) -> Int64[np.ndarray, " b"]:
        if self.n_events is not None:
            return np.where(batch.t_stop > batch.t_start, self.n_events, 0)
        counts = np.zeros(len(batch), np.int64)
        _count(samples, rate, counts)
        return counts


@kernel
def _wait(seed: int, i: int, rate: float) -> float:
    """Return the µs from one event of a Poisson process to the next."""
    return -math.log(1.0 - uniform(seed, 3 * i + TIME)) / rate


@kernel
def _count(samples: tuple[np.ndarray, ...], rate: float, counts: np.ndarray) -> None:
    seeds, _, t_start, t_stop = samples
    for b in range(len(seeds)):
        length = np.float64(t_stop[b] - t_start[b]) if rate > 0 else 0.0
        since = _wait(seeds[b], 0, rate)
        while since < length:
            counts[b] += 1
            since += _wait(seeds[b], counts[b], rate)


@kernel
def _noise_times(draws: tuple[int, float], window: tuple[int, int], times: np.ndarray) -> None:
    """Fill in the times of a sample's noise, ascending: a Poisson process, or uniform draws."""
    seed, rate = draws
    start, stop = window
    since = 0.0
    for k in range(len(times)):
        if rate > 0:
            since += _wait(seed, k, rate)
            times[k] = start + min(int(since), stop - start - 1)
        else:
            times[k] = start + choice(seed, 3 * k + TIME, stop - start)
    if rate == 0:
        times.sort()


@kernel
def _merge(
    samples: tuple[np.ndarray, ...],
    columns: tuple[np.ndarray, ...],
    noise: tuple[float, np.ndarray],
    size: tuple[int, int, int],
    out: tuple[np.ndarray, ...],
) -> None:
    seeds, offsets, t_start, t_stop = samples
    t, x, y, p = columns
    rate, counts = noise
    width, n_pixels, polarities = size
    new_offsets, new_t, new_x, new_y, new_p = out
    times = np.empty(counts.max() if len(counts) else 0, np.int64)
    for b in range(len(seeds)):
        n, seed = counts[b], seeds[b]
        _noise_times((seed, rate), (t_start[b], t_stop[b]), times[:n])
        i, k = offsets[b], 0
        for j in range(new_offsets[b], new_offsets[b + 1]):
            if k == n or (i < offsets[b + 1] and t[i] <= times[k]):
                new_t[j], new_x[j], new_y[j], new_p[j] = t[i], x[i], y[i], p[i]
                i += 1
            else:
                place = choice(seed, 3 * k + PLACE, n_pixels)
                new_t[j], new_x[j], new_y[j] = times[k], place % width, place // width
                # The one polarity of audio is 1.
                new_p[j] = choice(seed, 3 * k + POLARITY, polarities) if polarities == 2 else 1
                k += 1
