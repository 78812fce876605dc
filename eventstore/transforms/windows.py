"""Equal windows that tile a sample, and the errors for events outside them.

Two fields say how a sample is cut, in every transform that makes a series of frames:

- ``n_frames`` alone: so many equal windows that divide each sample's own window,
- ``window_us`` alone: windows of that length from the sample's start, as many as it takes,
- both: ``n_frames`` windows of that length; longer samples are cut, shorter ones padded with zeros.
"""

from abc import ABC, abstractmethod
from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Int64

from eventstore.errors import InvalidInput
from eventstore.events import Sensor
from eventstore.jit import brief_kernel, inner_kernel, kernel
from eventstore.transforms.batch import EventBatch, off_sensor
from eventstore.transforms.protocol import Frames, Spec, set_integer

OFF_SENSOR = 1
"""Code of a kernel that met an event off the sensor."""

OFF_WINDOW = 2
"""Code of a kernel that met an event outside its sample's window."""

MAX_FRAMES = 1 << 20
"""Bound on the frames of a sample, so that a wrong unit is an error and not a full memory."""

Edges: TypeAlias = Int64[np.ndarray, "b edges"]
"""Edges of each sample's windows, and its end: `window_edges`."""


class WindowFrames(ABC):
    """Makes a frame a window: a base of frozen transforms with fields for the windows.

    Examples:
        >>> from eventstore.transforms import TimeSurface
        >>> from eventstore.transforms.conformance import sample_batch
        >>> batch = sample_batch(Sensor(12, 9))
        >>> TimeSurface(tau_us=500, window_us=1_000).frame_counts(batch).tolist()
        [10, 1, 1, 1]
    """

    __slots__ = ()

    window_us: int | None
    n_frames: int | None

    @abstractmethod
    def out_spec(self, spec: Spec) -> Spec:
        """Return ``n_frames`` frames; their number is open where that is None."""

    @abstractmethod
    def fill(self, batch: EventBatch, edges: Edges, out: Frames) -> tuple[int, int]:
        """Fill ``out``.

        Returns:
            (0, 0), or `OFF_SENSOR` or `OFF_WINDOW` and the row of the event that is so.
        """

    def frame_counts(self, batch: EventBatch) -> Int64[np.ndarray, " b"]:
        """Return the windows each sample reaches into."""
        return count_windows(batch, self.window_us, self.n_frames)

    def write(self, batch: EventBatch, sensor: Sensor, out: Frames) -> None:
        """Fill ``out``, of which each frame is a window."""
        self.out_spec(Spec("events", sensor)).check_dtype(out.dtype.name)
        edges = window_edges(batch, self.window_us, out.shape[1])
        code, row = self.fill(batch, edges, out)
        if code:
            raise stopped_at(code, row, batch, sensor)


def check_windows(transform: object) -> None:
    """Check the fields ``window_us`` and ``n_frames`` of a frozen transform.

    Raises:
        InvalidInput: both are None, or one is no positive integer.
    """
    fields: Any = transform
    if fields.window_us is None and fields.n_frames is None:
        message = f"{type(transform).__name__} has neither n_frames nor window_us"
        hint = "give n_frames=10 for ten equal windows, or window_us=1000 for windows of 1 ms"
        raise InvalidInput(message, hint=hint)
    if fields.window_us is not None:
        set_integer(transform, "window_us", minimum=1)
    if fields.n_frames is not None:
        set_integer(transform, "n_frames", minimum=1, maximum=MAX_FRAMES)


def count_windows(
    batch: EventBatch, window_us: int | None, n_frames: int | None
) -> Int64[np.ndarray, " b"]:
    """Return the windows each sample reaches into.

    Raises:
        InvalidInput: a sample reaches into more than `MAX_FRAMES`.

    Examples:
        >>> from eventstore.events import Events
        >>> batch = EventBatch.of([Events.empty()], t_start=[0], t_stop=[1001])
        >>> count_windows(batch, 1000, None).tolist(), count_windows(batch, None, 7).tolist()
        ([2], [7])
    """
    if window_us is None:
        return np.full(len(batch), n_frames or 0, np.int64)
    return bounded_frames(windows_reached(batch.t_start, batch.t_stop, window_us), n_frames, batch)


