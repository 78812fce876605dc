"""Small pictures of recordings: a slice from the middle, drawn once and kept within bounds."""

from collections import OrderedDict
from threading import Lock

import numpy as np
from jaxtyping import Int64, UInt8

from catalog.viewer.frame_kernels import add_scaled
from catalog.viewer.png import write_png
from catalog.viewer.shown import ShownState

MAX_WIDTH, MAX_HEIGHT = 160, 120
"""Pixels of a picture; smaller sensors keep theirs."""

LEAST_EVENTS, MOST_EVENTS = 500, 16_384
"""Events that a picture is drawn from: about half as many as pixels, within these."""

CACHE_BYTES = 32 << 20
"""Of pictures that are kept."""

Colour = tuple[int, int, int, int]

ON, OFF, BOTH = (37, 99, 235), (234, 88, 12), (147, 51, 234)
"""Blue, orange and violet: told apart by all, and on light and dark ground."""

LEVELS = (90, 160, 255)
"""Opacity of few, more and many events."""


def palette() -> list[Colour]:
    """Return the colours: nothing, then OFF, both and ON, each from faint to full.

    Examples:
        >>> len(palette()), palette()[0]
        (10, (0, 0, 0, 0))
    """
    return [(0, 0, 0, 0), *((*hue, level) for hue in (OFF, BOTH, ON) for level in LEVELS)]


class Thumbnails:
    """Pictures by recording, the latest asked for; safe to share between threads.

    Args:
        limit: bytes of pictures that are kept.
    """

    def __init__(self, limit: int = CACHE_BYTES) -> None:
        self._limit = limit
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    @property
    def size(self) -> int:
        """Bytes of the pictures that are kept."""
        return self._size

    def of(self, state: ShownState, recording: str) -> bytes:
        """Return the picture of a recording, as PNG.

        Raises:
            NotFound: there is no such recording.
            MissingContent: its events are not on this machine.
        """
        row = state.store_row(recording)
        key = state.version.store.recordings.digests[row]
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = draw_thumbnail(state, row)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = made
                self._size += len(made)
            while self._size > self._limit:
                self._size -= len(self._kept.popitem(last=False)[1])
        return made


def draw_thumbnail(state: ShownState, row: int) -> bytes:
    """Draw the events in the middle of a recording.

    Args:
        state: the dataset.
        row: the recording's row in the store.
    """
    store = state.version.store
    start, stop = (int(edge) for edge in store.recordings.offsets[row : row + 2])
    sensor = store.recordings.sensor(row)
    wanted = min(max(sensor.width * sensor.height // 2, LEAST_EVENTS), MOST_EVENTS)
    if sensor.modality == "audio":
        wanted = MOST_EVENTS
    first = max(start, (start + stop - wanted) // 2)
    events = store.read_rows(first, min(stop, first + wanted))
    across, down = events.x.astype(np.int64), events.y.astype(np.int64)
    size = sensor.width, sensor.height
    if sensor.modality == "audio":  # time runs to the right, channels upward
        down, across = sensor.width - 1 - across, events.t - (events.t[0] if len(events) else 0)
        size = int(across[-1]) + 1 if len(events) else 1, sensor.width
    counts = np.zeros((2, *_fitting(size, stretched=sensor.modality == "audio")), np.int64)
    add_scaled((across, down, events.p), size, counts)
    return write_png(_indices(counts), palette())


def _fitting(size: tuple[int, int], *, stretched: bool) -> tuple[int, int]:
    """Return height and width of the picture of a sensor, of its shape where it has one."""
    width, height = size
    if stretched:
        return min(height, MAX_HEIGHT), MAX_WIDTH
    shrink = max(width / MAX_WIDTH, height / MAX_HEIGHT, 1)
    return max(int(height / shrink), 1), max(int(width / shrink), 1)


def _indices(counts: Int64[np.ndarray, "2 h w"]) -> UInt8[np.ndarray, "h w"]:
    """Return the colour of each pixel: which polarity is more, and how much of the fullest."""
    off, on = counts
    total = off + on
    filled = total[total > 0]
    if not len(filled):
        return np.zeros(total.shape, np.uint8)
    steps = np.quantile(filled, (0.5, 0.9))
    level = np.searchsorted(steps, total, side="left")
    hue = np.where(on > 2 * off, 2, np.where(off > 2 * on, 0, 1))
    return np.where(total > 0, 1 + 3 * hue + level, 0).astype(np.uint8)
