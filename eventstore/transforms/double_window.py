"""Noise filter by two short memories: of what was taken for signal, and of what for noise."""

from dataclasses import dataclass

import numpy as np

from eventstore.events import COORDINATE_LIMIT, Sensor
from eventstore.jit import kernel
from eventstore.transforms.bases import EventFilter, SameSensor
from eventstore.transforms.batch import EventBatch, off_sensor
from eventstore.transforms.protocol import Mask, set_integer

NOWHERE = np.float32(1e9)
"""Coordinate of what is not remembered yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubleWindow(EventFilter, SameSensor):
    """Keep an event if ``min_events`` of those remembered lie near it; the time is not looked at.

    The DWF of S. Guo & T. Delbruck, "Low cost and latency event camera background activity
    denoising", TPAMI 2023. Two windows hold the last ``window_events`` events kept and as many
    dropped; an event is near where |Δx| + |Δy| < ``distance_pixels``, its own pixel included. Then
    it goes into the window of its kind, in place of the oldest. Both windows begin empty with each
    sample, so that its first events are dropped. Memory does not grow with the sensor; work grows
    with the windows.

    Args:
        window_events: length of each of the two windows, L.
        distance_pixels: distance from which an event is not near any more, σ (channels for audio).
        min_events: how many must be near, k.

    Examples:
        >>> from eventstore.events import Events
        >>> from eventstore.transforms.protocol import NO_SEEDS
        >>> e = Events.of(t=[0, 5, 90], x=[0, 9, 1], y=[0, 0, 1])
        >>> batch = EventBatch.of([e], t_start=[0], t_stop=[100])
        >>> window = DoubleWindow(window_events=16, distance_pixels=3)
        >>> window.apply(batch, Sensor(10, 10), NO_SEEDS).events.t.tolist()
        [90]
    """

    window_events: int = 256
    distance_pixels: int = 5
    min_events: int = 1

    def __post_init__(self) -> None:
        set_integer(self, "window_events", minimum=1, maximum=1 << 16)
        set_integer(self, "distance_pixels", minimum=1, maximum=2 * COORDINATE_LIMIT)
        set_integer(self, "min_events", minimum=1, maximum=2 * self.window_events)

    def mask(self, batch: EventBatch, sensor: Sensor) -> Mask:
        """Say of each event whether it is kept."""
        _, x, y, _ = batch.events
        # float32 holds every coordinate and distance exactly, and many are compared at a time.
        windows = np.empty((2, 2, self.window_events), np.float32)
        mask = np.empty(len(x), np.bool_)
        need = (self.distance_pixels, self.min_events, sensor.width, sensor.height)
        bad = _near((x, y), batch.offsets, need, windows, mask)
        if bad >= 0:
            raise off_sensor(batch, bad, sensor)
        return mask


@kernel
def _near(
    columns: tuple[np.ndarray, np.ndarray],
    offsets: np.ndarray,
    need: tuple[int, int, int, int],
    windows: np.ndarray,
    mask: np.ndarray,
) -> int:
    x, y = columns
    distance, min_events, width, height = need
    length = windows.shape[2]
    for b in range(len(offsets) - 1):
        windows[:, :, :] = NOWHERE
        # Events that each window ever got: it is a ring, its order does not matter.
        n_noise, n_signal = 0, 0
        for i in range(offsets[b], offsets[b + 1]):
            if x[i] >= width or y[i] >= height:
                return i
            place = (np.float32(x[i]), np.float32(y[i]))
            n = _count(windows[1], place, distance)
            if n < min_events:
                n += _count(windows[0], place, distance)
            mask[i] = n >= min_events
            if n >= min_events:
                windows[1, 0, n_signal % length], windows[1, 1, n_signal % length] = place
                n_signal += 1
            else:
                windows[0, 0, n_noise % length], windows[0, 1, n_noise % length] = place
                n_noise += 1
    return -1


@kernel
def _count(window: np.ndarray, place: tuple[np.float32, np.float32], distance: int) -> int:
    """Count the places that are near: all of them, since a way out of the loop makes it slow."""
    n, limit = 0, np.float32(distance)
    for j in range(window.shape[1]):
        n += abs(window[0, j] - place[0]) + abs(window[1, j] - place[1]) < limit
    return n
