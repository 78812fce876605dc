"""Small pictures of events: which pixels saw which polarity, or which channels when."""

from typing import TYPE_CHECKING, Protocol

import numpy as np
from jaxtyping import Int64, UInt8

from eventstore.frame_kernels import add_scaled
from eventstore.png import write_png

if TYPE_CHECKING:
    from eventstore.events import Events
    from eventstore.store import EventStore

MAX_WIDTH, MAX_HEIGHT = 160, 120
"""Pixels of a picture; smaller sensors keep theirs."""

LEAST_EVENTS, MOST_EVENTS = 500, 16_384
"""Events that a picture is drawn from: about half as many as pixels, within these."""

Colour = tuple[int, int, int, int]

ON, OFF, BOTH = (37, 99, 235), (234, 88, 12), (147, 51, 234)
"""Blue, orange and violet: told apart by all, and on light and dark ground."""

LEVELS = (90, 160, 255)
"""Opacity of few, more and many events."""


class Extent(Protocol):
    """As much of a sensor as a picture needs to know."""

    @property
    def width(self) -> int:
        """Columns, or channels."""

    @property
    def height(self) -> int:
        """Rows."""

    @property
    def modality(self) -> str:
        """``"vision"`` or ``"audio"``."""


def palette() -> list[Colour]:
    """Return the colours: nothing, then OFF, both and ON, each from faint to full.

    Examples:
        >>> len(palette()), palette()[0]
        (10, (0, 0, 0, 0))
    """
    return [(0, 0, 0, 0), *((*hue, level) for hue in (OFF, BOTH, ON) for level in LEVELS)]


def stored_thumbnail(store: "EventStore", row: int) -> bytes:
    """Draw the events in the middle of a recording of a store, as PNG; few of them are read.

    Args:
        store: an open store.
        row: the recording's row in it.

    Raises:
        MissingContent: its events are not on this machine.
    """
    start, stop = (int(edge) for edge in store.recordings.offsets[row : row + 2])
    sensor = store.recordings.sensor(row)
    first, last = middle_rows(start, stop, sensor)
    return draw_thumbnail(store.read_rows(first, last), sensor)


def middle_rows(start: int, stop: int, sensor: Extent) -> tuple[int, int]:
    """Return the first row that a picture of rows ``start … stop - 1`` shows, and the one after.

    Examples:
        >>> from eventstore.events import Sensor
        >>> middle_rows(0, 10_000, Sensor(34, 34))
        (4711, 5289)
    """
    wanted = min(max(sensor.width * sensor.height // 2, LEAST_EVENTS), MOST_EVENTS)
    if sensor.modality == "audio":
        wanted = MOST_EVENTS
    first = max(start, (start + stop - wanted) // 2)
    return first, min(stop, first + wanted)


def draw_thumbnail(events: "Events", sensor: Extent) -> bytes:
    """Draw all of these events, as PNG on a clear ground.

    Args:
        events: a table of at most some ten thousand.
        sensor: where they lie.

    Examples:
        >>> from eventstore.events import Events, Sensor
        >>> draw_thumbnail(Events.of(t=[5], x=[1], y=[2]), Sensor(4, 4))[1:4]
        b'PNG'
    """
    across, down = events.x.astype(np.int64), events.y.astype(np.int64)
    size = sensor.width, sensor.height
    if sensor.modality == "audio":  # time runs to the right, channels upward
        down, across = sensor.width - 1 - across, events.t - (events.t[0] if len(events) else 0)
        size = int(across[-1]) + 1 if len(events) else 1, sensor.width
    counts = np.zeros((2, *_fitting(size, stretched=sensor.modality == "audio")), np.int64)
    add_scaled((across, down, events.p), size, counts)
    return write_png(colour_indices(counts), palette())


def _fitting(size: tuple[int, int], *, stretched: bool) -> tuple[int, int]:
    """Return height and width of the picture of a sensor, of its shape where it has one."""
    width, height = size
    if stretched:
        return min(height, MAX_HEIGHT), MAX_WIDTH
    shrink = max(width / MAX_WIDTH, height / MAX_HEIGHT, 1)
    return max(int(height / shrink), 1), max(int(width / shrink), 1)


def colour_indices(counts: Int64[np.ndarray, "2 h w"]) -> UInt8[np.ndarray, "h w"]:
    """Return the colour of each pixel: which polarity is more, and how much of the fullest.

    Args:
        counts: events of each pixel, OFF and ON.
    """
    off, on = counts
    total = off + on
    filled = total[total > 0]
    if not len(filled):
        return np.zeros(total.shape, np.uint8)
    steps = np.quantile(filled, (0.5, 0.9))
    level = np.searchsorted(steps, total, side="left")
    hue = np.where(on > 2 * off, 2, np.where(off > 2 * on, 0, 1))
    return np.where(total > 0, 1 + 3 * hue + level, 0).astype(np.uint8)
