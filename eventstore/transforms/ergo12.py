"""ERGO-12: twelve measurements of windows of the events, found best by a search of many."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from eventstore.events import Sensor
from eventstore.jit import kernel
from eventstore.transforms.batch import EventBatch, off_sensor
from eventstore.transforms.protocol import Frames, Spec
from eventstore.transforms.windows import time_span

N_CHANNELS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Ergo12:
    r"""Show twelve measurements of each pixel, a plane each.

    | plane | events | measured | taken |
    |---|---|---|---|
    | 0 | all | polarity ±1 | variance |
    | 1 | OFF of the last third | time | variance |
    | 2 | OFF of the middle third | 1 | mean |
    | 3 | last eighth | polarity ±1 | sum |
    | 4 | ON of the last quarter | 1 | mean |
    | 5 | last eighth | 1 | sum |
    | 6 | ON of the middle third | time | mean |
    | 7 | OFF of the last quarter | 1 | mean |
    | 8 | OFF of the first third | time | maximum |
    | 9 | all ON | time | maximum |
    | 10 | last half | time | maximum |
    | 11 | first third | 1 | mean |

    Of a sample's n events, third k has the events ⌈k·n/3⌉ … ⌈(k + 1)·n/3⌉ − 1 and the last half,
    quarter and eighth ⌈n/2⌉, ⌈n/4⌉ and ⌈n/8⌉ events. Time runs from 0 at the sample's first event
    to 1 at its last. Pixels without such an event show 0; a mean of 1 says that there was one.

    N. Zubić et al., "From chaos comes order: ordering event representations for object recognition
    and detection", ICCV 2023; windows, measurements and their order as in the authors' code
    (uzh-rpg/event_representation_study, the second of its two, which it uses).

    Examples:
        >>> Ergo12().out_spec(Spec("events", Sensor(34, 34))).shape
        (1, 12, 34, 34)
    """

    def out_spec(self, spec: Spec) -> Spec:
        """Return one frame of twelve planes of real numbers."""
        _, height, width = spec.sensor.shape
        return Spec("array", spec.sensor, (1, N_CHANNELS, height, width), real=True)

    def frame_counts(self, batch: EventBatch) -> Int64[np.ndarray, " b"]:
        """Return 1 for every sample, also for empty ones."""
        return np.ones(len(batch), np.int64)

    def write(self, batch: EventBatch, sensor: Sensor, out: Frames) -> None:
        """Fill ``out`` with the measurements."""
        self.out_spec(Spec("events", sensor)).check_dtype(out.dtype.name)
        bad = _measure(batch.events.arrays(), batch.offsets, out)
        if bad >= 0:
            raise off_sensor(batch, bad, sensor)


Columns = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Times 0 … 1, and x, y, p."""


@kernel
def _measure(columns: Columns, offsets: np.ndarray, out: np.ndarray) -> int:
    t, x, y, p = columns
    height, width = out.shape[3:]
    counts = np.empty((3, height, width))
    moments = np.empty((3, height, width))
    for b in range(len(offsets) - 1):
        frame = out[b, 0]
        frame[:] = counts[:] = moments[:] = 0
        start, stop = offsets[b], offsets[b + 1]
        if start == stop:
            continue
        first, last = time_span(t, start, stop)
        span = max(last - first, 1)
        when = np.empty(stop - start)
        for i in range(start, stop):
            if x[i] >= width or y[i] >= height or p[i] > 1:
                return i
            when[i - start] = (t[i] - first) / span
        events = (when, x[start:stop], y[start:stop], p[start:stop])
        _whole(events, counts, frame)
        _thirds(events, counts, moments, frame)
        _recent(events, frame)
        _divide(counts, moments, frame)
    return -1


@kernel
def _whole(events: Columns, counts: np.ndarray, frame: np.ndarray) -> None:
    when, x, y, p = events
    for i in range(len(when)):
        at = y[i], x[i]
        counts[0][at] += 1
        if p[i]:
            frame[0][at] += 1
            frame[9][at] = max(frame[9][at], when[i])
        else:
            frame[0][at] -= 1


@kernel
def _thirds(events: Columns, counts: np.ndarray, moments: np.ndarray, frame: np.ndarray) -> None:
    when, x, y, p = events
    n = len(when)
    for i in range((n + 2) // 3):
        at = y[i], x[i]
        frame[11][at] = 1
        if not p[i]:
            frame[8][at] = max(frame[8][at], when[i])
    for i in range((n + 2) // 3, (2 * n + 2) // 3):
        at = y[i], x[i]
        if p[i]:
            counts[1][at] += 1
            moments[0][at] += when[i]
        else:
            frame[2][at] = 1
    for i in range((2 * n + 2) // 3, n):
        if not p[i]:
            # Welford's recurrence: the mean, and the sum of squares about it.
            at = y[i], x[i]
            counts[2][at] += 1
            from_mean = when[i] - moments[1][at]
            moments[1][at] += from_mean / counts[2][at]
            moments[2][at] += from_mean * (when[i] - moments[1][at])


@kernel
def _recent(events: Columns, frame: np.ndarray) -> None:
    when, x, y, p = events
    n = len(when)
    for i in range(n + (-n >> 1), n):
        at = y[i], x[i]
        frame[10][at] = max(frame[10][at], when[i])
    for i in range(n + (-n >> 2), n):
        frame[4 if p[i] else 7, y[i], x[i]] = 1
    for i in range(n + (-n >> 3), n):
        at = y[i], x[i]
        frame[3][at] += 1 if p[i] else -1
        frame[5][at] += 1


@kernel
def _divide(counts: np.ndarray, moments: np.ndarray, frame: np.ndarray) -> None:
    """Make sums into means and variances."""
    height, width = frame.shape[1:]
    for y in range(height):
        for x in range(width):
            if counts[0, y, x] > 0:
                mean = frame[0, y, x] / counts[0, y, x]
                frame[0, y, x] = 1 - mean * mean  # the square of a polarity is 1
            frame[1, y, x] = moments[2, y, x] / max(counts[2, y, x], 1.0)
            frame[6, y, x] = moments[0, y, x] / max(counts[1, y, x], 1.0)
