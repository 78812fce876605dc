"""Events to frames of counts, one plane a polarity, shape ``(T, P, H, W)``.

Three ways to cut a sample into frames: windows of equal time, a fixed number of equal windows,
equal numbers of events. Windows are half-open and tile the sample, so every event lands in exactly
one frame, the last included; only an explicit ``n_frames`` cuts a tail off.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64, Shaped

from eventstore.errors import InvalidInput
from eventstore.events import Sensor
from eventstore.transforms.batch import EventBatch, off_sensor
from eventstore.transforms.binning import (
    OFF_SENSOR,
    OFF_WINDOW,
    count_by_row,
    count_by_time,
)
from eventstore.transforms.protocol import Spec, set_integer

MAX_FRAMES = 1 << 20
"""Bound on the frames of a sample, so that a wrong unit is an error and not a full memory."""


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
        if self.n_frames is not None:
            set_integer(self, "n_frames", minimum=1, maximum=MAX_FRAMES)

    def out_spec(self, spec: Spec) -> Spec:
        """Return frames of the sensor; their number is open unless ``n_frames`` is given."""
        return Spec("array", spec.sensor, (self.n_frames, *spec.sensor.shape))

    def frame_counts(self, batch: EventBatch) -> Int64[np.ndarray, " b"]:
        """Return the windows each sample reaches into."""
        return _bounded(-((batch.t_start - batch.t_stop) // self.window_us), self.n_frames, batch)

    def write(
        self, batch: EventBatch, sensor: Sensor, out: Shaped[np.ndarray, "b t p h w"]
    ) -> None:
        """Fill ``out`` with the counts."""
        steps = np.arange(out.shape[1] + 1, dtype=np.int64)
        # An edge past the sample's end counts as the end: no product can overflow.
        last = -((batch.t_start - batch.t_stop) // self.window_us)
        offsets = np.minimum(steps, last[:, None]) * self.window_us
        _write_by_time(batch, sensor, batch.t_start[:, None] + offsets, out)


@dataclass(frozen=True, slots=True, kw_only=True)
class FramesByBins:
    """Count events in ``n_bins`` equal windows that divide each sample's own window.

    An event at t falls into bin ⌊(t − t_start)·n_bins / (t_stop − t_start)⌋, in exact integers.

    Args:
        n_bins: number of frames of every sample.

    Examples:
        >>> FramesByBins(n_bins=20).out_spec(Spec("events", Sensor(34, 34))).shape
        (20, 2, 34, 34)
    """

    n_bins: int

    def __post_init__(self) -> None:
        set_integer(self, "n_bins", minimum=1, maximum=MAX_FRAMES)

    def out_spec(self, spec: Spec) -> Spec:
        """Return ``n_bins`` frames of the sensor."""
        return Spec("array", spec.sensor, (self.n_bins, *spec.sensor.shape))

    def frame_counts(self, batch: EventBatch) -> Int64[np.ndarray, " b"]:
        """Return ``n_bins`` for every sample, also for empty ones."""
        return np.full(len(batch), self.n_bins, np.int64)

    def write(
        self, batch: EventBatch, sensor: Sensor, out: Shaped[np.ndarray, "b t p h w"]
    ) -> None:
        """Fill ``out`` with the counts."""
        steps = np.arange(self.n_bins + 1, dtype=np.int64)
        quotient, remainder = np.divmod(batch.t_stop - batch.t_start, self.n_bins)
        # ⌈k·duration / n⌉ without the product k·duration, which could overflow.
        part = -(-steps * remainder[:, None] // self.n_bins)
        _write_by_time(
            batch, sensor, batch.t_start[:, None] + steps * quotient[:, None] + part, out
        )


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
        return _bounded(-(-np.diff(batch.offsets) // self.events_per_frame), self.n_frames, batch)

    def write(
        self, batch: EventBatch, sensor: Sensor, out: Shaped[np.ndarray, "b t p h w"]
    ) -> None:
        """Fill ``out`` with the counts."""
        events = batch.events
        problem = count_by_row(
            (events.x, events.y, events.p), batch.offsets, self.events_per_frame, out, _top(out)
        )
        if problem[0]:
            raise _problem(problem, batch, sensor, out)


def _bounded(
    counts: Int64[np.ndarray, " b"], n_frames: int | None, batch: EventBatch
) -> Int64[np.ndarray, " b"]:
    counts = np.clip(counts, 0, n_frames)
    if n_frames is not None:
        return counts
    if len(counts) and counts.max() > MAX_FRAMES:
        longest = int(counts.argmax())
        message = f"sample {batch.ids[longest]!r} would take {counts[longest]} frames"
        raise InvalidInput(message, hint="make the frames larger, or bound them with n_frames")
    return counts


def _write_by_time(
    batch: EventBatch,
    sensor: Sensor,
    edges: Int64[np.ndarray, "b bounds"],
    out: Shaped[np.ndarray, "b t p h w"],
) -> None:
    window = np.stack([batch.t_start, batch.t_stop], axis=1)
    problem = count_by_time(batch.events.arrays(), batch.offsets, (edges, window), out, _top(out))
    if problem[0]:
        raise _problem(problem, batch, sensor, out)


def _top(out: np.ndarray) -> int:
    """Return the largest count a type holds exactly."""
    return 1 << 24 if out.dtype == np.float32 else int(np.iinfo(out.dtype).max)


def _problem(
    problem: tuple[int, int, int], batch: EventBatch, sensor: Sensor, out: np.ndarray
) -> InvalidInput:
    code, row, frame = problem
    if code == OFF_SENSOR:
        return off_sensor(batch, row, sensor)
    sample = batch.sample_of(row)
    t, x, y, p = (int(column[row]) for column in batch.events)
    if code == OFF_WINDOW:
        message = (
            f"event {row - batch.offsets[sample]} of sample {batch.ids[sample]!r} at {t} µs lies "
            f"outside its window {batch.t_start[sample]} … {batch.t_stop[sample]} µs"
        )
        return InvalidInput(message, hint="slice the events to the window first")
    # What is left is OVERFLOW.
    its_pixel = batch.sample(sample)
    in_all = np.count_nonzero((its_pixel.x == x) & (its_pixel.y == y) & (its_pixel.p == p))
    message = (
        f"frame {frame} of sample {batch.ids[sample]!r} counts more than {_top(out)} events on "
        f"pixel x={x}, y={y}, p={p} (of {in_all} in the sample), which {out.dtype} cannot hold"
    )
    wider = 'dtype="float32" or "uint16"' if out.dtype == np.uint8 else 'dtype="float32"'
    return InvalidInput(message, hint=f"use {wider}, or more and shorter frames")
