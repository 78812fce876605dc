"""Frames of counts that overlap: windows that slide by less than their length.

An event lies in every frame whose window holds it. Where the stride is the whole window, these are
the frames of `FramesByTime` and `FramesByCount`.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from eventstore.errors import InvalidInput
from eventstore.events import Sensor
from eventstore.jit import kernel
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.binning import OVERFLOW, largest_count, uncounted
from eventstore.transforms.protocol import Frames, Spec, set_integer
from eventstore.transforms.windows import MAX_FRAMES, OFF_SENSOR, OFF_WINDOW, bounded_frames


@dataclass(frozen=True, slots=True, kw_only=True)
class SlidingFramesByTime:
    """Count events in windows of ``window_us`` that begin every ``stride_us``.

    Frame k of a sample holds the events of k·stride_us ≤ t − t_start < k·stride_us + window_us. The
    last frame is the first that reaches the sample's end.

    Args:
        window_us: length of a frame.
        stride_us: from the start of one frame to that of the next, at most ``window_us``, so that
            no event is lost.
        n_frames: number of frames of every sample: longer samples are cut, shorter ones padded with
            zeros. None gives each sample as many as its window takes.

    Examples:
        >>> from eventstore.events import Events
        >>> e = Events.of(t=[0, 500, 1999], x=[0, 0, 0])
        >>> batch = EventBatch.of([e], t_start=[0], t_stop=[2000])
        >>> SlidingFramesByTime(window_us=1000, stride_us=500).frame_counts(batch).tolist()
        [3]
    """

    window_us: int
    stride_us: int
    n_frames: int | None = None

    def __post_init__(self) -> None:
        set_integer(self, "window_us", minimum=1)
        _check_stride(self, "stride_us", self.window_us)

    def out_spec(self, spec: Spec) -> Spec:
        """Return frames of the sensor; their number is open unless ``n_frames`` is given."""
        return Spec("array", spec.sensor, (self.n_frames, *spec.sensor.shape))

    def frame_counts(self, batch: EventBatch) -> Int64[np.ndarray, " b"]:
        """Return the frames until one reaches each sample's end."""
        return _slid(batch.t_stop - batch.t_start, self.window_us, self.stride_us, self, batch)

    def write(self, batch: EventBatch, sensor: Sensor, out: Frames) -> None:
        """Fill ``out`` with the counts."""
        windows = (batch.t_start, batch.t_stop, self.frame_counts(batch))
        slide = (self.window_us, self.stride_us, largest_count(out))
        columns = batch.events.arrays()
        problem = _slide_by_time(columns, batch.offsets, windows, slide, out)
        if problem[0]:
            raise uncounted(problem, batch, sensor, out)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlidingFramesByCount:
    """Put ``events_per_frame`` events into each frame, of which each begins ``stride`` events on.

    The last frame is the first that reaches a sample's last event, perhaps with fewer events. A
    sample without events has no frame.

    Args:
        events_per_frame: events a frame.
        stride: events from the start of one frame to that of the next, at most
            ``events_per_frame``, so that no event is lost.
        n_frames: number of frames of every sample: longer samples are cut, shorter ones padded with
            zeros. None gives each sample as many as its events fill.

    Examples:
        >>> from eventstore.events import Events
        >>> e = Events.of(t=[0, 1, 2, 3, 4], x=[0, 0, 0, 0, 0])
        >>> batch = EventBatch.of([e], t_start=[0], t_stop=[5])
        >>> SlidingFramesByCount(events_per_frame=3, stride=1).frame_counts(batch).tolist()
        [3]
    """

    events_per_frame: int
    stride: int
    n_frames: int | None = None

    def __post_init__(self) -> None:
        set_integer(self, "events_per_frame", minimum=1)
        _check_stride(self, "stride", self.events_per_frame)

    def out_spec(self, spec: Spec) -> Spec:
        """Return frames of the sensor; their number is open unless ``n_frames`` is given."""
        return Spec("array", spec.sensor, (self.n_frames, *spec.sensor.shape))

    def frame_counts(self, batch: EventBatch) -> Int64[np.ndarray, " b"]:
        """Return the frames until one reaches each sample's last event."""
        n = np.diff(batch.offsets)
        return _slid(n, self.events_per_frame, self.stride, self, batch)

    def write(self, batch: EventBatch, sensor: Sensor, out: Frames) -> None:
        """Fill ``out`` with the counts."""
        slide = (self.events_per_frame, self.stride, largest_count(out))
        columns, counts = batch.events.arrays()[1:], self.frame_counts(batch)
        problem = _slide_by_row(columns, batch.offsets, counts, slide, out)
        if problem[0]:
            raise uncounted(problem, batch, sensor, out)


