"""Where in a recording something odd lies: µs ranges and pixels, found by decoding it again.

Statistics tell that there is something; only the few recordings that a check names are decoded, so
that what a curator is sent to is a place, not a file.
"""

from typing import NamedTuple

import numpy as np

from catalog.statistics.measure import HOT_RATE_HZ, WINDOW_US, plateau_runs
from eventstore.events import Events, Sensor


class Place(NamedTuple):
    """A part of a recording, half open, in µs from its start."""

    t_start_us: int
    t_stop_us: int


class HotPixel(NamedTuple):
    """A pixel that fires too often."""

    x: int
    y: int
    rate_hz: float


def find_gaps(events: Events, t_stop: int, at_least_us: float) -> list[Place]:
    """Return the pauses without an event, the longest first; before the first event as well.

    Args:
        events: those of a recording, in the order of time.
        t_stop: end of the recording.
        at_least_us: how long a pause is to be told.

    Examples:
        >>> find_gaps(Events.of(t=[5, 900, 910], x=[0, 0, 0]), 1_000, 80)
        [Place(t_start_us=5, t_stop_us=900), Place(t_start_us=910, t_stop_us=1000)]
    """
    ends = np.concatenate(([0], events.t, [t_stop]))
    pause = np.diff(ends)
    long = np.flatnonzero(pause >= max(at_least_us, 1))
    order = long[np.argsort(-pause[long], kind="stable")]
    return [Place(int(ends[k]), int(ends[k + 1])) for k in order]


def find_plateaus(events: Events) -> list[Place]:
    """Return when the rate stayed at its peak as at a limit, in the order of time.

    Examples:
        >>> t = np.repeat(np.arange(8) * 10_000, [1, 1, 9, 9, 9, 1, 1, 1])
        >>> find_plateaus(Events.of(t=t, x=np.zeros(len(t), int)))
        [Place(t_start_us=20000, t_stop_us=50000)]
    """
    index, count = np.unique(events.t // WINDOW_US, return_counts=True)
    return [Place(a * WINDOW_US, b * WINDOW_US) for a, b in plateau_runs(index, count)]


def find_hot_pixels(events: Events, sensor: Sensor, t_stop: int) -> list[HotPixel]:
    """Return the pixels above `HOT_RATE_HZ`, the hottest first.

    Examples:
        >>> events = Events.of(t=range(9), x=[3] * 9, y=[1] * 9)
        >>> find_hot_pixels(events, Sensor(4, 2), 10_000)
        [HotPixel(x=3, y=1, rate_hz=900.0)]
    """
    place = events.y.astype(np.int64) * sensor.width + events.x
    counts = np.bincount(place, minlength=sensor.width * sensor.height)
    most = max(int(HOT_RATE_HZ * t_stop * 1e-6), 1)
    hot = np.flatnonzero(counts > most)
    order = hot[np.argsort(-counts[hot], kind="stable")]
    seconds = max(t_stop, 1) * 1e-6
    return [
        HotPixel(int(k % sensor.width), int(k // sensor.width), float(counts[k] / seconds))
        for k in order
    ]
