"""Events to frames of counts, one plane a polarity, shape ``(T, P, H, W)``.

Five ways to cut a sample into frames: windows of equal time, a fixed number of equal windows, runs
of so many events, a fixed number of equal runs, or all in one. Windows are half-open and tile the
sample, so every event lands in exactly one frame, the last included; only an explicit ``n_frames``
cuts a tail off. For frames that overlap see `eventstore.transforms.sliding`.

The frames of a cochlea have one plane of one row: rasters, served as ``(B, T, C)``.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from eventstore.events import Sensor
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.binning import (
    count_by_row,
    count_by_time,
    largest_count,
    uncounted,
)
from eventstore.transforms.protocol import Frames, Spec, set_integer
from eventstore.transforms.windows import (
    MAX_FRAMES,
    Edges,
    bounded_frames,
    check_windows,
    count_windows,
    window_edges,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bins(ABC):
    """Counts in ``n_bins`` frames of every sample: only where they are cut differs."""

    n_bins: int

    def __post_init__(self) -> None:
        set_integer(self, "n_bins", minimum=1, maximum=MAX_FRAMES)

    def out_spec(self, spec: Spec) -> Spec:
        """Return ``n_bins`` frames of the sensor."""
        return Spec("array", spec.sensor, (self.n_bins, *spec.sensor.shape))

    def frame_counts(self, batch: EventBatch) -> Int64[np.ndarray, " b"]:
        """Return ``n_bins`` for every sample, also for empty ones."""
        return np.full(len(batch), self.n_bins, np.int64)

    @abstractmethod
    def write(self, batch: EventBatch, sensor: Sensor, out: Frames) -> None:
        """Fill ``out`` with the counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FramesByTime:
    """Count events in consecutive windows of ``window_us`` from the sample's start.

    Args:
        window_us: length of a frame; the last one of a sample may be cut short by its end, and is
            kept.
        n_frames: number of frames of every sample: longer samples are cut, shorter ones padded with
            zeros. None gives each sample as many as its window takes.

    Examples:
        >>> from eventstore.events import Events
        >>> e = Events.of(t=[0, 999, 1000], x=[0, 0, 0])
        >>> batch = EventBatch.of([e], t_start=[0], t_stop=[1001])
        >>> FramesByTime(window_us=1000).frame_counts(batch).tolist()
        [2]
    """

    window_us: int
    n_frames: int | None = None

    def __post_init__(self) -> None:
        set_integer(self, "window_us", minimum=1)
        check_windows(self)

    def out_spec(self, spec: Spec) -> Spec:
        """Return frames of the sensor; their number is open unless ``n_frames`` is given."""
        return Spec("array", spec.sensor, (self.n_frames, *spec.sensor.shape))

    def frame_counts(self, batch: EventBatch) -> Int64[np.ndarray, " b"]:
        """Return the windows each sample reaches into."""
        return count_windows(batch, self.window_us, self.n_frames)

    def write(self, batch: EventBatch, sensor: Sensor, out: Frames) -> None:
        """Fill ``out`` with the counts."""
        _count_windows(batch, sensor, window_edges(batch, self.window_us, out.shape[1]), out)


@dataclass(frozen=True, slots=True, kw_only=True)
class FramesByBins(_Bins):
    """Count events in ``n_bins`` equal windows that divide each sample's own window.

    An event at t falls into bin ⌊(t − t_start)·n_bins / (t_stop − t_start)⌋, in exact integers.

    Args:
        n_bins: number of frames of every sample.

    Examples:
        >>> FramesByBins(n_bins=20).out_spec(Spec("events", Sensor(34, 34))).shape
        (20, 2, 34, 34)
    """

    def write(self, batch: EventBatch, sensor: Sensor, out: Frames) -> None:
        """Fill ``out`` with the counts."""
        _count_windows(batch, sensor, window_edges(batch, None, self.n_bins), out)