def _check_stride(
    transform: SlidingFramesByTime | SlidingFramesByCount, name: str, length: int
) -> None:
    set_integer(transform, name, minimum=1)
    stride = getattr(transform, name)
    if stride > length:
        message = f"{type(transform).__name__}({name}={stride}) is longer than a frame of {length}"
        raise InvalidInput(message, hint=f"give {name} 1 … {length}: events between would be lost")
    if transform.n_frames is not None:
        set_integer(transform, "n_frames", minimum=1, maximum=MAX_FRAMES)


def _slid(
    total: Int64[np.ndarray, " b"],
    length: int,
    stride: int,
    transform: SlidingFramesByTime | SlidingFramesByCount,
    batch: EventBatch,
) -> Int64[np.ndarray, " b"]:
    after_first = -(-np.maximum(total - length, 0) // stride)
    return bounded_frames(np.where(total > 0, 1 + after_first, 0), transform.n_frames, batch)


@kernel
def _slide_by_time(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    offsets: np.ndarray,
    windows: tuple[np.ndarray, np.ndarray, np.ndarray],
    slide: tuple[int, int, int],
    out: np.ndarray,
) -> tuple[int, int, int]:
    t, x, y, p = columns
    t_start, t_stop, counts = windows
    length, stride, top = slide
    for b in range(len(offsets) - 1):
        out[b] = 0
        for i in range(offsets[b], offsets[b + 1]):
            if t[i] < t_start[b] or t[i] >= t_stop[b]:
                return OFF_WINDOW, i, 0
            since = t[i] - t_start[b]
            # Of the frames whose window holds the event, the first and the one after the last.
            first = max((since - length) // stride + 1, 0)
            after = min(since // stride + 1, counts[b])
            code, frame = _count(out[b], (x[i], y[i], p[i]), first, after, top)
            if code:
                return code, i, frame
    return 0, 0, 0


@kernel
def _slide_by_row(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray],
    offsets: np.ndarray,
    counts: np.ndarray,
    slide: tuple[int, int, int],
    out: np.ndarray,
) -> tuple[int, int, int]:
    x, y, p = columns
    length, stride, top = slide
    for b in range(len(offsets) - 1):
        out[b] = 0
        for i in range(offsets[b], offsets[b + 1]):
            since = i - offsets[b]
            first = max((since - length) // stride + 1, 0)
            after = min(since // stride + 1, counts[b])
            code, frame = _count(out[b], (x[i], y[i], p[i]), first, after, top)
            if code:
                return code, i, frame
    return 0, 0, 0


@kernel
def _count(
    frames: np.ndarray, pixel: tuple[int, int, int], first: int, after: int, top: int
) -> tuple[int, int]:
    """Count an event into frames ``first`` … ``after`` − 1."""
    x, y, p = pixel
    planes, height, width = frames.shape[1:]
    plane = p if planes > 1 else 0
    if x >= width or y >= height or plane >= planes:
        return OFF_SENSOR, 0
    for k in range(first, after):
        count = frames[k, plane, y, x]
        if count == top:
            return OVERFLOW, k
        frames[k, plane, y, x] = count + 1
    return 0, 0