def windows_reached(
    t_start: Int64[np.ndarray, " b"], t_stop: Int64[np.ndarray, " b"], window_us: int
) -> Int64[np.ndarray, " b"]:
    """Return how many windows of a length each sample reaches into, bounded by nothing.

    Examples:
        >>> windows_reached(np.array([0, 5]), np.array([1001, 1005]), 1000).tolist()
        [2, 1]
    """
    reached: np.ndarray = -((t_start - t_stop) // window_us)
    return reached


def window_edges(batch: EventBatch, window_us: int | None, n_windows: int) -> Edges:
    """Return the edges of each sample's windows, and one more: its end.

    Window k is ``edges[k] <= t < edges[k + 1]``. No edge lies after the sample's end, so a last
    window may be shorter; window ``n_windows`` is what is cut off.

    Args:
        batch: the samples.
        window_us: length of a window; None divides the sample.
        n_windows: number of windows.

    Examples:
        >>> from eventstore.events import Events
        >>> batch = EventBatch.of([Events.empty()], t_start=[5], t_stop=[15])
        >>> window_edges(batch, 4, 2).tolist(), window_edges(batch, None, 3).tolist()
        ([[5, 9, 13, 15]], [[5, 9, 12, 15, 15]])
    """
    edges = np.empty((len(batch), n_windows + 2), np.int64)
    fill_edges(batch.t_start, batch.t_stop, window_us or 0, edges)
    return edges


@brief_kernel
def fill_edges(t_start: np.ndarray, t_stop: np.ndarray, window_us: int, edges: np.ndarray) -> None:
    """Write what `window_edges` returns; with windows of 0 µs they divide the sample."""
    n_windows = edges.shape[1] - 2
    for b in range(len(t_start)):
        start, duration = t_start[b], t_stop[b] - t_start[b]
        if window_us:
            # A step past the sample's end counts as the end: no product can overflow.
            reached = min(max(duration // window_us, 0), n_windows)
            for k in range(reached + 1):
                edges[b, k] = start + k * window_us
            edges[b, reached + 1 :] = t_stop[b]
        else:
            quotient, remainder = duration // n_windows, duration % n_windows
            # ⌈k·duration / n⌉ without the product k·duration, which could overflow.
            for k in range(n_windows + 1):
                edges[b, k] = start + k * quotient + -(-k * remainder // n_windows)
            edges[b, n_windows + 1] = t_stop[b]


def bounded_frames(
    counts: Int64[np.ndarray, " b"], n_frames: int | None, batch: EventBatch
) -> Int64[np.ndarray, " b"]:
    """Return the frames each sample fills, at most ``n_frames``.

    Raises:
        InvalidInput: ``n_frames`` is None and a sample would fill more than `MAX_FRAMES`.
    """
    counts = np.clip(counts, 0, n_frames)
    if n_frames is None and len(counts) and counts.max() > MAX_FRAMES:
        longest = int(counts.argmax())
        message = f"sample {batch.ids[longest]!r} would take {counts[longest]} frames"
        raise InvalidInput(message, hint="make the frames larger, or bound them with n_frames")
    return counts


def stopped_at(code: int, row: int, batch: EventBatch, sensor: Sensor) -> InvalidInput:
    """Return the error for the event that a kernel stopped at."""
    if code == OFF_SENSOR:
        return off_sensor(batch, row, sensor)
    sample = batch.sample_of(row)
    message = (
        f"event {row - batch.offsets[sample]} of sample {batch.ids[sample]!r} at "
        f"{batch.events.t[row]} µs lies outside its window "
        f"{batch.t_start[sample]} … {batch.t_stop[sample]} µs"
    )
    return InvalidInput(message, hint="slice the events to the window first")


@inner_kernel
def seek(edges: np.ndarray, b: int, t: int, k: int) -> int:
    """Return the window of sample ``b`` that a time lies in, -1 for none; tries window ``k`` first.

    Args:
        edges: what `window_edges` returned.
        b: the sample.
        t: the time.
        k: the window of the event before, 0 for the first.
    """
    if edges[b, k] <= t < edges[b, k + 1]:
        return k
    k = int(np.searchsorted(edges[b], t, side="right")) - 1
    return k if k < edges.shape[1] - 1 else -1


@kernel
def time_span(t: np.ndarray, start: int, stop: int) -> tuple[int, int]:
    """Return the first time of the rows ``start`` … ``stop`` - 1, one or more, and the last."""
    first = last = t[start]
    for i in range(start + 1, stop):
        first, last = min(first, t[i]), max(last, t[i])
    return first, last