@dataclass(frozen=True, slots=True, kw_only=True)
class FramesByCount:
    """Put each run of ``events_per_frame`` events into one frame.

    The events left over at a sample's end make a last frame with fewer. A sample without events has
    no frame.

    Args:
        events_per_frame: events a frame.
        n_frames: number of frames of every sample: longer samples are cut, shorter ones padded with
            zeros. None gives each sample as many as its events fill.

    Examples:
        >>> from eventstore.events import Events
        >>> e = Events.of(t=[0, 1, 2], x=[0, 0, 0])
        >>> batch = EventBatch.of([e], t_start=[0], t_stop=[3])
        >>> FramesByCount(events_per_frame=2).frame_counts(batch).tolist()
        [2]
    """

    events_per_frame: int
    n_frames: int | None = None

    def __post_init__(self) -> None:
        set_integer(self, "events_per_frame", minimum=1)
        if self.n_frames is not None:
            set_integer(self, "n_frames", minimum=1, maximum=MAX_FRAMES)

    def out_spec(self, spec: Spec) -> Spec:
        """Return frames of the sensor; their number is open unless ``n_frames`` is given."""
        return Spec("array", spec.sensor, (self.n_frames, *spec.sensor.shape))

    def frame_counts(self, batch: EventBatch) -> Int64[np.ndarray, " b"]:
        """Return the frames each sample's events fill, the last perhaps in part."""
        return bounded_frames(self._filled(batch), self.n_frames, batch)

    def write(self, batch: EventBatch, sensor: Sensor, out: Frames) -> None:
        """Fill ``out`` with the counts."""
        runs = np.minimum(np.arange(out.shape[1] + 1), self._filled(batch)[:, None])
        starts = batch.offsets[:-1, None] + runs * self.events_per_frame
        _count_rows(batch, sensor, np.minimum(starts, batch.offsets[1:, None]), out)

    def _filled(self, batch: EventBatch) -> Int64[np.ndarray, " b"]:
        """Return the frames that the samples' events would fill if none were cut."""
        return -(-np.diff(batch.offsets) // self.events_per_frame)


@dataclass(frozen=True, slots=True, kw_only=True)
class FramesByEventBins(_Bins):
    """Divide each sample's events into ``n_bins`` runs of equal numbers, a frame each.

    Of a sample's n events, frame k counts the events ⌈k·n / n_bins⌉ … ⌈(k + 1)·n / n_bins⌉ − 1 in
    their order, so that no event is lost and the numbers differ by one at most.

    Args:
        n_bins: number of frames of every sample.

    Examples:
        >>> from eventstore.events import Events
        >>> e = Events.of(t=[0, 1, 9], x=[0, 0, 0])
        >>> batch = EventBatch.of([e], t_start=[0], t_stop=[10])
        >>> out = np.empty((1, 2, 2, 1, 1), np.uint8)
        >>> FramesByEventBins(n_bins=2).write(batch, Sensor(1, 1), out)
        >>> out[0, :, 1, 0, 0].tolist()
        [2, 1]
    """

    def write(self, batch: EventBatch, sensor: Sensor, out: Frames) -> None:
        """Fill ``out`` with the counts."""
        steps = np.arange(self.n_bins + 1, dtype=np.int64)
        parts = -(-steps * np.diff(batch.offsets)[:, None] // self.n_bins)
        _count_rows(batch, sensor, batch.offsets[:-1, None] + parts, out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """Count all events of a sample in one frame.

    Examples:
        >>> Image().out_spec(Spec("events", Sensor(34, 34))).shape
        (1, 2, 34, 34)
    """

    def out_spec(self, spec: Spec) -> Spec:
        """Return one frame of the sensor."""
        return Spec("array", spec.sensor, (1, *spec.sensor.shape))

    def frame_counts(self, batch: EventBatch) -> Int64[np.ndarray, " b"]:
        """Return 1 for every sample, also for empty ones."""
        return np.ones(len(batch), np.int64)

    def write(self, batch: EventBatch, sensor: Sensor, out: Frames) -> None:
        """Fill ``out`` with the counts."""
        starts = np.stack([batch.offsets[:-1], batch.offsets[1:]], axis=1)
        _count_rows(batch, sensor, starts, out)


def _count_windows(batch: EventBatch, sensor: Sensor, edges: Edges, out: Frames) -> None:
    top = largest_count(out)
    problem = count_by_time(batch.events.arrays(), batch.offsets, edges, out, top)
    if problem[0]:
        raise uncounted(problem, batch, sensor, out)


def _count_rows(
    batch: EventBatch,
    sensor: Sensor,
    starts: Int64[np.ndarray, "b edges"],
    out: Frames,
) -> None:
    problem = count_by_row(batch.events.arrays()[1:], starts, out, largest_count(out))
    if problem[0]:
        raise uncounted(problem, batch, sensor, out)
